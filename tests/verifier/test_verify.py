"""What a verification says of a record as a whole: stages, emptiness, withheld cells, hostile bytes."""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import evote.report
from evote.ballots import EncryptedBallot, SubmittedBallot
from evote.codec import encode
from evote.errors import StorageError
from evote.groups import named
from evote.hashing import sha256
from evote.record import RecordReader, Stage, layout
from evote.record.segments import frame_bytes
from evote.report import Report, Status, Verdict, html_page
from evote.testing.boards import BoardKeys
from evote.testing.elections import SMALL, Kit, Published
from evote.testing.forge import Cheat
from evote.verifier import look as look_module
from evote.verifier import verify_record
from evote.verifier.board.ids import BOARD
from evote.verifier.plan import Options
from evote.verifier.verify import NOT_STANDARD, _verify
from tests.verifier.alone import VOTES, ceremony, honest, voted

SCHEMA = json.loads((Path(evote.report.__file__).parent / "report.schema.json").read_text("utf-8"))


def verify(kit: Kit, directory: Path, stage: Stage = Stage.FINAL, **options: object) -> Report:
    """Verify with the kit's group known, and hold the report against its schema."""
    reader = RecordReader(directory, {kit.group.name: kit.group})
    report = _verify(reader, stage=stage, **options)  # type: ignore[arg-type]
    jsonschema.validate(json.loads(report.to_json()), SCHEMA)
    assert html_page(report).endswith("</html>\n")
    return report


def resealed(
    kit: Kit, published: Published, directory: Path, change: Callable[[dict[str, bytes]], None]
) -> Path:
    """The record written with files that were changed before the index was made over them."""
    files = kit.files(published)
    del files[layout.index_path(1)]
    change(files)
    files[layout.index_path(1)] = kit.index(published, files, Stage.FINAL)
    for name, data in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return directory


def election(draft: Mapping[str, object], votes: int = 3, seed: str = "verify") -> Kit:
    kit = Kit({**SMALL, **draft}, seed=seed)
    for number in range(votes):
        kit.vote(("North", "South")[number % 2], {"Mayor": {"Ada": 1}})
    return kit


# --- the honest record -------------------------------------------------------------------------------


def test_the_counts_say_how_much_was_looked_at(tmp_path: Path) -> None:
    kit = ceremony("small")
    report = verify(kit, kit.write(honest(kit), tmp_path))
    assert report.verdict is Verdict.PASS
    cast = sum(not challenged for *_, challenged in VOTES)
    expected = {
        "ballots": len(VOTES),
        "cast": cast,
        "challenged": len(VOTES) - cast,
        "selections": 6 * len(VOTES),
        "opened": len(VOTES) - cast,
    }
    assert expected.items() <= report.counts.items()
    # Six selections on each ballot, of which one has the limit 2; two contests with the limits 1 and 2.
    for check, count in {
        "5.A": len(VOTES),
        "6.A": 6 * cast,
        "6.B": 13 * cast,
        "6.D": 6 * cast,
        "7.C": 5 * cast,
        "7.D": 2 * cast,
        "8.A": 2 * len(VOTES),
        "9.A": 6,
        "10.C": 6,
        "11.D": 2,
        "E.4": len(VOTES),
        "E.6": 8 * len(VOTES),
    }.items():
        assert report.check(check).count == count, check


def test_the_subject_names_the_record(tmp_path: Path) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path)
    subject = verify(kit, directory).subject
    assert subject.fingerprint == kit.election.fingerprint
    assert subject.digest == sha256((directory / layout.index_path(1)).read_bytes()).hex()
    assert (subject.group, subject.election, subject.test) == (kit.group.name, "Town of Testing 2026", True)
    assert "toy" in subject.profile


def test_without_an_expected_fingerprint_the_report_says_what_it_is_consistent_with(tmp_path: Path) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path)
    warned = [
        sentence for sentence in verify(kit, directory).warnings if kit.election.fingerprint in sentence
    ]
    assert len(warned) == 1
    report = verify(kit, directory, expect=f" {kit.election.fingerprint.upper()} ")
    assert report.check("E.19").status is Status.PASS
    assert not any(kit.election.fingerprint in sentence for sentence in report.warnings)


