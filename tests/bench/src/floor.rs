//! The floor: RSA-2048 with SHA-256 by aws-lc alone, keys parsed once, buffers reused.

use anyhow::{Result, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::keys::Keys;

/// What is signed and verified, here and in the rows compared with it: half a kilobyte, less than a request has.
pub(crate) const MESSAGE: &[u8] = &[b'm'; 512];

pub(crate) struct Floor {
    private: KeyPair,
    public: ParsedPublicKey,
    random: SystemRandom,
    signature: Vec<u8>,
}

impl Floor {
    pub(crate) fn new(keys: &Keys) -> Result<Self> {
        let base64: String =
            keys.merchant_pkcs8_pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let private = KeyPair::from_pkcs8(&STANDARD.decode(base64)?)?;
        let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, private.public_key().as_ref())?;
        let signature = vec![0; private.public_modulus_len()];
        let mut floor = Self { private, public, random: SystemRandom::new(), signature };
        floor.sign()?;
        Ok(floor)
    }

    pub(crate) fn sign(&mut self) -> Result<()> {
        self.private
            .sign(&RSA_PKCS1_SHA256, &self.random, MESSAGE, &mut self.signature)
            .map_err(|_| anyhow!("the bare signature failed"))
    }

    pub(crate) fn verify(&self) -> Result<()> {
        self.public.verify_sig(MESSAGE, &self.signature).map_err(|_| anyhow!("the bare verification failed"))
    }

    /// The least a refund can cost: its request signed, its answer verified.
    pub(crate) fn sign_and_verify(&mut self) -> Result<()> {
        self.sign()?;
        self.verify()
    }
}
