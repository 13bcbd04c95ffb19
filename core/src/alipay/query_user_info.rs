//! `alipay.overseas.tax.userinfo.query`: whose code or account it is, and whether they can receive refunds.

use serde::{Deserialize, Serialize};

use super::pay_tax_refund::warn_unusual_barcode;
use super::reads;
use crate::Operation;
use crate::decision::{
    Action, CONFIGURATION_REFUSAL, Effect, Interface, Limit, NextStep, OperationSpec, Phase, Protocol, Rule,
    When,
};
use crate::lenient::lenient;
use crate::redact::{Extra, Sensitive};
use crate::validation::Checks;

/// Whose account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct QueryUserInfoRequest {
    /// `barcode` (scanned) or `logonId` (typed by the traveller). Alipay's page also prints them with capitals.
    pub identify_account_type: String,
    /// The scanned code (16 to 32 digits), or the login account: e-mail or phone.
    pub identify_account_no: Sensitive,
}

/// A traveller's account. Name and login account are for confirmation on screen only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct QueryUserInfoResponse {
    /// The user id (2088…), at most 16 characters.
    #[serde(deserialize_with = "lenient")]
    pub user_id: Option<String>,
    /// Real name, at most 32 characters.
    #[serde(deserialize_with = "lenient")]
    pub user_name: Option<Sensitive>,
    /// Login account; whether it is masked is not documented.
    #[serde(deserialize_with = "lenient")]
    pub logon_id: Option<Sensitive>,
    /// Whether refunds can be received. Only `true` means yes.
    #[serde(deserialize_with = "lenient")]
    pub eligible: Option<bool>,
    /// Why not: `REAL_NAME_UNCERTIFIED`, `ILLEGAL_USER`, `USER_ACCOUNT_FREEZED`; see [`crate::explain`].
    #[serde(deserialize_with = "lenient")]
    pub eligible_msg: Option<String>,
    /// The newer user id.
    #[serde(deserialize_with = "lenient")]
    pub open_id: Option<String>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`QueryUserInfoRequest`].
#[derive(Debug)]
pub struct QueryUserInfo;

impl Operation for QueryUserInfo {
    type Request = QueryUserInfoRequest;
    type Response = QueryUserInfoResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "alipay.query_user_info",
        protocol: Protocol::Alipay,
        effect: Effect::Reads,
        draft: false,
        idempotency_key: "identify_account_type",
        reference: Some("user_id"),
        form: None,
        amount: None,
        echoes: &[],
        phases: &[Phase {
            name: "user_info",
            interface: USER_INFO,
            state: None,
            limit: Limit::Attempts,
            exhausted_on_entry: None,
            rules: &[
                Rule {
                    when: &[When::Code(&["10000"])],
                    then: Action::Succeed,
                    because: "best practices, user information query: check that eligible is true",
                },
                reads::SYSTEM_ERROR,
                reads::BUSY,
                reads::NO_RESULT,
                CONFIGURATION_REFUSAL,
                Rule {
                    when: &[When::SubCode(NO_SUCH_ACCOUNT), When::Asked("identify_account_type", "logonId")],
                    then: Action::Fail(NextStep::StartNew),
                    because: "best practices, user information query: confirm the account name with the customer",
                },
                Rule {
                    when: &[When::SubCode(NO_SUCH_ACCOUNT)],
                    then: Action::Fail(NextStep::RefreshCode),
                    because: "best practices, user information query: the user refreshes the barcode",
                },
                reads::WRONG_CONFIGURATION,
                reads::TOKEN,
                reads::ARGUMENTS,
                reads::PERMISSION,
                reads::REST,
            ],
        }],
        resume_phase: "user_info",
    };

    fn key(request: &QueryUserInfoRequest) -> String {
        request.identify_account_type.clone()
    }

    fn freeze(request: &QueryUserInfoRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        Ok(vec![(USER_INFO.name, serde_json::to_string(request)?)])
    }

    fn check(request: &QueryUserInfoRequest, checks: &mut Checks) {
        let account = request.identify_account_no.reveal();
        checks.text("identify_account_type", &request.identify_account_type).one_of(&["barcode", "logonId"]);
        let check = checks.personal("identify_account_no", account);
        if request.identify_account_type == "logonId" {
            check.at_most(128).printable();
        } else {
            check.length(16..=32).digits();
            warn_unusual_barcode(checks, "identify_account_no", account);
        }
    }
}

/// As documented, and as the best-practices page misspells it.
const NO_SUCH_ACCOUNT: &[&str] = &["ILLEGAL_IDENTIFY_ACCOUNT_NO", "iILLEGAL_IDENTIFY_ACCOUNT_NO"];

const USER_INFO: &Interface = &Interface {
    name: "user_info",
    wire: "alipay.overseas.tax.userinfo.query",
    executes: false,
    top_level: false,
};
