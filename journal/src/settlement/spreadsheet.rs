//! The report as CSV for a spreadsheet.

use std::io::{self, Write};

use csv::Writer;
use taxrefund_core::currency::Currency;

use super::report::{Difference, Problem, SettlementReport};
use super::{Listed, SettlementError};
use crate::formula::defused;

/// The columns of [`SettlementReport::write_csv`].
///
/// | column | what |
/// |---|---|
/// | `kind` | `status`, `duplicate`, `extra`, `missing`, `amount`; `problem` for what was not compared |
/// | `severity` | `critical`, `serious`, `notice`; empty for a problem |
/// | `key` | the idempotency key; empty for a problem whose line has none that can be read |
/// | `operation` | of the journal, as are the next four: empty when it does not know the key |
/// | `journal_state` | `open`, `succeeded`, `failed`, `unknown` |
/// | `journal_currency` | ISO 4217 code |
/// | `journal_amount_minor` | count of the currency's smallest unit |
/// | `journal_reference` | the provider's number of the refund |
/// | `line` | line of the list, as are the next four: empty when it does not have the key |
/// | `list_state` | `paid`, `failed`, `unreadable` |
/// | `list_status` | the status text |
/// | `list_currency` | ISO 4217 code |
/// | `list_amount_minor` | count of the currency's smallest unit |
/// | `advice` | what to do; for a problem, what is wrong |
pub const CSV_COLUMNS: [&str; 14] = [
    "kind",
    "severity",
    "key",
    "operation",
    "journal_state",
    "journal_currency",
    "journal_amount_minor",
    "journal_reference",
    "line",
    "list_state",
    "list_status",
    "list_currency",
    "list_amount_minor",
    "advice",
];

impl SettlementReport {
    /// Writes the differences, then the problems that were kept and how many more there were, as CSV in UTF-8 with
    /// the columns [`CSV_COLUMNS`].
    ///
    /// A difference has one row for each line of the list that has its key, and one row when there is none. A cell that
    /// a spreadsheet would take for a formula, that is one that begins with `=`, `+`, `-`, `@` or a control character,
    /// gets an apostrophe in front: a program that reads the file must take it off again.
    ///
    /// # Errors
    /// [`SettlementError::Write`].
    pub fn write_csv(&self, file: impl Write) -> Result<(), SettlementError> {
        self.write_rows(file).map_err(SettlementError::Write)
    }

    fn write_rows(&self, file: impl Write) -> io::Result<()> {
        let mut rows = Writer::from_writer(file);
        rows.write_record(CSV_COLUMNS)?;
        for difference in &self.differences {
            if difference.list.is_empty() {
                rows.write_record(row(difference, None).map(defused))?;
            }
            for line in &difference.list {
                rows.write_record(row(difference, Some(line)).map(defused))?;
            }
        }
        for problem in &self.problems {
            let Problem { key, line, message, .. } = problem;
            let row = problem_row(key.clone(), Some(*line), message.clone());
            rows.write_record(row.map(defused))?;
        }
        let kept = u64::try_from(self.problems.len()).unwrap_or(u64::MAX);
        if let more @ 1.. = self.counts.problems.saturating_sub(kept) {
            rows.write_record(problem_row(None, None, format!("and {more} more")))?;
        }
        rows.flush()
    }
}

fn row(difference: &Difference, line: Option<&Listed>) -> [String; 14] {
    let journal = difference.journal.as_ref();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    [
        difference.kind.as_str().to_owned(),
        difference.severity.as_str().to_owned(),
        difference.key.clone(),
        text(journal.map(|journal| journal.operation.as_str())),
        text(journal.map(|journal| journal.state.as_str())),
        text(journal.and_then(|journal| journal.currency.as_deref())),
        number(journal.and_then(|journal| journal.amount_minor)),
        text(journal.and_then(|journal| journal.reference.as_deref())),
        number(line.map(|line| line.line)),
        text(line.map(|line| line.state.as_str())),
        text(line.map(|line| line.status.as_str())),
        text(line.and_then(|line| line.currency.as_ref()).map(Currency::code)),
        number(line.and_then(|line| line.amount_minor)),
        difference.advice.to_owned(),
    ]
}

fn problem_row(key: Option<String>, line: Option<u64>, message: String) -> [String; 14] {
    let mut row = [const { String::new() }; 14];
    row[0] = "problem".to_owned();
    row[2] = key.unwrap_or_default();
    row[8] = number(line);
    row[13] = message;
    row
}

fn number(number: Option<impl ToString>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}
