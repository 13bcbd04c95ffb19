use super::*;

#[test]
fn certificate_serial_numbers_are_the_gateways() {
    for (name, expected) in [("app_cert_pem", "app_cert_sn"), ("gateway_cert_pem", "alipay_cert_sn")] {
        for (shape, text) in shapes(certificate(name)) {
            let loaded =
                Certificate::load(&text).unwrap_or_else(|problem| panic!("{name}, {shape}: {problem}"));
            assert_eq!(loaded.serial_number(), certificate(expected), "{name}, {shape}");
        }
    }
    let app = Certificate::load(certificate("app_cert_pem").as_bytes()).unwrap();
    assert_eq!(app.public_key(), &PublicKey::load(key("app_public_key_pem").as_bytes()).unwrap());
    assert_eq!((app.not_before(), app.not_after()), (1_795_397_100, 2_110_757_100));
}

#[test]
fn serial_numbers_follow_java_for_every_kind_of_name_and_number() {
    // Computed with X500Principal.getName() and BigInteger of OpenJDK 17.
    for (base64, expected) in [
        (fixtures::CERTIFICATE_ODD_NAME, "c82d7bdd57dcd8ec1f4c28b51ee8a278"),
        (fixtures::CERTIFICATE_BMP_NAME, "b438a2cd78f4f3d674e71deeaca62c0d"),
        (fixtures::CERTIFICATE_MULTI_VALUED, "f47d640429b4d765e8ad1d320a04f21d"),
    ] {
        assert_eq!(Certificate::load(base64.as_bytes()).unwrap().serial_number(), expected);
    }
}

#[test]
fn the_root_bundles_serial_number_passes_over_what_is_not_rsa_or_not_readable() {
    let bundle = certificate("root_bundle_pem");
    let expected = certificate("alipay_root_cert_sn");
    assert_eq!(RootBundle::load(bundle.as_bytes()).unwrap().serial_number(), expected);
    let with_garbage = with_label("CERTIFICATE", "MIIB") + bundle + &with_label("CERTIFICATE", "MAMCAQA=");
    assert_eq!(RootBundle::load(with_garbage.as_bytes()).unwrap().serial_number(), expected);
    for (shape, text) in pem_shapes(bundle) {
        assert_eq!(RootBundle::load(&text).unwrap().serial_number(), expected, "{shape}");
    }
    let only_ec = RootBundle::load(with_label("CERTIFICATE", fixtures::EC_CERTIFICATE).as_bytes());
    assert_eq!(only_ec.unwrap_err(), CertificateError::NoRsaRoot);
}

#[test]
fn a_key_given_as_a_certificate_is_named() {
    for (input, code) in [
        (key("app_private_key_pkcs1_pem"), codes::KEY_PRIVATE_GIVEN_AS_CERTIFICATE),
        (key("app_public_key_pem"), codes::KEY_PUBLIC_GIVEN_AS_CERTIFICATE),
        (fixtures::CSR, codes::KEY_CSR_GIVEN),
        (fixtures::EC_CERTIFICATE, codes::KEY_IS_EC),
        ("alipayRootCert.crt", codes::KEY_PATH_GIVEN),
        ("", codes::KEY_EMPTY),
    ] {
        assert_eq!(Certificate::load(input.as_bytes()).unwrap_err().code(), code);
        if input != fixtures::EC_CERTIFICATE {
            assert_eq!(RootBundle::load(input.as_bytes()).unwrap_err().code(), code);
        }
    }
}

fn chain_of_vectors() -> (RootBundle, Certificate, Certificate) {
    (
        RootBundle::load(certificate("root_bundle_pem").as_bytes()).unwrap(),
        Certificate::load(certificate("issuing_ca_pem").as_bytes()).unwrap(),
        Certificate::load(certificate("gateway_cert_pem").as_bytes()).unwrap(),
    )
}

#[test]
fn the_root_bundle_vouches_for_a_certificate_of_its_chain_only() {
    let (roots, issuing, gateway) = chain_of_vectors();
    let issuers = [issuing.clone()];
    assert_eq!(roots.vouches_for(&gateway, &issuers, NOW), Ok(()));
    assert_eq!(roots.vouches_for(&issuing, &[], NOW), Ok(()));
    let code = |certificate, issuers, now| roots.vouches_for(certificate, issuers, now).unwrap_err().code();
    assert_eq!(code(&gateway, &[], NOW), codes::CERTIFICATE_ISSUER_NOT_FOUND);
    assert_eq!(code(&gateway, &issuers, gateway.not_before() - 1), codes::CERTIFICATE_NOT_YET_VALID);
    assert_eq!(code(&gateway, &issuers, gateway.not_after() + 1), codes::CERTIFICATE_EXPIRED);
    let mut forged = der(certificate("gateway_cert_pem"));
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert_eq!(code(&Certificate::load(&forged).unwrap(), &issuers, NOW), codes::CERTIFICATE_SIGNATURE_WRONG);
}

#[test]
fn a_file_with_its_chain_gives_the_certificate_and_its_issuers() {
    let file = [certificate("gateway_cert_pem"), certificate("issuing_ca_pem")].concat();
    let (roots, issuing, gateway) = chain_of_vectors();
    let chain = Certificate::load_chain(file.as_bytes()).unwrap();
    assert_eq!(chain.len(), 2);
    assert_eq!(chain[1].serial_number(), issuing.serial_number());
    assert_eq!(Certificate::load(file.as_bytes()).unwrap().serial_number(), gateway.serial_number());
    assert_eq!(roots.vouches_for(&chain[0], &chain, NOW), Ok(()));
}

