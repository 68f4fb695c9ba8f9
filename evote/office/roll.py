"""A roll from a list of voters: codes, sheets, entries, and what the manifest declares of it (A55).

With one authority, :func:`new_roll` does everything. With two, the second runs :func:`second_codes`
first, on its own machine, and hands its keys over; neither ever sees a code of the other.

What goes into the record is the folder ``roll`` of segments; what goes into the draft of the election is
``roll.json``. Entries are sorted by key before they are written, so that their order says nothing of
the list. Memory: about 400 bytes a voter.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from evote.board.codes import FIRST, SECOND, WHOLE, Code
from evote.board.credential import ED25519, pseudonym
from evote.board.roll import MAX_ENTRY_BYTES, Roll, RollEntry, roll_root
from evote.codec import encode
from evote.errors import DecodeError, RefusedError
from evote.manifest import DeclaredKey, Manifest
from evote.manifest.declarations import SECOND_AUTHORITY_ORIGIN
from evote.office.authority import (
    MAPPING,
    SHEETS,
    AuthorityFolder,
    KeysFile,
    SheetWriter,
    declared,
    draw_codes,
    write_keys,
)
from evote.office.sheets import Sheet
from evote.office.voterlist import list_digest, read_voters
from evote.record import SegmentWriter, read_frames, write_atomic
from evote.secret import Secret
from evote.storage.sealed import Sealer

DECLARATION: Final = "roll.json"
ROLL: Final = "roll"
ITERATIONS: Final = 10_000

_HEAD = ("reference", "unit", "style", "slot", "pseudonym")


@dataclass(frozen=True, slots=True)
class Terms:
    """What both authorities agree on before they draw codes."""

    manifest: Manifest
    """Of the draft, without board and roll: units, styles, salt, label and languages."""
    voters: Path
    iterations: int = ITERATIONS

    @classmethod
    def of(cls, draft: Mapping[str, object], salt: bytes, voters: Path, iterations: int) -> Terms:
        """The terms of a draft; raises DecodeError or :class:`~evote.manifest.ManifestError`."""
        own = {name: value for name, value in draft.items() if name not in ("board", "roll")}
        return cls(Manifest.build(own, salt=salt, authority_key=None), voters, iterations)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was made."""

    voters: int
    codes: int
    files: int
    """Files of sheets."""
    root: bytes | None = None


@dataclass(slots=True)
class _Listed:
    """One row on its way to the roll."""

    entry: RollEntry
    reference: str


def second_codes(
    terms: Terms,
    private: Path,
    out: Path,
    passphrase: Secret[str],
    *,
    executor: Executor | None = None,
    sealer: Sealer | None = None,
) -> Drawn:
    """The codes of the second authority; ``out`` becomes the file of keys for the first.

    Raises :class:`RefusedError` for a private folder in use or a file that exists, and what
    :func:`~evote.office.voterlist.read_voters` raises.
    """
    if out.exists():
        raise RefusedError(f"{out} exists; choose another name for the keys")
    folder = AuthorityFolder(private, passphrase)
    salt = terms.manifest.salt
    authority = declared(folder.make(), salt, SECOND)
    sheets = SheetWriter(private / SHEETS, terms.manifest, sealer)
    keys = bytearray()
    rows = read_voters(terms.voters, terms.manifest)
    for row, code, key in draw_codes(rows, SECOND, salt, terms.iterations, executor):
        sheets.add(Sheet(row.name, row.unit, row.style, _by_code(code), None))
        keys += key
    sheets.finish()
    count = len(keys) // 32
    write_keys(
        out,
        KeysFile(
            1,
            salt,
            list_digest(terms.voters),
            terms.iterations,
            authority.key,
            authority.possession,
            bytes(keys),
        ),
    )
    return Drawn(count, count, sheets.files)


