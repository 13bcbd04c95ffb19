from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from office import Office, csv_of, states
from refunds import BARCODE, antom_request

from taxrefund import Journal
from taxrefund.cli import main, terminal
from taxrefund.testing import Sandbox

SHORT = ("--wait", "--set", "attempts=3", "--set", "take_up_again_after=0.01,0.01")
EXAMPLES = Path(__file__).parents[2] / "examples" / "refunds"


@pytest.fixture
def office(
    tmp_path: Path,
    taxrefund_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Office:
    return Office(tmp_path, taxrefund_sandbox, monkeypatch, capsys)


def test_a_file_is_paid_and_told_line_by_line(office: Office) -> None:
    said = office.run("pay", office.refunds("ORDER1", "ORDER2"), "--results", "results.csv")
    assert said.code == 0, said.err
    assert "*** SANDBOX: no real money moves ***" in said.err
    assert "2 lines: 2 new" in said.err and "refunds.csv" in said.out
    assert states(office.folder / "results.csv") == ["succeeded"] * 2
    again = office.run("pay", "refunds.csv", "--results", "results.csv")
    assert again.code == 0 and "2 recorded before" in again.err
    office.assert_each_paid_once("ORDER1", "ORDER2")
    assert list(office.folder.glob("*-wal")) == []


def test_the_examples_of_all_three_protocols_are_told_apart_by_their_columns(
    office: Office,
) -> None:
    said = office.run("pay", *sorted(EXAMPLES.glob("*.csv")), "--results", "results")
    assert said.code == 2, said.err
    assert "line 43: key_reused" in said.err and "82200037" not in said.out
    for name, lines in [("alipay", 90), ("alipay_plus", 60), ("antom", 50)]:
        told = states(office.folder / "results" / f"{name}.results.csv")
        assert len(told) == lines and set(told) == {"succeeded", "wrong"}
    assert office.sandbox.ledger()["double_paid"] == []


def test_what_failed_or_is_not_known_is_named_with_what_to_do(office: Office) -> None:
    office.sandbox.provoke("FAILS", "failed")
    office.sandbox.provoke("OPEN", "lost-answer*every,system-error*every")
    said = office.run("pay", office.refunds("FAILS", "OPEN", "OR-DER"), *SHORT)
    assert said.code == 2
    assert "FAILS failed: 40004" in said.err and "line 4: invalid_request" in said.err
    assert "Needs somebody" in said.out and "OPEN" in said.out
    assert "Failed, no money moved" in said.out and "start_new" in said.out
    assert "contact_support" in said.out
    status = office.run("status")
    assert status.code == 2 and "nobody is at work" in status.out
    plain = json.loads(office.run("status", "--json").out)
    assert plain["counts"]["unknown"] == 1
    assert plain["needs_somebody"]["refunds"][0]["key"] == "OPEN"
    lines = office.run("status", "--csv", "--state", "failed")
    assert lines.code == 0 and [line[:5] for line in lines.out.splitlines()] == ["key,o", "FAILS"]


def test_a_refund_that_rests_is_resumed_alone_or_with_all_of_its_kind(office: Office) -> None:
    office.sandbox.provoke("OPEN", "lost-answer*every,system-error*every")
    office.run("pay", office.refunds("OPEN"), *SHORT)
    alone = office.run("resume", "--key", "OPEN")
    assert alone.code == 2 and "not known yet, never enter it again" in alone.out
    office.sandbox.provoke("OPEN", "none")
    assert "--why" in office.run("resume", "--state", "unknown").err
    assert "--why goes with" in office.run("resume", "--why", "because").err
    why = ("--why", "support says it was paid")
    all_of_them = office.run("resume", "--next-step", "contact_support", *why)
    assert "1 refund due again" in all_of_them.err
    assert all_of_them.code == 0, all_of_them.err
    assert office.run("resume", "--key", "OPEN").out.startswith("OPEN succeeded, reference")
    assert "support says it was paid" in office.run("show", "OPEN").out
    assert office.run("resume", "--key", "NOPE").code == 1
    office.assert_each_paid_once("OPEN")


def test_the_story_shows_what_is_personal_only_when_asked(office: Office) -> None:
    office.run("pay", office.refunds("ORDER1"))
    plain = office.run("show", "ORDER1")
    assert plain.code == 0 and "SGD 100.00" in plain.out and "refunds.csv, line 2" in plain.out
    assert BARCODE not in plain.out
    assert BARCODE in office.run("show", "ORDER1", "--evidence").out
    missing = office.run("show", "NOPE")
    assert missing.code == 1 and "nothing was sent under it" in missing.err


def test_looking_needs_no_account_and_makes_no_journal(office: Office) -> None:
    (office.folder / "taxrefund.json").write_text("{}")
    for command in (["status"], ["show", "X"], ["verify-journal"], ["resume"], ["rotate-key"]):
        assert office.run(*command).code == 1
    said = office.run("status", "--journal", "typo.db")
    assert said.code == 1 and "there is no journal at typo.db" in said.err
    assert list(office.folder.glob("*.db")) == []
    Journal("there.db").close()
    assert office.run("status", "--journal", "there.db").code == 0


def test_results_can_be_written_again_without_sending_anything(office: Office) -> None:
    file = office.refunds("ORDER1", "OR-DER")
    office.run("pay", file)
    sent = len(office.sandbox.requests())
    said = office.run("results", file, "--out", "again.csv")
    assert said.code == 2 and said.out.startswith("2 lines: 1 succeeded")
    assert states(office.folder / "again.csv") == ["succeeded", "wrong"]
    assert len(office.sandbox.requests()) == sent


def test_the_provider_s_list_is_held_against_the_journal(office: Office) -> None:
    office.run("pay", office.refunds("ORDER1", "ORDER2"))
    office.file("list.csv", "No,Amt,Result\nORDER1,10000,ok\nORDER2,10000,ok\n")
    command = ["settle", "list.csv", "--operation", "alipay.pay_tax_refund", "--key-column", "no"]
    command += ["--amount-column", "AMT", "--amount-unit", "minor", "--currency", "SGD"]
    command += ["--status-column", "result", "--paid-text", "OK"]
    assert office.run(*command).out.startswith("no differences; 2 agree")
    office.file("list.csv", "No,Amt,Result\nORDER1,10000,ok\n")
    said = office.run(*command, "--csv", "differences.csv")
    assert said.code == 2 and "missing" in said.out
    assert (office.folder / "differences.csv").exists()
    assert office.run(*command, "--to", "2020-01-01").out.startswith("1 difference (extra 1)")
    office.file("options.json", '{"key_colum": "no"}')
    wrong = office.run(*command, "--list-options", "options.json")
    assert wrong.code == 1 and "did you mean key_column?" in wrong.err
    office.file("options.json", '{"paid_texts": ["ok"], "amount_unit": "major"}')
    assert office.run(*command, "--list-options", "options.json").code == 2
    assert office.run(*command, "--from", "tomorrow").code == 1


def test_the_head_of_an_earlier_check_must_lie_on_the_chain(office: Office) -> None:
    office.run("pay", office.refunds("ORDER1"))
    said = office.run("verify-journal")
    assert said.code == 0 and said.out.startswith("whole: 1 refunds")
    head = said.out.splitlines()[1].removeprefix("head ")
    assert office.run("verify-journal", "--expect", head).code == 0
    cut = office.run("verify-journal", "--expect", f"99:{'0' * 64}")
    assert cut.code == 2 and "NOT WHOLE" in cut.out and "Pay nothing" in cut.out


def test_the_sealing_key_is_rotated_and_never_shown(office: Office) -> None:
    old, new = office.file("old.hex", "07" * 32), office.file("new.hex", "08" * 32 + "\n")
    office.run("pay", office.refunds("ORDER1"), "--sealing-key-file", old)
    assert office.run("status").code == 1
    assert office.run("rotate-key", "--new-key-file", new).code == 1
    said = office.run("rotate-key", "--sealing-key-file", old, "--new-key-file", new)
    assert said.code == 0, said.err
    assert office.run("status", "--sealing-key-file", new).code == 0
    wrong = office.run("status", "--sealing-key-file", office.file("short.hex", "KEY123"))
    assert wrong.code == 1 and "KEY123" not in wrong.err


def test_a_code_a_fault_and_a_step_are_explained_without_any_configuration(
    office: Office,
) -> None:
    (office.folder / "taxrefund.json").write_text("not even JSON")
    said = office.run("explain", "timeout", "resume_later", "REFUND_WINDOW_EXCEED")
    assert said.code == 0 and "clerk:" in said.out and "to do:" in said.out
    chinese = office.run("explain", "--zh", "timeout", "resume_later")
    assert chinese.code == 0 and "收银员" in chinese.out
    unknown = office.run("explain", "timeout", "NEVER_SEEN\x1b[31m")
    assert unknown.code == 1 and "\x1b" not in unknown.err and "not known here" in unknown.err


def test_the_doctor_looks_at_keys_clock_and_network(office: Office) -> None:
    said = office.run("doctor")
    assert said.code == 0, said.out
    for look in ("merchant_private_key", "DNS", "TCP", "answer", "clock", "SANDBOX"):
        assert look in said.out
    assert "PRIVATE" not in said.out
    unreachable = office.run("doctor", "--set", "antom.endpoint=http://127.0.0.1:1")
    assert unreachable.code == 2 and "takes no connection" in unreachable.out
    credentials = office.sandbox.credentials["antom"]
    office.file("own.pem", credentials["partner_public_key_pem"])
    swapped = office.run("doctor", "--offline", "--set", "antom.platform_public_key_file=own.pem")
    assert swapped.code == 2 and "WRONG" in swapped.out
    assert office.run("doctor", "--account", "nope").code == 1


def test_real_money_is_asked_about_on_a_terminal_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked = Terminal()
    monkeypatch.setattr(sys, "stderr", asked)
    monkeypatch.setattr(sys, "stdin", Terminal("n\ny\n"))
    production = ["--set", "alipay.environment=production", "--set", "sandbox_wait_permille=1000"]
    assert main(["pay", str(office.refunds("ORDER1")), *production]) == 1
    assert "Real money moves. Pay? [y/N]" in asked.getvalue()
    assert "nothing was recorded and nothing was sent" in asked.getvalue()
    assert not office.journal.exists() and office.sandbox.requests() == []
    assert main(["pay", "refunds.csv", *production]) == 0
    office.assert_each_paid_once("ORDER1")


def test_without_a_terminal_nobody_is_waited_for(office: Office) -> None:
    production = ["--set", "alipay.environment=production", "--set", "sandbox_wait_permille=1000"]
    said = office.run("pay", office.refunds("ORDER1"), *production)
    assert said.code == 0 and "SANDBOX" not in said.err


def test_short_waits_are_refused_where_real_money_moves(office: Office) -> None:
    said = office.run("pay", office.refunds("ORDER1"), "--set", "alipay.environment=production")
    assert said.code == 1 and "sandbox" in said.err.lower()
    assert office.sandbox.requests() == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pay", "nope.csv"], "there is no file nope.csv"),
        (["pay", "refunds.csv", "--operation", "alipay.pay"], "alipay.pay_tax_refund"),
        (["pay", "refunds.csv", "--account", "nope"], "there are: alipay"),
        (["pay", "refunds.csv", "--account", "antom"], "say what each line asks for"),
        (["pay", "strange.csv"], "--operation, one of"),
        (["pay", "refunds.csv", "--results", "nowhere/results.csv"], "no folder nowhere"),
        (["pay", "refunds.csv", "again/refunds.csv"], "same name"),
        (["pay", "refunds.csv", "antom.jsonl", "--batch", "night"], "--batch names one batch"),
        (["pay", "refunds.csv", "--exchanges", "0"], "1 to 1024"),
        (["pay", "refunds.csv", "--restarted"], "--owner"),
        (["pay"], "required"),
        (["pya"], "invalid choice"),
        ([], ""),
    ],
)
def test_a_mistake_ends_with_1_says_what_to_do_and_sends_nothing(
    arguments: list[str], message: str, office: Office
) -> None:
    office.refunds("ORDER1")
    office.refunds("ORDER1", name="again/refunds.csv")
    office.file("strange.csv", "a,b\n1,2\n")
    office.file("antom.jsonl", antom_request("A1").to_json() + "\n")
    said = office.run(*arguments)
    assert said.code == 1 and message in said.err
    assert office.sandbox.requests() == [] and not office.journal.exists()


