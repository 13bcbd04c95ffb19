//! The three ways the protocols write time. Nothing here reads a clock or the machine's time zone.
//!
//! | text | for | type |
//! |---|---|---|
//! | `2026-03-02 17:15:30` | Alipay FX tax refund, always UTC+8 | [`GatewayTime`] |
//! | `2026-03-02T17:15:30+08:00` | Alipay+ and Antom fields | [`OffsetDateTime`] |
//! | `2026-03-02T09:15:30Z`, `1772442930000` | request headers | [`iso_utc_seconds`], [`epoch_millis_text`] |
//!
//! Years 1 to 9999 without the very last two days. Epoch times are milliseconds since 1970-01-01T00:00:00Z:
//! those of a clock are unsigned, those of a parsed text can be negative.

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::currency::excerpt;

/// A date and time of Alipay's open gateway: `yyyy-MM-dd HH:mm:ss`, wall clock of UTC+8 wherever the machine is.
///
/// Compares by instant. In JSON it is the text. Source: Alipay FX tax refund pages give no zone for the timestamp
/// and UTC+8 for the dates of the order; the gateway's own Java kit sends GMT+8.
///
/// ```
/// # use taxrefund_core::datetime::GatewayTime;
/// let time = GatewayTime::from_epoch_ms(1_772_442_930_123);
/// assert_eq!(time.to_string(), "2026-03-02 17:15:30");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GatewayTime(Timestamp);

impl GatewayTime {
    /// Reads exactly `yyyy-MM-dd HH:mm:ss`.
    ///
    /// # Errors
    /// Another shape (the ISO form with `T` or an offset is named), a date or time of day that does not exist.
    pub fn parse(text: &str) -> Result<Self, DateTimeError> {
        match wall_clock(text, b' ') {
            Some((wall, "")) => at(existing(&wall, text)?, GATEWAY_OFFSET).map(Self),
            _ => Err(DateTimeError::GatewayShape { given: shown(text) }),
        }
    }

    /// The wall clock of UTC+8 at an instant, cut to whole seconds. Past the year 9999 it stays at that year's
    /// last days, so a broken clock is no crash.
    #[must_use]
    pub fn from_epoch_ms(epoch_ms: u64) -> Self {
        Self(whole_second(epoch_ms))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z, negative before it.
    #[must_use]
    pub fn epoch_ms(&self) -> i64 {
        self.0.as_millisecond()
    }
}

impl fmt::Display for GatewayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        WallClockText(GATEWAY_OFFSET.to_datetime(self.0), ' ').fmt(f)
    }
}

/// An ISO 8601 date and time that keeps its offset from UTC: `2019-11-27T12:01:01+08:00`.
///
/// Written with whole seconds and an explicit offset, `+00:00` for UTC; a fraction that was read counts in
/// comparisons and is not written. Compares by instant, so two texts with other offsets can be equal. In JSON it is the
/// text. Source: Alipay+ syncTaxRefundForm, `formPrintDate`; Antom refund, `refundTime`.
#[derive(Clone, Copy)]
pub struct OffsetDateTime {
    instant: Timestamp,
    offset: Offset,
}

impl OffsetDateTime {
    /// Reads `yyyy-MM-ddTHH:mm:ss`, up to nine decimals of a second, and `Z` or an offset such as `+08:00`.
    ///
    /// # Errors
    /// [`DateTimeError::WithoutOffset`] where only the offset is missing: such a text is another instant in every
    /// country. Other shapes; a date, time of day or offset that does not exist.
    pub fn parse(text: &str) -> Result<Self, DateTimeError> {
        let shape = || DateTimeError::IsoShape { given: shown(text) };
        let (wall, rest) = wall_clock(text, b'T').ok_or_else(shape)?;
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(rest) => rest
                .split_at_checked(rest.bytes().take_while(u8::is_ascii_digit).count())
                .ok_or_else(shape)?,
            None => ("0", rest),
        };
        if !(1..=9).contains(&fraction.len()) {
            return Err(shape());
        }
        let nanoseconds = format!("{fraction:0<9}").parse().map_err(|_| shape())?;
        if rest.is_empty() {
            return Err(DateTimeError::WithoutOffset { given: shown(text) });
        }
        let offset = if rest == "Z" { Offset::UTC } else { offset(rest).ok_or_else(shape)? };
        at(existing(&WallClock { nanoseconds, ..wall }, text)?, offset)
            .map(|instant| Self { instant, offset })
    }

    /// The given instant, to be written at an offset of so many minutes east of UTC (480 for UTC+8).
    ///
    /// # Errors
    /// [`DateTimeError::OutOfRange`] for an offset of 24 hours or more, or outside the years 1 to 9999.
    pub fn from_epoch_ms(epoch_ms: u64, offset_minutes: i32) -> Result<Self, DateTimeError> {
        if offset_minutes.unsigned_abs() >= 24 * 60 {
            return Err(DateTimeError::OutOfRange);
        }
        let offset = Offset::from_seconds(offset_minutes * 60).map_err(|_| DateTimeError::OutOfRange)?;
        let epoch_ms = i64::try_from(epoch_ms).map_err(|_| DateTimeError::OutOfRange)?;
        let instant = Timestamp::from_millisecond(epoch_ms).map_err(|_| DateTimeError::OutOfRange)?;
        in_range(instant, offset).map(|instant| Self { instant, offset })
    }

    /// Milliseconds since 1970-01-01T00:00:00Z, negative before it; finer decimals are cut.
    #[must_use]
    pub fn epoch_ms(&self) -> i64 {
        let millis = self.instant.as_nanosecond().div_euclid(1_000_000);
        i64::try_from(millis).unwrap_or(i64::MAX)
    }

    /// Minutes east of UTC: 480 for `+08:00`.
    #[must_use]
    pub fn offset_minutes(&self) -> i32 {
        self.offset.seconds() / 60
    }
}