def test_the_summary_has_the_figures_and_names_of_the_record(tmp_path: Path) -> None:
    names = {"fr": "Ville"}
    kit = election({"languages": ["fr"], "names": names}, votes=3)
    summary = verify(kit, kit.write(kit.publish(), tmp_path)).summary
    assert summary is not None
    assert (summary.name, summary.guardians, summary.quorum) == ("Ville", 3, 2)
    mayor = summary.contests[0]
    assert [(field.name, field.count) for field in mayor.totals] == [("Ada", 3), ("Grace", 0), ("blank", 0)]
    assert mayor.cells[0].ballots == 3


def test_progress_is_told(tmp_path: Path) -> None:
    kit = ceremony("small")
    told: list[tuple[str, int, int]] = []
    verify(
        kit,
        kit.write(honest(kit), tmp_path),
        progress=lambda what, done, total: told.append((what, done, total)),
    )
    assert [entry for entry in told if entry[0] == "ballots"] == [
        ("ballots", number, len(VOTES)) for number in range(len(VOTES) + 1)
    ]
    assert told[-1] == ("decryptions", 2, 2)


def test_only_one_stretch_of_ballots_is_in_memory_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path)
    kit.restart()

    def alive() -> int:
        return sum(isinstance(thing, SubmittedBallot) for thing in gc.get_objects())

    gc.collect()
    before = alive()
    seen: list[int] = []
    values_of = look_module.values_of

    def watched(position: int, ballot: EncryptedBallot) -> list[bytes]:
        seen.append(alive() - before)
        return values_of(position, ballot)

    monkeypatch.setattr(look_module, "values_of", watched)
    verify(kit, directory, options=Options(chunk=2))
    assert len(seen) == len(VOTES)
    assert max(seen) <= 3


# --- elections of other shapes -----------------------------------------------------------------------


def test_weights_are_counted_with_their_ballots(tmp_path: Path) -> None:
    draft = {
        "styles": [
            {"label": "one", "contests": ["Mayor", "Council"]},
            {"label": "three", "contests": ["Mayor"], "weight": 3},
        ]
    }
    kit = Kit({**SMALL, **draft}, seed="weights")
    kit.vote("North", {"Mayor": {"Ada": 1}}, style="one")
    kit.vote("North", {"Mayor": {"Grace": 1}}, style="three")
    kit.vote("South", {"Mayor": {"Ada": 1}}, style="three")
    report = verify(kit, kit.write(kit.publish(), tmp_path))
    assert report.verdict is Verdict.PASS
    assert report.summary is not None
    assert [field.count for field in report.summary.contests[0].totals] == [4, 3, 0]


def test_a_ballot_with_findings_is_counted_with_its_weight_too(tmp_path: Path) -> None:
    draft = {"styles": [{"label": "three", "contests": ["Mayor", "Council"], "weight": 3}]}
    kit = Kit({**SMALL, **draft}, seed="weights")
    kit.vote("North", {"Mayor": {"Ada": 1}})
    kit.vote("North", {"Mayor": {"Grace": 1}}, cheat=Cheat(values={"Council": (2, 0, 0)}))
    assert verify(kit, kit.write(kit.publish(), tmp_path)).failed == ("6.D",)


def test_a_withheld_cell_leaves_the_verdict_incomplete_with_its_reason(tmp_path: Path) -> None:
    kit = election({"cells": "each", "minimum_cell": 2})
    report = verify(kit, kit.write(kit.publish(), tmp_path))
    assert (report.verdict, report.exit_code) == (Verdict.INCOMPLETE, 3)
    assert report.having(Status.NOT_CHECKED) == ("11.D",)
    assert "1 ballot is counted" in report.check("11.D").note
    assert report.summary is not None
    assert [bool(cell.withheld) for cell in report.summary.contests[0].cells] == [False, True]
    assert any("cell by cell" in sentence for sentence in report.warnings)


