"""What a code means and what to do about it, and what each next step asks of whom. In English and
Chinese.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from . import _native
from ._text import printable
from .errors import ConfigurationError

if TYPE_CHECKING:
    from ._generated.codes import NextStep

    Language = Literal["en", "zh"]

_LANGUAGES = {
    "en": "english",
    "english": "english",
    "zh": "chinese",
    "chinese": "chinese",
    "zh-cn": "chinese",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one code means."""

    protocol: str | None
    """Whose code; `None` for this library's own words for faults."""
    code: str
    meaning: str
    action: str
    """What to do."""

    def __str__(self) -> str:
        whose = "taxrefund" if self.protocol is None else self.protocol
        return f"{self.code} ({whose}): {self.meaning}\n  to do: {self.action}"


@dataclass(frozen=True, slots=True)
class StepExplanation:
    """What the people around a refund do at a next step."""

    step: str
    clerk: str
    """What the person at the counter does."""
    engineer: str
    """What the engineer does."""
    traveller: str
    """What the traveller is told."""


def explain_code(code: str, language: Language = "en") -> tuple[Explanation, ...]:
    """Everything known of a code: provider codes, sub codes, faults (`timeout`), states
    (`status:F`); else empty.
    """
    found = json.loads(_native.explain(_text("code", code), _language(language)))
    return tuple(
        Explanation(one.get("protocol"), one["code"], one["meaning"], one["action"])
        for one in found
    )


explain = explain_code
"""The same under its short name, for `taxrefund.explain.explain(code)`."""


def explain_step(step: NextStep | str, language: Language = "en") -> StepExplanation:
    """What to do at a next step. Raises `ValueError` for a step that does not exist."""
    name = str(getattr(step, "value", step))
    found = _native.explain_step(_text("step", name), _language(language))
    if found is None:
        raise ValueError("step: is no next step; see taxrefund.NextStep")
    one = json.loads(found)
    return StepExplanation(one["step"], one["clerk"], one["engineer"], one["traveller"])


def meaning_of(protocol: str, code: str, sub_code: str | None, language: Language = "en") -> str:
    """What a code means within one protocol: the sub code first, which says more; empty when
    nothing is known.
    """
    for one in (sub_code, code):
        if one:
            for found in explain_code(printable(one), language):
                if found.protocol in (None, protocol):
                    return found.meaning
    return ""


def _language(name: str) -> str:
    known = _LANGUAGES.get(name.lower()) if isinstance(name, str) else None
    if known is None:
        raise ConfigurationError("language: must be en or zh", field="language")
    return known


def _text(name: str, given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(f"{name}: must be str, not {type(given).__name__}")
    return printable(given)
