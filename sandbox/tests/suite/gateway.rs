//! The open gateway.

use crate::common::*;
use serde_json::json;
use taxrefund_sandbox::Sandbox;

fn sandbox() -> Sandbox {
    Sandbox::builder().start().unwrap()
}

#[test]
fn a_refund_is_paid_once_and_a_repeat_returns_the_same_number() {
    let sandbox = sandbox();
    let first = gateway(&sandbox, PAY, &pay_order("ORDER1", "DOC1"));
    let second = gateway(&sandbox, PAY, &pay_order("ORDER1", "DOC1"));
    assert_eq!(first["code"], "10000");
    assert!(first["tax_no"].as_str().unwrap().len() >= 20);
    assert_eq!(first, second);
    let found = query(&sandbox, "ORDER1");
    assert_eq!((&found["status"], &found["tax_no"]), (&json!("S"), &first["tax_no"]));
    assert!(found["success_time"].is_string());
    let entry = sandbox.ledger().entry("ORDER1").unwrap().clone();
    assert_eq!((entry.paid_times, entry.state.as_str(), entry.amount.as_str()), (1, "succeeded", "10000"));
    assert_eq!((entry.requests["pay"], entry.requests["query"]), (2, 1));
    assert!(entry.answer_delivered);
}

#[test]
fn the_same_number_with_other_content_is_refused_and_pays_nothing() {
    let sandbox = sandbox();
    gateway(&sandbox, PAY, &pay_order("ORDER1", "DOC1"));
    let mut other = pay_order("ORDER1", "DOC1");
    other["tax_refund_amount"] = json!("20000");
    assert_eq!(gateway(&sandbox, PAY, &other)["sub_code"], "ILLEGAL_ARGUMENT");
    assert_eq!(sandbox.ledger().totals.paid_minor["alipay/SGD"], 10000);
}

#[test]
fn an_unknown_number_is_an_illegal_argument_to_a_query() {
    let answer = query(&sandbox(), "NEVERSENT");
    assert_eq!((&answer["code"], &answer["sub_code"]), (&json!("40004"), &json!("ILLEGAL_ARGUMENT")));
}

#[test]
fn an_unresolved_refund_is_cured_by_repeating_the_pay() {
    let sandbox = sandbox();
    assert_eq!(pay(&sandbox, "ORDER1XRESULTUNKNOWN2", "").1["code"], "40004");
    for _ in 0..2 {
        assert_eq!(query(&sandbox, "ORDER1XRESULTUNKNOWN2")["sub_code"], "TAX_REFUND_RESULT_UNKNOWN");
    }
    assert_eq!(pay(&sandbox, "ORDER1XRESULTUNKNOWN2", "").1["sub_code"], "SYSTEM_ERROR");
    assert_eq!(sandbox.ledger().totals.paid_times, 0);
    assert_eq!(pay(&sandbox, "ORDER1XRESULTUNKNOWN2", "").1["code"], "10000");
    assert_eq!(query(&sandbox, "ORDER1XRESULTUNKNOWN2")["status"], "S");
    assert_eq!(sandbox.ledger().totals.paid_times, 1);
}

