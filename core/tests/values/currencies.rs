use super::*;

#[test]
fn every_minor_unit_group_of_iso_4217_is_complete() {
    let group = |units: u8| {
        let codes: Vec<String> =
            Currency::all().filter(|c| c.minor_units() == units).map(|c| c.to_string()).collect();
        codes.join(" ")
    };
    assert_eq!(group(0), "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF");
    assert_eq!(group(3), "BHD IQD JOD KWD LYD OMR TND");
    assert_eq!(group(4), "CLF UYW");
    assert_eq!(group(2).split(' ').count(), 165 - 17 - 7 - 2);
    assert_eq!(Currency::all().count(), 165);
    for code in "AUD BDT BRL CAD CNY EUR GBP HKD IDR MXN MYR NZD PEN PHP PKR PLN SGD THB TWD USD".split(' ') {
        assert_eq!(currency(code).minor_units(), 2, "{code} is 2 on the Antom currency page");
    }
}

#[test]
fn codes_are_sorted_and_unique_so_that_each_is_found() {
    let codes: Vec<Currency> = Currency::all().collect();
    assert!(codes.windows(2).all(|pair| pair[0].code() < pair[1].code()));
    assert!(codes.iter().all(|c| Currency::parse(c.code()) == Ok(*c)));
}

#[test]
fn each_usual_mistake_has_its_own_code_and_says_what_to_write() {
    let cases = [
        ("sgd", "currency_lower_case", "\"SGD\""),
        ("Sgd", "currency_lower_case", "\"SGD\""),
        ("RMB", "currency_colloquial", "\"CNY\""),
        ("BGN", "currency_withdrawn", "\"EUR\""),
        ("XAU", "currency_without_minor_units", "\"XAU\""),
        ("QQQ", "currency_unknown", "\"QQQ\""),
        ("", "currency_shape", "\"\""),
        ("702", "currency_shape", "\"702\""),
        ("SGD ", "currency_shape", "\"SGD \""),
        ("ＳＧＤ", "currency_shape", "3 characters"),
        ("ZHANG SAN", "currency_shape", "9 characters"),
    ];
    for (given, code, says) in cases {
        let error = Currency::parse(given).unwrap_err();
        assert_eq!(error.code(), code, "{given}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.concerns_currency());
    }
}

#[test]
fn a_currency_is_three_bytes_and_text_in_json() {
    assert_eq!(size_of::<Currency>(), 3);
    assert_eq!(serde_json::to_string(&currency("KWD")).unwrap(), "\"KWD\"");
    assert_eq!(serde_json::from_str::<Currency>("\"KWD\"").unwrap(), currency("KWD"));
    assert!(serde_json::from_str::<Currency>("\"kwd\"").unwrap_err().to_string().contains("upper case"));
}
