//! How faults are chosen.

use serde_json::json;
use taxrefund_sandbox::{FaultMix, Sandbox};

use crate::common::*;

fn codes(sandbox: &Sandbox, key: &str, faults: &str, times: usize) -> Vec<String> {
    (0..times)
        .map(|_| {
            let (seen, object) = pay(sandbox, key, faults);
            object["code"].as_str().map_or(seen, str::to_owned)
        })
        .collect()
}

#[test]
fn a_rule_counts_the_requests_of_its_key() {
    let sandbox = Sandbox::builder().start().unwrap();
    assert_eq!(codes(&sandbox, "KEY1", "throttled*2", 3), ["40005", "40005", "10000"]);
    assert_eq!(codes(&sandbox, "KEY2", "throttled#2", 3), ["10000", "40005", "10000"]);
    assert_eq!(codes(&sandbox, "KEY3", "throttled*every", 3), ["40005"; 3]);
    assert_eq!(codes(&sandbox, "KEY4", "throttled,lost-answer", 2), ["closed", "10000"]);
    assert_eq!(codes(&sandbox, "KEY5XTHROTTLED2", "", 3), ["40005", "40005", "10000"]);
    assert_eq!(codes(&sandbox, "KEY6", "system-error@query", 1), ["10000"]);
}

#[test]
fn a_request_header_beats_a_magic_value_and_that_beats_a_provoked_rule() {
    let mix = FaultMix::none().with(1, "no-permission*every").unwrap();
    let sandbox = Sandbox::builder().faults(mix).start().unwrap();
    assert_eq!(codes(&sandbox, "KEY1", "", 1), ["40006"]);
    sandbox.provoke("KEY2", "throttled*every").unwrap();
    sandbox.provoke("KEY3XUNKNOWNCODE0", "throttled*every").unwrap();
    assert_eq!(codes(&sandbox, "KEY2", "", 1), ["40005"]);
    assert_eq!(codes(&sandbox, "KEY3XUNKNOWNCODE0", "", 1), ["49999"]);
    assert_eq!(codes(&sandbox, "KEY3XUNKNOWNCODE0", "token-invalid*every", 1), ["20001"]);
    sandbox.provoke("KEY2", "none").unwrap();
    assert_eq!(codes(&sandbox, "KEY2", "", 1), ["40006"]);
}

#[test]
fn rules_and_resets_can_be_sent_over_http() {
    let sandbox = Sandbox::builder().seed(3).start().unwrap();
    let send = |page: &str, body: &str| post(sandbox.base_url(), page, &Vec::new(), body.as_bytes());
    send("/sandbox/provoke", r#"{"key":"KEY1","faults":"throttled"}"#);
    assert_eq!(codes(&sandbox, "KEY1", "", 2), ["40005", "10000"]);
    send("/sandbox/payments", r#"{"paymentId":"P1","currency":"EUR","amountMinor":5}"#);
    assert_eq!(outcome(&signed(&sandbox, REFUND, &refund("R1", "P1"))), "F CURRENCY_NOT_SUPPORT");
    send("/sandbox/reset", "");
    let ledger = get_json(sandbox.base_url(), "/sandbox/ledger");
    assert_eq!((&ledger["seed"], &ledger["entries"]), (&json!(3), &json!([])));
    send("/sandbox/reset", r#"{"seed":4,"faults":"1=failed"}"#);
    assert_eq!(codes(&sandbox, "KEY1", "", 2), ["40004", "40004"]);
    for (page, body) in [
        ("/sandbox/provoke", "{}"),
        ("/sandbox/provoke", r#"{"key":"A","faults":"nonsense"}"#),
        ("/sandbox/reset", r#"{"faults":"nonsense"}"#),
        ("/sandbox/payments", "[]"),
    ] {
        assert!(matches!(send(page, body), Got::Answer { status: 400, .. }), "{page} {body}");
    }
    let headers = vec![("sandbox-scenario", "nonsense".to_owned())];
    let got = post(sandbox.base_url(), "/gateway.do", &headers, b"");
    assert!(matches!(got, Got::Answer { status: 400, .. }), "{got:?}");
}

#[test]
fn one_seed_gives_the_same_faults_numbers_and_ledger_in_any_order() {
    let run = |seed, keys: Vec<usize>| {
        let sandbox = Sandbox::builder()
            .seed(seed)
            .faults(FaultMix::demo())
            .long_delay(std::time::Duration::from_millis(1))
            .start()
            .unwrap();
        for n in keys {
            pay(&sandbox, &format!("KEY{n}"), "");
        }
        sandbox.ledger()
    };
    let forward = run(5, (0..60).collect());
    assert_eq!(forward, run(5, (0..60).rev().collect()));
    assert_ne!(forward.entries, run(6, (0..60).collect()).entries);
    let unanswered = forward.entries.iter().filter(|entry| !entry.answer_delivered).count();
    assert!(unanswered * 10 > forward.entries.len(), "{unanswered}");
}
