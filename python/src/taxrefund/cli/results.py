"""`taxrefund results FILE --out OUT`: what became of each line of an imported file."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import accounts, files, place
from .config import Configuration
from .ending import FINE, NEEDS_SOMEBODY
from .terminal import out

HELP = "write what became of each line of a file that was paid"
DESCRIPTION = """\
Looks only: nothing is sent. Every line of the file stands in the result once, in its order. It
may be written at any time and again. Give the same options as `pay` was given."""
EXAMPLES = """\
examples:
  taxrefund results refunds.csv --out results.csv"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    files.add_arguments(parser, many=False)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="where to write, as CSV"
    )


def run(arguments: argparse.Namespace, configuration: Configuration) -> int:
    """Write."""
    clients = accounts.clients(configuration, arguments.account)
    batch = files.batches(arguments, clients)[0]
    with place.look(configuration) as journal:
        summary = journal.write_results(
            batch.payer.client, batch.file, arguments.out, **batch.options
        )
    out(str(summary))
    return FINE if summary.is_done else NEEDS_SOMEBODY
