//! The worker drains a journal: everything is paid once, whatever the provider does and whoever else is at work.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::collections::BTreeSet;
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use support::*;
use taxrefund_core::{Client, NextStep, Policy};
use taxrefund_journal::worker::{Until, WorkerEvent, WorkerOptions, WorkerSummary};
use taxrefund_journal::{
    Filter, ImportOptions, Journal, JournalError, Kind, Options, State, Submission, Worker,
};
use taxrefund_sandbox::Sandbox;

/// Records this many refunds, ORDER0 and so on.
fn fill(journal: &Journal, client: &Client, count: usize) {
    let lines = (0..count).map(|line| pay_line(&format!("ORDER{line}"), "10000", &format!("FORM{line}")));
    let file = lines.fold(PAY_HEADER.to_owned(), |file, line| file + &line);
    let import = ImportOptions::csv("night");
    let summary = journal.import(pay_operation(), client.profile(), &import, file.as_bytes()).unwrap();
    assert_eq!(summary.new, count as u64);
}

fn one_by_one(until: Until) -> WorkerOptions {
    WorkerOptions { exchanges: 1, ..eager(until) }
}

fn run(journal: &Journal, client: &Client, options: WorkerOptions) -> WorkerSummary {
    Worker::new(journal, vec![client.clone()]).unwrap().options(options).run().unwrap()
}

/// Everything a worker tells, as JSON, told while it works.
fn told(worker: Worker) -> (Result<WorkerSummary, JournalError>, Vec<Value>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let hears = events.clone();
    let observer =
        move |event: &WorkerEvent<'_>| hears.lock().unwrap().push(serde_json::to_value(event).unwrap());
    let summary = worker.observer(Arc::new(observer)).run();
    let events = std::mem::take(&mut *events.lock().unwrap());
    (summary, events)
}

/// Runs a worker that must come to an end by itself, and stops it when it does not.
fn ends_by_itself(worker: &Worker) -> WorkerSummary {
    let (over, is_over) = channel::<()>();
    let stop = worker.stop();
    let guard = thread::spawn(move || {
        if is_over.recv_timeout(Duration::from_secs(3)).is_err() {
            stop.cancel();
        }
    });
    let summary = worker.run();
    let _ = over.send(());
    guard.join().unwrap();
    let summary = summary.unwrap();
    assert!(!summary.stopped, "it went on for ever: {summary}");
    summary
}

/// How often each key was sent, each of them once.
fn assert_each_paid_once(sandbox: &Sandbox, count: usize) {
    let ledger = sandbox.ledger();
    assert_eq!((ledger.totals.paid_keys, ledger.totals.paid_times), (count as u64, count as u64));
    assert!(ledger.double_paid.is_empty());
}

#[test]
fn a_batch_met_by_faults_is_paid_once_and_every_line_has_a_result() {
    let folder = Folder::new();
    let sandbox = builder("demo").long_delay(Duration::from_millis(1_500)).start().unwrap();
    let client = gateway(&sandbox, http());
    let journal = folder.journal_with(again_at_once(3));
    let mut file = PAY_HEADER.to_owned();
    for line in 0..200 {
        file.push_str(&pay_line(&format!("ORDER{line}"), "10000", &format!("FORM{line}")));
    }
    file.push_str(&pay_line("ORDER0", "10000", "FORM0"));
    file.push_str(&pay_line("ORDER0", "1", "FORM0"));
    file.push_str(&pay_line("ORDER999", "10000", "FORM1"));
    let import = ImportOptions::csv("night");
    let summary = journal.import(pay_operation(), client.profile(), &import, file.as_bytes()).unwrap();
    assert_eq!((summary.new, summary.repeated, summary.wrong), (200, 1, 2), "{summary:?}");

    let options = WorkerOptions { exchanges: 32, ..eager(Until::NothingOpen) };
    run(&journal, &client, options);
    let counts = journal.counts().unwrap();
    assert_eq!((counts.all(), counts.open, counts.waiting), (200, 0, 0), "{counts}");
    let ledger = sandbox.ledger();
    assert!(ledger.double_paid.is_empty());
    for entry in journal.entries(Default::default()) {
        let entry = entry.unwrap();
        let paid = ledger.entry(&entry.key).map_or(0, |known| known.paid_times);
        match entry.state {
            State::Succeeded => assert_eq!(paid, 1, "{}", entry.key),
            State::Failed => assert_eq!(paid, 0, "{}", entry.key),
            _ => assert!(paid <= 1, "{}", entry.key),
        }
    }
    assert!(journal.verify(None).unwrap().is_ok());
    let mut results = Vec::new();
    let written = journal
        .write_results(pay_operation(), client.profile(), &import, file.as_bytes(), &mut results)
        .unwrap();
    assert_eq!((written.lines, written.repeated, written.wrong), (203, 1, 2));
    assert_eq!(written.states, counts);
}

