//! What a run writes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use taxrefund_core::outcome::{Attempt, Evidence};
use taxrefund_core::{FlowState, NextStep, Outcome, Reason, SendMemory, Step};

use super::Run;
use crate::chain::{Kind, NewRecord};
use crate::entry::State;
use crate::error::JournalError;
use crate::journal::{Journal, now_ms};
use crate::store::{After, Applied, Change, Claimed, Set, Then};

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
            verified: reason.is_some_and(|reason| reason.verified),
            after: set.after(),
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
    verified: bool,
    #[serde(flatten)]
    after: After<'a>,
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

/// An answer as it came. The body is text where it is text, so that it can be read in the database.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
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

impl Answer {
    /// As it came; `None` when what was stored is no answer.
    pub(super) fn into_evidence(self) -> Option<Evidence> {
        let Self { status, verified, headers, body, body_hex, truncated } = self;
        let body = match (body, body_hex) {
            (Some(text), _) => text.into_bytes(),
            (None, digits) => hex::decode(digits?).ok()?,
        };
        Some(Evidence { status, verified, headers, body, truncated })
    }
}

/// These shapes cannot fail to be written.
fn json(shape: &impl Serialize) -> String {
    serde_json::to_string(shape).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_back_as_it_came_whatever_order_its_fields_were_written_in() {
        let text = r#"{"verified":true,"status":200,"body":"{\"code\":\"10000\"}","headers":[["a","b"]],"truncated":false}"#;
        let bytes = r#"{"status":502,"verified":false,"headers":[],"body_hex":"00ff","truncated":true}"#;
        let read = |stored| serde_json::from_str::<Answer>(stored).unwrap().into_evidence().unwrap();
        let evidence = read(text);
        assert_eq!((evidence.status, evidence.verified, evidence.truncated), (200, true, false));
        assert_eq!(evidence.headers, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(evidence.body, br#"{"code":"10000"}"#);
        let evidence = read(bytes);
        assert_eq!((evidence.status, &*evidence.body, evidence.truncated), (502, &[0_u8, 255][..], true));
        assert_eq!(read(&json(&Answer::from(read(bytes)))).body, [0, 255]);
        let neither = r#"{"status":200,"verified":true,"headers":[],"truncated":false}"#;
        assert!(serde_json::from_str::<Answer>(neither).unwrap().into_evidence().is_none());
    }
}
