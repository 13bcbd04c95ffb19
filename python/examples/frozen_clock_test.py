"""How to test your own code that pays refunds: no network, no waiting, the same every time.

The fixtures come with the package; there is nothing to set up.

Run it: `pytest examples/frozen_clock_test.py`
"""

from __future__ import annotations

import asyncio

import pytest

from taxrefund import CallOptions, Cancel, Failed, Money, NextStep, Unknown, alipay
from taxrefund.testing import FrozenClock, Infallible, Never, Replay, Sandbox
from taxrefund.transport import HttpResponse, TransportFault


class Desk:
    """Stands for your code."""

    def __init__(self, client: alipay.Client) -> None:
        self._client = client

    def refund(self, order: str, cents: int) -> str:
        """What the screen shows."""
        try:
            paid = self._client.pay_tax_refund(
                out_order_no=order,
                identify_account_type="barcode",
                identify_account_no="281234567890123456",
                tax_refund_amount=Money(minor=cents, currency="SGD"),
            )
        except Failed as failed:
            return f"not paid: {failed.next_step.value}"
        except Unknown as unknown:
            return f"not known yet: {unknown.next_step.value}"
        return f"paid: {paid.tax_no}"


def test_a_refund_is_paid_once_although_its_answer_was_lost(
    taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("TRF1", "lost-answer*2")
    assert Desk(taxrefund_alipay).refund("TRF1", 10_000).startswith("paid: ")
    assert taxrefund_sandbox.paid_times("TRF1") == 1


def test_a_refused_refund_says_what_to_do(
    taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("TRF2", "failed")
    assert Desk(taxrefund_alipay).refund("TRF2", 10_000) == "not paid: start_new"
    assert taxrefund_sandbox.paid_times("TRF2") == 0


def test_a_provider_without_a_bad_day() -> None:
    provider = Infallible()
    desk = Desk(alipay.Client(provider.alipay_account(), transport=provider))
    assert desk.refund("TRF3", 10_000).startswith("paid: ")
    assert len(provider.requests) == 1


def test_a_silent_gateway_is_given_up_after_five_minutes_of_a_frozen_clock(
    taxrefund_clock: FrozenClock,
) -> None:
    transport = Never(taxrefund_clock)
    account = Infallible().alipay_account()
    desk = Desk(alipay.Client(account, transport=transport, clock=taxrefund_clock))
    before = taxrefund_clock.now
    assert desk.refund("TRF4", 10_000).startswith("not known yet: ")
    assert 0 < (taxrefund_clock.now - before).total_seconds() <= 300
    # It was repeated, and then asked about; never was another refund made of it.
    assert {request.interface for request in transport.requests} == {"pay", "query"}


def test_a_page_of_a_proxy_is_no_answer(taxrefund_clock: FrozenClock) -> None:
    page = HttpResponse(200, [("content-type", "text/html")], b"<html>Log in to the airport</html>")
    transport = Replay([page, TransportFault("dns"), TransportFault("reset", "cable pulled")])
    client = alipay.Client(
        Infallible().alipay_account(), transport=transport, clock=taxrefund_clock
    )
    with pytest.raises(Unknown) as caught:
        client.pay_tax_refund(
            out_order_no="TRF5",
            identify_account_type="barcode",
            identify_account_no="281234567890123456",
            tax_refund_amount=Money(minor=10_000, currency="SGD"),
        )
    assert caught.value.next_step is not NextStep.START_NEW
    assert caught.value.state is not None


def test_whoever_cancels_gets_unknown_and_can_go_on(taxrefund_clock: FrozenClock) -> None:
    cancel = Cancel()
    cancel.cancel()
    provider = Infallible()
    client = alipay.Client(provider.alipay_account(), transport=provider, clock=taxrefund_clock)
    options = CallOptions(cancel=cancel)
    request = alipay.PayTaxRefundRequest(
        out_order_no="TRF6",
        identify_account_type="barcode",
        identify_account_no="281234567890123456",
        tax_refund_amount=Money(minor=10_000, currency="SGD"),
    )
    with pytest.raises(Unknown) as caught:
        client.pay_tax_refund(request, options=options)
    assert caught.value.resume().tax_no


def test_asyncio_code_is_tested_the_same_way(taxrefund_clock: FrozenClock) -> None:
    async def pay() -> str | None:
        provider = Infallible()
        async with alipay.AsyncClient(
            provider.alipay_account(), transport=provider, clock=taxrefund_clock
        ) as client:
            paid = await client.pay_tax_refund(
                out_order_no="TRF7",
                identify_account_type="barcode",
                identify_account_no="281234567890123456",
                tax_refund_amount=Money(minor=10_000, currency="SGD"),
            )
        return paid.tax_no

    assert asyncio.run(pay())
