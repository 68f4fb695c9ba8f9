"""A town in which one unit votes on ballots and two count paper; every party in its folder."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from evote.cli.world import World
from tests.cli.boardtown import CLOSES
from tests.cli.driver import Outcome, Town, evote, fine

BOOTH = "Booth 1"
CORRECT_UNTIL = "2099-07-10T20:00:00Z"
DRAFT: dict[str, object] = {
    "label": "Council 2027",
    "test": True,
    "minimum_cell": 1,
    "contests": [{"label": "Chair", "options": ["Ada", "Bo"], "fields": ["overvote", "null_vote"]}],
    "units": [{"label": "Town", "units": ["North", "Paper", "Hall"]}],
    "cells": "each",
}
NIGHT = "2099-06-30T21:30:00Z"
NORTH, PAPER, HALL = "Town/North", "Town/Paper", "Town/Hall"


def csv(**counts: int) -> str:
    """A file of counts: voters, then the fields of the one contest."""
    names = {"null": "null vote", "over": "overvote"}
    lines = ["style,contest,field,count"]
    for name, count in counts.items():
        contest = "Chair" if name in ("Ada", "Bo", *names) else ""
        lines.append(f"all,{contest},{names.get(name, name)},{count}")
    return "\n".join(lines) + "\n"


GOOD = {
    "registered": 120,
    "signed_in": 81,
    "counted": 80,
    "rejected_only": 1,
    "Ada": 40,
    "Bo": 35,
    "over": 2,
    "null": 3,
}


@contextlib.contextmanager
def clock(moment: str) -> Iterator[None]:
    """The office's clock says something else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "now", staticmethod(lambda: moment))
        yield


class ReturnsTown(Town):
    """The office holds all keys; a unit is its own folder only where a test says so."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, DRAFT)
        self.salt, self.returns_file, self.board_file = (
            root / "salt",
            root / "returns.json",
            root / "board.json",
        )
        self.inbox = root / "inbox"
        self.inbox.mkdir(exist_ok=True)

    @property
    def at(self) -> tuple[object, ...]:
        return "--record", self.record

    @property
    def office_keys(self) -> tuple[object, ...]:
        return "--private", self.office, *self.sealed

    def prepare(self) -> None:
        """From nothing to an election with keys."""
        fine(evote("election", "salt", self.salt))
        fine(
            evote(
                *("returns", "roster", "new", self.draft, "--salt", self.salt, "--out", self.returns_file),
                *("--correct-until", CORRECT_UNTIL, "--open", PAPER, "--open", HALL, *self.office_keys),
            )
        )
        fine(
            evote(
                *("board", "new", self.draft, "--salt", self.salt, "--out", self.board_file),
                *("--origin", "example.org/town", "--closes", CLOSES, "--device", BOOTH),
                *("--returns", self.returns_file, *self.office_keys),
            )
        )
        fine(self.new("--salt", self.salt, "--board", self.board_file, "--returns", self.returns_file))
        self.ceremony()

    # --- the unit with ballots ---------------------------------------------------------------------

    def vote(self, *options: str) -> None:
        """One ballot for each option, cast in the booth."""
        fine(self.box("open"))
        for number, option in enumerate(options):
            file, signed = self.root / f"{number}.vote", self.root / f"{number}.submission"
            ballot = {"unit": NORTH, "contests": {"Chair": {option: 1}}}
            fine(
                evote(
                    *("vote", "encrypt", self.record, "-", "--out", file, "--device", BOOTH, *self.sealed),
                    stdin=json.dumps(ballot).encode(),
                )
            )
            fine(
                evote(
                    *("vote", "cast", self.record, file, "--out", signed),
                    *("--device-keys", self.office, *self.sealed),
                )
            )
            fine(self.box("admit", signed, "--out", self.root / "answers"))

    def box(self, verb: str, *arguments: object) -> Outcome:
        return evote(
            *("box", verb, self.record, *arguments, "--unit", NORTH, "--box", self.root / "north.box"),
            *self.office_keys,
        )

    def close(self) -> Path:
        """Close box and board; what the box handed over."""
        folder = self.root / "handed"
        fine(self.box("close", "--out", folder))
        fine(evote("board", "head", self.record, folder, *self.office_keys))
        fine(evote("board", "close", self.record, folder, *self.office_keys))
        return folder

    # --- returns -----------------------------------------------------------------------------------

    def counts(self, unit: str, text: str) -> Path:
        file = self.root / f"{unit.rpartition('/')[2]}.csv"
        file.write_text(text, encoding="utf-8")
        return file

    def make(
        self, unit: str, text: str, *options: object, name: str = "", at: str = NIGHT
    ) -> tuple[Path, Outcome]:
        """A unit's return, into the inbox."""
        out = self.inbox / f"{name or unit.rpartition('/')[2]}.return"
        with clock(at):
            outcome = self._make(unit, text, out, options)
        return out, outcome

    def _make(self, unit: str, text: str, out: Path, options: tuple[object, ...]) -> Outcome:
        return evote(
            *("returns", "make", *self.at, "--unit", unit, "--counts", self.counts(unit, text)),
            *("--out", out, *options, *self.office_keys),
        )

    def cosign(self, draft: Path, out: Path, *, at: str = NIGHT) -> Outcome:
        """The unit above signs a correction."""
        with clock(at):
            return evote("returns", "cosign", draft, *self.at, "--out", out, *self.office_keys)

    def paper(self, unit: str = PAPER, *, name: str = "", **changes: int) -> Path:
        """The good return of a unit that counts paper."""
        out, outcome = self.make(unit, csv(**GOOD | changes), name=name)
        fine(outcome)
        return out

    def returns(self, verb: str, *arguments: object) -> Outcome:
        return evote("returns", verb, *arguments, *self.at)
