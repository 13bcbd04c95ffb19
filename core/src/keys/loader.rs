//! The one loader: from the text people have to DER, and from DER to what it is.
//!
//! Every copy of the input made here is wiped when dropped: at this point nobody knows yet whether it is a secret.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{Decode as _, Header, Reader as _, SliceReader, Tag, Tagged};
use zeroize::Zeroizing;

use super::KeyError;

/// What a loader was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expected {
    /// The merchant's RSA private key.
    PrivateKey,
    /// An RSA public key.
    PublicKey,
    /// An X.509 certificate.
    Certificate,
    /// The platform's bundle of root certificates.
    RootBundle,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrivateKey => "the merchant's RSA private key (PKCS#1 or PKCS#8, not encrypted)",
            Self::PublicKey => "an RSA public key",
            Self::Certificate => "an X.509 certificate",
            Self::RootBundle => "the file with the platform's root certificates",
        })
    }
}

/// One key or certificate as bytes, not yet looked into.
pub(super) struct Loaded {
    pub(super) der: Zeroizing<Vec<u8>>,
    pub(super) encoding: Encoding,
}

/// How the bytes were written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Pem,
    Base64,
    Der,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pem => "PEM",
            Self::Base64 => "bare Base64",
            Self::Der => "DER",
        })
    }
}

/// The only key or certificate in `input`.
pub(super) fn load_one(input: &[u8], expected: Expected) -> Result<Loaded, KeyError> {
    let mut all = load_all(input, expected)?;
    match (all.len(), all.pop()) {
        (1, Some(only)) => only,
        (count, _) => Err(KeyError::SeveralGiven { expected, count }),
    }
}

/// Everything in `input`, in order; parts that cannot be decoded are errors in their place. Never an empty list.
pub(super) fn load_all(input: &[u8], expected: Expected) -> Result<Vec<Result<Loaded, KeyError>>, KeyError> {
    if looks_like_der(input) {
        let der = Zeroizing::new(input.to_vec());
        return Ok(vec![whole(der, Encoding::Der, expected)]);
    }
    let decoded = decode_utf16(input);
    let text = trim(decoded.as_ref().map_or(input, |text| text.as_bytes()));
    if text.is_empty() {
        return Err(KeyError::Empty { expected });
    }
    if let Some(container) = container_of(text) {
        return Err(KeyError::ContainerUnsupported { expected, container });
    }
    let is_text = std::str::from_utf8(text).is_ok_and(|text| !text.contains(is_binary));
    if !is_text {
        return Err(KeyError::UnknownFormat { expected });
    }
    if find(text, BEGIN).is_some() {
        return pem_blocks(text, expected);
    }
    if find(text, b"-----END ").is_some() || find(text, b"--BEGIN ").is_some() {
        return Err(KeyError::PemBeginMissing { expected });
    }
    if looks_like_path(text) {
        return Err(KeyError::PathGiven { expected });
    }
    Ok(vec![base64_to_der(text, text, expected).and_then(|der| whole(der, Encoding::Base64, expected))])
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

fn pem_blocks(text: &[u8], expected: Expected) -> Result<Vec<Result<Loaded, KeyError>>, KeyError> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(start) = find(rest, BEGIN) {
        rest = &rest[start + BEGIN.len()..];
        let label_end = find(rest, DASHES).ok_or(KeyError::PemBeginMissing { expected })?;
        let label = &rest[..label_end];
        if !label.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b' ') {
            return Err(KeyError::PemBeginMissing { expected });
        }
        rest = &rest[label_end + DASHES.len()..];
        let body_end = find(rest, END).ok_or(KeyError::PemEndMissing { expected })?;
        let body = &rest[..body_end];
        rest = &rest[body_end + END.len()..];
        let end_line = find(rest, DASHES).ok_or(KeyError::PemEndMissing { expected })?;
        // A second `BEGIN` before this `END`, or one line that swallows the next block: an `END` line is missing.
        if find(body, BEGIN).is_some() || find(&rest[..end_line], b"\n").is_some() {
            return Err(KeyError::PemEndMissing { expected });
        }
        rest = &rest[end_line + DASHES.len()..];
        // OpenSSL writes the curve as a block of its own before the key, which says it all.
        if label != b"EC PARAMETERS" {
            blocks.push(pem_block(text, label, body, expected));
        }
    }
    if find(rest, END).is_some() {
        return Err(KeyError::PemBeginMissing { expected });
    }
    if blocks.is_empty() { Err(KeyError::IsEc { expected }) } else { Ok(blocks) }
}

fn pem_block(text: &[u8], label: &[u8], body: &[u8], expected: Expected) -> Result<Loaded, KeyError> {
    let container = match label {
        b"OPENSSH PRIVATE KEY" => Some("an OpenSSH private key"),
        b"SSH2 PUBLIC KEY" => Some("an SSH public key"),
        b"PKCS7" | b"CMS" => Some("a PKCS#7 container"),
        b"PGP PUBLIC KEY BLOCK" | b"PGP PRIVATE KEY BLOCK" => Some("a PGP key"),
        _ => None,
    };
    if let Some(container) = container {
        return Err(KeyError::ContainerUnsupported { expected, container });
    }
    // The old way of encrypting has headers inside the block, the new one its own label and structure.
    if label == b"ENCRYPTED PRIVATE KEY" || find(body, b",ENCRYPTED").is_some() {
        return Err(KeyError::Encrypted { expected });
    }
    whole(base64_to_der(text, body, expected)?, Encoding::Pem, expected)
}