def test_a_cell_that_must_be_withheld_and_is_decrypted_fails(tmp_path: Path) -> None:
    kit = election({"cells": "each", "minimum_cell": 2})
    published = kit.publish()
    cells = tuple(kit.decrypt_cell(cell) for cell in published.tally.cells)
    published.decryption = replace(published.decryption, cells=cells, withheld=())
    assert verify(kit, kit.write(published, tmp_path)).failed == ("E.12",)


def test_a_cell_without_ballots_is_decrypted_to_zero(tmp_path: Path) -> None:
    kit = Kit({**SMALL, "cells": "each", "minimum_cell": 2}, seed="empty cell")
    for _ in range(2):
        kit.vote("North", {"Mayor": {"Ada": 1}})
    assert verify(kit, kit.write(kit.publish(), tmp_path)).verdict is Verdict.PASS


def test_a_record_of_challenged_ballots_only_passes_and_says_what_did_not_apply(tmp_path: Path) -> None:
    kit = Kit(SMALL, seed="challenged only")
    kit.vote("North", {"Mayor": {"Ada": 1}}, challenge=True)
    report = verify(kit, kit.write(kit.publish(), tmp_path))
    assert report.verdict is Verdict.PASS
    assert report.check("6.D").note == "no ballot was cast"
    assert report.check("13.B").count == 1


def test_a_record_without_challenged_ballots_passes(tmp_path: Path) -> None:
    kit = election({})
    report = verify(kit, kit.write(kit.publish(), tmp_path))
    assert report.verdict is Verdict.PASS
    assert report.check("13.B").note == "no ballot was challenged"


def test_openings_may_stand_in_any_order(tmp_path: Path) -> None:
    kit = Kit(SMALL, seed="order of openings")
    for _ in range(3):
        kit.vote("North", {"Mayor": {"Ada": 1}}, challenge=True)
    published = kit.publish()
    published.openings = published.openings[::-1]
    assert verify(kit, kit.write(published, tmp_path)).verdict is Verdict.PASS


@pytest.mark.parametrize("draft", ["small", "chained"])
def test_voters_may_decide_in_another_order_than_their_devices_encrypt(draft: str, tmp_path: Path) -> None:
    kit = ceremony(draft)
    voted(kit)
    devices = kit.devices(kit.submitted)
    kit.submitted = kit.submitted[2:] + kit.submitted[:2]
    published = kit.publish()
    published.devices = devices
    assert verify(kit, kit.write(published, tmp_path)).verdict is Verdict.PASS


def test_a_withheld_cell_states_the_reason_of_the_rule(tmp_path: Path) -> None:
    kit = election({"cells": "each", "minimum_cell": 2})
    published = kit.publish()
    withheld = tuple(replace(cell, reason="too few") for cell in published.decryption.withheld)
    published.decryption = replace(published.decryption, withheld=withheld)
    assert verify(kit, kit.write(published, tmp_path)).failed == ("E.12",)


def test_a_closed_record_without_ballots_passes_because_its_head_says_so(tmp_path: Path) -> None:
    kit = Kit(SMALL, seed="nobody")
    report = verify(kit, kit.write(kit.publish(), tmp_path))
    assert report.verdict is Verdict.PASS, report.having(Status.NOT_CHECKED)
    assert report.check("6.D").status is Status.NOT_APPLICABLE


def test_no_ballots_under_a_head_that_does_not_hold_is_no_reason_to_skip_them(tmp_path: Path) -> None:
    kit = Kit(SMALL, seed="nobody")
    published = kit.publish()
    published.head = replace(published.head, size=1)
    report = verify(kit, kit.write(published, tmp_path))
    assert report.failed == ("E.11",)
    assert report.check("6.D").status is Status.NOT_CHECKED


# --- declared and not declared -----------------------------------------------------------------------


