from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from refunds import alipay_request, antom_request

from taxrefund import Journal, Worker, alipay, antom
from taxrefund._generated.codes import NextStep, State
from taxrefund._worker_events import event_of
from taxrefund.errors import ConfigurationError, JournalError
from taxrefund.testing import Sandbox
from taxrefund.worker import Claimed, Ended, Exchanged, Halted, LostLease, SlowedDown, WorkerEvent


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    waits = [timedelta(milliseconds=1)]
    with Journal(tmp_path / "refunds.db", take_up_again_after=waits) as opened:
        yield opened


def submit(journal: Journal, client: alipay.Client, number: int) -> list[str]:
    keys = [f"ORDER{n}" for n in range(number)]
    for key in keys:
        journal.submit(client, alipay_request(key))
    return keys


def test_a_worker_pays_what_is_due_for_all_its_accounts(
    journal: Journal,
    taxrefund_sandbox: Sandbox,
    taxrefund_alipay: alipay.Client,
    taxrefund_antom: antom.Client,
) -> None:
    submit(journal, taxrefund_alipay, 5)
    journal.submit(taxrefund_antom, antom_request("A1"))
    taxrefund_sandbox.provoke("ORDER1", "failed")
    worker = Worker(journal, (one for one in (taxrefund_alipay, taxrefund_antom)), exchanges=4)
    assert worker.summary is None
    summary = worker.run()
    assert worker.summary == summary
    assert (summary.ended.succeeded, summary.ended.failed) == (5, 1)
    assert summary.needs_somebody and not summary.stopped and summary.halted == ()
    assert str(summary).startswith("5 succeeded, 1 failed, 0 unknown, 0 waiting, 0 open; ")
    again = worker.run()
    assert again.ended.total == 0 and again.sends == 0


def test_refunds_of_other_accounts_are_left_alone(
    journal: Journal, taxrefund_alipay: alipay.Client, taxrefund_antom: antom.Client
) -> None:
    submit(journal, taxrefund_alipay, 1)
    assert Worker(journal, taxrefund_antom).run().ended.total == 0
    assert journal.counts().open == 1


