"""From a record to its election: keys that hide nothing are refused before anybody encrypts under them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evote.ceremony import extended_base_hash
from evote.ceremony.messages import JointKeys
from evote.errors import VerificationError
from evote.record import RecordReader, Stage, load_election
from evote.testing.elections import SMALL, Kit


@pytest.mark.parametrize("field", ["vote_commitments", "data_commitments"])
def test_a_joint_key_that_is_the_identity_is_refused(field: str, tmp_path: Path) -> None:
    kit = Kit(SMALL, guardians=2, quorum=2, seed="identity")
    published = kit.publish()
    first, second = published.guardians.guardians
    own = getattr(first, field)
    inverse = kit.group.invert(kit.group.decode(own[0])).encode()
    cancelling = replace(second, **{field: (inverse, *getattr(second, field)[1:])})
    published.guardians = replace(published.guardians, guardians=(first, cancelling))
    one = kit.group.identity.encode()
    vote = one if field == "vote_commitments" else kit.keys.vote_key
    data = one if field == "data_commitments" else kit.keys.data_key
    published.keys = JointKeys(vote, data, extended_base_hash(kit.setting.base_hash, vote, data))
    reader = RecordReader(kit.write(published, tmp_path / "record", stage=Stage.SETUP))
    with pytest.raises(VerificationError, match="identity") as refused:
        load_election(reader, {kit.group.name: kit.group})
    assert refused.value.check == "E.18"


def test_the_election_of_an_honest_record_is_that_of_its_kit(tmp_path: Path) -> None:
    kit = Kit(SMALL, guardians=2, quorum=2, seed="identity")
    reader = RecordReader(kit.write(kit.publish(), tmp_path / "record", stage=Stage.SETUP))
    assert load_election(reader, {kit.group.name: kit.group}).fingerprint == kit.election.fingerprint
