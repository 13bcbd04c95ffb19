//! What sealing needs of a cryptographic library: AES-256-GCM-SIV, HMAC-SHA-256, random bytes.
//!
//! By aws-lc, or by RustCrypto where the library must be small (feature `pure-rust`); what one of them sealed the other opens.

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(any(test, not(feature = "aws-lc")))]
mod pure_rust;

#[cfg(feature = "aws-lc")]
pub(crate) use aws_lc::{Aead, Mac, fill};
#[cfg(not(feature = "aws-lc"))]
pub(crate) use pure_rust::{Aead, Mac, fill};

#[cfg(not(any(feature = "aws-lc", feature = "pure-rust")))]
compile_error!("choose what seals: feature `aws-lc` (default) or `pure-rust`");

pub(crate) const KEY_BYTES: usize = 32;
pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;

#[cfg(all(test, feature = "aws-lc"))]
mod tests {
    use super::*;

    #[test]
    fn what_one_library_sealed_the_other_opens() {
        let (key, nonce) = ([7; KEY_BYTES], [9; NONCE_BYTES]);
        let (ours, theirs) = (Aead::new(&key).unwrap(), pure_rust::Aead::new(&key).unwrap());
        for text in [&b""[..], b"E12345678", &[0; 5_000]] {
            let sealed = ours.seal(nonce, b"purpose", text).unwrap();
            assert_eq!(sealed.len(), text.len() + TAG_BYTES);
            assert_eq!(theirs.seal(nonce, b"purpose", text).unwrap(), sealed);
            assert_eq!(theirs.open(nonce, b"purpose", &sealed).unwrap(), text);
            assert_eq!(ours.open(nonce, b"purpose", &sealed).unwrap(), text);
            assert!(theirs.open(nonce, b"another", &sealed).is_none());
            assert!(theirs.open(nonce, b"purpose", &sealed[1..]).is_none());
        }
    }

    #[test]
    fn both_libraries_make_the_same_fingerprints() {
        for key in [&b"short"[..], &[3; 200]] {
            assert_eq!(Mac::new(key).sign(b"text"), pure_rust::Mac::new(key).sign(b"text"));
        }
    }

    #[test]
    fn random_bytes_are_not_twice_the_same() {
        let (mut once, mut again) = ([0; 32], [0; 32]);
        pure_rust::fill(&mut once).unwrap();
        pure_rust::fill(&mut again).unwrap();
        assert_ne!(once, again);
    }
}
