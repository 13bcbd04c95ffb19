//! What a run writes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
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
        let business: BTreeMap<String, String> =
            serde_json::from_str(&text).map_err(|error| unusable(format!("its request cannot be read: {error}")))?;
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
        attempt: Option<Attempt>,
        evidence: Option<Evidence>,
        step: &Step,
    ) -> Result<bool, JournalError> {
        let set = self.set(attempt.as_ref(), step);
        let kind = if attempt.is_some() { Kind::Attempt } else { Kind::Ended };
        let reason = attempt.as_ref().and_then(|attempt| attempt.reason.as_ref());
        let details = details(reason, evidence, step);
        let content = json!({
            "key": self.claimed.key,
            "epoch": self.claimed.epoch,
            "owner": self.lease.owner,
            "interface": attempt.as_ref().map(|attempt| &attempt.interface),
            "sent_at_ms": attempt.as_ref().map(|attempt| attempt.sent_at_ms),
            "took_ms": attempt.as_ref().map(|attempt| attempt.took_ms),
            "code": set.code,
            "sub_code": set.sub_code,
            "verified": reason.is_some_and(|reason| reason.verified),
            "state": set.state,
            "next_step": set.next_step,
            "reference": set.reference,
            "due_in_ms": if set.then.is_hold() { wait_of(step) } else { set.then.due_in_ms() },
        })
        .to_string();
        let details = match details {
            None => None,
            Some(details) => Some(self.journal.0.conceal("record", &self.claimed.key, details.to_string())?),
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
        let since = super::HeldSince::now();
        self.recorded += usize::from(attempt.is_some());
        match self.journal.0.apply(change)? {
            Applied::Written => {
                self.claimed.revision += 1;
                self.renewed(since);
                Ok(true)
            }
            Applied::Superseded => {
                if attempt.is_some() {
                    let late = NewRecord { kind: Kind::Late, ..record };
                    self.journal.store().append(Some(self.claimed.entry), &late, None, false)?;
                }
                Ok(false)
            }
        }
    }

    fn set(&self, attempt: Option<&Attempt>, step: &Step) -> Set {
        let reason = match step {
            Step::Done(outcome) => outcome.reason(),
            _ => None,
        }
        .or_else(|| attempt.and_then(|attempt| attempt.reason.as_ref()));
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
        set.next_step = Some(outcome.next_step()).filter(|step| *step != NextStep::None).map(NextStep::as_str);
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

fn wait_of(step: &Step) -> Option<i64> {
    match step {
        Step::Wait(wait) => i64::try_from(wait.as_millis()).ok(),
        _ => None,
    }
}

/// What may be personal: the answer as it came, the provider's text, and what was read from it.
fn details(reason: Option<&Reason>, evidence: Option<Evidence>, step: &Step) -> Option<Value> {
    let mut details = Map::new();
    if let Some(evidence) = evidence {
        details.insert("evidence".to_owned(), evidence_json(evidence));
    }
    if let Some(message) = reason.and_then(|reason| reason.message.clone()) {
        details.insert("message".to_owned(), message.into());
    }
    if let Step::Done(outcome) = step
        && let Outcome::Succeeded(succeeded) = &**outcome
    {
        details.insert("response".to_owned(), succeeded.response.clone().into());
    }
    (!details.is_empty()).then(|| details.into())
}

/// The body as text where it is text, so that it can be read in the database.
fn evidence_json(evidence: Evidence) -> Value {
    match String::from_utf8(evidence.body) {
        Ok(body) => json!({
            "status": evidence.status,
            "verified": evidence.verified,
            "headers": evidence.headers,
            "body": body,
            "truncated": evidence.truncated,
        }),
        Err(error) => json!({
            "status": evidence.status,
            "verified": evidence.verified,
            "headers": evidence.headers,
            "body_hex": hex::encode(error.into_bytes()),
            "truncated": evidence.truncated,
        }),
    }
}
