//! Nothing personal and no secret reaches a log: `Debug` and `Display` of everything public are held against secrets
//! that would be recognised anywhere.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::fmt::{Debug, Display};

use serde_json::{Value, json};
use support::*;
use taxrefund_core::alipay::{
    ExchangeAuthCodeRequest, ExchangeAuthCodeResponse, PayTaxRefundRequest, PayTaxRefundResponse,
    QueryTaxRefundResponse, QueryUserInfoRequest, QueryUserInfoResponse,
};
use taxrefund_core::alipay_plus::{
    CreateOriginalCreditRequest, Env, EvaluateOriginalCreditRequest, EvaluateOriginalCreditResponse,
    InquireOriginalCreditResponse, PaymentMethod, User,
};
use taxrefund_core::antom::{BankInfo, RefundRequest, UserName};
use taxrefund_core::{
    Event, Fault, Flow, MerchantKey, Outcome, Policy, Prepared, PrivateKey, Sensitive, Step, alipay,
    alipay_plus, antom, operations,
};

const PASSPORT: &str = "EK7654321";
const NAME: &str = "ZWYNETTE QUXLEY";
const BARCODE: &str = "287654321098765432";
const LOGIN: &str = "zwynette@quxley.example";
const TOKEN: &str = "composeTOKEN0f1e2d3c";
const BANK_ACCOUNT: &str = "DE02120300000000202051";
const ADDRESS: &str = "203.0.113.77";

fn assert_clean(what: &str, shown: &str) {
    let lower = shown.to_lowercase();
    for secret in [PASSPORT, NAME, "quxley", BARCODE, LOGIN, TOKEN, BANK_ACCOUNT, ADDRESS] {
        assert!(!lower.contains(&secret.to_lowercase()), "{what} shows {secret}: {shown}");
        // Nor as a list of byte values, which is how `Debug` writes them.
        let bytes = format!("{:?}", secret.as_bytes());
        assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{what} shows the bytes of {secret}");
    }
    for key in [Holder::Merchant, Holder::Platform] {
        let pem = vector_pem(key);
        for line in pem.lines().filter(|line| !line.starts_with('-')) {
            assert!(!shown.contains(line), "{what} shows a private key");
        }
    }
}

fn vector_pem(holder: Holder) -> String {
    let vectors: Value = serde_json::from_str(include_str!("../../tests/vectors/alipay-plus.json")).unwrap();
    let name = if holder == Holder::Merchant { "partner" } else { "platform" };
    vectors["keys"][name]["private_pkcs8_pem"].as_str().unwrap().to_owned()
}

fn clean_debug(what: &str, value: &impl Debug) {
    assert_clean(what, &format!("{value:?}"));
    assert_clean(what, &format!("{value:#?}"));
}

fn clean(what: &str, value: &(impl Debug + Display)) {
    clean_debug(what, value);
    assert_clean(what, &value.to_string());
}

fn secret(text: &str) -> Option<Sensitive> {
    Some(text.into())
}

fn personal_pay() -> PayTaxRefundRequest {
    PayTaxRefundRequest {
        identify_account_no: BARCODE.into(),
        passport_no: secret(PASSPORT),
        passport_name: secret(NAME),
        extend_param: Some(json!({ "barcodeNo": BARCODE }).to_string().into()),
        ..pay_request()
    }
}

fn user_name() -> UserName {
    UserName { full_name: secret(NAME), first_name: secret(NAME), ..UserName::default() }
}

fn personal_refund() -> RefundRequest {
    RefundRequest {
        refund_source_account_no: secret(BANK_ACCOUNT),
        refund_to_bank_info: Some(BankInfo {
            account_no: secret(BANK_ACCOUNT),
            account_holder_name: Some(user_name()),
            ..BankInfo::default()
        }),
        ..refund_request()
    }
}

fn personal_credit() -> CreateOriginalCreditRequest {
    CreateOriginalCreditRequest {
        payee: User { user_login_id: secret(LOGIN), user_name: Some(user_name()), ..credit_request().payee },
        env: Some(Env { client_ip: secret(ADDRESS), ..Env::default() }),
        ..credit_request()
    }
}

/// An answer that repeats everything it should not.
fn talkative() -> Value {
    json!({
        "code": "10000", "status": "S", "tax_no": "T1", "out_order_no": "0005520171122115751",
        "sub_msg": format!("{NAME} has {PASSPORT}"), "user_name": NAME, "logon_id": LOGIN,
        "identify_account_type": "barcode", "identify_account_no": BARCODE, "passport": PASSPORT,
        "access_token": TOKEN, "refresh_token": TOKEN, "nested": [{ "name": NAME }],
        "result": { "resultStatus": "S", "resultCode": "SUCCESS", "resultMessage": format!("paid {NAME}") },
        "originalCreditResult": { "resultStatus": "S", "resultMessage": NAME },
    })
}

