//! X.509 certificates of the Alipay gateway's certificate mode: serial numbers and the chain to the root bundle
//! (sheet alipay-gateway 2.2 and 3.4.8).

use std::fmt::{self, Write as _};
use std::time::Duration;

use md5::{Digest, Md5};
use rsa::BigUint;
use x509_cert::certificate::{CertificateInner, Raw, TbsCertificateInner};
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{DateTime, Decode as _, Encode as _, Tag, Tagged as _};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::loader::{self, Expected, Kind};
use super::{KeyError, PublicKey};
use crate::codes;
use crate::encoding::to_hex;
use crate::signing::Hash;

/// A certificate with an RSA key: the merchant's application certificate or the platform's.
#[derive(Clone)]
pub struct Certificate {
    parsed: Parsed,
    public_key: PublicKey,
}

impl Certificate {
    /// Reads a certificate: PEM, bare Base64 or DER. Of a file that holds its chain too, the first one.
    ///
    /// # Errors
    /// [`CertificateError::Input`] with the [`KeyError`] that says what was given instead.
    pub fn load(input: &[u8]) -> Result<Self, CertificateError> {
        let first = loader::load_all(input, Expected::Certificate)?.into_iter().next();
        let first = first.ok_or(KeyError::Empty { expected: Expected::Certificate })?;
        Ok(Self::from_der(&first?.der)?)
    }

    /// Reads a file that may hold a chain: the certificate itself first, then those of its issuers, which are the
    /// `intermediates` of [`RootBundle::vouches_for`]. Issuers that cannot be read or have no RSA key are left out.
    ///
    /// # Errors
    /// As [`load`](Self::load), for the first certificate.
    pub fn load_chain(input: &[u8]) -> Result<Vec<Self>, CertificateError> {
        let mut chain = vec![Self::load(input)?];
        let rest = loader::load_all(input, Expected::Certificate)?.into_iter().skip(1);
        chain.extend(rest.filter_map(|loaded| Self::from_der(&loaded.ok()?.der).ok()));
        Ok(chain)
    }

    /// The key that was certified.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The gateway's serial number of a certificate (`app_cert_sn`, `alipay_cert_sn`): 32 lower-case hexadecimal digits,
    /// the MD5 of issuer and serial number.
    #[must_use]
    pub fn serial_number(&self) -> &str {
        &self.parsed.serial_number
    }

    /// Whom the certificate names, in the form of RFC 2253.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.parsed.subject_text
    }

    /// Start of validity, seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn not_before(&self) -> i64 {
        self.parsed.not_before
    }

    /// End of validity, seconds since 1970-01-01 UTC; still valid in this second.
    #[must_use]
    pub fn not_after(&self) -> i64 {
        self.parsed.not_after
    }

    /// Whether it may issue certificates (basic constraints), as no application's or platform's certificate may.
    #[must_use]
    pub fn is_authority(&self) -> bool {
        self.parsed.authority.is_some()
    }

    pub(super) fn check_dates(&self, now_epoch_s: i64) -> Result<(), CertificateError> {
        self.parsed.check_dates(now_epoch_s)
    }

    fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let expected = Expected::Certificate;
        match loader::classify(der) {
            Kind::Certificate => {}
            Kind::RsaPrivate { .. } => return Err(KeyError::PrivateGivenAsCertificate { expected }),
            Kind::RsaPublic { .. } => return Err(KeyError::PublicGivenAsCertificate { expected }),
            other => return Err(other.refusal(expected)),
        }
        let parsed = Parsed::from_der(der).ok_or(KeyError::DerUnreadable { expected })?;
        let public_key = parsed.public_key.clone()?;
        Ok(Self { parsed, public_key })
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("serial_number", &self.serial_number())
            .field("public_key", &self.public_key)
            .finish_non_exhaustive()
    }
}

/// The platform's root certificates, as downloaded from its console. What is in here is trusted.
#[derive(Clone)]
pub struct RootBundle {
    roots: Vec<Parsed>,
    serial_number: String,
}

