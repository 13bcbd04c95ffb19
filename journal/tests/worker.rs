//! The worker drains a journal: everything is paid once, whatever the provider does.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use std::time::Duration;

use support::*;
use taxrefund_journal::worker::{Until, WorkerOptions};
use taxrefund_journal::{ImportOptions, Options, State, Worker};

#[test]
fn a_batch_met_by_faults_is_paid_once_and_every_line_has_a_result() {
    let folder = Folder::new();
    let sandbox = builder("demo").long_delay(Duration::from_millis(1_500)).start().unwrap();
    let client = gateway(&sandbox, http());
    let mut options = Options::default();
    options.run.take_up_again_after = vec![Duration::from_millis(1); 3];
    let journal = folder.journal_with(options);
    let mut file = PAY_HEADER.to_owned();
    for line in 0..200 {
        file.push_str(&pay_line(&format!("ORDER{line}"), "10000", &format!("FORM{line}")));
    }
    file.push_str(&pay_line("ORDER0", "10000", "FORM0"));
    file.push_str(&pay_line("ORDER0", "1", "FORM0"));
    file.push_str(&pay_line("ORDER999", "10000", "FORM1"));
    let import = ImportOptions::csv("night");
    let summary = journal.import(pay_operation(), client.profile(), &import, file.as_bytes()).unwrap();
    assert_eq!((summary.new, summary.repeated, summary.wrong), (200, 1, 2), "{summary:?}");

    let options = WorkerOptions { until: Until::NothingOpen, ..WorkerOptions::default() };
    let worked = Worker::new(&journal, vec![client.clone()]).unwrap().options(options).run().unwrap();
    println!("{worked}");
    let counts = journal.counts().unwrap();
    assert_eq!((counts.all(), counts.open, counts.waiting), (200, 0, 0), "{counts}");
    let ledger = sandbox.ledger();
    assert!(ledger.double_paid.is_empty());
    for entry in journal.entries(Default::default()) {
        let entry = entry.unwrap();
        let paid =
            ledger.entries.iter().find(|known| known.key == entry.key).map_or(0, |known| known.paid_times);
        match entry.state {
            State::Succeeded => assert_eq!(paid, 1, "{}", entry.key),
            State::Failed => assert_eq!(paid, 0, "{}", entry.key),
            _ => assert!(paid <= 1),
        }
    }
    println!("{:?}", journal.verify(None).unwrap());
    let mut results = Vec::new();
    let written = journal
        .write_results(pay_operation(), client.profile(), &import, file.as_bytes(), &mut results)
        .unwrap();
    println!("{written:?}");
    assert_eq!((written.lines, written.repeated, written.wrong), (203, 1, 2));
}
