"""Texts of a record as they may be shown, whatever they hold."""

from __future__ import annotations

MAX_TEXT = 400
"""Most characters of one text; a hostile record must not blow up the report."""


def shown(text: str, limit: int = MAX_TEXT) -> str:
    """The text with everything escaped that a terminal could obey or a reader could not see, and cut.

    Line breaks, control characters and marks that turn the direction of writing become ``\\x1b`` and
    the like.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in cut
    )
