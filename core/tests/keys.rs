//! The promises of `keys`: every usual shape loads, every usual mistake is named, certificates are told and judged.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rsa::RsaPrivateKey;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use serde_json::Value;
use std::sync::LazyLock;
use taxrefund_core::codes;
use taxrefund_core::keys::doctor::{DoctorInput, DoctorReport, Subject, examine};
use taxrefund_core::keys::{
    Certificate, CertificateError, KeyError, PrivateKey, PublicKey, RootBundle, check_pair,
};
use taxrefund_core::signing::{Algorithm, Signer as _, SoftwareSigner};
use x509_cert::der::asn1::{Any, BitString, Null, OctetString};
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::Extension;
use x509_cert::spki::{AlgorithmIdentifierOwned, ObjectIdentifier, SubjectPublicKeyInfoOwned};

static VECTORS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../tests/vectors/alipay-gateway.json")).unwrap());

fn key(name: &str) -> &'static str {
    VECTORS["keys"][name].as_str().unwrap()
}

fn certificate(name: &str) -> &'static str {
    VECTORS["certificates"][name].as_str().unwrap()
}

fn body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

fn der(pem: &str) -> Vec<u8> {
    STANDARD.decode(body(pem)).unwrap()
}

/// Inside the validity of the certificates in the vectors.
const NOW: i64 = 1_800_000_000;

/// The shapes a PEM text is met in.
fn pem_shapes(pem: &str) -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: String| text.into_bytes();
    let indented: String = pem.lines().map(|line| format!("    {line}\n")).collect();
    let utf16 = "\u{feff}".to_owned() + pem;
    vec![
        ("with final newline", text(pem.to_owned())),
        ("without final newline", text(pem.trim_end().to_owned())),
        ("CRLF", text(pem.replace('\n', "\r\n"))),
        ("literal \\n", text(pem.replace('\n', "\\n"))),
        ("literal \\r\\n in quotes", text(format!("\"{}\"", pem.replace('\n', "\\r\\n")))),
        ("literal \\\\n", text(pem.replace('\n', "\\\\n"))),
        ("JSON", text(serde_json::to_string(pem).unwrap().replace('/', "\\/"))),
        ("one line", text(pem.replace('\n', ""))),
        ("one line with spaces", text(pem.replace('\n', " "))),
        ("indented", text(indented)),
        ("byte order mark", text(format!("\u{feff}{pem}"))),
        ("UTF-16", utf16.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("text before it", text(format!("Bag Attributes\n  friendlyName: x\n{pem}"))),
    ]
}

/// The same, and the shapes without PEM's lines.
fn shapes(pem: &str) -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: String| text.into_bytes();
    let mut shapes = pem_shapes(pem);
    shapes.extend([
        ("bare base64", text(body(pem))),
        ("bare base64 without padding", text(body(pem).trim_end_matches('=').to_owned())),
        (
            "bare base64 wrapped",
            text(pem.lines().filter(|l| !l.starts_with("---")).collect::<Vec<_>>().join("\n")),
        ),
        ("DER", der(pem)),
    ]);
    shapes
}

#[test]
fn every_shape_of_a_private_key_gives_the_same_key() {
    let expected = PublicKey::load(key("app_public_key_pem").as_bytes()).unwrap();
    for name in ["app_private_key_pkcs1_pem", "app_private_key_pkcs8_pem"] {
        for (shape, text) in shapes(key(name)) {
            let loaded =
                PrivateKey::load(&text).unwrap_or_else(|problem| panic!("{name}, {shape}: {problem}"));
            assert_eq!(loaded.public_key(), &expected, "{name}, {shape}");
            assert_eq!(loaded.bits(), 2048);
        }
    }
}

#[test]
fn every_shape_of_a_public_key_gives_the_same_key() {
    let spki = key("app_public_key_pem");
    let expected = PublicKey::load(spki.as_bytes()).unwrap();
    let pkcs1 = RsaPrivateKey::from_pkcs1_pem(key("app_private_key_pkcs1_pem")).unwrap().to_public_key();
    let pkcs1 = pkcs1.to_pkcs1_pem(rsa::pkcs8::LineEnding::LF).unwrap();
    for pem in [spki, pkcs1.as_str()] {
        for (shape, text) in shapes(pem) {
            assert_eq!(PublicKey::load(&text).as_ref(), Ok(&expected), "{shape}");
        }
    }
    assert_eq!(expected.spki_der(), der(spki));
    assert_eq!(expected.fingerprint().len(), 64);
    assert_eq!(
        format!("{expected:?}"),
        format!("PublicKey {{ fingerprint: {:?}, bits: 2048 }}", expected.fingerprint())
    );
}

#[test]
fn the_content_decides_and_not_the_label() {
    let mislabelled = key("app_private_key_pkcs8_pem").replace("PRIVATE KEY", "RSA PRIVATE KEY");
    assert!(PrivateKey::load(mislabelled.as_bytes()).is_ok());
}

fn with_label(label: &str, base64: &str) -> String {
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
}

/// A PKCS#8 key of any algorithm; what is inside does not matter.
fn pkcs8_of(algorithm: &str) -> Vec<u8> {
    let oid = ObjectIdentifier::new_unwrap(algorithm);
    let identifier = AlgorithmIdentifierOwned { oid, parameters: None }.to_der().unwrap();
    let content = [&[2, 1, 0], identifier.as_slice(), &[4, 2, 5, 0]].concat();
    [&[0x30, u8::try_from(content.len()).unwrap()], content.as_slice()].concat()
}

