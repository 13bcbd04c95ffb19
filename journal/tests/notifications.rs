//! Notifications settle what is open, never turn back what is final, and are kept whatever they say.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::*;
use taxrefund_core::{Client, NextStep, Outcome};
use taxrefund_journal::worker::{Until, WorkerEvent};
use taxrefund_journal::{Entry, Filter, Journal, Kind, Merged, State, Submission, Worker};
use taxrefund_sandbox::Sandbox;

fn submit(journal: &Journal, client: &Client, key: &str) -> Entry {
    let submission = Submission::new(antom_refund(client, key, key));
    journal.submit(client.profile(), &submission).unwrap().entry().clone()
}

fn settled(merged: &Merged) -> &Entry {
    let Merged::Settled(entry) = merged else { panic!("{merged:?}") };
    entry
}

fn last_record(journal: &Journal, entry: &Entry) -> Value {
    let record = journal.story(entry).unwrap().pop().unwrap();
    assert_eq!(record.kind, Kind::Notification);
    serde_json::from_str(&record.content).unwrap()
}

/// Antom's account, a journal, and a worker that may send.
fn office() -> (Sandbox, Folder, Client, Journal) {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let client = antom(&sandbox, http());
    let journal = folder.journal();
    (sandbox, folder, client, journal)
}

#[test]
fn a_notification_settles_a_refund_that_is_open_waiting_or_unknown() {
    let (sandbox, _folder, client, journal) = office();
    for (key, faults, stands) in [
        ("REFUND1", None, State::Open),
        ("REFUND2", Some("http-503*every@any"), State::Waiting),
        ("REFUND3", Some("unsigned-refusal*every"), State::Unknown),
    ] {
        submit(&journal, &client, key);
        if let Some(faults) = faults {
            sandbox.provoke(key, faults).unwrap();
            journal.resume(&client, key).unwrap();
        }
        let before = entry(&journal, &client, key);
        assert_eq!(before.state, stands);
        let message = antom_message(&client, key, "SUCCESS");
        let merged = message.tell(&journal, &client).unwrap();
        let after = settled(&merged);
        assert_eq!((after.state, after.reference.as_deref()), (State::Succeeded, Some("RF-TOLD")));
        assert_eq!((after.due_ms, after.next_step, after.epoch), (None, None, before.epoch + 1));
        assert_eq!(*after, entry(&journal, &client, key), "on disk when it returns");
    }
    assert_eq!(work(&journal, &client).sends, 0, "nothing is left to do");
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_refund_settled_by_a_notification_has_its_outcome() {
    let (_sandbox, _folder, client, journal) = office();
    submit(&journal, &client, "REFUND1");
    antom_message(&client, "REFUND1", "SUCCESS").tell(&journal, &client).unwrap();
    let outcome = journal.resume(&client, "REFUND1").unwrap();
    let Outcome::Succeeded(succeeded) = &outcome else { panic!("{outcome:?}") };
    assert_eq!(succeeded.reference.as_deref(), Some("RF-TOLD"));
    assert_eq!(succeeded.response["refundStatus"], "SUCCESS");
    assert!(succeeded.report.attempts.is_empty());

    submit(&journal, &client, "REFUND2");
    antom_message(&client, "REFUND2", "FAIL").tell(&journal, &client).unwrap();
    let outcome = journal.resume(&client, "REFUND2").unwrap();
    let Outcome::Failed(failed) = &outcome else { panic!("{outcome:?}") };
    assert_eq!((&*failed.reason.code, failed.next_step), ("PROCESS_FAIL", NextStep::StartNew));
    assert!(failed.reason.verified);
}

#[test]
fn a_settled_refund_does_not_show_the_fault_of_an_earlier_attempt_as_its_reason() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    sandbox.provoke("ORDER1", "http-503*every@any").unwrap();
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    assert_eq!(journal.run(&client, &submission).unwrap().as_str(), "unknown");
    gateway_message(&client, "ORDER1", "F", "N1").tell(&journal, &client).unwrap();
    let outcome = journal.resume(&client, "ORDER1").unwrap();
    let Outcome::Failed(failed) = &outcome else { panic!("{outcome:?}") };
    // An HTTP status is not why it failed, and no verified answer said so.
    assert_ne!(failed.reason.code, "http_status");
}

