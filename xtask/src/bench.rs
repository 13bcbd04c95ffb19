//! `cargo xtask bench`: the figures of the design, as ratios taken in one run.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::uniffi::{self, Profile};
use crate::{kotlin, node, process, python, swift};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Also write the figures to this file, as `{"<name>": {"value": v, "target": t, "ok": true|false}}`
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure these alone: core, journal, python, node or phone
    #[arg(long)]
    rows: Option<String>,
    /// Refunds of the run in which Node's memory and descriptors are watched [default: 100000]
    #[arg(long, value_name = "NUMBER")]
    node_refunds: Option<u32>,
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
    if let Some(refunds) = args.node_refunds {
        command.args(["--node-refunds", &refunds.to_string()]);
    }
    let wanted = |rows| args.rest.is_empty() && args.rows.as_deref().is_none_or(|wanted| wanted == rows);
    if wanted("python") {
        of_python(&mut command)?;
    }
    if wanted("node") {
        of_node(&mut command)?;
    }
    if wanted("phone") {
        of_phones(&mut command)?;
    }
    process::run(command.args(&args.rest))?;
    Ok(ExitCode::SUCCESS)
}

fn of_python(command: &mut Command) -> anyhow::Result<()> {
    let (package, wheel) = python::released()?;
    command.env("TAXREFUND_BENCH_PYTHON", package.program("python")).env("TAXREFUND_BENCH_WHEEL", wheel);
    match python::official_sdks() {
        Ok(official) => {
            command.env("TAXREFUND_BENCH_OFFICIAL_PYTHON", official.program("python"));
        }
        Err(error) => println!("the official SDKs cannot be installed ({error:#})"),
    }
    Ok(())
}

fn of_node(command: &mut Command) -> anyhow::Result<()> {
    let program = process::workspace_root().join("tests/bench/node/refunds.mjs");
    let (package, bytes) = node::released()?;
    package.take(&program)?;
    command.env("TAXREFUND_BENCH_NODE", package.place());
    command.env("TAXREFUND_BENCH_NODE_BYTES", bytes.to_string());
    match node::official_sdk() {
        Ok(official) => {
            official.take(&program)?;
            command.env("TAXREFUND_BENCH_OFFICIAL_NODE", official.place());
        }
        Err(error) => println!("the official SDK cannot be installed ({error:#})"),
    }
    Ok(())
}

fn of_phones(command: &mut Command) -> anyhow::Result<()> {
    let words = |program: Command| {
        let words = std::iter::once(program.get_program()).chain(program.get_args());
        serde_json::to_string(&words.map(|word| word.to_string_lossy()).collect::<Vec<_>>())
    };
    command.env("TAXREFUND_BENCH_SWIFT", words(swift::bench_program()?)?);
    command.env("TAXREFUND_BENCH_KOTLIN", words(kotlin::bench_program()?)?);
    command.env("TAXREFUND_BENCH_PHONE_LIBRARY", uniffi::library(Profile::Phone)?);
    Ok(())
}
