"""Encryption: ballots verify, open, decide once, and reveal nothing by their form or their work."""

from __future__ import annotations

import copy
import pickle
import threading
from collections import Counter

import pytest

from evote.ballots import (
    BallotState,
    PlaintextBallot,
    PlaintextContest,
    SubmittedBallot,
    examine,
    hashes,
    verified_of,
    verify_cast,
    verify_challenged,
    verify_opening,
)
from evote.ballots.device import Device
from evote.ballots.encrypt import PreparedBallot, _encrypt, encrypt
from evote.ballots.values import ContextOpening
from evote.codec import decode, encode
from evote.errors import RefusedError, VerificationError
from evote.groups import Element, Scalar
from evote.manifest import ContestRecord, ContestStatus
from evote.secret import Secret
from evote.testing.boards import BoardKeys
from evote.testing.elections import SMALL, Kit
from evote.testing.randomness import SeededRandomness


def plaintext(mayor: dict[str, int], council: dict[str, int], write_ins: tuple[str, ...] = ()):
    return PlaintextBallot(
        "North",
        "all",
        {"Mayor": PlaintextContest(mayor), "Council": PlaintextContest(council, write_ins)},
    )


CHOICES = [
    plaintext({}, {}),
    plaintext({"Ada": 1}, {"Kurt": 2}),
    plaintext({"blank": 1}, {"Alan": 1, "Emmy": 1}),
    plaintext({"Ada": 1, "Grace": 1}, {"Alan": 1, "Kurt": 2}, ("Somebody Else",)),
]


def test_every_choice_verifies_after_a_round_trip_through_bytes(kit: Kit) -> None:
    device = Device(kit.election, "booth 1")
    for choice in CHOICES:
        frame = encode(encrypt(device, choice).cast())
        submitted = decode(SubmittedBallot, frame, element_bytes=kit.group.element_bytes)
        verified = verify_cast(kit.election, submitted)
        assert verified.submitted == submitted
        assert [len(fields) for fields in verified.selections] == [3, 3]


def test_every_choice_of_a_style_has_one_length(kit: Kit) -> None:
    device = Device(kit.election, "booth 1")
    assert len({len(encode(encrypt(device, choice).cast())) for choice in CHOICES}) == 1