#[test]
fn a_notification_of_the_gateway_settles_by_its_status() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    for (key, status, state) in [("ORDER1", "S", State::Succeeded), ("ORDER2", "F", State::Failed)] {
        journal.submit(client.profile(), &Submission::new(pay(&client, key, "10000", key))).unwrap();
        let merged = gateway_message(&client, key, status, key).tell(&journal, &client).unwrap();
        assert_eq!(settled(&merged).state, state);
        assert_eq!(settled(&merged).reference.as_deref(), Some("2088TOLD"));
    }
    assert_eq!(sandbox.requests().len(), 0);
}

#[test]
fn what_says_nothing_final_changes_nothing_and_is_kept() {
    let (_sandbox, _folder, client, journal) = office();
    let before = submit(&journal, &client, "REFUND1");
    let message = antom_message(&client, "REFUND1", "PROCESSING");
    let merged = message.tell(&journal, &client).unwrap();
    assert!(matches!(merged, Merged::Unchanged(_)), "{merged:?}");
    assert_eq!(entry(&journal, &client, "REFUND1"), before);
    let told = last_record(&journal, &before);
    assert_eq!((&told["merged"], &told["state"]), (&json!("unchanged"), &Value::Null));
    let record = journal.story(&before).unwrap().pop().unwrap();
    let evidence = journal.evidence(&record).unwrap();
    assert_eq!(evidence["notification"]["body"], String::from_utf8(message.body.clone()).unwrap());
    assert_eq!(evidence["notification"]["headers"], json!(message.headers));
    assert_eq!(work(&journal, &client).ended.succeeded, 1, "it is still to be sent");
}

