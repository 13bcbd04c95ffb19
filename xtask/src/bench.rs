//! `cargo xtask bench`: the figures of the design, as ratios taken in one run.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::process;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Also write the figures to this file, as `{"<name>": {"value": v, "target": t, "ok": true|false}}`
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Passed on to the benchmark
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut command = process::cargo(&["run", "--profile", "bench", "-p", "taxrefund-bench", "--"]);
    if let Some(file) = &args.json {
        // The benchmark runs in the workspace's root, the caller may be elsewhere.
        command.arg("--json").arg(std::path::absolute(file)?);
    }
    process::run(command.args(&args.rest))?;
    Ok(ExitCode::SUCCESS)
}
