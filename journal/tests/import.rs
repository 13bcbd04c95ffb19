//! Whole files: every line is recorded or refused in its own words, a file may be given again, and its result file has every
//! line once.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::io::{self, Read};

use serde_json::{Value, json};
use support::*;
use taxrefund_core::operations::find;
use taxrefund_core::{Client, batch::Format};
use taxrefund_journal::{
    ImportOptions, ImportSummary, Journal, JournalError, Options, ResultSummary, State, Submission,
};
use taxrefund_sandbox::Sandbox;

struct Office {
    sandbox: Sandbox,
    folder: Folder,
    client: Client,
    journal: Journal,
}

fn office() -> Office {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let client = gateway(&sandbox, http());
    let journal = folder.journal();
    Office { sandbox, folder, client, journal }
}

impl Office {
    fn import(&self, batch: &str, file: impl Read) -> Result<ImportSummary, JournalError> {
        self.journal.import(pay_operation(), self.client.profile(), &ImportOptions::csv(batch), file)
    }

    fn results(&self, batch: &str, file: &str) -> (ResultSummary, Vec<Vec<String>>) {
        let options = ImportOptions::csv(batch);
        let mut out = Vec::new();
        let profile = self.client.profile();
        let summary =
            self.journal.write_results(pay_operation(), profile, &options, file.as_bytes(), &mut out);
        (summary.unwrap(), rows(&out))
    }
}

fn rows(csv: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// A header and lines of (key, amount, form).
fn file(lines: &[(&str, &str, &str)]) -> String {
    lines.iter().fold(PAY_HEADER.to_owned(), |file, (key, amount, form)| file + &pay_line(key, amount, form))
}

fn counted(summary: &ImportSummary) -> (u64, u64, u64, u64, u64) {
    (summary.lines, summary.new, summary.known, summary.repeated, summary.wrong)
}

/// Line number, code, and words of the problem.
#[track_caller]
fn assert_problem(summary: &ImportSummary, at: usize, line: u64, code: &str, words: &[&str]) {
    let problem = &summary.problems[at];
    assert_eq!((problem.line, &*problem.code), (line, code), "{problem:?}");
    for word in words {
        assert!(problem.problem.contains(word), "{word:?}: {problem:?}");
    }
}

#[test]
fn every_line_is_recorded_with_its_batch_and_place_and_nothing_is_sent() {
    let office = office();
    let file = file(&[("ORDER1", "100", "FORM1"), ("ORDER2", "200", "")]);
    assert_eq!(counted(&office.import("night", file.as_bytes()).unwrap()), (2, 2, 0, 0, 0));
    for (key, line) in [("ORDER1", 2), ("ORDER2", 3)] {
        let entry = entry(&office.journal, &office.client, key);
        assert_eq!(
            (entry.batch.as_deref(), entry.line, entry.state),
            (Some("night"), Some(line), State::Open)
        );
        assert!(!entry.begun);
    }
    assert_eq!(office.sandbox.requests().len(), 0);
    assert_eq!(work(&office.journal, &office.client).ended.succeeded, 2);
    assert_eq!(called(&office.sandbox, "ORDER1"), ["pay"], "what was never sent is not asked about");
}

#[test]
fn a_file_given_again_changes_nothing_however_it_is_cut_into_chunks() {
    for chunk in [1, 2, 3, 500] {
        let office = office();
        let keys: Vec<String> = (0..5).map(|line| format!("ORDER{line}")).collect();
        let lines: Vec<_> = keys.iter().map(|key| (key.as_str(), "100", key.as_str())).collect();
        let file = file(&lines);
        let import = |chunk| {
            let options = ImportOptions { chunk, ..ImportOptions::csv("night") };
            office
                .journal
                .import(pay_operation(), office.client.profile(), &options, file.as_bytes())
                .unwrap()
        };
        assert_eq!(counted(&import(chunk)), (5, 5, 0, 0, 0), "chunk {chunk}");
        let head = office.journal.head().unwrap();
        for again in [1, 2, 500] {
            assert_eq!(counted(&import(again)), (5, 0, 5, 0, 0), "chunk {chunk}, then {again}");
        }
        assert_eq!(office.journal.head().unwrap(), head, "not even a record is added");
        assert_eq!(office.journal.counts().unwrap().open, 5);
    }
}

#[test]
fn a_chunk_of_nothing_is_no_endless_import() {
    let office = office();
    let options = ImportOptions { chunk: 0, ..ImportOptions::csv("night") };
    let file = file(&[("ORDER1", "100", ""), ("ORDER2", "100", "")]);
    let summary = office.journal.import(pay_operation(), office.client.profile(), &options, file.as_bytes());
    assert_eq!(counted(&summary.unwrap()), (2, 2, 0, 0, 0));
    assert_eq!(counted(&office.import("empty", PAY_HEADER.as_bytes()).unwrap()), (0, 0, 0, 0, 0));
}

/// A file that cannot be read further after some bytes.
struct Breaks<'a>(&'a [u8]);

