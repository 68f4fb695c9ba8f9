"""The first round of the French legislative election of 2024 abroad, as an election to hold again.

Eleven constituencies, each with one contest of its own, its candidates and the blank vote as
options, and a limit of one. The figures are those of ``france2024.json``; null votes, which are not
valid ballots, are left out. Ballots are made from the official counts: at scale 1 one for each valid
or blank vote, at scale S about one for S of them. Everything here is deterministic.

Rules: per constituency the sizes of a scaled election are ``max(1, round(votes / S))`` ballots,
divided among the options by largest remainders (ties go to the option that stands first), so that
the parts add up and stay in proportion. Ballots come in an order that mixes the options evenly.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from evote.ballots import PlaintextBallot, PlaintextContest
from evote.manifest import MINIMUM_CELL

ROOT_UNIT = "abroad"
BLANK = "Vote blanc"
"""Label of the blank vote, the last option of every contest."""

MAX_SCALE = 10**6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate, the nuance that the Ministry gave, and the official votes."""

    name: str
    nuance: str
    votes: int


@dataclass(frozen=True, slots=True)
class Constituency:
    """One of the eleven constituencies with its official figures."""

    label: str
    """``ZZ01`` to ``ZZ11``."""
    registered: int
    voters: int
    blank: int
    null: int
    candidates: tuple[Candidate, ...]

    @property
    def unit(self) -> str:
        """The path of the constituency in the tree of units."""
        return f"{ROOT_UNIT}/{self.label}"

    @property
    def votes(self) -> tuple[tuple[str, int], ...]:
        """Option labels with official counts, the blank vote last."""
        return (*((candidate.name, candidate.votes) for candidate in self.candidates), (BLANK, self.blank))

    @property
    def number(self) -> int:
        """1 to 11."""
        return int(self.label[2:])


@dataclass(frozen=True, slots=True)
class France2024:
    """The whole election: its title per language and its constituencies."""

    title: Mapping[str, str]
    constituencies: tuple[Constituency, ...]


def load() -> France2024:
    """The figures that come with the package."""
    text = resources.files(__package__).joinpath("france2024.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return France2024(
        dict(data["title"]),
        tuple(
            Constituency(
                item["id"],
                item["registered"],
                item["voters"],
                item["blank"],
                item["null"],
                tuple(Candidate(*row) for row in item["candidates"]),
            )
            for item in data["constituencies"]
        ),
    )


def scaled(constituency: Constituency, scale: int) -> tuple[tuple[str, int], ...]:
    """The counts of one constituency at scale S, blank vote last; scale 1 gives the official ones.

    Raises ``ValueError`` for a scale outside 1 to 1,000,000.
    """
    if not 1 <= scale <= MAX_SCALE:
        raise ValueError(f"the scale lies between 1 and {MAX_SCALE}, so {scale} is not one")
    votes = constituency.votes
    total = sum(count for _, count in votes)
    ballots = max(1, (2 * total + scale) // (2 * scale))
    whole = [count * ballots // total for _, count in votes]
    by_remainder = sorted(range(len(votes)), key=lambda place: (-(votes[place][1] * ballots % total), place))
    for place in by_remainder[: ballots - sum(whole)]:
        whole[place] += 1
    return tuple((label, count) for (label, _), count in zip(votes, whole, strict=True))


def sequence(counts: tuple[tuple[str, int], ...]) -> Iterator[str]:
    """The options in a fixed order that spreads each of them evenly; as many of each as counted.

    At every step that option is due whose share so far is the smallest (``(taken + 1/2) / count``).
    """
    taken = dict.fromkeys((label for label, _ in counts), 0)
    for _ in range(sum(count for _, count in counts)):
        label = min(
            ((2 * taken[label] + 1) / count, place, label)
            for place, (label, count) in enumerate(counts)
            if taken[label] < count
        )[2]
        taken[label] += 1
        yield label


def ballot(constituency: Constituency, option: str) -> PlaintextBallot:
    """The ballot of a voter of that constituency who chose one option."""
    marks = PlaintextContest({option: 1})
    return PlaintextBallot(constituency.unit, constituency.label, {constituency.label: marks})


def draft(election: France2024, scale: int) -> dict[str, object]:
    """The description from which :meth:`evote.manifest.Manifest.build` makes the manifest.

    It is marked as a test. Each constituency is a cell of its own; the minimum size of a cell is
    the usual one, or the size of the smallest constituency where the scale makes that smaller.
    """
    smallest = min(
        sum(count for _, count in scaled(constituency, scale)) for constituency in election.constituencies
    )
    return {
        "label": "France 2024 abroad, first round, held again as a demonstration",
        "names": dict(election.title),
        "languages": ["fr", "en"],
        "test": True,
        "chaining": 1,
        "minimum_cell": min(MINIMUM_CELL, smallest),
        "contests": [_contest(constituency) for constituency in election.constituencies],
        "styles": [
            {"label": item.label, "contests": [item.label], "names": _names(item)}
            for item in election.constituencies
        ],
        "units": [
            {
                "label": ROOT_UNIT,
                "names": {"fr": "Français établis hors de France", "en": "French citizens abroad"},
                "units": [
                    {"label": item.label, "styles": [item.label], "names": _names(item)}
                    for item in election.constituencies
                ],
            }
        ],
        "cells": "each",
    }


def _contest(constituency: Constituency) -> dict[str, object]:
    options: list[dict[str, object]] = []
    for candidate in constituency.candidates:
        shown = f"{candidate.name} ({candidate.nuance})"
        options.append({"label": candidate.name, "names": {"fr": shown, "en": shown}})
    options.append({"label": BLANK, "names": {"fr": BLANK, "en": "Blank vote"}})
    return {"label": constituency.label, "options": options, "names": _names(constituency)}


def _names(constituency: Constituency) -> dict[str, str]:
    number = constituency.number
    french = "1re" if number == 1 else f"{number}e"
    english = {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")
    return {"fr": f"{french} circonscription", "en": f"{english} constituency"}
