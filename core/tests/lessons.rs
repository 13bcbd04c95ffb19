//! One test per thing that goes wrong in the existing SDKs, named after it.
//!
//! | row | where |
//! |---|---|
//! | HTTP 500 … notification value with `%`, float amount, sockets | here |
//! | Wycheproof PKCS#1 v1.5 | `signing.rs`: `wycheproof_has_no_wrong_verdict` |
//! | private-key shapes, usual mistakes | `keys/`: `every_shape_of_a_private_key_gives_the_same_key`, `every_usual_mistake_has_its_own_code` |
//! | kill -9 while waiting | `resumption.rs`: `a_resumed_flow_asks_before_it_pays`; on disk: the journal's tests |
//! | the clock's zone | here for requests; `values/times.rs`: `the_zone_of_the_machine_changes_nothing` |
//! | signatures/s | `signing.rs`: `rate_beside_a_bare_loop`; figures: the benchmark |
//! | installed size | the benchmark |

#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::listener::{Reply, Server, http};
use support::*;
use taxrefund_core::signing::{Algorithm, Signer as _, SoftwareSigner};
use taxrefund_core::{
    CallOptions, Fault, HttpTransport, NextStep, Outcome, Policy, Prepared, TransportConfig, alipay, antom,
};

fn paid() -> Value {
    json!({ "code": "10000", "msg": "Success", "tax_no": "2024072400007148000123456789" })
}

fn refunded() -> Value {
    let mut content = result("S", "SUCCESS");
    content["refundId"] = json!("RF1");
    content
}

fn code(outcome: &Outcome) -> &str {
    &outcome.reason().unwrap().code
}

/// A success that must not be believed: the flow asks on and on, and ends unknown.
fn assert_never_believed(reaction: fn() -> Reaction, codes: &[&str]) {
    for (flow, asks) in [(pay_flow(), "query"), (refund_flow(), "inquire")] {
        let run = script(flow, &[reaction()]);
        let reason = run.outcome.reason().unwrap();
        assert!(matches!(run.outcome, Outcome::Unknown(_)), "{asks}");
        assert!(codes.contains(&reason.code.as_str()) && !reason.verified, "{asks}: {reason:?}");
        assert!(run.interfaces().contains(&asks));
    }
}

#[test]
fn http_500_is_a_transport_fault_with_its_status() {
    let run = script(pay_flow(), &[raw(page(500, "")), says(paid())]);
    assert_eq!(run.outcome.as_str(), "succeeded");
    let first = run.outcome.report().attempts[0].reason.clone().unwrap();
    assert_eq!((first.code.as_str(), first.verified), ("http_status", false));
    assert!(first.message.unwrap().contains("500"));

    let forever = script(pay_flow(), &[raw(page(500, "sorry"))]);
    assert_eq!((forever.outcome.as_str(), code(&forever.outcome)), ("unknown", "http_status"));
    assert_eq!(forever.outcome.report().evidence.as_ref().unwrap().status, 500);
}

#[test]
fn no_answer_is_unknown_and_repeats() {
    let run = script(pay_flow(), &[fault(Fault::Timeout)]);
    assert_eq!((run.outcome.as_str(), code(&run.outcome)), ("unknown", "timeout"));
    assert_eq!(run.interfaces(), [["pay"; 5], ["query"; 5]].concat());
    assert_eq!(run.outcome.next_step(), NextStep::ContactSupport);
}

fn transport() -> Arc<HttpTransport> {
    let config = TransportConfig { no_proxy: true, ..TransportConfig::default() };
    Arc::new(HttpTransport::new(config).unwrap())
}

fn antom_client(server: &Server, policy: Policy) -> antom::Client {
    let config = antom::Config { endpoint: server.endpoint.clone(), ..antom_config(inline()) };
    let options = CallOptions { policy, seed: Some(7), ..CallOptions::default() };
    antom::Client::over(config, transport()).unwrap().with(options)
}

/// Deadlines shorter than the shortest documented wait: one exchange and no repeat.
fn impatient() -> Policy {
    Policy { attempt_timeout_ms: 150, deadline_ms: 500, ..Policy::default() }
}

/// The same for exchanges that end by themselves.
fn one_exchange() -> Policy {
    Policy { deadline_ms: 1_900, ..Policy::default() }
}

