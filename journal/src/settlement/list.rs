//! A provider's list: what it says of each key.

use std::collections::HashMap;
use std::io::Read;

use serde::Serialize;
use taxrefund_core::currency::Currency;

use super::SettlementError;
use super::columns::{Columns, Reading};
use super::lines::Lines;
use super::options::{ListOptions, Status};
use super::report::SettlementReport;

/// A list, read and ready for [`compare`](super::compare).
///
/// It is held in memory: about 160 bytes a line with keys of up to 32 characters.
#[derive(Debug)]
pub struct List {
    lines: Vec<Line>,
    /// The place in `lines` of a key's last line; earlier ones are reached from there.
    last: HashMap<Box<str>, usize>,
    statuses: Vec<Status>,
    /// Carries what reading found over to the comparison.
    report: SettlementReport,
}

impl List {
    /// Reads a CSV file in UTF-8, with or without a byte order mark. Its first line names the columns.
    ///
    /// Empty lines, and lines with nothing but delimiters, are passed over. A bad line (another count of cells than the
    /// header, an open quote, an empty key, an unknown currency, an amount that is unreadable or negative, an unlisted
    /// status) is a [`Problem`](super::Problem) of the report and does not stop the others; its key is remembered where
    /// that can be read, so that it does not count as missing. A cell cannot hold a line break.
    ///
    /// # Errors
    /// Options that contradict themselves, a header line without the columns that the options name, and a file that
    /// cannot be read to its end.
    pub fn read(file: impl Read, options: &ListOptions) -> Result<Self, SettlementError> {
        let statuses = options.statuses()?;
        let mut lines = Lines::of(file, options.delimiter.byte());
        if !lines.advance().map_err(SettlementError::Read)? {
            return Err(SettlementError::HeaderAbsent);
        }
        let columns = Columns::find(&lines.cells, options)?;
        let report = SettlementReport::default();
        let mut list = Self { lines: Vec::new(), last: HashMap::new(), statuses, report };
        while lines.advance().map_err(SettlementError::Read)? {
            list.report.counts.lines += 1;
            let number = lines.number;
            match columns.read(&lines, &list.statuses) {
                Ok((key, reading)) => list.remember(key, number, Some(reading)),
                Err(bad) => {
                    if let Some(key) = bad.key {
                        list.remember(key, number, None);
                    }
                    list.report.problem(bad.on(number));
                }
            }
        }
        Ok(list)
    }

    pub(super) fn opening_report(&mut self) -> SettlementReport {
        std::mem::take(&mut self.report)
    }

    /// What the list says of a key, in the order of its lines; later calls for the same key say so.
    pub(super) fn find(&mut self, key: &str) -> Option<Found> {
        let last = *self.last.get(key)?;
        let again = std::mem::replace(&mut self.lines[last].matched, true);
        Some(Found { again, lines: listed(&self.lines, &self.statuses, last) })
    }

    /// The keys that nobody asked for, in no order.
    pub(super) fn into_unmatched(self) -> impl Iterator<Item = (String, Vec<Listed>)> {
        let Self { lines, last, statuses, .. } = self;
        last.into_iter().filter_map(move |(key, last)| {
            (!lines[last].matched).then(|| (String::from(key), listed(&lines, &statuses, last)))
        })
    }

    fn remember(&mut self, key: &str, number: u64, reading: Option<Reading>) {
        let place = self.lines.len();
        let earlier = match self.last.get_mut(key) {
            Some(last) => Some(std::mem::replace(last, place)),
            None => {
                self.last.insert(key.into(), place);
                None
            }
        };
        self.lines.push(Line { number, reading, earlier, matched: false });
    }
}

/// What one line of the list says of its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its number in the file, the header's line being 1 and empty lines counting too.
    pub line: u64,
    /// What its status means.
    pub state: ListedState,
    /// The status text as the options write it; empty without a status column and on a line that cannot be read.
    pub status: String,
    /// The currency; `None` on a line that cannot be read.
    pub currency: Option<Currency>,
    /// Count of the currency's smallest unit; `None` on a line that cannot be read.
    pub amount_minor: Option<u64>,
}

/// What the status of a line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListedState {
    /// Paid.
    Paid,
    /// Not paid.
    Failed,
    /// The key could be read, the rest of the line could not: see the report's problems.
    Unreadable,
}

impl ListedState {
    /// `paid`, `failed` or `unreadable`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A key of the list that the journal has too.
pub(super) struct Found {
    /// Whether the journal had it before.
    pub(super) again: bool,
    /// Never empty.
    pub(super) lines: Vec<Listed>,
}

/// Small, for there may be a million.
#[derive(Debug)]
struct Line {
    number: u64,
    /// `None` when it is bad.
    reading: Option<Reading>,
    /// The place of the key's line before.
    earlier: Option<usize>,
    /// Whether the journal has the key; kept on the key's last line.
    matched: bool,
}

fn listed(lines: &[Line], statuses: &[Status], last: usize) -> Vec<Listed> {
    let text = |reading: Reading| usize::try_from(reading.status).ok().and_then(|place| statuses.get(place));
    let mut listed: Vec<_> = std::iter::successors(Some(&lines[last]), |line| Some(&lines[line.earlier?]))
        .map(|line| Listed {
            line: line.number,
            state: match line.reading {
                None => ListedState::Unreadable,
                Some(reading) if reading.paid => ListedState::Paid,
                Some(_) => ListedState::Failed,
            },
            status: line.reading.and_then(text).map_or_else(String::new, |status| status.text.clone()),
            currency: line.reading.map(|reading| reading.money.currency()),
            amount_minor: line.reading.map(|reading| reading.money.minor()),
        })
        .collect();
    listed.reverse();
    listed
}
