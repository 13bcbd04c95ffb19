"""The same call, with its outcome as a value: `match` names all three answers.

Run it: `python examples/match_outcome.py`
"""

from __future__ import annotations

from taxrefund import Failed, Money, NextStep, Succeeded, Unknown, alipay
from taxrefund.testing import Sandbox


def settle(client: alipay.Client, request: alipay.PayTaxRefundRequest) -> str:
    """What the back office writes beside the order."""
    match client.outcome.pay_tax_refund(request):
        case Succeeded(reference=number):
            return f"paid under {number}"
        case Failed(next_step=NextStep.START_NEW, reason=reason):
            return f"not paid ({reason}): correct it, and enter it under a new number"
        case Failed(reason=reason, next_step=step):
            return f"not paid ({reason}): {step.value}"
        case Unknown(reason=reason, next_step=step):
            return f"not known ({reason}): {step.value}, never under a new number"


def main() -> None:
    with Sandbox() as sandbox:
        client = sandbox.alipay_client()
        # The simulator reads what shall happen from the end of the number.
        for order in ("TR1", "TR2XFAILED", "TR3XBADACCOUNT", "TR4XINPROCESS0"):
            request = alipay.PayTaxRefundRequest(
                out_order_no=order,
                identify_account_type="barcode",
                identify_account_no="281234567890123456",
                tax_refund_amount=Money.parse("100.00", "SGD"),
            )
            print(f"{order}: {settle(client, request)}")


if __name__ == "__main__":
    main()