/// Each usual mistake with the code for it as a private key and as a public key.
fn mistakes() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str)> {
    let private = key("app_private_key_pkcs1_pem");
    let public = key("app_public_key_pem");
    let text = |text: &str| text.as_bytes().to_vec();
    let both = |name, input, code| (name, input, code, code);
    let cut = &body(private)[..1001];
    vec![
        ("public", text(public), codes::KEY_PUBLIC_GIVEN_AS_PRIVATE, ""),
        ("public, bare", text(&body(public)), codes::KEY_PUBLIC_GIVEN_AS_PRIVATE, ""),
        ("private", text(private), "", codes::KEY_PRIVATE_GIVEN_AS_PUBLIC),
        ("private, DER", der(private), "", codes::KEY_PRIVATE_GIVEN_AS_PUBLIC),
        (
            "certificate",
            text(certificate("app_cert_pem")),
            codes::KEY_CERTIFICATE_GIVEN_AS_PRIVATE,
            codes::KEY_CERTIFICATE_GIVEN_AS_PUBLIC,
        ),
        both(
            "encrypted, PKCS#8",
            text(&with_label("ENCRYPTED PRIVATE KEY", fixtures::ENCRYPTED_PKCS8)),
            codes::KEY_ENCRYPTED,
        ),
        both("encrypted, bare", text(fixtures::ENCRYPTED_PKCS8), codes::KEY_ENCRYPTED),
        both(
            "encrypted, old",
            text(&private.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1)),
            codes::KEY_ENCRYPTED,
        ),
        both("EC, SEC1", text(&with_label("EC PRIVATE KEY", fixtures::EC_SEC1)), codes::KEY_IS_EC),
        both("EC, PKCS#8", text(fixtures::EC_PKCS8), codes::KEY_IS_EC),
        both("EC, public", text(fixtures::EC_SPKI), codes::KEY_IS_EC),
        both("SM2", text(fixtures::SM2_PKCS8), codes::KEY_IS_EC),
        both("Ed25519", text(fixtures::ED25519_PKCS8), codes::KEY_ALGORITHM_UNSUPPORTED),
        both("DSA", pkcs8_of("1.2.840.10040.4.1"), codes::KEY_ALGORITHM_UNSUPPORTED),
        both("RSA-PSS", pkcs8_of("1.2.840.113549.1.1.10"), codes::KEY_ALGORITHM_UNSUPPORTED),
        (
            "1024 bits",
            text(fixtures::RSA_1024_PKCS8),
            codes::KEY_TOO_SMALL,
            codes::KEY_PRIVATE_GIVEN_AS_PUBLIC,
        ),
        (
            "1024 bits, public",
            text(fixtures::RSA_1024_SPKI),
            codes::KEY_PUBLIC_GIVEN_AS_PRIVATE,
            codes::KEY_TOO_SMALL,
        ),
        both("CSR", text(&with_label("CERTIFICATE REQUEST", fixtures::CSR)), codes::KEY_CSR_GIVEN),
        both("empty", text(""), codes::KEY_EMPTY),
        both("blank", text(" \r\n\t"), codes::KEY_EMPTY),
        both("cut base64", text(cut), codes::KEY_TRUNCATED),
        both("cut base64, whole bytes", text(&cut[..1000]), codes::KEY_TRUNCATED),
        both("cut DER", der(private)[..500].to_vec(), codes::KEY_TRUNCATED),
        both("cut inside PEM", text(&with_label("RSA PRIVATE KEY", cut)), codes::KEY_TRUNCATED),
        both("no base64", text("your-private-key-here"), codes::KEY_BASE64_INVALID),
        both("no end line", text(private.split("-----END").next().unwrap()), codes::KEY_PEM_END_MISSING),
        both("half an end line", text(private.trim_end().trim_end_matches('-')), codes::KEY_PEM_END_MISSING),
        both("no begin line", text(private.split_once('\n').unwrap().1), codes::KEY_PEM_BEGIN_MISSING),
        both("four dashes", text(&private[1..]), codes::KEY_PEM_BEGIN_MISSING),
        both("unreadable DER", vec![0x30, 3, 2, 1, 0], codes::KEY_DER_UNREADABLE),
        both("several", text(&format!("{private}{public}")), codes::KEY_SEVERAL_GIVEN),
        both("several, DER", [der(public), der(public)].concat(), codes::KEY_SEVERAL_GIVEN),
        both("path", text("/etc/taxrefund/merchant.pem"), codes::KEY_PATH_GIVEN),
        both("path, relative", text("keys/merchant.PEM\n"), codes::KEY_PATH_GIVEN),
        both("path, Windows", text(r"C:\new\keys\merchant"), codes::KEY_PATH_GIVEN),
        both("path, home", text("~/merchant"), codes::KEY_PATH_GIVEN),
        both("PKCS#12", STANDARD.decode(fixtures::PKCS12).unwrap(), codes::KEY_CONTAINER_UNSUPPORTED),
        both("PKCS#7", text(&with_label("PKCS7", fixtures::PKCS7)), codes::KEY_CONTAINER_UNSUPPORTED),
        both("OpenSSH", text("ssh-rsa AAAAB3NzaC1yc2E= x"), codes::KEY_CONTAINER_UNSUPPORTED),
        both("XML", text("<RSAKeyValue/>"), codes::KEY_CONTAINER_UNSUPPORTED),
        both("binary", vec![1, 2, 3, 0xff], codes::KEY_UNKNOWN_FORMAT),
    ]
}

#[test]
fn every_usual_mistake_has_its_own_code() {
    for (name, input, as_private, as_public) in mistakes() {
        let private = PrivateKey::load(&input).map_or_else(|problem| problem.code(), |_| "");
        let public = PublicKey::load(&input).map_or_else(|problem| problem.code(), |_| "");
        assert_eq!((private, public), (as_private, as_public), "{name}");
    }
}

#[test]
fn the_size_of_a_small_key_and_the_place_of_a_wrong_character_are_told() {
    let small = PublicKey::load(fixtures::RSA_1024_SPKI.as_bytes()).unwrap_err();
    assert_eq!(small, KeyError::TooSmall { bits: 1024 });
    assert!(small.to_string().contains("1024 bits"));
    let damaged = key("app_private_key_pkcs1_pem").replacen("EowIBAAK", "Eow\u{a0}IBAAK", 1);
    let Err(problem) = PrivateKey::load(damaged.as_bytes()) else { panic!("loaded") };
    assert!(matches!(problem, KeyError::Base64Invalid { line: 2, column: 7, .. }), "{problem:?}");
}

#[test]
fn the_primes_may_come_in_either_order() {
    let parsed = RsaPrivateKey::from_pkcs1_pem(key("app_private_key_pkcs1_pem")).unwrap();
    let primes = [parsed.primes()[1].clone(), parsed.primes()[0].clone()];
    let e = parsed.e().clone();
    let swapped =
        RsaPrivateKey::from_components(parsed.n().clone(), e, parsed.d().clone(), primes.to_vec()).unwrap();
    let [given, swapped] = [parsed, swapped].map(|parsed| {
        let loaded = PrivateKey::load(parsed.to_pkcs1_der().unwrap().as_bytes()).unwrap();
        SoftwareSigner::new(loaded, Algorithm::RsaSha256).sign(b"message").unwrap()
    });
    assert_eq!(given, swapped);
}

#[test]
fn a_key_whose_numbers_do_not_belong_together_is_refused() {
    let good = der(key("app_private_key_pkcs1_pem"));
    for at in (300..good.len() - 400).step_by(97) {
        let mut damaged = good.clone();
        damaged[at] ^= 0x10;
        assert!(PrivateKey::load(&damaged).is_err(), "byte {at}");
    }
}

#[test]
fn the_merchants_own_key_is_refused_as_the_platforms() {
    let own = PrivateKey::load(key("app_private_key_pkcs8_pem").as_bytes()).unwrap();
    let same = PublicKey::load(key("app_public_key_pem").as_bytes()).unwrap();
    let platform = PublicKey::load(key("gateway_public_key_pem").as_bytes()).unwrap();
    assert_eq!(check_pair(own.public_key(), &same), Err(KeyError::PlatformKeyIsOwnKey));
    assert_eq!(check_pair(own.public_key(), &platform), Ok(()));
}

#[test]
fn certificate_serial_numbers_are_the_gateways() {
    for (name, expected) in [("app_cert_pem", "app_cert_sn"), ("gateway_cert_pem", "alipay_cert_sn")] {
        for (shape, text) in shapes(certificate(name)) {
            let loaded =
                Certificate::load(&text).unwrap_or_else(|problem| panic!("{name}, {shape}: {problem}"));
            assert_eq!(loaded.serial_number(), certificate(expected), "{name}, {shape}");
        }
    }
    let app = Certificate::load(certificate("app_cert_pem").as_bytes()).unwrap();
    assert_eq!(app.public_key(), &PublicKey::load(key("app_public_key_pem").as_bytes()).unwrap());
    assert_eq!((app.not_before(), app.not_after()), (1_795_397_100, 2_110_757_100));
}

