//! The signing cases.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use taxrefund_core::alipay::{self, Charset, Platform, Rule, SignType};
use taxrefund_core::keys::{Certificate, RootBundle};
use taxrefund_core::signing::{Signer, SoftwareSigner, Verifier};
use taxrefund_core::{Fault, HttpResponse, MerchantKey, PrivateKey, Profile, PublicKey, alipay_plus, antom};

use crate::{Answer, bytes, headers, text};

pub(crate) fn sign_form(case: &Value) -> Answer {
    let parameters = case["params"].as_object().ok_or("params is no object")?;
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()));
    let to_sign = alipay::string_to_sign(pairs, charset(case)?);
    let key = PrivateKey::load(text(case, "private_key")?.as_bytes())?;
    let signature = SoftwareSigner::new(key, sign_type(case)?.algorithm()).sign(&to_sign)?;
    Ok(json!({ "to_sign_hex": hex::encode(to_sign), "signature": STANDARD.encode(signature) }))
}

pub(crate) fn verify_form_answer(case: &Value) -> Answer {
    let method = text(case, "method")?;
    let body = bytes(case, "body_hex")?;
    let cut = match alipay::cut_out(method, &body, charset(case)?) {
        Ok(cut) => cut,
        Err(fault) => return Ok(refused(&fault)),
    };
    let profile = gateway(case, "2014072300007148", platform(case)?)?;
    let response = HttpResponse { status: 200, headers: Vec::new(), body };
    let verdict = match profile.verify_answer(method, &response) {
        Ok(_) => json!({ "verdict": "verified" }),
        Err(Fault::Unsigned) if is_refusal(&response.body[cut.signed.clone()]) => {
            json!({ "verdict": "unsigned" })
        }
        Err(fault) => refused(&fault),
    };
    Ok(merged(
        verdict,
        json!({ "root": cut.root, "signed_hex": hex::encode(&response.body[cut.signed.clone()]) }),
    ))
}

