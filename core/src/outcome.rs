//! The three answers: succeeded, failed, unknown. They are never mixed up.

use std::fmt;

use base64::Engine as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::decision::NextStep;
use crate::flow::FlowState;
use crate::validation::Warning;

/// How an operation ended.
#[expect(clippy::large_enum_variant, reason = "made once per refund; matching on it should stay plain")]
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome<R = Map<String, Value>> {
    /// Verified: it was done.
    Succeeded(Succeeded<R>),
    /// Verified: it was not done, and no money moved.
    Failed(Failed),
    /// It may have been done. There is always a stated next step, and it is never a new order number.
    Unknown(Unknown),
}

/// A verified success.
#[derive(Clone, Serialize)]
pub struct Succeeded<R = Map<String, Value>> {
    /// The verified answer.
    pub response: R,
    /// The provider's own number of the refund; keep it.
    pub reference: Option<String>,
    /// How it went.
    pub report: Report,
}

impl<R> fmt::Debug for Succeeded<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The answer as a map holds whatever the provider sent, the traveller's name and account included.
        f.debug_struct("Succeeded")
            .field("reference", &self.reference)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

/// A verified failure.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// What the provider said.
    pub reason: Reason,
    /// What to do now.
    pub next_step: NextStep,
    /// How it went.
    pub report: Report,
}

/// An open result.
#[derive(Debug, Clone, Serialize)]
pub struct Unknown {
    /// The latest thing that was heard, or why nothing was.
    pub reason: Reason,
    /// What to do now.
    pub next_step: NextStep,
    /// How it went.
    pub report: Report,
    /// What resuming starts from. It holds the frozen request, so keep it as carefully as the request itself.
    pub resume: FlowState,
}

/// Why: a provider's code, or our word for a fault.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The gateway's `code`, a `resultCode`, or a fault such as `timeout`; see [`crate::explain`].
    pub code: String,
    /// The gateway's `sub_code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_code: Option<String>,
    /// The provider's own text, for engineers. It may repeat parts of the request, so `Display` and `Debug` leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether a verified answer said so.
    pub verified: bool,
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reason")
            .field("code", &self.code)
            .field("sub_code", &self.sub_code)
            .field("verified", &self.verified)
            .finish_non_exhaustive()
    }
}

impl Reason {
    /// Whether the provider asks for a lower call rate. Not verified it may be said by anybody; slower harms nobody.
    #[must_use]
    pub fn asks_to_slow_down(&self) -> bool {
        ["40005", "REQUEST_TRAFFIC_EXCEED_LIMIT"].contains(&self.code.as_str())
    }

    /// What an answer that nobody vouches for claims: a code as long as codes are, without anything that could deface a
    /// log; `None` for anything else.
    pub(crate) fn claimed(code: &str, sub_code: Option<&str>, message: Option<String>) -> Option<Self> {
        let is_code = |text: &&str| text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic());
        Some(Self {
            code: Some(code).filter(is_code)?.to_owned(),
            sub_code: sub_code.filter(is_code).map(str::to_owned),
            message,
            verified: false,
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if let Some(sub_code) = &self.sub_code {
            write!(f, " {sub_code}")?;
        }
        if self.verified { Ok(()) } else { f.write_str(" (not verified)") }
    }
}

/// What was sent and heard.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The operation's name.
    pub operation: String,
    /// The idempotency key.
    pub key: String,
    /// Every send of this run, oldest first.
    pub attempts: Vec<Attempt>,
    /// Unusual things about the request that did not stop it.
    #[serde(skip_deserializing)]
    pub warnings: Vec<Warning>,
    /// The provider asked for a lower call rate; whoever paces this account should slow down.
    pub slow_down: bool,
    /// The bytes that decided, or the last ones received.
    pub evidence: Option<Evidence>,
}

