"""The folder as a whole: form, names, flags, and that the generator writes what is there."""

from __future__ import annotations

import json
import re
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from tests.vectors.form import FOLDER, Case, completed, patched, stored, text
from tests.vectors.generate import SUBJECTS
from tests.vectors.registry import ELSEWHERE, RUNNERS

REFUSED = ("decode", "verify", "misuse", "rule")
ROOT = FOLDER.parent


def files() -> list[str]:
    """The vector files of the folder."""
    return sorted(path.name for path in FOLDER.glob("*.json") if path.name != "schema.json")


def schema() -> dict[str, Any]:
    value: dict[str, Any] = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    return value


def cases(name: str) -> list[Case]:
    return [case for group in stored(name)["groups"] for case in group["cases"]]


def readme() -> str:
    return (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_file_has_a_harness_and_every_harness_a_file() -> None:
    assert set(files()) == set(RUNNERS) | set(ELSEWHERE)
    for home in ELSEWHERE.values():
        assert (ROOT / home).is_file()


def test_every_file_with_a_harness_has_a_generator() -> None:
    assert {subject.FILE for subject in SUBJECTS} == set(RUNNERS)


@pytest.mark.slow
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.FILE)
def test_a_file_is_made_again_byte_for_byte(subject: ModuleType) -> None:
    assert (FOLDER / subject.FILE).read_text(encoding="utf-8") == text(subject.make())


@pytest.mark.parametrize("name", files())
def test_a_file_has_the_form_of_the_schema_and_names_its_program(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(stored(name))
    assert (ROOT / stored(name)["source"]).is_file()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/surprise", 1),
        ("/schema", "evote/vectors/2"),
        ("/groups/0/cases/0/surprise", 1),
        ("/groups/0/cases/0/expect", "reject"),
        ("/groups/0/cases/0/expect", "AB0"),
        ("/groups/0/cases/0/flags", ["surprise"]),
        ("/groups/0/cases/0/expect", "verify"),
        ("/groups/0/cases/0/checks", ["6.D"]),
        ("/groups/0/cases/0/input", {"patch": []}),
    ],
)
def test_what_the_schema_does_not_know_fails(path: str, value: object) -> None:
    changed = patched(stored("groups.json"), [{"op": "add", "path": path, "value": value}])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed, schema())


@pytest.mark.parametrize("name", files())
def test_ids_are_unique_and_a_refused_case_differs_from_one_that_is_not(name: str) -> None:
    every = {case["id"]: case for case in cases(name)}
    assert len(every) == len(cases(name))
    for case in every.values():
        if "base_id" in case:
            base = every[case["base_id"]]
            assert base["expect"] not in REFUSED, case["id"]
            if name in RUNNERS:
                inputs = [json.dumps(completed(one, every)) for one in (case, base)]
                assert inputs[0] != inputs[1], case["id"]


def test_ids_are_unique_over_all_files_of_one_generator() -> None:
    ids = [case["id"] for name in sorted(RUNNERS) for case in cases(name)]
    assert len(set(ids)) == len(ids)


def test_every_word_that_a_result_can_be_is_met() -> None:
    words = {case["expect"] for name in RUNNERS for case in cases(name) if isinstance(case["expect"], str)}
    assert {"accept", "decode", "verify", "misuse"} <= words


def test_no_group_has_a_parameter_that_no_harness_looks_at() -> None:
    known = {
        "groups.json": {"kind"},
        "encodings.json": {"kind", "group", "type", "element_bytes"},
        "plaintext-ballots.json": {"kind", "manifest"},
        "ballot-data.json": {"kind", "group", "data_key"},
        "key-streams.json": {"use"},
        "evote-hashes.json": {"use"},
    }
    setting = {"group", "guardians", "quorum", "parameter_hash", "base_hash"}
    election = {"group", "guardians", "quorum", "manifest", "vote_key", "data_key", "extended_hash"}
    for name in RUNNERS:
        for group in stored(name)["groups"]:
            names = set(group["params"]) - {"kind"}
            if name in known:
                assert names <= known[name], name
            elif "manifest" in names:
                assert names - {"commitments"} == election, name
            elif "base_hash" in names:
                assert names == setting, name
            else:
                assert names <= {"group", "vote_key"}, name


def test_the_readme_lists_every_file_and_explains_every_flag() -> None:
    rows = re.findall(r"^\| `([^`]+)` \|", readme(), re.MULTILINE)
    used = {flag for name in files() for case in cases(name) for flag in case.get("flags", [])}
    known = set(schema()["$defs"]["flag"]["enum"])
    assert used == known
    assert known <= set(rows)
    assert {row for row in rows if row.endswith(".json")} == set(files())


def test_the_files_stay_small_enough_to_be_read_and_carried() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 2_000_000


def test_every_check_on_one_value_has_a_case_that_it_refuses() -> None:
    refused = {check for name in RUNNERS for case in cases(name) for check in case.get("checks", [])}
    wanted = {
        *(f"2.{letter}" for letter in "ABC"),
        "5.B",
        *(f"{step}.{letter}" for step in (6, 7) for letter in "ABCD"),
        *(f"8.{letter}" for letter in "ABD"),
        *(f"{step}.{letter}" for step in (10, 12) for letter in "ABC"),
        *(f"13.{letter}" for letter in "AB"),
        *(f"14.{letter}" for letter in "ABCDEF"),
        *(f"E.{number}" for number in (1, 2, 3, 4, 5, 7, 9, 18)),
    }
    assert refused == wanted


def test_each_of_these_checks_fails_alone_in_some_case_but_those_of_one_fact() -> None:
    sets = [case["checks"] for name in RUNNERS for case in cases(name) if "checks" in case]
    alone = {checks[0] for checks in sets if len(checks) == 1}
    together = {check for checks in sets for check in checks} - alone
    assert together == {"7.A"}