impl Read for Breaks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the stick was pulled out")),
            read => Ok(read),
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_says_so_and_is_simply_given_again() {
    let office = office();
    let file = file(&[("ORDER1", "100", ""), ("ORDER2", "100", ""), ("ORDER3", "100", "")]);
    let whole_lines = file.find("ORDER3").unwrap();
    let broken_off = office.import("night", Breaks(&file.as_bytes()[..whole_lines])).unwrap();
    assert_eq!((broken_off.new, broken_off.wrong), (2, 1));
    assert_problem(
        &broken_off,
        0,
        4,
        "invalid_request",
        &["cannot be read further", "the stick was pulled out"],
    );
    assert_eq!(counted(&office.import("night", file.as_bytes()).unwrap()), (3, 1, 2, 0, 0));
}

#[test]
fn a_file_cut_short_in_the_middle_of_a_line_records_no_half_line() {
    let office = office();
    let file = file(&[("ORDER1", "100", "FORM1"), ("ORDER2", "100", "FORM2")]);
    let cut = &file.as_bytes()[..file.len() - "GD,100,FORM2\n".len()];
    let summary = office.import("night", cut).unwrap();
    assert_eq!((summary.new, summary.wrong), (1, 1));
    assert_problem(&summary, 0, 3, "invalid_request", &["cells"]);
    assert_eq!(counted(&office.import("night", file.as_bytes()).unwrap()), (2, 1, 1, 0, 0));
}

#[test]
fn an_import_during_which_the_database_fails_keeps_whole_chunks_and_is_simply_started_again() {
    let office = office();
    let file =
        file(&[("ORDER1", "100", ""), ("ORDER2", "100", ""), ("ORDER3", "100", ""), ("ORDER4", "100", "")]);
    office.folder.tamper(
        "CREATE TRIGGER refuse BEFORE INSERT ON entry WHEN NEW.key = 'ORDER4' BEGIN SELECT RAISE(ABORT, 'full'); END",
    );
    let options = ImportOptions { chunk: 2, ..ImportOptions::csv("night") };
    let import =
        || office.journal.import(pay_operation(), office.client.profile(), &options, file.as_bytes());
    assert_eq!(import().unwrap_err().code(), "journal_store");
    assert_eq!(office.journal.counts().unwrap().all(), 2, "ORDER3 was in the chunk that failed");
    assert!(office.journal.verify(None).unwrap().is_ok());
    office.folder.tamper("DROP TRIGGER refuse");
    assert_eq!(counted(&import().unwrap()), (4, 2, 2, 0, 0));
}

#[test]
fn a_line_that_is_wrong_stops_no_other_and_says_why() {
    let office = office();
    let file = file(&[
        ("ORDER1", "100", "FORM1"),
        ("A-", "x", "FORM2"),
        ("ORDER2", "100", "FORM1"),
        ("ORDER1", "999", "FORM1"),
        ("ORDER1", "100", "FORM1"),
        ("ORDER3", "100", "FORM3"),
    ]) + "too,few\nORDER4,barcode,281234567890123456,SGD,100,FORM4\n";
    let summary = office.import("night", file.as_bytes()).unwrap();
    assert_eq!(counted(&summary), (8, 3, 0, 1, 4));
    assert_problem(&summary, 0, 3, "invalid_request", &["out_order_no", "tax_refund_amount"]);
    assert_problem(&summary, 1, 4, "form_taken", &["FORM1", "ORDER1", "open"]);
    assert_problem(&summary, 2, 5, "key_reused", &["ORDER1", "tax_refund_amount"]);
    assert_problem(&summary, 3, 8, "invalid_request", &["cells"]);
    let said = format!("{:?}", summary.problems);
    assert!(!said.contains("281234567890123456"), "{said}");
    assert_eq!(work(&office.journal, &office.client).ended.succeeded, 3);
}

