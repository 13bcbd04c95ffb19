//! The journal as its users see it: open it, look at it, ask what became of a refund.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Map, Value};
use taxrefund_core::{ConfigurationError, Environment, NextStep, Profile, Protocol, codes};

use crate::chain::{Head, Kind, NewRecord, Private, Record};
use crate::crypto;
use crate::entry::{Counts, Entry, State};
use crate::error::{JournalError, StoreError, StoreFault};
use crate::group::Group;
use crate::run::RunOptions;
use crate::seal::{Seal, SealingKey, sealing};
use crate::store::{self, After, Applied, Change, Inserted, NewEntry, Set, Store, Then};

/// How a journal is opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Seals requests, evidence and answers at rest. A journal is sealed from its first entry or never.
    pub sealing_key: Option<SealingKey>,
    /// Look only; nothing can be recorded or sent. The file must exist.
    pub read_only: bool,
    /// Open a file that was last written at a time that this machine's clock has not reached. What is due later than in two
    /// hours becomes due at once.
    pub accept_clock: bool,
    /// The name under which leases are taken; process number and a random text by default. Two processes must differ.
    pub owner: Option<String>,
    /// An earlier process of this `owner` is dead for certain: what it was working on is free at once, rather than when its
    /// leases end. For a program that runs once on its machine: a counter, a nightly job. Needs an `owner`.
    pub restarted: bool,
    /// How refunds are driven.
    pub run: RunOptions,
}

/// A durable record of refunds. Cheap to clone; usable from every thread and, each with its own handle, every process.
#[derive(Clone)]
pub struct Journal(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    store: Mutex<Box<dyn Store>>,
    changes: Group<Change, Applied>,
    submissions: Group<NewEntry, Inserted>,
    seal: RwLock<Option<Seal>>,
    accounts: Mutex<HashMap<(Protocol, String), (i64, String)>>,
    pub(crate) id: String,
    owner: String,
    pub(crate) run: RunOptions,
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this state only.
    pub state: Option<State>,
    /// With this next step only.
    pub next_step: Option<NextStep>,
    /// Of this batch only.
    pub batch: Option<String>,
    /// Only those that a notification contradicts.
    pub conflict: bool,
}

impl Filter {
    fn holds(&self, entry: &Entry) -> bool {
        self.next_step.is_none_or(|step| entry.next_step == Some(step))
            && self.batch.as_ref().is_none_or(|batch| entry.batch.as_ref() == Some(batch))
            && (!self.conflict || entry.conflict)
    }
}

/// How far ahead of this machine's clock a file may have been written.
const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;
/// Later than this nothing is due by itself, unless a wrong clock said so.
const LATEST_DUE_MS: i64 = 2 * 60 * 60 * 1000;
const PAGE: u32 = 500;

