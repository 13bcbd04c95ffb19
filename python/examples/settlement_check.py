"""Holds the journal against the provider's list, as finance does each day. Nothing is sent and
nothing is changed.

Run it: `python examples/settlement_check.py`
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from taxrefund import Journal, Money, Worker, alipay
from taxrefund.settlement import ListOptions
from taxrefund.testing import Sandbox

AS_ALIPAY_WRITES_IT = ListOptions(
    key_column="Order No",
    amount_column="Refund Amount",  # 100.00; amount_unit="minor" where it is 10000
    currency_column="Currency",
    status_column="Result",
)


def check(journal: Journal, provider_list: Path, differences: Path) -> bool:
    """Whether finance may close the day."""
    report = journal.settle(
        provider_list,
        operation="alipay.pay_tax_refund",
        # since=..., before=...: the days of the list, with one more on each side
        options=AS_ALIPAY_WRITES_IT,
        csv=differences,
    )
    for difference in report.differences:
        print(f"{difference.severity} {difference.kind} {difference.key}: {difference.advice}")
    for problem in report.problems:
        print(f"not compared: {problem}")
    print(f"{report.counts.agreeing} agree, {report.counts.differing} differ")
    return report.is_clean


def pay(client: alipay.Client, journal: Journal) -> None:
    for number in (1, 2, 3):
        request = alipay.PayTaxRefundRequest(
            out_order_no=f"TRS{number}",
            identify_account_type="barcode",
            identify_account_no="281234567890123456",
            tax_refund_amount=Money.parse("100.00", "SGD"),
        )
        journal.submit(client, request)
    Worker(journal, client).run()


def write_list(file: Path, *lines: str) -> Path:
    with file.open("w", encoding="utf-8", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["Order No", "Refund Amount", "Currency", "Result"])
        rows.writerows(line.split() for line in lines)
    return file


def main() -> None:
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Journal(folder / "refunds.db") as journal:
            pay(sandbox.alipay_client(), journal)
            good = [f"TRS{number} 100.00 SGD SUCCESS" for number in (1, 2, 3)]
            is_clean = check(journal, write_list(folder / "monday.csv", *good), folder / "d1.csv")
            print(f"monday is {'clean' if is_clean else 'NOT clean'}")

            # One paid by somebody else, one with another amount, one that the list lacks.
            bad = ["TRS1 100.00 SGD SUCCESS", "TRS2 90.00 SGD SUCCESS", "OTHER9 5.00 SGD SUCCESS"]
            is_clean = check(journal, write_list(folder / "tuesday.csv", *bad), folder / "d2.csv")
            print(f"tuesday is {'clean' if is_clean else 'NOT clean'}")


if __name__ == "__main__":
    main()
