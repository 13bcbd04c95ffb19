//! The storm: the workers work, and are struck as planned, until nothing is open any more.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use taxrefund_journal::{Counts, Filter, Journal};

use crate::blows::Planned;
use crate::fleet::{Blow, Fleet};

/// How often the supervisor looks.
const LOOK_EVERY: Duration = Duration::from_millis(10);
const TELL_EVERY: Duration = Duration::from_secs(2);

/// Returns how many of the blows met nobody, because the work was over before.
pub(crate) fn rage(
    fleet: &mut Fleet,
    journal: &Journal,
    blows: &[Planned],
    refunds: u64,
    liveness: Duration,
) -> Result<usize> {
    let began = Instant::now();
    let mut tell_at = began + TELL_EVERY;
    let mut blows_left = blows.iter().enumerate();
    let mut next = blows_left.next();
    let mut due: Option<Instant> = None;
    while !fleet.tend()? {
        std::thread::sleep(LOOK_EVERY);
        let now = Instant::now();
        let counts = journal.counts()?;
        let permille = progress_permille(&counts, refunds);
        if let Some((number, planned)) = next
            && permille >= planned.at_permille
            && now >= *due.get_or_insert(now + planned.after)
            && let Some(worker) = fleet.strike(planned.blow, planned.lot)?
        {
            let (number, at_s, of) = (number + 1, began.elapsed().as_secs_f64(), blows.len());
            println!(
                "{at_s:6.1} s  blow {number} of {of}: worker {worker} {} at {permille} ‰",
                told(planned.blow)
            );
            (next, due) = (blows_left.next(), None);
        }
        if now >= tell_at {
            println!("{:6.1} s  {counts}", began.elapsed().as_secs_f64());
            tell_at = now + TELL_EVERY;
        }
        if began.elapsed() > liveness {
            bail!("not done after {} s; still open: {}", liveness.as_secs(), still_open(journal)?);
        }
    }
    println!("{:6.1} s  all workers have ended: {}", began.elapsed().as_secs_f64(), journal.counts()?);
    Ok(usize::from(next.is_some()) + blows_left.count())
}

/// The import counts for a tenth of the work, the rest for nine.
fn progress_permille(counts: &Counts, refunds: u64) -> u64 {
    let ended = counts.succeeded + counts.failed + counts.unknown;
    (counts.all() + 9 * ended) * 100 / refunds.max(1)
}

fn told(blow: Blow) -> String {
    match blow {
        Blow::Kill => "is killed".to_owned(),
        Blow::Stop(pause) => format!("is stopped for {:.1} s", pause.as_secs_f64()),
        Blow::StopThenKill(pause) => format!("is stopped for {:.1} s, then killed", pause.as_secs_f64()),
    }
}

/// The first keys that are neither final nor unknown.
fn still_open(journal: &Journal) -> Result<String> {
    const NAMED: usize = 20;
    let mut keys = BTreeSet::new();
    for entry in journal.entries(Filter::default()) {
        let entry = entry?;
        if entry.due_ms.is_some() || entry.lease_owner.is_some() {
            let owner = entry.lease_owner.as_deref().unwrap_or("nobody");
            keys.insert(format!("{} ({}, held by {owner}, due {:?})", entry.key, entry.state, entry.due_ms));
        }
    }
    let count = keys.len();
    let named: Vec<_> = keys.into_iter().take(NAMED).collect();
    Ok(format!("{count} entries: {}", named.join("; ")))
}
