"""A credential authority's private folder: its key, the codes it hands out, who has which slot (A55).

=================================  ===============================================================
``credential-authority.sealed``    the seed of the key that signs re-issues
``mapping.csv``                    reference, unit, style, slot, pseudonym: for re-issues
``sheets/``                        the codes on paper; given away and destroyed, nobody needs them here
``reissues/``                      the re-issues that are complete, in their order
=================================  ===============================================================

The folder is readable by its owner alone. Codes are drawn here and nowhere else, stand on the sheets
and are not kept in any other form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

from evote.board.codes import SECOND, Code
from evote.codec import AtMost, Between, Digest, Width, decode, encode
from evote.errors import RefusedError, StorageError
from evote.manifest import DeclaredKey, Manifest
from evote.manifest.declarations import AUTHORITY_ORIGIN, SECOND_AUTHORITY_ORIGIN
from evote.office.sheets import PER_FILE, Sheet, html_sheets
from evote.office.voterlist import Row
from evote.pool import ordered
from evote.record.files import read_limited, write_atomic
from evote.secret import Secret
from evote.signing import SigningKey, prove_possession
from evote.storage.keep import Keep
from evote.storage.sealed import Sealer

AUTHORITY: Final = "credential-authority.sealed"
MAPPING: Final = "mapping.csv"
SHEETS: Final = "sheets"
REISSUES: Final = "reissues"
BATCH: Final = 100
"""Codes that one task draws."""
MAX_KEYS_BYTES: Final = 64 * 1024 * 1024
SHEETS_KIND: Final = "voters' codes"

_ORIGINS: Final = {SECOND: SECOND_AUTHORITY_ORIGIN}


@dataclass(frozen=True, slots=True)
class KeysFile:
    """What a second authority gives to the first: its key, and a voter's key per row of the list.

    No code is in it; still it is private, because it shows whose key is whose.
    """

    format: Annotated[int, Between(1, 1)]
    salt: Digest
    voters: Digest
    """SHA-256 of the list."""
    iterations: Annotated[int, Between(1, 2**31 - 1)]
    authority: Annotated[bytes, Width(32)]
    possession: Annotated[bytes, Width(64)]
    keys: Annotated[bytes, AtMost(MAX_KEYS_BYTES - 1024)]
    """32 bytes per row."""

    def key(self, number: int) -> bytes:
        """The key of the row with that number, from 1; ``ValueError`` for a row that is not there."""
        found = self.keys[32 * (number - 1) : 32 * number]
        if number < 1 or len(found) != 32:
            raise ValueError(f"the second authority has no key for row {number}")
        return found


def write_keys(path: Path, keys: KeysFile) -> None:
    """Write the file, readable by its owner alone."""
    write_atomic(path, encode(keys), mode=0o600)


def read_keys(path: Path) -> KeysFile:
    """The file; raises :class:`~evote.errors.DecodeError` or StorageError."""
    return decode(KeysFile, read_limited(path, MAX_KEYS_BYTES), element_bytes=0, limit=MAX_KEYS_BYTES)


class AuthorityFolder:
    """The private folder at ``root``; ``passphrase`` seals and opens what is in it."""

    def __init__(self, root: Path, passphrase: Secret[str]) -> None:
        self.root = root
        self._passphrase = passphrase

    def make(self) -> SigningKey:
        """Make the folder and draw the authority's key; :class:`RefusedError` unless it is new or empty."""
        if self.root.exists() and (not self.root.is_dir() or any(self.root.iterdir())):
            raise RefusedError(
                f"{self.root} is not an empty folder; every roll has a private folder of its own"
            )
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.root / SHEETS).mkdir(mode=0o700)
            (self.root / REISSUES).mkdir(mode=0o700)
        except OSError as error:
            raise StorageError(f"{self.root}: {error.strerror}; choose another folder") from error
        key = SigningKey.generate()
        Keep(self.root / AUTHORITY, self._passphrase).save(key.seed())
        return key

    def key(self) -> SigningKey:
        """The authority's key; raises :class:`StorageError` if it is absent or the passphrase wrong."""
        return SigningKey.from_seed(Keep(self.root / AUTHORITY, self._passphrase).load())


def declared(key: SigningKey, salt: bytes, part: int) -> DeclaredKey:
    """The authority's key with its proof of possession; ``part`` as in :mod:`evote.board.codes`."""
    origin = _ORIGINS.get(part, AUTHORITY_ORIGIN)
    return DeclaredKey(key.verify_key.encoded, prove_possession(key, salt=salt, origin=origin))


# --- drawing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Task:
    part: int
    salt: bytes
    iterations: int
    count: int


def _draw(task: _Task) -> list[tuple[bytes, bytes]]:
    """What a worker does: so many codes, each with its public key.

    The 16 bytes of a code travel between the processes of one machine, and nowhere else.
    """
    drawn = []
    for _ in range(task.count):
        code = Code.drawn(task.part)
        key = code.key(task.salt, task.iterations)
        drawn.append((code.bits.reveal(), key.verify_key.encoded))
    return drawn


def draw_codes(
    rows: Iterable[Row], part: int, salt: bytes, iterations: int, executor: Executor | None
) -> Iterator[tuple[Row, Code | None, bytes]]:
    """Every row with its fresh code and the key of it, or the key that the voter made and no code."""
    waiting: list[list[Row]] = []

    def tasks() -> Iterator[_Task]:
        following = iter(rows)
        while batch := list(islice(following, BATCH)):
            waiting.append(batch)
            yield _Task(part, salt, iterations, sum(row.key is None for row in batch))

    for drawn in ordered(executor, _draw, tasks()):
        codes = iter(drawn)
        for row in waiting.pop(0):
            if row.key is not None:
                yield row, None, row.key
            else:
                bits, key = next(codes)
                yield row, Code(part, Secret(bits)), key


# --- sheets ------------------------------------------------------------------------------------------


class SheetWriter:
    """Writes sheets into numbered files of a folder, in plain HTML or sealed under a passphrase."""

    def __init__(self, folder: Path, manifest: Manifest, sealer: Sealer | None) -> None:
        self._folder = folder
        self._manifest = manifest
        self._sealer = sealer
        self._waiting: list[Sheet] = []
        self.files = 0
        """Files written so far."""

    def add(self, sheet: Sheet) -> None:
        """One more sheet."""
        self._waiting.append(sheet)
        if len(self._waiting) == PER_FILE:
            self.finish()

    def finish(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        self.files += 1
        document = html_sheets(self._manifest, self._waiting)
        name = f"{self.files:06}.html"
        if self._sealer is None:
            write_atomic(self._folder / name, document, mode=0o600)
        else:
            sealed = self._sealer.seal(SHEETS_KIND, Secret(document))
            write_atomic(self._folder / f"{name}.sealed", sealed, mode=0o600)
        self._waiting = []


def open_sheets(path: Path, passphrase: Secret[str]) -> Secret[bytes]:
    """The document in a sealed file of sheets; raises DecodeError or :class:`StorageError`."""
    return Keep(path, passphrase, kind=SHEETS_KIND).load()
