//! What a scanner or a keyboard gave: the wallet's payment code, a login account, or something else.

use std::fmt;

use serde::Serialize;

use super::mask;
use crate::alipay::{QueryUserInfo, QueryUserInfoRequest};
use crate::explain::{Explanation, Language, explain_error};
use crate::validation::{Checks, Warning};
use crate::{Operation, Sensitive, codes};

/// How an account is identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum AccountType {
    /// The wallet's payment code was scanned.
    #[serde(rename = "barcode")]
    Barcode,
    /// The traveller's login account was typed: e-mail or phone.
    #[serde(rename = "logonId")]
    LogonId,
}

impl AccountType {
    /// The value of `identify_account_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Barcode => "barcode",
            Self::LogonId => "logonId",
        }
    }
}

/// A payment code or a login account, ready to go into a request.
///
/// A payment code is a secret with a short life: it works once. `Debug` and `Display` show at most its first two and its
/// last four digits.
///
/// ```
/// use taxrefund_core::counter::{AccountType, ScannedCode};
/// let code = ScannedCode::parse("]C1281234567890123456\r\n")?;
/// assert_eq!(code.account_type(), AccountType::Barcode);
/// assert_eq!(code.number().reveal(), "281234567890123456");
/// assert_eq!(code.to_string(), "28************3456");
/// # Ok::<(), taxrefund_core::counter::ScanError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ScannedCode {
    account_type: AccountType,
    number: Sensitive,
    warnings: Vec<Warning>,
}

/// Why a text is neither a payment code nor a login account. Holds nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScanError {
    /// Nothing but blanks and terminators.
    Empty,
    /// A web address: a collection code, an advertisement, a link.
    WebAddress,
    /// A shop's collection code of the EMV kind.
    CollectionCode,
    /// A passport's machine-readable zone, or the number of a passport or travel document.
    Passport,
    /// A number of a Chinese identity card: 17 digits and an X.
    IdentityCard,
    /// Digits, but not 16 to 32 of them: scanned in part, or two codes one after the other.
    WrongLength {
        /// How many there were.
        digits: usize,
    },
    /// Several codes that were scanned one after the other.
    SeveralCodes,
    /// Digits with letters among them: another bar code, or a keyboard setting of the scanner.
    Letters,
    /// An e-mail address or a phone number that is not complete.
    LoginIncomplete,
    /// Anything else.
    NotAPaymentCode,
}

impl ScanError {
    /// Every kind of it.
    pub const ALL: [Self; 10] = [
        Self::Empty,
        Self::WebAddress,
        Self::CollectionCode,
        Self::Passport,
        Self::IdentityCard,
        Self::WrongLength { digits: 0 },
        Self::SeveralCodes,
        Self::Letters,
        Self::LoginIncomplete,
        Self::NotAPaymentCode,
    ];

    /// The stable code; see [`crate::codes`].
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => codes::SCAN_EMPTY,
            Self::WebAddress => codes::SCAN_WEB_ADDRESS,
            Self::CollectionCode => codes::SCAN_COLLECTION_CODE,
            Self::Passport => codes::SCAN_PASSPORT,
            Self::IdentityCard => codes::SCAN_IDENTITY_CARD,
            Self::WrongLength { .. } => codes::SCAN_WRONG_LENGTH,
            Self::SeveralCodes => codes::SCAN_SEVERAL_CODES,
            Self::Letters => codes::SCAN_LETTERS,
            Self::LoginIncomplete => codes::SCAN_LOGIN_INCOMPLETE,
            Self::NotAPaymentCode => codes::SCAN_NOT_A_PAYMENT_CODE,
        }
    }

    /// What it is, and what the clerk does next.
    #[must_use]
    pub fn explanation(self, language: Language) -> Option<Explanation> {
        explain_error(self.code(), language)
    }
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::WrongLength { digits } = self {
            let digits_word = if *digits == 1 { "digit" } else { "digits" };
            write!(f, "{digits} {digits_word} were read. ")?;
        }
        match self.explanation(Language::English) {
            Some(explanation) => write!(f, "{} {}", explanation.meaning, explanation.action),
            None => f.write_str(self.code()),
        }
    }
}

impl std::error::Error for ScanError {}

