//! Asking JavaScript from a native thread: it answers on the event loop, in its own time, once.

use std::thread::{self, ThreadId};
use std::time::Duration;

use napi::Status;
use napi::bindgen_prelude::{Function, JsValuesTupleIntoVec};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use taxrefund_bindings::asking::{Reply, Silence, ask};

/// A JavaScript function that any thread may have called. It does not keep the process alive.
pub(crate) type Callback<T> = ThreadsafeFunction<T, (), T, Status, false, true>;

/// A question to JavaScript.
pub(crate) struct Asking<Q: 'static + JsValuesTupleIntoVec> {
    callback: Callback<Q>,
    event_loop: ThreadId,
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
        ask(patience, |reply| {
            self.callback.call(question(reply), ThreadsafeFunctionCallMode::NonBlocking) == Status::Ok
        })
    }
}
