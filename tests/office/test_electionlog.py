"""The election's log: whose heads enter it, what continues what, what is signed and cosigned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.cosignature import cosign
from evote.board.log import request_for
from evote.board.witness import Request
from evote.errors import RefusedError, VerificationError
from evote.merkle import Tree
from evote.office.electionlog import HEAD, ElectionLog
from evote.testing.boxes import SEEN, Boxes
from evote.testing.elections import Kit


@pytest.fixture(scope="module")
def box() -> Boxes:
    made = Kit.with_board(seed="election log")
    for voter in made.voters:
        made.cast(voter)
    made.close()
    return made


def head(box: Boxes, unit: str, size: int | None = None, since: int = 0) -> Request:
    tree = box.tree(unit)
    checkpoint = Checkpoint.of_tree(box.origin(unit), tree, size)
    return request_for(tree, since, sign_checkpoint(checkpoint, box.keys.units[unit]))


def log_of(box: Boxes, folder: Path) -> ElectionLog:
    return ElectionLog(box.election, folder)


def test_heads_enter_in_order_and_stand_there_after_a_restart(box: Boxes, tmp_path: Path) -> None:
    log = log_of(box, tmp_path)
    first = log.add(head(box, "North", 2))
    assert first is not None and first.proof == ()
    second = log.add(head(box, "North", 5, since=2))
    assert second is not None and second.proof == box.tree("North").consistency(2, 5)
    log.add(head(box, "South"), closing=True)
    again = log_of(box, tmp_path)
    assert again.entries == log.entries and again.tree.root() == log.tree.root()


def test_the_same_head_again_is_nothing_new(box: Boxes, tmp_path: Path) -> None:
    log = log_of(box, tmp_path)
    assert log.add(head(box, "North", 2)) is not None
    assert log.add(head(box, "North", 2)) is None
    assert len(log.entries) == 1


def test_a_head_that_does_not_follow_is_refused(box: Boxes, tmp_path: Path) -> None:
    log = log_of(box, tmp_path)
    log.add(head(box, "North", 4))
    with pytest.raises(RefusedError, match="--since 4"):
        log.add(head(box, "North", 5, since=2))
    with pytest.raises(VerificationError):
        log.add(replace(head(box, "North", 6, since=4), proof=(bytes(32),)))
    other = Tree([bytes(32)] * 4)
    forked = sign_checkpoint(Checkpoint.of_tree(box.origin("North"), other), box.keys.units["North"])
    with pytest.raises(VerificationError, match="two heads of 4 leaves"):
        log.add(request_for(other, 0, forked))
    assert len(log.entries) == 1


def test_only_heads_that_a_unit_signed_enter(box: Boxes, tmp_path: Path) -> None:
    log = log_of(box, tmp_path)
    tree = box.tree("North")
    wrong = sign_checkpoint(Checkpoint.of_tree(box.origin("North"), tree), box.keys.units["South"])
    with pytest.raises(VerificationError):
        log.add(request_for(tree, 0, wrong))
    foreign = sign_checkpoint(Checkpoint.of_tree("logs.example/west", tree), box.keys.units["North"])
    with pytest.raises(VerificationError, match="no unit"):
        log.add(request_for(tree, 0, foreign))
    assert log.entries == []


def test_nothing_comes_behind_a_closing_head(box: Boxes, tmp_path: Path) -> None:
    log = log_of(box, tmp_path)
    log.add(head(box, "North"), closing=True)
    with pytest.raises(RefusedError, match="has ended"):
        log.add(head(box, "North"))
    with pytest.raises(RefusedError, match="closing heads of South"):
        log.require_closed(["North", "South"])


def test_a_signed_head_keeps_its_cosignatures_until_entries_come(box: Boxes, tmp_path: Path) -> None:
    log = log_of(box, tmp_path)
    log.add(head(box, "North", 2))
    note = log.head(box.keys.log)
    checkpoint = Checkpoint.parse(note.text)
    with pytest.raises(VerificationError, match="too few"):
        log.require_witnessed(note)
    lines = [cosign(checkpoint, name, key, SEEN) for name, key in box.witnesses.items()]
    log.cosign(lines[:1])
    note = log.cosign(lines[1:2])
    log.require_witnessed(note)
    assert log_of(box, tmp_path).head(box.keys.log) == note
    log.add(head(box, "South", 1))
    assert len(log.head(box.keys.log).signatures) == 1


def test_a_cosignature_of_somebody_else_or_of_another_head_is_refused(box: Boxes, tmp_path: Path) -> None:
    log = log_of(box, tmp_path)
    with pytest.raises(RefusedError, match="no signed head"):
        log.cosign([])
    log.add(head(box, "North", 2))
    log.head(box.keys.log)
    name, key = next(iter(box.witnesses.items()))
    stranger = cosign(Checkpoint(box.origin(""), 1, log.tree.root()), "w9.example", key, SEEN)
    with pytest.raises(VerificationError, match="no witness"):
        log.cosign([stranger])
    wrong = cosign(Checkpoint(box.origin(""), 1, bytes(32)), name, key, SEEN)
    with pytest.raises(VerificationError):
        log.cosign([wrong])
    held = log.held()
    assert held is not None and len(held.signatures) == 1


def test_a_log_that_lost_entries_signs_nothing(box: Boxes, tmp_path: Path) -> None:
    log = log_of(box, tmp_path)
    log.add(head(box, "North", 2))
    before = (tmp_path / "heads" / "000001.seg").read_bytes()
    log.add(head(box, "South", 1))
    log.head(box.keys.log)
    (tmp_path / "heads" / "000001.seg").write_bytes(before)
    with pytest.raises(RefusedError, match="lacks entries"):
        log_of(box, tmp_path).head(box.keys.log)
    assert (tmp_path / HEAD).exists()