#[test]
fn problems_are_told_in_the_order_of_the_file() {
    let office = office();
    let file = file(&[
        ("ORDER1", "100", "FORM1"),
        ("ORDER2", "100", "FORM1"),
        ("A-", "x", ""),
        ("ORDER1", "5", "FORM1"),
    ]);
    let summary = office.import("night", file.as_bytes()).unwrap();
    let lines: Vec<u64> = summary.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [3, 4, 5]);
}

#[test]
fn many_wrong_lines_are_all_counted_and_the_first_thousand_told() {
    let office = office();
    let file = PAY_HEADER.to_owned() + &"x\n".repeat(1_200);
    let summary = office.import("night", file.as_bytes()).unwrap();
    assert_eq!((summary.wrong, summary.problems.len()), (1_200, 1_000));
}

#[test]
fn a_header_that_cannot_be_used_refuses_the_file() {
    let office = office();
    for header in ["", "out_order_no,out_order_no\nA,B\n"] {
        let refused = office.import("night", header.as_bytes()).unwrap_err();
        assert_eq!(refused.code(), "batch_header", "{refused}");
        assert!(refused.to_string().contains("night"), "{refused}");
    }
    let reads = find("alipay.query_tax_refund").unwrap();
    let options = ImportOptions::csv("night");
    let refused =
        office.journal.import(reads, office.client.profile(), &options, &b"out_order_no\nORDER1\n"[..]);
    assert_eq!(refused.unwrap_err().code(), "journal_only_reads");
    assert_eq!(office.journal.counts().unwrap().all(), 0);
}

#[test]
fn the_same_key_in_two_files_is_a_repeat_or_refused_and_paid_once() {
    let office = office();
    let first = file(&[("ORDER1", "100", "FORM1"), ("ORDER2", "100", "FORM2")]);
    let second = file(&[("ORDER9", "100", "FORM9"), ("ORDER1", "100", "FORM1"), ("ORDER2", "7", "FORM2")]);
    office.import("monday", first.as_bytes()).unwrap();
    let summary = office.import("tuesday", second.as_bytes()).unwrap();
    assert_eq!(counted(&summary), (3, 1, 0, 1, 1));
    assert_problem(&summary, 0, 4, "key_reused", &["ORDER2", "tax_refund_amount", "open"]);
    work(&office.journal, &office.client);
    assert_eq!(office.sandbox.ledger().totals.paid_times, 3);
    let (summary, rows) = office.results("tuesday", &second);
    assert_eq!((summary.lines, summary.states.succeeded, summary.repeated, summary.wrong), (3, 1, 1, 1));
    let ends = |row: usize| (rows[row][2].as_str(), rows[row][12].as_str());
    assert_eq!(ends(1), ("succeeded", ""));
    assert_eq!(ends(2), ("repeats", "says what line 2 of monday says"));
    assert_eq!(rows[2][3], rows_of(&office, "monday", &first)[1][3], "with the reference of what it repeats");
    assert_eq!(rows[3][2], "wrong");
    assert!(rows[3][12].starts_with("key_reused: ") && rows[3][12].contains("succeeded"), "{:?}", rows[3]);
    let (summary, _) = office.results("monday", &first);
    assert_eq!((summary.states.succeeded, summary.repeated), (2, 0));
}

fn rows_of(office: &Office, batch: &str, file: &str) -> Vec<Vec<String>> {
    office.results(batch, file).1
}

#[test]
fn a_line_that_repeats_a_single_refund_is_not_paid_again() {
    let office = office();
    let submission = Submission::new(pay(&office.client, "ORDER1", "100", "FORM1"));
    office.journal.run(&office.client, &submission).unwrap();
    let file = file(&[("ORDER1", "100", "FORM1")]);
    assert_eq!(counted(&office.import("night", file.as_bytes()).unwrap()), (1, 0, 0, 1, 0));
    assert_eq!(work(&office.journal, &office.client).sends, 0);
    let rows = rows_of(&office, "night", &file);
    assert_eq!((rows[1][2].as_str(), rows[1][12].as_str()), ("repeats", "was submitted before"));
}