impl ScannedCode {
    /// Reads what a scanner sent or a traveller typed.
    ///
    /// Terminators, control characters, surrounding blanks and AIM symbology identifiers (`]C1`, `]Q1`, …) go; full-width
    /// characters become ordinary ones; digits may stand in groups with blanks or hyphens between them. 16 to 32 digits
    /// are a payment code; a mobile number of the Chinese mainland, a number with `+` or its country code and a hyphen, and
    /// an e-mail address are a login account (gateway sheet 4.3 and 7.2; which shapes of phone numbers is ours).
    ///
    /// # Errors
    /// [`ScanError`] says what it seems to be instead; it holds nothing of the text.
    pub fn parse(text: &str) -> Result<Self, ScanError> {
        let plain = plain(text);
        let mut parts = plain.split(is_terminator).map(without_symbology).filter(|part| !part.is_empty());
        let first = parts.next().ok_or(ScanError::Empty)?;
        if is_machine_readable_zone(first) {
            return Err(ScanError::Passport);
        }
        // A trigger pulled twice reads the same code twice; that is still one code.
        if parts.any(|part| part != first) {
            return Err(ScanError::SeveralCodes);
        }
        let (account_type, number) = Self::recognized(first)?;
        Self::checked(account_type, number)
    }

    /// How the account is identified.
    #[must_use]
    pub fn account_type(&self) -> AccountType {
        self.account_type
    }

    /// The value of `identify_account_no`.
    #[must_use]
    pub fn number(&self) -> &Sensitive {
        &self.number
    }

    /// Unusual things that do not stop a request; the same ones as the request itself will have, and more.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// As much of it as a screen may show.
    #[must_use]
    pub fn masked(&self) -> String {
        match self.account_type {
            AccountType::Barcode => mask::code(self.number.reveal()),
            AccountType::LogonId => mask::login(self.number.reveal()),
        }
    }

    fn recognized(text: &str) -> Result<(AccountType, String), ScanError> {
        if is_collection_code(text) {
            return Err(ScanError::CollectionCode);
        }
        if is_web_address(text) {
            return Err(ScanError::WebAddress);
        }
        if text.contains('@') {
            let login = text.to_owned();
            return if is_email(text) {
                Ok((AccountType::LogonId, login))
            } else {
                Err(ScanError::LoginIncomplete)
            };
        }
        if let Some(phone) = phone(text)? {
            return Ok((AccountType::LogonId, phone));
        }
        let joined: String = text.chars().filter(|c| !is_group_mark(*c)).collect();
        let digits = joined.bytes().filter(u8::is_ascii_digit).count();
        if digits == joined.len() {
            return match digits {
                0 => Err(ScanError::NotAPaymentCode),
                32 if joined.get(..16) == joined.get(16..) => Err(ScanError::SeveralCodes),
                16..=32 => Ok((AccountType::Barcode, joined)),
                _ => Err(ScanError::WrongLength { digits }),
            };
        }
        Err(other_document(&joined, digits))
    }

    /// The request's own check has the last word, and its warnings.
    fn checked(account_type: AccountType, number: String) -> Result<Self, ScanError> {
        let request = QueryUserInfoRequest {
            identify_account_type: account_type.as_str().to_owned(),
            identify_account_no: Sensitive::from(number),
        };
        let mut checks = Checks::default();
        QueryUserInfo::check(&request, &mut checks);
        let number = request.identify_account_no;
        let mut warnings = checks.finish().map_err(|_| match account_type {
            AccountType::Barcode => ScanError::NotAPaymentCode,
            AccountType::LogonId => ScanError::LoginIncomplete,
        })?;
        if account_type == AccountType::Barcode && !warnings.is_empty() && is_identity_number(number.reveal())
        {
            warnings.push(Warning {
                path: "identify_account_no".to_owned(),
                rule: "identity_number_shape",
                message: "this may be the number of a Chinese identity card: scan the wallet's code"
                    .to_owned(),
            });
        }
        Ok(Self { account_type, number, warnings })
    }
}

impl fmt::Debug for ScannedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScannedCode")
            .field("account_type", &self.account_type)
            .field("number", &self.masked())
            .field("warnings", &self.warnings)
            .finish()
    }
}

impl fmt::Display for ScannedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// Full-width characters as ordinary ones, without what is invisible.
fn plain(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
            '\u{3000}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => Some(' '),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => None,
            '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
            _ => Some(c),
        })
        .collect()
}

