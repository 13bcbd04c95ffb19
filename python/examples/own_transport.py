"""Other ways to send: httpx under asyncio, and a transport of your own around the built-in one.

A transport sends a request once, as it is, and gives back what came. It never repeats anything:
repeating is the client's part, which knows what may be repeated.

Run it: `python examples/own_transport.py` (needs `pip install taxrefund[httpx]`)
"""

from __future__ import annotations

import asyncio
from collections import Counter
from time import monotonic

from taxrefund import (
    HttpRequest,
    HttpResponse,
    HttpTransport,
    Money,
    Transport,
    TransportFault,
    alipay,
)
from taxrefund.httpx_transport import HttpxTransport
from taxrefund.testing import Sandbox


class Counting:
    """Counts exchanges by interface and by what came of them; a place for metrics of your own."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.exchanges: Counter[str] = Counter()
        self.seconds = 0.0

    def exchange(self, request: HttpRequest) -> HttpResponse:
        """Is called from several threads where a worker pays."""
        began = monotonic()
        try:
            response = self._inner.exchange(request)
        except TransportFault as fault:
            self.exchanges[f"{request.interface} {fault.fault}"] += 1
            raise  # the client decides what a fault means
        finally:
            self.seconds += monotonic() - began
        self.exchanges[f"{request.interface} {response.status}"] += 1
        return response


def counted(sandbox: Sandbox) -> None:
    # HttpTransport also takes a proxy, own certificates, and how long to wait for a connection.
    transport = Counting(HttpTransport(no_proxy=True, connect_timeout=2))
    client = sandbox.alipay_client(transport=transport)
    sandbox.provoke("TRT1", "http-502")
    paid = client.pay_tax_refund(
        out_order_no="TRT1",
        identify_account_type="barcode",
        identify_account_no="281234567890123456",
        tax_refund_amount=Money.parse("100.00", "SGD"),
    )
    print(f"TRT1 paid under {paid.tax_no}")
    for what, number in sorted(transport.exchanges.items()):
        print(f"  {number} x {what}")


async def with_httpx(account: alipay.Account) -> None:
    async with (
        HttpxTransport() as transport,
        alipay.AsyncClient(account, transport=transport) as client,
    ):
        paid = await client.pay_tax_refund(
            out_order_no="TRT2",
            identify_account_type="barcode",
            identify_account_no="281234567890123456",
            tax_refund_amount=Money.parse("100.00", "SGD"),
        )
    print(f"TRT2 paid under {paid.tax_no}, through httpx")


def main() -> None:
    with Sandbox() as sandbox:
        counted(sandbox)
        asyncio.run(with_httpx(sandbox.alipay_account()))
        for order in ("TRT1", "TRT2"):
            print(f"in the simulator's ledger: {order} {sandbox.paid_times(order)}x")


if __name__ == "__main__":
    main()
