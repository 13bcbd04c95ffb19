from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from refunds import alipay_request

from taxrefund import (
    CallOptions,
    Cancel,
    ConfigurationError,
    HostSigner,
    HttpRequest,
    HttpResponse,
    Interrupted,
    Succeeded,
    TransportFault,
    Unknown,
    alipay,
    signing,
)
from taxrefund.observe import Ended
from taxrefund.testing import FrozenClock, Infallible, Never, Replay, Sandbox
from taxrefund.transport import Transport

Unraisable = list[Any]


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> Unraisable:
    seen: Unraisable = []
    monkeypatch.setattr("sys.unraisablehook", lambda told: seen.append(told.exc_value))
    return seen


def client(transport: Transport, clock: Any = None, **settings: Any) -> alipay.Client:
    account = Infallible().alipay_account()
    return alipay.Client(account, transport=transport, clock=clock or FrozenClock(), **settings)


def raising(error: BaseException) -> Callable[[HttpRequest], HttpResponse]:
    def answer(_: HttpRequest) -> HttpResponse:
        raise error

    return answer


def test_ctrl_c_during_an_exchange_leaves_a_refund_that_can_be_resumed() -> None:
    provider = Infallible()
    script = Replay([KeyboardInterrupt(), provider.exchange])
    payer = client(script)
    with pytest.raises(KeyboardInterrupt) as raised:
        payer.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(raised.value, Interrupted)
    unknown = raised.value.unknown
    assert unknown is not None and unknown.reason.code == "cancelled"
    assert "ORD1" in str(raised.value)
    assert payer.open_refunds() == {"ORD1": unknown}
    assert unknown.resume().tax_no
    assert payer.open_refunds() == {}


def test_ctrl_c_in_the_moment_of_the_outcome_does_not_lose_it() -> None:
    def observer(event: object) -> None:
        if isinstance(event, Ended):
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="succeeded already") as raised:
        client(Infallible(), observer=observer).pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(raised.value.outcome, Succeeded) and raised.value.unknown is None


def test_a_flow_that_is_over_says_so_again_when_it_is_cancelled() -> None:
    account = Infallible().alipay_account()
    prepared = account._stepwise.prepare("alipay.pay_tax_refund", alipay_request("ORD1").to_json())
    flow = account._stepwise.begin(prepared, "{}")
    flow.start(0.0, 0)
    first = flow.cancel(1.0, 1)
    assert flow.cancel(2.0, 2) == first


def test_a_real_ctrl_c_ends_a_wait_at_once() -> None:
    class Interrupting:
        def exchange(self, request: HttpRequest) -> HttpResponse:
            # It arrives while the client waits to repeat: the documented wait is seconds long.
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
            raise TransportFault("reset")

    payer = alipay.Client(Infallible().alipay_account(), transport=Interrupting())
    with pytest.raises(Interrupted) as raised:
        payer.pay_tax_refund(alipay_request("ORD1"))
    assert raised.value.unknown is not None
    assert len(raised.value.unknown.report.attempts) == 1


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit(), MemoryError()])
def test_any_other_end_of_a_call_leads_to_its_refund_too(
    error: BaseException, unraisable: Unraisable
) -> None:
    class Stopping(FrozenClock):
        def wait(self, seconds: float, cancelled: threading.Event | None) -> None:
            raise error

    payer = client(Replay([]), Stopping())
    with pytest.raises(type(error)) as raised:
        payer.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(raised.value.unknown, Unknown)  # type: ignore[attr-defined]
    assert list(payer.open_refunds()) == ["ORD1"]


@pytest.mark.parametrize("reading", [float("nan"), -1.0, "soon", None])
def test_a_clock_that_fails_costs_no_state(reading: Any) -> None:
    class Failing(FrozenClock):
        def monotonic(self) -> float:
            return reading if self.waits else 0.0

    payer = client(Replay([]), Failing())
    with pytest.raises((ConfigurationError, TypeError, ValueError)):
        payer.pay_tax_refund(alipay_request("ORD1"))
    assert list(payer.open_refunds()) == ["ORD1"]


def test_a_cancel_from_another_thread_ends_a_wait_at_once() -> None:
    cancel, waiting = Cancel(), threading.Event()

    class Waiting:
        def exchange(self, request: HttpRequest) -> HttpResponse:
            waiting.set()
            raise TransportFault("reset")

    payer = alipay.Client(Infallible().alipay_account(), transport=Waiting())

    def elsewhere() -> None:
        waiting.wait()
        cancel.cancel()

    threading.Thread(target=elsewhere).start()
    outcome = payer.outcome.pay_tax_refund(
        alipay_request("ORD1"), options=CallOptions(cancel=cancel)
    )
    assert isinstance(outcome, Unknown)
    assert (outcome.reason.code, len(outcome.report.attempts)) == ("cancelled", 1)


def test_a_call_that_was_cancelled_before_sends_nothing() -> None:
    cancel, script = Cancel(), Replay([])
    cancel.cancel()
    outcome = client(script).outcome.pay_tax_refund(
        alipay_request("ORD1"), options=CallOptions(cancel=cancel)
    )
    assert isinstance(outcome, Unknown) and script.requests == []


def test_a_transport_that_never_answers_ends_with_the_deadline() -> None:
    clock = FrozenClock()
    outcome = client(Never(clock), clock).outcome.pay_tax_refund(
        alipay_request("ORD1"), options=CallOptions(deadline=60)
    )
    assert isinstance(outcome, Unknown) and outcome.reason.code == "deadline"
    assert clock.monotonic() <= 60


