"""Pays one refund, and says what to do about each way in which it can end.

It pays against the gateway simulator, which needs no account and moves no money.

Run it: `python examples/pay_one_refund.py`
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from taxrefund import Failed, InvalidRequest, Money, Unknown, alipay
from taxrefund.testing import Sandbox


def pay(client: alipay.Client, order: str, code: str, amount: Money) -> str:
    """One sentence for the person at the desk."""
    try:
        paid = client.pay_tax_refund(
            out_order_no=order,  # yours: one per refund, never used again
            identify_account_type="barcode",
            identify_account_no=code,  # the traveller's code, scanned a moment ago
            tax_refund_amount=amount,
        )
    except InvalidRequest as wrong:  # nothing was sent; every problem is named at once
        problems = "; ".join(f"{one.path}: {one.message}" for one in wrong.violations)
        return f"correct this: {problems}"
    except Failed as failed:  # verified: no money moved
        return f"not paid ({failed.reason}). {failed.explanation.clerk}"
    except Unknown as unknown:  # money may have moved: keep the order number, never take a new one
        return f"not known yet ({unknown.reason}). {unknown.explanation.clerk}"
    return f"paid, Alipay's number is {paid.tax_no}"


def main() -> None:
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        # With your own account, and a journal that stays:
        #     account = alipay.Account(app_id="2014072300007148",
        #                              merchant_private_key=Path("merchant_private_key.pem"),
        #                              alipay_public_key=Path("alipay_public_key.pem"))
        #     client = alipay.Client(account, journal="refunds.db")
        client = sandbox.alipay_client(journal=Path(folder) / "refunds.db")
        with client:
            amount = Money.parse("100.00", "SGD")
            sandbox.provoke("TR20261123A1", "lost-answer*2")  # it is paid, and nobody hears of it
            print("TR20261123A1:", pay(client, "TR20261123A1", "281234567890123456", amount))
            # The same call again: the journal knows how it ended, and nothing is sent.
            print("TR20261123A1:", pay(client, "TR20261123A1", "281234567890123456", amount))
            print("TR-2:", pay(client, "TR-2", "28123456789O123456", amount))
            sandbox.provoke("TR20261123A3", "failed")
            print("TR20261123A3:", pay(client, "TR20261123A3", "281234567890123456", amount))
        for order in ("TR20261123A1", "TR20261123A3"):
            print(f"in the simulator's ledger: {order} {sandbox.paid_times(order)}x")


if __name__ == "__main__":
    main()
