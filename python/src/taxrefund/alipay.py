"""Alipay's open gateway: the FX tax refund product."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ._client import BlockingClient, Outcomes
from ._generated import alipay as _operations
from ._generated.alipay import *  # noqa: F403
from .account import BaseAccount, key_text, optional_key, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._async import AsyncioClient, AsyncOutcomes
    from .account import KeyMaterial
    from .signer import HostSigner


class Account(BaseAccount):
    """An app at the open gateway."""

    _protocol = "alipay"

    def __init__(
        self,
        *,
        app_id: str,
        merchant_private_key: KeyMaterial | None = None,
        signer: HostSigner | None = None,
        alipay_public_key: KeyMaterial | None = None,
        app_certificate: KeyMaterial | None = None,
        alipay_certificates: KeyMaterial | Iterable[KeyMaterial] | None = None,
        alipay_root_certificates: KeyMaterial | None = None,
        environment: Literal["production", "sandbox"] = "production",
        endpoint: str | None = None,
        charset: Literal["utf-8", "gbk"] | None = None,
        sign_type: Literal["RSA2", "RSA"] | None = None,
        app_auth_token: str | None = None,
        notify_url: str | None = None,
    ) -> None:
        """An account. Keys and certificates are text, bytes, or a `Path` to them.

        `alipay_public_key` is Alipay's, never your own. In certificate mode `app_certificate`,
        `alipay_certificates` and `alipay_root_certificates` stand in its place. `signer` stands in
        place of `merchant_private_key`.
        """
        certificates: Any = alipay_certificates
        if isinstance(certificates, str | bytes | Path):
            certificates = [certificates]
        config = {
            "app_id": text("app_id", app_id),
            "merchant_private_key": optional_key("merchant_private_key", merchant_private_key),
            "alipay_public_key": optional_key("alipay_public_key", alipay_public_key),
            "app_certificate": optional_key("app_certificate", app_certificate),
            "alipay_certificates": None
            if certificates is None
            else [key_text("alipay_certificates", one) for one in certificates],
            "alipay_root_certificates": optional_key(
                "alipay_root_certificates", alipay_root_certificates
            ),
            "environment": text("environment", environment),
            "endpoint": text("endpoint", endpoint),
            "charset": text("charset", charset),
            "sign_type": text("sign_type", sign_type),
            "app_auth_token": text("app_auth_token", app_auth_token),
            "notify_url": text("notify_url", notify_url),
        }
        super().__init__(config, signer, merchant_private_key)


class OutcomeClient(Outcomes, _operations.OutcomeCalls):
    """`Client.outcome`: the outcome as a value."""


class Client(BlockingClient[Account], _operations.Calls):
    """Pays tax refunds into wallets, on the calling thread."""

    _account_class = Account
    _operations = _operations.OPERATIONS

    @property
    def outcome(self) -> OutcomeClient:
        """The same methods; they return `Succeeded`, `Failed` or `Unknown`."""
        return OutcomeClient(self)


if TYPE_CHECKING:

    class AsyncOutcomeClient(AsyncOutcomes, _operations.AsyncOutcomeCalls):
        """`AsyncClient.outcome`: the outcome as a value."""

    class AsyncClient(AsyncioClient[Account], _operations.AsyncCalls):
        """Pays tax refunds into wallets, on asyncio."""

        @property
        def outcome(self) -> AsyncOutcomeClient:
            """The same methods; they give `Succeeded`, `Failed` or `Unknown`."""
            ...


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in ("AsyncClient", "AsyncOutcomeClient"):
            # asyncio is loaded by those who use it.
            from ._async import classes

            made = classes(__name__, Account, _operations)
            globals().update(made)
            return made[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
