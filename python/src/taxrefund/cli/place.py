"""The journal that a command works on, and the proof that an earlier program of this machine is
dead.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from .config import Configuration
from .ending import CommandError

if TYPE_CHECKING:
    from ..journal import Journal

_AFTER_S = (120, 600, 600, 3600)


def place_of(configuration: Configuration) -> str:
    """Where the journal is."""
    place: str | None = configuration.value("journal")
    if place is None:
        raise CommandError(
            "which journal? Give --journal PLACE, set TAXREFUND_JOURNAL, or journal = "
            '"refunds.db" in the '
            "configuration file"
        )
    return place


def look(configuration: Configuration) -> Journal:
    """The journal, to look at; nothing can be changed."""
    return _opened(configuration, read_only=True)


def change(configuration: Configuration, *, accept_clock: bool = False) -> Journal:
    """The journal, which must exist: a mistyped name shall not make an empty one."""
    _must_exist(place_of(configuration))
    return _opened(configuration, accept_clock=accept_clock)


@contextmanager
def work(
    configuration: Configuration,
    *,
    make: bool,
    in_sandbox: bool,
    restarted: bool = False,
    accept_clock: bool = False,
) -> Iterator[Journal]:
    """The journal, to pay from.

    One program at a time holds a lock beside the file, and the system lets go of it when the
    program dies. So whoever gets the lock knows that the earlier one is dead, and goes on with its
    refunds at once. Whoever does not works beside the other under a name of its own.
    """
    place = place_of(configuration)
    if not make:
        _must_exist(place)
    owner = configuration.value("owner") or f"taxrefund@{socket.gethostname()}"
    given = "owner" in configuration.general
    if restarted and not given:
        raise CommandError(
            "--restarted says that an earlier program of this --owner is dead: give --owner too"
        )
    is_file = "://" not in place
    with _lock(place, owner) if is_file else _no_lock() as is_only:
        if is_only or restarted:
            settings: dict[str, Any] = {"owner": owner, "restarted": True}
        elif given and is_file:
            raise CommandError(
                f"another program works on {place} as {owner}. Wait for it, or give this one "
                "another --owner. Nothing was sent."
            )
        else:
            settings = {"owner": owner if given else None}
        for name in ("take_up_again_after", "lease"):
            if name in configuration.general:
                settings[name] = configuration.value(name)
        if in_sandbox and "take_up_again_after" not in settings:
            permille = configuration.value("sandbox_wait_permille", 1000)
            settings["take_up_again_after"] = [
                max(after * permille / 1000, 0.001) for after in _AFTER_S
            ]
        journal = _opened(configuration, accept_clock=accept_clock, **settings)
        with journal:
            yield journal


def sealing_key(configuration: Configuration) -> str | None:
    """The sealing key's text."""
    given = configuration.general.get("sealing_key")
    if given is None:
        return None
    content = configuration.content(given, secret=True)
    return key_text(content) if isinstance(content, Path) else str(content)


def key_text(path: Path) -> str:
    """What a sealing key file holds."""
    try:
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it holds no hexadecimal digits"
        raise CommandError(f"the sealing key file {path}: {reason}") from None


def _opened(configuration: Configuration, **options: Any) -> Journal:
    from ..journal import Journal

    place = place_of(configuration)
    if options.get("read_only"):
        _must_exist(place)
    return Journal(place, sealing_key=sealing_key(configuration), **options)


def _must_exist(place: str) -> None:
    if "://" not in place and not Path(place).exists():
        raise CommandError(f"there is no journal at {place}; `taxrefund pay FILE` makes one")


@contextmanager
def _lock(place: str, owner: str) -> Iterator[bool]:
    """Whether this is the only program of this owner at this journal."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", owner)[:64]
    path = f"{os.path.realpath(place)}.{name}.lock"
    try:
        # It stays when the program ends: whoever removed it could remove one that another has just
        # locked.
        file = open(path, "a+b")  # noqa: SIM115
    except OSError as error:
        raise CommandError(
            f"the folder of the journal cannot be written: {path}: {error.strerror}"
        ) from None
    with file:
        yield _locked(file)


def _locked(file: IO[bytes]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def _no_lock() -> Iterator[bool]:
    yield False
