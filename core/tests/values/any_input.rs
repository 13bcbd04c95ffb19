use super::*;

/// Texts near the valid ones, so that the parsers are entered deeply.
fn nearly_valid() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9.,eE+\\- _٣１]{0,24}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[T t][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,11})?(Z|[+-][0-9]{2}:?[0-9]{2})?",
        "[A-Za-zÀ-ÿ0-9]{0,4}",
        "\\PC{17,21}",
    ]
}

fn any_currency() -> impl Strategy<Value = Currency> {
    proptest::sample::select(Currency::all().collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_a_parser_panic(text in nearly_valid(), other in nearly_valid()) {
        let _ = Currency::parse(&text).map_err(|e| (e.to_string(), e.code()));
        let _ = Region::parse(&text).map_err(|e| (e.to_string(), e.code()));
        let _ = GatewayTime::parse(&text).map_err(|e| (e.to_string(), e.code()));
        let _ = OffsetDateTime::parse(&text).map_err(|e| (e.to_string(), e.code()));
        let _ = parse_response_time(&text);
        let amount = amount(&other, &text);
        let _ = check_alipay_fx(&other, &text);
        let _ = amount_problems(&amount, AmountRules { allow_zero: true, max_digits: usize::MAX });
        let _ = Money::try_from(&amount).map_err(|e| (e.to_string(), e.code()));
        let _ = (wallet_multiple(&other, &amount), wallet_multiple("JKOPAY", &amount), wallet_minimum(&text));
        let _ = advise(Some(&FormStatus::from_text(&other)), &FormStatus::from_text(&text));
    }

    #[test]
    fn what_major_text_is_read_is_written_to_the_same_amount(text in nearly_valid(), currency in any_currency()) {
        if let Ok(money) = Money::parse_major(&text, currency) {
            prop_assert_eq!(Money::parse_major(&money.to_major_text(), currency), Ok(money));
        }
    }

    #[test]
    fn every_amount_survives_major_text_and_the_wire(minor: u64, shift in 0_u32..64, currency in any_currency()) {
        let money = Money::from_minor(minor >> shift, currency);
        prop_assert_eq!(Money::parse_major(&money.to_major_text(), currency), Ok(money));
        prop_assert_eq!(Money::try_from(&Amount::from(money)), Ok(money));
        if let Ok(text) = money.alipay_fx_minor_text() {
            prop_assert!(text.len() <= 11);
            prop_assert_eq!(check_alipay_fx(currency.code(), &text), Ok(()));
        }
    }

    #[test]
    fn what_passes_the_check_is_an_amount_that_reads_back(value in "[0-9]{0,18}", currency in any_currency()) {
        let amount = amount(currency.code(), &value);
        if check_amount(&amount, AmountRules::default()).is_ok() {
            let money = Money::try_from(&amount).unwrap();
            prop_assert!(money.minor() > 0 && value.len() <= 16);
            prop_assert_eq!(Amount::from(money), amount);
        }
    }

    #[test]
    fn every_time_survives_its_text(seconds in 0_u64..253_402_100_000, minutes in -1439_i32..1440) {
        let epoch_ms = seconds * 1000;
        let signed = i64::try_from(epoch_ms).unwrap();
        let time = GatewayTime::from_epoch_ms(epoch_ms);
        prop_assert_eq!(GatewayTime::parse(&time.to_string()), Ok(time));
        prop_assert_eq!(time.epoch_ms(), signed);
        let time = OffsetDateTime::from_epoch_ms(epoch_ms, minutes).unwrap();
        let back = OffsetDateTime::parse(&time.to_string()).unwrap();
        prop_assert_eq!((back.epoch_ms(), back.offset_minutes()), (signed, minutes));
        prop_assert_eq!(parse_response_time(&time.to_string()), Some(epoch_ms));
        prop_assert_eq!(parse_response_time(&iso_utc_seconds(epoch_ms)), Some(epoch_ms));
    }

    #[test]
    fn a_time_that_is_read_reads_back_from_its_own_text(text in nearly_valid()) {
        if let Ok(time) = OffsetDateTime::parse(&text) {
            let back = OffsetDateTime::parse(&time.to_string()).unwrap();
            prop_assert_eq!(back.epoch_ms().div_euclid(1000), time.epoch_ms().div_euclid(1000));
        }
        if let Ok(time) = GatewayTime::parse(&text) {
            prop_assert_eq!(time.to_string(), text);
        }
    }

    #[test]
    fn a_form_never_expires_on_another_day_of_the_month_unless_that_day_is_missing(
        seconds in 0_u64..32_000_000_000,
    ) {
        let print = GatewayTime::from_epoch_ms(seconds * 1000);
        let expiry = form_expiry_gateway(&print).unwrap();
        let (print, expiry) = (print.to_string(), expiry.to_string());
        prop_assert_eq!(&print[10..], &expiry[10..]);
        let month = |text: &str| text[..4].parse::<i32>().unwrap() * 12 + text[5..7].parse::<i32>().unwrap();
        prop_assert_eq!(month(&expiry), month(&print) + 6);
        prop_assert!(expiry[8..10] == print[8..10] || (expiry[8..10] < print[8..10] && &expiry[8..10] >= "28"));
    }
}
