"""What can go wrong before or beside an exchange. How a refund ended is never one of these: see
`taxrefund.outcome`.

Every class is a `TaxRefundError` with a stable `code`. Nothing was sent by a call that raised one,
unless its text says so. All can be pickled and copied, and none holds personal data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .notifications import Reply
    from .outcome import Failed as Failed
    from .outcome import Outcome
    from .outcome import Unknown as Unknown


class TaxRefundError(Exception):
    """Whatever this package raises on purpose."""

    code: str = "taxrefund"
    """Stable; programs compare it. All codes are members of `taxrefund.ErrorCode`; texts may
    change.
    """

    def __init__(self, message: str = "", *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code

    @property
    def message(self) -> str:
        """What happened and what to do, for a person."""
        return str(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.code}>"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a request."""

    path: str
    """Where, in Python's names: `merchants[0].merchant_address.region`."""
    rule: str
    """The rule's stable name: `required`, `length`, `alphabet`, `currency`, …"""
    message: str
    """The rule in words, with its numbers."""
    given: str
    """What was given; personal data is masked, long texts are shortened."""

    def __str__(self) -> str:
        return f"{self.path or 'the whole'}: {self.message} (given: {self.given})"


class InvalidRequest(TaxRefundError, ValueError):
    """A request that breaks rules. All of them are named; nothing was signed, recorded or sent."""

    code = "invalid_request"

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        violations: tuple[Violation, ...] = (),
        code: str | None = None,
    ) -> None:
        if violations:
            count = f"{len(violations)} problem{'' if len(violations) == 1 else 's'}"
            lines = "".join(f"\n  {violation}" for violation in violations)
            message = f"{operation}: nothing was sent; {count}{lines}"
        super().__init__(message, code=code)
        self.operation = operation
        self.violations = violations


