"""Checking one ballot from its published bytes (verifications 5.B, 6, 7, 8 and evote's own).

:func:`examine` looks at everything and collects all that is wrong, with the number of statements
it looked at per check; :func:`verify_cast` and :func:`verify_challenged` raise the first finding
and otherwise give the verified types that tally and decryption accept. Shape comes first (E.2):
a ballot that does not have the contests, options, proofs and data of its style is not looked at
any further (A41).

The checks of evote's own on one ballot: E.1 context, E.2 shape, E.3 weight, E.4 proof of the ballot
nonce, E.5 proof of contest data, E.7 no identity ciphertext. Uniqueness over ballots (5.A, E.6), chains
(8.E to 8.G) and device records (8.C) need the whole record and stand in the verifier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from evote.ballots import hashes
from evote.ballots.chain import chaining_field
from evote.ballots.election import Election
from evote.ballots.values import (
    BallotState,
    EncryptedContest,
    HashedCiphertext,
    ProofPair,
    Selection,
    SubmittedBallot,
)
from evote.ballots.verified import _TOKEN, Examination, VerifiedBallot, VerifiedChallenge
from evote.codec import encode
from evote.elgamal import Ciphertext
from evote.errors import DecodeError, VerificationError
from evote.groups import Claimed, Element, MembershipError, Scalar
from evote.manifest import ChainingMode, Contest
from evote.manifest.extensions import ROLL
from evote.proofs.ranges import range_statement
from evote.proofs.relation import Challenge, DisjunctionProof, RelationProof, knowledge
from evote.proofs.verify import verify, verify_disjunction


def verify_cast(election: Election, submitted: SubmittedBallot) -> VerifiedBallot:
    """Check a cast ballot completely; raises the first :class:`VerificationError`."""
    if submitted.state is not BallotState.CAST:
        raise VerificationError("only a cast ballot can be counted", where=_name(submitted))
    return _verified_cast(examine(election, submitted))


def verify_challenged(election: Election, submitted: SubmittedBallot) -> VerifiedChallenge:
    """Check hashes, nonce and data proofs of a challenged ballot; raises the first finding."""
    if submitted.state is not BallotState.CHALLENGED:
        raise VerificationError("only a challenged ballot can be opened", where=_name(submitted))
    examination = examine(election, submitted)
    return _verified_challenge(examination)


def verified_of(
    election: Election, submitted: SubmittedBallot, examination: Examination
) -> VerifiedBallot | VerifiedChallenge:
    """The verified ballot of an examination that :func:`examine` gave for these very arguments.

    Raises the first finding, if there is one, and ``ValueError`` for the examination of something else.
    """
    if examination.election is not election or examination.submitted is not submitted:
        raise ValueError("the examination is that of another ballot")
    if submitted.state is BallotState.CAST:
        return _verified_cast(examination)
    return _verified_challenge(examination)


def leaf_of(election: Election, submitted: SubmittedBallot) -> bytes:
    """The hash that stands for a submitted ballot in the record's closing head."""
    return hashes.submitted_hash(election.extended_hash, encode(submitted))


def _verified_cast(examination: Examination) -> VerifiedBallot:
    _raise_first(examination)
    leaf = leaf_of(examination.election, examination.submitted)
    return VerifiedBallot(_TOKEN, leaf, examination)


def _verified_challenge(examination: Examination) -> VerifiedChallenge:
    _raise_first(examination)
    leaf = leaf_of(examination.election, examination.submitted)
    return VerifiedChallenge(_TOKEN, leaf, examination)


def _raise_first(examination: Examination) -> None:
    if examination.findings:
        raise examination.findings[0]


def _name(submitted: SubmittedBallot) -> str:
    return f"ballot {submitted.ballot.identifier.hex()[:16]}"


def examine(election: Election, submitted: SubmittedBallot) -> Examination:
    """Check one submitted ballot against everything that can be checked of it alone."""
    return _Examiner(election, submitted).run()


