//! Tables and texts, money and dates.

use serde::Serialize;
use serde_json::json;
use taxrefund_core::currency::Currency;
use taxrefund_core::datetime::{GatewayTime, OffsetDateTime};
use taxrefund_core::explain::{self, Language};
use taxrefund_core::notification::Reply;
use taxrefund_core::{
    ConfigurationError, Environment, Fault, FlowState, Money, NextStep, Policy, Profile, codes, operations,
    retry,
};

use crate::{Problem, json, settings};

/// A result as JSON text.
#[must_use]
pub fn to_json(value: &impl Serialize) -> String {
    json(value)
}

/// An open refund's state, as an *unknown* outcome holds it.
///
/// # Errors
/// A text that is none.
pub fn state(text: &str) -> Result<FlowState, Problem> {
    serde_json::from_str(text).map_err(|_| {
        Problem::from(ConfigurationError {
            field: "state".to_owned(),
            code: codes::STATE_UNREADABLE,
            message: "cannot be read: give it exactly as the unknown outcome held it".to_owned(),
        })
    })
}

/// A reply to a notification: `{"status", "headers": [[name, value]], "body"}`.
///
/// # Errors
/// A text that is none.
pub fn reply(text: &str) -> Result<Reply, Problem> {
    settings("reply", text)
}

/// `production` or `sandbox`.
#[must_use]
pub fn environment(profile: &Profile) -> &'static str {
    match profile.environment() {
        Environment::Production => "production",
        Environment::Sandbox => "sandbox",
    }
}

/// A fault by its name; one that a transport cannot know of reads as a broken connection.
#[must_use]
pub fn transport_fault(name: &str, detail: &str) -> Fault {
    match name {
        "timeout" => Fault::Timeout,
        "connect_failed" => Fault::ConnectFailed,
        "refused" => Fault::Refused,
        "tls" => Fault::Tls(detail.to_owned()),
        "dns" => Fault::Dns,
        "proxy" => Fault::Proxy,
        "too_large" => Fault::TooLarge,
        "malformed" => Fault::Malformed(detail.to_owned()),
        _ => Fault::Reset,
    }
}

/// Where waits are drawn from when nobody gives a seed.
#[must_use]
pub fn seed() -> u64 {
    std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0)
}

/// Every operation with its decision tables, as a JSON list.
#[must_use]
pub fn operations() -> String {
    json(&operations::all().map(|entry| entry.spec).collect::<Vec<_>>())
}

/// Everything the core decides and explains.
#[must_use]
pub fn tables() -> String {
    let texts = |language| {
        json!({
            "codes": explain::all(language).collect::<Vec<_>>(),
            "steps": explain::all_steps(language).collect::<Vec<_>>(),
        })
    };
    json(&json!({
        "attempts": {
            "least": retry::ATTEMPTS.start(),
            "most": retry::ATTEMPTS.end(),
            "default": Policy::default().attempts,
        },
        "operations": operations::all().map(|entry| entry.spec).collect::<Vec<_>>(),
        "english": texts(Language::English),
        "chinese": texts(Language::Chinese),
    }))
}

/// What a code means and what to do: a JSON list of `{"protocol", "code", "meaning", "action"}`, empty for an unknown one.
///
/// # Errors
/// An unknown language; there are `english` and `chinese`.
pub fn explained(code: &str, language: &str) -> Result<String, Problem> {
    Ok(json(&explain::explain(code, language_of(language)?)))
}

/// What people do at a next step: `{"step", "clerk", "engineer", "traveller"}`; `None` for an unknown one.
///
/// # Errors
/// An unknown language.
pub fn explained_step(step: &str, language: &str) -> Result<Option<String>, Problem> {
    let language = language_of(language)?;
    let Ok(step) = serde_json::from_value::<NextStep>(step.into()) else { return Ok(None) };
    Ok(explain::explain_step(step, language).map(|text| json(&text)))
}

pub(crate) fn language_of(name: &str) -> Result<Language, Problem> {
    match name {
        "english" => Ok(Language::English),
        "chinese" => Ok(Language::Chinese),
        _ => Err(Problem::configuration("language", "must be english or chinese")),
    }
}

/// How a flow repeats, from JSON; absent members are the defaults.
///
/// # Errors
/// What cannot be read. Bounds are checked where the policy is used.
pub fn policy(text: &str) -> Result<Policy, Problem> {
    settings("policy", text)
}

/// The count of smallest units of an amount in major units: `"100.00"` in SGD is 10000.
///
/// # Errors
/// What is wrong with the amount or the currency.
pub fn money_minor(text: &str, currency: &str) -> Result<u64, Problem> {
    Ok(Money::parse_major(text, Currency::parse(currency)?)?.minor())
}

/// The text in major units: 10000 in SGD is `"100.00"`.
///
/// # Errors
/// What is wrong with the currency.
pub fn money_major(minor: u64, currency: &str) -> Result<String, Problem> {
    Ok(Money::from_minor(minor, Currency::parse(currency)?).to_major_text())
}

/// How many decimals a currency has.
///
/// # Errors
/// What is wrong with the currency.
pub fn minor_units(currency: &str) -> Result<u8, Problem> {
    Ok(Currency::parse(currency)?.minor_units())
}

/// A moment as the open gateway writes it: `yyyy-MM-dd HH:mm:ss`, the wall clock of UTC+8.
#[must_use]
pub fn gateway_time(epoch_ms: u64) -> String {
    GatewayTime::from_epoch_ms(epoch_ms).to_string()
}

/// A moment as Alipay+ and Antom write it: ISO 8601 with its offset.
///
/// # Errors
/// An offset that no place has.
pub fn offset_time(epoch_ms: u64, offset_minutes: i32) -> Result<String, Problem> {
    Ok(OffsetDateTime::from_epoch_ms(epoch_ms, offset_minutes)?.to_string())
}

/// The moment of a text in either shape, in milliseconds since 1970.
///
/// # Errors
/// A text of neither shape.
pub fn parse_time(text: &str) -> Result<i64, Problem> {
    if text.contains('T') {
        return Ok(OffsetDateTime::parse(text)?.epoch_ms());
    }
    Ok(GatewayTime::parse(text)?.epoch_ms())
}
