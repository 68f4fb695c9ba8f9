"""The roster: the manifest's keys first, then versions that replace keys, signed and linked."""

from __future__ import annotations

import dataclasses

import pytest

from evote.errors import DecodeError, VerificationError
from evote.hashing import sha256
from evote.manifest import unit_key_origin
from evote.returns import (
    KeyChange,
    ReturnError,
    ReturnVerdict,
    Rosters,
    check_return,
    merge_returns,
    open_file,
    sign_return,
    signature_schemes,
)
from evote.returns.roster import RosterStatement, first_name
from evote.returns.schemes import BUILT_IN
from evote.returns.unitreturn import RosterName
from evote.signing import signed_bytes
from evote.testing.returns import SALT
from tests.returns.kit import digest, foreign, kit, merged, state, verdicts
from tests.returns.rosters import change_of, roster_of


def rosters(*files: bytes) -> Rosters:
    return Rosters(kit().election, BUILT_IN, [open_file(data) for data in files])


def test_the_first_version_is_the_manifests() -> None:
    first = rosters().first
    returns = kit().election.manifest.returns
    assert returns is not None
    assert {path: key.key for path, key in first.keys.items()} == {
        path: unit.key for path, unit in returns.units.items()
    }
    assert first.name == first_name(kit().election.extended_hash)
    assert first.name != first_name(foreign().election.extended_hash)
    assert rosters().latest().name == first.name


def test_a_later_version_replaces_keys_and_leaves_the_others() -> None:
    new, change = change_of("A/2")
    name, data = roster_of(change)
    held = rosters(data)
    assert not held.refused and not held.waiting and not held.forks
    latest = held.latest()
    assert latest.name == name
    assert latest.keys["A/2"].key == new.verify_key.encoded
    assert {path: key for path, key in latest.keys.items() if path != "A/2"} == {
        path: key for path, key in held.first.keys.items() if path != "A/2"
    }


def test_versions_come_in_any_order_and_one_waits_for_the_one_before_it() -> None:
    _, first = change_of("A/2")
    second_name, second = roster_of(first)
    _, other = change_of("B")
    third_name, third = roster_of(other, version=3, previous=second_name.digest)
    assert rosters(third, second).latest().name == third_name
    assert rosters(third).waiting == {digest(third)}
    assert rosters(third).latest().name.version == 1
    assert verdicts(third) == ["unknown-roster"]
    assert verdicts(third, second) == ["good", "good"]


def test_under_a_new_key_only_the_new_key_signs() -> None:
    new, change = change_of("A/2")
    name, data = roster_of(change)
    held = rosters(data)
    assert check_return(held, kit().signed("A/2", key=new, roster=name)).unit == "A/2"
    for wrong, verdict in (
        (kit().signed("A/2", roster=name), ReturnVerdict.FORGED),
        (kit().signed("A/2", key=new), ReturnVerdict.FORGED),
        (kit().signed("A/2"), ReturnVerdict.STALE),
        (kit().signed("A/2", key=new, roster=RosterName(2, bytes(32))), ReturnVerdict.UNKNOWN_ROSTER),
        (kit().signed("A/2", key=new, roster=RosterName(3, name.digest)), ReturnVerdict.UNKNOWN_ROSTER),
    ):
        with pytest.raises(ReturnError) as caught:
            check_return(held, wrong)
        assert caught.value.verdict is verdict


def test_what_a_replaced_key_signed_does_not_count_unless_the_roster_keeps_it() -> None:
    old = kit().signed("A/2")
    new, change = change_of("A/2")
    _, dropped = roster_of(change)
    node = state(old, dropped).roots[0].children[1]
    assert node.status.value == "MISSING" and node.totals.plain == {}
    assert node.standing is not None
    assert node.standing.verdict(digest(old)) is ReturnVerdict.STALE
    _, keeping = change_of("A/2", keeps=(digest(old),))
    kept_name, kept = roster_of(keeping)
    assert state(old, kept).roots[0].children[1].status.value == "REPORTED"
    # A third version takes the second's key, and says nothing of what the first one signed.
    _, again = change_of("A/2", "newest")
    _, third = roster_of(again, version=3, previous=kept_name.digest)
    assert state(old, kept, third).roots[0].children[1].status.value == "REPORTED"
    late = kit().signed("A/2", key=new, roster=kept_name, votes=3)
    assert verdicts(late, kept) == ["good", "good"]
    assert state(late, kept, third).roots[0].children[1].status.value == "MISSING"


