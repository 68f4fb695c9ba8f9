"""E.60 to E.66: units that were closed one by one, and what was published of them before the end (rule A51).

Closings and publications are followed in their order (:class:`~evote.tally.UnitStates`). What counts is
compared with the ballots of this record: the heads of all closed units (E.61), the sums of their
complete cells (E.63). Without a board a unit's head is a tree over its submitted ballots; with one it is
the closing head of its log, which E.23, E.26 and E.33 tie to the ballots.
"""

from __future__ import annotations

from collections.abc import Mapping

from evote.ballots import Election
from evote.decryption.check import examine_decryption
from evote.decryption.withheld import reason_to_withhold
from evote.errors import DecodeError, VerificationError
from evote.manifest.extensions import INDEX
from evote.record import layout
from evote.record.provisional import ORIGIN as SIGNED_BY
from evote.record.provisional import TAG as SIGNED_AS
from evote.record.provisional import (
    ProvisionalResult,
    SealedProvisional,
    follow_faults,
    form_faults,
    frame_digest,
    open_provisional,
)
from evote.record.standing import follow, require_said
from evote.signing import VerifyKey
from evote.tally import ClosingHead, DecryptedCell, TalliedCell, UnitClosing, UnitStates, UnitTrees
from evote.tally.closings import cell_name, manifest_cells
from evote.verifier.checks.v09_aggregation import Aggregation
from evote.verifier.chunk import BallotNote
from evote.verifier.state import Verification

CHAIN, CLOSED, FOLLOWS, SUMS, DECRYPTED, ONCE, ALLOWED = (f"E.{number}" for number in range(60, 67))
PUBLISHED = (CHAIN, FOLLOWS, SUMS, DECRYPTED, ONCE, ALLOWED)
"""Checks on publications."""
PROVISIONAL = (CHAIN, CLOSED, FOLLOWS, SUMS, DECRYPTED, ONCE, ALLOWED)


