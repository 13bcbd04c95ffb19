//! Promises of the value modules: currencies, amounts, regions, times and form statuses.

#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is a failed test, also in the functions the tests share"
)]

use proptest::prelude::*;
use taxrefund_core::currency::Currency;
use taxrefund_core::datetime::{
    GatewayTime, OffsetDateTime, epoch_millis_text, form_expiry, form_expiry_gateway, iso_utc_seconds,
    parse_response_time,
};
use taxrefund_core::form_status::{FormStatus, advise, advise_change_time, advise_expired};
use taxrefund_core::money::{
    Amount, AmountRules, Money, amount_problems, check_alipay_fx, check_amount, wallet_minimum,
    wallet_multiple,
};
use taxrefund_core::region::{Region, is_region};

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn money(code: &str, minor: u64) -> Money {
    Money::from_minor(minor, currency(code))
}

fn amount(code: &str, value: &str) -> Amount {
    Amount { currency: code.to_owned(), value: value.to_owned() }
}

fn major_code(text: &str, code: &str) -> &'static str {
    Money::parse_major(text, currency(code)).unwrap_err().code()
}

fn value_code(value: &str) -> &'static str {
    check_amount(&amount("SGD", value), AmountRules::default()).unwrap_err().code()
}

fn iso(text: &str) -> OffsetDateTime {
    OffsetDateTime::parse(text).unwrap()
}

fn iso_code(text: &str) -> &'static str {
    OffsetDateTime::parse(text).unwrap_err().code()
}

fn gateway_code(text: &str) -> &'static str {
    GatewayTime::parse(text).unwrap_err().code()
}

mod currencies {
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
        for code in
            "AUD BDT BRL CAD CNY EUR GBP HKD IDR MXN MYR NZD PEN PHP PKR PLN SGD THB TWD USD".split(' ')
        {
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
}

mod amounts {
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
        assert_eq!(
            wallet_multiple("OCTOPUS", &amount("HKD", "25")).unwrap_err().code(),
            "amount_not_a_multiple"
        );
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
}

mod regions {
    use super::*;

    #[test]
    fn every_assigned_region_is_known_once() {
        let codes: Vec<Region> = Region::all().collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.windows(2).all(|pair| pair[0].code() < pair[1].code()));
        assert!(codes.iter().all(|r| is_region(r.code()) && Region::parse(r.code()) == Ok(*r)));
        assert!(["SG", "CN", "DE", "GB", "TW", "HK", "MO"].into_iter().all(is_region));
        assert!(!["UK", "sg", "SGP", "XK", "EU", ""].into_iter().any(is_region));
    }

    #[test]
    fn each_usual_mistake_in_a_region_says_what_to_write() {
        for (given, code, says) in [
            ("sg", "region_lower_case", "\"SG\""),
            ("Sg", "region_lower_case", "\"SG\""),
            ("SGP", "region_alpha3", "\"SG\""),
            ("gbr", "region_alpha3", "\"GB\""),
            ("UK", "region_colloquial", "\"GB\""),
            ("uk", "region_colloquial", "\"GB\""),
            ("EL", "region_colloquial", "\"GR\""),
            ("EU", "region_not_a_country", "one country"),
            ("702", "region_shape", "\"702\""),
            ("SG ", "region_shape", "\"SG \""),
            ("Singapore", "region_shape", "9 characters"),
            ("", "region_shape", "\"\""),
            ("QQ", "region_unknown", "\"QQ\""),
        ] {
            let error = Region::parse(given).unwrap_err();
            assert_eq!(error.code(), code, "{given}");
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn a_region_is_text_in_json() {
        let region = Region::parse("DE").unwrap();
        assert_eq!(serde_json::to_string(&region).unwrap(), "\"DE\"");
        assert_eq!(serde_json::from_str::<Region>("\"DE\"").unwrap(), region);
        assert!(serde_json::from_str::<Region>("\"UK\"").is_err());
    }
}

mod times {
    use super::*;

    /// 2026-03-02T09:15:30.123Z, when New York is at UTC-5.
    const NOW_MS: u64 = 1_772_442_930_123;

    #[test]
    fn one_instant_has_each_protocols_text() {
        assert_eq!(GatewayTime::from_epoch_ms(NOW_MS).to_string(), "2026-03-02 17:15:30");
        assert_eq!(iso_utc_seconds(NOW_MS), "2026-03-02T09:15:30Z");
        assert_eq!(epoch_millis_text(NOW_MS), "1772442930123");
        assert_eq!(
            OffsetDateTime::from_epoch_ms(NOW_MS, 480).unwrap().to_string(),
            "2026-03-02T17:15:30+08:00"
        );
        assert_eq!(
            OffsetDateTime::from_epoch_ms(NOW_MS, -30).unwrap().to_string(),
            "2026-03-02T08:45:30-00:30"
        );
        assert_eq!(iso_utc_seconds(999), "1970-01-01T00:00:00Z");
        assert_eq!(GatewayTime::from_epoch_ms(999).to_string(), "1970-01-01 08:00:00");
    }

    #[test]
    fn the_zone_of_the_machine_changes_nothing() {
        const CHILD: &str = "TAXREFUND_TEST_ZONE_CHILD";
        if std::env::var_os(CHILD).is_some() {
            one_instant_has_each_protocols_text();
            assert_eq!(GatewayTime::parse("2026-03-02 17:15:30").unwrap().epoch_ms(), 1_772_442_930_000);
            return;
        }
        for zone in ["America/New_York", "EST5EDT,M3.2.0,M11.1.0", "Asia/Kathmandu", "nonsense"] {
            let child = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "times::the_zone_of_the_machine_changes_nothing"])
                .env("TZ", zone)
                .env(CHILD, "1")
                .output()
                .unwrap();
            let report = String::from_utf8_lossy(&child.stdout).into_owned();
            assert!(child.status.success() && report.contains("1 passed"), "TZ={zone}: {report}");
        }
    }

