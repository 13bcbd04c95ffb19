//! `POST /ams/api/v1/payments/refund`: refunds a payment, and finds out whether it did.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::inquire_refund::INQUIRE;
use super::models::{AcquirerInfo, BankInfo, CustomizedInfo, Quote, RefundDetail, RefundSource, SplitDetail};
use crate::Operation;
use crate::decision::{
    Action, BEFORE_BUSINESS_CODES, CONFIGURATION_REFUSAL, Effect, FIXABLE_CODES, Interface, Limit, NextStep,
    OperationSpec, Phase, Protocol, Rule, When, Window,
};
use crate::lenient::{lenient, number_or_flag};
use crate::money::Amount;
use crate::redact::{Extra, Sensitive};
use crate::validation::Checks;

/// A refund of one payment, whole or in part.
///
/// `refundRequestId` is the idempotency key. Fields marked *SDK* stand in the official SDKs' models but not on the
/// public page; send them only when Antom told you to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct RefundRequest {
    /// Your own id, at most 64 characters, unique for ever.
    pub refund_request_id: String,
    /// Antom's id of the payment, at most 64 characters.
    pub payment_id: String,
    /// The refund, in the payment's currency: at least its minimum, at most what is left of it.
    pub refund_amount: Amount,
    /// Your own reference for reconciliation, at most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_refund_id: Option<String>,
    /// The reason, at most 256 characters; the payer may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_reason: Option<String>,
    /// Where the notification goes, at most 1024 characters; beats the address set in the dashboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_notify_url: Option<String>,
    /// Which capture, where a payment has several; at most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture_id: Option<String>,
    /// JSON as text, echoed later. At most 2048 characters by the SDKs' specification, 64 by one page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// *SDK*.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "number_or_flag")]
    pub is_async_refund: Option<bool>,
    /// *SDK*.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extend_info: Option<String>,
    /// Marketplaces: whose money is refunded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_details: Option<Vec<RefundDetail>>,
    /// *SDK*.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_source_account_no: Option<Sensitive>,
    /// *SDK*.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual_refund_amount: Option<Amount>,
    /// *SDK*.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_to_bank_info: Option<BankInfo>,
    /// *SDK*.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customized_info: Option<CustomizedInfo>,
    /// Needed for a partial refund of a Klarna payment; its objects are those of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goods: Option<Vec<Map<String, Value>>>,
    /// Service providers of Shopify stores: at most 20. Part of what a repeat must keep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_details: Option<Vec<SplitDetail>>,
}

/// What is known of a refund.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct RefundResponse {
    /// Antom's refund id. Keep it as the reference.
    #[serde(deserialize_with = "lenient")]
    pub refund_id: Option<String>,
    /// Your own id.
    #[serde(deserialize_with = "lenient")]
    pub refund_request_id: Option<String>,
    /// The payment's id.
    #[serde(deserialize_with = "lenient")]
    pub payment_id: Option<String>,
    /// The refunded amount.
    #[serde(deserialize_with = "lenient")]
    pub refund_amount: Option<Amount>,
    /// `SUCCESS`, where an inquiry told the result.
    #[serde(deserialize_with = "lenient")]
    pub refund_status: Option<String>,
    /// When it reached its state, ISO 8601.
    #[serde(deserialize_with = "lenient")]
    pub refund_time: Option<String>,
    /// Locked-rate settlement only.
    #[serde(deserialize_with = "lenient")]
    pub gross_settlement_amount: Option<Amount>,
    /// Locked-rate settlement only.
    #[serde(deserialize_with = "lenient")]
    pub settlement_quote: Option<Quote>,
    /// *SDK*.
    #[serde(deserialize_with = "lenient")]
    pub refund_non_guarantee_coupon_amount: Option<Amount>,
    /// *SDK*.
    #[serde(deserialize_with = "lenient")]
    pub actual_refund_amount: Option<Amount>,
    /// APO product.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_info: Option<AcquirerInfo>,
    /// The acquirer's reference number.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_reference_no: Option<String>,
    /// Everything else that was answered, `result` included.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`RefundRequest`].
#[derive(Debug)]
pub struct Refund;

