"""A provider that never fails: every request is answered at once with a verified success, and no
network is touched.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from .. import _native
from ..dates import offset_time

if TYPE_CHECKING:
    from .. import alipay, alipay_plus, antom
    from .._native import HttpRequest

_SUCCESS = {"resultStatus": "S", "resultCode": "SUCCESS", "resultMessage": "success"}


class Infallible:
    """Answers as a provider would that has no bad day; whoever asks twice hears the same.

        provider = Infallible()
        client = alipay.Client(provider.alipay_account(), transport=provider)

    It checks nothing: not the request's signature, and not whether the refund makes sense. For
    that there is `Sandbox`. `requests` are those that were sent.
    """

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []

    def alipay_account(self, **changes: Any) -> alipay.Account:
        """An account of the open gateway whose answers are signed by this provider."""
        from .. import alipay

        settings = {
            "app_id": "9021000100000001",
            "merchant_private_key": _keys()["antom"]["partner_private_key_pem"],
            "alipay_public_key": _keys()["alipay"]["partner_public_key_pem"],
            "environment": "sandbox",
        }
        return alipay.Account(**{**settings, **changes})

    def alipay_plus_account(self, **changes: Any) -> alipay_plus.Account:
        """An account of Alipay+ whose answers are signed by this provider."""
        from .. import alipay_plus

        return alipay_plus.Account(**{**_caller(), **changes})

    def antom_account(self, **changes: Any) -> antom.Account:
        """An account of Antom whose answers are signed by this provider."""
        from .. import antom

        return antom.Account(**{**_caller(), **changes})

    def exchange(self, request: HttpRequest) -> _native.HttpResponse:
        """A verified success."""
        self.requests.append(request)
        address = urlsplit(request.url)
        if address.path.endswith("gateway.do"):
            return _gateway_answer(request)
        return _signed_answer(request, address.path)


@cache
def _keys() -> dict[str, Any]:
    """Public TEST keys, those that the simulator brings along."""
    sandbox = _native.Sandbox('{"run_for_s": 1}')
    keys: dict[str, Any] = json.loads(sandbox.credentials)
    sandbox.stop()
    return keys


def _caller() -> dict[str, Any]:
    return {
        "client_id": "SANDBOX_5YINFALLIBLE0001",
        "merchant_private_key": _keys()["antom"]["partner_private_key_pem"],
        "platform_public_key": _keys()["alipay"]["partner_public_key_pem"],
    }


def _signature(message: bytes, sign_type: str = "RSA2") -> bytes:
    key = _keys()["alipay"]["partner_private_key_pem"].encode()
    return _native.sign(key, message, sign_type)


def _number_of(key: str) -> str:
    """The provider's own number: the same for the same key."""
    return str(int.from_bytes(hashlib.sha256(key.encode()).digest()[:12], "big")).zfill(28)[:28]


def _gateway_answer(request: HttpRequest) -> _native.HttpResponse:
    import base64

    sent = dict(parse_qsl(urlsplit(request.url).query) + parse_qsl(request.body.decode()))
    asked: dict[str, Any] = json.loads(sent.get("biz_content", "{}"))
    key = asked.get("out_order_no") or asked.get("identify_account_no") or sent.get("code", "")
    said: dict[str, Any] = {"code": "10000", "msg": "Success"}
    method = sent["method"]
    if method.endswith("order.pay"):
        said |= {"tax_no": _number_of(key)}
    elif method.endswith("order.query"):
        said |= {"out_order_no": key, "tax_no": _number_of(key), "status": "S"}
    elif method.endswith("userinfo.query"):
        said |= {"user_id": "2088102146225135", "eligible": "true", "user_name": "*"}
    else:
        said = {"user_id": "2088102146225135", "access_token": "TEST", "expires_in": 300}
    content = json.dumps(said)
    signature = base64.b64encode(
        _signature(content.encode(), sent.get("sign_type", "RSA2"))
    ).decode()
    root = method.replace(".", "_") + "_response"
    body = f'{{"{root}":{content},"sign":"{signature}"}}'
    return _native.HttpResponse(200, [("content-type", "application/json")], body.encode())


def _signed_answer(request: HttpRequest, path: str) -> _native.HttpResponse:
    from datetime import datetime, timezone

    asked: dict[str, Any] = json.loads(request.body)
    headers = {name.lower(): value for name, value in request.headers}
    time = offset_time(datetime(2026, 11, 23, tzinfo=timezone.utc))
    body = json.dumps({"result": _SUCCESS, **_said(path, asked, time)}).encode()
    client_id = headers["client-id"]
    message = _native.header_string_to_sign(path, client_id, time, body)
    answered = [
        ("content-type", "application/json; charset=UTF-8"),
        ("client-id", client_id),
        ("response-time", time),
        ("signature", _native.write_signature_header(_signature(message), 1)),
    ]
    return _native.HttpResponse(200, answered, body)


def _said(path: str, asked: dict[str, Any], time: str) -> dict[str, Any]:
    key = asked.get("refundRequestId") or asked.get("originalCreditRequestId") or ""
    number = _number_of(str(key))
    if path.endswith("/refund"):
        return {
            "refundRequestId": key,
            "refundId": number,
            "paymentId": asked.get("paymentId"),
            "refundAmount": asked.get("refundAmount"),
            "refundTime": time,
        }
    if path.endswith("/inquiryRefund"):
        return {"refundRequestId": key, "refundId": number, "refundStatus": "SUCCESS"}
    if path.endswith("OriginalCredit") and "evaluate" not in path:
        return {
            "originalCreditRequestId": key,
            "originalCreditId": number,
            "originalCreditResult": _SUCCESS,
            "originalCreditTime": time,
        }
    if "evaluate" in path:
        return {"payee": {"userId": "210220990000000000001"}}
    return {}
