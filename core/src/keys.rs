//! Keys and certificates: one loader for every usual shape, and an error that says what went wrong.
//!
//! [`PrivateKey::load`] and [`PublicKey::load`] take the text or bytes of a key as people have them: PKCS#1, PKCS#8 or
//! SubjectPublicKeyInfo; PEM (any line ends, literal `\n`, one line, indented, with a byte order mark), bare Base64, DER.
//! What the content is decides, not the label on it. [`Certificate`] and [`RootBundle`] are for the certificate mode of
//! the Alipay gateway, [`doctor`] says of a whole configuration what each part is and what is wrong with it.

use std::fmt;
use std::sync::Arc;

use rsa::pkcs1::{self, UintRef};
use rsa::pkcs8::EncodePublicKey;
use rsa::pkcs8::der::Decode;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256};

use crate::codes;
use crate::encoding::to_hex;
use crate::signing::{SigningKey, VerifyingKey};
use loader::Kind;

mod certificate;
pub mod doctor;
mod loader;

pub use certificate::{Certificate, CertificateError, RootBundle};
pub use loader::Expected;

/// The smallest RSA modulus accepted, in bits.
pub const MIN_BITS: usize = 2048;
/// The largest RSA modulus accepted, in bits; every platform here asks for 2048.
pub const MAX_BITS: usize = 8192;

/// The merchant's RSA private key: checked, parsed once, wiped from memory when the last clone is dropped.
///
/// Has no `Debug`, `Display` or `Serialize`, so it cannot get into a log by accident. Cloning is cheap.
#[derive(Clone)]
pub struct PrivateKey(Arc<PrivateParts>);

struct PrivateParts {
    rsa: RsaPrivateKey,
    signing: SigningKey,
    public: PublicKey,
}

impl PrivateKey {
    /// Reads a private key: PKCS#1 or PKCS#8, as PEM, bare Base64 or DER (see the [module](self)).
    ///
    /// # Errors
    /// A [`KeyError`] that says what was given instead, and what to do.
    pub fn load(input: &[u8]) -> Result<Self, KeyError> {
        let expected = Expected::PrivateKey;
        let loaded = loader::load_one(input, expected)?;
        match loader::classify(&loaded.der) {
            Kind::RsaPrivate { pkcs1, .. } => Self::from_pkcs1(pkcs1),
            Kind::RsaPublic { .. } => Err(KeyError::PublicGivenAsPrivate),
            Kind::Certificate => Err(KeyError::CertificateGivenAsPrivate),
            other => Err(other.refusal(expected)),
        }
    }

    /// The size of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.0.public.bits()
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public
    }

    pub(crate) fn signing_key(&self) -> &SigningKey {
        &self.0.signing
    }

    pub(crate) fn rsa(&self) -> &RsaPrivateKey {
        &self.0.rsa
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        let unreadable = KeyError::DerUnreadable { expected: Expected::PrivateKey };
        let parts = pkcs1::RsaPrivateKey::from_der(der).map_err(|_| unreadable.clone())?;
        if parts.version() != pkcs1::Version::TwoPrime {
            return Err(KeyError::AlgorithmUnsupported {
                expected: Expected::PrivateKey,
                algorithm: "multi-prime RSA",
            });
        }
        let public = PublicKey::from_numbers(&parts.modulus, &parts.public_exponent)?;
        let rsa = RsaPrivateKey::from_components(
            number(&parts.modulus),
            number(&parts.public_exponent),
            number(&parts.private_exponent),
            vec![number(&parts.prime1), number(&parts.prime2)],
        )
        .map_err(|_| KeyError::Inconsistent)?;
        // Absent when the primes are equal.
        if rsa.qinv().is_none() {
            return Err(KeyError::Inconsistent);
        }
        let signing = SigningKey::new(&rsa).ok_or(KeyError::Inconsistent)?;
        Ok(Self(Arc::new(PrivateParts { rsa, signing, public })))
    }
}

/// An RSA public key, the merchant's or the platform's. Parsed once; cloning is cheap; equal when the key is the same.
#[derive(Clone)]
pub struct PublicKey(Arc<PublicParts>);

struct PublicParts {
    spki: Vec<u8>,
    bits: usize,
    verifying: VerifyingKey,
}

impl PublicKey {
    /// Reads a public key: SubjectPublicKeyInfo or PKCS#1, as PEM, bare Base64 or DER (see the [module](self)).
    ///
    /// # Errors
    /// A [`KeyError`] that says what was given instead, and what to do.
    pub fn load(input: &[u8]) -> Result<Self, KeyError> {
        let expected = Expected::PublicKey;
        let loaded = loader::load_one(input, expected)?;
        match loader::classify(&loaded.der) {
            Kind::RsaPublic { pkcs1, .. } => Self::from_pkcs1(pkcs1),
            Kind::RsaPrivate { .. } => Err(KeyError::PrivateGivenAsPublic),
            Kind::Certificate => Err(KeyError::CertificateGivenAsPublic),
            other => Err(other.refusal(expected)),
        }
    }

