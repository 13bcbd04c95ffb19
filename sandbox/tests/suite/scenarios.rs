//! Every scenario once, at the three interfaces that pay, and where they matter at the others.

use std::time::Duration;

use serde_json::json;
use taxrefund_sandbox::{Sandbox, Scenario};

use crate::common::*;

fn sandbox() -> Sandbox {
    Sandbox::builder()
        .long_delay(Duration::from_millis(30))
        .drip_interval(Duration::from_micros(50))
        .start()
        .unwrap()
}

/// What a strict client sees of the first pay and the first refund, and how often money moved by then.
fn expected(scenario: Scenario) -> (&'static str, &'static str, u32) {
    use Scenario as S;
    match scenario {
        S::LostAnswer => ("closed", "closed", 1),
        S::LostRequest => ("closed", "closed", 0),
        S::LateExecution => ("closed", "closed", 1),
        S::Reset => ("reset", "reset", 1),
        S::HalfAnswer => ("cut", "cut", 1),
        S::Http500 | S::Http500Json => ("http 500", "http 500", 1),
        S::Http502 | S::Http502Json => ("http 502", "http 502", 1),
        S::Http503 | S::Http503Json => ("http 503", "http 503", 0),
        S::HtmlPage => ("not json", "not json", 0),
        S::Redirect => ("http 302", "http 302", 0),
        S::UnsignedRefusal => ("unsigned 40002", "unsigned F KEY_NOT_FOUND", 0),
        S::ForgedSuccess => ("not verified 10000", "not verified S SUCCESS", 0),
        S::ForgedFailure => ("not verified 40004", "not verified F PROCESS_FAIL", 1),
        S::UnsignedSuccess => ("unsigned 10000", "unsigned S SUCCESS", 1),
        S::StrangerKey | S::PartnerKey | S::Sha1Signed | S::Tampered => {
            ("not verified 10000", "not verified S SUCCESS", 1)
        }
        S::SignatureWithoutTime | S::TimeWithoutSignature => {
            ("not verified 10000", "half signed S SUCCESS", 1)
        }
        S::RepeatedRoot => ("repeated 10000", "repeated S SUCCESS", 1),
        S::OtherMethod => ("no such root", "not verified S SUCCESS", 1),
        S::OtherClient => ("verified 10000", "other client S SUCCESS", 1),
        S::UnescapedSignature => ("not verified 10000", "not verified S SUCCESS", 1),
        S::Gzip => ("encoded", "encoded", 1),
        S::Gbk => ("not utf-8", "not utf-8", 1),
        S::Delay
        | S::Drip
        | S::OtherOrder
        | S::EscapedSlashes
        | S::BraceInString
        | S::Whitespace
        | S::UnicodeEscapes
        | S::UnknownMembers
        | S::OversizedBody
        | S::OversizedHeaders
        | S::DeepJson => ("verified 10000", "verified S SUCCESS", 1),
        S::Throttled => ("verified 40005", "verified U REQUEST_TRAFFIC_EXCEED_LIMIT", 0),
        S::ServiceUnavailable => ("verified 20000", "verified U UNKNOWN_EXCEPTION", 0),
        S::ServiceUnavailablePaid => ("verified 20000", "verified U UNKNOWN_EXCEPTION", 1),
        S::BusinessFailedPaid => ("verified 40004", "verified U UNKNOWN_EXCEPTION", 1),
        S::TokenInvalid => ("verified 20001", "verified F INVALID_ACCESS_TOKEN", 0),
        S::NoPermission => ("verified 40006", "verified F ACCESS_DENIED", 0),
        S::MissingArgument => ("verified 40001", "verified F PARAM_ILLEGAL", 0),
        S::InvalidArgument => ("verified 40002", "verified F PARAM_ILLEGAL", 0),
        S::InsufficientConditions => ("verified 40003", "verified F INVALID_CONTRACT", 0),
        S::BusinessFailed => ("verified 40004", "verified F PROCESS_FAIL", 0),
        S::UnknownCode => ("verified 49999", "verified F NEVER_SEEN_BEFORE", 0),
        S::InvalidSignatureCode => ("verified 40002", "verified F INVALID_SIGNATURE", 0),
        S::Code => ("verified 40004", "verified 40004 TAX_FORM_LOCKED", 0),
        S::BadAccount => ("verified 40004", "verified F USER_NOT_EXIST", 0),
        S::Failed => ("verified 40004", "verified F PROCESS_FAIL", 0),
        S::InProcess => ("verified 20000", "verified U REFUND_IN_PROCESS", 1),
        S::InProcessFailed => ("verified 20000", "verified U REFUND_IN_PROCESS", 0),
        S::CurrencyNotSupport => ("verified 40004", "verified F CURRENCY_NOT_SUPPORT", 0),
        S::AmountExceed => ("verified 40004", "verified F REFUND_AMOUNT_EXCEED", 0),
        S::OrderStatusInvalid => ("verified 40004", "verified F ORDER_STATUS_INVALID", 0),
        S::WindowExceed => ("verified 40004", "verified F REFUND_WINDOW_EXCEED", 0),
        S::OrderNotExist => ("verified 40004", "verified F ORDER_NOT_EXIST", 0),
        S::PartialNotSupported => ("verified 40004", "verified F PARTIAL_REFUND_NOT_SUPPORTED", 0),
        S::MultipleNotSupported => ("verified 40004", "verified F MULTIPLE_REFUNDS_NOT_SUPPORTED", 0),
        S::BalanceNotEnough => ("verified 40004", "verified F MERCHANT_BALANCE_NOT_ENOUGH", 0),
        S::RiskReject => ("verified 40004", "verified F RISK_REJECT", 0),
        S::UserNotExist => ("verified 40004", "verified F USER_NOT_EXIST", 0),
        // These take hold later than at the first pay, or elsewhere.
        S::SystemError
        | S::UnknownStatus
        | S::SuccessWithoutNumber
        | S::Uncertified
        | S::IllegalUser
        | S::FrozenAccount
        | S::ResultUnknown
        | S::NotificationFirst
        | S::NotificationLate
        | S::NotificationRepeated
        | S::NotificationForged
        | S::NotificationContradicts
        | S::NotificationNone => ("", "", 1),
    }
}

