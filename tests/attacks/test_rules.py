"""Attacks that the security rules answer beyond the text of 2.1, carried out and stopped (A50 to A70)."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots.hashes import context_identifier
from evote.ballots.values import BallotState, SubmittedBallot
from evote.board.codes import WHOLE, Code
from evote.decryption import DecryptionRequest
from evote.errors import DecodeError, RefusedError
from evote.groups import named
from evote.manifest import Manifest
from evote.manifest.model import ManifestError
from evote.proofs.weights import DerivedWeights
from evote.record import RecordReader
from evote.report import Verdict
from evote.signing import SigningKey
from evote.storage.box import BallotBox
from evote.tally import Tallier, Tally
from evote.testing.boards import BoardKeys
from evote.testing.elections import SMALL, Kit
from evote.testing.electorate import Electorate
from evote.testing.forge import Cheat
from evote.testing.randomness import SeededRandomness
from evote.verifier.verify import _verify
from tests.attacks.kit import assert_record_fails, failing, kit, vote, with_contest
from tests.ballots import test_encrypt as encryption
from tests.ballots import test_examine as examined
from tests.board import test_counting as counting
from tests.board import test_receipt as promises
from tests.board import test_receipt_check as receipts
from tests.board import test_receipt_client as devices
from tests.board import test_reissue as reissues
from tests.board import test_rules as rules
from tests.bulk import test_tally as bulk
from tests.ceremony import test_secrecy as ceremonies
from tests.decryption import test_guardian as rounds
from tests.decryption import test_request as requests
from tests.decryption import test_withheld as withheld
from tests.groups import test_curve as curves
from tests.guardian import test_closed as closed
from tests.guardian import test_ledger as ledgers
from tests.guardian import test_session as sessions
from tests.guardian.places import place
from tests.proofs import test_batch_attacks as batches
from tests.proofs.batching import METHODS
from tests.returns import test_mixed_election as offices
from tests.storage import test_box as boxes
from tests.storage import test_box_faults as faults
from tests.storage import test_box_rules as intake
from tests.storage.box_kit import Place
from tests.tally import test_partial as parts
from tests.tally import test_tally as tallies
from tests.verifier import alone
from tests.verifier import test_copies as copies
from tests.verifier import test_resume as growing


@functools.cache
def town() -> Electorate:
    """Voters with codes in two units."""
    return Electorate()


@contextmanager
def _north(folder: Path) -> Iterator[BallotBox]:
    folder.mkdir()
    with intake.opened(town(), folder) as box:
        yield box


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _box(folder: Path, name: str) -> Place:
    return Place(folder / f"{name}.box", folder / f"{name} anchor")


# --- decryption --------------------------------------------------------------------------------------


def test_A50_a_total_without_its_ballots_is_never_decrypted(tmp_path: Path) -> None:
    """An office sends one victim's ciphertext, raised to a power or not, as the total of its unit."""
    closed.test_a_single_ciphertext_in_the_place_of_a_sum_is_refused(tmp_path)
    made = kit()
    head = made.head([])
    with pytest.raises(TypeError, match="Tallier"):
        Tally(object(), made.election, head, (), {})
    with pytest.raises(TypeError, match="verified record"):
        DecryptionRequest(object(), Tally.empty(made.election, head), (1, 2), 1, None, (), ())  # type: ignore[arg-type]
    offices.test_no_ballot_of_a_unit_that_counts_paper_is_encrypted()


def test_A51_the_difference_of_two_results_is_not_to_be_had(tmp_path: Path) -> None:
    """The office asks for n ballots and then for n + 1, or for a unit and then for its correction."""
    ledgers.test_one_more_ballot_is_not_decrypted_after_n(_made(tmp_path / "more"))
    ledgers.test_a_second_version_of_a_unit_is_not_decrypted(_made(tmp_path / "again"))
    ledgers.test_a_guardian_refuses_the_longer_record_through_its_machine(_made(tmp_path / "machine"))


