use super::shapes::mistakes;
use super::*;

fn problems(report: &DoctorReport) -> Vec<(Subject, &'static str)> {
    report.findings.iter().filter_map(|finding| Some((finding.subject, finding.problem?))).collect()
}

fn healthy() -> DoctorInput<'static> {
    DoctorInput {
        environment: Some("sandbox"),
        merchant_private_key: Some(key("app_private_key_pkcs1_pem").as_bytes()),
        platform_public_key: Some(key("gateway_public_key_pem").as_bytes()),
        app_certificate: Some(certificate("app_cert_pem").as_bytes()),
        platform_certificate: Some(certificate("gateway_cert_pem").as_bytes()),
        root_bundle: Some(certificate("root_bundle_pem").as_bytes()),
        ..DoctorInput::at(NOW)
    }
}

#[test]
fn the_doctor_finds_a_good_configuration_healthy_and_says_what_it_is() {
    let report = examine(&healthy());
    assert!(report.is_healthy(), "{report}");
    let table = report.to_string();
    for said in
        ["sandbox", "RSA private key, PKCS#1 PEM, 2048 bits", certificate("app_cert_sn"), "2036-11-20"]
    {
        assert!(table.contains(said), "{said} is not in\n{table}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["findings"][0]["subject"], "merchant_private_key");
    assert_eq!(json["findings"][0]["problem"], Value::Null);
}

#[test]
fn the_doctor_names_every_mix_up() {
    let text = |name| Some(key(name).as_bytes());
    let (app_public, gateway_public) = (text("app_public_key_pem"), text("gateway_public_key_pem"));
    let gateway_private = text("gateway_private_key_pkcs1_pem");
    let good = healthy();
    let public_mode =
        DoctorInput { app_certificate: None, platform_certificate: None, root_bundle: None, ..good };
    let ec_roots = with_label("CERTIFICATE", fixtures::EC_CERTIFICATE);
    let cases = [
        (DoctorInput::at(NOW), Subject::MerchantPrivateKey, codes::CONFIG_MISSING),
        (DoctorInput { root_bundle: None, ..good }, Subject::RootBundle, codes::CONFIG_MISSING),
        (
            DoctorInput { platform_public_key: app_public, ..public_mode },
            Subject::PlatformPublicKey,
            codes::KEY_PLATFORM_IS_OWN,
        ),
        (
            DoctorInput {
                merchant_private_key: gateway_public,
                platform_public_key: good.merchant_private_key,
                ..public_mode
            },
            Subject::Together,
            codes::CONFIG_KEYS_SWAPPED,
        ),
        (
            DoctorInput {
                merchant_public_key: gateway_public,
                platform_public_key: app_public,
                ..public_mode
            },
            Subject::Together,
            codes::CONFIG_KEYS_SWAPPED,
        ),
        (
            DoctorInput { merchant_public_key: gateway_public, platform_public_key: None, ..good },
            Subject::Together,
            codes::CONFIG_PRIVATE_KEY_NOT_OF_PUBLIC_KEY,
        ),
        (
            DoctorInput {
                app_certificate: good.platform_certificate,
                platform_certificate: good.app_certificate,
                ..good
            },
            Subject::Together,
            codes::CONFIG_KEYS_SWAPPED,
        ),
        (
            DoctorInput { merchant_private_key: Some(b"the-private-key"), ..good },
            Subject::MerchantPrivateKey,
            codes::KEY_BASE64_INVALID,
        ),
        (
            DoctorInput { merchant_private_key: gateway_private, platform_certificate: None, ..good },
            Subject::Together,
            codes::CONFIG_PRIVATE_KEY_NOT_OF_CERTIFICATE,
        ),
        (
            DoctorInput { platform_certificate: good.app_certificate, ..good },
            Subject::PlatformCertificate,
            codes::KEY_PLATFORM_IS_OWN,
        ),
        (
            DoctorInput { platform_certificate: Some(certificate("issuing_ca_pem").as_bytes()), ..good },
            Subject::PlatformCertificate,
            codes::CONFIG_CERTIFICATE_IS_AUTHORITY,
        ),
        (
            DoctorInput { now_epoch_s: 2_200_000_000, ..good },
            Subject::AppCertificate,
            codes::CERTIFICATE_EXPIRED,
        ),
        (
            DoctorInput { now_epoch_s: 0, ..good },
            Subject::PlatformCertificate,
            codes::CERTIFICATE_NOT_YET_VALID,
        ),
        (
            DoctorInput { root_bundle: Some(ec_roots.as_bytes()), ..good },
            Subject::RootBundle,
            codes::CERTIFICATE_NO_RSA_ROOT,
        ),
        (
            DoctorInput { platform_public_key: Some(fixtures::RSA_1024_SPKI.as_bytes()), ..good },
            Subject::PlatformPublicKey,
            codes::KEY_TOO_SMALL,
        ),
    ];
    for (input, subject, code) in cases {
        let report = examine(&input);
        assert!(problems(&report).contains(&(subject, code)), "{subject} {code} is not in\n{report}");
        assert!(
            report.findings.iter().all(|finding| finding.problem.is_none() || !finding.advice.is_empty())
        );
    }
}

/// No run of the secret's digits this long may be shown.
const WINDOW: usize = 12;

fn assert_secret_free(shown: &str) {
    for name in ["app_private_key_pkcs1_pem", "app_private_key_pkcs8_pem"] {
        let secret = body(key(name));
        // The public numbers come first, and the public key may be shown.
        for window in secret.as_bytes()[450..].windows(WINDOW) {
            let window = std::str::from_utf8(window).unwrap();
            assert!(!shown.contains(window), "a part of the private key is in: {shown}");
        }
    }
}

#[test]
fn a_private_key_never_appears_in_an_error_or_a_report() {
    let private = key("app_private_key_pkcs1_pem");
    let damaged = |from: &str, to: &str| private.replacen(from, to, 1).into_bytes();
    let mut inputs: Vec<Vec<u8>> = mistakes().into_iter().map(|(_, input, ..)| input).collect();
    inputs.extend([
        damaged("\n", "-----\n"),
        damaged("-----\n", "\n"),
        damaged("K", "*"),
        damaged("-----END", ""),
    ]);
    inputs.push(format!("/{}.pem", body(private)).into_bytes());
    inputs.push(format!("-----BEGIN {}-----x", body(private)).into_bytes());
    inputs.push(private.as_bytes().to_vec());
    for input in &inputs {
        let mut shown = String::new();
        if let Err(problem) = PrivateKey::load(input) {
            shown += &format!("{problem} {problem:?}");
        }
        shown += &format!("{:?} {:?}", PublicKey::load(input), RootBundle::load(input));
        shown += &format!("{:?} {:?}", Certificate::load(input), Certificate::load_chain(input));
        let text = Some(input.as_slice());
        let report = examine(&DoctorInput {
            environment: std::str::from_utf8(input).ok(),
            merchant_private_key: text,
            merchant_public_key: text,
            platform_public_key: text,
            app_certificate: text,
            platform_certificate: text,
            root_bundle: text,
            now_epoch_s: NOW,
        });
        assert_secret_free(&format!("{shown}{report}{report:?}{}", serde_json::to_string(&report).unwrap()));
    }
}
