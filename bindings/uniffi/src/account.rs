//! Accounts, and requests prepared for them.

use std::sync::Arc;

use taxrefund_bindings::account::{Sign, profile};
use taxrefund_bindings::{data, durable};
use taxrefund_core::Profile;

use crate::flow::NativeFlow;
use crate::host::{HostSigner, NativeHeader, NativeResponse, pairs, signature};
use crate::problem::Result;

/// An account, ready to prepare requests and to read answers.
#[derive(uniffi::Object)]
pub struct NativeAccount(pub(crate) Profile);

#[uniffi::export]
impl NativeAccount {
    /// From settings as JSON text. With a signer, native threads ask it; with neither signer nor private key the flow hands out
    /// what is to be signed.
    #[uniffi::constructor]
    pub fn new(config_json: String, signer: Option<Arc<dyn HostSigner>>) -> Result<Self> {
        let sign = signer.map(|signer| -> Sign { Box::new(move |message| signature(&*signer, message)) });
        Ok(Self(profile(&config_json, sign)?))
    }

    /// `alipay`, `alipay_plus` or `antom`.
    pub fn protocol(&self) -> String {
        self.0.protocol().as_str().to_owned()
    }

    /// The app id or client id.
    pub fn name(&self) -> String {
        self.0.account().to_owned()
    }

    /// `production` or `sandbox`.
    pub fn environment(&self) -> String {
        data::environment(&self.0).to_owned()
    }

    /// Where requests go.
    pub fn endpoint(&self) -> String {
        self.0.endpoint().to_owned()
    }

    /// Whether flows hand out what is to be signed.
    pub fn has_external_signer(&self) -> bool {
        self.0.has_external_signer()
    }

    /// Checks and freezes a request.
    pub fn prepare(&self, operation: String, request_json: String) -> Result<NativePrepared> {
        Ok(NativePrepared(durable::operation(&operation)?.prepare(&self.0, &request_json)?))
    }

    /// Begins a procedure.
    pub fn begin(
        &self,
        prepared: &NativePrepared,
        policy_json: String,
        seed: Option<u64>,
    ) -> Result<NativeFlow> {
        let (policy, seed) = (data::policy(&policy_json)?, seed.unwrap_or_else(data::seed));
        let flow = taxrefund_core::Flow::new(self.0.clone(), prepared.0.clone(), policy, seed)?;
        Ok(NativeFlow::new(flow))
    }

    /// Takes an open procedure up again.
    pub fn resume(&self, state_json: String, policy_json: String, seed: Option<u64>) -> Result<NativeFlow> {
        let state = data::state(&state_json)?;
        let (policy, seed) = (data::policy(&policy_json)?, seed.unwrap_or_else(data::seed));
        Ok(NativeFlow::new(taxrefund_core::Flow::resume(self.0.clone(), state, policy, seed)?))
    }

    /// Verifies and reads an inbound message.
    pub fn notification(
        &self,
        path: String,
        headers: Vec<NativeHeader>,
        body: Vec<u8>,
        now_ms: u64,
    ) -> Result<String> {
        Ok(data::to_json(&self.0.notification(&path, &pairs(headers), &body, now_ms)?))
    }

    /// What of a reply an external signer has to sign.
    pub fn reply_to_sign(&self, path: String, reply_json: String, now_ms: u64) -> Result<Option<Vec<u8>>> {
        Ok(self.0.reply_to_sign(&path, &data::reply(&reply_json)?, now_ms))
    }

    /// The reply with its signature.
    pub fn signed_reply(
        &self,
        path: String,
        reply_json: String,
        now_ms: u64,
        signature: Vec<u8>,
    ) -> Result<String> {
        Ok(data::to_json(&self.0.signed_reply(&path, data::reply(&reply_json)?, now_ms, signature)?))
    }

    /// Checks an answer to an interface that the library does not know.
    pub fn verify_answer(&self, wire: String, response: NativeResponse) -> Result<String> {
        Ok(data::to_json(&self.0.verify_answer(&wire, &response.into())?))
    }
}

/// A request that may be sent: valid, its business bytes fixed for ever.
#[derive(uniffi::Object)]
pub struct NativePrepared(pub(crate) taxrefund_core::Prepared);

#[uniffi::export]
impl NativePrepared {
    /// The operation's name.
    pub fn operation(&self) -> String {
        self.0.spec().name.to_owned()
    }

    /// The idempotency key.
    pub fn key(&self) -> String {
        self.0.key().to_owned()
    }

    /// Of the business bytes.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint().to_owned()
    }

    /// The tax refund form's number, where the request has it.
    pub fn form(&self) -> Option<String> {
        self.0.form()
    }

    /// A JSON list.
    pub fn warnings(&self) -> String {
        data::to_json(&self.0.warnings())
    }

    /// The business content of an interface.
    pub fn business(&self, interface: String) -> String {
        self.0.business(&interface).to_owned()
    }
}
