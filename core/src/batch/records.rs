//! The records of a CSV file, each numbered by the line on which it begins.
//!
//! A quote that is never closed spoils its own line only. It is closed by a quote before a comma or the end of a line:
//! the opening quote of another cell, further down, closes nothing.

use std::collections::VecDeque;
use std::io::{Cursor, Read, SeekFrom};

use csv::{ByteRecord, Position, Reader, ReaderBuilder};

use super::lines::{FileLines, LineError, MARK};
use super::{LONGEST_LINE, violation};
use crate::validation::Violation;

/// The lines in which a closing quote is looked for, that of the opening quote among them.
const MOST_LINES: usize = 100;

/// The records of a file, one at a time. Blank lines are passed over.
pub(super) struct Records<R> {
    lines: FileLines<R>,
    /// Lines that were read in search of a closing quote and are not part of a record yet.
    ahead: VecDeque<Result<Vec<u8>, Violation>>,
    /// Number of the present record's first line, the first of the file being 1.
    pub(super) number: u64,
    /// How many lines the present record has.
    spans: u64,
    /// The present record's cells.
    pub(super) cells: ByteRecord,
    splitter: Reader<Cursor<Vec<u8>>>,
}

impl<R: Read> Records<R> {
    pub(super) fn of(file: R) -> Self {
        let splitter =
            ReaderBuilder::new().has_headers(false).flexible(true).from_reader(Cursor::new(Vec::new()));
        Self {
            lines: FileLines::ended_by_lf_or_cr(file),
            ahead: VecDeque::new(),
            number: 1,
            spans: 0,
            cells: ByteRecord::new(),
            splitter,
        }
    }

    /// Goes to the next record; false at the end of the file.
    pub(super) fn advance(&mut self) -> Result<bool, LineError> {
        loop {
            self.number += self.spans;
            self.spans = 1;
            let text = self.splitter.get_mut().get_mut();
            match self.ahead.pop_front() {
                Some(line) => *text = line.map_err(LineError::Bad)?,
                None if self.lines.read(text)? => {}
                None => return Ok(false),
            }
            // The splitter would take one off each text that it is given; files that were put together hold more.
            while text.starts_with(MARK.as_bytes()) {
                text.drain(..MARK.len());
            }
            if text.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
                continue;
            }
            self.close_quote()?;
            return self.split();
        }
    }

    /// Joins lines to the present one until its quotes are closed.
    fn close_quote(&mut self) -> Result<(), LineError> {
        let text = self.splitter.get_mut().get_mut();
        let mut quotes = Quotes::after(text, false);
        let mut length = text.len();
        let mut joined = 0;
        while let Quotes::Open = quotes {
            if joined == self.ahead.len() {
                let mut line = Vec::new();
                match self.lines.read(&mut line) {
                    Ok(true) => self.ahead.push_back(Ok(line)),
                    Ok(false) => return Err(never_closed()),
                    Err(LineError::Bad(violation)) => self.ahead.push_back(Err(violation)),
                    // What cannot be read may hold the closing quote: the lines until there are no requests yet.
                    Err(error @ LineError::Read(_)) => return Err(error),
                }
            }
            let Ok(line) = &self.ahead[joined] else { return Err(never_closed()) };
            joined += 1;
            length += line.len();
            if joined == MOST_LINES || length > LONGEST_LINE {
                return Err(never_closed());
            }
            quotes = Quotes::after(line, true);
        }
        if let Quotes::Broken = quotes {
            return Err(never_closed());
        }
        for line in self.ahead.drain(..joined).flatten() {
            text.extend_from_slice(&line);
        }
        self.spans += joined as u64;
        Ok(())
    }

    fn split(&mut self) -> Result<bool, LineError> {
        // A reader is dear to make, so that one is wound back for every record.
        self.splitter
            .seek_raw(SeekFrom::Start(0), Position::new())
            .and_then(|()| self.splitter.read_byte_record(&mut self.cells))
            .map_err(|error| LineError::Read(error.into()))
    }
}

