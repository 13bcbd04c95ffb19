from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxrefund import Amount, Money, MoneyError


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("100.00", "SGD", 10000),
        ("100", "SGD", 10000),
        ("0.5", "SGD", 50),
        ("100", "JPY", 100),
        ("1.234", "KWD", 1234),
    ],
)
def test_major_text_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor=minor, currency=currency)


@pytest.mark.parametrize(
    "text", ["1.234", "-1", "+1", "1e2", " 1", "1,000", ".5", "1.", "", "٣", "\ud800"]
)
def test_text_that_is_no_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        Money.parse(text, "SGD")


@pytest.mark.parametrize(
    "make", [Money.parse, Money.from_decimal, lambda x, c: Money(minor=x, currency=c)]
)
def test_a_float_is_never_money(make: Any) -> None:
    with pytest.raises(TypeError, match="float is not exact"):
        make(100.0, "SGD")


def test_a_bool_is_no_amount() -> None:
    with pytest.raises(TypeError, match="minor: must be int, not bool"):
        Money(minor=True, currency="SGD")


@pytest.mark.parametrize("currency", ["XXZ", "sgd", "", "SG\ud800"])
def test_a_currency_that_does_not_exist_is_refused(currency: str) -> None:
    with pytest.raises(MoneyError):
        Money(minor=1, currency=currency)


def test_more_decimals_than_the_currency_has_must_be_zeros() -> None:
    assert Money.from_decimal(Decimal("1.50000"), "SGD").minor == 150
    assert Money.from_decimal(Decimal("1E+2"), "JPY").minor == 100
    assert Money.from_decimal(Decimal("0E+99999999"), "JPY").minor == 0
    with pytest.raises(MoneyError, match="round by your own rule first"):
        Money.from_decimal(Decimal("1.505"), "SGD")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1E+30", "-Infinity", "1E-999999"])
def test_a_decimal_that_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(MoneyError):
        Money.from_decimal(Decimal(amount), "SGD")


@pytest.mark.parametrize("minor", [-1, 2**64, 10**4000])
def test_an_amount_out_of_range_is_refused(minor: int) -> None:
    with pytest.raises(MoneyError, match="minor: must be 0 to"):
        Money(minor=minor, currency="SGD")


def test_arithmetic_and_order_stay_within_a_currency() -> None:
    one, two = Money.parse("1.00", "SGD"), Money.parse("2.00", "SGD")
    assert one + two == Money.parse("3.00", "SGD")
    assert two - one == one
    assert one < two <= two and two > one >= one
    other = Money(minor=100, currency="USD")
    for act in (
        lambda: one + other,
        lambda: one - other,
        lambda: one < other,
        lambda: one >= other,
    ):
        with pytest.raises(MoneyError, match="SGD and USD"):
            act()
    with pytest.raises(MoneyError):
        _ = one - two
    with pytest.raises(TypeError):
        _ = one + 1  # type: ignore[operator]
    assert one != other
    assert one != 100  # type: ignore[comparison-overlap]


def test_it_is_shown_in_major_units() -> None:
    money = Money(minor=10000, currency="SGD")
    assert (str(money), money.major, money.to_decimal()) == (
        "SGD 100.00",
        "100.00",
        Decimal("100.00"),
    )
    assert eval(repr(money)) == money


def test_it_is_hashed_copied_and_pickled() -> None:
    money = Money(minor=1, currency="KWD")
    assert {money, copy.deepcopy(money), pickle.loads(pickle.dumps(money))} == {money}
    assert pickle.loads(pickle.dumps(money)).minor_units == 3


def test_an_amount_of_the_wire_becomes_money() -> None:
    assert Amount(currency="SGD", value="12345").money == Money.parse("123.45", "SGD")
    assert str(Amount(currency="SGD", value="x")) == "SGD x (smallest unit)"
    for value in ("", "1.5", "-1", "٣", "9" * 30):
        with pytest.raises(MoneyError):
            _ = Amount(currency="SGD", value=value).money
    with pytest.raises(TypeError, match="value: must be str, not float"):
        Amount(currency="SGD", value=1.5)  # type: ignore[arg-type]


@given(minor=st.integers(0, 2**64 - 1), currency=st.sampled_from(["SGD", "JPY", "KWD", "IDR"]))
def test_every_amount_reads_back(minor: int, currency: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert Money.parse(money.major, currency) == money
    assert Money.from_decimal(money.to_decimal(), currency) == money
