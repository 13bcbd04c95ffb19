//! What to say and do about an outcome.

use serde::Serialize;

use super::eligibility::{Eligibility, is_code};
use super::told::{RefundState, Three, Told};
use crate::Operation;
use crate::alipay::QueryUserInfo;
use crate::decision::{Effect, NextStep};
use crate::explain::{Explanation, Language, explain, explain_in, explain_step};

/// What to say and do about an outcome of any operation.
///
/// An outcome that is not known is never worded as paid, as failed or as not paid, and never asks for a new order number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// `succeeded`, `failed` or `unknown`; what an outcome's text claims without its proof is `unknown`.
    pub outcome: &'static str,
    /// The next step; where the outcome named one that does not go with it, the careful one.
    pub next_step: NextStep,
    /// A few words.
    pub title: String,
    /// What the traveller is told.
    pub traveller: String,
    /// What the clerk does next.
    pub clerk: String,
    /// Whether a new request may be started: only after a verified failure whose next step is to start anew.
    pub may_start_new: bool,
    /// Whether the same request may be taken up again with its own key: an open one, or one that only reads and whose
    /// answer another try could change.
    pub may_ask_again: bool,
}

impl Advice {
    /// What to say and do about what an outcome told.
    #[must_use]
    pub fn on(told: &Told, language: Language) -> Self {
        let words = spoken(told, language);
        let begins_anew = matches!(told.next_step, NextStep::StartNew | NextStep::RefreshCode);
        Self {
            outcome: told.answer.as_str(),
            next_step: told.next_step,
            title: words.title,
            traveller: words.traveller,
            clerk: words.clerk,
            may_start_new: told.answer == Three::Failed && begins_anew,
            may_ask_again: match told.answer {
                Three::Unknown => true,
                Three::Succeeded => told.effect() == Effect::Reads,
                Three::Failed => {
                    told.effect() == Effect::Reads
                        && !begins_anew
                        && told.next_step != NextStep::TellTraveller
                }
            },
        }
    }
}

