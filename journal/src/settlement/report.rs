//! What the check found.

use std::fmt;

use serde::Serialize;

use super::findings::{Finding, Kind, Severity};
use super::{Listed, Recorded};

/// The result of a settlement check.
///
/// In JSON: an object with `counts`, `differences` and `problems`, all names in snake case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SettlementReport {
    /// How much was compared, and how it came out.
    pub counts: Counts,
    /// What differs: the most severe first, within a severity by key, then by kind.
    pub differences: Vec<Difference>,
    /// What kept lines from being compared, by line; the first [`PROBLEMS_KEPT`], all of them counted in
    /// [`Counts::problems`].
    pub problems: Vec<Problem>,
}

/// So many problems are kept: with wrong options every line of a long list is one.
pub const PROBLEMS_KEPT: usize = 1000;

impl SettlementReport {
    /// Nothing differs and everything was compared. Open entries that the list does not have are no difference.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty() && self.is_complete()
    }

    /// Every line of the list and every entry of the journal could be compared.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.counts.problems == 0
    }

    pub(super) fn differ(
        &mut self,
        finding: &Finding,
        key: &str,
        journal: Option<&Recorded>,
        list: Vec<Listed>,
    ) {
        let counts = &mut self.counts;
        *match finding.kind {
            Kind::Status => &mut counts.status,
            Kind::Duplicate => &mut counts.duplicate,
            Kind::Extra => &mut counts.extra,
            Kind::Missing => &mut counts.missing,
            Kind::Amount => &mut counts.amount,
        } += 1;
        self.differences.push(Difference {
            kind: finding.kind,
            severity: finding.severity,
            key: key.to_owned(),
            journal: journal.cloned(),
            list,
            advice: finding.advice,
        });
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        self.counts.problems += 1;
        if self.problems.len() < PROBLEMS_KEPT {
            self.problems.push(problem);
        }
    }

    pub(super) fn sort(&mut self) {
        self.differences.sort_by(|a, b| (a.severity, &a.key, a.kind).cmp(&(b.severity, &b.key, b.kind)));
        self.problems.sort_by_key(|problem| problem.line);
    }
}

/// How much was compared, and how it came out.
///
/// Every entry of the journal is in exactly one of `agreeing`, `differing`, `open` and `uncompared`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Entries that the journal gave.
    pub recorded: u64,
    /// Lines of the list, bad ones included; neither the header nor empty lines.
    pub lines: u64,
    /// Entries on which both sides agree. A failed entry that the list does not have agrees.
    pub agreeing: u64,
    /// Entries with at least one difference.
    pub differing: u64,
    /// Open and unknown entries that the list does not have: it may be too early for them.
    pub open: u64,
    /// Entries that a problem kept from being compared.
    pub uncompared: u64,
    /// Of those agreeing: entries for which the journal holds no currency or no amount, so that this was not compared.
    pub amounts_unchecked: u64,
    /// Keys that the list has as failed and that the journal does not know: no money moved by either.
    pub failed_unrecorded: u64,
    /// Differences of this kind.
    pub status: u64,
    /// Differences of this kind.
    pub duplicate: u64,
    /// Differences of this kind.
    pub extra: u64,
    /// Differences of this kind.
    pub missing: u64,
    /// Differences of this kind.
    pub amount: u64,
    /// What kept lines and entries from being compared.
    pub problems: u64,
}

/// One difference of one key. A key can have several of different kinds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What kind it is.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// The idempotency key.
    pub key: String,
    /// What the journal says; `None` when it does not know the key.
    pub journal: Option<Recorded>,
    /// What every line of the key says, in the order of the lines; empty when the list does not have the key.
    pub list: Vec<Listed>,
    /// What to do, for the person who settles accounts; one English sentence.
    pub advice: &'static str,
}

/// Why a line of the list, or an entry of the journal, was not compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line of the list.
    pub line: u64,
    /// The key, where it could be read.
    pub key: Option<String>,
    /// The column; empty when it is about the whole line.
    pub column: String,
    /// The rule's stable name: `quote`, `cells`, `charset`, `key_empty`, `status_unlisted`, `key_repeated` or a
    /// [`MoneyError::code`](taxrefund_core::money::MoneyError::code).
    pub rule: &'static str,
    /// What is wrong, in words, with what may be shown of the cell.
    pub message: String,
    /// The cell in quotes, or its length only when it does not look like what belongs there; empty when the problem is
    /// not about one cell.
    pub given: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}
