"""Records in which one thing is wrong, each with exactly the checks that must fail.

Every case is otherwise consistent, as the record of somebody who cheats in this one place and makes
everything else right: hashes, products, proofs, results and the index are made again over it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from evote.ballots import EncryptedBallot
from evote.ballots.values import (
    DeviceRecord,
    OpenedBallot,
    OpenedContest,
    Selection,
)
from evote.ceremony import GuardianRecord, GuardianRecords, guardian_hash, record_commitment
from evote.tally import DecryptedCell, DecryptedField
from evote.testing.elections import SMALL, Kit, Published
from evote.testing.forge import Cheat
from tests.verifier.records import kit

T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    """What is wrong, which checks fail, and how the record is made."""

    name: str
    fails: frozenset[str]
    make: Callable[[], tuple[Kit, Published]]
    not_checked: frozenset[str] = frozenset()
    options: Mapping[str, object] = field(default_factory=dict)


CASES: list[Case] = []


def case(
    *fails: str, not_checked: tuple[str, ...] = (), **options: object
) -> Callable[[Callable[[], tuple[Kit, Published]]], Callable[[], tuple[Kit, Published]]]:
    """Register a case; the function's name says what is wrong."""

    def register(make: Callable[[], tuple[Kit, Published]]) -> Callable[[], tuple[Kit, Published]]:
        CASES.append(Case(make.__name__, frozenset(fails), make, frozenset(not_checked), options))
        return make

    return register


def published(draft: Mapping[str, object] = SMALL) -> tuple[Kit, Published]:
    made = kit(draft)
    return made, made.publish()


def with_parameters(**changes: object) -> tuple[Kit, Published]:
    made, record = published()
    return made, replace(record, parameters=replace(record.parameters, **changes))


def edited_ballot(
    edit: Callable[[Kit, EncryptedBallot], EncryptedBallot],
    draft: Mapping[str, object] = SMALL,
    place: int = 0,
) -> tuple[Kit, Published]:
    """One submitted ballot changed before everything downstream was made."""
    made = kit(draft)
    submitted = made.submitted[place]
    changed = edit(made, submitted.ballot)
    made.submitted[place] = replace(submitted, ballot=changed)
    return made, made.publish()


def first_selection(ballot: EncryptedBallot, edit: Callable[[Selection], Selection]) -> EncryptedBallot:
    contest = ballot.contests[0]
    selections = (edit(contest.selections[0]), *contest.selections[1:])
    return replace(ballot, contests=(replace(contest, selections=selections), *ballot.contests[1:]))


def plus(data: bytes, number: int) -> bytes:
    return (int.from_bytes(data, "big") + number).to_bytes(len(data), "big")


def other(data: bytes) -> bytes:
    """The same number of bytes, and not the same bytes."""
    return bytes((data[0] ^ 1,)) + data[1:]


def member(made: Kit, exponent: int) -> bytes:
    return made.group.power(made.group.generator, made.group.scalar(exponent)).encode()


def times(made: Kit, data: bytes, factor: bytes) -> bytes:
    product = int.from_bytes(data, "big") * int.from_bytes(factor, "big") % made.p
    return product.to_bytes(len(data), "big")


def replaced(items: tuple[T, ...], place: int, item: T) -> tuple[T, ...]:
    return (*items[:place], item, *items[place + 1 :])


def recommitted(made: Kit, guardians: tuple[GuardianRecord, ...]) -> GuardianRecords:
    """Guardian records with the commitments and confirmations that belong to them."""
    base = made.setting.base_hash
    confirmed = guardian_hash(base, made.keys.vote_key, made.keys.data_key, guardians)
    return GuardianRecords(
        guardians,
        tuple(record_commitment(base, guardian) for guardian in guardians),
        (confirmed,) * len(guardians),
    )


def edited_guardian(edit: Callable[[Kit, GuardianRecord], GuardianRecord]) -> tuple[Kit, Published]:
    made, record = published()
    changed = edit(made, record.guardians.guardians[1])
    guardians = replaced(record.guardians.guardians, 1, changed)
    return made, replace(record, guardians=recommitted(made, guardians))


def edited_device(
    edit: Callable[[DeviceRecord], DeviceRecord], draft: Mapping[str, object] = SMALL
) -> tuple[Kit, Published]:
    made, record = published(draft)
    devices = replaced(record.devices.devices, 0, edit(record.devices.devices[0]))
    return made, replace(record, devices=replace(record.devices, devices=devices))


def edited_field(
    edit: Callable[[Kit, DecryptedField], DecryptedField],
) -> tuple[Kit, Published]:
    made, record = published()
    cell = record.decryption.cells[0]
    changed = replace(cell, fields=replaced(cell.fields, 0, edit(made, cell.fields[0])))
    return made, with_cells(record, replaced(record.decryption.cells, 0, changed))


def with_cells(record: Published, cells: tuple[DecryptedCell, ...]) -> Published:
    return replace(record, decryption=replace(record.decryption, cells=cells))


def edited_opening(
    edit: Callable[[Kit, OpenedBallot], OpenedBallot], draft: Mapping[str, object] = SMALL
) -> tuple[Kit, Published]:
    made, record = published(draft)
    return made, replace(record, openings=[edit(made, record.openings[0])])


def edited_opened_contest(
    edit: Callable[[Kit, OpenedContest], OpenedContest], place: int = 0
) -> tuple[Kit, Published]:
    def change(made: Kit, opened: OpenedBallot) -> OpenedBallot:
        return replace(opened, contests=replaced(opened.contests, place, edit(made, opened.contests[place])))

    return edited_opening(change)


def cheating(cheat: Cheat, *, times: int = 1, challenge: bool = False) -> tuple[Kit, Published]:
    made = kit()
    for _ in range(times):
        made.vote("North", {}, cheat=cheat, challenge=challenge)
    return made, made.publish()
