//! The doctor: what each configured key and certificate is, and what is wrong with it, before the first refund.
//!
//! ```
//! use taxrefund_core::keys::doctor::{DoctorInput, examine};
//!
//! let report = examine(&DoctorInput {
//!     environment: Some("sandbox"),
//!     merchant_private_key: Some(b"/etc/taxrefund/merchant.pem"),
//!     platform_public_key: Some(b""),
//!     ..DoctorInput::at(1_795_395_723)
//! });
//! assert!(!report.is_healthy());
//! println!("{report}");
//! ```

use std::fmt;

use serde::Serialize;

use super::certificate::{Certificate, CertificateError, RootBundle, date};
use super::loader::{self, Expected, Kind};
use super::{KeyError, PrivateKey, PublicKey, check_pair};
use crate::codes;

/// The configuration as it stands in files, secrets or variables. Has no `Debug`: it holds the private key.
#[derive(Clone, Copy)]
pub struct DoctorInput<'a> {
    /// What the report is headed with, such as `sandbox`; 32 letters, digits, spaces, `-`, `_` or `.` at most are shown.
    pub environment: Option<&'a str>,
    /// The merchant's private key, if software signs.
    pub merchant_private_key: Option<&'a [u8]>,
    /// The merchant's public key, if a host-side signer holds the private one, or to compare.
    pub merchant_public_key: Option<&'a [u8]>,
    /// The platform's public key, in public-key mode.
    pub platform_public_key: Option<&'a [u8]>,
    /// The merchant's application certificate, in certificate mode.
    pub app_certificate: Option<&'a [u8]>,
    /// The platform's certificate, in certificate mode; its chain may follow it.
    pub platform_certificate: Option<&'a [u8]>,
    /// The platform's root certificates, in certificate mode.
    pub root_bundle: Option<&'a [u8]>,
    /// The time to judge validity by, seconds since 1970-01-01 UTC.
    pub now_epoch_s: i64,
}

impl DoctorInput<'_> {
    /// An input with nothing configured, at the given time.
    #[must_use]
    pub fn at(now_epoch_s: i64) -> Self {
        Self {
            environment: None,
            merchant_private_key: None,
            merchant_public_key: None,
            platform_public_key: None,
            app_certificate: None,
            platform_certificate: None,
            root_bundle: None,
            now_epoch_s,
        }
    }
}

/// What the doctor found. Holds no secrets; `Display` is a table for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DoctorReport {
    /// The environment's name, where it is fit to be shown.
    pub environment: Option<String>,
    /// One for each thing configured, then one for each thing wrong between them.
    pub findings: Vec<Finding>,
}

impl DoctorReport {
    /// Whether no finding has a problem.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.findings.iter().all(|finding| finding.problem.is_none())
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which part of the configuration.
    pub subject: Subject,
    /// What was found there.
    pub what_it_is: String,
    /// The code of what is wrong, one of [`codes`].
    pub problem: Option<&'static str>,
    /// What to do; empty where there is nothing to do.
    pub advice: String,
}

/// The parts of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// The merchant's private key.
    MerchantPrivateKey,
    /// The merchant's public key.
    MerchantPublicKey,
    /// The platform's public key.
    PlatformPublicKey,
    /// The merchant's application certificate.
    AppCertificate,
    /// The platform's certificate.
    PlatformCertificate,
    /// The platform's root certificates.
    RootBundle,
    /// How the parts fit together.
    Together,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::MerchantPrivateKey => "merchant private key",
            Self::MerchantPublicKey => "merchant public key",
            Self::PlatformPublicKey => "platform public key",
            Self::AppCertificate => "app certificate",
            Self::PlatformCertificate => "platform certificate",
            Self::RootBundle => "root bundle",
            Self::Together => "all together",
        })
    }
}

