//! What only a server can do: break the connection, at any moment, and be somebody else afterwards.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::{
    HOUR_MS, Place, account, assert_chain_holds, change, claim_one, cluster, entry, lease, new_entry, record,
    set, submit_many, submit_one,
};
use crate::entry::State;
use crate::error::StoreFault;
use crate::store::{Applied, DataKey, Inserted, NewEntry, Store, Then};

/// Stands between the store and the server, and does what networks do.
#[derive(Default)]
struct Cable {
    /// The next request reaches the server, its answer does not come back.
    loses_answer: AtomicBool,
    /// The next request does not reach the server.
    loses_request: AtomicBool,
    /// So many connections are refused.
    refuses: AtomicU32,
    connections: AtomicU32,
}

impl Cable {
    /// The cable, and the place as it is reached through it.
    fn to(place: &Place) -> (Arc<Self>, Place) {
        let cable = Arc::new(Self::default());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (near, far) = (listener.local_addr().unwrap().port(), cluster().port());
        let through = place.place.replace(&format!(":{far}/"), &format!(":{near}/"));
        let shared = Arc::clone(&cable);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if shared.refuses.load(Ordering::SeqCst) > 0 {
                    shared.refuses.fetch_sub(1, Ordering::SeqCst);
                    continue;
                }
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let far = TcpStream::connect(("127.0.0.1", far)).unwrap();
                shared.carry(&near, &far, |cable| &cable.loses_request);
                shared.carry(&far, &near, |cable| &cable.loses_answer);
            }
        });
        (cable, Place { place: through, folder: None })
    }

    fn carry(self: &Arc<Self>, from: &TcpStream, to: &TcpStream, loses: fn(&Self) -> &AtomicBool) {
        let (mut from, mut to, cable) =
            (from.try_clone().unwrap(), to.try_clone().unwrap(), Arc::clone(self));
        std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                if loses(&cable).swap(false, Ordering::SeqCst) || to.write_all(&buffer[..length]).is_err() {
                    break;
                }
            }
            let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
        });
    }
}

/// Ends every connection to the place's database but its own.
fn terminate(place: &Place) {
    let ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    place.client().execute(ended, &[]).unwrap();
}

/// Calls once, so that the statement is prepared, then loses a request, and then an answer.
fn lose_both_ways<T>(cable: &Cable, mut call: impl FnMut() -> T) -> [T; 3] {
    let prepared = call();
    cable.loses_request.store(true, Ordering::SeqCst);
    let after_lost_request = call();
    assert!(!cable.loses_request.load(Ordering::SeqCst));
    // The connection is new, and statements are prepared on it again; the answer that is lost is to be the last one.
    drop(call());
    cable.loses_answer.store(true, Ordering::SeqCst);
    let after_lost_answer = call();
    assert!(!cable.loses_answer.load(Ordering::SeqCst));
    [prepared, after_lost_request, after_lost_answer]
}

#[test]
fn a_submission_whose_answer_is_lost_is_recorded_once_and_told_as_new() {
    let (cable, through) = Cable::to(&Place::postgres());
    let mut store = through.open();
    let account = account(&mut *store);
    let mut at = 0;
    let told = lose_both_ways(&cable, || {
        at += 1;
        let form = |name: &str| NewEntry {
            form: Some(name.to_owned()),
            ..new_entry(account, &format!("{name}/{at}"))
        };
        store
            .submit(&[form(&format!("F{at}")), new_entry(account, "same"), form(&format!("F{at}"))])
            .unwrap();
        store.submit(&[form(&format!("G{at}")), new_entry(account, "same"), form(&format!("F{at}"))]).unwrap()
    });
    for inserted in told {
        assert!(matches!(
            inserted[..],
            [Inserted::New(_), Inserted::Known(_), Inserted::FormTaken | Inserted::Known(_)]
        ));
    }
    assert_eq!(store.counts().unwrap().all(), u64::try_from(at * 2 + 1).unwrap());
    assert_eq!(store.head().unwrap().seq, at * 2 + 1);
    assert!(cable.connections.load(Ordering::SeqCst) >= 3);
    assert_chain_holds(&mut *store);
}