#[test]
fn serial_numbers_follow_java_for_every_kind_of_name_and_number() {
    // Computed with X500Principal.getName() and BigInteger of OpenJDK 17.
    for (base64, expected) in [
        (fixtures::CERTIFICATE_ODD_NAME, "c82d7bdd57dcd8ec1f4c28b51ee8a278"),
        (fixtures::CERTIFICATE_BMP_NAME, "b438a2cd78f4f3d674e71deeaca62c0d"),
        (fixtures::CERTIFICATE_MULTI_VALUED, "f47d640429b4d765e8ad1d320a04f21d"),
    ] {
        assert_eq!(Certificate::load(base64.as_bytes()).unwrap().serial_number(), expected);
    }
}

#[test]
fn the_root_bundles_serial_number_passes_over_what_is_not_rsa_or_not_readable() {
    let bundle = certificate("root_bundle_pem");
    let expected = certificate("alipay_root_cert_sn");
    assert_eq!(RootBundle::load(bundle.as_bytes()).unwrap().serial_number(), expected);
    let with_garbage = with_label("CERTIFICATE", "MIIB") + bundle + &with_label("CERTIFICATE", "MAMCAQA=");
    assert_eq!(RootBundle::load(with_garbage.as_bytes()).unwrap().serial_number(), expected);
    for (shape, text) in pem_shapes(bundle) {
        assert_eq!(RootBundle::load(&text).unwrap().serial_number(), expected, "{shape}");
    }
    let only_ec = RootBundle::load(with_label("CERTIFICATE", fixtures::EC_CERTIFICATE).as_bytes());
    assert_eq!(only_ec.unwrap_err(), CertificateError::NoRsaRoot);
}

#[test]
fn a_key_given_as_a_certificate_is_named() {
    for (input, code) in [
        (key("app_private_key_pkcs1_pem"), codes::KEY_PRIVATE_GIVEN_AS_CERTIFICATE),
        (key("app_public_key_pem"), codes::KEY_PUBLIC_GIVEN_AS_CERTIFICATE),
        (fixtures::CSR, codes::KEY_CSR_GIVEN),
        (fixtures::EC_CERTIFICATE, codes::KEY_IS_EC),
        ("alipayRootCert.crt", codes::KEY_PATH_GIVEN),
        ("", codes::KEY_EMPTY),
    ] {
        assert_eq!(Certificate::load(input.as_bytes()).unwrap_err().code(), code);
        if input != fixtures::EC_CERTIFICATE {
            assert_eq!(RootBundle::load(input.as_bytes()).unwrap_err().code(), code);
        }
    }
}

fn chain_of_vectors() -> (RootBundle, Certificate, Certificate) {
    (
        RootBundle::load(certificate("root_bundle_pem").as_bytes()).unwrap(),
        Certificate::load(certificate("issuing_ca_pem").as_bytes()).unwrap(),
        Certificate::load(certificate("gateway_cert_pem").as_bytes()).unwrap(),
    )
}

#[test]
fn the_root_bundle_vouches_for_a_certificate_of_its_chain_only() {
    let (roots, issuing, gateway) = chain_of_vectors();
    let issuers = [issuing.clone()];
    assert_eq!(roots.vouches_for(&gateway, &issuers, NOW), Ok(()));
    assert_eq!(roots.vouches_for(&issuing, &[], NOW), Ok(()));
    let code = |certificate, issuers, now| roots.vouches_for(certificate, issuers, now).unwrap_err().code();
    assert_eq!(code(&gateway, &[], NOW), codes::CERTIFICATE_ISSUER_NOT_FOUND);
    assert_eq!(code(&gateway, &issuers, gateway.not_before() - 1), codes::CERTIFICATE_NOT_YET_VALID);
    assert_eq!(code(&gateway, &issuers, gateway.not_after() + 1), codes::CERTIFICATE_EXPIRED);
    let mut forged = der(certificate("gateway_cert_pem"));
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert_eq!(code(&Certificate::load(&forged).unwrap(), &issuers, NOW), codes::CERTIFICATE_SIGNATURE_WRONG);
}

#[test]
fn a_file_with_its_chain_gives_the_certificate_and_its_issuers() {
    let file = [certificate("gateway_cert_pem"), certificate("issuing_ca_pem")].concat();
    let (roots, issuing, gateway) = chain_of_vectors();
    let chain = Certificate::load_chain(file.as_bytes()).unwrap();
    assert_eq!(chain.len(), 2);
    assert_eq!(chain[1].serial_number(), issuing.serial_number());
    assert_eq!(Certificate::load(file.as_bytes()).unwrap().serial_number(), gateway.serial_number());
    assert_eq!(roots.vouches_for(&chain[0], &chain, NOW), Ok(()));
}

/// A certificate made from a model: another subject, issuer, key and extensions, signed by `by`.
fn issued(
    subject: &str,
    public: &str,
    issuer: &str,
    by: &str,
    sha1: bool,
    extensions: &[(&str, bool, &[u8])],
) -> Vec<u8> {
    let mut made = x509_cert::Certificate::from_der(&der(certificate("app_cert_pem"))).unwrap();
    let algorithm = if sha1 { "1.2.840.113549.1.1.5" } else { "1.2.840.113549.1.1.11" };
    made.signature_algorithm = AlgorithmIdentifierOwned {
        oid: ObjectIdentifier::new_unwrap(algorithm),
        parameters: Some(Any::from(Null)),
    };
    let tbs = &mut made.tbs_certificate;
    tbs.version = x509_cert::Version::V3;
    tbs.signature = made.signature_algorithm.clone();
    tbs.subject = subject.parse().unwrap();
    tbs.issuer = issuer.parse().unwrap();
    tbs.subject_public_key_info = SubjectPublicKeyInfoOwned::from_der(&der(key(public))).unwrap();
    let extension = |(oid, critical, value): &(&str, bool, &[u8])| Extension {
        extn_id: ObjectIdentifier::new_unwrap(oid),
        critical: *critical,
        extn_value: OctetString::new(*value).unwrap(),
    };
    tbs.extensions = (!extensions.is_empty()).then(|| extensions.iter().map(extension).collect());
    let signed_with = if sha1 { Algorithm::RsaSha1Legacy } else { Algorithm::RsaSha256 };
    let signer = SoftwareSigner::new(PrivateKey::load(key(by).as_bytes()).unwrap(), signed_with);
    let signature = signer.sign(&made.tbs_certificate.to_der().unwrap()).unwrap();
    made.signature = BitString::from_bytes(&signature).unwrap();
    made.to_der().unwrap()
}

