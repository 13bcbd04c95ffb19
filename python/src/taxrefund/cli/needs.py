"""What needs somebody: refunds that are not known and do not go on by themselves, failures,
contradictions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from .advice import print_steps
from .terminal import out, table, utc, why

if TYPE_CHECKING:
    from ..journal import Entry, Journal

_NAMED = 20


class Needs:
    """What was found in a journal."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.unknown: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.conflicts = 0
        self.refunds: list[Entry] = []
        """The first of the unknown and contradicted ones."""

    @classmethod
    def of(cls, journal: Journal, batches: Collection[str] | None = None) -> Needs:
        """Of these batches, or of the whole journal."""
        needs = cls()

        def is_meant(entry: Entry) -> bool:
            return batches is None or entry.batch in batches

        for entry in filter(is_meant, journal.entries(state="unknown")):
            needs.unknown[_step(entry)] += 1
            needs._name(entry)
        for entry in filter(is_meant, journal.entries(state="failed")):
            needs.failed[_step(entry)] += 1
        for entry in filter(is_meant, journal.entries(conflict=True)):
            needs.conflicts += 1
            needs._name(entry)
        return needs

    @property
    def is_anybody(self) -> bool:
        """Failed refunds stay failed for ever, so they alone are no reason to call somebody."""
        return bool(self.unknown or self.conflicts)

    def as_dict(self) -> dict[str, Any]:
        """For a monitor."""
        return {
            "unknown": dict(self.unknown),
            "failed": dict(self.failed),
            "conflicts": self.conflicts,
            "refunds": [entry.as_dict() for entry in self.refunds],
        }

    def print(self) -> None:
        """As a table, with what to do."""
        if self.is_anybody:
            out("\nNeeds somebody:")
            rows = [
                [
                    entry.key,
                    f"{entry.state.value}, contradicted" if entry.conflict else entry.state.value,
                    why(entry),
                    _step(entry),
                    utc(entry.updated_at),
                ]
                for entry in self.refunds
            ]
            out(table(["key", "state", "why", "next step", "since (UTC)"], rows))
            more = (
                self.unknown.total()
                if hasattr(self.unknown, "total")
                else sum(self.unknown.values())
            )
            if more + self.conflicts > _NAMED:
                out(f"… {more + self.conflicts} in all; `taxrefund status --csv` lists them")
        print_steps("Unknown: money may have moved, never a new number", self.unknown)
        print_steps("Failed, no money moved", self.failed)
        if self.conflicts:
            out(
                f"\n{self.conflicts} contradicted: look at the story (`taxrefund show KEY "
                "--evidence`) and ask the "
                "provider's support; pay nothing for these forms meanwhile."
            )

    def _name(self, entry: Entry) -> None:
        if len(self.refunds) < _NAMED and all(known.id != entry.id for known in self.refunds):
            self.refunds.append(entry)


def _step(entry: Entry) -> str:
    return "none" if entry.next_step is None else entry.next_step.value
