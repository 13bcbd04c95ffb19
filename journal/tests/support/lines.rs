//! Connections that do what a test says: look at the journal while a request is under way, fail, or die.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use taxrefund_core::{Fault, HttpRequest, HttpResponse, Transport};

type Act = dyn Fn(&Call<'_>) -> Result<HttpResponse, Fault> + Send + Sync;

/// One exchange of a [`line`].
pub(crate) struct Call<'a> {
    /// Which exchange of this line, from 1.
    pub(crate) number: usize,
    pub(crate) request: HttpRequest,
    to: &'a dyn Transport,
}

impl Call<'_> {
    pub(crate) fn interface(&self) -> &'static str {
        self.request.interface
    }

    /// Really sends it.
    pub(crate) fn send(&self) -> Result<HttpResponse, Fault> {
        self.to.exchange(self.request.clone())
    }
}

struct Line {
    to: Arc<dyn Transport>,
    exchanges: AtomicUsize,
    act: Box<Act>,
}

impl Transport for Line {
    fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let number = self.exchanges.fetch_add(1, Ordering::SeqCst) + 1;
        (self.act)(&Call { number, request, to: &*self.to })
    }
}

/// A connection over real HTTP that does `act` for each exchange.
pub(crate) fn line(
    act: impl Fn(&Call<'_>) -> Result<HttpResponse, Fault> + Send + Sync + 'static,
) -> Arc<dyn Transport> {
    Arc::new(Line { to: super::http(), exchanges: AtomicUsize::new(0), act: Box::new(act) })
}

/// A connection over which nothing may be sent.
pub(crate) fn dead_line() -> Arc<dyn Transport> {
    line(|call| panic!("{} was sent", call.interface()))
}

struct Killed;

/// What the process does when it dies: nothing more.
pub(crate) fn die() -> ! {
    // Without the panic's message, which would say that something is wrong here.
    panic::resume_unwind(Box::new(Killed))
}

/// Runs what dies on the way.
pub(crate) fn dying<T>(work: impl FnOnce() -> T) {
    let died = panic::catch_unwind(AssertUnwindSafe(work)).err().expect("it did not die");
    if !died.is::<Killed>() {
        panic::resume_unwind(died);
    }
}
