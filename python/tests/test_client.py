from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from refunds import BARCODE, alipay_fields, alipay_request, antom_request, form_request, merchant

from taxrefund import (
    CallOptions,
    ConfigurationError,
    Failed,
    HttpResponse,
    InvalidRequest,
    Money,
    NextStep,
    Succeeded,
    TransportFault,
    Unknown,
    alipay,
    alipay_plus,
    antom,
)
from taxrefund.testing import FrozenClock, Infallible, Never, Replay, Sandbox


def test_a_refund_is_paid_once_and_the_answer_is_typed(
    taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    paid = taxrefund_alipay.pay_tax_refund(**alipay_fields("ORD1"))
    entry = taxrefund_sandbox.entry("ORD1")
    assert isinstance(paid, alipay.PayTaxRefundResponse)
    assert entry is not None
    assert (paid.tax_no, 1) == (entry["reference"], taxrefund_sandbox.paid_times("ORD1"))


def test_a_lost_answer_is_asked_about_and_nothing_is_paid_twice(
    taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORD1", "lost-answer*2")
    outcome = taxrefund_alipay.outcome.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(outcome, Succeeded)
    assert [one.interface for one in outcome.report.attempts] == ["pay", "pay", "pay"]
    assert taxrefund_sandbox.paid_times("ORD1") == 1


def test_a_repeat_sends_the_same_business_bytes(
    taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORD1", "lost-answer*3")
    taxrefund_alipay.pay_tax_refund(alipay_request("ORD1"))
    pays = [one for one in taxrefund_sandbox.requests() if one["interface"] == "pay"]
    assert len(pays) > 2
    assert len({one["business_sha256"] for one in pays}) == 1


def test_a_verified_failure_is_raised_with_what_to_do(
    taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORD1", "failed")
    with pytest.raises(Failed) as raised:
        taxrefund_alipay.pay_tax_refund(alipay_request("ORD1"))
    failed = raised.value
    assert (failed.next_step, failed.reason.verified) == (NextStep.START_NEW, True)
    assert (failed.operation, failed.key, failed.code) == ("alipay.pay_tax_refund", "ORD1", "40004")
    assert "No money moved" in str(failed) and "start_new" in str(failed)
    assert BARCODE not in str(failed) + repr(failed)
    assert "新" in failed.explain("zh").engineer


def test_an_unknown_refund_is_resumed_and_pays_once(
    taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORD1", "in-process*7")
    with pytest.raises(Unknown) as raised:
        taxrefund_alipay.pay_tax_refund(alipay_request("ORD1"))
    unknown = raised.value
    assert "NOT KNOWN" in str(unknown) and "another number" in str(unknown)
    assert BARCODE not in str(unknown) + repr(unknown)
    assert BARCODE in (unknown.state or "")
    paid = unknown.resume()
    assert isinstance(paid, alipay.PayTaxRefundResponse)
    assert taxrefund_sandbox.paid_times("ORD1") == 1


def test_an_unknown_that_was_pickled_or_stored_is_resumed_by_a_client(
    taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORD1", "in-process*7")
    unknown = taxrefund_alipay.outcome.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(unknown, Unknown)
    again = pickle.loads(pickle.dumps(unknown))
    assert (again.state, again.reason, again.report) == (
        unknown.state,
        unknown.reason,
        unknown.report,
    )
    with pytest.raises(TypeError, match=r"client\.resume"):
        again.resume()
    assert again.state is not None
    outcome = taxrefund_alipay.outcome.resume(again.state)
    assert isinstance(outcome, Succeeded)
    assert isinstance(taxrefund_alipay.resume(again), alipay.PayTaxRefundResponse)
    assert taxrefund_sandbox.paid_times("ORD1") == 1


def test_outcomes_are_matched(taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client) -> None:
    said = []
    taxrefund_sandbox.provoke("ORD2", "failed")
    taxrefund_sandbox.provoke("ORD3", "in-process*every")
    for key in ("ORD1", "ORD2", "ORD3"):
        match taxrefund_alipay.outcome.pay_tax_refund(alipay_request(key)):
            case Succeeded(response=paid, reference=number):
                assert paid.tax_no == number
                said.append("succeeded")
            case Failed(reason, NextStep.START_NEW):
                said.append(f"failed {reason.code}")
            case Unknown(next_step=NextStep.RESUME_LATER):
                said.append("unknown")
    assert said == ["succeeded", "failed 40004", "unknown"]


def test_failed_is_copied_and_pickled(
    taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORD1", "failed")
    failed = taxrefund_alipay.outcome.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(failed, Failed)
    for again in (copy.copy(failed), pickle.loads(pickle.dumps(failed))):
        assert (str(again), again.reason, again.report) == (
            str(failed),
            failed.reason,
            failed.report,
        )


def test_everything_wrong_with_a_request_is_named_in_pythons_names(
    taxrefund_alipay: alipay.Client, taxrefund_alipay_plus: alipay_plus.Client
) -> None:
    with pytest.raises(InvalidRequest) as raised:
        taxrefund_alipay.pay_tax_refund(
            alipay_request("ORD-1", identify_account_no="x", tax_refund_amount="1.20")
        )
    paths = {one.path for one in raised.value.violations}
    assert {
        "out_order_no",
        "identify_account_no",
        "tax_refund_amount",
        "tax_refund_currency",
    } <= paths
    address = alipay_plus.Address(region="UK")
    shops = [merchant(), merchant(merchant_address=address, merchant_mcc="x" * 40)]
    with pytest.raises(InvalidRequest) as raised:
        taxrefund_alipay_plus.sync_tax_refund_form(
            form_request("F1", merchants=shops, tax_refund_amount=Money(minor=0, currency="IDR"))
        )
    paths = {one.path for one in raised.value.violations}
    assert {
        "merchants[1].merchant_address.region",
        "merchants[1].merchant_mcc",
        "tax_refund_amount.value",
    } <= paths
    again = pickle.loads(pickle.dumps(raised.value))
    assert (again.violations, str(again), again.code) == (
        raised.value.violations,
        str(raised.value),
        "invalid_request",
    )


def test_text_that_is_no_text_is_an_invalid_request(taxrefund_alipay: alipay.Client) -> None:
    with pytest.raises(InvalidRequest):
        taxrefund_alipay.pay_tax_refund(alipay_request("ORD1", departure_point="\ud800"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"out_order": "ORD1"},
            r"got an unexpected keyword argument 'out_order'. Did you mean 'out_order_no'",
        ),
        (
            {"out_order_no": "ORD1"},
            r"pay_tax_refund\(\) is missing what is required: identify_account_type",
        ),
    ],
)
def test_keywords_that_do_not_exist_or_are_missing_are_named(
    taxrefund_alipay: alipay.Client, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(TypeError, match=words):
        taxrefund_alipay.pay_tax_refund(**fields)


def test_a_call_takes_a_request_or_its_fields(taxrefund_alipay: alipay.Client) -> None:
    call: Any = taxrefund_alipay.pay_tax_refund
    with pytest.raises(TypeError, match="not both"):
        call(alipay_request("ORD1"), out_order_no="ORD2")
    with pytest.raises(TypeError, match="needs a PayTaxRefundRequest, not RefundRequest"):
        call(antom_request("ORD1"))
    with pytest.raises(TypeError, match="options: must be CallOptions, not dict"):
        call(alipay_request("ORD1"), options={"attempts": 3})


def test_all_three_protocols_pay(
    taxrefund_sandbox: Sandbox,
    taxrefund_alipay_plus: alipay_plus.Client,
    taxrefund_antom: antom.Client,
) -> None:
    synced = taxrefund_alipay_plus.outcome.sync_tax_refund_form(form_request("F1"))
    assert isinstance(synced, Succeeded)
    refunded = taxrefund_antom.refund(antom_request("R1"))
    assert refunded.refund_id
    assert refunded.refund_amount is not None
    assert refunded.refund_amount.money == Money.parse("5.00", "USD")
    found = taxrefund_antom.inquire_refund(refund_request_id="R1")
    assert found.refund_id == refunded.refund_id


def test_options_hold_for_a_call_or_for_a_client() -> None:
    clock = FrozenClock()
    account = Infallible().alipay_account()
    never = Never(clock)
    client = alipay.Client(account, transport=never, clock=clock)
    hurried = client.with_options(attempts=3, timeout=2)
    outcome = hurried.outcome.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(outcome, Unknown)
    pays = [one for one in never.requests if one.interface == "pay"]
    assert (len(pays), {one.timeout for one in never.requests}) == (3, {2.0})
    late = client.outcome.pay_tax_refund(alipay_request("ORD2"), options=CallOptions(deadline=20))
    assert isinstance(late, Unknown) and late.reason.code == "deadline"
    with pytest.raises(ConfigurationError, match="attempts") as raised:
        client.pay_tax_refund(alipay_request("ORD3"), options=CallOptions(attempts=99))
    assert raised.value.code == "policy_out_of_bounds"


def test_waits_are_drawn_from_the_seed() -> None:
    def waits(seed: int) -> list[float]:
        clock = FrozenClock()
        client = alipay.Client(Infallible().alipay_account(), transport=Never(clock), clock=clock)
        client.outcome.pay_tax_refund(alipay_request("ORD1"), options=CallOptions(seed=seed))
        return clock.waits

    assert waits(7) == waits(7) != waits(8)


def test_the_form_without_a_journal_is_refused_because_nobody_would_remember_it(
    taxrefund_alipay: alipay.Client,
) -> None:
    with pytest.raises(ConfigurationError, match="needs a journal"):
        taxrefund_alipay.pay_tax_refund(alipay_request("ORD1"), options=CallOptions(form="F1"))


def test_an_answer_that_nobody_signed_is_never_believed() -> None:
    body = json.dumps({"alipay_overseas_tax_order_pay_response": {"code": "10000", "tax_no": "1"}})
    forged = HttpResponse(200, [], body.encode())
    clock = FrozenClock()
    client = alipay.Client(
        Infallible().alipay_account(), transport=Replay([forged] * 40), clock=clock
    )
    outcome = client.outcome.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(outcome, Unknown)


def test_a_transport_may_fail_in_every_way_and_the_refund_is_not_known() -> None:
    clock = FrozenClock()
    script = Replay(
        [TransportFault("reset"), TransportFault("\ud800", "\ud800"), TransportFault("dns")]
    )
    client = alipay.Client(Infallible().alipay_account(), transport=script, clock=clock)
    outcome = client.outcome.pay_tax_refund(alipay_request("ORD1"), options=CallOptions(attempts=3))
    assert isinstance(outcome, Unknown)
    codes = [one.reason.code for one in outcome.report.attempts if one.reason is not None]
    assert codes[:3] == ["reset", "reset", "dns"]


@pytest.mark.parametrize(
    "state", ["", "{}", "[]", "null", "\ud800", '{"operation": "x", "key": "y"}', "[" * 100_000]
)
def test_a_state_that_is_none_is_a_configuration_error(
    taxrefund_alipay: alipay.Client, state: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        taxrefund_alipay.resume(state)
    assert raised.value.code == "state_unreadable"


def test_a_state_that_was_changed_or_belongs_to_another_account_is_refused(
    taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORD1", "in-process*every")
    unknown = taxrefund_alipay.outcome.pay_tax_refund(alipay_request("ORD1"))
    assert isinstance(unknown, Unknown) and unknown.state is not None
    with pytest.raises(ConfigurationError) as raised:
        taxrefund_alipay.resume(unknown.state.replace("SGD", "USD"))
    assert raised.value.code == "state_unreadable"
    other = alipay.Client(taxrefund_sandbox.alipay_account(app_id="9021000100000099"))
    with pytest.raises(ConfigurationError) as raised:
        other.resume(unknown)
    assert raised.value.code == "state_other_account"
    with pytest.raises(TypeError, match=r"resume\(\) needs"):
        taxrefund_alipay.resume(5)  # type: ignore[arg-type]


def test_settings_of_the_wrong_kind_are_named() -> None:
    account: Any = Infallible().alipay_account()
    make: Any = alipay.Client
    with pytest.raises(TypeError, match=r"account: must be an alipay\.Account, not Account"):
        make(Infallible().antom_account())
    with pytest.raises(TypeError, match=r"transport: has no exchange"):
        make(account, transport=object())
    with pytest.raises(TypeError, match="observer: must be callable"):
        make(account, observer=5)
    with pytest.raises(TypeError, match="options: must be CallOptions"):
        make(account, options={})
