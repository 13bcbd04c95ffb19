//! `cargo xtask bench`: the figures of the design, as ratios taken in one run.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::{process, python};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Also write the figures to this file, as `{"<name>": {"value": v, "target": t, "ok": true|false}}`
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure these alone: core, journal or python
    #[arg(long)]
    rows: Option<String>,
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
    if let Some(rows) = &args.rows {
        command.args(["--rows", rows]);
    }
    if args.rest.is_empty() && args.rows.as_deref().is_none_or(|rows| rows == "python") {
        let (package, wheel) = python::released()?;
        command.env("TAXREFUND_BENCH_PYTHON", package.program("python")).env("TAXREFUND_BENCH_WHEEL", wheel);
        match python::official_sdks() {
            Ok(official) => {
                command.env("TAXREFUND_BENCH_OFFICIAL_PYTHON", official.program("python"));
            }
            Err(error) => println!("the official SDKs cannot be installed ({error:#})"),
        }
    }
    process::run(command.args(&args.rest))?;
    Ok(ExitCode::SUCCESS)
}
