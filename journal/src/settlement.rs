//! The settlement check: what the journal recorded, held against a provider's list, with the differences by kind.
//!
//! Nothing is paid, asked or changed here. A list is no verified answer: it tells people where to look, and only a
//! resumed refund closes an entry of the journal.
//!
//! 1. [`List::read`] reads the list, a CSV file, and keeps what it says of each key.
//! 2. [`compare`] streams the journal past it.
//! 3. [`SettlementReport`] says what differs, as data, as a table and as CSV.
//!
//! Both sides must be about the same thing. Give [`compare`] the entries of one account and one operation, without
//! those that no list ever names (inquiries, test refunds), and of the time the list covers with a day on both sides:
//! entries outside it would count as missing, and list lines outside it as extra.
//!
//! ```
//! use std::convert::Infallible;
//! use taxrefund_journal::settlement::{Kind, List, ListOptions, Recorded, RecordedState, compare};
//!
//! let file = "key,amount,currency,status\nORDER1,123.45,SGD,SUCCESS\n";
//! let list = List::read(file.as_bytes(), &ListOptions::default())?;
//! let journal = [Recorded {
//!     key: "ORDER1".to_owned(),
//!     operation: "alipay.pay_tax_refund".to_owned(),
//!     state: RecordedState::Failed,
//!     currency: Some("SGD".to_owned()),
//!     amount_minor: Some(12_345),
//!     reference: None,
//! }];
//! let report = compare(list, journal.into_iter().map(Ok::<_, Infallible>))?;
//! assert!(!report.is_clean());
//! assert_eq!(report.differences[0].kind, Kind::Status);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod columns;
mod findings;
mod lines;
mod list;
mod options;
mod report;
mod spreadsheet;
mod table;

use std::io;

use serde::Serialize;
use taxrefund_core::codes;

use crate::entry::{Entry, State};

pub use self::findings::{Kind, Severity};
pub use self::list::{List, Listed, ListedState};
pub use self::options::{AmountUnit, CurrencySource, Delimiter, ListOptions, StatusSource};
pub use self::report::{Counts, Difference, PROBLEMS_KEPT, Problem, SettlementReport};
pub use self::spreadsheet::CSV_COLUMNS;
pub use self::table::TABLE_ROWS;

use self::findings::Finding;

/// Holds the journal against the list.
///
/// The journal is streamed: an entry that does not differ is forgotten at once. Each key should come once; a key that
/// comes again and stands in the list is a problem of the report and is not compared again, because one line of the
/// list cannot settle two entries.
///
/// Keys are compared exactly, but for white space around them. A key with several lines counts as paid when any of
/// them is paid, as failed when any is failed and none is paid.
///
/// # Errors
/// The first error of the journal's iterator, as it is: half a journal would make everything else look extra.
pub fn compare<E>(
    list: List,
    journal: impl IntoIterator<Item = Result<Recorded, E>>,
) -> Result<SettlementReport, E> {
    let mut comparison = Comparison::of(list);
    for recorded in journal {
        comparison.entry(&recorded?);
    }
    Ok(comparison.finish())
}

/// What the journal recorded of one refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// The idempotency key: `out_order_no`, `originalCreditRequestId`, `refundRequestId`.
    pub key: String,
    /// The operation's name: `alipay.pay_tax_refund`, …
    pub operation: String,
    /// How it stands.
    pub state: RecordedState,
    /// ISO 4217 code; `None` where the journal holds none, and then currencies are not compared.
    pub currency: Option<String>,
    /// Count of the currency's smallest unit; `None` where the journal holds none, and then amounts are not compared.
    pub amount_minor: Option<i64>,
    /// The provider's own number of the refund.
    pub reference: Option<String>,
}

impl From<&Entry> for Recorded {
    fn from(entry: &Entry) -> Self {
        Self {
            key: entry.key.clone(),
            operation: entry.operation.clone(),
            state: entry.state.into(),
            currency: entry.amount.as_ref().map(|amount| amount.currency.clone()),
            amount_minor: entry.amount.as_ref().and_then(|amount| amount.value.parse().ok()),
            reference: entry.reference.clone(),
        }
    }
}

/// How an entry of the journal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedState {
    /// Not ended, waiting included.
    Open,
    /// Verified: it was done.
    Succeeded,
    /// Verified: it was not done.
    Failed,
    /// It may have been done.
    Unknown,
}

impl RecordedState {
    /// `open`, `succeeded`, `failed` or `unknown`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

impl From<State> for RecordedState {
    fn from(state: State) -> Self {
        match state {
            State::Open | State::Waiting => Self::Open,
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
            State::Unknown => Self::Unknown,
        }
    }
}

/// A list that cannot be read at all, or a report that cannot be written. A single bad line is a [`Problem`] instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettlementError {
    /// The header line lacks a column that the options name.
    #[error("the list has no column {column:?}; its columns are: {}{}", .present.join(", "), delimiter_hint(.present))]
    ColumnMissing {
        /// The column as the options name it.
        column: String,
        /// The columns that are there, in quotes; long names shortened to their length, at most 50 of them.
        present: Vec<String>,
    },
    /// The header line has a column twice, so which of them counts cannot be known.
    #[error("the list has the column {column:?} twice; rename or remove one")]
    ColumnTwice {
        /// The column as the options name it.
        column: String,
    },
    /// There is no line at all.
    #[error("the list is empty; its first line must name the columns")]
    HeaderAbsent,
    /// A spreadsheet, an archive or UTF-16 where CSV in UTF-8 is expected.
    #[error("the list is not a text in UTF-8; save it as CSV in UTF-8")]
    NotText,
    /// The options hold a status text that means both paid and failed.
    #[error("the status text {text:?} stands in the options as paid and as failed; leave it in one of them")]
    StatusTextTwice {
        /// The text.
        text: String,
    },
    /// Reading the list failed.
    #[error("the list cannot be read: {0}")]
    Read(io::Error),
    /// Writing the report failed.
    #[error("the report cannot be written: {0}")]
    Write(io::Error),
}

