"""`taxrefund verify-journal`: proves that nothing recorded was changed or removed."""

from __future__ import annotations

import argparse

from . import place
from .config import Configuration
from .ending import FINE, NEEDS_SOMEBODY
from .terminal import out

HELP = "prove that nothing recorded was changed or removed"
DESCRIPTION = """\
Checks the whole journal: the database, the chain of records, and every refund against its
records. Keep the printed head on another machine, and give it to the next check: only that
shows whether the end was cut off, or an old copy was put in the journal's place."""
EXAMPLES = """\
examples:
  taxrefund verify-journal >> /another/machine/heads.txt
  taxrefund verify-journal --expect 246:5cda7cfc…"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument(
        "--expect", metavar="HEAD", help="the head of an earlier check that was kept elsewhere"
    )


def run(arguments: argparse.Namespace, configuration: Configuration) -> int:
    """Verify."""
    from ..journal import Proof

    with place.look(configuration) as journal:
        found = journal.verify(arguments.expect)
    out(str(found))
    if isinstance(found, Proof):
        out(f"head {found.head}")
        return FINE
    out(
        "Stop the workers, keep a copy of the journal as it is, and find out who wrote to it. Pay "
        "nothing from it."
    )
    return NEEDS_SOMEBODY