/// Examines a configuration. Never fails and never panics: whatever is wrong is a finding.
#[must_use]
pub fn examine(input: &DoctorInput<'_>) -> DoctorReport {
    let mut findings = Vec::new();
    let parts = Parts::load(input, &mut findings);
    missing(input, &mut findings);
    swapped_kinds(&mut findings);
    parts.own_against_own(&mut findings);
    parts.own_against_platform(&mut findings);
    parts.chains(input.now_epoch_s, &mut findings);
    let is_shown = |name: &&str| {
        name.len() <= 32
            && name.chars().all(|c| c.is_ascii_alphanumeric() || " -_.".contains(c))
            && !name.is_empty()
    };
    DoctorReport { environment: input.environment.filter(is_shown).map(str::to_owned), findings }
}

/// What could be loaded.
struct Parts {
    private: Option<PrivateKey>,
    own: Option<PublicKey>,
    platform: Option<PublicKey>,
    app: Option<Certificate>,
    gateway: Vec<Certificate>,
    roots: Option<RootBundle>,
}

impl Parts {
    fn load(input: &DoctorInput<'_>, findings: &mut Vec<Finding>) -> Self {
        let private = part(Subject::MerchantPrivateKey, input.merchant_private_key, findings, |text| {
            PrivateKey::load(text).map(|key| (described_key(text, key.public_key()), key))
        });
        let mut public = |subject, text| {
            part(subject, text, findings, |text| {
                PublicKey::load(text).map(|key| (described_key(text, &key), key))
            })
        };
        let own = public(Subject::MerchantPublicKey, input.merchant_public_key);
        let platform = public(Subject::PlatformPublicKey, input.platform_public_key);
        let mut chain = |subject, text| {
            let chain = part(subject, text, findings, |text| {
                Certificate::load_chain(text)
                    .map(|chain| (chain.first().map_or_else(String::new, described), chain))
            });
            chain.unwrap_or_default()
        };
        let app = chain(Subject::AppCertificate, input.app_certificate).into_iter().next();
        let gateway = chain(Subject::PlatformCertificate, input.platform_certificate);
        let roots = part(Subject::RootBundle, input.root_bundle, findings, |text| {
            let described = |roots: &RootBundle| {
                format!(
                    "{} root certificate(s), alipay_root_cert_sn {}",
                    roots.count(),
                    roots.serial_number()
                )
            };
            RootBundle::load(text).map(|roots| (described(&roots), roots))
        });
        Self { private, own, platform, app, gateway, roots }
    }

    /// The merchant's key pair and certificate against each other.
    fn own_against_own(&self, findings: &mut Vec<Finding>) {
        let private = self.private.as_ref().map(PrivateKey::public_key);
        if let (Some(private), Some(own)) = (private, &self.own)
            && private != own
        {
            findings.push(if self.platform.as_ref() == Some(private) {
                swapped("the merchant's public key is configured as the platform's, and another one as the merchant's")
            } else {
                together(
                    "the merchant's private key does not belong to the merchant's public key",
                    codes::CONFIG_PRIVATE_KEY_NOT_OF_PUBLIC_KEY,
                    "Configure the two halves of one pair; the public half must be the one uploaded to the platform.",
                )
            });
        }
        if let (Some(own), Some(app)) = (private.or(self.own.as_ref()), &self.app)
            && own != app.public_key()
        {
            findings.push(if self.gateway_key() == Some(own) {
                swapped("the merchant's application certificate is configured as the platform's, and the other way round")
            } else {
                together(
                    "the merchant's key does not belong to the application certificate",
                    codes::CONFIG_PRIVATE_KEY_NOT_OF_CERTIFICATE,
                    "Use the private key the certificate was requested with, or download the certificate of this key.",
                )
            });
        }
    }

    /// Nothing of the merchant's may stand where the platform's belongs.
    fn own_against_platform(&self, findings: &mut Vec<Finding>) {
        if findings.iter().any(|finding| finding.problem == Some(codes::CONFIG_KEYS_SWAPPED)) {
            return;
        }
        let private = self.private.as_ref().map(PrivateKey::public_key);
        let own = [private, self.own.as_ref(), self.app.as_ref().map(Certificate::public_key)];
        let platform = [
            (Subject::PlatformPublicKey, self.platform.as_ref()),
            (Subject::PlatformCertificate, self.gateway_key()),
        ];
        for (subject, platform) in platform {
            let Some(platform) = platform else { continue };
            if let Some(problem) = own.iter().flatten().find_map(|own| check_pair(own, platform).err()) {
                let what_it_is = "the merchant's own key".to_owned();
                findings.push(Finding {
                    subject,
                    what_it_is,
                    problem: Some(problem.code()),
                    advice: problem.to_string(),
                });
            }
        }
    }

