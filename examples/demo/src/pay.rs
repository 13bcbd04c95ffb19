//! Paying: some threads take one line after the other; what stays open is taken up again once.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};
use taxrefund_core::{CallOptions, Error, NextStep, Outcome, Policy, Prepared};

use crate::accounts::Account;
use crate::lines::Batch;

/// What came of a line.
pub(crate) struct Paid {
    pub(crate) outcome: Result<Outcome, Error>,
    /// It was open after the first run and was taken up again.
    pub(crate) resumed: bool,
}

/// Outcomes by file and line number.
pub(crate) type Outcomes = BTreeMap<(&'static str, u64), Paid>;

pub(crate) fn all(batches: &[Batch], workers: usize, seed: u64) -> Outcomes {
    let work: Vec<(&Account, u64, &Prepared)> = batches
        .iter()
        .flat_map(|batch| batch.lines.iter().map(move |line| (&batch.account, line)))
        .filter_map(|(account, line)| Some((account, line.number, line.request.as_ref().ok()?)))
        .collect();
    let bar = ProgressBar::new(work.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} refunds, {msg}") {
        bar.set_style(style);
    }
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Outcomes::new());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((account, line, prepared)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let paid = one(account, prepared, seed ^ line);
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes.insert((account.file, *line), paid);
                        bar.set_message(count(&outcomes));
                        bar.inc(1);
                    }
                }
            });
        }
    });
    bar.finish();
    outcomes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn one(account: &Account, prepared: &Prepared, seed: u64) -> Paid {
    let options = CallOptions {
        policy: Policy {
            attempts: 3,
            attempt_timeout_ms: 1_000,
            // The documented seconds, shortened for the simulator: 3-10 s become 60-200 ms.
            sandbox_wait_permille: 20,
            ..Policy::default()
        },
        seed: Some(seed),
        ..CallOptions::default()
    };
    let client = account.client.with(options);
    match client.run(prepared.clone()) {
        Ok(Outcome::Unknown(open)) if open.next_step != NextStep::FixConfiguration => {
            Paid { outcome: client.resume(open.resume), resumed: true }
        }
        outcome => Paid { outcome, resumed: false },
    }
}

fn count(outcomes: &Outcomes) -> String {
    let of = |word: &str| {
        outcomes
            .values()
            .filter(|paid| paid.outcome.as_ref().is_ok_and(|outcome| outcome.as_str() == word))
            .count()
    };
    format!("{} succeeded, {} failed, {} unknown", of("succeeded"), of("failed"), of("unknown"))
}
