"""A numbered check as data: what it is called and where its text stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a verifier.

    ``id`` is the number and letter of the specification (``6.D``), or ``E.`` and a number for what
    evote adds; ids are never used again for something else. ``anchor`` says where the formula or the
    rule stands.
    """

    id: str
    title: str
    anchor: str

    @property
    def family(self) -> str:
        """The verification that the check is part of: ``6`` for ``6.D``, ``E`` for evote's own."""
        return self.id.split(".", 1)[0]
