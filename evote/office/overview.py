"""What a record says of its election, in a few lines; nothing is verified here."""

from __future__ import annotations

from typing import TypedDict

from evote.manifest.extensions import INDEX
from evote.record import RecordReader, load_setup
from evote.record.layout import DECRYPTION, KEYS, TALLY


class ContestOverview(TypedDict):
    """One contest."""

    label: str
    limit: int
    options: list[str]
    cells: list[str]


class Overview(TypedDict):
    """One election."""

    election: str
    test: bool
    group: str
    guardians: int
    quorum: int
    base_hash: str
    fingerprint: str | None
    """H_E; None before there are keys."""
    state: str
    chaining: int
    minimum_cell: int
    authority_key: str | None
    extensions: str
    contests: list[ContestOverview]
    units: list[str]


def overview(reader: RecordReader) -> Overview:
    """Raises as :func:`evote.record.load_setup`."""
    parameters, manifest = load_setup(reader)
    index = manifest.extensions.get(INDEX)
    return {
        "election": manifest.label,
        "test": manifest.test,
        "group": parameters.group.name,
        "guardians": parameters.guardians,
        "quorum": parameters.quorum,
        "base_hash": reader.parameters().base_hash.hex(),
        "fingerprint": reader.keys().extended_hash.hex() if reader.has(KEYS) else None,
        "state": _state(reader),
        "chaining": int(manifest.chaining),
        "minimum_cell": manifest.minimum_cell,
        "authority_key": None if index is None else index.key,
        "extensions": ", ".join(manifest.extensions) or "none",
        "contests": [
            {
                "label": contest.label,
                "limit": contest.limit,
                "options": [option.label for option in contest.options],
                "cells": [cell.label for cell in manifest.cells(contest.index)],
            }
            for contest in manifest.contests
        ],
        "units": [unit.path for unit in manifest.reporting_units()],
    }


def _state(reader: RecordReader) -> str:
    if reader.has(DECRYPTION):
        return "decrypted"
    if reader.has(TALLY):
        return "closed, waiting for the guardians' decryption"
    return "ready for ballots" if reader.has(KEYS) else "waiting for the guardians' keys"