#[test]
fn json_lines_are_imported_with_their_own_numbers() {
    let office = office();
    let request = |key: &str| {
        json!({
            "out_order_no": key,
            "identify_account_type": "barcode",
            "identify_account_no": "281234567890123456",
            "tax_refund_currency": "SGD",
            "tax_refund_amount": "100",
        })
    };
    let file = format!("{}\n\n{{\n{}\n", request("ORDER1"), request("ORDER2"));
    let options = ImportOptions::json_lines("night");
    assert_eq!(options.format, Format::JsonLines);
    let import = || {
        office.journal.import(pay_operation(), office.client.profile(), &options, file.as_bytes()).unwrap()
    };
    let summary = import();
    assert_eq!(counted(&summary), (3, 2, 0, 0, 1));
    assert_eq!(summary.problems[0].line, 3);
    assert_eq!(counted(&import()), (3, 0, 2, 0, 1));
    assert_eq!(entry(&office.journal, &office.client, "ORDER2").line, Some(4));
    let mut out = Vec::new();
    let profile = office.client.profile();
    office.journal.write_results(pay_operation(), profile, &options, file.as_bytes(), &mut out).unwrap();
    let lines: Vec<_> = rows(&out).iter().skip(1).map(|row| (row[0].clone(), row[2].clone())).collect();
    let expected = [("1", "open"), ("3", "wrong"), ("4", "open")];
    assert_eq!(lines, expected.map(|(line, state)| (line.to_owned(), state.to_owned())));
}

#[test]
fn the_form_of_an_antom_refund_is_read_from_the_field_that_is_named() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (antom(&sandbox, http()), folder.journal());
    let file = format!("{ANTOM_HEADER}R1,P1,USD,100,FORM1\nR2,P2,USD,100,FORM1\nR3,P3,USD,100,\n");
    let (refund, options) = (find("antom.refund").unwrap(), naming("referenceRefundId"));
    let summary = journal.import(refund, client.profile(), &options, file.as_bytes()).unwrap();
    assert_eq!(counted(&summary), (3, 1, 0, 0, 2));
    assert_problem(&summary, 0, 3, "form_taken", &["FORM1", "R1"]);
    assert_problem(&summary, 1, 4, "invalid_request", &["referenceRefundId", "names the form"]);
    assert_eq!(entry(&journal, &client, "R1").form.as_deref(), Some("FORM1"));
    work(&journal, &client);
    let mut out = Vec::new();
    journal.write_results(refund, client.profile(), &options, file.as_bytes(), &mut out).unwrap();
    let ends: Vec<_> = rows(&out).into_iter().skip(1).map(|row| [row[1].clone(), row[2].clone()]).collect();
    assert_eq!(ends, [["R1", "succeeded"], ["R2", "wrong"], ["R3", "wrong"]]);
    assert_eq!(sandbox.ledger().totals.paid_times, 1);
}

const ANTOM_HEADER: &str =
    "refundRequestId,paymentId,refundAmount.currency,refundAmount.value,referenceRefundId\n";

fn naming(form_field: &str) -> ImportOptions {
    ImportOptions { form_field: Some(form_field.to_owned()), ..ImportOptions::csv("night") }
}

#[test]
fn a_form_field_that_no_line_has_records_nothing() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (antom(&sandbox, http()), folder.journal());
    let file = format!("{ANTOM_HEADER}R1,P1,USD,100,FORM1\nR2,P2,USD,100,FORM2\n");
    let refund = find("antom.refund").unwrap();
    let summary = journal.import(refund, client.profile(), &naming("refundReason"), file.as_bytes()).unwrap();
    assert_eq!(counted(&summary), (2, 0, 0, 0, 2));
    assert_problem(&summary, 0, 2, "invalid_request", &["refundReason", "names the form"]);
    assert_eq!(journal.counts().unwrap().all(), 0);
}

