//! The strings that are signed, and signatures over bytes: for interfaces that this library does not know, and for tests.

use serde_json::{Map, Value, json};
use taxrefund_core::keys::{Certificate, RootBundle};
use taxrefund_core::signing::{Signer, SoftwareSigner, Verifier};
use taxrefund_core::{PrivateKey, PublicKey, alipay, antom};

use crate::account::{charset, sign_type};
use crate::{Problem, settings};

/// The open gateway's string to sign: parameters (a JSON object of texts) sorted and joined, empty ones and `sign` left out.
///
/// # Errors
/// Parameters that are no texts, an unknown charset.
pub fn form_string_to_sign(parameters: &str, charset_name: &str) -> Result<Vec<u8>, Problem> {
    let parameters: std::collections::BTreeMap<String, String> = settings("parameters", parameters)?;
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Ok(alipay::string_to_sign(pairs, charset(charset_name)?))
}

/// What an open gateway notification signs (rule `V1` or `V2`), and its parameters.
///
/// # Errors
/// A body that is no form, an unknown rule.
pub fn form_string_to_verify(body: &[u8], rule: &str) -> Result<String, Problem> {
    let rule = match rule {
        "V1" => alipay::Rule::V1,
        "V2" => alipay::Rule::V2,
        _ => return Err(Problem::configuration("rule", "must be V1 or V2")),
    };
    let parameters = alipay::parse_form(body, alipay::Charset::Utf8)?;
    let to_verify = alipay::string_to_verify(&parameters, rule);
    let parameters: Map<String, Value> =
        parameters.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    Ok(crate::json(&json!({ "to_verify": to_verify, "parameters": parameters })))
}

/// What Alipay+ and Antom sign: `POST <path>\n<client id>.<time>.<body>`.
#[must_use]
pub fn header_string_to_sign(path: &str, client_id: &str, time: &str, body: &[u8]) -> Vec<u8> {
    antom::string_to_sign("POST", path, client_id, time, body)
}

/// The `Signature` header over a signature, as the platforms read it.
#[must_use]
pub fn write_signature_header(signature: &[u8], key_version: u32) -> String {
    antom::SignatureHeader::write(signature, key_version)
}

/// The signature and the key version of a `Signature` header.
///
/// # Errors
/// What is wrong with the header.
pub fn read_signature_header(text: &str) -> Result<(Vec<u8>, Option<String>), Problem> {
    let header = antom::SignatureHeader::parse(text)?;
    Ok((header.signature, header.key_version))
}

/// A signature under `RSA2` (SHA-256) or `RSA` (SHA-1, for old accounts).
///
/// # Errors
/// What is wrong with the key.
pub fn sign(private_key: &[u8], message: &[u8], sign_type_name: &str) -> Result<Vec<u8>, Problem> {
    let signer = SoftwareSigner::new(PrivateKey::load(private_key)?, sign_type(sign_type_name)?.algorithm());
    signer.sign(message).map_err(|error| Problem::configuration("private_key", &error.to_string()))
}

/// Whether a signature is this key's over exactly this message.
///
/// # Errors
/// What is wrong with the key.
pub fn verify(
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
    sign_type_name: &str,
) -> Result<bool, Problem> {
    let verifier = Verifier::new(PublicKey::load(public_key)?, sign_type(sign_type_name)?.algorithm());
    Ok(verifier.verify(message, signature))
}

/// Where an open gateway answer's signed bytes stand: `{"root", "start", "end", "signature", "alipay_cert_sn"}`.
///
/// # Errors
/// A body without such a member.
pub fn cut_out(method: &str, body: &[u8], charset_name: &str) -> Result<String, Problem> {
    let cut = alipay::cut_out(method, body, charset(charset_name)?)?;
    Ok(crate::json(&json!({
        "root": cut.root,
        "start": cut.signed.start,
        "end": cut.signed.end,
        "signature": cut.sign,
        "alipay_cert_sn": cut.alipay_cert_sn,
    })))
}

/// A certificate's serial number as the gateway wants it.
///
/// # Errors
/// What is wrong with the certificate.
pub fn certificate_serial(certificate: &[u8]) -> Result<String, Problem> {
    Ok(Certificate::load(certificate)?.serial_number().to_owned())
}

/// A root bundle's serial number.
///
/// # Errors
/// What is wrong with the bundle.
pub fn root_serial(bundle: &[u8]) -> Result<String, Problem> {
    Ok(RootBundle::load(bundle)?.serial_number().to_owned())
}
