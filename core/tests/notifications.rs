//! Inbound messages: believed only when the raw bytes verify, answered exactly, merged without ever going back.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::*;
use taxrefund_core::antom::{SignatureHeader, string_to_sign};
use taxrefund_core::notification::{Known, Merge, Settlement};
use taxrefund_core::signing::{Algorithm, Verifier};
use taxrefund_core::{Notification, Profile, alipay, alipay_plus};

const PATH: &str = "/notify/refunds?shop=7";

/// A form as the gateway sends it, signed under rule V1 by `holder`, its text in `charset`.
fn form(fields: &[(&str, &str)], holder: Holder, charset: alipay::Charset) -> Vec<u8> {
    let mut covered: Vec<_> = fields.iter().filter(|(name, _)| *name != "sign_type").collect();
    covered.sort_unstable();
    let covered: Vec<_> = covered.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let signature = STANDARD.encode(sign(holder, &charset.encode(&covered.join("&"))));
    let mut body = String::new();
    for (name, value) in fields.iter().chain(&[("sign", signature.as_str())]) {
        let value: String = form_urlencoded::byte_serialize(&charset.encode(value)).collect();
        body.push_str(&format!("{}{name}={value}", if body.is_empty() { "" } else { "&" }));
    }
    body.into_bytes()
}

const FIELDS: [(&str, &str); 7] = [
    ("app_id", APP_ID),
    ("notify_id", "2024072400222030801000001234567890"),
    ("notify_type", "tax_refund_status_sync"),
    ("out_order_no", "0005520171122115751"),
    ("sign_type", "RSA2"),
    ("status", "S"),
    ("tax_no", "2024072400007148000123456789"),
];

fn genuine() -> Vec<u8> {
    form(&FIELDS, Holder::Platform, alipay::Charset::Utf8)
}

fn text(body: &[u8]) -> String {
    String::from_utf8(body.to_vec()).unwrap()
}

/// Refused with this fault, and not acknowledged.
fn assert_refused(profile: &Profile, headers: &[(String, String)], body: &[u8], fault: &str) {
    let refused = profile.notification(PATH, headers, body, EPOCH_MS).unwrap_err();
    assert_eq!(refused.fault.code(), fault);
    assert!(refused.reply.body != "success" && !refused.reply.body.contains("\"S\""), "{:?}", refused.reply);
    assert_eq!(refused.reply.status, 200);
}

#[test]
fn the_gateway_is_answered_with_success_and_nothing_else() {
    let notification = gateway().notification("", &[], &genuine(), EPOCH_MS).unwrap();
    assert_eq!((notification.reply.status, notification.reply.body.as_str()), (200, "success"));
    assert_eq!(notification.key.as_deref(), Some("0005520171122115751"));
    assert_eq!(notification.reference.as_deref(), Some("2024072400007148000123456789"));
    assert_eq!(notification.id.as_deref(), Some("2024072400222030801000001234567890"));
    assert_eq!(notification.settlement, Some(Settlement::Succeeded));
    assert!(!notification.fields.contains_key("sign"));
}

#[test]
fn the_order_of_a_forms_fields_and_empty_ones_do_not_matter() {
    let mut fields = FIELDS;
    fields.reverse();
    let mut body = form(&fields, Holder::Platform, alipay::Charset::Utf8);
    assert!(gateway().notification("", &[], &body, EPOCH_MS).is_ok());
    body.extend_from_slice(b"&memo=");
    assert!(gateway().notification("", &[], &body, EPOCH_MS).is_ok());
}

#[test]
fn only_the_raw_bytes_verify_and_every_change_is_refused() {
    let body = text(&genuine());
    for (changed, fault) in [
        (body.replace("status=S", "status=F"), "bad_signature"),
        (body.replace("0005520171122115751", "0005520171122115752"), "bad_signature"),
        (format!("{body}&memo=1"), "bad_signature"),
        (body.replace("&status=S", ""), "bad_signature"),
        (format!("{body}&status=F"), "duplicate_key"),
        (format!("{body}&st%61tus=S"), "duplicate_key"),
        (format!("{body}&sign=AAAA"), "duplicate_key"),
        (body.replace("sign=", "nosign="), "unsigned"),
        (format!("{}&sign=", body.split("&sign=").next().unwrap()), "unsigned"),
        (format!("{}&sign=%%%", body.split("&sign=").next().unwrap()), "bad_signature"),
        (format!("{body}&memo=%ff"), "charset"),
        (String::new(), "unsigned"),
        (body.replace('&', "&amp;"), "unsigned"),
    ] {
        assert_refused(&gateway(), &[], changed.as_bytes(), fault);
    }
    let strangers = form(&FIELDS, Holder::Stranger, alipay::Charset::Utf8);
    assert_refused(&gateway(), &[], &strangers, "bad_signature");
    // Signed by ourselves: the merchant's own key is not the platform's.
    assert_refused(&gateway(), &[], &form(&FIELDS, Holder::Merchant, alipay::Charset::Utf8), "bad_signature");
    let long = format!("{body}&memo={}", "x".repeat(1 << 20));
    assert_refused(&gateway(), &[], long.as_bytes(), "too_large");
}

