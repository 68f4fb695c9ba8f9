"""A slow second way to make ballots, with plain integers, that can also make wrong ones.

It knows the formulas of the specification (sections 3.3 and 3.4) and shares nothing with the
encryption of the package but the named hash functions. An honest ballot made here must verify;
a test asks for one deviation and gets proofs and hashes that are otherwise consistent, as a cheating
device would make them. Integer groups only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from evote.ballots import Election, hashes
from evote.ballots.chain import chaining_field
from evote.ballots.examiner import Part, contest_hash_of
from evote.ballots.hints import BallotHint
from evote.ballots.values import (
    BallotState,
    ContextOpening,
    EncryptedBallot,
    EncryptedContest,
    HashedCiphertext,
    ProofPair,
    Selection,
    SubmittedBallot,
)
from evote.groups import Scalar
from evote.groups.modp import ModPGroup
from evote.hashing import xor
from evote.manifest import ChainingMode, Contest, ContestRecord
from evote.testing.randomness import SeededRandomness

Accept = Callable[[Sequence[tuple[int, int]]], bool]
"""Which proofs (as pairs of challenge and response) a cheating device keeps trying for."""


def any_proof(pairs: Sequence[tuple[int, int]]) -> bool:
    """Keep the first proof."""
    return True


def even_challenges(pairs: Sequence[tuple[int, int]]) -> bool:
    """Keep a proof whose challenges are all even, so that a sign under them disappears."""
    return all(challenge % 2 == 0 for challenge, _ in pairs)


@dataclass(frozen=True)
class Cheat:
    """What the device does wrong; the default is nothing.

    ``values`` replaces the encrypted values of a contest (label to one value per field); a value
    outside its range gets a proof that cannot verify. ``flip`` names (contest, option) pairs whose
    alpha becomes p - alpha, with proofs ground so that their equations still hold. ``fixed_nonces``
    sets the nonce of (contest, option), as when randomness repeats.
    """

    values: Mapping[str, Sequence[int]] = field(default_factory=dict)
    flip: frozenset[tuple[str, str]] = frozenset()
    fixed_nonces: Mapping[tuple[str, str], int] = field(default_factory=dict)
    weight: int | None = None
    context_style: str | None = None
    context_randomness: bytes | None = None
    sealed_with: int | None = None
    """Nonce of the sealed ballot nonce, as when randomness repeats."""
    data_blocks: int | None = None


HONEST = Cheat()


class Forge:
    """Makes ballots of one election; ``seed`` names the random stream."""

    def __init__(self, election: Election, seed: str) -> None:
        group = election.group
        if not isinstance(group, ModPGroup):
            raise TypeError("the forge works with integers modulo p")
        self.election = election
        self.group = group
        self.p, self.q = group.modulus, group.order
        self.g = self._int(group.generator.encode())
        self.vote_key = self._int(election.vote_key.base.encode())
        self.data_key = self._int(election.data_key.base.encode())
        self.rng = SeededRandomness(seed)
        self.hashed: dict[Part, list[bytes]] = {part: [] for part in Part}
        """The commitments that were hashed into the challenges of the last ballot."""

    # --- whole ballots ---------------------------------------------------------------------------

    def ballot(
        self,
        unit: str,
        style: str,
        marks: Mapping[str, Mapping[str, int]],
        *,
        device: str = "device 1",
        chain: bytes | None = None,
        state: BallotState = BallotState.CAST,
        pseudonym: bytes | None = None,
        cheat: Cheat = HONEST,
    ) -> tuple[SubmittedBallot, bytes]:
        """A submitted ballot and its ballot nonce.

        ``chain`` is the hash in the chaining field: the code of the ballot before in mode 1, the
        device hash (default) in mode 0.
        """
        election, manifest = self.election, self.election.manifest
        for joined in self.hashed.values():
            joined.clear()
        randomness = cheat.context_randomness or self.rng.token(32)
        identifier = hashes.context_identifier(
            election.extended_hash, unit, cheat.context_style or style, pseudonym, randomness
        )
        key = hashes.identifier_hash(election.extended_hash, identifier)
        nonce = self.rng.token(32)
        contests = tuple(
            self._contest(key, nonce, contest, marks.get(contest.label, {}), cheat)
            for contest in manifest.contests_of(style)
        )
        device_hash = hashes.device_hash(election.extended_hash, device)
        last = device_hash if chain is None else chain
        chaining = chaining_field(manifest.chaining, last)
        ballot = EncryptedBallot(
            identifier,
            key,
            unit,
            style,
            manifest.style(style).weight if cheat.weight is None else cheat.weight,
            device,
            contests,
            self.sealed_nonce(key, nonce, cheat.sealed_with),
            chaining,
            hashes.confirmation_code(key, [contest.contest_hash for contest in contests], chaining),
        )
        context = ContextOpening(pseudonym, randomness) if state is BallotState.CAST else None
        return SubmittedBallot(state, ballot, context), nonce

    def hint(self, submitted: SubmittedBallot) -> BallotHint:
        """What the device hashed for the ballot that was just made: it gives the challenges in any case.

        The equations of a proof that cannot verify do not hold with it.
        """
        joined = b"".join(b"".join(self.hashed[part]) for part in Part)
        whole = BallotHint(submitted.ballot.identifier, joined)
        return whole.fitting(submitted, self.group.element_bytes)

    def rehash(self, ballot: EncryptedBallot) -> EncryptedBallot:
        """The ballot with contest hashes and confirmation code computed again."""
        key = hashes.identifier_hash(self.election.extended_hash, ballot.identifier)
        contests = tuple(
            replace(contest, contest_hash=contest_hash_of(key, contest)) for contest in ballot.contests
        )
        code = hashes.confirmation_code(
            key, [contest.contest_hash for contest in contests], ballot.chaining_field
        )
        return replace(ballot, contests=contests, confirmation_code=code)

    def mode(self) -> ChainingMode:
        """The chaining mode of the election."""
        return self.election.manifest.chaining

    # --- parts -----------------------------------------------------------------------------------

    def _contest(
        self, key: bytes, ballot_nonce: bytes, contest: Contest, marks: Mapping[str, int], cheat: Cheat
    ) -> EncryptedContest:
        values = cheat.values.get(contest.label)
        if values is None:
            values = [marks.get(option.label, 0) for option in contest.options]
        selections = []
        product, total, total_nonce, flips = [1, 1], 0, 0, 0
        for option, value in zip(contest.options, values, strict=True):
            nonce = hashes.selection_nonce(self.group, key, contest.index, option.index, ballot_nonce).value
            nonce = cheat.fixed_nonces.get((contest.label, option.label), nonce)
            flipped = (contest.label, option.label) in cheat.flip
            selection = self.selection(
                key, contest.index, option.index, value, nonce, option.limit, flipped=flipped
            )
            selections.append(selection)
            if option.in_limit:
                product[0] = product[0] * self._int(selection.alpha) % self.p
                product[1] = product[1] * self._int(selection.beta) % self.p
                total, total_nonce, flips = total + value, total_nonce + nonce, flips + flipped
        alpha, beta = self._bytes(product[0]), self._bytes(product[1])
        limit = self.range_proof(
            total,
            total_nonce % self.q,
            contest.limit,
            lambda commitments: hashes.limit_challenge(
                self.group, key, contest.index, alpha, beta, commitments
            ),
            accept=even_challenges if flips % 2 else any_proof,
            part=Part.LIMIT,
        )
        data = self._contest_data(key, ballot_nonce, contest, cheat)
        encrypted = EncryptedContest(contest.index, tuple(selections), limit, data, bytes(32))
        return replace(encrypted, contest_hash=contest_hash_of(key, encrypted))

    def selection(
        self,
        key: bytes,
        contest: int,
        option: int,
        value: int,
        nonce: int,
        limit: int,
        *,
        flipped: bool = False,
    ) -> Selection:
        """(alpha, beta) = (g^nonce, K^(value + nonce)) with its range proof (equations 31, 57 to 61)."""
        alpha = pow(self.g, nonce, self.p)
        if flipped:
            alpha = self.p - alpha
        beta = pow(self.vote_key, (value + nonce) % self.q, self.p)
        encoded = self._bytes(alpha), self._bytes(beta)
        proof = self.range_proof(
            value,
            nonce,
            limit,
            lambda commitments: hashes.selection_challenge(
                self.group, key, contest, option, *encoded, commitments
            ),
            accept=even_challenges if flipped else any_proof,
        )
        return Selection(option, *encoded, proof)

    def range_proof(
        self,
        value: int,
        nonce: int,
        limit: int,
        challenge: Callable[[Sequence[bytes]], Scalar],
        *,
        accept: Accept = any_proof,
        part: Part = Part.SELECTION,
    ) -> tuple[ProofPair, ...]:
        """Branches 0..limit; a value outside the range gets the best proof there is, which is none."""
        p, q = self.p, self.q
        honest = min(max(value, 0), limit)
        while True:
            drawn = [(self.rng.below(q), self.rng.below(q)) for _ in range(limit + 1)]
            commitments = []
            for branch, (u, c) in enumerate(drawn):
                t = u if branch == honest else u + (value - branch) * c
                commitments += [
                    self._bytes(pow(self.g, u, p)),
                    self._bytes(pow(self.vote_key, t % q, p)),
                ]
            rest = challenge(commitments).value
            for branch, (_, c) in enumerate(drawn):
                if branch != honest:
                    rest = (rest - c) % q
            pairs = [
                (rest if branch == honest else c, (u - (rest if branch == honest else c) * nonce) % q)
                for branch, (u, c) in enumerate(drawn)
            ]
            if accept(pairs):
                self.hashed[part] += commitments
                return tuple(self._pair(c, v) for c, v in pairs)

    def schnorr(
        self, nonce: int, challenge: Callable[[bytes], Scalar], *, part: Part = Part.NONCE
    ) -> ProofPair:
        """Knowledge of the nonce of C0 (equations 38, 69)."""
        u = self.rng.below(self.q)
        commitment = self._bytes(pow(self.g, u, self.p))
        c = challenge(commitment).value
        self.hashed[part].append(commitment)
        return self._pair(c, (u - c * nonce) % self.q)

    def sealed_nonce(self, key: bytes, ballot_nonce: bytes, nonce: int | None = None) -> HashedCiphertext:
        """The ballot nonce under the data key (equations 34 to 38)."""
        nonce = self.rng.below(self.q) if nonce is None else nonce
        c0 = self._bytes(pow(self.g, nonce, self.p))
        beta = self._bytes(pow(self.data_key, nonce, self.p))
        c1 = xor(ballot_nonce, hashes.ballot_nonce_pad(hashes.ballot_nonce_key(key, c0, beta)))
        proof = self.schnorr(nonce, lambda a: hashes.ballot_nonce_challenge(self.group, key, a, c0, c1))
        return HashedCiphertext(c0, c1, proof)

    def _contest_data(
        self, key: bytes, ballot_nonce: bytes, contest: Contest, cheat: Cheat
    ) -> HashedCiphertext | None:
        if contest.data is None:
            return None
        blocks = contest.data.blocks if cheat.data_blocks is None else cheat.data_blocks
        plaintext = ContestRecord().encode(contest).ljust(32 * blocks, b"\x00")[: 32 * blocks]
        nonce = hashes.contest_data_nonce(self.group, key, contest.index, ballot_nonce).value
        return self.sealed_data(key, contest.index, plaintext, nonce)

    def sealed_data(self, key: bytes, contest: int, plaintext: bytes, nonce: int) -> HashedCiphertext:
        """Contest data under the data key (equations 63 to 69)."""
        c0 = self._bytes(pow(self.g, nonce, self.p))
        beta = self._bytes(pow(self.data_key, nonce, self.p))
        secret_key = hashes.contest_data_key(key, contest, c0, beta)
        c1 = xor(plaintext, hashes.contest_data_pad(secret_key, contest, len(plaintext) // 32))
        proof = self.schnorr(
            nonce,
            lambda a: hashes.contest_data_challenge(self.group, key, contest, a, c0, c1),
            part=Part.DATA,
        )
        return HashedCiphertext(c0, c1, proof)

    # --- numbers ---------------------------------------------------------------------------------

    def _pair(self, challenge: int, response: int) -> ProofPair:
        return ProofPair(challenge.to_bytes(32, "big"), response.to_bytes(32, "big"))

    def _bytes(self, value: int) -> bytes:
        return value.to_bytes(self.group.element_bytes, "big")

    def _int(self, data: bytes) -> int:
        return int.from_bytes(data, "big")
