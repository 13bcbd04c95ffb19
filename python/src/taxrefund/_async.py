"""The asyncio client: thousands of refunds in flight on one loop, a bounded number of exchanges at
a time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from . import _native
from ._async_drive import AsyncDriver, Slots
from ._common import A, Common, attach, interrupted, not_in_the_journal, told, unwrapped
from ._drive import given_up
from .clock import SystemClock
from .errors import RefundNotFound
from .notifications import parse_notification_async
from .observe import Began, Teller
from .options import milliseconds
from .outcome import Unknown, _of
from .signer import is_async
from .transport import HttpTransport

if TYPE_CHECKING:
    import os

    from typing_extensions import Self

    from ._async_journal import Recorder
    from ._model import Operation, Request, Response
    from .account import BaseAccount
    from .clock import AsyncClock
    from .journal import Journal
    from .notifications import Headers, Notification
    from .observe import Observer
    from .options import CallOptions
    from .outcome import Outcome
    from .transport import AsyncTransport, Transport

Q = TypeVar("Q", bound="Request")
R = TypeVar("R", bound="Response")

_DEADLINE_S = 300.0


class AsyncioClient(Common[A]):
    """Calls one provider on asyncio. Belongs to the event loop that it is first used in.

    Cancelling a call the asyncio way (`task.cancel()`, `asyncio.timeout`, `wait_for`) loses
    nothing: `CancelledError` carries on, and the refund is among `open_refunds()`, to be resumed.
    """

    _outcomes_class: ClassVar[Callable[[Any], Any]]

    def __init__(
        self,
        account: A,
        *,
        journal: Journal | str | os.PathLike[str] | None = None,
        transport: AsyncTransport | Transport | None = None,
        clock: AsyncClock | None = None,
        observer: Observer | None = None,
        options: CallOptions | None = None,
        max_in_flight: int = 64,
    ) -> None:
        """A client.

        `max_in_flight`: exchanges at the same time. Refunds that wait between two exchanges hold
        neither a slot nor a thread. The built-in transport, and any whose `exchange` is not
        `async`, uses as many threads, made when needed. With a `journal`, everything that moves
        money is on disk before it is sent; a worker of the client's own sends it, by the client's
        own options: those of a call only say for how long it waits.
        """
        if not isinstance(max_in_flight, int) or isinstance(max_in_flight, bool):
            raise TypeError(f"max_in_flight: must be int, not {type(max_in_flight).__name__}")
        if max_in_flight < 1:
            raise ValueError("max_in_flight: must be at least 1")
        super().__init__(account, journal, transport, clock, observer, options)
        self._clock: AsyncClock = SystemClock() if clock is None else clock
        exchange = (transport or HttpTransport()).exchange
        self._exchange: Callable[[Any], Any] = exchange
        self._exchanges_itself = is_async(exchange)
        self._max_in_flight = max_in_flight
        self._shared = _Shared(max_in_flight)

    async def resume(self, given: Unknown | str, *, options: CallOptions | None = None) -> Any:
        """Takes an open refund up again: an `Unknown`, or the text of its `state`. Gives what its
        own call would give.
        """
        return unwrapped(await self._resume(given, options))

    async def parse_notification(
        self, headers: Headers, body: bytes, *, path: str = "/"
    ) -> Notification:
        """Verifies an inbound message on its raw bytes; see `taxrefund.notifications`."""
        return await parse_notification_async(self.account, headers, body, path=path)

    async def aclose(self) -> None:
        """Ends the client: its worker when what it has in the air is recorded, its threads, and a
        journal it opened itself.

        Calls that still wait for the worker are cancelled; their refunds stay in the journal.
        """
        await self._shared.close()
        if self._owns_journal and self._journal is not None:
            await asyncio.to_thread(self._journal.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.aclose()

    async def _call(
        self,
        operation: Operation[Q, R],
        request: Q | None,
        fields: Mapping[str, Any],
        options: CallOptions | None,
    ) -> R:
        response: R = unwrapped(await self._outcome(operation, request, fields, options))
        return response

    async def _outcome(
        self,
        operation: Operation[Q, R],
        request: Q | None,
        fields: Mapping[str, Any],
        options: CallOptions | None,
    ) -> Outcome[R]:
        options = self._effective(options)
        prepared = self._prepared(operation, request, fields)
        if self._is_journaled(operation, options):
            return await self._recorded(
                operation,
                prepared.key,
                lambda recorder: recorder.outcome_of(
                    prepared, json.dumps(options._extras()), options
                ),
                lambda recorder: recorder.cancelled(prepared),
            )
        flow = self.account._stepwise.begin(prepared, options._policy_json(), options.seed)
        return await self._driven(operation, flow, options, resumed=False)

    async def _resume(self, given: Unknown | str, options: CallOptions | None) -> Outcome[Any]:
        state, operation, key = self._open_state(given)
        options = self._effective(options)
        # Whose state it is, is checked here, also when the journal goes on with the refund.
        flow = self._resumed_flow(state, options)
        if self._journal is not None and operation.effect != "reads":
            recorder = self._recorder()
            entry = await recorder.entry_of(key)
            if entry is None:
                raise not_in_the_journal(key)
            return await self._recorded(
                operation,
                key,
                lambda recorder: recorder.resumed(entry, options),
                lambda _: None,
            )
        if flow is None:
            raise RefundNotFound(f"only its journal can resume the refund {key}", key=key)
        return await self._driven(operation, flow, options, resumed=True)

    async def _resume_again(self, unknown: Unknown, options: CallOptions | None) -> Any:
        return await self.resume(unknown, options=options)

    async def _driven(
        self,
        operation: Operation[Any, R],
        flow: _native.Flow,
        options: CallOptions,
        *,
        resumed: bool,
    ) -> Outcome[R]:
        """Drives a flow in this task. Whatever ends it, its state is not lost."""
        teller = Teller(self._observer, self._clock.epoch_ms, operation.name, flow.key)
        deadline_ms = milliseconds("deadline", options.deadline)
        text: str | None = None
        try:
            driver = AsyncDriver(
                flow,
                self._exchange,
                self._exchanges_itself,
                self.account.signer,
                self._clock,
                options.cancel,
                teller,
                self._shared.slots(),
                self._shared.threads,
                _DEADLINE_S if deadline_ms is None else deadline_ms / 1000,
            )
            teller.tell(Began, resumed=resumed)
            text = await driver.to_the_end()
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

    async def _recorded(
        self,
        operation: Operation[Any, R],
        key: str,
        work: Callable[[Recorder], Awaitable[str]],
        cancelled: Callable[[Recorder], str | None],
    ) -> Outcome[R]:
        teller = Teller(self._observer, self._clock.epoch_ms, operation.name, key)
        recorder = self._recorder()
        teller.tell(Began)
        try:
            outcome: Outcome[R] = _of(await work(recorder), operation, self)
        except asyncio.CancelledError as stop:
            # It stays in the journal, and is sent from there.
            left = self._stopped(cancelled(recorder), operation)
            told(teller, left, stop)
            attach(stop, left)
            raise
        except BaseException as error:
            teller.raised(error)
            raise
        self._settled(outcome)
        teller.attempts_of(outcome)
        teller.ended(outcome)
        return outcome

    def _recorder(self) -> Recorder:
        shared = self._shared
        shared.slots()
        if shared.recorder is None:
            from ._async_journal import Recorder

            assert self._journal is not None
            shared.recorder = Recorder(self, self._journal, self._max_in_flight)
        return shared.recorder


class AsyncOutcomes:
    """The same methods as the client's; they give the outcome as a value."""

    def __init__(self, client: AsyncioClient[Any]) -> None:
        self._client = client

    async def resume(
        self, given: Unknown | str, *, options: CallOptions | None = None
    ) -> Outcome[Any]:
        """Takes an open refund up again: an `Unknown`, or the text of its `state`."""
        return await self._client._resume(given, options)

    async def _call(
        self,
        operation: Operation[Q, R],
        request: Q | None,
        fields: Mapping[str, Any],
        options: CallOptions | None,
    ) -> Outcome[R]:
        return await self._client._outcome(operation, request, fields, options)


