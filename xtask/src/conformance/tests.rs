use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::RsaPublicKey;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::pkcs8::DecodePublicKey;
use rsa::sha2::Sha256;
use rsa::signature::Verifier;
use serde_json::json;

use super::answers::Platform;
use super::vectors::Content;
use super::*;

/// A shim in this process, as right or as wrong as a test wants it.
struct Fake<F>(F);

impl<F: FnMut(&Value) -> Value> Shim for Fake<F> {
    fn ask(&mut self, questions: &[String]) -> Vec<Value> {
        questions.iter().map(|question| (self.0)(&serde_json::from_str(question).unwrap())).collect()
    }
}

/// A fault put into something that was right.
type Change = fn(&mut Value);

/// A folder of its own for a test, gone when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str, files: &[(&str, String)]) -> Self {
        let path = std::env::temp_dir().join(format!("taxrefund-xtask-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            fs::write(path.join(name), text).unwrap();
        }
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn shared(name: &str) -> String {
    fs::read_to_string(default_folder().join(name)).unwrap()
}

/// One pay that is answered late and then refused, as a flow file.
fn flows(change: impl FnOnce(&mut Value)) -> String {
    let mut file = json!({
        "protocol": "alipay-gateway",
        "cases": [{
            "name": "late",
            "operation": "alipay.pay_tax_refund",
            "request": { "out_order_no": "0005520171122115751" },
            "policy": { "attempts": 3 },
            "answers": [
                { "fault": "timeout" },
                { "signed": { "code": "10000", "msg": "Success", "tax_no": "2017" } },
            ],
            "expect": {
                "sent": ["pay", "pay"],
                "waits_s": [[3, 10]],
                "outcome": "succeeded",
                "next_step": "none",
                "code": "10000",
                "reference": "2017",
            },
        }],
    });
    change(&mut file);
    file.to_string()
}

fn right_flow() -> Value {
    json!({
        "sent": [
            { "interface": "pay", "business_sha256": "aa" },
            { "interface": "pay", "business_sha256": "aa" },
        ],
        "waits_s": [3.0],
        "outcome": "succeeded",
        "next_step": "none",
        "code": "10000",
        "reference": "2017",
        "exhausted_answers": false,
    })
}

fn judged(folder: &Scratch, answer: impl FnMut(&Value) -> Value) -> Report {
    judge(cases(&folder.0), &mut Fake(answer))
}

#[test]
fn files_are_recognised_by_what_they_hold() {
    let folder = Scratch::new(
        "recognised",
        &[
            ("a.json", shared("antom.json")),
            ("b.json", shared("alipay-plus.json")),
            ("c.json", shared("alipay-gateway.json")),
            ("d.json", shared("flows-antom.json")),
            ("notes.txt", "not a vector file".to_owned()),
        ],
    );
    let read = Folder::read(&folder.0).unwrap();
    let kinds: Vec<_> = read
        .files()
        .iter()
        .map(|file| match file.content.as_ref().unwrap() {
            Content::Gateway(_) => "gateway",
            Content::Header(header) => header.protocol,
            Content::Flows(_) => "flows",
        })
        .collect();
    assert_eq!(kinds, ["antom", "alipay-plus", "gateway", "flows"]);
}

#[test]
fn a_file_that_is_no_vector_file_fails() {
    let folder = Scratch::new(
        "unknown",
        &[
            ("broken.json", "{".to_owned()),
            ("other.json", json!({ "name": "x" }).to_string()),
            ("list.json", "[]".to_owned()),
            ("flows.json", flows(|_| ())),
        ],
    );
    let report = judged(&folder, |_| right_flow());
    assert_eq!(report.tally, Tally { passed: 1, failed: 3 }, "{:?}", report.failures);
}

#[test]
fn an_empty_or_missing_folder_fails() {
    let folder = Scratch::new("empty", &[]);
    assert_eq!(judged(&folder, |_| json!({})).tally, Tally { passed: 0, failed: 1 });
    let missing = cases(&folder.0.join("missing"));
    assert_eq!(judge(missing, &mut Fake(|_: &Value| json!({}))).tally, Tally { passed: 0, failed: 1 });
}

#[test]
fn a_malformed_flow_fails_alone() {
    let spoil: [(&str, Change); 10] = [
        ("fewer answers", |case| case["answers"] = json!([{ "fault": "timeout" }])),
        ("fewer requests", |case| case["expect"]["sent"] = json!(["pay"])),
        ("fewer waits", |case| case["expect"]["waits_s"] = json!([])),
        ("a wait backwards", |case| case["expect"]["waits_s"] = json!([[10, 3]])),
        ("an unknown outcome", |case| case["expect"]["outcome"] = json!("paid")),
        ("an unknown step", |case| case["expect"]["next_step"] = json!("retry")),
        ("an unknown interface", |case| case["expect"]["sent"] = json!(["pay", "refund"])),
        ("an unknown field", |case| case["expect"]["next_setp"] = json!("none")),
        ("an unknown fault", |case| case["answers"][0] = json!({ "fault": "flood" })),
        ("an unknown kind", |case| case["answers"][0] = json!({ "sealed": {} })),
    ];
    for (what, spoil) in spoil {
        let text = flows(|file| {
            let mut bad = file["cases"][0].clone();
            bad["name"] = json!(what);
            spoil(&mut bad);
            file["cases"].as_array_mut().unwrap().insert(0, bad);
        });
        let report = judged(&Scratch::new("malformed", &[("flows.json", text)]), |_| right_flow());
        assert_eq!(report.tally, Tally { passed: 1, failed: 1 }, "{what}");
        assert!(report.failures[0].contains(what), "{}", report.failures[0]);
    }
}

#[test]
fn a_malformed_signing_vector_fails_alone() {
    let mut file: Value = serde_json::from_str(&shared("antom.json")).unwrap();
    let vectors = file["vectors"].as_array_mut().unwrap();
    vectors.truncate(1);
    vectors.push(json!({ "id": "torn", "kind": "request" }));
    let mut undecided = vectors[0].clone();
    undecided["expect"] = json!("maybe");
    vectors.push(undecided);
    let stated = vectors[0].clone();
    let report = judged(&Scratch::new("torn", &[("x.json", file.to_string())]), |_| signed_as(&stated));
    assert_eq!(report.tally, Tally { passed: 1, failed: 2 }, "{:?}", report.failures);
    assert!(report.failures[0].contains("torn"), "{}", report.failures[0]);
}

#[test]
fn a_flow_that_goes_another_way_is_caught() {
    let wrong: [(&str, Change); 10] = [
        ("sent", |held| held["sent"][1]["interface"] = json!("query")),
        ("sent", |held| held["exhausted_answers"] = json!(true)),
        ("business bytes", |held| held["sent"][1]["business_sha256"] = json!("bb")),
        ("wait", |held| held["waits_s"] = json!([2.999])),
        ("waits", |held| held["waits_s"] = json!([])),
        ("outcome", |held| held["outcome"] = json!("unknown")),
        ("next step", |held| held["next_step"] = json!("contact_support")),
        ("code", |held| held["code"] = json!(null)),
        ("reference", |held| held["reference"] = json!("2018")),
        ("shim", |held| *held = json!({ "error": "no such operation" })),
    ];
    let folder = Scratch::new("flow", &[("flows.json", flows(|_| ()))]);
    assert_eq!(judged(&folder, |_| right_flow()).tally, Tally { passed: 1, failed: 0 });
    for (what, spoil) in wrong {
        let report = judged(&folder, |_| {
            let mut held = right_flow();
            spoil(&mut held);
            held
        });
        assert_eq!(report.tally, Tally { passed: 0, failed: 1 }, "{what}");
        assert!(
            report.failures[0].starts_with(&format!("flows.json late: {what}")),
            "{}",
            report.failures[0]
        );
    }
}

#[test]
fn one_wrong_round_of_a_flow_is_caught() {
    let folder = Scratch::new("round", &[("flows.json", flows(|_| ()))]);
    let mut rounds = 0;
    let report = judged(&folder, |_| {
        rounds += 1;
        let mut held = right_flow();
        held["waits_s"] = json!([if rounds == 3 { 10.5 } else { 9.5 }]);
        held
    });
    assert_eq!(report.tally, Tally { passed: 0, failed: 1 });
}

/// What an honest shim says to a header vector that is to be signed.
fn signed_as(vector: &Value) -> Value {
    json!({
        "to_sign_hex": hex::encode(vector["string_to_sign"].as_str().unwrap()),
        "signature": vector["signature_base64"],
        "encoded": vector["signature_urlencoded"],
        "header": vector["header"]["Signature"],
    })
}

#[test]
fn a_wrong_signature_is_caught() {
    let mut file: Value = serde_json::from_str(&shared("antom.json")).unwrap();
    file["vectors"].as_array_mut().unwrap().truncate(1);
    let stated = file["vectors"][0].clone();
    let folder = Scratch::new("signature", &[("antom.json", file.to_string())]);
    assert_eq!(judged(&folder, |_| signed_as(&stated)).tally, Tally { passed: 1, failed: 0 });
    for field in ["to_sign_hex", "signature", "encoded", "header"] {
        let report = judged(&folder, |_| {
            let mut answer = signed_as(&stated);
            let text = answer[field].as_str().unwrap().replace('1', "2");
            answer[field] = json!(text);
            answer
        });
        assert_eq!(report.tally, Tally { passed: 0, failed: 1 }, "{field}");
    }
}

#[test]
fn a_shim_that_believes_everything_is_caught() {
    let folder =
        Scratch::new("gullible", &[("a.json", shared("antom.json")), ("p.json", shared("alipay-plus.json"))]);
    let gullible = judged(&folder, |_| json!({ "verdict": "verified" })).failures;
    let refused: Vec<_> = gullible.iter().filter(|line| line.contains("expected refused")).collect();
    let stated = [shared("antom.json"), shared("alipay-plus.json")];
    let stated = stated.iter().map(|text| {
        text.matches(r#""expect": "invalid""#).count() + text.matches(r#""valid": false"#).count()
    });
    assert_eq!(refused.len(), stated.sum::<usize>());
}

#[test]
fn what_one_sdk_tolerates_is_asked_and_not_counted() {
    let mut file: Value = serde_json::from_str(&shared("alipay-plus.json")).unwrap();
    for list in ["vectors", "negative", "external"] {
        file[list] = json!([]);
    }
    let tolerated = file["tolerance"].as_array().unwrap();
    let required = tolerated.iter().filter(|case| case["official_python_sdk_accepts"] == true).count();
    let all = tolerated.len();
    let folder = Scratch::new("tolerance", &[("plus.json", file.to_string())]);
    let mut asked = 0;
    let report = judged(&folder, |_| {
        asked += 1;
        json!({ "verdict": "refused" })
    });
    assert_eq!((asked, report.tally), (all, Tally { passed: 0, failed: required as u64 }));
}

#[test]
fn bytes_win_over_the_text_of_another_charset() {
    let bytes = |charset, text, hex| signing::Bytes::stated(charset, Some(text), hex, None);
    assert!(bytes("gbk", "税", Some("cbb0")).is_ok());
    assert!(
        bytes("gbk", "?", Some("cbb0"))
            .is_ok_and(|bytes| bytes.difference("x", Some("cbb0".to_owned())).is_none())
    );
    assert!(
        bytes("gbk", "税", None).is_ok_and(|bytes| bytes.difference("x", Some("CBB0".to_owned())).is_none())
    );
    assert!(bytes("utf-8", "税", Some("cbb0")).is_err());
    assert!(bytes("klingon", "x", None).is_err());
}

#[test]
fn parameters_reach_the_shim_in_the_order_of_the_vector() {
    let gateway = Folder::read(&default_folder()).unwrap();
    let content = gateway.files().iter().find_map(|file| match &file.content {
        Ok(Content::Gateway(gateway)) => Some(gateway),
        _ => None,
    });
    let first = signing::gateway_cases("x", content.unwrap()).swap_remove(0);
    let at = |name: &str| first.questions[0].find(&format!("\"{name}\":\"")).unwrap();
    assert!(at("timestamp") < at("app_id") && at("app_id") < at("method"));
}

#[test]
fn scripted_answers_are_signed_as_their_kind_says() {
    let folder = Folder::read(&default_folder()).unwrap();
    let platform = Platform::new("alipay-gateway", &[&folder]).unwrap();
    let public_key =
        RsaPublicKey::from_public_key_pem(platform.profile["public_key"].as_str().unwrap()).unwrap();
    let verifies = |kind: &str| {
        let answer = platform.answer("query", &json!({ kind: { "code": "10000" } })).unwrap();
        let body = hex::decode(answer["body_hex"].as_str().unwrap()).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let root = body.as_object().unwrap().keys().find(|name| *name != "sign").unwrap().clone();
        let signature = body["sign"].as_str().map(|sign| STANDARD.decode(sign).unwrap());
        let signature = signature.map(|bytes| Signature::try_from(bytes.as_slice()).unwrap());
        let key = VerifyingKey::<Sha256>::new(public_key.clone());
        (root, signature.map(|signature| key.verify(br#"{"code":"10000"}"#, &signature).is_ok()))
    };
    let own = "alipay_overseas_tax_order_query_response".to_owned();
    assert_eq!(verifies("signed"), (own.clone(), Some(true)));
    assert_eq!(verifies("wrong_key"), (own.clone(), Some(false)));
    assert_eq!(verifies("sha1"), (own.clone(), Some(false)));
    assert_eq!(verifies("unsigned"), (own, None));
    assert_eq!(verifies("signed_error"), ("error_response".to_owned(), Some(true)));
    assert_eq!(verifies("unsigned_error"), ("error_response".to_owned(), None));
    let other = "alipay_overseas_tax_order_pay_response".to_owned();
    assert_eq!(verifies("signed_other_method"), (other, Some(true)));
}

#[test]
fn a_shim_that_ends_early_fails_every_case_it_owes() {
    let mut shim = Program::start(&mut process::cargo(&["--version"])).unwrap();
    let answers = shim.ask(&["{}".to_owned(), "{}".to_owned()]);
    assert!(answers[0]["error"].as_str().unwrap().contains("not JSON"), "{answers:?}");
    assert!(answers[1]["error"].as_str().unwrap().contains("ended early"), "{answers:?}");
}

#[test]
fn a_long_difference_is_shown_where_it_begins() {
    let (expected, got) = excerpts(&format!("{}x", "a".repeat(300)), &format!("{}y", "a".repeat(300)));
    assert_eq!(expected, format!("…{}x", "a".repeat(20)));
    assert_eq!(got, format!("…{}y", "a".repeat(20)));
}
