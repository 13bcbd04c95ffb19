//! What may be recorded: a key is taken for ever, a form until its refund has failed, an account in one environment.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod support;

use serde_json::{Value, json};
use support::*;
use taxrefund_core::{Client, alipay};
use taxrefund_journal::{Journal, JournalError, Kind, State, Submission, Submitted};
use taxrefund_sandbox::Sandbox;

struct Desk {
    sandbox: Sandbox,
    folder: Folder,
    journal: Journal,
    client: Client,
}

fn desk() -> Desk {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let client = gateway(&sandbox, http());
    Desk { journal: folder.journal(), sandbox, folder, client }
}

impl Desk {
    fn submit(&self, key: &str, form: &str) -> Result<Submitted, JournalError> {
        let prepared = pay(&self.client, key, "10000", form);
        self.journal.submit(self.client.profile(), &Submission::new(prepared))
    }

    /// Pays and brings the refund to this end.
    fn settled(&self, key: &str, form: &str, faults: &str) -> State {
        self.sandbox.provoke(key, faults).unwrap();
        let prepared = pay(&self.client, key, "10000", form);
        self.journal.run(&self.client, &Submission::new(prepared)).unwrap();
        entry(&self.journal, &self.client, key).state
    }
}

/// The form is taken by this refund, which stands so.
fn assert_taken(refused: Result<Submitted, JournalError>, by: &str, stands: State) {
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), "form_taken");
    let said = refused.to_string();
    assert!(
        said.contains(by) && said.contains(stands.as_str()) && said.contains("Nothing was sent"),
        "{said}"
    );
    let JournalError::FormTaken { key, state, .. } = refused else { panic!("{said}") };
    assert_eq!((&*key, state), (by, stands));
}

fn reused_fields(refused: &JournalError) -> Vec<&str> {
    assert_eq!(refused.code(), "key_reused");
    assert!(refused.to_string().contains("a new refund needs a new key"), "{refused}");
    let JournalError::KeyReused { fields, .. } = refused else { panic!("{refused}") };
    fields.iter().map(String::as_str).collect()
}

#[test]
fn a_submitted_refund_is_recorded_and_nothing_is_sent() {
    let desk = desk();
    let Submitted::New(new) = desk.submit("ORDER1", "FORM1").unwrap() else { panic!("known") };
    assert_eq!((&*new.key, new.form.as_deref(), new.state), ("ORDER1", Some("FORM1"), State::Open));
    assert_eq!((new.begun, new.epoch, new.attempts, new.lease_owner.is_none()), (false, 0, 0, true));
    let amount = new.amount.clone().unwrap();
    assert_eq!((&*amount.currency, &*amount.value), ("SGD", "10000"));
    let Submitted::Known(known) = desk.submit("ORDER1", "FORM1").unwrap() else { panic!("new") };
    assert_eq!(known, new);
    assert_eq!(desk.journal.counts().unwrap().all(), 1);
    assert_eq!(desk.journal.story(&new).unwrap().len(), 1, "a repeat is not recorded");
    assert_eq!(desk.sandbox.requests().len(), 0);
}

#[test]
fn a_key_with_other_content_is_refused_with_the_fields_named_and_nothing_sent() {
    let desk = desk();
    let run = |amount| {
        let prepared = pay(&desk.client, "ORDER1", amount, "FORM1");
        desk.journal.run(&desk.client, &Submission::new(prepared))
    };
    run("10000").unwrap();
    let refused = run("20000").unwrap_err();
    assert_eq!(reused_fields(&refused), ["tax_refund_amount"]);
    let JournalError::KeyReused { operation, key, state, .. } = &refused else { panic!("{refused}") };
    assert_eq!((&**operation, &**key, *state), ("alipay.pay_tax_refund", "ORDER1", State::Succeeded));
    assert!(!refused.to_string().contains("20000"), "values are personal or sensitive: {refused}");
    assert_eq!(desk.sandbox.requests().len(), 1);
    assert_eq!(desk.journal.counts().unwrap().all(), 1);
}

