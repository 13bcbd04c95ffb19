//! Backend over the `rsa` crate, for targets without a C compiler; private operations are always blinded, because the
//! crate's arithmetic is not constant-time (RUSTSEC-2023-0071). Also makes the SHA-1 signatures of the other backend.

use rsa::rand_core::{OsRng, RngCore};
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::Hash;

/// A blinded signature, checked by the library against the public key before it is given out.
pub(super) fn sign(key: &RsaPrivateKey, hash: Hash, message: &[u8]) -> Option<Vec<u8>> {
    // `OsRng` panics where it cannot deliver; this asks in the way that returns an error.
    OsRng.try_fill_bytes(&mut [0; 1]).ok()?;
    let (scheme, digest) = prepared(hash, message);
    key.sign_with_rng(&mut OsRng, scheme, &digest).ok()
}

fn prepared(hash: Hash, message: &[u8]) -> (Pkcs1v15Sign, Vec<u8>) {
    match hash {
        Hash::Sha1 => (Pkcs1v15Sign::new::<Sha1>(), Sha1::digest(message).to_vec()),
        Hash::Sha256 => (Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(message).to_vec()),
        Hash::Sha384 => (Pkcs1v15Sign::new::<Sha384>(), Sha384::digest(message).to_vec()),
        Hash::Sha512 => (Pkcs1v15Sign::new::<Sha512>(), Sha512::digest(message).to_vec()),
    }
}

#[cfg(not(feature = "aws-lc"))]
pub(crate) use backend::{SigningKey, VerifyingKey};

#[cfg(not(feature = "aws-lc"))]
mod backend {
    use rsa::pkcs8::der::Decode as _;
    use rsa::pkcs8::spki::SubjectPublicKeyInfoRef;
    use rsa::traits::PublicKeyParts as _;
    use rsa::{BigUint, RsaPrivateKey, RsaPublicKey, pkcs1};

    use super::{Hash, prepared};

    /// A private key ready to sign; wiped when dropped.
    pub(crate) struct SigningKey(RsaPrivateKey);

    impl SigningKey {
        pub(crate) fn new(key: &RsaPrivateKey) -> Option<Self> {
            Some(Self(key.clone()))
        }

        pub(crate) fn sign_sha256(&self, message: &[u8]) -> Option<Vec<u8>> {
            super::sign(&self.0, Hash::Sha256, message)
        }
    }

    /// A public key ready to verify.
    pub(crate) struct VerifyingKey(RsaPublicKey);

    impl VerifyingKey {
        /// `spki` is a DER SubjectPublicKeyInfo. `None` when the library does not accept the key.
        pub(crate) fn new(spki: &[u8]) -> Option<Self> {
            let spki = SubjectPublicKeyInfoRef::from_der(spki).ok()?;
            let key = pkcs1::RsaPublicKey::from_der(spki.subject_public_key.as_bytes()?).ok()?;
            let n = BigUint::from_bytes_be(key.modulus.as_bytes());
            let e = BigUint::from_bytes_be(key.public_exponent.as_bytes());
            RsaPublicKey::new_with_max_size(n, e, crate::keys::MAX_BITS).ok().map(Self)
        }

        pub(crate) fn verify(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
            let (scheme, digest) = prepared(hash, message);
            signature.len() == self.0.size() && self.0.verify(scheme, &digest, signature).is_ok()
        }
    }
}
