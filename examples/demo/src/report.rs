//! What the demonstration prints.

use comfy_table::{ContentArrangement, Table, presets};
use taxrefund_core::NextStep;
use taxrefund_core::explain::{Language, explain_step};
use taxrefund_journal::State;

use crate::batch::{Batch, line};
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

/// The outcomes: a line each for those that need somebody, or for all.
pub(crate) fn outcomes(batches: &[Batch], all: bool) {
    let mut table = table(&["file", "line", "key", "outcome", "why", "sends", "next step"]);
    let mut steps = Vec::new();
    for batch in batches {
        for entry in &batch.entries {
            if entry.state == State::Succeeded && !all {
                continue;
            }
            let why = [entry.code.as_deref(), entry.sub_code.as_deref()];
            let why = why.into_iter().flatten().collect::<Vec<_>>().join(" ");
            table.add_row([
                batch.file.to_owned(),
                line(entry),
                entry.key.clone(),
                entry.state.to_string(),
                if entry.state == State::Succeeded {
                    entry.reference.clone().unwrap_or_default()
                } else {
                    why
                },
                entry.attempts.to_string(),
                entry.next_step.map(NextStep::as_str).unwrap_or_default().to_owned(),
            ]);
            steps.extend(entry.next_step.filter(|step| !steps.contains(step)));
        }
    }
    println!("\nOutcomes{}:\n{table}", if all { "" } else { " that need somebody (all others succeeded)" });
    for text in steps.into_iter().filter_map(|step| explain_step(step, Language::English)) {
        println!("  {}: {}", text.step, text.clerk);
    }
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
    println!("\nWhat the journal says, and what the simulator's ledger knows:\n{table}");
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
