//! A night in the back office: imported, paid, killed in the middle, paid to the end, and checked.

use crate::support::{OPERATION, Office, Said};

/// The slow ones are what the killed process is at work on.
const FAULTS: &str = "20=lost-answer*2;10=delay;70=none";

#[test]
fn a_killed_night_is_finished_by_the_next_process_and_agrees_with_the_ledger() {
    let office = Office::new(FAULTS);
    office.import("--batch night").is(2, &["90 lines: 84 new", "6 wrong", "line 43: key_reused"]);
    office.import("--batch night").is(2, &["84 recorded before"]);

    let mut payer = office.start("pay --exchanges 4 --owner night");
    office.await_requests(30);
    payer.kill().unwrap();
    payer.wait().unwrap();
    office.run("status").is(0, &["84 refunds", "night holds"]);

    // Nobody who is not `night` may take them yet; `night` says that its earlier self is dead.
    let paid = office.run("pay --owner night --restarted --until open");
    paid.is(0, &["the journal has 84 succeeded, 0 failed, 0 unknown, 0 waiting, 0 open"]);
    office.run("status").is(0, &["84 succeeded", "nobody is at work"]);

    let results =
        format!("results {} --operation {OPERATION} --batch night --out out.csv", Office::refunds());
    office.run(&results).is(2, &["90 lines: 84 succeeded", "6 wrong"]);
    let mut lines = csv::Reader::from_path(office.path("out.csv")).unwrap();
    let numbers: Vec<String> = lines.records().map(|row| row.unwrap()[0].to_owned()).collect();
    assert_eq!(numbers, (2..=91).map(|number| number.to_string()).collect::<Vec<_>>());

    let proof = office.run("verify").is(0, &["whole: 84 refunds"]);
    let head = proof.out.lines().find_map(|line| line.strip_prefix("head ")).unwrap();
    office.run(&format!("verify --expect {head}")).is(0, &["whole"]);
    let other = format!("1:{}", "0".repeat(64));
    office.run(&format!("verify --expect {other}")).is(2, &["NOT WHOLE"]);

    settles(&office);
    let ledger = office.sandbox.ledger();
    assert!(ledger.double_paid.is_empty());
    assert!(ledger.entries.iter().all(|entry| entry.paid_times == 1), "{:?}", ledger.totals);
}

/// With a list as the provider would send it.
fn settles(office: &Office) {
    let ledger = office.sandbox.ledger();
    let lines: Vec<String> = ledger
        .entries
        .iter()
        .map(|entry| format!("{},{},{},S\n", entry.key, entry.amount, entry.currency))
        .collect();
    let header = "key,amount,currency,status\n";
    office.file("list.csv", &format!("{header}{}", lines.concat()));
    office.file("columns.json", r#"{"amount_unit": "minor"}"#);
    let settle =
        format!("settle list.csv --operation {OPERATION} --list-options columns.json --csv differences.csv");
    office.run(&settle).is(0, &["no differences; 84 agree"]);
    office.file("list.csv", &format!("{header}{}", lines[1..].concat()));
    office.run(&settle).is(2, &["missing 1", "ask support with the reference"]);
    assert_eq!(csv::Reader::from_path(office.path("differences.csv")).unwrap().records().count(), 1);
    office.run(&format!("{settle} --to 2020-01-01")).is(2, &["extra 83"]);
}

#[test]
fn the_story_of_a_refund_shows_what_is_personal_only_when_asked() {
    let office = Office::new("none");
    office.sandbox.provoke("TRSG20261002000001", "lost-answer").unwrap();
    office.import("");
    office.run("pay").is(0, &["84 succeeded"]);
    let story = office.run("show TRSG20261002000001");
    let story =
        story.is(0, &["SGD 1263", "alipay.csv, line 2", "submitted", "reset (not verified)", "succeeded"]);
    assert!(!story.out.contains("EJ0054471"), "the passport number: {}", story.out);
    office.run("show TRSG20261002000001 --evidence").is(0, &["EJ0054471"]);
    // Without the accounts' keys as well.
    let mut command = office.command("show TRSG20261002000001");
    Said::of(&command.env_remove("TAXREFUND_ACCOUNTS").output().unwrap()).is(0, &["SGD 1263"]);
    office.run("show TRSG0").is(1, &["no refund with the key TRSG0"]);
}

#[test]
fn unknown_refunds_are_named_and_taken_up_again() {
    let office = Office::new("none");
    let key = "TRSG20261002000001";
    office.sandbox.provoke(key, "lost-answer*every,system-error*every").unwrap();
    office.import("");
    office.run("pay --until open").is(2, &["1 unknown", "contact_support"]);
    office.run("status").is(2, &["Needs somebody", key]);
    let status = office.run("status --json").is(2, &[key]);
    let status: serde_json::Value = serde_json::from_str(&status.out).unwrap();
    assert_eq!(status["needs_somebody"]["unknown"]["contact_support"], 1);
    office.run(&format!("resume {key}")).is(2, &["not known yet"]);
    office.sandbox.provoke(key, "none").unwrap();
    office.run("resume --next-step contact_support --why support").is(0, &["1 are due now"]);
    office.run("show TRSG20261002000001").is(0, &["reopened", "support"]);
    office.run("pay --until open").is(0, &["84 succeeded"]);
    office.run(&format!("resume {key}")).is(0, &["succeeded, reference"]);
    assert!(office.sandbox.ledger().double_paid.is_empty());
}

#[cfg(unix)]
#[test]
fn one_signal_stops_it_and_nothing_stays_leased() {
    let office = Office::new("100=delay");
    office.import("");
    let payer = office.start("pay --exchanges 2 --until stopped");
    office.await_requests(2);
    let killed =
        std::process::Command::new("kill").args(["-TERM", &payer.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let said = Said::of(&payer.wait_with_output().unwrap());
    said.is(0, &["stopping: what is under way is finished and recorded first"]);
    let status = office.run("status --json").is(0, &[]);
    let status: serde_json::Value = serde_json::from_str(&status.out).unwrap();
    let count = |state: &str| status["counts"][state].as_u64().unwrap();
    assert!(count("open") > 0 && count("open") + count("succeeded") == 84, "{status}");
    assert_eq!(status["leases"], serde_json::json!({}));
    assert_eq!(office.sandbox.ledger().totals.paid_keys, count("succeeded"));
}
