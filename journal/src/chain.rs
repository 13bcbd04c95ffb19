//! The chain of records: who changes, removes or inserts one breaks every hash after it.
//!
//! ```text
//! details   = SHA-256( 0x00 )  |  SHA-256( 0x01, details in clear )  |  SHA-256( 0x02, sealed details )
//! digest    = SHA-256( "taxrefund-record", kind, at_ms, content, details ), each with its length before it
//! hash[0]   = SHA-256( "taxrefund-journal", journal id )
//! hash[seq] = SHA-256( hash[seq - 1], seq as 8 bytes big-endian, digest )
//! ```

use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// What a record tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A refund was recorded; nothing was sent before.
    Submitted,
    /// A request was sent, and what came of it.
    Attempt,
    /// A run ended without a further send: cancelled, out of time, or not able to sign.
    Ended,
    /// What somebody heard who had lost the lease meanwhile; it changed nothing.
    Late,
    /// A verified notification, and what it changed.
    Notification,
    /// Somebody asked for it to be taken up again.
    Reopened,
}

impl Kind {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Attempt => "attempt",
            Self::Ended => "ended",
            Self::Late => "late",
            Self::Notification => "notification",
            Self::Reopened => "reopened",
        }
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let all =
            [Self::Submitted, Self::Attempt, Self::Ended, Self::Late, Self::Notification, Self::Reopened];
        all.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Text that may be personal, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Private {
    Clear(String),
    Sealed(Vec<u8>),
}

/// One record, as it is stored.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// The entry it is about; `None` for a notification about a refund that the journal does not know.
    pub entry: Option<i64>,
    /// What it tells.
    pub kind: Kind,
    /// When it was written, milliseconds since 1970 by the writer's clock.
    pub at_ms: i64,
    /// A JSON object; holds no personal data.
    pub content: String,
    #[serde(skip)]
    pub(crate) details: Option<Private>,
    #[serde(skip)]
    pub(crate) hash: Hash,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("seq", &self.seq)
            .field("entry", &self.entry)
            .field("kind", &self.kind)
            .field("at_ms", &self.at_ms)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

/// The end of the chain. Keep it elsewhere: it is what shows that nothing was cut off the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many records there are.
    pub seq: i64,
    /// The hash of the last one.
    pub hash: Hash,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, hex::encode(self.hash))
    }
}

impl std::str::FromStr for Head {
    type Err = String;

    /// As it is displayed: `12:` and 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || {
            format!("{text:?} is not a chain head such as 12:3f8a… (number, colon, 64 hexadecimal digits)")
        };
        let (seq, hash) = text.split_once(':').ok_or_else(shape)?;
        let mut head = Self { seq: seq.parse().map_err(|_| shape())?, hash: [0; 32] };
        hex::decode_to_slice(hash, &mut head.hash).map_err(|_| shape())?;
        Ok(head)
    }
}

impl Serialize for Head {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Head {
    /// Of a journal without records.
    pub(crate) fn empty(journal_id: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"taxrefund-journal");
        hash.update(journal_id.as_bytes());
        Self { seq: 0, hash: hash.finalize().into() }
    }

    /// After one more record.
    pub(crate) fn then(&self, digest: &Hash) -> Self {
        let seq = self.seq + 1;
        let mut hash = Sha256::new();
        hash.update(self.hash);
        hash.update(seq.to_be_bytes());
        hash.update(digest);
        Self { seq, hash: hash.finalize().into() }
    }
}

/// What is to be recorded; its place in the chain is given when it is written.
#[derive(Clone)]
pub(crate) struct NewRecord {
    pub(crate) kind: Kind,
    pub(crate) at_ms: i64,
    pub(crate) content: String,
    pub(crate) details: Option<Private>,
}

impl NewRecord {
    pub(crate) fn digest(&self) -> Hash {
        digest(self.kind, self.at_ms, &self.content, self.details.as_ref())
    }
}

impl Record {
    pub(crate) fn digest(&self) -> Hash {
        digest(self.kind, self.at_ms, &self.content, self.details.as_ref())
    }
}

fn digest(kind: Kind, at_ms: i64, content: &str, details: Option<&Private>) -> Hash {
    let details: Hash = match details {
        None => Sha256::digest([0]).into(),
        Some(Private::Clear(text)) => Sha256::new().chain_update([1]).chain_update(text).finalize().into(),
        Some(Private::Sealed(bytes)) => Sha256::new().chain_update([2]).chain_update(bytes).finalize().into(),
    };
    let mut hash = Sha256::new();
    let at_ms = at_ms.to_be_bytes();
    for part in [b"taxrefund-record", kind.as_str().as_bytes(), &at_ms, content.as_bytes(), &details] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_shown() {
        let head = Head::empty("0123").then(&[7; 32]);
        assert_eq!(head.to_string().parse(), Ok(head));
        assert!("12".parse::<Head>().is_err());
        assert!("1:zz".parse::<Head>().is_err());
    }

    #[test]
    fn a_record_moved_into_its_neighbour_field_has_another_digest() {
        let record = |content: &str, details: Option<Private>| {
            NewRecord { kind: Kind::Attempt, at_ms: 1, content: content.to_owned(), details }.digest()
        };
        let clear = |text: &str| Some(Private::Clear(text.to_owned()));
        assert_ne!(record("ab", clear("c")), record("a", clear("bc")));
        assert_ne!(record("a", None), record("a", clear("")));
        assert_ne!(record("a", clear("b")), record("a", Some(Private::Sealed(b"b".to_vec()))));
    }
}
