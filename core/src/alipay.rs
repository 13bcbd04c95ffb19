//! Alipay's open gateway: the FX tax refund product.
//!
//! | operation | interface |
//! |---|---|
//! | [`pay_tax_refund`](PayTaxRefund) | `alipay.overseas.tax.order.pay` |
//! | [`query_tax_refund`](QueryTaxRefund) | `alipay.overseas.tax.order.query` |
//! | [`query_user_info`](QueryUserInfo) | `alipay.overseas.tax.userinfo.query` |
//! | [`exchange_auth_code`](ExchangeAuthCode) | `alipay.system.oauth.token` |

mod exchange_auth_code;
mod pay_tax_refund;
mod query_tax_refund;
mod query_user_info;

pub use exchange_auth_code::{ExchangeAuthCode, ExchangeAuthCodeRequest, ExchangeAuthCodeResponse};
pub use pay_tax_refund::{PayTaxRefund, PayTaxRefundRequest, PayTaxRefundResponse};
pub use query_tax_refund::{QueryTaxRefund, QueryTaxRefundRequest, QueryTaxRefundResponse};
pub use query_user_info::{QueryUserInfo, QueryUserInfoRequest, QueryUserInfoResponse};

pub use crate::scheme::form::{
    Charset, Config, CutOut, PRODUCTION_ENDPOINT, Platform, Rule, SANDBOX_ENDPOINT, SignType, cut_out,
    parse_form, string_to_sign, string_to_verify,
};

use crate::scheme::form::Gateway;
use crate::{ConfigurationError, Profile, operations::operations};

/// Makes an account ready.
///
/// # Errors
/// What is wrong with a key, an address or a setting.
pub fn profile(config: Config) -> Result<Profile, ConfigurationError> {
    Gateway::new(config).map(Profile::form)
}

#[cfg(feature = "driver")]
crate::client::client!(Config, profile);

operations! {
    /// Pays a refund to a traveller's wallet: pay, repeat the same request inside the documented bounds, then query.
    pay_tax_refund: PayTaxRefund,
    /// Asks what became of a refund.
    query_tax_refund: QueryTaxRefund,
    /// Asks for a traveller's user id and whether they can receive refunds.
    query_user_info: QueryUserInfo,
    /// Exchanges an authorization code (or a refresh token) for the user's id and tokens.
    exchange_auth_code: ExchangeAuthCode,
}

/// Rules that the three tax interfaces' reads share, after their own ones.
mod reads {
    use crate::decision::{Action, CONFIGURATION_SUB_CODES, NextStep, Rule, When, Window};

    pub(super) const AGAIN: Action =
        Action::Repeat(Window::seconds(3, 5), &Action::Unknown(NextStep::ContactSupport));

    pub(super) const NO_RESULT: Rule = Rule {
        when: &[When::NoResult],
        then: AGAIN,
        because: "ours: a read is repeated like its SYSTEM_ERROR",
    };
    pub(super) const BUSY: Rule = Rule {
        when: &[When::Code(&["20000", "40005"])],
        then: AGAIN,
        because: "ours: busy is repeated like SYSTEM_ERROR",
    };
    pub(super) const SYSTEM_ERROR: Rule = Rule {
        when: &[When::Code(&["40004"]), When::SubCode(&["SYSTEM_ERROR"])],
        then: AGAIN,
        because: "best practices, query interfaces: SYSTEM_ERROR, same request 3-10 times, 3-5 s apart",
    };
    pub(super) const WRONG_CONFIGURATION: Rule = Rule {
        when: &[When::SubCode(CONFIGURATION_SUB_CODES)],
        then: Action::Fail(NextStep::FixConfiguration),
        because: "common error codes: signature, application or key setting is wrong",
    };
    pub(super) const TOKEN: Rule = Rule {
        when: &[When::Code(&["20001"])],
        then: Action::Fail(NextStep::RenewAuthorization),
        because: "common error codes: 20001, the token is missing or expired",
    };
    pub(super) const ARGUMENTS: Rule = Rule {
        when: &[When::Code(&["40001", "40002"])],
        then: Action::Fail(NextStep::StartNew),
        because: "common error codes: 40001 and 40002, an argument is missing or wrong",
    };
    pub(super) const PERMISSION: Rule = Rule {
        when: &[When::Code(&["40003", "40006"])],
        then: Action::Fail(NextStep::FixConfiguration),
        because: "common error codes: 40003 and 40006, a condition or permission is missing",
    };
    pub(super) const REST: Rule =
        Rule { when: &[], then: Action::Fail(NextStep::ContactSupport), because: "ours: nothing was read" };
}