impl SettlementError {
    /// Stable code for programs: `settlement_header`, `settlement_options`, `settlement_read` or `settlement_write`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ColumnMissing { .. } | Self::ColumnTwice { .. } | Self::HeaderAbsent | Self::NotText => {
                codes::SETTLEMENT_HEADER
            }
            Self::StatusTextTwice { .. } => codes::SETTLEMENT_OPTIONS,
            Self::Read(_) => codes::SETTLEMENT_READ,
            Self::Write(_) => codes::SETTLEMENT_WRITE,
        }
    }
}

fn delimiter_hint(present: &[String]) -> &'static str {
    if present.len() == 1 { " (only one: is the delimiter right?)" } else { "" }
}

struct Comparison {
    list: List,
    report: SettlementReport,
}

impl Comparison {
    fn of(mut list: List) -> Self {
        let report = list.opening_report();
        Self { list, report }
    }

    fn entry(&mut self, recorded: &Recorded) {
        let counts = &mut self.report.counts;
        counts.recorded += 1;
        let key = recorded.key.trim();
        let Some(found) = self.list.find(key) else {
            match recorded.state {
                RecordedState::Succeeded => {
                    counts.differing += 1;
                    self.report.differ(&findings::MISSING, key, Some(recorded), Vec::new());
                }
                RecordedState::Failed => counts.agreeing += 1,
                RecordedState::Open | RecordedState::Unknown => counts.open += 1,
            }
            return;
        };
        if found.again {
            counts.uncompared += 1;
            self.report.problem(key_repeated(recorded, &found.lines));
            return;
        }
        let findings = judge(recorded, &found.lines);
        if !findings.is_empty() {
            counts.differing += 1;
        } else if end(&found.lines) == ListedState::Unreadable {
            counts.uncompared += 1;
        } else {
            counts.agreeing += 1;
            if recorded.currency.is_none() || recorded.amount_minor.is_none() {
                counts.amounts_unchecked += 1;
            }
        }
        for finding in findings {
            self.report.differ(finding, key, Some(recorded), found.lines.clone());
        }
    }

    /// What is left of the list is what the journal does not know.
    fn finish(mut self) -> SettlementReport {
        for (key, lines) in self.list.into_unmatched() {
            if let Some(finding) = repeated(&lines) {
                self.report.differ(finding, &key, None, lines.clone());
            }
            match end(&lines) {
                ListedState::Paid => self.report.differ(&findings::EXTRA, &key, None, lines),
                ListedState::Failed => self.report.counts.failed_unrecorded += 1,
                ListedState::Unreadable => {}
            }
        }
        self.report.sort();
        self.report
    }
}

fn judge(recorded: &Recorded, lines: &[Listed]) -> Vec<&'static Finding> {
    use RecordedState::{Failed, Open, Succeeded, Unknown};
    let end = end(lines);
    let status = match (recorded.state, end) {
        (Failed, ListedState::Paid) => Some(&findings::FAILED_BUT_PAID),
        (Succeeded, ListedState::Failed) => Some(&findings::SUCCEEDED_BUT_FAILED),
        (Open | Unknown, ListedState::Paid) => Some(&findings::ENDED_PAID),
        (Open | Unknown, ListedState::Failed) => Some(&findings::ENDED_FAILED),
        (Succeeded, ListedState::Paid) | (Failed, ListedState::Failed) | (_, ListedState::Unreadable) => None,
    };
    let another_amount = lines.iter().any(|line| line.state == end && has_another_amount(recorded, line));
    let amount = match end {
        ListedState::Paid if another_amount => Some(&findings::AMOUNT_OF_A_PAYMENT),
        ListedState::Failed if another_amount => Some(&findings::AMOUNT_OF_A_FAILURE),
        _ => None,
    };
    [status, repeated(lines), amount].into_iter().flatten().collect()
}

/// How a key ended by the list. Any paid line counts, because money that moved once has moved.
fn end(lines: &[Listed]) -> ListedState {
    [ListedState::Paid, ListedState::Failed]
        .into_iter()
        .find(|state| lines.iter().any(|line| line.state == *state))
        .unwrap_or(ListedState::Unreadable)
}

/// A line that cannot be read may be a payment, so it counts as one where a second payment is the question.
fn repeated(lines: &[Listed]) -> Option<&'static Finding> {
    let perhaps_paid = lines.iter().filter(|line| line.state != ListedState::Failed).count();
    match lines.len() {
        0 | 1 => None,
        _ if perhaps_paid > 1 => Some(&findings::PERHAPS_PAID_TWICE),
        _ => Some(&findings::LISTED_TWICE),
    }
}

fn has_another_amount(recorded: &Recorded, line: &Listed) -> bool {
    let another_currency = recorded
        .currency
        .as_deref()
        .is_some_and(|code| line.currency.is_none_or(|listed| listed.code() != code));
    let another_amount =
        recorded.amount_minor.is_some_and(|minor| u64::try_from(minor).ok() != line.amount_minor);
    another_currency || another_amount
}

fn key_repeated(recorded: &Recorded, lines: &[Listed]) -> Problem {
    Problem {
        line: lines.first().map_or(0, |line| line.line),
        column: String::new(),
        rule: "key_repeated",
        message: format!(
            "the journal gave this key again (operation {}); only its first entry was compared: compare one \
             operation of one account at a time",
            recorded.operation
        ),
        given: String::new(),
        key: Some(recorded.key.clone()),
    }
}
