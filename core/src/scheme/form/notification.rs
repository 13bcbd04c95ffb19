//! Notifications of the open gateway: a signed form, checked on the raw bytes that arrived.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use super::{Charset, Gateway, Verifiers, join, sorted_non_empty};
use crate::encoding::from_base64;
use crate::notification::{Notification, NotificationRefused, Reply, Settlement};
use crate::wire::Fault;
use crate::{Protocol, json::MAX_BODY_BYTES};

/// Which parameters the signature leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Business notifications: without `sign` and `sign_type`.
    V1,
    /// Platform messages: without `sign`.
    V2,
}

/// The text that a notification's signature covers; empty values are left out.
#[must_use]
pub fn string_to_verify(parameters: &[(String, String)], rule: Rule) -> String {
    let left_out: &[&str] = match rule {
        Rule::V1 => &["sign", "sign_type"],
        Rule::V2 => &["sign"],
    };
    join(&sorted_non_empty(parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())), left_out))
}

/// The parameters of a form, each decoded exactly once, strictly in the charset that its own `charset` parameter names,
/// or else in `default`.
///
/// # Errors
/// A parameter that occurs twice, or bytes that are not of the charset.
pub fn parse_form(body: &[u8], default: Charset) -> Result<Vec<(String, String)>, Fault> {
    if body.len() > MAX_BODY_BYTES {
        return Err(Fault::TooLarge);
    }
    let mut raw: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let at = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = at.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]));
        raw.push((decode_once(name), decode_once(value)));
    }
    let charset = raw
        .iter()
        .find(|(name, _)| name == b"charset")
        .and_then(|(_, value)| Charset::parse(std::str::from_utf8(value).ok()?))
        .unwrap_or(default);
    let mut parameters: Vec<(String, String)> = Vec::with_capacity(raw.len());
    for (name, value) in raw {
        let text = |bytes: &[u8]| charset.decode(bytes).map(Cow::into_owned).ok_or(Fault::Charset);
        let name = text(&name)?;
        if parameters.iter().any(|(known, _)| *known == name) {
            return Err(Fault::DuplicateKey(name));
        }
        parameters.push((name, text(&value)?));
    }
    Ok(parameters)
}

fn decode_once(bytes: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

/// Checks and reads a notification's body.
pub(crate) fn read(gateway: &Gateway, body: &[u8]) -> Result<(Notification, Rule), NotificationRefused> {
    let refused = |fault| NotificationRefused { fault, reply: Reply::text("failure") };
    let parameters = parse_form(body, gateway.charset).map_err(refused)?;
    let value =
        |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let sign = value("sign").filter(|sign| !sign.is_empty()).ok_or_else(|| refused(Fault::Unsigned))?;
    let signature = from_base64(sign)
        .ok_or_else(|| refused(Fault::BadSignature("the sign parameter is not Base64".to_owned())))?;
    let charset = value("charset").and_then(Charset::parse).unwrap_or(gateway.charset);
    let verifies = |rule| {
        let text = string_to_verify(&parameters, rule);
        let bytes = charset.encode(&text);
        match &gateway.verifiers {
            Verifiers::Key(verifier) => verifier.verify(&bytes, &signature),
            Verifiers::Certificates { by_sn, .. } => {
                by_sn.iter().any(|(_, verifier)| verifier.verify(&bytes, &signature))
            }
        }
    };
    let Some(rule) = [Rule::V1, Rule::V2].into_iter().find(|rule| verifies(*rule)) else {
        let fault = Fault::BadSignature("it fits the parameters under neither rule".to_owned());
        return Err(refused(fault));
    };
    if value("app_id").is_some_and(|app_id| app_id != gateway.app_id) {
        return Err(refused(Fault::OtherClient));
    }
    let text = |name: &str| value(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let settlement = match value("status") {
        Some("S") => Some(Settlement::Succeeded),
        Some("F") => Some(Settlement::Failed),
        _ => None,
    };
    let fields: Map<String, Value> = parameters
        .iter()
        .filter(|(name, _)| name != "sign")
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect();
    let notification = Notification {
        protocol: Protocol::Alipay,
        id: text("notify_id"),
        kind: text("notify_type"),
        key: text("out_order_no"),
        reference: text("tax_no"),
        settlement,
        code: text("sub_code").or_else(|| text("code")),
        amount: None,
        fields,
        reply: Reply::text("success"),
    };
    Ok((notification, rule))
}
