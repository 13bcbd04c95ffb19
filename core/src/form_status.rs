//! The statuses of a tax refund form, and advice on their order.
//!
//! The protocol states the values and their meaning and no rule of transition, so everything here warns and nothing
//! refuses. Source: Alipay+ syncTaxRefundForm, `formStatus`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::currency::excerpt;
use crate::datetime::OffsetDateTime;

/// Status of a tax refund form. In JSON it is the text of the protocol, such as `REFUNDED_NON_ALIPAYPLUS`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FormStatus {
    /// `INIT`: the form is just created.
    Init,
    /// `STAMPED`: customs has stamped, approved or cleared it.
    Stamped,
    /// `REJECTED_BY_CUSTOMS`.
    RejectedByCustoms,
    /// `RECEIVED` by the tax refund provider.
    Received,
    /// `VOIDED`.
    Voided,
    /// `FAILED`: the refund failed.
    Failed,
    /// `EXPIRED`.
    Expired,
    /// `REFUNDED`.
    Refunded,
    /// `REFUNDED_NON_ALIPAYPLUS`: refunded by other means than Alipay+.
    RefundedNonAlipayPlus,
    /// A text the protocol does not list, kept as it is.
    Other(String),
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FormStatus {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FormStatus".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "x-values": Self::LISTED })
    }
}

impl Default for FormStatus {
    /// No status: what a request has before one was given. It is never valid to send.
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl FormStatus {
    /// The listed statuses, in the protocol's order.
    pub const LISTED: [Self; 9] = [
        Self::Init,
        Self::Stamped,
        Self::RejectedByCustoms,
        Self::Received,
        Self::Voided,
        Self::Failed,
        Self::Expired,
        Self::Refunded,
        Self::RefundedNonAlipayPlus,
    ];

    /// The status of a text; never fails, as an unlisted text becomes [`FormStatus::Other`].
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self::LISTED
            .into_iter()
            .find(|status| status.as_str() == text)
            .unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    /// The text of the protocol.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Init => "INIT",
            Self::Stamped => "STAMPED",
            Self::RejectedByCustoms => "REJECTED_BY_CUSTOMS",
            Self::Received => "RECEIVED",
            Self::Voided => "VOIDED",
            Self::Failed => "FAILED",
            Self::Expired => "EXPIRED",
            Self::Refunded => "REFUNDED",
            Self::RefundedNonAlipayPlus => "REFUNDED_NON_ALIPAYPLUS",
            Self::Other(text) => text,
        }
    }

    /// True when no other status sensibly follows: voided, expired, refunded either way.
    ///
    /// A rejection is not final, as customs can reverse it, nor is a failed refund, which can be tried again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.sensible_next().is_some_and(<[Self]>::is_empty)
    }

    /// The statuses that sensibly follow; `None` where nothing is known. Inferred: the protocol gives no rule.
    fn sensible_next(&self) -> Option<&'static [Self]> {
        use FormStatus::{
            Expired, Failed, Received, Refunded, RefundedNonAlipayPlus, RejectedByCustoms, Stamped, Voided,
        };
        Some(match self {
            Self::Init => &[Stamped, RejectedByCustoms, Received, Voided, Expired],
            Received => {
                &[Stamped, RejectedByCustoms, Refunded, RefundedNonAlipayPlus, Failed, Voided, Expired]
            }
            Stamped => &[Received, Refunded, RefundedNonAlipayPlus, Failed, Voided, Expired],
            Failed => &[Refunded, RefundedNonAlipayPlus, Voided, Expired],
            RejectedByCustoms => &[Stamped, Voided, Expired],
            Voided | Expired | Refunded | RefundedNonAlipayPlus => &[],
            Self::Other(_) => return None,
        })
    }
}

/// A remark on a form's status. Never a reason to refuse the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Stable code: `form_status_repeated`, `form_status_unlisted`, `form_status_after_final`,
    /// `form_refunded_before_stamped`, `form_status_unusual`, `form_status_older`, `form_expired_early`.
    pub code: &'static str,
    /// One or two English sentences for the person who reports the status.
    pub text: String,
}

/// What to say about reporting `to` when the last reported status is `from` (`None` when nothing was reported yet).
///
/// `None` when the step is a usual one. A first report may carry any listed status, as a form may be reported late.
#[must_use]
pub fn advise(from: Option<&FormStatus>, to: &FormStatus) -> Option<Advice> {
    if from == Some(to) {
        return advice(
            "form_status_repeated",
            "This status is already reported; the repeat changes nothing.",
        );
    }
    if let FormStatus::Other(text) = to {
        let given = excerpt(text, 32, |c| c.is_ascii_alphanumeric() || c == '_');
        return advice(
            "form_status_unlisted",
            format!(
                "The status {given} is not in the protocol's list; check its spelling, which is all upper case."
            ),
        );
    }
    let from = from?;
    if from.sensible_next()?.contains(to) {
        return None;
    }
    match (from, to) {
        (FormStatus::Init, FormStatus::Refunded) | (FormStatus::Refunded, FormStatus::Stamped) => advice(
            "form_refunded_before_stamped",
            "The form is reported as REFUNDED before STAMPED. This is right where the refund is paid in advance \
             (downtown); else check the order of the reports.",
        ),
        _ if from.is_final() => advice(
            "form_status_after_final",
            format!("The form is already {from}, which is final; {to} is not expected after it."),
        ),
        _ => advice(
            "form_status_unusual",
            format!("{to} does not usually follow {from}; check that no report in between is missing."),
        ),
    }
}

/// What to say about a report whose `statusChangeTime` is older than that of the last one: reports can overtake each
/// other, and the older one should not overwrite the newer. `None` when it is newer or as old.
#[must_use]
pub fn advise_change_time(recorded: &OffsetDateTime, reported: &OffsetDateTime) -> Option<Advice> {
    if reported >= recorded {
        return None;
    }
    advice(
        "form_status_older",
        format!(
            "The change at {reported} is older than the one reported for {recorded} and should not overwrite it."
        ),
    )
}

/// What to say about reporting EXPIRED for a form at a time before its `formExpireDate`. `None` when it is due.
#[must_use]
pub fn advise_expired(expires: &OffsetDateTime, reported: &OffsetDateTime) -> Option<Advice> {
    if reported >= expires {
        return None;
    }
    advice(
        "form_expired_early",
        format!("The form is reported as EXPIRED at {reported}, but it is valid until {expires}."),
    )
}

fn advice(code: &'static str, text: impl Into<String>) -> Option<Advice> {
    Some(Advice { code, text: text.into() })
}

impl fmt::Display for FormStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for FormStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FormStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::from_text(&text))
    }
}
