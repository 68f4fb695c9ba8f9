"""What a receipt proves (rules A56, A64 to A66; attacks A21, A23, A26 to A28).

Pure, and offline: the receipt, what the manifest declares, a time, and whatever else the voter has: other
heads of the logs, or the whole log. In this order:

1. the receipt is one of this election, and of a unit and style of it; the leaf is computed from its
   own fields, and every signature and path in it is checked for that leaf: else FORGED;
2. no two signed heads exclude each other: else SPLIT VIEW;
3. with the whole log: the ballot's fate where it is closed and its entries are known; LOGGED where the leaf
   is there; NOT INCLUDED where the log is closed without it;
4. without: LOGGED with a proof;
5. else the promise: BROKEN PROMISE if its time is over or longer than the manifest allows, NOT YET DUE.

Rules:

* A head of a unit's log alone is never a proof: it has to stand in the witnessed log of the election.
* Now is an argument; without one, the latest moment that a quorum of witnesses says had come. The time
  in a promise is the box's, and only ever counts against it.
* A promise is due at the earliest of: its deadline, its time and the merge delay, the end of voting and the
  merge delay.
* Whatever is given is checked; nothing is passed over because something else would do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.cosignature import cosignatures
from evote.board.counting import CountedSet, Fate
from evote.board.evidence import MAX_CHECKPOINTS, CheckedReceipt, Evidence, ReceiptVerdict
from evote.board.note import Note
from evote.board.receipt import Promise, Receipt
from evote.board.receipt_log import UnitLog
from evote.board.receipt_setting import ReceiptSetting
from evote.board.receipt_text import read_text, write_text
from evote.errors import DecodeError, VerificationError
from evote.manifest.moments import moment_of, seconds_of
from evote.merkle import leaf_hash

_ACCUSING = (
    ReceiptVerdict.BROKEN_PROMISE,
    ReceiptVerdict.NOT_INCLUDED,
    ReceiptVerdict.FORGED,
    ReceiptVerdict.SPLIT_VIEW,
)

_FATES = {
    Fate.COUNTED: (ReceiptVerdict.COUNTED, "it is the last accepted ballot of its voter"),
    Fate.SUPERSEDED: (ReceiptVerdict.SUPERSEDED, "a later ballot of the same voter was accepted"),
    Fate.REJECTED: (ReceiptVerdict.REJECTED, ""),
    Fate.CHALLENGED: (ReceiptVerdict.CHALLENGED, "it was opened as its voter wished, and never counts"),
    Fate.INVALID: (ReceiptVerdict.INVALID, ""),
}


def check_receipt(
    setting: ReceiptSetting,
    receipt: Receipt,
    *,
    at: int | None = None,
    checkpoints: Sequence[Note] = (),
    log: UnitLog | None = None,
) -> CheckedReceipt:
    """What became of the ballot of a receipt.

    ``at`` is now, in seconds since 1970; None where only witnesses are believed. ``checkpoints`` are heads
    of the election's logs from elsewhere; ``log`` is the log of the ballot's unit.

    Raises ``ValueError`` for the log of another unit and for more than 16 checkpoints, and for a
    checkpoint that is none :class:`DecodeError`, of no log of the election :class:`VerificationError`:
    such an input is not the receipt's fault.
    """
    look = _Look(setting, receipt, tuple(checkpoints), log)
    for note in look.checkpoints:
        look.add(note)
    found = look.verdict(at)
    if found.verdict in _ACCUSING:
        found = replace(found, evidence=look.evidence(found.verdict))
    return found


def check_evidence(setting: ReceiptSetting, evidence: Evidence, *, at: int | None = None) -> CheckedReceipt:
    """What the evidence shows, now being ``at``; its own verdict is not looked at.

    Raises :class:`DecodeError` and :class:`VerificationError` for a receipt, checkpoint or log in it that
    is none, and ``ValueError`` for the log of another unit: such evidence shows nothing.
    """
    receipt = read_text(evidence.receipt)
    notes = [Note.parse(data) for data in evidence.checkpoints]
    log = None if evidence.log is None else evidence.log.verify(setting)
    return check_receipt(setting, receipt, at=at, checkpoints=notes, log=log)


@dataclass(slots=True)
class _Look:
    """One check; gathers signed heads and witnessed times on its way."""

    setting: ReceiptSetting
    receipt: Receipt
    checkpoints: tuple[Note, ...]
    log: UnitLog | None
    heads: list[Checkpoint] = field(default_factory=list)
    witnessed: int | None = None

    def __post_init__(self) -> None:
        if self.log is not None and self.log.shown.unit != self.receipt.ballot.unit:
            raise ValueError("the log is that of another unit than the receipt's")
        if len(self.checkpoints) > MAX_CHECKPOINTS:
            raise ValueError(f"at most {MAX_CHECKPOINTS} checkpoints are compared with a receipt")
        if self.log is not None:
            self.heads += [self.log.head, self.log.witnessed.checkpoint]
            self._saw(self.log.witnessed.time)

    def add(self, note: Note) -> None:
        """A head from elsewhere: signed by the log of its origin; the election's may be witnessed."""
        origin = Checkpoint.parse(note.text).origin
        units = (unit for unit, log in self.setting.board.units.items() if log.origin == origin)
        unit = next(units, None)
        if unit is None:
            self.heads.append(open_checkpoint(note, self.setting.log))
            self._see_witnesses(note)
        else:
            self.heads.append(open_checkpoint(note, self.setting.unit_log(unit)))

    def verdict(self, at: int | None) -> CheckedReceipt:
        """The verdict, in the order that the module's text says."""
        receipt = self.receipt
        try:
            leaf = self._leaf()
        except VerificationError as error:
            return CheckedReceipt(ReceiptVerdict.FORGED, str(error))
        try:
            self._check_promise(leaf)
            self._check_inclusion(leaf)
        except (VerificationError, DecodeError) as error:
            return CheckedReceipt(ReceiptVerdict.FORGED, str(error), leaf)
        known = CheckedReceipt(
            ReceiptVerdict.LOGGED,
            "",
            leaf,
            due=None if receipt.promise is None else self._due(receipt.promise),
            witnessed=self.witnessed,
        )
        split = self._split()
        if split:
            return replace(known, verdict=ReceiptVerdict.SPLIT_VIEW, reason=split)
        return self._place(known) or self._promise(known, at)

    # --- the receipt itself ------------------------------------------------------------------------

    def _leaf(self) -> bytes:
        setting, ballot = self.setting, self.receipt.ballot
        if self.receipt.fingerprint != setting.fingerprint:
            raise VerificationError(
                "the receipt is for another election",
                where="election",
                expected=setting.fingerprint.hex(),
                computed=self.receipt.fingerprint.hex(),
            )
        try:
            log = setting.unit_log(ballot.unit)
        except ValueError as error:
            raise VerificationError(str(error), where="unit") from error
        if ballot.style not in setting.manifest.unit(ballot.unit).styles:
            raise VerificationError(f"the unit has no ballot style {ballot.style!r}", where="style")
        return ballot.leaf(setting.fingerprint, log.name)

    def _check_promise(self, leaf: bytes) -> None:
        promise = self.receipt.promise
        if promise is None:
            return
        log = self.setting.unit_log(self.receipt.ballot.unit)
        promise.receipt(self.setting.fingerprint, log.name, leaf).verify(log.key)

    def _check_inclusion(self, leaf: bytes) -> None:
        inclusion = self.receipt.inclusion
        if inclusion is None:
            return
        setting, unit = self.setting, self.receipt.ballot.unit
        head = inclusion.leaf.verify_included(leaf_hash(leaf), setting.unit_log(unit))
        entry = inclusion.head_leaf(setting.fingerprint, setting.log.name, unit, head)
        witnessed = inclusion.head.verify(leaf_hash(entry), setting.log, setting.policy)
        self.heads += [head, witnessed.checkpoint]
        self._saw(witnessed.time)

    # --- the log -----------------------------------------------------------------------------------

    def _split(self) -> str:
        """Which log has signed two histories, as a sentence; empty if none has."""
        seen: dict[tuple[str, int], bytes] = {}
        for head in self.heads:
            if seen.setdefault((head.origin, head.size), head.root) != head.root:
                return f"the log {head.origin} has signed two different heads of {head.size} leaves"
        if self.log is None:
            return ""
        for head in self.heads:
            if self.log.excludes(head):
                return f"the log {head.origin} has signed a head of {head.size} leaves that is not in its log"
        inclusion = self.receipt.inclusion
        if inclusion is not None and inclusion.closing:
            size = Checkpoint.parse(inclusion.leaf.note.text).size
            if size < self.log.head.size:
                return f"the log {self.log.head.origin} went on after its closing head of {size} leaves"
        return ""

    def _place(self, known: CheckedReceipt) -> CheckedReceipt | None:
        """The verdict where the leaf was found, or can be in no log; None where only the promise is left."""
        inclusion, log = self.receipt.inclusion, self.log
        if inclusion is not None:
            known = replace(known, index=inclusion.leaf.index, final=inclusion.closing)
        elif log is not None and known.leaf is not None:
            known = replace(known, index=log.find(known.leaf))
        index = known.index
        if index is None:
            if log is not None and log.closed:
                reason = "the log was closed, and none of its entries is this ballot"
                return replace(known, verdict=ReceiptVerdict.NOT_INCLUDED, reason=reason, final=True)
            return None
        if log is None or not log.closed:
            return replace(known, reason="the ballot is in the log")
        known = replace(known, final=True)
        if log.counted is None:
            return replace(known, reason="the ballot is in the closed log")
        return _fate(known, log.counted, index)

    def _promise(self, known: CheckedReceipt, at: int | None) -> CheckedReceipt:
        promise, due = self.receipt.promise, known.due
        if promise is None or due is None:
            raise ValueError("a receipt has a promise or a proof")
        if due < seconds_of(promise.deadline):
            reason = f"the log took until {promise.deadline}, and may take until {moment_of(due)}"
            return replace(known, verdict=ReceiptVerdict.BROKEN_PROMISE, reason=reason)
        now = self.witnessed if at is None else at
        if now is not None and now > due:
            reason = f"the log had promised to show the ballot until {promise.deadline}, and has not"
            return replace(known, verdict=ReceiptVerdict.BROKEN_PROMISE, reason=reason)
        reason = f"the log has promised to show the ballot until {promise.deadline}"
        return replace(known, verdict=ReceiptVerdict.NOT_YET_DUE, reason=reason)

    def _due(self, promise: Promise) -> int:
        allowed = seconds_of(promise.time) + self.setting.board.merge_delay
        return min(seconds_of(promise.deadline), allowed, self.setting.last_deadline)

    # --- witnesses, evidence -----------------------------------------------------------------------

    def _see_witnesses(self, note: Note) -> None:
        """Takes the time of a head from elsewhere if a quorum cosigned it; fewer do not make it false."""
        policy = self.setting.policy
        self._saw(policy.quorum_time(cosignatures(note, policy.keys)))

    def _saw(self, time: int | None) -> None:
        if time is not None:
            self.witnessed = max(time, self.witnessed or 0)

    def evidence(self, verdict: ReceiptVerdict) -> Evidence:
        """What was looked at."""
        notes = tuple(self._known_lines(note).encode() for note in self.checkpoints)
        shown = None if self.log is None else self.log.shown
        return Evidence(1, verdict, write_text(self.receipt), notes, shown)

    def _known_lines(self, note: Note) -> Note:
        """A head without the signatures of strangers."""
        setting = self.setting
        keys = [setting.log, *setting.policy.keys, *map(setting.unit_log, setting.board.units)]
        return Note(
            note.text, tuple(line for line in note.signatures if any(line.is_of(key) for key in keys))
        )


def _fate(known: CheckedReceipt, counted: CountedSet, index: int) -> CheckedReceipt:
    """What the closed log says of the ballot at ``index``; nothing if it breaks a rule anywhere."""
    if counted.findings:
        finding = counted.findings[0]
        return replace(known, verdict=ReceiptVerdict.INVALID, reason=f"the log breaks a rule: {finding}")
    for outcome in counted.outcomes:
        if outcome.index == index:
            verdict, reason = _FATES[outcome.fate]
            return replace(
                known,
                verdict=verdict,
                reason=reason or outcome.reason,
                superseded_by=outcome.superseded_by,
                check=outcome.check,
            )
    return replace(known, verdict=ReceiptVerdict.INVALID, reason=f"entry {index} of the log is no ballot")
