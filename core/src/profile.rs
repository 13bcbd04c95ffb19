//! An account with one provider, made ready: keys parsed, endpoint checked, algorithm pinned.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::decision::{Interface, Protocol};
use crate::notification::{Notification, NotificationRefused, Reply};
use crate::scheme::header::{self, Caller};
use crate::scheme::{Environment, Signing, form};
use crate::wire::{Answer, Fault, HttpRequest, HttpResponse};
use crate::{ConfigurationError, Error, codes};

/// An account, ready to prepare requests and to read answers. Cheap to clone, usable from every thread.
///
/// Made by [`alipay::profile`](crate::alipay::profile), [`alipay_plus::profile`](crate::alipay_plus::profile) and
/// [`antom::profile`](crate::antom::profile).
#[derive(Clone)]
pub struct Profile(Arc<Scheme>);

enum Scheme {
    Form(form::Gateway),
    Header(Caller),
}

/// A request whose signature is due.
pub(crate) enum Draft {
    Form(form::Draft),
    Header(header::Draft),
}

impl Draft {
    pub(crate) fn to_sign(&self) -> &[u8] {
        match self {
            Self::Form(draft) => &draft.to_sign,
            Self::Header(draft) => &draft.to_sign,
        }
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("protocol", &self.protocol())
            .field("account", &self.account())
            .field("environment", &self.environment())
            .field("endpoint", &self.endpoint())
            .finish_non_exhaustive()
    }
}

impl Profile {
    pub(crate) fn form(gateway: form::Gateway) -> Self {
        Self(Arc::new(Scheme::Form(gateway)))
    }

    pub(crate) fn header(caller: Caller) -> Self {
        Self(Arc::new(Scheme::Header(caller)))
    }

    /// Which protocol it speaks.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        match &*self.0 {
            Scheme::Form(_) => Protocol::Alipay,
            Scheme::Header(caller) => caller.protocol,
        }
    }

    /// The account's name: the app id or the client id.
    #[must_use]
    pub fn account(&self) -> &str {
        match &*self.0 {
            Scheme::Form(gateway) => &gateway.app_id,
            Scheme::Header(caller) => &caller.client_id,
        }
    }

    /// Real money, or a test gateway.
    #[must_use]
    pub fn environment(&self) -> Environment {
        match &*self.0 {
            Scheme::Form(gateway) => gateway.environment,
            Scheme::Header(caller) => caller.environment,
        }
    }

    /// Where requests go.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        match &*self.0 {
            Scheme::Form(gateway) => gateway.endpoint(),
            Scheme::Header(caller) => caller.endpoint(),
        }
    }

    /// Checks and reads a notification.
    ///
    /// `path` is the path and query at which it arrived (header-signed protocols sign it), `headers` all headers,
    /// `body` the raw bytes: never a body that a framework has parsed and written again. `now_ms` (milliseconds since
    /// 1970) goes into an Alipay+ reply, whose signature the profile makes where it holds the key; with an external
    /// signer take [`Profile::reply_to_sign`].
    ///
    /// # Errors
    /// [`NotificationRefused`]: nothing in the message may be believed, and its reply does not acknowledge it.
    pub fn notification(
        &self,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
        now_ms: u64,
    ) -> Result<Notification, NotificationRefused> {
        match &*self.0 {
            Scheme::Form(gateway) => {
                form::read_notification(gateway, body).map(|(notification, _)| notification)
            }
            Scheme::Header(caller) => {
                let mut notification = header::read_notification(caller, path, headers, body)?;
                if caller.protocol == Protocol::AlipayPlus {
                    let draft = header::signed_reply(caller, path, &notification.reply, now_ms);
                    if let Some(Ok(signature)) = caller.signing.sign(&draft.to_sign) {
                        notification.reply = draft.finish(caller, notification.reply, &signature);
                    }
                }
                Ok(notification)
            }
        }
    }

    /// Checks an answer to an interface that this library does not know, by the same rules; returns its content.
    ///
    /// `wire` is the gateway's method name, or the path that was called.
    ///
    /// # Errors
    /// Why nothing in the answer may be believed.
    pub fn verify_answer(&self, wire: &str, response: &HttpResponse) -> Result<Map<String, Value>, Fault> {
        match &*self.0 {
            Scheme::Form(gateway) => gateway.verified(wire, response).map_err(|(fault, _)| fault),
            Scheme::Header(caller) => caller.verified(wire, response),
        }
        .map(|verified| verified.fields)
    }

    /// The bytes that the signature of an Alipay+ reply must cover; `None` where replies are not signed.
    #[must_use]
    pub fn reply_to_sign(&self, path: &str, reply: &Reply, now_ms: u64) -> Option<Vec<u8>> {
        match &*self.0 {
            Scheme::Header(caller) if caller.protocol == Protocol::AlipayPlus => {
                Some(header::signed_reply(caller, path, reply, now_ms).to_sign)
            }
            Scheme::Form(_) | Scheme::Header(_) => None,
        }
    }

    /// An Alipay+ reply with the signature over [`Profile::reply_to_sign`]'s bytes, for the same arguments.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the signature is not by the merchant's key.
    pub fn signed_reply(
        &self,
        path: &str,
        reply: Reply,
        now_ms: u64,
        signature: Vec<u8>,
    ) -> Result<Reply, Error> {
        match &*self.0 {
            Scheme::Header(caller) if caller.protocol == Protocol::AlipayPlus => {
                let draft = header::signed_reply(caller, path, &reply, now_ms);
                let signature = caller
                    .signing
                    .accept(&draft.to_sign, signature)
                    .map_err(|message| ConfigurationError::new("signature", codes::SIGNER_FAILED, message))?;
                Ok(draft.finish(caller, reply, &signature))
            }
            Scheme::Form(_) | Scheme::Header(_) => Ok(reply),
        }
    }

    /// Whether the host makes the signatures, at the flow's *sign* step.
    #[must_use]
    pub fn has_external_signer(&self) -> bool {
        matches!(self.signing(), Signing::External { .. })
    }

    pub(crate) fn signing(&self) -> &Signing {
        match &*self.0 {
            Scheme::Form(gateway) => &gateway.signing,
            Scheme::Header(caller) => &caller.signing,
        }
    }

    /// The first character of a content that the account's charset cannot carry.
    pub(crate) fn first_unmappable(&self, text: &str) -> Option<char> {
        match &*self.0 {
            Scheme::Form(gateway) => gateway.charset.first_unmappable(text),
            Scheme::Header(_) => None,
        }
    }

    pub(crate) fn draft(&self, interface: &'static Interface, business: &str, now_ms: u64) -> Draft {
        match &*self.0 {
            Scheme::Form(gateway) => Draft::Form(gateway.draft(interface, business, now_ms)),
            Scheme::Header(caller) => Draft::Header(caller.draft(interface, business, now_ms)),
        }
    }

    pub(crate) fn request(
        &self,
        draft: Draft,
        signature: &[u8],
        interface: &'static str,
    ) -> Result<HttpRequest, Fault> {
        match (&*self.0, draft) {
            (Scheme::Form(gateway), Draft::Form(draft)) => Ok(gateway.request(&draft, signature, interface)),
            (Scheme::Header(caller), Draft::Header(draft)) => Ok(caller.request(draft, signature, interface)),
            _ => Err(Fault::SignerFailed("the request was drafted for another protocol".to_owned())),
        }
    }

    pub(crate) fn read(&self, interface: &Interface, response: &HttpResponse) -> Answer {
        match &*self.0 {
            Scheme::Form(gateway) => gateway.read(interface, response),
            Scheme::Header(caller) => caller.read(interface, response),
        }
    }
}
