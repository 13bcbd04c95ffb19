//! Accounts, given as JSON text.

use std::sync::Arc;

use serde::Deserialize;
use taxrefund_core::keys::{Certificate, CertificateError, KeyError, RootBundle};
use taxrefund_core::signing::{Algorithm, Signer, SignerError};
use taxrefund_core::{
    ConfigurationError, Environment, MerchantKey, PrivateKey, Profile, PublicKey, alipay, alipay_plus, antom,
};

use crate::{Problem, settings};

/// Signs in the host's own way, at once: a key store, a KMS client, an HSM library.
pub type Sign = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, SignerError> + Send + Sync>;

/// Makes an account ready.
///
/// ```json
/// {"protocol": "alipay", "app_id": "…", "merchant_private_key": "PEM …", "alipay_public_key": "…",
///  "environment": "sandbox", "endpoint": "…", "charset": "utf-8", "sign_type": "RSA2", "app_auth_token": "…", "notify_url": "…"}
/// {"protocol": "antom", "client_id": "…", "merchant_private_key": "…", "platform_public_keys": [{"version": "1", "key": "…"}],
///  "endpoint": "https://…", "key_version": 1, "agent_token": "…", "sandbox_path": true}
/// ```
///
/// Keys and certificates are their content, not paths. In certificate mode `app_certificate`, `alipay_certificates` (a list)
/// and `alipay_root_certificates` stand in place of `alipay_public_key`. A host that signs itself gives
/// `merchant_public_key`: with `sign` it is asked at once, without it at the flow's *sign* step.
///
/// # Errors
/// What is wrong with a key, an address or a setting; the setting is named.
pub fn profile(config: &str, sign: Option<Sign>) -> Result<Profile, Problem> {
    match settings::<Settings>("account", config)? {
        Settings::Alipay(config) => config.profile(sign),
        Settings::AlipayPlus(config) => {
            Ok(alipay_plus::profile(config.ready(sign, alipay_plus::ELSEWHERE)?)?)
        }
        Settings::Antom(config) => Ok(antom::profile(config.ready(sign, antom::ASIA)?)?),
    }
}

#[derive(Deserialize)]
#[serde(tag = "protocol", rename_all = "snake_case")]
enum Settings {
    Alipay(Gateway),
    AlipayPlus(Caller),
    Antom(Caller),
}

#[derive(Deserialize)]
struct OwnKey {
    merchant_private_key: Option<String>,
    merchant_public_key: Option<String>,
}

#[derive(Deserialize)]
struct Gateway {
    app_id: String,
    #[serde(flatten)]
    own: OwnKey,
    alipay_public_key: Option<String>,
    app_certificate: Option<String>,
    #[serde(default)]
    alipay_certificates: Vec<String>,
    alipay_root_certificates: Option<String>,
    #[serde(default)]
    environment: Environment,
    endpoint: Option<String>,
    charset: Option<String>,
    sign_type: Option<String>,
    app_auth_token: Option<String>,
    notify_url: Option<String>,
}

#[derive(Deserialize)]
struct Caller {
    client_id: String,
    #[serde(flatten)]
    own: OwnKey,
    platform_public_keys: Vec<PlatformKey>,
    endpoint: Option<String>,
    key_version: Option<u32>,
    agent_token: Option<String>,
    sandbox_path: Option<bool>,
}

#[derive(Deserialize)]
struct PlatformKey {
    version: Option<String>,
    key: String,
}

