//! Rows in and out of PostgreSQL.

use std::borrow::Cow;

use postgres::Row;
use taxrefund_core::Amount;

use super::Result;
use super::fault::explain;
use crate::chain::{Hash, Kind, NewRecord, Private, Record};
use crate::entry::{Entry, State};
use crate::error::{StoreError, StoreFault};
use crate::store::{AccountTraffic, Claimed, protocol_of};
use crate::worker::pace::PaceRow;

/// A macro, so that statements are constants: by them the prepared ones are found.
macro_rules! select_entry {
    ($rest:literal) => {
        concat!(
            "SELECT entry.id, protocol, account, operation, key, form, currency, amount_minor, fingerprint, batch, line, ",
            "state, code, sub_code, next_step, reference, attempts, resumes, due_ms, lease_owner, epoch, revision, begun, ",
            "conflict, overridden, created_ms, updated_ms FROM entry JOIN account ON account.id = account_id ",
            $rest
        )
    };
}

macro_rules! select_record {
    ($rest:literal) => {
        concat!(
            "SELECT seq, entry_id, kind, at_ms, content, clear, clear_utf8, sealed, hash FROM record ",
            $rest
        )
    };
}

pub(super) use {select_entry, select_record};

/// A row, and the server it came from.
pub(super) struct Reader<'a> {
    pub(super) row: &'a Row,
    pub(super) place: &'a str,
}

impl Reader<'_> {
    pub(super) fn column<'b, T: postgres::types::FromSql<'b>>(&'b self, at: usize) -> Result<T> {
        self.row.try_get(at).map_err(|error| explain(self.place, &error))
    }

    fn unreadable(&self, at: usize, text: &str) -> StoreError {
        let column = self.row.columns().get(at).map_or("?", postgres::Column::name);
        let message = format!("{}: {text:?} is not a word of this schema ({column})", self.place);
        StoreError::new(StoreFault::Corrupt, message)
    }

    fn count(&self, at: usize) -> Result<u32> {
        let count: i64 = self.column(at)?;
        u32::try_from(count).map_err(|_| self.unreadable(at, &count.to_string()))
    }

    pub(super) fn hash(&self, at: usize) -> Result<Hash> {
        let bytes: &[u8] = self.column(at)?;
        bytes.try_into().map_err(|_| self.unreadable(at, &hex::encode(bytes)))
    }

    pub(super) fn state(&self, at: usize) -> Result<State> {
        let text: &str = self.column(at)?;
        State::from_text(text).ok_or_else(|| self.unreadable(at, text))
    }

    /// Three columns: in clear, in clear with a NUL in it, sealed.
    pub(super) fn private(&self, at: usize) -> Result<Option<Private>> {
        if let Some(clear) = self.column(at)? {
            return Ok(Some(Private::Clear(clear)));
        }
        if let Some(utf8) = self.column::<Option<&[u8]>>(at + 1)? {
            let clear = std::str::from_utf8(utf8).map_err(|_| self.unreadable(at + 1, "not UTF-8"))?;
            return Ok(Some(Private::Clear(clear.to_owned())));
        }
        Ok(self.column::<Option<Vec<u8>>>(at + 2)?.map(Private::Sealed))
    }

    /// The same, of a row that always has one.
    pub(super) fn request(&self, at: usize) -> Result<Private> {
        Ok(self.private(at)?.unwrap_or(Private::Clear(String::new())))
    }
}

pub(super) fn entry(row: &Reader<'_>) -> Result<Entry> {
    let protocol: &str = row.column(1)?;
    let next_step: Option<String> = row.column(14)?;
    let amount = match (row.column::<Option<String>>(6)?, row.column::<Option<i64>>(7)?) {
        (Some(currency), Some(minor)) => Some(Amount { currency, value: minor.to_string() }),
        _ => None,
    };
    Ok(Entry {
        id: row.column(0)?,
        protocol: protocol_of(protocol).ok_or_else(|| row.unreadable(1, protocol))?,
        account: row.column(2)?,
        operation: row.column(3)?,
        key: row.column(4)?,
        form: row.column(5)?,
        amount,
        fingerprint: row.column(8)?,
        batch: row.column(9)?,
        line: row.column::<Option<i64>>(10)?.map(i64::unsigned_abs),
        state: row.state(11)?,
        code: row.column(12)?,
        sub_code: row.column(13)?,
        next_step: next_step.and_then(|text| serde_json::from_value(text.into()).ok()),
        reference: row.column(15)?,
        attempts: row.count(16)?,
        resumes: row.count(17)?,
        due_ms: row.column(18)?,
        lease_owner: row.column(19)?,
        epoch: row.column(20)?,
        revision: row.column(21)?,
        begun: row.column(22)?,
        conflict: row.column(23)?,
        overridden: row.column(24)?,
        created_ms: row.column(25)?,
        updated_ms: row.column(26)?,
    })
}

