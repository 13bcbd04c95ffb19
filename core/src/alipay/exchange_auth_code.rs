//! `alipay.system.oauth.token`: from an authorization code to the user's id, in mini programs, apps and web pages.

use serde::{Deserialize, Serialize};

use super::reads;
use crate::Operation;
use crate::decision::{
    Action, CONFIGURATION_REFUSAL, Effect, Interface, Limit, OperationSpec, Phase, Protocol, Rule, When,
};
use crate::lenient::lenient;
use crate::redact::{Extra, Sensitive};
use crate::validation::Checks;

/// A code, or a refresh token; exactly one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ExchangeAuthCodeRequest {
    /// `authorization_code` or `refresh_token`.
    pub grant_type: String,
    /// The auth code: works once, for 3 minutes to 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Sensitive>,
    /// The refresh token of an earlier exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Sensitive>,
}

/// The user's id and tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ExchangeAuthCodeResponse {
    /// The user id: 2088 and 12 digits.
    #[serde(deserialize_with = "lenient")]
    pub user_id: Option<String>,
    /// The newer user id.
    #[serde(deserialize_with = "lenient")]
    pub open_id: Option<String>,
    /// The user's id across applications.
    #[serde(deserialize_with = "lenient")]
    pub union_id: Option<String>,
    /// At most 40 characters.
    #[serde(deserialize_with = "lenient")]
    pub access_token: Option<Sensitive>,
    /// At most 40 characters.
    #[serde(deserialize_with = "lenient")]
    pub refresh_token: Option<Sensitive>,
    /// Seconds until the access token ends.
    #[serde(deserialize_with = "lenient")]
    pub expires_in: Option<String>,
    /// Seconds until the refresh token ends.
    #[serde(deserialize_with = "lenient")]
    pub re_expires_in: Option<String>,
    /// `permanent`, or absent.
    #[serde(deserialize_with = "lenient")]
    pub auth_token_type: Option<String>,
    /// When validity starts.
    #[serde(deserialize_with = "lenient")]
    pub auth_start: Option<String>,
    /// Everything else that was answered; `alipay_user_id` is retired, do not use it.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`ExchangeAuthCodeRequest`].
#[derive(Debug)]
pub struct ExchangeAuthCode;

impl Operation for ExchangeAuthCode {
    type Request = ExchangeAuthCodeRequest;
    type Response = ExchangeAuthCodeResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "alipay.exchange_auth_code",
        protocol: Protocol::Alipay,
        effect: Effect::Reads,
        draft: false,
        idempotency_key: "grant_type",
        reference: Some("user_id"),
        form: None,
        amount: None,
        echoes: &[],
        phases: &[Phase {
            name: "oauth_token",
            interface: OAUTH_TOKEN,
            state: None,
            limit: Limit::Attempts,
            exhausted_on_entry: None,
            rules: &[
                Rule {
                    when: &[When::NoCodeButSuccess, When::Present("access_token")],
                    then: Action::Succeed,
                    because: "oauth page: a success carries no code, but the token",
                },
                Rule {
                    when: &[When::NoCodeButSuccess, When::Present("user_id")],
                    then: Action::Succeed,
                    because: "oauth page: a success carries no code, but the user id",
                },
                reads::SYSTEM_ERROR,
                reads::BUSY,
                reads::NO_RESULT,
                CONFIGURATION_REFUSAL,
                reads::WRONG_CONFIGURATION,
                reads::TOKEN,
                reads::ARGUMENTS,
                reads::PERMISSION,
                reads::REST,
            ],
        }],
        resume_phase: "oauth_token",
    };

    fn key(request: &ExchangeAuthCodeRequest) -> String {
        request.grant_type.clone()
    }

    fn freeze(request: &ExchangeAuthCodeRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        Ok(vec![(OAUTH_TOKEN.name, serde_json::to_string(request)?)])
    }

    fn check(request: &ExchangeAuthCodeRequest, checks: &mut Checks) {
        let code = request.code.as_ref().map(Sensitive::reveal);
        let token = request.refresh_token.as_ref().map(Sensitive::reveal);
        checks.text("grant_type", &request.grant_type).one_of(&["authorization_code", "refresh_token"]);
        checks.optional_personal("code", code).at_most(64).printable();
        checks.optional_personal("refresh_token", token).at_most(64).printable();
        let (needed, unwanted, given) = match request.grant_type.as_str() {
            "authorization_code" => ("code", "refresh_token", (code, token)),
            "refresh_token" => ("refresh_token", "code", (token, code)),
            _ => return,
        };
        if given.0.is_none() {
            let message = format!("is required with grant_type {}", request.grant_type);
            checks.violate(needed, "required", message, "nothing".to_owned());
        }
        if given.1.is_some() {
            let message = format!("does not go with grant_type {}", request.grant_type);
            checks.violate(unwanted, "unwanted", message, "something".to_owned());
        }
    }
}

const OAUTH_TOKEN: &Interface =
    &Interface { name: "oauth_token", wire: "alipay.system.oauth.token", executes: false, top_level: true };