impl Gateway {
    fn profile(self, sign: Option<Sign>) -> Result<Profile, Problem> {
        let sign_type = sign_type(self.sign_type.as_deref().unwrap_or("RSA2"))?;
        let platform = match (&self.alipay_public_key, &self.app_certificate, &self.alipay_root_certificates)
        {
            (Some(key), None, None) if self.alipay_certificates.is_empty() => {
                alipay::Platform::PublicKey(public("alipay_public_key", key)?)
            }
            (None, Some(app), Some(root)) => alipay::Platform::Certificates {
                app: Certificate::load(app.as_bytes()).map_err(certificate("app_certificate"))?,
                alipay: self
                    .alipay_certificates
                    .iter()
                    .map(|text| {
                        Certificate::load_chain(text.as_bytes()).map_err(certificate("alipay_certificates"))
                    })
                    .collect::<Result<Vec<_>, _>>()?
                    .into_iter()
                    .flatten()
                    .collect(),
                root: RootBundle::load(root.as_bytes()).map_err(certificate("alipay_root_certificates"))?,
            },
            _ => {
                return Err(Problem::configuration(
                    "alipay_public_key",
                    "give Alipay's public key, or for certificate mode all of app_certificate, alipay_certificates and \
                     alipay_root_certificates",
                ));
            }
        };
        let config = alipay::Config {
            environment: self.environment,
            endpoint: self.endpoint,
            charset: charset(self.charset.as_deref().unwrap_or("utf-8"))?,
            sign_type,
            app_auth_token: self.app_auth_token.map(Into::into),
            notify_url: self.notify_url,
            ..alipay::Config::new(self.app_id, self.own.key(sign, sign_type.algorithm())?, platform)
        };
        Ok(alipay::profile(config)?)
    }
}

impl Caller {
    fn ready(self, sign: Option<Sign>, endpoint: &str) -> Result<antom::Config, Problem> {
        let platform_keys = self
            .platform_public_keys
            .into_iter()
            .map(|key| Ok((key.version, public("platform_public_key", &key.key)?)))
            .collect::<Result<_, ConfigurationError>>()?;
        Ok(antom::Config {
            client_id: self.client_id,
            merchant_key: self.own.key(sign, Algorithm::RsaSha256)?,
            platform_keys,
            endpoint: self.endpoint.unwrap_or_else(|| endpoint.to_owned()),
            key_version: self.key_version.unwrap_or(1),
            agent_token: self.agent_token.map(Into::into),
            sandbox_path: self.sandbox_path,
        })
    }
}

impl OwnKey {
    fn key(&self, sign: Option<Sign>, algorithm: Algorithm) -> Result<MerchantKey, Problem> {
        match (&self.merchant_private_key, &self.merchant_public_key, sign) {
            (Some(private), None, None) => {
                let loaded = PrivateKey::load(private.as_bytes()).map_err(key("merchant_private_key"))?;
                Ok(MerchantKey::Private(loaded))
            }
            (None, Some(own), None) => Ok(MerchantKey::External(public("merchant_public_key", own)?)),
            (None, Some(own), Some(sign)) => {
                let public_key = public("merchant_public_key", own)?;
                Ok(MerchantKey::Signer(Arc::new(HostSigner { public_key, algorithm, sign })))
            }
            _ => Err(Problem::configuration(
                "merchant_private_key",
                "give either the private key, or a signer with the public key that its signatures are checked with",
            )),
        }
    }
}

struct HostSigner {
    public_key: PublicKey,
    algorithm: Algorithm,
    sign: Sign,
}

impl Signer for HostSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        (self.sign)(message)
    }

    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn public(field: &str, text: &str) -> Result<PublicKey, ConfigurationError> {
    PublicKey::load(text.as_bytes()).map_err(key(field))
}

fn key(field: &str) -> impl Fn(KeyError) -> ConfigurationError {
    move |error| ConfigurationError {
        field: field.to_owned(),
        code: error.code(),
        message: error.to_string(),
    }
}

fn certificate(field: &str) -> impl Fn(CertificateError) -> ConfigurationError {
    move |error| ConfigurationError {
        field: field.to_owned(),
        code: error.code(),
        message: error.to_string(),
    }
}

pub(crate) fn sign_type(name: &str) -> Result<alipay::SignType, Problem> {
    match name {
        "RSA2" => Ok(alipay::SignType::Rsa2),
        "RSA" => Ok(alipay::SignType::LegacyRsa),
        _ => Err(Problem::configuration(
            "sign_type",
            "must be RSA2, or RSA for an account that cannot be moved to it",
        )),
    }
}

pub(crate) fn charset(name: &str) -> Result<alipay::Charset, Problem> {
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => Ok(alipay::Charset::Utf8),
        "gbk" => Ok(alipay::Charset::Gbk),
        _ => Err(Problem::configuration("charset", "must be utf-8, or gbk for an account that is set up so")),
    }
}