fn rule(scenario: Scenario) -> String {
    match scenario {
        Scenario::Code => "code:40004.TAX_FORM_LOCKED".to_owned(),
        other => other.name().to_owned(),
    }
}

#[test]
fn every_scenario_shows_what_it_says_and_the_ledger_tells_the_truth() {
    let sandbox = sandbox();
    for (n, scenario) in Scenario::ALL.iter().copied().enumerate() {
        let (gateway_expects, antom_expects, paid) = expected(scenario);
        if gateway_expects.is_empty() {
            continue;
        }
        let key = format!("ORDER{n}");
        let (seen, object) = pay(&sandbox, &key, &rule(scenario));
        let code = object["code"].as_str().map_or(String::new(), |code| format!(" {code}"));
        assert_eq!(format!("{seen}{code}"), gateway_expects, "{scenario} at pay");
        assert_eq!(sandbox.ledger().entry(&key).unwrap().paid_times, paid, "{scenario} at pay");

        let key = format!("REFUND{n}");
        let got = signed_with(&sandbox, REFUND, &refund(&key, &format!("P{n}")), &rule(scenario));
        let (seen, object) = header_seen(&sandbox, REFUND, &got);
        let result = if object.is_null() { String::new() } else { format!(" {}", outcome(&object)) };
        assert_eq!(format!("{seen}{result}"), antom_expects, "{scenario} at refund");
        assert_eq!(sandbox.ledger().entry(&key).unwrap().paid_times, paid, "{scenario} at refund");

        let key = format!("CREDIT{n}");
        signed_with(&sandbox, CREATE, &credit(&key, &format!("FORM{n}")), &rule(scenario));
        assert_eq!(sandbox.ledger().entry(&key).unwrap().paid_times, paid, "{scenario} at create");
        signed_with(&sandbox, SYNC, &form(&format!("FORM{n}"), "INIT"), &rule(scenario));
    }
    assert_eq!(sandbox.ledger().double_paid, []);
}

#[test]
fn after_any_fault_the_same_request_pays_exactly_once_or_fails_for_good() {
    let sandbox = sandbox();
    for (n, scenario) in Scenario::ALL.iter().copied().enumerate() {
        let (key, payment) = (format!("AGAIN{n}"), format!("P{n}"));
        for _ in 0..3 {
            signed_with(&sandbox, REFUND, &refund(&key, &payment), &rule(scenario));
            gateway_with(&sandbox, PAY, &pay_order(&key, &key), &rule(scenario));
        }
        for entry in sandbox.ledger().entries.iter().filter(|entry| entry.key == key) {
            let once = u32::from(entry.state == "succeeded" || scenario == Scenario::InProcess);
            // Antom shows an unresolved result as one in process, which is paid.
            let once = once.max(u32::from(scenario == Scenario::ResultUnknown));
            assert_eq!(entry.paid_times, once, "{scenario}: {entry:?}");
        }
    }
}