#[test]
fn a_change_whose_answer_is_lost_is_written_once_and_told_as_written() {
    let (cable, through) = Cable::to(&Place::postgres());
    let mut store = through.open();
    let account = account(&mut *store);
    let ids = submit_many(&mut *store, account, 2);
    let mut held = [claim_one(&mut *store, ids[0]), claim_one(&mut *store, ids[1])];
    // Of two changes one is always superseded: a repeat must not take that one for its own.
    held[1].epoch = 0;
    let told = lose_both_ways(&cable, || {
        let changes = held.each_ref().map(|held| change(held, set(State::Waiting, Then::Hold(HOUR_MS))));
        let applied = store.apply(&changes).unwrap();
        held[0].revision += 1;
        applied
    });
    assert_eq!(told, [const { [Applied::Written, Applied::Superseded] }; 3].map(|told| told.to_vec()));
    let found = entry(&mut *store, ids[0]);
    assert_eq!((found.attempts, found.revision), (4, 5));
    assert_eq!(store.records_of(&ids).unwrap().len(), 2 + 4);
    assert_chain_holds(&mut *store);
}

#[test]
fn a_revoking_change_whose_answer_is_lost_is_told_as_written() {
    let (cable, through) = Cable::to(&Place::postgres());
    let mut store = through.open();
    let account = account(&mut *store);
    let ids = submit_many(&mut *store, account, 4);
    let mut ids = ids.into_iter();
    let told = lose_both_ways(&cable, || {
        let claimed = place_claim(&mut *store, ids.next().unwrap());
        store.apply(&[change(&claimed, set(State::Succeeded, Then::Revoke))]).unwrap()
    });
    assert_eq!(told, [const { [Applied::Written] }; 3].map(|told| told.to_vec()));
    assert_eq!(store.counts().unwrap().succeeded, 4);
}

/// A claim whose answer is lost is claimed by nobody until its lease ends: here it ends at once.
fn place_claim(store: &mut dyn Store, id: i64) -> crate::store::Claimed {
    store.claim_one(id, &lease("w", -1)).unwrap().unwrap()
}

#[test]
fn a_record_whose_answer_is_lost_is_appended_once() {
    let (cable, through) = Cable::to(&Place::postgres());
    let mut store = through.open();
    lose_both_ways(&cable, || store.append(None, &record("{\"same\":true}"), None, false).unwrap());
    assert_eq!(store.head().unwrap().seq, 4);
    assert_chain_holds(&mut *store);
}

#[test]
fn sealing_keys_whose_answer_is_lost_are_set_once() {
    let (cable, through) = Cable::to(&Place::postgres());
    let mut store = through.open();
    let mut id = 0;
    lose_both_ways(&cable, || {
        let known = usize::from(id > 0);
        id += 1;
        assert!(store.set_data_keys(&[DataKey { id, wrapped: vec![1] }], known).unwrap());
    });
    assert_eq!(store.identity().unwrap().data_keys.iter().map(|key| key.id).collect::<Vec<_>>(), [id]);
}

#[test]
fn a_claim_whose_answer_is_lost_costs_a_lease_and_nothing_else() {
    let place = Place::postgres();
    let (cable, through) = Cable::to(&place);
    let mut store = through.open();
    let account = account(&mut *store);
    let ids = submit_many(&mut *store, account, 3);
    assert_eq!(store.claim(account, &lease("w", HOUR_MS), 1).unwrap()[0].entry, ids[0]);
    cable.loses_answer.store(true, Ordering::SeqCst);
    // The second was leased by the question whose answer was lost, or nothing was.
    let claimed = store.claim(account, &lease("w", HOUR_MS), 1).unwrap();
    assert_eq!(claimed[0].entry, ids[2]);
    let lost = entry(&mut *store, ids[1]);
    assert_eq!((lost.epoch, lost.begun, lost.lease_owner.as_deref()), (1, true, Some("w")));
}

