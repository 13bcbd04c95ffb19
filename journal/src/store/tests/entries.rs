//! Recording entries, and finding them again.

use taxrefund_core::{NextStep, Protocol};

use super::{
    HOUR_MS, Place, account, change, claim_one, entry, lease, new_entry, on_both, record, set, settle,
    submit_many, submit_one, with_form,
};
use crate::chain::{Kind, NewRecord, Private};
use crate::entry::State;
use crate::store::{DataKey, Inserted, NewEntry, Set, Then};

on_both! {
    an_entry_is_found_as_it_was_recorded,
    a_key_is_taken_for_ever,
    a_key_twice_in_one_submission_is_one_entry,
    a_form_has_one_refund_that_did_not_fail,
    a_failed_refund_frees_its_form,
    an_override_takes_a_form_that_is_taken,
    an_overridden_refund_takes_its_form,
    a_submission_that_fails_records_nothing,
    entries_are_found_by_keys_of_their_account,
    pages_go_through_every_entry_once,
    counts_tell_what_is_in_each_state,
    the_holders_of_a_form_are_all_that_did_not_fail,
    an_account_keeps_its_number_and_its_first_environment,
    sealing_keys_are_replaced_as_a_whole,
    whatever_was_settled_is_read_back,
}

fn an_entry_is_found_as_it_was_recorded(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let new = NewEntry {
        form: Some("FORM 😀 'quoted'; --".to_owned()),
        batch: Some("monday.csv".to_owned()),
        line: Some(7),
        overridden: Some("asked \"by\" the traveller".to_owned()),
        request: Private::Sealed(vec![0, 1, 255]),
        lease: Some(lease("worker", HOUR_MS)),
        record: NewRecord { kind: Kind::Submitted, details: Some(Private::Sealed(vec![9])), ..record("{}") },
        ..new_entry(account, "KEY'1")
    };
    let before_ms = store.now_ms().unwrap();
    let id = submit_one(&mut *store, new);
    let found = entry(&mut *store, id);
    assert_eq!(
        (found.id, found.protocol, found.account.as_str()),
        (id, Protocol::Alipay, "2021000000000001")
    );
    assert_eq!((found.operation.as_str(), found.key.as_str()), ("refund", "KEY'1"));
    assert_eq!(found.form.as_deref(), Some("FORM 😀 'quoted'; --"));
    assert_eq!(
        found.amount.map(|amount| (amount.currency, amount.value)),
        Some(("CNY".to_owned(), "12345".to_owned()))
    );
    assert_eq!(found.fingerprint, "fingerprint of KEY'1");
    assert_eq!((found.batch.as_deref(), found.line), (Some("monday.csv"), Some(7)));
    assert_eq!(found.overridden.as_deref(), Some("asked \"by\" the traveller"));
    assert_eq!((found.state, found.attempts, found.resumes, found.conflict), (State::Open, 0, 0, false));
    assert_eq!((found.code, found.sub_code, found.next_step, found.reference), (None, None, None, None));
    // It was leased as it was recorded: whoever takes it over must ask before sending.
    assert_eq!(
        (found.lease_owner.as_deref(), found.epoch, found.revision, found.begun),
        (Some("worker"), 1, 0, true)
    );
    assert!(found.created_ms >= before_ms && found.updated_ms == found.created_ms);
    assert_eq!(found.due_ms, Some(found.created_ms + HOUR_MS));
    assert!(store.requests(&[id]).unwrap() == [(id, Private::Sealed(vec![0, 1, 255]))]);
    let records = store.records_of(&[id]).unwrap();
    assert_eq!(
        (records.len(), records[0].seq, records[0].kind, records[0].entry),
        (1, 1, Kind::Submitted, Some(id))
    );
    assert!(records[0].details == Some(Private::Sealed(vec![9])));
}

fn a_key_is_taken_for_ever(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    for state in [State::Waiting, State::Unknown, State::Failed] {
        settle(&mut *store, id, state);
        let head = store.head().unwrap();
        assert_eq!(store.submit(&[new_entry(account, "A")]).unwrap(), [Inserted::Known(id)]);
        assert_eq!(store.head().unwrap(), head);
    }
    let other = store.account("antom", "2021000000000001", "sandbox").unwrap().0;
    assert!(matches!(store.submit(&[new_entry(other, "A")]).unwrap()[..], [Inserted::New(new)] if new != id));
}

