"""Writes ``manifest.json`` from a draft: the short description that a person writes.

A draft is a map (from JSON or from Python); what it leaves out gets a default, and every default is
written out, so that the manifest depends on no program's idea of it::

    {
      "label": "City election 2027",                  # required
      "contests": [                                   # required
        {
          "label": "Mayor",                           # required
          "options": ["Ada", "Bo", {"label": "Cy"}],  # required; "limit" R (1), "names"
          "limit": 1,                                 # L (1), or "NO_LIMIT": the sum of all R
          "fields": ["overvote", "null_vote"],        # supplemental fields (none)
          "write_ins": 1, "write_in_bytes": 64,       # (0; 64), or "contest_data": true without
          "cells": "one",                             # or "each" unit, or [{"label", "units"}]
          "names": {"fr": "Maire"}
        }
      ],
      "styles": [{"label": "full", "contests": ["Mayor"], "weight": 1}],    # (one, with all contests)
      "units": [{"label": "North", "units": ["N1", "N2"]}, "South"],        # (one, called "all")
      "cells": "one",                                 # for contests that do not say
      "minimum_cell": 10, "test": false, "chaining": 0,
      "decrypt_contest_data": false, "guardian_opening": false,
      "languages": ["fr"], "names": {"fr": "Ville"},
      "extensions": ["index", "context", "round0", "cells"]                 # or {"name", "key"}
    }

Styles name contests by label or index; units name their styles by label (default: all). A cell may
name a unit with others below it and means those of them that vote on the contest. A plain text
for "names" is the name in every language. Nothing is drawn here: salt and key are arguments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from evote.codec import (
    MAX_CONTESTS,
    MAX_INDEX,
    MAX_LANGUAGES,
    MAX_OPTIONS,
    MAX_PATH_BYTES,
    MAX_STYLES,
    MAX_TEXT_BYTES,
    MAX_UNITS,
    MAX_WRITE_INS,
)
from evote.errors import DecodeError
from evote.manifest import reading
from evote.manifest.contest_data import contest_data_blocks
from evote.manifest.coverage import Coverage
from evote.manifest.extensions import CELLS, CONTEXT, INDEX, KNOWN, ROUND0
from evote.manifest.model import BrokenRule, FieldKind, ManifestError, Unit
from evote.manifest.rules import MINIMUM_CELL, quoted
from evote.manifest.strict_json import Node

KEY_BYTES = 32
WRITE_IN_BYTES = 64
"""Default length of a write-in."""

ALL = "all"
"""Label of the one style, unit or cell that is there when the draft names none."""

NO_LIMIT = "NO_LIMIT"
_ONE, _EACH = "one", "each"

_Object = dict[str, Any]


def write(draft: Mapping[str, object], *, salt: bytes, authority_key: bytes | None) -> bytes:
    """The file that a draft describes: compact JSON, UTF-8, without a newline at the end.

    Raises :class:`DecodeError` if the draft is not well formed, :class:`ManifestError` if it names
    what it does not have, and ``ValueError`` for a salt or a key of the wrong length. The rules of
    ``rules`` are not tested here.
    """
    if len(salt) != reading.SALT_BYTES:
        raise ValueError(f"a salt has {reading.SALT_BYTES} bytes, not {len(salt)}")
    if authority_key is not None and len(authority_key) != KEY_BYTES:
        raise ValueError(f"an Ed25519 public key has {KEY_BYTES} bytes, not {len(authority_key)}")
    document = _Writer(Node(draft), salt, authority_key).document()
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


class _Writer:
    """One draft on its way to a document."""

    def __init__(self, node: Node, salt: bytes, authority_key: bytes | None) -> None:
        self._top = node.members(
            ("label", "contests"),
            (
                "styles",
                "units",
                "cells",
                "minimum_cell",
                "test",
                "chaining",
                "decrypt_contest_data",
                "guardian_opening",
                "languages",
                "names",
                "extensions",
            ),
        )
        self._salt = salt
        self._key = None if authority_key is None else authority_key.hex()
        self._broken: list[BrokenRule] = []
        languages = self._top["languages"].items(MAX_LANGUAGES) if "languages" in self._top else ()
        self._languages = [language.text(MAX_TEXT_BYTES) for language in languages]

    def document(self) -> _Object:
        top = self._top
        contests = [self._contest(node) for node in top["contests"].items(MAX_CONTESTS)]
        styles = self._styles([plain["label"] for plain, _, _ in contests])
        units = self._units([plain["label"] for plain, _ in styles])
        self._add_cells(contests, styles, units)
        if self._broken:
            raise ManifestError(tuple(self._broken))
        own = {
            "format": reading.FORMAT,
            "test": self._flag("test"),
            "salt": self._salt.hex(),
            "languages": self._languages,
            "names": self._names(top),
            "chaining": self._number("chaining", 0),
            "minimum_cell": self._number("minimum_cell", MINIMUM_CELL),
            "decrypt_contest_data": self._flag("decrypt_contest_data"),
            "guardian_opening": self._flag("guardian_opening"),
            "contests": [extra for _, extra, _ in contests],
            "ballot_styles": [extra for _, extra in styles],
            "units": units,
            "extensions": self._extensions(),
        }
        return {
            "label": top["label"].text(MAX_TEXT_BYTES),
            "contests": [plain for plain, _, _ in contests],
            "ballot_styles": [plain for plain, _ in styles],
            "evote": own,
        }

    def _flag(self, name: str) -> bool:
        return self._top[name].boolean() if name in self._top else False

    def _number(self, name: str, default: int) -> int:
        return self._top[name].integer(0, MAX_INDEX) if name in self._top else default

    def _names(self, members: Mapping[str, Node]) -> dict[str, str]:
        node = members.get("names")
        if node is None:
            return {}
        if isinstance(node.value, str):
            if not self._languages:
                raise DecodeError("a name without a language; list the languages of the election", node.where)
            return dict.fromkeys(self._languages, node.text(MAX_TEXT_BYTES))
        return {language: name.text(MAX_TEXT_BYTES) for language, name in node.entries().items()}

    # --- contests --------------------------------------------------------------------------------

    def _contest(self, node: Node) -> tuple[_Object, _Object, Node | None]:
        members = node.members(
            ("label", "options"),
            ("limit", "names", "fields", "write_ins", "write_in_bytes", "contest_data", "cells"),
        )
        label = members["label"].text(MAX_TEXT_BYTES)
        items = members["options"].items(MAX_OPTIONS)
        options = [self._described(item, (), ("limit", "names")) for item in items]
        limit = self._contest_limit(members.get("limit"), options)
        plain, extra = [], []
        for option in options:
            value = self._option_limit(option, limit)
            plain.append(_limited({"label": option["label"].text(MAX_TEXT_BYTES)}, value))
            extra.append({"kind": FieldKind.OPTION.value, "names": self._names(option)})
        for field in members["fields"].items(MAX_OPTIONS) if "fields" in members else ():
            kind, text, names = self._field(field)
            plain.append(_limited({"label": text}, limit if kind is FieldKind.UNDERVOTE_DIFFERENCE else 1))
            extra.append({"kind": kind.value, "names": names})
        data = self._contest_data(label, members, len(options))
        contest = _limited({"label": label}, limit)
        contest["options"] = plain
        return (
            contest,
            {"names": self._names(members), "options": extra, "contest_data": data},
            members.get("cells", self._top.get("cells")),
        )

    def _described(self, node: Node, required: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, Node]:
        """A member that is an object with a label, or just the label."""
        if isinstance(node.value, str):
            return {"label": node}
        return node.members(("label", *required), optional)

    def _contest_limit(self, node: Node | None, options: list[dict[str, Node]]) -> int:
        if node is None:
            return 1
        if node.value != NO_LIMIT:
            return node.integer(0, MAX_INDEX)
        return sum(self._option_limit(option, None) for option in options)

    def _option_limit(self, option: dict[str, Node], contest_limit: int | None) -> int:
        node = option.get("limit")
        if node is None:
            return 1
        if node.value != reading.CONTEST_LIMIT:
            return node.integer(0, MAX_INDEX)
        if contest_limit is None:
            raise DecodeError(f"the contest has {NO_LIMIT}, so give the option a number", node.where)
        return contest_limit

    def _field(self, node: Node) -> tuple[FieldKind, str, dict[str, str]]:
        members = {"kind": node}
        if not isinstance(node.value, str):
            members = node.members(("kind",), ("label", "names"))
        kinds = {kind.value: kind for kind in FieldKind if kind is not FieldKind.OPTION}
        value = members["kind"].text(MAX_TEXT_BYTES)
        if value not in kinds:
            raise DecodeError(f"one of {', '.join(kinds)} is wanted here", members["kind"].where)
        label = members["label"].text(MAX_TEXT_BYTES) if "label" in members else value.replace("_", " ")
        return kinds[value], label, self._names(members)

    def _contest_data(self, label: str, members: Mapping[str, Node], options: int) -> _Object | None:
        write_ins = members["write_ins"].integer(0, MAX_WRITE_INS) if "write_ins" in members else 0
        wanted = members["contest_data"].boolean() if "contest_data" in members else write_ins > 0
        if write_ins and not wanted:
            rule = "its write-ins need the contest data field that the draft turns off"
            self._broken.append(BrokenRule(f"contest {quoted(label)}", rule))
        if not wanted:
            return None
        size = WRITE_IN_BYTES if write_ins else 0
        if "write_in_bytes" in members:
            size = members["write_in_bytes"].integer(0, MAX_TEXT_BYTES)
        blocks = contest_data_blocks(options, write_ins, size)
        return {"write_ins": write_ins, "write_in_bytes": size, "blocks": blocks}

    # --- styles and units --------------------------------------------------------------------------

    def _styles(self, contests: list[str]) -> list[tuple[_Object, _Object]]:
        if "styles" not in self._top:
            every = list(range(1, len(contests) + 1))
            return [({"label": ALL, "contests": every}, {"weight": 1, "names": {}})]
        places = {label: index for index, label in reversed(list(enumerate(contests, start=1)))}
        found = []
        for node in self._top["styles"].items(MAX_STYLES):
            members = node.members(("label", "contests"), ("weight", "names"))
            label = members["label"].text(MAX_TEXT_BYTES)
            indices = []
            for contest in members["contests"].items(MAX_CONTESTS):
                index = contest.value
                if isinstance(index, str):
                    index = places.get(index)
                    if index is None:
                        rule = f"there is no contest {quoted(contest.text(MAX_TEXT_BYTES))}"
                        self._broken.append(BrokenRule(f"ballot style {quoted(label)}", rule))
                        continue
                else:
                    index = contest.integer(0, MAX_INDEX)
                indices.append(index)
            weight = members["weight"].integer(0, MAX_INDEX) if "weight" in members else 1
            plain = {"label": label, "contests": sorted(indices)}
            found.append((plain, {"weight": weight, "names": self._names(members)}))
        return found

    def _units(self, styles: list[str]) -> list[_Object]:
        if "units" not in self._top:
            return [{"label": ALL, "names": {}, "styles": styles, "units": []}]
        return [self._unit(node, styles) for node in self._top["units"].items(MAX_UNITS)]

    def _unit(self, node: Node, styles: list[str]) -> _Object:
        members = self._described(node, (), ("names", "styles", "units"))
        below = members["units"].items(MAX_UNITS) if "units" in members else ()
        own = [] if below else styles
        if "styles" in members:
            own = [style.text(MAX_TEXT_BYTES) for style in members["styles"].items(MAX_STYLES)]
        return {
            "label": members["label"].text(MAX_TEXT_BYTES),
            "names": self._names(members),
            "styles": own,
            "units": [self._unit(child, styles) for child in below],
        }

    # --- cells -------------------------------------------------------------------------------------

    def _add_cells(
        self,
        contests: list[tuple[_Object, _Object, Node | None]],
        styles: list[tuple[_Object, _Object]],
        units: list[_Object],
    ) -> None:
        roots = reading.read_units(Node(units, "units"))
        plain, extra = Node([plain for plain, _ in styles], "styles"), Node([extra for _, extra in styles])
        coverage = Coverage(reading.read_styles(plain, extra), roots)
        by_path = {unit.path: unit for root in roots for unit in root.tree()}
        for index, (_, own, node) in enumerate(contests, start=1):
            own["cells"] = _cells(node, coverage.units_of(index), by_path)

    # --- extensions --------------------------------------------------------------------------------

    def _extensions(self) -> dict[str, _Object]:
        if "extensions" not in self._top:
            names = [name for name in (INDEX, CONTEXT, ROUND0, CELLS) if name != INDEX or self._key]
            return {name: {"key": self._default_key(name)} for name in names}
        found: dict[str, _Object] = {}
        for node in self._top["extensions"].items(reading.MAX_EXTENSIONS):
            members = {"name": node} if isinstance(node.value, str) else node.members(("name",), ("key",))
            name = members["name"].text(MAX_TEXT_BYTES)
            if name in found:
                raise DecodeError(f"the extension {quoted(name)} stands there twice", node.where)
            key = members["key"].text(MAX_TEXT_BYTES) if "key" in members else self._default_key(name)
            found[name] = {"key": key}
        return found

    def _default_key(self, name: str) -> str | None:
        return self._key if name in KNOWN and KNOWN[name].keyed else None


def _limited(described: _Object, limit: int) -> _Object:
    """The draft of the specification leaves the default limit 1 out."""
    if limit != 1:
        described["selection_limit"] = limit
    return described


def _cells(node: Node | None, carrying: tuple[str, ...], units: Mapping[str, Unit]) -> list[_Object]:
    value = _ONE if node is None else node.value
    if value == _ONE:
        return [{"label": ALL, "units": list(carrying)}]
    if value == _EACH:
        return [{"label": path, "units": [path]} for path in carrying]
    if node is None or isinstance(value, str):
        raise DecodeError(f"'{_ONE}', '{_EACH}' or a list of cells is wanted here", node.where if node else "")
    found = []
    voting = set(carrying)
    for cell in node.items(MAX_UNITS):
        members = cell.members(("label", "units"))
        paths: list[str] = []
        for item in members["units"].items(MAX_UNITS):
            path = item.text(MAX_PATH_BYTES)
            unit = units.get(path)
            if unit is None or unit.reports:
                paths.append(path)
            else:
                paths += [leaf.path for leaf in unit.leaves() if leaf.path in voting]
        found.append({"label": members["label"].text(MAX_TEXT_BYTES), "units": paths})
    return found
