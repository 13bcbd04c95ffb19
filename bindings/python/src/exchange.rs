//! What travels, and the transports that carry it.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use taxrefund_bindings::http;
use taxrefund_core::{Fault, Transport};

use crate::errors::{Outcome, Raised, fault_of, raised_fault};
use crate::interrupt::{Then, interruptible};

/// A request, ready to send: nothing of it may be changed, its signature covers bytes.
#[pyclass(frozen, module = "taxrefund._native")]
pub(crate) struct HttpRequest(pub(crate) taxrefund_core::HttpRequest);

#[pymethods]
impl HttpRequest {
    #[getter]
    fn method(&self) -> &str {
        self.0.method
    }

    #[getter]
    fn url(&self) -> &str {
        &self.0.url
    }

    #[getter]
    fn headers(&self) -> Vec<(&str, &str)> {
        self.0.headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.body)
    }

    #[getter]
    fn timeout(&self) -> f64 {
        self.0.timeout.as_secs_f64()
    }

    #[getter]
    fn interface(&self) -> &str {
        self.0.interface
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// An answer as it came.
#[pyclass(frozen, module = "taxrefund._native")]
#[derive(Clone)]
pub(crate) struct HttpResponse(pub(crate) taxrefund_core::HttpResponse);

#[pymethods]
impl HttpResponse {
    #[new]
    fn new(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self(taxrefund_core::HttpResponse { status, headers, body })
    }

    #[getter]
    fn status(&self) -> u16 {
        self.0.status
    }

    #[getter]
    fn headers(&self) -> Vec<(&str, &str)> {
        self.0.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.body)
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// HTTPS by the core's own transport; plain HTTP to this machine only.
#[pyclass(frozen, module = "taxrefund._native")]
pub(crate) struct HttpTransport(taxrefund_core::HttpTransport);

#[pymethods]
impl HttpTransport {
    #[new]
    #[pyo3(signature = (config_json = "{}"))]
    fn new(config_json: &str) -> Outcome<Self> {
        Ok(Self(http::transport(config_json)?))
    }

    /// Sends a request once. On the main thread Ctrl-C ends the wait for its answer.
    fn exchange(&self, py: Python<'_>, request: &HttpRequest) -> Outcome<HttpResponse> {
        let (transport, request) = (self.0.clone(), request.0.clone());
        let answer = interruptible(py, move || transport.exchange(request), || Then::RaiseAtOnce)?;
        answer.map(HttpResponse).map_err(|fault| Raised::Python(raised_fault(py, &fault)))
    }
}

/// The transport that a Python object is: ours, or its `exchange` called back.
pub(crate) fn transport(py: Python<'_>, object: Option<Py<PyAny>>) -> Arc<dyn Transport> {
    match object {
        None => Arc::new(taxrefund_core::HttpTransport::default()),
        Some(object) => match object.bind(py).cast::<HttpTransport>() {
            Ok(ours) => Arc::new(ours.get().0.clone()),
            Err(_) => Arc::new(HostTransport(object)),
        },
    }
}

struct HostTransport(Py<PyAny>);

impl Transport for HostTransport {
    fn exchange(&self, request: taxrefund_core::HttpRequest) -> Result<taxrefund_core::HttpResponse, Fault> {
        let exchanged = Python::try_attach(|py| {
            let answer = self.0.call_method1(py, "exchange", (HttpRequest(request),));
            let answer = answer.map_err(|error| fault_of(py, error))?;
            let answer = answer.bind(py).cast::<HttpResponse>();
            answer.map(|answer| answer.get().0.clone()).map_err(|error| fault_of(py, error.into()))
        });
        // The interpreter is ending.
        exchanged.unwrap_or(Err(Fault::Reset))
    }
}