#[test]
fn a_notification_for_another_application_is_refused() {
    let mut fields = FIELDS;
    fields[0].1 = "2014072300007149";
    let other = form(&fields, Holder::Platform, alipay::Charset::Utf8);
    assert_refused(&gateway(), &[], &other, "other_client");
}

#[test]
fn the_charset_of_a_form_is_the_one_it_names() {
    let fields = [("app_id", APP_ID), ("charset", "GBK"), ("memo", "退税\\"), ("out_order_no", "A1")];
    for profile in [gateway(), gateway_gbk()] {
        let body = form(&fields, Holder::Platform, alipay::Charset::Gbk);
        let notification = profile.notification("", &[], &body, EPOCH_MS).unwrap();
        assert_eq!(notification.fields["memo"], json!("退税\\"));
    }
    // Without a name it is the account's.
    let body = form(&[("app_id", APP_ID), ("memo", "退税")], Holder::Platform, alipay::Charset::Gbk);
    assert!(gateway_gbk().notification("", &[], &body, EPOCH_MS).is_ok());
    assert_refused(&gateway(), &[], &body, "charset");
}

fn antom_message() -> Value {
    let mut message = result("S", "SUCCESS");
    for (name, value) in [
        ("notifyType", "REFUND_RESULT"),
        ("refundStatus", "SUCCESS"),
        ("refundRequestId", "R-2026-0001"),
        ("refundId", "RF1"),
    ] {
        message[name] = json!(value);
    }
    message["refundAmount"] = json!({ "currency": "USD", "value": "100" });
    message
}

fn credit_message(status: &str, code: &str) -> Value {
    json!({
        "originalCreditResult": { "resultStatus": status, "resultCode": code },
        "originalCreditRequestId": "oct_20260309_0001",
        "originalCreditId": "C1",
        "payerAmount": { "currency": "SGD", "value": "10000" },
    })
}

fn headers(body: &[u8], path: &str, holder: Holder) -> Vec<(String, String)> {
    let time = "2026-11-23T01:02:03Z";
    let signature = sign(holder, &string_to_sign("POST", path, CLIENT_ID, time, body));
    vec![
        ("Client-Id".to_owned(), CLIENT_ID.to_owned()),
        ("Request-Time".to_owned(), time.to_owned()),
        ("Signature".to_owned(), SignatureHeader::write(&signature, 1)),
    ]
}

fn heard(profile: &Profile, message: &Value) -> Notification {
    let body = message.to_string().into_bytes();
    profile.notification(PATH, &headers(&body, PATH, Holder::Platform), &body, EPOCH_MS).unwrap()
}

#[test]
fn antom_is_answered_unsigned_with_s_success() {
    let notification = heard(&antom(), &antom_message());
    assert_eq!(notification.settlement, Some(Settlement::Succeeded));
    assert_eq!(
        (notification.key.as_deref(), notification.reference.as_deref()),
        (Some("R-2026-0001"), Some("RF1"))
    );
    assert_eq!(notification.amount.unwrap().value, "100");
    let reply = notification.reply;
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(
        body["result"],
        json!({ "resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success" })
    );
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers, [("content-type".to_owned(), "application/json; charset=UTF-8".to_owned())]);
    assert_eq!(antom().reply_to_sign(PATH, &reply, EPOCH_MS), None);
}

#[test]
fn what_the_channel_said_does_not_settle_a_refund() {
    for (refund_status, settlement) in
        [("PROCESSING", None), ("FAIL", Some(Settlement::Failed)), ("", None), ("SOMETHING_NEW", None)]
    {
        let mut message = antom_message();
        message["refundStatus"] = json!(refund_status);
        assert_eq!(heard(&antom(), &message).settlement, settlement, "{refund_status}");
    }
    let mut message = antom_message();
    message.as_object_mut().unwrap().remove("refundStatus");
    assert_eq!(heard(&antom(), &message).settlement, None);
}

#[test]
fn a_credit_in_process_is_not_settled_whatever_the_status_letter() {
    for status in ["S", "F", "U"] {
        let message = credit_message(status, "ORIGINAL_CREDIT_IN_PROCESS");
        assert_eq!(heard(&alipay_plus(), &message).settlement, None, "{status}");
    }
    let settled = |status| heard(&alipay_plus(), &credit_message(status, "CODE")).settlement;
    assert_eq!(settled("S"), Some(Settlement::Succeeded));
    assert_eq!(settled("F"), Some(Settlement::Failed));
    assert_eq!(settled("U"), None);
}

