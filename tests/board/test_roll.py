"""The roll: sorted, sealed, every key once; a slot is found by pseudonym and by keys (A47)."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import pytest

from evote.board.credential import ED25519, Schemes, pseudonym, schemes
from evote.board.roll import (
    Roll,
    RollEntry,
    declared_roll,
    entry_proof,
    roll_leaf,
    roll_root,
    sorted_entries,
    verify_entry,
)
from evote.codec import encode
from evote.errors import DecodeError, VerificationError
from evote.hashing import tagged
from evote.manifest import Manifest
from evote.merkle import RangeBuilder
from evote.testing.boards import BoardKeys
from evote.testing.elections import Kit
from evote.testing.electorate import ONE_QUESTION, Electorate

SALT = bytes(range(32))
UNITS = ("North", "South")


def key(number: int) -> bytes:
    """32 bytes that look like a key; the roll checks keys when they are used."""
    return tagged("test/key", number.to_bytes(4, "big"))


def entries(count: int, parts: int = 1, scheme: str = ED25519) -> list[RollEntry]:
    listed = (
        RollEntry(
            UNITS[number % 2], "plain", scheme, tuple(key(parts * number + part) for part in range(parts))
        )
        for number in range(count)
    )
    return sorted_entries(listed)


def manifest_of(frames: list[bytes], parts: int = 1, **changes: object) -> Manifest:
    """The manifest of an election with exactly this roll."""
    keys = BoardKeys.drawn("roll", UNITS, authorities=parts)
    slots, root = roll_root(SALT, frames)
    roll = keys.roll(SALT, slots=slots, root=root) | changes
    return Manifest.build(
        {**ONE_QUESTION, "board": keys.board(SALT), "roll": roll}, salt=SALT, authority_key=None
    )


def encoded(listed: list[RollEntry]) -> list[bytes]:
    return [encode(entry) for entry in listed]


@pytest.mark.parametrize("parts", [1, 2])
def test_every_slot_is_found_by_keys_and_by_pseudonym(parts: int) -> None:
    listed = entries(57, parts)
    roll = Roll.read(manifest_of(encoded(listed), parts), encoded(listed))
    assert len(roll) == 57
    assert list(roll) == listed
    for slot, entry in enumerate(listed):
        assert roll.entry(slot) == entry
        assert roll.slot_of_keys(entry.keys) == slot
        assert roll.slot_of_pseudonym(pseudonym(SALT, entry.keys)) == slot
        assert all(roll.has_key(own) for own in entry.keys)
    assert roll.slot_of_keys((key(9999),) * parts) is None
    assert roll.slot_of_keys(()) is None
    assert roll.slot_of_keys((*listed[0].keys, key(9999))) is None
    assert roll.slot_of_pseudonym(bytes(32)) is None
    assert not roll.has_key(key(9999)) and not roll.has_key(b"\xff" * 32)
    for slot in (-1, 57):
        with pytest.raises(ValueError, match="no slot"):
            roll.entry(slot)


def test_the_root_is_that_of_rfc_9162_over_the_stored_bytes() -> None:
    frames = encoded(entries(5))
    builder = RangeBuilder()
    for frame in frames:
        builder.append(roll_leaf(SALT, frame))
    assert roll_root(SALT, frames) == (5, builder.value().root())
    assert roll_root(bytes(32), frames)[1] != roll_root(SALT, frames)[1]


def test_a_holder_proves_that_an_entry_is_on_the_roll() -> None:
    frames = encoded(entries(6))
    manifest = manifest_of(frames)
    for slot, frame in enumerate(frames):
        proof = entry_proof(SALT, frames, slot)
        assert verify_entry(manifest, slot, frame, proof) == entries(6)[slot]
        for wrong in ((slot + 1) % 6, 6):
            with pytest.raises((VerificationError, ValueError)):
                verify_entry(manifest, wrong, frame, proof)
    with pytest.raises(DecodeError):
        verify_entry(manifest, 0, b"\x80", [])


def change(place: int, **parts: object) -> Callable[[list[RollEntry]], list[RollEntry]]:
    return lambda listed: [*listed[:place], replace(listed[place], **parts), *listed[place + 1 :]]  # type: ignore[arg-type]


FAULTS: dict[str, tuple[Callable[[list[RollEntry]], list[RollEntry]], str]] = {
    "unsorted": (lambda listed: [listed[1], listed[0], *listed[2:]], "is not in its place"),
    "an entry twice": (lambda listed: [listed[0], *listed], "stands on the roll twice"),
    "no keys": (change(1, keys=()), "the number of keys"),
    "two keys": (change(1, keys=(key(1), key(2))), "the number of keys"),
    "unknown unit": (change(1, unit="East"), "no unit 'East'"),
    "unknown style": (change(1, style="long"), "no ballot style 'long'"),
    "style of another unit": (change(1, unit="South", style="heavy"), "no ballot style 'heavy'"),
    "unknown scheme": (change(1, scheme="e-id"), "declares no credentials of the scheme"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a47_a_faulty_roll_is_refused_even_if_the_manifest_has_its_root(name: str) -> None:
    fault, message = FAULTS[name]
    frames = encoded(fault(entries(4)))
    with pytest.raises(VerificationError, match=message) as caught:
        Roll.read(manifest_of(frames), frames)
    assert caught.value.check == "E.17"


def test_a47_one_key_under_two_slots_is_refused_wherever_it_stands() -> None:
    first, second = entries(2, parts=2)
    with pytest.raises(ValueError, match="twice"):
        sorted_entries([first, replace(second, keys=(first.keys[0], second.keys[1]))])
    for keys in ((second.keys[0], first.keys[1]), (second.keys[0], first.keys[0])):
        listed = sorted_entries([first, replace(second, keys=keys)])
        with pytest.raises(VerificationError, match="second key stands on the roll twice"):
            Roll.read(manifest_of(encoded(listed), 2), encoded(listed))
    same = replace(first, keys=(first.keys[0], first.keys[0]))
    with pytest.raises(VerificationError, match="second key stands on the roll twice"):
        Roll.read(manifest_of([encode(same)], 2), [encode(same)])


def test_a47_a_roll_that_is_not_the_manifests_is_refused() -> None:
    frames = encoded(entries(4))
    manifest = manifest_of(frames)
    extra = encoded(entries(5))
    for other, message in (
        (frames[:-1], "number of slots"),
        (extra, "more slots"),
        (encoded(change(0, style="heavy", unit="North")(entries(4))), "root of the roll"),
        ([], "number of slots"),
    ):
        with pytest.raises(VerificationError, match=message):
            Roll.read(manifest, other)
    with pytest.raises(DecodeError):
        Roll.read(manifest, [b"\xc0", *frames[1:]])
    with pytest.raises(ValueError, match="no roll"):
        Roll.read(Kit(seed="no roll").manifest, frames)


def test_keys_that_are_not_valid_are_found_when_all_are_looked_at() -> None:
    electorate = Electorate()
    electorate.roll.check_keys()
    small = RollEntry("North", "plain", ED25519, (bytes([1]) + bytes(31),))
    roll = Roll.read(manifest_of([encode(small)]), [encode(small)])
    with pytest.raises(VerificationError, match="slot 0: the keys are not valid"):
        roll.check_keys()


class EveryName:
    """Credentials whose signatures somebody else checks."""

    scheme = "e-id"

    def check_keys(self, keys: tuple[bytes, ...]) -> None:
        if keys[0] == bytes(31) + b"\1":
            raise DecodeError("no such identity")

    def verify(self, keys: tuple[bytes, ...], signatures: tuple[bytes, ...], **place: object) -> None:
        raise VerificationError("nobody signed")


def test_other_identities_stand_on_the_roll_under_their_scheme() -> None:
    known: Schemes = schemes(EveryName())
    frames = encoded(sorted_entries([*entries(2), replace(entries(3)[1], scheme="e-id", keys=(key(77),))]))
    roll = Roll.read(manifest_of(frames, schemes=["e-id"]), frames)
    assert sorted(entry.scheme for entry in roll) == ["e-id", ED25519, ED25519]
    assert (roll.unknown(schemes()), roll.unknown(known)) == (("e-id",), ())
    assert (roll.check_identities(schemes()), roll.check_identities(known)) == (0, 1)
    with pytest.raises(VerificationError, match="declares no credentials of the scheme"):
        Roll.read(manifest_of(frames), frames)
    nobody = encoded([replace(entries(1)[0], scheme="e-id", keys=(bytes(31) + b"\1",))])
    unknown = Roll.read(manifest_of(nobody, schemes=["e-id"]), nobody)
    with pytest.raises(VerificationError, match="no such identity"):
        unknown.check_identities(known)
    with pytest.raises(VerificationError, match="nothing here checks"):
        unknown.check_keys()


@pytest.mark.parametrize(("parts", "limit"), [(1, 56), (2, 92)])
def test_a_roll_takes_few_bytes_a_slot(parts: int, limit: int) -> None:
    count = 4000
    frames = encoded(entries(count, parts))
    manifest = manifest_of(frames, parts)
    Roll.read(manifest, frames)  # what is loaded and cached once is not the roll's
    tracemalloc.start()
    roll = Roll.read(manifest, iter(frames))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(roll) == declared_roll(manifest).slots == count
    assert size < count * limit
