//! `inquireOriginalCredit` (draft): what became of a credit.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::models::Payee;
use super::results;
use crate::Operation;
use crate::antom::Quote;
use crate::decision::{CONFIGURATION_REFUSAL, Effect, Interface, Limit, OperationSpec, Phase, Protocol};
use crate::lenient::lenient;
use crate::money::Amount;
use crate::redact::Extra;
use crate::validation::Checks;

/// Which credit: at least one of the two ids, at most 64 characters each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct InquireOriginalCreditRequest {
    /// Your own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_credit_request_id: Option<String>,
    /// Alipay+'s id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_credit_id: Option<String>,
}

/// A credit's state (*third party*). `result` is the inquiry's; read
/// [`original_credit_result`](Self::original_credit_result).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct InquireOriginalCreditResponse {
    /// The credit's result: `resultStatus` S, F or U with its code.
    #[serde(deserialize_with = "lenient")]
    pub original_credit_result: Option<Extra>,
    /// Your own id.
    #[serde(deserialize_with = "lenient")]
    pub original_credit_request_id: Option<String>,
    /// Alipay+'s id.
    #[serde(deserialize_with = "lenient")]
    pub original_credit_id: Option<String>,
    /// When it was paid.
    #[serde(deserialize_with = "lenient")]
    pub original_credit_time: Option<String>,
    /// Alipay+'s id of the acquirer.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_id: Option<String>,
    /// Alipay+'s id of the wallet.
    #[serde(deserialize_with = "lenient")]
    pub psp_id: Option<String>,
    /// `TAX_REFUND`.
    #[serde(deserialize_with = "lenient")]
    pub scenario_type: Option<String>,
    /// `PORT_INSTANT_TAX_REFUND`, …
    #[serde(deserialize_with = "lenient")]
    pub sub_scenario_type: Option<String>,
    /// What you paid.
    #[serde(deserialize_with = "lenient")]
    pub payer_amount: Option<Amount>,
    /// What the user received.
    #[serde(deserialize_with = "lenient")]
    pub payee_amount: Option<Amount>,
    /// The exchange rate.
    #[serde(deserialize_with = "lenient")]
    pub payee_quote: Option<Quote>,
    /// The shops that paid, each of the shape of [`Merchant`](super::Merchant).
    #[serde(deserialize_with = "lenient")]
    pub payer: Option<Vec<Map<String, Value>>>,
    /// The user.
    #[serde(deserialize_with = "lenient")]
    pub payee: Option<Payee>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`InquireOriginalCreditRequest`].
#[derive(Debug)]
pub struct InquireOriginalCredit;

impl Operation for InquireOriginalCredit {
    type Request = InquireOriginalCreditRequest;
    type Response = InquireOriginalCreditResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "alipay_plus.inquire_original_credit",
        protocol: Protocol::AlipayPlus,
        effect: Effect::Reads,
        draft: true,
        idempotency_key: "originalCreditRequestId",
        reference: Some("originalCreditId"),
        form: None,
        amount: None,
        echoes: &["originalCreditRequestId", "originalCreditId"],
        phases: &[Phase {
            name: "inquire_credit",
            interface: INQUIRE,
            state: None,
            limit: Limit::Attempts,
            exhausted_on_entry: None,
            rules: &[
                results::SUCCESS,
                results::CORRECT,
                results::FIXABLE,
                results::REFUSED,
                CONFIGURATION_REFUSAL,
                results::OPEN,
            ],
        }],
        resume_phase: "inquire_credit",
    };

    fn key(request: &InquireOriginalCreditRequest) -> String {
        key_of(&request.original_credit_request_id, &request.original_credit_id)
    }

    fn freeze(request: &InquireOriginalCreditRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        Ok(vec![(INQUIRE.name, serde_json::to_string(request)?)])
    }

    fn check(request: &InquireOriginalCreditRequest, checks: &mut Checks) {
        let own = request.original_credit_request_id.as_deref();
        check_ids(checks, own, request.original_credit_id.as_deref());
    }
}

/// The id that stands for the credit: your own, where it is given.
pub(super) fn key_of(own: &Option<String>, theirs: &Option<String>) -> String {
    own.as_ref().or(theirs.as_ref()).cloned().unwrap_or_default()
}

/// Either id, or both.
pub(super) fn check_ids(checks: &mut Checks, own: Option<&str>, theirs: Option<&str>) {
    checks.optional("originalCreditRequestId", own).at_most(64).identifier();
    checks.optional("originalCreditId", theirs).at_most(64).printable();
    if own.is_none() && theirs.is_none() {
        let message = "originalCreditRequestId or originalCreditId is required";
        checks.violate("originalCreditRequestId", "required", message, "neither".to_owned());
    }
}

/// What says that a credit is not known. The page's own codes could not be read; Alipay+ payments use this one.
pub(super) const NOT_KNOWN_CODES: &[&str] = &["ORDER_NOT_EXIST"];

pub(super) const INQUIRE: &Interface = &Interface {
    name: "inquire_credit",
    wire: "/aps/api/v1/funds/inquireOriginalCredit",
    executes: false,
    top_level: false,
};
