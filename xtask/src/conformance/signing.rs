//! Signing vectors: what is signed must come out byte for byte, what is received must be believed or refused as stated.

mod forms;
mod headers;

use encoding_rs::{Encoding, UTF_8};
use rsa::sha2::{Digest, Sha256};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::vectors::{Entry, FormNotification, FormRequest, FormResponse, HeaderCase};
use super::{Case, Difference};
pub(crate) use forms::gateway_cases;
pub(crate) use headers::header_cases;

fn case<T: Named + DeserializeOwned>(
    file: &str,
    entry: &Entry<T>,
    build: impl FnOnce(&T) -> Result<Case, String>,
) -> Case {
    match entry.read() {
        Ok(vector) => build(vector).unwrap_or_else(|why| Case::malformed(file, vector.name(), &why)),
        Err((name, why)) => Case::malformed(file, &name, &why),
    }
}

fn text_of(answer: &Value, field: &str) -> Option<String> {
    answer.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn equal(answer: &Value, field: &'static str, expected: &str) -> Option<Difference> {
    match &answer[field] {
        Value::String(got) => Difference::between(field, expected, got),
        Value::Null => Difference::between(field, expected, "nothing"),
        other => Difference::between(field, expected, &other.to_string()),
    }
}

/// Bytes that a vector states, in up to three ways.
pub(crate) struct Bytes {
    hex: String,
    text: String,
}

impl Bytes {
    /// From the bytes where they are stated, else from the text. What is stated twice must agree, but for the text of
    /// another charset than UTF-8: encoders differ at its edges.
    pub(crate) fn stated(
        charset: &str,
        text: Option<&str>,
        hex: Option<&str>,
        sha256: Option<&str>,
    ) -> Result<Self, String> {
        let encoding =
            Encoding::for_label(charset.as_bytes()).ok_or(format!("unknown charset `{charset}`"))?;
        let encoded = text.map(|text| encoding.encode(text).0.into_owned());
        let given = hex.map(|hex| hex::decode(hex).map_err(|error| format!("not hexadecimal: {error}")));
        let bytes = match (encoded, given.transpose()?) {
            (Some(encoded), Some(given)) if encoded != given && encoding == UTF_8 => {
                return Err("its text and its bytes differ".to_owned());
            }
            (encoded, given) => given.or(encoded).ok_or("neither text nor bytes are stated")?,
        };
        if sha256.is_some_and(|stated| !stated.eq_ignore_ascii_case(&hex::encode(Sha256::digest(&bytes)))) {
            return Err("its text and its SHA-256 differ".to_owned());
        }
        Ok(Self {
            text: encoding.decode_without_bom_handling(&bytes).0.into_owned(),
            hex: hex::encode(bytes),
        })
    }

    pub(crate) fn difference(&self, what: &'static str, got_hex: Option<String>) -> Option<Difference> {
        let Some(got) = got_hex else { return Difference::between(what, &self.text, "nothing") };
        if got.eq_ignore_ascii_case(&self.hex) {
            return None;
        }
        let readable = hex::decode(&got).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let by_text = readable.and_then(|got| Difference::between(what, &self.text, &got));
        by_text.or_else(|| Difference::between(what, &self.hex, &got))
    }
}

fn stated(charset: &str, text: Option<&str>, sha256: Option<&str>) -> Result<Option<Bytes>, String> {
    text.map(|text| Bytes::stated(charset, Some(text), None, sha256)).transpose()
}

trait Named {
    fn name(&self) -> &str;
}

impl Named for FormRequest {
    fn name(&self) -> &str {
        &self.id
    }
}

impl Named for FormResponse {
    fn name(&self) -> &str {
        &self.id
    }
}

impl Named for FormNotification {
    fn name(&self) -> &str {
        &self.id
    }
}

impl Named for HeaderCase {
    fn name(&self) -> &str {
        &self.name
    }
}
