//! Long work that Ctrl-C can end.

use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::errors::{Outcome, Raised};
use crate::idle::{Job, hand_over};

/// How soon a signal is seen.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Does work without holding the interpreter.
///
/// Python runs signal handlers on its main thread only, and only while that thread runs Python. There the work is therefore
/// done by a thread of its own, and this one looks for signals. When a handler raises (Ctrl-C), `on_interrupt` is told once
/// and the exception is raised as soon as the work has ended, or at once when `on_interrupt` says that nobody needs to wait
/// for it; a second one is always raised at once, and the work goes on unseen.
pub(crate) fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> T + Send + 'static,
    mut on_interrupt: impl FnMut() -> Then,
) -> Outcome<T> {
    if !on_main_thread(py).map_err(Raised::Python)? {
        return Ok(py.detach(work));
    }
    let (done, result) = mpsc::sync_channel(1);
    let job: Job = Box::new(move || {
        // Nobody listens any more after a second interrupt.
        let _ = done.send(work());
    });
    hand_over(job).map_err(|error| {
        Raised::Python(PyRuntimeError::new_err(format!("no thread can be started: {error}")))
    })?;
    // A receiver may not be shared between threads, and leaving the interpreter counts as that.
    let result = Mutex::new(result);
    let mut interrupted = None;
    loop {
        let received = py.detach(|| match result.lock() {
            Ok(result) => result.recv_timeout(LOOK_EVERY),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        });
        match (received, interrupted.take()) {
            (Ok(value), None) => return Ok(value),
            (Ok(_), Some(error)) => return Err(Raised::Python(error)),
            (Err(RecvTimeoutError::Disconnected), _) => {
                return Err(Raised::Python(PyRuntimeError::new_err("the work ended without a result")));
            }
            (Err(RecvTimeoutError::Timeout), before) => match (py.check_signals(), before) {
                (Ok(()), before) => interrupted = before,
                (Err(error), Some(_)) => return Err(Raised::Python(error)),
                (Err(error), None) => match on_interrupt() {
                    Then::RaiseAtOnce => return Err(Raised::Python(error)),
                    Then::AwaitTheEnd => interrupted = Some(error),
                },
            },
        }
    }
}

/// What happens to the work when it is interrupted.
pub(crate) enum Then {
    /// It ends soon; the exception is raised then.
    AwaitTheEnd,
    /// Nothing depends on its end.
    RaiseAtOnce,
}

fn on_main_thread(py: Python<'_>) -> PyResult<bool> {
    let threading = py.import("threading")?;
    let here: u64 = threading.call_method0("get_ident")?.extract()?;
    let main: Option<u64> = threading.call_method0("main_thread")?.getattr("ident")?.extract()?;
    Ok(main == Some(here))
}
