//! The result file of a batch: every line of the file exactly once, with what became of it.

use std::io::{Read, Write};

use serde::Serialize;
use taxrefund_core::operations::Entry as Operation;
use taxrefund_core::{NextStep, Profile};

use crate::entry::{Counts, Entry};
use crate::error::JournalError;
use crate::formula::defused;
use crate::import::{ImportOptions, LineProblem, Standing, read};
use crate::journal::Journal;

/// What a result file holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ResultSummary {
    /// Lines, as many as the file has.
    pub lines: u64,
    /// The lines that are refunds of their own, by state.
    pub states: Counts,
    /// Lines that repeat another.
    pub repeated: u64,
    /// Lines that were never sent.
    pub wrong: u64,
}

const CHUNK: usize = 500;

const COLUMNS: [&str; 13] = [
    "line",
    "key",
    "state",
    "reference",
    "code",
    "sub_code",
    "next_step",
    "currency",
    "amount_minor",
    "attempts",
    "updated_ms",
    "entry",
    "problem",
];

impl Journal {
    /// Writes what became of each line of an imported file, as CSV, in the file's order.
    ///
    /// Columns: `line`, `key`, `state` (`open`, `waiting`, `succeeded`, `failed`, `unknown`; `repeats` for a line that says
    /// what another says, `wrong` for one that was never sent), `reference` (the provider's number), `code`, `sub_code`,
    /// `next_step`, `currency`, `amount_minor` (in the smallest unit), `attempts`, `updated_ms`, `entry` (the journal's own
    /// number, to find the refund that a line repeats), `problem`. It may be written at any time, and again, with a
    /// read-only journal too. Texts that a spreadsheet would take for a formula begin with an apostrophe.
    ///
    /// # Errors
    /// When the file or the database cannot be read, or the result not be written.
    pub fn write_results(
        &self,
        operation: &'static Operation,
        profile: &Profile,
        options: &ImportOptions,
        file: impl Read,
        out: impl Write,
    ) -> Result<ResultSummary, JournalError> {
        let written = |error: csv::Error| JournalError::File {
            what: "the result file cannot be written".to_owned(),
            error: error.into(),
        };
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS).map_err(written)?;
        let mut summary = ResultSummary::default();
        let mut lines = read(operation, profile, options, file)?;
        loop {
            let chunk: Vec<_> = lines.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            for (number, key, standing) in self.standings(profile, options, chunk)? {
                summary.count(&standing);
                writer.write_record(row(number, key.as_deref(), &standing)).map_err(written)?;
            }
        }
        writer.flush().map_err(|error| written(error.into()))?;
        Ok(summary)
    }
}

impl ResultSummary {
    fn count(&mut self, standing: &Standing) {
        self.lines += 1;
        match standing {
            Standing::Recorded(entry) => *self.states.of(entry.state) += 1,
            Standing::Repeats(_) => self.repeated += 1,
            Standing::Wrong(_) => self.wrong += 1,
        }
    }
}

fn row(number: u64, key: Option<&str>, standing: &Standing) -> [String; 13] {
    let state = match standing {
        Standing::Recorded(entry) => entry.state.as_str(),
        Standing::Repeats(_) => "repeats",
        Standing::Wrong(_) => "wrong",
    };
    let entry = match standing {
        Standing::Recorded(entry) | Standing::Repeats(entry) => Some(&**entry),
        Standing::Wrong(_) => None,
    };
    let text = |of: fn(&Entry) -> Option<String>| entry.and_then(of).unwrap_or_default();
    [
        number.to_string(),
        key.unwrap_or_default().to_owned(),
        state.to_owned(),
        text(|entry| entry.reference.clone()),
        text(|entry| entry.code.clone()),
        text(|entry| entry.sub_code.clone()),
        text(|entry| entry.next_step.map(NextStep::as_str).map(str::to_owned)),
        text(|entry| Some(entry.amount.as_ref()?.currency.clone())),
        text(|entry| Some(entry.amount.as_ref()?.value.clone())),
        text(|entry| Some(entry.attempts.to_string())),
        text(|entry| Some(entry.updated_ms.to_string())),
        text(|entry| Some(entry.id.to_string())),
        match standing {
            Standing::Wrong(LineProblem { code, problem, .. }) => format!("{code}: {problem}"),
            Standing::Repeats(entry) => match (&entry.batch, entry.line) {
                (Some(batch), Some(line)) => format!("says what line {line} of {batch} says"),
                _ => "was submitted before".to_owned(),
            },
            Standing::Recorded(_) => String::new(),
        },
    ]
    .map(defused)
}
