from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from office import Office, finished, states

from taxrefund.testing import Sandbox

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them")


@pytest.fixture
def sandbox() -> Sandbox:
    """A simulator whose answers of the scenario `delay` keep a process busy for long."""
    return Sandbox(delay=60)


@pytest.fixture
def office(
    tmp_path: Path,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Office:
    return Office(tmp_path, sandbox, monkeypatch, capsys)


def await_requests(office: Office, process: subprocess.Popen[str], number: int) -> None:
    """Until the simulator has seen so many; what is waited for is an event, not a time."""
    while len(office.sandbox.requests()) < number and process.poll() is None:
        time.sleep(0.005)


KEYS = [f"ORDER{number}" for number in range(60)]


@pytest.mark.parametrize("seen", [1, 25, 59])
def test_killed_in_the_middle_the_same_command_finishes_and_nothing_is_paid_twice(
    seen: int, office: Office
) -> None:
    # The last answers never come in time, so that something is under way when the kill strikes.
    for key in KEYS[seen - 1 :: 7]:
        office.sandbox.provoke(key, "delay")
    command = ["pay", office.refunds(*KEYS), "--results", "results.csv", "--exchanges", "4"]
    command += ["--set", "timeout=0.5"]
    process = office.start(*command)
    await_requests(office, process, seen)
    process.kill()
    assert finished(process).code == -signal.SIGKILL
    assert not (office.folder / "results.csv").exists()
    said = finished(office.start(*command))
    assert said.code == 0, said.err
    assert "60 recorded before" in said.err
    assert states(office.folder / "results.csv") == ["succeeded"] * 60
    office.assert_each_paid_once(*KEYS)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_stops_gracefully_and_says_how_it_goes_on(number: int, office: Office) -> None:
    for key in KEYS[1:]:
        office.sandbox.provoke(key, "delay")
    command = ["pay", office.refunds(*KEYS), "--exchanges", "2", "--set", "timeout=1"]
    process = office.start(*command)
    await_requests(office, process, 2)
    process.send_signal(number)
    said = finished(process)
    assert said.code == 2, said.err
    assert "stopping: what is under way is finished and recorded first" in said.err
    assert "not at the end" in said.err and "nothing is paid twice" in said.err
    status = json.loads(office.run("status", "--json").out)
    assert status["leases"] == {} and status["counts"]["open"] > 0
    for key in KEYS:
        office.sandbox.provoke(key, "none")
    said = finished(office.start("resume"))
    assert said.code == 0, said.err
    office.assert_each_paid_once(*KEYS)


def test_a_second_signal_ends_at_once_and_the_next_run_goes_on(office: Office) -> None:
    office.sandbox.provoke("ORDER1", "delay")
    process = office.start("pay", office.refunds("ORDER1"), "--set", "timeout=50")
    await_requests(office, process, 1)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "stopping" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    said = finished(process)
    assert said.code == 1 and "ended at once" in said.err
    assert finished(office.start("pay", "refunds.csv")).code == 0
    office.assert_each_paid_once("ORDER1")


def test_two_at_once_share_the_work_and_neither_takes_the_other_for_dead(office: Office) -> None:
    for key in KEYS[::5]:
        office.sandbox.provoke(key, "delay")
    command = ["pay", office.refunds(*KEYS), "--exchanges", "2", "--set", "timeout=1"]
    first = office.start(*command)
    await_requests(office, first, 2)
    second = office.start(*command)
    named = office.start(*command, "--owner", f"taxrefund@{socket.gethostname()}")
    refused = finished(named)
    assert refused.code == 1 and "another program works on" in refused.err
    for process in (first, second):
        assert finished(process).code in (0, 2)
    assert finished(office.start("pay", "refunds.csv", "--wait")).code == 0
    office.assert_each_paid_once(*KEYS)


def test_a_reader_that_has_seen_enough_is_no_error(office: Office) -> None:
    office.run("pay", office.refunds(*KEYS))
    process = office.start("status", "--csv")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    said = finished(process)
    assert said.code == 0 and said.err == ""


def test_the_simulator_writes_a_configuration_and_ends_with_its_input(office: Office) -> None:
    process = office.start(
        "sandbox", "--write-config", "own.json", "--exit-with-stdin", "--ledger-on-exit",
        stdin=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:")
    assert oct((office.folder / "own.json").stat().st_mode)[-3:] == "600"
    paid = office.run("pay", office.refunds("ORDER1"), "--config", "own.json")
    assert paid.code == 0 and url in paid.err
    said = finished(process)
    assert said.code == 0
    assert json.loads(said.out)["totals"]["paid_times"] == 1


def test_the_simulator_ends_by_time_and_by_ctrl_c(office: Office) -> None:
    assert finished(office.start("sandbox", "--run-for", "1")).code == 0
    process = office.start("sandbox")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert finished(process).code == 0


def test_a_configuration_of_real_accounts_is_never_written_over(office: Office) -> None:
    office.file("real.toml", 'journal = "refunds.db"\n')
    said = office.run("sandbox", "--write-config", "real.toml", "--run-for", "1")
    assert said.code == 1 and "may hold real accounts" in said.err
    assert (office.folder / "real.toml").read_text() == 'journal = "refunds.db"\n'
    assert office.run("sandbox", "--faults", "nope").code == 1
