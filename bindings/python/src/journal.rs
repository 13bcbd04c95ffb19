//! The durable record of refunds.

use std::io::{BufReader, BufWriter};

use pyo3::prelude::*;
use taxrefund_bindings::{data, durable};
use taxrefund_core::{CallOptions, CancelToken};

use crate::account::{Account, Prepared};
use crate::client::{Cancel, Client};
use crate::errors::{Outcome, Raised};
use crate::interrupt::{Then, interruptible};
use crate::streams::Exceptions;

/// One refund, as recorded.
#[pyclass(frozen, module = "taxrefund._native")]
pub(crate) struct Entry(taxrefund_journal::Entry);

#[pymethods]
impl Entry {
    #[getter]
    fn id(&self) -> i64 {
        self.0.id
    }

    #[getter]
    fn key(&self) -> &str {
        &self.0.key
    }

    #[getter]
    fn state(&self) -> &str {
        self.0.state.as_str()
    }

    #[getter]
    fn json(&self) -> String {
        data::to_json(&self.0)
    }

    fn __repr__(&self) -> String {
        format!("<taxrefund._native.Entry {} {} {}>", self.0.id, self.0.key, self.0.state)
    }
}

/// See `taxrefund.Journal`.
#[pyclass(frozen, module = "taxrefund._native")]
pub(crate) struct Journal(pub(crate) taxrefund_journal::Journal);

#[pymethods]
impl Journal {
    #[new]
    #[pyo3(signature = (place, options_json = "{}", sealing_key = None))]
    fn new(py: Python<'_>, place: &str, options_json: &str, sealing_key: Option<&[u8]>) -> Outcome<Self> {
        Ok(Self(py.detach(|| durable::open(place, options_json, sealing_key))?))
    }

    #[getter]
    fn owner(&self) -> &str {
        self.0.owner()
    }

    /// Pays a refund, or says how it ended when it was paid before. Ctrl-C ends a wait at once, and an exchange when it is
    /// recorded; the refund is in the journal then.
    #[pyo3(signature = (client, prepared, extras_json, cancel = None))]
    fn run(
        &self,
        py: Python<'_>,
        client: &Client,
        prepared: &Prepared,
        extras_json: &str,
        cancel: Option<&Cancel>,
    ) -> Outcome<String> {
        let submission = durable::submission(prepared.0.clone(), extras_json)?;
        let journal = self.0.clone();
        cancellable(py, client, cancel, move |client| journal.run(client, &submission))
    }

    #[pyo3(signature = (client, entry, cancel = None))]
    fn resume(
        &self,
        py: Python<'_>,
        client: &Client,
        entry: &Entry,
        cancel: Option<&Cancel>,
    ) -> Outcome<String> {
        let (journal, key) = (self.0.clone(), entry.0.key.clone());
        cancellable(py, client, cancel, move |client| journal.resume(client, &key))
    }

    fn submit(
        &self,
        py: Python<'_>,
        account: &Account,
        prepared: &Prepared,
        extras_json: &str,
    ) -> Outcome<(bool, Entry)> {
        let submission = durable::submission(prepared.0.clone(), extras_json)?;
        Ok(match py.detach(|| self.0.submit(&account.0, &submission))? {
            taxrefund_journal::Submitted::New(entry) => (true, Entry(entry)),
            taxrefund_journal::Submitted::Known(entry) => (false, Entry(entry)),
        })
    }

    fn outcome(&self, py: Python<'_>, entry: &Entry) -> Outcome<Option<String>> {
        let outcome = py.detach(|| self.0.outcome(&entry.0))?;
        Ok(outcome.map(|outcome| data::to_json(&outcome)))
    }

    fn find(&self, py: Python<'_>, account: &Account, key: &str) -> Outcome<Option<Entry>> {
        Ok(py.detach(|| self.0.find(&account.0, key))?.map(Entry))
    }

    fn page(&self, py: Python<'_>, filter_json: &str, after: i64) -> Outcome<Vec<Entry>> {
        let filter = durable::filter(filter_json)?;
        Ok(py.detach(|| self.0.page(&filter, after))?.into_iter().map(Entry).collect())
    }

    fn request(&self, py: Python<'_>, entry: &Entry) -> Outcome<String> {
        Ok(data::to_json(&py.detach(|| self.0.request(&entry.0))?))
    }

