//! What travels: requests and answers as bytes, faults by name, and what an answer says once its signature was checked.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::json::JsonError;
use crate::outcome::Reason;

/// Response headers may have at most this many bytes together (64 KiB).
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// An HTTP request, ready to send: nothing of it may be changed, its signature covers bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Always `POST`.
    pub method: &'static str,
    /// Absolute URL, query string included.
    pub url: String,
    /// Headers in the order to send them.
    pub headers: Vec<(&'static str, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// The exchange must be over after this, the last byte of the answer included.
    pub timeout: Duration,
    /// Which interface this calls: `pay`, `query`, …
    pub interface: &'static str,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("HttpRequest")
            .field("interface", &self.interface)
            .field("address", &address)
            .field("body", &format_args!("«{} bytes»", self.body.len()))
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// An HTTP answer as it came.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// All headers; names in any case.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte, transfer encoding removed.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The value of a header, its name compared without case. A header given twice reads as absent: which one was
    /// meant cannot be known.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// See [`HttpResponse::header`].
pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let value = values.next()?;
    if values.next().is_some() { None } else { Some(value.1.trim()) }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body", &format_args!("«{} bytes»", self.body.len()))
            .finish_non_exhaustive()
    }
}

/// Why there is no result. For money they all mean the same: it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// No complete answer in time.
    #[error("no complete answer in time")]
    Timeout,
    /// The connection could not be made.
    #[error("the connection could not be made")]
    ConnectFailed,
    /// The connection was refused.
    #[error("the connection was refused")]
    Refused,
    /// The connection broke before the answer was complete.
    #[error("the connection broke before the answer was complete")]
    Reset,
    /// The TLS handshake or the certificate failed.
    #[error("the TLS handshake failed: {0}")]
    Tls(String),
    /// The host name could not be resolved.
    #[error("the host name could not be resolved")]
    Dns,
    /// The proxy refused or failed.
    #[error("the proxy failed")]
    Proxy,
    /// A status other than 200.
    #[error("HTTP status {0} instead of 200")]
    HttpStatus(u16),
    /// A redirect; redirects are never followed.
    #[error("redirected (HTTP status {0}); redirects are not followed")]
    Redirect(u16),
    /// The body or the headers are larger than allowed.
    #[error("the answer is larger than allowed")]
    TooLarge,
    /// The body is not a JSON object.
    #[error("the body is not the protocol's JSON: {0}")]
    NotJson(String),
    /// JSON nested too deep.
    #[error("the body's JSON is nested too deep")]
    TooDeep,
    /// A key occurs twice.
    #[error("the key \"{0}\" occurs twice in the answer")]
    DuplicateKey(String),
    /// JSON, but not an answer of this protocol.
    #[error("not an answer of this protocol: {0}")]
    Malformed(String),
    /// Not text in the account's charset.
    #[error("the body is not text in the account's charset")]
    Charset,
    /// No signature.
    #[error("the answer carries no signature")]
    Unsigned,
    /// A signature without its time, or a time without its signature.
    #[error("the answer is half signed: {0}")]
    HalfSigned(String),
    /// The signature does not fit the bytes under the platform's key and the pinned algorithm.
    #[error("the answer's signature is wrong: {0}")]
    BadSignature(String),
    /// An answer to another method.
    #[error("the answer belongs to another method")]
    OtherMethod,
    /// An answer for another client id.
    #[error("the answer is for another client id")]
    OtherClient,
    /// An answer about another request.
    #[error("the answer is about another request")]
    OtherRequest,
    /// The signer gave no usable signature; nothing was sent.
    #[error("the signer gave no usable signature, so nothing was sent: {0}")]
    SignerFailed(String),
    /// The total deadline ended.
    #[error("the total deadline ended")]
    Deadline,
    /// The caller cancelled.
    #[error("cancelled by the caller")]
    Cancelled,
}

impl Fault {
    /// The stable code: `timeout`, `bad_signature`, …
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::ConnectFailed => "connect_failed",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Tls(_) => "tls",
            Self::Dns => "dns",
            Self::Proxy => "proxy",
            Self::HttpStatus(_) => "http_status",
            Self::Redirect(_) => "redirect",
            Self::TooLarge => "too_large",
            Self::NotJson(_) => "not_json",
            Self::TooDeep => "too_deep",
            Self::DuplicateKey(_) => "duplicate_key",
            Self::Malformed(_) => "malformed",
            Self::Charset => "charset",
            Self::Unsigned => "unsigned",
            Self::HalfSigned(_) => "half_signed",
            Self::BadSignature(_) => "bad_signature",
            Self::OtherMethod => "other_method",
            Self::OtherClient => "other_client",
            Self::OtherRequest => "other_request",
            Self::SignerFailed(_) => "signer_failed",
            Self::Deadline => "deadline",
            Self::Cancelled => "cancelled",
        }
    }

    pub(crate) fn reason(&self) -> Reason {
        Reason {
            code: self.code().to_owned(),
            sub_code: None,
            message: Some(self.to_string()),
            verified: false,
        }
    }
}

impl From<JsonError> for Fault {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::DuplicateKey(key) => Self::DuplicateKey(key),
            JsonError::TooDeep => Self::TooDeep,
            JsonError::Malformed(text) => Self::NotJson(text),
        }
    }
}

/// What an exchange gave.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The signature over exactly these bytes was good.
    Verified(Verified),
    /// Nobody's word: a refusal without a good signature that names our configuration.
    ConfigurationRefusal(Reason),
    /// Nothing that can be relied on.
    NoResult(Reason),
}

/// A verified answer's content.
#[derive(Clone)]
pub(crate) struct Verified {
    /// Gateway `code`, or `resultCode`.
    pub(crate) code: Option<String>,
    /// Gateway `sub_code`, without its prefix.
    pub(crate) sub_code: Option<String>,
    /// `resultStatus` of the header-signed protocols.
    pub(crate) status: Option<String>,
    /// The provider's text.
    pub(crate) message: Option<String>,
    /// The whole answer object.
    pub(crate) fields: Map<String, Value>,
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("code", &self.code)
            .field("sub_code", &self.sub_code)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Verified {
    pub(crate) fn reason(&self) -> Reason {
        Reason {
            code: self.code.clone().or_else(|| self.status.clone()).unwrap_or_default(),
            sub_code: self.sub_code.clone(),
            message: self.message.clone(),
            verified: true,
        }
    }
}
