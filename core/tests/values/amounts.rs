use super::*;

#[test]
fn the_smallest_unit_follows_the_currency() {
    for (text, code, minor) in [
        ("100.00", "SGD", "10000"),
        ("100", "SGD", "10000"),
        ("0.5", "SGD", "50"),
        ("100", "JPY", "100"),
        ("1.234", "KWD", "1234"),
        ("1.2345", "CLF", "12345"),
    ] {
        let money = Money::parse_major(text, currency(code)).unwrap();
        assert_eq!(money.alipay_fx_minor_text().unwrap(), minor);
        assert_eq!(Amount::from(money), amount(code, minor));
    }
    assert_eq!(money("SGD", 12345).to_string(), "SGD 123.45");
    assert_eq!(money("SGD", 5).to_major_text(), "0.05");
    assert_eq!(money("JPY", 0).to_major_text(), "0");
    assert_eq!(money("KWD", u64::MAX).to_major_text(), "18446744073709551.615");
}

#[test]
fn the_text_of_a_float_sum_is_refused() {
    for text in ["0.30000000000000004", "1e2", "100.000", "99.999999999"] {
        assert!(Money::parse_major(text, currency("SGD")).is_err(), "{text}");
    }
    assert_eq!(major_code("0.30000000000000004", "SGD"), "amount_too_many_decimals");
    let error = Money::parse_major("0.30000000000000004", currency("SGD")).unwrap_err().to_string();
    assert!(error.contains("17 decimals, SGD has 2") && error.contains("floating point"), "{error}");
    assert_eq!(value_code("0.30000000000000004"), "amount_decimal_point");
    assert!(serde_json::from_str::<Amount>(r#"{"currency":"SGD","value":0.30000000000000004}"#).is_err());
}

#[test]
fn more_decimals_than_the_currency_has_are_refused_even_zeros() {
    for (text, code) in [("100.0", "JPY"), ("1.000", "SGD"), ("1.2340", "KWD"), ("1.00000", "CLF")] {
        assert_eq!(major_code(text, code), "amount_too_many_decimals", "{text} {code}");
    }
}

#[test]
fn each_usual_mistake_in_an_amount_has_its_own_code() {
    for (text, code) in [
        ("", "amount_empty"),
        ("-1", "amount_sign"),
        ("+1", "amount_sign"),
        ("\u{2212}1", "amount_sign"),
        ("1e5", "amount_exponent"),
        ("1E-5", "amount_exponent"),
        (" 1", "amount_space"),
        ("1 000", "amount_space"),
        ("1\u{a0}000", "amount_space"),
        ("1\n", "amount_space"),
        ("1,000", "amount_grouping"),
        ("1'000", "amount_grouping"),
        ("1_000", "amount_grouping"),
        ("１２", "amount_non_ascii_digit"),
        ("٣", "amount_non_ascii_digit"),
        ("NaN", "amount_not_a_number"),
        ("0x10", "amount_not_a_number"),
        ("$5", "amount_not_a_number"),
        ("007", "amount_leading_zeros"),
        ("00", "amount_leading_zeros"),
    ] {
        assert_eq!(major_code(text, "SGD"), code, "{text:?} as major units");
        assert_eq!(value_code(text), code, "{text:?} as a value");
        assert_eq!(check_alipay_fx("SGD", text).unwrap_err().code(), code, "{text:?} to the gateway");
    }
    for text in [".", ".5", "5.", "1.2.3", "1..2"] {
        assert_eq!(major_code(text, "SGD"), "amount_not_a_number", "{text}");
    }
}

#[test]
fn an_amount_beyond_64_bits_is_refused_not_wrapped() {
    assert_eq!(Money::parse_major("184467440737095516.15", currency("SGD")).unwrap().minor(), u64::MAX);
    assert_eq!(major_code("184467440737095516.16", "SGD"), "amount_too_large");
    assert_eq!(major_code(&"9".repeat(400), "JPY"), "amount_too_large");
    let beyond = amount("JPY", "18446744073709551616");
    assert_eq!(Money::try_from(&beyond).unwrap_err().code(), "amount_too_large");
}

#[test]
fn the_gateway_takes_at_most_eleven_characters_and_no_zero() {
    assert_eq!(check_alipay_fx("SGD", "99999999999"), Ok(()));
    assert_eq!(check_alipay_fx("SGD", "100000000000").unwrap_err().code(), "amount_too_many_digits");
    assert_eq!(check_alipay_fx("SGD", "0").unwrap_err().code(), "amount_zero");
    assert_eq!(check_alipay_fx("SGD", "100.00").unwrap_err().code(), "amount_decimal_point");
    assert_eq!(check_alipay_fx("sgd", "x").unwrap_err().code(), "currency_lower_case");
    assert_eq!(
        money("SGD", 100_000_000_000).alipay_fx_minor_text().unwrap_err().code(),
        "amount_too_many_digits"
    );
    assert_eq!(money("SGD", 0).alipay_fx_minor_text().unwrap_err().code(), "amount_zero");
}

#[test]
fn an_amount_takes_sixteen_digits_and_zero_only_where_allowed() {
    let zero = AmountRules { allow_zero: true, ..AmountRules::default() };
    assert_eq!(check_amount(&amount("SGD", "9999999999999999"), AmountRules::default()), Ok(()));
    assert_eq!(value_code("10000000000000000"), "amount_too_many_digits");
    assert_eq!(value_code("0"), "amount_zero");
    assert_eq!(check_amount(&amount("SGD", "0"), zero), Ok(()));
    assert_eq!(check_amount(&amount("IDR", "0"), zero), Ok(()));
    let wide = AmountRules { max_digits: 100, ..zero };
    assert_eq!(
        check_amount(&amount("SGD", &"1".repeat(17)), wide).unwrap_err().code(),
        "amount_too_many_digits"
    );
}

#[test]
fn rupiah_end_in_00() {
    assert_eq!(check_amount(&amount("IDR", "100"), AmountRules::default()), Ok(()));
    for value in ["1", "150", "1001"] {
        let error = check_amount(&amount("IDR", value), AmountRules::default()).unwrap_err();
        assert_eq!(error.code(), "amount_not_a_multiple", "{value}");
    }
}

#[test]
fn both_members_of_an_amount_are_reported_at_once() {
    let codes: Vec<_> = amount_problems(&amount("sgd", "1.5"), AmountRules::default())
        .iter()
        .map(|e| (e.code(), e.concerns_currency()))
        .collect();
    assert_eq!(codes, [("currency_lower_case", true), ("amount_decimal_point", false)]);
    assert!(amount_problems(&Amount::minor("USD", 200), AmountRules::default()).is_empty());
}

#[test]
fn wallets_with_multiples_and_minimums_are_known_by_any_spelling() {
    for wallet in ["JKOPay", "JKOPAY", "jko_pay"] {
        assert_eq!(wallet_multiple(wallet, &amount("TWD", "100")), Ok(()));
        assert_eq!(
            wallet_multiple(wallet, &amount("TWD", "150")).unwrap_err().code(),
            "amount_not_a_multiple"
        );
        assert_eq!(wallet_multiple(wallet, &amount("USD", "150")), Ok(()));
    }
    assert_eq!(wallet_multiple("OCTOPUS", &amount("HKD", "20")), Ok(()));
    assert_eq!(wallet_multiple("OCTOPUS", &amount("HKD", "25")).unwrap_err().code(), "amount_not_a_multiple");
    assert_eq!(wallet_multiple("GCASH", &amount("HKD", "25")), Ok(()));
    for (wallet, minimum) in [
        ("TrueMoney", "THB 1.00"),
        ("AlipayHK", "HKD 0.01"),
        ("Touch'n Go", "MYR 0.05"),
        ("GCash", "PHP 1.00"),
        ("DANA", "IDR 300.00"),
        ("Kakao Pay", "KRW 50"),
        ("JKOPay", "TWD 1.00"),
    ] {
        assert_eq!(wallet_minimum(wallet).unwrap().to_string(), minimum);
    }
    assert_eq!(wallet_minimum("AlipayCN"), None);
}

#[test]
fn the_wire_shape_is_two_texts() {
    let text = serde_json::to_string(&Amount::minor("USD", 200)).unwrap();
    assert_eq!(text, r#"{"currency":"USD","value":"200"}"#);
    assert_eq!(serde_json::from_str::<Amount>(&text).unwrap(), Amount::minor("USD", 200));
    assert!(serde_json::from_str::<Amount>(r#"{"currency":"USD","value":200}"#).is_err());
}

#[test]
fn a_personal_text_in_the_wrong_column_is_not_shown() {
    for text in ["E12345678", "ZHANG SAN", "张三"] {
        for error in [
            Money::parse_major(text, currency("SGD")).unwrap_err().to_string(),
            Currency::parse(text).unwrap_err().to_string(),
            Region::parse(text).unwrap_err().to_string(),
            GatewayTime::parse(text).unwrap_err().to_string(),
            OffsetDateTime::parse(text).unwrap_err().to_string(),
            advise(None, &FormStatus::from_text("张三")).unwrap().text,
        ] {
            assert!(!error.contains(text), "{error}");
        }
    }
    let barcode = "281234567890123456";
    assert!(!check_alipay_fx("SGD", barcode).unwrap_err().to_string().contains(barcode));
}
