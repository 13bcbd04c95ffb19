//! A scanner's text becomes a payment code or a login account, or says what it is instead; it is never shown.

use proptest::prelude::*;
use taxrefund_core::counter::{AccountType, ScanError, ScannedCode};
use taxrefund_core::explain::Language;

const CODE: &str = "281234567890123456";

fn read(text: &str) -> (&'static str, String) {
    let code = ScannedCode::parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    (code.account_type().as_str(), code.number().reveal().to_owned())
}

fn refused(text: &str) -> &'static str {
    ScannedCode::parse(text).expect_err(text).code()
}

#[test]
fn a_payment_code_is_read_whatever_the_scanner_puts_around_it() {
    for text in [
        CODE.to_owned(),
        format!("{CODE}\r\n"),
        format!("{CODE}\t"),
        format!("  {CODE}  \n"),
        format!("]C1{CODE}\r"),
        format!("]Q3{CODE}"),
        format!("]d2 {CODE}"),
        format!("\u{2}{CODE}\u{3}"),
        format!("\u{feff}{CODE}\u{200b}"),
        format!("{CODE}\r\n{CODE}\r\n"),
        "２８１２３４５６７８９０１２３４５６".to_owned(),
        "2812 3456 7890 1234 56".to_owned(),
        "2812-3456-7890-1234-56".to_owned(),
        "2812\u{3000}3456\u{a0}789012\u{2007}3456".to_owned(),
    ] {
        assert_eq!(read(&text), ("barcode", CODE.to_owned()), "{text:?}");
    }
}

#[test]
fn sixteen_to_thirty_two_digits_are_a_payment_code_and_nothing_else_is() {
    let digits = |count: usize| "2812345678901234567890123456789012345".get(..count).unwrap();
    for count in 16..=32 {
        assert_eq!(read(digits(count)), ("barcode", digits(count).to_owned()));
    }
    for count in [1, 5, 12, 15, 33, 36] {
        assert_eq!(refused(digits(count)), "scan_wrong_length", "{count}");
    }
}

