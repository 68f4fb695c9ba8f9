"""Making an election and its keys on the command line, every guardian in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from evote.ceremony import Round1Message
from evote.cli import main
from evote.codec import decode, encode
from evote.groups import NAMES
from evote.manifest import Manifest
from evote.record import RecordReader, Stage
from evote.report import Verdict
from evote.testing.groups import toy
from evote.verifier.verify import verify_reader
from tests.cli.driver import DRAFT, GROUPS, Town, evote, fine, refused, snapshot


@pytest.fixture
def draft_town(tmp_path: Path) -> Town:
    """An election that is only a draft."""
    return Town(tmp_path / "draft")


def written(town: Town) -> list[str]:
    return [name for name in ("record", "office") if (town.root / name).exists()]


# --- new -----------------------------------------------------------------------------------------------


def test_a_new_election_has_a_manifest_parameters_and_a_sealed_key(draft_town: Town) -> None:
    outcome = fine(draft_town.new())
    manifest = Manifest.parse((draft_town.record / "manifest.json").read_bytes())
    assert (manifest.label, manifest.test) == ("Council 2027", True)
    assert sorted(snapshot(draft_town.record)) == ["manifest.json", "parameters.msgpack"]
    assert sorted(snapshot(draft_town.office)) == ["authority.sealed"]
    key = manifest.extensions["index"].key
    assert key is not None and key in outcome.out
    assert stat.S_IMODE(draft_town.office.stat().st_mode) == 0o700
    assert stat.S_IMODE((draft_town.office / "authority.sealed").stat().st_mode) == 0o600


def test_two_elections_from_one_draft_have_nothing_in_common(tmp_path: Path) -> None:
    towns = [Town(tmp_path / name) for name in ("one", "two")]
    for town in towns:
        fine(town.new())
    first, second = (Manifest.parse((town.record / "manifest.json").read_bytes()) for town in towns)
    assert first.salt != second.salt
    assert first.extensions["index"].key != second.extensions["index"].key


@pytest.mark.parametrize(
    ("numbers", "part"), [((5, 2), "half of the guardians"), ((3, 3), "k = n"), ((1, 1), "k = n")]
)
def test_a_weak_quorum_is_warned_about(tmp_path: Path, numbers: tuple[int, int], part: str) -> None:
    town = Town(tmp_path / "town", guardians=numbers[0], quorum=numbers[1])
    outcome = fine(town.new())
    assert "Warning: " in outcome.err
    assert part in outcome.err


def test_a_sound_quorum_is_not_warned_about(draft_town: Town) -> None:
    assert fine(draft_town.new()).err == ""


@pytest.mark.parametrize(
    ("draft", "parts"),
    [
        ("", ("draft.json", "not JSON")),
        ("[]", ("draft.json", "object")),
        ('{"label": "x"}', ("draft.json", "contests is absent")),
        ({**DRAFT, "colour": "red"}, ("draft.json", "'colour' is unknown")),
        ({**DRAFT, "test": False}, ("draft.json", "minimum size of a cell")),
        ({**DRAFT, "chaining": 7}, ("draft.json", "chaining")),
        (
            {**DRAFT, "contests": [{"label": "Chair", "options": ["Ada", "Ada"]}]},
            ("draft.json", "contest 'Chair'", "2 options have the label 'Ada'"),
        ),
        (
            {**DRAFT, "contests": [{"label": "A", "options": ["x"]}, {"label": "A", "options": ["x"]}]},
            ("draft.json", "2 contests have the label 'A'"),
        ),
        (
            {**DRAFT, "contests": [{"label": "A", "options": ["x", "y"], "limit": -1}]},
            ("draft.json", "not between 0 and"),
        ),
        ('{"label": "x", "label": "y", "contests": []}', ("draft.json", "twice")),
    ],
)
def test_a_bad_draft_names_what_is_wrong_and_leaves_nothing(
    draft_town: Town, draft: object, parts: tuple[str, ...]
) -> None:
    text = draft if isinstance(draft, str) else json.dumps(draft)
    draft_town.draft.write_text(text, encoding="utf-8")
    refused(draft_town.new(), 2, *parts)
    assert written(draft_town) == []


@pytest.mark.parametrize("numbers", [(0, 0), (3, 4), (3, 0), (-1, 1), (1001, 5)])
def test_numbers_of_guardians_that_cannot_be_are_refused(tmp_path: Path, numbers: tuple[int, int]) -> None:
    town = Town(tmp_path / "town", guardians=numbers[0], quorum=numbers[1])
    refused(town.new(), 2, "guardian")
    assert written(town) == []


def test_a_group_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    town = Town(tmp_path / "town", group="p-1024")
    refused(town.new(), 2, "no group 'p-1024'", toy().name)
    assert written(town) == []


def test_toy_groups_are_not_known_to_the_program(tmp_path: Path) -> None:
    town = Town(tmp_path / "town")
    arguments = ["election", "new", town.draft, "--record", town.record, "--private", town.office]
    assert main([*map(str, arguments), "-n", "1", "-k", "1", "--group", toy().name]) == 2
    assert toy().name not in NAMES
    assert written(town) == []


def test_a_private_folder_in_the_record_or_around_it_is_refused(draft_town: Town) -> None:
    for private in (draft_town.record, draft_town.record / "private", draft_town.root):
        draft_town.office = private
        refused(draft_town.new(), 2, "apart from the record")
    assert written(draft_town) == []


def test_folders_in_use_are_left_alone(draft_town: Town) -> None:
    fine(draft_town.new())
    before = snapshot(draft_town.root)
    refused(draft_town.new(), 2, "record", "not an empty folder")
    draft_town.record = draft_town.root / "another"
    refused(draft_town.new(), 2, "holds the key of an election already")
    assert snapshot(draft_town.root) == before


def test_a_draft_that_is_absent_is_named(draft_town: Town) -> None:
    draft_town.draft.unlink()
    refused(draft_town.new(), 2, "draft.json", "does not exist")


def test_info_shows_what_the_record_says(town: Town, draft_town: Town) -> None:
    fine(draft_town.new())
    fresh = fine(evote("election", "info", draft_town.record, "--json")).value()
    ready = fine(evote("election", "info", town.record, "--json")).value()
    assert isinstance(fresh, dict) and isinstance(ready, dict)
    assert fresh["fingerprint"] is None
    assert "waiting for the guardians" in fresh["state"]
    assert ready["state"] == "ready for ballots"
    assert ready["units"] == ["Town/North", "Town/South"]
    text = fine(evote("election", "info", town.record)).out
    assert ready["fingerprint"] in text
    assert "Ada" in text


@pytest.mark.parametrize("command", [("election", "info"), ("verify",)])
def test_what_is_no_record_is_unusable(tmp_path: Path, command: tuple[str, ...]) -> None:
    refused(evote(*command, tmp_path / "absent"), 2, "absent", "is not a folder")
    refused(evote(*command, tmp_path), 2, "has no manifest.json")
    (tmp_path / "file").touch()
    refused(evote(*command, tmp_path / "file"), 2, "file")


# --- the ceremony --------------------------------------------------------------------------------------


@pytest.fixture
def begun(draft_town: Town) -> Town:
    """Three guardians who have drawn their secrets."""
    fine(draft_town.new())
    for index in (1, 2, 3):
        fine(draft_town.init(index))
    return draft_town


def rounds(town: Town, number: int) -> None:
    """Every guardian takes that many steps, all of them at once each time."""
    for _ in range(number):
        for index in (1, 2, 3):
            fine(town.step(index))


def test_guardians_share_only_the_exchange_folder_and_end_with_sealed_keys(begun: Town) -> None:
    copies = {}
    for index in (1, 2, 3):
        # Each machine has the record as it was given, and nothing of the others.
        machine = begun.root / f"machine-{index}"
        machine.mkdir()
        shutil.move(begun.guardian(index), machine / "mine")
        copies[index] = machine / "mine"

    def step(index: int) -> str:
        folders = ("--private", copies[index], "--exchange", begun.exchange)
        return fine(evote("guardian", "step", *folders, *begun.sealed)).out

    for _ in range(4):
        for index in copies:
            step(index)
    assert "the office, which publishes" in step(2)
    fingerprint = fine(begun.keys()).out.split()[1]
    assert all("done" in step(index) for index in copies)
    assert RecordReader(begun.record, GROUPS).keys().extended_hash.hex() == fingerprint
    report = verify_reader(RecordReader(begun.record, GROUPS), stage=Stage.SETUP)
    assert report.verdict is Verdict.PASS


def test_a_step_says_what_it_waits_for_and_can_be_repeated(begun: Town) -> None:
    assert "waiting for the commitments of guardians 2, 3" in fine(begun.step(1)).out
    sent = snapshot(begun.exchange)
    again = fine(begun.step(1)).out
    assert "sent" not in again
    assert snapshot(begun.exchange) == sent
    assert "waiting for the commitment of guardian 3" in fine(begun.step(2)).out


def test_a_message_that_got_lost_is_sent_again_as_it_was(begun: Town) -> None:
    rounds(begun, 2)
    sent = snapshot(begun.exchange)
    lost = begun.exchange / "round1" / "guardian-2.msgpack"
    step_three = snapshot(begun.guardian(2))
    lost.unlink()
    if "round1/guardian-2.msgpack" in fine(begun.step(2)).out:
        assert lost.read_bytes() == sent["round1/guardian-2.msgpack"]
    else:
        # Guardian 2 is a round further: its state holds the messages of that round only.
        assert snapshot(begun.guardian(2)) == step_three


def test_keys_are_not_published_before_everybody_confirmed(begun: Town) -> None:
    refused(begun.keys(), 2, "lacks the commitment of guardian 1, 2, 3")
    rounds(begun, 2)
    refused(begun.keys(), 2, "lacks the confirmation of guardian")
    assert sorted(snapshot(begun.record)) == ["manifest.json", "parameters.msgpack"]


def test_a_guardian_who_changes_its_record_is_named_by_the_others(begun: Town) -> None:
    for index in (1, 2, 3):
        fine(begun.step(index))
    for index in (1, 2):
        fine(begun.step(index))
    file = begun.exchange / "round1" / "guardian-3.msgpack"
    message = decode(Round1Message, file.read_bytes(), element_bytes=toy().element_bytes)
    record = message.record
    changed = Round1Message(
        3,
        type(record)(
            record.index,
            record.vote_commitments[::-1],
            *(getattr(record, name) for name in list(type(record).__slots__)[2:]),
        ),
        message.seen,
    )
    file.write_bytes(encode(changed))
    refused(begun.step(1), 1, "guardian 3")
    assert (begun.exchange / "complaints" / "guardian-1.msgpack").exists()
    refused(begun.step(2), 1, "guardian 1 complains")
    refused(begun.keys(), 1, "guardian 1 complains")


def test_bytes_that_are_no_message_name_their_file(begun: Town) -> None:
    rounds(begun, 1)
    file = begun.exchange / "round0" / "guardian-3.msgpack"
    sound = file.read_bytes()
    private = snapshot(begun.guardian(1))
    for bad in (b"", sound[:-1], sound + b"\0", sound.replace(b"sender", b"sendor"), b"\x81" + sound[1:]):
        file.write_bytes(bad)
        refused(begun.step(1), 2, "round0/guardian-3.msgpack")
    assert snapshot(begun.guardian(1)) == private
    file.write_bytes(sound)
    fine(begun.step(1))


def test_a_message_in_another_name_is_refused(begun: Town) -> None:
    rounds(begun, 1)
    folder = begun.exchange / "round0"
    (folder / "guardian-3.msgpack").write_bytes((folder / "guardian-2.msgpack").read_bytes())
    refused(begun.step(1), 2, "guardian-3.msgpack", "says that guardian 2 sent it")


def test_somebody_who_sends_in_this_guardians_name_is_noticed(begun: Town) -> None:
    folder = begun.exchange / "round0"
    folder.mkdir()
    (folder / "guardian-1.msgpack").write_bytes(b"something else")
    refused(begun.step(1), 2, "another message already")
    assert (folder / "guardian-1.msgpack").read_bytes() == b"something else"


@pytest.mark.parametrize("index", [0, 4, 99])
def test_an_index_that_no_guardian_has_is_refused(draft_town: Town, index: int) -> None:
    fine(draft_town.new())
    refused(draft_town.init(index), 2)
    assert not draft_town.guardian(index).exists()


def test_a_guardian_begins_once(begun: Town) -> None:
    before = snapshot(begun.guardian(1))
    refused(begun.init(1), 2, "not an empty folder")
    assert snapshot(begun.guardian(1)) == before


def test_a_guardians_folder_is_kept_apart_from_the_record(draft_town: Town) -> None:
    fine(draft_town.new())
    before = snapshot(draft_town.record)
    private = draft_town.record / "mine"
    outcome = evote(
        *("guardian", "init", draft_town.record, "--index", 1, "--private", private), *draft_town.sealed
    )
    refused(outcome, 2, "apart from the record")
    assert snapshot(draft_town.record) == before
    assert not private.exists()


def test_a_folder_that_is_no_guardians_is_refused(begun: Town) -> None:
    outcome = evote(
        *("guardian", "step", "--private", begun.office, "--exchange", begun.exchange), *begun.sealed
    )
    refused(outcome, 2, "no guardian's private folder")


def test_an_exchange_folder_that_is_absent_is_named(begun: Town) -> None:
    shutil.rmtree(begun.exchange)
    refused(begun.step(1), 2, "exchange", "is not a folder")


def test_a_guardian_does_not_accept_another_record_than_it_saw(begun: Town, tmp_path: Path) -> None:
    rounds(begun, 4)
    other = Town(tmp_path / "other")
    fine(other.new())
    other.ceremony()
    shutil.copy(other.exchange / "guardians.msgpack", begun.exchange / "guardians.msgpack")
    refused(begun.step(1), 1, "published guardian record is not what guardian 1 saw")


def test_a_disk_that_is_full_leaves_neither_a_key_nor_a_record(
    draft_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def full(handle: int, data: bytes) -> int:
        # The sealed key is smaller than the manifest.
        if len(data) > 600:
            raise OSError(28, "No space left on device")
        return write(handle, data)

    with monkeypatch.context() as patch:
        patch.setattr("evote.record.files.os.write", full)
        refused(draft_town.new(), 4, "the disk is full")
    assert snapshot(draft_town.record) == snapshot(draft_town.office) == {}
    fine(draft_town.new())
