"""What the blocking and the asyncio client share."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from . import _native
from ._model import request_of
from ._text import printable
from .errors import ConfigurationError, Interrupted, RefundNotFound
from .observe import Teller
from .options import CallOptions, none
from .outcome import Succeeded, Unknown, _of
from .transport import HttpTransport

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from typing_extensions import Self

    from ._model import Operation, Request, Response
    from .account import BaseAccount
    from .journal import Journal
    from .observe import Observer
    from .outcome import Outcome

Q = TypeVar("Q", bound="Request")
R = TypeVar("R", bound="Response")
if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    A = TypeVarWithDefault("A", bound=BaseAccount, default=BaseAccount, covariant=True)
else:
    A = TypeVar("A")


class Common(Generic[A]):
    """What the blocking and the asyncio client share."""

    _account_class: ClassVar[type[BaseAccount]]
    _operations: ClassVar[tuple[Operation[Any, Any], ...]]

    def __init__(
        self,
        account: A,
        journal: Journal | str | os.PathLike[str] | None,
        transport: Any,
        clock: Any,
        observer: Observer | None,
        options: CallOptions | None,
    ) -> None:
        if not isinstance(account, self._account_class):
            wanted = f"{self._account_class._protocol}.Account"
            raise TypeError(f"account: must be an {wanted}, not {type(account).__name__}")
        if observer is not None and not callable(observer):
            raise TypeError(f"observer: must be callable, not {type(observer).__name__}")
        if transport is not None and not callable(getattr(transport, "exchange", None)):
            raise TypeError(f"transport: has no exchange(request): {type(transport).__name__}")
        if journal is not None and clock is not None:
            raise ConfigurationError(
                "clock: a journal goes by the machine's own time; give a clock or a journal",
                field="clock",
            )
        if options is not None and not isinstance(options, CallOptions):
            raise TypeError(f"options: must be CallOptions, not {type(options).__name__}")
        self.account = account
        self.options = options or none()
        self._journal, self._owns_journal = _journal_of(journal)
        self._given_transport = transport
        self._observer = observer
        # Shared by the copies that `with_options` makes: what stopped there is found here.
        self._open: dict[str, Unknown] = {}
        self._native_clients: dict[str, _native.Client] = {}

    @property
    def journal(self) -> Journal | None:
        """Where refunds are recorded."""
        return self._journal

    def with_options(self, **changes: Any) -> Self:
        """The same client with other options (see `CallOptions`); everything else is shared."""
        changed = copy.copy(self)
        changed.options = CallOptions(**changes).over(self.options)
        return changed

    def open_refunds(self) -> dict[str, Unknown]:
        """Refunds of calls that were stopped from outside (Ctrl-C, a cancelled task, another
        exception), by key.

        A refund leaves this list when the same client resumes it.
        """
        return dict(self._open)

    def _native_client(self, options: CallOptions | None = None) -> _native.Client:
        """For the journal and the worker."""
        options = options or self.options
        policy = options._policy_json()
        at = f"{options.seed} {policy}"
        found = self._native_clients.get(at)
        if found is None:
            transport = self._native_transport()
            found = _native.Client(self.account._native, transport, policy, options.seed)
            if len(self._native_clients) < 64:
                self._native_clients[at] = found
        return found

    def _native_transport(self) -> Any:
        transport = self._given_transport
        return transport._native if isinstance(transport, HttpTransport) else transport

    def _prepared(
        self, operation: Operation[Q, Any], request: Q | None, fields: Mapping[str, Any]
    ) -> _native.Prepared:
        asked = request_of(operation, request, fields)
        return self.account._stepwise.prepare(operation.name, asked.to_json())

    def _effective(self, options: CallOptions | None) -> CallOptions:
        if options is None:
            return self.options
        if not isinstance(options, CallOptions):
            raise TypeError(f"options: must be CallOptions, not {type(options).__name__}")
        return options.over(self.options)

    def _is_journaled(self, operation: Operation[Any, Any], options: CallOptions) -> bool:
        if self._journal is not None:
            return operation.effect != "reads"
        for name in ("form", "second_refund_for_form"):
            if getattr(options, name) is not None:
                raise ConfigurationError(
                    f"options.{name}: needs a journal, which remembers the refunds of each form",
                    field=f"options.{name}",
                )
        return False

    def _open_state(self, given: Unknown | str) -> tuple[str | None, Operation[Any, Any], str]:
        """The state, its operation and its key; without a state the journal has it."""
        state = given.state if isinstance(given, Unknown) else given
        if state is not None and not isinstance(state, str):
            what = type(given).__name__
            raise TypeError(f"resume() needs an Unknown or the text of its state, not {what}")
        try:
            if state is None and isinstance(given, Unknown):
                name, key = given.operation, given.key
                self._refuse_stranger(given)
            else:
                plain = json.loads(state or "")
                name, key = plain["operation"], plain["key"]
            operation = next(one for one in self._operations if one.name == name)
        except (ValueError, LookupError, TypeError, StopIteration, RecursionError):
            raise ConfigurationError(
                "state: cannot be read, or belongs to another protocol: "
                "give it exactly as Unknown.state held it",
                field="state",
                code="state_unreadable",
            ) from None
        return None if state is None else printable(state), operation, printable(key)

    def _refuse_stranger(self, given: Unknown) -> None:
        if given._account not in (None, self.account.name):
            raise ConfigurationError(
                f"state.account: belongs to the account {given._account}, "
                f"this one is {self.account.name}",
                field="state.account",
                code="state_other_account",
            )

    def _resumed_flow(self, state: str | None, options: CallOptions) -> _native.Flow | None:
        if state is None:
            return None
        return self.account._stepwise.resume(state, options._policy_json(), options.seed)

    def _stopped(self, text: str | None, operation: Operation[Any, Any]) -> Outcome[Any] | None:
        """Keeps what a call that was stopped leaves."""
        if text is None:
            return None
        outcome = _of(text, operation, self)
        if isinstance(outcome, Unknown):
            self._open[outcome.key] = outcome
        return outcome

    def _settled(self, outcome: Outcome[Any]) -> None:
        if self._open:
            self._open.pop(outcome.report.key, None)


def not_in_the_journal(key: str) -> RefundNotFound:
    """A refund that is paid past the journal would escape its watch over keys and forms."""
    return RefundNotFound(
        f"the journal has no refund {key}, and none is paid past it: make the same call again, or "
        "resume it with a client without a journal if it was begun by one",
        key=key,
    )


def unwrapped(outcome: Outcome[R]) -> R:
    if isinstance(outcome, Succeeded):
        response: R = outcome.response
        return response
    raise outcome


def told(teller: Teller, left: Outcome[Any] | None, stop: BaseException) -> None:
    """Tells the end of a call that was stopped; nothing here gets in the way of that."""
    with contextlib.suppress(BaseException):
        if left is None:
            teller.raised(stop)
        else:
            teller.ended(left)


def interrupted(left: Outcome[Any] | None, key: str) -> Interrupted:
    """What Ctrl-C raises: it leads to the refund."""
    if isinstance(left, Unknown):
        words = "it may have been sent. Resume it: .unknown.resume(), or later with .unknown.state"
    elif left is None:
        words = "nothing was sent, or the journal has it"
    else:
        words = f"it had {type(left).__name__.lower()} already; see .outcome"
    return Interrupted(f"interrupted during the refund {key}: {words}", outcome=left)


def attach(stop: BaseException, left: Outcome[Any] | None) -> None:
    """Lets any other exception that ended a call lead to its refund, as `unknown`."""
    # One that takes no attributes is no loss: the client's open_refunds() has the refund too.
    with contextlib.suppress(AttributeError, TypeError):
        stop.unknown = left  # type: ignore[attr-defined]


def _journal_of(given: Any) -> tuple[Journal | None, bool]:
    if given is None:
        return None, False
    from .journal import Journal

    if isinstance(given, Journal):
        return given, False
    return Journal(given), True
