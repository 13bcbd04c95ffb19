//! Asking a host from a native thread: it answers in its own time, from any thread, once.

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Where an answer goes. The first one counts.
pub struct Reply<A>(Mutex<Option<SyncSender<A>>>);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Not in time.
    TimeIsUp,
    /// Nobody has the question any more, or nobody could be asked.
    Nobody,
}

/// Hands a question over with `put`, which says whether somebody took it, and waits for the answer.
///
/// # Errors
/// [`Silence`].
pub fn ask<A>(patience: Duration, put: impl FnOnce(Reply<A>) -> bool) -> Result<A, Silence> {
    let (reply, answer) = mpsc::sync_channel(1);
    if !put(Reply(Mutex::new(Some(reply)))) {
        return Err(Silence::Nobody);
    }
    answer.recv_timeout(patience).map_err(|error| match error {
        RecvTimeoutError::Timeout => Silence::TimeIsUp,
        RecvTimeoutError::Disconnected => Silence::Nobody,
    })
}

impl<A> Reply<A> {
    /// Gives the answer; a second one is nobody's.
    pub fn give(&self, answer: A) {
        if let Some(reply) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Whoever asked may have lost patience.
            let _ = reply.try_send(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_answer_counts() {
        let answer = ask(Duration::from_secs(60), |reply| {
            reply.give(1);
            reply.give(2);
            true
        });
        assert_eq!(answer, Ok(1));
    }

    #[test]
    fn a_question_that_is_thrown_away_has_no_answer() {
        assert_eq!(ask::<()>(Duration::from_secs(60), |_| true), Err(Silence::Nobody));
        assert_eq!(ask::<()>(Duration::from_secs(60), |_| false), Err(Silence::Nobody));
    }

    #[test]
    fn an_answer_that_does_not_come_is_not_waited_for_for_ever() {
        let mut kept = None;
        let answer = ask::<()>(Duration::ZERO, |reply| {
            kept = Some(reply);
            true
        });
        assert_eq!(answer, Err(Silence::TimeIsUp));
    }
}
