use super::*;

fn advice(from: &str, to: &str) -> Option<&'static str> {
    advise(Some(&FormStatus::from_text(from)), &FormStatus::from_text(to)).map(|advice| advice.code)
}

#[test]
fn a_status_is_the_protocols_text_and_an_unlisted_one_is_kept() {
    let listed: Vec<String> = FormStatus::LISTED.iter().map(ToString::to_string).collect();
    assert_eq!(
        listed.join(" "),
        "INIT STAMPED REJECTED_BY_CUSTOMS RECEIVED VOIDED FAILED EXPIRED REFUNDED REFUNDED_NON_ALIPAYPLUS"
    );
    for text in listed.iter().map(String::as_str).chain(["MAILED", "init", ""]) {
        let json = serde_json::to_string(&FormStatus::from_text(text)).unwrap();
        assert_eq!(json, format!("{text:?}"));
        assert_eq!(serde_json::from_str::<FormStatus>(&json).unwrap().as_str(), text);
    }
}

#[test]
fn final_statuses_are_voided_expired_and_refunded() {
    let finals: Vec<&str> =
        FormStatus::LISTED.iter().filter(|s| s.is_final()).map(FormStatus::as_str).collect();
    assert_eq!(finals, ["VOIDED", "EXPIRED", "REFUNDED", "REFUNDED_NON_ALIPAYPLUS"]);
    assert!(!FormStatus::from_text("MAILED").is_final());
}

#[test]
fn usual_steps_pass_without_a_word() {
    for steps in [
        ["INIT", "STAMPED", "RECEIVED", "REFUNDED"],
        ["INIT", "RECEIVED", "STAMPED", "REFUNDED"],
        ["INIT", "RECEIVED", "FAILED", "REFUNDED"],
        ["INIT", "REJECTED_BY_CUSTOMS", "STAMPED", "REFUNDED_NON_ALIPAYPLUS"],
        ["INIT", "STAMPED", "FAILED", "EXPIRED"],
    ] {
        assert!(steps.windows(2).all(|step| advice(step[0], step[1]).is_none()), "{steps:?}");
    }
    assert!(FormStatus::LISTED.iter().all(|first| advise(None, first).is_none()));
    assert_eq!(advice("MAILED", "REFUNDED"), None);
}

#[test]
fn every_other_step_is_advice_with_a_code() {
    assert_eq!(advice("INIT", "REFUNDED"), Some("form_refunded_before_stamped"));
    assert_eq!(advice("REFUNDED", "STAMPED"), Some("form_refunded_before_stamped"));
    assert_eq!(advice("REFUNDED", "FAILED"), Some("form_status_after_final"));
    assert_eq!(advice("VOIDED", "INIT"), Some("form_status_after_final"));
    assert_eq!(advice("STAMPED", "INIT"), Some("form_status_unusual"));
    assert_eq!(advice("INIT", "refunded"), Some("form_status_unlisted"));
    for status in &FormStatus::LISTED {
        assert_eq!(advise(Some(status), status).unwrap().code, "form_status_repeated");
    }
}

#[test]
fn an_older_change_should_not_overwrite_a_newer_one() {
    let (older, newer) = (iso("2024-01-10T12:00:00+08:00"), iso("2024-01-10T04:00:01Z"));
    assert_eq!(advise_change_time(&newer, &older).unwrap().code, "form_status_older");
    assert_eq!(advise_change_time(&older, &newer), None);
    assert_eq!(advise_change_time(&older, &older), None);
    assert_eq!(advise_expired(&newer, &older).unwrap().code, "form_expired_early");
    assert_eq!(advise_expired(&older, &newer), None);
}
