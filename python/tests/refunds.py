"""Requests that are right, for tests."""

from __future__ import annotations

from typing import Any

from taxrefund import Money, alipay, alipay_plus, antom

BARCODE = "281234567890123456"


def alipay_fields(key: str, **changes: Any) -> dict[str, Any]:
    return {
        "out_order_no": key,
        "identify_account_type": "barcode",
        "identify_account_no": BARCODE,
        "tax_refund_amount": Money.parse("100.00", "SGD"),
        "doc_id": f"DOC{key}",
        **changes,
    }


def alipay_request(key: str, **changes: Any) -> alipay.PayTaxRefundRequest:
    return alipay.PayTaxRefundRequest(**alipay_fields(key, **changes))


def merchant(**changes: Any) -> alipay_plus.Merchant:
    settings: dict[str, Any] = {
        "reference_merchant_id": "SHOP1",
        "merchant_name": "Shop",
        "merchant_mcc": "5411",
        "merchant_address": alipay_plus.Address(region="SG"),
        **changes,
    }
    return alipay_plus.Merchant(**settings)


def form_request(number: str, **changes: Any) -> alipay_plus.SyncTaxRefundFormRequest:
    settings: dict[str, Any] = {
        "tax_refund_form_number": number,
        "form_status": "REFUNDED",
        "tax_refund_amount": Money.parse("40.00", "EUR"),
        "merchants": [merchant()],
        "user_id": "210220990000000000001",
        **changes,
    }
    return alipay_plus.SyncTaxRefundFormRequest(**settings)


def antom_request(key: str, **changes: Any) -> antom.RefundRequest:
    settings: dict[str, Any] = {
        "refund_request_id": key,
        "payment_id": "2026100119074101000700000008",
        "refund_amount": Money.parse("5.00", "USD"),
        **changes,
    }
    return antom.RefundRequest(**settings)
