//! `cargo xtask demo`: the main job on a fresh machine.

use std::process::ExitCode;

use crate::{process, python};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Passed on to the demonstration
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    process::run(command()?.args(&args.rest))?;
    Ok(ExitCode::SUCCESS)
}

/// The demonstration's own command line, without further arguments; the Python package whose command it runs is installed.
pub(crate) fn command() -> anyhow::Result<std::process::Command> {
    let program = python::installed()?.program("taxrefund");
    let mut command = process::cargo(&["run", "--quiet", "-p", "taxrefund-demo", "--", "--command"]);
    command.arg(program);
    Ok(command)
}
