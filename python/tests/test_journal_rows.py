from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections import namedtuple
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refunds import BARCODE, alipay_fields, alipay_request, antom_request, form_request

from taxrefund import Journal, Money, alipay, alipay_plus, antom
from taxrefund._rows import Rows
from taxrefund.testing import Sandbox

PAY = alipay.PAY_TAX_REFUND
REFUND = antom.REFUND
SYNC = alipay_plus.SYNC_TAX_REFUND_FORM


def wire(operation: Any, *rows: Any, columns: Any = None) -> list[dict[str, Any]]:
    """What the import would read."""
    return [json.loads(line) for line in Rows(operation, rows, columns).read().splitlines()]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "refunds.db") as opened:
        yield opened


def test_every_shape_of_a_row_is_the_same_refund(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    plain = {
        "out_order_no": "ORDER1",
        "identify_account_type": "barcode",
        "identify_account_no": BARCODE,
        "tax_refund_currency": "SGD",
        "tax_refund_amount": "10000",
        "doc_id": "DOCORDER1",
    }
    text = io.StringIO(f"{','.join(plain)}\n{','.join(plain.values())}\n")
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    question = f"SELECT {', '.join(f'? AS {name}' for name in plain)}"
    make: Any = namedtuple
    pandas_row = make("Pandas", ["Index", *plain])
    shapes: list[Any] = [
        alipay_request("ORDER1"),
        alipay_fields("ORDER1"),
        plain,
        {**plain, "tax_refund_amount": 10000, "departure_point": None},
        {**plain, "tax_refund_amount": Decimal("1E+4"), "extend_param": ""},
        {**plain, "tax_refund_amount": Decimal(10000), "extend_param": float("nan")},
        next(csv.DictReader(text)),
        pandas_row(0, *plain.values()),
        database.execute(question, list(plain.values())).fetchone(),
    ]
    told = journal.import_rows(taxrefund_alipay, shapes, batch="night")
    assert (told.lines, told.new, told.repeated, told.wrong) == (len(shapes), 1, len(shapes) - 1, 0)
    tuples = journal.import_rows(
        taxrefund_alipay, [tuple(plain.values())], batch="b", columns=list(plain)
    )
    cursor = sqlite3.connect(":memory:").execute(question, list(plain.values()))
    from_cursor = journal.import_rows(taxrefund_alipay, cursor, batch="b")
    assert tuples.repeated == from_cursor.repeated == 1
    cursor.connection.close()
    database.close()


def test_data_frames_are_taken_apart() -> None:
    rows = [("ORDER1", "10000"), ("ORDER2", None)]
    names = ["out_order_no", "tax_refund_amount"]
    pandas = SimpleNamespace(columns=names, itertuples=lambda index, name: iter(rows))
    polars = SimpleNamespace(columns=names, iter_rows=lambda: iter(rows))
    wanted = [
        {"out_order_no": "ORDER1", "tax_refund_amount": "10000"},
        {"out_order_no": "ORDER2"},
    ]
    frames: list[Any] = [pandas, polars]
    for frame in frames:
        lines = Rows(PAY, frame, None).read().splitlines()
        assert [json.loads(line) for line in lines] == wanted


def test_nested_fields_are_dotted_in_python_names_and_wire_names() -> None:
    by_python = {
        "refund_request_id": "A1",
        "refund_amount.currency": "USD",
        "refund_amount.value": 500,
    }
    by_wire = {
        "refundRequestId": "A1",
        "refundAmount.currency": "USD",
        "refundAmount.value": "500",
    }
    typed = {"refundRequestId": "A1", "refund_amount": Money.parse("5.00", "USD")}
    nested = {"refundRequestId": "A1", "refund_amount": {"currency": "USD", "value": 500}}
    wanted = {"refundRequestId": "A1", "refundAmount": {"currency": "USD", "value": "500"}}
    assert wire(REFUND, by_python, by_wire, typed, nested) == [wanted] * 4


def test_lists_are_numbered_and_models_are_written_as_they_travel() -> None:
    dotted = {
        "merchants.0.merchant_name": "Shop",
        "merchants.0.merchantAddress.region": "SG",
        "merchants.1.merchantName": "Other",
    }
    wanted = {
        "merchants": [
            {"merchantName": "Shop", "merchantAddress": {"region": "SG"}},
            {"merchantName": "Other"},
        ]
    }
    inner = {"merchants": [{"merchant_name": "Shop", "merchant_address": {"region": "SG"}}]}
    models = {"merchants": form_request("F1").merchants}
    assert wire(SYNC, dotted) == [wanted]
    assert wire(SYNC, inner)[0]["merchants"][0] == wanted["merchants"][0]
    assert wire(SYNC, models)[0]["merchants"][0]["merchantMCC"] == "5411"


def test_columns_that_contradict_each_other_make_a_wrong_row_and_stop_no_other(
    journal: Journal, taxrefund_antom: antom.Client
) -> None:
    right = json.loads(antom_request("A1").to_json())
    rows: list[Any] = [
        {**right, "refundAmount.value": "1"},
        {**right, "refund_request_id": "A2"},
        {"merchants.1.x": "a gap", **right},
        {**right, None: ["a cell too many"]},
        right,
    ]
    told = journal.import_rows(taxrefund_antom, rows, batch="night")
    assert told.new == 1 and [problem.line for problem in told.problems] == [1, 2, 3, 4]
    assert "refundAmount.value" in told.problems[0].problem
    assert "beyond the header" in told.problems[3].problem


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (100.0, "float"),
        (Fraction(1, 3), "Fraction"),
        (Decimal("Infinity"), "no number"),
        (datetime(2026, 11, 23), "datetime"),
        (date(2026, 11, 23), "time of day"),
        (b"100", "bytes"),
        (object(), "object"),
        ([1.5], "float"),
    ],
)
def test_what_cannot_be_exact_is_refused_by_row_and_field(cell: Any, message: str) -> None:
    with pytest.raises(TypeError, match=rf"row 2, field 'tax_refund_amount': .*{message}"):
        wire(PAY, {"out_order_no": "ORDER1"}, {"tax_refund_amount": cell})


