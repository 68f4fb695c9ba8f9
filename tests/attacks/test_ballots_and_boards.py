"""Attacks on ballots, boards, receipts and tallies, each carried out and stopped (A5 to A47)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.board.receipt_client import accept_admission
from evote.codec import encode
from evote.errors import RefusedError, VerificationError
from evote.merkle import Tree, leaf_hash, node_hash, verify_consistency, verify_inclusion
from evote.tally import Tallier
from evote.testing.elections import Kit
from tests.attacks.kit import assert_record_fails, failing, kit, report_on, vote
from tests.board import test_counting as counting
from tests.board import test_receipt_check as receipts
from tests.board import test_receipt_client as devices
from tests.board import test_roll as rolls
from tests.board import test_rules as rules
from tests.board import test_splitview as views
from tests.board import test_witness as witnesses
from tests.decryption import test_request as requests
from tests.decryption import test_withheld as withheld
from tests.guardian import test_closed as guardians
from tests.storage import test_box as boxes
from tests.storage.box_kit import Place
from tests.verifier import alone
from tests.verifier import test_copies as copies


@pytest.mark.parametrize("copy", copies.COPIES)
def test_A05_a_copied_ballot_or_part_of_one_is_refused(copy: object, tmp_path: Path) -> None:
    """To learn a vote from the result, somebody files it again: exactly, in part, or encrypted once more."""
    copies.test_a_copy_is_found_by_its_proof_and_by_its_ciphertext(copy, tmp_path)  # type: ignore[arg-type]


def test_A05_a_box_admits_no_copy_in_the_first_place(tmp_path: Path) -> None:
    """The same at the ballot box: another credential, hashes of another identifier, a stolen ciphertext."""
    rules.test_a5_the_ballot_of_somebody_else_is_not_cast_under_another_credential()
    rules.test_a5_ciphertexts_under_an_identifier_of_ones_own_do_not_keep_their_hashes()
    rules.test_a5_the_same_ballot_is_not_admitted_twice()
    boxes.test_A5_a_copied_ciphertext_is_refused_and_reserves_nothing(_box(tmp_path, "one"))
    boxes.test_A5_a_ciphertext_is_not_copied_within_one_transaction(_box(tmp_path, "two"))


def _box(folder: Path, name: str) -> Place:
    return Place(folder / f"{name}.box", folder / f"{name} anchor")


def test_A06_two_voters_never_share_a_receipt(tmp_path: Path) -> None:
    """A clash: two voters get one receipt for one ballot, and the second ballot is free to be changed."""
    rules.test_a6_two_voters_have_two_entries_whatever_their_devices_draw()
    devices.test_a6_two_voters_with_one_ballot_have_two_leaves()
    assert_record_fails("two ballots with one identifier", tmp_path)
    assert_record_fails("a ballot twice on its log", tmp_path)


def test_A21_a_receipt_that_the_server_made_up_is_not_kept() -> None:
    """The server answers with the receipt of another ballot; the device compares it with its own bytes."""
    devices.test_a21_a_receipt_for_another_ballot_is_refused()
    # A server that also forges everything it may say about the own ballot still lacks the log's key.
    own = devices.A
    forged = replace(devices.answer(own), signature=bytes(64))
    with pytest.raises(VerificationError, match="not signed by the log"):
        accept_admission(devices.SETTING, own, forged, now=devices.VOTED_AT)


def test_A22_a_ballot_does_not_move_to_another_box_and_tiny_boxes_stay_closed(tmp_path: Path) -> None:
    """A ballot is filed where few vote, so that its vote can be told from the result of that box."""
    rules.test_a22_a_ballot_is_not_admitted_in_another_unit()
    rules.test_a22_a_credential_does_not_vote_in_another_unit()
    rules.test_a22_a_ballot_that_is_renamed_to_another_unit_does_not_keep_its_identifier()
    counting.test_a22_a_ballot_in_the_log_of_another_unit_or_on_another_style_does_not_count()
    devices.test_a22_a_receipt_of_another_units_log_is_refused()
    assert_record_fails("a ballot filed under another unit", tmp_path)
    for minimum, classes in ((3, ((1, 2),)), (5, ((1, 4),))):
        withheld.test_a_cell_needs_enough_ballots_of_every_weight(minimum, classes, False)


def test_A23_one_index_does_not_mean_two_things_to_two_voters() -> None:
    """Two voters see the options in another order under the same indices: the manifests differ."""
    names = ("Ada", "Grace")
    drafts = [
        {
            "label": "Twice",
            "test": True,
            "minimum_cell": 1,
            "contests": [{"label": "Mayor", "options": list(order)}],
            "units": ["North"],
        }
        for order in (names, names[::-1])
    ]
    one, other = (Kit(draft, seed="two manifests") for draft in drafts)
    assert one.election.extended_hash != other.election.extended_hash
    made = one.vote("North", {"Mayor": {"Ada": 1}})
    from evote.ballots.examine import examine

    found = {finding.check for finding in examine(other.election, made).findings}
    assert found >= {"5.B", "6.D", "8.A", "8.B", "E.1"}
    receipts.test_a23_a_receipt_of_another_election_with_the_same_keys_is_forged()
    devices.test_a23_a_receipt_of_another_election_is_refused()


def test_A26_a_log_that_drops_reorders_or_rewrites_entries_is_caught(tmp_path: Path) -> None:
    """The server changes what it showed before: of one size, in another order, or with an entry less."""
    receipts.test_a26_a_head_that_the_whole_log_does_not_lead_to_is_a_split_view()
    receipts.test_a26_a_reordered_log_is_a_split_view()
    witnesses.test_a_history_that_was_rewritten_is_not_cosigned()
    leaves = [leaf_hash(bytes((number,))) for number in range(8)]
    before = Tree(leaves[:5])
    for changed in (leaves[:4], [leaves[1], leaves[0], *leaves[2:]], [*leaves[:3], *leaves[4:]]):
        after = Tree([*changed, *leaves[5:]])
        with pytest.raises(VerificationError):
            verify_consistency(
                5, after.size, after.consistency(5, after.size), old_root=before.root(), new_root=after.root()
            )
    assert_record_fails("a closing checkpoint of fewer leaves", tmp_path)


def test_A27_two_heads_of_one_size_convict_the_log() -> None:
    """The server shows one history to the voter and another to the auditor."""
    receipts.test_a27_two_heads_of_one_size_are_a_split_view_of_a_unit_log()
    receipts.test_a27_two_heads_of_one_size_are_a_split_view_of_the_elections_log()
    views.test_two_heads_of_one_size_with_different_roots_are_evidence_for_anybody()
    witnesses.test_two_roots_of_one_size_are_evidence_whatever_the_request_says()


def test_A28_a_proof_of_a_wrong_shape_proves_nothing() -> None:
    """An empty path, one hash too many, a root in the place of a leaf, an inner node as a leaf, size zero."""
    leaves = [leaf_hash(bytes((number,))) for number in range(7)]
    tree = Tree(leaves)
    path, root = tree.inclusion(2, 7), tree.root()
    verify_inclusion(leaves[2], 2, 7, path, root)
    inner = node_hash(leaves[0], leaves[1])
    wrong = [
        (leaves[2], 2, 7, ()),
        (leaves[2], 2, 7, path[:-1]),
        (leaves[2], 2, 7, (*path, bytes(32))),
        (leaves[2], 2, 7, (path[0][:31], *path[1:])),
        (root, 0, 1, (bytes(32),)),
        (leaves[2], 2, 0, ()),
        (leaves[2], 9, 7, path),
        (root[:31], 0, 1, ()),
        (inner, 0, 7, tree.inclusion(0, 7)[1:]),
    ]
    for leaf, index, size, proof in wrong:
        with pytest.raises(VerificationError):
            verify_inclusion(leaf, index, size, proof, root)
    assert leaf_hash(leaves[0] + leaves[1]) != inner, "leaves and nodes are hashed apart"
    with pytest.raises(VerificationError):
        verify_consistency(0, 7, (), old_root=bytes(32), new_root=root)
    with pytest.raises(VerificationError):
        verify_consistency(7, 7, (), old_root=bytes(32), new_root=root)
    receipts.test_a28_a_root_is_not_taken_for_a_leaf()


def test_A29_a_copy_across_revotes_and_units_is_found_too(tmp_path: Path) -> None:
    """The server helps the copyist: the victim's superseded ballot lends its ciphertext to another unit."""
    assert_record_fails("a ciphertext that stands on a ballot aside too", tmp_path)
    assert_record_fails("an identifier that stands on a ballot aside too", tmp_path)
    made = alone.voted(alone.ceremony("small"))
    stolen = made.submitted[0].ballot.contests[0].selections[0]
    own = made.submitted[-2 if made.submitted[-2].state is made.submitted[0].state else -1]
    mayor, *others = own.ballot.contests
    selections = (replace(stolen, option=1), *mayor.selections[1:])
    ballot = made.forge.rehash(replace(own.ballot, contests=(replace(mayor, selections=selections), *others)))
    place = made.submitted.index(own)
    made.submitted[place] = replace(own, ballot=ballot)
    assert made.submitted[0].ballot.unit == "North"
    report = report_on(made, made.write(made.publish(), tmp_path / "moved"))
    assert {"E.6", "6.D"} <= set(report.failed)