#[test]
fn only_authorities_may_issue_and_only_with_sha_256_or_better() {
    const CA: (&str, bool, &[u8]) = ("2.5.29.19", true, &[0x30, 3, 1, 1, 0xff]);
    const CA_OF_LEAVES: (&str, bool, &[u8]) = ("2.5.29.19", true, &[0x30, 6, 1, 1, 0xff, 2, 1, 0]);
    const NO_CERT_SIGN: (&str, bool, &[u8]) = ("2.5.29.15", true, &[3, 2, 6, 0xc0]);
    const UNKNOWN: (&str, bool, &[u8]) = ("1.2.3.4", true, &[5, 0]);
    let (app, gateway) = ("app_private_key_pkcs1_pem", "gateway_private_key_pkcs1_pem");
    let (app_public, gateway_public) = ("app_public_key_pem", "gateway_public_key_pem");
    let root = issued("CN=root", app_public, "CN=root", app, false, &[CA]);
    let roots = RootBundle::load(&root).unwrap();
    let verdict = |leaf: Vec<u8>, issuers: &[Vec<u8>]| {
        let issuers: Vec<_> = issuers.iter().map(|issuer| Certificate::load(issuer).unwrap()).collect();
        let leaf = Certificate::load(&leaf).unwrap();
        roots.vouches_for(&leaf, &issuers, NOW).map_or_else(|problem| problem.code(), |()| "vouched for")
    };
    let middle = |extensions: &[_]| issued("CN=middle", gateway_public, "CN=root", app, false, extensions);
    let lower =
        |extensions: &[_]| issued("CN=lower", gateway_public, "CN=middle", gateway, false, extensions);
    let leaf_of = |issuer: &str| issued("CN=leaf", app_public, issuer, gateway, false, &[]);
    assert_eq!(verdict(leaf_of("CN=middle"), &[middle(&[CA])]), "vouched for");
    assert_eq!(verdict(leaf_of("CN=middle"), &[middle(&[CA_OF_LEAVES])]), "vouched for");
    assert_eq!(verdict(leaf_of("CN=lower"), &[lower(&[CA]), middle(&[CA])]), "vouched for");
    assert_eq!(
        verdict(leaf_of("CN=lower"), &[lower(&[CA]), middle(&[CA_OF_LEAVES])]),
        codes::CERTIFICATE_ISSUER_NOT_CA
    );
    // Another merchant's certificate has the platform's roots too; it must not be able to issue one.
    assert_eq!(verdict(leaf_of("CN=middle"), &[middle(&[])]), codes::CERTIFICATE_ISSUER_NOT_CA);
    assert_eq!(
        verdict(leaf_of("CN=middle"), &[middle(&[CA, NO_CERT_SIGN])]),
        codes::CERTIFICATE_ISSUER_NOT_CA
    );
    assert_eq!(
        verdict(leaf_of("CN=middle"), &[middle(&[CA, UNKNOWN])]),
        codes::CERTIFICATE_EXTENSION_UNKNOWN
    );
    let sha1 = issued("CN=leaf", app_public, "CN=root", app, true, &[]);
    assert_eq!(verdict(sha1, &[]), codes::CERTIFICATE_SIGNATURE_UNSUPPORTED);
    let by_another = issued("CN=leaf", app_public, "CN=root", gateway, false, &[]);
    assert_eq!(verdict(by_another, &[]), codes::CERTIFICATE_SIGNATURE_WRONG);
    let loop_of_two = [issued("CN=middle", gateway_public, "CN=middle", gateway, false, &[CA])];
    assert_eq!(verdict(leaf_of("CN=middle"), &loop_of_two), codes::CERTIFICATE_ISSUER_NOT_FOUND);
}

fn problems(report: &DoctorReport) -> Vec<(Subject, &'static str)> {
    report.findings.iter().filter_map(|finding| Some((finding.subject, finding.problem?))).collect()
}

fn healthy() -> DoctorInput<'static> {
    DoctorInput {
        environment: Some("sandbox"),
        merchant_private_key: Some(key("app_private_key_pkcs1_pem").as_bytes()),
        platform_public_key: Some(key("gateway_public_key_pem").as_bytes()),
        app_certificate: Some(certificate("app_cert_pem").as_bytes()),
        platform_certificate: Some(certificate("gateway_cert_pem").as_bytes()),
        root_bundle: Some(certificate("root_bundle_pem").as_bytes()),
        ..DoctorInput::at(NOW)
    }
}