#[test]
fn fields_that_differ_are_named_in_depth_and_in_lists_and_where_one_side_has_none() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (alipay_plus(&sandbox, http()), folder.journal());
    let recorded = credit_request("CREDIT1", "FORM1");
    let submit = |request: &Value| {
        let prepared = prepare(&client, "alipay_plus.create_original_credit", request);
        journal.submit(client.profile(), &Submission::new(prepared))
    };
    submit(&recorded).unwrap();
    let changed = |change: fn(&mut Value)| {
        let mut request = recorded.clone();
        change(&mut request);
        let refused = submit(&request).unwrap_err();
        reused_fields(&refused).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(changed(|request| request["payerAmount"]["value"] = json!("1")), ["payerAmount.value"]);
    let other_merchant = |request: &mut Value| request["payer"][0]["referenceMerchantId"] = json!("OTHER");
    assert_eq!(changed(other_merchant), ["payer.0.referenceMerchantId"]);
    let one_more = |request: &mut Value| {
        request["payer"].as_array_mut().unwrap().push(json!({ "referenceMerchantId": "SECOND" }));
    };
    assert_eq!(changed(one_more), ["payer.1"]);
    let two = |request: &mut Value| {
        request["departurePort"] = json!("XSP");
        request["payee"]["userId"] = json!("1");
    };
    assert_eq!(changed(two), ["departurePort", "payee.userId"]);
    assert_eq!(changed(|request| request["taxRefundFormNumber"] = json!("FORM2")), ["taxRefundFormNumber"]);
}

#[test]
fn a_key_of_another_operation_is_refused_and_names_it() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (alipay_plus(&sandbox, http()), folder.journal());
    // A form's key is its number and its status, so a credit can be given the same text only by hand.
    let credit = prepare(&client, "alipay_plus.create_original_credit", &credit_request("CREDIT1", "FORM1"));
    journal.submit(client.profile(), &Submission::new(credit.clone())).unwrap();
    folder.tamper("UPDATE entry SET operation = 'alipay_plus.sync_tax_refund_form'");
    let refused = journal.submit(client.profile(), &Submission::new(credit)).unwrap_err();
    assert_eq!(reused_fields(&refused), ["operation (was alipay_plus.sync_tax_refund_form)"]);
}

#[test]
fn a_key_given_again_with_another_form_is_refused() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (antom(&sandbox, http()), folder.journal());
    let submit = |form: &str| {
        let submission = Submission::new(antom_refund(&client, "REFUND1", "PAYMENT1")).form(form);
        journal.submit(client.profile(), &submission)
    };
    submit("FORM1").unwrap();
    // Taken for a repeat, the second form would not be held: another key could be paid for it.
    let refused = submit("FORM2").unwrap_err();
    assert_eq!(reused_fields(&refused), ["form"]);
}

#[test]
fn a_form_with_a_refund_that_did_not_fail_is_taken_whatever_that_refund_waits_for() {
    let desk = desk();
    for (form, faults, stands) in [
        ("FORM1", "http-503*every@any", State::Waiting),
        ("FORM2", "unsigned-refusal*every", State::Unknown),
        ("FORM3", "none", State::Succeeded),
    ] {
        let key = format!("FIRST{form}");
        assert_eq!(desk.settled(&key, form, faults), stands, "{faults}");
        assert_taken(desk.submit("SECOND", form), &key, stands);
    }
    desk.submit("FIRSTFORM4", "FORM4").unwrap();
    assert_taken(desk.submit("SECOND", "FORM4"), "FIRSTFORM4", State::Open);
    let before = desk.sandbox.requests().len();
    let prepared = pay(&desk.client, "SECOND", "10000", "FORM4");
    let refused = desk.journal.run(&desk.client, &Submission::new(prepared)).unwrap_err();
    assert_eq!(refused.code(), "form_taken");
    assert_eq!(desk.sandbox.requests().len(), before);
    assert!(desk.journal.find(desk.client.profile(), "SECOND").unwrap().is_none(), "its key is not taken");
}

#[test]
fn a_form_is_free_again_once_its_refund_has_failed_and_taken_by_the_next() {
    let desk = desk();
    assert_eq!(desk.settled("ORDER1", "FORM1", "failed"), State::Failed);
    assert_eq!(desk.settled("ORDER2", "FORM1", "none"), State::Succeeded);
    assert_taken(desk.submit("ORDER3", "FORM1"), "ORDER2", State::Succeeded);
    let ledger = desk.sandbox.ledger();
    assert_eq!((ledger.totals.paid_times, ledger.double_paid.len()), (1, 0));
}

