//! What a code means and what to do about it, in English and Chinese.

mod alipay;
mod alipay_plus;
mod antom;
mod errors;
mod faults;
mod rules;
mod steps;

pub use rules::{field_in, given_in, message_in};

use serde::Serialize;

use crate::decision::{NextStep, Protocol};

struct Text {
    protocol: Protocol,
    code: &'static str,
    meaning_en: &'static str,
    action_en: &'static str,
    meaning_zh: &'static str,
    action_zh: &'static str,
}

/// Which language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

/// A code's meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Whose code; `None` for our own words for faults.
    pub protocol: Option<Protocol>,
    /// The code as it is listed.
    pub code: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// What to do.
    pub action: &'static str,
}

/// What the people around a refund do at a next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepExplanation {
    /// The step.
    pub step: &'static str,
    /// What the person at the counter does.
    pub clerk: &'static str,
    /// What the engineer does.
    pub engineer: &'static str,
    /// What the traveller is told.
    pub traveller: &'static str,
}

/// Everything known of a code: provider codes, sub codes, faults (`timeout`), states (`status:F`), the library's own
/// [error codes](crate::codes).
///
/// A prefix such as `ACQ.` is tried with and without.
///
/// ```
/// use taxrefund_core::explain::{Language, explain};
/// let found = explain("REFUND_WINDOW_EXCEED", Language::English);
/// assert_eq!(found[0].code, "REFUND_WINDOW_EXCEED");
/// ```
#[must_use]
pub fn explain(code: &str, language: Language) -> Vec<Explanation> {
    let found = exactly(code, language);
    match code.rsplit_once('.') {
        Some((_, rest)) if found.is_empty() => exactly(rest, language),
        _ => found,
    }
}

/// A code's meaning within one protocol.
#[must_use]
pub fn explain_in(protocol: Protocol, code: &str, language: Language) -> Option<Explanation> {
    explain(code, language).into_iter().find(|found| found.protocol.is_none_or(|known| known == protocol))
}

/// What one of the library's own [error codes](crate::codes) means.
#[must_use]
pub fn explain_error(code: &str, language: Language) -> Option<Explanation> {
    let at = errors::ERROR_TEXTS.binary_search_by_key(&code, |text| text.code).ok()?;
    Some(errors::ERROR_TEXTS[at].in_language(language))
}

/// What to do at a next step.
#[must_use]
pub fn explain_step(step: NextStep, language: Language) -> Option<StepExplanation> {
    let text = steps::STEP_TEXTS.iter().find(|text| text.step == step.as_str())?;
    Some(text.in_language(language))
}

/// Every code that is explained: protocol by protocol, our own words for faults last, each part sorted by code.
pub fn all(language: Language) -> impl Iterator<Item = Explanation> {
    let codes = [alipay::TEXTS, alipay_plus::TEXTS, antom::TEXTS].into_iter().flatten();
    let faults = faults::FAULT_TEXTS.iter();
    codes
        .map(move |text| text.in_language(language))
        .chain(faults.map(move |text| text.in_language(language)))
}

/// Every error code of the library itself that is explained, sorted.
pub fn all_errors(language: Language) -> impl Iterator<Item = Explanation> {
    errors::ERROR_TEXTS.iter().map(move |text| text.in_language(language))
}

/// Every next step, sorted by its name.
pub fn all_steps(language: Language) -> impl Iterator<Item = StepExplanation> {
    steps::STEP_TEXTS.iter().map(move |text| text.in_language(language))
}

fn exactly(code: &str, language: Language) -> Vec<Explanation> {
    let mut found = Vec::new();
    for table in [alipay::TEXTS, alipay_plus::TEXTS, antom::TEXTS] {
        if let Ok(at) = table.binary_search_by_key(&code, |text| text.code) {
            found.push(table[at].in_language(language));
        }
    }
    if let Ok(at) = faults::FAULT_TEXTS.binary_search_by_key(&code, |text| text.fault) {
        found.push(faults::FAULT_TEXTS[at].in_language(language));
    }
    found.extend(explain_error(code, language));
    found
}

