//! The batch worker.

use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::{ClassInstance, Function};
use napi::threadsafe_function::ThreadsafeFunctionCallMode::NonBlocking;
use napi_derive::napi;
use taxrefund_bindings::{Problem, data, durable};
use taxrefund_core::CancelToken;
use taxrefund_journal::worker::WorkerEvent;

use crate::callbacks::{Callback, callback};
use crate::client::Client;
use crate::journal::Journal;
use crate::problem::{Raise as _, Result, guarded};
use crate::threads;

/// Drains a journal on a thread of its own. `observer` hears what it tells as JSON text, and at the very end `stopped`, with a
/// `summary` or a `problem`.
#[napi]
pub struct Worker {
    /// Given to the thread that works: afterwards nothing here holds the journal.
    ready: Mutex<Option<(taxrefund_journal::Worker, Arc<Callback<String>>)>>,
    stop: CancelToken,
}

#[napi]
impl Worker {
    #[napi(constructor)]
    pub fn new(
        journal: &Journal,
        clients: Vec<ClassInstance<'_, Client>>,
        options_json: String,
        observer: Function<'_, String, ()>,
    ) -> Result<Self> {
        let observer = Arc::new(callback(&observer)?);
        let clients = clients.iter().map(|client| client.0.clone()).collect();
        let options = durable::worker_options(&options_json).raised()?;
        let worker = taxrefund_journal::Worker::new(&journal.open_one()?, clients).raised()?;
        let told = observer.clone();
        let worker = worker.options(options).observer(Arc::new(move |event: &WorkerEvent<'_>| {
            told.call(data::to_json(event), NonBlocking);
        }));
        Ok(Self { stop: worker.stop(), ready: Mutex::new(Some((worker, observer))) })
    }

    /// Works until there is nothing more to do, or it is stopped. Once.
    #[napi]
    pub fn start(&self) -> Result<()> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (worker, observer) = ready.ok_or_else(|| Problem::misuse("a worker starts once")).raised()?;
        let work = move || {
            let ended = guarded(|| Ok(worker.run()?));
            let told = match ended {
                Ok(summary) => format!(r#"{{"event":"stopped","summary":{}}}"#, data::to_json(&summary)),
                Err(error) => format!(r#"{{"event":"stopped","problem":{}}}"#, error.reason),
            };
            drop(worker);
            observer.call(told, NonBlocking);
        };
        let no_thread = |error| Problem::misuse(&format!("no thread can be started: {error}"));
        threads::start("taxrefund-worker", work).map_err(no_thread).raised()
    }

    /// What is in the air is finished and recorded first.
    #[napi]
    pub fn stop(&self) {
        self.stop.cancel();
    }
}
