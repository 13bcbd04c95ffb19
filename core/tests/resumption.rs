//! An open refund survives its process: stored at any moment, refused when changed, asked about before it is paid.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use serde_json::{Value, json};
use support::*;
use taxrefund_core::decision::Effect;
use taxrefund_core::{
    Event, Fault, Flow, FlowState, Outcome, Policy, Prepared, Step, alipay, antom, operations,
};

#[test]
fn a_resumed_flow_asks_before_it_pays() {
    for entry in operations::all() {
        let spec = entry.spec;
        let begins = |name: &str| spec.phases.iter().find(|phase| phase.name == name).unwrap().interface;
        if spec.effect == Effect::MovesMoney {
            assert!(!begins(spec.resume_phase).executes, "{}", spec.name);
        }
    }
    let profiles = [
        (pay_flow(), gateway(), "query"),
        (refund_flow(), antom(), "inquire"),
        (flow(alipay_plus(), prepared_credit()), alipay_plus(), "inquire_credit"),
    ];
    for (mut flow, profile, asks) in profiles {
        let mut clock = Clock::default();
        let mut event = Event::Start;
        // At every step of a flow that hears nothing: stored, read, resumed, and the stored text does not change.
        loop {
            let state = stored(&flow.state());
            assert_eq!(state, flow.state());
            let first = sent(step(&mut resumed(profile.clone(), state), Event::Start, &clock));
            assert_eq!(first.interface, asks);
            event = match step(&mut flow, event, &clock) {
                Step::Send(_) => Event::Faulted(Fault::Timeout),
                Step::Wait(wait) => {
                    clock.pass(wait);
                    Event::Woke
                }
                Step::Done(_) => break,
                Step::Sign(_) => panic!("it has the key"),
            };
        }
    }
}

#[test]
fn a_pay_that_was_never_sent_is_paid_after_resuming() {
    let not_known = says(gateway_failure("40004", "ILLEGAL_ARGUMENT"));
    let run = script(
        resumed(gateway(), stored(&pay_flow().state())),
        &[not_known, says(json!({ "code": "10000", "tax_no": "1" }))],
    );
    assert_eq!((run.outcome.as_str(), run.interfaces()), ("succeeded", vec!["query", "pay"]));
    let fresh = script(pay_flow(), &[says(json!({ "code": "10000", "tax_no": "1" }))]);
    assert_eq!(parameters(&run.sent[1])["biz_content"], parameters(&fresh.sent[0])["biz_content"]);
}

#[test]
fn a_changed_state_is_refused() {
    let mut open = pay_flow();
    sent(step(&mut open, Event::Start, &Clock::default()));
    let state = serde_json::to_value(open.state()).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut state = state.clone();
        change(&mut state);
        let state: FlowState = serde_json::from_value(state).unwrap();
        Flow::resume(gateway(), state, Policy::default(), 1).err().map(|error| error.code)
    };
    let pay = state["business"]["pay"].as_str().unwrap().to_owned();
    assert_eq!(changed(&|_| ()), None);
    for change in [
        &(|state: &mut Value| state["business"]["pay"] = json!(pay.replace("10000", "90000")))
            as &dyn Fn(&mut Value),
        &|state| state["business"]["query"] = json!({ "out_order_no": "ANOTHER1" }).to_string().into(),
        &|state| state["key"] = json!("ANOTHER1"),
        &|state| state["fingerprint"] = json!("00"),
        &|state| state["version"] = json!(2),
        &|state| state["operation"] = json!("alipay.query_tax_refund"),
        &|state| state["operation"] = json!("alipay.no_such_operation"),
        &|state| state["business"] = json!({}),
        &|state| state["memory"]["latest_send_answered"] = json!(true),
        &|state| state["memory"]["sends"] = json!(0),
    ] {
        assert_eq!(changed(change), Some("state_unreadable"));
    }
}

#[test]
fn a_state_of_another_account_or_protocol_is_refused() {
    let config = alipay::Config { app_id: "2014072300007149".to_owned(), ..gateway_config(inline()) };
    let other = alipay::profile(config).unwrap();
    let refused =
        |profile| Flow::resume(profile, pay_flow().state(), Policy::default(), 1).err().unwrap().code;
    assert_eq!(refused(other), "state_other_account");
    let config = antom::Config { client_id: APP_ID.to_owned(), ..antom_config(inline()) };
    assert_eq!(refused(antom::profile(config).unwrap()), "other_protocol");
    let error = Flow::new(antom(), prepared_pay(), Policy::default(), 1).err().unwrap();
    assert_eq!(error.code, "other_protocol");
}

#[test]
fn a_request_prepared_for_utf_8_is_refused_by_a_gbk_account_that_cannot_carry_it() {
    let request = alipay::PayTaxRefundRequest { company_name: Some("Refunds 🛍".into()), ..pay_request() };
    let prepared = Prepared::new::<alipay::PayTaxRefund>(&gateway(), &request).unwrap();
    assert!(Flow::new(gateway_gbk(), prepared, Policy::default(), 1).is_err());
}

#[test]
fn a_state_stored_before_a_send_does_not_vouch_that_nothing_was_sent() {
    // Stored, then sent and killed: whatever was lost there may have paid, so a refusal by the gateway's doorman proves
    // nothing about the money.
    for (stored_before_the_send, refusal) in
        [(refund_flow().state(), "ACCESS_DENIED"), (refund_flow().state(), "KEY_NOT_FOUND")]
    {
        let run = script(
            resumed(antom(), stored(&stored_before_the_send)),
            &[says(result("F", "REFUND_NOT_EXIST")), says(result("F", refusal))],
        );
        assert_eq!(
            (run.outcome.as_str(), run.interfaces()),
            ("unknown", vec!["inquire", "refund"]),
            "{refusal}"
        );
    }
    // A pay that was answered, then stored, then sent again and killed: an order that the query does not know may still
    // be on its way, so it is paid again under its own number rather than called failed.
    let answered = script(pay_flow(), &[says(gateway_failure("40002", "isv.invalid-parameter"))]);
    let Outcome::Unknown(open) = answered.outcome else { panic!() };
    let run = script(
        resumed(gateway(), stored(&open.resume)),
        &[says(gateway_failure("40004", "ILLEGAL_ARGUMENT"))],
    );
    assert_eq!(run.interfaces()[..2], ["query", "pay"]);
}

#[test]
fn a_stored_request_begins_only_while_nothing_of_it_was_sent() {
    let prepared = prepared_pay();
    let state = stored(&FlowState::of(&gateway(), &prepared));
    let parts = |state: &FlowState| {
        let (business, memory) = (state.business().clone(), state.memory().clone());
        FlowState::from_parts(gateway().account(), state.operation(), state.key(), business, memory)
    };
    assert_eq!(parts(&state), state, "a journal may keep its parts in columns of their own");

    let mut flow = Flow::begin(gateway(), state, Policy::default(), 1).unwrap();
    let first = sent(step(&mut flow, Event::Start, &Clock::default()));
    assert_eq!(first.interface, "pay");

    let refused = Flow::begin(gateway(), flow.state(), Policy::default(), 1).err().unwrap();
    assert_eq!((refused.code, refused.field.as_str()), ("state_unreadable", "state.memory"));
}
