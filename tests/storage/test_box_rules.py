"""The box with the rules of the board: voters with codes, re-issues, attended devices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.values import BallotState
from evote.board.entries import EntryKind
from evote.board.holder import signed
from evote.board.submission import NO_PREVIOUS, Submission, ballot_hash
from evote.codec import encode
from evote.errors import RefusedError
from evote.signing import SigningKey
from evote.storage.box import BallotBox
from evote.storage.box_checker import BoardRules
from evote.storage.box_refusals import SubmissionRefusedError
from evote.storage.box_setting import BoxSetting
from evote.testing.boards import BoardKeys
from evote.testing.elections import Kit
from evote.testing.electorate import ONE_QUESTION, Electorate
from tests.storage.box_kit import OPENED_AT, Clock


@pytest.fixture(scope="module")
def town() -> Electorate:
    return Electorate()


def opened(town: Electorate, path: Path, unit: str = "North", *, make: bool = True) -> BallotBox:
    return BallotBox(
        path / f"{unit}.box",
        BoxSetting.of(town.election, unit),
        town.authorities.units[unit],
        BoardRules.of(town.election, unit, town.roll),
        make=make,
        clock=Clock(OPENED_AT),
    )


@pytest.fixture
def north(town: Electorate, tmp_path: Path) -> Iterator[BallotBox]:
    with opened(town, tmp_path) as box:
        yield box


def refused(box: BallotBox, made: Submission) -> str:
    with pytest.raises(SubmissionRefusedError) as caught:
        (box.admit if made.decision is BallotState.CAST else box.challenge)(encode(made))
    return caught.value.name


def test_voters_cast_vote_again_and_challenge(town: Electorate, north: BallotBox) -> None:
    one, other, _ = town.voters
    first = town.submission(one)
    north.admit(encode(first))
    assert refused(north, town.submission(one)) == "stale"
    again = town.submission(one, previous=ballot_hash(town.election, first), option="no")
    north.admit(encode(again))
    north.challenge(encode(town.submission(other, challenge=True)))
    assert north.slot_head(one.slot) == ballot_hash(town.election, again)
    assert north.slot_head(other.slot) == NO_PREVIOUS
    kinds = [each.kind for each in north.entries() if each.kind is not EntryKind.COUNTS]
    assert kinds == [
        EntryKind.CAST,
        EntryKind.VERDICT,
        EntryKind.CAST,
        EntryKind.VERDICT,
        EntryKind.CHALLENGE,
        EntryKind.VERDICT,
    ]


def test_A58_nobody_reserves_an_identifier_without_a_credential(town: Electorate, north: BallotBox) -> None:
    one = town.voters[0]
    made = town.submission(one)
    stranger = replace(made, signatures=(bytes(64),))
    assert refused(north, stranger) == "wrong-signature"
    north.admit(encode(made))


def test_A22_a_ballot_of_another_unit_or_voter_is_refused(town: Electorate, north: BallotBox) -> None:
    one, _, south = town.voters
    assert refused(north, town.submission(south)) == "wrong-unit"
    assert refused(north, town.submission(one, style="heavy")) == "wrong-style"
    stolen = town.unsigned(one)
    assert refused(north, south.holder.sign(town.election, replace(stolen))) == "wrong-signature"
    assert [each.kind for each in north.entries() if each.kind is EntryKind.CAST] == []


def test_A55_after_a_reissue_the_old_credential_is_revoked_and_the_new_one_has_the_slot(
    town: Electorate, tmp_path: Path
) -> None:
    one = town.voters[0]
    first = town.submission(one)
    entry, renewed = town.reissued(one)
    with opened(town, tmp_path) as box:
        receipt = box.admit(encode(first))
        box.reissue(entry)
        head = ballot_hash(town.election, first)
        assert refused(box, town.submission(one, previous=head)) == "revoked-credential"
        assert refused(box, town.submission(renewed)) == "stale"
    with opened(town, tmp_path, make=False) as box:
        assert box.admit(encode(first)) == receipt
        box.admit(encode(town.submission(renewed, previous=head)))
        assert box.status().cast == 2


def test_a_reissue_that_the_authority_did_not_sign_is_refused(town: Electorate, north: BallotBox) -> None:
    entry, _ = town.reissued(town.voters[0])
    with pytest.raises(RefusedError, match="did not sign"):
        north.reissue(replace(entry, signatures=(bytes(64),)))
    assert north.status().size == 0


def test_attended_devices_sign_where_there_is_no_roll(tmp_path: Path) -> None:
    keys = BoardKeys.drawn("devices", ["North", "South"], devices=["booth 1"])
    kit = Kit(lambda salt: {**ONE_QUESTION, "board": keys.board(salt)}, seed="devices")
    election = kit.election
    stranger = SigningKey.generate()

    def made(option: str, key: SigningKey, previous: bytes = NO_PREVIOUS) -> Submission:
        plain = PlaintextBallot("North", "plain", {"Question": PlaintextContest({option: 1})})
        ballot, context, _ = encrypt(Device(election, "booth 1"), plain).pending()
        unsigned = Submission(BallotState.CAST, ballot, context, previous, None, "booth 1", ())
        return signed(election, unsigned, [key])

    with BallotBox(
        tmp_path / "north.box",
        BoxSetting.of(election, "North"),
        keys.units["North"],
        BoardRules.of(election, "North"),
        make=True,
        clock=Clock(OPENED_AT),
    ) as box:
        for option in ("yes", "no", "yes"):
            box.admit(encode(made(option, keys.devices["booth 1"])))
        assert refused(box, made("yes", stranger)) == "wrong-signature"
        assert refused(box, made("yes", keys.devices["booth 1"], previous=bytes(31) + b"\x01")) == "stale"
        with pytest.raises(RefusedError, match="no roll"):
            box.reissue(Electorate(seed="other").reissued(Electorate(seed="other").voters[0])[0])
        assert box.status().cast == 3 and box.status().pending == 0


def test_rules_that_do_not_fit_the_manifest_are_a_mistake(town: Electorate) -> None:
    with pytest.raises(ValueError, match="exactly if"):
        BoardRules.of(town.election, "North")
    with pytest.raises(ValueError, match="no log"):
        BoxSetting.of(town.election, "East")
