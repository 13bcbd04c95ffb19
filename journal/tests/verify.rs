//! Whoever changes, adds or removes anything in the file is found out, and the first broken place is named.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};

use support::*;
use taxrefund_core::Client;
use taxrefund_journal::{Broken, Head, Journal, JournalError, Options, SealingKey, Submission};
use taxrefund_sandbox::Sandbox;

/// Records 1, 2: ORDER1 succeeded. 3, 4, 5: ORDER2 failed. 6, 7: ORDER3, a query away from its end. 8: ORDER4, never sent.
/// 9: ORDER3 is contradicted by nobody, a notification says nothing final. 10: ORDER5, 11: settled by a notification.
struct Case {
    folder: Folder,
    head: Head,
}

fn fill(sandbox: &Sandbox, journal: &Journal) -> Client {
    sandbox.provoke("ORDER2", "failed").unwrap();
    sandbox.provoke("ORDER3", "unsigned-refusal*every").unwrap();
    let client = gateway(sandbox, http());
    for (key, is_run) in
        [("ORDER1", true), ("ORDER2", true), ("ORDER3", true), ("ORDER4", false), ("ORDER5", false)]
    {
        let submission = Submission::new(pay(&client, key, "10000", &key.replace("ORDER", "FORM")));
        if is_run {
            journal.run(&client, &submission).unwrap();
        } else {
            journal.submit(client.profile(), &submission).unwrap();
        }
    }
    gateway_message(&client, "ORDER3", "I", "N1").tell(journal, &client).unwrap();
    gateway_message(&client, "ORDER5", "S", "N2").tell(journal, &client).unwrap();
    client
}

