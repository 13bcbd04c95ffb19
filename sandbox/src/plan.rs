//! What happens to one request: the first rule of each stage that takes hold.

use crate::faults::FaultRule;
use crate::scenario::{Scenario, Stage};

/// What happens to one request.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) decision: Option<FaultRule>,
    pub(crate) fate: Option<FaultRule>,
    pub(crate) delivery: Option<Scenario>,
    pub(crate) notices: Vec<Scenario>,
}

impl Plan {
    pub(crate) fn reaches_the_platform(&self) -> bool {
        self.delivery.is_none_or(|s| s.stage() != Stage::Unreached)
    }

    /// Whether the caller gets a complete answer it has every reason to believe.
    pub(crate) fn delivers(&self) -> bool {
        matches!(
            self.delivery,
            None | Some(
                Scenario::Delay
                    | Scenario::Drip
                    | Scenario::EscapedSlashes
                    | Scenario::BraceInString
                    | Scenario::Whitespace
                    | Scenario::UnicodeEscapes
                    | Scenario::UnknownMembers
            )
        )
    }

    pub(crate) fn take(&mut self, rule: &FaultRule) {
        match rule.scenario.stage() {
            Stage::Decision if self.decision.is_none() => self.decision = Some(rule.clone()),
            Stage::Fate if self.fate.is_none() => self.fate = Some(rule.clone()),
            Stage::Unreached | Stage::Delivery if self.delivery.is_none() => {
                self.delivery = Some(rule.scenario);
            }
            Stage::Notice => self.notices.push(rule.scenario),
            _ => {}
        }
    }
}
