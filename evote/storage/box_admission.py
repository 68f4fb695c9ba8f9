"""One group of submissions becomes part of the log, in one transaction.

For every submission in turn, against everything admitted before it:

1. the same ballot was admitted: its receipt, whatever else may be true by now (R1);
2. voting has ended: CLOSED;
3. a credential was replaced since it was checked: it is checked again, outside;
4. its identifier was decided: DUPLICATE-ID. The first entry for an id_B stands for ever (A57, A58);
5. signed over another ballot than the slot's last one: STALE, and nothing is reserved (A56);
6. one of its ciphertexts is in the box: REPEATED-CIPHERTEXT (E.6, A5);
7. it is admitted, with its verdict if there is one already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evote.board.admission import AdmissionReceipt
from evote.board.entries import CastEntry, ChallengeEntry, VerdictEntry, kind_of
from evote.board.rules import Refusal, check_order
from evote.board.submission import NO_PREVIOUS
from evote.storage.box_anchor import Mark
from evote.storage.box_database import Session
from evote.storage.box_elements import SeenElements, numbers
from evote.storage.box_log import OPEN, OpenLog
from evote.storage.box_refusals import BoxRefusal, SubmissionRefusedError

_FEW = 4096
"""Rows that are read at once rather than as a stream, which costs more questions."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checked submission with everything that can be made of it before the transaction."""

    identifier: bytes
    entry: CastEntry | ChallengeEntry
    slot: int | None
    """Of the roll; None where the election has none."""
    leaf: bytes
    body: bytes
    """The encoded entry."""
    elements: bytes
    frame: bytes
    """The ballot as the record will hold it."""
    hint: bytes
    """What came with it as its hint; untrusted."""
    promise: AdmissionReceipt
    receipt: bytes
    """The encoded promise."""
    reissues: int
    verdict: VerdictEntry | None


@dataclass(frozen=True, slots=True)
class Admitted:
    """The receipt of an admitted ballot; ``position`` is that of its entry."""

    position: int
    receipt: bytes


class CheckAgain:
    """A credential was replaced in the meantime."""


Outcome = Admitted | SubmissionRefusedError | CheckAgain


class Admission:
    """Admits groups; keeps in memory which ciphertexts it has read from the box. One thread at a time."""

    def __init__(self) -> None:
        self._seen = SeenElements()
        self._read_to = 0
        self._last: tuple[Mark, set[int]] | None = None
        """The log behind the last group, and its ciphertexts; nobody knows here whether it was committed."""

    def catch_up(self, session: Session, size: int) -> None:
        """Read the ciphertexts of the first ``size`` entries, as far as that was not done.

        Called before the box is in use as well, so that no transaction waits for the whole box.
        """
        if self._read_to < size:
            question = "SELECT elements FROM ballots WHERE position >= ? ORDER BY position"
            read = session.rows if size - self._read_to <= _FEW else session.stream
            for (elements,) in read(question, (self._read_to,)):
                self._seen.add(bytes(elements))
            self._read_to = size

    def run(self, session: Session, log: OpenLog, group: Sequence[Candidate]) -> list[Outcome]:
        """The outcome of every candidate, in order; the log is left for the caller to finish."""
        if self._last is not None and log.mark() == self._last[0]:
            # The root says that it was, and that nothing came after it: no need to read it back.
            self._seen.add_numbers(self._last[1])
            self._read_to = log.size
        self.catch_up(session, log.size)
        work = _Group(session, log, group, self._seen)
        outcomes = [work.outcome(candidate) for candidate in group]
        work.write()
        self._last = log.mark(), work.elements
        return outcomes


class _Group:
    """The state of the box as the candidates of one group change it."""

    def __init__(
        self, session: Session, log: OpenLog, group: Sequence[Candidate], seen: SeenElements
    ) -> None:
        self._session = session
        self._log = log
        self._seen = seen
        self.elements: set[int] = set()
        """Those of the ballots that were admitted here."""
        identifiers = list({candidate.identifier for candidate in group})
        slots = list({candidate.slot for candidate in group if candidate.slot is not None})
        self._decided = {
            bytes(identifier): (bytes(ballot), Admitted(position, bytes(receipt)))
            for identifier, ballot, position, receipt in session.among(
                "SELECT identifier, ballot, position, receipt FROM ballots WHERE identifier {among}",
                identifiers,
            )
        }
        self._heads = {
            slot: bytes(head)
            for slot, head in session.among("SELECT slot, head FROM slots WHERE slot {among}", slots)
        }
        self._ballots: list[tuple[object, ...]] = []
        self._frames: list[tuple[object, ...]] = []
        self._pending: list[tuple[object, ...]] = []
        self._changed: dict[int, bytes] = {}

    def outcome(self, candidate: Candidate) -> Outcome:
        entry = candidate.entry
        decided, admitted = self._decided.get(candidate.identifier, (None, None))
        if admitted is not None and decided == entry.ballot:
            return admitted
        if self._log.phase != OPEN:
            return refused(BoxRefusal.CLOSED)
        if candidate.reissues != self._log.reissues:
            return CheckAgain()
        head = NO_PREVIOUS if candidate.slot is None else self._heads.get(candidate.slot, NO_PREVIOUS)
        forbidden = check_order(entry, head=head, decided=decided)
        if forbidden is not None:
            stale = forbidden.refusal is Refusal.STALE
            return SubmissionRefusedError(forbidden.refusal.value, forbidden.message, head if stale else None)
        elements = numbers(candidate.elements)
        if not self.elements.isdisjoint(elements) or self._seen.repeat_numbers(elements):
            return refused(BoxRefusal.REPEATED_CIPHERTEXT)
        self.elements.update(elements)
        return self._admit(candidate)

    def _admit(self, candidate: Candidate) -> Admitted:
        entry, slot = candidate.entry, candidate.slot
        position = self._log.add_made(kind_of(entry), candidate.leaf, candidate.body)
        admitted = Admitted(position, candidate.receipt)
        self._decided[candidate.identifier] = entry.ballot, admitted
        self._ballots.append(
            (
                position,
                candidate.identifier,
                entry.ballot,
                int(isinstance(entry, ChallengeEntry)),
                # Whose ballot was opened is nobody's business, also not of who gets the file later (A59).
                None if isinstance(entry, ChallengeEntry) else slot,
                candidate.elements,
                candidate.receipt,
            )
        )
        self._frames.append((position, candidate.frame, candidate.hint))
        if slot is not None and isinstance(entry, CastEntry):
            self._heads[slot] = self._changed[slot] = entry.ballot
        if candidate.verdict is None:
            self._pending.append((position, entry.ballot))
        else:
            self._log.add(candidate.verdict)
        return admitted

    def write(self) -> None:
        """Everything but the log itself."""
        session = self._session
        session.insert(
            "ballots (position, identifier, ballot, challenged, slot, elements, receipt)", self._ballots
        )
        session.insert("frames (position, frame, hint)", self._frames)
        session.insert("pending (position, ballot)", self._pending)
        session.insert(
            "slots (slot, head)",
            list(self._changed.items()),
            "ON CONFLICT (slot) DO UPDATE SET head = excluded.head",
        )


_SENTENCES = {
    BoxRefusal.CLOSED: "voting has ended; the ballot was not admitted",
    BoxRefusal.REPEATED_CIPHERTEXT: "a ciphertext of the ballot is in the box already; encrypt it again",
}


def refused(refusal: BoxRefusal) -> SubmissionRefusedError:
    """A refusal of the box with its sentence."""
    return SubmissionRefusedError(refusal.value, _SENTENCES[refusal])
