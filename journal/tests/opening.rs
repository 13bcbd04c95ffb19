//! A file is opened only when it is a journal that can be trusted and written; otherwise it is left alone and the error
//! says what to do.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::fs;

use rusqlite::Connection;
use support::*;
use taxrefund_core::Client;
use taxrefund_journal::{Journal, JournalError, Options, SealingKey, State, Submission};

/// A journal with one refund in it, closed.
fn closed() -> Folder {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let client = gateway(&sandbox, http());
    submit(&folder.journal(), &client, "ORDER1").unwrap();
    folder
}

fn submit(journal: &Journal, client: &Client, key: &str) -> Result<(), JournalError> {
    journal.submit(client.profile(), &Submission::new(pay(client, key, "10000", key))).map(drop)
}

fn refused(place: &str, options: Options) -> JournalError {
    Journal::open(place, options).err().expect("it was opened")
}

/// Refused with this code, and the text has these words.
#[track_caller]
fn assert_refused(error: &JournalError, code: &str, words: &[&str]) {
    let said = error.to_string();
    assert_eq!(error.code(), code, "{said}");
    for word in words {
        assert!(said.contains(word), "{said:?} does not say {word:?}");
    }
}

#[test]
fn a_file_that_is_not_there_and_an_empty_one_become_a_journal() {
    let folder = Folder::new();
    fs::write(folder.file(DATABASE), b"").unwrap();
    for name in [DATABASE, "other.db"] {
        let journal = Journal::open(&folder.file(name), Options::default()).unwrap();
        assert_eq!(journal.counts().unwrap().all(), 0);
        assert_eq!(journal.head().unwrap().seq, 0);
    }
}

#[test]
fn what_was_recorded_is_there_when_it_is_opened_again() {
    let folder = closed();
    let journal = folder.journal();
    assert_eq!(journal.counts().unwrap().open, 1);
    assert_eq!(journal.entries(Default::default()).next().unwrap().unwrap().key, "ORDER1");
    let other = Options { owner: Some("office-7".to_owned()), ..Options::default() };
    assert_eq!(folder.journal_with(other).owner(), "office-7");
    assert_ne!(folder.journal().owner(), journal.owner());
}

