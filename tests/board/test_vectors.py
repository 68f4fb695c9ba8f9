"""``vectors/credentials.json`` is what its generator makes, and the package agrees with every case."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from evote.board.codes import Code
from evote.board.credential import pseudonym
from evote.board.roll import RollEntry, roll_root
from evote.codec import encode
from evote.errors import DecodeError
from evote.secret import Secret
from tests.board.vectors import NAME, document
from tests.manifest.vectors import FOLDER, text

STORED: dict[str, Any] = json.loads((FOLDER / NAME).read_text(encoding="utf-8"))


def computed(params: dict[str, Any], given: dict[str, Any]) -> Any:
    salt = bytes.fromhex(params.get("salt", ""))
    if params["kind"] == "code":
        code = Code.read(Secret(given["text"]))
        return {"part": code.part, "bits": code.bits.reveal().hex().upper()}
    if params["kind"] == "key":
        code = Code(given["part"], Secret(bytes.fromhex(given["bits"])))
        return code.key(salt, params["iterations"]).verify_key.encoded.hex().upper()
    if params["kind"] == "pseudonym":
        return pseudonym(salt, tuple(bytes.fromhex(key) for key in given["keys"])).hex().upper()
    entries = [
        RollEntry(
            each["unit"], each["style"], each["scheme"], tuple(bytes.fromhex(key) for key in each["keys"])
        )
        for each in given["entries"]
    ]
    return roll_root(salt, [encode(entry) for entry in entries])[1].hex().upper()


def test_the_file_is_made_again_byte_for_byte() -> None:
    assert (FOLDER / NAME).read_text(encoding="utf-8") == text(document())


@pytest.mark.parametrize("group", STORED["groups"], ids=lambda group: group["params"]["kind"])
def test_the_package_agrees_with_every_case(group: dict[str, Any]) -> None:
    words: Counter[str] = Counter()
    for case in group["cases"]:
        if case["expect"] == "decode":
            with pytest.raises(DecodeError):
                computed(group["params"], case["input"])
            words["refused"] += 1
        else:
            assert computed(group["params"], case["input"]) == case["expect"], case["id"]
            words["computed"] += 1
    assert words["computed"] >= 3
    assert words["refused"] == (7 if group["params"]["kind"] == "code" else 0)


def test_a_code_that_is_read_is_written_as_on_paper() -> None:
    for case in STORED["groups"][0]["cases"]:
        if "base_id" not in case:
            assert Code.read(Secret(case["input"]["text"])).text().reveal() == case["input"]["text"]
