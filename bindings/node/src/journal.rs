//! The durable record of refunds.

use std::fs::File;
use std::io::{BufReader, BufWriter, Cursor, Read};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::{Either, Object, Uint8Array};
use napi_derive::napi;
use taxrefund_bindings::{Problem, data, durable};
use taxrefund_core::{CallOptions, CancelToken, Outcome as Came};
use taxrefund_journal::{JournalError, Submitted as Told};

use crate::account::{Account, Prepared};
use crate::client::{Cancel, Client};
use crate::data::milliseconds;
use crate::problem::{Raise as _, Result};
use crate::threads::{at_the_disk, on_a_thread};

/// One refund, as recorded.
#[napi]
pub struct Entry(taxrefund_journal::Entry);

#[napi]
impl Entry {
    #[napi(getter)]
    pub fn id(&self) -> i64 {
        self.0.id
    }

    #[napi(getter)]
    pub fn key(&self) -> &str {
        &self.0.key
    }

    #[napi(getter)]
    pub fn state(&self) -> &str {
        self.0.state.as_str()
    }

    #[napi(getter)]
    pub fn json(&self) -> String {
        data::to_json(&self.0)
    }
}

/// What became of a submission.
#[napi]
pub struct Submitted {
    is_new: bool,
    entry: taxrefund_journal::Entry,
}

#[napi]
impl Submitted {
    #[napi(getter)]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    #[napi(getter)]
    pub fn entry(&self) -> Entry {
        Entry(self.entry.clone())
    }
}

/// See `Journal` of the package. Every promise is kept by threads of the module's own.
#[napi]
pub struct Journal {
    open: Mutex<Option<taxrefund_journal::Journal>>,
    calls: Arc<Calls>,
}

/// How many calls are under way: whoever closes the journal waits for them.
#[derive(Default)]
struct Calls {
    number: Mutex<usize>,
    ended: Condvar,
}

/// One of them, with the journal that it uses.
struct Call {
    journal: Option<taxrefund_journal::Journal>,
    calls: Arc<Calls>,
}

impl Calls {
    fn wait_for_all(&self) {
        let mut number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        while *number > 0 {
            number = self.ended.wait(number).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Call {
    fn with<T>(
        self,
        work: impl FnOnce(&taxrefund_journal::Journal) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.journal.as_ref().map_or_else(|| Err(closed()), work)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.journal = None;
        *self.calls.number.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.calls.ended.notify_all();
    }
}

fn closed() -> Problem {
    Problem::configuration("journal", "was closed")
}

impl Journal {
    pub(crate) fn open_one(&self) -> Result<taxrefund_journal::Journal> {
        let journal = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        journal.clone().ok_or_else(closed).raised()
    }

    fn begun(&self) -> Result<Call> {
        let journal = Some(self.open_one()?);
        *self.calls.number.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Ok(Call { journal, calls: self.calls.clone() })
    }

    fn read<'env, T>(
        &self,
        env: &'env Env,
        work: impl FnOnce(&taxrefund_journal::Journal) -> Result<T, Problem> + Send + 'static,
    ) -> Result<Object<'env>>
    where
        T: napi::bindgen_prelude::ToNapiValue + Send + 'static,
    {
        let call = self.begun()?;
        at_the_disk(env, move || call.with(work))
    }

    /// A journaled call.
    fn call<'env>(
        &self,
        env: &'env Env,
        client: &Client,
        cancel: Option<&Cancel>,
        work: impl FnOnce(&taxrefund_journal::Journal, &taxrefund_core::Client) -> Result<Came, JournalError>
        + Send
        + 'static,
    ) -> Result<Object<'env>> {
        let call = self.begun()?;
        let token = cancel.map_or_else(CancelToken::new, |cancel| cancel.0.clone());
        let options = CallOptions { cancel: Some(token), ..client.0.options().clone() };
        let client = client.0.with(options);
        on_a_thread(env, move || call.with(|journal| Ok(data::to_json(&work(journal, &client)?))))
    }
}

