"""How requests reach the outside. Any object with `exchange(request) -> HttpResponse` will do;
`async def` for `AsyncClient`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import timedelta

    from ._native import HttpRequest, HttpResponse

    Pem = str | bytes | Path

__all__ = [
    "AsyncTransport",
    "HttpRequest",
    "HttpResponse",
    "HttpTransport",
    "Transport",
    "TransportFault",
]


class TransportFault(Exception):
    """There was no complete answer. For money every fault says the same: it is not known.

    `fault` is one of `timeout`, `connect_failed`, `refused`, `reset`, `tls`, `dns`, `proxy`,
    `too_large`, `malformed`; anything else reads as `reset`. `detail` is for engineers and must
    hold nothing of the request.
    """

    def __init__(self, fault: str, detail: str = "") -> None:
        super().__init__(fault, detail)
        self.fault = fault
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.fault}: {self.detail}" if self.detail else self.fault


class Transport(Protocol):
    """Sends a request once.

    An implementation sends the bytes as they are, follows no redirect, never sends a second time
    by itself, and is done after `request.timeout` seconds, the answer's last byte included.
    Several threads may use it at once.
    """

    def exchange(self, request: HttpRequest) -> HttpResponse:
        """One exchange; `TransportFault` when there was no complete answer. Any other exception
        counts as `reset`.
        """
        ...


class AsyncTransport(Protocol):
    """The same on asyncio."""

    async def exchange(self, request: HttpRequest) -> HttpResponse:
        """One exchange; `TransportFault` when there was no complete answer. Any other exception
        counts as `reset`.
        """
        ...


class HttpTransport:
    """HTTPS by the core's own transport; plain HTTP goes to this machine only. Without settings
    all share connections.
    """

    def __init__(
        self,
        *,
        proxy: str | None = None,
        no_proxy: bool = False,
        extra_authorities: Pem | None = None,
        client_certificate: Pem | None = None,
        connect_timeout: float | timedelta | None = None,
        idle_connections: int | None = None,
    ) -> None:
        """Settings of the network.

        `proxy`: `http://user:password@host:port`; without it `HTTPS_PROXY`, `ALL_PROXY` and
        `NO_PROXY` are read, unless `no_proxy`. `extra_authorities`: certificates to trust besides
        the bundled ones. `client_certificate`: its chain and its private key. Both are PEM, or a
        `Path` to it. `connect_timeout`: 5 s. `idle_connections`: kept per host, 64.
        """
        from . import _native
        from .options import milliseconds

        config: dict[str, Any] = {
            "proxy": proxy,
            "no_proxy": True if no_proxy else None,
            "extra_authorities_pem": _pem("extra_authorities", extra_authorities),
            "client_certificate_pem": _pem("client_certificate", client_certificate),
            "connect_timeout_ms": milliseconds("connect_timeout", connect_timeout),
            "idle_connections": idle_connections,
        }
        given = {name: value for name, value in config.items() if value is not None}
        self._native = _native.HttpTransport(json.dumps(given))

    def exchange(self, request: HttpRequest) -> HttpResponse:
        """Sends a request once."""
        return self._native.exchange(request)

    def __repr__(self) -> str:
        return "<HttpTransport>"


def _pem(field: str, given: Pem | None) -> str | None:
    from .account import key_text

    return None if given is None else key_text(field, given)


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in ("HttpRequest", "HttpResponse"):
            from . import _native

            return getattr(_native, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
