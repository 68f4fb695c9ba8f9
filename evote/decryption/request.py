"""What one decryption session decrypts (specification section 3.6; rules A46, A51, A59, A70).

A :class:`DecryptionRequest` comes out of :func:`decryption_request` and :func:`provisional_request` only,
which take a complete :class:`~evote.tally.Tally` and the verified ballots behind it. So nothing but a cell of
closed units, the contest data of a ballot in a closed record or the nonce of a challenged ballot in it can be
asked of a guardian. Withheld cells are not in a request. No secret is used here.

Sessions: a request names its guardians U and a session number, and its digest covers both; every
message of the session carries the digest. Whatever is to be done again, with other guardians or
after a failure, is another request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from evote.ballots import Election, VerifiedBallot, VerifiedChallenge
from evote.codec import MAX_INDEX
from evote.decryption.hashes import provisional_digest, request_digest
from evote.decryption.statements import BallotData, BallotNonce, FieldSum, Statement
from evote.decryption.withheld import withheld
from evote.elgamal import MAX_BOUND
from evote.errors import RefusedError
from evote.manifest import Cell, Contest
from evote.merkle import RangeBuilder, leaf_hash
from evote.tally import ClosingHead, Tally, UnitHead, UnitStates, WithheldCell

MAX_STATEMENTS = 20_000
"""Most statements of one session: its messages then stay below the limit of a frame."""

MAX_COMMITMENTS = 500_000
"""Most statements times guardians of one session: what each guardian remembers between rounds."""

Ballot = VerifiedBallot | VerifiedChallenge


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a record that one session decrypts, for records too large for a single session.

    ``contests`` are the indices whose cells are decrypted, increasing; ``begin`` and ``end`` the
    stretch of ballots whose contest data or nonces are, as far as the manifest opens them. ``done`` are
    cells, by their labels, that are not decrypted again because they were published.
    """

    contests: tuple[int, ...]
    begin: int
    end: int
    done: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        if list(self.contests) != sorted(set(self.contests)):
            raise ValueError("the contests of a scope are in increasing order, each once")
        if not 0 <= self.begin <= self.end:
            raise ValueError(f"no stretch of ballots goes from {self.begin} to {self.end}")

    @classmethod
    def everything(cls, tally: Tally) -> Scope:
        """All cells and all ballots of a record."""
        contests = tuple(contest.index for contest in tally.election.manifest.contests)
        return cls(contests, 0, tally.head.size)


class BallotValues:
    """What the single ballots of a record hold for guardians, gathered in one pass over all of them.

    Contest data of cast ballots where the manifest has it decrypted, nonces of challenged ballots where
    it has guardians open them; nothing is kept of any other ballot. ``scope`` limits the stretch.
    """

    __slots__ = ("_range", "_scope", "_statements", "election")

    def __init__(self, election: Election, scope: Scope | None = None) -> None:
        self.election = election
        self._scope = scope
        self._range = RangeBuilder()
        self._statements: list[tuple[int, Statement]] = []

    @classmethod
    def of(cls, election: Election, ballots: Iterable[Ballot], scope: Scope | None = None) -> BallotValues:
        """:meth:`add` for each ballot."""
        values = cls(election, scope)
        for ballot in ballots:
            values.add(ballot)
        return values

    def add(self, ballot: Ballot) -> None:
        """The next ballot of the record.

        Raises :class:`RefusedError` for a ballot of another election, or one with a pseudonym whose
        contest data would be decrypted (rule A59).
        """
        if not isinstance(ballot, VerifiedBallot | VerifiedChallenge):
            raise TypeError("only what a verified ballot holds is decrypted")
        if ballot.election is not self.election:
            raise RefusedError("a ballot was verified for another election")
        position = self._range.end
        if self._scope is None or self._scope.begin <= position < self._scope.end:
            self._statements.extend((position, found) for found in _of_ballot(self.election, ballot))
        self._range.append(leaf_hash(ballot.leaf))

    def within(self, scope: Scope, head: ClosingHead) -> Iterator[Statement]:
        """The statements on a stretch; :class:`RefusedError` unless all ballots of the head were added."""
        covered = self._range.value()
        if (covered.end, covered.root()) != (head.size, head.root):
            raise RefusedError("the ballots are not those of the closing head that was tallied")
        if self._scope is not None and not self._scope.begin <= scope.begin <= scope.end <= self._scope.end:
            raise ValueError("the ballots were gathered for another stretch")
        return (found for position, found in self._statements if scope.begin <= position < scope.end)


