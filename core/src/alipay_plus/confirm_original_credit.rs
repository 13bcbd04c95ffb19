//! `confirmOriginalCredit` (draft): has the wallet decide a credit that stays open after a minute of inquiries.

use serde::{Deserialize, Serialize};

use super::inquire_original_credit::{NOT_KNOWN_CODES, check_ids, key_of};
use super::results;
use crate::Operation;
use crate::decision::{
    Action, BEFORE_BUSINESS_CODES, CONFIGURATION_REFUSAL, CREDIT_IN_PROCESS_CODES, Effect, FIXABLE_CODES,
    Interface, Limit, NextStep, OperationSpec, Phase, Protocol, Rule, When, Window,
};
use crate::lenient::lenient;
use crate::redact::Extra;
use crate::validation::Checks;

/// Which credit: at least one of the two ids, at most 64 characters each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ConfirmOriginalCreditRequest {
    /// Your own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_credit_request_id: Option<String>,
    /// Alipay+'s id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_credit_id: Option<String>,
}

/// A success means that the credit succeeded, a failure that it failed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ConfirmOriginalCreditResponse {
    /// Alipay+'s id of the acquirer.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_id: Option<String>,
    /// Alipay+'s id of the wallet.
    #[serde(deserialize_with = "lenient")]
    pub psp_id: Option<String>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`ConfirmOriginalCreditRequest`].
#[derive(Debug)]
pub struct ConfirmOriginalCredit;

impl Operation for ConfirmOriginalCredit {
    type Request = ConfirmOriginalCreditRequest;
    type Response = ConfirmOriginalCreditResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "alipay_plus.confirm_original_credit",
        protocol: Protocol::AlipayPlus,
        effect: Effect::MovesMoney,
        draft: true,
        idempotency_key: "originalCreditRequestId",
        reference: None,
        form: None,
        amount: None,
        echoes: &["originalCreditRequestId", "originalCreditId"],
        phases: &[Phase {
            name: "confirm",
            interface: CONFIRM,
            state: None,
            limit: Limit::Attempts,
            exhausted_on_entry: None,
            rules: CONFIRM_RULES,
        }],
        resume_phase: "confirm",
    };

    fn key(request: &ConfirmOriginalCreditRequest) -> String {
        key_of(&request.original_credit_request_id, &request.original_credit_id)
    }

    fn freeze(request: &ConfirmOriginalCreditRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        Ok(vec![(CONFIRM.name, serde_json::to_string(request)?)])
    }

    fn check(request: &ConfirmOriginalCreditRequest, checks: &mut Checks) {
        let own = request.original_credit_request_id.as_deref();
        check_ids(checks, own, request.original_credit_id.as_deref());
    }
}

pub(super) const CONFIRM: &Interface = &Interface {
    name: "confirm",
    wire: "/aps/api/v1/funds/confirmOriginalCredit",
    executes: false,
    top_level: false,
};

const CONFIRM_AGAIN: Action =
    Action::Repeat(Window::seconds(5, 5), &Action::Unknown(NextStep::AwaitNotification));

/// What a confirmation's answer means, on its own and at the end of a create.
pub(super) const CONFIRM_RULES: &[Rule] = &[
    Rule {
        when: &[When::Code(CREDIT_IN_PROCESS_CODES)],
        then: CONFIRM_AGAIN,
        because: "create page: in process means not final, whatever the status letter",
    },
    results::SUCCESS,
    Rule {
        when: &[When::Status("F"), When::Code(FIXABLE_CODES)],
        then: Action::Unknown(NextStep::FixConfiguration),
        because: "ours: the confirmation was refused before the credit was looked at",
    },
    Rule {
        when: &[When::Status("F"), When::Code(BEFORE_BUSINESS_CODES)],
        then: Action::Unknown(NextStep::ContactSupport),
        because: "ours: the confirmation was refused before the credit was looked at",
    },
    Rule {
        when: &[When::Status("F"), When::Code(&["PARAM_ILLEGAL"])],
        then: Action::Unknown(NextStep::ContactSupport),
        because: "ours: it is the confirmation that was not understood",
    },
    Rule {
        when: &[When::Status("F"), When::Code(NOT_KNOWN_CODES)],
        then: Action::Unknown(NextStep::ContactSupport),
        because: "ours: a credit that is not known has not failed; it may still arrive",
    },
    Rule {
        when: &[When::Status("F")],
        then: Action::Fail(NextStep::StartNew),
        because: "confirm page: F, the credit failed",
    },
    CONFIGURATION_REFUSAL,
    Rule {
        when: &[],
        then: CONFIRM_AGAIN,
        because: "confirm page: still unknown, confirm again; the interval is ours",
    },
];
