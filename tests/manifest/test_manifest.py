"""The manifest as a value: look-ups, equality, pickling, immutability, several side by side."""

from __future__ import annotations

import dataclasses
import pickle
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import pytest

from evote.manifest import (
    Cell,
    ContestData,
    FieldKind,
    Manifest,
    ManifestError,
    Option,
    contest_data_blocks,
    read_json,
)
from evote.manifest.model import Names
from tests.manifest.samples import DRAFT, SALT, build, document, draft, one_contest, raw_of, sample, simple
from tests.shared import shared_data


def test_what_is_read_is_what_was_described() -> None:
    manifest = sample()
    assert manifest.label == "City election"
    assert manifest.salt == SALT
    assert manifest.languages == ("en", "fr")
    assert [contest.label for contest in manifest.contests] == ["Mayor", "Council"]
    mayor = manifest.contest(1)
    assert mayor.option("Bo") == Option(2, "Bo", 1)
    assert mayor.data == ContestData(1, 64, contest_data_blocks(3, 1, 64))
    assert [option.index for option in mayor.options] == list(range(1, 8))
    assert [option.label for option in mayor.selectable] == ["Ada", "Bo", "Cy"]
    assert manifest.style("short").contests == (1,)
    assert manifest.style("short").weight == 3
    assert [unit.path for unit in manifest.reporting_units()] == ["North/N1", "North/N2", "South"]
    assert manifest.unit("North/N2").styles == ("full", "short")
    assert not manifest.unit("North").reports
    assert manifest.unit("South").reports


def test_contests_of_a_style_come_in_the_order_of_their_indices() -> None:
    described = draft()
    described["styles"][0]["contests"] = ["Council", "Mayor"]
    manifest = build(described)
    assert [contest.index for contest in manifest.contests_of("full")] == [1, 2]
    value = document()
    value["ballot_styles"][0]["contests"] = [2, 1]
    assert Manifest.parse(raw_of(value)).style("full").contests == (1, 2)


def test_cells_are_found_by_contest_and_unit() -> None:
    manifest = sample()
    assert manifest.cells(1) == (
        Cell(1, "north", ("North/N1", "North/N2")),
        Cell(1, "south", ("South",)),
    )
    assert manifest.cell_of(1, "North/N2").label == "north"
    assert manifest.cell_of(2, "North/N2").units == ("North/N1", "North/N2")


def test_unknown_names_are_the_callers_mistake() -> None:
    manifest = sample()
    for attempt, error in (
        (lambda: manifest.contest(0), "there is no contest 0"),
        (lambda: manifest.contest(3), "there is no contest 3"),
        (lambda: manifest.contest_by_label("mayor"), "no contest 'mayor'"),
        (lambda: manifest.style("Full"), "no ballot style 'Full'"),
        (lambda: manifest.contests_of("x"), "no ballot style 'x'"),
        (lambda: manifest.unit("N1"), "no unit 'N1'"),
        (lambda: manifest.cells(-1), "there is no contest -1"),
        (lambda: manifest.cell_of(2, "South"), "unit 'South' has no ballots with contest 'Council'"),
        (lambda: manifest.cell_of(1, "North"), "unit 'North' has no ballots"),
        (lambda: manifest.contest(1).option("Di"), "contest 'Mayor' has no option 'Di'"),
    ):
        with pytest.raises(ValueError, match=error):
            attempt()


def test_names_fall_back_to_the_label() -> None:
    manifest = sample()
    assert manifest.name("fr") == "Élection municipale"
    assert manifest.name("de") == "City election"
    assert manifest.contest(1).name("fr") == "Maire"
    assert manifest.contest(1).option("Ada").name("fr") == "Ada"
    assert manifest.style("full").name("fr") == "full"
    assert manifest.unit("South").name("fr") == "South"


def test_a_supplemental_field_is_found_by_its_kind() -> None:
    mayor, council = sample().contests
    assert mayor.field(FieldKind.NULL_VOTE) == mayor.option("null vote")
    assert council.field(FieldKind.NULL_VOTE) is None


def test_manifests_are_equal_if_their_bytes_are() -> None:
    manifest = sample()
    spaced = Manifest.parse(manifest.raw.replace(b'"format":1', b'"format": 1'))
    assert spaced.contests == manifest.contests
    assert spaced != manifest
    assert Manifest.parse(manifest.raw) == manifest
    assert len({manifest, Manifest.parse(manifest.raw), spaced}) == 2


def test_a_pickled_manifest_is_read_again_from_its_bytes() -> None:
    manifest = sample()
    data = pickle.dumps(manifest)
    assert manifest.raw in data
    copy = pickle.loads(data)
    assert copy == manifest
    assert copy.cells(1) == manifest.cells(1)
    assert pickle.loads(pickle.dumps(manifest.contests)) == manifest.contests


def test_a_manifest_that_breaks_a_rule_cannot_be_constructed() -> None:
    with pytest.raises(ManifestError, match="the election: the label is empty"):
        dataclasses.replace(sample(), label="")


def test_nothing_in_a_manifest_can_be_changed() -> None:
    manifest = sample()
    with pytest.raises(dataclasses.FrozenInstanceError):
        manifest.label = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        manifest.extensions["roll"] = manifest.extensions["index"]  # type: ignore[index]
    with pytest.raises(TypeError):
        manifest.names["fr"] = "other"  # type: ignore[index]


def test_names_are_a_mapping_that_has_a_hash() -> None:
    names = Names((("en", "a"), ("fr", "b")))
    assert names == {"fr": "b", "en": "a"}
    assert hash(names) == hash(Names((("fr", "b"), ("en", "a"))))
    assert "de" not in names
    with pytest.raises(KeyError):
        names["de"]


def test_a_stated_limit_of_one_and_contest_limit_are_read_as_the_draft_says() -> None:
    value = document()
    value["contests"][0]["selection_limit"] = 1
    value["contests"][0]["options"][0]["selection_limit"] = "CONTEST_LIMIT"
    value["contests"][1]["options"][0]["selection_limit"] = "CONTEST_LIMIT"
    manifest = Manifest.parse(raw_of(value))
    assert manifest.contest(1).limit == 1
    assert manifest.contest(1).options[0].limit == 1
    assert manifest.contest(2).options[0].limit == 4


def test_many_elections_live_side_by_side_in_several_threads() -> None:
    labels = [f"Election {number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        manifests = list(pool.map(lambda label: build(simple(label=label)), labels))
    assert [manifest.label for manifest in manifests] == labels


def test_approval_voting_has_a_limit_of_the_number_of_options() -> None:
    contest = build(one_contest(options=["a", "b", "c"], limit="NO_LIMIT")).contest(1)
    assert contest.limit == len(contest.options) == 3


@pytest.mark.parametrize(
    "described", [DRAFT, simple(), one_contest(limit=2, write_ins=2)], ids=["rich", "simple", "write-ins"]
)
def test_what_is_written_fits_the_schema_of_the_serialization_draft(described: dict[str, object]) -> None:
    path = shared_data("schemas/electionguard-2.1/election_manifest.json")
    schema = read_json(path.read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(read_json(build(described).raw))


def test_ten_thousand_units_are_read_without_delay() -> None:
    units = [{"label": f"r{r}", "units": [f"u{u}" for u in range(100)]} for r in range(100)]
    manifest = build(simple(units=units, cells="each"))
    assert len(manifest.reporting_units()) == len(manifest.cells(1)) == 10_000
