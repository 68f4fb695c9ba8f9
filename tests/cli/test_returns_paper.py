"""Returns on paper and through cameras, audited; the shapes of Boxmeer, Nivelles and Brussels."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evote.record import Stage
from evote.returns import MergedReturns, UnitReturn, short_code, sign_return
from evote.testing.boxes import Boxes
from tests.cli.driver import Outcome, evote, fine, refused
from tests.verifier.returns_alone import COUNTS, ISLAND, NORTH, OFFICES, PAPER, SOUTH, boxes, files, voted


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    box = voted(boxes())
    return box.kit.write(box.publish(), tmp_path_factory.mktemp("paper") / "record", stage=Stage.VOTING)


def _signed(unit: str, edit: Callable[[UnitReturn], UnitReturn] = lambda made: made) -> bytes:
    box = boxes()
    return sign_return(edit(box.returned(unit, COUNTS[unit])), box.offices.units[unit])


def _written(folder: Path, **contents: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in contents.items():
        (folder / f"{name}.return").write_bytes(data)
    return folder


def _run(record: Path, verb: str, *arguments: object) -> Outcome:
    return evote("returns", verb, *arguments, "--record", record)


def _fields(row: int, **counts: int) -> Callable[[UnitReturn], UnitReturn]:
    def edit(made: UnitReturn) -> UnitReturn:
        fields = tuple(
            replace(each, count=counts.get(each.label, each.count)) for each in made.plain[row].fields
        )
        plain = list(made.plain)
        plain[row] = replace(made.plain[row], fields=fields)
        return replace(made, plain=tuple(plain))

    return edit


def test_minutes_show_figures_and_the_code_that_is_compared(record: Path, tmp_path: Path) -> None:
    file = _written(tmp_path / "in", paper=_signed(PAPER)) / "paper.return"
    page = tmp_path / "minutes.html"
    fine(_run(record, "minutes", file, "--out", page))
    text = page.read_text(encoding="utf-8")
    for group in short_code(file.read_bytes()):
        assert group in text
    assert "Land/Paper" in text and "registered voters" in text and ">35<" in text
    assert "<script" not in text and "http" not in text
    refused(_run(record, "minutes", file, "--out", page), 2, "exists")


def test_the_file_travels_as_codes_that_another_program_reads(tmp_path: Path) -> None:
    pytest.importorskip("segno", reason="segno, the extra 'qr', is not installed")
    reader = shutil.which("zbarimg")
    if reader is None:
        pytest.skip("zbarimg, of Debian's zbar-tools, is not installed")
    file = _written(tmp_path / "in", north=_signed(NORTH)) / "north.return"
    fine(evote("returns", "qr", file, "--out", tmp_path / "codes"))
    pictures = sorted((tmp_path / "codes").iterdir(), reverse=True)
    assert len(pictures) > 1
    done = subprocess.run([reader, "--quiet", "--raw", *map(str, pictures)], capture_output=True, check=True)
    texts = tmp_path / "texts"
    texts.write_bytes(done.stdout)
    fine(evote("returns", "join", texts, "--out", tmp_path / "joined"))
    assert (tmp_path / "joined").read_bytes() == file.read_bytes()
    texts.write_bytes(b"\n".join(done.stdout.splitlines()[1:]))
    refused(evote("returns", "join", texts, "--out", tmp_path / "other"), 2, "1 parts are missing")


def test_a_withheld_code_is_typed_from_paper_or_the_file_is_not_taken(record: Path, tmp_path: Path) -> None:
    inbox = _written(tmp_path / "in", paper=_signed(PAPER), island=_signed(ISLAND))
    out, typed = tmp_path / "merged", tmp_path / "typed.json"
    refused(_run(record, "merge", inbox, "--out", out, "--withhold"), 2, "--typed")
    code = " ".join(short_code(_signed(PAPER))).lower()
    typed.write_text(json.dumps({PAPER: code}))
    outcome = _run(record, "merge", inbox, "--out", out, "--withhold", "--typed", typed)
    assert outcome.code == 3 and "nobody typed the code of Island" in outcome.err
    merged = MergedReturns.decode(boxes().election, out.read_bytes())
    assert [signed.unit for signed in merged.returns.values()] == [PAPER]
    wrong = "3" if code[0] != "3" else "4"
    typed.write_text(json.dumps({PAPER: wrong + code[1:], ISLAND: " ".join(short_code(_signed(ISLAND)))}))
    outcome = _run(record, "merge", inbox, "--out", out, "--withhold", "--typed", typed)
    assert outcome.code == 1 and "the paper of Land/Paper has another code" in outcome.err
    merged = MergedReturns.decode(boxes().election, out.read_bytes())
    assert [signed.unit for signed in merged.returns.values()] == [ISLAND]


def test_status_follows_a_folder_and_ends_with_the_last_state(record: Path, tmp_path: Path) -> None:
    every = files(voted(boxes()))
    inbox = _written(tmp_path / "in", north=every[NORTH], south=every[SOUTH], paper=every[PAPER])
    outcome = _run(record, "status", inbox, "--watch", "--looks", 1)
    assert outcome.code == 3 and "3 of 4 units have reported" in outcome.out
    assert "Land  3 of 3 units" in outcome.out and "Waiting for Island" in outcome.out
    _written(inbox, island=every[ISLAND])
    assert _run(record, "status", inbox).code == 0


# --- audit -------------------------------------------------------------------------------------------


def _published(box: Boxes, folder: Path, *contents: bytes) -> Path:
    """A publication of these files, signed by the authority."""
    from evote.office.returns_files import take_in
    from evote.office.returns_published import publish_folder

    intake = take_in(box.election, [("", data) for data in contents])
    publish_folder(intake.merged, box.kit.authority, folder)
    return folder


def test_one_altered_unit_at_the_centre_is_named_with_its_difference(record: Path, tmp_path: Path) -> None:
    box = voted(boxes())
    every = files(box)
    sent = _written(tmp_path / "sent", **{unit.rpartition("/")[2]: data for unit, data in every.items()})
    good = _published(box, tmp_path / "good", *every.values())
    outcome = fine(_run(record, "audit", good, "--sent", sent, "--all"))
    assert outcome.out.count("ADDED") == 4
    altered = every | {PAPER: _signed(PAPER, _fields(0, yes=36, no=19))}
    bad = _published(box, tmp_path / "bad", *altered.values())
    outcome = _run(record, "audit", bad, "--sent", sent)
    assert outcome.code == 1
    assert "Land/Paper: DIFFERENT: style 'long', contest 'Question', 'yes': sent 35, added 36" in outcome.out
    short = _published(box, tmp_path / "short", *(data for unit, data in every.items() if unit != ISLAND))
    outcome = _run(record, "audit", short, "--sent", sent, "--json")
    assert outcome.code == 1
    rows = {row["unit"]: row["outcome"] for row in json.loads(outcome.out)["rows"]}
    assert rows[ISLAND] == "ABSENT" and rows[NORTH] == "ADDED"


@pytest.mark.parametrize("name", ["merged.returns", "returns.json", "returns.sig"])
def test_a_publication_in_which_one_byte_was_altered_is_none(name: str, record: Path, tmp_path: Path) -> None:
    box = voted(boxes())
    every = files(box)
    sent = _written(tmp_path / "sent", paper=every[PAPER])
    folder = _published(box, tmp_path / "published", *every.values())
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    assert _run(record, "audit", folder, "--sent", sent).code in (1, 2)


# --- elections that went wrong -------------------------------------------------------------------------


def test_boxmeer_2017_lists_that_were_never_typed_in(record: Path, tmp_path: Path) -> None:
    wrong = _signed(PAPER, _fields(1, red=40, blue=0))
    inbox = _written(tmp_path / "in", paper=wrong)
    outcome = _run(record, "merge", inbox, "--out", tmp_path / "merged")
    assert outcome.code == 1
    assert "Look at: Land/Paper, Asked on paper only, blue: list-at-zero" in outcome.out
    assert "WRONG: Land/Paper, long, Asked on paper only: votes-unaccounted" in outcome.out
    alone = _run(record, "check", inbox / "paper.return")
    assert alone.code == 1 and "votes-unaccounted" in alone.out


def test_nivelles_2014_votes_credited_to_the_neighbour(record: Path, tmp_path: Path) -> None:
    box = boxes()
    swapped = sign_return(replace(box.returned(PAPER, COUNTS[PAPER]), unit=ISLAND), box.offices.units[PAPER])
    outcome = _run(record, "merge", _written(tmp_path / "in", island=swapped), "--out", tmp_path / "merged")
    assert outcome.code == 1 and "neighbours-key" in outcome.out and "0 of 4" in outcome.out


def test_brussels_2024_votes_per_category_do_not_match_voters_per_category(
    record: Path, tmp_path: Path
) -> None:
    wrong = _signed(PAPER, _fields(1, red=45, blue=17))
    outcome = _run(record, "merge", _written(tmp_path / "in", paper=wrong), "--out", tmp_path / "merged")
    assert outcome.code == 1 and "too-many-votes (expected at most 60, found 62)" in outcome.out


def test_belgium_2018_a_partial_count_is_never_taken_as_whole(record: Path, tmp_path: Path) -> None:
    inbox = _written(tmp_path / "in", paper=_signed(PAPER)[:-200])
    outcome = _run(record, "merge", inbox, "--out", tmp_path / "merged")
    assert outcome.code == 3 and "PARTIAL" in outcome.out and "0 of 4 units" in outcome.out
    assert len(OFFICES) == 4
