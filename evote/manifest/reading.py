"""Reads the bytes of ``manifest.json`` into values: form only, rules come afterwards.

The field names of the election are those of the 2.1 serialization draft; what evote adds stands in
one object "evote", whose lists run parallel to the draft's. Every field of "evote" is required, so
that nothing about an election is left to a default of the program that reads it.

A label that is too long is a broken rule, not a wrong form, so that the message can name its place.

The draft's limits: a ``selection_limit`` that is absent is 1, and "CONTEST_LIMIT" for an option is
the limit of its contest. "NO_LIMIT" for a contest is in the draft's text and not in its schema; it
is refused here, and written as a number by ``draft``.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from evote.codec import (
    MAX_CONTESTS,
    MAX_INDEX,
    MAX_LABEL_BYTES,
    MAX_LANGUAGES,
    MAX_OPTIONS,
    MAX_PATH_BYTES,
    MAX_POLICY_BYTES,
    MAX_STYLES,
    MAX_TEXT_BYTES,
    MAX_UNIT_DEPTH,
    MAX_UNITS,
)
from evote.errors import DecodeError
from evote.manifest.declarations import (
    DeclaredBoard,
    DeclaredKey,
    DeclaredLog,
    DeclaredPreEncryption,
    DeclaredRequests,
    DeclaredReturns,
    DeclaredRoll,
    DeclaredUnit,
    ReturnKind,
)
from evote.manifest.extensions import BOARD, PREENCRYPTED, REQUESTS, RETURNS, ROLL
from evote.manifest.model import (
    BallotStyle,
    Cell,
    ChainingMode,
    Contest,
    ContestData,
    Extension,
    FieldKind,
    Names,
    Option,
    Unit,
)
from evote.manifest.strict_json import Node, read_json
from evote.manifest.trimming import Trimming

FORMAT = 1
"""Version of the object "evote"."""
SALT_BYTES = 32
MAX_EXTENSIONS = 100
MAX_SCHEMES = 16
"""Most other schemes of credentials on one roll."""

CONTEST_LIMIT = "CONTEST_LIMIT"
_KINDS = {kind.value: kind for kind in FieldKind}
_RETURN_KINDS = {kind.value: kind for kind in ReturnKind}
_TRIMMINGS = {trimming.value: trimming for trimming in Trimming}


def read(raw: bytes) -> dict[str, Any]:
    """The arguments of :class:`evote.manifest.Manifest` after ``raw``.

    Raises :class:`DecodeError` with the path of the field that is not in its form.
    """
    value = read_json(raw)
    if raw[:1] != b"{" or raw[-1:] != b"}":
        raise DecodeError("a manifest starts with { and ends with }, without white space around them")
    top = Node(value).members(("label", "contests", "ballot_styles", "evote"))
    own = top["evote"].members(
        (
            "format",
            "test",
            "salt",
            "languages",
            "names",
            "chaining",
            "minimum_cell",
            "decrypt_contest_data",
            "guardian_opening",
            "contests",
            "ballot_styles",
            "units",
            "extensions",
        )
    )
    if own["format"].integer(0, MAX_INDEX) != FORMAT:
        raise DecodeError(f"only format {FORMAT} is known", own["format"].where)
    contests, cells = _contests(top["contests"], own["contests"])
    return {
        "label": top["label"].text(MAX_TEXT_BYTES),
        "contests": contests,
        "styles": read_styles(top["ballot_styles"], own["ballot_styles"]),
        "units": read_units(own["units"]),
        "cell_table": cells,
        "names": _names(own["names"]),
        "languages": tuple(node.text(MAX_TEXT_BYTES) for node in own["languages"].items(MAX_LANGUAGES)),
        "test": own["test"].boolean(),
        "salt": _salt(own["salt"]),
        "chaining": ChainingMode(own["chaining"].integer(0, 1)),
        "minimum_cell": own["minimum_cell"].integer(0, MAX_INDEX),
        "decrypt_contest_data": own["decrypt_contest_data"].boolean(),
        "guardian_opening": own["guardian_opening"].boolean(),
        **_extensions(own["extensions"]),
    }


def _contests(plain: Node, own: Node) -> tuple[tuple[Contest, ...], tuple[tuple[Cell, ...], ...]]:
    contests, cells = [], []
    for index, (node, extra) in enumerate(_parallel(plain, own, MAX_CONTESTS), start=1):
        contest, row = _contest(index, node, extra)
        contests.append(contest)
        cells.append(row)
    return tuple(contests), tuple(cells)


def _contest(index: int, node: Node, extra: Node) -> tuple[Contest, tuple[Cell, ...]]:
    plain = node.members(("label", "options"), ("selection_limit",))
    own = extra.members(("names", "options", "contest_data", "cells"))
    limit = plain["selection_limit"].integer(0, MAX_INDEX) if "selection_limit" in plain else 1
    options = tuple(
        _option(place, option, additions, limit)
        for place, (option, additions) in enumerate(
            _parallel(plain["options"], own["options"], MAX_OPTIONS), start=1
        )
    )
    contest = Contest(
        index=index,
        label=plain["label"].text(MAX_TEXT_BYTES),
        limit=limit,
        options=options,
        data=_contest_data(own["contest_data"]),
        names=_names(own["names"]),
    )
    return contest, tuple(_cell(index, cell) for cell in own["cells"].items(MAX_UNITS))


def _option(index: int, node: Node, extra: Node, contest_limit: int) -> Option:
    plain = node.members(("label",), ("selection_limit",))
    own = extra.members(("kind", "names"))
    kind = own["kind"].text(MAX_TEXT_BYTES)
    if kind not in _KINDS:
        raise DecodeError(f"one of {', '.join(_KINDS)} is wanted here", own["kind"].where)
    limit = 1
    if "selection_limit" in plain:
        stated = plain["selection_limit"]
        limit = contest_limit if stated.value == CONTEST_LIMIT else stated.integer(0, MAX_INDEX)
    return Option(index, plain["label"].text(MAX_TEXT_BYTES), limit, _KINDS[kind], _names(own["names"]))


def _contest_data(node: Node) -> ContestData | None:
    if node.value is None:
        return None
    own = node.members(("write_ins", "write_in_bytes", "blocks"))
    return ContestData(
        write_ins=own["write_ins"].integer(0, MAX_INDEX),
        write_in_bytes=own["write_in_bytes"].integer(0, MAX_INDEX),
        blocks=own["blocks"].integer(0, MAX_INDEX),
    )


def _cell(contest: int, node: Node) -> Cell:
    own = node.members(("label", "units"))
    units = tuple(unit.text(MAX_PATH_BYTES) for unit in own["units"].items(MAX_UNITS))
    return Cell(contest, own["label"].text(MAX_TEXT_BYTES), units)


def read_styles(plain: Node, own: Node) -> tuple[BallotStyle, ...]:
    """Ballot styles from the draft's list and the parallel one."""
    styles = []
    for index, (node, extra) in enumerate(_parallel(plain, own, MAX_STYLES), start=1):
        members = node.members(("label", "contests"))
        additions = extra.members(("weight", "names"))
        contests = (item.integer(0, MAX_INDEX) for item in members["contests"].items(MAX_CONTESTS))
        styles.append(
            BallotStyle(
                index=index,
                label=members["label"].text(MAX_TEXT_BYTES),
                contests=tuple(sorted(contests)),
                weight=additions["weight"].integer(0, MAX_INDEX),
                names=_names(additions["names"]),
            )
        )
    return tuple(styles)


