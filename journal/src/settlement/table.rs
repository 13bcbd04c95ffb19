//! The report as text for a terminal.

use comfy_table::{ContentArrangement, Table, presets};
use taxrefund_core::currency::Currency;
use taxrefund_core::money::Money;

use super::findings::Kind;
use super::report::SettlementReport;
use super::{Listed, Recorded};

/// So many differences, and so many problems, are shown in [`SettlementReport::table`]. The CSV has every difference.
pub const TABLE_ROWS: usize = 500;

impl SettlementReport {
    /// One line: the differences by the kinds that occur, what agrees, what is open, and whether all was compared.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = &self.counts;
        let kinds = [
            (Kind::Status, counts.status),
            (Kind::Duplicate, counts.duplicate),
            (Kind::Extra, counts.extra),
            (Kind::Missing, counts.missing),
            (Kind::Amount, counts.amount),
        ];
        let differences = kinds.iter().map(|(_, count)| count).sum();
        let kinds = kinds.iter().filter(|(_, count)| *count > 0);
        let kinds: Vec<_> = kinds.map(|(kind, count)| format!("{} {count}", kind.as_str())).collect();
        let found = match differences {
            0 => "no differences".to_owned(),
            _ => format!("{} ({})", counted(differences, "difference"), kinds.join(", ")),
        };
        let compared = format!(
            "{} agree, {} open; {} recorded, {} listed",
            counts.agreeing, counts.open, counts.recorded, counts.lines
        );
        let incomplete = if self.is_complete() {
            String::new()
        } else {
            format!("; INCOMPLETE, {}", counted(counts.problems, "problem"))
        };
        format!("{found}; {compared}{incomplete}")
    }

    /// The summary, and below it the differences, what to do about them, and the problems, as tables of 118 columns.
    ///
    /// At most [`TABLE_ROWS`] rows each, and what is left out is counted. Control characters are escaped.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = self.summary();
        text.push('\n');
        if !self.differences.is_empty() {
            self.push_differences(&mut text);
        }
        if !self.problems.is_empty() {
            self.push_problems(&mut text);
        }
        text
    }

    fn push_differences(&self, text: &mut String) {
        let mut advices = Vec::new();
        let mut differences = table(&["severity", "kind", "key", "journal", "list", "to do"]);
        for difference in self.differences.iter().take(TABLE_ROWS) {
            let known = advices.iter().position(|known| *known == difference.advice);
            let advice = known.unwrap_or_else(|| {
                advices.push(difference.advice);
                advices.len() - 1
            });
            differences.add_row([
                difference.severity.as_str().to_owned(),
                difference.kind.as_str().to_owned(),
                printable(&difference.key),
                difference.journal.as_ref().map_or_else(|| "-".to_owned(), recorded),
                listed(&difference.list),
                format!("({})", advice + 1),
            ]);
        }
        let mut to_do = table(&["", "to do"]);
        for (number, advice) in (1..).zip(advices) {
            to_do.add_row([format!("({number})"), advice.to_owned()]);
        }
        let left_out = left_out(self.differences.len());
        text.push_str(&format!("{differences}\n{left_out}{to_do}\n"));
    }

    fn push_problems(&self, text: &mut String) {
        let mut problems = table(&["line", "key", "rule", "not compared, because"]);
        for problem in self.problems.iter().take(TABLE_ROWS) {
            problems.add_row([
                problem.line.to_string(),
                problem.key.as_deref().map_or_else(|| "-".to_owned(), printable),
                problem.rule.to_owned(),
                printable(&problem.message),
            ]);
        }
        let left_out = left_out(usize::try_from(self.counts.problems).unwrap_or(usize::MAX));
        text.push_str(&format!("A missing key may stand on one of these lines:\n{problems}\n{left_out}"));
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(118)
        .set_header(header);
    table
}

fn left_out(all: usize) -> String {
    match all.saturating_sub(TABLE_ROWS) {
        0 => String::new(),
        more => format!("  … and {more} more\n"),
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `succeeded SGD 12.34`, and the reference below it.
fn recorded(recorded: &Recorded) -> String {
    let money = money(recorded.currency.as_deref(), recorded.amount_minor);
    let first = format!("{} {money}", recorded.state.as_str());
    match &recorded.reference {
        Some(reference) => format!("{}\n{}", first.trim_end(), printable(reference)),
        None => first.trim_end().to_owned(),
    }
}

fn money(currency: Option<&str>, minor: Option<i64>) -> String {
    let exact = currency
        .and_then(|code| Currency::parse(code).ok())
        .zip(minor.and_then(|minor| u64::try_from(minor).ok()));
    match (exact, currency, minor) {
        (Some((currency, minor)), ..) => Money::from_minor(minor, currency).to_string(),
        (None, Some(code), Some(minor)) => format!("{} {minor} (smallest unit)", printable(code)),
        (None, None, Some(minor)) => format!("{minor} (smallest unit)"),
        (None, Some(code), None) => printable(code),
        (None, None, None) => String::new(),
    }
}

/// A row for each of the first lines: `line 3: SUCCESS SGD 12.34`.
fn listed(lines: &[Listed]) -> String {
    if lines.is_empty() {
        return "-".to_owned();
    }
    let mut rows: Vec<_> = lines.iter().take(LINES_SHOWN).map(listed_line).collect();
    if lines.len() > LINES_SHOWN {
        rows.push(format!("… {} lines", lines.len()));
    }
    rows.join("\n")
}

const LINES_SHOWN: usize = 5;

fn listed_line(line: &Listed) -> String {
    let status =
        if line.status.is_empty() { line.state.as_str().to_owned() } else { printable(&line.status) };
    match (line.currency, line.amount_minor) {
        (Some(currency), Some(minor)) => {
            format!("line {}: {status} {}", line.line, Money::from_minor(minor, currency))
        }
        _ => format!("line {}: {status}", line.line),
    }
}

/// Escapes what could deface a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\'' | '\\' => c.to_string(),
            c => c.escape_debug().to_string(),
        })
        .collect()
}
