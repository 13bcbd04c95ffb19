from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from refunds import BARCODE, alipay_fields, alipay_request, antom_request, form_request, merchant

from taxrefund import Amount, DateError, Money, alipay, alipay_plus, antom

SHANGHAI = timezone(timedelta(hours=8))


def test_money_fills_its_currency_on_the_wire() -> None:
    wire = alipay_request("ORD1").to_wire()
    assert (wire["tax_refund_amount"], wire["tax_refund_currency"]) == ("10000", "SGD")


def test_a_currency_that_contradicts_the_money_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"tax_refund_currency: is not the currency of tax_refund_amount"
    ):
        alipay_request("ORD1", tax_refund_currency="USD")
    assert (
        alipay_request("ORD1", tax_refund_currency="SGD").to_wire()["tax_refund_currency"] == "SGD"
    )


def test_what_is_none_is_left_out() -> None:
    assert "confirm_date" not in alipay_request("ORD1", confirm_date=None).to_wire()


def test_names_on_the_wire_are_the_protocols() -> None:
    wire = form_request("F1").to_wire()
    assert wire["taxRefundFormNumber"] == "F1"
    assert wire["taxRefundAmount"] == {"currency": "EUR", "value": "4000"}
    assert wire["merchants"][0]["merchantMCC"] == "5411"
    assert wire["merchants"][0]["merchantAddress"] == {"region": "SG"}


def test_an_aware_time_becomes_the_protocols_text() -> None:
    at = datetime(2026, 3, 2, 17, 15, 30, tzinfo=SHANGHAI)
    assert (
        alipay_request("ORD1", confirm_date=at).to_wire()["confirm_date"] == "2026-03-02 17:15:30"
    )
    wire = form_request("F1", form_print_date=at).to_wire()
    assert wire["formPrintDate"] == "2026-03-02T17:15:30+08:00"


