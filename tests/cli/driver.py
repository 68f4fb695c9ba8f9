"""Runs commands as a person does, on a toy group, with every party in a folder of its own."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from evote.cli import main
from evote.groups import named, reduced_group
from evote.storage.sealed import Cost, Sealer
from evote.testing.groups import toy

GROUPS = {group.name: group for group in (toy(), reduced_group(), named("p256"))}
PASSPHRASE = "correct horse, Zoë"

DRAFT: dict[str, object] = {
    "label": "Council 2027",
    "test": True,
    "minimum_cell": 1,
    "chaining": 1,
    "contests": [
        {"label": "Chair", "options": ["Ada", "Bo"]},
        {"label": "Council", "options": ["Al", "Em", "Ku"], "limit": 2, "write_ins": 1},
    ],
    "units": [{"label": "Town", "units": ["North", "South"]}],
    "cells": "each",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def value(self) -> object:
        """The JSON on stdout."""
        return json.loads(self.out)


def evote(*arguments: object, stdin: bytes = b"") -> Outcome:
    """Run a command in this process, where the toy group is known."""
    out, err = io.StringIO(), io.StringIO()
    source = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", source)
            code = main([str(argument) for argument in arguments], groups=GROUPS)
    return Outcome(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def cheap_passphrases() -> Iterator[None]:
    """Passphrases are stretched little, so that many commands take little time."""
    begin = Sealer.__init__

    def cheap(self, passphrase, cost=None):  # type: ignore[no-untyped-def]
        begin(self, passphrase, Cost(10))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sealer, "__init__", cheap)
        yield


class Town:
    """An election: the record, the office's private folder, guardians' folders, and the exchange."""

    def __init__(
        self,
        root: Path,
        draft: Mapping[str, object] = DRAFT,
        *,
        guardians: int = 3,
        quorum: int = 2,
        group: str = toy().name,
    ) -> None:
        self.root = root
        self.group = group
        self.guardians, self.quorum = guardians, quorum
        self.draft = root / "draft.json"
        self.record, self.office = root / "record", root / "office"
        self.exchange = root / "exchange"
        self.secret = root / "passphrase"
        root.mkdir(parents=True, exist_ok=True)
        self.exchange.mkdir()
        self.draft.write_text(json.dumps(draft), encoding="utf-8")
        self.secret.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
        self.secret.chmod(0o600)

    @property
    def sealed(self) -> tuple[object, ...]:
        return "--passphrase-file", self.secret

    def guardian(self, index: int) -> Path:
        return self.root / f"guardian-{index}"

    def new(self, *options: object) -> Outcome:
        return evote(
            "election",
            "new",
            self.draft,
            *("--record", self.record, "--private", self.office),
            *("-n", self.guardians, "-k", self.quorum, "--group", self.group),
            *options,
            *self.sealed,
        )

    def init(self, index: int) -> Outcome:
        private = self.guardian(index)
        return evote("guardian", "init", self.record, "--index", index, "--private", private, *self.sealed)

    def step(self, index: int) -> Outcome:
        private = self.guardian(index)
        return evote("guardian", "step", "--private", private, "--exchange", self.exchange, *self.sealed)

    def keys(self) -> Outcome:
        folders = (self.record, *self._office, "--exchange", self.exchange)
        return evote("election", "keys", *folders, *self.sealed)

    def ceremony(self) -> None:
        """All guardians, until each holds its share."""
        everybody = range(1, self.guardians + 1)
        for index in everybody:
            fine(self.init(index))
        for _ in range(4):
            for index in everybody:
                fine(self.step(index))
        fine(self.keys())
        for index in everybody:
            assert "done" in fine(self.step(index)).out

    def encrypt(self, ballots: object, *options: object, device: str = "Booth 1") -> Outcome:
        file = self.root / "ballots.json"
        file.write_text(ballots if isinstance(ballots, str) else json.dumps(ballots), encoding="utf-8")
        return evote("encrypt", self.record, file, *self._office, "--device", device, *options, *self.sealed)

    def codes(self, ballots: object, device: str = "Booth 1") -> list[str]:
        return fine(self.encrypt(ballots, device=device)).out.split()

    def cast(self, *codes: object) -> Outcome:
        return evote("cast", self.record, *codes, *self._office)

    def challenge(self, *codes: object) -> Outcome:
        return evote("challenge", self.record, *codes, *self._office, *self.sealed)

    def tally(self) -> Outcome:
        return evote("tally", self.record, *self._office, *self.sealed)

    def seal(self) -> Outcome:
        return evote("record", "seal", self.record, *self._office, *self.sealed)

    @property
    def _office(self) -> tuple[object, ...]:
        return "--private", self.office


def fine(outcome: Outcome) -> Outcome:
    """The outcome, which must be a success."""
    assert outcome.code == 0, (outcome.err, outcome.out)
    return outcome


def refused(outcome: Outcome, code: int, *parts: str) -> None:
    """One sentence on stderr that has those parts, nothing on stdout, and that exit code."""
    assert outcome.code == code, (outcome.err, outcome.out)
    sentence = outcome.err.removeprefix("evote: ").strip()
    assert outcome.err.startswith("evote: ")
    assert sentence and "Traceback" not in sentence
    for part in parts:
        assert part in sentence, sentence


def vote(
    unit: str, chair: str | None, council: tuple[str, ...] = (), write_in: str = ""
) -> dict[str, object]:
    """A ballot as JSON."""
    return {
        "unit": f"Town/{unit}",
        "contests": {
            "Chair": {chair: 1} if chair else {},
            "Council": {"marks": dict.fromkeys(council, 1), "write_ins": [write_in] if write_in else []},
        },
    }


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def published() -> int:
    """The program in a process of its own, with the published groups and cheap passphrases."""
    with cheap_passphrases():
        return main()
