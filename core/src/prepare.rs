//! From a request to frozen business bytes: checked as a whole, fixed, fingerprinted.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::decision::OperationSpec;
use crate::json::{parse_object, text_at};
use crate::money::Amount;
use crate::profile::Profile;
use crate::redact::excerpt;
use crate::validation::{Checks, Violation, Warning};
use crate::{ConfigurationError, Error, InvalidRequest, codes};

/// An operation: its request, its answer, its rules. One file each, under the protocol's folder.
pub trait Operation: 'static {
    /// What is asked.
    type Request: Serialize + DeserializeOwned + Described;
    /// What is answered.
    type Response: Serialize + DeserializeOwned + Default + Described;

    /// Name, tables and the rest.
    const SPEC: &'static OperationSpec;

    /// Everything that is wrong with a request.
    fn check(request: &Self::Request, checks: &mut Checks);

    /// The idempotency key.
    fn key(request: &Self::Request) -> String;

    /// The content of each interface that the flow may call, by the interface's name.
    ///
    /// # Errors
    /// When a request cannot be written as JSON.
    fn freeze(request: &Self::Request) -> serde_json::Result<Vec<(&'static str, String)>>;
}

/// What a model must have beside its JSON: with the feature `schema`, a description of itself.
#[cfg(feature = "schema")]
pub use schemars::JsonSchema as Described;

/// What a model must have beside its JSON: nothing without the feature `schema`.
#[cfg(not(feature = "schema"))]
pub trait Described {}

#[cfg(not(feature = "schema"))]
impl<T> Described for T {}

/// A request that may be sent: valid, its business bytes fixed for ever. Every repeat sends exactly these.
#[derive(Clone)]
pub struct Prepared {
    pub(crate) spec: &'static OperationSpec,
    pub(crate) key: String,
    pub(crate) bodies: Vec<(&'static str, String)>,
    pub(crate) fingerprint: String,
    pub(crate) warnings: Vec<Warning>,
}

impl Prepared {
    /// Checks a request and freezes it for an account.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] with everything that is wrong. Nothing was signed or sent.
    pub fn new<O: Operation>(profile: &Profile, request: &O::Request) -> Result<Self, Error> {
        if profile.protocol() != O::SPEC.protocol {
            let message =
                format!("{} cannot be called with a profile of {:?}", O::SPEC.name, profile.protocol());
            return Err(ConfigurationError::new("profile", codes::OTHER_PROTOCOL, message).into());
        }
        let invalid = |violations| InvalidRequest { operation: O::SPEC.name, violations };
        let mut checks = Checks::default();
        O::check(request, &mut checks);
        let warnings = checks.finish().map_err(invalid)?;
        let bodies = O::freeze(request).map_err(|error| invalid(vec![misshapen("", &error.to_string())]))?;
        for (_, text) in &bodies {
            if let Some(found) = profile.first_unmappable(text) {
                return Err(invalid(vec![unmappable(text, found)]).into());
            }
        }
        let fingerprint = fingerprint(O::SPEC, bodies.first().map(|(_, text)| text.as_str()));
        Ok(Self { spec: O::SPEC, key: O::key(request), bodies, fingerprint, warnings })
    }

    /// The same from a request as JSON, with the model's field names. Unknown fields and wrong types are violations.
    ///
    /// # Errors
    /// As [`Prepared::new`].
    pub fn from_json<O: Operation>(profile: &Profile, request: &str) -> Result<Self, Error> {
        let mut deserializer = serde_json::Deserializer::from_str(request);
        let parsed: Result<O::Request, _> = serde_path_to_error::deserialize(&mut deserializer);
        match parsed {
            Ok(request) => {
                let invalid = |error: serde_json::Error| InvalidRequest {
                    operation: O::SPEC.name,
                    violations: vec![misshapen("", &error.to_string())],
                };
                deserializer.end().map_err(invalid)?;
                Self::new::<O>(profile, &request)
            }
            Err(error) => {
                let path = error.path().to_string();
                let path = if path == "." { "" } else { &path };
                let violation = misshapen(path, &error.into_inner().to_string());
                Err(InvalidRequest { operation: O::SPEC.name, violations: vec![violation] }.into())
            }
        }
    }

