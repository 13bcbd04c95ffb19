"""`taxrefund doctor`: looks at keys, clock and network before the first refund."""

from __future__ import annotations

import argparse
import re

from . import accounts
from .config import Configuration
from .ending import FINE, NEEDS_SOMEBODY, CommandError
from .reach import Look, look_at
from .terminal import note, out, table

HELP = "check keys against each other, the clock, and whether the providers can be reached"
DESCRIPTION = """\
Sends no refund and signs nothing: one plain GET to each account's address. Exit code 2 when
something is wrong. Whether the provider knows your key only a signed call can tell: pay one
refund of your own first."""
EXAMPLES = """\
examples:
  taxrefund doctor
  taxrefund doctor --account alipay --offline"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("--offline", action="store_true", help="keys only, nothing is connected to")


def run(arguments: argparse.Namespace, configuration: Configuration) -> int:
    """Diagnose."""
    names = arguments.account or list(configuration.accounts)
    if not names:
        accounts.clients(configuration)
    looks: list[Look] = []
    for name in names:
        if name not in configuration.accounts:
            accounts.clients(configuration, [name])
        keys = _keys(configuration, name)
        looks += keys
        try:
            client = accounts.clients(configuration, [name])[0]
        except CommandError as error:
            # A wrong key was told above, in the same words.
            told = any(not look.is_fine for look in keys)
            looks.append(Look(name, "account", False, "cannot be used" if told else str(error)))
            continue
        account = client.client.account
        environment = "SANDBOX, no real money" if client.is_sandbox else "production"
        looks.append(
            Look(name, "account", True, f"{account.name}, {environment}, {account.endpoint}")
        )
        if not arguments.offline:
            looks += look_at(name, account.endpoint, configuration)
    for warning in configuration.warnings:
        looks.append(Look("", "files", False, warning))
    configuration.warnings.clear()
    out(table(["account", "what", "", "found"], [look.row() for look in looks]))
    wrong = sum(not look.is_fine for look in looks)
    if wrong:
        note(
            f"{wrong} of {len(looks)} looks found something wrong; put it right before anything is "
            "paid"
        )
    return NEEDS_SOMEBODY if wrong else FINE


def _keys(configuration: Configuration, name: str) -> list[Look]:
    from ..doctor import diagnose
    from ..errors import TaxRefundError

    protocol = configuration.accounts[name]["protocol"].value
    try:
        given = accounts.material(configuration, name)
        certificates = given.get("alipay_certificates") or [None]
        diagnosis = diagnose(
            environment=given.get("environment"),
            merchant_private_key=given.get("merchant_private_key"),
            platform_public_key=given.get(
                "alipay_public_key" if protocol == "alipay" else "platform_public_key"
            ),
            app_certificate=given.get("app_certificate"),
            platform_certificate=certificates[0],
            root_bundle=given.get("alipay_root_certificates"),
        )
    except (TaxRefundError, CommandError) as error:
        return [Look(name, "keys", False, str(error))]
    return [
        Look(
            name,
            finding.subject,
            finding.healthy,
            _short(finding.what_it_is)
            if finding.healthy
            else f"{_short(finding.what_it_is)}: {finding.advice or finding.problem}",
        )
        for finding in diagnosis.findings
    ]


def _short(text: str) -> str:
    """16 digits of a fingerprint tell two keys apart."""
    return re.sub(r"\b([0-9a-f]{16})[0-9a-f]{48}\b", r"\1…", text)
