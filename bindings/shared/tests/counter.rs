//! The counter's functions as the language packages call them: JSON in, JSON out, and a problem where something is wrong.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use serde_json::{Value, json};
use taxrefund_bindings::counter::{advice, confirmation, eligibility, problem_text, scanned_code};
use taxrefund_bindings::{Problem, account};
use taxrefund_core::operations;

const CODE: &str = "281234567890123456";

fn parsed(json: Result<String, Problem>) -> Value {
    serde_json::from_str(&json.map_err(|problem| problem.to_json()).unwrap()).unwrap()
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

fn outcome(change: impl Fn(&mut Value)) -> String {
    let mut outcome = json!({
        "outcome": "succeeded",
        "response": { "tax_no": "2024072400007148" },
        "reference": "2024072400007148",
        "report": {
            "operation": "alipay.pay_tax_refund", "key": "A0001", "attempts": [], "warnings": [],
            "slow_down": false, "evidence": null,
        },
    });
    change(&mut outcome);
    outcome.to_string()
}

fn user_info(response: &Value) -> String {
    outcome(|outcome| {
        outcome["report"]["operation"] = json!("alipay.query_user_info");
        outcome["response"] = response.clone();
        outcome["reference"] = Value::Null;
    })
}

#[test]
fn a_scanned_code_is_ready_for_a_request_and_masked_for_a_screen() {
    assert_eq!(
        parsed(scanned_code("]C1281234567890123456\r\n")),
        json!({
            "identify_account_type": "barcode",
            "identify_account_no": CODE,
            "masked": "28************3456",
            "warnings": [],
        })
    );
    let unusual = parsed(scanned_code("991234567890123456"));
    let warning = &unusual["warnings"][0];
    assert_eq!(
        (&warning["path"], &warning["rule"]),
        (&json!("identify_account_no"), &json!("barcode_shape"))
    );
    assert!(
        !is_chinese(warning["message"].as_str().unwrap()) && is_chinese(warning["chinese"].as_str().unwrap())
    );
}

#[test]
fn a_text_that_is_no_code_is_a_problem_that_does_not_hold_it() {
    let problem = scanned_code("28123456789").unwrap_err();
    assert_eq!((problem.kind, problem.code.as_str()), ("scanned_code", "scan_wrong_length"));
    let json: Value = serde_json::from_str(&problem.to_json()).unwrap();
    assert_eq!(json["digits"], 11);
    assert!(!problem.to_json().contains("28123456789"));
    let passport = scanned_code("EK7654321").unwrap_err();
    assert!(passport.code == "scan_passport" && !passport.to_json().contains("7654321"));
}

#[test]
fn an_account_is_shown_masked_unless_it_is_to_be_revealed() {
    let response = json!({ "user_name": "张三", "logon_id": "13812341234", "user_id": "2088102150470001", "code": "10000" });
    assert_eq!(
        parsed(confirmation(&response.to_string(), false)),
        json!({ "name": "张*", "login": "138****1234", "user_id": "2088********0001" })
    );
    assert_eq!(
        parsed(confirmation(&response.to_string(), true)),
        json!({ "name": "张三", "login": "13812341234", "user_id": "2088102150470001" })
    );
    assert_eq!(parsed(confirmation("{}", false)), json!({ "name": null, "login": null, "user_id": null }));
    let problem = confirmation("张三", false).unwrap_err();
    assert!(problem.kind == "configuration" && !problem.message.contains("张三"), "{problem:?}");
}

#[test]
fn eligibility_says_its_verdict_and_the_words_for_it() {
    let told = parsed(eligibility(&user_info(&json!({ "eligible": true })), "english"));
    assert_eq!((&told["verdict"], &told["code"]), (&json!("eligible"), &Value::Null));
    let told = parsed(eligibility(
        &user_info(&json!({ "eligible": false, "eligible_msg": "REAL_NAME_UNCERTIFIED" })),
        "chinese",
    ));
    assert_eq!((&told["verdict"], &told["code"]), (&json!("not_eligible"), &json!("REAL_NAME_UNCERTIFIED")));
    assert!(is_chinese(told["clerk"].as_str().unwrap()));
    assert_eq!(parsed(eligibility(&user_info(&json!({})), "english"))["verdict"], "undetermined");
}

#[test]
fn advice_has_every_member_of_its_contract() {
    let told = parsed(advice(&outcome(|_| ()), "chinese"));
    let names: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    for name in ["outcome", "next_step", "title", "traveller", "clerk", "may_start_new", "may_ask_again"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert_eq!((&told["outcome"], &told["next_step"]), (&json!("succeeded"), &json!("none")));
    assert!(told["clerk"].as_str().unwrap().contains("2024072400007148"));
}

#[test]
fn a_success_that_lacks_what_a_success_has_is_unknown_and_another_text_is_a_problem() {
    for name in ["response", "reference", "report"] {
        let claim = outcome(|outcome| {
            outcome.as_object_mut().unwrap().remove(name);
        });
        let told = parsed(advice(&claim, "english"));
        assert_eq!((&told["outcome"], &told["may_start_new"]), (&json!("unknown"), &json!(false)), "{name}");
    }
    for text in ["", "{}", r#"{"outcome":"paid"}"#, r#"{"outcome":"failed","outcome":"succeeded"}"#] {
        for problem in [advice(text, "english").unwrap_err(), eligibility(text, "english").unwrap_err()] {
            assert_eq!((problem.kind, problem.code.as_str()), ("configuration", "outcome_unreadable"));
        }
    }
    assert_eq!(advice(&outcome(|_| ()), "french").unwrap_err().kind, "configuration");
}

#[test]
fn a_whole_problem_is_told_in_either_language() {
    let profile = account::profile("{}", None).err().unwrap();
    for language in ["english", "chinese"] {
        assert!(!problem_text(&profile.to_json(), language).unwrap().is_empty());
    }
    let invalid: Problem = taxrefund_core::InvalidRequest {
        operation: "alipay.pay_tax_refund",
        violations: vec![
            taxrefund_core::validation::Violation {
                path: "out_order_no".to_owned(),
                rule: "length",
                message: "must have 3 to 64 characters, has 2".to_owned(),
                given: "\"A1\"".to_owned(),
            },
            taxrefund_core::validation::Violation {
                path: "passport_no".to_owned(),
                rule: "length",
                message: "may have at most 32 characters, has 33".to_owned(),
                given: "«33 characters»".to_owned(),
            },
        ],
    }
    .into();
    assert_eq!(
        problem_text(&invalid.to_json(), "chinese").unwrap(),
        "请求有2处问题，未发送任何内容：\n\
         - 订单号（out_order_no）：应为3至64个字符，现有2个（所填：\"A1\"）\n\
         - 护照号码（passport_no）：最多32个字符，现有33个（所填：«33个字符»）\n\
         操作：alipay.pay_tax_refund\n\
         请按所列各项改正后重新提交，此前没有付款。"
    );
    let english = problem_text(&invalid.to_json(), "english").unwrap();
    assert!(
        english.starts_with("The request has 2 problems; nothing was sent:\n- out_order_no: must"),
        "{english}"
    );
    let scanned = scanned_code("28123").unwrap_err().to_json();
    assert_eq!(
        problem_text(&scanned, "chinese").unwrap(),
        "读到5位数字。付款码应为16至32位数字。位数不足说明没有扫全，位数过多说明连扫了两个码。\n\
         请清空输入框，请旅客刷新付款码后完整地重扫一次。"
    );
    let money: Problem = taxrefund_core::Money::parse_major(
        "1.234",
        taxrefund_core::currency::Currency::parse("SGD").unwrap(),
    )
    .unwrap_err()
    .into();
    let told = problem_text(&money.to_json(), "chinese").unwrap();
    assert!(told.contains("有3位小数") && told.contains("SGD"), "{told}");
}

#[test]
fn a_problem_of_a_kind_or_code_that_is_not_known_is_told_all_the_same() {
    let strange = json!({ "kind": "new_kind", "code": "new_code", "message": "something new" }).to_string();
    assert_eq!(problem_text(&strange, "english").unwrap(), "something new");
    let told = problem_text(&strange, "chinese").unwrap();
    assert!(told.contains("new_code") && told.contains("something new"), "{told}");
    for text in ["", "null", "{}", r#"{"kind":1,"code":2,"message":3}"#] {
        assert_eq!(problem_text(text, "chinese").unwrap_err().kind, "configuration", "{text}");
    }
}

#[test]
fn every_operations_open_outcome_can_be_advised_on() {
    for spec in operations::all().map(|entry| entry.spec) {
        let open = outcome(|outcome| {
            outcome["outcome"] = json!("unknown");
            outcome["reason"] = json!({ "code": "timeout", "verified": false });
            outcome["next_step"] = json!("resume_later");
            outcome["report"]["operation"] = json!(spec.name);
        });
        assert_eq!(parsed(advice(&open, "chinese"))["outcome"], "unknown", "{}", spec.name);
    }
}
