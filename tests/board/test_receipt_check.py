"""What a receipt proves: every verdict, one thing wrong at a time (A23, A26 to A28, A64 to A66)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.entries import UnitHeadEntry, leaf_data
from evote.board.evidence import CheckedReceipt, Evidence, ReceiptVerdict
from evote.board.note import Note, NoteSignature
from evote.board.proof import LogProof
from evote.board.receipt import Inclusion, Promise, Receipt
from evote.board.receipt_check import check_evidence, check_receipt
from evote.board.receipt_log import ShownLog
from evote.board.receipt_setting import ReceiptSetting
from evote.board.receipt_text import write_text
from evote.board.submission import NO_PREVIOUS
from evote.errors import DecodeError, VerificationError
from evote.manifest.moments import moment_of
from evote.merkle import Tree, leaf_hash
from evote.testing.boards import ORIGIN, unit_origin
from evote.testing.electorate import Electorate
from tests.board.logs import NOW, flipped, policy_text
from tests.board.receipts import (
    A2,
    ABSENT,
    CLOSED_AT,
    DELAY,
    DUE,
    ELECTORATE,
    FINGERPRINT,
    LOG_KEY,
    PUBLISHED_AT,
    SETTING,
    VOTED_AT,
    A,
    B,
    Board,
    C,
    S,
    accepted,
    answer,
    ballot,
    closed,
    ending,
    entry_of,
    promised,
    unit_key,
    voting,
    witnessed,
)

CLOSED, VOTING = closed(), voting()


def verdict(receipt: Receipt, **given: Any) -> ReceiptVerdict:
    return check_receipt(SETTING, receipt, **given).verdict


def accused(receipt: Receipt, **given: Any) -> CheckedReceipt:
    """The finding of a check that accuses; its evidence, read from its bytes, gives the same finding."""
    found = check_receipt(SETTING, receipt, **given)
    assert found.exit_code == 1 and found.evidence is not None
    assert found.evidence.verdict is found.verdict
    again = Evidence.parse(found.evidence.encode())
    assert again == found.evidence
    assert check_evidence(SETTING, again, at=given.get("at")) == found
    return found


# --- verdicts of an honest log -----------------------------------------------------------------------


def test_a64_a_proof_alone_shows_that_the_ballot_is_logged_and_not_that_it_counts() -> None:
    found = check_receipt(SETTING, CLOSED.final(A), at=PUBLISHED_AT)
    assert (found.verdict, found.exit_code) == (ReceiptVerdict.LOGGED, 3)
    assert (found.index, found.final, found.witnessed) == (0, True, PUBLISHED_AT)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (A, ReceiptVerdict.SUPERSEDED),
        (A2, ReceiptVerdict.COUNTED),
        (B, ReceiptVerdict.REJECTED),
        (C, ReceiptVerdict.CHALLENGED),
    ],
    ids=lambda value: str(getattr(value, "name", "")),
)
@pytest.mark.parametrize("proven", [True, False])
def test_with_the_closed_log_a_receipt_says_what_became_of_the_ballot(
    made: Any, expected: ReceiptVerdict, proven: bool
) -> None:
    receipt = CLOSED.final(made) if proven else promised(made)
    found = check_receipt(SETTING, receipt, at=PUBLISHED_AT, log=CLOSED.counted())
    assert (found.verdict, found.exit_code) == (expected, 0)
    assert found.final and found.evidence is None
    assert found.superseded_by == (6 if expected is ReceiptVerdict.SUPERSEDED else None)
    if expected is ReceiptVerdict.REJECTED:
        assert (found.check, found.reason) == ("6.D", "a proof does not hold")


def test_during_voting_a_proof_shows_that_the_promise_was_kept_and_nothing_more() -> None:
    found = check_receipt(SETTING, VOTING.final(A), at=CLOSED_AT + 10**6)
    assert (found.verdict, found.final) == (ReceiptVerdict.LOGGED, False)
    seen = check_receipt(SETTING, promised(A), at=DUE + 1, log=VOTING.log())
    assert (seen.verdict, seen.final) == (ReceiptVerdict.LOGGED, False)
    with pytest.raises(ValueError, match="closed"):
        VOTING.log().counting(SETTING, VOTING.units["North"], ELECTORATE.credentials())


def test_a_proof_from_before_the_end_and_the_closed_log_say_the_same() -> None:
    early = VOTING.final(A)
    assert verdict(early, log=CLOSED.counted()) is ReceiptVerdict.SUPERSEDED
    assert verdict(early, log=CLOSED.log()) is ReceiptVerdict.LOGGED
    assert verdict(CLOSED.final(A), log=VOTING.log()) is ReceiptVerdict.LOGGED


def test_a_proof_without_the_promise_is_a_receipt() -> None:
    bare = replace(CLOSED.final(A2), promise=None)
    assert verdict(bare, log=CLOSED.counted()) is ReceiptVerdict.COUNTED


def test_a_promise_is_not_due_until_its_deadline_has_passed() -> None:
    found = check_receipt(SETTING, promised(A), at=DUE)
    assert (found.verdict, found.exit_code, found.due) == (ReceiptVerdict.NOT_YET_DUE, 3, DUE)
    assert verdict(promised(A), at=VOTED_AT) is ReceiptVerdict.NOT_YET_DUE
    assert verdict(promised(ABSENT), at=DUE, log=VOTING.log()) is ReceiptVerdict.NOT_YET_DUE


# --- a log that breaks its promises ------------------------------------------------------------------


def test_a_promise_that_is_due_and_has_no_proof_is_broken() -> None:
    found = accused(promised(A), at=DUE + 1)
    assert found.verdict is ReceiptVerdict.BROKEN_PROMISE
    assert accused(promised(ABSENT), at=DUE + 1, log=VOTING.log()).verdict is ReceiptVerdict.BROKEN_PROMISE


def test_a66_without_a_clock_the_witnesses_say_what_time_it_is() -> None:
    late = witnessed(sign_checkpoint(Checkpoint.of_tree(ORIGIN, VOTING.tree("")), LOG_KEY), DUE + 1)
    early = VOTING.last
    assert verdict(promised(ABSENT)) is ReceiptVerdict.NOT_YET_DUE
    assert verdict(promised(ABSENT), checkpoints=[early]) is ReceiptVerdict.NOT_YET_DUE
    for given in ([early, late], [late, voting().witness(VOTED_AT).last]):
        found = accused(promised(ABSENT), checkpoints=given)
        assert (found.verdict, found.witnessed) == (ReceiptVerdict.BROKEN_PROMISE, DUE + 1)
    assert verdict(promised(ABSENT), checkpoints=[late], at=DUE) is ReceiptVerdict.NOT_YET_DUE


def test_a66_the_witnesses_of_a_log_that_is_shown_say_what_time_it_is_too() -> None:
    shown = voting().witness(DUE + 1).log()
    found = accused(promised(ABSENT), log=shown)
    assert (found.verdict, found.witnessed) == (ReceiptVerdict.BROKEN_PROMISE, DUE + 1)
    assert verdict(promised(ABSENT), log=voting().witness(DUE).log()) is ReceiptVerdict.NOT_YET_DUE


def test_a_style_that_the_unit_does_not_have_is_forged_whatever_the_log_signed() -> None:
    strange = replace(A, style="strange")
    found = accused(promised(strange))
    assert found.verdict is ReceiptVerdict.FORGED and "no ballot style" in found.reason


def test_a66_fewer_witnesses_than_a_quorum_do_not_move_the_time() -> None:
    note = sign_checkpoint(Checkpoint.of_tree(ORIGIN, VOTING.tree("")), LOG_KEY)
    lone = witnessed(note, DUE + 1, ["w1.example/a"])
    mixed = witnessed(lone, DUE - 9, ["w2.example/b"])
    for given in (note, lone, mixed):
        assert verdict(promised(ABSENT), checkpoints=[given]) is ReceiptVerdict.NOT_YET_DUE


@pytest.mark.parametrize(
    ("time", "deadline"),
    [
        (VOTED_AT, VOTED_AT + DELAY + 1),
        (CLOSED_AT, CLOSED_AT + DELAY + 1),
        (CLOSED_AT + 1, CLOSED_AT + DELAY + 1),
    ],
)
def test_a66_a_promise_for_later_than_the_manifest_allows_is_broken_at_once(time: int, deadline: int) -> None:
    receipt = promised(ABSENT, time=time, deadline=deadline)
    found = accused(receipt, at=VOTED_AT)
    assert found.verdict is ReceiptVerdict.BROKEN_PROMISE
    assert found.due is not None and found.due == min(time, CLOSED_AT) + DELAY < deadline


def test_a_closed_log_without_the_ballot_is_shown_by_all_its_leaves() -> None:
    found = accused(promised(ABSENT), log=CLOSED.log())
    assert found.verdict is ReceiptVerdict.NOT_INCLUDED
    assert accused(promised(ABSENT), at=VOTED_AT, log=CLOSED.counted()).verdict is ReceiptVerdict.NOT_INCLUDED


def test_a_leaf_that_stands_across_two_leaves_is_not_in_the_log() -> None:
    log = CLOSED.log()
    across = log.shown.leaves[16:48]
    assert log.find(across) is None
    assert [log.find(log.shown.leaves[at : at + 32]) for at in (0, 32, 64)] == [0, 1, 2]


def test_a_log_that_breaks_a_rule_says_nothing_of_any_ballot() -> None:
    board = Board().add("North", entry_of(A), accepted(A), entry_of(B)).close()
    found = check_receipt(SETTING, board.final(A), log=board.counted())
    assert (found.verdict, found.exit_code) == (ReceiptVerdict.INVALID, 1)
    assert "no verdict" in found.reason


def test_a_receipt_for_an_entry_that_was_not_to_be_admitted_is_invalid() -> None:
    stale = replace(ballot(ELECTORATE.voters[1], "stale"), previous=A.ballot)
    board = Board().add("North", entry_of(stale), accepted(stale)).close()
    assert verdict(board.final(stale), log=board.counted()) is ReceiptVerdict.INVALID


# --- split views -------------------------------------------------------------------------------------


def other_history() -> Board:
    """As many entries, one of them another."""
    board = voting()
    board.units["North"][1] = accepted(B)
    board.heads.clear()
    for unit in ("South", "North", "North"):
        board.head(unit)
    return board.close()


def test_a27_two_heads_of_one_size_are_a_split_view_of_a_unit_log() -> None:
    found = accused(CLOSED.final(A), checkpoints=[other_history().notes["North"]])
    assert found.verdict is ReceiptVerdict.SPLIT_VIEW and unit_origin("North") in found.reason


def test_a27_two_heads_of_one_size_are_a_split_view_of_the_elections_log() -> None:
    other = other_history()
    assert len(other.heads) == len(CLOSED.heads)
    found = accused(CLOSED.final(A), checkpoints=[other.last])
    assert found.verdict is ReceiptVerdict.SPLIT_VIEW and found.reason.startswith(f"the log {ORIGIN} ")
    assert accused(promised(A), checkpoints=[CLOSED.last, other.last]).verdict is ReceiptVerdict.SPLIT_VIEW


def test_a26_a_head_that_the_whole_log_does_not_lead_to_is_a_split_view() -> None:
    """The receipt's head is smaller than the log's, so that only the leaves show the contradiction."""
    smaller = voting()
    smaller.units["North"][1] = accepted(B)
    smaller.heads.clear()
    for unit in ("South", "North"):
        smaller.head(unit)
    receipt = smaller.witness().final(A)
    assert verdict(receipt) is ReceiptVerdict.LOGGED
    assert accused(receipt, log=CLOSED.log()).verdict is ReceiptVerdict.SPLIT_VIEW


def test_a26_a_reordered_log_is_a_split_view() -> None:
    board = voting()
    entries = board.units["North"]
    entries[0], entries[2] = entries[2], entries[0]
    board.heads.clear()
    for unit in ("South", "North", "North"):
        board.head(unit)
    assert accused(VOTING.final(A), log=board.close().log()).verdict is ReceiptVerdict.SPLIT_VIEW


def test_a_log_that_goes_on_after_its_end_is_a_split_view() -> None:
    longer = closed().add("North", entry_of(ABSENT), accepted(ABSENT)).head("North", closing=True).witness()
    for receipt, log in ((CLOSED.final(A), longer.log()), (longer.final(A), CLOSED.log())):
        assert accused(receipt, log=log).verdict is ReceiptVerdict.SPLIT_VIEW


def test_a_unit_head_that_a_witnessed_log_of_another_history_holds_is_a_split_view() -> None:
    """Same unit log; only the election's log differs between the two views."""
    board = voting()
    board.heads.reverse()
    board.notes.clear()
    board.close()
    assert board.notes["North"] == CLOSED.notes["North"]
    assert accused(CLOSED.final(A), log=board.log()).verdict is ReceiptVerdict.SPLIT_VIEW


