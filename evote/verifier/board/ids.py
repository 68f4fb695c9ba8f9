"""The checks of the board by group, for the places where several have the same fate."""

from __future__ import annotations

from typing import Final

from evote.board.counting import Rule

ROLL: Final = "E.22"
SIGNATURES: Final = "E.17"
LOGS: Final = "E.23"
HEADS: Final = "E.24"
WITNESSES: Final = "E.25"
ENTRIES: Final = "E.26"
CONTEXTS: Final = "E.27"
SLOTS: Final = "E.28"
REISSUES: Final = "E.29"
CLOSING: Final = "E.30"
VERDICTS: Final = "E.31"
COUNTS: Final = "E.32"
COUNTED: Final = "E.33"

LATER: Final = (
    SIGNATURES,
    LOGS,
    HEADS,
    WITNESSES,
    ENTRIES,
    CONTEXTS,
    SLOTS,
    REISSUES,
    CLOSING,
    VERDICTS,
    COUNTS,
    COUNTED,
)
"""What is checked when the logs are closed."""

BOARD: Final = (ROLL, *LATER)
"""All checks of the board."""

NEED_ROLL: Final = (SIGNATURES, SLOTS, REISSUES, CLOSING, VERDICTS, COUNTED)
"""What cannot be told of an election with a roll whose roll is not there."""

RULES: Final = {
    Rule.ONCE: ENTRIES,
    Rule.SLOT: SLOTS,
    Rule.REISSUE: REISSUES,
    Rule.VERDICT: VERDICTS,
    Rule.END: CLOSING,
}
"""The check of each rule of a log."""
