//! `alipay.overseas.tax.order.query`: what became of a refund.

use serde::{Deserialize, Serialize};

use super::reads;
use crate::Operation;
use crate::decision::{
    Action, CONFIGURATION_REFUSAL, Effect, Interface, Limit, NextStep, OperationSpec, Phase, Protocol, Rule,
    When,
};
use crate::lenient::lenient;
use crate::redact::{Extra, Sensitive};
use crate::validation::Checks;

/// Which refund.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct QueryTaxRefundRequest {
    /// The refund's `out_order_no`, 3 to 64 letters and digits.
    pub out_order_no: String,
}

/// A refund's state. A query that succeeded says nothing yet: read [`status`](Self::status).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct QueryTaxRefundResponse {
    /// `S`: refunded. `F`: failed. Anything else (a sibling interface knows `I`, being processed) is not final.
    #[serde(deserialize_with = "lenient")]
    pub status: Option<String>,
    /// Alipay's refund number.
    #[serde(deserialize_with = "lenient")]
    pub tax_no: Option<String>,
    /// Your own number.
    #[serde(deserialize_with = "lenient")]
    pub out_order_no: Option<String>,
    /// When it was paid (UTC+8); only with `S`.
    #[serde(deserialize_with = "lenient")]
    pub success_time: Option<String>,
    /// `barcode`.
    #[serde(deserialize_with = "lenient")]
    pub identify_account_type: Option<String>,
    /// The code that was used.
    #[serde(deserialize_with = "lenient")]
    pub identify_account_no: Option<Sensitive>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`QueryTaxRefundRequest`].
#[derive(Debug)]
pub struct QueryTaxRefund;

impl Operation for QueryTaxRefund {
    type Request = QueryTaxRefundRequest;
    type Response = QueryTaxRefundResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "alipay.query_tax_refund",
        protocol: Protocol::Alipay,
        effect: Effect::Reads,
        draft: false,
        idempotency_key: "out_order_no",
        reference: Some("tax_no"),
        form: None,
        amount: None,
        echoes: &["out_order_no"],
        phases: &[Phase {
            name: "query",
            interface: QUERY,
            state: None,
            limit: Limit::Attempts,
            exhausted_on_entry: None,
            rules: &[
                Rule {
                    when: &[When::Code(&["10000"])],
                    then: Action::Succeed,
                    because: "best practices, query interface: 10000, the query is successful; check status",
                },
                reads::SYSTEM_ERROR,
                reads::BUSY,
                reads::NO_RESULT,
                CONFIGURATION_REFUSAL,
                Rule {
                    when: &[When::SubCode(&["TAX_REFUND_RESULT_UNKNOWN"])],
                    then: Action::Unknown(NextStep::ResumeLater),
                    because: "best practices, query interface: repeat the same refund request",
                },
                reads::WRONG_CONFIGURATION,
                reads::TOKEN,
                reads::ARGUMENTS,
                reads::PERMISSION,
                reads::REST,
            ],
        }],
        resume_phase: "query",
    };

    fn key(request: &QueryTaxRefundRequest) -> String {
        request.out_order_no.clone()
    }

    fn freeze(request: &QueryTaxRefundRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        Ok(vec![(QUERY.name, serde_json::to_string(request)?)])
    }

    fn check(request: &QueryTaxRefundRequest, checks: &mut Checks) {
        checks.text("out_order_no", &request.out_order_no).length(3..=64).letters_and_digits();
    }
}

pub(super) const QUERY: &Interface =
    &Interface { name: "query", wire: "alipay.overseas.tax.order.query", executes: false, top_level: false };