#[test]
fn the_numbers_of_a_summary_are_those_of_the_journal_and_of_the_provider() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    fill(&journal, &client, 8);
    for (key, faults) in [
        ("ORDER1", "failed"),
        ("ORDER2", "http-503*every@any"),
        ("ORDER3", "unsigned-refusal*every"),
        ("ORDER4", "lost-answer*3"),
    ] {
        sandbox.provoke(key, faults).unwrap();
    }
    let summary = run(&journal, &client, eager(Until::NothingDue));
    assert_eq!(summary.ended, journal.counts().unwrap());
    assert_eq!(summary.ended.all(), 8);
    assert_eq!(i64::try_from(summary.sends).unwrap(), folder.number("SELECT sum(attempts) FROM entry"));
    assert_eq!(
        i64::try_from(summary.sends).unwrap(),
        folder.number("SELECT count(*) FROM record WHERE kind = 'attempt'")
    );
    assert_eq!(summary.sends, sandbox.requests().len() as u64);
    assert!(summary.halted.is_empty() && !summary.stopped && summary.taken_over == 0 && summary.skipped == 0);
    let said = summary.to_string();
    assert!(said.starts_with("5 succeeded, 1 failed, 1 unknown, 1 waiting, 0 open;"), "{said}");
}

#[test]
fn until_nothing_is_due_what_waits_for_later_is_left() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    fill(&journal, &client, 3);
    sandbox.provoke("ORDER1", "http-503*every@any").unwrap();
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap().options(eager(Until::NothingDue));
    let summary = ends_by_itself(&worker);
    assert_eq!((summary.ended.succeeded, summary.ended.waiting), (2, 1));
    let left = entry(&journal, &client, "ORDER1");
    assert_eq!((left.state, left.resumes, left.lease_owner), (State::Waiting, 1, None));
    assert!(left.due_ms.unwrap() > left.updated_ms, "in two minutes");
    assert_eq!(ends_by_itself(&worker).sends, 0);
}

#[test]
fn what_came_while_the_last_refund_took_its_time_is_paid_before_the_worker_ends() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    fill(&journal, &client, 1);
    let (late, account) = (journal.clone(), client.clone());
    let observer = move |event: &WorkerEvent<'_>| {
        if matches!(event, WorkerEvent::Ended { key: "ORDER0", .. }) {
            let submission = Submission::new(pay(&account, "LATE", "10000", "LATEFORM"));
            late.submit(account.profile(), &submission).unwrap();
        }
    };
    // By itself it would not look again for an hour.
    let options = WorkerOptions { look_every: Duration::from_secs(3600), ..eager(Until::NothingDue) };
    let worker = Worker::new(&journal, vec![client]).unwrap().options(options);
    assert_eq!(ends_by_itself(&worker.observer(Arc::new(observer))).ended.succeeded, 2);
}

#[test]
fn until_nothing_is_open_it_goes_on_to_the_end() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal_with(again_at_once(4));
    let client = gateway(&sandbox, http());
    fill(&journal, &client, 3);
    // Three sends each time, so the fourth time it is taken up brings the answer.
    sandbox.provoke("ORDER1", "http-503*9@follow,lost-answer*3").unwrap();
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap().options(eager(Until::NothingOpen));
    let summary = ends_by_itself(&worker);
    assert_eq!((summary.ended.succeeded, summary.ended.waiting), (3, 3));
    let done = entry(&journal, &client, "ORDER1");
    assert_eq!((done.state, done.resumes, done.epoch, done.attempts), (State::Succeeded, 3, 4, 13));
    assert_each_paid_once(&sandbox, 3);
}

