use serde_json::{Value, json};

use super::*;

/// One refund that went well, in every book; each test spoils one thing.
struct Books {
    batch: Batch,
    journal: Recorded,
    ledger: Value,
    results: Vec<(u64, String)>,
    told: Vec<(File, String, State)>,
}

impl Books {
    fn new() -> Self {
        Self::of(File::Alipay, "rf1")
    }

    fn of(file: File, key: &str) -> Self {
        let line = Line { number: 2, key: key.to_owned(), kind: Kind::Refund };
        let entry = Entry {
            state: State::Succeeded,
            next_step: None,
            is_leased: false,
            amount_minor: Some("500".to_owned()),
            reference: Some("2088".to_owned()),
            line: Some((file.name().to_owned(), 2)),
        };
        let is_form = file == File::AlipayPlus;
        let paid = json!({
            "protocol": file.protocol(), "account": "1", "key": file.ledger_key(key), "operation": "pay", "form": "SG1",
            "currency": "SGD", "amount": "500", "paid_times": i32::from(!is_form),
            "state": if is_form { "recorded" } else { "succeeded" }, "reference": "2088", "requests": { "pay": 2 },
            "answer_delivered": true,
        });
        let totals = json!({ "keys": 1, "paid_keys": 1, "paid_times": 1, "requests": 2, "paid_minor": {} });
        Self {
            batch: Batch { file, text: String::new(), lines: vec![line] },
            journal: Recorded::from([((file, key.to_owned()), entry)]),
            ledger: json!({ "seed": 1, "totals": totals, "entries": [paid], "double_paid": [] }),
            results: vec![(2, "succeeded".to_owned())],
            told: Vec::new(),
        }
    }

    fn entry(&mut self) -> &mut Entry {
        self.journal.values_mut().next().unwrap()
    }

    fn paid(&mut self) -> &mut Value {
        &mut self.ledger["entries"][0]
    }

    /// The entry and the result file say the same.
    fn state(&mut self, state: State, next_step: Option<NextStep>) {
        let entry = self.entry();
        (entry.state, entry.next_step) = (state, next_step);
        self.results[0].1 = state.to_string();
    }

    fn add(&mut self, kind: Kind, key: &str, result: &str) {
        self.batch.lines.push(Line { number: 3, key: key.to_owned(), kind });
        self.results.push((3, result.to_owned()));
    }

    /// Into the ledger as well.
    fn enter(&mut self, paid: Value) {
        self.ledger["entries"].as_array_mut().unwrap().push(paid);
    }

    fn judge(self) -> Verdict {
        let ledger: Ledger = serde_json::from_value(self.ledger).unwrap();
        judge(&Evidence {
            batches: &[self.batch],
            journal: &self.journal,
            ledger: &ledger,
            results: &[self.results],
            told: &self.told,
        })
    }

    /// Double, lost, false failed, false succeeded, and whatever else.
    fn counts(self) -> [usize; 5] {
        let verdict = self.judge();
        let Verdict { double, lost, false_failed, false_succeeded, wrong, .. } = &verdict;
        let counts = [double, lost, false_failed, false_succeeded, wrong].map(BTreeSet::len);
        assert_eq!(verdict.holds(), counts == [0; 5], "{verdict:?}");
        counts
    }
}

const DOUBLE: [usize; 5] = [1, 0, 0, 0, 0];
const LOST: [usize; 5] = [0, 1, 0, 0, 0];
const FALSE_FAILED: [usize; 5] = [0, 0, 1, 0, 0];
const FALSE_SUCCEEDED: [usize; 5] = [0, 0, 0, 1, 0];
const WRONG: [usize; 5] = [0, 0, 0, 0, 1];

#[test]
fn what_agrees_is_all_zeros() {
    let verdict = Books::new().judge();
    assert!(verdict.holds());
    assert_eq!(verdict.closing_line(), "double: 0, lost: 0, false_failed: 0, false_succeeded: 0");
    let row = Row { name: "alipay.csv", lines: 1, succeeded: 1, done: 1, requests: 2, ..Row::default() };
    assert_eq!(verdict.rows, [row]);
    assert_eq!(Books::of(File::AlipayPlus, "SG1:INIT").counts(), [0; 5]);
}

#[test]
fn a_key_or_a_form_that_was_paid_twice_is_double() {
    let mut books = Books::new();
    books.paid()["paid_times"] = 2.into();
    assert_eq!(books.counts(), DOUBLE);

    let mut books = Books::new();
    books.paid()["paid_times"] = 2.into();
    books.ledger["double_paid"] =
        json!([{ "protocol": "alipay", "account": "1", "form": "SG1", "paid_times": 2, "keys": ["rf1"] }]);
    assert_eq!(books.counts(), DOUBLE, "counted once though the ledger lists it");
}

