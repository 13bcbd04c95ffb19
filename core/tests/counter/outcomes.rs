//! What is said about an outcome: an open one is never worded as paid or as failed, and a claim without proof is open.

use serde_json::{Value, json};
use taxrefund_core::counter::{Advice, Eligibility, Told, Verdict};
use taxrefund_core::explain::{self, Language};
use taxrefund_core::{
    Effect, Failed, Fault, FlowState, NextStep, Outcome, Prepared, Reason, Report, Succeeded, Unknown,
    alipay, operations,
};

use crate::support::*;

const LANGUAGES: [Language; 2] = [Language::English, Language::Chinese];
const STEPS: [NextStep; 9] = [
    NextStep::None,
    NextStep::StartNew,
    NextStep::RefreshCode,
    NextStep::FixConfiguration,
    NextStep::RenewAuthorization,
    NextStep::TellTraveller,
    NextStep::ResumeLater,
    NextStep::AwaitNotification,
    NextStep::ContactSupport,
];
const PAY: &str = "alipay.pay_tax_refund";
const USER_INFO: &str = "alipay.query_user_info";

fn report(operation: &str) -> Report {
    Report { operation: operation.to_owned(), key: "A0001".to_owned(), ..Report::default() }
}

fn reason(code: &str, verified: bool) -> Reason {
    Reason { code: code.to_owned(), sub_code: None, message: None, verified }
}

fn failed(operation: &str, code: &str, next_step: NextStep) -> Outcome {
    Outcome::Failed(Failed { reason: reason(code, true), next_step, report: report(operation) })
}

fn unknown(operation: &str, reason: Reason, next_step: NextStep) -> Outcome {
    let resume = FlowState::of(&gateway(), &prepared_pay());
    Outcome::Unknown(Unknown { reason, next_step, report: report(operation), resume })
}

fn succeeded(operation: &str, response: Value, reference: Option<&str>) -> Outcome {
    let Value::Object(response) = response else { panic!("{response}") };
    Outcome::Succeeded(Succeeded {
        response,
        reference: reference.map(str::to_owned),
        report: report(operation),
    })
}

/// The advice on an outcome, which is the same from the outcome and from its JSON.
fn advice(outcome: &Outcome, language: Language) -> Advice {
    let advice = Advice::on(&Told::of(outcome), language);
    assert_eq!(advice, claimed(&serde_json::to_value(outcome).unwrap(), language));
    advice
}

fn claimed(outcome: &Value, language: Language) -> Advice {
    Advice::on(&Told::read(&outcome.to_string()).unwrap(), language)
}

