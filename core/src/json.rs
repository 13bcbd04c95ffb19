//! JSON as a gateway may send it: every repeated key refused, depth and size bounded, byte ranges kept.
//!
//! The parser is `serde_json`. What is added here is strictness, because a signature covers bytes and two readers of the
//! same bytes must not see two different values.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// An answer's body may have at most this many bytes (1 MiB).
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// Arrays and objects may be nested at most this deep.
pub const MAX_DEPTH: usize = 64;

/// Why a text is not acceptable JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// An object has the same key twice; which of the two was meant (and signed) cannot be known.
    #[error("the key \"{0}\" occurs twice in one object")]
    DuplicateKey(String),
    /// Arrays and objects are nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Not JSON, or not an object where an object is due.
    #[error("not a JSON object: {0}")]
    Malformed(String),
}

/// Parses one object; keys must be unique at every level.
///
/// # Errors
/// [`JsonError`] says what is wrong; nothing of the text is repeated but a key's name.
pub fn parse_object(text: &str) -> Result<Map<String, Value>, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = StrictValue { depth: 0 }.deserialize(&mut deserializer).map_err(json_error)?;
    deserializer.end().map_err(json_error)?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(JsonError::Malformed("the outermost value is not an object".to_owned())),
    }
}

/// The members of the outermost object with the byte range of each value, names unescaped, unique.
pub(crate) fn member_ranges(text: &str) -> Result<Vec<(String, Range<usize>)>, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(Members).map_err(json_error)?;
    deserializer.end().map_err(json_error)?;
    let start = text.as_ptr() as usize;
    Ok(members
        .into_iter()
        .map(|(name, raw)| {
            let from = raw.get().as_ptr() as usize - start;
            (name, from..from + raw.get().len())
        })
        .collect())
}

/// The text of a scalar; numbers and booleans as they are written in JSON. `None` for null, arrays and objects.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The scalar at a dotted path (`result.resultCode`), as text.
pub(crate) fn text_at(object: &Map<String, Value>, path: &str) -> Option<String> {
    let mut names = path.split('.');
    let mut value = object.get(names.next()?)?;
    for name in names {
        value = value.get(name)?;
    }
    scalar_text(value)
}

const DUPLICATE: &str = "\u{1}duplicate:";
const DEEP: &str = "\u{1}deep";

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn json_error(error: serde_json::Error) -> JsonError {
    let text = error.to_string();
    if let Some(rest) = text.strip_prefix(DUPLICATE) {
        let name = rest.rsplit_once(" at line ").map_or(rest, |(name, _)| name);
        return JsonError::DuplicateKey(name.to_owned());
    }
    if text.starts_with(DEEP) || text.starts_with("recursion limit exceeded") {
        return JsonError::TooDeep;
    }
    let category = match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        _ => "a syntax error",
    };
    JsonError::Malformed(format!("{category} at line {} column {}", error.line(), error.column()))
}

struct StrictValue {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for StrictValue {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(StrictValue { depth })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("{DUPLICATE}{name}")));
            }
            let value = map.next_value_seed(StrictValue { depth })?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

impl StrictValue {
    fn deeper<E: serde::de::Error>(&self) -> Result<usize, E> {
        if self.depth >= MAX_DEPTH { Err(E::custom(DEEP)) } else { Ok(self.depth + 1) }
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Self::Value = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom(format_args!("{DUPLICATE}{name}")));
            }
            members.push((name, map.next_value()?));
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_is_refused_at_every_level_however_it_is_spelt() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"x":{"a":1,"\u0061":2}}"#, r#"{"x":[{"a":1,"a":1}]}"#] {
            assert_eq!(parse_object(text), Err(JsonError::DuplicateKey("a".to_owned())), "{text}");
        }
        assert_eq!(member_ranges(r#"{"a":1,"\u0061":2}"#), Err(JsonError::DuplicateKey("a".to_owned())));
    }

    #[test]
    fn more_than_64_levels_are_refused() {
        let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse_object(&nested(MAX_DEPTH - 1)).is_ok());
        assert_eq!(parse_object(&nested(MAX_DEPTH)), Err(JsonError::TooDeep));
        assert_eq!(parse_object(&nested(100_000)), Err(JsonError::TooDeep));
    }

    #[test]
    fn ranges_hold_exactly_the_value_as_it_was_sent() {
        let text = "{ \"a\" : {\"x\": \"}\\\"{\"} ,\n \"sign\":\"s\" }";
        let ranges = member_ranges(text).unwrap();
        assert_eq!(&text[ranges[0].1.clone()], "{\"x\": \"}\\\"{\"}");
        assert_eq!(&text[ranges[1].1.clone()], "\"s\"");
    }

    #[test]
    fn a_malformed_text_is_not_repeated_in_the_error() {
        let error = parse_object("{\"passport\":E12345678}").unwrap_err().to_string();
        assert!(!error.contains("E12345678"), "{error}");
    }
}
