//! Objects inside Antom's requests and answers.

use serde::{Deserialize, Serialize};

use crate::lenient::lenient;
use crate::money::Amount;
use crate::redact::{Extra, Sensitive};
use crate::validation::Checks;

/// From where a part of a marketplace refund is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct RefundDetail {
    /// The part.
    pub refund_amount: Amount,
    /// `SELLER`, `MARKETPLACE` or `UNSETTLED_FUNDS`.
    pub refund_from: String,
}

/// The values of [`RefundDetail::refund_from`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundSource;

impl RefundSource {
    /// All of them.
    pub const ALL: &'static [&'static str] = &["SELLER", "MARKETPLACE", "UNSETTLED_FUNDS"];
}

/// How a refund is split; for service providers of Shopify stores.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SplitDetail {
    /// `SELLER`, `MARKETPLACE`, `PLATFORM` or `ISV`.
    pub split_to: String,
    /// The part.
    pub split_amount: Amount,
    /// Free text, at most 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A bank account to refund to (in the SDK models; not on the public page).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct BankInfo {
    /// The bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_code: Option<String>,
    /// Whose account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_holder_name: Option<UserName>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_no: Option<Sensitive>,
}

/// A person's name; first, middle and last name at most 32 characters each, the full name 128.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UserName {
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Sensitive>,
    /// Middle name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<Sensitive>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Sensitive>,
    /// The whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<Sensitive>,
}

impl UserName {
    pub(crate) fn check(&self, checks: &mut Checks) {
        for (path, name, most) in [
            ("firstName", &self.first_name, 32),
            ("middleName", &self.middle_name, 32),
            ("lastName", &self.last_name, 32),
            ("fullName", &self.full_name, 128),
        ] {
            checks.optional_personal(path, name.as_ref().map(Sensitive::reveal)).at_most(most).printable();
        }
    }
}

/// Five free fields (in the SDK models; not on the public page).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CustomizedInfo {
    /// First.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customized_field1: Option<String>,
    /// Second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customized_field2: Option<String>,
    /// Third.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customized_field3: Option<String>,
    /// Fourth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customized_field4: Option<String>,
    /// Fifth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customized_field5: Option<String>,
}

/// An exchange rate. The price is kept as text: no rate goes through floating point on our side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Quote {
    /// At most 64 characters.
    #[serde(deserialize_with = "lenient")]
    pub quote_id: Option<String>,
    /// `USD/HKD`.
    #[serde(deserialize_with = "lenient")]
    pub quote_currency_pair: Option<String>,
    /// The rate; a number in Antom's answers, a text in Alipay+'s.
    #[serde(deserialize_with = "lenient")]
    pub quote_price: Option<String>,
    /// From when.
    #[serde(deserialize_with = "lenient")]
    pub quote_start_time: Option<String>,
    /// Until when.
    #[serde(deserialize_with = "lenient")]
    pub quote_expiry_time: Option<String>,
    /// Whether the rate is guaranteed.
    #[serde(deserialize_with = "lenient")]
    pub guaranteed: Option<bool>,
    /// The exchanged amount.
    #[serde(deserialize_with = "lenient")]
    pub exchange_amount: Option<Amount>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The acquirer behind a refund (APO product); each member at most 64 characters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AcquirerInfo {
    /// Name.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_name: Option<String>,
    /// The request's id there.
    #[serde(deserialize_with = "lenient")]
    pub reference_request_id: Option<String>,
    /// The transaction's id there.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_transaction_id: Option<String>,
    /// The merchant's id there.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_merchant_id: Option<String>,
    /// The acquirer's result code.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_result_code: Option<String>,
    /// The acquirer's result message.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_result_message: Option<String>,
    /// The merchant's name there.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_merchant_name: Option<String>,
    /// The reason in words.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_reason_description: Option<String>,
    /// The payment technology provider's transaction id.
    #[serde(deserialize_with = "lenient")]
    pub ptsp_transaction_id: Option<String>,
    /// The acquirer's card token.
    #[serde(deserialize_with = "lenient")]
    pub acquirer_card_token: Option<Sensitive>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}