#[test]
fn the_doctor_finds_a_good_configuration_healthy_and_says_what_it_is() {
    let report = examine(&healthy());
    assert!(report.is_healthy(), "{report}");
    let table = report.to_string();
    for said in
        ["sandbox", "RSA private key, PKCS#1 PEM, 2048 bits", certificate("app_cert_sn"), "2036-11-20"]
    {
        assert!(table.contains(said), "{said} is not in\n{table}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["findings"][0]["subject"], "merchant_private_key");
    assert_eq!(json["findings"][0]["problem"], Value::Null);
}

#[test]
fn the_doctor_names_every_mix_up() {
    let text = |name| Some(key(name).as_bytes());
    let (app_public, gateway_public) = (text("app_public_key_pem"), text("gateway_public_key_pem"));
    let gateway_private = text("gateway_private_key_pkcs1_pem");
    let good = healthy();
    let public_mode =
        DoctorInput { app_certificate: None, platform_certificate: None, root_bundle: None, ..good };
    let ec_roots = with_label("CERTIFICATE", fixtures::EC_CERTIFICATE);
    let cases = [
        (DoctorInput::at(NOW), Subject::MerchantPrivateKey, codes::CONFIG_MISSING),
        (DoctorInput { root_bundle: None, ..good }, Subject::RootBundle, codes::CONFIG_MISSING),
        (
            DoctorInput { platform_public_key: app_public, ..public_mode },
            Subject::PlatformPublicKey,
            codes::KEY_PLATFORM_IS_OWN,
        ),
        (
            DoctorInput {
                merchant_private_key: gateway_public,
                platform_public_key: good.merchant_private_key,
                ..public_mode
            },
            Subject::Together,
            codes::CONFIG_KEYS_SWAPPED,
        ),
        (
            DoctorInput {
                merchant_public_key: gateway_public,
                platform_public_key: app_public,
                ..public_mode
            },
            Subject::Together,
            codes::CONFIG_KEYS_SWAPPED,
        ),
        (
            DoctorInput { merchant_public_key: gateway_public, platform_public_key: None, ..good },
            Subject::Together,
            codes::CONFIG_PRIVATE_KEY_NOT_OF_PUBLIC_KEY,
        ),
        (
            DoctorInput {
                app_certificate: good.platform_certificate,
                platform_certificate: good.app_certificate,
                ..good
            },
            Subject::Together,
            codes::CONFIG_KEYS_SWAPPED,
        ),
        (
            DoctorInput { merchant_private_key: Some(b"the-private-key"), ..good },
            Subject::MerchantPrivateKey,
            codes::KEY_BASE64_INVALID,
        ),
        (
            DoctorInput { merchant_private_key: gateway_private, platform_certificate: None, ..good },
            Subject::Together,
            codes::CONFIG_PRIVATE_KEY_NOT_OF_CERTIFICATE,
        ),
        (
            DoctorInput { platform_certificate: good.app_certificate, ..good },
            Subject::PlatformCertificate,
            codes::KEY_PLATFORM_IS_OWN,
        ),
        (
            DoctorInput { platform_certificate: Some(certificate("issuing_ca_pem").as_bytes()), ..good },
            Subject::PlatformCertificate,
            codes::CONFIG_CERTIFICATE_IS_AUTHORITY,
        ),
        (
            DoctorInput { now_epoch_s: 2_200_000_000, ..good },
            Subject::AppCertificate,
            codes::CERTIFICATE_EXPIRED,
        ),
        (
            DoctorInput { now_epoch_s: 0, ..good },
            Subject::PlatformCertificate,
            codes::CERTIFICATE_NOT_YET_VALID,
        ),
        (
            DoctorInput { root_bundle: Some(ec_roots.as_bytes()), ..good },
            Subject::RootBundle,
            codes::CERTIFICATE_NO_RSA_ROOT,
        ),
        (
            DoctorInput { platform_public_key: Some(fixtures::RSA_1024_SPKI.as_bytes()), ..good },
            Subject::PlatformPublicKey,
            codes::KEY_TOO_SMALL,
        ),
    ];
    for (input, subject, code) in cases {
        let report = examine(&input);
        assert!(problems(&report).contains(&(subject, code)), "{subject} {code} is not in\n{report}");
        assert!(
            report.findings.iter().all(|finding| finding.problem.is_none() || !finding.advice.is_empty())
        );
    }
}

/// No run of the secret's digits this long may be shown.
const WINDOW: usize = 12;

fn assert_secret_free(shown: &str) {
    for name in ["app_private_key_pkcs1_pem", "app_private_key_pkcs8_pem"] {
        let secret = body(key(name));
        // The public numbers come first, and the public key may be shown.
        for window in secret.as_bytes()[450..].windows(WINDOW) {
            let window = std::str::from_utf8(window).unwrap();
            assert!(!shown.contains(window), "a part of the private key is in: {shown}");
        }
    }
}

#[test]
fn a_private_key_never_appears_in_an_error_or_a_report() {
    let private = key("app_private_key_pkcs1_pem");
    let damaged = |from: &str, to: &str| private.replacen(from, to, 1).into_bytes();
    let mut inputs: Vec<Vec<u8>> = mistakes().into_iter().map(|(_, input, ..)| input).collect();
    inputs.extend([
        damaged("\n", "-----\n"),
        damaged("-----\n", "\n"),
        damaged("K", "*"),
        damaged("-----END", ""),
    ]);
    inputs.push(format!("/{}.pem", body(private)).into_bytes());
    inputs.push(format!("-----BEGIN {}-----x", body(private)).into_bytes());
    inputs.push(private.as_bytes().to_vec());
    for input in &inputs {
        let mut shown = String::new();
        if let Err(problem) = PrivateKey::load(input) {
            shown += &format!("{problem} {problem:?}");
        }
        shown += &format!("{:?} {:?}", PublicKey::load(input), RootBundle::load(input));
        shown += &format!("{:?} {:?}", Certificate::load(input), Certificate::load_chain(input));
        let text = Some(input.as_slice());
        let report = examine(&DoctorInput {
            environment: std::str::from_utf8(input).ok(),
            merchant_private_key: text,
            merchant_public_key: text,
            platform_public_key: text,
            app_certificate: text,
            platform_certificate: text,
            root_bundle: text,
            now_epoch_s: NOW,
        });
        assert_secret_free(&format!("{shown}{report}{report:?}{}", serde_json::to_string(&report).unwrap()));
    }
}

fn load_with_everything(input: &[u8]) {
    let _ = PrivateKey::load(input);
    let _ = PublicKey::load(input);
    let _ = Certificate::load_chain(input);
    let _ = RootBundle::load(input);
    let text = Some(input);
    let report = examine(&DoctorInput {
        merchant_private_key: text,
        platform_public_key: text,
        app_certificate: text,
        platform_certificate: text,
        root_bundle: text,
        ..DoctorInput::at(NOW)
    });
    let _ = report.to_string();
}

/// Real inputs, from which the damaged ones are made.
fn seeds() -> Vec<Vec<u8>> {
    let texts =
        [key("app_private_key_pkcs8_pem"), key("app_public_key_pem"), certificate("gateway_cert_pem")];
    let mut seeds: Vec<Vec<u8>> =
        texts.iter().flat_map(|pem| shapes(pem).into_iter().map(|(_, text)| text)).collect();
    seeds.push(STANDARD.decode(fixtures::CERTIFICATE_ODD_NAME).unwrap());
    seeds.push(der(certificate("issuing_ca_pem")));
    seeds.extend(pem_shapes(certificate("root_bundle_pem")).into_iter().map(|(_, text)| text));
    seeds
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_123), ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(input in proptest::collection::vec(any::<u8>(), 0..300)) {
        load_with_everything(&input);
        load_with_everything(&[&[0x30, 0x82], input.as_slice()].concat());
    }

    #[test]
    fn arbitrary_text_never_panics(input in "(-----(BEGIN|END) [A-Z ]{0,12}-----|[A-Za-z0-9+/=\\\\n \"\n\r:]{0,40}){0,6}") {
        load_with_everything(input.as_bytes());
    }

    #[test]
    fn a_damaged_input_never_panics(seed in any::<prop::sample::Index>(), edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), cut in any::<prop::sample::Index>()) {
        let seeds = seeds();
        let mut input = seed.get(&seeds).clone();
        for (at, byte) in edits {
            let at = at.index(input.len());
            input[at] = byte;
        }
        load_with_everything(&input);
        input.truncate(cut.index(input.len()));
        load_with_everything(&input);
    }
}

/// Throw-away test material.
mod fixtures {
    /// An RSA private key of 1024 bits.
    pub(crate) const RSA_1024_PKCS8: &str = concat!(
        "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAOnjq7aDWc6HcPFUM1Ha2VIZmnsjQxCrjljxsPQNCslOT/5JwVIK",
        "ChjoNI5tx1mJIuL9QDR4PmSJpMfjaBUOPe5wFxJyz/f2uXrI9a5irWgULAWC6A9Qya5N4PJ231Ne72ugCsGPQ/hleQxD2sJwJqC/",
        "p90kX0OIfTPMnt5ZbS4fAgMBAAECgYBsc+KqpeudxdYMQWPun9FHrZGhaa9uam5+Ncw8zlNjFwomuqKG3Rrjg8DjDmpyzRE9Ofts",
        "mRktW1nqSjt4D/uM0rG9VScLpOQcryozFWUh/LtYDr2kAO5WdHEl4ibFarg4UdLgPXQI3TmzOu/KzHaqpemg58V0n/gEyjMr1ukW",
        "UQJBAPsUjMsh9B2CofdI+164AirY8O/4UI8Eyk9A5IT178FVA4bhpY5dxUsUowO/S8FArDfwDkPSFhHQVECm19ndhBkCQQDueOOP",
        "MjUuOVGcIcrM1Fa1AhFL2RpyzHgTSNH2fSbH9EQk04luB/gbX4NNAR+o+wovAogLQA02aSu3M6AlD8r3AkEA58pi6CyiRpQQnk+7",
        "8AeDyLaaR49AH6hWdK/9x1mcSykGpoCt7C5ZMyUMESuK7g+cbc+p+6Z5RVzESyM75h+AEQJBANoIjYaPUTBCF+u4ucMtIVm92jKO",
        "/S+Y4vA+1DmZk6ueGe/RuQVxI9djLJlrPZcyb80rc1dV6L6myeFmwjUgi2ECQCKA/Dr4abLhqR07tbR6HnBe/0rQouDPMY5qUJXk",
        "2ygZ/P9kBVbsHqq+j66K+VWlSntnxDkGQ+jyk5udinARhmI=",
    );