impl fmt::Display for OffsetDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        WallClockText(self.offset.to_datetime(self.instant), 'T').fmt(f)?;
        let minutes = self.offset_minutes();
        let sign = if minutes < 0 { '-' } else { '+' };
        write!(f, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    }
}

/// `2026-03-02T09:15:30Z`: UTC in whole seconds, for headers. Past the year 9999 it stays at that year's
/// last days, so a broken clock is no crash.
#[must_use]
pub fn iso_utc_seconds(epoch_ms: u64) -> String {
    format!("{}Z", WallClockText(Offset::UTC.to_datetime(whole_second(epoch_ms)), 'T'))
}

/// Epoch milliseconds as text, 13 digits in our times. Source: Antom headers, `request-time`.
#[must_use]
pub fn epoch_millis_text(epoch_ms: u64) -> String {
    epoch_ms.to_string()
}

/// Reads the time of an answer: 13 digits of epoch milliseconds, or ISO 8601 with an offset, which is also taken as
/// `+0800`. `None` for anything else, and before 1970: the text is opaque to the signature, and no decision may hang
/// on it.
///
/// Source: Alipay+ and Antom headers; the pages and the official kits write both forms.
#[must_use]
pub fn parse_response_time(text: &str) -> Option<u64> {
    if text.len() == 13 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let colonless = text.len().checked_sub(2).and_then(|at| text.split_at_checked(at)).filter(|(head, _)| {
        head.get(head.len().saturating_sub(3)..)
            .is_some_and(|sign_and_hours| sign_and_hours.starts_with(['+', '-']))
    });
    match colonless {
        Some((head, minutes)) => OffsetDateTime::parse(&format!("{head}:{minutes}")),
        None => OffsetDateTime::parse(text),
    }
    .ok()
    .and_then(|time| u64::try_from(time.epoch_ms()).ok())
}

/// When a form printed at `print` expires: six months later by the calendar, on the last day of the month where the
/// day does not exist, at the same wall-clock time and offset.
///
/// Source: Alipay+ syncTaxRefundForm, `formExpireDate`. The clamp to the last day is not stated there.
///
/// # Errors
/// [`DateTimeError::OutOfRange`] after the year 9999.
pub fn form_expiry(print: &OffsetDateTime) -> Result<OffsetDateTime, DateTimeError> {
    let instant = six_months_after(print.instant, print.offset)?;
    Ok(OffsetDateTime { instant, offset: print.offset })
}

/// As [`form_expiry`], for `doc_expire_date` of the Alipay FX tax refund.
///
/// # Errors
/// [`DateTimeError::OutOfRange`] after the year 9999.
pub fn form_expiry_gateway(print: &GatewayTime) -> Result<GatewayTime, DateTimeError> {
    six_months_after(print.0, GATEWAY_OFFSET).map(GatewayTime)
}

/// Why a text is not a date and time. A text with letters in it, which may be personal, is described by its length.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DateTimeError {
    /// Not the gateway's form.
    #[error(
        "time {given} is not in the form \"yyyy-MM-dd HH:mm:ss\"; write the UTC+8 wall clock without \
         \"T\", offset or fraction"
    )]
    GatewayShape {
        /// What was given.
        given: String,
    },
    /// Not the ISO form.
    #[error(
        "time {given} is not in the form \"2019-11-27T12:01:01+08:00\"; write date, \"T\", time with \
         seconds, and an offset"
    )]
    IsoShape {
        /// What was given.
        given: String,
    },
    /// An ISO form that lacks only the offset.
    #[error(
        "time {given} has no offset, so it is another instant in every country; add the one of the place \
         it was recorded in, such as \"+08:00\", or \"Z\" for UTC"
    )]
    WithoutOffset {
        /// What was given.
        given: String,
    },
    /// The shape is right, the calendar or the clock has no such value: 30 February, 25 o'clock.
    #[error(
        "time {given} does not exist in the calendar; check day, month and time of day (24:00 and second \
         60 are not taken)"
    )]
    NotInCalendar {
        /// What was given.
        given: String,
    },
    /// Outside the years 1 to 9999, or an offset of a day or more.
    #[error("the time is outside the years 1 to 9999; check the unit, which is milliseconds for epoch times")]
    OutOfRange,
}