def test_heads_of_one_history_are_no_split_view() -> None:
    notes = [VOTING.last, CLOSED.last, VOTING.notes["North"], CLOSED.notes["South"]]
    assert verdict(CLOSED.final(A2), checkpoints=notes, log=CLOSED.counted()) is ReceiptVerdict.COUNTED


# --- forged: one thing wrong at a time ---------------------------------------------------------------

FINAL = CLOSED.final(A)
PROOF = FINAL.inclusion
PROMISE = FINAL.promise
assert PROOF is not None and PROMISE is not None


def proof_with(**changes: Any) -> Receipt:
    assert FINAL.inclusion is not None
    return FINAL.having(replace(FINAL.inclusion, **changes))


def checkpoint_with(note: Note, **changes: Any) -> Note:
    """The same signatures under another checkpoint."""
    return Note(replace(Checkpoint.parse(note.text), **changes).text, note.signatures)


def without(note: Note, *names: str) -> Note:
    return Note(note.text, tuple(line for line in note.signatures if line.name not in names))


def broken_lines(note: Note) -> list[Note]:
    """The note with a bit of each signature changed, and each line taken away."""
    changed = []
    for at, line in enumerate(note.signatures):
        for place in (0, 8, -1):
            false = NoteSignature(line.name, line.key_id, flipped(line.signature, place))
            changed.append(Note(note.text, (*note.signatures[:at], false, *note.signatures[at + 1 :])))
    return changed


