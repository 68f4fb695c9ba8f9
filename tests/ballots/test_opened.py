"""Openings of challenged ballots: every letter of 13 and 14 has an opening on which it alone fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from evote.ballots import BallotState, OpenedBallot, SubmittedBallot, examine, examine_opening, hashes
from evote.ballots.opening import open_ballot
from evote.ballots.values import HashedCiphertext, OpenedContest, OpenedSelection
from evote.errors import DiscreteLogError
from evote.secret import Secret
from evote.testing.elections import Kit
from evote.testing.forge import Cheat

MARKS = {"Mayor": {"Ada": 1}, "Council": {"Alan": 1}}


def challenged(kit: Kit, cheat: Cheat | None = None) -> tuple[SubmittedBallot, OpenedBallot]:
    submitted, nonce = kit.forge.ballot(
        "North", "all", MARKS, state=BallotState.CHALLENGED, cheat=cheat or Cheat()
    )
    assert examine(kit.election, submitted).findings == ()
    return submitted, open_ballot(kit.election, submitted.ballot, Secret(nonce))


def failing(kit: Kit, submitted: SubmittedBallot, opened: OpenedBallot) -> set[str]:
    findings, _ = examine_opening(kit.election, submitted.ballot, opened)
    return {finding.check for finding in findings}


def edit(opened: OpenedBallot, index: int, change: Callable[[OpenedContest], OpenedContest]) -> OpenedBallot:
    contests = list(opened.contests)
    contests[index] = change(contests[index])
    return replace(opened, contests=tuple(contests))


def test_an_honest_opening_passes_and_counts(kit: Kit) -> None:
    submitted, opened = challenged(kit)
    findings, counts = examine_opening(kit.election, submitted.ballot, opened)
    assert findings == ()
    assert counts["14.D"] == 6 and counts["14.E"] == 6 and counts["13.B"] == 1 and counts["13.A"] == 1


def test_the_opening_holds_no_ballot_nonce(kit: Kit) -> None:
    submitted, nonce = kit.forge.ballot("North", "all", MARKS, state=BallotState.CHALLENGED)
    opened = open_ballot(kit.election, submitted.ballot, Secret(nonce))
    assert nonce.hex() not in repr(opened).replace("\\x", "")
    assert all(nonce != s.nonce for contest in opened.contests for s in contest.selections)


def test_13a_alone_for_contest_data_under_another_c0_than_its_nonce_gives(kit: Kit) -> None:
    """The proof holds for C0, and the data decrypts with the derived nonce: but guardians see rubbish."""
    submitted, nonce = kit.forge.ballot("North", "all", MARKS, state=BallotState.CHALLENGED)
    ballot, key = submitted.ballot, submitted.ballot.identifier_hash
    mayor, council = ballot.contests
    assert council.data is not None
    c0 = pow(kit.forge.g, 4711, kit.p).to_bytes(kit.group.element_bytes, "big")
    c1 = council.data.c1
    proof = kit.forge.schnorr(
        4711, lambda a: hashes.contest_data_challenge(kit.group, key, council.contest, a, c0, c1)
    )
    other = replace(council, data=HashedCiphertext(c0, c1, proof))
    forged = replace(submitted, ballot=kit.forge.rehash(replace(ballot, contests=(mayor, other))))
    assert examine(kit.election, forged).findings == ()
    opened = open_ballot(kit.election, ballot, Secret(nonce))
    assert failing(kit, forged, opened) == {"13.A"}


def test_13a_alone_for_wrong_missing_or_out_of_range_contest_data(kit: Kit) -> None:
    submitted, opened = challenged(kit)
    data = opened.contests[1].data
    assert data is not None
    for wrong in (
        replace(data, plaintext=bytes(len(data.plaintext))),
        replace(data, plaintext=data.plaintext[:-1]),
        replace(data, nonce=bytes(32)),
        replace(data, nonce=b"\xff" * 32),
        None,
    ):
        bad = edit(opened, 1, lambda contest, wrong=wrong: replace(contest, data=wrong))
        assert failing(kit, submitted, bad) == {"13.A"}
    bad = edit(opened, 0, lambda contest: replace(contest, data=data))
    assert failing(kit, submitted, bad) == {"13.A"}


@pytest.mark.parametrize("change", ["value", "nonce", "range"])
def test_13b_alone_for_an_opening_that_does_not_give_the_code(kit: Kit, change: str) -> None:
    submitted, opened = challenged(kit)

    def wrong(selection: OpenedSelection) -> OpenedSelection:
        if change == "value":
            return replace(selection, value=0)
        return replace(selection, nonce=bytes(32) if change == "nonce" else b"\xff" * 32)

    bad = edit(opened, 0, lambda c: replace(c, selections=(wrong(c.selections[0]), *c.selections[1:])))
    assert failing(kit, submitted, bad) == {"13.B"}


def test_14a_alone_for_a_contest_that_the_style_does_not_have(kit: Kit) -> None:
    submitted, opened = challenged(kit)
    bad = replace(opened, contests=(*opened.contests, replace(opened.contests[0], contest="Sheriff")))
    assert failing(kit, submitted, bad) == {"14.A"}


@pytest.mark.parametrize("kept", [slice(1, 2), slice(0, 1), slice(0, 0)])
def test_14b_alone_for_a_contest_left_out(kit: Kit, kept: slice) -> None:
    submitted, opened = challenged(kit)
    assert failing(kit, submitted, replace(opened, contests=opened.contests[kept])) == {"14.B"}


def test_14c_alone_for_an_unknown_option(kit: Kit) -> None:
    submitted, opened = challenged(kit)
    bad = edit(
        opened,
        0,
        lambda c: replace(c, selections=(*c.selections, replace(c.selections[0], option="Nobody"))),
    )
    assert failing(kit, submitted, bad) == {"14.C"}


def test_14d_alone_for_an_option_left_out(kit: Kit) -> None:
    submitted, opened = challenged(kit)
    bad = edit(opened, 0, lambda c: replace(c, selections=c.selections[1:]))
    assert failing(kit, submitted, bad) == {"14.D"}


def test_14e_alone_for_a_value_beyond_its_limit(kit: Kit) -> None:
    """A device that encrypted two votes for one option is shown up by the challenge."""
    submitted, opened = challenged(kit, Cheat(values={"Council": [2, 0, 0]}))
    assert failing(kit, submitted, opened) == {"14.E"}


def test_14f_alone_for_too_many_votes(kit: Kit) -> None:
    submitted, opened = challenged(kit, Cheat(values={"Mayor": [1, 1, 0]}))
    assert failing(kit, submitted, opened) == {"14.F"}


def test_a_nonce_that_is_not_the_ballots_cannot_open_it(kit: Kit) -> None:
    submitted, _ = kit.forge.ballot("North", "all", MARKS, state=BallotState.CHALLENGED)
    with pytest.raises(DiscreteLogError):
        open_ballot(kit.election, submitted.ballot, Secret(bytes(32)))


def test_labels_stand_once_on_an_opening(kit: Kit) -> None:
    _, opened = challenged(kit)
    with pytest.raises(ValueError, match="contest stands twice"):
        OpenedBallot(opened.identifier, opened.contests * 2)
    with pytest.raises(ValueError, match="option stands twice"):
        replace(opened.contests[0], selections=opened.contests[0].selections * 2)
