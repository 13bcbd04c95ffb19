"""The command line as a whole: which commands there are, and how what goes wrong is told."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from .config import Configuration, load
from .ending import ERROR, EXIT_CODES, CommandError
from .layer import Given
from .terminal import note

_COMMANDS = (
    "pay",
    "resume",
    "status",
    "show",
    "results",
    "settle",
    "verify-journal",
    "doctor",
    "explain",
    "rotate-key",
    "sandbox",
)
_WITHOUT_CONFIGURATION = ("explain", "sandbox")
_DESCRIPTION = """\
Pays travellers' tax refunds through Alipay, Alipay+ and Antom, and never guesses about the
money. Every refund is in a journal before it is sent; whatever stops a command, the same
command goes on, and nothing is paid twice."""
_SETTINGS = """\
settings:
  from taxrefund.toml (or .json) here or in ~/.config/taxrefund, or --config FILE, or
  TAXREFUND_CONFIG; then from the environment (TAXREFUND_JOURNAL, TAXREFUND_ALIPAY_APP_ID,
  TAXREFUND_ALIPAY_MERCHANT_PRIVATE_KEY_FILE, …); then from the command line. Later ones win.

      journal = "refunds.db"
      [accounts.alipay]
      protocol = "alipay"                  # or "alipay_plus", "antom"
      app_id = "2014072300007148"
      merchant_private_key_file = "merchant.pem"
      alipay_public_key_file = "alipay.pem"
"""


class _Parser(argparse.ArgumentParser):
    """Usage errors end with our own code: argparse's 2 means something else here."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ERROR, f"error: {message}\nhelp: {self.prog} --help\n")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read our output has seen enough (`taxrefund show KEY | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(arguments: Sequence[str]) -> int:
    from ..errors import TaxRefundError

    parser, commands = _parsers(arguments)
    try:
        given, unknown = parser.parse_known_args(arguments)
        if unknown:
            # By the command's own parser, whose usage helps more.
            commands.get(given.command, parser).error(f"unknown: {' '.join(unknown)}")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else ERROR
    if given.command is None:
        parser.print_help()
        return ERROR
    try:
        command = _module(given.command)
        if given.command in _WITHOUT_CONFIGURATION:
            return int(command.run(given, None))
        configuration = _configuration(given)
        try:
            return int(command.run(given, configuration))
        finally:
            configuration.warn()
    except CommandError as error:
        note(f"error: {error}")
    except TaxRefundError as error:
        note(f"error: {error}")
    except KeyboardInterrupt:
        note("interrupted. Nothing recorded is lost; `taxrefund status` says how things stand")
    except BrokenPipeError:
        raise
    except OSError as error:
        name = "" if error.filename is None else f"{error.filename}: "
        note(f"error: {name}{error.strerror or error}. What is recorded stays recorded")
    return ERROR


def _module(command: str) -> Any:
    return import_module(f".{command.replace('-', '_')}", __package__)


def _parsers(arguments: Sequence[str]) -> tuple[_Parser, dict[str, _Parser]]:
    """Only a named command has all its options; for the others their names will do."""
    named: dict[str, _Parser] = {}
    parser = _Parser(
        prog="taxrefund",
        description=_DESCRIPTION,
        epilog=f"{_SETTINGS}\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"taxrefund {_version()}")
    _add_general(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name in _COMMANDS:
        module = _module(name)
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=f"{module.HELP[0].upper()}{module.HELP[1:]}.\n\n{module.DESCRIPTION}",
            epilog=f"{module.EXAMPLES}\n\n{EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name in arguments:
            named[name] = command
            module.add_arguments(command)
            if name not in _WITHOUT_CONFIGURATION:
                _add_general(command)
    return parser, named


def _version() -> str:
    from .. import _native

    return _native.version()


def _add_general(parser: argparse.ArgumentParser) -> None:
    """May stand before the command and after it."""
    group = parser.add_argument_group("settings")

    def add(name: str, **options: Any) -> None:
        group.add_argument(name, default=argparse.SUPPRESS, **options)

    add("--config", type=Path, metavar="FILE", help="the configuration, TOML or JSON")
    add(
        "--journal",
        metavar="PLACE",
        help="a file, or postgres://user@host/database; a URL with a password belongs in "
        "TAXREFUND_JOURNAL",
    )
    add(
        "--account",
        action="append",
        metavar="NAME",
        help="only this account of the configuration; may be repeated",
    )
    add(
        "--sealing-key-file",
        metavar="FILE",
        help="64 hexadecimal digits, as `openssl rand -hex 32` prints",
    )
    add(
        "--owner",
        metavar="NAME",
        help="the name under which refunds are leased; no two running programs may share one",
    )
    add(
        "--set",
        action="append",
        metavar="NAME=VALUE",
        help="any other setting, such as attempts=3 or alipay.endpoint=URL; may be repeated",
    )


def _configuration(given: argparse.Namespace) -> Configuration:
    found = load(getattr(given, "config", None), os.environ, getattr(given, "set", ()))
    for name in ("journal", "owner"):
        if hasattr(given, name):
            found.general[name] = Given(getattr(given, name), f"--{name}")
    if hasattr(given, "sealing_key_file"):
        path = Path(given.sealing_key_file)
        found.general["sealing_key"] = Given(path, "--sealing-key-file", is_file=True)
    given.account = getattr(given, "account", None)
    return found