def forgeries() -> list[tuple[str, Receipt]]:
    assert PROOF is not None and PROMISE is not None
    leaf, head = PROOF.leaf, PROOF.head
    root = flipped(Checkpoint.parse(leaf.note.text).root)
    size = Checkpoint.parse(leaf.note.text).size
    list_of: list[tuple[str, Receipt]] = [
        ("fingerprint", replace(FINAL, fingerprint=flipped(FINGERPRINT))),
        ("unit", replace(FINAL, ballot=replace(A, unit="South"))),
        ("unknown unit", replace(FINAL, ballot=replace(A, unit="West"))),
        ("style", replace(FINAL, ballot=replace(A, style="heavy"))),
        ("unknown style", replace(FINAL, ballot=replace(A, style="other"))),
        ("decision", replace(FINAL, ballot=replace(A, challenged=True))),
        ("voter", replace(FINAL, ballot=replace(A, voter=flipped(A.voter)))),
        ("ballot", replace(FINAL, ballot=replace(A, ballot=flipped(A.ballot)))),
        ("previous", replace(FINAL, ballot=replace(A, previous=flipped(NO_PREVIOUS)))),
        ("time", replace(FINAL, promise=replace(PROMISE, time=moment_of(VOTED_AT - 1)))),
        ("deadline", replace(FINAL, promise=replace(PROMISE, deadline=moment_of(DUE - 1)))),
        ("signature", replace(FINAL, promise=replace(PROMISE, signature=flipped(PROMISE.signature)))),
        ("signature of another unit", replace(FINAL, promise=promised(A, key=unit_key("South")).promise)),
        ("promise of another ballot", replace(FINAL, promise=promised(B).promise)),
        ("consistency", proof_with(consistency=flipped(PROOF.consistency))),
        ("closing", proof_with(closing=False)),
        ("leaf index", proof_with(leaf=replace(leaf, index=leaf.index + 1))),
        ("head index", proof_with(head=replace(head, index=head.index - 1))),
        ("leaf path short", proof_with(leaf=replace(leaf, path=leaf.path[:-1]))),
        ("head path short", proof_with(head=replace(head, path=head.path[1:]))),
        ("leaf path long", proof_with(leaf=replace(leaf, path=(*leaf.path, leaf.path[0])))),
        ("leaf root", proof_with(leaf=replace(leaf, note=checkpoint_with(leaf.note, root=root)))),
        ("leaf size", proof_with(leaf=replace(leaf, note=checkpoint_with(leaf.note, size=size + 1)))),
        ("head root", proof_with(head=replace(head, note=checkpoint_with(head.note, root=root)))),
        ("head size", proof_with(head=replace(head, note=checkpoint_with(head.note, size=6)))),
        ("leaf origin", proof_with(leaf=replace(leaf, note=CLOSED.notes["South"]))),
        ("heads swapped", proof_with(leaf=head, head=leaf)),
        ("proof of another ballot", FINAL.having(CLOSED.inclusion(B))),
        ("unit head for the election's", proof_with(head=leaf)),
        ("earlier head", proof_with(leaf=VOTING.inclusion(A).leaf)),
        ("too few witnesses", proof_with(head=replace(head, note=without(head.note, *WITNESS_NAMES[:2])))),
        ("no witnesses", proof_with(head=replace(head, note=without(head.note, *WITNESS_NAMES)))),
        ("no log", proof_with(head=replace(head, note=without(head.note, ORIGIN)))),
    ]
    for name, proof in (("leaf", leaf), ("head", head)):
        for at in range(len(proof.path)):
            path = (*proof.path[:at], flipped(proof.path[at]), *proof.path[at + 1 :])
            list_of.append((f"{name} path {at}", proof_with(**{name: replace(proof, path=path)})))
        for at, note in enumerate(broken_lines(proof.note)):
            list_of.append((f"{name} note {at}", proof_with(**{name: replace(proof, note=note)})))
    return list_of


