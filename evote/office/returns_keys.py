"""Keys of unit returns: drawn once, sealed, and declared in the manifest's ``returns`` (rule A50).

=======================  ============================================================================
``roster.sealed``        the seed of the key of the roster's authority
``unit-NNNNNN.sealed``   that of the unit at this place in the tree, from 1, parents first
=======================  ============================================================================

A unit gets a copy of its own file, which is then destroyed here. A key that replaces another is drawn where
the unit is, and becomes good with the next version of the roster.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evote.errors import DecodeError, RefusedError, StorageError
from evote.manifest import Manifest, ReturnKind, read_json, seconds_of
from evote.manifest.declarations import ROSTER_ORIGIN, unit_key_origin
from evote.record.files import read_limited, write_atomic
from evote.returns import KeyChange, Roster, prove_unit_key
from evote.returns.schemes import ED25519
from evote.secret import Secret
from evote.signing import SigningKey, prove_possession
from evote.storage.keep import Keep
from evote.storage.sealed import Sealer

AUTHORITY: Final = "roster.sealed"


@dataclass(frozen=True, slots=True)
class NewRoster:
    """How many keys were drawn, and how many units report in which way."""

    keys: int
    ballots: int
    open: int


def unit_file(number: int) -> str:
    """The name of the file of a unit's key."""
    return f"unit-{number:06}.sealed"


def tree_paths(manifest: Manifest) -> tuple[str, ...]:
    """Every unit of the tree, parents first: the order in which keys are numbered."""
    return tuple(unit.path for root in manifest.units for unit in root.tree())


def new_roster(
    draft: Mapping[str, object],
    salt: bytes,
    correct_until: str,
    open_units: Iterable[str],
    private: Path,
    passphrase: Secret[str],
    out: Path,
) -> NewRoster:
    """Draw a key for every unit into ``private`` and write the declaration to ``out``.

    ``open_units`` are paths of units that count paper, or of units above such; all others report ballots.
    Raises :class:`RefusedError` if keys or declaration are there already, ``ValueError`` for an unknown
    path, and as ``Manifest.build``.
    """
    seconds_of(correct_until)
    own = {name: value for name, value in draft.items() if name not in ("board", "roll", "returns")}
    manifest = Manifest.build(own, salt=salt, authority_key=None)
    paper = {leaf.path for path in open_units for leaf in manifest.unit(path).leaves()}
    if out.exists() or (private / AUTHORITY).exists():
        raise RefusedError(f"{out} or keys in {private} exist; every election has keys of its own")
    try:
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{private}: {error.strerror}; choose another folder") from error
    sealer = Sealer(passphrase)  # stretched once for all files

    def drawn(name: str, origin: str) -> dict[str, str]:
        key = SigningKey.generate()
        Keep(private / name, sealer).save(key.seed())
        proof = prove_possession(key, salt=salt, origin=origin)
        return {"key": key.verify_key.encoded.hex(), "possession": proof.hex()}

    reporting = {unit.path for unit in manifest.reporting_units()}
    units = {}
    for number, path in enumerate(tree_paths(manifest), 1):
        kind = ReturnKind.OPEN if path in paper else ReturnKind.BALLOTS
        stated = kind.value if path in reporting else None
        units[path] = {"kind": stated, **drawn(unit_file(number), unit_key_origin(path))}
    content = {**drawn(AUTHORITY, ROSTER_ORIGIN), "correct_until": correct_until, "units": units}
    write_atomic(out, json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n")
    return NewRoster(len(units) + 1, len(reporting - paper), len(paper))


def open_unit_key(
    manifest: Manifest, roster: Roster, unit: str, private: Path, passphrase: Secret[str]
) -> SigningKey:
    """The key with which a unit signs under a version of the roster.

    Raises :class:`StorageError` if it is absent or the passphrase is wrong, :class:`RefusedError` if it is
    not the one of the roster, ``ValueError`` for a unit that is not in the tree.
    """
    paths = tree_paths(manifest)
    if unit not in paths:
        raise ValueError(f"{unit!r} is no unit of the election")
    path = private / unit_file(paths.index(unit) + 1)
    key = SigningKey.from_seed(Keep(path, passphrase).load())
    if key.verify_key.encoded != roster.keys[unit].key:
        raise RefusedError(
            f"{path} is not the key of {unit!r} in version {roster.name.version} of the roster"
        )
    return key


def open_roster_authority(manifest: Manifest, private: Path, passphrase: Secret[str]) -> SigningKey:
    """The key of the roster's authority; errors as :func:`open_unit_key`."""
    if manifest.returns is None:
        raise ValueError("the election has no unit returns")
    key = SigningKey.from_seed(Keep(private / AUTHORITY, passphrase).load())
    if key.verify_key.encoded != manifest.returns.authority.key:
        raise RefusedError(f"{private / AUTHORITY} is not the key of the roster's authority")
    return key


def replace_unit_key(manifest: Manifest, unit: str, private: Path, passphrase: Secret[str]) -> SigningKey:
    """Draw another key for a unit; what was sealed there before is kept as ``….replaced``.

    Raises ``ValueError`` for a unit that is not in the tree, :class:`RefusedError` if one was replaced here
    before and is still kept.
    """
    paths = tree_paths(manifest)
    if unit not in paths:
        raise ValueError(f"{unit!r} is no unit of the election")
    path = private / unit_file(paths.index(unit) + 1)
    aside = path.with_name(f"{path.name}.replaced")
    if aside.exists():
        raise RefusedError(f"{aside} exists; move it away first")
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        path.rename(aside)
    key = SigningKey.generate()
    Keep(path, passphrase).save(key.seed())
    return key


# --- new keys on their way to the roster's authority ---------------------------------------------------

MAX_CHANGE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class NewKey:
    """A unit's new key with its proof of possession, as it goes to the authority."""

    unit: str
    key: bytes
    possession: bytes

    def keeping(self, digests: Iterable[bytes]) -> KeyChange:
        """The change of the roster that brings the key; files of these digests stay good."""
        return KeyChange(self.unit, ED25519, self.key, self.possession, tuple(sorted(set(digests))))


def change_of(manifest: Manifest, unit: str, key: SigningKey) -> NewKey:
    """What a unit sends to the authority."""
    encoded = key.verify_key.encoded
    return NewKey(unit, encoded, prove_unit_key(encoded, key, manifest.salt, unit))


def write_change(change: NewKey, path: Path) -> None:
    """Write it as JSON; nothing in it is secret."""
    content = {"unit": change.unit, "key": change.key.hex(), "possession": change.possession.hex()}
    write_atomic(path, json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n")


def read_change(path: Path) -> NewKey:
    """The new key in a file; raises :class:`DecodeError`. Its proof is checked with the roster."""
    value = read_json(read_limited(path, MAX_CHANGE_BYTES))
    if not isinstance(value, dict) or set(value) != {"unit", "key", "possession"}:
        raise DecodeError("a new key is JSON with unit, key and possession", str(path))
    if not all(isinstance(member, str) for member in value.values()):
        raise DecodeError("unit, key and possession are texts", str(path))
    try:
        return NewKey(str(value["unit"]), bytes.fromhex(value["key"]), bytes.fromhex(value["possession"]))
    except ValueError:
        raise DecodeError("key and possession are hexadecimal digits", str(path)) from None
