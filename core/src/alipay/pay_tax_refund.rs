//! `alipay.overseas.tax.order.pay`: credits a refund to a traveller's wallet, and finds out whether it did.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::query_tax_refund::QUERY;
use crate::Operation;
use crate::datetime::GatewayTime;
use crate::decision::{
    Action, CONFIGURATION_REFUSAL, Effect, Interface, Limit, NextStep, OperationSpec, Phase, Protocol, Rule,
    When, Window,
};
use crate::lenient::{lenient, number_or_flag};
use crate::money::{check_alipay_fx_value, shown};
use crate::redact::{Extra, Sensitive};
use crate::validation::Checks;

/// A refund to one wallet.
///
/// `out_order_no` is the idempotency key: every different number is a new payment. Dates are wall-clock time in UTC+8,
/// `yyyy-MM-dd HH:mm:ss`. Amounts are integer counts of the currency's smallest unit: SGD 100.00 is `"10000"`.
///
/// Lengths and required flags of most fields stand on a part of Alipay's page that could not be read; they are taken
/// from the official Java SDK's models and marked *SDK* here. What Alipay itself requires may be more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PayTaxRefundRequest {
    /// Your own serial number: 3 to 64 letters and digits, unique for ever.
    pub out_order_no: String,
    /// `barcode` (the wallet's code was scanned) or `uid` (the user id is known; *SDK*).
    pub identify_account_type: String,
    /// The scanned code (16 to 32 digits), or the user id.
    pub identify_account_no: Sensitive,
    /// Only `FOREX_TAX_REFUND`, which is sent when left out.
    pub biz_mode: Option<String>,
    /// Only `03`, airport real-time refund, which is sent when left out.
    pub tax_refund_scene_type: Option<String>,
    /// ISO 4217 code of the refund.
    pub tax_refund_currency: String,
    /// The refund in the smallest unit, at most 11 digits.
    #[cfg_attr(feature = "schema", schemars(extend("x-currency" = "tax_refund_currency")))]
    pub tax_refund_amount: String,
    /// What the user receives, normally `CNY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_received_currency: Option<String>,
    /// Country of the refund, ISO 3166-1 alpha-2 (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// Port of exit, free text (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departure_point: Option<String>,
    /// Number on the paper form, 3 to 64 letters and digits (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_id: Option<String>,
    /// End of the form's validity: print date + 6 months (*SDK*). Computed from the print date when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("x-time" = "gateway")))]
    pub doc_expire_date: Option<String>,
    /// When the form was printed (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("x-time" = "gateway")))]
    pub tax_refund_print_date: Option<String>,
    /// When customs confirmed the exit (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("x-time" = "gateway")))]
    pub confirm_date: Option<String>,
    /// When the goods were bought (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("x-time" = "gateway")))]
    pub sales_date: Option<String>,
    /// ISO 4217 code of the purchase (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sales_currency: Option<String>,
    /// The purchase in the smallest unit (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("x-currency" = "sales_currency")))]
    pub sales_amount: Option<String>,
    /// Days after which an order that was not processed fails, 15 to 30 (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "number_or_flag")]
    pub available_day: Option<u32>,
    /// Country in the passport, ISO 3166-1 alpha-2 (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// Passport number (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passport_no: Option<Sensitive>,
    /// Name in Latin letters as printed in the passport (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passport_name: Option<Sensitive>,
    /// Name of the tax refund company (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// With `uid`: `{"barcodeNo":"…"}`, the scanned code, as JSON text (*SDK*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extend_param: Option<Sensitive>,
}

/// What is known of a paid refund.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct PayTaxRefundResponse {
    /// Alipay's refund number. Keep it as the reference.
    #[serde(deserialize_with = "lenient")]
    pub tax_no: Option<String>,
    /// Your own number, where a query told the result.
    #[serde(deserialize_with = "lenient")]
    pub out_order_no: Option<String>,
    /// `S`, where a query told the result.
    #[serde(deserialize_with = "lenient")]
    pub status: Option<String>,
    /// When it was paid (UTC+8), where a query told the result.
    #[serde(deserialize_with = "lenient")]
    pub success_time: Option<String>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`PayTaxRefundRequest`].
#[derive(Debug)]
pub struct PayTaxRefund;

const BIZ_MODE: &str = "FOREX_TAX_REFUND";
const SCENE_TYPE: &str = "03";

