//! One refund through the journal: recorded before it is sent, paid once however often it is asked for.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use support::*;
use taxrefund_core::{CallOptions, CancelToken, Failed, Fault, NextStep, Outcome, Policy, Reason};
use taxrefund_journal::{JournalError, Kind, State, Submission};

/// The client with another policy.
fn with_policy(client: &taxrefund_core::Client, change: impl FnOnce(&mut Policy)) -> taxrefund_core::Client {
    let mut options = options();
    change(&mut options.policy);
    client.with(options)
}

#[test]
fn a_refund_asked_for_twice_is_paid_once_and_has_the_same_outcome() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    let first = journal.run(&client, &submission).unwrap();
    let again = journal.run(&client, &submission).unwrap();
    let Outcome::Succeeded(paid) = &first else { panic!("{first:?}") };
    let Outcome::Succeeded(recorded) = &again else { panic!("{again:?}") };
    assert!(paid.reference.is_some());
    assert_eq!(paid.reference, recorded.reference);
    assert_eq!(paid.response, recorded.response);
    assert_eq!(paid.report.evidence, recorded.report.evidence);
    assert!(paid.report.evidence.is_some());
    let attempts = |outcome: &Outcome| {
        let attempts = outcome.report().attempts.iter();
        attempts.map(|send| (send.interface.clone(), send.sent_at_ms, send.took_ms)).collect::<Vec<_>>()
    };
    assert_eq!(attempts(&first), attempts(&again));
    assert_eq!((&*again.report().operation, &*again.report().key), ("alipay.pay_tax_refund", "ORDER1"));
    assert_eq!(sandbox.ledger().totals.paid_times, 1);
    assert_eq!(sandbox.requests().len(), 1, "the second call asked nobody");
    let entry = entry(&journal, &client, "ORDER1");
    assert_eq!((entry.state, entry.attempts), (State::Succeeded, 1));
    assert_eq!((entry.due_ms, entry.lease_owner), (None, None));
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_refund_that_failed_fails_again_with_the_same_reason_without_asking_anybody() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    sandbox.provoke("ORDER1", "failed").unwrap();
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    let first = journal.run(&client, &submission).unwrap();
    let asked = sandbox.requests().len();
    let again = folder.journal().run(&gateway(&sandbox, dead_line()), &submission).unwrap();
    let Outcome::Failed(failed) = &first else { panic!("{first:?}") };
    let Outcome::Failed(recorded) = &again else { panic!("{again:?}") };
    let said = |failed: &Failed| {
        let Reason { code, sub_code, verified, .. } = failed.reason.clone();
        (code, sub_code, verified)
    };
    assert_eq!(said(failed), said(recorded));
    assert_eq!((failed.next_step, recorded.next_step), (NextStep::StartNew, NextStep::StartNew));
    assert_eq!(failed.report.evidence, recorded.report.evidence);
    assert_eq!(sandbox.requests().len(), asked);
    assert_eq!(paid(&sandbox, "ORDER1"), 0);
}

#[test]
fn the_recorded_reason_of_a_failure_has_the_providers_text_of_the_same_answer() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    sandbox.provoke("ORDER1", "failed").unwrap();
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    let message = |outcome: &Outcome| outcome.reason().unwrap().message.clone();
    let first = journal.run(&client, &submission).unwrap();
    let again = journal.run(&client, &submission).unwrap();
    assert_eq!(message(&first), message(&again));
}

#[test]
fn a_refund_is_on_disk_leased_and_marked_as_begun_before_its_first_byte_is_sent() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let looked = Arc::new(Mutex::new(Vec::new()));
    let (seen, at) = (looked.clone(), folder.clone());
    let transport = line(move |call| {
        let row = "SELECT json_array(key, state, epoch, begun, attempts, lease_owner, due_ms > created_ms,
                          (SELECT group_concat(kind) FROM record WHERE entry_id = entry.id),
                          (SELECT json_extract(clear, '$.pay') LIKE '%281234567890123456%' FROM request
                           WHERE entry_id = entry.id))
                   FROM entry";
        let row: String = at.sql().query_row(row, [], |row| row.get(0)).unwrap();
        seen.lock().unwrap().push(serde_json::from_str::<Value>(&row).unwrap());
        call.send()
    });
    let (client, journal) = (gateway(&sandbox, transport), folder.journal());
    journal.run(&client, &Submission::new(pay(&client, "ORDER1", "10000", "FORM1"))).unwrap();
    let expected = json!(["ORDER1", "open", 1, 1, 0, journal.owner(), 1, "submitted", 1]);
    assert_eq!(*looked.lock().unwrap(), [expected]);
}

