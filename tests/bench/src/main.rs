//! The figures of `cargo xtask bench`: what the core costs beside the bare RSA arithmetic that it cannot do without.
//!
//! Every figure is a ratio of CPU times taken in one run ([`measure`]), so it says the same on a fast and a slow machine.
//! The exchanges are those of a real refund, answers pre-signed ([`exchange`]); for the rows with a network the gateway is
//! a second process ([`gateway`]), so that only the client's work is counted.

#![forbid(unsafe_code)]

mod batch;
mod drain;
mod exchange;
mod figures;
mod floor;
mod foreign;
mod gateway;
mod journal_rows;
mod keys;
mod measure;
mod node_rows;
mod phone_rows;
mod python_rows;
mod rows;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

use keys::Keys;

/// Measures the core. Ends with 1 when a target is missed.
#[derive(Parser)]
#[command(name = "taxrefund-bench", args_conflicts_with_subcommands = true)]
struct Args {
    /// Also write the figures to this file, as `{"<name>": {"value": v, "target": t, "ok": true|false}}`
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure these alone
    #[arg(long, value_enum)]
    rows: Option<Rows>,
    /// Refunds of the run whose memory and descriptors are watched
    #[arg(long, default_value_t = node_rows::REFUNDS)]
    node_refunds: u32,
    #[command(subcommand)]
    mode: Option<Mode>,
}

#[derive(Subcommand)]
enum Mode {
    /// Does one kind of work over and over, for a profiler to look at
    Spin {
        /// What to do
        work: rows::Work,
        /// How often
        times: u64,
    },
    /// The simulator of the batch rows: prints its credentials, ends with its standard input
    #[command(hide = true)]
    Sandbox,
    /// Drains a journal against that simulator, on one core, and prints what it measured
    #[command(hide = true)]
    Drain(drain::Args),
    /// Fills a journal, drains a part of it without a network, and prints what it measured
    #[command(hide = true)]
    Fill(batch::Args),
    /// The gateway of the loopback rows: answers until standard input ends
    #[command(hide = true)]
    Serve {
        /// What each answer takes
        #[arg(long, default_value_t = 0)]
        pause_ms: u64,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rows {
    Core,
    Journal,
    Python,
    Node,
    Phone,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let keys = Keys::load()?;
    match args.mode {
        Some(Mode::Serve { pause_ms }) => gateway::serve(&keys, Duration::from_millis(pause_ms))?,
        Some(Mode::Sandbox) => drain::sandbox()?,
        Some(Mode::Drain(args)) => drain::child(&args, &keys)?,
        Some(Mode::Fill(args)) => batch::child(&args, &keys)?,
        Some(Mode::Spin { work, times }) => rows::spin(work, times, &keys)?,
        None => {
            let wanted = |rows| args.rows.is_none_or(|wanted| wanted == rows);
            let mut figures = Vec::new();
            if wanted(Rows::Core) {
                figures.extend(rows::measure_all(&keys)?);
            }
            if wanted(Rows::Journal) {
                figures.extend(journal_rows::measure_all()?);
            }
            if wanted(Rows::Python) {
                figures.extend(python_rows::measure_all(&keys)?);
            }
            if wanted(Rows::Node) {
                figures.extend(node_rows::measure_all(&keys, args.node_refunds)?);
            }
            if wanted(Rows::Phone) {
                figures.extend(phone_rows::measure_all(&keys)?);
            }
            print!("{}", figures::table(&figures));
            if let Some(file) = args.json {
                std::fs::write(file, figures::json(&figures)?)?;
            }
            if figures.iter().any(|figure| !figure.is_ok()) {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
