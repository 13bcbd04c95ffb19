//! Alipay+ and Antom: the signature covers the line of the request, client id, time and body, and travels in a header.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::Case;
use super::super::vectors::{HeaderCase, HeaderFile};
use super::{Bytes, case, equal, text_of};

pub(crate) fn header_cases(file: &str, header: &HeaderFile) -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in header.vectors.iter().chain(&header.external) {
        cases.push(case(file, entry, |vector| header_case(file, vector, header, stated_validity(vector)?)));
    }
    for entry in &header.tolerance {
        cases.push(case(file, entry, |vector| {
            let accepted = vector.official_python_sdk_accepts.ok_or("does not say whether it is required")?;
            Ok(Case { required: accepted, ..header_case(file, vector, header, true)? })
        }));
    }
    cases
}

fn header_case(file: &str, vector: &HeaderCase, header: &HeaderFile, valid: bool) -> Result<Case, String> {
    match (vector.kind.as_deref().unwrap_or("response"), valid) {
        ("request" | "notification_reply", true) => header_signature(file, vector, header),
        ("request" | "notification", _) => header_verdict(file, vector, header, Inbound::Request, valid),
        ("response" | "notification_reply", _) => {
            header_verdict(file, vector, header, Inbound::Response, valid)
        }
        (other, _) => Err(format!("unknown kind `{other}`")),
    }
}

fn header_signature(file: &str, vector: &HeaderCase, header: &HeaderFile) -> Result<Case, String> {
    let signer = vector.signer.as_deref().unwrap_or(header.keys.own);
    let stated_header = vector.signature_header.clone().or_else(|| header_named(vector, "signature"));
    let question = json!({
        "op": "sign_header",
        "method": vector.method,
        "path": vector.path,
        "client_id": vector.client_id,
        "time": time(vector).ok_or("no time is stated")?,
        "body_hex": body(vector)?.hex,
        "key_version": key_version(vector, stated_header.as_deref()),
        "private_key": header.keys.private(signer)?,
    });
    let to_sign = Bytes::stated(
        "utf-8",
        vector.string_to_sign.as_deref(),
        None,
        vector.string_to_sign_sha256.as_deref(),
    )?;
    let mut expected = vec![("signature", vector.signature_base64.clone().ok_or("no signature is stated")?)];
    expected.extend(vector.signature_urlencoded.as_deref().map(|text| ("encoded", as_sent(text))));
    expected.extend(stated_header.as_deref().map(|text| ("header", as_sent(text))));
    Ok(Case::new(file, &vector.name, vec![question.to_string()], move |answers| {
        let answer = &answers[0];
        let text = to_sign.difference("string to sign", text_of(answer, "to_sign_hex"));
        let rest = expected.iter().filter_map(|(field, value)| equal(answer, field, value));
        text.into_iter().chain(rest).collect()
    }))
}

#[derive(Clone, Copy, PartialEq)]
enum Inbound {
    /// A notification, whose time is the sender's request time.
    Request,
    Response,
}

fn header_verdict(
    file: &str,
    vector: &HeaderCase,
    header: &HeaderFile,
    inbound: Inbound,
    valid: bool,
) -> Result<Case, String> {
    let keys = &header.keys;
    let ours = matches!(vector.kind.as_deref(), Some("request" | "notification_reply"));
    let owner = vector.verify_with.as_deref().unwrap_or(if ours { keys.own } else { keys.platform });
    let public_key = match &vector.public_spki_base64 {
        Some(key) => pem(key),
        None => keys.public(owner)?.to_owned(),
    };
    let (op, time_header) = match inbound {
        Inbound::Request => ("verify_header_notification", "request-time"),
        Inbound::Response => ("verify_header_answer", "response-time"),
    };
    let question = json!({
        "op": op,
        "method": vector.method,
        "path": vector.path,
        "client_id": own_client_id(vector, header),
        "headers": received_headers(vector, time_header),
        "status": vector.http_status.unwrap_or(200),
        "body_hex": body(vector)?.hex,
        "public_key": public_key,
    });
    let verdict = if valid { "verified" } else { "refused" };
    Ok(Case::new(file, &vector.name, vec![question.to_string()], move |answers| {
        equal(&answers[0], "verdict", verdict).into_iter().collect()
    }))
}

