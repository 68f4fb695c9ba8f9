"""The ballot box admits once, gives one receipt, decides once; on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from evote.ballots import Election, Examination, SubmittedBallot
from evote.ballots.batch import examine_chunk
from evote.ballots.hints import BallotHint
from evote.board.checkpoint import open_checkpoint
from evote.board.entries import (
    TYPES,
    CastEntry,
    ChallengeEntry,
    ClosingEntry,
    CountsEntry,
    EntryKind,
    ReissueEntry,
    VerdictEntry,
    leaf_data,
)
from evote.board.note import KeyKind, NoteKey
from evote.board.submission import NO_PREVIOUS
from evote.codec import decode, encode
from evote.errors import RefusedError, StorageError
from evote.merkle import Tree, leaf_hash, verify_consistency, verify_inclusion
from evote.storage.box import BallotBox
from evote.storage.box_intake import examine_each
from evote.storage.box_refusals import SubmissionRefusedError
from tests.storage.box_kit import (
    CLOSED_AT,
    OPENED_AT,
    Place,
    Rules,
    check_receipt,
    election,
    hash_of,
    log_key,
    minted,
    raw,
    setting,
    submission,
    voter,
)


def refusal(box: BallotBox, made: object, *, challenge: bool = False) -> SubmissionRefusedError:
    data = made if isinstance(made, bytes) else encode(made)
    with pytest.raises(SubmissionRefusedError) as caught:
        (box.challenge if challenge else box.admit)(data)
    return caught.value


def kinds(box: BallotBox) -> list[str]:
    return [entry.kind.value for entry in box.entries() if entry.kind is not EntryKind.COUNTS]


def entries(box: BallotBox) -> list[object]:
    return [decode(TYPES[entry.kind], entry.body, element_bytes=0) for entry in box.entries()]


# --- admission -------------------------------------------------------------------------------------


def test_a_cast_ballot_gets_a_receipt_that_names_its_leaf(place: Place) -> None:
    made = submission(3)
    with place.box() as box:
        receipt = box.admit(raw(made))
        check_receipt(receipt, made)
        assert kinds(box) == ["cast", "verdict"]
        (cast, *_) = [each for each in box.entries() if each.kind is EntryKind.CAST]
        assert cast.leaf == receipt.admission.leaf
        assert receipt.admission.time == "2026-06-30T19:00:00Z"
        assert receipt.admission.deadline == "2026-06-30T19:10:00Z"


def test_the_same_ballot_again_gets_the_same_receipt_byte_for_byte(place: Place) -> None:
    made = submission(3)
    with place.box() as box:
        first = encode(box.admit(raw(made)))
        place.clock.now += 100
        assert encode(box.admit(raw(made))) == first
    place.clock.now += 100
    with place.box(make=False) as box:
        assert encode(box.admit(raw(made))) == first
        assert box.status().cast == 1


def test_signatures_and_previous_do_not_make_another_ballot_of_it(place: Place) -> None:
    made = submission(3)
    with place.box() as box:
        first = box.admit(raw(made))
        signed_again = replace(made, previous=hash_of(made), signatures=(bytes(63) + b"\x01",))
        assert box.admit(raw(signed_again)) == first
        assert box.status().cast == 1


def test_all_receipts_of_a_style_have_one_length(place: Place) -> None:
    first = submission(3)
    revote = submission(3, choice="Grace", previous=hash_of(first))
    with place.box() as box:
        sizes = {len(encode(box.admit(raw(each)))) for each in (first, revote, submission(4, choice="blank"))}
        sizes.add(len(encode(box.challenge(raw(submission(5, challenge=True))))))
    assert len(sizes) == 1


def test_another_ballot_under_an_identifier_is_a_duplicate(place: Place) -> None:
    made = minted(1)
    other = replace(made, ballot=replace(minted(2).ballot, identifier=made.ballot.identifier))
    with place.box(examiner=None) as box:
        box.admit(raw(made))
        assert refusal(box, other).name == "duplicate-id"
        assert kinds(box) == ["cast"]


@pytest.mark.parametrize("challenge_first", [False, True])
def test_the_first_decision_stands_for_ever(place: Place, challenge_first: bool) -> None:
    cast = submission(3)
    challenged = replace(cast, decision=type(cast.decision).CHALLENGED, blind=bytes(32))
    first, second = (challenged, cast) if challenge_first else (cast, challenged)
    with place.box() as box:
        receipt = (box.challenge if challenge_first else box.admit)(raw(first))
        check_receipt(receipt, first)
        assert refusal(box, second, challenge=not challenge_first).name == "duplicate-id"
    with place.box(make=False) as box:
        assert refusal(box, second, challenge=not challenge_first).name == "duplicate-id"
        assert kinds(box)[0] == ("challenge" if challenge_first else "cast")
        assert box.status().cast + box.status().challenged == 1


def test_a_challenge_entry_hides_the_pseudonym(place: Place) -> None:
    made = submission(3, challenge=True)
    with place.box() as box:
        check_receipt(box.challenge(raw(made)), made)
        stored = [each for each in box.entries() if each.kind is EntryKind.CHALLENGE]
        assert voter(3) not in stored[0].body
        (ballot,) = box.ballots()
        assert ballot.challenged and voter(3) not in ballot.frame
        assert made.context.randomness not in ballot.frame


def test_a_revote_follows_the_last_admitted_ballot(place: Place) -> None:
    first = submission(3)
    with place.box() as box:
        assert box.slot_head(3) == NO_PREVIOUS
        box.admit(raw(first))
        assert box.slot_head(3) == hash_of(first)
        second = submission(3, previous=hash_of(first))
        box.admit(raw(second))
        assert box.slot_head(3) == hash_of(second)


def test_a_stale_ballot_reserves_nothing_and_may_come_again(place: Place) -> None:
    first, second = submission(3), submission(3)
    with place.box() as box:
        box.admit(raw(first))
        stale = refusal(box, second)
        assert (stale.name, stale.head) == ("stale", hash_of(first))
        receipt = box.admit(raw(replace(second, previous=hash_of(first))))
        check_receipt(receipt, replace(second, previous=hash_of(first)))


def test_an_old_ballot_cannot_be_replayed_over_a_newer_one(place: Place) -> None:
    first = submission(3)
    second = submission(3, previous=hash_of(first))
    with place.box() as box:
        receipts = [box.admit(raw(first)), box.admit(raw(second))]
        assert box.admit(raw(first)) == receipts[0]
        assert box.slot_head(3) == hash_of(second)
        assert box.status().cast == 2


def test_the_head_of_a_slot_is_the_last_admitted_ballot_even_if_it_is_rejected(place: Place) -> None:
    first = minted(1, slot=3)
    with place.box() as box:
        box.admit(raw(first))
        found = [each for each in entries(box) if isinstance(each, VerdictEntry)]
        assert [each.accepted for each in found] == [False]
        assert refusal(box, submission(3)).name == "stale"
        box.admit(raw(submission(3, previous=hash_of(first))))


def test_A5_a_copied_ciphertext_is_refused_and_reserves_nothing(place: Place) -> None:
    victim, thief = minted(1), minted(2)
    stolen = victim.ballot.contests[0].selections[1].alpha
    contest = thief.ballot.contests[0]
    changed = (replace(contest.selections[0], alpha=stolen), *contest.selections[1:])
    copy = replace(thief, ballot=replace(thief.ballot, contests=(replace(contest, selections=changed),)))
    with place.box(examiner=None) as box:
        box.admit(raw(victim))
        assert refusal(box, copy).name == "repeated-ciphertext"
        box.admit(raw(thief))
    with place.box(make=False, examiner=None) as box:
        nonce = replace(minted(3).ballot, nonce=victim.ballot.nonce)
        assert refusal(box, replace(minted(3), ballot=nonce)).name == "repeated-ciphertext"


def test_A5_a_ciphertext_is_not_copied_within_one_transaction(place: Place) -> None:
    one = submission(3)
    copied = replace(submission(4), ballot=replace(one.ballot, identifier=bytes(32)))
    with place.box(examiner=None) as box:
        group = [
            box._intake.check(box._intake.receive(raw(made), made.decision), place.clock.now, None)
            for made in (one, copied, one)
        ]
        first, refused, again = box._admit_group(group)
        assert isinstance(refused, SubmissionRefusedError) and refused.name == "repeated-ciphertext"
        assert first == again and kinds(box) == ["cast"]


def test_a_challenge_leaves_no_slot_in_the_box(place: Place) -> None:
    with place.box() as box:
        box.challenge(raw(submission(3, challenge=True)))
        box.admit(raw(submission(4)))
        assert [(each.challenged, each.slot) for each in box.ballots()] == [(True, None), (False, 4)]


def test_A5_a_ciphertext_that_stands_twice_on_one_ballot_is_refused(place: Place) -> None:
    made = minted(1)
    contest = made.ballot.contests[0]
    first, second, *others = contest.selections
    twice = (first, replace(second, alpha=first.alpha), *others)
    with place.box(examiner=None) as box:
        changed = replace(made.ballot, contests=(replace(contest, selections=twice),))
        assert refusal(box, replace(made, ballot=changed)).name == "repeated-ciphertext"


def test_what_the_rules_refuse_reserves_nothing(place: Place) -> None:
    rules = Rules(refuse="wrong-signature")
    with place.box(checker=rules) as box:
        made = submission(3)
        assert refusal(box, made).name == "wrong-signature"
        rules.refuse = None
        check_receipt(box.admit(raw(made)), made)


def test_an_admitted_ballot_keeps_its_receipt_when_its_credential_is_gone(place: Place) -> None:
    rules, made = Rules(), submission(3)
    with place.box(checker=rules) as box:
        first = box.admit(raw(made))
    rules.refuse = "revoked-credential"
    with place.box(checker=rules, make=False) as box:
        assert box.admit(raw(made)) == first


def test_bytes_beyond_the_limit_are_refused_unread(place: Place) -> None:
    with place.box() as box:
        assert refusal(box, bytes(setting().largest_submission + 1)).name == "too-large"
        assert refusal(box, bytes(setting().largest_submission)).name == "malformed"


@pytest.mark.parametrize("cut", [0, 1, 100])
def test_bytes_that_are_no_submission_are_malformed(place: Place, cut: int) -> None:
    data = raw(minted(1))
    with place.box() as box:
        assert refusal(box, data[:cut]).name == "malformed"
        assert refusal(box, data + b"\x00").name == "malformed"
        assert refusal(box, data, challenge=True).name == "malformed"


def test_a_full_queue_refuses_before_reading(place: Place) -> None:
    with place.box(queue=0) as box:
        assert refusal(box, b"anything").name == "queue-full"


# --- verdicts --------------------------------------------------------------------------------------


def test_verdicts_can_come_after_admission(place: Place) -> None:
    good, bad = submission(3), minted(1)
    with place.box(examiner=None) as box:
        box.admit(raw(good))
        box.admit(raw(bad))
        assert kinds(box) == ["cast", "cast"] and box.status().pending == 2
        first, second = box.verify_pending()
        assert (first.ballot, first.accepted, first.check) == (hash_of(good), True, "")
        assert (second.ballot, second.accepted) == (hash_of(bad), False)
        assert second.check and second.reason
        assert box.verify_pending() == () and box.status().pending == 0
        assert kinds(box) == ["cast", "cast", "verdict", "verdict"]


def test_a_challenged_ballot_gets_a_verdict_too(place: Place) -> None:
    with place.box() as box:
        box.challenge(raw(submission(3, challenge=True)))
        assert kinds(box) == ["challenge", "verdict"]


def test_a_batch_that_an_examiner_mixes_up_is_not_logged(place: Place) -> None:
    with place.box(examiner=None) as box:
        box.admit(raw(submission(3)))
        box.admit(raw(submission(4)))
        with pytest.raises(ValueError, match="order"):
            box.verify_pending(lambda *asked: examine_each(*asked)[::-1])
        with pytest.raises(ValueError, match="one examination"):
            box.verify_pending(lambda *asked: examine_each(*asked)[:1])
        assert box.status().pending == 2 and kinds(box) == ["cast", "cast"]


@pytest.mark.parametrize("batch", [1, 3, 12])
def test_hints_travel_with_the_ballots_and_batches_use_them(place: Place, batch: int) -> None:
    seen: list[int] = []

    def counting(
        election: Election, ballots: Sequence[SubmittedBallot], hints: Sequence[BallotHint | None]
    ) -> Sequence[Examination]:
        chunk = examine_chunk(election, ballots, hints)
        seen.append(sum(hint is not None for hint in hints))
        assert not chunk.warnings
        return chunk.examinations

    with place.box(examiner=None) as box:
        for slot in range(1, 13):
            box.admit(raw(submission(slot, hinted=slot % 4 != 0)))
        while box.verify_pending(counting, batch):
            pass
        assert kinds(box) == ["cast"] * 12 + ["verdict"] * 12
        stored = list(box.ballots())
    assert sum(seen) == 9
    assert [ballot.hint is None for ballot in stored] == [slot % 4 == 0 for slot in range(1, 13)]


@pytest.mark.parametrize("hint", [b"", b"\x00", b"no hint at all", bytes(32 + 5 * 32), b"\xff" * 96])
@pytest.mark.parametrize("later", [False, True])
def test_a_wrong_hint_changes_no_verdict(place: Place, hint: bytes, later: bool) -> None:
    made = replace(submission(3), hint=hint)
    with place.box(examiner=None if later else examine_each) as box:
        receipt = box.admit(raw(made))
        if later:
            box.verify_pending()
        assert kinds(box) == ["cast", "verdict"]
        found = [each for each in entries(box) if isinstance(each, VerdictEntry)]
        assert [each.accepted for each in found] == [True]
        assert box.admit(raw(replace(made, hint=None))) == receipt


# --- heads, log ------------------------------------------------------------------------------------


def test_heads_cover_everything_and_extend_each_other(place: Place) -> None:
    note_key = NoteKey(setting().origin, KeyKind.ED25519, log_key().verify_key)
    with place.box(examiner=None) as box:
        receipts, heads = [], []
        for number in range(5):
            receipts.append(box.admit(raw(minted(number))))
            heads.append(open_checkpoint(box.head(), note_key))
        assert box.head() == box.heads()[-1]
        tree = box.tree()
        leaves = [each.leaf for each in box.entries()]
    for old, new in pairwise(heads):
        path = tree.consistency(old.size, new.size)
        verify_consistency(old.size, new.size, path, old_root=old.root, new_root=new.root)
    for receipt in receipts:
        index, last = leaves.index(receipt.admission.leaf), heads[-1]
        path = tree.inclusion(index, last.size)
        verify_inclusion(leaf_hash(receipt.admission.leaf), index, last.size, path, last.root)


def test_every_leaf_is_that_of_its_entry(place: Place) -> None:
    with place.box() as box:
        box.admit(raw(submission(3)))
        refusal(box, b"")
        place.clock.now += 60
        box.end_voting()
        box.end_log()
        for stored in box.entries():
            entry = decode(TYPES[stored.kind], stored.body, element_bytes=0)
            assert stored.leaf == leaf_data(election().extended_hash, setting().origin, "North", entry)


# --- closing ---------------------------------------------------------------------------------------


def test_after_the_first_closing_entry_only_verdicts_enter(place: Place) -> None:
    made = submission(3)
    with place.box(examiner=None) as box:
        receipt = box.admit(raw(made))
        assert box.end_voting() == ClosingEntry(1, "2026-06-30T19:00:00Z")
        assert refusal(box, submission(4)).name == "closed"
        assert refusal(box, submission(4, challenge=True), challenge=True).name == "closed"
        assert box.admit(raw(made)) == receipt
        with pytest.raises(RefusedError, match="1 ballots wait"):
            box.end_log()
        place.clock.now += 600
        box.tick()
        box.verify_pending()
        assert box.end_log() == ClosingEntry(2, "2026-06-30T19:10:00Z")
        place.clock.now += 600
        box.tick()
        tail = [each.kind.value for each in box.entries()][-3:]
        assert tail == ["closing", "verdict", "closing"]


def test_closing_again_gives_the_same_entry(place: Place) -> None:
    with place.box() as box:
        with pytest.raises(RefusedError, match="has not ended"):
            box.end_log()
        first = box.end_voting()
        place.clock.now += 60
        assert box.end_voting() == first
        second = box.end_log()
        place.clock.now += 60
        assert (box.end_voting(), box.end_log()) == (first, second)
        size = box.status().size
    with place.box(make=False) as box:
        assert box.end_log() == second and box.status().size == size


def test_no_ballot_is_taken_from_the_declared_end_on(place: Place) -> None:
    made = submission(3)
    with place.box() as box:
        place.clock.now = CLOSED_AT - 1
        receipt = box.admit(raw(made))
        assert receipt.admission.deadline == "2026-06-30T20:09:59Z"
        place.clock.now = CLOSED_AT
        assert refusal(box, submission(4)).name == "closed"
        assert box.admit(raw(made)) == receipt


# --- counts (R16) ----------------------------------------------------------------------------------


def test_refusals_are_counted_per_minute(place: Place) -> None:
    with place.box() as box:
        for _ in range(3):
            refusal(box, b"")
        refusal(box, bytes(10**6))
        place.clock.now += 60
        refusal(box, b"")
        place.clock.now += 60
        box.tick()
        minutes = [each for each in entries(box) if isinstance(each, CountsEntry)]
    found = {each.minute: {one.what: one.count for one in each.counts} for each in minutes}
    assert found["2026-06-30T19:00:00Z"] == {"malformed": 3, "starts": 1, "too-large": 1}
    assert found["2026-06-30T19:01:00Z"] == {"malformed": 1}


def test_minutes_in_the_log_rise_and_the_log_ends_last_when_the_clock_is_put_back(place: Place) -> None:
    with place.box() as box:
        refusal(box, b"")
        place.clock.now += 120
        box.tick()
        place.clock.now -= 3600
        refusal(box, b"")
        place.clock.now += 120
        box.tick()
        refusal(box, b"")
        first = box.end_voting()
        place.clock.now -= 3600
        assert box.end_log() == ClosingEntry(2, first.time)
        minutes = [each for each in entries(box) if isinstance(each, CountsEntry)]
    times = [each.minute for each in minutes]
    assert times == sorted(set(times)) and len(times) == 2
    counted = [one.count for each in minutes for one in each.counts if one.what == "malformed"]
    assert sum(counted) == 3


def test_an_attacker_cannot_fill_the_log(place: Place) -> None:
    with place.box() as box:
        for _ in range(200):
            refusal(box, b"")
            place.clock.now += 1
        box.end_voting()
        assert [each.kind.value for each in box.entries()].count("counts") <= 5


def test_time_without_service_is_logged(place: Place) -> None:
    with place.box() as box:
        box.admit(raw(minted(1)))
    place.clock.now += 125
    with place.box(make=False) as box:
        box.end_voting()
        counted = [one for each in entries(box) if isinstance(each, CountsEntry) for one in each.counts]
    assert sum(one.count for one in counted if one.what == "gap-seconds") == 125
    assert sum(one.count for one in counted if one.what == "starts") == 2


# --- re-issues -------------------------------------------------------------------------------------


def reissue(slot: int, reason: str = "lost") -> ReissueEntry:
    return ReissueEntry(slot, (voter(slot),), (bytes(32),), reason, (bytes(64),))


def test_a_replaced_credential_admits_nothing_more(place: Place) -> None:
    with place.box() as box:
        box.reissue(reissue(3))
        assert refusal(box, submission(3)).name == "revoked-credential"
        box.reissue(reissue(3))
        assert kinds(box) == ["reissue"]


def test_other_front_ends_learn_of_a_replaced_credential(place: Place) -> None:
    with place.box() as one, place.box() as other:
        one.admit(raw(submission(4)))
        other.reissue(reissue(3))
        assert refusal(one, submission(3)).name == "revoked-credential"
        check_receipt(one.admit(raw(made := submission(5))), made)


def test_a_forged_or_late_reissue_is_refused(place: Place) -> None:
    with place.box() as box:
        with pytest.raises(RefusedError, match="did not sign"):
            box.reissue(reissue(3, "forged"))
        box.end_voting()
        with pytest.raises(RefusedError, match="voting has ended"):
            box.reissue(reissue(3))
        assert kinds(box) == ["closing"]


# --- which box -------------------------------------------------------------------------------------


def test_a_box_that_is_not_there_is_not_made_by_accident(place: Place) -> None:
    with pytest.raises(StorageError, match="is not there"):
        place.box(make=False)


def test_two_front_ends_share_one_log(place: Place) -> None:
    with place.box(examiner=None) as one, place.box(examiner=None) as other:
        receipts = [box.admit(raw(minted(number))) for number in range(4) for box in (one, other)]
        assert receipts[0::2] == receipts[1::2]
        assert one.status().cast == 4
        assert one.tree().root() == other.tree().root()
        tree = Tree(leaf_hash(each.leaf) for each in one.entries())
        assert tree.root() == other.tree().root(tree.size)


def test_the_key_must_be_the_declared_one(place: Place) -> None:
    with pytest.raises(ValueError, match="declares"):
        BallotBox(place.location, setting("North"), log_key("South"), Rules(), make=True, anchor=place.anchor)


def test_cast_and_challenge_entries_are_what_the_rules_made(place: Place) -> None:
    with place.box() as box:
        box.admit(raw(submission(3)))
        box.challenge(raw(submission(4, challenge=True)))
        made = [each for each in entries(box) if isinstance(each, CastEntry | ChallengeEntry)]
    assert [type(each) for each in made] == [CastEntry, ChallengeEntry]
    assert OPENED_AT < CLOSED_AT
