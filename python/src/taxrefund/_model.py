"""What the generated dataclasses stand on: their fields, their checks at construction, their wire
shape, their repr.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from ._fields import EXACT, WRITE, checked, read, shown, wire_name
from ._fields import Field as Field
from .money import Money

if TYPE_CHECKING:
    from typing import Literal

    from typing_extensions import Self

    Effect = Literal["moves_money", "records", "reads"]

# ASCII only, so that a lone surrogate becomes the core's to refuse, and no crash here.
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

Q = TypeVar("Q", bound="Request")
R = TypeVar("R", bound="Response")


class Model:
    """Base of every generated dataclass."""

    __slots__ = ()
    _fields_: ClassVar[tuple[Field, ...]] = ()

    def __post_init__(self) -> None:
        for field in self._fields_:
            value = getattr(self, field.name)
            if value is None:
                if field.required:
                    raise TypeError(f"{field.name}: is required, not None")
                continue
            if type(value) is not EXACT.get(field.kind):
                kept = checked(self, field, value)
                if kept is not value:
                    object.__setattr__(self, field.name, kept)

    def to_wire(self) -> dict[str, Any]:
        """The members as they travel: plain JSON values under their wire names, what is `None`
        left out.
        """
        wire: dict[str, Any] = {}
        for field in self._fields_:
            value = getattr(self, field.name)
            if value is None:
                continue
            if type(value) is str:
                wire[field.wire] = value
                continue
            if field.currency is not None and isinstance(value, Money):
                wire[wire_name(self._fields_, field.currency)] = value.currency
            wire[field.wire] = WRITE[field.kind](value)
        return wire

    def to_json(self) -> str:
        """`to_wire` as JSON text. It holds whatever the model holds, personal data included."""
        return _encode(self.to_wire())

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Reads what a provider answered: a member without its documented shape reads as `None`,
        one that no document names goes into `extra`.
        """
        # Past the checks of construction: they are rules for what is sent.
        made = object.__new__(cls)
        keep = object.__setattr__
        for field in cls._fields_:
            value = wire.get(field.wire)
            if value is not None and type(value) is not EXACT.get(field.kind):
                value = read(field, value)
            if value is None and field.required:
                raise TypeError(f"{field.name}: is required")
            keep(made, field.name, value)
        if _has_extra(cls):
            names = {field.wire for field in cls._fields_}
            keep(made, "extra", {name: value for name, value in wire.items() if name not in names})
        return made

    def __repr__(self) -> str:
        parts = [
            f"{field.name}={shown(field, value)}"
            for field in self._fields_
            if (value := getattr(self, field.name)) is not None
        ]
        extra = getattr(self, "extra", None)
        if extra:
            # What these hold is not known, so their names are all that is shown.
            parts.append(f"extra=«{', '.join(map(str, extra))}»")
        return f"{type(self).__name__}({', '.join(parts)})"


class Request(Model):
    """What is asked. Frozen; `dataclasses.replace` makes another one."""

    __slots__ = ()


class Response(Model):
    """What was answered, and verified. Every field may be `None`; `extra` holds what no document
    names.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Q, R]):
    """One operation of a protocol."""

    name: str
    """`alipay.pay_tax_refund`, …"""
    request: type[Q]
    response: type[R]
    effect: Effect
    idempotency_key: str
    """The field, or fields joined with `:`, that every repeat of a request must keep."""
    draft: bool = False
    """The provider publishes the interface as a draft."""

    @property
    def method(self) -> str:
        """The client's method of this name."""
        return self.name.rpartition(".")[2]

    def __reduce__(self) -> tuple[Any, ...]:
        return _operation_again, (self.request.__module__, self.name)


def _operation_again(module: str, name: str) -> Any:
    from importlib import import_module

    return next(one for one in import_module(module).OPERATIONS if one.name == name)


def request_of(
    operation: Operation[Q, R], request: Q | None, fields: Mapping[str, Any], called: str = ""
) -> Q:
    """The request object of a call that was given either one or its fields."""
    called = called or operation.method
    if request is None:
        _refuse_unknown(operation.request, fields, called)
        return operation.request(**fields)
    if fields:
        raise TypeError(
            f"{called}() takes a request or its fields, not both; also given: {', '.join(fields)}"
        )
    if not isinstance(request, operation.request):
        raise TypeError(
            f"{called}() needs a {operation.request.__name__}, not {type(request).__name__}"
        )
    return request


def _refuse_unknown(kind: type[Model], fields: Mapping[str, Any], called: str) -> None:
    names = _names_of(kind)
    unknown = [name for name in fields if name not in names]
    if not unknown:
        missing = [name for name, required in names.items() if required and name not in fields]
        if missing:
            raise TypeError(f"{called}() is missing what is required: {', '.join(missing)}")
        return
    from difflib import get_close_matches

    near = get_close_matches(unknown[0], names, n=1)
    hint = f". Did you mean {near[0]!r}?" if near else f"; it knows {', '.join(names)}"
    raise TypeError(f"{called}() got an unexpected keyword argument {unknown[0]!r}{hint}")


_known_names: dict[type[Model], dict[str, bool]] = {}


def _names_of(kind: type[Model]) -> dict[str, bool]:
    """A model's names, and whether each is required."""
    found = _known_names.get(kind)
    if found is None:
        found = _known_names[kind] = {field.name: field.required for field in kind._fields_}
    return found


_with_extra: dict[type, bool] = {}


def _has_extra(kind: type[Model]) -> bool:
    found = _with_extra.get(kind)
    if found is None:
        found = _with_extra[kind] = "extra" in getattr(kind, "__dataclass_fields__", ())
    return found
