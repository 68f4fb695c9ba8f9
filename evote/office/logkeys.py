"""Keys of logs and attended devices: drawn once, sealed, and declared in the manifest's ``board`` (A66).

=========================  ==========================================================================
``log-000000.sealed``      the seed of the key of the election's log
``log-NNNNNN.sealed``      that of the reporting unit at this place in the manifest, from 1
``device-NNNNNN.sealed``   that of the attended device at this place in the declaration, from 1
=========================  ==========================================================================

A unit that keeps its box elsewhere gets a copy of its own file, which is then destroyed here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evote.errors import RefusedError, StorageError
from evote.manifest import Manifest, ReturnKind
from evote.manifest.declarations import DeclaredKey, device_origin
from evote.record.files import write_atomic
from evote.secret import Secret
from evote.signing import SigningKey, prove_possession
from evote.storage.keep import Keep
from evote.storage.sealed import Sealer

ELECTION: Final = 0
"""The number of the election's log."""


def log_file(number: int) -> str:
    """The name of the file of a log's key."""
    return f"log-{number:06}.sealed"


def device_file(number: int) -> str:
    """The name of the file of a device's key."""
    return f"device-{number:06}.sealed"


@dataclass(frozen=True, slots=True)
class BoardTerms:
    """What a board is declared to be, beside its keys. ``origin`` names the election's log."""

    origin: str
    closes: str
    merge_delay: int
    witnesses: str
    devices: Sequence[str] = ()


def new_board(
    draft: Mapping[str, object],
    salt: bytes,
    terms: BoardTerms,
    private: Path,
    passphrase: Secret[str],
    out: Path,
) -> tuple[str, ...]:
    """Draw all keys into ``private`` and write the declaration to ``out``; the origins of the logs.

    ``draft`` is that of the election; its own ``board`` and ``roll`` are left out, and units that its
    ``returns`` declare as counting paper get no log. Raises :class:`RefusedError` if keys or declaration are
    there already, and as ``Manifest.build``.
    """
    own = {name: value for name, value in draft.items() if name not in ("board", "roll", "returns")}
    manifest = Manifest.build(own, salt=salt, authority_key=None)
    paper = _paper(draft.get("returns"))
    if out.exists() or (private / log_file(ELECTION)).exists():
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

    content, origins = board_content(manifest, terms, drawn, paper)
    write_atomic(out, json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n")
    return origins


def board_content(
    manifest: Manifest,
    terms: BoardTerms,
    drawn: Callable[[str, str], Mapping[str, str]],
    paper: frozenset[str] = frozenset(),
) -> tuple[dict[str, object], tuple[str, ...]]:
    """What the manifest declares of a board, and the origins of its logs, the election's first.

    ``drawn`` is called once per key, with the name of its file and the origin that it proves possession for,
    and gives the members ``key`` and ``possession``. ``paper`` are units that have no log.
    """
    origins = [terms.origin]
    units = {}
    with_boxes = [unit for unit in manifest.ballot_units() if unit.path not in paper]
    for number, unit in enumerate(with_boxes, 1):
        origins.append(f"{terms.origin}/{number}")
        units[unit.path] = {**drawn(log_file(number), origins[-1]), "origin": origins[-1]}
    content: dict[str, object] = {
        **drawn(log_file(ELECTION), terms.origin),
        "origin": terms.origin,
        "closes": terms.closes,
        "merge_delay": terms.merge_delay,
        "witnesses": terms.witnesses,
        "units": units,
        "devices": {
            name: drawn(device_file(number), device_origin(name))
            for number, name in enumerate(terms.devices, 1)
        },
    }
    return content, tuple(origins)


def _paper(returns: object) -> frozenset[str]:
    """The units of kind OPEN in a draft's member "returns"; its form is tested with the whole draft."""
    units = returns.get("units") if isinstance(returns, dict) else None
    kinds = units.items() if isinstance(units, dict) else ()
    return frozenset(
        path for path, unit in kinds if isinstance(unit, dict) and unit.get("kind") == ReturnKind.OPEN.value
    )


def open_log_key(manifest: Manifest, unit: str, private: Path, passphrase: Secret[str]) -> SigningKey:
    """The key of a unit's log, or of the election's for an empty path.

    Raises :class:`StorageError` if it is absent or the passphrase is wrong, :class:`RefusedError` if it is
    not the one that the manifest declares, ``ValueError`` for an election without a board or such a unit.
    """
    board = manifest.board
    if board is None:
        raise ValueError("the election has no board")
    if not unit:
        return _opened(private / log_file(ELECTION), passphrase, board.log)
    paths = [each.path for each in manifest.ballot_units()]
    if unit not in paths:
        raise ValueError(f"{unit!r} is no reporting unit; there are {', '.join(paths)}")
    return _opened(private / log_file(paths.index(unit) + 1), passphrase, board.units[unit])


def open_device_key(manifest: Manifest, name: str, private: Path, passphrase: Secret[str]) -> SigningKey:
    """The key of an attended device; errors as :func:`open_log_key`."""
    devices = {} if manifest.board is None else manifest.board.devices
    if name not in devices:
        raise ValueError(f"the election has no attended device {name!r}")
    number = list(devices).index(name) + 1
    return _opened(private / device_file(number), passphrase, devices[name])


def _opened(path: Path, passphrase: Secret[str], declared: DeclaredKey) -> SigningKey:
    key = SigningKey.from_seed(Keep(path, passphrase).load())
    if key.verify_key.encoded != declared.key:
        raise RefusedError(f"{path} is not the key that the manifest declares")
    return key
