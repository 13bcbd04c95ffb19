"""Pays refunds out of a program's own rows: a CSV reader, a database cursor, records of a data
frame. Nothing has to become a file first.

Run it: `python examples/pay_rows.py`
"""

from __future__ import annotations

import csv
import io
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from taxrefund import Journal, Money, State, Worker, alipay
from taxrefund.testing import Sandbox
from taxrefund.worker import Ended

CODE = "281234567890123456"


def from_csv(export: Iterable[str]) -> Iterable[Mapping[str, object]]:
    """An export with columns of its own: give each the request's name, and the amount its
    currency.
    """
    for row in csv.DictReader(export):
        yield {
            "out_order_no": row["Order"],
            "identify_account_type": "barcode",
            "identify_account_no": row["Code"],
            "tax_refund_amount": Money.parse(row["Refund"], row["Currency"]),
            "doc_id": row["Form"],
        }


def from_database() -> tuple[Iterable[tuple[object, ...]], list[str]]:
    """Rows of a cursor are plain tuples; their names are in its description."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE TABLE approved (out_order_no, identify_account_type, identify_account_no, "
        "tax_refund_currency, tax_refund_amount, doc_id)"
    )
    database.execute(
        "INSERT INTO approved VALUES ('TRDB1', 'barcode', ?, 'SGD', 2500, 'SGDB1')", (CODE,)
    )
    # In the table an amount is a whole number of cents. A REAL would come as a float, and be
    # refused.
    cursor = database.execute("SELECT * FROM approved")
    return cursor, [column[0] for column in cursor.description]


def from_records() -> list[dict[str, object]]:
    """What `frame.to_dict("records")` gives. A frame itself will do too, if its amounts are no
    floats: `pandas.read_csv(file, dtype=str)`.
    """
    return [
        {
            "out_order_no": f"TRDF{number}",
            "identify_account_type": "barcode",
            "identify_account_no": CODE,
            "tax_refund_currency": "JPY",
            "tax_refund_amount": 18_850,
            "doc_id": f"JPDF{number}",
        }
        for number in (1, 2)
    ]


def pay(client: alipay.Client, journal: Journal) -> None:
    """Sends whatever is due in the journal, and tells what happens as it happens."""
    for event in Worker(journal, client).events():
        match event:
            case Ended(key=key, state=State.SUCCEEDED):
                print(f"{key} paid")
            case Ended(key=key, state=state, reason=reason, next_step=step):
                print(f"{key} {state.value}: {reason}; {step.value}")


def main() -> None:
    export = "Order,Code,Refund,Currency,Form\nTRCSV1,{0},12.63,SGD,SGCSV1\nTRCSV2,{0},17.82,EUR,\n"
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        client = sandbox.alipay_client()
        with Journal(Path(folder) / "refunds.db") as journal:
            lines = io.StringIO(export.format(CODE))
            print(journal.import_rows(client, from_csv(lines), batch="csv"))
            rows, columns = from_database()
            print(journal.import_rows(client, rows, columns=columns, batch="database"))
            print(journal.import_rows(client, from_records(), batch="records"))
            pay(client, journal)
            for entry in journal.entries():
                paid = sandbox.paid_times(entry.key)
                print(f"in the simulator's ledger: {entry.key} {entry.amount} {paid}x")


if __name__ == "__main__":
    main()
