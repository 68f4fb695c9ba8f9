"""The election's log as the office keeps it: heads of units, its own signed head, cosignatures (rule A65).

=================  ================================================================================
``heads/``         the entries, frames of :class:`evote.board.entries.UnitHeadEntry`
``head.txt``       the newest signed head, with the cosignatures that came so far
=================  ================================================================================

Rules: an entry is on the disk before a head that covers it is signed; a head that was signed is signed over
the same leaves for ever, since entries only come behind; a unit's head enters only if its log signed it and
it continues the last one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from evote.ballots import Election
from evote.board.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from evote.board.cosignature import cosignatures
from evote.board.entries import UnitHeadEntry, leaf_data
from evote.board.log import request_for
from evote.board.note import KeyKind, Note, NoteKey, NoteSignature
from evote.board.policy import Policy
from evote.board.witness import MAX_REQUEST_BYTES, Request
from evote.codec import decode, encode
from evote.errors import RefusedError, VerificationError
from evote.manifest.declarations import DeclaredLog
from evote.merkle import Tree, leaf_hash, verify_consistency
from evote.record.files import read_limited, write_atomic
from evote.record.segments import SegmentWriter, read_frames, recover
from evote.record.values import MAX_ENTRY_BYTES
from evote.signing import SigningKey

HEADS: Final = "heads"
HEAD: Final = "head.txt"


class ElectionLog:
    """The log in ``folder``, which is made with the first entry."""

    def __init__(self, election: Election, folder: Path) -> None:
        board = election.manifest.board
        if board is None:
            raise RefusedError("the election has no board, so it has no log")
        self._election, self._board, self._folder = election, board, folder
        self._last: dict[str, UnitHeadEntry] = {}
        self.entries: list[UnitHeadEntry] = []
        self.tree = Tree()
        if (folder / HEADS).is_dir():
            recover(folder / HEADS)
            for _, frame in read_frames(folder / HEADS, limit=MAX_ENTRY_BYTES):
                self._keep(decode(UnitHeadEntry, frame, element_bytes=0, limit=MAX_ENTRY_BYTES))

    @property
    def key(self) -> NoteKey:
        """The key by which the log's heads are known."""
        return note_key(self._board.log)

    @property
    def policy(self) -> Policy | None:
        """Whose cosignatures are wanted; None where the manifest names no witnesses."""
        text = self._board.witnesses
        return Policy.parse(text.encode("utf-8")) if text else None

    def origin(self, unit: str) -> str:
        """Of the log of a reporting unit."""
        return self._board.units[unit].origin

    def last(self, unit: str) -> UnitHeadEntry | None:
        """The last head of a unit."""
        return self._last.get(unit)

    # --- entries -----------------------------------------------------------------------------------

    def add(self, request: Request, *, closing: bool = False) -> UnitHeadEntry | None:
        """Enter the head of a unit; None if this very head is the unit's last one already.

        Raises :class:`VerificationError` for a head that no unit's log signed or that does not continue the
        last one, and :class:`RefusedError` where the proof starts at another head, or the log has ended.
        """
        unit, checkpoint = self._unit(request.note)
        before = self._last.get(unit)
        if before is not None:
            same = (before.size, before.root) == (checkpoint.size, checkpoint.root)
            if same and before.closing == closing:
                return None
            if before.closing:
                raise RefusedError(f"the log of {unit!r} has ended; no head comes behind its closing head")
        entry = UnitHeadEntry(
            unit, checkpoint.size, checkpoint.root, self._proof(request, before, checkpoint), closing
        )
        with SegmentWriter(self._folder / HEADS) as heads:
            heads.append(encode(entry))
            heads.sync()
        self._keep(entry)
        return entry

    def _proof(self, request: Request, before: UnitHeadEntry | None, head: Checkpoint) -> tuple[bytes, ...]:
        if before is None or before.size == 0:
            return ()
        if before.size == head.size:
            if before.root != head.root:
                raise VerificationError(
                    f"the log of {head.origin} signed two heads of {head.size} leaves", where="root"
                )
            return ()
        if request.old != before.size:
            raise RefusedError(
                f"the last head of {before.unit!r} here has {before.size} leaves, and this proof starts at "
                f"{request.old}; have it made with --since {before.size}"
            )
        verify_consistency(before.size, head.size, request.proof, old_root=before.root, new_root=head.root)
        return request.proof

    def _unit(self, note: Note) -> tuple[str, Checkpoint]:
        origin = Checkpoint.parse(note.text).origin
        for unit, log in self._board.units.items():
            if log.origin == origin:
                return unit, open_checkpoint(note, note_key(log))
        raise VerificationError(f"{origin!r} is the log of no unit of the election", where="origin")

    def _keep(self, entry: UnitHeadEntry) -> None:
        self.entries.append(entry)
        self._last[entry.unit] = entry
        data = leaf_data(self._election.extended_hash, self._board.log.origin, "", entry)
        self.tree.append(leaf_hash(data))

    # --- heads -------------------------------------------------------------------------------------

    def head(self, key: SigningKey) -> Note:
        """The signed head over all entries, kept with its cosignatures."""
        held = self.held()
        if held is not None:
            checkpoint = open_checkpoint(held, self.key)
            if checkpoint.size > self.tree.size or self.tree.root(checkpoint.size) != checkpoint.root:
                raise RefusedError(
                    f"{self._folder} lacks entries that a signed head covers; put an intact copy in its place"
                )
            if checkpoint.size == self.tree.size:
                return held
        note = sign_checkpoint(Checkpoint.of_tree(self._board.log.origin, self.tree), key)
        write_atomic(self._folder / HEAD, note.encode())
        return note

    def held(self) -> Note | None:
        """The newest signed head, None before the first."""
        path = self._folder / HEAD
        return Note.parse(read_limited(path, MAX_REQUEST_BYTES)) if path.exists() else None

    def request(self, since: int, note: Note) -> Request:
        """What a witness is asked that saw ``since`` leaves last; ``ValueError`` for another size."""
        return request_for(self.tree, since, note)

    def cosign(self, lines: Iterable[NoteSignature]) -> Note:
        """Keep the answers of witnesses; the head with all of them.

        Raises :class:`RefusedError` before there is a head, :class:`VerificationError` for a line that is
        no cosignature of the policy's witnesses under it; nothing is kept then.
        """
        held, policy = self.held(), self.policy
        if held is None or policy is None:
            raise RefusedError("there is no signed head, or the manifest names no witnesses")
        lines = tuple(lines)
        for line in lines:
            if not any(line.is_of(key) for key in policy.keys):
                raise VerificationError(f"{line.name} is no witness of the manifest", where="cosignature")
        note = held.having(*lines)
        cosignatures(note, policy.keys)
        write_atomic(self._folder / HEAD, note.encode())
        return note

    def require_witnessed(self, note: Note) -> None:
        """Raises :class:`VerificationError` unless the quorum of the policy cosigned the head."""
        policy = self.policy
        if policy is not None:
            policy.verify(note, self.key)

    def require_closed(self, units: Iterable[str]) -> None:
        """Raises :class:`RefusedError` unless the last head of each of these units is its closing head."""
        missing = [unit for unit in units if unit not in self._last or not self._last[unit].closing]
        if missing:
            raise RefusedError(f"the closing heads of {', '.join(missing)} are not in the election's log yet")


def note_key(log: DeclaredLog) -> NoteKey:
    """The key of a log as notes know it."""
    return NoteKey(log.origin, KeyKind.ED25519, log.load())
