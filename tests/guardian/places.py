"""Guardians in folders, and records that they verify; toy groups and cheap passphrases."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evote.codec import encode
from evote.guardian import ClosedRecord, Exchange, Guardian, Ledger, closed_record
from evote.guardian.keygen import Stage, State
from evote.guardian.machine import CEREMONY, LEDGER
from evote.record import RecordReader, RecordWriter
from evote.record.values import Stage as RecordStage
from evote.secret import Secret
from evote.storage.keep import Keep
from evote.storage.sealed import Cost
from evote.testing.elections import SMALL, Kit
from evote.testing.groups import toy

CHEAP = Cost(10)
GROUPS = {toy().name: toy()}
OPEN: Mapping[str, object] = {**SMALL, "decrypt_contest_data": True, "guardian_opening": True}
VOTES = (("North", "Ada", False), ("South", "Grace", False), ("North", "Ada", True), ("South", "Ada", False))


def kit(draft: Mapping[str, object] = OPEN, seed: str = "places", guardians: int = 5, quorum: int = 3) -> Kit:
    made = Kit(draft, guardians=guardians, quorum=quorum, seed=seed)
    for unit, mark, challenge in VOTES:
        made.vote(unit, {"Mayor": {mark: 1}}, challenge=challenge)
    return made


def write(made: Kit, folder: Path, *, close: bool = True, tally: bool = True) -> RecordReader:
    """The record of what was voted so far, closed and tallied."""
    writer = RecordWriter.create(folder, made.manifest, made.parameters)
    writer.put_guardians(made.records)
    writer.put_keys(made.keys)
    with writer.ballots() as ballots:
        for submitted in made.submitted:
            ballots.append(submitted)
    writer.put_devices(made.devices(made.submitted))
    head = made.head(made.submitted)
    if tally:
        writer.put_tally(made.tally(made.submitted, head))
    writer.seal(RecordStage.VOTING, "2026-06-01T20:00:00Z", made.authority, head if close else None)
    return RecordReader(folder, GROUPS)


def passphrase(index: int) -> Secret[str]:
    return Secret(f"passphrase of guardian {index}")


def settle(made: Kit, folder: Path, index: int) -> Guardian:
    """A guardian that has its share, as after a ceremony."""
    folder.mkdir(parents=True)
    Ledger.create(folder / LEDGER)
    share = made.shares[index - 1].to_secret_bytes(made.setting)
    keep = Keep(folder / CEREMONY, passphrase(index), cost=CHEAP)
    keep.save(Secret(encode(State(Stage.DONE, index, share.reveal(), ()))))
    return machine(made, folder, index)


def machine(made: Kit, folder: Path, index: int) -> Guardian:
    """The guardian in its folder, as after a restart."""
    return Guardian(folder, passphrase(index), made.setting, index, cost=CHEAP)


@dataclass
class Place:
    """An election with its closed record, the exchange folder, and settled guardians."""

    kit: Kit
    root: Path
    record: ClosedRecord

    @property
    def exchange(self) -> Path:
        return self.root / "exchange"

    def guardian(self, index: int) -> Guardian:
        folder = self.root / f"guardian-{index}"
        return machine(self.kit, folder, index) if folder.exists() else settle(self.kit, folder, index)

    def messages(self) -> Exchange:
        return Exchange(self.exchange, self.kit.group.element_bytes)

    def advance(self, members: Sequence[int], number: int | None = None) -> list[bool]:
        """Let everybody do what can be done, once."""
        return [
            self.guardian(index).decrypt(self.record, self.exchange, number).finished for index in members
        ]


@functools.cache
def verified() -> tuple[Kit, ClosedRecord]:
    """The small election and its record, verified once for all tests that do not change them."""
    made = kit()
    with tempfile.TemporaryDirectory() as folder:
        return made, closed_record(write(made, Path(folder) / "record"))


def place(root: Path) -> Place:
    made, record = verified()
    return Place(made, root, record)
