//! A screen that others see too shows enough to recognise one's own account by, and never all of it.

use proptest::prelude::*;
use taxrefund_core::alipay::QueryUserInfoResponse;
use taxrefund_core::counter::Confirmation;

fn holder(name: &str, login: &str, user_id: &str) -> Confirmation {
    Confirmation::of(&QueryUserInfoResponse {
        user_name: Some(name.into()),
        logon_id: Some(login.into()),
        user_id: Some(user_id.to_owned()),
        ..QueryUserInfoResponse::default()
    })
}

#[test]
fn a_screen_shows_the_account_masked_and_all_of_it_only_on_purpose() {
    let confirmation = holder("欧阳询之", "13812341234", "2088102150470001");
    let masked = confirmation.masked();
    assert_eq!(masked.name.as_deref(), Some("欧阳**"));
    assert_eq!(masked.login.as_deref(), Some("138****1234"));
    assert_eq!(masked.user_id.as_deref(), Some("2088********0001"));
    let revealed = confirmation.revealed();
    assert_eq!(revealed.name.as_deref(), Some("欧阳询之"));
    assert_eq!(revealed.login.as_deref(), Some("13812341234"));
    assert_eq!(revealed.user_id.as_deref(), Some("2088102150470001"));
    let told = format!("{confirmation:?} {revealed:?} {revealed:#?}");
    assert!(!told.contains("询之") && !told.contains("13812341234"), "{told}");
}

#[test]
fn what_the_answer_does_not_say_is_absent() {
    let masked = Confirmation::of(&QueryUserInfoResponse::default()).masked();
    assert_eq!((masked.name, masked.login, masked.user_id), (None, None, None));
    let masked = holder("  ", "", "\t").masked();
    assert_eq!((masked.name, masked.login, masked.user_id), (None, None, None));
}

#[test]
fn what_came_masked_stays_as_it_came() {
    let masked = holder("*三", "138****1234", "2088102150470001").masked();
    assert_eq!((masked.name.as_deref(), masked.login.as_deref()), (Some("*三"), Some("138****1234")));
}

proptest! {
    #[test]
    fn a_masked_text_never_holds_the_whole_of_it(
        name in "\\PC{1,24}", login in "\\PC{1,40}", user_id in "\\PC{1,24}",
    ) {
        let came_masked = |text: &str| text.contains(['*', '＊']);
        let confirmation = holder(&name, &login, &user_id);
        let (masked, revealed) = (confirmation.masked(), confirmation.revealed());
        for (shown, whole) in [
            (masked.name, revealed.name),
            (masked.login, revealed.login),
            (masked.user_id, revealed.user_id),
        ] {
            let (Some(shown), Some(whole)) = (shown, whole) else { continue };
            prop_assert!(came_masked(&whole) || !shown.contains(&whole), "{shown} shows {whole}");
        }
    }

    #[test]
    fn no_text_whatever_panics(text in any::<String>()) {
        let confirmation = holder(&text, &text, &text);
        let _ = (confirmation.masked(), confirmation.revealed(), format!("{confirmation:?}"));
    }

    #[test]
    fn a_phone_number_never_shows_more_than_seven_digits(number in "\\+?[0-9]{5,15}") {
        let shown = holder("x", &number, "x").masked().login.unwrap();
        prop_assert!(shown.chars().filter(char::is_ascii_digit).count() <= 7);
    }
}
