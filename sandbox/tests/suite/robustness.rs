//! No input brings the simulator down.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;
use taxrefund_sandbox::{Sandbox, SandboxError};

use crate::common::*;

fn still_pays(sandbox: &Sandbox, key: &str) {
    assert_eq!(gateway(sandbox, PAY, &pay_order(key, key))["code"], "10000");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_in_any_place_never_crash_it(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,60}") {
        let sandbox = Sandbox::builder().log_limit(4).start().unwrap();
        let own = sandbox.credentials().clone();
        let header = |value: &str| value.replace(|c: char| !c.is_ascii_graphic(), "");
        for path in ["/gateway.do", SYNC, REFUND, "/sandbox/reset", "/sandbox/payments", "/ams/x", "/aps/"] {
            let headers = vec![
                ("client-id", own.antom.client_id.clone()),
                ("request-time", header(&text)),
                ("signature", header(&text)),
            ];
            post(sandbox.base_url(), path, &headers, &bytes);
            let target = format!("{path}?app_id={}&{}", own.alipay.app_id, form_encoded(text.as_bytes()));
            post(sandbox.base_url(), &target, &Vec::new(), &bytes);
        }
        let odd = json!({"out_order_no": text, "identify_account_no": text, "refundRequestId": text,
            "taxRefundFormNumber": text, "refundAmount": text, "payeeMethod": [text]});
        for method in [PAY, QUERY, USER_INFO, TOKEN] {
            gateway_with(&sandbox, method, &odd, "");
        }
        for path in [SYNC, EVALUATE, CREATE, INQUIRE, CONFIRM, REFUND, INQUIRY_REFUND] {
            signed_with(&sandbox, path, &odd, "");
        }
        still_pays(&sandbox, "ORDER1");
        prop_assert_eq!(sandbox.requests().len(), 4);
    }
}

#[test]
fn a_body_without_end_is_refused() {
    let sandbox = Sandbox::builder().start().unwrap();
    let got = post(sandbox.base_url(), "/gateway.do", &Vec::new(), &vec![b'a'; 2 * 1024 * 1024]);
    // The refusal may come before the whole body was sent, and the rest then meets a closed connection.
    assert!(matches!(got, Got::Answer { status: 413, .. } | Got::Reset), "{got:?}");
    still_pays(&sandbox, "ORDER1");
}

#[test]
fn it_ends_when_stopped_or_dropped_or_when_its_time_is_up() {
    let sandbox = Sandbox::builder().start().unwrap();
    let address = sandbox.base_url().trim_start_matches("http://").to_owned();
    assert!(sandbox.is_running());
    sandbox.stop();
    assert!(TcpListener::bind(&address).is_ok());
    let sandbox = Sandbox::builder().run_for(Duration::from_millis(1)).start().unwrap();
    let started = Instant::now();
    while sandbox.is_running() {
        assert!(started.elapsed() < Duration::from_secs(10));
        std::thread::yield_now();
    }
}

#[test]
fn it_listens_on_loopback_only() {
    let refused = Sandbox::builder().listen("0.0.0.0:0".parse().unwrap()).start();
    assert!(matches!(refused, Err(SandboxError::NotLoopback(_))));
}

#[test]
fn one_connection_serves_many_requests() {
    use std::io::{BufRead, BufReader, Read, Write};
    let sandbox = Sandbox::builder().start().unwrap();
    let stream = std::net::TcpStream::connect(sandbox.base_url().trim_start_matches("http://")).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let own = &sandbox.credentials().antom;
    for n in 0..5 {
        let body = refund(&format!("R{n}"), "P1").to_string();
        let mut raw =
            format!("POST {REFUND} HTTP/1.1\r\nhost: sandbox\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in signed_headers(own, &own.client_id, REFUND, body.as_bytes()) {
            raw.push_str(&format!("{name}: {value}\r\n"));
        }
        (&stream).write_all(format!("{raw}\r\n{body}").as_bytes()).unwrap();
        let (mut line, mut length) = (String::new(), 0);
        while reader.read_line(&mut line).unwrap() > 2 {
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        assert!(String::from_utf8(answer).unwrap().contains("SUCCESS"));
    }
}
