//! `office verify`: proves that nothing recorded was changed or removed.

use std::io::Write;

use anyhow::Result;
use taxrefund_journal::Head;

use crate::Ending;
use crate::place::Place;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The head that an earlier check printed and that was kept elsewhere
    #[arg(long, value_name = "HEAD")]
    expect: Option<Head>,
}

pub(crate) fn run(args: &Args, place: &Place, out: &mut dyn Write) -> Result<Ending> {
    match place.look()?.verify(args.expect)? {
        Ok(proof) => {
            writeln!(out, "whole: {} refunds, {} records", proof.entries, proof.records)?;
            writeln!(out, "head {}", proof.head)?;
            Ok(Ending::Fine)
        }
        Err(broken) => {
            writeln!(out, "NOT WHOLE: {broken}")?;
            writeln!(
                out,
                "Stop the workers, keep a copy of the journal as it is, and find out who wrote to it."
            )?;
            Ok(Ending::NeedsSomebody)
        }
    }
}
