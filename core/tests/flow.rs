//! What a flow promises whatever the operation: frozen bytes, bounds, cancellation, checked signatures, patience.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::time::Duration;

use serde_json::json;
use support::*;
use taxrefund_core::{
    Event, Fault, Flow, HttpRequest, NextStep, Outcome, Policy, Step, alipay, alipay_plus, antom,
};

#[test]
fn a_repeat_sends_the_same_business_bytes_with_a_new_time_and_signature() {
    let run = script(pay_flow(), &[fault(Fault::Reset)]);
    let pays: Vec<_> = run.sent.iter().filter(|request| request.interface == "pay").map(parameters).collect();
    assert_eq!(pays.len(), 5);
    for (at, pay) in pays.iter().enumerate() {
        assert_eq!(pay["biz_content"], pays[0]["biz_content"]);
        for earlier in &pays[..at] {
            assert_ne!(pay["timestamp"], earlier["timestamp"]);
            assert_ne!(pay["sign"], earlier["sign"]);
        }
    }

    let run = script(refund_flow(), &[fault(Fault::Reset), says(result("F", "REFUND_NOT_EXIST"))]);
    let refunds: Vec<_> = run.sent.iter().filter(|request| request.interface == "refund").collect();
    let header = |request: &HttpRequest, name: &str| {
        request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()).unwrap()
    };
    assert_eq!(refunds.len(), 2);
    assert_eq!(refunds[0].body, refunds[1].body);
    for name in ["request-time", "signature"] {
        assert_ne!(header(refunds[0], name), header(refunds[1], name));
    }
}

#[test]
fn waits_stay_inside_the_documented_windows() {
    for seed in 0..50 {
        let flow = Flow::new(gateway(), prepared_pay(), Policy::default(), seed).unwrap();
        let run = script(flow, &[fault(Fault::Timeout)]);
        // Five pays, then five queries.
        assert_eq!(run.waits.len(), 9);
        for (at, wait) in run.waits.iter().enumerate() {
            let most = if at < 5 { 10 } else { 5 };
            assert!((3_000..=most * 1_000).contains(&wait.as_millis()), "{at}: {wait:?}");
        }
    }
}

#[test]
fn attempts_outside_the_documented_bounds_are_refused() {
    for attempts in [0, 1, 2, 11, u32::MAX] {
        let policy = Policy { attempts, ..Policy::default() };
        let error = Flow::new(gateway(), prepared_pay(), policy, 1).err().unwrap();
        assert_eq!((error.field.as_str(), error.code), ("policy.attempts", "policy_out_of_bounds"));
    }
    for attempts in 3..=10 {
        let policy = Policy { attempts, deadline_ms: 24 * 60 * 60 * 1000, ..Policy::default() };
        let run = script(Flow::new(gateway(), prepared_pay(), policy, 1).unwrap(), &[fault(Fault::Timeout)]);
        assert_eq!(run.sent.len(), 2 * attempts as usize);
    }
}

#[test]
fn deadlines_and_shortened_waits_outside_their_bounds_are_refused() {
    for (policy, field) in [
        (Policy { deadline_ms: 0, ..Policy::default() }, "policy.deadline_ms"),
        (Policy { deadline_ms: 24 * 60 * 60 * 1000 + 1, ..Policy::default() }, "policy.deadline_ms"),
        (Policy { attempt_timeout_ms: 0, ..Policy::default() }, "policy.attempt_timeout_ms"),
        (Policy { sandbox_wait_permille: 999, ..Policy::default() }, "policy.sandbox_wait_permille"),
        (Policy { sandbox_wait_permille: 1001, ..Policy::default() }, "policy.sandbox_wait_permille"),
    ] {
        for (profile, prepared) in [(gateway(), prepared_pay()), (antom(), prepared_refund())] {
            let error = Flow::new(profile, prepared, policy.clone(), 1).err().unwrap();
            assert_eq!((error.field.as_str(), error.code), (field, "policy_out_of_bounds"));
        }
    }
}

fn sandbox_credit_flow(sandbox_wait_permille: u32) -> Flow {
    let config = alipay_plus::Config { client_id: format!("SANDBOX_{CLIENT_ID}"), ..antom_config(inline()) };
    let profile = alipay_plus::profile(config).unwrap();
    let policy = Policy { sandbox_wait_permille, ..Policy::default() };
    Flow::new(profile, prepared_credit(), policy, 1).unwrap()
}

