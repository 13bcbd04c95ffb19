//! The scripted answers of a conversation, signed as the platform would: with its own RSA implementation, so that the
//! package under test is not asked to agree with itself.

use std::cell::RefCell;
use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rsa::RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey;

use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use serde_json::{Map, Value, json};
use sha1::Sha1;

use super::vectors::{ANTOM, Folder, GATEWAY, Keys, PLUS};

const APP_ID: &str = "2014072300007148";
const CLIENT_ID: &str = "5Y00000000000001";
const RESPONSE_TIME: &str = "2026-01-05T10:00:00+08:00";

/// An interface of a protocol, and what it is reached under: the gateway's method, or a path.
struct Interface {
    protocol: &'static str,
    name: &'static str,
    target: &'static str,
}

const INTERFACES: &[Interface] = &[
    Interface { protocol: GATEWAY, name: "pay", target: "alipay.overseas.tax.order.pay" },
    Interface { protocol: GATEWAY, name: "query", target: "alipay.overseas.tax.order.query" },
    Interface { protocol: GATEWAY, name: "user_info", target: "alipay.overseas.tax.userinfo.query" },
    Interface { protocol: GATEWAY, name: "oauth_token", target: "alipay.system.oauth.token" },
    Interface { protocol: PLUS, name: "sync", target: "/aps/api/v1/funds/syncTaxRefundForm" },
    Interface { protocol: PLUS, name: "evaluate", target: "/aps/api/v1/funds/evaluateOriginalCredit" },
    Interface { protocol: PLUS, name: "create", target: "/aps/api/v1/funds/createOriginalCredit" },
    Interface { protocol: PLUS, name: "inquire_credit", target: "/aps/api/v1/funds/inquireOriginalCredit" },
    Interface { protocol: PLUS, name: "confirm", target: "/aps/api/v1/funds/confirmOriginalCredit" },
    Interface { protocol: ANTOM, name: "refund", target: "/ams/api/v1/payments/refund" },
    Interface { protocol: ANTOM, name: "inquire", target: "/ams/api/v1/payments/inquiryRefund" },
];

/// The other side of a protocol's conversations.
pub(crate) struct Platform {
    protocol: &'static str,
    /// What the caller is set up with.
    pub(crate) profile: Value,
    key: SigningKeys,
    stranger: SigningKeys,
}

/// One key under both hashes. Conversations repeat their answers, so signatures are kept.
struct SigningKeys {
    sha256: SigningKey<Sha256>,
    sha1: SigningKey<Sha1>,
    made: RefCell<HashMap<(bool, Vec<u8>), String>>,
}

impl Platform {
    /// With the keys of the first folder that has the protocol's signing file.
    pub(crate) fn new(protocol: &str, folders: &[&Folder]) -> Result<Self, String> {
        let known = INTERFACES.iter().find(|interface| interface.protocol == protocol);
        let protocol = known.ok_or_else(|| format!("unknown protocol `{protocol}`"))?.protocol;
        let keys_of = |protocol: &str| folders.iter().find_map(|folder| folder.keys(protocol));
        let keys = keys_of(protocol).ok_or_else(|| format!("no signing file of {protocol}"))?;
        let stranger = folders.iter().find_map(|folder| folder.keys(PLUS)?.private("stranger").ok());
        let id = if protocol == GATEWAY { ("app_id", APP_ID) } else { ("client_id", CLIENT_ID) };
        Ok(Self {
            protocol,
            profile: profile(protocol, id, keys)?,
            key: SigningKeys::load(keys.private(keys.platform)?)?,
            stranger: SigningKeys::load(stranger.ok_or("no signing file has a stranger's key")?)?,
        })
    }

    pub(crate) fn knows(&self, interface: &str) -> bool {
        self.target(interface).is_ok()
    }

    /// What comes back for a request to the interface, as the shim is given it.
    pub(crate) fn answer(&self, interface: &str, answer: &Value) -> Result<Value, String> {
        let answer = answer.as_object().ok_or("an answer is not an object")?;
        if let Some(fault) = answer.get("fault") {
            let known = ["timeout", "reset", "refused"].into_iter().any(|known| fault == known);
            return if known && answer.len() == 1 {
                Ok(json!({ "fault": fault }))
            } else {
                Err(format!("unknown fault {fault}"))
            };
        }
        let status =
            answer.get("status").map_or(Some(200), Value::as_u64).ok_or("a status is not a number")?;
        let mut kinds = answer.iter().filter(|(name, _)| *name != "status");
        let (kind, content) = kinds.next().ok_or("an answer says nothing")?;
        if kinds.next().is_some() {
            return Err("an answer says two things".to_owned());
        }
        let (headers, body) = if kind == "text" {
            (Map::new(), content.as_str().ok_or("a raw answer is not text")?.to_owned())
        } else {
            self.signed(interface, Kind::read(kind)?, content)?
        };
        Ok(json!({ "status": status, "headers": headers, "body_hex": hex::encode(body) }))
    }

