//! Alipay's open gateway: a form whose parameters are sorted, joined and signed; answers signed over one member's bytes.

mod answer;
mod charset;
mod notification;

use serde_json::Value;

pub use answer::{CutOut, cut_out};
pub use charset::Charset;
pub(crate) use notification::read as read_notification;
pub use notification::{Rule, parse_form, string_to_verify};

use super::{Environment, MerchantKey, Signing, check_endpoint, platform_verifier};
use crate::datetime::GatewayTime;
use crate::decision::Interface;
use crate::keys::{Certificate, PublicKey, RootBundle};
use crate::redact::Sensitive;
use crate::signing::{Algorithm, Verifier};
use crate::wire::HttpRequest;
use crate::{ConfigurationError, codes};

/// The production gateway, as the tax refund pages print it.
pub const PRODUCTION_ENDPOINT: &str = "https://globalopenapi.alipay.com/gateway.do";
/// The test gateway.
pub const SANDBOX_ENDPOINT: &str = "https://openapi-sandbox.dl.alipaydev.com/gateway.do";
const PRODUCTION_HOSTS: &[&str] = &["globalopenapi.alipay.com", "openapi.alipay.com"];

/// What a gateway account is made of.
#[derive(Clone)]
pub struct Config {
    /// The application's id, at most 32 characters.
    pub app_id: String,
    /// Who signs our requests.
    pub merchant_key: MerchantKey,
    /// What Alipay's answers are checked with.
    pub platform: Platform,
    /// Real money, or a test gateway.
    pub environment: Environment,
    /// Where to send; by default the environment's own gateway.
    pub endpoint: Option<String>,
    /// The account's charset. UTF-8 unless the account is set up for GBK.
    pub charset: Charset,
    /// RSA2. Legacy RSA (SHA-1) only where an old account leaves no choice.
    pub sign_type: SignType,
    /// For calls on behalf of another merchant, at most 40 characters.
    pub app_auth_token: Option<Sensitive>,
    /// Where Alipay sends notifications.
    pub notify_url: Option<String>,
}

impl Config {
    /// An account with everything else at its default: production, UTF-8, RSA2.
    #[must_use]
    pub fn new(app_id: impl Into<String>, merchant_key: MerchantKey, platform: Platform) -> Self {
        Self {
            app_id: app_id.into(),
            merchant_key,
            platform,
            environment: Environment::Production,
            endpoint: None,
            charset: Charset::Utf8,
            sign_type: SignType::Rsa2,
            app_auth_token: None,
            notify_url: None,
        }
    }
}

/// What Alipay's answers are checked with.
#[expect(clippy::large_enum_variant, reason = "made once per account")]
#[derive(Clone)]
pub enum Platform {
    /// The Alipay public key, copied from the open platform.
    PublicKey(PublicKey),
    /// Certificate mode.
    Certificates {
        /// Our application's certificate.
        app: Certificate,
        /// Alipay's certificates; during a change the old and the new one.
        alipay: Vec<Certificate>,
        /// Alipay's root bundle.
        root: RootBundle,
    },
}

/// The hash under the signature; pinned, never read from an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SignType {
    /// SHA256withRSA.
    #[default]
    Rsa2,
    /// SHA1withRSA. SHA-1 is broken; only for accounts that cannot be moved to RSA2.
    LegacyRsa,
}

impl SignType {
    /// The parameter's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa2 => "RSA2",
            Self::LegacyRsa => "RSA",
        }
    }

    /// What is pinned.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Rsa2 => Algorithm::RsaSha256,
            Self::LegacyRsa => Algorithm::RsaSha1Legacy,
        }
    }
}

/// A gateway account, made ready.
pub(crate) struct Gateway {
    pub(crate) app_id: String,
    pub(crate) charset: Charset,
    pub(crate) signing: Signing,
    pub(crate) environment: Environment,
    endpoint: String,
    sign_type: SignType,
    verifiers: Verifiers,
    app_auth_token: Option<Sensitive>,
    notify_url: Option<String>,
}

enum Verifiers {
    Key(Verifier),
    Certificates { app_cert_sn: String, root_cert_sn: String, by_sn: Vec<(String, Verifier)> },
}

