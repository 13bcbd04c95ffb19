//! `POST /ams/api/v1/payments/inquiryRefund`: what became of a refund.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::models::{AcquirerInfo, Quote};
use crate::Operation;
use crate::decision::{
    Action, CONFIGURATION_REFUSAL, Effect, FIXABLE_CODES, Interface, Limit, NextStep, OperationSpec, Phase,
    Protocol, Rule, When, Window,
};
use crate::lenient::lenient;
use crate::money::Amount;
use crate::redact::Extra;
use crate::validation::Checks;

/// Which refund: at least one of the two ids. Antom's own id wins when both are given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct InquireRefundRequest {
    /// Antom's id, at most 64 characters; preferred once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_id: Option<String>,
    /// Your own id, at most 64 characters; when the refund timed out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_request_id: Option<String>,
    /// Only where one client id serves several locations, at most 32 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_account_id: Option<String>,
}

/// A refund's state. An inquiry that succeeded says nothing yet: read [`refund_status`](Self::refund_status).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct InquireRefundResponse {
    /// `SUCCESS`, `PROCESSING` or `FAIL`; anything else is not final.
    #[serde(deserialize_with = "lenient")]
    pub refund_status: Option<String>,
    /// Antom's id.
    #[serde(deserialize_with = "lenient")]
    pub refund_id: Option<String>,
    /// Your own id.
    #[serde(deserialize_with = "lenient")]
    pub refund_request_id: Option<String>,
    /// The refund's amount.
    #[serde(deserialize_with = "lenient")]
    pub refund_amount: Option<Amount>,
    /// When it succeeded, ISO 8601.
    #[serde(deserialize_with = "lenient")]
    pub refund_time: Option<String>,
    /// Locked-rate settlement only.
    #[serde(deserialize_with = "lenient")]
    pub gross_settlement_amount: Option<Amount>,
    /// Locked-rate settlement only.
    #[serde(deserialize_with = "lenient")]
    pub settlement_quote: Option<Quote>,
    /// APO product.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_info: Option<AcquirerInfo>,
    /// Acquirer reference number, at most 64 characters.
    #[serde(deserialize_with = "lenient")]
    pub arn: Option<String>,
    /// Retrieval reference number, at most 32 characters.
    #[serde(deserialize_with = "lenient")]
    pub rrn: Option<String>,
    /// As it was sent.
    #[serde(deserialize_with = "lenient")]
    pub metadata: Option<String>,
    /// *SDK*.
    #[serde(deserialize_with = "lenient")]
    pub customized_info: Option<Map<String, Value>>,
    /// *SDK*.
    #[serde(deserialize_with = "lenient")]
    pub actual_refund_amount: Option<Amount>,
    /// How it was split; final only with `SUCCESS`.
    #[serde(deserialize_with = "lenient")]
    pub split_details: Option<Vec<Map<String, Value>>>,
    /// From the channel, on success.
    #[serde(deserialize_with = "lenient")]
    pub authorization_code: Option<String>,
    /// Everything else that was answered, `result` included.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`InquireRefundRequest`].
#[derive(Debug)]
pub struct InquireRefund;

const AGAIN: Action = Action::Repeat(Window::seconds(2, 10), &Action::Unknown(NextStep::ContactSupport));

impl Operation for InquireRefund {
    type Request = InquireRefundRequest;
    type Response = InquireRefundResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "antom.inquire_refund",
        protocol: Protocol::Antom,
        effect: Effect::Reads,
        draft: false,
        idempotency_key: "refundRequestId",
        reference: Some("refundId"),
        form: None,
        amount: None,
        echoes: &["refundRequestId", "refundId"],
        phases: &[Phase {
            name: "inquire",
            interface: INQUIRE,
            state: None,
            limit: Limit::Attempts,
            exhausted_on_entry: None,
            rules: &[
                Rule {
                    when: &[When::Status("S")],
                    then: Action::Succeed,
                    because: "refund guide, inquiry: read refundStatus",
                },
                Rule {
                    when: &[When::Status("F"), When::Code(FIXABLE_CODES)],
                    then: Action::Fail(NextStep::FixConfiguration),
                    because: "error codes: signature, media type, method or address is wrong",
                },
                Rule {
                    when: &[When::Status("F"), When::Code(&["PARAM_ILLEGAL"])],
                    then: Action::Fail(NextStep::StartNew),
                    because: "error codes: correct the request",
                },
                Rule {
                    when: &[When::Status("F")],
                    then: Action::Fail(NextStep::ContactSupport),
                    because: "ours: nothing was read",
                },
                CONFIGURATION_REFUSAL,
                Rule { when: &[When::NoResult], then: AGAIN, because: "ours: an inquiry is repeated" },
                Rule { when: &[], then: AGAIN, because: "ours: U, or a status that is not documented" },
            ],
        }],
        resume_phase: "inquire",
    };

    fn key(request: &InquireRefundRequest) -> String {
        request.refund_request_id.clone().or_else(|| request.refund_id.clone()).unwrap_or_default()
    }

    fn freeze(request: &InquireRefundRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        Ok(vec![(INQUIRE.name, serde_json::to_string(request)?)])
    }

    fn check(request: &InquireRefundRequest, checks: &mut Checks) {
        let r = request;
        checks.optional("refundId", r.refund_id.as_deref()).at_most(64).printable();
        checks.optional("refundRequestId", r.refund_request_id.as_deref()).at_most(64).identifier();
        checks.optional("merchantAccountId", r.merchant_account_id.as_deref()).at_most(32).printable();
        if r.refund_id.is_none() && r.refund_request_id.is_none() {
            let message = "refundId or refundRequestId is required";
            checks.violate("refundRequestId", "required", message, "neither".to_owned());
        }
    }
}

pub(super) const INQUIRE: &Interface = &Interface {
    name: "inquire",
    wire: "/ams/api/v1/payments/inquiryRefund",
    executes: false,
    top_level: false,
};
