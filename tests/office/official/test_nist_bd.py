"""Ballot definitions: drafts that make manifests, and an account of everything that is not in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from evote.errors import DecodeError
from evote.manifest import Manifest
from evote.office.official.from_record import sheet_of_record
from evote.office.official.nist_bd import ImportedDraft, broken_by, read_ballot_definition
from evote.office.official.nist_err import nist_report
from evote.record import RecordReader
from evote.testing.elections import Kit
from evote.testing.groups import toy
from tests.office.official.kit import DAY, ISSUER, MOMENT, build, drafts, schema
from tests.office.official.test_nist_err import valid
from tests.shared import shared_data

SCHEMA = "NIST_V1_ballot_definition.json"
EXAMPLES = (
    "example_bd_controlling_contest_straight_party.json",
    "example_bd_physical_ballot_def_1.json",
    "example_bd_physical_ballot_def_3.json",
)


def typed(kind: str, **members: Any) -> dict[str, Any]:
    return {
        "@type": f"BallotDefinition.{kind}",
        **{name.replace("id_", "@id"): each for name, each in members.items()},
    }


def text(**languages: str) -> dict[str, Any]:
    strings = [typed("LanguageString", Language=tag, Content=each) for tag, each in languages.items()]
    return typed("InternationalizedText", Text=strings)


def unit(key: str, *below: str, **members: Any) -> dict[str, Any]:
    composing = {"ComposingGpUnitIds": list(below)} if below else {}
    return typed("ReportingUnit", id_=key, Type="other", Name=text(en=key), **composing, **members)


def option(key: str, label: str) -> dict[str, Any]:
    return typed("BallotMeasureOption", id_=key, Selection=text(en=label))


def measure(key: str, name: str = "", **members: Any) -> dict[str, Any]:
    given = {
        "Name": name or key,
        "ElectionDistrictId": "all",
        "ContestOption": [option(f"{key}-yes", "Yes"), option(f"{key}-no", "No")],
    }
    return typed("BallotMeasureContest", id_=key, **(given | members))


def candidates(key: str, *options: dict[str, Any], **members: Any) -> dict[str, Any]:
    given = {"Name": key, "ElectionDistrictId": "all", "VotesAllowed": 1, "ContestOption": list(options)}
    return typed("CandidateContest", id_=key, **(given | members))


def runs(key: str, *people: str, **members: Any) -> dict[str, Any]:
    return typed("CandidateOption", id_=key, CandidateIds=list(people), **members)


def person(key: str, name: str, **members: Any) -> dict[str, Any]:
    return typed("Candidate", id_=key, BallotName=text(en=name), **members)


def style(name: str, units: list[str], contests: list[str]) -> dict[str, Any]:
    return typed(
        "BallotStyle",
        ExternalIdentifier=[typed("ExternalIdentifier", Type="local-level", Value=name)],
        GpUnitIds=units,
        OrderedContent=[typed("OrderedContest", ContestId=key) for key in contests],
    )


def definition(**members: Any) -> dict[str, Any]:
    """A definition with these members of its election; some are the definition's own."""
    top = {name: members.pop(name) for name in ("GpUnit", "Party", "IsTest") if name in members}
    given = {
        "Name": text(en="An election"),
        "StartDate": DAY,
        "EndDate": DAY,
        "Type": "general",
        "ElectionScopeId": "all",
        "Contest": [measure("m")],
    }
    return typed(
        "BallotDefinition",
        **{
            "Version": "1.0.0",
            "GeneratedDate": MOMENT,
            "Issuer": "Office",
            "IssuerAbbreviation": "O",
            "SequenceStart": 1,
            "SequenceEnd": 1,
            "VendorApplicationId": "test",
            "GpUnit": [unit("all")],
            "Election": [typed("Election", **(given | members))],
            **top,
        },
    )


def imported(value: Any, **options: Any) -> ImportedDraft:
    """What becomes of a definition, which the schema allows."""
    jsonschema.Draft7Validator(schema(SCHEMA)).validate(value)
    return read_ballot_definition(json.dumps(value).encode(), **options)


def said(draft: ImportedDraft, *, grave: bool | None = None) -> list[str]:
    return [str(loss) for loss in draft.losses if grave is None or loss.grave is grave]


