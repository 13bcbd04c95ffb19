//! Functions without a state: tables and texts, money and dates, the doctor, signatures.

use taxrefund_bindings::{crypto, data, doctor};

use crate::problem::Result;

/// The library's version, which the package must have too.
#[uniffi::export]
pub fn native_version() -> Result<String> {
    Ok(env!("CARGO_PKG_VERSION").to_owned())
}

/// Every operation, as JSON.
#[uniffi::export]
pub fn native_operations() -> Result<String> {
    Ok(data::operations())
}

/// Everything the core decides and explains, as JSON.
#[uniffi::export]
pub fn native_tables() -> Result<String> {
    Ok(data::tables())
}

/// What a code means, as a JSON list. `language`: `english`, `chinese`.
#[uniffi::export]
pub fn native_explain(code: String, language: String) -> Result<String> {
    Ok(data::explained(&code, &language)?)
}

/// What people do at a next step, as JSON.
#[uniffi::export]
pub fn native_explain_step(step: String, language: String) -> Result<Option<String>> {
    Ok(data::explained_step(&step, &language)?)
}

/// An amount in major units as a count of the smallest.
#[uniffi::export]
pub fn native_money_minor(text: String, currency: String) -> Result<u64> {
    Ok(data::money_minor(&text, &currency)?)
}

/// The other way.
#[uniffi::export]
pub fn native_money_major(minor: u64, currency: String) -> Result<String> {
    Ok(data::money_major(minor, &currency)?)
}

/// How many decimals a currency has.
#[uniffi::export]
pub fn native_minor_units(currency: String) -> Result<u8> {
    Ok(data::minor_units(&currency)?)
}

/// A moment as the open gateway writes it.
#[uniffi::export]
pub fn native_gateway_time(epoch_ms: u64) -> Result<String> {
    Ok(data::gateway_time(epoch_ms))
}

/// A moment as Alipay+ and Antom write it.
#[uniffi::export]
pub fn native_offset_time(epoch_ms: u64, offset_minutes: i32) -> Result<String> {
    Ok(data::offset_time(epoch_ms, offset_minutes)?)
}

/// The moment of a text in either shape.
#[uniffi::export]
pub fn native_parse_time(text: String) -> Result<i64> {
    Ok(data::parse_time(&text)?)
}

/// Examines keys and certificates; JSON in, JSON out.
#[uniffi::export]
pub fn native_doctor(input_json: String, now_epoch_s: i64) -> Result<String> {
    Ok(doctor::examined(&input_json, now_epoch_s)?)
}

/// The open gateway's string to sign.
#[uniffi::export]
pub fn native_form_string_to_sign(parameters_json: String, charset: String) -> Result<Vec<u8>> {
    Ok(crypto::form_string_to_sign(&parameters_json, &charset)?)
}

/// What a notification of the open gateway signs, as JSON.
#[uniffi::export]
pub fn native_form_string_to_verify(body: Vec<u8>, rule: String) -> Result<String> {
    Ok(crypto::form_string_to_verify(&body, &rule)?)
}

/// What Alipay+ and Antom sign.
#[uniffi::export]
pub fn native_header_string_to_sign(
    path: String,
    client_id: String,
    time: String,
    body: Vec<u8>,
) -> Result<Vec<u8>> {
    Ok(crypto::header_string_to_sign(&path, &client_id, &time, &body))
}

/// The `Signature` header.
#[uniffi::export]
pub fn native_write_signature_header(signature: Vec<u8>, key_version: u32) -> Result<String> {
    Ok(crypto::write_signature_header(&signature, key_version))
}

/// A signature under `RSA2` or `RSA`.
#[uniffi::export]
pub fn native_sign(private_key: Vec<u8>, message: Vec<u8>, sign_type: String) -> Result<Vec<u8>> {
    Ok(crypto::sign(&private_key, &message, &sign_type)?)
}

/// Whether a signature is this key's over exactly this message.
#[uniffi::export]
pub fn native_verify(
    public_key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    sign_type: String,
) -> Result<bool> {
    Ok(crypto::verify(&public_key, &message, &signature, &sign_type)?)
}

/// Where an open gateway answer's signed bytes stand, as JSON.
#[uniffi::export]
pub fn native_cut_out(method: String, body: Vec<u8>, charset: String) -> Result<String> {
    Ok(crypto::cut_out(&method, &body, &charset)?)
}

/// A certificate's serial number as the gateway wants it.
#[uniffi::export]
pub fn native_certificate_serial(certificate: Vec<u8>) -> Result<String> {
    Ok(crypto::certificate_serial(&certificate)?)
}

/// A root bundle's serial number.
#[uniffi::export]
pub fn native_root_serial(bundle: Vec<u8>) -> Result<String> {
    Ok(crypto::root_serial(&bundle)?)
}
