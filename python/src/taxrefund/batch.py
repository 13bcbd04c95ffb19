"""A file of refunds from beginning to end, in one call: recorded, paid, told line by line.

    from taxrefund import Journal, alipay
    from taxrefund.batch import pay_file

    with Journal("refunds.db", owner="night", restarted=True) as journal:
        night = pay_file(client, journal, "refunds.csv", results="results.csv")
    print(night)
    raise SystemExit(2 if night.needs_somebody else 0)

Killed in the middle, the same call goes on where it was: what is recorded is not recorded again,
and what may have been sent is asked about before anything else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from . import _files, _operations
from ._journal_records import ImportSummary, ResultSummary
from ._worker_events import Ended, WorkerEvent, WorkerSummary
from .errors import ConfigurationError
from .worker import Worker

if TYPE_CHECKING:
    from ._journal_arguments import Client
    from ._model import Operation
    from .journal import Journal

__all__ = ["BatchResult", "Progress", "pay_file", "pay_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a batch is."""

    ended: int
    """Refunds brought to an end for now."""
    expected: int
    """Refunds that were to be worked on when it began. Those taken up again may make `ended` exceed
    it.
    """
    latest: Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What became of a batch."""

    imported: ImportSummary
    """What is wrong with lines that were never sent."""
    worked: WorkerSummary
    """What the worker did; it pays whatever is due in the journal for these accounts, earlier files
    included.
    """
    results: ResultSummary
    """Every line of this file once."""

    @property
    def needs_somebody(self) -> bool:
        """Whether a line is wrong, or a refund has not succeeded."""
        return not self.results.is_done or bool(self.worked.halted or self.worked.skipped)

    def __str__(self) -> str:
        """One line for a person."""
        return str(self.results)


def pay_file(
    clients: Client | Iterable[Client],
    journal: Journal,
    file: _files.Source,
    *,
    operation: Operation[Any, Any] | str | None = None,
    results: _files.Sink | None = None,
    batch: str | None = None,
    json_lines: bool | None = None,
    form_field: str | None = None,
    exchanges: int = 32,
    until: Literal["nothing_due", "nothing_open"] = "nothing_due",
    on_progress: Callable[[Progress], object] | None = None,
) -> BatchResult:
    """Record a file's refunds, pay them, and write what became of each line.

    * `clients`: the account to pay from; of several, the one whose protocol has the operation.
    * `file`: a path, or an open file that can be read twice (`seek`).
    * `results`: where to write the result file, if anywhere. It appears whole or not at all.
    * `until`: `nothing_open` also waits for refunds that are to be asked about again; that may take
      more than an hour.
    * `on_progress`: is told of each refund that ends. What it raises hurts no payment.

    The other options are those of `Journal.import_file`. Whatever is due in the journal for these
    accounts is paid too: that is how a killed run goes on. Ctrl-C stops gracefully.
    """
    client, asked = _payer(clients, operation)
    options: dict[str, Any] = {
        "operation": asked,
        "batch": batch,
        "json_lines": json_lines,
        "form_field": form_field,
    }
    again = _beginning(file)
    imported = journal.import_file(client, file, **options)
    worked = _work(clients, journal, exchanges, until, on_progress)
    again()
    told = journal.write_results(
        client, file, _files.Nowhere() if results is None else results, **options
    )
    return BatchResult(imported=imported, worked=worked, results=told)


def pay_rows(
    clients: Client | Iterable[Client],
    journal: Journal,
    rows: Iterable[Any],
    *,
    batch: str,
    operation: Operation[Any, Any] | str | None = None,
    columns: Sequence[str] | None = None,
    results: _files.Sink | None = None,
    form_field: str | None = None,
    exchanges: int = 32,
    until: Literal["nothing_due", "nothing_open"] = "nothing_due",
    on_progress: Callable[[Progress], object] | None = None,
) -> BatchResult:
    """The same for rows of a program (`Journal.import_rows`): a list of dicts, a data frame,
    request objects.

    Rows are read twice, so an iterator that can be read only once is refused.
    """
    if iter(rows) is rows:
        raise TypeError(
            "pay_rows reads the rows twice: give a list or a data frame, not an iterator"
        )
    client, asked = _payer(clients, operation)
    imported = journal.import_rows(
        client, rows, operation=asked, batch=batch, columns=columns, form_field=form_field
    )
    worked = _work(clients, journal, exchanges, until, on_progress)
    told = journal.write_results(
        client,
        rows,
        _files.Nowhere() if results is None else results,
        operation=asked,
        batch=batch,
        columns=columns,
        form_field=form_field,
    )
    return BatchResult(imported=imported, worked=worked, results=told)


def _beginning(file: _files.Source) -> Callable[[], object]:
    """What leads back to where an open file stands now."""
    if isinstance(file, str | os.PathLike):
        return lambda: None
    if not file.seekable():
        raise TypeError(
            "pay_file reads the file twice: give a path, or a file that can be read again"
        )
    start = file.tell()
    return lambda: file.seek(start)


def _payer(
    clients: Client | Iterable[Client], operation: Operation[Any, Any] | str | None
) -> tuple[Client, Operation[Any, Any]]:
    """The account that a file is paid from."""
    many = list(clients) if isinstance(clients, Iterable) else [clients]
    if operation is None:
        if len(many) != 1:
            raise ConfigurationError(
                "operation: with several accounts, say what each line asks for", field="operation"
            )
        return many[0], _operations.of_account(many[0].account.protocol, None)
    asked = _operations.named(operation)
    fitting = [one for one in many if one.account.protocol == asked.name.partition(".")[0]]
    if len(fitting) != 1:
        found = "none" if not fitting else str(len(fitting))
        raise ConfigurationError(
            f"clients: {found} of them can be asked for {asked.name}, and exactly one must",
            field="clients",
        )
    return fitting[0], asked


def _work(
    clients: Client | Iterable[Client],
    journal: Journal,
    exchanges: int,
    until: Literal["nothing_due", "nothing_open"],
    on_progress: Callable[[Progress], object] | None,
) -> WorkerSummary:
    counts = journal.counts()
    expected = counts.open + counts.waiting
    ended = 0

    def tell(event: WorkerEvent) -> None:
        nonlocal ended
        if isinstance(event, Ended) and on_progress is not None:
            ended += 1
            on_progress(Progress(ended=ended, expected=expected, latest=event))

    on_event = None if on_progress is None else tell
    return Worker(journal, clients, exchanges=exchanges, until=until, on_event=on_event).run()