    /// Its public half.
    pub(crate) const RSA_1024_SPKI: &str = concat!(
        "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDp46u2g1nOh3DxVDNR2tlSGZp7I0MQq45Y8bD0DQrJTk/+ScFSCgoY6DSObcdZ",
        "iSLi/UA0eD5kiaTH42gVDj3ucBcScs/39rl6yPWuYq1oFCwFgugPUMmuTeDydt9TXu9roArBj0P4ZXkMQ9rCcCagv6fdJF9DiH0z",
        "zJ7eWW0uHwIDAQAB",
    );

    /// An EC private key (P-256).
    pub(crate) const EC_SEC1: &str = concat!(
        "MHcCAQEEIKdbzj9TQEHqf4UI67VaVE/nxJMNaI74ROFSzSNb0ilnoAoGCCqGSM49AwEHoUQDQgAEGijaArK2EV9UHVIdS1LBOTTq",
        "M65QbhzpuOQT/7zFWtdkX3uOLPiGnsPpR2bx2v1pu5CeJER+iXqJNitCMTtzbA==",
    );

    /// The same as PKCS#8.
    pub(crate) const EC_PKCS8: &str = concat!(
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgp1vOP1NAQep/hQjrtVpUT+fEkw1ojvhE4VLNI1vSKWehRANCAAQa",
        "KNoCsrYRX1QdUh1LUsE5NOozrlBuHOm45BP/vMVa12Rfe44s+Iaew+lHZvHa/Wm7kJ4kRH6Jeok2K0IxO3Ns",
    );

    /// Its public half.
    pub(crate) const EC_SPKI: &str = concat!(
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGijaArK2EV9UHVIdS1LBOTTqM65QbhzpuOQT/7zFWtdkX3uOLPiGnsPpR2bx2v1p",
        "u5CeJER+iXqJNitCMTtzbA==",
    );

    /// A certificate for it.
    pub(crate) const EC_CERTIFICATE: &str = concat!(
        "MIIBbzCCARWgAwIBAgIUR0EmxbAQllfYqp4VTd4AUQE19ugwCgYIKoZIzj0EAwIwDTELMAkGA1UEAwwCZWMwHhcNMjYxMTIzMDI1",
        "NjMxWhcNMzYxMTIwMDI1NjMxWjANMQswCQYDVQQDDAJlYzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBoo2gKythFfVB1SHUtS",
        "wTk06jOuUG4c6bjkE/+8xVrXZF97jiz4hp7D6Udm8dr9abuQniREfol6iTYrQjE7c2yjUzBRMB0GA1UdDgQWBBSISFXAEIlctak4",
        "lfMxjqYNuLm9oDAfBgNVHSMEGDAWgBSISFXAEIlctak4lfMxjqYNuLm9oDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gA",
        "MEUCIAMU4eId570q5sWdPcNazHvXsyzwwSdOvts9++5fQQ6bAiEAwQnXArGL1Swflf9iRLOZ6C7wnVCxpYP3RUQ6UHA+pMo=",
    );

    /// A certificate signing request.
    pub(crate) const CSR: &str = concat!(
        "MIHGMG4CAQAwDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBoo2gKythFfVB1SHUtSwTk06jOuUG4c6bjk",
        "E/+8xVrXZF97jiz4hp7D6Udm8dr9abuQniREfol6iTYrQjE7c2ygADAKBggqhkjOPQQDAgNIADBFAiEAgnvawbi8rXzQM9ysCfKP",
        "6Ix2A385aPwSqV6LxSrFq2ECIDEcjBDR5KxSjY603UdeB7zW9tNCznI1OfIRg9pcPdC1",
    );

    /// An Ed25519 private key.
    pub(crate) const ED25519_PKCS8: &str = "MC4CAQAwBQYDK2VwBCIEIBXv3N/XzSmKlsp8dK1mkBxseRd1h7JCpN9OqqGBfHWc";

    /// An SM2 private key.
    pub(crate) const SM2_PKCS8: &str = concat!(
        "MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgCw333ThDm4BMoSalh8hKSgdQQjmO7LbWOI0idLxyXc2hRANCAAQp",
        "0xXqhDveFFGjtgN/B5G8Trim1wESJThuZXJriX6MA+a+4GaLJbycMX4j9QAHVvKGJDl2DOfvdn7x0QWr0UVW",
    );

    /// An encrypted PKCS#8 private key.
    pub(crate) const ENCRYPTED_PKCS8: &str = concat!(
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgMTDujZznj9wICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoE",
        "EN/hDxZYdjIwSGgQcAIcWzMEQM5jJy4Bo65mfYok616eUCndxB4JgHEooO0vEpJj2yDESZSEZuR5tzLPD3P5TeRMQncbLt0oK7z/",
        "XEQEg6tGvDM=",
    );

    /// A PKCS#7 container of a certificate.
    pub(crate) const PKCS7: &str = concat!(
        "MIIBngYJKoZIhvcNAQcCoIIBjzCCAYsCAQExADALBgkqhkiG9w0BBwGgggFzMIIBbzCCARWgAwIBAgIUR0EmxbAQllfYqp4VTd4A",
        "UQE19ugwCgYIKoZIzj0EAwIwDTELMAkGA1UEAwwCZWMwHhcNMjYxMTIzMDI1NjMxWhcNMzYxMTIwMDI1NjMxWjANMQswCQYDVQQD",
        "DAJlYzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBoo2gKythFfVB1SHUtSwTk06jOuUG4c6bjkE/+8xVrXZF97jiz4hp7D6Udm",
        "8dr9abuQniREfol6iTYrQjE7c2yjUzBRMB0GA1UdDgQWBBSISFXAEIlctak4lfMxjqYNuLm9oDAfBgNVHSMEGDAWgBSISFXAEIlc",
        "tak4lfMxjqYNuLm9oDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIAMU4eId570q5sWdPcNazHvXsyzwwSdOvts9",
        "++5fQQ6bAiEAwQnXArGL1Swflf9iRLOZ6C7wnVCxpYP3RUQ6UHA+pMoxAA==",
    );

