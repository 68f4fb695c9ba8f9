"""One pass over one ballot: everything that is checked of it, apart from how proofs are decided.

What a ballot has to satisfy stands here once. Where a proof's equations are decided is up to a
:class:`Proofs`: the plain one (:mod:`evote.ballots.examine`) recomputes commitments and compares the
challenge at once; the batched one (:mod:`evote.ballots.batch`) compares the challenge with commitments
that it was given and leaves their equations to one decision over many ballots. Shape, weight, context,
ranges of scalars, identity ciphertexts, codes, findings and counts are the same lines for both.

Rules: shape comes first (E.2), and a ballot of another shape is not looked at any further (A41); the key
of every hash is computed, not read; no value becomes an element of the group but by its
:class:`Proofs`.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from evote.ballots import hashes
from evote.ballots.chain import chaining_field, family_of
from evote.ballots.election import Election
from evote.ballots.preencrypted_examine import PreExaminer
from evote.ballots.preencrypted_shape import pre_faults, shown_vectors
from evote.ballots.shape import contest_faults
from evote.ballots.values import (
    BallotState,
    EncryptedContest,
    HashedCiphertext,
    ProofPair,
    Selection,
    SubmittedBallot,
)
from evote.ballots.verified import _TOKEN, Examination
from evote.elgamal import Ciphertext
from evote.errors import DecodeError, VerificationError
from evote.groups import Claimed, Element, MembershipError, Scalar
from evote.manifest import ChainingMode, Contest
from evote.manifest.extensions import ROLL
from evote.proofs.relation import Challenge

Pair = tuple[int, int]
"""Challenge and response of one branch, both below q."""


class Part(enum.Enum):
    """Which proof of a ballot; commitments stand in a hint in this order of parts."""

    SELECTION = "selection"
    LIMIT = "limit"
    DATA = "data"
    NONCE = "nonce"


class Proofs(Protocol):
    """Where the proofs of one ballot are decided, in the order of the ballot within each part.

    A proof that does not hold raises :class:`~evote.groups.MembershipError` or
    :class:`VerificationError`. One that is not raised against holds, or will be decided later.
    """

    def ranged(
        self,
        part: Part,
        alphas: Sequence[Claimed],
        betas: Sequence[Claimed],
        product: tuple[Claimed, Claimed],
        pairs: Sequence[Pair],
        challenge: Challenge,
    ) -> None:
        """``product``, which is that of the alphas and that of the betas, encrypts one of 0..len(pairs)-1."""
        ...

    def known(self, part: Part, image: Claimed, pair: Pair, challenge: Challenge) -> None:
        """Knowledge of the nonce of ``image = g^nonce``."""
        ...

    def product(self, values: Sequence[Claimed]) -> Claimed:
        """The product of values that :meth:`ranged` was asked about; the identity for none."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pass found, with values whose membership is decided by the pass's :class:`Proofs`."""

    election: Election
    submitted: SubmittedBallot
    findings: tuple[VerificationError, ...]
    counts: Counter[str]
    selections: tuple[tuple[tuple[Claimed, Claimed], ...], ...]
    nonce: Claimed | None
    data: tuple[Claimed | None, ...]

    def finish(self, element: Callable[[Claimed], Element]) -> Examination:
        """The examination; ``element`` gives the member that a value was shown to be."""
        return Examination(
            _TOKEN,
            self.election,
            self.submitted,
            self.findings,
            self.counts,
            tuple(
                tuple(Ciphertext(element(alpha), element(beta)) for alpha, beta in fields)
                for fields in self.selections
            ),
            None if self.nonce is None else element(self.nonce),
            tuple(None if value is None else element(value) for value in self.data),
        )


