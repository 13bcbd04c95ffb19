//! What can go wrong before or beside an exchange. An exchange's own result is never an error: it is an [`Outcome`].
//!
//! [`Outcome`]: crate::Outcome

use std::fmt;

use crate::codes;
use crate::flow::FlowMisuse;
use crate::keys::KeyError;
use crate::validation::Violation;

/// Any reason why a call gave no outcome. Nothing was sent by this call when one is returned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request breaks rules; each is named.
    #[error(transparent)]
    InvalidRequest(#[from] InvalidRequest),
    /// Keys, addresses or options are wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// A flow was driven in a way that makes no sense; a fault of the driver.
    #[error(transparent)]
    Misuse(#[from] FlowMisuse),
}

impl Error {
    /// The stable code; all of them are listed in [`crate::codes`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => codes::INVALID_REQUEST,
            Self::Configuration(error) => error.code,
            Self::Misuse(_) => codes::FLOW_MISUSE,
        }
    }
}

/// A request that breaks rules. Nothing was signed or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRequest {
    /// `alipay.pay_tax_refund`, …
    pub operation: &'static str,
    /// Everything that is wrong, in field order.
    pub violations: Vec<Violation>,
}

impl std::error::Error for InvalidRequest {}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.violations.len();
        write!(
            f,
            "{}: nothing was sent; {count} problem{}",
            self.operation,
            if count == 1 { "" } else { "s" }
        )?;
        for violation in &self.violations {
            write!(f, "\n  {violation}")?;
        }
        Ok(())
    }
}

/// A setting that cannot be used. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct ConfigurationError {
    /// Which setting.
    pub field: String,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong and what to do; never holds key material.
    pub message: String,
}

impl ConfigurationError {
    pub(crate) fn new(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code, message: message.into() }
    }

    pub(crate) fn key(field: &str) -> impl Fn(KeyError) -> Self {
        let field = field.to_owned();
        move |error| Self { field: field.clone(), code: error.code(), message: error.to_string() }
    }
}