    /// A PKCS#12 key store.
    pub(crate) const PKCS12: &str = concat!(
        "MIID/AIBAzCCA7IGCSqGSIb3DQEHAaCCA6MEggOfMIIDmzCCAlIGCSqGSIb3DQEHBqCCAkMwggI/AgEAMIICOAYJKoZIhvcNAQcB",
        "MFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi/g47qrbb8SgICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEANs",
        "QgjTs455AfhizRE7exKAggHQJ6W7mgWfXGJZDnv9/2WuBmd8CieNh9sbB1tM4nIHi3mfuzyBvvl8wqYjjYh3nemPWIEf38yjg1gS",
        "jBDsjbpGUWDVVnJ6CHCvrcEYSCLfYomDDIuoElTXvKJEyrWZfXtp+L39w0cDCnctiJeiyZFAwVMFJ8BIxY4LGXLwi+AQtILNqnoN",
        "tU9hK8MtbUIZTb4MrVGXcdGjXRX8AFivU9tyMc7Sl9Jy0zohBL/7JT/9KV6+E6cP7zeut+djVZtjpQ+8X+iIpB4G1Ff2k6DVWnx+",
        "aFmtwKO69lAtGvqN7voBqelYV8CXnSp95bZdEXTueV7d8otGdFKnDlccQKKpo0sE9Gpjz8Wc7xCP0FC+VT1lJLomwoiDhZlgSyUf",
        "PjZeC1IafsCP2kkPQ3VSGqHN+dbm7E1xSuvIc/vcm18leq8TMui2RAHYoG1DPctq9CtLTGV9CG0pVTFIvs22AAajXuAjItCk99z0",
        "8MxfN+o7blC61N9NC/u/p6kWuHdlIeR+v2W9CpvwLUeOHZQ4dtFkqu+s+MBSB/BIiQPsKh/jA13b2uMmVO9n4MgTfpFpqZyVjh2f",
        "i6606TfENQLLC9dNlQctnCP08Am4CsuFH836vvtCHtgwggFBBgkqhkiG9w0BBwGgggEyBIIBLjCCASowggEmBgsqhkiG9w0BDAoB",
        "AqCB7zCB7DBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIsDy3bS3NhBICAggAMAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUD",
        "BAEqBBC2GxEVvddMnw2TYwUpsTfqBIGQ3umVqPK2EWPQ+qYm4cnOB2s/TB0DXMqDdEPakyCys8JqfY/SqeGaD3d06z2Wc3ymYo+M",
        "wl0BboUPMqMaSIJEMOYkPoVIANEF+boDPBaQzcMhFUy7sX2uOUNfm8M6G1MsteTQEUadyw2rhf5yMb/pmutv0Mgzu4BChSX4tePu",
        "tipjzbCiOVix9YH5wAFdgsSYMSUwIwYJKoZIhvcNAQkVMRYEFKfD9xUIb25AuyyPuzwnShk5dCV0MEEwMTANBglghkgBZQMEAgEF",
        "AAQgciddv0TtVsJOSUXupoEjtlvJ8ptmVGB8EVnXkj4DVE8ECHBWpozjGvU+AgIIAA==",
    );

    /// A certificate whose issuer has every character and attribute that needs care, serial number -5.
    pub(crate) const CERTIFICATE_ODD_NAME: &str = concat!(
        "MIIEpjCCA44CAfswDQYJKoZIhvcNAQELBQAwggEXMQswCQYDVQQGEwJDTjETMBEGA1UECAwKWmhlLCBqaWFuZzESMBAGA1UEBwwJ",
        "SGFuZyt6aG91MSkwJwYDVQQKDCDmlK/ku5jlrp0gPCJUZXN0Ij4gXCBMdGQ7ICMxID0gYTEWMBQGA1UECwwNI2xlYWRpbmcgaGFz",
        "aDERMA8GA1UECwwIIHNwYWNlZCAxFzAVBgoJkiaJk/IsZAEZFgdleGFtcGxlMRIwEAYKCZImiZPyLGQBAQwCdTExHDAaBgkqhkiG",
        "9w0BCQEWDWFAZXhhbXBsZS5jb20xDzANBgNVBAkMBlJvYWQgMTELMAkGA1UEBRMCNDIxDTALBgNVBAwMBEJvc3MxETAPBgNVBAMM",
        "CE9kZCBOYW1lMB4XDTI2MTEyMzAyNTY0OVoXDTM2MTEyMDAyNTY0OVowggEXMQswCQYDVQQGEwJDTjETMBEGA1UECAwKWmhlLCBq",
        "aWFuZzESMBAGA1UEBwwJSGFuZyt6aG91MSkwJwYDVQQKDCDmlK/ku5jlrp0gPCJUZXN0Ij4gXCBMdGQ7ICMxID0gYTEWMBQGA1UE",
        "CwwNI2xlYWRpbmcgaGFzaDERMA8GA1UECwwIIHNwYWNlZCAxFzAVBgoJkiaJk/IsZAEZFgdleGFtcGxlMRIwEAYKCZImiZPyLGQB",
        "AQwCdTExHDAaBgkqhkiG9w0BCQEWDWFAZXhhbXBsZS5jb20xDzANBgNVBAkMBlJvYWQgMTELMAkGA1UEBRMCNDIxDTALBgNVBAwM",
        "BEJvc3MxETAPBgNVBAMMCE9kZCBOYW1lMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1E9lIDl4WoGTVhfP/Cziwbri",
        "RPddaQg+ZrR72VwRLHnO7Sh4LnfWsw2aXco5XT9h/WhMlqlkMKR3+dSTmtVkZ4VlHKY4KvAZ99ubr3Ef1r9gI6t355nVPeIG+ONf",
        "G0ZnKJM6GYxlujAeQXP3KbmBDJXBjElrpXDuXzzb4KvlIrUVH0of2dPLZ6XKo1prYl27SzFsZmyUHh4qA3edGX11A8+v6jxrt3UQ",
        "RWTmHVLmWdEjUIlUj6os5nzDbxeYE7vU2nZgKdC+a2qnTyUSJGcBtWHexr+tTatvXk3IGvqfTE6+4muaas7QNFlq862KvTzI5Zud",
        "8/sBbo0jFSoko0lUmwIDAQABMA0GCSqGSIb3DQEBCwUAA4IBAQC/m4KsdluY6Cs2G19QUxZPXgpkuou1lPAP1g/0Jnvu/UFrBAvQ",
        "isYq5i2f4dlBxvvaW/nr6XMlmQTGAgNsRpcUHAIJoIWxvirgvwxtf3fu8XLKWwBFLQx44o9/2lMptiaeIFGmMbNs+Hci0306JGsR",
        "H0wBadm7D/l8WDzsGLIkQeTrOK2n6wmJDafE0l2t0cv8SVZnYQgZbTkNXM6KPr1fQOK5ZAZ4jrQKoT91kTAnjTcvUnSsaOQlTek0",
        "2BkAl1M3GuS9lZ5qcwLRnmrCv0hDyM9rMY9YPzHQuU8DiHAXra7bRKzGE5iMMjtaniz66ybQlrXelWDqF4HLS2XA0zaq",
    );