#[test]
fn each_attempt_is_on_disk_before_the_next_one_is_sent() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    sandbox.provoke("ORDER1", "lost-answer*3,http-502@follow").unwrap();
    let looked = Arc::new(Mutex::new(Vec::new()));
    let (seen, at) = (looked.clone(), folder.clone());
    let transport = line(move |call| {
        let row = "SELECT attempts || ' ' || (SELECT count(*) FROM record WHERE kind = 'attempt') || ' '
                          || coalesce(code, '-')
                   FROM entry";
        let row: String = at.sql().query_row(row, [], |row| row.get(0)).unwrap();
        seen.lock().unwrap().push(format!("{} {row}", call.interface()));
        call.send()
    });
    let (client, journal) = (gateway(&sandbox, transport), folder.journal());
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    let outcome = journal.run(&client, &submission).unwrap();
    assert_eq!(outcome.as_str(), "succeeded");
    let expected =
        ["pay 0 0 -", "pay 1 1 reset", "pay 2 2 reset", "query 3 3 reset", "query 4 4 http_status"];
    assert_eq!(*looked.lock().unwrap(), expected);
    assert_eq!(entry(&journal, &client, "ORDER1").attempts, 5);
}

#[test]
fn an_outcome_that_could_not_be_written_is_told_to_nobody() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let at = folder.clone();
    let transport = line(move |call| {
        let answer = call.send();
        at.tamper(REFUSE_ATTEMPTS);
        answer
    });
    let (client, journal) = (gateway(&sandbox, transport), folder.journal());
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    let refused = journal.run(&client, &submission).unwrap_err();
    assert_eq!(refused.code(), "journal_store", "{refused}");
    assert_eq!(paid(&sandbox, "ORDER1"), 1);
    let left = entry(&journal, &client, "ORDER1");
    assert_eq!((left.state, left.attempts, left.begun), (State::Open, 0, true));
    assert!(left.lease_owner.is_some(), "until its end nobody else may send");

    folder.tamper("DROP TRIGGER refuse_attempts");
    folder.let_time_pass();
    let client = gateway(&sandbox, http());
    assert_eq!(folder.journal().run(&client, &submission).unwrap().as_str(), "succeeded");
    assert_eq!(called(&sandbox, "ORDER1"), ["pay", "query"]);
}

#[test]
fn an_outcome_is_on_disk_before_the_caller_hears_it() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    for (key, faults, state, kind) in [
        ("ORDER1", "none", "succeeded", "attempt"),
        ("ORDER2", "failed", "failed", "attempt"),
        ("ORDER3", "http-503*every@any", "waiting", "attempt"),
    ] {
        sandbox.provoke(key, faults).unwrap();
        let (client, journal) = (gateway(&sandbox, http()), folder.journal());
        journal.run(&client, &Submission::new(pay(&client, key, "10000", key))).unwrap();
        let stored = folder.cell(&format!(
            "SELECT state || ' ' || (SELECT kind || ' ' || json_extract(content, '$.state') FROM record
                                     WHERE entry_id = entry.id ORDER BY seq DESC LIMIT 1)
             FROM entry WHERE key = '{key}'"
        ));
        assert_eq!(stored, format!("{state} {kind} {state}").into());
    }
}

