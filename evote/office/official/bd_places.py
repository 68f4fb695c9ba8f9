"""Ballot styles and units of a ballot definition (``specs/official-formats.md#nist-bd``).

Units of a definition overlap; those of a manifest form a tree in which only leaves report. A unit stands
in the first one that is composed of it, a ballot style of a unit is that of all leaves in it, and units in
which no ballot is cast (districts) are left out. All of that is on the account where it changes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evote.codec import MAX_UNIT_DEPTH, MAX_UNITS
from evote.errors import DecodeError
from evote.manifest.strict_json import Node
from evote.manifest.texts import quoted
from evote.office.official.bd_reading import Fields, Losses, by_identifier
from evote.office.official.bd_texts import Shown, Texts

Object = dict[str, Any]

_DEPTH = 16


class Places:
    """Reads styles first, then the units that have them."""

    def __init__(self, losses: Losses, texts: Texts, contests: Mapping[str, str | None]) -> None:
        self._losses = losses
        self._texts = texts
        self._contests = contests
        self._styles_of: dict[str, list[str]] = {}
        """Identifier of a unit -> labels of its styles."""
        self._any_style = False
        self._reached = 0

    # --- ballot styles -----------------------------------------------------------------------------

    def styles(self, nodes: tuple[Node, ...]) -> list[Object]:
        """The ballot styles of a draft; none if the definition has none."""
        found: list[tuple[Shown, str, list[str], tuple[str, ...]]] = []
        for number, node in enumerate(nodes, start=1):
            self._any_style = True
            fields = self._losses.open(node, "BallotStyle")
            label = self._style_label(fields, number)
            content = self._content(fields)
            keys = list(dict.fromkeys(content if content is not None else self._contests))
            if content is None:
                self._losses.state(f"ballot style {label}", "it lists no contests; it has all of them")
            labels = [self._contest(key, node) for key in keys]
            kept = [each for each in labels if each is not None]
            if kept:
                found.append((Shown(label, {}), f"style {number}", kept, fields.texts("GpUnitIds")))
            else:
                self._losses.state(
                    f"ballot style {label}", "left out: none of its contests is carried", grave=True
                )
        unique = self._texts.unique([each[0] for each in found], [each[1] for each in found], "ballot style")
        styles = []
        for label, (_, _, kept, units) in zip(unique, found, strict=True):
            styles.append({"label": label, "contests": kept})
            for unit in dict.fromkeys(units):
                self._styles_of.setdefault(unit, []).append(label)
        return styles

    def _contest(self, key: str, node: Node) -> str | None:
        if key not in self._contests:
            raise DecodeError(f"nothing has the identifier {quoted(key)}", node.where)
        return self._contests[key]

    def _style_label(self, fields: Fields, number: int) -> str:
        values = [self._identifier(item) for item in fields.items("ExternalIdentifier")]
        for value in values[1:]:
            self._losses.state(fields.where, f"a second identifier is left out: {quoted(value)}")
        return values[0] if values else f"style {number}"

    def _identifier(self, node: Node) -> str:
        return self._texts.plain(self._losses.open(node, "ExternalIdentifier").text("Value"))

    def _content(self, fields: Fields) -> list[str] | None:
        """Identifiers of the contests in their order, under headers too; None where nothing is listed."""
        if fields.take("OrderedContent") is None:
            return None
        return self._ordered(fields, 0)

    def _ordered(self, fields: Fields, depth: int) -> list[str]:
        if depth > _DEPTH:
            raise DecodeError(f"headers are nested deeper than {_DEPTH}", fields.where)
        found: list[str] = []
        for node in fields.items("OrderedContent"):
            item = self._losses.open(node, "OrderedContest", "OrderedHeader")
            if item.kind == "OrderedContest":
                found.append(item.text("ContestId"))
                self._paper(item, found[-1])
            else:
                found += self._ordered(item, depth + 1)
        return found

    def _paper(self, item: Fields, key: str) -> None:
        """Places on paper are not carried; one that belongs to no option of the contest is grave."""
        for node in item.items("Physical"):
            physical = self._losses.open(node, "PhysicalContest")
            for place in physical.items("PhysicalContestOption"):
                option = self._losses.open(place, "PhysicalContestOption")
                if option.peek("ContestOptionId") is None:
                    what = "on paper it has a place to mark or write on that is no option of it"
                    self._losses.state(f"contest {self._contests.get(key) or key}", what, grave=True)

    # --- units -------------------------------------------------------------------------------------

    def units(self, nodes: tuple[Node, ...]) -> list[Object]:
        """The tree of units of a draft; none if the definition has none."""
        found = by_identifier(nodes, self._losses, "ReportingUnit")
        for key in self._styles_of:
            if key not in found:
                raise DecodeError(f"nothing has the identifier {quoted(key)}", "GpUnit")
        if len(found) > MAX_UNITS:
            raise DecodeError(f"there are more than {MAX_UNITS} units", "GpUnit")
        shown = {key: self._shown(key, fields) for key, fields in found.items()}
        children = self._children(found)
        below = {key for keys in children.values() for key in keys}
        roots = [key for key in found if key not in below]
        self._reached = 0
        tree = self._level(roots, shown, children, (), 1)
        if self._reached != len(found):
            raise DecodeError("units are composed of each other in a circle", "GpUnit")
        return tree

    def _children(self, found: Mapping[str, Fields]) -> dict[str, list[str]]:
        above: dict[str, str] = {}
        children: dict[str, list[str]] = {key: [] for key in found}
        for key, fields in found.items():
            for child in dict.fromkeys(fields.texts("ComposingGpUnitIds")):
                if child not in found:
                    raise DecodeError(f"nothing has the identifier {quoted(child)}", fields.where)
                if child in above:
                    self._losses.state(
                        f"unit {child}", f"it is also part of {key}; it stands in {above[child]}"
                    )
                else:
                    above[child] = key
                    children[key].append(child)
        return children

    def _shown(self, key: str, fields: Fields) -> Shown:
        name = fields.take("Name")
        values = [] if name is not None else fields.items("ExternalIdentifier")
        shown = Shown(self._texts.plain(key), {})
        if name is not None:
            shown = self._texts.read(name, shown.label)
        elif values:
            shown = Shown(self._identifier(values[0]), {})
            for node in values[1:]:
                self._losses.state(node.where, f"a second identifier is left out: {self._identifier(node)!r}")
        if "/" in shown.label:
            self._losses.state(
                f"unit {key}", "a '/' in its label became '-', because paths are made of labels"
            )
            shown = Shown(shown.label.replace("/", "-"), shown.names)
        return shown

    def _level(
        self,
        keys: list[str],
        shown: Mapping[str, Shown],
        children: Mapping[str, list[str]],
        inherited: tuple[str, ...],
        depth: int,
    ) -> list[Object]:
        if keys and depth > MAX_UNIT_DEPTH:
            raise DecodeError(f"units are nested deeper than {MAX_UNIT_DEPTH}", "GpUnit")
        found: list[tuple[str, Object]] = []
        for key in keys:
            self._reached += 1
            styles = tuple(dict.fromkeys((*inherited, *self._styles_of.get(key, ()))))
            unit: Object = {"shown": shown[key]}
            if children[key]:
                unit["units"] = self._level(children[key], shown, children, styles, depth + 1)
                kept = bool(unit["units"])
            else:
                kept = bool(styles) or not self._any_style
                if styles:
                    unit["styles"] = list(styles)
                if not kept:
                    self._losses.state(f"unit {shown[key].label}", "left out: no ballot is cast in it")
            if kept:
                found.append((key, unit))
        labels = self._texts.unique([unit["shown"] for _, unit in found], [key for key, _ in found], "unit")
        for label, (_, unit) in zip(labels, found, strict=True):
            unit["label"] = label
        return [unit for _, unit in found]
