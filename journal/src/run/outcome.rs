//! The recorded outcome of a refund that is final: the same one again, from what is on disk.

use serde_json::{Map, Value};
use taxrefund_core::outcome::Attempt;
use taxrefund_core::{Failed, NextStep, Outcome, Reason, Report, Succeeded};

use super::writing::Answer;
use crate::chain::{Kind, Record};
use crate::entry::{Entry, State};
use crate::error::JournalError;
use crate::journal::Journal;

impl Journal {
    /// The outcome of a final entry; `None` for one that is not.
    ///
    /// # Errors
    /// When what was recorded cannot be read.
    pub fn outcome(&self, entry: &Entry) -> Result<Option<Outcome>, JournalError> {
        if !entry.state.is_final() {
            return Ok(None);
        }
        let mut report =
            Report { operation: entry.operation.clone(), key: entry.key.clone(), ..Report::default() };
        let mut response = Map::new();
        let mut message = None;
        for record in self.story(entry)? {
            let content: Map<String, Value> = serde_json::from_str(&record.content).unwrap_or_default();
            report.attempts.extend(attempt(&record, &content));
            let decided = content.get("state").and_then(Value::as_str) == Some(entry.state.as_str());
            if decided && record.kind != Kind::Late {
                let mut details = self.evidence(&record)?;
                let told = details.remove("response").or_else(|| details.remove("fields"));
                if let Some(Value::Object(fields)) = told {
                    response = fields;
                }
                let evidence =
                    details.remove("evidence").and_then(|told| serde_json::from_value::<Answer>(told).ok());
                report.evidence = evidence.and_then(Answer::into_evidence);
                message = details.get("message").and_then(Value::as_str).map(str::to_owned);
            }
        }
        Ok(Some(match entry.state {
            State::Succeeded => {
                Outcome::Succeeded(Succeeded { response, reference: entry.reference.clone(), report })
            }
            _ => Outcome::Failed(Failed {
                reason: Reason {
                    code: entry.code.clone().unwrap_or_default(),
                    sub_code: entry.sub_code.clone(),
                    message,
                    verified: true,
                },
                next_step: entry.next_step.unwrap_or(NextStep::ContactSupport),
                report,
            }),
        }))
    }
}

fn attempt(record: &Record, content: &Map<String, Value>) -> Option<Attempt> {
    if !matches!(record.kind, Kind::Attempt | Kind::Late) {
        return None;
    }
    let text = |name: &str| content.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| content.get(name).and_then(Value::as_u64).unwrap_or_default();
    let verified = content.get("verified").and_then(Value::as_bool).unwrap_or_default();
    let reason =
        text("code").map(|code| Reason { code, sub_code: text("sub_code"), message: None, verified });
    Some(Attempt {
        interface: text("interface")?,
        sent_at_ms: number("sent_at_ms"),
        took_ms: number("took_ms"),
        reason,
    })
}