# --- the published examples --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "contests", "options"), list(zip(EXAMPLES, (1, 1, 25), (2, 4, 59), strict=True))
)
def test_every_example_becomes_a_manifest(name: str, contests: int, options: int) -> None:
    raw = (shared_data("schemas/nist") / name).read_bytes()
    manifest = build(read_ballot_definition(raw).draft)
    assert len(manifest.contests) == contests
    assert sum(len(contest.options) for contest in manifest.contests) == options
    assert manifest.languages == ("en",)


def outcome(value: Any) -> ImportedDraft | str:
    try:
        return read_ballot_definition(json.dumps(value).encode())
    except (DecodeError, ValueError) as error:
        return str(error)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_member_of_an_example_is_carried_or_named(name: str) -> None:
    """Without it, the draft or the account is another one, or the definition is refused.

    Only "n-of-m" is what a contest is that says nothing of its votes.
    """
    value = json.loads((shared_data("schemas/nist") / name).read_bytes())
    whole = outcome(value)
    assert isinstance(whole, ImportedDraft)
    election = value["Election"][0]
    contest = election["Contest"][-1]
    for holder in (value, election, contest, contest["ContestOption"][0]):
        for member in list(holder):
            kept = holder.pop(member)
            assert (outcome(value) != whole) is (kept != "n-of-m"), member
            holder[member] = kept


def test_a_straight_party_contest_is_left_out_and_said_first() -> None:
    draft = read_ballot_definition((shared_data("schemas/nist") / EXAMPLES[0]).read_bytes())
    assert said(draft)[0] == "contest Straight Party: left out: a mark in it counts in other contests"
    assert not draft.faithful


def test_a_line_on_paper_that_is_no_option_is_grave() -> None:
    draft = read_ballot_definition((shared_data("schemas/nist") / EXAMPLES[1]).read_bytes())
    assert said(draft, grave=True) == [
        "contest PRESIDENT OF THE UNITED STATES: on paper it has a place to mark or write on that is no "
        "option of it"
    ]
    options = draft.draft["contests"][0]["options"]
    assert options[0]["label"] == "Joseph R. Biden / Kamala D. Harris"


def test_an_imported_election_is_held_and_its_results_exported(tmp_path: Path) -> None:
    raw = (shared_data("schemas/nist") / EXAMPLES[1]).read_bytes()
    draft = {**read_ballot_definition(raw).draft, "test": True, "minimum_cell": 1}
    kit = Kit(draft, seed="imported")
    office = kit.manifest.contests[0]
    for place in (0, 2, 2):
        kit.vote("001-BRA", {office.label: {office.options[place].label: 1}})
    kit.write(kit.publish(), tmp_path / "record")
    reader = RecordReader(tmp_path / "record", {toy().name: toy()})
    report = valid(nist_report(sheet_of_record(reader, moment=MOMENT, last_day=DAY), ISSUER).data)
    selections = report["Election"][0]["Contest"][0]["ContestSelection"]
    assert [each["VoteCounts"][0]["Count"] for each in selections] == [1, 0, 2, 0]
    assert report["GpUnit"][0]["ExternalIdentifier"][0]["Value"] == "001-BRA"


# --- contests ----------------------------------------------------------------------------------------


def test_a_plain_definition_is_carried_faithfully() -> None:
    draft = imported(definition(IsTest=True))
    assert draft.faithful
    assert draft.draft["contests"][0]["label"] == "m" and draft.draft["test"] is True
    assert [each["label"] for each in draft.draft["contests"][0]["options"]] == ["Yes", "No"]
    assert "Election.StartDate: not carried" in said(draft)
    assert broken_by(draft.draft) == ()


def test_candidates_of_one_option_are_joined() -> None:
    draft = imported(
        definition(
            Candidate=[
                person("p", "Ada"),
                person("v", "Bo"),
                person("w", "Cy", PreElectionStatus="withdrawn"),
            ],
            Contest=[candidates("c", runs("1", "p", "v"), runs("2", "w"), VotesAllowed=2)],
        )
    )
    contest = draft.draft["contests"][0]
    assert [each["label"] for each in contest["options"]] == ["Ada / Bo", "Cy"] and contest["limit"] == 2
    assert said(draft, grave=True) == ["candidate Cy: withdrawn, and still in the draft"]