class ConfigurationError(TaxRefundError):
    """A setting that cannot be used: a key, an address, an option. Nothing was sent."""

    code = "configuration"

    def __init__(self, message: str = "", *, field: str = "", code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field
        """Which setting."""


class KeyReused(TaxRefundError):
    """The idempotency key was used before for a request with other content. Nothing was sent."""

    code = "key_reused"

    def __init__(
        self,
        message: str = "",
        *,
        operation: str = "",
        key: str = "",
        fields: tuple[str, ...] = (),
        state: str = "",
        code: str | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.operation = operation
        self.key = key
        self.fields = fields
        """What differs, in Python's names; `operation` when another operation used the key."""
        self.state = state
        """Where the recorded refund stands."""


class FormTaken(TaxRefundError):
    """The tax refund form has another refund that did not fail. Nothing was sent."""

    code = "form_taken"

    def __init__(
        self,
        message: str = "",
        *,
        form: str = "",
        key: str = "",
        state: str = "",
        code: str | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.form = form
        self.key = key
        """The other refund's key."""
        self.state = state
        """Where the other refund stands."""


class _AboutOneRefund(TaxRefundError):
    def __init__(
        self, message: str = "", *, key: str = "", owner: str = "", code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.key = key
        self.owner = owner


class RefundBusy(_AboutOneRefund):
    """Somebody else is at work on this refund; its outcome will be in the journal. Nothing was
    sent by this call.
    """

    code = "refund_busy"


class TakenOver(_AboutOneRefund):
    """The refund was taken over by another worker, or settled by a notification: look at its
    entry.
    """

    code = "refund_taken_over"


class RefundNotFound(_AboutOneRefund, LookupError):
    """The journal has no such refund."""

    code = "refund_not_found"


class JournalError(TaxRefundError):
    """Trouble with the journal; `code` says which (`journal_full`, `journal_locked`, …)."""

    code = "journal_store"


class FileError(TaxRefundError):
    """A file beside the journal that cannot be read or written."""

    code = "file"


class BatchError(TaxRefundError):
    """A batch file that cannot be used."""

    code = "batch_read"


class SettlementError(TaxRefundError):
    """A settlement list, or the options of the check, that cannot be used."""

    code = "settlement_read"


class MoneyError(TaxRefundError, ValueError):
    """An amount or a currency that does not exist, or two currencies where one is due."""

    code = "money"


class DateError(TaxRefundError, ValueError):
    """A point in time that cannot be written or read."""

    code = "date"


class FlowMisuse(TaxRefundError):
    """A flow was driven in a way that makes no sense: a fault of the driver."""

    code = "flow_misuse"


class SandboxError(TaxRefundError):
    """The gateway simulator could not do what was asked."""

    code = "sandbox"


class NotificationRefused(TaxRefundError):
    """A message that could not be verified. It changes nothing; send its `reply`, which
    acknowledges nothing.
    """

    code = "notification_refused"

    def __init__(
        self,
        message: str = "",
        *,
        fault: str = "",
        reply: Reply | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.fault = fault
        """What is wrong with it; `taxrefund.explain` knows the word."""
        if reply is None:
            from .notifications import Reply

            reply = Reply(status=400, headers=(), body="")
        self.reply: Reply = reply


class AnswerRefused(TaxRefundError):
    """An answer of which nothing may be believed."""

    code = "answer_refused"

    def __init__(self, message: str = "", *, fault: str = "", code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.fault = fault


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a refund. The refund is not lost: `unknown` is what to resume.

    It is a `KeyboardInterrupt`: a program that does nothing about it ends as always.
    """

    code = "interrupted"

    def __init__(self, message: str = "", *, outcome: Outcome[Any] | None = None) -> None:
        super().__init__(message)
        self.outcome = outcome
        """How the refund stands; a success or a failure if it was decided in the very moment of
        the interrupt.
        """

    @property
    def unknown(self) -> Unknown | None:
        """The refund to resume; `None` if `outcome` is final, or only the journal knows it."""
        from .outcome import Unknown

        return self.outcome if isinstance(self.outcome, Unknown) else None


_STEP = re.compile(r"\.(\d+)(?=\.|$)")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def python_path(path: str) -> str:
    """A path in wire names as Python writes it: `merchants.0.merchantMCC` is
    `merchants[0].merchant_mcc`.
    """
    return _STEP.sub(r"[\1]", _HUMP.sub("_", path).lower())


def _of(problem_json: str) -> BaseException:
    """The exception for a problem that the native module reports."""
    import json

    problem: dict[str, Any] = json.loads(problem_json)
    kind, code, message = problem["kind"], problem["code"], problem["message"]
    make = _SPECIAL.get(kind)
    if make is not None:
        return make(problem)
    return _PLAIN.get(kind, TaxRefundError)(message, code=code)


def _invalid_request(problem: Mapping[str, Any]) -> TaxRefundError:
    violations = tuple(
        Violation(python_path(one["path"]), one["rule"], one["message"], one["given"])
        for one in problem.get("violations", ())
    )
    return InvalidRequest(
        problem["message"],
        operation=problem.get("operation", ""),
        violations=violations,
        code=problem["code"],
    )


def _key_reused(problem: Mapping[str, Any]) -> TaxRefundError:
    return KeyReused(
        problem["message"],
        operation=problem.get("operation", ""),
        key=problem.get("key", ""),
        fields=tuple(python_path(field) for field in problem.get("fields", ())),
        state=problem.get("state", ""),
        code=problem["code"],
    )


def _form_taken(problem: Mapping[str, Any]) -> TaxRefundError:
    about = {name: problem.get(name, "") for name in ("form", "key", "state")}
    return FormTaken(problem["message"], code=problem["code"], **about)


def _busy(problem: Mapping[str, Any]) -> TaxRefundError:
    about = {name: problem.get(name, "") for name in ("key", "owner")}
    return RefundBusy(problem["message"], code=problem["code"], **about)


def _taken_over(problem: Mapping[str, Any]) -> TaxRefundError:
    return TakenOver(problem["message"], key=problem.get("key", ""), code=problem["code"])


def _not_found(problem: Mapping[str, Any]) -> TaxRefundError:
    return RefundNotFound(problem["message"], key=problem.get("key", ""), code=problem["code"])


def _configuration(problem: Mapping[str, Any]) -> TaxRefundError:
    field = problem.get("field", "")
    return ConfigurationError(problem["message"], field=field, code=problem["code"])


def _notification_refused(problem: Mapping[str, Any]) -> TaxRefundError:
    from .notifications import Reply

    reply = problem.get("reply")
    return NotificationRefused(
        problem["message"],
        fault=problem.get("fault", ""),
        reply=None if reply is None else Reply._from(reply),
        code=problem["code"],
    )


def _answer_refused(problem: Mapping[str, Any]) -> TaxRefundError:
    return AnswerRefused(problem["message"], fault=problem.get("fault", ""), code=problem["code"])


_SPECIAL = {
    "invalid_request": _invalid_request,
    "configuration": _configuration,
    "key_reused": _key_reused,
    "form_taken": _form_taken,
    "busy": _busy,
    "taken_over": _taken_over,
    "not_found": _not_found,
    "notification_refused": _notification_refused,
    "answer_refused": _answer_refused,
}
_PLAIN: dict[str, type[TaxRefundError]] = {
    "misuse": FlowMisuse,
    "journal": JournalError,
    "only_reads": JournalError,
    "file": FileError,
    "settlement": SettlementError,
    "batch": BatchError,
    "money": MoneyError,
    "date": DateError,
    "sandbox": SandboxError,
}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in ("Failed", "Unknown"):
            from . import outcome

            return getattr(outcome, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
