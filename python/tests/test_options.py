from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from taxrefund import CallOptions, Cancel


def policy(**options: Any) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(CallOptions(**options)._policy_json())
    return policy


@pytest.mark.parametrize(
    ("given", "ms"),
    [
        (1, 1000),
        (0.25, 250),
        (0.0001, 1),
        (timedelta(minutes=1), 60000),
        (timedelta(microseconds=1), 1),
    ],
)
def test_times_are_seconds_or_timedeltas_and_never_shorter_than_given(given: Any, ms: int) -> None:
    assert policy(timeout=given) == {"attempt_timeout_ms": ms}
    assert policy(deadline=given) == {"deadline_ms": ms}


@pytest.mark.parametrize("given", [0, -1, float("nan"), float("inf"), timedelta(0)])
def test_a_time_that_is_none_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match="timeout: must be"):
        CallOptions(timeout=given)


@pytest.mark.parametrize("name", ["attempts", "timeout", "deadline", "seed", "form", "cancel"])
@pytest.mark.parametrize("given", [True, b"1", [1]])
def test_a_wrong_type_is_named(name: str, given: Any) -> None:
    with pytest.raises(TypeError, match=f"{name}: must be"):
        CallOptions(**{name: given})


@pytest.mark.parametrize("given", [-1, 2**64])
def test_a_count_out_of_range_is_named(given: int) -> None:
    with pytest.raises(ValueError, match="attempts: is out of range"):
        CallOptions(attempts=given)


def test_what_is_given_for_a_call_goes_over_what_the_client_has() -> None:
    client = CallOptions(attempts=3, deadline=60)
    assert CallOptions(attempts=4).over(client) == CallOptions(attempts=4, deadline=60)
    assert CallOptions().over(client) == client


def test_a_cancel_tells_everybody_once() -> None:
    cancel, told = Cancel(), []
    cancel._subscribe(lambda: told.append("a"))
    forget = cancel._subscribe(lambda: told.append("b"))
    forget()
    cancel.cancel()
    cancel.cancel()
    cancel._subscribe(lambda: told.append("late"))
    assert told == ["a", "late"] and cancel.is_cancelled
