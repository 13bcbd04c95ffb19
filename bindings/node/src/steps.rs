//! Flow steps on threads of the module's own: as many as there are cores beside the event loop's, so that it never waits for one.
//!
//! Steps that have ended are handed over together, for waking the event loop costs more than most of what it then does.

use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode::NonBlocking;
use napi_derive::napi;
use taxrefund_bindings::Problem;

use crate::callbacks::{Callback, callback};
use crate::flow::Step;
use crate::problem::{Raise as _, Result, guarded};
use crate::threads;

/// Where steps that have ended wait for the event loop.
#[napi]
pub struct Steps(Arc<Queue>);

struct Queue {
    ended: Mutex<Vec<Ended>>,
    wake: Callback<()>,
}

/// A step that has ended: what to do next, or a problem as JSON text.
#[napi(object, object_from_js = false)]
pub struct Ended {
    pub id: u32,
    pub step: Option<Step>,
    pub problem: Option<String>,
}

#[napi]
impl Steps {
    /// `ready` is called when there is something to be taken. It does not keep the process alive.
    #[napi(constructor)]
    pub fn new(ready: Function<'_, (), ()>) -> Result<Self> {
        Ok(Self(Arc::new(Queue { ended: Mutex::default(), wake: callback(&ready)? })))
    }

    /// Everything that has ended.
    #[napi]
    pub fn take(&self) -> Vec<Ended> {
        std::mem::take(&mut self.0.ended.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Steps {
    /// Has a step worked out; it ends under the number `id`.
    pub(crate) fn begin(
        &self,
        id: u32,
        work: impl FnOnce() -> std::result::Result<Step, Problem> + Send + 'static,
    ) -> Result<()> {
        let queue = self.0.clone();
        let job = move || {
            let ended = match guarded(work) {
                Ok(step) => Ended { id, step: Some(step), problem: None },
                Err(error) => Ended { id, step: None, problem: Some(error.reason.clone()) },
            };
            queue.push(ended);
        };
        let no_thread = |error| Problem::misuse(&format!("no thread can be started: {error}"));
        threads::beside_the_event_loop(job).map_err(no_thread).raised()
    }
}

impl Queue {
    fn push(&self, one: Ended) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.push(one);
        if ended.len() == 1 {
            drop(ended);
            self.wake.call((), NonBlocking);
        }
    }
}
