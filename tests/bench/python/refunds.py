"""Refunds from Python, over and over, for `cargo xtask bench`.

The first line on standard input says where the gateway is and with which keys; every further one how many refunds are
made: `pay 20`. Each is answered with a line of JSON, the seconds of CPU and of the clock that it took.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

Work = Callable[[int], None]
Setup = dict[str, Any]


def ours(setup: Setup) -> Work:
    """`taxrefund.alipay.Client`, on the main thread as a script has it."""
    from taxrefund import HttpTransport, alipay

    client = alipay.Client(gateway_account(setup), transport=HttpTransport(no_proxy=True))
    request = alipay.PayTaxRefundRequest(**setup["alipay"]["request"])

    def work(times: int) -> None:
        for _ in range(times):
            client.pay_tax_refund(request)

    return work


def ours_asyncio(setup: Setup) -> Work:
    """`taxrefund.alipay.AsyncClient`, all refunds of a round in flight together."""
    import asyncio

    from taxrefund import HttpTransport, alipay

    account = gateway_account(setup)
    request = setup["alipay"]["request"]

    async def round_of(times: int) -> None:
        async with alipay.AsyncClient(account, transport=HttpTransport(no_proxy=True)) as client:
            pay = client.pay_tax_refund
            await asyncio.gather(*(pay(**request) for _ in range(times)))

    return lambda times: asyncio.run(round_of(times))


def ours_antom(setup: Setup) -> Work:
    """`taxrefund.antom.Client`."""
    from taxrefund import HttpTransport, Money, antom

    given = setup["antom"]
    account = antom.Account(
        client_id=given["client_id"],
        merchant_private_key=setup["merchant_private_key"],
        platform_public_key=setup["platform_public_key"],
        endpoint=setup["host"],
    )
    client = antom.Client(account, transport=HttpTransport(no_proxy=True))
    amount = Money(minor=int(given["amount"]["value"]), currency=given["amount"]["currency"])
    names = ("refund_request_id", "payment_id")
    request = antom.RefundRequest(refund_amount=amount, **{name: given[name] for name in names})

    def work(times: int) -> None:
        for _ in range(times):
            client.refund(request)

    return work


def gateway_account(setup: Setup) -> Any:
    from taxrefund import alipay

    return alipay.Account(
        app_id=setup["alipay"]["app_id"],
        merchant_private_key=setup["merchant_private_key"],
        alipay_public_key=setup["platform_public_key"],
        endpoint=setup["host"] + "/gateway.do",
    )


def official_alipay(setup: Setup) -> Work:
    """`alipay-sdk-python`. It knows no port but 80 and 443, so its connection is made here."""
    from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
    from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
    from alipay.aop.api.domain.AlipayOverseasTaxOrderPayModel import AlipayOverseasTaxOrderPayModel
    from alipay.aop.api.request.AlipayOverseasTaxOrderPayRequest import (
        AlipayOverseasTaxOrderPayRequest,
    )
    from alipay.aop.api.response.AlipayOverseasTaxOrderPayResponse import (
        AlipayOverseasTaxOrderPayResponse,
    )
    from alipay.aop.api.util import WebUtils

    port = int(setup["host"].rpartition(":")[2])

    def connection(url: str, query: str, timeout: float) -> tuple[str, http.client.HTTPConnection]:
        return f"/gateway.do?{query}", http.client.HTTPConnection("127.0.0.1", port, timeout)

    WebUtils.get_http_connection = connection
    config = AlipayClientConfig()
    config.server_url = setup["host"] + "/gateway.do"
    config.app_id = setup["alipay"]["app_id"]
    config.app_private_key = setup["merchant_pkcs1_base64"]
    config.alipay_public_key = setup["platform_base64"]
    client = DefaultAlipayClient(alipay_client_config=config)
    model = AlipayOverseasTaxOrderPayModel()
    for name, value in setup["alipay"]["request"].items():
        setattr(model, name, value)

    def work(times: int) -> None:
        for _ in range(times):
            response = AlipayOverseasTaxOrderPayResponse()
            text = client.execute(AlipayOverseasTaxOrderPayRequest(biz_model=model))
            response.parse_response_content(text)
            assert response.is_success(), text

    return work


def official_antom(setup: Setup) -> Work:
    """`global-open-sdk-python`. It speaks HTTPS alone, so its connection is made here, without TLS."""
    from com.alipay.ams.api.default_alipay_client import DefaultAlipayClient
    from com.alipay.ams.api.model.amount import Amount
    from com.alipay.ams.api.net import default_http_rpc
    from com.alipay.ams.api.request.pay.alipay_refund_request import AlipayRefundRequest

    given = setup["antom"]
    port = int(setup["host"].rpartition(":")[2])
    plain = SimpleNamespace(HTTPSConnection=lambda *_, **__: http.client.HTTPConnection("127.0.0.1", port))
    default_http_rpc.http_client = plain
    sdk = DefaultAlipayClient(
        "https://127.0.0.1", given["client_id"], setup["merchant_pkcs8_base64"], setup["platform_base64"]
    )
    request = AlipayRefundRequest()
    request.refund_request_id = given["refund_request_id"]
    request.payment_id = given["payment_id"]
    request.refund_amount = Amount(given["amount"]["currency"], given["amount"]["value"])

    def work(times: int) -> None:
        for _ in range(times):
            answer = json.loads(sdk.execute(request))
            assert answer["result"]["resultStatus"] == "S", answer

    return work


KINDS: dict[str, Callable[[Setup], Work]] = {
    "ours": ours,
    "ours-asyncio": ours_asyncio,
    "ours-antom": ours_antom,
    "official-alipay": official_alipay,
    "official-antom": official_antom,
}


def main() -> None:
    setup = json.loads(sys.stdin.readline())
    work = KINDS[sys.argv[1]](setup)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        times = int(line)
        cpu, clock = time.process_time(), time.perf_counter()
        work(times)
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        print(json.dumps({"cpu_s": cpu, "clock_s": clock}), flush=True)


if __name__ == "__main__":
    main()
