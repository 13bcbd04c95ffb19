//! The counter's functions: what was scanned, whose account it is, what to say and do about an outcome or a problem.

use serde_json::{Map, Value, json};
use taxrefund_core::alipay::QueryUserInfoResponse;
use taxrefund_core::counter::{Advice, Confirmation, Eligibility, ScannedCode, Told};
use taxrefund_core::explain::{Language, explain};
use taxrefund_core::json::parse_object;

use crate::data::language_of;
use crate::{Problem, json};

/// What was scanned or typed: `{"identify_account_type": "barcode" | "logonId", "identify_account_no", "masked",
/// "warnings": [{"path", "rule", "message"}]}`. Show `masked`; `identify_account_no` goes into the request.
///
/// # Errors
/// A [`Problem`] of the kind `scanned_code` with a code `scan_…`; it holds nothing of the text.
pub fn scanned_code(text: &str) -> Result<String, Problem> {
    let code = ScannedCode::parse(text)?;
    Ok(json(&json!({
        "identify_account_type": code.account_type(),
        "identify_account_no": code.number(),
        "masked": code.masked(),
        "warnings": code.warnings(),
    })))
}

/// Whose account it is, from the response of `query_user_info` in wire names: `{"name", "login", "user_id"}`, each `null`
/// where the answer did not say; masked unless `revealed`.
///
/// # Errors
/// A text that is no JSON object.
pub fn confirmation(response: &str, revealed: bool) -> Result<String, Problem> {
    let object = parse_object(response)
        .map_err(|_| Problem::configuration("response", "must be the response's JSON as it came"))?;
    let response: QueryUserInfoResponse = serde_json::from_value(Value::Object(object)).unwrap_or_default();
    let confirmation = Confirmation::of(&response);
    Ok(json(&if revealed { confirmation.revealed() } else { confirmation.masked() }))
}

/// Whether the account can receive refunds, from an outcome of `query_user_info`: `{"verdict": "eligible" |
/// "not_eligible" | "undetermined", "code", "title", "traveller", "clerk"}`.
///
/// # Errors
/// A text that is no outcome, an unknown language.
pub fn eligibility(outcome: &str, language: &str) -> Result<String, Problem> {
    let language = language_of(language)?;
    Ok(json(&Eligibility::of(&Told::read(outcome)?, language)))
}

/// What to say and do about an outcome of any operation: `{"outcome": "succeeded" | "failed" | "unknown", "next_step",
/// "title", "traveller", "clerk", "may_start_new", "may_ask_again"}`.
///
/// # Errors
/// A text that is no outcome, an unknown language.
pub fn advice(outcome: &str, language: &str) -> Result<String, Problem> {
    let language = language_of(language)?;
    Ok(json(&Advice::on(&Told::read(outcome)?, language)))
}

/// A whole problem for people, from its JSON: what it is, where, what was given, what to do.
///
/// # Errors
/// A text that is no problem, an unknown language.
pub fn problem_text(problem: &str, language: &str) -> Result<String, Problem> {
    let language = language_of(language)?;
    let problem = parse_object(problem).ok().filter(|object| object.contains_key("code"));
    let problem =
        problem.ok_or_else(|| Problem::configuration("problem", "must be the problem's JSON as it came"))?;
    Ok(worded(&problem, language))
}

fn worded(problem: &Map<String, Value>, language: Language) -> String {
    let text = |name: &str| problem.get(name).and_then(Value::as_str).unwrap_or_default();
    let explanation = explain(text("code"), language).into_iter().next();
    match (language, explanation) {
        (Language::Chinese, Some(explanation)) => format!("{}{}", explanation.meaning, explanation.action),
        _ => text("message").to_owned(),
    }
}
