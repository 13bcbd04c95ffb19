"""Antom: refunds of payments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._client import BlockingClient, Outcomes
from ._generated import antom as _operations
from ._generated.antom import *  # noqa: F403
from .account import CallerAccount

if TYPE_CHECKING:
    from ._async import AsyncioClient, AsyncOutcomes


ASIA = "https://open-sea-global.alipay.com"
"""Endpoint: Asia."""
NORTH_AMERICA = "https://open-na-global.alipay.com"
"""Endpoint: North America, merchants outside the United States."""
UNITED_STATES = "https://open.antglobal-us.com"
"""Endpoint: North America, merchants in the United States."""
EUROPE = "https://open-de-global.alipay.com"
"""Endpoint: Europe."""


class Account(CallerAccount):
    """A client at Antom."""

    _protocol = "antom"


class OutcomeClient(Outcomes, _operations.OutcomeCalls):
    """`Client.outcome`: the outcome as a value."""


class Client(BlockingClient[Account], _operations.Calls):
    """Refunds payments, on the calling thread."""

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
        """Refunds payments, on asyncio."""

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
