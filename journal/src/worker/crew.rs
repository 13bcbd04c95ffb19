//! The threads that exchange: each takes a refund, drives it to its next wait or its end, and reports.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::sync::{Condvar, Mutex, PoisonError};

use taxrefund_core::Event;

use crate::error::JournalError;
use crate::run::{Exchange, Run, Turn};

/// A refund to go on with.
pub(super) struct Job {
    /// Which of the worker's accounts.
    pub(super) account: usize,
    pub(super) run: Run,
    pub(super) event: Event,
}

/// What became of a job.
pub(super) struct Done {
    pub(super) account: usize,
    pub(super) run: Run,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) turn: Result<Turn, JournalError>,
}

/// A job that came to no end.
pub(super) struct Panicked {
    pub(super) key: String,
}

pub(super) type Report = Result<Done, Panicked>;

/// Jobs for whoever is free.
#[derive(Default)]
pub(super) struct Crew {
    jobs: Mutex<Jobs>,
    work: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    over: bool,
}

impl Crew {
    pub(super) fn hand_over(&self, job: Job) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).waiting.push_back(job);
        self.work.notify_one();
    }

    /// Jobs that are handed over are finished; then the threads end.
    pub(super) fn dismiss(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).over = true;
        self.work.notify_all();
    }

    /// A thread's life. A transport or signer of the host's that panics costs the refund it was at, not the thread.
    pub(super) fn work(&self, reports: &Sender<Report>) {
        while let Some(Job { account, mut run, event }) = self.next() {
            let key = run.key().to_owned();
            let report = catch_unwind(AssertUnwindSafe(|| {
                let mut exchanges = Vec::with_capacity(1);
                let turn = run.go_on(event, &mut |exchange| exchanges.push(exchange));
                Done { account, run, exchanges, turn }
            }));
            if reports.send(report.map_err(|_| Panicked { key })).is_err() {
                return;
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = jobs.waiting.pop_front() {
                return Some(job);
            }
            if jobs.over {
                return None;
            }
            jobs = self.work.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
