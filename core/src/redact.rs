//! Personal data and secrets, marked by type so that they cannot reach a log by accident.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A text that must not be shown: a passport number, a name, an account, a scanned code, a token.
///
/// It goes over the wire as the plain text it is; `Debug` and `Display` show only its length.
/// The text itself is reached on purpose, through [`Sensitive::reveal`].
///
/// ```
/// use taxrefund_core::Sensitive;
/// let passport = Sensitive::from("E12345678");
/// assert_eq!(format!("{passport:?}"), "«9 characters»");
/// assert_eq!(passport.reveal(), "E12345678");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sensitive(String);

impl Sensitive {
    /// The text in clear.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Sensitive {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Sensitive {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0))
    }
}

impl fmt::Display for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Sensitive {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Sensitive".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "x-sensitive": true })
    }
}

/// Members of an answer that no document names. What they hold is not known, so `Debug` shows their names only.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Extra(pub Map<String, Value>);

impl Deref for Extra {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What may be said of a text that must not be shown.
pub(crate) fn mask(text: &str) -> String {
    format!("«{} characters»", text.chars().count())
}

/// A text shown in an error message: whole when short, its beginning when long, control characters escaped.
pub(crate) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    let length = text.chars().count();
    if length > SHOWN {
        shown.push_str(&format!("… ({length} characters)"));
    }
    format!("\"{shown}\"")
}