#[test]
fn the_same_message_again_is_known_and_other_words_for_it_change_nothing() {
    let (_sandbox, folder, client, journal) = office();
    let before = submit(&journal, &client, "REFUND1");
    let message = antom_message(&client, "REFUND1", "SUCCESS");
    settled(&message.tell(&journal, &client).unwrap());
    let after = entry(&journal, &client, "REFUND1");
    for _ in 0..2 {
        assert!(matches!(message.tell(&journal, &client).unwrap(), Merged::Again));
    }
    assert!(
        matches!(message.tell(&folder.journal(), &client).unwrap(), Merged::Again),
        "any handle knows it"
    );
    assert_eq!(journal.story(&before).unwrap().len(), 2, "kept once");

    let reworded =
        antom_message_with(&client, "REFUND1", "SUCCESS", &json!({ "refundTime": "2026-11-23T01:02:03Z" }));
    assert!(matches!(reworded.tell(&journal, &client).unwrap(), Merged::Unchanged(_)));
    assert_eq!(journal.story(&before).unwrap().len(), 3, "other bytes are kept as well");
    assert_eq!(entry(&journal, &client, "REFUND1"), after);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_contradiction_is_marked_and_the_final_state_stays() {
    let (sandbox, _folder, client, journal) = office();
    sandbox.provoke("REFUND2", "failed").unwrap();
    for (key, state, contradiction) in
        [("REFUND1", State::Succeeded, "FAIL"), ("REFUND2", State::Failed, "SUCCESS")]
    {
        submit(&journal, &client, key);
        journal.resume(&client, key).unwrap();
        let before = entry(&journal, &client, key);
        assert_eq!((before.state, before.conflict), (state, false));
        let merged = antom_message(&client, key, contradiction).tell(&journal, &client).unwrap();
        assert!(matches!(merged, Merged::Conflict(_)), "{merged:?}");
        let after = entry(&journal, &client, key);
        assert_eq!(after, Entry { conflict: true, ..before.clone() });
        assert_eq!(last_record(&journal, &before)["merged"], "conflict");
        assert_eq!(journal.resume(&client, key).unwrap().as_str(), state.as_str());
    }
    let of_interest = Filter { conflict: true, ..Filter::default() };
    assert_eq!(journal.entries(of_interest).count(), 2);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_conflict_that_is_returned_carries_its_mark() {
    let (_sandbox, _folder, client, journal) = office();
    submit(&journal, &client, "REFUND1");
    journal.resume(&client, "REFUND1").unwrap();
    let merged = antom_message(&client, "REFUND1", "FAIL").tell(&journal, &client).unwrap();
    let Merged::Conflict(entry) = &merged else { panic!("{merged:?}") };
    assert!(entry.conflict);
}

#[test]
fn a_message_about_another_amount_settles_nothing() {
    let (_sandbox, _folder, client, journal) = office();
    submit(&journal, &client, "REFUND1");
    for (value, currency) in [("101", "USD"), ("100", "EUR")] {
        let other = json!({ "refundAmount": { "currency": currency, "value": value } });
        let merged =
            antom_message_with(&client, "REFUND1", "SUCCESS", &other).tell(&journal, &client).unwrap();
        assert!(matches!(merged, Merged::Conflict(_)), "{merged:?}");
    }
    let after = entry(&journal, &client, "REFUND1");
    assert_eq!((after.state, after.conflict, after.reference), (State::Open, true, None));
    assert!(matches!(
        antom_message(&client, "REFUND1", "SUCCESS").tell(&journal, &client).unwrap(),
        Merged::Settled(_)
    ));
}

#[test]
fn a_message_about_a_refund_that_is_not_here_is_kept() {
    let (_sandbox, folder, client, journal) = office();
    let message = antom_message(&client, "NOBODY", "SUCCESS");
    assert!(matches!(message.tell(&journal, &client).unwrap(), Merged::Stranger));
    assert!(matches!(message.tell(&journal, &client).unwrap(), Merged::Again));
    let record = folder
        .cell("SELECT kind || ' ' || json_extract(content, '$.key') FROM record WHERE entry_id IS NULL");
    assert_eq!(record, "notification NOBODY".to_owned().into());
    assert_eq!(journal.counts().unwrap().all(), 0);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_message_that_came_before_its_refund_was_recorded_settles_it_when_it_comes_again() {
    let (_sandbox, _folder, client, journal) = office();
    let message = antom_message(&client, "REFUND1", "SUCCESS");
    assert!(matches!(message.tell(&journal, &client).unwrap(), Merged::Stranger));
    submit(&journal, &client, "REFUND1");
    let merged = message.tell(&journal, &client).unwrap();
    assert!(matches!(merged, Merged::Settled(_)), "{merged:?}");
}

#[test]
fn a_message_takes_the_refund_from_whoever_is_at_work_on_it() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let at = folder.clone();
    // It comes while the answer is on its way; the answer is lost.
    let transport = line(move |call| {
        let (journal, client) = (at.journal(), gateway_at(&call.request.url));
        let merged = gateway_message(&client, "ORDER1", "S", "N1").tell(&journal, &client).unwrap();
        assert!(matches!(merged, Merged::Settled(_)), "{merged:?}");
        call.send().and(Err(taxrefund_core::Fault::Timeout))
    });
    let (client, journal) = (gateway(&sandbox, transport), folder.journal());
    let outcome = journal.run(&client, &Submission::new(pay(&client, "ORDER1", "10000", "FORM1"))).unwrap();
    assert_eq!((outcome.as_str(), outcome.reference()), ("succeeded", Some("2088TOLD")));
    assert_eq!(called(&sandbox, "ORDER1"), ["pay"], "nothing more is sent");
    let entry = entry(&journal, &client, "ORDER1");
    assert_eq!((entry.state, entry.attempts, entry.conflict), (State::Succeeded, 0, false));
    let kinds: Vec<_> = journal.story(&entry).unwrap().iter().map(|record| record.kind).collect();
    assert_eq!(kinds, [Kind::Submitted, Kind::Notification, Kind::Late]);
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_worker_lets_go_of_what_a_message_has_settled() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let at = folder.clone();
    let transport = line(move |call| {
        if call.number == 1 {
            let (journal, client) = (at.journal(), gateway_at(&call.request.url));
            gateway_message(&client, "ORDER1", "S", "N1").tell(&journal, &client).unwrap();
        }
        call.send()
    });
    let (client, journal) = (gateway(&sandbox, transport), folder.journal());
    for key in ["ORDER1", "ORDER2"] {
        journal.submit(client.profile(), &Submission::new(pay(&client, key, "10000", key))).unwrap();
    }
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = events.clone();
    let observer = move |event: &WorkerEvent<'_>| {
        if let WorkerEvent::TakenOver { key } = event {
            seen.lock().unwrap().push((*key).to_owned());
        }
    };
    let alone = taxrefund_journal::worker::WorkerOptions { exchanges: 1, ..eager(Until::NothingDue) };
    let worker = Worker::new(&journal, vec![client]).unwrap().options(alone).observer(Arc::new(observer));
    let summary = worker.run().unwrap();
    assert_eq!(*events.lock().unwrap(), ["ORDER1"]);
    assert_eq!((summary.taken_over, summary.ended.succeeded, summary.sends), (1, 1, 2));
    assert_eq!(journal.counts().unwrap().succeeded, 2);
}

#[test]
fn the_reply_may_be_sent_only_when_it_is_recorded() {
    let (_sandbox, folder, client, journal) = office();
    submit(&journal, &client, "REFUND1");
    folder.tamper(
        "CREATE TRIGGER refuse BEFORE INSERT ON record WHEN NEW.kind = 'notification'
         BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END",
    );
    let message = antom_message(&client, "REFUND1", "SUCCESS");
    assert_eq!(message.tell(&journal, &client).unwrap_err().code(), "journal_store");
    assert_eq!(entry(&journal, &client, "REFUND1").state, State::Open);
    folder.tamper("DROP TRIGGER refuse");
    assert!(
        matches!(message.tell(&journal, &client).unwrap(), Merged::Settled(_)),
        "sent again, it is taken"
    );
}

#[test]
fn one_message_delivered_to_many_at_once_settles_once() {
    let (_sandbox, folder, client, journal) = office();
    let before = submit(&journal, &client, "REFUND1");
    let message = antom_message(&client, "REFUND1", "SUCCESS");
    let other = folder.journal();
    let settled = std::thread::scope(|scope| {
        let servers: Vec<_> = (0..6)
            .map(|server| {
                let (journal, message, client) =
                    (if server % 2 == 0 { &journal } else { &other }, &message, &client);
                scope.spawn(move || message.tell(journal, client).unwrap())
            })
            .collect();
        let merged = servers.into_iter().map(|server| server.join().unwrap());
        merged.filter(|merged| matches!(merged, Merged::Settled(_))).count()
    });
    assert_eq!(settled, 1);
    let after = entry(&journal, &client, "REFUND1");
    assert_eq!((after.state, after.epoch, after.conflict), (State::Succeeded, before.epoch + 1, false));
    assert!(journal.verify(None).unwrap().is_ok());
}

/// One HTTP request on a listener, answered with 200 and this body: its path, headers and body.
fn received(listener: &TcpListener, reply: impl FnOnce(&[(String, String)], &[u8]) -> String) -> Vec<u8> {
    let (mut stream, _) = listener.accept().unwrap();
    let (mut raw, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        let read = stream.read(&mut buffer).unwrap();
        raw.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&raw).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let headers: Vec<(String, String)> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length").unwrap().1.parse().unwrap();
        if body.len() >= length {
            let reply = reply(&headers, body.as_bytes());
            let length = reply.len();
            let answer =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{reply}");
            stream.write_all(answer.as_bytes()).unwrap();
            return body.as_bytes().to_vec();
        }
    }
}

