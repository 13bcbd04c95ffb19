//! Notifications of Alipay+ and Antom: verified over one's own path, answered with S.

use serde_json::{Map, Value};

use super::{Caller, SignatureHeader, string_to_sign};
use crate::datetime::iso_utc_seconds;
use crate::decision::{CREDIT_IN_PROCESS_CODES, Protocol};
use crate::json::{MAX_BODY_BYTES, parse_object, text_at};
use crate::money::Amount;
use crate::notification::{Notification, NotificationRefused, Reply, Settlement};
use crate::wire::{Fault, header};

const ACKNOWLEDGED: &str =
    r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#;
const REFUSED: &str =
    r#"{"result":{"resultCode":"INVALID_SIGNATURE","resultStatus":"F","resultMessage":"not verified"}}"#;

/// Checks and reads a notification; `path` is the path and query at which it arrived.
///
/// The reply is complete for Antom; an Alipay+ reply still needs its signature, see [`reply`].
pub(crate) fn read(
    caller: &Caller,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Notification, NotificationRefused> {
    verify(caller, path, headers, body)
        .map(|fields| notification(caller.protocol, fields))
        .map_err(|fault| NotificationRefused { fault, reply: json(REFUSED) })
}

fn verify(
    caller: &Caller,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Map<String, Value>, Fault> {
    if body.len() > MAX_BODY_BYTES {
        return Err(Fault::TooLarge);
    }
    let (signature, time) = match (header(headers, "signature"), header(headers, "request-time")) {
        (Some(signature), Some(time)) => (signature, time),
        (None, None) => return Err(Fault::Unsigned),
        (Some(_), None) => return Err(Fault::HalfSigned("request-time is missing".to_owned())),
        (None, Some(_)) => return Err(Fault::HalfSigned("signature is missing".to_owned())),
    };
    match header(headers, "client-id") {
        Some(client_id) if client_id == caller.client_id => {}
        Some(_) => return Err(Fault::OtherClient),
        None => return Err(Fault::HalfSigned("client-id is missing".to_owned())),
    }
    caller.check(signature, &string_to_sign("POST", path, &caller.client_id, time, body))?;
    Ok(parse_object(std::str::from_utf8(body).map_err(|_| Fault::Charset)?)?)
}

fn notification(protocol: Protocol, fields: Map<String, Value>) -> Notification {
    let text = |path: &str| text_at(&fields, path);
    let amount =
        |name: &str| fields.get(name).and_then(|value| serde_json::from_value::<Amount>(value.clone()).ok());
    let (key, reference, state, code, amount) = if protocol == Protocol::Antom {
        // `result` says whether the channel accepted it; `refundStatus` says what became of the refund.
        let state = text("refundStatus");
        (text("refundRequestId"), text("refundId"), state, text("result.resultCode"), amount("refundAmount"))
    } else {
        let state = text("originalCreditResult.resultStatus");
        let code = text("originalCreditResult.resultCode");
        (text("originalCreditRequestId"), text("originalCreditId"), state, code, amount("payerAmount"))
    };
    let settlement = match state.as_deref() {
        // Not final, whatever the status letter beside it.
        _ if code.as_deref().is_some_and(|code| CREDIT_IN_PROCESS_CODES.contains(&code)) => None,
        Some("SUCCESS" | "S") => Some(Settlement::Succeeded),
        Some("FAIL" | "F") => Some(Settlement::Failed),
        _ => None,
    };
    let kind = text("notifyType");
    Notification {
        protocol,
        id: None,
        kind,
        key,
        reference,
        settlement,
        code,
        amount,
        fields,
        reply: json(ACKNOWLEDGED),
    }
}

fn json(body: &str) -> Reply {
    Reply {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json; charset=UTF-8".to_owned())],
        body: body.to_owned(),
    }
}

/// What an Alipay+ reply's signature must cover, and the headers it travels with once signed.
pub(crate) struct ReplyDraft {
    pub(crate) to_sign: Vec<u8>,
    time: String,
}

/// Begins signing a reply: Alipay+ asks for it, Antom does not.
pub(crate) fn reply(caller: &Caller, path: &str, reply: &Reply, now_ms: u64) -> ReplyDraft {
    let time = iso_utc_seconds(now_ms);
    let to_sign = string_to_sign("POST", path, &caller.client_id, &time, reply.body.as_bytes());
    ReplyDraft { to_sign, time }
}

impl ReplyDraft {
    pub(crate) fn finish(self, caller: &Caller, mut reply: Reply, signature: &[u8]) -> Reply {
        reply.headers.push(("client-id".to_owned(), caller.client_id.clone()));
        reply.headers.push(("response-time".to_owned(), self.time));
        reply.headers.push(("signature".to_owned(), SignatureHeader::write(signature, caller.key_version)));
        reply
    }
}
