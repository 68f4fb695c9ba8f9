"""Every check on one ballot has a ballot on which it alone fails, or the documented smallest set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from evote.ballots import BallotState, EncryptedBallot, SubmittedBallot, examine, verify_cast
from evote.ballots.values import EncryptedContest, HashedCiphertext, ProofPair, Selection
from evote.errors import VerificationError
from evote.testing.elections import Kit
from evote.testing.forge import Cheat

MARKS = {"Mayor": {"Ada": 1}, "Council": {"Alan": 1, "Emmy": 1}}


def failing(kit: Kit, submitted: SubmittedBallot) -> set[str]:
    return {finding.check for finding in examine(kit.election, submitted).findings}


def cast(kit: Kit, cheat: Cheat | None = None) -> SubmittedBallot:
    submitted, _ = kit.forge.ballot("North", "all", MARKS, cheat=cheat or Cheat())
    return submitted


def change(submitted: SubmittedBallot, **fields: object) -> SubmittedBallot:
    return replace(submitted, ballot=replace(submitted.ballot, **fields))


def in_contest(
    submitted: SubmittedBallot, index: int, edit: Callable[[EncryptedContest], EncryptedContest]
) -> SubmittedBallot:
    contests = list(submitted.ballot.contests)
    contests[index] = edit(contests[index])
    return change(submitted, contests=tuple(contests))


def in_selection(
    submitted: SubmittedBallot, contest: int, option: int, edit: Callable[[Selection], Selection]
) -> SubmittedBallot:
    def edit_contest(encrypted: EncryptedContest) -> EncryptedContest:
        selections = list(encrypted.selections)
        selections[option] = edit(selections[option])
        return replace(encrypted, selections=tuple(selections))

    return in_contest(submitted, contest, edit_contest)


def rehashed(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    return replace(submitted, ballot=kit.forge.rehash(submitted.ballot))


def plus_q(kit: Kit, data: bytes) -> bytes:
    return (int.from_bytes(data, "big") + kit.q).to_bytes(32, "big")


def changed_pair(pair: ProofPair) -> ProofPair:
    return replace(pair, response=(int.from_bytes(pair.response, "big") ^ 1).to_bytes(32, "big"))


def test_an_honest_ballot_has_no_findings_and_says_how_much_was_checked(kit: Kit) -> None:
    examination = examine(kit.election, cast(kit))
    assert examination.findings == ()
    assert examination.counts["6.D"] == 6 and examination.counts["7.D"] == 2
    assert examination.counts["6.B"] == sum(limit + 1 for limit in (1, 1, 1, 1, 1, 2))
    for check in ("5.B", "8.B", "8.D", "E.1", "E.2", "E.3", "E.4", "E.5"):
        assert examination.counts[check] == 1, check


def test_5b_alone_for_a_wrong_identifier_hash(kit: Kit) -> None:
    assert failing(kit, change(cast(kit), identifier_hash=bytes(32))) == {"5.B"}


@pytest.mark.parametrize("side", ["alpha", "beta"])
@pytest.mark.parametrize("value", ["zero", "p", "all ones"])
def test_6a_and_7a_for_a_value_out_of_range(kit: Kit, side: str, value: str) -> None:
    number = {"zero": 0, "p": kit.p, "all ones": 2 ** (8 * kit.group.element_bytes) - 1}[value]
    data = number.to_bytes(kit.group.element_bytes, "big")
    bad = in_selection(cast(kit), 0, 0, lambda selection: replace(selection, **{side: data}))
    assert failing(kit, rehashed(kit, bad)) == {"6.A", "7.A"}


def test_6a_and_7a_for_a_sign_under_proofs_that_otherwise_hold(kit: Kit) -> None:
    flips = frozenset({("Mayor", "Ada")})
    assert failing(kit, cast(kit, Cheat(flip=flips))) == {"6.A", "7.A"}


def test_6a_and_7a_for_two_signs_that_cancel_in_the_contest(kit: Kit) -> None:
    flips = frozenset({("Mayor", "Ada"), ("Mayor", "Grace")})
    assert failing(kit, cast(kit, Cheat(flip=flips))) == {"6.A", "7.A"}


def test_6a_and_7a_for_an_element_of_large_wrong_order(kit: Kit) -> None:
    data = pow(3, kit.q * 2, kit.p).to_bytes(kit.group.element_bytes, "big")
    bad = in_selection(cast(kit), 1, 2, lambda selection: replace(selection, beta=data))
    assert failing(kit, rehashed(kit, bad)) == {"6.A", "7.A"}


@pytest.mark.parametrize(("field", "check"), [("challenge", "6.B"), ("response", "6.C")])
def test_6b_and_6c_alone_for_a_scalar_of_q_and_more(kit: Kit, field: str, check: str) -> None:
    def edit(selection: Selection) -> Selection:
        pair = selection.proof[1]
        wrong = replace(pair, **{field: plus_q(kit, getattr(pair, field))})
        return replace(selection, proof=(selection.proof[0], wrong, *selection.proof[2:]))

    assert failing(kit, in_selection(cast(kit), 1, 2, edit)) == {check}


@pytest.mark.parametrize(("field", "check"), [("challenge", "7.B"), ("response", "7.C")])
def test_7b_and_7c_alone_for_a_scalar_of_q_and_more(kit: Kit, field: str, check: str) -> None:
    def edit(contest: EncryptedContest) -> EncryptedContest:
        pair = contest.limit_proof[0]
        wrong = replace(pair, **{field: plus_q(kit, getattr(pair, field))})
        return replace(contest, limit_proof=(wrong, *contest.limit_proof[1:]))

    assert failing(kit, in_contest(cast(kit), 0, edit)) == {check}


def test_6d_alone_for_a_value_beyond_its_option_limit(kit: Kit) -> None:
    assert failing(kit, cast(kit, Cheat(values={"Council": [2, 0, 0]}))) == {"6.D"}


def test_6d_alone_for_negative_and_huge_values_that_cancel_in_the_sum(kit: Kit) -> None:
    """+1000 and -999 (mod q) add up to one allowed vote (A13)."""
    values = [1000, kit.q - 999, 0]
    assert failing(kit, cast(kit, Cheat(values={"Council": values}))) >= {"6.D"}
    small = cast(kit, Cheat(values={"Mayor": [2, -1, 0]}))
    assert failing(kit, small) == {"6.D"}


def test_7d_alone_for_too_many_votes_in_a_contest(kit: Kit) -> None:
    assert failing(kit, cast(kit, Cheat(values={"Mayor": [1, 1, 0]}))) == {"7.D"}


@pytest.mark.parametrize("contest", [0, 1])
def test_6d_alone_for_a_changed_response(kit: Kit, contest: int) -> None:
    def edit(selection: Selection) -> Selection:
        return replace(selection, proof=(changed_pair(selection.proof[0]), *selection.proof[1:]))

    assert failing(kit, in_selection(cast(kit), contest, 0, edit)) == {"6.D"}


def test_6d_for_a_proof_moved_to_another_option_and_another_ballot(kit: Kit) -> None:
    """A proof is bound to its ballot, contest and option (A3, A5)."""
    one, two = cast(kit), cast(kit)
    moved = in_selection(one, 0, 0, lambda s: replace(s, proof=one.ballot.contests[0].selections[1].proof))
    assert failing(kit, moved) == {"6.D"}
    copied = in_selection(one, 0, 0, lambda s: replace(two.ballot.contests[0].selections[0], option=s.option))
    assert failing(kit, rehashed(kit, copied)) == {"6.D", "7.D"}


def test_7d_alone_for_a_changed_limit_proof(kit: Kit) -> None:
    def edit(contest: EncryptedContest) -> EncryptedContest:
        return replace(contest, limit_proof=(changed_pair(contest.limit_proof[0]), *contest.limit_proof[1:]))

    assert failing(kit, in_contest(cast(kit), 1, edit)) == {"7.D"}


def test_8a_alone_for_a_wrong_contest_hash(kit: Kit) -> None:
    bad = in_contest(cast(kit), 0, lambda contest: replace(contest, contest_hash=bytes(32)))
    assert failing(kit, bad) == {"8.A"}


def test_8b_alone_for_a_wrong_confirmation_code(kit: Kit) -> None:
    assert failing(kit, change(cast(kit), confirmation_code=bytes(32))) == {"8.B"}


@pytest.mark.parametrize("field", [bytes(36), b"\x00\x00\x00\x01" + bytes(32)])
def test_8d_alone_for_a_chaining_field_of_another_device_or_mode(kit: Kit, field: bytes) -> None:
    assert failing(kit, rehashed(kit, change(cast(kit), chaining_field=field))) == {"8.D"}


def test_e1_alone_for_a_ballot_refiled_under_another_unit(kit: Kit) -> None:
    """The unit is bound into the identifier: a ballot cannot be moved into a tiny box (A22)."""
    assert failing(kit, change(cast(kit), unit="South")) == {"E.1"}
    assert failing(kit, cast(kit, Cheat(context_style="other"))) == {"E.1"}


def test_e3_alone_for_a_weight_that_is_not_the_manifests(kit: Kit) -> None:
    assert failing(kit, cast(kit, Cheat(weight=3))) == {"E.3"}


def test_e4_alone_for_a_false_proof_of_the_ballot_nonce(kit: Kit) -> None:
    ballot = cast(kit).ballot
    for sealed in (
        replace(ballot.nonce, c2=changed_pair(ballot.nonce.c2)),
        replace(ballot.nonce, c1=bytes(32)),
        replace(ballot.nonce, c0=bytes(kit.group.element_bytes)),
        cast(kit).ballot.nonce,  # copied from another ballot (A53)
    ):
        bad = SubmittedBallot(BallotState.CAST, replace(ballot, nonce=sealed), cast(kit).context)
        assert failing(kit, bad) == {"E.4", "E.1"}
        own = replace(cast(kit), ballot=ballot)
        assert failing(kit, change(own, nonce=sealed)) >= {"E.4"}


def test_e4_alone_for_a_ballot_nonce_sealed_with_zero(kit: Kit) -> None:
    """g^0 is in the subgroup and its proof holds, and anybody can open the ballot."""
    assert failing(kit, cast(kit, Cheat(sealed_with=0))) == {"E.4"}


def test_e5_alone_for_a_false_proof_of_contest_data(kit: Kit) -> None:
    def edit(contest: EncryptedContest) -> EncryptedContest:
        assert contest.data is not None
        return replace(contest, data=replace(contest.data, c2=changed_pair(contest.data.c2)))

    assert failing(kit, rehashed(kit, in_contest(cast(kit), 1, edit))) == {"E.5"}


def test_e5_alone_for_a_nonce_ciphertext_filed_as_contest_data(kit: Kit) -> None:
    """Verification 12 publishes beta: a victim's sealed nonce as one's own data would be opened (A53)."""
    victim = cast(kit).ballot.nonce

    def edit(contest: EncryptedContest) -> EncryptedContest:
        assert contest.data is not None
        padded = victim.c1.ljust(len(contest.data.c1), b"\x00")
        return replace(contest, data=HashedCiphertext(victim.c0, padded, victim.c2))

    assert failing(kit, rehashed(kit, in_contest(cast(kit), 1, edit))) == {"E.5"}


def test_e7_alone_for_an_identity_ciphertext(kit: Kit) -> None:
    assert failing(kit, cast(kit, Cheat(fixed_nonces={("Mayor", "Ada"): 0}))) == {"E.7"}


SHAPES: dict[str, Callable[[EncryptedBallot], EncryptedBallot]] = {
    "a contest missing": lambda b: replace(b, contests=b.contests[:1]),
    "no contest": lambda b: replace(b, contests=()),
    "a contest twice": lambda b: replace(b, contests=(*b.contests, b.contests[0])),
    "contests in another order": lambda b: replace(b, contests=b.contests[::-1]),
    "an unknown contest": lambda b: replace(b, contests=(b.contests[0], replace(b.contests[1], contest=9))),
    "an option missing": lambda b: _selections(b, lambda s: s[:-1]),
    "an option twice": lambda b: _selections(b, lambda s: (*s, s[0])),
    "options in another order": lambda b: _selections(b, lambda s: s[::-1]),
    "a proof missing": lambda b: _selections(b, lambda s: (replace(s[0], proof=()), *s[1:])),
    "a branch more": lambda b: _selections(b, lambda s: (replace(s[0], proof=s[0].proof * 2), *s[1:])),
    "no limit proof": lambda b: _contest(b, 0, limit_proof=()),
    "a limit proof for more": lambda b: _contest(b, 0, limit_proof=b.contests[0].limit_proof * 2),
    "contest data missing": lambda b: _contest(b, 1, data=None),
    "contest data not in the manifest": lambda b: _contest(b, 0, data=b.nonce),
    "contest data of another length": lambda b: _contest(b, 1, data=b.nonce),
    "a sealed nonce of another length": lambda b: replace(b, nonce=replace(b.nonce, c1=bytes(64))),
    "an unknown style": lambda b: replace(b, style="other"),
    "an unknown unit": lambda b: replace(b, unit="West"),
}


def _contest(ballot: EncryptedBallot, index: int, **fields: object) -> EncryptedBallot:
    contests = list(ballot.contests)
    contests[index] = replace(contests[index], **fields)
    return replace(ballot, contests=tuple(contests))


def _selections(
    ballot: EncryptedBallot, edit: Callable[[tuple[Selection, ...]], tuple[Selection, ...]]
) -> EncryptedBallot:
    return _contest(ballot, 0, selections=edit(ballot.contests[0].selections))


@pytest.mark.parametrize("shape", SHAPES)
def test_e2_alone_for_a_wrong_shape_and_before_any_power_is_taken(
    kit: Kit, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted = cast(kit)
    bad = replace(submitted, ballot=SHAPES[shape](submitted.ballot))
    for name in ("power", "powers", "powers_of_claimed"):
        monkeypatch.setattr(type(kit.group), name, lambda *_: pytest.fail("a power was taken"))
    assert failing(kit, bad) == {"E.2"}


def test_all_findings_are_collected_and_the_first_is_raised(kit: Kit) -> None:
    bad = change(cast(kit, Cheat(weight=3)), identifier_hash=bytes(32), confirmation_code=bytes(32))
    assert failing(kit, bad) == {"5.B", "8.B", "E.3"}
    with pytest.raises(VerificationError) as raised:
        verify_cast(kit.election, bad)
    assert raised.value.check == "5.B" and bad.ballot.identifier.hex()[:16] in raised.value.where


def test_a_ballot_of_another_election_fails_everything_that_is_bound_to_the_election(kit: Kit) -> None:
    other = Kit(seed="another election")
    submitted, _ = other.forge.ballot("North", "all", MARKS)
    assert failing(kit, submitted) >= {"5.B", "6.D", "7.D", "8.A", "8.B", "8.D", "E.1", "E.4", "E.5"}
