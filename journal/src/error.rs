//! What can go wrong at the journal. When one of these is returned, nothing was sent by that call unless it says so.

use std::fmt;

use taxrefund_core::{ConfigurationError, FlowMisuse, InvalidRequest, codes};

use crate::entry::State;

/// Why the journal could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The key was used before for a request with other content. Nothing was sent.
    #[error("{operation}: the key {key} was used before for another request ({state}); these differ: {}; nothing was sent. \
             A repeat must be identical; a new refund needs a new key", .fields.join(", "))]
    KeyReused {
        /// The operation of the new request.
        operation: String,
        /// The idempotency key.
        key: String,
        /// The fields that differ, by their paths; `operation` when another operation used the key.
        fields: Vec<String>,
        /// Where the recorded refund stands.
        state: State,
    },
    /// The form has another refund that did not fail. Nothing was sent.
    #[error(
        "the form {form} has the refund {key} already, which is {state}; a new key for it needs that one to have failed, \
             and no message to contradict that. Nothing was sent"
    )]
    FormTaken {
        /// The form's number.
        form: String,
        /// The other refund's key.
        key: String,
        /// Where it stands.
        state: State,
    },
    /// Only operations that move money or record something are journaled.
    #[error(
        "{operation} only reads: it leaves nothing that could be lost, so it is called without the journal"
    )]
    OnlyReads {
        /// The operation's name.
        operation: String,
    },
    /// The journal knows the account in another environment.
    #[error(
        "the account {account} is recorded as {recorded}, this profile is {given}: keep one journal per environment"
    )]
    OtherEnvironment {
        /// The account.
        account: String,
        /// What the journal has.
        recorded: String,
        /// What was given.
        given: String,
    },
    /// Somebody else is at work on this refund, and was for as long as was waited.
    #[error(
        "the refund {key} is being worked on by {owner}; its outcome will be in the journal. Nothing was sent by this call"
    )]
    Busy {
        /// The idempotency key.
        key: String,
        /// Who is at work.
        owner: String,
    },
    /// The journal has no such entry.
    #[error("the journal has no refund with the key {key} of this account")]
    NotFound {
        /// The key that was looked for.
        key: String,
    },
    /// A stored entry cannot be read.
    #[error("the entry {key} cannot be used: {problem}. It was left as it is")]
    Entry {
        /// Its key.
        key: String,
        /// What is wrong.
        problem: String,
    },
    /// The lease was lost while the refund was being worked on; whoever took it over goes on with it.
    #[error(
        "the refund {key} was taken over by another worker, or settled by a notification; look at its entry"
    )]
    TakenOver {
        /// Its key.
        key: String,
    },
    /// The request breaks rules. Nothing was recorded or sent.
    #[error(transparent)]
    InvalidRequest(#[from] InvalidRequest),
    /// Keys, addresses or options are wrong. Nothing was sent.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// A flow was driven in a way that makes no sense: a fault of this library.
    #[error(transparent)]
    Misuse(#[from] FlowMisuse),
    /// A file that is read or written beside the journal.
    #[error("{what}: {error}")]
    File {
        /// Which.
        what: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl JournalError {
    /// The stable code; all of them are listed in [`taxrefund_core::codes`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::KeyReused { .. } => codes::KEY_REUSED,
            Self::FormTaken { .. } => codes::FORM_TAKEN,
            Self::OnlyReads { .. } => codes::JOURNAL_ONLY_READS,
            Self::OtherEnvironment { .. } => codes::JOURNAL_OTHER_ENVIRONMENT,
            Self::Busy { .. } => codes::REFUND_BUSY,
            Self::NotFound { .. } => codes::REFUND_NOT_FOUND,
            Self::Entry { .. } => codes::JOURNAL_ENTRY_UNREADABLE,
            Self::TakenOver { .. } => codes::REFUND_TAKEN_OVER,
            Self::InvalidRequest(_) => codes::INVALID_REQUEST,
            Self::Configuration(error) => error.code,
            Self::Misuse(_) => codes::FLOW_MISUSE,
            Self::File { .. } => codes::FILE,
            Self::Store(error) => error.fault.code(),
        }
    }
}

impl From<taxrefund_core::Error> for JournalError {
    fn from(error: taxrefund_core::Error) -> Self {
        match error {
            taxrefund_core::Error::InvalidRequest(invalid) => Self::InvalidRequest(invalid),
            taxrefund_core::Error::Configuration(wrong) => Self::Configuration(wrong),
            taxrefund_core::Error::Misuse(misuse) => Self::Misuse(misuse),
            other => Self::Store(StoreError::new(StoreFault::Other, other.to_string())),
        }
    }
}

/// What is wrong with the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError {
    /// Which kind of trouble.
    pub fault: StoreFault,
    /// What happened, and what to do.
    pub message: String,
}

/// The kinds of trouble with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreFault {
    /// The file is damaged.
    Corrupt,
    /// It is a database, or a file, of something else.
    Foreign,
    /// It was written by a newer version of this library.
    Newer,
    /// It cannot be written.
    ReadOnly,
    /// The disk is full.
    Full,
    /// Another process holds it.
    Locked,
    /// The server cannot be reached, or the connection broke.
    Unreachable,
    /// It is sealed, and no key or a wrong key was given; or it is not sealed and a key was given.
    Sealing,
    /// Something in it is sealed with a key that was made after this handle was opened.
    Rotated,
    /// It was last written at a time that this machine's clock has not reached.
    Clock,
    /// Anything else.
    Other,
}

impl StoreFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Corrupt => codes::JOURNAL_CORRUPT,
            Self::Foreign => codes::JOURNAL_FOREIGN,
            Self::Newer => codes::JOURNAL_NEWER,
            Self::ReadOnly => codes::JOURNAL_READ_ONLY,
            Self::Full => codes::JOURNAL_FULL,
            Self::Locked => codes::JOURNAL_LOCKED,
            Self::Unreachable => codes::JOURNAL_UNREACHABLE,
            Self::Sealing | Self::Rotated => codes::JOURNAL_SEALING,
            Self::Clock => codes::JOURNAL_CLOCK,
            Self::Other => codes::JOURNAL_STORE,
        }
    }
}

impl StoreError {
    pub(crate) fn new(fault: StoreFault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into() }
    }
}

impl std::error::Error for StoreError {}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "journal: {}", self.message)
    }
}