fn a_key_twice_in_one_submission_is_one_entry(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let entries = ["A", "B", "A"].map(|key| new_entry(account, key));
    let inserted = store.submit(&entries).unwrap();
    let [Inserted::New(a), Inserted::New(b), Inserted::Known(again)] = inserted[..] else {
        panic!("{inserted:?}")
    };
    assert!(a == again && a < b);
    assert_eq!((store.head().unwrap().seq, store.counts().unwrap().all()), (2, 2));
}

fn a_form_has_one_refund_that_did_not_fail(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, with_form(account, "A", "F"));
    for state in [State::Open, State::Waiting, State::Unknown, State::Succeeded] {
        if state != State::Open {
            settle(&mut *store, id, state);
        }
        assert_eq!(store.submit(&[with_form(account, "B", "F")]).unwrap(), [Inserted::FormTaken], "{state}");
    }
    // Its own key is known, not taken by a form.
    assert_eq!(store.submit(&[with_form(account, "A", "F")]).unwrap(), [Inserted::Known(id)]);
    let inserted = store.submit(&[with_form(account, "C", "G"), with_form(account, "D", "G")]).unwrap();
    assert!(matches!(inserted[..], [Inserted::New(_), Inserted::FormTaken]), "{inserted:?}");
}

fn a_failed_refund_frees_its_form(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let failed = submit_one(&mut *store, with_form(account, "A", "F"));
    settle(&mut *store, failed, State::Failed);
    submit_one(&mut *store, with_form(account, "B", "F"));
    assert_eq!(store.submit(&[with_form(account, "C", "F")]).unwrap(), [Inserted::FormTaken]);
}

fn an_override_takes_a_form_that_is_taken(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    submit_one(&mut *store, with_form(account, "A", "F"));
    for key in ["B", "C"] {
        let overriding =
            NewEntry { overridden: Some("second part".to_owned()), ..with_form(account, key, "F") };
        submit_one(&mut *store, overriding);
    }
    assert_eq!(store.submit(&[with_form(account, "D", "F")]).unwrap(), [Inserted::FormTaken]);
}

fn an_overridden_refund_takes_its_form(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let overriding = NewEntry { overridden: Some("why".to_owned()), ..with_form(account, "A", "F") };
    submit_one(&mut *store, overriding);
    assert_eq!(store.submit(&[with_form(account, "B", "F")]).unwrap(), [Inserted::FormTaken]);
}

fn a_submission_that_fails_records_nothing(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let no_such_account = new_entry(account + 1000, "B");
    assert!(store.submit(&[new_entry(account, "A"), no_such_account]).is_err());
    assert_eq!((store.counts().unwrap().all(), store.head().unwrap().seq), (0, 0));
    submit_one(&mut *store, new_entry(account, "A"));
}

fn entries_are_found_by_keys_of_their_account(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let other = store.account("antom", "x", "sandbox").unwrap().0;
    let ids = submit_many(&mut *store, account, 5);
    submit_one(&mut *store, new_entry(other, "K1"));
    let mut found: Vec<i64> = store
        .by_keys(account, &["K3", "K1", "unknown", "nul\0"])
        .unwrap()
        .iter()
        .map(|entry| entry.id)
        .collect();
    found.sort_unstable();
    assert_eq!(found, [ids[1], ids[3]]);
    assert!(store.by_keys(account, &[]).unwrap().is_empty());
    assert!(store.by_id(ids[4] + 1000).unwrap().is_none());
    let requests = store.requests(&[ids[2], 1_000_000, ids[0]]).unwrap();
    assert_eq!(requests.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ids[2], ids[0]]);
}

fn pages_go_through_every_entry_once(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let ids = submit_many(&mut *store, account, 25);
    for id in ids.iter().step_by(5) {
        settle(&mut *store, *id, State::Failed);
    }
    for (state, expected) in
        [(None, ids.clone()), (Some(State::Failed), ids.iter().copied().step_by(5).collect())]
    {
        let (mut after, mut seen) = (0, Vec::new());
        loop {
            let page = store.page(after, state, 4).unwrap();
            let Some(last) = page.last() else { break };
            after = last.id;
            assert!(page.len() <= 4);
            seen.extend(page.iter().map(|entry| entry.id));
        }
        assert_eq!(seen, expected);
    }
    let records = store.records_of(&[ids[5], ids[0], ids[1]]).unwrap();
    let of: Vec<Option<i64>> = records.iter().map(|record| record.entry).collect();
    assert_eq!(of, [ids[5], ids[5], ids[0], ids[0], ids[1]].map(Some));
    assert!(records[0].seq < records[1].seq);
    assert_eq!(store.records(28, 10).unwrap().iter().map(|record| record.seq).collect::<Vec<_>>(), [29, 30]);
}

