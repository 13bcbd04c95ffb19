//! The journal in one SQLite file: WAL, every commit synced, shared by the processes of one machine.

mod file;
mod rows;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, params,
};

use file::{fail, length_of_database, restrict, store_error};

use super::{
    AccountTraffic, Applied, Change, Claimed, DataKey, Heartbeat, Identity, Inserted, Lease, NewEntry,
    Result, SCHEMA, Store, newer,
};
use crate::chain::{Hash, Head, NewRecord, Private, Record};
use crate::entry::{Counts, Entry, State};
use crate::error::StoreFault;
use crate::journal::random_id;
use crate::worker::pace::PaceRow;

/// `TaxR`, in the header of every journal file.
const APPLICATION_ID: i32 = 0x5461_7852;

/// How long is waited for another process that writes. A process that was stopped in the middle of a write (a debugger,
/// SIGSTOP) holds the file until it goes on.
const PATIENCE: Duration = Duration::from_secs(60);

const SCHEMA_SQL: &str = include_str!("sqlite/schema.sql");

/// One connection to a file.
pub(crate) struct Sqlite {
    connection: Connection,
    path: PathBuf,
    asked: u64,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, read_only: bool) -> Result<Self> {
        let length = length_of_database(path)?;
        if read_only && length == 0 {
            return Err(fail(StoreFault::Other, path, "has no journal to read"));
        }
        let create = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let flags = if read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { create };
        if length == 0 {
            restrict(path)?;
        }
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| store_error(path, &error))?;
        let mut sqlite = Self { connection, path: path.to_owned(), asked: 0 };
        sqlite.prepare(read_only)?;
        Ok(sqlite)
    }

    fn prepare(&mut self, read_only: bool) -> Result<()> {
        let path = self.path.clone();
        let explain = |error: rusqlite::Error| store_error(&path, &error);
        self.connection.busy_timeout(PATIENCE).map_err(explain)?;
        self.connection.set_prepared_statement_cache_capacity(64);
        let tables: i64 = self
            .connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(explain)?;
        let application: i32 =
            self.connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(explain)?;
        if tables > 0 && application != APPLICATION_ID {
            return Err(fail(
                StoreFault::Foreign,
                &path,
                "is a database of another program; nothing was changed",
            ));
        }
        if !read_only && self.connection.is_readonly("main").map_err(explain)? {
            let message =
                "cannot be written: look at the permissions of the file and its folder; nothing was sent";
            return Err(fail(StoreFault::ReadOnly, &path, message));
        }
        if !read_only {
            // FULL: a commit is on the disk when it returns. NORMAL would lose the last ones with the power.
            let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; \
                            PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 2000;";
            self.set_up(settings).map_err(explain)?;
        }
        if tables == 0 {
            let id = random_id()?;
            self.create(&id).map_err(explain)?;
        }
        let oldest: i64 = self
            .connection
            .query_row("SELECT oldest_program FROM journal", [], |row| row.get(0))
            .map_err(explain)?;
        if oldest > SCHEMA { Err(newer(oldest)) } else { Ok(()) }
    }

    /// Changing to WAL does not wait for others that are doing the same, as everything else does.
    fn set_up(&self, settings: &str) -> rusqlite::Result<()> {
        let began = Instant::now();
        loop {
            match self.connection.execute_batch(settings) {
                Err(error)
                    if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                        && began.elapsed() < PATIENCE =>
                {
                    std::thread::sleep(Duration::from_millis(5));
                }
                done => return done,
            }
        }
    }

    fn create(&mut self, id: &str) -> rusqlite::Result<()> {
        let now_ms = wall_ms();
        let head = Head::empty(id);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        // Two processes may have come here together.
        let tables: i64 =
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.execute_batch(SCHEMA_SQL)?;
            transaction.execute(
                "INSERT INTO journal (one, id, version, oldest_program, created_ms, written_ms, head_seq, head_hash)
                 VALUES (1, ?1, ?2, ?2, ?3, ?3, 0, ?4)",
                params![id, SCHEMA, now_ms, head.hash],
            )?;
        }
        transaction.commit()
    }

    /// Everything in one transaction, which is on disk when this returns. A newer program may have changed the schema
    /// since this one opened the file, so that is looked at every time.
    fn write<T>(&mut self, work: impl FnOnce(&Transaction<'_>, i64) -> rusqlite::Result<T>) -> Result<T> {
        self.asked += 1;
        let path = &self.path;
        let explain = |error: rusqlite::Error| store_error(path, &error);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(explain)?;
        let oldest: i64 = transaction
            .prepare_cached("SELECT oldest_program FROM journal")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(explain)?;
        if oldest > SCHEMA {
            return Err(newer(oldest));
        }
        let result = work(&transaction, wall_ms()).map_err(explain)?;
        transaction.commit().map_err(explain)?;
        Ok(result)
    }

    fn read<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        self.asked += 1;
        work(&self.connection).map_err(|error| store_error(&self.path, &error))
    }
}

