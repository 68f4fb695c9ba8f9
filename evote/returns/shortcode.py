"""The short code of a return: 16 groups of 4 signs for the paper minutes (R12).

All 256 bits of the SHA-256 of the file, four bits a sign, in signs that are not taken for each other on
paper or by telephone. Whoever imports a file may withhold some groups until a person has typed them from
the paper: then somebody has compared, and not only looked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from evote.errors import VerificationError
from evote.hashing import sha256
from evote.randomness import Randomness

SIGNS: Final = "34679ACEFHJKMPRT"
"""One sign for each value of four bits: no 0 and O, 1 and I, 2 and Z, 5 and S, 8 and B, U and V."""
GROUPS: Final = 16
GROUP_SIGNS: Final = 4
WITHHELD: Final = 2
"""Groups that are withheld where nobody says otherwise."""
HIDDEN: Final = "????"


def short_code(data: bytes) -> tuple[str, ...]:
    """The 16 groups of a file."""
    signs = "".join(SIGNS[byte >> 4] + SIGNS[byte & 15] for byte in sha256(data))
    return tuple(signs[at : at + GROUP_SIGNS] for at in range(0, len(signs), GROUP_SIGNS))


def printed(groups: Sequence[str]) -> str:
    """The code as it stands in the minutes: four lines of four groups."""
    return "\n".join(" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4))


def choose_withheld(rng: Randomness, count: int = WITHHELD) -> tuple[int, ...]:
    """Which groups, from 1, are withheld this time: ``1 <= count <= 16`` different ones, increasing."""
    if not 1 <= count <= GROUPS:
        raise ValueError(f"1 to {GROUPS} groups are withheld")
    places = list(range(1, GROUPS + 1))
    return tuple(sorted(places.pop(rng.below(len(places))) for _ in range(count)))


def withhold(data: bytes, places: Sequence[int]) -> tuple[str, ...]:
    """The groups of a file with those at ``places`` (from 1) hidden; ``ValueError`` for other places."""
    if any(not 1 <= place <= GROUPS for place in places):
        raise ValueError(f"groups have the numbers 1 to {GROUPS}")
    return tuple(
        HIDDEN if place in places else group for place, group in enumerate(short_code(data), start=1)
    )


def compare_withheld(data: bytes, places: Sequence[int], typed: Mapping[int, str]) -> None:
    """That a person typed the withheld groups from the paper; case and spaces do not matter.

    Raises :class:`VerificationError` that names the groups which are absent or differ, and does not say
    what they should be. ``ValueError`` if nothing was withheld.
    """
    if not places:
        raise ValueError("nothing was withheld, so nothing is compared")
    groups = short_code(data)
    wrong = [place for place in sorted(places) if _clean(typed.get(place, "")) != groups[place - 1]]
    if wrong:
        names = ", ".join(map(str, wrong))
        raise VerificationError(
            f"the paper and the file differ in group {names}", where="short code", computed=names
        )


def compare_code(data: bytes, typed: str) -> None:
    """That a whole code, as somebody typed it, is the file's; raises :class:`VerificationError`."""
    signs = _clean(typed)
    groups = short_code(data)
    if len(signs) != GROUPS * GROUP_SIGNS:
        raise VerificationError(
            "the code is not whole",
            where="short code",
            expected=f"{GROUPS * GROUP_SIGNS} signs",
            computed=f"{len(signs)} signs",
        )
    found = [signs[at : at + GROUP_SIGNS] for at in range(0, len(signs), GROUP_SIGNS)]
    wrong = [number for number, pair in enumerate(zip(groups, found, strict=True), 1) if pair[0] != pair[1]]
    if wrong:
        names = ", ".join(map(str, wrong))
        raise VerificationError(
            f"the paper and the file differ in group {names}", where="short code", computed=names
        )


def _clean(typed: str) -> str:
    return "".join(letter for letter in typed.upper() if not letter.isspace() and letter not in "-.")
