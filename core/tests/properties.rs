//! Whatever comes in is a value or an error, never a panic; and what is too large or too deep is refused.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use support::*;
use taxrefund_core::antom::SignatureHeader;
use taxrefund_core::json::{JsonError, MAX_BODY_BYTES, MAX_DEPTH, parse_object};
use taxrefund_core::{
    Event, Fault, Flow, FlowState, HttpResponse, Policy, Prepared, Profile, Protocol, Step, alipay,
    operations,
};

const PAY: &str = "alipay.overseas.tax.order.pay";
const REFUND: &str = "/ams/api/v1/payments/refund";

fn profiles() -> [Profile; 4] {
    [gateway(), gateway_gbk(), antom(), alipay_plus()]
}

/// Text that looks like what is expected, in pieces.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"{".to_vec()),
        Just(b"}".to_vec()),
        Just(b"[".to_vec()),
        Just(b"]".to_vec()),
        Just(b"\"".to_vec()),
        Just(b",".to_vec()),
        Just(b":".to_vec()),
        Just(b"\\".to_vec()),
        Just(b"\\u00".to_vec()),
        Just(b"\"sign\":\"AAAA\"".to_vec()),
        Just(b"\"alipay_overseas_tax_order_pay_response\":{".to_vec()),
        Just(b"\"error_response\":{\"code\":\"40004\"}".to_vec()),
        Just(b"\"result\":{\"resultStatus\":\"S\"}".to_vec()),
        Just(b"1e999".to_vec()),
        Just(b"-0.0".to_vec()),
        Just(b"null".to_vec()),
        Just(vec![0x81, 0x7d]),
        Just(vec![0x95, 0x5c]),
        Just(vec![0xff]),
        Just(vec![0x80]),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![nearly_json(), proptest::collection::vec(any::<u8>(), 0..200)]
}

/// A genuine message, damaged in a few places.
fn damaged(genuine: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec((any::<Index>(), any::<u8>(), 0..4_u8), 1..4).prop_map(move |edits| {
        let mut message = genuine.clone();
        for (place, byte, kind) in edits {
            let at = place.index(message.len().max(1));
            match kind {
                0 if !message.is_empty() => message[at] = byte,
                1 if !message.is_empty() => drop(message.remove(at)),
                2 => message.truncate(at),
                _ => message.insert(at.min(message.len()), byte),
            }
        }
        message
    })
}

fn genuine_answer() -> Vec<u8> {
    let content = json!({ "code": "10000", "tax_no": "1", "msg": "退税 \\/ \"}" }).to_string();
    gateway_body(&root(PAY), &content, Holder::Platform).into_bytes()
}

