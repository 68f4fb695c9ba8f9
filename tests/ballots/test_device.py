"""Devices and chains of confirmation codes (section 3.4.4), against the equations by hand."""

from __future__ import annotations

import pytest

from evote.ballots import PlaintextBallot, PlaintextContest, device_record
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.errors import RefusedError
from evote.hashing import hmac, text
from evote.testing.elections import SMALL, Kit

VOTE = PlaintextBallot("North", "all", {"Mayor": PlaintextContest({"Ada": 1}), "Council": PlaintextContest()})


@pytest.fixture(scope="module")
def chained() -> Kit:
    return Kit({**SMALL, "chaining": 1}, seed="chained")


def test_without_chaining_every_ballot_carries_the_device_hash(kit: Kit) -> None:
    device = Device(kit.election, "booth 7")
    hashed = hmac(kit.election.extended_hash, 0x2A, text("booth 7"))
    for _ in range(2):
        assert encrypt(device, VOTE).ballot.chaining_field == bytes(4) + hashed
    record = device.close()
    assert record.device_hash == hashed and len(record.codes) == 2
    assert record.initial_field is record.closing_hash is None


def test_a_chain_starts_links_and_closes_by_the_equations(chained: Kit) -> None:
    key = chained.election.extended_hash
    device = Device(chained.election, "booth 7")
    ballots = [encrypt(device, VOTE).ballot for _ in range(3)]
    mode = b"\x00\x00\x00\x01"
    initial = mode + hmac(key, 0x2A, text("booth 7"))  # (75)
    previous = hmac(key, 0x29, initial)  # (74)
    for ballot in ballots:
        assert ballot.chaining_field == mode + previous  # (76)
        previous = ballot.confirmation_code
    record = device.close()
    closing = mode + hmac(key, 0x2B, previous, initial)  # (78)
    assert record.initial_field == initial and record.initial_hash == hmac(key, 0x29, initial)
    assert record.closing_field == closing and record.closing_hash == hmac(key, 0x29, closing)  # (77)
    assert record.codes == tuple(ballot.confirmation_code for ballot in ballots)


def test_an_empty_chain_closes_over_its_start(chained: Kit) -> None:
    key = chained.election.extended_hash
    record = device_record(chained.election, "unused", ())
    assert record.initial_hash is not None and record.initial_field is not None
    expected = b"\x00\x00\x00\x01" + hmac(key, 0x2B, record.initial_hash, record.initial_field)
    assert record.closing_field == expected


def test_a_device_goes_on_where_it_stopped(chained: Kit) -> None:
    device = Device(chained.election, "booth 7")
    first = encrypt(device, VOTE).ballot
    resumed = Device(chained.election, "booth 7", codes=device.codes)
    assert encrypt(resumed, VOTE).ballot.chaining_field[4:] == first.confirmation_code


def test_a_closed_device_makes_no_ballots(kit: Kit) -> None:
    device = Device(kit.election, "booth 7")
    device.close()
    with pytest.raises(RefusedError, match="closed"):
        encrypt(device, VOTE)


@pytest.mark.parametrize("information", ["", "x" * 1025])
def test_device_information_has_a_length(kit: Kit, information: str) -> None:
    with pytest.raises(ValueError, match="1 to 1024"):
        Device(kit.election, information)