def examine_form(election: Election, submitted: SubmittedBallot) -> tuple[VerificationError, ...]:
    """What is wrong with a ballot that can be seen without a power in the group, in the order of its parts.

    5.B, E.2, E.3, E.1, 8.A, 8.B, 8.D, and E.7 (identity ciphertexts, whatever the ballot's state). A
    ballot that passes is not verified: :func:`examine` also looks at all that this does.
    """
    return _Examiner(election, submitted).form()


class _Examiner:
    """One pass over one ballot."""

    def __init__(self, election: Election, submitted: SubmittedBallot) -> None:
        self._election = election
        self._group = election.group
        self._submitted = submitted
        self._ballot = submitted.ballot
        self._where = _name(submitted)
        self._findings: list[VerificationError] = []
        self._counts: Counter[str] = Counter()
        # The key of every other hash is computed, not read: 5.B alone speaks of the published one.
        self._key = hashes.identifier_hash(election.extended_hash, self._ballot.identifier)

    def run(self) -> Examination:
        ballot = self._ballot
        self._compare("5.B", "identifier hash", ballot.identifier_hash, self._key)
        contests = self._shape()
        if contests is None:
            return self._result((), None, ())
        self._weight()
        self._context()
        nonce = self._nonce()
        data = tuple(self._data(c, e) for c, e in zip(contests, ballot.contests, strict=True))
        selections: tuple[tuple[Ciphertext, ...], ...] = ()
        if self._submitted.state is BallotState.CAST:
            found = [self._contest(c, e) for c, e in zip(contests, ballot.contests, strict=True)]
            complete = [fields for fields in found if fields is not None]
            if len(complete) == len(found):
                selections = tuple(complete)
        self._codes()
        return self._result(selections, nonce, data)

    def form(self) -> tuple[VerificationError, ...]:
        ballot = self._ballot
        self._compare("5.B", "identifier hash", ballot.identifier_hash, self._key)
        if self._shape() is not None:
            self._weight()
            self._context()
            self._codes()
            identity = self._group.identity.encode()
            for encrypted in ballot.contests:
                for selection in encrypted.selections:
                    if selection.alpha == identity:
                        self._fail("E.7", "a ciphertext is an identity: it hides nothing")
        return tuple(self._findings)

    def _result(
        self,
        selections: tuple[tuple[Ciphertext, ...], ...],
        nonce: Element | None,
        data: tuple[Element | None, ...],
    ) -> Examination:
        return Examination(
            _TOKEN,
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
        if not unit.reports or ballot.style not in unit.styles:
            self._fail("E.2", f"unit {ballot.unit!r} has no ballot style {ballot.style!r}")
            return None
        wanted = [contest.index for contest in contests]
        found = [encrypted.contest for encrypted in ballot.contests]
        if wanted != found:
            self._fail("E.2", "the contests are not those of the style, once and in order", wanted, found)
            return None
        faults = [
            fault
            for contest, encrypted in zip(contests, ballot.contests, strict=True)
            for fault in _contest_faults(contest, encrypted)
        ]
        if len(ballot.nonce.c1) != 32:
            faults.append(f"the encrypted ballot nonce has {len(ballot.nonce.c1)} bytes instead of 32")
        for fault in faults:
            self._fail("E.2", fault)
        return None if faults else contests

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

    # --- proofs ----------------------------------------------------------------------------------

    def _nonce(self) -> Element | None:
        sealed, key, group = self._ballot.nonce, self._key, self._group
        return self._schnorr(
            "E.4",
            "ballot nonce",
            sealed,
            lambda commitments: hashes.ballot_nonce_challenge(
                group, key, commitments[0], sealed.c0, sealed.c1
            ),
        )

    def _data(self, contest: Contest, encrypted: EncryptedContest) -> Element | None:
        sealed, key, group = encrypted.data, self._key, self._group
        if sealed is None:
            return None
        return self._schnorr(
            "E.5",
            f"contest data of {contest.label!r}",
            sealed,
            lambda commitments: hashes.contest_data_challenge(
                group, key, contest.index, commitments[0], sealed.c0, sealed.c1
            ),
        )

    def _schnorr(
        self, check: str, what: str, sealed: HashedCiphertext, challenge: Challenge
    ) -> Element | None:
        group = self._group
        self._counts[check] += 1
        try:
            claimed = group.claim(sealed.c0)
            proof = RelationProof(
                group.decode_scalar(sealed.c2.challenge), (group.decode_scalar(sealed.c2.response),)
            )
            members = verify(group, knowledge((group.generator, claimed)), proof, challenge)
        except (DecodeError, VerificationError) as error:
            self._fail(check, f"proof of the {what}: {_text(error)}", *_sides(error))
            return None
        if claimed == group.identity:
            self._fail(check, f"the {what} is sealed with the nonce zero: it hides nothing")
            return None
        return members[claimed]

    def _contest(self, contest: Contest, encrypted: EncryptedContest) -> tuple[Ciphertext, ...] | None:
        """6 for every field, then 7 on their product."""
        found: list[Ciphertext | None] = []
        for option, selection in zip(contest.options, encrypted.selections, strict=True):
            where = f"{self._where}, contest {contest.label!r}, option {option.label!r}"
            challenge = self._selection_challenge(contest.index, selection)
            found.append(self._selection(where, selection, option.limit, challenge))
        where = f"{self._where}, contest {contest.label!r}"
        ciphertexts = [ciphertext for ciphertext in found if ciphertext is not None]
        self._counts["7.A"] += len(found)
        proof = self._scalars(("7.B", "7.C"), where, encrypted.limit_proof)
        if len(ciphertexts) < len(found):
            self._fail("7.A", "a selection is not in the subgroup", where=where)
            return None
        self._limit(where, contest, ciphertexts, proof)
        return tuple(ciphertexts)

    def _selection(
        self, where: str, selection: Selection, limit: int, challenge: Challenge
    ) -> Ciphertext | None:
        group = self._group
        self._counts["6.A"] += 1
        proof = self._scalars(("6.B", "6.C"), where, selection.proof)
        try:
            alpha, beta = group.claim(selection.alpha), group.claim(selection.beta)
        except DecodeError as error:
            self._fail("6.A", error.message, where=where)
            return None
        self._counts["E.7"] += 1
        if alpha == group.identity:
            self._fail("E.7", "the ciphertext is an identity: it hides nothing", where=where)
        self._counts["6.D"] += 1
        try:
            statement = range_statement(self._election.vote_key, alpha, beta, limit)
            members = verify_disjunction(group, statement, proof, challenge)
        except MembershipError as error:
            self._fail("6.A", error.message, where=where)
            return None
        except VerificationError as error:
            self._fail("6.D", error.message, *_sides(error), where=where)
            return self._member_pair(alpha, beta)
        return Ciphertext(members[alpha], members[beta])

    def _member_pair(self, alpha: Claimed, beta: Claimed) -> Ciphertext:
        """A pair whose membership the failed proof already showed."""
        group = self._group
        return Ciphertext(group.decode(alpha.encode()), group.decode(beta.encode()))

    def _limit(
        self, where: str, contest: Contest, ciphertexts: Sequence[Ciphertext], proof: DisjunctionProof
    ) -> None:
        group, key = self._group, self._key
        counted = [
            ciphertext
            for option, ciphertext in zip(contest.options, ciphertexts, strict=True)
            if option.in_limit
        ]
        alpha = group.product(ciphertext.alpha for ciphertext in counted)
        beta = group.product(ciphertext.beta for ciphertext in counted)
        encoded = alpha.encode(), beta.encode()
        self._counts["7.D"] += 1
        try:
            verify_disjunction(
                group,
                range_statement(self._election.vote_key, alpha, beta, contest.limit),
                proof,
                lambda commitments: hashes.limit_challenge(group, key, contest.index, *encoded, commitments),
            )
        except VerificationError as error:
            self._fail("7.D", error.message, *_sides(error), where=where)

    def _scalars(self, checks: tuple[str, str], where: str, pairs: Sequence[ProofPair]) -> DisjunctionProof:
        """The proof as scalars; values of q and more are a finding and go on reduced, for 6.D and 7.D."""
        branches = []
        for index, pair in enumerate(pairs):
            scalars = []
            for check, label, data in zip(
                checks, ("challenge", "response"), (pair.challenge, pair.response), strict=True
            ):
                self._counts[check] += 1
                value = int.from_bytes(data, "big")
                if value >= self._group.order:
                    self._fail(check, f"{label} {index} is not below q", where=where)
                scalars.append(self._group.scalar(value))
            branches.append(RelationProof(scalars[0], (scalars[1],)))
        return DisjunctionProof(tuple(branches))

    def _selection_challenge(self, contest: int, selection: Selection) -> Challenge:
        group, key = self._group, self._key

        def challenge(commitments: Sequence[bytes]) -> Scalar:
            return hashes.selection_challenge(
                group, key, contest, selection.option, selection.alpha, selection.beta, commitments
            )

        return challenge

    # --- codes -----------------------------------------------------------------------------------

    def _codes(self) -> None:
        """8.A, 8.B and, in chaining mode 0, 8.D."""
        ballot, key = self._ballot, self._key
        computed = [contest_hash_of(key, encrypted) for encrypted in ballot.contests]
        for encrypted, hashed in zip(ballot.contests, computed, strict=True):
            self._compare(
                "8.A", f"contest hash of contest {encrypted.contest}", encrypted.contest_hash, hashed
            )
        code = hashes.confirmation_code(key, computed, ballot.chaining_field)
        self._compare("8.B", "confirmation code", ballot.confirmation_code, code)
        if self._election.manifest.chaining is ChainingMode.NONE:
            hashed = hashes.device_hash(self._election.extended_hash, ballot.device)
            field = chaining_field(ChainingMode.NONE, hashed)
            self._compare("8.D", "chaining field", ballot.chaining_field, field)

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


def _contest_faults(contest: Contest, encrypted: EncryptedContest) -> list[str]:
    name = f"contest {contest.label!r}"
    if [selection.option for selection in encrypted.selections] != [o.index for o in contest.options]:
        return [f"{name} does not have its options, once and in order"]
    faults = [
        f"{name}, option {option.label!r}: a proof of 0..{option.limit} has {option.limit + 1} branches,"
        f" not {len(selection.proof)}"
        for option, selection in zip(contest.options, encrypted.selections, strict=True)
        if len(selection.proof) != option.limit + 1
    ]
    if len(encrypted.limit_proof) != contest.limit + 1:
        faults.append(
            f"{name}: the limit proof has {len(encrypted.limit_proof)} branches, not {contest.limit + 1}"
        )
    if (contest.data is None) != (encrypted.data is None):
        faults.append(
            f"{name}: contest data is {'missing' if encrypted.data is None else 'not in the manifest'}"
        )
    elif contest.data is not None and encrypted.data is not None:
        size = 32 * contest.data.blocks
        if len(encrypted.data.c1) != size:
            faults.append(f"{name}: contest data has {len(encrypted.data.c1)} bytes instead of {size}")
    return faults


def _text(error: DecodeError | VerificationError) -> str:
    return error.message


def _sides(error: DecodeError | VerificationError) -> tuple[str, str]:
    return (error.expected, error.computed) if isinstance(error, VerificationError) else ("", "")


Examine = Callable[[Election, SubmittedBallot], Examination]
"""The signature of :func:`examine`; a faster examiner has it too and gives the same findings."""