WITNESS_NAMES = ("w1.example/a", "w2.example/b", "w3.example/c")
FORGERIES = forgeries()


@pytest.mark.parametrize("receipt", [each for _, each in FORGERIES], ids=[name for name, _ in FORGERIES])
def test_a_receipt_with_one_thing_wrong_is_forged(receipt: Receipt) -> None:
    assert verdict(FINAL) is ReceiptVerdict.LOGGED
    assert accused(receipt).verdict is ReceiptVerdict.FORGED


def test_a_forged_receipt_stays_forged_with_the_whole_log() -> None:
    receipt = replace(FINAL, promise=promised(B).promise)
    assert verdict(receipt, log=CLOSED.counted()) is ReceiptVerdict.FORGED


def test_a_ballot_of_a_style_that_the_unit_lacks_is_forged_although_the_log_signed_and_holds_it() -> None:
    odd = replace(S, style="heavy")
    board = Board().add("South", entry_of(odd), accepted(odd)).close()
    assert verdict(promised(odd), at=VOTED_AT) is ReceiptVerdict.FORGED
    assert verdict(board.final(odd)) is ReceiptVerdict.FORGED


def test_a65_a_signed_head_of_the_unit_alone_is_never_a_proof() -> None:
    """The unit's log signs a head with the ballot; the election's log has none like it."""
    secret = closed().add("North", entry_of(ABSENT)).head("North", closing=True).witness()
    inclusion = secret.inclusion(ABSENT)
    unlisted = replace(inclusion, head=PROOF.head if PROOF else inclusion.head)
    assert verdict(promised(ABSENT).having(unlisted)) is ReceiptVerdict.FORGED


