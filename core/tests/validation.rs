//! Everything that is wrong is told at once, with its place, before anything is signed or sent.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use serde_json::{Value, json};
use support::bad_fields::bad_fields;
use support::*;
use taxrefund_core::{Error, InvalidRequest, Prepared, alipay_plus, operations};

fn prepare(operation: &str, request: &Value) -> Result<Prepared, Error> {
    let entry = operations::find(operation).unwrap();
    entry.prepare(&profile(entry.spec.protocol), &request.to_string())
}

fn invalid(operation: &str, request: &Value) -> InvalidRequest {
    match prepare(operation, request) {
        Err(Error::InvalidRequest(invalid)) => invalid,
        other => panic!("{operation} {request}: {other:?}"),
    }
}

/// What was wrong, as `path:rule`, in the order it was told.
fn wrong(operation: &str, request: &Value) -> Vec<String> {
    let violations = invalid(operation, request).violations;
    violations.iter().map(|violation| format!("{}:{}", violation.path, violation.rule)).collect()
}

#[test]
fn a_valid_request_of_every_operation_is_accepted() {
    for entry in operations::all() {
        let name = entry.spec.name;
        let prepared = prepare(name, &valid_request(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(prepared.spec().name, name);
        assert_eq!(prepared.fingerprint(), prepare(name, &valid_request(name)).unwrap().fingerprint());
    }
}

#[test]
fn a_bad_field_is_named_by_path_and_rule_and_nothing_else_is() {
    for (operation, field, value, expected) in bad_fields() {
        let mut request = valid_request(operation);
        request[field] = value;
        assert_eq!(wrong(operation, &request), [expected], "{operation} {field}");
    }
}

#[test]
fn every_operation_has_a_bad_field_in_the_table() {
    for entry in operations::all() {
        assert!(
            bad_fields().iter().any(|(operation, ..)| *operation == entry.spec.name),
            "{}",
            entry.spec.name
        );
    }
}

#[test]
fn all_problems_are_told_at_once() {
    for entry in operations::all() {
        let name = entry.spec.name;
        let (mut request, mut expected) = (valid_request(name), Vec::new());
        for (_, field, value, told) in bad_fields().into_iter().filter(|(operation, ..)| *operation == name) {
            if expected.iter().all(|(known, _)| *known != field) {
                request[field] = value;
                expected.push((field, told));
            }
        }
        let told = wrong(name, &request);
        for (field, told_alone) in expected {
            // What a refresh token must not stand beside is only known with a known grant type.
            if field != "refresh_token" {
                assert!(told.iter().any(|told| told == told_alone), "{name}: {told_alone} not in {told:?}");
            }
        }
    }
}

#[test]
fn nested_problems_carry_their_whole_path() {
    let mut request = published_form();
    request["merchants"] = json!([{ "referenceMerchantId": "2188245U41144145" }, { "referenceMerchantId": "", "merchantAddress": { "region": "Deutschland" },
        "store": { "storeAddress": { "region": "DE", "state": "Baden-Württemberg" } } }]);
    assert_eq!(
        wrong("alipay_plus.sync_tax_refund_form", &request),
        [
            "merchants.1.referenceMerchantId:required",
            "merchants.1.merchantAddress.region:region",
            "merchants.1.store.storeAddress.state:length",
        ]
    );
    let mut request = valid_request("antom.refund");
    request["refundDetails"] =
        json!([{ "refundAmount": { "currency": "USD", "value": "1.5" }, "refundFrom": "ME" }]);
    request["splitDetails"] = json!([{ "splitTo": "YOU", "splitAmount": { "currency": "", "value": "" } }]);
    let told = wrong("antom.refund", &request);
    for path in [
        "refundDetails.0.refundAmount.value:",
        "refundDetails.0.refundFrom:value",
        "splitDetails.0.splitTo:value",
    ] {
        assert!(told.iter().any(|told| told.starts_with(path)), "{path} {told:?}");
    }
}

#[test]
fn an_error_names_the_operation_and_says_that_nothing_was_sent() {
    let error = invalid("alipay.query_tax_refund", &json!({ "out_order_no": "a-" }));
    let text = error.to_string();
    assert!(text.starts_with("alipay.query_tax_refund: nothing was sent; 2 problems\n"), "{text}");
    assert!(text.contains("out_order_no") && text.contains("\"a-\""), "{text}");
    assert_eq!(Error::from(error).code(), "invalid_request");
}

#[test]
fn a_field_that_is_not_known_is_refused_and_never_dropped() {
    for entry in operations::all() {
        let mut request = valid_request(entry.spec.name);
        request["out_order_number"] = json!("A12");
        let error = invalid(entry.spec.name, &request).to_string();
        assert!(error.contains("out_order_number"), "{error}");
    }
}

#[test]
fn the_published_form_is_accepted_with_a_warning_for_its_expiry() {
    let prepared = prepare("alipay_plus.sync_tax_refund_form", &published_form()).unwrap();
    let warnings: Vec<_> =
        prepared.warnings().iter().map(|warning| (warning.path.as_str(), warning.rule)).collect();
    assert_eq!(warnings, [("formExpireDate", "form_expiry")]);
    assert!(prepared.warnings()[0].message.contains("2019-12-01T12:01:01+08:00"));
    // It is sent as given.
    let sent: Value = serde_json::from_str(prepared.business("sync")).unwrap();
    assert_eq!(sent, published_form());
}

#[test]
fn an_absent_expiry_is_computed_from_the_print_date() {
    let mut form = published_form();
    form.as_object_mut().unwrap().remove("formExpireDate");
    form["formPrintDate"] = json!("2026-08-31T23:30:00+08:00");
    let prepared = prepare("alipay_plus.sync_tax_refund_form", &form).unwrap();
    let sent: Value = serde_json::from_str(prepared.business("sync")).unwrap();
    assert_eq!(sent["formExpireDate"], json!("2027-02-28T23:30:00+08:00"));
    assert_eq!(prepared.warnings(), []);

    let mut pay = valid_request("alipay.pay_tax_refund");
    pay["tax_refund_print_date"] = json!("2026-08-31 23:30:00");
    let sent: Value =
        serde_json::from_str(prepare("alipay.pay_tax_refund", &pay).unwrap().business("pay")).unwrap();
    assert_eq!(sent["doc_expire_date"], json!("2027-02-28 23:30:00"));
}

#[test]
fn a_code_that_does_not_look_like_a_wallets_is_a_warning_only() {
    let mut pay = valid_request("alipay.pay_tax_refund");
    pay["identify_account_no"] = json!("991234567890123456");
    let prepared = prepare("alipay.pay_tax_refund", &pay).unwrap();
    assert_eq!((prepared.warnings().len(), prepared.warnings()[0].rule), (1, "barcode_shape"));
    assert!(!format!("{:?}", prepared.warnings()).contains("991234567890123456"));
}

#[test]
fn a_character_outside_the_accounts_charset_is_named_by_its_field() {
    let mut pay = valid_request("alipay.pay_tax_refund");
    pay["company_name"] = json!("退税 🛍");
    assert!(prepare("alipay.pay_tax_refund", &pay).is_ok());
    let entry = operations::find("alipay.pay_tax_refund").unwrap();
    let error = entry.prepare(&gateway_gbk(), &pay.to_string()).unwrap_err();
    let Error::InvalidRequest(invalid) = error else { panic!("{error}") };
    assert_eq!(
        (invalid.violations[0].path.as_str(), invalid.violations[0].rule),
        ("company_name", "charset")
    );
}

#[test]
fn endpoints_other_than_https_or_this_machine_are_refused() {
    let accepted = |endpoint: &str| {
        alipay_plus::profile(alipay_plus::Config { endpoint: endpoint.to_owned(), ..antom_config(inline()) })
            .is_ok()
    };
    for endpoint in [
        "https://open-sea-global.alipayplus.com",
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:1",
    ] {
        assert!(accepted(endpoint), "{endpoint}");
    }
    for endpoint in [
        "",
        "open-sea-global.alipayplus.com",
        "http://open-sea-global.alipayplus.com",
        "ftp://127.0.0.1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "https://user@example.com",
        "https://",
        "https://exa mple.com",
        "https://example.com/path",
        "https://example.com\r\nx: y",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "HTTP://127.0.0.1",
        "http://[::2]",
    ] {
        assert!(!accepted(endpoint), "{endpoint}");
    }
}

#[cfg(feature = "client")]
#[test]
fn nothing_is_sent_after_a_validation_error() {
    use std::sync::Arc;
    use taxrefund_core::{Fault, HttpRequest, HttpResponse, Policy, Transport, alipay, antom};

    struct Untouched;
    impl Transport for Untouched {
        fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
            panic!("sent {request:?}");
        }
    }
    let gateway = alipay::Client::over(gateway_config(inline()), Arc::new(Untouched)).unwrap();
    let bad = alipay::PayTaxRefundRequest { out_order_no: "-".into(), ..pay_request() };
    assert_eq!(gateway.pay_tax_refund(&bad).unwrap_err().code(), "invalid_request");
    let antom = antom::Client::over(antom_config(inline()), Arc::new(Untouched)).unwrap();
    let bad = antom::RefundRequest { payment_id: String::new(), ..refund_request() };
    assert_eq!(antom.refund(&bad).unwrap_err().code(), "invalid_request");
    // A blocking call cannot wait for a signer in the host: said when the client is made, not at the first refund.
    let refused = alipay::Client::over(gateway_config(external()), Arc::new(Untouched)).err().unwrap();
    assert_eq!(refused.code(), "external_signer");
    // Nor after an error of settings, nor with a request or a state of another account.
    let hasty = taxrefund_core::CallOptions {
        policy: Policy { attempts: 2, ..Policy::default() },
        ..taxrefund_core::CallOptions::default()
    };
    assert_eq!(gateway.with(hasty).run(prepared_pay()).unwrap_err().code(), "policy_out_of_bounds");
    assert_eq!(gateway.run(prepared_refund()).unwrap_err().code(), "other_protocol");
    assert!(gateway.resume(refund_flow().state()).is_err());
}
