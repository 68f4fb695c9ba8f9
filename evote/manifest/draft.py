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
      "extensions": ["index", "context", "round0", "cells"],                # or {"name", "key"}
      "board": {"key", "possession", "origin", "closes", "units"},          # (none) as in the manifest, with
                # "merge_delay" (3600), "witnesses" (""), "devices" ({})
      "roll": {"key", "possession", "slots", "root"}                        # (none) as in the manifest, with
                # "second" (null), "parts" (1), "iterations" (10000), and maybe "schemes"
      "returns": {"key", "possession", "correct_until", "units"}            # (none) as in the manifest
    }

Styles name contests by label or index; units name their styles by label (default: all). A cell may
name a unit with others below it and means those of them that vote on the contest. A plain text
for "names" is the name in every language. "board", "roll" and "returns" declare those extensions
beside the list; their proofs of possession are over the salt, so whoever makes them needs it first.
Nothing is drawn here: salt and key are arguments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from evote.codec import (
    MAX_CONTESTS,
    MAX_INDEX,
    MAX_LANGUAGES,
    MAX_PATH_BYTES,
    MAX_STYLES,
    MAX_TEXT_BYTES,
    MAX_UNITS,
)
from evote.errors import DecodeError
from evote.manifest import reading
from evote.manifest.coverage import Coverage
from evote.manifest.declarations import ReturnKind
from evote.manifest.draft_contests import NameReader, Object, Written, described, write_contest
from evote.manifest.extensions import (
    BOARD,
    CELLS,
    CONTEXT,
    INDEX,
    KNOWN,
    PREENCRYPTED,
    REQUESTS,
    RETURNS,
    ROLL,
    ROUND0,
)
from evote.manifest.model import BrokenRule, ManifestError, Unit
from evote.manifest.rules import MINIMUM_CELL
from evote.manifest.strict_json import Node
from evote.manifest.texts import quoted
from evote.manifest.trimming import Trimming

KEY_BYTES = 32
ALL = "all"
"""Label of the one style, unit or cell that is there when the draft names none."""

_ONE, _EACH = "one", "each"

_DECLARED: Mapping[str, Mapping[str, object]] = {
    BOARD: {"merge_delay": 3600, "witnesses": "", "devices": {}},
    ROLL: {"second": None, "parts": 1, "iterations": 10_000},
    RETURNS: {},
    PREENCRYPTED: {"trimming": Trimming.HEX_4.value},
    REQUESTS: {"witnesses": ""},
}
"""Extensions that declare more than a key, and what a draft may leave out of them."""