def test_extra_data_and_strangers_signatures_change_nothing() -> None:
    assert PROOF is not None
    head = replace(PROOF.head, extra=b"COUNTED", note=PROOF.head.note.having(STRANGER))
    assert verdict(proof_with(head=head, leaf=replace(PROOF.leaf, extra=b"index 7"))) is ReceiptVerdict.LOGGED


STRANGER = NoteSignature("stranger.example", b"1234", bytes(72))


def test_a28_a_root_is_not_taken_for_a_leaf() -> None:
    """A log of one leaf whose data is what an inner node hashes is another log."""
    only = Tree([leaf_hash(b"leaf")])
    note = sign_checkpoint(Checkpoint.of_tree(unit_origin("North"), only), unit_key("North"))
    assert verdict(proof_with(leaf=LogProof(0, (), note))) is ReceiptVerdict.FORGED


def test_a23_a_receipt_of_another_election_with_the_same_keys_is_forged() -> None:
    other = Electorate(
        [("North", "plain")] * 3 + [("South", "plain")],
        witnesses=policy_text("q", "group q 3 a b c").decode(),
    )
    there = ReceiptSetting(other.manifest, other.election.extended_hash)
    assert there.unit_log("North") == SETTING.unit_log("North")
    assert check_receipt(there, FINAL).verdict is ReceiptVerdict.FORGED
    assert check_receipt(there, promised(A), at=VOTED_AT).verdict is ReceiptVerdict.FORGED


