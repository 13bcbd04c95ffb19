//! The settlement check: every difference is found, nothing is guessed, and a bad line hides nothing.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::io::{self, Read, Write};

use support::{Folder, entry, gateway, http, pay, sandbox};
use taxrefund_core::currency::Currency;
use taxrefund_journal::settlement::{
    AmountUnit, CSV_COLUMNS, CurrencySource, Delimiter, Difference, Kind, List, ListOptions, ListedState,
    PROBLEMS_KEPT, Recorded, RecordedState, SettlementError, SettlementReport, Severity, StatusSource,
    TABLE_ROWS, compare,
};
use taxrefund_journal::{State, Submission};

use RecordedState::{Failed, Open, Succeeded, Unknown};

const HEADER: &str = "key,amount,currency,status\n";

fn recorded(key: &str, state: RecordedState, currency: &str, amount_minor: i64) -> Recorded {
    Recorded {
        key: key.to_owned(),
        operation: "alipay.pay_tax_refund".to_owned(),
        state,
        currency: Some(currency.to_owned()),
        amount_minor: Some(amount_minor),
        reference: None,
    }
}

fn sgd(key: &str, state: RecordedState) -> Recorded {
    recorded(key, state, "SGD", 1234)
}

fn check_with(options: &ListOptions, file: impl AsRef<[u8]>, journal: &[Recorded]) -> SettlementReport {
    let list = List::read(file.as_ref(), options).unwrap();
    compare(list, journal.iter().cloned().map(Ok::<_, Infallible>)).unwrap()
}

/// The lines of a file with the default columns.
fn check(lines: &str, journal: &[Recorded]) -> SettlementReport {
    check_with(&ListOptions::default(), format!("{HEADER}{lines}"), journal)
}

fn found(report: &SettlementReport) -> Vec<(Severity, &str, Kind)> {
    report
        .differences
        .iter()
        .map(|difference| (difference.severity, difference.key.as_str(), difference.kind))
        .collect()
}

fn rules(report: &SettlementReport) -> Vec<(u64, &str, &str)> {
    report.problems.iter().map(|problem| (problem.line, problem.column.as_str(), problem.rule)).collect()
}

fn refused(options: &ListOptions, file: impl AsRef<[u8]>) -> SettlementError {
    List::read(file.as_ref(), options).unwrap_err()
}

#[test]
fn every_pair_of_state_and_status_comes_out_as_documented() {
    use Kind::{Extra, Missing, Status};
    use Severity::{Critical, Notice, Serious};
    let paid = "K,12.34,SGD,SUCCESS\n";
    let failed = "K,12.34,SGD,FAILED\n";
    let expected = [
        (Some(Succeeded), paid, None),
        (Some(Succeeded), failed, Some((Serious, Status))),
        (Some(Succeeded), "", Some((Serious, Missing))),
        (Some(Failed), paid, Some((Critical, Status))),
        (Some(Failed), failed, None),
        (Some(Failed), "", None),
        (Some(Open), paid, Some((Notice, Status))),
        (Some(Open), failed, Some((Notice, Status))),
        (Some(Open), "", None),
        (Some(Unknown), paid, Some((Notice, Status))),
        (Some(Unknown), failed, Some((Notice, Status))),
        (Some(Unknown), "", None),
        (None, paid, Some((Critical, Extra))),
        (None, failed, None),
        (None, "", None),
    ];
    for (state, lines, difference) in expected {
        let journal: Vec<_> = state.map(|state| sgd("K", state)).into_iter().collect();
        let report = check(lines, &journal);
        let wanted: Vec<_> = difference.map(|(severity, kind)| (severity, "K", kind)).into_iter().collect();
        assert_eq!(found(&report), wanted, "{state:?} {lines:?}");
        assert_eq!(report.is_clean(), difference.is_none(), "{state:?} {lines:?}");
        let counts = &report.counts;
        let open = matches!(state, Some(Open | Unknown)) && lines.is_empty();
        assert_eq!(counts.open, u64::from(open), "{state:?} {lines:?}");
        assert_eq!(counts.agreeing, u64::from(state.is_some() && difference.is_none() && !open));
        assert_eq!(counts.differing, u64::from(state.is_some() && difference.is_some()));
        assert_eq!(counts.failed_unrecorded, u64::from(state.is_none() && lines == failed));
    }
}

#[test]
fn a_difference_holds_what_both_sides_say_and_what_to_do() {
    let journal = Recorded { reference: Some("2026112321001004".to_owned()), ..sgd("K", Failed) };
    let report = check("OTHER,1.00,SGD,FAILED\nK,12.34,SGD,success\n", std::slice::from_ref(&journal));
    let [difference] = report.differences.as_slice() else { panic!("{report:?}") };
    assert_eq!(difference.journal.as_ref(), Some(&journal));
    let [line] = difference.list.as_slice() else { panic!("{difference:?}") };
    assert_eq!((line.line, line.state, line.status.as_str()), (3, ListedState::Paid, "SUCCESS"));
    assert_eq!((line.currency.unwrap().code(), line.amount_minor), ("SGD", Some(1234)));
    assert!(difference.advice.contains("before support has answered"));
}

