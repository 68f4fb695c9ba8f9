"""Checking the opening of an uncast pre-encrypted ballot (verifications 18, 19 and 17.A on its codes).

All vectors are encrypted again from the published nonces, and hashed up to the confirmation code. What
the opening leaves out is a finding of 19 and enters the hashes as the ballot has it, so that 18.A speaks
of the opened vectors alone. The contest hash is over m + L vectors, as in 16.B; step 18.4 names only m
(``specs/decisions/specification-slips.md``).
"""

from __future__ import annotations

from collections import Counter

from evote.ballots import hashes
from evote.ballots import preencrypted_hashes as pre_hashes
from evote.ballots.election import Election
from evote.ballots.values import (
    OpenedBallot,
    OpenedPreContest,
    OpenedVector,
    PreContest,
    SubmittedBallot,
)
from evote.errors import DecodeError, VerificationError
from evote.manifest import Contest

Findings = tuple[tuple[VerificationError, ...], Counter[str]]

CHECKS = ("18.A", "19.A", "19.B", "19.C", "19.D")


def examine_uncast(election: Election, submitted: SubmittedBallot, opened: OpenedBallot) -> Findings:
    """All findings of 18 and 19 on one uncast ballot, and of 17.A on the short codes of its sheet.

    Requires a pre-encrypted ballot of the right shape (E.2 has passed) and its own opening; raises
    ``ValueError`` for a ballot or an election without pre-encryption.
    """
    return _Examiner(election, submitted, opened).run()


class _Examiner:
    def __init__(self, election: Election, submitted: SubmittedBallot, opened: OpenedBallot) -> None:
        declared = election.manifest.pre_encryption
        if declared is None or submitted.pre is None:
            raise ValueError("this is no pre-encrypted ballot")
        self._election = election
        self._group = election.group
        self._trimming = declared.trimming
        self._ballot = submitted.ballot
        self._pre = submitted.pre
        self._opened = opened
        self._where = f"uncast ballot {self._ballot.identifier.hex()[:16]}"
        self._findings: list[VerificationError] = []
        self._counts: Counter[str] = Counter()
        self._key = hashes.identifier_hash(election.extended_hash, self._ballot.identifier)

    def run(self) -> Findings:
        contests = self._election.manifest.contests_of(self._ballot.style)
        shown = {contest.contest: contest for contest in self._opened.pre or ()}
        for label in (*shown, *(contest.contest for contest in self._opened.contests)):
            self._counts["19.A"] += 1
            if all(label != contest.label for contest in contests):
                self._fail("19.A", f"the ballot style has no contest {label!r}")
        computed = []
        for contest, encrypted, one in zip(contests, self._ballot.contests, self._pre.contests, strict=True):
            self._counts["19.B"] += 1
            opening = shown.get(contest.label)
            if opening is None:
                self._fail("19.B", f"contest {contest.label!r} is not opened")
                computed.append(encrypted.contest_hash)
            else:
                computed.append(self._contest(contest, one, opening))
        code = pre_hashes.confirmation_code(self._key, computed, self._ballot.chaining_field)
        self._counts["18.A"] += 1
        if code != self._ballot.confirmation_code:
            self._fail(
                "18.A",
                "the opened vectors do not give the confirmation code",
                expected=code.hex(),
                computed=self._ballot.confirmation_code.hex(),
            )
        return tuple(self._findings), self._counts

    def _contest(self, contest: Contest, one: PreContest, opening: OpenedPreContest) -> bytes:
        """19.C, 19.D and 17.A; returns the contest hash of what was opened (18.4)."""
        where = f"{self._where}, contest {contest.label!r}"
        options = {vector.option: vector for vector in opening.vectors if vector.option is not None}
        nulls = [vector for vector in opening.vectors if vector.option is None]
        known = {option.label for option in contest.options}
        for label in options:
            self._counts["19.C"] += 1
            if label not in known:
                self._fail("19.C", f"the contest has no option {label!r}", where=where)
        self._counts["19.C"] += 1
        if len(nulls) > contest.limit:
            self._fail("19.C", f"{len(nulls)} null vectors are more than {contest.limit}", where=where)
        found: list[bytes] = []
        missing = 0
        for option in contest.options:
            self._counts["19.D"] += 1
            vector = options.get(option.label)
            if vector is None:
                self._fail("19.D", f"option {option.label!r} is not opened", where=where)
                missing += 1
            else:
                found.append(self._vector(contest, one, vector, option.index, where))
        self._counts["19.D"] += 1
        if len(nulls) < contest.limit:
            self._fail("19.D", f"{len(nulls)} of {contest.limit} null vectors are opened", where=where)
            missing += contest.limit - len(nulls)
        found += [self._vector(contest, one, vector, 0, where) for vector in nulls[: contest.limit]]
        # What is not opened stands as the ballot has it.
        found += [each for each in one.hashes if each not in found][:missing]
        return pre_hashes.contest_hash(self._key, contest.index, sorted(found))

    def _vector(
        self, contest: Contest, one: PreContest, vector: OpenedVector, position: int, where: str
    ) -> bytes:
        """18.1 to 18.3 and 17.A; ``position`` is that of the vector's one, 0 for a null vector."""
        place = f"{where}, {'null vector' if vector.option is None else f'option {vector.option!r}'}"
        hashed = self._hash(contest, vector, position, place)
        if hashed is None:
            return bytes(32)  # no hash: 18.A fails besides the finding that says why
        if hashed in one.hashes:  # another vector is 18.A's, and its code would prove nothing
            self._counts["17.A"] += 1
            code = self._trimming.short_code(hashed)
            if vector.short_code != code:
                self._fail(
                    "17.A",
                    "the short code is another",
                    where=place,
                    expected=code,
                    computed=vector.short_code,
                )
        return hashed

    def _hash(self, contest: Contest, vector: OpenedVector, position: int, place: str) -> bytes | None:
        group, base = self._group, self._election.vote_key.base
        if len(vector.nonces) != len(contest.options):
            self._fail("18.A", f"{len(vector.nonces)} nonces for {len(contest.options)} options", where=place)
            return None
        sides: list[bytes] = []
        for option, encoded in zip(contest.options, vector.nonces, strict=True):
            try:
                nonce = group.decode_scalar(encoded)
            except DecodeError as error:
                self._fail("18.A", f"nonce of option {option.label!r}: {error.message}", where=place)
                return None
            value = group.scalar(1 if option.index == position else 0)
            sides += (
                group.power(group.generator, nonce).encode(),
                group.power(base, value + nonce).encode(),
            )
        return pre_hashes.selection_hash(self._key, sides)

    def _fail(
        self, check: str, message: str, *, where: str = "", expected: str = "", computed: str = ""
    ) -> None:
        self._findings.append(
            VerificationError(
                message, check=check, where=where or self._where, expected=expected, computed=computed
            )
        )
