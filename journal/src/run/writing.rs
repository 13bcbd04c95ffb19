//! What a run writes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use taxrefund_core::outcome::{Attempt, Evidence};
use taxrefund_core::{FlowState, NextStep, Outcome, Reason, SendMemory, Step};

use super::Run;
use crate::chain::{Kind, NewRecord};
use crate::entry::State;
use crate::error::JournalError;
use crate::journal::{Journal, now_ms};
use crate::store::{Applied, Change, Claimed, Set, Then};

impl Journal {
    /// A stored request, ready to be driven.
    pub(crate) fn state_of(&self, account: &str, claimed: &Claimed) -> Result<FlowState, JournalError> {
        let unusable = |problem: String| JournalError::Entry { key: claimed.key.clone(), problem };
        let text = self.0.reveal("request", &claimed.key, &claimed.request)?;
        let business: BTreeMap<String, String> = serde_json::from_str(&text)
            .map_err(|error| unusable(format!("its request cannot be read: {error}")))?;
        let memory: SendMemory = match &claimed.memory {
            None => SendMemory::default(),
            Some(text) => serde_json::from_str(text)
                .map_err(|error| unusable(format!("what it remembers cannot be read: {error}")))?,
        };
        let state = FlowState::from_parts(account, &claimed.operation, &claimed.key, business, memory);
        if self.0.fingerprint(state.fingerprint()) != claimed.fingerprint {
            return Err(unusable("its request does not match its fingerprint: it was changed".to_owned()));
        }
        Ok(state)
    }
}

impl Run {
    /// Writes what happened and what comes of it; `false` when the lease was lost meanwhile.
    pub(super) fn record(
        &mut self,
        attempt: Option<&Attempt>,
        evidence: Option<Evidence>,
        step: &Step,
    ) -> Result<bool, JournalError> {
        let set = self.set(attempt, step);
        let kind = if attempt.is_some() { Kind::Attempt } else { Kind::Ended };
        let reason = attempt.and_then(|attempt| attempt.reason.as_ref());
        let details = Details::of(decided_by(step).or(reason), evidence, step);
        let content = Content {
            key: &self.claimed.key,
            epoch: self.claimed.epoch,
            owner: &self.lease.owner,
            interface: attempt.map(|attempt| attempt.interface.as_str()),
            sent_at_ms: attempt.map(|attempt| attempt.sent_at_ms),
            took_ms: attempt.map(|attempt| attempt.took_ms),
            code: set.code.as_deref(),
            sub_code: set.sub_code.as_deref(),
            verified: reason.is_some_and(|reason| reason.verified),
            state: set.state,
            next_step: set.next_step,
            reference: set.reference.as_deref(),
            due_in_ms: if set.then.is_hold() { wait_of(step) } else { set.then.due_in_ms() },
        };
        let content = json(&content);
        let details = match details.is_empty() {
            true => None,
            false => Some(self.journal.0.conceal("record", &self.claimed.key, json(&details))?),
        };
        let record = NewRecord { kind, at_ms: now_ms(), content, details };
        let change = Change {
            entry: self.claimed.entry,
            epoch: self.claimed.epoch,
            revision: self.claimed.revision,
            set,
            record: Some(record.clone()),
            notification: None,
        };
        let late_set = change.set.clone();
        let since = super::HeldSince::now();
        self.recorded += usize::from(attempt.is_some());
        match self.journal.0.apply(change)? {
            Applied::Written => {
                self.claimed.revision += 1;
                self.renewed(since);
                Ok(true)
            }
            Applied::Superseded if attempt.is_some() => self.heard_late(record, &late_set, step),
            Applied::Superseded => Ok(false),
        }
    }

    /// What was heard after the lease was lost. A verified success settles a refund that is still open, as a notification
    /// would: whoever took over must not come to another end. Everything else is evidence and changes nothing; where it
    /// contradicts the recorded end, a person must look.
    fn heard_late(&self, record: NewRecord, set: &Set, step: &Step) -> Result<bool, JournalError> {
        loop {
            let entry = self.journal.store().by_id(self.claimed.entry)?;
            let Some(entry) = entry else { return Ok(false) };
            if set.state == State::Succeeded && !entry.state.is_final() {
                let set = Set { then: Then::Revoke, ..set.clone() };
                if self.journal.0.apply(Change::to(&entry, set, Some(record.clone())))? == Applied::Written {
                    return Ok(true);
                }
                continue;
            }
            let mut late = NewRecord { kind: Kind::Late, ..record };
            let contradicts = contradicts(step, entry.state);
            if contradicts {
                late.content = marked(&late.content);
            }
            self.journal.store().append(Some(entry.id), &late, None, contradicts)?;
            return Ok(false);
        }
    }

