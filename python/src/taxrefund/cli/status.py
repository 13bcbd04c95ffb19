"""`taxrefund status`: how many refunds are where, who is at work, and what needs somebody."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from . import place
from .config import Configuration
from .ending import FINE, NEEDS_SOMEBODY
from .needs import Needs
from .terminal import counted, out, utc

if TYPE_CHECKING:
    from ..journal import Journal

HELP = "how many refunds are where, who is at work, what needs somebody"
DESCRIPTION = """\
Looks only: nothing is sent or changed, and no account is needed. Exit code 2 when somebody must
look."""
EXAMPLES = """\
examples:
  taxrefund status
  taxrefund status --json                           for a monitor
  taxrefund status --csv --state unknown > open.csv  a line for each refund"""
_COLUMNS = (
    "key", "operation", "account", "form", "currency", "amount_minor", "state", "code",
    "sub_code", "next_step", "reference", "attempts", "conflict", "batch", "line",
    "created_at", "updated_at",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="as JSON, for a monitor")
    shape.add_argument("--csv", action="store_true", help="a line for each refund, as CSV")
    parser.add_argument(
        "--state",
        choices=["open", "waiting", "succeeded", "failed", "unknown"],
        help="with --csv: of this state only",
    )
    parser.add_argument("--next-step", metavar="STEP", help="with --csv: with this next step only")
    parser.add_argument("--batch", metavar="NAME", help="with --csv: of this batch only")


def run(arguments: argparse.Namespace, configuration: Configuration) -> int:
    """Look."""
    with place.look(configuration) as journal:
        if arguments.csv:
            return _csv(journal, arguments)
        status = _Status(journal)
        if arguments.json:
            out(json.dumps(status.as_dict(), indent=2, default=_plain))
        else:
            status.print()
        return NEEDS_SOMEBODY if status.needs.is_anybody or status.is_left_alone else FINE


def _csv(journal: Journal, arguments: argparse.Namespace) -> int:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_COLUMNS)
    wanted = {"state": arguments.state, "next_step": arguments.next_step, "batch": arguments.batch}
    for entry in journal.entries(**wanted):
        plain = entry.as_dict()
        writer.writerow(_defused(plain[column]) for column in _COLUMNS)
    return FINE


def _defused(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula begins with an apostrophe."""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}"
    return cell


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


class _Status:
    """What stands in a journal."""

    def __init__(self, journal: Journal) -> None:
        self.counts = journal.counts()
        self.head = journal.head()
        self.leases: dict[str, dict[str, Any]] = {}
        self.next_due: datetime | None = None
        self.due = 0
        """Refunds that somebody should be at work on by now."""
        now = datetime.now(timezone.utc)
        for state in ("open", "waiting", "unknown"):
            for entry in journal.entries(state=state):
                if entry.due_at is None:
                    continue
                self.due += entry.due_at <= now
                if entry.lease_owner is None:
                    self.next_due = min(self.next_due or entry.due_at, entry.due_at)
                    continue
                lease = self.leases.setdefault(
                    entry.lease_owner, {"refunds": 0, "ends": entry.due_at}
                )
                lease["refunds"] += 1
                lease["ends"] = max(lease["ends"], entry.due_at)
        self.is_left_alone = self.due > 0 and all(
            lease["ends"] <= now for lease in self.leases.values()
        )
        """Something is due, and whoever worked on it is gone."""
        self.needs = Needs.of(journal)

    def as_dict(self) -> dict[str, Any]:
        counts = self.counts
        return {
            "counts": {
                name: getattr(counts, name)
                for name in ("open", "waiting", "succeeded", "failed", "unknown")
            },
            "leases": self.leases,
            "next_due": self.next_due,
            "due": self.due,
            "left_alone": self.is_left_alone,
            "needs_somebody": self.needs.as_dict(),
            "head": self.head,
        }

    def print(self) -> None:
        out(f"{self.counts.total} refunds: {self.counts}")
        if not self.leases:
            out("nobody is at work")
        for owner, lease in self.leases.items():
            out(f"{owner} holds {lease['refunds']}; the last lease ends {utc(lease['ends'])} UTC")
        if self.next_due is not None:
            out(f"the next refund that nobody holds is due {utc(self.next_due)} UTC")
        if self.is_left_alone:
            out(
                f"{counted(self.due, 'refund')} due, and NOBODY IS AT WORK: `taxrefund resume`, or "
                "the interrupted `taxrefund pay` again, goes on. Nothing is paid twice."
            )
        out(f"head {self.head}")
        self.needs.print()
