//! By RustCrypto.

use aes_gcm_siv::aead::{Aead as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit as _, Nonce};
use hmac::Mac as _;
use sha2::Sha256;

use super::{KEY_BYTES, NONCE_BYTES};

pub(crate) struct Aead(Aes256GcmSiv);

impl Aead {
    #[allow(clippy::unnecessary_wraps, reason = "the other library can refuse")]
    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> Option<Self> {
        Some(Self(Aes256GcmSiv::new(key.into())))
    }

    /// The text and its tag.
    pub(crate) fn seal(&self, nonce: [u8; NONCE_BYTES], aad: &[u8], text: &[u8]) -> Option<Vec<u8>> {
        self.0.encrypt(Nonce::from_slice(&nonce), Payload { msg: text, aad }).ok()
    }

    pub(crate) fn open(&self, nonce: [u8; NONCE_BYTES], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.decrypt(Nonce::from_slice(&nonce), Payload { msg: sealed, aad }).ok()
    }
}

pub(crate) struct Mac(hmac::Hmac<Sha256>);

impl Mac {
    #[allow(clippy::expect_used, reason = "HMAC takes keys of every length")]
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(<hmac::Hmac<Sha256> as hmac::Mac>::new_from_slice(key).expect("HMAC takes keys of every length"))
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.clone().chain_update(message).finalize().into_bytes().to_vec()
    }
}

/// `None` when the system gives no random bytes.
pub(crate) fn fill(bytes: &mut [u8]) -> Option<()> {
    getrandom::fill(bytes).ok()
}
