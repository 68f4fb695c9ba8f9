"""Which reporting units have encrypted ballots with a contest: those of kind OPEN have none."""

from __future__ import annotations

from collections.abc import Container, Iterable

from evote.manifest.model import BallotStyle, Unit


class Coverage:
    """The relation between contests and reporting units that styles and units make together.

    Units whose paths are in ``without`` are left out. A set of units is one integer with a bit per unit: a
    manifest may have a thousand contests, styles and units, and a set of Python objects for each pair of
    them would keep a reader busy for minutes.
    """

    __slots__ = ("_paths", "_styles_of", "_units_of")

    def __init__(
        self, styles: Iterable[BallotStyle], units: Iterable[Unit], without: Container[str] = ()
    ) -> None:
        leaves = [leaf for root in units for leaf in root.leaves() if leaf.path not in without]
        self._paths = [leaf.path for leaf in leaves]
        self._styles_of: dict[int, set[str]] = {}
        for style in styles:
            for contest in style.contests:
                self._styles_of.setdefault(contest, set()).add(style.label)
        members: dict[str, bytearray] = {}
        for place, leaf in enumerate(leaves):
            for label in leaf.styles:
                row = members.get(label)
                if row is None:
                    row = members[label] = bytearray(len(leaves) // 8 + 1)
                row[place >> 3] |= 1 << (place & 7)
        self._units_of = {label: int.from_bytes(row, "little") for label, row in members.items()}

    def units_of(self, contest: int) -> tuple[str, ...]:
        """Paths of the units that have ballots with the contest, in the order of the tree."""
        covered = 0
        for label in self._styles_of.get(contest, ()):
            covered |= self._units_of.get(label, 0)
        digits = covered.to_bytes(len(self._paths) // 8 + 1, "little")
        return tuple(path for place, path in enumerate(self._paths) if digits[place >> 3] >> (place & 7) & 1)
