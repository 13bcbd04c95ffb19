//! The throw-away identities a program under test uses, and the keys on both sides.

use serde::{Deserialize, Serialize};

use crate::config::Accounts;
use crate::crypto::{KeyError, SigningKey, VerifyingKey};

/// Everything a client needs to talk to the simulator. All keys are public TEST keys from `sandbox/keys`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Credentials {
    /// The simulator's own address, `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// The open gateway.
    pub alipay: AlipayCredentials,
    /// Alipay+.
    pub alipay_plus: HeaderCredentials,
    /// Antom.
    pub antom: HeaderCredentials,
}

/// How to call the open gateway.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AlipayCredentials {
    /// The one address of all gateway interfaces.
    pub gateway_url: String,
    /// The app in public key mode.
    pub app_id: String,
    /// The app in certificate mode (same key pairs).
    pub certificate_app_id: String,
    /// The caller's private key, PKCS#8 PEM.
    pub partner_private_key_pem: String,
    /// The caller's public key, PEM.
    pub partner_public_key_pem: String,
    /// The key answers and notifications are verified with, PEM.
    pub platform_public_key_pem: String,
    /// The platform's own private key, PEM: a test that plays the platform signs its notifications with it.
    pub platform_private_key_pem: String,
    /// Certificate mode: the app's certificate.
    pub app_certificate_pem: String,
    /// Certificate mode: the platform's certificate followed by its issuer.
    pub platform_certificate_pem: String,
    /// Certificate mode: the root bundle.
    pub root_certificates_pem: String,
    /// Certificate mode: `app_cert_sn`.
    pub app_cert_sn: String,
    /// Certificate mode: `alipay_cert_sn` of signed answers.
    pub alipay_cert_sn: String,
    /// Certificate mode: `alipay_root_cert_sn`.
    pub alipay_root_cert_sn: String,
}

/// How to call a protocol that signs in headers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HeaderCredentials {
    /// Scheme, host and port; the path is the protocol's own.
    pub base_url: String,
    /// The sandbox client id (`SANDBOX_...`).
    pub client_id: String,
    /// A client id without that prefix: Antom then uses the plain `/ams/api` paths.
    pub plain_client_id: String,
    /// The only key version known.
    pub key_version: String,
    /// The caller's private key, PKCS#8 PEM.
    pub partner_private_key_pem: String,
    /// The caller's public key, PEM.
    pub partner_public_key_pem: String,
    /// The key answers and notifications are verified with, PEM.
    pub platform_public_key_pem: String,
    /// The platform's own private key, PEM: a test that plays the platform signs its notifications with it.
    pub platform_private_key_pem: String,
}

macro_rules! key_file {
    ($name:literal) => {
        include_str!(concat!("../keys/", $name))
    };
}

impl Credentials {
    pub(crate) fn at(base_url: &str, accounts: &Accounts) -> Self {
        let header = |own: &Option<String>, client: &str, partner: [&str; 2], platform: [&str; 2]| {
            let [partner_private, partner_public] = partner.map(str::to_owned);
            let [platform_private, platform_public] = platform.map(str::to_owned);
            HeaderCredentials {
                base_url: base_url.to_owned(),
                client_id: own.clone().unwrap_or_else(|| format!("SANDBOX_{client}")),
                plain_client_id: client.to_owned(),
                key_version: "1".to_owned(),
                partner_private_key_pem: partner_private,
                partner_public_key_pem: partner_public,
                platform_public_key_pem: platform_public,
                platform_private_key_pem: platform_private,
            }
        };
        Self {
            base_url: base_url.to_owned(),
            alipay: AlipayCredentials {
                gateway_url: format!("{base_url}/gateway.do"),
                app_id: accounts.app_id.clone().unwrap_or_else(|| "9021000100000001".to_owned()),
                certificate_app_id: "9021000100000002".to_owned(),
                partner_private_key_pem: key_file!("alipay_partner_private.pem").to_owned(),
                partner_public_key_pem: key_file!("alipay_partner_public.pem").to_owned(),
                platform_public_key_pem: key_file!("alipay_platform_public.pem").to_owned(),
                platform_private_key_pem: key_file!("alipay_platform_private.pem").to_owned(),
                app_certificate_pem: key_file!("alipay_app_cert.pem").to_owned(),
                platform_certificate_pem: key_file!("alipay_platform_cert.pem").to_owned(),
                root_certificates_pem: key_file!("alipay_root_certs.pem").to_owned(),
                app_cert_sn: serial_number("app_cert_sn"),
                alipay_cert_sn: serial_number("alipay_cert_sn"),
                alipay_root_cert_sn: serial_number("alipay_root_cert_sn"),
            },
            alipay_plus: header(
                &accounts.alipay_plus_client_id,
                "5YTRSP0000000001",
                [key_file!("alipay_plus_partner_private.pem"), key_file!("alipay_plus_partner_public.pem")],
                [key_file!("alipay_plus_platform_private.pem"), key_file!("alipay_plus_platform_public.pem")],
            ),
            antom: header(
                &accounts.antom_client_id,
                "5YANTOM000000001",
                [key_file!("antom_partner_private.pem"), key_file!("antom_partner_public.pem")],
                [key_file!("antom_platform_private.pem"), key_file!("antom_platform_public.pem")],
            ),
        }
    }
}

/// The parsed keys of one protocol, and a stranger's for forgeries.
pub(crate) struct ProtocolKeys {
    pub(crate) platform: SigningKey,
    pub(crate) partner: VerifyingKey,
    /// The caller's own private key: "signed with the wrong one of the three keys".
    pub(crate) partner_private: SigningKey,
    pub(crate) stranger: SigningKey,
}

impl ProtocolKeys {
    pub(crate) fn alipay(partner_public_pem: Option<&str>) -> Result<Self, KeyError> {
        Self::parse(
            key_file!("alipay_platform_private.pem"),
            partner_public_pem.unwrap_or(key_file!("alipay_partner_public.pem")),
            key_file!("alipay_partner_private.pem"),
        )
    }

    pub(crate) fn alipay_plus(partner_public_pem: Option<&str>) -> Result<Self, KeyError> {
        Self::parse(
            key_file!("alipay_plus_platform_private.pem"),
            partner_public_pem.unwrap_or(key_file!("alipay_plus_partner_public.pem")),
            key_file!("alipay_plus_partner_private.pem"),
        )
    }

    pub(crate) fn antom(partner_public_pem: Option<&str>) -> Result<Self, KeyError> {
        Self::parse(
            key_file!("antom_platform_private.pem"),
            partner_public_pem.unwrap_or(key_file!("antom_partner_public.pem")),
            key_file!("antom_partner_private.pem"),
        )
    }

    fn parse(platform: &str, partner: &str, partner_private: &str) -> Result<Self, KeyError> {
        Ok(Self {
            platform: SigningKey::from_pem("platform private key", platform)?,
            partner: VerifyingKey::from_pem("partner public key", partner)?,
            partner_private: SigningKey::from_pem("partner private key", partner_private)?,
            stranger: SigningKey::from_pem("stranger private key", key_file!("stranger_private.pem"))?,
        })
    }
}

fn serial_number(name: &str) -> String {
    key_file!("serial_numbers.txt")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
        .unwrap_or_default()
        .to_owned()
}
