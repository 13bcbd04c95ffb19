"""Whatever is put in: typed errors, or a result. Never a crash or an internal native error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refunds import alipay_fields

from taxrefund import (
    CallOptions,
    Failed,
    HttpResponse,
    Succeeded,
    TaxRefundError,
    TransportFault,
    Unknown,
    alipay,
    alipay_plus,
    antom,
    dates,
    doctor,
    explain_code,
    signing,
)
from taxrefund.money import Amount, Money
from taxrefund.testing import FrozenClock, Infallible, Replay

TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.binary(max_size=20)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
TYPED = (TaxRefundError, TypeError, ValueError)
many = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
PROVIDER = Infallible()


def typed(work: Callable[[], Any]) -> Any:
    """A result, or an error of one of Python's or this package's own kinds."""
    try:
        return work()
    except TYPED as error:
        assert not isinstance(error, UnicodeError), "an internal error"
        assert "panic" not in str(error).lower()
        return None


@pytest.mark.parametrize(
    "operation",
    [one for module in (alipay, alipay_plus, antom) for one in module.OPERATIONS],
    ids=lambda one: one.name,
)
@many
@given(data=st.data())
def test_any_fields_of_any_request(operation: Any, data: st.DataObject) -> None:
    names = [field.name for field in operation.request._fields_]
    fields = data.draw(st.dictionaries(st.sampled_from(names), ANYTHING, max_size=6))
    protocol = operation.name.partition(".")[0]
    module = {"alipay": alipay, "alipay_plus": alipay_plus, "antom": antom}[protocol]
    account = getattr(PROVIDER, f"{protocol}_account")()
    client: Any = module.Client(account, transport=PROVIDER, clock=FrozenClock())
    typed(lambda: getattr(client, operation.method)(**fields))


@many
@given(changes=st.dictionaries(st.sampled_from(sorted(alipay_fields("ORDER1"))), TEXT))
def test_any_text_in_an_otherwise_good_request(changes: dict[str, str]) -> None:
    client = alipay.Client(PROVIDER.alipay_account(), transport=PROVIDER, clock=FrozenClock())
    fields = {**alipay_fields("ORDER1"), **changes}
    outcome = typed(lambda: client.outcome.pay_tax_refund(**fields))
    assert outcome is None or isinstance(outcome, Succeeded)


@many
@given(status=st.integers(-5, 70000), body=st.binary(max_size=60), said=JSON)
def test_any_answer_makes_no_refund_succeed_or_fail(status: int, body: bytes, said: Any) -> None:
    def forged(content: bytes) -> Any:
        return lambda request: HttpResponse(status if 0 <= status < 65536 else 200, [], content)

    text = json.dumps({"alipay_overseas_tax_order_pay_response": said, "sign": "x"})
    script = [forged(body), forged(text.encode())] * 20
    client = alipay.Client(PROVIDER.alipay_account(), transport=Replay(script), clock=FrozenClock())
    outcome = client.outcome.pay_tax_refund(
        **alipay_fields("ORDER1"), options=CallOptions(attempts=3)
    )
    assert isinstance(outcome, Unknown)


@many
@given(said=JSON)
def test_any_verified_answer_is_an_outcome(said: Any) -> None:
    def answer(request: Any) -> HttpResponse:
        genuine = PROVIDER.exchange(request)
        parts = json.loads(genuine.body)
        content = json.dumps({**parts["alipay_overseas_tax_order_pay_response"], "extra": said})
        key = _private_key()
        import base64

        signature = base64.b64encode(signing.sign(key, content.encode())).decode()
        body = f'{{"alipay_overseas_tax_order_pay_response":{content},"sign":"{signature}"}}'
        return HttpResponse(200, [], body.encode())

    script = Replay([answer] + [TransportFault("reset")] * 40)
    client = alipay.Client(PROVIDER.alipay_account(), transport=script, clock=FrozenClock())
    outcome = client.outcome.pay_tax_refund(**alipay_fields("ORDER1"))
    assert isinstance(outcome, Succeeded | Failed | Unknown)
    repr(outcome), str(outcome)


def _private_key() -> str:
    from taxrefund.testing.infallible import _keys

    key: str = _keys()["alipay"]["partner_private_key_pem"]
    return key


@many
@given(wire=JSON)
def test_any_answers_object_is_read(wire: Any) -> None:
    if not isinstance(wire, dict):
        return
    for module in (alipay, alipay_plus, antom):
        for operation in module.OPERATIONS:
            fields = operation.response._fields_
            for given_ in (wire, {field.wire: wire for field in fields}):
                read = operation.response.from_wire(given_)
                repr(read)


@many
@given(state=TEXT | JSON.map(json.dumps))
def test_any_state(state: str) -> None:
    client = alipay.Client(PROVIDER.alipay_account(), transport=PROVIDER, clock=FrozenClock())
    assert typed(lambda: client.resume(state)) is None


@many
@given(
    headers=st.dictionaries(TEXT, TEXT, max_size=4) | st.lists(st.tuples(TEXT, TEXT), max_size=4),
    body=st.binary(max_size=80),
    path=TEXT,
)
def test_any_notification(headers: Any, body: bytes, path: str) -> None:
    for client in (
        alipay.Client(PROVIDER.alipay_account()),
        alipay_plus.Client(PROVIDER.alipay_plus_account()),
        antom.Client(PROVIDER.antom_account()),
    ):
        read = partial(client.parse_notification, headers, body, path=path)
        assert typed(read) is None
        typed(partial(client.account.verify_answer, path, HttpResponse(200, [], body)))


@many
@given(text=TEXT, other=TEXT, data=st.binary(max_size=40))
def test_any_text_for_the_tools(text: str, other: str, data: bytes) -> None:
    tools: list[Callable[[], Any]] = [
        lambda: explain_code(text),
        lambda: dates.parse(text),
        lambda: Money.parse(text, other),
        lambda: Money(minor=1, currency=text),
        lambda: Amount(currency=text, value=other).money,
        lambda: str(Amount(currency=text, value=other)),
        lambda: signing.form_string_to_sign({text: other}, other),
        lambda: signing.form_string_to_sign({text: other}),
        lambda: signing.header_string_to_sign(text, other, text, data),
        lambda: signing.form_string_to_verify(data, text),  # type: ignore[arg-type]
        lambda: signing.form_string_to_verify(data, "V1"),
        lambda: signing.read_signature_header(text),
        lambda: signing.sign(text, data),
        lambda: signing.sign(data, data),
        lambda: signing.verify(data, data, data, text),  # type: ignore[arg-type]
        lambda: signing.cut_out(text, data, other),
        lambda: signing.cut_out("a.b", data),
        lambda: signing.certificate_serial(data),
        lambda: signing.root_serial(text),
        lambda: doctor.diagnose(merchant_private_key=text, platform_public_key=data),
        lambda: doctor.diagnose(environment=text, root_bundle=data),
        lambda: alipay.Account(app_id=text, merchant_private_key=data, alipay_public_key=other),
        lambda: antom.Account(
            client_id=text, merchant_private_key=text, platform_public_key={text: data}
        ),
    ]
    for tool in tools:
        typed(tool)


@many
@given(
    settings_=st.dictionaries(
        st.sampled_from(
            [
                "app_id",
                "endpoint",
                "charset",
                "sign_type",
                "environment",
                "notify_url",
                "app_auth_token",
            ]
        ),
        ANYTHING,
    )
)
def test_any_settings_of_an_account(settings_: dict[str, Any]) -> None:
    typed(lambda: PROVIDER.alipay_account(**settings_))


@many
@given(options=st.dictionaries(st.sampled_from(CallOptions.__slots__), ANYTHING))
def test_any_options(options: dict[str, Any]) -> None:
    client = alipay.Client(PROVIDER.alipay_account(), transport=PROVIDER, clock=FrozenClock())
    typed(lambda: client.pay_tax_refund(**alipay_fields("ORDER1"), options=CallOptions(**options)))


@many
@given(fault=TEXT, detail=TEXT, made=ANYTHING)
def test_anything_from_a_transport_leaves_the_refund_unknown(
    fault: str, detail: str, made: Any
) -> None:
    script = [TransportFault(fault, detail)] * 40
    client = alipay.Client(PROVIDER.alipay_account(), transport=Replay(script), clock=FrozenClock())
    outcome = client.outcome.pay_tax_refund(**alipay_fields("ORDER1"))
    assert isinstance(outcome, Unknown)
    str(outcome)


@many
@given(fields=st.dictionaries(st.sampled_from(sorted(alipay_fields("ORDER1"))), ANYTHING))
def test_any_fields_on_asyncio(fields: dict[str, Any]) -> None:
    async def pay() -> Any:
        client = alipay.AsyncClient(PROVIDER.alipay_account(), transport=PROVIDER)
        return await client.pay_tax_refund(**fields)

    typed(lambda: asyncio.run(pay()))
