"""Guardians that do not keep to the protocol are named, exactly they, and the others go on (A18, A42)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from evote.codec import encode
from evote.decryption import (
    BallotData,
    Commitments,
    FieldSum,
    Openings,
    Part,
    Responses,
    combine,
)
from evote.decryption.guardian import Committed
from evote.decryption.memory import CommittedMemory, OpenedMemory
from evote.errors import DecryptionError
from evote.secret import Secret
from tests.decryption.sessions import Closed, Session, changed, run, small

MEMBERS = (1, 3, 4)
BAD = 3


def begin(members: tuple[int, ...] = MEMBERS) -> Session:
    closed = small(5, 3)
    return Session.begin(closed, closed.request(members))


def position(session: Session, kind: type) -> int:
    """The last statement of a kind."""
    return max(i for i, statement in enumerate(session.request.statements) if isinstance(statement, kind))


def with_part(message: Openings, index: int, change: Callable[[Part], Part]) -> Openings:
    parts = list(message.parts)
    parts[index] = change(parts[index])
    return replace(message, parts=tuple(parts))


def flip(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def negated(session: Session, data: bytes) -> bytes:
    """p - x: in range, and outside the subgroup."""
    p = session.closed.kit.p
    return (p - int.from_bytes(data, "big")).to_bytes(len(data), "big")


def cheat(session: Session, change: Callable[[Part, int], Part], only: int | None = None) -> None:
    """Guardian BAD computes other parts than it should, and commits to those."""
    state = session.committed[BAD]
    memory = state._take().reveal()
    assert isinstance(memory, CommittedMemory)
    parts = tuple(
        change(part, index) if only is None or index == only else part
        for index, part in enumerate(memory.parts)
    )
    share = session.closed.kit.shares[BAD - 1]
    cheating = Committed(share, session.request, Secret(replace(memory, parts=parts)))
    session.committed[BAD] = cheating
    session.commitments = changed(session.commitments, BAD, lambda _: cheating.message())


def assert_others_go_on(closed: Closed) -> None:
    decryption = run(closed, (1, 2, 4, 5), session=2)
    assert decryption.guardians == (1, 2, 4, 5) and len(decryption.data) == 4
    assert [part.count for part in decryption.cells[0].fields] == [2, 1, 1]


# --- round 1: commitments ------------------------------------------------------------------------


def spoil_commitments(session: Session, change: Callable[[list[Commitments]], list[Commitments]]) -> None:
    session.commitments = change(session.commitments)


@pytest.mark.parametrize(
    ("change", "culprits", "word"),
    [
        (lambda messages: [m for m in messages if m.sender != BAD], (BAD,), "no list"),
        (lambda messages: [*messages, messages[1]], (BAD,), "more than one"),
        (lambda messages: [*messages, replace(messages[1], hashes=messages[0].hashes)], (BAD,), "more than"),
        (lambda messages: changed(messages, BAD, lambda m: replace(m, request=bytes(32))), (BAD,), "another"),
        (lambda messages: changed(messages, BAD, lambda m: replace(m, hashes=m.hashes[1:])), (BAD,), "10"),
        (lambda messages: changed(messages, BAD, lambda m: replace(m, hashes=())), (BAD,), "0 values"),
        (lambda messages: [*messages, replace(messages[1], sender=2)], (2,), "does not take part"),
        (lambda messages: [*messages, replace(messages[1], sender=99)], (99,), "does not take part"),
        (lambda messages: [], (3, 4), "no list"),
        (
            lambda messages: changed(
                [m for m in messages if m.sender != 4], BAD, lambda m: replace(m, request=bytes(32))
            ),
            (3, 4),
            "another",
        ),
    ],
)
def test_a_round_of_commitments_that_is_not_one_from_each_stops_and_names_the_culprits(
    change: Callable[[list[Commitments]], list[Commitments]], culprits: tuple[int, ...], word: str
) -> None:
    session = begin()
    good = session.commitments
    with pytest.raises(DecryptionError, match=word) as caught:
        session.committed[1].open(change(good))
    assert caught.value.culprits == culprits
    # Nothing left the guardian; with the right messages it goes on.
    opened, _ = session.committed[1].open(good)
    assert opened.request is session.request


def test_a_message_in_ones_own_name_that_one_did_not_send_stops_without_a_culprit() -> None:
    session = begin()
    forged = changed(session.commitments, 1, lambda m: replace(m, hashes=m.hashes[::-1]))
    with pytest.raises(DecryptionError, match="not the one that it sent") as caught:
        session.committed[1].open(forged)
    assert caught.value.culprits == ()


# --- round 2: openings ---------------------------------------------------------------------------


OPENINGS: list[tuple[Callable[[Session, list[Openings]], list[Openings]], tuple[int, ...], str]] = [
    (lambda s, ms: [m for m in ms if m.sender != BAD], (BAD,), "no list"),
    (lambda s, ms: [*ms, ms[1]], (BAD,), "more than one"),
    (lambda s, ms: changed(ms, BAD, lambda m: replace(m, request=bytes(32))), (BAD,), "another session"),
    (lambda s, ms: changed(ms, BAD, lambda m: replace(m, parts=m.parts[:-1])), (BAD,), "10 values"),
    (
        lambda s, ms: changed(ms, BAD, lambda m: with_part(m, 0, lambda part: replace(part, partial=part.a))),
        (BAD,),
        "did not commit",
    ),
    (
        lambda s, ms: changed(ms, BAD, lambda m: with_part(m, 7, lambda part: replace(part, a=part.b))),
        (BAD,),
        "did not commit",
    ),
    (
        lambda s, ms: changed(ms, BAD, lambda m: with_part(m, 10, lambda part: replace(part, b=part.a))),
        (BAD,),
        "did not commit",
    ),
    (lambda s, ms: changed(ms, BAD, lambda m: replace(m, parts=m.parts[::-1])), (BAD,), "did not commit"),
    # Taking over what another guardian committed to does not help: the index is in the hash (A1).
    (lambda s, ms: changed(ms, BAD, lambda m: replace(m, parts=ms[0].parts)), (BAD,), "did not commit"),
    (lambda s, ms: [], (3, 4), "no list"),
]


@pytest.mark.parametrize(("change", "culprits", "word"), OPENINGS)
def test_openings_that_differ_from_commitments_are_refused_and_their_senders_named(
    change: Callable[[Session, list[Openings]], list[Openings]], culprits: tuple[int, ...], word: str
) -> None:
    session = begin()
    session.open()
    with pytest.raises(DecryptionError, match=word) as caught:
        session.opened[1].respond(change(session, session.openings))
    assert caught.value.culprits == culprits
    good = session.openings
    session.respond()
    session.openings = change(session, good)
    with pytest.raises(DecryptionError, match=word) as caught:
        session.combine()
    expected = culprits if session.openings else MEMBERS
    assert caught.value.culprits == expected
    assert_others_go_on(session.closed)


def test_a_partial_decryption_outside_the_subgroup_is_refused_before_anything_is_answered() -> None:
    session = begin()
    cheat(session, lambda part, _: replace(part, partial=negated(session, part.partial)), only=2)
    session.open()
    for index in (1, 4):
        with pytest.raises(DecryptionError, match="option 'blank'.*subgroup") as caught:
            session.opened[index].respond(session.openings)
        assert caught.value.culprits == (BAD,)


@pytest.mark.parametrize("value", [0, "p"])
@pytest.mark.parametrize("name", ["partial", "a", "b"])
def test_a_value_out_of_range_is_refused_before_anything_is_answered(name: str, value: int | str) -> None:
    session = begin()
    number = session.closed.kit.p if value == "p" else 0
    data = number.to_bytes(session.closed.kit.group.element_bytes, "big")
    cheat(session, lambda part, _: replace(part, **{name: data}), only=0)
    session.open()
    with pytest.raises(DecryptionError, match="between 1 and p - 1") as caught:
        session.opened[1].respond(session.openings)
    assert caught.value.culprits == (BAD,)


# --- round 3: responses --------------------------------------------------------------------------


def wrong_partial(session: Session, kind: type) -> None:
    """A partial decryption that is a member, committed to, and not A^z (A42)."""
    group = session.closed.kit.group

    def change(part: Part, _: int) -> Part:
        moved = group.multiply(group.decode(part.partial), group.generator)
        return replace(part, partial=moved.encode())

    cheat(session, change, only=position(session, kind))


@pytest.mark.parametrize("kind", [FieldSum, BallotData, None])
def test_a_wrong_partial_decryption_names_its_guardian_when_it_is_combined(kind: type | None) -> None:
    session = begin()
    if kind is None:
        from evote.decryption import BallotNonce

        kind = BallotNonce
    wrong_partial(session, kind)
    session.open()
    session.respond()
    with pytest.raises(DecryptionError, match=f"the part of guardian {BAD} does not hold") as caught:
        session.combine()
    assert caught.value.culprits == (BAD,)
    assert_others_go_on(session.closed)


@pytest.mark.parametrize("name", ["a", "b"])
def test_a_wrong_commitment_of_the_proof_names_its_guardian(name: str) -> None:
    session = begin()
    group = session.closed.kit.group

    def change(part: Part, _: int) -> Part:
        return replace(part, **{name: group.power(group.generator, group.scalar(5)).encode()})

    cheat(session, change, only=1)
    session.open()
    session.respond()
    with pytest.raises(DecryptionError, match="does not hold") as caught:
        session.combine()
    assert caught.value.culprits == (BAD,)


@pytest.mark.parametrize("name", ["a", "b"])
def test_a_commitment_of_the_proof_outside_the_subgroup_names_its_guardian(name: str) -> None:
    session = begin()
    cheat(session, lambda part, _: replace(part, **{name: negated(session, getattr(part, name))}))
    session.open()
    session.respond()
    with pytest.raises(DecryptionError, match="does not hold") as caught:
        session.combine()
    assert caught.value.culprits == (BAD,)


RESPONSES: list[tuple[Callable[[list[Responses]], list[Responses]], tuple[int, ...], str]] = [
    (lambda ms: [m for m in ms if m.sender != BAD], (BAD,), "no list of responses"),
    (lambda ms: [*ms, ms[1]], (BAD,), "more than one"),
    (lambda ms: changed(ms, BAD, lambda m: replace(m, request=bytes(32))), (BAD,), "another session"),
    (lambda ms: changed(ms, BAD, lambda m: replace(m, responses=m.responses[1:])), (BAD,), "10 values"),
    (
        lambda ms: changed(ms, BAD, lambda m: replace(m, responses=(flip(m.responses[0]), *m.responses[1:]))),
        (BAD,),
        "does not hold",
    ),
    (
        lambda ms: changed(ms, BAD, lambda m: replace(m, responses=(b"\xff" * 32, *m.responses[1:]))),
        (BAD,),
        "below the group order",
    ),
    (lambda ms: changed(ms, BAD, lambda m: replace(m, responses=ms[0].responses)), (BAD,), "does not hold"),
    (
        lambda ms: changed(
            changed(ms, BAD, lambda m: replace(m, responses=m.responses[::-1])),
            4,
            lambda m: replace(m, responses=m.responses[::-1]),
        ),
        (3, 4),
        "does not hold",
    ),
]


@pytest.mark.parametrize(("change", "culprits", "word"), RESPONSES)
def test_wrong_responses_name_exactly_their_senders(
    change: Callable[[list[Responses]], list[Responses]], culprits: tuple[int, ...], word: str
) -> None:
    session = begin()
    session.open()
    session.respond()
    session.responses = change(session.responses)
    with pytest.raises(DecryptionError, match=word) as caught:
        session.combine()
    assert caught.value.culprits == culprits
    assert_others_go_on(session.closed)


def test_errors_that_cancel_in_the_sum_are_still_blamed_on_both() -> None:
    session = begin()
    session.open()
    session.respond()
    q = session.closed.kit.q
    answers = {m.sender: int.from_bytes(m.responses[0], "big") for m in session.responses}
    moved = {1: (answers[1] + 1) % q, 4: (answers[4] - 1) % q}
    session.responses = [
        replace(m, responses=(moved[m.sender].to_bytes(32, "big"), *m.responses[1:]))
        if m.sender in moved
        else m
        for m in session.responses
    ]
    with pytest.raises(DecryptionError) as caught:
        session.combine()
    assert caught.value.culprits == (1, 4)


def test_a_guardian_with_a_wrong_share_is_named() -> None:
    closed = small(5, 3)
    kit = closed.kit
    wrong = replace(
        kit.shares[BAD - 1], vote_share=kit.shares[0].vote_share, data_share=kit.shares[0].data_share
    )
    from evote.decryption import commit

    session = begin()
    state, message = commit(wrong, session.request)
    session.committed[BAD] = state
    session.commitments = changed(session.commitments, BAD, lambda _: message)
    session.open()
    session.respond()
    with pytest.raises(DecryptionError) as caught:
        session.combine()
    assert caught.value.culprits == (BAD,)


def test_a_guardian_that_changes_its_hashes_after_seeing_the_others_is_named() -> None:
    """The last to speak cannot choose its factor after the others (A42): the hash binds it first."""
    session = begin()
    adaptive = begin()
    state = adaptive.committed[BAD]
    opened, late = state.open(changed(session.commitments, BAD, lambda _: state.message()))
    assert opened.request.digest == session.request.digest
    session.open()
    mixed = changed(session.openings, BAD, lambda _: late)
    with pytest.raises(DecryptionError, match="did not commit") as caught:
        session.opened[1].respond(mixed)
    assert caught.value.culprits == (BAD,)


def test_messages_of_an_earlier_session_do_not_serve_again() -> None:
    closed = small(5, 3)
    first = Session.begin(closed, closed.request(MEMBERS, 1))
    second = Session.begin(closed, closed.request(MEMBERS, 2))
    replayed = changed(second.commitments, BAD, lambda _: first.commitments[1])
    with pytest.raises(DecryptionError, match="another session") as caught:
        second.committed[1].open(replayed)
    assert caught.value.culprits == (BAD,)
    relabelled = changed(
        second.commitments, BAD, lambda _: replace(first.commitments[1], request=second.request.digest)
    )
    opened, _ = second.committed[1].open(relabelled)
    _, theirs = second.committed[4].open(relabelled)
    _, honest = second.committed[BAD].open(second.commitments)
    with pytest.raises(DecryptionError, match="did not commit") as caught:
        opened.respond([theirs, honest])
    assert caught.value.culprits == (BAD,)


def test_combining_needs_the_guardians_of_the_same_election() -> None:
    session = begin()
    with pytest.raises(ValueError, match="another election"):
        combine(session.request, small(3, 2).shares, session.commitments, [], [])


def test_messages_hold_nothing_secret() -> None:
    session = begin()
    session.open()
    session.respond()
    sent = [
        encode(m) for round_ in (session.commitments, session.openings, session.responses) for m in round_
    ]
    planted = [
        secret.reveal().encode()
        for share in session.closed.kit.shares
        for secret in (share.vote_share, share.data_share)
    ]
    assert all(value not in message for value in planted for message in sent)


def test_states_print_no_secret() -> None:
    session = begin()
    state = session.committed[1]
    assert "guardian 1" in repr(state) and "guardians 1, 3, 4" in repr(state)
    memory = state._take()
    assert repr(memory) == "<secret>"
    assert isinstance(memory.reveal(), CommittedMemory | OpenedMemory)