#[test]
fn a_line_without_entry_result_or_end_is_lost() {
    let mut books = Books::new();
    books.journal.clear();
    books.ledger["entries"] = json!([]);
    assert_eq!(books.counts(), LOST, "never recorded");

    let mut books = Books::new();
    books.results.clear();
    assert_eq!(books.counts(), LOST, "not in the result file");

    for state in [State::Open, State::Waiting] {
        let mut books = Books::new();
        books.state(state, None);
        assert_eq!(books.counts(), LOST, "{state}");
    }

    let mut books = Books::new();
    books.state(State::Unknown, None);
    assert_eq!(books.counts(), LOST, "unknown without a next step");
    let mut books = Books::new();
    books.state(State::Unknown, Some(NextStep::ContactSupport));
    assert_eq!(books.counts(), [0; 5], "unknown with one");
}

#[test]
fn money_that_moved_without_an_entry_is_lost() {
    let mut books = Books::new();
    let mut stray = books.paid().clone();
    stray["key"] = "rf9".into();
    books.enter(stray.clone());
    assert_eq!(books.counts(), LOST);

    let mut books = Books::new();
    stray["paid_times"] = 0.into();
    stray["state"] = "absent".into();
    books.enter(stray);
    assert_eq!(books.counts(), [0; 5]);
}

#[test]
fn a_failure_of_what_is_paid_or_recorded_is_false() {
    for mut books in [Books::new(), Books::of(File::AlipayPlus, "SG1:INIT")] {
        books.state(State::Failed, Some(NextStep::StartNew));
        assert_eq!(books.counts(), FALSE_FAILED);
    }
}

#[test]
fn a_success_of_what_is_not_paid_or_unknown_to_the_ledger_is_false() {
    let mut books = Books::new();
    books.paid()["paid_times"] = 0.into();
    books.paid()["state"] = "failed".into();
    assert_eq!(books.counts(), FALSE_SUCCEEDED);

    let mut books = Books::new();
    books.ledger["entries"] = json!([]);
    assert_eq!(books.counts(), FALSE_SUCCEEDED);
}

#[test]
fn another_amount_another_number_and_a_lease_that_was_left_are_wrong() {
    let mut books = Books::new();
    books.entry().amount_minor = Some("501".to_owned());
    assert_eq!(books.counts(), WRONG);

    let mut books = Books::new();
    books.entry().reference = Some("2089".to_owned());
    assert_eq!(books.counts(), WRONG);

    let mut books = Books::new();
    books.entry().is_leased = true;
    assert_eq!(books.counts(), WRONG);
}

#[test]
fn a_result_file_that_says_something_else_or_something_twice_is_wrong() {
    let mut books = Books::new();
    books.results[0].1 = "failed".to_owned();
    assert_eq!(books.counts(), WRONG);

    let mut books = Books::new();
    books.results.push((2, "succeeded".to_owned()));
    assert_eq!(books.counts(), WRONG);

    let mut books = Books::new();
    books.results.push((9, "succeeded".to_owned()));
    assert_eq!(books.counts(), WRONG);
}

#[test]
fn lines_that_must_not_be_sent_are_refused_or_repeat_another() {
    for (kind, key, right, wrong) in [
        (Kind::Repeat, "rf1", "repeats", "wrong"),
        (Kind::Reused, "rf1", "wrong", "repeats"),
        (Kind::Rival, "rf1b", "wrong", "succeeded"),
        (Kind::Invalid, "rf2", "wrong", "succeeded"),
    ] {
        let mut books = Books::new();
        books.add(kind, key, right);
        assert_eq!(books.counts(), [0; 5], "{kind:?}");
        let mut books = Books::new();
        books.add(kind, key, wrong);
        assert_eq!(books.counts(), WRONG, "{kind:?}");
    }
}

#[test]
fn a_rival_that_was_taken_on_is_judged_like_any_refund() {
    let mut books = Books::new();
    books.state(State::Failed, Some(NextStep::StartNew));
    books.paid()["paid_times"] = 0.into();
    books.paid()["state"] = "failed".into();
    let rival = Entry {
        state: State::Succeeded,
        next_step: None,
        line: Some(("alipay.csv".to_owned(), 3)),
        ..books.entry().clone()
    };
    books.add(Kind::Rival, "rf1b", "succeeded");
    books.journal.insert((File::Alipay, "rf1b".to_owned()), rival);
    let mut paid = books.paid().clone();
    (paid["key"], paid["paid_times"], paid["state"]) = ("rf1b".into(), 1.into(), "succeeded".into());
    books.enter(paid);
    assert_eq!(books.counts(), [0; 5]);
}

#[test]
fn a_refund_that_the_merchant_submitted_first_repeats_in_the_result_file() {
    let mut books = Books::new();
    books.entry().line = None;
    books.results[0].1 = "repeats".to_owned();
    assert_eq!(books.counts(), [0; 5]);
}

#[test]
fn somebody_who_was_told_another_outcome_is_noticed() {
    let mut books = Books::new();
    books.told.push((File::Alipay, "rf1".to_owned(), State::Succeeded));
    assert_eq!(books.counts(), [0; 5]);
    let mut books = Books::new();
    books.told.push((File::Alipay, "rf1".to_owned(), State::Failed));
    assert_eq!(books.counts(), WRONG);
}
