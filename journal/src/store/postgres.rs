//! The journal in PostgreSQL, shared by several machines: every step is one statement, every commit is on the server's disk.
//!
//! What several rows must agree on is decided inside the database, by the functions of `postgres/schema.sql`: a step is one
//! round trip, however many entries it is about, and no lock is held while this side thinks.
//!
//! **The connection breaks.** It is made anew for up to half a minute, and the step is asked again. Steps that go into the
//! chain carry a number by which the database knows a repeat and tells what came of the first. Of the others, a lost answer to
//! a claim costs leases that nobody uses: they end by themselves, and the entries are taken up again as any others whose
//! worker died. The rest do the same when they are done twice.
//!
//! **TLS** to the server is not built in: `sslmode=require` is refused. Between machines put TLS in between (a local
//! pgbouncer in session mode, stunnel, an SSH tunnel), or a private network.
//!
//! **A standby** that takes over without having every commit would forget sends: use `synchronous_standby_names`. A server that
//! lacks a write it acknowledged to this program is refused.

mod address;
mod creation;
mod fault;
mod rows;
mod session;

use postgres::types::ToSql;

use self::fault::fail;
use self::rows::{Privates, Reader, Records, column, select_entry, select_record, without_nul};
use self::session::Session;
use super::{
    AccountTraffic, Applied, Change, Claimed, DataKey, Heartbeat, Identity, Inserted, Lease, NewEntry,
    Result, SCHEMA, Store,
};
use crate::chain::{Hash, Head, NewRecord, Private, Record};
use crate::entry::{Counts, Entry, State};
use crate::error::StoreFault;
use crate::worker::pace::PaceRow;

/// A thousand years: later than that nothing can be due, and sums stay in range.
const LONGEST_MS: i64 = 1000 * 366 * 86_400_000;

/// One connection to a server.
pub(crate) struct Postgres {
    session: Session,
}

impl Postgres {
    pub(crate) fn open(url: &str, read_only: bool) -> Result<Self> {
        Ok(Self { session: Session::open(url, read_only)? })
    }