fn eligibility(outcome: &Outcome, language: Language) -> Eligibility {
    let eligibility = Eligibility::of(&Told::of(outcome), language);
    let json = serde_json::to_string(outcome).unwrap();
    assert_eq!(eligibility, Eligibility::of(&Told::read(&json).unwrap(), language));
    eligibility
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

fn assert_worded(advice: &Advice, language: Language) {
    for text in [&advice.title, &advice.traveller, &advice.clerk] {
        assert!(!text.trim().is_empty(), "{advice:?}");
        assert_eq!(is_chinese(text), language == Language::Chinese, "{advice:?}");
    }
}

fn assert_open(advice: &Advice) {
    assert_eq!((advice.outcome, advice.may_start_new, advice.may_ask_again), ("unknown", false, true));
    let told = advice.traveller.to_lowercase() + &advice.title.to_lowercase();
    for claim in [
        "failed",
        "not paid",
        "nothing was paid",
        "did not go through",
        "no money",
        "失败",
        "未付",
        "未成功",
        "没有成功",
    ] {
        assert!(!told.contains(claim), "{claim}: {advice:?}");
    }
    for (claim, open) in [("paid", "whether your refund has been paid"), ("已付", "是否已付")] {
        assert!(!told.replace(open, "").contains(claim), "{claim}: {advice:?}");
    }
    for anew in [
        "new order number",
        "start a new",
        "new one",
        "new number",
        "新的订单号",
        "新的编号",
        "重新发起",
        "新退税",
    ] {
        assert!(!advice.clerk.contains(anew), "{anew}: {advice:?}");
    }
}

#[test]
fn every_step_of_every_operation_has_its_words_whatever_the_answer() {
    for spec in operations::all().map(|entry| entry.spec) {
        for step in STEPS {
            for language in LANGUAGES {
                let refused = advice(&failed(spec.name, "PARAM_ILLEGAL", step), language);
                assert_worded(&refused, language);
                assert_eq!(refused.outcome, "failed");
                let begins_anew = matches!(step, NextStep::StartNew | NextStep::RefreshCode);
                assert_eq!(refused.may_start_new, begins_anew, "{} {step:?}", spec.name);
                assert!(!refused.may_ask_again || spec.effect == Effect::Reads && !refused.may_start_new);
                let open = advice(&unknown(spec.name, reason("timeout", false), step), language);
                assert_worded(&open, language);
                assert_open(&open);
            }
        }
        for language in LANGUAGES {
            let done = advice(&succeeded(spec.name, json!({}), None), language);
            assert_worded(&done, language);
            assert_eq!(
                (done.outcome, done.next_step, done.may_start_new),
                ("succeeded", NextStep::None, false)
            );
        }
    }
}

#[test]
fn an_open_result_is_never_worded_as_paid_or_failed_whatever_its_reason() {
    for code in
        explain::all(Language::English).map(|found| found.code).chain(["", "NOT_LISTED", "line\nbreak"])
    {
        for verified in [true, false] {
            for step in STEPS {
                for operation in [PAY, "alipay_plus.create_original_credit", "antom.refund"] {
                    for language in LANGUAGES {
                        assert_open(&advice(&unknown(operation, reason(code, verified), step), language));
                    }
                }
            }
        }
    }
}

#[test]
fn a_paid_refund_names_its_reference_for_the_clerk() {
    let paid = succeeded(PAY, json!({ "tax_no": "2024072400007148" }), Some("2024072400007148"));
    for language in LANGUAGES {
        let told = advice(&paid, language);
        assert!(told.clerk.contains("2024072400007148") && !told.traveller.contains("2024072400007148"));
        assert!(!told.may_start_new && !told.may_ask_again);
    }
    let without = advice(&succeeded(PAY, json!({}), None), Language::English);
    assert!(without.clerk.contains("A0001"), "{without:?}");
}

#[test]
fn a_code_with_words_of_its_own_is_told_with_them() {
    let refused = failed("antom.refund", "REFUND_WINDOW_EXCEED", NextStep::TellTraveller);
    for language in LANGUAGES {
        let meaning = explain::explain("REFUND_WINDOW_EXCEED", language)[0].meaning;
        let told = advice(&refused, language);
        assert!(told.clerk.contains(meaning) && told.clerk.contains("REFUND_WINDOW_EXCEED"), "{told:?}");
    }
    // Nobody vouches for it: the code is there for whoever looks into it, its meaning is not told.
    let claim = unknown(PAY, reason("40002", false), NextStep::FixConfiguration);
    let told = advice(&claim, Language::English);
    assert!(told.clerk.contains("40002") && !told.clerk.contains("refused"), "{told:?}");
}

#[test]
fn an_inquiry_tells_what_became_of_the_refund_and_starts_nothing_new() {
    let cases = [
        ("alipay.query_tax_refund", json!({ "status": "S", "tax_no": "T1" }), "Refund paid"),
        ("alipay.query_tax_refund", json!({ "status": "F" }), "The refund failed: nothing was paid"),
        ("alipay.query_tax_refund", json!({ "status": "I" }), "Result not known yet"),
        ("alipay.query_tax_refund", json!({}), "Result not known yet"),
        ("antom.inquire_refund", json!({ "refundStatus": "SUCCESS" }), "Refund paid"),
        ("antom.inquire_refund", json!({ "refundStatus": "FAIL" }), "The refund failed: nothing was paid"),
        ("antom.inquire_refund", json!({ "refundStatus": "PROCESSING" }), "Result not known yet"),
        (
            "alipay_plus.inquire_original_credit",
            json!({ "originalCreditResult": { "resultStatus": "S" } }),
            "Refund paid",
        ),
        (
            "alipay_plus.inquire_original_credit",
            json!({ "originalCreditResult": { "resultStatus": "F", "resultCode": "PROCESS_FAIL" } }),
            "The refund failed: nothing was paid",
        ),
        (
            "alipay_plus.inquire_original_credit",
            json!({ "originalCreditResult": { "resultStatus": "F", "resultCode": "ORIGINAL_CREDIT_IN_PROCESS" } }),
            "Result not known yet",
        ),
        ("alipay_plus.evaluate_original_credit", json!({}), "Answer received"),
        ("alipay.exchange_auth_code", json!({}), "Answer received"),
    ];
    for (operation, response, title) in cases {
        let told = advice(&succeeded(operation, response.clone(), None), Language::English);
        assert_eq!(told.title, title, "{operation} {response}");
        assert!(!told.may_start_new && told.may_ask_again, "{operation} {response}");
    }
}

#[test]
fn a_read_or_a_report_without_an_answer_says_nothing_about_money() {
    for operation in [USER_INFO, "alipay.query_tax_refund", "alipay_plus.sync_tax_refund_form"] {
        for step in STEPS {
            let told = advice(&unknown(operation, reason("timeout", false), step), Language::English);
            assert!(!told.traveller.contains("paid") && !told.clerk.contains("paid"), "{told:?}");
        }
    }
}

#[test]
fn what_claims_success_without_what_a_success_has_is_open() {
    let paid = serde_json::to_value(succeeded(PAY, json!({ "tax_no": "T1" }), Some("T1"))).unwrap();
    assert_eq!(claimed(&paid, Language::English).outcome, "succeeded");
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut outcome = paid.clone();
        change(&mut outcome);
        claimed(&outcome, Language::English)
    };
    let remove = |name: &'static str| {
        changed(&move |outcome| {
            outcome.as_object_mut().unwrap().remove(name);
        })
    };
    for name in ["response", "reference", "report"] {
        assert_open(&remove(name));
    }
    assert_open(&changed(&|outcome| outcome["response"] = json!("paid")));
    assert_open(&changed(&|outcome| outcome["reference"] = json!(1)));
    assert_open(&changed(&|outcome| outcome["report"]["operation"] = json!("paypal.pay")));
    assert_open(&changed(&|outcome| outcome["report"]["key"] = json!("")));
    assert_open(&changed(&|outcome| outcome["reason"] = json!({ "code": "timeout", "verified": false })));
    assert_open(&changed(&|outcome| outcome["resume"] = json!({})));
    assert_open(&changed(&|outcome| outcome["next_step"] = json!("resume_later")));
    assert_open(&changed(&|outcome| {
        outcome["report"]["evidence"] =
            json!({ "status": 200, "verified": false, "headers": [], "body": "", "truncated": false });
    }));
    assert_open(&claimed(&json!({ "outcome": "succeeded" }), Language::Chinese));
}

