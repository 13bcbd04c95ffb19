//! The throw-away keys of the shared vectors.

use anyhow::Result;
use serde::Deserialize;
use taxrefund_core::signing::{Algorithm, Signer as _, SoftwareSigner};
use taxrefund_core::{PrivateKey, PublicKey};

/// Both sides' keys; the same pairs serve all three protocols.
pub(crate) struct Keys {
    pub(crate) merchant: PrivateKey,
    pub(crate) platform: PublicKey,
    /// The merchant's key once more, for the floor: bare aws-lc takes PKCS#8.
    pub(crate) merchant_pkcs8_pem: String,
    /// The texts as the other languages' clients take them.
    pub(crate) texts: Texts,
    platform_private: PrivateKey,
}

#[derive(Deserialize)]
struct Vectors {
    keys: Texts,
}

#[derive(Clone, Deserialize)]
pub(crate) struct Texts {
    pub(crate) app_private_key_pkcs8_pem: String,
    pub(crate) app_private_key_pkcs1_pem: String,
    pub(crate) app_public_key_pem: String,
    gateway_private_key_pkcs1_pem: String,
    pub(crate) gateway_public_key_pem: String,
}

impl Keys {
    pub(crate) fn load() -> Result<Self> {
        let Vectors { keys } = serde_json::from_str(include_str!("../../vectors/alipay-gateway.json"))?;
        Ok(Self {
            merchant: PrivateKey::load(keys.app_private_key_pkcs8_pem.as_bytes())?,
            platform: PublicKey::load(keys.gateway_public_key_pem.as_bytes())?,
            platform_private: PrivateKey::load(keys.gateway_private_key_pkcs1_pem.as_bytes())?,
            merchant_pkcs8_pem: keys.app_private_key_pkcs8_pem.clone(),
            texts: keys,
        })
    }

    /// A signature as the platform makes it.
    pub(crate) fn platform_signature(&self, message: &[u8]) -> Result<Vec<u8>> {
        Ok(SoftwareSigner::new(self.platform_private.clone(), Algorithm::RsaSha256).sign(message)?)
    }
}