class Examiner:
    """One pass over one ballot."""

    __slots__ = (
        "_ballot",
        "_counts",
        "_election",
        "_findings",
        "_group",
        "_key",
        "_order",
        "_pre",
        "_proofs",
        "_submitted",
        "_where",
    )

    def __init__(self, election: Election, submitted: SubmittedBallot, proofs: Proofs) -> None:
        self._election = election
        self._group = election.group
        self._order = election.group.order
        self._submitted = submitted
        self._ballot = submitted.ballot
        self._proofs = proofs
        self._where = name_of(submitted)
        self._findings: list[VerificationError] = []
        self._counts: Counter[str] = Counter()
        # The key of every other hash is computed, not read: 5.B alone speaks of the published one.
        self._key = hashes.identifier_hash(election.extended_hash, self._ballot.identifier)
        self._pre = self._pre_examiner()

    def run(self) -> Outcome:
        """Look at everything."""
        ballot = self._ballot
        self._compare("5.B", "identifier hash", ballot.identifier_hash, self._key)
        contests = self._shape()
        if contests is None:
            return self._outcome((), None, ())
        self._weight()
        self._context()
        nonce = self._nonce()
        data = tuple(self._data(c, e) for c, e in zip(contests, ballot.contests, strict=True))
        selections: tuple[tuple[tuple[Claimed, Claimed], ...], ...] = ()
        if self._submitted.state is BallotState.CAST:
            found = [self._contest(c, e) for c, e in zip(contests, ballot.contests, strict=True)]
            self._vectors(contests)
            complete = [fields for fields in found if fields is not None]
            if len(complete) == len(found):
                selections = tuple(complete)
        self._codes(contests)
        return self._outcome(selections, nonce, data)

    def form(self) -> tuple[VerificationError, ...]:
        """Look at what needs no power in the group."""
        ballot = self._ballot
        self._compare("5.B", "identifier hash", ballot.identifier_hash, self._key)
        contests = self._shape()
        if contests is not None:
            self._weight()
            self._context()
            self._codes(contests)
            identity = self._group.identity.encode()
            fields = (selection for encrypted in ballot.contests for selection in encrypted.selections)
            for selection in (*fields, *shown_vectors(self._submitted)):
                if selection.alpha == identity:
                    self._fail("E.7", "a ciphertext is an identity: it hides nothing")
        return tuple(self._findings)

    def _outcome(
        self,
        selections: tuple[tuple[tuple[Claimed, Claimed], ...], ...],
        nonce: Claimed | None,
        data: tuple[Claimed | None, ...],
    ) -> Outcome:
        return Outcome(
            self._election,
            self._submitted,
            tuple(self._findings),
            self._counts,
            () if self._findings else selections,
            nonce,
            data,
        )

    # --- shape, weight, context ------------------------------------------------------------------

    def _shape(self) -> tuple[Contest, ...] | None:
        """E.2: exactly the contests of the style, each field once and in order, proofs of the right size."""
        ballot, manifest = self._ballot, self._election.manifest
        self._counts["E.2"] += 1
        try:
            contests = manifest.contests_of(ballot.style)
            unit = manifest.unit(ballot.unit)
        except ValueError as error:
            self._fail("E.2", str(error))
            return None
        if not manifest.takes_ballots(ballot.unit) or ballot.style not in unit.styles:
            self._fail("E.2", f"unit {ballot.unit!r} has no ballot style {ballot.style!r}")
            return None
        wanted = [contest.index for contest in contests]
        found = [encrypted.contest for encrypted in ballot.contests]
        if wanted != found:
            self._fail("E.2", "the contests are not those of the style, once and in order", wanted, found)
            return None
        if manifest.pre_encrypts(ballot.device):
            faults = self._pre_style() + pre_faults(contests, self._submitted)
        elif self._submitted.pre is not None:
            faults = [f"the device {ballot.device!r} is no tool that pre-encrypts ballots"]
        else:
            faults = [
                fault
                for contest, encrypted in zip(contests, ballot.contests, strict=True)
                for fault in contest_faults(contest, encrypted)
            ]
        if len(ballot.nonce.c1) != 32:
            faults.append(f"the encrypted ballot nonce has {len(ballot.nonce.c1)} bytes instead of 32")
        for fault in faults:
            self._fail("E.2", fault)
        return None if faults else contests

    def _pre_style(self) -> list[str]:
        declared, style = self._election.manifest.pre_encryption, self._ballot.style
        if declared is not None and style in declared.styles:
            return []
        return [f"the manifest has no pre-encrypted ballots of style {style!r}"]

    def _pre_examiner(self) -> PreExaminer | None:
        declared, pre = self._election.manifest.pre_encryption, self._submitted.pre
        if declared is None or pre is None:
            return None
        return PreExaminer(
            self._group,
            declared.trimming,
            self._ballot,
            pre,
            self._key,
            self._where,
            self._counts,
            self._findings.append,
        )

    def _weight(self) -> None:
        style = self._election.manifest.style(self._ballot.style)
        self._counts["E.3"] += 1
        if self._ballot.weight != style.weight:
            self._fail("E.3", "the weight is not the manifest's", style.weight, self._ballot.weight)

    def _context(self) -> None:
        context, ballot = self._submitted.context, self._ballot
        if context is None:
            return
        computed = hashes.context_identifier(
            self._election.extended_hash, ballot.unit, ballot.style, context.pseudonym, context.randomness
        )
        self._compare("E.1", "identifier against its context", ballot.identifier, computed)
        # A device could otherwise keep contest data from being opened, for nobody decrypts it by name (A59).
        if context.pseudonym is not None and ROLL not in self._election.manifest.extensions:
            self._fail("E.1", "the ballot carries a pseudonym, and the election has no roll")
        if context.pseudonym is not None and self._pre is not None:
            self._fail("E.1", "a ballot that was encrypted for nobody carries a pseudonym")

    # --- proofs ----------------------------------------------------------------------------------

    def _nonce(self) -> Claimed | None:
        sealed, key, group = self._ballot.nonce, self._key, self._group
        return self._schnorr(
            Part.NONCE,
            "E.4",
            "ballot nonce",
            sealed,
            lambda commitments: hashes.ballot_nonce_challenge(
                group, key, commitments[0], sealed.c0, sealed.c1
            ),
        )

    def _data(self, contest: Contest, encrypted: EncryptedContest) -> Claimed | None:
        sealed, key, group = encrypted.data, self._key, self._group
        if sealed is None:
            return None
        return self._schnorr(
            Part.DATA,
            "E.5",
            f"contest data of {contest.label!r}",
            sealed,
            lambda commitments: hashes.contest_data_challenge(
                group, key, contest.index, commitments[0], sealed.c0, sealed.c1
            ),
        )

    def _schnorr(
        self, part: Part, check: str, what: str, sealed: HashedCiphertext, challenge: Challenge
    ) -> Claimed | None:
        group = self._group
        self._counts[check] += 1
        try:
            claimed = group.claim(sealed.c0)
            pair = (
                group.decode_scalar(sealed.c2.challenge).value,
                group.decode_scalar(sealed.c2.response).value,
            )
            self._proofs.known(part, claimed, pair, challenge)
        except (DecodeError, VerificationError) as error:
            self._fail(check, f"proof of the {what}: {error.message}", *_sides(error))
            return None
        if claimed == group.identity:
            self._fail(check, f"the {what} is sealed with the nonce zero: it hides nothing")
            return None
        return claimed

    def _contest(
        self, contest: Contest, encrypted: EncryptedContest
    ) -> tuple[tuple[Claimed, Claimed], ...] | None:
        """6 for every field, then 7 on their product."""
        found: list[tuple[Claimed, Claimed] | None] = []
        for option, selection in zip(contest.options, encrypted.selections, strict=True):
            where = f"{self._where}, contest {contest.label!r}, option {option.label!r}"
            found.append(self._selection(where, contest.index, selection))
        where = f"{self._where}, contest {contest.label!r}"
        ciphertexts = [ciphertext for ciphertext in found if ciphertext is not None]
        self._counts["7.A"] += len(found)
        pairs = self._pairs(("7.B", "7.C"), where, encrypted.limit_proof)
        if len(ciphertexts) < len(found):
            self._fail("7.A", "a selection is not in the subgroup", where=where)
            return None
        self._limit(where, contest, ciphertexts, pairs)
        return tuple(ciphertexts)

    def _vectors(self, contests: Sequence[Contest]) -> None:
        """6 for every field of the vectors that stand beside the selections, and 15.A."""
        pre = self._submitted.pre
        if pre is None or self._pre is None:
            return
        for contest, one in zip(contests, pre.contests, strict=True):
            for vector in one.vectors:
                where = f"{self._where}, contest {contest.label!r}, vector {vector.place}"
                for selection in vector.selections:
                    option = contest.options[selection.option - 1]
                    self._selection(f"{where}, option {option.label!r}", contest.index, selection)
        self._pre.products(contests)

    def _selection(self, where: str, contest: int, selection: Selection) -> tuple[Claimed, Claimed] | None:
        group = self._group
        self._counts["6.A"] += 1
        pairs = self._pairs(("6.B", "6.C"), where, selection.proof)
        try:
            alpha, beta = group.claim(selection.alpha), group.claim(selection.beta)
        except DecodeError as error:
            self._fail("6.A", error.message, where=where)
            return None
        self._counts["E.7"] += 1
        if alpha == group.identity:
            self._fail("E.7", "the ciphertext is an identity: it hides nothing", where=where)
        self._counts["6.D"] += 1
        challenge = self._selection_challenge(contest, selection)
        try:
            self._proofs.ranged(Part.SELECTION, (alpha,), (beta,), (alpha, beta), pairs, challenge)
        except MembershipError as error:
            self._fail("6.A", error.message, where=where)
            return None
        except VerificationError as error:
            self._fail("6.D", error.message, *_sides(error), where=where)
        return alpha, beta

    def _limit(
        self,
        where: str,
        contest: Contest,
        ciphertexts: Sequence[tuple[Claimed, Claimed]],
        pairs: Sequence[Pair],
    ) -> None:
        group, key = self._group, self._key
        counted = [
            ciphertext
            for option, ciphertext in zip(contest.options, ciphertexts, strict=True)
            if option.in_limit
        ]
        alphas, betas = [alpha for alpha, _ in counted], [beta for _, beta in counted]
        alpha, beta = self._proofs.product(alphas), self._proofs.product(betas)
        encoded = alpha.encode(), beta.encode()
        self._counts["7.D"] += 1
        try:
            self._proofs.ranged(
                Part.LIMIT,
                alphas,
                betas,
                (alpha, beta),
                pairs,
                lambda commitments: hashes.limit_challenge(group, key, contest.index, *encoded, commitments),
            )
        except VerificationError as error:
            self._fail("7.D", error.message, *_sides(error), where=where)

    def _pairs(self, checks: tuple[str, str], where: str, proof: Sequence[ProofPair]) -> list[Pair]:
        """The proof as integers; values of q and more are a finding and go on reduced, for 6.D and 7.D."""
        order, counts = self._order, self._counts
        pairs = []
        for index, pair in enumerate(proof):
            challenge = int.from_bytes(pair.challenge, "big")
            response = int.from_bytes(pair.response, "big")
            if challenge >= order:
                self._fail(checks[0], f"challenge {index} is not below q", where=where)
                challenge %= order
            if response >= order:
                self._fail(checks[1], f"response {index} is not below q", where=where)
                response %= order
            pairs.append((challenge, response))
        counts[checks[0]] += len(pairs)
        counts[checks[1]] += len(pairs)
        return pairs

    def _selection_challenge(self, contest: int, selection: Selection) -> Challenge:
        group, key = self._group, self._key

        def challenge(commitments: Sequence[bytes]) -> Scalar:
            return hashes.selection_challenge(
                group, key, contest, selection.option, selection.alpha, selection.beta, commitments
            )

        return challenge

    # --- codes -----------------------------------------------------------------------------------

    def _codes(self, contests: Sequence[Contest]) -> None:
        """8.A, 8.B and, in chaining mode 0, 8.D; of a pre-encrypted ballot 16.A to 16.C, 16.E and 17.A."""
        if self._pre is not None:
            self._pre.codes(contests)
            self._unchained("16.E")
            return
        ballot, key = self._ballot, self._key
        computed = [contest_hash_of(key, encrypted) for encrypted in ballot.contests]
        for encrypted, hashed in zip(ballot.contests, computed, strict=True):
            self._compare(
                "8.A", f"contest hash of contest {encrypted.contest}", encrypted.contest_hash, hashed
            )
        code = hashes.confirmation_code(key, computed, ballot.chaining_field)
        self._compare("8.B", "confirmation code", ballot.confirmation_code, code)
        self._unchained("8.D")

    def _unchained(self, check: str) -> None:
        """In chaining mode 0 the chaining field holds the device hash."""
        election, ballot = self._election, self._ballot
        if election.manifest.chaining is ChainingMode.NONE:
            family = family_of(election, ballot.device)
            hashed = family.device_hash(election.extended_hash, ballot.device)
            field = chaining_field(ChainingMode.NONE, hashed)
            self._compare(check, "chaining field", ballot.chaining_field, field)

    # --- findings --------------------------------------------------------------------------------

    def _compare(self, check: str, what: str, stated: bytes, computed: bytes) -> None:
        self._counts[check] += 1
        if stated != computed:
            self._fail(check, f"the {what} is not the computed one", computed.hex(), stated.hex())

    def _fail(
        self, check: str, message: str, expected: object = "", computed: object = "", *, where: str = ""
    ) -> None:
        self._findings.append(
            VerificationError(
                message,
                check=check,
                where=where or self._where,
                expected=str(expected),
                computed=str(computed),
            )
        )


def contest_hash_of(key: bytes, encrypted: EncryptedContest) -> bytes:
    """The contest hash of an encrypted contest under H_I (equation 70)."""
    return hashes.contest_hash(
        key,
        encrypted.contest,
        [part for selection in encrypted.selections for part in (selection.alpha, selection.beta)],
        () if encrypted.data is None else encrypted.data.fields,
    )


def _sides(error: DecodeError | VerificationError) -> tuple[str, str]:
    return (error.expected, error.computed) if isinstance(error, VerificationError) else ("", "")


def name_of(submitted: SubmittedBallot) -> str:
    """What a ballot is called in findings."""
    return f"ballot {submitted.ballot.identifier.hex()[:16]}"