#[test]
fn a_form_whose_failed_refund_is_contradicted_by_a_notification_is_not_free() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    sandbox.provoke("REFUND1", "failed").unwrap();
    let (client, journal) = (antom(&sandbox, http()), folder.journal());
    let of = |key: &str| Submission::new(antom_refund(&client, key, "PAYMENT1")).form("FORM1");
    journal.run(&client, &of("REFUND1")).unwrap();
    assert_eq!(entry(&journal, &client, "REFUND1").state, State::Failed);
    antom_message(&client, "REFUND1", "SUCCESS").tell(&journal, &client).unwrap();
    assert!(entry(&journal, &client, "REFUND1").conflict);
    // The provider says that the money moved: a second refund may be a second payment.
    let refused = journal.submit(client.profile(), &of("REFUND2")).unwrap_err();
    assert_eq!(refused.code(), "form_taken");
}

#[test]
fn a_second_refund_for_a_form_needs_a_reason_which_is_recorded_for_ever() {
    let desk = desk();
    assert_eq!(desk.settled("ORDER1", "FORM1", "none"), State::Succeeded);
    let prepared = pay(&desk.client, "ORDER2", "500", "FORM1");
    let meant = Submission::new(prepared).second_refund_for_form("customs corrected the amount");
    assert_eq!(desk.journal.run(&desk.client, &meant).unwrap().as_str(), "succeeded");
    let second = entry(&desk.journal, &desk.client, "ORDER2");
    assert_eq!(second.overridden.as_deref(), Some("customs corrected the amount"));
    let story = desk.journal.story(&second).unwrap();
    assert_eq!(story[0].kind, Kind::Submitted);
    let content: Value = serde_json::from_str(&story[0].content).unwrap();
    assert_eq!(content["overridden"], "customs corrected the amount");
    assert!(desk.journal.verify(None).unwrap().is_ok());
}

#[test]
fn control_characters_in_what_is_given_beside_the_request_are_refused_all_at_once() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (antom(&sandbox, http()), folder.journal());
    let submission = Submission::new(antom_refund(&client, "REFUND1", "PAYMENT1"))
        .form("FORM\0")
        .second_refund_for_form("customs\tcorrected it")
        .from_batch("mon\nday", 1);
    for refused in [
        journal.submit(client.profile(), &submission).unwrap_err(),
        journal.run(&client, &submission).unwrap_err(),
    ] {
        let JournalError::InvalidRequest(invalid) = &refused else { panic!("{refused}") };
        let told: Vec<_> = invalid.violations.iter().map(|told| (&*told.path, told.rule)).collect();
        let paths = ["form", "second_refund_for_form", "batch"];
        assert_eq!(told, paths.map(|path| (path, "alphabet")));
        assert!(refused.to_string().contains("'\\0' at 5") && !refused.to_string().contains("customs"));
    }
    assert_eq!((journal.counts().unwrap().all(), sandbox.requests().len()), (0, 0));
    assert_eq!(journal.find(client.profile(), "REFUND\0").unwrap(), None, "no such key can be recorded");
}

#[test]
fn an_override_holds_for_its_own_refund_alone() {
    let desk = desk();
    let meant =
        |key: &str| Submission::new(pay(&desk.client, key, "500", "FORM1")).second_refund_for_form("meant");
    desk.journal.submit(desk.client.profile(), &meant("ORDER1")).unwrap();
    assert_taken(desk.submit("ORDER2", "FORM1"), "ORDER1", State::Open);
    desk.journal.submit(desk.client.profile(), &meant("ORDER3")).unwrap();
    assert_taken(desk.submit("ORDER4", "FORM1"), "ORDER1", State::Open);
    desk.submit("ORDER5", "FORM5").unwrap();
    desk.journal
        .submit(
            desk.client.profile(),
            &Submission::new(pay(&desk.client, "ORDER6", "5", "FORM5")).second_refund_for_form("meant"),
        )
        .unwrap();
    assert_taken(desk.submit("ORDER7", "FORM5"), "ORDER5", State::Open);
}

