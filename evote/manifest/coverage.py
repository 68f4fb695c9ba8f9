"""Which reporting units have ballots with a contest."""

from __future__ import annotations

from collections.abc import Iterable

from evote.manifest.model import BallotStyle, Unit


class Coverage:
    """The relation between contests and reporting units that styles and units make together."""

    __slots__ = ("_paths", "_styles_of", "_units_of")

    def __init__(self, styles: Iterable[BallotStyle], units: Iterable[Unit]) -> None:
        leaves = [leaf for root in units for leaf in root.leaves()]
        self._paths = [leaf.path for leaf in leaves]
        self._units_of: dict[str, list[int]] = {}
        for place, leaf in enumerate(leaves):
            for label in leaf.styles:
                self._units_of.setdefault(label, []).append(place)
        self._styles_of: dict[int, list[str]] = {}
        for style in styles:
            for contest in style.contests:
                self._styles_of.setdefault(contest, []).append(style.label)

    def units_of(self, contest: int) -> tuple[str, ...]:
        """Paths of the reporting units that have ballots with the contest, in the order of the tree."""
        places = {
            place for label in self._styles_of.get(contest, ()) for place in self._units_of.get(label, ())
        }
        return tuple(self._paths[place] for place in sorted(places))
