"""The kinds of fields that models have: what each may hold, and how it is written and read.

A check here is about types alone, and raises Python's own kinds of errors; what a value may be is
the core's to say, which names everything that is wrong with a request at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .dates import gateway_time, offset_time, require_aware
from .money import Amount, Money, _float_hint


class Field:
    """One member of a model: its name here, its name on the wire, and what it may hold."""

    __slots__ = ("currency", "item", "kind", "name", "required", "sensitive", "wire")

    def __init__(
        self,
        name: str,
        wire: str,
        kind: str,
        *,
        item: Any = None,
        required: bool = False,
        sensitive: bool = False,
        currency: str | None = None,
    ) -> None:
        self.name = name
        self.wire = wire
        self.kind = kind
        self.item = item
        self.required = required
        self.sensitive = sensitive
        self.currency = currency

    def __repr__(self) -> str:
        return f"Field({self.name!r}, {self.wire!r}, {self.kind!r})"


EXACT = {
    "text": str,
    "integer": int,
    "flag": bool,
    "minor": str,
    "gateway_time": str,
    "offset_time": str,
}
_WANTED = {
    "text": "str",
    "integer": "int",
    "flag": "bool",
    "minor": "str or Money",
    "gateway_time": "str or datetime",
    "offset_time": "str or datetime",
    "amount": "Money or Amount",
    "list": "a list",
    "object": "a mapping",
}


def checked(model: Any, field: Field, value: Any) -> Any:
    """The value, or what is kept of it; raises when it is of another kind."""
    kind = field.kind
    if kind in ("text", "minor", "gateway_time", "offset_time") and isinstance(value, str):
        return value
    if kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == "minor" and isinstance(value, Money):
        _agree(model, field, value)
        return value
    if kind in ("gateway_time", "offset_time") and isinstance(value, datetime):
        require_aware(field.name, value)
        return value
    if kind == "amount" and isinstance(value, Money | Amount):
        return value
    if kind == "model" and isinstance(value, field.item):
        return value
    if (
        kind == "list"
        and isinstance(value, Sequence)
        and not isinstance(value, str | bytes | bytearray)
    ):
        return tuple(_item(field, number, item) for number, item in enumerate(value))
    if kind == "object" and isinstance(value, Mapping):
        _free_json(field.name, value, 0)
        return value
    wanted = field.item.__name__ if kind == "model" else _WANTED[kind]
    hint = _float_hint(value) if kind in ("minor", "amount") else ""
    raise TypeError(f"{field.name}: must be {wanted}, not {type(value).__name__}{hint}")


def _agree(model: Any, field: Field, money: Money) -> None:
    given = getattr(model, field.currency) if field.currency is not None else None
    if given is not None and given != money.currency:
        raise ValueError(
            f"{field.currency}: is not the currency of {field.name}, which is {money.currency}; "
            f"leave {field.currency} out, or make them agree"
        )


def _item(field: Field, number: int, item: Any) -> Any:
    name, kind = f"{field.name}[{number}]", field.item
    if isinstance(kind, str):
        if kind == "text" and not isinstance(item, str):
            raise TypeError(f"{name}: must be str, not {type(item).__name__}")
        if kind == "object":
            if not isinstance(item, Mapping):
                raise TypeError(f"{name}: must be a mapping, not {type(item).__name__}")
            _free_json(name, item, 0)
    elif not isinstance(item, kind):
        raise TypeError(f"{name}: must be {kind.__name__}, not {type(item).__name__}")
    return item


def _free_json(name: str, value: Any, depth: int) -> None:
    """What no document gives a shape: whatever JSON can hold, but no float, as it may be an
    amount.
    """
    if depth > 32:
        raise ValueError(f"{name}: is nested deeper than 32 levels")
    if value is None or isinstance(value, str | int):
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{name}: keys must be str, not {type(key).__name__}")
            _free_json(f"{name}.{key}", item, depth + 1)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _free_json(f"{name}[{number}]", item, depth + 1)
    else:
        hint = ": a float is not exact, write it as text" if isinstance(value, float) else ""
        raise TypeError(f"{name}: JSON cannot hold {type(value).__name__} here{hint}")


def wire_name(fields: tuple[Field, ...], name: str) -> str:
    """What a field of this name is called on the wire."""
    return next(field.wire for field in fields if field.name == name)


def _write_amount(value: Money | Amount) -> dict[str, str]:
    if isinstance(value, Money):
        return {"currency": value.currency, "value": str(value.minor)}
    return {"currency": value.currency, "value": value.value}


def _write_free(value: Any) -> Any:
    if hasattr(value, "to_wire"):
        return value.to_wire()
    if isinstance(value, Mapping):
        return {key: _write_free(item) for key, item in value.items()}
    return [_write_free(item) for item in value] if isinstance(value, list | tuple) else value


def _write_time(write: Any) -> Any:
    return lambda value: value if isinstance(value, str) else write(value)


WRITE: dict[str, Any] = {
    "text": lambda value: value,
    "integer": lambda value: value,
    "flag": lambda value: value,
    "minor": lambda value: value if isinstance(value, str) else str(value.minor),
    "gateway_time": _write_time(gateway_time),
    "offset_time": _write_time(offset_time),
    "amount": _write_amount,
    "model": lambda value: value.to_wire(),
    "list": _write_free,
    "object": _write_free,
}


def read(field: Field, value: Any) -> Any:
    """A member of an answer; `None` when it has not the documented shape. The documents and the
    gateways disagree about what is text, so numbers and flags read as text, and `"true"` and
    `"false"` as flags.
    """
    kind = field.kind
    if kind in ("text", "minor", "gateway_time", "offset_time"):
        return _scalar_text(value)
    if kind == "integer":
        return (
            int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
        )
    if kind == "flag":
        return {"true": True, "false": False}.get(value) if isinstance(value, str) else None
    if kind == "amount":
        return _read_amount(value)
    if kind == "model":
        return _read_model(field.item, value)
    if kind == "list":
        return _read_list(field.item, value)
    return value if isinstance(value, Mapping) else None


def _scalar_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def _read_amount(value: Any) -> Amount | None:
    if not isinstance(value, Mapping):
        return None
    currency, number = value.get("currency", ""), _scalar_text(value.get("value", ""))
    if not isinstance(currency, str) or number is None:
        return None
    return Amount(currency=currency, value=number)


def _read_model(item: Any, value: Any) -> Any:
    if not isinstance(value, Mapping):
        return None
    try:
        return item.from_wire(value)
    except (TypeError, ValueError):
        return None


def _read_list(item: Any, value: Any) -> tuple[Any, ...] | None:
    if not isinstance(value, list):
        return None
    if item == "text":
        items: list[Any] = [_scalar_text(one) for one in value]
    elif item == "object":
        items = [one if isinstance(one, Mapping) else None for one in value]
    else:
        items = [_read_model(item, one) for one in value]
    return None if None in items else tuple(items)


def shown(field: Field, value: Any) -> str:
    if field.sensitive:
        return f"«{len(value)} characters»" if isinstance(value, str) else "«hidden»"
    if field.kind == "object" or (field.kind == "list" and field.item == "object"):
        return f"«{len(value)} members»"
    return repr(value)
