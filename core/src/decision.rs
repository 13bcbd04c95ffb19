//! The decision tables' vocabulary: what may come back, and what is done about it, as data.
//!
//! Every operation's file holds its table (`PHASES`). A table is read top-down, the first rule whose conditions all hold
//! decides. The last rule of each phase has no condition, so every answer is decided. Tables serialise, which is how the
//! documentation and the other languages show exactly what the flow does.

use serde::{Deserialize, Serialize};

/// Which of the three protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Alipay's open gateway (`gateway.do`).
    Alipay,
    /// Alipay+ (`/aps/api`).
    AlipayPlus,
    /// Antom (`/ams/api`).
    Antom,
}

impl Protocol {
    /// The name used in operation names and stored records: `alipay`, `alipay_plus`, `antom`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alipay => "alipay",
            Self::AlipayPlus => "alipay_plus",
            Self::Antom => "antom",
        }
    }
}

/// What an operation does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Money reaches a traveller.
    MovesMoney,
    /// A record is written at the provider; no money moves.
    Records,
    /// Nothing changes.
    Reads,
}

/// One interface of a provider.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// Our word for it: `pay`, `query`, `sync`, …
    pub name: &'static str,
    /// The gateway's method name, or the path below the host.
    pub wire: &'static str,
    /// Whether a call of it can execute something (as opposed to reading).
    pub executes: bool,
    /// Gateway only: the members of the content are top-level parameters rather than `biz_content`.
    pub top_level: bool,
}

/// What the caller, clerk or job must do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// Nothing.
    None,
    /// Fix what the reason names, then a new request with a new idempotency key.
    StartNew,
    /// The traveller shows a fresh code, then a new request.
    RefreshCode,
    /// Keys, permissions, address or clock are wrong.
    FixConfiguration,
    /// The authorization has expired or was revoked.
    RenewAuthorization,
    /// This payment cannot be refunded this way: tell the traveller.
    TellTraveller,
    /// Resume the same request later; never start a new one meanwhile.
    ResumeLater,
    /// The provider is at work and will notify.
    AwaitNotification,
    /// Only the provider's support can tell.
    ContactSupport,
}

impl NextStep {
    /// The stable name, as in the published tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::StartNew => "start_new",
            Self::RefreshCode => "refresh_code",
            Self::FixConfiguration => "fix_configuration",
            Self::RenewAuthorization => "renew_authorization",
            Self::TellTraveller => "tell_traveller",
            Self::ResumeLater => "resume_later",
            Self::AwaitNotification => "await_notification",
            Self::ContactSupport => "contact_support",
        }
    }
}

/// A wait's bounds in milliseconds, both inclusive; the wait itself is drawn inside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Shortest wait.
    pub least_ms: u64,
    /// Longest wait.
    pub most_ms: u64,
}

impl Window {
    /// No wait.
    pub(crate) const AT_ONCE: Self = Self::seconds(0, 0);

    pub(crate) const fn seconds(least: u64, most: u64) -> Self {
        Self { least_ms: least * 1000, most_ms: most * 1000 }
    }
}

/// One condition of a rule. All conditions of a rule must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// A verified answer, whatever it says.
    Verified,
    /// Verified, with one of these codes (gateway `code`; `resultCode` elsewhere).
    Code(&'static [&'static str]),
    /// Verified, with one of these sub codes, compared without an `ACQ.`-like prefix.
    SubCode(&'static [&'static str]),
    /// Verified, with this `resultStatus`.
    Status(&'static str),
    /// Verified, and the member at this path is this text.
    Field(&'static str, &'static str),
    /// Verified, and the member at this path is there and not empty.
    Present(&'static str),
    /// Verified, and without a code, or with the code of success: the token call's successes carry none.
    NoCodeButSuccess,
    /// The request's member at this path is this text.
    Asked(&'static str, &'static str),
    /// No verified answer: timeout, fault, wrong signature, or not an answer to this call.
    NoResult,
    /// No verified answer, but a refusal that says our own configuration is at fault.
    ConfigurationRefusal,
    /// Every executing call was answered, or the business answered a later one: none can still be on its way.
    NoSendIsOnItsWay,
    /// No executing call of this refund ever got a verified answer.
    NoSendEverAnswered,
    /// An earlier executing call may still have executed: it got no result, or an answer that left it open.
    AnEarlierSendIsOpen,
    /// An executing call was answered with success, though without its reference.
    SuccessWasReported,
    /// The executing call was not repeated yet, since the request was begun or taken up again.
    NotYetRepeated,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Done: verified success.
    Succeed,
    /// Done: verified, no money moved.
    Fail(NextStep),
    /// Done for now: money may have moved.
    Unknown(NextStep),
    /// The same interface again after a wait; when the phase has no sends left, the other action.
    Repeat(Window, &'static Action),
    /// Go on with another phase after a wait.
    Go(&'static str, Window),
}

/// One row of a decision table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// All must hold.
    pub when: &'static [When],
    /// What is done then.
    pub then: Action,
    /// Where it is written, or `ours:` and why.
    pub because: &'static str,
}

/// How many sends a phase has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The policy's `attempts`, counted anew whenever the phase is entered.
    Attempts,
    /// The policy's `attempts`, counted over the whole flow.
    AttemptsInAll,
    /// As long as the next send falls within this time of entering the phase (milliseconds).
    WithinMs(u64),
}

/// A stage of a flow: one interface, called until a rule ends the stage.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// The stage's name.
    pub name: &'static str,
    /// What is called.
    pub interface: &'static Interface,
    /// The member of an inquiry's answer that tells the refund's own state.
    pub state: Option<&'static str>,
    /// How often.
    pub limit: Limit,
    /// What an answer means, first match from the top.
    pub rules: &'static [Rule],
    /// [`Limit::AttemptsInAll`]: what is done instead of entering the stage when no sends are left.
    pub exhausted_on_entry: Option<&'static Action>,
}

