//! A tiny client of its own for the tests: raw sockets, its own signing, no retries.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use taxrefund_sandbox::{HeaderCredentials, Sandbox};

pub(crate) type Headers<'a> = Vec<(&'a str, String)>;

/// What came back over the wire.
#[derive(Debug, Clone)]
pub(crate) enum Got {
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    Closed,
    Reset,
    Cut,
}

impl Got {
    pub(crate) fn body(&self) -> String {
        match self {
            Self::Answer { body, .. } => String::from_utf8_lossy(body).into_owned(),
            other => panic!("no answer: {other:?}"),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let Self::Answer { headers, .. } = self else { return None };
        headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

pub(crate) fn exchange(base_url: &str, raw: &[u8]) -> Got {
    let mut stream = TcpStream::connect(base_url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _ = stream.write_all(raw);
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(e) if e.kind() == ErrorKind::ConnectionReset => return Got::Reset,
        Err(e) => panic!("{e}"),
        Ok(0) => return Got::Closed,
        Ok(_) => {}
    }
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let body = bytes[end + 4..].to_vec();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> =
        lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let announced = headers.iter().find(|(n, _)| n == "content-length").map(|(_, v)| v.parse().unwrap());
    if announced.is_some_and(|length: usize| body.len() < length) {
        return Got::Cut;
    }
    Got::Answer { status, headers, body }
}

pub(crate) fn post(base_url: &str, target: &str, headers: &Headers<'_>, body: &[u8]) -> Got {
    request("POST", base_url, target, headers, body)
}

pub(crate) fn get_json(base_url: &str, target: &str) -> Value {
    request("GET", base_url, target, &Vec::new(), b"").json()
}

pub(crate) fn request(method: &str, base_url: &str, target: &str, headers: &Headers<'_>, body: &[u8]) -> Got {
    let mut raw = format!(
        "{method} {target} HTTP/1.1\r\nhost: sandbox\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        raw.push_str(&format!("{name}: {value}\r\n"));
    }
    raw.push_str("\r\n");
    let mut raw = raw.into_bytes();
    raw.extend_from_slice(body);
    exchange(base_url, &raw)
}

pub(crate) fn der(pem: &str) -> Vec<u8> {
    STANDARD.decode(pem.lines().filter(|l| !l.starts_with('-')).collect::<String>()).unwrap()
}

pub(crate) fn sign(private_pem: &str, text: &[u8]) -> String {
    let key = RsaKeyPair::from_pkcs8(&der(private_pem)).unwrap();
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).unwrap();
    STANDARD.encode(signature)
}

pub(crate) fn verifies(public_pem: &str, text: &[u8], signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der(public_pem)).verify(text, &signature).is_ok()
}

pub(crate) fn form_encoded(text: &[u8]) -> String {
    percent_encoding::percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

// ---- the open gateway ----

pub(crate) type Params = Vec<(&'static str, String)>;

pub(crate) fn gateway_params(sandbox: &Sandbox, method: &str, business: &Value) -> Params {
    vec![
        ("app_id", sandbox.credentials().alipay.app_id.clone()),
        ("method", method.to_owned()),
        ("charset", "utf-8".to_owned()),
        ("sign_type", "RSA2".to_owned()),
        ("timestamp", "2026-11-23 10:00:00".to_owned()),
        ("version", "1.0".to_owned()),
        ("biz_content", business.to_string()),
    ]
}

pub(crate) fn text_to_sign(params: &Params) -> String {
    let mut pairs: Vec<String> = params.iter().map(|(n, v)| format!("{n}={v}")).collect();
    pairs.sort();
    pairs.join("&")
}

/// Common parameters in the query string, `biz_content` in the body.
pub(crate) fn send_params(sandbox: &Sandbox, params: &Params, sign: &str, headers: &Headers<'_>) -> Got {
    let encoded = |wanted: fn(&str) -> bool| {
        let pairs = params.iter().filter(|(n, _)| wanted(n));
        pairs.map(|(n, v)| format!("{n}={}", form_encoded(v.as_bytes()))).collect::<Vec<_>>().join("&")
    };
    let query = encoded(|n| n != "biz_content");
    let target = format!("/gateway.do?{query}&sign={}", form_encoded(sign.as_bytes()));
    let mut headers = headers.clone();
    headers.push(("content-type", "application/x-www-form-urlencoded;charset=utf-8".to_owned()));
    post(sandbox.base_url(), &target, &headers, encoded(|n| n == "biz_content").as_bytes())
}

pub(crate) fn gateway_with(sandbox: &Sandbox, method: &str, business: &Value, faults: &str) -> Got {
    let params = gateway_params(sandbox, method, business);
    let own = &sandbox.credentials().alipay;
    let signature = sign(&own.partner_private_key_pem, text_to_sign(&params).as_bytes());
    send_params(sandbox, &params, &signature, &vec![("sandbox-scenario", faults.to_owned())])
}

pub(crate) fn gateway(sandbox: &Sandbox, method: &str, business: &Value) -> Value {
    let got = gateway_with(sandbox, method, business, "");
    let root = format!("{}_response", method.replace('.', "_"));
    assert_eq!(gateway_seen(sandbox, method, &got).0, "verified", "{got:?}");
    got.json()[root].clone()
}

pub(crate) const PAY: &str = "alipay.overseas.tax.order.pay";
pub(crate) const QUERY: &str = "alipay.overseas.tax.order.query";
pub(crate) const USER_INFO: &str = "alipay.overseas.tax.userinfo.query";
pub(crate) const TOKEN: &str = "alipay.system.oauth.token";

pub(crate) fn pay_order(out_order_no: &str, doc_id: &str) -> Value {
    json!({
        "out_order_no": out_order_no, "identify_account_type": "barcode",
        "identify_account_no": "281234567890123456", "biz_mode": "FOREX_TAX_REFUND",
        "tax_refund_scene_type": "03", "tax_refund_currency": "SGD", "tax_refund_amount": "10000",
        "user_received_currency": "CNY", "country_code": "SG", "doc_id": doc_id, "available_day": 15,
        "tax_refund_print_date": "2026-11-20 10:05:00", "passport_name": "ZHANG SAN",
    })
}

pub(crate) fn pay(sandbox: &Sandbox, out_order_no: &str, faults: &str) -> (String, Value) {
    let got = gateway_with(sandbox, PAY, &pay_order(out_order_no, &format!("DOC{out_order_no}")), faults);
    gateway_seen(sandbox, PAY, &got)
}

pub(crate) fn query(sandbox: &Sandbox, out_order_no: &str) -> Value {
    gateway(sandbox, QUERY, &json!({"out_order_no": out_order_no}))
}

/// What a strict client makes of an answer, and the object in it.
pub(crate) fn gateway_seen(sandbox: &Sandbox, method: &str, got: &Got) -> (String, Value) {
    let seen = |text: &str| (text.to_owned(), Value::Null);
    let Got::Answer { status, body, headers } = got else { return seen(&format!("{got:?}").to_lowercase()) };
    if *status != 200 {
        return seen(&format!("http {status}"));
    }
    if headers.iter().any(|(n, _)| n == "content-encoding") {
        return seen("encoded");
    }
    let Ok(text) = std::str::from_utf8(body) else { return seen("not utf-8") };
    let Ok(value) = serde_json::from_str::<Value>(text) else { return seen("not json") };
    let name = format!("\"{}_response\"", method.replace('.', "_"));
    let (at, root) = match (text.find(&name), text.find("\"error_response\"")) {
        (Some(at), _) => (at + name.len(), name.trim_matches('"')),
        (None, Some(at)) => (at + "\"error_response\"".len(), "error_response"),
        (None, None) => return seen("no such root"),
    };
    let start = at + text[at..].find('{').unwrap();
    let object = &text[start..matching_brace(text, start)];
    let Some(sign) = value["sign"].as_str() else { return ("unsigned".to_owned(), value[root].clone()) };
    let verified = verifies(&sandbox.credentials().alipay.platform_public_key_pem, object.as_bytes(), sign);
    let repeated = text[start + object.len()..].contains(&name);
    let word = if repeated {
        "repeated"
    } else if verified {
        "verified"
    } else {
        "not verified"
    };
    (word.to_owned(), value[root].clone())
}

fn matching_brace(text: &str, start: usize) -> usize {
    let (mut depth, mut inside, mut escaped) = (0, false, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'{' if !inside => depth += 1,
            b'}' if !inside => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

// ---- the header protocols ----

pub(crate) const SYNC: &str = "/aps/api/v1/funds/syncTaxRefundForm";
pub(crate) const EVALUATE: &str = "/aps/api/v1/funds/evaluateOriginalCredit";
pub(crate) const CREATE: &str = "/aps/api/v1/funds/createOriginalCredit";
pub(crate) const INQUIRE: &str = "/aps/api/v1/funds/inquireOriginalCredit";
pub(crate) const CONFIRM: &str = "/aps/api/v1/funds/confirmOriginalCredit";
pub(crate) const REFUND: &str = "/ams/sandbox/api/v1/payments/refund";
pub(crate) const INQUIRY_REFUND: &str = "/ams/sandbox/api/v1/payments/inquiryRefund";

pub(crate) fn own_of<'a>(sandbox: &'a Sandbox, path: &str) -> &'a HeaderCredentials {
    let all = sandbox.credentials();
    if path.starts_with("/ams/") { &all.antom } else { &all.alipay_plus }
}

pub(crate) fn signed_headers(
    own: &HeaderCredentials,
    client: &str,
    path: &str,
    body: &[u8],
) -> Headers<'static> {
    let time = "2026-11-23T10:00:00+08:00";
    let mut text = format!("POST {path}\n{client}.{time}.").into_bytes();
    text.extend_from_slice(body);
    let signature = form_encoded(sign(&own.partner_private_key_pem, &text).as_bytes());
    vec![
        ("content-type", "application/json; charset=UTF-8".to_owned()),
        ("client-id", client.to_owned()),
        ("request-time", time.to_owned()),
        ("signature", format!("algorithm=RSA256,keyVersion=1,signature={signature}")),
    ]
}

pub(crate) fn signed_with(sandbox: &Sandbox, path: &str, business: &Value, faults: &str) -> Got {
    let own = own_of(sandbox, path);
    let body = business.to_string();
    let mut headers = signed_headers(own, &own.client_id, path, body.as_bytes());
    headers.push(("sandbox-scenario", faults.to_owned()));
    post(sandbox.base_url(), path, &headers, body.as_bytes())
}

pub(crate) fn signed(sandbox: &Sandbox, path: &str, business: &Value) -> Value {
    let got = signed_with(sandbox, path, business, "");
    let (seen, value) = header_seen(sandbox, path, &got);
    assert_eq!(seen, "verified", "{got:?}");
    value
}

/// `S SUCCESS` and the like.
pub(crate) fn outcome(value: &Value) -> String {
    let text = |name| value["result"][name].as_str().unwrap_or("?").to_owned();
    format!("{} {}", text("resultStatus"), text("resultCode"))
}

pub(crate) fn header_seen(sandbox: &Sandbox, path: &str, got: &Got) -> (String, Value) {
    let seen = |text: &str| (text.to_owned(), Value::Null);
    let own = own_of(sandbox, path);
    let Got::Answer { status, body, .. } = got else { return seen(&format!("{got:?}").to_lowercase()) };
    if *status != 200 {
        return seen(&format!("http {status}"));
    }
    if got.header("content-encoding").is_some() {
        return seen("encoded");
    }
    let Ok(text) = std::str::from_utf8(body) else { return seen("not utf-8") };
    let Ok(value) = serde_json::from_str::<Value>(text) else { return seen("not json") };
    let word = match (got.header("signature"), got.header("response-time")) {
        (None, None) => "unsigned",
        (None, Some(_)) | (Some(_), None) => "half signed",
        _ if got.header("client-id") != Some(&own.client_id) => "other client",
        (Some(signature), Some(time)) => {
            let base64 = signature.split("signature=").nth(1).unwrap();
            let base64 = percent_encoding::percent_decode_str(base64).decode_utf8().unwrap();
            let covered = format!("POST {path}\n{}.{time}.{text}", own.client_id);
            if !verifies(&own.platform_public_key_pem, covered.as_bytes(), &base64) {
                "not verified"
            } else if text.matches("\"result\":").count() > 1 {
                "repeated"
            } else {
                "verified"
            }
        }
    };
    (word.to_owned(), value)
}

pub(crate) fn form(number: &str, status: &str) -> Value {
    json!({
        "taxRefundFormNumber": number, "formStatus": status,
        "statusChangeTime": "2019-06-01T12:01:01+08:00",
        "taxRefundAmount": {"currency": "USD", "value": "200"},
        "merchants": [{"referenceMerchantId": "2188245U41144145", "merchantAddress": {"region": "DE"},
            "merchantName": "Merchant Name", "merchantMCC": "5411"}],
        "userId": "210220900000021958205", "memo": null,
    })
}

pub(crate) fn credit(request_id: &str, form: &str) -> Value {
    json!({
        "originalCreditRequestId": request_id, "payerAmount": {"currency": "EUR", "value": "4250"},
        "payer": [{"referenceMerchantId": "2188245U41144145"}], "payee": {"userId": "210220900000021958205"},
        "scenarioType": "TAX_REFUND", "subScenarioType": "PORT_INSTANT_TAX_REFUND",
        "taxRefundFormNumber": form, "departureRegion": "DE", "departurePort": "001",
        "totalSalesAmount": {"currency": "EUR", "value": "50000"},
    })
}

pub(crate) fn refund(request_id: &str, payment_id: &str) -> Value {
    json!({"refundRequestId": request_id, "paymentId": payment_id,
        "refundAmount": {"currency": "USD", "value": "100"}})
}

pub(crate) fn inquiry_status(sandbox: &Sandbox, request_id: &str) -> String {
    let answer = signed(sandbox, INQUIRY_REFUND, &json!({"refundRequestId": request_id}));
    answer["refundStatus"].as_str().map_or_else(|| outcome(&answer), str::to_owned)
}
