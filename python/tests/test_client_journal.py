from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from refunds import alipay_fields, alipay_request, antom_request

from taxrefund import (
    CallOptions,
    Cancel,
    ConfigurationError,
    FormTaken,
    HostSigner,
    HttpRequest,
    HttpResponse,
    Interrupted,
    Journal,
    KeyReused,
    Money,
    RefundNotFound,
    Succeeded,
    TransportFault,
    Unknown,
    alipay,
    antom,
    signing,
)
from taxrefund.observe import Began, Ended, Event, Heard, Raised, Sending
from taxrefund.testing import FrozenClock, Replay, Sandbox

HURRIED = CallOptions(sandbox_wait_permille=1)


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "refunds.db")


def test_a_refund_asked_for_again_gives_the_recorded_outcome(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    with taxrefund_sandbox.alipay_client(journal=place) as client:
        first = client.pay_tax_refund(alipay_request("ORDER1"))
    with taxrefund_sandbox.alipay_client(journal=place) as client:
        assert client.pay_tax_refund(alipay_request("ORDER1")).tax_no == first.tax_no
        with pytest.raises(KeyReused) as reused:
            client.pay_tax_refund(
                alipay_request("ORDER1", tax_refund_amount=Money.parse("1", "SGD"))
            )
        assert reused.value.fields == ("tax_refund_amount",)
        with pytest.raises(FormTaken) as taken:
            client.pay_tax_refund(alipay_request("ORDER2", doc_id="DOCORDER1"))
        assert taken.value.key == "ORDER1"
    assert len(taxrefund_sandbox.requests()) == 1


def test_a_second_refund_for_a_form_needs_its_reason(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    with taxrefund_sandbox.antom_client(journal=place) as client:
        client.refund(antom_request("RID1"), options=CallOptions(form="FORM1"))
        with pytest.raises(FormTaken):
            client.refund(antom_request("RID2"), options=CallOptions(form="FORM1"))
        why = CallOptions(form="FORM1", second_refund_for_form="the first was too small")
        assert client.refund(antom_request("RID2"), options=why).refund_id


def test_reads_go_past_the_journal(taxrefund_sandbox: Sandbox, place: str) -> None:
    with taxrefund_sandbox.alipay_client(journal=place) as client:
        found = client.query_user_info(
            identify_account_type="barcode", identify_account_no="281234567890123456"
        )
        assert found.user_id
        assert client.journal is not None
        assert list(client.journal.entries()) == []


def test_an_unknown_refund_is_resumed_through_the_journal(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    taxrefund_sandbox.provoke("ORDER1", "in-process*7")
    with taxrefund_sandbox.alipay_client(journal=place) as client:
        unknown = client.outcome.pay_tax_refund(alipay_request("ORDER1"))
        assert isinstance(unknown, Unknown)
        assert unknown.resume().tax_no
        entry = next(iter(client.journal.entries()))  # type: ignore[union-attr]
        assert entry.state == "succeeded"


def test_what_the_journal_does_not_have_is_not_paid_past_it(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    """A form would be refunded twice."""
    cancel = Cancel()
    cancel.cancel()
    with taxrefund_sandbox.alipay_client(journal=place) as client:
        client.pay_tax_refund(alipay_request("ORDER1", doc_id="FORM1"))
        request = alipay_request("ORDER2", doc_id="FORM1")
        unknown = taxrefund_sandbox.alipay_client().outcome.pay_tax_refund(
            request, options=CallOptions(cancel=cancel)
        )
        assert isinstance(unknown, Unknown) and unknown.state is not None
        with pytest.raises(RefundNotFound, match="make the same call again"):
            client.resume(unknown)

        async def resume() -> None:
            account = taxrefund_sandbox.alipay_account()
            async with alipay.AsyncClient(account, journal=client.journal) as other:
                with pytest.raises(RefundNotFound, match="make the same call again"):
                    await other.resume(unknown.state or "")

        asyncio.run(resume())
    assert taxrefund_sandbox.paid_times("ORDER2") == 0


def test_the_state_of_another_accounts_refund_does_not_resume_ones_own_of_the_same_key(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    taxrefund_sandbox.provoke("ORDER1", "in-process*every")
    other = taxrefund_sandbox.alipay_account(app_id="9021000100000099")
    theirs = alipay.Client(other, transport=Replay([]), options=HURRIED).outcome.pay_tax_refund(
        alipay_request("ORDER1")
    )
    assert isinstance(theirs, Unknown)
    with taxrefund_sandbox.alipay_client(journal=place) as client:
        client.outcome.pay_tax_refund(alipay_request("ORDER1"))
        with pytest.raises(ConfigurationError) as refused:
            client.resume(theirs)
        assert refused.value.code == "state_other_account"


def test_ctrl_c_during_a_recorded_refund_leads_to_it(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    class Interrupting:
        def exchange(self, request: HttpRequest) -> HttpResponse:
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
            raise TransportFault("reset")

    account = taxrefund_sandbox.alipay_account()
    with alipay.Client(account, transport=Interrupting(), journal=place) as client:
        with pytest.raises(Interrupted) as raised:
            client.pay_tax_refund(alipay_request("ORDER1"))
        assert "ORDER1" in str(raised.value)
        entry = next(iter(client.journal.entries()))  # type: ignore[union-attr]
        assert (entry.key, entry.begun) == ("ORDER1", True)


def test_a_cancel_ends_a_recorded_refunds_wait(taxrefund_sandbox: Sandbox, place: str) -> None:
    cancel = Cancel()

    class Cancelling:
        def exchange(self, request: HttpRequest) -> HttpResponse:
            cancel.cancel()
            raise TransportFault("reset")

    account = taxrefund_sandbox.alipay_account()
    with alipay.Client(account, transport=Cancelling(), journal=place) as client:
        outcome = client.outcome.pay_tax_refund(
            alipay_request("ORDER1"), options=CallOptions(cancel=cancel)
        )
    assert isinstance(outcome, Unknown) and outcome.reason.code == "cancelled"


def test_a_journal_goes_by_its_own_time(taxrefund_sandbox: Sandbox, place: str) -> None:
    with pytest.raises(ConfigurationError, match="clock"):
        taxrefund_sandbox.alipay_client(journal=place, clock=FrozenClock())


def test_what_the_journal_drives_is_told_too(taxrefund_sandbox: Sandbox, place: str) -> None:
    seen: list[Event] = []
    with taxrefund_sandbox.alipay_client(journal=place, observer=seen.append) as client:
        client.pay_tax_refund(alipay_request("ORDER1"))
        assert [type(one) for one in seen] == [Began, Sending, Heard, Ended]
        seen.clear()
        with pytest.raises(KeyReused):
            client.pay_tax_refund(alipay_request("ORDER1", doc_id="OTHER"))
        assert [type(one) for one in seen] == [Began, Raised]


def test_a_journal_of_ones_own_stays_open(taxrefund_sandbox: Sandbox, place: str) -> None:
    with Journal(place) as journal:
        with taxrefund_sandbox.alipay_client(journal=journal) as client:
            client.pay_tax_refund(alipay_request("ORDER1"))
        assert journal.counts().succeeded == 1


def test_an_async_client_records_first_and_has_its_worker_send(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    taxrefund_sandbox.provoke("ORDER7", "failed")
    taxrefund_sandbox.provoke("ORDER8", "lost-answer*2")

    async def pay() -> list[Any]:
        account = taxrefund_sandbox.alipay_account()
        async with alipay.AsyncClient(account, journal=place, options=HURRIED) as client:
            calls = [client.outcome.pay_tax_refund(alipay_request(f"ORDER{n}")) for n in range(40)]
            outcomes = await asyncio.gather(*calls)
            again = await client.pay_tax_refund(alipay_request("ORDER1"))
            assert again.tax_no == getattr(outcomes[1], "reference", None)
            with pytest.raises(KeyReused):
                await client.pay_tax_refund(alipay_request("ORDER1", doc_id="OTHER"))
            return outcomes

    outcomes = asyncio.run(pay())
    assert [type(one) is Succeeded for one in outcomes].count(False) == 1
    assert taxrefund_sandbox.ledger()["totals"]["paid_times"] == 39
    with Journal(place) as journal:
        assert (journal.counts().succeeded, journal.counts().failed) == (39, 1)


def test_the_same_refund_asked_for_twice_at_once_is_sent_once(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    async def pay() -> None:
        account = taxrefund_sandbox.alipay_account()
        async with alipay.AsyncClient(account, journal=place) as client:
            paid = await asyncio.gather(
                *(client.pay_tax_refund(alipay_request("ORDER1")) for _ in range(5))
            )
            assert len({one.tax_no for one in paid}) == 1

    asyncio.run(pay())
    assert len(taxrefund_sandbox.requests()) == 1


def test_a_cancelled_await_leaves_the_refund_in_the_journal_and_it_is_paid(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    taxrefund_sandbox.provoke("ORDER1", "delay")

    async def pay() -> None:
        account = taxrefund_sandbox.alipay_account()
        async with alipay.AsyncClient(account, journal=place, options=HURRIED) as client:
            task = asyncio.ensure_future(client.pay_tax_refund(alipay_request("ORDER1")))
            while not taxrefund_sandbox.requests():
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert list(client.open_refunds()) == ["ORDER1"]
            cancel = Cancel()
            cancel.cancel()
            outcome = await client.outcome.pay_tax_refund(
                alipay_request("ORDER2"), options=CallOptions(cancel=cancel)
            )
            assert isinstance(outcome, Unknown) and outcome.reason.code == "cancelled"

    with Sandbox(delay=0.3) as slow:
        taxrefund_sandbox = slow
        slow.provoke("ORDER1", "delay")
        asyncio.run(pay())
        assert slow.paid_times("ORDER1") == 1


def test_an_unknown_refund_of_the_worker_is_resumed_on_asyncio(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    taxrefund_sandbox.provoke("ORDER1", "in-process*7")

    async def pay() -> None:
        account = taxrefund_sandbox.alipay_account()
        async with alipay.AsyncClient(account, journal=place, options=HURRIED) as client:
            with pytest.raises(Unknown) as raised:
                await client.pay_tax_refund(alipay_request("ORDER1"))
            assert (await raised.value.resume()).tax_no

    asyncio.run(pay())


def test_an_async_transport_and_an_async_signer_serve_the_worker(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    from taxrefund import HttpTransport

    keys = taxrefund_sandbox.credentials["alipay"]
    carrier, used = HttpTransport(), []

    class Async:
        async def exchange(self, request: HttpRequest) -> HttpResponse:
            used.append(threading.current_thread().name)
            return await asyncio.to_thread(carrier.exchange, request)

    async def sign(message: bytes) -> bytes:
        used.append(threading.current_thread().name)
        return signing.sign(keys["partner_private_key_pem"], message)

    signer = HostSigner(public_key=keys["partner_public_key_pem"], sign=sign)

    async def pay() -> None:
        account = taxrefund_sandbox.alipay_account(signer=signer)
        async with alipay.AsyncClient(account, transport=Async(), journal=place) as client:
            assert (await client.pay_tax_refund(**alipay_fields("ORDER1"))).tax_no

    asyncio.run(pay())
    assert used == ["MainThread"] * 2


def test_a_halted_account_lets_nobody_wait(taxrefund_sandbox: Sandbox, place: str) -> None:
    wrong = taxrefund_sandbox.credentials["antom"]["partner_private_key_pem"]

    async def pay() -> list[Any]:
        account = taxrefund_sandbox.alipay_account(merchant_private_key=wrong)
        async with alipay.AsyncClient(
            account, journal=place, options=HURRIED, max_in_flight=1
        ) as client:
            calls = [client.outcome.pay_tax_refund(alipay_request(f"ORDER{n}")) for n in range(60)]
            return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = asyncio.run(pay())
    assert len(outcomes) == 60
    assert all(isinstance(one, ConfigurationError | Unknown) for one in outcomes)
    refused = [one for one in outcomes if isinstance(one, ConfigurationError)]
    assert refused and all("stay in the journal" in str(one) for one in refused)
    assert taxrefund_sandbox.ledger()["totals"]["paid_times"] == 0


def test_a_client_that_reaches_nobody_still_has_its_refund_in_the_journal(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    account = taxrefund_sandbox.antom_account()
    with antom.Client(account, transport=Replay([]), journal=place, options=HURRIED) as client:
        outcome = client.outcome.refund(antom_request("RID1"))
        assert isinstance(outcome, Unknown)
    with taxrefund_sandbox.antom_client(journal=place) as client:
        assert client.refund(antom_request("RID1")).refund_id


def test_a_refund_that_another_process_sends_is_noticed(
    taxrefund_sandbox: Sandbox, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from taxrefund import _async_journal

    monkeypatch.setattr(_async_journal, "_FIRST_LOOK_S", 0.01)
    monkeypatch.setattr(_async_journal.Recorder, "_have_it_sent", lambda recorder: None)

    async def pay() -> None:
        account = taxrefund_sandbox.alipay_account()
        async with alipay.AsyncClient(account, journal=place, options=HURRIED) as client:
            call = asyncio.ensure_future(client.pay_tax_refund(alipay_request("ORDER1")))
            with taxrefund_sandbox.alipay_client(journal=place) as other:
                while other.journal is not None and not list(other.journal.entries()):
                    await asyncio.sleep(0.01)
                elsewhere = await asyncio.to_thread(other.pay_tax_refund, alipay_request("ORDER1"))
            assert (await call).tax_no == elsewhere.tax_no

    asyncio.run(pay())
    assert taxrefund_sandbox.paid_times("ORDER1") == 1


def test_an_async_call_that_waits_when_the_client_is_closed_is_let_go(
    taxrefund_sandbox: Sandbox, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from taxrefund import _async_journal

    monkeypatch.setattr(_async_journal.Recorder, "_have_it_sent", lambda recorder: None)

    async def pay() -> None:
        client = alipay.AsyncClient(taxrefund_sandbox.alipay_account(), journal=place)
        call = asyncio.ensure_future(client.pay_tax_refund(alipay_request("ORDER1")))
        while client.journal is not None and not list(client.journal.entries()):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)
        await client.aclose()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert list(client.open_refunds()) == ["ORDER1"]

    asyncio.run(pay())


def test_an_interrupted_refund_without_a_state_is_resumed_through_its_journal(
    taxrefund_sandbox: Sandbox, place: str
) -> None:
    class Interrupting:
        def exchange(self, request: HttpRequest) -> HttpResponse:
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
            raise TransportFault("reset")

    account = taxrefund_sandbox.alipay_account()
    with alipay.Client(account, transport=Interrupting(), journal=place) as client:
        with pytest.raises(Interrupted) as raised:
            client.pay_tax_refund(alipay_request("ORDER1"))
        unknown = raised.value.unknown
        assert unknown is not None and unknown.state is None
        assert [one.interface for one in unknown.report.attempts] == ["pay"]
    other = taxrefund_sandbox.alipay_account(app_id="9021000100000099")
    with alipay.Client(other, journal=place) as stranger:
        with pytest.raises(ConfigurationError) as refused:
            stranger.resume(unknown)
        assert refused.value.code == "state_other_account"
    with taxrefund_sandbox.alipay_client(journal=place) as better:
        assert better.resume(unknown).tax_no
    with pytest.raises(RefundNotFound, match="only its journal"):
        taxrefund_sandbox.alipay_client().resume(unknown)
