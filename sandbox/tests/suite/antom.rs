//! Antom.

use crate::common::*;
use serde_json::{Value, json};
use taxrefund_sandbox::{Payment, Sandbox};

fn sandbox() -> Sandbox {
    Sandbox::builder().start().unwrap()
}

fn send(sandbox: &Sandbox, business: &Value) -> String {
    outcome(&signed(sandbox, REFUND, business))
}

#[test]
fn a_refund_is_paid_once_and_found_by_either_id() {
    let sandbox = sandbox();
    let first = signed(&sandbox, REFUND, &refund("R1", "P1"));
    assert_eq!(outcome(&first), "S SUCCESS");
    assert_eq!(signed(&sandbox, REFUND, &refund("R1", "P1"))["refundId"], first["refundId"]);
    assert_eq!(send(&sandbox, &refund("R1", "P2")), "F REPEAT_REQ_INCONSISTENT");
    for ids in [json!({"refundRequestId": "R1"}), json!({"refundId": first["refundId"]})] {
        let found = signed(&sandbox, INQUIRY_REFUND, &ids);
        assert_eq!((outcome(&found).as_str(), &found["refundStatus"]), ("S SUCCESS", &json!("SUCCESS")));
        assert!(found["refundTime"].is_string());
    }
    assert_eq!(inquiry_status(&sandbox, "NEVER"), "F REFUND_NOT_EXIST");
    let unknown = signed(&sandbox, INQUIRY_REFUND, &json!({"refundId": "2026"}));
    assert_eq!(outcome(&unknown), "F REFUND_NOT_EXIST");
    assert_eq!(outcome(&signed(&sandbox, INQUIRY_REFUND, &json!({}))), "F PARAM_ILLEGAL");
    assert_eq!(sandbox.ledger().entry("R1").unwrap().paid_times, 1);
}

#[test]
fn an_asynchronous_refund_ends_in_success_or_failure() {
    let sandbox = sandbox();
    assert_eq!(send(&sandbox, &refund("R1XINPROCESS2", "P1")), "U REFUND_IN_PROCESS");
    let status = || inquiry_status(&sandbox, "R1XINPROCESS2");
    assert_eq!([status(), status(), status()], ["PROCESSING", "PROCESSING", "SUCCESS"]);
    assert_eq!(send(&sandbox, &refund("R2XINPROCESSFAILED", "P2")), "U REFUND_IN_PROCESS");
    let status = || inquiry_status(&sandbox, "R2XINPROCESSFAILED");
    assert_eq!([status(), status()], ["PROCESSING", "FAIL"]);
    assert_eq!(send(&sandbox, &refund("R3XFAILED", "P3")), "F PROCESS_FAIL");
    assert_eq!(inquiry_status(&sandbox, "R3XFAILED"), "FAIL");
    assert_eq!(sandbox.ledger().totals.paid_times, 1);
}

#[test]
fn the_rules_of_a_registered_payment_hold() {
    let sandbox = sandbox();
    sandbox.add_payment(Payment { minimum_refund_minor: 50, ..Payment::new("P1", "USD", 250) });
    sandbox.add_payment(Payment { captured: false, ..Payment::new("P2", "USD", 250) });
    sandbox.add_payment(Payment { in_refund_period: false, ..Payment::new("P3", "USD", 250) });
    sandbox.add_payment(Payment { partial_refunds: false, ..Payment::new("P4", "USD", 250) });
    sandbox.add_payment(Payment { multiple_refunds: false, ..Payment::new("P5", "USD", 250) });
    let of = |id: &str, payment: &str, currency: &str, value: &str| {
        let mut business = refund(id, payment);
        business["refundAmount"] = json!({"currency": currency, "value": value});
        send(&sandbox, &business)
    };
    assert_eq!(of("A1", "P1", "EUR", "100"), "F CURRENCY_NOT_SUPPORT");
    assert_eq!(of("A2", "P1", "USD", "49"), "F REFUND_AMOUNT_EXCEED");
    assert_eq!(of("A3", "P1", "USD", "200"), "S SUCCESS");
    assert_eq!(of("A3", "P1", "USD", "200"), "S SUCCESS");
    assert_eq!(of("A4", "P1", "USD", "51"), "F REFUND_AMOUNT_EXCEED");
    assert_eq!(of("A5", "P1", "USD", "50"), "S SUCCESS");
    assert_eq!(of("B1", "P2", "USD", "100"), "F ORDER_STATUS_INVALID");
    assert_eq!(of("C1", "P3", "USD", "100"), "F REFUND_WINDOW_EXCEED");
    assert_eq!(of("D1", "P4", "USD", "100"), "F PARTIAL_REFUND_NOT_SUPPORTED");
    assert_eq!(of("E1", "P5", "USD", "100"), "S SUCCESS");
    assert_eq!(of("E2", "P5", "USD", "100"), "F MULTIPLE_REFUNDS_NOT_SUPPORTED");
    assert_eq!(inquiry_status(&sandbox, "E2"), "FAIL");
    assert_eq!(of("F1", "P6", "IDR", "150"), "F PARAM_ILLEGAL");
}

#[test]
fn the_path_that_is_signed_depends_on_the_client_id() {
    let sandbox = sandbox();
    let own = &sandbox.credentials().antom;
    let plain = "/ams/api/v1/payments/refund";
    let body = refund("R1", "P1").to_string();
    let send = |client: &str, path: &str| {
        let headers = signed_headers(own, client, path, body.as_bytes());
        outcome(&post(sandbox.base_url(), path, &headers, body.as_bytes()).json())
    };
    assert_eq!(send(&own.client_id, REFUND), "S SUCCESS");
    assert_eq!(send(&own.plain_client_id, plain), "S SUCCESS");
    assert_eq!(send(&own.client_id, plain), "F CLIENT_INVALID");
    assert_eq!(send(&own.plain_client_id, REFUND), "F CLIENT_INVALID");
    let signed_for_the_other = signed_headers(own, &own.client_id, plain, body.as_bytes());
    let got = post(sandbox.base_url(), REFUND, &signed_for_the_other, body.as_bytes());
    assert_eq!(outcome(&got.json()), "F INVALID_SIGNATURE");
    assert_eq!((got.header("signature"), got.header("response-time")), (None, None));
}
