"""E.23 to E.25: closing checkpoints, the heads of units in the election's log, and the witnesses.

A unit's log is tied to its closing checkpoint by size and root (E.23); that head stands in the election's
log, behind earlier ones of the same unit, each with the proof that it continues the one before (E.24); and
the closing checkpoint of the election's log is cosigned as the manifest's policy demands (E.25). Together
they make every entry one that a quorum of witnesses has seen (rule A65).

While units close one by one this is held of those that are closed, and the checkpoint of the election's log
is the newest one: it covers every entry of that log in the record, so the closing heads of these units too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.entries import Entry, UnitHeadEntry, kind_of, leaf_data
from evote.board.note import KeyKind, Note, NoteKey
from evote.board.policy import Policy
from evote.errors import DecodeError, VerificationError
from evote.manifest.declarations import DeclaredBoard, DeclaredLog
from evote.merkle import RangeBuilder, empty_root, leaf_hash, verify_consistency
from evote.record import layout
from evote.record.values import ELECTION_LOG, CheckpointsFile
from evote.tally import ClosingHead
from evote.verifier.board import ids
from evote.verifier.state import Verification


@dataclass(slots=True)
class UnitHeads:
    """E.24: the election's log while it is read. Leaves the tree behind."""

    run: Verification
    election: bytes
    """H_E."""
    board: DeclaredBoard
    size: int = 0
    _tree: RangeBuilder = field(default_factory=RangeBuilder)
    _last: dict[str, UnitHeadEntry] = field(default_factory=dict)

    def read(self, entry: Entry) -> None:
        """The next entry."""
        index = self.size
        self.size += 1
        self._tree.append(leaf_hash(leaf_data(self.election, self.board.log.origin, "", entry)))
        self.run.report.count(ids.HEADS)
        if not isinstance(entry, UnitHeadEntry):
            self._fail(index, f"an entry of kind {kind_of(entry).value} is on the election's log")
        elif entry.unit not in self.board.units:
            self._fail(index, f"{entry.unit!r} is no reporting unit")
        else:
            self._follow(index, entry)
            self._last[entry.unit] = entry

    def _follow(self, index: int, entry: UnitHeadEntry) -> None:
        before = self._last.get(entry.unit)
        if before is not None and before.closing:
            self._fail(index, f"a head of {entry.unit!r} follows its closing head")
        if entry.size == 0 and entry.root != empty_root():
            self._fail(index, "a head of no leaves has a root of its own")
        if before is None or before.size == 0:
            if entry.proof:
                self._fail(index, "a proof leads from no head, since there is none with leaves before it")
            return
        try:
            verify_consistency(
                before.size, entry.size, entry.proof, old_root=before.root, new_root=entry.root
            )
        except VerificationError as error:
            self._fail(
                index,
                f"the head does not continue the one before of {entry.unit!r}: {error.message}",
                error.expected,
                error.computed,
            )

    def _fail(self, index: int, message: str, expected: str = "", computed: str = "") -> None:
        where = f"the election's log, entry {index}"
        self.run.report.fail(ids.HEADS, where, message, expected=expected, computed=computed)

    def head(self) -> ClosingHead:
        """Size and root of what was read."""
        return ClosingHead(self.size, self._tree.value().root())

    def finish(self, heads: Mapping[str, ClosingHead]) -> None:
        """The last head of every closed unit is its closing head, and that of its whole log."""
        report = self.run.report
        for unit, computed in heads.items():
            report.count(ids.HEADS)
            where = f"the election's log, {unit!r}"
            last = self._last.get(unit)
            if last is None or not last.closing:
                report.fail(ids.HEADS, where, "there is no closing head of the unit's log")
            elif (last.size, last.root) != (computed.size, computed.root):
                report.fail(
                    ids.HEADS,
                    where,
                    "the closing head is not that of the unit's log",
                    expected=shown(computed),
                    computed=shown(ClosingHead(last.size, last.root)),
                )


def check_closing(
    run: Verification,
    stated: CheckpointsFile,
    board: DeclaredBoard,
    heads: Mapping[int, ClosingHead],
) -> None:
    """E.23 for all logs that ended, by their numbers, and for the election's; and E.25.

    ``heads`` has size and root of the entries of each.
    """
    report = run.report
    declared = [log for _, log in board.logs()]
    numbers = [note.log for note in stated.closing]
    report.count(ids.LOGS)
    if numbers != sorted(heads):
        report.fail(
            ids.LOGS,
            layout.CHECKPOINTS,
            "there is not one closing checkpoint per log that ended, in order",
            expected=", ".join(map(str, sorted(heads)[:20])),
            computed=", ".join(map(str, numbers[:20])),
        )
    for closing in stated.closing:
        if closing.log >= len(declared):
            continue  # named above
        report.count(ids.LOGS)
        log, where = declared[closing.log], f"{layout.CHECKPOINTS}, log {closing.log}"
        try:
            note = Note.parse(closing.note)
            checkpoint = open_checkpoint(note, NoteKey(log.origin, KeyKind.ED25519, log.load()))
        except (DecodeError, VerificationError, ValueError) as error:
            report.fail(ids.LOGS, where, f"the closing checkpoint of {log.origin!r} does not hold: {error}")
            if closing.log == ELECTION_LOG:
                run.skip((ids.WITNESSES,), "the election's closing checkpoint does not hold (E.23)")
            continue
        _compare(run, where, checkpoint, heads.get(closing.log))
        if closing.log == ELECTION_LOG:
            _witnessed(run, board, log, note)
    if ELECTION_LOG not in numbers:
        run.skip((ids.WITNESSES,), "there is no closing checkpoint of the election's log (E.23)")


def _compare(run: Verification, where: str, checkpoint: Checkpoint, computed: ClosingHead | None) -> None:
    stated = ClosingHead(checkpoint.size, checkpoint.root)
    if computed is not None and stated != computed:
        run.report.fail(
            ids.LOGS,
            where,
            "the closing checkpoint is not that of the log's entries",
            expected=shown(computed),
            computed=shown(stated),
        )


def _witnessed(run: Verification, board: DeclaredBoard, log: DeclaredLog, note: Note) -> None:
    """E.25: the quorum of the manifest's policy cosigned the closing checkpoint."""
    report, where = run.report, f"{layout.CHECKPOINTS}, log {ELECTION_LOG}"
    if not board.witnesses:
        report.not_applicable(ids.WITNESSES, "the manifest names no witnesses")
        report.warn("The manifest names no witnesses: that everybody was shown one log is taken on trust.")
        return
    report.count(ids.WITNESSES)
    try:
        policy = Policy.parse(board.witnesses.encode("utf-8"))
        policy.verify(note, NoteKey(log.origin, KeyKind.ED25519, log.load()))
    except VerificationError as error:
        report.fail(ids.WITNESSES, where, error.message, expected=error.expected, computed=error.computed)
        return
    except (DecodeError, ValueError) as error:
        report.fail(ids.WITNESSES, layout.MANIFEST, f"the policy of witnesses cannot be met: {error}")
        return
    if not policy.witnessed:
        report.not_applicable(ids.WITNESSES, "the policy of the manifest asks for no witness")
        report.warn("The policy of the manifest asks for no witness: one log for all is taken on trust.")


def shown(head: ClosingHead) -> str:
    """A head in words."""
    return f"{head.size} leaves, root {head.root.hex()}"
