"""A log in a folder that any web server can serve: tiles, bundles and the signed head.

Written for one writer at a time. Rules: a file is written whole or not at all, and the head last, so
that whatever head a reader finds has its tiles; a folder that holds another log, or a longer one, is
refused; partial tiles go when the full one is there, and not before.

Names and contents are those of :mod:`evote.board.tiles`.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.note import MAX_NOTE_BYTES, Note, NoteKey
from evote.board.tiles import CHECKPOINT, MAX_TILE_BYTES, Reader, bundles, is_tile_path, read_tree, tiles
from evote.errors import DecodeError, StorageError
from evote.merkle import Tree, leaf_hash
from evote.record.files import read_limited, sentences, write_atomic


def write_log(folder: Path, log: NoteKey, note: Note, tree: Tree, entries: Sequence[bytes]) -> Checkpoint:
    """Bring a folder up to a signed head; returns the head.

    ``tree`` and ``entries`` (leaf data) are those of the log, as long as the head or longer. What the
    folder has already is not written again. Raises :class:`StorageError` for a disk that does not do it
    and for a folder of another log; ``ValueError`` if note, tree and entries do not belong together;
    :class:`~evote.errors.VerificationError` for a note that ``log`` did not sign.
    """
    head = open_checkpoint(note, log)
    if not head.size <= min(tree.size, len(entries)) or tree.root(head.size) != head.root:
        raise ValueError(f"the head of size {head.size} is not one of this tree and these entries")
    since = _size_there(folder, log, tree, head)
    if any(leaf_hash(entries[at]) != tree.leaf(at) for at in range(since, head.size)):
        raise ValueError("the entries are not those of the tree")
    for path, data in chain(tiles(tree, head.size, since=since), bundles(entries[: head.size], since=since)):
        _write(folder / path, data)
    _write(folder / CHECKPOINT, note.encode())
    return head


def folder_reader(folder: Path) -> Reader:
    """Reads the files of a log below ``folder``; names of no tile or bundle are not looked for."""

    def read(path: str) -> bytes | None:
        if path != CHECKPOINT and not is_tile_path(path):
            return None
        file = folder / path
        if not file.exists():
            return None
        return read_limited(file, MAX_NOTE_BYTES if path == CHECKPOINT else MAX_TILE_BYTES)

    return read


def read_log(folder: Path, log: NoteKey) -> tuple[Note, Tree]:
    """The signed head in a folder and the tree under it, verified against each other and ``log``.

    Raises :class:`StorageError` if there is no head, :class:`DecodeError` and
    :class:`~evote.errors.VerificationError` for what does not fit.
    """
    note = _note(folder)
    if note is None:
        raise StorageError(f"{folder} has no file {CHECKPOINT!r}: it is no folder of a log; check the path")
    return note, read_tree(folder_reader(folder), open_checkpoint(note, log))


def _note(folder: Path) -> Note | None:
    data = folder_reader(folder)(CHECKPOINT)
    if data is None:
        return None
    try:
        return Note.parse(data)
    except DecodeError as error:
        raise DecodeError(error.message, str(folder / CHECKPOINT)) from None


def _size_there(folder: Path, log: NoteKey, tree: Tree, head: Checkpoint) -> int:
    """How many leaves the folder has, which must be the first ones of the tree."""
    note = _note(folder)
    if note is None:
        return 0
    there = open_checkpoint(note, log)
    if there.size > head.size or there.root != tree.root(there.size):
        raise StorageError(
            f"{folder} holds {there.size} leaves that this log does not continue; write into another folder"
        )
    return there.size


def _write(file: Path, data: bytes) -> None:
    partial = file.with_name(f"{file.name}.p")
    with sentences(file, "written"):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(file, data)
    if partial.is_dir():
        with sentences(partial, "written"):
            shutil.rmtree(partial)
