"""A new election: manifest, record folder and the authority's key, from a draft.

Everything is checked before anything is written. The salt and the key are drawn here, so that two
elections from one draft have nothing in common (rule A55).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from evote.ballots import ceremony_setting
from evote.board.roll import Roll
from evote.errors import DecodeError, RefusedError
from evote.groups import Group
from evote.manifest import Manifest, Parameters, read_json
from evote.office.private import PrivateFolder
from evote.office.roll import read_roll
from evote.randomness import SYSTEM
from evote.record import RecordWriter, read_limited, write_atomic
from evote.record.layout import MANIFEST, PARAMETERS, ROLL
from evote.secret import Secret

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class NewElection:
    """What was made."""

    manifest: Manifest
    base_hash: bytes
    """H_B: names parameters and manifest; what guardians compare before they begin."""
    authority_key: str
    """The public key that seals the record, 64 hexadecimal digits."""
    warnings: tuple[str, ...]


def read_draft(raw: bytes) -> dict[str, object]:
    """The draft in a JSON file; raises :class:`DecodeError`. Its rules are tested by the manifest."""
    value = read_json(raw)
    if not isinstance(value, dict):
        raise DecodeError("the draft of an election is a JSON object")
    return value


def draw_salt(path: Path) -> None:
    """Draw the salt of an election into a new file: 64 hexadecimal digits.

    For elections whose manifest holds something that is made with the salt: a roll, proofs of possession.
    The salt is public. Raises :class:`RefusedError` if the file exists: keys were made with it.
    """
    if path.exists():
        raise RefusedError(
            f"{path} exists; an election keeps the salt that its codes and keys were made with"
        )
    write_atomic(path, SYSTEM.token(SALT_BYTES).hex().encode() + b"\n")


def read_salt(path: Path) -> bytes:
    """The salt in a file; raises :class:`DecodeError` for anything but 64 hexadecimal digits."""
    raw = read_limited(path, 2 * SALT_BYTES + 2)
    digits = raw.decode("ascii", "replace").strip()
    if len(digits) != 2 * SALT_BYTES or any(digit not in "0123456789abcdef" for digit in digits):
        raise DecodeError(f"a salt is {2 * SALT_BYTES} hexadecimal digits in lower case", str(path))
    return bytes.fromhex(digits)


def new_election(
    draft: dict[str, object],
    group: Group,
    guardians: int,
    quorum: int,
    record: Path,
    private: Path,
    passphrase: Secret[str],
    *,
    salt: bytes | None = None,
    roll: Path | None = None,
) -> NewElection:
    """Make the manifest, begin the record and seal the authority's key in the private folder.

    ``roll`` is the folder of the roll, where the draft declares one; it goes into the record. ``salt`` is one
    that :func:`draw_salt` drew, with which roll and board of the draft were made; without it a fresh one is
    drawn.

    Raises ``ValueError`` for numbers of guardians that cannot be, :class:`DecodeError` or
    :class:`~evote.manifest.ManifestError` for the draft, and :class:`RefusedError` for folders that are
    in use or in each other. What fails leaves neither a key nor a record.
    """
    parameters = Parameters(group, guardians, quorum)
    salt = SYSTEM.token(SALT_BYTES) if salt is None else salt
    entries = _entries(Manifest.build(draft, salt=salt, authority_key=None), roll)
    if record.exists() and (not record.is_dir() or any(record.iterdir())):
        raise RefusedError(f"{record} is not an empty folder; choose a new one for the record")
    PrivateFolder.make(private, record)
    folder = PrivateFolder(private, passphrase)
    key = folder.new_authority()
    try:
        manifest = Manifest.build(draft, salt=salt, authority_key=key.verify_key.encoded)
        writer = RecordWriter.create(record, manifest, parameters)
        if entries is not None:
            with writer.roll() as slots:
                for entry in entries:
                    slots.append(entry)
    except BaseException:
        for name in (MANIFEST, PARAMETERS):
            (record / name).unlink(missing_ok=True)
        shutil.rmtree(record / ROLL, ignore_errors=True)
        folder.forget_authority()
        raise
    return NewElection(
        manifest,
        ceremony_setting(parameters, manifest).base_hash,
        key.verify_key.encoded.hex(),
        parameters.warnings(),
    )


def _entries(manifest: Manifest, folder: Path | None) -> Roll | None:
    """The roll that goes into the record, held to what the draft declares of it."""
    if manifest.roll is None:
        return None
    if folder is None or not folder.is_dir():
        where = folder or "its folder"
        raise RefusedError(f"the draft declares a roll, which goes into the record, and {where} is not there")
    return read_roll(manifest, folder)