#[test]
fn what_is_taken_up_again_in_vain_rests_as_unknown_at_last() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal_with(again_at_once(2));
    let client = gateway(&sandbox, http());
    fill(&journal, &client, 1);
    sandbox.provoke("ORDER0", "http-502*every@any").unwrap();
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap().options(eager(Until::NothingOpen));
    let summary = ends_by_itself(&worker);
    assert_eq!((summary.ended.waiting, summary.ended.unknown, summary.ended.all()), (2, 1, 3));
    let rests = entry(&journal, &client, "ORDER0");
    assert_eq!((rests.state, rests.due_ms, rests.resumes), (State::Unknown, None, 2));
    assert_eq!(rests.next_step, Some(NextStep::ContactSupport));
    assert_eq!(paid(&sandbox, "ORDER0"), 1, "unknown, never failed");
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn until_it_is_stopped_it_takes_what_comes() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap().options(eager(Until::Stopped));
    let stop = worker.stop();
    let (ended, has_ended) = channel();
    let ended = Mutex::new(ended);
    let worker = worker.observer(Arc::new(move |event: &WorkerEvent<'_>| {
        if let WorkerEvent::Ended { key, .. } = event {
            ended.lock().unwrap().send((*key).to_owned()).unwrap();
        }
    }));
    thread::scope(|scope| {
        let works = scope.spawn(|| worker.run().unwrap());
        for key in ["ORDER1", "ORDER2"] {
            journal.submit(client.profile(), &Submission::new(pay(&client, key, "10000", key))).unwrap();
            assert_eq!(has_ended.recv().unwrap(), key);
        }
        stop.cancel();
        let summary = works.join().unwrap();
        assert_eq!((summary.ended.succeeded, summary.stopped), (2, true));
    });
}

#[test]
fn a_stopped_worker_finishes_what_is_under_way_and_gives_everything_else_back_at_once() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal();
    let stop = Arc::new(Mutex::new(None::<taxrefund_core::CancelToken>));
    let (token, at) = (stop.clone(), folder.clone());
    let held = Arc::new(Mutex::new(0));
    let seen = held.clone();
    let transport = line(move |call| {
        if call.number == 1 {
            *seen.lock().unwrap() = at.number("SELECT count(*) FROM entry WHERE lease_owner IS NOT NULL");
            token.lock().unwrap().as_ref().unwrap().cancel();
        }
        call.send()
    });
    let client = gateway(&sandbox, transport);
    fill(&journal, &client, 8);
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap().options(one_by_one(Until::NothingDue));
    *stop.lock().unwrap() = Some(worker.stop());
    let summary = worker.run().unwrap();
    assert_eq!((summary.stopped, summary.sends, summary.ended.succeeded), (true, 1, 1));
    assert!(*held.lock().unwrap() > 1, "it held more than it was sending");
    let still_leased =
        folder.number("SELECT count(*) FROM entry WHERE lease_owner IS NOT NULL OR begun AND state = 'open'");
    assert_eq!(still_leased, 0);

    let other = folder.journal();
    let summary = run(&other, &gateway(&sandbox, http()), eager(Until::NothingDue));
    assert_eq!((summary.ended.succeeded, summary.sends), (7, 7), "nothing is asked about that was not sent");
    assert_each_paid_once(&sandbox, 8);
}

#[test]
fn a_refund_given_back_between_two_sends_is_asked_about_by_the_next_worker() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal();
    let stop = Arc::new(Mutex::new(None::<taxrefund_core::CancelToken>));
    let token = stop.clone();
    let transport = line(move |call| {
        token.lock().unwrap().as_ref().unwrap().cancel();
        call.send()
    });
    // With real waits of seconds, so that it must wait before it repeats.
    let waits = taxrefund_core::CallOptions { policy: Policy::default(), ..options() };
    let client = gateway(&sandbox, transport).with(waits);
    fill(&journal, &client, 1);
    sandbox.provoke("ORDER0", "lost-answer").unwrap();
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap().options(one_by_one(Until::NothingDue));
    *stop.lock().unwrap() = Some(worker.stop());
    assert_eq!(worker.run().unwrap().ended.all(), 0);
    let back = entry(&journal, &client, "ORDER0");
    assert_eq!((back.state, back.begun, back.lease_owner.as_deref()), (State::Open, true, None));
    assert!(back.due_ms.unwrap() > back.updated_ms, "when its wait is over");

    folder.let_time_pass();
    run(&folder.journal(), &gateway(&sandbox, http()), eager(Until::NothingDue));
    assert_eq!(called(&sandbox, "ORDER0"), ["pay", "query"]);
    assert_each_paid_once(&sandbox, 1);
}