    fn chains(&self, now_epoch_s: i64, findings: &mut Vec<Finding>) {
        let app = self.app.as_ref().map(|app| (Subject::AppCertificate, app));
        let gateway = self.gateway.first().map(|gateway| (Subject::PlatformCertificate, gateway));
        for (subject, certificate) in app.into_iter().chain(gateway) {
            if certificate.is_authority() {
                findings.push(Finding {
                    subject,
                    what_it_is: "the certificate of an issuing authority".to_owned(),
                    problem: Some(codes::CONFIG_CERTIFICATE_IS_AUTHORITY),
                    advice: "Configure the certificate issued by it; roots belong into the root bundle."
                        .to_owned(),
                });
            }
            let verdict = match &self.roots {
                Some(roots) => roots.vouches_for(certificate, &self.gateway, now_epoch_s),
                None => certificate.check_dates(now_epoch_s),
            };
            let Err(problem) = verdict else { continue };
            // The issuer's certificate is not part of every download, and is not needed for signing and checking.
            let is_problem = !matches!(problem, CertificateError::IssuerNotFound(_));
            findings.push(Finding {
                subject,
                what_it_is: if is_problem { "not to be relied on" } else { "chain not checked" }.to_owned(),
                problem: is_problem.then(|| problem.code()),
                advice: problem.to_string(),
            });
        }
    }

    fn gateway_key(&self) -> Option<&PublicKey> {
        self.gateway.first().map(Certificate::public_key)
    }
}

/// Loads one part, if configured, and notes what it is.
fn part<T, E: Into<CertificateError>>(
    subject: Subject,
    text: Option<&[u8]>,
    findings: &mut Vec<Finding>,
    load: impl FnOnce(&[u8]) -> Result<(String, T), E>,
) -> Option<T> {
    let text = text?;
    match load(text).map_err(Into::into) {
        Ok((what_it_is, loaded)) => {
            findings.push(Finding { subject, what_it_is, problem: None, advice: String::new() });
            Some(loaded)
        }
        Err(problem) => {
            let problem_code = Some(problem.code());
            let what_it_is = kind_of(text).to_owned();
            findings.push(Finding {
                subject,
                what_it_is,
                problem: problem_code,
                advice: problem.to_string(),
            });
            None
        }
    }
}

fn missing(input: &DoctorInput<'_>, findings: &mut Vec<Finding>) {
    let certificates = [
        (Subject::AppCertificate, input.app_certificate),
        (Subject::PlatformCertificate, input.platform_certificate),
        (Subject::RootBundle, input.root_bundle),
    ];
    let is_certificate_mode = certificates.iter().any(|(_, text)| text.is_some());
    let mut miss = |subject, advice: &str| {
        findings.push(Finding {
            subject,
            what_it_is: "not configured".to_owned(),
            problem: Some(codes::CONFIG_MISSING),
            advice: advice.to_owned(),
        });
    };
    if input.merchant_private_key.is_none() && input.merchant_public_key.is_none() {
        miss(
            Subject::MerchantPrivateKey,
            "Configure the merchant's private key, or its public key where a host-side signer holds the private one.",
        );
    }
    if !is_certificate_mode && input.platform_public_key.is_none() {
        miss(
            Subject::PlatformPublicKey,
            "Configure the platform's public key, copied from the platform's console.",
        );
    }
    for (subject, text) in certificates {
        if is_certificate_mode && text.is_none() {
            miss(
                subject,
                "Certificate mode needs all three: application certificate, platform certificate, root bundle.",
            );
        }
    }
}

