"""Points in time as the protocols write them. A time without its zone is another instant in every
country, so it is refused.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from . import _native
from ._text import printable
from .errors import DateError

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)
_MINUTE = timedelta(minutes=1)


def gateway_time(at: datetime) -> str:
    """Alipay's open gateway: `yyyy-MM-dd HH:mm:ss`, the wall clock of UTC+8 wherever the machine
    is.
    """
    return _native.gateway_time(epoch_ms(at))


def offset_time(at: datetime) -> str:
    """Alipay+ and Antom: ISO 8601 with the offset that `at` has."""
    offset = at.utcoffset() if isinstance(at, datetime) else None
    return _native.offset_time(epoch_ms(at), 0 if offset is None else offset // _MINUTE)


def parse(text: str) -> datetime:
    """Reads either of the two shapes; the result is aware, in UTC."""
    return _EPOCH + timedelta(milliseconds=_native.parse_time(_text(text)))


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(f"text: must be str, not {type(given).__name__}")
    return printable(given)


def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC, exactly."""
    require_aware("time", at)
    try:
        ms = (at - _EPOCH) // _MILLISECOND
    except OverflowError:
        raise DateError("time: is outside the years 1 to 9999 in UTC") from None
    if ms < 0:
        raise DateError("time: lies before 1970")
    return ms


def require_aware(name: str, at: object) -> None:
    """Refuses what is no aware `datetime`; the error names the field."""
    if not isinstance(at, datetime):
        hint = ": a date has no time of day and no zone" if isinstance(at, date) else ""
        raise TypeError(f"{name}: must be str or datetime, not {type(at).__name__}{hint}")
    if at.utcoffset() is None:
        raise DateError(
            f"{name}: is a datetime without a zone (naive), another instant in every country. "
            "Give it one: datetime(..., tzinfo=timezone.utc), "
            "or .replace(tzinfo=ZoneInfo('Asia/Singapore'))"
        )
