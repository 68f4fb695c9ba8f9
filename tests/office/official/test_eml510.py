"""EML 510: the elements of the OASIS standard in their order, and figures that add up."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given, settings

from evote.office.official.eml510 import NAMESPACE, eml_count
from evote.office.official.levels import levels_of
from evote.office.official.sheet import CellLine, Figures, ResultSheet
from tests.office.official.kit import ISSUER, build, mixed, reported, sheet, sheets

# Element -> the elements that may stand in it, in their order, each with how often (OASIS EML 5.0, 510).
ONE, MAYBE, SOME, ANY = "1", "?", "+", "*"
STRUCTURE: dict[str, tuple[tuple[str, str], ...]] = {
    "EML": (("TransactionId", ONE), ("ManagingAuthority", ONE), ("IssueDate", MAYBE), ("Count", ONE)),
    "ManagingAuthority": (("AuthorityIdentifier", ONE), ("AuthorityAddress", ONE)),
    "Count": (("EventIdentifier", ONE), ("Election", SOME)),
    "EventIdentifier": (("EventName", MAYBE),),
    "Election": (("ElectionIdentifier", ONE), ("Contests", ONE)),
    "ElectionIdentifier": (("ElectionName", MAYBE),),
    "Contests": (("Contest", SOME),),
    "Contest": (("ContestIdentifier", ONE), ("TotalVotes", ONE), ("ReportingUnitVotes", ANY)),
    "ContestIdentifier": (("ContestName", MAYBE),),
    "TotalVotes": (
        ("Selection", SOME),
        ("Cast", ONE),
        ("TotalCounted", ONE),
        ("RejectedVotes", ANY),
        ("UncountedVotes", ANY),
    ),
    "ReportingUnitVotes": (
        ("ReportingUnitIdentifier", ONE),
        ("Selection", SOME),
        ("Cast", ONE),
        ("TotalCounted", ONE),
        ("RejectedVotes", ANY),
        ("UncountedVotes", ANY),
    ),
    "Selection": (("Candidate", ONE), ("ValidVotes", ONE)),
    "Candidate": (("CandidateIdentifier", ONE),),
    "CandidateIdentifier": (("CandidateName", MAYBE),),
}
ATTRIBUTES = {
    "EML": {"Id", "SchemaVersion"},
    "ElectionIdentifier": {"Id"},
    "ContestIdentifier": {"Id"},
    "CandidateIdentifier": {"Id"},
    "ReportingUnitIdentifier": {"Id"},
    "RejectedVotes": {"ReasonCode"},
    "UncountedVotes": {"ReasonCode"},
}
NUMBERS = ("ValidVotes", "Cast", "TotalCounted", "RejectedVotes", "UncountedVotes")
TOKEN = re.compile(r"[A-Za-z0-9._:-]+")  # the ASCII part of NMTOKEN


def local(element: ElementTree.Element) -> str:
    name = element.tag
    assert name.startswith(f"{{{NAMESPACE}}}"), name
    return name.removeprefix(f"{{{NAMESPACE}}}")


def structured(element: ElementTree.Element) -> None:
    """The element and everything in it stand where the standard has them."""
    name = local(element)
    assert set(element.attrib) == ATTRIBUTES.get(name, set())
    assert all(TOKEN.fullmatch(value) for value in element.attrib.values())
    children = [local(child) for child in element]
    if name in STRUCTURE:
        pattern = "".join(f"(?:{child} ){'' if times == ONE else times}" for child, times in STRUCTURE[name])
        assert re.fullmatch(pattern, "".join(f"{child} " for child in children)), (name, children)
        assert not (element.text or "").strip()
    else:
        assert not children
    if name in NUMBERS:
        assert re.fullmatch(r"0|[1-9][0-9]*", element.text or "")
    for child in element:
        structured(child)


def parsed(data: bytes) -> ElementTree.Element:
    """The message, once its structure is found right; there is no document type, so no entity either."""
    assert b"<!DOCTYPE" not in data and b"<!ENTITY" not in data
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<EML ')
    root = ElementTree.fromstring(data)
    assert root.attrib == {"Id": "510", "SchemaVersion": "5.0"}
    structured(root)
    return root


def find(element: ElementTree.Element, path: str) -> list[ElementTree.Element]:
    return element.findall("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/")))


def votes(element: ElementTree.Element) -> list[int]:
    return [int(each.text or "") for each in find(element, "Selection/ValidVotes")]


def test_the_message_has_the_structure_of_the_standard() -> None:
    root = parsed(eml_count(mixed(), ISSUER).data)
    assert find(root, "ManagingAuthority/AuthorityIdentifier")[0].text == "Election office"
    assert find(root, "TransactionId")[0].text == "2026-06-30T20:00:00Z"
    assert find(root, "IssueDate")[0].text == "2026-06-30"
    contests = find(root, "Count/Election/Contests/Contest")
    assert [find(contest, "ContestIdentifier/ContestName")[0].text for contest in contests] == [
        "Mayor",
        "Council",
    ]


def test_units_stand_there_once_and_a_withheld_one_not_at_all() -> None:
    root = parsed(eml_count(mixed(), ISSUER).data)
    mayor, council = find(root, "Count/Election/Contests/Contest")
    units = [
        [
            (each.text, each.attrib["Id"])
            for each in find(contest, "ReportingUnitVotes/ReportingUnitIdentifier")
        ]
        for contest in (mayor, council)
    ]
    assert units == [[("North/N1", "unit-2"), ("North/N2", "unit-3")], [("North/N2", "unit-3")]]
    total = find(mayor, "TotalVotes")[0]
    assert votes(total) == [5, 5, 3]
    assert [find(total, name)[0].text for name in ("Cast", "TotalCounted")] == ["15", "13"]
    rejected, uncounted = find(total, "RejectedVotes")[0], find(total, "UncountedVotes")[0]
    assert (rejected.attrib["ReasonCode"], rejected.text) == ("overvote", "1")
    assert (uncounted.attrib["ReasonCode"], uncounted.text) == ("undervote", "1")


def test_what_is_not_known_is_left_out() -> None:
    root = parsed(eml_count(mixed(), ISSUER).data)
    council = find(root, "Count/Election/Contests/Contest")[1]
    assert not find(council, "TotalVotes/RejectedVotes") and not find(council, "TotalVotes/UncountedVotes")


def test_names_are_in_the_chosen_language() -> None:
    exported = eml_count(mixed(), ISSUER, language="fr")
    root = parsed(exported.data)
    assert find(root, "Count/Election/ElectionIdentifier/ElectionName")[0].text == "Élection municipale"
    assert "names in en" in exported.left_out


def test_what_the_message_cannot_carry_is_named() -> None:
    left = eml_count(mixed(), ISSUER).left_out
    for sentence in (
        "standing: provisional",
        "units that have reported: 2 of 3",
        "registered and signed-in voters",
        "which votes were decrypted and which are open counts of a unit",
        "unit South: missing",
        "contest Council, cell all: withheld, fewer than 10 ballots",
        "contest Mayor, field null vote (null_vote, not proved): 1",
    ):
        assert sentence in left


def test_a_contest_without_any_count_is_left_out_and_named() -> None:
    manifest = build(
        {"label": "E", "contests": [{"label": "C", "options": ["a"]}, {"label": "D", "options": ["b"]}]}
    )
    cells = (CellLine(1, "all", Figures(1, 1, (1,))),)
    exported = eml_count(sheet(manifest, {"all": reported()}, cells=cells), ISSUER)
    assert len(find(parsed(exported.data), "Count/Election/Contests/Contest")) == 1
    assert "contest D: nothing is counted yet" in exported.left_out
    with pytest.raises(ValueError, match="nothing is counted yet"):
        eml_count(sheet(manifest, {"all": reported()}), ISSUER)


def test_texts_cannot_change_the_message() -> None:
    hostile = '</CandidateName><x a="1">&lt;&amp;]]>\ufffe'
    manifest = build({"label": hostile, "contests": [{"label": "C", "options": [hostile]}]})
    cells = (CellLine(1, "all", Figures(1, 1, (1,))),)
    root = parsed(eml_count(sheet(manifest, {"all": reported()}, cells=cells), ISSUER).data)
    name = find(root, "Count/Election/ElectionIdentifier/ElectionName")[0].text
    assert name == hostile.replace("\ufffe", "\ufffd")


@given(sheets())
@settings(max_examples=15)
def test_reporting_units_add_up_to_the_total(filled: ResultSheet) -> None:
    levels = levels_of(filled)
    top = levels.places[0].id
    counted = [level for level in levels.contests if level.subtotals[top].total is not None]
    assume(counted)
    root = parsed(eml_count(filled, ISSUER).data)
    contests = find(root, "Count/Election/Contests/Contest")
    for contest, level in zip(contests, counted, strict=True):
        total = votes(find(contest, "TotalVotes")[0])
        figures = level.subtotals[top].total
        assert figures is not None
        assert total == list(figures.counts[: len(level.contest.selectable)])
        parts = [votes(part) for part in find(contest, "ReportingUnitVotes")]
        assert total == [sum(column) for column in zip(*parts, strict=True)]
        places = [each.attrib["Id"] for each in find(contest, "ReportingUnitVotes/ReportingUnitIdentifier")]
        assert len(places) == len(set(places))
