"""Transports that follow a script; no network is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .._native import HttpResponse
from ..transport import TransportFault

if TYPE_CHECKING:
    from .._native import HttpRequest
    from .clock import FrozenClock

    Line = HttpResponse | BaseException | Callable[[HttpRequest], HttpResponse]


class Replay:
    """Gives these answers, one after the other: a response, an exception to raise, or a function
    of the request.

    When the script is over, nothing can be reached any more. `requests` are those that were sent.
    """

    def __init__(self, script: Iterable[Line]) -> None:
        self._script = iter(list(script))
        self.requests: list[HttpRequest] = []

    def exchange(self, request: HttpRequest) -> HttpResponse:
        """The next line of the script."""
        self.requests.append(request)
        line: Any = next(self._script, None)
        if line is None:
            raise TransportFault("connect_failed", "the script is over")
        if isinstance(line, BaseException):
            raise line
        if isinstance(line, HttpResponse):
            return line
        answer: HttpResponse = line(request)
        return answer


class Never:
    """Takes every request and never answers: each exchange ends when its time is up, which moves
    the given clock.
    """

    def __init__(self, clock: FrozenClock | None = None) -> None:
        self._clock = clock
        self.requests: list[HttpRequest] = []

    def exchange(self, request: HttpRequest) -> HttpResponse:
        """Nothing comes back."""
        self.requests.append(request)
        if self._clock is not None:
            self._clock.advance(request.timeout)
        raise TransportFault("timeout")
