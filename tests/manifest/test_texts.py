"""Labels and names are what people see: nothing in them is hidden, and no two look the same for it."""

from __future__ import annotations

import pytest

from evote.manifest import Manifest, ManifestError
from tests.manifest.samples import build, simple


def options(*labels: str) -> Manifest:
    return build(simple(contests=[{"label": "Mayor", "options": list(labels)}]))


@pytest.mark.parametrize(
    "hidden",
    ["\u200b", "\u00ad", "\ufeff", "\u2060", "\U000e0041", "\u3164", "\u2800", "\u200e", "\u061c"],
)
def test_a_label_holds_nothing_that_nobody_can_see(hidden: str) -> None:
    with pytest.raises(ManifestError, match="nobody can see"):
        options("Ada", f"A{hidden}da")
    with pytest.raises(ManifestError, match="nobody can see"):
        build(simple(languages=["en"], names={"en": f"Elec{hidden}tion"}))


@pytest.mark.parametrize("between", ["\u200c", "\u200d", "\ufe0f", "\U000e0100"])
def test_two_labels_differ_in_more_than_joiners_and_variants(between: str) -> None:
    assert options("Grace", f"A{between}da").contests[0].options[1].label == f"A{between}da"
    with pytest.raises(ManifestError, match="2 options have the label 'Ada'"):
        options("Ada", f"A{between}da")


def test_signs_that_show_are_allowed() -> None:
    assert options("\u06dd 1", "<b>", "می\u200cخواهم").contests[0].options[0].label == "\u06dd 1"