def test_A52_a_one_time_secret_answers_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two answers from one nonce give the share away: by asking twice, or by restoring an old copy."""
    rounds.test_each_state_answers_once()
    rounds.test_reusing_a_nonce_would_give_the_share_away()
    for number, test in enumerate(
        (
            sessions.test_a_restored_copy_does_not_answer_a_session_that_it_answered,
            sessions.test_a_copy_restored_from_before_the_opening_opens_nothing,
            sessions.test_the_same_session_in_another_folder_gets_the_same_bytes_or_nothing,
        )
    ):
        test(place(_made(tmp_path / str(number) / "exchange").parent))
    root = _made(tmp_path / "last" / "exchange").parent
    sessions.test_the_secret_is_gone_from_the_disk_before_the_answer_is_there(place(root), monkeypatch)


def test_A53_a_nonce_filed_as_contest_data_is_not_opened(tmp_path: Path) -> None:
    """The victim's sealed ballot nonce becomes the copyist's contest data, which guardians would open."""
    examined.test_e5_alone_for_a_nonce_ciphertext_filed_as_contest_data(kit())
    copies.test_a_copy_is_found_by_its_proof_and_by_its_ciphertext(
        copies._nonce_as_contest_data, tmp_path / "copy"
    )
    assert_record_fails("the_encrypted_nonce_of_another_ballot", tmp_path)


def test_A46_bare_ciphertexts_and_records_that_do_not_verify_are_not_decrypted(tmp_path: Path) -> None:
    """A guardian's program is given a record with a false ballot in it, or one that is still open."""
    closed.test_a_ballot_that_does_not_verify_stops_everything(_made(tmp_path / "bad"))
    closed.test_a_record_that_is_not_closed_is_refused(_made(tmp_path / "open"))


def test_A70_a_unique_large_weight_is_not_read_off_the_total() -> None:
    """One voter alone has weight 1000: the thousands of the total are that voter's ballot."""
    withheld.test_a_unique_large_weight_is_withheld_and_named()


# --- tallies -----------------------------------------------------------------------------------------


def test_A54_what_counts_is_fixed_by_the_roll_and_the_closing_head(tmp_path: Path) -> None:
    """Parts that overlap, or of two heads, are merged; a ballot counts twice, or another set is stated."""
    tallies.test_tallies_of_other_heads_and_elections_are_not_merged()
    for borders in (((0, 2), (0, 2)), ((0, 3), (2, 4))):
        parts.test_a_part_that_is_not_the_next_one_is_refused(borders)
    with pytest.raises(RefusedError, match="both tallies"):
        tallies.part(0, 3).merge(tallies.part(2, 5))
    for name in (
        "another digest of the counted set",
        "a counted set of another size",
        "one new key that was given to slots of two units",
    ):
        assert_record_fails(name, tmp_path)


# --- ballots -----------------------------------------------------------------------------------------


def test_A57_a_ballot_is_cast_or_challenged_and_never_both(tmp_path: Path) -> None:
    """A device sees its ballot challenged and casts it all the same, or opens one that was cast."""
    rules.test_another_ballot_or_decision_under_a_decided_identifier_is_a_duplicate()
    for challenge_first in (False, True):
        boxes.test_the_first_decision_stands_for_ever(_box(tmp_path, f"{challenge_first}"), challenge_first)
    rules.test_a_cast_ballot_is_not_turned_into_a_challenge_nor_back()
    encryption.test_a_ballot_is_decided_once(kit())
    assert_record_fails("a challenge on two logs", tmp_path)
    assert_record_fails("a cast ballot that is opened", tmp_path)


def test_A58_an_identifier_is_not_reserved_by_somebody_else(tmp_path: Path) -> None:
    """A squatter sends the victim's identifier first: without a signature, with another one, or stale."""
    with _north(tmp_path / "north") as box:
        intake.test_A58_nobody_reserves_an_identifier_without_a_credential(town(), box)
    boxes.test_what_the_rules_refuse_reserves_nothing(_box(tmp_path, "refused"))
    boxes.test_a_stale_ballot_reserves_nothing_and_may_come_again(_box(tmp_path, "stale"))
    boxes.test_another_ballot_under_an_identifier_is_a_duplicate(_box(tmp_path, "other"))