    /// The same in BMPString, serial number 128.
    pub(crate) const CERTIFICATE_BMP_NAME: &str = concat!(
        "MIIFRzCCBC8CAgCAMA0GCSqGSIb3DQEBCwUAMIIBZzELMAkGA1UEBhMCQ04xHTAbBgNVBAgeFABaAGgAZQAsACAAagBpAGEAbgBn",
        "MRswGQYDVQQHHhIASABhAG4AZwArAHoAaABvAHUxPTA7BgNVBAoeNGUvTthbnQAgADwAIgBUAGUAcwB0ACIAPgAgAFwAIABMAHQA",
        "ZAA7ACAAIwAxACAAPQAgAGExIzAhBgNVBAseGgAjAGwAZQBhAGQAaQBuAGcAIABoAGEAcwBoMRkwFwYDVQQLHhAAIABzAHAAYQBj",
        "AGUAZAAgMRcwFQYKCZImiZPyLGQBGRYHZXhhbXBsZTEUMBIGCgmSJomT8ixkAQEeBAB1ADExHDAaBgkqhkiG9w0BCQEWDWFAZXhh",
        "bXBsZS5jb20xFTATBgNVBAkeDABSAG8AYQBkACAAMTELMAkGA1UEBRMCNDIxETAPBgNVBAweCABCAG8AcwBzMRkwFwYDVQQDHhAA",
        "TwBkAGQAIABOAGEAbQBlMB4XDTI2MTEyMzAyNTY0OVoXDTM2MTEyMDAyNTY0OVowggFnMQswCQYDVQQGEwJDTjEdMBsGA1UECB4U",
        "AFoAaABlACwAIABqAGkAYQBuAGcxGzAZBgNVBAceEgBIAGEAbgBnACsAegBoAG8AdTE9MDsGA1UECh40ZS9O2FudACAAPAAiAFQA",
        "ZQBzAHQAIgA+ACAAXAAgAEwAdABkADsAIAAjADEAIAA9ACAAYTEjMCEGA1UECx4aACMAbABlAGEAZABpAG4AZwAgAGgAYQBzAGgx",
        "GTAXBgNVBAseEAAgAHMAcABhAGMAZQBkACAxFzAVBgoJkiaJk/IsZAEZFgdleGFtcGxlMRQwEgYKCZImiZPyLGQBAR4EAHUAMTEc",
        "MBoGCSqGSIb3DQEJARYNYUBleGFtcGxlLmNvbTEVMBMGA1UECR4MAFIAbwBhAGQAIAAxMQswCQYDVQQFEwI0MjERMA8GA1UEDB4I",
        "AEIAbwBzAHMxGTAXBgNVBAMeEABPAGQAZAAgAE4AYQBtAGUwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDUT2UgOXha",
        "gZNWF8/8LOLBuuJE911pCD5mtHvZXBEsec7tKHgud9azDZpdyjldP2H9aEyWqWQwpHf51JOa1WRnhWUcpjgq8Bn325uvcR/Wv2Aj",
        "q3fnmdU94gb4418bRmcokzoZjGW6MB5Bc/cpuYEMlcGMSWulcO5fPNvgq+UitRUfSh/Z08tnpcqjWmtiXbtLMWxmbJQeHioDd50Z",
        "fXUDz6/qPGu3dRBFZOYdUuZZ0SNQiVSPqizmfMNvF5gTu9TadmAp0L5raqdPJRIkZwG1Yd7Gv61Nq29eTcga+p9MTr7ia5pqztA0",
        "WWrzrYq9PMjlm53z+wFujSMVKiSjSVSbAgMBAAEwDQYJKoZIhvcNAQELBQADggEBAIj/6VzYG1e9+5VQ1FFx/4h3poj0Hqa4Bped",
        "3wao0ebw0SI+ye9j/yvJaDoe6Yx0vRxjsVhJQb9EE0FTIGKcMnJC7I96omJo+YDc1EC9z8cjPBQPyyLEZ+XJnqwJo+vd+gFPc90l",
        "1T68XDbzAVAX+sV3CsLKnKyaCoSIybGaZWt/SKsy8R3iYElbXHvYRTxhrhFCCGyxETaxfLkfZMrNDFGN/3/XLui+CutWGKLRG1Uu",
        "Z5XRtH12VH2i6/IgSXF7R4U044AvKMBSs9ruped7PoFfR5VdKf7aKb+gonb/6jZWd1N15UxhbSy4SYDydsKVMl6MRAjbd4n24t+r",
        "Li6htwI=",
    );

    /// A certificate with a multi-valued RDN, serial number above 2^63.
    pub(crate) const CERTIFICATE_MULTI_VALUED: &str = concat!(
        "MIIDSDCCAjCgAwIBAgIJAP8AAAAAAAABMA0GCSqGSIb3DQEBCwUAMDkxCzAJBgNVBAYTAkNOMR4wCAYDVQQDDAFDMAgGA1UECgwB",
        "QTAIBgNVBAsMAUIxCjAIBgNVBAMMAXgwHhcNMjYxMTIzMDI1NjMwWhcNMzYxMTIwMDI1NjMwWjA5MQswCQYDVQQGEwJDTjEeMAgG",
        "A1UEAwwBQzAIBgNVBAoMAUEwCAYDVQQLDAFCMQowCAYDVQQDDAF4MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1E9l",
        "IDl4WoGTVhfP/CziwbriRPddaQg+ZrR72VwRLHnO7Sh4LnfWsw2aXco5XT9h/WhMlqlkMKR3+dSTmtVkZ4VlHKY4KvAZ99ubr3Ef",
        "1r9gI6t355nVPeIG+ONfG0ZnKJM6GYxlujAeQXP3KbmBDJXBjElrpXDuXzzb4KvlIrUVH0of2dPLZ6XKo1prYl27SzFsZmyUHh4q",
        "A3edGX11A8+v6jxrt3UQRWTmHVLmWdEjUIlUj6os5nzDbxeYE7vU2nZgKdC+a2qnTyUSJGcBtWHexr+tTatvXk3IGvqfTE6+4mua",
        "as7QNFlq862KvTzI5Zud8/sBbo0jFSoko0lUmwIDAQABo1MwUTAdBgNVHQ4EFgQUzGXv9Pnln+wUGKRdr+UKXEgmPZowHwYDVR0j",
        "BBgwFoAUzGXv9Pnln+wUGKRdr+UKXEgmPZowDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAAFs1PNsUAzMgIraZ",
        "gYKYC/zha861k82YWVMXCegU+99aYLsPyvjZlhs7imMfmocl6vC/WYxxP6gDdVa9Tw0BeOeVDLF55/TQVTnS7P+9eRAUhzQxO5tJ",
        "qxIp7nR3paHmrO/6ovmV7qR6783SykRVQHcXBodj4tSRlWbg6gXTXDV56Y3gT8nB0QNVgXN3XsJdozL3VquvsOBvnpKH/QuXCS0f",
        "6gO2LsKomqDn2MbKU5IGm/0jXXfvOAGtY2EUefgU8GTBnL/wb/W5Mht9L2iyY8j1SYYKL4Xzr4RG0tywk5gWFgSuyFhYnt02xYCB",
        "6GGU4EYBGjeQB3aaYjO1REJMFw==",
    );
}
