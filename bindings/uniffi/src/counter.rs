//! What a refund counter needs: the scanned code, the account to confirm, what to say and do.

use taxrefund_bindings::counter;

use crate::problem::Result;

/// What was scanned or typed, as JSON. A text that is no payment code and no login account: problem `scanned_code`.
#[uniffi::export]
pub fn native_scanned_code(text: String) -> Result<String> {
    Ok(counter::scanned_code(&text)?)
}

/// Whose account it is, as JSON, from a response of `query_user_info`; masked unless `revealed`.
#[uniffi::export]
pub fn native_confirmation(response_json: String, revealed: bool) -> Result<String> {
    Ok(counter::confirmation(&response_json, revealed)?)
}

/// Whether the account can receive refunds, as JSON, from an outcome of `query_user_info`. `language`: `english`, `chinese`.
#[uniffi::export]
pub fn native_eligibility(outcome_json: String, language: String) -> Result<String> {
    Ok(counter::eligibility(&outcome_json, &language)?)
}

/// What to say and do about an outcome of any operation, as JSON.
#[uniffi::export]
pub fn native_advice(outcome_json: String, language: String) -> Result<String> {
    Ok(counter::advice(&outcome_json, &language)?)
}

/// A whole problem for people, in that language.
#[uniffi::export]
pub fn native_problem_text(problem_json: String, language: String) -> Result<String> {
    Ok(counter::problem_text(&problem_json, &language)?)
}
