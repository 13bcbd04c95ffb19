//! Reading and checking business fields. The first thing wrong is what the platforms name.

use serde_json::{Map, Value};

/// What is wrong with a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Missing(String),
    Invalid(String),
}

pub(crate) type Checked<T> = Result<T, Fault>;

/// The members of one JSON object.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    path: &'static str,
    members: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(path: &'static str, value: &'a Value) -> Checked<Self> {
        let members = value.as_object().ok_or_else(|| Fault::Invalid(path.to_owned()))?;
        Ok(Self { path, members })
    }

    /// A member that is there and not null.
    pub(crate) fn value(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn required(&self, name: &str) -> Checked<&'a Value> {
        self.value(name).ok_or_else(|| Fault::Missing(self.named(name)))
    }

    /// A text that is required and obeys a rule.
    pub(crate) fn text(&self, name: &str, rule: fn(&str) -> bool) -> Checked<&'a str> {
        self.required(name)?;
        Ok(self.optional(name, rule)?.unwrap_or_default())
    }

    /// A text that obeys a rule if it is there.
    pub(crate) fn optional(&self, name: &str, rule: fn(&str) -> bool) -> Checked<Option<&'a str>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if rule(text) => Ok(Some(text)),
            Some(_) => Err(Fault::Invalid(self.named(name))),
        }
    }

    pub(crate) fn invalid(&self, name: &str) -> Fault {
        Fault::Invalid(self.named(name))
    }

    /// `{currency, value}` of the header protocols. `minimum` is 0 or 1 unit.
    pub(crate) fn amount(&self, name: &'static str, minimum: u64) -> Checked<(&'a str, &'a str)> {
        let amount = Fields::of(name, self.required(name)?)?;
        let currency = amount.text("currency", is_currency)?;
        let value = amount.text("value", |v| v.len() <= 16 && is_number(v))?;
        let units: u64 = value.parse().map_err(|_| amount.invalid("value"))?;
        if units < minimum || (currency == "IDR" && !units.is_multiple_of(100)) {
            return Err(amount.invalid("value"));
        }
        Ok((currency, value))
    }

    fn named(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

pub(crate) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

pub(crate) fn is_region(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// ASCII digits without a leading zero, but for zero itself.
pub(crate) fn is_number(text: &str) -> bool {
    is_digits(text) && (text == "0" || !text.starts_with('0'))
}

pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

pub(crate) fn is_text(text: &str) -> bool {
    !text.is_empty()
}

/// At most `N` characters, at least one.
pub(crate) fn up_to<const N: usize>(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= N
}
