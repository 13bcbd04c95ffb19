from __future__ import annotations

import asyncio
import json
import pickle
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import pytest
from refunds import BARCODE, alipay_request, antom_request, merchant

from taxrefund import (
    AnswerRefused,
    Failed,
    HostSigner,
    HttpResponse,
    InvalidRequest,
    Money,
    NotificationRefused,
    Unknown,
    alipay,
    alipay_plus,
    antom,
    parse_notification,
    signing,
)
from taxrefund.testing import Infallible, Sandbox

Letter = tuple[str, list[tuple[str, str]], bytes]


class Mailbox:
    """Takes what the simulator sends, as it comes."""

    def __init__(self) -> None:
        letters: Queue[Letter] = Queue()
        self.letters = letters

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                letters.put((self.path, list(self.headers.items()), body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"success")

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/notify?shop=1"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    thread = Thread(target=mailbox.server.serve_forever, args=(0.01,))
    thread.start()
    yield mailbox
    mailbox.server.shutdown()
    thread.join()
    mailbox.server.server_close()


def antom_letter(sandbox: Sandbox, mailbox: Mailbox) -> Letter:
    client = sandbox.antom_client()
    client.refund(antom_request("RID1", refund_notify_url=mailbox.url))
    return mailbox.letters.get(timeout=10)


def test_a_genuine_message_is_read_and_has_its_reply(
    taxrefund_sandbox: Sandbox, mailbox: Mailbox
) -> None:
    path, headers, body = antom_letter(taxrefund_sandbox, mailbox)
    client = taxrefund_sandbox.antom_client()
    read = client.parse_notification(headers, body, path=path)
    assert (read.protocol, read.key, read.settlement) == ("antom", "RID1", "succeeded")
    assert read.amount is not None and read.amount.money == Money.parse("5.00", "USD")
    assert read.reply.status == 200 and read.reply.body_bytes
    assert pickle.loads(pickle.dumps(read)) == read
    for shape in (dict(headers), [(k.encode(), v.encode()) for k, v in headers], iter(headers)):
        assert client.parse_notification(shape, body, path=path).key == "RID1"


def test_the_open_gateways_form_is_read(taxrefund_sandbox: Sandbox, mailbox: Mailbox) -> None:
    account = taxrefund_sandbox.alipay_account(notify_url=mailbox.url)
    alipay.Client(account).pay_tax_refund(alipay_request("ORDER1"))
    _, headers, body = mailbox.letters.get(timeout=10)
    read = parse_notification(account, headers, body)
    assert (read.key, read.settlement, read.reply.body) == ("ORDER1", "succeeded", "success")


def test_what_was_changed_is_refused_with_a_reply_that_acknowledges_nothing(
    taxrefund_sandbox: Sandbox, mailbox: Mailbox
) -> None:
    path, headers, body = antom_letter(taxrefund_sandbox, mailbox)
    client = taxrefund_sandbox.antom_client()
    for changed in (body.replace(b"RID1", b"RID2"), b"", b"{}", b"\xff", body + b" "):
        with pytest.raises(NotificationRefused) as raised:
            client.parse_notification(headers, changed, path=path)
        assert '"resultStatus":"F"' in raised.value.reply.body and raised.value.fault
        again = pickle.loads(pickle.dumps(raised.value))
        assert (again.reply, again.fault) == (raised.value.reply, raised.value.fault)


def credit_request(url: str) -> alipay_plus.CreateOriginalCreditRequest:
    return alipay_plus.CreateOriginalCreditRequest(
        original_credit_request_id="CREDIT1",
        payer_amount=Money.parse("10.00", "EUR"),
        payee=alipay_plus.User(user_id="210220990000000000001"),
        scenario_type="TAX_REFUND",
        sub_scenario_type="AIRPORT",
        payer=[merchant()],
        tax_refund_form_number="FORM1",
        departure_region="FR",
        departure_port="CDG",
        total_sales_amount=Money.parse("100.00", "EUR"),
        payer_notification_url=url,
    )


@pytest.mark.parametrize("kind", ["own key", "host's signer", "async signer"])
def test_the_reply_to_alipay_plus_is_signed(
    taxrefund_sandbox: Sandbox, mailbox: Mailbox, kind: str
) -> None:
    keys = taxrefund_sandbox.credentials["alipay_plus"]
    taxrefund_sandbox.alipay_plus_client().create_original_credit(credit_request(mailbox.url))
    path, headers, body = mailbox.letters.get(timeout=10)

    def sign(message: bytes) -> bytes:
        return signing.sign(keys["partner_private_key_pem"], message)

    async def sign_async(message: bytes) -> bytes:
        return sign(message)

    ways: dict[str, Any] = {"host's signer": sign, "async signer": sign_async}
    account = taxrefund_sandbox.alipay_plus_account()
    if kind != "own key":
        signer = HostSigner(public_key=keys["partner_public_key_pem"], sign=ways[kind])
        account = taxrefund_sandbox.alipay_plus_account(signer=signer)
    if kind == "async signer":
        client = alipay_plus.AsyncClient(account)
        read = asyncio.run(client.parse_notification(headers, body, path=path))
    else:
        read = alipay_plus.Client(account).parse_notification(headers, body, path=path)
    replied = {name.lower(): value for name, value in read.reply.headers}
    signature, _ = signing.read_signature_header(replied["signature"])
    message = signing.header_string_to_sign(
        path, keys["client_id"], replied["response-time"], read.reply.body_bytes
    )
    assert signing.verify(keys["partner_public_key_pem"], message, signature)


@pytest.mark.parametrize(
    ("headers", "body", "path"),
    [
        ({}, "text", "/"),
        ({}, None, "/"),
        ("headers", b"", "/"),
        (5, b"", "/"),
        ([("one",)], b"", "/"),
        ({"a": 5}, b"", "/"),
        ({}, b"", 5),
    ],
)
def test_what_is_not_raw_is_a_type_error(headers: Any, body: Any, path: Any) -> None:
    client = antom.Client(Infallible().antom_account())
    with pytest.raises(TypeError, match=r"headers: |body: |path: "):
        client.parse_notification(headers, body, path=path)


def test_an_answer_to_another_interface_is_verified_by_the_same_rules() -> None:
    provider = Infallible()
    account = provider.antom_account()
    antom.Client(account, transport=provider).refund(antom_request("RID1"))
    sent = provider.requests[0]
    answer = provider.exchange(sent)
    path = sent.url.partition("alipay.com")[2] or "/ams/sandbox/api/v1/payments/refund"
    assert account.verify_answer(path, answer)["refundRequestId"] == "RID1"
    with pytest.raises(AnswerRefused) as raised:
        account.verify_answer(path, HttpResponse(200, answer.headers, answer.body + b" "))
    assert raised.value.fault == "bad_signature"


def test_errors_of_a_call_name_no_traveller(taxrefund_sandbox: Sandbox) -> None:
    client = taxrefund_sandbox.alipay_client()
    secrets = [BARCODE + "9" * 30, "ADA LOVELACE\x01"]
    with pytest.raises(InvalidRequest) as raised:
        client.pay_tax_refund(
            alipay_request("ORDER1", identify_account_no=secrets[0], passport_name=secrets[1])
        )
    assert not any(secret in str(raised.value) for secret in secrets)
    taxrefund_sandbox.provoke("ORDER2", "in-process*every")
    taxrefund_sandbox.provoke("ORDER3", "failed")
    for key in ("ORDER2", "ORDER3"):
        outcome = client.outcome.pay_tax_refund(alipay_request(key))
        assert isinstance(outcome, Unknown | Failed)
        assert BARCODE not in f"{outcome}{outcome!r}{outcome.report!r}"


def test_times_and_json_of_a_reply_stay_as_they_are() -> None:
    reply = NotificationRefused("no", fault="unsigned").reply
    assert json.loads(reply._json()) == {"status": 400, "headers": [], "body": ""}
    assert time.time_ns() > 0
