//! The merchant's own program, which asks for refunds that are in the files as well, at the same time as the workers.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use taxrefund_core::batch::{Format, read};
use taxrefund_core::{CancelToken, Client, Outcome};
use taxrefund_journal::{Journal, JournalError, State, Submission};

use crate::accounts::{self, Account};
use crate::batch::{Batch, File, Kind};

/// What the merchant was told.
#[derive(Default)]
pub(crate) struct Told {
    /// Final outcomes.
    pub(crate) finals: Vec<(File, String, State)>,
    /// Not known, busy, or taken over.
    pub(crate) open: usize,
    /// Errors that no caller should see.
    pub(crate) wrong: Vec<String>,
}

/// One refund to ask for.
struct Tap {
    file: File,
    client: Client,
    submission: Submission,
    /// Before it is asked for.
    pause: Duration,
}

/// A fifth of all refunds, drawn from the seed, in the files' order more or less.
pub(crate) struct Merchant {
    taps: Vec<Tap>,
    stop: AtomicBool,
    cancel: CancelToken,
    told: Mutex<Told>,
}

const CALLERS: usize = 3;

impl Merchant {
    pub(crate) fn new(accounts: &[Account], batches: &[Batch], seed: u64) -> anyhow::Result<Self> {
        let mut random = fastrand::Rng::with_seed(seed ^ 0x3E3C);
        let cancel = CancelToken::new();
        let mut taps = Vec::new();
        for (account, batch) in accounts.iter().zip(batches) {
            let client = account.client.with(accounts::options(seed, Some(cancel.clone())));
            let format = if batch.file.is_csv() { Format::Csv } else { Format::JsonLines };
            let read = read(format, account.operation, client.profile(), batch.text.as_bytes())?;
            for (line, read) in batch.lines.iter().zip(read) {
                let place = (line.number * 1_000 / batch.lines.len() as u64 + random.u64(..60), taps.len());
                if let (Kind::Refund, Ok(prepared), 0) = (line.kind, read.request, random.u32(..5)) {
                    let submission = account.submission(prepared);
                    let pause = Duration::from_millis(random.u64(..60));
                    taps.push((place, Tap { file: batch.file, client: client.clone(), submission, pause }));
                }
            }
        }
        taps.sort_by_key(|(place, _)| *place);
        let taps = taps.into_iter().map(|(_, tap)| tap).collect();
        Ok(Self { taps, stop: AtomicBool::new(false), cancel, told: Mutex::default() })
    }

    pub(crate) fn start<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        journal: &Journal,
    ) -> Vec<ScopedJoinHandle<'scope, ()>> {
        let caller = |first| {
            let journal = journal.clone();
            scope.spawn(move || {
                for tap in self.taps.iter().skip(first).step_by(CALLERS) {
                    thread::sleep(tap.pause);
                    if self.stop.load(Ordering::Relaxed) {
                        return;
                    }
                    self.hear(tap, journal.run(&tap.client, &tap.submission));
                }
            })
        };
        (0..CALLERS).map(caller).collect()
    }

    /// No further calls; those under way are given up as soon as they can be.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.cancel.cancel();
    }

    pub(crate) fn told(&self) -> Told {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn hear(&self, tap: &Tap, outcome: Result<Outcome, JournalError>) {
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match outcome {
            Ok(Outcome::Unknown(_)) | Err(JournalError::Busy { .. } | JournalError::TakenOver { .. }) => {
                told.open += 1;
            }
            Ok(outcome) => {
                let state =
                    if matches!(outcome, Outcome::Succeeded(_)) { State::Succeeded } else { State::Failed };
                told.finals.push((tap.file, outcome.report().key.clone(), state));
            }
            Err(error) => told.wrong.push(error.to_string()),
        }
    }
}
