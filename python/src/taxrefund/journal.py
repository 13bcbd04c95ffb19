"""The journal: a durable record of every refund that was ever asked for.

A refund is on disk before its first byte is sent, each answer before anything is done with it, the
outcome before anybody hears it. Whatever kills the program, the next run goes on, and begins by
asking what became of what may have been sent.

    from taxrefund import Journal, Worker

    with Journal("refunds.db", owner="night", restarted=True) as journal:
        print(journal.import_file(client, "refunds.csv"))
        print(Worker(journal, client).run())
        journal.write_results(client, "refunds.csv", "results.csv")
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from . import _files, _operations
from . import _journal_arguments as _ask
from ._journal_records import (
    Broken,
    Counts,
    Entry,
    ImportSummary,
    LineProblem,
    Merged,
    Proof,
    Record,
    ResultSummary,
    Submitted,
    entry_of,
    entry_of_native,
)
from ._open_journal import OpenJournal
from ._rows import Rows
from .errors import RefundNotFound
from .outcome import _of

if TYPE_CHECKING:
    from ._generated.codes import NextStep, State
    from ._journal_arguments import Account, Client
    from ._model import Operation, Request
    from .notifications import Headers
    from .options import Cancel
    from .outcome import Failed, Outcome, Succeeded
    from .settlement import ListOptions, SettlementReport

__all__ = [
    "Broken",
    "Counts",
    "Entry",
    "ImportSummary",
    "Journal",
    "LineProblem",
    "Merged",
    "Proof",
    "Record",
    "ResultSummary",
    "Submitted",
]


class Journal(OpenJournal):
    """A journal: a file (SQLite), or `postgres://user@host/database` where several machines share
    one.

    It may be used from every thread; each process opens its own. Closing it (or leaving its `with`
    block) gives the file back; whatever was recorded is on disk long before.
    """

    # One refund

    def run(
        self,
        client: Client,
        request: Request | Operation[Any, Any] | str,
        fields: Mapping[str, Any] | None = None,
        /,
        *,
        form: str | None = None,
        second_refund_for_form: str | None = None,
        batch: str | None = None,
        line: int | None = None,
        cancel: Cancel | None = None,
    ) -> Outcome[Any]:
        """Record a refund, send it, and return how it ended: `Succeeded`, `Failed` or `Unknown`.

        The request is a typed one (`alipay.PayTaxRefundRequest(...)`), or an operation with a
        mapping of its fields. The same request again returns the recorded outcome, or goes on with
        what is open. The same key with other content raises `KeyReused`, a second key for one form
        `FormTaken`; nothing is sent then.

        `form` names the tax refund form where the request has no field for it (Antom).
        `second_refund_for_form` accepts a second refund for a form although the first did not fail;
        the reason is recorded for ever.
        """
        operation, prepared = _ask.prepared(client, request, fields)
        extras = _ask.extras_json(form, second_refund_for_form, batch, line)
        with _ask.native_cancel(cancel) as token:
            told = self._native.run(_ask.native_client(client), prepared, extras, token)
        return _of(told, operation, client)

    def submit(
        self,
        account: Client | Account,
        request: Request | Operation[Any, Any] | str,
        fields: Mapping[str, Any] | None = None,
        /,
        *,
        form: str | None = None,
        second_refund_for_form: str | None = None,
        batch: str | None = None,
        line: int | None = None,
    ) -> Submitted:
        """Record a refund for a worker to send. It is on disk when this returns; nothing is sent
        here.
        """
        _, prepared = _ask.prepared(account, request, fields)
        extras = _ask.extras_json(form, second_refund_for_form, batch, line)
        new, entry = self._native.submit(_ask.native_account(account), prepared, extras)
        return Submitted(new, entry_of_native(entry))

    def resume(
        self, client: Client, refund: Entry | str, *, cancel: Cancel | None = None
    ) -> Outcome[Any]:
        """Take up a refund now (an entry, or its key): it begins by asking what became of it."""
        entry = self._known(client, refund)
        with _ask.native_cancel(cancel) as token:
            told = self._native.resume(_ask.native_client(client), self._handle(entry), token)
        return _of(told, _operations.named(entry.operation), client)

    def outcome(self, entry: Entry) -> Succeeded[Any] | Failed | None:
        """How a refund ended, from what is recorded; `None` for one that is not final."""
        told = self._native.outcome(self._handle(entry))
        if told is None:
            return None
        ended = _of(told, _operations.named(entry.operation))
        # The journal gives none but final ones.
        return cast("Succeeded[Any] | Failed", ended)

    # Upkeep

    def reopen(
        self,
        why: str,
        *,
        state: State | str | None = None,
        next_step: NextStep | str | None = None,
        batch: str | None = None,
        conflict: bool = False,
    ) -> int:
        """Make refunds that rest due at once, for a worker to ask about; returns how many.

        Final ones stay as they are. `why` is recorded for ever: write no traveller's name into it.
        """
        return self._native.reopen(_ask.filter_json(state, next_step, batch, conflict), why)

    def rotate_key(self, old: bytes | str, new: bytes | str) -> None:
        """Change the sealing key. Stop every other program first, and start them with the new
        key.
        """
        old_key, new_key = _ask.sealing_key(old, "old"), _ask.sealing_key(new, "new")
        assert old_key is not None and new_key is not None
        self._native.rotate_key(old_key, new_key)

    # Batches

    def import_file(
        self,
        account: Client | Account,
        source: _files.Source,
        *,
        operation: Operation[Any, Any] | str | None = None,
        batch: str | None = None,
        json_lines: bool | None = None,
        form_field: str | None = None,
        chunk: int | None = None,
    ) -> ImportSummary:
        """Record every line of a file that can be sent; nothing is sent yet.

        A wrong line is told in the summary and stops no other. A file may be imported again, as
        often as you like.

        * `source`: CSV with the request's fields as columns, or JSON lines; a path or an open file.
        * `operation`: what each line asks for. Needed where the account has several.
        * `batch`: its name in the journal; the file's name unless given.
        * `json_lines`: by the file's name unless given (`.jsonl`, `.ndjson`, `.json`).
        * `form_field`: the request field with the number of the tax refund form, where the
          operation has none of its own (Antom): one form is paid once.
        """
        options = _ask.import_options(source, batch, json_lines, form_field, chunk)
        asked = _operations.of_account(_ask.protocol_of(account), operation)
        with _files.reading(source) as file:
            told = self._native.import_(asked.name, _ask.native_account(account), options, file)
        return _ask.import_summary(told)

    def import_rows(
        self,
        account: Client | Account,
        rows: Iterable[Any],
        *,
        batch: str,
        operation: Operation[Any, Any] | str | None = None,
        columns: Sequence[str] | None = None,
        form_field: str | None = None,
        chunk: int | None = None,
    ) -> ImportSummary:
        """Record rows of a program: request objects, mappings, data frames, database rows.

        Names are the request's fields, as in Python or on the wire, dotted where they are nested
        (`refund_amount.value`). `None`, NaN and empty texts mean that a field is absent. Amounts
        are a `Money`, or count the smallest unit. A float is a `TypeError` that names row and
        field: it cannot hold an amount exactly. Chunks before that row are recorded by then (none
        of it is sent); once the rows are right they are imported again, whole.

        `columns` names the cells of rows that are plain tuples. The summary counts rows from 1.
        """
        asked = _operations.of_account(_ask.protocol_of(account), operation)
        options = json.dumps(
            _ask.given(batch=batch, format="json_lines", form_field=form_field, chunk=chunk)
        )
        lines = Rows(asked, rows, columns)
        return _ask.import_summary(
            self._native.import_(asked.name, _ask.native_account(account), options, lines)
        )

    def write_results(
        self,
        account: Client | Account,
        source: _files.Source | Iterable[Any],
        sink: _files.Sink,
        *,
        operation: Operation[Any, Any] | str | None = None,
        batch: str | None = None,
        json_lines: bool | None = None,
        form_field: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> ResultSummary:
        """Write what became of each line of an imported file, or of imported rows, as CSV in their
        order.

        Give the same source and the same options as the import. It may be written at any time, and
        again. A file given by its path appears whole or not at all.
        """
        asked = _operations.of_account(_ask.protocol_of(account), operation)
        native = _ask.native_account(account)
        if _files.is_path(source) or hasattr(source, "read"):
            file: Any = source
            options = _ask.import_options(file, batch, json_lines, form_field, None)
            with _files.reading(file) as read, _files.writing(sink) as out:
                told = self._native.write_results(asked.name, native, options, read, out)
        else:
            if batch is None:
                raise TypeError("write_results: rows have no name of their own, give batch=...")
            options = json.dumps(
                _ask.given(batch=batch, format="json_lines", form_field=form_field)
            )
            rows: Any = source
            with _files.writing(sink) as out:
                told = self._native.write_results(
                    asked.name, native, options, Rows(asked, rows, columns), out
                )
        found = json.loads(told)
        return ResultSummary(**{**found, "states": Counts(**found["states"])})

    def settle(
        self,
        list_file: _files.Source,
        *,
        operation: Operation[Any, Any] | str,
        account: str | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
        options: ListOptions | None = None,
        csv: _files.Sink | None = None,
    ) -> SettlementReport:
        """Hold the journal against a provider's list. Nothing is sent and nothing is changed.

        Both sides must be about the same thing: one operation, one account (its id, where the
        journal has several), and the days of the list with one more on each side (`since`,
        `before`, by when a refund was recorded).
        """
        from .settlement import compare

        return compare(self._native, list_file, operation, account, since, before, options, csv)

    def notify(
        self,
        account: Client | Account,
        headers: Headers,
        body: bytes,
        *,
        path: str = "/",
        now_ms: int | None = None,
    ) -> Merged:
        """Verify a notification, record it, and settle the refund it is about; then send its reply.

        `body` is the raw bytes, `path` the path and query at which it arrived. A notification that
        is not verified raises `NotificationRefused` with the reply to give, and changes nothing. On
        any other error send no reply: they try again.
        """
        from time import time_ns

        from .notifications import notification_of, pairs

        now_ms = time_ns() // 1_000_000 if now_ms is None else now_ms
        native = _ask.native_account(account)
        told = json.loads(self._native.notify(native, path, pairs(headers), bytes(body), now_ms))
        merged = told["merged"]
        return Merged(
            kind=merged["merged"],
            entry=entry_of(merged) if "id" in merged else None,
            notification=notification_of(told["notification"]),
        )

    def _known(self, client: Client, refund: Entry | str) -> Entry:
        if isinstance(refund, Entry):
            return refund
        found = self.find(client, refund)
        if found is None:
            raise RefundNotFound(
                f"the journal has no refund with the key {refund} of this account", key=refund
            )
        return found
