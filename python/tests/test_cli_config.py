from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from taxrefund.cli import accounts
from taxrefund.cli.config import Configuration, load
from taxrefund.cli.ending import CommandError
from taxrefund.cli.sandbox import write_configuration
from taxrefund.testing import Sandbox

needs_toml = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib is part of Python 3.11")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(*flags: str, file: Path | None = None, **environment: str) -> Configuration:
    return load(file, {"XDG_CONFIG_HOME": "nowhere", "APPDATA": "nowhere", **environment}, flags)


def keys(folder: Path, sandbox: Sandbox) -> None:
    given = sandbox.credentials["alipay"]
    (folder / "merchant.pem").write_text(given["partner_private_key_pem"])
    (folder / "merchant.pem").chmod(0o600)
    (folder / "alipay.pem").write_text(given["platform_public_key_pem"])


@needs_toml
def test_files_in_a_configuration_lie_beside_it(folder: Path, taxrefund_sandbox: Sandbox) -> None:
    there = folder / "etc"
    there.mkdir()
    keys(there, taxrefund_sandbox)
    (there / "pay.toml").write_text(
        'journal = "refunds.db"\nno_proxy = true\ntimeout = 2.5\n[accounts.singapore]\n'
        'protocol = "alipay"\napp_id = "1"\nmerchant_private_key_file = "merchant.pem"\n'
        'alipay_public_key_file = "alipay.pem"\nenvironment = "sandbox"\n'
    )
    found = read(file=there / "pay.toml")
    assert found.value("journal") == str(there / "refunds.db")
    client = accounts.clients(found)[0]
    assert client.name == "singapore" and client.is_sandbox and client.client.account.name == "1"
    assert client.client.options.timeout == 2.5
    assert found.warnings == []


def test_what_comes_later_beats_what_came_earlier(folder: Path) -> None:
    (folder / "taxrefund.json").write_text(
        '{"journal": "a.db", "accounts": {"alipay": {"app_id": "file", "charset": "gbk"}}}'
    )
    found = read("alipay.app_id=flag", TAXREFUND_JOURNAL="b.db", TAXREFUND_ALIPAY_APP_ID="variable")
    assert found.value("journal") == "b.db"
    assert found.accounts["alipay"]["app_id"].value == "flag"
    assert found.accounts["alipay"]["charset"].value == "gbk"
    both = read(
        TAXREFUND_ALIPAY_MERCHANT_PRIVATE_KEY_FILE="k.pem",
        TAXREFUND_ALIPAY_PLUS_CLIENT_ID="X",
        TAXREFUND_ALIPAY_PLUS_KEY_VERSION="2",
        TAXREFUND_ALIPAY_PLUS_SANDBOX_PATH="yes",
        TAXREFUND_TAKE_UP_AGAIN_AFTER="1, 2.5",
    )
    assert set(both.accounts) == {"alipay", "alipay_plus"}
    plus = both.accounts["alipay_plus"]
    assert (plus["key_version"].value, plus["sandbox_path"].value) == (2, True)
    assert both.value("take_up_again_after") == [1, 2.5]


def test_accounts_can_be_made_of_variables_alone(folder: Path, taxrefund_sandbox: Sandbox) -> None:
    given = taxrefund_sandbox.credentials["antom"]
    found = read(
        TAXREFUND_ANTOM_CLIENT_ID=given["client_id"],
        TAXREFUND_ANTOM_MERCHANT_PRIVATE_KEY=given["partner_private_key_pem"].replace("\n", "\\n"),
        TAXREFUND_ANTOM_PLATFORM_PUBLIC_KEY=given["platform_public_key_pem"],
        TAXREFUND_ANTOM_ENDPOINT=given["base_url"],
    )
    client = accounts.clients(found)[0]
    assert str(client).startswith(f"antom (antom, {given['client_id']}, sandbox")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TAXREFUND_ALIPAY_ENVIROMENT", "sandbox", "did you mean environment?"),
        ("TAXREFUND_JOURNEL", "x", "did you mean TAXREFUND_JOURNAL?"),
        ("TAXREFUND_EXCHANGES", "many", "exchanges must be a whole number"),
        ("TAXREFUND_EXCHANGES", "1.5", "exchanges must be a whole number"),
        ("TAXREFUND_TIMEOUT", "-1", "timeout must be a number of seconds"),
        ("TAXREFUND_NO_PROXY", "maybe", "no_proxy must be true or false"),
        ("TAXREFUND_TAKE_UP_AGAIN_AFTER", "1,x", "numbers of seconds"),
        ("TAXREFUND_CONFIG", "nope.toml", "there is no configuration file nope.toml"),
    ],
)
def test_a_wrong_variable_is_an_error_that_names_the_nearest(
    name: str, value: str, message: str, folder: Path
) -> None:
    with pytest.raises(CommandError) as refused:
        load(None, {"XDG_CONFIG_HOME": "nowhere", name: value}, ())
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"journel": "x"}', "did you mean journal?"),
        ('{"accounts": {"alipay": {"app": "x"}}}', "did you mean app_id?"),
        ('{"accounts": {"sg": {"app_id": "x"}}}', "accounts.sg.protocol is missing"),
        ('{"accounts": {"sg": {"protocol": "paypal"}}}', "must be one of alipay"),
        ('{"accounts": {"S-G": {"protocol": "alipay"}}}', "small letters"),
        ('{"accounts": ["alipay"]}', "accounts must be tables"),
        ('{"sealing_key": "a", "sealing_key_file": "b"}', "are both given"),
        ('{"sealing_key": SECRET}', "is not JSON: see line 1"),
        ("[]", "settings by their names"),
        ('{"accounts": {"alipay": {"alipay_certificates_files": 1}}}', "name of a file"),
        ('{"accounts": {"alipay": {"app_id": 1}}}', "app_id must be a text"),
    ],
)
def test_a_wrong_file_is_said_by_its_place_and_never_quoted(
    text: str, message: str, folder: Path
) -> None:
    (folder / "taxrefund.json").write_text(text)
    with pytest.raises(CommandError) as refused:
        read()
    assert message in str(refused.value) and "SECRET" not in str(refused.value)


