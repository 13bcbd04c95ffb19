//! Accounts, and requests prepared for them.

use std::time::Duration;

use napi::bindgen_prelude::{BigInt, Buffer, Function, Uint8Array};
use napi_derive::napi;
use taxrefund_bindings::account::{Sign, profile};
use taxrefund_bindings::asking::{Reply, Silence};
use taxrefund_bindings::{data, durable};
use taxrefund_core::signing::SignerError;
use taxrefund_core::{HttpResponse, Profile};

use crate::callbacks::Asking;
use crate::client::headers;
use crate::data::{milliseconds, unsigned};
use crate::flow::Flow;
use crate::pool::{Promise, in_pool};
use crate::problem::{Raise as _, Result};

/// How long a native thread waits for a signature of the host's.
const PATIENCE: Duration = Duration::from_secs(30);

/// An account, ready to prepare requests and to read answers.
#[napi]
pub struct Account(pub(crate) Profile);

#[napi]
impl Account {
    #[napi(constructor)]
    pub fn new(config_json: String, signer: Option<Function<'_, SignatureRequest, ()>>) -> Result<Self> {
        let sign = signer.map(|signer| Asking::new(&signer).map(called_back)).transpose()?;
        profile(&config_json, sign).map(Self).raised()
    }

    #[napi(getter)]
    pub fn protocol(&self) -> &str {
        self.0.protocol().as_str()
    }

    #[napi(getter)]
    pub fn name(&self) -> &str {
        self.0.account()
    }

    #[napi(getter)]
    pub fn environment(&self) -> &str {
        data::environment(&self.0)
    }

    #[napi(getter)]
    pub fn endpoint(&self) -> &str {
        self.0.endpoint()
    }

    #[napi(getter)]
    pub fn external_signer(&self) -> bool {
        self.0.has_external_signer()
    }

    #[napi]
    pub fn prepare(&self, operation: String, request_json: String) -> Result<Prepared> {
        let operation = durable::operation(&operation).raised()?;
        operation.prepare(&self.0, &request_json).map(Prepared).raised()
    }

    #[napi]
    pub fn begin(&self, prepared: &Prepared, policy_json: String, seed: Option<BigInt>) -> Result<Flow> {
        let (policy, seed) = (data::policy(&policy_json).raised()?, chosen(seed)?);
        taxrefund_core::Flow::new(self.0.clone(), prepared.0.clone(), policy, seed).map(Flow::new).raised()
    }

    #[napi]
    pub fn resume(&self, state_json: String, policy_json: String, seed: Option<BigInt>) -> Result<Flow> {
        let state = data::state(&state_json).raised()?;
        let (policy, seed) = (data::policy(&policy_json).raised()?, chosen(seed)?);
        taxrefund_core::Flow::resume(self.0.clone(), state, policy, seed).map(Flow::new).raised()
    }

    #[napi]
    pub fn notification(
        &self,
        path: String,
        names_and_values: Vec<String>,
        body: Uint8Array,
        now_ms: f64,
    ) -> Result<Promise<String>> {
        let (profile, body) = (self.0.clone(), body.to_vec());
        let now_ms = milliseconds("nowMs", now_ms).raised()?;
        let headers = headers(names_and_values);
        Ok(in_pool(move || Ok(data::to_json(&profile.notification(&path, &headers, &body, now_ms)?))))
    }

    #[napi]
    pub fn reply_to_sign(&self, path: String, reply_json: String, now_ms: f64) -> Result<Option<Buffer>> {
        let (reply, now_ms) = (data::reply(&reply_json).raised()?, milliseconds("nowMs", now_ms).raised()?);
        Ok(self.0.reply_to_sign(&path, &reply, now_ms).map(Into::into))
    }

    #[napi]
    pub fn signed_reply(
        &self,
        path: String,
        reply_json: String,
        now_ms: f64,
        signature: Uint8Array,
    ) -> Result<String> {
        let (reply, now_ms) = (data::reply(&reply_json).raised()?, milliseconds("nowMs", now_ms).raised()?);
        let reply = self.0.signed_reply(&path, reply, now_ms, signature.to_vec()).raised()?;
        Ok(data::to_json(&reply))
    }

    #[napi]
    pub fn verify_answer(
        &self,
        wire: String,
        status: u16,
        names_and_values: Vec<String>,
        body: Uint8Array,
    ) -> Promise<String> {
        let response = HttpResponse { status, headers: headers(names_and_values), body: body.to_vec() };
        let profile = self.0.clone();
        in_pool(move || Ok(data::to_json(&profile.verify_answer(&wire, &response)?)))
    }
}

/// A request that may be sent: valid, its business bytes fixed for ever.
#[napi]
pub struct Prepared(pub(crate) taxrefund_core::Prepared);

#[napi]
impl Prepared {
    #[napi(getter)]
    pub fn operation(&self) -> &str {
        self.0.spec().name
    }

    #[napi(getter)]
    pub fn key(&self) -> &str {
        self.0.key()
    }

    #[napi(getter)]
    pub fn fingerprint(&self) -> &str {
        self.0.fingerprint()
    }

    #[napi(getter)]
    pub fn form(&self) -> Option<String> {
        self.0.form()
    }

    #[napi(getter)]
    pub fn warnings(&self) -> String {
        data::to_json(&self.0.warnings())
    }

    #[napi]
    pub fn business(&self, interface: String) -> &str {
        self.0.business(&interface)
    }
}

/// Bytes that a host's signer is asked to sign, and to answer once.
#[napi]
pub struct SignatureRequest {
    message: Vec<u8>,
    reply: Reply<Option<Vec<u8>>>,
}

#[napi]
impl SignatureRequest {
    #[napi(getter)]
    pub fn message(&self) -> Buffer {
        self.message.clone().into()
    }

    #[napi]
    pub fn signed(&self, signature: Uint8Array) {
        self.reply.give(Some(signature.to_vec()));
    }

    #[napi]
    pub fn failed(&self) {
        self.reply.give(None);
    }
}

fn called_back(asking: Asking<SignatureRequest>) -> Sign {
    Box::new(move |message| {
        let asked = asking.ask(PATIENCE, |reply| SignatureRequest { message: message.to_vec(), reply });
        match asked {
            Ok(Some(signature)) => Ok(signature),
            Ok(None) | Err(Silence::TimeIsUp | Silence::Nobody) => Err(SignerError::Unavailable),
        }
    })
}

fn chosen(seed: Option<BigInt>) -> Result<u64> {
    seed.map_or_else(|| Ok(data::seed()), |seed| unsigned("seed", &seed)).raised()
}
