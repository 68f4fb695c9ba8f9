"""The guardian's side of a decryption session: one type per round (section 3.6.5; rules A52, A62).

======================  ==============================  ==============================
state                   takes                           gives
======================  ==============================  ==============================
:func:`commit`          a share, a request              all d_i (round 1)
:class:`Committed`      d_j of all guardians of U       all M_i, a_i, b_i (round 2)
:class:`Opened`         M_j, a_j, b_j of all            all v_i (round 3)
======================  ==============================  ==============================

Each state is made only by the one before, or read back from its own bytes. A state answers once:
asked again it raises :class:`RefusedError`. After a :class:`~evote.errors.DecryptionError` nothing has
left the guardian in that round; the culprits are named and the others open a new session.

Rules: u_i is drawn here, for this session, this U and this statement, and is used in one response.
Powers with z_i or u_i are constant time and use no table. What is checked of the others is what
keeps this guardian's answer safe and meaningful: one opening per commitment, partial decryptions in
the subgroup. That a_j and b_j are what they should be shows when responses are combined, and
names their sender then.

What it leaves out: whether the request may be answered at all (the ledger and the verification of
the record are in :mod:`evote.guardian`), sealing, files, and the road that messages take.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from evote.ceremony import GuardianShare
from evote.decryption.inbox import Blame, check_length, one_from_each
from evote.decryption.joint import check_openings, joint_challenge
from evote.decryption.memory import (
    CommittedMemory,
    Context,
    Memory,
    OpenedMemory,
    Stage,
    read_memory,
)
from evote.decryption.messages import Commitments, Openings, Part, Responses
from evote.decryption.request import DecryptionRequest
from evote.decryption.shares import lagrange_coefficient
from evote.decryption.statements import JointKey
from evote.errors import DecodeError
from evote.groups import Scalar
from evote.randomness import SYSTEM, Randomness
from evote.rounds.state import RoundState
from evote.secret import Secret

M = TypeVar("M", bound=Memory)


def commit(
    share: GuardianShare, request: DecryptionRequest, rng: Randomness = SYSTEM
) -> tuple[Committed, Commitments]:
    """Round 1: draw every u_i, compute M_i, a_i, b_i, and commit to them.

    Raises ``ValueError`` if the share belongs to another election or its guardian is not in U.
    """
    _check_share(share, request)
    group = request.election.group
    nonces: list[bytes] = []
    parts: list[Part] = []
    for statement in request.statements:
        nonce = Secret(group.random_scalar(rng))
        parts.append(
            Part(
                group.power_secret(statement.base, _exponent(share, statement.key)).encode(),
                group.power_secret(group.generator, nonce).encode(),
                group.power_secret(statement.base, nonce).encode(),
            )
        )
        nonces.append(nonce.reveal().encode())
    context = Context(Stage.COMMITTED, request.digest, share.index)
    state = Committed(share, request, Secret(CommittedMemory(context, tuple(nonces), tuple(parts))))
    return state, state.message()


class _Round(RoundState[M]):
    """A state of one guardian in one session; its bytes do not hold the guardian's share."""

    __slots__ = ("_share", "request")

    def __init__(self, share: GuardianShare, request: DecryptionRequest, memory: Secret[M]) -> None:
        _check_share(share, request)
        if memory.reveal().context.index != share.index:
            raise DecodeError("this memory belongs to another guardian", "context.index")
        self.request = request
        self._share = share
        super().__init__(
            memory, f"guardian {share.index} has answered this round; repeat what failed in a new session"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} guardian {self._share.index}, {self.request!r}>"

    def _own_commitments(self, parts: tuple[Part, ...]) -> Commitments:
        request, index = self.request, self._share.index
        return Commitments(
            index,
            request.digest,
            tuple(
                statement.commitment(index, part.partial, part.a, part.b, request.guardians)
                for statement, part in zip(request.statements, parts, strict=True)
            ),
        )


