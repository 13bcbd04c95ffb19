//! ISO 4217 currencies that have a minor unit, and how many decimals that unit stands for.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::money::MoneyError;

/// An active ISO 4217 currency, for example `SGD`.
///
/// A value exists only for a code that is active and has a minor unit, so no amount can be built in a currency
/// whose smallest unit is not known. In JSON it is the three letters as text.
///
/// ```
/// # use taxrefund_core::currency::Currency;
/// let yen = Currency::parse("JPY")?;
/// assert_eq!((yen.code(), yen.minor_units()), ("JPY", 0));
/// # Ok::<(), taxrefund_core::money::MoneyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads a code of three upper-case ASCII letters.
    ///
    /// # Errors
    /// One variant for each usual mistake, all of the `currency_...` codes: not three letters, lower case, a
    /// colloquial name (`RMB`), a withdrawn code (`BGN`), a code without a minor unit (`XAU`), an unknown code.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        if let Some((code, _)) = entry(text) {
            return Ok(Self::of(code));
        }
        let given = shown(text);
        if let Some((_, meant)) = COLLOQUIAL.iter().find(|(name, _)| *name == text) {
            return Err(MoneyError::CurrencyColloquial { given, meant });
        }
        if let Some((_, replacement)) = WITHDRAWN.iter().find(|(code, _)| *code == text) {
            return Err(MoneyError::CurrencyWithdrawn { given, replacement });
        }
        if WITHOUT_MINOR_UNITS.contains(&text) {
            return Err(MoneyError::CurrencyWithoutMinorUnits { given });
        }
        if text.len() != 3 || !text.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Err(MoneyError::CurrencyShape { given });
        }
        if text.bytes().any(|b| b.is_ascii_lowercase()) {
            return Err(MoneyError::CurrencyLowerCase { given, upper: text.to_ascii_uppercase() });
        }
        Err(MoneyError::CurrencyUnknown { given })
    }

    /// Every currency this crate knows, in the order of the codes.
    pub fn all() -> impl Iterator<Item = Self> {
        ACTIVE.iter().map(|(code, _)| Self::of(code))
    }

    /// The three upper-case letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // ASCII letters by construction, so the empty text never appears.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Decimals between the major and the smallest unit: 0 (JPY), 2 (SGD), 3 (KWD) or 4 (CLF).
    ///
    /// Source: ISO 4217, column minor unit, to which the Alipay+ model page and the Antom currency page refer.
    #[must_use]
    pub fn minor_units(&self) -> u8 {
        entry(self.code()).map_or(2, |(_, minor_units)| *minor_units)
    }

    fn of(code: &str) -> Self {
        let mut letters = [0; 3];
        for (letter, byte) in letters.iter_mut().zip(code.bytes()) {
            *letter = byte;
        }
        Self(letters)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({})", self.code())
    }
}

impl std::str::FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        Self::parse(text)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn entry(code: &str) -> Option<&'static (&'static str, u8)> {
    ACTIVE.binary_search_by(|(known, _)| (*known).cmp(code)).ok().and_then(|index| ACTIVE.get(index))
}

/// What a message may show of a text given as a currency.
pub(crate) fn shown(currency: &str) -> String {
    excerpt(currency, 4, |c| c.is_ascii_alphanumeric() || c == ' ')
}

/// What an error message may show of a text: the text itself in quotes when it is short and made of characters
/// that belong in such a field, else only its length. A passport number or a name in the wrong column stays out
/// of messages and logs this way.
pub(crate) fn excerpt(text: &str, most_chars: usize, belongs: impl Fn(char) -> bool) -> String {
    let count = text.chars().count();
    if count <= most_chars && text.chars().all(belongs) {
        format!("{text:?}")
    } else {
        format!("(a text of {count} characters)")
    }
}

