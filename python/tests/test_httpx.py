from __future__ import annotations

import asyncio
from typing import Any

import pytest
from refunds import alipay_request, antom_request

from taxrefund import CallOptions, Succeeded, TransportFault, Unknown, alipay, antom
from taxrefund.testing import Infallible, Sandbox

httpx = pytest.importorskip("httpx")
HURRIED = CallOptions(sandbox_wait_permille=1, timeout=2)


def transport(client: Any = None) -> Any:
    from taxrefund.httpx_transport import HttpxTransport

    return HttpxTransport(client)


def test_refunds_are_paid_over_httpx(taxrefund_sandbox: Sandbox) -> None:
    faults = ["none", "lost-answer", "http-502", "html-page", "oversized-body", "gzip", "reset"]
    for number, fault in enumerate(faults):
        taxrefund_sandbox.provoke(f"ORDER{number}", fault)

    async def pay() -> list[Any]:
        async with transport() as carrier:
            account = taxrefund_sandbox.alipay_account()
            client = alipay.AsyncClient(account, transport=carrier, options=HURRIED)
            calls = [
                client.outcome.pay_tax_refund(alipay_request(f"ORDER{number}"))
                for number in range(len(faults))
            ]
            return await asyncio.gather(*calls)

    outcomes = asyncio.run(pay())
    assert [type(one) for one in outcomes] == [Succeeded] * len(faults)
    first = [one.report.attempts[0].reason for one in outcomes]
    assert [reason.code for reason in first[1:]] == [
        "reset",
        "http_status",
        "not_json",
        "too_large",
        first[5].code,
        "reset",
    ]
    assert taxrefund_sandbox.ledger()["double_paid"] == []


def test_every_way_of_not_arriving_is_a_fault() -> None:
    faults: dict[str, Exception] = {
        "timeout": httpx.ReadTimeout("E12345678"),
        "proxy": httpx.ProxyError("E12345678"),
        "reset": httpx.RemoteProtocolError("E12345678"),
        "connect_failed": httpx.ConnectError("E12345678"),
        "malformed": httpx.DecodingError("E12345678"),
    }
    refused = httpx.ConnectError("no")
    refused.__cause__ = ConnectionRefusedError()
    faults["refused"] = refused

    async def pay(error: Exception) -> Any:
        def answer(request: Any) -> Any:
            raise error

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            account = Infallible().antom_account()
            payer = antom.AsyncClient(account, transport=transport(client), options=HURRIED)
            return await payer.outcome.refund(antom_request("RID1"))

    for code, error in faults.items():
        outcome = asyncio.run(pay(error))
        assert isinstance(outcome, Unknown)
        reason = outcome.report.attempts[0].reason
        assert reason is not None and reason.code == code
        assert "E12345678" not in str(outcome) + str(reason.message)


def test_neither_cookies_nor_redirects_are_followed() -> None:
    seen: list[Any] = []

    def answer(request: Any) -> Any:
        seen.append(request)
        headers = {"set-cookie": "a=b; Path=/", "location": "https://example.com/"}
        return httpx.Response(302, headers=headers)

    async def pay() -> Any:
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(answer), follow_redirects=True
        ) as client:
            account = Infallible().antom_account()
            payer = antom.AsyncClient(account, transport=transport(client), options=HURRIED)
            return await payer.outcome.refund(
                antom_request("RID1"), options=CallOptions(attempts=3)
            )

    outcome = asyncio.run(pay())
    assert isinstance(outcome, Unknown)
    assert {one.url.host for one in seen} == {"open-sea-global.alipay.com"}
    assert not any("cookie" in one.headers for one in seen)


def test_plain_http_goes_to_this_machine_only() -> None:
    class Request:
        url = "http://example.com/"

    async def send() -> None:
        with pytest.raises(TransportFault, match="this machine only"):
            await transport().exchange(Request())

    asyncio.run(send())
