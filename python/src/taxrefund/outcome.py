"""The three answers: succeeded, failed, unknown. They are never mixed up.

`Failed` and `Unknown` are exceptions when a call raises them, and plain values from
`client.outcome`:

    match client.outcome.pay_tax_refund(request):
        case Succeeded(response=paid, reference=number):
            ...
        case Failed(reason=reason, next_step=step):         # verified: no money moved
            ...
        case Unknown() as open_refund:      # money may have moved: resume it, never start it anew
            keep(open_refund.state)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from ._generated.codes import NextStep
from .errors import TaxRefundError
from .report import Attempt, Evidence, Reason, Report, Warning, reason_of, report_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._model import Operation, Response
    from .explain import Language, StepExplanation
    from .options import CallOptions

R = TypeVar("R")

__all__ = [
    "Attempt",
    "Evidence",
    "Failed",
    "NextStep",
    "Outcome",
    "Reason",
    "Report",
    "Succeeded",
    "Unknown",
    "Warning",
]


@dataclass(frozen=True, slots=True)
class Succeeded(Generic[R]):
    """Verified: it was done."""

    response: R
    """The verified answer."""
    reference: str | None
    """The provider's own number of the refund; keep it."""
    report: Report

    @property
    def next_step(self) -> NextStep:
        """Nothing."""
        return NextStep.NONE

    def unwrap(self) -> R:
        """The response; `Failed` and `Unknown` raise themselves instead."""
        return self.response

    def __repr__(self) -> str:
        return f"<Succeeded {self.report.operation} {self.report.key} reference={self.reference!r}>"


class _NotDone(TaxRefundError):
    """What `Failed` and `Unknown` share."""

    __match_args__ = ("reason", "next_step")

    def __init__(self, reason: Reason, next_step: NextStep, report: Report) -> None:
        # The arguments stay as they are given, so that pickling and copying make the same again.
        super(TaxRefundError, self).__init__(reason, next_step, report)
        self.code = reason.code
        self.reason = reason
        self.next_step = next_step
        self.report = report

    @property
    def operation(self) -> str:
        """The operation's name."""
        return self.report.operation

    @property
    def key(self) -> str:
        """The idempotency key."""
        return self.report.key

    @property
    def evidence(self) -> Evidence | None:
        """The bytes that decided, or the last ones received."""
        return self.report.evidence

    @property
    def explanation(self) -> StepExplanation:
        """What the clerk and the engineer do now, and what the traveller is told, in English."""
        return self.explain()

    def explain(self, language: Language = "en") -> StepExplanation:
        """What the clerk and the engineer do now, and what the traveller is told; `"en"` or
        `"zh"`.
        """
        from .explain import explain_step

        return explain_step(self.next_step, language)

    def meaning(self, language: Language = "en") -> str:
        """What the reason's code means; empty for a code that nothing is known of."""
        from .explain import meaning_of

        protocol = self.operation.partition(".")[0]
        return meaning_of(protocol, self.reason.code, self.reason.sub_code, language)

    def unwrap(self) -> Any:
        """Raises this outcome."""
        raise self

    def _told(self, verdict: str, advice: str) -> str:
        meaning = self.meaning()
        lines = [f"{self.operation} {self.key}: {verdict}: {self.reason}"]
        if meaning:
            lines.append(f"  meaning: {meaning}")
        lines.append(f"  next step: {self.next_step.value}. {self.explanation.engineer}")
        lines.append(f"  {advice}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.operation} {self.key}: {self.reason}; "
            f"next step: {self.next_step.value}>"
        )


class Failed(_NotDone):
    """Verified: it was not done, and no money moved."""

    def __str__(self) -> str:
        return self._told("FAILED", "No money moved: a verified answer says so.")


class Unknown(_NotDone):
    """It may have been done. There is always a stated next step, and it is never a new order
    number.
    """

    def __init__(
        self, reason: Reason, next_step: NextStep, report: Report, state: str | None = None
    ) -> None:
        super().__init__(reason, next_step, report)
        self.state = state
        """What resuming starts from, as text to store. It holds the frozen request: keep it as
        carefully as the request. `None` when the journal keeps it.
        """
        self._account: str | None = None
        self._resume: Callable[[Unknown, CallOptions | None], Any] | None = None

    def resume(self, *, options: CallOptions | None = None) -> Any:
        """Takes the same refund up again: asks what became of it, and goes on from there.

        Gives what the first call would have given: the response, or `Failed` or `Unknown` raised.
        From an `AsyncClient` it is awaited. After unpickling use `client.resume(unknown)`.
        """
        if self._resume is None:
            raise TypeError(
                "this outcome belongs to no client any more (it was unpickled or copied): "
                "use client.resume(unknown)"
            )
        return self._resume(self, options)

    def __reduce__(self) -> tuple[Any, ...]:
        kept = {name: value for name, value in self.__dict__.items() if name != "_resume"}
        return _unknown_again, (type(self), self.args, kept)

    def __str__(self) -> str:
        return self._told(
            "NOT KNOWN whether it was done",
            "Money may have moved. Never start it again under another number; "
            "resume this one: .resume(), or client.resume() with its .state.",
        )


def _unknown_again(kind: type[Unknown], args: tuple[Any, ...], kept: dict[str, Any]) -> Unknown:
    unknown = kind(*args)
    unknown.__dict__.update(kept)
    unknown._resume = None
    return unknown


Outcome: TypeAlias = Succeeded[R] | Failed | Unknown
"""How an operation ended."""


def _of(
    outcome_json: str,
    operation: Operation[Any, Any] | None = None,
    client: Any = None,
) -> Outcome[Any]:
    """An outcome that the native module gives; `client` is what an *unknown* one resumes with."""
    return _of_plain(json.loads(outcome_json), operation, client)


def _of_plain(
    plain: Mapping[str, Any], operation: Operation[Any, Any] | None, client: Any
) -> Outcome[Any]:
    kind = plain["outcome"]
    report = report_of(plain["report"])
    if kind == "succeeded":
        response = plain["response"]
        typed: Response | Any = response
        if operation is not None:
            try:
                typed = operation.response.from_wire(response)
            except Exception:
                # Whatever a verified success looks like, it stays one.
                typed = operation.response()
        return Succeeded(typed, plain.get("reference"), report)
    reason, next_step = reason_of(plain["reason"]), _next_step(plain["next_step"])
    if kind == "failed":
        return Failed(reason, next_step, report)
    state = plain.get("resume")
    unknown = Unknown(reason, next_step, report, None if state is None else json.dumps(state))
    if client is not None:
        unknown._account = client.account.name
        unknown._resume = client._resume_again
    return unknown


def _next_step(name: str) -> NextStep:
    try:
        return NextStep(name)
    except ValueError:
        # Of another version; nobody is told to start anew on a guess.
        return NextStep.CONTACT_SUPPORT
