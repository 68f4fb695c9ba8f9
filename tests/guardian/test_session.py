"""Decryption sessions between machines that share one folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from evote.codec import decode, encode
from evote.decryption import Commitments, Openings, Responses
from evote.errors import DecodeError, DecryptionError, RefusedError, StorageError
from evote.guardian import awaited, call_session, finish_session, others, read_plan
from evote.guardian.exchange import from_guardian
from evote.guardian.session import CONSUMED, RESPONSES, STATE
from tests.guardian.places import CHEAP, Place, passphrase, place, settle


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return place(tmp_path)


def hold(here: Place, members: tuple[int, ...]) -> int:
    """A whole honest session; its number."""
    plan = call_session(here.record, here.messages(), members)
    assert here.advance(members) == [False] * len(members)
    for _ in range(3):
        finished = here.advance(members)
    assert finished == [True] * len(members)
    assert awaited(here.messages(), plan) == ""
    return plan.session


def session_folder(here: Place, index: int, number: int = 1) -> Path:
    digest = read_plan(here.messages(), number).request
    return here.root / f"guardian-{index}" / "sessions" / digest.hex()


def message_path(here: Place, folder: str, index: int, number: int = 1) -> Path:
    return here.exchange / f"session-{number}" / from_guardian(folder, index)


@pytest.mark.parametrize("members", [(1, 2, 3), (2, 4, 5), (1, 2, 3, 4, 5)])
def test_a_session_through_files_decrypts_the_record(here: Place, members: tuple[int, ...]) -> None:
    number = hold(here, members)
    decryption = finish_session(here.record, here.messages(), number)
    assert decryption.guardians == members
    assert [part.count for part in decryption.cells[0].fields] == [2, 1, 0]
    assert len(decryption.data) == 3 and len(decryption.openings) == 1 and not decryption.unopened
    for index in members:
        assert sorted(os.listdir(session_folder(here, index))) == sorted([CONSUMED, RESPONSES])


def test_guardians_say_what_they_wait_for(here: Place) -> None:
    plan = call_session(here.record, here.messages(), (1, 2, 3))
    assert awaited(here.messages(), plan) == "the commitments of guardians 1, 2, 3"
    first = here.guardian(1).decrypt(here.record, here.exchange)
    assert first.done == ("sent commitments/guardian-1.msgpack",)
    assert first.waiting == "the commitments of guardians 2, 3" and not first.finished
    again = here.guardian(1).decrypt(here.record, here.exchange)
    assert again.done == () and again.waiting == first.waiting
    here.guardian(2).decrypt(here.record, here.exchange)
    third = here.guardian(3).decrypt(here.record, here.exchange)
    assert third.waiting == "the openings of guardians 1, 2"
    assert awaited(here.messages(), plan) == "the openings of guardians 1, 2"


def test_openings_leave_only_after_all_commitments(here: Place) -> None:
    call_session(here.record, here.messages(), (1, 2, 3))
    here.guardian(1).decrypt(here.record, here.exchange)
    here.guardian(2).decrypt(here.record, here.exchange)
    here.guardian(1).decrypt(here.record, here.exchange)
    assert not message_path(here, "openings", 1).exists()
    assert (here.root / "guardian-1" / "ledger.log").stat().st_size == 0


def test_a_finished_guardian_sends_the_same_bytes_again(here: Place) -> None:
    hold(here, (1, 2, 3))
    path = message_path(here, "responses", 2)
    sent = path.read_bytes()
    path.unlink()
    progress = here.guardian(2).decrypt(here.record, here.exchange)
    assert progress.finished and path.read_bytes() == sent


# --- whoever does not keep to the protocol is named, and the others go on --------------------------


def test_a_bad_share_names_its_guardian_and_the_others_go_on_in_a_new_session(here: Place) -> None:
    wrong = here.kit.shares
    here.kit.shares = (wrong[0], wrong[1], _with_secrets_of(wrong[2], wrong[3]), wrong[3], wrong[4])
    settle(here.kit, here.root / "guardian-3", 3)
    here.kit.shares = wrong
    number = hold(here, (1, 2, 3, 4))
    with pytest.raises(DecryptionError, match="guardian 3 does not hold") as caught:
        finish_session(here.record, here.messages(), number)
    assert caught.value.culprits == (3,)
    remaining = others(here.record, (1, 2, 3, 4), caught.value.culprits)
    assert remaining == (1, 2, 4)
    second = hold(here, remaining)
    assert second == 2
    decryption = finish_session(here.record, here.messages(), second)
    assert [part.count for part in decryption.cells[0].fields] == [2, 1, 0]
    with pytest.raises(RefusedError, match="2 guardians remain and 3 are needed"):
        others(here.record, remaining, (1,))


def _with_secrets_of(share, other):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(share, vote_share=other.vote_share, data_share=other.data_share)


def replace_message(path: Path, kind, change, width: int) -> None:  # type: ignore[no-untyped-def]
    path.write_bytes(encode(change(decode(kind, path.read_bytes(), element_bytes=width))))


def test_a_wrong_opening_is_complained_about_and_everybody_stops(here: Place) -> None:
    members = (1, 2, 3)
    call_session(here.record, here.messages(), members)
    here.advance(members)
    path = message_path(here, "openings", 3)
    width = here.kit.group.element_bytes
    replace_message(path, Openings, lambda m: type(m)(m.sender, m.request, m.parts[::-1]), width)
    assert not here.guardian(1).decrypt(here.record, here.exchange).finished  # waits for guardian 2
    with pytest.raises(DecryptionError, match="did not commit") as caught:
        here.guardian(2).decrypt(here.record, here.exchange)
    assert caught.value.culprits == (3,)
    assert not message_path(here, "responses", 2).exists()
    assert message_path(here, "complaints", 2).exists()
    with pytest.raises(DecryptionError, match="guardian 2 complains") as caught:
        here.guardian(1).decrypt(here.record, here.exchange)
    assert caught.value.culprits == (3,)
    assert not message_path(here, "complaints", 1).exists()
    for index in (1, 2):
        assert not (session_folder(here, index) / STATE).exists()
        with pytest.raises(RefusedError, match="new session"):
            here.guardian(index).decrypt(here.record, here.exchange)
    with pytest.raises(DecryptionError, match="did not commit") as caught:
        finish_session(here.record, here.messages(), 1)
    assert caught.value.culprits == (3,)
    hold(here, (1, 2, 4))


def test_a_complaint_that_no_message_bears_out_falls_back_on_its_sender(here: Place) -> None:
    from evote.decryption import Complaint

    members = (1, 2, 3)
    plan = call_session(here.record, here.messages(), members)
    here.advance(members)
    session = here.messages().session(1)
    session.send(from_guardian("complaints", 2), Complaint(2, plan.request, (3,), "a lie"))
    with pytest.raises(DecryptionError) as caught:
        here.guardian(1).decrypt(here.record, here.exchange)
    assert caught.value.culprits == (3,)  # a guardian cannot know better, and stops
    with pytest.raises(DecryptionError, match="nothing in the messages") as caught:
        finish_session(here.record, here.messages(), 1)
    assert caught.value.culprits == (2,)


@pytest.mark.parametrize("folder", ["commitments", "openings", "responses"])
def test_a_missing_message_names_its_sender_when_the_session_is_ended(here: Place, folder: str) -> None:
    hold(here, (1, 2, 3))
    message_path(here, folder, 2).unlink()
    with pytest.raises(DecryptionError, match=f"list of {folder} came from guardian 2") as caught:
        finish_session(here.record, here.messages(), 1)
    assert caught.value.culprits == (2,)


def test_bytes_that_are_no_message_stop_nobody_for_good(here: Place) -> None:
    members = (1, 2, 3)
    call_session(here.record, here.messages(), members)
    here.advance(members)
    path = message_path(here, "commitments", 2)
    good = path.read_bytes()
    path.write_bytes(good[:-1])
    with pytest.raises(DecodeError, match=r"commitments/guardian-2\.msgpack"):
        here.guardian(1).decrypt(here.record, here.exchange)
    with pytest.raises(DecodeError, match=r"commitments/guardian-2\.msgpack"):
        finish_session(here.record, here.messages(), 1)
    path.write_bytes(good)
    assert "openings" in here.guardian(1).decrypt(here.record, here.exchange).waiting


def test_a_message_in_anothers_name_is_refused(here: Place) -> None:
    members = (1, 2, 3)
    call_session(here.record, here.messages(), members)
    here.advance(members)
    shutil.copy(message_path(here, "commitments", 2), message_path(here, "commitments", 3))
    with pytest.raises(DecodeError, match="guardian 2 sent it"):
        here.guardian(1).decrypt(here.record, here.exchange)
    with pytest.raises((RefusedError, DecodeError), match="another message|guardian 2 sent it"):
        here.guardian(3).decrypt(here.record, here.exchange)


def test_a_message_of_another_session_names_its_sender(here: Place) -> None:
    members = (1, 2, 3)
    hold(here, members)
    call_session(here.record, here.messages(), members)
    here.advance((1, 2), 2)
    target = message_path(here, "commitments", 3, 2)
    shutil.copy(message_path(here, "commitments", 3, 1), target)
    with pytest.raises(DecryptionError, match="another session") as caught:
        here.guardian(1).decrypt(here.record, here.exchange, 2)
    assert caught.value.culprits == (3,)


# --- one answer per commitment (A52) ---------------------------------------------------------------


def test_commitments_that_change_after_the_opening_need_a_new_session(here: Place, tmp_path: Path) -> None:
    members = (1, 2, 3)
    call_session(here.record, here.messages(), members)
    here.advance(members)
    here.guardian(1).decrypt(here.record, here.exchange)
    path = message_path(here, "commitments", 2)
    width = here.kit.group.element_bytes
    replace_message(path, Commitments, lambda m: type(m)(m.sender, m.request, m.hashes[::-1]), width)
    with pytest.raises(RefusedError, match="not those for which this guardian opened"):
        here.guardian(1).decrypt(here.record, here.exchange)


def test_the_same_session_in_another_folder_gets_the_same_bytes_or_nothing(here: Place) -> None:
    """Whoever copies a session and plays other guardians in it learns nothing new."""
    members = (1, 2, 3)
    hold(here, members)
    first = message_path(here, "responses", 1).read_bytes()
    elsewhere = here.root / "elsewhere"
    (elsewhere / "session-1").mkdir(parents=True)
    shutil.copy(here.exchange / "session-1" / "plan.msgpack", elsewhere / "session-1")
    progress = here.guardian(1).decrypt(here.record, elsewhere)
    assert progress.finished
    assert (elsewhere / "session-1" / "responses" / "guardian-1.msgpack").read_bytes() == first


def test_a_restored_copy_does_not_answer_a_session_that_it_answered(here: Place) -> None:
    members = (1, 2, 3)
    call_session(here.record, here.messages(), members)
    here.advance(members)
    here.guardian(1).decrypt(here.record, here.exchange)
    copy = here.root / "copy"
    shutil.copytree(here.root / "guardian-1", copy)
    here.advance(members)
    here.advance(members)
    assert message_path(here, "responses", 1).exists()
    shutil.rmtree(here.root / "guardian-1")
    copy.rename(here.root / "guardian-1")
    with pytest.raises(RefusedError, match="restored from a copy"):
        here.guardian(1).decrypt(here.record, here.exchange)


def test_a_copy_restored_from_before_the_opening_opens_nothing(here: Place) -> None:
    members = (1, 2, 3)
    call_session(here.record, here.messages(), members)
    here.guardian(1).decrypt(here.record, here.exchange)
    copy = here.root / "copy"
    shutil.copytree(here.root / "guardian-1", copy)
    here.advance((2, 3))
    here.guardian(1).decrypt(here.record, here.exchange)
    assert message_path(here, "openings", 1).exists()
    shutil.rmtree(here.root / "guardian-1")
    copy.rename(here.root / "guardian-1")
    with pytest.raises(RefusedError, match="restored from a copy"):
        here.guardian(1).decrypt(here.record, here.exchange)


def test_a_copy_restored_from_before_the_session_commits_to_nothing_else(here: Place) -> None:
    members = (1, 2, 3)
    call_session(here.record, here.messages(), members)
    here.guardian(1)
    copy = here.root / "copy"
    shutil.copytree(here.root / "guardian-1", copy)
    here.guardian(1).decrypt(here.record, here.exchange)
    sent = message_path(here, "commitments", 1).read_bytes()
    shutil.rmtree(here.root / "guardian-1")
    copy.rename(here.root / "guardian-1")
    with pytest.raises(RefusedError, match="another message"):
        here.guardian(1).decrypt(here.record, here.exchange)
    assert message_path(here, "commitments", 1).read_bytes() == sent


def test_the_secret_is_gone_from_the_disk_before_the_answer_is_there(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = (1, 2, 3)
    call_session(here.record, here.messages(), members)
    here.advance(members)
    here.guardian(1).decrypt(here.record, here.exchange)
    here.guardian(2).decrypt(here.record, here.exchange)
    folder = session_folder(here, 1)
    from evote.guardian import session as module

    seen: list[tuple[str, bool, bool]] = []
    write = module.write_atomic

    def watching(path: Path, data: bytes, *, mode: int = 0o666) -> None:
        seen.append((path.name, (folder / STATE).exists(), (folder / CONSUMED).exists()))
        write(path, data, mode=mode)

    monkeypatch.setattr(module, "write_atomic", watching)
    here.guardian(1).decrypt(here.record, here.exchange)
    assert seen == [(CONSUMED, True, False), (RESPONSES, False, True)]
    assert message_path(here, "responses", 1).exists()


# --- plans -----------------------------------------------------------------------------------------


def test_a_plan_about_something_else_is_refused(here: Place) -> None:
    from dataclasses import replace

    plan = call_session(here.record, here.messages(), (1, 2, 3))
    path = here.exchange / "session-1" / "plan.msgpack"
    for change, word in (
        ({"extended_hash": bytes(32)}, "another election"),
        ({"head": type(plan.head)(3, bytes(32))}, "record of 3 ballots"),
        ({"request": bytes(32)}, "something else than its plan says"),
        ({"end": 3}, "something else than its plan says"),
        ({"guardians": (1, 2)}, "not one that can be held"),
        ({"guardians": (1, 2, 2)}, "not one that can be held"),
        ({"begin": 9}, "not one that can be held"),
        ({"contests": (2, 1)}, "not one that can be held"),
        ({"session": 2}, "for session 2"),
    ):
        path.write_bytes(encode(replace(plan, **change)))  # type: ignore[arg-type]
        with pytest.raises(RefusedError, match=word):
            here.guardian(1).decrypt(here.record, here.exchange, 1)
    path.write_bytes(encode(plan))
    with pytest.raises(RefusedError, match="guardian 4 does not take part"):
        here.guardian(4).decrypt(here.record, here.exchange, 1)
    with pytest.raises(RefusedError, match="no decryption session in which guardian 4"):
        here.guardian(4).decrypt(here.record, here.exchange)
    with pytest.raises(StorageError, match="does not exist"):
        here.guardian(1).decrypt(here.record, here.exchange, 7)


def test_sessions_are_numbered_and_found_by_their_members(here: Place) -> None:
    for members in ((1, 2, 3), (2, 3, 4), (3, 4, 5)):
        call_session(here.record, here.messages(), members)
    (here.exchange / "session-9").mkdir()
    (here.exchange / "session-007").mkdir()
    (here.exchange / "notes.txt").write_text("hello")
    assert here.messages().sessions() == (1, 2, 3)
    here.guardian(2).decrypt(here.record, here.exchange)
    assert message_path(here, "commitments", 2, 2).exists()
    assert not message_path(here, "commitments", 2, 1).exists()


def test_nothing_private_is_in_the_exchange_folder(here: Place) -> None:
    hold(here, (1, 2, 3))
    planted = [
        secret.reveal().encode()
        for share in here.kit.shares
        for secret in (share.vote_share, share.data_share)
    ]
    planted += [passphrase(index).reveal().encode() for index in (1, 2, 3)]
    for path in _files(here.exchange):
        data = path.read_bytes()
        assert not any(secret in data for secret in planted)
    for index in (1, 2, 3):
        for path in _files(here.root / f"guardian-{index}"):
            data = path.read_bytes()
            assert not any(secret in data for secret in planted)


def _files(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*") if path.is_file())


def test_responses_decode_as_what_they_are(here: Place) -> None:
    hold(here, (1, 2, 3))
    width = here.kit.group.element_bytes
    message = decode(Responses, message_path(here, "responses", 2).read_bytes(), element_bytes=width)
    assert message.sender == 2 and len(message.responses) == 6 + 3 + 1
    assert CHEAP.log_n == 10
