"""`taxrefund sandbox`: starts the gateway simulator, for trying things out."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from .config import Configuration
from .ending import FINE, CommandError
from .signals import Signals
from .terminal import note, out

HELP = "start a gateway simulator on this machine, to try things out"
DESCRIPTION = """\
All three providers on one loopback address, with a ledger of who was paid how often, and faults
on demand. The first line printed is its URL. No real money, no account; all keys are public
TEST keys. It ends with Ctrl-C."""
EXAMPLES = """\
examples:
  taxrefund sandbox --write-config taxrefund.toml &     then: taxrefund pay refunds.csv
  taxrefund sandbox --faults demo --seed 3 --ledger-on-exit
  taxrefund sandbox --faults "10=lost-answer;90=none" --run-for 60"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--port", type=int, default=0, metavar="N", help="a free one unless given")
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="where all choices come from; 1 unless given",
    )
    parser.add_argument(
        "--faults",
        default="none",
        metavar="MIX",
        help="none, demo, a .json file, or inline like 10=lost-answer;90=none",
    )
    parser.add_argument("--delay-ms", type=int, metavar="N", help="the wait of the scenario delay")
    parser.add_argument("--run-for", type=int, metavar="SECONDS", help="end after this time")
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="end when standard input ends"
    )
    parser.add_argument(
        "--write-config",
        type=Path,
        metavar="FILE",
        help="write a ready configuration with TEST keys (.toml, or .json); never over another one",
    )
    parser.add_argument(
        "--ledger-on-exit", action="store_true", help="print the ledger as JSON at the end"
    )


def run(arguments: argparse.Namespace, configuration: Configuration | None) -> int:
    """Simulate."""
    from .. import _native

    options: dict[str, Any] = {
        "port": arguments.port,
        "seed": arguments.seed,
        "faults": _faults(arguments.faults),
    }
    if arguments.delay_ms is not None:
        options["delay_ms"] = arguments.delay_ms
    elif arguments.faults == "demo":
        # In a demonstration nobody wants to wait for a slow answer.
        options["delay_ms"] = 400
    if arguments.write_config is not None:
        _may_write(arguments.write_config)
    ended = Event()
    with Signals(ended.set, stopping="", ending=""):
        sandbox = _native.Sandbox(json.dumps(options))
        try:
            if arguments.write_config is not None:
                write_configuration(arguments.write_config, json.loads(sandbox.credentials))
            out(sandbox.base_url)
            sys.stdout.flush()
            if arguments.write_config is not None:
                note(
                    f"{arguments.write_config} is written: its accounts lead here, its keys are "
                    "public TEST keys"
                )
            if arguments.exit_with_stdin:
                Thread(target=_watch, args=[ended], name="standard-input", daemon=True).start()
            _await(ended, arguments.run_for)
            if arguments.ledger_on_exit:
                out(sandbox.ledger())
        finally:
            sandbox.stop()
    return FINE


def _faults(given: str) -> str:
    """What is in the file, where a file is named."""
    if not given.endswith(".json"):
        return given
    try:
        return Path(given).read_text("utf-8")
    except OSError as error:
        raise CommandError(f"--faults: {given} cannot be read: {error.strerror}") from None


def _watch(ended: Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()


def _await(ended: Event, run_for: int | None) -> None:
    until = None if run_for is None else monotonic() + run_for
    # Short waits, because some systems do not let Ctrl-C into a long one.
    while until is None or monotonic() < until:
        if ended.wait(1.0 if until is None else min(1.0, max(0.0, until - monotonic()))):
            return


_FIRST_LINE = "written by `taxrefund sandbox`"


def _may_write(path: Path) -> None:
    """A configuration that somebody wrote, perhaps with real keys, is never written over."""
    if path.exists() and _FIRST_LINE not in path.read_text("utf-8", "replace")[:200]:
        raise CommandError(
            f"--write-config: {path} exists and was not written by this command; it may hold real "
            "accounts. Name another file"
        )


def write_configuration(path: Path, credentials: dict[str, Any]) -> None:
    """All three accounts with their TEST keys, readable for their owner only."""
    gateway = credentials["alipay"]
    accounts: dict[str, dict[str, Any]] = {
        "alipay": {
            "protocol": "alipay",
            "environment": "sandbox",
            "endpoint": gateway["gateway_url"],
            "app_id": gateway["app_id"],
            "merchant_private_key": gateway["partner_private_key_pem"],
            "alipay_public_key": gateway["platform_public_key_pem"],
        }
    }
    for name in ("alipay_plus", "antom"):
        given = credentials[name]
        accounts[name] = {
            "protocol": name,
            "endpoint": given["base_url"],
            "client_id": given["client_id"],
            "merchant_private_key": given["partner_private_key_pem"],
            "platform_public_key": given["platform_public_key_pem"],
        }
    # The documented seconds, shortened: 3-10 s become 60-200 ms.
    general = {"journal": "sandbox-refunds.db", "sandbox_wait_permille": 20, "timeout": 2}
    is_json = path.suffix.lower() == ".json"
    text = _json(general, accounts) if is_json else _toml(general, accounts)
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")


def _json(general: dict[str, Any], accounts: dict[str, dict[str, Any]]) -> str:
    comment = {"#": f"{_FIRST_LINE}: a simulator, TEST keys, no real money"}
    return json.dumps({**comment, **general, "accounts": accounts}, indent=2) + "\n"


def _toml(general: dict[str, Any], accounts: dict[str, dict[str, Any]]) -> str:
    lines = [f"# {_FIRST_LINE}: a simulator, TEST keys, no real money"]
    lines += [f"{name} = {_value(value)}" for name, value in general.items()]
    for account, settings in accounts.items():
        lines.append(f"\n[accounts.{account}]")
        lines += [f"{name} = {_value(value)}" for name, value in settings.items()]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    return f"'''\n{value}'''" if "\n" in value else f'"{value}"'
