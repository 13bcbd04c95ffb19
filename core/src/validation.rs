//! What is wrong with a request, all of it at once, before anything is signed or sent.

use std::fmt;
use std::ops::RangeInclusive;

use serde::Serialize;

use crate::currency::{self, Currency};
use crate::datetime::{GatewayTime, OffsetDateTime};
use crate::money::{self, Amount, AmountRules, amount_problems};
use crate::redact::{excerpt, mask};
use crate::region::is_region;

/// One thing that is wrong: where, which rule, and what was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The field's path in wire names: `merchants.0.merchantAddress.region`.
    pub path: String,
    /// The rule's stable name: `required`, `length`, `alphabet`, `currency`, …
    pub rule: &'static str,
    /// The rule in words, with its numbers.
    pub message: String,
    /// What was given; personal data and secrets are masked, long texts shortened.
    pub given: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the whole" } else { &self.path };
        write!(f, "{path}: {} (given: {})", self.message, self.given)
    }
}

/// Something unusual that does not stop a request: it was sent as given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The field's path in wire names.
    pub path: String,
    /// The warning's stable name.
    pub rule: &'static str,
    /// What is unusual, in words.
    pub message: String,
}

/// Collects what is wrong with one request.
#[derive(Debug, Default)]
pub struct Checks {
    prefix: String,
    violations: Vec<Violation>,
    warnings: Vec<Warning>,
}

impl Checks {
    /// A text that must be there.
    pub(crate) fn text<'a>(&'a mut self, path: &'a str, value: &'a str) -> TextCheck<'a> {
        self.open(path, Some(value), true, false)
    }

    /// A text that may be absent, but not empty.
    pub(crate) fn optional<'a>(&'a mut self, path: &'a str, value: Option<&'a str>) -> TextCheck<'a> {
        self.open(path, value, false, false)
    }

    /// Personal data that must be there; never shown.
    pub(crate) fn personal<'a>(&'a mut self, path: &'a str, value: &'a str) -> TextCheck<'a> {
        self.open(path, Some(value), true, true)
    }

    /// Personal data that may be absent; never shown.
    pub(crate) fn optional_personal<'a>(
        &'a mut self,
        path: &'a str,
        value: Option<&'a str>,
    ) -> TextCheck<'a> {
        self.open(path, value, false, true)
    }

    /// Runs checks of a nested object with its path in front.
    pub(crate) fn within(&mut self, path: impl fmt::Display, checks: impl FnOnce(&mut Self)) {
        let outer = self.prefix.clone();
        self.prefix = format!("{outer}{path}.");
        checks(self);
        self.prefix = outer;
    }

    /// An amount of Alipay+ and Antom.
    pub(crate) fn amount(&mut self, path: &str, amount: &Amount, allow_zero: bool) {
        for error in amount_problems(amount, AmountRules { allow_zero, max_digits: 16 }) {
            let (field, given) = if error.concerns_currency() {
                ("currency", amount.currency.as_str())
            } else {
                ("value", amount.value.as_str())
            };
            if given.is_empty() {
                self.text(&format!("{path}.{field}"), given);
                continue;
            }
            let shown = if field == "currency" { currency::shown(given) } else { money::shown(given) };
            self.violate(&format!("{path}.{field}"), error.code(), error.to_string(), shown);
        }
    }

    /// Adds a violation of a rule that is not about one text.
    pub(crate) fn violate(
        &mut self,
        path: &str,
        rule: &'static str,
        message: impl Into<String>,
        given: String,
    ) {
        self.violations.push(Violation {
            path: format!("{}{path}", self.prefix),
            rule,
            message: message.into(),
            given,
        });
    }

    /// Adds a warning.
    pub(crate) fn warn(&mut self, path: &str, rule: &'static str, message: impl Into<String>) {
        self.warnings.push(Warning { path: format!("{}{path}", self.prefix), rule, message: message.into() });
    }

    pub(crate) fn finish(self) -> Result<Vec<Warning>, Vec<Violation>> {
        if self.violations.is_empty() { Ok(self.warnings) } else { Err(self.violations) }
    }

    fn open<'a>(
        &'a mut self,
        path: &'a str,
        value: Option<&'a str>,
        required: bool,
        personal: bool,
    ) -> TextCheck<'a> {
        let mut check = TextCheck { path, value, personal, checks: self };
        match check.value {
            Some("") if required => {
                check.violate("required", "is required and must not be empty");
                check.value = None;
            }
            Some("") => {
                check.violate("empty", "must be left out rather than sent empty");
                check.value = None;
            }
            Some(_) | None => {}
        }
        check
    }
}

