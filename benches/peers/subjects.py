"""electionguard 1.4.0 as subjects of the harness: five of them in three steps.

=========  ===================================  ================================================
step       subject                              one round does, per ballot
=========  ===================================  ================================================
encrypt    electionguard 1.4.0                  ``encrypt_ballot``: options, placeholder, contest
                                                proof, contest data, hashes
encrypt    electionguard 1.4.0, selections only ``encrypt_selection`` for each option
verify     electionguard 1.4.0                  ``is_valid_encryption`` of the ballot
verify     electionguard 1.4.0, selections only ``is_valid`` of each option's proof
tally      electionguard 1.4.0                  ``elgamal_add`` over the column of each option
=========  ===================================  ================================================

All divide by the number of options. "Selections only" leaves the cost of contest and ballot out:
it is the smallest figure that can be held against this peer. Its tally verifies every ballot
again, which is left out here: only the products are timed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations_with_replacement
from math import isqrt
from typing import Any

from benches.peers import PeerAbsent, electionguard1
from benches.peers.electionguard1 import EncryptedBallot, EncryptedSelection
from evote.bench.shape import Shape
from evote.bench.subject import Base, Kind, Registry, Step, Subject

NAME = f"electionguard {electionguard1.VERSION}"
SELECTIONS_ONLY = f"{NAME}, selections only"

_SELECTIONS_PER_ROUND = 200
"""Where one selection costs milliseconds: its cost does not depend on how many there are."""


class _Peer(Base):
    """What the five share: an election of the shape, and how many ballots are worth a round."""

    kind: Kind = "peer"

    def __init__(self, shape: Shape, name: str = NAME) -> None:
        if (shape.option_limit, shape.selection_limit) != (1, 1):
            raise ValueError(f"{NAME} is measured with option limit 1 and selection limit 1 only")
        super().__init__(name)
        self.options = shape.options
        self.most: int | None = max(1, _SELECTIONS_PER_ROUND // shape.options)
        self.election = electionguard1.new_election(electionguard1.load(), shape.options)


class EncryptBallots(_Peer):
    """Encrypt whole ballots."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self._made: list[EncryptedBallot] = []

    def setup(self, ballots: int) -> None:
        """Nothing to prepare: the ballots are made while timed."""

    def run(self, ballots: int) -> int:
        self._made = electionguard1.encrypt_ballots(self.election, ballots)
        return sum(len(ballot.ciphertexts(self.options)) for ballot in self._made)

    def check(self) -> None:
        """Every ciphertext decrypts to what was chosen; the last ballot verifies."""
        for ballot in self._made:
            for option, ciphertext in enumerate(ballot.ciphertexts(self.options)):
                right = electionguard1.decrypts_to(self.election, ciphertext, int(option == ballot.choice))
                self.require(right, "an encrypted ballot does not hold what was chosen")
        verdicts = electionguard1.verify_ballots(self.election, self._made[-1:])
        self.require(verdicts == [True], "an encrypted ballot does not verify")


class EncryptSelections(_Peer):
    """Encrypt the selections alone."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape, SELECTIONS_ONLY)
        self._made: list[EncryptedSelection] = []

    def setup(self, ballots: int) -> None:
        """Nothing to prepare: the selections are made while timed."""

    def run(self, ballots: int) -> int:
        self._made = electionguard1.encrypt_selections(self.election, ballots * self.options)
        return len(self._made)

    def check(self) -> None:
        """Every ciphertext decrypts to its vote; the last selection verifies."""
        for made in self._made:
            right = electionguard1.decrypts_to(self.election, made.encrypted.ciphertext, made.vote)
            self.require(right, "an encrypted selection does not hold its vote")
        verdicts = electionguard1.verify_selections(self.election, self._made[-1:])
        self.require(verdicts == [True], "an encrypted selection does not verify")


class VerifyBallots(_Peer):
    """Verify whole ballots."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self._ballots: list[EncryptedBallot] = []
        self._verdicts: list[bool] = []

    def setup(self, ballots: int) -> None:
        self._ballots = electionguard1.encrypt_ballots(self.election, ballots)

    def run(self, ballots: int) -> int:
        self._verdicts = electionguard1.verify_ballots(self.election, self._ballots[:ballots])
        return len(self._verdicts) * self.options

    def check(self) -> None:
        """All verify; one with a changed proof does not."""
        self.require(all(self._verdicts), "a good ballot was refused")
        ballot = self._ballots[0].encrypted
        contest = ballot.contests[0]
        bad = tampered(self.election.peer, contest.ballot_selections[0])
        changed = replace(contest, ballot_selections=[bad, *contest.ballot_selections[1:]])
        forged = EncryptedBallot(self._ballots[0].choice, replace(ballot, contests=[changed]))
        self.require(
            electionguard1.verify_ballots(self.election, [forged]) == [False], "a changed ballot was accepted"
        )


