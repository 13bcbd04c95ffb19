from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from refunds import alipay_request

from taxrefund import Journal, Money, alipay
from taxrefund.errors import ConfigurationError, SettlementError
from taxrefund.settlement import ListOptions
from taxrefund.testing import Sandbox

PAY = "alipay.pay_tax_refund"


@pytest.fixture
def journal(
    tmp_path: Path, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> Iterator[Journal]:
    """Two refunds that were paid and one that was not."""
    taxrefund_sandbox.provoke("ORDER3", "failed")
    with Journal(tmp_path / "refunds.db") as opened:
        for key in ("ORDER1", "ORDER2", "ORDER3"):
            opened.run(taxrefund_alipay, alipay_request(key))
        yield opened


def listed(*lines: str, header: str = "key,amount,currency,status") -> io.StringIO:
    return io.StringIO("\n".join([header, *lines, ""]))


def test_two_sides_that_agree_are_clean(journal: Journal) -> None:
    report = journal.settle(
        listed("ORDER1,100.00,SGD,SUCCESS", "ORDER2,100.00,SGD,S", "ORDER3,100.00,SGD,FAIL"),
        operation=PAY,
    )
    assert report.is_clean and report.counts.agreeing == 3 and report.differences == ()
    assert str(report).startswith("no differences; 3 agree")


def test_every_difference_is_typed_and_says_what_to_do(journal: Journal, tmp_path: Path) -> None:
    csv = tmp_path / "differences.csv"
    report = journal.settle(
        listed(
            "ORDER1,99.00,SGD,SUCCESS",
            "ORDER3,100.00,SGD,SUCCESS",
            "OTHER,5.00,SGD,SUCCESS",
            "BAD,5.00,SGD,PERHAPS",
        ),
        operation=PAY,
        csv=csv,
    )
    kinds = {difference.key: difference for difference in report.differences}
    assert {key: found.kind for key, found in kinds.items()} == {
        "ORDER1": "amount",
        "ORDER2": "missing",
        "ORDER3": "status",
        "OTHER": "extra",
    }
    assert kinds["OTHER"].journal is None and kinds["OTHER"].severity == "critical"
    assert kinds["OTHER"].list[0].amount == Money.parse("5.00", "SGD")
    recorded = kinds["ORDER2"].journal
    assert recorded is not None and recorded.amount == Money.parse("100.00", "SGD")
    assert kinds["ORDER2"].list == () and "support" in kinds["ORDER2"].advice
    assert report.counts.problems == 1 and report.problems[0].rule == "status_unlisted"
    assert "line 5" in str(report.problems[0]) and not report.is_clean
    assert len(csv.read_text().splitlines()) == 1 + 4 + 1  # header, differences, problem


def test_a_list_is_read_by_its_own_columns(journal: Journal) -> None:
    options = ListOptions(
        key_column="Order No",
        amount_column="Refund",
        amount_unit="minor",
        currency="SGD",
        status_column="Result",
        paid_texts=["done"],
        failed_texts=["no"],
        delimiter="semicolon",
    )
    list_file = listed(
        "ORDER1;10000;done", "ORDER2;10000;done", "ORDER3;10000;no", header="Order No;Refund;Result"
    )
    assert journal.settle(list_file, operation=PAY, options=options).is_clean
    paid_only = ListOptions(all_paid=True, amount_unit="minor", currency_column="cur")
    list_file = listed("ORDER1,10000,SGD", "ORDER2,10000,SGD", header="key,amount,cur")
    assert journal.settle(list_file, operation=PAY, options=paid_only).is_clean


def test_only_the_time_of_the_list_is_compared(journal: Journal) -> None:
    recorded = [entry.created_at for entry in journal.entries()]
    empty = "key,amount,currency,status\n"
    later = max(recorded) + timedelta(days=1)
    assert journal.settle(io.StringIO(empty), operation=PAY, since=later).counts.recorded == 0
    earlier = min(recorded) - timedelta(days=1)
    assert journal.settle(io.StringIO(empty), operation=PAY, before=earlier).is_clean
    within = journal.settle(io.StringIO(empty), operation=PAY, since=earlier, before=later)
    assert within.counts.missing == 2


def test_a_list_is_about_one_account(
    journal: Journal, taxrefund_sandbox: Sandbox, tmp_path: Path
) -> None:
    other = alipay.Client(taxrefund_sandbox.alipay_account(app_id="9021000100000003"))
    journal.submit(other, alipay_request("ORDER1"))
    with pytest.raises(ConfigurationError, match="9021000100000003"):
        journal.settle(listed(), operation=PAY)
    assert journal.settle(listed(), operation=PAY, account="9021000100000003").counts.open == 1


def test_a_list_or_options_that_cannot_be_used_are_said(journal: Journal) -> None:
    with pytest.raises(SettlementError, match="no column"):
        journal.settle(listed(header="a,b"), operation=PAY)
    with pytest.raises(SettlementError, match="paid and as failed"):
        options = ListOptions(paid_texts=["S"], failed_texts=["s"])
        journal.settle(listed(), operation=PAY, options=options)
    with pytest.raises(ConfigurationError):
        journal.settle(listed(), operation="alipay.query_tax_refund")