#[test]
fn requests_show_nothing_personal() {
    clean_debug("pay", &personal_pay());
    clean_debug("refund", &personal_refund());
    clean_debug("credit", &personal_credit());
    clean_debug(
        "user info",
        &QueryUserInfoRequest { identify_account_type: "logonId".into(), identify_account_no: LOGIN.into() },
    );
    clean_debug(
        "token",
        &ExchangeAuthCodeRequest {
            grant_type: "authorization_code".into(),
            code: secret(TOKEN),
            refresh_token: secret(TOKEN),
        },
    );
    let payee_method = PaymentMethod {
        payment_method_type: "CONNECT_WALLET".into(),
        payment_method_id: BARCODE.into(),
        customer_id: secret(PASSPORT),
        ..PaymentMethod::default()
    };
    clean_debug("evaluation", &EvaluateOriginalCreditRequest { payee_method, ..Default::default() });
    clean("a secret", &Sensitive::from(PASSPORT));
}

#[test]
fn responses_show_nothing_personal_not_even_in_members_that_no_document_names() {
    let said = talkative();
    clean_debug("pay", &serde_json::from_value::<PayTaxRefundResponse>(said.clone()).unwrap());
    clean_debug("query", &serde_json::from_value::<QueryTaxRefundResponse>(said.clone()).unwrap());
    clean_debug("user info", &serde_json::from_value::<QueryUserInfoResponse>(said.clone()).unwrap());
    clean_debug("token", &serde_json::from_value::<ExchangeAuthCodeResponse>(said.clone()).unwrap());
    let passport =
        json!({ "fullName": NAME, "passportNumber": PASSPORT, "birthday": PASSPORT, "more": NAME });
    let evaluated = json!({ "passport": passport, "payee": { "userLoginId": LOGIN }, "more": NAME });
    clean_debug("evaluation", &serde_json::from_value::<EvaluateOriginalCreditResponse>(evaluated).unwrap());
    let refunded = json!({ "acquirerInfo": { "acquirerCardToken": TOKEN, "more": NAME }, "more": PASSPORT });
    clean_debug("refund", &serde_json::from_value::<antom::RefundResponse>(refunded).unwrap());
    // What is hidden from logs is still there for the program.
    let paid: PayTaxRefundResponse = serde_json::from_value(said).unwrap();
    assert_eq!(paid.extra["identify_account_no"], json!(BARCODE));
    assert_eq!(serde_json::to_value(&paid).unwrap()["user_name"], json!(NAME));
}

#[test]
fn an_inquired_credits_own_result_shows_nothing_personal() {
    let response: InquireOriginalCreditResponse = serde_json::from_value(talkative()).unwrap();
    clean_debug("inquiry", &response);
}

/// The flows of everything that moves money, with personal requests.
fn flows(key: &dyn Fn() -> MerchantKey) -> Vec<Flow> {
    let gateway = alipay::profile(gateway_config(key())).unwrap();
    let antom = antom::profile(antom_config(key())).unwrap();
    let plus = alipay_plus::profile(antom_config(key())).unwrap();
    let pay = Prepared::new::<alipay::PayTaxRefund>(&gateway, &personal_pay()).unwrap();
    let refund = Prepared::new::<antom::Refund>(&antom, &personal_refund()).unwrap();
    let credit = Prepared::new::<alipay_plus::CreateOriginalCredit>(&plus, &personal_credit()).unwrap();
    vec![flow(gateway, pay), flow(antom, refund), flow(plus, credit)]
}

fn clean_outcome(outcome: &Outcome) {
    clean_debug("outcome", outcome);
    clean_debug("report", outcome.report());
    clean_debug("evidence", &outcome.report().evidence);
    if let Some(reason) = outcome.reason() {
        clean("reason", reason);
    }
    if let Outcome::Unknown(open) = outcome {
        clean_debug("resume", &open.resume);
    }
}