impl Operation for Refund {
    type Request = RefundRequest;
    type Response = RefundResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "antom.refund",
        protocol: Protocol::Antom,
        effect: Effect::MovesMoney,
        draft: false,
        idempotency_key: "refundRequestId",
        reference: Some("refundId"),
        form: None,
        amount: Some(("refundAmount.currency", "refundAmount.value")),
        echoes: &["refundRequestId", "paymentId"],
        phases: PHASES,
        resume_phase: "inquire",
    };

    fn key(request: &RefundRequest) -> String {
        request.refund_request_id.clone()
    }

    fn freeze(request: &RefundRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        let inquire = json!({ "refundRequestId": request.refund_request_id }).to_string();
        Ok(vec![(REFUND.name, serde_json::to_string(request)?), (INQUIRE.name, inquire)])
    }

    fn check(request: &RefundRequest, checks: &mut Checks) {
        let r = request;
        checks.text("refundRequestId", &r.refund_request_id).at_most(64).identifier();
        checks.text("paymentId", &r.payment_id).at_most(64).printable();
        checks.amount("refundAmount", &r.refund_amount, false);
        checks.optional("referenceRefundId", r.reference_refund_id.as_deref()).at_most(64).printable();
        checks.optional("refundReason", r.refund_reason.as_deref()).at_most(256);
        checks.optional("refundNotifyUrl", r.refund_notify_url.as_deref()).at_most(1024).url();
        checks.optional("captureId", r.capture_id.as_deref()).at_most(64).printable();
        checks.optional("metadata", r.metadata.as_deref()).at_most(2048);
        if r.metadata.as_ref().is_some_and(|text| text.chars().count() > 64) {
            checks.warn("metadata", "length", "one page allows 64 characters, the specification 2048");
        }
        checks.optional("extendInfo", r.extend_info.as_deref()).at_most(4096);
        for (at, detail) in r.refund_details.iter().flatten().enumerate() {
            checks.within(format_args!("refundDetails.{at}"), |checks| {
                checks.amount("refundAmount", &detail.refund_amount, false);
                checks.text("refundFrom", &detail.refund_from).one_of(RefundSource::ALL);
            });
        }
        let account = r.refund_source_account_no.as_ref().map(Sensitive::reveal);
        checks.optional_personal("refundSourceAccountNo", account).at_most(128).printable();
        if let Some(amount) = &r.actual_refund_amount {
            checks.amount("actualRefundAmount", amount, false);
        }
        if let Some(bank) = &r.refund_to_bank_info {
            checks.within("refundToBankInfo", |checks| {
                checks.optional("bankCode", bank.bank_code.as_deref()).at_most(64).printable();
                let account = bank.account_no.as_ref().map(Sensitive::reveal);
                checks.optional_personal("accountNo", account).at_most(64).printable();
                if let Some(name) = &bank.account_holder_name {
                    checks.within("accountHolderName", |checks| name.check(checks));
                }
            });
        }
        if let Some(splits) = &r.split_details {
            if splits.is_empty() || splits.len() > 20 {
                checks.violate("splitDetails", "items", "must have 1 to 20 items", splits.len().to_string());
            }
            for (at, split) in splits.iter().enumerate() {
                checks.within(format_args!("splitDetails.{at}"), |checks| {
                    checks.text("splitTo", &split.split_to).one_of(&[
                        "SELLER",
                        "MARKETPLACE",
                        "PLATFORM",
                        "ISV",
                    ]);
                    checks.amount("splitAmount", &split.split_amount, false);
                    checks.optional("description", split.description.as_deref()).at_most(256);
                });
            }
        }
    }
}

const REFUND: &Interface =
    &Interface { name: "refund", wire: "/ams/api/v1/payments/refund", executes: true, top_level: false };

const INQUIRY_WINDOW: Window = Window::seconds(2, 10);
const RETRY_WINDOW: Window = Window::seconds(3, 10);
const TO_INQUIRE: Action = Action::Go("inquire", INQUIRY_WINDOW);
const INQUIRE_AGAIN: Action = Action::Repeat(INQUIRY_WINDOW, &Action::Unknown(NextStep::ContactSupport));