#[test]
fn an_unknown_refund_is_taken_up_again_by_asking_what_became_of_it() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    sandbox.provoke("ORDER1", "lost-answer*every,http-502*every@follow").unwrap();
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    let first = journal.run(&client, &submission).unwrap();
    let Outcome::Unknown(open) = &first else { panic!("{first:?}") };
    assert_eq!((&*open.reason.code, open.next_step), ("http_status", NextStep::ContactSupport));
    let before = sandbox.requests().len();
    assert_eq!(entry(&journal, &client, "ORDER1").state, State::Waiting);

    sandbox.provoke("ORDER1", "none").unwrap();
    let again = journal.run(&client, &submission).unwrap();
    assert_eq!(again.as_str(), "succeeded");
    assert_eq!(called(&sandbox, "ORDER1")[before..], ["query"]);
    assert_eq!(paid(&sandbox, "ORDER1"), 1);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_run_that_is_cancelled_says_unknown_and_is_asked_about_later() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let cancel = CancelToken::new();
    let token = cancel.clone();
    let transport = line(move |call| {
        token.cancel();
        call.send().and(Err(Fault::Timeout))
    });
    let journal = folder.journal();
    // A wait of seconds, which the token ends.
    let policy = Policy { attempts: 3, ..Policy::default() };
    let options = CallOptions { policy, cancel: Some(cancel), ..options() };
    let client = gateway(&sandbox, transport).with(options);
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    let outcome = journal.run(&client, &submission).unwrap();
    let Outcome::Unknown(open) = &outcome else { panic!("{outcome:?}") };
    assert_eq!((&*open.reason.code, open.next_step), ("cancelled", NextStep::ResumeLater));
    let left = entry(&journal, &client, "ORDER1");
    assert_eq!((left.state, left.lease_owner.as_deref(), left.resumes), (State::Waiting, None, 1));
    let kinds: Vec<_> = journal.story(&left).unwrap().iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [Kind::Submitted, Kind::Attempt, Kind::Ended]);

    let client = gateway(&sandbox, http());
    assert_eq!(journal.resume(&client, "ORDER1").unwrap().as_str(), "succeeded");
    assert_eq!(called(&sandbox, "ORDER1"), ["pay", "query"]);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_run_that_was_cancelled_before_it_began_sends_nothing() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal();
    let cancel = CancelToken::new();
    cancel.cancel();
    let client = gateway(&sandbox, http()).with(CallOptions { cancel: Some(cancel), ..options() });
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    let outcome = journal.run(&client, &submission).unwrap();
    let Outcome::Unknown(open) = &outcome else { panic!("{outcome:?}") };
    assert_eq!((&*open.reason.code, open.next_step), ("cancelled", NextStep::ResumeLater));
    assert_eq!(called(&sandbox, "ORDER1"), [""; 0]);
    assert_eq!(entry(&journal, &client, "ORDER1").lease_owner, None);

    let client = gateway(&sandbox, http());
    assert_eq!(journal.resume(&client, "ORDER1").unwrap().as_str(), "succeeded");
    assert_eq!(paid(&sandbox, "ORDER1"), 1);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn an_operation_that_only_reads_is_refused_and_nothing_is_recorded() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, dead_line()), folder.journal());
    let read = prepare(&client, "alipay.query_tax_refund", &json!({ "out_order_no": "ORDER1" }));
    let refused = journal.run(&client, &Submission::new(read)).unwrap_err();
    assert_eq!(refused.code(), "journal_only_reads");
    assert!(refused.to_string().contains("without the journal"), "{refused}");
    assert_eq!(journal.counts().unwrap().all(), 0);
}

#[test]
fn a_client_that_cannot_send_anything_leaves_no_refund_behind_for_others_to_send() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, dead_line()), folder.journal());
    let client = with_policy(&client, |policy| policy.attempts = 99);
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    let refused = journal.run(&client, &submission).unwrap_err();
    assert_eq!(refused.code(), "policy_out_of_bounds", "{refused}");
    assert_eq!(journal.counts().unwrap().all(), 0, "the caller was told that it is not under way");
}

#[test]
fn two_callers_with_one_key_pay_once_and_both_hear_the_outcome() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (under_way, is_under_way) = channel();
    let (go_on, may_go_on) = channel::<()>();
    let (under_way, may_go_on) = (Mutex::new(under_way), Mutex::new(may_go_on));
    let slow = gateway(
        &sandbox,
        line(move |call| {
            under_way.lock().unwrap().send(()).unwrap();
            may_go_on.lock().unwrap().recv().unwrap();
            call.send()
        }),
    );
    let (first, second) = (folder.journal(), folder.journal());
    let submission = Submission::new(pay(&slow, "ORDER1", "10000", "FORM1"));
    let silent = gateway(&sandbox, dead_line());
    let (slow, silent, first, second, submission) = (&slow, &silent, &first, &second, &submission);
    thread::scope(move |scope| {
        let one = scope.spawn(|| first.run(slow, submission).unwrap());
        is_under_way.recv().unwrap();
        let asked = second.round_trips();
        let other = scope.spawn(|| second.run(silent, submission).unwrap());
        // It has met the other's lease at least twice.
        while second.round_trips() < asked + 8 {
            thread::yield_now();
        }
        go_on.send(()).unwrap();
        let (one, other) = (one.join().unwrap(), other.join().unwrap());
        assert_eq!((one.as_str(), other.as_str()), ("succeeded", "succeeded"));
        assert_eq!(one.reference(), other.reference());
    });
    assert_eq!(called(&sandbox, "ORDER1"), ["pay"]);
    assert_eq!(paid(&sandbox, "ORDER1"), 1);
}