impl DateTimeError {
    /// Stable code for programs; never changes its spelling.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::GatewayShape { .. } => "time_gateway_shape",
            Self::IsoShape { .. } => "time_iso_shape",
            Self::WithoutOffset { .. } => "time_without_offset",
            Self::NotInCalendar { .. } => "time_not_in_calendar",
            Self::OutOfRange => "time_out_of_range",
        }
    }
}

impl PartialEq for OffsetDateTime {
    fn eq(&self, other: &Self) -> bool {
        self.instant == other.instant
    }
}

impl Eq for OffsetDateTime {}

impl PartialOrd for OffsetDateTime {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OffsetDateTime {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.instant.cmp(&other.instant)
    }
}

impl std::hash::Hash for OffsetDateTime {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.instant.hash(state);
    }
}

/// Debug, reading and JSON are the same for both types: the text.
macro_rules! as_text {
    ($type:ty) => {
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self)
            }
        }

        impl std::str::FromStr for $type {
            type Err = DateTimeError;

            fn from_str(text: &str) -> Result<Self, DateTimeError> {
                Self::parse(text)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    };
}

as_text!(GatewayTime);
as_text!(OffsetDateTime);

/// Source: Alipay FX tax refund: all times of the gateway are UTC+8.
const GATEWAY_OFFSET: Offset = Offset::constant(8);

/// 9999-12-30T22:00:00Z, the last instant that still has a wall clock at every offset.
const LAST_SECOND: u64 = 253_402_207_200;

/// The figures of a wall-clock text, not yet known to exist.
struct WallClock {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    nanoseconds: i32,
}

/// Splits 19 characters of wall clock, with the given mark between date and time, from what follows them.
fn wall_clock(text: &str, mark: u8) -> Option<(WallClock, &str)> {
    let (wall, rest) = text.split_at_checked(19)?;
    let bytes = wall.as_bytes();
    let pattern = [(4, b'-'), (7, b'-'), (10, mark), (13, b':'), (16, b':')];
    if pattern.iter().any(|(index, byte)| bytes.get(*index) != Some(byte)) {
        return None;
    }
    let two = |start: usize| digits(wall.get(start..start + 2)?).and_then(|n| i8::try_from(n).ok());
    let clock = WallClock {
        year: digits(wall.get(..4)?)?,
        month: two(5)?,
        day: two(8)?,
        hour: two(11)?,
        minute: two(14)?,
        second: two(17)?,
        nanoseconds: 0,
    };
    Some((clock, rest))
}

fn digits(text: &str) -> Option<i16> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Reads `+08:00`: hours to 23, minutes to 59.
fn offset(text: &str) -> Option<Offset> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (i32::from(digits(hours)?), i32::from(digits(minutes)?));
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn existing(clock: &WallClock, text: &str) -> Result<DateTime, DateTimeError> {
    let date = Date::new(clock.year, clock.month, clock.day);
    let time = Time::new(clock.hour, clock.minute, clock.second, clock.nanoseconds);
    match (date, time) {
        (Ok(date), Ok(time)) => Ok(DateTime::from_parts(date, time)),
        _ => Err(DateTimeError::NotInCalendar { given: shown(text) }),
    }
}

fn at(wall: DateTime, offset: Offset) -> Result<Timestamp, DateTimeError> {
    let instant = offset.to_timestamp(wall).map_err(|_| DateTimeError::OutOfRange)?;
    in_range(instant, offset)
}

fn whole_second(epoch_ms: u64) -> Timestamp {
    // At most the library's own last second, so the conversions always succeed.
    let seconds = i64::try_from((epoch_ms / 1000).min(LAST_SECOND)).unwrap_or(0);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

fn in_range(instant: Timestamp, offset: Offset) -> Result<Timestamp, DateTimeError> {
    let year = offset.to_datetime(instant).year();
    if (1..=9999).contains(&year) { Ok(instant) } else { Err(DateTimeError::OutOfRange) }
}

/// The library clamps to the last day of the target month.
fn six_months_after(instant: Timestamp, offset: Offset) -> Result<Timestamp, DateTimeError> {
    let wall = offset.to_datetime(instant).checked_add(Span::new().months(6));
    at(wall.map_err(|_| DateTimeError::OutOfRange)?, offset)
}

struct WallClockText(DateTime, char);

impl fmt::Display for WallClockText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(wall, mark) = self;
        let (year, month, day) = (wall.year(), wall.month(), wall.day());
        let (hour, minute, second) = (wall.hour(), wall.minute(), wall.second());
        write!(f, "{year:04}-{month:02}-{day:02}{mark}{hour:02}:{minute:02}:{second:02}")
    }
}

fn shown(text: &str) -> String {
    let a_time = text.starts_with(|first: char| !first.is_alphabetic());
    excerpt(text, 40, |c| !c.is_alphabetic() || (a_time && matches!(c, 'T' | 't' | 'Z' | 'z')))
}
