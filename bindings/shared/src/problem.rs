//! What went wrong, as data: each language makes its own error class of it.

use serde::Serialize;
use serde_json::{Map, Value};
use taxrefund_core::batch::BatchError;
use taxrefund_core::counter::{NotAnOutcome, ScanError};
use taxrefund_core::datetime::DateTimeError;
use taxrefund_core::keys::{CertificateError, KeyError};
use taxrefund_core::money::MoneyError;
use taxrefund_core::{
    ConfigurationError, Error, Fault, FlowMisuse, InvalidRequest, NotificationRefused, codes,
};
use taxrefund_journal::settlement::SettlementError;
use taxrefund_journal::{JournalError, StoreError};
#[cfg(feature = "sandbox")]
use taxrefund_sandbox::{FaultError, SandboxError};

/// What went wrong. `kind` chooses the error class, `code` is stable, `message` is for people; `details` depend on the kind.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// `invalid_request`, `configuration`, `misuse`, `key_reused`, `form_taken`, `busy`, `taken_over`, `not_found`,
    /// `only_reads`, `journal`, `file`, `batch`, `settlement`, `money`, `date`, `notification_refused`, `answer_refused`,
    /// `scanned_code`, `sandbox`.
    pub kind: &'static str,
    /// The stable code, one of [`codes`] or a fault's.
    pub code: String,
    /// The whole of it for people; never holds personal data.
    pub message: String,
    /// What programs may want beside it.
    #[serde(flatten)]
    pub details: Box<Map<String, Value>>,
}

impl Problem {
    fn new(kind: &'static str, code: &str, message: impl Into<String>) -> Self {
        Self { kind, code: code.to_owned(), message: message.into(), details: Box::default() }
    }

    fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.details.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }

    /// A setting that cannot be used.
    #[must_use]
    pub fn configuration(field: &str, message: &str) -> Self {
        Self::new("configuration", codes::CONFIGURATION, format!("{field}: {message}")).with("field", field)
    }

    /// A call that makes no sense here.
    #[must_use]
    pub fn misuse(message: &str) -> Self {
        Self::new("misuse", codes::FLOW_MISUSE, message)
    }

    /// A file beside the journal that cannot be read or written.
    #[must_use]
    pub fn file(path: &str, error: std::io::Error) -> Self {
        JournalError::File { what: path.to_owned(), error }.into()
    }

    /// The problem as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        crate::json(self)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidRequest(error) => error.into(),
            Error::Configuration(error) => error.into(),
            Error::Misuse(error) => error.into(),
            other => Self::new("misuse", other.code(), other.to_string()),
        }
    }
}

impl From<InvalidRequest> for Problem {
    fn from(error: InvalidRequest) -> Self {
        Self::new("invalid_request", codes::INVALID_REQUEST, error.to_string())
            .with("operation", error.operation)
            .with("violations", error.violations)
    }
}

impl From<ConfigurationError> for Problem {
    fn from(error: ConfigurationError) -> Self {
        Self::new("configuration", error.code, error.to_string()).with("field", error.field)
    }
}

impl From<FlowMisuse> for Problem {
    fn from(error: FlowMisuse) -> Self {
        Self::new("misuse", codes::FLOW_MISUSE, error.to_string())
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        Self::new("configuration", error.code(), error.to_string()).with("field", "key")
    }
}

impl From<CertificateError> for Problem {
    fn from(error: CertificateError) -> Self {
        Self::new("configuration", error.code(), error.to_string()).with("field", "certificate")
    }
}

impl From<MoneyError> for Problem {
    fn from(error: MoneyError) -> Self {
        Self::new("money", error.code(), error.to_string())
    }
}

impl From<DateTimeError> for Problem {
    fn from(error: DateTimeError) -> Self {
        Self::new("date", error.code(), error.to_string())
    }
}

impl From<BatchError> for Problem {
    fn from(error: BatchError) -> Self {
        Self::new("batch", error.code(), error.to_string())
    }
}

impl From<SettlementError> for Problem {
    fn from(error: SettlementError) -> Self {
        Self::new("settlement", error.code(), error.to_string())
    }
}

impl From<ScanError> for Problem {
    fn from(error: ScanError) -> Self {
        let problem = Self::new("scanned_code", error.code(), error.to_string());
        match error {
            ScanError::WrongLength { digits } => problem.with("digits", digits),
            _ => problem,
        }
    }
}

impl From<NotAnOutcome> for Problem {
    fn from(error: NotAnOutcome) -> Self {
        Self::new("configuration", error.code(), format!("outcome: {error}")).with("field", "outcome")
    }
}

impl From<NotificationRefused> for Problem {
    fn from(error: NotificationRefused) -> Self {
        Self::new("notification_refused", error.fault.code(), error.to_string())
            .with("fault", error.fault.code())
            .with("reply", error.reply)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::new("answer_refused", fault.code(), fault.to_string()).with("fault", fault.code())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::new("journal", error.fault.code(), error.to_string())
    }
}

#[cfg(feature = "sandbox")]
impl From<SandboxError> for Problem {
    fn from(error: SandboxError) -> Self {
        Self::new("sandbox", codes::CONFIGURATION, error.to_string())
    }
}

#[cfg(feature = "sandbox")]
impl From<FaultError> for Problem {
    fn from(error: FaultError) -> Self {
        Self::new("sandbox", codes::CONFIGURATION, error.to_string())
    }
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        let (code, message) = (error.code(), error.to_string());
        let of = |kind| Self::new(kind, code, message.clone());
        match error {
            JournalError::InvalidRequest(error) => error.into(),
            JournalError::Configuration(error) => error.into(),
            JournalError::Misuse(error) => error.into(),
            JournalError::Store(error) => error.into(),
            JournalError::KeyReused { operation, key, fields, state } => of("key_reused")
                .with("operation", operation)
                .with("key", key)
                .with("fields", fields)
                .with("state", state),
            JournalError::FormTaken { form, key, state } => {
                of("form_taken").with("form", form).with("key", key).with("state", state)
            }
            JournalError::Busy { key, owner } => of("busy").with("key", key).with("owner", owner),
            JournalError::TakenOver { key } => of("taken_over").with("key", key),
            JournalError::NotFound { key } => of("not_found").with("key", key),
            JournalError::OnlyReads { operation } => of("only_reads").with("operation", operation),
            JournalError::File { .. } => of("file"),
            _ => of("journal"),
        }
    }
}