def read_units(node: Node) -> tuple[Unit, ...]:
    """The roots of the tree of units."""
    return _Units().read(node)


class _Units:
    """Reads the tree and counts it, so that a small file cannot become a huge tree."""

    def __init__(self) -> None:
        self._count = 0

    def read(self, node: Node, prefix: str = "", depth: int = 1) -> tuple[Unit, ...]:
        items = node.items(MAX_UNITS)
        self._count += len(items)
        if self._count > MAX_UNITS:
            raise DecodeError(f"there are more than {MAX_UNITS} units", node.where)
        if items and depth > MAX_UNIT_DEPTH:
            raise DecodeError(f"units are nested deeper than {MAX_UNIT_DEPTH}", node.where)
        return tuple(self._unit(item, prefix, depth) for item in items)

    def _unit(self, node: Node, prefix: str, depth: int) -> Unit:
        own = node.members(("label", "names", "styles", "units"))
        label = own["label"].text(MAX_TEXT_BYTES)
        path = prefix + label
        if len(path.encode("utf-8")) > MAX_PATH_BYTES:
            raise DecodeError(f"the labels of its path have more than {MAX_PATH_BYTES} bytes", node.where)
        return Unit(
            path=path,
            label=label,
            names=_names(own["names"]),
            styles=tuple(style.text(MAX_TEXT_BYTES) for style in own["styles"].items(MAX_STYLES)),
            children=self.read(own["units"], f"{path}/", depth + 1),
        )