impl Journal {
    /// Opens a journal, or makes it: a file, or `postgres://user@host/database`.
    ///
    /// # Errors
    /// [`JournalError::Store`] with what is wrong: damaged, of another program, newer than this version, not writable,
    /// sealed with another key, written by a clock ahead of this machine's.
    pub fn open(place: &str, options: Options) -> Result<Self, JournalError> {
        if options.restarted && options.owner.is_none() {
            let message =
                "says that an earlier process of this owner is dead, so the owner's name must be given";
            let (field, code) = ("restarted".to_owned(), codes::CONFIGURATION);
            return Err(ConfigurationError { field, code, message: message.to_owned() }.into());
        }
        let mut store = store::open(place, options.read_only)?;
        let identity = store.identity()?;
        let ahead_ms = identity.written_ms - now_ms();
        let by_own_clock = !place.contains("://");
        if by_own_clock && ahead_ms > CLOCK_TOLERANCE_MS && !options.read_only {
            if !options.accept_clock {
                return Err(clock_behind(place, ahead_ms).into());
            }
            store.pull_in(LATEST_DUE_MS)?;
        }
        let mut data_keys = identity.data_keys;
        if let (true, Some(key), false) = (data_keys.is_empty(), &options.sealing_key, options.read_only) {
            if store.head()?.seq > 0 {
                let message = "it has entries in clear and was never sealed, so a sealing key cannot be used with it: start a \
                               new journal with the key";
                return Err(sealing(message).into());
            }
            data_keys = Seal::first_key(key, &identity.id)?;
            if !store.set_data_keys(&data_keys, 0)? {
                // Another process opened it for the first time in the same moment.
                data_keys = store.identity()?.data_keys;
            }
        }
        let seal = match (data_keys.as_slice(), &options.sealing_key) {
            ([], None) => None,
            ([], Some(_)) => return Err(sealing("it is not sealed, but a sealing key was given").into()),
            (_, None) => {
                return Err(sealing("it is sealed: give its sealing key; nothing was read or changed").into());
            }
            (keys, Some(host)) => Some(Seal::open(keys, &identity.id, host)?),
        };
        if let (Some(owner), true, false) = (&options.owner, options.restarted, options.read_only) {
            store.end_leases(owner)?;
        }
        let owner = match options.owner {
            Some(owner) => owner,
            None => format!("{}-{}", std::process::id(), random_text::<4>()?),
        };
        Ok(Self(Arc::new(Inner {
            store: Mutex::new(store),
            changes: Group::default(),
            submissions: Group::default(),
            seal: RwLock::new(seal),
            accounts: Mutex::new(HashMap::new()),
            id: identity.id,
            owner,
            run: options.run,
        })))
    }

