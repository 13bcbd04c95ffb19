use super::*;

/// 2026-03-02T09:15:30.123Z, when New York is at UTC-5.
const NOW_MS: u64 = 1_772_442_930_123;

#[test]
fn one_instant_has_each_protocols_text() {
    assert_eq!(GatewayTime::from_epoch_ms(NOW_MS).to_string(), "2026-03-02 17:15:30");
    assert_eq!(iso_utc_seconds(NOW_MS), "2026-03-02T09:15:30Z");
    assert_eq!(epoch_millis_text(NOW_MS), "1772442930123");
    assert_eq!(OffsetDateTime::from_epoch_ms(NOW_MS, 480).unwrap().to_string(), "2026-03-02T17:15:30+08:00");
    assert_eq!(OffsetDateTime::from_epoch_ms(NOW_MS, -30).unwrap().to_string(), "2026-03-02T08:45:30-00:30");
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
    for text in ["2024-13-01 00:00:00", "2024-00-10 00:00:00", "2024-04-31 00:00:00", "2024-07-24 24:00:00"] {
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
    let [first, second] = ["50", "51"].map(|s| GatewayTime::parse(&format!("2024-07-24 03:07:{s}")).unwrap());
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
