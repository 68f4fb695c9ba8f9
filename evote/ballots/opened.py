"""Checking the opening of a challenged ballot (verifications 13 and 14).

Everything is computed again from the published nonces: the ciphertexts, the contest hashes, the
confirmation code and the contest data. A field that the opening leaves out is a finding of 14 and
enters the hashes as the encrypted ballot has it, so that 13.B speaks of the opened fields alone.
"""

from __future__ import annotations

from collections import Counter

from evote.ballots import hashes
from evote.ballots.election import Election
from evote.ballots.unseal import open_data
from evote.ballots.values import (
    EncryptedBallot,
    EncryptedContest,
    OpenedBallot,
    OpenedContest,
    OpenedSelection,
)
from evote.errors import DecodeError, VerificationError
from evote.manifest import Contest

Findings = tuple[tuple[VerificationError, ...], Counter[str]]


def examine_opening(election: Election, ballot: EncryptedBallot, opened: OpenedBallot) -> Findings:
    """All findings of 13 and 14 on one challenged ballot, and how many statements were checked.

    Requires an encrypted ballot of the right shape (E.2 has passed) and its own opening.
    """
    return _Examiner(election, ballot, opened).run()


def verify_opening(election: Election, ballot: EncryptedBallot, opened: OpenedBallot) -> None:
    """Raise the first finding of :func:`examine_opening`, if there is one."""
    findings, _ = examine_opening(election, ballot, opened)
    if findings:
        raise findings[0]


class _Examiner:
    def __init__(self, election: Election, ballot: EncryptedBallot, opened: OpenedBallot) -> None:
        self._election = election
        self._group = election.group
        self._ballot = ballot
        self._opened = opened
        self._where = f"challenged ballot {ballot.identifier.hex()[:16]}"
        self._findings: list[VerificationError] = []
        self._counts: Counter[str] = Counter()
        self._key = hashes.identifier_hash(election.extended_hash, ballot.identifier)

    def run(self) -> Findings:
        contests = self._election.manifest.contests_of(self._ballot.style)
        opened = {contest.contest: contest for contest in self._opened.contests}
        for label in (*opened, *(contest.contest for contest in self._opened.pre or ())):
            self._counts["14.A"] += 1
            if label not in opened:
                self._fail("14.A", f"contest {label!r} is opened as one of a pre-encrypted ballot")
            elif all(label != contest.label for contest in contests):
                self._fail("14.A", f"the ballot style has no contest {label!r}")
        hashed = []
        for contest, encrypted in zip(contests, self._ballot.contests, strict=True):
            self._counts["14.B"] += 1
            shown = opened.get(contest.label)
            if shown is None:
                self._fail("14.B", f"contest {contest.label!r} is not opened")
                hashed.append(encrypted.contest_hash)
            else:
                hashed.append(self._contest(contest, encrypted, shown))
        code = hashes.confirmation_code(self._key, hashed, self._ballot.chaining_field)
        self._counts["13.B"] += 1
        if code != self._ballot.confirmation_code:
            self._fail(
                "13.B",
                "the opened votes do not give the confirmation code",
                expected=code.hex(),
                computed=self._ballot.confirmation_code.hex(),
            )
        return tuple(self._findings), self._counts

    def _contest(self, contest: Contest, encrypted: EncryptedContest, shown: OpenedContest) -> bytes:
        """14.C to 14.F and 13.A; returns the contest hash of what was opened."""
        where = f"{self._where}, contest {contest.label!r}"
        known = {option.label for option in contest.options}
        selections = {selection.option: selection for selection in shown.selections}
        for label in selections:
            self._counts["14.C"] += 1
            if label not in known:
                self._fail("14.C", f"the contest has no option {label!r}", where=where)
        ciphertexts: list[bytes] = []
        total = 0
        for option, stated in zip(contest.options, encrypted.selections, strict=True):
            self._counts["14.D"] += 1
            selection = selections.get(option.label)
            if selection is None:
                self._fail("14.D", f"option {option.label!r} is not opened", where=where)
                ciphertexts += (stated.alpha, stated.beta)
                continue
            self._counts["14.E"] += 1
            if selection.value > option.limit:
                self._fail("14.E", f"{selection.value} is above the limit of {option.label!r}", where=where)
            if option.in_limit:
                total += selection.value
            ciphertexts += self._encrypt(where, selection, stated.alpha, stated.beta)
        self._counts["14.F"] += 1
        if total > contest.limit:
            self._fail("14.F", f"{total} selections are more than the limit of {contest.limit}", where=where)
        self._data(where, contest, encrypted, shown)
        fields = () if encrypted.data is None else encrypted.data.fields
        return hashes.contest_hash(self._key, contest.index, ciphertexts, fields)

    def _encrypt(
        self, where: str, selection: OpenedSelection, alpha: bytes, beta: bytes
    ) -> tuple[bytes, bytes]:
        """13.1 and 13.2; a nonce out of range is a finding of 13.B and leaves the field as it is."""
        group = self._group
        try:
            nonce = group.decode_scalar(selection.nonce)
        except DecodeError as error:
            self._fail("13.B", f"nonce of {selection.option!r}: {error.message}", where=where)
            return alpha, beta
        return (
            group.power(group.generator, nonce).encode(),
            group.power(self._election.vote_key.base, group.scalar(selection.value) + nonce).encode(),
        )

    def _data(self, where: str, contest: Contest, encrypted: EncryptedContest, shown: OpenedContest) -> None:
        """13.4 to 13.7 and 13.A."""
        if encrypted.data is None:
            if shown.data is not None:
                self._counts["13.A"] += 1
                self._fail("13.A", "contest data is opened that the ballot does not have", where=where)
            return
        self._counts["13.A"] += 1
        if shown.data is None:
            self._fail("13.A", "the contest data is not opened", where=where)
            return
        group = self._group
        try:
            nonce = group.decode_scalar(shown.data.nonce)
        except DecodeError as error:
            self._fail("13.A", f"nonce of the contest data: {error.message}", where=where)
            return
        alpha = group.power(group.generator, nonce)
        beta = group.power(self._election.data_key.base, nonce)
        # C0 enters the key as g^nonce; comparing it too keeps a wrong C0 from passing by chance.
        plaintext = open_data(self._key, contest.index, alpha, beta, encrypted.data.c1)
        if alpha.encode() != encrypted.data.c0 or plaintext != shown.data.plaintext:
            self._fail("13.A", "the contest data does not decrypt to what is stated", where=where)

    def _fail(
        self, check: str, message: str, *, where: str = "", expected: str = "", computed: str = ""
    ) -> None:
        self._findings.append(
            VerificationError(
                message, check=check, where=where or self._where, expected=expected, computed=computed
            )
        )
