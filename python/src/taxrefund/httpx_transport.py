"""An `httpx.AsyncClient` as a transport: `AsyncClient(account, transport=HttpxTransport())`. Needs
`taxrefund[httpx]`.

Exchanges then hold no thread. The certificates, the proxy and the connection pool are httpx's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import _native
from .errors import ConfigurationError
from .transport import TransportFault

try:
    import httpx
except ImportError:
    raise ConfigurationError(
        "transport: httpx is not installed: pip install 'taxrefund[httpx]'", field="transport"
    ) from None

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._native import HttpRequest, HttpResponse

_MOST_BYTES = 1024 * 1024
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class HttpxTransport:
    """Sends each request once, follows no redirect, and reads at most 1 MiB.

    `AsyncClient` ends an exchange when the request's time is up.

    Without a client it makes one, and closes it with `aclose()`. A client of your own must not
    retry and must not add authentication; its certificate verification is not looked at.
    """

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._owned = client is None
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        self._client = client or httpx.AsyncClient(limits=limits, timeout=None)

    async def exchange(self, request: HttpRequest) -> HttpResponse:
        """One exchange; `TransportFault` when there was no complete answer."""
        address = urlsplit(request.url)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise TransportFault("connect_failed", "plain HTTP goes to this machine only")
        try:
            return await self._exchange(request)
        except httpx.TimeoutException:
            raise TransportFault("timeout") from None
        except httpx.HTTPError as error:
            raise _fault_of(error) from None

    async def _exchange(self, request: HttpRequest) -> HttpResponse:
        headers = [("accept-encoding", "identity"), *request.headers]
        sent = self._client.build_request(
            request.method,
            request.url,
            headers=headers,
            content=request.body,
            timeout=request.timeout,
        )
        # A cookie of an earlier answer is no part of what was signed.
        sent.headers.pop("cookie", None)
        answer = await self._client.send(sent, stream=True, auth=None, follow_redirects=False)
        try:
            body = await _body_of(answer)
        finally:
            await answer.aclose()
        pairs = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw
        ]
        return _native.HttpResponse(answer.status_code, pairs, body)

    async def aclose(self) -> None:
        """Closes the client that it made itself."""
        if self._owned:
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.aclose()


async def _body_of(answer: httpx.Response) -> bytes:
    if answer.is_stream_consumed:
        # Made without a stream, by a mock.
        return answer.content
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > _MOST_BYTES:
            raise TransportFault("too_large")
    return bytes(body)


def _fault_of(error: httpx.HTTPError) -> TransportFault:
    """Httpx has few classes; what is behind one says more. Its texts may name addresses and are
    left out.
    """
    if isinstance(error, httpx.ProxyError):
        return TransportFault("proxy")
    cause: Any = error
    while cause is not None:
        name = type(cause).__name__
        if name == "gaierror":
            return TransportFault("dns")
        if isinstance(cause, ConnectionRefusedError):
            return TransportFault("refused")
        if name in ("SSLError", "SSLCertVerificationError"):
            return TransportFault("tls", name)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return TransportFault("connect_failed")
    return TransportFault("malformed" if isinstance(error, httpx.DecodingError) else "reset")