def test_A59_nothing_links_an_opened_vote_to_its_voter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads the log and the openings of challenged ballots, and asks for data of named ones."""
    boxes.test_a_challenge_entry_hides_the_pseudonym(_box(tmp_path, "challenge"))
    encryption.test_a_challenged_ballot_does_not_open_its_context_and_is_never_counted(kit())
    requests.test_contest_data_of_pseudonymous_ballots_is_never_decrypted(monkeypatch)
    keys = BoardKeys.drawn("linked", ["North", "South"])
    salt = bytes(range(32))
    draft = {
        **SMALL,
        "decrypt_contest_data": True,
        "board": keys.board(salt),
        "roll": keys.roll(salt, slots=1, root=bytes(32)),
    }
    authority = SigningKey.generate(SeededRandomness("linked"))
    with pytest.raises(ManifestError, match="contest data"):
        Manifest.build(draft, salt=salt, authority_key=authority.verify_key.encoded)
    opened = vote(challenge=True)
    with pytest.raises(ValueError, match="context"):
        SubmittedBallot(BallotState.CHALLENGED, opened.ballot, vote().context)


def test_A61_the_contest_limit_is_proven_for_every_range() -> None:
    """Where an option may have two votes, a limit equal to the number of options still says something."""
    council = kit().manifest.contest_by_label("Council")
    assert max(option.limit for option in council.options) == 2 and council.limit == 2
    values = [1 if option.limit == 1 and option.in_limit else 0 for option in council.options]
    values[[option.limit for option in council.options].index(2)] = 2
    assert failing(vote(Cheat(values={"Council": values}))) == {"7.D"}
    stripped = with_contest(vote(), lambda contest: replace(contest, limit_proof=()))
    assert failing(stripped) == {"E.2"}
    # As many votes as options, and one vote per option: the limit is written and proven all the same.
    draft = {**SMALL, "contests": [{"label": "Approval", "limit": 2, "options": ["a", "b"]}]}
    made = Kit(draft, seed="approval")
    submitted = made.vote("North", {"Approval": {"a": 1, "b": 1}})
    assert len(submitted.ballot.contests[0].limit_proof) == 3


def test_A62_secret_exponents_meet_no_table_and_no_choice_is_told_by_its_cost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A neighbour on the machine watches caches: tables, and the number of operations per choice."""
    rounds.test_powers_with_secrets_are_constant_time_ones()
    ceremonies.test_no_secret_exponent_takes_the_road_of_public_ones()
    encryption.test_every_choice_costs_the_same_operations(kit(), monkeypatch)


def test_A63_identifiers_and_nonces_come_from_inside(tmp_path: Path) -> None:
    """The front end chooses the randomness, or gets the same twice."""
    encryption.test_identifiers_and_nonces_cannot_be_set_from_outside(kit())
    encryption.test_one_bad_draw_of_randomness_does_not_repeat_the_ballot_nonce(kit())
    assert_record_fails("one nonce for two sealed ballot nonces", tmp_path)
    election = bytes(32)
    names = {context_identifier(election, "u", "s", None, bytes((number,)) * 32) for number in range(4)}
    assert len(names) == 4


# --- board -------------------------------------------------------------------------------------------


def test_A55_a_credential_that_is_issued_again_adds_no_vote() -> None:
    """The authority gives a second credential to a friend; an old one votes on; a code is guessed."""
    reissues.test_after_a_reissue_the_new_credential_votes_for_the_slot_and_the_old_one_is_revoked()
    counting.test_after_a_reissue_the_new_credential_replaces_what_the_old_one_voted()
    counting.test_a_credential_that_was_replaced_never_counts_again()
    reissues.test_the_same_reissue_does_not_take_force_twice_and_old_keys_do_not_come_back()
    reissues.test_one_authority_alone_cannot_replace_a_credential_of_two_parts()
    code = Code.drawn(WHOLE, SeededRandomness("code"))
    assert 8 * len(code.bits.reveal()) >= 112, "entropy before stretching"
    first, second = (code.key(bytes((salt,)) * 32, 1).verify_key for salt in (1, 2))
    assert first.encoded != second.encoded, "keys are per election"


def test_A56_a_ballot_that_was_held_back_does_not_become_the_last_one(tmp_path: Path) -> None:
    """The network keeps a ballot and delivers it after the voter's next one; the length tells a revote."""
    rules.test_a37_a_ballot_that_follows_another_than_the_head_is_stale_and_may_be_signed_again()
    boxes.test_a_stale_ballot_reserves_nothing_and_may_come_again(_box(tmp_path, "late"))
    promises.test_a56_promises_have_one_length_for_every_vote_and_revote_of_a_style()
    assert_record_fails("a ballot that does not follow the last one", tmp_path)
    # 'previous' is signed: nobody on the way makes the held ballot follow another one.
    made = rules.ELECTORATE.submission(rules.ALICE)
    moved = replace(made, previous=rules.HEAD)
    assert rules.refused(moved, head=rules.HEAD) is rules.Refusal.WRONG_SIGNATURE


def test_A64_a_ballot_on_the_log_is_not_said_to_count() -> None:
    """A voter whose ballot was rejected or superseded is shown a proof of inclusion as if all were well."""
    receipts.test_a64_a_proof_alone_shows_that_the_ballot_is_logged_and_not_that_it_counts()
    for made, expected in (
        (receipts.A, receipts.ReceiptVerdict.SUPERSEDED),
        (receipts.B, receipts.ReceiptVerdict.REJECTED),
        (receipts.C, receipts.ReceiptVerdict.CHALLENGED),
    ):
        receipts.test_with_the_closed_log_a_receipt_says_what_became_of_the_ballot(made, expected, True)
    receipts.test_a_closed_log_without_the_ballot_is_shown_by_all_its_leaves()