def test_a_declared_board_without_roll_and_logs_is_a_failure_that_names_them(tmp_path: Path) -> None:
    keys = BoardKeys.drawn("verify", ["North", "South"])
    kit = Kit(
        lambda salt: {**SMALL, "board": keys.board(salt), "roll": keys.roll(salt, slots=1, root=bytes(32))}
    )
    report = verify(kit, kit.write(kit.publish(), tmp_path))
    assert report.failed == ("E.15",)
    places = [finding.where for finding in report.check("E.15").findings]
    assert places == ["roll", "log", "checkpoints.msgpack"]
    assert set(BOARD) <= set(report.having(Status.NOT_CHECKED))


def test_files_of_a_board_that_nobody_declared_are_findings(tmp_path: Path) -> None:
    kit = Kit(seed="verify")
    published = kit.publish()
    box = Kit.with_board(seed="verify")
    box.close()
    published.board = box.publish().board
    report = verify(kit, kit.write(published, tmp_path), zero_ballots_expected=True)
    assert report.failed == ("E.16",)
    places = {finding.where for finding in report.check("E.16").findings}
    assert places == {"roll", "log", "checkpoints.msgpack"}


def test_without_a_declared_index_foreign_files_are_still_findings(tmp_path: Path) -> None:
    kit = election({"extensions": ["context", "round0", "cells"]})
    published = kit.publish()
    published.left_out.add("index")
    directory = kit.write(published, tmp_path)
    report = verify(kit, directory)
    assert report.verdict is Verdict.PASS
    assert report.check("E.10").status is Status.NOT_APPLICABLE
    assert len(report.subject.digest) == 64
    (directory / "private.key").write_bytes(b"x")
    assert verify(kit, directory).failed == ("E.16",)


def test_round_0_that_is_not_declared_does_not_apply(tmp_path: Path) -> None:
    signer = Kit(SMALL, seed="verify").authority.verify_key.encoded.hex()
    kit = election({"extensions": [{"name": "index", "key": signer}, "context", "cells"]})
    published = kit.publish()
    published.guardians = replace(published.guardians, round0=())
    report = verify(kit, kit.write(published, tmp_path))
    assert report.verdict is Verdict.PASS
    assert report.check("E.9").status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("sealed", [Stage.SETUP, Stage.VOTING])
def test_a_record_that_is_not_that_far_is_incomplete_and_nothing_is_called_missing(
    sealed: Stage, tmp_path: Path
) -> None:
    kit = ceremony("small")
    report = verify(kit, kit.write(honest(kit), tmp_path, stage=sealed))
    assert report.failed == ()
    assert "10.B" in report.having(Status.NOT_CHECKED)
    assert sealed.value in report.check("10.B").note


@pytest.mark.parametrize("stage", [Stage.SETUP, Stage.VOTING])
def test_an_earlier_stage_of_a_finished_record_can_be_checked(stage: Stage, tmp_path: Path) -> None:
    kit = ceremony("chained")
    report = verify(kit, kit.write(honest(kit), tmp_path), stage)
    assert report.verdict is Verdict.PASS
    assert report.check("10.B").status is Status.NOT_APPLICABLE
    assert report.check("6.D").status is (Status.NOT_APPLICABLE if stage is Stage.SETUP else Status.PASS)


def test_chains_are_published_when_they_are_closed(tmp_path: Path) -> None:
    kit = ceremony("chained")
    published = honest(kit)
    (device,) = published.devices.devices
    open_chain = replace(device, initial_field=None, initial_hash=None, closing_field=None, closing_hash=None)
    published.devices = replace(published.devices, devices=(open_chain,))
    report = verify(kit, kit.write(published, tmp_path, stage=Stage.VOTING), Stage.VOTING)
    assert report.verdict is Verdict.PASS
    assert report.check("8.G").status is Status.NOT_APPLICABLE
    assert report.check("8.E").count == len(VOTES)


