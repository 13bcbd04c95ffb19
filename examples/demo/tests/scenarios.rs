//! Every scenario that the simulator knows, against every operation that executes something: whatever is answered, nothing is
//! done twice, nothing that was paid is called failed, nothing is called succeeded that was not done.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use support::{gateway, header_signed, options, transport};
use taxrefund_core::operations::find;
use taxrefund_core::{Client, ConfigurationError, NextStep, Outcome, Profile, alipay, alipay_plus, antom};
use taxrefund_sandbox::{Interface, LedgerEntry, Sandbox, Scenario};

/// An operation, its interface at the simulator, and a request with the given key.
struct Mover {
    operation: &'static str,
    interface: &'static str,
    client: Client,
    request: fn(&str) -> String,
}

fn movers(sandbox: &Sandbox) -> Vec<Mover> {
    let credentials = sandbox.credentials();
    let transport = transport();
    let client = |profile: Result<Profile, ConfigurationError>| {
        Client::new(profile.unwrap(), transport.clone()).unwrap().with(options())
    };
    let plus = || {
        let config = header_signed(&credentials.alipay_plus);
        client(alipay_plus::profile(config))
    };
    vec![
        Mover {
            operation: "alipay.pay_tax_refund",
            interface: "pay",
            client: client(alipay::profile(gateway(sandbox))),
            request: |key| {
                format!(
                    r#"{{"out_order_no":"{key}","identify_account_type":"barcode",
                    "identify_account_no":"281234567890123456","tax_refund_currency":"SGD",
                    "tax_refund_amount":"10000","doc_id":"D{key}"}}"#
                )
            },
        },
        Mover {
            operation: "alipay_plus.sync_tax_refund_form",
            interface: "sync",
            client: plus(),
            request: |key| {
                format!(
                    r#"{{"taxRefundFormNumber":"{key}","formStatus":"INIT","taxRefundAmount":{{"currency":"USD",
                    "value":"200"}},"merchants":[{{"referenceMerchantId":"M1"}}],"userId":"210220900000021958205"}}"#
                )
            },
        },
        Mover {
            operation: "alipay_plus.create_original_credit",
            interface: "create",
            client: plus(),
            request: |key| {
                format!(
                    r#"{{"originalCreditRequestId":"{key}","payerAmount":{{"currency":"EUR","value":"1000"}},
                    "payee":{{"userId":"210220900000021958205"}},"scenarioType":"TAX_REFUND",
                    "subScenarioType":"PORT_INSTANT_TAX_REFUND","payer":[{{"referenceMerchantId":"M1"}}],
                    "taxRefundFormNumber":"F{key}","departureRegion":"DE","departurePort":"001",
                    "totalSalesAmount":{{"currency":"EUR","value":"9000"}}}}"#
                )
            },
        },
        Mover {
            operation: "antom.refund",
            interface: "refund",
            client: client(antom::profile(header_signed(&credentials.antom))),
            request: |key| {
                format!(
                    r#"{{"refundRequestId":"{key}","paymentId":"P{key}","refundAmount":{{"currency":"USD",
                    "value":"100"}}}}"#
                )
            },
        },
    ]
}

/// What a platform that answers F to the confirmation of a credit says by the documents: the credit has failed. A platform
/// that says so, signed, of a credit that it paid cannot be seen through.
const DENIALS: &[&str] =
    &["insufficient-conditions", "business-failed", "unknown-code", "success-without-number", "bad-account"];

/// What the ledger holds against an outcome.
fn objection(outcome: &Outcome, entry: Option<&LedgerEntry>) -> Option<String> {
    let times = entry.map_or(0, |entry| entry.paid_times);
    let done = times > 0 || entry.is_some_and(|entry| entry.state == "recorded");
    let is_sync = outcome.report().operation == "alipay_plus.sync_tax_refund_form";
    match outcome {
        _ if times > 1 => Some(format!("paid {times} times")),
        Outcome::Succeeded(_) if !done => Some("called succeeded, though it was not done".to_owned()),
        // A form's record moves no money, and its table takes every verified F for final.
        Outcome::Failed(_) if done && !is_sync => Some("called failed, though it was paid".to_owned()),
        Outcome::Unknown(open) if open.next_step == NextStep::None => {
            Some("unknown without a next step".to_owned())
        }
        Outcome::Unknown(open) if open.next_step == NextStep::StartNew => {
            Some("a new request was asked for while the old one is unknown".to_owned())
        }
        _ => None,
    }
}