#[cfg(unix)]
#[test]
fn a_new_file_can_be_read_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let journal = folder.journal();
    submit(&journal, &gateway(&sandbox, http()), "ORDER1").unwrap();
    for name in [DATABASE.to_owned(), format!("{DATABASE}-wal")] {
        let mode = fs::metadata(folder.file(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_file_of_something_else_is_left_as_it_is() {
    let folder = Folder::new();
    let path = folder.file(DATABASE);
    for content in ["key,amount\nORDER1,1\n", "x", "SQLite format 2\0"] {
        fs::write(&path, content).unwrap();
        let error = refused(&path, Options::default());
        assert_refused(&error, "journal_foreign", &["not a journal", "nothing was changed", DATABASE]);
        assert_eq!(fs::read(&path).unwrap(), content.as_bytes());
    }
}

#[test]
fn a_database_of_another_program_is_left_as_it_is() {
    let folder = Folder::new();
    folder.tamper("CREATE TABLE till (id INTEGER PRIMARY KEY)");
    let before = fs::read(folder.file(DATABASE)).unwrap();
    for read_only in [false, true] {
        let error = refused(&folder.file(DATABASE), Options { read_only, ..Options::default() });
        assert_refused(&error, "journal_foreign", &["another program", "nothing was changed"]);
    }
    assert_eq!(fs::read(folder.file(DATABASE)).unwrap(), before);
}

#[test]
fn a_file_that_was_cut_short_is_damaged() {
    let folder = closed();
    folder.tamper("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
    let path = folder.file(DATABASE);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = match Journal::open(&path, Options::default()).map(|journal| journal.verify(None)) {
        Ok(Ok(Err(broken))) => return assert!(broken.to_string().contains("the database says"), "{broken}"),
        Ok(Ok(Ok(proof))) => panic!("nothing was noticed: {proof:?}"),
        Ok(Err(error)) | Err(error) => error,
    };
    assert_refused(&error, "journal_corrupt", &["damaged", "Keep the file", "restore a copy"]);
}

#[test]
fn a_damaged_first_page_is_no_journal_and_nothing_is_written_to_it() {
    let folder = closed();
    folder.tamper("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
    let path = folder.file(DATABASE);
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..4096].fill(0x5A);
    fs::write(&path, &bytes).unwrap();
    let error = refused(&path, Options::default());
    assert_refused(&error, "journal_corrupt", &["damaged"]);
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn damage_met_in_the_middle_of_use_stops_before_anything_is_sent() {
    let (sandbox, folder) = (sandbox("none"), closed());
    folder.tamper("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
    let root = folder.number("SELECT rootpage FROM sqlite_schema WHERE name = 'entry_key'");
    let path = folder.file(DATABASE);
    let mut bytes = fs::read(&path).unwrap();
    let at = usize::try_from(root - 1).unwrap() * 4096;
    bytes[at..at + 4096].fill(0x5A);
    fs::write(&path, &bytes).unwrap();
    let client = gateway(&sandbox, dead_line());
    let prepared = pay(&client, "ORDER2", "10000", "FORM2");
    let error = folder.journal().run(&client, &Submission::new(prepared)).unwrap_err();
    assert_refused(&error, "journal_corrupt", &["damaged", "nothing was sent"]);
}

#[test]
fn a_journal_of_a_newer_version_is_not_opened() {
    let folder = closed();
    folder.tamper("UPDATE journal SET version = 2, oldest_program = 2");
    for read_only in [false, true] {
        let error = refused(&folder.file(DATABASE), Options { read_only, ..Options::default() });
        assert_refused(&error, "journal_newer", &["schema 2", "update this program", "nothing was changed"]);
    }
    // What only adds to the schema can still be used.
    folder.tamper("UPDATE journal SET version = 2, oldest_program = 1");
    assert_eq!(folder.journal().counts().unwrap().all(), 1);
}

#[test]
fn a_newer_version_that_comes_while_this_one_works_stops_it_before_it_sends() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (gateway(&sandbox, dead_line()), folder.journal());
    submit(&journal, &client, "ORDER1").unwrap();
    folder.tamper("UPDATE journal SET oldest_program = 2");
    let submission = Submission::new(pay(&client, "ORDER2", "10000", "FORM2"));
    let error = journal.run(&client, &submission).unwrap_err();
    assert_refused(&error, "journal_newer", &["update this program"]);
    let error = journal.resume(&client, "ORDER1").unwrap_err();
    assert_refused(&error, "journal_newer", &[]);
    let worker = taxrefund_journal::Worker::new(&journal, vec![client]).unwrap();
    assert_refused(&worker.run().unwrap_err(), "journal_newer", &[]);
    assert_eq!(journal.counts().unwrap().open, 1, "and it can still be looked at");
}

#[test]
fn a_journal_written_ahead_of_this_clock_is_refused_until_that_is_accepted() {
    let (sandbox, folder) = (sandbox("none"), closed());
    let client = gateway(&sandbox, http());
    let hours = |hours: i64| hours * 3_600_000;
    let now_ms = folder.number("SELECT created_ms FROM journal");
    // A year ahead; one refund waits for then, another for in an hour, and a third is leased until then.
    submit(&folder.journal(), &client, "ORDER2").unwrap();
    submit(&folder.journal(), &client, "ORDER3").unwrap();
    folder.tamper(&format!(
        "UPDATE journal SET written_ms = {ahead}; UPDATE entry SET due_ms = {ahead} WHERE id <> 2;
         UPDATE entry SET due_ms = {soon} WHERE id = 2; UPDATE entry SET lease_owner = 'dead' WHERE id = 3;
         INSERT INTO worker VALUES ('dead', '1', '[1]', {ahead}, {ahead}), ('alive', '1', '[1]', {soon}, {soon})",
        ahead = now_ms + hours(24 * 365),
        soon = now_ms + hours(1),
    ));
    let error = refused(&folder.file(DATABASE), Options::default());
    assert_refused(
        &error,
        "journal_clock",
        &["ahead of this machine's clock", "accept_clock", "nothing was sent"],
    );
    let look = Options { read_only: true, ..Options::default() };
    assert_eq!(folder.journal_with(look).counts().unwrap().all(), 3, "looking is harmless");

    let journal = folder.journal_with(Options { accept_clock: true, ..Options::default() });
    assert!(Journal::open(&folder.file(DATABASE), Options::default()).is_ok(), "accepting it once is enough");
    let alive = folder.cell("SELECT group_concat(owner) FROM worker");
    assert_eq!(
        alive,
        "alive".to_owned().into(),
        "a sign of life that nobody can have given yet shares no pace"
    );
    let due = |key| entry(&journal, &client, key).due_ms.unwrap();
    assert!(due("ORDER1") < now_ms + hours(1) && due("ORDER3") < now_ms + hours(1));
    assert_eq!(due("ORDER2"), now_ms + hours(1), "a wait that can be true is left");
    assert_eq!(work(&journal, &client).ended.succeeded, 2);
}

#[test]
fn a_restart_without_the_name_of_who_is_dead_is_refused_and_no_file_is_made() {
    let folder = Folder::new();
    let error = refused(&folder.file(DATABASE), Options { restarted: true, ..Options::default() });
    assert_refused(&error, "configuration", &["restarted", "the owner's name must be given"]);
    assert!(!fs::exists(folder.file(DATABASE)).unwrap());
    let named = Options { restarted: true, owner: Some("night".to_owned()), ..Options::default() };
    assert_eq!(folder.journal_with(named).owner(), "night");
}

#[test]
fn a_clock_that_is_a_little_behind_is_no_matter() {
    let folder = closed();
    folder.tamper("UPDATE journal SET written_ms = written_ms + 60000");
    assert!(Journal::open(&folder.file(DATABASE), Options::default()).is_ok());
}

#[test]
fn a_sealed_journal_opens_with_its_own_key_alone() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let with = |byte: u8| Options { sealing_key: Some(SealingKey::new([byte; 32])), ..Options::default() };
    submit(&folder.journal_with(with(1)), &gateway(&sandbox, http()), "ORDER1").unwrap();
    let path = folder.file(DATABASE);
    assert_refused(
        &refused(&path, with(2)),
        "journal_sealing",
        &["not this journal's", "nothing was read or changed"],
    );
    let missing = refused(&path, Options::default());
    assert_refused(&missing, "journal_sealing", &["give its sealing key", "nothing was read or changed"]);
    assert_eq!(folder.journal_with(with(1)).counts().unwrap().all(), 1);
}

#[test]
fn a_journal_in_clear_takes_no_key_later() {
    let folder = closed();
    for read_only in [false, true] {
        let sealing_key = Some(SealingKey::new([1; 32]));
        let error = refused(&folder.file(DATABASE), Options { sealing_key, read_only, ..Options::default() });
        assert_refused(&error, "journal_sealing", &["sealed"]);
    }
    assert_eq!(folder.journal().counts().unwrap().all(), 1);
}

#[test]
fn a_read_only_journal_can_be_looked_at_and_sends_nothing() {
    let (sandbox, folder) = (sandbox("none"), closed());
    let journal = folder.journal_with(Options { read_only: true, ..Options::default() });
    let client = gateway(&sandbox, dead_line());
    assert_eq!(entry(&journal, &client, "ORDER1").state, State::Open);
    assert!(journal.verify(None).unwrap().is_ok());
    let submission = Submission::new(pay(&client, "ORDER2", "10000", "FORM2"));
    let error = journal.run(&client, &submission).unwrap_err();
    assert_refused(&error, "journal_read_only", &["cannot be written", "permissions"]);
    assert_eq!(journal.resume(&client, "ORDER1").unwrap_err().code(), "journal_read_only");
    let worker = taxrefund_journal::Worker::new(&journal, vec![client]).unwrap();
    assert_eq!(worker.run().unwrap_err().code(), "journal_read_only");
}

#[test]
fn looking_for_a_refund_of_an_account_that_was_never_used_finds_nothing() {
    let (sandbox, folder) = (sandbox("none"), closed());
    let journal = folder.journal_with(Options { read_only: true, ..Options::default() });
    let client = antom(&sandbox, dead_line());
    assert_eq!(journal.find(client.profile(), "REFUND1").unwrap(), None);
}

#[test]
fn a_read_only_journal_must_exist() {
    let folder = Folder::new();
    let error = refused(&folder.file(DATABASE), Options { read_only: true, ..Options::default() });
    assert_refused(&error, "journal_store", &["no journal to read"]);
    assert!(!fs::exists(folder.file(DATABASE)).unwrap());
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_is_refused_before_anything_is_sent() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = closed();
    folder.tamper("PRAGMA wal_checkpoint(TRUNCATE)");
    let path = folder.file(DATABASE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    if fs::OpenOptions::new().write(true).open(&path).is_ok() {
        // Root may write everything.
        return;
    }
    assert_refused(
        &refused(&path, Options::default()),
        "journal_read_only",
        &["permissions", "nothing was sent"],
    );
}

#[test]
fn a_folder_that_is_not_there_is_told_with_the_path() {
    let folder = Folder::new();
    let error = refused(&folder.file("missing/refunds.db"), Options::default());
    assert_refused(&error, "journal_store", &["missing/refunds.db", "cannot be created"]);
}

#[test]
fn a_place_that_is_neither_file_nor_postgres_is_refused() {
    let error = refused("mysql://office/refunds", Options::default());
    assert_refused(&error, "journal_store", &["neither", "postgres://"]);
}

#[cfg(not(feature = "postgres"))]
#[test]
fn a_build_without_postgres_says_so() {
    for place in ["postgres://office/refunds", "postgresql://office/refunds"] {
        assert_refused(
            &refused(place, Options::default()),
            "journal_store",
            &["no PostgreSQL", "`postgres`"],
        );
    }
}

#[test]
fn many_may_open_a_new_journal_at_once_and_all_have_the_same() {
    for _ in 0..15 {
        let folder = Folder::new();
        let heads = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(|| folder.journal().head().unwrap())).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(heads.iter().all(|head| *head == heads[0]));
    }
}

#[test]
fn a_journal_that_lies_about_its_words_is_an_error_and_no_guess() {
    let (sandbox, folder) = (sandbox("none"), closed());
    let client = gateway(&sandbox, dead_line());
    // Without the table's own check, as after an edit by hand.
    let edit = Connection::open(folder.file(DATABASE)).unwrap();
    edit.execute_batch("PRAGMA ignore_check_constraints = ON; UPDATE entry SET state = 'paid'").unwrap();
    let error = folder.journal().find(client.profile(), "ORDER1").unwrap_err();
    assert_refused(&error, "journal_store", &["paid", "not a word of this schema"]);
}
