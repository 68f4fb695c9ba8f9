"""Contests of a draft: from what a person writes to the draft's and evote's parallel objects.

See :mod:`evote.manifest.draft` for the form; limits and blocks of contest data are worked out here,
so that the manifest states them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evote.codec import MAX_INDEX, MAX_OPTIONS, MAX_TEXT_BYTES, MAX_WRITE_INS
from evote.errors import DecodeError
from evote.manifest.contest_data import contest_data_blocks
from evote.manifest.model import FieldKind
from evote.manifest.reading import CONTEST_LIMIT
from evote.manifest.strict_json import Node

WRITE_IN_BYTES = 64
"""Default length of a write-in."""

NO_LIMIT = "NO_LIMIT"
"""A contest limit that is the sum of the option limits; drafts may say so, manifests give the number."""

Object = dict[str, Any]
_KINDS = {kind.value: kind for kind in FieldKind if kind is not FieldKind.OPTION}


@dataclass(frozen=True, slots=True)
class Written:
    """One contest as it is written: the draft's object, evote's beside it, and its cells as described."""

    plain: Object
    own: Object
    cells: Node | None


@dataclass(frozen=True, slots=True)
class NameReader:
    """Reads display names: one per language, or one text for all languages of the election."""

    languages: tuple[str, ...]

    def of(self, members: Mapping[str, Node]) -> dict[str, str]:
        """The names among an object's members; none if it has none."""
        node = members.get("names")
        if node is None:
            return {}
        if isinstance(node.value, str):
            if not self.languages:
                raise DecodeError("a name without a language; list the languages of the election", node.where)
            return dict.fromkeys(self.languages, node.text(MAX_TEXT_BYTES))
        return {language: name.text(MAX_TEXT_BYTES) for language, name in node.entries().items()}


def described(node: Node, optional: Iterable[str]) -> dict[str, Node]:
    """The members of an object with a label; a plain text is just the label."""
    if isinstance(node.value, str):
        return {"label": node}
    return node.members(("label",), tuple(optional))


def write_contest(node: Node, names: NameReader) -> Written:
    """One contest of a draft; raises :class:`DecodeError` where it is not well formed."""
    members = node.members(
        ("label", "options"),
        ("limit", "names", "fields", "write_ins", "write_in_bytes", "contest_data", "cells"),
    )
    options = [described(item, ("limit", "names")) for item in members["options"].items(MAX_OPTIONS)]
    limit = _contest_limit(members.get("limit"), options)
    plain, own = [], []
    for option in options:
        label = option["label"].text(MAX_TEXT_BYTES)
        plain.append(_limited({"label": label}, _option_limit(option, limit)))
        own.append({"kind": FieldKind.OPTION.value, "names": names.of(option)})
    for field in members["fields"].items(MAX_OPTIONS) if "fields" in members else ():
        kind, label, shown = _field(field, names)
        plain.append(_limited({"label": label}, limit if kind is FieldKind.UNDERVOTE_DIFFERENCE else 1))
        own.append({"kind": kind.value, "names": shown})
    contest = _limited({"label": members["label"].text(MAX_TEXT_BYTES)}, limit)
    contest["options"] = plain
    data = _contest_data(members, len(options))
    additions = {"names": names.of(members), "options": own, "contest_data": data}
    return Written(contest, additions, members.get("cells"))


def _contest_limit(node: Node | None, options: list[dict[str, Node]]) -> int:
    if node is None:
        return 1
    if node.value != NO_LIMIT:
        return node.integer(0, MAX_INDEX)
    return sum(_option_limit(option, None) for option in options)


def _option_limit(option: dict[str, Node], contest_limit: int | None) -> int:
    node = option.get("limit")
    if node is None:
        return 1
    if node.value != CONTEST_LIMIT:
        return node.integer(0, MAX_INDEX)
    if contest_limit is None:
        raise DecodeError(f"the contest has {NO_LIMIT}, so give the option a number", node.where)
    return contest_limit


def _field(node: Node, names: NameReader) -> tuple[FieldKind, str, dict[str, str]]:
    members = {"kind": node} if isinstance(node.value, str) else node.members(("kind",), ("label", "names"))
    value = members["kind"].text(MAX_TEXT_BYTES)
    if value not in _KINDS:
        raise DecodeError(f"one of {', '.join(_KINDS)} is wanted here", members["kind"].where)
    label = members["label"].text(MAX_TEXT_BYTES) if "label" in members else value.replace("_", " ")
    return _KINDS[value], label, names.of(members)


def _contest_data(members: Mapping[str, Node], options: int) -> Object | None:
    write_ins = members["write_ins"].integer(0, MAX_WRITE_INS) if "write_ins" in members else 0
    wanted = write_ins > 0
    if "contest_data" in members:
        wanted = members["contest_data"].boolean()
        if write_ins and not wanted:
            where = members["contest_data"].where
            raise DecodeError("false, but write-ins need the contest data field", where)
    size = WRITE_IN_BYTES if write_ins else 0
    if "write_in_bytes" in members:
        if not write_ins:
            raise DecodeError("a length of write-ins, but there are none", members["write_in_bytes"].where)
        size = members["write_in_bytes"].integer(1, MAX_TEXT_BYTES)
    if not wanted:
        return None
    blocks = contest_data_blocks(options, write_ins, size)
    return {"write_ins": write_ins, "write_in_bytes": size, "blocks": blocks}


def _limited(thing: Object, limit: int) -> Object:
    """The serialization draft leaves the default limit 1 out."""
    if limit != 1:
        thing["selection_limit"] = limit
    return thing
