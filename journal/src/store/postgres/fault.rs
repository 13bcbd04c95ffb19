//! What the server says, for a person and for the caller.

use std::error::Error as _;

use postgres::Error;
use postgres::error::{Severity, SqlState};

use crate::error::{StoreError, StoreFault};
use crate::store::newer;

/// What the schema's functions raise for a program that is too old: see `refuse_newer_v1`.
const NEWER: &str = "TR001";

/// A question that got no answer.
pub(super) enum Unanswered {
    /// No connection was made.
    NotConnected(Error),
    /// The question may have been executed, or not.
    Asked(Error),
    /// Asking again makes no sense.
    Refused(StoreError),
}

impl Unanswered {
    /// `read_only`: whoever only reads is refused every write, by whichever server.
    pub(super) fn is_worth_asking_again(&self, read_only: bool) -> bool {
        match self {
            Self::Asked(error) if read_only && error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => {
                false
            }
            Self::NotConnected(error) => {
                is_lost(error)
                    || is_too_early(error)
                    || error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS)
                    || is_of_the_network(error)
            }
            Self::Asked(error) => is_lost(error) || was_in_the_way(error),
            Self::Refused(_) => false,
        }
    }

    pub(super) fn explain(self, place: &str) -> StoreError {
        match self {
            Self::NotConnected(error) | Self::Asked(error) => explain(place, &error),
            Self::Refused(error) => error,
        }
    }
}

/// The connection broke, or the server cannot write any more because another has taken over.
pub(super) fn is_lost(error: &Error) -> bool {
    let Some(said) = error.as_db_error() else { return error.is_closed() || is_of_the_network(error) };
    let code = said.code().code();
    matches!(said.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
        && !matches!(code.get(..2), Some("28" | "3D" | "42"))
        || code.starts_with("08")
        || code.starts_with("57P")
        || code == SqlState::READ_ONLY_SQL_TRANSACTION.code()
}

/// The server is starting, or stopping.
pub(super) fn is_too_early(error: &Error) -> bool {
    error.code() == Some(&SqlState::CANNOT_CONNECT_NOW)
}

/// Two writers were in each other's way, and this one's write was undone.
fn was_in_the_way(error: &Error) -> bool {
    [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE]
        .iter()
        .any(|code| error.code() == Some(code))
}

fn is_of_the_network(error: &Error) -> bool {
    error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

pub(super) fn fail(fault: StoreFault, place: &str, message: &str) -> StoreError {
    StoreError::new(fault, format!("{place} {message}"))
}

pub(super) fn explain(place: &str, error: &Error) -> StoreError {
    let Some(said) = error.as_db_error() else {
        let unreachable = error.is_closed() || is_of_the_network(error);
        let (fault, message) = if unreachable {
            (StoreFault::Unreachable, UNREACHABLE)
        } else {
            (StoreFault::Other, "cannot be used")
        };
        let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        return fail(fault, place, &format!("{message} ({why})"));
    };
    let code = said.code().code();
    if code == NEWER {
        return newer(said.message().parse().unwrap_or(i64::MAX));
    }
    let (fault, message) = match code {
        "25006" => (StoreFault::ReadOnly, "cannot be written: a standby, or opened for reading only"),
        "42501" => (
            StoreFault::ReadOnly,
            "does not give this role the rights it needs: GRANT them, or use another role",
        ),
        "53100" => (StoreFault::Full, "cannot grow: its disk is full"),
        "53300" => (
            StoreFault::Unreachable,
            "has no connection to spare: raise max_connections, or run fewer workers",
        ),
        "55P03" => (
            StoreFault::Locked,
            "has a row held by somebody who does not let go: look at pg_stat_activity and pg_locks",
        ),
        "57014" => (
            StoreFault::Locked,
            "took too long, or was told to stop: look at pg_stat_activity for who holds it up",
        ),
        "58030" | "XX001" | "XX002" => {
            let message =
                "is damaged; nothing was sent. Keep a copy of its files, restore a backup, then compare both";
            (StoreFault::Corrupt, message)
        }
        "3F000" | "42P01" | "42703" | "42883" => (
            StoreFault::Corrupt,
            "lacks a part of the journal's schema (restored in part?); nothing was sent",
        ),
        "3D000" => (StoreFault::Other, "has no such database: create it, with ENCODING 'UTF8'"),
        "28000" | "28P01" => (StoreFault::Other, "refuses this name or password"),
        "26000" | "42P05" => (
            StoreFault::Other,
            "is behind a pooler that changes connections in between: use its session mode",
        ),
        "22021" => {
            (StoreFault::Other, "cannot hold a NUL character in a key or a form; nothing was recorded")
        }
        _ if is_lost(error) || is_too_early(error) => (StoreFault::Unreachable, UNREACHABLE),
        _ => (StoreFault::Other, "refuses what was asked"),
    };
    fail(fault, place, &format!("{message} ({code}: {})", said.message()))
}

const UNREACHABLE: &str = "cannot be reached: look whether it runs and can be reached from here. Then start again: nothing is \
                           lost or sent twice";
