"""Text that can cross to the native side."""

from __future__ import annotations


def printable(given: object) -> str:
    """The text with lone surrogates replaced: they are no text, and no rule allows `?`."""
    return str(given).encode("utf-8", "replace").decode()
