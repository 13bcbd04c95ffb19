"""Alipay+: tax refund forms, and original credits (a draft of the provider's)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._client import BlockingClient, Outcomes
from ._generated import alipay_plus as _operations
from ._generated.alipay_plus import *  # noqa: F403
from .account import CallerAccount

if TYPE_CHECKING:
    from ._async import AsyncioClient, AsyncOutcomes


class Account(CallerAccount):
    """A client at Alipay+."""

    _protocol = "alipay_plus"


class OutcomeClient(Outcomes, _operations.OutcomeCalls):
    """`Client.outcome`: the outcome as a value."""


class Client(BlockingClient[Account], _operations.Calls):
    """Records forms' states and credits refunds, on the calling thread."""

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
        """Records forms' states and credits refunds, on asyncio."""

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
