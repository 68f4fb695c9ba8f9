"""Repetitions are found exactly, however little fits into memory."""

from __future__ import annotations

import errno
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evote.errors import StorageError
from evote.hashing import sha256
from evote.record.unique import MAX_PLACES, UniqueKeys

KEYS = [sha256(bytes((number,))) for number in range(12)]


def repeated(keys: list[bytes], memory: int) -> dict[bytes, tuple[int, ...]]:
    with UniqueKeys(memory=memory) as unique:
        for place, key in enumerate(keys):
            unique.add(key, place)
        found = list(unique.repeated())
    assert len(found) == len(dict(found))
    return dict(found)


@given(st.lists(st.sampled_from(KEYS), max_size=60), st.integers(1, 70))
def test_what_is_repeated_does_not_depend_on_memory(keys: list[bytes], memory: int) -> None:
    places = defaultdict(list)
    for place, key in enumerate(keys):
        places[key].append(place)
    assert repeated(keys, memory) == {key: tuple(at) for key, at in places.items() if len(at) > 1}


def test_keys_that_differ_in_the_last_bit_only_are_different() -> None:
    key = bytes(32)
    near = bytes(31) + b"\x01"
    assert repeated([key, near, key], 1) == {key: (0, 2)}


def test_places_may_be_as_large_as_positions_and_slots_together() -> None:
    with UniqueKeys(memory=1) as unique:
        unique.add(KEYS[0], 2**96 - 1)
        unique.add(KEYS[0], 0)
        assert list(unique.repeated()) == [(KEYS[0], (0, 2**96 - 1))]
        with pytest.raises(OverflowError):
            unique.add(KEYS[0], 2**96)


def test_a_key_repeated_very_often_names_a_limited_number_of_places() -> None:
    ((_, places),) = repeated([KEYS[0]] * (MAX_PLACES + 50), 7).items()
    assert len(places) == MAX_PLACES


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_key_of_another_width_is_the_callers_mistake(key: bytes) -> None:
    with UniqueKeys() as unique, pytest.raises(ValueError, match="32 bytes"):
        unique.add(key, 0)


def test_memory_is_at_least_one_value() -> None:
    with pytest.raises(ValueError):
        UniqueKeys(memory=0)


def test_the_temporary_file_is_gone_afterwards(tmp_path: Path) -> None:
    with UniqueKeys(memory=1, directory=str(tmp_path)) as unique:
        for place in range(10):
            unique.add(KEYS[place], place)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with UniqueKeys(memory=1) as unique, pytest.raises(StorageError, match="free some space"):
        unique.add(KEYS[0], 0)


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with UniqueKeys(memory=1, directory=str(tmp_path / "none")) as unique:
        with pytest.raises(StorageError, match="TMPDIR"):
            unique.add(KEYS[0], 0)


def test_hardly_anything_is_held_in_memory() -> None:
    with UniqueKeys(memory=10) as unique:
        for place in range(1000):
            unique.add(sha256(place.to_bytes(4, "big")), place)
            assert len(unique._held) < 10
        assert list(unique.repeated()) == []


def test_groups_name_every_key_once_in_order_with_its_places() -> None:
    with UniqueKeys(memory=2) as keys:
        for place, letter in enumerate(b"cabac"):
            keys.add(bytes([letter]) * 32, place)
        assert list(keys.groups()) == [
            (b"a" * 32, (1, 3)),
            (b"b" * 32, (2,)),
            (b"c" * 32, (0, 4)),
        ]