def test_a_float_ends_the_import_with_what_came_before_it_recorded_or_not_but_never_sent(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    rows = [alipay_fields("ORDER1"), {**alipay_fields("ORDER2"), "tax_refund_amount": 12.5}]
    with pytest.raises(TypeError, match="row 2, field 'tax_refund_amount'"):
        journal.import_rows(taxrefund_alipay, rows, batch="night")
    assert taxrefund_sandbox.requests() == []


def test_times_are_written_as_the_field_has_them() -> None:
    at = datetime(2026, 11, 23, 1, 2, 3, tzinfo=timezone.utc)
    row = {"confirm_date": at, "out_order_no": "ORDER1"}
    assert wire(PAY, row) == [{"confirm_date": "2026-11-23 09:02:03", "out_order_no": "ORDER1"}]
    there = at.astimezone(timezone(timedelta(hours=2)))
    assert wire(SYNC, {"status_change_time": there}) == [
        {"statusChangeTime": "2026-11-23T03:02:03+02:00"}
    ]
    with pytest.raises(TypeError, match="time zone"):
        wire(PAY, {"confirm_date": datetime(2026, 11, 23)})
    with pytest.raises(TypeError, match="takes no time"):
        wire(PAY, {"out_order_no": at})


def test_money_brings_its_currency_and_agrees_with_it() -> None:
    money = Money.parse("100.00", "SGD")
    wanted = {"tax_refund_amount": "10000", "tax_refund_currency": "SGD"}
    assert wire(PAY, {"tax_refund_amount": money}) == [wanted]
    assert wire(PAY, {"tax_refund_amount": money, "tax_refund_currency": "SGD"}) == [wanted]
    with pytest.raises(TypeError, match="in SGD, but tax_refund_currency says EUR"):
        wire(PAY, {"tax_refund_amount": money, "tax_refund_currency": "EUR"})
    with pytest.raises(TypeError, match="takes none"):
        wire(PAY, {"out_order_no": money})


def test_what_is_no_row_is_named() -> None:
    for row, message in [
        (17, "is a int"),
        (("ORDER1",), "columns"),
        (antom_request("A1"), "takes PayTaxRefundRequest"),
    ]:
        with pytest.raises(TypeError, match=rf"row 1: .*{message}"):
            wire(PAY, row)
    with pytest.raises(TypeError, match="has 1 cells, columns names 2"):
        wire(PAY, ("ORDER1",), columns=["out_order_no", "doc_id"])
    for rows in ({"out_order_no": "ORDER1"}, "ORDER1", b"ORDER1"):
        with pytest.raises(TypeError, match="iterable of rows"):
            Rows(PAY, rows, None)


def test_numbers_and_flags_keep_their_meaning() -> None:
    class Numpy:
        """An integer as numpy has it."""

        def __index__(self) -> int:
            return 15

    row = {"available_day": Numpy(), "out_order_no": 20261123}
    assert wire(PAY, row) == [{"available_day": "15", "out_order_no": "20261123"}]
    assert wire(PAY, {"extend_param": True}) == [{"extend_param": True}]


@given(
    st.lists(st.dictionaries(st.sampled_from(["out_order_no", "doc_id"]), st.text()), max_size=20)
)
@settings(max_examples=50, deadline=None)
def test_any_text_survives_and_no_more_is_read_than_asked_for(rows: list[dict[str, str]]) -> None:
    reader, read = Rows(PAY, rows, None), b""
    while piece := reader.read(7):
        assert len(piece) <= 7
        read += piece
    told = [json.loads(line) for line in read.splitlines()]
    assert told == [{name: text for name, text in row.items() if text} for row in rows]


def test_results_of_rows_need_their_batch(
    journal: Journal, taxrefund_alipay: alipay.Client
) -> None:
    rows = [alipay_fields("ORDER1"), alipay_fields("OR-DER")]
    journal.import_rows(taxrefund_alipay, rows, batch="night")
    out = io.StringIO()
    told = journal.write_results(taxrefund_alipay, rows, out, batch="night")
    assert (told.states.open, told.wrong) == (1, 1)
    assert out.getvalue().splitlines()[1].startswith("1,ORDER1,open")
    with pytest.raises(TypeError, match="batch"):
        journal.write_results(taxrefund_alipay, rows, io.StringIO())