#[test]
fn one_byte_a_second_ends_at_the_total_deadline() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".to_vec();
    for dripped in [head, b"HTTP/1.1 200 OK\r\nx: y\r\nx: ".to_vec(), b"H".to_vec()] {
        let drips = dripped.clone();
        let server = Server::start(move |_, _| Reply::Drip(drips.clone()));
        let prepared = prepared_refund();
        let outcome = antom_client(&server, impatient()).run(prepared).unwrap();
        assert_eq!((outcome.as_str(), code(&outcome)), ("unknown", "deadline"));
        assert_eq!(outcome.next_step(), NextStep::ResumeLater);
        let attempts = &outcome.report().attempts;
        assert_eq!(attempts.len(), 1);
        let heard = attempts[0].reason.clone().unwrap().code;
        let expected = if dripped == b"H" { ["timeout", "malformed"] } else { ["timeout"; 2] };
        assert!(expected.contains(&heard.as_str()), "{heard}");
    }
}

#[test]
fn silence_ends_at_the_attempts_timeout() {
    let server = Server::start(|_, _| Reply::Silence);
    let outcome = antom_client(&server, impatient()).run(prepared_refund()).unwrap();
    assert_eq!(outcome.report().attempts[0].reason.as_ref().unwrap().code, "timeout");
    assert_eq!(outcome.as_str(), "unknown");
}

#[test]
fn signed_20000_repeats_the_same_request() {
    let busy =
        json!({ "code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error" });
    let run = script(pay_flow(), &[says(busy.clone()), says(busy), says(paid())]);
    assert_eq!(run.outcome.as_str(), "succeeded");
    assert_eq!(run.interfaces(), ["pay"; 3]);
    assert!(run.sent.iter().all(|request| request.body == run.sent[0].body));

    let run = script(refund_flow(), &[says(result("U", "UNKNOWN_EXCEPTION")), says(refunded())]);
    assert_eq!((run.outcome.as_str(), run.interfaces()), ("succeeded", vec!["refund"; 2]));
}

#[test]
fn signed_by_another_key_is_unknown_and_kept_as_evidence() {
    let strangers = || -> Reaction {
        Box::new(|request| {
            let content = if method_or_path(request).contains("alipay") { paid() } else { refunded() };
            taxrefund_core::Event::Answered(answer_by(Holder::Stranger, request, &content))
        })
    };
    assert_never_believed(strangers, &["bad_signature"]);
    let run = script(pay_flow(), &[strangers()]);
    let evidence = run.outcome.report().evidence.clone().unwrap();
    assert!(!evidence.verified);
    let kept = String::from_utf8(evidence.body).unwrap();
    assert!(kept.contains("2024072400007148000123456789") && kept.contains("\"sign\""));
}

fn method_or_path(request: &taxrefund_core::HttpRequest) -> String {
    if request.url.contains("?app_id=") { method(request) } else { path(request).to_owned() }
}

#[test]
fn success_without_signature_is_unknown() {
    let unsigned = || -> Reaction {
        Box::new(|request| {
            let body = if request.url.contains("?app_id=") {
                json!({ root(&method(request)): paid() }).to_string()
            } else {
                refunded().to_string()
            };
            taxrefund_core::Event::Answered(page(200, body))
        })
    };
    assert_never_believed(unsigned, &["unsigned"]);
}

#[test]
fn a_half_present_signature_is_unknown() {
    for missing in ["signature", "response-time", "client-id"] {
        let run = run(refund_flow(), |request| {
            let mut response = answer_by(Holder::Platform, request, &refunded());
            response.headers.retain(|(name, _)| name != missing);
            taxrefund_core::Event::Answered(response)
        });
        assert_eq!((run.outcome.as_str(), code(&run.outcome)), ("unknown", "half_signed"), "{missing}");
    }
}

#[test]
fn a_second_root_key_is_refused() {
    let honest = gateway_body(
        "alipay_overseas_tax_order_pay_response",
        &json!({ "code": "40004" }).to_string(),
        Holder::Platform,
    );
    let forged = json!({ "code": "10000", "tax_no": "1" }).to_string();
    for second in ["alipay_overseas_tax_order_pay_response", r"alipay_overseas_tax_order_pay_\u0072esponse"] {
        let body = format!("{},\"{second}\":{forged}}}", honest.strip_suffix('}').unwrap());
        let fault = gateway().verify_answer("alipay.overseas.tax.order.pay", &page(200, body)).unwrap_err();
        assert_eq!(fault.code(), "duplicate_key");
    }
    let body = format!("{},\"error_response\":{forged}}}", honest.strip_suffix('}').unwrap());
    assert!(gateway().verify_answer("alipay.overseas.tax.order.pay", &page(200, body)).is_err());
}

