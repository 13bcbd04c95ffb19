//! The lines of a file, none of them longer in memory than [`LONGEST_LINE`].

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use super::{LONGEST_LINE, violation};
use crate::validation::Violation;

/// A byte order mark, which some programs begin a file in UTF-8 with.
pub(super) const MARK: &str = "\u{feff}";

/// The lines of a file, one at a time.
pub(super) struct FileLines<R> {
    file: BufReader<R>,
    /// Whether a carriage return ends a line without a line feed, too.
    by_cr: bool,
}

/// Why there is no line.
pub(super) enum LineError {
    /// This line is bad; the next one can be read.
    Bad(Violation),
    /// The file cannot be read further.
    Read(io::Error),
}

impl<R: Read> FileLines<R> {
    /// Lines that end with a line feed.
    pub(super) fn ended_by_lf(file: R) -> Self {
        Self { file: BufReader::new(file), by_cr: false }
    }

    /// Lines that end with a line feed, a carriage return, or both.
    pub(super) fn ended_by_lf_or_cr(file: R) -> Self {
        Self { file: BufReader::new(file), by_cr: true }
    }

    /// Puts the next line, with what ends it, in place of what is in `line`; false at the end of the file.
    pub(super) fn read(&mut self, line: &mut Vec<u8>) -> Result<bool, LineError> {
        line.clear();
        let by_cr = self.by_cr;
        let mut length = 0;
        loop {
            let buffer = self.buffer()?;
            let end = buffer.iter().position(|&byte| byte == b'\n' || (by_cr && byte == b'\r'));
            let text = &buffer[..end.unwrap_or(buffer.len())];
            let taken = text.len();
            length += taken;
            if length <= LONGEST_LINE {
                line.extend_from_slice(text);
            }
            let ended = end.is_some() || buffer.is_empty();
            self.file.consume(taken);
            if ended {
                break;
            }
        }
        let ended = self.take(b'\r', line, by_cr)? | self.take(b'\n', line, true)?;
        if length > LONGEST_LINE {
            let message = format!("is longer than {LONGEST_LINE} bytes");
            return Err(LineError::Bad(violation("", "length", message, "the line")));
        }
        Ok(ended || length > 0)
    }

    /// Takes the next byte into the line if it is the one that is looked for.
    fn take(&mut self, looked_for: u8, line: &mut Vec<u8>, wanted: bool) -> Result<bool, LineError> {
        let found = wanted && self.buffer()?.first() == Some(&looked_for);
        if found {
            line.push(looked_for);
            self.file.consume(1);
        }
        Ok(found)
    }

    /// Bytes that are not taken yet; none only at the end of the file.
    fn buffer(&mut self) -> Result<&[u8], LineError> {
        while let Err(error) = self.file.fill_buf() {
            if error.kind() != ErrorKind::Interrupted {
                return Err(LineError::Read(error));
            }
        }
        self.file.fill_buf().map_err(LineError::Read)
    }
}

impl From<LineError> for Violation {
    fn from(error: LineError) -> Self {
        match error {
            LineError::Bad(violation) => violation,
            // Where the file itself cannot be read there is no next line; said once.
            LineError::Read(error) => {
                violation("", "read", format!("the file cannot be read further: {error}"), "")
            }
        }
    }
}
