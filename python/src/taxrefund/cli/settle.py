"""`taxrefund settle LIST`: holds the journal against a provider's list."""

from __future__ import annotations

import argparse
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import place
from .config import Configuration
from .ending import FINE, NEEDS_SOMEBODY, CommandError
from .terminal import note, out

if TYPE_CHECKING:
    from ..settlement import ListOptions

HELP = "hold the journal against a provider's list"
DESCRIPTION = """\
Nothing is sent and nothing is changed. Both sides must be about the same thing: one operation,
one account, and the days of the list with one more on each side (by when a refund was
recorded). It is the only check that sees what happened outside the journal."""
EXAMPLES = """\
examples:
  taxrefund settle list.csv --operation alipay.pay_tax_refund --key-column "Order No"
  taxrefund settle list.csv --operation antom.refund --currency USD --all-paid \\
      --from 2026-10-31 --to 2026-12-01 --csv differences.csv"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("list", type=Path, metavar="LIST", help="the provider's list: CSV in UTF-8")
    parser.add_argument(
        "--operation", required=True, metavar="NAME", help="which operation it is about"
    )
    parser.add_argument(
        "--of-account",
        metavar="ID",
        help="which app id or client id, where the journal has several",
    )
    parser.add_argument(
        "--from",
        dest="first",
        type=_day,
        metavar="DAY",
        help="YYYY-MM-DD in UTC: the list's first day minus one",
    )
    parser.add_argument(
        "--to",
        dest="last",
        type=_day,
        metavar="DAY",
        help="YYYY-MM-DD in UTC: the list's last day plus one",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write every difference here")
    columns = parser.add_argument_group("how to read the list")
    columns.add_argument(
        "--list-options",
        type=Path,
        metavar="FILE",
        help="all of these as JSON, by their names with _",
    )
    columns.add_argument(
        "--key-column", metavar="NAME", help="the column of the key; key unless given"
    )
    columns.add_argument("--amount-column", metavar="NAME", help="amount unless given")
    columns.add_argument(
        "--amount-unit",
        choices=["major", "minor"],
        help="12.34 or 1234 for SGD 12.34; major unless given",
    )
    currency = columns.add_mutually_exclusive_group()
    currency.add_argument("--currency-column", metavar="NAME", help="currency unless given")
    currency.add_argument("--currency", metavar="CODE", help="every line is in this currency")
    status = columns.add_mutually_exclusive_group()
    status.add_argument("--status-column", metavar="NAME", help="status unless given")
    status.add_argument(
        "--all-paid", action="store_true", default=None, help="the list holds paid refunds only"
    )
    columns.add_argument(
        "--paid-text",
        dest="paid_texts",
        action="append",
        metavar="TEXT",
        help="a status that means paid; may be repeated",
    )
    columns.add_argument(
        "--failed-text",
        dest="failed_texts",
        action="append",
        metavar="TEXT",
        help="a status that means failed; may be repeated",
    )
    columns.add_argument(
        "--delimiter", choices=["comma", "semicolon", "tab"], help="comma unless given"
    )


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.utc)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a day such as 2026-11-23") from None


def run(arguments: argparse.Namespace, configuration: Configuration) -> int:
    """Compare."""
    if not arguments.list.is_file():
        raise CommandError(f"there is no list {arguments.list}")
    options = _options(arguments)
    before = None if arguments.last is None else arguments.last + timedelta(days=1)
    with place.look(configuration) as journal:
        report = journal.settle(
            arguments.list,
            operation=arguments.operation,
            account=arguments.of_account,
            since=arguments.first,
            before=before,
            options=options,
            csv=arguments.csv,
        )
    out(report.table.rstrip("\n"))
    if arguments.csv is not None:
        note(f"every difference is in {arguments.csv}")
    return FINE if report.is_clean else NEEDS_SOMEBODY


_NAMES = (
    "key_column", "amount_column", "amount_unit", "currency_column", "currency", "status_column",
    "all_paid", "paid_texts", "failed_texts", "delimiter",
)  # fmt: skip


def _options(arguments: argparse.Namespace) -> ListOptions:
    from ..settlement import ListOptions

    given: dict[str, Any] = {}
    if arguments.list_options is not None:
        given = _read(arguments.list_options)
    given.update(
        {name: value for name in _NAMES if (value := getattr(arguments, name)) is not None}
    )
    return ListOptions(**given)


def _read(path: Path) -> dict[str, Any]:
    from .settings import nearest

    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise CommandError(f"{path} is not JSON") from None
    if not isinstance(content, dict):
        raise CommandError(f"{path} must hold options by their names")
    for name in content:
        if name not in _NAMES:
            raise CommandError(f"{path}: {name} is no option; {nearest(name, list(_NAMES))}")
    return content