def test_a_naive_time_is_refused_where_it_is_given() -> None:
    with pytest.raises(DateError, match=r"confirm_date: .*naive"):
        alipay_request("ORD1", confirm_date=datetime(2026, 3, 2))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tax_refund_amount": 100.0}, "tax_refund_amount: must be str or Money, not float"),
        ({"tax_refund_amount": 100}, "tax_refund_amount: must be str or Money, not int"),
        ({"available_day": True}, "available_day: must be int, not bool"),
        ({"available_day": "15"}, "available_day: must be int, not str"),
        ({"out_order_no": 5}, "out_order_no: must be str, not int"),
        ({"out_order_no": None}, "out_order_no: is required"),
        ({"passport_no": b"E123"}, "passport_no: must be str, not bytes"),
        ({"confirm_date": 5}, "confirm_date: must be str or datetime, not int"),
    ],
)
def test_a_wrong_type_is_named_by_its_field(change: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        alipay_request("ORD1", **change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"merchants": merchant()}, "merchants: must be a list, not Merchant"),
        ({"merchants": "SHOP"}, "merchants: must be a list, not str"),
        ({"merchants": [{"region": "SG"}]}, r"merchants\[0\]: must be Merchant, not dict"),
        ({"tax_refund_amount": "40"}, "tax_refund_amount: must be Money or Amount, not str"),
        ({"tax_refund_amount": 1.5}, "float is not exact"),
    ],
)
def test_a_wrong_type_inside_is_named_by_its_path(change: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        form_request("F1", **change)


def test_free_json_holds_no_float_and_nothing_that_json_cannot_hold() -> None:
    assert antom_request("R1", goods=[{"a": [1, None, True, "x"]}]).to_wire()["goods"] == [
        {"a": [1, None, True, "x"]}
    ]
    for wrong in (1.5, {1}, b"x", object()):
        with pytest.raises(TypeError, match=r"goods\[0\]\.price"):
            antom_request("R1", goods=[{"price": wrong}])
    nested: dict[str, Any] = {}
    nested["again"] = nested
    with pytest.raises(ValueError, match="nested deeper"):
        antom_request("R1", goods=[nested])


def test_a_request_is_frozen_and_has_no_other_fields() -> None:
    request = alipay_request("ORD1")
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.out_order_no = "ORD2"  # type: ignore[misc]
    assert not hasattr(request, "__dict__")
    with pytest.raises(TypeError):
        alipay.PayTaxRefundRequest("ORD1", "barcode", BARCODE)  # type: ignore[call-arg]


def test_a_list_that_is_changed_later_changes_no_request() -> None:
    shops = [merchant()]
    request = form_request("F1", merchants=shops)
    shops.clear()
    assert len(request.merchants) == 1


def test_nothing_personal_is_shown() -> None:
    shown = repr(alipay_request("ORD1", passport_no="E12345678", passport_name="ADA LOVELACE"))
    assert "«18 characters»" in shown and "«9 characters»" in shown
    assert BARCODE not in shown and "E1234" not in shown and "ADA" not in shown
    name = antom.UserName(full_name="Ada Lovelace")
    assert "Ada" not in repr(antom.BankInfo(account_no="12345", account_holder_name=name))
    response = alipay.QueryUserInfoResponse.from_wire({"user_id": "2088", "secret": "Ada"})
    assert "Ada" not in repr(response) and "secret" in repr(response)


def test_a_request_is_equal_copied_replaced_and_pickled() -> None:
    request = form_request("F1")
    assert pickle.loads(pickle.dumps(request)) == copy.deepcopy(request) == request
    assert dataclasses.replace(request, form_status="CLAIMED").form_status == "CLAIMED"
    operation = pickle.loads(pickle.dumps(alipay.PAY_TAX_REFUND))
    assert operation == alipay.PAY_TAX_REFUND


def test_an_answer_is_read_leniently() -> None:
    read = antom.RefundResponse.from_wire(
        {
            "refundId": 12345,
            "refundAmount": {"currency": "USD", "value": 500},
            "refundTime": ["no", "text"],
            "gotDelivered": "later",
            "result": {"resultStatus": "S"},
        }
    )
    assert read.refund_id == "12345"
    assert read.refund_amount == Amount(currency="USD", value="500")
    assert read.refund_time is None
    assert read.extra["gotDelivered"] == "later"


def test_what_an_answer_holds_instead_of_an_object_reads_as_nothing() -> None:
    given: list[Any] = [5, "x", [], [5], None, True, {"value": []}]
    for wrong in given:
        read = alipay_plus.EvaluateOriginalCreditResponse.from_wire(
            {"payee": wrong, "payeeQuote": wrong, "payeeAmount": wrong}
        )
        assert isinstance(read, alipay_plus.EvaluateOriginalCreditResponse)


def test_the_wire_text_is_ascii() -> None:
    text = alipay_request("ORD1", departure_point="樟宜\ud800").to_json()
    assert text.isascii() and json.loads(text)["departure_point"] == "樟宜\ud800"


def test_every_model_says_of_each_field_what_it_is() -> None:
    for module in (alipay, alipay_plus, antom):
        for name in module.__all__ if hasattr(module, "__all__") else dir(module):
            kind: Any = getattr(module, name)
            fields = getattr(kind, "_fields_", None)
            if fields and isinstance(kind, type):
                names = {field.name for field in dataclasses.fields(kind)} - {"extra"}
                assert {field.name for field in fields} == names, kind


def test_fields_of_a_call_make_the_same_request() -> None:
    assert alipay.PayTaxRefundRequest(**alipay_fields("ORD1")) == alipay_request("ORD1")


def test_money_may_also_be_given_as_the_wire_has_it() -> None:
    by_amount = form_request("F1", tax_refund_amount=Amount(currency="EUR", value="4000"))
    assert (
        by_amount.to_wire()
        == form_request("F1", tax_refund_amount=Money.parse("40", "EUR")).to_wire()
    )
