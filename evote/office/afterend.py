"""A head of a unit that comes after its end: refused, and kept as evidence where it is some.

What a unit signed behind its closing head contradicts the log that the record has of it: another head of as
many leaves (:class:`~evote.board.splitview.SplitView`), or a head of more leaves, although the last entry
ends the log (:class:`~evote.board.wenton.WentOn`). An earlier head of the unit, or the closing one once
more, is none.
"""

from __future__ import annotations

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.entries import TYPES, Entry, leaf_data
from evote.board.note import Note
from evote.board.splitview import SplitView
from evote.board.wenton import WentOn
from evote.codec import decode
from evote.errors import DecodeError
from evote.merkle import Tree, leaf_hash
from evote.office.electionlog import note_key
from evote.office.open import OpenElection
from evote.record.layout import CHECKPOINTS
from evote.record.values import MAX_ENTRY_BYTES


def evidence_after_end(opened: OpenElection, note: Note) -> tuple[str, SplitView | WentOn] | None:
    """Path of the unit, and what its log signed beside the one in the record.

    None for a unit that is not closed in the record, and for a head that contradicts nothing. Raises
    :class:`DecodeError` for a damaged record, :class:`~evote.errors.VerificationError` for a note that the
    log did not sign.
    """
    election, reader = opened.election, opened.reader
    board = election.manifest.board
    if board is None or not reader.has(CHECKPOINTS):
        return None
    origin = Checkpoint.parse(note.text).origin
    paths = [unit.path for unit in election.manifest.ballot_units()]
    number = next((at for at, path in enumerate(paths, 1) if board.units[path].origin == origin), 0)
    held = next((one for one in reader.checkpoints().closing if one.log == number), None)
    if not number or held is None:
        return None
    unit, key = paths[number - 1], note_key(board.units[paths[number - 1]])
    ending, later = open_checkpoint(Note.parse(held.note), key), open_checkpoint(note, key)
    if later.size == ending.size and later.root != ending.root:
        return unit, SplitView.of(Note.parse(held.note), note, key)
    if later.size <= ending.size:
        return None
    tree, last = Tree(), None
    for _, _, frame in reader.log():
        if isinstance(frame, DecodeError):
            raise frame
        if frame.log == number:
            kind: type[Entry] = TYPES[frame.kind]
            last = decode(kind, frame.body, element_bytes=0, limit=MAX_ENTRY_BYTES)
            tree.append(leaf_hash(leaf_data(election.extended_hash, origin, unit, last)))
    if last is None:
        return None
    found = WentOn.of(tree, last, Note.parse(held.note), note, key)
    found.verify(election.extended_hash, unit, key)
    return unit, found
