//! Pays the example batches through the blocking client against the simulator, with faults on, and lays the outcomes
//! beside the simulator's ledger. Ends with an error when they do not agree.

mod accounts;
mod lines;
mod pay;
mod report;
mod verdict;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use taxrefund_sandbox::{FaultMix, Sandbox};

/// Pays examples/refunds/*.csv against the gateway simulator and proves the result by its ledger.
#[derive(Parser)]
#[command(name = "cargo xtask demo")]
struct Options {
    /// The folder with alipay.csv, alipay_plus.csv and antom.csv.
    #[arg(long, default_value = "examples/refunds")]
    refunds: PathBuf,
    /// Chooses the faults and the waits; the same seed meets the same faults.
    #[arg(long, default_value_t = 3)]
    seed: u64,
    /// `demo`, `none`, or a mix such as `3=lost-answer*2;97=none`.
    #[arg(long, default_value = "demo")]
    faults: String,
    /// How many refunds are paid at the same time.
    #[arg(long, default_value_t = 48, value_parser = clap::value_parser!(u16).range(1..=512))]
    workers: u16,
    /// List every line, not only those that need somebody.
    #[arg(long)]
    all: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let sandbox = Sandbox::builder()
        .seed(options.seed)
        .faults(FaultMix::parse(&options.faults)?)
        .long_delay(Duration::from_millis(1_500))
        .run_for(Duration::from_secs(300))
        .start()?;
    println!(
        "The simulator listens on {}; faults: {}, seed {}.",
        sandbox.base_url(),
        options.faults,
        options.seed
    );

    let accounts = accounts::open(sandbox.credentials())?;
    let mut files = Vec::new();
    for account in accounts {
        let path = options.refunds.join(format!("{}.csv", account.file));
        files.push(lines::read(account, &path).with_context(|| path.display().to_string())?);
    }
    report::files(&files);

    let began = Instant::now();
    let paid = pay::all(&files, usize::from(options.workers), options.seed);
    println!(
        "\nPaid through the blocking client, {} at a time, in {:.1} s.",
        options.workers,
        began.elapsed().as_secs_f64()
    );

    report::outcomes(&files, &paid, options.all);
    report::bad_lines(&files);
    let verdict = verdict::compare(&files, &paid, &sandbox);
    report::ledger(&verdict);
    sandbox.stop();
    ensure!(verdict.holds(options.faults == "demo"), "the outcomes and the ledger do not agree");
    println!(
        "Every refund has an outcome: what succeeded was done exactly once, nothing that was paid is called failed, and \
         what is not known says so."
    );
    Ok(())
}
