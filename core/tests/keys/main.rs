//! The promises of `keys`: every usual shape loads, every usual mistake is named, certificates are told and judged.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod any_input;
mod certificates;
mod doctor;
mod fixtures;
mod shapes;

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

static VECTORS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../tests/vectors/alipay-gateway.json")).unwrap()
});

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

fn with_label(label: &str, base64: &str) -> String {
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
}