def test_events_are_typed_and_come_in_the_order_of_the_work(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    submit(journal, taxrefund_alipay, 2)
    taxrefund_sandbox.provoke("ORDER1", "failed")
    heard: list[WorkerEvent] = []
    worker = Worker(journal, taxrefund_alipay, on_event=heard.append)
    told = list(worker.events())
    assert told == heard
    assert isinstance(told[0], Claimed) and told[0].count == 2
    assert {event.interface for event in told if isinstance(event, Exchanged)} >= {"pay"}
    ended = {event.key: event for event in told if isinstance(event, Ended)}
    assert ended["ORDER0"].state is State.SUCCEEDED
    assert ended["ORDER0"].next_step is NextStep.NONE and ended["ORDER0"].reason is None
    assert ended["ORDER1"].state is State.FAILED and ended["ORDER1"].reason is not None
    assert worker.summary is not None and worker.summary.ended.total == 2


def test_an_event_of_a_newer_version_is_passed_over() -> None:
    assert event_of('{"event": "never_seen", "x": 1}') is None
    assert event_of('{"event": "taken_over", "key": "K"}') == LostLease(key="K")
    slowed = event_of('{"event": "slowed_down", "account": "A", "milli_per_s": 500}')
    assert slowed == SlowedDown(account="A", milli_per_s=500)
    halted = event_of('{"event": "halted", "account": "A", "reason": null}')
    assert halted == Halted(account="A", reason=None)


def test_leaving_the_loop_stops_gracefully_and_gives_everything_back(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    keys = submit(journal, taxrefund_alipay, 40)
    worker = Worker(journal, taxrefund_alipay, exchanges=1, until="stopped")
    for event in worker.events():
        if isinstance(event, Ended):
            break
    assert worker.summary is not None and worker.summary.stopped
    counts = journal.counts()
    assert counts.succeeded >= 1 and counts.open == 40 - counts.succeeded
    assert all(entry.lease_owner is None for entry in journal.entries())
    Worker(journal, taxrefund_alipay).run()
    assert [taxrefund_sandbox.paid_times(key) for key in keys] == [1] * 40


def test_nothing_is_sent_before_the_first_event_is_asked_for(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    submit(journal, taxrefund_alipay, 1)
    events = Worker(journal, taxrefund_alipay).events()
    events.close()
    assert taxrefund_sandbox.requests() == []


def test_what_a_callback_raises_hurts_no_payment(
    journal: Journal, taxrefund_alipay: alipay.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", reported.append)
    submit(journal, taxrefund_alipay, 3)

    def on_event(event: WorkerEvent) -> None:
        raise RuntimeError("the progress page is broken")

    summary = Worker(journal, taxrefund_alipay, on_event=on_event).run()
    assert summary.ended.succeeded == 3 and journal.counts().succeeded == 3
    assert reported and isinstance(reported[0].exc_value, RuntimeError)


def test_stop_ends_it_from_another_thread(
    journal: Journal, taxrefund_alipay: alipay.Client
) -> None:
    submit(journal, taxrefund_alipay, 3)
    ended = threading.Event()
    worker = Worker(
        journal,
        taxrefund_alipay,
        until="stopped",
        on_event=lambda event: ended.set() if isinstance(event, Ended) else None,
    )

    def stop() -> None:
        ended.wait(30)
        worker.stop()

    stopper = threading.Thread(target=stop)
    stopper.start()
    summary = worker.run()
    stopper.join()
    assert summary.stopped


def test_ctrl_c_is_raised_when_everything_under_way_is_recorded(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    keys = submit(journal, taxrefund_alipay, 40)
    interrupted = threading.Event()

    def on_event(event: WorkerEvent) -> None:
        if isinstance(event, Ended) and not interrupted.is_set():
            interrupted.set()
            os.kill(os.getpid(), signal.SIGINT)

    worker = Worker(journal, taxrefund_alipay, exchanges=1, until="stopped", on_event=on_event)
    with pytest.raises(KeyboardInterrupt):
        worker.run()
    assert all(entry.lease_owner is None for entry in journal.entries())
    Worker(journal, taxrefund_alipay).run()
    assert [taxrefund_sandbox.paid_times(key) for key in keys] == [1] * 40


def test_what_goes_wrong_in_the_worker_is_raised_where_its_events_are_read(
    tmp_path: Path, taxrefund_alipay: alipay.Client
) -> None:
    Journal(tmp_path / "refunds.db").close()
    with Journal(tmp_path / "refunds.db", read_only=True) as journal, pytest.raises(JournalError):
        list(Worker(journal, taxrefund_alipay).events())


def test_wrong_options_are_said_before_anything_is_sent(
    journal: Journal, taxrefund_alipay: alipay.Client
) -> None:
    wrong: list[dict[str, Any]] = [{"exchanges": 0}, {"until": "tomorrow"}, {"halt_after": -1}]
    for options in wrong:
        with pytest.raises(ConfigurationError):
            Worker(journal, taxrefund_alipay, **options)
    with pytest.raises(ValueError, match="look_every"):
        Worker(journal, taxrefund_alipay, look_every=0)


def test_an_account_whose_configuration_is_wrong_is_halted_and_nothing_is_burnt(
    journal: Journal, taxrefund_sandbox: Sandbox
) -> None:
    strange = taxrefund_sandbox.credentials["antom"]["partner_private_key_pem"]
    account = taxrefund_sandbox.alipay_account(merchant_private_key=strange)
    client = alipay.Client(account)
    submit(journal, client, 6)
    worker = Worker(journal, client, exchanges=1, halt_after=2)
    halted = [event for event in worker.events() if isinstance(event, Halted)]
    assert [event.account for event in halted] == [account.name]
    assert worker.summary is not None and worker.summary.halted == (account.name,)
    assert worker.summary.needs_somebody and "halted" in str(worker.summary)
    steps = [entry.next_step for entry in journal.entries(state="unknown")]
    assert steps == [NextStep.FIX_CONFIGURATION] * 2
    right = taxrefund_sandbox.alipay_client()
    assert journal.reopen("the key is right now", next_step="fix_configuration") == 2
    assert Worker(journal, right).run().ended.succeeded == 6
    assert [taxrefund_sandbox.paid_times(f"ORDER{n}") for n in range(6)] == [1] * 6


@pytest.mark.parametrize("way", ["run", "events"])
def test_a_worker_that_is_done_lets_go_of_the_journal(
    way: str, tmp_path: Path, taxrefund_alipay: alipay.Client
) -> None:
    heard: list[WorkerEvent] = []
    with Journal(tmp_path / "refunds.db") as journal:
        submit(journal, taxrefund_alipay, 1)
        worker = Worker(journal, taxrefund_alipay, on_event=heard.append)
        assert worker.run() if way == "run" else list(worker.events())
        del worker
    assert heard
    # SQLite takes these away when the last handle is closed.
    assert [file.name for file in tmp_path.iterdir()] == ["refunds.db"]