    fn story(&self, py: Python<'_>, entry: &Entry, evidence: bool) -> Outcome<String> {
        Ok(py.detach(|| durable::story(&self.0, &entry.0, evidence))?)
    }

    fn counts(&self, py: Python<'_>) -> Outcome<String> {
        Ok(data::to_json(&py.detach(|| self.0.counts())?))
    }

    fn head(&self, py: Python<'_>) -> Outcome<String> {
        Ok(py.detach(|| self.0.head())?.to_string())
    }

    fn reopen(&self, py: Python<'_>, filter_json: &str, why: &str) -> Outcome<u64> {
        let filter = durable::filter(filter_json)?;
        Ok(py.detach(|| self.0.reopen(&filter, why))?)
    }

    #[pyo3(signature = (expected = None))]
    fn verify(&self, py: Python<'_>, expected: Option<String>) -> Outcome<String> {
        let journal = self.0.clone();
        let verified = move || durable::verified(&journal, expected.as_deref());
        Ok(interruptible(py, verified, || Then::RaiseAtOnce)??)
    }

    fn import_(
        &self,
        py: Python<'_>,
        operation: &str,
        account: &Account,
        options_json: &str,
        source: Py<PyAny>,
    ) -> Outcome<String> {
        let exceptions = Exceptions::new();
        let file = BufReader::with_capacity(BUFFER, exceptions.watch(source));
        let imported = py.detach(|| durable::import(&self.0, operation, &account.0, options_json, file));
        exceptions.or(imported.map_err(Raised::from))
    }

    fn write_results(
        &self,
        py: Python<'_>,
        operation: &str,
        account: &Account,
        options_json: &str,
        source: Py<PyAny>,
        sink: Py<PyAny>,
    ) -> Outcome<String> {
        let exceptions = Exceptions::new();
        let file = BufReader::with_capacity(BUFFER, exceptions.watch(source));
        let out = BufWriter::with_capacity(BUFFER, exceptions.watch(sink));
        let written =
            py.detach(|| durable::write_results(&self.0, operation, &account.0, options_json, file, out));
        exceptions.or(written.map_err(Raised::from))
    }

    #[pyo3(signature = (list_source, options_json, scope_json, csv_sink = None))]
    fn settlement(
        &self,
        py: Python<'_>,
        list_source: Py<PyAny>,
        options_json: &str,
        scope_json: &str,
        csv_sink: Option<Py<PyAny>>,
    ) -> Outcome<String> {
        let exceptions = Exceptions::new();
        let list = BufReader::with_capacity(BUFFER, exceptions.watch(list_source));
        let csv = csv_sink.map(|sink| BufWriter::with_capacity(BUFFER, exceptions.watch(sink)));
        let report = py.detach(|| durable::settlement(&self.0, list, options_json, scope_json, csv));
        exceptions.or(report.map_err(Raised::from))
    }

    fn notify(
        &self,
        py: Python<'_>,
        account: &Account,
        path: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
        now_ms: u64,
    ) -> Outcome<String> {
        Ok(py.detach(|| durable::notify(&self.0, &account.0, path, &headers, body, now_ms))?)
    }

    fn rotate_key(&self, py: Python<'_>, old: &[u8], new: &[u8]) -> Outcome<()> {
        let (old, new) = (durable::key(old)?, durable::key(new)?);
        Ok(py.detach(|| self.0.rotate_key(&old, &new))?)
    }

    fn __repr__(&self) -> String {
        format!("<taxrefund._native.Journal of {}>", self.0.owner())
    }
}

const BUFFER: usize = 64 * 1024;

/// A journaled call, with the caller's token or one for Ctrl-C.
fn cancellable(
    py: Python<'_>,
    client: &Client,
    cancel: Option<&Cancel>,
    call: impl FnOnce(&taxrefund_core::Client) -> Result<taxrefund_core::Outcome, taxrefund_journal::JournalError>
    + Send
    + 'static,
) -> Outcome<String> {
    let token = cancel.map_or_else(CancelToken::new, |cancel| cancel.0.clone());
    let options = CallOptions { cancel: Some(token.clone()), ..client.0.options().clone() };
    let client = client.0.with(options);
    let outcome = interruptible(
        py,
        move || call(&client),
        || {
            token.cancel();
            Then::AwaitTheEnd
        },
    )?;
    Ok(data::to_json(&outcome?))
}
