//! The journal against the ledger, line by line. Plain data in, plain data out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use taxrefund_core::NextStep;
use taxrefund_journal::State;
use taxrefund_sandbox::{Ledger, LedgerEntry};

use crate::batch::{Batch, File, Kind, Line};

/// What is compared.
pub(crate) struct Evidence<'a> {
    pub(crate) batches: &'a [Batch],
    pub(crate) journal: &'a Recorded,
    pub(crate) ledger: &'a Ledger,
    /// Each file's result file: line numbers with the state that it tells, in its order.
    pub(crate) results: &'a [Vec<(u64, String)>],
    /// Final outcomes that somebody was told.
    pub(crate) told: &'a [(File, String, State)],
}

/// The journal's entries by protocol and key.
pub(crate) type Recorded = HashMap<(File, String), Entry>;

/// What the journal says of one refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) state: State,
    pub(crate) next_step: Option<NextStep>,
    pub(crate) is_leased: bool,
    pub(crate) amount_minor: Option<String>,
    pub(crate) reference: Option<String>,
    /// The batch and the line that it says it comes from.
    pub(crate) line: Option<(String, u64)>,
}

/// What was found. Every text names a line or a key.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) rows: Vec<Row>,
    pub(crate) double: BTreeSet<String>,
    pub(crate) lost: BTreeSet<String>,
    pub(crate) false_failed: BTreeSet<String>,
    pub(crate) false_succeeded: BTreeSet<String>,
    /// Whatever else must not be.
    pub(crate) wrong: BTreeSet<String>,
}

/// One protocol.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) lines: u64,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) unknown: u64,
    pub(crate) done: u64,
    pub(crate) requests: u64,
}

impl Verdict {
    pub(crate) fn holds(&self) -> bool {
        let found = [&self.double, &self.lost, &self.false_failed, &self.false_succeeded, &self.wrong];
        found.into_iter().all(BTreeSet::is_empty)
    }

    pub(crate) fn closing_line(&self) -> String {
        format!(
            "double: {}, lost: {}, false_failed: {}, false_succeeded: {}",
            self.double.len(),
            self.lost.len(),
            self.false_failed.len(),
            self.false_succeeded.len()
        )
    }
}

pub(crate) fn judge(evidence: &Evidence<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    verdict.payments(evidence.ledger);
    let known = by_key(evidence);
    for (batch, results) in evidence.batches.iter().zip(evidence.results) {
        let mut row = Row { name: batch.file.name(), lines: batch.lines.len() as u64, ..Row::default() };
        let results = verdict.results(batch, results);
        for line in &batch.lines {
            let entry = evidence.journal.get(&(batch.file, line.key.clone()));
            let paid = known.get(&(batch.file, line.key.clone())).copied();
            let result = results.get(&line.number).copied();
            verdict.line(batch.file, line, entry, result);
            if matches!(line.kind, Kind::Refund | Kind::Rival) {
                row.count(entry, paid);
            }
        }
        verdict.rows.push(row);
    }
    for ((file, key), paid) in &known {
        verdict.refund(*file, key, evidence.journal.get(&(*file, key.clone())), Some(paid));
    }
    for ((file, key), entry) in evidence.journal {
        if !known.contains_key(&(*file, key.clone())) {
            verdict.refund(*file, key, Some(entry), None);
        }
    }
    for (file, key, told) in evidence.told {
        let entry = evidence.journal.get(&(*file, key.clone()));
        if entry.is_none_or(|entry| entry.state != *told) {
            let now = entry.map_or("gone".to_owned(), |entry| entry.state.to_string());
            verdict.wrong.insert(format!("{}: {key} was told to be {told} and is {now}", file.name()));
        }
    }
    verdict
}

/// The ledger's entries under the journal's keys.
fn by_key<'a>(evidence: &Evidence<'a>) -> HashMap<(File, String), &'a LedgerEntry> {
    let file_of =
        |entry: &LedgerEntry| File::ALL.into_iter().find(|file| file.protocol().as_str() == entry.protocol);
    let entries = evidence.ledger.entries.iter().filter_map(|entry| Some((file_of(entry)?, entry)));
    entries
        .map(|(file, entry)| {
            let key = if file == File::AlipayPlus { entry.key.replace('/', ":") } else { entry.key.clone() };
            ((file, key), entry)
        })
        .collect()
}

/// Money moved, or the form's status was recorded.
fn is_done(entry: &LedgerEntry) -> bool {
    entry.paid_times > 0 || entry.state == "recorded"
}

