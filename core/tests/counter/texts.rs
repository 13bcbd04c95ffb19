//! Every error and every check's sentence is there in both languages.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use taxrefund_core::currency::Currency;
use taxrefund_core::datetime::{GatewayTime, OffsetDateTime};
use taxrefund_core::explain::{Language, explain, explain_error, field_in, given_in, message_in};
use taxrefund_core::money::check_alipay_fx;
use taxrefund_core::validation::Violation;
use taxrefund_core::{Error, Money, operations};

use crate::support::bad_fields::bad_fields;
use crate::support::*;

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Every run of digits, in order of size.
fn figures(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

/// The sentence has a Chinese one of its own, with every figure of it.
fn assert_translated(rule: &str, message: &str) {
    let chinese = message_in(rule, message, Language::Chinese);
    let general = message_in(rule, "no sentence that a check writes", Language::Chinese);
    assert!(is_chinese(&chinese) && chinese != general, "{rule}: {message}: {chinese}");
    let missing: Vec<_> = figures(message).difference(&figures(&chinese)).cloned().collect();
    // Figures that are part of the names of standards, notations and types, not of the rule.
    assert!(
        missing.iter().all(|figure| ["4217", "3166", "1", "2", "8", "32"].contains(&figure.as_str())),
        "{rule}: {message}: {chinese}: {missing:?}"
    );
}

fn violations(operation: &str, request: &Value) -> Vec<Violation> {
    let entry = operations::find(operation).unwrap();
    for profile in [profile(entry.spec.protocol), gateway_gbk()] {
        if let Err(Error::InvalidRequest(invalid)) = entry.prepare(&profile, &request.to_string()) {
            return invalid.violations;
        }
    }
    panic!("{operation} {request} is accepted");
}

/// More than the validation tests' table: shapes, lists, charsets, personal data.
fn more_bad_fields() -> Vec<(&'static str, &'static str, Value)> {
    const PAY: &str = "alipay.pay_tax_refund";
    vec![
        (PAY, "out_order_number", json!("A12")),
        (PAY, "out_order_no", json!(12)),
        (PAY, "out_order_no", json!("")),
        (PAY, "available_day", json!("soon")),
        (PAY, "departure_point", json!("a\u{7}b")),
        (PAY, "departure_point", json!("🛍")),
        (PAY, "passport_no", json!("E1\u{7}")),
        (PAY, "extend_param", json!(["x"])),
        (PAY, "identify_account_type", json!("uid")),
        ("alipay.exchange_auth_code", "code", Value::Null),
        ("antom.refund", "refundRequestId", json!("a b")),
        ("antom.refund", "refundAmount", json!("1.00")),
        ("antom.refund", "refundDetails", json!({})),
        ("antom.refund", "splitDetails", json!([1])),
        ("alipay_plus.sync_tax_refund_form", "merchants", json!("shop")),
        ("alipay_plus.sync_tax_refund_form", "userId", json!("a\u{7}")),
        ("alipay_plus.sync_tax_refund_form", "formPrintDate", json!("2019-06-01T12:01:01")),
    ]
}

#[test]
fn every_rule_that_a_request_can_break_is_told_in_chinese_with_its_figures() {
    let mut rules = BTreeSet::new();
    let known = bad_fields().into_iter().map(|(operation, field, value, _)| (operation, field, value));
    for (operation, field, value) in known.chain(more_bad_fields()) {
        let mut request = valid_request(operation);
        request[field] = value;
        for violation in violations(operation, &request) {
            assert_translated(violation.rule, &violation.message);
            rules.insert(violation.rule);
        }
    }
    for rule in [
        "required",
        "empty",
        "length",
        "alphabet",
        "value",
        "currency",
        "region",
        "date_time",
        "url",
        "json",
        "ip",
        "items",
        "range",
        "unwanted",
        "unknown_field",
        "type",
        "charset",
    ] {
        assert!(rules.contains(rule), "no case breaks {rule}");
    }
}

#[test]
fn every_error_about_money_and_time_is_told_in_chinese_with_its_figures() {
    let mut seen = BTreeSet::new();
    let mut told = |code: &'static str, message: String| {
        assert_translated(code, &message);
        seen.insert(code);
    };
    for text in ["SGDX", "sgd", "RMB", "BGN", "XAU", "QQQ"] {
        let error = Currency::parse(text).unwrap_err();
        told(error.code(), error.to_string());
    }
    for text in ["", "-1", "1e3", "1 0", "1,000", "１０", "1x", "1.5", "007", "0", "123456789012"] {
        let error = check_alipay_fx("SGD", text).unwrap_err();
        told(error.code(), error.to_string());
    }
    let sgd = Currency::parse("SGD").unwrap();
    for text in ["1.234", "01", "1.2.3", "99999999999999999999999"] {
        let error = Money::parse_major(text, sgd).unwrap_err();
        told(error.code(), error.to_string());
    }
    let multiple = violations("antom.refund", &{
        let mut request = valid_request("antom.refund");
        request["refundAmount"] = json!({ "currency": "IDR", "value": "150" });
        request
    });
    told(multiple[0].rule, multiple[0].message.clone());
    let times =
        ["2026-02-03T10:00:00Z", "2026-02-30 10:00:00"].map(|text| GatewayTime::parse(text).unwrap_err());
    let offsets = ["2026-02-03 10:00:00", "2026-02-03T10:00:00", "2026-02-30T10:00:00Z"]
        .map(|text| OffsetDateTime::parse(text).unwrap_err());
    for error in times.into_iter().chain(offsets) {
        told(error.code(), error.to_string());
    }
    told("time_out_of_range", OffsetDateTime::from_epoch_ms(u64::MAX, 0).unwrap_err().to_string());
    assert_eq!(seen.len(), 20 + 5, "a kind of error has no case: {seen:?}");
}