#[test]
fn a_write_that_was_given_up_does_nothing_when_it_arrives_late() {
    let place = Place::postgres();
    let mut store = place.open();
    for at in 0..3 {
        store.append(None, &record(&format!("{{\"at\":{at}}}")), None, false).unwrap();
    }
    let head = store.head().unwrap();
    // As a connection would that hung since the second write.
    let late = "SELECT append_v1(1, id, 2, NULL, false, NULL, 'late', 1, '{}', NULL, NULL, NULL, '\\x00') FROM writer";
    place.client().query_one(late, &[]).unwrap();
    assert_eq!(store.head().unwrap(), head);
    store.append(None, &record("{}"), None, false).unwrap();
    assert_eq!(store.head().unwrap().seq, 4);
}

#[test]
fn connections_ended_at_random_lose_and_repeat_nothing() {
    let place = Place::postgres();
    let mut store = place.open();
    let account = account(&mut *store);
    let done = Arc::new(AtomicBool::new(false));
    let breaker = {
        let (done, place) = (Arc::clone(&done), Place { place: place.place.clone(), folder: None });
        std::thread::spawn(move || {
            let mut ended = 0;
            while !done.load(Ordering::SeqCst) {
                terminate(&place);
                ended += 1;
                std::thread::sleep(Duration::from_millis(7));
            }
            ended
        })
    };
    let began = Instant::now();
    let mut rounds = 0;
    while began.elapsed() < Duration::from_secs(3) {
        let id = submit_one(&mut *store, new_entry(account, &format!("K{rounds}")));
        // A claim whose answer was lost is taken again when its lease ends, here at once.
        let claimed = place_claim(&mut *store, id);
        assert_eq!(
            store.apply(&[change(&claimed, set(State::Succeeded, Then::Rest))]).unwrap(),
            [Applied::Written]
        );
        store.append(Some(id), &record("{}"), None, false).unwrap();
        rounds += 1;
    }
    done.store(true, Ordering::SeqCst);
    let ended: i32 = breaker.join().unwrap();
    assert!(rounds > 5 && ended > 5, "{rounds} rounds, {ended} times ended");
    assert_eq!(store.head().unwrap().seq, rounds * 3);
    assert_eq!(store.counts().unwrap().succeeded, rounds.unsigned_abs());
    assert!(store.page(0, None, 9999).unwrap().iter().all(|entry| entry.attempts == 1));
    assert_chain_holds(&mut *store);
}

#[test]
fn a_server_that_is_away_for_a_moment_is_waited_for() {
    let (cable, through) = Cable::to(&Place::postgres());
    let mut store = through.open();
    store.append(None, &record("{}"), None, false).unwrap();
    cable.refuses.store(4, Ordering::SeqCst);
    cable.loses_request.store(true, Ordering::SeqCst);
    store.append(None, &record("{}"), None, false).unwrap();
    assert_eq!((cable.refuses.load(Ordering::SeqCst), store.head().unwrap().seq), (0, 2));
}

#[test]
fn a_server_that_stays_away_is_unreachable_until_it_is_back() {
    let (cable, through) = Cable::to(&Place::postgres());
    let mut store = through.open();
    cable.refuses.store(u32::MAX, Ordering::SeqCst);
    cable.loses_request.store(true, Ordering::SeqCst);
    let error = store.append(None, &record("{}"), None, false).unwrap_err();
    assert_eq!(error.fault, StoreFault::Unreachable, "{error}");
    cable.refuses.store(0, Ordering::SeqCst);
    store.append(None, &record("{}"), None, false).unwrap();
    assert_eq!(store.head().unwrap().seq, 1);
}

