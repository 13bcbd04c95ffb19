//! Functions without a state: tables and texts, money and dates, the doctor, signatures.

use napi::bindgen_prelude::{BigInt, Buffer, Uint8Array};
use napi_derive::napi;
use taxrefund_bindings::{Problem, crypto, data, doctor as keys};

use crate::pool::{Promise, in_pool};
use crate::problem::{Raise as _, Result};

#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

#[napi]
pub fn operations() -> String {
    data::operations()
}

#[napi]
pub fn tables() -> String {
    data::tables()
}

#[napi]
pub fn explain(code: String, language: String) -> Result<String> {
    data::explained(&code, &language).raised()
}

#[napi]
pub fn explain_step(step: String, language: String) -> Result<Option<String>> {
    data::explained_step(&step, &language).raised()
}

#[napi]
pub fn money_minor(text: String, currency: String) -> Result<BigInt> {
    data::money_minor(&text, &currency).map(BigInt::from).raised()
}

#[napi]
pub fn money_major(minor: BigInt, currency: String) -> Result<String> {
    unsigned("minor", &minor).and_then(|minor| data::money_major(minor, &currency)).raised()
}

#[napi]
pub fn minor_units(currency: String) -> Result<u8> {
    data::minor_units(&currency).raised()
}

#[napi]
pub fn gateway_time(epoch_ms: f64) -> Result<String> {
    milliseconds("epochMs", epoch_ms).map(data::gateway_time).raised()
}

#[napi]
pub fn offset_time(epoch_ms: f64, offset_minutes: i32) -> Result<String> {
    milliseconds("epochMs", epoch_ms)
        .and_then(|epoch_ms| data::offset_time(epoch_ms, offset_minutes))
        .raised()
}

#[napi]
pub fn parse_time(text: String) -> Result<i64> {
    data::parse_time(&text).raised()
}

#[napi]
pub fn doctor(input_json: String, now_epoch_s: i64) -> Result<String> {
    keys::examined(&input_json, now_epoch_s).raised()
}

#[napi]
pub fn form_string_to_sign(parameters_json: String, charset: String) -> Result<Buffer> {
    crypto::form_string_to_sign(&parameters_json, &charset).map(Into::into).raised()
}

#[napi]
pub fn form_string_to_verify(body: &[u8], rule: String) -> Result<String> {
    crypto::form_string_to_verify(body, &rule).raised()
}

#[napi]
pub fn header_string_to_sign(path: String, client_id: String, time: String, body: &[u8]) -> Buffer {
    crypto::header_string_to_sign(&path, &client_id, &time, body).into()
}

#[napi]
pub fn write_signature_header(signature: &[u8], key_version: u32) -> String {
    crypto::write_signature_header(signature, key_version)
}

#[napi]
pub fn read_signature_header(text: String) -> Result<SignatureHeader> {
    let (signature, key_version) = crypto::read_signature_header(&text).raised()?;
    Ok(SignatureHeader { signature: signature.into(), key_version })
}

/// What a `Signature` header holds.
#[napi(object, object_from_js = false)]
pub struct SignatureHeader {
    pub signature: Buffer,
    pub key_version: Option<String>,
}

#[napi]
pub fn sign(private_key: Uint8Array, message: Uint8Array, sign_type: String) -> Promise<Buffer> {
    let (key, message) = (private_key.to_vec(), message.to_vec());
    in_pool(move || Ok(crypto::sign(&key, &message, &sign_type)?.into()))
}

#[napi]
pub fn verify(
    public_key: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
    sign_type: String,
) -> Promise<bool> {
    let (key, message, signature) = (public_key.to_vec(), message.to_vec(), signature.to_vec());
    in_pool(move || crypto::verify(&key, &message, &signature, &sign_type))
}

#[napi]
pub fn cut_out(method: String, body: &[u8], charset: String) -> Result<String> {
    crypto::cut_out(&method, body, &charset).raised()
}

#[napi]
pub fn certificate_serial(certificate: &[u8]) -> Result<String> {
    crypto::certificate_serial(certificate).raised()
}

#[napi]
pub fn root_serial(bundle: &[u8]) -> Result<String> {
    crypto::root_serial(bundle).raised()
}

/// A number of milliseconds: JavaScript has no other numbers than these.
pub(crate) fn milliseconds(name: &str, given: f64) -> Result<u64, Problem> {
    const MOST: f64 = 9_007_199_254_740_991.0;
    if !(0.0..=MOST).contains(&given) {
        return Err(Problem::configuration(name, "must be milliseconds, 0 or more"));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was just checked")]
    let whole = given as u64;
    Ok(whole)
}

/// A `bigint` that 64 bits hold.
pub(crate) fn unsigned(name: &str, given: &BigInt) -> Result<u64, Problem> {
    let (negative, value, lossless) = given.get_u64();
    if !lossless || (negative && value > 0) {
        return Err(Problem::configuration(name, "must be 0 or more, and below 2^64"));
    }
    Ok(value)
}
