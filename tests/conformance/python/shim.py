"""The Python shim of the conformance runner: one case per line in, one answer per line out.

What is asked, and how, says the runner: `cargo xtask conformance`. Everything goes through the installed package.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from taxrefund import _native, alipay, alipay_plus, antom, signing
from taxrefund.errors import AnswerRefused, NotificationRefused
from taxrefund.notifications import parse_notification

Case = Mapping[str, Any]
Answer = dict[str, Any]

VECTORS = Path(__file__).parents[2] / "vectors" / "alipay-plus.json"
# Verification needs no merchant's key, but an account has one.
STRANGER = json.loads(VECTORS.read_text("utf-8"))["keys"]["stranger"]["private_pkcs8_pem"]
NOW_MS = 1_795_395_723_123


def sign_form(case: Case) -> Answer:
    to_sign = signing.form_string_to_sign(case["params"], case["charset"])
    signature = signing.sign(case["private_key"], to_sign, case["sign_type"])
    return {"to_sign_hex": to_sign.hex(), "signature": base64.b64encode(signature).decode()}


def verify_form_answer(case: Case) -> Answer:
    method, body = case["method"], bytes.fromhex(case["body_hex"])
    try:
        cut = signing.cut_out(method, body, case["charset"])
    except AnswerRefused as refused:
        return {"verdict": "refused", "reason": refused.code}
    signed = body[cut.start : cut.end]
    where = {"root": cut.root, "signed_hex": signed.hex()}
    account = gateway(case, "2014072300007148")
    try:
        account.verify_answer(method, _native.HttpResponse(200, [], body))
    except AnswerRefused as refused:
        if refused.code == "unsigned" and is_refusal(signed):
            return {"verdict": "unsigned", **where}
        return {"verdict": "refused", "reason": refused.code, **where}
    return {"verdict": "verified", **where}


def verify_form_notification(case: Case) -> Answer:
    body = case["body"].encode()
    fields = dict(parse_qsl(case["body"], keep_blank_values=True))
    account = gateway(case, fields.get("app_id", ""))
    try:
        notification = parse_notification(account, [], body)
    except NotificationRefused as refused:
        return {"verdict": "refused", "reason": refused.code}
    signature = base64.b64decode(fields["sign"])
    for rule in ("V1", "V2"):
        read = json.loads(_native.form_string_to_verify(body, rule))
        covered = read["to_verify"].encode(read["parameters"].get("charset", "utf-8"))
        if signing.verify(case["public_key"], covered, signature, case["sign_type"]):
            return {
                "verdict": "verified",
                "rule": rule.lower(),
                "to_verify_hex": covered.hex(),
                "reply": notification.reply.body,
            }
    return {"error": "accepted, though neither rule fits"}


def sign_header(case: Case) -> Answer:
    body = bytes.fromhex(case["body_hex"])
    to_sign = signing.header_string_to_sign(case["path"], case["client_id"], case["time"], body)
    signature = signing.sign(case["private_key"], to_sign)
    return {
        "to_sign_hex": to_sign.hex(),
        "signature": base64.b64encode(signature).decode(),
        "encoded": quote(base64.b64encode(signature).decode(), safe=""),
        "header": _native.write_signature_header(signature, int(case["key_version"])),
    }


def verify_header_answer(case: Case) -> Answer:
    response = _native.HttpResponse(
        case.get("status") or 200, list(case["headers"].items()), bytes.fromhex(case["body_hex"])
    )
    try:
        caller(case).verify_answer(case["path"], response)
    except AnswerRefused as refused:
        return {"verdict": "refused", "reason": refused.code}
    return {"verdict": "verified"}


def verify_header_notification(case: Case) -> Answer:
    body, headers = bytes.fromhex(case["body_hex"]), list(case["headers"].items())
    try:
        parse_notification(caller(case), headers, body, path=case["path"])
    except NotificationRefused as refused:
        return {"verdict": "refused", "reason": refused.code}
    return {"verdict": "verified"}


def certificate_serials(case: Case) -> Answer:
    return {
        "app": signing.certificate_serial(case["app_cert"]),
        "alipay": signing.certificate_serial(case["alipay_cert"]),
        "root": signing.root_serial(case["root_bundle"]),
    }


def flow(case: Case) -> Answer:
    """A scripted provider, virtual time."""
    account = profile(case["profile"])._native
    prepared = account.prepare(case["operation"], json.dumps(case["request"]))
    # Scripts are about decisions: no deadline cuts them short.
    policy = {"attempts": case.get("attempts") or 5, "deadline_ms": 24 * 60 * 60 * 1000}
    procedure = account.begin(prepared, json.dumps(policy), case.get("seed") or 0)
    answers = iter(case["answers"])
    sent: list[Answer] = []
    waits: list[float] = []
    waited = passed = 0.0
    step = procedure.start(0.0, NOW_MS)
    while step[0] != "done":
        if step[0] == "wait":
            passed += step[1]
            waited += step[1]
            step = procedure.woke(passed, NOW_MS + int(passed * 1000))
            continue
        assert step[0] == "send", "asked for a signature though it has the key"
        request = step[1]
        if sent:
            waits.append(waited)
        waited = 0.0
        content = prepared.business(request.interface).encode()
        if not carries(request.body, content):
            return {"error": f"{request.interface}: the frozen content is not what is sent"}
        digest = hashlib.sha256(content).hexdigest()
        sent.append({"interface": request.interface, "business_sha256": digest})
        answer = next(answers, None)
        if answer is None:
            return told(sent, waits, None)
        now = passed, NOW_MS + int(passed * 1000)
        if "fault" in answer:
            step = procedure.faulted(answer["fault"], "", *now)
        else:
            headers = list(answer.get("headers", {}).items())
            body = bytes.fromhex(answer["body_hex"])
            step = procedure.answered(_native.HttpResponse(answer["status"], headers, body), *now)
    return told(sent, waits, json.loads(step[1]))


def told(sent: list[Answer], waits: list[float], outcome: Answer | None) -> Answer:
    ended = outcome or {}
    return {
        "sent": sent,
        "waits_s": waits,
        "outcome": ended.get("outcome"),
        "next_step": ended.get("next_step", "none") if outcome else None,
        "code": ended.get("reason", {}).get("code"),
        "reference": ended.get("reference"),
        "exhausted_answers": outcome is None,
    }


def carries(body: bytes, content: bytes) -> bool:
    """Whether a request carries exactly this content: as its body, or within a form."""
    if body == content:
        return True
    parameters = parse_qsl(body.decode(), keep_blank_values=True)
    if [name for name, _ in parameters] == ["biz_content"]:
        return parameters[0][1].encode() == content
    return dict(parameters) == json.loads(content)


def is_refusal(content: bytes) -> bool:
    """A failure's code, in an answer that carries no signature."""
    try:
        code = json.loads(content).get("code")
    except (ValueError, AttributeError):
        return False
    return isinstance(code, str) and code != "10000"


