"""How things are written for people: lines, tables, a progress bar, one question."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, TextIO
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from ..journal import Entry

_BAR_EVERY_S = 0.1
_LINE_EVERY_S = 10.0


def out(text: str = "") -> None:
    """A line of what was asked for."""
    print(text)


def note(text: str) -> None:
    """A line about the work, beside what was asked for."""
    print(text, file=sys.stderr, flush=True)


def utc(time: datetime) -> str:
    """`2026-11-23 07:00:00`, in UTC."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


def counted(number: int, what: str) -> str:
    """`1 line`, `2 lines`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def why(entry: Entry) -> str:
    """Code and sub code."""
    return " ".join(text for text in (entry.code, entry.sub_code) if text)


def money(entry: Entry) -> str:
    """The amount in major units."""
    return "" if entry.amount is None else str(entry.amount)


def printable(text: str) -> str:
    """Without what could deface a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns under their names, as wide as they need to be."""
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    columns = list(zip(header, *cells, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    lines = [header, ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at it."""
    return stream.isatty()


def confirmed(question: str) -> bool:
    """Ask the person at the terminal; without one nobody is waited for, and the answer is yes."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        return True
    print(question, end=" [y/N] ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class Progress:
    """How far a batch is: a bar on a terminal, a line now and then elsewhere."""

    def __init__(
        self,
        expected: int,
        stream: TextIO | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`expected` refunds are to be brought to an end."""
        self._expected = expected
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._is_bar = is_terminal(self._stream)
        self._began = self._told = clock()
        self._shown = ""

    def at(self, ended: int, text: str) -> None:
        """So many have ended."""
        now = self._clock()
        if now - self._told < (_BAR_EVERY_S if self._is_bar else _LINE_EVERY_S):
            return
        self._told = now
        self._show(ended, text, now - self._began)

    def above(self, line: str) -> None:
        """A line that stays."""
        self._clear()
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Take the bar away."""
        self._clear()
        self._stream.flush()

    def _show(self, ended: int, text: str, seconds: float) -> None:
        whole = max(self._expected, ended, 1)
        rate = ended / seconds if seconds > 0 else 0.0
        left = f", {_span((whole - ended) / rate)} left" if rate > 0 and ended < whole else ""
        line = f"{ended} of {whole} refunds, {rate:.0f}/s{left}: {text}"
        if not self._is_bar:
            self.above(line)
            return
        filled = 24 * ended // whole
        self._clear()
        self._shown = f"[{'#' * filled}{'.' * (24 - filled)}] {line}"[: _columns() - 1]
        self._stream.write(self._shown)
        self._stream.flush()

    def _clear(self) -> None:
        if self._shown:
            self._stream.write(f"\r{' ' * len(self._shown)}\r")
            self._shown = ""


def _columns() -> int:
    from shutil import get_terminal_size

    return get_terminal_size().columns


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
