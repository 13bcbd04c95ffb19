//! Batches: a bad line never stops the others, and every line is accounted for.
#![cfg(feature = "batch")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::io::{self, Read};

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

/// The numbers of the lines, and the keys of the good ones or the first rule that a bad one breaks.
fn told(text: impl AsRef<[u8]>) -> Vec<(u64, String)> {
    let tell = |line: &Line| match &line.request {
        Ok(request) => request.key().to_owned(),
        Err(violations) => violations[0].rule.to_owned(),
    };
    lines_of(text).iter().map(|line| (line.number, tell(line))).collect()
}

fn expected(lines: &[(u64, &str)]) -> Vec<(u64, String)> {
    lines.iter().map(|(number, told)| (*number, (*told).to_owned())).collect()
}

#[test]
fn lines_are_numbered_as_the_file_counts_them_whatever_ends_them() {
    let file = format!("{HEADER}{}ORDER2\n{}", line("ORDER1", "100"), line("ORDER3", "100"));
    let numbers = expected(&[(2, "ORDER1"), (3, "cells"), (4, "ORDER3")]);
    for end in ["\n", "\r\n", "\r"] {
        let text = file.replace('\n', end);
        assert_eq!(told(&text), numbers, "{end:?}");
        assert_eq!(told(text.trim_end()), numbers, "{end:?}, none after the last line");
        assert_eq!(told(format!("\u{feff}{text}")), numbers, "{end:?}, after a byte order mark");
    }
    let mixed = format!("{HEADER}{}ORDER2\r\n{}", line("ORDER1", "100"), line("ORDER3", "100"));
    assert_eq!(told(mixed), numbers);
}

#[test]
fn blank_lines_are_passed_over_and_counted() {
    let file = format!("\n\n{HEADER}\n{}\n\n\n{}\n\n", line("ORDER1", "100"), line("ORDER2", "100"));
    for end in ["\n", "\r\n", "\r"] {
        let text = file.replace('\n', end);
        assert_eq!(told(&text), expected(&[(5, "ORDER1"), (9, "ORDER2")]), "{end:?}");
        assert_eq!(told(format!("\u{feff}{text}")), expected(&[(5, "ORDER1"), (9, "ORDER2")]), "{end:?}");
    }
}

/// A line with a departure point, as the file writes it.
fn departing(order: &str, point: &str) -> String {
    format!("{order},barcode,281234567890123456,SGD,100,{point}\n")
}

fn departures(lines: &[String]) -> String {
    HEADER.replace("available_day", "departure_point") + &lines.concat()
}

#[test]
fn a_request_over_several_lines_has_the_number_of_its_first() {
    let text = departures(&[
        departing("ORDER1", "\"Changi\n\nT\"\"3\"\"\n\""),
        departing("ORDER2", "Changi"),
        departing("ORDER3", "\"\n,\n\""),
        departing("ORDER4", "\"Changi, T3\""),
    ]);
    let lines = expected(&[(2, "alphabet"), (6, "ORDER2"), (7, "alphabet"), (10, "ORDER4")]);
    for end in ["\n", "\r\n", "\r"] {
        let text = text.replace('\n', end);
        assert_eq!(told(&text), lines, "{end:?}");
        assert_eq!(told(text.trim_end()), lines, "{end:?}, none after the last line");
    }
}

#[test]
fn a_quote_that_is_never_closed_spoils_its_own_line_only() {
    let open = || departing("OPEN", "\"Changi");
    let order = |order: &str| departing(order, "Changi");
    let quoted = |order: &str| departing(order, "\"Changi, T3\"");
    let last = departures(&[order("ORDER1"), open(), order("ORDER2"), open()]);
    let lines = expected(&[(2, "ORDER1"), (3, "quote"), (4, "ORDER2"), (5, "quote")]);
    for end in ["\n", "\r\n", "\r"] {
        assert_eq!(told(last.replace('\n', end)), lines, "{end:?}");
    }
    assert_eq!(told(last.trim_end()), lines);
    let before_quoted = departures(&[open(), order("ORDER1"), quoted("ORDER2"), open(), quoted("ORDER3")]);
    let lines = [(2, "quote"), (3, "ORDER1"), (4, "ORDER2"), (5, "quote"), (6, "ORDER3")];
    assert_eq!(told(before_quoted), expected(&lines), "another cell's opening quote closes nothing");
    let refused = &lines_of(departures(&[open()]))[0].request;
    let said = refused.as_ref().unwrap_err()[0].to_string();
    assert!(said.contains("an opening quote that is never closed"), "{said}");
}