/// Everything the engine needs to know about an operation.
#[derive(Debug, Serialize)]
pub struct OperationSpec {
    /// `<protocol>.<operation>`.
    pub name: &'static str,
    /// Which protocol.
    pub protocol: Protocol,
    /// What it does.
    pub effect: Effect,
    /// The provider publishes it as a draft.
    pub draft: bool,
    /// Which request field makes a repeat the same request. Reads have none that matters.
    pub idempotency_key: &'static str,
    /// Where the provider's own number is found in a successful answer.
    pub reference: Option<&'static str>,
    /// The request field that names the tax refund form: a form is paid once, whatever the idempotency key.
    pub form: Option<&'static str>,
    /// The request fields with the amount's currency and its count of the smallest unit.
    pub amount: Option<(&'static str, &'static str)>,
    /// Request fields that answers repeat: one that differs belongs to another request and is no result.
    pub echoes: &'static [&'static str],
    /// The stages; the first one is where a new request starts.
    pub phases: &'static [Phase],
    /// The stage with which an open request begins again after a restart.
    pub resume_phase: &'static str,
}

/// The same in every phase of every operation.
pub(crate) const CONFIGURATION_REFUSAL: Rule = Rule {
    when: &[When::ConfigurationRefusal],
    then: Action::Unknown(NextStep::FixConfiguration),
    because: "ours: the same mistake again helps nobody, and an unverified answer proves nothing about money",
};

/// Codes by which a header-signed gateway says that our configuration is at fault.
pub(crate) const CONFIGURATION_CODES: &[&str] =
    &["INVALID_SIGNATURE", "KEY_NOT_FOUND", "INVALID_CLIENT", "CLIENT_INVALID", "ACCESS_DENIED"];

/// The same codes plus those that mean the call itself was not understood; all are checked before the business is.
pub(crate) const BEFORE_BUSINESS_CODES: &[&str] = &[
    "INVALID_SIGNATURE",
    "KEY_NOT_FOUND",
    "INVALID_CLIENT",
    "CLIENT_INVALID",
    "ACCESS_DENIED",
    "METHOD_NOT_SUPPORTED",
    "MEDIA_TYPE_NOT_ACCEPTABLE",
    "NO_INTERFACE_DEF",
    "INVALID_ACCESS_TOKEN",
];

/// Those of them that the caller can put right; for the others only support can.
pub(crate) const FIXABLE_CODES: &[&str] = &[
    "INVALID_SIGNATURE",
    "CLIENT_INVALID",
    "METHOD_NOT_SUPPORTED",
    "MEDIA_TYPE_NOT_ACCEPTABLE",
    "NO_INTERFACE_DEF",
];

/// What says that an original credit is not decided yet, whatever the status letter beside it.
pub(crate) const CREDIT_IN_PROCESS_CODES: &[&str] = &["ORIGINAL_CREDIT_IN_PROCESS"];

/// Codes by which the open gateway says that the service is busy, or that the token, the permission or the pace is wrong.
pub(crate) const BEFORE_BUSINESS_GATEWAY_CODES: &[&str] = &["20000", "20001", "40005", "40006"];

/// Sub codes by which the open gateway says that our configuration is at fault.
pub(crate) const CONFIGURATION_SUB_CODES: &[&str] = &[
    "isv.invalid-signature",
    "isv.invalid-signature-type",
    "isv.missing-signature",
    "isv.missing-signature-type",
    "isv.missing-signature-key",
    "isv.missing-signature-config",
    "isv.missing-default-signature-type",
    "isv.invalid-app-id",
    "isv.missing-app-id",
    "isv.missing-app-cert-sn",
    "isv.missing-alipay-root-cert-sn",
    "isv.app-cert-expired",
    "isv.missing-encrypt-key",
    "isv.decryption-error-missing-encrypt-type",
    "isv.decryption-error-not-valid-encrypt-type",
    "isv.decryption-error-not-valid-encrypt-key",
    "isv.decryption-error-unknown",
    "not-online-app",
];

#[cfg(test)]
mod tests {
    use crate::operations::all;

    #[test]
    fn every_phase_decides_every_answer_and_names_phases_that_exist() {
        use super::{Action, Limit};
        for spec in all().map(|entry| entry.spec) {
            let known = |name: &str| spec.phases.iter().any(|phase| phase.name == name);
            assert!(known(spec.resume_phase), "{}", spec.name);
            for phase in spec.phases {
                let last = phase.rules.last().unwrap();
                assert!(
                    last.when.is_empty(),
                    "{} {}: the last rule must take everything",
                    spec.name,
                    phase.name
                );
                for rule in phase.rules {
                    assert!(!rule.because.is_empty());
                    match rule.then {
                        Action::Go(name, _) => assert!(known(name), "{}: {name}", spec.name),
                        Action::Repeat(_, Action::Go(name, _)) => {
                            assert!(known(name), "{}: {name}", spec.name);
                        }
                        Action::Repeat(_, Action::Repeat(..)) => panic!("{}: repeat in repeat", spec.name),
                        _ => {}
                    }
                }
                assert!(phase.exhausted_on_entry.is_some() || phase.limit != Limit::AttemptsInAll);
            }
        }
    }
}
