"""`taxrefund resume`: goes on with what is open, and takes refunds up again that rest. Each begins
by asking.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from . import accounts, place
from .config import Configuration
from .draining import drain, left_over, worked
from .ending import FINE, NEEDS_SOMEBODY, CommandError
from .needs import Needs
from .pay import add_work_arguments
from .signals import Signals
from .terminal import counted, note, out

if TYPE_CHECKING:
    from ..journal import Journal

HELP = "go on with open refunds, and take up again those that rest"
DESCRIPTION = """\
Goes on with what is open or due. With --next-step or --state it first makes the refunds due
that rest with it, and records why. With --key one refund is taken up now. Each begins by asking
the provider what became of it; a refund that was paid is not paid again."""
EXAMPLES = """\
examples:
  taxrefund resume                        after a crash, or when refunds wait
  taxrefund resume --key 0005520171122115751
  taxrefund resume --next-step fix_configuration --why "the new key is uploaded" """


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--key", help="take this refund up now, and say how it ended")
    which.add_argument(
        "--state", choices=["waiting", "unknown"], help="make all refunds of this state due"
    )
    which.add_argument(
        "--next-step", metavar="STEP", help="make all refunds with this next step due"
    )
    parser.add_argument(
        "--why", metavar="TEXT", help="why, recorded for ever; write no traveller's name into it"
    )
    add_work_arguments(parser)


def run(arguments: argparse.Namespace, configuration: Configuration) -> int:
    """Resume."""
    clients = accounts.clients(configuration, arguments.account)
    is_reopening = arguments.state is not None or arguments.next_step is not None
    if is_reopening and not arguments.why:
        raise CommandError(
            "--why is needed: it is recorded with each refund that is taken up again"
        )
    if arguments.why and not is_reopening:
        raise CommandError("--why goes with --state or --next-step")
    in_sandbox = all(client.is_sandbox for client in clients)
    if in_sandbox:
        note("*** SANDBOX: no real money moves ***")
    with (
        Signals() as signals,
        place.work(
            configuration,
            make=False,
            in_sandbox=in_sandbox,
            restarted=arguments.restarted,
            accept_clock=arguments.accept_clock,
        ) as journal,
    ):
        if arguments.key is not None:
            return _one(arguments.key, journal, clients)
        if is_reopening:
            number = journal.reopen(
                arguments.why, state=arguments.state, next_step=arguments.next_step
            )
            note(f"{counted(number, 'refund')} due again")
        summary = drain(
            configuration, journal, clients, signals, arguments.exchanges, arguments.wait
        )
        note(worked(summary))
        out(f"the journal has {journal.counts()}")
        is_left = left_over(journal, clients, summary, "`taxrefund resume`")
        needs = Needs.of(journal)
        needs.print()
    return NEEDS_SOMEBODY if summary.needs_somebody or is_left or needs.is_anybody else FINE


def _one(key: str, journal: Journal, clients: list[accounts.NamedClient]) -> int:
    from ..outcome import Failed, Succeeded

    found = [client for client in clients if journal.find(client.client, key) is not None]
    if not found:
        raise CommandError(
            f"the journal has no refund with the key {key} of these accounts. Nothing was sent."
        )
    if len(found) > 1:
        names = ", ".join(client.name for client in found)
        raise CommandError(
            f"several accounts have a refund with the key {key}: give --account, one of {names}"
        )
    note("asking; this may take some minutes (Ctrl-C stops, and loses nothing)")
    try:
        outcome = journal.resume(found[0].client, key)
    except KeyboardInterrupt:
        raise CommandError(
            f"stopped. {key} is in the journal as it stands; `taxrefund resume --key {key}` asks "
            "again"
        ) from None
    if isinstance(outcome, Succeeded):
        reference = "" if outcome.reference is None else f", reference {outcome.reference}"
        out(f"{key} succeeded{reference}")
        return FINE
    state = (
        "failed, no money moved"
        if isinstance(outcome, Failed)
        else "not known yet, never enter it again"
    )
    out(f"{key} {state}: {outcome.reason}; next step: {outcome.next_step.value}")
    out(f"  {outcome.explanation.engineer}")
    return NEEDS_SOMEBODY
