//! The process dies anywhere: the next one asks what became of the refund first, and it is paid once.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use support::*;
use taxrefund_core::{Fault, Outcome};
use taxrefund_journal::worker::Until;
use taxrefund_journal::{Journal, Kind, Options, Record, State, Submission, Worker};

/// Before what the first process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DiesBefore {
    /// The request of this exchange is sent. From the second on, that is during the wait before it.
    Sending(usize),
    /// Its answer has come.
    Hearing(usize),
    /// Its answer is written, though it has come.
    Writing(usize),
    /// The outcome is told, though it is written.
    Telling,
}

use DiesBefore::{Hearing, Sending, Telling, Writing};

/// What the provider does, where the process dies, and what the next one does about it.
const CASES: &[(&str, DiesBefore, &[&str], State)] = &[
    ("none", Sending(1), &["query", "pay"], State::Succeeded),
    ("none", Hearing(1), &["query"], State::Succeeded),
    ("none", Writing(1), &["query"], State::Succeeded),
    ("none", Telling, &[], State::Succeeded),
    ("lost-request", Hearing(1), &["query", "pay"], State::Succeeded),
    ("late-execution", Hearing(1), &["query", "pay"], State::Succeeded),
    ("http-503", Sending(2), &["query", "pay"], State::Succeeded),
    ("service-unavailable", Sending(2), &["query", "pay"], State::Succeeded),
    // The second pay may still be on its way, so that the order is not known is no failure.
    ("service-unavailable,late-execution#2", Hearing(2), &["query", "pay"], State::Succeeded),
    ("lost-answer", Sending(2), &["query"], State::Succeeded),
    ("lost-answer", Hearing(2), &["query"], State::Succeeded),
    ("lost-answer", Writing(2), &["query"], State::Succeeded),
    ("lost-answer*3", Sending(4), &["query"], State::Succeeded),
    ("lost-answer*3", Writing(4), &["query"], State::Succeeded),
    ("lost-answer*3", Telling, &[], State::Succeeded),
    ("result-unknown", Sending(2), &["query", "pay"], State::Succeeded),
    ("result-unknown", Sending(3), &["query", "pay"], State::Succeeded),
    ("result-unknown", Writing(3), &["query"], State::Succeeded),
    ("success-without-number", Writing(1), &["query"], State::Succeeded),
    ("failed", Hearing(1), &["query"], State::Failed),
    ("failed", Writing(1), &["query"], State::Failed),
    ("failed", Writing(2), &["query"], State::Failed),
    ("failed", Telling, &[], State::Failed),
    ("forged-failure", Writing(1), &["query"], State::Succeeded),
];

fn content(record: &Record) -> Value {
    serde_json::from_str(&record.content).unwrap()
}

/// Runs a refund until it dies. Nothing is given back or cleaned up.
fn run_and_die(folder: &Folder, sandbox: &taxrefund_sandbox::Sandbox, dies: DiesBefore) {
    let at = folder.clone();
    let transport = line(move |call| {
        if dies == Sending(call.number) {
            die();
        }
        let answer = call.send();
        if dies == Hearing(call.number) {
            die();
        }
        if dies == Writing(call.number) {
            at.tamper(REFUSE_ATTEMPTS);
        }
        answer
    });
    let (client, journal) = (gateway(sandbox, transport), folder.journal());
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    dying(|| {
        let ran = journal.run(&client, &submission);
        assert_eq!(ran.is_ok(), dies == Telling, "{ran:?}");
        die();
    });
    if matches!(dies, Writing(_)) {
        folder.tamper("DROP TRIGGER refuse_attempts");
    }
}

#[test]
fn wherever_the_process_dies_the_next_one_asks_first_and_the_refund_is_paid_once() {
    let sandbox = sandbox("none");
    for (faults, dies, then, state) in CASES {
        let case = format!("{faults}, {dies:?}");
        sandbox.reset();
        sandbox.provoke("ORDER1", faults).unwrap();
        let folder = Folder::new();
        run_and_die(&folder, &sandbox, *dies);
        let before = sandbox.requests().len();

        let journal = folder.journal();
        let client = gateway(&sandbox, http());
        let dead = entry(&journal, &client, "ORDER1");
        assert!(dead.begun, "{case}");
        let waits = *dies != Telling;
        assert_eq!(dead.lease_owner.is_some(), waits, "{case}: its lease goes on");
        assert_eq!(work(&journal, &client).sends, 0, "{case}: nobody takes over before the lease ends");

        folder.let_time_pass();
        let summary = work(&journal, &client);
        assert_eq!(called(&sandbox, "ORDER1")[before..], **then, "{case}");
        assert_eq!(summary.ended.all(), u64::from(waits), "{case}");
        let done = entry(&journal, &client, "ORDER1");
        assert_eq!(done.state, *state, "{case}");
        assert_eq!(done.epoch, dead.epoch + i64::from(waits), "{case}");
        assert_eq!((done.due_ms, done.lease_owner), (None, None), "{case}");
        assert_eq!(paid(&sandbox, "ORDER1"), u32::from(*state == State::Succeeded), "{case}");

        let outcome = journal.resume(&gateway(&sandbox, dead_line()), "ORDER1").unwrap();
        assert_eq!(outcome.as_str(), state.as_str(), "{case}");
        let proof = journal.verify(None).unwrap();
        assert!(proof.is_ok(), "{case}: {proof:?}");
    }
}

