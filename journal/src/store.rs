//! What a database must be able to do for the journal: few, coarse steps, each of them atomic, and on disk when it returns.
//!
//! Everything here is about rows. What may be written when is decided above ([`submit`](crate::submit),
//! [`run`](crate::run), [`notify`](crate::notify)); both databases pass the same tests (`store/tests.rs`).

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod sqlite;
#[cfg(test)]
mod tests;

use std::path::Path;

use serde::Serialize;
use taxrefund_core::Protocol;

use crate::chain::{Hash, Head, NewRecord, Private, Record};
use crate::entry::{Counts, Entry, State};
use crate::error::{StoreError, StoreFault};
use crate::worker::pace::PaceRow;

/// The schema that this version writes, and the newest that it understands.
pub(crate) const SCHEMA: i64 = 1;

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// A database. One connection, used by one thread at a time.
pub(crate) trait Store: Send {
    /// The time by which leases end and entries are due, milliseconds since 1970.
    fn now_ms(&mut self) -> Result<i64>;

    /// The journal's id, its sealing keys, when it was last written.
    fn identity(&mut self) -> Result<Identity>;

    /// Puts the keys of the journal's private texts in place of those that are there, if there are still as many as were
    /// `known`; `false` when another process has changed them meanwhile.
    fn set_data_keys(&mut self, keys: &[DataKey], known: usize) -> Result<bool>;

    /// The number of an account that is recorded, and its environment.
    fn find_account(&mut self, protocol: &str, account: &str) -> Result<Option<(i64, String)>>;

    /// Records an account, if nobody has; its number, and its environment as recorded.
    fn account(&mut self, protocol: &str, account: &str, environment: &str) -> Result<(i64, String)>;

    /// Records new entries, all or none of them. A key that is taken leaves that entry out, and so does a form that has
    /// another entry that did not fail, or may not have failed (a conflict), overridden or not, unless the new one overrides that.
    fn submit(&mut self, entries: &[NewEntry]) -> Result<Vec<Inserted>>;

    /// Leases entries of an account that are due, the longest due first.
    fn claim(&mut self, account: i64, lease: &Lease, limit: u32) -> Result<Vec<Claimed>>;

    /// Leases one entry that is not final, due or not; `None` when somebody else holds it.
    fn claim_one(&mut self, entry: i64, lease: &Lease) -> Result<Option<Claimed>>;

    /// Writes changes, all or none of them, but for those whose entry was written by somebody else meanwhile.
    fn apply(&mut self, changes: &[Change]) -> Result<Vec<Applied>>;

    /// Ends a lease and leaves everything else as it is; the entry is due this long from now. `begun`: something may have
    /// been sent. `false` when the lease is no longer held.
    fn release(&mut self, entry: i64, epoch: i64, due_in_ms: i64, begun: bool) -> Result<bool>;

    /// Appends a record that changes nothing of its entry but, where asked, the mark of a conflict; neither epoch nor revision
    /// move. With a notification's digest, to be known again.
    fn append(
        &mut self,
        entry: Option<i64>,
        record: &NewRecord,
        notification: Option<&Hash>,
        conflict: bool,
    ) -> Result<()>;

    /// Makes due at once what is due later than this long from now, leased or not: times written by a wrong clock. From then
    /// on the present clock is believed.
    fn pull_in(&mut self, latest_in_ms: i64) -> Result<u64>;

    /// Ends every lease of an owner who is dead: the entries are due at once, and whoever still writes under such a lease is
    /// superseded.
    fn end_leases(&mut self, owner: &str) -> Result<u64>;

    /// Lengthens leases; says which of them are still held.
    fn renew(&mut self, held: &[(i64, i64)], lease: &Lease) -> Result<Vec<i64>>;

    /// Entries by their keys, in no particular order; unknown keys are left out.
    fn by_keys(&mut self, account: i64, keys: &[&str]) -> Result<Vec<Entry>>;

    /// An entry by its number.
    fn by_id(&mut self, entry: i64) -> Result<Option<Entry>>;

