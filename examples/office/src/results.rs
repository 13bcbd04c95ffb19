//! `office results FILE --out OUT.csv`: what became of each line of an imported file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use taxrefund_journal::ResultSummary;

use crate::Ending;
use crate::batch_file::BatchFile;
use crate::place::Place;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    file: BatchFile,
    /// Where to write the results, as CSV
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(crate) fn run(args: &Args, place: &Place, out: &mut dyn Write) -> Result<Ending> {
    let operation = args.file.operation;
    let accounts = place.accounts()?;
    let profile = accounts.of(operation.spec.protocol)?.profile();
    let journal = place.look()?;
    let file = args.file.open()?;
    let written = File::create(&args.out).with_context(|| args.out.display().to_string())?;
    let summary =
        journal.write_results(operation, profile, &args.file.options(), file, BufWriter::new(written))?;
    let ResultSummary { lines, states, repeated, wrong } = summary;
    writeln!(out, "{lines} lines: {states}, {repeated} repeat another line, {wrong} wrong")?;
    Ok(if states.succeeded + repeated == lines { Ending::Fine } else { Ending::NeedsSomebody })
}
