//! Asking JavaScript from a native thread: it answers on the event loop, in its own time, once.

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use napi::Status;
use napi::bindgen_prelude::{Function, JsValuesTupleIntoVec};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

/// A JavaScript function that any thread may have called. It does not keep the process alive.
pub(crate) type Callback<T> = ThreadsafeFunction<T, (), T, Status, false, true>;

/// A question to JavaScript.
pub(crate) struct Asking<Q: 'static + JsValuesTupleIntoVec> {
    callback: Callback<Q>,
    event_loop: ThreadId,
}

/// Where an answer goes. The first one counts.
pub(crate) struct Reply<A>(Mutex<Option<SyncSender<A>>>);

/// Why there is no answer.
pub(crate) enum Silence {
    /// Not in time.
    TimeIsUp,
    /// Nobody has the question any more, or nobody could be asked.
    Nobody,
}

pub(crate) fn callback<T: 'static + JsValuesTupleIntoVec>(
    function: &Function<'_, T, ()>,
) -> napi::Result<Callback<T>> {
    function.build_threadsafe_function::<T>().weak::<true>().build()
}

impl<Q: 'static + JsValuesTupleIntoVec> Asking<Q> {
    pub(crate) fn new(function: &Function<'_, Q, ()>) -> napi::Result<Self> {
        Ok(Self { callback: callback(function)?, event_loop: thread::current().id() })
    }

    /// Asks, and waits for the answer.
    pub(crate) fn ask<A>(
        &self,
        patience: Duration,
        question: impl FnOnce(Reply<A>) -> Q,
    ) -> Result<A, Silence> {
        if thread::current().id() == self.event_loop {
            // It would wait for itself.
            return Err(Silence::Nobody);
        }
        let (reply, answer) = mpsc::sync_channel(1);
        let asked = question(Reply(Mutex::new(Some(reply))));
        if self.callback.call(asked, ThreadsafeFunctionCallMode::NonBlocking) != Status::Ok {
            return Err(Silence::Nobody);
        }
        answer.recv_timeout(patience).map_err(|error| match error {
            RecvTimeoutError::Timeout => Silence::TimeIsUp,
            RecvTimeoutError::Disconnected => Silence::Nobody,
        })
    }
}

impl<A> Reply<A> {
    pub(crate) fn give(&self, answer: A) {
        if let Some(reply) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Whoever asked may have lost patience.
            let _ = reply.try_send(answer);
        }
    }
}