#[test]
fn a_password_is_in_no_message() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (url, fault) in [
        (format!("postgres://someone:s3cret@127.0.0.1:{nobody}/x"), StoreFault::Unreachable),
        (format!("postgres://someone:p@s3cret@127.0.0.1:{nobody}/x"), StoreFault::Unreachable),
        ("postgres://someone:s3cret@127.0.0.1:port/x".to_owned(), StoreFault::Other),
        ("postgres://someone:s3cret@127.0.0.1/x?sslmode=require".to_owned(), StoreFault::Other),
        ("postgres://someone:s3cret@127.0.0.1/x?sslmode=verify-full".to_owned(), StoreFault::Other),
        ("postgres://someone:s3cret@127.0.0.1/x?nonsense=1".to_owned(), StoreFault::Other),
    ] {
        let error = crate::store::open(&url, false).err().unwrap();
        assert_eq!(error.fault, fault, "{url}: {error}");
        assert!(!error.message.contains("s3cret"), "{error}");
        assert_eq!(error.message.contains("TLS"), url.contains("sslmode"), "{error}");
    }
}

#[test]
fn a_server_that_forgot_an_acknowledged_write_is_refused() {
    let place = Place::postgres();
    let mut store = place.open();
    store.append(None, &record("{}"), None, false).unwrap();
    // As a standby would be that did not have it yet.
    place.sql("UPDATE writer SET number = number - 1");
    terminate(&place);
    for _ in 0..2 {
        assert_eq!(store.head().unwrap_err().fault, StoreFault::Corrupt);
    }
    place.sql("DELETE FROM writer");
    assert_eq!(store.head().unwrap_err().fault, StoreFault::Corrupt);
}

#[test]
fn a_write_that_waits_for_a_migration_sees_its_version() {
    let place = Place::postgres();
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    let claimed = claim_one(&mut *store, id);
    type Write = Box<dyn FnOnce(&mut dyn Store) -> StoreFault + Send>;
    let writers: [Write; 3] = [
        Box::new(move |store| store.claim(account, &lease("w", HOUR_MS), 1).map(drop).unwrap_err().fault),
        Box::new(move |store| {
            store.apply(&[change(&claimed, set(State::Failed, Then::Rest))]).map(drop).unwrap_err().fault
        }),
        Box::new(move |store| store.renew(&[(id, 1)], &lease("w", HOUR_MS)).map(drop).unwrap_err().fault),
    ];
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let stores: Vec<_> = writers.iter().map(|_| place.open()).collect();
    let mut migration = place.client();
    migration.batch_execute("BEGIN; LOCK TABLE journal IN ACCESS EXCLUSIVE MODE").unwrap();
    let writers: Vec<_> = writers
        .into_iter()
        .zip(stores)
        .map(|(write, mut store)| std::thread::spawn(move || write(&mut *store)))
        .collect();
    while migration.query_one(waiting, &[]).unwrap().get::<_, i64>(0) < 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    migration.batch_execute("UPDATE journal SET oldest_program = 7; COMMIT").unwrap();
    for writer in writers {
        assert_eq!(writer.join().unwrap(), StoreFault::Newer);
    }
    assert_eq!(entry(&mut *store, id).state, State::Open);
}

#[test]
fn another_journal_at_the_same_address_is_refused() {
    let place = Place::postgres();
    let mut store = place.open();
    store.head().unwrap();
    place.sql("DROP SCHEMA taxrefund CASCADE");
    drop(place.open());
    terminate(&place);
    assert_eq!(store.head().unwrap_err().fault, StoreFault::Foreign);
}

