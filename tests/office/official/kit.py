"""Result sheets for tests: one with everything in it, and random ones over random manifests."""

from __future__ import annotations

import functools
import json
from typing import Any

from hypothesis import strategies as st

from evote.manifest import Contest, Manifest
from evote.office.official.form import Issuer
from evote.office.official.sheet import (
    CellLine,
    Figures,
    OpenLine,
    ResultSheet,
    Standing,
    UnitKind,
    UnitLine,
    UnitStatus,
)
from tests.manifest.samples import sample
from tests.shared import shared_data

ISSUER = Issuer("Election office", "EO", "evote test")
MOMENT = "2026-06-30T20:00:00Z"
DAY = "2026-06-30"
SALT = bytes(32)


@functools.cache
def schema(name: str) -> Any:
    """One of the published schemas of NIST."""
    return json.loads((shared_data("schemas/nist") / name).read_bytes())


def build(draft: dict[str, Any]) -> Manifest:
    return Manifest.build(draft, salt=SALT, authority_key=None)


def sheet(manifest: Manifest, units: dict[str, UnitLine], **members: Any) -> ResultSheet:
    """A provisional sheet of one day."""
    given = {"standing": Standing.PROVISIONAL, **members}
    return ResultSheet(manifest, MOMENT, DAY, DAY, units=units, **given)


def reported(**numbers: int) -> UnitLine:
    return UnitLine(UnitStatus.REPORTED, **numbers)


def opened(status: UnitStatus = UnitStatus.REPORTED, **numbers: int) -> UnitLine:
    return UnitLine(status, UnitKind.OPEN, **numbers)


def mixed() -> ResultSheet:
    """Two units of ballots, one of them without figures yet, and one OPEN unit; one cell is withheld."""
    manifest = sample()
    return sheet(
        manifest,
        {
            "North/N1": reported(ballots=10, rejected=1, challenged=2, registered=20, signed_in=13),
            "North/N2": opened(ballots=5, rejected=0, challenged=0, registered=9, signed_in=5),
            "South": UnitLine(UnitStatus.MISSING),
        },
        cells=(
            CellLine(1, "north", Figures(10, 10, (3, 4, 2, 1, 0, 0, 0), 1)),
            CellLine(2, manifest.cells(2)[0].label, None, "fewer than 10 ballots"),
        ),
        open=(
            OpenLine(1, "North/N2", Figures(5, 5, (2, 1, 1, 0, 1, 1, 1), 0)),
            OpenLine(2, "North/N2", Figures(5, 5, (7, 5, 3))),
        ),
        fingerprint=bytes(range(32)),
    )


# --- random sheets -----------------------------------------------------------------------------------

LANGUAGES = ("en", "fr")
words = st.text("abcdefghijklmnopqrstuvwxyzé=-&<>\"'0", min_size=1, max_size=8).filter(
    lambda text: text == text.strip()
)


@st.composite
def drafts(draw: st.DrawFn) -> dict[str, Any]:
    """A draft with a random tree, contests, styles and cells."""
    languages = draw(st.sampled_from([(), ("en",), LANGUAGES]))

    def things(low: int, high: int) -> list[dict[str, Any]]:
        labels = draw(st.lists(words, min_size=low, max_size=high, unique=True))
        return [{"label": label, **named(label)} for label in labels]

    def named(label: str) -> dict[str, Any]:
        if not languages or draw(st.booleans()):
            return {}
        return {"names": {language: f"{label} {language}" for language in languages}}

    def units(depth: int) -> list[dict[str, Any]]:
        found = things(1, 3)
        for unit in found:
            if depth and draw(st.booleans()):
                unit["units"] = units(depth - 1)
        return found

    contests = things(1, 3)
    for contest in contests:
        contest["options"] = [{**option, "limit": draw(st.integers(1, 2))} for option in things(1, 3)]
        contest["limit"] = draw(
            st.integers(2, 2) if any(o["limit"] == 2 for o in contest["options"]) else st.just(1)
        )
        if draw(st.booleans()):
            contest["fields"] = draw(
                st.lists(
                    st.sampled_from(["overvote", "undervote", "null_vote", "undervote_difference"]),
                    unique=True,
                )
            )
            labels = {option["label"] for option in contest["options"]}
            contest["fields"] = [
                field for field in contest["fields"] if field.replace("_", " ") not in labels
            ]
        contest["cells"] = draw(st.sampled_from(["one", "each"]))
    tree = units(2)
    half = [{"label": "first", "contests": [1]}] if draw(st.booleans()) else []
    styles = [{"label": "all", "contests": list(range(1, len(contests) + 1)), "weight": 2}, *half]

    def vote(found: list[dict[str, Any]]) -> None:
        for unit in found:
            if "units" in unit:
                vote(unit["units"])
            else:
                unit["styles"] = draw(st.sampled_from([["all"], [s["label"] for s in styles]]))

    vote(tree)
    leaf = tree[0]
    while "units" in leaf:
        leaf = leaf["units"][0]
    leaf["styles"] = [style["label"] for style in styles]
    return {
        "label": draw(words),
        "test": True,
        "minimum_cell": 1,
        "languages": list(languages),
        "contests": contests,
        "styles": styles,
        "units": tree,
    }


def figures(draw: st.DrawFn, contest: Contest) -> Figures:
    """Counts that ballots can have."""
    votes = tuple(draw(st.integers(0, 50)) for _ in contest.options)
    weight = sum(votes) + draw(st.integers(0, 5))
    over = draw(st.none() | st.integers(0, 3))
    return Figures(weight, weight, votes, over)


@st.composite
def sheets(draw: st.DrawFn) -> ResultSheet:
    """A sheet over a random manifest, with some units OPEN and some missing."""
    manifest = build(draw(drafts()))
    units = {}
    for unit in manifest.reporting_units():
        status = draw(st.sampled_from([UnitStatus.REPORTED, *UnitStatus]))
        kind = draw(st.sampled_from(list(UnitKind)))
        numbers = draw(st.none() | st.integers(0, 99))
        units[unit.path] = UnitLine(status, kind, ballots=numbers, registered=numbers)
    cells, plain = [], []
    for contest in manifest.contests:
        for cell in manifest.cells(contest.index):
            ballots = [path for path in cell.units if units[path].kind is UnitKind.BALLOTS]
            if ballots and draw(st.booleans()):
                withheld = draw(st.none() | st.just("too few"))
                held = None if withheld else figures(draw, contest)
                cells.append(CellLine(contest.index, cell.label, held, withheld))
            for path in cell.units:
                if units[path].kind is UnitKind.OPEN and draw(st.booleans()):
                    plain.append(OpenLine(contest.index, path, figures(draw, contest)))
    return sheet(
        manifest,
        units,
        cells=tuple(cells),
        open=tuple(plain),
        standing=draw(st.sampled_from(list(Standing))),
        fingerprint=draw(st.none() | st.just(bytes(32))),
    )
