//! What needs somebody: refunds that are not known and do not go on by themselves, and contradictions.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;
use taxrefund_core::NextStep;
use taxrefund_core::explain::{Language, all_steps, explain_step};
use taxrefund_journal::{Entry, Filter, Journal, State};

use crate::print::{table, utc, why};

/// So many refunds are named.
const NAMED: usize = 20;

#[derive(Default, Serialize)]
pub(crate) struct Needs {
    /// Unknown refunds, by next step.
    unknown: BTreeMap<&'static str, u64>,
    /// Failed ones, by next step: no money moved, and a new request may be due.
    failed: BTreeMap<&'static str, u64>,
    /// Something said the opposite of what is recorded.
    conflicts: u64,
    /// The first of the unknown and contradicted ones.
    refunds: Vec<Entry>,
}

impl Needs {
    pub(crate) fn of(journal: &Journal) -> Result<Self> {
        let mut needs = Self::default();
        let of = |state| Filter { state: Some(state), ..Filter::default() };
        for entry in journal.entries(of(State::Unknown)) {
            let entry = entry?;
            *needs.unknown.entry(step(&entry)).or_default() += 1;
            needs.name(entry);
        }
        for entry in journal.entries(of(State::Failed)) {
            *needs.failed.entry(step(&entry?)).or_default() += 1;
        }
        for entry in journal.entries(Filter { conflict: true, ..Filter::default() }) {
            needs.conflicts += 1;
            needs.name(entry?);
        }
        Ok(needs)
    }

    /// Failed refunds stay failed for ever, so they alone are no reason to call somebody.
    pub(crate) fn anybody(&self) -> bool {
        !self.unknown.is_empty() || self.conflicts > 0
    }

    pub(crate) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.anybody() {
            writeln!(out, "\nNeeds somebody:")?;
            let mut rows = table(&["key", "state", "why", "next step", "since (UTC)"]);
            for entry in &self.refunds {
                let state = if entry.conflict {
                    format!("{}, contradicted", entry.state)
                } else {
                    entry.state.to_string()
                };
                rows.add_row([&entry.key, &state, &why(entry), step(entry), &utc(entry.updated_ms)]);
            }
            writeln!(out, "{rows}")?;
            let more = self.unknown.values().sum::<u64>() + self.conflicts;
            if more > NAMED as u64 {
                writeln!(out, "… {more} in all")?;
            }
        }
        for (title, steps) in [("Unknown", &self.unknown), ("Failed, no money moved", &self.failed)] {
            if steps.is_empty() {
                continue;
            }
            writeln!(out, "\n{title}:")?;
            for (step, count) in steps {
                let text = named_step(step).ok().and_then(|step| explain_step(step, Language::English));
                writeln!(out, "  {count} {step}: {}", text.map_or("", |text| text.engineer))?;
            }
        }
        if self.conflicts > 0 {
            writeln!(
                out,
                "\n{} contradicted: look at the story (`office show KEY --evidence`) and ask the provider's support; pay \
                 nothing for these forms meanwhile.",
                self.conflicts
            )?;
        }
        Ok(())
    }

    fn name(&mut self, entry: Entry) {
        if self.refunds.len() < NAMED && self.refunds.iter().all(|known| known.id != entry.id) {
            self.refunds.push(entry);
        }
    }
}

/// A next step by its name.
pub(crate) fn named_step(name: &str) -> Result<NextStep, String> {
    serde_json::from_value(name.into()).map_err(|_| {
        let names: Vec<_> = all_steps(Language::English).map(|text| text.step).collect();
        format!("the next steps are: {}", names.join(", "))
    })
}

fn step(entry: &Entry) -> &'static str {
    entry.next_step.unwrap_or(NextStep::None).as_str()
}
