//! `cargo xtask chaos`: workers killed and stopped in the middle of their work, proved by the sandbox's ledger.

use std::process::ExitCode;

use crate::process;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Passed on to the program: `--store sqlite|postgres`, `--lines N`, `--kills K`, `--workers W`, `--seed S`, `--keep`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    process::run(process::cargo(&["run", "--release", "-p", "taxrefund-chaos", "--"]).args(&args.rest))?;
    Ok(ExitCode::SUCCESS)
}