#[test]
fn two_workers_share_a_batch_and_no_refund_is_sent_by_both() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let both_are_at_work = Arc::new(Barrier::new(2));
    let client = || {
        let meet = both_are_at_work.clone();
        gateway(
            &sandbox,
            line(move |call| {
                if call.number == 1 {
                    meet.wait();
                }
                call.send()
            }),
        )
    };
    let (one, other) = (folder.journal(), folder.journal());
    let (first, second) = (client(), client());
    fill(&one, &first, 40);
    let (one, other) = thread::scope(|scope| {
        let one = scope.spawn(|| run(&one, &first, eager(Until::NothingOpen)));
        let other = scope.spawn(|| run(&other, &second, eager(Until::NothingOpen)));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert!(one.sends > 0 && other.sends > 0);
    assert_eq!((one.sends + other.sends, one.ended.succeeded + other.ended.succeeded), (40, 40));
    assert_eq!((one.taken_over, other.taken_over), (0, 0));
    assert_each_paid_once(&sandbox, 40);
    assert_eq!(sandbox.requests().len(), 40);
    let owners = folder
        .number("SELECT count(DISTINCT json_extract(content, '$.owner')) FROM record WHERE kind = 'attempt'");
    assert_eq!(owners, 2);
    assert_eq!(folder.number("SELECT max(epoch) FROM entry"), 1);
    assert!(folder.journal().verify(None).unwrap().is_ok());
}

#[test]
fn an_account_set_up_wrongly_is_halted_and_the_rest_of_its_refunds_stay_open() {
    let (sandbox, folder) = (sandbox("1=unsigned-refusal*every"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    fill(&journal, &client, 12);
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap().options(one_by_one(Until::NothingOpen));
    let (summary, events) = told(worker);
    let summary = summary.unwrap();
    let account = client.profile().account();
    assert_eq!((summary.sends, summary.ended.unknown, summary.ended.all()), (5, 5, 5));
    assert_eq!(summary.halted, [account]);
    assert!(summary.to_string().contains("was halted: its configuration is wrong"), "{summary}");
    let halted: Vec<_> = events.iter().filter(|event| event["event"] == "halted").collect();
    assert_eq!(halted.len(), 1);
    assert_eq!((&halted[0]["account"], &halted[0]["reason"]["verified"]), (&json!(account), &json!(false)));
    let untouched = "SELECT count(*) FROM entry WHERE state = 'open' AND lease_owner IS NULL AND NOT begun";
    assert_eq!(folder.number(untouched), 7);

    // Set right, everything is paid: what was refused first is asked about.
    sandbox.reset_to(1, taxrefund_sandbox::FaultMix::none());
    let refused = Filter { next_step: Some(NextStep::FixConfiguration), ..Filter::default() };
    assert_eq!(journal.reopen(&refused, "the key was put right").unwrap(), 5);
    let summary = run(&journal, &client, eager(Until::NothingOpen));
    assert_eq!(summary.ended.succeeded, 12);
    assert_each_paid_once(&sandbox, 12);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn no_account_is_halted_where_that_is_turned_off() {
    let (sandbox, folder) = (sandbox("1=unsigned-refusal*every"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    fill(&journal, &client, 12);
    let summary = run(&journal, &client, WorkerOptions { halt_after: 0, ..one_by_one(Until::NothingOpen) });
    assert_eq!((summary.ended.unknown, summary.halted.len()), (12, 0));
}

#[test]
fn a_success_between_refusals_shows_that_the_account_is_set_up_rightly() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    fill(&journal, &client, 9);
    for line in [0, 1, 2, 3, 5, 6, 7, 8] {
        sandbox.provoke(&format!("ORDER{line}"), "unsigned-refusal*every").unwrap();
    }
    let summary = run(&journal, &client, one_by_one(Until::NothingDue));
    assert_eq!((summary.ended.unknown, summary.ended.succeeded, summary.halted.len()), (8, 1, 0));
}

#[test]
fn a_halted_account_does_not_stop_the_others() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal();
    let (wrong, right) = (gateway(&sandbox, http()), antom(&sandbox, http()));
    fill(&journal, &wrong, 10);
    for line in 0..10 {
        sandbox.provoke(&format!("ORDER{line}"), "unsigned-refusal*every").unwrap();
        let refund = antom_refund(&right, &format!("REFUND{line}"), &format!("PAYMENT{line}"));
        journal.submit(right.profile(), &Submission::new(refund)).unwrap();
    }
    let worker = Worker::new(&journal, vec![wrong, right]).unwrap().options(one_by_one(Until::NothingOpen));
    let summary = ends_by_itself(&worker);
    assert_eq!((summary.ended.succeeded, summary.ended.unknown, summary.halted.len()), (10, 5, 1));
}

#[test]
fn a_worker_whose_halted_account_has_refunds_that_wait_comes_to_an_end() {
    let (sandbox, folder) = (sandbox("1=unsigned-refusal*every"), Folder::new());
    let journal = folder.journal();
    // Short waits, which last until after the account is halted.
    let policy = Policy { attempts: 3, sandbox_wait_permille: 10, ..Policy::default() };
    let client = gateway(&sandbox, http()).with(taxrefund_core::CallOptions { policy, ..options() });
    sandbox.provoke("ORDER0", "http-503*every").unwrap();
    fill(&journal, &client, 8);
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap();
    let summary =
        ends_by_itself(&worker.options(WorkerOptions { halt_after: 1, ..one_by_one(Until::NothingDue) }));
    assert_eq!(summary.halted.len(), 1);
    assert_eq!(
        folder.number("SELECT count(*) FROM entry WHERE lease_owner IS NOT NULL"),
        0,
        "everything is given back"
    );
}

#[test]
fn an_entry_of_an_operation_that_this_program_does_not_know_is_left_alone() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    fill(&journal, &client, 3);
    folder.tamper("UPDATE entry SET operation = 'alipay.pay_by_rocket' WHERE key = 'ORDER1'");
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap().options(eager(Until::NothingDue));
    let (summary, events) = told(worker);
    let summary = summary.unwrap();
    assert_eq!((summary.skipped, summary.ended.succeeded, summary.sends), (1, 2, 2));
    assert!(summary.to_string().contains("1 cannot be used by this program"), "{summary}");
    let skipped: Vec<_> = events.iter().filter(|event| event["event"] == "skipped").collect();
    assert_eq!((skipped.len(), &skipped[0]["key"]), (1, &json!("ORDER1")));
    let left = folder.cell(
        "SELECT json_array(state, begun, attempts, lease_owner, due_ms > updated_ms) FROM entry WHERE key = 'ORDER1'",
    );
    assert_eq!(left, r#"["open",0,0,null,1]"#.to_owned().into());
    // A program that knows it finds it as if nobody had touched it.
    folder.tamper("UPDATE entry SET operation = 'alipay.pay_tax_refund' WHERE key = 'ORDER1'");
    folder.let_time_pass();
    assert_eq!(work(&journal, &client).ended.succeeded, 1);
    assert_eq!(called(&sandbox, "ORDER1"), ["pay"]);
}

#[test]
fn a_sealed_text_that_does_not_open_stops_no_other_refund() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let sealing_key = Some(taxrefund_journal::SealingKey::new([7; 32]));
    let journal = folder.journal_with(Options { sealing_key, ..Options::default() });
    let client = gateway(&sandbox, http());
    fill(&journal, &client, 4);
    folder.tamper("UPDATE request SET sealed = zeroblob(length(sealed)) WHERE entry_id = 1");
    let worked = Worker::new(&journal, vec![client]).unwrap().options(one_by_one(Until::NothingDue)).run();
    let leased = folder.number("SELECT count(*) FROM entry WHERE lease_owner IS NOT NULL");
    assert_eq!(leased, 0, "nothing is kept from others: {worked:?}");
    let summary = worked.unwrap();
    assert_eq!((summary.skipped, summary.ended.succeeded), (1, 3));
}

#[test]
fn a_worker_whose_sealing_key_was_changed_keeps_nothing_from_those_with_the_new_one() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let key = |byte| taxrefund_journal::SealingKey::new([byte; 32]);
    let sealed = || folder.journal_with(Options { sealing_key: Some(key(1)), ..Options::default() });
    let (old, new) = (sealed(), sealed());
    let client = gateway(&sandbox, http());
    new.rotate_key(&key(1), &key(2)).unwrap();
    fill(&new, &client, 4);
    // It is to be started again with the new key; taking everything and putting it aside would stop the others too.
    let worked = Worker::new(&old, vec![client.clone()]).unwrap().options(eager(Until::NothingDue)).run();
    assert_eq!(run(&new, &client, eager(Until::NothingDue)).ended.succeeded, 4, "after {worked:?}");
}

#[test]
fn a_refund_settled_between_two_sends_is_not_sent_again() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal();
    let policy = Policy { attempts: 3, sandbox_wait_permille: 1, ..Policy::default() };
    let client = gateway(&sandbox, http()).with(taxrefund_core::CallOptions { policy, ..options() });
    fill(&journal, &client, 1);
    sandbox.provoke("ORDER0", "lost-request*every").unwrap();
    let (other, receiver) = (folder.journal(), client.clone());
    // Its first attempt is on disk and it waits for the next, when a message says that it failed.
    let observer = move |event: &WorkerEvent<'_>| {
        if let WorkerEvent::Exchanged { .. } = event {
            let message = gateway_message(&receiver, "ORDER0", "F", "N1");
            message.tell(&other, &receiver).unwrap();
        }
    };
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap().options(one_by_one(Until::NothingDue));
    let summary = worker.observer(Arc::new(observer)).run().unwrap();
    assert_eq!(entry(&journal, &client, "ORDER0").state, State::Failed);
    assert_eq!(summary.taken_over, 1);
    // Its form is free for another refund from then on.
    assert_eq!(called(&sandbox, "ORDER0"), ["pay"]);
}

