"""Ctrl-C and SIGTERM: one stops gracefully, two end at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from .ending import ERROR

_STOPPING = (
    "\nstopping: what is under way is finished and recorded first (a second Ctrl-C ends at once, "
    "and that is safe too)\n"
)
_ENDING = (
    "\nended at once. What was under way is in the journal as open: the next `taxrefund pay` or "
    "`taxrefund resume` asks "
    "what became of it first. Nothing is paid twice.\n"
)


class Signals:
    """While it is entered, the first signal calls `stop`; before there is something to stop it
    interrupts.
    """

    def __init__(
        self,
        stop: Callable[[], None] | None = None,
        stopping: str = _STOPPING,
        ending: str = _ENDING,
    ) -> None:
        """Nothing is caught before it is entered. The texts are told at the first and the next."""
        self.stop = stop
        self._stopping = stopping.encode()
        self._ending = ending.encode()
        self.stopped = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        """Catch the signals."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave them as they were."""
        for number, before in self._before.items():
            signal.signal(number, before)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        # Not by print: the signal may have come in the middle of one.
        if self.stopped:
            os.write(2, self._ending)
            os._exit(ERROR)
        self.stopped = True
        if self.stop is None:
            raise KeyboardInterrupt
        os.write(2, self._stopping)
        self.stop()
