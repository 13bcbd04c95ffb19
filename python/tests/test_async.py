from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from refunds import alipay_fields, alipay_request, antom_request

from taxrefund import (
    CallOptions,
    Cancel,
    ConfigurationError,
    Failed,
    HostSigner,
    HttpRequest,
    HttpResponse,
    InvalidRequest,
    Succeeded,
    TransportFault,
    Unknown,
    alipay,
    antom,
    signing,
)
from taxrefund.testing import FrozenClock, Infallible, Never, Replay, Sandbox

T = TypeVar("T")
HURRIED = CallOptions(sandbox_wait_permille=1)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


class Awaited:
    """Makes a scripted transport an async one."""

    def __init__(self, script: Any) -> None:
        self._script = script
        self.at_once = self.most_at_once = 0

    async def exchange(self, request: HttpRequest) -> HttpResponse:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            answer: HttpResponse = self._script.exchange(request)
            return answer
        finally:
            self.at_once -= 1


class Hanging:
    """Takes a request and keeps it."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def exchange(self, request: HttpRequest) -> HttpResponse:
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError


def test_a_refund_is_paid_and_the_answer_is_typed(taxrefund_sandbox: Sandbox) -> None:
    async def pay() -> Any:
        async with alipay.AsyncClient(taxrefund_sandbox.alipay_account()) as client:
            return await client.pay_tax_refund(**alipay_fields("ORDER1"))

    paid = run(pay())
    assert isinstance(paid, alipay.PayTaxRefundResponse) and paid.tax_no
    assert taxrefund_sandbox.paid_times("ORDER1") == 1


def test_the_same_faults_come_to_the_same_outcomes(taxrefund_sandbox: Sandbox) -> None:
    taxrefund_sandbox.provoke("ORDER1", "lost-answer*2")
    taxrefund_sandbox.provoke("ORDER2", "failed")
    taxrefund_sandbox.provoke("ORDER3", "in-process*7")

    async def pay() -> None:
        account = taxrefund_sandbox.alipay_account()
        async with alipay.AsyncClient(account, options=HURRIED) as client:
            assert isinstance(
                await client.outcome.pay_tax_refund(alipay_request("ORDER1")), Succeeded
            )
            with pytest.raises(Failed):
                await client.pay_tax_refund(alipay_request("ORDER2"))
            with pytest.raises(Unknown) as raised:
                await client.pay_tax_refund(alipay_request("ORDER3"))
            paid = await raised.value.resume()
            assert isinstance(paid, alipay.PayTaxRefundResponse)

    run(pay())
    assert taxrefund_sandbox.ledger()["totals"]["paid_times"] == 2


def test_a_thousand_refunds_wait_without_a_thread_each() -> None:
    provider, lost, before = Infallible(), set(), set(threading.enumerate())
    new: set[threading.Thread] = set()

    class Losing:
        """Loses the first answer of every refund."""

        async def exchange(self, request: HttpRequest) -> HttpResponse:
            await asyncio.sleep(0)
            new.update(set(threading.enumerate()) - before)
            answer = provider.exchange(request)
            if request.interface == "refund" and request.body not in lost:
                lost.add(request.body)
                raise TransportFault("reset")
            return answer

    async def pay() -> list[Any]:
        account = provider.antom_account()
        async with antom.AsyncClient(account, transport=Losing(), options=HURRIED) as client:
            calls = [client.refund(antom_request(f"R{number}")) for number in range(1000)]
            return await asyncio.gather(*calls)

    refunded = run(pay())
    assert len({one.refund_id for one in refunded}) == 1000
    assert (len(lost), new) == (1000, set())


def test_no_more_exchanges_than_allowed_at_a_time() -> None:
    provider = Infallible()
    transport = Awaited(provider)

    async def pay() -> None:
        client = antom.AsyncClient(provider.antom_account(), transport=transport, max_in_flight=3)
        await asyncio.gather(*(client.refund(antom_request(f"R{n}")) for n in range(50)))

    run(pay())
    assert transport.most_at_once == 3


def test_a_cancelled_task_leaves_a_refund_that_can_be_resumed() -> None:
    provider = Infallible()

    async def pay() -> None:
        hanging = Hanging()
        client = alipay.AsyncClient(provider.alipay_account(), transport=hanging)
        task = asyncio.ensure_future(client.pay_tax_refund(alipay_request("ORDER1")))
        await hanging.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        unknown = client.open_refunds()["ORDER1"]
        assert unknown.reason.code == "cancelled" and len(unknown.report.attempts) == 1
        better = alipay.AsyncClient(provider.alipay_account(), transport=Awaited(provider))
        assert (await better.resume(unknown)).tax_no
        # Another client settled it; this one is told when it resumes it itself.
        assert list(client.open_refunds()) == ["ORDER1"]

    run(pay())


def test_a_timeout_of_asyncio_leaves_a_refund_that_can_be_resumed() -> None:
    async def pay() -> None:
        client = alipay.AsyncClient(Infallible().alipay_account(), transport=Hanging())
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.pay_tax_refund(alipay_request("ORDER1")), 0.05)
        assert list(client.open_refunds()) == ["ORDER1"]

    run(pay())


def test_a_task_cancelled_in_a_thread_gives_its_slot_back_when_the_thread_is_through() -> None:
    provider, go_on, begun = Infallible(), threading.Event(), threading.Event()

    class Slow:
        def exchange(self, request: HttpRequest) -> HttpResponse:
            begun.set()
            go_on.wait()
            return provider.exchange(request)

    async def pay() -> None:
        async with antom.AsyncClient(
            provider.antom_account(), transport=Slow(), max_in_flight=1
        ) as client:
            first = asyncio.ensure_future(client.refund(antom_request("R1")))
            await asyncio.to_thread(begun.wait)
            first.cancel()
            second = asyncio.ensure_future(client.refund(antom_request("R2")))
            with pytest.raises(asyncio.CancelledError):
                await first
            await asyncio.sleep(0)
            assert not second.done() and not provider.requests
            go_on.set()
            assert (await second).refund_id

    run(pay())


def test_an_async_transport_that_never_answers_ends_by_the_requests_timeout() -> None:
    async def pay() -> None:
        client = alipay.AsyncClient(Infallible().alipay_account(), transport=Hanging())
        options = CallOptions(timeout=0.01, attempts=3, deadline=0.05)
        outcome = await client.outcome.pay_tax_refund(alipay_request("ORDER1"), options=options)
        assert isinstance(outcome, Unknown)
        first = outcome.report.attempts[0].reason
        assert first is not None and first.code == "timeout"

    run(pay())


def test_a_deadline_holds_by_the_clients_clock() -> None:
    clock = FrozenClock()

    async def pay() -> None:
        client = alipay.AsyncClient(
            Infallible().alipay_account(), transport=Never(clock), clock=clock
        )
        outcome = await client.outcome.pay_tax_refund(
            alipay_request("ORDER1"), options=CallOptions(deadline=60)
        )
        assert isinstance(outcome, Unknown) and outcome.reason.code == "deadline"
        await client.aclose()

    run(pay())


def test_a_cancel_from_another_thread_ends_a_wait_at_once() -> None:
    cancel = Cancel()

    async def pay() -> None:
        client = alipay.AsyncClient(Infallible().alipay_account(), transport=Awaited(Replay([])))
        call = client.outcome.pay_tax_refund(
            alipay_request("ORDER1"), options=CallOptions(cancel=cancel)
        )
        task = asyncio.ensure_future(call)
        await asyncio.sleep(0.05)
        await asyncio.to_thread(cancel.cancel)
        outcome = await task
        assert isinstance(outcome, Unknown)
        assert (outcome.reason.code, len(outcome.report.attempts)) == ("cancelled", 1)

    run(pay())


def signed_by(sandbox: Sandbox, sign: Any) -> alipay.Account:
    public = sandbox.credentials["alipay"]["partner_public_key_pem"]
    return sandbox.alipay_account(signer=HostSigner(public_key=public, sign=sign))


@pytest.mark.parametrize("kind", ["async", "sync", "sync that gives an awaitable", "object"])
def test_a_hosts_signer_is_awaited_or_runs_in_a_thread(
    taxrefund_sandbox: Sandbox, kind: str
) -> None:
    private = taxrefund_sandbox.credentials["alipay"]["partner_private_key_pem"]
    threads: set[str] = set()

    def sign(message: bytes) -> bytes:
        threads.add(threading.current_thread().name)
        return signing.sign(private, message)

    async def sign_async(message: bytes) -> bytes:
        await asyncio.sleep(0)
        return sign(message)

    class Kms:
        async def __call__(self, message: bytes) -> bytes:
            return sign(message)

    ways: dict[str, Any] = {
        "async": sign_async,
        "sync": sign,
        "sync that gives an awaitable": lambda message: sign_async(message),
        "object": Kms(),
    }

    async def pay() -> None:
        async with alipay.AsyncClient(signed_by(taxrefund_sandbox, ways[kind])) as client:
            assert (await client.pay_tax_refund(alipay_request("ORDER1"))).tax_no

    run(pay())
    assert (threads == {"MainThread"}) == (kind != "sync")


def test_a_signer_that_hangs_ends_with_the_deadline(taxrefund_sandbox: Sandbox) -> None:
    async def sign(message: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def pay() -> None:
        client = alipay.AsyncClient(signed_by(taxrefund_sandbox, sign))
        outcome = await client.outcome.pay_tax_refund(
            alipay_request("ORDER1"), options=CallOptions(deadline=0.05)
        )
        assert isinstance(outcome, Unknown) and outcome.reason.code == "signer_failed"

    run(pay())
    assert taxrefund_sandbox.requests() == []


def test_a_signer_has_its_time_however_long_its_refund_stood_in_the_queue(
    taxrefund_sandbox: Sandbox,
) -> None:
    private = taxrefund_sandbox.credentials["alipay"]["partner_private_key_pem"]
    clock, provider = FrozenClock(), Infallible()

    async def sign(message: bytes) -> bytes:
        return await asyncio.to_thread(signing.sign, private, message)

    class Slow:
        async def exchange(self, request: HttpRequest) -> HttpResponse:
            await asyncio.sleep(0)
            clock.advance(400)
            return provider.exchange(request)

    async def pay() -> list[Any]:
        client = alipay.AsyncClient(
            signed_by(taxrefund_sandbox, sign), transport=Slow(), clock=clock, max_in_flight=1
        )
        requests = [alipay_request(f"ORDER{number}") for number in range(2)]
        return await asyncio.gather(*map(client.outcome.pay_tax_refund, requests))

    # Each answer comes after the deadline, but each was sent.
    codes = [len(outcome.report.attempts) for outcome in run(pay())]
    assert codes == [1, 1]


def test_a_transport_that_cancels_itself_cancels_no_refund() -> None:
    provider = Infallible()

    class Confused:
        begun = False

        async def exchange(self, request: HttpRequest) -> HttpResponse:
            if not self.begun:
                self.begun = True
                raise asyncio.CancelledError
            return provider.exchange(request)

    async def pay() -> None:
        client = alipay.AsyncClient(
            provider.alipay_account(), transport=Confused(), clock=FrozenClock()
        )
        assert (await client.pay_tax_refund(alipay_request("ORDER1"))).tax_no

    run(pay())


def test_a_client_belongs_to_one_event_loop_at_a_time() -> None:
    provider = Infallible()
    client = antom.AsyncClient(provider.antom_account(), transport=Awaited(provider))
    for key in ("R1", "R2"):
        assert run(_refund(client, key))

    async def elsewhere() -> None:
        await _refund(client, "R3")
        with pytest.raises(RuntimeError, match="one event loop"):
            await asyncio.to_thread(lambda: asyncio.run(_refund(client, "R4")))

    run(elsewhere())


async def _refund(client: antom.AsyncClient, key: str) -> str | None:
    return (await client.refund(antom_request(key))).refund_id


def test_a_closed_client_says_so() -> None:
    async def pay() -> None:
        client = antom.AsyncClient(Infallible().antom_account())
        await client.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await client.refund(antom_request("R1"))

    run(pay())


def test_what_is_wrong_with_a_request_is_raised_before_anything_is_sent() -> None:
    async def pay() -> None:
        client = antom.AsyncClient(Infallible().antom_account(), transport=Replay([]))
        with pytest.raises(InvalidRequest):
            await client.refund(antom_request(""))
        with pytest.raises(TypeError, match="Did you mean 'refund_request_id'"):
            await client.refund(refund_request="R1")  # type: ignore[call-overload]
        with pytest.raises(ConfigurationError, match="needs a journal"):
            await client.refund(antom_request("R1"), options=CallOptions(form="F1"))

    run(pay())
    for wrong in (0, True, "5"):
        with pytest.raises((TypeError, ValueError), match="max_in_flight"):
            antom.AsyncClient(Infallible().antom_account(), max_in_flight=wrong)  # type: ignore[arg-type]