#[test]
fn after_a_crash_the_same_call_again_goes_on_where_the_worker_would() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    run_and_die(&folder, &sandbox, Hearing(1));
    folder.let_time_pass();
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let outcome = journal.run(&client, &Submission::new(pay(&client, "ORDER1", "10000", "FORM1"))).unwrap();
    assert_eq!(outcome.as_str(), "succeeded");
    assert_eq!(called(&sandbox, "ORDER1"), ["pay", "query"]);
    assert_eq!(paid(&sandbox, "ORDER1"), 1);
}

#[test]
fn a_program_that_was_started_again_waits_for_none_of_its_own_leases() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let transport = line(|call| {
        let _ = call.send();
        die();
    });
    let dead = gateway(&sandbox, transport);
    for (owner, key) in [("counter-1", "ORDER1"), ("counter-2", "ORDER2")] {
        let journal = folder.journal_with(Options { owner: Some(owner.to_owned()), ..Options::default() });
        dying(|| journal.run(&dead, &Submission::new(pay(&dead, key, "10000", key))));
    }
    let own = Options { owner: Some("counter-1".to_owned()), restarted: true, ..Options::default() };
    let (client, journal) = (gateway(&sandbox, http()), folder.journal_with(own));
    assert_eq!(work(&journal, &client).ended.succeeded, 1);
    assert_eq!(called(&sandbox, "ORDER1"), ["pay", "query"], "and it asks first");
    let of_another = entry(&journal, &client, "ORDER2");
    assert_eq!((of_another.lease_owner.as_deref(), of_another.epoch), (Some("counter-2"), 1));
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn an_antom_refund_whose_process_died_is_inquired_about_first() {
    for (dies, then) in [(Sending(1), &["inquire-refund", "refund"][..]), (Hearing(1), &["inquire-refund"])] {
        let (sandbox, folder) = (sandbox("none"), Folder::new());
        let transport = line(move |call| {
            if dies == Sending(call.number) {
                die();
            }
            let _ = call.send();
            die();
        });
        let dead = antom(&sandbox, transport);
        let submission = Submission::new(antom_refund(&dead, "REFUND1", "PAYMENT1"));
        dying(|| folder.journal().run(&dead, &submission));
        let before = sandbox.requests().len();
        folder.let_time_pass();
        let (client, journal) = (antom(&sandbox, http()), folder.journal());
        assert_eq!(work(&journal, &client).ended.succeeded, 1);
        assert_eq!(called(&sandbox, "REFUND1")[before..], *then, "{dies:?}");
        assert_eq!(paid(&sandbox, "REFUND1"), 1);
    }
}

#[test]
fn a_worker_that_dies_in_the_middle_of_a_batch_leaves_everything_to_the_next_one() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let transport = line(|call| {
        if call.number == 4 {
            let _ = call.send();
            die();
        }
        call.send()
    });
    let (dead, journal) = (gateway(&sandbox, transport), folder.journal());
    for line in 0..10 {
        let submission =
            Submission::new(pay(&dead, &format!("ORDER{line}"), "10000", &format!("FORM{line}")));
        journal.submit(dead.profile(), &submission).unwrap();
    }
    let alone = taxrefund_journal::worker::WorkerOptions { exchanges: 1, ..eager(Until::NothingDue) };
    let worker = Worker::new(&journal, vec![dead]).unwrap().options(alone);
    let summary = worker.run().unwrap();
    assert_eq!((summary.ended.succeeded, summary.skipped), (9, 1), "the one that was under way stays leased");
    assert_eq!(sandbox.requests().len(), 10);

    folder.let_time_pass();
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    work(&journal, &client);
    let counts = journal.counts().unwrap();
    assert_eq!((counts.succeeded, counts.all()), (10, 10));
    let ledger = sandbox.ledger();
    assert_eq!((ledger.totals.paid_keys, ledger.totals.paid_times), (10, 10));
    assert_eq!(called(&sandbox, "ORDER3"), ["pay", "query"], "what was under way is asked about");
    assert!(journal.verify(None).unwrap().is_ok());
}

/// While the first process waits for the answer of its first pay, its lease ends and another one finishes the refund.
fn overtaken(
    folder: &Folder,
    sandbox: &taxrefund_sandbox::Sandbox,
    answer: impl Fn(Result<taxrefund_core::HttpResponse, Fault>) -> Result<taxrefund_core::HttpResponse, Fault>
    + Send
    + Sync
    + 'static,
) -> (Journal, Result<Outcome, taxrefund_journal::JournalError>) {
    let (at, other) = (folder.clone(), gateway(sandbox, http()));
    let transport = line(move |call| {
        let heard = call.send();
        at.let_time_pass();
        let journal = at.journal_with(Options { owner: Some("second".to_owned()), ..Options::default() });
        work(&journal, &other);
        answer(heard)
    });
    let (client, journal) = (gateway(sandbox, transport), folder.journal());
    let outcome = journal.run(&client, &Submission::new(pay(&client, "ORDER1", "10000", "FORM1")));
    (journal, outcome)
}

