//! What the journal knows of one refund.

use std::fmt;

use serde::Serialize;
use taxrefund_core::{Amount, NextStep, Protocol};

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// To be sent, or being sent.
    Open,
    /// Not known yet; taken up again by itself when it is due.
    Waiting,
    /// Final: verified success.
    Succeeded,
    /// Final: verified, no money moved.
    Failed,
    /// Not known, and not taken up again by itself: its next step says what somebody must do.
    Unknown,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Open, Self::Waiting, Self::Succeeded, Self::Failed, Self::Unknown];

    /// The name in the database: `open`, `waiting`, `succeeded`, `failed`, `unknown`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it never changes again.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One refund, as recorded. It holds no personal data: the request itself is read with [`Journal::request`].
///
/// Times are milliseconds since 1970-01-01 UTC, by the clock of whoever wrote them (SQLite) or of the database.
///
/// [`Journal::request`]: crate::Journal::request
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The journal's own number of it, in order of arrival.
    pub id: i64,
    /// Which protocol.
    pub protocol: Protocol,
    /// The app id or client id.
    pub account: String,
    /// The operation's name.
    pub operation: String,
    /// The idempotency key: unique for ever per protocol and account.
    pub key: String,
    /// The number of the tax refund form, where one is known.
    pub form: Option<String>,
    /// The amount, where the request has one.
    pub amount: Option<Amount>,
    /// The fingerprint of the business parameters; with a sealing key, keyed by the journal.
    pub fingerprint: String,
    /// The batch that it was imported with.
    pub batch: Option<String>,
    /// The line in that batch's file.
    pub line: Option<u64>,
    /// Where it stands.
    pub state: State,
    /// The latest code or fault.
    pub code: Option<String>,
    /// The gateway's sub code beside it.
    pub sub_code: Option<String>,
    /// What to do now; `None` while it is open or has succeeded.
    pub next_step: Option<NextStep>,
    /// The provider's own number.
    pub reference: Option<String>,
    /// Sends so far, of every interface.
    pub attempts: u32,
    /// How often it was taken up again by itself.
    pub resumes: u32,
    /// When it may be taken up; while it is leased, when the lease ends. `None` when nothing is to be done by itself.
    pub due_ms: Option<i64>,
    /// Whoever is at work on it.
    pub lease_owner: Option<String>,
    /// Counts the leases: only the latest may write.
    pub epoch: i64,
    /// Counts the writes.
    pub revision: i64,
    /// Something may have been sent.
    pub begun: bool,
    /// A notification contradicts what is recorded: a person must look.
    pub conflict: bool,
    /// Why it was accepted although its form was not free.
    pub overridden: Option<String>,
    /// When it was recorded.
    pub created_ms: i64,
    /// When it was last written.
    pub updated_ms: i64,
}

/// How many entries are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// To be sent, or being sent.
    pub open: u64,
    /// Taken up again by itself.
    pub waiting: u64,
    /// Final.
    pub succeeded: u64,
    /// Final.
    pub failed: u64,
    /// Waiting for somebody.
    pub unknown: u64,
}

impl Counts {
    /// All entries.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.open + self.waiting + self.succeeded + self.failed + self.unknown
    }

    /// The count of one state.
    pub(crate) fn of(&mut self, state: State) -> &mut u64 {
        match state {
            State::Open => &mut self.open,
            State::Waiting => &mut self.waiting,
            State::Succeeded => &mut self.succeeded,
            State::Failed => &mut self.failed,
            State::Unknown => &mut self.unknown,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { open, waiting, succeeded, failed, unknown } = self;
        write!(f, "{succeeded} succeeded, {failed} failed, {unknown} unknown, {waiting} waiting, {open} open")
    }
}
