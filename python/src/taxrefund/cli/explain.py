"""`taxrefund explain CODE...`: what a code or a next step means, and what to do."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Literal

from .config import Configuration
from .ending import ERROR, FINE
from .terminal import note, out, printable

if TYPE_CHECKING:
    Language = Literal["en", "zh"]

HELP = "what a code or a next step means, and what to do"
DESCRIPTION = """\
Knows the providers' codes and sub codes, states (status:F), this program's words for faults
(timeout) and the next steps. Needs no configuration."""
EXAMPLES = """\
examples:
  taxrefund explain TAX_REFUND_FAILED timeout resume_later
  taxrefund explain --zh 40004"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line."""
    parser.add_argument("codes", nargs="+", metavar="CODE", help="a code, a fault or a next step")
    parser.add_argument("--zh", action="store_true", help="in Chinese")


def run(arguments: argparse.Namespace, configuration: Configuration | None) -> int:
    """Explain."""
    language: Language = "zh" if arguments.zh else "en"
    unknown = [code for code in arguments.codes if not _explained(code, language)]
    for code in unknown:
        note(
            f"{printable(code)} is not known here: no published page names it. What counts is the "
            "refund's state (`taxrefund show KEY`): failed is verified; unknown means that money "
            "may have moved, so keep the number, enter nothing again, and ask the provider's "
            "support"
        )
    return ERROR if unknown else FINE


def _explained(code: str, language: Language) -> bool:
    from ..explain import explain, explain_step

    found = explain(code, language)
    for explanation in found:
        out(str(explanation))
    try:
        step = explain_step(code, language)
    except ValueError:
        return bool(found)
    words = ("收银员", "工程师", "旅客") if language == "zh" else ("clerk", "engineer", "traveller")
    out(f"{step.step}:")
    for word, text in zip(words, (step.clerk, step.engineer, step.traveller), strict=True):
        out(f"  {word}: {text}")
    return True
