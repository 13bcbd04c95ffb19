//! The two ways in which the three protocols sign and travel.
//!
//! [`form`]: Alipay's open gateway, a signed form. [`header`]: Alipay+ and Antom, a signed JSON body.

pub mod form;
pub mod header;

use std::sync::Arc;

use crate::keys::{PublicKey, check_pair};
use crate::signing::{Algorithm, Signer, SoftwareSigner, Verifier};
use crate::{ConfigurationError, PrivateKey};

/// Who signs our requests.
#[derive(Clone)]
pub enum MerchantKey {
    /// A private key held in this process.
    Private(PrivateKey),
    /// A signer of one's own that answers at once (an HSM library, say).
    Signer(Arc<dyn Signer>),
    /// The host answers the flow's *sign* step in its own time; its signatures are checked with this public key.
    External(PublicKey),
}

/// [`MerchantKey`], made ready: parsed once.
pub(crate) enum Signing {
    Inline { signer: Arc<dyn Signer>, check: Option<Verifier> },
    External { check: Verifier },
}

impl Signing {
    pub(crate) fn new(key: MerchantKey, algorithm: Algorithm) -> Result<Self, ConfigurationError> {
        const FIELD: &str = "merchant_key";
        let verifier = |key: PublicKey| Verifier::new(key, algorithm);
        match key {
            MerchantKey::Private(private) => {
                let signer = Arc::new(SoftwareSigner::new(private, algorithm));
                Ok(Self::Inline { signer, check: None })
            }
            MerchantKey::Signer(signer) => {
                if signer.algorithm() != algorithm {
                    return Err(ConfigurationError::new(
                        FIELD,
                        crate::codes::SIGNER_ALGORITHM,
                        format!(
                            "the signer signs with {:?}, the profile asks for {algorithm:?}",
                            signer.algorithm()
                        ),
                    ));
                }
                let check = Some(verifier(signer.public_key().clone()));
                Ok(Self::Inline { signer, check })
            }
            MerchantKey::External(public) => Ok(Self::External { check: verifier(public) }),
        }
    }

    /// The signature, checked, or `None` where the host must make it.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Result<Vec<u8>, String>> {
        match self {
            Self::Inline { signer, check } => Some(match signer.sign(message) {
                Ok(signature) => match check {
                    Some(check) if !check.verify(message, &signature) => Err(NOT_OURS.to_owned()),
                    _ => Ok(signature),
                },
                Err(error) => Err(error.to_string()),
            }),
            Self::External { .. } => None,
        }
    }

    /// Checks a signature that the host made.
    pub(crate) fn accept(&self, message: &[u8], signature: Vec<u8>) -> Result<Vec<u8>, String> {
        match self {
            Self::External { check } if !check.verify(message, &signature) => Err(NOT_OURS.to_owned()),
            _ => Ok(signature),
        }
    }
}

const NOT_OURS: &str = "its signature does not fit the merchant's public key";

/// Loads a platform key and refuses the merchant's own in its place.
pub(crate) fn platform_verifier(
    field: &str,
    key: &PublicKey,
    merchant: &MerchantKey,
    algorithm: Algorithm,
) -> Result<Verifier, ConfigurationError> {
    let own = match merchant {
        MerchantKey::Private(private) => private.public_key(),
        MerchantKey::Signer(signer) => signer.public_key(),
        MerchantKey::External(public) => public,
    };
    check_pair(own, key).map_err(ConfigurationError::key(field))?;
    Ok(Verifier::new(key.clone(), algorithm))
}

/// Where requests go: `https://` anywhere, plain `http://` to this machine only.
pub(crate) fn check_endpoint(endpoint: &str) -> Result<(), ConfigurationError> {
    // What stands before an `@` may be a password.
    let given = if endpoint.contains('@') { "not shown" } else { endpoint };
    let problem = |message: &str| {
        Err(ConfigurationError::new("endpoint", crate::codes::ENDPOINT, format!("{message}; given: {given}")))
    };
    let (rest, plain) = match (endpoint.strip_prefix("https://"), endpoint.strip_prefix("http://")) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => return problem("must start with https://"),
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.contains('@') || !endpoint.chars().all(|c| c.is_ascii_graphic()) {
        return problem("must be an address without user name or spaces");
    }
    if rest.contains(['?', '#']) {
        return problem("must have no query and no fragment: requests bring their own");
    }
    if plain && !is_loopback(host) {
        return problem(
            "plain http:// is allowed to this machine only (127.0.0.1, [::1], localhost); use https://",
        );
    }
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Which of a provider's worlds a profile talks to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Real money. The default.
    #[default]
    Production,
    /// A test gateway; waits may be shortened here.
    Sandbox,
}