    /// The size of the modulus in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.0.bits
    }

    /// The key as DER SubjectPublicKeyInfo: the bytes of a `PUBLIC KEY` PEM block.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.0.spki
    }

    /// SHA-256 of [`spki_der`](Self::spki_der), 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        to_hex(&Sha256::digest(&self.0.spki))
    }

    pub(crate) fn verifying_key(&self) -> &VerifyingKey {
        &self.0.verifying
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        let parts = pkcs1::RsaPublicKey::from_der(der)
            .map_err(|_| KeyError::DerUnreadable { expected: Expected::PublicKey })?;
        Self::from_numbers(&parts.modulus, &parts.public_exponent)
    }

    fn from_numbers(modulus: &UintRef<'_>, exponent: &UintRef<'_>) -> Result<Self, KeyError> {
        let (n, e) = (number(modulus), number(exponent));
        let bits = n.bits();
        if bits < MIN_BITS {
            return Err(KeyError::TooSmall { bits });
        }
        if bits > MAX_BITS {
            return Err(KeyError::TooLarge { bits });
        }
        let key = RsaPublicKey::new_with_max_size(n, e, MAX_BITS).map_err(|_| KeyError::Inconsistent)?;
        // The libraries differ on an exponent of 1, with which everybody can sign.
        if key.e().bits() < 2 {
            return Err(KeyError::Inconsistent);
        }
        let spki = key.to_public_key_der().map_err(|_| KeyError::Inconsistent)?.into_vec();
        let verifying = VerifyingKey::new(&spki).ok_or(KeyError::Inconsistent)?;
        Ok(Self(Arc::new(PublicParts { spki, bits, verifying })))
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.spki == other.0.spki
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("fingerprint", &self.fingerprint())
            .field("bits", &self.bits())
            .finish()
    }
}

/// Refuses the merchant's own public key as the platform's: the commonest of the mix-ups.
///
/// # Errors
/// [`KeyError::PlatformKeyIsOwnKey`].
pub fn check_pair(own: &PublicKey, platform: &PublicKey) -> Result<(), KeyError> {
    if own == platform { Err(KeyError::PlatformKeyIsOwnKey) } else { Ok(()) }
}

/// Why a key or certificate was not accepted: what was given, what was expected, what to do.
///
/// Never holds any part of the input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "`expected` is what the loader was asked for, everywhere")]
pub enum KeyError {
    /// Nothing, or white space only.
    #[error(
        "nothing was given where {expected} is expected; is the environment variable, secret or file empty, or its name misspelt?"
    )]
    Empty { expected: Expected },
    /// The path of a file.
    #[error(
        "the path of a file was given where the content of {expected} is expected; read the file and pass what is in it"
    )]
    PathGiven { expected: Expected },
    /// Neither PEM nor Base64 nor DER.
    #[error("this is neither PEM nor Base64 nor DER; expected {expected}; export it again as PEM")]
    UnknownFormat { expected: Expected },
    /// A character that does not belong into Base64. Line and column count from 1, in characters of the text given.
    #[error(
        "line {line}, column {column} holds a character that is not Base64; expected {expected}; copy it again from its source, without quotes, spaces of a word processor or placeholders"
    )]
    Base64Invalid { expected: Expected, line: usize, column: usize },
    /// The content breaks off.
    #[error(
        "the end is missing; expected {expected}, but only a part of it arrived; copy it again, to the last character"
    )]
    Truncated { expected: Expected },
    /// The first line of a PEM block is missing or damaged.
    #[error(
        "the PEM text has no proper `-----BEGIN ...-----` line (five dashes on each side); expected {expected}; copy the whole text, first line included"
    )]
    PemBeginMissing { expected: Expected },
    /// The last line of a PEM block is missing or damaged.
    #[error(
        "the PEM text has no proper `-----END ...-----` line (five dashes on each side); expected {expected}; copy the whole text, last line included"
    )]
    PemEndMissing { expected: Expected },
    /// Bytes that are not a structure known here.
    #[error(
        "the content decodes to bytes that are no known key or certificate; expected {expected}; it is damaged or something else: export it again"
    )]
    DerUnreadable { expected: Expected },
    /// More than one PEM block, or one thing behind another.
    #[error(
        "there are {count} keys or certificates in this text; expected {expected} alone; keep the one that is meant"
    )]
    SeveralGiven { expected: Expected, count: usize },
    /// A key store or another program's format.
    #[error(
        "this is {container}; expected {expected} as PEM, Base64 or DER; convert it (openssl or the program that made it can)"
    )]
    ContainerUnsupported { expected: Expected, container: &'static str },
    /// A public key where a private key is expected.
    #[error(
        "this is a public key; expected the merchant's RSA private key; use the private key that was made together with the public key uploaded to the platform"
    )]
    PublicGivenAsPrivate,
    /// A private key where a public key is expected.
    #[error(
        "this is a private key; expected an RSA public key; for the platform's key, copy it from the platform's console; a private key belongs in the merchant's private-key setting only and goes to nobody"
    )]
    PrivateGivenAsPublic,
    /// A certificate where a private key is expected.
    #[error(
        "this is a certificate, which holds no private key; expected the merchant's RSA private key; use the private key the certificate was requested with"
    )]
    CertificateGivenAsPrivate,
    /// A certificate where a public key is expected.
    #[error(
        "this is a certificate; expected a bare RSA public key; load it with `Certificate::load` and set up certificate mode, or use the public key shown in the platform's console"
    )]
    CertificateGivenAsPublic,
    /// A private key where a certificate is expected.
    #[error(
        "this is a private key; expected {expected}; use the .crt file downloaded from the platform's console, and keep the private key in its own setting"
    )]
    PrivateGivenAsCertificate { expected: Expected },
    /// A public key where a certificate is expected.
    #[error(
        "this is a bare public key; expected {expected}; use the .crt file downloaded from the platform's console, or set up public-key mode"
    )]
    PublicGivenAsCertificate { expected: Expected },
    /// A certificate signing request.
    #[error(
        "this is a certificate signing request (CSR); expected {expected}; a request is only uploaded to the platform: use the private key it was made with, or the certificate issued for it"
    )]
    CsrGiven { expected: Expected },
    /// A key protected with a password.
    #[error(
        "this private key is encrypted with a password; expected {expected}; decrypt it first (`openssl pkey -in key.pem -out plain.pem`) and protect the result as a secret"
    )]
    Encrypted { expected: Expected },
    /// An elliptic-curve key.
    #[error(
        "this is an elliptic-curve key (EC or SM2); expected {expected}; the platforms' RSA2 signatures need an RSA key of 2048 bits"
    )]
    IsEc { expected: Expected },
    /// A key of another algorithm.
    #[error(
        "this is a key for {algorithm}; expected {expected}; the platforms' RSA2 signatures need an RSA key of 2048 bits"
    )]
    AlgorithmUnsupported { expected: Expected, algorithm: &'static str },
    /// Fewer than 2048 bits.
    #[error(
        "this RSA key has {bits} bits, at least 2048 are needed; make a new pair of 2048 bits and register its public key with the platform"
    )]
    TooSmall { bits: usize },
    /// More bits than are supported.
    #[error("this RSA key has {bits} bits, at most 8192 are supported; the platforms ask for 2048")]
    TooLarge { bits: usize },
    /// Numbers that are no RSA key together.
    #[error(
        "the numbers in this RSA key do not belong together; it is damaged: export it again, or make a new pair"
    )]
    Inconsistent,
    /// The merchant's own public key given as the platform's.
    #[error(
        "the platform's public key is the merchant's own public key; expected the key the platform signs with; in the platform's console copy the platform's key (\"Alipay public key\", \"Antom public key\"), which appears after the merchant's own has been uploaded"
    )]
    PlatformKeyIsOwnKey,
}