fn is_terminator(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Without blanks around it, and without the scanner's note on the kind of bar code: `]`, a letter, a letter or digit.
fn without_symbology(part: &str) -> &str {
    let part = part.trim();
    let mut rest = part.chars();
    let is_note = rest.next() == Some(']')
        && rest.next().is_some_and(|c| c.is_ascii_alphabetic())
        && rest.next().is_some_and(|c| c.is_ascii_alphanumeric());
    if is_note { rest.as_str().trim() } else { part }
}

fn is_group_mark(c: char) -> bool {
    c.is_whitespace() || c == '-'
}

fn is_web_address(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let host = lower.split(['/', '?']).next().unwrap_or_default();
    lower.contains("://")
        || lower.starts_with("www.")
        || (host.len() < lower.len() && host.contains('.') && !host.contains(['@', ' ']))
}

/// The EMV kind begins with its format's version and has letters further on.
fn is_collection_code(text: &str) -> bool {
    text.starts_with("000201") && text.len() > 32 && text.contains(char::is_alphabetic)
}

fn is_machine_readable_zone(text: &str) -> bool {
    text.len() >= 9
        && text.contains('<')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '<' || c == ' ')
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let labels_are_written = domain.split('.').all(|label| !label.is_empty());
    !local.is_empty()
        && domain.contains('.')
        && labels_are_written
        && !domain.contains('@')
        && !text.contains(char::is_whitespace)
}

/// A phone number as Alipay's accounts have it: 11 digits of the Chinese mainland without a country code; others with it.
fn phone(text: &str) -> Result<Option<String>, ScanError> {
    let joined: String = text.chars().filter(|c| !c.is_whitespace() && !"()".contains(*c)).collect();
    let digits: String = joined.chars().filter(char::is_ascii_digit).collect();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if let Some(number) = joined.strip_prefix('+') {
        if !is_number(number) {
            return if digits.is_empty() || number.contains(char::is_alphabetic) {
                Err(ScanError::NotAPaymentCode)
            } else {
                Err(ScanError::LoginIncomplete)
            };
        }
        return match digits.strip_prefix("86").filter(|rest| is_mainland_mobile(rest)) {
            Some(mobile) => Ok(Some(mobile.to_owned())),
            None if (8..=15).contains(&digits.len()) => Ok(Some(joined)),
            None => Err(ScanError::LoginIncomplete),
        };
    }
    if !is_number(&joined) {
        return Ok(None);
    }
    let with_country = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86"));
    if let Some(mobile) =
        [Some(digits.as_str()), with_country].into_iter().flatten().find(|n| is_mainland_mobile(n))
    {
        return Ok(Some(mobile.to_owned()));
    }
    Ok(match joined.split_once('-') {
        Some((country, rest))
            if (1..=3).contains(&country.len()) && (6..=12).contains(&rest.len()) && !rest.contains('-') =>
        {
            Some(joined)
        }
        _ => None,
    })
}

fn is_mainland_mobile(digits: &str) -> bool {
    matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..] if digits.len() == 11)
}

fn other_document(joined: &str, digits: usize) -> ScanError {
    if !joined.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return ScanError::NotAPaymentCode;
    }
    let count = joined.len();
    if count == 18 && digits == 17 && joined.ends_with(['X', 'x']) {
        return ScanError::IdentityCard;
    }
    let starts_with_letter = joined.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_with_letter && (7..=11).contains(&count) && digits >= 5 {
        return ScanError::Passport;
    }
    if digits > 0 { ScanError::Letters } else { ScanError::NotAPaymentCode }
}

/// 18 digits with a date of birth and a check digit where a Chinese identity number has them (GB 11643, ISO 7064 MOD 11-2).
fn is_identity_number(code: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits: Vec<u32> = code.chars().filter_map(|c| c.to_digit(10)).collect();
    let &[.., check] = digits.as_slice() else { return false };
    if digits.len() != 18 || code.len() != 18 {
        return false;
    }
    let part = |range: std::ops::Range<usize>| {
        code.get(range).and_then(|part| part.parse::<u32>().ok()).unwrap_or_default()
    };
    let has_date = (1900..=2099).contains(&part(6..10))
        && (1..=12).contains(&part(10..12))
        && (1..=31).contains(&part(12..14));
    let sum: u32 = WEIGHTS.iter().zip(&digits).map(|(weight, digit)| weight * digit).sum();
    has_date && (12 - sum % 11) % 11 == check
}
