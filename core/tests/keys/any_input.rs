use super::*;

fn load_with_everything(input: &[u8]) {
    let _ = PrivateKey::load(input);
    let _ = PublicKey::load(input);
    let _ = Certificate::load_chain(input);
    let _ = RootBundle::load(input);
    let text = Some(input);
    let report = examine(&DoctorInput {
        merchant_private_key: text,
        platform_public_key: text,
        app_certificate: text,
        platform_certificate: text,
        root_bundle: text,
        ..DoctorInput::at(NOW)
    });
    let _ = report.to_string();
}

/// Real inputs, from which the damaged ones are made.
fn seeds() -> Vec<Vec<u8>> {
    let texts =
        [key("app_private_key_pkcs8_pem"), key("app_public_key_pem"), certificate("gateway_cert_pem")];
    let mut seeds: Vec<Vec<u8>> =
        texts.iter().flat_map(|pem| shapes(pem).into_iter().map(|(_, text)| text)).collect();
    seeds.push(STANDARD.decode(fixtures::CERTIFICATE_ODD_NAME).unwrap());
    seeds.push(der(certificate("issuing_ca_pem")));
    seeds.extend(pem_shapes(certificate("root_bundle_pem")).into_iter().map(|(_, text)| text));
    seeds
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_123), ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(input in proptest::collection::vec(any::<u8>(), 0..300)) {
        load_with_everything(&input);
        load_with_everything(&[&[0x30, 0x82], input.as_slice()].concat());
    }

    #[test]
    fn arbitrary_text_never_panics(input in "(-----(BEGIN|END) [A-Z ]{0,12}-----|[A-Za-z0-9+/=\\\\n \"\n\r:]{0,40}){0,6}") {
        load_with_everything(input.as_bytes());
    }

    #[test]
    fn a_damaged_input_never_panics(seed in any::<prop::sample::Index>(), edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), cut in any::<prop::sample::Index>()) {
        let seeds = seeds();
        let mut input = seed.get(&seeds).clone();
        for (at, byte) in edits {
            let at = at.index(input.len());
            input[at] = byte;
        }
        load_with_everything(&input);
        input.truncate(cut.index(input.len()));
        load_with_everything(&input);
    }
}
