//! What became of a file: its result file, read again, with the entries behind it.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result};
use taxrefund_journal::{Entry, Filter, ImportOptions, Journal, ResultSummary};

use crate::accounts::Account;

/// One file.
pub(crate) struct Batch {
    pub(crate) account: Account,
    pub(crate) summary: ResultSummary,
    /// Every line, in the file's order.
    pub(crate) lines: Vec<Line>,
}

/// One line: a refund, or why there is none.
pub(crate) struct Line {
    pub(crate) number: String,
    pub(crate) result: Result<Entry, String>,
}

pub(crate) fn results(journal: &Journal, account: Account, path: &Path) -> Result<Batch> {
    // The command names a batch by its file.
    let import = ImportOptions::csv(&format!("{}.csv", account.file));
    let mut csv = Vec::new();
    let file = File::open(path)?;
    let summary = journal.write_results(account.operation, &account.profile, &import, file, &mut csv)?;
    let filter = Filter { batch: Some(import.batch.clone()), ..Filter::default() };
    let mut entries: HashMap<String, Entry> = HashMap::new();
    for entry in journal.entries(filter) {
        let entry = entry?;
        entries.insert(entry.id.to_string(), entry);
    }
    let mut lines = Vec::new();
    for row in csv::Reader::from_reader(csv.as_slice()).records() {
        let row = row?;
        let cell = |at: usize| row.get(at).context("a result line is too short");
        let result = match entries.remove(cell(11)?) {
            Some(entry) => Ok(entry),
            None => Err(cell(12)?.to_owned()),
        };
        lines.push(Line { number: cell(0)?.to_owned(), result });
    }
    Ok(Batch { account, summary, lines })
}
