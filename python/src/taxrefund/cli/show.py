"""`taxrefund show KEY`: everything that was recorded about one refund."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from . import place
from .config import Configuration
from .ending import FINE, CommandError
from .terminal import money, out, printable, table, utc, why

if TYPE_CHECKING:
    from ..journal import Entry, Journal, Record

HELP = "the whole story of one refund"
DESCRIPTION = """\
Looks only. Without --evidence nothing personal is shown."""
EXAMPLES = """\
examples:
  taxrefund show 0005520171122115751
  taxrefund show 0005520171122115751 --evidence     it holds the traveller's data"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument(
        "key", metavar="KEY", help="the idempotency key: out_order_no, refundRequestId, …"
    )
    parser.add_argument(
        "--evidence",
        action="store_true",
        help="also the request and the answers as they came; they hold the traveller's data",
    )


def run(arguments: argparse.Namespace, configuration: Configuration) -> int:
    """Show."""
    with place.look(configuration) as journal:
        # By reading the whole journal, which needs nobody's keys.
        found = [entry for entry in journal.entries() if entry.key == arguments.key]
        if not found:
            raise CommandError(
                f"the journal has no refund with the key {arguments.key}: nothing was sent under "
                "it from here"
            )
        for entry in found:
            _about(entry)
            records = journal.story(entry, evidence=arguments.evidence)
            out(
                table(
                    ["record", "time (UTC)", "what", "took", "heard", "then", "by"],
                    map(_row, records),
                )
            )
            if arguments.evidence:
                _evidence(journal, entry, records)
    return FINE


def _about(entry: Entry) -> None:
    due = "" if entry.due_at is None else f"{utc(entry.due_at)} UTC"
    held = "" if entry.lease_owner is None else f"{entry.lease_owner}, until {due}"
    lines = {
        "key": entry.key,
        "operation": entry.operation,
        "account": entry.account,
        "form": entry.form,
        "amount": money(entry),
        "state": entry.state.value,
        "code": why(entry),
        "next step": None if entry.next_step is None else entry.next_step.value,
        "reference": entry.reference,
        "from": None if entry.batch is None else f"{entry.batch}, line {entry.line}",
        "conflict": "something said the opposite of what is recorded: a person must look"
        if entry.conflict
        else None,
        "overridden": entry.overridden,
        "held by": held,
        "due": "" if held else due,
    }
    for name, text in lines.items():
        if text:
            out(f"  {name:<11}{printable(text)}")
    out()


def _row(record: Record) -> list[str]:
    content = record.content

    def text(name: str) -> str:
        value = content.get(name)
        return value if isinstance(value, str) else ""

    what = {"attempt": text("interface"), "late": f"{text('interface')}, too late"}
    took = content.get("took_ms")
    heard = " ".join(part for part in (text("code"), text("sub_code")) if part)
    if heard and content.get("verified") is False:
        heard += " (not verified)"
    return [
        str(record.seq),
        f"{utc(record.at)}.{record.at.microsecond // 1000:03}",
        what.get(record.kind, record.kind),
        "" if took is None else f"{took} ms",
        heard,
        " ".join(part for part in (text("state"), text("merged"), text("why")) if part),
        text("owner"),
    ]


def _evidence(journal: Journal, entry: Entry, records: list[Record]) -> None:
    out(f"request:\n{_json(journal.request(entry))}")
    for record in records:
        if record.evidence:
            out(f"record {record.seq}:\n{_json(record.evidence)}")


def _json(content: object) -> str:
    lines = json.dumps(content, indent=2, ensure_ascii=False).splitlines()
    return "\n".join(map(printable, lines))