    /// The name under which this handle takes leases.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.0.owner
    }

    /// The refund with this key.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find(&self, profile: &Profile, key: &str) -> Result<Option<Entry>, JournalError> {
        let Some(account) = self.known_account(profile)? else { return Ok(None) };
        Ok(self.store().by_keys(account, &[key])?.pop())
    }

    /// The frozen business content of a refund, interface by interface. It holds the traveller's data.
    ///
    /// # Errors
    /// When the database cannot be read, or the text does not open.
    pub fn request(&self, entry: &Entry) -> Result<Map<String, Value>, JournalError> {
        let found = self.store().requests(&[entry.id])?.pop();
        let Some((_, private)) = found else { return Ok(Map::new()) };
        let text = self.0.reveal("request", &entry.key, &private)?;
        serde_json::from_str(&text).map_err(|error| JournalError::Entry {
            key: entry.key.clone(),
            problem: format!("its request cannot be read: {error}"),
        })
    }

    /// Everything that was recorded about a refund, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn story(&self, entry: &Entry) -> Result<Vec<Record>, JournalError> {
        Ok(self.store().records_of(&[entry.id])?)
    }

    /// A record's private part: the provider's answer as it came, with what was read from it. It may hold personal data.
    ///
    /// # Errors
    /// When it does not open.
    pub fn evidence(&self, record: &Record) -> Result<Map<String, Value>, JournalError> {
        let Some(private) = &record.details else { return Ok(Map::new()) };
        let content: Map<String, Value> = serde_json::from_str(&record.content).unwrap_or_default();
        let key = content.get("key").and_then(Value::as_str).unwrap_or_default();
        let text = self.0.reveal("record", key, private)?;
        serde_json::from_str(&text).map_err(|error| JournalError::Entry {
            key: key.to_owned(),
            problem: format!("record {} cannot be read: {error}", record.seq),
        })
    }

    /// Entries in the order of their arrival, read page by page.
    pub fn entries(&self, filter: Filter) -> impl Iterator<Item = Result<Entry, JournalError>> + '_ {
        let mut page = Vec::new().into_iter();
        let mut after = Some(0);
        std::iter::from_fn(move || {
            if let Some(entry) = page.next() {
                return Some(Ok(entry));
            }
            match self.page(&filter, after?) {
                Ok(entries) => {
                    after = entries.last().map(|entry| entry.id);
                    page = entries.into_iter();
                    page.next().map(Ok)
                }
                Err(error) => {
                    after = None;
                    Some(Err(error))
                }
            }
        })
    }

    /// Some of the entries that arrived after the one with this number (0: from the first one). None is the end.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn page(&self, filter: &Filter, mut after: i64) -> Result<Vec<Entry>, JournalError> {
        loop {
            let mut entries = self.store().page(after, filter.state, PAGE)?;
            let Some(last) = entries.last() else { return Ok(entries) };
            after = last.id;
            entries.retain(|entry| filter.holds(entry));
            if !entries.is_empty() {
                return Ok(entries);
            }
        }
    }

    /// How many entries are in each state.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn counts(&self) -> Result<Counts, JournalError> {
        Ok(self.store().counts()?)
    }

    /// The end of the chain of records. Whoever keeps it elsewhere can prove later that nothing was cut off.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn head(&self) -> Result<Head, JournalError> {
        Ok(self.store().head()?)
    }

    /// How many times the database was asked by this handle: over a network each is a round trip.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.store().round_trips()
    }

    /// Makes refunds due at once that are not final and that nobody works on: after keys were put right, or support has
    /// answered. They begin by asking what became of them. Returns how many.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn reopen(&self, filter: &Filter, why: &str) -> Result<u64, JournalError> {
        let mut reopened = 0;
        for entry in self.entries(filter.clone()) {
            let entry = entry?;
            let rests = entry.lease_owner.is_none() && !entry.state.is_final() && entry.state != State::Open;
            if !rests {
                continue;
            }
            let set = Set { resumes: 0, ..Set::unchanged(&entry, State::Waiting, Then::Release(0)) };
            let content = Reopening { key: &entry.key, was: entry.state, why, after: set.after() };
            let content = serde_json::to_string(&content).unwrap_or_default();
            let record = NewRecord { kind: Kind::Reopened, at_ms: now_ms(), content, details: None };
            if self.0.apply(Change::to(&entry, set, Some(record)))? == Applied::Written {
                reopened += 1;
            }
        }
        Ok(reopened)
    }

    /// Changes the host's key. What is sealed already stays readable, with the new key alone; what comes is sealed by a new
    /// key of the journal. Other processes go on until they are started again with the new key, but cannot read what is
    /// written after it. Who has an old copy of the file and the old key can still read that copy.
    ///
    /// # Errors
    /// When the journal is not sealed, or `old` is not its key; nothing was changed then.
    pub fn rotate_key(&self, old: &SealingKey, new: &SealingKey) -> Result<(), JournalError> {
        let mut store = self.store();
        let keys = store.identity()?.data_keys;
        if keys.is_empty() {
            return Err(sealing("it is not sealed, so there is no key to change").into());
        }
        let rewrapped = Seal::rewrapped(&keys, &self.0.id, old, new)?;
        let seal = Seal::open(&rewrapped, &self.0.id, new)?;
        if !store.set_data_keys(&rewrapped, keys.len())? {
            return Err(sealing(
                "another process changed its key in the same moment; nothing was changed here",
            )
            .into());
        }
        *self.0.seal.write().unwrap_or_else(PoisonError::into_inner) = Some(seal);
        Ok(())
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Box<dyn Store>> {
        self.0.store()
    }

    /// The number of a profile's account, recorded now if it never was.
    pub(crate) fn account(&self, profile: &Profile) -> Result<i64, JournalError> {
        match self.known_account(profile)? {
            Some(id) => Ok(id),
            None => {
                let (protocol, name) = (profile.protocol().as_str(), profile.account());
                self.store().account(protocol, name, environment(profile))?;
                // Another process may have recorded it in the same moment, in another environment.
                let lost = || JournalError::NotFound { key: name.to_owned() };
                self.known_account(profile)?.ok_or_else(lost)
            }
        }
    }

    /// The number of a profile's account, if anything of it was ever recorded.
    pub(crate) fn known_account(&self, profile: &Profile) -> Result<Option<i64>, JournalError> {
        let (protocol, name) = (profile.protocol(), profile.account());
        let mut known = self.0.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let given = environment(profile);
        let found = match known.get(&(protocol, name.to_owned())) {
            Some(found) => found.clone(),
            None => match self.store().find_account(protocol.as_str(), name)? {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let (id, recorded) = found.clone();
        if recorded != given {
            return Err(JournalError::OtherEnvironment {
                account: name.to_owned(),
                recorded,
                given: given.to_owned(),
            });
        }
        known.insert((protocol, name.to_owned()), found);
        Ok(Some(id))
    }
}

/// What the record of a reopening says; nothing personal but what was typed.
#[derive(Serialize)]
struct Reopening<'a> {
    key: &'a str,
    was: State,
    why: &'a str,
    #[serde(flatten)]
    after: After<'a>,
}

/// An account belongs to one environment: a key that is paid in a sandbox is not paid.
fn environment(profile: &Profile) -> &'static str {
    match profile.environment() {
        Environment::Production => "production",
        Environment::Sandbox => "sandbox",
    }
}

