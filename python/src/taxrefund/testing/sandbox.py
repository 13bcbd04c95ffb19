"""The gateway simulator: a server on this machine's loopback that checks requests as the platforms
do, keeps a ledger of who was paid how often, and goes wrong on demand.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .. import _native
from .._text import printable
from ..options import CallOptions, milliseconds

if TYPE_CHECKING:
    from datetime import timedelta

    from typing_extensions import Self

    from .. import alipay, alipay_plus, antom


class Sandbox:
    """A simulator in a thread of its own, until it is closed. All its keys are public TEST keys.

    `faults`: `"none"`, `"demo"`, or a mix such as `"10=lost-answer*2;90=none"`. `seed` draws
    everything. `delay` and `drip`: the waits of the scenarios of these names.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        faults: str = "none",
        port: int = 0,
        delay: float | timedelta | None = None,
        drip: float | timedelta | None = None,
        allow_rsa_sha1: bool = False,
        run_for: int | None = None,
    ) -> None:
        """Starts it. `run_for`: it ends by itself after so many seconds."""
        options = {
            "seed": seed,
            "faults": faults,
            "port": port,
            "delay_ms": milliseconds("delay", delay),
            "drip_ms": milliseconds("drip", drip),
            "allow_rsa_sha1": allow_rsa_sha1,
            "run_for_s": run_for,
        }
        given = {name: value for name, value in options.items() if value is not None}
        self._native = _native.Sandbox(json.dumps(given))
        self._credentials: dict[str, Any] = json.loads(self._native.credentials)

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self._native.base_url

    @property
    def credentials(self) -> dict[str, Any]:
        """Identities and TEST keys of all three protocols."""
        return json.loads(json.dumps(self._credentials))  # type: ignore[no-any-return]

    @property
    def is_running(self) -> bool:
        """Whether it still answers."""
        return self._native.is_running

    def alipay_account(self, **changes: Any) -> alipay.Account:
        """An account of the open gateway; `changes` are settings of `alipay.Account`."""
        from .. import alipay

        given = self._credentials["alipay"]
        settings = {
            "app_id": given["app_id"],
            "merchant_private_key": given["partner_private_key_pem"],
            "alipay_public_key": given["platform_public_key_pem"],
            "environment": "sandbox",
            "endpoint": given["gateway_url"],
        }
        return alipay.Account(**_changed(settings, changes))

    def alipay_plus_account(self, **changes: Any) -> alipay_plus.Account:
        """An account of Alipay+."""
        from .. import alipay_plus

        return alipay_plus.Account(**_changed(self._caller("alipay_plus"), changes))

    def antom_account(self, **changes: Any) -> antom.Account:
        """An account of Antom."""
        from .. import antom

        return antom.Account(**_changed(self._caller("antom"), changes))

    def alipay_client(self, **settings: Any) -> alipay.Client:
        """A client of the open gateway that hardly waits; `settings` are `alipay.Client`'s."""
        from .. import alipay

        return alipay.Client(self.alipay_account(), **_hurried(settings))

    def alipay_plus_client(self, **settings: Any) -> alipay_plus.Client:
        """A client of Alipay+ that hardly waits."""
        from .. import alipay_plus

        return alipay_plus.Client(self.alipay_plus_account(), **_hurried(settings))

    def antom_client(self, **settings: Any) -> antom.Client:
        """A client of Antom that hardly waits."""
        from .. import antom

        return antom.Client(self.antom_account(), **_hurried(settings))

    def ledger(self) -> dict[str, Any]:
        """The truth about who was paid how often: `totals`, `entries`, `double_paid`."""
        ledger: dict[str, Any] = json.loads(self._native.ledger())
        return ledger

    def entry(self, key: str) -> dict[str, Any] | None:
        """The ledger's entry of an idempotency key."""
        entries = self.ledger()["entries"]
        return next((entry for entry in entries if entry["key"] == key), None)

    def paid_times(self, key: str) -> int:
        """How often money moved under an idempotency key."""
        entry = self.entry(key)
        return 0 if entry is None else int(entry["paid_times"])

    def requests(self) -> list[dict[str, Any]]:
        """The newest authenticated requests, personal data masked."""
        requests: list[dict[str, Any]] = json.loads(self._native.requests())
        return requests

    def notifications(self) -> list[dict[str, Any]]:
        """What was sent where, how often, and whether it was acknowledged."""
        notifications: list[dict[str, Any]] = json.loads(self._native.notifications())
        return notifications

    def provoke(self, key: str, faults: str) -> None:
        """Rules for one key from now on, such as `"lost-answer*2"`; `"none"` takes them away."""
        self._native.provoke(printable(key), printable(faults))

    def add_payment(self, **payment: Any) -> None:
        """A payment whose refund rules Antom keeps: `paymentId`, `currency`, `amountMinor`, …"""
        self._native.add_payment(json.dumps(payment))

    def reset(self) -> None:
        """Forgets everything that happened."""
        self._native.reset()

    def close(self) -> None:
        """Ends it."""
        self._native.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Sandbox {self.base_url}>"

    def _caller(self, protocol: str) -> dict[str, Any]:
        given = self._credentials[protocol]
        return {
            "client_id": given["client_id"],
            "merchant_private_key": given["partner_private_key_pem"],
            "platform_public_key": given["platform_public_key_pem"],
            "endpoint": given["base_url"],
        }


def _changed(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    if "signer" in changes:
        del settings["merchant_private_key"]
    return {**settings, **changes}


def _hurried(settings: dict[str, Any]) -> dict[str, Any]:
    options = settings.get("options") or CallOptions()
    return {**settings, "options": options.over(CallOptions(sandbox_wait_permille=1))}