#[test]
fn entries_of_other_accounts_are_left_alone() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, other, journal) =
        (gateway(&sandbox, http()), antom(&sandbox, dead_line()), folder.journal());
    fill(&journal, &client, 2);
    journal.submit(other.profile(), &Submission::new(antom_refund(&other, "REFUND1", "P1"))).unwrap();
    let summary = run(&journal, &client, eager(Until::NothingOpen));
    assert_eq!(summary.ended.all(), 2);
    assert_eq!(entry(&journal, &other, "REFUND1").epoch, 0);
}

#[test]
fn a_refund_that_waits_holds_no_thread() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal();
    let policy = Policy { attempts: 3, sandbox_wait_permille: 2, ..Policy::default() };
    let client = gateway(&sandbox, http()).with(taxrefund_core::CallOptions { policy, ..options() });
    fill(&journal, &client, 2);
    sandbox.provoke("ORDER0", "http-503").unwrap();
    let summary = run(&journal, &client, one_by_one(Until::NothingDue));
    assert_eq!(summary.ended.succeeded, 2);
    let order: Vec<_> = sandbox.requests().into_iter().map(|request| request.key).collect();
    assert_eq!(order, ["ORDER0", "ORDER1", "ORDER0"], "the only thread did not wait with ORDER0");
}

