"""The command `taxrefund`: pays files of refunds through a journal, and looks after what became of
them.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    from .program import run

    return run(arguments)