def test_a_receipt_that_a_box_signed_for_the_election_of_another_fingerprint_is_forged() -> None:
    made = answer(A, fingerprint=flipped(FINGERPRINT))
    promise = Promise(made.admission.time, made.admission.deadline, made.signature)
    assert verdict(Receipt(FINGERPRINT, A, promise, None), at=VOTED_AT) is ReceiptVerdict.FORGED


# --- what is given beside the receipt ----------------------------------------------------------------


def test_a_checkpoint_of_no_log_of_the_election_is_refused() -> None:
    own = sign_checkpoint(Checkpoint("elsewhere.example", 1, bytes(32)), LOG_KEY)
    unsigned = sign_checkpoint(Checkpoint.of_tree(ORIGIN, CLOSED.tree("")), unit_key("North"))
    for note in (own, unsigned, broken_lines(CLOSED.last)[-1], broken_lines(CLOSED.notes["North"])[0]):
        with pytest.raises(VerificationError):
            check_receipt(SETTING, FINAL, checkpoints=[note])
    with pytest.raises(DecodeError):
        check_receipt(SETTING, FINAL, checkpoints=[Note("no checkpoint\n", CLOSED.last.signatures)])
    with pytest.raises(ValueError, match="16"):
        check_receipt(SETTING, FINAL, checkpoints=[CLOSED.last] * 17)


def test_the_log_of_another_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="another unit"):
        check_receipt(SETTING, FINAL, log=CLOSED.log("South"))
    assert verdict(CLOSED.final(S), log=CLOSED.counted("South")) is ReceiptVerdict.COUNTED


def shown_wrongly() -> list[tuple[str, ShownLog]]:
    shown = CLOSED.shown()
    unwitnessed = without(CLOSED.last, *WITNESS_NAMES[:2]).encode()
    return [
        ("unit", replace(shown, unit="South")),
        ("unknown unit", replace(shown, unit="West")),
        ("leaf", replace(shown, leaves=flipped(shown.leaves, 40))),
        ("fewer leaves", replace(shown, leaves=shown.leaves[:-32])),
        ("half a leaf", replace(shown, leaves=shown.leaves[:-16])),
        ("more leaves", replace(shown, leaves=shown.leaves + bytes(32))),
        ("head", replace(shown, head=VOTING.notes["North"].encode())),
        ("head of another unit", replace(shown, head=CLOSED.notes["South"].encode())),
        ("false head", replace(shown, head=broken_lines(CLOSED.notes["North"])[0].encode())),
        ("election", replace(shown, election=flipped(shown.election, 3))),
        ("fewer heads", replace(shown, election=shown.election[:-32])),
        ("place", replace(shown, place=shown.place - 1)),
        ("place beyond", replace(shown, place=shown.place + 100)),
        ("consistency", replace(shown, consistency=flipped(shown.consistency))),
        ("closing", replace(shown, closing=False)),
        ("checkpoint", replace(shown, checkpoint=VOTING.last.encode())),
        ("witnesses", replace(shown, checkpoint=unwitnessed)),
        ("false checkpoint", replace(shown, checkpoint=broken_lines(CLOSED.last)[0].encode())),
        ("no checkpoint", replace(shown, checkpoint=b"text")),
    ]


@pytest.mark.parametrize("shown", [each for _, each in shown_wrongly()], ids=[n for n, _ in shown_wrongly()])
def test_a_log_with_one_thing_wrong_is_not_believed(shown: ShownLog) -> None:
    assert CLOSED.shown().verify(SETTING).closed
    with pytest.raises((VerificationError, DecodeError, ValueError)):
        shown.verify(SETTING)
    evidence = Evidence(1, ReceiptVerdict.NOT_INCLUDED, b"", (), shown)
    with pytest.raises((VerificationError, DecodeError, ValueError)):
        check_evidence(SETTING, evidence)


def test_entries_that_are_not_those_of_the_leaves_do_not_say_what_counts() -> None:
    entries = list(CLOSED.units["North"])
    entries[1], entries[3] = accepted(B), accepted(A)
    with pytest.raises(VerificationError, match="not those of the leaves"):
        CLOSED.log().counting(SETTING, entries, ELECTORATE.credentials())


