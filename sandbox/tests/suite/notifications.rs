//! Notifications: signed, acknowledged, redelivered, and on demand early, late, repeated, forged or contradicting.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;
use taxrefund_sandbox::{NotificationSettings, Sandbox};

use crate::common::*;

/// A partner's endpoint: hands every notification to the test and replies with one text after the other (the last one
/// for ever), given the raw request.
struct Endpoint {
    url: String,
    received: Receiver<(HashMap<String, String>, String)>,
}

impl Endpoint {
    fn new(replies: Vec<Box<dyn Fn() -> String + Send>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/notify?tenant=t1", listener.local_addr().unwrap());
        let (send, received) = channel();
        std::thread::spawn(move || {
            for (n, stream) in listener.incoming().enumerate() {
                let Ok(mut stream) = stream else { return };
                let (mut raw, mut buffer) = (Vec::new(), [0; 8192]);
                let (headers, body) = loop {
                    let read = stream.read(&mut buffer).unwrap_or(0);
                    raw.extend_from_slice(&buffer[..read]);
                    let text = String::from_utf8_lossy(&raw).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let headers: HashMap<String, String> = head
                        .lines()
                        .filter_map(|line| line.split_once(": "))
                        .map(|(name, value)| (name.to_owned(), value.to_owned()))
                        .collect();
                    if read == 0 || body.len() >= headers["content-length"].parse().unwrap() {
                        break (headers, body.to_owned());
                    }
                };
                let reply = replies[n.min(replies.len() - 1)]();
                let _ = stream.write_all(reply.as_bytes());
                if send.send((headers, body)).is_err() {
                    return;
                }
            }
        });
        Self { url, received }
    }

    fn next(&self) -> (HashMap<String, String>, String) {
        self.received.recv_timeout(Duration::from_secs(10)).unwrap()
    }
}

fn http(extra_headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{extra_headers}connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn replying(body: &'static str) -> Box<dyn Fn() -> String + Send> {
    Box::new(move || http("", body))
}

fn sandbox() -> Sandbox {
    let brief = Duration::from_millis(1);
    let notifications = NotificationSettings {
        delay: brief,
        late_delay: Duration::from_millis(20),
        redelivery: vec![brief; 3],
    };
    Sandbox::builder().notifications(notifications).start().unwrap()
}

/// Waits for the sandbox to have read the last reply; the endpoint writes it before the test hears of it.
fn taken(sandbox: &Sandbox, count: usize) -> Vec<(String, u32, bool)> {
    loop {
        let all = sandbox.notifications();
        let done = all.len() == count && all.iter().all(|n| n.attempts > 0);
        if done && (all.iter().all(|n| n.acknowledged || n.kind != "genuine" || n.attempts == 4)) {
            return all.into_iter().map(|n| (n.kind, n.attempts, n.acknowledged)).collect();
        }
        std::thread::yield_now();
    }
}

fn pay_with_notice(sandbox: &Sandbox, key: &str, url: &str, faults: &str) {
    let mut params = gateway_params(sandbox, PAY, &pay_order(key, key));
    params.push(("notify_url", url.to_owned()));
    let own = &sandbox.credentials().alipay;
    let signature = sign(&own.partner_private_key_pem, text_to_sign(&params).as_bytes());
    send_params(sandbox, &params, &signature, &vec![("sandbox-scenario", faults.to_owned())]);
}

/// The members of a form, and whether rule V1 verifies it.
fn form_members(sandbox: &Sandbox, body: &str) -> (HashMap<String, String>, bool) {
    let members: HashMap<String, String> = body
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(n, v)| {
            (n.to_owned(), percent_encoding::percent_decode_str(v).decode_utf8().unwrap().into_owned())
        })
        .collect();
    let mut pairs: Vec<String> = members
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "sign" | "sign_type"))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.sort();
    let key = &sandbox.credentials().alipay.platform_public_key_pem;
    let verified = verifies(key, pairs.join("&").as_bytes(), &members["sign"]);
    (members, verified)
}

fn header_notice(
    sandbox: &Sandbox,
    path: &str,
    headers: &HashMap<String, String>,
    body: &str,
) -> (Value, bool) {
    let own = own_of(sandbox, path);
    let base64 = headers["signature"].split("signature=").nth(1).unwrap();
    let base64 = percent_encoding::percent_decode_str(base64).decode_utf8().unwrap();
    let covered = format!("POST /notify?tenant=t1\n{}.{}.{body}", own.client_id, headers["request-time"]);
    let verified = verifies(&own.platform_public_key_pem, covered.as_bytes(), &base64);
    (serde_json::from_str(body).unwrap(), verified)
}