class Committed(_Round[CommittedMemory]):
    """Sent its hashes; opens them once those of all guardians of U are there."""

    __slots__ = ()

    @classmethod
    def from_secret_bytes(
        cls, share: GuardianShare, request: DecryptionRequest, data: Secret[bytes]
    ) -> Committed:
        """The state of :meth:`to_secret_bytes`; raises :class:`DecodeError` for anything else."""
        return cls(share, request, read_memory(CommittedMemory, Stage.COMMITTED, request, data))

    def message(self) -> Commitments:
        """The hashes of round 1, the same every time."""
        with self._remembering() as memory:
            return self._own_commitments(memory.parts)

    def open(self, messages: Iterable[Commitments]) -> tuple[Opened, Openings]:
        """Round 2: with the hashes of all guardians of U, show what was committed to.

        Raises :class:`DecryptionError` for a message that is missing, comes twice, has the wrong
        number of hashes, or belongs to another session.
        """
        with self._answering() as memory:
            request, index = self.request, self._share.index
            own = self._own_commitments(memory.parts)
            found = one_from_each(request, index, messages, own, "list of commitments")
            blame = Blame()
            for sender, message in found.items():
                check_length(request, sender, len(message.hashes), "list of commitments", blame)
            blame.settle()
            following = OpenedMemory(
                Context(Stage.OPENED, request.digest, index),
                memory.nonces,
                memory.parts,
                tuple(found[guardian] for guardian in request.guardians),
            )
            opened = Opened(self._share, request, Secret(following))
            return opened, opened.message()


class Opened(_Round[OpenedMemory]):
    """Showed its part; responds once, when all openings are there and hold."""

    __slots__ = ()

    @classmethod
    def from_secret_bytes(
        cls, share: GuardianShare, request: DecryptionRequest, data: Secret[bytes]
    ) -> Opened:
        """The state of :meth:`to_secret_bytes`; raises :class:`DecodeError` for anything else."""
        return cls(share, request, read_memory(OpenedMemory, Stage.OPENED, request, data))

    def message(self) -> Openings:
        """The openings of round 2, the same every time."""
        with self._remembering() as memory:
            return Openings(self._share.index, self.request.digest, memory.parts)

    def answers(self, messages: Iterable[Commitments]) -> bool:
        """Whether these are the commitments for which this state opened its own, one from each."""
        with self._remembering() as memory:
            found = {message.sender: message for message in messages}
            return found == {message.sender: message for message in memory.commitments}

    def respond(self, messages: Iterable[Openings]) -> Responses:
        """Round 3: check what the others showed, and answer the joint challenges (91, 92, 102).

        Raises :class:`DecryptionError` that names whose opening is missing, comes twice, belongs to
        another session, does not match its commitment, or is not in the group.
        """
        with self._answering() as memory:
            request, share = self.request, self._share
            group = request.election.group
            own = Openings(share.index, request.digest, memory.parts)
            openings = one_from_each(request, share.index, messages, own, "list of openings")
            commitments = {message.sender: message for message in memory.commitments}
            blame = Blame()
            check_openings(request, commitments, openings, blame)
            blame.settle()
            weights = {
                guardian: lagrange_coefficient(group, request.guardians, guardian)
                for guardian in request.guardians
            }
            responses = []
            for position, statement in enumerate(request.statements):
                parts = {sender: message.parts[position] for sender, message in openings.items()}
                joint = joint_challenge(group, statement, weights, parts, blame)
                if joint is None:
                    continue
                nonce = group.decode_scalar(memory.nonces[position])
                secret = _exponent(share, statement.key).reveal()
                responses.append((nonce - joint.challenge * weights[share.index] * secret).encode())
            blame.settle()
            return Responses(share.index, request.digest, tuple(responses))


def _check_share(share: GuardianShare, request: DecryptionRequest) -> None:
    if share.extended_hash != request.election.extended_hash:
        raise ValueError("the share belongs to another election than the request")
    if share.index not in request.guardians:
        raise ValueError(f"guardian {share.index} does not take part in this session")


def _exponent(share: GuardianShare, key: JointKey) -> Secret[Scalar]:
    return share.vote_share if key is JointKey.VOTES else share.data_share
