"""All logs of a record in one pass, behind the ballots: E.17, E.23 to E.33.

Entries are read once, in the order of the record; signatures are checked by whoever works. Memory holds
per ballot of the logs what :mod:`evote.board.counting` holds, and its facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from evote.ballots import Election
from evote.board.counting import CountedSet
from evote.board.credential import BUILT_IN
from evote.board.entries import TYPES, Entry
from evote.board.note import Note
from evote.codec import decode
from evote.errors import DecodeError, VerificationError
from evote.manifest.declarations import DeclaredBoard
from evote.pool import ordered
from evote.record import layout
from evote.record.values import ELECTION_LOG, MAX_ENTRY_BYTES, LogFrame
from evote.returns.closedlog import closed_log, count_log, registered_voters
from evote.verifier.board import ids
from evote.verifier.board.aside import read_aside
from evote.verifier.board.counted import Counted
from evote.verifier.board.facts import Facts, FactStore
from evote.verifier.board.heads import UnitHeads, check_closing
from evote.verifier.board.openunits import closed_units, tell_open
from evote.verifier.board.signatures import SignedItem, SignedTask, check_signatures
from evote.verifier.board.unitlog import UnitLog
from evote.verifier.checks.v05_identifiers import Identifiers
from evote.verifier.chunk import ASIDE, BallotNote, ChunkResult
from evote.verifier.plan import Plan
from evote.verifier.state import ReadLog, Verification

_SIGNATURES = 256
"""Entries whose signatures make one task."""

_NAMED = 100
"""Ballots without entry that are named."""


class BoardPass:
    """The board of one record; ``identifiers`` also hears of the ballots aside."""

    def __init__(self, run: Verification, election: Election, plan: Plan, identifiers: Identifiers) -> None:
        self._run = run
        self._election = election
        self._plan = plan
        self._identifiers = identifiers
        self._board = None if run.manifest is None else run.manifest.board
        self._facts = None if self._board is None else FactStore()
        self._torn = ""
        """Why the ballots cannot be told to be all."""
        self._failed: list[tuple[str, ...] | None] = []

    def close(self) -> None:
        """Remove temporary files."""
        if self._facts is not None:
            self._facts.close()

    # --- ballots -----------------------------------------------------------------------------------

    def see(self, result: ChunkResult) -> None:
        """The next stretch of the record's ballots."""
        if self._facts is None:
            return
        for position, note in enumerate(result.notes, result.first):
            if note is None:
                self.tear()
            else:
                self._keep(note.leaf, _facts_of(position, note))

    def tear(self) -> None:
        """A ballot cannot be read, so that its entry will have none."""
        self._torn = self._torn or "a ballot cannot be read (E.2)"

    def _keep(self, ballot: bytes, facts: Facts) -> None:
        if self._facts is not None and not self._facts.add(ballot, facts):
            self._run.report.fail(ids.ENTRIES, facts.place, "the record has this very ballot before")

    def _read_aside(self) -> None:
        try:
            for one in read_aside(self._run, self._plan):
                if one is None:
                    self.tear()
                    self._failed.append(None)
                    continue
                self._run.report.count("5.A")
                self._run.report.count("E.6", len(one.values))
                self._identifiers.add(ASIDE + one.facts.position, one.facts.identifier, one.values)
                self._failed.append(one.failed)
                self._keep(one.ballot, one.facts)
        except DecodeError as error:
            self._run.report.count("E.2")
            self._run.report.fail("E.2", error.where or layout.ASIDE, f"this is no ballot: {error.message}")
            self.tear()

    # --- logs --------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Read what stands beside the ballots; behind the last of them."""
        run, board, facts = self._run, self._board, self._facts
        if board is None or facts is None:
            return
        self._read_aside()
        if self._torn:
            run.skip((ids.ENTRIES, ids.CONTEXTS, ids.SIGNATURES, ids.COUNTED, ids.VERDICTS), self._torn)
        if not run.reader.has(layout.LOG):
            run.skip(ids.LATER, "the logs are declared and missing (E.15)")
            return
        run.closed_units = closed_units(run)
        logs = _Logs(run, self._election, board, facts)
        for signed in ordered(self._plan.executor, check_signatures, logs.read(), ahead=self._plan.ahead):
            run.report.count(ids.SIGNATURES, signed.looked)
            for index, message in signed.faults:
                run.report.fail(
                    ids.SIGNATURES,
                    f"log of {signed.unit!r}, entry {index}",
                    f"the entry is not signed as it must be: {message}",
                )
        self._conclude(logs, facts)

    def _conclude(self, logs: _Logs, facts: FactStore) -> None:
        run = self._run
        if logs.torn:
            run.skip(ids.LATER, "the logs cannot be read to their end (E.23)")
            return
        for ballot in facts.left(_NAMED):
            run.report.fail(ids.ENTRIES, f"ballot {ballot.hex()}", "the ballot stands on no log")
        run.report.fail_more(ids.ENTRIES, max(facts.waiting - _NAMED, 0))
        closed = logs.closed()
        heads = {ELECTION_LOG: logs.heads.head()} | {number: log.head() for number, log in closed}
        run.unit_heads = {log.unit: log.head() for log in logs.units}
        logs.heads.finish({log.unit: log.head() for _, log in closed})
        if run.checkpoints is None:
            run.skip((ids.LOGS, ids.WITNESSES), f"{layout.CHECKPOINTS} cannot be read")
        else:
            check_closing(run, run.checkpoints, logs.board, heads)
        counted = Counted(run, run.checkpoints, self._failed)
        registered = None if run.roll is None else registered_voters(run.roll)
        run.unit_logs = {}
        for number, log in closed:
            result = log.finish()
            run.unit_logs[log.unit] = _read_log(run, log, number, result, registered)
            if result is not None:
                counted.see(number, log, result)
        if logs.countable:
            counted.finish()
        else:
            run.skip(ids.NEED_ROLL, "the roll cannot be read (E.15, E.22)")
        self._explain(logs)
        tell_open(run, logs.unclosed())

    def _explain(self, logs: _Logs) -> None:
        """Why checks had nothing to look at, where the logs show that there is nothing."""
        for identifiers, reason in (
            ((ids.SIGNATURES, ids.SLOTS), "no ballot was cast"),
            ((ids.ENTRIES, ids.CONTEXTS, ids.VERDICTS), "there is no ballot"),
            ((ids.REISSUES,), "no credential was issued again"),
            ((ids.COUNTS,), "no refusal and no gap was counted"),
        ):
            self._run.report.not_applicable(
                [each for each in identifiers if not self._run.report.looked(each)], reason
            )


