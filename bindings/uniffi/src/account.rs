//! Accounts, and requests prepared for them.

use std::sync::Arc;
use std::time::Duration;

use taxrefund_bindings::account::{Sign, profile};
use taxrefund_bindings::{data, durable};
use taxrefund_core::Profile;

use crate::flow::NativeFlow;
use crate::host::{HostSigner, NativeHeader, NativeResponse, pairs, signature};
use crate::problem::Result;

/// An account, ready to prepare requests and to read answers.
#[derive(uniffi::Object)]
pub struct NativeAccount {
    /// What flows are driven with: the bytes to sign are handed out where there is no key.
    steps: Profile,
    /// What the journal drives with: native threads ask the app's signer.
    pub(crate) driven: Profile,
}

/// What an account is.
#[derive(uniffi::Record)]
pub struct NativeAccountFacts {
    /// `alipay`, `alipay_plus` or `antom`.
    pub protocol: String,
    /// The app id or client id.
    pub name: String,
    /// `production` or `sandbox`.
    pub environment: String,
    /// Where requests go.
    pub endpoint: String,
}

#[uniffi::export]
impl NativeAccount {
    /// From settings as JSON text. An account without a private key has a signer, which is asked for so long.
    #[uniffi::constructor]
    pub fn new(
        config_json: String,
        signer: Option<Arc<dyn HostSigner>>,
        signer_patience_ms: u64,
    ) -> Result<Self> {
        let steps = profile(&config_json, None)?;
        let driven = match signer {
            None => steps.clone(),
            Some(signer) => {
                let patience = Duration::from_millis(signer_patience_ms);
                let sign: Sign = Box::new(move |message| signature(&*signer, message, patience));
                profile(&config_json, Some(sign))?
            }
        };
        Ok(Self { steps, driven })
    }

    /// What it is.
    pub fn facts(&self) -> Result<NativeAccountFacts> {
        Ok(NativeAccountFacts {
            protocol: self.steps.protocol().as_str().to_owned(),
            name: self.steps.account().to_owned(),
            environment: data::environment(&self.steps).to_owned(),
            endpoint: self.steps.endpoint().to_owned(),
        })
    }

    /// Checks and freezes a request.
    pub fn prepare(&self, operation: String, request_json: String) -> Result<NativePrepared> {
        Ok(NativePrepared(durable::operation(&operation)?.prepare(&self.steps, &request_json)?))
    }

    /// Begins a procedure.
    pub fn begin(
        &self,
        prepared: &NativePrepared,
        policy_json: String,
        seed: Option<u64>,
    ) -> Result<NativeFlow> {
        let (policy, seed) = (data::policy(&policy_json)?, seed.unwrap_or_else(data::seed));
        let flow = taxrefund_core::Flow::new(self.steps.clone(), prepared.0.clone(), policy, seed)?;
        Ok(NativeFlow::new(flow))
    }

    /// Takes an open procedure up again.
    pub fn resume(&self, state_json: String, policy_json: String, seed: Option<u64>) -> Result<NativeFlow> {
        let state = data::state(&state_json)?;
        let (policy, seed) = (data::policy(&policy_json)?, seed.unwrap_or_else(data::seed));
        Ok(NativeFlow::new(taxrefund_core::Flow::resume(self.steps.clone(), state, policy, seed)?))
    }

    /// Verifies and reads an inbound message.
    pub fn notification(
        &self,
        path: String,
        headers: Vec<NativeHeader>,
        body: Vec<u8>,
        now_ms: u64,
    ) -> Result<String> {
        Ok(data::to_json(&self.steps.notification(&path, &pairs(headers), &body, now_ms)?))
    }

    /// What of a reply an external signer has to sign.
    pub fn reply_to_sign(&self, path: String, reply_json: String, now_ms: u64) -> Result<Option<Vec<u8>>> {
        Ok(self.steps.reply_to_sign(&path, &data::reply(&reply_json)?, now_ms))
    }

    /// The reply with its signature.
    pub fn signed_reply(
        &self,
        path: String,
        reply_json: String,
        now_ms: u64,
        signature: Vec<u8>,
    ) -> Result<String> {
        Ok(data::to_json(&self.steps.signed_reply(&path, data::reply(&reply_json)?, now_ms, signature)?))
    }

    /// Checks an answer to an interface that the library does not know.
    pub fn verify_answer(&self, wire: String, response: NativeResponse) -> Result<String> {
        Ok(data::to_json(&self.steps.verify_answer(&wire, &response.into())?))
    }
}

/// A request that may be sent: valid, its business bytes fixed for ever.
#[derive(uniffi::Object)]
pub struct NativePrepared(pub(crate) taxrefund_core::Prepared);

/// What a prepared request is.
#[derive(uniffi::Record)]
pub struct NativePreparedFacts {
    /// The operation's name.
    pub operation: String,
    /// The idempotency key.
    pub key: String,
    /// Of the business bytes.
    pub fingerprint: String,
    /// The tax refund form's number, where the request has it.
    pub form: Option<String>,
    /// A JSON list.
    pub warnings_json: String,
}

#[uniffi::export]
impl NativePrepared {
    /// What it is.
    pub fn facts(&self) -> Result<NativePreparedFacts> {
        Ok(NativePreparedFacts {
            operation: self.0.spec().name.to_owned(),
            key: self.0.key().to_owned(),
            fingerprint: self.0.fingerprint().to_owned(),
            form: self.0.form(),
            warnings_json: data::to_json(&self.0.warnings()),
        })
    }

    /// The business content of an interface.
    pub fn business(&self, interface: String) -> Result<String> {
        Ok(self.0.business(&interface).to_owned())
    }
}
