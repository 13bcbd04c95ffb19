//! Requests made and signed by the platforms' own SDKs are authenticated.

use serde_json::Value;
use taxrefund_sandbox::{Accounts, PartnerPublicKeys, Sandbox};

use crate::common::*;

fn vectors(name: &str) -> Value {
    let path = format!("{}/../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn gateway_requests_of_the_official_sdks_are_verified() {
    let all = vectors("alipay-gateway");
    let mut tried = 0;
    for request in all["requests"].as_array().unwrap() {
        if !matches!(text(request, "/key"), "app" | "") || request["http"]["body"].is_null() {
            continue;
        }
        let sandbox = Sandbox::builder()
            .allow_rsa_sha1(true)
            .accounts(Accounts {
                app_id: Some(text(request, "/params/app_id").to_owned()),
                ..Accounts::default()
            })
            .partner_public_keys(PartnerPublicKeys {
                alipay: Some(text(&all, "/keys/app_public_key_pem").to_owned()),
                ..PartnerPublicKeys::default()
            })
            .start()
            .unwrap();
        let target = format!("/gateway.do?{}", text(request, "/http/query_string"));
        let headers = vec![("content-type", text(request, "/http/content_type").to_owned())];
        let got = post(sandbox.base_url(), &target, &headers, text(request, "/http/body").as_bytes());
        assert!(!got.body().contains("isv.invalid-signature"), "{}: {}", request["id"], got.body());
        assert_eq!(sandbox.requests().len(), 1, "{}: {}", request["id"], got.body());
        tried += 1;
    }
    assert!(tried >= 6, "{tried}");
}

#[test]
fn header_signed_requests_of_the_official_sdks_are_verified() {
    let (plus, antom) = (vectors("alipay-plus"), vectors("antom"));
    let mut tried = 0;
    for (request, key) in [(&plus, "/keys/partner/public_spki_pem"), (&antom, "/keys/merchant/spki_pem")]
        .into_iter()
        .flat_map(|(all, key)| all["vectors"].as_array().unwrap().iter().map(move |r| (r, text(all, key))))
        .filter(|(request, _)| request["kind"] == "request")
    {
        let client = Some(text(request, "/client_id").to_owned());
        let sandbox = Sandbox::builder()
            .accounts(Accounts {
                app_id: None,
                alipay_plus_client_id: client.clone(),
                antom_client_id: client,
            })
            .partner_public_keys(PartnerPublicKeys {
                alipay: None,
                alipay_plus: Some(key.to_owned()),
                antom: Some(key.to_owned()),
            })
            .start()
            .unwrap();
        let time = [text(request, "/request_time"), text(request, "/time")].concat();
        let signature = ["/signature_header", "/header/Signature", "/header/signature"]
            .into_iter()
            .find_map(|pointer| request.pointer(pointer)?.as_str())
            .unwrap();
        let headers = vec![
            ("content-type", "application/json; charset=UTF-8".to_owned()),
            ("client-id", text(request, "/client_id").to_owned()),
            ("request-time", time),
            ("signature", signature.to_owned()),
        ];
        let got =
            post(sandbox.base_url(), text(request, "/path"), &headers, text(request, "/body").as_bytes());
        let expected = if signature.contains("keyVersion=1") { "signed" } else { "KEY_NOT_FOUND" };
        let seen = match got.header("signature") {
            Some(_) => "signed".to_owned(),
            None => got.json()["result"]["resultCode"].as_str().unwrap().to_owned(),
        };
        assert_eq!(seen, expected, "{}{}", request["id"], request["name"]);
        tried += 1;
    }
    assert!(tried >= 12, "{tried}");
}