impl RootBundle {
    /// Reads the bundle. Certificates that cannot be decoded (SM2, say) are passed over.
    ///
    /// # Errors
    /// [`CertificateError::Input`] when there is nothing readable in it at all, [`CertificateError::NoRsaRoot`] when no
    /// certificate in it is signed with RSA, so that there is no serial number to send.
    pub fn load(input: &[u8]) -> Result<Self, CertificateError> {
        let expected = Expected::RootBundle;
        let mut roots = Vec::new();
        let mut first_problem = None;
        for loaded in loader::load_all(input, expected)? {
            let root = loaded.and_then(|loaded| match loader::classify(&loaded.der) {
                Kind::RsaPrivate { .. } => Err(KeyError::PrivateGivenAsCertificate { expected }),
                Kind::RsaPublic { .. } => Err(KeyError::PublicGivenAsCertificate { expected }),
                Kind::Certificate => {
                    Parsed::from_der(&loaded.der).ok_or(KeyError::DerUnreadable { expected })
                }
                other => Err(other.refusal(expected)),
            });
            match root {
                Ok(root) => roots.push(root),
                // Not to be passed over: somebody keeps a secret in a file of public things.
                Err(problem @ KeyError::PrivateGivenAsCertificate { .. }) => return Err(problem.into()),
                Err(problem) => first_problem = first_problem.or(Some(problem)),
            }
        }
        if let (true, Some(problem)) = (roots.is_empty(), first_problem) {
            return Err(problem.into());
        }
        let signed_with_rsa = roots.iter().filter(|root| root.is_signed_with_rsa());
        let serial_number =
            signed_with_rsa.map(|root| root.serial_number.as_str()).collect::<Vec<_>>().join("_");
        if serial_number.is_empty() {
            return Err(CertificateError::NoRsaRoot);
        }
        Ok(Self { roots, serial_number })
    }

    /// The gateway's `alipay_root_cert_sn`: the serial numbers of the certificates signed with RSA, in file order,
    /// joined with `_`.
    #[must_use]
    pub fn serial_number(&self) -> &str {
        &self.serial_number
    }

    /// How many certificates were read, RSA or not.
    #[must_use]
    pub fn count(&self) -> usize {
        self.roots.len()
    }

    /// Checks that a chain of valid RSA signatures, through `intermediates` where needed, leads from a root of this
    /// bundle to `certificate`, and that each of them is valid at `now_epoch_s` (seconds since 1970-01-01 UTC).
    ///
    /// Who the certificate belongs to is for the caller to check: merchants' certificates have the same roots.
    ///
    /// # Errors
    /// The [`CertificateError`] of the chain that came furthest.
    pub fn vouches_for(
        &self,
        certificate: &Certificate,
        intermediates: &[Certificate],
        now_epoch_s: i64,
    ) -> Result<(), CertificateError> {
        certificate.parsed.check_dates(now_epoch_s)?;
        if self
            .roots
            .iter()
            .any(|root| root.tbs == certificate.parsed.tbs && root.signature == certificate.parsed.signature)
        {
            return Ok(());
        }
        let mut search = Search { bundle: self, intermediates, now_epoch_s, signatures_left: 64 };
        search.from(&certificate.parsed, 0)
    }
}

impl fmt::Debug for RootBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RootBundle").field("serial_number", &self.serial_number).finish_non_exhaustive()
    }
}

/// Why a certificate was not accepted. The texts inside say whose certificate it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// What was given is not a usable certificate.
    #[error(transparent)]
    Input(#[from] KeyError),
    /// The root bundle has no certificate signed with RSA.
    #[error(
        "no certificate in the root bundle is signed with RSA; expected the platform's root file (alipayRootCert.crt), complete and unchanged"
    )]
    NoRsaRoot,
    /// Expired.
    #[error(
        "the certificate of {subject} expired at {}; download the new one from the platform's console",
        date(*.not_after)
    )]
    Expired {
        /// Whose certificate.
        subject: String,
        /// End of its validity, epoch seconds.
        not_after: i64,
    },
    /// Not valid yet.
    #[error(
        "the certificate of {subject} is valid only from {} on; check this machine's clock",
        date(*.not_before)
    )]
    NotYetValid {
        /// Whose certificate.
        subject: String,
        /// Start of its validity, epoch seconds.
        not_before: i64,
    },
    /// No issuer at hand.
    #[error(
        "the issuer of {0} is neither in the root bundle nor among the certificates given with it; expected a complete chain: use the files of one download"
    )]
    IssuerNotFound(String),
    /// The issuer's key did not make the signature.
    #[error(
        "the signature on the certificate of {0} is not its issuer's; it was changed or forged: download it again and do not use this one"
    )]
    SignatureWrong(String),
    /// SHA-1, MD5 or not RSA.
    #[error(
        "the certificate of {0} is not signed with RSA and SHA-256 or better; download a current one from the platform's console"
    )]
    SignatureUnsupported(String),
    /// Issued by a certificate that is not an authority's.
    #[error("{0} issued a certificate without being allowed to; do not use that certificate")]
    IssuerNotCa(String),
    /// A critical extension not understood here.
    #[error(
        "the certificate of {0} has a critical extension that is not understood here, so it cannot be relied on"
    )]
    ExtensionUnknown(String),
}

