//! Backend over aws-lc-rs: constant-time, keys parsed once.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;

use super::Hash;

/// A private key ready to sign. The library wipes its memory when freed.
pub(crate) struct SigningKey(KeyPair);

impl SigningKey {
    /// `None` when the library does not accept the key.
    pub(crate) fn new(key: &RsaPrivateKey) -> Option<Self> {
        // Re-encoded, so that both backends use CRT values computed from the checked primes and not those of the file.
        let der = key.to_pkcs1_der().ok()?;
        KeyPair::from_der(der.as_bytes()).ok().map(Self)
    }

    pub(crate) fn sign_sha256(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
        Some(signature)
    }
}

/// A public key ready to verify.
pub(crate) struct VerifyingKey {
    sha256: ParsedPublicKey,
    sha1: ParsedPublicKey,
}

impl VerifyingKey {
    /// `spki` is a DER SubjectPublicKeyInfo. `None` when the library does not accept the key.
    pub(crate) fn new(spki: &[u8]) -> Option<Self> {
        Some(Self {
            sha256: ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki).ok()?,
            sha1: ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, spki).ok()?,
        })
    }

    pub(crate) fn verify(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        // The two hashes that only certificates use are not worth a parsed key each.
        let algorithm = match hash {
            Hash::Sha256 => return self.sha256.verify_sig(message, signature).is_ok(),
            Hash::Sha1 => return self.sha1.verify_sig(message, signature).is_ok(),
            Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
            Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        };
        UnparsedPublicKey::new(algorithm, self.sha256.as_ref()).verify(message, signature).is_ok()
    }
}
