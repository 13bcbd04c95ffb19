//! Whether a traveller's account can receive refunds, and what to say about it.

use serde::Serialize;
use serde_json::Value;

use super::advice::{Words, say};
use super::told::{Three, Told};
use crate::Operation;
use crate::alipay::{QueryUserInfo, QueryUserInfoResponse};
use crate::decision::{NextStep, Protocol};
use crate::explain::{Language, explain_in, explain_step};

/// Whether an account can receive refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A verified answer says so.
    Eligible,
    /// A verified answer says that it cannot.
    NotEligible,
    /// Nobody knows: no usable answer, or one that does not say.
    Undetermined,
}

impl Verdict {
    /// `eligible`, `not_eligible` or `undetermined`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::NotEligible => "not_eligible",
            Self::Undetermined => "undetermined",
        }
    }
}

/// Whether an account can receive refunds, with the words for it.
///
/// Only `eligible` = `true` in a verified answer to [`QueryUserInfo`] is [`Verdict::Eligible`]; a missing member is
/// [`Verdict::Undetermined`]. Nothing here stops a refund, and nothing here promises one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Eligibility {
    /// The verdict.
    pub verdict: Verdict,
    /// `REAL_NAME_UNCERTIFIED`, `ILLEGAL_USER`, `USER_ACCOUNT_FREEZED`, or another code that was given; without a verdict
    /// the code or fault that stood in the way.
    pub code: Option<String>,
    /// A few words.
    pub title: String,
    /// What the traveller is told.
    pub traveller: String,
    /// What the clerk does next.
    pub clerk: String,
}

impl Eligibility {
    /// What an outcome of [`QueryUserInfo`] says; an outcome of anything else says nothing about it.
    #[must_use]
    pub fn of(told: &Told, language: Language) -> Self {
        if !told.is_of(QueryUserInfo::SPEC) {
            return Self::undetermined(None, &NOT_SAID, language);
        }
        match told.answer {
            Three::Succeeded => {
                let response = Value::Object(told.response.clone());
                Self::answered(&serde_json::from_value(response).unwrap_or_default(), language)
            }
            Three::Failed | Three::Unknown => Self::unanswered(told, language),
        }
    }

    fn answered(response: &QueryUserInfoResponse, language: Language) -> Self {
        match response.eligible {
            Some(true) => Self::worded(Verdict::Eligible, None, &ELIGIBLE, language),
            Some(false) => {
                let code = response.eligible_msg.as_deref().map(str::trim).filter(|code| is_code(code));
                let words = match code {
                    Some("REAL_NAME_UNCERTIFIED") => &REAL_NAME_UNCERTIFIED,
                    Some("ILLEGAL_USER") => &ILLEGAL_USER,
                    Some("USER_ACCOUNT_FREEZED") => &USER_ACCOUNT_FREEZED,
                    _ => &NOT_ELIGIBLE,
                };
                let mut eligibility = Self::worded(Verdict::NotEligible, code, words, language);
                if let Some(explanation) = code.and_then(|code| explain_in(Protocol::Alipay, code, language))
                {
                    eligibility.clerk = say(language, &[explanation.meaning, explanation.action]);
                }
                eligibility
            }
            None => Self::undetermined(None, &NOT_SAID, language),
        }
    }

    fn unanswered(told: &Told, language: Language) -> Self {
        let reason = told.reason.as_ref();
        let code = reason.map(|reason| reason.sub_code.as_deref().unwrap_or(&reason.code));
        let words = match (told.answer, told.next_step) {
            (Three::Failed, NextStep::RefreshCode) => &SCAN_AGAIN,
            (Three::Failed, NextStep::StartNew) => &CHECK_ACCOUNT,
            _ => &NO_ANSWER,
        };
        let mut eligibility = Self::undetermined(code.filter(|code| is_code(code)), words, language);
        let needs_somebody_else =
            matches!(told.next_step, NextStep::FixConfiguration | NextStep::RenewAuthorization);
        if needs_somebody_else && let Some(step) = explain_step(told.next_step, language) {
            step.clerk.clone_into(&mut eligibility.clerk);
        }
        eligibility
    }

    fn undetermined(code: Option<&str>, words: &Words, language: Language) -> Self {
        Self::worded(Verdict::Undetermined, code, words, language)
    }

    fn worded(verdict: Verdict, code: Option<&str>, words: &Words, language: Language) -> Self {
        let words = words.in_language(language);
        Self {
            verdict,
            code: code.map(str::to_owned),
            title: words.title.to_owned(),
            traveller: words.traveller.to_owned(),
            clerk: words.clerk.to_owned(),
        }
    }
}

