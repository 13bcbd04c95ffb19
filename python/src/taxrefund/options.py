"""How one call, or every call of a client, is made."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Seconds = float | timedelta


class Cancel:
    """Tells calls that wait that nobody waits for them any more. May be used from any thread, for
    any number of calls.

    A wait ends at once, an exchange under way is finished first. The outcome is *unknown* and can
    be resumed.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._told: dict[int, Callable[[], object]] = {}

    def cancel(self) -> None:
        """Cancels, for ever; a second time changes nothing."""
        with self._lock:
            self._event.set()
            told, self._told = list(self._told.values()), {}
        for tell in told:
            tell()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self._event.is_set()

    def _subscribe(self, tell: Callable[[], object]) -> Callable[[], None]:
        """Calls `tell` once when cancelled, at once if it was; returns what takes it back."""
        with self._lock:
            if not self._event.is_set():
                number = id(tell)
                self._told[number] = tell
                return lambda: self._forget(number, tell)
        tell()
        return lambda: None

    def _forget(self, number: int, tell: Callable[[], object]) -> None:
        with self._lock:
            if self._told.get(number) is tell:
                del self._told[number]

    def __repr__(self) -> str:
        return f"<Cancel {'cancelled' if self.is_cancelled else 'not cancelled'}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """How a call is made. What is `None` is as the client has it, and there as the core has it."""

    attempts: int | None = None
    """Sends of one interface within one phase, 3 to 10; the core's default is 5."""
    timeout: Seconds | None = None
    """One exchange, from connecting to the last byte of the answer, in seconds or as a timedelta;
    default 15 s.
    """
    deadline: Seconds | None = None
    """The whole call, waits included, at most a day; default 300 s. When it ends the outcome is
    *unknown*.
    """
    cancel: Cancel | None = None
    form: str | None = None
    """The tax refund form's number for the journal, where the request itself does not carry it."""
    second_refund_for_form: str | None = None
    """Why a second refund is really meant for a form; the journal keeps it for ever. Needs a
    journal.
    """
    seed: int | None = None
    """Draws the waits inside their documented windows; for tests."""
    sandbox_wait_permille: int | None = None
    """Sandbox environment only: waits are this many thousandths of the documented ones."""

    def __post_init__(self) -> None:
        for name in ("attempts", "seed", "sandbox_wait_permille"):
            _require_count(name, getattr(self, name))
        for name in ("timeout", "deadline"):
            milliseconds(name, getattr(self, name))
        for name in ("form", "second_refund_for_form"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise TypeError(f"{name}: must be str, not {type(value).__name__}")
        if self.cancel is not None and not isinstance(self.cancel, Cancel):
            raise TypeError(f"cancel: must be a Cancel, not {type(self.cancel).__name__}")

    def over(self, defaults: CallOptions) -> CallOptions:
        """These options where they are given, the defaults elsewhere."""
        if self is _NONE:
            return defaults
        given = {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) is not None
        }
        return replace(defaults, **given)

    def _policy_json(self) -> str:
        """The core's policy."""
        policy = {
            "attempts": self.attempts,
            "attempt_timeout_ms": milliseconds("timeout", self.timeout),
            "deadline_ms": milliseconds("deadline", self.deadline),
            "sandbox_wait_permille": self.sandbox_wait_permille,
        }
        given = [f'"{name}":{value}' for name, value in policy.items() if value is not None]
        return "{" + ",".join(given) + "}"

    def _extras(self) -> dict[str, Any]:
        """What only a journal uses."""
        extras = {"form": self.form, "second_refund_for_form": self.second_refund_for_form}
        return {name: value for name, value in extras.items() if value is not None}


def none() -> CallOptions:
    """Options that leave everything as it is."""
    return _NONE


def milliseconds(name: str, given: Seconds | None) -> int | None:
    """A length of time in whole milliseconds, rounded up."""
    if given is None:
        return None
    if isinstance(given, timedelta):
        ms = -(-given // timedelta(milliseconds=1))
    elif isinstance(given, int | float) and not isinstance(given, bool):
        if not math.isfinite(given):
            raise ValueError(f"{name}: must be a number of seconds, is {given}")
        ms = math.ceil(given * 1000)
    else:
        raise TypeError(f"{name}: must be seconds or a timedelta, not {type(given).__name__}")
    if ms <= 0:
        raise ValueError(f"{name}: must be longer than nothing")
    return min(ms, 2**63 - 1)


def _require_count(name: str, given: object) -> None:
    if given is None:
        return
    if not isinstance(given, int) or isinstance(given, bool):
        raise TypeError(f"{name}: must be int, not {type(given).__name__}")
    if not 0 <= given < 2**32 and not (name == "seed" and 0 <= given < 2**64):
        raise ValueError(f"{name}: is out of range")


_NONE = CallOptions()