    fn rows<T>(
        &mut self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
        of: impl Fn(&Reader<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let rows = self.session.ask(sql, params)?;
        rows.iter().map(|row| of(&Reader { row, place: &self.session.place })).collect()
    }

    fn row<T>(
        &mut self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
        of: impl Fn(&Reader<'_>) -> Result<T>,
    ) -> Result<T> {
        let row = self.rows(sql, params, of)?.pop();
        row.ok_or_else(|| {
            fail(StoreFault::Corrupt, &self.session.place, "lacks a row of the journal (restored in part?)")
        })
    }
}

impl Store for Postgres {
    fn now_ms(&mut self) -> Result<i64> {
        self.row("SELECT now_ms()", &[], |row| row.column(0))
    }

    fn identity(&mut self) -> Result<Identity> {
        let sql =
            "SELECT journal.id, written_ms, data_key.id, wrapped FROM journal LEFT JOIN data_key ON true
                   ORDER BY data_key.id";
        let rows = self.rows(sql, &[], |row| {
            let key: Option<i64> = row.column(2)?;
            let key = key.map(|id| Ok(DataKey { id, wrapped: row.column(3)? })).transpose()?;
            Ok((row.column(0)?, row.column(1)?, key))
        })?;
        let (id, written_ms) = rows
            .first()
            .map(|(id, written_ms, _): &(String, i64, _)| (id.clone(), *written_ms))
            .ok_or_else(|| {
                fail(StoreFault::Corrupt, &self.session.place, "has the journal's tables without the journal")
            })?;
        Ok(Identity { id, written_ms, data_keys: rows.into_iter().filter_map(|(_, _, key)| key).collect() })
    }

    fn set_data_keys(&mut self, keys: &[DataKey], known: usize) -> Result<bool> {
        let ids = column(keys, |key| key.id);
        let wrapped = column(keys, |key| key.wrapped.as_slice());
        let known = i64::try_from(known).unwrap_or(i64::MAX);
        let changed = self
            .session
            .write("SELECT set_data_keys_v1($1, $2, $3, $4, $5, $6)", &[&ids, &wrapped, &known])?;
        Ok(changed.first() == Some(&1))
    }

    fn find_account(&mut self, protocol: &str, account: &str) -> Result<Option<(i64, String)>> {
        let find = "SELECT id, environment FROM account WHERE protocol = $1 AND account = $2";
        Ok(self.rows(find, &[&protocol, &account], |row| Ok((row.column(0)?, row.column(1)?)))?.pop())
    }

    fn account(&mut self, protocol: &str, account: &str, environment: &str) -> Result<(i64, String)> {
        let add = "SELECT * FROM account_v1($1, $2, $3, $4)";
        self.row(add, &[&SCHEMA, &protocol, &account, &environment], |row| {
            Ok((row.column(0)?, row.column(1)?))
        })
    }

    fn submit(&mut self, entries: &[NewEntry]) -> Result<Vec<Inserted>> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let requests = Privates::of(entries.iter().map(|entry| Some(&entry.request)));
        let records = Records::of(&column(entries, |entry| Some(&entry.record)));
        let answer = self.session.write(
            "SELECT submit_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                              $21, $22, $23, $24, $25)",
            &[
                &column(entries, |entry| entry.account),
                &column(entries, |entry| entry.operation),
                &column(entries, |entry| entry.key.as_str()),
                &column(entries, |entry| entry.form.as_deref()),
                &column(entries, |entry| entry.currency.as_deref()),
                &column(entries, |entry| entry.amount_minor),
                &column(entries, |entry| entry.fingerprint.as_str()),
                &column(entries, |entry| entry.batch.as_deref()),
                &column(entries, |entry| entry.line),
                &column(entries, |entry| entry.overridden.as_deref()),
                &column(entries, |entry| entry.lease.as_ref().map(|lease| lease.owner.as_str())),
                &column(entries, |entry| entry.lease.as_ref().map(|lease| lease.ms)),
                &requests.clear,
                &requests.clear_utf8,
                &requests.sealed,
                &records.kinds,
                &records.ats_ms,
                &records.contents,
                &records.details.clear,
                &records.details.clear_utf8,
                &records.details.sealed,
                &records.digests,
            ],
        )?;
        Ok(column(&answer, |answer| match *answer {
            0 => Inserted::FormTaken,
            known if known < 0 => Inserted::Known(-known),
            new => Inserted::New(new),
        }))
    }

    fn claim(&mut self, account: i64, lease: &Lease, limit: u32) -> Result<Vec<Claimed>> {
        let sql = "SELECT * FROM claim_v1($1, $2, $3, $4, $5)";
        self.rows(sql, &[&SCHEMA, &account, &lease.owner, &lease.ms, &i64::from(limit)], rows::claimed)
    }

    fn claim_one(&mut self, entry: i64, lease: &Lease) -> Result<Option<Claimed>> {
        let sql = "SELECT * FROM claim_one_v1($1, $2, $3, $4)";
        Ok(self.rows(sql, &[&SCHEMA, &entry, &lease.owner, &lease.ms], rows::claimed)?.pop())
    }

    fn apply(&mut self, changes: &[Change]) -> Result<Vec<Applied>> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let records = Records::of(&column(changes, |change| change.record.as_ref()));
        let answer = self.session.write(
            "SELECT apply_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                             $21, $22, $23, $24, $25, $26)",
            &[
                &column(changes, |change| change.entry),
                &column(changes, |change| change.epoch),
                &column(changes, |change| change.revision),
                &column(changes, |change| change.set.state.as_str()),
                &column(changes, |change| without_nul(change.set.code.as_deref())),
                &column(changes, |change| without_nul(change.set.sub_code.as_deref())),
                &column(changes, |change| change.set.next_step),
                &column(changes, |change| without_nul(change.set.reference.as_deref())),
                &column(changes, |change| change.set.memory.as_deref()),
                &column(changes, |change| change.set.begun),
                &column(changes, |change| i64::from(change.set.more_attempts)),
                &column(changes, |change| i64::from(change.set.resumes)),
                &column(changes, |change| change.set.then.due_in_ms()),
                &column(changes, |change| change.set.then.is_hold()),
                &column(changes, |change| change.set.then.is_revoke()),
                &column(changes, |change| change.notification.as_ref().map(Hash::as_slice)),
                &records.kinds,
                &records.ats_ms,
                &records.contents,
                &records.details.clear,
                &records.details.clear_utf8,
                &records.details.sealed,
                &records.digests,
            ],
        )?;
        Ok(column(&answer, |answer| if *answer == 1 { Applied::Written } else { Applied::Superseded }))
    }

