"""What was sent and heard of one refund."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import python_path

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Attempt", "Evidence", "Reason", "Report", "Warning"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a provider's code, or our word for a fault."""

    code: str
    """The gateway's `code`, a `resultCode`, or a fault such as `timeout`; `taxrefund.explain`
    knows it.
    """
    sub_code: str | None = None
    """The gateway's `sub_code`."""
    message: str | None = None
    """The provider's own text, for engineers. It may repeat parts of the request: `str` and `repr`
    leave it out.
    """
    verified: bool = False
    """Whether a verified answer said so."""

    def __str__(self) -> str:
        code = f"{self.code} {self.sub_code}" if self.sub_code else self.code
        return code if self.verified else f"{code} (not verified)"

    def __repr__(self) -> str:
        return f"Reason(code={self.code!r}, sub_code={self.sub_code!r}, verified={self.verified})"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One send and what came of it."""

    interface: str
    """`pay`, `query`, …"""
    sent_at_ms: int
    """Milliseconds since 1970, by the driver's clock."""
    took_ms: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Warning:
    """Something unusual about a request that did not stop it: it was sent as given."""

    path: str
    """Where, in Python's names."""
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Bytes received, kept as proof. They may hold personal data."""

    status: int
    """The HTTP status."""
    verified: bool
    """Whether the signature over exactly these bytes was good."""
    headers: tuple[tuple[str, str], ...]
    """The signature header, for the protocols that sign by header, with the time it covers."""
    body: bytes
    """As received, at most 64 KiB of it."""
    truncated: bool
    """Whether the body was longer than what is kept."""

    def __repr__(self) -> str:
        body = f"«{len(self.body)} bytes»"
        return f"Evidence(status={self.status}, verified={self.verified}, body={body})"


@dataclass(frozen=True, slots=True)
class Report:
    """What was sent and heard."""

    operation: str
    key: str
    """The idempotency key."""
    attempts: tuple[Attempt, ...] = ()
    """Every send of this run, oldest first."""
    warnings: tuple[Warning, ...] = ()
    slow_down: bool = False
    """The provider asked for a lower call rate; whoever paces this account should slow down."""
    evidence: Evidence | None = None
    """The bytes that decided, or the last ones received."""


def reason_of(plain: Mapping[str, Any]) -> Reason:
    """A reason from its JSON object."""
    return Reason(
        plain["code"], plain.get("sub_code"), plain.get("message"), plain.get("verified", False)
    )


def report_of(plain: Mapping[str, Any]) -> Report:
    """A report from its JSON object."""
    attempts = plain.get("attempts", ())
    warnings = plain.get("warnings", ())
    evidence = plain.get("evidence")
    return Report(
        plain["operation"],
        plain["key"],
        tuple(_attempt(one) for one in attempts),
        tuple(Warning(python_path(one["path"]), one["rule"], one["message"]) for one in warnings),
        plain.get("slow_down", False),
        None if evidence is None else _evidence(evidence),
    )


def _attempt(plain: Mapping[str, Any]) -> Attempt:
    reason = plain.get("reason")
    return Attempt(
        plain["interface"],
        plain["sent_at_ms"],
        plain["took_ms"],
        None if reason is None else reason_of(reason),
    )


def _evidence(plain: Mapping[str, Any]) -> Evidence:
    return Evidence(
        plain["status"],
        plain["verified"],
        tuple((name, value) for name, value in plain.get("headers", ())),
        binascii.a2b_base64(plain["body"]),
        plain.get("truncated", False),
    )