    pub(crate) fn restored(
        spec: &'static OperationSpec,
        key: String,
        bodies: Vec<(&'static str, String)>,
    ) -> Self {
        let fingerprint = fingerprint(spec, bodies.first().map(|(_, text)| text.as_str()));
        Self { spec, key, bodies, fingerprint, warnings: Vec::new() }
    }

    /// The operation.
    #[must_use]
    pub fn spec(&self) -> &'static OperationSpec {
        self.spec
    }

    /// The idempotency key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// SHA-256 (hexadecimal) over the operation's name and its frozen content: equal for equal requests, and only for
    /// them. The same key with another fingerprint is another request.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The number of the tax refund form, where the operation's request names one.
    #[must_use]
    pub fn form(&self) -> Option<String> {
        self.field(self.spec.form?)
    }

    /// The amount of the refund or the form.
    #[must_use]
    pub fn amount(&self) -> Option<Amount> {
        let (currency, value) = self.spec.amount?;
        Some(Amount { currency: self.field(currency)?, value: self.field(value)? })
    }

    /// A field of the frozen request, by its dotted path; `None` where it is absent, empty or no text.
    #[must_use]
    pub fn field(&self, path: &str) -> Option<String> {
        let (_, body) = self.bodies.first()?;
        text_at(&parse_object(body).ok()?, path).filter(|text| !text.is_empty())
    }

    /// Unusual things that do not stop the request.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The frozen content for an interface; empty for one that the operation does not call.
    #[must_use]
    pub fn business(&self, interface: &str) -> &str {
        self.bodies.iter().find(|(name, _)| *name == interface).map_or("", |(_, text)| text)
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("operation", &self.spec.name)
            .field("key", &self.key)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

pub(crate) fn fingerprint(spec: &OperationSpec, first_body: Option<&str>) -> String {
    let mut hash = Sha256::new();
    hash.update(spec.name.as_bytes());
    if let Some(text) = first_body {
        hash.update(b"\n");
        hash.update(text.as_bytes());
    }
    crate::encoding::to_hex(&hash.finalize())
}

/// A field that the model does not have, or of a type that it cannot take. What was given is not shown: it may be
/// personal.
fn misshapen(path: &str, serde_text: &str) -> Violation {
    // From the right: what is left of it may be a value that was given, and hold anything.
    let said = serde_text.rsplit_once(" at line ").map_or(serde_text, |(said, _)| said);
    let violation = |path: &str, rule: &'static str, message: String| Violation {
        path: path.to_owned(),
        rule,
        message,
        given: "«not shown»".to_owned(),
    };
    if let Some((unknown, known)) =
        said.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, "))
    {
        // The path ends in the unknown field already, unless it stands at the very top.
        let path = if path.is_empty() { unknown } else { path };
        return violation(path, "unknown_field", format!("is not a field here; {known}"));
    }
    let Some((found, expected)) = said.rsplit_once(", expected ") else {
        return violation(path, "type", said.to_owned());
    };
    let kinds = ["string", "floating point", "integer", "boolean", "null", "map", "sequence"];
    match kinds.into_iter().find(|kind| found.contains(&format!(": {kind}"))) {
        Some(kind) => violation(path, "type", format!("is a {kind}, must be {expected}")),
        None => violation(path, "type", format!("must be {expected}")),
    }
}

fn unmappable(body: &str, found: char) -> Violation {
    let path = serde_json::from_str::<Value>(body).ok().and_then(|value| path_of(&value, found));
    Violation {
        path: path.unwrap_or_default(),
        rule: "charset",
        message: "holds a character that the account's charset (GBK) cannot carry".to_owned(),
        given: excerpt(&found.to_string()),
    }
}

fn path_of(value: &Value, found: char) -> Option<String> {
    let join =
        |name: &str, rest: String| if rest.is_empty() { name.to_owned() } else { format!("{name}.{rest}") };
    match value {
        Value::String(text) => text.contains(found).then(String::new),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| Some(join(&at.to_string(), path_of(item, found)?)))
        }
        Value::Object(members) => {
            members.iter().find_map(|(name, member)| Some(join(name, path_of(member, found)?)))
        }
        _ => None,
    }
}
