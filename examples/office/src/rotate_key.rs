//! `office rotate-key`: changes the sealing key.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::Ending;
use crate::place::{Place, sealing_key};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A file with the new key; the old one is the --sealing-key-file
    #[arg(long, value_name = "FILE")]
    new_key_file: PathBuf,
}

pub(crate) fn run(args: &Args, place: &Place, out: &mut dyn Write) -> Result<Ending> {
    let old = place.sealing_key().context("which key is the old one? Give --sealing-key-file")?;
    let new = sealing_key(&args.new_key_file)?;
    place.open()?.rotate_key(&old?, &new)?;
    writeln!(out, "the journal opens with the new key only; start every other program again with it")?;
    Ok(Ending::Fine)
}
