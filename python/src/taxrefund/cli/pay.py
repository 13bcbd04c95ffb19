"""`taxrefund pay FILE...`: records the refunds of files, pays them, tells what became of each
line.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import _files
from . import accounts, files, place
from .config import Configuration
from .draining import drain, left_over, worked
from .ending import ERROR, FINE, NEEDS_SOMEBODY, CommandError
from .files import Batch
from .needs import Needs
from .signals import Signals
from .terminal import confirmed, counted, note, out, table

if TYPE_CHECKING:
    from ..journal import Journal, ResultSummary

HELP = "record the refunds of files, pay them, and tell what became of each line"
DESCRIPTION = """\
Records every line that can be sent in the journal, pays what is due, and tells what became of
each line. A wrong line is named and stops no other. Started again, also after a crash or a
power cut, the same command goes on where it was: what may have been sent is asked about first,
and nothing is paid twice."""
EXAMPLES = """\
examples:
  taxrefund pay refunds.csv --results results.csv
  taxrefund pay *.csv --results results/ --yes    several files, by their columns; no question
  taxrefund pay antom.csv --form-field referenceRefundId"""
_NAMED = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    files.add_arguments(parser, many=True)
    parser.add_argument(
        "--results",
        type=Path,
        metavar="FILE",
        help="write what became of each line, as CSV; a folder where several files are paid",
    )
    add_work_arguments(parser)
    parser.add_argument(
        "--yes",
        action="store_true",
        help="do not ask before real money moves (without a terminal nobody is asked)",
    )


def add_work_arguments(parser: argparse.ArgumentParser) -> None:
    """How the worker works."""
    parser.add_argument(
        "--exchanges",
        type=_count,
        metavar="N",
        help="requests under way at the same time; 32 unless set",
    )
    parser.add_argument(
        "--wait",
        action="store_true",
        help="also wait for refunds that are to be asked about again; that may take more than an "
        "hour",
    )
    parser.add_argument(
        "--restarted",
        action="store_true",
        help="PostgreSQL: the earlier program of this --owner is dead for certain, take over its "
        "refunds now",
    )
    parser.add_argument(
        "--accept-clock",
        action="store_true",
        help="the journal's last writer had a wrong clock, and this machine's is right",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError("must be 1 to 1024")
    return int(text)


def run(arguments: argparse.Namespace, configuration: Configuration) -> int:
    """Pay."""
    clients = accounts.clients(configuration, arguments.account)
    batches = files.batches(arguments, clients)
    targets = _targets(arguments.results, batches)
    place.place_of(configuration)
    payers = list({batch.payer.name: batch.payer for batch in batches}.values())
    in_sandbox = all(payer.is_sandbox for payer in payers)
    _announce(batches, in_sandbox)
    if not in_sandbox and not arguments.yes and not confirmed("Real money moves. Pay?"):
        note("nothing was recorded and nothing was sent")
        return ERROR
    with (
        Signals() as signals,
        place.work(
            configuration,
            make=True,
            in_sandbox=in_sandbox,
            restarted=arguments.restarted,
            accept_clock=arguments.accept_clock,
        ) as journal,
    ):
        _record(journal, batches)
        summary = drain(
            configuration, journal, payers, signals, arguments.exchanges, arguments.wait
        )
        note(worked(summary))
        results = [
            _results(journal, batch, target) for batch, target in zip(batches, targets, strict=True)
        ]
        _tell(batches, results)
        is_left = left_over(journal, payers, summary, "the same command (or `taxrefund resume`)")
        needs = Needs.of(journal, [batch.options["batch"] or batch.file.name for batch in batches])
        needs.print()
    is_done = all(result.is_done for result in results) and not summary.needs_somebody
    return FINE if is_done and not is_left else NEEDS_SOMEBODY


def _announce(batches: Sequence[Batch], in_sandbox: bool) -> None:
    if in_sandbox:
        note("*** SANDBOX: no real money moves ***")
    for batch in batches:
        money = "" if in_sandbox or not batch.payer.is_sandbox else " (sandbox)"
        with batch.file.open("rb") as file:
            pieces = iter(lambda: file.read(1 << 20), b"")
            ends = sum(piece.count(b"\n") for piece in pieces)
        # The header is none; cells over several lines make it more than the import will say.
        lines = ends if _files.is_json_lines(batch.file) else max(ends - 1, 0)
        what = f"about {counted(lines, 'line')}, {batch.operation.name}"
        note(f"{batch.file}: {what}, paid from {batch.payer}{money}")


def _targets(results: Path | None, batches: Sequence[Batch]) -> list[Path | None]:
    """Where each result file goes; a name that cannot be written is said before anything is
    sent.
    """
    if results is None:
        return [None] * len(batches)
    if len(batches) == 1 and not results.is_dir():
        if not results.parent.is_dir():
            raise CommandError(f"--results: there is no folder {results.parent}. Nothing was sent.")
        return [results]
    if results.exists() and not results.is_dir():
        raise CommandError(
            f"--results: several files are paid, so {results} must be a folder. Nothing was sent."
        )
    results.mkdir(parents=True, exist_ok=True)
    return [results / f"{batch.file.stem}.results.csv" for batch in batches]


def _record(journal: Journal, batches: Sequence[Batch]) -> None:
    for batch in batches:
        try:
            summary = journal.import_file(batch.payer.client, batch.file, **batch.options)
        except KeyboardInterrupt:
            raise CommandError(
                f"stopped while {batch.file} was being recorded: nothing of it was sent. What is "
                "recorded is open, and the same command goes on"
            ) from None
        note(f"{batch.file}: {summary}")
        for problem in summary.problems[:_NAMED]:
            note(f"  {problem}")
        if summary.wrong > _NAMED:
            note(f"  … and {summary.wrong - _NAMED} more; the result file names them all")


def _results(journal: Journal, batch: Batch, target: Path | None) -> ResultSummary:
    from .._files import Nowhere

    return journal.write_results(
        batch.payer.client, batch.file, Nowhere() if target is None else target, **batch.options
    )


def _tell(batches: Sequence[Batch], results: Sequence[ResultSummary]) -> None:
    header = [
        "file",
        "lines",
        "succeeded",
        "failed",
        "unknown",
        "waiting",
        "open",
        "repeats",
        "wrong",
    ]
    rows = []
    for batch, result in zip(batches, results, strict=True):
        states = result.states
        counts = [states.succeeded, states.failed, states.unknown, states.waiting, states.open]
        rows.append([batch.file, result.lines, *counts, result.repeated, result.wrong])
    out(table(header, rows))
