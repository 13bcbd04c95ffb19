//! The doctor, from JSON text.

use serde::Deserialize;
use serde_json::json;
use taxrefund_core::keys::doctor::{DoctorInput, examine};

use crate::{Problem, json, settings};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Input {
    environment: Option<String>,
    merchant_private_key: Option<String>,
    merchant_public_key: Option<String>,
    platform_public_key: Option<String>,
    app_certificate: Option<String>,
    platform_certificate: Option<String>,
    root_bundle: Option<String>,
}

/// Examines keys and certificates: `{"environment", "findings": [{"subject", "what_it_is", "problem", "advice"}], "healthy",
/// "text"}`, the text being a table for people.
///
/// # Errors
/// An input with unknown members. What is wrong with a key is a finding.
pub fn examined(input: &str, now_epoch_s: i64) -> Result<String, Problem> {
    let input: Input = settings("doctor", input)?;
    fn bytes(text: &Option<String>) -> Option<&[u8]> {
        text.as_deref().map(str::as_bytes)
    }
    let report = examine(&DoctorInput {
        environment: input.environment.as_deref(),
        merchant_private_key: bytes(&input.merchant_private_key),
        merchant_public_key: bytes(&input.merchant_public_key),
        platform_public_key: bytes(&input.platform_public_key),
        app_certificate: bytes(&input.app_certificate),
        platform_certificate: bytes(&input.platform_certificate),
        root_bundle: bytes(&input.root_bundle),
        ..DoctorInput::at(now_epoch_s)
    });
    Ok(json(&json!({
        "environment": report.environment,
        "findings": report.findings,
        "healthy": report.is_healthy(),
        "text": report.to_string(),
    })))
}
