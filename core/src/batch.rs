//! A file of refunds: every line is a request, or says what is wrong with it. A bad line never stops the others.

use std::collections::HashMap;
use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};
use serde_json::{Map, Value};

use crate::operations::Entry;
use crate::prepare::Prepared;
use crate::profile::Profile;
use crate::redact::excerpt;
use crate::validation::Violation;
use crate::{Error, codes};

/// One line of a batch.
#[derive(Debug)]
pub struct Line {
    /// Its number in the file, the header being line 1.
    pub number: u64,
    /// What it holds.
    pub content: Content,
}

/// What a line holds.
#[derive(Debug)]
pub enum Content {
    /// A request that may be sent.
    Ready(Prepared),
    /// The same request as an earlier line's: nothing is to be done for it.
    Repeats {
        /// The earlier line.
        line: u64,
    },
    /// Not a request; everything that is wrong with it.
    Bad(Vec<Violation>),
}

/// A file that cannot be read as a batch at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The first line does not name the columns.
    #[error("the header line is not usable: {0}")]
    Header(String),
    /// Reading failed.
    #[error("the file cannot be read: {0}")]
    Read(String),
}

impl BatchError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Header(_) => codes::BATCH_HEADER,
            Self::Read(_) => codes::BATCH_READ,
        }
    }
}

/// Reads a CSV file in UTF-8, line by line.
///
/// The header names the request's fields in wire names; `merchants.0.merchantName` reaches into objects and lists. An
/// empty cell is an absent field. A key that an earlier line has with other content is an error of the later line.
///
/// # Errors
/// [`BatchError`] when the header is not usable.
pub fn read_csv<'a>(
    entry: &'static Entry,
    profile: &'a Profile,
    file: impl Read + 'a,
) -> Result<impl Iterator<Item = Line> + 'a, BatchError> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(file);
    let columns = columns(&mut reader)?;
    let mut earlier: HashMap<String, (u64, String)> = HashMap::new();
    let mut failed = false;
    Ok(std::iter::from_fn(move || {
        let mut record = ByteRecord::new();
        let number = reader.position().line();
        match reader.read_byte_record(&mut record) {
            _ if failed => None,
            Ok(false) => None,
            Ok(true) => {
                let number = record.position().map_or(number, csv::Position::line);
                let content = match request(&columns, &record) {
                    Ok(request) => content(entry, profile, &request, number, &mut earlier),
                    Err(violation) => Content::Bad(vec![violation]),
                };
                Some(Line { number, content })
            }
            Err(error) => {
                // Where the file itself cannot be read there is no next line; say so once.
                failed = true;
                let violation =
                    violation("", "read", format!("the file cannot be read further: {error}"), "");
                Some(Line { number, content: Content::Bad(vec![violation]) })
            }
        }
    }))
}

fn columns(reader: &mut Reader<impl Read>) -> Result<Vec<String>, BatchError> {
    let header = reader.byte_headers().map_err(|error| BatchError::Read(error.to_string()))?;
    let mut columns: Vec<String> = Vec::new();
    for name in header {
        let name = std::str::from_utf8(name).map_err(|_| BatchError::Header("it is not UTF-8".to_owned()))?;
        let name = name.trim_start_matches('\u{feff}').trim();
        if name.is_empty() {
            return Err(BatchError::Header(format!("column {} has no name", columns.len() + 1)));
        }
        if columns.iter().any(|known| known == name) {
            return Err(BatchError::Header(format!("the column {} stands there twice", excerpt(name))));
        }
        columns.push(name.to_owned());
    }
    if columns.is_empty() {
        return Err(BatchError::Header("there is none".to_owned()));
    }
    Ok(columns)
}

fn request(columns: &[String], record: &ByteRecord) -> Result<Value, Violation> {
    if record.len() != columns.len() {
        let message = format!("has {} cells, the header has {}", record.len(), columns.len());
        return Err(violation("", "cells", message, "the line"));
    }
    let mut object = Value::Object(Map::new());
    for (column, cell) in columns.iter().zip(record) {
        let text = std::str::from_utf8(cell)
            .map_err(|_| violation(column, "charset", "is not UTF-8".to_owned(), "«bytes»"))?;
        if !text.is_empty() && !place(&mut object, column, text) {
            let message = "does not fit the other columns: list items must be numbered from 0 without gaps";
            return Err(violation(column, "column", message.to_owned(), "the column's name"));
        }
    }
    Ok(object)
}

/// Puts a text where a dotted path says; a number in the path is a place in a list.
fn place(object: &mut Value, path: &str, text: &str) -> bool {
    let mut target = object;
    for part in path.split('.') {
        target = match part.parse::<usize>() {
            Ok(index) => {
                if target.is_null() {
                    *target = Value::Array(Vec::new());
                }
                let Value::Array(items) = target else { return false };
                if index == items.len() {
                    items.push(Value::Null);
                }
                match items.get_mut(index) {
                    Some(item) => item,
                    None => return false,
                }
            }
            Err(_) => {
                if target.is_null() {
                    *target = Value::Object(Map::new());
                }
                let Value::Object(members) = target else { return false };
                members.entry(part).or_insert(Value::Null)
            }
        };
    }
    if !target.is_null() {
        return false;
    }
    *target = Value::String(text.to_owned());
    true
}

fn content(
    entry: &'static Entry,
    profile: &Profile,
    request: &Value,
    number: u64,
    earlier: &mut HashMap<String, (u64, String)>,
) -> Content {
    let prepared = match entry.prepare(profile, &request.to_string()) {
        Ok(prepared) => prepared,
        Err(Error::InvalidRequest(invalid)) => return Content::Bad(invalid.violations),
        Err(error) => {
            return Content::Bad(vec![violation("", error.code(), error.to_string(), "the account")]);
        }
    };
    match earlier.get(prepared.key()) {
        Some((line, fingerprint)) if fingerprint == prepared.fingerprint() => {
            Content::Repeats { line: *line }
        }
        Some((line, _)) => {
            let message = format!("was used on line {line} for a request with other content");
            let given = excerpt(prepared.key());
            Content::Bad(vec![Violation {
                path: entry.spec.idempotency_key.to_owned(),
                rule: "key_reused",
                message,
                given,
            }])
        }
        None => {
            earlier.insert(prepared.key().to_owned(), (number, prepared.fingerprint().to_owned()));
            Content::Ready(prepared)
        }
    }
}

fn violation(path: &str, rule: &'static str, message: String, given: &str) -> Violation {
    Violation { path: path.to_owned(), rule, message, given: given.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dotted_path_reaches_into_objects_and_lists() {
        let mut object = Value::Object(Map::new());
        assert!(place(&mut object, "merchants.0.merchantAddress.region", "SG"));
        assert!(place(&mut object, "merchants.0.merchantName", "Shop"));
        assert!(place(&mut object, "merchants.1.merchantName", "Other"));
        assert!(!place(&mut object, "merchants.3.merchantName", "a gap"));
        assert!(!place(&mut object, "merchants.0.merchantName", "again"));
        assert!(!place(&mut object, "merchants.0.merchantName.first", "into a text"));
        assert_eq!(
            object.to_string(),
            r#"{"merchants":[{"merchantAddress":{"region":"SG"},"merchantName":"Shop"},{"merchantName":"Other"}]}"#
        );
    }
}