#[test]
fn a_missing_refund_is_never_to_be_paid_again_before_support_has_answered() {
    let report = check("", &[sgd("K", Succeeded)]);
    assert!(report.differences[0].list.is_empty());
    assert!(report.differences[0].advice.contains("never pay again before support has answered"));
}

#[test]
fn another_amount_or_currency_is_a_difference_also_beside_a_status() {
    for (line, state, wanted) in [
        ("K,12.35,SGD,PAID\n", Succeeded, vec![(Severity::Serious, Kind::Amount)]),
        ("K,12.34,USD,PAID\n", Succeeded, vec![(Severity::Serious, Kind::Amount)]),
        ("K,1234,JPY,PAID\n", Succeeded, vec![(Severity::Serious, Kind::Amount)]),
        (
            "K,12.35,SGD,PAID\n",
            Failed,
            vec![(Severity::Critical, Kind::Status), (Severity::Serious, Kind::Amount)],
        ),
        ("K,12.35,SGD,FAILED\n", Failed, vec![(Severity::Notice, Kind::Amount)]),
        (
            "K,0,SGD,PAID\n",
            Unknown,
            vec![(Severity::Serious, Kind::Amount), (Severity::Notice, Kind::Status)],
        ),
    ] {
        let report = check(line, &[sgd("K", state)]);
        let wanted: Vec<_> = wanted.into_iter().map(|(severity, kind)| (severity, "K", kind)).collect();
        assert_eq!(found(&report), wanted, "{line}");
        assert_eq!((report.counts.differing, report.counts.agreeing), (1, 0));
    }
}

#[test]
fn a_negative_amount_in_the_journal_equals_nothing() {
    let report = check("K,12.34,SGD,PAID\n", &[recorded("K", Succeeded, "SGD", -1234)]);
    assert_eq!(found(&report), [(Severity::Serious, "K", Kind::Amount)]);
    assert!(report.table().contains("SGD -1234 (smallest unit)"));
}

#[test]
fn an_amount_that_the_journal_does_not_hold_is_not_compared_and_counted_as_such() {
    let journal = [
        Recorded { currency: None, amount_minor: None, ..sgd("A", Succeeded) },
        Recorded { currency: None, ..sgd("B", Succeeded) },
        Recorded { amount_minor: None, ..sgd("C", Succeeded) },
        Recorded { currency: None, ..sgd("D", Succeeded) },
        Recorded { amount_minor: None, ..sgd("E", Succeeded) },
    ];
    let report = check("A,1,JPY,S\nB,12.34,USD,S\nC,99.99,SGD,S\nD,12.35,SGD,S\nE,12.34,USD,S\n", &journal);
    assert_eq!(
        found(&report),
        [(Severity::Serious, "D", Kind::Amount), (Severity::Serious, "E", Kind::Amount)]
    );
    assert_eq!((report.counts.agreeing, report.counts.amounts_unchecked), (3, 3));
}

#[test]
fn a_key_on_several_lines_is_a_difference_with_all_its_lines() {
    use Severity::{Critical, Notice};
    for (lines, severity) in [
        ("K,12.34,SGD,S\nOTHER,1,SGD,F\nK,12.34,SGD,S\n", Critical),
        ("K,12.34,SGD,F\nOTHER,1,SGD,F\nK,12.34,SGD,S\n", Notice),
        ("K,12.34,SGD,S\nOTHER,1,SGD,F\nK,12.34,SGD,F\n", Notice),
        // A line that cannot be read may be a second payment.
        ("K,12.34,SGD,S\nOTHER,1,SGD,F\nK,12.34,SGD,?\n", Critical),
    ] {
        let report = check(lines, &[sgd("K", Succeeded)]);
        assert_eq!(found(&report), [(severity, "K", Kind::Duplicate)], "{lines}");
        let lines: Vec<_> = report.differences[0].list.iter().map(|line| line.line).collect();
        assert_eq!(lines, [2, 4]);
    }
    let unknown_to_the_journal = check("K,1,SGD,S\nK,1,SGD,S\nL,1,SGD,F\nL,1,SGD,F\n", &[]);
    assert_eq!(
        found(&unknown_to_the_journal),
        [(Critical, "K", Kind::Duplicate), (Critical, "K", Kind::Extra), (Notice, "L", Kind::Duplicate)]
    );
}

#[test]
fn one_paid_line_makes_a_key_paid_whatever_its_other_lines_say() {
    let report = check("K,12.34,SGD,F\nK,12.34,SGD,S\nK,99,SGD,F\n", &[sgd("K", Failed)]);
    assert_eq!(
        found(&report),
        [(Severity::Critical, "K", Kind::Status), (Severity::Notice, "K", Kind::Duplicate)]
    );
}

