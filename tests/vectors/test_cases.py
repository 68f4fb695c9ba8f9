"""Every case of every file, run on the package."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.vectors.form import cases_of, completed, patched, plain, stored
from tests.vectors.registry import RUNNERS


@pytest.mark.parametrize("name", sorted(RUNNERS))
def test_the_package_does_what_every_case_expects(name: str) -> None:
    every = cases_of(name)
    wrong = []
    for group in stored(name)["groups"]:
        for case in group["cases"]:
            result = RUNNERS[name](group["params"], **completed(case, every))
            found: dict[str, Any] = {"expect": plain(result.expect), "checks": sorted(result.checks)}
            stated = {"expect": case["expect"], "checks": case.get("checks", [])}
            if json.dumps(found) != json.dumps(stated):  # 1 is not true
                wrong.append((case["id"], shown(stated), shown(found)))
    assert wrong == []


@pytest.mark.parametrize("name", sorted(RUNNERS))
def test_a_rejected_reading_gives_another_result_than_the_one_that_is_expected(name: str) -> None:
    for case in cases_of(name).values():
        for other in case.get("rejected", []):
            assert other["value"] != case["expect"], case["id"]


@pytest.mark.parametrize("name", sorted(RUNNERS))
def test_an_input_that_is_not_known_fails(name: str) -> None:
    group = stored(name)["groups"][0]
    given = completed(group["cases"][0], cases_of(name))
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        RUNNERS[name](group["params"], **given, surprise=1)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ballots.json", "/random/surprise"),
        ("ballots.json", "/random/contests/0/surprise"),
        ("ballots.json", "/random/contests/0/limit/0/surprise"),
        ("ballots.json", "/contests/Mayor/surprise"),
        ("plaintext-ballots.json", "/contests/Mayor/surprise"),
        ("key-generation.json", "/secrets/surprise"),
    ],
)
def test_a_member_of_an_input_that_is_not_known_fails(name: str, path: str) -> None:
    group = stored(name)["groups"][0]
    given = patched(group["cases"][0]["input"], [{"op": "add", "path": path, "value": 1}])
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        RUNNERS[name](group["params"], **given)


@pytest.mark.parametrize("name", ["ballots.json", "openings.json", "key-generation.json"])
def test_a_message_with_an_unknown_member_is_not_accepted(name: str) -> None:
    every = cases_of(name)
    for group in stored(name)["groups"]:
        for case in group["cases"]:
            if case["expect"] == "accept" and group["params"]["kind"] == "verify":
                given = completed(case, every)
                part = next(key for key in ("ballot", "record") if key in given)
                given = {**given, part: {**given[part], "surprise": 1}}
                assert RUNNERS[name](group["params"], **given).expect == "decode", case["id"]


def shown(value: object) -> str:
    """A value short enough for a message."""
    text = str(value)
    return text if len(text) < 400 else f"{text[:200]} … {text[-200:]}"