fn counts_tell_what_is_in_each_state(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    assert_eq!(store.counts().unwrap().all(), 0);
    let ids = submit_many(&mut *store, account, 15);
    let states = [State::Waiting, State::Succeeded, State::Failed, State::Unknown];
    let mut at = 0;
    for (more, state) in states.into_iter().enumerate() {
        for _ in 0..=more {
            settle(&mut *store, ids[at], state);
            at += 1;
        }
    }
    let mut counts = store.counts().unwrap();
    assert_eq!(State::ALL.map(|state| *counts.of(state)), [5, 1, 2, 3, 4]);
}

fn the_holders_of_a_form_are_all_that_did_not_fail(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let failed = submit_one(&mut *store, with_form(account, "A", "F"));
    settle(&mut *store, failed, State::Failed);
    let held = submit_one(&mut *store, with_form(account, "B", "F"));
    settle(&mut *store, held, State::Succeeded);
    let overriding = NewEntry { overridden: Some("why".to_owned()), ..with_form(account, "C", "F") };
    let second = submit_one(&mut *store, overriding);
    submit_one(&mut *store, with_form(account, "D", "G"));
    let holders = store.holders_of_form(account, "F").unwrap();
    assert_eq!(holders, [(held, "B".to_owned(), State::Succeeded), (second, "C".to_owned(), State::Open)]);
}

fn an_account_keeps_its_number_and_its_first_environment(place: &Place) {
    let mut store = place.open();
    let (id, environment) = store.account("alipay", "a", "sandbox").unwrap();
    assert_eq!(environment, "sandbox");
    assert_eq!(store.account("alipay", "a", "production").unwrap(), (id, "sandbox".to_owned()));
    assert_ne!(store.account("antom", "a", "production").unwrap().0, id);
    assert_eq!(place.open().account("alipay", "a", "production").unwrap(), (id, "sandbox".to_owned()));
}

fn sealing_keys_are_replaced_as_a_whole(place: &Place) {
    let mut store = place.open();
    let key = |id: i64| DataKey { id, wrapped: vec![0, u8::try_from(id).unwrap()] };
    assert!(store.identity().unwrap().data_keys.is_empty());
    let mut known = 0;
    for ids in [vec![1], vec![1, 2], vec![3, 2], vec![]] {
        let keys: Vec<_> = ids.iter().map(|id| key(*id)).collect();
        assert!(!store.set_data_keys(&keys, known + 1).unwrap(), "somebody else was faster");
        assert!(store.set_data_keys(&keys, known).unwrap());
        known = keys.len();
        let found = place.open().identity().unwrap().data_keys;
        let mut expected = ids;
        expected.sort_unstable();
        assert_eq!(found.iter().map(|key| key.id).collect::<Vec<_>>(), expected);
        assert!(found.iter().all(|found| found.wrapped == key(found.id).wrapped));
    }
}

fn whatever_was_settled_is_read_back(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    let claimed = claim_one(&mut *store, id);
    let full = Set {
        code: Some("40004".to_owned()),
        sub_code: Some("ACQ.BUSY".to_owned()),
        next_step: Some(NextStep::ResumeLater.as_str()),
        reference: Some("2026112300".to_owned()),
        memory: Some("{\"sends\":2}".to_owned()),
        begun: false,
        more_attempts: 3,
        resumes: 2,
        ..set(State::Waiting, Then::Release(HOUR_MS))
    };
    store.apply(&[change(&claimed, full)]).unwrap();
    let found = entry(&mut *store, id);
    assert_eq!((found.code.as_deref(), found.sub_code.as_deref()), (Some("40004"), Some("ACQ.BUSY")));
    assert_eq!(
        (found.next_step, found.reference.as_deref()),
        (Some(NextStep::ResumeLater), Some("2026112300"))
    );
    assert_eq!((found.attempts, found.resumes, found.begun), (3, 2, false));
    assert_eq!((found.state, found.lease_owner, found.epoch, found.revision), (State::Waiting, None, 1, 2));
    assert_eq!(found.due_ms, Some(found.updated_ms + HOUR_MS));
    let again = claim_one(&mut *store, id);
    assert_eq!((again.memory.as_deref(), again.resumes), (Some("{\"sends\":2}"), 2));
    // Attempts add up; a memory stays until another is written; codes do not.
    store.apply(&[change(&again, set(State::Unknown, Then::Rest))]).unwrap();
    let found = entry(&mut *store, id);
    assert_eq!((found.attempts, found.code, found.due_ms), (4, None, None));
    assert_eq!(claim_one(&mut *store, id).memory.as_deref(), Some("{\"sends\":2}"));
}
