//! One refund through the journal: recorded before it is sent, paid once however often it is asked for.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use support::*;
use taxrefund_core::Outcome;
use taxrefund_journal::{JournalError, State, Submission};

#[test]
fn a_refund_asked_for_twice_is_paid_once_and_has_the_same_outcome() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let submission = Submission::new(pay(&client, "ORDER1", "10000", "FORM1"));
    let first = journal.run(&client, &submission).unwrap();
    let again = journal.run(&client, &submission).unwrap();
    assert!(matches!(first, Outcome::Succeeded(_)), "{first:?}");
    assert_eq!(first.reference(), again.reference());
    assert_eq!(first.report().attempts.len(), again.report().attempts.len());
    assert_eq!(first.report().evidence, again.report().evidence);
    let ledger = sandbox.ledger();
    assert_eq!(ledger.entries.iter().map(|entry| entry.paid_times).sum::<u32>(), 1);
    assert_eq!(sandbox.requests().len(), 1, "the second call asked nobody");
    let entry = journal.find(client.profile(), "ORDER1").unwrap().unwrap();
    assert_eq!((entry.state, entry.attempts), (State::Succeeded, 1));
    assert!(journal.verify(None).unwrap().is_ok());
}

#[test]
fn a_key_with_other_content_is_refused_with_the_fields_named_and_nothing_sent() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    journal.run(&client, &Submission::new(pay(&client, "ORDER1", "10000", "FORM1"))).unwrap();
    let refused =
        journal.run(&client, &Submission::new(pay(&client, "ORDER1", "20000", "FORM1"))).unwrap_err();
    let JournalError::KeyReused { fields, .. } = &refused else { panic!("{refused}") };
    assert_eq!(fields, &["tax_refund_amount"]);
    assert_eq!(sandbox.requests().len(), 1);
}
