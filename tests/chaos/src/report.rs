//! What a run prints in the end.

use std::sync::atomic::Ordering;

use comfy_table::{Table, presets};
use taxrefund_journal::Head;
use taxrefund_sandbox::Sandbox;

use crate::fleet::Hits;
use crate::merchant::Told;
use crate::notices::Counts;
use crate::verdict::Verdict;

pub(crate) fn table(verdict: &Verdict) {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY).set_header([
        "file",
        "lines",
        "succeeded",
        "failed",
        "unknown",
        "ledger: done",
        "requests",
    ]);
    for row in &verdict.rows {
        let numbers = [row.lines, row.succeeded, row.failed, row.unknown, row.done, row.requests];
        table.add_row(std::iter::once(row.name.to_owned()).chain(numbers.map(|number| number.to_string())));
    }
    println!("\nWhat the journal says, and what the simulator's ledger knows:\n{table}");
}

pub(crate) fn blows(hits: Hits, missed: usize, processes: u64, taken_over: u64) {
    println!(
        "{} kills and {} stops ({} of them ended by a kill) met a running worker, {missed} came too late; {processes} worker \
         processes in all; {taken_over} refunds were taken over in the middle.",
        hits.kills, hits.stops, hits.kills_while_stopped
    );
}

pub(crate) fn company(told: &Told, notices: &Counts, reopened: u64) {
    println!(
        "The merchant was told {} final outcomes, {} times that a refund is still open. Notifications: {} settled a refund, {} \
         said what was known, {} were not believed. {reopened} unknown refunds were reopened without faults.",
        told.finals.len(),
        told.open,
        notices.settled.load(Ordering::Relaxed),
        notices.known.load(Ordering::Relaxed),
        notices.refused.load(Ordering::Relaxed),
    );
}

pub(crate) fn faults(sandbox: &Sandbox) {
    let requests = sandbox.requests();
    let met = requests.iter().filter(|request| !request.faults.is_empty()).count();
    println!("{} requests reached the simulator, {met} of them met a fault.", requests.len());
}

pub(crate) fn chain(records: u64, head: &Head) {
    let hash: String = head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("The chain of {records} records is whole; its head is {}:{hash}.", head.seq);
}

pub(crate) fn complaints(verdict: &Verdict) {
    for (name, found) in [
        ("DOUBLE", &verdict.double),
        ("LOST", &verdict.lost),
        ("FALSE FAILED", &verdict.false_failed),
        ("FALSE SUCCEEDED", &verdict.false_succeeded),
        ("WRONG", &verdict.wrong),
    ] {
        for text in found {
            println!("{name}: {text}");
        }
    }
}
