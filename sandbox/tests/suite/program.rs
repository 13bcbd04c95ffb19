//! The program around the library.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::common::*;

#[test]
fn the_program_prints_its_url_first_and_ends_with_its_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_taxrefund-sandbox"))
        .args(["--seed", "9", "--faults", "50=failed;50=none", "--exit-with-stdin", "--print-credentials"])
        .args(["--run-for", "60"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    out.read_line(&mut url).unwrap();
    let ledger = get_json(url.trim(), "/sandbox/ledger");
    assert_eq!(ledger["seed"], 9);
    drop(child.stdin.take());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let credentials: serde_json::Value = serde_json::from_str(&rest).unwrap();
    assert_eq!(credentials["base_url"], url.trim());
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_program_ends_by_itself_after_its_time_and_refuses_nonsense() {
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_taxrefund-sandbox")).args(arguments).output().unwrap()
    };
    assert!(run(&["--run-for", "0"]).status.success());
    assert!(!run(&["--faults", "nonsense"]).status.success());
    assert!(!run(&["--listen", "0.0.0.0:0"]).status.success());
}
