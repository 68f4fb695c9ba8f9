"""The ballot box of one unit: admits ballots durably, gives receipts, keeps the unit's log.

Implements R1 to R4 and R16 of the board on SQLite (one file, one machine) and on PostgreSQL (several
front ends at once); ``specs/ballot-box.md`` says what holds between its tables and the log. A box is
safe among threads; several processes may open the same box.

Rules:

- A receipt leaves only when its entry is on the disk. The same ballot sent again gets the same
  receipt, byte for byte.
- The first entry for an identifier, cast or challenge, decides for ever.
- Every ballot gets a verdict in the log before the log ends.
- A box that finds itself behind what it ever promised signs nothing.

Left out: transport, the election's log and its witnesses, and secrets at rest (the caller holds the
log's key).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from pathlib import Path
from types import TracebackType

from evote.ballots.values import BallotState
from evote.board.admission import AdmissionReceipt
from evote.board.checkpoint import Checkpoint
from evote.errors import StorageError
from evote.hashing import sha256
from evote.signing import SigningKey
from evote.storage.box_admission import Admission, Candidate, Outcome
from evote.storage.box_anchor import Anchor
from evote.storage.box_checker import Checker
from evote.storage.box_core import BoxCore
from evote.storage.box_database import Database, Session
from evote.storage.box_desk import Answer, Asked, Desk
from evote.storage.box_groups import GroupCommit
from evote.storage.box_intake import Examiner, Intake, examine_each
from evote.storage.box_keeping import Keeping
from evote.storage.box_log import OpenLog
from evote.storage.box_refusals import BoxRefusal, SubmissionRefusedError
from evote.storage.box_schema import TABLES, check, fill
from evote.storage.box_setting import BoxSetting
from evote.storage.box_sqlite import SqliteDatabase

GROUP = 256
"""Most submissions in one transaction."""
QUEUE = 1024
"""Submissions that one process works on at once; more are told to come again."""
RECENT = 16384
"""Receipts kept in memory for those who send the same bytes again."""


class BallotBox(Keeping):
    """The box of ``setting`` at ``location``; a context manager.

    ``location`` is a path, or the address of a PostgreSQL database (``postgresql://…``), in which the box
    has a schema of its own. ``key`` signs receipts and heads; it is the log key that the manifest
    declares. ``checker`` holds the rules of the board. With ``make`` the box may be new; else it must
    be there. ``anchor`` is the path of the anchor file, by default that of the SQLite file with
    ``.anchor`` behind it; it must be given for PostgreSQL. ``new_anchor`` lets a machine that never
    served the box begin. ``witnessed`` are heads of this log that others hold. With ``examiner`` the
    proofs of a ballot are checked before it is admitted and the verdict enters with it; None leaves
    them to :meth:`verify_pending`. ``clock`` gives seconds since 1970.

    Raises ``ValueError`` for a key that is not the declared one or a wrong location,
    :class:`RefusedError` for the box of another election or unit, and :class:`StorageError`. A box
    that is behind what it promised opens, for reading: see :attr:`fault`.
    """

    def __init__(
        self,
        location: str | PathLike[str],
        setting: BoxSetting,
        key: SigningKey,
        checker: Checker,
        *,
        make: bool = False,
        anchor: Path | None = None,
        new_anchor: bool = False,
        witnessed: Iterable[Checkpoint] = (),
        examiner: Examiner | None = examine_each,
        clock: Callable[[], float] = time.time,
        queue: int = QUEUE,
    ) -> None:
        if key.verify_key != setting.log_key:
            raise ValueError(f"this is not the log key that the manifest declares for {setting.unit!r}")
        self._setting = setting
        self._key = key
        self._checker = checker
        self._examiner = examiner
        self._admission = Admission()
        self._groups: GroupCommit[Candidate, Outcome] = GroupCommit(self._admit_group, GROUP)
        # One group at a time: two take the interpreter from one another, and the commit, during which the
        # next could be checked, is a small part of a group's time. Another front end works meanwhile.
        self._gathered: GroupCommit[Asked, Answer] = GroupCommit(self._answer_group, GROUP)
        self._queue = queue
        self._working = 0
        self._recent: OrderedDict[tuple[BallotState, bytes], AdmissionReceipt] = OrderedDict()
        self._recent_lock = threading.Lock()
        self._flights: dict[tuple[BallotState, bytes], threading.Event] = {}
        self._reissue_lock = threading.Lock()
        self._closed = False
        database, anchor = _open(location, setting, anchor, make=make)
        try:
            self._prepare(database, make=make, now=int(clock()))
            opened = Anchor(anchor, setting.identity.digest())
        except BaseException:
            database.close()
            raise
        self._core = BoxCore(database, setting.identity, opened, clock)
        self._intake = Intake(setting, key, checker)
        self._desk = Desk(self._intake, self._core, self._learn_reissues)
        try:
            self._core.compare(witnessed, new_anchor=new_anchor)
            self._learn_reissues()
            with self._core.reading() as session:
                ((size,),) = session.rows("SELECT size FROM state WHERE id = 1")
                self._admission.catch_up(session, size)
            self._core.started()
        except BaseException:
            opened.close()
            database.close()
            raise

    def __enter__(self) -> BallotBox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write down what was counted and close; closing twice does nothing."""
        if not self._closed:
            self._closed = True
            self._core.close()

    @property
    def fault(self) -> str | None:
        """Why the box signs nothing, with what to do; None if it works."""
        return self._core.fault

    # --- submissions -----------------------------------------------------------------------------

    def admit(self, data: bytes) -> AdmissionReceipt:
        """Admit a cast ballot (the canonical bytes of a submission); durable on return.

        Raises :class:`SubmissionRefusedError` with the name of the reason, and :class:`StorageError`, after
        which the same may be sent again.
        """
        return self._counted(data, BallotState.CAST)

    def challenge(self, data: bytes) -> AdmissionReceipt:
        """Admit a challenge. The device opens the ballot only when it has verified this receipt.

        Raises as :meth:`admit` does; DUPLICATE-ID says that the ballot was cast before.
        """
        return self._counted(data, BallotState.CHALLENGED)

    def count_refused(self, refusal: BoxRefusal, count: int = 1) -> None:
        """Count what somebody in front of the box refused by the same name, as a server whose queue is full.

        ``count`` >= 1 (``ValueError`` otherwise). Raises as a transaction does, :class:`StorageError` and
        :class:`RefusedError`; the counts are then kept for the next one.
        """
        if count < 1:
            raise ValueError("what did not happen is not counted")
        self._core.count(refusal.value, count)

    def _counted(self, data: bytes, decision: BallotState) -> AdmissionReceipt:
        try:
            return self._submit(data, decision)
        except SubmissionRefusedError as refusal:
            self._core.count(refusal.name)
            raise

    def _submit(self, data: bytes, decision: BallotState) -> AdmissionReceipt:
        if self._core.fault is not None:
            raise SubmissionRefusedError(BoxRefusal.STOPPED.value, self._core.fault)
        known = decision, sha256(data)
        # Most of what comes in a rush is sent again: no lock, no place in the queue.
        receipt = self._recent.get(known)
        if receipt is not None:
            return receipt
        with self._recent_lock:
            if self._working >= self._queue:
                raise SubmissionRefusedError(
                    BoxRefusal.QUEUE_FULL.value,
                    "too many ballots come at once; send the same again in a moment",
                )
            self._working += 1
        try:
            return self._work(known, data)
        finally:
            with self._recent_lock:
                self._working -= 1

    def _work(self, known: tuple[BallotState, bytes], data: bytes) -> AdmissionReceipt:
        while True:
            with self._recent_lock:
                receipt = self._recent.get(known)
                if receipt is not None:
                    return receipt
                other = self._flights.get(known)
                if other is None:
                    mine = self._flights[known] = threading.Event()
                    break
            # The same bytes are at work in another thread. If nothing comes of it, they are tried here.
            other.wait()
        try:
            asked = Asked(data, known[0])
            answer = self._gathered(asked) if self._examiner is None else self._answer_alone(asked)
            if isinstance(answer, Exception):
                raise answer
            with self._recent_lock:
                self._recent[known] = answer
                if len(self._recent) > RECENT:
                    self._recent.popitem(last=False)
        finally:
            with self._recent_lock:
                del self._flights[known]
            mine.set()
        return answer

    def _answer_alone(self, asked: Asked) -> Answer:
        """The answer to one submission whose proofs are checked in the thread of its caller."""

        def commit(group: Sequence[Candidate]) -> list[Outcome]:
            return [self._groups(candidate) for candidate in group]

        (answer,) = self._desk.answer([asked], commit, self._examiner)
        return answer

    def _answer_group(self, group: Sequence[Asked]) -> list[Answer]:
        return self._desk.answer(group, self._admit_group, None)

    def _admit_group(self, group: Sequence[Candidate]) -> list[Outcome]:
        def change(session: Session, log: OpenLog) -> list[Outcome]:
            return self._admission.run(session, log, group)

        return self._core.write(change)

    # --- opening ---------------------------------------------------------------------------------

    def _prepare(self, database: Database, *, make: bool, now: int) -> None:
        identity = self._setting.identity
        if make:
            with database.make(TABLES) as session:
                if not session.rows("SELECT format FROM box"):
                    fill(session, identity, now)
        elif not database.exists():
            raise StorageError(f"{database.name} is no ballot box; give the path or address of one")
        with database.reading() as session:
            check(session, identity, database.name)


def _open(
    location: str | PathLike[str], setting: BoxSetting, anchor: Path | None, *, make: bool
) -> tuple[Database, Path]:
    """The database at a location and the path of its anchor."""
    if isinstance(location, str) and "://" in location:
        if anchor is None:
            raise ValueError("a box in PostgreSQL needs the path of an anchor file on this machine")
        from evote.storage.box_postgres import PostgresDatabase  # needs the extra

        schema = f"evote_{setting.identity.digest()[:16].hex()}"
        return PostgresDatabase(location, schema, make=make), anchor
    path = Path(location)
    return SqliteDatabase(path, make=make), anchor or path.with_name(f"{path.name}.anchor")
