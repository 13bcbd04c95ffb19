//! Reading a folder of vectors. A file is recognised by what it holds; its name means nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// A folder's files, in the order of their names.
#[derive(Default)]
pub(crate) struct Folder {
    files: Vec<File>,
}

pub(crate) struct File {
    pub(crate) name: String,
    /// Or why it cannot be used.
    pub(crate) content: Result<Content, String>,
}

pub(crate) enum Content {
    Gateway(GatewayFile),
    Header(HeaderFile),
    Flows(FlowFile),
}

impl Folder {
    /// Every `*.json` directly in the folder.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let entries = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut files = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("json")) {
                continue;
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let content = fs::read_to_string(&path)
                .map_err(|error| format!("unreadable: {error}"))
                .and_then(|text| recognise(&text));
            files.push(File { name, content });
        }
        files.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(Self { files })
    }

    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    /// The keys of a protocol's signing file.
    pub(crate) fn keys(&self, protocol: &str) -> Option<&Keys> {
        self.files.iter().find_map(|file| match file.content.as_ref().ok()? {
            Content::Gateway(gateway) if protocol == GATEWAY => Some(&gateway.keys),
            Content::Header(header) if protocol == header.protocol => Some(&header.keys),
            _ => None,
        })
    }
}

pub(crate) const GATEWAY: &str = "alipay-gateway";
pub(crate) const PLUS: &str = "alipay-plus";
pub(crate) const ANTOM: &str = "antom";

/// Scripted conversations.
#[derive(Deserialize)]
pub(crate) struct FlowFile {
    pub(crate) protocol: String,
    pub(crate) cases: Vec<Value>,
}

/// Signing vectors of the gateway, whose requests and notifications are forms.
pub(crate) struct GatewayFile {
    pub(crate) keys: Keys,
    pub(crate) certificates: Option<Value>,
    pub(crate) requests: Vec<Entry<FormRequest>>,
    pub(crate) responses: Vec<Entry<FormResponse>>,
    pub(crate) notifications: Vec<Entry<FormNotification>>,
}

/// Signing vectors of the protocols that sign in headers.
pub(crate) struct HeaderFile {
    pub(crate) protocol: &'static str,
    pub(crate) keys: Keys,
    /// Vectors, and those that must be refused.
    pub(crate) vectors: Vec<Entry<HeaderCase>>,
    /// What one SDK accepts beyond the rules.
    pub(crate) tolerance: Vec<Entry<HeaderCase>>,
    /// Genuine messages, each with its own key.
    pub(crate) external: Vec<Entry<HeaderCase>>,
}

/// The keys of a signing file by their owner, each as PEM.
pub(crate) struct Keys {
    pub(crate) own: &'static str,
    pub(crate) platform: &'static str,
    private: BTreeMap<String, String>,
    public: BTreeMap<String, String>,
}

impl Keys {
    pub(crate) fn private(&self, owner: &str) -> Result<&str, String> {
        self.private.get(owner).map(String::as_str).ok_or_else(|| format!("no private key of {owner}"))
    }

    pub(crate) fn public(&self, owner: &str) -> Result<&str, String> {
        self.public.get(owner).map(String::as_str).ok_or_else(|| format!("no public key of {owner}"))
    }
}

impl<T: DeserializeOwned> Entry<T> {
    /// The vector, or the name of what stands there and why it is none.
    pub(crate) fn read(&self) -> Result<&T, (String, String)> {
        match self {
            Self::Good(vector) => Ok(vector),
            Self::Bad(value) => Err((
                name_of(value),
                match serde_json::from_value::<T>(value.clone()) {
                    Err(error) => error.to_string(),
                    Ok(_) => "not readable in its place".to_owned(),
                },
            )),
        }
    }
}

/// What a vector is called, as far as it says.
pub(crate) fn name_of(value: &Value) -> String {
    let name = value.get("name").or_else(|| value.get("id")).and_then(Value::as_str);
    name.unwrap_or("-").to_owned()
}

/// A vector that could be read, or else what stands there: one bad vector does not hide the others of its file.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Entry<T> {
    Good(T),
    Bad(Value),
}

#[derive(Deserialize)]
pub(crate) struct FormRequest {
    pub(crate) id: String,
    pub(crate) sign_type: String,
    pub(crate) charset: String,
    pub(crate) key: String,
    pub(crate) params: Ordered,
    pub(crate) string_to_sign: String,
    pub(crate) string_to_sign_bytes_hex: Option<String>,
    pub(crate) string_to_sign_sha256: Option<String>,
    pub(crate) sign: String,
}

#[derive(Deserialize)]
pub(crate) struct FormResponse {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) charset: String,
    pub(crate) sign_type_in_force: String,
    pub(crate) body: Option<String>,
    pub(crate) body_bytes_hex: Option<String>,
    pub(crate) response_key: Option<String>,
    pub(crate) signed_substring: Option<String>,
    pub(crate) substring_on_the_wire: Option<String>,
    pub(crate) signed_substring_sha256: Option<String>,
    pub(crate) alipay_cert_sn: Option<String>,
    /// Null says that nothing is signed; it must be written.
    #[serde(deserialize_with = "Option::deserialize")]
    pub(crate) expect_verified: Option<bool>,
}

#[derive(Deserialize)]
pub(crate) struct FormNotification {
    pub(crate) id: String,
    pub(crate) rule: String,
    #[serde(default)]
    pub(crate) params: Value,
    pub(crate) string_to_verify: Option<String>,
    pub(crate) form_body: String,
    pub(crate) reply_on_success: Option<String>,
    pub(crate) expect_verified: bool,
}

