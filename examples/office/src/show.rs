//! `office show KEY`: everything that was recorded about one refund.

use std::io::Write;

use anyhow::{Result, bail};
use comfy_table::ColumnConstraint;
use serde_json::{Map, Value};
use taxrefund_core::NextStep;
use taxrefund_journal::{Entry, Filter, Journal, Kind};

use crate::Ending;
use crate::place::Place;
use crate::print::{amount, table, utc, utc_ms, why};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The idempotency key: out_order_no, refundRequestId, …
    key: String,
    /// Also the request and the answers as they came. They hold the traveller's data
    #[arg(long)]
    evidence: bool,
}

pub(crate) fn run(args: &Args, place: &Place, out: &mut dyn Write) -> Result<Ending> {
    let journal = place.look()?;
    let found = find(&journal, place, &args.key)?;
    if found.is_empty() {
        bail!("the journal has no refund with the key {}: nothing was sent under it from here", args.key);
    }
    for entry in &found {
        about(entry, out)?;
        story(&journal, entry, out)?;
        if args.evidence {
            evidence(&journal, entry, out)?;
        }
    }
    Ok(Ending::Fine)
}

/// With the accounts at hand by the index; without them by reading the whole journal, which needs nobody's keys.
fn find(journal: &Journal, place: &Place, key: &str) -> Result<Vec<Entry>> {
    let Some(accounts) = place.accounts_if_given()? else {
        let is_it = |entry: &Result<Entry, _>| entry.as_ref().map_or(true, |entry| entry.key == key);
        return Ok(journal.entries(Filter::default()).filter(is_it).collect::<Result<_, _>>()?);
    };
    let mut found = Vec::new();
    for client in accounts.all() {
        found.extend(journal.find(client.profile(), key)?);
    }
    Ok(found)
}

fn about(entry: &Entry, out: &mut dyn Write) -> Result<()> {
    let mut line = |name: &str, text: &str| match text {
        "" => Ok(()),
        text => writeln!(out, "  {name:<11}{text}"),
    };
    line("key", &entry.key)?;
    line("operation", &entry.operation)?;
    line("account", &entry.account)?;
    line("form", entry.form.as_deref().unwrap_or_default())?;
    line("amount", &amount(entry.amount.as_ref()))?;
    line("state", entry.state.as_str())?;
    line("code", &why(entry))?;
    line("next step", entry.next_step.map(NextStep::as_str).unwrap_or_default())?;
    line("reference", entry.reference.as_deref().unwrap_or_default())?;
    if let (Some(batch), Some(number)) = (&entry.batch, entry.line) {
        line("from", &format!("{batch}, line {number}"))?;
    }
    if entry.conflict {
        line("conflict", "something said the opposite of what is recorded: a person must look")?;
    }
    line("overridden", entry.overridden.as_deref().unwrap_or_default())?;
    let due = entry.due_ms.map(|ms| format!("{} UTC", utc(ms))).unwrap_or_default();
    match &entry.lease_owner {
        Some(owner) => line("held by", &format!("{owner}, until {due}")),
        None => line("due", &due),
    }?;
    Ok(())
}

fn story(journal: &Journal, entry: &Entry, out: &mut dyn Write) -> Result<()> {
    let mut rows = table(&["record", "time (UTC)", "what", "took", "heard", "then", "by"]);
    for record in journal.story(entry)? {
        let content: Map<String, Value> = serde_json::from_str(&record.content).unwrap_or_default();
        let text = |name: &str| content.get(name).and_then(Value::as_str).unwrap_or_default();
        let took = content.get("took_ms").and_then(Value::as_u64);
        rows.add_row([
            record.seq.to_string(),
            utc_ms(record.at_ms),
            match record.kind {
                Kind::Attempt => text("interface").to_owned(),
                Kind::Late => format!("{}, too late", text("interface")),
                kind => kind.as_str().to_owned(),
            },
            took.map(|ms| format!("{ms} ms")).unwrap_or_default(),
            heard(&content),
            [text("state"), text("merged"), text("why")].join(" ").trim().to_owned(),
            text("owner").to_owned(),
        ]);
    }
    if let Some(times) = rows.column_mut(1) {
        times.set_constraint(ColumnConstraint::ContentWidth);
    }
    writeln!(out, "{rows}")?;
    Ok(())
}

/// The code, and whether anybody vouches for it.
fn heard(content: &Map<String, Value>) -> String {
    let text = |name: &str| content.get(name).and_then(Value::as_str);
    let Some(code) = text("code") else { return String::new() };
    let sub_code = text("sub_code").map(|sub_code| format!(" {sub_code}")).unwrap_or_default();
    let verified = content.get("verified").and_then(Value::as_bool);
    let doubt = if verified == Some(false) { " (not verified)" } else { "" };
    format!("{code}{sub_code}{doubt}")
}

fn evidence(journal: &Journal, entry: &Entry, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "request:\n{}", serde_json::to_string_pretty(&journal.request(entry)?)?)?;
    for record in journal.story(entry)? {
        let evidence = journal.evidence(&record)?;
        if !evidence.is_empty() {
            writeln!(out, "record {}:\n{}", record.seq, serde_json::to_string_pretty(&evidence)?)?;
        }
    }
    Ok(())
}