class _Shared:
    """What belongs to the loop, and is shared by the copies that `with_options` makes."""

    def __init__(self, max_in_flight: int) -> None:
        self._max_in_flight = max_in_flight
        self._loop: asyncio.AbstractEventLoop | None = None
        self._slots: Slots | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._closed = False
        self.recorder: Recorder | None = None

    def slots(self) -> Slots:
        """The running loop's."""
        if self._closed:
            raise RuntimeError("the client is closed")
        loop = asyncio.get_running_loop()
        if self._slots is None or self._loop is not loop:
            if self._loop is not None and not self._loop.is_closed():
                raise RuntimeError("an AsyncClient belongs to one event loop; make one for each")
            self._loop, self._slots, self.recorder = loop, Slots(self._max_in_flight), None
        return self._slots

    def threads(self) -> ThreadPoolExecutor:
        """As many as there are slots, each made when it is needed."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._max_in_flight, "taxrefund")
        return self._threads

    async def close(self) -> None:
        self._closed = True
        recorder, self.recorder = self.recorder, None
        if recorder is not None:
            await recorder.close()
        threads, self._threads = self._threads, None
        if threads is not None:
            # An exchange under way ends by its own timeout; nobody waits for it.
            threads.shutdown(wait=False)


def classes(module: str, account: type[BaseAccount], operations: Any) -> dict[str, type]:
    """A protocol's `AsyncClient`, and what its `outcome` is."""
    outcomes = type(
        "AsyncOutcomeClient",
        (AsyncOutcomes, operations.AsyncOutcomeCalls),
        {"__doc__": "`AsyncClient.outcome`: the outcome as a value.", "__module__": module},
    )

    def outcome(self: Any) -> Any:
        """The same methods; they give `Succeeded`, `Failed` or `Unknown`."""
        return outcomes(self)

    client = type(
        "AsyncClient",
        (AsyncioClient, operations.AsyncCalls),
        {
            "__doc__": AsyncioClient.__doc__,
            "__module__": module,
            "_account_class": account,
            "_operations": operations.OPERATIONS,
            "outcome": property(outcome),
        },
    )
    return {"AsyncClient": client, "AsyncOutcomeClient": outcomes}
