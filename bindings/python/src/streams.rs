//! Python's file-like objects as readers and writers.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::{Outcome, Raised};

/// An object with `read(size) -> bytes`, or one with `write(bytes)`.
pub(crate) struct Stream {
    object: Py<PyAny>,
    raised: Arc<Mutex<Option<PyErr>>>,
}

/// What a stream raised, if anything: the caller gets that, and not our words for it.
pub(crate) struct Exceptions(Arc<Mutex<Option<PyErr>>>);

impl Exceptions {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn watch(&self, object: Py<PyAny>) -> Stream {
        Stream { object, raised: self.0.clone() }
    }

    /// The result, or what a stream raised meanwhile.
    pub(crate) fn or<T>(self, result: Outcome<T>) -> Outcome<T> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(raised) => Err(Raised::Python(raised)),
            None => result,
        }
    }
}

impl Stream {
    fn call<T>(&self, work: impl FnOnce(Python<'_>) -> PyResult<T>) -> io::Result<T> {
        let called = Python::try_attach(work);
        let ending = || Err(io::Error::other("the interpreter is ending"));
        called.map_or_else(ending, |result| {
            result.map_err(|error| {
                *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                io::Error::other("see the exception")
            })
        })
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.call(|py| {
            let chunk = self.object.call_method1(py, "read", (buffer.len(),))?;
            let chunk = chunk.bind(py).cast::<PyBytes>()?.as_bytes();
            if chunk.len() > buffer.len() {
                return Err(pyo3::exceptions::PyValueError::new_err(
                    "read(size) returned more than size bytes",
                ));
            }
            buffer[..chunk.len()].copy_from_slice(chunk);
            Ok(chunk.len())
        })
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.call(|py| self.object.call_method1(py, "write", (PyBytes::new(py, bytes),)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
