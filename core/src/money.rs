//! Amounts of money, held as a whole number of a currency's smallest unit.
//!
//! Nothing here is or touches a floating-point number, and nothing rounds. The protocols write money in different
//! ways, and each way has its own function; there is no general formatter:
//!
//! | text | for | function |
//! |---|---|---|
//! | `123.45` | people, files, result lists | [`Money::parse_major`], [`Money::to_major_text`] |
//! | `12345`, at most 11 characters | Alipay FX tax refund | [`Money::alipay_fx_minor_text`], [`check_alipay_fx`] |
//! | `{"currency":"SGD","value":"12345"}` | Alipay+ and Antom | [`Amount`], [`check_amount`] |

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::currency::{Currency, excerpt};

/// An exact amount: a count of the currency's smallest unit (cents for SGD, yen for JPY, fils for KWD).
///
/// ```
/// # use taxrefund_core::{currency::Currency, money::Money};
/// let refund = Money::parse_major("123.45", Currency::parse("SGD")?)?;
/// assert_eq!(refund.minor(), 12345);
/// assert_eq!(refund.to_string(), "SGD 123.45");
/// # Ok::<(), taxrefund_core::money::MoneyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: u64,
    currency: Currency,
}

impl Money {
    /// An amount given in the smallest unit: 12345 in SGD is SGD 123.45, 100 in JPY is JPY 100.
    #[must_use]
    pub fn from_minor(minor: u64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads exact decimal text in major units, such as `123.45`, `100` or `0.5`.
    ///
    /// Digits, and one point with digits on both sides of it; nothing else.
    ///
    /// # Errors
    /// More decimals than the currency has (zeros too: `100.0` is not an amount in JPY), signs, exponents, spaces,
    /// grouping marks, digits of other scripts, leading zeros, and more than 2^64 - 1 smallest units.
    pub fn parse_major(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        refuse_stray_characters(text)?;
        let given = || shown(text);
        let (whole, decimals) = match text.split_once('.') {
            None => (text, ""),
            Some((whole, decimals)) if whole.is_empty() || decimals.is_empty() || decimals.contains('.') => {
                return Err(MoneyError::AmountNotANumber { given: given() });
            }
            Some(parts) => parts,
        };
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(MoneyError::AmountLeadingZeros { given: given() });
        }
        let most = usize::from(currency.minor_units());
        if decimals.len() > most {
            return Err(MoneyError::AmountTooManyDecimals {
                given: given(),
                decimals: decimals.len(),
                currency: currency.to_string(),
                most,
            });
        }
        let padding = std::iter::repeat_n(b'0', most - decimals.len());
        let minor = whole_number(whole.bytes().chain(decimals.bytes()).chain(padding))
            .ok_or(MoneyError::AmountTooLarge { digits: whole.len() + most })?;
        Ok(Self { minor, currency })
    }

    /// The amount as a whole number of the smallest unit.
    #[must_use]
    pub fn minor(&self) -> u64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Major units with all decimals of the currency: `123.45`, `100` (JPY), `1.234` (KWD). Reads back exactly.
    #[must_use]
    pub fn to_major_text(&self) -> String {
        let decimals = usize::from(self.currency.minor_units());
        if decimals == 0 {
            return self.minor.to_string();
        }
        let mut text = format!("{:0>width$}", self.minor, width = decimals + 1);
        text.insert(text.len() - decimals, '.');
        text
    }

    /// The form of Alipay's FX tax refund interface: the count of the smallest unit, SGD 100.00 as `10000`.
    ///
    /// Source: Alipay FX tax refund, order pay (`tax_refund_amount`, `sales_amount`: smallest unit, Price(11)).
    ///
    /// # Errors
    /// Zero, and more than 11 digits.
    pub fn alipay_fx_minor_text(&self) -> Result<String, MoneyError> {
        let text = self.minor.to_string();
        check_value(&text, AmountRules { allow_zero: false, max_digits: ALIPAY_FX_DIGITS })?;
        Ok(text)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.to_major_text())
    }
}

/// The wire shape of money in Alipay+ and Antom: `{"currency":"SGD","value":"12345"}`.
///
/// Both members are text as sent or received; [`check_amount`] judges them, [`Money`] comes out by `TryFrom`.
/// Source: Alipay+ model page, Amount; Antom refund, `refundAmount`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Amount {
    /// ISO 4217 code, three upper-case letters.
    pub currency: String,
    /// Whole number of the currency's smallest unit as text: `"12345"` for SGD 123.45, `"100"` for JPY 100.
    pub value: String,
}