/// The whole journal, made once and copied for each test.
fn whole() -> Case {
    static MADE: std::sync::LazyLock<(Vec<u8>, Head)> = std::sync::LazyLock::new(|| {
        let (sandbox, folder) = (sandbox("none"), Folder::new());
        let journal = folder.journal();
        fill(&sandbox, &journal);
        let head = journal.head().unwrap();
        drop(journal);
        folder.tamper("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
        (std::fs::read(folder.file(DATABASE)).unwrap(), head)
    });
    let folder = Folder::new();
    std::fs::write(folder.file(DATABASE), &MADE.0).unwrap();
    Case { folder, head: MADE.1 }
}

impl Case {
    fn broken(&self) -> Broken {
        self.folder.journal().verify(Some(self.head)).unwrap().expect_err("nothing was noticed")
    }
}

/// After this it is found that this record or this refund is broken.
#[track_caller]
fn assert_found(tampering: &str, at: &str) -> Broken {
    let case = whole();
    // Foreign keys are no obstacle to who means harm.
    case.folder.tamper(&format!("PRAGMA foreign_keys = OFF; {tampering}"));
    let broken = case.broken();
    let said = broken.to_string();
    assert!(said.starts_with(&format!("{at}: ")), "{tampering}: {said}");
    broken
}

#[test]
fn a_whole_journal_is_proved_with_its_head() {
    let case = whole();
    let proof = case.folder.journal().verify(None).unwrap().unwrap();
    assert_eq!((proof.entries, proof.head), (5, case.head));
    assert_eq!(proof.records, proof.head.seq.unsigned_abs());
    let kinds = case.folder.cell(
        "SELECT group_concat(kind || coalesce(entry_id, '-'), ' ') FROM (SELECT * FROM record ORDER BY seq)",
    );
    let expected = "submitted1 attempt1 submitted2 attempt2 attempt2 submitted3 attempt3 submitted4 submitted5 \
                    notification3 notification5";
    assert_eq!(kinds, expected.to_owned().into());
    let empty = Folder::new().journal().verify(None).unwrap().unwrap();
    assert_eq!((empty.entries, empty.records), (0, 0));
}

#[test]
fn a_changed_record_is_found() {
    assert_found("UPDATE record SET content = replace(content, '10000', '10001') WHERE seq = 3", "record 3");
    assert_found("UPDATE record SET content = content || ' ' WHERE seq = 2", "record 2");
    assert_found("UPDATE record SET at_ms = at_ms + 1 WHERE seq = 4", "record 4");
    assert_found("UPDATE record SET kind = 'late' WHERE seq = 4", "record 4");
    assert_found("UPDATE record SET hash = zeroblob(32) WHERE seq = 5", "record 5");
}

#[test]
fn changed_evidence_is_found() {
    assert_found("UPDATE record SET clear = replace(clear, 'tax_no', 'tax_No') WHERE seq = 2", "record 2");
    assert_found("UPDATE record SET clear = NULL WHERE seq = 5", "record 5");
    assert_found("UPDATE record SET clear = NULL, sealed = x'00' WHERE seq = 5", "record 5");
    assert_found("UPDATE record SET clear = '' WHERE seq = 1", "record 1");
}

#[test]
fn a_removed_record_is_found_wherever_it_was() {
    assert_found("DELETE FROM record WHERE seq = 1", "record 1");
    assert_found("DELETE FROM record WHERE seq = 4", "record 4");
    let broken = assert_found("DELETE FROM record WHERE seq = 11", "record 11");
    assert_eq!(broken.seq, Some(11));
    assert_found("DELETE FROM record WHERE seq > 5", "record 6");
    assert_found("DELETE FROM record", "record 1");
}

#[test]
fn an_inserted_record_is_found() {
    let shift = "UPDATE record SET seq = -seq - 1 WHERE seq > 3; UPDATE record SET seq = -seq WHERE seq < 0;";
    let copy = "INSERT INTO record SELECT 4, entry_id, kind, at_ms, content, clear, sealed, hash FROM record WHERE seq = 3;";
    assert_found(&format!("{shift} {copy}"), "record 4");
    let last = "INSERT INTO record SELECT 12, entry_id, kind, at_ms, content, clear, sealed, hash FROM record WHERE seq = 11;";
    assert_found(last, "record 12");
}

#[test]
fn exchanged_records_are_found() {
    let exchange = "UPDATE record SET seq = -seq WHERE seq IN (4, 5);
                    UPDATE record SET seq = 5 WHERE seq = -4; UPDATE record SET seq = 4 WHERE seq = -5;";
    assert_found(exchange, "record 4");
}

#[test]
fn a_record_given_to_another_refund_is_found() {
    // What was heard about ORDER3 is shown as heard about ORDER1, and about nobody.
    for entry in ["1", "NULL"] {
        let case = whole();
        case.folder.tamper(&format!("UPDATE record SET entry_id = {entry} WHERE seq = 10"));
        let broken = case.broken();
        let keys = [Some("ORDER1"), Some("ORDER3")];
        assert!(broken.seq == Some(10) || keys.contains(&broken.key.as_deref()), "{broken}");
    }
}

#[test]
fn a_changed_entry_is_found() {
    for (change, key) in [
        ("state = 'failed' WHERE id = 1", "ORDER1"),
        ("state = 'succeeded' WHERE id = 4", "ORDER4"),
        ("state = 'open' WHERE id = 2", "ORDER2"),
        ("state = 'failed' WHERE id = 5", "ORDER5"),
        ("amount_minor = 20000 WHERE id = 2", "ORDER2"),
        ("amount_minor = NULL WHERE id = 2", "ORDER2"),
        ("currency = 'USD' WHERE id = 2", "ORDER2"),
        ("form = 'FORM9' WHERE id = 3", "ORDER3"),
        ("form = NULL WHERE id = 1", "ORDER1"),
        ("reference = 'OTHER' WHERE id = 1", "ORDER1"),
        ("reference = NULL WHERE id = 1", "ORDER1"),
        ("attempts = 0 WHERE id = 1", "ORDER1"),
        ("attempts = 9 WHERE id = 4", "ORDER4"),
        ("key = 'ORDER9' WHERE id = 4", "ORDER9"),
        ("operation = 'antom.refund' WHERE id = 4", "ORDER4"),
        ("fingerprint = 'x' WHERE id = 4", "ORDER4"),
        ("overridden = 'meant' WHERE id = 1", "ORDER1"),
    ] {
        let broken = assert_found(&format!("UPDATE entry SET {change}"), &format!("refund {key}"));
        assert_eq!(broken.key.as_deref(), Some(key));
    }
}

#[test]
fn a_changed_account_is_found() {
    assert_found("UPDATE account SET account = 'OTHER'", "refund ORDER1");
    assert_found("UPDATE account SET protocol = 'antom'", "refund ORDER1");
}

#[test]
fn a_changed_reference_of_a_refund_settled_by_a_notification_is_found() {
    assert_found("UPDATE entry SET reference = 'OTHER' WHERE id = 5", "refund ORDER5");
}

#[test]
fn a_changed_reason_or_next_step_is_found() {
    // A clerk acts on these: `start_new` instead of `contact_support` is a second payment.
    assert_found("UPDATE entry SET next_step = 'start_new' WHERE id = 3", "refund ORDER3");
    assert_found("UPDATE entry SET code = 'X' WHERE id = 2", "refund ORDER2");
    assert_found("UPDATE entry SET sub_code = 'X' WHERE id = 2", "refund ORDER2");
}

#[test]
fn a_changed_batch_or_line_is_found() {
    assert_found("UPDATE entry SET batch = 'other', line = 7 WHERE id = 4", "refund ORDER4");
}

#[test]
fn a_removed_mark_of_a_conflict_is_found() {
    let case = whole();
    let (sandbox, journal) = (sandbox("none"), case.folder.journal());
    let client = gateway(&sandbox, http());
    gateway_message(&client, "ORDER1", "F", "N3").tell(&journal, &client).unwrap();
    assert!(journal.verify(None).unwrap().is_ok());
    case.folder.tamper("UPDATE entry SET conflict = 0");
    let broken = journal.verify(None).unwrap().expect_err("nothing was noticed");
    assert_eq!(broken.key.as_deref(), Some("ORDER1"));
}

#[test]
fn a_changed_or_removed_request_is_found() {
    assert_found(
        "UPDATE request SET clear = replace(clear, '10000', '10001') WHERE entry_id = 4",
        "refund ORDER4",
    );
    assert_found("UPDATE request SET clear = NULL, sealed = x'00' WHERE entry_id = 4", "refund ORDER4");
    assert_found("DELETE FROM request WHERE entry_id = 2", "refund ORDER2");
    assert_found(
        "UPDATE request SET entry_id = -entry_id WHERE entry_id IN (1, 2);
         UPDATE request SET entry_id = 2 WHERE entry_id = -1; UPDATE request SET entry_id = 1 WHERE entry_id = -2",
        "refund ORDER1",
    );
}

#[test]
fn a_removed_entry_is_found() {
    assert_found("DELETE FROM entry WHERE id = 1", "record 1");
    assert_found("DELETE FROM entry WHERE id = 4; DELETE FROM request WHERE entry_id = 4", "record 8");
}

#[test]
fn a_removed_entry_is_found_although_its_records_are_nobodys_any_more() {
    assert_found(
        "DELETE FROM entry WHERE id = 4; DELETE FROM request WHERE entry_id = 4;
         UPDATE record SET entry_id = NULL WHERE entry_id = 4",
        "record 8",
    );
}

#[test]
fn an_added_entry_is_found() {
    let columns = "account_id, operation, key, form, currency, amount_minor, fingerprint, state, created_ms, updated_ms";
    let add = format!(
        "INSERT INTO entry (id, {columns}) SELECT 9, account_id, operation, 'ADDED', 'FORM9', currency, amount_minor,
                fingerprint, 'succeeded', created_ms, updated_ms FROM entry WHERE id = 1"
    );
    assert_found(&add, "refund ADDED");
}

#[test]
fn a_head_kept_elsewhere_shows_that_the_end_was_cut_off() {
    let cut = "DELETE FROM record WHERE entry_id = 4; DELETE FROM request WHERE entry_id = 4; DELETE FROM entry WHERE id = 4;
               DELETE FROM record WHERE seq > 7; DELETE FROM request WHERE entry_id = 5; DELETE FROM entry WHERE id = 5;
               UPDATE journal SET (head_seq, head_hash) = (SELECT seq, hash FROM record WHERE seq = 7)";
    let case = whole();
    let folder = &case.folder;
    folder.tamper(&format!("PRAGMA foreign_keys = OFF; {cut}"));
    let journal = folder.journal();
    assert!(journal.verify(None).unwrap().is_ok(), "in itself it is whole");
    let broken = journal.verify(Some(case.head)).unwrap().unwrap_err();
    assert_eq!(broken.seq, Some(11));
    assert!(broken.to_string().contains("expected head"), "{broken}");
    let now = journal.head().unwrap();
    assert!(journal.verify(Some(now)).unwrap().is_ok());
}

#[test]
fn an_earlier_head_lies_on_the_chain_for_ever() {
    let case = whole();
    let journal = case.folder.journal();
    let text = format!(
        "5:{}",
        case.folder
            .sql()
            .query_row("SELECT lower(hex(hash)) FROM record WHERE seq = 5", [], |row| row.get::<_, String>(0))
            .unwrap()
    );
    let early: Head = text.parse().unwrap();
    assert!(journal.verify(Some(early)).unwrap().is_ok());
    let other = Head { seq: 4, ..early };
    assert!(journal.verify(Some(other)).unwrap().is_err());
    assert!(
        journal.verify(Some(Folder::new().journal().head().unwrap())).unwrap().is_err(),
        "another journal's"
    );
}

#[test]
fn the_journals_note_of_its_own_head_is_checked() {
    let case = whole();
    case.folder.tamper("UPDATE journal SET head_hash = zeroblob(32)");
    assert!(case.broken().to_string().contains("note of the last hash"));
    let case = whole();
    case.folder.tamper("UPDATE journal SET head_seq = 12");
    assert_eq!(case.broken().seq, Some(12));
}

#[test]
fn another_journals_id_breaks_the_chain_at_its_beginning() {
    let case = whole();
    case.folder.tamper("UPDATE journal SET id = '00000000000000000000000000000000'");
    assert_eq!(case.broken().seq, Some(1));
}

#[test]
fn a_chain_longer_than_a_page_is_checked_to_its_end() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, http()), folder.journal());
    let mut file = PAY_HEADER.to_owned();
    for line in 0..2_100 {
        file.push_str(&pay_line(&format!("ORDER{line}"), "10000", ""));
    }
    let import = taxrefund_journal::ImportOptions::csv("night");
    journal.import(pay_operation(), client.profile(), &import, file.as_bytes()).unwrap();
    let proof = journal.verify(None).unwrap().unwrap();
    assert_eq!((proof.entries, proof.records), (2_100, 2_100));
    folder.tamper("UPDATE entry SET amount_minor = 1 WHERE id = 2050");
    assert_eq!(journal.verify(None).unwrap().unwrap_err().key.as_deref(), Some("ORDER2049"));
    folder.tamper("UPDATE record SET content = '{}' WHERE seq = 2001");
    assert_eq!(journal.verify(None).unwrap().unwrap_err().seq, Some(2001));
}

