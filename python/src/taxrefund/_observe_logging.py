"""Events as log records."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from .observe import Began, Ended, Event, Heard, Raised, Sending, Waiting

if TYPE_CHECKING:
    from .observe import Observer

_LEVELS = {"succeeded": logging.INFO, "failed": logging.WARNING, "unknown": logging.ERROR}


def observer(logger: logging.Logger | str) -> Observer:
    """An observer that writes to this logger."""
    target = logging.getLogger(logger) if isinstance(logger, str) else logger

    def write(event: Event) -> None:
        level = (
            _LEVELS.get(event.outcome, logging.ERROR) if isinstance(event, Ended) else logging.DEBUG
        )
        if target.isEnabledFor(level):
            target.log(
                level,
                "%s %s: %s",
                event.operation,
                event.key,
                _words(event),
                extra={"taxrefund": event},
            )

    return write


def _level(event: Event) -> int:
    if isinstance(event, Ended):
        return _LEVELS.get(event.outcome, logging.ERROR)
    return logging.WARNING if isinstance(event, Raised) else logging.DEBUG


def _words(event: Event) -> str:
    if isinstance(event, Ended):
        why = "" if event.reason is None else f": {event.reason}; next step: {event.next_step}"
        return f"{event.outcome}{why} ({event.attempts} sent)"
    if isinstance(event, Heard):
        answer = f"HTTP {event.status}" if event.fault is None else event.fault
        if event.status is None and event.fault is None:
            answer = "an answer"
        detail = f" ({event.detail})" if event.detail else ""
        return f"{event.interface} gave {answer}{detail} after {event.took_ms} ms"
    if isinstance(event, Sending):
        return f"{event.interface} is sent"
    if isinstance(event, Waiting):
        return f"waits {event.seconds:.1f} s"
    if isinstance(event, Raised):
        return f"no outcome: {event.code}"
    if isinstance(event, Began):
        return "is resumed" if event.resumed else "begins"
    return type(event).__name__
