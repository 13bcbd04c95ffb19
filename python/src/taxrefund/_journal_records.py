"""What a journal tells: frozen values, without personal data unless a field says otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Literal

from ._generated.codes import NextStep, State
from .money import Money

if TYPE_CHECKING:
    from . import _native
    from .notifications import Notification

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def moment(epoch_ms: int) -> datetime:
    """An aware datetime in UTC; exact, where `fromtimestamp` rounds through a float."""
    return _EPOCH + timedelta(milliseconds=epoch_ms)


def span_ms(span: timedelta | float, what: str) -> int:
    """Milliseconds of a timedelta, or of seconds."""
    ms = span // timedelta(milliseconds=1) if isinstance(span, timedelta) else round(span * 1000)
    if ms <= 0:
        raise ValueError(f"{what} must be longer than nothing, given: {span!r}")
    return ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One refund as the journal has it. It holds no personal data; `Journal.request` does."""

    id: int
    """The journal's own number of it, in order of arrival."""
    protocol: str
    account: str
    """The app id or client id."""
    operation: str
    key: str
    """The idempotency key: taken for ever, per protocol and account."""
    form: str | None
    """The number of the tax refund form, where one is known."""
    amount: Money | None
    fingerprint: str
    """Of the business parameters: equal for equal requests, and only for them."""
    batch: str | None
    line: int | None
    state: State
    code: str | None
    """The latest code or fault."""
    sub_code: str | None
    next_step: NextStep | None
    """What to do now; `None` while it is open or has succeeded."""
    reference: str | None
    """The provider's own number."""
    attempts: int
    """Sends so far, of every interface."""
    resumes: int
    """How often it was taken up again by itself."""
    due_at: datetime | None
    """When it may be taken up; while it is leased, when the lease ends."""
    lease_owner: str | None
    """Whoever is at work on it."""
    epoch: int
    revision: int
    begun: bool
    """Something may have been sent."""
    conflict: bool
    """A verified message contradicts what is recorded: a person must look."""
    overridden: str | None
    """Why it was accepted although its form was not free."""
    created_at: datetime
    updated_at: datetime
    _handle: _native.Entry | None = field(default=None, repr=False, compare=False)

    @property
    def is_final(self) -> bool:
        """Whether it never changes again."""
        return self.state in (State.SUCCEEDED, State.FAILED)

    def as_dict(self) -> dict[str, Any]:
        """Flat and plain, for a data frame or a CSV file: `currency` and `amount_minor` for the
        amount.
        """
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        del plain["_handle"]
        money = plain.pop("amount")
        plain["currency"] = None if money is None else money.currency
        plain["amount_minor"] = None if money is None else money.minor
        plain["state"] = self.state.value
        plain["next_step"] = None if self.next_step is None else self.next_step.value
        return plain

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickled entry leaves the native handle behind; the journal finds it again by its
        number.
        """
        plain = {item.name: getattr(self, item.name) for item in fields(self)}
        plain["_handle"] = None
        return _entry_again, (plain,)


def _entry_again(plain: dict[str, Any]) -> Entry:
    return Entry(**plain)


def entry_of(plain: Mapping[str, Any], handle: _native.Entry | None = None) -> Entry:
    """An entry from its JSON object."""
    due, step = plain.get("due_ms"), plain.get("next_step")
    return Entry(
        id=plain["id"],
        protocol=plain["protocol"],
        account=plain["account"],
        operation=plain["operation"],
        key=plain["key"],
        form=plain.get("form"),
        amount=money_of(plain.get("amount")),
        fingerprint=plain["fingerprint"],
        batch=plain.get("batch"),
        line=plain.get("line"),
        state=State(plain["state"]),
        code=plain.get("code"),
        sub_code=plain.get("sub_code"),
        next_step=None if step is None else NextStep(step),
        reference=plain.get("reference"),
        attempts=plain["attempts"],
        resumes=plain["resumes"],
        due_at=None if due is None else moment(due),
        lease_owner=plain.get("lease_owner"),
        epoch=plain["epoch"],
        revision=plain["revision"],
        begun=plain["begun"],
        conflict=plain["conflict"],
        overridden=plain.get("overridden"),
        created_at=moment(plain["created_ms"]),
        updated_at=moment(plain["updated_ms"]),
        _handle=handle,
    )


def entry_of_native(handle: _native.Entry) -> Entry:
    """An entry from its native handle."""
    return entry_of(json.loads(handle.json), handle)


def money_of(amount: Mapping[str, Any] | None) -> Money | None:
    """The amount as the journal writes it: a currency and the count of its smallest unit, as
    text.
    """
    if amount is None:
        return None
    return Money(minor=int(amount["value"]), currency=amount["currency"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many refunds are in each state."""

    open: int = 0
    """To be sent, or being sent."""
    waiting: int = 0
    """Not known yet; taken up again by itself."""
    succeeded: int = 0
    """Final."""
    failed: int = 0
    """Final, no money moved."""
    unknown: int = 0
    """Waiting for somebody."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.open + self.waiting + self.succeeded + self.failed + self.unknown

    def __str__(self) -> str:
        """One line for a person."""
        return (
            f"{self.succeeded} succeeded, {self.failed} failed, {self.unknown} unknown, "
            f"{self.waiting} waiting, {self.open} open"
        )


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of submitting."""

    new: bool
    """`False`: the same request was recorded before, and `entry` says where it stands."""
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One link of the chain: something that happened to a refund."""

    seq: int
    kind: Literal["submitted", "attempt", "ended", "late", "notification", "reopened"]
    at: datetime
    content: Mapping[str, Any]
    """What it says; nothing personal."""
    evidence: Mapping[str, Any] | None = field(default=None, repr=False)
    """The provider's answer as it came, where it was asked for. It may hold personal data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProblem:
    """A line that was not recorded; nothing is sent for it."""

    line: int
    code: str
    """`invalid_request`, `key_reused`, `form_taken`, …"""
    problem: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"line {self.line}: {self.code}: {self.problem}"


