//! Objects inside Alipay+ requests and answers. Every scalar is a JSON string.

use serde::{Deserialize, Serialize};

use crate::antom::UserName;
use crate::lenient::lenient;
use crate::redact::{Extra, Sensitive};
use crate::validation::Checks;

/// A shop. The first four fields stand in the published sample; the others in the model page of the same gateway family.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Merchant {
    /// Your id of the merchant, at most 32 characters.
    pub reference_merchant_id: String,
    /// At most 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_name: Option<String>,
    /// Merchant category code: four digits in the sample, at most 32 characters.
    #[serde(rename = "merchantMCC", skip_serializing_if = "Option::is_none")]
    pub merchant_mcc: Option<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_address: Option<Address>,
    /// At most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merchant_display_name: Option<String>,
    /// ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("x-time" = "offset")))]
    pub merchant_register_date: Option<String>,
    /// A branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<Store>,
}

/// An address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Address {
    /// ISO 3166-1 alpha-2.
    pub region: String,
    /// At most 8 characters: a code, as full names do not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// At most 32 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// At most 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address1: Option<String>,
    /// At most 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address2: Option<String>,
    /// At most 32 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
}

/// A branch of a merchant (SDK models).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Store {
    /// Your id of the branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_store_id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_name: Option<String>,
    /// Its category code.
    #[serde(rename = "storeMCC", skip_serializing_if = "Option::is_none")]
    pub store_mcc: Option<String>,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_address: Option<Address>,
}

/// Where a request comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Env {
    /// At most 32 characters: an IPv6 address in its full form does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ip: Option<Sensitive>,
    /// At most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_terminal_id: Option<String>,
    /// ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("x-time" = "offset")))]
    pub store_terminal_request_time: Option<String>,
}

/// A wallet user (*third party*, but for the id).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct User {
    /// Alipay+'s id of the user, at most 21 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Login account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_login_id: Option<Sensitive>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<UserName>,
}

/// A wallet user as answered (*third party*, but for the id).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Payee {
    /// Alipay+'s id of the user; it goes into the create.
    #[serde(deserialize_with = "lenient")]
    pub user_id: Option<String>,
    /// Login account, masked by the wallet as it likes.
    #[serde(deserialize_with = "lenient")]
    pub user_login_id: Option<Sensitive>,
    /// Name.
    #[serde(deserialize_with = "lenient")]
    pub user_name: Option<UserName>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How the wallet is identified (*third party*).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PaymentMethod {
    /// `CONNECT_WALLET` in the samples.
    pub payment_method_type: String,
    /// The scanned tax refund code, or the id that the user typed.
    pub payment_method_id: Sensitive,
    /// The customer's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<Sensitive>,
    /// Further data as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_meta_data: Option<String>,
}

/// A traveller's passport as the wallet knows it (*third party*); formats are not documented.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Passport {
    /// Name.
    #[serde(deserialize_with = "lenient")]
    pub full_name: Option<Sensitive>,
    /// Number.
    #[serde(deserialize_with = "lenient")]
    pub passport_number: Option<Sensitive>,
    /// Country.
    #[serde(deserialize_with = "lenient")]
    pub nationality: Option<String>,
    /// From when it is valid. The published sample spells the member `valideDate`.
    #[serde(rename = "valideDate", alias = "validDate", deserialize_with = "lenient")]
    #[cfg_attr(feature = "schema", schemars(extend("x-name" = "valid_date")))]
    pub valid_date: Option<String>,
    /// Until when.
    #[serde(deserialize_with = "lenient")]
    pub expire_date: Option<String>,
    /// Birthday.
    #[serde(deserialize_with = "lenient")]
    pub birthday: Option<Sensitive>,
    /// Everything else that was answered.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Merchant {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.text("referenceMerchantId", &self.reference_merchant_id).at_most(32).printable();
        checks.optional("merchantName", self.merchant_name.as_deref()).at_most(256).printable();
        checks.optional("merchantMCC", self.merchant_mcc.as_deref()).at_most(32).letters_and_digits();
        checks.optional("merchantDisplayName", self.merchant_display_name.as_deref()).at_most(64).printable();
        checks.optional("merchantRegisterDate", self.merchant_register_date.as_deref()).offset_date_time();
        if let Some(address) = &self.merchant_address {
            checks.within("merchantAddress", |checks| address.check(checks));
        }
        if let Some(store) = &self.store {
            checks.within("store", |checks| store.check(checks));
        }
    }

    /// Merchants of a request: one at least.
    pub(super) fn check_all(merchants: &[Self], path: &str, checks: &mut Checks) {
        if merchants.is_empty() {
            checks.violate(path, "items", "must name at least one merchant", "an empty list".to_owned());
        }
        for (at, merchant) in merchants.iter().enumerate() {
            checks.within(format_args!("{path}.{at}"), |checks| merchant.check(checks));
        }
    }
}

impl Address {
    fn check(&self, checks: &mut Checks) {
        checks.text("region", &self.region).region();
        checks.optional("state", self.state.as_deref()).at_most(8).printable();
        checks.optional("city", self.city.as_deref()).at_most(32).printable();
        checks.optional("address1", self.address1.as_deref()).at_most(256).printable();
        checks.optional("address2", self.address2.as_deref()).at_most(256).printable();
        checks.optional("zipCode", self.zip_code.as_deref()).at_most(32).printable();
    }
}

impl Store {
    fn check(&self, checks: &mut Checks) {
        checks.optional("referenceStoreId", self.reference_store_id.as_deref()).at_most(64).printable();
        checks.optional("storeName", self.store_name.as_deref()).at_most(256).printable();
        checks.optional("storeMCC", self.store_mcc.as_deref()).at_most(32).letters_and_digits();
        if let Some(address) = &self.store_address {
            checks.within("storeAddress", |checks| address.check(checks));
        }
    }
}

impl Env {
    pub(super) fn check(&self, checks: &mut Checks) {
        let address = self.client_ip.as_ref().map(Sensitive::reveal);
        checks.optional_personal("clientIp", address).at_most(32).holds(
            "ip",
            "must be an IP address",
            |text| text.parse::<std::net::IpAddr>().is_ok(),
        );
        checks.optional("storeTerminalId", self.store_terminal_id.as_deref()).at_most(64).printable();
        checks
            .optional("storeTerminalRequestTime", self.store_terminal_request_time.as_deref())
            .offset_date_time();
    }
}

impl User {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.text("userId", self.user_id.as_deref().unwrap_or_default()).at_most(21).printable();
        checks
            .optional_personal("userLoginId", self.user_login_id.as_ref().map(Sensitive::reveal))
            .at_most(64)
            .printable();
        if let Some(name) = &self.user_name {
            checks.within("userName", |checks| name.check(checks));
        }
    }
}
