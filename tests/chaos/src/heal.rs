//! After the storm: no more faults, nothing more is killed, and whatever is not known is asked about once more.

use std::path::Path;

use anyhow::{Context, Result};
use taxrefund_journal::{Filter, Journal, State, Worker};
use taxrefund_sandbox::Sandbox;

use crate::accounts::Account;
use crate::batch::Batch;
use crate::faults::HEALED;
use crate::worker;

/// A refund that fails late frees its form for the next line that names it, and that one may fail as well.
const ROUNDS: usize = 4;

/// Returns how many refunds were reopened.
pub(crate) fn heal(
    journal: &Journal,
    accounts: &[Account],
    batches: &[Batch],
    sandbox: &Sandbox,
    folder: &Path,
) -> Result<u64> {
    for batch in batches {
        for line in &batch.lines {
            sandbox.provoke(&batch.file.ledger_key(&line.key), HEALED)?;
        }
    }
    let clients: Vec<_> = accounts.iter().map(|account| account.client.clone()).collect();
    let unknown = Filter { state: Some(State::Unknown), ..Filter::default() };
    let reopened = journal.reopen(&unknown, "the simulator is healthy again")?;
    for round in 0..ROUNDS {
        let new = worker::import(journal, accounts, folder)?;
        if new == 0 && round > 0 {
            break;
        }
        Worker::new(journal, clients.clone())?
            .options(worker::options())
            .run()
            .context("in the healing phase")?;
    }
    Ok(reopened)
}