#[test]
fn the_sandbox_may_shorten_waits_and_even_without_waits_a_flow_ends() {
    let run = script(sandbox_credit_flow(10), &[fault(Fault::Timeout)]);
    assert!(run.waits.iter().all(|wait| *wait == Duration::from_millis(50)), "{:?}", run.waits);
    assert!(run.interfaces().iter().filter(|name| **name == "inquire_credit").count() > 1);

    // A clock that stands still, as a simulation's may: the bounded time for inquiries must still end.
    let mut flow = sandbox_credit_flow(0);
    let mut event = Event::Start;
    for _ in 0..100 {
        match step(&mut flow, event, &Clock::default()) {
            Step::Send(_) => event = Event::Faulted(Fault::Timeout),
            Step::Done(outcome) => return assert_eq!(outcome.as_str(), "unknown"),
            other => panic!("{other:?}"),
        }
    }
    panic!("it goes on for ever");
}

#[test]
fn the_total_deadline_ends_as_unknown_and_never_as_failed() {
    for deadline_ms in [1, 4_000, 20_000, 40_000] {
        let policy = Policy { deadline_ms, ..Policy::default() };
        let mut clock = Clock::default();
        let mut flow = Flow::new(gateway(), prepared_pay(), policy, 3).unwrap();
        let mut event = Event::Start;
        let outcome = loop {
            event = match step(&mut flow, event, &clock) {
                Step::Send(request) => {
                    let left = Duration::from_millis(deadline_ms) - clock.0;
                    assert!(request.timeout <= left && request.timeout <= Duration::from_secs(15));
                    assert!(!request.timeout.is_zero());
                    clock.pass(request.timeout);
                    Event::Faulted(Fault::Timeout)
                }
                Step::Wait(wait) => {
                    clock.pass(wait);
                    Event::Woke
                }
                Step::Done(outcome) => break outcome,
                Step::Sign(_) => panic!("it has the key"),
            };
        };
        assert!(clock.0 <= Duration::from_millis(deadline_ms));
        assert_eq!((outcome.as_str(), outcome.next_step()), ("unknown", NextStep::ResumeLater));
        assert_eq!(outcome.reason().unwrap().code, "deadline");
    }
}

#[test]
fn an_answer_after_the_deadline_still_counts() {
    let mut clock = Clock::default();
    let mut flow = pay_flow();
    let request = sent(step(&mut flow, Event::Start, &clock));
    clock.pass(Duration::from_secs(3600));
    let late = answer(&request, &json!({ "code": "10000", "tax_no": "1" }));
    assert_eq!(done(step(&mut flow, late, &clock)).as_str(), "succeeded");
}

/// Every moment at which a caller may give up, as flows that are in it.
fn moments() -> Vec<(&'static str, Flow)> {
    let clock = Clock::default();
    let external_profile = alipay::profile(gateway_config(external())).unwrap();
    let mut signing = flow(external_profile, prepared_pay());
    assert!(matches!(step(&mut signing, Event::Start, &clock), Step::Sign(_)));
    let mut in_flight = pay_flow();
    sent(step(&mut in_flight, Event::Start, &clock));
    let mut waiting = pay_flow();
    sent(step(&mut waiting, Event::Start, &clock));
    assert!(matches!(step(&mut waiting, Event::Faulted(Fault::Reset), &clock), Step::Wait(_)));
    vec![("before start", pay_flow()), ("signing", signing), ("in flight", in_flight), ("waiting", waiting)]
}

#[test]
fn cancelled_at_any_moment_it_is_unknown_and_resumes_with_a_query() {
    for (moment, mut flow) in moments() {
        let outcome = done(step(&mut flow, Event::Cancel, &Clock::default()));
        let Outcome::Unknown(open) = outcome else { panic!("{moment}: {outcome:?}") };
        assert_eq!(
            (open.reason.code.as_str(), open.next_step),
            ("cancelled", NextStep::ResumeLater),
            "{moment}"
        );
        assert_eq!(
            open.report.attempts.len(),
            usize::from(moment == "in flight" || moment == "waiting"),
            "{moment}"
        );
        let first =
            sent(step(&mut resumed(gateway(), stored(&open.resume)), Event::Start, &Clock::default()));
        assert_eq!(first.interface, "query", "{moment}");
        // Over is over: no event can bring it back.
        for event in [Event::Start, Event::Woke, Event::Cancel, Event::Faulted(Fault::Reset)] {
            assert!(flow.advance(event, Clock::default().now()).is_err(), "{moment}");
        }
    }
}