pub(crate) fn verify_form_notification(case: &Value) -> Answer {
    let body = text(case, "body")?;
    let parameters = match alipay::parse_form(body.as_bytes(), Charset::Utf8) {
        Ok(parameters) => parameters,
        Err(fault) => return Ok(refused(&fault)),
    };
    let value = |name: &str| {
        parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let key = PublicKey::load(text(case, "public_key")?.as_bytes())?;
    let profile = gateway(case, &value("app_id"), Platform::PublicKey(key.clone()))?;
    let notification = match profile.notification("", &[], body.as_bytes(), 0) {
        Ok(notification) => notification,
        Err(refusal) => return Ok(refused(&refusal.fault)),
    };
    let verifier = Verifier::new(key, sign_type(case)?.algorithm());
    let signature = STANDARD.decode(value("sign"))?;
    let charset = Charset::parse(&value("charset")).unwrap_or_default();
    let rules = [("v1", Rule::V1), ("v2", Rule::V2)];
    let (name, covered) = rules
        .into_iter()
        .map(|(name, rule)| (name, alipay::string_to_verify(&parameters, rule)))
        .find(|(_, covered)| verifier.verify(&charset.encode(covered), &signature))
        .ok_or("accepted, though neither rule fits")?;
    Ok(json!({
        "verdict": "verified",
        "rule": name,
        "to_verify_hex": hex::encode(covered),
        "reply": notification.reply.body,
    }))
}

pub(crate) fn sign_header(case: &Value) -> Answer {
    let (path, client_id, time) = (text(case, "path")?, text(case, "client_id")?, text(case, "time")?);
    let to_sign =
        antom::string_to_sign(text(case, "method")?, path, client_id, time, &bytes(case, "body_hex")?);
    let key = PrivateKey::load(text(case, "private_key")?.as_bytes())?;
    let signature = SoftwareSigner::new(key, SignType::Rsa2.algorithm()).sign(&to_sign)?;
    let key_version = text(case, "key_version")?.parse()?;
    Ok(json!({
        "to_sign_hex": hex::encode(to_sign),
        "signature": STANDARD.encode(&signature),
        "encoded": antom::SignatureHeader::encode(&signature),
        "header": antom::SignatureHeader::write(&signature, key_version),
    }))
}

pub(crate) fn verify_header_answer(case: &Value) -> Answer {
    let status = u16::try_from(case["status"].as_u64().unwrap_or(200))?;
    let response = HttpResponse { status, headers: headers(case), body: bytes(case, "body_hex")? };
    Ok(match caller(case)?.verify_answer(text(case, "path")?, &response) {
        Ok(_) => json!({ "verdict": "verified" }),
        Err(fault) => refused(&fault),
    })
}

pub(crate) fn verify_header_notification(case: &Value) -> Answer {
    let body = bytes(case, "body_hex")?;
    Ok(match caller(case)?.notification(text(case, "path")?, &headers(case), &body, 0) {
        Ok(_) => json!({ "verdict": "verified" }),
        Err(refusal) => refused(&refusal.fault),
    })
}

pub(crate) fn certificate_serials(case: &Value) -> Answer {
    Ok(json!({
        "app": Certificate::load(text(case, "app_cert")?.as_bytes())?.serial_number(),
        "alipay": Certificate::load(text(case, "alipay_cert")?.as_bytes())?.serial_number(),
        "root": RootBundle::load(text(case, "root_bundle")?.as_bytes())?.serial_number(),
    }))
}

fn refused(fault: &Fault) -> Value {
    json!({ "verdict": "refused", "reason": fault.code() })
}

fn merged(mut first: Value, second: Value) -> Value {
    if let (Some(first), Value::Object(second)) = (first.as_object_mut(), second) {
        first.extend(second);
    }
    first
}

/// A failure's code, in an answer that carries no signature.
fn is_refusal(content: &[u8]) -> bool {
    let content: Value = serde_json::from_slice(content).unwrap_or_default();
    content["code"].as_str().is_some_and(|code| code != "10000")
}

fn charset(case: &Value) -> Result<Charset, String> {
    let name = text(case, "charset")?;
    Charset::parse(name).ok_or_else(|| format!("unknown charset {name}"))
}

fn sign_type(case: &Value) -> Result<SignType, String> {
    match text(case, "sign_type")? {
        "RSA2" => Ok(SignType::Rsa2),
        "RSA" => Ok(SignType::LegacyRsa),
        other => Err(format!("unknown sign_type {other}")),
    }
}

fn platform(case: &Value) -> Result<Platform, Box<dyn std::error::Error>> {
    Ok(match case["certificates"]["alipay_cert_pem"].as_str() {
        Some(pem) => {
            // Application certificate and root bundle name themselves in requests only.
            let alipay = Certificate::load(pem.as_bytes())?;
            let root = RootBundle::load(pem.as_bytes())?;
            Platform::Certificates { app: alipay.clone(), alipay: vec![alipay], root }
        }
        None => Platform::PublicKey(PublicKey::load(text(case, "public_key")?.as_bytes())?),
    })
}

fn gateway(case: &Value, app_id: &str, platform: Platform) -> Result<Profile, Box<dyn std::error::Error>> {
    let mut config = alipay::Config::new(app_id, nobody()?, platform);
    config.sign_type = sign_type(case)?;
    if case["charset"].is_string() {
        config.charset = charset(case)?;
    }
    Ok(alipay::profile(config)?)
}

fn caller(case: &Value) -> Result<Profile, Box<dyn std::error::Error>> {
    let key = PublicKey::load(text(case, "public_key")?.as_bytes())?;
    let client_id = text(case, "client_id")?;
    let config = alipay_plus::Config::new(client_id, nobody()?, key, alipay_plus::ELSEWHERE);
    Ok(alipay_plus::profile(config)?)
}

/// A merchant who signs nothing: verification needs none, but a profile has one.
fn nobody() -> Result<MerchantKey, Box<dyn std::error::Error>> {
    const VECTORS: &str = include_str!("../../vectors/alipay-plus.json");
    let vectors: Value = serde_json::from_str(VECTORS)?;
    let pem = vectors["keys"]["stranger"]["public_spki_pem"].as_str().ok_or("no stranger's key")?;
    Ok(MerchantKey::External(PublicKey::load(pem.as_bytes())?))
}
