"""The written form of hints: plain, bounded, and one per ballot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.ballots import BallotState, PlaintextBallot, PlaintextContest
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.hints import NO_HINT, BallotHint, counts_of, frame_of
from evote.ballots.rehint import compute_hint
from evote.errors import DecodeError
from evote.record.layout import largest_hint
from evote.testing.elections import Kit
from evote.testing.forge import Cheat
from tests.ballots.chunks import MARKS, honest

WIDTH = 32


@given(st.binary(min_size=32, max_size=32), st.integers(1, 5), st.binary(min_size=WIDTH, max_size=WIDTH))
def test_a_hint_is_read_back(identifier: bytes, count: int, value: bytes) -> None:
    hint = BallotHint(identifier, value * count)
    assert BallotHint.decode(frame_of(hint), WIDTH) == hint
    assert len(frame_of(hint)) == 32 + count * WIDTH


def test_the_marker_says_that_there_is_none() -> None:
    assert frame_of(None) == NO_HINT == b"\x00"
    assert BallotHint.decode(NO_HINT, WIDTH) is None


@given(st.binary(max_size=5 * WIDTH))
def test_every_other_length_is_refused(content: bytes) -> None:
    size = len(content) - 32
    if content == NO_HINT or (size > 0 and size % WIDTH == 0):
        BallotHint.decode(content, WIDTH)
    else:
        with pytest.raises(DecodeError):
            BallotHint.decode(content, WIDTH)


def test_encryption_gives_the_hint_that_anybody_can_compute(kit: Kit) -> None:
    for state in BallotState:
        prepared = encrypt(
            Device(kit.election, "booth"),
            PlaintextBallot(
                "North", "all", {"Mayor": PlaintextContest({"Ada": 1}), "Council": PlaintextContest()}
            ),
        )
        hint = prepared.hint()
        submitted = prepared.cast() if state is BallotState.CAST else prepared.challenge()[0]
        assert hint.fitting(submitted, WIDTH) == compute_hint(kit.election, submitted)
        assert len(frame_of(hint)) == largest_hint(kit.manifest, WIDTH)


def test_a_challenged_ballot_has_the_end_of_what_a_cast_one_has(kit: Kit) -> None:
    cast, _ = kit.forge.ballot("North", "all", MARKS)
    whole = kit.forge.hint(cast)
    counts = counts_of(cast)
    assert (counts.selections, counts.limits, counts.data, counts.nonce) == (26, 10, 1, 1)
    assert len(whole.values) == counts.total * WIDTH
    challenged, _ = kit.forge.ballot("North", "all", MARKS, state=BallotState.CHALLENGED)
    assert counts_of(challenged).total == 2
    assert len(kit.forge.hint(challenged).values) == 2 * WIDTH


def test_the_hint_of_another_ballot_or_too_short_a_one_does_not_fit(kit: Kit) -> None:
    one, two = honest(kit, 2)
    hint = compute_hint(kit.election, one)
    assert hint is not None
    with pytest.raises(ValueError, match="not that of this ballot"):
        hint.fitting(two, WIDTH)
    with pytest.raises(ValueError, match="not that of this ballot"):
        BallotHint(hint.identifier, hint.values[WIDTH:]).fitting(one, WIDTH)


def test_a_ballot_with_findings_has_no_hint(kit: Kit) -> None:
    bad, _ = kit.forge.ballot("North", "all", MARKS, cheat=Cheat(values={"Mayor": [1, 1, 0]}))
    assert compute_hint(kit.election, bad) is None