#[test]
fn a_form_with_a_control_character_makes_its_own_line_wrong() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (antom(&sandbox, http()), folder.journal());
    let request = |key: &str, form: &str| {
        let amount = json!({ "currency": "USD", "value": "100" });
        json!({ "refundRequestId": key, "paymentId": key, "refundAmount": amount, "refundReason": form })
    };
    let file = format!("{}\n{}\n", request("R1", "FORM\0"), request("R2", "FORM2"));
    let options = ImportOptions { format: Format::JsonLines, ..naming("refundReason") };
    let refund = find("antom.refund").unwrap();
    let summary = journal.import(refund, client.profile(), &options, file.as_bytes()).unwrap();
    assert_eq!(counted(&summary), (2, 1, 0, 0, 1));
    assert_problem(&summary, 0, 1, "invalid_request", &["form", "control characters", "at 5"]);
    let mut out = Vec::new();
    journal.write_results(refund, client.profile(), &options, file.as_bytes(), &mut out).unwrap();
    let states: Vec<_> = rows(&out).into_iter().skip(1).map(|row| row[2].clone()).collect();
    assert_eq!(states, ["wrong", "open"]);
}

#[test]
fn the_result_file_refuses_another_form_for_a_recorded_key_as_the_import_does() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (antom(&sandbox, http()), folder.journal());
    let file = format!("{ANTOM_HEADER}R1,P1,USD,100,FORM1\nR2,P2,USD,100,\n");
    let refund = find("antom.refund").unwrap();
    journal.import(refund, client.profile(), &ImportOptions::csv("night"), file.as_bytes()).unwrap();
    work(&journal, &client);
    // Recorded without a form; the same line now names one, or should.
    let options = naming("referenceRefundId");
    let summary = journal.import(refund, client.profile(), &options, file.as_bytes()).unwrap();
    assert_problem(&summary, 0, 2, "key_reused", &["R1", "these differ: form"]);
    let mut out = Vec::new();
    journal.write_results(refund, client.profile(), &options, file.as_bytes(), &mut out).unwrap();
    let row = &rows(&out)[1];
    assert_eq!(row[2], "wrong");
    assert_eq!(row[12], format!("key_reused: {}", summary.problems[0].problem));
    assert!(row[12].contains("which is succeeded"), "{row:?}");
    let row = &rows(&out)[2];
    assert!(row[12].starts_with("invalid_request: ") && row[12].ends_with("its key, which is succeeded"));
}

#[test]
fn a_result_file_has_every_line_once_in_order_whatever_it_came_to() {
    let office = office();
    let faults = [
        ("SUCCEEDS", "none"),
        ("FAILS", "failed"),
        ("WAITS", "http-503*every@any"),
        ("RESTS", "unsigned-refusal*every"),
    ];
    let mut file = PAY_HEADER.to_owned();
    for (key, rules) in faults {
        office.sandbox.provoke(key, rules).unwrap();
        file.push_str(&pay_line(key, "100", key));
    }
    office.import("night", file.as_bytes()).unwrap();
    work(&office.journal, &office.client);
    let late =
        file.clone() + &pay_line("OPEN", "100", "OPENFORM") + &pay_line("FAILS", "100", "FAILS") + "x\n";
    office.import("night", late.as_bytes()).unwrap();
    let later = late + &pay_line("TOOLATE", "100", "TOOLATE") + &pay_line("OTHER", "100", "SUCCEEDS");
    let (summary, rows) = office.results("night", &later);
    let header = "line,key,state,reference,code,sub_code,next_step,currency,amount_minor,attempts,updated_ms,entry,problem";
    assert_eq!(rows[0].join(","), header);
    let ends: Vec<_> =
        rows[1..].iter().map(|row| (row[0].as_str(), row[1].as_str(), row[2].as_str())).collect();
    let expected = [
        ("2", "SUCCEEDS", "succeeded"),
        ("3", "FAILS", "failed"),
        ("4", "WAITS", "waiting"),
        ("5", "RESTS", "unknown"),
        ("6", "OPEN", "open"),
        ("7", "FAILS", "repeats"),
        ("8", "", "wrong"),
        ("9", "TOOLATE", "wrong"),
        ("10", "OTHER", "wrong"),
    ];
    assert_eq!(ends, expected);
    assert_eq!((summary.lines, summary.states.all(), summary.repeated, summary.wrong), (9, 5, 1, 3));
    let paid = office.sandbox.ledger().entry("SUCCEEDS").unwrap().reference.clone().unwrap();
    assert_eq!(rows[1][3], paid);
    assert_eq!(rows[1][7..10], ["SGD", "100", "1"]);
    assert_eq!(rows[2][4..7], ["40004", "TAX_REFUND_FAILED", "start_new"]);
    assert_eq!(rows[4][6], "fix_configuration");
    assert!(rows[8][12].contains("was not imported: give the file to the import again"), "{:?}", rows[8]);
    assert!(rows[9][12].starts_with("form_taken: ") && rows[9][12].contains("SUCCEEDS"), "{:?}", rows[9]);
    assert_eq!(rows_of(&office, "night", &later), rows, "written again it is the same");
}

