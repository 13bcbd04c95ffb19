"""The batch worker: drains a journal, some exchanges at a time, at the pace that the provider
takes.

    summary = Worker(journal, client).run()

    for event in Worker(journal, [alipay_client, antom_client]).events():
        match event:
            case Ended(key=key, state=State.FAILED, reason=reason):
                print(key, "failed:", reason)

Any number of workers, in any number of processes, may drain one journal. Each refund belongs to one
of them at a time; when one dies, another takes its refunds over and asks what became of them before
anything else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from ._journal_records import span_ms
from ._worker_events import (
    Claimed,
    ClockJumped,
    Ended,
    Exchanged,
    Halted,
    LostLease,
    Skipped,
    SlowedDown,
    WorkerEvent,
    WorkerSummary,
    event_of,
    summary_of,
)

if TYPE_CHECKING:
    from queue import SimpleQueue

    from . import _native
    from ._journal_arguments import Client
    from .journal import Journal

__all__ = [
    "Claimed",
    "ClockJumped",
    "Ended",
    "Exchanged",
    "Halted",
    "LostLease",
    "Skipped",
    "SlowedDown",
    "Worker",
    "WorkerEvent",
    "WorkerSummary",
]

_LOOK_S = 0.2
"""How often a waiting loop lets Ctrl-C in, where a system does not interrupt waits."""


class Worker:
    """Drains a journal for these accounts; refunds of other accounts are left alone."""

    def __init__(
        self,
        journal: Journal,
        clients: Client | Iterable[Client],
        *,
        exchanges: int = 32,
        held: int = 1024,
        until: Literal["nothing_due", "nothing_open", "stopped"] = "nothing_due",
        look_every: timedelta | float = 0.5,
        halt_after: int = 5,
        on_event: Callable[[WorkerEvent], object] | None = None,
    ) -> None:
        """Make a worker; nothing is sent before it runs.

        * `exchanges`: requests under way at the same time, over all accounts.
        * `held`: refunds held at the same time, those that wait between two sends included.
        * `until`: it ends when nothing is due now (`nothing_due`), when nothing will become due by
          itself any more (`nothing_open`; that may take more than an hour), or only when it is
          stopped (`stopped`).
        * `look_every`: how often it looks for new work while idle (a timedelta, or seconds).
        * `halt_after`: so many refunds in a row that end with *fix the configuration* stop their
          account; 0 is never.
        * `on_event`: is told what happens, on the worker's own thread. What it raises is reported
          to `sys.unraisablehook` and hurts no payment; while it takes its time, the worker waits.
        """
        many = clients if isinstance(clients, Iterable) else [clients]
        self._journal = journal
        self._clients = [client._native_client() for client in many]
        self._options = json.dumps(
            {
                "exchanges": exchanges,
                "held": held,
                "until": until,
                "look_every_ms": span_ms(look_every, "look_every"),
                "halt_after": halt_after,
            }
        )
        self._on_event = on_event
        self._summary: WorkerSummary | None = None
        self._ran = False
        # Made now, so that what is wrong with an account or an option is said now.
        self._native = self._made(_teller(on_event))

    @property
    def summary(self) -> WorkerSummary | None:
        """What the latest run did; `None` before it has ended."""
        return self._summary

    def run(self) -> WorkerSummary:
        """Work until there is nothing more to do (`until`), or it is stopped.

        Ctrl-C once: what is under way is finished and recorded, everything else is given back, then
        `KeyboardInterrupt` is raised. Ctrl-C twice: at once; what was under way is asked about by
        whoever comes next.
        """
        if self._ran:
            self._native = self._made(_teller(self._on_event))
        self._ran, self._summary = True, None
        summary = self._summary = summary_of(json.loads(self._native.run()))
        return summary

    def stop(self) -> None:
        """Stop gracefully, from any thread: what is under way is finished and recorded, the rest is
        given back.
        """
        self._native.stop()

    def events(self) -> Generator[WorkerEvent, None, WorkerSummary]:
        """Run the worker on a thread of its own, and give what happens as it happens.

        Leaving the loop (`break`, an exception, Ctrl-C) stops the worker gracefully and waits for
        what is under way; a second Ctrl-C does not wait. What goes wrong in the worker is raised
        here. Events wait in memory for a slow reader; the worker does not. It starts with the first
        event that is asked for.
        """
        from queue import SimpleQueue

        told: SimpleQueue[str | None] = SimpleQueue()

        to_callback = _teller(self._on_event)

        def tell(text: str) -> None:
            told.put(text)
            if to_callback is not None:
                to_callback(text)

        self._native = self._made(tell)
        self._ran = True
        return self._events(self._native, told)

    def _events(
        self, native: _native.Worker, told: SimpleQueue[str | None]
    ) -> Generator[WorkerEvent, None, WorkerSummary]:
        from threading import Thread

        ended: list[str | BaseException] = []

        def work() -> None:
            try:
                ended.append(native.run())
            except BaseException as error:
                ended.append(error)
            finally:
                told.put(None)

        self._summary = None
        thread = Thread(target=work, name="taxrefund-worker", daemon=True)
        thread.start()
        try:
            while (text := _next(told)) is not None:
                event = event_of(text)
                if event is not None:
                    yield event
        finally:
            native.stop()
            while thread.is_alive():
                thread.join(_LOOK_S)
            if isinstance(ended[0], str):
                self._summary = summary_of(json.loads(ended[0]))
        if isinstance(ended[0], BaseException):
            raise ended[0]
        return summary_of(json.loads(ended[0]))

    def _made(self, observer: Callable[[str], Any] | None) -> _native.Worker:
        from . import _native

        return _native.Worker(self._journal._native, self._clients, self._options, observer)


def _teller(on_event: Callable[[WorkerEvent], object] | None) -> Callable[[str], object] | None:
    """What the native worker calls. It must not lead back to the Python one: a circle through
    native code is never collected, and would keep the journal open.
    """
    if on_event is None:
        return None

    def tell(text: str) -> None:
        event = event_of(text)
        if event is not None:
            on_event(event)

    return tell


def _next(told: SimpleQueue[str | None]) -> str | None:
    from queue import Empty

    while True:
        try:
            return told.get(timeout=_LOOK_S)
        except Empty:
            continue
