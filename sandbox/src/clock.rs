//! The two ways the platforms write the time. The platforms' day is UTC+8's.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, offset};

const PLATFORM: Offset = offset(8);
const WALL_CLOCK: &str = "%Y-%m-%d %H:%M:%S";

/// The gateway's form: `yyyy-MM-dd HH:mm:ss` in UTC+8.
pub(crate) fn wall_clock() -> String {
    now().strftime(WALL_CLOCK).to_string()
}

/// The header protocols' form: ISO 8601 with seconds and offset.
pub(crate) fn iso_seconds() -> String {
    now().strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}

pub(crate) fn is_wall_clock(text: &str) -> bool {
    text.len() == 19 && DateTime::strptime(WALL_CLOCK, text).is_ok()
}

/// ISO 8601 with `T` and an offset or `Z`. Offsets without a colon (`+0000`) occur in official clients.
pub(crate) fn is_iso(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b'T') && text.parse::<Timestamp>().is_ok()
}

/// A Request-Time: ISO 8601, or 13 digits of epoch milliseconds.
pub(crate) fn is_request_time(text: &str) -> bool {
    (text.len() == 13 && text.bytes().all(|b| b.is_ascii_digit())) || is_iso(text)
}

fn now() -> DateTime {
    PLATFORM.to_datetime(Timestamp::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_request_time_is_understood() {
        for text in [
            "1685599933871",
            "2026-11-23T01:02:03+00:00",
            "2026-11-23T01:02:03+0000",
            "2026-11-23T01:02:03.1234567Z",
            &iso_seconds(),
        ] {
            assert!(is_request_time(text), "{text}");
        }
        for text in ["", "12", "yesterday", "2026-11-23 01:02:03", "2026-13-01T00:00:00Z", "é"] {
            assert!(!is_request_time(text), "{text}");
        }
        assert!(is_wall_clock("2024-02-29 23:59:59") && !is_wall_clock("2023-02-29 23:59:59"));
    }
}
