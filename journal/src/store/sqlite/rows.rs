//! Rows in and out of SQLite.

use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension as _, Result, Row, Transaction, params};
use taxrefund_core::Amount;

use super::super::{Applied, Change, Claimed, Inserted, Lease, NewEntry};
use crate::chain::{Hash, Head, Kind, NewRecord, Private, Record};
use crate::entry::{Entry, State};
use crate::store::protocol_of;
use crate::worker::pace::PaceRow;

pub(super) const SELECT_ENTRY: &str = "SELECT entry.id, protocol, account, operation, key, form, currency, amount_minor, \
    fingerprint, batch, line, state, code, sub_code, next_step, reference, attempts, resumes, due_ms, lease_owner, epoch, \
    revision, begun, conflict, overridden, created_ms, updated_ms FROM entry JOIN account ON account.id = account_id";

pub(super) const SELECT_RECORD: &str =
    "SELECT seq, entry_id, kind, at_ms, content, clear, sealed, hash FROM record";

pub(super) fn entry(row: &Row<'_>) -> Result<Entry> {
    let protocol: String = row.get(1)?;
    let next_step: Option<String> = row.get(14)?;
    let amount = match (row.get::<_, Option<String>>(6)?, row.get::<_, Option<i64>>(7)?) {
        (Some(currency), Some(minor)) => Some(Amount { currency, value: minor.to_string() }),
        _ => None,
    };
    Ok(Entry {
        id: row.get(0)?,
        protocol: protocol_of(&protocol).ok_or_else(|| unreadable(1, &protocol))?,
        account: row.get(2)?,
        operation: row.get(3)?,
        key: row.get(4)?,
        form: row.get(5)?,
        amount,
        fingerprint: row.get(8)?,
        batch: row.get(9)?,
        line: row.get::<_, Option<i64>>(10)?.map(i64::unsigned_abs),
        state: state(row, 11)?,
        code: row.get(12)?,
        sub_code: row.get(13)?,
        next_step: next_step.and_then(|text| serde_json::from_value(text.into()).ok()),
        reference: row.get(15)?,
        attempts: row.get(16)?,
        resumes: row.get(17)?,
        due_ms: row.get(18)?,
        lease_owner: row.get(19)?,
        epoch: row.get(20)?,
        revision: row.get(21)?,
        begun: row.get(22)?,
        conflict: row.get(23)?,
        overridden: row.get(24)?,
        created_ms: row.get(25)?,
        updated_ms: row.get(26)?,
    })
}

pub(super) fn record(row: &Row<'_>) -> Result<Record> {
    let kind: String = row.get(2)?;
    Ok(Record {
        seq: row.get(0)?,
        entry: row.get(1)?,
        kind: Kind::from_text(&kind).ok_or_else(|| unreadable(2, &kind))?,
        at_ms: row.get(3)?,
        content: row.get(4)?,
        details: private(row, 5)?,
        hash: row.get(7)?,
    })
}

pub(super) fn account(connection: &Connection, protocol: &str, account: &str) -> Result<(i64, String)> {
    let find = "SELECT id, environment FROM account WHERE protocol = ?1 AND account = ?2";
    connection.query_row(find, [protocol, account], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Two columns: in clear, and sealed.
pub(super) fn private(row: &Row<'_>, at: usize) -> Result<Option<Private>> {
    let clear: Option<String> = row.get(at)?;
    let sealed: Option<Vec<u8>> = row.get(at + 1)?;
    Ok(clear.map(Private::Clear).or(sealed.map(Private::Sealed)))
}

pub(super) fn state(row: &Row<'_>, at: usize) -> Result<State> {
    let text: String = row.get(at)?;
    State::from_text(&text).ok_or_else(|| unreadable(at, &text))
}

pub(super) fn pace(row: &Row<'_>) -> Result<Option<PaceRow>> {
    match (row.get(0)?, row.get(1)?) {
        (Some(limit_milli_per_s), Some(cut_at_ms)) => {
            Ok(Some(PaceRow { limit_milli_per_s, cut_at_ms, generation: row.get(2)? }))
        }
        _ => Ok(None),
    }
}

pub(super) fn head(connection: &Connection) -> Result<Head> {
    connection
        .prepare_cached("SELECT head_seq, head_hash FROM journal")?
        .query_row([], |row| Ok(Head { seq: row.get(0)?, hash: row.get(1)? }))
}

/// The chain within one transaction.
pub(super) struct Chain<'a> {
    transaction: &'a Transaction<'a>,
    head: Head,
}

impl<'a> Chain<'a> {
    pub(super) fn open(transaction: &'a Transaction<'a>) -> Result<Self> {
        Ok(Self { transaction, head: head(transaction)? })
    }

    pub(super) fn append(&mut self, entry: Option<i64>, record: &NewRecord) -> Result<()> {
        self.head = self.head.then(&record.digest());
        let (clear, sealed) = split(record.details.as_ref());
        self.transaction
            .prepare_cached(
                "INSERT INTO record (seq, entry_id, kind, at_ms, content, clear, sealed, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                self.head.seq,
                entry,
                record.kind.as_str(),
                record.at_ms,
                record.content,
                clear,
                sealed,
                self.head.hash
            ])?;
        Ok(())
    }

    pub(super) fn close(self, now_ms: i64) -> Result<()> {
        self.transaction
            .prepare_cached("UPDATE journal SET head_seq = ?1, head_hash = ?2, written_ms = ?3")?
            .execute(params![self.head.seq, self.head.hash, now_ms])?;
        Ok(())
    }
}