#[test]
fn what_a_zombie_hears_is_kept_as_evidence_and_changes_nothing() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let before = std::sync::Arc::new(Mutex::new(None));
    let (seen, at) = (before.clone(), folder.clone());
    let (journal, outcome) = overtaken(&folder, &sandbox, move |heard| {
        let row = at.cell(
            "SELECT json_array(state, code, reference, attempts, epoch, revision, updated_ms) FROM entry",
        );
        *seen.lock().unwrap() = Some(row);
        heard
    });
    // It hears what was recorded, not what it heard itself.
    assert_eq!(outcome.unwrap().as_str(), "succeeded");
    let row = folder
        .cell("SELECT json_array(state, code, reference, attempts, epoch, revision, updated_ms) FROM entry");
    assert_eq!(before.lock().unwrap().take(), Some(row));
    let client = gateway(&sandbox, http());
    let entry = entry(&journal, &client, "ORDER1");
    assert_eq!((entry.state, entry.epoch, entry.attempts), (State::Succeeded, 2, 1));
    let story = journal.story(&entry).unwrap();
    let kinds: Vec<_> = story.iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [Kind::Submitted, Kind::Attempt, Kind::Late]);
    let (second, late) = (content(&story[1]), content(&story[2]));
    assert_eq!(
        (&second["interface"], &second["epoch"], &second["owner"]),
        (&"query".into(), &2.into(), &"second".into())
    );
    assert_eq!((&late["interface"], &late["epoch"]), (&"pay".into(), &1.into()));
    assert_eq!(late["owner"], journal.owner());
    assert!(journal.evidence(&story[2]).unwrap().contains_key("evidence"));
    assert_eq!(called(&sandbox, "ORDER1"), ["pay", "query"]);
    assert_eq!(paid(&sandbox, "ORDER1"), 1);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_success_heard_late_settles_a_refund_that_is_still_open() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    // Whoever took over cannot find out; the one who lost the lease has the verified answer in its hands.
    sandbox.provoke("ORDER1", "http-502*every@follow").unwrap();
    let (journal, outcome) = overtaken(&folder, &sandbox, |heard| heard);
    assert_eq!(outcome.unwrap().as_str(), "succeeded");
    let entry = entry(&journal, &gateway(&sandbox, http()), "ORDER1");
    assert_eq!((entry.state, entry.due_ms, entry.conflict), (State::Succeeded, None, false));
    assert_eq!(entry.epoch, 3, "whoever has the lease loses it");
    assert_eq!(paid(&sandbox, "ORDER1"), 1);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_zombie_that_would_repeat_sends_nothing_more() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (_, outcome) = overtaken(&folder, &sandbox, |_| Err(Fault::Timeout));
    assert_eq!(outcome.unwrap().as_str(), "succeeded");
    assert_eq!(called(&sandbox, "ORDER1"), ["pay", "query"], "the second one's query is the last request");
}

#[test]
fn a_zombie_is_told_so_while_the_refund_is_still_open() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    // The one who takes over does not get it to an end either.
    sandbox.provoke("ORDER1", "lost-answer*every@lead,http-502*every@follow").unwrap();
    let (journal, outcome) = overtaken(&folder, &sandbox, |_| Err(Fault::Timeout));
    let refused = outcome.unwrap_err();
    assert_eq!(refused.code(), "refund_taken_over");
    assert!(refused.to_string().contains("look at its entry"), "{refused}");
    assert_eq!(entry(&journal, &gateway(&sandbox, http()), "ORDER1").state, State::Waiting);
}

#[test]
fn a_late_answer_that_contradicts_the_recorded_end_is_marked_for_a_person_to_look_at() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let told = AtomicBool::new(false);
    let at = folder.clone();
    // A notification says that it failed while the answer that it was paid is on its way.
    let transport = line(move |call| {
        let journal = at.journal();
        let client = gateway_at(&call.request.url);
        if !told.swap(true, Ordering::SeqCst) {
            gateway_message(&client, "ORDER1", "F", "N1").tell(&journal, &client).unwrap();
        }
        call.send()
    });
    let (client, journal) = (gateway(&sandbox, transport), folder.journal());
    let outcome = journal.run(&client, &Submission::new(pay(&client, "ORDER1", "10000", "FORM1"))).unwrap();
    assert_eq!(outcome.as_str(), "failed", "what is recorded stands");
    let entry = entry(&journal, &client, "ORDER1");
    assert_eq!((entry.state, paid(&sandbox, "ORDER1")), (State::Failed, 1));
    assert!(entry.conflict, "a verified answer says that the money moved");
}