#[test]
fn no_scenario_makes_a_refund_paid_twice_lost_or_misreported() {
    let sandbox = Sandbox::builder()
        .seed(1)
        .long_delay(Duration::from_millis(1_200))
        .drip_interval(Duration::from_millis(20))
        .run_for(Duration::from_secs(300))
        .start()
        .unwrap();
    let movers = movers(&sandbox);
    let mut work = Vec::new();
    for mover in &movers {
        let interface = Interface::ALL.iter().find(|known| known.name() == mover.interface).unwrap();
        // `code` needs an argument: which codes there are, the conformance vectors say.
        let scenarios =
            Scenario::ALL.iter().filter(|known| known.name() != "code" && known.suits(*interface));
        for scenario in scenarios {
            for rules in [
                scenario.name().to_owned(),
                format!("{}*2", scenario.name()),
                format!("{}*every", scenario.name()),
                format!("{}*every@any", scenario.name()),
                format!("lost-answer,{}*every@follow", scenario.name()),
            ] {
                if rules.ends_with("@follow")
                    && mover.interface == "create"
                    && DENIALS.contains(&scenario.name())
                {
                    continue;
                }
                // Some scenarios take no count or no target; the simulator says so.
                let key = format!("KEY{}", work.len());
                if sandbox.provoke(&key, &rules).is_ok() {
                    work.push((mover, key, rules));
                }
            }
        }
    }
    assert!(work.len() > 500, "only {} scenarios", work.len());

    let next = AtomicUsize::new(0);
    let objections = Mutex::new(Vec::new());
    let settled = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                while let Some((mover, key, rules)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let entry = find(mover.operation).unwrap();
                    let prepared = entry.prepare(mover.client.profile(), &(mover.request)(key)).unwrap();
                    let mut outcome = mover.client.run(prepared).unwrap();
                    let check = |outcome: &Outcome, when: &str| {
                        let ledger_key =
                            if mover.interface == "sync" { format!("{key}/INIT") } else { key.clone() };
                        let ledger = sandbox.ledger();
                        if let Some(wrong) = objection(outcome, ledger.entry(&ledger_key)) {
                            let attempts = &outcome.report().attempts;
                            let heard: Vec<_> = attempts
                                .iter()
                                .map(|attempt| {
                                    let code = attempt.reason.as_ref().map_or("", |reason| &reason.code);
                                    format!("{} {code}", attempt.interface)
                                })
                                .collect();
                            let told = format!(
                                "{} {rules} {when}: {wrong}; heard {}",
                                mover.operation,
                                heard.join(", ")
                            );
                            objections.lock().unwrap().push(told);
                        }
                    };
                    check(&outcome, "at once");
                    // The platform recovers; what is open is taken up again until it settles, or stays open.
                    sandbox.provoke(key, "none").unwrap();
                    for _ in 0..3 {
                        let Outcome::Unknown(open) = outcome else { break };
                        outcome = mover.client.resume(open.resume).unwrap();
                        check(&outcome, "resumed");
                    }
                    if !matches!(outcome, Outcome::Unknown(_)) {
                        settled.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let objections = objections.into_inner().unwrap();
    assert!(objections.is_empty(), "{} objections:\n{}", objections.len(), objections.join("\n"));
    assert_eq!(sandbox.ledger().double_paid, []);
    let settled = settled.into_inner();
    println!("{settled} of {} settled", work.len());
    assert!(settled * 10 >= work.len() * 8, "only {settled} of {} settled", work.len());
}