def test_two_successors_of_one_version_are_a_conflict_of_the_roster() -> None:
    _, left = roster_of(change_of("A/2", "left")[1])
    _, right = roster_of(change_of("A/2", "right")[1])
    held = rosters(left, right)
    assert held.forks == (kit().roster.digest,)
    with pytest.raises(ReturnError, match="two successors"):
        held.latest()
    assert state(left, right).exit_code == 1 and state(left, right).forked


def _bad(name: str) -> tuple[bytes, str]:
    _, good = change_of("A/2")
    k = kit()
    board = k.election.manifest.board
    assert board is not None
    if name == "not signed by the authority":
        return roster_of(good, signer=k.keys.units["A"])[1], "forged"
    if name == "of another election":
        return roster_of(good, election=foreign().election.extended_hash)[1], "foreign-election"
    if name == "of a unit that is not there":
        return roster_of(change_of("C")[1])[1], "bad-roster"
    if name == "proven for the neighbour":
        return roster_of(change_of("A/2", proven_for="A/3")[1])[1], "bad-roster"
    if name == "with a number left out":
        return roster_of(good, version=3)[1], "bad-roster"
    if name == "with the neighbour's key":
        key = k.keys.units["A/3"]
        proof = key.sign("possession", SALT, unit_key_origin("A/2"), key.verify_key.encoded)
        return roster_of(KeyChange("A/2", "ed25519", key.verify_key.encoded, proof, ()))[1], "bad-roster"
    if name == "with a key that is none":
        return roster_of(dataclasses.replace(good, key=b"\x01" + bytes(31)))[1], "bad-roster"
    if name == "with a scheme that is not there":
        return roster_of(dataclasses.replace(good, scheme="national-card"))[1], "unknown-scheme"
    raise AssertionError(name)


@pytest.mark.parametrize(
    "name",
    [
        "not signed by the authority",
        "of another election",
        "of a unit that is not there",
        "proven for the neighbour",
        "with a number left out",
        "with the neighbour's key",
        "with a key that is none",
        "with a scheme that is not there",
    ],
)
def test_a_bad_version_is_refused_by_name_and_changes_nothing(name: str) -> None:
    data, verdict = _bad(name)
    value, report = merged(data)
    assert [arrival.verdict.value for arrival in report.arrivals] == [verdict]
    assert not value.roster_files
    assert value.rosters.latest().name.version == 1


def test_a_version_says_something_and_in_one_order() -> None:
    _, a = change_of("A/2")
    _, b = change_of("B")
    statement = RosterStatement(kit().election.extended_hash, 2, bytes(32), "", (a, b))
    for changes in ((), (b, a), (a, a)):
        with pytest.raises(ValueError, match="sorted by unit"):
            dataclasses.replace(statement, changes=changes)
    with pytest.raises(ValueError, match="version 2 or more"):
        dataclasses.replace(statement, version=1)


class _Card:
    """A scheme of another shape: keys of 40 bytes, signatures that are a hash over key and message."""

    name = "card"

    def check_key(self, key: bytes) -> None:
        if len(key) != 40:
            raise DecodeError("a card's key has 40 bytes")

    def verify(self, key: bytes, message: bytes, signature: bytes) -> None:
        if signature != sha256(key, message):
            raise VerificationError("the card did not sign")


class _CardHolder:
    key = b"card" * 10

    def sign(self, tag: str, election: bytes, origin: str, message: bytes) -> bytes:
        return sha256(self.key, signed_bytes(tag, election, origin, message))


def test_another_scheme_signs_where_the_program_was_given_it() -> None:
    holder, schemes = _CardHolder(), signature_schemes(_Card())
    proof = holder.sign("possession", SALT, unit_key_origin("A/2"), holder.key)
    name, data = roster_of(KeyChange("A/2", "card", holder.key, proof, ()))
    signed = sign_return(kit().made("A/2", roster=name), holder)
    value, report = merge_returns(kit().election, [("r", data), ("s", signed)], schemes)
    assert [arrival.verdict.value for arrival in report.arrivals] == ["good", "good"]
    assert len(value.returns) == 1
    assert verdicts(data, signed) == ["unknown-scheme", "unknown-roster"]
    forged = kit().signed("A/2", roster=name)
    _, report = merge_returns(kit().election, [("r", data), ("s", forged)], schemes)
    assert report.arrivals[1].verdict is ReturnVerdict.FORGED
    with pytest.raises(ValueError, match="two schemes"):
        signature_schemes(_Card(), _Card())


def test_an_election_without_unit_returns_has_no_roster() -> None:
    from tests.manifest.samples import sample

    election = dataclasses.replace(kit().election, manifest=sample())
    with pytest.raises(ValueError, match="no unit returns"):
        Rosters(election, BUILT_IN)
