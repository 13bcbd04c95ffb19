use super::*;

#[test]
fn every_shape_of_a_private_key_gives_the_same_key() {
    let expected = PublicKey::load(key("app_public_key_pem").as_bytes()).unwrap();
    for name in ["app_private_key_pkcs1_pem", "app_private_key_pkcs8_pem"] {
        for (shape, text) in shapes(key(name)) {
            let loaded =
                PrivateKey::load(&text).unwrap_or_else(|problem| panic!("{name}, {shape}: {problem}"));
            assert_eq!(loaded.public_key(), &expected, "{name}, {shape}");
            assert_eq!(loaded.bits(), 2048);
        }
    }
}

#[test]
fn every_shape_of_a_public_key_gives_the_same_key() {
    let spki = key("app_public_key_pem");
    let expected = PublicKey::load(spki.as_bytes()).unwrap();
    let pkcs1 = RsaPrivateKey::from_pkcs1_pem(key("app_private_key_pkcs1_pem")).unwrap().to_public_key();
    let pkcs1 = pkcs1.to_pkcs1_pem(rsa::pkcs8::LineEnding::LF).unwrap();
    for pem in [spki, pkcs1.as_str()] {
        for (shape, text) in shapes(pem) {
            assert_eq!(PublicKey::load(&text).as_ref(), Ok(&expected), "{shape}");
        }
    }
    assert_eq!(expected.spki_der(), der(spki));
    assert_eq!(expected.fingerprint().len(), 64);
    assert_eq!(
        format!("{expected:?}"),
        format!("PublicKey {{ fingerprint: {:?}, bits: 2048 }}", expected.fingerprint())
    );
}

#[test]
fn the_content_decides_and_not_the_label() {
    let mislabelled = key("app_private_key_pkcs8_pem").replace("PRIVATE KEY", "RSA PRIVATE KEY");
    assert!(PrivateKey::load(mislabelled.as_bytes()).is_ok());
}

#[test]
fn every_usual_mistake_has_its_own_code() {
    for (name, input, as_private, as_public) in mistakes() {
        let private = PrivateKey::load(&input).map_or_else(|problem| problem.code(), |_| "");
        let public = PublicKey::load(&input).map_or_else(|problem| problem.code(), |_| "");
        assert_eq!((private, public), (as_private, as_public), "{name}");
    }
}

#[test]
fn the_size_of_a_small_key_and_the_place_of_a_wrong_character_are_told() {
    let small = PublicKey::load(fixtures::RSA_1024_SPKI.as_bytes()).unwrap_err();
    assert_eq!(small, KeyError::TooSmall { bits: 1024 });
    assert!(small.to_string().contains("1024 bits"));
    let damaged = key("app_private_key_pkcs1_pem").replacen("EowIBAAK", "Eow\u{a0}IBAAK", 1);
    let Err(problem) = PrivateKey::load(damaged.as_bytes()) else { panic!("loaded") };
    assert!(matches!(problem, KeyError::Base64Invalid { line: 2, column: 7, .. }), "{problem:?}");
}

#[test]
fn the_primes_may_come_in_either_order() {
    let parsed = RsaPrivateKey::from_pkcs1_pem(key("app_private_key_pkcs1_pem")).unwrap();
    let primes = [parsed.primes()[1].clone(), parsed.primes()[0].clone()];
    let e = parsed.e().clone();
    let swapped =
        RsaPrivateKey::from_components(parsed.n().clone(), e, parsed.d().clone(), primes.to_vec()).unwrap();
    let [given, swapped] = [parsed, swapped].map(|parsed| {
        let loaded = PrivateKey::load(parsed.to_pkcs1_der().unwrap().as_bytes()).unwrap();
        SoftwareSigner::new(loaded, Algorithm::RsaSha256).sign(b"message").unwrap()
    });
    assert_eq!(given, swapped);
}

#[test]
fn a_key_whose_numbers_do_not_belong_together_is_refused() {
    let good = der(key("app_private_key_pkcs1_pem"));
    for at in (300..good.len() - 400).step_by(97) {
        let mut damaged = good.clone();
        damaged[at] ^= 0x10;
        assert!(PrivateKey::load(&damaged).is_err(), "byte {at}");
    }
}

