//! The blocking client that the journal and the worker drive refunds with.

use pyo3::prelude::*;
use taxrefund_bindings::data;
use taxrefund_core::{CallOptions, CancelToken};

use crate::account::Account;
use crate::errors::Outcome;
use crate::exchange::transport;

/// Cancels the calls it was given to.
#[pyclass(frozen, module = "taxrefund._native")]
pub(crate) struct Cancel(pub(crate) CancelToken);

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Self {
        Self(CancelToken::new())
    }

    fn cancel(&self) {
        self.0.cancel();
    }

    #[getter]
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// An account over a transport.
#[pyclass(frozen, module = "taxrefund._native")]
#[derive(Clone)]
pub(crate) struct Client(pub(crate) taxrefund_core::Client);

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (account, transport_object, policy_json, seed = None))]
    fn new(
        py: Python<'_>,
        account: &Account,
        transport_object: Option<Py<PyAny>>,
        policy_json: &str,
        seed: Option<u64>,
    ) -> Outcome<Self> {
        let client = taxrefund_core::Client::new(account.0.clone(), transport(py, transport_object))?;
        let options = CallOptions { policy: data::policy(policy_json)?, seed, ..CallOptions::default() };
        Ok(Self(client.with(options)))
    }

    /// The same client with another policy.
    fn with_policy(&self, policy_json: &str) -> Outcome<Self> {
        let options = CallOptions { policy: data::policy(policy_json)?, ..self.0.options().clone() };
        Ok(Self(self.0.with(options)))
    }

    fn __repr__(&self) -> String {
        format!("<taxrefund._native.Client {}>", self.0.profile().account())
    }
}