def _names(node: Node) -> Names:
    entries = node.entries()
    if len(entries) > MAX_LANGUAGES:
        raise DecodeError(f"{len(entries)} names are more than {MAX_LANGUAGES}", node.where)
    return Names(tuple((language, name.text(MAX_TEXT_BYTES)) for language, name in entries.items()))


def _extensions(node: Node) -> dict[str, Any]:
    entries = node.entries()
    if len(entries) > MAX_EXTENSIONS:
        raise DecodeError(f"{len(entries)} extensions are more than {MAX_EXTENSIONS}", node.where)
    found = {}
    content: dict[str, Any] = dict.fromkeys((BOARD, ROLL, RETURNS, PREENCRYPTED, REQUESTS))
    for name, declared in entries.items():
        if name in _CONTENT:
            content[name] = _CONTENT[name](declared)
            key = None if name == PREENCRYPTED else declared.child("key").text(MAX_TEXT_BYTES)
            found[name] = Extension(name, key)
            continue
        signer = declared.members(("key",))["key"]
        found[name] = Extension(name, None if signer.value is None else signer.text(MAX_TEXT_BYTES))
    return {
        "extensions": MappingProxyType(found),
        "board": content[BOARD],
        "roll": content[ROLL],
        "returns": content[RETURNS],
        "pre_encryption": content[PREENCRYPTED],
        "requests": content[REQUESTS],
    }


def _board(node: Node) -> DeclaredBoard:
    own = node.members(
        ("key", "possession", "origin", "closes", "merge_delay", "witnesses", "units", "devices")
    )
    units, devices = own["units"].entries(), own["devices"].entries()
    for what, entries in (("units", units), ("devices", devices)):
        if len(entries) > MAX_UNITS:
            raise DecodeError(f"{len(entries)} {what} are more than {MAX_UNITS}", own[what].where)
    return DeclaredBoard(
        log=_log(own),
        closes=own["closes"].text(MAX_TEXT_BYTES),
        merge_delay=own["merge_delay"].integer(0, MAX_INDEX),
        witnesses=own["witnesses"].text(MAX_POLICY_BYTES),
        units=MappingProxyType(
            {path: _log(log.members(("origin", "key", "possession"))) for path, log in units.items()}
        ),
        devices=MappingProxyType({name: _declared_key(device) for name, device in devices.items()}),
    )


def _log(own: dict[str, Node]) -> DeclaredLog:
    origin = own["origin"].text(MAX_TEXT_BYTES)
    return DeclaredLog(_hexadecimal(own["key"], 32), _hexadecimal(own["possession"], 64), origin)


def _declared_key(node: Node) -> DeclaredKey:
    own = node.members(("key", "possession"))
    return DeclaredKey(_hexadecimal(own["key"], 32), _hexadecimal(own["possession"], 64))


