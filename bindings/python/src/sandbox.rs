//! The simulator.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use taxrefund_bindings::{Problem, sandbox};

use crate::errors::Outcome;

/// A simulator of the gateways that runs in a thread of its own until it is stopped or dropped.
#[pyclass(frozen, module = "taxrefund._native")]
pub(crate) struct Sandbox {
    running: Mutex<Option<taxrefund_sandbox::Sandbox>>,
    base_url: String,
    credentials: String,
}

impl Sandbox {
    fn with<T>(&self, work: impl FnOnce(&taxrefund_sandbox::Sandbox) -> T) -> Result<T, Problem> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let stopped = || Problem::configuration("sandbox", "was stopped");
        running.as_ref().map(work).ok_or_else(stopped)
    }
}

#[pymethods]
impl Sandbox {
    #[new]
    #[pyo3(signature = (options_json = "{}"))]
    fn new(py: Python<'_>, options_json: &str) -> Outcome<Self> {
        let running = py.detach(|| sandbox::start(options_json))?;
        Ok(Self {
            base_url: running.base_url().to_owned(),
            credentials: sandbox::credentials(&running),
            running: Mutex::new(Some(running)),
        })
    }

    #[getter]
    fn base_url(&self) -> &str {
        &self.base_url
    }

    #[getter]
    fn credentials(&self) -> &str {
        &self.credentials
    }

    #[getter]
    fn is_running(&self) -> bool {
        self.with(taxrefund_sandbox::Sandbox::is_running).unwrap_or(false)
    }

    fn ledger(&self, py: Python<'_>) -> Outcome<String> {
        Ok(py.detach(|| self.with(sandbox::ledger))?)
    }

    fn requests(&self, py: Python<'_>) -> Outcome<String> {
        Ok(py.detach(|| self.with(sandbox::requests))?)
    }

    fn notifications(&self, py: Python<'_>) -> Outcome<String> {
        Ok(py.detach(|| self.with(sandbox::notifications))?)
    }

    fn provoke(&self, py: Python<'_>, key: &str, rules: &str) -> Outcome<()> {
        Ok(py.detach(|| self.with(|sandbox| sandbox.provoke(key, rules)))??)
    }

    fn add_payment(&self, py: Python<'_>, payment_json: &str) -> Outcome<()> {
        Ok(py.detach(|| self.with(|running| sandbox::add_payment(running, payment_json)))??)
    }

    fn reset(&self, py: Python<'_>) -> Outcome<()> {
        Ok(py.detach(|| self.with(taxrefund_sandbox::Sandbox::reset))?)
    }

    fn stop(&self, py: Python<'_>) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| running.map(taxrefund_sandbox::Sandbox::stop));
    }
}
