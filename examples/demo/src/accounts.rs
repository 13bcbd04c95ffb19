//! The three accounts at the simulator, with the file that is paid from each.

use anyhow::{Result, anyhow};
use serde_json::{Value, json};
use taxrefund_core::alipay::Platform;
use taxrefund_core::operations::{Entry, find};
use taxrefund_core::{Environment, MerchantKey, PrivateKey, Profile, PublicKey, alipay, alipay_plus, antom};
use taxrefund_sandbox::{Credentials, HeaderCredentials};

/// An account, to read its refunds from the journal.
pub(crate) struct Account {
    /// Without `.csv`.
    pub(crate) file: &'static str,
    pub(crate) operation: &'static Entry,
    pub(crate) profile: Profile,
}

pub(crate) fn open(credentials: &Credentials) -> Result<Vec<Account>> {
    let own = |pem: &str| Ok::<_, anyhow::Error>(MerchantKey::Private(PrivateKey::load(pem.as_bytes())?));
    let header = |given: &HeaderCredentials| {
        let platform = PublicKey::load(given.platform_public_key_pem.as_bytes())?;
        let own = own(&given.partner_private_key_pem)?;
        Ok::<_, anyhow::Error>(antom::Config::new(&given.client_id, own, platform, &given.base_url))
    };
    let gateway = &credentials.alipay;
    let platform = Platform::PublicKey(PublicKey::load(gateway.platform_public_key_pem.as_bytes())?);
    let config = alipay::Config {
        environment: Environment::Sandbox,
        endpoint: Some(gateway.gateway_url.clone()),
        ..alipay::Config::new(&gateway.app_id, own(&gateway.partner_private_key_pem)?, platform)
    };
    let account = |file, operation, profile| {
        let operation = find(operation).ok_or_else(|| anyhow!("there is no operation {operation}"))?;
        Ok::<_, anyhow::Error>(Account { file, operation, profile })
    };
    Ok(vec![
        account("alipay", "alipay.pay_tax_refund", alipay::profile(config)?)?,
        account(
            "alipay_plus",
            "alipay_plus.sync_tax_refund_form",
            alipay_plus::profile(header(&credentials.alipay_plus)?)?,
        )?,
        account("antom", "antom.refund", antom::profile(header(&credentials.antom)?)?)?,
    ])
}

/// The configuration file of the command `taxrefund`.
pub(crate) fn configuration(credentials: &Credentials) -> Value {
    let header = |protocol: &str, given: &HeaderCredentials| {
        json!({
            "protocol": protocol,
            "client_id": given.client_id,
            "merchant_private_key": given.partner_private_key_pem,
            "platform_public_key": given.platform_public_key_pem,
            "endpoint": given.base_url,
        })
    };
    json!({
        "attempts": 3,
        "timeout": 1,
        // The documented seconds and minutes, shortened for the simulator: 3-10 s become 6-20 ms, two minutes 240 ms.
        "sandbox_wait_permille": 2,
        // The simulator is on this machine: no proxy leads there.
        "no_proxy": true,
        "accounts": {
            "alipay": {
                "protocol": "alipay",
                "environment": "sandbox",
                "app_id": credentials.alipay.app_id,
                "merchant_private_key": credentials.alipay.partner_private_key_pem,
                "alipay_public_key": credentials.alipay.platform_public_key_pem,
                "endpoint": credentials.alipay.gateway_url,
            },
            "alipay_plus": header("alipay_plus", &credentials.alipay_plus),
            "antom": header("antom", &credentials.antom),
        },
    })
}
