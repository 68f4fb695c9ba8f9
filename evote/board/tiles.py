"""Tiles: a log as static files that any web server can serve (C2SP tlog-tiles).

=============================  ==================================================================
``checkpoint``                 the signed head
``tile/<L>/<N>[.p/<W>]``       256 (or W < 256) hashes side by side: leaf hashes on level 0, the
                               roots of full tiles of the level below on the others
``tile/entries/<N>[.p/<W>]``   the leaf data of as many leaves, each behind its length in 2 bytes
=============================  ==================================================================

N is written in groups of three digits, all but the last behind an ``x``. Full tiles never change;
partial ones stand for the size of one checkpoint.

What is left out: files and requests. A reader is a function from path to bytes (None for what is not
there), so that a folder, an archive and a web client are read alike; pruning of old tiles is not
supported, since a log of an election is small and is kept for ever.

Rules: what is read is believed only when all hashes and data lead to the root of a head that the
caller verified before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from evote.board.checkpoint import Checkpoint
from evote.errors import DecodeError, VerificationError
from evote.merkle import HASH_BYTES, Tree, leaf_hash

CHECKPOINT: Final = "checkpoint"
WIDTH: Final = 256
"""Hashes of a full tile."""
MAX_ENTRY_BYTES: Final = 2**16 - 1
MAX_TILE_BYTES: Final = WIDTH * (2 + MAX_ENTRY_BYTES)

_HEIGHT = 8
_LEVELS = 8
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")

Reader: TypeAlias = Callable[[str], bytes | None]
"""What stands at a path below the prefix of a log, or None if nothing does."""


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """The path of a tile of ``width`` hashes; ``ValueError`` for numbers that no tile has."""
    if not 0 <= level <= 63:
        raise ValueError(f"there is no level {level} of tiles")
    return f"tile/{level}/{_index_path(index, width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """The path of a bundle of ``width`` entries; ``ValueError`` for numbers that no bundle has."""
    return f"tile/entries/{_index_path(index, width)}"


def is_tile_path(path: str) -> bool:
    """Whether a path is one that this format gives to a tile or bundle, in its one form."""
    match = _PATH.fullmatch(path)
    if match is None:
        return False
    level, groups, last, width = match.groups()
    if width is not None and int(width) >= WIDTH:
        return False
    index = int(groups.replace("x", "").replace("/", "") + last)
    form = _index_path(index, WIDTH if width is None else int(width))
    return (level == "entries" or int(level) <= 63) and path == f"tile/{level}/{form}"


def tiles(tree: Tree, size: int | None = None, *, since: int = 0) -> Iterator[tuple[str, bytes]]:
    """The tiles of the first ``size`` leaves (by default of all) as (path, content).

    Full tiles that a tree of ``since`` leaves had too are left out. Requires
    ``0 <= since <= size <= tree.size`` (``ValueError``).
    """
    size = tree.size if size is None else size
    if not 0 <= since <= size <= tree.size:
        raise ValueError(f"no tiles lead from {since} to {size} leaves of {tree.size}")
    for level in range(_LEVELS):
        count = size >> (_HEIGHT * level)
        if not count:
            return
        first = (since >> (_HEIGHT * level)) // WIDTH
        for index, begin, end in _rows(first, count):
            yield tile_path(level, index, end - begin), tree.nodes(_HEIGHT * level, begin, end)


def bundles(entries: Sequence[bytes], *, since: int = 0) -> Iterator[tuple[str, bytes]]:
    """The bundles of all leaf data of a log as (path, content), without the full ones of ``since`` leaves.

    Raises ``ValueError`` for an entry of more than 65,535 bytes, and for more leaves than there are.
    """
    if not 0 <= since <= len(entries):
        raise ValueError(f"no bundles lead from {since} to {len(entries)} entries")
    for index, begin, end in _rows(since // WIDTH, len(entries)):
        yield entries_path(index, end - begin), bundle(entries[begin:end])


def bundle(entries: Sequence[bytes]) -> bytes:
    """1 to 256 entries, each behind its length in 2 big-endian bytes; ``ValueError`` otherwise."""
    if not 1 <= len(entries) <= WIDTH:
        raise ValueError(f"a bundle has 1 to {WIDTH} entries")
    if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise ValueError(f"an entry has at most {MAX_ENTRY_BYTES} bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_bundle(data: bytes, width: int, where: str = "bundle") -> tuple[bytes, ...]:
    """The ``width`` entries of a bundle; :class:`DecodeError` for another number or left-over bytes."""
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < width:
        begin = at + 2
        at = begin + int.from_bytes(data[at:begin], "big")
        if begin > len(data) or at > len(data):
            raise DecodeError("the bundle ends inside an entry", where)
        entries.append(data[begin:at])
    if len(entries) != width or at != len(data):
        raise DecodeError(f"a bundle of {width} entries is wanted here", where)
    return tuple(entries)


def read_tree(read: Reader, head: Checkpoint) -> Tree:
    """The tree under a head, from its tiles of level 0; those above are compared with it.

    ``head`` is one that the caller verified. Raises :class:`DecodeError` for a tile that is absent or of
    another length, :class:`VerificationError` unless all tiles lead to the root.
    """
    tree = Tree()
    for index, begin, end in _rows(0, head.size):
        width = end - begin
        tree.extend_packed(_fetch(read, tile_path(0, index), tile_path(0, index, width), width))
    _check_root(tree, head)
    for path, computed in tiles(tree):
        if not path.startswith("tile/0/"):
            width = len(computed) // HASH_BYTES
            found = _fetch(read, path.split(".p/")[0], path, width)
            if found != computed:
                raise VerificationError(
                    "the tile is not that of the tiles below it",
                    where=path,
                    expected=computed.hex(),
                    computed=found.hex(),
                )
    return tree


def read_entries(read: Reader, head: Checkpoint) -> Iterator[bytes]:
    """The leaf data under a head, in order, one bundle in memory at a time.

    ``head`` is one that the caller verified. Raises :class:`DecodeError` for a bundle that is absent or has
    not its form. When all entries were given out and they do not lead to the root, raises
    :class:`VerificationError`: nothing may be believed before the iterator has ended.
    """
    tree = Tree()
    for index, begin, end in _rows(0, head.size):
        full, width = entries_path(index), end - begin
        data, path = _first(read, full, entries_path(index, width))
        entries = read_bundle(data, WIDTH if path == full else width, path)[:width]
        tree.extend(map(leaf_hash, entries))
        yield from entries
    _check_root(tree, head)


def _rows(first: int, count: int) -> Iterator[tuple[int, int, int]]:
    """(tile index, first member, member after the last) from tile ``first`` on, for ``count`` members."""
    for index in range(first, (count + WIDTH - 1) // WIDTH):
        yield index, index * WIDTH, min((index + 1) * WIDTH, count)


def _index_path(index: int, width: int) -> str:
    if index < 0 or not 1 <= width <= WIDTH:
        raise ValueError(f"there is no tile {index} of width {width}")
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    path = "/".join(reversed(groups))
    return path if width == WIDTH else f"{path}.p/{width}"


def _fetch(read: Reader, full: str, path: str, width: int) -> bytes:
    """The first ``width`` hashes of a tile."""
    data, found = _first(read, full, path)
    wanted = WIDTH if found == full else width
    if len(data) != wanted * HASH_BYTES:
        raise DecodeError(f"{wanted} hashes are wanted here, not {len(data)} bytes", found)
    return data[: width * HASH_BYTES]


def _first(read: Reader, full: str, path: str) -> tuple[bytes, str]:
    """The tile of the size asked for, or else the full one, which may have replaced it."""
    for name in dict.fromkeys((path, full)):
        data = read(name)
        if data is not None:
            return data, name
    raise DecodeError("the file is absent", path)


def _check_root(tree: Tree, head: Checkpoint) -> None:
    if tree.root() != head.root:
        raise VerificationError(
            "the tiles do not lead to the root of the head",
            where=head.origin,
            expected=head.root.hex(),
            computed=tree.root().hex(),
        )