def test_write_ins_are_one_option_with_their_number_as_limit() -> None:
    lines = [typed("CandidateOption", id_=f"w{at}", IsWriteIn=True) for at in range(3)]
    contest = candidates("c", runs("1", "p"), *lines, VotesAllowed=2)
    draft = imported(definition(Candidate=[person("p", "Ada")], Contest=[contest]))
    read = build(draft.draft).contests[0]
    assert [(each.label, each.limit) for each in read.options] == [("Ada", 1), ("Write-in", 2)]
    assert read.data is not None and read.data.write_ins == 3


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"VoteVariation": "rcv"}, "'rcv'"),
        ({"VoteVariation": "borda"}, "'borda'"),
        ({"VoteVariation": "range"}, "'range'"),
        ({"VoteVariation": "other", "OtherVoteVariation": "sortition"}, "'sortition'"),
        ({"VoteVariation": "other"}, "'other'"),
        ({"RanksAllowed": 3}, "ranked"),
        ({"ContestOption": []}, "nothing to choose from"),
    ],
)
def test_a_contest_that_a_manifest_cannot_have_is_left_out(members: dict[str, Any], reason: str) -> None:
    contest = candidates("c", runs("1", "p"), **members)
    draft = imported(definition(Candidate=[person("p", "Ada")], Contest=[measure("m"), contest]))
    assert [each["label"] for each in draft.draft["contests"]] == ["m"]
    (sentence,) = said(draft, grave=True)
    assert sentence.startswith("contest c: left out") and reason in sentence


def test_cumulative_votes_may_all_go_to_one_option() -> None:
    contest = candidates("c", runs("1", "p"), runs("2", "q"), VotesAllowed=3, VoteVariation="cumulative")
    people = [person("p", "Ada"), person("q", "Bo")]
    draft = imported(definition(Candidate=people, Contest=[contest]))
    assert [each.limit for each in build(draft.draft).contests[0].options] == [3, 3]


def test_more_votes_than_options_are_as_many_as_there_is_room_for() -> None:
    contest = candidates("c", runs("1", "p"), VotesAllowed=3)
    draft = imported(definition(Candidate=[person("p", "Ada")], Contest=[contest]))
    assert build(draft.draft).contests[0].limit == 1
    assert "contest c: 3 votes are allowed, and its options have room for 1" in said(draft)


def test_parties_name_their_options() -> None:
    party = typed("Party", id_="r", Name=text(en="Red"))
    contest = typed(
        "PartyContest",
        id_="c",
        Name="List",
        ElectionDistrictId="all",
        ContestOption=[typed("PartyOption", id_="o", PartyIds=["r"])],
    )
    draft = imported(definition(Contest=[contest], Party=[party]))
    assert draft.draft["contests"][0]["options"][0]["label"] == "Red"


def test_parties_and_candidates_behind_no_option_are_named() -> None:
    party = typed("Party", id_="r", Name=text(en="Red"))
    draft = imported(definition(Candidate=[person("p", "Ada")], Party=[party]))
    assert "candidate Ada: not carried, for no option is called so" in said(draft)
    assert "party Red: not carried, for no option is called so" in said(draft)


@pytest.mark.parametrize("variation", ["majority", "super-majority", "proportional"])
def test_how_seats_follow_from_votes_is_named(variation: str) -> None:
    draft = imported(definition(Contest=[measure("m", VoteVariation=variation)]))
    assert draft.faithful
    assert f"contest m: that it is decided by {variation} is not carried" in said(draft)


def test_contests_and_options_of_one_name_get_their_identifiers() -> None:
    contest = measure("a", "Tax", ContestOption=[option("x", "Yes"), option("y", "Yes")])
    draft = imported(definition(Contest=[contest, measure("b", "Tax")]))
    manifest = build(draft.draft)
    assert [each.label for each in manifest.contests] == ["Tax (a)", "Tax (b)"]
    assert [each.label for each in manifest.contests[0].options] == ["Yes (x)", "Yes (y)"]


def test_the_stated_order_is_kept() -> None:
    contests = [measure("a", SequenceOrder=2), measure("b", SequenceOrder=1)]
    draft = imported(definition(Contest=contests))
    assert [each["label"] for each in draft.draft["contests"]] == ["b", "a"]


# --- places ------------------------------------------------------------------------------------------


def test_units_become_a_tree_and_styles_go_to_its_leaves() -> None:
    units = [unit("state", "n", "s"), unit("n", "n1", "n2"), unit("s"), unit("n1"), unit("n2"), unit("far")]
    styles = [style("north", ["n"], ["m"]), style("both", ["n1", "s"], ["m", "k"])]
    draft = imported(definition(GpUnit=units, BallotStyle=styles, Contest=[measure("m"), measure("k")]))
    manifest = build(draft.draft)
    assert [(each.path, each.styles) for each in manifest.reporting_units()] == [
        ("state/n/n1", ("north", "both")),
        ("state/n/n2", ("north",)),
        ("state/s", ("both",)),
    ]
    assert "unit far: left out: no ballot is cast in it" in said(draft)


