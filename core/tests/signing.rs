//! The promises of `signing`: signatures as the vectors have them, and verdicts as Wycheproof and a second library give.
//!
//! Run once with each backend: `--no-default-features --features pure-rust` for the second.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{BigUint, Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use taxrefund_core::codes;
use taxrefund_core::keys::{PrivateKey, PublicKey};
use taxrefund_core::signing::{Algorithm, Signer, SignerError, SoftwareSigner, Verifier};
use wycheproof::TestResult;
use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};

fn vectors(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn gateway() -> Value {
    vectors(include_str!("../../tests/vectors/alipay-gateway.json"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn signer(private: &str, algorithm: Algorithm) -> SoftwareSigner {
    SoftwareSigner::new(PrivateKey::load(private.as_bytes()).unwrap(), algorithm)
}

fn algorithm(sign_type: &Value) -> Algorithm {
    match text(sign_type) {
        "RSA2" => Algorithm::RsaSha256,
        "RSA" => Algorithm::RsaSha1Legacy,
        other => panic!("{other}"),
    }
}

#[test]
fn a_request_signature_is_the_vectors() {
    let gateway = gateway();
    let requests = gateway["requests"].as_array().unwrap();
    let mut algorithms = Vec::new();
    for request in requests {
        let algorithm = algorithm(&request["sign_type"]);
        let signer = signer(text(&gateway["keys"]["app_private_key_pkcs8_pem"]), algorithm);
        let message = text(&request["string_to_sign"]).as_bytes();
        let signature = signer.sign(message).unwrap();
        assert_eq!(STANDARD.encode(&signature), text(&request["sign"]), "{}", request["id"]);
        assert!(Verifier::new(signer.public_key().clone(), algorithm).verify(message, &signature));
        algorithms.push(algorithm);
    }
    assert!(algorithms.contains(&Algorithm::RsaSha256) && algorithms.contains(&Algorithm::RsaSha1Legacy));
}

#[test]
fn an_antom_signature_is_the_vectors() {
    let antom = vectors(include_str!("../../tests/vectors/antom.json"));
    let mut checked = 0;
    for vector in antom["vectors"].as_array().unwrap() {
        let keys = &antom["keys"][text(&vector["signer_key"])];
        let (Some(message), Some(expected), Some(private)) = (
            vector["string_to_sign"].as_str(),
            vector["signature_base64"].as_str(),
            keys["pkcs8_pem"].as_str(),
        ) else {
            continue;
        };
        if vector["kind"] == "request" {
            let signature = signer(private, Algorithm::RsaSha256).sign(message.as_bytes()).unwrap();
            assert_eq!(STANDARD.encode(signature), expected, "{}", vector["id"]);
            checked += 1;
        }
    }
    assert!(checked > 0);
}

#[test]
fn a_notification_verifies_with_the_platforms_key_and_not_with_the_merchants_own() {
    let gateway = gateway();
    let notification = &gateway["notifications"][0];
    let message = text(&notification["string_to_verify"]).as_bytes();
    let signature = STANDARD.decode(text(&notification["sign"])).unwrap();
    let verdict = |name: &str| {
        let key = PublicKey::load(text(&gateway["keys"][name]).as_bytes()).unwrap();
        Verifier::new(key, Algorithm::RsaSha256).verify(message, &signature)
    };
    assert!(verdict("gateway_public_key_pem"));
    assert!(!verdict("app_public_key_pem"));
}

#[test]
fn the_hash_is_pinned() {
    let private = gateway()["keys"]["gateway_private_key_pkcs1_pem"].clone();
    for (signed_with, refused_under) in
        [(Algorithm::RsaSha1Legacy, Algorithm::RsaSha256), (Algorithm::RsaSha256, Algorithm::RsaSha1Legacy)]
    {
        let signer = signer(text(&private), signed_with);
        assert_eq!(signer.algorithm(), signed_with);
        let signature = signer.sign(b"message").unwrap();
        let verifier = |algorithm| Verifier::new(signer.public_key().clone(), algorithm);
        assert!(verifier(signed_with).verify(b"message", &signature));
        assert!(!verifier(refused_under).verify(b"message", &signature));
    }
}

#[test]
fn a_changed_message_or_signature_is_refused() {
    let private = gateway()["keys"]["app_private_key_pkcs1_pem"].clone();
    let signer = signer(text(&private), Algorithm::RsaSha256);
    let verifier = Verifier::new(signer.public_key().clone(), Algorithm::RsaSha256);
    let signature = signer.sign(b"message").unwrap();
    assert!(verifier.verify(b"message", &signature));
    assert!(!verifier.verify(b"messagf", &signature));
    assert!(!verifier.verify(b"", &signature));
    for at in 0..signature.len() {
        let mut changed = signature.clone();
        changed[at] ^= 1;
        assert!(!verifier.verify(b"message", &changed), "byte {at}");
    }
    for wrong in [&[][..], &signature[1..], &signature[..255], &[&[0], signature.as_slice()].concat()] {
        assert!(!verifier.verify(b"message", wrong));
    }
}

#[test]
fn both_libraries_make_the_same_signature() {
    let private = gateway()["keys"]["app_private_key_pkcs8_pem"].clone();
    let oracle = RsaPrivateKey::from_pkcs8_pem(text(&private)).unwrap();
    let expected = oracle.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(b"message")).unwrap();
    assert_eq!(signer(text(&private), Algorithm::RsaSha256).sign(b"message").unwrap(), expected);
}

#[test]
fn wycheproof_has_no_wrong_verdict() {
    let mut counted = 0;
    for name in
        [TestName::Rsa2048Sha256, TestName::Rsa3072Sha256, TestName::Rsa4096Sha256, TestName::Rsa8192Sha256]
    {
        for group in TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::load(&group.der).unwrap();
            assert_eq!(key.bits(), group.key_size);
            let verifier = Verifier::new(key, Algorithm::RsaSha256);
            let number = BigUint::from_bytes_be;
            let oracle =
                RsaPublicKey::new_with_max_size(number(&group.key.n), number(&group.key.e), 8192).unwrap();
            for test in group.tests {
                let verdict = verifier.verify(&test.msg, &test.sig);
                let digest = Sha256::digest(&test.msg);
                let second = oracle.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &test.sig).is_ok();
                assert_eq!(verdict, second, "{name:?} {} {}: the libraries differ", test.tc_id, test.comment);
                // `Acceptable` are encodings without the NULL of the algorithm; a strict reader refuses them.
                assert_eq!(
                    verdict,
                    test.result == TestResult::Valid,
                    "{name:?} {} {}",
                    test.tc_id,
                    test.comment
                );
                counted += 1;
            }
        }
    }
    assert!(counted > 700, "only {counted} vectors were found");
}

#[test]
fn wycheproof_signatures_of_other_hashes_are_refused() {
    for name in
        [TestName::Rsa2048Sha224, TestName::Rsa2048Sha384, TestName::Rsa2048Sha512, TestName::Rsa2048Sha3_256]
    {
        for group in TestSet::load(name).unwrap().test_groups {
            let verifier = Verifier::new(PublicKey::load(&group.der).unwrap(), Algorithm::RsaSha256);
            // The invalid ones may be signed with SHA-256, which is what is wrong with them there.
            let mut valid = group.tests.iter().filter(|test| test.result == TestResult::Valid);
            assert!(valid.all(|test| !verifier.verify(&test.msg, &test.sig)), "{name:?}");
        }
    }
}

#[test]
fn a_signer_and_a_verifier_can_be_shared_between_threads() {
    let private = gateway()["keys"]["app_private_key_pkcs1_pem"].clone();
    let signer = signer(text(&private), Algorithm::RsaSha256);
    let verifier = Verifier::new(signer.public_key().clone(), Algorithm::RsaSha256);
    let signer: &dyn Signer = &signer;
    std::thread::scope(|scope| {
        for thread in 0..4u8 {
            let verifier = verifier.clone();
            scope.spawn(move || {
                for message in 0..8u8 {
                    let message = [thread, message];
                    assert!(verifier.verify(&message, &signer.sign(&message).unwrap()));
                }
            });
        }
    });
}

#[test]
fn signer_errors_have_stable_codes() {
    let codes_of =
        [SignerError::Unavailable, SignerError::Refused, SignerError::Failed].map(|error| error.code());
    assert_eq!(codes_of, [codes::SIGNER_UNAVAILABLE, codes::SIGNER_REFUSED, codes::SIGNER_FAILED]);
}