impl Amount {
    /// An amount from a count of the smallest unit. The code is taken as it is; [`check_amount`] judges it.
    #[must_use]
    pub fn minor(currency: &str, minor: u64) -> Self {
        Self { currency: currency.to_owned(), value: minor.to_string() }
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self::minor(money.currency.code(), money.minor)
    }
}

impl TryFrom<&Amount> for Money {
    type Error = MoneyError;

    /// Any canonical value up to 2^64 - 1, zero included: what may be *sent* is for [`check_amount`] to say.
    fn try_from(amount: &Amount) -> Result<Self, MoneyError> {
        let currency = Currency::parse(&amount.currency)?;
        refuse_uncanonical_digits(&amount.value)?;
        let minor = whole_number(amount.value.bytes())
            .ok_or(MoneyError::AmountTooLarge { digits: amount.value.len() })?;
        Ok(Self { minor, currency })
    }
}

/// What a field of type [`Amount`] takes. The default is a payout: no zero, at most 16 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmountRules {
    /// Whether `"0"` is taken. Source: Alipay+ evaluateOriginalCredit takes it; the model page starts at 1.
    pub allow_zero: bool,
    /// Most digits of the value; more than 16 counts as 16. Source: Antom refund, `value` String(16).
    pub max_digits: usize,
}

impl Default for AmountRules {
    fn default() -> Self {
        Self { allow_zero: false, max_digits: AMOUNT_DIGITS }
    }
}

/// Checks currency and amount of Alipay's FX tax refund interface: an active currency, and a canonical count of the
/// smallest unit, above zero, of at most 11 digits.
///
/// Source: Alipay FX tax refund, order pay. Zero is refused because a refund of nothing cannot be meant.
///
/// # Errors
/// The first rule that is broken, the currency before the amount.
pub fn check_alipay_fx(currency: &str, amount: &str) -> Result<(), MoneyError> {
    Currency::parse(currency)?;
    check_alipay_fx_value(amount)
}

/// As [`check_alipay_fx`], the amount alone: its rules are the same in every currency.
pub(crate) fn check_alipay_fx_value(amount: &str) -> Result<(), MoneyError> {
    check_value(amount, AmountRules { allow_zero: false, max_digits: ALIPAY_FX_DIGITS })
}

/// Checks an amount of Alipay+ or Antom before it is sent.
///
/// An active currency; a value of ASCII digits without sign, point or leading zeros; zero only where the rules
/// take it; IDR in multiples of 100. Source: Alipay+ model page, Amount; Antom refund, `refundAmount`.
///
/// # Errors
/// The first rule that is broken, the currency before the value; [`amount_problems`] gives all.
pub fn check_amount(amount: &Amount, rules: AmountRules) -> Result<(), MoneyError> {
    amount_problems(amount, rules).into_iter().next().map_or(Ok(()), Err)
}

/// As [`check_amount`], but with the problems of both members, so that a caller can report them at once.
#[must_use]
pub fn amount_problems(amount: &Amount, rules: AmountRules) -> Vec<MoneyError> {
    let rules = AmountRules { max_digits: rules.max_digits.min(AMOUNT_DIGITS), ..rules };
    let value = check_value(&amount.value, rules);
    let multiple =
        if value.is_ok() { check_multiple(amount, "IDR", 100, "Alipay+ and Antom") } else { Ok(()) };
    [Currency::parse(&amount.currency).map(drop), value, multiple]
        .into_iter()
        .filter_map(Result::err)
        .collect()
}

/// Checks the multiple that one wallet adds: JKOPay takes whole TWD, Octopus whole tens of HKD cents.
///
/// The wallet is known by its name or payment method type, whatever its case and punctuation; every other wallet
/// and currency passes. Source: Antom currency page.
///
/// # Errors
/// [`MoneyError::AmountNotAMultiple`], and what is wrong with a malformed value.
pub fn wallet_multiple(wallet: &str, amount: &Amount) -> Result<(), MoneyError> {
    match wallet_key(wallet).as_str() {
        "JKOPAY" => check_multiple(amount, "TWD", 100, "JKOPay"),
        "OCTOPUS" => check_multiple(amount, "HKD", 10, "Octopus"),
        _ => Ok(()),
    }
}

/// The smallest refund a wallet is documented to take, as advice: the contract decides, and the table is an old one.
///
/// `None` for a wallet without a documented minimum. Source: Antom refund questions page.
#[must_use]
pub fn wallet_minimum(wallet: &str) -> Option<Money> {
    let (currency, minor) = match wallet_key(wallet).as_str() {
        "ALIPAYHK" => ("HKD", 1),
        "DANA" => ("IDR", 30_000),
        "GCASH" => ("PHP", 100),
        "JKOPAY" => ("TWD", 100),
        "KAKAOPAY" => ("KRW", 50),
        "TNG" | "TOUCHNGO" | "TOUCHNGOEWALLET" => ("MYR", 5),
        "TRUEMONEY" => ("THB", 100),
        _ => return None,
    };
    Currency::parse(currency).ok().map(|currency| Money::from_minor(minor, currency))
}

