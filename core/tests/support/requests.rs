//! One valid request of every operation.

use serde_json::{Value, json};
use taxrefund_core::Amount;
use taxrefund_core::alipay::PayTaxRefundRequest;
use taxrefund_core::alipay_plus::{CreateOriginalCreditRequest, Merchant, User};
use taxrefund_core::antom::RefundRequest;

pub(crate) fn pay_request() -> PayTaxRefundRequest {
    serde_json::from_value(json!({
        "out_order_no": "0005520171122115751",
        "identify_account_type": "barcode",
        "identify_account_no": "281234567890123456",
        "tax_refund_currency": "SGD",
        "tax_refund_amount": "10000",
    }))
    .unwrap()
}

pub(crate) fn refund_request() -> RefundRequest {
    RefundRequest {
        refund_request_id: "R-2026-0001".to_owned(),
        payment_id: "20181129190741010007000000XXXX".to_owned(),
        refund_amount: Amount::minor("USD", 100),
        ..RefundRequest::default()
    }
}

pub(crate) fn credit_request() -> CreateOriginalCreditRequest {
    CreateOriginalCreditRequest {
        original_credit_request_id: "oct_20260309_0001".to_owned(),
        payer_amount: Amount::minor("SGD", 10000),
        payee: User { user_id: Some("210220900000021958205".to_owned()), ..User::default() },
        scenario_type: "TAX_REFUND".to_owned(),
        sub_scenario_type: "PORT_INSTANT_TAX_REFUND".to_owned(),
        payer: vec![Merchant { reference_merchant_id: "2188245U41144145".to_owned(), ..Merchant::default() }],
        tax_refund_form_number: "TRF-2026-000001".to_owned(),
        departure_region: "SG".to_owned(),
        departure_port: "SIN".to_owned(),
        total_sales_amount: Amount::minor("SGD", 200_000),
        ..CreateOriginalCreditRequest::default()
    }
}

fn merchant() -> Value {
    json!({ "referenceMerchantId": "2188245U41144145" })
}

/// The sample that Alipay+ publishes: its expiry date equals the print date.
pub(crate) fn published_form() -> Value {
    json!({
        "taxRefundFormNumber": "11048200018287537880",
        "formStatus": "INIT",
        "statusChangeTime": "2019-06-01T12:01:01+08:00",
        "formPrintDate": "2019-06-01T12:01:01+08:00",
        "formExpireDate": "2019-06-01T12:01:01+08:00",
        "taxRefundAmount": { "currency": "USD", "value": "200" },
        "merchants": [{
            "referenceMerchantId": "2188245U41144145",
            "merchantAddress": { "region": "DE" },
            "merchantName": "Merchant Name",
            "merchantMCC": "5411",
        }],
        "userId": "210220900000021958205",
        "memo": "tax refund",
    })
}

/// A valid request of each operation.
pub(crate) fn valid_request(operation: &str) -> Value {
    match operation {
        "alipay.pay_tax_refund" => serde_json::to_value(pay_request()).unwrap(),
        "alipay.query_tax_refund" => json!({ "out_order_no": "A12" }),
        "alipay.query_user_info" => {
            json!({ "identify_account_type": "barcode", "identify_account_no": "281234567890123456" })
        }
        "alipay.exchange_auth_code" => {
            json!({ "grant_type": "authorization_code", "code": "4b203fe6c11548bcabd8" })
        }
        "alipay_plus.sync_tax_refund_form" => published_form(),
        "alipay_plus.create_original_credit" => serde_json::to_value(credit_request()).unwrap(),
        "alipay_plus.evaluate_original_credit" => json!({
            "payerAmount": { "currency": "SGD", "value": "0" },
            "payer": [merchant()],
            "payeeMethod": { "paymentMethodType": "CONNECT_WALLET", "paymentMethodId": "281234567890123456" },
            "evaluationType": "BY_CODE",
            "scenarioType": "TAX_REFUND",
            "subScenarioType": "PORT_INSTANT_TAX_REFUND",
            "departureRegion": "SG",
        }),
        "antom.refund" => serde_json::to_value(refund_request()).unwrap(),
        "antom.inquire_refund" => json!({ "refundRequestId": "R-2026-0001" }),
        _ => json!({ "originalCreditRequestId": "oct_20260309_0001" }),
    }
}
