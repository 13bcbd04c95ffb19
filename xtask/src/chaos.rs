//! `cargo xtask chaos`: workers killed and stopped in the middle of their work, proved by the sandbox's ledger.

use std::process::ExitCode;

use crate::{postgres, process};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Passed on to the program: `--store sqlite|postgres`, `--lines N`, `--kills K`, `--workers W`, `--seed S`, `--keep`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.rest.iter().any(|word| word.contains("postgres")) {
        postgres::ensure()?;
    }
    process::run(command().args(&args.rest))?;
    Ok(ExitCode::SUCCESS)
}

/// The program's own command line, without further arguments: 1,000 refunds, 10 kills, 4 workers.
pub(crate) fn command() -> std::process::Command {
    process::cargo(&["run", "--release", "-p", "taxrefund-chaos", "--"])
}
