//! Accounts at a simulator.

use std::sync::Arc;

use taxrefund_core::alipay::{self, Platform};
use taxrefund_core::{
    CallOptions, Environment, HttpTransport, MerchantKey, Policy, PrivateKey, PublicKey, TransportConfig,
    antom,
};
use taxrefund_sandbox::{HeaderCredentials, Sandbox};

/// Connections to this machine.
pub(crate) fn transport() -> Arc<HttpTransport> {
    let config = TransportConfig { no_proxy: true, ..TransportConfig::default() };
    Arc::new(HttpTransport::new(config).unwrap())
}

/// Three attempts; a documented second becomes a millisecond.
pub(crate) fn options() -> CallOptions {
    let policy =
        Policy { attempts: 3, attempt_timeout_ms: 1_000, sandbox_wait_permille: 1, ..Policy::default() };
    CallOptions { policy, seed: Some(1), ..CallOptions::default() }
}

pub(crate) fn own_key(pem: &str) -> MerchantKey {
    MerchantKey::Private(PrivateKey::load(pem.as_bytes()).unwrap())
}

/// The gateway account in public key mode.
pub(crate) fn gateway(sandbox: &Sandbox) -> alipay::Config {
    let given = &sandbox.credentials().alipay;
    let platform = Platform::PublicKey(PublicKey::load(given.platform_public_key_pem.as_bytes()).unwrap());
    alipay::Config {
        environment: Environment::Sandbox,
        endpoint: Some(given.gateway_url.clone()),
        ..alipay::Config::new(&given.app_id, own_key(&given.partner_private_key_pem), platform)
    }
}

/// An Alipay+ or Antom account.
pub(crate) fn header_signed(given: &HeaderCredentials) -> antom::Config {
    let platform = PublicKey::load(given.platform_public_key_pem.as_bytes()).unwrap();
    antom::Config::new(&given.client_id, own_key(&given.partner_private_key_pem), platform, &given.base_url)
}
