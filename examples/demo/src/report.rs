//! What the demonstration prints.

use comfy_table::{ContentArrangement, Table, presets};
use taxrefund_core::Outcome;
use taxrefund_core::explain::{Language, explain_step};

use crate::lines::Batch;
use crate::pay::{Outcomes, Paid};
use crate::verdict::Verdict;

const WIDTH: u16 = 118;

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(header);
    table
}

/// What the files hold.
pub(crate) fn files(batches: &[Batch]) {
    let mut table = table(&["file", "operation", "lines", "ready", "bad"]);
    for batch in batches {
        let ready = batch.lines.iter().filter(|line| line.request.is_ok()).count();
        table.add_row([
            format!("{}.csv", batch.account.file),
            batch.account.operation.spec.name.to_owned(),
            batch.lines.len().to_string(),
            ready.to_string(),
            (batch.lines.len() - ready).to_string(),
        ]);
    }
    println!("{table}");
}

/// The outcomes: a line each for those that need somebody, or for all.
pub(crate) fn outcomes(batches: &[Batch], paid: &Outcomes, all: bool) {
    let mut table = table(&["file", "line", "key", "outcome", "why", "sends", "next step"]);
    let mut steps = Vec::new();
    for batch in batches {
        for line in &batch.lines {
            let Ok(prepared) = &line.request else { continue };
            let Some(Paid { outcome: Ok(outcome), resumed }) = paid.get(&(batch.account.file, line.number))
            else {
                continue;
            };
            if matches!(outcome, Outcome::Succeeded(_)) && !all {
                continue;
            }
            let sends = outcome.report().attempts.len();
            table.add_row([
                batch.account.file.to_owned(),
                line.number.to_string(),
                prepared.key().to_owned(),
                outcome.as_str().to_owned(),
                outcome
                    .reason()
                    .map_or_else(|| outcome.reference().unwrap_or_default().to_owned(), ToString::to_string),
                if *resumed { format!("{sends}, resumed") } else { sends.to_string() },
                outcome.next_step().as_str().to_owned(),
            ]);
            if !steps.contains(&outcome.next_step()) {
                steps.push(outcome.next_step());
            }
        }
    }
    println!("\nOutcomes{}:\n{table}", if all { "" } else { " that need somebody (all others succeeded)" });
    for text in steps.into_iter().filter_map(|step| explain_step(step, Language::English)) {
        println!("  {}: {}", text.step, text.clerk);
    }
}

/// The lines that were never sent.
pub(crate) fn bad_lines(batches: &[Batch]) {
    let mut table = table(&["file", "line", "what is wrong"]);
    for batch in batches {
        for line in &batch.lines {
            let Err(violations) = &line.request else { continue };
            let wrong = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            table.add_row([format!("{}.csv", batch.account.file), line.number.to_string(), wrong]);
        }
    }
    println!("\nBad lines, of which nothing was sent:\n{table}");
}

/// Outcomes and ledger side by side.
pub(crate) fn ledger(verdict: &Verdict) {
    let mut table = table(&[
        "file",
        "succeeded",
        "failed",
        "unknown",
        "ledger: done",
        "not done",
        "twice",
        "requests seen",
    ]);
    for row in &verdict.rows {
        table.add_row([
            row.file.to_owned(),
            row.succeeded.to_string(),
            row.failed.to_string(),
            row.unknown.to_string(),
            row.ledger_done.to_string(),
            row.ledger_not_done.to_string(),
            row.ledger_twice.to_string(),
            row.requests.to_string(),
        ]);
    }
    println!("\nWhat the client says, and what the simulator's ledger knows:\n{table}");
    let mut faults: Vec<_> = verdict.faults.iter().collect();
    faults.sort_by_key(|(name, count)| (usize::MAX - **count, *name));
    let faults: Vec<_> = faults.into_iter().map(|(name, count)| format!("{name} {count}")).collect();
    println!(
        "{} of {} refunds met a fault: {}.",
        verdict.met_a_fault,
        verdict.refunds,
        if faults.is_empty() { "none".to_owned() } else { faults.join(", ") }
    );
    for wrong in &verdict.wrong {
        println!("WRONG: {wrong}");
    }
}
