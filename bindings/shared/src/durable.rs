//! The journal and the worker, from JSON settings, with JSON results.

use std::io::{Read, Write};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use taxrefund_core::batch::Format;
use taxrefund_core::operations::{self, Entry as Operation};
use taxrefund_core::{NextStep, Prepared, Profile};
use taxrefund_journal::settlement::{List, ListOptions, Recorded, compare};
use taxrefund_journal::worker::{Until, WorkerOptions};
use taxrefund_journal::{
    Entry, Filter, Head, ImportOptions, Journal, Merged, Options, SealingKey, State, Submission,
};

use crate::{Problem, json, settings};

/// Opens a journal: `{"read_only", "accept_clock", "owner", "restarted", "lease_ms", "take_up_again_after_ms": […]}`, all
/// optional.
///
/// # Errors
/// What is wrong with the settings, the sealing key (32 bytes) or the place.
pub fn open(place: &str, options: &str, sealing_key: Option<&[u8]>) -> Result<Journal, Problem> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Given {
        read_only: bool,
        accept_clock: bool,
        owner: Option<String>,
        restarted: bool,
        lease_ms: Option<u64>,
        take_up_again_after_ms: Option<Vec<u64>>,
    }
    let given: Given = settings("journal", options)?;
    let mut options = Options {
        sealing_key: sealing_key.map(key).transpose()?,
        read_only: given.read_only,
        accept_clock: given.accept_clock,
        owner: given.owner,
        restarted: given.restarted,
        ..Options::default()
    };
    if let Some(lease_ms) = given.lease_ms {
        options.run.lease = Duration::from_millis(lease_ms);
    }
    if let Some(waits) = given.take_up_again_after_ms {
        options.run.take_up_again_after = waits.into_iter().map(Duration::from_millis).collect();
    }
    Ok(Journal::open(place, options)?)
}

/// A sealing key of 32 bytes.
///
/// # Errors
/// Another length.
pub fn key(bytes: &[u8]) -> Result<SealingKey, Problem> {
    let bytes = bytes.try_into().map_err(|_| {
        Problem::configuration("sealing_key", &format!("must be 32 bytes, has {}", bytes.len()))
    })?;
    Ok(SealingKey::new(bytes))
}

/// An operation by its name.
///
/// # Errors
/// A name that is none; all names are listed.
pub fn operation(name: &str) -> Result<&'static Operation, Problem> {
    operations::find(name).ok_or_else(|| {
        let names: Vec<_> = operations::all().map(|entry| entry.spec.name).collect();
        Problem::configuration(
            "operation",
            &format!("there is no such operation; there are {}", names.join(", ")),
        )
    })
}

/// A refund to be recorded: `{"form", "second_refund_for_form", "batch", "line"}`, all optional.
///
/// # Errors
/// Members that cannot be read.
pub fn submission(prepared: Prepared, extras: &str) -> Result<Submission, Problem> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Given {
        form: Option<String>,
        second_refund_for_form: Option<String>,
        batch: Option<String>,
        line: Option<u64>,
    }
    let given: Given = settings("submission", extras)?;
    let mut submission = Submission::new(prepared);
    if let Some(form) = given.form {
        submission = submission.form(&form);
    }
    if let Some(why) = given.second_refund_for_form {
        submission = submission.second_refund_for_form(&why);
    }
    if let Some(batch) = given.batch {
        submission = submission.from_batch(&batch, given.line.unwrap_or_default());
    }
    Ok(submission)
}

/// Which entries: `{"state", "next_step", "batch", "conflict"}`, all optional.
///
/// # Errors
/// Names that are none.
pub fn filter(text: &str) -> Result<Filter, Problem> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Given {
        state: Option<String>,
        next_step: Option<NextStep>,
        batch: Option<String>,
        conflict: bool,
    }
    let given: Given = settings("filter", text)?;
    let state = given
        .state
        .map(|name| {
            State::ALL.into_iter().find(|state| state.as_str() == name).ok_or_else(|| {
                let names = State::ALL.map(State::as_str).join(", ");
                Problem::configuration("filter.state", &format!("must be one of {names}"))
            })
        })
        .transpose()?;
    Ok(Filter { state, next_step: given.next_step, batch: given.batch, conflict: given.conflict })
}

/// Everything recorded about a refund, oldest first: `[{"seq", "kind", "at_ms", "content", "evidence"}]`. `evidence`
/// (the request's answers as they came) is `null` unless asked for; it may hold personal data.
///
/// # Errors
/// When the database cannot be read.
pub fn story(journal: &Journal, entry: &Entry, evidence: bool) -> Result<String, Problem> {
    let mut records = Vec::new();
    for record in journal.story(entry)? {
        let told = if evidence { Some(journal.evidence(&record)?) } else { None };
        records.push(json!({
            "seq": record.seq,
            "kind": record.kind,
            "at_ms": record.at_ms,
            "content": serde_json::from_str::<Value>(&record.content).unwrap_or_default(),
            "evidence": told,
        }));
    }
    Ok(json(&records))
}

/// The proof that nothing was changed (`{"proof": {"entries", "records", "head"}}`), or the first thing that is not as it was
/// written (`{"broken": {"seq", "key", "problem"}}`).
///
/// # Errors
/// An expected head that is none; a database that cannot be read.
pub fn verified(journal: &Journal, expected: Option<&str>) -> Result<String, Problem> {
    let head = expected
        .map(|text| text.parse::<Head>().map_err(|error| Problem::configuration("expected", &error)))
        .transpose()?;
    Ok(match journal.verify(head)? {
        Ok(proof) => json(&json!({ "proof": proof })),
        Err(broken) => json(&json!({ "broken": broken })),
    })
}