class Provisional:
    """Closings and publications of one record, while its ballots go by."""

    def __init__(self, run: Verification, election: Election) -> None:
        self._run = run
        self._election = election
        self._torn = False
        self._trees = UnitTrees(election.manifest)
        self.wanted = run.reader.has(layout.CLOSINGS) or run.reader.has(layout.PROVISIONAL)
        """Whether there is anything to follow."""
        self.results: list[ProvisionalResult] = []

    def see(self, ballot: BallotNote) -> None:
        """The next ballot of the record."""
        if self.wanted:
            self._trees.add(ballot.unit, ballot.leaf)

    def tear(self) -> None:
        """A ballot cannot be read."""
        self._torn = True

    def finish(self, aggregation: Aggregation) -> None:
        """Everything, behind the last ballot."""
        if not self.wanted:
            self._run.report.not_applicable(PROVISIONAL, "no unit was closed before the others")
            return
        self._read()
        states = self._follow()
        if states is None:
            self._run.skip((ALLOWED,), "closings and publications cannot be followed to their end (E.61)")
        else:
            self._compare_heads(states)
            self._check_allowed(states, aggregation)
        self._check_sums(aggregation)
        self._check_decryptions()
        self._check_final()
        if not self.results:
            reason = "nothing was published before the end"
            self._nothing(PUBLISHED, reason)
        else:
            self._nothing((FOLLOWS, ONCE), "there is one publication")
            self._nothing((SUMS, DECRYPTED, ALLOWED), "no cell was complete when something was published")
        self._tell(states)

    def _nothing(self, identifiers: tuple[str, ...], reason: str) -> None:
        report = self._run.report
        report.not_applicable([each for each in identifiers if not report.looked(each)], reason)

    # --- E.60 --------------------------------------------------------------------------------------

    def _read(self) -> None:
        key = self._key()
        last = b""
        if not self._run.reader.has(layout.PROVISIONAL):
            return
        try:
            for position, frame, sealed in self._run.reader.provisional():
                if isinstance(sealed, DecodeError):
                    raise sealed
                result = open_provisional(sealed, self._run.reader.element_bytes)
                self._check_chain(position, result, last)
                self._check_signature(position, sealed, key)
                self.results.append(result)
                last = frame
        except DecodeError as error:
            self._run.report.count(CHAIN)
            where = error.where or layout.PROVISIONAL
            self._run.report.fail(CHAIN, where, f"this is no provisional result: {error.message}")
            self._run.skip(PUBLISHED[1:], "a provisional result cannot be read (E.60)")

    def _key(self) -> VerifyKey | None:
        index = self._election.manifest.extensions.get(INDEX)
        try:
            return None if index is None or index.key is None else VerifyKey(bytes.fromhex(index.key))
        except (DecodeError, ValueError):
            return None  # E.15 names it

    def _check_chain(self, position: int, result: ProvisionalResult, last: bytes) -> None:
        report, where = self._run.report, f"{layout.PROVISIONAL}, frame {position}"
        report.count(CHAIN)
        for fault in form_faults(result):
            report.fail(CHAIN, where, fault.message)
        if result.fingerprint != self._election.extended_hash:
            report.fail(
                CHAIN,
                where,
                "it is of another election",
                expected=self._election.fingerprint,
                computed=result.fingerprint.hex(),
            )
        previous = frame_digest(last) if last else None
        if result.sequence != position + 1 or result.previous != previous:
            report.fail(
                CHAIN,
                where,
                "it does not name the publication before it",
                expected=f"number {position + 1}, {_hex(previous)}",
                computed=f"number {result.sequence}, {_hex(result.previous)}",
            )

    def _check_signature(self, position: int, sealed: SealedProvisional, key: VerifyKey | None) -> None:
        report, where = self._run.report, f"{layout.PROVISIONAL}, frame {position}"
        if key is None:
            report.fail(CHAIN, where, "the manifest names no key with which it could be signed")
            return
        try:
            key.verify(
                sealed.signature,
                tag=SIGNED_AS,
                election=self._election.extended_hash,
                origin=SIGNED_BY,
                message=sealed.result,
            )
        except VerificationError as error:
            report.fail(CHAIN, where, f"the authority's signature does not hold: {error.message}")

    # --- E.61, E.62, E.65 --------------------------------------------------------------------------

    def _follow(self) -> UnitStates | None:
        """The state at the end; None, with a finding of E.61, where it cannot be followed."""
        report, states = self._run.report, UnitStates(self._election.manifest)
        closings = self._closings()
        if closings is None:
            return None
        taken = 0
        try:
            for result in self.results:
                report.count(CLOSED)
                taken = follow(states, closings, taken, result)
                require_said(states, result)
            for closing in closings[taken:]:
                states.close(closing)
        except VerificationError as error:
            where = error.where or layout.CLOSINGS
            report.fail(CLOSED, where, error.message, expected=error.expected, computed=error.computed)
            return None
        finally:
            self._check_order()
        return states

    def _closings(self) -> list[UnitClosing] | None:
        found, report = [], self._run.report
        try:
            for _, _, closing in self._run.reader.closings():
                if isinstance(closing, DecodeError):
                    raise closing
                report.count(CLOSED)
                found.append(closing)
        except DecodeError as error:
            where = error.where or layout.CLOSINGS
            report.count(CLOSED)
            report.fail(CLOSED, where, f"this is no statement of closing: {error.message}")
            return None
        return found

    def _check_order(self) -> None:
        for earlier, later in zip(self.results, self.results[1:], strict=False):
            self._run.report.count(FOLLOWS)
            self._run.report.count(ONCE, len(earlier.cells) + len(earlier.withheld))
            for fault in follow_faults(self._election.manifest, earlier, later):
                where = f"{layout.PROVISIONAL}, number {later.sequence}"
                place = f"{where}, {fault.where}" if fault.where else where
                self._run.report.fail(fault.check, place, fault.message)

    def _compare_heads(self, states: UnitStates) -> None:
        run = self._run
        heads: Mapping[str, ClosingHead] | None = self._trees.heads()
        if self._election.manifest.board is not None:
            heads = run.unit_heads
        if heads is None or self._torn:
            run.skip((CLOSED,), "the ballots or logs of the units cannot be read to their end")
            return
        if self._election.manifest.board is not None:
            for change in states.replaced:
                run.report.fail(
                    CLOSED,
                    f"unit {change.unit!r}",
                    "the unit was closed twice, and the log of a unit ends once",
                    expected=_shown(change.old),
                    computed=_shown(change.new),
                )
        for unit, stated in states.heads.items():
            run.report.count(CLOSED)
            if heads[unit] != stated:
                run.report.fail(
                    CLOSED,
                    f"unit {unit!r}",
                    "the unit was closed with other ballots than the record has",
                    expected=_shown(stated),
                    computed=_shown(heads[unit]),
                )

    # --- E.63, E.64 --------------------------------------------------------------------------------

    def _check_sums(self, aggregation: Aggregation) -> None:
        """The sums of complete cells; each different one is looked at."""
        known = dict(manifest_cells(self._election.manifest))
        if not aggregation.readable:
            self._run.skip((SUMS,), "a ballot that may have been cast cannot be read (E.2)")
            return
        for number, tallied in self._different():
            where = f"{layout.PROVISIONAL}, number {number}, {cell_name(tallied.contest, tallied.cell)}"
            cell = known.get((tallied.contest, tallied.cell))
            self._run.report.count(SUMS)
            if cell is None:
                self._run.report.fail(SUMS, where, "the manifest has no such cell")
                continue
            contest = self._election.manifest.contest(cell.contest)
            computed = aggregation.tallied(contest, cell)
            if computed is None:
                self._run.skip((SUMS,), f"{where}: a ballot's value is out of range (6.A)")
            elif computed != tallied:
                self._run.report.fail(
                    SUMS,
                    where,
                    "the encrypted sums are not those of the ballots",
                    expected=f"{computed.ballots} ballots",
                    computed=f"{tallied.ballots} ballots",
                )

    def _different(self) -> list[tuple[int, TalliedCell]]:
        seen: set[TalliedCell] = set()
        found = []
        for result in self.results:
            for cell in result.tally:
                if cell not in seen:
                    seen.add(cell)
                    found.append((result.sequence, cell))
        return found

    def _check_decryptions(self) -> None:
        seen: set[tuple[DecryptedCell, TalliedCell | None]] = set()
        for result in self.results:
            sums = {(cell.contest, cell.cell): cell for cell in result.tally}
            for cell in result.cells:
                tallied = sums.get((cell.contest, cell.cell))
                if (cell, tallied) not in seen:
                    seen.add((cell, tallied))
                    self._check_decryption(result.sequence, cell, tallied)

    def _check_decryption(self, number: int, cell: DecryptedCell, tallied: TalliedCell | None) -> None:
        report, group = self._run.report, self._election.group
        where = f"{layout.PROVISIONAL}, number {number}, {cell_name(cell.contest, cell.cell)}"
        report.count(DECRYPTED)
        try:
            contest = self._election.manifest.contest_by_label(cell.contest)
        except ValueError as error:
            report.fail(DECRYPTED, where, str(error))
            return
        labels = [option.label for option in contest.options]
        if [field.option for field in cell.fields] != labels:
            report.fail(DECRYPTED, where, "the options are not those of the contest, once and in order")
            return
        if tallied is None or [field.option for field in tallied.fields] != labels:
            self._run.skip((DECRYPTED,), f"{where}: there are no sums of its options (E.60, E.63)")
            return
        for option, summed, field in zip(contest.options, tallied.fields, cell.fields, strict=True):
            try:
                alpha, beta = group.decode(summed.alpha), group.decode(summed.beta)
            except (DecodeError, VerificationError):
                self._run.skip((DECRYPTED,), f"{where}: an encrypted sum is not in the subgroup (E.63)")
                continue
            findings, _ = examine_decryption(
                self._election, alpha, beta, contest.index, option.index, field, where=where
            )
            for fault in findings:
                report.fail(
                    DECRYPTED,
                    f"{where}, option {option.label!r}",
                    fault.message,
                    expected=fault.expected,
                    computed=fault.computed,
                )

    # --- E.66, and the end of E.65 -----------------------------------------------------------------

    def _check_allowed(self, states: UnitStates, aggregation: Aggregation) -> None:
        """Only complete cells, and of these only those that have enough ballots, are decrypted."""
        known = dict(manifest_cells(self._election.manifest))
        if not self.results:
            return
        if not aggregation.readable:
            self._run.skip((ALLOWED,), "a ballot that may have been cast cannot be read (E.2)")
            return
        latest = self.results[-1]
        reasons = {(cell.contest, cell.cell): cell.reason for cell in latest.withheld}
        for key in latest.done():
            cell = known.get(key)
            self._run.report.count(ALLOWED)
            if cell is None:
                continue  # E.61 names it
            contest = self._election.manifest.contest(cell.contest)
            reason = reason_to_withhold(self._election.manifest, aggregation.counts(contest, cell))
            if reason != reasons.get(key, ""):
                self._run.report.fail(
                    ALLOWED,
                    f"{layout.PROVISIONAL}, number {latest.sequence}, {cell_name(*key)}",
                    "the rule of small cells gives another decision",
                    expected=reason or "decrypted",
                    computed=reasons.get(key) or "decrypted",
                )

    def _check_final(self) -> None:
        """The final tally and decryption have what was published, byte for byte."""
        run = self._run
        if not self.results or run.decryption is None or run.tally is None:
            return
        latest = self.results[-1]
        if not set(latest.guardians) <= set(run.decryption.guardians):
            run.report.fail(ONCE, layout.DECRYPTION, "a guardian who decrypted before is not named")
        decrypted = {(cell.contest, cell.cell): cell for cell in run.decryption.cells}
        withheld = {(cell.contest, cell.cell): cell for cell in run.decryption.withheld}
        tallied = {(cell.contest, cell.cell): cell for cell in run.tally.cells}
        for where, before, after in (
            (layout.TALLY, latest.tally, tallied),
            (layout.DECRYPTION, latest.cells, decrypted),
            (layout.DECRYPTION, latest.withheld, withheld),
        ):
            for cell in before:
                run.report.count(ONCE)
                if after.get((cell.contest, cell.cell)) != cell:
                    name = cell_name(cell.contest, cell.cell)
                    message = "what was published of the cell is gone or another"
                    run.report.fail(ONCE, f"{where}, {name}", message)

    def _tell(self, states: UnitStates | None) -> None:
        report = self._run.report
        report.add("provisional results", len(self.results))
        if states is None:
            return
        report.add("units closed early", len(states.heads))
        for change in states.discrepancies:
            report.add("discrepancies")
            report.warn(
                f"Unit {change.unit!r} was corrected after it was decrypted, and the correction is not "
                "counted: "
                f"{change.old.size} leaves before, {change.new.size} after ({change.reason})."
            )


def _hex(digest: bytes | None) -> str:
    return "none" if digest is None else digest.hex()


def _shown(head: ClosingHead) -> str:
    return f"{head.size} leaves, root {head.root.hex()}"