    fn set(&self, attempt: Option<&Attempt>, step: &Step) -> Set {
        let reason = decided_by(step).or_else(|| attempt.and_then(|attempt| attempt.reason.as_ref()));
        let mut set = Set {
            state: State::Open,
            code: reason.map(|reason| reason.code.clone()),
            sub_code: reason.and_then(|reason| reason.sub_code.clone()),
            next_step: None,
            reference: None,
            memory: serde_json::to_string(&self.flow.memory().clone().without_texts()).ok(),
            begun: true,
            more_attempts: u32::from(attempt.is_some()),
            resumes: self.claimed.resumes,
            then: Then::Hold(self.lease.ms),
        };
        let Step::Done(outcome) = step else { return set };
        set.next_step =
            Some(outcome.next_step()).filter(|step| *step != NextStep::None).map(NextStep::as_str);
        set.reference = outcome.reference().map(str::to_owned);
        set.state = self.state_after(outcome);
        set.then = match (set.state, self.taken_up_again_after(outcome.next_step())) {
            (State::Waiting, Some(due_in_ms)) => {
                set.resumes += 1;
                Then::Release(due_in_ms)
            }
            _ => Then::Rest,
        };
        set
    }

    /// Where an outcome leaves the refund.
    pub(crate) fn state_after(&self, outcome: &Outcome) -> State {
        match outcome {
            Outcome::Succeeded(_) => State::Succeeded,
            Outcome::Failed(_) => State::Failed,
            Outcome::Unknown(open) if self.taken_up_again_after(open.next_step).is_some() => State::Waiting,
            Outcome::Unknown(_) => State::Unknown,
        }
    }

    /// Asking again costs nothing and harms nobody, unless somebody must put something right first.
    fn taken_up_again_after(&self, next_step: NextStep) -> Option<i64> {
        if matches!(next_step, NextStep::FixConfiguration | NextStep::RenewAuthorization) {
            return None;
        }
        let after = self.journal.0.run.take_up_again_after.get(self.claimed.resumes as usize)?;
        i64::try_from(after.as_millis()).ok()
    }
}

/// Why a run ended as it did: not always what was heard last.
fn decided_by(step: &Step) -> Option<&Reason> {
    match step {
        Step::Done(outcome) => outcome.reason(),
        _ => None,
    }
}

/// A verified end that is not the recorded one: the recorded one stays, and a person must look.
fn contradicts(step: &Step, recorded: State) -> bool {
    let Step::Done(outcome) = step else { return false };
    matches!(
        (&**outcome, recorded),
        (Outcome::Succeeded(_), State::Failed) | (Outcome::Failed(_), State::Succeeded)
    )
}

/// With what says that it contradicts the recorded end.
fn marked(content: &str) -> String {
    let mut content: Map<String, Value> = serde_json::from_str(content).unwrap_or_default();
    content.insert("merged".to_owned(), "conflict".into());
    json(&content)
}

fn wait_of(step: &Step) -> Option<i64> {
    match step {
        Step::Wait(wait) => i64::try_from(wait.as_millis()).ok(),
        _ => None,
    }
}

/// What a record of a run says; nothing personal.
#[derive(Serialize)]
struct Content<'a> {
    key: &'a str,
    epoch: i64,
    owner: &'a str,
    interface: Option<&'a str>,
    sent_at_ms: Option<u64>,
    took_ms: Option<u64>,
    code: Option<&'a str>,
    sub_code: Option<&'a str>,
    verified: bool,
    state: State,
    next_step: Option<&'a str>,
    reference: Option<&'a str>,
    due_in_ms: Option<i64>,
}

/// What may be personal: the answer as it came, the provider's text, and what was read from it.
#[derive(Serialize)]
struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a Map<String, Value>>,
}

/// The body as text where it is text, so that it can be read in the database.
#[derive(Serialize)]
struct Answer {
    status: u16,
    verified: bool,
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_hex: Option<String>,
    truncated: bool,
}

impl<'a> Details<'a> {
    fn of(reason: Option<&'a Reason>, evidence: Option<Evidence>, step: &'a Step) -> Self {
        let response = match step {
            Step::Done(outcome) => match &**outcome {
                Outcome::Succeeded(succeeded) => Some(&succeeded.response),
                Outcome::Failed(_) | Outcome::Unknown(_) => None,
            },
            _ => None,
        };
        Self {
            evidence: evidence.map(Answer::from),
            message: reason.and_then(|reason| reason.message.as_deref()),
            response,
        }
    }

    const fn is_empty(&self) -> bool {
        self.evidence.is_none() && self.message.is_none() && self.response.is_none()
    }
}

impl From<Evidence> for Answer {
    fn from(Evidence { status, verified, headers, body, truncated }: Evidence) -> Self {
        let (body, body_hex) = match String::from_utf8(body) {
            Ok(text) => (Some(text), None),
            Err(error) => (None, Some(hex::encode(error.into_bytes()))),
        };
        Self { status, verified, headers, body, body_hex, truncated }
    }
}

/// These shapes cannot fail to be written.
fn json(shape: &impl Serialize) -> String {
    serde_json::to_string(shape).unwrap_or_default()
}