/// Decodes the Base64 in `part` (a slice of `text`), passing over white space and the escapes of JSON (`\n`, `\/`).
fn base64_to_der(text: &[u8], part: &[u8], expected: Expected) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    // Sized once: growing would leave copies behind.
    let mut digits = Zeroizing::new(Vec::with_capacity(part.len()));
    let mut padding = false;
    let mut at = 0;
    while at < part.len() {
        match part[at] {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if !padding => digits.push(part[at]),
            b'=' => padding = true,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'\\' if matches!(part.get(at + 1), Some(b'\\' | b'/' | b'\r' | b'\n')) => {}
            b'\\' if matches!(part.get(at + 1), Some(b'n' | b'r' | b't')) => at += 1,
            _ => {
                let (line, column) = position(text, part, at);
                return Err(KeyError::Base64Invalid { expected, line, column });
            }
        }
        at += 1;
    }
    // One digit left over cannot come from encoding bytes: the text was cut.
    if digits.len() < 4 || digits.len() % 4 == 1 {
        return Err(KeyError::Truncated { expected });
    }
    let mut der = Zeroizing::new(vec![0; digits.len() / 4 * 3 + 3]);
    let length = BASE64.decode_slice(&*digits, &mut der).map_err(|_| KeyError::Truncated { expected })?;
    der.truncate(length);
    Ok(der)
}

/// Standard alphabet; padding was removed, and stray bits in the last digit are met in hand-made files.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

fn position(text: &[u8], part: &[u8], at: usize) -> (usize, usize) {
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize) + at;
    let before = &text[..offset.min(text.len())];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1);
    (line, String::from_utf8_lossy(&before[line_start..]).chars().count() + 1)
}

/// Checks that `der` is one whole structure, so that a cut key is called cut.
fn whole(der: Zeroizing<Vec<u8>>, encoding: Encoding, expected: Expected) -> Result<Loaded, KeyError> {
    let unreadable = KeyError::DerUnreadable { expected };
    let mut reader = SliceReader::new(&der).map_err(|_| unreadable.clone())?;
    let header = Header::decode(&mut reader).map_err(|_| unreadable.clone())?;
    if header.tag != Tag::Sequence {
        return Err(unreadable);
    }
    let (declared, present) = (u32::from(header.length), u32::from(reader.remaining_len()));
    if declared > present {
        return Err(KeyError::Truncated { expected });
    }
    if declared < present {
        let next = der.get(der.len() - (present - declared) as usize);
        return Err(if next == Some(&0x30) {
            KeyError::SeveralGiven { expected, count: 2 }
        } else {
            unreadable
        });
    }
    Ok(Loaded { der, encoding })
}

/// What a DER structure is, told from its shape alone.
pub(super) enum Kind<'a> {
    /// An RSA private key; `pkcs1` is its RSAPrivateKey part.
    RsaPrivate {
        pkcs1: &'a [u8],
        form: &'static str,
    },
    /// An RSA public key; `pkcs1` is its RSAPublicKey part.
    RsaPublic {
        pkcs1: &'a [u8],
        form: &'static str,
    },
    Certificate,
    CertificateRequest,
    Encrypted,
    Ec,
    Other(&'static str),
    Container(&'static str),
    Unknown,
}

impl Kind<'_> {
    /// The error for the kinds that are wrong wherever a key is expected.
    pub(super) fn refusal(&self, expected: Expected) -> KeyError {
        match self {
            Self::CertificateRequest => KeyError::CsrGiven { expected },
            Self::Encrypted => KeyError::Encrypted { expected },
            Self::Ec => KeyError::IsEc { expected },
            Self::Other(algorithm) => KeyError::AlgorithmUnsupported { expected, algorithm },
            Self::Container(container) => KeyError::ContainerUnsupported { expected, container },
            _ => KeyError::DerUnreadable { expected },
        }
    }
}

