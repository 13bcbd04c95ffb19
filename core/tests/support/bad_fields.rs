//! Requests with one field that breaks a rule.

use serde_json::{Value, json};

/// `(operation, JSON pointer's parent and member, value, path:rule)`: each one alone, in an otherwise valid request.
pub(crate) fn bad_fields() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    const PAY: &str = "alipay.pay_tax_refund";
    const SYNC: &str = "alipay_plus.sync_tax_refund_form";
    const CREATE: &str = "alipay_plus.create_original_credit";
    const EVALUATE: &str = "alipay_plus.evaluate_original_credit";
    const REFUND: &str = "antom.refund";
    let long = |length: usize| json!("x".repeat(length));
    vec![
        (PAY, "out_order_no", json!("A1"), "out_order_no:length"),
        (PAY, "out_order_no", long(65), "out_order_no:length"),
        (PAY, "out_order_no", json!("A-123"), "out_order_no:alphabet"),
        (PAY, "out_order_no", json!("订单号"), "out_order_no:alphabet"),
        (PAY, "identify_account_type", json!("BARCODE"), "identify_account_type:value"),
        (PAY, "identify_account_no", json!("28123"), "identify_account_no:length"),
        (PAY, "identify_account_no", json!("28123456789012345a"), "identify_account_no:alphabet"),
        (PAY, "biz_mode", json!("OTHER"), "biz_mode:value"),
        (PAY, "tax_refund_scene_type", json!("01"), "tax_refund_scene_type:value"),
        (PAY, "tax_refund_currency", json!("sgd"), "tax_refund_currency:currency"),
        (PAY, "tax_refund_amount", json!("100.00"), "tax_refund_amount:amount_decimal_point"),
        (PAY, "tax_refund_amount", json!("0"), "tax_refund_amount:amount_zero"),
        (PAY, "tax_refund_amount", json!("-1"), "tax_refund_amount:amount_sign"),
        (PAY, "tax_refund_amount", json!("123456789012"), "tax_refund_amount:amount_too_many_digits"),
        (PAY, "user_received_currency", json!("RMB"), "user_received_currency:currency"),
        (PAY, "country_code", json!("Singapore"), "country_code:region"),
        (PAY, "doc_id", json!("a/b"), "doc_id:alphabet"),
        (PAY, "confirm_date", json!("2026-02-30 10:00:00"), "confirm_date:date_time"),
        (PAY, "sales_date", json!("2026-02-03T10:00:00Z"), "sales_date:date_time"),
        (PAY, "sales_amount", json!("1"), "sales_currency:required"),
        (PAY, "available_day", json!(14), "available_day:range"),
        (PAY, "nationality", json!("XX"), "nationality:region"),
        (PAY, "passport_no", long(33), "passport_no:length"),
        (PAY, "passport_name", json!("张三"), "passport_name:alphabet"),
        (PAY, "extend_param", json!("not json"), "extend_param:json"),
        (PAY, "departure_point", json!(""), "departure_point:empty"),
        (SYNC, "taxRefundFormNumber", long(65), "taxRefundFormNumber:length"),
        (SYNC, "formStatus", json!("init"), "formStatus:value"),
        (SYNC, "formPrintDate", json!("2019-06-01 12:01:01"), "formPrintDate:date_time"),
        (SYNC, "merchants", json!([]), "merchants:items"),
        (SYNC, "userId", long(22), "userId:length"),
        (SYNC, "memo", long(65), "memo:length"),
        (CREATE, "originalCreditRequestId", json!("a b"), "originalCreditRequestId:alphabet"),
        (CREATE, "departureRegion", json!("UK"), "departureRegion:region"),
        (CREATE, "payerNotificationUrl", json!("example.com"), "payerNotificationUrl:url"),
        (CREATE, "env", json!({ "clientIp": "300.1.1.1" }), "env.clientIp:ip"),
        (CREATE, "payee", json!({}), "payee.userId:required"),
        (EVALUATE, "departureRegion", json!("sg"), "departureRegion:region"),
        (REFUND, "refundRequestId", json!(""), "refundRequestId:required"),
        (
            REFUND,
            "refundAmount",
            json!({ "currency": "IDR", "value": "150" }),
            "refundAmount.value:amount_not_a_multiple",
        ),
        (REFUND, "refundReason", long(257), "refundReason:length"),
        (REFUND, "refundNotifyUrl", json!("ftp://x"), "refundNotifyUrl:url"),
        (REFUND, "splitDetails", json!([]), "splitDetails:items"),
        ("alipay.query_tax_refund", "out_order_no", json!(""), "out_order_no:required"),
        ("alipay.query_user_info", "identify_account_type", json!("uid"), "identify_account_type:value"),
        ("alipay.exchange_auth_code", "refresh_token", json!("x"), "refresh_token:unwanted"),
        ("alipay.exchange_auth_code", "grant_type", json!("password"), "grant_type:value"),
        ("antom.inquire_refund", "refundRequestId", Value::Null, "refundRequestId:required"),
        (
            "alipay_plus.inquire_original_credit",
            "originalCreditRequestId",
            Value::Null,
            "originalCreditRequestId:required",
        ),
        (
            "alipay_plus.confirm_original_credit",
            "originalCreditRequestId",
            long(65),
            "originalCreditRequestId:length",
        ),
    ]
}