#[napi]
impl Journal {
    #[napi]
    pub fn open<'env>(
        env: &'env Env,
        place: String,
        options_json: String,
        sealing_key: Option<Uint8Array>,
    ) -> Result<Object<'env>> {
        let key = sealing_key.map(|key| key.to_vec());
        at_the_disk(env, move || {
            let open = Mutex::new(Some(durable::open(&place, &options_json, key.as_deref())?));
            Ok(Self { open, calls: Arc::default() })
        })
    }

    #[napi(getter)]
    pub fn owner(&self) -> Result<String> {
        Ok(self.open_one()?.owner().to_owned())
    }

    /// Pays a refund, or says how it ended when it was paid before.
    #[napi]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        client: &Client,
        prepared: &Prepared,
        extras_json: String,
        cancel: Option<&Cancel>,
    ) -> Result<Object<'env>> {
        let submission = durable::submission(prepared.0.clone(), &extras_json).raised()?;
        self.call(env, client, cancel, move |journal, client| journal.run(client, &submission))
    }

    #[napi]
    pub fn resume<'env>(
        &self,
        env: &'env Env,
        client: &Client,
        entry: &Entry,
        cancel: Option<&Cancel>,
    ) -> Result<Object<'env>> {
        let key = entry.0.key.clone();
        self.call(env, client, cancel, move |journal, client| journal.resume(client, &key))
    }

    #[napi]
    pub fn submit<'env>(
        &self,
        env: &'env Env,
        account: &Account,
        prepared: &Prepared,
        extras_json: String,
    ) -> Result<Object<'env>> {
        let submission = durable::submission(prepared.0.clone(), &extras_json).raised()?;
        let profile = account.0.clone();
        self.read(env, move |journal| {
            Ok(match journal.submit(&profile, &submission)? {
                Told::New(entry) => Submitted { is_new: true, entry },
                Told::Known(entry) => Submitted { is_new: false, entry },
            })
        })
    }

    #[napi]
    pub fn outcome<'env>(&self, env: &'env Env, entry: &Entry) -> Result<Object<'env>> {
        let entry = entry.0.clone();
        self.read(env, move |journal| Ok(journal.outcome(&entry)?.map(|outcome| data::to_json(&outcome))))
    }

    #[napi]
    pub fn find<'env>(&self, env: &'env Env, account: &Account, key: String) -> Result<Object<'env>> {
        let profile = account.0.clone();
        self.read(env, move |journal| Ok(journal.find(&profile, &key)?.map(Entry)))
    }

    #[napi]
    pub fn page<'env>(&self, env: &'env Env, filter_json: String, after: i64) -> Result<Object<'env>> {
        let filter = durable::filter(&filter_json).raised()?;
        self.read(env, move |journal| {
            Ok(journal.page(&filter, after)?.into_iter().map(Entry).collect::<Vec<_>>())
        })
    }

    #[napi]
    pub fn request<'env>(&self, env: &'env Env, entry: &Entry) -> Result<Object<'env>> {
        let entry = entry.0.clone();
        self.read(env, move |journal| Ok(data::to_json(&journal.request(&entry)?)))
    }

    #[napi]
    pub fn story<'env>(&self, env: &'env Env, entry: &Entry, evidence: bool) -> Result<Object<'env>> {
        let entry = entry.0.clone();
        self.read(env, move |journal| durable::story(journal, &entry, evidence))
    }

    #[napi]
    pub fn counts<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        self.read(env, |journal| Ok(data::to_json(&journal.counts()?)))
    }

    #[napi]
    pub fn head<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        self.read(env, |journal| Ok(journal.head()?.to_string()))
    }

    #[napi]
    pub fn reopen<'env>(&self, env: &'env Env, filter_json: String, why: String) -> Result<Object<'env>> {
        let filter = durable::filter(&filter_json).raised()?;
        self.read(env, move |journal| Ok(i64::try_from(journal.reopen(&filter, &why)?).unwrap_or(i64::MAX)))
    }

    #[napi]
    pub fn verify<'env>(&self, env: &'env Env, expected: Option<String>) -> Result<Object<'env>> {
        self.read(env, move |journal| durable::verified(journal, expected.as_deref()))
    }

    /// `source`: a path, or the content itself; so everywhere below.
    #[napi(js_name = "import")]
    pub fn import_<'env>(
        &self,
        env: &'env Env,
        operation: String,
        account: &Account,
        options_json: String,
        source: Either<String, Uint8Array>,
    ) -> Result<Object<'env>> {
        let (profile, source) = (account.0.clone(), Source::of(source));
        self.read(env, move |journal| {
            durable::import(journal, &operation, &profile, &options_json, source.open()?)
        })
    }

    #[napi]
    pub fn write_results<'env>(
        &self,
        env: &'env Env,
        operation: String,
        account: &Account,
        options_json: String,
        source: Either<String, Uint8Array>,
        sink: String,
    ) -> Result<Object<'env>> {
        let (profile, source) = (account.0.clone(), Source::of(source));
        self.read(env, move |journal| {
            let (source, sink) = (source.open()?, created(&sink)?);
            durable::write_results(journal, &operation, &profile, &options_json, source, sink)
        })
    }

    #[napi]
    pub fn settlement<'env>(
        &self,
        env: &'env Env,
        list: Either<String, Uint8Array>,
        options_json: String,
        scope_json: String,
        csv_sink: Option<String>,
    ) -> Result<Object<'env>> {
        let list = Source::of(list);
        self.read(env, move |journal| {
            let csv = csv_sink.as_deref().map(created).transpose()?;
            durable::settlement(journal, list.open()?, &options_json, &scope_json, csv)
        })
    }

    #[napi]
    pub fn notify<'env>(
        &self,
        env: &'env Env,
        account: &Account,
        path: String,
        names_and_values: Vec<String>,
        body: Uint8Array,
        now_ms: f64,
    ) -> Result<Object<'env>> {
        let (profile, body) = (account.0.clone(), body.to_vec());
        let now_ms = milliseconds("nowMs", now_ms).raised()?;
        let headers = crate::client::headers(names_and_values);
        self.read(env, move |journal| durable::notify(journal, &profile, &path, &headers, &body, now_ms))
    }

    #[napi]
    pub fn rotate_key<'env>(&self, env: &'env Env, old: Uint8Array, new: Uint8Array) -> Result<Object<'env>> {
        let old = durable::key(&old).raised()?;
        let new = durable::key(&new).raised()?;
        self.read(env, move |journal| Ok(journal.rotate_key(&old, &new)?))
    }

    /// Calls under way are finished first; then the file is given back, unless a worker still has it.
    #[napi]
    pub fn close<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let journal = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        let calls = self.calls.clone();
        on_a_thread(env, move || {
            calls.wait_for_all();
            drop(journal);
            Ok(())
        })
    }
}

enum Source {
    Path(String),
    Content(Vec<u8>),
}

impl Source {
    fn of(given: Either<String, Uint8Array>) -> Self {
        match given {
            Either::A(path) => Self::Path(path),
            Either::B(content) => Self::Content(content.to_vec()),
        }
    }

    fn open(self) -> Result<Box<dyn Read>, Problem> {
        Ok(match self {
            Self::Path(path) => Box::new(BufReader::with_capacity(
                BUFFER,
                File::open(&path).map_err(|error| Problem::file(&path, error))?,
            )),
            Self::Content(content) => Box::new(Cursor::new(content)),
        })
    }
}

fn created(path: &str) -> Result<BufWriter<File>, Problem> {
    let file = File::create(path).map_err(|error| Problem::file(path, error))?;
    Ok(BufWriter::with_capacity(BUFFER, file))
}

const BUFFER: usize = 64 * 1024;
