//! The three accounts at the simulator.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use taxrefund_core::alipay::Platform;
use taxrefund_core::operations::{Entry, find};
use taxrefund_core::{
    CallOptions, Client, Environment, HttpTransport, MerchantKey, Policy, PrivateKey, PublicKey,
    TransportConfig, alipay, alipay_plus, antom,
};
use taxrefund_sandbox::{Credentials, HeaderCredentials};

/// An account, with the file that is paid from it.
pub(crate) struct Account {
    pub(crate) file: &'static str,
    pub(crate) operation: &'static Entry,
    pub(crate) client: Client,
}

/// `seed` draws the waits.
pub(crate) fn open(credentials: &Credentials, seed: u64) -> Result<Vec<Account>> {
    let options = CallOptions {
        policy: Policy {
            attempts: 3,
            attempt_timeout_ms: 1_000,
            // The documented seconds, shortened for the simulator: 3-10 s become 60-200 ms.
            sandbox_wait_permille: 20,
            ..Policy::default()
        },
        seed: Some(seed),
        ..CallOptions::default()
    };
    let client =
        |profile, transport| Ok::<_, anyhow::Error>(Client::new(profile, transport)?.with(options.clone()));

    // The simulator is on this machine: no proxy leads there.
    let transport =
        Arc::new(HttpTransport::new(TransportConfig { no_proxy: true, ..TransportConfig::default() })?);
    let own = |pem: &str| Ok::<_, anyhow::Error>(MerchantKey::Private(PrivateKey::load(pem.as_bytes())?));
    let header = |given: &HeaderCredentials, own| {
        let platform = PublicKey::load(given.platform_public_key_pem.as_bytes())?;
        Ok::<_, anyhow::Error>(antom::Config::new(&given.client_id, own, platform, &given.base_url))
    };

    let gateway = &credentials.alipay;
    let platform = Platform::PublicKey(PublicKey::load(gateway.platform_public_key_pem.as_bytes())?);
    let config = alipay::Config {
        environment: Environment::Sandbox,
        endpoint: Some(gateway.gateway_url.clone()),
        ..alipay::Config::new(&gateway.app_id, own(&gateway.partner_private_key_pem)?, platform)
    };
    let plus = header(&credentials.alipay_plus, own(&credentials.alipay_plus.partner_private_key_pem)?)?;
    let refunds = header(&credentials.antom, own(&credentials.antom.partner_private_key_pem)?)?;
    let operation = |name: &str| find(name).ok_or_else(|| anyhow!("there is no operation {name}"));
    Ok(vec![
        Account {
            file: "alipay",
            operation: operation("alipay.pay_tax_refund")?,
            client: client(alipay::profile(config)?, transport.clone())?,
        },
        Account {
            file: "alipay_plus",
            operation: operation("alipay_plus.sync_tax_refund_form")?,
            client: client(alipay_plus::profile(plus)?, transport.clone())?,
        },
        Account {
            file: "antom",
            operation: operation("antom.refund")?,
            client: client(antom::profile(refunds)?, transport)?,
        },
    ])
}