    #[test]
    fn gateway_time_is_read_strictly() {
        assert_eq!(GatewayTime::parse("2024-07-24 03:07:50").unwrap().to_string(), "2024-07-24 03:07:50");
        for text in [
            "",
            "2024-07-24",
            "2024-07-24 3:07:50",
            "2024-7-24 03:07:50",
            "2024-07-24T03:07:50",
            "2024-07-24T03:07:50+08:00",
            "2024-07-24 03:07:50 ",
            " 2024-07-24 03:07:50",
            "2024-07-24 03:07:50.0",
            "2024/07/24 03:07:50",
            "2024-07-24 03:07",
            "20240724030750",
            "+024-07-24 03:07:50",
            "2024-07-24 03:07:+5",
            "２０24-07-24 03:07:50",
        ] {
            assert_eq!(gateway_code(text), "time_gateway_shape", "{text}");
        }
        for text in
            ["2024-13-01 00:00:00", "2024-00-10 00:00:00", "2024-04-31 00:00:00", "2024-07-24 24:00:00"]
        {
            assert_eq!(gateway_code(text), "time_not_in_calendar", "{text}");
        }
        assert_eq!(gateway_code("2016-12-31 23:59:60"), "time_not_in_calendar");
        assert_eq!(gateway_code("0000-01-01 00:00:00"), "time_out_of_range");
    }

    #[test]
    fn leap_days_exist_in_leap_years_only() {
        for (year, leap) in [(2024, true), (2000, true), (2023, false), (1900, false), (2100, false)] {
            assert_eq!(GatewayTime::parse(&format!("{year}-02-29 12:00:00")).is_ok(), leap, "{year}");
            assert_eq!(OffsetDateTime::parse(&format!("{year}-02-29T12:00:00Z")).is_ok(), leap, "{year}");
        }
    }