#[test]
fn many_callers_with_one_key_on_one_handle_pay_once() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    thread::scope(|scope| {
        let callers: Vec<_> =
            (0..6).map(|_| scope.spawn(|| journal.run(&client, &submission).unwrap())).collect();
        for caller in callers {
            assert_eq!(caller.join().unwrap().as_str(), "succeeded");
        }
    });
    assert_eq!(called(&sandbox, "ORDER1"), ["pay"]);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_caller_who_gives_up_while_another_works_is_told_who_and_has_sent_nothing() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let second = folder.journal();
    let impatient = CancelToken::new();
    impatient.cancel();
    let given_up = gateway(&sandbox, dead_line()).with(CallOptions { cancel: Some(impatient), ..options() });
    let told = Arc::new(Mutex::new(None));
    let hears = told.clone();
    // The second call comes while the first one's request is under way.
    let transport = line(move |call| {
        let submission = Submission::new(pay(&given_up, "ORDER1", "10000", "FORM1"));
        *hears.lock().unwrap() = Some(second.run(&given_up, &submission).unwrap_err());
        call.send()
    });
    let (client, journal) = (gateway(&sandbox, transport), folder.journal());
    let outcome = journal.run(&client, &Submission::new(pay(&client, "ORDER1", "10000", "FORM1"))).unwrap();
    assert_eq!(outcome.as_str(), "succeeded", "the first one is not disturbed");
    let told = told.lock().unwrap().take().unwrap();
    assert_eq!(told.code(), "refund_busy");
    assert!(told.to_string().contains("Nothing was sent"), "{told}");
    let JournalError::Busy { key, owner } = told else { panic!("{told}") };
    assert_eq!((&*key, &*owner), ("ORDER1", journal.owner()));
}

#[test]
fn a_refund_is_taken_up_by_its_key_alone_and_a_final_one_only_says_how_it_ended() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    journal.submit(client.profile(), &Submission::new(pay(&client, "ORDER1", "10000", "FORM1"))).unwrap();
    assert_eq!(sandbox.requests().len(), 0, "submitting sends nothing");
    assert_eq!(journal.resume(&client, "ORDER1").unwrap().as_str(), "succeeded");
    assert_eq!(called(&sandbox, "ORDER1"), ["pay"], "nothing was sent before, so nothing is asked");
    let silent = gateway(&sandbox, dead_line());
    assert_eq!(journal.resume(&silent, "ORDER1").unwrap().as_str(), "succeeded");

    let unknown = journal.resume(&silent, "ORDER2").unwrap_err();
    assert_eq!(unknown.code(), "refund_not_found");
    assert!(unknown.to_string().contains("ORDER2"), "{unknown}");
}

#[test]
fn every_protocol_is_durable() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal();
    let (antom, plus) = (antom(&sandbox, http()), alipay_plus(&sandbox, http()));
    let credit = prepare(&plus, "alipay_plus.create_original_credit", &credit_request("CREDIT1", "FORM1"));
    for (client, prepared) in [(&antom, antom_refund(&antom, "REFUND1", "PAYMENT1")), (&plus, credit)] {
        let submission = Submission::new(prepared);
        let first = journal.run(client, &submission).unwrap();
        let requests = sandbox.requests().len();
        let again = journal.run(client, &submission).unwrap();
        assert_eq!((first.as_str(), again.as_str()), ("succeeded", "succeeded"));
        assert_eq!(first.reference(), again.reference());
        assert_eq!(first.report().evidence, again.report().evidence);
        assert!(!again.report().evidence.as_ref().unwrap().headers.is_empty(), "what a header signs is kept");
        assert_eq!(sandbox.requests().len(), requests);
    }
    assert_eq!(sandbox.ledger().totals.paid_times, 2);
    assert!(journal.verify(None).unwrap().is_ok());
}
