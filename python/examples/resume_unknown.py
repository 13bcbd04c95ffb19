"""Keeps an unknown refund on disk, and takes it up again in another process.

This is the way without a journal. With one (`alipay.Client(account, journal="refunds.db")`) the
journal keeps all of this, and `Worker` or `taxrefund resume` goes on with it.

Run it: `python examples/resume_unknown.py`
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from taxrefund import CallOptions, Money, Succeeded, Unknown, alipay
from taxrefund.testing import Sandbox

ORDER = "TR20261123B1"


def keep(state: str, file: Path) -> None:
    """Whole or not at all, and for this user's eyes only: a state holds the traveller's data."""
    unfinished = file.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as text:
        text.write(state)
        text.flush()
        os.fsync(text.fileno())
    unfinished.replace(file)


def resume(file: Path, account: alipay.Account) -> None:
    """The other process: days later, on another machine, it makes no difference."""
    client = alipay.Client(account, options=CallOptions(sandbox_wait_permille=1))
    match client.outcome.resume(file.read_text("utf-8")):
        case Succeeded(reference=number):
            print(f"process 2: {ORDER} was paid under {number}")
            file.unlink()
        case Unknown(state=state) as unknown:
            print(f"process 2: still not known: {unknown.reason}")
            if state is not None:
                keep(state, file)
        case failed:
            print(f"process 2: verified, no money moved: {failed.reason}")
            file.unlink()


def main() -> None:
    if len(sys.argv) == 3:
        # The keys are those of the simulator; your own come from your own configuration.
        settings = json.loads(sys.argv[2])
        resume(Path(sys.argv[1]), alipay.Account(**settings))
        return
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{ORDER}.state"
        sandbox.provoke(ORDER, "lost-answer*every@any")  # paid, and every answer is lost
        try:
            sandbox.alipay_client().pay_tax_refund(
                out_order_no=ORDER,
                identify_account_type="barcode",
                identify_account_no="281234567890123456",
                tax_refund_amount=Money.parse("100.00", "SGD"),
            )
        except Unknown as unknown:
            print(f"process 1: {ORDER} is not known: {unknown.reason}; {unknown.next_step.value}")
            assert unknown.state is not None  # it is None only where a journal keeps the refund
            keep(unknown.state, file)

        sandbox.provoke(ORDER, "none")  # the network is back
        keys = sandbox.credentials["alipay"]
        settings = {
            "app_id": keys["app_id"],
            "merchant_private_key": keys["partner_private_key_pem"],
            "alipay_public_key": keys["platform_public_key_pem"],
            "environment": "sandbox",
            "endpoint": keys["gateway_url"],
        }
        # Test keys may stand on a command line; yours never.
        arguments = [sys.executable, __file__, str(file), json.dumps(settings)]
        subprocess.run(arguments, check=True)
        print(f"in the simulator's ledger: {ORDER} {sandbox.paid_times(ORDER)}x")


if __name__ == "__main__":
    main()
