"""What is not admitted, by name: attacks on the ballot's place, holder, form, signature and order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evote.ballots import hashes
from evote.ballots.examiner import contest_hash_of
from evote.ballots.values import BallotState, ContextOpening
from evote.board.credential import BUILT_IN, ED25519, pseudonym, schemes
from evote.board.entries import NO_PSEUDONYM, CastEntry, ChallengeEntry, blinded
from evote.board.holder import signed
from evote.board.reissue import Credentials
from evote.board.rules import Refusal, Refused, Setting, check_claim, check_order, check_submission
from evote.board.submission import CAST_TAG, NO_PREVIOUS, Submission, ballot_hash, signed_message
from evote.errors import VerificationError
from evote.testing.boards import BoardKeys
from evote.testing.elections import Kit
from evote.testing.electorate import ONE_QUESTION, Electorate, Voter
from evote.testing.randomness import SeededRandomness

ELECTORATE = Electorate([("North", "plain"), ("North", "plain"), ("South", "plain"), ("North", "heavy")])
ELECTION = ELECTORATE.election
ALICE, BOB, CAROL, HEAVY = ELECTORATE.voters
HEAD = bytes([5]) * 32


def judge(
    submission: Submission,
    *,
    unit: str = "North",
    head: bytes = NO_PREVIOUS,
    decided: bytes | None = None,
    credentials: Credentials | None = None,
) -> CastEntry | ChallengeEntry | Refused:
    credentials = credentials or ELECTORATE.credentials()
    name = submission.context.pseudonym
    holding = None if name is None else credentials.find(name)
    return check_submission(ELECTORATE.setting(unit), holding, submission, head=head, decided=decided)


def refused(submission: Submission, **known: Any) -> Refusal:
    found = judge(submission, **known)
    assert isinstance(found, Refused), found
    assert found.message
    return found.refusal


def by(voter: Voter, submission: Submission) -> Submission:
    """The submission signed by somebody."""
    return voter.holder.sign(ELECTION, submission)


def test_a_first_vote_is_admitted_with_the_entry_that_names_it() -> None:
    submission = ELECTORATE.submission(ALICE)
    hashed = ballot_hash(ELECTION, submission)
    assert judge(submission) == CastEntry(
        "plain", ALICE.holder.pseudonym, hashed, NO_PREVIOUS, "", submission.signatures
    )


def test_a_revote_is_admitted_over_the_head_of_its_slot() -> None:
    entry = judge(ELECTORATE.submission(ALICE, previous=HEAD), head=HEAD)
    assert isinstance(entry, CastEntry) and entry.previous == HEAD


def test_a_challenge_is_admitted_with_a_stand_in_for_the_pseudonym() -> None:
    submission = ELECTORATE.submission(ALICE, challenge=True)
    assert submission.blind is not None
    entry = judge(submission, head=HEAD)
    expected = blinded(ALICE.holder.pseudonym, submission.blind)
    assert entry == ChallengeEntry("plain", expected, ballot_hash(ELECTION, submission))


def test_a_credential_of_two_parts_signs_twice() -> None:
    electorate = Electorate(parts=2)
    voter = electorate.voters[0]
    submission = electorate.submission(voter)

    def found(given: Submission) -> object:
        holding = electorate.credentials().find(voter.holder.pseudonym)
        setting = electorate.setting("North")
        return check_submission(setting, holding, given, head=NO_PREVIOUS, decided=None)

    assert isinstance(found(submission), CastEntry)
    first, second = submission.signatures
    for signatures in ((first,), (second,), (first, first), (second, first), ()):
        answer = found(replace(submission, signatures=signatures))
        assert isinstance(answer, Refused) and answer.refusal is Refusal.WRONG_SIGNATURE


# --- A22: place --------------------------------------------------------------------------------------


def test_a22_a_ballot_is_not_admitted_in_another_unit() -> None:
    submission = ELECTORATE.submission(ALICE)
    assert refused(submission, unit="South") is Refusal.WRONG_UNIT
    moved = by(ALICE, replace(submission, ballot=replace(submission.ballot, unit="South")))
    assert refused(moved, unit="South") is Refusal.WRONG_UNIT


def test_a22_a_credential_does_not_vote_in_another_unit() -> None:
    assert refused(by(ALICE, ELECTORATE.unsigned(ALICE, unit="South")), unit="South") is Refusal.WRONG_UNIT
    assert refused(by(CAROL, ELECTORATE.unsigned(CAROL, unit="North"))) is Refusal.WRONG_UNIT


def test_a22_a_ballot_that_is_renamed_to_another_unit_does_not_keep_its_identifier() -> None:
    submission = ELECTORATE.unsigned(CAROL, unit="North", pseudonym=ALICE.holder.pseudonym)
    moved = replace(submission, ballot=replace(submission.ballot, unit="South"))
    named = replace(moved, context=ContextOpening(CAROL.holder.pseudonym, moved.context.randomness))
    assert refused(by(CAROL, named), unit="South") is Refusal.WRONG_CONTEXT


def test_a_credential_votes_on_its_own_style_only() -> None:
    assert refused(by(ALICE, ELECTORATE.unsigned(ALICE, style="heavy"))) is Refusal.WRONG_STYLE
    assert refused(by(HEAVY, ELECTORATE.unsigned(HEAVY, style="plain"))) is Refusal.WRONG_STYLE
    submission = ELECTORATE.submission(ALICE)
    unknown = replace(submission, ballot=replace(submission.ballot, style="nobody's"))
    assert refused(by(ALICE, unknown)) is Refusal.WRONG_STYLE


# --- A15: weight -------------------------------------------------------------------------------------


def test_a15_the_weight_is_that_of_the_style_and_of_no_other() -> None:
    entry = judge(ELECTORATE.submission(HEAVY))
    assert isinstance(entry, CastEntry) and entry.style == "heavy"
    for voter, weight in ((ALICE, 3), (ALICE, 2), (HEAVY, 1), (HEAVY, 4)):
        submission = ELECTORATE.unsigned(voter)
        changed = by(voter, replace(submission, ballot=replace(submission.ballot, weight=weight)))
        answer = judge(changed)
        assert isinstance(answer, Refused) and answer.refusal is Refusal.WRONG_FORM
        assert answer.message.startswith("E.3")


# --- A47: who signs ----------------------------------------------------------------------------------


def test_a47_a_key_that_is_not_on_the_roll_does_not_vote() -> None:
    stranger = Electorate(seed="elsewhere").voters[0]
    name = pseudonym(ELECTORATE.manifest.salt, stranger.holder.public)
    submission = ELECTORATE.unsigned(ALICE, pseudonym=name)
    assert refused(signed(ELECTION, submission, stranger.holder.keys)) is Refusal.UNKNOWN_CREDENTIAL
    assert refused(replace(submission, context=ContextOpening(None, HEAD))) is Refusal.UNKNOWN_CREDENTIAL


def test_a47_only_the_holder_of_the_slot_signs_for_it() -> None:
    submission = ELECTORATE.submission(ALICE)
    for signatures in ((), (bytes(64),), by(BOB, submission).signatures, submission.signatures * 2):
        assert refused(replace(submission, signatures=signatures)) is Refusal.WRONG_SIGNATURE


def test_a47_the_slot_of_somebody_else_does_not_admit_a_ballot() -> None:
    submission = ELECTORATE.submission(ALICE)
    others = ELECTORATE.credentials().find(BOB.holder.pseudonym)
    found = check_submission(ELECTORATE.setting("North"), others, submission, head=NO_PREVIOUS, decided=None)
    assert isinstance(found, Refused) and found.refusal is Refusal.UNKNOWN_CREDENTIAL


def test_a47_a_revoked_credential_is_refused_and_the_new_one_votes_for_the_slot() -> None:
    credentials = ELECTORATE.credentials()
    entry, again = ELECTORATE.reissued(ALICE)
    old, new = ELECTORATE.submission(ALICE), ELECTORATE.submission(again)
    assert isinstance(judge(old, credentials=credentials), CastEntry)
    assert refused(new, credentials=credentials) is Refusal.UNKNOWN_CREDENTIAL
    credentials.apply("North", entry)
    assert refused(old, credentials=credentials) is Refusal.REVOKED_CREDENTIAL
    assert isinstance(judge(new, credentials=credentials), CastEntry)
    revote = ELECTORATE.submission(again, previous=HEAD)
    assert isinstance(judge(revote, credentials=credentials, head=HEAD), CastEntry)


def test_a47_a_signature_holds_in_one_role_one_election_and_one_log_only() -> None:
    submission = ELECTORATE.submission(ALICE)
    (key,) = ALICE.holder.keys
    h_e, origin = ELECTION.extended_hash, ELECTORATE.setting("North").origin
    hashed = ballot_hash(ELECTION, submission)
    message = signed_message(submission.ballot.identifier, hashed, NO_PREVIOUS)
    assert key.sign(CAST_TAG, h_e, origin, message) == submission.signatures[0]
    for tag, election, place in (
        ("challenge", h_e, origin),
        ("receipt", h_e, origin),
        ("reissue", h_e, origin),
        (CAST_TAG, bytes(32), origin),
        (CAST_TAG, h_e, ELECTORATE.setting("South").origin),
        (CAST_TAG, h_e, ELECTORATE.authorities.board(bytes(32))["origin"]),
    ):
        wrong = replace(submission, signatures=(key.sign(tag, election, place, message),))
        assert refused(wrong) is Refusal.WRONG_SIGNATURE


def test_a_cast_ballot_is_not_turned_into_a_challenge_nor_back() -> None:
    cast = ELECTORATE.submission(ALICE)
    turned = replace(cast, decision=BallotState.CHALLENGED, blind=HEAD)
    assert refused(turned) is Refusal.WRONG_SIGNATURE
    challenge = ELECTORATE.submission(ALICE, challenge=True)
    assert refused(replace(challenge, decision=BallotState.CAST, blind=None)) is Refusal.WRONG_SIGNATURE


def test_nobody_on_the_way_exchanges_what_hides_the_pseudonym_of_a_challenge() -> None:
    challenge = ELECTORATE.submission(ALICE, challenge=True)
    assert refused(replace(challenge, blind=HEAD)) is Refusal.WRONG_SIGNATURE


# --- A5, A6: copies and clashes ----------------------------------------------------------------------


def test_a5_the_ballot_of_somebody_else_is_not_cast_under_another_credential() -> None:
    copied = ELECTORATE.submission(ALICE)
    assert refused(by(BOB, copied)) is Refusal.WRONG_SIGNATURE
    renamed = replace(copied, context=ContextOpening(BOB.holder.pseudonym, copied.context.randomness))
    assert refused(by(BOB, renamed)) is Refusal.WRONG_CONTEXT


def test_a5_ciphertexts_under_an_identifier_of_ones_own_do_not_keep_their_hashes() -> None:
    copied, own = ELECTORATE.submission(ALICE), ELECTORATE.unsigned(BOB)
    contests = copied.ballot.contests
    mixed = by(BOB, replace(own, ballot=replace(own.ballot, contests=contests)))
    answer = judge(mixed)
    assert isinstance(answer, Refused) and answer.refusal is Refusal.WRONG_FORM
    assert answer.message.startswith("8.A")


def test_a5_the_same_ballot_is_not_admitted_twice() -> None:
    submission = ELECTORATE.submission(ALICE)
    hashed = ballot_hash(ELECTION, submission)
    again = by(ALICE, replace(submission, previous=hashed))
    assert refused(again, head=hashed, decided=hashed) is Refusal.DUPLICATE_ID


def test_a6_two_voters_have_two_entries_whatever_their_devices_draw() -> None:
    """One device, one randomness: the identifier and so the ballot covers the pseudonym."""
    entries = []
    for voter in (ALICE, BOB):
        ELECTORATE.rng = SeededRandomness("the same for both")
        entries.append(judge(ELECTORATE.submission(voter)))
    first, second = entries
    assert isinstance(first, CastEntry) and isinstance(second, CastEntry)
    assert first.ballot != second.ballot and first.pseudonym != second.pseudonym


# --- identifier and order ----------------------------------------------------------------------------


def test_another_ballot_or_decision_under_a_decided_identifier_is_a_duplicate() -> None:
    cast = ELECTORATE.submission(ALICE)
    assert refused(cast, decided=HEAD) is Refusal.DUPLICATE_ID
    hashed = ballot_hash(ELECTION, cast)
    challenge = by(ALICE, replace(cast, decision=BallotState.CHALLENGED, blind=HEAD))
    assert ballot_hash(ELECTION, challenge) != hashed
    assert refused(challenge, decided=hashed) is Refusal.DUPLICATE_ID


def test_a37_a_ballot_that_follows_another_than_the_head_is_stale_and_may_be_signed_again() -> None:
    first = ELECTORATE.submission(ALICE)
    assert refused(first, head=HEAD) is Refusal.STALE
    assert refused(ELECTORATE.submission(ALICE, previous=HEAD)) is Refusal.STALE
    again = by(ALICE, replace(first, previous=HEAD))
    entry = judge(again, head=HEAD)
    assert isinstance(entry, CastEntry) and entry.ballot == ballot_hash(ELECTION, first)


def test_a37_an_older_ballot_that_was_held_back_does_not_replace_a_newer_one() -> None:
    held_back, newer = ELECTORATE.submission(ALICE), ELECTORATE.submission(ALICE, option="no")
    head = ballot_hash(ELECTION, newer)
    assert refused(held_back, head=head) is Refusal.STALE
    assert refused(replace(held_back, previous=head), head=head) is Refusal.WRONG_SIGNATURE


def test_the_order_may_be_checked_by_itself_later() -> None:
    submission = ELECTORATE.submission(ALICE, previous=HEAD)
    holding = ELECTORATE.credentials().find(ALICE.holder.pseudonym)
    hashed = ballot_hash(ELECTION, submission)
    entry = check_claim(ELECTORATE.setting("North"), holding, submission, hashed)
    assert isinstance(entry, CastEntry)
    assert check_order(entry, head=HEAD, decided=None) is None
    stale = check_order(entry, head=NO_PREVIOUS, decided=None)
    assert stale is not None and stale.refusal is Refusal.STALE


# --- form --------------------------------------------------------------------------------------------


def test_a_ballot_of_a_wrong_form_is_refused_with_the_number_of_the_check() -> None:
    submission = ELECTORATE.unsigned(ALICE)
    ballot = submission.ballot
    (contest,) = ballot.contests
    identity = ELECTION.group.identity.encode()
    hidden = replace(contest.selections[0], alpha=identity)
    for changed, check in (
        (replace(ballot, identifier_hash=HEAD), "5.B"),
        (replace(ballot, contests=()), "E.2"),
        (replace(ballot, contests=(replace(contest, selections=contest.selections[:1]),)), "E.2"),
        (replace(ballot, contests=(replace(contest, limit_proof=()),)), "E.2"),
        (replace(ballot, contests=(replace(contest, contest_hash=HEAD),)), "8.A"),
        (replace(ballot, confirmation_code=HEAD), "8.B"),
        (replace(ballot, device="another"), "8.D"),
    ):
        for decision, blind in ((BallotState.CAST, None), (BallotState.CHALLENGED, HEAD)):
            given = replace(submission, ballot=changed, decision=decision, blind=blind)
            answer = judge(by(ALICE, given))
            assert isinstance(answer, Refused) and answer.refusal is Refusal.WRONG_FORM
            assert answer.message.startswith(check)
    made = _rehashed(submission, replace(contest, selections=(hidden, *contest.selections[1:])))
    answer = judge(by(ALICE, made))
    assert isinstance(answer, Refused) and answer.message.startswith("E.7")


def _rehashed(submission: Submission, contest: Any) -> Submission:
    """The submission with another contest, and every hash computed again."""
    key = submission.ballot.identifier_hash
    hashed = contest_hash_of(key, contest)
    code = hashes.confirmation_code(key, [hashed], submission.ballot.chaining_field)
    contests = (replace(contest, contest_hash=hashed),)
    return replace(submission, ballot=replace(submission.ballot, contests=contests, confirmation_code=code))


def test_an_identifier_with_other_random_bytes_is_refused_for_a_challenge_too() -> None:
    for challenge in (False, True):
        submission = ELECTORATE.unsigned(ALICE, challenge=challenge)
        wrong = replace(submission, context=ContextOpening(ALICE.holder.pseudonym, HEAD))
        assert refused(by(ALICE, wrong)) is Refusal.WRONG_CONTEXT


# --- attended devices, other identities --------------------------------------------------------------


def attended() -> tuple[Kit, BoardKeys]:
    keys = BoardKeys.drawn("attended", ["North", "South"], devices=["booth 1", "booth 2"])
    return Kit(lambda salt: {**ONE_QUESTION, "board": keys.board(salt)}, seed="attended"), keys


def test_without_a_roll_an_attended_device_signs() -> None:
    kit, keys = attended()
    made = kit.vote("North", {"Question": {"yes": 1}})
    assert made.context is not None
    unsigned = Submission(made.state, made.ballot, made.context, NO_PREVIOUS, None, "booth 1", ())
    setting = Setting(kit.election, "North")

    def found(given: Submission) -> CastEntry | ChallengeEntry | Refused:
        return check_submission(setting, None, given, head=NO_PREVIOUS, decided=None)

    submission = signed(kit.election, unsigned, [keys.devices["booth 1"]])
    hashed = ballot_hash(kit.election, submission)
    assert found(submission) == CastEntry(
        "plain", NO_PSEUDONYM, hashed, NO_PREVIOUS, "booth 1", submission.signatures
    )
    for given, refusal in (
        (replace(submission, device="booth 2"), Refusal.WRONG_SIGNATURE),
        (replace(submission, device="booth 3"), Refusal.UNKNOWN_DEVICE),
        (replace(submission, device=""), Refusal.UNKNOWN_DEVICE),
        (replace(submission, signatures=()), Refusal.WRONG_SIGNATURE),
        (
            replace(submission, context=ContextOpening(HEAD, made.context.randomness)),
            Refusal.UNKNOWN_CREDENTIAL,
        ),
        (signed(kit.election, replace(unsigned, previous=HEAD), [keys.devices["booth 1"]]), Refusal.STALE),
    ):
        answer = found(given)
        assert isinstance(answer, Refused) and answer.refusal is refusal
    blind = replace(unsigned, decision=BallotState.CHALLENGED, blind=HEAD)
    challenge = found(signed(kit.election, blind, [keys.devices["booth 1"]]))
    assert isinstance(challenge, ChallengeEntry) and challenge.blinded == blinded(NO_PSEUDONYM, HEAD)


def test_with_a_roll_no_device_signs() -> None:
    submission = ELECTORATE.submission(ALICE)
    assert refused(by(ALICE, replace(submission, device="booth 1"))) is Refusal.UNKNOWN_DEVICE


class Registry:
    """Signatures that a national register would check; here a signature repeats the key."""

    scheme = "e-id"

    def check_keys(self, keys: tuple[bytes, ...]) -> None:
        pass

    def verify(self, keys: tuple[bytes, ...], signatures: tuple[bytes, ...], **place: Any) -> None:
        if signatures != tuple(key * 2 for key in keys) or set(place) != {
            "tag",
            "election",
            "origin",
            "message",
        }:
            raise VerificationError("the register does not know this signature")


def test_other_identities_are_checked_by_the_verifier_of_their_scheme() -> None:
    submission = ELECTORATE.submission(ALICE)
    holding = ELECTORATE.credentials().find(ALICE.holder.pseudonym)
    assert holding is not None and holding.scheme == ED25519
    foreign = replace(holding, scheme="e-id")
    good = replace(submission, signatures=(holding.keys[0] * 2,))
    setting = Setting(ELECTION, "North", schemes(Registry()))

    def found(given: Submission, place: Setting) -> object:
        answer = check_submission(place, foreign, given, head=NO_PREVIOUS, decided=None)
        return answer.refusal if isinstance(answer, Refused) else type(answer)

    assert found(good, setting) is CastEntry
    assert found(submission, setting) is Refusal.WRONG_SIGNATURE
    assert found(good, ELECTORATE.setting("North")) is Refusal.UNKNOWN_CREDENTIAL
    assert list(ELECTORATE.setting("North").schemes) == list(BUILT_IN)


def test_a_setting_needs_a_board_and_a_reporting_unit() -> None:
    with pytest.raises(ValueError, match="no board"):
        Setting(Kit(seed="no board").election, "North")
    with pytest.raises(ValueError, match="no reporting unit"):
        Setting(ELECTION, "East")


def test_the_texts_of_refusals_are_stable() -> None:
    assert [refusal.value for refusal in Refusal] == [
        "wrong-unit",
        "wrong-style",
        "unknown-credential",
        "revoked-credential",
        "unknown-device",
        "wrong-context",
        "wrong-form",
        "wrong-signature",
        "duplicate-id",
        "stale",
    ]


def test_a_key_that_passes_no_strict_check_signs_nothing() -> None:
    holding = ELECTORATE.credentials().find(ALICE.holder.pseudonym)
    assert holding is not None
    weak = (bytes([1]) + bytes(31),)
    name = pseudonym(ELECTORATE.manifest.salt, weak)
    submission = ELECTORATE.unsigned(ALICE, pseudonym=name)
    forged = replace(submission, signatures=(bytes([1]) + bytes(63),))
    answer = check_submission(
        ELECTORATE.setting("North"), replace(holding, keys=weak), forged, head=NO_PREVIOUS, decided=None
    )
    assert isinstance(answer, Refused) and answer.refusal is Refusal.WRONG_SIGNATURE