impl Verdict {
    fn payments(&mut self, ledger: &Ledger) {
        let mut listed = BTreeSet::new();
        for double in &ledger.double_paid {
            self.double.insert(format!(
                "{}: form {} was paid {} times, under {}",
                double.protocol,
                double.form,
                double.paid_times,
                double.keys.join(", ")
            ));
            listed.extend(double.keys.iter());
        }
        for entry in
            ledger.entries.iter().filter(|entry| entry.paid_times > 1 && !listed.contains(&entry.key))
        {
            self.double
                .insert(format!("{}: {} was paid {} times", entry.protocol, entry.key, entry.paid_times));
        }
    }

    /// What the result file says of each line; a line that is missing is lost.
    fn results<'a>(&mut self, batch: &Batch, results: &'a [(u64, String)]) -> BTreeMap<u64, &'a str> {
        let name = batch.file.name();
        let mut told = BTreeMap::new();
        for (number, state) in results {
            if told.insert(*number, state.as_str()).is_some() {
                self.wrong.insert(format!("{name} line {number} is in the result file twice"));
            }
        }
        let meant: BTreeSet<u64> = batch.lines.iter().map(|line| line.number).collect();
        for number in meant.iter().filter(|number| !told.contains_key(number)) {
            self.lost.insert(format!("{name} line {number} is not in the result file"));
        }
        for number in told.keys().filter(|number| !meant.contains(number)) {
            self.wrong.insert(format!("{name} line {number} of the result file is not in the batch"));
        }
        told
    }

    /// A line, the entry of its key, and what the result file says of it.
    fn line(&mut self, file: File, line: &Line, entry: Option<&Entry>, result: Option<&str>) {
        let name = format!("{} line {} ({})", file.name(), line.number, line.key);
        let own = Some((file.name().to_owned(), line.number));
        let expected = match (line.kind, entry) {
            (Kind::Refund, None) => {
                self.lost.insert(format!("{name} is not in the journal"));
                return;
            }
            (Kind::Refund | Kind::Rival, Some(entry)) if entry.line == own => entry.state.as_str(),
            // The merchant was there before the file.
            (Kind::Refund, Some(_)) | (Kind::Repeat, _) => "repeats",
            (Kind::Rival, Some(_)) => {
                self.wrong.insert(format!("{name} came into the journal from elsewhere"));
                return;
            }
            (Kind::Invalid, Some(_)) => {
                self.wrong.insert(format!("{name} is in the journal, though it is invalid"));
                return;
            }
            (Kind::Rival | Kind::Invalid, None) | (Kind::Reused, _) => "wrong",
        };
        if result.is_some_and(|result| result != expected) {
            let result = result.unwrap_or_default();
            self.wrong.insert(format!("{name}: the result file says {result}, expected {expected}"));
        }
    }

    /// A refund, as the journal and as the ledger has it.
    fn refund(&mut self, file: File, key: &str, entry: Option<&Entry>, paid: Option<&LedgerEntry>) {
        let name = format!("{}: {key}", file.name());
        let done = paid.is_some_and(is_done);
        let Some(entry) = entry else {
            if done {
                self.lost.insert(format!("{name} is done in the ledger and not in the journal"));
            }
            return;
        };
        match entry.state {
            State::Succeeded if !done => {
                self.false_succeeded.insert(format!("{name} succeeded, the ledger does not know it"));
            }
            State::Failed if done => {
                self.false_failed.insert(format!("{name} failed, the ledger has it done"));
            }
            State::Open | State::Waiting => {
                self.lost.insert(format!("{name} is still {}", entry.state));
            }
            State::Unknown if entry.next_step.is_none() => {
                self.lost.insert(format!("{name} is unknown, and nobody is told what to do"));
            }
            State::Succeeded | State::Failed | State::Unknown => {}
        }
        if entry.is_leased {
            self.wrong.insert(format!("{name} is {} and still leased", entry.state));
        }
        let Some(paid) = paid.filter(|_| done) else { return };
        if entry.amount_minor.as_ref() != Some(&paid.amount) {
            self.wrong.insert(format!("{name}: the ledger has another amount"));
        }
        // Reports of forms have no number of their own, and Antom's success may come without one.
        let is_numbered =
            file != File::AlipayPlus && entry.state == State::Succeeded && entry.reference.is_some();
        if is_numbered && entry.reference != paid.reference {
            self.wrong.insert(format!("{name}: the ledger has another number of it"));
        }
    }
}

impl Row {
    fn count(&mut self, entry: Option<&Entry>, paid: Option<&LedgerEntry>) {
        match entry.map(|entry| entry.state) {
            Some(State::Succeeded) => self.succeeded += 1,
            Some(State::Failed) => self.failed += 1,
            Some(State::Unknown) => self.unknown += 1,
            Some(State::Open | State::Waiting) | None => {}
        }
        self.done += u64::from(paid.is_some_and(is_done));
        self.requests += paid.map_or(0, |paid| paid.requests.values().map(|count| u64::from(*count)).sum());
    }
}

#[cfg(test)]
mod tests;
