//! What is opened, and what is refused.

use super::{HOUR_MS, Place, account, change, claim_one, lease, new_entry, on_both, record, set, submit_one};
use crate::entry::State;
use crate::error::{StoreError, StoreFault};
use crate::store::{DataKey, Heartbeat, Result, Store, Then};
use crate::worker::pace::PaceRow;

on_both! {
    a_journal_is_the_same_when_it_is_opened_again,
    openers_at_once_make_one_journal,
    a_newer_journal_is_refused_when_it_is_opened,
    a_journal_that_becomes_newer_refuses_every_write,
    reading_changes_nothing,
    there_must_be_a_journal_to_read,
    what_is_not_a_journal_is_refused,
    a_sound_journal_has_nothing_to_say,
}

/// One of every operation that writes.
fn writes(store: &mut dyn Store) -> Vec<(&'static str, Result<()>)> {
    let pace = PaceRow { limit_milli_per_s: 1, cut_at_ms: 1, generation: 1 };
    let heartbeat = Heartbeat { owner: "w", program: "0", accounts: &[1], alive_ms: HOUR_MS };
    let lease = lease("w", HOUR_MS);
    let claimed = crate::store::Claimed {
        entry: 1,
        operation: String::new(),
        key: String::new(),
        fingerprint: String::new(),
        epoch: 1,
        revision: 1,
        begun: true,
        memory: None,
        resumes: 0,
        request: crate::chain::Private::Clear(String::new()),
    };
    vec![
        ("set_data_keys", store.set_data_keys(&[DataKey { id: 1, wrapped: vec![1] }], 0).map(|_| ())),
        ("account", store.account("antom", "new", "sandbox").map(drop)),
        ("submit", store.submit(&[new_entry(1, "B")]).map(drop)),
        ("claim", store.claim(1, &lease, 1).map(drop)),
        ("claim_one", store.claim_one(1, &lease).map(drop)),
        ("apply", store.apply(&[change(&claimed, set(State::Failed, Then::Rest))]).map(drop)),
        ("release", store.release(1, 1, 0, false).map(drop)),
        ("append", store.append(Some(1), &record("{}"), Some(&[1; 32]), true)),
        ("pull_in", store.pull_in(0).map(drop)),
        ("end_leases", store.end_leases("w").map(drop)),
        ("renew", store.renew(&[(1, 1)], &lease).map(drop)),
        ("heartbeat", store.heartbeat(&heartbeat).map(drop)),
        ("set_pace", store.set_pace(1, &pace).map(drop)),
    ]
}

/// Everything that can be read, for comparison.
fn picture(store: &mut dyn Store) -> impl PartialEq + std::fmt::Debug + use<> {
    let identity = store.identity().unwrap();
    let keys: Vec<i64> = identity.data_keys.iter().map(|key| key.id).collect();
    (identity.id, identity.written_ms, keys, store.head().unwrap(), store.page(0, None, 100).unwrap())
}

fn refusal(result: Result<Box<dyn Store>>) -> StoreError {
    result.err().unwrap()
}

fn a_journal_is_the_same_when_it_is_opened_again(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    submit_one(&mut *store, new_entry(account, "A"));
    assert_eq!(picture(&mut *place.open()), picture(&mut *store));
    drop(store);
    assert_eq!(place.open().counts().unwrap().open, 1);
}

fn openers_at_once_make_one_journal(place: &Place) {
    let ids: Vec<String> = std::thread::scope(|scope| {
        let openers: Vec<_> = (0..6).map(|_| scope.spawn(|| place.open().identity().unwrap().id)).collect();
        openers.into_iter().map(|opener| opener.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

fn a_newer_journal_is_refused_when_it_is_opened(place: &Place) {
    drop(place.open());
    place.sql("UPDATE journal SET version = 7, oldest_program = 1");
    drop(place.open());
    place.sql("UPDATE journal SET oldest_program = 7");
    for read_only in [false, true] {
        let error = refusal(place.try_open(read_only));
        assert_eq!(error.fault, StoreFault::Newer);
        assert!(error.message.contains("schema 7"), "{error}");
    }
}

fn a_journal_that_becomes_newer_refuses_every_write(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    submit_one(&mut *store, new_entry(account, "A"));
    claim_one(&mut *store, 1);
    place.sql("UPDATE journal SET oldest_program = 7");
    let before = picture(&mut *store);
    for (operation, result) in writes(&mut *store) {
        let error = result.expect_err(operation);
        assert_eq!(error.fault, StoreFault::Newer, "{operation}: {error}");
        assert!(error.message.contains("schema 7"), "{operation}: {error}");
    }
    assert_eq!(picture(&mut *store), before);
    place.sql("UPDATE journal SET oldest_program = 1");
    for (operation, result) in writes(&mut *store) {
        result.expect(operation);
    }
}

fn reading_changes_nothing(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    submit_one(&mut *store, new_entry(account, "A"));
    let before = picture(&mut *store);
    let mut reader = place.try_open(true).unwrap();
    assert_eq!(picture(&mut *reader), before);
    for (operation, result) in writes(&mut *reader) {
        let error = result.expect_err(operation);
        assert_eq!(error.fault, StoreFault::ReadOnly, "{operation}: {error}");
    }
    assert_eq!(picture(&mut *reader), before);
    assert_eq!(
        reader.find_account("alipay", "2021000000000001").unwrap().unwrap(),
        (account, "sandbox".to_owned())
    );
    submit_one(&mut *store, new_entry(account, "B"));
    assert_eq!(reader.counts().unwrap().open, 2);
}

fn there_must_be_a_journal_to_read(place: &Place) {
    let error = refusal(place.try_open(true));
    assert_eq!(error.fault, StoreFault::Other);
    assert!(error.message.contains("no journal to read"), "{error}");
    // And none was made by that.
    assert_eq!(refusal(place.try_open(true)), error);
}

fn what_is_not_a_journal_is_refused(place: &Place) {
    if !place.is_file() {
        place.sql("CREATE SCHEMA taxrefund");
    }
    place.sql("CREATE TABLE journal (id integer)");
    for read_only in [false, true] {
        assert_eq!(refusal(place.try_open(read_only)).fault, StoreFault::Foreign);
    }
    place.sql("INSERT INTO journal VALUES (1)");
}

fn a_sound_journal_has_nothing_to_say(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    submit_one(&mut *store, new_entry(account, "A"));
    assert!(store.check().unwrap().is_empty());
}
