//! Reading a gateway answer: cut out the bytes that were signed, check them, and only then parse them.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::{Map, Value};

use super::{Charset, Gateway, Verifiers};
use crate::decision::{CONFIGURATION_SUB_CODES, Interface};
use crate::encoding::from_base64;
use crate::json::{MAX_BODY_BYTES, member_ranges, parse_object, text_at};
use crate::outcome::Reason;
use crate::signing::Verifier;
use crate::wire::{Answer, Fault, HttpResponse, Verified};

const ERROR_ROOT: &str = "error_response";

/// Where things stand in an answer's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOut {
    /// The member that holds the answer: `<method>_response` or `error_response`.
    pub root: String,
    /// The bytes that the signature covers, braces included.
    pub signed: Range<usize>,
    /// The signature, still in Base64.
    pub sign: Option<String>,
    /// The serial number of the certificate that signed, in certificate mode.
    pub alipay_cert_sn: Option<String>,
}

/// Finds the signed bytes of an answer to `method`.
///
/// The whole body must be one JSON object without a repeated member; the answer stands under exactly
/// `<method with _ for .>_response`, or under `error_response`.
///
/// # Errors
/// A [`Fault`] that says why the body is no answer to this call.
pub fn cut_out(method: &str, body: &[u8], charset: Charset) -> Result<CutOut, Fault> {
    if body.len() > MAX_BODY_BYTES {
        return Err(Fault::TooLarge);
    }
    let text = charset.structure(body).ok_or(Fault::Charset)?;
    let members = member_ranges(&text)?;
    let range = |name: &str| members.iter().find(|(known, _)| known == name).map(|(_, range)| range.clone());
    let string =
        |name: &str| range(name).and_then(|range| serde_json::from_str::<String>(text.get(range)?).ok());
    let own_root = format!("{}_response", method.replace('.', "_"));
    let (root, signed) = match (range(&own_root), range(ERROR_ROOT)) {
        (Some(_), Some(_)) => {
            return Err(Fault::Malformed("both an answer and an error_response".to_owned()));
        }
        (Some(signed), None) => (own_root, signed),
        (None, Some(signed)) => (ERROR_ROOT.to_owned(), signed),
        (None, None) if members.iter().any(|(name, _)| name.ends_with("_response")) => {
            return Err(Fault::OtherMethod);
        }
        (None, None) => return Err(Fault::Malformed(format!("no member {own_root}"))),
    };
    if body.get(signed.start) != Some(&b'{') {
        return Err(Fault::Malformed(format!("{root} is not an object")));
    }
    Ok(CutOut { root, signed, sign: string("sign"), alipay_cert_sn: string("alipay_cert_sn") })
}

impl CutOut {
    /// Whether the signature fits. Some gateways sign with plain slashes what they send as `\/`: a second try.
    #[must_use]
    pub fn verifies(&self, body: &[u8], verifier: &Verifier) -> bool {
        self.verified_bytes(body, verifier).is_some()
    }

    /// The bytes that the signature covers, when it fits: as received, or with plain slashes. Only these may be parsed,
    /// as the received ones may read differently (`\\/` becomes `\/`).
    pub(crate) fn verified_bytes<'a>(&self, body: &'a [u8], verifier: &Verifier) -> Option<Cow<'a, [u8]>> {
        let signature = self.sign.as_deref().and_then(from_base64)?;
        let received = body.get(self.signed.clone())?;
        if verifier.verify(received, &signature) {
            return Some(Cow::Borrowed(received));
        }
        without_escaped_slashes(received).filter(|plain| verifier.verify(plain, &signature)).map(Cow::Owned)
    }
}

fn without_escaped_slashes(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|pair| pair == br"\/") {
        plain.extend_from_slice(&rest[..at]);
        plain.push(b'/');
        rest = &rest[at + 2..];
    }
    if plain.is_empty() && rest.len() == bytes.len() {
        return None;
    }
    plain.extend_from_slice(rest);
    Some(plain)
}

impl Gateway {
    /// What an answer says.
    pub(crate) fn read(&self, interface: &Interface, response: &HttpResponse) -> Answer {
        match self.verified(interface.wire, response) {
            Ok(verified) => Answer::Verified(verified),
            Err((fault, refusal)) => match refusal {
                Some(reason) if is_configuration(&reason) => Answer::ConfigurationRefusal(reason),
                Some(reason) => Answer::NoResult(reason),
                None => Answer::NoResult(fault.reason()),
            },
        }
    }

