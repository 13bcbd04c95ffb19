//! Inbound messages: verified on the raw bytes, typed, answered exactly, merged with what is known.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::decision::Protocol;
use crate::money::Amount;
use crate::wire::Fault;

/// A verified notification.
#[derive(Clone, Serialize)]
pub struct Notification {
    /// Who sent it.
    pub protocol: Protocol,
    /// The gateway's `notify_id`: the same in every redelivery.
    pub id: Option<String>,
    /// The gateway's `notify_type`, Antom's `notifyType`.
    pub kind: Option<String>,
    /// The idempotency key of the refund it is about.
    pub key: Option<String>,
    /// The provider's own number.
    pub reference: Option<String>,
    /// What it says of the refund; `None` when it says nothing final.
    pub settlement: Option<Settlement>,
    /// The provider's code.
    pub code: Option<String>,
    /// The refund's amount, where the message carries one: compare it with your own record.
    pub amount: Option<Amount>,
    /// Everything it carried.
    pub fields: Map<String, Value>,
    /// Send exactly this back, once the notification is safely recorded.
    pub reply: Reply,
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("protocol", &self.protocol)
            .field("kind", &self.kind)
            .field("key", &self.key)
            .field("settlement", &self.settlement)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// A final state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// The money reached the traveller.
    Succeeded,
    /// It did not.
    Failed,
}

/// An HTTP answer to send back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers to set.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: String,
}

impl Reply {
    pub(crate) fn text(body: &str) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())],
            body: body.to_owned(),
        }
    }
}

/// A message that could not be verified. It changes nothing and must not be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("notification refused: {fault}")]
pub struct NotificationRefused {
    /// What is wrong with it.
    pub fault: Fault,
    /// What to answer, so that a genuine sender tries again.
    pub reply: Reply,
}

/// What one's own record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Still open, or unknown.
    Open,
    /// Final: succeeded.
    Succeeded,
    /// Final: failed.
    Failed,
}

/// What a notification changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Merge {
    /// It settles an open refund.
    Settles(Settlement),
    /// It says what is known already, or nothing final.
    Unchanged,
    /// It contradicts a final state, which stays as it is: keep the message as evidence and tell a person.
    Conflict,
}

impl Notification {
    /// What this message does to a record. A final state never goes back; every verified message is acknowledged.
    #[must_use]
    pub const fn merge(&self, known: Known) -> Merge {
        match (known, self.settlement) {
            (_, None)
            | (Known::Succeeded, Some(Settlement::Succeeded))
            | (Known::Failed, Some(Settlement::Failed)) => Merge::Unchanged,
            (Known::Open, Some(settlement)) => Merge::Settles(settlement),
            (Known::Succeeded, Some(Settlement::Failed)) | (Known::Failed, Some(Settlement::Succeeded)) => {
                Merge::Conflict
            }
        }
    }
}
