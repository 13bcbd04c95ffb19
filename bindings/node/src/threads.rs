//! Threads of the module's own, for work that waits.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

use napi::bindgen_prelude::{Object, ToNapiValue};
use napi::{Env, Error};
use taxrefund_bindings::Problem;

use crate::problem::guarded;

/// How many wait for the disk at the same time. Their writes are synced together, so more of them are faster, up to a point.
static AT_THE_DISK: Pool = Pool::new("taxrefund-disk", || 32);

/// Those that sign and verify leave the event loop its core.
static BESIDE_THE_EVENT_LOOP: Pool = Pool::new("taxrefund-sign", || {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))
});

/// Has work done that takes a core for a moment.
pub(crate) fn beside_the_event_loop(work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    BESIDE_THE_EVENT_LOOP.give(Box::new(work))
}

/// A promise of what work that reads or writes a journal gives: done by one of a few threads, the rest waits in a row.
pub(crate) fn at_the_disk<T>(
    env: &Env,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<Object<'_>, Error>
where
    T: ToNapiValue + Send + 'static,
{
    promised(env, work, |job| Ok(AT_THE_DISK.give(job)?))
}

/// A promise of what work that may take minutes gives: on a thread of its own.
pub(crate) fn on_a_thread<T>(
    env: &Env,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<Object<'_>, Error>
where
    T: ToNapiValue + Send + 'static,
{
    promised(env, work, |job| Ok(start("taxrefund-call", job)?))
}

/// Starts a thread for a job.
pub(crate) fn start(name: &str, job: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(job).map(drop)
}

type Job = Box<dyn FnOnce() + Send>;
type Resolve<T> = Box<dyn FnOnce(Env) -> Result<T, Error> + Send>;

fn promised<T>(
    env: &Env,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    give: impl FnOnce(Job) -> Result<(), Error>,
) -> Result<Object<'_>, Error>
where
    T: ToNapiValue + Send + 'static,
{
    let (deferred, promise) = env.create_deferred::<T, Resolve<T>>()?;
    let refused = deferred.clone();
    let given = give(Box::new(move || match guarded(work) {
        Ok(value) => deferred.resolve(Box::new(move |_| Ok(value))),
        Err(error) => deferred.reject(error),
    }));
    if let Err(error) = given {
        refused.reject(error);
    }
    Ok(promise)
}

/// Threads that are started when there is work for them, and stay.
struct Pool {
    name: &'static str,
    most: fn() -> usize,
    state: Mutex<State>,
    work: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

impl Pool {
    const fn new(name: &'static str, most: fn() -> usize) -> Self {
        let state = Mutex::new(State { jobs: VecDeque::new(), threads: 0, idle: 0 });
        Self { name, most, state, work: Condvar::new() }
    }

    fn give(&'static self, job: Job) -> std::io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.jobs.len() >= state.idle && state.threads < (self.most)() {
            match start(self.name, || self.serve()) {
                Ok(()) => state.threads += 1,
                // Those that there are will come to it.
                Err(error) if state.threads == 0 => return Err(error),
                Err(_) => {}
            }
        }
        state.jobs.push_back(job);
        if state.idle > 0 {
            self.work.notify_one();
        }
        Ok(())
    }

    fn serve(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                job();
                state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            } else {
                state.idle += 1;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }
}
