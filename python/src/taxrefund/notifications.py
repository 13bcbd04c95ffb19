"""Inbound messages: verified on the raw bytes, typed, with the exact reply to send back.

Hand over the body as it came, never one that a framework has parsed and written again. Reply only
when what the message says is safely recorded.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ._text import printable
from .errors import ConfigurationError
from .money import Amount
from .signer import SigningFailed, is_async, signature_of

if TYPE_CHECKING:
    from .account import BaseAccount

    Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer to send back, exactly."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @classmethod
    def _from(cls, plain: Mapping[str, Any]) -> Reply:
        headers = tuple((name, value) for name, value in plain["headers"])
        return cls(plain["status"], headers, plain["body"])

    def _json(self) -> str:
        return json.dumps({"status": self.status, "headers": self.headers, "body": self.body})

    @property
    def body_bytes(self) -> bytes:
        """The body, byte for byte."""
        return self.body.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A verified notification."""

    protocol: str
    id: str | None
    """The gateway's `notify_id`: the same in every redelivery."""
    kind: str | None
    """The gateway's `notify_type`, Antom's `notifyType`."""
    key: str | None
    """The idempotency key of the refund it is about."""
    reference: str | None
    """The provider's own number."""
    settlement: Literal["succeeded", "failed"] | None
    """What it says of the refund; `None` when it says nothing final."""
    code: str | None
    """The provider's code."""
    amount: Amount | None
    """The refund's amount, where the message carries one: compare it with your own record."""
    fields: Mapping[str, Any]
    """Everything it carried. It may hold personal data."""
    reply: Reply
    """Send exactly this back, once the notification is safely recorded."""

    def __repr__(self) -> str:
        return (
            f"<Notification {self.protocol} kind={self.kind!r} key={self.key!r} "
            f"settlement={self.settlement!r} code={self.code!r}>"
        )


def parse_notification(
    account: BaseAccount,
    headers: Headers,
    body: bytes,
    *,
    path: str = "/",
    now_ms: int | None = None,
) -> Notification:
    """Verifies a message and reads it. Raises `NotificationRefused`, whose `reply` acknowledges
    nothing.

    `path` is the path and query at which it arrived, which Alipay+ and Antom sign.
    """
    now_ms = _now(now_ms)
    notification = read(account, headers, body, path, now_ms)
    to_sign = _reply_to_sign(account, notification, path, now_ms)
    if to_sign is None or account.signer is None:
        return notification
    return _signed(account, notification, path, now_ms, account.signer.sign(to_sign))


async def parse_notification_async(
    account: BaseAccount,
    headers: Headers,
    body: bytes,
    *,
    path: str = "/",
    now_ms: int | None = None,
) -> Notification:
    """The same for a signer that is awaited; one that is not runs in the event loop's threads."""
    import asyncio

    now_ms = _now(now_ms)
    notification = read(account, headers, body, path, now_ms)
    to_sign = _reply_to_sign(account, notification, path, now_ms)
    if to_sign is None or account.signer is None:
        return notification
    if account.signer.is_async or is_async(account.signer.sign):
        made: Any = await account.signer.sign(to_sign)  # type: ignore[misc]
    else:
        made = await asyncio.to_thread(account.signer.sign, to_sign)
        if hasattr(made, "__await__"):
            made = await made
    return _signed(account, notification, path, now_ms, made)


def read(
    account: BaseAccount, headers: Headers, body: bytes, path: str, now_ms: int
) -> Notification:
    """A verified message; its reply is not signed yet where the host signs."""
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError(f"body: must be the raw bytes, not {type(body).__name__}")
    if not isinstance(path, str):
        raise TypeError(f"path: must be str, not {type(path).__name__}")
    plain = account._stepwise.notification(printable(path), pairs(headers), bytes(body), now_ms)
    return notification_of(json.loads(plain))


def notification_of(plain: Mapping[str, Any]) -> Notification:
    """A notification from its JSON object."""
    amount = plain.get("amount")
    return Notification(
        protocol=plain["protocol"],
        id=plain.get("id"),
        kind=plain.get("kind"),
        key=plain.get("key"),
        reference=plain.get("reference"),
        settlement=plain.get("settlement"),
        code=plain.get("code"),
        amount=None
        if amount is None
        else Amount(currency=amount["currency"], value=amount["value"]),
        fields=plain["fields"],
        reply=Reply._from(plain["reply"]),
    )


def pairs(headers: Headers) -> list[tuple[str, str]]:
    """Headers in any framework's shape as pairs of text; a header given twice stays twice."""
    items = getattr(headers, "items", None)
    if isinstance(headers, str | bytes):
        raise TypeError(f"headers: must be a mapping or pairs, not {type(headers).__name__}")
    given: Any = items() if items is not None else headers
    try:
        return [(_header(name), _header(value)) for name, value in given]
    except (TypeError, ValueError) as error:
        if isinstance(error, TypeError) and str(error).startswith("headers:"):
            raise
        raise TypeError("headers: must be a mapping, or pairs of name and value") from None


def _header(given: Any) -> str:
    if isinstance(given, bytes):
        return given.decode("latin-1")
    if isinstance(given, str):
        return printable(given)
    raise TypeError(f"headers: names and values must be str or bytes, not {type(given).__name__}")


def _now(now_ms: int | None) -> int:
    return time.time_ns() // 1_000_000 if now_ms is None else now_ms


def _reply_to_sign(
    account: BaseAccount, notification: Notification, path: str, now_ms: int
) -> bytes | None:
    if account.signer is None:
        return None
    return account._stepwise.reply_to_sign(printable(path), notification.reply._json(), now_ms)


def _signed(
    account: BaseAccount, notification: Notification, path: str, now_ms: int, made: object
) -> Notification:
    try:
        signature = signature_of(made)
    except SigningFailed as error:
        raise ConfigurationError(f"signer: {error}", field="signer", code="signer_failed") from None
    signed = account._stepwise.signed_reply(
        printable(path), notification.reply._json(), now_ms, signature
    )
    return replace(notification, reply=Reply._from(json.loads(signed)))


__all__ = [
    "Notification",
    "Reply",
    "parse_notification",
    "parse_notification_async",
]
