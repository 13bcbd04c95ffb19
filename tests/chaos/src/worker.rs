//! A worker process: imports every file, as if it were the only one, and drains the journal.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use taxrefund_journal::worker::{Until, WorkerOptions};
use taxrefund_journal::{Journal, Worker};

use crate::accounts::{self, Access, Account};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The journal's place
    #[arg(long)]
    journal: String,
    /// Where the files and the accounts are
    #[arg(long)]
    folder: PathBuf,
    #[arg(long)]
    seed: u64,
}

/// Of the accounts in the run's folder.
pub(crate) const ACCESS: &str = "access.json";

pub(crate) fn run(args: &Args) -> Result<()> {
    end_with_the_parent();
    let access: Access = serde_json::from_slice(&std::fs::read(args.folder.join(ACCESS))?)?;
    let accounts = access.open(args.seed)?;
    let journal = Journal::open(&args.journal, accounts::journal_options())?;
    import(&journal, &accounts, &args.folder)?;
    let clients = accounts.into_iter().map(|account| account.client).collect();
    let summary = Worker::new(&journal, clients)?.options(options()).run()?;
    println!("{summary}");
    ensure!(summary.skipped == 0 && summary.halted.is_empty(), "left work undone: {summary}");
    Ok(())
}

/// Few at a time, so that the work lasts long enough to be struck in its middle.
pub(crate) fn options() -> WorkerOptions {
    WorkerOptions {
        exchanges: 3,
        held: 30,
        until: Until::NothingOpen,
        look_every: Duration::from_millis(100),
        ..WorkerOptions::default()
    }
}

/// Every file; returns how many refunds were new.
pub(crate) fn import(journal: &Journal, accounts: &[Account], folder: &Path) -> Result<u64> {
    let mut new = 0;
    for account in accounts {
        let path = folder.join(account.file.name());
        let file = std::fs::File::open(&path).with_context(|| path.display().to_string())?;
        new +=
            journal.import(account.operation, account.client.profile(), &account.import_options(), file)?.new;
    }
    Ok(new)
}

/// However the parent ends. A stopped process reads nothing, so where the system can do it, it kills instead.
fn end_with_the_parent() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(2);
    });
}
