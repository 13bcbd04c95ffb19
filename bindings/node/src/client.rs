//! What the journal and the worker drive refunds with: the core's blocking client, over its own transport or JavaScript's.

use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{BigInt, Buffer, Either, Function, Uint8Array};
use napi_derive::napi;
use taxrefund_bindings::asking::{Reply, Silence};
use taxrefund_bindings::{data, http};
use taxrefund_core::{CallOptions, CancelToken, Fault, HttpRequest, HttpResponse, Transport};

use crate::account::Account;
use crate::callbacks::Asking;
use crate::data::unsigned;
use crate::problem::{Raise as _, Result};

/// Cancels the calls it was given to.
#[napi]
pub struct Cancel(pub(crate) CancelToken);

#[napi]
impl Cancel {
    #[napi(constructor)]
    #[allow(clippy::new_without_default, reason = "JavaScript constructs it")]
    pub fn new() -> Self {
        Self(CancelToken::new())
    }

    #[napi]
    pub fn cancel(&self) {
        self.0.cancel();
    }

    #[napi(getter)]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// HTTPS by the core's own transport; plain HTTP to this machine only.
#[napi]
pub struct HttpTransport(taxrefund_core::HttpTransport);

#[napi]
impl HttpTransport {
    #[napi(constructor)]
    pub fn new(config_json: String) -> Result<Self> {
        http::transport(&config_json).map(Self).raised()
    }
}

/// JavaScript's own transport.
#[napi]
pub struct HostTransport(Arc<Host>);

struct Host(Asking<Exchange>);

#[napi]
impl HostTransport {
    #[napi(constructor)]
    pub fn new(exchange: Function<'_, Exchange, ()>) -> napi::Result<Self> {
        Ok(Self(Arc::new(Host(Asking::new(&exchange)?))))
    }
}

impl Transport for Host {
    fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        // Its own timer is the one that ends an exchange; this one is for a transport that never settles.
        let patience = request.timeout + Duration::from_secs(1);
        match self.0.ask(patience, |reply| Exchange { request, reply }) {
            Ok(answer) => answer,
            Err(Silence::TimeIsUp) => Err(Fault::Timeout),
            Err(Silence::Nobody) => Err(Fault::Reset),
        }
    }
}

/// A request that JavaScript is asked to send once, and to answer once.
#[napi]
pub struct Exchange {
    request: HttpRequest,
    reply: Reply<Result<HttpResponse, Fault>>,
}

#[napi]
impl Exchange {
    #[napi(getter)]
    pub fn method(&self) -> &str {
        self.request.method
    }

    #[napi(getter)]
    pub fn url(&self) -> &str {
        &self.request.url
    }

    #[napi(getter)]
    pub fn headers(&self) -> Vec<String> {
        flat(self.request.headers.iter().map(|(name, value)| (*name, value.as_str())))
    }

    #[napi(getter)]
    pub fn body(&self) -> Buffer {
        self.request.body.clone().into()
    }

    #[napi(getter)]
    pub fn timeout_ms(&self) -> f64 {
        self.request.timeout.as_secs_f64() * 1_000.0
    }

    #[napi(getter)]
    pub fn interface(&self) -> &str {
        self.request.interface
    }

    #[napi]
    pub fn answered(&self, status: u16, names_and_values: Vec<String>, body: Uint8Array) {
        self.reply.give(Ok(HttpResponse { status, headers: headers(names_and_values), body: body.to_vec() }));
    }

    #[napi]
    pub fn faulted(&self, name: String, detail: String) {
        self.reply.give(Err(data::transport_fault(&name, &detail)));
    }
}

/// An account over a transport.
#[napi]
pub struct Client(pub(crate) taxrefund_core::Client);

#[napi]
impl Client {
    #[napi(constructor)]
    pub fn new(
        account: &Account,
        transport: Option<Either<&HttpTransport, &HostTransport>>,
        policy_json: String,
        seed: Option<BigInt>,
    ) -> Result<Self> {
        let transport: Arc<dyn Transport> = match transport {
            None => Arc::new(taxrefund_core::HttpTransport::default()),
            Some(Either::A(ours)) => Arc::new(ours.0.clone()),
            Some(Either::B(host)) => host.0.clone(),
        };
        let seed = seed.map(|seed| unsigned("seed", &seed)).transpose().raised()?;
        let options =
            CallOptions { policy: data::policy(&policy_json).raised()?, seed, ..CallOptions::default() };
        let client = taxrefund_core::Client::new(account.0.clone(), transport).raised()?;
        Ok(Self(client.with(options)))
    }
}

/// Headers as JavaScript hands them over: name, value, name, value.
pub(crate) fn headers(names_and_values: Vec<String>) -> Vec<(String, String)> {
    let mut headers = Vec::with_capacity(names_and_values.len() / 2);
    let mut texts = names_and_values.into_iter();
    while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
        headers.push((name, value));
    }
    headers
}

pub(crate) fn flat<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    headers.flat_map(|(name, value)| [name.to_owned(), value.to_owned()]).collect()
}
