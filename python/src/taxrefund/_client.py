"""The blocking client: one method per operation (generated), one way for all of them (here)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from . import _native
from ._common import A, Common, attach, interrupted, not_in_the_journal, told, unwrapped
from ._drive import Driver, given_up
from ._recorded import recorded_outcome
from .clock import SystemClock
from .errors import ConfigurationError, RefundNotFound, TaxRefundError
from .notifications import parse_notification
from .observe import Began, Teller
from .options import CallOptions
from .outcome import Unknown, _of
from .transport import HttpTransport

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from typing_extensions import Self

    from ._model import Operation, Request, Response
    from .clock import Clock
    from .journal import Journal
    from .notifications import Headers, Notification
    from .observe import Observer
    from .outcome import Outcome
    from .transport import Transport

Q = TypeVar("Q", bound="Request")
R = TypeVar("R", bound="Response")


class BlockingClient(Common[A]):
    """Calls one provider on the calling thread. Thread-safe; after a fork make a new one.

    A method per operation takes a request object or its fields, returns the verified response, and
    raises `Failed` or `Unknown` otherwise. `outcome` has the same methods; they return the outcome
    as a value.
    """

    _outcomes_class: ClassVar[Callable[[Any], Any]]

    def __init__(
        self,
        account: A,
        *,
        journal: Journal | str | os.PathLike[str] | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
        observer: Observer | None = None,
        options: CallOptions | None = None,
    ) -> None:
        """A client.

        `journal`: a `Journal`, or the path or PostgreSQL URL of one: then everything that moves
        money is on disk before it is sent. `transport`: HTTPS of its own when left out; see
        `taxrefund.transport`. `clock`: for tests.
        """
        super().__init__(account, journal, transport, clock, observer, options)
        if account.signer is not None and account.signer.is_async:
            raise ConfigurationError(
                "signer: is async, and a blocking client cannot await it; "
                "use AsyncClient, or a sync signer",
                field="signer",
            )
        self._clock: Clock = SystemClock() if clock is None else clock
        self._transport: Transport = transport or HttpTransport()

    def resume(self, given: Unknown | str, *, options: CallOptions | None = None) -> Any:
        """Takes an open refund up again: an `Unknown`, or the text of its `state`. Gives what its
        own call would give.
        """
        return unwrapped(self._resume(given, options))

    def parse_notification(self, headers: Headers, body: bytes, *, path: str = "/") -> Notification:
        """Verifies an inbound message on its raw bytes; see `taxrefund.notifications`."""
        return parse_notification(self.account, headers, body, path=path)

    def close(self) -> None:
        """Closes the journal that the client opened itself. Refunds stay as they are."""
        if self._owns_journal and self._journal is not None:
            self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _call(
        self,
        operation: Operation[Q, R],
        request: Q | None,
        fields: Mapping[str, Any],
        options: CallOptions | None,
    ) -> R:
        response: R = unwrapped(self._outcome(operation, request, fields, options))
        return response

    def _outcome(
        self,
        operation: Operation[Q, R],
        request: Q | None,
        fields: Mapping[str, Any],
        options: CallOptions | None,
    ) -> Outcome[R]:
        options = self._effective(options)
        prepared = self._prepared(operation, request, fields)
        if self._is_journaled(operation, options):
            return self._recorded(
                operation,
                prepared.key,
                options,
                lambda journal, client, cancel: journal.run(
                    client, prepared, json.dumps(options._extras()), cancel
                ),
            )
        flow = self.account._stepwise.begin(prepared, options._policy_json(), options.seed)
        return self._driven(operation, flow, options, resumed=False)

    def _resume(self, given: Unknown | str, options: CallOptions | None) -> Outcome[Any]:
        state, operation, key = self._open_state(given)
        options = self._effective(options)
        # Whose state it is, is checked here, also when the journal goes on with the refund.
        flow = self._resumed_flow(state, options)
        if self._journal is not None and operation.effect != "reads":
            entry = self._journal._native.find(self.account._native, key)
            if entry is None:
                raise not_in_the_journal(key)
            return self._recorded(
                operation,
                key,
                options,
                lambda journal, client, cancel: journal.resume(client, entry, cancel),
            )
        if flow is None:
            raise RefundNotFound(f"only its journal can resume the refund {key}", key=key)
        return self._driven(operation, flow, options, resumed=True)

    def _resume_again(self, unknown: Unknown, options: CallOptions | None) -> Any:
        return self.resume(unknown, options=options)

    def _driven(
        self,
        operation: Operation[Any, R],
        flow: _native.Flow,
        options: CallOptions,
        *,
        resumed: bool,
    ) -> Outcome[R]:
        """Drives a flow here. Whatever ends it, its state is not lost."""
        teller = Teller(self._observer, self._clock.epoch_ms, operation.name, flow.key)
        driver = Driver(
            flow, self._transport, self.account.signer, self._clock, options.cancel, teller
        )
        text: str | None = None
        try:
            teller.tell(Began, resumed=resumed)
            text = driver.to_the_end()
            outcome: Outcome[R] = _of(text, operation, self)
            teller.ended(outcome)
        except BaseException as stop:
            left = self._stopped(text or given_up(flow, self._clock), operation)
            told(teller, left, stop)
            if isinstance(stop, KeyboardInterrupt):
                raise interrupted(left, flow.key) from stop
            attach(stop, left)
            raise
        self._settled(outcome)
        return outcome

    def _recorded(
        self,
        operation: Operation[Any, R],
        key: str,
        options: CallOptions,
        work: Callable[[_native.Journal, _native.Client, _native.Cancel], str],
    ) -> Outcome[R]:
        """Has a refund driven by the journal: every attempt is on disk before the next one is
        made.
        """
        assert self._journal is not None
        journal = self._journal._native
        client, cancel = self._native_client(options), _native.Cancel()
        teller = Teller(self._observer, self._clock.epoch_ms, operation.name, key)
        forget = options.cancel._subscribe(cancel.cancel) if options.cancel is not None else None
        try:
            teller.tell(Began)
            outcome: Outcome[R] = _of(work(journal, client, cancel), operation, self)
            teller.attempts_of(outcome)
            teller.ended(outcome)
        except TaxRefundError as error:
            teller.raised(error)
            raise
        except BaseException as stop:
            left = self._recorded_outcome(operation, key)
            told(teller, left, stop)
            if isinstance(stop, KeyboardInterrupt):
                raise interrupted(left, key) from stop
            attach(stop, left)
            raise
        finally:
            if forget is not None:
                forget()
        self._settled(outcome)
        return outcome

    def _recorded_outcome(self, operation: Operation[Any, Any], key: str) -> Outcome[Any] | None:
        assert self._journal is not None
        try:
            text = recorded_outcome(self._journal._native, self.account._native, key)
        except TaxRefundError:
            # It is asked while an interrupt is on its way, which matters more.
            return None
        return self._stopped(text, operation)


class Outcomes:
    """The same methods as the client's; they return the outcome as a value."""

    def __init__(self, client: BlockingClient[Any]) -> None:
        self._client = client

    def resume(self, given: Unknown | str, *, options: CallOptions | None = None) -> Outcome[Any]:
        """Takes an open refund up again: an `Unknown`, or the text of its `state`."""
        return self._client._resume(given, options)

    def _call(
        self,
        operation: Operation[Q, R],
        request: Q | None,
        fields: Mapping[str, Any],
        options: CallOptions | None,
    ) -> Outcome[R]:
        return self._client._outcome(operation, request, fields, options)
