//! The repository's commands: `cargo xtask <command>`.

mod apt;
mod bench;
mod chaos;
mod ci;
mod codegen;
mod conformance;
mod demo;
mod kotlin;
mod node;
mod pack;
mod postgres;
mod process;
mod python;
mod swift;
mod test;
mod uniffi;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Codegen(args) => codegen::run(&args),
        Command::Conformance(args) => conformance::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Ci => ci::run(),
        Command::Demo(args) => demo::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Chaos(args) => chaos::run(&args),
        Command::Pack(args) => pack::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Commands of the taxrefund repository")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write what is generated from the core: the tables under docs/generated, the types of the other languages' packages
    Codegen(codegen::Args),
    /// Run every vector of a folder through a language's package; prints `N passed, N failed`
    Conformance(conformance::Args),
    /// Run every test in every language that is built; prints `N passed, N failed`
    Test(test::Args),
    /// Run everything a change must pass: formatting, lints, docs, dependencies, tests, demonstration
    Ci,
    /// Pay the example refunds through a faulty sandbox and show the ledger beside the outcomes
    Demo(demo::Args),
    /// Measure, as ratios taken in one run
    Bench(bench::Args),
    /// Kill and stop workers in the middle of a faulty batch, and compare the journal with the sandbox's ledger
    Chaos(chaos::Args),
    /// Build a language's package as it is published, for this machine's platform, and print where it is
    Pack(pack::Args),
}