#[test]
fn no_more_refunds_are_held_than_it_may_hold() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal();
    let most = Arc::new(Mutex::new(0));
    let (seen, at) = (most.clone(), folder.clone());
    let transport = line(move |call| {
        let held = at.number("SELECT count(*) FROM entry WHERE lease_owner IS NOT NULL");
        let mut most = seen.lock().unwrap();
        *most = held.max(*most);
        drop(most);
        call.send()
    });
    let policy = Policy { attempts: 3, sandbox_wait_permille: 1, ..Policy::default() };
    let client = gateway(&sandbox, transport).with(taxrefund_core::CallOptions { policy, ..options() });
    fill(&journal, &client, 12);
    for line in 0..6 {
        sandbox.provoke(&format!("ORDER{line}"), "http-503").unwrap();
    }
    let options = WorkerOptions { exchanges: 2, held: 3, ..eager(Until::NothingOpen) };
    assert_eq!(run(&journal, &client, options).ended.succeeded, 12);
    assert_eq!(*most.lock().unwrap(), 3);
}

#[test]
fn a_throttled_answer_slows_the_account_down_for_all_its_workers() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    fill(&journal, &client, 1);
    sandbox.provoke("ORDER0", "throttled").unwrap();
    let worker = Worker::new(&journal, vec![client.clone()]).unwrap().options(one_by_one(Until::NothingDue));
    let (summary, events) = told(worker);
    let summary = summary.unwrap();
    assert_eq!((summary.throttled, summary.ended.succeeded), (1, 1));
    assert!(summary.to_string().contains("1 of them throttled"), "{summary}");
    let slowed: Vec<_> = events.iter().filter(|event| event["event"] == "slowed_down").collect();
    assert_eq!(slowed.len(), 1);
    assert_eq!(slowed[0]["account"], client.profile().account());
    let row = folder.cell("SELECT json_array(limit_milli_per_s, generation, cut_at_ms > 0) FROM account");
    let limit = slowed[0]["milli_per_s"].as_i64().unwrap();
    assert!(limit > 0);
    assert_eq!(row, format!("[{limit},1,1]").into(), "where every other worker reads it");
}

