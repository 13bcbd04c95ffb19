//! `evaluateOriginalCredit` (draft): can this wallet take a credit, and what would arrive?

use serde::{Deserialize, Serialize};

use super::models::{Merchant, Passport, Payee, PaymentMethod};
use super::results;
use crate::Operation;
use crate::antom::Quote;
use crate::decision::{CONFIGURATION_REFUSAL, Effect, Interface, Limit, OperationSpec, Phase, Protocol};
use crate::lenient::lenient;
use crate::money::Amount;
use crate::redact::{Extra, Sensitive};
use crate::validation::Checks;

/// A question about one wallet. Draft; fields but `payerAmount` and `payer` are *third party*.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct EvaluateOriginalCreditRequest {
    /// What you would pay; `0` asks for eligibility only. Otherwise it must equal the amount of the later create.
    pub payer_amount: Amount,
    /// The shops that pay. The page says one object, the transcription a list: a list is sent.
    pub payer: Vec<Merchant>,
    /// The wallet.
    pub payee_method: PaymentMethod,
    /// `BY_CODE` or `BY_USER_ID`.
    pub evaluation_type: String,
    /// `TAX_REFUND`.
    pub scenario_type: String,
    /// `PORT_INSTANT_TAX_REFUND`, `RESERVATION_TAX_REFUND`; the full list is not public.
    pub sub_scenario_type: String,
    /// ISO 3166-1 alpha-2.
    pub departure_region: String,
}

/// The wallet's answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct EvaluateOriginalCreditResponse {
    /// Alipay+'s id of the acquirer.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_id: Option<String>,
    /// Alipay+'s id of the wallet.
    #[serde(deserialize_with = "lenient")]
    pub psp_id: Option<String>,
    /// What the user would receive.
    #[serde(deserialize_with = "lenient")]
    pub payee_amount: Option<Amount>,
    /// The exchange rate.
    #[serde(deserialize_with = "lenient")]
    pub payee_quote: Option<Quote>,
    /// The user; its id goes into the create.
    #[serde(deserialize_with = "lenient")]
    pub payee: Option<Payee>,
    /// The passport.
    #[serde(deserialize_with = "lenient")]
    pub passport: Option<Passport>,
    /// The wallet's brand.
    #[serde(deserialize_with = "lenient")]
    pub wallet_brand_name: Option<String>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`EvaluateOriginalCreditRequest`].
#[derive(Debug)]
pub struct EvaluateOriginalCredit;

impl Operation for EvaluateOriginalCredit {
    type Request = EvaluateOriginalCreditRequest;
    type Response = EvaluateOriginalCreditResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "alipay_plus.evaluate_original_credit",
        protocol: Protocol::AlipayPlus,
        effect: Effect::Reads,
        draft: true,
        idempotency_key: "evaluationType",
        reference: None,
        form: None,
        amount: None,
        echoes: &[],
        phases: &[Phase {
            name: "evaluate",
            interface: EVALUATE,
            state: None,
            limit: Limit::Attempts,
            exhausted_on_entry: None,
            rules: &[
                results::SUCCESS,
                results::CORRECT,
                results::FIXABLE,
                results::NO_USER,
                results::REFUSED,
                CONFIGURATION_REFUSAL,
                results::OPEN,
            ],
        }],
        resume_phase: "evaluate",
    };

    fn key(request: &EvaluateOriginalCreditRequest) -> String {
        request.evaluation_type.clone()
    }

    fn freeze(request: &EvaluateOriginalCreditRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        Ok(vec![(EVALUATE.name, serde_json::to_string(request)?)])
    }

    fn check(request: &EvaluateOriginalCreditRequest, checks: &mut Checks) {
        let r = request;
        checks.amount("payerAmount", &r.payer_amount, true);
        Merchant::check_all(&r.payer, "payer", checks);
        checks.within("payeeMethod", |checks| {
            let method = &r.payee_method;
            checks.text("paymentMethodType", &method.payment_method_type).at_most(64).identifier();
            checks.personal("paymentMethodId", method.payment_method_id.reveal()).at_most(128).printable();
            let customer = method.customer_id.as_ref().map(Sensitive::reveal);
            checks.optional_personal("customerId", customer).at_most(64).printable();
            checks
                .optional("paymentMethodMetaData", method.payment_method_meta_data.as_deref())
                .at_most(2048);
        });
        checks.text("evaluationType", &r.evaluation_type).one_of(&["BY_CODE", "BY_USER_ID"]);
        check_scenario(checks, &r.scenario_type, &r.sub_scenario_type);
        checks.text("departureRegion", &r.departure_region).region();
    }
}

/// Scenarios: the one that is public, and sub scenarios by their shape, as their list is not.
pub(super) fn check_scenario(checks: &mut Checks, scenario: &str, sub_scenario: &str) {
    checks.text("scenarioType", scenario).one_of(&["TAX_REFUND"]);
    checks.text("subScenarioType", sub_scenario).at_most(64).identifier();
}

const EVALUATE: &Interface = &Interface {
    name: "evaluate",
    wire: "/aps/api/v1/funds/evaluateOriginalCredit",
    executes: false,
    top_level: false,
};
