"""The table for spreadsheets: one figure per line, always in one order, and no formula."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings

from evote.office.official.levels import levels_of
from evote.office.official.results_csv import COLUMNS, results_table
from evote.office.official.sheet import CellLine, Figures, ResultSheet
from tests.office.official.kit import build, mixed, reported, sheet, sheets


def rows(data: bytes) -> list[dict[str, str]]:
    lines = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    assert tuple(lines[0]) == COLUMNS
    assert all(len(line) == len(COLUMNS) for line in lines)
    return [dict(zip(COLUMNS, line, strict=True)) for line in lines[1:]]


def count(table: list[dict[str, str]], **wanted: str) -> int:
    found = [row for row in table if all(row[name] == value for name, value in wanted.items())]
    assert len(found) == 1, found
    return int(found[0]["count"])


def test_every_figure_has_one_line_by_kind_and_as_sum() -> None:
    table = rows(results_table(mixed()).data)
    place = {"place": "North", "contest": "Mayor", "measure": "votes", "option": "Bo"}
    assert count(table, **place, kind="decrypted") == 4
    assert count(table, **place, kind="open") == 1
    assert count(table, **place, kind="total") == 5
    assert count(table, place="North", measure="registered") == 29
    assert count(table, place="North", measure="null_vote (not proved)", kind="total") == 1
    assert count(table, level="election", measure="overvotes", kind="total", contest="Mayor") == 1


def test_statuses_and_the_units_counted_stand_beside_the_figures() -> None:
    table = rows(results_table(mixed()).data)
    statuses = {row["place"]: row["option"] for row in table if row["measure"] == "status"}
    assert statuses == {"North/N1": "reported", "North/N2": "reported", "South": "missing"}
    election = [row for row in table if row["level"] == "election" and row["contest"] == "Mayor"]
    assert {(row["units reported"], row["units expected"]) for row in election} == {("2", "3")}
    assert {(row["standing"], row["test"]) for row in table} == {("provisional", "no")}


def test_a_withheld_cell_has_its_label_and_no_count() -> None:
    table = rows(results_table(mixed()).data)
    withheld = [row for row in table if row["measure"] == "withheld cell" and row["level"] == "election"]
    assert [(row["contest"], row["option"], row["count"]) for row in withheld] == [("Council", "all", "")]


def test_names_are_in_the_chosen_language_and_the_others_are_named() -> None:
    french = results_table(mixed(), language="fr")
    assert rows(french.data)[0]["name"] == "Élection municipale"
    assert "names in en" in french.left_out
    assert "names in en, fr" in results_table(mixed()).left_out
    assert "days of voting: 2026-06-30 to 2026-06-30" in french.left_out


def test_labels_that_a_spreadsheet_would_run_are_made_harmless() -> None:
    manifest = build({"label": "=1+1", "contests": [{"label": 'a,"b"', "options": ["@x", "-2"]}]})
    cells = (CellLine(1, "all", Figures(3, 3, (1, 2))),)
    table = rows(results_table(sheet(manifest, {"all": reported()}, cells=cells)).data)
    assert {row["election"] for row in table} == {"'=1+1"}
    assert [row["option"] for row in table if row["measure"] == "votes"][:2] == ["'@x", "-2"]
    assert 'a,"b"' in {row["contest"] for row in table}


def test_lines_end_as_rfc_4180_says() -> None:
    data = results_table(mixed()).data
    assert data.endswith(b"\r\n") and data.count(b"\n") == data.count(b"\r\n")


@given(sheets())
@settings(max_examples=15)
def test_the_table_has_the_totals_of_the_sheet(filled: ResultSheet) -> None:
    data = results_table(filled).data
    assert data == results_table(filled).data
    table = rows(data)
    levels = levels_of(filled)
    top = levels.places[0]
    for level in levels.contests:
        total = level.subtotals[top.id].total
        found = [
            int(row["count"])
            for row in table
            if row["contest"].lstrip("'") == level.contest.label.lstrip("'")
            and row["place"].lstrip("'") == (top.path or "").lstrip("'")
            and row["level"] == ("unit" if top.path else "election")
            and (row["kind"], row["measure"]) == ("total", "votes")
        ]
        assert found == ([] if total is None else list(total.counts[: len(level.contest.selectable)]))
