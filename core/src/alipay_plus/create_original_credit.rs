//! `createOriginalCredit` (draft): pays a refund out, and finds out whether it did.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::confirm_original_credit::{CONFIRM, CONFIRM_RULES};
use super::evaluate_original_credit::check_scenario;
use super::inquire_original_credit::{INQUIRE, NOT_KNOWN_CODES};
use super::models::{Env, Merchant, Payee, User};
use super::results;
use crate::Operation;
use crate::antom::Quote;
use crate::decision::{
    Action, BEFORE_BUSINESS_CODES, CONFIGURATION_REFUSAL, CREDIT_IN_PROCESS_CODES, Effect, FIXABLE_CODES,
    Interface, Limit, NextStep, OperationSpec, Phase, Protocol, Rule, When, Window,
};
use crate::lenient::lenient;
use crate::money::Amount;
use crate::redact::Extra;
use crate::validation::Checks;

/// A credit to one wallet. Draft; fields but the first four are *third party*.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CreateOriginalCreditRequest {
    /// Your own id, at most 64 characters, unique for ever: the idempotency key.
    pub original_credit_request_id: String,
    /// What you pay. Part of what a repeat must keep.
    pub payer_amount: Amount,
    /// The user, by the id from the evaluation. Part of what a repeat must keep.
    pub payee: User,
    /// `TAX_REFUND`. Part of what a repeat must keep.
    pub scenario_type: String,
    /// `PORT_INSTANT_TAX_REFUND`, … Part of what a repeat must keep.
    pub sub_scenario_type: String,
    /// The shops that pay. The page says one object, the transcription a list: a list is sent.
    pub payer: Vec<Merchant>,
    /// Where the notification goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer_notification_url: Option<String>,
    /// Where the request comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<Env>,
    /// The paper form's number, at most 64 characters.
    pub tax_refund_form_number: String,
    /// ISO 3166-1 alpha-2.
    pub departure_region: String,
    /// The port of exit; its code list is not public.
    pub departure_port: String,
    /// Value of the goods on the form.
    pub total_sales_amount: Amount,
    /// A note, at most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
}

/// What is known of a credit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CreateOriginalCreditResponse {
    /// Alipay+'s id of the credit. Keep it as the reference.
    #[serde(deserialize_with = "lenient")]
    pub original_credit_id: Option<String>,
    /// Your own id.
    #[serde(deserialize_with = "lenient")]
    pub original_credit_request_id: Option<String>,
    /// When it was paid: the transaction time of the reports.
    #[serde(deserialize_with = "lenient")]
    pub original_credit_time: Option<String>,
    /// Alipay+'s id of the acquirer.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_id: Option<String>,
    /// Alipay+'s id of the wallet.
    #[serde(deserialize_with = "lenient")]
    pub psp_id: Option<String>,
    /// What the user received.
    #[serde(deserialize_with = "lenient")]
    pub payee_amount: Option<Amount>,
    /// The exchange rate.
    #[serde(deserialize_with = "lenient")]
    pub payee_quote: Option<Quote>,
    /// The user.
    #[serde(deserialize_with = "lenient")]
    pub payee: Option<Payee>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`CreateOriginalCreditRequest`].
#[derive(Debug)]
pub struct CreateOriginalCredit;

impl Operation for CreateOriginalCredit {
    type Request = CreateOriginalCreditRequest;
    type Response = CreateOriginalCreditResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "alipay_plus.create_original_credit",
        protocol: Protocol::AlipayPlus,
        effect: Effect::MovesMoney,
        draft: true,
        idempotency_key: "originalCreditRequestId",
        reference: Some("originalCreditId"),
        form: Some("taxRefundFormNumber"),
        amount: Some(("payerAmount.currency", "payerAmount.value")),
        echoes: &["originalCreditRequestId"],
        phases: PHASES,
        resume_phase: "inquire_credit",
    };

    fn key(request: &CreateOriginalCreditRequest) -> String {
        request.original_credit_request_id.clone()
    }

    fn freeze(request: &CreateOriginalCreditRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        let id = json!({ "originalCreditRequestId": request.original_credit_request_id }).to_string();
        Ok(vec![
            (CREATE.name, serde_json::to_string(request)?),
            (INQUIRE.name, id.clone()),
            (CONFIRM.name, id),
        ])
    }

    fn check(request: &CreateOriginalCreditRequest, checks: &mut Checks) {
        let r = request;
        checks.text("originalCreditRequestId", &r.original_credit_request_id).at_most(64).identifier();
        checks.amount("payerAmount", &r.payer_amount, false);
        checks.within("payee", |checks| r.payee.check(checks));
        check_scenario(checks, &r.scenario_type, &r.sub_scenario_type);
        Merchant::check_all(&r.payer, "payer", checks);
        checks.optional("payerNotificationUrl", r.payer_notification_url.as_deref()).at_most(1024).url();
        if let Some(env) = &r.env {
            checks.within("env", |checks| env.check(checks));
        }
        checks.text("taxRefundFormNumber", &r.tax_refund_form_number).at_most(64).printable();
        checks.text("departureRegion", &r.departure_region).region();
        checks.text("departurePort", &r.departure_port).at_most(64).printable();
        checks.amount("totalSalesAmount", &r.total_sales_amount, false);
        checks.optional("memo", r.memo.as_deref()).at_most(64);
    }
}

