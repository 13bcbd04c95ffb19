//! Flows, one step at a time: what Python's own drivers drive.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use pyo3::IntoPyObjectExt as _;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use taxrefund_bindings::{Problem, data};
use taxrefund_core::{Event, Now, Step};

use crate::errors::{Outcome, Raised};
use crate::exchange::{HttpRequest, HttpResponse};

/// A procedure in progress. Each call tells what happened and returns what to do next: `("send", HttpRequest)`,
/// `("wait", seconds)`, `("sign", bytes)` or `("done", outcome)`.
#[pyclass(frozen, module = "taxrefund._native")]
pub(crate) struct Flow {
    flow: Mutex<taxrefund_core::Flow>,
    /// What it came to: an interrupt may strike between the end and whoever was to hear of it.
    outcome: OnceLock<String>,
    operation: &'static str,
    key: String,
}

impl Flow {
    pub(crate) fn new(flow: taxrefund_core::Flow) -> Self {
        let (operation, key) = (flow.spec().name, flow.report().key.clone());
        Self { flow: Mutex::new(flow), outcome: OnceLock::new(), operation, key }
    }

    fn advance<'py>(
        &self,
        py: Python<'py>,
        event: Event,
        monotonic: f64,
        epoch_ms: u64,
    ) -> Outcome<(&'static str, Bound<'py, PyAny>)> {
        let monotonic = Duration::try_from_secs_f64(monotonic)
            .map_err(|_| Problem::configuration("monotonic", "must be a number of seconds, not negative"))?;
        let now = Now { monotonic, epoch_ms };
        let step =
            py.detach(|| self.flow.lock().unwrap_or_else(PoisonError::into_inner).advance(event, now))?;
        let step = match step {
            Step::Sign(bytes) => Ok(("sign", PyBytes::new(py, &bytes).into_any())),
            Step::Send(request) => {
                HttpRequest(request).into_bound_py_any(py).map(|request| ("send", request))
            }
            Step::Wait(wait) => wait.as_secs_f64().into_bound_py_any(py).map(|seconds| ("wait", seconds)),
            Step::Done(outcome) => {
                let outcome = self.outcome.get_or_init(|| data::to_json(&outcome));
                outcome.into_bound_py_any(py).map(|outcome| ("done", outcome))
            }
        };
        step.map_err(Raised::Python)
    }
}

type Next<'py> = Outcome<(&'static str, Bound<'py, PyAny>)>;

#[pymethods]
impl Flow {
    #[getter]
    fn operation(&self) -> &str {
        self.operation
    }

    #[getter]
    fn key(&self) -> &str {
        &self.key
    }

    fn start<'py>(&self, py: Python<'py>, monotonic: f64, epoch_ms: u64) -> Next<'py> {
        self.advance(py, Event::Start, monotonic, epoch_ms)
    }

    fn signed<'py>(&self, py: Python<'py>, signature: Vec<u8>, monotonic: f64, epoch_ms: u64) -> Next<'py> {
        self.advance(py, Event::Signed(signature), monotonic, epoch_ms)
    }

    fn signing_failed<'py>(&self, py: Python<'py>, text: String, monotonic: f64, epoch_ms: u64) -> Next<'py> {
        self.advance(py, Event::SigningFailed(text), monotonic, epoch_ms)
    }

    fn answered<'py>(
        &self,
        py: Python<'py>,
        response: &HttpResponse,
        monotonic: f64,
        epoch_ms: u64,
    ) -> Next<'py> {
        self.advance(py, Event::Answered(response.0.clone()), monotonic, epoch_ms)
    }

    fn faulted<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        detail: &str,
        monotonic: f64,
        epoch_ms: u64,
    ) -> Next<'py> {
        self.advance(py, Event::Faulted(data::transport_fault(name, detail)), monotonic, epoch_ms)
    }

    fn woke<'py>(&self, py: Python<'py>, monotonic: f64, epoch_ms: u64) -> Next<'py> {
        self.advance(py, Event::Woke, monotonic, epoch_ms)
    }

    /// A flow that is over says again what it came to.
    fn cancel<'py>(&self, py: Python<'py>, monotonic: f64, epoch_ms: u64) -> Next<'py> {
        if let Some(outcome) = self.outcome.get() {
            return Ok(("done", outcome.into_bound_py_any(py).map_err(Raised::Python)?));
        }
        self.advance(py, Event::Cancel, monotonic, epoch_ms)
    }

    fn __repr__(&self) -> String {
        format!("<taxrefund._native.Flow {} {}>", self.operation, self.key)
    }
}