#[test]
fn scenarios_about_inquiries_take_hold_there_and_leave_the_pay_alone() {
    let sandbox = sandbox();
    assert_eq!(pay(&sandbox, "ORDER1XSYSTEMERROR", "").1["code"], "10000");
    assert_eq!(query(&sandbox, "ORDER1XSYSTEMERROR")["sub_code"], "SYSTEM_ERROR");
    assert_eq!(query(&sandbox, "ORDER1XSYSTEMERROR")["status"], "S");
    assert_eq!(pay(&sandbox, "ORDER2XUNKNOWNSTATUS", "").1["code"], "10000");
    assert_eq!(query(&sandbox, "ORDER2XUNKNOWNSTATUS")["status"], "Z");
    assert_eq!(pay(&sandbox, "ORDER3XINPROCESS", "").1["code"], "20000");
    assert_eq!(query(&sandbox, "ORDER3XINPROCESS")["status"], "I");
    assert_eq!(query(&sandbox, "ORDER3XINPROCESS")["status"], "S");
    assert_eq!(pay(&sandbox, "ORDER4XFAILED", "").1["code"], "40004");
    assert_eq!(query(&sandbox, "ORDER4XFAILED")["status"], "F");
    assert_eq!(
        pay(&sandbox, "ORDER5XSUCCESSWITHOUTNUMBER", "").1,
        json!({"code": "10000", "msg": "Success"})
    );
    assert!(query(&sandbox, "ORDER5XSUCCESSWITHOUTNUMBER")["tax_no"].is_string());
    signed(&sandbox, REFUND, &refund("R1XUNKNOWNSTATUS", "P1"));
    assert_eq!(inquiry_status(&sandbox, "R1XUNKNOWNSTATUS"), "Z");
    assert_eq!(outcome(&signed(&sandbox, SYNC, &form("F1XUNKNOWNSTATUS", "INIT"))), "Z SUCCESS");
    assert_eq!(outcome(&signed(&sandbox, SYNC, &form("F1XSYSTEMERROR", "INIT"))), "U UNKNOWN_EXCEPTION");
    let other = gateway_with(
        &sandbox,
        QUERY,
        &json!({"out_order_no": "ORDER1XSYSTEMERROR"}),
        "other-order*every@query",
    );
    assert_eq!(gateway_seen(&sandbox, QUERY, &other).1["out_order_no"], "SOMEBODYELSES0001");
}

#[test]
fn a_request_that_arrives_late_pays_after_the_query_that_missed_it() {
    let sandbox = sandbox();
    assert_eq!(pay(&sandbox, "ORDER1XLATEEXECUTION", "").0, "closed");
    assert_eq!(query(&sandbox, "ORDER1XLATEEXECUTION")["sub_code"], "ILLEGAL_ARGUMENT");
    assert_eq!(query(&sandbox, "ORDER1XLATEEXECUTION")["status"], "S");
    assert_eq!(pay(&sandbox, "ORDER1XLATEEXECUTION", "").1["code"], "10000");
    assert_eq!(sandbox.ledger().totals.paid_times, 1);
}

#[test]
fn altered_bodies_have_the_size_and_shape_they_promise() {
    let sandbox = sandbox();
    let body = |faults: &str, key: &str| gateway_with(&sandbox, PAY, &pay_order(key, key), faults);
    assert!(body("oversized-body", "B1").body().len() > 2 * 1024 * 1024);
    assert!(body("deep-json", "B2").body().contains(&"[".repeat(100)));
    assert!(body("escaped-slashes", "B3").body().contains(r"https:\/\/"));
    assert!(body("unicode-escapes", "B4").body().contains(r"\u9000"));
    let Got::Answer { headers, .. } = body("oversized-headers", "B5") else { panic!("no answer") };
    assert!(headers.iter().map(|(_, value)| value.len()).sum::<usize>() > 256 * 1024);
    let Got::Answer { body, .. } = body("gzip", "B6") else { panic!("no answer") };
    assert!(body.starts_with(&[0x1f, 0x8b]));
}
