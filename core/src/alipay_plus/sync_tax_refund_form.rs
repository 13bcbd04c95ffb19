//! `syncTaxRefundForm`: reports the status of a paper form.

use serde::{Deserialize, Serialize};

use super::models::Merchant;
use super::results;
use crate::Operation;
use crate::datetime::{OffsetDateTime, form_expiry};
use crate::decision::{CONFIGURATION_REFUSAL, Effect, Interface, Limit, OperationSpec, Phase, Protocol};
use crate::form_status::FormStatus;
use crate::money::Amount;
use crate::redact::Extra;
use crate::validation::Checks;

/// One status of one form. Form number and status together are the idempotency key: a form passes several statuses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SyncTaxRefundFormRequest {
    /// The paper form's number, at most 64 characters.
    pub tax_refund_form_number: String,
    /// The form's status now.
    pub form_status: FormStatus,
    /// When it came to that status, ISO 8601 with offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("x-time" = "offset")))]
    pub status_change_time: Option<String>,
    /// When the form was printed, ISO 8601 with offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("x-time" = "offset")))]
    pub form_print_date: Option<String>,
    /// Print date + 6 months. Computed when absent; a mismatch is a warning, since the published sample has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("x-time" = "offset")))]
    pub form_expire_date: Option<String>,
    /// The refund.
    pub tax_refund_amount: Amount,
    /// The shops; at least one.
    pub merchants: Vec<Merchant>,
    /// Alipay+'s id of the user, at most 21 characters.
    pub user_id: String,
    /// A note, at most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
}

/// The acknowledgement: its `result` is all it has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SyncTaxRefundFormResponse {
    /// Everything that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The operation; see [`SyncTaxRefundFormRequest`].
#[derive(Debug)]
pub struct SyncTaxRefundForm;

impl Operation for SyncTaxRefundForm {
    type Request = SyncTaxRefundFormRequest;
    type Response = SyncTaxRefundFormResponse;

    const SPEC: &'static OperationSpec = &OperationSpec {
        name: "alipay_plus.sync_tax_refund_form",
        protocol: Protocol::AlipayPlus,
        effect: Effect::Records,
        draft: false,
        idempotency_key: "taxRefundFormNumber + formStatus",
        reference: None,
        form: None,
        amount: Some(("taxRefundAmount.currency", "taxRefundAmount.value")),
        echoes: &["taxRefundFormNumber"],
        phases: &[Phase {
            name: "sync",
            interface: SYNC,
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
        resume_phase: "sync",
    };

    fn key(request: &SyncTaxRefundFormRequest) -> String {
        format!("{}:{}", request.tax_refund_form_number, request.form_status.as_str())
    }

    fn freeze(request: &SyncTaxRefundFormRequest) -> serde_json::Result<Vec<(&'static str, String)>> {
        let complete = SyncTaxRefundFormRequest {
            form_expire_date: request.form_expire_date.clone().or_else(|| computed_expiry(request)),
            ..request.clone()
        };
        let text = serde_json::to_string(&complete)?;
        Ok(vec![(SYNC.name, text)])
    }

    fn check(request: &SyncTaxRefundFormRequest, checks: &mut Checks) {
        let r = request;
        checks.text("taxRefundFormNumber", &r.tax_refund_form_number).at_most(64).printable();
        checks.text("formStatus", r.form_status.as_str()).holds(
            "value",
            "must be one of: INIT, STAMPED, REJECTED_BY_CUSTOMS, RECEIVED, VOIDED, FAILED, EXPIRED, REFUNDED, \
             REFUNDED_NON_ALIPAYPLUS",
            |_| !matches!(r.form_status, FormStatus::Other(_)),
        );
        for (path, date) in [
            ("statusChangeTime", &r.status_change_time),
            ("formPrintDate", &r.form_print_date),
            ("formExpireDate", &r.form_expire_date),
        ] {
            checks.optional(path, date.as_deref()).offset_date_time();
        }
        if let (Some(given), Some(computed)) = (&r.form_expire_date, computed_expiry(r))
            && OffsetDateTime::parse(given).ok() != OffsetDateTime::parse(&computed).ok()
        {
            checks.warn(
                "formExpireDate",
                "form_expiry",
                format!("print date + 6 months would be {computed}"),
            );
        }
        checks.amount("taxRefundAmount", &r.tax_refund_amount, false);
        Merchant::check_all(&r.merchants, "merchants", checks);
        checks.text("userId", &r.user_id).at_most(21).printable();
        checks.optional("memo", r.memo.as_deref()).at_most(64);
    }
}

fn computed_expiry(request: &SyncTaxRefundFormRequest) -> Option<String> {
    let printed = OffsetDateTime::parse(request.form_print_date.as_deref()?).ok()?;
    Some(form_expiry(&printed).ok()?.to_string())
}

const SYNC: &Interface = &Interface {
    name: "sync",
    wire: "/aps/api/v1/funds/syncTaxRefundForm",
    executes: true,
    top_level: false,
};