    #[test]
    fn iso_time_keeps_its_offset_and_writes_whole_seconds() {
        for (given, written) in [
            ("2019-11-27T12:01:01+08:00", "2019-11-27T12:01:01+08:00"),
            ("2019-04-04T12:08:56+05:30", "2019-04-04T12:08:56+05:30"),
            ("2025-02-20T08:51:49.09Z", "2025-02-20T08:51:49+00:00"),
            ("2019-07-12T12:08:56.253+05:30", "2019-07-12T12:08:56+05:30"),
            ("2021-08-04T01:52:37.123456789-07:00", "2021-08-04T01:52:37-07:00"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59+00:00"),
        ] {
            assert_eq!(iso(given).to_string(), written);
        }
        assert_eq!(iso("2026-03-02T17:15:30.123999+08:00").epoch_ms(), 1_772_442_930_123);
        assert_eq!(iso("1969-12-31T23:59:59.9995Z").epoch_ms(), -1);
        assert_eq!(iso("2019-04-04T12:08:56-05:30").offset_minutes(), -330);
    }

    #[test]
    fn iso_time_without_an_offset_is_refused_with_the_reason() {
        for text in ["2019-11-27T12:01:01", "2019-11-27T12:01:01.5"] {
            let error = OffsetDateTime::parse(text).unwrap_err();
            assert_eq!(error.code(), "time_without_offset");
            assert!(error.to_string().contains("another instant in every country"), "{error}");
        }
        for text in [
            "2019-11-27 12:01:01+08:00",
            "2019-11-27t12:01:01+08:00",
            "2019-11-27T12:01:01z",
            "2019-11-27T12:01+08:00",
            "2019-11-27T12:01:01+0800",
            "2019-11-27T12:01:01+8:00",
            "2019-11-27T12:01:01+24:00",
            "2019-11-27T12:01:01+08:60",
            "2019-11-27T12:01:01.+08:00",
            "2019-11-27T12:01:01,5+08:00",
            "2019-11-27T12:01:01.1234567890+08:00",
            "2019-11-27T12:01:01+08:00[Asia/Shanghai]",
            "2019-11-27",
        ] {
            assert_eq!(iso_code(text), "time_iso_shape", "{text}");
        }
        assert_eq!(iso_code("2019-02-30T12:01:01+08:00"), "time_not_in_calendar");
    }

    #[test]
    fn times_compare_by_instant() {
        assert_eq!(iso("2019-11-27T12:01:01+08:00"), iso("2019-11-27T04:01:01Z"));
        assert!(iso("2019-11-27T12:01:01+08:00") < iso("2019-11-27T04:01:01.000000001Z"));
        let [first, second] =
            ["50", "51"].map(|s| GatewayTime::parse(&format!("2024-07-24 03:07:{s}")).unwrap());
        assert!(first < second);
    }

    #[test]
    fn the_time_of_an_answer_is_read_in_every_form_seen() {
        assert_eq!(parse_response_time("1772442930123"), Some(NOW_MS));
        for text in [
            "2026-03-02T09:15:30.123Z",
            "2026-03-02T09:15:30.123+00:00",
            "2026-03-02T17:15:30.1230000+08:00",
            "2026-03-02T17:15:30.123+0800",
        ] {
            assert_eq!(parse_response_time(text), Some(NOW_MS), "{text}");
        }
        for text in [
            "",
            "1772442930",
            "-772442930123",
            "2026-03-02T09:15:30",
            "yesterday",
            "1969-12-31T23:59:59Z",
            "+0800",
            "日本語00",
        ] {
            assert_eq!(parse_response_time(text), None, "{text}");
        }
    }

    #[test]
    fn a_form_expires_six_calendar_months_after_its_print_date() {
        for (print, expiry) in [
            ("2024-01-10", "2024-07-10"),
            ("2024-08-28", "2025-02-28"),
            ("2024-08-29", "2025-02-28"),
            ("2024-08-30", "2025-02-28"),
            ("2024-08-31", "2025-02-28"),
            ("2023-08-29", "2024-02-29"),
            ("2023-08-30", "2024-02-29"),
            ("2023-08-31", "2024-02-29"),
            ("2024-10-31", "2025-04-30"),
            ("2024-03-31", "2024-09-30"),
            ("2024-05-31", "2024-11-30"),
            ("2024-12-31", "2025-06-30"),
            ("2024-02-29", "2024-08-29"),
        ] {
            for rest in ["T23:59:59+08:00", "T00:00:01-11:30", "T12:01:01+00:00"] {
                let expires = form_expiry(&iso(&format!("{print}{rest}"))).unwrap();
                assert_eq!(expires.to_string(), format!("{expiry}{rest}"), "{print}");
            }
            let print = GatewayTime::parse(&format!("{print} 00:30:00")).unwrap();
            assert_eq!(form_expiry_gateway(&print).unwrap().to_string(), format!("{expiry} 00:30:00"));
        }
        assert_eq!(form_expiry(&iso("9999-08-01T00:00:00Z")).unwrap_err().code(), "time_out_of_range");
    }

    #[test]
    fn a_broken_clock_gives_a_text_or_an_error_never_a_crash() {
        for epoch_ms in [0, 253_402_207_200_000, 253_402_300_800_000, u64::MAX] {
            assert_eq!(iso_utc_seconds(epoch_ms).len(), 20, "{epoch_ms}");
            assert_eq!(GatewayTime::from_epoch_ms(epoch_ms).to_string().len(), 19, "{epoch_ms}");
        }
        assert_eq!(iso_utc_seconds(u64::MAX), "9999-12-30T22:00:00Z");
        assert_eq!(GatewayTime::from_epoch_ms(u64::MAX).to_string(), "9999-12-31 06:00:00");
        assert_eq!(OffsetDateTime::from_epoch_ms(u64::MAX, 0).unwrap_err().code(), "time_out_of_range");
        assert_eq!(OffsetDateTime::from_epoch_ms(0, i32::MIN).unwrap_err().code(), "time_out_of_range");
    }

    #[test]
    fn times_are_text_in_json() {
        let time = GatewayTime::parse("2024-07-24 03:07:50").unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), "\"2024-07-24 03:07:50\"");
        assert_eq!(serde_json::from_str::<GatewayTime>("\"2024-07-24 03:07:50\"").unwrap(), time);
        let time: OffsetDateTime = serde_json::from_str("\"2019-11-27T12:01:01+08:00\"").unwrap();
        assert_eq!(serde_json::to_string(&time).unwrap(), "\"2019-11-27T12:01:01+08:00\"");
        assert!(serde_json::from_str::<OffsetDateTime>("1772442930123").is_err());
    }
}