/// A private key where the platform's key belongs, and none where the merchant's private key belongs.
fn swapped_kinds(findings: &mut Vec<Finding>) {
    let has =
        |subject, code| findings.iter().any(|f: &Finding| f.subject == subject && f.problem == Some(code));
    let private_is_public = has(Subject::MerchantPrivateKey, codes::KEY_PUBLIC_GIVEN_AS_PRIVATE);
    let platform = has(Subject::PlatformPublicKey, codes::KEY_PRIVATE_GIVEN_AS_PUBLIC);
    let merchant = has(Subject::MerchantPublicKey, codes::KEY_PRIVATE_GIVEN_AS_PUBLIC);
    if private_is_public && (platform || merchant) {
        findings.push(swapped(
            "a public key is configured as the merchant's private key, and a private key as a public one",
        ));
    }
}

fn swapped(what_it_is: &str) -> Finding {
    together(what_it_is, codes::CONFIG_KEYS_SWAPPED, "Exchange the two.")
}

fn together(what_it_is: &str, code: &'static str, advice: &str) -> Finding {
    Finding {
        subject: Subject::Together,
        what_it_is: what_it_is.to_owned(),
        problem: Some(code),
        advice: advice.to_owned(),
    }
}

fn described_key(text: &[u8], public: &PublicKey) -> String {
    let kind = kind_of(text);
    let form = loader::load_one(text, Expected::PublicKey).map_or_else(
        |_| String::new(),
        |loaded| match loader::classify(&loaded.der) {
            Kind::RsaPrivate { form, .. } | Kind::RsaPublic { form, .. } => {
                format!(", {form} {}", loaded.encoding)
            }
            _ => String::new(),
        },
    );
    format!("{kind}{form}, {} bits, fingerprint {}", public.bits(), public.fingerprint())
}

fn described(certificate: &Certificate) -> String {
    format!(
        "certificate of {}, RSA {} bits, sn {}, valid {} to {}",
        certificate.subject(),
        certificate.public_key().bits(),
        certificate.serial_number(),
        date(certificate.not_before()),
        date(certificate.not_after()),
    )
}

/// What a text is, whatever it was given as.
fn kind_of(text: &[u8]) -> &'static str {
    let first = loader::load_all(text, Expected::PublicKey).map(|all| all.into_iter().next());
    match first {
        Ok(Some(Ok(loaded))) => match loader::classify(&loaded.der) {
            Kind::RsaPrivate { .. } => "RSA private key",
            Kind::RsaPublic { .. } => "RSA public key",
            Kind::Certificate => "certificate",
            Kind::CertificateRequest => "certificate signing request",
            Kind::Encrypted => "encrypted private key",
            Kind::Ec => "elliptic-curve key",
            Kind::Other(_) => "key of another algorithm",
            Kind::Container(container) => container,
            Kind::Unknown => "unknown DER structure",
        },
        Ok(Some(Err(problem))) | Err(problem) => match problem {
            KeyError::Empty { .. } => "empty",
            KeyError::PathGiven { .. } => "path of a file",
            KeyError::Encrypted { .. } => "encrypted private key",
            KeyError::IsEc { .. } => "elliptic-curve key",
            KeyError::ContainerUnsupported { container, .. } => container,
            _ => "not readable",
        },
        Ok(None) => "empty",
    }
}

impl fmt::Display for DoctorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems = self.findings.iter().filter(|finding| finding.problem.is_some()).count();
        let environment = self.environment.as_deref().unwrap_or("(no name)");
        writeln!(f, "keys of environment {environment}: {problems} problem(s)")?;
        for Finding { subject, what_it_is, problem, advice } in &self.findings {
            let status = if problem.is_some() { "PROBLEM" } else { "ok" };
            writeln!(f, "  {status:<8} {subject:<21} {what_it_is}")?;
            if let Some(code) = problem {
                writeln!(f, "  {:<8} {:<21} [{code}]", "", "")?;
            }
            if !advice.is_empty() {
                writeln!(f, "  {:<8} {:<21} {advice}", "", "")?;
            }
        }
        Ok(())
    }
}