#[test]
fn sha1_under_rsa2_is_refused() {
    let signer = SoftwareSigner::new(private_key(Holder::Platform), Algorithm::RsaSha1Legacy);
    let content = paid().to_string();
    let sign = STANDARD.encode(signer.sign(content.as_bytes()).unwrap());
    let body = format!("{{\"alipay_overseas_tax_order_pay_response\":{content},\"sign\":\"{sign}\"}}");
    let method = "alipay.overseas.tax.order.pay";
    assert_eq!(
        gateway().verify_answer(method, &page(200, body.clone())).unwrap_err().code(),
        "bad_signature"
    );
    // The same bytes where SHA-1 is what was agreed: it is the pin that refuses them, nothing else.
    let legacy = alipay::Config { sign_type: legacy_sign_type(), ..gateway_config(inline()) };
    assert!(alipay::profile(legacy).unwrap().verify_answer(method, &page(200, body)).is_ok());

    let path = "/ams/api/v1/payments/refund";
    let content = refunded().to_string();
    let message = antom::string_to_sign("POST", path, CLIENT_ID, RESPONSE_TIME, content.as_bytes());
    let mut response = header_answer(path, &content, Holder::Platform);
    response.headers[2].1 = antom::SignatureHeader::write(&signer.sign(&message).unwrap(), 1);
    assert_eq!(antom().verify_answer(path, &response).unwrap_err().code(), "bad_signature");
}

#[test]
fn a_brace_inside_a_string_value_verifies() {
    let content =
        json!({ "code": "10000", "tax_no": "1", "msg": "}\"}{,\\", "sign": "a member of the answer" });
    let run = script(pay_flow(), &[says(content.clone())]);
    let Outcome::Succeeded(paid) = run.outcome else { panic!("{:?}", run.outcome) };
    assert_eq!(Value::Object(paid.response), content);
}

#[test]
fn connection_reset_is_sent_once_by_the_transport() {
    let server = Server::start(|_, _| Reply::Close);
    let outcome = antom_client(&server, one_exchange()).run(prepared_refund()).unwrap();
    assert_eq!(outcome.as_str(), "unknown");
    assert_eq!(outcome.report().attempts.len(), 1);
    assert_eq!((server.connections(), server.bodies().len()), (1, 1));
}