/// One send and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which interface: `pay`, `query`, …
    pub interface: String,
    /// When it was sent, milliseconds since 1970 by the driver's clock.
    pub sent_at_ms: u64,
    /// How long until the answer or the fault, by the monotonic clock.
    pub took_ms: u64,
    /// The code that was answered, or the fault.
    pub reason: Option<Reason>,
}

/// Bytes received, kept as proof. They may hold personal data: shown only on purpose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// HTTP status.
    pub status: u16,
    /// Whether the signature over exactly these bytes was good.
    pub verified: bool,
    /// The signature header, for the protocols that sign by header, with the time it covers.
    pub headers: Vec<(String, String)>,
    /// The body as received, at most [`Evidence::MAX_BYTES`] of it.
    #[serde(serialize_with = "as_base64", deserialize_with = "from_base64")]
    pub body: Vec<u8>,
    /// Whether the body was longer than what is kept.
    pub truncated: bool,
}

impl Evidence {
    /// How much of a body is kept (64 KiB).
    pub const MAX_BYTES: usize = 64 * 1024;
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("status", &self.status)
            .field("verified", &self.verified)
            .field("body", &format_args!("«{} bytes»", self.body.len()))
            .finish_non_exhaustive()
    }
}

fn as_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&base64::engine::general_purpose::STANDARD.encode(bytes))
}

fn from_base64<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    base64::engine::general_purpose::STANDARD.decode(text).map_err(serde::de::Error::custom)
}

impl<R> Outcome<R> {
    /// `succeeded`, `failed` or `unknown`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Succeeded(_) => "succeeded",
            Self::Failed(_) => "failed",
            Self::Unknown(_) => "unknown",
        }
    }

    /// What was sent and heard.
    #[must_use]
    pub const fn report(&self) -> &Report {
        match self {
            Self::Succeeded(outcome) => &outcome.report,
            Self::Failed(outcome) => &outcome.report,
            Self::Unknown(outcome) => &outcome.report,
        }
    }

    /// What to do now; [`NextStep::None`] after a success.
    #[must_use]
    pub const fn next_step(&self) -> NextStep {
        match self {
            Self::Succeeded(_) => NextStep::None,
            Self::Failed(outcome) => outcome.next_step,
            Self::Unknown(outcome) => outcome.next_step,
        }
    }

    /// Why it failed or is unknown.
    #[must_use]
    pub const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Succeeded(_) => None,
            Self::Failed(outcome) => Some(&outcome.reason),
            Self::Unknown(outcome) => Some(&outcome.reason),
        }
    }

    /// The provider's own number of a successful refund.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Succeeded(outcome) => outcome.reference.as_deref(),
            Self::Failed(_) | Self::Unknown(_) => None,
        }
    }
}

impl Outcome {
    /// The outcome with the answer as the operation's response type.
    ///
    /// Response models read leniently (a member without its documented shape reads as absent), so a success stays one.
    #[must_use]
    pub fn typed<R: DeserializeOwned + Default>(self) -> Outcome<R> {
        match self {
            Self::Succeeded(Succeeded { response, reference, report }) => {
                let response = serde_json::from_value(Value::Object(response)).unwrap_or_default();
                Outcome::Succeeded(Succeeded { response, reference, report })
            }
            Self::Failed(failed) => Outcome::Failed(failed),
            Self::Unknown(unknown) => Outcome::Unknown(unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Reason;

    #[test]
    fn what_a_stranger_claims_is_shown_only_if_it_looks_like_a_code() {
        let claimed = |code: &str| Reason::claimed(code, None, None).map(|reason| reason.to_string());
        assert_eq!(claimed("40002").unwrap(), "40002 (not verified)");
        assert_eq!(claimed("line\nbreak"), None);
        assert_eq!(claimed(&"x".repeat(65)), None);
        let reason = Reason::claimed("40002", Some("isv.\u{1b}[31m"), None).unwrap();
        assert_eq!(reason.sub_code, None);
    }
}
