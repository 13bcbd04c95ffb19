//! The durable record of tax refunds: nothing lost, nothing paid twice, on one machine or many.
//!
//! A [`Journal`] holds an entry for every refund that was ever asked for. Its idempotency key is taken for ever. An entry is
//! on disk before the first byte is sent, after each attempt, and before the caller hears the outcome; so whatever kills
//! the process, the refund is taken up again, and it begins by asking what became of it.
//!
//! * [`Journal::run`] pays one refund and returns its outcome; called again it returns the same outcome.
//! * [`Journal::import`] takes a whole file, and a [`Worker`] drains what is open.
//! * [`Journal::write_results`] tells what became of each line, [`settlement`] compares with the provider's list, and
//!   [`Journal::verify`] proves that nothing recorded was changed.
//!
//! SQLite is built in; PostgreSQL lets several machines share one journal.

#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod chain;
mod crypto;
mod entry;
mod error;
mod formula;
mod group;
mod import;
mod journal;
mod notify;
mod results;
mod run;
mod seal;
pub mod settlement;
mod store;
mod submit;
mod verify;
pub mod worker;

pub use chain::{Head, Kind, Record};
pub use entry::{Counts, Entry, State};
pub use error::{JournalError, StoreError, StoreFault};
pub use import::{ImportOptions, ImportSummary, LineProblem};
pub use journal::{Filter, Journal, Options};
pub use notify::Merged;
pub use results::ResultSummary;
pub use seal::SealingKey;
pub use submit::{Submission, Submitted};
pub use verify::{Broken, Proof};
pub use worker::Worker;
