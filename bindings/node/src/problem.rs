//! Problems on their way to JavaScript: their JSON text is the error's message, from which TypeScript makes its own classes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use napi::{Error, Status};
use taxrefund_bindings::Problem;

/// What every function here gives; the error's message is a [`Problem`] as JSON text.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Makes results ready for JavaScript.
pub(crate) trait Raise<T> {
    fn raised(self) -> Result<T>;
}

impl<T, E: Into<Problem>> Raise<T> for std::result::Result<T, E> {
    fn raised(self) -> Result<T> {
        self.map_err(|error| Error::new(Status::GenericFailure, error.into().to_json()))
    }
}

/// Does work that nobody catches above: a panic on a thread without JavaScript would end the process.
pub(crate) fn guarded<T>(work: impl FnOnce() -> std::result::Result<T, Problem>) -> Result<T> {
    let died = || Problem::misuse("the native module failed in a way that it should not; please report this");
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(died())).raised()
}