/// Why a currency or an amount was refused. The texts say what was given, the rule and what to do.
///
/// `given` is in quotes when it looks like an amount or a code; a long text or one of letters, which may be
/// something personal from the wrong column, is described by its length.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are explained here once: given, and the figures of the rule")]
pub enum MoneyError {
    /// Not three ASCII letters.
    #[error("currency {given} is not three letters; write the ISO 4217 code, such as \"SGD\"")]
    CurrencyShape { given: String },
    /// Three letters, not all in upper case.
    #[error("currency {given} is in lower case; ISO 4217 codes are sent in upper case: write {upper:?}")]
    CurrencyLowerCase { given: String, upper: String },
    /// A name in daily use, such as `RMB`.
    #[error("currency {given} is not an ISO 4217 code; write {meant:?} if that is what is meant")]
    CurrencyColloquial { given: String, meant: &'static str },
    /// A code that is no longer active.
    #[error("currency {given} is withdrawn from ISO 4217; convert the amount to {replacement:?}")]
    CurrencyWithdrawn { given: String, replacement: &'static str },
    /// An ISO 4217 code such as `XAU`, in which no amount can be written in smallest units.
    #[error("currency {given} has no minor unit and cannot be paid in; write a national currency")]
    CurrencyWithoutMinorUnits { given: String },
    /// Three upper-case letters that are no active code.
    #[error("currency {given} is not an active ISO 4217 code; check its spelling")]
    CurrencyUnknown { given: String },
    /// An empty amount.
    #[error("the amount is empty; write digits, or leave the whole field out where it is optional")]
    AmountEmpty,
    /// A plus or minus sign.
    #[error("amount {given} has a sign; amounts are never negative: write the digits alone")]
    AmountSign { given: String },
    /// Scientific notation.
    #[error("amount {given} has an exponent; write all digits out, and keep amounts out of floating point")]
    AmountExponent { given: String },
    /// White space anywhere.
    #[error("amount {given} has a space in it; write the digits alone")]
    AmountSpace { given: String },
    /// A comma or another mark between groups of digits, or a decimal comma.
    #[error("amount {given} has a comma or grouping mark; write digits, and a point only for decimals")]
    AmountGrouping { given: String },
    /// Digits of another script, or full-width ones.
    #[error("amount {given} has digits that are not ASCII; write 0 to 9")]
    AmountNonAsciiDigit { given: String },
    /// Anything else that is not a plain number.
    #[error("amount {given} is not a plain number; write digits, with at most one point among them")]
    AmountNotANumber { given: String },
    /// A point in a field that counts the smallest unit.
    #[error(
        "amount {given} has a point; count the smallest unit: SGD 100.00 is \"10000\", JPY 100 is \"100\""
    )]
    AmountDecimalPoint { given: String },
    /// More decimals than the currency's minor unit.
    #[error(
        "amount {given} has {decimals} decimals, {currency} has {most}; nothing is rounded here: round by \
         your own rule, and keep amounts out of floating point"
    )]
    AmountTooManyDecimals { given: String, decimals: usize, currency: String, most: usize },
    /// Zeros before the first digit that counts.
    #[error("amount {given} has leading zeros; write it without them")]
    AmountLeadingZeros { given: String },
    /// More than 2^64 - 1 smallest units.
    #[error("an amount of {digits} digits is too large to hold; check the column and the unit")]
    AmountTooLarge { digits: usize },
    /// More digits than the field holds.
    #[error("the amount has {digits} digits, the field holds {most}; check the column and the unit")]
    AmountTooManyDigits { digits: usize, most: usize },
    /// Zero where an amount must be paid.
    #[error("the amount is zero; this field takes amounts above zero: leave such a refund out")]
    AmountZero,
    /// Not a multiple that the currency or the wallet asks for.
    #[error(
        "amount {given} in {currency} is not a multiple of {multiple} smallest units (rule of {by}); \
         round by your own rule first"
    )]
    AmountNotAMultiple { given: String, currency: &'static str, multiple: u64, by: &'static str },
}

