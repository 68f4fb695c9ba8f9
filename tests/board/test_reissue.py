"""A credential is issued again: signed by every authority, in force at once, never a second slot (A55)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from evote.board.entries import ReissueEntry
from evote.board.reissue import REISSUE_TAG, Credentials, reissue_message
from evote.errors import VerificationError
from evote.signing import SigningKey
from evote.testing.boards import unit_origin
from evote.testing.electorate import Electorate
from evote.testing.randomness import SeededRandomness


def fresh(name: str = "fresh") -> bytes:
    return SigningKey.generate(SeededRandomness(name)).verify_key.encoded


def resigned(electorate: Electorate, entry: ReissueEntry, unit: str = "North") -> ReissueEntry:
    """The entry with signatures of the authorities over what it says now."""
    message = reissue_message(entry.slot, entry.old, entry.new, entry.reason)
    signatures = tuple(
        key.sign(REISSUE_TAG, electorate.election.extended_hash, unit_origin(unit), message)
        for key in electorate.authorities.authorities
    )
    return replace(entry, signatures=signatures)


def test_after_a_reissue_the_new_credential_votes_for_the_slot_and_the_old_one_is_revoked() -> None:
    electorate = Electorate()
    voter = electorate.voters[0]
    credentials = electorate.credentials()
    before = credentials.find(voter.holder.pseudonym)
    assert before is not None and not before.revoked
    entry, again = electorate.reissued(voter)
    assert credentials.find(again.holder.pseudonym) is None
    credentials.apply("North", entry)
    old, new = credentials.find(voter.holder.pseudonym), credentials.find(again.holder.pseudonym)
    assert old is not None and new is not None
    assert (old.slot, old.revoked, new.slot, new.revoked) == (voter.slot, True, voter.slot, False)
    assert (new.unit, new.style, new.scheme) == (old.unit, old.style, old.scheme)
    assert credentials.keys(voter.slot) == new.keys == again.holder.public
    assert credentials.count == 1 and len(credentials.roll) == 3
    second, last = electorate.reissued(again)
    credentials.apply("North", second)
    middle = credentials.find(again.holder.pseudonym)
    newest = credentials.find(last.holder.pseudonym)
    assert middle is not None and middle.revoked
    assert newest is not None and not newest.revoked and newest.slot == voter.slot
    assert credentials.count == 2


def test_a_key_that_a_reissue_gave_is_not_given_again() -> None:
    electorate = Electorate()
    credentials = electorate.credentials()
    first, again = electorate.reissued(electorate.voters[0])
    second, last = electorate.reissued(again)
    credentials.apply("North", first)
    credentials.apply("North", second)
    back = resigned(electorate, replace(second, old=last.holder.public, new=again.holder.public))
    with pytest.raises(VerificationError, match="in use already"):
        credentials.apply("North", back)
    assert credentials.count == 2


def test_the_same_reissue_does_not_take_force_twice_and_old_keys_do_not_come_back() -> None:
    electorate = Electorate()
    voter = electorate.voters[0]
    credentials = electorate.credentials()
    entry, again = electorate.reissued(voter)
    credentials.apply("North", entry)
    with pytest.raises(VerificationError, match="old keys are not the slot's"):
        credentials.apply("North", entry)
    back = ReissueEntry(voter.slot, again.holder.public, voter.holder.public, "found", ())
    with pytest.raises(VerificationError, match="is or was in use"):
        credentials.apply("North", resigned(electorate, back))
    assert credentials.count == 1


Change = Callable[[Electorate, ReissueEntry], ReissueEntry]
FAULTS: dict[str, tuple[Change, str]] = {
    "another reason": (lambda e, entry: replace(entry, reason="stolen"), "authority 1 did not sign"),
    "no signature": (lambda e, entry: replace(entry, signatures=()), "one signature per"),
    "too many signatures": (
        lambda e, entry: replace(entry, signatures=entry.signatures * 2),
        "one signature per",
    ),
    "signed for another unit": (lambda e, entry: resigned(e, entry, "South"), "authority 1 did not sign"),
    "no such slot": (lambda e, entry: resigned(e, replace(entry, slot=3)), "no such slot"),
    "another slot": (
        lambda e, entry: resigned(e, replace(entry, slot=e.voters[1].slot)),
        "old keys are not the slot's",
    ),
    "slot of another unit": (
        lambda e, entry: resigned(e, replace(entry, slot=e.voters[2].slot, old=e.voters[2].holder.public)),
        "one of another unit",
    ),
    "two keys": (
        lambda e, entry: resigned(e, replace(entry, new=(*entry.new, fresh()))),
        "number of new keys",
    ),
    "no keys": (lambda e, entry: resigned(e, replace(entry, new=())), "number of new keys"),
    "key of another slot": (
        lambda e, entry: resigned(e, replace(entry, new=e.voters[1].holder.public)),
        "is or was in use",
    ),
    "the same key": (lambda e, entry: resigned(e, replace(entry, new=entry.old)), "is or was in use"),
    "key of small order": (
        lambda e, entry: resigned(e, replace(entry, new=(bytes([1]) + bytes(31),))),
        "not valid",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_reissue_is_refused_and_changes_nothing(name: str) -> None:
    change, message = FAULTS[name]
    electorate = Electorate()
    entry, _ = electorate.reissued(electorate.voters[0])
    credentials = electorate.credentials()
    with pytest.raises(VerificationError, match=message):
        credentials.apply("North", change(electorate, entry))
    assert credentials.count == 0
    assert credentials.keys(electorate.voters[0].slot) == electorate.voters[0].holder.public
    credentials.apply("North", entry)


def test_a_reissue_of_another_election_is_refused() -> None:
    electorate = Electorate()
    entry, _ = electorate.reissued(electorate.voters[0])
    elsewhere = Credentials(electorate.roll, bytes(32))
    with pytest.raises(VerificationError, match="did not sign"):
        elsewhere.apply("North", entry)


def test_one_authority_alone_cannot_replace_a_credential_of_two_parts() -> None:
    electorate = Electorate(parts=2)
    entry, _ = electorate.reissued(electorate.voters[0])
    first, second = entry.signatures
    for signatures in ((first,), (first, first), (second, first), (second, second)):
        with pytest.raises(VerificationError, match="authority"):
            electorate.credentials().apply("North", replace(entry, signatures=signatures))
    same = resigned(electorate, replace(entry, new=(entry.new[0], entry.new[0])))
    with pytest.raises(VerificationError, match="is or was in use"):
        electorate.credentials().apply("North", same)
    crossed = resigned(electorate, replace(entry, new=(electorate.voters[1].holder.public[1], entry.new[1])))
    with pytest.raises(VerificationError, match="is or was in use"):
        electorate.credentials().apply("North", crossed)
    electorate.credentials().apply("North", entry)


def test_a_reissue_is_signed_in_its_own_role() -> None:
    electorate = Electorate()
    entry, _ = electorate.reissued(electorate.voters[0])
    message = reissue_message(entry.slot, entry.old, entry.new, entry.reason)
    (authority,) = electorate.authorities.authorities
    h_e = electorate.election.extended_hash
    for tag in ("ballot", "challenge", "receipt", "possession", "index"):
        signature = authority.sign(tag, h_e, unit_origin("North"), message)
        with pytest.raises(VerificationError, match="did not sign"):
            electorate.credentials().check("North", replace(entry, signatures=(signature,)))