/// A certificate made from a model: another subject, issuer, key and extensions, signed by `by`.
fn issued(
    subject: &str,
    public: &str,
    issuer: &str,
    by: &str,
    sha1: bool,
    extensions: &[(&str, bool, &[u8])],
) -> Vec<u8> {
    let mut made = x509_cert::Certificate::from_der(&der(certificate("app_cert_pem"))).unwrap();
    let algorithm = if sha1 { "1.2.840.113549.1.1.5" } else { "1.2.840.113549.1.1.11" };
    made.signature_algorithm = AlgorithmIdentifierOwned {
        oid: ObjectIdentifier::new_unwrap(algorithm),
        parameters: Some(Any::from(Null)),
    };
    let tbs = &mut made.tbs_certificate;
    tbs.version = x509_cert::Version::V3;
    tbs.signature = made.signature_algorithm.clone();
    tbs.subject = subject.parse().unwrap();
    tbs.issuer = issuer.parse().unwrap();
    tbs.subject_public_key_info = SubjectPublicKeyInfoOwned::from_der(&der(key(public))).unwrap();
    let extension = |(oid, critical, value): &(&str, bool, &[u8])| Extension {
        extn_id: ObjectIdentifier::new_unwrap(oid),
        critical: *critical,
        extn_value: OctetString::new(*value).unwrap(),
    };
    tbs.extensions = (!extensions.is_empty()).then(|| extensions.iter().map(extension).collect());
    let signed_with = if sha1 { Algorithm::RsaSha1Legacy } else { Algorithm::RsaSha256 };
    let signer = SoftwareSigner::new(PrivateKey::load(key(by).as_bytes()).unwrap(), signed_with);
    let signature = signer.sign(&made.tbs_certificate.to_der().unwrap()).unwrap();
    made.signature = BitString::from_bytes(&signature).unwrap();
    made.to_der().unwrap()
}

#[test]
fn only_authorities_may_issue_and_only_with_sha_256_or_better() {
    const CA: (&str, bool, &[u8]) = ("2.5.29.19", true, &[0x30, 3, 1, 1, 0xff]);
    const CA_OF_LEAVES: (&str, bool, &[u8]) = ("2.5.29.19", true, &[0x30, 6, 1, 1, 0xff, 2, 1, 0]);
    const NO_CERT_SIGN: (&str, bool, &[u8]) = ("2.5.29.15", true, &[3, 2, 6, 0xc0]);
    const UNKNOWN: (&str, bool, &[u8]) = ("1.2.3.4", true, &[5, 0]);
    let (app, gateway) = ("app_private_key_pkcs1_pem", "gateway_private_key_pkcs1_pem");
    let (app_public, gateway_public) = ("app_public_key_pem", "gateway_public_key_pem");
    let root = issued("CN=root", app_public, "CN=root", app, false, &[CA]);
    let roots = RootBundle::load(&root).unwrap();
    let verdict = |leaf: Vec<u8>, issuers: &[Vec<u8>]| {
        let issuers: Vec<_> = issuers.iter().map(|issuer| Certificate::load(issuer).unwrap()).collect();
        let leaf = Certificate::load(&leaf).unwrap();
        roots.vouches_for(&leaf, &issuers, NOW).map_or_else(|problem| problem.code(), |()| "vouched for")
    };
    let middle = |extensions: &[_]| issued("CN=middle", gateway_public, "CN=root", app, false, extensions);
    let lower =
        |extensions: &[_]| issued("CN=lower", gateway_public, "CN=middle", gateway, false, extensions);
    let leaf_of = |issuer: &str| issued("CN=leaf", app_public, issuer, gateway, false, &[]);
    assert_eq!(verdict(leaf_of("CN=middle"), &[middle(&[CA])]), "vouched for");
    assert_eq!(verdict(leaf_of("CN=middle"), &[middle(&[CA_OF_LEAVES])]), "vouched for");
    assert_eq!(verdict(leaf_of("CN=lower"), &[lower(&[CA]), middle(&[CA])]), "vouched for");
    assert_eq!(
        verdict(leaf_of("CN=lower"), &[lower(&[CA]), middle(&[CA_OF_LEAVES])]),
        codes::CERTIFICATE_ISSUER_NOT_CA
    );
    // Another merchant's certificate has the platform's roots too; it must not be able to issue one.
    assert_eq!(verdict(leaf_of("CN=middle"), &[middle(&[])]), codes::CERTIFICATE_ISSUER_NOT_CA);
    assert_eq!(
        verdict(leaf_of("CN=middle"), &[middle(&[CA, NO_CERT_SIGN])]),
        codes::CERTIFICATE_ISSUER_NOT_CA
    );
    assert_eq!(
        verdict(leaf_of("CN=middle"), &[middle(&[CA, UNKNOWN])]),
        codes::CERTIFICATE_EXTENSION_UNKNOWN
    );
    let sha1 = issued("CN=leaf", app_public, "CN=root", app, true, &[]);
    assert_eq!(verdict(sha1, &[]), codes::CERTIFICATE_SIGNATURE_UNSUPPORTED);
    let by_another = issued("CN=leaf", app_public, "CN=root", gateway, false, &[]);
    assert_eq!(verdict(by_another, &[]), codes::CERTIFICATE_SIGNATURE_WRONG);
    let loop_of_two = [issued("CN=middle", gateway_public, "CN=middle", gateway, false, &[CA])];
    assert_eq!(verdict(leaf_of("CN=middle"), &loop_of_two), codes::CERTIFICATE_ISSUER_NOT_FOUND);
}
