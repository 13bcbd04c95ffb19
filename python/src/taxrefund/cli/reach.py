"""Whether a provider can be reached from here, step by step, and whether the clocks agree."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import time
from urllib.parse import urlsplit

from .config import Configuration

_TIMEOUT_S = 10
_SKEW_S = 60
"""Providers refuse requests by a clock that is some minutes off; the answer's Date counts whole
seconds.
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at."""

    account: str
    what: str
    is_fine: bool
    found: str

    def row(self) -> list[str]:
        """For the table."""
        return [self.account, self.what, "ok" if self.is_fine else "WRONG", self.found]


def look_at(name: str, endpoint: str, configuration: Configuration) -> list[Look]:
    """Name, connection, TLS, an answer and its date. Whatever HTTP status is answered, it is an
    answer.
    """
    url = urlsplit(endpoint)
    host, is_tls = url.hostname or "", url.scheme == "https"
    port = url.port or (443 if is_tls else 80)
    proxy = configuration.value("proxy")
    if is_tls and proxy is not None:
        way = urlsplit(proxy)
        looks, connected = _connected(name, way.hostname or "", way.port or 80, "proxy ")
    else:
        looks, connected = _connected(name, host, port, "")
    if not connected:
        return looks
    looks += _answer(name, endpoint, host, port, is_tls, proxy if is_tls else None, configuration)
    return looks


def _connected(name: str, host: str, port: int, of: str) -> tuple[list[Look], bool]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        why = error.strerror or error
        advice = f"{host} has no address here ({why}): check its spelling and this machine's DNS"
        return [Look(name, f"{of}DNS", False, advice)], False
    addresses = sorted({str(one[4][0]) for one in found})
    looks = [Look(name, f"{of}DNS", True, f"{host} is {', '.join(addresses[:3])}")]
    try:
        socket.create_connection((host, port), _TIMEOUT_S).close()
    except OSError as error:
        advice = (
            f"{host}:{port} takes no connection ({error.strerror or error}): a firewall, a proxy, "
            "or the wrong address"
        )
        return [*looks, Look(name, f"{of}TCP", False, advice)], False
    return [*looks, Look(name, f"{of}TCP", True, f"{host}:{port} takes connections")], True


def _answer(
    name: str,
    endpoint: str,
    host: str,
    port: int,
    is_tls: bool,
    proxy: str | None,
    configuration: Configuration,
) -> list[Look]:
    looks: list[Look] = []
    connection: HTTPConnection
    try:
        connection = _connection(host, port, is_tls, proxy, configuration)
        connection.connect()
        if is_tls:
            version = getattr(connection.sock, "version", lambda: None)()
            looks.append(Look(name, "TLS", True, f"{version or 'TLS'}, the certificate is good"))
        began = time()
        connection.request("GET", urlsplit(endpoint).path or "/", headers={"Connection": "close"})
        answer = connection.getresponse()
        ended = time()
        date = answer.getheader("Date")
        connection.close()
    except ssl.SSLError as error:
        why = getattr(error, "verify_message", "") or error.reason or str(error)
        advice = (
            f"{why}: something between here and {host} may open the connection, or an authority is "
            "missing"
        )
        return [*looks, Look(name, "TLS", False, advice)]
    except (OSError, HTTPException) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return [*looks, Look(name, "answer", False, f"{host} gave none ({why})")]
    looks.append(
        Look(
            name,
            "answer",
            True,
            f"HTTP {answer.status} (any will do) after {1000 * (ended - began):.0f} ms",
        )
    )
    looks.append(_clock(name, date, (began + ended) / 2))
    return looks


def _connection(
    host: str, port: int, is_tls: bool, proxy: str | None, configuration: Configuration
) -> HTTPConnection:
    if not is_tls:
        return HTTPConnection(host, port, timeout=_TIMEOUT_S)
    context = ssl.create_default_context()
    authorities = configuration.general.get("extra_authorities")
    if authorities is not None:
        content = configuration.content(authorities)
        if authorities.is_file:
            context.load_verify_locations(cafile=str(content))
        else:
            context.load_verify_locations(cadata=content)
    if proxy is None:
        return HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=context)
    way = urlsplit(proxy)
    connection = HTTPSConnection(
        way.hostname or "", way.port or 80, timeout=_TIMEOUT_S, context=context
    )
    headers = {}
    if way.username is not None:
        from base64 import b64encode
        from urllib.parse import unquote

        user = f"{unquote(way.username)}:{unquote(way.password or '')}".encode()
        headers["Proxy-Authorization"] = f"Basic {b64encode(user).decode()}"
    connection.set_tunnel(host, port, headers)
    return connection


def _clock(name: str, date: str | None, here: float) -> Look:
    try:
        there = parsedate_to_datetime(date or "").timestamp()
    except (TypeError, ValueError):
        return Look(name, "clock", True, "not compared: the answer has no date")
    off = here - there - 0.5
    if abs(off) <= _SKEW_S:
        return Look(
            name, "clock", True, f"agrees with the provider's within {max(1, round(abs(off)))} s"
        )
    direction = "ahead of" if off > 0 else "behind"
    return Look(
        name,
        "clock",
        False,
        f"this machine's is {abs(off):.0f} s {direction} the provider's: set it (NTP), or requests "
        "are refused",
    )
