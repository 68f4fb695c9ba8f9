"""Elections counted unit by unit: a record that grows, its office, its guardians, the log of requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evote.ballots.values import BallotState
from evote.board.checkpoint import Checkpoint
from evote.board.cosignature import cosign
from evote.board.note import KeyKind, NoteKey
from evote.decryption import Decryption
from evote.guardian import (
    ClosedRecord,
    Exchange,
    Guardian,
    announce,
    closed_record,
    finish_session,
    open_record,
)
from evote.manifest import DeclaredRequests
from evote.office.opening import publish_decryption
from evote.office.provisional import close_units, correct_unit, publish_provisional
from evote.office.requestlog import OfficeRequests
from evote.record import RecordReader, RecordWriter, Stage
from evote.record.provisional import ProvisionalResult
from evote.report import Report
from evote.signing import SigningKey, prove_possession
from evote.tally import ClosingHead, UnitClosing
from evote.testing.elections import Kit
from evote.testing.randomness import SeededRandomness
from evote.verifier.verify import verify_reader
from tests.guardian.places import GROUPS, machine, settle

UNITS = ("W", "X", "Y", "Z")
DRAFT: Mapping[str, object] = {
    "label": "Counted early",
    "test": True,
    "minimum_cell": 2,
    "contests": [
        {"label": "Mayor", "options": ["Ada", "Bo"], "cells": "each"},
        {
            "label": "Plan",
            "options": ["yes"],
            "cells": [{"label": "west", "units": ["W", "X"]}, {"label": "east", "units": ["Y", "Z"]}],
        },
    ],
    "units": list(UNITS),
}
"""Two contests: one is decrypted unit by unit, the other two units at a time."""

ORIGIN = "logs.example/requests"
WITNESS = "witness.example"
NIGHT = "2026-06-30T{:02}:00:00Z"


def request_key() -> SigningKey:
    return SigningKey.generate(SeededRandomness("log of requests"))


def witness_key() -> SigningKey:
    return SigningKey.generate(SeededRandomness("witness of requests"))


def policy() -> str:
    key = NoteKey(WITNESS, KeyKind.COSIGNATURE, witness_key().verify_key)
    return f"witness w {key}\nquorum w\n"


def with_requests(draft: Mapping[str, object] = DRAFT) -> Any:
    """The draft with a log of requests that one witness cosigns."""

    def described(salt: bytes) -> Mapping[str, object]:
        key = request_key()
        declared = {
            "key": key.verify_key.encoded.hex(),
            "possession": prove_possession(key, salt=salt, origin=ORIGIN).hex(),
            "origin": ORIGIN,
            "witnesses": policy(),
        }
        return {**draft, "requests": declared}

    return described


class Early:
    """An election with its record in ``root``; ``guardians`` and ``quorum`` as they please."""

    def __init__(
        self, root: Path, draft: Any = DRAFT, *, guardians: int = 5, quorum: int = 2, seed: str = "early"
    ) -> None:
        self.root = root
        self.kit = Kit(draft, guardians=guardians, quorum=quorum, seed=seed)
        self.hour = 0
        self._written = 0
        writer = RecordWriter.create(root / "record", self.kit.manifest, self.kit.parameters)
        writer.put_guardians(self.kit.records)
        writer.put_keys(self.kit.keys)
        (root / "exchange").mkdir()
        (root / "office").mkdir()

    @property
    def writer(self) -> RecordWriter:
        return RecordWriter.open(self.root / "record", GROUPS)

    @property
    def reader(self) -> RecordReader:
        return RecordReader(self.root / "record", GROUPS)

    @property
    def messages(self) -> Exchange:
        return Exchange(self.root / "exchange", self.kit.group.element_bytes)

    @property
    def requests(self) -> OfficeRequests | None:
        declared: DeclaredRequests | None = self.kit.manifest.requests
        return None if declared is None else OfficeRequests(self.kit.election, self.root / "office")

    def guardian(self, index: int) -> Guardian:
        folder = self.root / f"guardian-{index}"
        return machine(self.kit, folder, index) if folder.exists() else settle(self.kit, folder, index)

    def now(self) -> str:
        self.hour += 1
        return NIGHT.format(self.hour)

    # --- the office --------------------------------------------------------------------------------

    def vote(self, unit: str, *marks: str, challenge: bool = False) -> None:
        """One ballot per mark."""
        for mark in marks:
            chosen = {"Mayor": {mark: 1}, "Plan": {"yes": 1} if mark == "Ada" else {}}
            self.kit.vote(unit, chosen, challenge=challenge)

    def seal(self, head: ClosingHead | None = None, stage: Stage = Stage.VOTING) -> None:
        """Bring the ballots so far into the record, and seal it."""
        writer = self.writer
        if self._written < len(self.kit.submitted):
            with writer.ballots() as ballots:
                for submitted in self.kit.submitted[self._written :]:
                    ballots.append(submitted)
            self._written = len(self.kit.submitted)
            writer.put_devices(self.kit.devices(self.kit.submitted))
        self.writer.seal(stage, self.now(), self.kit.authority, head)

    def close(self, *units: str, reason: str = "") -> tuple[UnitClosing, ...]:
        """Close units with the ballots so far, and seal that."""
        self.seal()
        made = close_units(self.kit.election, self.writer, units, reason)
        self.seal()
        return made

    def correct(self, unit: str, reason: str = "a box was found") -> UnitClosing:
        """A discrepancy of a decrypted unit."""
        head = ClosingHead(99, bytes([9] * 32))
        made = correct_unit(self.kit.election, self.writer, unit, head, reason)
        self.seal()
        return made

    # --- decrypting --------------------------------------------------------------------------------

    def opened(self) -> ClosedRecord:
        return open_record(self.reader)

    def call(self, record: ClosedRecord, members: Sequence[int]) -> None:
        """Announce a session, and enter it in the log where there is one."""
        _, request = announce(record, self.messages, members)
        requests = self.requests
        if requests is not None:
            requests.add(request)
            self.show(requests)

    def show(self, requests: OfficeRequests) -> None:
        """Sign the head, have it cosigned, and show the log."""
        note = requests.head(request_key())
        line = cosign(Checkpoint.parse(note.text), WITNESS, witness_key(), 1_800_000_000 + self.hour)
        requests.cosign([line])
        requests.show(self.messages)

    def rounds(self, record: ClosedRecord, members: Sequence[int], rounds: int = 2) -> None:
        for _ in range(rounds):
            for index in members:
                self.guardian(index).decrypt(record, self.root / "exchange")

    def decrypted(self, record: ClosedRecord, members: Sequence[int] = (1, 2)) -> Decryption:
        self.call(record, members)
        self.rounds(record, members)
        return finish_session(record, self.messages, self.messages.sessions()[-1])

    def provisional(self, members: Sequence[int] = (1, 2)) -> ProvisionalResult:
        """Decrypt what is complete and publish it."""
        record = self.opened()
        return self.publish(record, self.decrypted(record, members))

    def publish(self, record: ClosedRecord, decryption: Decryption | None) -> ProvisionalResult:
        requests = self.requests
        shown = None if requests is None else requests.shown()
        made = publish_provisional(record, self.writer, decryption, self.kit.authority, self.now(), shown)
        self.seal()
        return made

    def end(self, members: Sequence[int] = (1, 2)) -> None:
        """Close the record, decrypt what is left, and publish the final result."""
        self.seal()
        head = self.kit.head(self.kit.submitted)
        self.writer.put_tally(self.kit.tally(self.kit.submitted, head))
        self.seal(head)
        record = closed_record(self.reader)
        decryption = self.decrypted(record, members)
        requests = self.requests
        shown = None if requests is None else requests.shown()
        with self.writer.openings() as openings:
            for submitted in self.kit.submitted:
                if submitted.state is BallotState.CHALLENGED:
                    openings.append(self.kit.opening(submitted))
        publish_decryption(record, self.writer, decryption, self.kit.authority, self.now(), shown)

    def verify(self, stage: Stage = Stage.FINAL) -> Report:
        return verify_reader(self.reader, stage=stage)


def counts(result: ProvisionalResult, contest: str) -> dict[str, int]:
    """The sum over the decrypted cells of a contest."""
    found: dict[str, int] = {}
    for cell in result.cells:
        if cell.contest == contest:
            for field in cell.fields:
                found[field.option] = found.get(field.option, 0) + field.count
    return found