def test_before_the_close_a_device_may_list_ballots_that_are_not_decided(tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    (device,) = published.devices.devices
    longer = replace(device, codes=(*device.codes, bytes(32)))
    published.devices = replace(published.devices, devices=(longer,))
    directory = kit.write(published, tmp_path / "voting", stage=Stage.VOTING)
    assert verify(kit, directory, Stage.VOTING).verdict is Verdict.PASS
    assert verify(kit, kit.write(published, tmp_path / "final")).failed == ("E.13",)


# --- bytes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "dependent"),
    [
        ("parameters.msgpack", "1.A"),
        ("guardians.msgpack", "2.A"),
        ("keys.msgpack", "3.A"),
        ("devices.msgpack", "8.C"),
        ("tally.msgpack", "9.A"),
        ("decryption.msgpack", "10.B"),
    ],
)
def test_a_sealed_file_that_does_not_decode_fails_e16_alone(
    name: str, dependent: str, tmp_path: Path
) -> None:
    kit = ceremony("small")

    def damage(files: dict[str, bytes]) -> None:
        files[name] += b"\x00"

    report = verify(kit, resealed(kit, honest(kit), tmp_path, damage))
    assert report.failed == ("E.16",)
    assert report.check(dependent).status is Status.NOT_CHECKED


def test_ballots_are_still_checked_where_the_guardians_cannot_be_read(tmp_path: Path) -> None:
    kit = ceremony("small")

    def damage(files: dict[str, bytes]) -> None:
        files["guardians.msgpack"] = b""

    report = verify(kit, resealed(kit, honest(kit), tmp_path, damage))
    assert report.check("6.D").status is Status.PASS
    assert report.check("4.A").status is Status.PASS


def test_a_torn_segment_fails_e2_and_what_was_readable_is_looked_at(tmp_path: Path) -> None:
    kit = ceremony("small")

    def tear(files: dict[str, bytes]) -> None:
        files["ballots/000001.seg"] = files["ballots/000001.seg"][:-1]

    report = verify(kit, resealed(kit, honest(kit), tmp_path, tear))
    assert report.failed == ("E.2",)
    assert report.counts["ballots"] == len(VOTES) - 1
    assert {"5.A", "6.D", "9.A", "E.11", "E.12"} <= set(report.having(Status.NOT_CHECKED))


def test_a_frame_longer_than_any_ballot_of_the_election_is_not_read(tmp_path: Path) -> None:
    kit = ceremony("small")

    def swell(files: dict[str, bytes]) -> None:
        files["ballots/000001.seg"] += frame_bytes(bytes(100_000))

    report = verify(kit, resealed(kit, honest(kit), tmp_path, swell))
    assert report.failed == ("E.2",)
    assert "limit" in report.check("E.2").findings[0].message


@pytest.mark.parametrize(("folder", "check"), [("openings", "E.13"), ("data", "E.20")])
def test_a_frame_that_is_no_opening_or_data_fails_its_check(folder: str, check: str, tmp_path: Path) -> None:
    kit = ceremony("opened")

    def spoil(files: dict[str, bytes]) -> None:
        files[f"{folder}/000001.seg"] += frame_bytes(b"nothing")

    assert verify(kit, resealed(kit, honest(kit), tmp_path, spoil)).failed == (check,)


def test_a_manifest_that_breaks_a_rule_fails_e15_and_names_it(tmp_path: Path) -> None:
    kit = ceremony("small")

    def spoil(files: dict[str, bytes]) -> None:
        files["manifest.json"] = files["manifest.json"].replace(b'"Grace"', b'"Ada"', 1)

    report = verify(kit, resealed(kit, honest(kit), tmp_path, spoil))
    assert "E.15" in report.failed
    assert "labels are unique" in report.check("E.15").findings[0].message
    assert report.check("6.D").status is Status.NOT_CHECKED
    assert report.check("2.C").status is not Status.PASS or "1.F" in report.failed