/// Feeds an answer to a flow that waits for one; it must go on or end, and never as succeeded or failed.
fn unbelieved(profile: &Profile, response: HttpResponse) {
    let prepared = match profile.protocol() {
        Protocol::Alipay => prepared_pay(),
        Protocol::AlipayPlus => prepared_credit(),
        Protocol::Antom => prepared_refund(),
    };
    let mut flow = flow(profile.clone(), prepared);
    let clock = Clock::default();
    assert!(matches!(flow.advance(Event::Start, clock.now()), Ok(Step::Send(_))));
    match flow.advance(Event::Answered(response), clock.now()).unwrap() {
        Step::Done(outcome) => assert_eq!(outcome.as_str(), "unknown"),
        Step::Wait(_) => {}
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_arbitrary_body_is_never_believed(body in bytes(), status in prop_oneof![Just(200_u16), any::<u16>()]) {
        for profile in profiles() {
            unbelieved(&profile, page(status, body.clone()));
        }
        for charset in [alipay::Charset::Utf8, alipay::Charset::Gbk] {
            if let Ok(cut) = alipay::cut_out(PAY, &body, charset) {
                prop_assert_eq!(body[cut.signed.start], b'{');
            }
        }
    }

    #[test]
    fn a_damaged_answer_is_believed_only_for_the_content_that_was_signed(body in damaged(genuine_answer())) {
        let genuine = gateway().verify_answer(PAY, &page(200, genuine_answer())).unwrap();
        for profile in [gateway(), gateway_gbk()] {
            if let Ok(fields) = profile.verify_answer(PAY, &page(200, body.clone())) {
                prop_assert_eq!(&fields["tax_no"], &genuine["tax_no"]);
                prop_assert_eq!(&fields["code"], &genuine["code"]);
            }
        }
    }

    #[test]
    fn an_arbitrary_header_signed_answer_is_never_believed(
        body in bytes(),
        headers in proptest::collection::vec(
            ("(client-id|Client-Id|response-time|signature|x)", "(5YTESTTRSP000000001|2026-11-23T01:02:04Z|algorithm=RSA256,keyVersion=1,signature=[A-Za-z0-9+/=%]{0,8}|\\PC{0,10})"),
            0..5,
        ),
    ) {
        for profile in [antom(), alipay_plus()] {
            unbelieved(&profile, HttpResponse { status: 200, headers: headers.clone(), body: body.clone() });
            prop_assert!(profile.notification("/n", &headers, &body, 0).is_err());
        }
    }

    #[test]
    fn a_damaged_signature_header_never_panics(header in damaged(SignatureHeader::write(&[7; 256], 1).into_bytes())) {
        let text = String::from_utf8_lossy(&header);
        if let Ok(read) = SignatureHeader::parse(&text) {
            let version = read.key_version.as_deref().and_then(|version| version.parse().ok()).unwrap_or(1);
            let again = SignatureHeader::parse(&SignatureHeader::write(&read.signature, version)).unwrap();
            prop_assert_eq!(again.signature, read.signature);
        }
    }

    #[test]
    fn an_arbitrary_text_as_signature_header_never_panics(text in "\\PC{0,60}|(algorithm|signature|keyVersion|=|,| |%|%2|%zz|RSA256){0,12}") {
        let _ = SignatureHeader::parse(&text);
    }

    #[test]
    fn an_arbitrary_notification_is_refused(
        body in prop_oneof![bytes(), "((sign|app_id|charset|status|[a-z%&=+]{0,4})=(gbk|utf-8|%[0-9a-f]{0,2}|AAAA|S|[a-z%]{0,6})&?){0,6}".prop_map(String::into_bytes)],
        path in "\\PC{0,20}",
    ) {
        for profile in profiles() {
            prop_assert!(profile.notification(&path, &[], &body, u64::MAX).is_err());
        }
        for charset in [alipay::Charset::Utf8, alipay::Charset::Gbk] {
            let _ = alipay::parse_form(&body, charset);
        }
    }

    #[test]
    fn arbitrary_json_is_read_strictly_or_refused(body in bytes()) {
        let text = String::from_utf8_lossy(&body);
        if let Ok(object) = parse_object(&text) {
            // What is accepted reads the same for everybody else.
            prop_assert_eq!(Value::Object(object), serde_json::from_str::<Value>(&text).unwrap());
        }
    }

    #[test]
    fn a_damaged_state_is_refused_and_never_panics(text in damaged(serde_json::to_vec(&pay_flow().state()).unwrap())) {
        if let Ok(state) = serde_json::from_slice::<FlowState>(&text) {
            let same = state == pay_flow().state();
            let resumed = Flow::resume(gateway(), state, Policy::default(), 1);
            prop_assert_eq!(resumed.is_ok(), same);
        }
    }

    #[test]
    fn an_arbitrary_memory_of_sends_never_panics(sends in any::<u32>(), text in "\\PC{0,20}") {
        let mut state = serde_json::to_value(refund_flow().state()).unwrap();
        state["memory"]["sends"] = json!(sends);
        state["business"]["refund"] = json!(text);
        if let Ok(state) = serde_json::from_value::<FlowState>(state) {
            let _ = Flow::resume(antom(), state, Policy::default(), 1);
        }
    }

    #[test]
    fn arbitrary_json_as_a_request_never_panics(
        body in nearly_json(),
        field in any::<Index>(),
        value in prop_oneof![
            Just(json!(null)), Just(json!(-1)), Just(json!(1e300)), Just(json!([])), Just(json!({})),
            Just(json!([{ "a": [] }])), Just(json!("")), "\\PC{0,40}".prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
        ],
    ) {
        for entry in operations::all() {
            let profile = profile(entry.spec.protocol);
            let _ = entry.prepare(&profile, &String::from_utf8_lossy(&body));
            let mut request = complete_request(entry.spec.name);
            let at = field.index(request.as_object().unwrap().len());
            *request.as_object_mut().unwrap().values_mut().nth(at).unwrap() = value.clone();
            if let Ok(prepared) = entry.prepare(&profile, &request.to_string()) {
                sends_its_frozen_bytes(profile, prepared);
            }
        }
    }
}

/// Whatever was accepted can be signed and sent.
fn sends_its_frozen_bytes(profile: Profile, prepared: Prepared) {
    let mut flow = flow(profile, prepared);
    assert!(matches!(flow.advance(Event::Start, Clock::default().now()), Ok(Step::Send(_))));
}

/// A request with as many fields as can go together.
fn complete_request(operation: &str) -> Value {
    match operation {
        "alipay.pay_tax_refund" => {
            let mut request = serde_json::to_value(pay_request()).unwrap();
            for (name, value) in [
                ("country_code", "SG"),
                ("doc_id", "DOC1"),
                ("sales_currency", "SGD"),
                ("sales_amount", "200000"),
                ("tax_refund_print_date", "2026-08-31 23:30:00"),
                ("passport_name", "ZWYNETTE QUXLEY"),
                ("extend_param", "{\"barcodeNo\":\"281234567890123456\"}"),
                ("departure_point", "SIN"),
            ] {
                request[name] = json!(value);
            }
            request["available_day"] = json!(15);
            request
        }
        "alipay_plus.sync_tax_refund_form" => json!({
            "taxRefundFormNumber": "1", "formStatus": "INIT", "formPrintDate": "2019-06-01T12:01:01+08:00",
            "taxRefundAmount": { "currency": "USD", "value": "200" },
            "merchants": [{ "referenceMerchantId": "1" }], "userId": "2", "memo": "m",
        }),
        "alipay_plus.create_original_credit" => serde_json::to_value(credit_request()).unwrap(),
        "antom.refund" => {
            let mut request = serde_json::to_value(refund_request()).unwrap();
            request["metadata"] = json!("{}");
            request["goods"] = json!([{ "referenceGoodsId": "1" }]);
            request["refundToBankInfo"] = json!({ "accountNo": "1" });
            request
        }
        _ => json!({ "out_order_no": "A12", "grant_type": "refresh_token", "refundRequestId": "R1" }),
    }
}

fn header_signed(content: &str) -> HttpResponse {
    header_answer(REFUND, content, Holder::Platform)
}

#[test]
fn an_answer_over_one_mebibyte_is_refused_even_when_signed() {
    let content = |length: usize| format!("{{\"code\":\"10000\",\"x\":\"{}\"}}", "x".repeat(length));
    let fault = |length| {
        gateway().verify_answer(PAY, &page(200, gateway_body(&root(PAY), &content(length), Holder::Platform)))
    };
    assert!(fault(MAX_BODY_BYTES / 2).is_ok());
    assert_eq!(fault(MAX_BODY_BYTES), Err(Fault::TooLarge));

    let content =
        |length: usize| format!("{{\"result\":{{\"resultStatus\":\"S\"}},\"x\":\"{}\"}}", "x".repeat(length));
    assert!(antom().verify_answer(REFUND, &header_signed(&content(MAX_BODY_BYTES / 2))).is_ok());
    assert_eq!(antom().verify_answer(REFUND, &header_signed(&content(MAX_BODY_BYTES))), Err(Fault::TooLarge));
}

#[test]
fn headers_over_64_kibibytes_are_refused_even_when_signed() {
    let answered = |padding: usize| {
        let run = run(refund_flow(), |request| {
            let mut answer = answer_by(Holder::Platform, request, &result("S", "SUCCESS"));
            answer.headers.push(("x".to_owned(), "x".repeat(padding)));
            Event::Answered(answer)
        });
        run.outcome
    };
    assert_eq!(answered(60 * 1024).as_str(), "succeeded");
    let outcome = answered(64 * 1024);
    assert_eq!((outcome.as_str(), outcome.reason().unwrap().code.as_str()), ("unknown", "too_large"));
}

#[test]
fn an_answer_over_64_levels_is_refused_even_when_signed() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    for (levels, too_deep) in [(MAX_DEPTH - 1, false), (MAX_DEPTH, true), (100_000, true)] {
        let content = format!("{{\"code\":\"10000\",\"tax_no\":\"1\",\"x\":{}}}", nested(levels));
        let told =
            gateway().verify_answer(PAY, &page(200, gateway_body(&root(PAY), &content, Holder::Platform)));
        assert_eq!(told.err(), too_deep.then_some(Fault::TooDeep), "{levels}");
        let content = format!("{{\"result\":{{\"resultStatus\":\"S\"}},\"x\":{}}}", nested(levels));
        let told = antom().verify_answer(REFUND, &header_signed(&content));
        assert_eq!(told.err(), too_deep.then_some(Fault::TooDeep), "{levels}");
        assert_eq!(parse_object(&content).err(), too_deep.then_some(JsonError::TooDeep), "{levels}");
    }
}