class DecryptionRequest:
    """The statements of one session, in order, with those who take part. Not picklable."""

    __slots__ = (
        "digest",
        "election",
        "guardians",
        "head",
        "provisional",
        "scope",
        "session",
        "statements",
        "units",
        "withheld",
    )

    def __init__(
        self,
        token: object,
        tally: Tally,
        guardians: tuple[int, ...],
        session: int,
        scope: Scope,
        statements: tuple[Statement, ...],
        not_decrypted: tuple[WithheldCell, ...],
        units: tuple[UnitHead, ...] = (),
        provisional: bool = False,
    ) -> None:
        if token is not _TOKEN:
            raise TypeError("a request is made from a verified record, by decryption_request")
        self.election: Election = tally.election
        self.head: ClosingHead = tally.head
        self.guardians = guardians
        """U: the indices of those who take part, increasing."""
        self.session = session
        self.scope = scope
        self.statements = statements
        self.withheld = not_decrypted
        """The cells of the contests in scope that are not decrypted, with the reason."""
        self.units = units
        """Units that were closed one by one and have a cell in the request, with their heads."""
        self.provisional = provisional
        """Whether other units may be open; ``head`` is then that of the ballots so far, and in no hash."""
        digests = [statement.digest for statement in statements]
        if provisional:
            heads = [(one.unit, one.head.size, one.head.root) for one in units]
            self.digest = provisional_digest(self.election.extended_hash, heads, session, guardians, digests)
        else:
            self.digest = request_digest(
                self.election.extended_hash, self.head.size, self.head.root, session, guardians, digests
            )
        """32 bytes that name the session; every message of it carries them."""

    def __repr__(self) -> str:
        who = ", ".join(map(str, self.guardians))
        name = self.digest.hex()[:16]
        return f"<decryption request {name}…, {len(self.statements)} values, guardians {who}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("requests are not pickled: make them from the record where they are used")


_TOKEN = object()


def decryption_request(
    tally: Tally,
    ballots: Iterable[Ballot] | BallotValues,
    guardians: Sequence[int],
    session: int,
    scope: Scope | None = None,
    units: Sequence[UnitHead] = (),
) -> DecryptionRequest:
    """The request for a session of ``guardians`` (U) on a closed record.

    ``tally`` is complete and was filled by this process from verified ballots; ``ballots`` are the
    verified ballots of the same record, all of them and in order, or what was gathered from them. They
    are looked at only if the manifest has contest data decrypted or nonces opened by guardians, and
    must then lead to the closing head.
    ``scope`` is everything unless given; ``units`` are those that were closed before the record was.
    Requires increasing indices of at least k guardians, each once, and ``1 <= session < 2^31``; raises
    ``ValueError`` otherwise, or if the session would be too large. Raises :class:`RefusedError` for an
    incomplete tally, for ballots that are not those of the record, for a count beyond the bounded
    search, and where a rule forbids the decryption.
    """
    tally.require_complete()
    election = tally.election
    members = _participants(election, guardians)
    if not 1 <= session <= MAX_INDEX:
        raise ValueError(f"a session number lies between 1 and {MAX_INDEX}")
    chosen = Scope.everything(tally) if scope is None else scope
    contests = tuple(election.manifest.contest(index) for index in chosen.contests)
    if chosen.end > tally.head.size:
        raise ValueError(f"the record has {tally.head.size} ballots, and the scope ends at {chosen.end}")
    labels = {contest.label for contest in contests}
    not_decrypted = tuple(
        cell
        for cell in withheld(tally)
        if cell.contest in labels and (cell.contest, cell.cell) not in chosen.done
    )
    left_out = {(cell.contest, cell.cell) for cell in not_decrypted} | chosen.done
    statements: list[Statement] = list(_sums(tally, contests, left_out))
    if chosen.begin < chosen.end and _opens_ballots(election):
        if not isinstance(ballots, BallotValues):
            ballots = BallotValues.of(election, ballots, chosen)
        elif ballots.election is not election:
            raise RefusedError("the ballots were verified for another election")
        statements.extend(ballots.within(chosen, tally.head))
    if len(statements) > MAX_STATEMENTS or len(statements) * len(members) > MAX_COMMITMENTS:
        raise ValueError(
            f"{len(statements)} values are too many for one session of {len(members)} guardians; "
            "split them by contests or by stretches of ballots"
        )
    return DecryptionRequest(
        _TOKEN, tally, members, session, chosen, tuple(statements), not_decrypted, tuple(units)
    )


