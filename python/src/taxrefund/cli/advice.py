"""What the operator does at each next step."""

from __future__ import annotations

from collections.abc import Mapping

from .terminal import out


def print_steps(title: str, steps: Mapping[str, int]) -> None:
    """How many refunds are at which next step, and what an engineer does about it."""
    from ..explain import explain_step

    if not steps:
        return
    out(f"\n{title}:")
    for step, count in sorted(steps.items()):
        try:
            text = explain_step(step).engineer
        except ValueError:
            text = ""
        out(f"  {count} {step}: {text}")
