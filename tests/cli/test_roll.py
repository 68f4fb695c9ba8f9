"""``evote roll``: from a list of voters to an election with a roll, codes on paper, codes issued again."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from evote.ballots.election import Election
from evote.board.codes import Code
from evote.board.entries import ReissueEntry
from evote.board.holder import Holder
from evote.board.reissue import Credentials
from evote.codec import decode
from evote.office.roll import read_roll
from evote.record import RecordReader, load_election
from evote.secret import Secret
from evote.testing.boards import BoardKeys
from tests.cli.driver import DRAFT, GROUPS, Outcome, Town, cheap_passphrases, evote, fine, refused

UNITS = ("Town/North", "Town/South")
CODE = re.compile(r'class="code">([0-9A-Z-]{34})<')
PSEUDONYM = re.compile(r"<br>([0-9a-f]{64})<")
VOTERS = "reference,unit,style,name\n" + "".join(
    f"R-{number},{UNITS[number % 2]},all,Voter <{number}>\n" for number in range(1, 6)
)


class Rolled(Town):
    """An election whose voters have codes of one authority, or of two."""

    def __init__(self, root: Path, parts: int = 1) -> None:
        super().__init__(root, {**DRAFT, "chaining": 0})
        self.parts = parts
        self.voters, self.salt = root / "voters.csv", root / "salt.txt"
        self.drawn, self.keyfile = root / "drawn", root / "second.keys"
        self.first, self.second = root / "first", root / "second"
        self.voters.write_text(VOTERS, encoding="utf-8")

    def roll(self, verb: str, private: Path, out: Path, *options: object) -> Outcome:
        given = (self.draft, self.voters, "--salt", self.salt, "--private", private, "--out", out)
        return evote("roll", verb, *given, "--iterations", 2, *options, *self.sealed)

    def draw(self) -> None:
        fine(evote("election", "salt", self.salt))
        options: tuple[object, ...] = ()
        if self.parts == 2:
            fine(self.roll("codes", self.second, self.keyfile))
            options = ("--second", self.keyfile)
        fine(self.roll("new", self.first, self.drawn, *options))

    def elect(self) -> None:
        salt = bytes.fromhex(self.salt.read_text().strip())
        board = self.root / "board.json"
        board.write_text(json.dumps(BoardKeys.drawn("cli", UNITS).board(salt)))
        declared = ("--salt", self.salt, "--board", board, "--roll", self.drawn / "roll.json")
        fine(self.new(*declared))
        self.ceremony()

    def sheets(self, private: Path) -> str:
        return "".join(file.read_text() for file in sorted((private / "sheets").iterdir()))

    def codes_of(self, private: Path) -> list[str]:
        return CODE.findall(self.sheets(private))

    def election(self) -> Election:
        return load_election(RecordReader(self.record, GROUPS))

    def check(self, *codes: str) -> Outcome:
        files = []
        for number, code in enumerate(codes):
            file = self.root / f"code-{number}"
            file.write_text(f"{code}\nsomething else\n")
            files += ["--code-file", file]
        return evote("roll", "check", self.record, "--roll", self.drawn / "roll", *files)

    def keep(self, private: Path, entry: Path) -> Outcome:
        given = (self.record, entry, "--private", private, "--roll", self.drawn / "roll")
        return evote("roll", "keep", *given, *self.sealed)

    def reissue(self, private: Path, file: Path, *options: object) -> Outcome:
        given = (self.record, "--private", private, "--file", file, "--roll", self.drawn / "roll")
        return evote("roll", "reissue", *given, *options, *self.sealed)


def built(root: Path, parts: int) -> Rolled:
    with cheap_passphrases():
        made = Rolled(root, parts)
        made.draw()
        made.elect()
    return made


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Rolled:
    return built(tmp_path_factory.mktemp("single") / "town", 1)


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Rolled:
    return built(tmp_path_factory.mktemp("double") / "town", 2)


@pytest.fixture
def drawing(tmp_path: Path) -> Iterator[Rolled]:
    made = Rolled(tmp_path / "town")
    fine(evote("election", "salt", made.salt))
    yield made


def test_every_voter_gets_a_code_that_is_on_the_roll_with_its_pseudonym(single: Rolled) -> None:
    codes = single.codes_of(single.first)
    assert len(set(codes)) == 5
    pseudonyms = PSEUDONYM.findall(single.sheets(single.first))
    slots = set()
    for code, pseudonym in zip(codes, pseudonyms, strict=True):
        said = fine(single.check(code.lower().replace("-", " "))).out
        assert f"Pseudonym: {pseudonym}" in said
        slots.add(re.findall(r"Slot: +(\d)", said)[0])
    assert slots == set("01234")
    manifest = single.election().manifest
    assert manifest.roll is not None and (manifest.roll.slots, manifest.roll.iterations) == (5, 2)
    roll = read_roll(manifest, single.drawn / "roll")
    assert sorted(entry.unit for entry in roll) == [UNITS[0]] * 2 + [UNITS[1]] * 3


def test_codes_are_on_the_sheets_and_nowhere_else(single: Rolled) -> None:
    codes = single.codes_of(single.first)
    forms = [form for code in codes for form in (code, code.replace("-", ""), code.lower())]
    forms += [Code.read(Secret(code)).bits.reveal().hex() for code in codes]
    raw = [Code.read(Secret(code)).bits.reveal() for code in codes]
    for file in single.root.rglob("*"):
        if file.is_file() and file.parent.name != "sheets" and not file.name.startswith("code-"):
            content = file.read_bytes()
            assert not any(form.encode() in content for form in forms), file
            assert not any(bits in content for bits in raw), file
    published = b"".join(file.read_bytes() for file in (single.drawn).rglob("*") if file.is_file())
    for private in (b"Voter", b"R-1", b"R-5"):
        assert private not in published
    for file in (single.first / "sheets").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((single.first / "mapping.csv").stat().st_mode) == 0o600
    assert stat.S_IMODE(single.first.stat().st_mode) == 0o700


def test_sheets_hold_nothing_that_is_loaded_from_elsewhere_and_names_as_text(single: Rolled) -> None:
    sheets = single.sheets(single.first)
    assert "Voter &lt;1&gt;" in sheets and "<1>" not in sheets
    assert not re.search(r"(src|href)\s*=|url\(|<script|@import", sheets)
    assert "TEST" in sheets and sheets.count("<section>") == 5


def test_a_code_of_another_election_or_with_a_slip_is_not_on_the_roll(single: Rolled, double: Rolled) -> None:
    code = single.codes_of(single.first)[0]
    other = "Z" if code[-1] != "Z" else "Y"
    refused(single.check(code[:-1] + other), 2, "a character is wrong")
    refused(single.check(code, code), 2, "one code per voter")
    stranger = Code.drawn(0).text().reveal()
    outcome = single.check(stranger)
    assert outcome.code == 1 and "not on the roll" in outcome.out
    assert stranger not in outcome.out + outcome.err
    first, second = double.codes_of(double.first)[0], double.codes_of(double.second)[0]
    refused(double.check(first), 2, "two codes per voter")
    assert "Slot" in fine(double.check(second, first)).out
    mixed = double.check(first, double.codes_of(double.second)[1])
    assert mixed.code == 1


def test_a_lost_code_is_issued_again_and_again_and_each_entry_holds(single: Rolled) -> None:
    election = single.election()
    roll = read_roll(election.manifest, single.drawn / "roll")
    credentials = Credentials(roll, election.extended_hash)
    slot = None
    for turn in (1, 2):
        file, sheet = single.root / f"again-{turn}.json", single.root / f"again-{turn}.html"
        said = single.reissue(
            single.first, file, "--reference", "R-2", "--reason", f"lost {turn} times", "--sheet", sheet
        )
        fine(said)
        (code,) = CODE.findall(sheet.read_text())
        assert code not in said.out + said.err + file.read_text()
        entry = decode(ReissueEntry, file.with_suffix(".reissue").read_bytes(), element_bytes=0)
        assert slot in (None, entry.slot)
        slot = entry.slot
        credentials.apply(roll.entry(slot).unit, entry)
        holder = Holder.of_codes(election.manifest, [Code.read(Secret(code))])
        found = credentials.find(holder.pseudonym)
        assert found is not None and found.slot == slot and not found.revoked
        assert holder.pseudonym.hex() in sheet.read_text()
    assert credentials.count == 2


def test_with_two_authorities_a_reissue_takes_both(double: Rolled) -> None:
    election = double.election()
    roll = read_roll(election.manifest, double.drawn / "roll")
    file = double.root / "two.json"
    sheets = [double.root / name for name in ("two-1.html", "two-2.html")]
    options = ("--reference", "R-3", "--reason", "moved")
    assert "other authority" in fine(double.reissue(double.first, file, *options, "--sheet", sheets[0])).out
    assert not file.with_suffix(".reissue").exists()
    refused(double.reissue(double.second, file), 2, "--sheet")
    begun = file.read_text()
    assert "other authority" in fine(double.reissue(double.second, file, "--sheet", sheets[1])).out
    signed = json.loads(file.read_text())
    # The second authority cannot put a key of its own in the first one's place.
    signed["new"][0] = signed["new"][1]
    file.write_text(json.dumps(signed))
    refused(double.reissue(double.first, file), 2, "was not drawn here")
    file.write_text(begun)
    again = double.root / "two-3.html"
    fine(double.reissue(double.second, file, "--sheet", again))
    fine(double.reissue(double.first, file))
    entry = decode(ReissueEntry, file.with_suffix(".reissue").read_bytes(), element_bytes=0)
    credentials = Credentials(roll, election.extended_hash)
    credentials.apply(roll.entry(entry.slot).unit, entry)
    codes = [Code.read(Secret(CODE.findall(sheet.read_text())[0])) for sheet in (sheets[0], again)]
    holder = Holder.of_codes(election.manifest, codes)
    assert holder.public == entry.new
    # Both keep what was completed, so that the voter can lose the new codes too.
    completed = file.with_suffix(".reissue")
    refused(double.keep(double.first, completed), 1, "old keys are not the slot's")
    fine(double.keep(double.second, completed))
    more = double.root / "more.json"
    for number, private in enumerate((double.first, double.second, double.first)):
        given = options if number == 0 else ()
        sheet = ("--sheet", double.root / f"more-{number}.html") if number < 2 else ()
        fine(double.reissue(private, more, *given, *sheet))
    credentials.apply(
        roll.entry(entry.slot).unit,
        decode(ReissueEntry, more.with_suffix(".reissue").read_bytes(), element_bytes=0),
    )
    assert credentials.count == 2


def test_what_is_wrong_with_a_reissue_is_said_in_a_sentence(single: Rolled, double: Rolled) -> None:
    file, sheet = single.root / "none.json", single.root / "none.html"
    refused(single.reissue(single.first, file, "--reason", "x", "--sheet", sheet), 2, "either --slot or")
    refused(single.reissue(single.first, file, "--slot", 0, "--sheet", sheet), 2, "--reason")
    refused(
        single.reissue(single.first, file, "--slot", 5, "--reason", "x", "--sheet", sheet), 2, "no slot 5"
    )
    refused(
        single.reissue(single.first, file, "--reference", "R-9", "--reason", "x", "--sheet", sheet),
        2,
        "no voter with the reference 'R-9'",
    )
    refused(single.reissue(single.first, file, "--slot", 0, "--reason", "x"), 2, "--sheet")
    refused(
        single.reissue(double.first, file, "--slot", 0, "--reason", "x", "--sheet", sheet),
        2,
        "no credential authority of this election",
    )
    assert not file.exists() and not sheet.exists()


def test_sheets_can_be_sealed_and_opened(drawing: Rolled) -> None:
    fine(drawing.roll("new", drawing.first, drawing.drawn, "--seal-sheets"))
    (sealed,) = (drawing.first / "sheets").iterdir()
    assert not CODE.findall(sealed.read_bytes().decode("latin-1"))
    opened = drawing.root / "open.html"
    fine(evote("roll", "open", sealed, opened, *drawing.sealed))
    assert len(CODE.findall(opened.read_text())) == 5
    refused(evote("roll", "open", sealed, opened, *drawing.sealed), 2, "exists")


def test_work_is_shared_among_processes_with_the_rows_in_order(drawing: Rolled) -> None:
    rows = "".join(f"R-{number},{UNITS[0]},all\n" for number in range(250))
    drawing.voters.write_text(f"reference,unit,style\n{rows}")
    fine(drawing.roll("new", drawing.first, drawing.drawn, "--workers", 2))
    files = sorted((drawing.first / "sheets").iterdir())
    assert [len(CODE.findall(file.read_text())) for file in files] == [200, 50]
    mapping = (drawing.first / "mapping.csv").read_text().splitlines()
    assert len(mapping) == 251
    by_pseudonym = {line.split(",")[4]: line.split(",")[0] for line in mapping[1:]}
    order = [by_pseudonym[name] for file in files for name in PSEUDONYM.findall(file.read_text())]
    assert order == [f"R-{number}" for number in range(250)]
    assert [line.split(",")[3] for line in mapping[1:]] == [str(slot) for slot in range(250)]


BAD_LISTS = {
    "no head": ("", "no column 'unit'"),
    "no style": ("unit\nTown/North\n", "no column 'style'"),
    "unknown column": ("unit,style,color\n", "'color' is unknown"),
    "column twice": ("unit,style,unit\n", "stands there twice"),
    "unknown unit": ("unit,style\nTown/East,all\n", "line 2: the election has no unit 'Town/East'"),
    "parent unit": ("unit,style\nTown,all\n", "no ballot style 'all'"),
    "unknown style": ("unit,style\nTown/North,short\n", "no ballot style 'short'"),
    "too few cells": ("unit,style,name\nTown/North,all\n", "2 cells stand under 3 columns"),
    "reference twice": (
        "unit,style,reference\nTown/North,all,7\nTown/South,all,7\n",
        "line 3: the reference '7' stands there twice",
    ),
    "no reference": ("unit,style,reference\nTown/North,all,\n", "the reference is empty"),
    "key without proof": ("unit,style,key\n", "come together"),
    "key not proven": (
        f"unit,style,key,possession\nTown/North,all,{'d7' * 32},{'00' * 64}\n",
        "line 2: the voter's key is not proven",
    ),
    "nobody": ("unit,style\n", "names no voter"),
}


@pytest.mark.parametrize("name", BAD_LISTS)
def test_a_faulty_list_is_refused_with_its_line(name: str, drawing: Rolled) -> None:
    text, error = BAD_LISTS[name]
    drawing.voters.write_text(text)
    refused(drawing.roll("new", drawing.first, drawing.drawn), 2, error)
    assert not (drawing.drawn / "roll.json").exists()


def test_folders_and_files_in_use_are_refused(drawing: Rolled) -> None:
    fine(drawing.roll("new", drawing.first, drawing.drawn))
    refused(drawing.roll("new", drawing.second, drawing.drawn), 2, "not an empty folder")
    refused(drawing.roll("new", drawing.first, drawing.root / "other"), 2, "private folder of its own")
    refused(evote("election", "salt", drawing.salt), 2, "exists")
    drawing.salt.write_text("abc\n")
    refused(drawing.roll("new", drawing.root / "p", drawing.root / "o"), 2, "64 hexadecimal digits")


def test_two_authorities_must_have_the_same_list_and_terms(drawing: Rolled) -> None:
    fine(drawing.roll("codes", drawing.second, drawing.keyfile))
    second = ("--second", drawing.keyfile)
    refused(
        drawing.roll("new", drawing.first, drawing.drawn, *second, "--iterations", 3), 2, "number of rounds"
    )
    drawing.voters.write_text(VOTERS + f"R-6,{UNITS[0]},all,Late\n")
    refused(drawing.roll("new", drawing.first, drawing.drawn, *second), 2, "another list of voters")
    drawing.voters.write_text(VOTERS)
    drawing.salt.write_text("00" * 32 + "\n")
    refused(drawing.roll("new", drawing.first, drawing.drawn, *second), 2, "another salt")
    assert not drawing.first.exists()
