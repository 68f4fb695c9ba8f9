"""From a promise to a proof: a ballot's place in its unit's log, and the place of that log's head above it.

A voter's receipt begins with the box's promise. When a head of the unit's log that covers the ballot stands
in the witnessed log of the election, whoever has both logs can complete the receipt (:class:`UnitProofs`):
from the published record for good (:func:`record_proofs`), and from a box and the election's log while people
vote (:func:`box_proofs`). Nothing here is a secret, and nobody is believed: the receipt is checked again
with what was put into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evote.board.checkpoint import Checkpoint
from evote.board.entries import UnitHeadEntry, leaf_data
from evote.board.note import Note
from evote.board.receipt import Inclusion, Receipt
from evote.board.receipt_client import accept_inclusion
from evote.board.receipt_setting import ReceiptSetting
from evote.errors import RefusedError
from evote.merkle import Tree, leaf_hash
from evote.office.electionlog import ElectionLog
from evote.office.receipts import read_entries
from evote.record import RecordReader
from evote.record.values import ELECTION_LOG
from evote.storage.box import BallotBox


@dataclass(frozen=True, slots=True, eq=False)
class UnitProofs:
    """The log of ``unit`` and what stands of it in the election's log; completes receipts of its ballots.

    ``heads`` are signed heads of the unit's log; ``entries`` and ``checkpoint`` are those of the election's.
    """

    setting: ReceiptSetting
    unit: str
    places: dict[bytes, int]
    """Leaf data -> place in the unit's log."""
    tree: Tree
    heads: dict[int, Note]
    """By size."""
    entries: Sequence[UnitHeadEntry]
    election: Tree
    checkpoint: Note

    @classmethod
    def of(
        cls,
        setting: ReceiptSetting,
        unit: str,
        leaves: Iterable[bytes],
        heads: Iterable[Note],
        entries: Sequence[UnitHeadEntry],
        checkpoint: Note,
    ) -> UnitProofs:
        """``leaves`` are the leaf data of the unit's log, in its order."""
        places, tree = {}, Tree()
        for place, leaf in enumerate(leaves):
            places[leaf] = place
            tree.append(leaf_hash(leaf))
        origin = setting.log.name
        data = (leaf_data(setting.fingerprint, origin, "", entry) for entry in entries)
        by_size = {Checkpoint.parse(note.text).size: note for note in heads}
        return cls(
            setting, unit, places, tree, by_size, entries, Tree(leaf_hash(each) for each in data), checkpoint
        )

    def complete(self, receipt: Receipt) -> Receipt:
        """The receipt with the proof for its ballot under the newest head that the witnesses saw.

        Raises :class:`RefusedError` where there is none yet, or the log does not have the ballot, and
        :class:`~evote.errors.VerificationError` if the proof does not hold.
        """
        if receipt.ballot.unit != self.unit:
            raise RefusedError(
                f"the receipt is of {receipt.ballot.unit!r}, and the log is that of {self.unit!r}"
            )
        leaf = receipt.ballot.leaf(self.setting.fingerprint, self.setting.unit_log(self.unit).name)
        index = self.places.get(leaf)
        if index is None:
            raise RefusedError(
                f"the log of {self.unit!r} has no such ballot; 'evote receipt check' says what that means"
            )
        seen = Checkpoint.parse(self.checkpoint.text).size
        for place in reversed(range(min(seen, len(self.entries)))):
            entry = self.entries[place]
            head = self.heads.get(entry.size)
            if entry.unit == self.unit and entry.size > index and head is not None:
                inclusion = Inclusion.made(
                    (self.tree, index, head),
                    (self.election, place, self.checkpoint),
                    entry.proof,
                    entry.closing,
                )
                return accept_inclusion(self.setting, receipt, inclusion)
        raise RefusedError(
            f"no head of {self.unit!r} that covers this ballot stands in the witnessed log of the election "
            "yet; try again when the next one does"
        )


def record_proofs(reader: RecordReader, setting: ReceiptSetting, unit: str) -> UnitProofs:
    """The logs of a record that is closed.

    Raises :class:`RefusedError` before that, ``ValueError`` for no reporting unit, and what reading raises.
    """
    logs = read_entries(reader, setting, unit)
    if logs is None:
        raise RefusedError("the logs of this record are not closed; it holds no proofs yet")
    own, election, notes = logs
    origin = setting.unit_log(unit).name
    leaves = (leaf_data(setting.fingerprint, origin, unit, entry) for entry in own)
    note = Note.parse(notes[setting.unit_number(unit)])
    return UnitProofs.of(setting, unit, leaves, (note,), election, Note.parse(notes[ELECTION_LOG]))


def box_proofs(box: BallotBox, log: ElectionLog, setting: ReceiptSetting, unit: str) -> UnitProofs:
    """The log in a box, and the election's log as its office keeps it.

    Raises :class:`RefusedError` before there is a signed head of the election's log.
    """
    checkpoint = log.held()
    if checkpoint is None:
        raise RefusedError("the election's log has no signed head yet")
    leaves = (entry.leaf for entry in box.entries())
    return UnitProofs.of(setting, unit, leaves, box.heads(), log.entries, checkpoint)
