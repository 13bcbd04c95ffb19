"""Every program in examples/ is run as a user runs it, and must keep what it promises."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import entry_points
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest

from taxrefund import Journal, Money, alipay, antom
from taxrefund.testing import Sandbox

EXAMPLES = Path(__file__).parent.parent / "examples"


def need(*modules: str) -> None:
    """Skips a test whose frameworks are missing, and says so; fails where they must be there."""
    missing = [module for module in modules if not _is_installed(module)]
    if missing:
        text = f"not installed: {', '.join(missing)}"
        if os.environ.get("TAXREFUND_TEST_EXTRAS") == "1":
            pytest.fail(f"{text}, and TAXREFUND_TEST_EXTRAS=1 asks for them")
        pytest.skip(f"{text} (pip install them, or TAXREFUND_TEST_EXTRAS=1 to make this an error)")


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def run(name: str, *arguments: str) -> list[str]:
    """What an example prints, in a process of its own."""
    command = [sys.executable, *arguments, str(EXAMPLES / f"{name}.py")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "never awaited" not in done.stderr and "ResourceWarning" not in done.stderr, done.stderr
    return done.stdout.splitlines()


def ledger(lines: list[str]) -> dict[str, int]:
    """How often each refund was paid, where an example says so."""
    found = [re.fullmatch(r"in the simulator's ledger: (\S+).* (\d+)x", line) for line in lines]
    return {one[1]: int(one[2]) for one in found if one is not None}


def test_every_example_is_run_by_a_test() -> None:
    source = Path(__file__).read_text("utf-8")
    names = [file.stem for file in EXAMPLES.glob("*.py")]
    assert names
    assert [name for name in names if f'run("{name}"' not in source] == []


def test_every_example_says_how_it_is_run() -> None:
    for file in EXAMPLES.glob("*.py"):
        assert f"examples/{file.name}`" in file.read_text("utf-8"), file


def test_a_refund_whose_answer_is_lost_is_paid_once() -> None:
    lines = run("pay_one_refund")
    paid = [line for line in lines if line.startswith("TR20261123A1: paid, ")]
    assert len(paid) == 2 and len(set(paid)) == 1
    assert "TR-2: correct this: out_order_no:" in "\n".join(lines)
    assert "identify_account_no:" in "\n".join(lines)
    assert any(line.startswith("TR20261123A3: not paid (40004 ") for line in lines)
    assert ledger(lines) == {"TR20261123A1": 1, "TR20261123A3": 0}


def test_a_match_tells_the_three_answers_apart() -> None:
    lines = run("match_outcome")
    assert re.fullmatch(r"TR1: paid under \d{28}", lines[0])
    assert lines[1].startswith("TR2XFAILED: not paid (40004 TAX_REFUND_FAILED)")
    assert lines[2].startswith("TR3XBADACCOUNT: not paid (40004 ILLEGAL_IDENTIFY_ACCOUNT_NO)")
    assert lines[3].startswith("TR4XINPROCESS0: not known (status:I)")
    assert len(lines) == 4


def test_another_process_takes_up_an_unknown_refund_and_it_is_paid_once() -> None:
    lines = run("resume_unknown")
    assert lines[0].startswith("process 1: TR20261123B1 is not known")
    assert re.fullmatch(r"process 2: TR20261123B1 was paid under \d{28}", lines[1])
    assert ledger(lines) == {"TR20261123B1": 1}


def test_a_file_paid_again_sends_nothing_and_pays_nobody_twice() -> None:
    lines = run("pay_file")
    text = "\n".join(lines)
    assert 'line 8: invalid_request: tax_refund_amount: amount "12.63" has a point' in text
    first, second = (line.split(";") for line in lines if " run:" in line)
    assert first[0].removeprefix("first run:  ") == second[0].removeprefix("second run: ")
    assert int(first[1].split()[0]) > 39
    assert second[1] == " 0 requests"
    counts = re.search(r"(\d+) succeeded, (\d+) failed, 0 unknown, 0 waiting, 0 open", first[0])
    assert counts is not None and int(counts[1]) + int(counts[2]) == 39
    assert f"{counts[1]} refunds are called succeeded in the result file" in lines
    assert f"the simulator paid {counts[1]} of them once, and nothing else" in lines
    assert any(line.startswith("whole: 39 refunds") for line in lines)


def test_rows_of_every_source_are_paid_once() -> None:
    lines = run("pay_rows")
    keys = ["TRCSV1", "TRCSV2", "TRDB1", "TRDF1", "TRDF2"]
    assert sorted(line for line in lines if line.endswith(" paid")) == [f"{k} paid" for k in keys]
    assert ledger(lines) == dict.fromkeys(keys, 1)
    assert "in the simulator's ledger: TRDF1 JPY 18850 1x" in lines
    assert "in the simulator's ledger: TRCSV1 SGD 12.63 1x" in lines


def test_a_thousand_refunds_at_once_are_paid_once_each_without_a_thread_for_each() -> None:
    lines = run("asyncio_many")
    outcomes = {line.split(" ", 1)[1]: int(line.split()[0]) for line in lines[:-2]}
    assert sum(outcomes.values()) == 1000
    assert outcomes["succeeded"] > 900
    threads = re.fullmatch(r"1000 refunds at the same time used at most (\d+) threads", lines[-2])
    assert threads is not None and int(threads[1]) <= 40
    ledger_says = re.fullmatch(r"the simulator paid (\d+) refunds (\d+) times", lines[-1])
    assert ledger_says is not None and ledger_says[1] == ledger_says[2]
    # What is unknown may have been paid; nothing else may differ.
    unknown = sum(count for name, count in outcomes.items() if name.startswith("unknown"))
    assert 0 <= int(ledger_says[1]) - outcomes["succeeded"] <= unknown


def test_a_host_signs_everywhere_and_when_it_is_down_nothing_is_sent() -> None:
    lines = run("kms_signer")
    for number, kind in enumerate(("blocking", "journal", "asyncio"), 1):
        assert any(line.startswith(f"{kind}: TRK{number} paid under 2088") for line in lines)
    assert (
        "service down: TRK4 is not known (signer_failed (not verified)); resume it later" in lines
    )
    assert any(line.startswith("service back: TRK4 paid under 2088") for line in lines)
    assert ledger(lines) == {"TRK1": 1, "TRK2": 1, "TRK3": 1, "TRK4": 1}


def test_a_program_that_logs_tells_everything_but_the_traveller() -> None:
    text = "\n".join(run("observe_logging"))
    assert '"level": "INFO", "operation": "alipay.pay_tax_refund", "key": "TRL1"' in text
    assert '"level": "WARNING", "operation": "alipay.pay_tax_refund", "key": "TRL2"' in text
    assert '"level": "ERROR", "operation": "alipay.pay_tax_refund", "key": "TRL3"' in text
    assert text.endswith("somebody must look at: TRL3")
    assert "281234567890123456" not in text


def test_spans_and_metrics_hold_no_keys_and_nothing_of_the_traveller() -> None:
    need("opentelemetry.sdk")
    lines = run("observe_opentelemetry")
    assert sum(line.startswith("span alipay.pay_tax_refund") for line in lines) == 2
    assert sum(line.startswith("span pay") for line in lines) == 3
    metrics = {line.split()[1].rstrip(":") for line in lines if line.startswith("metric ")}
    assert metrics == {
        "taxrefund.outcomes",
        "taxrefund.call.duration",
        "taxrefund.exchange.duration",
    }
    assert "281234567890123456" not in "\n".join(lines)


def test_a_transport_of_ones_own_changes_nothing_about_the_money() -> None:
    need("httpx")
    lines = run("own_transport")
    assert "  1 x pay 502" in lines
    assert any(line.startswith("TRT2 paid under 2088") for line in lines)
    assert ledger(lines) == {"TRT1": 1, "TRT2": 1}


def test_a_settlement_check_names_what_differs() -> None:
    lines = run("settlement_check")
    assert lines[:2] == ["3 agree, 0 differ", "monday is clean"]
    named = [line.rpartition(":")[0].split(":")[0] for line in lines[2:5]]
    assert named == ["critical extra OTHER9", "serious amount TRS2", "serious missing TRS3"]
    assert lines[-1] == "tuesday is NOT clean"


def test_a_users_own_tests_run_with_the_fixtures_alone() -> None:
    installed = any(one.name == "taxrefund" for one in entry_points(group="pytest11"))
    plugin = () if installed else ("-p", "taxrefund.testing.pytest_plugin")
    lines = run("frozen_clock_test", "-m", "pytest", "-q", *plugin)
    assert re.match(r"7 passed in ", lines[-1]), lines


def test_the_flask_program_settles_by_a_genuine_notification_only() -> None:
    need("flask")
    check_receiver(run("notifications_flask"))


def test_the_fastapi_program_settles_by_a_genuine_notification_only() -> None:
    need("fastapi", "uvicorn")
    check_receiver(run("notifications_fastapi"))


def check_receiver(lines: list[str]) -> None:
    assert "the journal has: succeeded" in lines
    assert lines.count("  notification") == 1
    assert "in the simulator's list: forged notification not acknowledged" in lines
    assert "in the simulator's list: genuine notification acknowledged" in lines
    assert ledger(lines) == {"TRN1": 1}


def test_flask_acknowledges_only_what_is_verified_and_on_disk(tmp_path: Path) -> None:
    need("flask")
    example = load("notifications_flask")
    with Sandbox() as sandbox, Journal(tmp_path / "refunds.db") as journal:
        refund = alipay.PayTaxRefundRequest(
            out_order_no="TRW1",
            identify_account_type="barcode",
            identify_account_no="281234567890123456",
            tax_refund_amount=Money.parse("100.00", "SGD"),
        )
        with caught(example.PATH, b"success") as (url, notices):
            account = sandbox.alipay_account(notify_url=url)
            alipay.Client(account).pay_tax_refund(refund)
            headers, body = notices.get(timeout=30)
        entry = journal.submit(account, refund).entry
        desk = example.create_app(account, journal).test_client()

        forged = desk.post(example.PATH, data=body.replace(b"TRW1", b"TRW2"), headers=headers)
        assert b"success" not in forged.data
        assert entry_state(journal, account, entry.key) == "open"

        genuine = desk.post(example.PATH, data=body, headers=headers)
        assert (genuine.status_code, genuine.data) == (200, b"success")
        assert entry_state(journal, account, entry.key) == "succeeded"


def test_fastapi_acknowledges_only_what_is_verified_and_on_disk(tmp_path: Path) -> None:
    need("fastapi", "uvicorn", "httpx")
    import httpx

    example = load("notifications_fastapi")
    with Sandbox() as sandbox, Journal(tmp_path / "refunds.db") as journal:
        accepted = b'{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"ok"}}'
        with caught(example.PATH, accepted) as (url, notices):
            refund = antom.RefundRequest(
                refund_request_id="TRW1",
                payment_id="20261123190741010007000001629272",
                refund_amount=Money.parse("122.75", "USD"),
                refund_notify_url=url,
            )
            sandbox.antom_client().refund(refund)
            headers, body = notices.get(timeout=30)
        account = sandbox.antom_account()
        journal.submit(account, refund)
        application = httpx.ASGITransport(example.create_app(account, journal))

        async def post(content: bytes) -> httpx.Response:
            async with httpx.AsyncClient(transport=application, base_url="http://desk") as desk:
                return await desk.post(example.PATH, content=content, headers=headers)

        forged = asyncio.run(post(body.replace(b"TRW1", b"TRW2")))
        assert b'"S"' not in forged.content
        assert entry_state(journal, account, "TRW1") == "open"

        genuine = asyncio.run(post(body))
        assert genuine.status_code == 200
        assert genuine.json()["result"]["resultStatus"] == "S"
        assert entry_state(journal, account, "TRW1") == "succeeded"


def entry_state(journal: Journal, account: Any, key: str) -> str:
    entry = journal.find(account, key)
    assert entry is not None
    return entry.state.value


def load(name: str) -> Any:
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def caught(
    path: str, reply: bytes
) -> Iterator[tuple[str, SimpleQueue[tuple[list[tuple[str, str]], bytes]]]]:
    """An address that keeps what is posted to it, byte for byte."""
    notices: SimpleQueue[tuple[list[tuple[str, str]], bytes]] = SimpleQueue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            passed_on = [
                (name, value)
                for name, value in self.headers.items()
                if name.lower() not in ("host", "content-length")
            ]
            self.send_response(200)
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)
            notices.put((passed_on, body))

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing is told."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{path}", notices
        finally:
            server.shutdown()
            thread.join()