def test_a_unit_of_two_stands_in_the_first_and_that_is_said() -> None:
    units = [unit("a", "x"), unit("b", "x", "y"), unit("x"), unit("y")]
    draft = imported(definition(GpUnit=units))
    assert [each.path for each in build(draft.draft).reporting_units()] == ["a/x", "b/y"]
    assert "unit x: it is also part of b; it stands in a" in said(draft)


def test_contests_under_headers_are_found() -> None:
    nested = typed("OrderedHeader", HeaderId="h", OrderedContent=[typed("OrderedContest", ContestId="k")])
    listed = style("s", ["all"], ["m"])
    listed["OrderedContent"].append(nested)
    draft = imported(definition(BallotStyle=[listed], Contest=[measure("m"), measure("k")]))
    assert draft.draft["styles"] == [{"label": "s", "contests": ["m", "k"]}]
    assert "OrderedHeader.HeaderId: not carried" in said(draft)


def test_a_contest_on_no_ballot_and_a_ballot_without_contests_are_left_out() -> None:
    ranked = candidates("c", RanksAllowed=2)
    styles = [style("s", ["all"], ["m"]), style("t", ["all"], ["c"])]
    draft = imported(definition(BallotStyle=styles, Contest=[measure("m"), measure("k"), ranked]))
    assert said(draft, grave=True) == [
        "contest c: left out: options are ranked",
        "ballot style t: left out: none of its contests is carried",
        "contest k: left out: it is on no ballot",
    ]
    assert broken_by(draft.draft) == ()


def test_contests_of_several_districts_without_styles_are_grave() -> None:
    draft = imported(definition(Contest=[measure("m"), measure("k", ElectionDistrictId="other")]))
    assert said(draft, grave=True) == ["there is no ballot style, so every unit votes on all contests"]


def test_a_slash_in_the_name_of_a_unit_is_replaced() -> None:
    draft = imported(definition(GpUnit=[unit("u", Number="1") | {"Name": text(en="A/B")}]))
    assert build(draft.draft).reporting_units()[0].path == "A-B"
    assert any("'/'" in sentence for sentence in said(draft))


def test_another_election_of_the_file_is_named_or_chosen() -> None:
    value = definition()
    value["Election"].append({**value["Election"][0], "Name": text(en="Another")})
    draft = imported(value)
    assert (draft.draft["label"], said(draft, grave=True)) == (
        "An election",
        ["election 2: left out: a manifest is one election"],
    )
    assert imported(value, election=2).draft["label"] == "Another"
    with pytest.raises(ValueError, match="no election 3"):
        imported(value, election=3)


# --- texts -------------------------------------------------------------------------------------------


def test_names_in_every_language_are_carried_and_the_label_stands_in_for_one_that_lacks() -> None:
    value = definition(Name=text(en="Vote", fr="Votation"))
    manifest = build(imported(value).draft)
    assert dict(manifest.names) == {"en": "Vote", "fr": "Votation"}
    assert dict(manifest.contests[0].options[0].names) == {"en": "Yes", "fr": "Yes"}
    assert any("names are missing in one language" in sentence for sentence in said(imported(value)))
    french = build(imported(value, language="fr").draft)
    assert (french.label, french.languages) == ("Votation", ("fr", "en"))


def test_white_space_is_tidied_and_that_is_said() -> None:
    draft = imported(definition(Name=text(en="\n\t An   election\n")))
    assert draft.draft["label"] == "An election"
    assert "white space or composition of letters was tidied in 1 texts" in said(draft)


def test_a_label_that_is_too_long_is_cut_and_its_name_is_whole() -> None:
    long = "é" * 300
    draft = imported(definition(Name=text(en=long)))
    manifest = build(draft.draft)
    assert manifest.label.endswith("é…") and manifest.names["en"] == long
    assert any("was cut" in sentence for sentence in said(draft))


def test_a_text_that_hides_something_breaks_a_rule_of_the_manifest() -> None:
    draft = imported(definition(Name=text(en="An\u202eelection")))
    assert "mark that turns the writing direction" in broken_by(draft.draft)[0]