@needs_toml
def test_broken_toml_is_said_by_its_place_and_never_quoted(folder: Path) -> None:
    (folder / "taxrefund.toml").write_text('journal = "a"\nsealing_key = SECRET\n')
    with pytest.raises(CommandError, match="is not TOML: see at line 2") as refused:
        read()
    assert "SECRET" not in str(refused.value)


def test_without_a_toml_library_json_and_the_extra_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "taxrefund.toml").write_text("")
    for library in ("tomllib", "tomli"):
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(CommandError, match=r"taxrefund\[toml\].*json"):
        read()


@pytest.mark.parametrize(
    "flag",
    [
        "alipay.merchant_private_key=SECRET",
        "sealing_key=SECRET",
        "proxy=SECRET",
        "antom.agent_token=SECRET",
    ],
)
def test_a_secret_is_not_taken_from_the_command_line_nor_shown(flag: str, folder: Path) -> None:
    with pytest.raises(CommandError, match="can be seen by everybody") as refused:
        read(flag)
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize(
    ("flag", "message"),
    [("x", "NAME=VALUE"), ("nope.app_id=1", "no account 'nope'"), ("a=1", "a is")],
)
def test_a_wrong_flag_is_an_error(flag: str, message: str, folder: Path) -> None:
    with pytest.raises(CommandError, match=message):
        read(flag)


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes here")
def test_a_secret_that_everybody_may_read_is_warned_about(
    folder: Path, taxrefund_sandbox: Sandbox
) -> None:
    keys(folder, taxrefund_sandbox)
    (folder / "merchant.pem").chmod(0o644)
    found = read(
        "alipay.merchant_private_key_file=merchant.pem",
        "alipay.alipay_public_key_file=alipay.pem",
        "alipay.app_id=1",
    )
    accounts.clients(found)
    assert found.warnings == [
        "merchant.pem holds a secret and everybody on this machine may read it: "
        "chmod 600 merchant.pem"
    ]
    inline = folder / "taxrefund.json"
    inline.write_text('{"sealing_key": "00"}')
    inline.chmod(0o644)
    assert len(read().warnings) == 1
    inline.chmod(0o600)
    assert read().warnings == []


def test_what_an_account_lacks_or_gets_wrong_is_said_with_its_place(
    folder: Path, taxrefund_sandbox: Sandbox
) -> None:
    keys(folder, taxrefund_sandbox)
    with pytest.raises(CommandError, match="there is no account"):
        accounts.clients(read())
    with pytest.raises(CommandError, match="alipay lacks app_id"):
        accounts.clients(read("alipay.environment=sandbox"))
    files = [
        "alipay.app_id=1",
        "alipay.merchant_private_key_file=alipay.pem",
        "alipay.alipay_public_key_file=alipay.pem",
    ]
    with pytest.raises(CommandError, match=r"the account alipay: .*merchant_private_key_file"):
        accounts.clients(read(*files))
    with pytest.raises(CommandError, match=r"nope.pem cannot be read"):
        accounts.clients(read(*files, "alipay.merchant_private_key_file=nope.pem"))
    with pytest.raises(CommandError, match="attempts"):
        accounts.clients(read("attempts=99999999999", "alipay.app_id=1"))


@needs_toml
def test_what_the_simulator_writes_is_read_back_in_both_kinds(
    folder: Path, taxrefund_sandbox: Sandbox
) -> None:
    found = []
    for name in ("own.toml", "own.json"):
        write_configuration(folder / name, taxrefund_sandbox.credentials)
        read_back = read(file=folder / name)
        assert [str(client) for client in accounts.clients(read_back)] and not read_back.warnings
        found.append([str(client) for client in accounts.clients(read_back)])
    assert found[0] == found[1] and all("sandbox" in client for client in found[0])


def test_an_account_may_be_in_certificate_mode(folder: Path, taxrefund_sandbox: Sandbox) -> None:
    given = taxrefund_sandbox.credentials["alipay"]
    for name in ("app_certificate", "platform_certificate", "root_certificates"):
        (folder / f"{name}.crt").write_text(given[f"{name}_pem"])
    found = read(
        f"alipay.app_id={given['certificate_app_id']}",
        "alipay.app_certificate_file=app_certificate.crt",
        "alipay.alipay_certificates_files=platform_certificate.crt",
        "alipay.alipay_root_certificates_file=root_certificates.crt",
        TAXREFUND_ALIPAY_MERCHANT_PRIVATE_KEY=given["partner_private_key_pem"],
    )
    assert accounts.clients(found)[0].client.account.name == given["certificate_app_id"]
