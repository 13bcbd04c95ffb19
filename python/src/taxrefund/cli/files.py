"""Which operation a file of refunds asks for, and which account it is paid from."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _files, _operations
from ..errors import ConfigurationError
from .accounts import NamedClient
from .ending import CommandError

if TYPE_CHECKING:
    from .._model import Operation


def add_arguments(parser: argparse.ArgumentParser, *, many: bool) -> None:
    """How files are read: pay and results must read them alike."""
    parser.add_argument(
        "files",
        nargs="+" if many else 1,
        type=Path,
        metavar="FILE",
        help="refunds: CSV with the request's fields as columns, or JSON lines (.jsonl), in UTF-8",
    )
    parser.add_argument(
        "--operation",
        metavar="NAME",
        help="what each line asks for, such as alipay.pay_tax_refund; found by the columns unless "
        "given",
    )
    parser.add_argument(
        "--batch",
        metavar="NAME",
        help="the batch's name in the journal; the file's name unless given",
    )
    parser.add_argument(
        "--form-field",
        metavar="FIELD",
        help="the field with the tax refund form's number, where the operation has none of its "
        "own (Antom): one form is paid once",
    )
    parser.add_argument(
        "--json-lines", action="store_true", default=None, help="each line is a request in JSON"
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """A file, what it asks for, and who pays."""

    file: Path
    operation: Operation[Any, Any]
    payer: NamedClient
    options: dict[str, Any]


def batches(arguments: argparse.Namespace, clients: Sequence[NamedClient]) -> list[Batch]:
    """The files of a command line. All of them are looked at before anything is done."""
    if arguments.batch and len(arguments.files) > 1:
        raise CommandError("--batch names one batch: give one file with it")
    found = []
    for file in arguments.files:
        operation = _operation(arguments, file, clients)
        protocol = operation.name.partition(".")[0]
        payers = [client for client in clients if client.protocol == protocol]
        if not payers:
            names = ", ".join(client.name for client in clients)
            raise CommandError(
                f"{file}: {operation.name} needs an account of {protocol}; there are {names}. "
                "Nothing was sent."
            )
        if len(payers) > 1:
            names = ", ".join(client.name for client in payers)
            raise CommandError(
                f"{file}: several accounts can pay {operation.name}: give --account, one of "
                f"{names}. Nothing was sent."
            )
        options = {
            "operation": operation,
            "batch": arguments.batch,
            "form_field": arguments.form_field,
            "json_lines": arguments.json_lines,
        }
        found.append(Batch(file, operation, payers[0], options))
    if len({batch.file.name for batch in found}) < len(found):
        raise CommandError(
            "two of the files have the same name, which names their batch: pay them one by one "
            "with --batch"
        )
    return found


def _operation(
    arguments: argparse.Namespace, file: Path, clients: Sequence[NamedClient]
) -> Operation[Any, Any]:
    if not file.is_file():
        raise CommandError(f"there is no file {file}. Nothing was sent.")
    if arguments.operation is not None:
        try:
            return _operations.named(arguments.operation)
        except ConfigurationError as error:
            raise CommandError(f"{error}. Nothing was sent.") from None
    protocols = {client.protocol for client in clients}
    known = [one for one in _operations.journaled() if one.name.partition(".")[0] in protocols]
    columns = _columns(arguments, file)
    fitting = [one for one in known if _fits(one, columns)]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(one.name for one in fitting or known)
    why = "several operations have" if fitting else "no operation of these accounts has all of"
    raise CommandError(
        f"{file}: {why} the columns of its first line: say what each line asks for with "
        f"--operation, one of {names}. Nothing was sent."
    )


def _fits(operation: Operation[Any, Any], columns: list[str]) -> bool:
    """Whether the columns are the operation's fields, and its key is among them."""
    fields = operation.request._fields_
    wire = {field.wire for field in fields}
    firsts = {column.partition(".")[0] for column in columns}
    names = {field.wire for field in fields if field.name in operation.idempotency_key.split(":")}
    names |= wire & set(operation.idempotency_key.split(":"))
    return bool(names) and firsts <= wire and names <= firsts


def _columns(arguments: argparse.Namespace, file: Path) -> list[str]:
    is_json = arguments.json_lines or _files.is_json_lines(file)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            first = next((line for line in lines if line.strip()), "")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise CommandError(f"{file} cannot be read: {reason}. Nothing was sent.") from None
    if not is_json:
        return [name.strip() for name in next(csv.reader([first]), [])]
    try:
        return list(json.loads(first))
    except ValueError:
        raise CommandError(
            f"{file}: its first line is not JSON: say what each line asks for with --operation. "
            "Nothing was sent."
        ) from None
