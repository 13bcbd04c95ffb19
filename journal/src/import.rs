//! Whole files of refunds, taken on chunk by chunk: a line that is wrong stops no other, and a file may be given again.

use std::collections::HashMap;
use std::io::Read;

use serde::Serialize;
use taxrefund_core::batch::{self, BatchError, Format, Line};
use taxrefund_core::operations::Entry as Operation;
use taxrefund_core::validation::Violation;
use taxrefund_core::{ConfigurationError, Effect, Prepared, Profile, codes};

use crate::entry::{Entry, State};
use crate::error::JournalError;
use crate::journal::Journal;
use crate::store::{Inserted, NewEntry};
use crate::submit::Submission;

/// How a file is imported.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// The batch's name, recorded with each of its refunds: the file's name, or the night's date.
    pub batch: String,
    /// How the file writes its requests.
    pub format: Format,
    /// The request field that names the tax refund form, for operations that have none of their own (Antom:
    /// `referenceRefundId`, where you put it there). One form is paid once, so a line in which this field is empty, or that
    /// has no such field, is wrong.
    pub form_field: Option<String>,
    /// Lines recorded in one transaction. Default 500.
    pub chunk: usize,
}

impl ImportOptions {
    /// A CSV file.
    #[must_use]
    pub fn csv(batch: &str) -> Self {
        Self { batch: batch.to_owned(), format: Format::Csv, form_field: None, chunk: 500 }
    }

    /// A file of JSON lines.
    #[must_use]
    pub fn json_lines(batch: &str) -> Self {
        Self { format: Format::JsonLines, ..Self::csv(batch) }
    }
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportSummary {
    /// Lines read.
    pub lines: u64,
    /// Refunds recorded, to be sent.
    pub new: u64,
    /// Lines that were recorded before: by an import of this file that was broken off, or one that was finished.
    pub known: u64,
    /// Lines that repeat a line of this file or of another batch: nothing is to be done for them.
    pub repeated: u64,
    /// Lines that were not recorded; nothing is sent for them.
    pub wrong: u64,
    /// What is wrong with them, the first 1,000.
    pub problems: Vec<LineProblem>,
}

/// A line that was not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineProblem {
    /// The line's number in the file.
    pub line: u64,
    /// The stable code: `invalid_request`, `key_reused`, `form_taken`, …
    pub code: String,
    /// What is wrong, in words.
    pub problem: String,
}

const PROBLEMS: usize = 1_000;

/// Where a line of a file stands.
pub(crate) enum Standing {
    /// It is this entry of the journal.
    Recorded(Box<Entry>),
    /// It says what another line says, which is this entry.
    Repeats(Box<Entry>),
    /// It is not in the journal.
    Wrong(LineProblem),
}

impl Journal {
    /// Records every line of a file that can be sent. Each chunk is on disk before the next is read, so a broken-off import is
    /// simply started again.
    ///
    /// # Errors
    /// When the file's header cannot be used, or the database fails. What was recorded before that stays.
    pub fn import(
        &self,
        operation: &'static Operation,
        profile: &Profile,
        options: &ImportOptions,
        file: impl Read,
    ) -> Result<ImportSummary, JournalError> {
        let mut summary = ImportSummary::default();
        let mut lines = read(operation, profile, options, file)?;
        loop {
            let chunk: Vec<Line> = lines.by_ref().take(options.chunk.max(1)).collect();
            if chunk.is_empty() {
                return Ok(summary);
            }
            self.import_chunk(profile, options, chunk, &mut summary)?;
        }
    }

    fn import_chunk(
        &self,
        profile: &Profile,
        options: &ImportOptions,
        chunk: Vec<Line>,
        summary: &mut ImportSummary,
    ) -> Result<(), JournalError> {
        summary.lines += chunk.len() as u64;
        let mut problems = Vec::new();
        let mut submissions = Vec::new();
        let mut entries: Vec<NewEntry> = Vec::new();
        for line in chunk {
            let number = line.number;
            match options.submission(line) {
                Ok(submission) => {
                    entries.push(self.new_entry(profile, &submission, None)?);
                    submissions.push((number, submission));
                }
                Err(problem) => problems.push(problem),
            }
        }
        let inserted = self.store().submit(&entries)?;
        for ((number, submission), inserted) in submissions.into_iter().zip(inserted) {
            let standing = match inserted {
                Inserted::New(_) => {
                    summary.new += 1;
                    continue;
                }
                Inserted::Known(id) => {
                    let entry = self.recorded(&submission, id)?;
                    self.standing(profile, &submission, number, entry)?
                }
                Inserted::FormTaken => self.not_recorded(profile, &submission, number)?,
            };
            match standing {
                Standing::Recorded(_) => summary.known += 1,
                Standing::Repeats(_) => summary.repeated += 1,
                Standing::Wrong(problem) => problems.push(problem),
            }
        }
        problems.sort_by_key(|problem| problem.line);
        problems.into_iter().for_each(|problem| summary.wrong_line(problem));
        Ok(())
    }

    /// A line whose key this entry has.
    fn standing(
        &self,
        profile: &Profile,
        submission: &Submission,
        number: u64,
        entry: Entry,
    ) -> Result<Standing, JournalError> {
        match self.same(profile, submission, entry) {
            Ok(entry) => Ok(Standing::of(entry, submission)),
            Err(error @ JournalError::KeyReused { .. }) => Ok(Standing::Wrong(refusal(number, &error))),
            Err(error) => Err(error),
        }
    }

