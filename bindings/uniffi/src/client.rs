//! What the journal drives refunds with.

use std::sync::Arc;

use taxrefund_bindings::data;
use taxrefund_core::{CallOptions, CancelToken, Client};

use crate::account::NativeAccount;
use crate::host::{Host, HostTransport};
use crate::problem::Result;

/// Cancels the calls it was given to.
#[derive(uniffi::Object)]
pub struct NativeCancel(pub(crate) CancelToken);

#[uniffi::export]
impl NativeCancel {
    /// Not cancelled.
    #[uniffi::constructor]
    pub fn new() -> Result<Self> {
        Ok(Self(CancelToken::new()))
    }

    /// For ever.
    pub fn cancel(&self) -> Result<()> {
        self.0.cancel();
        Ok(())
    }
}

/// An account over the app's transport.
#[derive(uniffi::Object)]
pub struct NativeClient(pub(crate) Client);

#[uniffi::export]
impl NativeClient {
    /// A client.
    #[uniffi::constructor]
    pub fn new(
        account: &NativeAccount,
        transport: Arc<dyn HostTransport>,
        policy_json: String,
        seed: Option<u64>,
    ) -> Result<Self> {
        let options = CallOptions { policy: data::policy(&policy_json)?, seed, ..CallOptions::default() };
        Ok(Self(Client::new(account.driven.clone(), Arc::new(Host(transport)))?.with(options)))
    }
}