const CREATE: &Interface = &Interface {
    name: "create",
    wire: "/aps/api/v1/funds/createOriginalCredit",
    executes: true,
    top_level: false,
};

const EVERY_5_S: Window = Window::seconds(5, 5);
const TO_INQUIRE: Action = Action::Go("inquire_credit", EVERY_5_S);
const TO_CONFIRM: Action = Action::Go("confirm", Window::AT_ONCE);
const INQUIRE_AGAIN: Action = Action::Repeat(EVERY_5_S, &TO_CONFIRM);

const PHASES: &[Phase] = &[
    Phase {
        name: "create",
        interface: CREATE,
        state: None,
        limit: Limit::Attempts,
        exhausted_on_entry: None,
        rules: &[
            Rule {
                when: &[When::Code(CREDIT_IN_PROCESS_CODES)],
                then: TO_INQUIRE,
                because: "create page: in process means not final, go on with inquire; whatever the status letter",
            },
            results::SUCCESS,
            Rule {
                when: &[When::Status("F"), When::Code(FIXABLE_CODES), When::AnEarlierSendIsOpen],
                then: Action::Unknown(NextStep::FixConfiguration),
                because: "ours: refused before the business was looked at, while an earlier send may have executed",
            },
            Rule {
                when: &[When::Status("F"), When::Code(BEFORE_BUSINESS_CODES), When::AnEarlierSendIsOpen],
                then: Action::Unknown(NextStep::ContactSupport),
                because: "ours: refused before the business was looked at, while an earlier send may have executed",
            },
            results::CORRECT,
            results::FIXABLE,
            results::NO_USER,
            results::REFUSED,
            CONFIGURATION_REFUSAL,
            Rule {
                when: &[],
                then: TO_INQUIRE,
                because: "integration page: not final or no result, inquire",
            },
        ],
    },
    Phase {
        name: "inquire_credit",
        interface: INQUIRE,
        state: Some("originalCreditResult.resultCode"),
        limit: Limit::WithinMs(60_000),
        exhausted_on_entry: None,
        rules: &[
            Rule {
                when: &[When::Field("originalCreditResult.resultCode", "ORIGINAL_CREDIT_IN_PROCESS")],
                then: INQUIRE_AGAIN,
                because: "create page: in process means not final, whatever the status letter",
            },
            Rule {
                when: &[When::Field("originalCreditResult.resultStatus", "S")],
                then: Action::Succeed,
                because: "inquire page: originalCreditResult is the credit's result, result only the inquiry's",
            },
            Rule {
                when: &[When::Field("originalCreditResult.resultStatus", "F")],
                then: Action::Fail(NextStep::StartNew),
                because: "inquire page: originalCreditResult is the credit's result, result only the inquiry's",
            },
            Rule {
                when: &[
                    When::Status("F"),
                    When::Code(NOT_KNOWN_CODES),
                    When::NoSendEverAnswered,
                    When::NotYetRepeated,
                ],
                then: Action::Go("create", EVERY_5_S),
                because: "ours: not known, and the create's answer was lost: the same request once more",
            },
            CONFIGURATION_REFUSAL,
            Rule {
                when: &[],
                then: INQUIRE_AGAIN,
                because: "confirm page: inquire for a minute, then confirm; the interval is ours",
            },
        ],
    },
    Phase {
        name: "confirm",
        interface: CONFIRM,
        state: None,
        limit: Limit::Attempts,
        exhausted_on_entry: None,
        rules: CONFIRM_RULES,
    },
];