#[test]
fn a_gateway_notification_is_signed_and_redelivered_until_the_reply_is_success() {
    let (sandbox, endpoint) = (sandbox(), Endpoint::new(vec![replying("SUCCESS!"), replying("success")]));
    pay_with_notice(&sandbox, "ORDER1", &endpoint.url, "");
    let (first, second) = (endpoint.next().1, endpoint.next().1);
    assert_eq!(first, second);
    let (members, verified) = form_members(&sandbox, &first);
    assert!(verified);
    assert_eq!((members["out_order_no"].as_str(), members["status"].as_str()), ("ORDER1", "S"));
    assert_eq!(taken(&sandbox, 1), [("genuine".to_owned(), 2, true)]);
}

#[test]
fn early_repeated_forged_and_contradicting_notifications_can_be_had() {
    let (sandbox, endpoint) = (sandbox(), Endpoint::new(vec![replying("success")]));
    let faults =
        "lost-answer,notification-first,notification-forged,notification-repeated,notification-contradicts";
    pay_with_notice(&sandbox, "ORDER1", &endpoint.url, faults);
    // The pay has returned, so all five are here already.
    let all: Vec<_> = std::iter::from_fn(|| endpoint.received.try_recv().ok()).collect();
    let seen: Vec<_> = all
        .iter()
        .map(|(_, body)| {
            let (members, verified) = form_members(&sandbox, body);
            (members["status"].clone(), verified)
        })
        .collect();
    let [s, f] = ["S", "F"].map(str::to_owned);
    let expected = [(f.clone(), false), (s.clone(), true), (s.clone(), true), (s, true), (f, true)];
    assert_eq!(seen, expected);
    assert_eq!(sandbox.ledger().entry("ORDER1").unwrap().state, "succeeded");
}

#[test]
fn a_late_notification_ends_a_refund_in_process_and_none_can_be_asked_for() {
    let (sandbox, endpoint) =
        (sandbox(), Endpoint::new(vec![replying(r#"{"result":{"resultStatus":"S"}}"#)]));
    let send = |key: &str, faults: &str| {
        let mut business = refund(key, "P1");
        business["refundNotifyUrl"] = endpoint.url.clone().into();
        let got = signed_with(&sandbox, REFUND, &business, faults);
        outcome(&header_seen(&sandbox, REFUND, &got).1)
    };
    assert_eq!(send("R1", "notification-none"), "S SUCCESS");
    assert_eq!(send("R2", "failed"), "F PROCESS_FAIL");
    assert_eq!(send("R3", "in-process*99,notification-late"), "U REFUND_IN_PROCESS");
    let (headers, body) = endpoint.next();
    let (notice, verified) = header_notice(&sandbox, REFUND, &headers, &body);
    assert!(verified);
    assert_eq!((&notice["refundRequestId"], &notice["refundStatus"]), (&"R3".into(), &"SUCCESS".into()));
    assert_eq!(notice["notifyType"], "REFUND_RESULT");
    assert!(notice.get("paymentId").is_none());
    assert_eq!(inquiry_status(&sandbox, "R3"), "SUCCESS");
    assert_eq!(taken(&sandbox, 1), [("genuine".to_owned(), 1, true)]);
}

#[test]
fn alipay_plus_wants_its_reply_signed() {
    let sandbox = sandbox();
    let own = sandbox.credentials().alipay_plus.clone();
    let body = r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#;
    let signed_reply = move || {
        let time = "2026-11-23T10:00:00+08:00";
        let text = format!("POST /notify?tenant=t1\n{}.{time}.{body}", own.client_id);
        let signature = form_encoded(sign(&own.partner_private_key_pem, text.as_bytes()).as_bytes());
        let headers = format!(
            "client-id: {}\r\nresponse-time: {time}\r\nsignature: algorithm=RSA256,keyVersion=1,signature={signature}\r\n",
            own.client_id
        );
        http(&headers, body)
    };
    let endpoint = Endpoint::new(vec![replying(body), Box::new(signed_reply)]);
    let mut business = credit("CREDIT1", "FORM1");
    business["payerNotificationUrl"] = endpoint.url.clone().into();
    signed(&sandbox, CREATE, &business);
    for _ in 0..2 {
        let (headers, body) = endpoint.next();
        let (notice, verified) = header_notice(&sandbox, CREATE, &headers, &body);
        assert!(verified);
        assert_eq!(notice["originalCreditResult"]["resultStatus"], "S");
        assert_eq!(notice["originalCreditRequestId"], "CREDIT1");
    }
    assert_eq!(taken(&sandbox, 1), [("genuine".to_owned(), 2, true)]);
}

#[test]
fn nothing_is_sent_to_an_address_that_is_not_loopback() {
    let sandbox = sandbox();
    pay_with_notice(&sandbox, "ORDER1", "http://192.0.2.1:9/notify", "notification-first");
    assert_eq!(sandbox.notifications(), []);
}