    /// Where lines stand, with one look at the database; nothing is recorded.
    pub(crate) fn standings(
        &self,
        profile: &Profile,
        options: &ImportOptions,
        chunk: Vec<Line>,
    ) -> Result<Vec<(u64, Option<String>, Standing)>, JournalError> {
        let mut lines = Vec::with_capacity(chunk.len());
        for line in chunk {
            let key = line.request.as_ref().ok().map(|prepared| prepared.key().to_owned());
            lines.push((line.number, key, options.submission(line)));
        }
        let keys: Vec<&str> = lines.iter().filter_map(|(_, key, _)| key.as_deref()).collect();
        let found = match self.known_account(profile)? {
            Some(account) => self.store().by_keys(account, &keys)?,
            None => Vec::new(),
        };
        let found: HashMap<String, Entry> =
            found.into_iter().map(|entry| (entry.key.clone(), entry)).collect();
        let mut standings = Vec::with_capacity(lines.len());
        for (number, key, submission) in lines {
            let entry = key.as_ref().and_then(|key| found.get(key));
            let standing = match (submission, entry) {
                (Err(problem), None) => Standing::Wrong(problem),
                (Err(mut problem), Some(entry)) => {
                    // As it stands in the file it was never sent, but its key was.
                    problem.problem += &format!("; the journal has its key, which is {}", entry.state);
                    Standing::Wrong(problem)
                }
                (Ok(submission), Some(entry)) => {
                    self.standing(profile, &submission, number, entry.clone())?
                }
                (Ok(submission), None) => self.not_recorded(profile, &submission, number)?,
            };
            standings.push((number, key, standing));
        }
        Ok(standings)
    }

    /// A line whose key the journal does not have: its form is taken, or it was never imported.
    fn not_recorded(
        &self,
        profile: &Profile,
        submission: &Submission,
        number: u64,
    ) -> Result<Standing, JournalError> {
        Ok(Standing::Wrong(match self.form_taken(profile, submission)? {
            Some(taken) => refusal(number, &taken),
            None => {
                let problem = "was not imported: give the file to the import again".to_owned();
                LineProblem { line: number, code: codes::REFUND_NOT_FOUND.to_owned(), problem }
            }
        }))
    }
}

/// The lines of a file; a file of an operation that only reads is refused at once.
pub(crate) fn read<'a>(
    operation: &'static Operation,
    profile: &'a Profile,
    options: &ImportOptions,
    file: impl Read + 'a,
) -> Result<batch::Lines<'a>, JournalError> {
    if operation.spec.effect == Effect::Reads {
        return Err(JournalError::OnlyReads { operation: operation.spec.name.to_owned() });
    }
    batch::read(options.format, operation, profile, file).map_err(|error: BatchError| {
        JournalError::Configuration(ConfigurationError {
            field: options.batch.clone(),
            code: error.code(),
            message: error.to_string(),
        })
    })
}

impl ImportOptions {
    /// A line as it is submitted, or what is wrong with it.
    fn submission(&self, line: Line) -> Result<Submission, LineProblem> {
        let Line { number, request } = line;
        let submission = request.and_then(|prepared| {
            let form = self.form_of(&prepared)?;
            let submission = Submission::new(prepared).from_batch(&self.batch, number);
            let submission = match form {
                Some(form) => submission.form(&form),
                None => submission,
            };
            submission.check().map_err(|invalid| invalid.violations)?;
            Ok(submission)
        });
        submission.map_err(|violations| invalid(number, &violations))
    }

    /// What the named field says; without it the form rule would not hold for this line.
    fn form_of(&self, prepared: &Prepared) -> Result<Option<String>, Vec<Violation>> {
        let Some(field) = &self.form_field else { return Ok(None) };
        let absent = || Violation {
            path: field.clone(),
            rule: "required",
            message: "is the field that names the form, and must not be empty".to_owned(),
            given: "nothing".to_owned(),
        };
        Ok(Some(prepared.field(field).ok_or_else(|| vec![absent()])?))
    }
}

impl ImportSummary {
    fn wrong_line(&mut self, problem: LineProblem) {
        self.wrong += 1;
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        }
    }
}

impl Standing {
    fn of(entry: Entry, submission: &Submission) -> Self {
        let own = entry.batch.clone().zip(entry.line) == submission.batch;
        if own { Self::Recorded(Box::new(entry)) } else { Self::Repeats(Box::new(entry)) }
    }
}

fn invalid(line: u64, violations: &[Violation]) -> LineProblem {
    let problem = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    LineProblem { line, code: codes::INVALID_REQUEST.to_owned(), problem }
}

/// A refusal in a line's own words: the other refund's place in a file helps more than the whole sentence.
fn refusal(line: u64, error: &JournalError) -> LineProblem {
    let problem = match error {
        JournalError::KeyReused { key, fields, state, .. } => {
            let fields = fields.join(", ");
            format!("the key {key} belongs to another request, which is {state}; these differ: {fields}")
        }
        JournalError::FormTaken { form, key, state } if *state != State::Failed => {
            format!("the form {form} has the refund {key} already, which is {state}")
        }
        other => other.to_string(),
    };
    LineProblem { line, code: error.code().to_owned(), problem }
}