#[test]
fn what_is_told_holds_nothing_personal() {
    let (sandbox, folder) = (sandbox("demo"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let request = |key: &str| {
        json!({
            "out_order_no": key,
            "identify_account_type": "barcode",
            "identify_account_no": "281234567890123456",
            "tax_refund_currency": "SGD",
            "tax_refund_amount": "10000",
            "passport_no": "E98765432",
            "passport_name": "WEI ZHANGSAN",
        })
    };
    for (key, faults) in [
        ("ORDER1", "none"),
        ("ORDER2", "failed"),
        ("ORDER3", "bad-account"),
        ("ORDER4", "forged-failure*every"),
    ] {
        sandbox.provoke(key, faults).unwrap();
        let prepared = prepare(&client, "alipay.pay_tax_refund", &request(key));
        journal.submit(client.profile(), &Submission::new(prepared)).unwrap();
    }
    journal
        .submit(
            client.profile(),
            &Submission::new(prepare(&client, "alipay.pay_tax_refund", &request("ORDER5"))),
        )
        .unwrap();
    folder.tamper("UPDATE request SET clear = replace(clear, 'E98765432', 'E98765433') WHERE entry_id = 5");
    let (summary, events) =
        told(Worker::new(&journal, vec![client]).unwrap().options(eager(Until::NothingDue)));
    assert_eq!(summary.unwrap().skipped, 1);
    let kinds: BTreeSet<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert!(
        ["claimed", "exchanged", "ended", "skipped"].iter().all(|kind| kinds.contains(kind)),
        "{kinds:?}"
    );
    let said = json!(events).to_string();
    for personal in ["281234567890123456", "E9876543", "ZHANGSAN", "10000\""] {
        let said = said.replace("\"code\":\"10000\"", "");
        assert!(!said.contains(personal), "{personal}: {said}");
    }
}

#[test]
fn every_refund_that_ends_is_told_once_and_after_it_is_on_disk() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    fill(&journal, &client, 6);
    sandbox.provoke("ORDER3", "failed").unwrap();
    let ended = Arc::new(Mutex::new(Vec::new()));
    let (seen, at) = (ended.clone(), folder.clone());
    let observer = move |event: &WorkerEvent<'_>| {
        if let WorkerEvent::Ended { key, state, summary, .. } = event {
            let stored = at.cell(&format!("SELECT state FROM entry WHERE key = '{key}'"));
            assert_eq!(stored, state.as_str().to_owned().into());
            seen.lock().unwrap().push(((*key).to_owned(), summary.ended.all()));
        }
    };
    let worker = Worker::new(&journal, vec![client]).unwrap().options(eager(Until::NothingDue));
    worker.observer(Arc::new(observer)).run().unwrap();
    let ended = ended.lock().unwrap();
    assert_eq!(ended.iter().map(|(key, _)| key).collect::<BTreeSet<_>>().len(), 6);
    assert_eq!(ended.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_database_that_fails_ends_the_worker_and_nothing_more_is_sent() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let at = folder.clone();
    let transport = line(move |call| {
        if call.number == 3 {
            at.tamper(REFUSE_ATTEMPTS);
        }
        call.send()
    });
    let (client, journal) = (gateway(&sandbox, transport), folder.journal());
    fill(&journal, &client, 8);
    let worker = Worker::new(&journal, vec![client]).unwrap().options(one_by_one(Until::NothingDue));
    assert_eq!(worker.run().unwrap_err().code(), "journal_store");
    assert_eq!(sandbox.requests().len(), 3);
    assert_eq!(journal.counts().unwrap().succeeded, 2);
    folder.tamper("DROP TRIGGER refuse_attempts");
    let given_back = folder
        .number("SELECT count(*) FROM entry WHERE state = 'open' AND NOT begun AND lease_owner IS NULL");
    assert_eq!(given_back, 5, "all but the one that was under way");
    folder.let_time_pass();
    work(&journal, &gateway(&sandbox, http()));
    assert_eq!(called(&sandbox, "ORDER2"), ["pay", "query"]);
    assert_each_paid_once(&sandbox, 8);
}

#[test]
fn a_worker_whose_connection_panics_comes_to_an_end() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let transport = line(|call| if call.number == 2 { die() } else { call.send() });
    let (client, journal) = (gateway(&sandbox, transport), folder.journal());
    fill(&journal, &client, 4);
    let worker = Worker::new(&journal, vec![client]).unwrap().options(eager(Until::NothingDue));
    // Whether it goes on without the thread or ends with an error, it must not go on for ever.
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let (over, is_over) = channel::<()>();
        let stop = worker.stop();
        let guard = thread::spawn(move || {
            if is_over.recv_timeout(Duration::from_secs(3)).is_err() {
                stop.cancel();
            }
        });
        let ran = worker.run();
        let _ = over.send(());
        guard.join().unwrap();
        ran.is_ok()
    }));
    assert!(!worker.stop().is_cancelled(), "it went on for ever: {ended:?}");
}