impl Store for Sqlite {
    fn now_ms(&mut self) -> Result<i64> {
        Ok(wall_ms())
    }

    fn identity(&mut self) -> Result<Identity> {
        self.read(|connection| {
            let (id, written_ms) = connection
                .query_row("SELECT id, written_ms FROM journal", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut statement = connection.prepare("SELECT id, wrapped FROM data_key ORDER BY id")?;
            let keys =
                statement.query_map([], |row| Ok(DataKey { id: row.get(0)?, wrapped: row.get(1)? }))?;
            Ok(Identity { id, written_ms, data_keys: keys.collect::<rusqlite::Result<_>>()? })
        })
    }

    fn set_data_keys(&mut self, keys: &[DataKey], known: usize) -> Result<bool> {
        self.write(|transaction, _| {
            let count: i64 = transaction.query_row("SELECT count(*) FROM data_key", [], |row| row.get(0))?;
            if usize::try_from(count) != Ok(known) {
                return Ok(false);
            }
            transaction.execute("DELETE FROM data_key", [])?;
            for key in keys {
                transaction.execute(
                    "INSERT INTO data_key (id, wrapped) VALUES (?1, ?2)",
                    params![key.id, key.wrapped],
                )?;
            }
            Ok(true)
        })
    }

    fn find_account(&mut self, protocol: &str, account: &str) -> Result<Option<(i64, String)>> {
        self.read(|connection| rows::account(connection, protocol, account).optional())
    }

    fn account(&mut self, protocol: &str, account: &str, environment: &str) -> Result<(i64, String)> {
        self.write(|transaction, _| {
            let add = "INSERT INTO account (protocol, account, environment) VALUES (?1, ?2, ?3)
                       ON CONFLICT (protocol, account) DO NOTHING";
            transaction.execute(add, [protocol, account, environment])?;
            rows::account(transaction, protocol, account)
        })
    }

    fn submit(&mut self, entries: &[NewEntry]) -> Result<Vec<Inserted>> {
        self.write(|transaction, now_ms| {
            let mut chain = rows::Chain::open(transaction)?;
            let inserted = entries
                .iter()
                .map(|entry| rows::insert(transaction, &mut chain, entry, now_ms))
                .collect::<rusqlite::Result<_>>()?;
            chain.close(now_ms)?;
            Ok(inserted)
        })
    }

    fn claim(&mut self, account: i64, lease: &Lease, limit: u32) -> Result<Vec<Claimed>> {
        self.write(|transaction, now_ms| {
            let mut due = transaction.prepare_cached(
                "SELECT id FROM entry WHERE account_id = ?1 AND due_ms <= ?2 ORDER BY due_ms, id LIMIT ?3",
            )?;
            let due: Vec<i64> = due
                .query_map(params![account, now_ms, limit], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            due.into_iter().map(|entry| rows::lease(transaction, entry, lease, now_ms)).collect()
        })
    }

    fn claim_one(&mut self, entry: i64, lease: &Lease) -> Result<Option<Claimed>> {
        self.write(|transaction, now_ms| {
            let free = transaction
                .prepare_cached(
                    "SELECT 1 FROM entry WHERE id = ?1 AND state NOT IN ('succeeded', 'failed')
                     AND (lease_owner IS NULL OR due_ms <= ?2)",
                )?
                .exists(params![entry, now_ms])?;
            free.then(|| rows::lease(transaction, entry, lease, now_ms)).transpose()
        })
    }

    fn apply(&mut self, changes: &[Change]) -> Result<Vec<Applied>> {
        self.write(|transaction, now_ms| {
            let mut chain = rows::Chain::open(transaction)?;
            let applied = changes
                .iter()
                .map(|change| rows::change(transaction, &mut chain, change, now_ms))
                .collect::<rusqlite::Result<_>>()?;
            chain.close(now_ms)?;
            Ok(applied)
        })
    }

    fn release(&mut self, entry: i64, epoch: i64, due_in_ms: i64, begun: bool) -> Result<bool> {
        self.write(|transaction, now_ms| {
            let released = transaction
                .prepare_cached(
                    "UPDATE entry SET lease_owner = NULL, due_ms = ?1, begun = ?2, revision = revision + 1
                     WHERE id = ?3 AND epoch = ?4 AND lease_owner IS NOT NULL",
                )?
                .execute(params![now_ms.saturating_add(due_in_ms), begun, entry, epoch])?;
            Ok(released == 1)
        })
    }

    fn append(
        &mut self,
        entry: Option<i64>,
        record: &NewRecord,
        notification: Option<&Hash>,
        conflict: bool,
    ) -> Result<()> {
        self.write(|transaction, now_ms| {
            rows::remember(transaction, notification)?;
            if conflict {
                transaction.execute("UPDATE entry SET conflict = 1 WHERE id = ?1", [entry])?;
            }
            let mut chain = rows::Chain::open(transaction)?;
            chain.append(entry, record)?;
            chain.close(now_ms)
        })
    }

    fn pull_in(&mut self, latest_in_ms: i64) -> Result<u64> {
        self.write(|transaction, now_ms| {
            let latest_ms = now_ms.saturating_add(latest_in_ms);
            // A sign of life from the future would share the pace until then.
            transaction.execute("DELETE FROM worker WHERE alive_ms > ?1", [latest_ms])?;
            transaction.execute("UPDATE journal SET written_ms = ?1", [now_ms])?;
            let late = "UPDATE entry SET due_ms = ?1 WHERE due_ms > ?2";
            Ok(transaction.execute(late, params![now_ms, latest_ms])? as u64)
        })
    }

    fn end_leases(&mut self, owner: &str) -> Result<u64> {
        self.write(|transaction, now_ms| {
            // A lease that is held ends in the future, which the index of what is due knows.
            let held =
                "UPDATE entry SET due_ms = ?1, lease_owner = NULL, epoch = epoch + 1, revision = revision + 1
                        WHERE account_id IN (SELECT id FROM account) AND due_ms > ?1 AND lease_owner = ?2";
            Ok(transaction.execute(held, params![now_ms, owner])? as u64)
        })
    }

    fn renew(&mut self, held: &[(i64, i64)], lease: &Lease) -> Result<Vec<i64>> {
        self.write(|transaction, now_ms| {
            let mut renew = transaction.prepare_cached(
                "UPDATE entry SET due_ms = ?1 WHERE id = ?2 AND epoch = ?3 AND lease_owner = ?4 AND due_ms IS NOT NULL",
            )?;
            let mut still_held = Vec::with_capacity(held.len());
            for (entry, epoch) in held {
                if renew.execute(params![now_ms + lease.ms, entry, epoch, lease.owner])? == 1 {
                    still_held.push(*entry);
                }
            }
            Ok(still_held)
        })
    }

    fn by_keys(&mut self, account: i64, keys: &[&str]) -> Result<Vec<Entry>> {
        self.read(|connection| {
            let sql = format!("{} WHERE account_id = ?1 AND key = ?2", rows::SELECT_ENTRY);
            let mut statement = connection.prepare_cached(&sql)?;
            let found =
                keys.iter().map(|key| statement.query_row(params![account, key], rows::entry).optional());
            found.filter_map(rusqlite::Result::transpose).collect()
        })
    }

    fn by_id(&mut self, entry: i64) -> Result<Option<Entry>> {
        self.read(|connection| {
            let sql = format!("{} WHERE entry.id = ?1", rows::SELECT_ENTRY);
            connection.prepare_cached(&sql)?.query_row([entry], rows::entry).optional()
        })
    }

    fn page(&mut self, after: i64, state: Option<State>, limit: u32) -> Result<Vec<Entry>> {
        self.read(|connection| {
            let sql = format!(
                "{} WHERE entry.id > ?1 AND (?2 IS NULL OR state = ?2) ORDER BY entry.id LIMIT ?3",
                rows::SELECT_ENTRY
            );
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map(params![after, state.map(State::as_str), limit], rows::entry)?.collect()
        })
    }

    fn holders_of_form(&mut self, account: i64, form: &str) -> Result<Vec<(i64, String, State)>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, key, state FROM entry WHERE account_id = ?1 AND form = ?2 AND (state <> 'failed' OR conflict)
                 ORDER BY id",
            )?;
            let holder = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, rows::state(row, 2)?));
            statement.query_map(params![account, form], holder)?.collect()
        })
    }

    fn requests(&mut self, entries: &[i64]) -> Result<Vec<(i64, Private)>> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT entry_id, clear, sealed FROM request WHERE entry_id = ?1")?;
            let found = entries.iter().map(|entry| {
                let read = |row: &rusqlite::Row<'_>| {
                    Ok((row.get(0)?, rows::private(row, 1)?.unwrap_or(Private::Clear(String::new()))))
                };
                statement.query_row([entry], read).optional()
            });
            found.filter_map(rusqlite::Result::transpose).collect()
        })
    }

    fn records(&mut self, after: i64, limit: u32) -> Result<Vec<Record>> {
        self.read(|connection| {
            let sql = format!("{} WHERE seq > ?1 ORDER BY seq LIMIT ?2", rows::SELECT_RECORD);
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map(params![after, limit], rows::record)?.collect()
        })
    }

    fn records_of(&mut self, entries: &[i64]) -> Result<Vec<Record>> {
        self.read(|connection| {
            let sql = format!("{} WHERE entry_id = ?1 ORDER BY seq", rows::SELECT_RECORD);
            let mut statement = connection.prepare_cached(&sql)?;
            let mut records = Vec::new();
            for entry in entries {
                for record in statement.query_map([entry], rows::record)? {
                    records.push(record?);
                }
            }
            Ok(records)
        })
    }

    fn orphan(&mut self) -> Result<Option<i64>> {
        self.read(|connection| {
            let sql = "SELECT seq FROM record WHERE entry_id IS NOT NULL
                       AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = record.entry_id) ORDER BY seq LIMIT 1";
            connection.query_row(sql, [], |row| row.get(0)).optional()
        })
    }

    fn has_notification(&mut self, digest: &Hash) -> Result<bool> {
        self.read(|connection| {
            connection.prepare_cached("SELECT 1 FROM notification WHERE digest = ?1")?.exists([digest])
        })
    }

    fn head(&mut self) -> Result<Head> {
        self.read(rows::head)
    }

    fn counts(&mut self) -> Result<Counts> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT state, count(*) FROM entry GROUP BY state")?;
            let mut counts = Counts::default();
            for row in statement.query_map([], |row| Ok((rows::state(row, 0)?, row.get::<_, i64>(1)?)))? {
                let (state, count) = row?;
                *counts.of(state) = count.unsigned_abs();
            }
            Ok(counts)
        })
    }

    fn next_due_ms(&mut self, accounts: &[i64]) -> Result<Option<i64>> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT min(due_ms) FROM entry WHERE account_id = ?1 AND due_ms IS NOT NULL",
            )?;
            let mut next: Option<i64> = None;
            for account in accounts {
                let due: Option<i64> = statement.query_row([account], |row| row.get(0))?;
                next = next.into_iter().chain(due).min();
            }
            Ok(next)
        })
    }

    fn heartbeat(&mut self, worker: &Heartbeat<'_>) -> Result<Vec<AccountTraffic>> {
        self.write(|transaction, now_ms| {
            let accounts = serde_json::json!(worker.accounts).to_string();
            transaction
                .prepare_cached(
                    "INSERT INTO worker (owner, program, accounts, seen_ms, alive_ms) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT (owner) DO UPDATE SET program = ?2, accounts = ?3, seen_ms = ?4, alive_ms = ?5",
                )?
                .execute(params![worker.owner, worker.program, accounts, now_ms, now_ms + worker.alive_ms])?;
            let mut traffic = transaction.prepare_cached(
                "SELECT limit_milli_per_s, cut_at_ms, generation,
                        (SELECT count(*) FROM worker, json_each(worker.accounts)
                         WHERE worker.alive_ms > ?2 AND json_each.value = account.id)
                 FROM account WHERE id = ?1",
            )?;
            let of = |account: i64, row: &rusqlite::Row<'_>| {
                Ok(AccountTraffic { account, pace: rows::pace(row)?, workers: row.get(3)? })
            };
            worker
                .accounts
                .iter()
                .map(|account| traffic.query_row(params![account, now_ms], |row| of(*account, row)))
                .collect()
        })
    }

    fn set_pace(&mut self, account: i64, pace: &PaceRow) -> Result<bool> {
        self.write(|transaction, _| {
            let written = transaction.execute(
                "UPDATE account SET limit_milli_per_s = ?1, cut_at_ms = ?2, generation = ?3
                 WHERE id = ?4 AND generation = ?3 - 1",
                params![pace.limit_milli_per_s, pace.cut_at_ms, pace.generation, account],
            )?;
            Ok(written == 1)
        })
    }

    fn check(&mut self) -> Result<Vec<String>> {
        self.read(|connection| {
            let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
            let said =
                statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
            Ok(said.into_iter().filter(|line| line != "ok").collect())
        })
    }

    fn round_trips(&self) -> u64 {
        self.asked
    }
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Kind;

    fn journal() -> (PathBuf, Sqlite) {
        let name = format!("taxrefund-sqlite-{}-{:?}.db", std::process::id(), std::thread::current().id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_file(&path);
        let sqlite = Sqlite::open(&path, false).unwrap();
        (path, sqlite)
    }

    fn large_record() -> NewRecord {
        let details = Some(Private::Clear("x".repeat(60_000)));
        NewRecord { kind: Kind::Late, at_ms: 1, content: "{}".to_owned(), details }
    }

    #[test]
    fn a_full_disk_is_a_clear_error_that_leaves_the_journal_as_it_was() {
        let (path, mut sqlite) = journal();
        sqlite.connection.pragma_update(None, "max_page_count", 60).unwrap();
        let error = (0..10).find_map(|_| sqlite.append(None, &large_record(), None, false).err()).unwrap();
        assert_eq!(error.fault, StoreFault::Full);
        assert!(error.message.contains("the disk is full"), "{error}");
        let head = sqlite.head().unwrap();
        assert_eq!(sqlite.records(0, 100).unwrap().len() as i64, head.seq);
        sqlite.connection.pragma_update(None, "max_page_count", 100_000).unwrap();
        sqlite.append(None, &large_record(), None, false).unwrap();
        assert_eq!(sqlite.head().unwrap().seq, head.seq + 1, "and it goes on when there is room again");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_process_that_does_not_let_go_is_a_clear_error() {
        let (path, mut sqlite) = journal();
        sqlite.connection.busy_timeout(Duration::ZERO).unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = sqlite.append(None, &large_record(), None, false).unwrap_err();
        assert_eq!(error.fault, StoreFault::Locked);
        assert!(error.message.contains("held by another process"), "{error}");
        other.execute_batch("ROLLBACK").unwrap();
        sqlite.append(None, &large_record(), None, false).unwrap();
        std::fs::remove_file(path).unwrap();
    }
}