#[test]
fn each_paid_line_of_a_key_has_its_amount_compared() {
    let report = check("K,12.34,SGD,S\nK,0.01,SGD,S\n", &[sgd("K", Succeeded)]);
    assert_eq!(
        found(&report),
        [(Severity::Critical, "K", Kind::Duplicate), (Severity::Serious, "K", Kind::Amount)]
    );
}

#[test]
fn a_key_on_every_line_of_a_long_list_is_one_difference() {
    let report = check(&"SGD,1.00,SGD,S\n".repeat(100_000), &[]);
    assert_eq!((report.counts.duplicate, report.counts.extra), (1, 1));
    let lines = &report.differences[0].list;
    assert_eq!((lines.len(), lines[0].line, lines[99_999].line), (100_000, 2, 100_001));
    assert!(report.table().contains("… 100000 lines"));
}

#[test]
fn the_defaults_read_the_usual_headers_and_status_texts_in_any_case() {
    let header = "Remark, Status ,AMOUNT,Currency,KEY\n";
    for (text, state) in [
        ("SUCCESS", Succeeded),
        ("Succeeded", Succeeded),
        ("s", Succeeded),
        ("PAID", Succeeded),
        ("settled", Succeeded),
        ("REFUND_SUCCESS", Succeeded),
        ("trade_success", Succeeded),
        ("FAIL", Failed),
        ("failed", Failed),
        ("f", Failed),
        ("Closed", Failed),
    ] {
        let file = format!("{header}anything,{text},12.34,SGD,K\n");
        let report = check_with(&ListOptions::default(), file, &[sgd("K", state)]);
        assert!(report.is_clean(), "{text}: {report:?}");
        assert_eq!(report.counts.agreeing, 1);
    }
}

#[test]
fn a_byte_order_mark_windows_line_ends_blanks_and_tabs_around_cells_do_no_harm() {
    let file = "\u{feff}\"key\",amount,currency,status\r\n\r\n K1\t, 12.34 ,SGD,\"SUCCESS\"\r\n,,,\r\n  \r\nK2,12.34,SGD,S";
    let report = check_with(&ListOptions::default(), file, &[sgd("K1", Succeeded), sgd(" K2 ", Succeeded)]);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.counts.agreeing, report.counts.lines), (2, 2));
}

#[test]
fn a_line_has_the_number_that_an_editor_shows_for_it() {
    for end in ["\n", "\r\n"] {
        let lines = ["", "A,1,SGD,S", "", "", "B,1,SGD,S", "C,1,SGD,S", ",,,", "D,x,SGD,S", "E,1,SGD,S"];
        let report = check(&lines.join(end), &[]);
        let numbers: Vec<_> = report.differences.iter().map(|difference| difference.list[0].line).collect();
        assert_eq!(numbers, [3, 6, 7, 10]);
        assert_eq!(rules(&report), [(9, "amount", "amount_not_a_number")]);
    }
}

#[test]
fn quoted_cells_may_hold_delimiters_and_quotes() {
    let report = check("\"K,\"\"1\"\"\",\"12.34\",\"SGD\",\"S\"\n", &[sgd("K,\"1\"", Succeeded)]);
    assert!(report.is_clean(), "{report:?}");
}

#[test]
fn an_open_quote_spoils_its_own_line_only() {
    let header = "key,amount,currency,status,remark\n";
    let lines = "A,12.34,SGD,S,\"open\nB,12.34,SGD,S,fine\nC,12.34,SGD,S,\"also\"\n";
    let journal = [sgd("B", Succeeded), sgd("C", Succeeded)];
    let report = check_with(&ListOptions::default(), format!("{header}{lines}"), &journal);
    assert_eq!(rules(&report), [(2, "", "quote")]);
    assert_eq!((report.counts.agreeing, report.counts.lines), (2, 3));
    assert_eq!(rules(&check("A,12.34,SGD,\"S", &[])), [(2, "", "quote")]);
}

#[test]
fn files_put_one_behind_the_other_are_read_to_the_end() {
    let file = format!("\u{feff}{HEADER}A,12.34,SGD,S\n\u{feff}\n\u{feff}{HEADER}B,12.34,SGD,S\n");
    let journal = [sgd("A", Succeeded), sgd("B", Succeeded)];
    let report = check_with(&ListOptions::default(), file, &journal);
    assert_eq!(report.counts.agreeing, 2);
    assert_eq!(rules(&report), [(4, "currency", "currency_shape")]);
}

