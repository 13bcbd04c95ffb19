//! Accounts, and requests prepared for them.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use taxrefund_bindings::account::{Sign, profile};
use taxrefund_bindings::{Problem, data, durable};
use taxrefund_core::notification::Reply;
use taxrefund_core::signing::SignerError;
use taxrefund_core::{Profile, Protocol};

use crate::errors::Outcome;
use crate::exchange::HttpResponse;
use crate::flow::Flow;

/// An account, ready to prepare requests and to read answers.
#[pyclass(frozen, module = "taxrefund._native")]
#[derive(Clone)]
pub(crate) struct Account(pub(crate) Profile);

#[pymethods]
impl Account {
    #[new]
    #[pyo3(signature = (config_json, signer = None))]
    fn new(config_json: &str, signer: Option<Py<PyAny>>) -> Outcome<Self> {
        Ok(Self(profile(config_json, signer.map(called_back))?))
    }

    #[getter]
    fn protocol(&self) -> &str {
        self.0.protocol().as_str()
    }

    #[getter]
    fn name(&self) -> &str {
        self.0.account()
    }

    #[getter]
    fn environment(&self) -> &str {
        data::environment(&self.0)
    }

    #[getter]
    fn endpoint(&self) -> &str {
        self.0.endpoint()
    }

    #[getter]
    fn external_signer(&self) -> bool {
        self.0.has_external_signer()
    }

    fn prepare(&self, operation: &str, request_json: &str) -> Outcome<Prepared> {
        Ok(Prepared(durable::operation(operation)?.prepare(&self.0, request_json)?))
    }

    #[pyo3(signature = (prepared, policy_json, seed = None))]
    fn begin(&self, prepared: &Prepared, policy_json: &str, seed: Option<u64>) -> Outcome<Flow> {
        let (policy, seed) = (data::policy(policy_json)?, seed.unwrap_or_else(random));
        Ok(Flow::new(taxrefund_core::Flow::new(self.0.clone(), prepared.0.clone(), policy, seed)?))
    }

    #[pyo3(signature = (state_json, policy_json, seed = None))]
    fn resume(&self, state_json: &str, policy_json: &str, seed: Option<u64>) -> Outcome<Flow> {
        let state = data::state(state_json)?;
        let (policy, seed) = (data::policy(policy_json)?, seed.unwrap_or_else(random));
        Ok(Flow::new(taxrefund_core::Flow::resume(self.0.clone(), state, policy, seed)?))
    }

    fn notification(
        &self,
        py: Python<'_>,
        path: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
        now_ms: u64,
    ) -> Outcome<String> {
        let read = py.detach(|| self.0.notification(path, &headers, body, now_ms))?;
        Ok(data::to_json(&read))
    }

    fn reply_to_sign<'py>(
        &self,
        py: Python<'py>,
        path: &str,
        reply_json: &str,
        now_ms: u64,
    ) -> Outcome<Option<Bound<'py, PyBytes>>> {
        let reply = reply(reply_json)?;
        Ok(self.0.reply_to_sign(path, &reply, now_ms).map(|bytes| PyBytes::new(py, &bytes)))
    }

    fn signed_reply(&self, path: &str, reply_json: &str, now_ms: u64, signature: Vec<u8>) -> Outcome<String> {
        let reply = self.0.signed_reply(path, reply(reply_json)?, now_ms, signature)?;
        Ok(data::to_json(&reply))
    }

    fn verify_answer(&self, py: Python<'_>, wire: &str, response: &HttpResponse) -> Outcome<String> {
        let fields = py.detach(|| self.0.verify_answer(wire, &response.0))?;
        Ok(data::to_json(&fields))
    }

    fn __repr__(&self) -> String {
        let protocol: Protocol = self.0.protocol();
        format!("<taxrefund._native.Account {} {}>", protocol.as_str(), self.0.account())
    }
}

/// A request that may be sent: valid, its business bytes fixed for ever.
#[pyclass(frozen, module = "taxrefund._native")]
pub(crate) struct Prepared(pub(crate) taxrefund_core::Prepared);

#[pymethods]
impl Prepared {
    #[getter]
    fn operation(&self) -> &str {
        self.0.spec().name
    }

    #[getter]
    fn key(&self) -> &str {
        self.0.key()
    }

    #[getter]
    fn fingerprint(&self) -> &str {
        self.0.fingerprint()
    }

    #[getter]
    fn form(&self) -> Option<String> {
        self.0.form()
    }

    #[getter]
    fn warnings(&self) -> String {
        data::to_json(&self.0.warnings())
    }

    fn business(&self, interface: &str) -> &str {
        self.0.business(interface)
    }

    fn __repr__(&self) -> String {
        format!("<taxrefund._native.Prepared {} {}>", self.0.spec().name, self.0.key())
    }
}

/// A host's signer, asked at once. What it raises goes to `sys.unraisablehook`; nothing is sent then.
fn called_back(signer: Py<PyAny>) -> Sign {
    Box::new(move |message| {
        let signed = Python::try_attach(|py| {
            let signed = signer.call1(py, (PyBytes::new(py, message),));
            signed.and_then(|signature| signature.extract::<Vec<u8>>(py)).map_err(|error| {
                error.write_unraisable(py, Some(signer.bind(py)));
                SignerError::Unavailable
            })
        });
        signed.unwrap_or(Err(SignerError::Unavailable))
    })
}

fn reply(json: &str) -> Result<Reply, Problem> {
    data::reply(json)
}

fn random() -> u64 {
    data::seed()
}
