//! The string to sign and the `Signature` header's grammar.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Caller;
use crate::encoding::{from_base64, to_base64};
use crate::wire::Fault;

/// Base64 without its `+`, `/` and `=` is made of letters and digits only.
const ESCAPED: &AsciiSet = NON_ALPHANUMERIC;

/// `<METHOD> <path with query>\n<client id>.<time>.<body>`: what requests, answers, notifications and replies sign.
#[must_use]
pub fn string_to_sign(method: &str, path: &str, client_id: &str, time: &str, body: &[u8]) -> Vec<u8> {
    let mut text =
        Vec::with_capacity(method.len() + path.len() + client_id.len() + time.len() + body.len() + 4);
    for part in
        [method.as_bytes(), b" ", path.as_bytes(), b"\n", client_id.as_bytes(), b".", time.as_bytes(), b"."]
    {
        text.extend_from_slice(part);
    }
    text.extend_from_slice(body);
    text
}

/// `algorithm=RSA256,keyVersion=1,signature=<percent-encoded Base64>`, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureHeader {
    /// Which key pair signed.
    pub key_version: Option<String>,
    /// The signature's bytes.
    pub signature: Vec<u8>,
}

impl SignatureHeader {
    /// Writes the header exactly as the platforms read it: this order, no spaces, upper-case escapes.
    #[must_use]
    pub fn write(signature: &[u8], key_version: u32) -> String {
        format!("algorithm=RSA256,keyVersion={key_version},signature={}", Self::encode(signature))
    }

    /// The signature as the header carries it: Base64, then `+`, `/` and `=` percent-encoded.
    #[must_use]
    pub fn encode(signature: &[u8]) -> String {
        utf8_percent_encode(&to_base64(signature), ESCAPED).to_string()
    }

    /// Reads the header: pairs in any order, spaces around them, unknown ones ignored, escapes in either case or none.
    /// The algorithm is pinned: any other one is refused.
    ///
    /// # Errors
    /// [`Fault::BadSignature`], saying which part is wrong.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let bad = |message: &str| Fault::BadSignature(message.to_owned());
        let (mut algorithm, mut key_version, mut value) = (None, None, None);
        for pair in text.split(',') {
            let Some((name, content)) = pair.split_once('=') else {
                return Err(bad("the header is not made of name=value pairs"));
            };
            let slot = match name.trim() {
                "algorithm" => &mut algorithm,
                "keyVersion" => &mut key_version,
                "signature" => &mut value,
                _ => continue,
            };
            if slot.replace(content.trim()).is_some() {
                return Err(bad("the header names a part twice"));
            }
        }
        if algorithm.is_none_or(|name| !name.eq_ignore_ascii_case("RSA256")) {
            return Err(bad("the header's algorithm is not RSA256"));
        }
        // A plain percent-decoder: a form decoder would turn an unescaped '+' into a space.
        let decoded =
            percent_decode_str(value.ok_or_else(|| bad("the header has no signature"))?).decode_utf8();
        let signature = decoded
            .ok()
            .and_then(|text| from_base64(&text))
            .ok_or_else(|| bad("the header's signature is not Base64"))?;
        Ok(Self { key_version: key_version.map(str::to_owned), signature })
    }
}

impl Caller {
    /// Checks a signature header over what it must cover.
    pub(super) fn check(&self, header: &str, signed: &[u8]) -> Result<(), Fault> {
        let header = SignatureHeader::parse(header)?;
        let fits_version = |version: &Option<String>| {
            version.is_none() || header.key_version.is_none() || *version == header.key_version
        };
        let mut candidates = self.verifiers.iter().filter(|(version, _)| fits_version(version)).peekable();
        if candidates.peek().is_none() {
            return Err(Fault::BadSignature("made with a key version that is not configured".to_owned()));
        }
        if candidates.any(|(_, verifier)| verifier.verify(signed, &header.signature)) {
            Ok(())
        } else {
            Err(Fault::BadSignature("it does not fit path, client id, time and body".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_in_any_order_with_spaces_and_either_case_of_escapes() {
        let signature = [0xfb, 0xff, 0x00];
        let written = SignatureHeader::write(&signature, 2);
        assert_eq!(written, "algorithm=RSA256,keyVersion=2,signature=%2B%2F8A");
        for text in [
            written.as_str(),
            "signature=%2b%2f8A, keyVersion=2, extra=1, algorithm=rsa256",
            "algorithm=RSA256, keyVersion=2,\r\n signature=+/8A",
        ] {
            let read = SignatureHeader::parse(text).unwrap();
            assert_eq!((read.key_version.as_deref(), read.signature.as_slice()), (Some("2"), &signature[..]));
        }
    }

    #[test]
    fn another_algorithm_is_refused() {
        for text in [
            "algorithm=NONE,signature=AAAA",
            "signature=AAAA",
            "algorithm=RSA256",
            "x",
            "algorithm=RSA256,signature=A,signature=A",
        ] {
            assert!(SignatureHeader::parse(text).is_err(), "{text}");
        }
    }
}
