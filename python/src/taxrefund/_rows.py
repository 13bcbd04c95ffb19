"""Rows of a program (dicts, data frames, database rows, request objects) as the JSON lines that an
import reads.

Nothing is guessed at: a float, or a time without a zone, stops the import and is named by row and
field. What is wrong with the business content is found by the import itself, and stops no other
row.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from .dates import gateway_time, offset_time
from .money import Money

if TYPE_CHECKING:
    from ._fields import Field
    from ._model import Operation

_ABSENT = object()


class Rows:
    """Reads rows as bytes, as much at a time as is asked for; what was read is forgotten."""

    def __init__(
        self, operation: Operation[Any, Any], rows: Iterable[Any], columns: Sequence[str] | None
    ) -> None:
        """`columns` names the cells of rows that are plain sequences."""
        self._lines = _Lines(operation, rows, columns)
        self._left = bytearray()

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes; nothing at the end."""
        wanted = size if size >= 0 else 1 << 62
        while len(self._left) < wanted:
            line = next(self._lines, None)
            if line is None:
                break
            self._left += line
        taken = bytes(self._left[:wanted])
        del self._left[:wanted]
        return taken


def request_json(operation: Operation[Any, Any], fields: Mapping[str, Any]) -> str:
    """One request, from a mapping of its fields."""
    return next(_Lines(operation, [fields], None)).decode("ascii")


