//! What a worker tells about its work.

use serde::Serialize;
use taxrefund_core::{NextStep, Reason};

use crate::entry::State;
use crate::worker::WorkerSummary;

/// Something that happened. Holds no personal data: keys are yours, codes the provider's.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum WorkerEvent<'a> {
    /// Refunds were taken from the journal.
    Claimed {
        /// The account.
        account: &'a str,
        /// How many.
        count: usize,
    },
    /// A request was sent, and this came of it.
    Exchanged {
        /// The operation's name.
        operation: &'static str,
        /// The idempotency key.
        key: &'a str,
        /// Which interface.
        interface: &'a str,
        /// How long it took.
        took_ms: u64,
        /// The code or the fault; its provider text is left out.
        reason: Option<&'a Reason>,
    },
    /// A refund is at its end, for good or for now; it is on disk.
    Ended {
        /// The operation's name.
        operation: &'static str,
        /// The idempotency key.
        key: &'a str,
        /// Where it stands.
        state: State,
        /// Why it failed or is unknown.
        reason: Option<&'a Reason>,
        /// What to do now.
        next_step: NextStep,
        /// The counts so far.
        summary: &'a WorkerSummary,
    },
    /// Somebody else has this refund now.
    TakenOver {
        /// The idempotency key.
        key: &'a str,
    },
    /// The provider asked for a lower rate, and the account's pace was cut.
    SlowedDown {
        /// The account.
        account: &'a str,
        /// The new rate of all its workers together, in requests per 1,000 s.
        milli_per_s: i64,
    },
    /// Nothing more is sent for this account: its configuration is wrong.
    Halted {
        /// The account.
        account: &'a str,
        /// What the provider or the signer said.
        reason: Option<&'a Reason>,
    },
    /// An entry that this program cannot use was left alone.
    Skipped {
        /// The idempotency key.
        key: &'a str,
        /// Why.
        problem: &'a str,
    },
    /// This machine's clock was set while the worker ran. Leases and waits do not depend on it, timestamps do.
    ClockJumped {
        /// Forward, or backward when negative.
        by_ms: i64,
    },
}

/// Is told what a worker does.
pub trait WorkerObserver: Send + Sync {
    /// Something happened.
    fn event(&self, event: &WorkerEvent<'_>);
}

impl<F: Fn(&WorkerEvent<'_>) + Send + Sync> WorkerObserver for F {
    fn event(&self, event: &WorkerEvent<'_>) {
        self(event);
    }
}
