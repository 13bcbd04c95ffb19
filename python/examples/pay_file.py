"""Pays a file of refunds through a journal, shows how far it is, and writes what became of each
line. Then pays the same file again, as after a crash: nothing is sent twice.

Run it: `python examples/pay_file.py`
"""

from __future__ import annotations

import csv
import sys
import tempfile
from pathlib import Path

from taxrefund import Journal, alipay
from taxrefund.batch import BatchResult, Progress, pay_file
from taxrefund.testing import Sandbox

COLUMNS = [
    "out_order_no",
    "identify_account_type",
    "identify_account_no",
    "tax_refund_currency",
    "tax_refund_amount",
    "doc_id",
]


def pay(client: alipay.Client, journal: Journal, file: Path, results: Path) -> BatchResult:
    """A night's job. Ctrl-C or a power cut in the middle loses nothing: call it again."""

    def tell(progress: Progress) -> None:
        latest = progress.latest
        print(
            f"\r{progress.ended} of {progress.expected}: {latest.key} {latest.state.value}",
            end="",
            file=sys.stderr,
        )

    night = pay_file(client, journal, file, results=results, on_progress=tell)
    print(file=sys.stderr)
    for problem in night.imported.problems:  # nothing was sent for these
        print(problem)
    return night


def write_refunds(file: Path) -> None:
    """A file as the counters hand it in: amounts count the smallest unit, 1263 is SGD 12.63."""
    with file.open("w", encoding="utf-8", newline="") as text:
        lines = csv.writer(text)
        lines.writerow(COLUMNS)
        for number in range(1, 41):
            amount = "12.63" if number == 7 else str(1000 + number)
            key, form = f"TR20261123C{number}", f"SG261123{number:06}"
            lines.writerow([key, "barcode", "281234567890123456", "SGD", amount, form])


def main() -> None:
    # Of ten refunds, three meet a lost answer, one a busy gateway, and one is refused.
    faults = "30=lost-answer*2;10=throttled*2;10=failed;50=none"
    with Sandbox(faults=faults, seed=3) as sandbox, tempfile.TemporaryDirectory() as folder:
        file, results = Path(folder) / "refunds.csv", Path(folder) / "results.csv"
        write_refunds(file)
        client = sandbox.alipay_client()
        # `restarted` says that an earlier program of this name is dead, so its refunds are free.
        with Journal(Path(folder) / "refunds.db", owner="night", restarted=True) as journal:
            night = pay(client, journal, file, results)
            print(f"first run:  {night}; {night.worked.sends} requests")
            again = pay(client, journal, file, results)
            print(f"second run: {again}; {again.worked.sends} requests")
            print(journal.verify())
        with results.open(encoding="utf-8", newline="") as text:
            paid = [line["key"] for line in csv.DictReader(text) if line["state"] == "succeeded"]
        print(f"{len(paid)} refunds are called succeeded in the result file")
        once = sum(sandbox.paid_times(key) == 1 for key in paid)
        print(f"the simulator paid {once} of them once, and nothing else")
        assert once == sandbox.ledger()["totals"]["paid_times"]


if __name__ == "__main__":
    main()
