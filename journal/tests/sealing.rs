//! With a sealing key nothing personal can be read in the files; without one everything can be looked up.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use serde_json::{Value, json};
use support::*;
use taxrefund_core::{Client, Outcome};
use taxrefund_journal::{Journal, JournalError, Options, SealingKey, State, StoreFault, Submission};
use taxrefund_sandbox::Sandbox;

const BARCODE: &str = "281234567890123456";
const PASSPORT: &str = "E98765432";
const NAME: &str = "WEI ZHANGSAN";

fn key(byte: u8) -> SealingKey {
    SealingKey::new([byte; 32])
}

fn sealed(byte: u8) -> Options {
    Options { sealing_key: Some(key(byte)), ..Options::default() }
}

fn personal(client: &Client, order: &str) -> Submission {
    let request = json!({
        "out_order_no": order,
        "identify_account_type": "barcode",
        "identify_account_no": BARCODE,
        "tax_refund_currency": "SGD",
        "tax_refund_amount": "10000",
        "doc_id": order,
        "passport_no": PASSPORT,
        "passport_name": NAME,
        "departure_point": "CHANGI TERMINAL",
    });
    Submission::new(prepare(client, "alipay.pay_tax_refund", &request))
}

/// A success, a failure after a resumption, a notification, an import, a refund of each other protocol.
fn busy_day(sandbox: &Sandbox, journal: &Journal) -> Client {
    let client = gateway(sandbox, http());
    sandbox.provoke("ORDER2", "lost-answer*3,failed").unwrap();
    sandbox.provoke("ORDER3", "http-500-json*every@any").unwrap();
    for order in ["ORDER1", "ORDER2", "ORDER3"] {
        journal.run(&client, &personal(&client, order)).unwrap();
    }
    journal.submit(client.profile(), &personal(&client, "ORDER4")).unwrap();
    gateway_message(&client, "ORDER4", "S", "NOTIFYID1").tell(journal, &client).unwrap();
    let file = format!("{PAY_HEADER}{}", pay_line("ORDER5", "10000", "FORM5"));
    let import = taxrefund_journal::ImportOptions::csv("night");
    journal.import(pay_operation(), client.profile(), &import, file.as_bytes()).unwrap();
    work(journal, &client);
    let plus = alipay_plus(sandbox, http());
    let credit = prepare(&plus, "alipay_plus.create_original_credit", &credit_request("CREDIT1", "FORM6"));
    journal.run(&plus, &Submission::new(credit)).unwrap();
    client
}

/// What may stand in no byte of a sealed journal's files: the traveller's data, and the provider's answers.
const PERSONAL: [&str; 7] = [
    BARCODE,
    PASSPORT,
    NAME,
    "CHANGI TERMINAL",
    "210220900000021958205",
    "overseas_tax_order_pay_response",
    "identify_account_no",
];