impl Operation for PayTaxRefund {
    type Request = PayTaxRefundRequest;
    type Response = PayTaxRefundResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "alipay.pay_tax_refund",
        protocol: Protocol::Alipay,
        effect: Effect::MovesMoney,
        draft: false,
        idempotency_key: "out_order_no",
        reference: Some("tax_no"),
        form: Some("doc_id"),
        amount: Some(("tax_refund_currency", "tax_refund_amount")),
        echoes: &["out_order_no"],
        phases: PHASES,
        resume_phase: "query",
    };

    fn key(request: &PayTaxRefundRequest) -> String {
        request.out_order_no.clone()
    }

    fn freeze(request: &PayTaxRefundRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        let complete = PayTaxRefundRequest {
            biz_mode: Some(BIZ_MODE.to_owned()),
            tax_refund_scene_type: Some(SCENE_TYPE.to_owned()),
            doc_expire_date: request.doc_expire_date.clone().or_else(|| computed_expiry(request)),
            ..request.clone()
        };
        let query = json!({ "out_order_no": request.out_order_no }).to_string();
        Ok(vec![(PAY.name, serde_json::to_string(&complete)?), (QUERY.name, query)])
    }

    fn check(request: &PayTaxRefundRequest, checks: &mut Checks) {
        let r = request;
        checks.text("out_order_no", &r.out_order_no).length(3..=64).letters_and_digits();
        checks.text("identify_account_type", &r.identify_account_type).one_of(&["barcode", "uid"]);
        let account = checks.personal("identify_account_no", r.identify_account_no.reveal());
        if r.identify_account_type == "uid" {
            account.at_most(32).letters_and_digits();
        } else {
            account.length(16..=32).digits();
            warn_unusual_barcode(checks, "identify_account_no", r.identify_account_no.reveal());
        }
        checks.optional("biz_mode", r.biz_mode.as_deref()).one_of(&[BIZ_MODE]);
        checks.optional("tax_refund_scene_type", r.tax_refund_scene_type.as_deref()).one_of(&[SCENE_TYPE]);
        check_money(checks, "tax_refund", &r.tax_refund_currency, &r.tax_refund_amount);
        checks.optional("user_received_currency", r.user_received_currency.as_deref()).currency();
        checks.optional("country_code", r.country_code.as_deref()).region();
        checks.optional("departure_point", r.departure_point.as_deref()).at_most(256).printable();
        checks.optional("doc_id", r.doc_id.as_deref()).length(3..=64).letters_and_digits();
        for (path, date) in [
            ("doc_expire_date", &r.doc_expire_date),
            ("tax_refund_print_date", &r.tax_refund_print_date),
            ("confirm_date", &r.confirm_date),
            ("sales_date", &r.sales_date),
        ] {
            checks.optional(path, date.as_deref()).gateway_time();
        }
        if let (Some(given), Some(computed)) = (&r.doc_expire_date, computed_expiry(r))
            && *given != computed
        {
            let message = format!("print date + 6 months would be {computed}");
            checks.warn("doc_expire_date", "form_expiry", message);
        }
        match (&r.sales_currency, &r.sales_amount) {
            (Some(currency), Some(amount)) => check_money(checks, "sales", currency, amount),
            (None, None) => {}
            (given, _) => {
                let missing = if given.is_some() { "sales_amount" } else { "sales_currency" };
                checks.violate(
                    missing,
                    "required",
                    "goes with the other one of the pair",
                    "nothing".to_owned(),
                );
            }
        }
        if let Some(days) = r.available_day.filter(|days| !(15..=30).contains(days)) {
            checks.violate("available_day", "range", "must be 15 to 30 days", days.to_string());
        }
        checks.optional("nationality", r.nationality.as_deref()).region();
        checks
            .optional_personal("passport_no", r.passport_no.as_ref().map(Sensitive::reveal))
            .at_most(32)
            .printable();
        checks
            .optional_personal("passport_name", r.passport_name.as_ref().map(Sensitive::reveal))
            .at_most(128)
            .holds("alphabet", "must be in Latin letters, as printed in the passport", is_latin);
        checks.optional("company_name", r.company_name.as_deref()).at_most(256).printable();
        check_extend_param(r, checks);
    }
}

fn check_money(checks: &mut Checks, prefix: &str, currency: &str, amount: &str) {
    checks.text(&format!("{prefix}_currency"), currency).currency();
    if amount.is_empty() {
        checks.text(&format!("{prefix}_amount"), amount);
    } else if let Err(error) = check_alipay_fx_value(amount) {
        checks.violate(&format!("{prefix}_amount"), error.code(), error.to_string(), shown(amount));
    }
}

