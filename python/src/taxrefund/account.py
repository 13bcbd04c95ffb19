"""What the three `Account` classes share: reading keys and certificates, and signatures made by
the host.
"""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from . import _native as native
from ._text import printable
from .errors import ConfigurationError
from .signer import HostSigner, signature_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from ._native import HttpResponse

    KeyMaterial = str | bytes | Path


class BaseAccount:
    """An account with one provider: who calls, and with which keys. Cheap to share between clients
    and threads.
    """

    _protocol: ClassVar[str]

    def __init__(self, config: dict[str, Any], signer: HostSigner | None, reserved: object) -> None:
        if (reserved is None) == (signer is None):
            raise ConfigurationError(
                "merchant_private_key: give either the private key, or a signer",
                field="merchant_private_key",
            )
        if signer is not None:
            if not isinstance(signer, HostSigner):
                raise TypeError(f"signer: must be a HostSigner, not {type(signer).__name__}")
            config["merchant_public_key"] = key_text("signer.public_key", signer.public_key)
        given = {name: value for name, value in config.items() if value is not None}
        config_json = json.dumps({"protocol": self._protocol, **given})
        self._signer = signer
        self._stepwise = native.Account(config_json)
        # Only public keys are left to be kept: a private one lives in the native account alone.
        self._config_json = config_json if signer is not None else None
        self._inline: native.Account | None = self._stepwise if signer is None else None
        self._lock = threading.Lock()

    @property
    def protocol(self) -> str:
        """`alipay`, `alipay_plus` or `antom`."""
        return self._protocol

    @property
    def name(self) -> str:
        """The app id or client id."""
        return self._stepwise.name

    @property
    def environment(self) -> str:
        """`production` or `sandbox`."""
        return self._stepwise.environment

    @property
    def endpoint(self) -> str:
        """Where requests go."""
        return self._stepwise.endpoint

    @property
    def signer(self) -> HostSigner | None:
        """Whoever signs, when it is not this process."""
        return self._signer

    @property
    def _native(self) -> native.Account:
        """For work that is driven natively: a host's signer is called back, on the thread that
        needs a signature.
        """
        if self._inline is None:
            signer, config_json = self._signer, self._config_json
            assert signer is not None and config_json is not None
            if signer.is_async:
                raise ConfigurationError(
                    "signer: is async, and cannot be awaited here; use AsyncClient", field="signer"
                )
            sign = signer.sign
            with self._lock:
                if self._inline is None:
                    self._inline = native.Account(
                        config_json, lambda message: signature_of(sign(message))
                    )
        return self._inline

    def verify_answer(self, wire: str, response: HttpResponse) -> dict[str, Any]:
        """Checks an answer to an interface that this library does not know, by the same rules;
        gives its content.

        `wire` is the gateway's method name, or the path that was called. Raises `AnswerRefused`.
        """
        fields: dict[str, Any] = json.loads(
            self._stepwise.verify_answer(_utf8("wire", wire), response)
        )
        return fields

    def __repr__(self) -> str:
        return f"<{self._protocol}.Account {self.name} {self.environment} {self.endpoint}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "an Account holds keys and cannot be pickled or copied; make it anew where it is needed"
        )


def key_text(field: str, given: object) -> str:
    """The content of a key or certificate: of the file for a `Path`, as it is for text, as Base64
    for DER bytes.
    """
    if isinstance(given, Path):
        given = _content(field, given)
    if isinstance(given, bytes):
        try:
            text = given.decode("utf-8-sig")
        except UnicodeDecodeError:
            return base64.b64encode(given).decode()
        return base64.b64encode(given).decode() if "\0" in text else text
    if isinstance(given, str):
        return _utf8(field, given)
    raise TypeError(f"{field}: must be text, bytes or a pathlib.Path, not {type(given).__name__}")


def _content(field: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigurationError(
            f"{field}: the file cannot be read: {printable(path)}: {why}",
            field=field,
            code="file",
        ) from None


def optional_key(field: str, given: object) -> str | None:
    """The same where it may be left out."""
    return None if given is None else key_text(field, given)


def text(field: str, given: object) -> str | None:
    """A setting that is text, or left out."""
    if given is None:
        return None
    if not isinstance(given, str):
        raise TypeError(f"{field}: must be str, not {type(given).__name__}")
    return _utf8(field, given)


def platform_keys(given: KeyMaterial | Mapping[str, KeyMaterial]) -> list[dict[str, str | None]]:
    """The platform's public key, or several by their versions."""
    if isinstance(given, str | bytes | Path):
        return [{"version": None, "key": key_text("platform_public_key", given)}]
    try:
        versions = list(given.items())
    except AttributeError:
        raise TypeError(
            "platform_public_key: must be text, bytes, a pathlib.Path, "
            f"or a mapping of versions to these, not {type(given).__name__}"
        ) from None
    return [
        {
            "version": text("platform_public_key", version),
            "key": key_text("platform_public_key", key),
        }
        for version, key in versions
    ]


def _utf8(field: str, given: str) -> str:
    try:
        given.encode()
    except UnicodeEncodeError:
        raise ConfigurationError(
            f"{field}: holds a lone surrogate, which is no text", field=field
        ) from None
    return given


class CallerAccount(BaseAccount):
    """An account of Alipay+ or Antom: signatures in headers."""

    def __init__(
        self,
        *,
        client_id: str,
        platform_public_key: KeyMaterial | Mapping[str, KeyMaterial],
        merchant_private_key: KeyMaterial | None = None,
        signer: HostSigner | None = None,
        endpoint: str | None = None,
        key_version: int | None = None,
        agent_token: str | None = None,
        sandbox_path: bool | None = None,
    ) -> None:
        """An account. Keys are text, bytes, or a `Path` to them.

        `platform_public_key`: the platform's, never your own; a mapping `{"1": …, "2": …}` while
        it changes its key. `signer` stands in place of `merchant_private_key`. `key_version`: of
        your own key, 1. `sandbox_path`: whether the sandbox's paths are called; without it the
        client id's prefix `SANDBOX_` decides.
        """
        if key_version is not None and (
            not isinstance(key_version, int) or isinstance(key_version, bool)
        ):
            raise TypeError(f"key_version: must be int, not {type(key_version).__name__}")
        if sandbox_path is not None and not isinstance(sandbox_path, bool):
            raise TypeError(f"sandbox_path: must be bool, not {type(sandbox_path).__name__}")
        config = {
            "client_id": text("client_id", client_id),
            "platform_public_keys": platform_keys(platform_public_key),
            "merchant_private_key": optional_key("merchant_private_key", merchant_private_key),
            "endpoint": text("endpoint", endpoint),
            "key_version": key_version,
            "agent_token": text("agent_token", agent_token),
            "sandbox_path": sandbox_path,
        }
        super().__init__(config, signer, merchant_private_key)
