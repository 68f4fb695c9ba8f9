"""The command line: parsing and printing, one file per command.

What the commands do is done on lower floors. Every command ends with one of the exit codes of
:mod:`evote.cli.ending`; errors are one sentence on stderr; progress shows on a terminal only.
"""

from __future__ import annotations

from evote.cli.program import main

__all__ = ["main"]
