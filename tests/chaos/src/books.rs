//! What the journal says in the end, read out for the verdict.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use taxrefund_journal::{Filter, Journal, Kind};

use crate::accounts::Account;
use crate::batch::File;
use crate::verdict::{Entry, Recorded};

/// Every entry.
pub(crate) fn recorded(journal: &Journal) -> Result<Recorded> {
    let mut recorded = Recorded::new();
    for entry in journal.entries(Filter::default()) {
        let entry = entry?;
        let file = File::ALL.into_iter().find(|file| file.protocol() == entry.protocol);
        let file = file.ok_or_else(|| anyhow!("{} is of another protocol", entry.key))?;
        let read = Entry {
            state: entry.state,
            next_step: entry.next_step,
            is_leased: entry.lease_owner.is_some(),
            amount_minor: entry.amount.map(|amount| amount.value),
            reference: entry.reference,
            line: entry.batch.zip(entry.line),
        };
        recorded.insert((file, entry.key), read);
    }
    Ok(recorded)
}

/// Each file's result file, written beside it: line numbers with their states.
pub(crate) fn results(
    journal: &Journal,
    accounts: &[Account],
    folder: &Path,
) -> Result<Vec<Vec<(u64, String)>>> {
    let written = |account: &Account| {
        let batch = folder.join(account.file.name());
        let path = folder.join(format!("{}.results.csv", account.file.name()));
        let (file, out) = (std::fs::File::open(batch)?, std::fs::File::create(&path)?);
        let options = account.import_options();
        journal.write_results(account.operation, account.client.profile(), &options, file, out)?;
        let mut reader = csv::Reader::from_path(&path).with_context(|| path.display().to_string())?;
        let rows = reader.records().map(|row| {
            let row = row?;
            Ok((row[0].parse().context("a line number")?, row[2].to_owned()))
        });
        rows.collect()
    };
    accounts.iter().map(written).collect()
}

/// How many refunds were left in the middle by one holder and gone on with by another.
pub(crate) fn taken_over(journal: &Journal) -> Result<u64> {
    let mut count = 0;
    for entry in journal.entries(Filter::default()) {
        let mut holder: Option<(String, bool)> = None;
        let mut changed = false;
        for record in journal.story(&entry?)? {
            if !matches!(record.kind, Kind::Attempt | Kind::Ended) {
                continue;
            }
            let content: serde_json::Value = serde_json::from_str(&record.content)?;
            let owner = content["owner"].as_str().unwrap_or_default().to_owned();
            // The first lease is number 1: a later one means that an earlier holder left nothing behind.
            let began_later = holder.is_none() && content["epoch"].as_i64() > Some(1);
            let in_the_middle = holder.is_some_and(|(before, is_open)| is_open && before != owner);
            changed |= began_later || in_the_middle;
            holder = Some((owner, content["state"] == "open"));
        }
        count += u64::from(changed);
    }
    Ok(count)
}
