from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from refunds import BARCODE, alipay_fields

from taxrefund import Journal, alipay, antom
from taxrefund.batch import Progress, pay_file, pay_rows
from taxrefund.errors import ConfigurationError
from taxrefund.testing import Sandbox


def csv_of(*keys: str) -> str:
    header = (
        "out_order_no,identify_account_type,identify_account_no,tax_refund_currency,"
        "tax_refund_amount,doc_id"
    )
    return "\n".join([header, *(f"{key},barcode,{BARCODE},SGD,10000,DOC{key}" for key in keys), ""])


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "refunds.db") as opened:
        yield opened


def test_a_file_is_paid_in_one_call_and_once_however_often_it_is_called(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client, tmp_path: Path
) -> None:
    file, results = tmp_path / "refunds.csv", tmp_path / "results.csv"
    file.write_text(csv_of("ORDER1", "ORDER2", "ORDER3"))
    told: list[Progress] = []
    night = pay_file(taxrefund_alipay, journal, file, results=results, on_progress=told.append)
    assert not night.needs_somebody and night.results.states.succeeded == 3
    assert [progress.ended for progress in told] == [1, 2, 3]
    assert {progress.expected for progress in told} == {3}
    assert len(results.read_text().splitlines()) == 4
    again = pay_file(taxrefund_alipay, journal, file, results=results)
    assert again.imported.known == 3 and again.worked.sends == 0
    assert [taxrefund_sandbox.paid_times(f"ORDER{n}") for n in (1, 2, 3)] == [1, 1, 1]
    assert str(again).startswith("3 lines: 3 succeeded")


def test_what_needs_somebody_is_told(
    journal: Journal, taxrefund_sandbox: Sandbox, taxrefund_alipay: alipay.Client
) -> None:
    taxrefund_sandbox.provoke("ORDER1", "failed")
    night = pay_file(taxrefund_alipay, journal, io.StringIO(csv_of("ORDER1")), batch="night")
    assert night.needs_somebody and night.results.states.failed == 1
    wrong = pay_file(taxrefund_alipay, journal, io.BytesIO(csv_of("OR-DER").encode()), batch="b")
    assert wrong.needs_somebody and wrong.imported.problems[0].line == 2


def test_the_payer_is_the_account_whose_protocol_has_the_operation(
    journal: Journal,
    taxrefund_sandbox: Sandbox,
    taxrefund_alipay: alipay.Client,
    taxrefund_antom: antom.Client,
    tmp_path: Path,
) -> None:
    file = tmp_path / "refunds.csv"
    file.write_text(csv_of("ORDER1"))
    both = [taxrefund_antom, taxrefund_alipay]
    with pytest.raises(ConfigurationError, match="operation"):
        pay_file(both, journal, file)
    with pytest.raises(ConfigurationError, match="none of them"):
        pay_file(taxrefund_antom, journal, file, operation="alipay.pay_tax_refund")
    with pytest.raises(ConfigurationError, match="2 of them"):
        pay_file([taxrefund_alipay] * 2, journal, file, operation="alipay.pay_tax_refund")
    night = pay_file(both, journal, file, operation="alipay.pay_tax_refund")
    assert night.results.is_done


def test_what_a_progress_callback_raises_hurts_no_payment(
    journal: Journal, taxrefund_alipay: alipay.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.unraisablehook", lambda report: None)

    def broken(progress: Progress) -> None:
        raise RuntimeError

    rows = [alipay_fields(f"ORDER{n}") for n in range(3)]
    night = pay_rows(taxrefund_alipay, journal, rows, batch="night", on_progress=broken)
    assert night.results.states.succeeded == 3


def test_what_can_be_read_once_only_is_refused_before_anything_is_recorded(
    journal: Journal, taxrefund_alipay: alipay.Client
) -> None:
    with pytest.raises(TypeError, match="twice"):
        pay_rows(taxrefund_alipay, journal, iter([alipay_fields("ORDER1")]), batch="night")

    class Pipe(io.StringIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(TypeError, match="twice"):
        pay_file(taxrefund_alipay, journal, Pipe(csv_of("ORDER1")), batch="night")
    assert journal.counts().total == 0
