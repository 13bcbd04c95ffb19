//! RSA keys, parsed once, and the few things done with them.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePrivateKey as _;

/// A key could not be read; the text names the key.
#[derive(Debug, thiserror::Error)]
#[error("the {name} is not a usable RSA key of 2048 bits or more: {reason}")]
pub struct KeyError {
    name: String,
    reason: String,
}

/// What precedes a SHA-1 digest in PKCS#1 v1.5 (RFC 8017, 9.2).
const SHA1_DIGEST_INFO: [u8; 15] =
    [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// A private key that signs under SHA-256, and under SHA-1 where a fault asks for it.
pub(crate) struct SigningKey {
    pair: RsaKeyPair,
    pkcs8: Vec<u8>,
    sha1: OnceLock<Option<rsa::RsaPrivateKey>>,
    random: SystemRandom,
}

impl SigningKey {
    pub(crate) fn from_pem(name: &str, pem: &str) -> Result<Self, KeyError> {
        let pkcs8 = der(name, pem)?;
        let pair = RsaKeyPair::from_pkcs8(&pkcs8).map_err(|e| rejected(name, &e))?;
        Ok(Self { pair, pkcs8, sha1: OnceLock::new(), random: SystemRandom::new() })
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256, in standard Base64.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<String> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).ok()?;
        Some(STANDARD.encode(signature))
    }

    /// RSASSA-PKCS1-v1_5 with SHA-1, in standard Base64.
    pub(crate) fn sign_sha1(&self, message: &[u8]) -> Option<String> {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, message);
        let key = self.sha1.get_or_init(|| rsa::RsaPrivateKey::from_pkcs8_der(&self.pkcs8).ok()).as_ref()?;
        let scheme = rsa::Pkcs1v15Sign { hash_len: Some(20), prefix: SHA1_DIGEST_INFO.into() };
        let signature = key.sign(scheme, digest.as_ref()).ok()?;
        Some(STANDARD.encode(signature))
    }
}

/// A public key under a pinned hash.
pub(crate) struct VerifyingKey {
    sha256: ParsedPublicKey,
    sha1: ParsedPublicKey,
}

impl VerifyingKey {
    pub(crate) fn from_pem(name: &str, pem: &str) -> Result<Self, KeyError> {
        let spki = der(name, pem)?;
        let sha256 =
            ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki).map_err(|e| rejected(name, &e))?;
        let sha1 = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, &spki)
            .map_err(|e| rejected(name, &e))?;
        Ok(Self { sha256, sha1 })
    }

    pub(crate) fn verifies(&self, message: &[u8], signature_base64: &str) -> bool {
        STANDARD
            .decode(signature_base64)
            .is_ok_and(|signature| self.sha256.verify_sig(message, &signature).is_ok())
    }

    pub(crate) fn verifies_sha1(&self, message: &[u8], signature_base64: &str) -> bool {
        STANDARD
            .decode(signature_base64)
            .is_ok_and(|signature| self.sha1.verify_sig(message, &signature).is_ok())
    }
}

/// SHA-256 in lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().iter().fold(
        String::with_capacity(64),
        |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        },
    )
}

/// 64 bits that depend on the seed and every part, and on nothing else: the source of all the simulator's choices.
pub(crate) fn draw(seed: u64, parts: &[&str]) -> u64 {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    context.update(&seed.to_be_bytes());
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let digest = context.finish();
    digest.as_ref().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn der(name: &str, pem: &str) -> Result<Vec<u8>, KeyError> {
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    STANDARD.decode(text).map_err(|e| rejected(name, &e))
}

fn rejected(name: &str, reason: &dyn std::fmt::Display) -> KeyError {
    KeyError { name: name.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_verifies_what_it_signed_and_only_under_its_own_hash() {
        let private = SigningKey::from_pem("stranger", include_str!("../keys/stranger_private.pem")).unwrap();
        let public = VerifyingKey::from_pem("stranger", include_str!("../keys/stranger_public.pem")).unwrap();
        let sha256 = private.sign(b"text").unwrap();
        let sha1 = private.sign_sha1(b"text").unwrap();
        assert!(public.verifies(b"text", &sha256) && public.verifies_sha1(b"text", &sha1));
        assert!(!public.verifies(b"text", &sha1) && !public.verifies_sha1(b"text", &sha256));
        assert!(!public.verifies(b"other", &sha256) && !public.verifies(b"text", "no Base64"));
    }

    #[test]
    fn a_draw_depends_on_the_seed_and_on_where_a_part_ends() {
        assert_eq!(draw(1, &["ab", "c"]), draw(1, &["ab", "c"]));
        assert_ne!(draw(1, &["ab", "c"]), draw(1, &["a", "bc"]));
        assert_ne!(draw(1, &["ab", "c"]), draw(2, &["ab", "c"]));
    }
}
