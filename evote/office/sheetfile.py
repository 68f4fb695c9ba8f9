"""What a tool that pre-encrypts ballots keeps and hands on: the order of its sheets, and two files.

=================  =====================================================================================
``tool.msgpack``   in the tool's private folder: the confirmation codes that it made, for its chain
sheets file        for the recording device: ballots, contexts and nonces, sealed under a passphrase
print file         for the printer: per sheet what stands on it; JSON, as confidential as marked ballots
=================  =====================================================================================

Rules: a file that is there already is not overwritten; nonces are in the sealed file alone, and the tool
keeps none; the codes are kept when both files are written, so that no chain counts sheets that nobody has.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from evote.ballots import ContextOpening, Election, EncryptedBallot
from evote.ballots.device import Device
from evote.ballots.preencrypted_make import Sheet, make_sheet
from evote.codec import AtMost, Count, Digest, Text, decode, encode
from evote.errors import DecodeError, RefusedError, StorageError
from evote.record.files import read_limited, write_atomic
from evote.secret import Secret
from evote.storage.sealed import Sealer
from evote.storage.vault import Vault

STATE = "tool.msgpack"
MAX_SHEETS = 100_000
MAX_BYTES = 256 * 1024 * 1024
MAX_SEALED = 4096
KEY = "key of sheets"
NONCE = "nonce of a sheet"


@dataclass(frozen=True, slots=True)
class ToolState:
    """The codes that a tool made so far."""

    election: Digest
    tool: Text
    codes: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """A sheet on its way to the recording device; ``place`` counts from 0 on its tool.

    ``nonce`` is sealed under the key of the file.
    """

    place: Count
    ballot: EncryptedBallot
    context: ContextOpening
    nonce: Annotated[bytes, AtMost(MAX_SEALED)]


@dataclass(frozen=True, slots=True)
class SheetFile:
    """What goes to the recording device; ``election`` is H_E, ``key`` is sealed under the passphrase."""

    election: Digest
    key: Annotated[bytes, AtMost(MAX_SEALED)]
    sheets: Annotated[tuple[KeptSheet, ...], AtMost(MAX_SHEETS)]


def make_sheets(
    election: Election, folder: Path, tool: str, unit: str, style: str, count: int
) -> tuple[int, list[Sheet], ToolState]:
    """Make sheets on a tool whose private folder is ``folder``.

    Gives the place of the first, the sheets, and what :func:`save_state` keeps once they are written.
    Raises as :func:`~evote.ballots.preencrypted_make.make_sheet`.
    """
    if not 1 <= count <= MAX_SHEETS:
        raise ValueError(f"between 1 and {MAX_SHEETS} sheets are made at once")
    path = folder / STATE
    state = _state(election, path, tool)
    device = Device(election, tool, codes=state.codes)
    sheets = [make_sheet(device, unit, style) for _ in range(count)]
    return len(state.codes), sheets, ToolState(election.extended_hash, tool, device.codes)


def save_state(folder: Path, state: ToolState) -> None:
    """Keep the codes of a tool; durable on return."""
    write_atomic(folder / STATE, encode(state), mode=0o600)


def _state(election: Election, path: Path, tool: str) -> ToolState:
    if not path.exists():
        return ToolState(election.extended_hash, tool, ())
    try:
        state = decode(ToolState, read_limited(path, MAX_BYTES), element_bytes=1, limit=MAX_BYTES)
    except DecodeError as error:
        raise StorageError(f"{path} is damaged ({error}); restore it from a copy") from error
    if state.election != election.extended_hash or state.tool != tool:
        raise RefusedError(f"{path} is that of the tool {state.tool!r}, or of another election")
    return state


def seal_sheets(
    election: Election, path: Path, passphrase: Secret[str], first: int, sheets: Sequence[Sheet]
) -> None:
    """Write the file for the recording device; raises :class:`RefusedError` if it is there already."""
    if path.exists():
        raise RefusedError(f"{path} is there already; choose another name")
    key = Vault.new_key()
    vault = Vault(key)
    kept = tuple(
        KeptSheet(
            place,
            sheet.ballot,
            sheet.context,
            vault.seal(NONCE, sheet.ballot.identifier, sheet.nonce),
        )
        for place, sheet in enumerate(sheets, first)
    )
    sealed = Sealer(passphrase).seal(KEY, key)
    write_atomic(path, encode(SheetFile(election.extended_hash, sealed, kept)), mode=0o600)


def open_sheets(
    election: Election, path: Path, passphrase: Secret[str]
) -> tuple[tuple[KeptSheet, ...], Vault]:
    """The sheets of such a file and the vault that opens their nonces.

    Raises :class:`StorageError` for a damaged file or a wrong passphrase, and :class:`RefusedError` for
    sheets of another election.
    """
    data = read_limited(path, MAX_BYTES)
    try:
        found = decode(SheetFile, data, element_bytes=election.group.element_bytes, limit=MAX_BYTES)
    except DecodeError as error:
        raise StorageError(f"{path} is no file of sheets ({error.message})") from error
    if found.election != election.extended_hash:
        raise RefusedError(f"{path} has sheets of another election")
    return found.sheets, Vault(Sealer(passphrase).open(KEY, found.key))


def print_data(election: Election, sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
    """What stands on each sheet, as JSON values."""
    return [
        {
            "election": election.manifest.label,
            "unit": sheet.ballot.unit,
            "style": sheet.ballot.style,
            "code": sheet.code,
            "contests": [
                {
                    "contest": one.contest,
                    "limit": election.manifest.contest_by_label(one.contest).limit,
                    "rows": [{"option": row.option, "short_code": row.short_code} for row in one.rows],
                }
                for one in sheet.printed
            ],
        }
        for sheet in sheets
    ]


def write_print(path: Path, data: Sequence[dict[str, Any]]) -> None:
    """Write a print file, readable by its owner alone, one sheet a line; ``RefusedError`` if it is there."""
    if path.exists():
        raise RefusedError(f"{path} is there already; choose another name")
    lines = (json.dumps(sheet, ensure_ascii=False) for sheet in data)
    write_atomic(path, "".join(f"{line}\n" for line in lines).encode("utf-8"), mode=0o600)