impl MoneyError {
    /// Stable code for programs; never changes its spelling.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::CurrencyShape { .. } => "currency_shape",
            Self::CurrencyLowerCase { .. } => "currency_lower_case",
            Self::CurrencyColloquial { .. } => "currency_colloquial",
            Self::CurrencyWithdrawn { .. } => "currency_withdrawn",
            Self::CurrencyWithoutMinorUnits { .. } => "currency_without_minor_units",
            Self::CurrencyUnknown { .. } => "currency_unknown",
            Self::AmountEmpty => "amount_empty",
            Self::AmountSign { .. } => "amount_sign",
            Self::AmountExponent { .. } => "amount_exponent",
            Self::AmountSpace { .. } => "amount_space",
            Self::AmountGrouping { .. } => "amount_grouping",
            Self::AmountNonAsciiDigit { .. } => "amount_non_ascii_digit",
            Self::AmountNotANumber { .. } => "amount_not_a_number",
            Self::AmountDecimalPoint { .. } => "amount_decimal_point",
            Self::AmountTooManyDecimals { .. } => "amount_too_many_decimals",
            Self::AmountLeadingZeros { .. } => "amount_leading_zeros",
            Self::AmountTooLarge { .. } => "amount_too_large",
            Self::AmountTooManyDigits { .. } => "amount_too_many_digits",
            Self::AmountZero => "amount_zero",
            Self::AmountNotAMultiple { .. } => "amount_not_a_multiple",
        }
    }

    /// True when the currency is at fault, false when the value is: for the path of the field in a report.
    #[must_use]
    pub fn concerns_currency(&self) -> bool {
        self.code().starts_with("currency_")
    }
}

/// Source: Alipay FX tax refund, order pay: Price(11), read as at most 11 characters.
const ALIPAY_FX_DIGITS: usize = 11;

/// Source: Antom refund, `value` String(16).
const AMOUNT_DIGITS: usize = 16;

fn check_value(value: &str, rules: AmountRules) -> Result<(), MoneyError> {
    refuse_uncanonical_digits(value)?;
    if value.len() > rules.max_digits {
        return Err(MoneyError::AmountTooManyDigits { digits: value.len(), most: rules.max_digits });
    }
    if value == "0" && !rules.allow_zero {
        return Err(MoneyError::AmountZero);
    }
    Ok(())
}

fn check_multiple(
    amount: &Amount,
    currency: &'static str,
    multiple: u64,
    by: &'static str,
) -> Result<(), MoneyError> {
    if amount.currency != currency || Money::try_from(amount)?.minor.is_multiple_of(multiple) {
        return Ok(());
    }
    Err(MoneyError::AmountNotAMultiple { given: shown(&amount.value), currency, multiple, by })
}

fn refuse_uncanonical_digits(value: &str) -> Result<(), MoneyError> {
    refuse_stray_characters(value)?;
    if value.contains('.') {
        return Err(MoneyError::AmountDecimalPoint { given: shown(value) });
    }
    if value.len() > 1 && value.starts_with('0') {
        return Err(MoneyError::AmountLeadingZeros { given: shown(value) });
    }
    Ok(())
}

/// Refuses everything but ASCII digits and points, naming the first character that does not belong.
fn refuse_stray_characters(text: &str) -> Result<(), MoneyError> {
    if text.is_empty() {
        return Err(MoneyError::AmountEmpty);
    }
    let Some((index, stray)) = text.char_indices().find(|(_, c)| !c.is_ascii_digit() && *c != '.') else {
        return Ok(());
    };
    let given = shown(text);
    Err(match stray {
        '+' | '-' | '\u{2212}' => MoneyError::AmountSign { given },
        'e' | 'E' if index > 0 => MoneyError::AmountExponent { given },
        ',' | '_' | '\'' | '\u{2019}' | '\u{66b}' | '\u{66c}' => MoneyError::AmountGrouping { given },
        _ if stray.is_whitespace() => MoneyError::AmountSpace { given },
        _ if stray.is_numeric() => MoneyError::AmountNonAsciiDigit { given },
        _ => MoneyError::AmountNotANumber { given },
    })
}

fn whole_number(digits: impl Iterator<Item = u8>) -> Option<u64> {
    digits.into_iter().try_fold(0_u64, |number, digit| {
        number.checked_mul(10)?.checked_add(u64::from(digit.checked_sub(b'0')?))
    })
}

/// What a message may show of a text given as an amount.
pub(crate) fn shown(amount: &str) -> String {
    let a_number = amount.starts_with(|first: char| !first.is_alphabetic());
    excerpt(amount, 24, |c| !c.is_alphabetic() || (a_number && matches!(c, 'e' | 'E')))
}

fn wallet_key(wallet: &str) -> String {
    wallet.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}
