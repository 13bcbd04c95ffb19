//! Sealing of what is personal: AES-256-GCM-SIV under keys of the journal, which themselves are sealed by the host's key.
//!
//! The host's key opens the journal's data keys and nothing else, so changing it is one small write. What is bound into each
//! sealed text is its purpose and its refund's key: moved to another row it does not open.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::chain::Private;
use crate::crypto::{self, Aead, KEY_BYTES, Mac, NONCE_BYTES, TAG_BYTES};
use crate::error::{StoreError, StoreFault};
use crate::store::DataKey;

/// The host's key: 32 random bytes that live in a key store, not beside the journal.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SealingKey([u8; 32]);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(«32 bytes»)")
    }
}

impl SealingKey {
    /// A key of 32 random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key as 64 hexadecimal digits, such as `openssl rand -hex 32` prints.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_hex(text: &str) -> Result<Self, StoreError> {
        let mut bytes = [0; 32];
        match hex::decode_to_slice(text.trim(), &mut bytes) {
            Ok(()) => Ok(Self(bytes)),
            Err(_) => Err(sealing("a sealing key is 64 hexadecimal digits (openssl rand -hex 32 makes one)")),
        }
    }
}

/// Before the nonce: the format, and the number of the data key.
const HEADER_BYTES: usize = 1 + 8;
const FORMAT: u8 = 1;

/// The opened data keys of a journal.
pub(crate) struct Seal {
    keys: Vec<(i64, Aead)>,
    fingerprints: Mac,
}

impl Seal {
    /// The first data key of a new journal.
    pub(crate) fn first_key(host: &SealingKey, journal_id: &str) -> Result<Vec<DataKey>, StoreError> {
        Ok(vec![wrap(host, journal_id, 1, &random()?)?])
    }

    /// The same keys for another host's key, and a new one for whatever is sealed from now on.
    pub(crate) fn rewrapped(
        keys: &[DataKey],
        journal_id: &str,
        old: &SealingKey,
        new: &SealingKey,
    ) -> Result<Vec<DataKey>, StoreError> {
        let mut wrapped = keys
            .iter()
            .map(|key| {
                let mut opened = unwrap(old, journal_id, key)?;
                let again = wrap(new, journal_id, key.id, &opened);
                opened.zeroize();
                again
            })
            .collect::<Result<Vec<_>, _>>()?;
        let next = keys.iter().map(|key| key.id).max().unwrap_or(0) + 1;
        wrapped.push(wrap(new, journal_id, next, &random()?)?);
        Ok(wrapped)
    }

    pub(crate) fn open(keys: &[DataKey], journal_id: &str, host: &SealingKey) -> Result<Self, StoreError> {
        let mut opened = Vec::with_capacity(keys.len());
        let mut fingerprints = None;
        for key in keys {
            let mut bytes = unwrap(host, journal_id, key)?;
            // The first key stays for ever, so fingerprints stay comparable.
            fingerprints.get_or_insert_with(|| Mac::new(&Mac::new(&bytes).sign(b"taxrefund fingerprints")));
            opened.push((key.id, aead(&bytes)?));
            bytes.zeroize();
        }
        let fingerprints = fingerprints.ok_or_else(|| sealing("it has no data key"))?;
        Ok(Self { keys: opened, fingerprints })
    }

    pub(crate) fn seal(&self, purpose: &str, of: &str, text: &str) -> Result<Private, StoreError> {
        let (id, key) = self.keys.last().ok_or_else(|| sealing("it has no data key"))?;
        let mut sealed = Vec::with_capacity(HEADER_BYTES + NONCE_BYTES + text.len() + TAG_BYTES);
        sealed.push(FORMAT);
        sealed.extend_from_slice(&id.to_be_bytes());
        encrypt(key, &aad(purpose, of), text.as_bytes(), &mut sealed)?;
        Ok(Private::Sealed(sealed))
    }

    pub(crate) fn unseal(&self, purpose: &str, of: &str, sealed: &[u8]) -> Result<String, StoreError> {
        let damaged = || sealing("a sealed text does not open: it was changed, or belongs to another refund");
        let (header, rest) = sealed.split_at_checked(HEADER_BYTES).ok_or_else(damaged)?;
        let id = header.get(1..).and_then(|id| Some(i64::from_be_bytes(id.try_into().ok()?)));
        if header.first() != Some(&FORMAT) {
            return Err(damaged());
        }
        let key = self.keys.iter().find(|(known, _)| Some(*known) == id).map(|(_, key)| key).ok_or_else(|| {
            let message = "a text is sealed with a data key made later: the key was rotated; start again with the new one";
            StoreError::new(StoreFault::Rotated, message)
        })?;
        let text = decrypt(key, &aad(purpose, of), rest).ok_or_else(damaged)?;
        String::from_utf8(text).map_err(|_| damaged())
    }

