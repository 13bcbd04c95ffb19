//! Records: their chain, and texts of every kind in them.

use super::{
    HOUR_MS, Place, account, assert_chain_holds, change, claim_one, entry, new_entry, on_both, record, set,
    submit_many, submit_one,
};
use crate::chain::{Head, Kind, NewRecord, Private};
use crate::entry::State;
use crate::store::{Change, NewEntry, Set, Then};

on_both! {
    an_empty_journal_has_the_head_of_its_id,
    the_chain_is_that_of_its_records,
    concurrent_writers_keep_the_chain_whole,
    a_change_without_a_record_leaves_the_chain_alone,
    a_notification_is_known_again,
    a_notification_of_a_superseded_change_is_not_recorded,
    an_appended_record_moves_neither_epoch_nor_revision,
    texts_of_every_kind_come_back_as_they_were,
    the_views_for_people_can_be_read,
    the_time_of_the_last_write_is_known,
    a_record_of_no_entry_is_found,
}

fn an_empty_journal_has_the_head_of_its_id(place: &Place) {
    let mut store = place.open();
    let identity = store.identity().unwrap();
    assert_eq!(identity.id.len(), 32);
    assert_eq!(store.head().unwrap(), Head::empty(&identity.id));
    assert!(store.records(0, 10).unwrap().is_empty());
}

fn the_chain_is_that_of_its_records(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let ids = submit_many(&mut *store, account, 3);
    let sealed =
        NewRecord { kind: Kind::Notification, details: Some(Private::Sealed(vec![0; 40])), ..record("{}") };
    store.append(None, &sealed, None, false).unwrap();
    let claimed = claim_one(&mut *store, ids[1]);
    let details = Some(Private::Clear("{\"body\":\"…\"}".to_owned()));
    let with_details = NewRecord { details, ..record("{\"interface\":\"query\"}") };
    store
        .apply(&[Change {
            record: Some(with_details),
            ..change(&claimed, set(State::Waiting, Then::Release(0)))
        }])
        .unwrap();
    store.append(Some(ids[0]), &NewRecord { kind: Kind::Late, ..record("") }, None, false).unwrap();
    assert_eq!(store.head().unwrap().seq, 6);
    assert_chain_holds(&mut *store);
    assert_chain_holds(&mut *place.open());
    let kinds: Vec<Kind> = store.records(0, 10).unwrap().iter().map(|record| record.kind).collect();
    assert_eq!(kinds[3..], [Kind::Notification, Kind::Attempt, Kind::Late]);
}

