"""explain, signing, doctor, errors, the package itself, and what it offers to tests."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from refunds import alipay_request, antom_request, form_request, merchant

import taxrefund
from taxrefund import (
    ConfigurationError,
    ErrorCode,
    Interrupted,
    Money,
    NextStep,
    SandboxError,
    Succeeded,
    TaxRefundError,
    alipay,
    alipay_plus,
    antom,
    doctor,
    errors,
    explain_code,
    explain_step,
    signing,
)
from taxrefund.testing import FrozenClock, Infallible, Never, Replay, Sandbox


def test_a_code_is_explained_in_both_languages() -> None:
    (english,) = explain_code("timeout")
    (chinese,) = explain_code("timeout", "zh")
    assert english.protocol is None and english.meaning and chinese.meaning != english.meaning
    assert explain_code("NEVER_SEEN") == () == explain_code("\ud800")
    assert "timeout" in str(english)
    with pytest.raises(ConfigurationError, match="en or zh"):
        explain_code("timeout", "de")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="code: must be str"):
        explain_code(5)  # type: ignore[arg-type]


def test_every_next_step_has_its_words() -> None:
    for step in NextStep:
        told = explain_step(step)
        assert told.clerk and told.engineer and told.traveller
    with pytest.raises(ValueError, match="no next step"):
        explain_step("run_away")


def test_signatures_are_made_and_checked(taxrefund_sandbox: Sandbox) -> None:
    keys = taxrefund_sandbox.credentials["alipay"]
    signature = signing.sign(keys["partner_private_key_pem"], b"message")
    public = keys["partner_public_key_pem"]
    assert signing.verify(public, b"message", signature)
    assert not signing.verify(public, b"other", signature)
    assert not signing.verify(public, b"message", signature, "RSA")
    assert signing.form_string_to_sign({"b": "2", "a": "1", "sign": "x", "c": ""}) == b"a=1&b=2"
    assert b"POST /x\n5Y.now.body" in signing.header_string_to_sign("/x", "5Y", "now", b"body")
    assert signing.certificate_serial(keys["app_certificate_pem"]) == keys["app_cert_sn"]
    assert signing.root_serial(keys["root_certificates_pem"]) == keys["alipay_root_cert_sn"]
    with pytest.raises(ConfigurationError):
        signing.sign("nonsense", b"message")
    with pytest.raises(TypeError, match="params"):
        signing.form_string_to_sign({"a": 1})  # type: ignore[dict-item]


def test_the_signed_part_of_an_answer_is_cut_out() -> None:
    provider = Infallible()
    alipay.Client(provider.alipay_account(), transport=provider).pay_tax_refund(
        alipay_request("ORDER1")
    )
    body = provider.exchange(provider.requests[0]).body
    cut = signing.cut_out("alipay.overseas.tax.order.pay", body)
    assert json.loads(body[cut.start : cut.end])["code"] == "10000" and cut.signature


def test_the_doctor_says_what_is_wrong_and_shows_no_key(taxrefund_sandbox: Sandbox) -> None:
    keys = taxrefund_sandbox.credentials["alipay"]
    good = doctor.diagnose(
        merchant_private_key=keys["partner_private_key_pem"],
        platform_public_key=keys["platform_public_key_pem"],
    )
    assert good.healthy and str(good)
    bad = doctor.diagnose(
        merchant_private_key=keys["partner_private_key_pem"],
        platform_public_key=keys["partner_public_key_pem"],
    )
    assert not bad.healthy
    assert {one.problem for one in bad.findings} > {None} or any(one.advice for one in bad.findings)
    assert keys["partner_private_key_pem"][40:80] not in str(bad)


def test_every_problem_of_the_native_side_becomes_its_own_class() -> None:
    kinds = {
        "invalid_request": "InvalidRequest",
        "configuration": "ConfigurationError",
        "misuse": "FlowMisuse",
        "key_reused": "KeyReused",
        "form_taken": "FormTaken",
        "busy": "RefundBusy",
        "taken_over": "TakenOver",
        "not_found": "RefundNotFound",
        "only_reads": "JournalError",
        "journal": "JournalError",
        "file": "FileError",
        "settlement": "SettlementError",
        "batch": "BatchError",
        "money": "MoneyError",
        "date": "DateError",
        "notification_refused": "NotificationRefused",
        "answer_refused": "AnswerRefused",
        "sandbox": "SandboxError",
        "of a later version": "TaxRefundError",
    }
    for kind, name in kinds.items():
        made = errors._of(json.dumps({"kind": kind, "code": "some_code", "message": "words"}))
        assert type(made).__name__ == name
        assert isinstance(made, TaxRefundError)
        again = pickle.loads(pickle.dumps(made))
        assert (type(again), again.code, str(again)) == (type(made), "some_code", "words")
        assert "words" not in repr(made)


def test_the_codes_of_the_classes_are_listed() -> None:
    listed = {code.value for code in ErrorCode}
    for name in taxrefund.__all__:
        kind = getattr(taxrefund, name)
        if isinstance(kind, type) and issubclass(kind, errors.KeyReused | errors.JournalError):
            assert kind.code in listed


def test_paths_are_pythons() -> None:
    assert errors.python_path("merchants.0.merchantAddress.region") == (
        "merchants[0].merchant_address.region"
    )
    assert errors.python_path("merchantMCC") == "merchant_mcc"
    assert errors.python_path("merchants.12.store.storeMCC") == "merchants[12].store.store_mcc"
    assert errors.python_path("address1") == "address1"
    assert errors.python_path("tax_refund_amount") == "tax_refund_amount"


def test_every_field_of_every_request_is_named_in_python_as_its_path_is() -> None:
    kinds = [
        operation.request
        for module in (alipay, alipay_plus, antom)
        for operation in module.OPERATIONS
    ]
    seen: set[object] = set()
    while kinds:
        kind = kinds.pop()
        seen.add(kind)
        for field in kind._fields_:
            assert errors.python_path(field.wire) == field.name
            if isinstance(field.item, type) and field.item not in seen:
                kinds.append(field.item)
    assert len(seen) > 15


def test_an_interrupt_is_a_keyboard_interrupt_and_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Interrupted("words"))).unknown is None
    assert issubclass(Interrupted, KeyboardInterrupt)
    assert not issubclass(Interrupted, Exception)


def test_everything_exported_is_there_and_the_types_say_the_same() -> None:
    for name in taxrefund.__all__:
        assert getattr(taxrefund, name) is not None
    assert set(taxrefund.__all__) <= set(dir(taxrefund))
    assert set(taxrefund.__all__) == {*taxrefund._HOME, *taxrefund._MODULES, "__version__"}
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = taxrefund.nonsense  # type: ignore[attr-defined]


def test_importing_the_package_loads_next_to_nothing() -> None:
    program = (
        "import sys; before = set(sys.modules); import taxrefund; "
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = _python(program).split()
    assert [one for one in loaded if one.startswith("taxrefund")] == ["taxrefund"]
    assert len(loaded) < 5


def test_a_blocking_client_loads_no_asyncio() -> None:
    program = (
        "import sys; from taxrefund import alipay, Money, CallOptions; alipay.Client; "
        "print(*sorted(set(sys.modules) & {'asyncio', 'ssl', 'logging', 'argparse', 'difflib'}))"
    )
    assert _python(program).split() == []


def _python(program: str) -> str:
    source = str(Path(taxrefund.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {source!r}); {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_infallible_provider_answers_every_operation_with_a_verified_success() -> None:
    provider = Infallible()
    at_alipay = alipay.Client(provider.alipay_account(), transport=provider)
    at_plus = alipay_plus.Client(provider.alipay_plus_account(), transport=provider)
    at_antom = antom.Client(provider.antom_account(), transport=provider)
    shop, user = [merchant()], alipay_plus.User(user_id="210220990000000000001")
    amount = Money.parse("10.00", "EUR")
    outcomes = [
        at_alipay.outcome.pay_tax_refund(alipay_request("ORDER1")),
        at_alipay.outcome.query_tax_refund(out_order_no="ORDER1"),
        at_alipay.outcome.query_user_info(
            identify_account_type="barcode", identify_account_no="281234567890123456"
        ),
        at_alipay.outcome.exchange_auth_code(grant_type="authorization_code", code="x"),
        at_plus.outcome.sync_tax_refund_form(form_request("FORM1")),
        at_plus.outcome.evaluate_original_credit(
            payer_amount=amount,
            payer=shop,
            payee_method=alipay_plus.PaymentMethod(
                payment_method_type="ALIPAY_CN", payment_method_id="281234567890123456"
            ),
            evaluation_type="BY_CODE",
            departure_region="FR",
            scenario_type="TAX_REFUND",
            sub_scenario_type="AIRPORT",
        ),
        at_plus.outcome.create_original_credit(
            original_credit_request_id="CREDIT1",
            payer_amount=amount,
            payee=user,
            payer=shop,
            tax_refund_form_number="FORM1",
            departure_region="FR",
            departure_port="CDG",
            total_sales_amount=amount,
            scenario_type="TAX_REFUND",
            sub_scenario_type="AIRPORT",
        ),
        at_plus.outcome.inquire_original_credit(original_credit_request_id="CREDIT1"),
        at_plus.outcome.confirm_original_credit(original_credit_request_id="CREDIT1"),
        at_antom.outcome.refund(antom_request("RID1")),
        at_antom.outcome.inquire_refund(refund_request_id="RID1"),
    ]
    for outcome in outcomes:
        assert isinstance(outcome, Succeeded), outcome
    assert len(provider.requests) == len(outcomes)


def test_the_simulator_goes_wrong_on_demand_and_refuses_nonsense(
    taxrefund_sandbox: Sandbox,
) -> None:
    taxrefund_sandbox.add_payment(
        paymentId="P1", currency="USD", amountMinor=250, captured=True, inRefundPeriod=True
    )
    client = taxrefund_sandbox.antom_client()
    outcome = client.outcome.refund(
        antom_request("RID1", payment_id="P1", refund_amount=Money.parse("9.00", "USD"))
    )
    assert not isinstance(outcome, Succeeded)
    with pytest.raises(SandboxError):
        taxrefund_sandbox.provoke("RID2", "no-such-scenario")
    with pytest.raises((SandboxError, ConfigurationError)):
        Sandbox(faults="\ud800")
    with Sandbox(seed=3) as other:
        assert other.is_running and other.base_url in repr(other)
    assert not other.is_running
    assert taxrefund_sandbox.entry("NEVER") is None and taxrefund_sandbox.paid_times("NEVER") == 0
    assert taxrefund_sandbox.notifications() == []


def test_a_frozen_clock_moves_only_when_it_is_moved(taxrefund_clock: FrozenClock) -> None:
    before = taxrefund_clock.now
    taxrefund_clock.wait(0.0001, None)
    taxrefund_clock.advance(2)
    assert (taxrefund_clock.now - before).total_seconds() == 2.001
    with pytest.raises(ValueError, match="does not go back"):
        taxrefund_clock.advance(-1)


def test_a_script_that_is_over_reaches_nobody() -> None:
    clock = FrozenClock()
    client = alipay.Client(Infallible().alipay_account(), transport=Replay([]), clock=clock)
    outcome = client.outcome.pay_tax_refund(alipay_request("ORDER1"))
    first = outcome.report.attempts[0].reason
    assert first is not None and first.code == "connect_failed"
    assert Never().requests == []


def test_the_fixtures_pay(
    taxrefund_alipay: alipay.Client,
    taxrefund_alipay_plus: alipay_plus.Client,
    taxrefund_antom: antom.Client,
) -> None:
    assert taxrefund_alipay.pay_tax_refund(alipay_request("ORDER1")).tax_no
    taxrefund_alipay_plus.sync_tax_refund_form(form_request("FORM1"))
    assert taxrefund_antom.refund(antom_request("RID1")).refund_id