#[test]
fn what_claims_failure_without_a_verified_reason_is_open() {
    let refused = serde_json::to_value(failed(PAY, "status:F", NextStep::StartNew)).unwrap();
    assert!(claimed(&refused, Language::English).may_start_new);
    for (pointer, value) in [
        ("/reason/verified", json!(false)),
        ("/reason", json!("status:F")),
        ("/report", json!(null)),
        ("/report/operation", json!("paypal.pay")),
    ] {
        let mut outcome = refused.clone();
        *outcome.pointer_mut(pointer).unwrap() = value;
        assert_open(&claimed(&outcome, Language::English));
    }
    let mut open = refused.clone();
    open["resume"] = json!({});
    assert_open(&claimed(&open, Language::English));
    let mut odd = refused;
    odd["next_step"] = json!("pay_twice");
    assert!(!claimed(&odd, Language::English).may_start_new);
}

#[test]
fn a_text_that_is_none_of_the_three_answers_is_refused() {
    for text in [
        "",
        "succeeded",
        "{}",
        "[]",
        r#"{"outcome":"paid"}"#,
        r#"{"outcome":"Succeeded"}"#,
        r#"{"outcome":true}"#,
        r#"{"outcome":"unknown","outcome":"succeeded"}"#,
    ] {
        assert_eq!(Told::read(text).unwrap_err().code(), "outcome_unreadable", "{text}");
    }
}

#[test]
fn only_a_verified_eligible_true_is_eligible() {
    let verdict = |outcome: &Outcome| eligibility(outcome, Language::English).verdict;
    let answered = |response: Value| verdict(&succeeded(USER_INFO, response, None));
    assert_eq!(answered(json!({ "eligible": true })), Verdict::Eligible);
    assert_eq!(answered(json!({ "eligible": "true" })), Verdict::Eligible);
    assert_eq!(answered(json!({ "eligible": false })), Verdict::NotEligible);
    for unsaid in
        [json!({}), json!({ "eligible": null }), json!({ "eligible": "yes" }), json!({ "eligible": 1 })]
    {
        assert_eq!(answered(unsaid), Verdict::Undetermined);
    }
    assert_eq!(
        verdict(&unknown(USER_INFO, reason("timeout", false), NextStep::ResumeLater)),
        Verdict::Undetermined
    );
    assert_eq!(verdict(&succeeded(PAY, json!({ "eligible": true }), Some("T1"))), Verdict::Undetermined);
    let claim = json!({ "outcome": "succeeded", "response": { "eligible": true } }).to_string();
    assert_eq!(
        Eligibility::of(&Told::read(&claim).unwrap(), Language::English).verdict,
        Verdict::Undetermined
    );
}

