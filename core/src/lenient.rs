//! Reading answers so that a member without its documented shape never spoils the rest.

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;

use crate::json::scalar_text;

/// Reads a member; one without the documented shape reads as absent. Numbers and booleans read as text where text is
/// due, and the texts `true` and `false` as booleans, since the documents and the gateways disagree about both.
pub(crate) fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    if let Ok(read) = T::deserialize(&value) {
        return Ok(Some(read));
    }
    let other = match (&value, scalar_text(&value)) {
        (Value::String(text), _) => match text.as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        (_, Some(text)) => Some(Value::String(text)),
        (_, None) => None,
    };
    Ok(other.and_then(|other| T::deserialize(other).ok()))
}

/// Reads a number or a flag that may also be given as text, as in a CSV cell: `15` or `"15"`, `true` or `"true"`.
pub(crate) fn number_or_flag<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = match Option::<Value>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        Some(value) => value,
    };
    T::deserialize(value).map(Some).map_err(serde::de::Error::custom)
}