def test_A65_a_head_of_a_unit_counts_where_the_witnessed_log_has_it(tmp_path: Path) -> None:
    """The unit signs one head for the voter and publishes another; its heads do not continue each other."""
    receipts.test_a65_a_signed_head_of_the_unit_alone_is_never_a_proof()
    for name in ("a head whose proof does not hold", "a head that continues another", "too few witnesses"):
        assert_record_fails(name, tmp_path)


def test_A66_a_box_does_not_give_itself_more_time(tmp_path: Path) -> None:
    """A promise for the day after; a clock that is ahead; a box that signs on after a backup."""
    late, due = devices.VOTED_AT, devices.VOTED_AT + devices.DELAY
    devices.test_a66_a_deadline_later_than_the_manifest_allows_is_refused(late, due + 1, False)
    devices.test_a66_a_box_whose_clock_is_ahead_wins_no_time()
    receipts.test_a66_a_promise_for_later_than_the_manifest_allows_is_broken_at_once(late, due + 1)
    receipts.test_a66_without_a_clock_the_witnesses_say_what_time_it_is()
    receipts.test_a66_fewer_witnesses_than_a_quorum_do_not_move_the_time()
    faults.test_a_box_restored_from_an_older_copy_refuses_to_sign(_box(tmp_path, "restored"), tmp_path)


# --- record and verifier -----------------------------------------------------------------------------


def test_A60_what_the_manifest_declares_cannot_be_stripped(tmp_path: Path) -> None:
    """Index, roll, logs, checkpoints or round 0 are taken away; or the whole record is another election."""
    for name in (
        "no index, although the manifest declares one",
        "a declared roll that was stripped",
        "declared logs that were stripped",
        "declared checkpoints that were stripped",
        "round_0_declared_and_stripped",
    ):
        assert_record_fails(name, tmp_path)
    made = alone.ceremony("small")
    directory = made.write(alone.honest(made), tmp_path / "made up")
    reader = RecordReader(directory, {made.group.name: made.group})
    assert _verify(reader, expect=made.election.fingerprint).verdict is Verdict.PASS
    assert _verify(reader, expect=kit().election.fingerprint).failed == ("E.19",)


@pytest.mark.parametrize("method", METHODS)
def test_A67_weights_that_anybody_computes_change_with_every_byte(method: batches.Method) -> None:
    """The prover computes the weights before choosing its hints; or tries until short ones fit."""
    batches.test_weights_from_a_seed_over_everything_change_with_what_the_attacker_changes(256, method)
    for bits in (64, 128, 160):
        with pytest.raises(ValueError, match="192 or 256"):
            DerivedWeights(bytes(32), bits)
    batches.test_weights_that_are_drawn_before_the_values_are_fixed_would_be_known(method)


def test_A68_a_worker_or_a_kept_state_is_not_believed(tmp_path: Path) -> None:
    """A worker sends a ballot as verified, or an answer for others; a kept state hides a repeated ballot."""
    encryption.test_verified_ballots_come_out_of_verification_only(kit())
    bulk.test_nothing_verified_is_sent(_made(tmp_path / "sent"))
    lies = (bulk.other_range, lambda answer: answer.partial, lambda answer: None)
    for number, change in enumerate(lies):
        bulk.test_a_worker_that_answers_for_other_ballots_ends_the_run(_made(tmp_path / f"{number}"), change)
    growing.test_a_new_ballot_that_repeats_an_old_one_is_found(_made(tmp_path / "since"))
    with pytest.raises(TypeError, match="verified"):
        Tallier(kit().election).add(vote())  # type: ignore[arg-type]


# --- curves ------------------------------------------------------------------------------------------


def test_A69_equal_opposite_and_infinite_points_do_not_spoil_a_batch() -> None:
    """A hint holds P beside P or -P, which would zero the inversion that all share; or infinity."""
    for left in (-1, 0, 1):
        for right in (-1, 0, 1):
            curves.test_sums_are_right_for_equal_opposite_and_infinite_points(left, right)
    curves.test_many_points_are_made_affine_at_once_with_infinity_among_them()
    for factors in ([1, 1, 1, 1], [1, -1, 1, -1], [0, 0, 1]):
        curves.test_combinations_hold_where_values_meet_in_a_bucket(factors, "equal")
    curves.test_the_tag_separates_profiles()
    p256 = named("p256")
    assert p256.decode(p256.identity.encode()) == p256.identity
    for data in (bytes(33), b"\x00" * 32 + b"\x01", b"\xff" * 32, b"\x00"):
        with pytest.raises(DecodeError):
            p256.decode(data)