/// The rules of one text; each broken rule is one violation.
pub(crate) struct TextCheck<'a> {
    checks: &'a mut Checks,
    path: &'a str,
    value: Option<&'a str>,
    personal: bool,
}

impl TextCheck<'_> {
    /// Length in characters.
    pub(crate) fn length(mut self, bounds: RangeInclusive<usize>) -> Self {
        if let Some(value) = self.value {
            let length = value.chars().count();
            if !bounds.contains(&length) {
                let (least, most) = (bounds.start(), bounds.end());
                let rule = if least <= &1 {
                    format!("may have at most {most} characters, has {length}")
                } else if least == most {
                    format!("must have {most} characters, has {length}")
                } else {
                    format!("must have {least} to {most} characters, has {length}")
                };
                self.violate("length", rule);
            }
        }
        self
    }

    /// At most this many characters.
    pub(crate) fn at_most(self, most: usize) -> Self {
        self.length(1..=most)
    }

    /// ASCII letters and digits only.
    pub(crate) fn letters_and_digits(self) -> Self {
        self.alphabet("may hold only ASCII letters and digits", |c| c.is_ascii_alphanumeric())
    }

    /// Letters, digits, `-` and `_`: the careful reading of "no special characters".
    pub(crate) fn identifier(self) -> Self {
        self.alphabet("may hold only ASCII letters, digits, '-' and '_'", |c| {
            c.is_ascii_alphanumeric() || c == '-' || c == '_'
        })
    }

    /// ASCII digits only.
    pub(crate) fn digits(self) -> Self {
        self.alphabet("may hold only the digits 0-9", |c| c.is_ascii_digit())
    }

    /// No control characters, in any text that people read.
    pub(crate) fn printable(self) -> Self {
        self.alphabet("must not hold control characters", |c| !c.is_control())
    }

    /// One of a closed list.
    pub(crate) fn one_of(mut self, allowed: &[&str]) -> Self {
        if let Some(value) = self.value
            && !allowed.contains(&value)
        {
            self.violate("value", format!("must be one of: {}", allowed.join(", ")));
        }
        self
    }

    /// An ISO 4217 alphabetic code.
    pub(crate) fn currency(self) -> Self {
        if let Some(value) = self.value
            && let Err(error) = Currency::parse(value)
        {
            self.checks.violate(self.path, "currency", error.to_string(), currency::shown(value));
        }
        self
    }

    /// An ISO 3166-1 alpha-2 code.
    pub(crate) fn region(mut self) -> Self {
        if self.value.is_some_and(|value| !is_region(value)) {
            self.violate("region", "must be an ISO 3166-1 alpha-2 country code in capitals, such as SG");
        }
        self
    }

    /// UTC+8 wall clock, `yyyy-MM-dd HH:mm:ss`.
    pub(crate) fn gateway_time(mut self) -> Self {
        if let Some(Err(error)) = self.value.map(GatewayTime::parse) {
            self.violate("date_time", error.to_string());
        }
        self
    }

    /// ISO 8601 with an offset.
    pub(crate) fn offset_date_time(mut self) -> Self {
        if let Some(Err(error)) = self.value.map(OffsetDateTime::parse) {
            self.violate("date_time", error.to_string());
        }
        self
    }

    /// An absolute http or https address.
    pub(crate) fn url(mut self) -> Self {
        if let Some(value) = self.value
            && !((value.starts_with("https://") || value.starts_with("http://"))
                && value.chars().all(|c| c.is_ascii_graphic()))
        {
            self.violate("url", "must be an absolute http(s) URL without spaces");
        }
        self
    }

    /// A rule of its own.
    pub(crate) fn holds(
        mut self,
        rule: &'static str,
        message: &str,
        test: impl FnOnce(&str) -> bool,
    ) -> Self {
        if let Some(value) = self.value
            && !test(value)
        {
            self.violate(rule, message);
        }
        self
    }

    fn alphabet(mut self, message: &str, allowed: impl Fn(char) -> bool) -> Self {
        if let Some(value) = self.value
            && let Some((at, found)) = value.chars().enumerate().find(|(_, c)| !allowed(*c))
        {
            let place = if self.personal {
                format!("character {}", at + 1)
            } else {
                format!("{found:?} at {}", at + 1)
            };
            self.violate("alphabet", format!("{message}; wrong: {place}"));
        }
        self
    }

    fn violate(&mut self, rule: &'static str, message: impl Into<String>) {
        let given = match self.value {
            Some(value) if self.personal => mask(value),
            Some(value) => excerpt(value),
            None => "nothing".to_owned(),
        };
        self.checks.violate(self.path, rule, message, given);
    }
}
