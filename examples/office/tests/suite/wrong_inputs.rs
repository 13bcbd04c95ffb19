//! What a person at three in the morning may give it.

use crate::support::{OPERATION, Office, Said};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

#[test]
fn a_mistyped_journal_is_not_made() {
    let office = Office::new("none");
    for command in
        ["pay", "status", "verify", "show K", "resume K", "resume --next-step resume_later --why x"]
    {
        office.run(&format!("{command} --journal refnuds.db")).is(1, &["refnuds.db", "no journal"]);
    }
    assert!(!office.path("refnuds.db").exists());
    let mut command = office.command("status");
    Said::of(&command.env_remove("TAXREFUND_JOURNAL").output().unwrap()).is(1, &["--journal PLACE"]);
}

#[test]
fn a_file_that_cannot_be_read_as_refunds_records_nothing() {
    let office = Office::new("none");
    let import = |file: &str| office.run(&format!("import {file} --operation {OPERATION}"));
    import("nowhere.csv").is(1, &["nowhere.csv"]);
    assert!(!office.path("refunds.db").exists());
    office.file("photo.csv", "\u{89}PNG\r\nIHDR\r\n");
    import("photo.csv").is(2, &["1 lines: 0 new", "1 wrong", "line 2: invalid_request"]);
    office.file("empty.csv", "");
    import("empty.csv").is(1, &["empty.csv"]);
    office.run("import x.csv --operation alipay.pay").is(1, &["alipay.pay_tax_refund", "antom.refund"]);
    office.run("import x.csv --operation alipay.query_tax_refund").is(1, &["the journal records"]);
    office.run("status").is(0, &["0 refunds"]);
}

#[test]
fn accounts_are_named_and_their_keys_never() {
    let office = Office::new("none");
    let import = || office.import("");
    let accounts = std::fs::read_to_string(office.path("accounts.json")).unwrap();
    let mut accounts: serde_json::Value = serde_json::from_str(&accounts).unwrap();
    let secret = accounts["alipay"]["partner_private_key_pem"].as_str().unwrap().to_owned();

    accounts["alipay"]["app_id"] = serde_json::json!([secret]);
    office.file("accounts.json", &accounts.to_string());
    quiet(&import().is(1, &["accounts.json", "alipay.app_id is missing, or no text"]));
    accounts["alipay"]["app_id"] = "9021000100000001".into();
    accounts["alipay"]["platform_public_key_pem"] = secret.as_str().into();
    office.file("accounts.json", &accounts.to_string());
    quiet(&import().is(1, &["alipay.platform_public_key_pem"]));
    office.file("accounts.json", &format!("{{\"alipay\": {secret}"));
    quiet(&import().is(1, &["is not JSON: see line 1"]));
    accounts.as_object_mut().unwrap().remove("alipay");
    office.file("accounts.json", &accounts.to_string());
    import().is(1, &["has no account \"alipay\""]);
    office.file("accounts.json", "{}");
    import().is(1, &["none of the accounts"]);
    std::fs::remove_file(office.path("accounts.json")).unwrap();
    import().is(1, &["accounts.json"]);
    assert!(!office.path("refunds.db").exists());
}

#[test]
fn a_sealed_journal_opens_with_its_key_alone() {
    let office = Office::new("none");
    office.file("key", KEY);
    office.file("other", &KEY.replace("00", "ff"));
    office.file("short", &KEY[..20]);
    office.import("--sealing-key-file key").is(2, &["84 new"]);
    office.run("status").is(1, &["it is sealed: give its sealing key"]);
    office.run("status --sealing-key-file other").is(1, &["not this journal's"]);
    office.run("status --sealing-key-file nowhere").is(1, &["nowhere"]);
    let said = office.run("status --sealing-key-file short").is(1, &["64 hexadecimal digits"]);
    assert!(!said.errors.contains(&KEY[..20]));
    office.run("rotate-key --new-key-file other").is(1, &["--sealing-key-file"]);
    office.run("rotate-key --sealing-key-file key --new-key-file short").is(1, &["64 hexadecimal digits"]);
    office.run("rotate-key --sealing-key-file key --new-key-file other").is(0, &["the new key only"]);
    office.run("status --sealing-key-file key").is(1, &["not this journal's"]);
    office.run("pay --sealing-key-file other").is(0, &["84 succeeded"]);
    office.run("show TRSG20261002000001 --evidence --sealing-key-file other").is(0, &["EJ0054471"]);
}

#[test]
fn lists_and_options_that_cannot_be_used_are_named() {
    let office = Office::new("none");
    office.import("");
    let settle = format!("settle list.csv --operation {OPERATION}");
    office.run(&settle).is(1, &["list.csv"]);
    office.file("list.csv", "Order No;amount\n");
    office.run(&settle).is(1, &["no column \"key\"", "is the delimiter right?"]);
    office.file("columns.json", r#"{"key_colunm": "Order No"}"#);
    office.run(&format!("{settle} --list-options columns.json")).is(1, &["columns.json", "key_colunm"]);
    office.run("verify --expect 12").is(1, &["not a chain head"]);
    office.run("resume --next-step later --why x").is(1, &["resume_later"]);
    office.run("pay --restarted").is(1, &["--owner"]);
    office.run("pay --exchanges 0").is(1, &["1..=1024"]);
}

fn quiet(said: &Said) {
    assert!(!said.errors.contains("MII") && !said.out.contains("MII"), "it shows a key");
}