def test_a_quorum_beyond_the_number_of_guardians_fails_e16(tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    published.parameters = replace(published.parameters, quorum=9)
    assert verify(kit, kit.write(published, tmp_path)).failed == ("E.16",)


def test_guardians_in_another_order_fail(tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    guardians = published.guardians.guardians
    published.guardians = replace(published.guardians, guardians=guardians[::-1])
    report = verify(kit, kit.write(published, tmp_path))
    assert {"E.16", "E.8", "E.9"} == set(report.failed)


def test_texts_of_a_hostile_record_cannot_command_a_terminal(tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    (device,) = published.devices.devices
    published.devices = replace(published.devices, devices=(replace(device, device="\x1b[2J"),))
    published.parameters = replace(published.parameters, version="\x1b[31m")
    report = verify(kit, kit.write(published, tmp_path))
    assert {"1.A", "8.C", "E.13"} <= set(report.failed)
    assert "\\x1b" in str(report.check("1.A").findings[0])
    assert "\x1b" not in report.to_json() + html_page(report)


def test_a_ballot_for_another_election_fails(tmp_path: Path) -> None:
    kit, stranger = ceremony("small"), Kit(SMALL, seed="another election")
    published = honest(kit)
    published.submitted.append(stranger.vote("North", {"Mayor": {"Ada": 1}}))
    report = verify(kit, kit.write(published, tmp_path))
    proofs = {"5.B", "6.D", "7.D", "8.A", "8.B", "8.D", "E.1", "E.4", "E.5"}
    assert proofs | {"9.A", "9.B", "E.11", "E.12", "E.13"} <= set(report.failed)


def test_every_finding_of_a_record_is_collected(tmp_path: Path) -> None:
    kit = ceremony("small")
    voted(kit)
    for _ in range(3):
        kit.vote("North", {}, cheat=Cheat(values={"Council": (2, 0, 0)}))
    report = verify(kit, kit.write(kit.publish(), tmp_path))
    found = report.check("6.D").findings
    assert len({finding.where.split(",")[0] for finding in found}) == 3
    assert all("contest 'Council', option 'Alan'" in finding.where for finding in found)


# --- callers -----------------------------------------------------------------------------------------


def test_what_is_no_record_is_an_error_and_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    for name in ("absent", "file", "empty"):
        with pytest.raises(StorageError):
            verify_record(tmp_path / name)


@pytest.mark.parametrize("expect", ["", "00", "g" * 64, "0" * 63, "0" * 65])
def test_an_expectation_that_is_no_fingerprint_is_the_callers_mistake(expect: str, tmp_path: Path) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path)
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        verify_record(directory, expect=expect)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "profile"), [("electionguard-4096", ""), ("electionguard-3072", NOT_STANDARD)]
)
def test_a_record_on_a_published_group_passes_for_everybody(name: str, profile: str, tmp_path: Path) -> None:
    kit = Kit(SMALL, seed=name, group=named(name))
    kit.vote("North", {"Mayor": {"Ada": 1}})
    kit.vote("South", {"Mayor": {"Grace": 1}}, challenge=True)
    directory = kit.write(kit.publish(), tmp_path / "record")
    report = verify_record(directory, expect=kit.election.fingerprint)
    assert report.verdict is Verdict.PASS, report.failed
    assert report.subject.profile == profile
    assert any(NOT_STANDARD in sentence for sentence in report.warnings) == bool(profile)
    shutil.rmtree(directory / "ballots")
    assert verify_record(directory).verdict is Verdict.FAIL


def test_many_records_can_be_verified_side_by_side(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    first, second = ceremony("small"), ceremony("chained")
    directories = [
        (kit, kit.write(honest(kit), tmp_path / name)) for kit, name in ((first, "a"), (second, "b"))
    ]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda pair: verify(*pair), directories * 2))
    assert [report.verdict for report in reports] == [Verdict.PASS] * 4
    assert reports[0].subject.fingerprint == reports[2].subject.fingerprint
    assert reports[0].subject.fingerprint != reports[1].subject.fingerprint


def test_the_same_record_gives_the_same_report(tmp_path: Path) -> None:
    kit = ceremony("small")
    directory = kit.write(honest(kit), tmp_path)
    assert verify(kit, directory).to_json() == verify(kit, directory).to_json()


def test_encodings_of_the_kit_are_those_of_the_record(tmp_path: Path) -> None:
    kit = ceremony("small")
    published = honest(kit)
    directory = kit.write(published, tmp_path)
    frames = [frame for _, frame, _ in RecordReader(directory, {kit.group.name: kit.group}).ballots()]
    assert frames == [encode(ballot) for ballot in published.submitted]