def gateway(case: Case, app_id: str) -> alipay.Account:
    certificates = case.get("certificates") or {}
    pem = certificates.get("alipay_cert_pem")
    # Application certificate and root bundle name themselves in requests only.
    platform: Answer = (
        {"app_certificate": pem, "alipay_certificates": pem, "alipay_root_certificates": pem}
        if pem
        else {"alipay_public_key": case["public_key"]}
    )
    charset = case.get("charset")
    return alipay.Account(
        app_id=app_id, merchant_private_key=STRANGER, sign_type=case["sign_type"], charset=charset, **platform
    )


def caller(case: Case) -> alipay_plus.Account:
    return alipay_plus.Account(
        client_id=case["client_id"], merchant_private_key=STRANGER, platform_public_key=case["public_key"]
    )


def profile(given: Case) -> alipay.Account | alipay_plus.Account | antom.Account:
    if given["protocol"].startswith("alipay") and not given.get("client_id"):
        return alipay.Account(
            app_id=given["app_id"],
            merchant_private_key=given["private_key"],
            alipay_public_key=given["public_key"],
        )
    kind = antom.Account if given["protocol"] == "antom" else alipay_plus.Account
    return kind(
        client_id=given["client_id"],
        merchant_private_key=given["private_key"],
        platform_public_key=given["public_key"],
    )


OPERATIONS: dict[str, Callable[[Case], Answer]] = {
    function.__name__: function
    for function in (
        sign_form,
        verify_form_answer,
        verify_form_notification,
        sign_header,
        verify_header_answer,
        verify_header_notification,
        certificate_serials,
        flow,
    )
}


def main() -> None:
    for line in sys.stdin:
        try:
            case = json.loads(line)
            answer = OPERATIONS[case["op"]](case)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
