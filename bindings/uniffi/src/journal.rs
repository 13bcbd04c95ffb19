//! The durable record of refunds on the device. Calls block: they are for background threads.

use std::sync::{Arc, Mutex, PoisonError};

use taxrefund_bindings::{Problem, data, durable};
use taxrefund_core::{CallOptions, CancelToken, Client};
use taxrefund_journal::Journal;

use crate::account::{NativeAccount, NativePrepared};
use crate::client::{NativeCancel, NativeClient};
use crate::host::{NativeHeader, pairs};
use crate::problem::Result;

/// One refund, as recorded.
#[derive(uniffi::Object)]
pub struct NativeEntry(taxrefund_journal::Entry);

#[uniffi::export]
impl NativeEntry {
    /// All of it, as JSON.
    pub fn json(&self) -> Result<String> {
        Ok(data::to_json(&self.0))
    }
}

/// A journal in a file.
#[derive(uniffi::Object)]
pub struct NativeJournal(Mutex<Option<Journal>>);

impl NativeJournal {
    fn open_one(&self) -> Result<Journal> {
        let journal = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(journal.clone().ok_or_else(|| Problem::configuration("journal", "was closed"))?)
    }
}

#[uniffi::export]
impl NativeJournal {
    /// Opens it. The key (32 bytes) seals what is personal.
    #[uniffi::constructor]
    pub fn new(path: String, options_json: String, sealing_key: Option<Vec<u8>>) -> Result<Self> {
        Ok(Self(Mutex::new(Some(durable::open(&path, &options_json, sealing_key.as_deref())?))))
    }

    /// Pays a refund, or says how it ended when it was paid before.
    pub fn run(
        &self,
        client: &NativeClient,
        prepared: &NativePrepared,
        extras_json: String,
        cancel: Option<Arc<NativeCancel>>,
    ) -> Result<String> {
        let submission = durable::submission(prepared.0.clone(), &extras_json)?;
        Ok(data::to_json(&self.open_one()?.run(&cancellable(client, cancel), &submission)?))
    }

    /// Takes a recorded refund up again.
    pub fn resume(
        &self,
        client: &NativeClient,
        entry: &NativeEntry,
        cancel: Option<Arc<NativeCancel>>,
    ) -> Result<String> {
        Ok(data::to_json(&self.open_one()?.resume(&cancellable(client, cancel), &entry.0.key)?))
    }

    /// The recorded outcome, as JSON.
    pub fn outcome(&self, entry: &NativeEntry) -> Result<Option<String>> {
        Ok(self.open_one()?.outcome(&entry.0)?.map(|outcome| data::to_json(&outcome)))
    }

    /// The entry of a key.
    pub fn find(&self, account: &NativeAccount, key: String) -> Result<Option<Arc<NativeEntry>>> {
        Ok(self.open_one()?.find(&account.driven, &key)?.map(|entry| Arc::new(NativeEntry(entry))))
    }

    /// Entries by the dozen; go on after the last one's number, an empty list is the end.
    pub fn page(&self, filter_json: String, after: i64) -> Result<Vec<Arc<NativeEntry>>> {
        let page = self.open_one()?.page(&durable::filter(&filter_json)?, after)?;
        Ok(page.into_iter().map(|entry| Arc::new(NativeEntry(entry))).collect())
    }

    /// Everything recorded about a refund, as JSON.
    pub fn story(&self, entry: &NativeEntry, evidence: bool) -> Result<String> {
        Ok(durable::story(&self.open_one()?, &entry.0, evidence)?)
    }

    /// How many entries stand where, as JSON.
    pub fn counts(&self) -> Result<String> {
        Ok(data::to_json(&self.open_one()?.counts()?))
    }

    /// The proof that nothing was changed, or what was, as JSON.
    pub fn verify(&self, expected: Option<String>) -> Result<String> {
        Ok(durable::verified(&self.open_one()?, expected.as_deref())?)
    }

    /// Records a notification, as JSON.
    pub fn notify(
        &self,
        account: &NativeAccount,
        path: String,
        headers: Vec<NativeHeader>,
        body: Vec<u8>,
        now_ms: u64,
    ) -> Result<String> {
        let journal = self.open_one()?;
        Ok(durable::notify(&journal, &account.driven, &path, &pairs(headers), &body, now_ms)?)
    }

    /// Seals everything anew.
    pub fn rotate_key(&self, old: Vec<u8>, new: Vec<u8>) -> Result<()> {
        Ok(self.open_one()?.rotate_key(&durable::key(&old)?, &durable::key(&new)?)?)
    }

    /// Calls under way go on; the file is let go when the last of them is over.
    pub fn release(&self) -> Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }
}

fn cancellable(client: &NativeClient, cancel: Option<Arc<NativeCancel>>) -> Client {
    let token = cancel.map_or_else(CancelToken::new, |cancel| cancel.0.clone());
    client.0.with(CallOptions { cancel: Some(token), ..client.0.options().clone() })
}