/// The headers as stated. Where the vector states a time, client id or signature beside them, that is the one to verify
/// with (as in the vector that takes the request's time for the answer's); a header that is left out stays out.
fn received_headers(vector: &HeaderCase, time_header: &str) -> BTreeMap<String, String> {
    let encoded = vector.signature_urlencoded.as_ref();
    let signature = vector
        .signature_header
        .clone()
        .or_else(|| encoded.map(|encoded| format!("algorithm=RSA256,keyVersion=1,signature={encoded}")));
    let beside = [
        ("client-id", Some(vector.client_id.clone())),
        (time_header, time(vector)),
        ("signature", signature),
    ];
    let Some(headers) = &vector.headers else {
        let stated = beside.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        return stated.collect();
    };
    let mut received = BTreeMap::new();
    for (name, value) in headers {
        let Some(value) = value else { continue };
        let instead = beside.iter().find(|(beside, _)| beside.eq_ignore_ascii_case(name));
        // Antom's files state the signature in the headers alone, in the spelling that is to be read.
        let instead = instead.filter(|(name, _)| *name != "signature" || vector.signature_header.is_some());
        let value = instead.and_then(|(_, value)| value.as_ref()).unwrap_or(value);
        received.insert(name.clone(), value.clone());
    }
    received
}

/// Whose answer the caller waits for: the client id of the vector this one was made from, or of the request it answers.
fn own_client_id<'a>(vector: &'a HeaderCase, header: &'a HeaderFile) -> &'a str {
    let named = |name: &str| {
        let all = header.vectors.iter().filter_map(|entry| entry.read().ok());
        all.into_iter().find(|other| other.name == name && other.name != vector.name)
    };
    let origin = vector.derived_from.as_deref().unwrap_or(&vector.name);
    let found = named(origin).or_else(|| named(origin.strip_suffix("-rsp")?));
    found.map_or(&vector.client_id, |other| &other.client_id)
}

fn stated_validity(vector: &HeaderCase) -> Result<bool, String> {
    match (vector.valid, vector.expect.as_deref()) {
        (Some(valid), None) => Ok(valid),
        (None, Some("valid")) => Ok(true),
        (None, Some("invalid")) => Ok(false),
        _ => Err("does not say whether it is valid".to_owned()),
    }
}

fn time(vector: &HeaderCase) -> Option<String> {
    vector.time.clone().or_else(|| vector.request_time.clone()).or_else(|| vector.response_time.clone())
}

fn header_named(vector: &HeaderCase, name: &str) -> Option<String> {
    let headers = vector.headers.as_ref()?;
    headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name))?.1.clone()
}

fn key_version(vector: &HeaderCase, header: Option<&str>) -> String {
    let in_header = || {
        let (_, rest) = header?.split_once("keyVersion=")?;
        Some(rest.split(',').next()?.trim().to_owned())
    };
    match &vector.key_version {
        Some(Value::String(version)) => version.clone(),
        Some(Value::Number(version)) => version.to_string(),
        _ => in_header().unwrap_or_else(|| "1".to_owned()),
    }
}

/// The spelling in which signatures are sent: no space after a comma, escapes in capitals. Vectors may state another.
fn as_sent(text: &str) -> String {
    let mut sent = text.replace(", ", ",").into_bytes();
    for at in 0..sent.len() {
        if sent[at] == b'%' {
            sent[at + 1..].iter_mut().take(2).for_each(u8::make_ascii_uppercase);
        }
    }
    String::from_utf8(sent).unwrap_or_else(|_| text.to_owned())
}

fn pem(base64: &str) -> String {
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

fn body(vector: &HeaderCase) -> Result<Bytes, String> {
    let hex = match (&vector.body_utf8_base64, &vector.body_utf8_hex) {
        (Some(base64), _) => Some(hex::encode(STANDARD.decode(base64).map_err(|error| error.to_string())?)),
        (None, hex) => hex.clone(),
    };
    let text = vector.body.as_deref().filter(|_| hex.is_none());
    Bytes::stated("utf-8", text, hex.as_deref(), None)
}
