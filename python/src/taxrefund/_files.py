"""Files that are read and written beside a journal: paths, binary and text streams alike."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

Source = str | os.PathLike[str] | IO[Any]
"""A file to read: its path, or an open file."""


class Reads(Protocol):
    """What native code reads from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""
        ...


class Writes(Protocol):
    """What native code writes to."""

    def write(self, data: bytes, /) -> object:
        """All of it."""
        ...


def is_path(source: object) -> bool:
    """Whether it is the name of a file, rather than an open one."""
    return isinstance(source, str | os.PathLike)


def name_of(source: Source) -> str | None:
    """The file's name without its folders, where it has one."""
    named = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
    return Path(os.fspath(named)).name if isinstance(named, str | os.PathLike) else None


def is_json_lines(source: Source) -> bool:
    """By the ending of its name."""
    name = name_of(source)
    return name is not None and Path(name).suffix.lower() in (".jsonl", ".ndjson", ".json")


Sink = str | os.PathLike[str] | IO[Any] | Writes
"""A file to write: its path, an open file, or whatever takes bytes."""


class Nowhere:
    """A result that is counted, and written nowhere."""

    def write(self, data: bytes, /) -> object:
        """Forget it."""
        return len(data)


@contextmanager
def reading(source: Source) -> Iterator[Reads]:
    """The bytes of a file; a file that was open before stays open."""
    if isinstance(source, str | os.PathLike):
        with open(source, "rb") as file:
            # Read through Python, so that Ctrl-C is seen between two pieces of a long file.
            yield _AsBytes(file)
    else:
        yield _AsBytes(source)


@contextmanager
def writing(sink: Sink) -> Iterator[Writes]:
    """A file to write. One given by its path appears whole, or stays as it was: whoever reads it
    never sees half of it.
    """
    if not isinstance(sink, str | os.PathLike):
        yield _AsText(sink)
        return
    path = Path(os.fspath(sink))
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        with open(unfinished, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


class _AsBytes:
    """A stream that may be a text stream."""

    def __init__(self, stream: IO[Any] | BinaryIO) -> None:
        self._stream = stream
        self._left = b""

    def read(self, size: int, /) -> bytes:
        # A character may take several bytes, and never more are handed out than were asked for.
        if not self._left:
            read = self._stream.read(size)
            self._left = read.encode("utf-8") if isinstance(read, str) else bytes(read or b"")
        taken, self._left = self._left[:size], self._left[size:]
        return taken


class _AsText:
    """A stream that may be a text stream."""

    def __init__(self, stream: IO[Any] | Writes) -> None:
        self._stream: Any = stream
        # What is handed over may end in the middle of a character.
        is_text = isinstance(stream, io.TextIOBase)
        self._decoder = codecs.getincrementaldecoder("utf-8")() if is_text else None

    def write(self, data: bytes, /) -> object:
        return self._stream.write(data if self._decoder is None else self._decoder.decode(data))
