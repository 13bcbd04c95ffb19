//! Problems as Python's own error classes.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use taxrefund_bindings::{Problem, data};
use taxrefund_core::Fault;

/// What every function here gives.
pub(crate) type Outcome<T> = Result<T, Raised>;

/// On its way to becoming an exception.
pub(crate) enum Raised {
    Problem(Box<Problem>),
    Python(PyErr),
}

impl<E: Into<Problem>> From<E> for Raised {
    fn from(error: E) -> Self {
        Self::Problem(Box::new(error.into()))
    }
}

impl From<Raised> for PyErr {
    fn from(raised: Raised) -> Self {
        match raised {
            Raised::Python(error) => error,
            Raised::Problem(problem) => Python::attach(|py| {
                let made =
                    errors_module(py).and_then(|module| module.call_method1("_of", (problem.to_json(),)));
                made.map_or_else(|error| error, PyErr::from_value)
            }),
        }
    }
}

fn errors_module(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import("taxrefund.errors")
}

fn transport_fault(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "taxrefund.transport", "TransportFault")
}

/// A fault as the exception that transports raise.
pub(crate) fn raised_fault(py: Python<'_>, fault: &Fault) -> PyErr {
    let made = transport_fault(py).and_then(|class| class.call1((fault.code(), fault.to_string())));
    made.map_or_else(|error| error, PyErr::from_value)
}

/// The fault that an exception of a host's transport stands for; anything unexpected is shown to `sys.unraisablehook`, and
/// means that the connection broke: whether something was sent is not known.
pub(crate) fn fault_of(py: Python<'_>, error: PyErr) -> Fault {
    let expected = transport_fault(py).is_ok_and(|class| error.is_instance(py, class));
    if !expected {
        error.write_unraisable(py, None);
        return Fault::Reset;
    }
    let text = |name: &str| error.value(py).getattr(name)?.extract::<String>();
    data::transport_fault(&text("fault").unwrap_or_default(), &text("detail").unwrap_or_default())
}