pub(super) fn classify(der: &[u8]) -> Kind<'_> {
    let Some(parts) = AnyRef::from_der(der).ok().and_then(|outer| elements(outer.value())) else {
        return Kind::Unknown;
    };
    let tags: Vec<Tag> = parts.iter().map(Tagged::tag).collect();
    match tags.as_slice() {
        [Tag::Integer, Tag::Integer] => Kind::RsaPublic { pkcs1: der, form: "PKCS#1" },
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => match algorithm(&parts[1]) {
            Algorithm::Rsa => Kind::RsaPrivate { pkcs1: parts[2].value(), form: "PKCS#8" },
            other => other.into(),
        },
        [Tag::Integer, Tag::OctetString, ..] => Kind::Ec,
        [Tag::Integer, Tag::Sequence, ..] if parts[0].value() == [3] => {
            Kind::Container("a PKCS#12 key store")
        }
        [Tag::Integer, rest @ ..] if rest.len() >= 8 => Kind::RsaPrivate { pkcs1: der, form: "PKCS#1" },
        [Tag::Integer, rest @ ..] if rest.len() == 5 => Kind::Other("DSA"),
        [Tag::Sequence, Tag::BitString] => match algorithm(&parts[0]) {
            Algorithm::Rsa => match parts[1].value().split_first() {
                Some((0, pkcs1)) => Kind::RsaPublic { pkcs1, form: "SubjectPublicKeyInfo" },
                _ => Kind::Unknown,
            },
            other => other.into(),
        },
        [Tag::Sequence, Tag::OctetString] => Kind::Encrypted,
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => match elements(parts[0].value()) {
            Some(inner) if inner.len() >= 6 => Kind::Certificate,
            Some(inner) if inner.len() >= 3 && inner[0].tag() == Tag::Integer => Kind::CertificateRequest,
            _ => Kind::Unknown,
        },
        [Tag::ObjectIdentifier, ..] => Kind::Container("a PKCS#7 container"),
        _ => Kind::Unknown,
    }
}

enum Algorithm {
    Rsa,
    Ec,
    Other(&'static str),
    Unknown,
}

impl From<Algorithm> for Kind<'_> {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Ec => Self::Ec,
            Algorithm::Other(name) => Self::Other(name),
            Algorithm::Rsa | Algorithm::Unknown => Self::Unknown,
        }
    }
}

fn algorithm(identifier: &AnyRef<'_>) -> Algorithm {
    let oid = elements(identifier.value())
        .and_then(|parts| parts.first().and_then(|first| ObjectIdentifier::try_from(*first).ok()));
    match oid.map(|oid| oid.to_string()).as_deref() {
        Some("1.2.840.113549.1.1.1") => Algorithm::Rsa,
        Some("1.2.840.10045.2.1" | "1.2.156.10197.1.301") => Algorithm::Ec,
        Some("1.2.840.113549.1.1.10") => Algorithm::Other("RSA-PSS only"),
        Some("1.2.840.10040.4.1") => Algorithm::Other("DSA"),
        Some("1.2.840.113549.1.3.1") => Algorithm::Other("Diffie-Hellman"),
        Some("1.3.101.110" | "1.3.101.111") => Algorithm::Other("X25519 or X448 key agreement"),
        Some("1.3.101.112") => Algorithm::Other("Ed25519"),
        Some("1.3.101.113") => Algorithm::Other("Ed448"),
        Some(_) => Algorithm::Other("another algorithm than RSA"),
        None => Algorithm::Unknown,
    }
}

/// The elements of a DER sequence's content.
pub(super) fn elements(content: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(content).ok()?;
    let mut parts = Vec::new();
    while !reader.is_finished() {
        parts.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(parts)
}

/// A sequence's first two bytes; as text they would be a `0` and a character that follows none in any text shape.
fn looks_like_der(input: &[u8]) -> bool {
    matches!(input, [0x30, second, rest @ ..] if *second >= 0x80 || rest.len() == usize::from(*second))
}

/// Text saved as "Unicode" by Windows programs.
fn decode_utf16(input: &[u8]) -> Option<Zeroizing<String>> {
    let unit: fn([u8; 2]) -> u16 = match input {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = input[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = Zeroizing::new(String::with_capacity(input.len() * 2));
    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    Some(text)
}

/// Without byte order mark, white space and quotes around it.
fn trim(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let outside = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | 0);
    let start = text.iter().position(|b| !outside(b)).unwrap_or(text.len());
    let end = text.iter().rposition(|b| !outside(b)).map_or(start, |last| last + 1);
    &text[start..end]
}

fn container_of(text: &[u8]) -> Option<&'static str> {
    Some(match text {
        [0xFE, 0xED, 0xFE, 0xED, ..] => "a Java key store",
        [0x30, 0x80, ..] => "a key store or container in BER",
        _ if text.starts_with(b"ssh-") || text.starts_with(b"ecdsa-sha2-") => "an OpenSSH public key",
        _ if text.starts_with(b"PuTTY-User-Key-File") => "a PuTTY key",
        _ if text.starts_with(b"<") => "a key in XML",
        _ if text.starts_with(b"{") || text.starts_with(b"[") => "a key in JSON",
        _ => return None,
    })
}

/// Base64 has none of the characters that begin or end these, except for the slash.
fn looks_like_path(text: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 6] = [b"./", b"../", b"~", b"file:", b".\\", b"\\\\"];
    const ENDINGS: [&[u8]; 10] =
        [b".pem", b".key", b".crt", b".cer", b".der", b".txt", b".p8", b".pk8", b".p12", b".pfx"];
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    let drive = matches!(text, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let short = text.len() < 300 && !text.contains(&b'\n');
    short
        && (drive
            || text[0] == b'/'
            || BEGINNINGS.iter().any(|start| lower.starts_with(start))
            || ENDINGS.iter().any(|end| lower.ends_with(end)))
}

fn is_binary(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
