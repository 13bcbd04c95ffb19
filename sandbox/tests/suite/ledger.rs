//! The ledger tells the truth, whatever the client was told.

use serde_json::json;
use taxrefund_sandbox::Sandbox;

use crate::common::*;

#[test]
fn a_lost_answer_is_paid_once_and_marked_as_never_delivered() {
    let sandbox = Sandbox::builder().start().unwrap();
    assert_eq!(pay(&sandbox, "ORDER1XLOSTANSWER2", "").0, "closed");
    let entry = sandbox.ledger().entry("ORDER1XLOSTANSWER2").unwrap().clone();
    assert_eq!((entry.paid_times, entry.answer_delivered), (1, false));
    assert_eq!(pay(&sandbox, "ORDER1XLOSTANSWER2", "").0, "closed");
    assert_eq!(pay(&sandbox, "ORDER1XLOSTANSWER2", "").1["code"], "10000");
    let entry = sandbox.ledger().entry("ORDER1XLOSTANSWER2").unwrap().clone();
    assert_eq!((entry.paid_times, entry.answer_delivered, entry.requests["pay"]), (1, true, 3));
    let log = sandbox.requests();
    assert_eq!(
        log.iter().map(|e| e.faults.join("+")).collect::<Vec<_>>(),
        ["lost-answer*2", "lost-answer*2", ""]
    );
    assert!(log.iter().all(|e| e.answer == "10000" && e.business_sha256 == log[0].business_sha256));
}

#[test]
fn a_client_that_takes_a_new_number_for_a_paid_form_pays_twice_and_is_found_out() {
    let sandbox = Sandbox::builder().start().unwrap();
    for key in ["ORDER1", "ORDER2XINPROCESS0", "ORDER3XLATEEXECUTION", "ORDER4XFAILED"] {
        gateway_with(&sandbox, PAY, &pay_order(key, "DOC1"), "");
    }
    for key in ["CREDIT1XLOSTANSWER", "CREDIT2"] {
        signed_with(&sandbox, CREATE, &credit(key, "FORM1"), "");
    }
    for key in ["R1XLOSTANSWER", "R2"] {
        signed_with(&sandbox, REFUND, &refund(key, "P1"), "");
    }
    signed(&sandbox, REFUND, &refund("R3", "P2"));
    let ledger = sandbox.ledger();
    let found: Vec<_> =
        ledger.double_paid.iter().map(|d| (d.form.as_str(), d.paid_times, d.keys.len())).collect();
    assert_eq!(found, [("DOC1", 3, 3), ("FORM1", 2, 2), ("P1/USD/100", 2, 2)]);
    assert_eq!(ledger.totals.paid_minor["antom/USD"], 300);
}

#[test]
fn repeats_that_arrive_together_are_carried_out_once() {
    let sandbox = Sandbox::builder().start().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| signed(&sandbox, REFUND, &refund("R1", "P1")));
        }
    });
    let entry = sandbox.ledger().entry("R1").unwrap().clone();
    assert_eq!((entry.paid_times, entry.requests["refund"]), (1, 8));
}

#[test]
fn the_pages_say_what_the_library_says_and_keep_travellers_out_of_the_log() {
    let sandbox = Sandbox::builder().start().unwrap();
    pay(&sandbox, "ORDER1", "");
    query(&sandbox, "ORDER1");
    let ask = json!({"identify_account_type": "logonId", "identify_account_no": "zhangsan@alitest.com"});
    gateway(&sandbox, USER_INFO, &ask);
    let page = |name: &str| get_json(sandbox.base_url(), &format!("/sandbox/{name}"));
    assert_eq!(page("ledger"), json!(sandbox.ledger()));
    assert_eq!(page("requests"), json!(sandbox.requests()));
    assert_eq!(page("credentials"), json!(sandbox.credentials()));
    let log = page("requests").to_string();
    assert!(log.contains("zh***om") && !log.contains("zhangsan") && !log.contains("281234567890123456"));
}
