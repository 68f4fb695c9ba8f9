"""The configuration of a server: one TOML file, whose every name is known or refused.

::

    listen = "127.0.0.1:8080"
    origins = ["https://vote.example"]       # pages that may use it from another origin; none without

    [collector]
    folder = "returns"
    public = false                           # may everybody read what has arrived?
    record = "record"                        # inspects returns of this election; without it, carries them
    rosters = ["second.roster"]              # later versions of the roster that the inspection knows
    [[collector.office]]
    name = "canton-12"
    token = "…"                              # the hash that 'evote web token' prints
    send = true
    read = true

    [board]
    record = "record"
    election_log = "office/election-log"     # where the office keeps the election's log, if that is here
    [[board.unit]]
    path = "Town/North"
    box = "north.box"                        # a file, or postgresql://…
    private = "north"
    passphrase_file = "north.pass"
    anchor = "north.anchor"                  # beside the box without
    later = false                            # check proofs after admission?
    head_seconds = 300                       # between two signed heads; a quarter of the merge delay without

    [limits]
    return_bytes = 67108864                  # every field of evote.web.limits

Rules: paths are relative to the file; a name that is not known is an error, so that no misspelt limit is
ignored.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from evote.errors import DecodeError
from evote.record.files import read_limited
from evote.web.limits import Limits
from evote.web.tokens import Office

MAX_BYTES: Final = 4 * 1024 * 1024
DEFAULT_LISTEN: Final = ("127.0.0.1", 8080)


@dataclass(frozen=True, slots=True)
class CollectorConfig:
    """A collector."""

    folder: Path
    offices: tuple[Office, ...]
    public: bool
    record: Path | None = None
    """Of the election whose returns are inspected."""
    rosters: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitConfig:
    """The box of a unit; ``box`` is a path or an address of PostgreSQL."""

    path: str
    box: str
    private: Path
    passphrase_file: Path | None
    anchor: Path | None
    later: bool
    head_seconds: int | None


@dataclass(frozen=True, slots=True)
class BoardConfig:
    """A board."""

    record: Path
    election_log: Path | None
    units: tuple[UnitConfig, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """A server."""

    host: str
    port: int
    origins: tuple[str, ...]
    collector: CollectorConfig | None
    board: BoardConfig | None
    limits: Limits


def read_config(path: Path) -> Config:
    """The configuration in a file.

    Raises :class:`DecodeError` with the name of what is wrong, and :class:`StorageError`.
    """
    try:
        text = read_limited(path, MAX_BYTES).decode("utf-8")
        return parse_config(tomllib.loads(text), path.parent)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DecodeError(f"this is no TOML: {error}", str(path)) from None
    except DecodeError as error:
        raise DecodeError(error.message, f"{path}, {error.where}" if error.where else str(path)) from None


def parse_config(value: Mapping[str, Any], folder: Path) -> Config:
    """The configuration in a table; raises :class:`DecodeError`."""
    own = _Table(value, "", folder)
    collector, board = own.table("collector"), own.table("board")
    limits, origins = own.table("limits"), own.texts("origins")
    host, port = _listen(own.text("listen", ""))
    own.end()
    if collector is None and board is None:
        raise DecodeError("it has neither a table [collector] nor a table [board], so nothing is served")
    for origin in origins:
        scheme, separator, rest = origin.partition("://")
        if not separator or not rest or "/" in rest or scheme not in ("http", "https") or "*" in rest:
            raise DecodeError(f"{origin!r} is no origin such as https://vote.example", "origins")
    return Config(host, port, origins, _collector(collector), _board(board), _limits(limits))


def _collector(own: _Table | None) -> CollectorConfig | None:
    if own is None:
        return None
    offices = []
    for each in own.tables("office"):
        token = each.text("token")
        try:
            hashed = bytes.fromhex(token)
            offices.append(
                Office(each.text("name"), hashed, each.flag("send", True), each.flag("read", True))
            )
        except ValueError as error:
            raise DecodeError(str(error), each.where) from None
        each.end()
    found = CollectorConfig(
        own.path("folder"),
        tuple(offices),
        own.flag("public", False),
        own.path_or_none("record"),
        tuple(own.folder / name for name in own.texts("rosters")),
    )
    own.end()
    if found.rosters and found.record is None:
        raise DecodeError("rosters are of an election; name its record too", "collector.rosters")
    return found


def _board(own: _Table | None) -> BoardConfig | None:
    if own is None:
        return None
    units = []
    for each in own.tables("unit"):
        box = each.text("box")
        units.append(
            UnitConfig(
                each.text("path"),
                box if "://" in box else str(each.folder / box),
                each.path("private"),
                each.path_or_none("passphrase_file"),
                each.path_or_none("anchor"),
                each.flag("later", False),
                each.number("head_seconds"),
            )
        )
        each.end()
    if len({unit.path for unit in units}) != len(units):
        raise DecodeError("a unit is listed twice", "board.unit")
    found = BoardConfig(own.path("record"), own.path_or_none("election_log"), tuple(units))
    own.end()
    return found


def _limits(own: _Table | None) -> Limits:
    if own is None:
        return Limits()
    given = {each.name: own.number(each.name) for each in fields(Limits)}
    own.end()
    try:
        return Limits(**{name: number for name, number in given.items() if number is not None})
    except ValueError as error:
        raise DecodeError(str(error), "limits") from None


def _listen(text: str) -> tuple[str, int]:
    if not text:
        return DEFAULT_LISTEN
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise DecodeError("the address to listen at is HOST:PORT, such as 127.0.0.1:8080", "listen")
    return host.removeprefix("[").removesuffix("]"), int(port)


_ABSENT: Final = object()


class _Table:
    """A table whose members are taken one by one."""

    def __init__(self, value: object, where: str, folder: Path) -> None:
        if not isinstance(value, Mapping):
            raise DecodeError("a table is wanted here", where)
        self._left = dict(value)
        self.where, self.folder = where, folder

    def _take(self, name: str, kind: type, default: object = _ABSENT) -> Any:
        value = self._left.pop(name, default)
        if value is _ABSENT:
            raise DecodeError("it is absent", self._name(name))
        if value is not default and (
            not isinstance(value, kind) or (kind is int and isinstance(value, bool))
        ):
            raise DecodeError(f"the value is not a {_KINDS[kind]}", self._name(name))
        return value

    def text(self, name: str, default: object = _ABSENT) -> str:
        return str(self._take(name, str, default))

    def flag(self, name: str, default: bool) -> bool:
        return bool(self._take(name, bool, default))

    def number(self, name: str) -> int | None:
        value = self._take(name, int, None)
        return None if value is None else int(value)

    def path(self, name: str) -> Path:
        return self.folder / self.text(name)

    def path_or_none(self, name: str) -> Path | None:
        value = self._take(name, str, None)
        return None if value is None else self.folder / str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        values: Sequence[object] = self._take(name, list, [])
        if not all(isinstance(each, str) for each in values):
            raise DecodeError("the values are not texts", self._name(name))
        return tuple(str(each) for each in values)

    def table(self, name: str) -> _Table | None:
        value = self._take(name, dict, None)
        return None if value is None else _Table(value, self._name(name), self.folder)

    def tables(self, name: str) -> list[_Table]:
        values: Sequence[object] = self._take(name, list, [])
        where = self._name(name)
        return [_Table(each, f"{where}[{at}]", self.folder) for at, each in enumerate(values)]

    def end(self) -> None:
        """Raises for members that nobody took."""
        if self._left:
            raise DecodeError("this name is not known here", self._name(min(self._left)))

    def _name(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name


_KINDS: Final = {str: "text", bool: "true or false", int: "whole number", list: "list", dict: "table"}