#[test]
fn a_kept_connection_that_breaks_is_sent_once_by_the_transport() {
    // The second request goes over the first one's connection, arrives, and is never answered.
    let server = Server::start(|at, _| match at {
        0 => Reply::Bytes(http("200 OK", "application/json", "{}")),
        _ => Reply::Close,
    });
    let client = antom_client(&server, one_exchange());
    for sent in 1..=2 {
        let outcome = client.run(prepared_refund()).unwrap();
        assert_eq!(outcome.as_str(), "unknown");
        assert_eq!(server.bodies().len(), sent);
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_redirect_is_not_followed() {
    let server = Server::start(|_, _| {
        Reply::Bytes(b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /\r\ncontent-length: 0\r\n\r\n".to_vec())
    });
    let outcome = antom_client(&server, one_exchange()).run(prepared_refund()).unwrap();
    assert_eq!(outcome.report().attempts[0].reason.as_ref().unwrap().code, "redirect");
    assert_eq!(server.bodies().len(), 1);
}

#[test]
fn many_calls_share_one_connection() {
    let server = Server::start(|_, head| {
        let path = head.split(' ').nth(1).unwrap();
        let signed = header_answer(path, &refunded().to_string(), Holder::Platform);
        let mut bytes = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", signed.body.len()).into_bytes();
        for (name, value) in &signed.headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&signed.body);
        Reply::Bytes(bytes)
    });
    let client = antom_client(&server, Policy::default());
    for _ in 0..50 {
        assert_eq!(client.refund(&refund_request()).unwrap().as_str(), "succeeded");
    }
    assert_eq!((server.connections(), server.bodies().len()), (1, 50));
}

#[test]
fn html_with_status_200_is_a_transport_fault() {
    let html = || raw(page(200, "<html><body>Please log in to the airport's network</body></html>"));
    assert_never_believed(html, &["not_json"]);
}

#[test]
fn unsigned_error_response_shows_its_code() {
    let refusal = json!({ "error_response": gateway_failure("40004", "ACQ.ILLEGAL_ARGUMENT") }).to_string();
    let run = script(pay_flow(), &[raw(page(200, refusal))]);
    let reason = run.outcome.reason().unwrap();
    assert_eq!(run.outcome.as_str(), "unknown");
    assert_eq!((reason.code.as_str(), reason.sub_code.as_deref()), ("40004", Some("ILLEGAL_ARGUMENT")));
    assert!(!reason.verified);
    assert_eq!(reason.to_string(), "40004 ILLEGAL_ARGUMENT (not verified)");
}

#[test]
fn an_unsigned_configuration_refusal_ends_the_repeats_and_is_unknown() {
    let gateway = json!({ "error_response": gateway_failure("40002", "isv.invalid-signature") });
    let header = result("F", "INVALID_SIGNATURE");
    for (flow, body) in [(pay_flow(), gateway), (refund_flow(), header)] {
        let run = script(flow, &[raw(page(200, body.to_string()))]);
        assert_eq!((run.outcome.as_str(), run.sent.len()), ("unknown", 1));
        assert_eq!(run.outcome.next_step(), NextStep::FixConfiguration);
    }
}

#[test]
fn success_only_from_a_verified_10000() {
    for content in [
        json!({}),
        json!({ "code": "20000", "tax_no": "1" }),
        json!({ "code": "40004", "tax_no": "1" }),
        json!({ "code": "", "tax_no": "1" }),
        json!({ "code": null, "tax_no": "1" }),
        json!({ "code": ["10000"], "tax_no": "1" }),
        json!({ "code": " 10000", "tax_no": "1" }),
        json!({ "code": 10000.5, "tax_no": "1" }),
        json!({ "msg": "Success", "tax_no": "1" }),
        json!({ "code": "10000", "tax_no": "" }),
        json!({ "code": "10000" }),
    ] {
        let run = script(pay_flow(), &[says(content.clone())]);
        assert_ne!(run.outcome.as_str(), "succeeded", "{content}");
    }
    for status in ["s", "U", "F", "", " S", "SUCCESS"] {
        let run = script(refund_flow(), &[says(result(status, "SUCCESS"))]);
        assert_ne!(run.outcome.as_str(), "succeeded", "{status}");
    }
}

#[test]
fn clock_is_utc_plus_8_always() {
    let run = script(pay_flow(), &[says(paid())]);
    assert_eq!(parameters(&run.sent[0])["timestamp"], "2026-11-23 09:02:03");
    let run = script(refund_flow(), &[says(refunded())]);
    let (_, time) = run.sent[0].headers.iter().find(|(name, _)| *name == "request-time").unwrap();
    assert_eq!(time, "1795395723123");
}

#[test]
fn a_percent_in_a_notification_value_verifies() {
    for value in ["100%", "%41", "50 % off + 1", "%zz", "退税 %25"] {
        let fields = [("app_id", APP_ID), ("memo", value), ("out_order_no", "A1"), ("status", "S")];
        let text: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let sign = STANDARD.encode(sign(Holder::Platform, text.join("&").as_bytes()));
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .append_pair("sign", &sign)
            .append_pair("sign_type", "RSA2")
            .finish();
        let notification = gateway().notification("/", &[], body.as_bytes(), EPOCH_MS).unwrap();
        assert_eq!(notification.fields["memo"], json!(value));
    }
}

#[test]
fn a_float_amount_is_a_type_error() {
    let mut request = serde_json::to_value(refund_request()).unwrap();
    request["refundAmount"]["value"] = json!(0.1 + 0.2);
    let error = Prepared::from_json::<antom::Refund>(&antom(), &request.to_string()).unwrap_err();
    assert!(error.to_string().contains("refundAmount.value: is a floating point"), "{error}");

    let mut request = serde_json::to_value(pay_request()).unwrap();
    request["tax_refund_amount"] = json!(100.00);
    let error = Prepared::from_json::<alipay::PayTaxRefund>(&gateway(), &request.to_string()).unwrap_err();
    assert!(error.to_string().contains("tax_refund_amount: is a floating point"), "{error}");
}

#[test]
fn only_the_signed_reading_of_an_escaped_slash_is_believed() {
    // Some gateways sign `a/b` and send `a\/b`. Whoever sends `a\\/b` for a signed `a\/b` must not be read differently.
    let method = "alipay.overseas.tax.order.pay";
    let read = |signed: &str, received: &str| {
        let body = gateway_body(&root(method), signed, Holder::Platform).replace(signed, received);
        gateway().verify_answer(method, &page(200, body)).map(|fields| fields["url"].clone())
    };
    let content = |url: &str| format!(r#"{{"code":"10000","url":"{url}"}}"#);
    assert_eq!(read(&content("a/b"), &content(r"a\/b")), Ok(json!("a/b")));
    assert_eq!(read(&content(r"a\/b"), &content(r"a\/b")), Ok(json!("a/b")));
    assert_eq!(read(&content(r"a\/b"), &content(r"a\\/b")), Ok(json!("a/b")));
    assert!(read(&content(r"a\/b"), &content("a/b")).is_err());
}