#[test]
fn an_external_signature_is_checked_before_anything_is_sent() {
    let profiles = [
        (alipay::profile(gateway_config(external())).unwrap(), prepared_pay()),
        (antom::profile(antom_config(external())).unwrap(), prepared_refund()),
    ];
    for (profile, prepared) in profiles {
        let clock = Clock::default();
        let begin = || {
            let mut flow = flow(profile.clone(), prepared.clone());
            match step(&mut flow, Event::Start, &clock) {
                Step::Sign(message) => (flow, message),
                other => panic!("{other:?}"),
            }
        };
        let (mut flow, message) = begin();
        sent(step(&mut flow, Event::Signed(sign(Holder::Merchant, &message)), &clock));

        let mut damaged = sign(Holder::Merchant, &message);
        damaged[17] ^= 1;
        for wrong in [sign(Holder::Stranger, &message), sign(Holder::Merchant, b"other"), damaged, Vec::new()]
        {
            let (mut flow, _) = begin();
            let outcome = done(step(&mut flow, Event::Signed(wrong), &clock));
            assert_eq!((outcome.as_str(), outcome.next_step()), ("unknown", NextStep::FixConfiguration));
            assert_eq!(outcome.reason().unwrap().code, "signer_failed");
            assert!(outcome.report().attempts.is_empty());
        }
        let (mut flow, _) = begin();
        let outcome = done(step(&mut flow, Event::SigningFailed("the HSM is off".to_owned()), &clock));
        assert_eq!((outcome.as_str(), outcome.report().attempts.len()), ("unknown", 0));
    }
}

#[test]
fn an_event_that_does_not_fit_leaves_the_flow_unchanged() {
    let clock = Clock::default();
    let events: [fn() -> Event; 6] = [
        || Event::Start,
        || Event::Signed(vec![1]),
        || Event::SigningFailed("no".to_owned()),
        || Event::Answered(page(200, "{}")),
        || Event::Faulted(Fault::Reset),
        || Event::Woke,
    ];
    for (moment, mut flow) in moments() {
        let before = flow.state();
        let (report, expected) = (
            flow.report().clone(),
            match moment {
                "before start" => vec![0],
                "signing" => vec![1, 2],
                "in flight" => vec![3, 4],
                _ => vec![5],
            },
        );
        for (at, event) in events.iter().enumerate().filter(|(at, _)| !expected.contains(at)) {
            let error = flow.advance(event(), clock.now()).unwrap_err();
            assert!(error.to_string().starts_with("the flow expects"), "{moment} {at}: {error}");
            assert_eq!((flow.state(), flow.report()), (before.clone(), &report), "{moment} {at}");
        }
        assert!(flow.advance(events[expected[0]](), clock.now()).is_ok(), "{moment}");
    }
}

#[test]
fn a_misplaced_event_does_not_start_the_deadline() {
    let mut clock = Clock::default();
    let mut flow = pay_flow();
    flow.advance(Event::Woke, clock.now()).unwrap_err();
    clock.pass(Duration::from_secs(3600));
    sent(step(&mut flow, Event::Start, &clock));
}

#[test]
fn woken_too_early_it_hands_out_the_rest_of_the_wait() {
    let mut clock = Clock(Duration::from_secs(1_000));
    let mut flow = pay_flow();
    sent(step(&mut flow, Event::Start, &clock));
    let Step::Wait(whole) = step(&mut flow, Event::Faulted(Fault::Reset), &clock) else { panic!() };
    let part = whole / 3;
    clock.pass(part);
    let Step::Wait(rest) = step(&mut flow, Event::Woke, &clock) else { panic!() };
    assert_eq!(part + rest, whole);
    // A clock that goes back is met with patience, not with a panic.
    let Step::Wait(longer) = step(&mut flow, Event::Woke, &Clock(Duration::ZERO)) else { panic!() };
    assert!(longer > whole);
    clock.pass(rest);
    sent(step(&mut flow, Event::Woke, &clock));
}

#[test]
fn a_broken_clock_never_panics() {
    for start in [Duration::ZERO, Duration::MAX, Duration::MAX - Duration::from_secs(1)] {
        let run = |events: &[fn() -> Event], later: Duration| {
            let mut flow = pay_flow();
            for (at, event) in events.iter().enumerate() {
                let _ = flow.advance(event(), Clock(if at == 0 { start } else { later }).now());
            }
        };
        for later in [Duration::ZERO, Duration::MAX] {
            run(&[|| Event::Start, || Event::Faulted(Fault::Reset), || Event::Woke, || Event::Cancel], later);
        }
    }
}
