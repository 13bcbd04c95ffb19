//! The proof that nothing recorded was changed or removed. It asks nobody, and opens nothing that is sealed (though a sealed
//! journal as a whole is opened with its key).

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::chain::{Head, Kind, Record};
use crate::entry::Entry;
use crate::error::JournalError;
use crate::journal::Journal;
use crate::submit::sha256_of;

/// What was found to be whole.
#[derive(Debug, Clone, Serialize)]
pub struct Proof {
    /// How many entries there are.
    pub entries: u64,
    /// How many records.
    pub records: u64,
    /// The end of the chain: keep it elsewhere and give it to the next check.
    pub head: Head,
}

/// The first thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The record's number, where it is about one.
    pub seq: Option<i64>,
    /// The refund's key, where it is about one.
    pub key: Option<String>,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(seq) = self.seq {
            write!(f, "record {seq}: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "refund {key}: ")?;
        }
        f.write_str(&self.problem)
    }
}

const PAGE: u32 = 1000;

impl Journal {
    /// Checks the whole journal: the database's own structure, the chain of records, and every entry against its records.
    ///
    /// `expected` is the head of an earlier check, or one that was kept elsewhere: it must still lie on the chain. Without one
    /// it cannot be seen whether the latest records were cut off together with their entries. Nothing here can tell a whole
    /// journal from one that somebody wrote anew from its beginning: the head that was kept elsewhere can.
    ///
    /// # Errors
    /// When the database cannot be read. What is broken is no error but the inner result.
    pub fn verify(&self, expected: Option<Head>) -> Result<Result<Proof, Broken>, JournalError> {
        if let Some(problem) = self.store().check()?.into_iter().next() {
            return Ok(Err(Broken {
                seq: None,
                key: None,
                problem: format!("the database says: {problem}"),
            }));
        }
        let (records, head) = match self.chain(expected)? {
            Ok(found) => found,
            Err(broken) => return Ok(Err(broken)),
        };
        if let Some(seq) = self.store().orphan()? {
            let problem = "its entry was removed".to_owned();
            return Ok(Err(Broken { seq: Some(seq), key: None, problem }));
        }
        Ok(self.compared()?.map(|entries| Proof { entries, records, head }))
    }

    fn chain(&self, expected: Option<Head>) -> Result<Result<(u64, Head), Broken>, JournalError> {
        let broken =
            |seq: i64, problem: &str| Broken { seq: Some(seq), key: None, problem: problem.to_owned() };
        let stored = self.store().head()?;
        let mut head = Head::empty(&self.0.id);
        let mut met = expected.is_none_or(|expected| expected == head);
        loop {
            let records = self.store().records(head.seq, PAGE)?;
            if records.is_empty() {
                break;
            }
            for record in records {
                if record.seq != head.seq + 1 {
                    return Ok(Err(broken(head.seq + 1, "it was removed")));
                }
                head = head.then(&record.digest());
                if head.hash != record.hash {
                    return Ok(Err(broken(
                        record.seq,
                        "it was changed, or one was inserted or exchanged before it",
                    )));
                }
                met |= expected == Some(head);
                if record.entry.is_none() && !is_about_a_stranger(&record) {
                    return Ok(Err(broken(record.seq, "its entry was removed")));
                }
            }
            if head.seq >= stored.seq {
                // Others may be writing meanwhile; what is up to the stored head is what is checked.
                break;
            }
        }
        if head.seq < stored.seq {
            return Ok(Err(broken(head.seq + 1, "it was removed, and all after it")));
        }
        if head.seq == stored.seq && head != stored {
            return Ok(Err(broken(head.seq, "the journal's own note of the last hash is another")));
        }
        if !met {
            let seq = expected.map_or(0, |expected| expected.seq);
            return Ok(Err(broken(
                seq,
                "the chain does not go through the expected head: it was cut or written anew",
            )));
        }
        Ok(Ok((head.seq.unsigned_abs(), head)))
    }

    /// Entries against their records, page by page.
    fn compared(&self) -> Result<Result<u64, Broken>, JournalError> {
        let mut after = 0;
        let mut count = 0;
        loop {
            let (entries, records, requests) = {
                let mut store = self.store();
                let entries = store.page(after, None, PAGE)?;
                let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
                (entries, store.records_of(&ids)?, store.requests(&ids)?)
            };
            let Some(last) = entries.last() else { return Ok(Ok(count)) };
            after = last.id;
            let records: HashMap<_, _> = records
                .chunk_by(|one, next| one.entry == next.entry)
                .filter_map(|of_one| Some((of_one.first()?.entry?, of_one)))
                .collect();
            let requests: HashMap<_, _> =
                requests.iter().map(|(id, request)| (*id, sha256_of(request))).collect();
            for entry in &entries {
                let own = records.get(&entry.id).copied().unwrap_or_default();
                let request = requests.get(&entry.id).map(String::as_str);
                if difference(entry, own, request).is_some()
                    && let Some(problem) = self.still_differs(entry.id)?
                {
                    return Ok(Err(Broken { seq: None, key: Some(entry.key.clone()), problem }));
                }
                count += 1;
            }
        }
    }