impl CertificateError {
    /// The stable code, one of [`codes`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Input(problem) => problem.code(),
            Self::NoRsaRoot => codes::CERTIFICATE_NO_RSA_ROOT,
            Self::Expired { .. } => codes::CERTIFICATE_EXPIRED,
            Self::NotYetValid { .. } => codes::CERTIFICATE_NOT_YET_VALID,
            Self::IssuerNotFound(_) => codes::CERTIFICATE_ISSUER_NOT_FOUND,
            Self::SignatureWrong(_) => codes::CERTIFICATE_SIGNATURE_WRONG,
            Self::SignatureUnsupported(_) => codes::CERTIFICATE_SIGNATURE_UNSUPPORTED,
            Self::IssuerNotCa(_) => codes::CERTIFICATE_ISSUER_NOT_CA,
            Self::ExtensionUnknown(_) => codes::CERTIFICATE_EXTENSION_UNKNOWN,
        }
    }
}

/// Walks from a certificate to a root.
struct Search<'a> {
    bundle: &'a RootBundle,
    intermediates: &'a [Certificate],
    now_epoch_s: i64,
    /// Intermediates can be made to fan out; this bounds the work.
    signatures_left: u32,
}

impl Search<'_> {
    /// `below` authorities have been passed on the way here.
    fn from(&mut self, child: &Parsed, below: u8) -> Result<(), CertificateError> {
        let subject = || child.subject_text.clone();
        if child.has_unknown_critical_extension {
            return Err(CertificateError::ExtensionUnknown(subject()));
        }
        let mut reason = CertificateError::IssuerNotFound(subject());
        let (bundle, intermediates) = (self.bundle, self.intermediates);
        let roots = bundle.roots.iter().map(|root| (root, true));
        let given = intermediates.iter().map(|given| (&given.parsed, false));
        for (issuer, is_root) in roots.chain(given).filter(|(issuer, _)| issuer.subject == child.issuer) {
            match self.step(child, issuer, is_root, below) {
                Ok(()) => return Ok(()),
                Err(problem) if !matches!(reason, CertificateError::IssuerNotFound(_)) => drop(problem),
                Err(problem) => reason = problem,
            }
        }
        Err(reason)
    }

    fn step(
        &mut self,
        child: &Parsed,
        issuer: &Parsed,
        is_root: bool,
        below: u8,
    ) -> Result<(), CertificateError> {
        let unsupported = || CertificateError::SignatureUnsupported(child.subject_text.clone());
        // A root is trusted for being in the bundle; everybody else must show that it may issue (RFC 5280, 6.1.4).
        let may_issue = issuer.authority.is_some_and(|authority| below <= authority.path_length);
        if !(may_issue || is_root && issuer.authority.is_none() && !issuer.is_no_authority) {
            return Err(CertificateError::IssuerNotCa(issuer.subject_text.clone()));
        }
        issuer.check_dates(self.now_epoch_s)?;
        let hash = child.hash().ok_or_else(unsupported)?;
        let key = issuer.public_key.as_ref().map_err(|_| unsupported())?;
        let not_found = || CertificateError::IssuerNotFound(child.subject_text.clone());
        self.signatures_left = self.signatures_left.checked_sub(1).ok_or_else(not_found)?;
        if !key.verifying_key().verify(hash, &child.tbs, &child.signature) {
            return Err(CertificateError::SignatureWrong(child.subject_text.clone()));
        }
        if is_root {
            return Ok(());
        }
        match below.checked_add(1) {
            Some(below) if below <= MAX_AUTHORITIES => self.from(issuer, below),
            _ => Err(CertificateError::IssuerNotFound(issuer.subject_text.clone())),
        }
    }
}