class _Lines:
    """One line of JSON for each row."""

    def __init__(
        self, operation: Operation[Any, Any], rows: Iterable[Any], columns: Sequence[str] | None
    ) -> None:
        self._operation = operation
        self._places: dict[str, _Place] = {}
        self._number = 0
        self._rows, self._columns = _taken_apart(rows, columns)

    def __next__(self) -> bytes:
        row = next(self._rows)
        self._number += 1
        content = self._content(row)
        # In ASCII: a lone surrogate is found by the import as one wrong line, rather than as an
        # exception here.
        return json.dumps(content, separators=(",", ":")).encode("ascii") + b"\n"

    def _content(self, row: Any) -> dict[str, Any]:
        if isinstance(row, self._operation.request):
            wire: dict[str, Any] = row.to_wire()
            return wire
        content: dict[str, Any] = {}
        money: list[tuple[_Place, Money]] = []
        for column, cell in self._cells(row):
            place = self._places.get(column)
            if place is None:
                place = self._places[column] = _Place(self._operation.request._fields_, column)
            try:
                value = _value(cell, place.field)
            except TypeError as error:
                raise TypeError(f"row {self._number}, field {column!r}: {error}") from None
            if value is _ABSENT:
                continue
            if isinstance(cell, Money) and place.currency:
                money.append((place, cell))
            if not place.put(content, value):
                # The import refuses a member with this name, so the row is wrong, and says which
                # column does not fit.
                content[column] = value if isinstance(value, str) else str(value)
        for place, amount in money:
            self._with_currency(content, place, amount)
        return content

    def _with_currency(self, content: dict[str, Any], place: _Place, amount: Money) -> None:
        said = content.setdefault(place.currency, amount.currency)
        if said != amount.currency:
            raise TypeError(
                f"row {self._number}, field {place.column!r}: the amount is in {amount.currency}, "
                f"but {place.currency} says {said}"
            )

    def _cells(self, row: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(row, Mapping):
            return ((self._name(name), cell) for name, cell in row.items())
        if hasattr(row, "_fields_"):
            raise TypeError(
                f"row {self._number}: is a {type(row).__name__}, the operation "
                f"{self._operation.name} takes {self._operation.request.__name__}"
            )
        if hasattr(row, "keys") and hasattr(row, "__getitem__"):  # sqlite3.Row and its like
            return ((self._name(name), row[name]) for name in row.keys())  # noqa: SIM118
        if self._columns is None and hasattr(row, "_asdict"):
            names = row._asdict()
            if type(row).__name__ == "Pandas":  # the index of DataFrame.itertuples() is no field
                names.pop("Index", None)
            return iter(names.items())
        if isinstance(row, Sequence) and not isinstance(row, str | bytes | bytearray):
            return self._by_position(row)
        raise TypeError(
            f"row {self._number}: is a {type(row).__name__}; a row is a request, a mapping, a "
            "named tuple, or a sequence of cells with columns=[...]"
        )

    def _by_position(self, row: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        columns = self._columns
        if columns is None:
            raise TypeError(
                f"row {self._number}: is a plain sequence, so columns=[...] must name its cells "
                "(for a database cursor: [column[0] for column in cursor.description])"
            )
        if len(row) != len(columns):
            raise TypeError(
                f"row {self._number}: has {len(row)} cells, columns names {len(columns)}"
            )
        return zip(columns, row, strict=True)

    def _name(self, name: Any) -> str:
        # csv.DictReader keeps the cells beyond its header under None: the import refuses such a
        # row.
        return "(cells beyond the header)" if name is None else str(name)


def _taken_apart(
    rows: Any, columns: Sequence[str] | None
) -> tuple[Iterator[Any], list[str] | None]:
    """The rows of a data frame or a cursor too, with the names of their columns."""
    if isinstance(rows, Mapping | str | bytes | bytearray):
        raise TypeError(f"rows must be an iterable of rows, not one {type(rows).__name__}")
    if columns is not None:
        return iter(rows), list(columns)
    if hasattr(rows, "itertuples") and hasattr(rows, "columns"):  # pandas
        return iter(rows.itertuples(index=False, name=None)), [str(name) for name in rows.columns]
    if hasattr(rows, "iter_rows") and hasattr(rows, "columns"):  # polars
        return iter(rows.iter_rows()), list(rows.columns)
    described = getattr(rows, "description", None)
    if described and hasattr(rows, "fetchmany"):  # a database cursor
        return iter(rows), [column[0] for column in described]
    return iter(rows), None


class _Place:
    """Where a column belongs in a request: found once, used for every row."""

    def __init__(self, members: Sequence[Field], column: str) -> None:
        self.column = column
        self.field: Field | None = None
        self.currency = ""
        self._path: list[str | int] = []
        parts = column.split(".")
        known: Sequence[Field] = members
        for at, part in enumerate(parts):
            if part.isdecimal() and at:
                self._path.append(int(part))
                continue
            found = next((one for one in known if part in (one.wire, one.name)), None)
            self._path.append(part if found is None else found.wire)
            known = getattr(found.item, "_fields_", ()) if found is not None else ()
            self.field = found if at == len(parts) - 1 else None
        if len(parts) == 1 and self.field is not None and self.field.currency:
            sibling = next((one for one in members if one.name == self.field.currency), None)
            self.currency = "" if sibling is None else sibling.wire

    def put(self, content: dict[str, Any], value: Any) -> bool:
        """Whether it fits what the other columns have put there."""
        target: Any = content
        for part, following in zip(self._path, self._path[1:], strict=False):
            made: Any = [] if isinstance(following, int) else {}
            if isinstance(part, int):
                if not isinstance(target, list) or part > len(target):
                    return False
                if part == len(target):
                    target.append(made)
                target = target[part]
            else:
                if not isinstance(target, dict):
                    return False
                target = target.setdefault(part, made)
        last = self._path[-1]
        if isinstance(last, int):
            if not isinstance(target, list) or last != len(target):
                return False
            target.append(value)
            return True
        if not isinstance(target, dict) or last in target:
            return False
        target[last] = value
        return True


def _value(cell: Any, field: Field | None) -> Any:
    """A cell as JSON: text wherever it can be, as in a CSV file, so that no digit is lost."""
    if isinstance(cell, str):
        text = cell.value if isinstance(cell, Enum) else cell
        return str(text) if text else _ABSENT
    if _is_absent(cell):
        return _ABSENT
    if isinstance(cell, bool) or (
        type(cell).__name__ in ("bool_", "bool") and hasattr(cell, "item")
    ):
        return bool(cell)
    if isinstance(cell, Money):
        return _money(cell, field)
    if isinstance(cell, Decimal):
        if not cell.is_finite():
            raise TypeError(f"{cell} is no number that could be sent")
        return format(cell, "f")
    if isinstance(cell, datetime):
        return _time(cell, field)
    if isinstance(cell, date):
        raise TypeError(
            "is a date without a time of day: give an aware datetime, or the text that is to be "
            "sent"
        )
    if isinstance(cell, Mapping):
        members = getattr(getattr(field, "item", None), "_fields_", ())
        return _object(cell, members)
    if hasattr(cell, "to_wire"):
        return cell.to_wire()
    if isinstance(cell, list | tuple):
        values = (_value(item, field) for item in cell)
        return [value for value in values if value is not _ABSENT]
    try:
        return str(operator.index(cell))
    except TypeError:
        raise TypeError(_refusal(cell)) from None


def _object(cell: Mapping[Any, Any], members: Sequence[Field]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name, inner in cell.items():
        found = next((one for one in members if name in (one.wire, one.name)), None)
        try:
            value = _value(inner, found)
        except TypeError as error:
            raise TypeError(f"{name}: {error}") from None
        if value is not _ABSENT:
            content[str(name) if found is None else found.wire] = value
    return content


def _money(money: Money, field: Field | None) -> Any:
    if field is not None and field.kind == "amount":
        return {"currency": money.currency, "value": str(money.minor)}
    if field is not None and field.kind == "minor":
        return str(money.minor)
    raise TypeError("is a Money, but this field takes none")


def _time(time: datetime, field: Field | None) -> str:
    if time.utcoffset() is None:
        raise TypeError(
            "is a datetime without a time zone: give an aware one, or the text that is to be sent"
        )
    if field is not None and field.kind == "gateway_time":
        return gateway_time(time)
    if field is not None and field.kind == "offset_time":
        return offset_time(time)
    raise TypeError("is a datetime, but this field takes no time")


def _is_absent(cell: Any) -> bool:
    """`None`, and what data frames write for it: NaN, NaT, `pandas.NA`."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    try:
        return bool(cell != cell)
    except (TypeError, ValueError, ArithmeticError):
        return False


def _refusal(cell: Any) -> str:
    kind = type(cell).__name__
    if isinstance(cell, float) or "float" in kind:
        return (
            f"is a {kind}, which cannot hold amounts and long numbers exactly: give a str, int, "
            "Decimal or Money (pandas: read_csv(..., dtype=str))"
        )
    return f"is a {kind}; give a str, int, Decimal, Money or an aware datetime"