class _Logs:
    """The logs while they are read."""

    def __init__(self, run: Verification, election: Election, board: DeclaredBoard, facts: FactStore) -> None:
        self._run = run
        self.board = board
        self.torn = False
        self.countable = run.roll is not None or election.manifest.roll is None
        self.heads = UnitHeads(run, election.extended_hash, board)
        issued: dict[bytes, str] = {}
        self._others = tuple(verifier for name, verifier in run.schemes.items() if name not in BUILT_IN)
        self.units = [
            UnitLog(
                run,
                election,
                unit.path,
                board.units[unit.path],
                board,
                run.roll,
                self.countable,
                facts,
                issued,
            )
            for unit in election.manifest.ballot_units()
        ]
        self._election = election.extended_hash
        self._order: list[int] = []
        """Numbers of the units' logs as they appear in the record."""

    def closed(self) -> list[tuple[int, UnitLog]]:
        """The logs that have to have ended, with their numbers, in the order of their ballots (E.33).

        That is the order of the manifest, and, where units were closed one by one, that of the logs in the
        record.
        """
        every: Sequence[int] = range(1, len(self.units) + 1)
        if self._run.reader.has(layout.CLOSINGS):
            every = [*self._order, *(number for number in every if number not in self._order)]
        wanted = self._run.closed_units
        return [
            (number, self.units[number - 1])
            for number in every
            if wanted is None or self.units[number - 1].unit in wanted
        ]

    def unclosed(self) -> list[UnitLog]:
        """The logs of the units that are still open."""
        wanted = self._run.closed_units
        return [] if wanted is None else [log for log in self.units if log.unit not in wanted]

    def read(self) -> Iterator[SignedTask]:
        """Read every entry; gives tasks of signatures."""
        waiting: dict[int, list[SignedItem]] = {}
        for number, entry in self._entries():
            if number == ELECTION_LOG:
                self.heads.read(entry)
                continue
            log = self.units[number - 1]
            if not log.size:
                self._order.append(number)
            item = log.read(entry)
            if item is not None:
                items = waiting.setdefault(number, [])
                items.append(item)
                if len(items) == _SIGNATURES:
                    yield self._task(number, waiting.pop(number))
        for number, items in waiting.items():
            yield self._task(number, items)

    def _task(self, number: int, items: list[SignedItem]) -> SignedTask:
        log = self.units[number - 1]
        return SignedTask(log.unit, log.log.origin, self._election, tuple(items), self._others)

    def _entries(self) -> Iterator[tuple[int, Entry]]:
        """Number of the log and entry, in the order of the record."""
        try:
            for position, _, frame in self._run.reader.log():
                found = self._decode(frame)
                if isinstance(found, DecodeError):
                    self._fail(f"{layout.LOG}, frame {position}", found.message)
                elif found[0] > len(self.units):
                    self._fail(f"{layout.LOG}, frame {position}", f"there is no log {found[0]}")
                else:
                    yield found
        except DecodeError as error:
            self._fail(error.where or layout.LOG, error.message)

    @staticmethod
    def _decode(frame: LogFrame | DecodeError) -> tuple[int, Entry] | DecodeError:
        if isinstance(frame, DecodeError):
            return frame
        try:
            entry = decode(TYPES[frame.kind], frame.body, element_bytes=0, limit=MAX_ENTRY_BYTES)
        except DecodeError as error:
            return error
        return frame.log, entry

    def _fail(self, where: str, message: str) -> None:
        self.torn = True
        self._run.report.count(ids.LOGS)
        self._run.report.fail(ids.LOGS, where, f"this is no entry of a log: {message}")


def _read_log(
    run: Verification,
    log: UnitLog,
    number: int,
    result: CountedSet | None,
    registered: Mapping[tuple[str, str], int] | None,
) -> ReadLog:
    """What a return says of a log, from the log and its closing checkpoint as they are."""
    named, counts = None, None
    notes = () if run.checkpoints is None else run.checkpoints.closing
    for note in (each.note for each in notes if each.log == number):
        with suppress(DecodeError, VerificationError):  # E.23 names it
            named = closed_log(log.log, Note.parse(note))
    if result is not None and run.manifest is not None:
        outcomes = [(log.places[one.index].style, one) for one in result.outcomes if one.index in log.places]
        counts = count_log(log.unit, run.manifest.unit(log.unit).styles, outcomes, registered)
    here = result is not None and all(one.index in log.places for one in result.outcomes)
    return ReadLog(log.ended and here, named, counts)


def _facts_of(position: int, note: BallotNote) -> Facts:
    return Facts(False, position, note.cast, note.identifier, note.unit, note.style, note.pseudonym)
