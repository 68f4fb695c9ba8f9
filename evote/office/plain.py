"""Plaintext ballots as JSON: one object per line, or one list.

::

    {"unit": "North", "style": "full", "contests": {"Mayor": {"Ada": 1}, "Council": {}}}
    {"contests": {"Mayor": {"marks": {"Bo": 1}, "write_ins": ["Cy"]}, "Council": {"Al": 2}}}

``unit`` may be left out where the election has one reporting unit, ``style`` where the unit has one
ballot style. A contest without marks is ``{}``: a null vote. With write-ins, marks stand in
``marks``. Every contest of the style is named; nothing else is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.bulk.encrypt import require_encryptable
from evote.codec import MAX_CONTESTS, MAX_PATH_BYTES, MAX_TEXT_BYTES, MAX_WRITE_INS
from evote.errors import DecodeError
from evote.manifest import MAX_MARK, Manifest, read_json
from evote.manifest.strict_json import Node
from evote.office.places import style_or_only, unit_or_only

MAX_BYTES = 256 * 1024 * 1024
"""Most bytes of a file of plaintext ballots."""


def read_ballots(manifest: Manifest, raw: bytes) -> tuple[PlaintextBallot, ...]:
    """The ballots in a file, every one of which the manifest knows.

    Raises :class:`DecodeError` that names the ballot, counted from 1, and what is wrong with it.
    """
    found = []
    for number, node in enumerate(_nodes(raw), 1):
        where = f"ballot {number}"
        try:
            ballot = _ballot(manifest, node)
            require_encryptable(manifest, ballot)
        except DecodeError as error:
            raise DecodeError(error.message, f"{where}, {error.where}" if error.where else where) from None
        except ValueError as error:
            raise DecodeError(str(error), where) from None
        found.append(ballot)
    if not found:
        raise DecodeError("there is no ballot in it; write one JSON object per line")
    return tuple(found)


def _nodes(raw: bytes) -> Iterator[Node]:
    if len(raw) > MAX_BYTES:
        raise DecodeError(f"{len(raw)} bytes are more than the limit of {MAX_BYTES}; split the file")
    if raw.lstrip()[:1] == b"[":
        value = read_json(raw, limit=MAX_BYTES)
        yield from Node(value).items(MAX_BYTES)
        return
    number = 0
    for line in raw.split(b"\n"):
        if not line.strip():
            continue
        number += 1
        try:
            yield Node(read_json(line))
        except DecodeError as error:
            raise DecodeError(error.message, f"ballot {number}") from None


def _ballot(manifest: Manifest, node: Node) -> PlaintextBallot:
    members = Node(node.value).members(("contests",), ("unit", "style"))
    unit = unit_or_only(manifest, members["unit"].text(MAX_PATH_BYTES) if "unit" in members else None)
    style = members["style"].text(MAX_TEXT_BYTES) if "style" in members else None
    style = style_or_only(manifest, unit, style)
    contests = members["contests"].entries()
    if len(contests) > MAX_CONTESTS:
        raise DecodeError(f"{len(contests)} contests are more than {MAX_CONTESTS}", "contests")
    return PlaintextBallot(unit, style, {label: _contest(item) for label, item in contests.items()})


def _contest(node: Node) -> PlaintextContest:
    members = node.entries()
    if "marks" not in members and "write_ins" not in members:
        return PlaintextContest(_marks(node))
    parts = node.members((), ("marks", "write_ins"))
    if "marks" in parts and not isinstance(parts["marks"].value, dict):
        # An option may be called "marks".
        return PlaintextContest(_marks(node))
    marks = _marks(parts["marks"]) if "marks" in parts else {}
    texts = parts["write_ins"].items(MAX_WRITE_INS) if "write_ins" in parts else ()
    return PlaintextContest(marks, tuple(text.text(MAX_TEXT_BYTES) for text in texts))


def _marks(node: Node) -> dict[str, int]:
    return {label: mark.integer(0, MAX_MARK) for label, mark in node.entries().items()}