pub(super) fn insert(
    transaction: &Transaction<'_>,
    chain: &mut Chain<'_>,
    new: &NewEntry,
    now_ms: i64,
) -> Result<Inserted> {
    let known = transaction
        .prepare_cached("SELECT id FROM entry WHERE account_id = ?1 AND key = ?2")?
        .query_row(params![new.account, new.key], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(Inserted::Known(known));
    }
    if let (Some(form), None) = (&new.form, &new.overridden) {
        let is_taken = transaction
            .prepare_cached(
                "SELECT 1 FROM entry WHERE account_id = ?1 AND form = ?2 AND (state <> 'failed' OR conflict)",
            )?
            .exists(params![new.account, form])?;
        if is_taken {
            return Ok(Inserted::FormTaken);
        }
    }
    let lease = new.lease.as_ref();
    let id: i64 = transaction
        .prepare_cached(
            "INSERT INTO entry (account_id, operation, key, form, currency, amount_minor, fingerprint, batch, line, state,
                                due_ms, lease_owner, epoch, begun, overridden, created_ms, updated_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'open', ?10, ?11, ?12, ?12, ?13, ?14, ?14)
             RETURNING id",
        )?
        .query_row(
            params![
                new.account,
                new.operation,
                new.key,
                new.form,
                new.currency,
                new.amount_minor,
                new.fingerprint,
                new.batch,
                new.line,
                now_ms + lease.map_or(0, |lease| lease.ms),
                lease.map(|lease| &lease.owner),
                lease.is_some(),
                new.overridden,
                now_ms
            ],
            |row| row.get(0),
        )?;
    let (clear, sealed) = split(Some(&new.request));
    transaction
        .prepare_cached("INSERT INTO request (entry_id, clear, sealed) VALUES (?1, ?2, ?3)")?
        .execute(params![id, clear, sealed])?;
    chain.append(Some(id), &new.record)?;
    Ok(Inserted::New(id))
}

pub(super) fn lease(
    transaction: &Transaction<'_>,
    entry: i64,
    lease: &Lease,
    now_ms: i64,
) -> Result<Claimed> {
    let begun: bool = transaction
        .prepare_cached("SELECT begun FROM entry WHERE id = ?1")?
        .query_row([entry], |row| row.get(0))?;
    let request = transaction
        .prepare_cached("SELECT clear, sealed FROM request WHERE entry_id = ?1")?
        .query_row([entry], |row| private(row, 0))
        .optional()?
        .flatten()
        .unwrap_or(Private::Clear(String::new()));
    transaction
        .prepare_cached(
            "UPDATE entry SET lease_owner = ?1, due_ms = ?2, epoch = epoch + 1, revision = revision + 1, begun = 1,
                              updated_ms = ?3
             WHERE id = ?4
             RETURNING operation, key, fingerprint, epoch, revision, memory, resumes",
        )?
        .query_row(params![lease.owner, now_ms + lease.ms, now_ms, entry], |row| {
            Ok(Claimed {
                entry,
                operation: row.get(0)?,
                key: row.get(1)?,
                fingerprint: row.get(2)?,
                epoch: row.get(3)?,
                revision: row.get(4)?,
                begun,
                memory: row.get(5)?,
                resumes: row.get(6)?,
                request,
            })
        })
}

pub(super) fn change(
    transaction: &Transaction<'_>,
    chain: &mut Chain<'_>,
    change: &Change,
    now_ms: i64,
) -> Result<Applied> {
    let set = &change.set;
    let written = transaction
        .prepare_cached(
            "UPDATE entry SET state = ?1, code = ?2, sub_code = ?3, next_step = ?4, reference = ?5,
                    memory = coalesce(?6, memory), begun = ?7, attempts = attempts + ?8, resumes = ?9,
                    due_ms = ?10, lease_owner = CASE WHEN ?11 THEN lease_owner END, epoch = epoch + ?12,
                    revision = revision + 1, updated_ms = ?13
             WHERE id = ?14 AND epoch = ?15 AND revision = ?16",
        )?
        .execute(params![
            set.state.as_str(),
            set.code,
            set.sub_code,
            set.next_step,
            set.reference,
            set.memory,
            set.begun,
            set.more_attempts,
            set.resumes,
            set.then.due_in_ms().map(|due_in_ms| now_ms + due_in_ms),
            set.then.is_hold(),
            set.then.is_revoke(),
            now_ms,
            change.entry,
            change.epoch,
            change.revision
        ])?;
    if written == 0 {
        return Ok(Applied::Superseded);
    }
    remember(transaction, change.notification.as_ref())?;
    if let Some(record) = &change.record {
        chain.append(Some(change.entry), record)?;
    }
    Ok(Applied::Written)
}

pub(super) fn remember(transaction: &Transaction<'_>, notification: Option<&Hash>) -> Result<()> {
    if let Some(digest) = notification {
        transaction
            .prepare_cached("INSERT INTO notification (digest) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([digest])?;
    }
    Ok(())
}

fn split(private: Option<&Private>) -> (Option<&str>, Option<&[u8]>) {
    match private {
        None => (None, None),
        Some(Private::Clear(text)) => (Some(text), None),
        Some(Private::Sealed(bytes)) => (None, Some(bytes)),
    }
}

fn unreadable(column: usize, text: &str) -> Error {
    let problem = format!("{text:?} is not a word of this schema");
    Error::FromSqlConversionFailure(column, Type::Text, problem.into())
}