/// How a file is imported: `{"batch", "format": "csv" | "json_lines", "form_field", "chunk"}`; only the batch's name is needed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    batch: String,
    format: Option<Format>,
    form_field: Option<String>,
    chunk: Option<usize>,
}

fn import_options(text: &str) -> Result<ImportOptions, Problem> {
    let given: Import = settings("import", text)?;
    let options = ImportOptions::csv(&given.batch);
    Ok(ImportOptions {
        format: given.format.unwrap_or(Format::Csv),
        form_field: given.form_field,
        chunk: given.chunk.unwrap_or(options.chunk),
        ..options
    })
}

/// Records every line of a file that can be sent; returns the summary.
///
/// # Errors
/// Options that cannot be read, a header that cannot be used, a database that fails.
pub fn import(
    journal: &Journal,
    operation_name: &str,
    profile: &Profile,
    options: &str,
    file: impl Read,
) -> Result<String, Problem> {
    Ok(json(&journal.import(operation(operation_name)?, profile, &import_options(options)?, file)?))
}

/// Writes what became of each line of an imported file, as CSV; returns the summary.
///
/// # Errors
/// As [`import`], and when the result cannot be written.
pub fn write_results(
    journal: &Journal,
    operation_name: &str,
    profile: &Profile,
    options: &str,
    file: impl Read,
    out: impl Write,
) -> Result<String, Problem> {
    let (operation, options) = (operation(operation_name)?, import_options(options)?);
    Ok(json(&journal.write_results(operation, profile, &options, file, out)?))
}

/// What a settlement check is about: one operation of one account, in the list's time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scope {
    operation: String,
    account: Option<String>,
    from_ms: Option<i64>,
    before_ms: Option<i64>,
}

impl Scope {
    fn holds(&self, entry: &Entry) -> bool {
        entry.operation == self.operation
            && self.account.as_ref().is_none_or(|account| entry.account == *account)
            && self.from_ms.is_none_or(|from| entry.created_ms >= from)
            && self.before_ms.is_none_or(|before| entry.created_ms < before)
    }
}

/// Holds the journal against a provider's list: `{"clean", "table", "report"}`. The differences go to `csv` too, where given.
///
/// # Errors
/// A list that cannot be read, a scope that means several accounts, a database that fails.
pub fn settlement(
    journal: &Journal,
    list: impl Read,
    options: &str,
    scope: &str,
    csv: Option<impl Write>,
) -> Result<String, Problem> {
    let options: ListOptions = settings("list", options)?;
    let scope: Scope = settings("scope", scope)?;
    operation(&scope.operation)?;
    let list = List::read(list, &options)?;
    let mut accounts = std::collections::BTreeSet::new();
    for entry in journal.entries(Filter::default()) {
        let entry = entry?;
        if scope.holds(&entry) {
            accounts.insert(entry.account);
        }
    }
    if accounts.len() > 1 {
        let accounts = accounts.into_iter().collect::<Vec<_>>().join(", ");
        let message = format!(
            "the journal has several with this operation, and a list is about one: give one of {accounts}"
        );
        return Err(Problem::configuration("account", &message));
    }
    let meant = journal
        .entries(Filter::default())
        .filter(|entry| entry.as_ref().map_or(true, |entry| scope.holds(entry)));
    let report = compare(list, meant.map(|entry| entry.map(|entry| Recorded::from(&entry))))?;
    if let Some(csv) = csv {
        report.write_csv(csv)?;
    }
    Ok(json(&json!({ "clean": report.is_clean(), "table": report.table(), "report": report })))
}

/// Records a notification: verified, merged, on disk. `{"notification", "merged"}`; send the notification's reply then.
///
/// # Errors
/// [`Problem`] `notification_refused` with the reply to give; or the database's, and then no reply is to be sent.
pub fn notify(
    journal: &Journal,
    profile: &Profile,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
    now_ms: u64,
) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Told<'a> {
        notification: &'a taxrefund_core::Notification,
        merged: Merged,
    }
    let notification = profile.notification(path, headers, body, now_ms)?;
    let merged = journal.notify(profile, &notification, headers, body)?;
    Ok(json(&Told { notification: &notification, merged }))
}

/// How a worker works: `{"exchanges", "held", "until": "nothing_due" | "nothing_open" | "stopped", "look_every_ms",
/// "halt_after"}`, all optional.
///
/// # Errors
/// Members that cannot be read.
pub fn worker_options(text: &str) -> Result<WorkerOptions, Problem> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Given {
        exchanges: Option<usize>,
        held: Option<usize>,
        until: Option<Until>,
        look_every_ms: Option<u64>,
        halt_after: Option<u32>,
    }
    let given: Given = settings("worker", text)?;
    let default = WorkerOptions::default();
    if given.exchanges == Some(0) || given.held == Some(0) {
        return Err(Problem::configuration("worker.exchanges", "must be at least 1, and so must held"));
    }
    Ok(WorkerOptions {
        exchanges: given.exchanges.unwrap_or(default.exchanges),
        held: given.held.unwrap_or(default.held),
        until: given.until.unwrap_or(default.until),
        look_every: given.look_every_ms.map_or(default.look_every, Duration::from_millis),
        halt_after: given.halt_after.unwrap_or(default.halt_after),
    })
}
