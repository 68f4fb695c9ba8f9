"""The declaration of pre-encrypted ballots: its form, its rules, and what it excludes."""

from __future__ import annotations

from typing import Any

import pytest

from evote.errors import DecodeError
from evote.manifest import Manifest, ManifestError, Trimming
from tests.manifest.samples import build, document, raw_of, simple

SHEETS = {"styles": ["all"], "tools": ["printer"]}


def declared(**changes: object) -> dict[str, Any]:
    return simple(preencrypted={**SHEETS, **changes})


def broken(described: dict[str, Any]) -> str:
    with pytest.raises(ManifestError) as caught:
        build(described)
    return str(caught.value)


def test_what_is_declared_is_read() -> None:
    manifest = build(declared(trimming="letter-digit"))
    assert manifest.pre_encryption is not None
    assert manifest.pre_encryption.trimming is Trimming.LETTER_DIGIT
    assert manifest.pre_encryption.styles == ("all",)
    assert manifest.pre_encrypts("printer") and not manifest.pre_encrypts("booth")
    assert manifest.extensions["preencrypted"].key is None
    assert not build(simple()).pre_encrypts("printer")


def test_four_hexadecimal_digits_are_the_default() -> None:
    manifest = build(declared())
    assert manifest.pre_encryption is not None and manifest.pre_encryption.trimming is Trimming.HEX_4


def test_an_unknown_trimming_function_is_refused() -> None:
    with pytest.raises(DecodeError, match=r"trimming: one of hex-2, hex-4|one of hex-2"):
        build(declared(trimming="last-nine"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tools": []}, "no tool makes its ballots"),
        ({"tools": [""]}, "has 1 to 1024 bytes"),
        ({"tools": ["x" * 1025]}, "has 1 to 1024 bytes"),
        ({"tools": ["a", "a"]}, "'a'"),
        ({"styles": []}, "no ballot style is made so"),
        ({"styles": ["none"]}, "there is no ballot style 'none'"),
        ({"styles": ["all", "all"]}, "'all'"),
    ],
)
def test_tools_and_styles_are_there_once(changes: dict[str, object], words: str) -> None:
    assert words in broken(declared(**changes))


def contest(**members: object) -> dict[str, Any]:
    return {**declared(), "contests": [{"label": "C", "options": ["a", "b"], **members}]}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"fields": ["undervote"]}, "it counts no facts beside its options"),
        ({"limit": 2, "options": ["a", {"label": "b", "limit": 2}]}, "every option has the limit 1"),
        ({"options": [f"o{n}" for n in range(130)]}, "encryptions; 16384 is the most"),
    ],
)
def test_a_sheet_can_say_what_every_other_ballot_can(members: dict[str, object], words: str) -> None:
    assert words in broken(contest(**members))


def test_short_codes_suffice_for_the_vectors() -> None:
    many = {**contest(options=[f"o{n}" for n in range(60)])}
    assert build(many).pre_encryption is not None
    many["preencrypted"] = {**SHEETS, "trimming": "hex-2"}
    assert "choose longer ones" in broken(many)


def test_contest_data_is_allowed_and_other_styles_are_free() -> None:
    assert build(contest(write_ins=1)).pre_encryption is not None
    described = {
        **contest(fields=["undervote"]),
        "contests": [
            {"label": "C", "options": ["a", "b"]},
            {"label": "D", "options": ["a"], "fields": ["undervote"]},
        ],
        "styles": [{"label": "all", "contests": ["C"]}, {"label": "rest", "contests": ["D"]}],
    }
    assert build(described).pre_encryption is not None


def test_what_excludes_pre_encryption() -> None:
    assert "uncast ballots are opened where they are recorded" in broken(
        {**declared(), "guardian_opening": True}
    )
    without = {**declared(), "extensions": ["index"], "minimum_cell": 1, "test": True}
    assert "'context' is declared too" in broken(without)
    value = document("online")
    value["evote"]["extensions"]["preencrypted"] = {
        "trimming": "hex-4",
        "styles": ["short"],
        "tools": ["printer"],
    }
    with pytest.raises(ManifestError, match="no credential signs it"):
        Manifest.parse(raw_of(value))
