//! `office settle LIST.csv`: holds the journal against a provider's list.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use taxrefund_core::operations::Entry as Operation;
use taxrefund_journal::settlement::{List, ListOptions, Recorded, compare};
use taxrefund_journal::{Entry, Filter, Journal, JournalError};

use crate::Ending;
use crate::batch_file::operation;
use crate::place::Place;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The provider's list: CSV in UTF-8
    list: PathBuf,
    /// Which operation the list is about
    #[arg(long, value_name = "NAME", value_parser = operation)]
    operation: &'static Operation,
    /// Which account it is about, where the journal has several with this operation
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Only refunds recorded on this day (UTC) or later: give the list's first day minus one
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<Date>,
    /// Only refunds recorded on this day (UTC) or earlier: give the list's last day plus one
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<Date>,
    /// How to read the list, as JSON: column names, status texts, units
    #[arg(long, value_name = "FILE")]
    list_options: Option<PathBuf>,
    /// Writes every difference here
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, place: &Place, out: &mut dyn Write) -> Result<Ending> {
    let options = args.list_options.as_deref().map_or_else(|| Ok(ListOptions::default()), list_options)?;
    let named = || args.list.display().to_string();
    let file = File::open(&args.list).with_context(named)?;
    let list = List::read(BufReader::new(file), &options).with_context(named)?;
    let journal = place.look()?;
    let report = compare(list, recorded(&journal, args)?)?;
    write!(out, "{}", report.table())?;
    if let Some(path) = &args.csv {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        report.write_csv(BufWriter::new(file))?;
    }
    Ok(if report.is_clean() { Ending::Fine } else { Ending::NeedsSomebody })
}

fn list_options(file: &Path) -> Result<ListOptions> {
    let named = || file.display().to_string();
    serde_json::from_slice(&std::fs::read(file).with_context(named)?).with_context(named)
}

/// What the list can be about: one operation of one account, in its time.
fn recorded<'a>(
    journal: &'a Journal,
    args: &'a Args,
) -> Result<impl Iterator<Item = Result<Recorded, JournalError>> + 'a> {
    let midnight = |date: Date| date.to_zoned(TimeZone::UTC).map(|time| time.timestamp().as_millisecond());
    let from_ms = args.from.map(midnight).transpose()?.unwrap_or(i64::MIN);
    let before_ms = args.to.map(|date| date.tomorrow().and_then(midnight)).transpose()?.unwrap_or(i64::MAX);
    let is_meant = move |entry: &Entry| {
        entry.operation == args.operation.spec.name
            && args.account.as_ref().is_none_or(|account| entry.account == *account)
            && (from_ms..before_ms).contains(&entry.created_ms)
    };
    let mut accounts = BTreeSet::new();
    for entry in journal.entries(Filter::default()) {
        let entry = entry?;
        if is_meant(&entry) {
            accounts.insert(entry.account);
        }
    }
    if accounts.len() > 1 {
        let accounts = accounts.into_iter().collect::<Vec<_>>().join(", ");
        bail!(
            "the journal has several accounts with this operation, and a list is about one: give --account, one of {accounts}"
        );
    }
    let entries = journal.entries(Filter::default());
    let meant = entries.filter(move |entry| entry.as_ref().map_or(true, is_meant));
    Ok(meant.map(|entry| Ok(Recorded::from(&entry?))))
}