/// Words in both languages: English, then Chinese.
pub(super) struct Words {
    pub(super) title: [&'static str; 2],
    pub(super) traveller: [&'static str; 2],
    pub(super) clerk: [&'static str; 2],
}

/// The same in one language.
pub(super) struct WordsInOne {
    pub(super) title: &'static str,
    pub(super) traveller: &'static str,
    pub(super) clerk: &'static str,
}

impl Words {
    pub(super) fn in_language(&self, language: Language) -> WordsInOne {
        WordsInOne {
            title: one(self.title, language),
            traveller: one(self.traveller, language),
            clerk: one(self.clerk, language),
        }
    }
}

const fn one(both: [&'static str; 2], language: Language) -> &'static str {
    let [english, chinese] = both;
    match language {
        Language::English => english,
        Language::Chinese => chinese,
    }
}

/// Sentences one after the other, as the language writes them.
pub(super) fn say(language: Language, sentences: &[&str]) -> String {
    let said: Vec<&str> = sentences.iter().copied().filter(|sentence| !sentence.is_empty()).collect();
    said.join(one([" ", ""], language))
}

struct Spoken {
    title: String,
    traveller: String,
    clerk: String,
}

/// An account's words are those of its eligibility, whatever the answer; the others go by what the operation does.
fn spoken(told: &Told, language: Language) -> Spoken {
    if told.is_of(QueryUserInfo::SPEC) {
        let Eligibility { title, traveller, clerk, .. } = Eligibility::of(told, language);
        return with_reason(told, Spoken { title, traveller, clerk }, language);
    }
    match (told.answer, told.effect()) {
        (Three::Succeeded, Effect::MovesMoney) => paid(told, language),
        (Three::Succeeded, Effect::Records) => plain(&RECORDED, language),
        (Three::Succeeded, Effect::Reads) => read(told, language),
        (Three::Failed | Three::Unknown, Effect::MovesMoney) => not_paid_or_open(told, language),
        (Three::Failed | Three::Unknown, Effect::Records) => not_recorded(told, language),
        (Three::Failed | Three::Unknown, Effect::Reads) => not_read(told, language),
    }
}

fn paid(told: &Told, language: Language) -> Spoken {
    let step = explain_step(NextStep::None, language);
    let mut spoken = plain(&PAID, language);
    let number = match &told.reference {
        Some(reference) if is_code(reference) => {
            format!("{}{reference}{}", one(["Reference: ", "参考号："], language), one([".", "。"], language))
        }
        _ if is_code(&told.key) => {
            format!(
                "{}{}{}",
                one(["Order number: ", "订单号："], language),
                told.key,
                one([".", "。"], language)
            )
        }
        _ => String::new(),
    };
    spoken.clerk = say(language, &[step.map_or("", |step| step.clerk), &number]);
    spoken
}

/// A refund that failed, or that is not known yet: the next step's own words.
fn not_paid_or_open(told: &Told, language: Language) -> Spoken {
    let words = if told.answer == Three::Failed { &NOT_PAID } else { &OPEN };
    let mut spoken = plain(words, language);
    if let Some(step) = explain_step(told.next_step, language) {
        step.traveller.clone_into(&mut spoken.traveller);
        step.clerk.clone_into(&mut spoken.clerk);
    }
    with_reason(told, spoken, language)
}

/// A read that worked: of a refund what became of it.
fn read(told: &Told, language: Language) -> Spoken {
    match told.refund_state() {
        Some(RefundState::Paid) => paid(told, language),
        Some(RefundState::Failed) => plain(&READ_FAILED_REFUND, language),
        Some(RefundState::Open) => {
            let mut spoken = plain(&OPEN, language);
            if let Some(step) = explain_step(NextStep::ResumeLater, language) {
                step.traveller.clone_into(&mut spoken.traveller);
                step.clerk.clone_into(&mut spoken.clerk);
            }
            spoken
        }
        None => plain(&READ, language),
    }
}

/// A report that was refused, or whose answer is not known yet.
fn not_recorded(told: &Told, language: Language) -> Spoken {
    let words = if told.answer == Three::Failed { &NOT_RECORDED } else { &RECORDING_OPEN };
    let mut spoken = plain(words, language);
    let needs_somebody_else =
        matches!(told.next_step, NextStep::FixConfiguration | NextStep::RenewAuthorization);
    if needs_somebody_else && let Some(step) = explain_step(told.next_step, language) {
        step.clerk.clone_into(&mut spoken.clerk);
    }
    with_reason(told, spoken, language)
}

/// A read without a usable answer. It changed nothing, and says nothing about a refund.
fn not_read(told: &Told, language: Language) -> Spoken {
    let mut spoken = plain(&NOT_READ, language);
    let by_step = explain_step(told.next_step, language);
    match (told.next_step, by_step) {
        (NextStep::RefreshCode, Some(step)) => {
            step.traveller.clone_into(&mut spoken.traveller);
            step.clerk.clone_into(&mut spoken.clerk);
        }
        (NextStep::FixConfiguration | NextStep::RenewAuthorization | NextStep::TellTraveller, Some(step)) => {
            step.clerk.clone_into(&mut spoken.clerk);
        }
        (NextStep::StartNew, _) => spoken = plain(&READ_WRONGLY_ASKED, language),
        (NextStep::ContactSupport, _) => {
            one(READ_CONTACT_SUPPORT, language).clone_into(&mut spoken.clerk);
        }
        _ => {}
    }
    with_reason(told, spoken, language)
}

fn plain(words: &Words, language: Language) -> Spoken {
    let words = words.in_language(language);
    Spoken {
        title: words.title.to_owned(),
        traveller: words.traveller.to_owned(),
        clerk: words.clerk.to_owned(),
    }
}

/// The reason, after what the clerk is told: the code's own text, and the code for whoever is asked for help.
fn with_reason(told: &Told, spoken: Spoken, language: Language) -> Spoken {
    let Some(reason) = &told.reason else { return spoken };
    let code = reason.sub_code.as_deref().filter(|code| is_code(code)).unwrap_or(&reason.code);
    if !is_code(code) {
        return spoken;
    }
    let meaning = meaning(told, code, language).map_or("", |explanation| explanation.meaning);
    let reason = match language {
        Language::English if meaning.is_empty() => format!("Code: {code}."),
        Language::English => format!("Reason: {meaning} (Code: {code}.)"),
        Language::Chinese if meaning.is_empty() => format!("代码：{code}。"),
        Language::Chinese => format!("原因：{meaning}（代码：{code}）"),
    };
    Spoken { clerk: say(language, &[&spoken.clerk, &reason]), ..spoken }
}

/// What a code means, where its words can be relied on: of an open result only our own words for faults, and verified
/// codes that do not themselves tell a final result. Those for faults are about money that may have moved.
fn meaning(told: &Told, code: &str, language: Language) -> Option<Explanation> {
    let found = match told.protocol() {
        Some(protocol) => explain_in(protocol, code, language),
        None => explain(code, language).into_iter().next(),
    }?;
    let is_verified = told.reason.as_ref().is_some_and(|reason| reason.verified);
    let is_ours = found.protocol.is_none();
    let tells_an_end = FINAL_CODES.contains(&code);
    let can_be_told = if is_ours {
        told.effect() == Effect::MovesMoney
    } else {
        told.answer == Three::Failed || (is_verified && !tells_an_end)
    };
    can_be_told.then_some(found)
}

/// Codes whose texts tell a final result, or could be taken for one.
const FINAL_CODES: &[&str] = &[
    "ILLEGAL_ARGUMENT",
    "ORDER_NOT_EXIST",
    "REFUND_NOT_EXIST",
    "10000",
    "SUCCESS",
    "status:S",
    "status:F",
    "refundStatus:SUCCESS",
    "refundStatus:FAIL",
    "resultStatus:S",
    "resultStatus:F",
    "TAX_REFUND_FAILED",
    "PROCESS_FAIL",
];

const PAID: Words = Words {
    title: ["Refund paid", "退税已付"],
    traveller: [
        "Your refund has been paid. Your wallet or bank may show it a little later; please keep your receipt.",
        "您的退税已付，钱包或银行可能稍后才显示，请保留好凭证。",
    ],
    clerk: ["", ""],
};

const NOT_PAID: Words = Words {
    title: ["Refund not made: nothing was paid", "退税未成功，款项未付"],
    traveller: ["", ""],
    clerk: ["", ""],
};

const OPEN: Words =
    Words { title: ["Result not known yet", "结果待确认"], traveller: ["", ""], clerk: ["", ""] };

const RECORDED: Words = Words {
    title: ["Form status recorded", "退税单状态已登记"],
    traveller: [
        "Your form is recorded. Please keep it until your refund has arrived.",
        "您的退税单已登记，请保留至退税到账。",
    ],
    clerk: [
        "The form's status is recorded. This pays nothing: go on with the form as usual.",
        "退税单状态已登记，此操作不涉及付款，请按流程继续办理。",
    ],
};

const NOT_RECORDED: Words = Words {
    title: ["Form status not recorded", "退税单状态未登记"],
    traveller: [
        "Your form could not be recorded just now. We take care of it; please keep the form.",
        "您的退税单暂未登记成功，我们会处理，请保留好退税单。",
    ],
    clerk: [
        "The report of this form's status was refused; no money is concerned. Correct what the reason names and report the \
         form again, or hand the form number to your supervisor.",
        "退税单状态上报被拒，不涉及款项。请按原因改正后重新上报，或将退税单号交主管处理。",
    ],
};

const RECORDING_OPEN: Words = Words {
    title: ["Not known yet whether the form status is recorded", "退税单状态登记结果待确认"],
    traveller: [
        "Your form is being recorded. Nothing is needed from you; please keep the form.",
        "您的退税单正在登记，您无需再做什么，请保留好退税单。",
    ],
    clerk: [
        "Report the same status of the same form again, unchanged. If it stays so, hand the form number to your supervisor.",
        "请原样重新上报同一退税单的同一状态。若仍如此，请将退税单号交主管处理。",
    ],
};

const READ: Words = Words {
    title: ["Answer received", "已查到结果"],
    traveller: ["Thank you, we can go on.", "谢谢，可以继续办理。"],
    clerk: [
        "The answer is there. Asking moved no money: go on with the refund.",
        "已得到查询结果。查询不涉及付款，请继续办理退税。",
    ],
};

const READ_FAILED_REFUND: Words = Words {
    title: ["The refund failed: nothing was paid", "该笔退税失败，款项未付"],
    traveller: [
        "That refund did not go through, and nothing was paid by it. Please give me a moment.",
        "该笔退税没有成功，款项未付，请您稍候。",
    ],
    clerk: [
        "The inquiry says that this refund failed. Open the refund itself and take it up again: its own result says whether \
         and how to go on.",
        "查询显示该笔退税失败。请打开该笔退税并继续处理，以其自身结果决定下一步。",
    ],
};

const NOT_READ: Words = Words {
    title: ["No answer to the inquiry", "暂未查到结果"],
    traveller: [
        "I could not look this up just now. Asking changes nothing about your refund; please give me a moment.",
        "暂时没有查到结果，查询不会影响您的退税，请您稍候。",
    ],
    clerk: [
        "The inquiry brought no usable answer. It changed nothing and says nothing about any refund: ask again in a moment.",
        "本次查询没有得到有效结果。查询不会改变任何内容，也不能说明退税结果，请稍后重新查询。",
    ],
};

const READ_WRONGLY_ASKED: Words = Words {
    title: NOT_READ.title,
    traveller: [
        "I could not find it with what was entered. Let us check it together.",
        "按所填内容没有查到，我们一起核对一下。",
    ],
    clerk: [
        "The inquiry was refused and changed nothing. Check what was entered, correct it and ask again.",
        "查询被拒绝，未改变任何内容。请核对并改正所填内容后重新查询。",
    ],
};

const READ_CONTACT_SUPPORT: [&str; 2] = [
    "The inquiry brought no usable answer and says nothing about any refund. If it stays so, note the number and hand the \
     case to your supervisor.",
    "本次查询没有得到有效结果，也不能说明退税结果。若仍如此，请记下编号并交主管处理。",
];
