"""`python -m taxrefund` is the command `taxrefund`."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
