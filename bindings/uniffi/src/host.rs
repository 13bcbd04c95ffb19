//! What the app does itself: exchanges and signatures. It is asked on a native thread, and answers from any thread, once.

use std::sync::Arc;
use std::time::Duration;

use taxrefund_bindings::asking::{Reply, Silence, ask};
use taxrefund_bindings::data;
use taxrefund_core::signing::SignerError;
use taxrefund_core::{Fault, HttpRequest, HttpResponse, Transport};

use crate::problem::Result;

/// A header.
#[derive(uniffi::Record)]
pub struct NativeHeader {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A request, to be sent once, as it is.
#[derive(uniffi::Record)]
pub struct NativeRequest {
    /// `POST`.
    pub method: String,
    /// Where to.
    pub url: String,
    /// In their order.
    pub headers: Vec<NativeHeader>,
    /// Its bytes.
    pub body: Vec<u8>,
    /// The exchange is over after this, the last byte of the answer included.
    pub timeout_ms: u64,
    /// Which interface it calls.
    pub interface: String,
}

/// An answer, as it came.
#[derive(uniffi::Record)]
pub struct NativeResponse {
    /// HTTP's status.
    pub status: u16,
    /// All of them, repeated ones too.
    pub headers: Vec<NativeHeader>,
    /// Its bytes.
    pub body: Vec<u8>,
}

impl From<HttpRequest> for NativeRequest {
    fn from(request: HttpRequest) -> Self {
        let header = |(name, value): (&str, String)| NativeHeader { name: name.to_owned(), value };
        Self {
            method: request.method.to_owned(),
            url: request.url,
            headers: request.headers.into_iter().map(header).collect(),
            body: request.body,
            timeout_ms: u64::try_from(request.timeout.as_millis()).unwrap_or(u64::MAX),
            interface: request.interface.to_owned(),
        }
    }
}

impl From<NativeResponse> for HttpResponse {
    fn from(response: NativeResponse) -> Self {
        Self { status: response.status, headers: pairs(response.headers), body: response.body }
    }
}

pub(crate) fn pairs(headers: Vec<NativeHeader>) -> Vec<(String, String)> {
    headers.into_iter().map(|header| (header.name, header.value)).collect()
}

/// What an app's callable could not do; what it threw is not looked at, for it may hold anything.
#[derive(Debug, Clone, Copy, thiserror::Error, uniffi::Error)]
pub enum HostError {
    /// It failed.
    #[error("the host's callable failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for HostError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// The app's transport, for the journal.
#[uniffi::export(with_foreign)]
pub trait HostTransport: Send + Sync {
    /// Begins an exchange, and returns: it is answered through the exchange itself.
    fn begin(&self, exchange: Arc<Exchange>) -> Result<(), HostError>;
}

/// The app's signer, for the journal.
#[uniffi::export(with_foreign)]
pub trait HostSigner: Send + Sync {
    /// Begins to sign, and returns: the signature is given through the request itself.
    fn begin(&self, request: Arc<SignatureRequest>) -> Result<(), HostError>;
}

/// A request that the app is asked to send once, and to answer once.
#[derive(uniffi::Object)]
pub struct Exchange {
    request: HttpRequest,
    reply: Reply<Result<HttpResponse, Fault>>,
}

#[uniffi::export]
impl Exchange {
    /// What to send.
    pub fn request(&self) -> Result<NativeRequest> {
        Ok(self.request.clone().into())
    }

    /// The answer.
    pub fn answered(&self, response: NativeResponse) -> Result<()> {
        self.reply.give(Ok(response.into()));
        Ok(())
    }

    /// Why there is none.
    pub fn faulted(&self, fault: String, detail: String) -> Result<()> {
        self.reply.give(Err(data::transport_fault(&fault, &detail)));
        Ok(())
    }
}

/// Bytes that the app's signer is asked to sign, and to answer once.
#[derive(uniffi::Object)]
pub struct SignatureRequest {
    message: Vec<u8>,
    reply: Reply<Option<Vec<u8>>>,
}

#[uniffi::export]
impl SignatureRequest {
    /// What to sign: PKCS#1 v1.5, under the account's hash.
    pub fn message(&self) -> Result<Vec<u8>> {
        Ok(self.message.clone())
    }

    /// The signature.
    pub fn signed(&self, signature: Vec<u8>) -> Result<()> {
        self.reply.give(Some(signature));
        Ok(())
    }

    /// There is none.
    pub fn failed(&self) -> Result<()> {
        self.reply.give(None);
        Ok(())
    }
}

pub(crate) struct Host(pub(crate) Arc<dyn HostTransport>);

impl Transport for Host {
    fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        // Its own timer is the one that ends an exchange; this one is for a transport that never answers.
        let patience = request.timeout + Duration::from_secs(1);
        let asked = ask(patience, |reply| self.0.begin(Arc::new(Exchange { request, reply })).is_ok());
        asked.unwrap_or_else(|silence| {
            Err(match silence {
                Silence::TimeIsUp => Fault::Timeout,
                Silence::Nobody => Fault::Reset,
            })
        })
    }
}

pub(crate) fn signature(
    signer: &dyn HostSigner,
    message: &[u8],
    patience: Duration,
) -> Result<Vec<u8>, SignerError> {
    let message = message.to_vec();
    let asked = ask(patience, |reply| signer.begin(Arc::new(SignatureRequest { message, reply })).is_ok());
    asked.ok().flatten().ok_or(SignerError::Unavailable)
}