def test_a_unit_whose_head_is_not_on_the_elections_log_shows_no_log() -> None:
    board = closed().add("North", *ending())
    head = sign_checkpoint(Checkpoint.of_tree(unit_origin("North"), board.tree("North")), unit_key("North"))
    board.notes["North"] = head
    with pytest.raises(VerificationError, match="no head of"):
        board.shown()


# --- evidence ----------------------------------------------------------------------------------------


def test_evidence_that_is_made_up_shows_another_verdict() -> None:
    found = accused(promised(ABSENT), log=CLOSED.log()).evidence
    assert found is not None
    for name in ReceiptVerdict:
        claimed = replace(found, verdict=name, receipt=write_text(FINAL))
        assert check_evidence(SETTING, claimed, at=CLOSED_AT).verdict is ReceiptVerdict.LOGGED


def test_evidence_of_a_broken_promise_holds_when_the_time_is_over_and_not_before() -> None:
    evidence = accused(promised(ABSENT), at=DUE + 1).evidence
    assert evidence is not None
    assert check_evidence(SETTING, evidence, at=DUE).verdict is ReceiptVerdict.NOT_YET_DUE
    assert check_evidence(SETTING, evidence, at=NOW).verdict is ReceiptVerdict.BROKEN_PROMISE


@pytest.mark.parametrize("cut", [0, 1, 40, 400, -1])
def test_evidence_that_is_cut_is_refused(cut: int) -> None:
    evidence = accused(promised(ABSENT), log=CLOSED.log()).evidence
    assert evidence is not None
    with pytest.raises(DecodeError):
        Evidence.parse(evidence.encode()[:cut])


def test_every_verdict_has_its_exit_code() -> None:
    codes = {each.value: each.exit_code for each in ReceiptVerdict}
    assert codes == {
        "COUNTED": 0,
        "SUPERSEDED": 0,
        "REJECTED": 0,
        "CHALLENGED": 0,
        "LOGGED": 3,
        "NOT YET DUE": 3,
        "BROKEN PROMISE": 1,
        "NOT INCLUDED": 1,
        "FORGED": 1,
        "SPLIT VIEW": 1,
        "INVALID": 1,
    }


# --- elections without witnesses ---------------------------------------------------------------------


def test_without_witnesses_in_the_manifest_no_cosignature_is_asked_for_and_no_time_is_known() -> None:
    """The same logs in an election whose manifest names no witnesses."""
    bare = Electorate([("North", "plain")] * 3 + [("South", "plain")])
    setting = ReceiptSetting(bare.manifest, bare.election.extended_hash)
    assert not setting.policy.witnessed
    origin = setting.unit_log("North").name
    tree = Tree([leaf_hash(A.leaf(setting.fingerprint, origin))])
    note = sign_checkpoint(Checkpoint.of_tree(origin, tree), unit_key("North"))
    head = UnitHeadEntry("North", 1, tree.root(), (), True)
    heads = Tree([leaf_hash(leaf_data(setting.fingerprint, ORIGIN, "", head))])
    top = sign_checkpoint(Checkpoint.of_tree(ORIGIN, heads), LOG_KEY)
    given = answer(A, setting=setting)
    promise = Promise(given.admission.time, given.admission.deadline, given.signature)
    receipt = Receipt(setting.fingerprint, A, promise, None)
    assert check_receipt(setting, receipt, checkpoints=[top]).verdict is ReceiptVerdict.NOT_YET_DUE
    found = check_receipt(setting, receipt.having(Inclusion.made((tree, 0, note), (heads, 0, top), (), True)))
    assert (found.verdict, found.witnessed) == (ReceiptVerdict.LOGGED, None)


def test_a_policy_that_lists_logs_has_to_list_the_elections() -> None:
    listed = f"log {SETTING.unit_log('North')}\n" + policy_text().decode()
    other = Electorate([("North", "plain")], witnesses=listed)
    with pytest.raises(DecodeError, match="does not list"):
        ReceiptSetting(other.manifest, other.election.extended_hash)
    with pytest.raises(ValueError, match="32 bytes"):
        ReceiptSetting(ELECTORATE.manifest, FINGERPRINT[:-1])