impl Text {
    fn in_language(&self, language: Language) -> Explanation {
        let (meaning, action) = match language {
            Language::English => (self.meaning_en, self.action_en),
            Language::Chinese => (self.meaning_zh, self.action_zh),
        };
        Explanation { protocol: Some(self.protocol), code: self.code, meaning, action }
    }
}

impl faults::FaultText {
    fn in_language(&self, language: Language) -> Explanation {
        let (meaning, action) = match language {
            Language::English => (self.meaning_en, self.action_en),
            Language::Chinese => (self.meaning_zh, self.action_zh),
        };
        Explanation { protocol: None, code: self.fault, meaning, action }
    }
}

impl errors::ErrorText {
    fn in_language(&self, language: Language) -> Explanation {
        let (meaning, action) = match language {
            Language::English => (self.meaning_en, self.action_en),
            Language::Chinese => (self.meaning_zh, self.action_zh),
        };
        Explanation { protocol: None, code: self.code, meaning, action }
    }
}

impl steps::StepText {
    fn in_language(&self, language: Language) -> StepExplanation {
        let (clerk, engineer, traveller) = match language {
            Language::English => (self.clerk_en, self.engineer_en, self.traveller_en),
            Language::Chinese => (self.clerk_zh, self.engineer_zh, self.traveller_zh),
        };
        StepExplanation { step: self.step, clerk, engineer, traveller }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{Action, When};
    use crate::operations;

    #[test]
    fn every_table_is_sorted_so_that_it_can_be_searched() {
        for table in [alipay::TEXTS, alipay_plus::TEXTS, antom::TEXTS] {
            assert!(table.is_sorted_by(|a, b| a.code < b.code), "sorted by code, each once");
        }
        assert!(faults::FAULT_TEXTS.is_sorted_by(|a, b| a.fault < b.fault));
        assert!(errors::ERROR_TEXTS.is_sorted_by(|a, b| a.code < b.code));
        assert!(steps::STEP_TEXTS.is_sorted_by(|a, b| a.step < b.step));
    }

    #[test]
    fn every_text_is_written_and_in_its_language() {
        let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for language in [Language::English, Language::Chinese] {
            let codes = all(language)
                .chain(all_errors(language))
                .flat_map(|text| [(text.code, text.meaning), (text.code, text.action)]);
            let steps = all_steps(language)
                .flat_map(|text| [text.clerk, text.engineer, text.traveller].map(|words| (text.step, words)));
            for (code, words) in codes.chain(steps) {
                assert!(!code.trim().is_empty() && !words.trim().is_empty(), "{code}");
                assert_eq!(words.chars().any(is_chinese), language == Language::Chinese, "{code}: {words}");
            }
        }
    }

    #[test]
    fn every_code_of_every_decision_table_is_explained_in_both_languages() {
        for spec in operations::all().map(|entry| entry.spec) {
            for rule in spec.phases.iter().flat_map(|phase| phase.rules) {
                for when in rule.when {
                    let codes = match when {
                        When::Code(codes) | When::SubCode(codes) => *codes,
                        _ => &[],
                    };
                    for code in codes {
                        for language in [Language::English, Language::Chinese] {
                            assert!(!explain(code, language).is_empty(), "{}: {code}", spec.name);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_next_step_of_every_decision_table_has_its_words() {
        let step_of = |action: Action| match action {
            Action::Fail(step) | Action::Unknown(step) => Some(step),
            Action::Repeat(_, Action::Unknown(step)) => Some(*step),
            _ => None,
        };
        for rule in operations::all().flat_map(|entry| entry.spec.phases).flat_map(|phase| phase.rules) {
            if let Some(step) = step_of(rule.then) {
                assert!(explain_step(step, Language::Chinese).is_some(), "{step:?}");
            }
        }
    }
}