/// A request whose signature is still due.
pub(crate) struct Draft {
    query: Vec<(&'static str, String)>,
    body: Vec<(String, String)>,
    pub(crate) to_sign: Vec<u8>,
}

impl Gateway {
    pub(crate) fn new(config: Config) -> Result<Self, ConfigurationError> {
        let problem = |field: &str, message: &str| {
            Err(ConfigurationError::new(field, codes::CONFIGURATION, message.to_owned()))
        };
        if config.app_id.is_empty() || config.app_id.len() > 32 {
            return problem("app_id", "must have 1 to 32 characters");
        }
        if config.app_auth_token.as_ref().is_some_and(|token| token.reveal().chars().count() > 40) {
            return problem("app_auth_token", "may have at most 40 characters");
        }
        let endpoint = config.endpoint.unwrap_or_else(|| {
            match config.environment {
                Environment::Production => PRODUCTION_ENDPOINT,
                Environment::Sandbox => SANDBOX_ENDPOINT,
            }
            .to_owned()
        });
        check_endpoint(&endpoint)?;
        if config.environment == Environment::Sandbox
            && PRODUCTION_HOSTS.iter().any(|host| endpoint.starts_with(&format!("https://{host}")))
        {
            return problem("environment", "this endpoint is production: say so, or use a test gateway");
        }
        let algorithm = config.sign_type.algorithm();
        let verifiers = match &config.platform {
            Platform::PublicKey(key) => {
                Verifiers::Key(platform_verifier("alipay_public_key", key, &config.merchant_key, algorithm)?)
            }
            Platform::Certificates { app, alipay, root } => {
                if alipay.is_empty() {
                    return problem("alipay_certificates", "certificate mode needs at least one");
                }
                let mut by_sn = Vec::new();
                for certificate in alipay {
                    let key = certificate.public_key();
                    let verifier =
                        platform_verifier("alipay_certificates", key, &config.merchant_key, algorithm)?;
                    by_sn.push((certificate.serial_number().to_owned(), verifier));
                }
                Verifiers::Certificates {
                    app_cert_sn: app.serial_number().to_owned(),
                    root_cert_sn: root.serial_number().to_owned(),
                    by_sn,
                }
            }
        };
        Ok(Self {
            signing: Signing::new(config.merchant_key, algorithm)?,
            app_id: config.app_id,
            charset: config.charset,
            environment: config.environment,
            endpoint,
            sign_type: config.sign_type,
            verifiers,
            app_auth_token: config.app_auth_token,
            notify_url: config.notify_url,
        })
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Everything but the signature. Common parameters travel in the query string, business ones in the body.
    pub(crate) fn draft(&self, interface: &'static Interface, business: &str, now_ms: u64) -> Draft {
        let mut query = vec![
            ("app_id", self.app_id.clone()),
            ("method", interface.wire.to_owned()),
            ("format", "json".to_owned()),
            ("charset", self.charset.as_str().to_owned()),
            ("sign_type", self.sign_type.as_str().to_owned()),
            ("timestamp", GatewayTime::from_epoch_ms(now_ms).to_string()),
            ("version", "1.0".to_owned()),
        ];
        if let Some(token) = &self.app_auth_token {
            query.push(("app_auth_token", token.reveal().to_owned()));
        }
        if let Some(url) = self.notify_url.as_ref().filter(|_| interface.executes) {
            query.push(("notify_url", url.clone()));
        }
        if let Verifiers::Certificates { app_cert_sn, root_cert_sn, .. } = &self.verifiers {
            query.push(("app_cert_sn", app_cert_sn.clone()));
            query.push(("alipay_root_cert_sn", root_cert_sn.clone()));
        }
        let body = if interface.top_level {
            top_level_parameters(business)
        } else {
            vec![("biz_content".to_owned(), business.to_owned())]
        };
        let all = query
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .chain(body.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let to_sign = string_to_sign(all, self.charset);
        Draft { query, body, to_sign }
    }

    pub(crate) fn request(&self, draft: &Draft, signature: &[u8], interface: &'static str) -> HttpRequest {
        let sign = crate::encoding::to_base64(signature);
        let mut url = self.endpoint.clone();
        for (index, (name, value)) in draft.query.iter().enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            self.charset.push_form(&mut url, name, value);
        }
        url.push('&');
        self.charset.push_form(&mut url, "sign", &sign);
        let mut body = String::new();
        for (index, (name, value)) in draft.body.iter().enumerate() {
            if index > 0 {
                body.push('&');
            }
            self.charset.push_form(&mut body, name, value);
        }
        HttpRequest {
            method: "POST",
            url,
            headers: vec![(
                "content-type",
                format!("application/x-www-form-urlencoded;charset={}", self.charset.as_str()),
            )],
            body: body.into_bytes(),
            timeout: std::time::Duration::ZERO,
            interface,
        }
    }
}

/// The text that a form's signature covers: non-empty parameters but `sign`, sorted by name, joined with `&`, in the
/// account's charset. `sign_type` is part of it. Values are plain, not percent-encoded.
///
/// Source: gateway signing rules for requests (collect, drop empty ones, sort by byte order, join).
pub fn string_to_sign<'a>(
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    charset: Charset,
) -> Vec<u8> {
    let sorted = sorted_non_empty(parameters, &["sign"]);
    charset.encode(&join(&sorted)).into_owned()
}

fn sorted_non_empty<'a>(
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    left_out: &[&str],
) -> Vec<(&'a str, &'a str)> {
    let mut kept: Vec<_> = parameters
        .into_iter()
        .filter(|(name, value)| !name.is_empty() && !value.is_empty() && !left_out.contains(name))
        .collect();
    kept.sort_unstable();
    kept
}

fn join(parameters: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(parameters.iter().map(|(n, v)| n.len() + v.len() + 2).sum());
    for (index, (name, value)) in parameters.iter().enumerate() {
        if index > 0 {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// The members of a frozen content that travels as parameters of its own (the token call).
fn top_level_parameters(business: &str) -> Vec<(String, String)> {
    match serde_json::from_str(business) {
        Ok(Value::Object(members)) => members
            .into_iter()
            .filter_map(|(name, value)| crate::json::scalar_text(&value).map(|text| (name, text)))
            .collect(),
        _ => Vec::new(),
    }
}
