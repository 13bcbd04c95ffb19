//! The accounts, from a JSON file in the shape that the simulator gives (`GET /sandbox/credentials`).
//!
//! ```json
//! {
//!   "alipay": { "environment": "production", "app_id": "…", "gateway_url": "…",
//!               "partner_private_key_pem": "…", "platform_public_key_pem": "…" },
//!   "alipay_plus": { "client_id": "…", "base_url": "…", "partner_private_key_pem": "…", "platform_public_key_pem": "…" },
//!   "antom": { "client_id": "…", "base_url": "…", "partner_private_key_pem": "…", "platform_public_key_pem": "…" }
//! }
//! ```
//!
//! A protocol that is not used may be missing; members that are not named here are passed over. `environment` is the
//! sandbox unless it says production; Alipay+ and Antom tell it by their client ids.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;
use taxrefund_core::alipay::Platform;
use taxrefund_core::{
    Client, Environment, HttpTransport, MerchantKey, PrivateKey, Profile, Protocol, PublicKey,
    TransportConfig, alipay, alipay_plus, antom,
};

pub(crate) struct Accounts {
    file: PathBuf,
    clients: Vec<Client>,
}

impl Accounts {
    /// What is wrong with the file is said without quoting it: it holds private keys.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let named = || format!("the accounts file {}", file.display());
        let text = std::fs::read(file).with_context(named)?;
        let whole: Value = serde_json::from_slice(&text)
            .map_err(|error| anyhow!("is not JSON: see line {}, column {}", error.line(), error.column()))
            .with_context(named)?;
        let mut clients = Vec::new();
        for (name, account) in [("alipay", gateway as Read), ("alipay_plus", plus), ("antom", refunds)] {
            if let Some(members) = whole.get(name) {
                clients.push(account(&Members { of: name, members }).with_context(named)?);
            }
        }
        if clients.is_empty() {
            bail!("{} has none of the accounts alipay, alipay_plus, antom", named());
        }
        Ok(Self { file: file.to_owned(), clients })
    }

    pub(crate) fn of(&self, protocol: Protocol) -> Result<&Client> {
        let found = self.clients.iter().find(|client| client.profile().protocol() == protocol);
        found.with_context(|| {
            format!("the accounts file {} has no account {:?}", self.file.display(), protocol.as_str())
        })
    }

    pub(crate) fn all(&self) -> &[Client] {
        &self.clients
    }
}

type Read = fn(&Members<'_>) -> Result<Client>;

struct Members<'a> {
    of: &'static str,
    members: &'a Value,
}

impl Members<'_> {
    fn text(&self, name: &str) -> Result<&str> {
        let found = self.members.get(name).and_then(Value::as_str);
        found.with_context(|| format!("{}.{name} is missing, or no text", self.of))
    }

    fn own_key(&self) -> Result<MerchantKey> {
        let name = "partner_private_key_pem";
        let key = PrivateKey::load(self.text(name)?.as_bytes());
        Ok(MerchantKey::Private(key.with_context(|| format!("{}.{name}", self.of))?))
    }

    fn platform_key(&self) -> Result<PublicKey> {
        let name = "platform_public_key_pem";
        PublicKey::load(self.text(name)?.as_bytes()).with_context(|| format!("{}.{name}", self.of))
    }

    fn header_signed(&self) -> Result<antom::Config> {
        let (id, endpoint) = (self.text("client_id")?, self.text("base_url")?);
        Ok(antom::Config::new(id, self.own_key()?, self.platform_key()?, endpoint))
    }
}

fn gateway(members: &Members<'_>) -> Result<Client> {
    let environment = match members.members.get("environment").and_then(Value::as_str) {
        Some("production") => Environment::Production,
        Some("sandbox") | None => Environment::Sandbox,
        Some(_) => bail!("{}.environment is neither production nor sandbox", members.of),
    };
    let platform = Platform::PublicKey(members.platform_key()?);
    let config = alipay::Config {
        environment,
        endpoint: Some(members.text("gateway_url")?.to_owned()),
        ..alipay::Config::new(members.text("app_id")?, members.own_key()?, platform)
    };
    client(alipay::profile(config)?)
}

fn plus(members: &Members<'_>) -> Result<Client> {
    client(alipay_plus::profile(members.header_signed()?)?)
}

fn refunds(members: &Members<'_>) -> Result<Client> {
    client(antom::profile(members.header_signed()?)?)
}

fn client(profile: Profile) -> Result<Client> {
    // Plain HTTP is for a simulator on this machine, and no proxy leads there.
    let no_proxy = profile.endpoint().starts_with("http://");
    let transport = HttpTransport::new(TransportConfig { no_proxy, ..TransportConfig::default() })?;
    Ok(Client::new(profile, Arc::new(transport))?)
}
