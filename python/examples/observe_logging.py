"""What a client does, as log records: exchanges and waits as DEBUG, successes as INFO, failures as
WARNING, what is not known as ERROR. No record holds anything about the traveller.

Run it: `python examples/observe_logging.py`
"""

from __future__ import annotations

import json
import logging
import sys

from taxrefund import Money, alipay
from taxrefund.observe import Ended, Event, several, to_logging
from taxrefund.testing import Sandbox


class JsonLines(logging.Formatter):
    """For a log collector. The event itself is `record.taxrefund`, with all its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        event: Event | None = getattr(record, "taxrefund", None)
        about = {} if event is None else {"operation": event.operation, "key": event.key}
        return json.dumps({"level": record.levelname, **about, "text": record.getMessage()})


class Alarm:
    """An observer is any callable. This one calls somebody when refunds stay unknown."""

    def __init__(self) -> None:
        self.open: list[str] = []

    def __call__(self, event: Event) -> None:
        """Is called on the thread of the call, so it must be quick."""
        if isinstance(event, Ended) and event.outcome == "unknown":
            self.open.append(event.key)


def main() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("taxrefund")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)

    alarm = Alarm()
    with Sandbox() as sandbox:
        client = sandbox.alipay_client(observer=several(to_logging(logger), alarm))
        for order, faults in (
            ("TRL1", "lost-answer"),
            ("TRL2", "failed"),
            ("TRL3", "in-process*every"),
        ):
            sandbox.provoke(order, faults)
            pay(client, order)
    print(f"somebody must look at: {', '.join(alarm.open)}")


def pay(client: alipay.Client, order: str) -> None:
    client.outcome.pay_tax_refund(
        out_order_no=order,
        identify_account_type="barcode",
        identify_account_no="281234567890123456",
        tax_refund_amount=Money.parse("100.00", "SGD"),
    )


if __name__ == "__main__":
    main()
