"""The manifest's vector files are those that the generator makes, and they hold read back as data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evote.errors import DecodeError
from evote.groups import named
from evote.manifest import (
    Contest,
    ContestData,
    ContestRecord,
    Manifest,
    ManifestError,
    Option,
    Parameters,
    base_hash,
    parameter_base_hash,
)
from tests.manifest.cases import patched
from tests.manifest.samples import raw_of
from tests.manifest.vectors import FOLDER, documents, text


def stored(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return value


def cases(name: str) -> list[dict[str, Any]]:
    return [case for group in stored(name)["groups"] for case in group["cases"]]


def test_the_files_are_made_again_byte_for_byte() -> None:
    for name, document in documents().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text(document), name


@pytest.mark.parametrize("name", documents())
def test_case_ids_are_unique_and_each_rejected_case_has_an_accepted_base(name: str) -> None:
    ids = [case["id"] for case in cases(name)]
    assert len(set(ids)) == len(ids)
    accepted = {case["id"] for case in cases(name) if case["expect"] == "accept"}
    for case in cases(name):
        if case["expect"] in ("rule", "decode"):
            assert case["base_id"] in accepted


def manifest_bytes(case: dict[str, Any], base: str) -> bytes:
    given = case["input"]
    if "text" in given:
        return bytes(given["text"], "utf-8")
    if "patch" in given:
        return raw_of(patched(json.loads(base), given["patch"]))
    assert base.count(given["old"]) >= 1
    return base.replace(given["old"], given["new"], 1).encode("utf-8", "surrogatepass")


def test_the_manifest_vectors_hold() -> None:
    every = cases("manifest.json")
    texts = {case["id"]: case["input"]["text"] for case in every if case["expect"] == "accept"}
    for accepted in texts.values():
        assert Manifest.parse(bytes(accepted, "utf-8")).raw == bytes(accepted, "utf-8")
    base = every[0]
    manifest = Manifest.parse(bytes(base["input"]["text"], "utf-8"))
    hashed = base["base_hash"]
    parameters = Parameters(named("electionguard-4096"), hashed["n"], hashed["k"])
    h_b = base_hash(parameter_base_hash(parameters), manifest.raw)
    assert h_b.hex().upper() == hashed["value"]
    errors = {"rule": ManifestError, "decode": DecodeError}
    for case in every:
        if case["expect"] != "accept":
            with pytest.raises(errors[case["expect"]]):
                Manifest.parse(manifest_bytes(case, texts[case["base_id"]]))
    assert {case["expect"] for case in every} == {"accept", "rule", "decode"}


def test_the_contest_data_vectors_hold() -> None:
    (group,) = stored("contest-data.json")["groups"]
    params = group["params"]
    options = tuple(Option(place, f"o{place}", 1) for place in range(1, params["options"] + 1))
    data = ContestData(params["write_ins"], params["write_in_bytes"], params["blocks"])
    contest = Contest(1, "C", params["limit"], options, data)
    for case in group["cases"]:
        encoded = bytes.fromhex(case["input"]["data"])
        if case["expect"] == "accept":
            record = ContestRecord.decode(encoded, contest)
            assert record.encode(contest) == encoded
            assert case["record"] == {
                "status": record.status.name.lower(),
                "marks": list(record.marks),
                "write_ins": list(record.write_ins),
            }
        else:
            with pytest.raises(DecodeError):
                ContestRecord.decode(encoded, contest)
