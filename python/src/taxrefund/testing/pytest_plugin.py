"""Fixtures for pytest. Loaded by its entry point, so nothing heavy is imported before a fixture is
used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .. import alipay, alipay_plus, antom
    from .clock import FrozenClock
    from .sandbox import Sandbox


@pytest.fixture(scope="session")
def _taxrefund_simulator() -> Iterator[Sandbox]:
    from .sandbox import Sandbox

    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def taxrefund_sandbox(_taxrefund_simulator: Sandbox) -> Sandbox:
    """The gateway simulator, with an empty ledger."""
    _taxrefund_simulator.reset()
    return _taxrefund_simulator


@pytest.fixture
def taxrefund_alipay(taxrefund_sandbox: Sandbox) -> alipay.Client:
    """A client of the open gateway, at the simulator."""
    return taxrefund_sandbox.alipay_client()


@pytest.fixture
def taxrefund_alipay_plus(taxrefund_sandbox: Sandbox) -> alipay_plus.Client:
    """A client of Alipay+, at the simulator."""
    return taxrefund_sandbox.alipay_plus_client()


@pytest.fixture
def taxrefund_antom(taxrefund_sandbox: Sandbox) -> antom.Client:
    """A client of Antom, at the simulator."""
    return taxrefund_sandbox.antom_client()


@pytest.fixture
def taxrefund_clock() -> FrozenClock:
    """A clock that stands still."""
    from .clock import FrozenClock

    return FrozenClock()
