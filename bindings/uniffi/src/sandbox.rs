//! The simulator, for tests.

use std::sync::{Mutex, PoisonError};

use taxrefund_bindings::{Problem, sandbox};
use taxrefund_sandbox::Sandbox;

use crate::problem::Result;

/// A simulator of the gateways on this machine.
#[derive(uniffi::Object)]
pub struct NativeSandbox(Mutex<Option<Sandbox>>);

impl NativeSandbox {
    fn with<T>(&self, work: impl FnOnce(&Sandbox) -> Result<T>) -> Result<T> {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stopped = || Err(Problem::configuration("sandbox", "was stopped").into());
        running.as_ref().map_or_else(stopped, work)
    }
}

#[uniffi::export]
impl NativeSandbox {
    /// Starts one, from settings as JSON text.
    #[uniffi::constructor]
    pub fn new(options_json: String) -> Result<Self> {
        Ok(Self(Mutex::new(Some(sandbox::start(&options_json)?))))
    }

    /// Identities and TEST keys, as JSON.
    pub fn credentials(&self) -> Result<String> {
        self.with(|running| Ok(sandbox::credentials(running)))
    }

    /// Who was paid how often, as JSON.
    pub fn ledger(&self) -> Result<String> {
        self.with(|running| Ok(sandbox::ledger(running)))
    }

    /// The newest requests, as JSON.
    pub fn requests(&self) -> Result<String> {
        self.with(|running| Ok(sandbox::requests(running)))
    }

    /// Every notification sent, as JSON.
    pub fn notifications(&self) -> Result<String> {
        self.with(|running| Ok(sandbox::notifications(running)))
    }

    /// Makes faults happen to a refund.
    pub fn provoke(&self, key: String, rules: String) -> Result<()> {
        self.with(|running| Ok(running.provoke(&key, &rules)?))
    }

    /// Registers a payment, as JSON.
    pub fn add_payment(&self, payment_json: String) -> Result<()> {
        self.with(|running| Ok(sandbox::add_payment(running, &payment_json)?))
    }

    /// Ends it.
    pub fn stop(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.stop();
        }
    }
}
