//! The batch worker.

use std::sync::Arc;

use pyo3::prelude::*;
use taxrefund_bindings::{data, durable};
use taxrefund_core::CancelToken;
use taxrefund_journal::worker::WorkerEvent;

use crate::client::Client;
use crate::errors::Outcome;
use crate::interrupt::{Then, interruptible};
use crate::journal::Journal;

/// Drains a journal. What it tells, `observer` hears as JSON text, on the worker's thread.
#[pyclass(frozen, module = "taxrefund._native")]
pub(crate) struct Worker {
    worker: Arc<taxrefund_journal::Worker>,
    stop: CancelToken,
}

#[pymethods]
impl Worker {
    #[new]
    #[pyo3(signature = (journal, clients, options_json = "{}", observer = None))]
    fn new(
        py: Python<'_>,
        journal: &Journal,
        clients: Vec<Py<Client>>,
        options_json: &str,
        observer: Option<Py<PyAny>>,
    ) -> Outcome<Self> {
        let clients = clients.iter().map(|client| client.get().0.clone()).collect();
        let options = durable::worker_options(options_json)?;
        let worker = py.detach(|| taxrefund_journal::Worker::new(&journal.0, clients))?.options(options);
        let worker = match observer {
            None => worker,
            Some(observer) => worker.observer(Arc::new(move |event: &WorkerEvent<'_>| {
                let told = data::to_json(event);
                Python::try_attach(|py| {
                    if let Err(error) = observer.call1(py, (told,)) {
                        error.write_unraisable(py, Some(observer.bind(py)));
                    }
                });
            })),
        };
        Ok(Self { stop: worker.stop(), worker: Arc::new(worker) })
    }

    /// Works until there is nothing more to do, or it is stopped. A first Ctrl-C stops it gracefully.
    fn run(&self, py: Python<'_>) -> Outcome<String> {
        let worker = self.worker.clone();
        let summary = interruptible(
            py,
            move || worker.run(),
            || {
                self.stop.cancel();
                Then::AwaitTheEnd
            },
        )?;
        Ok(data::to_json(&summary?))
    }

    fn stop(&self) {
        self.stop.cancel();
    }
}