#[test]
fn nothing_personal_is_in_any_byte_of_a_sealed_journals_files() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal_with(sealed(7));
    busy_day(&sandbox, &journal);
    for moment in ["in use, with its -wal and -shm", "after a checkpoint"] {
        let bytes = folder.bytes();
        assert!(holds(&bytes, "ORDER1"), "{moment}: these are the files");
        for text in PERSONAL {
            assert!(!holds(&bytes, text), "{moment}: {text}");
        }
        folder.tamper("PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

#[test]
fn a_journal_in_clear_can_be_read_with_any_tool() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    busy_day(&sandbox, &folder.journal());
    let bytes = folder.bytes();
    for text in PERSONAL {
        assert!(holds(&bytes, text), "{text}");
    }
    let refunds = folder.number("SELECT count(*) FROM refund WHERE state = 'succeeded'");
    assert_eq!(refunds, 4);
    assert!(folder.number("SELECT count(*) FROM attempt WHERE interface = 'query'") > 0);
}

#[test]
fn the_fingerprints_of_a_sealed_journal_say_nothing_to_whoever_has_not_its_key() {
    let sandbox = sandbox("none");
    let client = gateway(&sandbox, http());
    let stored = |options: Options| {
        let folder = Folder::new();
        let journal = folder.journal_with(options);
        journal.submit(client.profile(), &personal(&client, "ORDER1")).unwrap().entry().fingerprint.clone()
    };
    // A barcode has few possible values: an unkeyed hash of the request could be tried out.
    let (clear, one, other) = (stored(Options::default()), stored(sealed(7)), stored(sealed(7)));
    assert!(clear != one && clear != other);
    assert_ne!(one, other, "not even to whoever has another journal with the same key");
}

#[test]
fn with_the_key_requests_answers_and_outcomes_are_as_they_were() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal_with(sealed(7));
    let client = gateway(&sandbox, http());
    let first = journal.run(&client, &personal(&client, "ORDER1")).unwrap();
    let journal = folder.journal_with(sealed(7));
    let silent = gateway(&sandbox, dead_line());
    let again = journal.run(&silent, &personal(&client, "ORDER1")).unwrap();
    let (Outcome::Succeeded(first), Outcome::Succeeded(again)) = (&first, &again) else {
        panic!("{again:?}")
    };
    assert_eq!((&first.response, &first.report.evidence), (&again.response, &again.report.evidence));
    let entry = entry(&journal, &client, "ORDER1");
    let request = journal.request(&entry).unwrap();
    let pay: Value = serde_json::from_str(request["pay"].as_str().unwrap()).unwrap();
    assert_eq!((&pay["passport_no"], &pay["identify_account_no"]), (&json!(PASSPORT), &json!(BARCODE)));
    let story = journal.story(&entry).unwrap();
    let evidence = journal.evidence(&story[1]).unwrap();
    assert!(evidence["evidence"]["body"].as_str().unwrap().contains("overseas_tax_order_pay_response"));
    let refused =
        journal.run(&silent, &Submission::new(support::pay(&client, "ORDER1", "1", "ORDER1"))).unwrap_err();
    let JournalError::KeyReused { fields, .. } = refused else { panic!("{refused}") };
    assert_eq!(fields, ["departure_point", "passport_name", "passport_no", "tax_refund_amount"]);
}

#[test]
fn a_sealed_refund_is_taken_up_by_whoever_has_the_key() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let transport = line(|call| {
        let _ = call.send();
        die();
    });
    let dead = gateway(&sandbox, transport);
    dying(|| folder.journal_with(sealed(7)).run(&dead, &personal(&dead, "ORDER1")));
    folder.let_time_pass();
    let client = gateway(&sandbox, http());
    assert_eq!(work(&folder.journal_with(sealed(7)), &client).ended.succeeded, 1);
    assert_eq!(called(&sandbox, "ORDER1"), ["pay", "query"]);
}

#[test]
fn sealed_texts_moved_to_another_refund_do_not_open_and_nothing_is_sent() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal_with(sealed(7));
    let client = gateway(&sandbox, dead_line());
    for order in ["ORDER1", "ORDER2"] {
        journal.submit(client.profile(), &personal(&client, order)).unwrap();
    }
    folder.tamper(
        "UPDATE request SET sealed = (SELECT sealed FROM request AS other WHERE other.entry_id = 3 - request.entry_id)",
    );
    let entry = entry(&journal, &client, "ORDER1");
    let said = journal.request(&entry).unwrap_err();
    assert_eq!(said.code(), "journal_sealing");
    assert!(said.to_string().contains("belongs to another refund"), "{said}");
    let refused = journal.resume(&client, "ORDER1").unwrap_err();
    assert_eq!(refused.code(), "journal_sealing");
    assert_eq!(entry.state, State::Open);
}

#[test]
fn evidence_moved_to_another_refund_does_not_open() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal_with(sealed(7));
    let client = gateway(&sandbox, http());
    for order in ["ORDER1", "ORDER2"] {
        journal.run(&client, &personal(&client, order)).unwrap();
    }
    folder.tamper("UPDATE record SET sealed = (SELECT sealed FROM record WHERE seq = 4) WHERE seq = 2");
    let entry = entry(&journal, &client, "ORDER1");
    let story = journal.story(&entry).unwrap();
    assert!(journal.evidence(&story[1]).is_err());
    assert!(journal.outcome(&entry).is_err(), "no outcome is made up");
}

#[test]
fn a_request_changed_in_a_journal_in_clear_is_not_sent() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, dead_line()), folder.journal());
    journal.submit(client.profile(), &personal(&client, "ORDER1")).unwrap();
    folder.tamper("UPDATE request SET clear = replace(clear, '10000', '90000')");
    let refused = journal.resume(&client, "ORDER1").unwrap_err();
    assert_eq!(refused.code(), "journal_entry_unreadable");
    assert!(refused.to_string().contains("was changed"), "{refused}");
}