    /// Others may write meanwhile: an entry and its records count when they were read between two writes.
    fn still_differs(&self, id: i64) -> Result<Option<String>, JournalError> {
        loop {
            let mut store = self.store();
            let Some(entry) = store.by_id(id)? else { return Ok(Some("it was removed".to_owned())) };
            let (records, request) = (store.records_of(&[id])?, store.requests(&[id])?.pop());
            if store.by_id(id)?.is_some_and(|again| again == entry) {
                let request = request.map(|(_, request)| sha256_of(&request));
                return Ok(difference(&entry, &records, request.as_deref()));
            }
        }
    }
}

/// Only a notification about a refund that the journal does not know belongs to no entry.
fn is_about_a_stranger(record: &Record) -> bool {
    let content: Map<String, Value> = serde_json::from_str(&record.content).unwrap_or_default();
    record.kind == Kind::Notification && content.get("merged").and_then(Value::as_str) == Some("stranger")
}

/// How an entry differs from what its records say of it.
fn difference(entry: &Entry, records: &[Record], request: Option<&str>) -> Option<String> {
    let content =
        |record: &Record| serde_json::from_str::<Map<String, Value>>(&record.content).unwrap_or_default();
    let first = records.first().filter(|record| record.kind == Kind::Submitted).map(content);
    let Some(first) = first else { return Some("no record says that it was submitted".to_owned()) };
    let text = |name: &str| first.get(name).and_then(Value::as_str);
    let submitted = [
        ("protocol", Some(entry.protocol.as_str())),
        ("account", Some(&entry.account)),
        ("operation", Some(&entry.operation)),
        ("key", Some(&entry.key)),
        ("form", entry.form.as_deref()),
        ("fingerprint", Some(&entry.fingerprint)),
        ("overridden", entry.overridden.as_deref()),
        ("batch", entry.batch.as_deref()),
        ("currency", entry.amount.as_ref().map(|amount| amount.currency.as_str())),
    ];
    if let Some((name, _)) = submitted.iter().find(|(name, now)| text(name) != *now) {
        return Some(format!("its {name} is not what was submitted"));
    }
    let minor = entry.amount.as_ref().and_then(|amount| amount.value.parse::<i64>().ok());
    if first.get("amount_minor").and_then(Value::as_i64) != minor {
        return Some("its amount is not what was submitted".to_owned());
    }
    if first.get("line").and_then(Value::as_u64) != entry.line {
        return Some("its line is not what was submitted".to_owned());
    }
    if text("request_sha256") != request {
        return Some("its stored request is not what was submitted".to_owned());
    }
    let sends = records.iter().filter(|record| record.kind == Kind::Attempt).count();
    if sends != entry.attempts as usize {
        return Some(format!("it counts {} attempts, its records {sends}", entry.attempts));
    }
    let contents: Vec<_> = records.iter().map(|record| (record, content(record))).collect();
    let says = |content: &Map<String, Value>, name: &str| {
        content.get(name).and_then(Value::as_str).map(str::to_owned)
    };
    if let Some((record, _)) =
        contents.iter().find(|(_, content)| says(content, "key").as_ref() != Some(&entry.key))
    {
        return Some(format!("record {} is about another refund", record.seq));
    }
    let conflict = contents.iter().any(|(_, content)| says(content, "merged").as_deref() == Some("conflict"));
    if conflict != entry.conflict {
        return Some("its mark of a conflict is not what its records say".to_owned());
    }
    // The latest record that changed it; what was heard late changed nothing.
    let latest = contents.iter().rev().find(|(record, content)| {
        record.kind != Kind::Late && record.kind != Kind::Submitted && content.contains_key("state")
    });
    let last = |name: &str| latest.and_then(|(_, content)| says(content, name));
    let state = last("state").unwrap_or_else(|| "open".to_owned());
    if state != entry.state.as_str() {
        return Some(format!("it is {}, its records say {state}", entry.state));
    }
    let after = [
        ("code", entry.code.as_deref()),
        ("sub_code", entry.sub_code.as_deref()),
        ("next_step", entry.next_step.map(taxrefund_core::NextStep::as_str)),
        ("reference", entry.reference.as_deref()),
    ];
    if let Some((name, _)) = after.iter().find(|(name, now)| last(name).as_deref() != *now) {
        return Some(format!("its {name} is not what its records say"));
    }
    None
}
