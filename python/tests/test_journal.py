from __future__ import annotations

import io
import json
import os
import pickle
import sqlite3
from collections.abc import Iterator
from datetime import timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest
from refunds import BARCODE, alipay_fields, alipay_request, antom_request

from taxrefund import Failed, Journal, Money, Succeeded, Unknown, Worker, alipay, antom
from taxrefund._generated.codes import NextStep, State
from taxrefund.errors import (
    ConfigurationError,
    FormTaken,
    JournalError,
    KeyReused,
    NotificationRefused,
    RefundNotFound,
)
from taxrefund.journal import Broken, Proof
from taxrefund.options import Cancel
from taxrefund.testing import Sandbox

HEADER = (
    "out_order_no,identify_account_type,identify_account_no,tax_refund_currency,"
    "tax_refund_amount,doc_id"
)


def csv_of(*keys: str) -> str:
    return "\n".join([HEADER, *(f"{key},barcode,{BARCODE},SGD,10000,DOC{key}" for key in keys), ""])


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    waits = [timedelta(milliseconds=1)]
    with Journal(tmp_path / "refunds.db", take_up_again_after=waits) as opened:
        yield opened


def test_a_refund_is_paid_once_however_often_it_is_asked_for(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    first = journal.run(taxrefund_alipay, alipay_request("ORDER1"))
    again = journal.run(taxrefund_alipay, alipay.PAY_TAX_REFUND, alipay_fields("ORDER1"))
    assert isinstance(first, Succeeded) and isinstance(again, Succeeded)
    assert isinstance(first.response, alipay.PayTaxRefundResponse)
    assert first.reference == again.reference is not None
    assert taxrefund_sandbox.paid_times("ORDER1") == 1
    assert len(taxrefund_sandbox.requests()) == 1


def test_the_same_key_with_other_content_is_refused_and_names_the_fields(
    journal: Journal, taxrefund_alipay: alipay.Client
) -> None:
    journal.submit(taxrefund_alipay, alipay_request("ORDER1"))
    other = alipay_request("ORDER1", tax_refund_amount=Money.parse("1.00", "SGD"))
    with pytest.raises(KeyReused) as refused:
        journal.run(taxrefund_alipay, other)
    assert refused.value.fields == ("tax_refund_amount",)
    assert refused.value.state == "open"


def test_a_form_has_one_refund_until_that_failed(
    journal: Journal, taxrefund_alipay: alipay.Client, taxrefund_antom: antom.Client
) -> None:
    journal.submit(taxrefund_alipay, alipay_request("ORDER1", doc_id="FORM"))
    with pytest.raises(FormTaken):
        journal.submit(taxrefund_alipay, alipay_request("ORDER2", doc_id="FORM"))
    meant = journal.submit(
        taxrefund_alipay, alipay_request("ORDER2", doc_id="FORM"), second_refund_for_form="two bags"
    )
    assert meant.new and meant.entry.overridden == "two bags"
    journal.submit(taxrefund_antom, antom_request("A1"), form="FORM")
    with pytest.raises(FormTaken):
        journal.submit(taxrefund_antom, antom_request("A2"), form="FORM")


def test_an_entry_is_typed_and_holds_nothing_personal(
    journal: Journal, taxrefund_alipay: alipay.Client
) -> None:
    submitted = journal.submit(taxrefund_alipay, alipay_request("ORDER1"), batch="night", line=7)
    assert submitted.new
    entry = submitted.entry
    assert entry.state is State.OPEN and not entry.is_final
    assert entry.amount == Money.parse("100.00", "SGD")
    assert (entry.batch, entry.line, entry.form) == ("night", 7, "DOCORDER1")
    assert entry.created_at.tzinfo is timezone.utc
    assert not journal.submit(taxrefund_alipay, alipay_request("ORDER1")).new
    assert BARCODE not in repr(entry) + str(entry.as_dict())
    assert entry.as_dict()["amount_minor"] == 10000
    assert BARCODE in journal.request(entry)["pay"]


def test_a_pickled_entry_is_found_again_and_a_strange_one_is_not(
    journal: Journal, taxrefund_alipay: alipay.Client, tmp_path: Path
) -> None:
    journal.submit(taxrefund_alipay, alipay_request("ORDER1"))
    entry = journal.submit(taxrefund_alipay, alipay_request("ORDER2")).entry
    again = pickle.loads(pickle.dumps(entry))
    assert again == entry
    assert [record.kind for record in journal.story(again)] == ["submitted"]
    with Journal(tmp_path / "other.db") as other:
        other.submit(taxrefund_alipay, alipay_request("ORDER3"))
        with pytest.raises(RefundNotFound):
            other.story(again)


def test_entries_are_found_by_state_step_batch_and_key(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("FAILS", "failed")
    journal.run(taxrefund_alipay, alipay_request("FAILS"))
    for number in range(3):
        journal.submit(
            taxrefund_alipay, alipay_request(f"OPEN{number}"), batch="night", line=number
        )
    assert [entry.key for entry in journal.entries()] == ["FAILS", "OPEN0", "OPEN1", "OPEN2"]
    assert [entry.key for entry in journal.entries(state="failed")] == ["FAILS"]
    assert [entry.key for entry in journal.entries(next_step=NextStep.START_NEW)] == ["FAILS"]
    assert len(list(journal.entries(state=State.OPEN, batch="night"))) == 3
    assert not list(journal.entries(conflict=True))
    found = journal.find(taxrefund_alipay, "OPEN1")
    assert found is not None and found.line == 1
    assert journal.find(taxrefund_alipay, "NOPE") is None
    counts = journal.counts()
    assert (counts.open, counts.failed, counts.total) == (3, 1, 4)
    assert str(counts) == "0 succeeded, 1 failed, 0 unknown, 0 waiting, 3 open"


def test_more_entries_than_a_page_come_once_each(
    journal: Journal, taxrefund_alipay: alipay.Client
) -> None:
    keys = [f"KEY{number}" for number in range(1203)]
    summary = journal.import_file(taxrefund_alipay, io.StringIO(csv_of(*keys)), batch="many")
    assert summary.new == len(keys)
    assert [entry.key for entry in journal.entries()] == keys


def test_what_is_not_known_is_resumed_and_never_sent_anew(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORDER1", "lost-answer*every,system-error*every")
    unknown = journal.run(taxrefund_alipay, alipay_request("ORDER1"))
    assert isinstance(unknown, Unknown)
    entry = journal.find(taxrefund_alipay, "ORDER1")
    assert entry is not None and entry.begun
    assert entry.state is State.WAITING and journal.outcome(entry) is None
    taxrefund_sandbox.provoke("ORDER1", "none")
    assert isinstance(journal.resume(taxrefund_alipay, "ORDER1"), Succeeded)
    assert isinstance(journal.resume(taxrefund_alipay, entry), Succeeded)
    assert taxrefund_sandbox.paid_times("ORDER1") == 1
    with pytest.raises(RefundNotFound):
        journal.resume(taxrefund_alipay, "NOPE")


def test_a_verified_failure_is_told_as_one(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORDER1", "failed")
    failed = journal.run(taxrefund_alipay, alipay_request("ORDER1"))
    assert isinstance(failed, Failed) and failed.next_step is NextStep.START_NEW
    assert journal.outcome(next(journal.entries())) is not None


def test_a_cancelled_call_leaves_a_refund_that_can_be_resumed(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    cancel = Cancel()
    cancel.cancel()
    taxrefund_sandbox.provoke("ORDER1", "lost-answer")
    outcome = journal.run(taxrefund_alipay, alipay_request("ORDER1"), cancel=cancel)
    assert isinstance(outcome, Unknown)
    assert isinstance(journal.resume(taxrefund_alipay, "ORDER1"), Succeeded)
    assert taxrefund_sandbox.paid_times("ORDER1") == 1


def test_refunds_that_rest_are_reopened_with_a_reason_that_is_kept(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORDER1", "lost-answer*every,system-error*every")
    journal.submit(taxrefund_alipay, alipay_request("ORDER1"))
    Worker(journal, taxrefund_alipay, until="nothing_open", look_every=0.01).run()
    assert journal.counts().unknown == 1
    assert journal.outcome(next(journal.entries())) is None
    assert journal.reopen("support has answered", state="unknown") == 1
    entry = next(journal.entries())
    assert entry.state is State.WAITING and not journal.reopen("again", state="succeeded")
    assert journal.story(entry)[-1].content["why"] == "support has answered"


def test_the_story_has_evidence_only_when_asked(
    journal: Journal, taxrefund_alipay: alipay.Client
) -> None:
    journal.run(taxrefund_alipay, alipay_request("ORDER1"))
    entry = next(journal.entries())
    records = journal.story(entry)
    assert [record.kind for record in records] == ["submitted", "attempt"]
    assert all(record.evidence is None for record in records)
    assert records[1].content["code"] == "10000"
    told = journal.story(entry, evidence=True)[1]
    assert told.evidence and "evidence" not in repr(told)


def test_a_journal_that_was_closed_or_forked_says_so(
    tmp_path: Path, taxrefund_alipay: alipay.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(tmp_path / "refunds.db", owner="night") as journal:
        assert journal.owner == "night"
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: -1)
            with pytest.raises(JournalError, match="fork"):
                journal.counts()
        assert journal.counts().total == 0
    with pytest.raises(JournalError, match="closed"):
        journal.counts()
    assert "closed" in repr(journal)


def test_a_password_is_not_shown() -> None:
    journal = Journal.__new__(Journal)
    journal._place, journal._opened = "postgres://user:secret@host/refunds", None
    assert "secret" not in repr(journal) and "host/refunds" in repr(journal)


def test_a_read_only_journal_records_nothing(
    tmp_path: Path, taxrefund_alipay: alipay.Client
) -> None:
    with pytest.raises(JournalError):
        Journal(tmp_path / "refunds.db", read_only=True)
    Journal(tmp_path / "refunds.db").close()
    journal = Journal(tmp_path / "refunds.db", read_only=True)
    with journal, pytest.raises(JournalError):
        journal.submit(taxrefund_alipay, alipay_request("ORDER1"))


@pytest.mark.parametrize("key", [b"\x07" * 32, "07" * 32, ("07" * 32 + "\n").encode()])
def test_a_sealed_journal_opens_with_its_key_alone(
    key: bytes | str, tmp_path: Path, taxrefund_alipay: alipay.Client
) -> None:
    place = tmp_path / "refunds.db"
    with Journal(place, sealing_key=key) as journal:
        journal.submit(taxrefund_alipay, alipay_request("ORDER1"))
        assert BARCODE in journal.request(next(journal.entries()))["pay"]
    assert BARCODE.encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for wrong in (None, b"\x08" * 32):
        with pytest.raises(JournalError):
            Journal(place, sealing_key=wrong)
    with Journal(place, sealing_key=key) as journal:
        journal.rotate_key(key, b"\x09" * 32)
    with Journal(place, sealing_key=b"\x09" * 32) as journal:
        assert BARCODE in journal.request(next(journal.entries()))["pay"]


@pytest.mark.parametrize("key", ["secret", b"secret", "07" * 31, "x" * 64, b"\xff" * 31])
def test_a_wrong_sealing_key_is_refused_without_being_shown(
    key: bytes | str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Journal(tmp_path / "refunds.db", sealing_key=key)
    assert refused.value.field == "sealing_key" and "32 bytes" in str(refused.value)
    assert not isinstance(key, str) or key not in str(refused.value)
    assert not (tmp_path / "refunds.db").exists()


def test_what_was_changed_by_hand_is_found(tmp_path: Path, taxrefund_alipay: alipay.Client) -> None:
    place = tmp_path / "refunds.db"
    with Journal(place) as journal:
        journal.run(taxrefund_alipay, alipay_request("ORDER1"))
        proof = journal.verify()
        assert isinstance(proof, Proof) and proof.is_whole and proof.entries == 1
        assert proof.head == journal.head()
        assert isinstance(journal.verify(proof.head), Proof)
        other = journal.verify(f"1:{'0' * 64}")
        assert isinstance(other, Broken) and not other.is_whole and "NOT WHOLE" in str(other)
        with pytest.raises(ConfigurationError):
            journal.verify("no head")
    database = sqlite3.connect(place)
    database.execute("UPDATE entry SET amount_minor = 1")
    database.commit()
    database.close()
    with Journal(place, read_only=True) as journal:
        broken = journal.verify()
        assert isinstance(broken, Broken) and broken.key == "ORDER1"


def test_wrong_options_are_said_before_anything_is_opened(tmp_path: Path) -> None:
    place = tmp_path / "refunds.db"
    with pytest.raises(ValueError, match="lease"):
        Journal(place, lease=0)
    with pytest.raises(ConfigurationError):
        Journal(place, restarted=True)
    assert not place.exists()


def test_a_wrong_line_stops_no_other_and_a_file_may_come_again(
    journal: Journal, taxrefund_alipay: alipay.Client, tmp_path: Path
) -> None:
    file = tmp_path / "refunds.csv"
    file.write_text(csv_of("ORDER1", "OR-DER", "ORDER3"))
    summary = journal.import_file(taxrefund_alipay, file)
    assert (summary.lines, summary.new, summary.wrong) == (3, 2, 1)
    problem = summary.problems[0]
    assert (
        problem.line == 3 and problem.code == "invalid_request" and "out_order_no" in str(problem)
    )
    again = journal.import_file(taxrefund_alipay, str(file))
    assert (again.new, again.known, again.wrong) == (0, 2, 1)
    assert {entry.batch for entry in journal.entries()} == {"refunds.csv"}
    assert str(again).startswith("3 lines: 0 new, 2 recorded before")


@pytest.mark.parametrize("kind", ["path", "bytes", "text"])
def test_json_lines_are_read_from_paths_and_streams(
    kind: str, journal: Journal, taxrefund_alipay: alipay.Client, tmp_path: Path
) -> None:
    lines = "".join(
        alipay_request(f"KEY{n}", company_name="退税").to_json() + "\n" for n in range(3)
    )
    path = tmp_path / "refunds.jsonl"
    path.write_text(lines, "utf-8")
    source: Any = {"path": path, "bytes": io.BytesIO(lines.encode()), "text": io.StringIO(lines)}[
        kind
    ]
    json_lines = None if kind == "path" else True
    summary = journal.import_file(taxrefund_alipay, source, batch="night", json_lines=json_lines)
    assert summary.new == 3 and summary.wrong == 0
    assert json.loads(journal.request(next(journal.entries()))["pay"])["company_name"] == "退税"


def test_the_operation_is_needed_only_where_there_are_several(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    client = taxrefund_sandbox.alipay_plus_client()
    with pytest.raises(ConfigurationError, match=r"alipay_plus\.sync_tax_refund_form"):
        journal.import_file(client, io.StringIO("a\n"), batch="night")
    with pytest.raises(ConfigurationError, match=r"antom\.refund"):
        journal.import_file(
            taxrefund_alipay, io.StringIO("a\n"), batch="b", operation="antom.refund"
        )
    with pytest.raises(ConfigurationError, match=r"records none"):
        journal.import_file(client, io.StringIO("a\n"), batch="b", operation="antom.inquire_refund")
    with pytest.raises(TypeError, match="batch"):
        journal.import_file(taxrefund_alipay, io.StringIO("a\n"))


def test_a_form_field_keeps_one_form_to_one_refund(
    journal: Journal, taxrefund_antom: antom.Client
) -> None:
    lines = [
        antom_request(key, reference_refund_id=form).to_json()
        for key, form in [("A1", "FORM"), ("A2", "FORM"), ("A3", None)]
    ]
    summary = journal.import_file(
        taxrefund_antom,
        io.StringIO("\n".join(lines)),
        batch="night",
        json_lines=True,
        form_field="referenceRefundId",
    )
    assert [problem.code for problem in summary.problems] == ["form_taken", "invalid_request"]


def test_every_line_stands_in_the_result_file_once(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client, tmp_path: Path
) -> None:
    file, results = tmp_path / "refunds.csv", tmp_path / "results.csv"
    file.write_text(csv_of("ORDER1", "OR-DER", "ORDER3", "ORDER1"))
    taxrefund_sandbox.provoke("ORDER3", "failed")
    journal.import_file(taxrefund_alipay, file)
    Worker(journal, taxrefund_alipay).run()
    summary = journal.write_results(taxrefund_alipay, file, results)
    assert (
        summary.states.succeeded == summary.states.failed == summary.wrong == summary.repeated == 1
    )
    assert not summary.is_done
    states = [line.split(",")[2] for line in results.read_text().splitlines()[1:]]
    assert states == ["succeeded", "wrong", "failed", "repeats"]
    text, raw = io.StringIO(), io.BytesIO()
    assert journal.write_results(taxrefund_alipay, file, text) == summary
    assert journal.write_results(taxrefund_alipay, file, raw) == summary
    assert text.getvalue() == raw.getvalue().decode() == results.read_text()


def test_a_result_file_that_cannot_be_finished_leaves_the_old_one(
    journal: Journal, taxrefund_alipay: alipay.Client, tmp_path: Path
) -> None:
    class Breaks(io.StringIO):
        def read(self, size: int | None = -1, /) -> str:
            raise OSError("the network drive is gone")

    results = tmp_path / "results.csv"
    results.write_text("yesterday's")
    with pytest.raises(OSError, match="the network drive is gone"):
        journal.write_results(taxrefund_alipay, Breaks(), results, batch="night")
    assert results.read_text() == "yesterday's"
    assert list(tmp_path.glob("*.unfinished")) == []


@pytest.fixture
def received() -> Iterator[tuple[str, Queue[tuple[str, list[tuple[str, str]], bytes]]]]:
    """A web server that takes notifications down as they come."""
    heard: Queue[tuple[str, list[tuple[str, str]], bytes]] = Queue()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.put((self.path, list(self.headers.items()), body))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"success")

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Takes)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/notify", heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_notification_settles_an_open_refund_and_nothing_else(
    journal: Journal,
    tmp_path: Path,
    taxrefund_sandbox: Sandbox,
    received: tuple[str, Queue[tuple[str, list[tuple[str, str]], bytes]]],
) -> None:
    url, heard = received
    account = taxrefund_sandbox.alipay_account(notify_url=url)
    client = alipay.Client(account)
    with Journal(tmp_path / "other.db") as other:
        other.run(client, alipay_request("ORDER1"))
    path, headers, body = heard.get(timeout=30)
    with pytest.raises(NotificationRefused):
        journal.notify(account, headers, body.replace(b"ORDER1", b"ORDER2"), path=path)
    stranger = journal.notify(account, headers, body, path=path)
    assert stranger.kind == "stranger" and stranger.entry is None and stranger.needs_somebody
    journal.submit(client, alipay_request("ORDER1"))
    merged = journal.notify(client, headers, body, path=path)
    assert merged.kind == "settled" and not merged.needs_somebody
    assert merged.entry is not None and merged.entry.state is State.SUCCEEDED
    assert merged.notification.key == "ORDER1" and merged.notification.reply.body == "success"
    assert [record.kind for record in journal.story(merged.entry)] == ["submitted", "notification"]
    assert journal.notify(client, headers, body, path=path).kind == "again"