def write(draft: object, *, salt: bytes, authority_key: bytes | None) -> bytes:
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
                BOARD,
                ROLL,
                RETURNS,
                PREENCRYPTED,
                REQUESTS,
            ),
        )
        self._salt = salt
        self._key = None if authority_key is None else authority_key.hex()
        self._broken: list[BrokenRule] = []
        languages = self._top["languages"].items(MAX_LANGUAGES) if "languages" in self._top else ()
        self._names = NameReader(tuple(language.text(MAX_TEXT_BYTES) for language in languages))

    def document(self) -> Object:
        top = self._top
        contests = [write_contest(node, self._names) for node in top["contests"].items(MAX_CONTESTS)]
        styles = self._styles([contest.plain["label"] for contest in contests])
        units = self._units([plain["label"] for plain, _ in styles])
        if self._broken:
            raise ManifestError(tuple(self._broken))
        self._add_cells(contests, styles, units)
        own = {
            "format": reading.FORMAT,
            "test": self._flag("test"),
            "salt": self._salt.hex(),
            "languages": list(self._names.languages),
            "names": self._names.of(top),
            "chaining": self._number("chaining", 0),
            "minimum_cell": self._number("minimum_cell", MINIMUM_CELL),
            "decrypt_contest_data": self._flag("decrypt_contest_data"),
            "guardian_opening": self._flag("guardian_opening"),
            "contests": [contest.own for contest in contests],
            "ballot_styles": [extra for _, extra in styles],
            "units": units,
            "extensions": self._extensions(),
        }
        return {
            "label": top["label"].text(MAX_TEXT_BYTES),
            "contests": [contest.plain for contest in contests],
            "ballot_styles": [plain for plain, _ in styles],
            "evote": own,
        }

    def _flag(self, name: str) -> bool:
        return self._top[name].boolean() if name in self._top else False

    def _number(self, name: str, default: int) -> int:
        return self._top[name].integer(0, MAX_INDEX) if name in self._top else default

    # --- styles and units --------------------------------------------------------------------------

    def _styles(self, contests: list[str]) -> list[tuple[Object, Object]]:
        if "styles" not in self._top:
            every = list(range(1, len(contests) + 1))
            return [({"label": ALL, "contests": every}, {"weight": 1, "names": {}})]
        places = {label: index for index, label in reversed(list(enumerate(contests, start=1)))}
        found = []
        for node in self._top["styles"].items(MAX_STYLES):
            members = node.members(("label", "contests"), ("weight", "names"))
            label = members["label"].text(MAX_TEXT_BYTES)
            indices = [
                self._contest_index(contest, places, label)
                for contest in members["contests"].items(MAX_CONTESTS)
            ]
            weight = members["weight"].integer(0, MAX_INDEX) if "weight" in members else 1
            plain = {"label": label, "contests": sorted(indices)}
            found.append((plain, {"weight": weight, "names": self._names.of(members)}))
        return found

    def _contest_index(self, node: Node, places: Mapping[str, int], style: str) -> int:
        if not isinstance(node.value, str):
            return node.integer(0, MAX_INDEX)
        label = node.text(MAX_TEXT_BYTES)
        if label not in places:
            rule = f"there is no contest {quoted(label)}"
            self._broken.append(BrokenRule(f"ballot style {quoted(style)}", rule))
        return places.get(label, 0)

    def _units(self, styles: list[str]) -> list[Object]:
        if "units" not in self._top:
            return [{"label": ALL, "names": {}, "styles": styles, "units": []}]
        return [self._unit(node, styles) for node in self._top["units"].items(MAX_UNITS)]

    def _unit(self, node: Node, styles: list[str]) -> Object:
        members = described(node, ("names", "styles", "units"))
        below = members["units"].items(MAX_UNITS) if "units" in members else ()
        own = [] if below else styles
        if "styles" in members:
            own = [style.text(MAX_TEXT_BYTES) for style in members["styles"].items(MAX_STYLES)]
        return {
            "label": members["label"].text(MAX_TEXT_BYTES),
            "names": self._names.of(members),
            "styles": own,
            "units": [self._unit(child, styles) for child in below],
        }

    # --- cells -------------------------------------------------------------------------------------

    def _add_cells(
        self, contests: list[Written], styles: list[tuple[Object, Object]], units: list[Object]
    ) -> None:
        roots = reading.read_units(Node(units, "units"))
        plain = Node([plain for plain, _ in styles], "styles")
        own = Node([own for _, own in styles], "styles")
        coverage = Coverage(reading.read_styles(plain, own), roots, self._open_paths())
        by_path = {unit.path: unit for root in roots for unit in root.tree()}
        for index, contest in enumerate(contests, start=1):
            node = contest.cells or self._top.get("cells")
            contest.own["cells"] = _cells(node, coverage.units_of(index), by_path)

    def _open_paths(self) -> frozenset[str]:
        """The units of kind OPEN, which no cell has; their form is tested where the manifest is read."""
        if RETURNS not in self._top:
            return frozenset()
        units = self._top[RETURNS].entries().get("units")
        if units is None:
            return frozenset()
        kinds = {path: unit.entries().get("kind") for path, unit in units.entries().items()}
        return frozenset(
            path for path, kind in kinds.items() if kind is not None and kind.value == ReturnKind.OPEN.value
        )

    # --- extensions --------------------------------------------------------------------------------

    def _extensions(self) -> dict[str, Object]:
        found: dict[str, Object] = {}
        if "extensions" not in self._top:
            names = [name for name in (INDEX, CONTEXT, ROUND0, CELLS) if name != INDEX or self._key]
            found = {name: {"key": self._default_key(name)} for name in names}
        else:
            for node in self._top["extensions"].items(reading.MAX_EXTENSIONS):
                name, key = self._listed(node)
                if name in found:
                    raise DecodeError(f"the extension {quoted(name)} stands there twice", node.where)
                found[name] = {"key": key}
        for name, defaults in _DECLARED.items():
            if name in self._top:
                content = {member: node.value for member, node in self._top[name].entries().items()}
                found[name] = {**defaults, **content}
        return found

    def _listed(self, node: Node) -> tuple[str, str | None]:
        members = {"name": node} if isinstance(node.value, str) else node.members(("name",), ("key",))
        name = members["name"].text(MAX_TEXT_BYTES)
        if name in _DECLARED:
            raise DecodeError(
                f"what {name!r} declares stands in the draft's member of that name, not in this list",
                node.where,
            )
        return name, members["key"].text(MAX_TEXT_BYTES) if "key" in members else self._default_key(name)

    def _default_key(self, name: str) -> str | None:
        return self._key if name in KNOWN and KNOWN[name].keyed else None


def _cells(node: Node | None, carrying: tuple[str, ...], units: Mapping[str, Unit]) -> list[Object]:
    if node is None or node.value == _ONE:
        return [{"label": ALL, "units": list(carrying)}] if carrying else []
    if node.value == _EACH:
        return [{"label": path, "units": [path]} for path in carrying]
    if isinstance(node.value, str):
        raise DecodeError(f"'{_ONE}', '{_EACH}' or a list of cells is wanted here", node.where)
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