def test_A32_the_length_of_a_ballot_says_nothing_of_its_choice() -> None:
    """Somebody on the network counts bytes: no vote, every vote, an overvote and a long write-in."""
    choices: list[tuple[dict[str, int], tuple[str, ...]]] = [
        ({}, ()),
        ({"Alan": 1}, ()),
        ({"Alan": 1, "Emmy": 1, "Kurt": 2}, ()),
        ({}, ("x",)),
        ({}, ("A rather long name of somebody",)),
    ]
    device = Device(kit().election, "booth")
    lengths = set()
    for marks, write_ins in choices:
        contests = {"Mayor": PlaintextContest({"Ada": 1}), "Council": PlaintextContest(marks, write_ins)}
        prepared = encrypt(device, PlaintextBallot("North", "all", contests))
        lengths.add(len(encode(prepared.cast())))
    assert len(lengths) == 1


def test_A37_an_old_ballot_never_comes_back_over_a_newer_one(tmp_path: Path) -> None:
    """Somebody kept the voter's first ballot, or held it back, and sends it after the revote."""
    rules.test_a37_a_ballot_that_follows_another_than_the_head_is_stale_and_may_be_signed_again()
    rules.test_a37_an_older_ballot_that_was_held_back_does_not_replace_a_newer_one()
    counting.test_a37_an_older_ballot_that_is_replayed_does_not_count()
    boxes.test_an_old_ballot_cannot_be_replayed_over_a_newer_one(_box(tmp_path, "old"))
    assert_record_fails("an earlier ballot of a voter is counted", tmp_path)
    assert_record_fails("a ballot that was superseded counts too", tmp_path)


