//! `office status`: how many refunds are where, who is at work, and what needs somebody.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;
use serde::Serialize;
use taxrefund_journal::{Counts, Filter, Journal, State};

use crate::Ending;
use crate::needs::Needs;
use crate::place::Place;
use crate::print::utc;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// As JSON, for a monitor
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, place: &Place, out: &mut dyn Write) -> Result<Ending> {
    let journal = place.look()?;
    let status = Status::of(&journal)?;
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&status)?)?;
    } else {
        status.print(out)?;
    }
    Ok(if status.needs_somebody.anybody() { Ending::NeedsSomebody } else { Ending::Fine })
}

#[derive(Serialize)]
struct Status {
    counts: Counts,
    /// By the owner's name.
    leases: BTreeMap<String, Leases>,
    /// When the refund that is due first and that nobody holds is due, milliseconds since 1970.
    oldest_due_ms: Option<i64>,
    needs_somebody: Needs,
    head: String,
}

#[derive(Default, Serialize)]
struct Leases {
    refunds: u64,
    /// The last of them ends then, unless it is lengthened: a living worker does that every few seconds.
    end_ms: i64,
}

impl Status {
    fn of(journal: &Journal) -> Result<Self> {
        let mut leases: BTreeMap<String, Leases> = BTreeMap::new();
        let mut oldest_due_ms: Option<i64> = None;
        for state in [State::Open, State::Waiting, State::Unknown] {
            for entry in journal.entries(Filter { state: Some(state), ..Filter::default() }) {
                let entry = entry?;
                let Some(due_ms) = entry.due_ms else { continue };
                match entry.lease_owner {
                    Some(owner) => {
                        let of_owner = leases.entry(owner).or_default();
                        of_owner.refunds += 1;
                        of_owner.end_ms = of_owner.end_ms.max(due_ms);
                    }
                    None => oldest_due_ms = Some(oldest_due_ms.map_or(due_ms, |oldest| oldest.min(due_ms))),
                }
            }
        }
        Ok(Self {
            counts: journal.counts()?,
            leases,
            oldest_due_ms,
            needs_somebody: Needs::of(journal)?,
            head: journal.head()?.to_string(),
        })
    }

    fn print(&self, out: &mut dyn Write) -> Result<()> {
        writeln!(out, "{} refunds: {}", self.counts.all(), self.counts)?;
        if self.leases.is_empty() {
            writeln!(out, "nobody is at work")?;
        }
        for (owner, Leases { refunds, end_ms }) in &self.leases {
            writeln!(out, "{owner} holds {refunds}; the last lease ends {} UTC", utc(*end_ms))?;
        }
        if let Some(due_ms) = self.oldest_due_ms {
            writeln!(out, "the next refund that nobody holds is due {} UTC", utc(due_ms))?;
        }
        writeln!(out, "head {}", self.head)?;
        self.needs_somebody.print(out)?;
        Ok(())
    }
}