    fn signed(
        &self,
        interface: &str,
        kind: Kind,
        content: &Value,
    ) -> Result<(Map<String, Value>, String), String> {
        let target = self.target(if kind.other_method { self.other(interface)? } else { interface })?;
        let content = content.to_string();
        let sign = |text: &str| match kind.signature {
            Signature::None => None,
            Signature::Good => Some(self.key.sign(text, false)),
            Signature::Sha1 => Some(self.key.sign(text, true)),
            Signature::WrongKey => Some(self.stranger.sign(text, false)),
        };
        let mut headers = Map::new();
        if self.protocol == GATEWAY {
            let key = if kind.error {
                "error_response".to_owned()
            } else {
                format!("{}_response", target.replace('.', "_"))
            };
            headers.insert("content-type".to_owned(), "text/html;charset=utf-8".into());
            let signature = sign(&content).map_or_else(String::new, |sign| format!(r#","sign":"{sign}""#));
            return Ok((headers, format!(r#"{{"{key}":{content}{signature}}}"#)));
        }
        headers.insert("content-type".to_owned(), "application/json; charset=UTF-8".into());
        if let Some(signature) = sign(&format!("POST {target}\n{CLIENT_ID}.{RESPONSE_TIME}.{content}")) {
            let encoded = utf8_percent_encode(&signature, NON_ALPHANUMERIC);
            headers.insert("client-id".to_owned(), CLIENT_ID.into());
            headers.insert("response-time".to_owned(), RESPONSE_TIME.into());
            let value = format!("algorithm=RSA256,keyVersion=1,signature={encoded}");
            headers.insert("signature".to_owned(), value.into());
        }
        Ok((headers, content))
    }

    fn target(&self, name: &str) -> Result<&'static str, String> {
        let mut own = INTERFACES.iter().filter(|interface| interface.protocol == self.protocol);
        let found = own.find(|interface| interface.name == name);
        Ok(found.ok_or_else(|| format!("unknown interface `{name}`"))?.target)
    }

    fn other(&self, name: &str) -> Result<&'static str, String> {
        let mut own = INTERFACES.iter().filter(|interface| interface.protocol == self.protocol);
        let found = own.find(|interface| interface.name != name);
        Ok(found.ok_or("a protocol of one interface")?.name)
    }
}

/// What a vector calls an answer: how it is signed, and under whose name it comes.
#[derive(Clone, Copy)]
struct Kind {
    signature: Signature,
    error: bool,
    other_method: bool,
}

#[derive(Clone, Copy)]
enum Signature {
    None,
    Good,
    Sha1,
    WrongKey,
}

impl Kind {
    /// `signed`, `unsigned`, `wrong_key` or `sha1`, alone or with `_error` or `_other_method`.
    fn read(name: &str) -> Result<Self, String> {
        let other = name.strip_suffix("_other_method");
        let error = name.strip_suffix("_error");
        let signature = match other.or(error).unwrap_or(name) {
            "signed" => Signature::Good,
            "unsigned" => Signature::None,
            "wrong_key" => Signature::WrongKey,
            "sha1" => Signature::Sha1,
            _ => return Err(format!("unknown kind of answer `{name}`")),
        };
        Ok(Self { signature, error: error.is_some(), other_method: other.is_some() })
    }
}

fn profile(protocol: &str, (id_name, id): (&str, &str), keys: &Keys) -> Result<Value, String> {
    Ok(json!({
        "protocol": protocol,
        id_name: id,
        "private_key": keys.private(keys.own)?,
        "public_key": keys.public(keys.platform)?,
    }))
}

impl SigningKeys {
    fn load(pem: &str) -> Result<Self, String> {
        let key = RsaPrivateKey::from_pkcs8_pem(pem)
            .or_else(|_| RsaPrivateKey::from_pkcs1_pem(pem))
            .map_err(|error| format!("a private key cannot be read: {error}"))?;
        let (sha256, sha1) = (SigningKey::new(key.clone()), SigningKey::new(key));
        Ok(Self { sha256, sha1, made: RefCell::default() })
    }

    fn sign(&self, text: &str, sha1: bool) -> String {
        let bytes = text.as_bytes();
        let mut made = self.made.borrow_mut();
        let signature = made.entry((sha1, bytes.to_vec())).or_insert_with(|| {
            let signature = if sha1 { self.sha1.sign(bytes) } else { self.sha256.sign(bytes) };
            STANDARD.encode(signature.to_bytes())
        });
        signature.clone()
    }
}
