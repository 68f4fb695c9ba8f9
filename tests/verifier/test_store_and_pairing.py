"""Two ways to bring frames and ballots together, each with bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.errors import DecodeError
from evote.verifier.pairing import AHEAD, Pairing
from evote.verifier.store import FrameStore


def test_a_frame_is_taken_once_by_its_key() -> None:
    with FrameStore() as store:
        assert store.add(b"a", 0, b"frame a")
        assert store.add(b"b", 1, b"frame b")
        assert store.take(b"b") == b"frame b"
        assert store.take(b"b") is None
        assert store.take(b"c") is None
        assert store.left(10) == [(0, b"a")]


def test_a_second_frame_with_a_key_is_refused_and_the_first_one_stays() -> None:
    with FrameStore() as store:
        assert store.add(b"a", 0, b"first")
        assert not store.add(b"a", 1, b"second")
        assert store.take(b"a") == b"first"


def test_what_is_left_comes_in_its_order_and_up_to_a_limit() -> None:
    with FrameStore() as store:
        for position in (5, 3, 9):
            store.add(bytes((position,)), position, b"x")
        assert store.left(2) == [(3, b"\x03"), (5, b"\x05")]


def test_a_closed_store_is_the_callers_mistake() -> None:
    store = FrameStore()
    store.close()
    store.close()
    with pytest.raises(ValueError, match="closed"):
        store.add(b"a", 0, b"x")


class Told:
    """What a pairing told, and the pairing."""

    def __init__(self, frames: list[str | DecodeError], end: DecodeError | None = None) -> None:
        self.surplus: list[tuple[int, str]] = []
        self.broken: list[str] = []
        self.read = 0
        self.pairs: Pairing[str] = Pairing(
            self._frames(frames, end),
            lambda value: value[0],
            surplus=lambda position, value: self.surplus.append((position, value)),
            broken=lambda error: self.broken.append(error.message),
        )

    def _frames(
        self, frames: list[str | DecodeError], end: DecodeError | None
    ) -> Iterator[tuple[int, bytes, str | DecodeError]]:
        for position, value in enumerate(frames):
            self.read += 1
            yield position, b"", value
        if end is not None:
            raise end


def test_frames_in_order_are_taken_as_they_come() -> None:
    told = Told(["a1", "b1", "c1"])
    assert [told.pairs.take(key) for key in "abc"] == ["a1", "b1", "c1"]
    told.pairs.finish()
    assert (told.surplus, told.broken, told.pairs.ordered) == ([], [], True)


def test_a_missing_frame_does_not_put_the_others_out_of_step() -> None:
    told = Told(["a1", "c1", "d1"])
    assert [told.pairs.take(key) for key in "abcd"] == ["a1", None, "c1", "d1"]
    assert told.pairs.ordered


def test_frames_that_nobody_takes_are_told() -> None:
    told = Told(["x1", "a1", "y1", "b1", "z1"])
    assert [told.pairs.take(key) for key in "ab"] == ["a1", "b1"]
    told.pairs.finish()
    assert sorted(told.surplus) == [(0, "x1"), (2, "y1"), (4, "z1")]


def test_a_second_frame_with_a_key_is_surplus() -> None:
    told = Told(["b1", "b2", "a1"])
    assert told.pairs.take("a") == "a1"
    assert told.pairs.take("b") == "b1"
    told.pairs.finish()
    assert told.surplus == [(1, "b2")]


def test_frames_out_of_order_are_taken_and_noted() -> None:
    told = Told(["b1", "a1"])
    assert [told.pairs.take(key) for key in "ab"] == ["a1", "b1"]
    assert not told.pairs.ordered


def test_frames_that_do_not_decode_are_told_and_passed_over() -> None:
    told = Told([DecodeError("bad"), "a1"], DecodeError("torn"))
    assert told.pairs.take("a") == "a1"
    told.pairs.finish()
    assert told.broken == ["bad", "torn"]


def test_no_more_than_a_limited_way_is_looked_ahead() -> None:
    told = Told([f"{chr(1000 + number)}" for number in range(5 * AHEAD)])
    assert told.pairs.take("a") is None
    assert told.read == AHEAD
    for number in range(10):
        assert told.pairs.take(f"?{number}") is None
        assert len(told.pairs._held) <= AHEAD


@given(st.permutations("abcdefgh"), st.sets(st.sampled_from("abcdefgh")))
def test_everything_is_taken_or_told_exactly_once(order: list[str], asked: set[str]) -> None:
    told = Told([f"{letter}1" for letter in order])
    taken = [told.pairs.take(key) for key in sorted(asked)]
    told.pairs.finish()
    assert taken == [f"{key}1" for key in sorted(asked)]
    assert sorted(value for _, value in told.surplus) == sorted(f"{letter}1" for letter in set(order) - asked)