/// As long as codes are, and without anything that could deface a screen.
pub(super) fn is_code(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

const ELIGIBLE: Words = Words {
    title: ["Can receive refunds", "可以接收退税"],
    traveller: [
        "Your account can receive the refund. Please check that the name shown is yours.",
        "您的账户可以接收退税，请核对屏幕上显示的姓名是否为您本人。",
    ],
    clerk: [
        "Have the traveller confirm the account on the screen, then go on with the refund.",
        "请旅客在屏幕上核对账户，确认无误后办理退税。",
    ],
};

const REAL_NAME_UNCERTIFIED: Words = Words {
    title: ["Real name not verified yet", "尚未实名认证"],
    traveller: [
        "Your Alipay account has no verified real name yet. Please verify it in the Alipay app.",
        "您的支付宝账户尚未完成实名认证，请在支付宝中完成认证。",
    ],
    clerk: NOT_ELIGIBLE.clerk,
};

const ILLEGAL_USER: Words = Words {
    title: ["This account cannot receive refunds", "该账户不能接收退税"],
    traveller: [
        "This Alipay account cannot receive tax refunds. You can use another account or another way of refund.",
        "此支付宝账户不能接收退税，您可以更换账户或选择其他退税方式。",
    ],
    clerk: NOT_ELIGIBLE.clerk,
};

const USER_ACCOUNT_FREEZED: Words = Words {
    title: ["Account frozen", "账户已被冻结"],
    traveller: [
        "Your Alipay account cannot receive money at the moment. Alipay's customer service can help; or choose another way \
         of refund.",
        "您的支付宝账户暂时无法收款，可联系支付宝客服，或选择其他退税方式。",
    ],
    clerk: NOT_ELIGIBLE.clerk,
};

const NOT_ELIGIBLE: Words = Words {
    title: ["Cannot receive refunds at the moment", "暂不能接收退税"],
    traveller: [
        "Alipay says that this account cannot receive the refund at the moment. You can use another account or another way \
         of refund.",
        "支付宝显示该账户暂不能接收退税，您可以更换账户或选择其他退税方式。",
    ],
    clerk: [
        "Do not pay to this account. Offer the traveller another account or another way of refund.",
        "不要向该账户退税，请旅客更换账户或改用其他退税方式。",
    ],
};

const NOT_SAID: Words = Words {
    title: ["Not known whether it can receive refunds", "无法确定能否接收退税"],
    traveller: [
        "I could not see yet whether your account can receive the refund. Please give me a moment.",
        "暂时无法确认您的账户能否接收退税，请您稍候。",
    ],
    clerk: [
        "The answer does not say whether this account can receive refunds. Do not take it for a yes: ask again, or hand the \
         case to your supervisor.",
        "应答未说明该账户能否接收退税，不要当作可以接收。请重新查询，仍无结果请交主管处理。",
    ],
};

const NO_ANSWER: Words = Words {
    title: NOT_SAID.title,
    traveller: NOT_SAID.traveller,
    clerk: [
        "There is no usable answer about this account yet. Asking changes nothing and moves no money: ask again in a moment. \
         If it stays so, call your supervisor.",
        "尚未得到该账户的有效查询结果。查询不涉及付款，请稍后重新查询；若仍无结果，请联系主管。",
    ],
};

const SCAN_AGAIN: Words = Words {
    title: ["Code not accepted: scan a fresh one", "付款码无效，请刷新后重扫"],
    traveller: [
        "Your code could not be used. Please refresh it in the Alipay app and show it to me again.",
        "您的付款码无法使用，请在支付宝中刷新付款码后再出示一次。",
    ],
    clerk: [
        "Ask the traveller to refresh the payment code in the Alipay app and scan the new one. Each code works once.",
        "请旅客在支付宝中刷新付款码，再扫描新的付款码。每个付款码只能使用一次。",
    ],
};

const CHECK_ACCOUNT: Words = Words {
    title: ["Account not found: check what was entered", "账号有误，请核对"],
    traveller: [
        "Alipay does not find this account. Please check the e-mail address or phone number with me, or show your payment \
         code.",
        "支付宝查不到该账号，请与我核对邮箱或手机号，或出示付款码。",
    ],
    clerk: [
        "Check the login account letter by letter with the traveller and ask again, or scan the payment code instead.",
        "请与旅客逐字核对登录账号后重新查询，或改为扫描付款码。",
    ],
};
