"""Money: a whole number of a currency's smallest unit. Nothing here is a float, and nothing
rounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _native
from ._text import printable
from .errors import MoneyError

if TYPE_CHECKING:
    from decimal import Decimal

_LARGEST = 2**64 - 1
_known: dict[str, int] = {}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Money:
    """An exact amount.

    >>> Money.parse("100.00", "SGD")
    Money(minor=10000, currency='SGD')
    >>> str(Money(minor=10000, currency="SGD"))
    'SGD 100.00'
    """

    minor: int
    """A count of the smallest unit: cents for SGD, yen for JPY, fils for KWD."""
    currency: str
    """ISO 4217 code, three capitals."""

    def __post_init__(self) -> None:
        minor, currency = self.minor, self.currency
        if not isinstance(minor, int) or isinstance(minor, bool):
            raise TypeError(f"minor: must be int, not {_kind(minor)}{_float_hint(minor)}")
        if not isinstance(currency, str):
            raise TypeError(f"currency: must be str, not {_kind(currency)}")
        if currency not in _known:
            _known[currency] = _native.minor_units(printable(currency))
        if not 0 <= minor <= _LARGEST:
            raise MoneyError(f"minor: must be 0 to {_LARGEST}, is {_shown(minor)}")

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Reads exact decimal text in major units: `"100.00"`, `"100"`, `"0.5"`.

        Raises `MoneyError` for more decimals than the currency has, signs, exponents, spaces and
        grouping marks.
        """
        if not isinstance(text, str):
            raise TypeError(f"text: must be str, not {_kind(text)}{_float_hint(text)}")
        if not isinstance(currency, str):
            raise TypeError(f"currency: must be str, not {_kind(currency)}")
        return cls(
            minor=_native.money_minor(printable(text), printable(currency)), currency=currency
        )

    @classmethod
    def from_decimal(cls, amount: Decimal, currency: str) -> Money:
        """An amount in major units. More decimals than the currency has must be zeros: nothing is
        rounded here.
        """
        from decimal import Decimal

        if not isinstance(amount, Decimal):
            raise TypeError(f"amount: must be Decimal, not {_kind(amount)}{_float_hint(amount)}")
        units = cls(minor=0, currency=currency).minor_units
        sign, digits, exponent = amount.as_tuple()
        if not isinstance(exponent, int):
            raise MoneyError(f"amount: {amount} is not a number")
        if any(digits) and (sign or amount.adjusted() > 20):
            raise MoneyError("amount: is negative" if sign else "amount: is too large")
        shift = units + exponent
        wanted, dropped = (digits, ()) if shift >= 0 else (digits[:shift], digits[shift:])
        if any(dropped):
            raise MoneyError(
                f"amount: {_shown(amount)} has more decimals than {currency}, which has {units}; "
                "round by your own rule first"
            )
        number = int("".join(map(str, wanted)) or "0") if any(wanted) else 0
        return cls(minor=number * 10 ** max(shift, 0) if number else 0, currency=currency)

    @property
    def minor_units(self) -> int:
        """How many decimals the currency has."""
        return (
            _known[self.currency] if self.currency in _known else _native.minor_units(self.currency)
        )

    @property
    def major(self) -> str:
        """Major units with all decimals of the currency: `100.00`, `100` (JPY). Reads back
        exactly.
        """
        return _native.money_major(self.minor, self.currency)

    def to_decimal(self) -> Decimal:
        """The same in major units."""
        from decimal import Decimal

        return Decimal(self.major)

    def __str__(self) -> str:
        return f"{self.currency} {self.major}"

    def __repr__(self) -> str:
        return f"Money(minor={self.minor}, currency={self.currency!r})"

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(minor=self.minor + self._beside(other, "add").minor, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(
            minor=self.minor - self._beside(other, "subtract").minor, currency=self.currency
        )

    def __lt__(self, other: Money) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor < self._beside(other, "compare").minor

    def __le__(self, other: Money) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor <= self._beside(other, "compare").minor

    def __gt__(self, other: Money) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor > self._beside(other, "compare").minor

    def __ge__(self, other: Money) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor >= self._beside(other, "compare").minor

    def _beside(self, other: Money, verb: str) -> Money:
        if other.currency != self.currency:
            raise MoneyError(
                f"cannot {verb} {self.currency} and {other.currency}: no rate is known here"
            )
        return other


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Money as Alipay+ and Antom write it: both members are text, judged by the core when a
    request is prepared.
    """

    currency: str
    """ISO 4217 code."""
    value: str
    """Whole number of the smallest unit as text: `"10000"` is SGD 100.00."""

    def __post_init__(self) -> None:
        for name, given in (("currency", self.currency), ("value", self.value)):
            if not isinstance(given, str):
                raise TypeError(f"{name}: must be str, not {_kind(given)}{_float_hint(given)}")

    @property
    def money(self) -> Money:
        """The same as `Money`. Raises `MoneyError` when the members are no amount."""
        if not (self.value.isascii() and self.value.isdigit()) or len(self.value) > 20:
            raise MoneyError("value: is not a whole number of the smallest unit")
        return Money(minor=int(self.value), currency=self.currency)

    def __str__(self) -> str:
        try:
            return str(self.money)
        except MoneyError:
            return f"{self.currency} {self.value} (smallest unit)"


def _kind(given: object) -> str:
    return type(given).__name__


def _float_hint(given: Any) -> str:
    if not isinstance(given, float):
        return ""
    return ": a float is not exact. Use Money.parse('100.00', 'SGD'), or Money.from_decimal(...)"


def _shown(given: int | Decimal) -> str:
    if isinstance(given, int) and given.bit_length() > 100:
        return f"a number of {given.bit_length()} bits"
    text = str(given)
    return text if len(text) <= 40 else f"{text[:40]}…"