    /// Entries after one, by number; of one state where one is given.
    fn page(&mut self, after: i64, state: Option<State>, limit: u32) -> Result<Vec<Entry>>;

    /// The entries of a form that keep it: those that did not fail, or that a message says did not.
    fn holders_of_form(&mut self, account: i64, form: &str) -> Result<Vec<(i64, String, State)>>;

    /// The frozen requests of entries.
    fn requests(&mut self, entries: &[i64]) -> Result<Vec<(i64, Private)>>;

    /// Records after one, by number.
    fn records(&mut self, after: i64, limit: u32) -> Result<Vec<Record>>;

    /// The records of some entries, ordered by entry and number.
    fn records_of(&mut self, entries: &[i64]) -> Result<Vec<Record>>;

    /// The first record about an entry that does not exist.
    fn orphan(&mut self) -> Result<Option<i64>>;

    /// Whether this notification was recorded.
    fn has_notification(&mut self, digest: &Hash) -> Result<bool>;

    /// The end of the chain.
    fn head(&mut self) -> Result<Head>;

    /// How many entries are in each state.
    fn counts(&mut self) -> Result<Counts>;

    /// When the next entry of these accounts is due, leased or not.
    fn next_due_ms(&mut self, accounts: &[i64]) -> Result<Option<i64>>;

    /// Tells that a worker is alive; gives for each of its accounts the pace and how many workers are alive.
    fn heartbeat(&mut self, worker: &Heartbeat<'_>) -> Result<Vec<AccountTraffic>>;

    /// Writes an account's pace, if its generation is the one after the recorded one.
    fn set_pace(&mut self, account: i64, pace: &PaceRow) -> Result<bool>;

    /// What the database itself says about its files, beyond what it would notice in use; empty when all is well.
    fn check(&mut self) -> Result<Vec<String>>;

    /// How many times the database was asked so far: over a network each is a round trip.
    fn round_trips(&self) -> u64;
}

/// The journal itself.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) id: String,
    /// By the writing machine's clock.
    pub(crate) written_ms: i64,
    /// Empty for a journal that is not sealed.
    pub(crate) data_keys: Vec<DataKey>,
}

/// A key of private texts, itself sealed by the host's key.
#[derive(Clone)]
pub(crate) struct DataKey {
    pub(crate) id: i64,
    pub(crate) wrapped: Vec<u8>,
}

/// Who takes a lease, and for how long.
#[derive(Clone)]
pub(crate) struct Lease {
    pub(crate) owner: String,
    pub(crate) ms: i64,
}

/// An entry to be recorded.
#[derive(Clone)]
pub(crate) struct NewEntry {
    pub(crate) account: i64,
    pub(crate) operation: &'static str,
    pub(crate) key: String,
    pub(crate) form: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) amount_minor: Option<i64>,
    pub(crate) fingerprint: String,
    pub(crate) batch: Option<String>,
    pub(crate) line: Option<i64>,
    pub(crate) overridden: Option<String>,
    pub(crate) request: Private,
    /// Whoever records it goes to work on it at once.
    pub(crate) lease: Option<Lease>,
    pub(crate) record: NewRecord,
}

/// What came of recording an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inserted {
    /// It is new, and this is its number.
    New(i64),
    /// Its key is taken by this entry.
    Known(i64),
    /// Its form is taken.
    FormTaken,
}

/// A leased entry: everything needed to go on with it.
#[derive(Clone)]
pub(crate) struct Claimed {
    pub(crate) entry: i64,
    pub(crate) operation: String,
    pub(crate) key: String,
    pub(crate) fingerprint: String,
    pub(crate) epoch: i64,
    pub(crate) revision: i64,
    /// Something may have been sent before this lease.
    pub(crate) begun: bool,
    pub(crate) memory: Option<String>,
    pub(crate) resumes: u32,
    pub(crate) request: Private,
}

/// A write to one entry, by whoever saw it last at this epoch and revision.
#[derive(Clone)]
pub(crate) struct Change {
    pub(crate) entry: i64,
    pub(crate) epoch: i64,
    pub(crate) revision: i64,
    pub(crate) set: Set,
    pub(crate) record: Option<NewRecord>,
    /// A notification's digest, to be known again.
    pub(crate) notification: Option<Hash>,
}

