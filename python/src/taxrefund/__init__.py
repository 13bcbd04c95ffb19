"""Pays travellers' tax refunds through Alipay's open gateway, Alipay+ and Antom, and never guesses
about the money.

Every call ends in one of three answers: `Succeeded` (verified: it was done), `Failed` (verified:
no money moved) or `Unknown` (money may have moved; resume it, never start it anew).

    from pathlib import Path
    from taxrefund import Money, alipay

    account = alipay.Account(
        app_id="2014072300007148",
        merchant_private_key=Path("merchant_private_key.pem"),
        alipay_public_key=Path("alipay_public_key.pem"),
        environment="sandbox",
    )
    with alipay.Client(account, journal="refunds.db") as client:
        paid = client.pay_tax_refund(
            out_order_no="0005520171122115751",
            identify_account_type="barcode",
            identify_account_no="281234567890123456",
            tax_refund_amount=Money.parse("100.00", "SGD"),
        )
        print(paid.tax_no)

Everything is loaded when it is first used.
"""

from __future__ import annotations

# As `typing.TYPE_CHECKING`, without loading `typing`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import (
        alipay,
        alipay_plus,
        antom,
        clock,
        dates,
        doctor,
        errors,
        explain,
        notifications,
        observe,
        outcome,
        settlement,
        signing,
        testing,
        transport,
    )
    from ._generated.codes import ErrorCode, Fault, NextStep, State
    from .errors import (
        AnswerRefused,
        BatchError,
        ConfigurationError,
        DateError,
        FileError,
        FlowMisuse,
        FormTaken,
        Interrupted,
        InvalidRequest,
        JournalError,
        KeyReused,
        MoneyError,
        NotificationRefused,
        RefundBusy,
        RefundNotFound,
        SandboxError,
        SettlementError,
        TakenOver,
        TaxRefundError,
        Violation,
    )
    from .explain import Explanation, StepExplanation, explain_code, explain_step
    from .journal import Journal
    from .money import Amount, Money
    from .notifications import (
        Notification,
        Reply,
        parse_notification,
        parse_notification_async,
    )
    from .options import CallOptions, Cancel
    from .outcome import (
        Attempt,
        Evidence,
        Failed,
        Outcome,
        Reason,
        Report,
        Succeeded,
        Unknown,
    )
    from .signer import HostSigner
    from .transport import (
        AsyncTransport,
        HttpRequest,
        HttpResponse,
        HttpTransport,
        Transport,
        TransportFault,
    )
    from .worker import Worker

    __version__: str

_NAMES = {
    "_generated.codes": ("ErrorCode", "Fault", "NextStep", "State"),
    "errors": (
        "AnswerRefused",
        "BatchError",
        "ConfigurationError",
        "DateError",
        "FileError",
        "FlowMisuse",
        "FormTaken",
        "Interrupted",
        "InvalidRequest",
        "JournalError",
        "KeyReused",
        "MoneyError",
        "NotificationRefused",
        "RefundBusy",
        "RefundNotFound",
        "SandboxError",
        "SettlementError",
        "TakenOver",
        "TaxRefundError",
        "Violation",
    ),
    "explain": ("Explanation", "StepExplanation", "explain_code", "explain_step"),
    "journal": ("Journal",),
    "money": ("Amount", "Money"),
    "notifications": (
        "Notification",
        "Reply",
        "parse_notification",
        "parse_notification_async",
    ),
    "options": ("CallOptions", "Cancel"),
    "outcome": (
        "Attempt",
        "Evidence",
        "Failed",
        "Outcome",
        "Reason",
        "Report",
        "Succeeded",
        "Unknown",
    ),
    "signer": ("HostSigner",),
    "transport": (
        "AsyncTransport",
        "HttpRequest",
        "HttpResponse",
        "HttpTransport",
        "Transport",
        "TransportFault",
    ),
    "worker": ("Worker",),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}
_MODULES = frozenset(
    {
        "alipay",
        "alipay_plus",
        "antom",
        "clock",
        "dates",
        "doctor",
        "errors",
        "explain",
        "notifications",
        "observe",
        "outcome",
        "settlement",
        "signing",
        "testing",
        "transport",
    }
)

__all__ = [
    "Amount",
    "AnswerRefused",
    "AsyncTransport",
    "Attempt",
    "BatchError",
    "CallOptions",
    "Cancel",
    "ConfigurationError",
    "DateError",
    "ErrorCode",
    "Evidence",
    "Explanation",
    "Failed",
    "Fault",
    "FileError",
    "FlowMisuse",
    "FormTaken",
    "HostSigner",
    "HttpRequest",
    "HttpResponse",
    "HttpTransport",
    "Interrupted",
    "InvalidRequest",
    "Journal",
    "JournalError",
    "KeyReused",
    "Money",
    "MoneyError",
    "NextStep",
    "Notification",
    "NotificationRefused",
    "Outcome",
    "Reason",
    "RefundBusy",
    "RefundNotFound",
    "Reply",
    "Report",
    "SandboxError",
    "SettlementError",
    "State",
    "StepExplanation",
    "Succeeded",
    "TakenOver",
    "TaxRefundError",
    "Transport",
    "TransportFault",
    "Unknown",
    "Violation",
    "Worker",
    "__version__",
    "alipay",
    "alipay_plus",
    "antom",
    "clock",
    "dates",
    "doctor",
    "errors",
    "explain",
    "explain_code",
    "explain_step",
    "notifications",
    "observe",
    "outcome",
    "parse_notification",
    "parse_notification_async",
    "settlement",
    "signing",
    "testing",
    "transport",
]


if not TYPE_CHECKING:
    # Out of sight of type checkers, which would believe in any name otherwise.
    def __getattr__(name: str) -> Any:
        from importlib import import_module

        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        home = _HOME.get(name)
        if home is not None:
            value = getattr(import_module(f"{__name__}.{home}"), name)
        elif name == "__version__":
            value = import_module(f"{__name__}._native").version()
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
