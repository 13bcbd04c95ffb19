//! The driver loop: does what the flow says, tells it what came of it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::{CancelToken, Transport};
use crate::flow::{Event, Flow, FlowMisuse, Now, Step};
use crate::outcome::{Outcome, Reason};

/// What a call is doing; holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Progress {
    /// A request goes out.
    Sending {
        /// The operation's name.
        operation: &'static str,
        /// Which interface.
        interface: &'static str,
    },
    /// An answer or a fault came back.
    Heard {
        /// The operation's name.
        operation: &'static str,
        /// The code or the fault; its provider text is left out.
        reason: Option<Reason>,
    },
    /// A wait begins.
    Waiting {
        /// The operation's name.
        operation: &'static str,
        /// How long, in milliseconds.
        wait_ms: u64,
    },
    /// The call is over.
    Ended {
        /// The operation's name.
        operation: &'static str,
        /// `succeeded`, `failed` or `unknown`.
        outcome: &'static str,
    },
}

/// Is told what a call is doing, on the calling thread.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn progress(&self, progress: &Progress);
}

pub(super) fn to_the_end(
    mut flow: Flow,
    transport: &dyn Transport,
    cancel: Option<&CancelToken>,
    observer: Option<&dyn Observer>,
) -> Result<Outcome, FlowMisuse> {
    let operation = flow.spec().name;
    let tell = |progress: Progress| {
        if let Some(observer) = observer {
            observer.progress(&progress);
        }
    };
    let cancelled = || cancel.is_some_and(CancelToken::is_cancelled);
    let began = Instant::now();
    let mut event = Event::Start;
    loop {
        let was_answer = matches!(event, Event::Answered(_) | Event::Faulted(_));
        let step = flow.advance(event, now(began))?;
        if was_answer && observer.is_some() {
            let reason = match &step {
                Step::Done(outcome) => last_reason(&outcome.report().attempts),
                _ => last_reason(&flow.report().attempts),
            };
            tell(Progress::Heard { operation, reason });
        }
        event = match step {
            Step::Done(outcome) => {
                tell(Progress::Ended { operation, outcome: outcome.as_str() });
                return Ok(*outcome);
            }
            Step::Send(_) | Step::Wait(_) if cancelled() => Event::Cancel,
            Step::Send(request) => {
                tell(Progress::Sending { operation, interface: request.interface });
                match transport.exchange(request) {
                    Ok(response) => Event::Answered(response),
                    Err(fault) => Event::Faulted(fault),
                }
            }
            Step::Wait(wait) => {
                let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                tell(Progress::Waiting { operation, wait_ms });
                if sleep(wait, cancel) { Event::Cancel } else { Event::Woke }
            }
            // Clients refuse external signers when they are made.
            Step::Sign(_) => Event::SigningFailed("a blocking call has no external signer".to_owned()),
        };
    }
}

fn last_reason(attempts: &[crate::outcome::Attempt]) -> Option<Reason> {
    attempts.last()?.reason.clone().map(|reason| Reason { message: None, ..reason })
}

fn sleep(wait: Duration, cancel: Option<&CancelToken>) -> bool {
    match cancel {
        Some(token) => token.wait(wait),
        None => {
            std::thread::sleep(wait);
            false
        }
    }
}

fn now(began: Instant) -> Now {
    let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { monotonic: began.elapsed(), epoch_ms: u64::try_from(epoch.as_millis()).unwrap_or(u64::MAX) }
}
