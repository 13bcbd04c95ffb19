"""What a worker tells about its work. Nothing personal: keys are yours, codes the provider's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ._generated.codes import NextStep, State
from ._journal_records import Counts
from .outcome import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSummary:
    """What a worker did."""

    ended: Counts
    """Refunds that this worker brought to an end for now. One that was taken up again counts each
    time.
    """
    sends: int
    """Requests sent."""
    throttled: int
    """Answers that asked for a lower rate."""
    taken_over: int
    """Refunds that somebody else took over, or a notification settled, while this worker held
    them.
    """
    skipped: int
    """Entries that this program cannot use, and left alone."""
    halted: tuple[str, ...]
    """Accounts that were stopped because their configuration is wrong."""
    stopped: bool
    """Whether it was stopped from outside."""
    took_ms: int

    @property
    def needs_somebody(self) -> bool:
        """Whether a person must look: failed or unknown refunds, skipped entries, halted
        accounts.
        """
        return bool(self.ended.failed or self.ended.unknown or self.skipped or self.halted)

    def __str__(self) -> str:
        """One line for a person."""
        text = f"{self.ended}; {self.sends} requests in {self.took_ms / 1000:.1f} s"
        if self.throttled:
            text += f", {self.throttled} of them throttled"
        if self.taken_over:
            text += f"; {self.taken_over} taken over by others"
        if self.skipped:
            text += f"; {self.skipped} cannot be used by this program"
        for account in self.halted:
            text += f"; {account} was halted: its configuration is wrong"
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Refunds were taken from the journal."""

    account: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """A request was sent, and this came of it."""

    operation: str
    key: str
    interface: str
    took_ms: int
    reason: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A refund is at its end, for good or for now; it is on disk."""

    operation: str
    key: str
    state: State
    reason: Reason | None
    """Why it failed or is unknown."""
    next_step: NextStep
    summary: WorkerSummary
    """The worker's counts so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostLease:
    """Somebody else has this refund now: another worker took it over, or a notification settled
    it.
    """

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowedDown:
    """The provider asked for a lower rate, and the account's pace was cut."""

    account: str
    milli_per_s: int
    """The new rate of all its workers together, in requests per 1,000 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """Nothing more is sent for this account by this worker: its configuration is wrong."""

    account: str
    reason: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An entry that this program cannot use was left alone."""

    key: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockJumped:
    """The clock of this machine was set while the worker ran. Leases and waits do not depend on it,
    timestamps do.
    """

    by_ms: int


WorkerEvent: TypeAlias = (
    Claimed | Exchanged | Ended | LostLease | SlowedDown | Halted | Skipped | ClockJumped
)
"""Whatever a worker tells."""


def summary_of(plain: Mapping[str, Any]) -> WorkerSummary:
    """A summary from its JSON object."""
    return WorkerSummary(
        ended=Counts(**plain["ended"]),
        sends=plain["sends"],
        throttled=plain["throttled"],
        taken_over=plain["taken_over"],
        skipped=plain["skipped"],
        halted=tuple(plain["halted"]),
        stopped=plain["stopped"],
        took_ms=plain["took_ms"],
    )


def event_of(text: str) -> WorkerEvent | None:
    """An event from its JSON; `None` for one that a newer native module tells and this class list
    does not know.
    """
    plain = json.loads(text)
    made = _MADE.get(plain["event"])
    return None if made is None else made(plain)


def _reason_of(plain: Mapping[str, Any]) -> Reason | None:
    reason = plain.get("reason")
    if reason is None:
        return None
    return Reason(reason["code"], reason.get("sub_code"), None, reason.get("verified", False))


_MADE: dict[str, Callable[[Mapping[str, Any]], WorkerEvent]] = {
    "claimed": lambda plain: Claimed(account=plain["account"], count=plain["count"]),
    "exchanged": lambda plain: Exchanged(
        operation=plain["operation"],
        key=plain["key"],
        interface=plain["interface"],
        took_ms=plain["took_ms"],
        reason=_reason_of(plain),
    ),
    "ended": lambda plain: Ended(
        operation=plain["operation"],
        key=plain["key"],
        state=State(plain["state"]),
        reason=_reason_of(plain),
        next_step=NextStep(plain["next_step"]),
        summary=summary_of(plain["summary"]),
    ),
    "taken_over": lambda plain: LostLease(key=plain["key"]),
    "slowed_down": lambda plain: SlowedDown(
        account=plain["account"], milli_per_s=plain["milli_per_s"]
    ),
    "halted": lambda plain: Halted(account=plain["account"], reason=_reason_of(plain)),
    "skipped": lambda plain: Skipped(key=plain["key"], problem=plain["problem"]),
    "clock_jumped": lambda plain: ClockJumped(by_ms=plain["by_ms"]),
}
