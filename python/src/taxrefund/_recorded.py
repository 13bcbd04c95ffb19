"""How a refund stands by what is recorded, as an outcome: also one that is not final."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import _native


def recorded_outcome(journal: _native.Journal, account: _native.Account, key: str) -> str | None:
    """The outcome as JSON; `None` for a refund that the journal does not have.

    One that is not final holds no state: the journal does, and resumes it.
    """
    entry = journal.find(account, key)
    if entry is None:
        return None
    final = journal.outcome(entry)
    if final is not None:
        return final
    plain: dict[str, Any] = json.loads(entry.json)
    attempts = [
        attempt
        for record in json.loads(journal.story(entry, False))
        if (attempt := _attempt(record)) is not None
    ]
    report = {"operation": plain["operation"], "key": key, "attempts": attempts}
    outcome = {
        "outcome": "unknown",
        "reason": _reason(plain, attempts),
        "next_step": plain.get("next_step") or "resume_later",
        "report": report,
        "resume": None,
    }
    return json.dumps(outcome)


def _reason(entry: dict[str, Any], attempts: list[dict[str, Any]]) -> dict[str, Any]:
    code, sub_code = entry.get("code"), entry.get("sub_code")
    for attempt in reversed(attempts):
        reason: dict[str, Any] | None = attempt["reason"]
        if reason is not None and code in (None, reason["code"]):
            return reason
    return {"code": code or "cancelled", "sub_code": sub_code, "verified": False}


def _attempt(record: dict[str, Any]) -> dict[str, Any] | None:
    content = record["content"]
    if record["kind"] not in ("attempt", "late") or "interface" not in content:
        return None
    code = content.get("code")
    reason = {
        "code": code,
        "sub_code": content.get("sub_code"),
        "verified": content.get("verified", False),
    }
    return {
        "interface": content["interface"],
        "sent_at_ms": content.get("sent_at_ms", 0),
        "took_ms": content.get("took_ms", 0),
        "reason": None if code is None else reason,
    }