/// Payment codes start with 25 to 30. The tax refund pages do not say so, hence a warning.
pub(super) fn warn_unusual_barcode(checks: &mut Checks, path: &str, code: &str) {
    let known =
        code.get(..2).and_then(|start| start.parse::<u8>().ok()).is_some_and(|n| (25..=30).contains(&n));
    if !known && !code.is_empty() {
        checks.warn(
            path,
            "barcode_shape",
            "payment codes usually start with 25 to 30: is this the wallet's code?",
        );
    }
}

fn computed_expiry(request: &PayTaxRefundRequest) -> Option<String> {
    let printed = GatewayTime::parse(request.tax_refund_print_date.as_deref()?).ok()?;
    crate::datetime::form_expiry_gateway(&printed).ok().map(|expiry| expiry.to_string())
}

fn is_latin(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphabetic() || " '-.,/<".contains(c) || ('À'..='ɏ').contains(&c))
}

/// With `uid` the scanned code still travels, inside `extend_param`.
fn check_extend_param(request: &PayTaxRefundRequest, checks: &mut Checks) {
    const PATH: &str = "extend_param";
    let text = request.extend_param.as_ref().map(Sensitive::reveal);
    checks
        .optional_personal(PATH, text)
        .holds("json", "must be a JSON object as text", |text| crate::json::parse_object(text).is_ok());
    if request.identify_account_type != "uid" {
        return;
    }
    let code = text
        .and_then(|text| crate::json::parse_object(text).ok())
        .and_then(|object| crate::json::text_at(&object, "barcodeNo"));
    match code {
        Some(code) => {
            checks.personal("extend_param.barcodeNo", &code).length(16..=32).digits();
        }
        None => {
            let message =
                "with identify_account_type uid it must carry {\"barcodeNo\":\"…\"}, the scanned code";
            checks.violate(PATH, "required", message, "no barcodeNo".to_owned());
        }
    }
}

pub(super) const PAY: &Interface =
    &Interface { name: "pay", wire: "alipay.overseas.tax.order.pay", executes: true, top_level: false };

const RETRY_WINDOW: Window = Window::seconds(3, 10);
const RESULT_UNKNOWN_WINDOW: Window = Window::seconds(5, 10);
const QUERY_WINDOW: Window = Window::seconds(3, 5);

const TO_QUERY: Action = Action::Go("query", Window::AT_ONCE);
/// After an answer that never came the request may still be on its way: give it a moment before asking.
const TO_QUERY_LATER: Action = Action::Go("query", RETRY_WINDOW);

const PAID: Rule = Rule {
    when: &[When::Code(&["10000"]), When::Present("tax_no")],
    then: Action::Succeed,
    because: "best practices, refund interface: 10000, the money is refunded; record the tax number",
};

macro_rules! pay_rules {
    ($exhausted:expr) => {
        &[
            PAID,
            Rule {
                when: &[When::Code(&["10000"])],
                then: TO_QUERY,
                because: "ours: success without its number, so ask",
            },
            Rule {
                when: &[When::Code(&["20000", "20001", "40006"])],
                then: Action::Repeat(RETRY_WINDOW, &$exhausted),
                because: "best practices, refund interface: same parameters, 3-10 times, 3-10 s apart",
            },
            Rule {
                when: &[When::Code(&["40005"])],
                then: Action::Repeat(RETRY_WINDOW, &$exhausted),
                because: "ours: a call limit is repeated like 20000",
            },
            Rule {
                when: &[When::NoResult],
                then: Action::Repeat(RETRY_WINDOW, &$exhausted),
                because: "best practices, no result: same parameters, 3-10 times, 3-10 s apart",
            },
            Rule {
                when: &[When::Code(&["40001", "40002"])],
                then: TO_QUERY,
                because: "best practices, refund interface: query whether the refund failed",
            },
            Rule {
                when: &[When::Code(&["40004"])],
                then: TO_QUERY,
                because: "best practices, refund interface: in general use the query interface",
            },
            CONFIGURATION_REFUSAL,
            Rule {
                when: &[],
                then: TO_QUERY,
                because: "ours: any other verified code says nothing final, so ask",
            },
        ]
    };
}

