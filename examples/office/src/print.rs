//! How things are written for people.

use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use taxrefund_core::Amount;
use taxrefund_journal::Entry;

const WIDTH: u16 = 118;

pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(header);
    table
}

/// `2026-11-23 07:00:00`, in UTC.
pub(crate) fn utc(ms: i64) -> String {
    in_utc(ms, "%Y-%m-%d %H:%M:%S")
}

/// `2026-11-23 07:00:00.123`, in UTC.
pub(crate) fn utc_ms(ms: i64) -> String {
    in_utc(ms, "%Y-%m-%d %H:%M:%S.%3f")
}

fn in_utc(ms: i64, shape: &str) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |time| time.strftime(shape).to_string())
}

/// `SGD 1263`: the currency and the count of its smallest unit.
pub(crate) fn amount(amount: Option<&Amount>) -> String {
    amount.map_or_else(String::new, |amount| format!("{} {}", amount.currency, amount.value))
}

/// Code and sub code.
pub(crate) fn why(entry: &Entry) -> String {
    [entry.code.as_deref(), entry.sub_code.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