def test_every_command_has_help_with_examples_and_exit_codes(office: Office) -> None:
    assert office.run("--help").code == 0
    commands = (
        "pay resume status show results settle verify-journal doctor explain rotate-key sandbox"
    )
    for command in commands.split():
        said = office.run(command, "--help")
        assert said.code == 0 and "examples:" in said.out and "exit codes:" in said.out
        assert all(len(line) <= 110 for line in said.out.splitlines())
    assert office.run("--version").out.startswith("taxrefund ")


def test_a_bar_is_drawn_on_a_terminal_and_lines_elsewhere() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    times = iter([0.0, 1.0, 1.01, 12.0, 30.0])
    screen = Terminal()
    bar = terminal.Progress(10, screen, lambda: next(times))
    bar.at(5, "5 succeeded")
    assert "5 of 10 refunds, 5/s, 0:01 left: 5 succeeded" in screen.getvalue()
    bar.at(6, "too soon")
    bar.above("ORDER1 failed")
    bar.end()
    assert "too soon" not in screen.getvalue() and screen.getvalue().endswith("ORDER1 failed\n")
    times = iter([0.0, 1.0, 12.0])
    log = io.StringIO()
    lines = terminal.Progress(10, log, lambda: next(times))
    lines.at(5, "too soon")
    lines.at(12, "12 succeeded")
    assert log.getvalue() == "12 of 12 refunds, 1/s: 12 succeeded\n"