#[test]
fn commits_are_on_disk_whatever_the_server_is_set_to() {
    let place = Place::postgres();
    let name = place.place.rsplit('/').next().unwrap().to_owned();
    for (server, expected) in
        [("off", "on"), ("local", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")]
    {
        place.sql(&format!("ALTER DATABASE {name} SET synchronous_commit = {server}"));
        drop(place.open());
        place.sql(
            "CREATE TABLE IF NOT EXISTS seen (setting text);
             CREATE OR REPLACE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN
                     INSERT INTO taxrefund.seen VALUES (current_setting('synchronous_commit'));
                     RETURN NULL;
                 END
             $$;
             CREATE OR REPLACE TRIGGER see AFTER INSERT ON record EXECUTE FUNCTION see();",
        );
        place.open().append(None, &record("{}"), None, false).unwrap();
        let seen: String =
            place.client().query_one("DELETE FROM seen RETURNING setting", &[]).unwrap().get(0);
        assert_eq!(seen, expected);
    }
}

#[test]
fn a_unix_socket_is_as_good() {
    let place = Place::postgres();
    let (port, name) = (cluster().port(), place.place.rsplit('/').next().unwrap());
    let folder = place.client().query_one("SHOW unix_socket_directories", &[]).unwrap().get::<_, String>(0);
    let mut store =
        crate::store::open(&format!("postgres://postgres@/{name}?host={folder}&port={port}"), false).unwrap();
    assert_eq!(store.head().unwrap(), place.open().head().unwrap());
}

#[test]
fn a_schema_made_ready_by_somebody_else_is_used() {
    let place = Place::postgres();
    place.sql("CREATE SCHEMA taxrefund");
    place.open().head().unwrap();
}

#[test]
fn a_database_that_cannot_hold_every_text_is_refused() {
    let place = Place::postgres();
    let name = format!("{}_latin1", place.place.rsplit('/').next().unwrap());
    place.sql(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1'"));
    let error = crate::store::open(&format!("{}_latin1", place.place), false).err().unwrap();
    assert!(error.message.contains("UTF8"), "{error}");
}

#[test]
fn a_role_without_rights_is_told_so() {
    let place = Place::postgres();
    drop(place.open());
    let role = place.place.rsplit('/').next().unwrap().to_owned();
    place.sql(&format!("CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA taxrefund TO {role};"));
    place.sql(&format!("GRANT SELECT ON ALL TABLES IN SCHEMA taxrefund TO {role}"));
    let as_role = Place { place: place.place.replace("postgres@", &format!("{role}@")), folder: None };
    as_role.try_open(true).unwrap().head().unwrap();
    let error = as_role.try_open(false).err().unwrap();
    assert_eq!(error.fault, StoreFault::ReadOnly, "{error}");
    assert!(error.message.contains("rights"), "{error}");
}

#[test]
fn every_operation_is_one_round_trip() {
    let place = Place::postgres();
    let mut store = place.open();
    let account = account(&mut *store);
    let mut next = 0;
    for warm in [false, true] {
        let before = store.round_trips();
        let entries: Vec<NewEntry> =
            (0..200).map(|at| new_entry(account, &format!("K{}", next + at))).collect();
        next += 200;
        store.submit(&entries).unwrap();
        let claimed = store.claim(account, &lease("w", HOUR_MS), 200).unwrap();
        assert_eq!(claimed.len(), 200);
        let held: Vec<(i64, i64)> = claimed.iter().map(|claimed| (claimed.entry, claimed.epoch)).collect();
        store.renew(&held, &lease("w", HOUR_MS)).unwrap();
        let changes: Vec<_> =
            claimed.iter().map(|claimed| change(claimed, set(State::Succeeded, Then::Rest))).collect();
        store.apply(&changes).unwrap();
        store.append(None, &record("{}"), None, false).unwrap();
        let ids: Vec<i64> = held.iter().map(|held| held.0).collect();
        assert_eq!(store.requests(&ids).unwrap().len(), 200);
        assert_eq!(store.records_of(&ids).unwrap().len(), 400);
        assert_eq!(store.by_keys(account, &["K0", "K1"]).unwrap().len(), 2);
        store.next_due_ms(&[account]).unwrap();
        store.counts().unwrap();
        store.has_notification(&[0; 32]).unwrap();
        store.identity().unwrap();
        // A statement is prepared once.
        assert_eq!(store.round_trips() - before, if warm { 12 } else { 24 });
    }
}
