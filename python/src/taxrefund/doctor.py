"""Looks at keys and certificates before the first refund, and says what is wrong with them.
Nothing is sent.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import _native
from .account import optional_key, text

if TYPE_CHECKING:
    from .account import KeyMaterial


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of one thing."""

    subject: str
    what_it_is: str
    problem: str | None
    """The stable code of what is wrong; `None` when nothing is."""
    advice: str
    """What to do; empty where there is nothing to do."""

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.problem is None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found. `str` is the whole of it for a person; no key material is in it."""

    environment: str | None
    findings: tuple[Finding, ...]
    healthy: bool
    text: str

    def __str__(self) -> str:
        return self.text


def diagnose(
    *,
    environment: str | None = None,
    merchant_private_key: KeyMaterial | None = None,
    merchant_public_key: KeyMaterial | None = None,
    platform_public_key: KeyMaterial | None = None,
    app_certificate: KeyMaterial | None = None,
    platform_certificate: KeyMaterial | None = None,
    root_bundle: KeyMaterial | None = None,
) -> Diagnosis:
    """Examines whatever is given: alone, and whether it belongs together. Keys are text, bytes, or
    a `Path` to them.
    """
    given = {
        "environment": text("environment", environment),
        "merchant_private_key": optional_key("merchant_private_key", merchant_private_key),
        "merchant_public_key": optional_key("merchant_public_key", merchant_public_key),
        "platform_public_key": optional_key("platform_public_key", platform_public_key),
        "app_certificate": optional_key("app_certificate", app_certificate),
        "platform_certificate": optional_key("platform_certificate", platform_certificate),
        "root_bundle": optional_key("root_bundle", root_bundle),
    }
    known = {name: value for name, value in given.items() if value is not None}
    plain = json.loads(_native.doctor(json.dumps(known), int(time.time())))
    findings = tuple(
        Finding(one["subject"], one["what_it_is"], one.get("problem"), one["advice"])
        for one in plain["findings"]
    )
    return Diagnosis(plain.get("environment"), findings, plain["healthy"], plain["text"])