def test_a_night_job_that_died_is_seen_by_a_monitor(office: Office) -> None:
    client = office.sandbox.alipay_client()
    with Journal(office.journal) as journal:
        journal.import_file(client, office.refunds("ORDER1"))
    said = office.run("status")
    assert said.code == 2 and "1 refund due, and NOBODY IS AT WORK" in said.out
    assert json.loads(office.run("status", "--json").out)["left_alone"] is True
    assert office.run("resume").code == 0
    assert office.run("status").code == 0
    office.assert_each_paid_once("ORDER1")


def test_refunds_of_other_accounts_are_no_reason_to_call_somebody(office: Office) -> None:
    client = office.sandbox.antom_client()
    with Journal(office.journal) as journal:
        journal.submit(client, antom_request("A1"))
    assert office.run("pay", office.refunds("ORDER1")).code == 0
    assert office.sandbox.paid_times("A1") == 0


def test_a_wrong_key_halts_the_account_and_says_how_to_go_on(office: Office) -> None:
    office.file("strange.pem", office.sandbox.credentials["antom"]["partner_private_key_pem"])
    keys = [f"ORDER{number}" for number in range(9)]
    strange = ("--set", "alipay.merchant_private_key_file=strange.pem")
    said = office.run("pay", office.refunds(*keys), "--exchanges", "1", *strange)
    assert said.code == 2 and "was HALTED" in said.err and "`taxrefund doctor`" in said.err
    assert "not reached" in said.err and "fix_configuration" in said.out
    why = ("--next-step", "fix_configuration", "--why", "the key is right now")
    assert office.run("resume", *why).code == 0
    office.assert_each_paid_once(*keys)


def test_an_unknown_option_shows_the_usage_of_its_command(office: Office) -> None:
    said = office.run("status", "--jsno")
    assert said.code == 1 and "usage: taxrefund status" in said.err and "--jsno" in said.err


def test_a_table_keeps_its_columns_and_the_terminal_whole() -> None:
    text = terminal.table(["key", "name"], [["A", "退税"], ["BB", "x\x1b[2J"]])
    assert text.splitlines() == ["key  name", "---  --------", "A    退税", "BB   x\\x1b[2J"]


def test_a_file_with_a_byte_order_mark_and_json_lines_are_told_by_their_fields(
    office: Office,
) -> None:
    office.file("refunds.csv", "\ufeff" + csv_of("ORDER1"))
    office.file("antom.jsonl", antom_request("A1", reference_refund_id="FORM1").to_json() + "\n")
    said = office.run("pay", "refunds.csv", "antom.jsonl", "--results", "out")
    assert said.code == 0, said.err
    assert "alipay.pay_tax_refund" in said.err and "antom.refund" in said.err
    office.assert_each_paid_once("ORDER1", "A1")