    fn release(&mut self, entry: i64, epoch: i64, due_in_ms: i64, begun: bool) -> Result<bool> {
        let sql = "SELECT release_v1($1, $2, $3, $4, $5)";
        self.row(sql, &[&SCHEMA, &entry, &epoch, &due_in_ms.min(LONGEST_MS), &begun], |row| row.column(0))
    }

    fn append(
        &mut self,
        entry: Option<i64>,
        record: &NewRecord,
        notification: Option<&Hash>,
        conflict: bool,
    ) -> Result<()> {
        let details = Privates::of([record.details.as_ref()].into_iter());
        self.session.write(
            "SELECT append_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            &[
                &notification.map(Hash::as_slice),
                &conflict,
                &entry,
                &record.kind.as_str(),
                &record.at_ms,
                &record.content,
                &details.clear.first(),
                &details.clear_utf8.first(),
                &details.sealed.first(),
                &record.digest().as_slice(),
            ],
        )?;
        Ok(())
    }

    fn pull_in(&mut self, latest_in_ms: i64) -> Result<u64> {
        let sql = "SELECT pull_in_v1($1, $2)";
        self.row(sql, &[&SCHEMA, &latest_in_ms.min(LONGEST_MS)], |row| {
            row.column::<i64>(0).map(i64::unsigned_abs)
        })
    }

    fn end_leases(&mut self, owner: &str) -> Result<u64> {
        let sql = "SELECT end_leases_v1($1, $2)";
        self.row(sql, &[&SCHEMA, &owner], |row| row.column::<i64>(0).map(i64::unsigned_abs))
    }

    fn renew(&mut self, held: &[(i64, i64)], lease: &Lease) -> Result<Vec<i64>> {
        if held.is_empty() {
            return Ok(Vec::new());
        }
        let (entries, epochs) = (column(held, |held| held.0), column(held, |held| held.1));
        let sql = "SELECT renew_v1($1, $2, $3, $4, $5)";
        self.row(sql, &[&SCHEMA, &lease.owner, &lease.ms, &entries, &epochs], |row| row.column(0))
    }

    fn by_keys(&mut self, account: i64, keys: &[&str]) -> Result<Vec<Entry>> {
        // No recorded key has a NUL; one that has cannot even be asked for.
        let keys: Vec<&str> = keys.iter().copied().filter(|key| !key.contains('\0')).collect();
        self.rows(select_entry!("WHERE account_id = $1 AND key = ANY ($2)"), &[&account, &keys], rows::entry)
    }

    fn by_id(&mut self, entry: i64) -> Result<Option<Entry>> {
        Ok(self.rows(select_entry!("WHERE entry.id = $1"), &[&entry], rows::entry)?.pop())
    }

    fn page(&mut self, after: i64, state: Option<State>, limit: u32) -> Result<Vec<Entry>> {
        let limit = i64::from(limit);
        match state {
            None => {
                let sql = select_entry!("WHERE entry.id > $1 ORDER BY entry.id LIMIT $2");
                self.rows(sql, &[&after, &limit], rows::entry)
            }
            Some(state) => {
                let sql = select_entry!("WHERE entry.id > $1 AND state = $3 ORDER BY entry.id LIMIT $2");
                self.rows(sql, &[&after, &limit, &state.as_str()], rows::entry)
            }
        }
    }

    fn holders_of_form(&mut self, account: i64, form: &str) -> Result<Vec<(i64, String, State)>> {
        let sql = "SELECT id, key, state FROM entry WHERE account_id = $1 AND form = $2 AND (state <> 'failed' OR conflict)
                   ORDER BY id";
        self.rows(sql, &[&account, &form], |row| Ok((row.column(0)?, row.column(1)?, row.state(2)?)))
    }

    fn requests(&mut self, entries: &[i64]) -> Result<Vec<(i64, Private)>> {
        let sql = "SELECT entry_id, clear, clear_utf8, sealed FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (id, place)
                   JOIN request ON entry_id = asked.id ORDER BY place";
        self.rows(sql, &[&entries], |row| Ok((row.column(0)?, row.request(1)?)))
    }

    fn records(&mut self, after: i64, limit: u32) -> Result<Vec<Record>> {
        self.rows(
            select_record!("WHERE seq > $1 ORDER BY seq LIMIT $2"),
            &[&after, &i64::from(limit)],
            rows::record,
        )
    }

    fn records_of(&mut self, entries: &[i64]) -> Result<Vec<Record>> {
        let sql = select_record!(
            "JOIN unnest($1::bigint[]) WITH ORDINALITY AS asked (id, place) ON entry_id = asked.id ORDER BY place, seq"
        );
        self.rows(sql, &[&entries], rows::record)
    }

    fn orphan(&mut self) -> Result<Option<i64>> {
        let sql = "SELECT seq FROM record WHERE entry_id IS NOT NULL
                   AND NOT EXISTS (SELECT FROM entry WHERE entry.id = record.entry_id) ORDER BY seq LIMIT 1";
        Ok(self.rows(sql, &[], |row| row.column(0))?.pop())
    }

    fn has_notification(&mut self, digest: &Hash) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT FROM notification WHERE digest = $1)";
        self.row(sql, &[&digest.as_slice()], |row| row.column(0))
    }

    fn head(&mut self) -> Result<Head> {
        let sql = "SELECT head_seq, head_hash FROM journal";
        self.row(sql, &[], |row| Ok(Head { seq: row.column(0)?, hash: row.hash(1)? }))
    }

    fn counts(&mut self) -> Result<Counts> {
        let sql = "SELECT state, count(*) FROM entry GROUP BY state";
        let mut counts = Counts::default();
        for (state, count) in self.rows(sql, &[], |row| Ok((row.state(0)?, row.column::<i64>(1)?)))? {
            *counts.of(state) = count.unsigned_abs();
        }
        Ok(counts)
    }

    fn next_due_ms(&mut self, accounts: &[i64]) -> Result<Option<i64>> {
        // One look into the index per account; min() over them all would read every entry that is due.
        let sql = "SELECT min(first.due_ms) FROM unnest($1::bigint[]) AS asked (id), LATERAL (
                       SELECT due_ms FROM entry WHERE account_id = asked.id AND due_ms IS NOT NULL ORDER BY due_ms LIMIT 1
                   ) AS first";
        self.row(sql, &[&accounts], |row| row.column(0))
    }

    fn heartbeat(&mut self, worker: &Heartbeat<'_>) -> Result<Vec<AccountTraffic>> {
        let sql = "SELECT * FROM heartbeat_v1($1, $2, $3, $4, $5)";
        let params: [&(dyn ToSql + Sync); 5] =
            [&SCHEMA, &worker.owner, &worker.program, &worker.accounts, &worker.alive_ms];
        self.rows(sql, &params, rows::traffic)
    }

    fn set_pace(&mut self, account: i64, pace: &PaceRow) -> Result<bool> {
        let sql = "SELECT set_pace_v1($1, $2, $3, $4, $5)";
        let params: [&(dyn ToSql + Sync); 5] =
            [&SCHEMA, &account, &pace.limit_milli_per_s, &pace.cut_at_ms, &pace.generation];
        self.row(sql, &params, |row| row.column(0))
    }

    fn check(&mut self) -> Result<Vec<String>> {
        let sql = "SELECT name || ' is off: what was committed can be lost with the power' FROM pg_settings
                   WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'
                   UNION ALL
                   SELECT checksum_failures || ' pages failed their checksum, the last one at ' || checksum_last_failure
                   FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0
                   UNION ALL
                   SELECT 'the index ' || index.relname || ' is invalid: REINDEX INDEX taxrefund.' || index.relname
                   FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
                   JOIN pg_namespace AS space ON space.oid = index.relnamespace
                   WHERE nspname = 'taxrefund' AND NOT indisvalid";
        self.rows(sql, &[], |row| row.column(0))
    }

    fn round_trips(&self) -> u64 {
        self.session.asked
    }
}