def test_what_a_transport_should_not_raise_counts_as_a_broken_connection_and_is_shown(
    unraisable: Unraisable,
) -> None:
    script = Replay([raising(AttributeError("«secret»")), Infallible().exchange])
    outcome = client(script).outcome.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(outcome, Succeeded)
    first = outcome.report.attempts[0].reason
    assert first is not None and first.code == "reset"
    assert "secret" not in str(first)
    assert [type(error) for error in unraisable] == [AttributeError]


@pytest.mark.parametrize("answer", [None, 200, b"", {"status": 200}])
def test_what_is_no_answer_counts_as_a_broken_connection(
    answer: Any, unraisable: Unraisable
) -> None:
    script = Replay([lambda _: answer, Infallible().exchange])
    outcome = client(script).outcome.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(outcome, Succeeded)
    assert "not an HttpResponse" in str(unraisable[0])


def test_what_an_observer_raises_changes_nothing(unraisable: Unraisable) -> None:
    def observer(event: object) -> None:
        raise ValueError("no")

    outcome = client(Infallible(), observer=observer).outcome.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(outcome, Succeeded)
    assert {type(error) for error in unraisable} == {ValueError}


def host_signed(
    sandbox: Sandbox, sign: Any, wrong_key: bool = False
) -> tuple[alipay.Account, dict[str, Any]]:
    keys = sandbox.credentials["alipay"]
    public = sandbox.credentials["antom" if wrong_key else "alipay"]["partner_public_key_pem"]
    signer = HostSigner(public_key=public, sign=lambda message: sign(keys, message))
    return sandbox.alipay_account(signer=signer), keys


def test_a_hosts_signer_pays(taxrefund_sandbox: Sandbox) -> None:
    account, _ = host_signed(
        taxrefund_sandbox,
        lambda keys, message: signing.sign(keys["partner_private_key_pem"], message),
    )
    assert alipay.Client(account).pay_tax_refund(alipay_request("ORD1")).tax_no


@pytest.mark.parametrize(
    "made", [b"", b"\0" * 256, None, "text", ValueError("E12345678"), bytearray(256)]
)
def test_a_signer_that_gives_no_signature_sends_nothing(
    taxrefund_sandbox: Sandbox, unraisable: Unraisable, made: Any
) -> None:
    def sign(keys: Any, message: bytes) -> Any:
        if isinstance(made, Exception):
            raise made
        return made

    account, _ = host_signed(taxrefund_sandbox, sign)
    outcome = alipay.Client(account).outcome.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(outcome, Unknown)
    assert outcome.reason.code == "signer_failed"
    assert "E12345678" not in str(outcome) + str(outcome.reason.message)
    assert taxrefund_sandbox.requests() == []


def test_ctrl_c_in_a_signer_leads_to_the_refund(taxrefund_sandbox: Sandbox) -> None:
    def sign(keys: Any, message: bytes) -> Any:
        raise KeyboardInterrupt

    account, _ = host_signed(taxrefund_sandbox, sign)
    with pytest.raises(Interrupted) as raised:
        alipay.Client(account).pay_tax_refund(alipay_request("ORD1"))
    assert raised.value.unknown is not None and raised.value.unknown.report.attempts == ()


def test_an_async_signer_needs_an_async_client(taxrefund_sandbox: Sandbox) -> None:
    async def sign(message: bytes) -> bytes:
        return b""

    public = taxrefund_sandbox.credentials["alipay"]["partner_public_key_pem"]
    account = taxrefund_sandbox.alipay_account(signer=HostSigner(public_key=public, sign=sign))
    with pytest.raises(ConfigurationError, match="use AsyncClient"):
        alipay.Client(account)


def test_a_client_is_shared_by_threads(taxrefund_sandbox: Sandbox) -> None:
    payer = taxrefund_sandbox.alipay_client()
    paid: list[str] = []

    def pay(number: int) -> None:
        for at in range(5):
            paid.append(payer.pay_tax_refund(alipay_request(f"T{number}N{at}")).tax_no or "")

    threads = [threading.Thread(target=pay, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(paid)) == 40
    assert taxrefund_sandbox.ledger()["totals"]["paid_times"] == 40


def test_ctrl_c_at_any_line_of_the_driver_loses_nothing() -> None:
    """The interrupt is raised at one traced line after the other, until a call runs through."""
    driver = {"_client.py", "_drive.py", "_common.py", "observe.py", "outcome.py", "report.py"}

    def interrupted_at(line: int) -> tuple[BaseException | None, Replay, alipay.Client]:
        provider = Infallible()
        script = Replay([TransportFault("reset"), provider.exchange])
        payer = client(script, observer=lambda event: None)
        passed = 0

        def trace(frame: Any, event: str, arg: Any) -> Any:
            nonlocal passed
            if os.path.basename(frame.f_code.co_filename) not in driver:
                return None
            if event == "line":
                passed += 1
                if passed == line:
                    sys.settrace(None)
                    raise KeyboardInterrupt
            return trace

        sys.settrace(trace)
        try:
            payer.pay_tax_refund(alipay_request("ORD1"))
        except BaseException as error:
            return error, script, payer
        finally:
            sys.settrace(None)
        return None, script, payer

    before = sys.gettrace()
    line, resumed, paid = 1, 0, 0
    try:
        while True:
            error, script, payer = interrupted_at(line)
            if error is None:
                break
            assert isinstance(error, KeyboardInterrupt), line
            if script.requests and not isinstance(error, Interrupted):
                # Only after the outcome was told to whoever observes: the call was over.
                assert len(script.requests) == 2, line
            if isinstance(error, Interrupted):
                if error.unknown is not None:
                    resumed += 1
                    assert payer.open_refunds() == {"ORD1": error.unknown}
                else:
                    paid += isinstance(error.outcome, Succeeded)
            line += 1
    finally:
        sys.settrace(before)
    assert resumed > 50 and paid > 20
