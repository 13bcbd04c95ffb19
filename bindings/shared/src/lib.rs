//! What the language packages share, so that their native modules stay small and do not grow with operations.
//!
//! Settings come in as JSON text, results go out as JSON text, and whatever goes wrong is a [`Problem`]: data from which each
//! language makes its own error class. Nothing here decides anything about money; that is the core's and the journal's.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod account;
pub mod asking;
pub mod counter;
pub mod crypto;
pub mod data;
pub mod doctor;
pub mod durable;
#[cfg(feature = "client")]
pub mod http;
mod problem;
#[cfg(feature = "sandbox")]
pub mod sandbox;

pub use problem::Problem;

/// Reads settings given as JSON text.
///
/// # Errors
/// A [`Problem`] of the kind `configuration` that names the setting.
pub(crate) fn settings<T: serde::de::DeserializeOwned>(what: &str, json: &str) -> Result<T, Problem> {
    serde_json::from_str(json).map_err(|error| {
        // From the right: what is left of it may be a value that was given, and hold anything.
        let text = error.to_string();
        let said = text.rsplit_once(" at line ").map_or(text.as_str(), |(said, _)| said);
        Problem::configuration(what, said)
    })
}

/// A result as JSON text.
pub(crate) fn json(value: &impl serde::Serialize) -> String {
    // Nothing that goes out has keys or numbers that JSON cannot hold.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_cannot_be_read_is_named_without_the_value() {
        let problem = durable::worker_options(r#"{"exchanges": "E12345678"}"#).err().unwrap();
        assert_eq!((problem.kind, problem.code.as_str()), ("configuration", "configuration"));
        let problem = durable::filter(r#"{"state": "paid"}"#).err().unwrap();
        assert!(problem.message.contains("open, waiting, succeeded, failed, unknown"), "{}", problem.message);
    }

    #[test]
    fn an_unknown_operation_lists_those_that_there_are() {
        let problem = durable::operation("alipay.pay").err().unwrap();
        assert!(problem.message.contains("alipay.pay_tax_refund"), "{}", problem.message);
    }

    #[test]
    fn an_account_without_a_key_says_which_keys_it_takes() {
        let problem =
            account::profile(r#"{"protocol": "alipay", "app_id": "1", "alipay_public_key": "x"}"#, None);
        let problem = problem.err().unwrap();
        assert_eq!(problem.kind, "configuration");
        let problem = account::profile(r#"{"protocol": "paypal"}"#, None).err().unwrap();
        assert!(problem.message.contains("account"), "{}", problem.message);
    }

    #[test]
    fn money_and_dates_go_both_ways() {
        assert_eq!(data::money_minor("123.45", "SGD").unwrap(), 12_345);
        assert_eq!(data::money_major(12_345, "SGD").unwrap(), "123.45");
        assert_eq!(data::parse_time(&data::gateway_time(1_795_395_723_000)).unwrap(), 1_795_395_723_000);
        let offset = data::offset_time(1_795_395_723_000, 480).unwrap();
        assert_eq!(data::parse_time(&offset).unwrap(), 1_795_395_723_000);
    }

    #[test]
    fn a_problem_keeps_what_programs_need_beside_its_text() {
        let json = serde_json::to_value(Problem::configuration("journal.owner", "is empty")).unwrap();
        assert_eq!(json["field"], "journal.owner");
        assert_eq!(json["message"], "journal.owner: is empty");
    }
}