#[test]
fn a_whole_flow_shows_nothing_personal() {
    let mut failed = talkative();
    failed["code"] = json!("40004");
    failed["status"] = json!("F");
    failed["result"]["resultStatus"] = json!("F");
    for key in [&inline as &dyn Fn() -> MerchantKey, &external] {
        for content in [talkative(), failed.clone()] {
            for (mut flow, clock) in flows(key).into_iter().zip(std::iter::repeat(Clock::default())) {
                let mut clock = clock;
                let mut event = Event::Start;
                loop {
                    clean_debug("event", &event);
                    let step = flow.advance(event, clock.now()).unwrap();
                    clean_debug("step", &step);
                    clean_debug("state", &flow.state());
                    clean_debug("report", flow.report());
                    event = match step {
                        Step::Sign(message) => Event::Signed(sign(Holder::Merchant, &message)),
                        Step::Send(request) => {
                            clean_debug("request", &request);
                            let answer = answer_by(Holder::Platform, &request, &content);
                            clean_debug("answer", &answer);
                            Event::Answered(answer)
                        }
                        Step::Wait(wait) => {
                            clock.pass(wait);
                            Event::Woke
                        }
                        Step::Done(outcome) => {
                            clean_outcome(&outcome);
                            break;
                        }
                    };
                }
            }
        }
    }
}

#[test]
fn forged_and_unsigned_answers_show_nothing_personal() {
    for flow in flows(&inline) {
        let run = run(flow, |request| Event::Answered(answer_by(Holder::Stranger, request, &talkative())));
        clean_outcome(&run.outcome);
    }
    let refusal =
        json!({ "error_response": { "code": "40004", "sub_code": "X", "sub_msg": NAME } }).to_string();
    clean_outcome(&script(pay_flow(), &[raw(page(200, refusal))]).outcome);
    for body in [format!("<html>{NAME}</html>"), format!("{{\"x\":{PASSPORT}}}"), format!("\"{NAME}\"")] {
        clean_outcome(&script(pay_flow(), &[raw(page(200, body.clone()))]).outcome);
        clean_outcome(&script(refund_flow(), &[raw(page(200, body))]).outcome);
    }
}

#[test]
fn profiles_prepared_requests_and_typed_outcomes_show_nothing_personal() {
    let config = alipay::Config { app_auth_token: secret(TOKEN), ..gateway_config(inline()) };
    let profile = alipay::profile(config).unwrap();
    clean_debug("profile", &profile);
    let prepared = Prepared::new::<alipay::PayTaxRefund>(&profile, &personal_pay()).unwrap();
    clean_debug("prepared", &prepared);
    let run = script(flow(profile, prepared), &[says(talkative())]);
    clean_debug("request with a token", &run.sent[0]);
    clean_debug("typed", &run.outcome.typed::<PayTaxRefundResponse>());

    let config = antom::Config { agent_token: secret(TOKEN), ..antom_config(inline()) };
    let run = script(
        flow(antom::profile(config).unwrap(), prepared_refund()),
        &[fault(Fault::Tls("UnknownIssuer".to_owned()))],
    );
    clean_debug("request with a token", &run.sent[0]);
}

#[test]
fn invalid_personal_data_is_named_by_its_place_and_never_shown() {
    let bad = PayTaxRefundRequest {
        identify_account_no: format!("{BARCODE}x").into(),
        passport_no: Some(format!("{PASSPORT}\u{7}").into()),
        passport_name: Some(format!("{NAME}\u{4e2d}").into()),
        extend_param: Some(format!("{{\"barcodeNo\":\"{BARCODE}\"").into()),
        ..pay_request()
    };
    let error = Prepared::new::<alipay::PayTaxRefund>(&gateway(), &bad).unwrap_err();
    clean("invalid request", &error);
    for path in ["identify_account_no", "passport_no", "passport_name", "extend_param"] {
        assert!(error.to_string().contains(path), "{path}: {error}");
    }
    let bad = RefundRequest {
        refund_source_account_no: Some(format!("{BANK_ACCOUNT}\n").into()),
        refund_to_bank_info: Some(BankInfo {
            account_holder_name: Some(UserName {
                first_name: Some(format!("{NAME}{NAME}{NAME}").into()),
                ..UserName::default()
            }),
            ..BankInfo::default()
        }),
        ..refund_request()
    };
    clean("invalid request", &Prepared::new::<antom::Refund>(&antom(), &bad).unwrap_err());
    let gbk = PayTaxRefundRequest { passport_name: Some(format!("{NAME} Ǽ").into()), ..personal_pay() };
    clean("invalid request", &Prepared::new::<alipay::PayTaxRefund>(&gateway_gbk(), &gbk).unwrap_err());
}