def new_roll(
    terms: Terms,
    private: Path,
    out: Path,
    passphrase: Secret[str],
    *,
    second: KeysFile | None = None,
    executor: Executor | None = None,
    sealer: Sealer | None = None,
) -> Drawn:
    """Codes, sheets, the roll in ``out``, and the mapping in the private folder.

    Raises :class:`RefusedError` for folders in use and for keys of a second authority that are not for
    the same list and terms, ``ValueError`` if two voters have one key, and what
    :func:`~evote.office.voterlist.read_voters` raises.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RefusedError(f"{out} is not an empty folder; choose a new one for the roll")
    salt = terms.manifest.salt
    authorities = _second_authority(terms, second)
    folder = AuthorityFolder(private, passphrase)
    part = WHOLE if second is None else FIRST
    first = declared(folder.make(), salt, part)
    sheets = SheetWriter(private / SHEETS, terms.manifest, sealer)
    listed: list[_Listed] = []
    codes = 0
    rows = read_voters(terms.voters, terms.manifest)
    for row, code, key in draw_codes(rows, part, salt, terms.iterations, executor):
        keys = (key,) if second is None else (key, second.key(row.number))
        listed.append(_Listed(RollEntry(row.unit, row.style, row.scheme, keys), row.reference))
        if code is not None:
            codes += 1
            sheets.add(Sheet(row.name, row.unit, row.style, code, pseudonym(salt, keys)))
        elif second is not None:
            raise RefusedError(f"row {row.number} has a key of the voter's, but credentials have two parts")
    sheets.finish()
    if not listed:
        raise RefusedError(f"{terms.voters} names no voter; a roll has at least one")
    if second is not None and len(second.keys) != 32 * len(listed):
        raise RefusedError("the second authority has more keys than the list has voters")
    listed.sort(key=lambda each: each.entry.keys)
    slots, root = _write(terms, out, listed, (first, *authorities))
    write_atomic(private / MAPPING, _mapping(salt, listed), mode=0o600)
    return Drawn(slots, codes, sheets.files, root)


def read_roll(manifest: Manifest, folder: Path) -> Roll:
    """The roll in a folder of segments, held to what the manifest declares."""
    return Roll.read(manifest, (frame for _, frame in read_frames(folder, limit=MAX_ENTRY_BYTES)))


def _by_code(code: Code | None) -> Code:
    if code is None:
        raise RefusedError("a voter on the list has a key of their own, but credentials have two parts")
    return code


def _second_authority(terms: Terms, second: KeysFile | None) -> tuple[DeclaredKey, ...]:
    if second is None:
        return ()
    for what, theirs, ours in (
        ("salt", second.salt, terms.manifest.salt),
        ("list of voters", second.voters, list_digest(terms.voters)),
        ("number of rounds", second.iterations, terms.iterations),
    ):
        if theirs != ours:
            raise RefusedError(f"the second authority drew its codes with another {what}")
    key = DeclaredKey(second.authority, second.possession)
    fault = key.fault(terms.manifest.salt, SECOND_AUTHORITY_ORIGIN)
    if fault:
        raise RefusedError(f"the second authority: {fault}")
    return (key,)


def _write(
    terms: Terms, out: Path, listed: list[_Listed], authorities: tuple[DeclaredKey, ...]
) -> tuple[int, bytes]:
    """Segments and declaration; number of slots and root."""
    for before, after in pairwise(listed):
        if before.entry.keys[0] == after.entry.keys[0]:
            raise DecodeError("two voters have one key; every voter has a key of their own")

    with SegmentWriter(out / ROLL) as writer:

        def written() -> Iterator[bytes]:
            for each in listed:
                frame = encode(each.entry)
                writer.append(frame)
                yield frame

        slots, root = roll_root(terms.manifest.salt, written())
    others = {each.entry.scheme for each in listed} - {ED25519}
    content = roll_content(authorities, slots, root, terms.iterations, sorted(others))
    write_atomic(out / DECLARATION, json.dumps(content, indent=1).encode() + b"\n")
    return slots, root


def roll_content(
    authorities: Sequence[DeclaredKey],
    slots: int,
    root: bytes,
    iterations: int,
    schemes: Sequence[str] = (),
) -> dict[str, object]:
    """What the manifest declares of a roll whose codes these authorities drew.

    ``schemes`` are those of credentials that are no codes and no keys of voters.
    """
    first, *second = ({"key": each.key.hex(), "possession": each.possession.hex()} for each in authorities)
    return {
        **first,
        "second": second[0] if second else None,
        "slots": slots,
        "root": root.hex(),
        "parts": len(authorities),
        "iterations": iterations,
        **({"schemes": list(schemes)} if schemes else {}),
    }


def _mapping(salt: bytes, listed: list[_Listed]) -> bytes:
    """Who has which slot, in the order of the slots."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEAD)
    for slot, each in enumerate(listed):
        entry = each.entry
        writer.writerow((each.reference, entry.unit, entry.style, slot, pseudonym(salt, entry.keys).hex()))
    return text.getvalue().encode("utf-8")


def slot_of_reference(private: Path, reference: str) -> int:
    """The slot of the voter with that reference; :class:`RefusedError` if the mapping has none."""
    with (private / MAPPING).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["reference"] == reference:
                return int(row["slot"])
    raise RefusedError(f"{private / MAPPING} has no voter with the reference {reference!r}")
