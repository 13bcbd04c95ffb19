"""The time, and waiting. A clock of one's own is for tests; see `taxrefund.testing.FrozenClock`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import threading


class Clock(Protocol):
    """What a client asks for the time."""

    def monotonic(self) -> float:
        """Seconds since any fixed moment; never goes back. Waits and deadlines are measured with
        it.
        """
        ...

    def epoch_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC. Goes into timestamps only."""
        ...

    def wait(self, seconds: float, cancelled: threading.Event | None) -> object:
        """Waits this long, or until the event is set. Early is harmless: the rest is waited for
        again.
        """
        ...


class AsyncClock(Protocol):
    """What an `AsyncClient` asks for the time."""

    def monotonic(self) -> float:
        """As `Clock.monotonic`."""
        ...

    def epoch_ms(self) -> int:
        """As `Clock.epoch_ms`."""
        ...

    async def sleep(self, seconds: float) -> object:
        """Waits this long without a thread."""
        ...


_SLICE = 0.1


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        """Seconds, by the machine's monotonic clock."""
        return time.monotonic()

    def epoch_ms(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def wait(self, seconds: float, cancelled: threading.Event | None) -> None:
        """Waits. On Windows an event's wait does not see Ctrl-C: it is looked for now and then."""
        if cancelled is None:
            time.sleep(seconds)
            return
        until = time.monotonic() + seconds
        while not cancelled.is_set() and (left := until - time.monotonic()) > 0:
            cancelled.wait(min(left, _SLICE) if sys.platform == "win32" else left)

    async def sleep(self, seconds: float) -> None:
        """Waits without a thread."""
        import asyncio

        await asyncio.sleep(seconds)
