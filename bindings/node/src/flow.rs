//! Flows, one step at a time: what the TypeScript driver drives.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use napi::bindgen_prelude::{Buffer, Uint8Array};
use napi_derive::napi;
use taxrefund_bindings::{Problem, data};
use taxrefund_core::{Event, HttpResponse, Now};

use crate::client::{flat, headers};
use crate::data::milliseconds;
use crate::problem::{Raise as _, Result};
use crate::steps::Steps;

/// What to do next.
#[napi(discriminant = "kind", discriminant_case = "lowercase")]
pub enum Step {
    /// Have these bytes signed.
    Sign { message: Buffer },
    /// Send this, once.
    Send {
        method: String,
        url: String,
        headers: Vec<String>,
        body: Buffer,
        timeout_ms: f64,
        interface: String,
    },
    /// Wait.
    Wait { wait_ms: f64 },
    /// Over.
    Done { outcome: String },
}

/// A procedure in progress. Each call tells what happened; what to do next is a step that ends under the given number.
#[napi]
pub struct Flow {
    shared: Arc<Shared>,
    operation: &'static str,
    key: String,
}

struct Shared {
    flow: Mutex<taxrefund_core::Flow>,
    /// What it came to: whoever cancels may come too late.
    outcome: OnceLock<String>,
}

impl Flow {
    pub(crate) fn new(flow: taxrefund_core::Flow) -> Self {
        let (operation, key) = (flow.spec().name, flow.report().key.clone());
        Self { shared: Arc::new(Shared { flow: Mutex::new(flow), outcome: OnceLock::new() }), operation, key }
    }

    /// On another thread: it may sign or verify.
    fn advanced(&self, steps: &Steps, id: u32, event: Event, monotonic_ms: f64, epoch_ms: f64) -> Result<()> {
        let now = now(monotonic_ms, epoch_ms).raised()?;
        let shared = self.shared.clone();
        steps.begin(id, move || shared.advance(event, now))
    }
}

impl Shared {
    fn advance(&self, event: Event, now: Now) -> Result<Step, Problem> {
        let step = self.flow.lock().unwrap_or_else(PoisonError::into_inner).advance(event, now)?;
        Ok(match step {
            taxrefund_core::Step::Sign(bytes) => Step::Sign { message: bytes.into() },
            taxrefund_core::Step::Send(request) => Step::Send {
                method: request.method.to_owned(),
                headers: flat(request.headers.iter().map(|(name, value)| (*name, value.as_str()))),
                url: request.url,
                body: request.body.into(),
                timeout_ms: request.timeout.as_secs_f64() * 1_000.0,
                interface: request.interface.to_owned(),
            },
            taxrefund_core::Step::Wait(wait) => Step::Wait { wait_ms: wait.as_secs_f64() * 1_000.0 },
            taxrefund_core::Step::Done(outcome) => {
                let outcome = self.outcome.get_or_init(|| data::to_json(&outcome)).clone();
                Step::Done { outcome }
            }
        })
    }
}

fn now(monotonic_ms: f64, epoch_ms: f64) -> Result<Now, Problem> {
    let monotonic = Duration::try_from_secs_f64(monotonic_ms / 1_000.0)
        .map_err(|_| Problem::configuration("clock.monotonicMs", "must give milliseconds, 0 or more"))?;
    Ok(Now { monotonic, epoch_ms: milliseconds("clock.epochMs", epoch_ms)? })
}

#[napi]
impl Flow {
    #[napi(getter)]
    pub fn operation(&self) -> &str {
        self.operation
    }

    #[napi(getter)]
    pub fn key(&self) -> &str {
        &self.key
    }

    #[napi]
    pub fn start(&self, steps: &Steps, id: u32, monotonic_ms: f64, epoch_ms: f64) -> Result<()> {
        self.advanced(steps, id, Event::Start, monotonic_ms, epoch_ms)
    }

    #[napi]
    pub fn signed(
        &self,
        steps: &Steps,
        id: u32,
        signature: Uint8Array,
        monotonic_ms: f64,
        epoch_ms: f64,
    ) -> Result<()> {
        self.advanced(steps, id, Event::Signed(signature.to_vec()), monotonic_ms, epoch_ms)
    }

    #[napi]
    pub fn signing_failed(
        &self,
        steps: &Steps,
        id: u32,
        text: String,
        monotonic_ms: f64,
        epoch_ms: f64,
    ) -> Result<()> {
        self.advanced(steps, id, Event::SigningFailed(text), monotonic_ms, epoch_ms)
    }

    #[napi]
    #[allow(clippy::too_many_arguments, reason = "an object to hold them would cost more than it says")]
    pub fn answered(
        &self,
        steps: &Steps,
        id: u32,
        status: u16,
        names_and_values: Vec<String>,
        body: Uint8Array,
        monotonic_ms: f64,
        epoch_ms: f64,
    ) -> Result<()> {
        let response = HttpResponse { status, headers: headers(names_and_values), body: body.to_vec() };
        self.advanced(steps, id, Event::Answered(response), monotonic_ms, epoch_ms)
    }

    #[napi]
    pub fn faulted(
        &self,
        steps: &Steps,
        id: u32,
        name: String,
        detail: String,
        monotonic_ms: f64,
        epoch_ms: f64,
    ) -> Result<()> {
        self.advanced(
            steps,
            id,
            Event::Faulted(data::transport_fault(&name, &detail)),
            monotonic_ms,
            epoch_ms,
        )
    }

    #[napi]
    pub fn woke(&self, steps: &Steps, id: u32, monotonic_ms: f64, epoch_ms: f64) -> Result<()> {
        self.advanced(steps, id, Event::Woke, monotonic_ms, epoch_ms)
    }

    /// The outcome. Signs nothing, so it is said at once; a flow that is over says again what it came to.
    #[napi]
    pub fn cancel(&self, monotonic_ms: f64, epoch_ms: f64) -> Result<String> {
        if let Some(outcome) = self.shared.outcome.get() {
            return Ok(outcome.clone());
        }
        let cancelled = now(monotonic_ms, epoch_ms).and_then(|now| self.shared.advance(Event::Cancel, now));
        match cancelled.raised()? {
            Step::Done { outcome } => Ok(outcome),
            _ => Err(Problem::misuse("a cancelled flow went on")).raised(),
        }
    }
}
