"""A clock that stands still until it is moved."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta, timezone

from ..dates import epoch_ms

_BEGINNING = datetime(2026, 11, 23, 1, 0, tzinfo=timezone.utc)


class FrozenClock:
    """Waits take no time and move the clock. For blocking and asyncio clients; `waits` tells what
    was waited for.
    """

    def __init__(self, at: datetime = _BEGINNING) -> None:
        self._epoch_ms = epoch_ms(at)
        self._elapsed_ms = 0
        self._lock = threading.Lock()
        self.waits: list[float] = []

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed_ms / 1000

    def epoch_ms(self) -> int:
        """Milliseconds since 1970."""
        return self._epoch_ms + self._elapsed_ms

    def wait(self, seconds: float, cancelled: threading.Event | None) -> None:
        """Moves the clock instead; a wait that was cancelled before takes no time."""
        self.waits.append(seconds)
        if cancelled is None or not cancelled.is_set():
            self.advance(seconds)

    async def sleep(self, seconds: float) -> None:
        """Moves the clock instead, and lets other tasks run."""
        self.waits.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, span: float | timedelta) -> None:
        """Moves the clock forward, by seconds or a timedelta."""
        seconds = span.total_seconds() if isinstance(span, timedelta) else span
        if seconds < 0:
            raise ValueError("span: a clock does not go back")
        with self._lock:
            # Upwards: a wait that came out a little short would be handed out again.
            self._elapsed_ms += -int(-seconds * 1000 // 1)

    @property
    def now(self) -> datetime:
        """The time it shows."""
        return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=self.epoch_ms())
