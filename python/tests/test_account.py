from __future__ import annotations

import base64
import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

from taxrefund import ConfigurationError, HostSigner, alipay, alipay_plus, antom
from taxrefund.testing import Sandbox


@pytest.fixture
def keys(taxrefund_sandbox: Sandbox) -> dict[str, str]:
    keys: dict[str, str] = taxrefund_sandbox.credentials["alipay"]
    return keys


def account(keys: dict[str, str], **changes: Any) -> alipay.Account:
    settings: dict[str, Any] = {
        "app_id": keys["app_id"],
        "merchant_private_key": keys["partner_private_key_pem"],
        "alipay_public_key": keys["platform_public_key_pem"],
        **changes,
    }
    return alipay.Account(**settings)


def test_a_key_is_text_bytes_der_or_a_path(keys: dict[str, str], tmp_path: Path) -> None:
    pem = keys["partner_private_key_pem"]
    der = base64.b64decode("".join(pem.strip().splitlines()[1:-1]))
    file = tmp_path / "key.pem"
    file.write_text("\ufeff" + pem.replace("\n", "\r\n"), encoding="utf-8")
    for given in (pem, pem.encode(), der, file):
        assert account(keys, merchant_private_key=given).name == keys["app_id"]


def test_what_is_wrong_with_a_key_is_named_with_its_setting(
    keys: dict[str, str], tmp_path: Path
) -> None:
    own = keys["partner_public_key_pem"]
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"merchant_private_key": own}, "merchant_private_key", "key_public_given_as_private"),
        ({"merchant_private_key": "key.pem"}, "merchant_private_key", "key_path_given"),
        ({"merchant_private_key": b""}, "merchant_private_key", "key_empty"),
        ({"merchant_private_key": tmp_path / "none.pem"}, "merchant_private_key", "file"),
        ({"merchant_private_key": tmp_path}, "merchant_private_key", "file"),
        ({"merchant_private_key": None}, "merchant_private_key", "configuration"),
        ({"alipay_public_key": own}, "alipay_public_key", "key_platform_is_own"),
        ({"alipay_public_key": None}, "alipay_public_key", "configuration"),
        ({"charset": "latin-1"}, "charset", "configuration"),
        ({"endpoint": "http://example.com"}, "endpoint", "endpoint"),
    ]
    for change, _, code in wrong:
        with pytest.raises(ConfigurationError) as raised:
            account(keys, **change)
        assert raised.value.code == code, change
        assert "BEGIN" not in str(raised.value).replace("`-----BEGIN", "")


def test_settings_of_the_wrong_type_are_named(keys: dict[str, str]) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"app_id": 5}, "app_id: must be str"),
        ({"merchant_private_key": 5}, "merchant_private_key: must be text, bytes or a pathlib"),
        ({"endpoint": b"x"}, "endpoint: must be str"),
        ({"merchant_private_key": None, "signer": len}, "signer: must be a HostSigner"),
    ]
    for change, words in wrong:
        with pytest.raises(TypeError, match=words):
            account(keys, **change)
    with pytest.raises(ConfigurationError, match="lone surrogate"):
        account(keys, app_id="\ud800")
    with pytest.raises(ConfigurationError, match="either the private key, or a signer"):
        account(keys, signer=HostSigner(public_key="x", sign=lambda message: b""))
    with pytest.raises(TypeError, match="sign: must be callable"):
        HostSigner(public_key="x", sign=5)  # type: ignore[arg-type]


def test_certificates_stand_in_the_public_keys_place(keys: dict[str, str]) -> None:
    made = account(
        keys,
        app_id=keys["certificate_app_id"],
        alipay_public_key=None,
        app_certificate=keys["app_certificate_pem"],
        alipay_certificates=keys["platform_certificate_pem"],
        alipay_root_certificates=keys["root_certificates_pem"],
        environment="sandbox",
    )
    assert (made.protocol, made.environment) == ("alipay", "sandbox")


def test_platform_keys_may_have_versions(taxrefund_sandbox: Sandbox) -> None:
    keys = taxrefund_sandbox.credentials
    two = {
        "1": keys["antom"]["platform_public_key_pem"],
        "2": keys["alipay"]["platform_public_key_pem"],
    }
    assert taxrefund_sandbox.antom_account(platform_public_key=two).environment == "sandbox"
    with pytest.raises(TypeError, match="platform_public_key"):
        taxrefund_sandbox.antom_account(platform_public_key=5)
    with pytest.raises(TypeError, match="key_version: must be int"):
        taxrefund_sandbox.alipay_plus_account(key_version="1")
    with pytest.raises(TypeError, match="sandbox_path: must be bool"):
        taxrefund_sandbox.alipay_plus_account(sandbox_path=1)


def test_an_account_shows_no_key_and_cannot_be_pickled(keys: dict[str, str]) -> None:
    made = account(keys)
    held = repr(made) + repr(vars(made))
    assert "BEGIN" not in held and keys["app_id"] in repr(made)
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds keys"):
            leave(made)


def test_the_three_accounts_are_not_mixed_up(taxrefund_sandbox: Sandbox) -> None:
    with pytest.raises(TypeError, match=r"must be an antom\.Account"):
        antom.Client(taxrefund_sandbox.alipay_plus_account())  # type: ignore[arg-type]
    assert alipay_plus.Client(taxrefund_sandbox.alipay_plus_account()).account.name
