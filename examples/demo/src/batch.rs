//! What the journal says of a file.

use anyhow::Result;
use taxrefund_journal::{Entry, Filter, Journal};

/// One file.
pub(crate) struct Batch {
    /// Without `.csv`; the protocol's name.
    pub(crate) file: &'static str,
    /// Its refunds, in the file's order.
    pub(crate) entries: Vec<Entry>,
}

impl Batch {
    pub(crate) fn read(journal: &Journal, file: &'static str) -> Result<Self> {
        // The command names a batch by its file.
        let filter = Filter { batch: Some(format!("{file}.csv")), ..Filter::default() };
        Ok(Self { file, entries: journal.entries(filter).collect::<Result<_, _>>()? })
    }
}

/// The line that a refund came from.
pub(crate) fn line(entry: &Entry) -> String {
    entry.line.map_or_else(String::new, |line| line.to_string())
}
