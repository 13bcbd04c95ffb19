"""A thousand refunds at the same time on one event loop, against a gateway that goes wrong.

A refund that waits holds no thread; only exchanges do, at most `max_in_flight` of them.

Run it: `python examples/asyncio_many.py`
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

from taxrefund import CallOptions, Failed, Money, Succeeded, Unknown, alipay
from taxrefund.testing import Sandbox

REFUNDS = 1000


async def pay(client: alipay.AsyncClient, order: str) -> str:
    """One traveller waits for this."""
    outcome = await client.outcome.pay_tax_refund(
        out_order_no=order,
        identify_account_type="barcode",
        identify_account_no="281234567890123456",
        tax_refund_amount=Money.parse("100.00", "SGD"),
    )
    match outcome:
        case Succeeded():
            return "succeeded"
        case Failed(reason=reason):
            return f"failed ({reason})"
        case Unknown() as unknown:
            # Here there is no journal: whoever waits has to keep `unknown.state` and resume it.
            return f"unknown ({unknown.next_step.value})"


async def pay_all(account: alipay.Account) -> None:
    options = CallOptions(sandbox_wait_permille=20)  # production waits as the provider says
    async with alipay.AsyncClient(account, options=options, max_in_flight=32) as client:
        calls = [asyncio.create_task(pay(client, f"TR{number}")) for number in range(REFUNDS)]
        most_threads = 0
        while not all(call.done() for call in calls):
            most_threads = max(most_threads, threading.active_count())
            await asyncio.wait(calls, timeout=0.05)
        # With a deadline of your own: `async with asyncio.timeout(60)` around a call. What is
        # cancelled is not lost: client.open_refunds() has it, to be resumed.
        for outcome, number in Counter(call.result() for call in calls).most_common():
            print(f"{number} {outcome}")
        print(f"{REFUNDS} refunds at the same time used at most {most_threads} threads")


def main() -> None:
    with Sandbox(faults="10=lost-answer;5=in-process*2;5=throttled;2=failed;78=none") as sandbox:
        asyncio.run(pay_all(sandbox.alipay_account()))
        totals = sandbox.ledger()["totals"]
        print(f"the simulator paid {totals['paid_keys']} refunds {totals['paid_times']} times")


if __name__ == "__main__":
    main()
