//! The gateway's vectors: requests and notifications are forms, answers are objects cut out of their text.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::vectors::{FormNotification, FormRequest, FormResponse, GatewayFile, Keys, Ordered};
use super::super::{Case, Difference};
use super::{Bytes, case, equal, stated, text_of};

pub(crate) fn gateway_cases(file: &str, gateway: &GatewayFile) -> Vec<Case> {
    let keys = &gateway.keys;
    let mut cases = Vec::new();
    for entry in &gateway.requests {
        cases.push(case(file, entry, |request| form_request(file, request, keys)));
    }
    for entry in &gateway.responses {
        let certificates = gateway.certificates.as_ref();
        cases.push(case(file, entry, |response| form_response(file, response, keys, certificates)));
    }
    for entry in &gateway.notifications {
        cases.push(case(file, entry, |notification| form_notification(file, notification, keys)));
    }
    if let Some(certificates) = &gateway.certificates {
        let built = certificate_serials(file, certificates);
        cases.push(built.unwrap_or_else(|why| Case::malformed(file, "certificates", &why)));
    }
    cases
}

fn form_request(file: &str, request: &FormRequest, keys: &Keys) -> Result<Case, String> {
    #[derive(Serialize)]
    struct Question<'a> {
        op: &'a str,
        params: &'a Ordered,
        charset: &'a str,
        sign_type: &'a str,
        private_key: &'a str,
    }
    let question = Question {
        op: "sign_form",
        params: &request.params,
        charset: &request.charset,
        sign_type: &request.sign_type,
        private_key: keys.private(&request.key)?,
    };
    let question = serde_json::to_string(&question).map_err(|error| error.to_string())?;
    let to_sign = Bytes::stated(
        &request.charset,
        Some(&request.string_to_sign),
        request.string_to_sign_bytes_hex.as_deref(),
        request.string_to_sign_sha256.as_deref(),
    )?;
    let signature = request.sign.clone();
    Ok(Case::new(file, &request.id, vec![question], move |answers| {
        let answer = &answers[0];
        let text = to_sign.difference("string to sign", text_of(answer, "to_sign_hex"));
        text.into_iter().chain(equal(answer, "signature", &signature)).collect()
    }))
}

fn form_response(
    file: &str,
    response: &FormResponse,
    keys: &Keys,
    certificates: Option<&Value>,
) -> Result<Case, String> {
    let charset = &response.charset;
    let text = response.body.as_deref().filter(|_| response.body_bytes_hex.is_none());
    let body = Bytes::stated(charset, text, response.body_bytes_hex.as_deref(), None)?;
    let cert = response.alipay_cert_sn.as_ref().and(certificates).and_then(|all| all.get("gateway_cert_pem"));
    let question = json!({
        "op": "verify_form_answer",
        "method": response.method,
        "body_hex": body.hex,
        "charset": charset,
        "sign_type": response.sign_type_in_force,
        "public_key": keys.public(keys.platform)?,
        "certificates": cert.map(|pem| json!({ "alipay_cert_pem": pem })),
    });
    let verdict = match response.expect_verified {
        Some(true) => "verified",
        Some(false) => "refused",
        None => "unsigned",
    };
    let root = response.response_key.clone();
    let wire = stated(charset, response.substring_on_the_wire.as_deref(), None)?;
    let sha256 = response.signed_substring_sha256.as_deref();
    let signed = stated(charset, response.signed_substring.as_deref(), sha256)?;
    Ok(Case::new(file, &response.id, vec![question.to_string()], move |answers| {
        let answer = &answers[0];
        let mut differences: Vec<_> = equal(answer, "verdict", verdict).into_iter().collect();
        if verdict == "verified" && differences.is_empty() {
            if let Some(root) = &root {
                differences.extend(equal(answer, "root", root));
            }
            // The two differ where `\/` is written on the wire and `/` was signed: either is what was checked.
            let cut = text_of(answer, "signed_hex");
            let same = |bytes: &Bytes| cut.as_deref().is_some_and(|hex| hex.eq_ignore_ascii_case(&bytes.hex));
            if ![&wire, &signed].into_iter().flatten().any(same) {
                let expected = signed.as_ref().or(wire.as_ref());
                differences.extend(expected.and_then(|bytes| bytes.difference("signed part", cut.clone())));
            }
        }
        differences
    }))
}

fn form_notification(file: &str, notification: &FormNotification, keys: &Keys) -> Result<Case, String> {
    let rule = match notification.rule.as_str() {
        "drop sign and sign_type" => "v1",
        "drop sign only" => "v2",
        other => return Err(format!("unknown rule `{other}`")),
    };
    let stated_by = |name: &str| notification.params.get(name).and_then(Value::as_str);
    let question = json!({
        "op": "verify_form_notification",
        "body": notification.form_body,
        "sign_type": stated_by("sign_type").unwrap_or("RSA2"),
        "public_key": keys.public(keys.platform)?,
    });
    let charset = stated_by("charset").unwrap_or("utf-8");
    let to_verify = stated(charset, notification.string_to_verify.as_deref(), None)?;
    let reply = notification.reply_on_success.clone();
    let verified = notification.expect_verified;
    Ok(Case::new(file, &notification.id, vec![question.to_string()], move |answers| {
        let answer = &answers[0];
        let mut differences = Vec::new();
        differences.extend(equal(answer, "verdict", if verified { "verified" } else { "refused" }));
        if verified {
            differences.extend(equal(answer, "rule", rule));
            if let Some(bytes) = &to_verify {
                differences.extend(bytes.difference("string to verify", text_of(answer, "to_verify_hex")));
            }
            if let Some(reply) = &reply {
                differences.extend(equal(answer, "reply", reply));
            }
        } else if reply.is_some() && text_of(answer, "reply") == reply {
            let expected = "no acknowledgement".to_owned();
            differences.push(Difference { what: "reply", expected, got: reply.clone().unwrap_or_default() });
        }
        differences
    }))
}

fn certificate_serials(file: &str, certificates: &Value) -> Result<Case, String> {
    let stated = |name: &str| {
        certificates[name].as_str().map(str::to_owned).ok_or_else(|| format!("`{name}` is not stated"))
    };
    let question = json!({
        "op": "certificate_serials",
        "app_cert": stated("app_cert_pem")?,
        "alipay_cert": stated("gateway_cert_pem")?,
        "root_bundle": stated("root_bundle_pem")?,
    });
    let expected = [
        ("app", stated("app_cert_sn")?),
        ("alipay", stated("alipay_cert_sn")?),
        ("root", stated("alipay_root_cert_sn")?),
    ];
    Ok(Case::new(file, "certificates", vec![question.to_string()], move |answers| {
        expected.iter().filter_map(|(what, number)| equal(&answers[0], what, number)).collect()
    }))
}
