//! What a flow remembers beyond one process.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::decision::{BEFORE_BUSINESS_GATEWAY_CODES, CONFIGURATION_SUB_CODES, OperationSpec};
use crate::outcome::Reason;
use crate::prepare::{Prepared, fingerprint};
use crate::profile::Profile;
use crate::wire::{Answer, Verified};
use crate::{ConfigurationError, codes, operations};

/// An open request at rest: the frozen business bytes and what is known of its sends.
///
/// Serialise it with `serde` and keep it as carefully as the request itself: it holds the traveller's data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowState {
    version: u32,
    pub(super) account: String,
    pub(super) operation: String,
    key: String,
    fingerprint: String,
    business: BTreeMap<String, String>,
    memory: SendMemory,
    digest: String,
}

/// The state format that this version writes.
const VERSION: u32 = 1;

/// What is remembered of a request's sends: later decisions depend on it. Holds no personal data but the provider's texts,
/// which [`SendMemory::without_texts`] leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendMemory {
    /// Executing calls handed out so far.
    pub(super) sends: u32,
    /// The latest of them got a verified answer.
    pub(super) latest_send_answered: bool,
    /// One before the latest may still be on its way to the business.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) an_earlier_send_is_on_its_way: bool,
    /// Any of them did.
    pub(super) a_send_was_answered: bool,
    /// A verified answer reported success, though without its reference.
    pub(super) success_was_reported: bool,
    /// Gateway: the latest verified answer to one of them that was not a success; a later query tells what became of it.
    pub(super) refusal: Option<Reason>,
}

impl SendMemory {
    /// The same without the provider's own texts, which may repeat parts of the request.
    #[must_use]
    pub fn without_texts(mut self) -> Self {
        if let Some(refusal) = &mut self.refusal {
            refusal.message = None;
        }
        self
    }

    pub(super) fn sends_executed(&mut self) {
        self.an_earlier_send_is_on_its_way |= self.sends > 0 && !self.latest_send_answered;
        self.sends = self.sends.saturating_add(1);
        self.latest_send_answered = false;
    }

    /// A state may have been stored before a send: whoever takes it up again cannot know that nothing was sent since.
    pub(super) fn may_have_been_sent_since(&mut self) {
        self.sends = self.sends.max(1);
        self.latest_send_answered = false;
    }

    /// A timeout says nothing of where the request is: until the business was heard, it may still arrive.
    pub(super) fn no_send_is_on_its_way(&self) -> bool {
        self.latest_send_answered && !self.an_earlier_send_is_on_its_way
    }

    pub(super) fn heard(&mut self, answer: &Answer, reason: &Reason) {
        let Answer::Verified(verified @ Verified { code, status, .. }) = answer else { return };
        self.latest_send_answered = true;
        self.a_send_was_answered = true;
        self.an_earlier_send_is_on_its_way &= refused_at_the_gateways_door(verified);
        if code.as_deref() == Some("10000") {
            self.success_was_reported = true;
            self.refusal = None;
        } else if status.is_none() {
            self.refusal = Some(reason.clone());
        }
    }
}

impl FlowState {
    pub(super) fn new(account: &str, prepared: &Prepared, memory: &SendMemory) -> Self {
        let business =
            prepared.bodies.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
        Self::from_parts(account, prepared.spec.name, &prepared.key, business, memory.clone())
    }

    /// A prepared request as a journal keeps it before anything is sent.
    #[must_use]
    pub fn of(profile: &Profile, prepared: &Prepared) -> Self {
        Self::new(profile.account(), prepared, &SendMemory::default())
    }

    /// Puts a state together from what a journal keeps in columns of its own.
    ///
    /// `business` is [`FlowState::business`]'s map. Compare the [`fingerprint`](FlowState::fingerprint) that comes of it
    /// with the one that was recorded: the request is as it was only if they are the same.
    #[must_use]
    pub fn from_parts(
        account: &str,
        operation: &str,
        key: &str,
        business: BTreeMap<String, String>,
        memory: SendMemory,
    ) -> Self {
        let mut state = Self {
            version: VERSION,
            account: account.to_owned(),
            operation: operation.to_owned(),
            key: key.to_owned(),
            fingerprint: fingerprint_of(operation, &business),
            business,
            memory,
            digest: String::new(),
        };
        state.digest = state.computed_digest();
        state
    }

    /// SHA-256 over everything else: what is resumed is what was stored, what is remembered of its sends included.
    fn computed_digest(&self) -> String {
        let content = (
            (self.version, &self.account, &self.operation, &self.key, &self.fingerprint),
            &self.business,
            &self.memory,
        );
        let text = serde_json::to_vec(&content).unwrap_or_default();
        crate::encoding::to_hex(&Sha256::digest(text))
    }

    /// The operation's name.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// The idempotency key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// See [`Prepared::fingerprint`].
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The frozen content of each interface, by the interface's name. It holds the traveller's data.
    #[must_use]
    pub fn business(&self) -> &BTreeMap<String, String> {
        &self.business
    }

    /// What is remembered of the sends.
    #[must_use]
    pub fn memory(&self) -> &SendMemory {
        &self.memory
    }

    pub(super) fn into_parts(
        self,
        spec: &'static OperationSpec,
    ) -> Result<(Prepared, SendMemory), ConfigurationError> {
        let unreadable =
            |field: &str, message: String| ConfigurationError::new(field, codes::STATE_UNREADABLE, message);
        if self.version != VERSION {
            let message =
                format!("was written by another version (format {}, known {VERSION})", self.version);
            return Err(unreadable("state.version", message));
        }
        if self.digest != self.computed_digest() {
            return Err(unreadable(
                "state.digest",
                "does not match: the stored state was changed".to_owned(),
            ));
        }
        let mut bodies = Vec::new();
        for phase in spec.phases {
            let interface = phase.interface.name;
            let Some(text) = self.business.get(interface) else {
                return Err(unreadable("state.business", format!("has no content for {interface}")));
            };
            if bodies.iter().all(|(known, _)| *known != interface) {
                bodies.push((interface, text.clone()));
            }
        }
        let prepared = Prepared::restored(spec, self.key, bodies);
        if prepared.fingerprint != self.fingerprint {
            let message = "does not match its fingerprint: the stored request was changed".to_owned();
            return Err(unreadable("state.fingerprint", message));
        }
        Ok((prepared, self.memory))
    }
}

/// The open gateway refused the call before the business saw it, so this says nothing of the same call sent earlier.
fn refused_at_the_gateways_door(Verified { code, sub_code, .. }: &Verified) -> bool {
    let among =
        |text: &Option<String>, list: &[&str]| text.as_deref().is_some_and(|text| list.contains(&text));
    among(code, BEFORE_BUSINESS_GATEWAY_CODES) || among(sub_code, CONFIGURATION_SUB_CODES)
}

/// Empty for an operation that this version does not know; nothing resumes it then.
fn fingerprint_of(operation: &str, business: &BTreeMap<String, String>) -> String {
    let Some(spec) = operations::find(operation).map(|entry| entry.spec) else { return String::new() };
    let first = spec.phases.first().and_then(|phase| business.get(phase.interface.name));
    fingerprint(spec, first.map(String::as_str))
}

impl fmt::Debug for FlowState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowState")
            .field("operation", &self.operation)
            .field("key", &self.key)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}
