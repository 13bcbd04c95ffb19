"""Receives Antom's notifications with FastAPI: verified on the raw bytes, recorded in the journal,
answered exactly. The event loop is not held while the journal writes to disk.

Run it: `python examples/notifications_fastapi.py` (needs `pip install fastapi uvicorn`)
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response

from taxrefund import CallOptions, Journal, Money, NotificationRefused, Reply, antom
from taxrefund.testing import Sandbox

PATH = "/notify/antom"
"""As Antom knows it. It is part of what Antom signs: behind a proxy that changes paths, this must
be the outer one."""

log = logging.getLogger("refunds")


def create_app(account: antom.Account, journal: Journal) -> FastAPI:
    """The part to copy. The journal may be the one that workers pay from at the same time."""
    app = FastAPI()

    @app.post(PATH)
    async def receive(request: Request) -> Response:
        body = await request.body()  # the raw bytes; never a model written anew
        try:
            merged = await asyncio.to_thread(
                journal.notify, account, request.headers.items(), body, path=PATH
            )
        except NotificationRefused as refused:
            # Not from Antom, or changed on the way. It changes nothing; what is answered
            # acknowledges nothing.
            log.warning("notification refused: %s", refused.fault)
            return _answer(refused.reply)
        # Any other error ends as HTTP 500, and that is right: Antom tries again.
        if merged.needs_somebody:
            # It contradicts what is recorded, or the journal has no such refund.
            log.error("notification %s: %s", merged.kind, merged.notification.key)
        return _answer(merged.notification.reply)  # it is on disk: now it may be acknowledged

    return app


def _answer(reply: Reply) -> Response:
    return Response(reply.body_bytes, reply.status, dict(reply.headers))


async def run(sandbox: Sandbox, journal: Journal) -> None:
    account = sandbox.antom_account()
    app = create_app(account, journal)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]

    # Inquiries say "in process" nine times. A stranger notifies first, then Antom does.
    sandbox.provoke("TRN1", "in-process*9,notification-forged")
    options = CallOptions(sandbox_wait_permille=100)
    async with antom.AsyncClient(account, journal=journal, options=options) as client:
        outcome = await client.outcome.refund(
            refund_request_id="TRN1",
            payment_id="20261123190741010007000001629272",
            refund_amount=Money.parse("122.75", "USD"),
            refund_notify_url=f"http://127.0.0.1:{port}{PATH}",
        )
    print(f"the call ended: {outcome!r}")
    server.should_exit = True
    await serving


def main() -> None:
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        with Journal(Path(folder) / "refunds.db") as journal:
            asyncio.run(run(sandbox, journal))
            for entry in journal.entries():
                print(f"the journal has: {entry.state.value}")
                for record in journal.story(entry):
                    print(f"  {record.kind}")
        for notice in sandbox.notifications():
            taken = "acknowledged" if notice["acknowledged"] else "not acknowledged"
            print(f"in the simulator's list: {notice['kind']} notification {taken}")
        print(f"in the simulator's ledger: TRN1 {sandbox.paid_times('TRN1')}x")


if __name__ == "__main__":
    main()
