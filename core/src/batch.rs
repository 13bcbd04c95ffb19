//! A file of refunds: every line is a request, or says what is wrong with it. A bad line never stops the others.
//!
//! Whether a key was used before, in this file or another, only a record of all keys can tell: the journal's import.

use std::io::{BufRead, BufReader, Read};

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
    /// Its number in the file: in CSV the header is line 1, in JSON lines the first line is.
    pub number: u64,
    /// A request that may be sent, or everything that is wrong with it.
    pub request: Result<Prepared, Vec<Violation>>,
}

/// How a file writes its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// See [`read_csv`].
    Csv,
    /// See [`read_json_lines`].
    JsonLines,
}

/// The lines of a file.
pub type Lines<'a> = Box<dyn Iterator<Item = Line> + 'a>;

/// Reads a file of either format, line by line.
///
/// # Errors
/// [`BatchError`] when the header of a CSV file is not usable.
pub fn read<'a>(
    format: Format,
    entry: &'static Entry,
    profile: &'a Profile,
    file: impl Read + 'a,
) -> Result<Lines<'a>, BatchError> {
    Ok(match format {
        Format::Csv => Box::new(read_csv(entry, profile, file)?),
        Format::JsonLines => Box::new(read_json_lines(entry, profile, file)),
    })
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
/// empty cell is an absent field.
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
    let mut failed = false;
    Ok(std::iter::from_fn(move || {
        let mut record = ByteRecord::new();
        let number = reader.position().line();
        match reader.read_byte_record(&mut record) {
            _ if failed => None,
            Ok(false) => None,
            Ok(true) => {
                let number = record.position().map_or(number, csv::Position::line);
                let request = request(&columns, &record)
                    .map_err(|violation| vec![violation])
                    .and_then(|request| prepare(entry, profile, &request.to_string()));
                Some(Line { number, request })
            }
            Err(error) => {
                failed = true;
                Some(Line { number, request: Err(vec![unreadable(&error.to_string())]) })
            }
        }
    }))
}

/// The longest line of a file of JSON lines, in bytes (1 MiB).
pub const LONGEST_LINE: usize = 1024 * 1024;

/// Reads JSON lines in UTF-8: a request's JSON object in each line, with the wire's field names. Empty lines are skipped.
pub fn read_json_lines<'a>(
    entry: &'static Entry,
    profile: &'a Profile,
    file: impl Read + 'a,
) -> impl Iterator<Item = Line> + 'a {
    let mut reader = BufReader::new(file);
    let mut number = 0;
    let mut failed = false;
    std::iter::from_fn(move || {
        loop {
            if failed {
                return None;
            }
            number += 1;
            let request = match read_line(&mut reader) {
                Ok(None) => return None,
                Ok(Some(line)) => {
                    let line = if number == 1 { line.trim_start_matches('\u{feff}') } else { &line };
                    if line.trim().is_empty() {
                        continue;
                    }
                    prepare(entry, profile, line)
                }
                Err(LineError::Bad(violation)) => Err(vec![violation]),
                Err(LineError::Read(error)) => {
                    failed = true;
                    Err(vec![unreadable(&error.to_string())])
                }
            };
            return Some(Line { number, request });
        }
    })
}

enum LineError {
    Bad(Violation),
    Read(std::io::Error),
}

fn read_line(reader: &mut impl BufRead) -> Result<Option<String>, LineError> {
    let mut line = Vec::new();
    reader.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line).map_err(LineError::Read)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.len() > LONGEST_LINE && !line.ends_with(b"\n") {
        reader.skip_until(b'\n').map_err(LineError::Read)?;
        let message = format!("is longer than {LONGEST_LINE} bytes");
        return Err(LineError::Bad(violation("", "length", message, "the line")));
    }
    String::from_utf8(line)
        .map(Some)
        .map_err(|_| LineError::Bad(violation("", "charset", "is not UTF-8".to_owned(), "«bytes»")))
}

/// Where the file itself cannot be read there is no next line; said once.
fn unreadable(error: &str) -> Violation {
    violation("", "read", format!("the file cannot be read further: {error}"), "")
}

fn prepare(entry: &'static Entry, profile: &Profile, request: &str) -> Result<Prepared, Vec<Violation>> {
    entry.prepare(profile, request).map_err(|error| match error {
        Error::InvalidRequest(invalid) => invalid.violations,
        error => vec![violation("", error.code(), error.to_string(), "the account")],
    })
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
