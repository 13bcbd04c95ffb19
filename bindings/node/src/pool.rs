//! Work for libuv's pool: signatures and their checks.

use napi::bindgen_prelude::{AsyncTask, ToNapiValue, TypeName};
use napi::{Env, Error, Task};
use taxrefund_bindings::Problem;

use crate::problem::guarded;

/// A promise of what work in the pool gives.
pub(crate) type Promise<T> = AsyncTask<InPool<T>>;

type Work<T> = Box<dyn FnOnce() -> Result<T, Problem> + Send>;

/// Work, to be done once.
pub struct InPool<T>(Option<Work<T>>);

/// Has work done in the pool.
pub(crate) fn in_pool<T>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Promise<T>
where
    T: ToNapiValue + TypeName + Send + 'static,
{
    AsyncTask::new(InPool(Some(Box::new(work))))
}

impl<T: ToNapiValue + TypeName + Send + 'static> Task for InPool<T> {
    type Output = T;
    type JsValue = T;

    fn compute(&mut self) -> Result<T, Error> {
        let work = self.0.take();
        guarded(|| work.map_or_else(|| Err(Problem::misuse("work was done twice")), |work| work()))
    }

    fn resolve(&mut self, _: Env, output: T) -> Result<T, Error> {
        Ok(output)
    }
}
