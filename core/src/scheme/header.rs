//! Alipay+ and Antom: a JSON body, signed together with path, client id and time in a header.

mod answer;
mod notification;
mod signature;

pub(crate) use notification::{read as read_notification, reply as signed_reply};
pub use signature::{SignatureHeader, string_to_sign};

use super::{Environment, MerchantKey, Signing, check_endpoint, platform_verifier};
use crate::datetime::{epoch_millis_text, iso_utc_seconds};
use crate::decision::{Interface, Protocol};
use crate::keys::PublicKey;
use crate::redact::Sensitive;
use crate::signing::{Algorithm, Verifier};
use crate::wire::HttpRequest;
use crate::{ConfigurationError, codes};

/// What an Alipay+ or Antom account is made of.
#[derive(Clone)]
pub struct Config {
    /// The client id; `SANDBOX_…` for the sandbox.
    pub client_id: String,
    /// Who signs our requests.
    pub merchant_key: MerchantKey,
    /// The platform's public keys, each with the key version it answers to; version `None` fits every version.
    pub platform_keys: Vec<(Option<String>, PublicKey)>,
    /// The host to call, such as [`ASIA`](crate::antom::ASIA), without a path.
    pub endpoint: String,
    /// Version of our own key pair. Default 1.
    pub key_version: u32,
    /// For a service provider acting for a partner, at most 128 characters.
    pub agent_token: Option<Sensitive>,
    /// Antom: whether `/ams/api` becomes `/ams/sandbox/api`. Default: when the client id starts with `SANDBOX_`.
    pub sandbox_path: Option<bool>,
}

impl Config {
    /// An account with key version 1.
    #[must_use]
    pub fn new(
        client_id: impl Into<String>,
        merchant_key: MerchantKey,
        platform_key: PublicKey,
        endpoint: impl Into<String>,
    ) -> Self {
        Self {
            client_id: client_id.into(),
            merchant_key,
            platform_keys: vec![(None, platform_key)],
            endpoint: endpoint.into(),
            key_version: 1,
            agent_token: None,
            sandbox_path: None,
        }
    }
}

/// An account, made ready.
pub(crate) struct Caller {
    pub(crate) protocol: Protocol,
    pub(crate) client_id: String,
    pub(crate) signing: Signing,
    pub(crate) environment: Environment,
    endpoint: String,
    key_version: u32,
    verifiers: Vec<(Option<String>, Verifier)>,
    agent_token: Option<Sensitive>,
    sandbox_path: bool,
}

/// A request whose signature is still due.
pub(crate) struct Draft {
    path: String,
    time: String,
    body: Vec<u8>,
    pub(crate) to_sign: Vec<u8>,
}

impl Caller {
    pub(crate) fn new(protocol: Protocol, config: Config) -> Result<Self, ConfigurationError> {
        let problem = |field: &str, message: &str| {
            Err(ConfigurationError::new(field, codes::CONFIGURATION, message.to_owned()))
        };
        let sendable = |text: &str, most: usize| {
            !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !sendable(&config.client_id, 64) {
            return problem("client_id", "must have 1 to 64 printable ASCII characters without spaces");
        }
        if config.agent_token.as_ref().is_some_and(|token| !sendable(token.reveal(), 128)) {
            return problem("agent_token", "must have 1 to 128 printable ASCII characters without spaces");
        }
        check_endpoint(&config.endpoint)?;
        let endpoint = config.endpoint.trim_end_matches('/').to_owned();
        if endpoint.splitn(4, '/').nth(3).is_some() {
            return problem("endpoint", "must be a host only, such as https://open-sea-global.alipay.com");
        }
        if config.platform_keys.is_empty() {
            return problem("platform_keys", "needs the platform's public key");
        }
        let mut verifiers = Vec::new();
        for (version, key) in &config.platform_keys {
            let verifier =
                platform_verifier("platform_keys", key, &config.merchant_key, Algorithm::RsaSha256)?;
            verifiers.push((version.clone(), verifier));
        }
        let sandbox = config.client_id.starts_with("SANDBOX_");
        Ok(Self {
            protocol,
            signing: Signing::new(config.merchant_key, Algorithm::RsaSha256)?,
            environment: if sandbox { Environment::Sandbox } else { Environment::Production },
            sandbox_path: config.sandbox_path.unwrap_or(sandbox && protocol == Protocol::Antom),
            client_id: config.client_id,
            endpoint,
            key_version: config.key_version,
            verifiers,
            agent_token: config.agent_token,
        })
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The path that is called, and signed: Antom's sandbox has one of its own.
    pub(crate) fn path(&self, interface: &Interface) -> String {
        if self.sandbox_path {
            interface.wire.replacen("/ams/api", "/ams/sandbox/api", 1)
        } else {
            interface.wire.to_owned()
        }
    }

    pub(crate) fn draft(&self, interface: &'static Interface, business: &str, now_ms: u64) -> Draft {
        let time = match self.protocol {
            Protocol::Antom => epoch_millis_text(now_ms),
            Protocol::Alipay | Protocol::AlipayPlus => iso_utc_seconds(now_ms),
        };
        let path = self.path(interface);
        let body = business.as_bytes().to_vec();
        let to_sign = string_to_sign("POST", &path, &self.client_id, &time, &body);
        Draft { path, time, body, to_sign }
    }

    pub(crate) fn request(&self, draft: Draft, signature: &[u8], interface: &'static str) -> HttpRequest {
        let mut headers = vec![
            ("content-type", "application/json; charset=UTF-8".to_owned()),
            ("client-id", self.client_id.clone()),
            ("request-time", draft.time),
            ("signature", SignatureHeader::write(signature, self.key_version)),
        ];
        if let Some(token) = &self.agent_token {
            headers.push(("agent-token", token.reveal().to_owned()));
        }
        HttpRequest {
            method: "POST",
            url: format!("{}{}", self.endpoint, draft.path),
            headers,
            body: draft.body,
            timeout: std::time::Duration::ZERO,
            interface,
        }
    }
}
