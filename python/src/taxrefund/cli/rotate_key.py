"""`taxrefund rotate-key`: changes the sealing key."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import place
from .config import Configuration
from .ending import FINE, CommandError
from .terminal import out

HELP = "change the sealing key of a sealed journal"
DESCRIPTION = """\
Stop every other program first, and start them with the new key. What is sealed already stays
readable, with the new key alone. Who has an old copy of the file and the old key can still read
that copy."""
EXAMPLES = """\
examples:
  openssl rand -hex 32 > key2.hex && chmod 600 key2.hex
  taxrefund rotate-key --sealing-key-file key.hex --new-key-file key2.hex"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument(
        "--new-key-file", type=Path, required=True, metavar="FILE", help="64 hexadecimal digits"
    )


def run(arguments: argparse.Namespace, configuration: Configuration) -> int:
    """Rotate."""
    old = place.sealing_key(configuration)
    if old is None:
        raise CommandError(
            "which key is the old one? Give --sealing-key-file. Nothing was changed."
        )
    new = place.key_text(arguments.new_key_file)
    with place.change(configuration) as journal:
        journal.rotate_key(old, new)
    out("the journal opens with the new key only; start every other program again with it")
    return FINE
