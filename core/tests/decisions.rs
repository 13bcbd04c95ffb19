//! What answers mean, over all operations' tables: only a verified answer is a result, and it is about this refund.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use serde_json::{Value, json};
use support::*;
use taxrefund_core::decision::{Action, Effect, OperationSpec, Phase, When};
use taxrefund_core::{Event, Flow, NextStep, Outcome, Policy, operations};

#[test]
fn a_query_answer_about_another_refund_is_no_result() {
    let other = json!({ "code": "10000", "status": "S", "tax_no": "1", "out_order_no": "ANOTHER1" });
    let open = || resumed(gateway(), pay_flow().state());
    let run = script(open(), &[says(other)]);
    assert_eq!(
        (run.outcome.as_str(), run.outcome.reason().unwrap().code.as_str()),
        ("unknown", "other_request")
    );
    let own =
        json!({ "code": "10000", "status": "S", "tax_no": "1", "out_order_no": pay_request().out_order_no });
    assert_eq!(script(open(), &[says(own)]).outcome.as_str(), "succeeded");
}

#[test]
fn a_pay_answered_with_success_is_never_called_failed() {
    let without_number = says(json!({ "code": "10000", "msg": "Success" }));
    let run = script(pay_flow(), &[without_number, says(gateway_failure("40004", "ILLEGAL_ARGUMENT"))]);
    assert_eq!((run.outcome.as_str(), run.outcome.next_step()), ("unknown", NextStep::ContactSupport));
    // The memory of it survives a restart.
    let Outcome::Unknown(open) = run.outcome else { panic!() };
    let run = script(
        resumed(gateway(), stored(&open.resume)),
        &[says(gateway_failure("40004", "ILLEGAL_ARGUMENT"))],
    );
    assert_eq!((run.outcome.as_str(), run.interfaces()), ("unknown", vec!["query"]));
}

#[test]
fn a_configuration_refusal_after_an_open_send_is_unknown() {
    for code in ["INVALID_SIGNATURE", "KEY_NOT_FOUND", "ACCESS_DENIED", "NO_INTERFACE_DEF", "CLIENT_INVALID"]
    {
        let open = says(result("U", "UNKNOWN_EXCEPTION"));
        let run = script(refund_flow(), &[open, says(result("F", code))]);
        assert_eq!((run.outcome.as_str(), run.sent.len()), ("unknown", 2), "{code}");
        // As the first answer of all it is a verified failure: nothing else was ever sent.
        let run = script(refund_flow(), &[says(result("F", code))]);
        assert_eq!(run.outcome.as_str(), "failed", "{code}");
    }
}

#[test]
fn in_process_is_not_final_whatever_the_status_letter() {
    for status in ["S", "F", "U", "X"] {
        let credit = flow(alipay_plus(), prepared_credit());
        let run = script(credit, &[says(result(status, "ORIGINAL_CREDIT_IN_PROCESS"))]);
        assert_eq!(run.outcome.as_str(), "unknown", "{status}");
        let run = script(refund_flow(), &[says(result(status, "REFUND_IN_PROCESS"))]);
        assert_eq!(run.outcome.as_str(), "unknown", "{status}");
    }
}

/// What an answer without a verified signature can lead to; `None` when only a verified one can meet the rule.
fn unverified_results(phase: &'static Phase, verdict: When) -> Vec<Action> {
    let mut results = Vec::new();
    for rule in phase.rules {
        let possible = rule.when.iter().all(|when| {
            *when == verdict
                || matches!(
                    when,
                    When::Asked(..)
                        | When::NoSendIsOnItsWay
                        | When::NoSendEverAnswered
                        | When::AnEarlierSendIsOpen
                        | When::SuccessWasReported
                        | When::NotYetRepeated
                )
        });
        if possible {
            results.push(rule.then);
            if rule.when.iter().all(|when| *when == verdict) {
                break;
            }
        }
    }
    results
}

#[test]
fn only_a_verified_answer_ends_as_failed_or_succeeded() {
    let mut looked_at = 0;
    for entry in operations::all() {
        for phase in entry.spec.phases {
            for verdict in [When::NoResult, When::ConfigurationRefusal] {
                for action in unverified_results(phase, verdict) {
                    let mut last = action;
                    while let Action::Repeat(_, exhausted) = last {
                        last = *exhausted;
                    }
                    let ok = matches!(last, Action::Unknown(_) | Action::Go(..));
                    assert!(ok, "{} {} {verdict:?}: {action:?}", entry.spec.name, phase.name);
                    looked_at += 1;
                }
            }
            if let Some(action) = phase.exhausted_on_entry {
                assert!(matches!(action, Action::Unknown(_)), "{} {}", entry.spec.name, phase.name);
            }
        }
    }
    assert!(looked_at >= 2 * operations::all().count());
}

#[test]
fn a_money_mover_fails_from_a_read_only_by_a_member_that_says_so() {
    // An inquiry's own refusal says nothing about the refund.
    for entry in operations::all().filter(|entry| entry.spec.effect == Effect::MovesMoney) {
        for phase in entry.spec.phases.iter().filter(|phase| !phase.interface.executes) {
            for rule in phase.rules.iter().filter(|rule| matches!(rule.then, Action::Fail(_))) {
                let told = rule.when.iter().any(|when| {
                    matches!(when, When::Field(..) | When::NoSendIsOnItsWay)
                        || (phase.interface.name == "confirm" && *when == When::Status("F"))
                });
                assert!(told, "{} {}: {rule:?}", entry.spec.name, phase.name);
            }
        }
    }
}

/// Contents that would mean something if they were signed: every code, status and member that a table knows.
fn tempting_contents(spec: &OperationSpec) -> Vec<Value> {
    let mut contents = vec![
        json!({ "code": "10000", "tax_no": "1", "status": "S", "access_token": "1" }),
        result("S", "SUCCESS"),
        result("F", "SOMETHING_NEW"),
    ];
    for when in spec.phases.iter().flat_map(|phase| phase.rules).flat_map(|rule| rule.when) {
        match when {
            When::Code(codes) => contents.extend(codes.iter().flat_map(|code| {
                [json!({ "code": code }), result("F", code), result("S", code), result("U", code)]
            })),
            When::SubCode(codes) => contents.extend(codes.iter().map(|code| gateway_failure("40004", code))),
            When::Field(path, text) => {
                let mut content = result("S", "SUCCESS");
                match path.split_once('.') {
                    Some((object, name)) => content[object] = json!({ name: text }),
                    None => content[path] = json!(text),
                }
                content["code"] = json!("10000");
                contents.push(content);
            }
            _ => {}
        }
    }
    contents
}

#[test]
fn nothing_that_a_stranger_says_is_a_result() {
    for entry in operations::all() {
        let (profile, request) = (profile(entry.spec.protocol), valid_request(entry.spec.name));
        let prepared = entry.prepare(&profile, &request.to_string()).unwrap();
        for content in tempting_contents(entry.spec) {
            for holder in [None, Some(Holder::Stranger), Some(Holder::Merchant)] {
                let policy = Policy { attempts: 3, ..Policy::default() };
                let flow = Flow::new(profile.clone(), prepared.clone(), policy, 1).unwrap();
                let run = run(flow, |request| match holder {
                    Some(holder) => Event::Answered(answer_by(holder, request, &content)),
                    None => Event::Answered(unsigned(request, &content)),
                });
                assert_eq!(run.outcome.as_str(), "unknown", "{} {holder:?} {content}", entry.spec.name);
                assert!(!run.outcome.reason().unwrap().verified);
            }
        }
    }
}
