"""A journal that is open: where it is, and what stands in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _journal_arguments as _ask
from ._journal_records import (
    Broken,
    Counts,
    Entry,
    Proof,
    Record,
    entry_of_native,
    moment,
    span_ms,
)
from .errors import JournalError, RefundNotFound

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._generated.codes import NextStep, State
    from ._journal_arguments import Account, Client
    from ._native import Entry as NativeEntry
    from ._native import Journal as NativeJournal


class OpenJournal:
    """What can be seen in a journal. Use `taxrefund.Journal`."""

    def __init__(
        self,
        place: str | os.PathLike[str],
        *,
        sealing_key: bytes | str | None = None,
        read_only: bool = False,
        accept_clock: bool = False,
        owner: str | None = None,
        restarted: bool = False,
        lease: timedelta | float | None = None,
        take_up_again_after: Sequence[timedelta | float] | None = None,
    ) -> None:
        """Open a journal, or make it.

        * `sealing_key`: 32 bytes, or their 64 hexadecimal digits. Seals whatever is personal; from
          the first entry or never. Without the key a sealed journal cannot be opened by anybody.
        * `read_only`: look only; the file must exist.
        * `accept_clock`: open a file that was last written by a clock ahead of this machine's.
        * `owner`: the name under which refunds are leased. No two running programs may share one.
        * `restarted`: an earlier program of this `owner` is dead for certain, so what it was
          working on is free at once, rather than when its leases end.
        * `lease`: how long a refund belongs to whoever took it (a timedelta, or seconds). Default
          60 s.
        * `take_up_again_after`: when a refund whose result is not known is asked about again.
          Default after 2 min, 10 min, 10 min, 1 h; then it rests as *unknown*.
        """
        from . import _native

        options: dict[str, Any] = {
            "read_only": read_only,
            "accept_clock": accept_clock,
            "owner": owner,
            "restarted": restarted,
        }
        if lease is not None:
            options["lease_ms"] = span_ms(lease, "lease")
        if take_up_again_after is not None:
            options["take_up_again_after_ms"] = [
                span_ms(after, "take_up_again_after") for after in take_up_again_after
            ]
        self._place = os.fspath(place)
        self._process = os.getpid()
        self._opened: NativeJournal | None = _native.Journal(
            self._place, json.dumps(options), _ask.sealing_key(sealing_key)
        )

    @property
    def owner(self) -> str:
        """The name under which this handle takes leases."""
        return self._native.owner

    def close(self) -> None:
        """Give the file back, once whatever still uses it is done. A closed journal says so when it
        is used.
        """
        self._opened = None

    def __enter__(self) -> Self:
        """The journal itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Where it is; a password in its address is left out."""
        scheme, separator, rest = self._place.partition("://")
        place = f"{scheme}://{rest.rpartition('@')[2]}" if separator else self._place
        return f"Journal({place!r}{'' if self._opened else ', closed'})"

    def find(self, account: Client | Account, key: str) -> Entry | None:
        """The refund with this key."""
        found = self._native.find(_ask.native_account(account), key)
        return None if found is None else entry_of_native(found)

    def entries(
        self,
        *,
        state: State | str | None = None,
        next_step: NextStep | str | None = None,
        batch: str | None = None,
        conflict: bool = False,
    ) -> Iterator[Entry]:
        """Refunds in the order of their arrival, read page by page: a million of them take no
        memory.
        """
        wanted = _ask.filter_json(state, next_step, batch, conflict)
        after = 0
        while page := self._native.page(wanted, after):
            for entry in page:
                yield entry_of_native(entry)
            after = page[-1].id

    def request(self, entry: Entry) -> dict[str, str]:
        """The frozen business content of a refund, by interface. **It holds the traveller's
        data.**
        """
        content: dict[str, str] = json.loads(self._native.request(self._handle(entry)))
        return content

    def story(self, entry: Entry, *, evidence: bool = False) -> list[Record]:
        """Everything that was recorded about a refund, oldest first.

        With `evidence`, also the provider's answers as they came. **They hold the traveller's
        data.**
        """
        records = json.loads(self._native.story(self._handle(entry), evidence))
        return [
            Record(
                seq=record["seq"],
                kind=record["kind"],
                at=moment(record["at_ms"]),
                content=record["content"],
                evidence=record.get("evidence"),
            )
            for record in records
        ]

    def counts(self) -> Counts:
        """How many refunds are in each state."""
        return Counts(**json.loads(self._native.counts()))

    def head(self) -> str:
        """The end of the chain of records. Kept on another machine it proves later that nothing was
        cut off.
        """
        return self._native.head()

    def verify(self, expected: str | None = None) -> Proof | Broken:
        """Whether nothing recorded was changed or removed. `expected` is a head that was kept
        elsewhere.
        """
        found = json.loads(self._native.verify(expected))
        if "proof" in found:
            return Proof(**found["proof"])
        return Broken(**found["broken"])

    @property
    def _native(self) -> NativeJournal:
        if self._opened is None:
            raise JournalError("journal: it was closed; open it again")
        if os.getpid() != self._process:
            raise JournalError(
                "journal: it was opened before this process was forked off: each process opens "
                "its own, after the fork"
            )
        return self._opened

    def _handle(self, entry: Entry) -> NativeEntry:
        """An entry that was pickled, or comes from a notification, is found again by its number."""
        if entry._handle is not None:
            return entry._handle
        for found in self._native.page("{}", entry.id - 1):
            if found.id == entry.id and found.key == entry.key:
                return found
            break
        raise RefundNotFound(
            f"this journal has no refund {entry.id} with the key {entry.key}", key=entry.key
        )