#[test]
fn options_name_columns_delimiter_unit_currency_and_texts() {
    let options = ListOptions {
        key_column: "Merchant Order".to_owned(),
        amount_column: "sum".to_owned(),
        amount_unit: AmountUnit::Minor,
        currency: CurrencySource::Fixed(Currency::parse("JPY").unwrap()),
        status: StatusSource::Column("Ergebnis".to_owned()),
        paid_texts: vec!["Bezahlt".to_owned()],
        failed_texts: vec!["退款关闭".to_owned()],
        delimiter: Delimiter::Semicolon,
    };
    let file = "merchant order;SUM;ergebnis\nA;1234;bezahlt\nB;1234;退款关闭\nC;1234;SUCCESS\n";
    let journal = [recorded("A", Succeeded, "JPY", 1234), recorded("B", Failed, "JPY", 1234)];
    let report = check_with(&options, file, &journal);
    assert_eq!(report.counts.agreeing, 2);
    assert_eq!(rules(&report), [(4, "Ergebnis", "status_unlisted")]);

    let all_paid =
        ListOptions { status: StatusSource::AllPaid, delimiter: Delimiter::Tab, ..ListOptions::default() };
    let report = check_with(&all_paid, "key\tamount\tcurrency\nA\t12.34\tSGD\n", &[sgd("A", Failed)]);
    assert_eq!(found(&report), [(Severity::Critical, "A", Kind::Status)]);
    assert!(report.table().contains("line 2: paid SGD 12.34"));
}

#[test]
fn amounts_are_exact_in_every_number_of_decimals() {
    for (currency, major, minor, exact) in [
        ("JPY", "1234", "1234", 1234),
        ("SGD", "12.3", "1230", 1230),
        ("SGD", "0.07", "7", 7),
        ("KWD", "1.234", "1234", 1234),
        ("CLF", "0.0001", "1", 1),
        ("SGD", "92233720368547758.07", "9223372036854775807", i64::MAX),
    ] {
        let journal = [recorded("K", Succeeded, currency, exact)];
        assert!(check(&format!("K,{major},{currency},S\n"), &journal).is_clean(), "{major} {currency}");
        let options = ListOptions { amount_unit: AmountUnit::Minor, ..ListOptions::default() };
        let file = format!("{HEADER}K,{minor},{currency},S\n");
        assert!(check_with(&options, file, &journal).is_clean(), "{minor} {currency}");
    }
}

#[test]
fn every_bad_line_is_a_problem_with_its_rule_and_does_not_stop_the_others() {
    let bad = [
        ("K,1.00,SGD", "", "cells"),
        ("K,1.00,SGD,S,more", "", "cells"),
        (",1.00,SGD,S", "key", "key_empty"),
        ("K,,SGD,S", "amount", "amount_empty"),
        ("K,-1.00,SGD,S", "amount", "amount_sign"),
        ("K,1e3,SGD,S", "amount", "amount_exponent"),
        ("K,\"1,000.00\",SGD,S", "amount", "amount_grouping"),
        ("K,1.001,SGD,S", "amount", "amount_too_many_decimals"),
        ("K,100.00,JPY,S", "amount", "amount_too_many_decimals"),
        ("K,one,SGD,S", "amount", "amount_not_a_number"),
        ("K,99999999999999999999,SGD,S", "amount", "amount_too_large"),
        ("K,1.00,,S", "currency", "currency_shape"),
        ("K,1.00,sgd,S", "currency", "currency_lower_case"),
        ("K,1.00,RMB,S", "currency", "currency_colloquial"),
        ("K,1.00,XXZ,S", "currency", "currency_unknown"),
        ("K,1.00,SGD,", "status", "status_unlisted"),
        ("K,1.00,SGD,PENDING", "status", "status_unlisted"),
    ];
    for (line, column, rule) in bad {
        let report = check(&format!("{line}\nGOOD,12.34,SGD,S\n"), &[sgd("GOOD", Succeeded)]);
        assert_eq!(rules(&report), [(2, column, rule)], "{line}");
        assert_eq!((report.counts.agreeing, report.counts.lines, report.counts.problems), (1, 2, 1));
        assert!(!report.is_clean() && !report.is_complete(), "{line}");
        assert!(report.summary().contains("INCOMPLETE, 1 problem"), "{}", report.summary());
        assert!(report.problems[0].to_string().starts_with("line 2: "), "{line}");
    }
    let minor = ListOptions { amount_unit: AmountUnit::Minor, ..ListOptions::default() };
    let report = check_with(&minor, format!("{HEADER}K,12.34,SGD,S\nL,012,SGD,S\n"), &[]);
    assert_eq!(
        rules(&report),
        [(2, "amount", "amount_decimal_point"), (3, "amount", "amount_leading_zeros")]
    );
}

