//! The process that pays: imports the files into the journal and drains it. It may be killed at any moment.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use taxrefund_journal::worker::{Until, WorkerEvent, WorkerOptions};
use taxrefund_journal::{ImportOptions, Journal, Options, Worker};

use crate::accounts;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[arg(long)]
    pub(crate) journal: PathBuf,
    #[arg(long)]
    pub(crate) credentials: PathBuf,
    #[arg(long)]
    pub(crate) refunds: PathBuf,
    #[arg(long)]
    pub(crate) seed: u64,
    #[arg(long)]
    pub(crate) exchanges: usize,
}

pub(crate) fn pay(args: &Args) -> Result<()> {
    let mut options = Options { owner: Some("demo".to_owned()), restarted: true, ..Options::default() };
    // The documented minutes and hours, shortened for the simulator.
    options.run.take_up_again_after = vec![Duration::from_millis(100), Duration::from_millis(300)];
    let journal = Journal::open(&args.journal.to_string_lossy(), options)?;
    let accounts = accounts::open(&serde_json::from_slice(&std::fs::read(&args.credentials)?)?, args.seed)?;
    let mut found = 0;
    for account in &accounts {
        let path = args.refunds.join(format!("{}.csv", account.file));
        let file = File::open(&path).with_context(|| path.display().to_string())?;
        let import = ImportOptions::csv(account.file);
        let summary = journal.import(account.operation, account.client.profile(), &import, file)?;
        found += summary.new + summary.known;
    }
    let counts = journal.counts()?;
    println!("  imported: {found} refunds are in the journal: {counts}.");
    let bar = progress_bar(counts.open + counts.waiting);
    let shown = bar.clone();
    let clients = accounts.into_iter().map(|account| account.client).collect();
    let worker = Worker::new(&journal, clients)?
        .options(WorkerOptions {
            exchanges: args.exchanges,
            until: Until::NothingOpen,
            look_every: Duration::from_millis(50),
            ..WorkerOptions::default()
        })
        .observer(Arc::new(move |event: &WorkerEvent<'_>| {
            if let WorkerEvent::Ended { summary, .. } = event {
                let ended = &summary.ended;
                shown.set_position(ended.succeeded + ended.failed + ended.unknown);
            }
        }));
    let summary = worker.run()?;
    bar.finish_and_clear();
    println!("  worked: {summary}.");
    Ok(())
}

fn progress_bar(refunds: u64) -> ProgressBar {
    let bar = ProgressBar::new(refunds);
    if let Ok(style) = ProgressStyle::with_template("  {bar:40} {pos}/{len} refunds") {
        bar.set_style(style);
    }
    bar
}
