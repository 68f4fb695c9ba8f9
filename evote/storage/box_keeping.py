"""What a ballot box does beside admitting: verdicts, heads, re-issues, the end.

Rules: a verdict is given once per ballot; a head is signed over all entries so far, and stored before
it leaves; after the first closing entry only verdicts enter, after the second nothing. The same
closing again gives the entry that is there, so that a stopped program can go on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.entries import ClosingEntry, ReissueEntry, VerdictEntry
from evote.board.note import Note
from evote.codec import decode, encode
from evote.errors import RefusedError, StorageError
from evote.manifest.moments import moment_of
from evote.signing import SigningKey
from evote.storage.box_checker import Checker
from evote.storage.box_contents import Contents
from evote.storage.box_core import BoxCore
from evote.storage.box_database import Session
from evote.storage.box_intake import Examiner, examine_together, verdict_of
from evote.storage.box_log import FIRST_CLOSED, OPEN, OpenLog
from evote.storage.box_schema import CLOSINGS, REISSUES
from evote.storage.box_setting import BoxSetting

BATCH = 256
"""Ballots that get their verdicts in one transaction."""


class Keeping(Contents):
    """The duties of whoever keeps the box; part of :class:`evote.storage.box.BallotBox`."""

    _core: BoxCore
    _setting: BoxSetting
    _key: SigningKey
    _checker: Checker
    _reissue_lock: threading.Lock

    def verify_pending(
        self, examiner: Examiner = examine_together, most: int = BATCH
    ) -> tuple[VerdictEntry, ...]:
        """Check the proofs of the first ballots without a verdict, and log the verdicts; durable on return.

        Empty when there are none. Raises what the examiner raises: nothing is then logged.
        """
        found = self.pending(most)
        if not found:
            return ()
        examinations = examiner(
            self._setting.election, [each.submitted for each in found], [each.hint for each in found]
        )
        if len(examinations) != len(found):
            raise ValueError("an examiner gives one examination per ballot")
        for each, examination in zip(found, examinations, strict=True):
            if examination.submitted is not each.submitted:
                raise ValueError("an examiner gives the examinations in the order of the ballots")

        by_position = {each.position: one for each, one in zip(found, examinations, strict=True)}
        return self._give(list(by_position), lambda place, ballot: verdict_of(ballot, by_position[place]))

    def enter_verdicts(self, verdicts: Mapping[int, VerdictEntry]) -> tuple[VerdictEntry, ...]:
        """Log verdicts that were found elsewhere, by the positions of the ballots; durable on return.

        Gives those that were logged: a ballot that got its verdict meanwhile is passed over. Raises
        ``ValueError`` for a verdict about another ballot than the one at its position; nothing is
        then logged.
        """

        def verdict(place: int, ballot: bytes) -> VerdictEntry:
            if verdicts[place].ballot != ballot:
                raise ValueError(f"the verdict for entry {place} is about another ballot")
            return verdicts[place]

        return self._give(list(verdicts), verdict)

    def _give(
        self, positions: list[int], verdict: Callable[[int, bytes], VerdictEntry]
    ) -> tuple[VerdictEntry, ...]:
        def change(session: Session, log: OpenLog) -> tuple[VerdictEntry, ...]:
            rows = session.among("SELECT position, ballot FROM pending WHERE position {among}", positions)
            waiting = {position: bytes(ballot) for position, ballot in rows}
            given = [
                verdict(position, waiting[position])
                for position in positions
                if position in waiting  # else somebody was faster
            ]
            for each in given:
                log.add(each)
            session.many("DELETE FROM pending WHERE position = ?", [(position,) for position in waiting])
            return tuple(given)

        return self._core.write(change)

    def head(self) -> Note:
        """The signed head of all entries so far; stored durably before it is returned.

        Called at least once in every merge delay. Raises :class:`RefusedError` if the box was stopped.
        """

        def change(session: Session, log: OpenLog) -> Note:
            mark = log.mark()
            rows = session.rows("SELECT note FROM heads WHERE size = ?", (mark.size,))
            if rows:
                return Note.parse(bytes(rows[0][0]))
            note = sign_checkpoint(Checkpoint(self._setting.origin, mark.size, mark.root), self._key)
            session.change(
                "INSERT INTO heads (size, root, note) VALUES (?, ?, ?)", (mark.size, mark.root, note.encode())
            )
            return note

        return self._core.write(change)

    def tick(self) -> None:
        """Say that the box is in service, and write down what was counted; called every minute or so."""
        self._core.write(lambda session, log: None)

    def reissue(self, entry: ReissueEntry) -> None:
        """Replace the credential of a slot; durable on return. The same entry again changes nothing.

        Raises :class:`RefusedError` if it does not hold, or voting has ended.
        """

        def change(session: Session, log: OpenLog) -> bool:
            body = encode(entry)
            rows = session.rows(REISSUES)
            if body in [bytes(held) for (held,) in rows]:
                return True
            if log.phase != OPEN:
                raise RefusedError("voting has ended; no credential is replaced any more")
            if self._checker.reissues != log.reissues:
                return False
            self._checker.check_reissue(entry)
            log.add(entry)
            log.reissues += 1
            return True

        done = False
        while not done:
            self._learn_reissues()
            done = self._core.write(change)
        self._learn_reissues()

    def _learn_reissues(self) -> None:
        """Tell the rules of every re-issue in the log that they do not know of."""
        with self._reissue_lock:
            rows = self._core.ask(lambda session: session.rows(REISSUES))
            for (body,) in rows[self._checker.reissues :]:
                self._checker.reissue(decode(ReissueEntry, bytes(body), element_bytes=0))

    def end_voting(self) -> ClosingEntry:
        """The first closing entry: from now on no ballot, challenge or re-issue enters."""

        def change(session: Session, log: OpenLog) -> ClosingEntry:
            if log.phase == OPEN:
                log.log_minutes()
                return log.close(ClosingEntry(1, moment_of(self._core.now())))
            return _closing(session, 1)

        return self._core.write(change)

    def end_log(self) -> ClosingEntry:
        """The second closing entry: nothing enters any more.

        Raises :class:`RefusedError` before :meth:`end_voting`, and while ballots wait for verdicts.
        """

        def change(session: Session, log: OpenLog) -> ClosingEntry:
            if log.phase == OPEN:
                raise RefusedError("voting has not ended; end it first")
            if log.phase == FIRST_CLOSED:
                ((waiting,),) = session.rows("SELECT count(*) FROM pending")
                if waiting:
                    raise RefusedError(f"{waiting} ballots wait for their verdict; check them first")
                # A clock that was put back does not let the log end before voting did.
                ended = _closing(session, 1).time
                return log.close(ClosingEntry(2, max(ended, moment_of(self._core.now()))))
            return _closing(session, 2)

        return self._core.write(change)


def _closing(session: Session, phase: int) -> ClosingEntry:
    rows = session.rows(CLOSINGS)
    if len(rows) < phase:
        raise StorageError("the box says that it is closed and has no closing entry; use an intact copy")
    return decode(ClosingEntry, bytes(rows[phase - 1][0]), element_bytes=0)