fn never_closed() -> LineError {
    let message = "has an opening quote that is never closed".to_owned();
    LineError::Bad(violation("", "quote", message, "the line"))
}

/// How quotes stand at the end of a line.
enum Quotes {
    Closed,
    Open,
    /// A cell that an earlier line began has a quote that neither closes it nor stands for a quote.
    Broken,
}

impl Quotes {
    /// Follows a line as the splitter will, `within` a cell that an earlier line began or not.
    ///
    /// Within one line the splitter is generous about text after a closing quote, and so is this.
    fn after(line: &[u8], within: bool) -> Self {
        enum At {
            Start,
            Bare,
            Quoted,
            Quote,
        }
        let mut at = if within { At::Quoted } else { At::Start };
        if line.contains(&b'"') {
            let mut continued = within;
            for byte in line {
                at = match (at, byte) {
                    (At::Quoted, b'"') => At::Quote,
                    (At::Start | At::Quote, b'"') | (At::Quoted, _) => At::Quoted,
                    (_, b',' | b'\r' | b'\n') => {
                        continued = false;
                        At::Start
                    }
                    (At::Quote, _) if continued => return Self::Broken,
                    _ => At::Bare,
                };
            }
        }
        if let At::Quoted = at { Self::Open } else { Self::Closed }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Told = (u64, u64, Result<Vec<Vec<u8>>, &'static str>);

    /// Every record's first line, how many it has, and its cells or the rule that it breaks.
    fn records(file: &[u8]) -> Vec<Told> {
        let mut records = Records::of(file);
        let mut told = Vec::new();
        loop {
            let cells = match records.advance() {
                Ok(false) => return told,
                Ok(true) => Ok(records.cells.iter().map(<[u8]>::to_vec).collect()),
                Err(error) => Err(Violation::from(error).rule),
            };
            told.push((records.number, records.spans, cells));
        }
    }

    #[test]
    fn cells_keep_the_line_ends_that_the_file_has() {
        let cells = |texts: &[&[u8]]| Ok(texts.iter().map(|text| text.to_vec()).collect());
        let file = b"\xef\xbb\xbf\"a\r\n\",\"\n\r\"\r\n\r\n\xef\xbb\xbf\"b\"\"\n,\",c";
        assert_eq!(records(file), [(1, 4, cells(&[b"a\r\n", b"\n\r"])), (6, 2, cells(&[b"b\"\n,", b"c"]))]);
    }

    #[test]
    fn lines_that_a_broken_record_would_have_taken_are_records_of_their_own() {
        let rules = |file: &str| -> Vec<_> {
            records(file.as_bytes()).into_iter().map(|(number, _, cells)| (number, cells.err())).collect()
        };
        assert_eq!(
            rules("\"a\n\n\"b\n\"c\"\n\"d\"e\n"),
            [(1, Some("quote")), (3, Some("quote")), (4, None), (5, None)]
        );
        let long = "x".repeat(LONGEST_LINE + 1);
        assert_eq!(
            rules(&format!("\"a\n{long}\n\"")),
            [(1, Some("quote")), (2, Some("length")), (3, Some("quote"))]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn records_are_those_of_the_whole_file_and_no_line_belongs_to_two(file in "[a,\"\r\n]{0,40}") {
            let found = records(file.as_bytes());
            let mut next = 1;
            for (number, spans, _) in &found {
                prop_assert!(*number >= next);
                next = number + spans;
            }
            if found.iter().all(|(_, _, cells)| cells.is_ok()) {
                let found: Vec<_> = found.into_iter().filter_map(|(_, _, cells)| cells.ok()).collect();
                let whole = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file.as_bytes());
                let cells = |record: ByteRecord| record.iter().map(<[u8]>::to_vec).collect::<Vec<_>>();
                let whole: Vec<_> = whole.into_byte_records().map(|record| cells(record.unwrap())).collect();
                prop_assert_eq!(found, whole);
            }
        }
    }
}
