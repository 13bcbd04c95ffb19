"""The asyncio driver: the same flow as the blocking one's, without a thread per refund."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ._drive import Exchange, signing_problem
from .observe import Teller, Waiting
from .signer import HostSigner, SigningFailed, signature_of
from .transport import TransportFault

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ._native import Flow, HttpRequest
    from .clock import AsyncClock
    from .options import Cancel

    Step = tuple[str, Any]


class Slots:
    """How many exchanges there may be at the same time."""

    def __init__(self, number: int) -> None:
        self._semaphore = asyncio.Semaphore(number)

    async def take(self) -> Slot:
        """Waits for a free one."""
        await self._semaphore.acquire()
        return Slot(self._semaphore)


class Slot:
    """One of them, to be given back once: at the latest when a thread that was left behind is
    through.
    """

    __slots__ = ("_given_back", "_semaphore", "_thread")

    def __init__(self, semaphore: asyncio.Semaphore) -> None:
        self._semaphore = semaphore
        self._given_back = False
        self._thread: asyncio.Future[Any] | None = None

    def held_by(self, thread: asyncio.Future[Any]) -> None:
        """A thread that works under this slot, and cannot be stopped."""
        self._thread = thread

    def give_back(self) -> None:
        """Lets another exchange begin."""
        if self._given_back:
            return
        self._given_back = True
        if self._thread is None or self._thread.done():
            self._semaphore.release()
        else:
            self._thread.add_done_callback(lambda _: self._semaphore.release())


class AsyncDriver:
    """One flow in the running loop's task."""

    def __init__(
        self,
        flow: Flow,
        exchange: Callable[[HttpRequest], Any],
        exchanges_itself: bool,
        signer: HostSigner | None,
        clock: AsyncClock,
        cancel: Cancel | None,
        teller: Teller,
        slots: Slots,
        threads: Callable[[], Executor],
        deadline_s: float,
    ) -> None:
        self._flow = flow
        self._exchange = exchange
        self._exchanges_itself = exchanges_itself
        self._signer = signer
        self._clock = clock
        self._cancel = cancel
        self._teller = teller
        self._slots = slots
        self._threads = threads
        self._deadline_s = deadline_s
        self._cancelled = asyncio.Event()

    async def to_the_end(self) -> str:
        """Drives the flow until it is over; gives the outcome as JSON."""
        if self._cancel is None:
            return await self._steps()
        loop, cancelled = asyncio.get_running_loop(), self._cancelled
        forget = self._cancel._subscribe(lambda: _call_in(loop, cancelled.set))
        try:
            return await self._steps()
        finally:
            forget()

    async def _steps(self) -> str:
        flow = self._flow
        kind: str
        what: Any
        # What is signed must be sent right away: nothing is advanced towards a send without a slot.
        slot = await self._slots.take()
        # As the flow counts: a queue before its beginning takes nothing from the deadline.
        began = self._clock.monotonic()
        try:
            kind, what = flow.start(*self._now())
            while kind != "done":
                if self._is_cancelled():
                    kind, what = flow.cancel(*self._now())
                elif kind == "sign":
                    left = began + self._deadline_s - self._clock.monotonic()
                    kind, what = await self._sign(what, slot, max(left, 0.0))
                elif kind == "send":
                    kind, what = await self._send(what, slot)
                else:
                    slot.give_back()
                    self._teller.tell(Waiting, seconds=what)
                    await self._wait(what)
                    slot = await self._slots.take()
                    if not self._is_cancelled():
                        kind, what = flow.woke(*self._now())
            outcome: str = what
            return outcome
        finally:
            slot.give_back()

    def _now(self) -> tuple[float, int]:
        return self._clock.monotonic(), self._clock.epoch_ms()

    def _is_cancelled(self) -> bool:
        return self._cancel is not None and self._cancel.is_cancelled

    async def _wait(self, seconds: float) -> None:
        if self._cancel is None:
            await self._clock.sleep(seconds)
            return
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        woken = asyncio.ensure_future(self._cancelled.wait())
        try:
            await asyncio.wait({sleep, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            sleep.cancel()
        if sleep.done() and not sleep.cancelled():
            sleep.result()

    async def _send(self, request: HttpRequest, slot: Slot) -> Step:
        exchange = Exchange(request, self._clock, self._teller)
        try:
            if self._exchanges_itself:
                exchange.answer = await _within(self._exchange(request), request.timeout)
            else:
                exchange.answer = await self._in_a_thread(slot, self._exchange, request)
        except _TimeIsUp:
            exchange.error = TransportFault("timeout")
        except Exception as error:
            exchange.error = error
        return exchange.tell(self._flow)

    async def _sign(self, message: bytes, slot: Slot, left_s: float) -> Step:
        try:
            signature = signature_of(await _within(self._signature(message, slot), left_s))
        except _TimeIsUp:
            return self._flow.signing_failed("no signature before the deadline", *self._now())
        except Exception as error:
            return self._flow.signing_failed(signing_problem(error), *self._now())
        return self._flow.signed(signature, *self._now())

    async def _signature(self, message: bytes, slot: Slot) -> object:
        if self._signer is None:
            raise SigningFailed("there is no signer")
        if self._signer.is_async:
            made: Any = self._signer.sign(message)
        else:
            # It may well be a call over a network, which must not hold up the loop.
            made = await self._in_a_thread(slot, self._signer.sign, message)
        return await made if hasattr(made, "__await__") else made

    async def _in_a_thread(self, slot: Slot, work: Callable[[Any], Any], given: Any) -> Any:
        thread = self._threads().submit(work, given)
        future = asyncio.wrap_future(thread)
        loop = asyncio.get_running_loop()
        through: asyncio.Future[None] = loop.create_future()
        thread.add_done_callback(lambda _: _call_in(loop, lambda: through.set_result(None)))
        slot.held_by(through)
        return await future


class _TimeIsUp(Exception):
    pass


async def _within(work: Awaitable[Any], seconds: float) -> Any:
    """Its result, unless the time is up: then it is cancelled, and not waited for."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except BaseException:
        task.cancel()
        raise
    if not done:
        task.cancel()
        task.add_done_callback(_forget)
        raise _TimeIsUp
    if task.cancelled():
        # It cancelled itself: nobody cancelled the refund.
        raise TransportFault("reset", "cancelled inside")
    return task.result()


def _forget(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()


def _call_in(loop: asyncio.AbstractEventLoop, work: Callable[[], object]) -> None:
    # A loop that has ended took whoever waited with it.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(work)
