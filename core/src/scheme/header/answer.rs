//! Reading an Alipay+ or Antom answer: its signature first, its body only then.

use serde_json::{Map, Value};

use super::{Caller, string_to_sign};
use crate::decision::{CONFIGURATION_CODES, Interface};
use crate::json::{MAX_BODY_BYTES, parse_object, text_at};
use crate::outcome::Reason;
use crate::wire::{Answer, Fault, HttpResponse, Verified};

impl Caller {
    /// What an answer says.
    pub(crate) fn read(&self, interface: &Interface, response: &HttpResponse) -> Answer {
        match self.verified(&self.path(interface), response) {
            Ok(verified) => Answer::Verified(verified),
            Err(fault) => match refusal(response) {
                Some(reason) if CONFIGURATION_CODES.contains(&reason.code.as_str()) => {
                    Answer::ConfigurationRefusal(reason)
                }
                Some(reason) if fault == Fault::Unsigned => Answer::NoResult(reason),
                _ => Answer::NoResult(fault.reason()),
            },
        }
    }

    pub(crate) fn verified(&self, path: &str, response: &HttpResponse) -> Result<Verified, Fault> {
        match response.status {
            200 => {}
            status @ 300..=399 => return Err(Fault::Redirect(status)),
            status => return Err(Fault::HttpStatus(status)),
        }
        if response.body.len() > MAX_BODY_BYTES {
            return Err(Fault::TooLarge);
        }
        let (signature, time) = match (response.header("signature"), response.header("response-time")) {
            (Some(signature), Some(time)) => (signature, time),
            // Without either it is an ordinary web page as often as an answer; say which.
            (None, None) => return Err(object(response).err().unwrap_or(Fault::Unsigned)),
            (Some(_), None) => return Err(Fault::HalfSigned("response-time is missing".to_owned())),
            (None, Some(_)) => return Err(Fault::HalfSigned("signature is missing".to_owned())),
        };
        match response.header("client-id") {
            Some(client_id) if client_id == self.client_id => {}
            Some(_) => return Err(Fault::OtherClient),
            None => return Err(Fault::HalfSigned("client-id is missing".to_owned())),
        }
        self.check(signature, &string_to_sign("POST", path, &self.client_id, time, &response.body))?;
        let fields = object(response)?;
        let status = text_at(&fields, "result.resultStatus");
        if status.is_none() && text_at(&fields, "result.resultCode").is_none() {
            return Err(Fault::Malformed("no result".to_owned()));
        }
        Ok(Verified {
            code: text_at(&fields, "result.resultCode"),
            sub_code: None,
            status,
            message: text_at(&fields, "result.resultMessage"),
            fields,
        })
    }
}

fn object(response: &HttpResponse) -> Result<Map<String, Value>, Fault> {
    let text = std::str::from_utf8(&response.body).map_err(|_| Fault::Charset)?;
    Ok(parse_object(text)?)
}

/// What an unverified answer claims to refuse, if it is a refusal: only good for saying what to look at.
fn refusal(response: &HttpResponse) -> Option<Reason> {
    if response.status != 200 || response.body.len() > MAX_BODY_BYTES {
        return None;
    }
    let fields = object(response).ok()?;
    let status = text_at(&fields, "result.resultStatus")?;
    if status != "F" && status != "U" {
        return None;
    }
    let code = text_at(&fields, "result.resultCode")?;
    Reason::claimed(&code, None, text_at(&fields, "result.resultMessage"))
}
