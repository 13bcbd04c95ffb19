//! Signing and checking signatures: RSASSA-PKCS1-v1_5 with one pinned hash.
//!
//! A [`Signer`] is what the flows ask for signatures: [`SoftwareSigner`] with a key in memory, or the host's own (KMS, HSM,
//! key store, a remote service). A [`Verifier`] holds the platform's key and one [`Algorithm`]; it never takes the hash
//! from the signature, so a SHA-1 signature is refused where SHA-256 is agreed.
//!
//! The arithmetic is done by `aws-lc-rs` (feature `aws-lc`, default), or by the `rsa` crate with blinding (feature
//! `pure-rust`) for targets without a C compiler. With both features on, `aws-lc` is used.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # const KEY: &[u8] = include_bytes!("../../tests/vectors/alipay-gateway.json");
//! # let vectors: serde_json::Value = serde_json::from_slice(KEY)?;
//! # let private_text = vectors["keys"]["app_private_key_pkcs1_pem"].as_str().unwrap_or_default().as_bytes();
//! # let public_text = vectors["keys"]["app_public_key_pem"].as_str().unwrap_or_default().as_bytes();
//! use taxrefund_core::keys::{PrivateKey, PublicKey};
//! use taxrefund_core::signing::{Algorithm, Signer, SoftwareSigner, Verifier};
//!
//! let signer = SoftwareSigner::new(PrivateKey::load(private_text)?, Algorithm::RsaSha256);
//! let verifier = Verifier::new(PublicKey::load(public_text)?, Algorithm::RsaSha256);
//! let signature = signer.sign(b"the bytes to sign")?;
//! assert!(verifier.verify(b"the bytes to sign", &signature));
//! assert!(!verifier.verify(b"other bytes", &signature));
//! # Ok(())
//! # }
//! ```

use crate::codes;
use crate::keys::{PrivateKey, PublicKey};

#[cfg(feature = "aws-lc")]
mod aws_lc;
mod pure_rust;

#[cfg(feature = "aws-lc")]
pub(crate) use aws_lc::{SigningKey, VerifyingKey};
#[cfg(not(feature = "aws-lc"))]
pub(crate) use pure_rust::{SigningKey, VerifyingKey};

#[cfg(not(any(feature = "aws-lc", feature = "pure-rust")))]
compile_error!("choose a signing backend: feature `aws-lc` (default) or `pure-rust`");

/// What is agreed with the platform. The padding is RSASSA-PKCS1-v1_5 in both cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// SHA-256: `RSA2` of the Alipay gateway, `RSA256` of Alipay+ and Antom. The one to use.
    RsaSha256,
    /// SHA-1: `RSA` of the Alipay gateway. Only for an old account that cannot be moved to `RSA2`.
    RsaSha1Legacy,
}

impl Algorithm {
    fn hash(self) -> Hash {
        match self {
            Self::RsaSha256 => Hash::Sha256,
            Self::RsaSha1Legacy => Hash::Sha1,
        }
    }
}

/// The hashes that are met: the two of [`Algorithm`], the rest in certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// Makes signatures. A host-side signer implements this; its signatures are checked before anything is sent.
pub trait Signer: Send + Sync {
    /// Signs `message` as it stands; hashing and padding are the signer's work.
    ///
    /// # Errors
    /// [`SignerError`]: nothing was signed.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;

    /// The public half, with which the signatures can be checked.
    fn public_key(&self) -> &PublicKey;

    /// What the signatures are.
    fn algorithm(&self) -> Algorithm;
}

/// Why there is no signature. Carries no text of the host's, which could hold anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The signer could not be reached, or did not answer in time. Asking again may help.
    #[error(
        "the signer could not be reached or did not answer in time; nothing was sent, so it is safe to ask again"
    )]
    Unavailable,
    /// The signer answered no: wrong credentials, a disabled key, a missing permission.
    #[error(
        "the signer refused to sign; check that the key exists, is enabled, and may be used for RSA PKCS#1 v1.5 signatures"
    )]
    Refused,
    /// The signature could not be computed: a broken key, or no randomness from the operating system.
    #[error("the signature could not be computed; check the private key with the doctor")]
    Failed,
}

impl SignerError {
    /// The stable code, one of [`codes`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable => codes::SIGNER_UNAVAILABLE,
            Self::Refused => codes::SIGNER_REFUSED,
            Self::Failed => codes::SIGNER_FAILED,
        }
    }
}

/// Signs with a private key held in this process. Has no `Debug`: it holds the key.
#[derive(Clone)]
pub struct SoftwareSigner {
    key: PrivateKey,
    algorithm: Algorithm,
}

impl SoftwareSigner {
    /// A signer for `key`, which is parsed already: making one costs nothing.
    #[must_use]
    pub fn new(key: PrivateKey, algorithm: Algorithm) -> Self {
        Self { key, algorithm }
    }
}

impl Signer for SoftwareSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        match self.algorithm {
            Algorithm::RsaSha256 => self.key.signing_key().sign_sha256(message),
            // Not offered by aws-lc-rs, so blinded `rsa` in both builds.
            Algorithm::RsaSha1Legacy => pure_rust::sign(self.key.rsa(), Hash::Sha1, message),
        }
        .ok_or(SignerError::Failed)
    }

    fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Checks the platform's signatures: one key, one hash, RSASSA-PKCS1-v1_5, 2048 to 8192 bits.
#[derive(Clone, Debug)]
pub struct Verifier {
    key: PublicKey,
    algorithm: Algorithm,
}

impl Verifier {
    /// A verifier for `key`, which is parsed already: making one costs nothing.
    #[must_use]
    pub fn new(key: PublicKey, algorithm: Algorithm) -> Self {
        Self { key, algorithm }
    }

    /// Whether `signature` (raw bytes, Base64 removed) is this key's over exactly `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verifying_key().verify(self.algorithm.hash(), message, signature)
    }

    /// The key signatures are checked with.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The pinned algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