#[test]
fn business_fields_are_checked() {
    let sandbox = sandbox();
    for (name, value, code) in [
        ("out_order_no", json!("with-hyphen"), "40002"),
        ("out_order_no", json!(null), "40001"),
        ("identify_account_type", json!("phone"), "40002"),
        ("identify_account_no", json!("12"), "40002"),
        ("identify_account_type", json!("uid"), "40002"),
        ("biz_mode", json!("OTHER"), "40002"),
        ("tax_refund_amount", json!("100.00"), "40002"),
        ("tax_refund_amount", json!("0"), "40002"),
        ("tax_refund_amount", json!(10000), "40002"),
        ("tax_refund_currency", json!("sgd"), "40002"),
        ("user_received_amount", json!("1"), "40002"),
        ("available_day", json!(31), "40002"),
        ("tax_refund_print_date", json!("2026-11-20T10:05:00"), "40002"),
    ] {
        let mut order = pay_order("ORDER1", "DOC1");
        order[name] = value.clone();
        assert_eq!(gateway(&sandbox, PAY, &order)["code"], code, "{name} {value}");
    }
    assert_eq!(sandbox.ledger().totals.paid_times, 0);
    let mut by_uid = pay_order("ORDER2", "DOC2");
    by_uid["identify_account_type"] = json!("uid");
    by_uid["identify_account_no"] = json!("2088102150477652");
    by_uid["extend_param"] = json!(r#"{"barcodeNo":"281234567890123456"}"#);
    assert_eq!(gateway(&sandbox, PAY, &by_uid)["code"], "10000");
}

#[test]
fn user_information_follows_the_account() {
    let sandbox = sandbox();
    let ask = |kind: &str, no: &str| {
        gateway(&sandbox, USER_INFO, &json!({"identify_account_type": kind, "identify_account_no": no}))
    };
    let good = ask("barcode", "281234567890123456");
    assert_eq!(good["eligible"], true);
    assert!(good["user_id"].as_str().unwrap().starts_with("2088"));
    assert_eq!(ask("logonId", "zhang@alitest.com")["eligible"], true);
    assert_eq!(ask("barcode", "281234567890990001")["sub_code"], "ILLEGAL_IDENTIFY_ACCOUNT_NO");
    assert_eq!(ask("barcode", "not a code")["sub_code"], "ILLEGAL_IDENTIFY_ACCOUNT_NO");
    let refused = ask("logonId", "zhangXUNCERTIFIED0@alitest.com");
    assert_eq!(
        (&refused["eligible"], &refused["eligible_msg"]),
        (&json!(false), &json!("REAL_NAME_UNCERTIFIED"))
    );
    assert_eq!(ask("barcode", "281234567890990003")["eligible_msg"], "ILLEGAL_USER");
    assert_eq!(ask("barcode", "281234567890990004")["eligible_msg"], "USER_ACCOUNT_FREEZED");
    let log = format!("{:?}", sandbox.requests());
    assert!(!log.contains("zhang@") && !log.contains("281234567890123456"), "{log}");
}

#[test]
fn a_token_success_has_no_code_and_a_failure_the_common_root() {
    let sandbox = sandbox();
    let mut params = gateway_params(&sandbox, TOKEN, &json!({}));
    params.retain(|(name, _)| *name != "biz_content");
    params.push(("grant_type", "authorization_code".to_owned()));
    let exchange = |params: &Params| {
        let own = &sandbox.credentials().alipay;
        let signature = sign(&own.partner_private_key_pem, text_to_sign(params).as_bytes());
        let got = send_params(&sandbox, params, &signature, &Vec::new());
        assert_eq!(gateway_seen(&sandbox, TOKEN, &got).0, "verified");
        got.json()
    };
    assert_eq!(exchange(&params)["error_response"]["code"], "40001");
    params.push(("code", "4b203fe6c11548bcabd8da5bb087a83b".to_owned()));
    let answer = &exchange(&params)["alipay_system_oauth_token_response"];
    assert!(answer["access_token"].is_string() && answer["user_id"].is_string());
    assert!(answer.get("code").is_none());
}

#[test]
fn requests_are_authenticated_as_the_gateway_does() {
    let sandbox = sandbox();
    let params = gateway_params(&sandbox, PAY, &pay_order("ORDER1", "DOC1"));
    let own = sandbox.credentials().alipay.clone();
    let send = |params: &Params, key: &str| {
        let got = send_params(&sandbox, params, &sign(key, text_to_sign(params).as_bytes()), &Vec::new());
        let (seen, object) = gateway_seen(&sandbox, PAY, &got);
        (seen, object["sub_code"].as_str().unwrap_or_default().to_owned())
    };
    let changed = |name: &str, value: &str| {
        let mut params = params.clone();
        params.retain(|(n, _)| *n != name);
        let name: &'static str = params_name(name);
        params.push((name, value.to_owned()));
        send(&params, &own.partner_private_key_pem)
    };
    let stranger = include_str!("../../keys/stranger_private.pem");
    assert_eq!(send(&params, stranger), ("verified".into(), "isv.invalid-signature".into()));
    assert_eq!(changed("app_id", "1"), ("unsigned".into(), "isv.invalid-app-id".into()));
    assert_eq!(changed("charset", "latin1").1, "isv.invalid-charset");
    assert_eq!(changed("method", "alipay.nothing").1, "isv.invalid-method");
    assert_eq!(changed("timestamp", "2026-11-23T10:00:00Z").1, "isv.invalid-timestamp");
    assert_eq!(changed("version", "2.0").1, "isv.invalid-version");
    assert_eq!(changed("sign_type", "RSA").1, "isv.missing-signature-config");
    assert_eq!(changed("biz_content", "[]").1, "isv.illegal-json");
    let mut twice = params.clone();
    twice.push(("version", "1.0".to_owned()));
    assert_eq!(send(&twice, &own.partner_private_key_pem).1, "isv.invalid-parameter");
    assert_eq!(sandbox.ledger().totals.paid_times, 0);
}

fn params_name(name: &str) -> &'static str {
    ["app_id", "charset", "method", "timestamp", "version", "sign_type", "biz_content"]
        .into_iter()
        .find(|n| *n == name)
        .unwrap()
}