#[test]
fn a_journal_is_proved_read_only_and_while_others_write() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, writer) = (gateway(&sandbox, http()), folder.journal());
    let reader = folder.journal_with(Options { read_only: true, ..Options::default() });
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for line in 0..60 {
                let key = format!("ORDER{line}");
                writer.run(&client, &Submission::new(pay(&client, &key, "10000", &key))).unwrap();
            }
            is_over.store(true, Ordering::SeqCst);
        });
        let mut kept = reader.head().unwrap();
        while !is_over.load(Ordering::SeqCst) {
            kept = reader.verify(Some(kept)).unwrap().unwrap().head;
        }
    });
    let proof = reader.verify(None).unwrap().unwrap();
    assert_eq!((proof.entries, proof.records), (60, 120));
}

#[test]
fn a_mark_that_comes_during_the_check_is_no_tampering() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, writer) = (gateway(&sandbox, http()), folder.journal());
    let reader = folder.journal_with(Options { read_only: true, ..Options::default() });
    let keys: Vec<_> = (0..40).map(|line| format!("ORDER{line}")).collect();
    for key in &keys {
        writer.run(&client, &Submission::new(pay(&client, key, "10000", key))).unwrap();
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for key in &keys {
                gateway_message(&client, key, "F", key).tell(&writer, &client).unwrap();
            }
            is_over.store(true, Ordering::SeqCst);
        });
        while !is_over.load(Ordering::SeqCst) {
            reader.verify(None).unwrap().unwrap();
        }
    });
    assert!(reader.verify(None).unwrap().is_ok());
}