def provisional_request(
    tally: Tally,
    states: UnitStates,
    guardians: Sequence[int],
    session: int,
    done: Collection[tuple[str, str]],
) -> DecryptionRequest:
    """The request to decrypt the cells all of whose units are closed, while others are open.

    ``tally`` covers every ballot of the record so far, as this process verified them, ``states`` says which
    units are closed, and the caller has compared their heads with the same ballots. ``done`` are the cells,
    by their labels, that were published before. No ballot's contest data or nonce is decrypted. Raises as
    :func:`decryption_request`, and :class:`RefusedError` if there is no cell to decrypt.
    """
    tally.require_complete()
    election = tally.election
    members = _participants(election, guardians)
    if not 1 <= session <= MAX_INDEX:
        raise ValueError(f"a session number lies between 1 and {MAX_INDEX}")
    known = frozenset(done)
    wanted = frozenset(states.complete()) - known
    not_decrypted = tuple(cell for cell in withheld(tally) if (cell.contest, cell.cell) in wanted)
    left_out = {(cell.contest, cell.cell) for cell in not_decrypted}
    contests = election.manifest.contests
    every = {
        (contest.label, cell.label) for contest in contests for cell in election.manifest.cells(contest.index)
    }
    statements = tuple(_sums(tally, contests, left_out | (every - wanted)))
    if not statements:
        raise RefusedError("no further cell has all of its units closed and enough ballots to be decrypted")
    if len(statements) > MAX_STATEMENTS or len(statements) * len(members) > MAX_COMMITMENTS:
        raise ValueError(
            f"{len(statements)} values are too many for one session of {len(members)} guardians; "
            "publish more often, while fewer units have closed"
        )
    scope = Scope(tuple(contest.index for contest in contests), 0, 0, known)
    units = states.units_of(wanted - left_out)
    return DecryptionRequest(_TOKEN, tally, members, session, scope, statements, not_decrypted, units, True)


def _participants(election: Election, guardians: Sequence[int]) -> tuple[int, ...]:
    members = tuple(guardians)
    n, k = election.parameters.guardians, election.parameters.quorum
    for guardian in members:
        if type(guardian) is not int or not 1 <= guardian <= n:
            raise ValueError(f"{guardian!r} is no guardian; indices go from 1 to {n}")
    if list(members) != sorted(set(members)):
        raise ValueError("the guardians of a session are named in increasing order, each once")
    if len(members) < k:
        raise ValueError(f"{len(members)} guardians cannot decrypt; {k} of {n} are needed")
    return members


def _sums(
    tally: Tally, contests: Sequence[Contest], left_out: Collection[tuple[str, str]]
) -> Iterator[Statement]:
    for contest in contests:
        for cell in tally.election.manifest.cells(contest.index):
            if (contest.label, cell.label) not in left_out:
                yield from _fields(tally, contest, cell)


def _fields(tally: Tally, contest: Contest, cell: Cell) -> Iterator[Statement]:
    election, held = tally.election, tally.cell(contest, cell)
    for option, ciphertext in zip(contest.options, held.fields, strict=True):
        # Every proof of a range holds, so this is the largest count there can be (A70).
        bound = held.weight * option.limit
        if bound > MAX_BOUND or bound >= election.group.order:
            raise RefusedError(
                f"contest {contest.label!r}, cell {cell.label!r}: the count of {option.label!r} may reach "
                f"{bound}, which is beyond what can be searched; use smaller weights or cells"
            )
        yield FieldSum(
            election.extended_hash, contest, cell, option, ciphertext.alpha, ciphertext.beta, bound
        )


def _opens_ballots(election: Election) -> bool:
    return election.manifest.decrypt_contest_data or election.manifest.guardian_opening


def _of_ballot(election: Election, ballot: Ballot) -> Iterator[Statement]:
    manifest = election.manifest
    written = ballot.submitted.ballot
    if isinstance(ballot, VerifiedChallenge):
        if manifest.guardian_opening:
            yield BallotNonce(written, ballot.nonce)
        return
    if not manifest.decrypt_contest_data:
        return
    context = ballot.submitted.context
    for encrypted, base in zip(written.contests, ballot.data, strict=True):
        if encrypted.data is None or base is None:
            continue
        if context is None or context.pseudonym is not None:
            raise RefusedError(
                f"ballot {written.identifier.hex()[:16]} carries a pseudonym; "
                "its contest data is never decrypted"
            )
        contest = manifest.contest(encrypted.contest)
        yield BallotData(written.identifier, written.identifier_hash, contest, base, encrypted.data)
