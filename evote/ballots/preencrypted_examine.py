"""Verifications 15, 16.A to 16.C and 17 on one ballot, and E.80: short codes differ (sections 4.1, 4.5).

Hashes and products of published values only; proofs (6, 7) stand in :mod:`evote.ballots.examiner`, devices
and chains (16.D to 16.H) with those of ordinary ballots, and openings (18, 19) in
:mod:`evote.ballots.preencrypted_opened`. Hashes are computed one upon the other, so that a wrong one fails
its own check: contest hashes are over the stated selection hashes, the code over the computed ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from evote.ballots import preencrypted_hashes as pre_hashes
from evote.ballots.preencrypted_shape import encryptions
from evote.ballots.values import EncryptedBallot, EncryptedContest, PreContest, PreEncryption
from evote.errors import DecodeError, VerificationError
from evote.groups import Group
from evote.manifest import Contest, Trimming

CAST_CHECKS = ("15.A",)
"""What cast pre-encrypted ballots have, where L > 1."""
SHAPED_CHECKS = ("16.A", "16.B", "16.C", "16.E", "17.A", "E.80")
"""What all pre-encrypted ballots of the right shape have."""

Fail = Callable[[VerificationError], None]


class PreExaminer:
    """Looks at what a pre-encrypted ballot of the right shape has besides; ``key`` is its computed H_I."""

    __slots__ = ("_ballot", "_counts", "_fail", "_group", "_key", "_pre", "_trimming", "_where")

    def __init__(
        self,
        group: Group,
        trimming: Trimming,
        ballot: EncryptedBallot,
        pre: PreEncryption,
        key: bytes,
        where: str,
        counts: Counter[str],
        fail: Fail,
    ) -> None:
        self._group = group
        self._trimming = trimming
        self._ballot = ballot
        self._pre = pre
        self._key = key
        self._where = where
        self._counts = counts
        self._fail = fail

    def products(self, contests: Sequence[Contest]) -> None:
        """15.A: where several vectors are chosen, the selections are their product."""
        for contest, encrypted, one in zip(contests, self._ballot.contests, self._pre.contests, strict=True):
            if contest.limit > 1:
                self._product(contest, encrypted, one)

    def codes(self, contests: Sequence[Contest]) -> None:
        """16.A, 16.B, 16.C, 17.A and E.80."""
        key, computed = self._key, []
        for contest, encrypted, one in zip(contests, self._ballot.contests, self._pre.contests, strict=True):
            where = f"{self._where}, contest {contest.label!r}"
            self._vectors(where, encrypted, one)
            hashed = pre_hashes.contest_hash(key, contest.index, one.hashes)
            self._compare("16.B", where, "the contest hash", encrypted.contest_hash, hashed)
            if any(low >= high for low, high in pairwise(one.hashes)):
                self._say("16.B", where, "the selection hashes are not in ascending order")
            computed.append(hashed)
            self._counts["E.80"] += 1
            if len({self._trimming.short_code(each) for each in one.hashes}) != len(one.hashes):
                self._say("E.80", where, "two of its vectors have one short code")
        code = pre_hashes.confirmation_code(key, computed, self._ballot.chaining_field)
        self._compare("16.C", self._where, "the confirmation code", self._ballot.confirmation_code, code)

    def _vectors(self, where: str, encrypted: EncryptedContest, one: PreContest) -> None:
        for vector in one.vectors:
            place, stated = f"{where}, vector {vector.place}", one.hashes[vector.place]
            sides = [part for each in encryptions(encrypted, vector) for part in (each.alpha, each.beta)]
            hashed = pre_hashes.selection_hash(self._key, sides)
            self._compare("16.A", place, "the selection hash", stated, hashed)
            self._counts["17.A"] += 1
            code = self._trimming.short_code(stated)
            if vector.short_code != code:
                self._say("17.A", place, "the short code is another", code, vector.short_code)

    def _product(self, contest: Contest, encrypted: EncryptedContest, one: PreContest) -> None:
        group, where = self._group, f"{self._where}, contest {contest.label!r}"
        for place, (option, selection) in enumerate(zip(contest.options, encrypted.selections, strict=True)):
            self._counts["15.A"] += 1
            chosen = [vector.selections[place] for vector in one.vectors]
            try:
                product = (
                    group.product_of_claimed([group.claim(each.alpha) for each in chosen]).encode(),
                    group.product_of_claimed([group.claim(each.beta) for each in chosen]).encode(),
                )
            except DecodeError as error:  # 6.A names the value too
                self._say("15.A", f"{where}, option {option.label!r}", error.message)
                continue
            if product != (selection.alpha, selection.beta):
                self._say(
                    "15.A",
                    f"{where}, option {option.label!r}",
                    "the selection is not the product of the chosen vectors",
                )

    def _compare(self, check: str, where: str, what: str, stated: bytes, computed: bytes) -> None:
        self._counts[check] += 1
        if stated != computed:
            self._say(check, where, f"{what} is not the computed one", computed.hex(), stated.hex())

    def _say(self, check: str, where: str, message: str, expected: str = "", computed: str = "") -> None:
        self._fail(VerificationError(message, check=check, where=where, expected=expected, computed=computed))