/// Authorities between a root and a certificate; real chains have one.
const MAX_AUTHORITIES: u8 = 6;

/// The parts of a certificate that are used, of any algorithm.
#[derive(Clone)]
struct Parsed {
    tbs: Vec<u8>,
    signature: Vec<u8>,
    signature_algorithm: ObjectIdentifier,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    subject_text: String,
    serial_number: String,
    not_before: i64,
    not_after: i64,
    public_key: Result<PublicKey, KeyError>,
    authority: Option<Authority>,
    /// Basic or key-usage constraints say that it may not issue.
    is_no_authority: bool,
    has_unknown_critical_extension: bool,
}

#[derive(Clone, Copy)]
struct Authority {
    /// How many authorities may stand below it.
    path_length: u8,
}

impl Parsed {
    fn from_der(der: &[u8]) -> Option<Self> {
        // The signature covers, and the serial number is made of, the bytes as they were issued: not re-encoded ones.
        let outer = loader::elements(AnyRef::from_der(der).ok()?.value())?;
        let inner = loader::elements(outer.first()?.value())?;
        let serial_at = inner.iter().position(|part| part.tag() == Tag::Integer)?;
        let issuer = inner.get(serial_at + 2)?;
        // Without the checks of RFC 5280 on serial numbers, which old authorities do not keep.
        let decoded = CertificateInner::<Raw>::from_der(der).ok()?;
        let tbs = &decoded.tbs_certificate;
        if tbs.signature != decoded.signature_algorithm {
            return None;
        }
        let sn_text = rfc2253(issuer.value())? + &decimal(inner.get(serial_at)?.value());
        let constraints = tbs.get::<BasicConstraints>().ok()?.map(|(_, constraints)| constraints);
        let usage_allows = tbs.get::<KeyUsage>().ok()?.is_none_or(|(_, usage)| usage.key_cert_sign());
        let authority = constraints.as_ref().filter(|constraints| constraints.ca && usage_allows);
        Some(Self {
            tbs: outer.first()?.to_der().ok()?,
            signature: decoded.signature.as_bytes()?.to_vec(),
            signature_algorithm: decoded.signature_algorithm.oid,
            issuer: issuer.to_der().ok()?,
            subject: inner.get(serial_at + 4)?.to_der().ok()?,
            subject_text: shown(&rfc2253(inner.get(serial_at + 4)?.value())?),
            serial_number: to_hex(&Md5::digest(sn_text)),
            not_before: i64::try_from(tbs.validity.not_before.to_unix_duration().as_secs()).ok()?,
            not_after: i64::try_from(tbs.validity.not_after.to_unix_duration().as_secs()).ok()?,
            public_key: tbs
                .subject_public_key_info
                .to_der()
                .map_or(Err(KeyError::DerUnreadable { expected: Expected::Certificate }), |spki| {
                    PublicKey::load(&spki).map_err(of_certificate)
                }),
            authority: authority.map(|constraints| Authority {
                path_length: constraints.path_len_constraint.unwrap_or(u8::MAX),
            }),
            is_no_authority: !usage_allows || constraints.is_some_and(|constraints| !constraints.ca),
            has_unknown_critical_extension: has_unknown_critical_extension(tbs),
        })
    }

    fn is_signed_with_rsa(&self) -> bool {
        self.signature_algorithm.to_string().starts_with("1.2.840.113549.1.1")
    }

    /// The hash of the signature, where it is one that is still relied on.
    fn hash(&self) -> Option<Hash> {
        match self.signature_algorithm.to_string().as_str() {
            "1.2.840.113549.1.1.11" => Some(Hash::Sha256),
            "1.2.840.113549.1.1.12" => Some(Hash::Sha384),
            "1.2.840.113549.1.1.13" => Some(Hash::Sha512),
            _ => None,
        }
    }

