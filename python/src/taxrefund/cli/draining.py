"""A worker at work, as the operator sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from .accounts import NamedClient
from .config import Configuration
from .signals import Signals
from .terminal import Progress, counted, note, utc

if TYPE_CHECKING:
    from ..journal import Journal
    from ..worker import Ended, WorkerEvent, WorkerSummary

_TOLD = 20
"""So many failed and unknown refunds are told one by one; all of them are in the journal."""


def drain(
    configuration: Configuration,
    journal: Journal,
    clients: Sequence[NamedClient],
    signals: Signals,
    exchanges: int | None,
    wait: bool,
) -> WorkerSummary:
    """Pay what is due, and say how it goes."""
    from .. import worker as workers

    until: Literal["nothing_due", "nothing_open"] = "nothing_open" if wait else "nothing_due"
    counts = journal.counts()
    in_sandbox = all(client.is_sandbox for client in clients)
    worker = workers.Worker(
        journal,
        [client.client for client in clients],
        exchanges=exchanges or configuration.value("exchanges", 32),
        until=until,
        look_every=0.05 if in_sandbox else 0.5,
    )
    progress = Progress(counts.open + counts.waiting)
    tally, told = _Tally(), 0
    events = worker.events()
    signals.stop = worker.stop
    try:
        for event in events:
            line = _line(event)
            if isinstance(event, workers.Ended):
                tally.add(event)
                progress.at(tally.number, str(tally))
            if line is None:
                continue
            told += isinstance(event, workers.Ended)
            if told <= _TOLD or not isinstance(event, workers.Ended):
                progress.above(line)
            elif told == _TOLD + 1:
                progress.above(
                    "… the others are told by `taxrefund status`, and in the result file"
                )
    finally:
        signals.stop = None
        progress.end()
    summary = worker.summary
    assert summary is not None
    return summary


class _Tally:
    """How the refunds stand that were worked on, each counted once."""

    def __init__(self) -> None:
        self._ended = dict.fromkeys(("succeeded", "failed", "unknown"), 0)
        self._waiting: set[tuple[str, str]] = set()

    def add(self, event: Ended) -> None:
        refund = (event.operation, event.key)
        if event.state.value in self._ended:
            self._waiting.discard(refund)
            self._ended[event.state.value] += 1
        else:
            self._waiting.add(refund)

    @property
    def number(self) -> int:
        return sum(self._ended.values()) + len(self._waiting)

    def __str__(self) -> str:
        states = {**self._ended, "waiting": len(self._waiting)}
        return ", ".join(f"{number} {state}" for state, number in states.items() if number)


def worked(summary: WorkerSummary) -> str:
    """What the worker did, without what became of it: that is told from the journal."""
    seconds = f"{summary.took_ms / 1000:.1f} s"
    how = "stopped" if summary.stopped else "done"
    text = f"{how}: {counted(summary.sends, 'request')} in {seconds}"
    if summary.throttled:
        text += f", {summary.throttled} of them throttled"
    if summary.taken_over:
        text += f"; {counted(summary.taken_over, 'refund')} taken over by others"
    if summary.skipped:
        text += f"; {counted(summary.skipped, 'refund')} of no use to this version"
    return text


def _line(event: WorkerEvent) -> str | None:
    """What somebody may want to know at once; everything is in the journal."""
    from .. import worker

    match event:
        case worker.Ended(key=key, state=state, reason=reason, next_step=step):
            if state.value not in ("failed", "unknown"):
                return None
            return f"{key} {state.value}: {reason}; next step: {step.value}"
        case worker.LostLease(key=key):
            return f"{key} was taken over by another worker, or settled by a notification"
        case worker.SlowedDown(account=account, milli_per_s=rate):
            return f"{account} asks for a lower rate: {rate / 1000:.1f} requests a second for now"
        case worker.Halted(account=account, reason=reason):
            return (
                f"{account} was HALTED, nothing more is sent for it: its configuration is wrong "
                f"({reason}). Put it right (`taxrefund doctor`), then `taxrefund resume "
                "--next-step fix_configuration --why ...`"
            )
        case worker.Skipped(key=key, problem=problem):
            return f"{key} was left alone: {problem}"
        case worker.ClockJumped(by_ms=by_ms):
            return f"this machine's clock was set by {by_ms / 1000:.1f} s"
    return None


def left_over(
    journal: Journal, clients: Sequence[NamedClient], summary: WorkerSummary, again: str
) -> bool:
    """Say what of these accounts is not at its end, and how it goes on; whether there is any."""
    ours = {(client.protocol, client.client.account.name) for client in clients}
    left = [
        entry
        for state in ("open", "waiting")
        for entry in journal.entries(state=state)
        if (entry.protocol, entry.account) in ours
    ]
    if summary.stopped:
        note(
            f"stopped; {counted(len(left), 'refund')} not at the end. All of them are in the "
            f"journal, and {again} goes on with them. Nothing is lost, nothing is paid twice."
        )
        return True
    for account in summary.halted:
        number = sum(entry.account == account for entry in left)
        left = [entry for entry in left if entry.account != account]
        note(f"{account} was halted, {counted(number, 'refund')} of it not reached")
    for owner in sorted({entry.lease_owner for entry in left if entry.lease_owner is not None}):
        held = [entry for entry in left if entry.lease_owner == owner]
        ends = max((entry.due_at for entry in held if entry.due_at is not None), default=None)
        until = "" if ends is None else f" until {utc(ends)} UTC at least"
        note(
            f"{counted(len(held), 'refund')} held by {owner}{until}. If that program lives, it "
            f"finishes them; if not, {again} goes on with them after that time."
        )
    waits = [entry.due_at for entry in left if entry.lease_owner is None and entry.due_at]
    if waits:
        note(
            f"{counted(len(waits), 'refund')} to be asked about again, the first at "
            f"{utc(min(waits))} UTC: {again} does so then; with --wait it stays until then. Enter "
            "none of them again."
        )
    return bool(left or summary.halted)
