//! Flows, one step at a time: what the Swift and Kotlin drivers drive.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use taxrefund_bindings::{Problem, data};
use taxrefund_core::{Event, Flow, Now, Step};

use crate::host::{NativeRequest, NativeResponse};
use crate::problem::Result;

/// What happened.
#[derive(uniffi::Enum)]
pub enum NativeEvent {
    /// Begin.
    Start,
    /// What was to be signed was.
    Signed {
        /// The signature.
        signature: Vec<u8>,
    },
    /// It was not.
    SigningFailed {
        /// Why; goes into the reason, so it must hold nothing secret.
        why: String,
    },
    /// An answer, whatever its status.
    Answered {
        /// As it came.
        response: NativeResponse,
    },
    /// No complete answer.
    Faulted {
        /// The fault's name.
        fault: String,
        /// More about it.
        detail: String,
    },
    /// A wait is over.
    Woke,
    /// Nobody wants to wait any more.
    Cancel,
}

/// What to do next.
#[derive(uniffi::Enum)]
pub enum NativeStep {
    /// Have these bytes signed.
    Sign {
        /// The bytes.
        message: Vec<u8>,
    },
    /// Send this, once.
    Send {
        /// The request.
        request: NativeRequest,
    },
    /// Wait.
    Wait {
        /// How long.
        wait_ms: u64,
    },
    /// Over.
    Done {
        /// The outcome as JSON text.
        outcome: String,
    },
}

/// A procedure in progress.
#[derive(uniffi::Object)]
pub struct NativeFlow {
    flow: Mutex<Flow>,
    /// What it came to: whoever cancels may come too late.
    outcome: OnceLock<String>,
}

impl NativeFlow {
    pub(crate) fn new(flow: Flow) -> Self {
        Self { flow: Mutex::new(flow), outcome: OnceLock::new() }
    }
}

#[uniffi::export]
impl NativeFlow {
    /// Tells what happened, and when: `monotonic_ms` since anything, `epoch_ms` since 1970. It may sign or verify.
    pub fn advance(&self, event: NativeEvent, monotonic_ms: u64, epoch_ms: u64) -> Result<NativeStep> {
        let event = match event {
            NativeEvent::Start => Event::Start,
            NativeEvent::Signed { signature } => Event::Signed(signature),
            NativeEvent::SigningFailed { why } => Event::SigningFailed(why),
            NativeEvent::Answered { response } => Event::Answered(response.into()),
            NativeEvent::Faulted { fault, detail } => Event::Faulted(data::transport_fault(&fault, &detail)),
            NativeEvent::Woke => Event::Woke,
            NativeEvent::Cancel => match self.outcome.get() {
                Some(outcome) => return Ok(NativeStep::Done { outcome: outcome.clone() }),
                None => Event::Cancel,
            },
        };
        let now = Now { monotonic: Duration::from_millis(monotonic_ms), epoch_ms };
        let step = self.flow.lock().unwrap_or_else(PoisonError::into_inner).advance(event, now);
        Ok(match step.map_err(Problem::from)? {
            Step::Sign(message) => NativeStep::Sign { message },
            Step::Send(request) => NativeStep::Send { request: request.into() },
            Step::Wait(wait) => {
                // Up: to wake early would only be told to wait again.
                NativeStep::Wait {
                    wait_ms: u64::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX),
                }
            }
            Step::Done(outcome) => {
                NativeStep::Done { outcome: self.outcome.get_or_init(|| data::to_json(&outcome)).clone() }
            }
        })
    }
}