mod form_statuses {
    use super::*;

    fn advice(from: &str, to: &str) -> Option<&'static str> {
        advise(Some(&FormStatus::from_text(from)), &FormStatus::from_text(to)).map(|advice| advice.code)
    }

    #[test]
    fn a_status_is_the_protocols_text_and_an_unlisted_one_is_kept() {
        let listed: Vec<String> = FormStatus::LISTED.iter().map(ToString::to_string).collect();
        assert_eq!(
            listed.join(" "),
            "INIT STAMPED REJECTED_BY_CUSTOMS RECEIVED VOIDED FAILED EXPIRED REFUNDED REFUNDED_NON_ALIPAYPLUS"
        );
        for text in listed.iter().map(String::as_str).chain(["MAILED", "init", ""]) {
            let json = serde_json::to_string(&FormStatus::from_text(text)).unwrap();
            assert_eq!(json, format!("{text:?}"));
            assert_eq!(serde_json::from_str::<FormStatus>(&json).unwrap().as_str(), text);
        }
    }

    #[test]
    fn final_statuses_are_voided_expired_and_refunded() {
        let finals: Vec<&str> =
            FormStatus::LISTED.iter().filter(|s| s.is_final()).map(FormStatus::as_str).collect();
        assert_eq!(finals, ["VOIDED", "EXPIRED", "REFUNDED", "REFUNDED_NON_ALIPAYPLUS"]);
        assert!(!FormStatus::from_text("MAILED").is_final());
    }

    #[test]
    fn usual_steps_pass_without_a_word() {
        for steps in [
            ["INIT", "STAMPED", "RECEIVED", "REFUNDED"],
            ["INIT", "RECEIVED", "STAMPED", "REFUNDED"],
            ["INIT", "RECEIVED", "FAILED", "REFUNDED"],
            ["INIT", "REJECTED_BY_CUSTOMS", "STAMPED", "REFUNDED_NON_ALIPAYPLUS"],
            ["INIT", "STAMPED", "FAILED", "EXPIRED"],
        ] {
            assert!(steps.windows(2).all(|step| advice(step[0], step[1]).is_none()), "{steps:?}");
        }
        assert!(FormStatus::LISTED.iter().all(|first| advise(None, first).is_none()));
        assert_eq!(advice("MAILED", "REFUNDED"), None);
    }

    #[test]
    fn every_other_step_is_advice_with_a_code() {
        assert_eq!(advice("INIT", "REFUNDED"), Some("form_refunded_before_stamped"));
        assert_eq!(advice("REFUNDED", "STAMPED"), Some("form_refunded_before_stamped"));
        assert_eq!(advice("REFUNDED", "FAILED"), Some("form_status_after_final"));
        assert_eq!(advice("VOIDED", "INIT"), Some("form_status_after_final"));
        assert_eq!(advice("STAMPED", "INIT"), Some("form_status_unusual"));
        assert_eq!(advice("INIT", "refunded"), Some("form_status_unlisted"));
        for status in &FormStatus::LISTED {
            assert_eq!(advise(Some(status), status).unwrap().code, "form_status_repeated");
        }
    }

    #[test]
    fn an_older_change_should_not_overwrite_a_newer_one() {
        let (older, newer) = (iso("2024-01-10T12:00:00+08:00"), iso("2024-01-10T04:00:01Z"));
        assert_eq!(advise_change_time(&newer, &older).unwrap().code, "form_status_older");
        assert_eq!(advise_change_time(&older, &newer), None);
        assert_eq!(advise_change_time(&older, &older), None);
        assert_eq!(advise_expired(&newer, &older).unwrap().code, "form_expired_early");
        assert_eq!(advise_expired(&older, &newer), None);
    }
}

mod any_input {
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
}
