"""An election from its published keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evote.ballots import Election, ceremony_setting
from evote.errors import DecodeError, VerificationError
from evote.groups import MembershipError
from evote.manifest import Parameters
from evote.testing.elections import Kit


def test_published_keys_give_the_election_and_its_fingerprint(kit: Kit) -> None:
    election = Election.from_keys(kit.parameters, kit.manifest, kit.keys)
    assert election.fingerprint == kit.keys.extended_hash.hex()
    assert election.setting == ceremony_setting(kit.parameters, kit.manifest)


def test_keys_of_another_election_are_refused(kit: Kit) -> None:
    with pytest.raises(VerificationError) as raised:
        Election.from_keys(Parameters(kit.group, 3, 1), kit.manifest, kit.keys)
    assert raised.value.check == "4.A"
    with pytest.raises(VerificationError):
        Election.from_keys(kit.parameters, Kit(seed="other").manifest, kit.keys)


def test_keys_that_are_no_elements_are_refused(kit: Kit) -> None:
    size = kit.group.element_bytes
    with pytest.raises(DecodeError):
        Election.from_keys(kit.parameters, kit.manifest, replace(kit.keys, vote_key=bytes(size)))
    minus_one = (kit.p - 1).to_bytes(size, "big")
    with pytest.raises(MembershipError):
        Election.from_keys(kit.parameters, kit.manifest, replace(kit.keys, data_key=minus_one))
