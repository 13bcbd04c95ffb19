"""What a journal is asked, as the native module takes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _files, _operations
from ._journal_records import ImportSummary, LineProblem
from ._rows import request_json
from .errors import ConfigurationError

if TYPE_CHECKING:
    from . import _native
    from ._client import BlockingClient
    from ._generated.codes import NextStep, State
    from ._model import Operation, Request
    from .account import BaseAccount
    from .options import Cancel

    Account: TypeAlias = BaseAccount
    Client: TypeAlias = BlockingClient


def sealing_key(key: bytes | str | None, name: str = "sealing_key") -> bytes | None:
    """Raw bytes of a key; what is wrong with one is said without the key."""
    if key is None:
        return None
    if isinstance(key, bytes | bytearray) and len(key) == 32:
        return bytes(key)
    try:
        text = key if isinstance(key, str) else bytes(key).decode("ascii")
        raw = bytes.fromhex(text.strip())
    except (ValueError, UnicodeDecodeError):
        raw = b""
    if len(raw) != 32:
        raise ConfigurationError(
            f"{name}: must be 32 bytes, or their 64 hexadecimal digits, such as `openssl rand -hex "
            "32` prints",
            field=name,
        )
    return raw


def given(**options: Any) -> dict[str, Any]:
    """What is not `None`."""
    return {name: value for name, value in options.items() if value is not None}


def filter_json(
    state: State | str | None, next_step: NextStep | str | None, batch: str | None, conflict: bool
) -> str:
    """Which entries."""
    plain = {
        "state": _plain(state),
        "next_step": _plain(next_step),
        "batch": batch,
        "conflict": conflict,
    }
    return json.dumps(plain)


def _plain(name: Any) -> str | None:
    return None if name is None else str(getattr(name, "value", name))


def extras_json(
    form: str | None, second_refund_for_form: str | None, batch: str | None, line: int | None
) -> str:
    """What is recorded beside a request."""
    if line is not None and batch is None:
        raise TypeError("line is a place in a batch: give batch=... with it")
    return json.dumps(
        given(form=form, second_refund_for_form=second_refund_for_form, batch=batch, line=line)
    )


def import_options(
    source: _files.Source,
    batch: str | None,
    json_lines: bool | None,
    form_field: str | None,
    chunk: int | None,
) -> str:
    """How a file is read."""
    name = batch or _files.name_of(source)
    if name is None:
        raise TypeError("this file has no name of its own, give batch=...")
    is_json_lines = _files.is_json_lines(source) if json_lines is None else json_lines
    form = "json_lines" if is_json_lines else "csv"
    return json.dumps(given(batch=name, format=form, form_field=form_field, chunk=chunk))


def import_summary(told: str) -> ImportSummary:
    """A summary from its JSON."""
    found = json.loads(told)
    problems = tuple(LineProblem(**problem) for problem in found.pop("problems"))
    return ImportSummary(**found, problems=problems)


def prepared(
    account: Client | Account,
    request: Request | Operation[Any, Any] | str,
    fields: Mapping[str, Any] | None,
) -> tuple[Operation[Any, Any], _native.Prepared]:
    """A request, checked and frozen for an account."""
    if isinstance(request, str) or (
        hasattr(request, "idempotency_key") and hasattr(request, "effect")
    ):
        named: Any = request
        operation = _operations.named(named)
        if fields is None:
            raise TypeError(f"{operation.name}: give the mapping of its fields, or a typed request")
        content = request_json(operation, fields)
    else:
        typed: Any = request
        operation = _operations.of_request(typed)
        if fields is not None:
            raise TypeError(f"{operation.name}: a typed request has its fields already")
        content = json.dumps(typed.to_wire())
    return operation, native_account(account).prepare(operation.name, content)


def account_of(given: Client | Account) -> Account:
    """The account of a client, or the account itself."""
    from .account import BaseAccount

    return given if isinstance(given, BaseAccount) else given.account


def protocol_of(given: Client | Account) -> str:
    """`alipay`, `alipay_plus` or `antom`."""
    return native_account(given).protocol


def native_account(given: Client | Account) -> _native.Account:
    """The native account."""
    return account_of(given)._native


def native_client(client: Client) -> _native.Client:
    """The native client: account, transport and policy."""
    return client._native_client()


@contextmanager
def native_cancel(cancel: Cancel | None) -> Iterator[_native.Cancel | None]:
    """The native twin of a token, for as long as a call takes."""
    if cancel is None:
        yield None
        return
    from . import _native

    twin = _native.Cancel()
    forget = cancel._subscribe(twin.cancel)
    try:
        yield twin
    finally:
        forget()
