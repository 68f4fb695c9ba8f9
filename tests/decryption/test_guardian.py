"""A guardian's rounds: one answer per state, states that can be put away and taken up again (A52, A62)."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import pytest

from evote.codec import encode
from evote.decryption import Committed, Opened, commit
from evote.errors import DecodeError, RefusedError
from evote.groups.modp import ModPGroup
from evote.secret import Secret
from tests.decryption.sessions import Session, small


def begin(members: tuple[int, ...] = (1, 2), session: int = 1) -> Session:
    closed = small()
    return Session.begin(closed, closed.request(members, session))


def test_each_state_answers_once() -> None:
    session = begin()
    state = session.committed[1]
    session.open()
    with pytest.raises(RefusedError, match="answered this round"):
        state.open(session.commitments)
    with pytest.raises(RefusedError, match="answered this round"):
        state.message()
    opened = session.opened[1]
    opened.respond(session.openings)
    for use in (
        lambda: opened.respond(session.openings),
        lambda: opened.message(),
        lambda: opened.to_secret_bytes(),
        lambda: opened.answers(session.commitments),
    ):
        with pytest.raises(RefusedError, match="answered this round"):
            use()


def test_a_state_restored_from_its_bytes_goes_on_where_it_was() -> None:
    session = begin()
    share, request = session.closed.kit.shares[0], session.request
    kept = session.committed[1].to_secret_bytes()
    restored = Committed.from_secret_bytes(share, request, kept)
    assert restored.message() == session.commitments[0] == session.committed[1].message()
    opened, message = restored.open(session.commitments)
    again = Opened.from_secret_bytes(share, request, opened.to_secret_bytes())
    assert again.message() == message == opened.message()
    session.open()
    assert session.openings[0] == message
    assert again.respond(session.openings) == opened.respond(session.openings)


def test_an_opened_state_knows_for_which_commitments_it_opened() -> None:
    session, other = begin(), begin()
    session.open()
    opened = session.opened[1]
    assert opened.answers(session.commitments) and opened.answers(session.commitments[::-1])
    assert not opened.answers([session.commitments[0], other.commitments[1]])
    assert not opened.answers(session.commitments[:1])


def test_memories_are_read_for_their_round_session_and_guardian_only() -> None:
    session = begin()
    share, request = session.closed.kit.shares[0], session.request
    committed = session.committed[1].to_secret_bytes()
    session.open()
    opened = session.opened[1].to_secret_bytes()
    with pytest.raises(DecodeError):
        Opened.from_secret_bytes(share, request, committed)
    with pytest.raises(DecodeError):
        Committed.from_secret_bytes(share, request, opened)
    with pytest.raises(DecodeError, match="another session"):
        Committed.from_secret_bytes(share, begin(session=2).request, committed)
    with pytest.raises(DecodeError, match="another guardian"):
        Committed.from_secret_bytes(session.closed.kit.shares[1], request, committed)
    with pytest.raises(DecodeError):
        Committed.from_secret_bytes(share, request, Secret(committed.reveal() + b"\x00"))
    memory = begin().committed[1]._take().reveal()
    short = replace(memory, nonces=memory.nonces[1:])
    with pytest.raises(DecodeError, match="values"):
        Committed.from_secret_bytes(share, request, Secret(encode(short)))


def test_a_share_serves_its_own_election_and_guardian() -> None:
    session = begin()
    with pytest.raises(ValueError, match="another election"):
        commit(small(5, 3).kit.shares[0], session.request)
    with pytest.raises(ValueError, match="does not take part"):
        commit(session.closed.kit.shares[2], session.request)


def test_every_session_draws_new_nonces_for_every_statement() -> None:
    seen: set[bytes] = set()
    count = 0
    for members, number in (((1, 2), 1), ((1, 2), 1), ((1, 2), 2), ((1, 3), 3)):
        memory = begin(members, number).committed[1]._take().reveal()
        count += len(memory.nonces)
        seen.update(memory.nonces)
    assert len(seen) == count == 4 * 11


def test_reusing_a_nonce_would_give_the_share_away() -> None:
    """Why a state answers once: two responses from one u_i are two equations in two unknowns."""
    session = begin()
    kept = session.committed[1].to_secret_bytes()
    share, request = session.closed.kit.shares[0], session.request
    other = begin()
    answers, challenges = [], []
    from evote.decryption.inbox import Blame
    from evote.decryption.joint import joint_challenge
    from evote.decryption.shares import lagrange_coefficient

    group = request.election.group
    weights = {i: lagrange_coefficient(group, request.guardians, i) for i in request.guardians}
    for rival in (session, other):
        state = Committed.from_secret_bytes(share, request, kept)
        commitments = [session.commitments[0], rival.commitments[1]]
        opened, mine = state.open(commitments)
        _, theirs = rival.committed[2].open(commitments)
        answers.append(group.decode_scalar(opened.respond([mine, theirs]).responses[0]))
        parts = {1: mine.parts[0], 2: theirs.parts[0]}
        joint = joint_challenge(group, request.statements[0], weights, parts, Blame())
        assert joint is not None
        challenges.append(joint.challenge * weights[1])
    difference = pow((challenges[1] - challenges[0]).value, -1, group.order)
    recovered = (answers[0] - answers[1]) * group.scalar(difference)
    assert recovered == share.vote_share.reveal()


def test_powers_with_secrets_are_constant_time_ones() -> None:
    """A62: z_i and u_i meet power_secret only; nothing else takes a power while committing."""
    session = begin()
    statements = len(session.request.statements)
    with (
        mock.patch.object(
            ModPGroup, "power_secret", autospec=True, side_effect=ModPGroup.power_secret
        ) as secret,
        mock.patch.object(ModPGroup, "power", autospec=True, side_effect=ModPGroup.power) as open_power,
        mock.patch.object(ModPGroup, "powers", autospec=True, side_effect=ModPGroup.powers) as powers,
    ):
        commit(session.closed.kit.shares[0], session.request)
    assert secret.call_count == 3 * statements
    assert open_power.call_count == 0 == powers.call_count
    session.open()
    with mock.patch.object(ModPGroup, "power", autospec=True, side_effect=ModPGroup.power) as open_power:
        session.opened[1].respond(session.openings)
    assert open_power.call_count == 0
