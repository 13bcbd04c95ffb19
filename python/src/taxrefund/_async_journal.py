"""Refunds through a journal on asyncio: recorded first, then sent by a worker of the client's own,
on one thread.
"""

from __future__ import annotations

import asyncio
import copy
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from . import _native
from ._async_drive import _call_in
from ._recorded import recorded_outcome
from .errors import ConfigurationError, JournalError, RefundNotFound
from .signer import signature_of
from .transport import HttpTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._async import AsyncioClient
    from .journal import Journal
    from .options import CallOptions, Cancel

T = TypeVar("T")

_LOOK_EVERY_MS = 20
_THREADS = 8
_FIRST_LOOK_S, _LAST_LOOK_S = 1.0, 30.0


class Recorder:
    """Records refunds, has them sent, and tells their outcomes. Lives in one event loop."""

    def __init__(self, client: AsyncioClient[Any], journal: Journal, exchanges: int) -> None:
        self._client = client
        self._journal = journal
        self._exchanges = exchanges
        self._loop = asyncio.get_running_loop()
        # The disk's own pace bounds these, not the number of refunds.
        self._disk = ThreadPoolExecutor(_THREADS, "taxrefund-journal")
        self._waiting: dict[str, _Waiting] = {}
        self._account: _native.Account | None = None
        self._current: _native.Worker | None = None
        self._workers: dict[_native.Worker, asyncio.Event] = {}

    async def outcome_of(
        self, prepared: _native.Prepared, extras_json: str, options: CallOptions
    ) -> str:
        """Records a refund and waits for its outcome; cancelled, it leaves the refund in the
        journal.
        """
        key, native = prepared.key, self._journal._native
        waiting = self._waiting.setdefault(key, _Waiting())
        heard: asyncio.Future[None] = self._loop.create_future()
        # Listened for before it is recorded: a worker may be through with it at once.
        waiting.heard.add(heard)
        try:
            # One after the other, so that it is known here whose it is.
            async with waiting.recording:
                new, entry = await self._on_disk(
                    lambda: native.submit(self._native_account(), prepared, extras_json)
                )
                waiting.is_the_workers = waiting.is_the_workers or new
            if not waiting.is_the_workers:
                # Recorded by an earlier run: its outcome, or taken up where it stands.
                return await self._by_itself(entry, options)
            self._have_it_sent()
            if not await self._until(heard, key, options.cancel):
                return self.cancelled(prepared)
            return await self._recorded_outcome(key)
        finally:
            self._forget(key, heard)

    def cancelled(self, prepared: _native.Prepared) -> str:
        """What is said of a refund for whose outcome nobody waits any more."""
        flow = self._client.account._stepwise.begin(prepared, "{}")
        ended: Any = flow.cancel(0.0, time.time_ns() // 1_000_000)[1]
        return str(ended)

    async def resumed(self, entry: _native.Entry, options: CallOptions) -> str:
        """Takes up a refund that the journal has."""
        return await self._by_itself(entry, options)

    async def entry_of(self, key: str) -> _native.Entry | None:
        """The journal's entry of this key."""
        native = self._journal._native
        return await self._on_disk(lambda: native.find(self._native_account(), key))

    async def close(self) -> None:
        """Stops the worker when what it has in the air is recorded; lets go who waits for it."""
        for worker, ended in list(self._workers.items()):
            worker.stop()
            await ended.wait()
        for waiting in list(self._waiting.values()):
            for heard in waiting.heard:
                heard.cancel()
        self._disk.shutdown(wait=False)

    async def _by_itself(self, entry: _native.Entry, options: CallOptions) -> str:
        """One refund on a thread of the pool: the worker takes up only what is due by itself."""
        native, cancel = self._journal._native, _native.Cancel()
        if entry.state in ("succeeded", "failed"):
            return await self._recorded_outcome(entry.key)
        client = self._native_client(options)
        forget = options.cancel._subscribe(cancel.cancel) if options.cancel is not None else None
        try:
            return await self._on_disk(lambda: native.resume(client, entry, cancel))
        except asyncio.CancelledError:
            cancel.cancel()
            raise
        finally:
            if forget is not None:
                forget()

    async def _recorded_outcome(self, key: str) -> str:
        native = self._journal._native
        outcome = await self._on_disk(lambda: recorded_outcome(native, self._native_account(), key))
        if outcome is None:
            raise RefundNotFound(f"the journal has no refund {key} any more", key=key)
        return outcome

    async def _on_disk(self, work: Callable[[], T]) -> T:
        return await self._loop.run_in_executor(self._disk, work)

    def _have_it_sent(self) -> None:
        if self._current is not None:
            return
        options = {
            "exchanges": self._exchanges,
            "until": "stopped",
            "look_every_ms": _LOOK_EVERY_MS,
        }
        client = self._native_client(self._client.options)
        worker = _native.Worker(
            self._journal._native, [client], json.dumps(options), self._on_event
        )
        # A daemon: a program that ends without aclose() must not hang; the journal has the refunds.
        thread = threading.Thread(
            target=self._work, args=(worker,), name="taxrefund-worker", daemon=True
        )
        self._current, self._workers[worker] = worker, asyncio.Event()
        thread.start()

    def _work(self, worker: _native.Worker) -> None:
        problem: BaseException | None = None
        try:
            worker.run()
        except BaseException as error:
            problem = error
        _call_in(self._loop, lambda: self._ended(worker, problem))

    def _ended(self, worker: _native.Worker, problem: BaseException | None) -> None:
        if self._current is worker:
            self._current = None
        self._workers.pop(worker).set()
        if problem is not None:
            self._tell_all(problem)

    def _on_event(self, event_json: str) -> None:
        """On the worker's thread."""
        event = json.loads(event_json)
        kind = event["event"]
        if kind == "ended":
            _call_in(self._loop, lambda: self._tell(event["key"], None))
        elif kind == "skipped":
            problem = JournalError(
                f"the refund {event['key']} was left as it is: {event['problem']}",
                code="journal_entry_unreadable",
            )
            _call_in(self._loop, lambda: self._tell(event["key"], problem))
        elif kind == "halted":
            _call_in(self._loop, lambda: self._halted(event))

    def _halted(self, event: dict[str, Any]) -> None:
        reason = event.get("reason") or {}
        code = reason.get("code", "configuration")
        problem = ConfigurationError(
            f"account: nothing more is sent for {event['account']}, its configuration is wrong "
            f"({code}); the refunds stay in the journal",
            field="account",
        )
        worker, self._current = self._current, None
        if worker is not None:
            # The next call tries again with a new one.
            worker.stop()
        self._tell_all(problem)

    def _tell_all(self, problem: BaseException) -> None:
        for key in list(self._waiting):
            self._tell(key, problem)

    def _tell(self, key: str, problem: BaseException | None) -> None:
        waiting = self._waiting.get(key)
        if waiting is None:
            return
        # Whoever asks again finds out anew where it stands.
        waiting.is_the_workers = False
        for heard in waiting.heard:
            if heard.done():
                continue
            if problem is None:
                heard.set_result(None)
            else:
                # One for each: a traceback grows where it is raised.
                heard.set_exception(copy.copy(problem))
        if not waiting.heard:
            del self._waiting[key]

    def _forget(self, key: str, heard: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.heard.discard(heard)
            if not waiting.heard and not waiting.is_the_workers:
                del self._waiting[key]
        if heard.done() and not heard.cancelled():
            # Whoever was cancelled does not hear it, and asyncio would complain.
            heard.exception()

    async def _until(self, heard: asyncio.Future[None], key: str, cancel: Cancel | None) -> bool:
        """Until a refund has ended; `False` when whoever called does not want to wait any more."""
        stopped = asyncio.Event()
        stop: asyncio.Future[Any] = asyncio.ensure_future(stopped.wait())
        loop, patience = self._loop, _FIRST_LOOK_S
        forget = cancel._subscribe(lambda: _call_in(loop, stopped.set)) if cancel else None
        both: set[asyncio.Future[Any]] = {heard, stop}
        try:
            while not heard.done() and not stop.done():
                await asyncio.wait(both, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                # Another process may have sent it, of which the worker here tells nothing.
                patience = min(2 * patience, _LAST_LOOK_S)
                if not heard.done() and not stop.done() and await self._rests(key):
                    self._tell(key, None)
        finally:
            stop.cancel()
            if forget is not None:
                forget()
        if heard.done():
            heard.result()
        return heard.done()

    async def _rests(self, key: str) -> bool:
        """Whether nobody is at work on a refund, and nobody is about to be."""
        native = self._journal._native
        entry = await self._on_disk(lambda: native.find(self._native_account(), key))
        if entry is None:
            return True
        plain = json.loads(entry.json)
        return plain["state"] != "open" and plain["lease_owner"] is None

    def _native_account(self) -> _native.Account:
        if self._account is None:
            account = self._client.account
            signer = account.signer
            if signer is None or not signer.is_async:
                self._account = account._native
            else:
                assert account._config_json is not None
                self._account = _native.Account(account._config_json, self._await_signature)
        return self._account

    def _native_client(self, options: CallOptions) -> _native.Client:
        transport: Any = self._client._given_transport
        if isinstance(transport, HttpTransport):
            transport = transport._native
        elif transport is not None and self._client._exchanges_itself:
            transport = _Awaited(transport, self._loop)
        return _native.Client(
            self._native_account(), transport, options._policy_json(), options.seed
        )

    def _await_signature(self, message: bytes) -> bytes:
        """On a native thread."""
        signer = self._client.account.signer
        assert signer is not None
        made: Any = signer.sign(message)
        return signature_of(asyncio.run_coroutine_threadsafe(made, self._loop).result())


class _Waiting:
    """Those who wait for one refund."""

    __slots__ = ("heard", "is_the_workers", "recording")

    def __init__(self) -> None:
        self.heard: set[asyncio.Future[None]] = set()
        self.recording = asyncio.Lock()
        self.is_the_workers = False


class _Awaited:
    """An async transport, as the native side's threads call it."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop

    def exchange(self, request: _native.HttpRequest) -> _native.HttpResponse:
        from concurrent.futures import TimeoutError as TimedOut

        from .transport import TransportFault

        future = asyncio.run_coroutine_threadsafe(self._transport.exchange(request), self._loop)
        try:
            response: _native.HttpResponse = future.result(request.timeout)
        except TimedOut:
            future.cancel()
            raise TransportFault("timeout") from None
        return response
