"""The list of voters from which a roll is drawn: a CSV file that stays private.

::

    unit,style,reference,name
    Abroad/Lisbon,full,FR-000017,Ada L.

``unit`` and ``style`` are required in every row. ``reference`` is the register's own number, by which a
voter who lost the code is found again; ``name`` is printed on the sheet. Neither gets onto the roll.
``key`` and ``possession`` (hexadecimal) stand in the rows of voters who made their key themselves: they
get no code. ``scheme`` names the kind of an identity that others issue and check (a national e-ID);
``key`` is then the 32 bytes that stand for it, without a proof. Columns may stand in any order; an
unknown column is refused, so that none is lost by its spelling. The file is read row by row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evote.board.credential import ED25519, KEY_BYTES, verify_voter_key
from evote.codec import MAX_LABEL_BYTES
from evote.errors import DecodeError, VerificationError
from evote.hashing import sha256_stream
from evote.manifest import Manifest
from evote.record.files import CHUNK_BYTES, sentences

REQUIRED: Final = ("unit", "style")
OPTIONAL: Final = ("reference", "name", "key", "possession", "scheme")


@dataclass(frozen=True, slots=True)
class Row:
    """One voter of the list."""

    number: int
    """From 1, the head not counted."""
    unit: str
    style: str
    reference: str
    """The row's number where the list has no references."""
    name: str
    key: bytes | None
    """A key that the voter made, proven to be the voter's, or an identity of another scheme; else a code is
    drawn."""
    scheme: str = ED25519


def read_voters(path: Path, manifest: Manifest) -> Iterator[Row]:
    """Every voter of the list, checked against units and styles of the election.

    Raises :class:`DecodeError` that names the line for a list that is not of the form above, a unit or
    style that the election does not have, a reference that stands there twice, or a key whose proof does
    not hold; :class:`~evote.errors.StorageError` for a file that cannot be read.
    """
    with sentences(path, "read"), path.open(encoding="utf-8-sig", newline="") as stream:
        lines = csv.reader(stream, strict=True)
        try:
            columns = _columns(next(lines, []))
            seen: set[str] = set()
            number = 0
            for cells in lines:
                if not cells:
                    continue
                number += 1
                row = _row(number, columns, cells, manifest)
                if row.reference in seen:
                    raise DecodeError(f"the reference {row.reference!r} stands there twice")
                seen.add(row.reference)
                yield row
        except (DecodeError, csv.Error, UnicodeDecodeError) as error:
            message = error.message if isinstance(error, DecodeError) else str(error)
            raise DecodeError(message, f"{path}, line {lines.line_num}") from error


def list_digest(path: Path) -> bytes:
    """SHA-256 of the list as it is, so that two authorities know that they have the same."""
    digest = sha256_stream()
    with sentences(path, "read"), path.open("rb") as stream:
        while piece := stream.read(CHUNK_BYTES):
            digest.update(piece)
    return digest.digest()


def _columns(head: Sequence[str]) -> dict[str, int]:
    names = [name.strip().lower() for name in head]
    for name in REQUIRED:
        if name not in names:
            raise DecodeError(f"there is no column {name!r}; the first line names the columns")
    for name in names:
        if name not in (*REQUIRED, *OPTIONAL):
            raise DecodeError(
                f"the column {name!r} is unknown; columns are {', '.join((*REQUIRED, *OPTIONAL))}"
            )
        if names.count(name) > 1:
            raise DecodeError(f"the column {name!r} stands there twice")
    if ("key" in names) != ("possession" in names) and "scheme" not in names:
        raise DecodeError("the columns 'key' and 'possession' come together")
    return {name: place for place, name in enumerate(names)}


def _row(number: int, columns: dict[str, int], cells: list[str], manifest: Manifest) -> Row:
    if len(cells) != len(columns):
        raise DecodeError(f"{len(cells)} cells stand under {len(columns)} columns")
    values = {name: cells[place].strip() for name, place in columns.items()}
    for name, value in values.items():
        if name != "possession" and len(value.encode("utf-8")) > 4 * MAX_LABEL_BYTES:
            raise DecodeError(f"the cell under {name!r} is too long")
    try:
        unit = manifest.unit(values["unit"])
    except ValueError as error:
        raise DecodeError(str(error)) from None
    if not manifest.takes_ballots(unit.path) or values["style"] not in unit.styles:
        raise DecodeError(f"unit {unit.path!r} has no ballot style {values['style']!r}")
    if "reference" in values and not values["reference"]:
        raise DecodeError("the reference is empty")
    scheme = values.get("scheme", "") or ED25519
    if scheme == ED25519:
        key = _key(values.get("key", ""), values.get("possession", ""), manifest.salt)
    else:
        key = _identity(scheme, values.get("key", ""), values.get("possession", ""))
    reference = values.get("reference", str(number))
    return Row(number, unit.path, values["style"], reference, values.get("name", ""), key, scheme)


def _identity(scheme: str, key: str, possession: str) -> bytes:
    """What stands for an identity; whether it is one, the verifier of its scheme says."""
    if possession:
        raise DecodeError(f"an identity of the scheme {scheme!r} comes without a proof of possession")
    try:
        identity = bytes.fromhex(key)
    except ValueError:
        identity = b""
    if len(identity) != KEY_BYTES:
        raise DecodeError(f"an identity of the scheme {scheme!r} is {KEY_BYTES} bytes in hexadecimal digits")
    return identity


def _key(key: str, possession: str, salt: bytes) -> bytes | None:
    if not key and not possession:
        return None
    try:
        public = bytes.fromhex(key)
        verify_voter_key(public, bytes.fromhex(possession), salt)
    except ValueError:
        raise DecodeError("key and possession are hexadecimal digits") from None
    except (DecodeError, VerificationError) as error:
        raise DecodeError(f"the voter's key is not proven: {error.message}") from None
    return public