fn concurrent_writers_keep_the_chain_whole(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let ids = submit_many(&mut *store, account, 4);
    let writers: Vec<_> = ids
        .into_iter()
        .map(|id| {
            let mut store = place.open();
            std::thread::spawn(move || {
                let mut claimed = claim_one(&mut *store, id);
                for at in 0..15 {
                    store.append(Some(id), &record(&format!("{{\"at\":{at}}}")), None, false).unwrap();
                    store.submit(&[new_entry(account, &format!("{id}/{at}"))]).unwrap();
                    store.apply(&[change(&claimed, set(State::Waiting, Then::Hold(HOUR_MS)))]).unwrap();
                    claimed.revision += 1;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    assert_eq!(store.head().unwrap().seq, 4 + 4 * 15 * 3);
    assert_chain_holds(&mut *store);
}

fn a_change_without_a_record_leaves_the_chain_alone(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    let claimed = claim_one(&mut *store, id);
    let head = store.head().unwrap();
    let silent = Change { record: None, ..change(&claimed, set(State::Waiting, Then::Release(0))) };
    store.apply(&[silent]).unwrap();
    assert_eq!((store.head().unwrap(), entry(&mut *store, id).state), (head, State::Waiting));
    assert_chain_holds(&mut *store);
}

fn a_notification_is_known_again(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    let claimed = claim_one(&mut *store, id);
    assert!(!store.has_notification(&[1; 32]).unwrap());
    let told =
        Change { notification: Some([1; 32]), ..change(&claimed, set(State::Succeeded, Then::Revoke)) };
    store.apply(&[told]).unwrap();
    store.append(None, &record("{}"), Some(&[2; 32]), false).unwrap();
    // Twice is no error.
    store.append(None, &record("{}"), Some(&[2; 32]), false).unwrap();
    assert!(store.has_notification(&[1; 32]).unwrap() && store.has_notification(&[2; 32]).unwrap());
    assert!(!store.has_notification(&[0; 32]).unwrap());
    assert_chain_holds(&mut *store);
}

fn a_notification_of_a_superseded_change_is_not_recorded(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    let mut claimed = claim_one(&mut *store, id);
    claimed.revision -= 1;
    let late =
        Change { notification: Some([1; 32]), ..change(&claimed, set(State::Succeeded, Then::Revoke)) };
    store.apply(&[late]).unwrap();
    assert!(!store.has_notification(&[1; 32]).unwrap());
}

fn an_appended_record_moves_neither_epoch_nor_revision(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let ids = submit_many(&mut *store, account, 2);
    let before = entry(&mut *store, ids[0]);
    store.append(Some(ids[0]), &record("{}"), None, false).unwrap();
    assert_eq!(entry(&mut *store, ids[0]), before);
    store.append(Some(ids[0]), &record("{}"), None, true).unwrap();
    let after = entry(&mut *store, ids[0]);
    assert_eq!((after.conflict, after.epoch, after.revision), (true, before.epoch, before.revision));
    assert!(!entry(&mut *store, ids[1]).conflict);
    store.append(None, &record("{}"), None, true).unwrap();
    // A later change leaves the mark.
    let claimed = claim_one(&mut *store, ids[0]);
    store.apply(&[change(&claimed, set(State::Succeeded, Then::Rest))]).unwrap();
    assert!(entry(&mut *store, ids[0]).conflict);
}

fn texts_of_every_kind_come_back_as_they_were(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let long: String = "0123456789abcdef'\"\\\n".chars().cycle().take(64 * 1024).collect();
    let texts = [
        "",
        "\0",
        "a\0b\0",
        "é😀\u{10ffff}",
        "'; DROP TABLE record; --",
        "\"\\\"",
        "\\x00",
        "{\"a\":null}",
        "NULL",
    ];
    let texts: Vec<&str> = texts.into_iter().chain([long.as_str()]).collect();
    let mut ids = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let clear = || Private::Clear((*text).to_owned());
        // A provider's text inside JSON has its NUL escaped.
        let content = serde_json::json!({ "code": text, "interface": "refund" }).to_string();
        let id = submit_one(
            &mut *store,
            NewEntry {
                request: clear(),
                record: NewRecord { details: Some(clear()), ..record(&content) },
                ..new_entry(account, &format!("K{at}"))
            },
        );
        let claimed = claim_one(&mut *store, id);
        assert!(claimed.request == clear());
        let said = |text: &str| Some(text.to_owned());
        let set = Set {
            code: said(text),
            sub_code: said(text),
            reference: said(text),
            memory: Some(content.clone()),
            ..set(State::Unknown, Then::Rest)
        };
        let told = NewRecord { details: Some(clear()), ..record(&content) };
        store.apply(&[Change { record: Some(told.clone()), ..change(&claimed, set) }]).unwrap();
        store.append(Some(id), &told, None, false).unwrap();
        let found = entry(&mut *store, id);
        // PostgreSQL's texts hold no NUL: there the entry has it as it is written in JSON, and the record has it as it was.
        let expected = if place.is_file() { (*text).to_owned() } else { text.replace('\0', "\\u0000") };
        assert_eq!([found.code, found.sub_code, found.reference], [(); 3].map(|()| Some(expected.clone())));
        assert_eq!(claim_one(&mut *store, id).memory, Some(content));
        ids.push(id);
    }
    let mut store = place.open();
    for ((id, request), text) in store.requests(&ids).unwrap().into_iter().zip(&texts) {
        assert!(request == Private::Clear((*text).to_owned()), "{text:?}");
        for record in store.records_of(&[id]).unwrap() {
            assert!(record.details == Some(Private::Clear((*text).to_owned())), "{text:?}");
            let content: serde_json::Value = serde_json::from_str(&record.content).unwrap();
            assert_eq!(content["code"], **text);
        }
    }
    assert_chain_holds(&mut *store);
    #[cfg(all(feature = "postgres", unix))]
    if !place.is_file() {
        let rows =
            place.client().query("SELECT code, interface, evidence FROM attempt ORDER BY seq", &[]).unwrap();
        assert_eq!(rows.len(), texts.len() * 3);
        let of = |at: usize| (rows[at * 3].get::<_, String>(0), rows[at * 3].get::<_, String>(2));
        assert_eq!(of(2), ("a\\u0000b\\u0000".to_owned(), "a\\000b\\000".to_owned()));
        assert_eq!(of(3).0, "é😀\u{10ffff}");
    }
}

fn the_views_for_people_can_be_read(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    let claimed = claim_one(&mut *store, id);
    store.apply(&[change(&claimed, set(State::Succeeded, Then::Rest))]).unwrap();
    // Only one that can be read can be copied.
    place.sql("CREATE TABLE seen AS SELECT due_utc, created_utc, updated_utc, state FROM refund");
    place.sql(
        "CREATE TABLE seen_attempts AS SELECT at_utc, interface, code, state_after, evidence FROM attempt",
    );
    place.sql("CREATE TABLE checked (one integer CHECK (one = 1))");
    place.sql(
        "INSERT INTO checked SELECT count(*) FROM seen WHERE due_utc IS NULL AND created_utc LIKE '20__-__-__ __:__:__'",
    );
    place.sql(
        "INSERT INTO checked SELECT count(*) FROM seen_attempts WHERE code = '10000' AND at_utc = '2026-09-21 14:13:20'",
    );
}

fn the_time_of_the_last_write_is_known(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let before_ms = store.now_ms().unwrap();
    submit_one(&mut *store, new_entry(account, "A"));
    let written_ms = store.identity().unwrap().written_ms;
    assert!(before_ms <= written_ms && written_ms <= store.now_ms().unwrap());
}

fn a_record_of_no_entry_is_found(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let ids = submit_many(&mut *store, account, 3);
    store.append(None, &record("{}"), None, false).unwrap();
    assert_eq!(store.orphan().unwrap(), None);
    if place.is_file() {
        place.sql("PRAGMA foreign_keys = OFF; DELETE FROM entry WHERE key = 'K1'");
    } else {
        // What a server's administrator can do, and nobody else.
        place.sql("SET session_replication_role = replica; DELETE FROM entry WHERE key = 'K1'");
    }
    assert_eq!(store.orphan().unwrap(), Some(2));
    assert!(store.by_id(ids[1]).unwrap().is_none());
}