pub(super) fn record(row: &Reader<'_>) -> Result<Record> {
    let kind: &str = row.column(2)?;
    Ok(Record {
        seq: row.column(0)?,
        entry: row.column(1)?,
        kind: Kind::from_text(kind).ok_or_else(|| row.unreadable(2, kind))?,
        at_ms: row.column(3)?,
        content: row.column(4)?,
        details: row.private(5)?,
        hash: row.hash(8)?,
    })
}

pub(super) fn claimed(row: &Reader<'_>) -> Result<Claimed> {
    Ok(Claimed {
        entry: row.column(0)?,
        operation: row.column(1)?,
        key: row.column(2)?,
        fingerprint: row.column(3)?,
        epoch: row.column(4)?,
        revision: row.column(5)?,
        begun: row.column(6)?,
        memory: row.column(7)?,
        resumes: row.count(8)?,
        request: row.request(9)?,
    })
}

pub(super) fn traffic(row: &Reader<'_>) -> Result<AccountTraffic> {
    let pace = match (row.column(1)?, row.column(2)?) {
        (Some(limit_milli_per_s), Some(cut_at_ms)) => {
            Some(PaceRow { limit_milli_per_s, cut_at_ms, generation: row.column(3)? })
        }
        _ => None,
    };
    Ok(AccountTraffic { account: row.column(0)?, pace, workers: row.count(4)? })
}

/// One column of many rows, for `unnest`.
pub(super) fn column<'a, T, C>(rows: &'a [T], of: impl Fn(&'a T) -> C) -> Vec<C> {
    rows.iter().map(of).collect()
}

/// Private texts in three columns: in clear; in clear with a NUL in it, which the type `text` cannot hold; sealed.
pub(super) struct Privates<'a> {
    pub(super) clear: Vec<Option<&'a str>>,
    pub(super) clear_utf8: Vec<Option<&'a [u8]>>,
    pub(super) sealed: Vec<Option<&'a [u8]>>,
}

impl<'a> Privates<'a> {
    pub(super) fn of(texts: impl Iterator<Item = Option<&'a Private>>) -> Self {
        let mut columns = Self { clear: Vec::new(), clear_utf8: Vec::new(), sealed: Vec::new() };
        for text in texts {
            let (clear, clear_utf8, sealed) = match text {
                None => (None, None, None),
                Some(Private::Clear(text)) if text.contains('\0') => (None, Some(text.as_bytes()), None),
                Some(Private::Clear(text)) => (Some(text.as_str()), None, None),
                Some(Private::Sealed(bytes)) => (None, None, Some(bytes.as_slice())),
            };
            columns.clear.push(clear);
            columns.clear_utf8.push(clear_utf8);
            columns.sealed.push(sealed);
        }
        columns
    }
}

/// Records in columns; empty ones for a change that has none.
pub(super) struct Records<'a> {
    pub(super) kinds: Vec<Option<&'static str>>,
    pub(super) ats_ms: Vec<Option<i64>>,
    pub(super) contents: Vec<Option<&'a str>>,
    pub(super) details: Privates<'a>,
    pub(super) digests: Vec<Option<Vec<u8>>>,
}

impl<'a> Records<'a> {
    pub(super) fn of(records: &[Option<&'a NewRecord>]) -> Self {
        Self {
            kinds: column(records, |record| record.map(|record| record.kind.as_str())),
            ats_ms: column(records, |record| record.map(|record| record.at_ms)),
            contents: column(records, |record| record.map(|record| record.content.as_str())),
            details: Privates::of(
                records.iter().map(|record| record.and_then(|record| record.details.as_ref())),
            ),
            digests: column(records, |record| record.map(|record| record.digest().to_vec())),
        }
    }
}

/// A provider's word, which may hold a NUL that the type `text` cannot: it is written as in JSON. The record holds the word
/// as it was said.
pub(super) fn without_nul(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(|text| if text.contains('\0') { text.replace('\0', "\\u0000").into() } else { text.into() })
}
