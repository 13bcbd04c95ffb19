//! Batches: a bad line never stops the others, and every line is accounted for.
#![cfg(feature = "batch")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use proptest::prelude::*;
use serde_json::Value;
use taxrefund_core::alipay::{Config, Platform};
use taxrefund_core::batch::{BatchError, Format, LONGEST_LINE, Line, read, read_csv, read_json_lines};
use taxrefund_core::operations::find;
use taxrefund_core::{MerchantKey, PrivateKey, Profile, PublicKey, alipay, alipay_plus, antom};

const HEADER: &str = "out_order_no,identify_account_type,identify_account_no,tax_refund_currency,tax_refund_amount,available_day\n";

fn keys() -> (MerchantKey, PublicKey) {
    let vectors: Value = serde_json::from_str(include_str!("../../tests/vectors/antom.json")).unwrap();
    let pem = |who: &str, form: &str| vectors["keys"][who][form].as_str().unwrap().as_bytes().to_vec();
    let own = PrivateKey::load(&pem("merchant", "pkcs8_pem")).unwrap();
    (MerchantKey::Private(own), PublicKey::load(&pem("antom", "spki_pem")).unwrap())
}

fn gateway() -> Profile {
    let (own, platform) = keys();
    alipay::profile(Config::new("2014072300007148", own, Platform::PublicKey(platform))).unwrap()
}

fn lines_of(text: impl AsRef<[u8]>) -> Vec<Line> {
    let profile = gateway();
    read_csv(find("alipay.pay_tax_refund").unwrap(), &profile, text.as_ref()).unwrap().collect()
}

fn wrong(line: &Line) -> Vec<(&str, &str)> {
    let violations = line.request.as_ref().err();
    violations.into_iter().flatten().map(|violation| (violation.path.as_str(), violation.rule)).collect()
}

fn line(order: &str, amount: &str) -> String {
    format!("{order},barcode,281234567890123456,SGD,{amount},15\n")
}

#[test]
fn a_bad_line_does_not_stop_the_others_and_names_all_that_is_wrong_with_it() {
    let lines = lines_of(format!("{HEADER}{},uid,,XXZ,1.5,40\n{}", "a-b", line("ORDER2", "10000")));
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 3]);
    let paths: Vec<_> = wrong(&lines[0]).into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        [
            "out_order_no",
            "identify_account_no",
            "tax_refund_currency",
            "tax_refund_amount",
            "available_day",
            "extend_param"
        ]
    );
    assert_eq!(lines[1].request.as_ref().unwrap().key(), "ORDER2");
}

#[test]
fn json_lines_are_requests_like_cells_are_and_a_bad_one_does_not_stop_the_others() {
    let request = |order: &str| {
        format!(
            r#"{{"out_order_no":"{order}","identify_account_type":"barcode","identify_account_no":"281234567890123456","tax_refund_currency":"SGD","tax_refund_amount":"10000"}}"#
        )
    };
    let long = "x".repeat(LONGEST_LINE + 1);
    let text =
        format!("\u{feff}{}\n\n{{\n{long}\n{}\r\n{}", request("ORDER1"), request("a-b"), request("ORDER2"));
    let (profile, entry) = (gateway(), find("alipay.pay_tax_refund").unwrap());
    let lines: Vec<_> = read_json_lines(entry, &profile, text.as_bytes()).collect();
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 3, 4, 5, 6]);
    let keys: Vec<_> = lines.iter().filter_map(|line| Some(line.request.as_ref().ok()?.key())).collect();
    assert_eq!(keys, ["ORDER1", "ORDER2"]);
    assert_eq!(wrong(&lines[2]), [("", "length")]);
    let csv = format!("{HEADER}{}", line("ORDER1", "10000").replace(",15", ","));
    let cells: Vec<_> = read(Format::Csv, entry, &profile, csv.as_bytes()).unwrap().collect();
    let fingerprint = |line: &Line| line.request.as_ref().unwrap().fingerprint().to_owned();
    assert_eq!(
        fingerprint(&lines[0]),
        fingerprint(&cells[0]),
        "the same request, however the file writes it"
    );
}