#[test]
fn every_reason_for_not_eligible_has_its_words_and_an_unknown_one_too() {
    for code in ["REAL_NAME_UNCERTIFIED", "ILLEGAL_USER", "USER_ACCOUNT_FREEZED", "SOMETHING_NEW"] {
        for language in LANGUAGES {
            let outcome = succeeded(USER_INFO, json!({ "eligible": false, "eligible_msg": code }), None);
            let told = eligibility(&outcome, language);
            assert_eq!((told.verdict, told.code.as_deref()), (Verdict::NotEligible, Some(code)));
            for text in [&told.title, &told.traveller, &told.clerk] {
                assert_eq!(is_chinese(text), language == Language::Chinese, "{told:?}");
            }
            // The advice on the same outcome says the same.
            let advice = advice(&outcome, language);
            assert_eq!((advice.title, advice.clerk), (told.title, told.clerk));
        }
    }
    let unsaid = eligibility(&succeeded(USER_INFO, json!({ "eligible": false }), None), Language::English);
    assert_eq!((unsaid.verdict, unsaid.code), (Verdict::NotEligible, None));
}

#[test]
fn a_code_that_alipay_does_not_accept_is_refreshed_and_scanned_again() {
    let ask = |account_type: &str, account: &str| {
        let request = alipay::QueryUserInfoRequest {
            identify_account_type: account_type.to_owned(),
            identify_account_no: account.into(),
        };
        let prepared = Prepared::new::<alipay::QueryUserInfo>(&gateway(), &request).unwrap();
        let answer = says(gateway_failure("40004", "ILLEGAL_IDENTIFY_ACCOUNT_NO"));
        script(flow(gateway(), prepared), &[answer]).outcome
    };
    let scanned = ask("barcode", "281234567890123456");
    let told = eligibility(&scanned, Language::Chinese);
    assert_eq!(told.verdict, Verdict::Undetermined);
    assert_eq!(told.code.as_deref(), Some("ILLEGAL_IDENTIFY_ACCOUNT_NO"));
    assert!(told.clerk.contains("刷新付款码"), "{told:?}");
    assert!(advice(&scanned, Language::English).may_start_new);
    let typed = eligibility(&ask("logonId", "traveller@example.com"), Language::English);
    assert!(typed.clerk.contains("letter by letter"), "{typed:?}");
}

#[test]
fn a_real_refund_without_an_answer_is_open_for_everybody() {
    let run = script(pay_flow(), &[fault(Fault::Timeout)]);
    for language in LANGUAGES {
        let told = advice(&run.outcome, language);
        assert_open(&told);
        assert_worded(&told, language);
    }
}

#[test]
fn real_refunds_that_ended_are_told_as_they_ended() {
    let paid = json!({ "code": "10000", "msg": "Success", "tax_no": "2024072400007148" });
    let told = advice(&script(pay_flow(), &[says(paid)]).outcome, Language::English);
    assert_eq!((told.outcome, told.may_start_new), ("succeeded", false));
    assert!(told.clerk.contains("2024072400007148"), "{told:?}");
    let refused = says(result("F", "REFUND_WINDOW_EXCEED"));
    let told = advice(&script(refund_flow(), &[refused]).outcome, Language::Chinese);
    assert_eq!((told.outcome, told.next_step), ("failed", NextStep::TellTraveller));
    assert!(told.traveller.contains("未付款") && !told.may_start_new, "{told:?}");
}

#[test]
fn neither_debug_nor_any_word_holds_the_travellers_data() {
    let answer =
        json!({ "eligible": true, "user_name": "ZWYNETTE QUXLEY", "logon_id": "zwynette@quxley.example" });
    let told = Told::of(&succeeded(USER_INFO, answer, None));
    let shown = format!(
        "{told:?} {:?} {:?}",
        Advice::on(&told, Language::English),
        Eligibility::of(&told, Language::English)
    );
    assert!(!shown.to_lowercase().contains("quxley"), "{shown}");
}
