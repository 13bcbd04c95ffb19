//! Kills and stops worker processes in the middle of a batch that meets every fault of the simulator, and then lays the
//! journal beside the simulator's ledger, line by line: nothing lost, nothing paid twice, nothing told that is not so.
//!
//! Ends with an error unless every count of its last line is 0 and everything else holds.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod accounts;
mod batch;
mod blows;
mod books;
mod faults;
mod fleet;
mod heal;
mod merchant;
mod notices;
mod place;
mod report;
mod run;
mod storm;
mod verdict;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Pays files of refunds by workers that are killed and stopped, and proves the result by the simulator's ledger.
#[derive(Parser)]
#[command(name = "cargo xtask chaos", args_conflicts_with_subcommands = true)]
struct Args {
    #[command(flatten)]
    options: run::Options,
    #[command(subcommand)]
    process: Option<Process>,
}

#[derive(Subcommand)]
enum Process {
    /// One worker process of a run
    #[command(hide = true)]
    Worker(worker::Args),
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    match args.process {
        Some(Process::Worker(args)) => worker::run(&args).map(|()| ExitCode::SUCCESS),
        None => run::run(&args.options),
    }
}
