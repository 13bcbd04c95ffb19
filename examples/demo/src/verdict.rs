//! The journal against the ledger.

use std::collections::{BTreeMap, BTreeSet};

use taxrefund_core::Protocol;
use taxrefund_journal::{Entry, State};
use taxrefund_sandbox::{LedgerEntry, Sandbox};

use crate::batch::{Batch, line};

/// What the comparison found.
#[derive(Default)]
pub(crate) struct Verdict {
    /// By file.
    pub(crate) rows: Vec<Row>,
    /// How often each fault took hold.
    pub(crate) faults: BTreeMap<String, usize>,
    /// Refunds that met a fault.
    pub(crate) met_a_fault: usize,
    /// Refunds in all.
    pub(crate) refunds: usize,
    /// What must never happen, and did.
    pub(crate) wrong: Vec<String>,
}

/// One file.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) file: &'static str,
    pub(crate) succeeded: usize,
    pub(crate) failed: usize,
    pub(crate) unknown: usize,
    pub(crate) ledger_done: usize,
    pub(crate) ledger_not_done: usize,
    pub(crate) ledger_twice: usize,
    pub(crate) requests: u32,
}

impl Verdict {
    /// With the demonstration's own mix a third of the refunds at least must have met a fault, or it proves little.
    pub(crate) fn holds(&self, demo_mix: bool) -> bool {
        self.wrong.is_empty() && (!demo_mix || self.met_a_fault * 3 >= self.refunds)
    }
}

pub(crate) fn compare(batches: &[Batch], sandbox: &Sandbox) -> Verdict {
    let ledger = sandbox.ledger();
    let mut verdict = Verdict::default();
    for double in &ledger.double_paid {
        verdict
            .wrong
            .push(format!("{}: {} was paid {} times", double.protocol, double.form, double.paid_times));
    }
    for batch in batches {
        let mut row = Row { file: batch.file, ..Row::default() };
        for recorded in &batch.entries {
            let key = match recorded.protocol {
                Protocol::AlipayPlus => recorded.key.replace(':', "/"),
                Protocol::Alipay | Protocol::Antom => recorded.key.clone(),
            };
            let entry = ledger.entries.iter().find(|entry| entry.protocol == row.file && entry.key == key);
            row.judge(recorded, entry, &mut verdict.wrong);
            verdict.refunds += 1;
        }
        verdict.rows.push(row);
    }
    let mut met = BTreeSet::new();
    for request in sandbox.requests() {
        for fault in &request.faults {
            *verdict.faults.entry(fault.clone()).or_default() += 1;
            met.insert((request.protocol.clone(), request.key.clone()));
        }
    }
    verdict.met_a_fault = met.len();
    verdict
}

impl Row {
    fn judge(&mut self, recorded: &Entry, entry: Option<&LedgerEntry>, wrong: &mut Vec<String>) {
        let times = entry.map_or(0, |entry| entry.paid_times);
        let done = times > 0 || entry.is_some_and(|entry| entry.state == "recorded");
        self.requests += entry.map_or(0, |entry| entry.requests.values().sum());
        self.ledger_twice += usize::from(times > 1);
        if done {
            self.ledger_done += 1;
        } else {
            self.ledger_not_done += 1;
        }
        let mut complain = |text: &str| wrong.push(format!("{} line {}: {text}", self.file, line(recorded)));
        if times > 1 {
            complain("paid more than once");
        }
        match recorded.state {
            State::Succeeded => {
                self.succeeded += 1;
                if !done {
                    complain("called succeeded, but the ledger does not know it");
                }
            }
            State::Failed => {
                self.failed += 1;
                if done {
                    complain("called failed, but the ledger has it paid");
                }
            }
            State::Unknown => self.unknown += 1,
            State::Open | State::Waiting => complain("was not brought to an end"),
        }
    }
}
