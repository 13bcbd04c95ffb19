//! Antom: refunds of payments.
//!
//! | operation | path |
//! |---|---|
//! | [`refund`](Refund) | `/ams/api/v1/payments/refund` |
//! | [`inquire_refund`](InquireRefund) | `/ams/api/v1/payments/inquiryRefund` |
//!
//! A client id that starts with `SANDBOX_` calls, and signs, `/ams/sandbox/api/…` on the same host.

mod inquire_refund;
mod models;
mod refund;

pub use inquire_refund::{InquireRefund, InquireRefundRequest, InquireRefundResponse};
pub use models::{
    AcquirerInfo, BankInfo, CustomizedInfo, Quote, RefundDetail, RefundSource, SplitDetail, UserName,
};
pub use refund::{Refund, RefundRequest, RefundResponse};

pub use crate::scheme::header::{Config, SignatureHeader, string_to_sign};

use crate::scheme::header::Caller;
use crate::{ConfigurationError, Profile, Protocol, operations::operations};

/// Asia.
pub const ASIA: &str = "https://open-sea-global.alipay.com";
/// North America, merchants outside the United States.
pub const NORTH_AMERICA: &str = "https://open-na-global.alipay.com";
/// North America, merchants in the United States.
pub const UNITED_STATES: &str = "https://open.antglobal-us.com";
/// Europe.
pub const EUROPE: &str = "https://open-de-global.alipay.com";

/// Makes an account ready.
///
/// # Errors
/// What is wrong with a key, an address or a setting.
pub fn profile(config: Config) -> Result<Profile, ConfigurationError> {
    Caller::new(Protocol::Antom, config).map(Profile::header)
}

#[cfg(feature = "driver")]
crate::client::client!(Config, profile);

operations! {
    /// Refunds a payment, wholly or in part, and finds out whether it did.
    refund: Refund,
    /// Asks what became of a refund.
    inquire_refund: InquireRefund,
}