#[test]
fn json_of_the_wrong_type_is_never_quoted() {
    for value in [
        json!(PASSPORT),
        json!(format!("x, expected {PASSPORT}")),
        json!(format!("{PASSPORT} at line 1")),
        json!(format!("{PASSPORT}`, expected `y` at line {NAME}")),
        json!([PASSPORT]),
        json!({ PASSPORT: NAME }),
    ] {
        for entry in operations::all() {
            let profile = match entry.spec.protocol {
                taxrefund_core::Protocol::Alipay => gateway(),
                taxrefund_core::Protocol::AlipayPlus => alipay_plus(),
                taxrefund_core::Protocol::Antom => antom(),
            };
            for field in
                ["available_day", "passport_no", "payerAmount", "refundAmount", "payee", "payer", "merchants"]
            {
                if value.is_object() && entry.prepare(&profile, "{}").is_ok() {
                    continue;
                }
                let request = json!({ field: value }).to_string();
                let error = entry.prepare(&profile, &request).unwrap_err();
                if !value.is_object() {
                    clean("wrong type", &error);
                }
            }
            for text in
                [format!("\"{PASSPORT}\""), format!("{{\"x\": {PASSPORT}"), format!("{{}} {PASSPORT}")]
            {
                clean("no JSON", &entry.prepare(&profile, &text).unwrap_err());
            }
        }
    }
}

#[test]
fn notifications_show_nothing_personal() {
    let body = talkative().to_string().into_bytes();
    let time = "2026-11-23T01:02:03Z";
    let message = antom::string_to_sign("POST", "/n", CLIENT_ID, time, &body);
    let headers: Vec<_> = [
        ("client-id", CLIENT_ID.to_owned()),
        ("request-time", time.to_owned()),
        ("signature", antom::SignatureHeader::write(&sign(Holder::Platform, &message), 1)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    clean_debug("notification", &antom().notification("/n", &headers, &body, EPOCH_MS).unwrap());
    clean("refusal", &antom().notification("/n", &[], &body, EPOCH_MS).unwrap_err());
    let form = format!("passport={PASSPORT}&name={NAME}&sign=AAAA");
    clean("refusal", &gateway().notification("/n", &[], form.as_bytes(), EPOCH_MS).unwrap_err());
}

#[test]
fn errors_of_settings_show_no_secret() {
    let config = |endpoint: String| alipay::Config { endpoint: Some(endpoint), ..gateway_config(inline()) };
    for endpoint in [format!("https://user:{TOKEN}@host/gateway.do"), format!("ftp://user:{TOKEN}@host")] {
        clean("endpoint", &alipay::profile(config(endpoint)).err().unwrap());
    }
    let long = antom::Config { agent_token: Some(TOKEN.repeat(10).into()), ..antom_config(inline()) };
    clean("agent token", &antom::profile(long).err().unwrap());
    let pem = vector_pem(Holder::Merchant);
    for damaged in [pem.replace("-----END", ""), pem.replace("PRIVATE", "PUBLIC"), pem[..900].to_owned()] {
        if let Err(error) = PrivateKey::load(damaged.as_bytes()) {
            clean("key", &error);
        }
        if let Err(error) = taxrefund_core::PublicKey::load(damaged.as_bytes()) {
            clean("key", &error);
        }
    }
    let policy = Policy { attempts: 1, ..Policy::default() };
    clean("policy", &Flow::new(gateway(), prepared_pay(), policy, 1).err().unwrap());
}

#[cfg(feature = "client")]
#[test]
fn progress_shows_nothing_personal() {
    use std::sync::{Arc, Mutex};
    use taxrefund_core::{CallOptions, HttpRequest, HttpResponse, Observer, Progress, Transport};

    struct Talkative;
    impl Transport for Talkative {
        fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
            let refusal = json!({ "code": "40001", "sub_msg": NAME });
            Ok(answer_by(
                Holder::Platform,
                &request,
                &if request.interface == "pay" { refusal } else { talkative() },
            ))
        }
    }
    #[derive(Default)]
    struct Told(Mutex<Vec<Progress>>);
    impl Observer for Told {
        fn progress(&self, progress: &Progress) {
            self.0.lock().unwrap().push(progress.clone());
        }
    }
    let told = Arc::new(Told::default());
    let options = CallOptions { observer: Some(told.clone()), seed: Some(1), ..CallOptions::default() };
    let client = alipay::Client::over(gateway_config(inline()), Arc::new(Talkative)).unwrap().with(options);
    clean_debug("outcome", &client.pay_tax_refund(&personal_pay()).unwrap());
    let told = told.0.lock().unwrap();
    assert_eq!(told.len(), 5);
    for progress in told.iter() {
        clean_debug("progress", progress);
        assert_clean("progress", &serde_json::to_string(progress).unwrap());
    }
}