/// A vector of either header file: the fields that mean the same have one name here.
#[derive(Deserialize)]
pub(crate) struct HeaderCase {
    #[serde(alias = "id")]
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
    #[serde(alias = "signer_key")]
    pub(crate) signer: Option<String>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) client_id: String,
    pub(crate) time: Option<String>,
    pub(crate) request_time: Option<String>,
    pub(crate) response_time: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) body_utf8_base64: Option<String>,
    pub(crate) body_utf8_hex: Option<String>,
    pub(crate) string_to_sign: Option<String>,
    pub(crate) string_to_sign_sha256: Option<String>,
    pub(crate) signature_base64: Option<String>,
    #[serde(alias = "signature_header_encoded")]
    pub(crate) signature_urlencoded: Option<String>,
    pub(crate) signature_header: Option<String>,
    #[serde(alias = "header")]
    pub(crate) headers: Option<BTreeMap<String, Option<String>>>,
    pub(crate) key_version: Option<Value>,
    pub(crate) http_status: Option<u16>,
    pub(crate) valid: Option<bool>,
    pub(crate) expect: Option<String>,
    pub(crate) verify_with: Option<String>,
    pub(crate) derived_from: Option<String>,
    pub(crate) official_python_sdk_accepts: Option<bool>,
    pub(crate) public_spki_base64: Option<String>,
}

/// The members of an object in the order in which they are written, which is the order the shim gets them in.
pub(crate) struct Ordered(Vec<(String, Value)>);

fn recognise(text: &str) -> Result<Content, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    let has = |name: &str| value.get(name).is_some();
    let owners = &value["keys"];
    if has("cases") && has("protocol") {
        serde_json::from_value(value).map(Content::Flows).map_err(|error| format!("a flow file, but {error}"))
    } else if has("requests") || has("responses") || has("notifications") {
        let keys = Keys { own: "app", platform: "gateway", ..flat_keys(owners) };
        gateway(text, keys).map(Content::Gateway).map_err(|error| format!("a signing file, but {error}"))
    } else if has("vectors") && owners.get("partner").is_some() {
        let keys = Keys { own: "partner", platform: "platform", ..nested_keys(owners) };
        header(text, PLUS, keys).map(Content::Header).map_err(|error| format!("a signing file, but {error}"))
    } else if has("vectors") && owners.get("merchant").is_some() {
        let keys = Keys { own: "merchant", platform: "antom", ..nested_keys(owners) };
        header(text, ANTOM, keys).map(Content::Header).map_err(|error| format!("a signing file, but {error}"))
    } else {
        Err("not recognised as a file of signing vectors or of flows".to_owned())
    }
}

fn gateway(text: &str, keys: Keys) -> serde_json::Result<GatewayFile> {
    #[derive(Deserialize)]
    struct Lists {
        certificates: Option<Value>,
        #[serde(default)]
        requests: Vec<Entry<FormRequest>>,
        #[serde(default)]
        responses: Vec<Entry<FormResponse>>,
        #[serde(default)]
        notifications: Vec<Entry<FormNotification>>,
    }
    let Lists { certificates, requests, responses, notifications } = serde_json::from_str(text)?;
    Ok(GatewayFile { keys, certificates, requests, responses, notifications })
}

fn header(text: &str, protocol: &'static str, keys: Keys) -> serde_json::Result<HeaderFile> {
    #[derive(Deserialize)]
    struct Lists {
        vectors: Vec<Entry<HeaderCase>>,
        #[serde(default)]
        negative: Vec<Entry<HeaderCase>>,
        #[serde(default)]
        tolerance: Vec<Entry<HeaderCase>>,
        #[serde(default)]
        external: Vec<Entry<HeaderCase>>,
    }
    let Lists { mut vectors, negative, tolerance, external } = serde_json::from_str(text)?;
    vectors.extend(negative);
    Ok(HeaderFile { protocol, keys, vectors, tolerance, external })
}

/// `{"<owner>_private_key_pkcs8_pem": ..., "<owner>_public_key_pem": ...}`
fn flat_keys(keys: &Value) -> Keys {
    let named = |suffixes: [&str; 2]| {
        let entries = keys.as_object().into_iter().flatten();
        let pairs = entries.filter_map(|(name, pem)| {
            let owner = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix))?;
            Some((owner.to_owned(), pem.as_str()?.to_owned()))
        });
        pairs.collect()
    };
    Keys {
        own: "",
        platform: "",
        private: named(["_private_key_pkcs1_pem", "_private_key_pkcs8_pem"]),
        public: named(["_public_key_pem", "_public_spki_pem"]),
    }
}

/// `{"<owner>": {"private_pkcs8_pem": ..., "public_spki_pem": ...}}`, or without `private_` and `public_`.
fn nested_keys(keys: &Value) -> Keys {
    let named = |fields: [&str; 2]| {
        let entries = keys.as_object().into_iter().flatten();
        let pairs = entries.filter_map(|(owner, key)| {
            let pem = fields.iter().find_map(|field| key.get(field)?.as_str())?;
            Some((owner.clone(), pem.to_owned()))
        });
        pairs.collect()
    };
    Keys {
        own: "",
        platform: "",
        private: named(["private_pkcs8_pem", "pkcs8_pem"]),
        public: named(["public_spki_pem", "spki_pem"]),
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Ordered;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Ordered, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Ordered(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
