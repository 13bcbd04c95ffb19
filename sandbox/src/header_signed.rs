//! The envelope of Alipay+ and Antom: JSON bodies signed in headers, both ways (Alipay+ sheet c, Antom sheet b).

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::clock;
use crate::codes::result;
use crate::credentials::{HeaderCredentials, ProtocolKeys};
use crate::crypto::{SigningKey, VerifyingKey};
use crate::delivery::{Incoming, Reply, tampered, text_of};
use crate::fields::Fault;
use crate::interface::{Interface, Protocol};
use crate::scenario::Scenario;
use crate::world::World;
use crate::{alipay_plus, antom};

const FUNDS: &str = "/aps/api/v1/funds/";
const PAYMENTS: &str = "/ams/api/v1/payments/";
const SANDBOX_PAYMENTS: &str = "/ams/sandbox/api/v1/payments/";
const SANDBOX_CLIENT: &str = "SANDBOX_";

/// The protocol a path belongs to, and the rest of the path.
pub(crate) fn protocol_of(path: &str) -> Option<(Protocol, &str)> {
    if let Some(rest) = path.strip_prefix("/aps/") {
        return Some((Protocol::AlipayPlus, path.strip_prefix(FUNDS).unwrap_or(rest)));
    }
    let rest = path.strip_prefix("/ams/")?;
    let name = path.strip_prefix(PAYMENTS).or_else(|| path.strip_prefix(SANDBOX_PAYMENTS));
    Some((Protocol::Antom, name.unwrap_or(rest)))
}

pub(crate) fn handle(world: &World, request: &Incoming, protocol: Protocol, name: &str) -> Reply {
    let asked = match request.asked_faults() {
        Ok(asked) => asked,
        Err(reply) => return reply,
    };
    let (keys, own) = party(world, protocol);
    if request.method != Method::POST {
        return unsigned(&result("F", "METHOD_NOT_SUPPORTED", "The method is POST."));
    }
    let client_id = match authenticate(request, keys, own, protocol) {
        Ok(client_id) => client_id,
        Err(refusal) => return unsigned(&refusal),
    };
    let answered = |object: &Value, delivery| rendered(world, request, keys, client_id, object, delivery);
    let refused = |code, message: &str| answered(&json!({"result": result("F", code, message)}), None);
    let Some(interface) = Interface::of_wire_name(protocol, name) else {
        return refused("NO_INTERFACE_DEF", "API is not defined.");
    };
    let media_type = request.header("content-type").unwrap_or("application/json");
    if !media_type.to_ascii_lowercase().starts_with("application/json") {
        return refused("MEDIA_TYPE_NOT_ACCEPTABLE", "The media type is application/json.");
    }
    let business: Value = match serde_json::from_slice(&request.body) {
        Ok(business @ Value::Object(_)) => business,
        _ => return refused("PARAM_ILLEGAL", "The body is not a JSON object."),
    };
    let carried = match protocol {
        Protocol::Antom => antom::carry_out(world, interface, client_id, asked, &business, &request.body),
        _ => alipay_plus::carry_out(world, interface, client_id, asked, &business, &request.body),
    };
    let mut reply = answered(&carried.object, carried.plan.delivery);
    reply.jobs = carried.jobs;
    reply
}

/// What is wrong with a body, as both protocols say it.
pub(crate) fn illegal(fault: Fault) -> Value {
    let message = match fault {
        Fault::Missing(name) => format!("Illegal parameters. {name} is missing."),
        Fault::Invalid(name) => format!("Illegal parameters. {name} is not valid."),
    };
    json!({"result": result("F", "PARAM_ILLEGAL", &message)})
}

pub(crate) fn party(world: &World, protocol: Protocol) -> (&ProtocolKeys, &HeaderCredentials) {
    match protocol {
        Protocol::Antom => (&world.antom, &world.credentials.antom),
        _ => (&world.alipay_plus, &world.credentials.alipay_plus),
    }
}

fn authenticate<'a>(
    request: &'a Incoming,
    keys: &ProtocolKeys,
    own: &HeaderCredentials,
    protocol: Protocol,
) -> Result<&'a str, Value> {
    let (path, antom) = (request.path(), protocol == Protocol::Antom);
    let client_invalid = if antom { "CLIENT_INVALID" } else { "INVALID_CLIENT" };
    let client_id = request
        .header("client-id")
        .filter(|id| *id == own.client_id || *id == own.plain_client_id)
        .ok_or_else(|| result("F", client_invalid, "The client is invalid."))?;
    let sandboxed = client_id.starts_with(SANDBOX_CLIENT);
    if antom && sandboxed != path.starts_with("/ams/sandbox/api/") {
        let message = "A SANDBOX_ client id calls /ams/sandbox/api/..., any other /ams/api/....";
        return Err(result("F", client_invalid, message));
    }
    let time = request
        .header("request-time")
        .filter(|time| clock::is_request_time(time))
        .ok_or_else(|| result("F", "PARAM_ILLEGAL", "request-time is missing or not valid."))?;
    let wrong = || result("F", "INVALID_SIGNATURE", "The signature is invalid.");
    let signature = Signature::of(request.header("signature").unwrap_or_default()).ok_or_else(wrong)?;
    if signature.key_version.is_some_and(|version| version != own.key_version) {
        return Err(result("F", "KEY_NOT_FOUND", "The key is not found."));
    }
    let text = text_to_sign(request.method.as_str(), &request.target, client_id, time, &request.body);
    if keys.partner.verifies(&text, &signature.base64) { Ok(client_id) } else { Err(wrong()) }
}