    /// A fingerprint that says nothing to whoever has not the key.
    pub(crate) fn fingerprint(&self, fingerprint: &str) -> String {
        hex::encode(self.fingerprints.sign(fingerprint.as_bytes()))
    }
}

fn aad(purpose: &str, of: &str) -> Vec<u8> {
    format!("taxrefund {purpose}\n{of}").into_bytes()
}

fn wrap(host: &SealingKey, journal_id: &str, id: i64, key: &[u8; KEY_BYTES]) -> Result<DataKey, StoreError> {
    let mut wrapped = Vec::new();
    encrypt(&aead(&host.0)?, &aad("data key", &format!("{journal_id} {id}")), key, &mut wrapped)?;
    Ok(DataKey { id, wrapped })
}

fn unwrap(host: &SealingKey, journal_id: &str, key: &DataKey) -> Result<[u8; KEY_BYTES], StoreError> {
    let aad = aad("data key", &format!("{journal_id} {}", key.id));
    decrypt(&aead(&host.0)?, &aad, &key.wrapped)
        .and_then(|key| key.try_into().ok())
        .ok_or_else(|| sealing("the sealing key is not this journal's; nothing was read or changed"))
}

fn aead(key: &[u8; KEY_BYTES]) -> Result<Aead, StoreError> {
    Aead::new(key).ok_or_else(|| sealing("the key cannot be used"))
}

/// Appends a random nonce, the encrypted text and its tag.
fn encrypt(key: &Aead, aad: &[u8], text: &[u8], out: &mut Vec<u8>) -> Result<(), StoreError> {
    let nonce = random::<NONCE_BYTES>()?;
    let sealed = key.seal(nonce, aad, text).ok_or_else(|| sealing("a text cannot be sealed"))?;
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Ok(())
}

fn decrypt(key: &Aead, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_at_checked(NONCE_BYTES)?;
    key.open(nonce.try_into().ok()?, aad, rest)
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], StoreError> {
    let mut bytes = [0; BYTES];
    crypto::fill(&mut bytes).ok_or_else(|| sealing("the system gives no random bytes"))?;
    Ok(bytes)
}

pub(crate) fn sealing(message: &str) -> StoreError {
    StoreError::new(StoreFault::Sealing, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed_by(seal: &Seal, text: &str) -> Vec<u8> {
        match seal.seal("request", "ORDER1", text).unwrap() {
            Private::Sealed(bytes) => bytes,
            Private::Clear(_) => panic!("in clear"),
        }
    }

    #[test]
    fn a_sealed_text_opens_only_with_its_key_its_purpose_and_its_refund_and_unchanged() {
        let host = SealingKey::new([7; 32]);
        let keys = Seal::first_key(&host, "id").unwrap();
        let seal = Seal::open(&keys, "id", &host).unwrap();
        let sealed = sealed_by(&seal, "E12345678");
        assert_eq!(seal.unseal("request", "ORDER1", &sealed).unwrap(), "E12345678");
        assert!(!sealed.windows(4).any(|bytes| bytes == b"1234"));
        assert!(seal.unseal("request", "ORDER2", &sealed).is_err());
        assert!(seal.unseal("record", "ORDER1", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(seal.unseal("request", "ORDER1", &changed).is_err(), "byte {at}");
            assert!(seal.unseal("request", "ORDER1", &sealed[..at]).is_err());
        }
        for (keys, id, host) in [(&keys, "id", SealingKey::new([8; 32])), (&keys, "other", host)] {
            assert_eq!(Seal::open(keys, id, &host).err().unwrap().fault, StoreFault::Sealing);
        }
    }

    #[test]
    fn after_a_rotation_old_texts_open_with_the_new_key_alone_and_fingerprints_stay() {
        let (old, new) = (SealingKey::new([1; 32]), SealingKey::new([2; 32]));
        let keys = Seal::first_key(&old, "id").unwrap();
        let before = Seal::open(&keys, "id", &old).unwrap();
        let sealed = sealed_by(&before, "text");
        let rotated = Seal::rewrapped(&keys, "id", &old, &new).unwrap();
        let after = Seal::open(&rotated, "id", &new).unwrap();
        assert_eq!(after.unseal("request", "ORDER1", &sealed).unwrap(), "text");
        assert_eq!(after.fingerprint("f"), before.fingerprint("f"));
        assert!(Seal::open(&rotated, "id", &old).is_err());
        let message = before.unseal("request", "ORDER1", &sealed_by(&after, "text")).unwrap_err().message;
        assert!(message.contains("rotated"), "{message}");
    }

    #[test]
    fn a_key_is_read_from_hexadecimal_and_never_shown() {
        assert!(SealingKey::from_hex(&"0a".repeat(32)).is_ok());
        assert!(SealingKey::from_hex("0a").unwrap_err().message.contains("64"));
        assert_eq!(format!("{:?}", SealingKey::new([9; 32])), "SealingKey(«32 bytes»)");
    }
}
