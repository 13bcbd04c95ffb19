//! Threads that do work for the main thread, kept for the next time.

use std::sync::mpsc::{self, SyncSender};
use std::sync::{Mutex, PoisonError};

/// Work to be done once.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// Gives work to a thread that waits for some, or to a new one. Starting one for each exchange would cost more than the
/// exchange's own work.
pub(crate) fn hand_over(job: Job) -> std::io::Result<()> {
    let waiting = {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        if idle.0 != process {
            *idle = (process, Vec::new());
        }
        idle.1.pop()
    };
    match waiting {
        None => start(job),
        // One that is gone died of a panic in its work.
        Some(thread) => thread.send(job).or_else(|mpsc::SendError(job)| start(job)),
    }
}

fn start(first: Job) -> std::io::Result<()> {
    let (give, take) = mpsc::sync_channel::<Job>(1);
    let work = move || {
        let mut job = first;
        loop {
            job();
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).1.push(give.clone());
            match take.recv() {
                Ok(next) => job = next,
                Err(_) => return,
            }
        }
    };
    std::thread::Builder::new().name("taxrefund-call".to_owned()).spawn(work).map(drop)
}

/// Threads that wait for work, and the process that they live in: a forked one has none of them.
static IDLE: Mutex<(u32, Vec<SyncSender<Job>>)> = Mutex::new((0, Vec::new()));
