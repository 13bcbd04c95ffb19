"""The blocking driver: does what the flow says, tells it what came of it. It decides nothing about
money.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _native
from ._text import printable
from .errors import FlowMisuse
from .observe import Heard, Sending, Teller, Waiting, _unraisable
from .signer import HostSigner, SigningFailed, signature_of
from .transport import TransportFault

if TYPE_CHECKING:
    from ._native import Flow, HttpRequest, HttpResponse
    from .clock import AsyncClock, Clock
    from .options import Cancel
    from .transport import Transport

    Step = tuple[str, Any]


class Driver:
    """One flow on the calling thread."""

    __slots__ = ("_cancel", "_clock", "_flow", "_signer", "_teller", "_transport")

    def __init__(
        self,
        flow: Flow,
        transport: Transport,
        signer: HostSigner | None,
        clock: Clock,
        cancel: Cancel | None,
        teller: Teller,
    ) -> None:
        self._flow = flow
        self._transport = transport
        self._signer = signer
        self._clock = clock
        self._cancel = None if cancel is None else cancel._event
        self._teller = teller

    def to_the_end(self) -> str:
        """Drives the flow until it is over; gives the outcome as JSON."""
        flow, cancelled = self._flow, self._cancel
        kind: str
        what: Any
        kind, what = flow.start(*self._now())
        while kind != "done":
            if kind == "sign":
                kind, what = self._sign(what)
            elif cancelled is not None and cancelled.is_set():
                kind, what = flow.cancel(*self._now())
            elif kind == "send":
                kind, what = self._send(what)
            else:
                self._teller.tell(Waiting, seconds=what)
                self._clock.wait(what, cancelled)
                # One that was cancelled meanwhile is seen above, before anything is sent.
                ended = cancelled is not None and cancelled.is_set()
                kind, what = (flow.cancel if ended else flow.woke)(*self._now())
        outcome: str = what
        return outcome

    def _now(self) -> tuple[float, int]:
        return self._clock.monotonic(), self._clock.epoch_ms()

    def _sign(self, message: bytes) -> Step:
        # Made before the time is taken: it may have taken long.
        try:
            if self._signer is None:
                raise SigningFailed("there is no signer")
            signature = signature_of(self._signer.sign(message))
        except Exception as error:
            return self._flow.signing_failed(signing_problem(error), *self._now())
        return self._flow.signed(signature, *self._now())

    def _send(self, request: HttpRequest) -> Step:
        exchange = Exchange(request, self._clock, self._teller)
        try:
            exchange.answer = self._transport.exchange(request)
        except Exception as error:
            exchange.error = error
        return exchange.tell(self._flow)


class Exchange:
    """One exchange, and what came of it."""

    __slots__ = ("_began", "_clock", "_request", "_sent_at_ms", "_teller", "answer", "error")

    def __init__(self, request: HttpRequest, clock: Clock | AsyncClock, teller: Teller) -> None:
        self._request = request
        self._clock = clock
        self._teller = teller
        self._began, self._sent_at_ms = clock.monotonic(), clock.epoch_ms()
        self.answer: HttpResponse | None = None
        self.error: Exception | None = None
        if teller.is_heard:
            teller.tell(Sending, interface=request.interface)

    def tell(self, flow: Flow) -> Step:
        """Tells the flow, and whoever listens; gives the next step."""
        answer, error = self.answer, self.error
        now = self._clock.monotonic(), self._clock.epoch_ms()
        if error is None and not isinstance(answer, _native.HttpResponse):
            error = TypeError(
                f"the transport returned {type(answer).__name__}, not an HttpResponse"
            )
        if error is None:
            assert answer is not None
            self._heard(now, status=answer.status, fault=None)
            return flow.answered(answer, *now)
        fault, detail, unexpected = fault_of(error)
        self._heard(now, status=None, fault=fault, detail=unexpected)
        return flow.faulted(fault, detail, *now)

    def _heard(self, now: tuple[float, int], **content: Any) -> None:
        if self._teller.is_heard:
            self._teller.tell(
                Heard,
                interface=self._request.interface,
                sent_at_ms=self._sent_at_ms,
                took_ms=max(0, int((now[0] - self._began) * 1000)),
                **content,
            )


def fault_of(error: Exception) -> tuple[str, str, str | None]:
    """What a transport's exception says: the fault, its detail, and the type's name of one that
    nobody expects.
    """
    if isinstance(error, TransportFault):
        return printable(error.fault), printable(error.detail), None
    # Whether something was sent is not known; whoever wrote the transport wants to see it.
    _unraisable(error)
    return "reset", "", type(error).__name__


def signing_problem(error: Exception) -> str:
    """What may be said of a signer's exception: its text may hold anything."""
    if isinstance(error, SigningFailed):
        return printable(str(error))
    _unraisable(error)
    return type(error).__name__


def given_up(flow: Flow, clock: Clock | AsyncClock) -> str | None:
    """Cancels a flow that nobody drives any more; gives its outcome as JSON. `None` if it ended
    unheard.
    """
    try:
        now = float(clock.monotonic()), int(clock.epoch_ms())
    except Exception:
        # A clock that fails must not cost the state; the times only go into the report.
        now = 0.0, 0
    while True:
        try:
            ended: Any = flow.cancel(*now)[1]
            return str(ended)
        except KeyboardInterrupt:
            continue
        except FlowMisuse:
            return None
        except Exception:
            if now == (0.0, 0):
                return None
            now = 0.0, 0
