//! The columns of a list, and what they say on one line.

use std::io::Read;

use csv::ByteRecord;
use taxrefund_core::currency::Currency;
use taxrefund_core::money::{Amount, Money, MoneyError};

use super::SettlementError;
use super::lines::Lines;
use super::options::{AmountUnit, CurrencySource, ListOptions, Status, StatusSource};
use super::report::Problem;

/// The columns that count, found in the header line.
pub(super) struct Columns<'a> {
    /// How many there are, those that do not count included.
    count: usize,
    key: Column<'a>,
    amount: Column<'a>,
    amount_unit: AmountUnit,
    currency: CurrencyOf<'a>,
    /// `None` when every line is paid.
    status: Option<Column<'a>>,
}

impl<'a> Columns<'a> {
    pub(super) fn find(header: &ByteRecord, options: &'a ListOptions) -> Result<Self, SettlementError> {
        if header.iter().any(|name| name.contains(&0)) {
            return Err(SettlementError::NotText);
        }
        Ok(Self {
            count: header.len(),
            key: Column::find(header, &options.key_column)?,
            amount: Column::find(header, &options.amount_column)?,
            amount_unit: options.amount_unit,
            currency: match &options.currency {
                CurrencySource::Column(name) => CurrencyOf::Line(Column::find(header, name)?),
                CurrencySource::Fixed(currency) => CurrencyOf::List(*currency),
            },
            status: match &options.status {
                StatusSource::Column(name) => Some(Column::find(header, name)?),
                StatusSource::AllPaid => None,
            },
        })
    }

    /// The key of a line, and what the line says of it.
    pub(super) fn read<'l>(
        &self,
        line: &'l Lines<impl Read>,
        statuses: &[Status],
    ) -> Result<(&'l str, Reading), Bad<'l>> {
        let cells = &line.cells;
        if line.quote_is_open() {
            let message = "a quote is not closed on this line; a cell cannot hold a line break";
            return Err(Bad::of("", "quote", message, String::new()));
        }
        if cells.len() != self.count {
            let message = format!("the line has {} cells, the header has {}", cells.len(), self.count);
            return Err(Bad::of("", "cells", message, String::new()));
        }
        let key = self.key.text(cells)?;
        if key.is_empty() {
            return Err(Bad::of(self.key.name, "key_empty", "the key is empty", String::new()));
        }
        match self.reading(cells, statuses) {
            Ok(reading) => Ok((key, reading)),
            Err(bad) => Err(Bad { key: Some(key), ..bad }),
        }
    }

    fn reading<'l>(&self, cells: &'l ByteRecord, statuses: &[Status]) -> Result<Reading, Bad<'l>> {
        let currency = match &self.currency {
            CurrencyOf::List(currency) => *currency,
            CurrencyOf::Line(column) => {
                let code = column.text(cells)?;
                Currency::parse(code).map_err(|error| Bad::money(column.name, &error, shown_code(code)))?
            }
        };
        let amount = self.amount.text(cells)?;
        let money = match self.amount_unit {
            AmountUnit::Major => Money::parse_major(amount, currency),
            AmountUnit::Minor => {
                Money::try_from(&Amount { currency: currency.to_string(), value: amount.to_owned() })
            }
        };
        let money = money.map_err(|error| Bad::money(self.amount.name, &error, shown_amount(amount)))?;
        let Some(column) = &self.status else { return Ok(Reading { money, status: 0, paid: true }) };
        let text = column.text(cells)?;
        match (0..).zip(statuses).find(|(_, status)| status.is(text)) {
            Some((place, status)) => Ok(Reading { money, status: place, paid: status.paid }),
            None => {
                let given = shown_word(text);
                let message = format!(
                    "the status {given} is not known as paid or as failed; find out what it means and add it to the \
                     options"
                );
                Err(Bad::of(column.name, "status_unlisted", message, given))
            }
        }
    }
}

/// What a good line says of its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) money: Money,
    /// The place of its text among the list's statuses.
    pub(super) status: u32,
    pub(super) paid: bool,
}

/// What is wrong with a line; the first thing found.
pub(super) struct Bad<'l> {
    /// The key, where it could be read.
    pub(super) key: Option<&'l str>,
    column: String,
    rule: &'static str,
    message: String,
    given: String,
}

impl Bad<'_> {
    fn of(column: &str, rule: &'static str, message: impl Into<String>, given: String) -> Self {
        Self { key: None, column: column.to_owned(), rule, message: message.into(), given }
    }

    fn money(column: &str, error: &MoneyError, given: String) -> Self {
        Self::of(column, error.code(), error.to_string(), given)
    }

    pub(super) fn on(self, line: u64) -> Problem {
        let Self { key, column, rule, message, given } = self;
        Problem { line, key: key.map(str::to_owned), column, rule, message, given }
    }
}

struct Column<'a> {
    name: &'a str,
    place: usize,
}

impl<'a> Column<'a> {
    fn find(header: &ByteRecord, wanted: &'a str) -> Result<Self, SettlementError> {
        let name = wanted.trim();
        let is = |there: &[u8]| there.trim_ascii().eq_ignore_ascii_case(name.as_bytes());
        let mut places = header.iter().enumerate().filter(|(_, there)| is(there)).map(|(place, _)| place);
        let Some(place) = places.next() else {
            let present = header.iter().take(HEADER_SHOWN);
            let present = present.map(|there| shown_word(String::from_utf8_lossy(there).trim())).collect();
            return Err(SettlementError::ColumnMissing { column: name.to_owned(), present });
        };
        match places.next() {
            None => Ok(Self { name, place }),
            Some(_) => Err(SettlementError::ColumnTwice { column: name.to_owned() }),
        }
    }

    fn text<'l>(&self, cells: &'l ByteRecord) -> Result<&'l str, Bad<'l>> {
        std::str::from_utf8(&cells[self.place]).map(str::trim).map_err(|_| {
            let message = format!("the cell of column {:?} is not UTF-8; save the list as UTF-8", self.name);
            Bad::of(self.name, "charset", message, "(not a text in UTF-8)".to_owned())
        })
    }
}

enum CurrencyOf<'a> {
    List(Currency),
    Line(Column<'a>),
}

const HEADER_SHOWN: usize = 50;

fn shown_amount(text: &str) -> String {
    shown(text, 24, |c| !c.is_alphabetic())
}

fn shown_code(text: &str) -> String {
    shown(text, 4, |c| c.is_ascii_alphanumeric())
}

/// Words and short codes; a number with more digits than they have may be a passport or an account.
fn shown_word(text: &str) -> String {
    let few_digits = text.chars().filter(|c| c.is_numeric()).count() <= 4;
    shown(text, 40, |c| few_digits && !c.is_control())
}

/// What may be shown of a cell: itself in quotes, or only its length when it does not look like what belongs there,
/// because personal data from another column must not get into messages and logs.
fn shown(text: &str, most_chars: usize, belongs: impl Fn(char) -> bool) -> String {
    let count = text.chars().count();
    if count <= most_chars && text.chars().all(belongs) {
        format!("{text:?}")
    } else {
        format!("(a text of {count} characters)")
    }
}
