"""What clients tell about their calls: events without personal data, and bridges to `logging` and
OpenTelemetry.

An observer is any callable that takes an event. It is called on the thread, or in the task, of the
call; what it raises is shown by `sys.unraisablehook` and changes nothing.

    client = alipay.Client(account, observer=several(to_logging(), to_opentelemetry()))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging
    from typing import TypeAlias

    from .outcome import Outcome, Reason

_calls = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something about one call."""

    call: int
    """Tells calls of this process apart."""
    operation: str
    key: str
    """The idempotency key."""
    at_ms: int
    """Milliseconds since 1970, by the client's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Began(Event):
    """A call begins; nothing was sent yet."""

    resumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending(Event):
    """A request goes out."""

    interface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard(Event):
    """An answer or a fault came back."""

    interface: str
    sent_at_ms: int
    took_ms: int
    status: int | None
    """The HTTP status; `None` without an answer."""
    fault: str | None
    """The transport's fault; `None` with an answer."""
    detail: str | None = None
    """The type of what the transport raised, when it was nothing that transports are meant to
    raise.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Event):
    """A wait begins."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Event):
    """The call is over."""

    outcome: str
    """`succeeded`, `failed` or `unknown`."""
    reason: Reason | None
    """Without the provider's text, which may repeat parts of the request."""
    next_step: str
    attempts: int
    slow_down: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised(Event):
    """The call ended without an outcome: an exception that concerns no exchange, such as
    `KeyReused`.
    """

    code: str
    """The exception's code, or its type's name."""


if TYPE_CHECKING:
    Observer: TypeAlias = Callable[[Event], object]


class Teller:
    """Tells one call's events to an observer; without one it does nothing."""

    __slots__ = ("_about", "_now", "_observer")

    def __init__(
        self, observer: Observer | None, now: Callable[[], int], operation: str, key: str
    ) -> None:
        self._observer = observer
        self._now = now
        self._about: dict[str, Any] = {}
        if observer is not None:
            self._about = {"call": next(_calls), "operation": operation, "key": key}

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return self._observer is not None

    def tell(self, kind: Callable[..., Event], **content: Any) -> None:
        """Something happened."""
        if self._observer is None:
            return
        try:
            self._observer(kind(**self._about, **{"at_ms": self._now(), **content}))
        except Exception as error:
            _unraisable(error)

    def ended(self, outcome: Outcome[Any]) -> None:
        """The call is over."""
        if self._observer is None:
            return
        reason = getattr(outcome, "reason", None)
        if reason is not None and reason.message is not None:
            reason = type(reason)(reason.code, reason.sub_code, None, reason.verified)
        self.tell(
            Ended,
            outcome=type(outcome).__name__.lower(),
            reason=reason,
            next_step=outcome.next_step.value,
            attempts=len(outcome.report.attempts),
            slow_down=outcome.report.slow_down,
        )

    def raised(self, error: BaseException) -> None:
        """The call ended without an outcome."""
        if self._observer is not None:
            self.tell(Raised, code=getattr(error, "code", None) or type(error).__name__)

    def attempts_of(self, outcome: Outcome[Any]) -> None:
        """The sends of a call that was driven elsewhere, told afterwards."""
        for one in outcome.report.attempts if self.is_heard else ():
            self.tell(Sending, at_ms=one.sent_at_ms, interface=one.interface)
            self.tell(
                Heard,
                at_ms=one.sent_at_ms + one.took_ms,
                interface=one.interface,
                sent_at_ms=one.sent_at_ms,
                took_ms=one.took_ms,
                status=None,
                fault=None if one.reason is None or one.reason.verified else one.reason.code,
            )


def several(*observers: Observer) -> Observer:
    """Tells each of them; what one raises does not keep an event from the others."""

    def tell(event: Event) -> None:
        for observer in observers:
            try:
                observer(event)
            except Exception as error:
                _unraisable(error)

    return tell


def to_logging(logger: logging.Logger | str = "taxrefund") -> Observer:
    """Writes events to `logging`: exchanges and waits as DEBUG, successes as INFO, failures as
    WARNING, what is not known as ERROR. The event is `record.taxrefund`.
    """
    from ._observe_logging import observer

    return observer(logger)


def to_opentelemetry(*, tracer_provider: Any = None, meter_provider: Any = None) -> Observer:
    """Spans for calls and exchanges, counters of outcomes, histograms of durations; needs
    `taxrefund[opentelemetry]`.

    Metrics never hold keys. Providers are the global ones unless given.
    """
    from ._observe_opentelemetry import observer

    return observer(tracer_provider, meter_provider)


class _Unraisable:
    """Raises where nobody can catch it: the only way for Python code to reach `sys.unraisablehook`
    as it is set up.
    """

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __del__(self) -> None:
        raise self.error


def _unraisable(error: Exception) -> None:
    _Unraisable(error)
