"""Receives Alipay's notifications with Flask: verified on the raw bytes, recorded in the journal,
answered exactly.

Run it: `python examples/notifications_flask.py` (needs `pip install flask`)
"""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.serving import make_server

from taxrefund import CallOptions, Journal, Money, NotificationRefused, Reply, alipay
from taxrefund.testing import Sandbox

PATH = "/notify/alipay"


def create_app(account: alipay.Account, journal: Journal) -> Flask:
    """The part to copy. The journal may be the one that workers pay from at the same time."""
    app = Flask(__name__)

    @app.post(PATH)
    def receive() -> Response:
        body = request.get_data(cache=False)  # the raw bytes; never request.form written anew
        try:
            merged = journal.notify(account, request.headers.items(), body, path=PATH)
        except NotificationRefused as refused:
            # Not from Alipay, or changed on the way. It changes nothing; what is answered
            # acknowledges nothing.
            app.logger.warning("notification refused: %s", refused.fault)
            return _answer(refused.reply)
        # Any other error ends as HTTP 500, and that is right: Alipay tries again.
        if merged.needs_somebody:
            # It contradicts what is recorded, or the journal has no such refund.
            app.logger.error("notification %s: %s", merged.kind, merged.notification.key)
        return _answer(merged.notification.reply)  # it is on disk: now it may be acknowledged

    return app


def _answer(reply: Reply) -> Response:
    return Response(reply.body_bytes, reply.status, list(reply.headers))


def main() -> None:
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        with Journal(Path(folder) / "refunds.db") as journal:
            # In production: gunicorn or uWSGI, behind HTTPS.
            app = create_app(sandbox.alipay_account(), journal)
            server = make_server("127.0.0.1", 0, app, threaded=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()

            # The address goes out with every refund of this account.
            account = sandbox.alipay_account(notify_url=f"http://127.0.0.1:{server.port}{PATH}")
            client = alipay.Client(
                account, journal=journal, options=CallOptions(sandbox_wait_permille=100)
            )
            # Queries say "in process" nine times. A stranger notifies first, then Alipay does.
            sandbox.provoke("TRN1", "in-process*9,notification-forged")
            outcome = client.outcome.pay_tax_refund(
                out_order_no="TRN1",
                identify_account_type="barcode",
                identify_account_no="281234567890123456",
                tax_refund_amount=Money.parse("100.00", "SGD"),
            )
            print(f"the call ended: {outcome!r}")
            entry = journal.find(client, "TRN1")
            assert entry is not None
            print(f"the journal has: {entry.state.value}")
            for record in journal.story(entry):
                print(f"  {record.kind}")
            server.shutdown()  # waits for what is being answered
        for notice in sandbox.notifications():
            taken = "acknowledged" if notice["acknowledged"] else "not acknowledged"
            print(f"in the simulator's list: {notice['kind']} notification {taken}")
        print(f"in the simulator's ledger: TRN1 {sandbox.paid_times('TRN1')}x")


if __name__ == "__main__":
    main()
