"""How a command ends."""

from __future__ import annotations

FINE = 0
"""All is well."""
ERROR = 1
"""It did not work; the message says what to do."""
NEEDS_SOMEBODY = 2
"""It worked, and something needs somebody."""

EXIT_CODES = """exit codes:
  0  fine
  1  an error, a wrong command line included; the message says what to do
  2  it worked, and something needs somebody: wrong lines, refunds that failed or are not known,
     refunds that were not reached, differences, a journal that is not whole"""


class CommandError(Exception):
    """Something that the operator must put right first: what happened, what is safe, what to do."""
