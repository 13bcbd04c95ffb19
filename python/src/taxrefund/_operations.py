"""Operations by their names, by their requests and by an account: only those that a journal
records.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import ConfigurationError

if TYPE_CHECKING:
    from ._model import Operation, Request

PROTOCOLS = ("alipay", "alipay_plus", "antom")


def of_protocol(protocol: str) -> Sequence[Operation[Any, Any]]:
    """Every operation of a protocol, reads included."""
    operations: Sequence[Operation[Any, Any]] = import_module(
        f"taxrefund._generated.{protocol}"
    ).OPERATIONS
    return operations


def journaled(protocol: str | None = None) -> list[Operation[Any, Any]]:
    """What a journal records: what moves money or leaves a record at the provider."""
    protocols = PROTOCOLS if protocol is None else (protocol,)
    return [one for name in protocols for one in of_protocol(name) if one.effect != "reads"]


def named(name: str | Operation[Any, Any]) -> Operation[Any, Any]:
    """The operation of this name that a journal records."""
    if not isinstance(name, str):
        return name
    for operation in journaled():
        if operation.name == name:
            return operation
    names = ", ".join(operation.name for operation in journaled())
    raise ConfigurationError(
        f"operation: the journal records none with the name {name!r}; it records: {names}",
        field="operation",
    )


def of_account(protocol: str, name: str | Operation[Any, Any] | None) -> Operation[Any, Any]:
    """The named operation; without a name, the only one that this protocol has to record."""
    if name is not None:
        operation = named(name)
        if operation.name.partition(".")[0] != protocol:
            raise ConfigurationError(
                f"operation: {operation.name} is none of the account, which is of {protocol}",
                field="operation",
            )
        return operation
    known = journaled(protocol)
    if len(known) == 1:
        return known[0]
    names = ", ".join(operation.name for operation in known)
    raise ConfigurationError(
        f"operation: an account of {protocol} has several, say which: {names}", field="operation"
    )


def of_request(request: Request) -> Operation[Any, Any]:
    """The operation that a typed request asks for."""
    kind = type(request)
    module = sys.modules.get(kind.__module__)
    known: Sequence[Operation[Any, Any]] = getattr(module, "OPERATIONS", ())
    for operation in known or [one for name in PROTOCOLS for one in of_protocol(name)]:
        if operation.request is kind:
            return operation
    raise TypeError(
        "a request of this package is needed, such as alipay.PayTaxRefundRequest, not "
        f"{kind.__name__}"
    )