def test_every_choice_costs_the_same_operations(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: dict[str, int] = {}
    kind = type(kit.group)
    for name in ("power", "power_secret", "multiply", "product", "powers", "powers_of_claimed", "invert"):
        plain = getattr(kind, name)

        def counted(self: object, *arguments: object, _plain=plain, _name=name) -> object:
            counts[_name] = counts.get(_name, 0) + 1
            return _plain(self, *arguments)

        monkeypatch.setattr(kind, name, counted)
    device = Device(kit.election, "booth 1")
    seen = []
    for choice in CHOICES:
        counts.clear()
        encrypt(device, choice)
        seen.append(dict(counts))
    assert all(found == seen[0] for found in seen)
    # Per field with limit R: 2 to encrypt and 2(R + 1) to prove; per contest 2(L + 1); 3 per sealed value.
    fields = [1, 1, 1, 1, 1, 2]
    assert seen[0]["power"] == sum(2 + 2 * (limit + 1) for limit in fields) + 2 * 2 + 2 * 3 + 2 * 3
    assert "power_secret" not in seen[0]


def test_a_ballot_is_decided_once(kit: Kit) -> None:
    device = Device(kit.election, "booth 1")
    cast = encrypt(device, CHOICES[1])
    assert cast.cast().state is BallotState.CAST
    for step in (cast.cast, cast.challenge, cast.pending):
        with pytest.raises(RefusedError):
            step()
    challenged = encrypt(device, CHOICES[1])
    submitted, _ = challenged.challenge()
    assert submitted.state is BallotState.CHALLENGED
    with pytest.raises(RefusedError, match="already challenged"):
        challenged.cast()


def test_of_many_threads_one_decides(kit: Kit) -> None:
    prepared = encrypt(Device(kit.election, "booth 1"), CHOICES[0])
    outcomes: list[str] = []
    barrier = threading.Barrier(16)

    def decide(index: int) -> None:
        barrier.wait()
        try:
            prepared.cast() if index % 2 else prepared.challenge()
            outcomes.append("decided")
        except RefusedError:
            outcomes.append("refused")

    threads = [threading.Thread(target=decide, args=(index,)) for index in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided"] + ["refused"] * 15


def test_a_challenged_ballot_opens_to_what_was_marked(kit: Kit) -> None:
    device = Device(kit.election, "booth 1")
    submitted, opened = encrypt(device, CHOICES[3]).challenge()
    verify_challenged(kit.election, submitted)
    verify_opening(kit.election, submitted.ballot, opened)
    mayor, council = opened.contests
    assert [selection.value for selection in mayor.selections] == [0, 0, 0]  # an overvote
    assert council.data is not None
    record = ContestRecord.decode(council.data.plaintext, kit.manifest.contest_by_label("Council"))
    assert record == ContestRecord(ContestStatus.OVERVOTE, (1, 0, 2), ("Somebody Else",))


def test_a_challenged_ballot_does_not_open_its_context_and_is_never_counted(kit: Kit) -> None:
    prepared = encrypt(Device(kit.election, "booth 1"), CHOICES[1])
    _, context, _ = prepared.pending()
    submitted, _ = prepared.challenge()
    assert submitted.context is None
    with pytest.raises(ValueError, match="context"):
        SubmittedBallot(BallotState.CHALLENGED, submitted.ballot, context)
    with pytest.raises(VerificationError, match="only a cast ballot"):
        verify_cast(kit.election, submitted)


def test_identifiers_and_nonces_cannot_be_set_from_outside(kit: Kit) -> None:
    device = Device(kit.election, "booth 1")
    first, second = encrypt(device, CHOICES[1]), encrypt(device, CHOICES[1])
    assert first.ballot.identifier != second.ballot.identifier
    assert first.pending()[2].reveal() != second.pending()[2].reveal()
    with pytest.raises(TypeError):
        encrypt(device, CHOICES[1], rng=SeededRandomness("x"))  # type: ignore[call-arg]


def test_one_bad_draw_of_randomness_does_not_repeat_the_ballot_nonce(kit: Kit) -> None:
    """Two devices whose generator repeats still have nonces of their own (A19, A63)."""
    made = [
        _encrypt(Device(kit.election, "booth"), CHOICES[1], None, SeededRandomness("stuck")) for _ in range(2)
    ]
    assert made[0].ballot.identifier == made[1].ballot.identifier
    assert made[0].pending()[2].reveal() != made[1].pending()[2].reveal()


def test_the_identifier_is_the_context() -> None:
    keys = BoardKeys.drawn("roll", ["North", "South"])
    kit = Kit(
        lambda salt: {**SMALL, "board": keys.board(salt), "roll": keys.roll(salt, slots=1, root=bytes(32))},
        seed="roll",
    )
    submitted = encrypt(Device(kit.election, "booth 1"), CHOICES[1], pseudonym=bytes(range(32))).cast()
    assert submitted.context is not None and submitted.context.pseudonym == bytes(range(32))
    verify_cast(kit.election, submitted)
    for context in (
        ContextOpening(None, submitted.context.randomness),
        ContextOpening(bytes(32), submitted.context.randomness),
        ContextOpening(submitted.context.pseudonym, bytes(32)),
    ):
        changed = SubmittedBallot(BallotState.CAST, submitted.ballot, context)
        assert [f.check for f in examine(kit.election, changed).findings] == ["E.1"]
    with pytest.raises(ValueError, match="32 bytes"):
        encrypt(Device(kit.election, "booth 1"), CHOICES[1], pseudonym=b"short")


def test_an_election_without_a_roll_has_no_pseudonyms(kit: Kit) -> None:
    with pytest.raises(ValueError, match="no roll"):
        encrypt(Device(kit.election, "booth 1"), CHOICES[1], pseudonym=bytes(range(32)))


def test_the_commitments_are_those_behind_the_challenges(kit: Kit) -> None:
    prepared = encrypt(Device(kit.election, "booth 1"), CHOICES[1])
    made, ballot, key = prepared.commitments, prepared.ballot, prepared.ballot.identifier_hash
    assert made is not None

    def encoded(parts: tuple[Element, ...]) -> list[bytes]:
        return [element.encode() for element in parts]

    def total(pairs: tuple[object, ...]) -> Scalar:
        found = kit.group.scalar(0)
        for pair in pairs:
            found = found + kit.group.decode_scalar(pair.challenge)  # type: ignore[attr-defined]
        return found

    for contest, selections, limit in zip(ballot.contests, made.selections, made.limits, strict=True):
        for selection, parts in zip(contest.selections, selections, strict=True):
            assert total(selection.proof) == hashes.selection_challenge(
                kit.group,
                key,
                contest.contest,
                selection.option,
                selection.alpha,
                selection.beta,
                encoded(parts),
            )
        assert len(limit) == 2 * len(contest.limit_proof)
    nonce = hashes.ballot_nonce_challenge(
        kit.group, key, encoded(made.nonce)[0], ballot.nonce.c0, ballot.nonce.c1
    )
    assert nonce.encode() == ballot.nonce.c2.challenge
    assert made.data[0] == () and len(made.data[1]) == 1


def test_what_is_prepared_keeps_its_nonce_to_itself(kit: Kit) -> None:
    prepared = encrypt(Device(kit.election, "booth 1"), CHOICES[1])
    nonce = prepared.pending()[2]
    assert isinstance(prepared, PreparedBallot) and isinstance(nonce, Secret)
    assert nonce.reveal().hex() not in repr(prepared) + repr(vars(prepared))
    with pytest.raises(TypeError):
        pickle.dumps(prepared)
    with pytest.raises(TypeError):
        copy.deepcopy(prepared)


def test_verified_ballots_come_out_of_verification_only(kit: Kit) -> None:
    verified = verify_cast(kit.election, encrypt(Device(kit.election, "booth 1"), CHOICES[1]).cast())
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(verified)
    examination = examine(kit.election, verified.submitted)
    with pytest.raises(TypeError, match="verification only"):
        type(verified)(object(), bytes(32), examination)
    with pytest.raises(TypeError, match="examine"):
        type(examination)(object(), kit.election, verified.submitted, (), Counter(), (), None, ())
    other = encrypt(Device(kit.election, "booth 1"), CHOICES[0]).cast()
    with pytest.raises(ValueError, match="another ballot"):
        verified_of(kit.election, other, examination)
    assert verified_of(kit.election, verified.submitted, examination).leaf == verified.leaf
