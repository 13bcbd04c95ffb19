"""The settlement check: what the journal recorded, held against a provider's list, with the
differences by kind.

Nothing is paid, asked or changed here. A list is no verified answer: it tells people where to look,
and only a resumed refund closes an entry of the journal.

    from taxrefund.settlement import ListOptions

    columns = ListOptions(key_column="Order No", amount_unit="minor", currency="SGD")
    report = journal.settle(
        "list.csv", operation="alipay.pay_tax_refund", options=columns, csv="differences.csv"
    )
    print(report)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from . import _files, _operations
from .dates import epoch_ms
from .money import Money

if TYPE_CHECKING:
    from . import _native
    from ._model import Operation

__all__ = [
    "Difference",
    "ListOptions",
    "Listed",
    "Problem",
    "Recorded",
    "SettlementCounts",
    "SettlementReport",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """How to read a provider's list, a CSV file in UTF-8. Columns and status texts are found
    whatever their case.
    """

    key_column: str = "key"
    """The column of the key that the journal has too."""
    amount_column: str = "amount"
    amount_unit: Literal["major", "minor"] = "major"
    """`major`: `12.34` is SGD 12.34. `minor`: `1234` is."""
    currency_column: str = "currency"
    currency: str | None = None
    """The list has no such column; every line is in this currency."""
    status_column: str = "status"
    all_paid: bool = False
    """The list has no such column; it holds paid refunds only."""
    paid_texts: Sequence[str] | None = None
    """Status texts that mean paid. Default `SUCCESS`, `SUCCEEDED`, `S`, `PAID`, `SETTLED`,
    `REFUND_SUCCESS`, `TRADE_SUCCESS`.
    """
    failed_texts: Sequence[str] | None = None
    """Status texts that mean failed. Default `FAIL`, `FAILED`, `F`, `CLOSED`. A text in neither is
    a problem.
    """
    delimiter: Literal["comma", "semicolon", "tab"] = "comma"

    def _json(self) -> str:
        plain: dict[str, Any] = {
            "key_column": self.key_column,
            "amount_column": self.amount_column,
            "amount_unit": self.amount_unit,
            "currency": {"column": self.currency_column}
            if self.currency is None
            else {"fixed": self.currency},
            "status": "all_paid" if self.all_paid else {"column": self.status_column},
            "delimiter": self.delimiter,
        }
        for name, texts in (("paid_texts", self.paid_texts), ("failed_texts", self.failed_texts)):
            if texts is not None:
                plain[name] = list(texts)
        return json.dumps(plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the journal says of a key."""

    operation: str
    state: Literal["open", "succeeded", "failed", "unknown"]
    amount: Money | None
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What one line of the list says."""

    line: int
    state: Literal["paid", "failed", "unreadable"]
    status: str
    """As it stands there."""
    amount: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference of one key; a key can have several."""

    kind: Literal["status", "duplicate", "extra", "missing", "amount"]
    severity: Literal["critical", "serious", "notice"]
    key: str
    journal: Recorded | None
    """`None`: the journal does not know the key."""
    list: tuple[Listed, ...]
    """Every line of the key; empty when the list does not have it."""
    advice: str
    """What to do, in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a line of the list, or an entry of the journal, was not compared."""

    line: int
    key: str | None
    column: str
    rule: str
    message: str
    given: str = field(default="", repr=False)

    def __str__(self) -> str:
        """One line for a person."""
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementCounts:
    """How much was compared, and how it came out."""

    recorded: int
    """Entries of the journal: each is agreeing, differing, open or uncompared."""
    lines: int
    agreeing: int
    differing: int
    open: int
    """Open and unknown entries that the list does not have: it may be too early for them."""
    uncompared: int
    amounts_unchecked: int
    failed_unrecorded: int
    """Keys that the list has as failed and the journal does not know: no money moved by either."""
    status: int
    duplicate: int
    extra: int
    missing: int
    amount: int
    problems: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementReport:
    """The result of a settlement check."""

    is_clean: bool
    """Nothing differs and everything was compared."""
    counts: SettlementCounts
    differences: tuple[Difference, ...]
    """The most severe first."""
    problems: tuple[Problem, ...]
    """What kept lines from being compared, the first 1,000."""
    table: str = field(repr=False)
    """The whole of it for a terminal."""

    def __str__(self) -> str:
        """The table."""
        return self.table


def compare(
    journal: _native.Journal,
    list_file: _files.Source,
    operation: Operation[Any, Any] | str,
    account: str | None,
    since: datetime | None,
    before: datetime | None,
    options: ListOptions | None,
    csv: _files.Sink | None,
) -> SettlementReport:
    """Hold a journal against a list; see `Journal.settle`."""
    scope = {
        "operation": _operations.named(operation).name,
        "account": account,
        "from_ms": None if since is None else epoch_ms(since),
        "before_ms": None if before is None else epoch_ms(before),
    }
    read_as = (options or ListOptions())._json()
    with ExitStack() as open_files:
        file = open_files.enter_context(_files.reading(list_file))
        sink = None if csv is None else open_files.enter_context(_files.writing(csv))
        told = json.loads(journal.settlement(file, read_as, json.dumps(scope), sink))
    report = told["report"]
    return SettlementReport(
        is_clean=told["clean"],
        counts=SettlementCounts(**report["counts"]),
        differences=tuple(map(_difference, report["differences"])),
        problems=tuple(
            Problem(**{**problem, "key": problem.get("key")}) for problem in report["problems"]
        ),
        table=told["table"],
    )


def _difference(plain: Mapping[str, Any]) -> Difference:
    recorded = plain.get("journal")
    return Difference(
        kind=plain["kind"],
        severity=plain["severity"],
        key=plain["key"],
        journal=None
        if recorded is None
        else Recorded(
            operation=recorded["operation"],
            state=recorded["state"],
            amount=_money(recorded),
            reference=recorded.get("reference"),
        ),
        list=tuple(
            Listed(
                line=line["line"], state=line["state"], status=line["status"], amount=_money(line)
            )
            for line in plain["list"]
        ),
        advice=plain["advice"],
    )


def _money(plain: Mapping[str, Any]) -> Money | None:
    currency, minor = plain.get("currency"), plain.get("amount_minor")
    return None if currency is None or minor is None else Money(minor=minor, currency=currency)
