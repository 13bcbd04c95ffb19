//! Alipay+: tax refund forms and original credits.
//!
//! | operation | path below `/aps/api/v1/funds` |
//! |---|---|
//! | [`sync_tax_refund_form`](SyncTaxRefundForm) | `syncTaxRefundForm` |
//! | [`evaluate_original_credit`](EvaluateOriginalCredit) (draft) | `evaluateOriginalCredit` |
//! | [`create_original_credit`](CreateOriginalCredit) (draft) | `createOriginalCredit` |
//! | [`inquire_original_credit`](InquireOriginalCredit) (draft) | `inquireOriginalCredit` |
//! | [`confirm_original_credit`](ConfirmOriginalCredit) (draft) | `confirmOriginalCredit` |
//!
//! Alipay+ publishes the original-credit interfaces as a draft whose pages could be read in part only. Fields and codes
//! marked *third party* come from an unofficial transcription of those pages. `synctaxRefundUserInfo`, of which only the
//! name is public, is not here.

mod confirm_original_credit;
mod create_original_credit;
mod evaluate_original_credit;
mod inquire_original_credit;
mod models;
mod sync_tax_refund_form;

pub use confirm_original_credit::{
    ConfirmOriginalCredit, ConfirmOriginalCreditRequest, ConfirmOriginalCreditResponse,
};
pub use create_original_credit::{
    CreateOriginalCredit, CreateOriginalCreditRequest, CreateOriginalCreditResponse,
};
pub use evaluate_original_credit::{
    EvaluateOriginalCredit, EvaluateOriginalCreditRequest, EvaluateOriginalCreditResponse,
};
pub use inquire_original_credit::{
    InquireOriginalCredit, InquireOriginalCreditRequest, InquireOriginalCreditResponse,
};
pub use models::{Address, Env, Merchant, Passport, Payee, PaymentMethod, Store, User};
pub use sync_tax_refund_form::{SyncTaxRefundForm, SyncTaxRefundFormRequest, SyncTaxRefundFormResponse};

pub use crate::scheme::header::{Config, SignatureHeader, string_to_sign};

use crate::scheme::header::Caller;
use crate::{ConfigurationError, Profile, Protocol, operations::operations};

/// North America.
pub const NORTH_AMERICA: &str = "https://open-na-global.alipayplus.com";
/// Everywhere else.
pub const ELSEWHERE: &str = "https://open-sea-global.alipayplus.com";

/// Makes an account ready.
///
/// # Errors
/// What is wrong with a key, an address or a setting.
pub fn profile(config: Config) -> Result<Profile, ConfigurationError> {
    Caller::new(Protocol::AlipayPlus, config).map(Profile::header)
}

#[cfg(feature = "driver")]
crate::client::client!(Config, profile);

operations! {
    /// Reports the status of a paper form.
    sync_tax_refund_form: SyncTaxRefundForm,
    /// Draft. Asks whether a wallet can take a credit, and quotes it.
    evaluate_original_credit: EvaluateOriginalCredit,
    /// Draft. Pays a refund out: create, inquire for a minute, confirm.
    create_original_credit: CreateOriginalCredit,
    /// Draft. Asks what became of a credit.
    inquire_original_credit: InquireOriginalCredit,
    /// Draft. Has the wallet decide a credit that stays open.
    confirm_original_credit: ConfirmOriginalCredit,
}

/// Rules that the interfaces share.
mod results {
    use crate::decision::{Action, FIXABLE_CODES, NextStep, Rule, When, Window};

    pub(super) const AGAIN: Action =
        Action::Repeat(Window::seconds(3, 10), &Action::Unknown(NextStep::ContactSupport));

    pub(super) const SUCCESS: Rule =
        Rule { when: &[When::Status("S")], then: Action::Succeed, because: "how to handle the result: S" };
    pub(super) const CORRECT: Rule = Rule {
        when: &[When::Status("F"), When::Code(&["PARAM_ILLEGAL", "REPEAT_REQ_INCONSISTENT"])],
        then: Action::Fail(NextStep::StartNew),
        because: "result codes: correct the request's parameters",
    };
    pub(super) const FIXABLE: Rule = Rule {
        when: &[When::Status("F"), When::Code(FIXABLE_CODES)],
        then: Action::Fail(NextStep::FixConfiguration),
        because: "result codes: signature, media type, method or address is wrong",
    };
    pub(super) const NO_USER: Rule = Rule {
        when: &[When::Status("F"), When::Code(&["USER_NOT_EXIST"])],
        then: Action::Fail(NextStep::TellTraveller),
        because: "result codes: inform the user of the error",
    };
    pub(super) const REFUSED: Rule = Rule {
        when: &[When::Status("F")],
        then: Action::Fail(NextStep::ContactSupport),
        because: "result codes: do not retry, contact support; the status decides where a code is not listed",
    };
    pub(super) const OPEN: Rule = Rule {
        when: &[],
        then: AGAIN,
        because: "how to handle the result: U or none, same parameters several times, then support; the interval is ours",
    };
}
