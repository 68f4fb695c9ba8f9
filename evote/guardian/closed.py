"""The record as a guardian sees it before it decrypts (specification section 3.6; rules A46, A51, A54).

Verifications 1 to 8 and evote's own checks are made by :mod:`evote.verifier`; while it looks at each
ballot, the same ballots are added up here, so that the sums to be decrypted are those of ballots that this
process verified. Verification 9 is then a comparison with the published sums. Nothing is taken from
anybody's word: without a record there is nothing to decrypt.

:func:`closed_record` is for a record that takes no more ballots, :func:`open_record` for one in which some
units are closed and others are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evote.ballots import Election, Examination, verified_of
from evote.board.credential import CredentialVerifier
from evote.ceremony import verify_guardian_record
from evote.decryption import BallotValues, PublicShares
from evote.errors import RefusedError, VerificationError
from evote.manifest.extensions import INDEX
from evote.record import RecordReader, Stage, load_election
from evote.record.standing import Standing, standing
from evote.report import Report, Status, Verdict
from evote.tally import Tallier, Tally
from evote.verifier.state import Progress
from evote.verifier.verify import verify_reader


@dataclass(frozen=True, slots=True, eq=False)
class ClosedRecord:
    """A record that was verified by this process; made by :func:`closed_record` or :func:`open_record`."""

    election: Election
    tally: Tally
    values: BallotValues
    shares: PublicShares
    standing: Standing
    """Which units were closed one by one, and what was published of them."""
    closed: bool = True
    """Whether the record takes no more ballots; ``tally`` is else that of the ballots so far."""


class _Counter:
    """Looks on while ballots are examined, and adds up those that hold."""

    def __init__(self) -> None:
        self.election: Election | None = None
        self.tallier: Tallier | None = None
        self.values: BallotValues | None = None
        self.refusal: RefusedError | None = None

    def see(self, examination: Examination) -> None:
        """The next ballot of the record."""
        election = examination.election
        if self.tallier is None or self.values is None:
            self.begin(election)
        if not examination.findings and self.tallier is not None and self.values is not None:
            ballot = verified_of(election, examination.submitted, examination)
            self.tallier.add(ballot)
            if self.refusal is None:
                try:
                    self.values.add(ballot)
                except RefusedError as error:
                    self.refusal = error  # told when the whole record has been looked at

    def begin(self, election: Election) -> None:
        self.election = election
        self.tallier = Tallier(election)
        self.values = BallotValues(election)


def closed_record(
    reader: RecordReader,
    progress: Progress | None = None,
    credential_schemes: Iterable[CredentialVerifier] = (),
) -> ClosedRecord:
    """Verify a record that was closed and tallied, and add its ballots up.

    ``credential_schemes`` as for :func:`evote.verifier.verify_record`; without those that the manifest
    declares, the record is refused.

    Raises :class:`VerificationError` with the first check that fails (9.A or 9.B if the published sums
    are not those of the ballots), :class:`RefusedError` if something could not be checked, if the
    record is not closed, or if a rule forbids decrypting it; :class:`~evote.errors.DecodeError` and
    :class:`~evote.errors.StorageError` for files that cannot be read.
    """
    record = _verified(reader, progress, credential_schemes, closed=True)
    _require_closed(reader, record.election, record.tally)
    _compare_sums(reader, record.tally)
    return record


def open_record(
    reader: RecordReader,
    progress: Progress | None = None,
    credential_schemes: Iterable[CredentialVerifier] = (),
) -> ClosedRecord:
    """Verify a record in which some units are closed, and add its ballots up.

    The closings are sealed by the authority's index, and each is that of the ballots here (E.61). Raises as
    :func:`closed_record`, and :class:`RefusedError` if no unit is closed, or nobody seals the closings.
    """
    record = _verified(reader, progress, credential_schemes, closed=False)
    if INDEX not in record.election.manifest.extensions:
        raise RefusedError("the manifest names no authority that seals closings, so nothing is decrypted yet")
    if not record.standing.states.heads:
        raise RefusedError("no unit of the record is closed yet; 'evote results close' does that")
    return record


def _verified(
    reader: RecordReader,
    progress: Progress | None,
    credential_schemes: Iterable[CredentialVerifier],
    *,
    closed: bool,
) -> ClosedRecord:
    counter = _Counter()
    report = verify_reader(
        reader,
        stage=Stage.VOTING,
        progress=progress,
        observer=counter.see,
        credential_schemes=credential_schemes,
    )
    _require_pass(report)
    if counter.election is None:
        counter.begin(load_election(reader))
    election, tallier, values = counter.election, counter.tallier, counter.values
    if election is None or tallier is None or values is None:
        raise RefusedError("the record could not be added up")
    if counter.refusal is not None:
        raise counter.refusal
    tally = tallier.tally(tallier.head())
    setting = election.setting
    guardians = [verify_guardian_record(setting, record) for record in reader.guardians().guardians]
    stands = standing(reader, election.manifest, election.extended_hash)
    return ClosedRecord(election, tally, values, PublicShares.of(election, guardians), stands, closed)


def _require_pass(report: Report) -> None:
    if report.verdict is Verdict.PASS:
        return
    for status in (Status.FAIL, Status.NOT_CHECKED):
        for identifier in report.having(status):
            result = report.check(identifier)
            first = next(iter(result.findings), None)
            text = result.title if first is None else first.message
            if status is Status.FAIL:
                raise VerificationError(
                    f"the record does not verify, so it is not decrypted: {text}",
                    check=identifier,
                    where="" if first is None else first.where,
                )
            because = f" ({result.note})" if result.note else ""
            raise RefusedError(
                f"check {identifier} could not be made{because}, so the record is not decrypted"
            )
    raise RefusedError(f"the verdict on the record is {report.verdict.value}, so it is not decrypted")


def _require_closed(reader: RecordReader, election: Election, tally: Tally) -> None:
    """The authority has sealed the closing head, where the manifest declares an index."""
    if INDEX not in election.manifest.extensions:
        return
    latest = reader.latest_index()
    if latest is None or latest.head is None:
        raise RefusedError("the record is not closed: no index seals its closing head")
    if latest.head != tally.head:
        raise VerificationError(
            "the sealed closing head is not that of the ballots",
            check="E.11",
            expected=f"{tally.head.size} ballots, root {tally.head.root.hex()}",
            computed=f"{latest.head.size} ballots, root {latest.head.root.hex()}",
        )


def _compare_sums(reader: RecordReader, tally: Tally) -> None:
    """Verification 9: the published sums are those of the verified ballots."""
    stated, computed = reader.tally(), tally.publish()
    if stated == computed:
        return
    if stated.head != computed.head:
        raise VerificationError(
            "the published tally covers other ballots than the record has", check="9.A", where="head"
        )
    for theirs, mine in zip(stated.cells, computed.cells, strict=False):
        where = f"contest {mine.contest!r}, cell {mine.cell!r}"
        for field, right in zip(theirs.fields, mine.fields, strict=False):
            for check, found, wanted in (
                ("9.A", field.alpha, right.alpha),
                ("9.B", field.beta, right.beta),
            ):
                if found != wanted:
                    raise VerificationError(
                        "the published sum is not that of the verified ballots",
                        check=check,
                        where=f"{where}, option {right.option!r}",
                        expected=wanted.hex().upper(),
                        computed=found.hex().upper(),
                    )
    raise VerificationError(
        "the published tally is not that of the verified ballots: another number of ballots or cells",
        check="9.A",
    )
