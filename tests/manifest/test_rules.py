"""Every rule of the manifest is tested by the sample with that one fault, and says where and what."""

from __future__ import annotations

import pickle

import pytest

from evote.errors import DecodeError, EvoteError
from evote.manifest import Manifest, ManifestError
from evote.manifest.rules import MAX_BROKEN
from tests.manifest.cases import BROKEN, MALFORMED, SWAPS, Patch, Swap
from tests.manifest.samples import build, document, draft, one_contest, raw_of, sample


def test_the_sample_keeps_every_rule() -> None:
    assert Manifest.parse(raw_of(document())) == sample()


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.id)
def test_a_broken_rule_is_named_with_its_place(case: Patch) -> None:
    with pytest.raises(ManifestError) as caught:
        Manifest.parse(case.raw())
    assert str(caught.value) == case.error


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case.id)
def test_a_wrong_form_is_named_with_its_path(case: Patch) -> None:
    with pytest.raises(DecodeError) as caught:
        Manifest.parse(case.raw())
    assert str(caught.value) == case.error


@pytest.mark.parametrize("case", SWAPS, ids=lambda case: case.id)
def test_text_that_readers_may_understand_differently_is_refused(case: Swap) -> None:
    with pytest.raises(DecodeError) as caught:
        Manifest.parse(case.raw())
    assert str(caught.value).startswith(case.error)


def test_case_ids_are_unique() -> None:
    ids = [case.id for case in (*BROKEN, *MALFORMED, *SWAPS)]
    assert len(set(ids)) == len(ids)


def test_all_broken_rules_are_listed_at_once_in_the_order_of_the_manifest() -> None:
    value = document()
    value["label"] = "E "
    value["contests"][1]["selection_limit"] = 8
    value["evote"]["ballot_styles"][1]["weight"] = 0
    with pytest.raises(ManifestError) as caught:
        Manifest.parse(raw_of(value))
    assert [broken.where for broken in caught.value.broken] == [
        "the election",
        "contest 'Council'",
        "ballot style 'short'",
    ]
    assert str(caught.value).splitlines()[0] == "3 rules are broken:"
    assert isinstance(caught.value, EvoteError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_hostile_manifest_cannot_make_an_endless_error() -> None:
    described = one_contest(options=[f" {number}" for number in range(1000)], limit=1001)
    with pytest.raises(ManifestError) as caught:
        build(described)
    assert len(caught.value.broken) == MAX_BROKEN
    assert "more broken rules" in caught.value.broken[-1].rule


def test_a_long_label_is_cut_and_escaped_in_messages() -> None:
    with pytest.raises(ManifestError) as caught:
        build(one_contest(label="\u001b[2J" + "x" * 300))
    message = str(caught.value)
    assert "\u001b" not in message
    assert all(len(line) < 200 for line in message.splitlines())


@pytest.mark.parametrize("minimum", [1, 9])
def test_a_test_election_may_have_smaller_cells(minimum: int) -> None:
    assert build(draft(test=True, minimum_cell=minimum)).minimum_cell == minimum


def test_a_minimum_of_one_in_one_cell_needs_no_declaration() -> None:
    manifest = build(one_contest() | {"test": True, "minimum_cell": 1, "extensions": []})
    assert manifest.extensions == {}


def test_revotes_go_with_codes_that_are_not_chained() -> None:
    manifest = build(draft(extensions=["index", "context", "round0", "cells", "roll"]))
    assert manifest.chaining == 0
    assert manifest.extensions["roll"].key == manifest.extensions["index"].key
