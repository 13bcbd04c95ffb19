//! Functions without a state: tables and texts, money and dates, the doctor, signatures.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use taxrefund_bindings::{crypto, data, doctor as keys};

use crate::errors::Outcome;

#[pyfunction]
pub(crate) fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

#[pyfunction]
pub(crate) fn operations() -> String {
    data::operations()
}

#[pyfunction]
pub(crate) fn tables() -> String {
    data::tables()
}

#[pyfunction]
pub(crate) fn explain(code: &str, language: &str) -> Outcome<String> {
    Ok(data::explained(code, language)?)
}

#[pyfunction]
pub(crate) fn explain_step(step: &str, language: &str) -> Outcome<Option<String>> {
    Ok(data::explained_step(step, language)?)
}

#[pyfunction]
pub(crate) fn money_minor(text: &str, currency: &str) -> Outcome<u64> {
    Ok(data::money_minor(text, currency)?)
}

#[pyfunction]
pub(crate) fn money_major(minor: u64, currency: &str) -> Outcome<String> {
    Ok(data::money_major(minor, currency)?)
}

#[pyfunction]
pub(crate) fn minor_units(currency: &str) -> Outcome<u8> {
    Ok(data::minor_units(currency)?)
}

#[pyfunction]
pub(crate) fn gateway_time(epoch_ms: u64) -> String {
    data::gateway_time(epoch_ms)
}

#[pyfunction]
pub(crate) fn offset_time(epoch_ms: u64, offset_minutes: i32) -> Outcome<String> {
    Ok(data::offset_time(epoch_ms, offset_minutes)?)
}

#[pyfunction]
pub(crate) fn parse_time(text: &str) -> Outcome<i64> {
    Ok(data::parse_time(text)?)
}

#[pyfunction]
pub(crate) fn doctor(input_json: &str, now_epoch_s: i64) -> Outcome<String> {
    Ok(keys::examined(input_json, now_epoch_s)?)
}

#[pyfunction]
pub(crate) fn form_string_to_sign<'py>(
    py: Python<'py>,
    params_json: &str,
    charset: &str,
) -> Outcome<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &crypto::form_string_to_sign(params_json, charset)?))
}

#[pyfunction]
pub(crate) fn form_string_to_verify(body: &[u8], rule: &str) -> Outcome<String> {
    Ok(crypto::form_string_to_verify(body, rule)?)
}

#[pyfunction]
pub(crate) fn header_string_to_sign<'py>(
    py: Python<'py>,
    path: &str,
    client_id: &str,
    time: &str,
    body: &[u8],
) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &crypto::header_string_to_sign(path, client_id, time, body))
}

#[pyfunction]
pub(crate) fn write_signature_header(signature: &[u8], key_version: u32) -> String {
    crypto::write_signature_header(signature, key_version)
}

#[pyfunction]
pub(crate) fn read_signature_header<'py>(
    py: Python<'py>,
    text: &str,
) -> Outcome<(Bound<'py, PyBytes>, Option<String>)> {
    let (signature, key_version) = crypto::read_signature_header(text)?;
    Ok((PyBytes::new(py, &signature), key_version))
}

#[pyfunction]
pub(crate) fn sign<'py>(
    py: Python<'py>,
    private_key: &[u8],
    message: &[u8],
    sign_type: &str,
) -> Outcome<Bound<'py, PyBytes>> {
    let signature = py.detach(|| crypto::sign(private_key, message, sign_type))?;
    Ok(PyBytes::new(py, &signature))
}

#[pyfunction]
pub(crate) fn verify(
    py: Python<'_>,
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
    sign_type: &str,
) -> Outcome<bool> {
    Ok(py.detach(|| crypto::verify(public_key, message, signature, sign_type))?)
}

#[pyfunction]
pub(crate) fn cut_out(method: &str, body: &[u8], charset: &str) -> Outcome<String> {
    Ok(crypto::cut_out(method, body, charset)?)
}

#[pyfunction]
pub(crate) fn certificate_serial(certificate: &[u8]) -> Outcome<String> {
    Ok(crypto::certificate_serial(certificate)?)
}

#[pyfunction]
pub(crate) fn root_serial(bundle: &[u8]) -> Outcome<String> {
    Ok(crypto::root_serial(bundle)?)
}