#[test]
fn what_the_provider_really_sends_settles_the_refund_that_it_has_not_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    let (sandbox, _folder, client, journal) = office();
    // Its answer is lost, and so are all answers to inquiries.
    sandbox.provoke("REFUND1", "lost-answer*every@any").unwrap();
    let request = json!({
        "refundRequestId": "REFUND1",
        "paymentId": "PAYMENT1",
        "refundAmount": { "currency": "USD", "value": "100" },
        "refundNotifyUrl": url,
    });
    let outcome = journal.run(&client, &Submission::new(prepare(&client, "antom.refund", &request))).unwrap();
    assert_eq!(outcome.as_str(), "unknown");
    received(&listener, |headers, body| {
        let notification = client.profile().notification("/notify", headers, body, 0).unwrap();
        let merged = journal.notify(client.profile(), &notification, headers, body).unwrap();
        assert_eq!(settled(&merged).state, State::Succeeded);
        notification.reply.body
    });
    let ledger = sandbox.ledger();
    let paid = ledger.entry("REFUND1").unwrap();
    assert_eq!(paid.paid_times, 1);
    assert_eq!(entry(&journal, &client, "REFUND1").reference, paid.reference);
}

#[test]
fn a_message_fills_in_the_number_that_the_answer_of_a_success_did_not_have() {
    let (sandbox, _folder, client, journal) = office();
    sandbox.provoke("REFUND1", "success-without-number").unwrap();
    let outcome =
        journal.run(&client, &Submission::new(antom_refund(&client, "REFUND1", "REFUND1"))).unwrap();
    assert_eq!((outcome.as_str(), outcome.reference()), ("succeeded", None));
    let message = antom_message(&client, "REFUND1", "SUCCESS");
    let merged = message.tell(&journal, &client).unwrap();
    let Merged::Unchanged(entry) = merged else { panic!("{merged:?}") };
    assert!(entry.reference.is_some());
    assert_eq!(journal.outcome(&entry).unwrap().unwrap().reference(), entry.reference.as_deref());
    assert!(matches!(message.tell(&journal, &client).unwrap(), Merged::Again));
    assert!(journal.verify(None).unwrap().is_ok());
}