#[test]
fn reopening_makes_what_rests_due_and_leaves_what_is_final_open_or_leased() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal_with(Options::default());
    let client = gateway(&sandbox, http());
    for (key, faults) in [
        ("SUCCEEDS", "none"),
        ("FAILS", "failed"),
        ("WAITS", "http-503*every@any"),
        ("RESTS", "unsigned-refusal*every"),
        ("LEASED", "unsigned-refusal*every"),
    ] {
        sandbox.provoke(key, faults).unwrap();
        journal.run(&client, &Submission::new(pay(&client, key, "10000", key))).unwrap();
        sandbox.provoke(key, "none").unwrap();
    }
    journal.submit(client.profile(), &Submission::new(pay(&client, "OPEN", "10000", "OPEN"))).unwrap();
    folder.tamper("UPDATE entry SET lease_owner = 'other', due_ms = 9999999999999 WHERE key = 'LEASED'");
    let only = Filter { state: Some(State::Unknown), ..Filter::default() };
    assert_eq!(journal.reopen(&only, "support has answered").unwrap(), 1);
    let reopened = entry(&journal, &client, "RESTS");
    assert_eq!((reopened.state, reopened.resumes, reopened.begun), (State::Waiting, 0, true));
    let last = journal.story(&reopened).unwrap().pop().unwrap();
    assert_eq!(last.kind, Kind::Reopened);
    let content: Value = serde_json::from_str(&last.content).unwrap();
    assert_eq!((&content["why"], &content["was"]), (&json!("support has answered"), &json!("unknown")));
    assert!(journal.verify(None).unwrap().is_ok());

    assert_eq!(journal.reopen(&Filter::default(), "all").unwrap(), 2, "WAITS, and RESTS again");
    assert_eq!(work(&journal, &client).ended.succeeded, 3);
    assert_eq!(called(&sandbox, "RESTS"), ["pay", "query", "pay"], "it begins by asking");
    assert!(journal.verify(None).unwrap().is_ok());
}