#[test]
fn a_line_with_too_few_or_too_many_cells_or_foreign_bytes_is_bad() {
    let mut text = format!("{HEADER}ORDER1,barcode\n").into_bytes();
    text.extend_from_slice(b"ORDER2,barcode,28123456789012\xff456,SGD,100,15\n");
    let lines = lines_of(text);
    assert_eq!(wrong(&lines[0]), [("", "cells")]);
    assert_eq!(wrong(&lines[1]), [("identify_account_no", "charset")]);
}

#[test]
fn a_quoted_cell_keeps_its_commas_and_line_breaks_and_lines_are_counted_by_the_file() {
    let text = "out_order_no,identify_account_type,identify_account_no,tax_refund_currency,tax_refund_amount,\
                departure_point\nORDER1,barcode,281234567890123456,SGD,100,\"Changi, T3\"\n\
                ORDER2,barcode,281234567890123456,SGD,x,Changi\n";
    let lines = lines_of(format!("\u{feff}{text}"));
    assert!(lines[0].request.as_ref().unwrap().business("pay").contains("Changi, T3"));
    assert_eq!(lines[1].number, 3);
}

#[test]
fn a_header_with_a_repeated_or_nameless_column_is_refused_at_once() {
    let profile = gateway();
    for header in ["a,a\n1,2\n", "a,,b\n1,2,3\n", "", "\n"] {
        let read = read_csv(find("alipay.pay_tax_refund").unwrap(), &profile, header.as_bytes());
        assert!(matches!(read.err(), Some(BatchError::Header(_))), "{header:?}");
    }
}

#[test]
fn a_column_that_the_request_does_not_have_is_named() {
    let lines = lines_of("out_order_no,colour\nORDER1,red\n");
    assert_eq!(wrong(&lines[0]), [("colour", "unknown_field")]);
}

#[test]
fn the_example_batches_hold_exactly_the_bad_lines_that_their_readme_lists_but_for_the_reused_key() {
    let (own, platform) = keys();
    let plus = alipay_plus::Config::new("SANDBOX_1", own.clone(), platform.clone(), alipay_plus::ELSEWHERE);
    let refunds = antom::Config::new("SANDBOX_1", own, platform, antom::ASIA);
    let files: [(&str, &[u8], Profile, &[u64]); 3] = [
        (
            "alipay.pay_tax_refund",
            include_bytes!("../../examples/refunds/alipay.csv"),
            gateway(),
            &[16, 29, 58, 67, 80],
        ),
        (
            "alipay_plus.sync_tax_refund_form",
            include_bytes!("../../examples/refunds/alipay_plus.csv"),
            alipay_plus::profile(plus).unwrap(),
            &[12, 38, 50],
        ),
        (
            "antom.refund",
            include_bytes!("../../examples/refunds/antom.csv"),
            antom::profile(refunds).unwrap(),
            &[14, 27, 39],
        ),
    ];
    let mut all = 0;
    for (operation, text, profile, bad) in files {
        let lines: Vec<_> = read_csv(find(operation).unwrap(), &profile, text).unwrap().collect();
        let bad_lines = lines.iter().filter(|line| line.request.is_err());
        let found: Vec<_> = bad_lines.map(|line| line.number).collect();
        assert_eq!(found, bad, "{operation}");
        all += lines.len();
    }
    assert_eq!(all, 200);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic_and_always_end(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let profile = gateway_once();
        let entry = find("alipay.pay_tax_refund").unwrap();
        if let Ok(lines) = read_csv(entry, profile, bytes.as_slice()) {
            prop_assert!(lines.count() <= bytes.len());
        }
        let with_header = [HEADER.as_bytes(), bytes.as_slice()].concat();
        let count = read_csv(entry, profile, with_header.as_slice()).unwrap().count();
        prop_assert!(count <= bytes.len());
        prop_assert!(read_json_lines(entry, profile, bytes.as_slice()).count() <= bytes.len());
    }
}

fn gateway_once() -> &'static Profile {
    static PROFILE: std::sync::OnceLock<Profile> = std::sync::OnceLock::new();
    PROFILE.get_or_init(gateway)
}
