"""The logs as a server shows them: always under a signed head, never beyond it.

A unit's log comes from its box, the election's from the folder in which the office keeps it
(:mod:`evote.office.electionlog`). Both are read only; a head that is not one of the entries is not shown.

Rules: what one answer shows belongs to one head; a newer head replaces the older one whole.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from evote.ballots import Election
from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.entries import UnitHeadEntry, leaf_data
from evote.board.note import Note, NoteKey
from evote.board.tiles import CHECKPOINT, WIDTH, bundle, is_tile_path
from evote.board.witness import MAX_REQUEST_BYTES
from evote.codec import decode
from evote.errors import DecodeError, StorageError
from evote.hashing import DIGEST_BYTES
from evote.merkle import Tree, leaf_hash
from evote.office.electionlog import HEAD, HEADS
from evote.record.files import read_limited
from evote.record.segments import read_frames
from evote.record.values import MAX_ENTRY_BYTES
from evote.storage.box import BallotBox

_AT_ONCE: Final = 4096


@dataclass(frozen=True, slots=True)
class Shown:
    """A log up to a signed head; ``leaves`` is leaf data, 32 bytes each, and may go on behind ``size``."""

    note: Note
    size: int
    tree: Tree
    leaves: bytearray

    def leaf(self, index: int) -> bytes:
        """The leaf data at an index below ``size``."""
        return bytes(self.leaves[index * DIGEST_BYTES : (index + 1) * DIGEST_BYTES])

    def file(self, path: str) -> bytes | None:
        """The file of C2SP tlog-tiles at a path below the log's prefix; None if there is none."""
        if path == CHECKPOINT:
            return self.note.encode()
        if not is_tile_path(path):
            return None
        kind, rest = path.removeprefix("tile/").split("/", 1)
        number, _, part = rest.partition(".p/")
        index = int(number.replace("x", "").replace("/", ""))
        width = int(part) if part else WIDTH
        level = 0 if kind == "entries" else int(kind)
        # A part stands for the size of one head, and those before it are there, too.
        if index * WIDTH + width > self.size >> (8 * level) or level > 7:
            return None
        if kind == "entries":
            entries = [self.leaf(at) for at in range(index * WIDTH, index * WIDTH + width)]
            return bundle(entries)
        return self.tree.nodes(8 * level, index * WIDTH, index * WIDTH + width)


class UnitLogView:
    """The log of a box; :meth:`refresh` looks for a newer head. Safe among threads."""

    def __init__(self, box: BallotBox) -> None:
        self._box = box
        self._leaves = bytearray()
        self._places: dict[bytes, int] = {}
        self._lock = threading.Lock()
        self.shown: Shown | None = None
        self._heads: dict[int, Note] = {}

    def refresh(self) -> None:
        """Show the newest signed head of the box. Raises :class:`StorageError`."""
        with self._lock:
            heads = self._box.heads()
            if not heads:
                return
            size = Checkpoint.parse(heads[-1].text).size
            tree = self._box.tree()
            held = len(self._leaves) // DIGEST_BYTES
            entries = self._box.entries(held, size)
            while some := list(islice(entries, _AT_ONCE)):
                for entry in some:
                    self._leaves += entry.leaf
                    self._places.setdefault(entry.leaf, entry.position)
            if len(self._leaves) < size * DIGEST_BYTES:
                raise StorageError("the box has fewer entries than a head that it signed")
            self._heads = {Checkpoint.parse(note.text).size: note for note in heads}
            self.shown = Shown(heads[-1], size, tree, self._leaves)

    def place(self, leaf: bytes) -> int | None:
        """The index of the first entry with this leaf data."""
        return self._places.get(leaf)

    def head_of(self, size: int) -> Note | None:
        """The head of this size that the box signed."""
        return self._heads.get(size)


class ElectionLogView:
    """The election's log in ``folder``, as its office keeps it there."""

    def __init__(self, election: Election, key: NoteKey, folder: Path) -> None:
        self._election, self._key, self._folder = election, key, folder
        self._seen: tuple[int, int, int] | None = None
        self._lock = threading.Lock()
        self._shown: Shown | None = None
        self._entries: Sequence[UnitHeadEntry] = ()

    def look(self) -> tuple[Shown | None, Sequence[UnitHeadEntry]]:
        """The log under its newest head, with its entries; None before the first head.

        Raises :class:`StorageError`; while the office writes, what was there before is shown.
        """
        path = self._folder / HEAD
        with self._lock:
            try:
                found = path.stat()
            except FileNotFoundError:
                return None, ()
            seen = (found.st_mtime_ns, found.st_ino, found.st_size)
            if seen != self._seen:
                self._read(Note.parse(read_limited(path, MAX_REQUEST_BYTES)))
                self._seen = seen
            return self._shown, self._entries

    def _read(self, note: Note) -> None:
        head = open_checkpoint(note, self._key)
        entries: list[UnitHeadEntry] = []
        try:
            for _, frame in islice(read_frames(self._folder / HEADS, limit=MAX_ENTRY_BYTES), head.size):
                entries.append(decode(UnitHeadEntry, frame, element_bytes=0, limit=MAX_ENTRY_BYTES))
        except DecodeError as error:
            raise StorageError(f"the election's log in {self._folder} is damaged: {error}") from error
        leaves = bytearray()
        for entry in entries:
            leaves += leaf_data(self._election.extended_hash, self._key.name, "", entry)
        data = (bytes(leaves[at : at + DIGEST_BYTES]) for at in range(0, len(leaves), DIGEST_BYTES))
        tree = Tree(leaf_hash(one) for one in data)
        if tree.size != head.size or tree.root() != head.root:
            raise StorageError(f"the entries in {self._folder} are not those of its signed head")
        self._shown = Shown(note, head.size, tree, leaves)
        self._entries = tuple(entries)
