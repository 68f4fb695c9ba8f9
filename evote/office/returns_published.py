"""What the centre publishes of unit returns: into the record, and as a folder on the night (R14).

================  =================================================================================
``merged.returns``  every file that was taken, in the one order of merged files
``returns.json``    heads, short codes, voters and sums at every level (:mod:`evote.returns.result`)
``returns.sig``     the authority's signature over ``returns.json``, which names the hash of the merged file
================  =================================================================================

Whoever holds what the units sent compares it with :mod:`evote.office.returns_audit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evote.ballots import Election
from evote.codec import MAX_MERGED_BYTES
from evote.errors import DecodeError, VerificationError
from evote.manifest.extensions import INDEX
from evote.record import RecordReader, RecordWriter
from evote.record.files import read_limited, write_atomic
from evote.record.folder import new_folder
from evote.record.layout import DECRYPTION, LIMITS, RETURNS, RETURNS_JSON
from evote.record.values import ReturnFrame
from evote.returns import Completeness, IntakeReport, MergedReturns, Merger, completeness
from evote.returns.result import returns_json
from evote.signing import SIGNATURE_BYTES, SigningKey, VerifyKey

MERGED_FILE: Final = "merged.returns"
SIGNATURE_FILE: Final = "returns.sig"
TAG: Final = "returns-publication"
"""Role of the authority's signature under a publication."""
ORIGIN: Final = "unit returns"


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication that was read and holds: merged returns, the tree, and the document as signed."""

    merged: MergedReturns
    state: Completeness
    document: bytes


def publish_folder(merged: MergedReturns, authority: SigningKey, out: Path) -> bytes:
    """Write a publication into the new folder ``out``; its document.

    Raises :class:`~evote.errors.RefusedError` if the folder exists, ``ValueError`` for another key than that
    of the manifest's index.
    """
    election = merged.election
    if authority.verify_key.encoded != _index_key(election):
        raise ValueError("the key is not the one that the manifest names for the index")
    document = returns_json(merged, completeness(merged))
    with new_folder(out) as folder:
        write_atomic(folder.path(MERGED_FILE), merged.encode())
        write_atomic(folder.path(RETURNS_JSON), document)
        signature = authority.sign(TAG, election.extended_hash, ORIGIN, document)
        write_atomic(folder.path(SIGNATURE_FILE), signature.hex().encode() + b"\n")
    return document


def read_publication(election: Election, folder: Path) -> Publication:
    """A publication, or the record of the election, with everything in it checked again.

    Raises :class:`VerificationError` if the signature, a file in it or a sum does not hold.
    """
    if (folder / RETURNS).is_dir():
        reader = RecordReader(folder, {election.group.name: election.group})
        merged, report = record_returns(election, reader)
        for refused in report.refused():
            raise VerificationError(f"{refused.name}: {refused.message}", check=refused.verdict.value)
        cells = reader.decryption().cells if reader.has(DECRYPTION) else None
        document = returns_json(merged, completeness(merged), cells)
        if reader.has(RETURNS_JSON):
            _require_same(document, reader.raw(RETURNS_JSON))
        return Publication(merged, completeness(merged), document)
    stated = read_limited(folder / RETURNS_JSON, LIMITS[RETURNS_JSON])
    VerifyKey(_index_key(election)).verify(
        _signature(folder / SIGNATURE_FILE),
        tag=TAG,
        election=election.extended_hash,
        origin=ORIGIN,
        message=stated,
    )
    merged = MergedReturns.decode(election, read_limited(folder / MERGED_FILE, MAX_MERGED_BYTES))
    state = completeness(merged)
    document = returns_json(merged, state)
    _require_same(document, stated)
    return Publication(merged, state, document)


def record_returns(election: Election, reader: RecordReader) -> tuple[MergedReturns, IntakeReport]:
    """The returns in a record, merged; none where it has no such files."""
    merger = Merger(MergedReturns.empty(election))
    if reader.has(RETURNS):
        for position, _, frame in reader.returns():
            if isinstance(frame, DecodeError):
                raise frame
            merger.offer(f"{RETURNS}, frame {position}", frame.file)
    return merger.finish()


def put_returns(writer: RecordWriter, merged: MergedReturns) -> int:
    """Append the files that the record does not have yet, in the order of merged files; how many.

    What is there stays. The result that follows from them is written where the record is decrypted.
    """
    election = merged.election
    held, _ = record_returns(election, writer.reader)
    here = {*held.roster_files, *held.returns, *held.waiting, *held.resolutions}
    new = [data for digest, data in merged.files() if digest not in here]
    if new:
        with writer.returns() as frames:
            for data in new:
                frames.append(ReturnFrame(data))
            frames.sync()
    put_returns_result(writer, election)
    return len(new)


def put_returns_result(writer: RecordWriter, election: Election) -> None:
    """Write ``returns.json`` of a record that has returns and a decryption; else nothing."""
    reader = writer.reader
    if election.manifest.returns is None or not reader.has(RETURNS) or not reader.has(DECRYPTION):
        return
    merged, _ = record_returns(election, reader)
    writer.put_returns_result(returns_json(merged, completeness(merged), reader.decryption().cells))


def _index_key(election: Election) -> bytes:
    index = election.manifest.extensions.get(INDEX)
    if index is None or index.key is None:
        raise ValueError("the manifest names no authority that could sign a publication")
    return bytes.fromhex(index.key)


def _signature(path: Path) -> bytes:
    text = read_limited(path, 2 * SIGNATURE_BYTES + 2).decode("ascii", "replace").strip()
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise DecodeError("a signature is written in hexadecimal digits", str(path)) from None


def _require_same(computed: bytes, stated: bytes) -> None:
    if computed != stated:
        raise VerificationError(
            f"{RETURNS_JSON} does not say what the merged returns add up to", where=RETURNS_JSON
        )
