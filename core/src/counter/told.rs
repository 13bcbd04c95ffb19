//! What an outcome told, from the outcome itself or from its JSON.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::decision::{Action, Effect, NextStep, OperationSpec, Protocol, When};
use crate::json::{parse_object, text_at};
use crate::outcome::{Outcome, Reason, Report};
use crate::{codes, operations};

/// What an outcome told, in as much as the people at a counter must know it: what [`Advice`](super::Advice) and
/// [`Eligibility`](super::Eligibility) are made of.
///
/// It is held against itself: a success without what a success has, and a failure that nobody vouched for, are *unknown*
/// here.
#[derive(Clone)]
pub struct Told {
    pub(super) answer: Three,
    pub(super) next_step: NextStep,
    pub(super) reason: Option<Reason>,
    pub(super) reference: Option<String>,
    pub(super) key: String,
    pub(super) response: Map<String, Value>,
    spec: Option<&'static OperationSpec>,
}

/// The three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Three {
    Succeeded,
    Failed,
    Unknown,
}

/// A text that is no outcome: no JSON object, or none of the three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "is no outcome: give the JSON exactly as it came, with succeeded, failed or unknown in its member outcome"
)]
pub struct NotAnOutcome;

impl NotAnOutcome {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        codes::OUTCOME_UNREADABLE
    }
}

/// What an inquiry that worked says of the refund that it asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefundState {
    Paid,
    Failed,
    Open,
}

impl Told {
    /// What an outcome told.
    #[must_use]
    pub fn of<R: Serialize>(outcome: &Outcome<R>) -> Self {
        let report = outcome.report();
        let response = match outcome {
            Outcome::Succeeded(succeeded) => serde_json::to_value(&succeeded.response).ok(),
            Outcome::Failed(_) | Outcome::Unknown(_) => None,
        };
        Self {
            answer: Three::of(outcome.as_str()).unwrap_or(Three::Unknown),
            next_step: outcome.next_step(),
            reason: outcome.reason().cloned(),
            reference: outcome.reference().map(str::to_owned),
            key: report.key.clone(),
            response: response.and_then(into_object).unwrap_or_default(),
            spec: operations::find(&report.operation).map(|entry| entry.spec),
        }
        .held_against_itself()
    }

    /// What an outcome told, from its JSON as the language packages have it.
    ///
    /// # Errors
    /// [`NotAnOutcome`]. A text that says one of the three answers is always read: what it claims without the members that
    /// go with it is *unknown*.
    pub fn read(text: &str) -> Result<Self, NotAnOutcome> {
        let mut object = parse_object(text).map_err(|_| NotAnOutcome)?;
        let claimed =
            object.get("outcome").and_then(Value::as_str).and_then(Three::of).ok_or(NotAnOutcome)?;
        let report: Option<Report> = member(&mut object, "report");
        let has_next_step = object.contains_key("next_step");
        let has_reference = matches!(object.get("reference"), Some(Value::Null | Value::String(_)));
        let mut told = Self {
            answer: claimed,
            next_step: member(&mut object, "next_step").unwrap_or(NextStep::None),
            reason: member(&mut object, "reason"),
            reference: member(&mut object, "reference"),
            key: report.as_ref().map(|report| report.key.clone()).unwrap_or_default(),
            response: Map::new(),
            spec: report
                .as_ref()
                .and_then(|report| operations::find(&report.operation))
                .map(|entry| entry.spec),
        };
        let response = object.remove("response").and_then(into_object);
        let is_complete = match claimed {
            Three::Succeeded => {
                let evidence = report.as_ref().and_then(|report| report.evidence.as_ref());
                told.spec.is_some()
                    && !told.key.is_empty()
                    && has_reference
                    && response.is_some()
                    && told.reason.is_none()
                    && !has_next_step
                    && evidence.is_none_or(|evidence| evidence.verified)
                    && !object.contains_key("resume")
            }
            Three::Failed => told.spec.is_some() && !object.contains_key("resume") && response.is_none(),
            Three::Unknown => true,
        };
        if is_complete {
            told.response = response.unwrap_or_default();
        } else {
            told.answer = Three::Unknown;
        }
        Ok(told.held_against_itself())
    }

    /// An operation that is not known here is taken for one that moves money.
    pub(super) fn effect(&self) -> Effect {
        self.spec.map_or(Effect::MovesMoney, |spec| spec.effect)
    }

    pub(super) fn protocol(&self) -> Option<Protocol> {
        self.spec.map(|spec| spec.protocol)
    }

    pub(super) fn is_of(&self, operation: &OperationSpec) -> bool {
        self.spec.is_some_and(|spec| spec.name == operation.name)
    }

    /// For an inquiry about a refund: what its answer says of the refund, by the tables of the operations that pay.
    pub(super) fn refund_state(&self) -> Option<RefundState> {
        let spec = self.spec.filter(|spec| spec.effect == Effect::Reads)?;
        let asks = |wire: &str| spec.phases.iter().any(|phase| phase.interface.wire == wire);
        let phase = operations::all()
            .flat_map(|entry| entry.spec.phases)
            .find(|phase| phase.state.is_some() && asks(phase.interface.wire))?;
        let told = |path: &str, value: &str| text_at(&self.response, path).is_some_and(|told| told == value);
        let fields = |when: &When| match when {
            When::Field(path, value) => Some(told(path, value)),
            _ => None,
        };
        let rule = phase.rules.iter().find(|rule| {
            rule.when.iter().any(|when| fields(when).is_some())
                && rule.when.iter().all(|when| fields(when) != Some(false))
        });
        Some(match rule.map(|rule| rule.then) {
            Some(Action::Succeed) => RefundState::Paid,
            Some(Action::Fail(_)) => RefundState::Failed,
            _ => RefundState::Open,
        })
    }

    fn held_against_itself(mut self) -> Self {
        let is_vouched_for = self.reason.as_ref().is_some_and(|reason| reason.verified);
        if self.answer == Three::Failed && !is_vouched_for {
            self.answer = Three::Unknown;
        }
        self.next_step = self.answer.sensible(self.next_step);
        self
    }
}

impl Three {
    fn of(name: &str) -> Option<Self> {
        match name {
            "succeeded" => Some(Self::Succeeded),
            "failed" => Some(Self::Failed),
            "unknown" => Some(Self::Unknown),
            _ => None,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The step itself where it goes with the answer; otherwise the careful one. No table pairs them so.
    fn sensible(self, step: NextStep) -> NextStep {
        use NextStep::{
            AwaitNotification, ContactSupport, None, RefreshCode, ResumeLater, StartNew, TellTraveller,
        };
        match (self, step) {
            (Self::Succeeded, _) => None,
            (Self::Failed, None | ResumeLater | AwaitNotification) => ContactSupport,
            (Self::Unknown, None | StartNew | RefreshCode | TellTraveller) => ResumeLater,
            (Self::Failed | Self::Unknown, step) => step,
        }
    }
}

fn member<T: DeserializeOwned>(object: &mut Map<String, Value>, name: &str) -> Option<T> {
    serde_json::from_value(object.remove(name)?).ok()
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The answer holds whatever the provider sent, the traveller's name and account included.
        f.debug_struct("Told")
            .field("answer", &self.answer)
            .field("next_step", &self.next_step)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}
