"""For the tests of programs that use this package: the gateway simulator, scripted transports, a
clock that stands still.

With pytest the fixtures `taxrefund_sandbox`, `taxrefund_alipay`, `taxrefund_alipay_plus`,
`taxrefund_antom` and `taxrefund_clock` are there by themselves.

    def test_a_lost_answer_is_asked_about(taxrefund_sandbox, taxrefund_alipay):
        taxrefund_sandbox.provoke("ORDER1", "lost-answer")
        paid = taxrefund_alipay.pay_tax_refund(out_order_no="ORDER1", ...)
        assert taxrefund_sandbox.paid_times("ORDER1") == 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clock import FrozenClock
    from .infallible import Infallible
    from .sandbox import Sandbox
    from .transports import Never, Replay

_HOME = {
    "FrozenClock": "clock",
    "Infallible": "infallible",
    "Never": "transports",
    "Replay": "transports",
    "Sandbox": "sandbox",
}

__all__ = ["FrozenClock", "Infallible", "Never", "Replay", "Sandbox"]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        from importlib import import_module

        home = _HOME.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{home}"), name)