def _lines(number: int) -> str:
    return f"{number} line{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What an import did."""

    lines: int
    new: int
    """Refunds recorded, to be sent."""
    known: int
    """Lines that an earlier import of this file recorded."""
    repeated: int
    """Lines that repeat another line, of this file or another batch: nothing is to be done for
    them.
    """
    wrong: int
    """Lines that were not recorded."""
    problems: tuple[LineProblem, ...]
    """What is wrong with them, the first 1,000."""

    def __str__(self) -> str:
        """One line for a person."""
        return (
            f"{_lines(self.lines)}: {self.new} new, {self.known} recorded before, {self.repeated} "
            f"repeat another line, {self.wrong} wrong"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSummary:
    """What a result file holds."""

    lines: int
    states: Counts
    """The lines that are refunds of their own."""
    repeated: int
    wrong: int
    """Lines that were never sent."""

    @property
    def is_done(self) -> bool:
        """Every line has succeeded, or repeats another."""
        return self.states.succeeded + self.repeated == self.lines

    def __str__(self) -> str:
        """One line for a person."""
        rest = f"{self.repeated} repeat another line, {self.wrong} wrong"
        return f"{_lines(self.lines)}: {self.states}, {rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The journal is whole."""

    entries: int
    records: int
    head: str
    """The end of the chain: keep it on another machine, and give it to the next check."""
    is_whole: Literal[True] = field(default=True, init=False, repr=False)

    def __str__(self) -> str:
        """One line for a person."""
        return f"whole: {self.entries} refunds, {self.records} records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The journal is not whole: the first thing that is not as it was written."""

    seq: int | None
    """The record's number, where it is about one."""
    key: str | None
    problem: str
    is_whole: Literal[False] = field(default=False, init=False, repr=False)

    def __str__(self) -> str:
        """One line for a person."""
        record = "" if self.seq is None else f"record {self.seq}: "
        refund = "" if self.key is None else f"refund {self.key}: "
        return f"NOT WHOLE: {record}{refund}{self.problem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a notification changed. It is on disk: its reply may be sent."""

    kind: Literal["settled", "unchanged", "conflict", "again", "stranger"]
    """`settled`: an open refund has ended. `unchanged`: nothing new. `conflict`: it contradicts a
    final state, a person must look. `again`: it came before. `stranger`: the journal has no such
    refund, a person must look.
    """
    entry: Entry | None
    """The refund it is about; `None` for `again` and `stranger`."""
    notification: Notification
    """What was received, with the reply to send."""

    @property
    def needs_somebody(self) -> bool:
        """Whether a person must look."""
        return self.kind in ("conflict", "stranger")