impl Inner {
    pub(crate) fn store(&self) -> MutexGuard<'_, Box<dyn Store>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn apply(&self, change: Change) -> Result<Applied, StoreError> {
        self.changes.commit(change, |changes| self.store().apply(changes))
    }

    pub(crate) fn submit(&self, entry: NewEntry) -> Result<Inserted, StoreError> {
        self.submissions.commit(entry, |entries| self.store().submit(entries))
    }

    /// A text as it is stored: sealed, where the journal is.
    pub(crate) fn conceal(&self, purpose: &str, of: &str, text: String) -> Result<Private, StoreError> {
        match &*self.seal.read().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(Private::Clear(text)),
            Some(seal) => seal.seal(purpose, of, &text),
        }
    }

    pub(crate) fn reveal(&self, purpose: &str, of: &str, private: &Private) -> Result<String, StoreError> {
        match (private, &*self.seal.read().unwrap_or_else(PoisonError::into_inner)) {
            (Private::Clear(text), _) => Ok(text.clone()),
            (Private::Sealed(bytes), Some(seal)) => seal.unseal(purpose, of, bytes),
            (Private::Sealed(_), None) => Err(sealing("a text is sealed, though the journal is not")),
        }
    }

    /// A fingerprint as it is stored.
    pub(crate) fn fingerprint(&self, fingerprint: &str) -> String {
        match &*self.seal.read().unwrap_or_else(PoisonError::into_inner) {
            None => fingerprint.to_owned(),
            Some(seal) => seal.fingerprint(fingerprint),
        }
    }
}

impl Change {
    /// A change to an entry as it was read.
    pub(crate) fn to(entry: &Entry, set: Set, record: Option<NewRecord>) -> Self {
        Self {
            entry: entry.id,
            epoch: entry.epoch,
            revision: entry.revision,
            set,
            record,
            notification: None,
        }
    }
}

impl Set {
    /// What an entry says, but for its state and its lease.
    pub(crate) fn unchanged(entry: &Entry, state: State, then: Then) -> Self {
        Self {
            state,
            code: entry.code.clone(),
            sub_code: entry.sub_code.clone(),
            next_step: entry.next_step.map(NextStep::as_str),
            reference: entry.reference.clone(),
            memory: None,
            begun: entry.begun,
            more_attempts: 0,
            resumes: entry.resumes,
            then,
        }
    }
}

/// This machine's clock, milliseconds since 1970: for what is told in records, never for leases in a shared database.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// 32 hexadecimal digits.
pub(crate) fn random_id() -> Result<String, StoreError> {
    random_text::<16>()
}

fn random_text<const BYTES: usize>() -> Result<String, StoreError> {
    let mut bytes = [0; BYTES];
    let none = || StoreError::new(StoreFault::Other, "the system gives no random bytes");
    crypto::fill(&mut bytes).ok_or_else(none)?;
    Ok(hex::encode(bytes))
}

fn clock_behind(place: &str, ahead_ms: i64) -> StoreError {
    let message = format!(
        "{place} was last written {} s ahead of this machine's clock: set the clock. If the earlier time was the wrong one, \
         open it once with accept_clock; nothing was sent",
        ahead_ms / 1000
    );
    StoreError::new(StoreFault::Clock, message)
}