const PHASES: &[Phase] = &[
    Phase {
        name: "pay",
        interface: PAY,
        state: None,
        limit: Limit::Attempts,
        exhausted_on_entry: None,
        rules: pay_rules!(TO_QUERY_LATER),
    },
    Phase {
        name: "query",
        interface: QUERY,
        state: Some("status"),
        limit: Limit::Attempts,
        exhausted_on_entry: None,
        rules: &[
            Rule {
                when: &[When::Code(&["10000"]), When::Field("status", "S")],
                then: Action::Succeed,
                because: "best practices, query interface: status S, the refund is successful",
            },
            Rule {
                when: &[When::Code(&["10000"]), When::Field("status", "F")],
                then: Action::Fail(NextStep::StartNew),
                because: "best practices, query interface: status F, the refund has failed",
            },
            Rule {
                when: &[When::Code(&["10000"])],
                then: Action::Repeat(QUERY_WINDOW, &Action::Unknown(NextStep::ResumeLater)),
                because: "ours: a status that is neither S nor F is not final",
            },
            Rule {
                when: &[
                    When::Code(&["40004"]),
                    When::SubCode(&["ILLEGAL_ARGUMENT"]),
                    When::SuccessWasReported,
                ],
                then: Action::Unknown(NextStep::ContactSupport),
                because: "ours: the pay was answered with success, so an order that the query does not know is no failure",
            },
            Rule {
                when: &[When::Code(&["40004"]), When::SubCode(&["ILLEGAL_ARGUMENT"]), When::NoSendIsOnItsWay],
                then: Action::Fail(NextStep::StartNew),
                because: "best practices, query interface: ILLEGAL_ARGUMENT, issue a new refund",
            },
            Rule {
                when: &[When::Code(&["40004"]), When::SubCode(&["ILLEGAL_ARGUMENT"])],
                then: Action::Go("pay_again", Window::AT_ONCE),
                because: "ours: a pay still on its way must not meet a new order number; the same number cannot pay twice",
            },
            Rule {
                when: &[When::Code(&["40004"]), When::SubCode(&["TAX_REFUND_RESULT_UNKNOWN"])],
                then: Action::Go("pay_result_unknown", RESULT_UNKNOWN_WINDOW),
                because: "best practices, query interface: retry the same refund 3-10 times, 5-10 s apart",
            },
            Rule {
                when: &[When::Code(&["40004"]), When::SubCode(&["SYSTEM_ERROR"])],
                then: Action::Repeat(QUERY_WINDOW, &Action::Unknown(NextStep::ContactSupport)),
                because: "best practices, query interface: SYSTEM_ERROR, same query 3-10 times, 3-5 s apart, then support",
            },
            Rule {
                when: &[When::Code(&["20000", "40005"])],
                then: Action::Repeat(QUERY_WINDOW, &Action::Unknown(NextStep::ContactSupport)),
                because: "ours: busy is repeated like SYSTEM_ERROR",
            },
            Rule {
                when: &[When::NoResult],
                then: Action::Repeat(QUERY_WINDOW, &Action::Unknown(NextStep::ContactSupport)),
                because: "best practices, query interface: no result is repeated, then support",
            },
            CONFIGURATION_REFUSAL,
            Rule {
                when: &[When::Code(&["20001"])],
                then: Action::Unknown(NextStep::RenewAuthorization),
                because: "ours: the query was refused, which says nothing about the refund",
            },
            Rule {
                when: &[When::Code(&["40001", "40002", "40003", "40006"])],
                then: Action::Unknown(NextStep::FixConfiguration),
                because: "ours: the query was refused, which says nothing about the refund",
            },
            Rule {
                when: &[],
                then: Action::Unknown(NextStep::ContactSupport),
                because: "ours: an answer that no document explains",
            },
        ],
    },
    Phase {
        name: "pay_again",
        interface: PAY,
        state: None,
        limit: Limit::AttemptsInAll,
        // Only a refusal of our configuration leads back here: the query is let in, the pay is not.
        exhausted_on_entry: Some(&Action::Unknown(NextStep::FixConfiguration)),
        rules: pay_rules!(Action::Unknown(NextStep::ContactSupport)),
    },
    Phase {
        name: "pay_result_unknown",
        interface: PAY,
        state: None,
        limit: Limit::Attempts,
        exhausted_on_entry: None,
        rules: &[
            PAID,
            CONFIGURATION_REFUSAL,
            Rule {
                when: &[],
                then: Action::Repeat(RESULT_UNKNOWN_WINDOW, &Action::Unknown(NextStep::ContactSupport)),
                because: "best practices, query interface: TAX_REFUND_RESULT_UNKNOWN, 3-10 times, 5-10 s apart",
            },
        ],
    },
];
