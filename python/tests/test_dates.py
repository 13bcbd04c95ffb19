from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxrefund import DateError, dates

AT = datetime(2026, 3, 2, 9, 15, 30, tzinfo=timezone.utc)


def test_the_gateway_has_the_wall_clock_of_utc_plus_8() -> None:
    assert dates.gateway_time(AT) == "2026-03-02 17:15:30"
    assert dates.gateway_time(AT.astimezone(timezone(timedelta(hours=-5)))) == "2026-03-02 17:15:30"


def test_an_offset_is_kept() -> None:
    assert dates.offset_time(AT.astimezone(timezone(timedelta(hours=5, minutes=30)))) == (
        "2026-03-02T14:45:30+05:30"
    )
    assert dates.offset_time(AT) == "2026-03-02T09:15:30+00:00"


def test_a_time_without_a_zone_is_refused_and_the_error_says_why() -> None:
    with pytest.raises(DateError, match="another instant in every country"):
        dates.gateway_time(datetime(2026, 3, 2, 9, 15, 30))


def test_a_date_is_no_time() -> None:
    with pytest.raises(TypeError, match="date has no time of day"):
        dates.gateway_time(date(2026, 3, 2))  # type: ignore[arg-type]


class Nowhere(tzinfo):
    """A zone that does not say where it is."""

    def utcoffset(self, dt: datetime | None) -> None:
        return None

    def dst(self, dt: datetime | None) -> None:
        return None

    def tzname(self, dt: datetime | None) -> str:
        return "nowhere"


def test_a_zone_without_an_offset_is_no_zone() -> None:
    with pytest.raises(DateError):
        dates.gateway_time(datetime(2026, 3, 2, tzinfo=Nowhere()))


@pytest.mark.parametrize(
    "at",
    [
        datetime(1969, 12, 31, tzinfo=timezone.utc),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_what_lies_before_1970_is_refused(at: datetime) -> None:
    with pytest.raises(DateError):
        dates.gateway_time(at)


def test_the_end_of_time_is_no_crash() -> None:
    for zone in (timezone.utc, timezone(timedelta(hours=-14)), timezone(timedelta(hours=14))):
        for write in (dates.gateway_time, dates.offset_time):
            with suppress(DateError):
                write(datetime.max.replace(tzinfo=zone))


@given(
    at=st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1)),
    minutes=st.integers(-14 * 60, 14 * 60),
)
def test_every_time_reads_back(at: datetime, minutes: int) -> None:
    aware = at.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert dates.parse(dates.offset_time(aware)) == aware
    assert dates.parse(dates.gateway_time(aware)) == aware
