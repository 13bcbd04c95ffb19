//! The promises of a store, kept by both databases: every test here runs on each of them.
//!
//! PostgreSQL is a server of its own on loopback, started once per test process, with a database per test.

mod chain;
#[cfg(all(feature = "postgres", unix))]
mod connection;
mod entries;
mod leases;
mod opening;
mod traffic;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::chain::{Head, Kind, NewRecord, Private};
use crate::entry::{Entry, State};
use crate::error::StoreError;
use crate::store::{Applied, Change, Claimed, Inserted, Lease, NewEntry, Set, Store, Then};

/// Makes of each function over a place one test per database.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(&crate::store::tests::Place::sqlite()); })+
        }
        #[cfg(all(feature = "postgres", unix))]
        mod postgres {
            $(#[test] fn $name() { super::$name(&crate::store::tests::Place::postgres()); })+
        }
    };
}

use on_both;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Where a journal is, or will be. Each is empty at first, and belongs to one test.
pub(super) struct Place {
    pub(super) place: String,
    folder: Option<PathBuf>,
}

impl Place {
    fn sqlite() -> Self {
        let folder =
            std::env::temp_dir().join(format!("taxrefund-store-{}-{}", std::process::id(), number()));
        std::fs::create_dir_all(&folder).unwrap();
        Self { place: folder.join("journal.db").display().to_string(), folder: Some(folder) }
    }

    #[cfg(all(feature = "postgres", unix))]
    fn postgres() -> Self {
        Self { place: cluster().create_database(&format!("store_{}", number())).unwrap(), folder: None }
    }

    fn is_file(&self) -> bool {
        self.folder.is_some()
    }

    fn try_open(&self, read_only: bool) -> Result<Box<dyn Store>, StoreError> {
        crate::store::open(&self.place, read_only)
    }

    fn open(&self) -> Box<dyn Store> {
        self.try_open(false).unwrap()
    }

    /// Behind the journal's back.
    fn sql(&self, sql: &str) {
        if self.is_file() {
            rusqlite::Connection::open(&self.place).unwrap().execute_batch(sql).unwrap();
        } else {
            #[cfg(all(feature = "postgres", unix))]
            self.client().batch_execute(sql).unwrap();
        }
    }

    #[cfg(all(feature = "postgres", unix))]
    fn client(&self) -> postgres::Client {
        let mut client = postgres::Client::connect(&self.place, postgres::NoTls).unwrap();
        client.batch_execute("SET search_path = taxrefund").unwrap();
        client
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn number() -> u32 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(all(feature = "postgres", unix))]
fn cluster() -> &'static taxrefund_test_postgres::Cluster {
    static CLUSTER: std::sync::OnceLock<taxrefund_test_postgres::Cluster> = std::sync::OnceLock::new();
    CLUSTER.get_or_init(|| taxrefund_test_postgres::Cluster::start().unwrap())
}

fn account(store: &mut dyn Store) -> i64 {
    store.account("alipay", "2021000000000001", "sandbox").unwrap().0
}

fn record(content: &str) -> NewRecord {
    NewRecord { kind: Kind::Attempt, at_ms: 1_790_000_000_000, content: content.to_owned(), details: None }
}

fn new_entry(account: i64, key: &str) -> NewEntry {
    NewEntry {
        account,
        operation: "refund",
        key: key.to_owned(),
        form: None,
        currency: Some("CNY".to_owned()),
        amount_minor: Some(12_345),
        fingerprint: format!("fingerprint of {key}"),
        batch: None,
        line: None,
        overridden: None,
        request: Private::Clear(format!("{{\"key\":\"{key}\"}}")),
        lease: None,
        record: NewRecord { kind: Kind::Submitted, ..record("{\"state\":\"open\"}") },
    }
}

fn with_form(account: i64, key: &str, form: &str) -> NewEntry {
    NewEntry { form: Some(form.to_owned()), ..new_entry(account, key) }
}

fn lease(owner: &str, ms: i64) -> Lease {
    Lease { owner: owner.to_owned(), ms }
}

fn submit_one(store: &mut dyn Store, entry: NewEntry) -> i64 {
    match store.submit(&[entry]).unwrap().as_slice() {
        [Inserted::New(id)] => *id,
        other => panic!("{other:?}"),
    }
}

/// So many entries that are due at once, in order.
fn submit_many(store: &mut dyn Store, account: i64, count: usize) -> Vec<i64> {
    let entries: Vec<NewEntry> = (0..count).map(|at| new_entry(account, &format!("K{at}"))).collect();
    let inserted = store.submit(&entries).unwrap();
    inserted.into_iter().map(|one| if let Inserted::New(id) = one { id } else { panic!("{one:?}") }).collect()
}

fn claim_one(store: &mut dyn Store, entry: i64) -> Claimed {
    store.claim_one(entry, &lease("w", HOUR_MS)).unwrap().unwrap()
}

fn entry(store: &mut dyn Store, id: i64) -> Entry {
    store.by_id(id).unwrap().unwrap()
}

fn set(state: State, then: Then) -> Set {
    Set {
        state,
        code: None,
        sub_code: None,
        next_step: None,
        reference: None,
        memory: None,
        begun: true,
        more_attempts: 1,
        resumes: 0,
        then,
    }
}

/// By whoever holds the lease.
fn change(claimed: &Claimed, set: Set) -> Change {
    Change {
        entry: claimed.entry,
        epoch: claimed.epoch,
        revision: claimed.revision,
        set,
        record: Some(record("{\"code\":\"10000\"}")),
        notification: None,
    }
}

/// Claims an entry and brings it into a state.
fn settle(store: &mut dyn Store, id: i64, state: State) {
    let claimed = claim_one(store, id);
    assert_eq!(store.apply(&[change(&claimed, set(state, Then::Rest))]).unwrap(), [Applied::Written]);
}

/// The head as it follows from the journal's id and its records, each of which must have the hash of its place.
fn recomputed(store: &mut dyn Store) -> Head {
    let mut head = Head::empty(&store.identity().unwrap().id);
    loop {
        let page = store.records(head.seq, 100).unwrap();
        if page.is_empty() {
            return head;
        }
        for record in page {
            head = head.then(&record.digest());
            assert_eq!((record.seq, record.hash), (head.seq, head.hash));
        }
    }
}

fn assert_chain_holds(store: &mut dyn Store) {
    let head = store.head().unwrap();
    assert_eq!(recomputed(store), head);
    assert_eq!(store.orphan().unwrap(), None);
}