def test_A40_a_published_sum_that_is_not_that_of_the_ballots_is_refused(tmp_path: Path) -> None:
    """The office drops a ballot, adds a vote, or states another number of ballots or weight."""
    made = alone.ceremony("small")
    published = alone.honest(made)
    cast = [ballot for ballot in published.submitted if ballot.context is not None]
    fewer = made.tally([ballot for ballot in published.submitted if ballot is not cast[0]], published.head)
    published.tally = fewer
    published.decryption = made.decryption(fewer)
    report = report_on(made, made.write(published, tmp_path / "fewer"))
    assert {"9.A", "9.B", "E.12"} <= set(report.failed)
    for name in (
        "a vote taken away by the first part of a sum",
        "a vote added by the second part of a sum",
        "a cell that counts a ballot too many",
    ):
        assert_record_fails(name, tmp_path)


def test_A41_a_ballot_of_another_shape_is_refused_before_any_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof dropped, a field or contest too many or too few, in another order; nothing is computed."""
    submitted = vote()
    first, second = submitted.ballot.contests
    shapes = {
        "a contest dropped": (first,),
        "a contest twice": (first, first),
        "another order": (second, first),
        "a field dropped": (replace(first, selections=first.selections[1:]), second),
        "a field too many": (replace(first, selections=(*first.selections, first.selections[0])), second),
        "a proof dropped": (
            replace(first, selections=(replace(first.selections[0], proof=()), *first.selections[1:])),
            second,
        ),
        "a limit proof dropped": (replace(first, limit_proof=()), second),
        "data dropped": (first, replace(second, data=None)),
    }

    def never(*arguments: object) -> object:
        raise AssertionError("a power was taken for a ballot of another shape")

    for name in ("power", "powers", "powers_of_claimed"):
        monkeypatch.setattr(type(kit().group), name, never)
    for name, contests in shapes.items():
        ballot = kit().forge.rehash(replace(submitted.ballot, contests=contests))
        assert failing(replace(submitted, ballot=ballot)) == {"E.2"}, name


def test_A45_revotes_in_another_order_and_a_last_one_dropped_are_found(tmp_path: Path) -> None:
    """The server turns two ballots of a voter round, or loses the last one and offers an older log."""
    counting.test_a45_two_ballots_in_another_order_or_one_left_out_are_found()
    witnesses.test_a_smaller_head_is_refused()
    assert_record_fails("ballots in another order than on the logs", tmp_path)
    assert_record_fails("a ballot that does not follow the last one", tmp_path)


def test_A46_guardians_do_not_decrypt_the_sum_of_a_subset(tmp_path: Path) -> None:
    """The office has a few chosen ballots decrypted: as another sum, another record, or one ciphertext."""
    guardians.test_a_tally_over_a_subset_is_refused(tmp_path / "sum")
    requests.test_a_tally_over_a_subset_is_not_decrypted()
    tallier = Tallier(kit().election)
    with pytest.raises(TypeError, match="verified"):
        tallier.add(vote())  # type: ignore[arg-type]
    with pytest.raises(RefusedError):
        requests.decryption_request(tallier.tally(alone.ceremony("small").publish().head), (), (1, 2), 1)


def test_A47_a_ballot_that_nobody_on_the_roll_signed_does_not_count(tmp_path: Path) -> None:
    """The server stuffs ballots: under an unknown, forged, borrowed or revoked credential."""
    rules.test_a47_a_key_that_is_not_on_the_roll_does_not_vote()
    rules.test_a47_only_the_holder_of_the_slot_signs_for_it()
    rules.test_a47_the_slot_of_somebody_else_does_not_admit_a_ballot()
    rules.test_a47_a_revoked_credential_is_refused_and_the_new_one_votes_for_the_slot()
    rolls.test_a47_one_key_under_two_slots_is_refused_wherever_it_stands()
    rolls.test_a47_a_roll_that_is_not_the_manifests_is_refused()
    for name in (
        "a ballot that somebody else signed",
        "a ballot of nobody on the roll",
        "a ballot in the record that no log has",
        "a roll with another slot",
    ):
        assert_record_fails(name, tmp_path)
