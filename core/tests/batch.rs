//! Batches: a bad line never stops the others, and every line is accounted for.
#![cfg(feature = "batch")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use proptest::prelude::*;
use serde_json::Value;
use taxrefund_core::alipay::{Config, Platform};
use taxrefund_core::batch::{BatchError, Content, Line, read_csv};
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

fn read(text: impl AsRef<[u8]>) -> Vec<Line> {
    let profile = gateway();
    read_csv(find("alipay.pay_tax_refund").unwrap(), &profile, text.as_ref()).unwrap().collect()
}

fn wrong(line: &Line) -> Vec<(&str, &str)> {
    match &line.content {
        Content::Bad(violations) => {
            violations.iter().map(|violation| (violation.path.as_str(), violation.rule)).collect()
        }
        Content::Ready(_) | Content::Repeats { .. } => Vec::new(),
    }
}

fn line(order: &str, amount: &str) -> String {
    format!("{order},barcode,281234567890123456,SGD,{amount},15\n")
}

#[test]
fn a_bad_line_does_not_stop_the_others_and_names_all_that_is_wrong_with_it() {
    let lines = read(format!("{HEADER}{},uid,,XXZ,1.5,40\n{}", "a-b", line("ORDER2", "10000")));
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
    assert!(matches!(&lines[1].content, Content::Ready(prepared) if prepared.key() == "ORDER2"));
}

#[test]
fn the_same_line_twice_is_a_repeat_and_the_same_key_with_other_content_is_refused() {
    let lines =
        read(format!("{HEADER}{}{}{}", line("ORDER1", "100"), line("ORDER1", "100"), line("ORDER1", "200")));
    assert!(matches!(lines[0].content, Content::Ready(_)));
    assert!(matches!(lines[1].content, Content::Repeats { line: 2 }));
    assert_eq!(wrong(&lines[2]), [("out_order_no", "key_reused")]);
}

#[test]
fn a_line_with_too_few_or_too_many_cells_or_foreign_bytes_is_bad() {
    let mut text = format!("{HEADER}ORDER1,barcode\n").into_bytes();
    text.extend_from_slice(b"ORDER2,barcode,28123456789012\xff456,SGD,100,15\n");
    let lines = read(text);
    assert_eq!(wrong(&lines[0]), [("", "cells")]);
    assert_eq!(wrong(&lines[1]), [("identify_account_no", "charset")]);
}

#[test]
fn a_quoted_cell_keeps_its_commas_and_line_breaks_and_lines_are_counted_by_the_file() {
    let text = "out_order_no,identify_account_type,identify_account_no,tax_refund_currency,tax_refund_amount,\
                departure_point\nORDER1,barcode,281234567890123456,SGD,100,\"Changi, T3\"\n\
                ORDER2,barcode,281234567890123456,SGD,x,Changi\n";
    let lines = read(format!("\u{feff}{text}"));
    assert!(
        matches!(&lines[0].content, Content::Ready(prepared) if prepared.business("pay").contains("Changi, T3"))
    );
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
    let lines = read("out_order_no,colour\nORDER1,red\n");
    assert_eq!(wrong(&lines[0]), [("colour", "unknown_field")]);
}

#[test]
fn the_example_batches_hold_exactly_the_bad_lines_that_their_readme_lists() {
    let (own, platform) = keys();
    let plus = alipay_plus::Config::new("SANDBOX_1", own.clone(), platform.clone(), alipay_plus::ELSEWHERE);
    let refunds = antom::Config::new("SANDBOX_1", own, platform, antom::ASIA);
    let files: [(&str, &[u8], Profile, &[u64]); 3] = [
        (
            "alipay.pay_tax_refund",
            include_bytes!("../../examples/refunds/alipay.csv"),
            gateway(),
            &[16, 29, 43, 58, 67, 80],
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
        let found: Vec<_> = lines
            .iter()
            .filter(|line| !matches!(line.content, Content::Ready(_)))
            .map(|line| line.number)
            .collect();
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
    }
}

fn gateway_once() -> &'static Profile {
    static PROFILE: std::sync::OnceLock<Profile> = std::sync::OnceLock::new();
    PROFILE.get_or_init(gateway)
}
