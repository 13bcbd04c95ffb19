//! The batch worker: drains a journal, some exchanges at a time, at the pace that the provider takes.
//!
//! ```no_run
//! # fn f(journal: taxrefund_journal::Journal, client: taxrefund_core::Client) -> Result<(), Box<dyn std::error::Error>> {
//! use taxrefund_journal::Worker;
//!
//! let summary = Worker::new(&journal, vec![client])?.run()?;
//! println!("{summary}");
//! # Ok(())
//! # }
//! ```
//!
//! Any number of workers, in any number of processes, may drain one journal (machines: with PostgreSQL). Each refund belongs
//! to one of them at a time, by a lease; when one dies, another takes its refunds over when their leases end, and asks what
//! became of them before anything else.

mod crew;
mod events;
pub(crate) mod pace;
mod schedule;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use taxrefund_core::{CancelToken, Client, Environment};

pub use events::{WorkerEvent, WorkerObserver};

use crate::entry::Counts;
use crate::error::JournalError;
use crate::journal::Journal;
use schedule::Schedule;

/// When a worker ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// When nothing is due any more. What waits for later, or is leased by others, is left.
    #[default]
    NothingDue,
    /// When nothing will become due by itself any more: everything is final or waits for somebody.
    NothingOpen,
    /// Not by itself.
    Stopped,
}

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Exchanges at the same time, over all accounts; each is a thread. Default 32.
    pub exchanges: usize,
    /// Refunds held at the same time, those that wait between two sends included. Default 1,024.
    pub held: usize,
    /// When it ends.
    pub until: Until,
    /// How often an idle worker looks for new work. Default 500 ms.
    pub look_every: Duration,
    /// So many refunds in a row that end with *fix the configuration* stop their account: the next hundred thousand would end
    /// the same way. Default 5; 0 is never.
    pub halt_after: u32,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            exchanges: 32,
            held: 1024,
            until: Until::default(),
            look_every: Duration::from_millis(500),
            halt_after: 5,
        }
    }
}

/// Drains a journal.
pub struct Worker {
    journal: Journal,
    clients: Vec<Client>,
    options: WorkerOptions,
    observer: Option<Arc<dyn WorkerObserver>>,
    stop: CancelToken,
}

impl Worker {
    /// A worker for these accounts; entries of other accounts are left alone.
    ///
    /// # Errors
    /// When a client's policy is out of bounds, the journal knows an account in another environment, or cannot be written.
    pub fn new(journal: &Journal, clients: Vec<Client>) -> Result<Self, JournalError> {
        for client in &clients {
            let is_sandbox = client.profile().environment() == Environment::Sandbox;
            client.options().policy.check(is_sandbox)?;
            journal.account(client.profile())?;
        }
        Ok(Self {
            journal: journal.clone(),
            clients,
            options: WorkerOptions::default(),
            observer: None,
            stop: CancelToken::new(),
        })
    }

    /// With other options.
    #[must_use]
    pub fn options(mut self, options: WorkerOptions) -> Self {
        self.options = options;
        self
    }

    /// Tells what happens, on the thread that runs the worker. Nothing personal is told.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn WorkerObserver>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Cancelling it stops the worker gracefully: exchanges under way are finished and recorded, everything else is given
    /// back at once for others to take.
    #[must_use]
    pub fn stop(&self) -> CancelToken {
        self.stop.clone()
    }

    /// Works until there is nothing more to do ([`Until`]), or it is stopped.
    ///
    /// # Errors
    /// When the database fails for longer than is waited for. Nothing is sent then whose intent is not on disk; what was
    /// under way is open, and asked about by whoever comes next.
    pub fn run(&self) -> Result<WorkerSummary, JournalError> {
        Schedule::new(self)?.run()
    }
}

/// What a worker did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct WorkerSummary {
    /// Refunds that this worker brought to an end for now, by state. One that was taken up again counts each time.
    pub ended: Counts,
    /// Requests sent.
    pub sends: u64,
    /// Answers that asked for a lower rate.
    pub throttled: u64,
    /// Refunds that somebody else took over, or a notification settled, while this worker held them.
    pub taken_over: u64,
    /// Entries that this program cannot use, and left alone.
    pub skipped: u64,
    /// Accounts that were stopped because their configuration is wrong.
    pub halted: Vec<String>,
    /// Whether it was stopped from outside.
    pub stopped: bool,
    /// How long it worked, in milliseconds.
    pub took_ms: u64,
}

impl fmt::Display for WorkerSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ended, sends, throttled, taken_over, skipped, halted, took_ms, .. } = self;
        write!(f, "{ended}; {sends} requests in {:.1} s", *took_ms as f64 / 1000.0)?;
        if *throttled > 0 {
            write!(f, ", {throttled} of them throttled")?;
        }
        if *taken_over > 0 {
            write!(f, "; {taken_over} taken over by others")?;
        }
        if *skipped > 0 {
            write!(f, "; {skipped} cannot be used by this program")?;
        }
        for account in halted {
            write!(f, "; {account} was halted: its configuration is wrong")?;
        }
        Ok(())
    }
}