const START_NEW_CODES: &[&str] = &[
    "REPEAT_REQ_INCONSISTENT",
    "PARAM_ILLEGAL",
    "CURRENCY_NOT_SUPPORT",
    "REFUND_AMOUNT_EXCEED",
    "ORDER_NOT_EXIST",
    "PARTIAL_REFUND_NOT_SUPPORTED",
    "MERCHANT_BALANCE_NOT_ENOUGH",
];
const NOT_THIS_WAY_CODES: &[&str] = &[
    "ORDER_STATUS_INVALID",
    "REFUND_WINDOW_EXCEED",
    "REFUND_NOT_SUPPORTED",
    "MULTIPLE_REFUNDS_NOT_SUPPORTED",
    "ORDER_IS_CANCELED",
    "ORDER_IS_CLOSED",
    "RISK_REJECT",
    "USER_NOT_EXIST",
    "USER_STATUS_ABNORMAL",
];

const PHASES: &[Phase] = &[
    Phase {
        name: "refund",
        interface: REFUND,
        state: None,
        limit: Limit::AttemptsInAll,
        exhausted_on_entry: Some(&Action::Unknown(NextStep::ContactSupport)),
        rules: &[
            Rule {
                when: &[When::Code(&["REFUND_IN_PROCESS"])],
                then: TO_INQUIRE,
                because: "refund guide, table 3: the final result is obtained by inquiryRefund; whatever the status letter",
            },
            Rule { when: &[When::Status("S")], then: Action::Succeed, because: "refund guide, table 3: S" },
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
            Rule {
                when: &[When::Status("F"), When::Code(START_NEW_CODES)],
                then: Action::Fail(NextStep::StartNew),
                because: "refund guide, table 1, and error codes: correct the request, then a new one",
            },
            Rule {
                when: &[When::Status("F"), When::Code(NOT_THIS_WAY_CODES)],
                then: Action::Fail(NextStep::TellTraveller),
                because: "refund guide, table 1, and error codes: this payment cannot be refunded this way",
            },
            Rule {
                when: &[When::Status("F"), When::Code(FIXABLE_CODES)],
                then: Action::Fail(NextStep::FixConfiguration),
                because: "error codes: signature, media type, method or address is wrong",
            },
            Rule {
                when: &[When::Status("F")],
                then: Action::Fail(NextStep::ContactSupport),
                because: "refund guide, table 3: F, the refund failed",
            },
            CONFIGURATION_REFUSAL,
            Rule {
                when: &[When::NoResult],
                then: TO_INQUIRE,
                because: "ours: ask by refundRequestId before sending again",
            },
            Rule {
                when: &[],
                then: Action::Repeat(RETRY_WINDOW, &TO_INQUIRE),
                because: "refund questions: unknown exception and traffic limit, same refundRequestId; also any other status",
            },
        ],
    },
    Phase {
        name: "inquire",
        interface: INQUIRE,
        state: Some("refundStatus"),
        limit: Limit::Attempts,
        exhausted_on_entry: None,
        rules: &[
            Rule {
                when: &[When::Status("S"), When::Field("refundStatus", "SUCCESS")],
                then: Action::Succeed,
                because: "refund guide, table 4: SUCCESS",
            },
            Rule {
                when: &[When::Status("S"), When::Field("refundStatus", "FAIL")],
                then: Action::Fail(NextStep::StartNew),
                because: "refund guide, table 4: FAIL",
            },
            Rule {
                when: &[When::Status("S")],
                then: Action::Repeat(INQUIRY_WINDOW, &Action::Unknown(NextStep::AwaitNotification)),
                because: "refund guide, table 4: PROCESSING; the result of an inquiry is about the inquiry",
            },
            Rule {
                when: &[
                    When::Status("F"),
                    When::Code(&["REFUND_NOT_EXIST", "ORDER_NOT_EXIST"]),
                    When::NoSendEverAnswered,
                ],
                then: Action::Go("refund", RETRY_WINDOW),
                because: "ours: not known and never answered, so the same request again",
            },
            Rule {
                when: &[When::Status("F")],
                then: Action::Unknown(NextStep::ContactSupport),
                because: "ours: the inquiry was refused, which says nothing about the refund",
            },
            CONFIGURATION_REFUSAL,
            Rule { when: &[When::NoResult], then: INQUIRE_AGAIN, because: "ours: an inquiry is repeated" },
            Rule { when: &[], then: INQUIRE_AGAIN, because: "ours: U, or a status that is not documented" },
        ],
    },
];
