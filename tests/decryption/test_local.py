"""A decryption in one process gives what the slow direct way gives."""

from __future__ import annotations

import pytest

from evote.ballots import BallotState, verify_cast, verify_challenged
from evote.decryption.local import decrypt_local
from evote.tally import Tallier
from evote.testing.elections import SMALL, Kit


@pytest.mark.parametrize("participants", [(1, 2), (1, 3), (2, 3), (1, 2, 3)])
def test_any_quorum_and_more_decrypt_the_same_counts(participants: tuple[int, ...]) -> None:
    kit = Kit({**SMALL, "decrypt_contest_data": True}, seed="local decryption")
    kit.vote("North", {"Mayor": {"Ada": 1}, "Council": {"Kurt": 2}})
    kit.vote("South", {"Mayor": {"Ada": 1}, "Council": {"Alan": 1}}, challenge=True)
    kit.vote("South", {"Mayor": {"Grace": 1}, "Council": {"Alan": 1}})
    ballots = [
        verify_cast(kit.election, ballot)
        if ballot.state is BallotState.CAST
        else verify_challenged(kit.election, ballot)
        for ballot in kit.submitted
    ]
    tallier = Tallier(kit.election)
    tallier.add_all(ballots)
    tally = tallier.tally(tallier.head())
    shares = [kit.shares[index - 1] for index in participants]
    decryption = decrypt_local(tally, kit.records, shares, ballots)
    direct = kit.publish()
    assert decryption.guardians == participants
    assert [[field.count for field in cell.fields] for cell in decryption.cells] == [
        [field.count for field in cell.fields] for cell in direct.decryption.cells
    ]
    assert [data.plaintext for data in decryption.data] == [data.plaintext for data in direct.data]
