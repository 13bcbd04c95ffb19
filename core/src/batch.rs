//! A file of refunds: every line is a request, or says what is wrong with it. A bad line never stops the others.
//!
//! Whether a key was used before, in this file or another, only a record of all keys can tell: the journal's import.

mod lines;
mod records;

use std::io::Read;

use csv::ByteRecord;
use serde::Deserialize;
use serde_json::{Map, Value};

use self::lines::{FileLines, LineError, MARK};
use self::records::Records;
use crate::operations::Entry;
use crate::prepare::Prepared;
use crate::profile::Profile;
use crate::redact::excerpt;
use crate::validation::Violation;
use crate::{Error, codes};

/// One line of a batch.
#[derive(Debug)]
pub struct Line {
    /// Its number in the file, the first line being 1, blank ones counted; of a CSV record over several lines, its first.
    pub number: u64,
    /// A request that may be sent, or everything that is wrong with it.
    pub request: Result<Prepared, Vec<Violation>>,
}

/// How a file writes its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// Reads a CSV file in UTF-8, record by record.
///
/// The header, the first line that is not blank, names the request's fields in wire names;
/// `merchants.0.merchantName` reaches into objects and lists. An empty cell is an absent field.
///
/// A line ends with LF, CRLF or a lone CR. A quoted cell may hold line ends; its record has the number of its first
/// line. What closes it is a quote before a comma or the end of a line, within 100 lines and [`LONGEST_LINE`]: without
/// one the line of the opening quote is bad, and the line after it is read for itself.
///
/// # Errors
/// [`BatchError`] when the header is not usable.
pub fn read_csv<'a>(
    entry: &'static Entry,
    profile: &'a Profile,
    file: impl Read + 'a,
) -> Result<impl Iterator<Item = Line> + 'a, BatchError> {
    let mut records = Records::of(file);
    let columns = columns(&mut records)?;
    let mut failed = false;
    Ok(std::iter::from_fn(move || {
        if failed {
            return None;
        }
        let request = match records.advance() {
            Ok(false) => return None,
            Ok(true) => request(&columns, &records.cells)
                .map_err(|violation| vec![violation])
                .and_then(|request| prepare(entry, profile, &request.to_string())),
            Err(error) => {
                failed = matches!(error, LineError::Read(_));
                Err(vec![error.into()])
            }
        };
        Some(Line { number: records.number, request })
    }))
}

/// The longest line of a file of either format, in bytes (1 MiB); in CSV all lines of a record together.
pub const LONGEST_LINE: usize = 1024 * 1024;

/// Reads JSON lines in UTF-8: a request's JSON object in each line, with the wire's field names. Empty lines are skipped.
pub fn read_json_lines<'a>(
    entry: &'static Entry,
    profile: &'a Profile,
    file: impl Read + 'a,
) -> impl Iterator<Item = Line> + 'a {
    let mut lines = FileLines::ended_by_lf(file);
    let mut line = Vec::new();
    let mut number = 0;
    let mut failed = false;
    std::iter::from_fn(move || {
        loop {
            if failed {
                return None;
            }
            number += 1;
            let request = match lines.read(&mut line).and_then(|any| Ok(any.then_some(text(&line)?))) {
                Ok(None) => return None,
                Ok(Some(line)) => {
                    let line = if number == 1 { line.trim_start_matches(MARK) } else { line };
                    if line.trim().is_empty() {
                        continue;
                    }
                    prepare(entry, profile, line)
                }
                Err(error) => {
                    failed = matches!(error, LineError::Read(_));
                    Err(vec![error.into()])
                }
            };
            return Some(Line { number, request });
        }
    })
}

fn text(line: &[u8]) -> Result<&str, LineError> {
    std::str::from_utf8(line)
        .map_err(|_| LineError::Bad(violation("", "charset", "is not UTF-8".to_owned(), "«bytes»")))
}

fn prepare(entry: &'static Entry, profile: &Profile, request: &str) -> Result<Prepared, Vec<Violation>> {
    entry.prepare(profile, request).map_err(|error| match error {
        Error::InvalidRequest(invalid) => invalid.violations,
        error => vec![violation("", error.code(), error.to_string(), "the account")],
    })
}

fn columns(records: &mut Records<impl Read>) -> Result<Vec<String>, BatchError> {
    match records.advance() {
        Ok(true) => {}
        Ok(false) => return Err(BatchError::Header("there is none".to_owned())),
        Err(LineError::Bad(violation)) => {
            return Err(BatchError::Header(format!("it {}", violation.message)));
        }
        Err(LineError::Read(error)) => return Err(BatchError::Read(error.to_string())),
    }
    let mut columns: Vec<String> = Vec::new();
    for name in &records.cells {
        let name = std::str::from_utf8(name).map_err(|_| BatchError::Header("it is not UTF-8".to_owned()))?;
        let name = name.trim_start_matches(MARK).trim();
        if name.is_empty() {
            return Err(BatchError::Header(format!("column {} has no name", columns.len() + 1)));
        }
        if columns.iter().any(|known| known == name) {
            return Err(BatchError::Header(format!("the column {} stands there twice", excerpt(name))));
        }
        columns.push(name.to_owned());
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
