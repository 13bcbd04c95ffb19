//! How a list is to be read: the names of its columns, and what its amounts and status texts mean.

use serde::{Deserialize, Serialize};
use taxrefund_core::currency::Currency;

use super::SettlementError;

/// How to read a list. The default reads `key,amount,currency,status` with amounts in major units.
///
/// Column names are found whatever their case, and so are status texts; white space around any cell is ignored. In
/// JSON every member may be left out:
///
/// ```
/// use taxrefund_journal::settlement::ListOptions;
///
/// let options: ListOptions = serde_json::from_str(
///     r#"{"key_column": "Order No", "currency": {"fixed": "SGD"}, "status": "all_paid", "delimiter": "semicolon"}"#,
/// )?;
/// assert_eq!(options.amount_column, "amount");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListOptions {
    /// The column of the key that the journal has too. Default `key`.
    pub key_column: String,
    /// The column of the amount. Default `amount`.
    pub amount_column: String,
    /// What amounts count. Default [`AmountUnit::Major`].
    pub amount_unit: AmountUnit,
    /// Where the currency stands. Default the column `currency`.
    pub currency: CurrencySource,
    /// Where it stands whether a line was paid. Default the column `status`.
    pub status: StatusSource,
    /// Status texts that mean paid. Default `SUCCESS`, `SUCCEEDED`, `S`, `PAID`, `SETTLED`, `REFUND_SUCCESS`,
    /// `TRADE_SUCCESS`.
    pub paid_texts: Vec<String>,
    /// Status texts that mean failed. Default `FAIL`, `FAILED`, `F`, `CLOSED`.
    ///
    /// A text in neither list is not guessed at: its line is a problem of the report.
    pub failed_texts: Vec<String>,
    /// What stands between cells. Default [`Delimiter::Comma`].
    pub delimiter: Delimiter,
}

impl Default for ListOptions {
    fn default() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        Self {
            key_column: "key".to_owned(),
            amount_column: "amount".to_owned(),
            amount_unit: AmountUnit::Major,
            currency: CurrencySource::Column("currency".to_owned()),
            status: StatusSource::Column("status".to_owned()),
            paid_texts: texts(&[
                "SUCCESS",
                "SUCCEEDED",
                "S",
                "PAID",
                "SETTLED",
                "REFUND_SUCCESS",
                "TRADE_SUCCESS",
            ]),
            failed_texts: texts(&["FAIL", "FAILED", "F", "CLOSED"]),
            delimiter: Delimiter::Comma,
        }
    }
}

/// What the amounts of a list count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountUnit {
    /// Major units in exact decimals: `12.34` is SGD 12.34. More decimals than the currency has are a problem.
    #[default]
    Major,
    /// The currency's smallest unit: `1234` is SGD 12.34.
    Minor,
}

/// Where the currency of a line comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CurrencySource {
    /// From the column of this name.
    Column(String),
    /// The list has no such column; every line is in this currency.
    Fixed(Currency),
}

/// Where the status of a line comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusSource {
    /// From the column of this name.
    Column(String),
    /// The list has no such column; it holds paid refunds only.
    AllPaid,
}

/// What stands between the cells of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    /// `,`
    #[default]
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
}

impl Delimiter {
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

impl ListOptions {
    /// Every status text there is, with what it means.
    pub(super) fn statuses(&self) -> Result<Vec<Status>, SettlementError> {
        if self.status == StatusSource::AllPaid {
            return Ok(vec![Status { text: String::new(), paid: true }]);
        }
        let status = |paid| move |text: &String| Status { text: text.trim().to_owned(), paid };
        let paid = self.paid_texts.iter().map(status(true));
        let failed = self.failed_texts.iter().map(status(false));
        let statuses: Vec<_> = paid.chain(failed).collect();
        let contradicts =
            |one: &&Status| statuses.iter().any(|other| one.paid && !other.paid && other.is(&one.text));
        match statuses.iter().find(contradicts) {
            Some(status) => Err(SettlementError::StatusTextTwice { text: status.text.clone() }),
            None => Ok(statuses),
        }
    }
}

/// A status text and what it means.
#[derive(Debug)]
pub(super) struct Status {
    pub(super) text: String,
    pub(super) paid: bool,
}

impl Status {
    pub(super) fn is(&self, text: &str) -> bool {
        self.text.eq_ignore_ascii_case(text)
    }
}
