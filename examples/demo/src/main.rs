//! Pays the example batches with the command `taxrefund` of the Python package, against the simulator, with faults on. The
//! command is killed once in the middle, run again, and finishes; then the journal, read from Rust, is laid beside the
//! simulator's ledger. Ends with an error when they do not agree.

mod batch;
mod configuration;
mod report;
mod supervise;
mod verdict;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use clap::Parser;
use taxrefund_journal::{Journal, Options};
use taxrefund_sandbox::{FaultMix, Sandbox};

use batch::Batch;
use supervise::Workplace;

/// Pays examples/refunds/*.csv against the gateway simulator and proves the result by its ledger.
#[derive(Parser)]
#[command(name = "cargo xtask demo")]
struct Settings {
    /// The command of the Python package.
    #[arg(long, default_value = "taxrefund")]
    command: PathBuf,
    /// The folder with alipay.csv, alipay_plus.csv and antom.csv.
    #[arg(long, default_value = "examples/refunds")]
    refunds: PathBuf,
    /// Chooses the faults; the same seed meets the same faults.
    #[arg(long, default_value_t = 3)]
    seed: u64,
    /// `demo`, `none`, or a mix such as `3=lost-answer*2;97=none`.
    #[arg(long, default_value = "demo")]
    faults: String,
    /// How many exchanges are made at the same time.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=512))]
    exchanges: u16,
    /// Let the command live.
    #[arg(long)]
    no_kill: bool,
    /// Keep the journal here, to look at afterwards; the file must not exist.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// List every refund, not only those that need somebody.
    #[arg(long)]
    all: bool,
}

/// The batches, each paid from the account of its name.
const FILES: [&str; 3] = ["alipay", "alipay_plus", "antom"];

fn main() -> Result<()> {
    demonstrate(&Settings::parse())
}

fn demonstrate(settings: &Settings) -> Result<()> {
    let sandbox = Sandbox::builder()
        .seed(settings.seed)
        .faults(FaultMix::parse(&settings.faults)?)
        .long_delay(Duration::from_millis(1_500))
        .run_for(Duration::from_secs(300))
        .start()?;
    println!(
        "The simulator listens on {}; faults: {}, seed {}.",
        sandbox.base_url(),
        settings.faults,
        settings.seed
    );
    let place = Workplace::new(settings.journal.clone(), sandbox.credentials())?;
    let began = Instant::now();
    supervise::pay(settings, &place, &sandbox)?;
    println!("Paid in {:.1} s, {} at a time.", began.elapsed().as_secs_f64(), settings.exchanges);

    let journal = Journal::open(&place.journal(), Options { read_only: true, ..Options::default() })?;
    let batches = FILES.map(|file| Batch::read(&journal, file)).into_iter().collect::<Result<Vec<_>>>()?;
    report::outcomes(&batches, settings.all);
    let proof = journal.verify(None)?.map_err(|broken| anyhow!("the journal is broken: {broken}"))?;
    println!(
        "\nThe journal is whole: {} entries, {} records, chain head {}.",
        proof.entries, proof.records, proof.head
    );
    let verdict = verdict::compare(&batches, &sandbox);
    report::ledger(&verdict);
    sandbox.stop();
    ensure!(verdict.holds(settings.faults == "demo"), "the journal and the ledger do not agree");
    println!(
        "Every refund has an outcome: what succeeded was done exactly once, nothing that was paid is called failed, and \
         what is not known says so."
    );
    Ok(())
}