#[test]
fn bytes_that_are_not_utf_8_matter_only_in_the_columns_that_are_read() {
    let file = b"key,amount,currency,status,\xb1\xb8\xd7\xa2\nK1,12.34,SGD,S,\xcd\xcb\nK2,12.34,SGD,\xb3\xc9,x\n\xff,1,SGD,S,x\n";
    let report = check_with(&ListOptions::default(), file, &[sgd("K1", Succeeded), sgd("K2", Succeeded)]);
    assert_eq!(rules(&report), [(3, "status", "charset"), (4, "key", "charset")]);
    assert_eq!((report.counts.agreeing, report.counts.uncompared), (1, 1));
}

#[test]
fn a_key_on_a_bad_line_is_neither_missing_nor_agreed() {
    for state in [Succeeded, Failed, Open, Unknown] {
        let report = check("K,12.34,SGD,PENDING\n", &[sgd("K", state)]);
        assert!(report.differences.is_empty(), "{state:?}");
        assert_eq!((report.counts.uncompared, report.counts.agreeing, report.counts.open), (1, 0, 0));
        assert_eq!(report.problems[0].key.as_deref(), Some("K"));
    }
}

#[test]
fn personal_data_in_a_wrong_column_does_not_reach_messages() {
    let report = check("K,ZHANG SAN,SGD,S\nL,1,E12345678,S\nM,1,SGD,E12345678\n", &[]);
    let shown = format!("{report:?} {} {}", report.table(), serde_json::to_string(&report).unwrap());
    assert!(!shown.contains("ZHANG") && !shown.contains("E12345678"), "{shown}");
    assert_eq!(report.problems[2].given, "(a text of 9 characters)");
    let Err(error) = List::read(&b"E12345678,13800001111\n"[..], &ListOptions::default()) else { panic!() };
    assert!(!error.to_string().contains("E12345678"), "{error}");
}

#[test]
fn an_unlisted_status_is_quoted_so_that_it_can_be_looked_up() {
    let report = check("K,1,SGD,REFUND_PENDING\n", &[]);
    assert_eq!(report.problems[0].given, "\"REFUND_PENDING\"");
    assert!(report.problems[0].message.contains("\"REFUND_PENDING\""));
}

#[test]
fn problems_beyond_the_limit_are_counted_and_not_kept() {
    let lines = "K,1,SGD,PENDING\n".repeat(PROBLEMS_KEPT + 5);
    let report = check(&lines, &[]);
    assert_eq!(report.problems.len(), PROBLEMS_KEPT);
    assert_eq!(report.counts.problems, u64::try_from(PROBLEMS_KEPT).unwrap() + 5);
    assert!(report.table().contains(&format!("… and {} more", PROBLEMS_KEPT + 5 - TABLE_ROWS)));
    assert!(csv(&report).ends_with("problem,,,,,,,,,,,,,and 5 more\n"));
}