#[test]
fn of_many_who_submit_one_form_at_once_one_is_recorded() {
    let desk = desk();
    let other = desk.folder.journal();
    let handles = [&desk.journal, &other];
    let recorded = std::thread::scope(|scope| {
        let clerks: Vec<_> = (0..8)
            .map(|clerk| {
                let (client, journal) = (&desk.client, handles[clerk % 2]);
                scope.spawn(move || {
                    let prepared = pay(client, &format!("ORDER{clerk}"), "10000", "FORM1");
                    journal.submit(client.profile(), &Submission::new(prepared))
                })
            })
            .collect();
        clerks.into_iter().filter_map(|clerk| clerk.join().unwrap().ok()).count()
    });
    assert_eq!(recorded, 1);
    assert_eq!(desk.journal.counts().unwrap().all(), 1);
}

#[test]
fn refunds_without_a_form_do_not_stand_in_each_others_way() {
    let desk = desk();
    desk.submit("ORDER1", "").unwrap();
    desk.submit("ORDER2", "").unwrap();
    assert_eq!(desk.journal.counts().unwrap().open, 2);
}

#[test]
fn keys_and_forms_of_different_accounts_are_independent() {
    let desk = desk();
    let (antom, plus) = (antom(&desk.sandbox, http()), alipay_plus(&desk.sandbox, http()));
    desk.submit("ORDER1", "FORM1").unwrap();
    let refund = Submission::new(antom_refund(&antom, "ORDER1", "PAYMENT1")).form("FORM1");
    desk.journal.submit(antom.profile(), &refund).unwrap();
    let credit = prepare(&plus, "alipay_plus.create_original_credit", &credit_request("ORDER1", "FORM1"));
    desk.journal.submit(plus.profile(), &Submission::new(credit)).unwrap();
    assert_eq!(desk.journal.counts().unwrap().open, 3);

    let other = gateway_as(&desk.sandbox, http(), |config| config.app_id = "2014072300007148".to_owned());
    let prepared = pay(&other, "ORDER1", "10000", "FORM1");
    desk.journal.submit(other.profile(), &Submission::new(prepared)).unwrap();
    assert_eq!(desk.journal.counts().unwrap().open, 4);
    assert_eq!(entry(&desk.journal, &other, "ORDER1").account, "2014072300007148");
}

#[test]
fn an_account_recorded_in_one_environment_is_refused_in_the_other() {
    let desk = desk();
    desk.submit("ORDER1", "FORM1").unwrap();
    let production = gateway_as(&desk.sandbox, dead_line(), |config| {
        *config = alipay::Config {
            environment: taxrefund_core::Environment::Production,
            endpoint: None,
            ..config.clone()
        };
    });
    let production = production.with(taxrefund_core::CallOptions::default());
    let submission = Submission::new(pay(&production, "ORDER2", "10000", "FORM2"));
    let journal = desk.folder.journal();
    let refused = journal.submit(production.profile(), &submission).unwrap_err();
    assert_eq!(refused.code(), "journal_other_environment");
    assert!(refused.to_string().contains("one journal per environment"), "{refused}");
    assert!(journal.run(&production, &submission).is_err());
    assert!(taxrefund_journal::Worker::new(&journal, vec![production]).is_err());
    assert_eq!(journal.counts().unwrap().all(), 1);
}

#[test]
fn an_antom_refund_takes_the_form_it_is_given() {
    let (sandbox, folder) = (sandbox("none"), Folder::new());
    let (client, journal) = (antom(&sandbox, http()), folder.journal());
    let run = |key: &str, form: Option<&str>| {
        let submission = Submission::new(antom_refund(&client, key, key));
        let submission = form.map_or(submission.clone(), |form| submission.form(form));
        journal.run(&client, &submission)
    };
    run("REFUND1", Some("FORM1")).unwrap();
    assert_eq!(entry(&journal, &client, "REFUND1").form.as_deref(), Some("FORM1"));
    assert_taken(
        run("REFUND2", Some("FORM1")).map(|outcome| panic!("{outcome:?}")),
        "REFUND1",
        State::Succeeded,
    );
    run("REFUND3", None).unwrap();
    assert_eq!(entry(&journal, &client, "REFUND3").form, None);
    run("REFUND4", Some("FORM4")).unwrap();
    assert_eq!(sandbox.ledger().totals.paid_times, 3);
}