impl KeyError {
    /// The stable code, one of [`codes`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => codes::KEY_EMPTY,
            Self::PathGiven { .. } => codes::KEY_PATH_GIVEN,
            Self::UnknownFormat { .. } => codes::KEY_UNKNOWN_FORMAT,
            Self::Base64Invalid { .. } => codes::KEY_BASE64_INVALID,
            Self::Truncated { .. } => codes::KEY_TRUNCATED,
            Self::PemBeginMissing { .. } => codes::KEY_PEM_BEGIN_MISSING,
            Self::PemEndMissing { .. } => codes::KEY_PEM_END_MISSING,
            Self::DerUnreadable { .. } => codes::KEY_DER_UNREADABLE,
            Self::SeveralGiven { .. } => codes::KEY_SEVERAL_GIVEN,
            Self::ContainerUnsupported { .. } => codes::KEY_CONTAINER_UNSUPPORTED,
            Self::PublicGivenAsPrivate => codes::KEY_PUBLIC_GIVEN_AS_PRIVATE,
            Self::PrivateGivenAsPublic => codes::KEY_PRIVATE_GIVEN_AS_PUBLIC,
            Self::CertificateGivenAsPrivate => codes::KEY_CERTIFICATE_GIVEN_AS_PRIVATE,
            Self::CertificateGivenAsPublic => codes::KEY_CERTIFICATE_GIVEN_AS_PUBLIC,
            Self::PrivateGivenAsCertificate { .. } => codes::KEY_PRIVATE_GIVEN_AS_CERTIFICATE,
            Self::PublicGivenAsCertificate { .. } => codes::KEY_PUBLIC_GIVEN_AS_CERTIFICATE,
            Self::CsrGiven { .. } => codes::KEY_CSR_GIVEN,
            Self::Encrypted { .. } => codes::KEY_ENCRYPTED,
            Self::IsEc { .. } => codes::KEY_IS_EC,
            Self::AlgorithmUnsupported { .. } => codes::KEY_ALGORITHM_UNSUPPORTED,
            Self::TooSmall { .. } => codes::KEY_TOO_SMALL,
            Self::TooLarge { .. } => codes::KEY_TOO_LARGE,
            Self::Inconsistent => codes::KEY_INCONSISTENT,
            Self::PlatformKeyIsOwnKey => codes::KEY_PLATFORM_IS_OWN,
        }
    }
}

fn number(value: &UintRef<'_>) -> BigUint {
    BigUint::from_bytes_be(value.as_bytes())
}