fn header<'a>(reply: &'a taxrefund_core::notification::Reply, name: &str) -> &'a str {
    reply.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap()
}

#[test]
fn the_reply_to_alipay_plus_is_signed_over_its_own_bytes() {
    let inline_reply = heard(&alipay_plus(), &credit_message("S", "SUCCESS")).reply;

    let profile = alipay_plus::profile(antom_config(external())).unwrap();
    let unsigned = heard(&profile, &credit_message("S", "SUCCESS")).reply;
    assert!(unsigned.headers.iter().all(|(name, _)| name != "signature"));
    let to_sign = profile.reply_to_sign(PATH, &unsigned, EPOCH_MS).unwrap();
    let by_hand =
        profile.signed_reply(PATH, unsigned.clone(), EPOCH_MS, sign(Holder::Merchant, &to_sign)).unwrap();
    assert_eq!(by_hand, inline_reply);

    assert_eq!(header(&inline_reply, "client-id"), CLIENT_ID);
    let time = header(&inline_reply, "response-time");
    assert_eq!(time, "2026-11-23T01:02:03Z");
    let signature = SignatureHeader::parse(header(&inline_reply, "signature")).unwrap().signature;
    let covered = string_to_sign("POST", PATH, CLIENT_ID, time, inline_reply.body.as_bytes());
    let verifier = Verifier::new(public_key(Holder::Merchant), Algorithm::RsaSha256);
    assert!(verifier.verify(&covered, &signature));

    for wrong in [sign(Holder::Stranger, &to_sign), sign(Holder::Merchant, b"other"), Vec::new()] {
        let error = profile.signed_reply(PATH, unsigned.clone(), EPOCH_MS, wrong).unwrap_err();
        assert_eq!(error.code(), "signer_failed");
    }
}

#[test]
fn a_header_signed_message_is_refused_when_anything_about_it_is_wrong() {
    let body = antom_message().to_string().into_bytes();
    let good = headers(&body, PATH, Holder::Platform);
    for (at, fault) in [(0, "half_signed"), (1, "half_signed"), (2, "half_signed")] {
        let mut without = good.clone();
        without.remove(at);
        assert_refused(&antom(), &without, &body, fault);
        let mut twice = good.clone();
        twice.push(good[at].clone());
        assert_refused(&antom(), &twice, &body, fault);
    }
    assert_refused(&antom(), &[], &body, "unsigned");
    assert_refused(&antom(), &headers(&body, PATH, Holder::Stranger), &body, "bad_signature");
    assert_refused(&antom(), &headers(&body, "/notify/refunds", Holder::Platform), &body, "bad_signature");
    assert_refused(&antom(), &good, text(&body).replace("SUCCESS", "FAIL").as_bytes(), "bad_signature");
    let mut other = good.clone();
    other[0].1 = "SOMEBODY_ELSE".to_owned();
    assert_refused(&antom(), &other, &body, "other_client");

    for (bytes, fault) in [
        (br#"{"refundStatus":"FAIL","refundStatus":"SUCCESS"}"#.to_vec(), "duplicate_key"),
        (b"[]".to_vec(), "not_json"),
        (b"{\"a\":\"\xff\"}".to_vec(), "charset"),
        (format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)).into_bytes(), "too_large"),
    ] {
        assert_refused(&antom(), &headers(&bytes, PATH, Holder::Platform), &bytes, fault);
    }
}

#[test]
fn a_final_state_never_goes_back() {
    let says = |status| {
        let mut message = antom_message();
        message["refundStatus"] = json!(status);
        heard(&antom(), &message)
    };
    let table = [
        (Known::Open, "SUCCESS", Merge::Settles(Settlement::Succeeded)),
        (Known::Open, "FAIL", Merge::Settles(Settlement::Failed)),
        (Known::Open, "PROCESSING", Merge::Unchanged),
        (Known::Succeeded, "SUCCESS", Merge::Unchanged),
        (Known::Succeeded, "PROCESSING", Merge::Unchanged),
        (Known::Succeeded, "FAIL", Merge::Conflict),
        (Known::Failed, "FAIL", Merge::Unchanged),
        (Known::Failed, "PROCESSING", Merge::Unchanged),
        (Known::Failed, "SUCCESS", Merge::Conflict),
    ];
    for (known, status, merged) in table {
        let notification = says(status);
        assert_eq!(notification.merge(known), merged, "{known:?} {status}");
        // Whatever it changes, a verified message is acknowledged.
        assert!(notification.reply.body.contains("\"resultStatus\":\"S\""));
    }
}
