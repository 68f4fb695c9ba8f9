"""``python -m evote.cli``: the program without its script."""

from __future__ import annotations

import sys

from evote.cli.program import main

if __name__ == "__main__":
    sys.exit(main())