# --- hostile input -----------------------------------------------------------------------------------


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"\xef\xbb\xbf{}",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b"[" * 100 + b"]" * 100,
        b'{"@type": "BallotDefinition.Election"}',
        b'{"@type": "BallotDefinition.BallotDefinition", "Version": "2.0.0"}',
        b'{"@type": "BallotDefinition.BallotDefinition", "Version": 1}',
        b'{"a": 1.' + b"0" * 100 + b"}",
    ],
)
def test_what_is_no_ballot_definition_is_refused(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        read_ballot_definition(raw)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"GpUnit": [unit("a", "b"), unit("b", "a")]}, "circle"),
        ({"GpUnit": [unit("a", "a")]}, "circle"),
        ({"GpUnit": [unit("a", "b")]}, "nothing has the identifier 'b'"),
        ({"GpUnit": [unit("a"), unit("a")]}, "stands there twice"),
        ({"GpUnit": [unit(f"u{at}", f"u{at + 1}") for at in range(40)] + [unit("u40")]}, "deeper than"),
        ({"BallotStyle": [style("s", ["nowhere"], ["m"])]}, "nothing has the identifier 'nowhere'"),
        ({"BallotStyle": [style("s", ["all"], ["none"])]}, "nothing has the identifier 'none'"),
        ({"Contest": [measure("m"), measure("m")]}, "stands there twice"),
        ({"Contest": [candidates("c", runs("1", "nobody"))]}, "nothing has the identifier 'nobody'"),
        ({"Contest": [candidates("c", VotesAllowed=-1)]}, "-1 is not between"),
        ({"Contest": [candidates("c", VotesAllowed=1.5)]}, "integer"),
        ({"Contest": [measure("m", Name=" ")]}, "has no name"),
        ({"Contest": [typed("Nothing")]}, "an object of type"),
        ({"Name": text(**{f"a{a}{b}": "x" for a in "abcdefghijk" for b in "abcdefghij"})}, "languages"),
        ({"Contest": [typed("CandidateContest", id_="c")]}, "is absent"),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(members: dict[str, Any], message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        read_ballot_definition(encoded(definition(**members)))


# --- random manifests there and back -----------------------------------------------------------------


def as_definition(manifest: Manifest) -> dict[str, Any]:
    """A manifest as a ballot definition, as far as both have the same."""

    def shown(thing: Any) -> dict[str, Any]:
        return text(**(dict(thing.names) or {"en": thing.label}))

    people, contests, units = [], [], []
    for contest in manifest.contests:
        options = []
        for each in contest.selectable:
            key = f"{contest.index}-{each.index}"
            people.append(typed("Candidate", id_=f"p{key}", BallotName=text(en=each.label)))
            options.append(runs(f"o{key}", f"p{key}"))
        cumulative = any(each.limit > 1 for each in contest.selectable)
        contests.append(
            candidates(
                f"c{contest.index}",
                *options,
                Name=contest.label,
                VotesAllowed=contest.limit,
                VoteVariation="cumulative" if cumulative else "n-of-m",
            )
        )
    for root in manifest.units:
        for each in root.tree():
            units.append(
                unit(each.path, *(below.path for below in each.children)) | {"Name": text(en=each.label)}
            )
    styles = [
        style(
            each.label,
            [leaf.path for leaf in manifest.reporting_units() if each.label in leaf.styles],
            [f"c{index}" for index in each.contests],
        )
        for each in manifest.styles
    ]
    return definition(
        Name=text(en=manifest.label), Candidate=people, Contest=contests, GpUnit=units, BallotStyle=styles
    )


@given(drafts())
@settings(max_examples=15)
def test_contests_styles_and_units_come_back_from_a_definition(draft: dict[str, Any]) -> None:
    manifest = build(draft)
    back = imported(as_definition(manifest))
    read = build({**back.draft, "test": True, "minimum_cell": 1})
    assert back.faithful
    assert [(each.label, each.limit) for each in read.contests] == [
        (each.label, each.limit) for each in manifest.contests
    ]
    for mine, theirs in zip(read.contests, manifest.contests, strict=True):
        assert [each.label for each in mine.selectable] == [each.label for each in theirs.selectable]
    assert [(each.label, each.contests) for each in read.styles] == [
        (each.label, each.contests) for each in manifest.styles
    ]
    assert [(each.path, set(each.styles)) for each in read.reporting_units()] == [
        (each.path, set(each.styles)) for each in manifest.reporting_units()
    ]