#[test]
fn what_a_traveller_types_is_a_login_account() {
    for (text, login) in [
        ("traveller+tag@example.com", "traveller+tag@example.com"),
        ("  traveller@example.com\r\n", "traveller@example.com"),
        ("traveller＠example.com", "traveller@example.com"),
        ("13812345678", "13812345678"),
        ("138 1234 5678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("+6591234567", "+6591234567"),
        ("65-91234567", "65-91234567"),
    ] {
        assert_eq!(read(text), ("logonId", login.to_owned()), "{text:?}");
    }
}

#[test]
fn everything_else_says_what_it_is_by_a_code_of_its_own() {
    for (text, code) in [
        ("", "scan_empty"),
        (" \r\n\t", "scan_empty"),
        ("]C1\r\n", "scan_empty"),
        ("https://qr.alipay.com/fkx012345678", "scan_web_address"),
        ("HTTPS://QR.ALIPAY.COM/FKX012345678", "scan_web_address"),
        ("alipays://platformapi/startapp?appId=1", "scan_web_address"),
        ("wxp://f2f0123456789", "scan_web_address"),
        ("www.example.com", "scan_web_address"),
        ("qr.alipay.com/fkx012345678", "scan_web_address"),
        (
            "00020101021126510019com.example.pay0123456789012345678905802SG5904SHOP6304ABCD",
            "scan_collection_code",
        ),
        ("P<CHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "scan_passport"),
        (
            "P<CHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\r\nE123456784CHN9001011M3001012<<<<<<<<<<<<<<00",
            "scan_passport",
        ),
        ("E12345678", "scan_passport"),
        ("EK7654321", "scan_passport"),
        ("h1234567890", "scan_passport"),
        ("11010519491231002X", "scan_identity_card"),
        ("11010519491231002x\r", "scan_identity_card"),
        ("2812345678\r\n281234567890123457\r\n", "scan_several_codes"),
        ("28123456789012342812345678901234", "scan_several_codes"),
        ("28123456789012345a", "scan_letters"),
        ("FORM20260001234567", "scan_letters"),
        ("traveller@", "scan_login_incomplete"),
        ("@example.com", "scan_login_incomplete"),
        ("traveller@example", "scan_login_incomplete"),
        ("two@at@example.com", "scan_login_incomplete"),
        ("+65 123", "scan_login_incomplete"),
        ("张三", "scan_not_a_payment_code"),
        ("ZHANG SAN", "scan_not_a_payment_code"),
        ("&é\"'(-è_çà", "scan_not_a_payment_code"),
        ("-", "scan_not_a_payment_code"),
    ] {
        assert_eq!(refused(text), code, "{text:?}");
    }
}

#[test]
fn an_unusual_code_has_the_warnings_of_the_request_itself() {
    let rules = |text: &str| -> Vec<_> {
        ScannedCode::parse(text).unwrap().warnings().iter().map(|warning| warning.rule).collect()
    };
    assert_eq!(rules(CODE), Vec::<&str>::new());
    assert_eq!(rules("301234567890123456"), Vec::<&str>::new());
    assert_eq!(rules("991234567890123456"), ["barcode_shape"]);
    // With a check digit and a date of birth where an identity number has them.
    assert_eq!(rules("110105194912310038"), ["barcode_shape", "identity_number_shape"]);
    assert_eq!(rules("110105194912310039"), ["barcode_shape"]);
}

#[test]
fn a_code_is_shown_with_its_first_two_and_last_four_digits_at_most() {
    let code = ScannedCode::parse(CODE).unwrap();
    assert_eq!(code.to_string(), "28************3456");
    assert_eq!(code.masked(), code.to_string());
    assert!(!format!("{code:?}{code:#?}").contains("1234"), "{code:?}");
    let phone = ScannedCode::parse("13812345678").unwrap();
    assert_eq!((phone.account_type(), phone.to_string()), (AccountType::LogonId, "138****5678".to_owned()));
    assert_eq!(ScannedCode::parse("traveller@example.com").unwrap().to_string(), "t***@example.com");
}

#[test]
fn every_refusal_tells_the_clerk_what_to_do_in_both_languages() {
    for error in ScanError::ALL {
        assert!(error.code().starts_with("scan_"));
        for language in [Language::English, Language::Chinese] {
            let explanation = error.explanation(language).unwrap_or_else(|| panic!("{error:?}"));
            assert_eq!(explanation.code, error.code());
        }
        let action = error.explanation(Language::Chinese).unwrap().action;
        assert!(action.starts_with('请'), "{action}");
    }
    let cut = ScannedCode::parse("28123").unwrap_err().to_string();
    assert!(cut.starts_with("5 digits were read. "), "{cut}");
}

proptest! {
    #[test]
    fn no_text_panics_and_no_refusal_repeats_it(text in ".{0,80}") {
        if let Err(error) = ScannedCode::parse(&text) {
            let told = format!("{error} {error:?}");
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            prop_assert!(digits.len() < 4 || !told.contains(&digits));
        }
    }

    #[test]
    fn neither_display_nor_debug_holds_the_code(code in "(25|26|27|28|29|30)[0-9]{14,30}") {
        if let Ok(scanned) = ScannedCode::parse(&code) {
            let told = format!("{scanned} {scanned:?} {scanned:#?}");
            prop_assert!(!told.contains(&code[2..code.len() - 4]));
        }
    }

    #[test]
    fn digits_in_groups_are_the_same_code(code in "28[0-9]{14,29}", at in 1_usize..15) {
        prop_assume!(code.len() != 32 || code[..16] != code[16..]);
        let (front, back) = code.split_at(at);
        let grouped = ScannedCode::parse(&format!("]C1{front} {back}\r\n")).unwrap();
        prop_assert_eq!(grouped.number().reveal(), code);
    }
}