#[test]
fn a_sealed_journal_is_proved_as_well_and_needs_its_key_only_to_be_opened() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let key = || Options { sealing_key: Some(SealingKey::new([7; 32])), ..Options::default() };
    let journal = folder.journal_with(key());
    fill(&sandbox, &journal);
    assert!(journal.verify(None).unwrap().is_ok());
    let refused = Journal::open(&folder.file(DATABASE), Options { read_only: true, ..Options::default() });
    let Err(JournalError::Store(refused)) = refused else { panic!("opened without its key") };
    assert_eq!(refused.fault.code(), "journal_sealing");
    folder.tamper("UPDATE record SET sealed = zeroblob(length(sealed)) WHERE seq = 2");
    assert_eq!(journal.verify(None).unwrap().unwrap_err().seq, Some(2));
    folder.tamper("UPDATE request SET sealed = zeroblob(length(sealed)) WHERE entry_id = 1");
    assert_eq!(journal.verify(None).unwrap().unwrap_err().seq, Some(2), "the first one is named");
}

#[test]
fn a_damaged_page_is_told_in_the_databases_own_words_or_as_corrupt() {
    let case = whole();
    let path = case.folder.file(DATABASE);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xA5);
    std::fs::write(&path, bytes).unwrap();
    let said = match Journal::open(&path, Options::default()).and_then(|journal| journal.verify(None)) {
        Ok(verified) => verified.expect_err("nothing was noticed").to_string(),
        Err(error) => {
            assert_eq!(error.code(), "journal_corrupt");
            error.to_string()
        }
    };
    assert!(said.contains("damaged") || said.contains("the database says"), "{said}");
}
