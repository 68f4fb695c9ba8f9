"""The page is whole by itself, escapes everything, and does not promise more than was checked."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from evote.report import Report, Subject, html_page
from tests.report.samples import passing, report, summary

VOID = {"meta", "br"}


class Strict(HTMLParser):
    """Reads a page, and notes tags that do not close what was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(made: Report) -> Strict:
    page = Strict()
    page.feed(html_page(made))
    page.close()
    assert page.faults == [] and page.open == []
    return page


def words(made: Report) -> str:
    return re.sub(r"[ \n]+", " ", " ".join(read(made).text))


def with_summary(**changes: object) -> Report:
    return replace(report(), summary=summary(), **changes)  # type: ignore[arg-type]


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = html_page(with_summary())
    assert not re.search(r"https?://|url\(|@import|<script|<link|<img|<iframe|javascript:|\ssrc=", page, re.I)
    assert "default-src 'none'" in page


def test_texts_of_the_record_are_escaped_wherever_they_stand() -> None:
    evil = "<script>alert('x')</script>\"&"
    made = passing()
    made.fail("6.D", evil, evil, expected=evil, computed=evil)
    made.skip("1.A", evil)
    made.warn(evil)
    made.subject = Subject("", "", evil, evil, None, evil, evil, False)
    poisoned = replace(made.build(), summary=summary(evil, evil))
    for shown in (made.build(), poisoned):
        page = read(shown)
        assert "script" not in {tag for tag, _ in page.tags}
        assert "<script>" in " ".join(page.text)


def test_a_rehearsal_says_so_at_the_top() -> None:
    assert "REHEARSAL" not in words(report())
    test = replace(report(), subject=replace(report().subject, test=True))
    assert words(test).index("REHEARSAL") < words(test).index("Verification report")


def test_the_results_stand_there_with_names_shares_and_what_is_withheld() -> None:
    text = words(with_summary())
    for part in ("Town of Ada", "Mayor", "Ada 1\u202f200 80.00 %", "Bo 300 20.00 %", "Over 4 not proven"):
        assert part in text
    assert "1 of 2 parts are withheld" in text
    assert "3 ballots are too few" in text


def test_figures_of_a_record_that_failed_are_marked() -> None:
    made = passing()
    made.fail("6.D", "x", "false")
    text = words(replace(made.build(), summary=summary()))
    assert "Not all of them are shown to be right" in text
    assert "derived again from the published ballots" not in text
    assert "derived again from the published ballots" in words(with_summary())


@pytest.mark.parametrize(
    ("stage", "claim"), [("setup", "no ballot and no result"), ("voting", "Voting goes on")]
)
def test_a_pass_of_an_earlier_stage_claims_no_more_than_that(stage: str, claim: str) -> None:
    early = replace(report(), subject=replace(report().subject, stage=stage))
    assert claim in words(early)
    assert "fit together: the" not in words(early)


def test_every_check_and_finding_is_named() -> None:
    made = passing()
    made.fail("6.D", "ballot 1", "the proof is false", expected="aa", computed="bb")
    text = words(made.build())
    for part in (
        "1.A",
        "The version is right",
        "6.D",
        "ballot 1",
        "the proof is false",
        "aa",
        "bb",
        "FAILED",
    ):
        assert part in text


def test_many_findings_are_cut_with_their_number() -> None:
    made = passing()
    for number in range(60):
        made.fail("6.D", f"ballot {number}", "false")
    assert "10 more of this kind are not shown" in words(made.build())


def test_what_is_not_proven_is_said() -> None:
    text = words(with_summary())
    assert "What this does not prove" in text
    assert "any 3 of the 5 guardians together can open any ballot" in text
    assert "whether that one is right must be known from elsewhere" in text
    expected = replace(report(), subject=replace(report().subject, expected="cd" * 32))
    assert "must be known from elsewhere" not in words(expected)


def test_what_challenges_show_is_said_with_their_number() -> None:
    assert "1 were challenged and opened here" in words(report())
    assert "No ballot of this record was challenged" in words(replace(report(), counts={"ballots": 2}))


def test_the_page_of_an_empty_report_is_whole() -> None:
    made = passing()
    made.subject = Subject()
    text = words(replace(made.build(), counts={}))
    assert "No ballot was looked at" in text
    assert "could not be read" in text