/// Whether a reply to a notification is signed by the caller (Alipay+ sheet, d.4).
pub(crate) fn reply_is_signed(
    partner: &VerifyingKey,
    target: &str,
    client_id: &str,
    headers: &hyper::HeaderMap,
    body: &[u8],
) -> bool {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    header("client-id") == client_id
        && Signature::of(header("signature")).is_some_and(|signature| {
            let text = text_to_sign("POST", target, client_id, header("response-time"), body);
            partner.verifies(&text, &signature.base64)
        })
}

/// The parts of a signature header: `algorithm=RSA256,keyVersion=1,signature=<percent-encoded Base64>`.
struct Signature<'a> {
    key_version: Option<&'a str>,
    base64: String,
}

impl<'a> Signature<'a> {
    fn of(header: &'a str) -> Option<Self> {
        let (mut algorithm, mut key_version, mut signature) = (None, None, None);
        for pair in header.split(',') {
            let (name, value) = pair.trim().split_once('=')?;
            match name.trim() {
                "algorithm" => algorithm = Some(value),
                "keyVersion" => key_version = Some(value),
                "signature" => signature = Some(value),
                _ => {}
            }
        }
        if !algorithm.is_none_or(|name| name.eq_ignore_ascii_case("RSA256")) {
            return None;
        }
        let base64 = percent_encoding::percent_decode_str(signature?).decode_utf8().ok()?.into_owned();
        Some(Self { key_version, base64 })
    }
}

/// `METHOD SP target LF client-id.time.body`.
pub(crate) fn text_to_sign(method: &str, target: &str, client_id: &str, time: &str, body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {target}\n{client_id}.{time}.").into_bytes();
    text.extend_from_slice(body);
    text
}

/// The value of a signature header over `text`.
pub(crate) fn signature_header(key: &SigningKey, text: &[u8], sha1: bool) -> Option<String> {
    let base64 = if sha1 { key.sign_sha1(text) } else { key.sign(text) }?;
    let encoded = base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    Some(format!("algorithm=RSA256,keyVersion=1,signature={encoded}"))
}

fn rendered(
    world: &World,
    request: &Incoming,
    keys: &ProtocolKeys,
    client_id: &str,
    object: &Value,
    delivery: Option<Scenario>,
) -> Reply {
    if let Some(reply) = Reply::without_answer(delivery) {
        return reply;
    }
    if delivery == Some(Scenario::UnsignedRefusal) {
        return unsigned(&result("F", "KEY_NOT_FOUND", "The key is not found."));
    }
    let mut text = text_of(&altered(object, delivery), delivery);
    if delivery == Some(Scenario::RepeatedRoot) {
        let forged = result("S", "SUCCESS", "forged");
        text = format!("{},\"result\":{forged}}}", text.strip_suffix('}').unwrap_or(&text));
    }
    let body: Vec<u8> = match delivery {
        Some(Scenario::Gbk) => encoding_rs::GBK.encode(&text).0.into_owned(),
        _ => text.clone().into_bytes(),
    };
    let time = clock::iso_seconds();
    let target = match delivery {
        Some(Scenario::OtherMethod) => format!("{}Other", request.target),
        _ => request.target.clone(),
    };
    let client_id =
        if delivery == Some(Scenario::OtherClient) { "SANDBOX_5YSOMEBODYELSE01" } else { client_id };
    let signed = match delivery {
        Some(Scenario::UnescapedSignature) => text.replace(r"\/", "/").into_bytes(),
        _ => body.clone(),
    };
    let key = match delivery {
        Some(Scenario::StrangerKey | Scenario::ForgedSuccess | Scenario::ForgedFailure) => &keys.stranger,
        Some(Scenario::PartnerKey) => &keys.partner_private,
        _ => &keys.platform,
    };
    let covered = text_to_sign(request.method.as_str(), &target, client_id, &time, &signed);
    let signature = match delivery {
        Some(Scenario::UnsignedSuccess | Scenario::TimeWithoutSignature) => None,
        _ => signature_header(key, &covered, delivery == Some(Scenario::Sha1Signed)),
    };
    let body = if delivery == Some(Scenario::Tampered) { tampered(&text).into_bytes() } else { body };
    let content_type = match delivery {
        Some(Scenario::Gbk) => "application/json; charset=GBK",
        _ => "application/json; charset=UTF-8",
    };
    let mut reply = Reply::new(StatusCode::OK, content_type, body);
    reply.headers.push(("client-id", client_id.to_owned()));
    if !matches!(delivery, Some(Scenario::UnsignedSuccess | Scenario::SignatureWithoutTime)) {
        reply.headers.push(("response-time", time));
    }
    if let Some(signature) = signature {
        reply.headers.push(("signature", signature));
    }
    reply.altered(delivery, &world.settings)
}

/// Forgeries about what happened, and answers about somebody else.
fn altered(object: &Value, delivery: Option<Scenario>) -> Value {
    let mut object = object.clone();
    match delivery {
        Some(Scenario::ForgedFailure) if object.get("refundStatus").is_some() => {
            object["refundStatus"] = json!("FAIL");
        }
        Some(Scenario::ForgedFailure) if object.get("originalCreditResult").is_some() => {
            object["originalCreditResult"] = result("F", "PROCESS_FAIL", "forged");
        }
        Some(Scenario::ForgedFailure) => object["result"] = result("F", "PROCESS_FAIL", "forged"),
        Some(Scenario::OtherOrder) => {
            for name in ["refundRequestId", "originalCreditRequestId"] {
                if object.get(name).is_some() {
                    object[name] = json!("SOMEBODYELSES0001");
                }
            }
        }
        _ => {}
    }
    object
}

/// The platforms do not sign what they answer to somebody they could not authenticate.
fn unsigned(refusal: &Value) -> Reply {
    Reply::json(&json!({ "result": refusal }))
}