def _roll(node: Node) -> DeclaredRoll:
    own = node.members(("key", "possession", "second", "slots", "root", "parts", "iterations"), ("schemes",))
    schemes = own["schemes"].items(MAX_SCHEMES) if "schemes" in own else ()
    first = DeclaredKey(_hexadecimal(own["key"], 32), _hexadecimal(own["possession"], 64))
    second = () if own["second"].value is None else (_declared_key(own["second"]),)
    return DeclaredRoll(
        authorities=(first, *second),
        slots=own["slots"].integer(0, MAX_INDEX),
        root=_hexadecimal(own["root"], 32),
        parts=own["parts"].integer(1, 2),
        iterations=own["iterations"].integer(0, MAX_INDEX),
        schemes=tuple(scheme.text(MAX_LABEL_BYTES) for scheme in schemes),
    )


def _returns(node: Node) -> DeclaredReturns:
    own = node.members(("key", "possession", "correct_until", "units"))
    units = own["units"].entries()
    if len(units) > MAX_UNITS:
        raise DecodeError(f"{len(units)} units are more than {MAX_UNITS}", own["units"].where)
    return DeclaredReturns(
        authority=DeclaredKey(_hexadecimal(own["key"], 32), _hexadecimal(own["possession"], 64)),
        correct_until=own["correct_until"].text(MAX_TEXT_BYTES),
        units=MappingProxyType({path: _declared_unit(unit) for path, unit in units.items()}),
    )


def _declared_unit(node: Node) -> DeclaredUnit:
    own = node.members(("kind", "key", "possession"))
    kind = None
    if own["kind"].value is not None:
        name = own["kind"].text(MAX_TEXT_BYTES)
        if name not in _RETURN_KINDS:
            raise DecodeError(f"null or one of {', '.join(_RETURN_KINDS)} is wanted here", own["kind"].where)
        kind = _RETURN_KINDS[name]
    return DeclaredUnit(_hexadecimal(own["key"], 32), _hexadecimal(own["possession"], 64), kind)


def _pre_encryption(node: Node) -> DeclaredPreEncryption:
    own = node.members(("trimming", "styles", "tools"))
    trimming = own["trimming"].text(MAX_TEXT_BYTES)
    if trimming not in _TRIMMINGS:
        raise DecodeError(f"one of {', '.join(_TRIMMINGS)} is wanted here", own["trimming"].where)
    return DeclaredPreEncryption(
        trimming=_TRIMMINGS[trimming],
        styles=tuple(style.text(MAX_TEXT_BYTES) for style in own["styles"].items(MAX_STYLES)),
        tools=tuple(tool.text(MAX_TEXT_BYTES) for tool in own["tools"].items(MAX_UNITS)),
    )


def _requests(node: Node) -> DeclaredRequests:
    own = node.members(("key", "possession", "origin", "witnesses"))
    return DeclaredRequests(_log(own), own["witnesses"].text(MAX_POLICY_BYTES))


_Content = DeclaredBoard | DeclaredRoll | DeclaredReturns | DeclaredPreEncryption | DeclaredRequests

_CONTENT: dict[str, Callable[[Node], _Content]] = {
    BOARD: _board,
    ROLL: _roll,
    RETURNS: _returns,
    PREENCRYPTED: _pre_encryption,
    REQUESTS: _requests,
}
"""Extensions that declare more than a key."""


def _salt(node: Node) -> bytes:
    return _hexadecimal(node, SALT_BYTES)


def _hexadecimal(node: Node, size: int) -> bytes:
    digits = node.text(MAX_TEXT_BYTES)
    if len(digits) != 2 * size or any(digit not in "0123456789abcdef" for digit in digits):
        raise DecodeError(f"{2 * size} hexadecimal digits in lower case are wanted here", node.where)
    return bytes.fromhex(digits)


def _parallel(plain: Node, own: Node, limit: int) -> list[tuple[Node, Node]]:
    left, right = plain.items(limit), own.items(limit)
    if len(left) != len(right):
        raise DecodeError(f"{len(right)} members stand beside {len(left)} of {plain.where}", own.where)
    return list(zip(left, right, strict=True))
