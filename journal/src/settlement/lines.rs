//! The lines of a CSV file, each taken apart for itself: a quote that is never closed spoils its own line only.

use std::io::{self, BufRead, BufReader, Cursor, Read, SeekFrom};

use csv::{ByteRecord, Position, Reader, ReaderBuilder, Terminator};

/// The lines of a file, one at a time. Lines with nothing but white space and delimiters are passed over.
pub(super) struct Lines<R> {
    file: BufReader<R>,
    delimiter: u8,
    /// Number of the present line, the first being 1.
    pub(super) number: u64,
    /// Cells of the present line.
    pub(super) cells: ByteRecord,
    splitter: Reader<Cursor<Vec<u8>>>,
}

impl<R: Read> Lines<R> {
    pub(super) fn of(file: R, delimiter: u8) -> Self {
        let splitter = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Cursor::new(Vec::new()));
        Self { file: BufReader::new(file), delimiter, number: 0, cells: ByteRecord::new(), splitter }
    }

    /// Goes to the next line that holds something; false at the end of the file.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        loop {
            let line = self.splitter.get_mut().get_mut();
            line.clear();
            if self.file.read_until(b'\n', line)? == 0 {
                return Ok(false);
            }
            self.number += 1;
            if line.iter().all(|byte| byte.is_ascii_whitespace() || *byte == self.delimiter) {
                continue;
            }
            if !line.ends_with(b"\n") {
                line.push(b'\n');
            }
            // A reader is dear to make, so that one is wound back for every line.
            self.splitter.seek_raw(SeekFrom::Start(0), Position::new())?;
            // It takes a byte order mark off, and may have nothing left then.
            if self.splitter.read_byte_record(&mut self.cells)? {
                return Ok(true);
            }
        }
    }

    /// Whether a quote was opened and not closed: only then is the end of the line part of a cell.
    pub(super) fn quote_is_open(&self) -> bool {
        self.cells.iter().next_back().is_some_and(|cell| cell.ends_with(b"\n"))
    }
}