#[test]
fn results_before_the_import_say_that_nothing_was_imported() {
    let office = office();
    let (summary, rows) = office.results("night", &file(&[("ORDER1", "100", "FORM1")]));
    assert_eq!((summary.lines, summary.wrong), (1, 1));
    assert_eq!((rows[1][1].as_str(), rows[1][2].as_str()), ("ORDER1", "wrong"));
    assert!(rows[1][12].starts_with("refund_not_found: was not imported"), "{:?}", rows[1]);
    assert_eq!(office.journal.counts().unwrap().all(), 0, "asking records nothing");
}

#[test]
fn the_results_of_an_account_that_was_never_used_are_written_from_a_read_only_journal() {
    let office = office();
    let looks = office.folder.journal_with(Options { read_only: true, ..Options::default() });
    let (file, options) = (file(&[("ORDER1", "100", "FORM1")]), ImportOptions::csv("night"));
    let mut out = Vec::new();
    let profile = office.client.profile();
    let summary = looks.write_results(pay_operation(), profile, &options, file.as_bytes(), &mut out).unwrap();
    assert_eq!((summary.lines, summary.wrong), (1, 1));
    assert!(rows(&out)[1][12].starts_with("refund_not_found: "));
    assert_eq!(office.folder.number("SELECT count(*) FROM account"), 0);
}

#[test]
fn no_cell_of_a_result_file_is_a_formula() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (antom(&sandbox, http()), folder.journal());
    let header = "refundRequestId,paymentId,refundAmount.currency,refundAmount.value\n";
    let file = format!("{header}-1-1,P1,USD,100\nR2,P2,USD,100\n\"=HYPERLINK(\"\"x\"\")\",P3,USD,100\n");
    let (refund, options) = (find("antom.refund").unwrap(), ImportOptions::csv("=cmd"));
    journal.import(refund, client.profile(), &options, file.as_bytes()).unwrap();
    folder.tamper(
        "UPDATE entry SET reference = '@SUM(A1)', code = '+1', sub_code = char(9) || 'x', currency = char(10) || '=USD' WHERE key = 'R2'",
    );
    let mut out = Vec::new();
    journal.write_results(refund, client.profile(), &options, file.as_bytes(), &mut out).unwrap();
    let rows = rows(&out);
    assert_eq!(rows.len(), 4);
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
    }
    assert_eq!(rows[2][3..6], ["'@SUM(A1)", "'+1", "'\tx"]);
}

#[test]
fn a_result_file_that_cannot_be_written_is_an_error() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("no space left"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let office = office();
    let file = file(&[("ORDER1", "100", "FORM1")]);
    let options = ImportOptions::csv("night");
    let written = office.journal.write_results(
        pay_operation(),
        office.client.profile(),
        &options,
        file.as_bytes(),
        Full,
    );
    let refused = written.unwrap_err();
    assert_eq!(refused.code(), "file");
    assert!(refused.to_string().contains("no space left"), "{refused}");
}

#[test]
fn a_batch_is_found_again_by_its_name() {
    let office = office();
    office.import("monday", file(&[("ORDER1", "100", "")]).as_bytes()).unwrap();
    office.import("tuesday", file(&[("ORDER2", "100", ""), ("ORDER3", "100", "")]).as_bytes()).unwrap();
    let filter = taxrefund_journal::Filter { batch: Some("tuesday".to_owned()), ..Default::default() };
    let keys: Vec<_> = office.journal.entries(filter).map(|entry| entry.unwrap().key).collect();
    assert_eq!(keys, ["ORDER2", "ORDER3"]);
    let story = office.journal.story(&entry(&office.journal, &office.client, "ORDER3")).unwrap();
    let content: Value = serde_json::from_str(&story[0].content).unwrap();
    assert_eq!((&content["batch"], &content["line"]), (&json!("tuesday"), &json!(3)));
}