#[test]
fn a_closing_quote_is_looked_for_in_a_hundred_lines_and_not_beyond() {
    let over = |lines: usize| {
        let cell = format!("\"{}\"", "\n".repeat(lines - 1));
        told(departures(&[departing("ORDER1", &cell), departing("ORDER2", "Changi")]))
    };
    assert_eq!(over(100), expected(&[(2, "alphabet"), (102, "ORDER2")]));
    let beyond = over(101);
    assert_eq!(beyond[0], (2, "quote".to_owned()));
    assert_eq!(beyond.last().unwrap(), &(103, "ORDER2".to_owned()));
    let filler = "x".repeat(LONGEST_LINE - 20);
    let long = departures(&[departing("OPEN", "\"Changi"), filler + "\n\"\n", departing("ORDER2", "Changi")]);
    let lines = told(long);
    assert_eq!(lines.first().unwrap(), &(2, "quote".to_owned()));
    assert_eq!(lines.last().unwrap(), &(5, "ORDER2".to_owned()));
}

#[test]
fn a_line_that_is_too_long_is_bad_and_the_next_is_read() {
    let filler = "x".repeat(LONGEST_LINE);
    for end in ["\n", "\r\n"] {
        let text = format!("{HEADER}\"{filler}\n{}", line("ORDER1", "100")).replace('\n', end);
        assert_eq!(told(&text), expected(&[(2, "length"), (3, "ORDER1")]), "{end:?}");
        let text = format!("{HEADER}{filler}\n{}", line("ORDER1", "100")).replace('\n', end);
        assert_eq!(told(&text), expected(&[(2, "cells"), (3, "ORDER1")]), "{end:?}");
    }
}

/// A file of which only the beginning can be read, a few bytes at a time.
struct Torn<'a>(&'a [u8]);

impl Read for Torn<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::other("the disk is gone"));
        }
        let length = buffer.len().min(7);
        self.0.read(&mut buffer[..length])
    }
}

#[test]
fn a_file_that_cannot_be_read_further_has_one_bad_line_at_its_end() {
    let (profile, entry) = (gateway(), find("alipay.pay_tax_refund").unwrap());
    let told = |text: &str| -> Vec<_> {
        let lines = read_csv(entry, &profile, Torn(text.as_bytes())).unwrap();
        lines
            .map(|line| (line.number, line.request.map_err(|violations| violations[0].rule).is_ok()))
            .collect()
    };
    let order = line("ORDER1", "100").replace('\n', "\r\n");
    assert_eq!(told(&format!("{HEADER}{order}{order}")), [(2, true), (3, true), (4, false)]);
    assert_eq!(told(&format!("{HEADER}{order}ORDER2,")), [(2, true), (3, false)]);
    assert_eq!(told(&format!("{HEADER}{order}\"OPEN\n{order}")), [(2, true), (3, false)]);
    let header = read_csv(entry, &profile, Torn(b"out_order")).err();
    assert!(matches!(header, Some(BatchError::Read(_))));
    let json: Vec<_> = read_json_lines(entry, &profile, Torn(b"\n{}\n{")).collect();
    assert_eq!(json.iter().map(|line| line.number).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(wrong(&json[1]), [("", "read")]);
}

#[test]
fn a_header_with_a_repeated_or_nameless_column_is_refused_at_once() {
    let profile = gateway();
    for header in ["a,a\n1,2\n", "a,,b\n1,2,3\n", "", "\n", "\u{feff}\r\n", "a,\"b\n1,2\n"] {
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