class VerifySelections(_Peer):
    """Verify the selections' proofs alone."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape, SELECTIONS_ONLY)
        self._selections: list[EncryptedSelection] = []
        self._verdicts: list[bool] = []

    def setup(self, ballots: int) -> None:
        self._selections = electionguard1.encrypt_selections(self.election, ballots * self.options)

    def run(self, ballots: int) -> int:
        wanted = self._selections[: ballots * self.options]
        self._verdicts = electionguard1.verify_selections(self.election, wanted)
        return len(self._verdicts)

    def check(self) -> None:
        """All verify; one with a changed proof does not."""
        self.require(all(self._verdicts), "a good selection was refused")
        first = self._selections[0]
        forged = EncryptedSelection(first.vote, tampered(self.election.peer, first.encrypted))
        self.require(
            electionguard1.verify_selections(self.election, [forged]) == [False],
            "a changed selection was accepted",
        )


class Tally(_Peer):
    """Multiply the ciphertexts of each option.

    A column needs many distinct ciphertexts, and encrypting costs hundreds of times more than what
    is timed. They are products of two ballots each: as distinct, as large, and with known counts.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.most = 200
        self._columns: list[list[Any]] = []
        self._counts: list[list[int]] = []
        self._used = 0
        self._totals: list[Any] = []

    def setup(self, ballots: int) -> None:
        group, elgamal = self.election.peer.group, self.election.peer.elgamal
        seeds = electionguard1.encrypt_ballots(self.election, isqrt(2 * ballots) + 1)
        pairs = list(combinations_with_replacement(seeds, 2))[:ballots]
        self._columns, self._counts = [], []
        for option in range(self.options):
            column, counts = [], []
            for one, other in pairs:
                left, right = one.ciphertexts(self.options)[option], other.ciphertexts(self.options)[option]
                pad, data = group.mult_p(left.pad, right.pad), group.mult_p(left.data, right.data)
                column.append(elgamal.ElGamalCiphertext(pad, data))
                counts.append((one.choice == option) + (other.choice == option))
            self._columns.append(column)
            self._counts.append(counts)

    def run(self, ballots: int) -> int:
        used = [column[:ballots] for column in self._columns]
        self._totals = electionguard1.tally(self.election, used)
        self._used = ballots
        return sum(len(column) for column in used)

    def check(self) -> None:
        """Every total decrypts to the sum of what went in."""
        for total, counts in zip(self._totals, self._counts, strict=True):
            right = electionguard1.decrypts_to(self.election, total, sum(counts[: self._used]))
            self.require(right, "a total is wrong")


def tampered(peer: electionguard1.Peer, selection: Any) -> Any:
    """The same encrypted selection with one response of its proof raised by 1 (mod q)."""
    response = peer.group.add_q(selection.proof.proof_one_response, 1)
    return replace(selection, proof=replace(selection.proof, proof_one_response=response))


_MAKERS: tuple[tuple[Step, Callable[[Shape], Subject]], ...] = (
    ("encrypt", EncryptBallots),
    ("encrypt", EncryptSelections),
    ("verify", VerifyBallots),
    ("verify", VerifySelections),
    ("tally", Tally),
)


def register(registry: Registry) -> None:
    """Add the peer's subjects, or note that it is absent and why."""
    try:
        electionguard1.load()
    except PeerAbsent as absent:
        registry.add_absent(NAME, str(absent))
        return
    registry.add_version(electionguard1.PACKAGE, electionguard1.VERSION)
    for step, make in _MAKERS:
        registry.add(step, make, fits=lambda shape: (shape.option_limit, shape.selection_limit) == (1, 1))
