"""Drafts: what they leave out is written out, and what is wrong in them is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evote.errors import DecodeError
from evote.manifest import MINIMUM_CELL, ChainingMode, FieldKind, Manifest, ManifestError
from tests.manifest.samples import KEY, KEYS, SALT, build, draft, one_contest, sample, simple


def test_the_smallest_draft_gets_every_default_explicitly() -> None:
    own = json.loads(build(simple()).raw)["evote"]
    assert own == {
        "format": 1,
        "test": False,
        "salt": SALT.hex(),
        "languages": [],
        "names": {},
        "chaining": 0,
        "minimum_cell": MINIMUM_CELL,
        "decrypt_contest_data": False,
        "guardian_opening": False,
        "contests": [
            {
                "names": {},
                "options": [{"kind": "option", "names": {}}] * 2,
                "contest_data": None,
                "cells": [{"label": "all", "units": ["all"]}],
            }
        ],
        "ballot_styles": [{"weight": 1, "names": {}}],
        "units": [{"label": "all", "names": {}, "styles": ["all"], "units": []}],
        "extensions": {
            "index": {"key": KEY.hex()},
            "context": {"key": None},
            "round0": {"key": None},
            "cells": {"key": None},
        },
    }


def test_the_file_is_compact_utf_8_without_a_newline_and_starts_with_the_draft_of_the_specification() -> None:
    raw = build(simple(label="Élection")).raw
    start = '{"label":"Élection","contests":[{"label":"C","options":[{"label":"a"},{"label":"b"}]}],'
    assert raw.startswith(start.encode("utf-8"))
    assert not raw.endswith(b"\n")
    assert json.dumps(json.loads(raw), ensure_ascii=False, separators=(",", ":")).encode("utf-8") == raw


def test_a_limit_of_one_is_left_out_and_every_other_is_a_number() -> None:
    council = json.loads(sample().raw)["contests"][1]
    assert council == {
        "label": "Council",
        "selection_limit": 4,
        "options": [
            {"label": "Red", "selection_limit": 2},
            {"label": "Blue", "selection_limit": 4},
            {"label": "Green"},
        ],
    }


def test_the_same_draft_salt_and_key_give_the_same_bytes() -> None:
    assert sample().raw == sample().raw
    other = Manifest.build(draft(), salt=bytes(32), authority_key=KEY)
    assert other.raw != sample().raw
    assert other != sample()


def test_no_limit_means_the_sum_of_the_option_limits() -> None:
    contest = build(one_contest(options=["a", {"label": "b", "limit": 3}], limit="NO_LIMIT")).contest(1)
    assert contest.limit == 4


def test_no_limit_and_contest_limit_cannot_define_each_other() -> None:
    described = one_contest(options=[{"label": "a", "limit": "CONTEST_LIMIT"}], limit="NO_LIMIT")
    with pytest.raises(DecodeError, match=r"contests\[0\]\.options\[0\]\.limit: the contest has NO_LIMIT"):
        build(described)


def test_supplemental_fields_come_last_with_their_limits() -> None:
    described = one_contest(
        options=["a", "b", "c"],
        limit=2,
        fields=["undervote_difference", {"kind": "null_vote", "label": "Empty", "names": {}}],
    )
    contest = build(described).contest(1)
    assert [(option.label, option.limit, option.kind) for option in contest.options[3:]] == [
        ("undervote difference", 2, FieldKind.UNDERVOTE_DIFFERENCE),
        ("Empty", 1, FieldKind.NULL_VOTE),
    ]
    assert [option.in_limit for option in contest.options] == [True, True, True, False, False]


def test_one_text_is_the_name_in_every_language() -> None:
    option = sample().contest(1).option("Cy")
    assert option.names == {"en": "Cy d’Or", "fr": "Cy d’Or"}


def test_a_name_without_languages_is_refused() -> None:
    with pytest.raises(DecodeError, match=r"contests\[0\]\.names: a name without a language"):
        build(one_contest(names="Chair"))


def test_a_contest_may_have_a_cell_per_unit() -> None:
    manifest = build(draft(cells="each"))
    assert [cell.units for cell in manifest.cells(2)] == [("North/N1",), ("North/N2",)]
    assert [cell.label for cell in manifest.cells(1)] == ["north", "south"]


def test_a_cell_that_names_a_parent_holds_the_units_below_that_vote_on_the_contest() -> None:
    described = draft()
    described["contests"][1]["cells"] = [{"label": "north", "units": ["North"]}]
    described["units"][0]["units"].append({"label": "N3", "styles": ["short"]})
    manifest = build(described)
    assert manifest.cells(2)[0].units == ("North/N1", "North/N2")
    assert manifest.cells(1)[0].units == ("North/N1", "North/N2", "North/N3")


def test_extensions_may_be_chosen_and_have_keys_of_their_own() -> None:
    other = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"  # RFC 8032, 7.1
    manifest = build(simple(extensions=["cells", {"name": "index", "key": other}]))
    assert list(manifest.extensions) == ["cells", "index"]
    assert manifest.extensions["index"].key == other
    assert build(simple(extensions=["index", "cells"])).extensions["index"].key == KEY.hex()


def test_what_a_draft_leaves_out_of_board_and_roll_is_written_out() -> None:
    board, roll = KEYS.board(SALT), KEYS.roll(SALT, slots=3, root=bytes(32), iterations=10_000)
    for name in ("merge_delay", "witnesses", "devices"):
        del board[name]
    roll = {name: value for name, value in roll.items() if name not in ("second", "parts", "iterations")}
    extensions = json.loads(build(draft(board=board, roll=roll)).raw)["evote"]["extensions"]
    assert extensions["board"] | {"merge_delay": 3600, "witnesses": "", "devices": {}} == extensions["board"]
    assert extensions["roll"] | {"second": None, "parts": 1, "iterations": 10_000} == extensions["roll"]
    with pytest.raises(
        DecodeError, match=r"extensions\[0\]: what 'roll' declares stands in the draft's member"
    ):
        build(simple(extensions=["roll"]))


def test_without_an_authority_no_index_is_declared_unless_the_draft_asks_for_it() -> None:
    manifest = Manifest.build(simple(), salt=SALT, authority_key=None)
    assert list(manifest.extensions) == ["context", "round0", "cells"]
    with pytest.raises(ManifestError, match="'index': it is signed, so its declaration names the key"):
        Manifest.build(simple(extensions=["index", "cells"]), salt=SALT, authority_key=None)


def test_settings_of_the_draft_are_kept() -> None:
    manifest = build(
        simple(test=True, minimum_cell=3, chaining=1, decrypt_contest_data=True, guardian_opening=True)
    )
    assert manifest.test
    assert manifest.minimum_cell == 3
    assert manifest.chaining is ChainingMode.SIMPLE
    assert manifest.decrypt_contest_data
    assert manifest.guardian_opening


@pytest.mark.parametrize(
    ("described", "error"),
    [
        ([], "an object is wanted here"),
        ({"contests": []}, "the field label is absent"),
        (simple(colour="red"), "the field 'colour' is unknown"),
        (simple(contests={}), "contests: a list is wanted here"),
        (one_contest(options="a"), r"contests\[0\].options: a list is wanted here"),
        (one_contest(options=[1]), r"contests\[0\].options\[0\]: an object is wanted here"),
        (one_contest(limit=1.0), r"contests\[0\].limit: an integer is wanted here"),
        (one_contest(limit=True), r"contests\[0\].limit: an integer is wanted here"),
        (one_contest(limit=-1), r"contests\[0\].limit: -1 is not between"),
        (one_contest(fields=["option"]), r"contests\[0\].fields\[0\]: one of overvote"),
        (one_contest(write_ins=1, contest_data=False), "write-ins need the contest data field"),
        (one_contest(write_in_bytes=5), r"contests\[0\].write_in_bytes: a length of write-ins"),
        (one_contest(write_ins=1, write_in_bytes=0), r"contests\[0\].write_in_bytes: 0 is not between"),
        (one_contest(cells="all"), r"contests\[0\].cells: 'one', 'each' or a list"),
        (simple(cells="every"), "cells: 'one', 'each' or a list"),
        (simple(label="\ud800"), "label: a text holds half of a surrogate pair"),
        (simple(extensions=["cells", "cells"]), r"extensions\[1\]: the extension 'cells' stands there twice"),
        (simple(chaining=2), "chaining: 2 is not between 0 and 1"),
    ],
)
def test_a_draft_of_a_wrong_form_is_refused_with_the_path(described: object, error: str) -> None:
    with pytest.raises(DecodeError, match=error):
        Manifest.build(described, salt=SALT, authority_key=KEY)


def test_units_nested_too_deep_are_refused() -> None:
    unit: dict[str, Any] = {"label": "leaf"}
    for _ in range(15):
        unit = {"label": "u", "units": [unit]}
    assert len(build(simple(units=[unit])).reporting_units()) == 1
    with pytest.raises(DecodeError, match="units are nested deeper than 16"):
        build(simple(units=[{"label": "u", "units": [unit]}]))


@pytest.mark.parametrize(
    ("described", "error"),
    [
        (simple(styles=[{"label": "s", "contests": ["D"]}]), "ballot style 's': there is no contest 'D'"),
        (simple(units=["u", "u"]), "the election: 2 units have the label 'u'"),
        (one_contest(limit=3), "contest 'C': the contest limit 3 is more than 2"),
        (one_contest(options=[]), "contest 'C': there is no option to select"),
        (simple(minimum_cell=2), "the minimum size of a cell is 2; only an election marked as a test"),
        (simple(extensions=["cells", "luck"]), "extension 'luck': it is not known"),
        (simple(units=[{"label": "u", "styles": ["x"]}]), "unit 'u': there is no ballot style 'x'"),
    ],
)
def test_a_draft_that_breaks_a_rule_is_refused_by_name(described: dict[str, Any], error: str) -> None:
    with pytest.raises(ManifestError, match=error):
        build(described)


def test_a_first_contest_keeps_its_label_when_a_second_has_the_same() -> None:
    described = simple(
        contests=[{"label": "C", "options": ["a", "b"]}, {"label": "C", "options": ["a", "b"]}],
        styles=[{"label": "s", "contests": ["C", 2]}],
    )
    with pytest.raises(ManifestError) as caught:
        build(described)
    assert str(caught.value) == "the election: 2 contests have the label 'C'; labels are unique"


@pytest.mark.parametrize(("salt", "key"), [(bytes(31), KEY), (b"", KEY), (SALT, bytes(31)), (SALT, b"")])
def test_salt_and_key_have_32_bytes(salt: bytes, key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Manifest.build(simple(), salt=salt, authority_key=key)