    fn check_dates(&self, now_epoch_s: i64) -> Result<(), CertificateError> {
        let subject = || self.subject_text.clone();
        if now_epoch_s < self.not_before {
            return Err(CertificateError::NotYetValid { subject: subject(), not_before: self.not_before });
        }
        if now_epoch_s > self.not_after {
            return Err(CertificateError::Expired { subject: subject(), not_after: self.not_after });
        }
        Ok(())
    }
}

/// An error about the key inside, told as one about the certificate.
fn of_certificate(problem: KeyError) -> KeyError {
    let expected = Expected::Certificate;
    match problem {
        KeyError::IsEc { .. } => KeyError::IsEc { expected },
        KeyError::AlgorithmUnsupported { algorithm, .. } => {
            KeyError::AlgorithmUnsupported { expected, algorithm }
        }
        KeyError::DerUnreadable { .. } => KeyError::DerUnreadable { expected },
        other => other,
    }
}

/// Key usage, subject alternative name, basic constraints, certificate policies, extended key usage: either looked at
/// here, or no limit on what is done with the certificate here.
fn has_unknown_critical_extension(tbs: &TbsCertificateInner<Raw>) -> bool {
    const KNOWN: [&str; 5] = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.32", "2.5.29.37"];
    let extensions = tbs.extensions.as_deref().unwrap_or_default();
    extensions
        .iter()
        .any(|extension| extension.critical && !KNOWN.contains(&extension.extn_id.to_string().as_str()))
}

/// A name as Java's `X500Principal.getName()` writes it, which is what the gateway hashes: RFC 2253, most specific part
/// first. Java also escapes `=` and `#` anywhere, and takes the bytes of every string type for UTF-8.
fn rfc2253(name: &[u8]) -> Option<String> {
    let mut parts = Vec::new();
    for set in loader::elements(name)?.iter().rev() {
        let attributes: Option<Vec<String>> = loader::elements(set.value())?.iter().map(attribute).collect();
        parts.push(attributes?.join("+"));
    }
    Some(parts.join(","))
}

/// A name fit for a log line: a certificate can hold anything.
fn shown(name: &str) -> String {
    name.chars().take(200).map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn attribute(pair: &AnyRef<'_>) -> Option<String> {
    let pair = loader::elements(pair.value())?;
    let [kind, value] = pair.as_slice() else { return None };
    let oid = ObjectIdentifier::try_from(*kind).ok()?.to_string();
    let name = match oid.as_str() {
        "2.5.4.3" => "CN",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        _ => return Some(format!("{oid}=#{}", to_hex(&value.to_der().ok()?))),
    };
    let is_string = matches!(
        value.tag(),
        Tag::PrintableString | Tag::Utf8String | Tag::TeletexString | Tag::Ia5String | Tag::BmpString
    );
    if !is_string {
        return Some(format!("{name}=#{}", to_hex(&value.to_der().ok()?)));
    }
    Some(format!("{name}={}", escaped(&String::from_utf8_lossy(value.value()))))
}

fn escaped(value: &str) -> String {
    let is_blank = |c: char| c == ' ' || c == '\r';
    let body_start = value.len() - value.trim_start_matches(is_blank).len();
    let body_end = value.trim_end_matches(is_blank).len();
    let mut text = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        match c {
            '\0' => text.push_str("\\00"),
            ',' | '=' | '+' | '<' | '>' | '#' | ';' | '"' | '\\' => text.extend(['\\', c]),
            _ if at < body_start || at >= body_end => text.extend(['\\', c]),
            _ => text.push(c),
        }
    }
    text
}

pub(super) fn date(epoch_s: i64) -> String {
    let since_1970 = Duration::from_secs(epoch_s.unsigned_abs());
    DateTime::from_unix_duration(since_1970).map_or_else(|_| epoch_s.to_string(), |date| date.to_string())
}

/// A DER integer's value in base 10.
fn decimal(twos_complement: &[u8]) -> String {
    let mut text = String::new();
    let is_negative = twos_complement.first().is_some_and(|first| first & 0x80 != 0);
    let mut magnitude = BigUint::from_bytes_be(twos_complement);
    if is_negative {
        text.push('-');
        magnitude = (BigUint::from(1u8) << (8 * twos_complement.len())) - magnitude;
    }
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{magnitude}");
    text
}