#[test]
fn a_header_without_a_column_says_which_and_what_is_there() {
    let error = refused(&ListOptions::default(), "key,sum,Currency,status\n");
    assert_eq!(error.code(), "settlement_header");
    let text = error.to_string();
    assert!(text.contains(r#"no column "amount""#), "{text}");
    assert!(text.contains(r#""key", "sum", "Currency", "status""#), "{text}");
    let SettlementError::ColumnMissing { column, present } = error else { panic!("{error}") };
    assert_eq!((column.as_str(), present.len()), ("amount", 4));

    let one = refused(&ListOptions::default(), "key;amount;currency;status\n");
    assert!(one.to_string().contains("is the delimiter right?"), "{one}");
}

#[test]
fn a_header_that_cannot_be_used_is_refused() {
    let options = ListOptions::default();
    let twice = refused(&options, "key,amount,currency,status,Amount\n");
    assert!(matches!(&twice, SettlementError::ColumnTwice { column } if column == "amount"));
    assert!(matches!(refused(&options, ""), SettlementError::HeaderAbsent));
    assert!(matches!(refused(&options, "\u{feff}\n\n"), SettlementError::HeaderAbsent));
    let utf_16: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(refused(&options, utf_16), SettlementError::NotText));
    let old_line_ends = refused(&options, "key,amount,currency,status\rK,1,SGD,S\r");
    assert!(matches!(old_line_ends, SettlementError::ColumnMissing { .. }));
    for error in [twice, refused(&options, ""), old_line_ends] {
        assert_eq!(error.code(), "settlement_header");
    }
}

#[test]
fn a_column_that_does_not_count_may_stand_twice() {
    let file = "key,amount,currency,status,note,note\nK,12.34,SGD,S,,\n";
    assert!(check_with(&ListOptions::default(), file, &[sgd("K", Succeeded)]).is_clean());
}

#[test]
fn a_status_text_cannot_mean_paid_and_failed() {
    let options = ListOptions { failed_texts: vec![" success ".to_owned()], ..ListOptions::default() };
    let error = refused(&options, HEADER);
    assert_eq!(error.code(), "settlement_options");
    assert!(error.to_string().contains("SUCCESS"), "{error}");
}

struct Torn;

impl Read for Torn {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }
}

impl Write for Torn {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("the disk is gone"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn half_a_list_is_no_list() {
    let begun = format!("{HEADER}K,12.34,SGD,S\n");
    let error = List::read(begun.as_bytes().chain(Torn), &ListOptions::default()).unwrap_err();
    assert_eq!(error.code(), "settlement_read");
    assert!(error.to_string().contains("the disk is gone"), "{error}");
}

#[test]
fn a_report_that_cannot_be_written_says_so() {
    let error = check("K,1,SGD,S\n", &[]).write_csv(Torn).unwrap_err();
    assert_eq!(error.code(), "settlement_write");
}

#[test]
fn an_error_of_the_journal_comes_out_as_it_is_and_ends_the_check() {
    #[derive(Debug, PartialEq)]
    struct DatabaseGone;
    let mut asked = 0;
    let journal = [Ok(sgd("A", Succeeded)), Err(DatabaseGone), Ok(sgd("B", Succeeded))].into_iter();
    let list = List::read(HEADER.as_bytes(), &ListOptions::default()).unwrap();
    let result = compare(list, journal.inspect(|_| asked += 1));
    assert_eq!(result.unwrap_err(), DatabaseGone);
    assert_eq!(asked, 2);
}

#[test]
fn one_line_of_the_list_never_settles_two_entries() {
    let sync = Recorded { operation: "alipay_plus.sync_tax_refund_form".to_owned(), ..sgd("K", Succeeded) };
    let report = check("A,1,SGD,F\nK,12.34,SGD,S\nB,1,SGD\n", &[sgd("K", Succeeded), sync]);
    assert_eq!(rules(&report), [(3, "", "key_repeated"), (4, "", "cells")]);
    assert!(report.problems[0].message.contains("alipay_plus.sync_tax_refund_form"));
    assert_eq!((report.counts.agreeing, report.counts.uncompared), (1, 1));
    assert!(!report.is_clean());
}

#[test]
fn the_order_is_by_severity_and_key_whatever_the_order_of_both_sides() {
    let mut lines: Vec<String> = (0..40).map(|n| format!("X{n:02},1.00,SGD,S\n")).collect();
    lines.extend((0..40).map(|n| format!("K{n:02},{n}.00,SGD,{}\n", if n % 3 == 0 { "F" } else { "S" })));
    let states = [Succeeded, Failed, Open, Unknown];
    let mut journal: Vec<_> =
        (0..60).map(|n| recorded(&format!("K{n:02}"), states[n % 4], "SGD", 500)).collect();
    let first = check(&lines.concat(), &journal);
    let wanted: Vec<_> = found(&first);
    let mut sorted = wanted.clone();
    sorted.sort_unstable();
    assert_eq!(wanted, sorted);
    let mut random = Random(7);
    for _ in 0..20 {
        random.shuffle(&mut lines);
        random.shuffle(&mut journal);
        assert_eq!(found(&check(&lines.concat(), &journal)), wanted);
    }
}

#[test]
fn the_table_has_a_summary_the_amounts_in_words_and_fits_its_width() {
    let journal = [
        Recorded { reference: Some("2026112321001004".repeat(4)), ..sgd("PAID", Failed) },
        sgd("GONE", Succeeded),
        sgd("SAME", Succeeded),
        sgd("LATER", Open),
    ];
    let long = "9".repeat(64);
    let lines =
        format!("PAID,12.34,SGD,S\nSAME,12.34,SGD,S\n{long},5,JPY,S\n\u{1b}[31mRED,1,SGD,S\nBAD,-1,SGD,S\n");
    let table = check(&lines, &journal).table();
    let summary = "4 differences (status 1, extra 2, missing 1); 1 agree, 1 open; 4 recorded, 5 listed; \
                   INCOMPLETE, 1 problem\n";
    assert!(table.starts_with(summary), "{table}");
    for wanted in ["failed SGD 12.34", "succeeded SGD 12.34", "JPY 5", "stop every new refund", "amount_sign"]
    {
        assert!(table.contains(wanted), "{wanted}\n{table}");
    }
    assert!(!table.contains('\u{1b}'), "{table}");
    for line in table.lines() {
        assert!(line.chars().count() <= 118, "{line}");
    }
}

#[test]
fn a_clean_report_is_one_line() {
    let report = check("K,12.34,SGD,S\n", &[sgd("K", Succeeded)]);
    assert_eq!(report.table(), "no differences; 1 agree, 0 open; 1 recorded, 1 listed\n");
}

#[test]
fn a_long_table_says_how_much_it_leaves_out() {
    let lines: String = (0..TABLE_ROWS + 3).map(|n| format!("X{n},1,SGD,S\n")).collect();
    let report = check(&lines, &[]);
    assert!(report.table().contains("… and 3 more"));
    assert_eq!(csv(&report).lines().count(), 1 + TABLE_ROWS + 3);
}

fn csv(report: &SettlementReport) -> String {
    let mut file = Vec::new();
    report.write_csv(&mut file).unwrap();
    String::from_utf8(file).unwrap()
}

#[test]
fn the_csv_has_a_row_for_each_line_and_amounts_in_the_smallest_unit() {
    let journal = [
        Recorded { reference: Some("REF".to_owned()), ..sgd("TWICE", Succeeded) },
        Recorded { currency: None, amount_minor: None, ..sgd("GONE", Succeeded) },
    ];
    let report = check("TWICE,12.34,SGD,S\nTWICE,12.34,SGD,S\nBAD,1,SGD,?\n", &journal);
    let text = csv(&report);
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.splitn(14, ',').collect()).collect();
    assert_eq!(rows[0], CSV_COLUMNS);
    let operation = "alipay.pay_tax_refund";
    let twice = |line| {
        let journal = ["TWICE", operation, "succeeded", "SGD", "1234", "REF"];
        [&["duplicate", "critical"][..], &journal, &[line, "paid", "S", "SGD", "1234"]].concat()
    };
    assert_eq!(rows[1][..13], twice("2"));
    assert_eq!(rows[2][..13], twice("3"));
    assert_eq!(
        rows[3][..13],
        ["missing", "serious", "GONE", operation, "succeeded", "", "", "", "", "", "", "", ""]
    );
    assert_eq!(rows[4][..13], ["problem", "", "BAD", "", "", "", "", "", "4", "", "", "", ""]);
    assert!(rows[4][13].contains("is not known as paid or as failed"));
    assert_eq!(rows.len(), 5);
}

#[test]
fn cells_that_a_spreadsheet_would_run_are_defused() {
    for begin in ["=", "+", "-", "@"] {
        let key = format!("{begin}HYPERLINK(1)");
        let journal = [Recorded { reference: Some(format!("{begin}1")), ..sgd(&key, Succeeded) }];
        let text = csv(&check("", &journal));
        assert!(text.contains(&format!(",'{key},")) && text.contains(&format!(",'{begin}1,")), "{text}");
        assert!(!text.contains(&format!(",{begin}")), "{text}");
    }
    let text = csv(&check("", &[Recorded { reference: Some("\t=1".to_owned()), ..sgd("K", Succeeded) }]));
    assert!(text.contains(",'\t=1,"), "{text}");
}

#[test]
fn the_report_and_the_options_have_their_documented_json() {
    let report = check("K,12.34,SGD,S\n", &[sgd("K", Unknown)]);
    let json = serde_json::to_value(&report).unwrap();
    let difference = &json["differences"][0];
    assert_eq!(difference["kind"], "status");
    assert_eq!(difference["severity"], "notice");
    assert_eq!(difference["journal"]["state"], "unknown");
    assert_eq!(
        difference["list"][0],
        serde_json::json!(
            {"line": 2, "state": "paid", "status": "S", "currency": "SGD", "amount_minor": 1234}
        )
    );
    assert_eq!(json["counts"]["status"], 1);
    let options: ListOptions = serde_json::from_str("{}").unwrap();
    assert_eq!(options, ListOptions::default());
    serde_json::from_str::<ListOptions>(r#"{"key_colum": "order"}"#).unwrap_err();
    serde_json::from_str::<ListOptions>(r#"{"currency": {"fixed": "RMB"}}"#).unwrap_err();
}

/// A linear congruential generator with the constants of Knuth's MMIX.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn money(&mut self) -> (&'static str, i64) {
        (self.one(&["SGD", "SGD", "SGD", "JPY"]), self.one(&[100, 100, 2500]))
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[derive(Debug, Clone)]
struct NaiveLine {
    number: u64,
    key: usize,
    /// Currency, smallest units, paid; `None` when the line is bad.
    says: Option<(&'static str, i64, bool)>,
}

fn naive_kinds(of: Option<&Recorded>, lines: &[&NaiveLine]) -> BTreeSet<Kind> {
    let mut kinds = BTreeSet::new();
    let good: Vec<_> = lines.iter().filter_map(|line| line.says).collect();
    let paid = good.iter().any(|(_, _, paid)| *paid);
    if lines.len() > 1 {
        kinds.insert(Kind::Duplicate);
    }
    let Some(recorded) = of else {
        if paid {
            kinds.insert(Kind::Extra);
        }
        return kinds;
    };
    if lines.is_empty() {
        if recorded.state == Succeeded {
            kinds.insert(Kind::Missing);
        }
        return kinds;
    }
    if good.is_empty() {
        return kinds;
    }
    let wanted = if paid { Succeeded } else { Failed };
    if recorded.state != wanted {
        kinds.insert(Kind::Status);
    }
    let money = (recorded.currency.as_deref().unwrap(), recorded.amount_minor.unwrap());
    if good.iter().any(|(currency, minor, this_paid)| *this_paid == paid && (*currency, *minor) != money) {
        kinds.insert(Kind::Amount);
    }
    kinds
}

/// A file, what its lines say, and how many of them are bad.
fn random_file(random: &mut Random, keys: usize) -> (String, Vec<NaiveLine>, u64) {
    let mut file = HEADER.to_owned();
    let mut lines = Vec::new();
    let mut bad = 0;
    let last = 2 + u64::try_from(random.below(2 * keys)).unwrap();
    for number in 2..last {
        let key = random.below(keys);
        let (currency, minor) = random.money();
        let major = match currency {
            "JPY" => minor.to_string(),
            _ => format!("{}.{:02}", minor / 100, minor % 100),
        };
        match random.below(12) {
            0 => {}
            1 => {
                bad += 1;
                file.push_str(&format!("K{key},{major},{currency}"));
            }
            2 => {
                bad += 1;
                let broken = random.one(&["-1,SGD,S", "1,SGX,S", "1,SGD,PENDING", "1.234,SGD,F"]);
                file.push_str(&format!("K{key},{broken}"));
                lines.push(NaiveLine { number, key, says: None });
            }
            other => {
                let paid = other > 5;
                let texts = if paid { ["S", "success", "PAID"] } else { ["F", "Fail", "CLOSED"] };
                file.push_str(&format!("\"K{key}\",{major},{currency},{}", random.one(&texts)));
                lines.push(NaiveLine { number, key, says: Some((currency, minor, paid)) });
            }
        }
        file.push_str(random.one(&["\n", "\n", "\r\n"]));
    }
    (file, lines, bad)
}

fn random_journal(random: &mut Random, keys: usize) -> BTreeMap<usize, Recorded> {
    let mut journal = BTreeMap::new();
    for key in 0..keys {
        if random.below(4) > 0 {
            let state = random.one(&[Open, Succeeded, Succeeded, Failed, Unknown]);
            let (currency, minor) = random.money();
            journal.insert(key, recorded(&format!("K{key}"), state, currency, minor));
        }
    }
    journal
}

#[test]
fn a_thousand_random_checks_agree_with_a_naive_comparison() {
    for seed in 0..1000 {
        let mut random = Random(seed);
        let keys = 1 + random.below(25);
        let journal = random_journal(&mut random, keys);
        let (file, lines, bad) = random_file(&mut random, keys);

        let mut wanted = BTreeSet::new();
        let (mut agreeing, mut differing, mut open, mut uncompared) = (0, 0, 0, 0);
        for key in 0..keys {
            let of = journal.get(&key);
            let on: Vec<_> = lines.iter().filter(|line| line.key == key).collect();
            let kinds = naive_kinds(of, &on);
            if let Some(recorded) = of {
                *if !kinds.is_empty() {
                    &mut differing
                } else if on.is_empty() && matches!(recorded.state, Open | Unknown) {
                    &mut open
                } else if !on.is_empty() && on.iter().all(|line| line.says.is_none()) {
                    &mut uncompared
                } else {
                    &mut agreeing
                } += 1;
            }
            let numbers: Vec<_> = on.iter().map(|line| line.number).collect();
            wanted.extend(kinds.into_iter().map(|kind| (kind, format!("K{key}"), numbers.clone())));
        }

        let mut entries: Vec<_> = journal.into_values().collect();
        random.shuffle(&mut entries);
        let report = check_with(&ListOptions::default(), &file, &entries);
        let numbers = |difference: &Difference| difference.list.iter().map(|line| line.line).collect();
        let found: Vec<(Kind, String, Vec<u64>)> = report
            .differences
            .iter()
            .map(|difference| (difference.kind, difference.key.clone(), numbers(difference)))
            .collect();
        assert_eq!(found.len(), wanted.len(), "seed {seed}\n{file}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), wanted, "seed {seed}\n{file}");
        let counts = &report.counts;
        assert_eq!(
            (counts.agreeing, counts.differing, counts.open, counts.uncompared, counts.problems),
            (agreeing, differing, open, uncompared, bad),
            "seed {seed}\n{file}"
        );
        assert_eq!(counts.recorded, agreeing + differing + open + uncompared);
    }
}

#[test]
fn an_entry_of_the_journal_is_compared_as_it_is_recorded() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    journal.run(&client, &Submission::new(pay(&client, "ORDER1", "1234", "FORM1"))).unwrap();
    let paid = entry(&journal, &client, "ORDER1");
    assert!(paid.reference.is_some());
    let expected = Recorded { reference: paid.reference.clone(), ..sgd("ORDER1", Succeeded) };
    assert_eq!(Recorded::from(&paid), expected);
    let states = State::ALL.map(RecordedState::from);
    assert_eq!(states, [Open, Open, Succeeded, Failed, Unknown]);
}