#[test]
fn after_a_change_of_the_key_the_new_one_opens_everything_and_the_old_one_nothing() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal_with(sealed(1));
    let client = gateway(&sandbox, http());
    journal.run(&client, &personal(&client, "ORDER1")).unwrap();
    journal.rotate_key(&key(1), &key(2)).unwrap();
    journal.run(&client, &personal(&client, "ORDER2")).unwrap();

    let refused = Journal::open(&folder.file(DATABASE), sealed(1)).err().unwrap();
    assert_eq!(refused.code(), "journal_sealing");
    let reopened = folder.journal_with(sealed(2));
    for (journal, order) in
        [(&journal, "ORDER1"), (&journal, "ORDER2"), (&reopened, "ORDER1"), (&reopened, "ORDER2")]
    {
        let entry = entry(journal, &client, order);
        assert!(journal.request(&entry).unwrap().contains_key("pay"));
        assert!(journal.outcome(&entry).unwrap().is_some());
    }
    // The same request is still known to be the same.
    let silent = gateway(&sandbox, dead_line());
    assert_eq!(reopened.run(&silent, &personal(&client, "ORDER1")).unwrap().as_str(), "succeeded");
    assert!(reopened.verify(None).unwrap().is_ok());
    reopened.rotate_key(&key(2), &key(3)).unwrap();
    assert!(folder.journal_with(sealed(3)).request(&entry(&reopened, &client, "ORDER2")).is_ok());
}

#[test]
fn a_handle_with_the_old_key_goes_on_but_cannot_read_what_came_later() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (old, new) = (folder.journal_with(sealed(1)), folder.journal_with(sealed(1)));
    let client = gateway(&sandbox, http());
    old.submit(client.profile(), &personal(&client, "ORDER1")).unwrap();
    new.rotate_key(&key(1), &key(2)).unwrap();
    new.submit(client.profile(), &personal(&client, "ORDER2")).unwrap();

    assert_eq!(old.resume(&client, "ORDER1").unwrap().as_str(), "succeeded");
    old.submit(client.profile(), &personal(&client, "ORDER3")).unwrap();
    assert!(
        new.request(&entry(&new, &client, "ORDER3")).is_ok(),
        "what it seals can be read with the new key"
    );
    let silent = gateway(&sandbox, dead_line());
    let said = old.resume(&silent, "ORDER2").unwrap_err();
    assert_eq!(said.code(), "journal_sealing");
    assert!(said.to_string().contains("start again with the new one"), "{said}");
    folder.let_time_pass();
    assert_eq!(new.resume(&client, "ORDER2").unwrap().as_str(), "succeeded");
}

#[test]
fn a_key_is_changed_only_by_who_has_the_old_one() {
    let folder = Folder::new();
    let journal = folder.journal_with(sealed(1));
    let said = journal.rotate_key(&key(9), &key(2)).unwrap_err();
    assert_eq!(said.code(), "journal_sealing");
    assert!(Journal::open(&folder.file(DATABASE), sealed(1)).is_ok(), "nothing was changed");

    let clear = Folder::new();
    let said = clear.journal().rotate_key(&key(1), &key(2)).unwrap_err();
    let JournalError::Store(said) = said else { panic!("{said}") };
    assert_eq!(said.fault, StoreFault::Sealing);
    assert!(said.message.contains("not sealed"), "{said}");
}

#[test]
fn many_may_make_a_sealed_journal_at_once_and_everything_opens() {
    let sandbox = sandbox("none");
    let client = gateway(&sandbox, http());
    for round in 0..12 {
        let folder = Folder::new();
        std::thread::scope(|scope| {
            for one in 0..6 {
                let (folder, client) = (&folder, &client);
                scope.spawn(move || {
                    let journal = folder.journal_with(sealed(7));
                    journal.submit(client.profile(), &personal(client, &format!("ORDER{one}"))).unwrap();
                });
            }
        });
        let journal = folder.journal_with(sealed(7));
        for entry in journal.entries(Default::default()) {
            let entry = entry.unwrap();
            let opened = journal.request(&entry);
            assert!(opened.is_ok(), "round {round}, {}: {}", entry.key, opened.unwrap_err());
        }
    }
}
