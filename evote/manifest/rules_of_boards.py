"""The rules of the declared board, roll, and log of requests (A51, A55, A57, A60, A65, A66).

Whether the policy of witnesses can be met is tested where policies are read, on the board; here it is
a text of the right form only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from evote.codec import MAX_LABEL_BYTES
from evote.errors import DecodeError
from evote.manifest.declarations import (
    BUILT_IN_SCHEME,
    ROSTER_ORIGIN,
    DeclaredBoard,
    DeclaredLog,
    DeclaredRequests,
    DeclaredRoll,
    device_origin,
)
from evote.manifest.extensions import BOARD, CONTEXT, INDEX, REQUESTS, ROLL
from evote.manifest.model import BrokenRule, ChainingMode
from evote.manifest.moments import seconds_of
from evote.manifest.texts import name_faults, quoted, unique, well_labelled

if TYPE_CHECKING:
    from evote.manifest.manifest import Manifest

MAX_MERGE_DELAY = 30 * 24 * 60 * 60
"""Longest merge delay in seconds: 30 days."""
MAX_SLOTS = 100_000_000
"""Most entries of a roll."""
MINIMUM_ITERATIONS = 1000
"""Fewest rounds of PBKDF2, in an election that is not a test."""
MAX_ITERATIONS = 10_000_000
"""Most rounds of PBKDF2: a phone does so many in less than a minute."""

_BOARD, _ROLL, _REQUESTS = (f"extension {quoted(name)}" for name in (BOARD, ROLL, REQUESTS))


def rules_of_boards(manifest: Manifest) -> Iterator[BrokenRule]:
    """The rules that the declared board, roll and log of requests break, alone and together with the rest."""
    board, roll = manifest.board, manifest.roll
    if board is not None:
        yield from _board(manifest, board)
    if roll is not None:
        yield from _roll(manifest, roll)
    if manifest.requests is not None:
        yield from _requests(manifest, manifest.requests)
    yield from _together(manifest)
    yield from _different_keys(manifest)


def _board(manifest: Manifest, board: DeclaredBoard) -> Iterator[BrokenRule]:
    try:
        seconds_of(board.closes)
    except DecodeError as error:
        yield BrokenRule(_BOARD, f"the end of voting is no date: {error}")
    if not 1 <= board.merge_delay <= MAX_MERGE_DELAY:
        yield BrokenRule(
            _BOARD, f"the merge delay is {board.merge_delay} seconds; it lies between 1 and {MAX_MERGE_DELAY}"
        )
    yield from _policy_text(_BOARD, board.witnesses)
    yield from _log(manifest, _BOARD, board.log)
    without = manifest.open_paths()
    reporting = [unit.path for unit in manifest.reporting_units() if unit.path not in without]
    for path in reporting:
        if path not in board.units:
            yield BrokenRule(_BOARD, f"the reporting unit {quoted(path)} has no log")
    known = set(reporting)
    for path, log in board.units.items():
        if path not in known:
            what = "of kind OPEN" if path in without else "no reporting unit"
            yield BrokenRule(_BOARD, f"{quoted(path)} is {what}, so it has no log")
        yield from _log(manifest, f"{_BOARD}, unit {quoted(path)}", log)
    yield from _origins_differ(board)
    for name, device in board.devices.items():
        where = f"{_BOARD}, device {quoted(name)}"
        yield from well_labelled(where, name)
        fault = device.fault(manifest.salt, device_origin(name))
        if fault:
            yield BrokenRule(where, fault)
    yield from unique(_BOARD, "device", board.devices)


def _log(manifest: Manifest, where: str, log: DeclaredLog) -> Iterator[BrokenRule]:
    faults = [f"the origin {fault}" for fault in origin_faults(log.origin)]
    for fault in faults:
        yield BrokenRule(where, fault)
    proven = log.fault(manifest.salt, log.origin) if log.origin else None
    if proven:
        yield BrokenRule(where, proven)


def origin_faults(origin: str) -> Iterator[str]:
    """What an origin does against the rules of key names in signed notes, each as the end of a sentence."""
    yield from name_faults(origin)
    if len(origin.encode("utf-8")) > MAX_LABEL_BYTES:
        yield f"is longer than {MAX_LABEL_BYTES} bytes"
    if "+" in origin or any(letter.isspace() for letter in origin.strip()):
        yield "holds a plus sign or a space, which end the name of a key"
    if not unicodedata.is_normalized("NFC", origin):
        yield "is not in Unicode normal form C, so another origin could look the same"


def _origins_differ(board: DeclaredBoard) -> Iterator[BrokenRule]:
    first: dict[str, str] = {}
    for path, log in board.logs():
        if log.origin in first:
            yield BrokenRule(
                _BOARD,
                f"{_whose(path)} and {_whose(first[log.origin])} have the origin {quoted(log.origin)}; "
                "every log has its own",
            )
        first.setdefault(log.origin, path)


def _whose(path: str) -> str:
    return f"the log of {quoted(path)}" if path else "the election's log"


def _requests(manifest: Manifest, requests: DeclaredRequests) -> Iterator[BrokenRule]:
    yield from _policy_text(_REQUESTS, requests.witnesses)
    yield from _log(manifest, _REQUESTS, requests.log)
    for path, log in () if manifest.board is None else manifest.board.logs():
        if log.origin == requests.log.origin:
            yield BrokenRule(
                _REQUESTS,
                f"it has the origin {quoted(log.origin)} of {_whose(path)}; every log has its own",
            )


def _policy_text(where: str, policy: str) -> Iterator[BrokenRule]:
    if not policy:
        return
    if not policy.endswith("\n"):
        yield BrokenRule(where, "the policy of witnesses does not end with a line break")
    if any(unicodedata.category(letter) == "Cc" for letter in policy if letter not in "\n\t"):
        yield BrokenRule(where, "the policy of witnesses holds a control character")


def _roll(manifest: Manifest, roll: DeclaredRoll) -> Iterator[BrokenRule]:
    for origin, authority in zip(roll.authority_origins(), roll.authorities, strict=True):
        fault = authority.fault(manifest.salt, origin)
        if fault:
            yield BrokenRule(_ROLL, f"{origin}: {fault}")
    if roll.parts != len(roll.authorities):
        yield BrokenRule(
            _ROLL, "there is a second authority exactly if credentials have two parts: each draws one"
        )
    if not 1 <= roll.slots <= MAX_SLOTS:
        yield BrokenRule(_ROLL, f"the roll has {roll.slots} slots; it has between 1 and {MAX_SLOTS}")
    lowest = 1 if manifest.test else MINIMUM_ITERATIONS
    if not lowest <= roll.iterations <= MAX_ITERATIONS:
        yield BrokenRule(
            _ROLL, f"codes are stretched {roll.iterations} times; it is between {lowest} and {MAX_ITERATIONS}"
        )
    for scheme in roll.schemes:
        yield from well_labelled(_ROLL, scheme)
    yield from unique(_ROLL, "scheme", (BUILT_IN_SCHEME, *roll.schemes))


def _together(manifest: Manifest) -> Iterator[BrokenRule]:
    board, roll = manifest.board, manifest.roll
    if board is not None:
        if CONTEXT not in manifest.extensions:
            yield BrokenRule(
                _BOARD, f"ballots are signed for their unit and voter, so {CONTEXT!r} is declared too"
            )
        if manifest.chaining is not ChainingMode.NONE and roll is None:
            yield BrokenRule(
                "the election",
                f"chaining mode {manifest.chaining.value} and extension {BOARD!r} exclude each other: "
                "a chain cannot skip the ballots that are rejected after they were admitted",
            )
        if roll is None and not board.devices:
            yield BrokenRule(_BOARD, f"somebody signs ballots: declare {ROLL!r} or attended devices")
        if roll is not None and board.devices:
            yield BrokenRule(_BOARD, f"with {ROLL!r} credentials sign ballots, and no devices are declared")
    if roll is not None:
        if board is None:
            yield BrokenRule(_ROLL, f"ballots are signed for a log, so {BOARD!r} is declared too")
        if manifest.guardian_opening:
            yield BrokenRule(
                "the election",
                f"opening by guardians and extension {ROLL!r} exclude each other: "
                "devices are not attended where voters sign for themselves",
            )


def _different_keys(manifest: Manifest) -> Iterator[BrokenRule]:
    """One key, one duty: whoever runs a log or a unit cannot speak for another or for an authority."""
    keys: list[tuple[str, bytes]] = []
    index = manifest.extensions.get(INDEX)
    if index is not None and index.key is not None:
        keys.append(("the authority", _hex(index.key)))
    if manifest.roll is not None:
        roll = manifest.roll
        names = (f"the {origin}" for origin in roll.authority_origins())
        keys.extend((name, each.key) for name, each in zip(names, roll.authorities, strict=True))
    if manifest.board is not None:
        keys.extend((_whose(path), log.key) for path, log in manifest.board.logs())
        keys.extend((f"device {quoted(name)}", each.key) for name, each in manifest.board.devices.items())
    if manifest.returns is not None:
        keys.append((f"the {ROSTER_ORIGIN}", manifest.returns.authority.key))
        keys.extend((f"the unit {quoted(path)}", unit.key) for path, unit in manifest.returns.units.items())
    if manifest.requests is not None:
        keys.append(("the log of requests", manifest.requests.log.key))
    first: dict[bytes, str] = {}
    for whose, key in keys:
        if key in first:
            yield BrokenRule("the election", f"{whose} and {first[key]} have one key; every duty has its own")
        first.setdefault(key, whose)


def _hex(digits: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError:  # another rule names it
        return digits.encode("utf-8")
