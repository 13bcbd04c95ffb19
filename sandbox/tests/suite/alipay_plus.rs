//! Alipay+.

use crate::common::*;
use serde_json::{Value, json};
use taxrefund_sandbox::Sandbox;

fn sandbox() -> Sandbox {
    Sandbox::builder().start().unwrap()
}

fn send(sandbox: &Sandbox, path: &str, business: &Value) -> String {
    outcome(&signed(sandbox, path, business))
}

#[test]
fn a_form_goes_through_its_states_and_a_repeat_changes_nothing() {
    let sandbox = sandbox();
    for status in ["INIT", "INIT", "STAMPED", "REFUNDED"] {
        assert_eq!(send(&sandbox, SYNC, &form("FORM1", status)), "S SUCCESS");
    }
    let mut other_user = form("FORM1", "EXPIRED");
    other_user["userId"] = json!("210220900000021958206");
    assert_eq!(send(&sandbox, SYNC, &other_user), "F REPEAT_REQ_INCONSISTENT");
    let mut other_amount = form("FORM1", "INIT");
    other_amount["taxRefundAmount"]["value"] = json!("201");
    assert_eq!(send(&sandbox, SYNC, &other_amount), "F REPEAT_REQ_INCONSISTENT");
    let ledger = sandbox.ledger();
    assert_eq!((ledger.totals.paid_times, ledger.double_paid.len()), (0, 0));
    assert_eq!(ledger.entry("FORM1/INIT").unwrap().requests["sync"], 3);
    assert_eq!(ledger.entry("FORM1/STAMPED").unwrap().state, "recorded");
}

#[test]
fn every_scalar_is_a_text_that_is_not_empty() {
    let sandbox = sandbox();
    for (pointer, value) in [
        ("/memo", json!("")),
        ("/memo", json!(5)),
        ("/taxRefundAmount/value", json!(200)),
        ("/taxRefundAmount/value", json!("2.00")),
        ("/merchants/0/merchantName", json!(true)),
        ("/merchants", json!([])),
        ("/formStatus", json!("LOST")),
        ("/userId", json!("2102209000000219582051")),
        ("/statusChangeTime", json!("yesterday")),
    ] {
        let mut business = form("FORM1", "INIT");
        *business.pointer_mut(pointer).unwrap() = value.clone();
        assert_eq!(send(&sandbox, SYNC, &business), "F PARAM_ILLEGAL", "{pointer} {value}");
    }
}

#[test]
fn a_credit_is_evaluated_created_once_and_found_by_either_id() {
    let sandbox = sandbox();
    let evaluated = signed(
        &sandbox,
        EVALUATE,
        &json!({"payerAmount": {"currency": "EUR", "value": "4250"}, "payer": {"referenceMerchantId": "M1"},
            "payeeMethod": {"paymentMethodType": "CONNECT_WALLET", "paymentMethodId": "281234567890123456"},
            "evaluationType": "BY_CODE", "scenarioType": "TAX_REFUND",
            "subScenarioType": "PORT_INSTANT_TAX_REFUND", "departureRegion": "DE"}),
    );
    assert_eq!(outcome(&evaluated), "S SUCCESS");
    assert_eq!(evaluated["payeeAmount"]["value"], "30812");
    let mut request = credit("CREDIT1", "FORM1");
    request["payee"]["userId"] = evaluated["payee"]["userId"].clone();
    let first = signed(&sandbox, CREATE, &request);
    request["memo"] = json!("a memo is no key parameter");
    assert_eq!(signed(&sandbox, CREATE, &request)["originalCreditId"], first["originalCreditId"]);
    request["payerAmount"]["value"] = json!("4251");
    assert_eq!(send(&sandbox, CREATE, &request), "F REPEAT_REQ_INCONSISTENT");
    for ids in [
        json!({"originalCreditRequestId": "CREDIT1"}),
        json!({"originalCreditId": first["originalCreditId"]}),
    ] {
        let found = signed(&sandbox, INQUIRE, &ids);
        assert_eq!(found["originalCreditResult"]["resultStatus"], "S");
        assert_eq!(send(&sandbox, CONFIRM, &ids), "S SUCCESS");
    }
    assert_eq!(send(&sandbox, INQUIRE, &json!({})), "F PARAM_ILLEGAL");
    assert_eq!(send(&sandbox, INQUIRE, &json!({"originalCreditRequestId": "NEVER"})), "F ORDER_NOT_EXIST");
    assert_eq!(sandbox.ledger().entry("CREDIT1").unwrap().paid_times, 1);
}

