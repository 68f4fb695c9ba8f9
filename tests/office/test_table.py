"""Tables of cast vote records: headers, encodings, quoting, rows that are refused and files that are."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.errors import DecodeError
from evote.hashing import sha256
from evote.manifest import Manifest
from evote.office.rows import Row
from evote.office.table import MAX_LINE_BYTES, Table

ROOT = Path(__file__).resolve().parents[2]
TOWN = {
    "label": "Tables",
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {"label": "Chair", "options": ["Ada", "Bo"]},
        {"label": "Board", "options": ["Al", "Em"], "limit": 2, "write_ins": 1},
        {"label": "School", "options": ["yes", "no"]},
    ],
    "styles": [
        {"label": "full", "contests": ["Chair", "Board", "School"]},
        {"label": "short", "contests": ["Chair"]},
    ],
    "units": [
        {"label": "North", "styles": ["full", "short"]},
        {"label": "South", "styles": ["short"]},
    ],
}
MANIFEST = Manifest.build(TOWN, salt=bytes(32), authority_key=None)
ONE = Manifest.build(
    {
        "label": "One",
        "test": True,
        "minimum_cell": 1,
        "contests": [{"label": "unit", "options": ["yes", "no"]}],
    },
    salt=bytes(32),
    authority_key=None,
)
GOOD = "unit,style,id,Chair,Board,School\nNorth,full,7,Ada,Al|Em,\n"


def rows(
    folder: Path, content: str | bytes, *, manifest: Manifest = MANIFEST, separator: str = ","
) -> list[Row]:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    source = Table(manifest, path, separator)
    found = list(source.rows())
    assert source.digest == sha256(path.read_bytes())
    assert list(source.rows()) == found  # as often as asked
    return found


def refusals(folder: Path, content: str, manifest: Manifest = MANIFEST) -> dict[int, str]:
    return {row.number: row.refusal for row in rows(folder, content, manifest=manifest) if row.ballot is None}


def test_a_row_is_a_ballot(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, GOOD)
    assert row.ballot == PlaintextBallot(
        "North",
        "full",
        {
            "Chair": PlaintextContest({"Ada": 1}),
            "Board": PlaintextContest({"Al": 1, "Em": 1}),
            "School": PlaintextContest(),
        },
    )
    assert (row.number, row.place, row.name, row.refusal) == (1, "line 2", "7", "")


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.rstrip().encode(),
        GOOD.encode() + b"\n\n\r\n",
        b'"unit","style","id","Chair","Board","School"\r\n"North","full","7","Ada","Al|Em",""\r\n',
        b" unit ,style,@id,Chair,Board,School\nNorth, full , 7, Ada , Al | Em,\n",
    ],
)
def test_the_same_rows_may_be_written_in_many_ways(tmp_path: Path, content: bytes) -> None:
    (one,), (other,) = rows(tmp_path, GOOD), rows(tmp_path, content)
    assert one.content() == other.content()


def test_columns_may_stand_in_any_order_and_cells_between_other_marks(tmp_path: Path) -> None:
    (one,) = rows(tmp_path, GOOD)
    (other,) = rows(
        tmp_path, "School;Board;Chair;id;style;unit\n;Em|Al;Ada;7;full;North\n", separator=";"
    )
    assert one.content() == other.content()
    (third,) = rows(tmp_path, GOOD.replace(",", "\t"), separator="\t")
    assert one.content() == third.content()


def test_a_cell_may_have_quotes_separators_and_line_breaks_in_it(tmp_path: Path) -> None:
    stream = io.StringIO()
    header = ("unit", "style", "Chair", "Board", "School")
    csv.writer(stream).writerows([header, ("North", "full", "Ada", 'write-in: A "B", C', "")])
    (row,) = rows(tmp_path, stream.getvalue())
    assert row.ballot is not None
    assert row.ballot.contests["Board"].write_ins == ('A "B", C',)
    found = rows(tmp_path, 'unit,Chair,style\nSouth,"Ada\n",\nSouth,Cy,\n')
    assert [row.place for row in found] == ["line 3", "line 4"]
    assert found[0].ballot is not None and "no option 'Cy'" in found[1].refusal


def test_unit_and_style_may_be_left_out_where_there_is_one(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "Chair,unit\nBo,South\n")
    assert row.ballot is not None and row.ballot.style == "short"
    (row,) = rows(tmp_path, "unit\nyes\n", manifest=ONE)
    assert row.ballot is not None and row.ballot.contests["unit"].marks == {"yes": 1}
    assert row.name is None


def test_a_contest_may_be_called_like_a_column(tmp_path: Path) -> None:
    path = ONE.reporting_units()[0].path
    (row,) = rows(tmp_path, f"@unit,unit\n{path},no\n", manifest=ONE)
    assert row.ballot is not None and row.ballot.unit == path


def test_a_contest_that_the_style_does_not_have_has_an_empty_cell(tmp_path: Path) -> None:
    found = rows(tmp_path, GOOD + "South,short,8,Bo,,\nSouth,short,9,Bo,Al,\n")
    assert found[1].ballot is not None and set(found[1].ballot.contests) == {"Chair"}
    assert "ballot style 'short' has no contest 'Board'" in found[2].refusal


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("North,,1,Ada,,", "the style is absent"),
        (",full,1,Ada,,", "the unit is absent"),
        ("East,full,1,Ada,,", "no unit 'East'"),
        ("South,full,1,Ada,,", "no ballot style 'full'"),
        ("North,long,1,Ada,,", "no ballot style 'long'"),
        ("North,full,1,Cy,,", "contest 'Chair' has no option 'Cy'"),
        ("North,full,1,write-in: Cy,,", "takes no write-ins"),
        ("North,full,1,,write-in: a|write-in: b,", "2 write-ins are more than 1"),
        ("North,full,1,,write-in: a\tb,", "control characters"),
        ("North,full,1,Ada=70000,,", "is not from 0 to"),
        ("North,full,,Ada,,", "an identifier has 1 to"),
        ("North,full,1,Ada,", "the row has 5 cells, and the header 6"),
        ("North,full,1,Ada,,,", "the row has 7 cells"),
    ],
)
def test_what_is_wrong_in_a_row_refuses_the_row(tmp_path: Path, row: str, part: str) -> None:
    found = refusals(tmp_path, f"{GOOD}{row}\nNorth,full,2,Bo,,no\n")
    assert list(found) == [2]
    assert part in found[2]


def test_too_many_marks_are_an_overvote_and_not_refused(tmp_path: Path) -> None:
    assert refusals(tmp_path, GOOD + "North,full,8,Ada|Bo,Al=3,yes|no\n") == {}


def test_an_empty_line_is_a_refused_row_except_at_the_end(tmp_path: Path) -> None:
    found = refusals(tmp_path, 'unit\nyes\n\n\nno\n""\n\n\n', ONE)
    assert list(found) == [2, 3]
    assert "empty" in found[2]


def test_a_contest_without_a_column_refuses_the_ballots_that_have_it(tmp_path: Path) -> None:
    found = refusals(tmp_path, "unit,style,Chair\nNorth,short,Ada\nNorth,full,Ada\n")
    assert list(found) == [2]
    assert "missing" in found[2]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("", "no header"),
        ("\n", "no header"),
        ("unit,Chairs\n", "header: the election has no contest 'Chairs'"),
        ("unit;style;Chair\n", "--separator"),
        ("Chair,Chair\n", "'Chair' stands there twice"),
        ("unit,@unit,Chair\n", "'@unit' stands there twice"),
        ("unit,Board,School\n", "no ballot style has all its contests here; missing: 'Chair'"),
        ('unit,Chair\nSouth,"Ada\n', "line 2: not CSV"),
        ('unit,Chair\nSouth,"Ada"x\n', "line 2: not CSV"),
        ("unit,Chair\rSouth,Ada\r", "not CSV"),
    ],
)
def test_what_is_wrong_with_the_file_is_named(tmp_path: Path, content: str, part: str) -> None:
    with pytest.raises(DecodeError) as raised:
        rows(tmp_path, content)
    assert part in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode() + b"North,full,8,\xff,,\n",
        GOOD.encode("utf-16"),
        "unit,Chair\nSouth,Zo\xeb".encode("latin-1"),
    ],
)
def test_what_is_not_utf_8_is_named_with_its_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DecodeError, match=r"line \d: not UTF-8"):
        rows(tmp_path, content)


def test_a_line_that_never_ends_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="more than"):
        rows(tmp_path, "unit,Chair\n" + "x" * (MAX_LINE_BYTES + 1))


@pytest.mark.parametrize("separator", ["", "ab", '"', "\n", "|", "\\", "\0"])
def test_a_separator_that_cannot_be_is_refused(tmp_path: Path, separator: str) -> None:
    with pytest.raises(ValueError, match="does not separate"):
        Table(MANIFEST, tmp_path / "x", separator)


PEAK = """
import resource, sys
from pathlib import Path
from tests.office.test_table import MANIFEST, Table
count = sum(row.ballot is not None for row in Table(MANIFEST, Path(sys.argv[1])).rows())
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_the_memory_for_many_rows_is_that_for_few(tmp_path: Path) -> None:
    peaks = []
    for count in (100, 8_000):
        path = tmp_path / f"{count}.csv"
        lines = (f"North,full,{number},Ada,Al|write-in: Person {number},yes" for number in range(count))
        path.write_text("unit,style,id,Chair,Board,School\n" + "\n".join(lines))
        done = subprocess.run(
            [sys.executable, "-c", PEAK, path], cwd=ROOT, capture_output=True, text=True, check=True
        )
        found, peak = map(int, done.stdout.split())
        assert found == count
        peaks.append(peak)
    assert peaks[1] < 1.2 * peaks[0]