#[test]
fn the_merchants_own_key_is_refused_as_the_platforms() {
    let own = PrivateKey::load(key("app_private_key_pkcs8_pem").as_bytes()).unwrap();
    let same = PublicKey::load(key("app_public_key_pem").as_bytes()).unwrap();
    let platform = PublicKey::load(key("gateway_public_key_pem").as_bytes()).unwrap();
    assert_eq!(check_pair(own.public_key(), &same), Err(KeyError::PlatformKeyIsOwnKey));
    assert_eq!(check_pair(own.public_key(), &platform), Ok(()));
}
/// Each usual mistake with the code for it as a private key and as a public key.
pub(super) fn mistakes() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str)> {
    let private = key("app_private_key_pkcs1_pem");
    let public = key("app_public_key_pem");
    let text = |text: &str| text.as_bytes().to_vec();
    let both = |name, input, code| (name, input, code, code);
    let cut = &body(private)[..1001];
    vec![
        ("public", text(public), codes::KEY_PUBLIC_GIVEN_AS_PRIVATE, ""),
        ("public, bare", text(&body(public)), codes::KEY_PUBLIC_GIVEN_AS_PRIVATE, ""),
        ("private", text(private), "", codes::KEY_PRIVATE_GIVEN_AS_PUBLIC),
        ("private, DER", der(private), "", codes::KEY_PRIVATE_GIVEN_AS_PUBLIC),
        (
            "certificate",
            text(certificate("app_cert_pem")),
            codes::KEY_CERTIFICATE_GIVEN_AS_PRIVATE,
            codes::KEY_CERTIFICATE_GIVEN_AS_PUBLIC,
        ),
        both(
            "encrypted, PKCS#8",
            text(&with_label("ENCRYPTED PRIVATE KEY", fixtures::ENCRYPTED_PKCS8)),
            codes::KEY_ENCRYPTED,
        ),
        both("encrypted, bare", text(fixtures::ENCRYPTED_PKCS8), codes::KEY_ENCRYPTED),
        both(
            "encrypted, old",
            text(&private.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1)),
            codes::KEY_ENCRYPTED,
        ),
        both("EC, SEC1", text(&with_label("EC PRIVATE KEY", fixtures::EC_SEC1)), codes::KEY_IS_EC),
        both("EC, PKCS#8", text(fixtures::EC_PKCS8), codes::KEY_IS_EC),
        both("EC, public", text(fixtures::EC_SPKI), codes::KEY_IS_EC),
        both("SM2", text(fixtures::SM2_PKCS8), codes::KEY_IS_EC),
        both("Ed25519", text(fixtures::ED25519_PKCS8), codes::KEY_ALGORITHM_UNSUPPORTED),
        both("DSA", pkcs8_of("1.2.840.10040.4.1"), codes::KEY_ALGORITHM_UNSUPPORTED),
        both("RSA-PSS", pkcs8_of("1.2.840.113549.1.1.10"), codes::KEY_ALGORITHM_UNSUPPORTED),
        (
            "1024 bits",
            text(fixtures::RSA_1024_PKCS8),
            codes::KEY_TOO_SMALL,
            codes::KEY_PRIVATE_GIVEN_AS_PUBLIC,
        ),
        (
            "1024 bits, public",
            text(fixtures::RSA_1024_SPKI),
            codes::KEY_PUBLIC_GIVEN_AS_PRIVATE,
            codes::KEY_TOO_SMALL,
        ),
        both("CSR", text(&with_label("CERTIFICATE REQUEST", fixtures::CSR)), codes::KEY_CSR_GIVEN),
        both("empty", text(""), codes::KEY_EMPTY),
        both("blank", text(" \r\n\t"), codes::KEY_EMPTY),
        both("cut base64", text(cut), codes::KEY_TRUNCATED),
        both("cut base64, whole bytes", text(&cut[..1000]), codes::KEY_TRUNCATED),
        both("cut DER", der(private)[..500].to_vec(), codes::KEY_TRUNCATED),
        both("cut inside PEM", text(&with_label("RSA PRIVATE KEY", cut)), codes::KEY_TRUNCATED),
        both("no base64", text("your-private-key-here"), codes::KEY_BASE64_INVALID),
        both("no end line", text(private.split("-----END").next().unwrap()), codes::KEY_PEM_END_MISSING),
        both("half an end line", text(private.trim_end().trim_end_matches('-')), codes::KEY_PEM_END_MISSING),
        both("no begin line", text(private.split_once('\n').unwrap().1), codes::KEY_PEM_BEGIN_MISSING),
        both("four dashes", text(&private[1..]), codes::KEY_PEM_BEGIN_MISSING),
        both("unreadable DER", vec![0x30, 3, 2, 1, 0], codes::KEY_DER_UNREADABLE),
        both("several", text(&format!("{private}{public}")), codes::KEY_SEVERAL_GIVEN),
        both("several, DER", [der(public), der(public)].concat(), codes::KEY_SEVERAL_GIVEN),
        both("path", text("/etc/taxrefund/merchant.pem"), codes::KEY_PATH_GIVEN),
        both("path, relative", text("keys/merchant.PEM\n"), codes::KEY_PATH_GIVEN),
        both("path, Windows", text(r"C:\new\keys\merchant"), codes::KEY_PATH_GIVEN),
        both("path, home", text("~/merchant"), codes::KEY_PATH_GIVEN),
        both("PKCS#12", STANDARD.decode(fixtures::PKCS12).unwrap(), codes::KEY_CONTAINER_UNSUPPORTED),
        both("PKCS#7", text(&with_label("PKCS7", fixtures::PKCS7)), codes::KEY_CONTAINER_UNSUPPORTED),
        both("OpenSSH", text("ssh-rsa AAAAB3NzaC1yc2E= x"), codes::KEY_CONTAINER_UNSUPPORTED),
        both("XML", text("<RSAKeyValue/>"), codes::KEY_CONTAINER_UNSUPPORTED),
        both("binary", vec![1, 2, 3, 0xff], codes::KEY_UNKNOWN_FORMAT),
    ]
}
/// A PKCS#8 key of any algorithm; what is inside does not matter.
fn pkcs8_of(algorithm: &str) -> Vec<u8> {
    let oid = ObjectIdentifier::new_unwrap(algorithm);
    let identifier = AlgorithmIdentifierOwned { oid, parameters: None }.to_der().unwrap();
    let content = [&[2, 1, 0], identifier.as_slice(), &[4, 2, 5, 0]].concat();
    [&[0x30, u8::try_from(content.len()).unwrap()], content.as_slice()].concat()
}