#[test]
fn a_credit_in_process_ends_by_inquiries_or_by_a_confirmation() {
    let sandbox = sandbox();
    let state = |key: &str| {
        let found = signed(&sandbox, INQUIRE, &json!({"originalCreditRequestId": key}));
        assert_eq!(outcome(&found), "S SUCCESS");
        found["originalCreditResult"]["resultStatus"].as_str().unwrap().to_owned()
    };
    let key = "C1XINPROCESS2";
    assert_eq!(send(&sandbox, CREATE, &credit(key, "F1")), "U ORIGINAL_CREDIT_IN_PROCESS");
    assert_eq!([state(key), state(key), state(key)], ["U", "U", "S"]);
    let key = "C2XINPROCESSFAILED9";
    assert_eq!(send(&sandbox, CREATE, &credit(key, "F2")), "U ORIGINAL_CREDIT_IN_PROCESS");
    assert_eq!(state(key), "U");
    assert_eq!(send(&sandbox, CONFIRM, &json!({"originalCreditRequestId": key})), "F PROCESS_FAIL");
    let key = "C3XINPROCESS0";
    send(&sandbox, CREATE, &credit(key, "F3"));
    assert_eq!(
        send(&sandbox, CONFIRM, &json!({"originalCreditRequestId": key})),
        "U ORIGINAL_CREDIT_IN_PROCESS"
    );
    assert_eq!(sandbox.ledger().totals.paid_times, 2);
}

#[test]
fn who_cannot_be_authenticated_gets_an_unsigned_refusal() {
    let sandbox = sandbox();
    let own = &sandbox.credentials().alipay_plus;
    let body = form("FORM1", "INIT").to_string();
    let good = signed_headers(own, &own.client_id, SYNC, body.as_bytes());
    let try_with = |name: &str, value: &str| {
        let mut headers = good.clone();
        for header in headers.iter_mut().filter(|(n, _)| *n == name) {
            header.1 = header.1.replace("keyVersion=1", value);
            if !value.starts_with("keyVersion") {
                value.clone_into(&mut header.1);
            }
        }
        let got = post(sandbox.base_url(), SYNC, &headers, body.as_bytes());
        let (seen, value) = header_seen(&sandbox, SYNC, &got);
        format!("{seen} {}", outcome(&value))
    };
    assert_eq!(try_with("none", ""), "verified S SUCCESS");
    assert_eq!(try_with("client-id", "SANDBOX_OTHER"), "unsigned F INVALID_CLIENT");
    assert_eq!(try_with("signature", "keyVersion=7"), "unsigned F KEY_NOT_FOUND");
    assert_eq!(try_with("signature", "nonsense"), "unsigned F INVALID_SIGNATURE");
    assert_eq!(try_with("request-time", "2026-11-23T10:00:01+08:00"), "unsigned F INVALID_SIGNATURE");
    assert_eq!(try_with("request-time", "yesterday"), "unsigned F PARAM_ILLEGAL");
    assert_eq!(try_with("content-type", "text/plain"), "verified F MEDIA_TYPE_NOT_ACCEPTABLE");
    let got = request("GET", sandbox.base_url(), SYNC, &good, b"");
    assert_eq!(outcome(&got.json()), "F METHOD_NOT_SUPPORTED");
    assert_eq!(send(&sandbox, "/aps/api/v1/funds/nothing", &json!({})), "F NO_INTERFACE_DEF");
}