#[test]
fn certificate_mode_wants_serial_numbers_and_gives_its_own() {
    let sandbox = sandbox();
    let own = sandbox.credentials().alipay.clone();
    let mut params = gateway_params(&sandbox, PAY, &pay_order("ORDER1", "DOC1"));
    params[0].1.clone_from(&own.certificate_app_id);
    let send = |params: &Params| {
        let signature = sign(&own.partner_private_key_pem, text_to_sign(params).as_bytes());
        send_params(&sandbox, params, &signature, &Vec::new())
    };
    let refused = send(&params);
    assert_eq!(gateway_seen(&sandbox, PAY, &refused).1["sub_code"], "isv.missing-app-cert-sn");
    params.push(("app_cert_sn", own.app_cert_sn.clone()));
    params.push(("alipay_root_cert_sn", own.alipay_root_cert_sn.clone()));
    let paid = send(&params);
    let (seen, object) = gateway_seen(&sandbox, PAY, &paid);
    assert_eq!((seen.as_str(), &object["code"]), ("verified", &json!("10000")));
    assert_eq!(paid.json()["alipay_cert_sn"], own.alipay_cert_sn);
}

#[test]
fn a_gbk_request_is_verified_over_its_bytes_and_answered_in_gbk() {
    let sandbox = sandbox();
    let mut order = pay_order("ORDER1", "DOC1");
    order["company_name"] = json!("退税公司");
    let mut params = gateway_params(&sandbox, PAY, &order);
    params[2].1 = "GBK".to_owned();
    let own = &sandbox.credentials().alipay;
    let text = text_to_sign(&params);
    let (text, _, _) = encoding_rs::GBK.encode(&text);
    let mut pairs: Vec<String> =
        params.iter().map(|(n, v)| format!("{n}={}", form_encoded(&encoding_rs::GBK.encode(v).0))).collect();
    pairs.push(format!("sign={}", form_encoded(sign(&own.partner_private_key_pem, &text).as_bytes())));
    let got = post(sandbox.base_url(), "/gateway.do", &Vec::new(), pairs.join("&").as_bytes());
    assert_eq!(got.json()["alipay_overseas_tax_order_pay_response"]["code"], "10000");
    assert_eq!(got.header("content-type"), Some("text/html;charset=GBK"));
}