    /// Verified content, or why not, with the refusal that an unverified answer claims to be.
    pub(crate) fn verified(
        &self,
        method: &str,
        response: &HttpResponse,
    ) -> Result<Verified, (Fault, Option<Reason>)> {
        let no_refusal = |fault: Fault| (fault, None);
        match response.status {
            200 => {}
            status @ 300..=399 => return Err(no_refusal(Fault::Redirect(status))),
            status => return Err(no_refusal(Fault::HttpStatus(status))),
        }
        let body = response.body.as_slice();
        let cut = cut_out(method, body, self.charset).map_err(no_refusal)?;
        let unverified = |fault: Fault| {
            let claimed = self.parse(&body[cut.signed.clone()]);
            (fault, claimed.ok().as_ref().and_then(refusal))
        };
        if cut.sign.is_none() {
            return Err(unverified(Fault::Unsigned));
        }
        let verifier = self.verifier(&cut).map_err(unverified)?;
        let Some(signed) = cut.verified_bytes(body, verifier) else {
            let fault = Fault::BadSignature("it does not fit the answer's bytes".to_owned());
            return Err(unverified(fault));
        };
        self.parse(&signed).map_err(no_refusal).map(verified)
    }

    fn parse(&self, bytes: &[u8]) -> Result<Map<String, Value>, Fault> {
        let text: Cow<'_, str> = self.charset.decode(bytes).ok_or(Fault::Charset)?;
        Ok(parse_object(&text)?)
    }

    fn verifier(&self, cut: &CutOut) -> Result<&Verifier, Fault> {
        match &self.verifiers {
            Verifiers::Key(verifier) => Ok(verifier),
            Verifiers::Certificates { by_sn, .. } => {
                let Some(sn) = &cut.alipay_cert_sn else {
                    return Err(Fault::HalfSigned("certificate mode, but no alipay_cert_sn".to_owned()));
                };
                by_sn.iter().find(|(known, _)| known == sn).map(|(_, verifier)| verifier).ok_or_else(|| {
                    Fault::BadSignature(format!(
                        "signed with the certificate {sn:.32}, which is not configured: download the new Alipay \
                         certificate and add it"
                    ))
                })
            }
        }
    }
}

fn verified(fields: Map<String, Value>) -> Verified {
    Verified {
        code: text_at(&fields, "code"),
        sub_code: text_at(&fields, "sub_code").map(|code| without_prefix(&code).to_owned()),
        status: None,
        message: text_at(&fields, "sub_msg").or_else(|| text_at(&fields, "msg")),
        fields,
    }
}

/// What an unverified answer claims to refuse, if it is a refusal: only good for saying what to look at.
fn refusal(fields: &Map<String, Value>) -> Option<Reason> {
    let code = text_at(fields, "code").filter(|code| code != "10000")?;
    let sub_code = text_at(fields, "sub_code");
    let message = text_at(fields, "sub_msg").or_else(|| text_at(fields, "msg"));
    Reason::claimed(&code, sub_code.as_deref().map(without_prefix), message)
}

fn is_configuration(reason: &Reason) -> bool {
    reason.sub_code.as_deref().is_some_and(|code| CONFIGURATION_SUB_CODES.contains(&code))
}

/// `ACQ.SYSTEM_ERROR` -> `SYSTEM_ERROR`: prefixes of capitals and dots before a business code do not count.
fn without_prefix(code: &str) -> &str {
    match code.rsplit_once('.') {
        Some((prefix, rest))
            if !rest.is_empty()
                && rest.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
                && prefix.chars().all(|c| c.is_ascii_alphabetic() || c == '.' || c == '_') =>
        {
            rest
        }
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_business_codes_do_not_count() {
        assert_eq!(without_prefix("ACQ.SYSTEM_ERROR"), "SYSTEM_ERROR");
        assert_eq!(without_prefix("aop.ACQ.SYSTEM_ERROR"), "SYSTEM_ERROR");
        assert_eq!(without_prefix("isv.invalid-signature"), "isv.invalid-signature");
        assert_eq!(without_prefix("SYSTEM_ERROR"), "SYSTEM_ERROR");
        assert_eq!(without_prefix("ACQ."), "ACQ.");
    }

    #[test]
    fn escaped_slashes_are_replaced_everywhere_and_nothing_else_is() {
        assert_eq!(without_escaped_slashes(br#"{"a":"x\/y\/"}"#).unwrap(), br#"{"a":"x/y/"}"#);
        assert_eq!(without_escaped_slashes(br"\/").unwrap(), b"/");
        assert_eq!(without_escaped_slashes(b"{}"), None);
    }
}