#[test]
fn every_warning_about_a_request_is_told_in_chinese() {
    let mut pay = valid_request("alipay.pay_tax_refund");
    pay["identify_account_no"] = json!("110105194912310038");
    let mut refund = valid_request("antom.refund");
    refund["metadata"] = json!("x".repeat(65));
    let mut told = 0;
    for (operation, request) in [
        ("alipay.pay_tax_refund", pay),
        ("antom.refund", refund),
        ("alipay_plus.sync_tax_refund_form", published_form()),
    ] {
        let entry = operations::find(operation).unwrap();
        let prepared = entry.prepare(&profile(entry.spec.protocol), &request.to_string()).unwrap();
        for warning in prepared.warnings() {
            assert_translated(warning.rule, &warning.message);
            told += 1;
        }
    }
    let scanned = taxrefund_core::counter::ScannedCode::parse("110105194912310038").unwrap();
    for warning in scanned.warnings() {
        assert_translated(warning.rule, &warning.message);
        told += 1;
    }
    assert_eq!(told, 5);
}

#[test]
fn every_error_code_of_the_library_is_explained_in_both_languages() {
    let source = include_str!("../../src/codes.rs");
    let codes = source.split("&str =").skip(1).filter_map(|rest| rest.split('"').nth(1));
    let mut count = 0;
    for code in codes {
        count += 1;
        for language in [Language::English, Language::Chinese] {
            let found = explain(code, language).into_iter().find(|found| found.protocol.is_none());
            let found = found.unwrap_or_else(|| panic!("{code} has no words"));
            assert_eq!(is_chinese(found.meaning), language == Language::Chinese, "{code}");
        }
    }
    assert!(count > 80, "{count}");
    assert_eq!(explain_error("no_such_code", Language::English), None);
}

#[test]
fn no_error_of_the_journal_or_the_system_asks_to_enter_a_refund_again() {
    for text in taxrefund_core::explain::all_errors(Language::English) {
        let anew = ["start a new refund", "enter it again.", "enter the refund again."];
        let asks = anew.iter().any(|anew| text.action.contains(anew) && !text.action.contains("not enter"));
        assert!(!asks, "{}: {}", text.code, text.action);
    }
}

#[test]
fn what_was_given_stays_masked_in_chinese() {
    for (given, chinese) in [
        ("«9 characters»", "«9个字符»"),
        ("(a text of 12 characters)", "（12个字符的文本）"),
        ("«not shown»", "«不显示»"),
        ("nothing", "未填"),
        ("\"A-123\"", "\"A-123\""),
        ("\"xxxx… (70 characters)\"", "\"xxxx…（共70个字符）\""),
    ] {
        assert_eq!(given_in(given, Language::Chinese), chinese);
        assert_eq!(given_in(given, Language::English), given);
    }
    assert_eq!(field_in("identify_account_no", Language::Chinese), Some("付款码或账号"));
}