/// What is written.
#[derive(Clone)]
pub(crate) struct Set {
    pub(crate) state: State,
    pub(crate) code: Option<String>,
    pub(crate) sub_code: Option<String>,
    pub(crate) next_step: Option<&'static str>,
    pub(crate) reference: Option<String>,
    pub(crate) memory: Option<String>,
    pub(crate) begun: bool,
    pub(crate) more_attempts: u32,
    pub(crate) resumes: u32,
    pub(crate) then: Then,
}

/// Where a change leaves its entry: part of the change's record, and what the check compares the entry with.
#[derive(Serialize)]
pub(crate) struct After<'a> {
    state: State,
    code: Option<&'a str>,
    sub_code: Option<&'a str>,
    next_step: Option<&'a str>,
    reference: Option<&'a str>,
}

impl Set {
    pub(crate) fn after(&self) -> After<'_> {
        After {
            state: self.state,
            code: self.code.as_deref(),
            sub_code: self.sub_code.as_deref(),
            next_step: self.next_step,
            reference: self.reference.as_deref(),
        }
    }
}

/// What becomes of the lease.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// It is held on, until this long from now.
    Hold(i64),
    /// It ends, and the entry is due this long from now.
    Release(i64),
    /// It ends, and nothing more is to be done by itself.
    Rest,
    /// Whoever holds it has lost it, and nothing more is to be done by itself.
    Revoke,
}

impl Then {
    pub(crate) const fn due_in_ms(self) -> Option<i64> {
        match self {
            Self::Hold(ms) | Self::Release(ms) => Some(ms),
            Self::Revoke | Self::Rest => None,
        }
    }

    pub(crate) const fn is_hold(self) -> bool {
        matches!(self, Self::Hold(_))
    }

    pub(crate) const fn is_revoke(self) -> bool {
        matches!(self, Self::Revoke)
    }
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It is on disk.
    Written,
    /// Somebody else wrote to the entry meanwhile; nothing was written.
    Superseded,
}

/// A worker's sign of life.
pub(crate) struct Heartbeat<'a> {
    pub(crate) owner: &'a str,
    /// The worker's version.
    pub(crate) program: &'a str,
    pub(crate) accounts: &'a [i64],
    /// For how long it counts as alive.
    pub(crate) alive_ms: i64,
}

/// What a worker must know of an account's traffic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AccountTraffic {
    pub(crate) account: i64,
    pub(crate) pace: Option<PaceRow>,
    /// Itself included.
    pub(crate) workers: u32,
}

/// Opens a journal by its place: a PostgreSQL URL, or a file.
pub(crate) fn open(place: &str, read_only: bool) -> Result<Box<dyn Store>> {
    if place.starts_with("postgres://") || place.starts_with("postgresql://") {
        #[cfg(feature = "postgres")]
        return Ok(Box::new(postgres::Postgres::open(place, read_only)?));
        #[cfg(not(feature = "postgres"))]
        return Err(StoreError::new(StoreFault::Other, "this build has no PostgreSQL (feature `postgres`)"));
    }
    if place.contains("://") {
        let message = "is neither the path of a file nor a postgres:// URL";
        return Err(StoreError::new(StoreFault::Other, format!("{place:?} {message}")));
    }
    Ok(Box::new(sqlite::Sqlite::open(Path::new(place), read_only)?))
}

/// A schema that this version must not touch.
pub(crate) fn newer(found: i64) -> StoreError {
    let message = format!(
        "it was written by a newer version (schema {found}, this version knows {SCHEMA}): update this program; nothing was \
         changed"
    );
    StoreError::new(StoreFault::Newer, message)
}

pub(crate) fn protocol_of(text: &str) -> Option<Protocol> {
    [Protocol::Alipay, Protocol::AlipayPlus, Protocol::Antom]
        .into_iter()
        .find(|protocol| protocol.as_str() == text)
}