/// Active codes and their minor units, sorted. As of ISO 4217 amendment 180 (in force since 2026-01-01).
#[rustfmt::skip]
const ACTIVE: &[(&str, u8)] = &[
    ("AED", 2), ("AFN", 2), ("ALL", 2), ("AMD", 2), ("AOA", 2), ("ARS", 2), ("AUD", 2), ("AWG", 2),
    ("AZN", 2), ("BAM", 2), ("BBD", 2), ("BDT", 2), ("BHD", 3), ("BIF", 0), ("BMD", 2), ("BND", 2),
    ("BOB", 2), ("BOV", 2), ("BRL", 2), ("BSD", 2), ("BTN", 2), ("BWP", 2), ("BYN", 2), ("BZD", 2),
    ("CAD", 2), ("CDF", 2), ("CHE", 2), ("CHF", 2), ("CHW", 2), ("CLF", 4), ("CLP", 0), ("CNY", 2),
    ("COP", 2), ("COU", 2), ("CRC", 2), ("CUP", 2), ("CVE", 2), ("CZK", 2), ("DJF", 0), ("DKK", 2),
    ("DOP", 2), ("DZD", 2), ("EGP", 2), ("ERN", 2), ("ETB", 2), ("EUR", 2), ("FJD", 2), ("FKP", 2),
    ("GBP", 2), ("GEL", 2), ("GHS", 2), ("GIP", 2), ("GMD", 2), ("GNF", 0), ("GTQ", 2), ("GYD", 2),
    ("HKD", 2), ("HNL", 2), ("HTG", 2), ("HUF", 2), ("IDR", 2), ("ILS", 2), ("INR", 2), ("IQD", 3),
    ("IRR", 2), ("ISK", 0), ("JMD", 2), ("JOD", 3), ("JPY", 0), ("KES", 2), ("KGS", 2), ("KHR", 2),
    ("KMF", 0), ("KPW", 2), ("KRW", 0), ("KWD", 3), ("KYD", 2), ("KZT", 2), ("LAK", 2), ("LBP", 2),
    ("LKR", 2), ("LRD", 2), ("LSL", 2), ("LYD", 3), ("MAD", 2), ("MDL", 2), ("MGA", 2), ("MKD", 2),
    ("MMK", 2), ("MNT", 2), ("MOP", 2), ("MRU", 2), ("MUR", 2), ("MVR", 2), ("MWK", 2), ("MXN", 2),
    ("MXV", 2), ("MYR", 2), ("MZN", 2), ("NAD", 2), ("NGN", 2), ("NIO", 2), ("NOK", 2), ("NPR", 2),
    ("NZD", 2), ("OMR", 3), ("PAB", 2), ("PEN", 2), ("PGK", 2), ("PHP", 2), ("PKR", 2), ("PLN", 2),
    ("PYG", 0), ("QAR", 2), ("RON", 2), ("RSD", 2), ("RUB", 2), ("RWF", 0), ("SAR", 2), ("SBD", 2),
    ("SCR", 2), ("SDG", 2), ("SEK", 2), ("SGD", 2), ("SHP", 2), ("SLE", 2), ("SOS", 2), ("SRD", 2),
    ("SSP", 2), ("STN", 2), ("SVC", 2), ("SYP", 2), ("SZL", 2), ("THB", 2), ("TJS", 2), ("TMT", 2),
    ("TND", 3), ("TOP", 2), ("TRY", 2), ("TTD", 2), ("TWD", 2), ("TZS", 2), ("UAH", 2), ("UGX", 0),
    ("USD", 2), ("USN", 2), ("UYI", 0), ("UYU", 2), ("UYW", 4), ("UZS", 2), ("VED", 2), ("VES", 2),
    ("VND", 0), ("VUV", 0), ("WST", 2), ("XAD", 2), ("XAF", 0), ("XCD", 2), ("XCG", 2), ("XOF", 0),
    ("XPF", 0), ("YER", 2), ("ZAR", 2), ("ZMW", 2), ("ZWG", 2),];

/// Active codes to which ISO 4217 gives no minor unit: metals, bond market units, special drawing rights, tests.
#[rustfmt::skip]
const WITHOUT_MINOR_UNITS: &[&str] = &[
    "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX",
];

/// Codes withdrawn in the last years that old forms and price lists still carry, and what replaced them.
#[rustfmt::skip]
const WITHDRAWN: &[(&str, &str)] = &[
    ("ANG", "XCG"), ("BGN", "EUR"), ("BYR", "BYN"), ("CUC", "CUP"), ("EEK", "EUR"), ("HRK", "EUR"), ("LTL", "EUR"),
    ("LVL", "EUR"), ("MRO", "MRU"), ("SLL", "SLE"), ("STD", "STN"), ("VEF", "VES"), ("ZMK", "ZMW"), ("ZWL", "ZWG"),
];

/// Names in daily use that are not ISO 4217 codes.
const COLLOQUIAL: &[(&str, &str)] = &[("CNH", "CNY"), ("NTD", "TWD"), ("RMB", "CNY")];
