//! `office import FILE`: records every line that can be sent. A broken-off import is simply started again.

use std::io::Write;

use anyhow::Result;
use taxrefund_journal::ImportSummary;

use crate::Ending;
use crate::batch_file::BatchFile;
use crate::place::Place;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    file: BatchFile,
}

pub(crate) fn run(args: &Args, place: &Place, out: &mut dyn Write) -> Result<Ending> {
    let operation = args.file.operation;
    let accounts = place.accounts()?;
    let profile = accounts.of(operation.spec.protocol)?.profile();
    // Before the journal is made.
    let file = args.file.open()?;
    let journal = place.open_or_make()?;
    let summary = journal.import(operation, profile, &args.file.options(), file)?;
    let ImportSummary { lines, new, known, repeated, wrong, problems } = &summary;
    writeln!(
        out,
        "{lines} lines: {new} new, {known} recorded before, {repeated} repeat another line, {wrong} wrong"
    )?;
    for problem in problems {
        writeln!(out, "  line {}: {}: {}", problem.line, problem.code, problem.problem)?;
    }
    let more = wrong - problems.len() as u64;
    if more > 0 {
        writeln!(out, "  … and {more} more; `office results` lists them all")?;
    }
    Ok(if *wrong > 0 { Ending::NeedsSomebody } else { Ending::Fine })
}
