"""How far the count of a record is: which units are closed, and what was published of them (rule A51).

For those who take part: offices and guardians use :func:`standing`, which raises at the first thing that does
not fit. The verifier reports instead (:mod:`evote.verifier.checks.e60_provisional`); both follow closings and
publications with :class:`~evote.tally.UnitStates`.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.errors import DecodeError, RefusedError, VerificationError
from evote.manifest import Manifest
from evote.manifest.extensions import INDEX
from evote.record import layout
from evote.record.provisional import (
    SIGNED,
    ProvisionalResult,
    SealedProvisional,
    follow_faults,
    frame_digest,
    open_provisional,
    verify_provisional,
)
from evote.record.reader import RecordReader
from evote.signing import VerifyKey
from evote.tally import UnitClosing, UnitStates
from evote.tally.closings import manifest_cells

CLOSED = "E.61"
"""Units are closed by linked statements."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Closings and publications of a record, followed to their end."""

    states: UnitStates
    closings: int
    """Number of statements of closing."""
    results: tuple[ProvisionalResult, ...]
    last: bytes
    """The frame of the last publication; empty before the first."""

    @property
    def latest(self) -> ProvisionalResult | None:
        """The last publication, None before the first."""
        return self.results[-1] if self.results else None

    @property
    def done(self) -> frozenset[tuple[str, str]]:
        """Cells that were decrypted or withheld for good, by their labels."""
        return frozenset(() if self.latest is None else self.latest.done())


def standing(reader: RecordReader, manifest: Manifest, fingerprint: bytes) -> Standing:
    """Closings and publications of a record; ``fingerprint`` is its H_E.

    Raises :class:`DecodeError`, :class:`VerificationError` for what breaks a rule, and
    :class:`RefusedError` for publications in an election whose manifest names no key to sign them with.
    """
    closings = _closings(reader)
    states = UnitStates(manifest)
    results: list[ProvisionalResult] = []
    last = b""
    taken = 0
    for frame, result in _results(reader, manifest, fingerprint):
        taken = follow(states, closings, taken, result)
        require_said(states, result)
        if results:
            for fault in follow_faults(manifest, results[-1], result):
                raise fault
        if result.previous != (frame_digest(last) if last else None) or result.sequence != len(results) + 1:
            raise VerificationError("it does not name the publication before it", check=SIGNED)
        results.append(result)
        last = frame
    for closing in closings[taken:]:
        _close(states, closing)
    return Standing(states, len(closings), tuple(results), last)


def follow(states: UnitStates, closings: list[UnitClosing], taken: int, result: ProvisionalResult) -> int:
    """Bring ``states`` from ``taken`` closings to a publication; the closings taken in then.

    Raises :class:`VerificationError`.
    """
    if not taken <= result.closings <= len(closings):
        raise VerificationError(
            "the publication takes in other closings than the record has",
            check=CLOSED,
            expected=f"{taken} to {len(closings)}",
            computed=str(result.closings),
        )
    for closing in closings[taken : result.closings]:
        _close(states, closing)
    try:
        states.decrypt(result.done())
    except VerificationError as error:
        raise VerificationError(error.message, check=CLOSED, where=error.where) from None
    return result.closings


def require_said(states: UnitStates, result: ProvisionalResult) -> None:
    """Raises :class:`VerificationError` unless a publication says of units what the closings give."""
    for what, wanted, found in (
        ("the closed units", states.units(), result.units),
        ("the units that were closed again", tuple(states.replaced), result.replaced),
        ("the discrepancies", tuple(states.discrepancies), result.discrepancies),
    ):
        if wanted != found:
            raise VerificationError(
                f"{what} are not those of the closings",
                check=CLOSED,
                where=f"{layout.PROVISIONAL}, number {result.sequence}",
                expected=", ".join(each.unit for each in wanted) or "none",
                computed=", ".join(each.unit for each in found) or "none",
            )


def decrypted_units(reader: RecordReader, manifest: Manifest) -> frozenset[str]:
    """Paths of units of which a cell was published, as the last publication says; nothing is verified.

    Ballots of such units come too late: no total that counts them is ever decrypted. Raises
    :class:`DecodeError`.
    """
    if not reader.has(layout.PROVISIONAL):
        return frozenset()
    last: SealedProvisional | None = None
    for _, _, sealed in reader.provisional():
        if isinstance(sealed, DecodeError):
            raise sealed
        last = sealed
    if last is None:
        return frozenset()
    done = set(open_provisional(last, reader.element_bytes).done())
    return frozenset(unit for key, cell in manifest_cells(manifest) if key in done for unit in cell.units)


def require_not_decrypted(decrypted: frozenset[str], unit: str) -> None:
    """Raises :class:`RefusedError` for a unit that was decrypted: a ballot of it comes too late."""
    if unit in decrypted:
        raise RefusedError(
            f"unit {unit!r} was decrypted already, and a ballot that comes later is never counted; "
            "publish it as a "
            "discrepancy with 'evote results correct'"
        )


def _close(states: UnitStates, closing: UnitClosing) -> None:
    try:
        states.close(closing)
    except VerificationError as error:
        raise VerificationError(
            error.message,
            check=CLOSED,
            where=f"{layout.CLOSINGS}, {error.where}",
            expected=error.expected,
            computed=error.computed,
        ) from None


def _closings(reader: RecordReader) -> list[UnitClosing]:
    found = []
    if reader.has(layout.CLOSINGS):
        for _, _, closing in reader.closings():
            if isinstance(closing, DecodeError):
                raise closing
            found.append(closing)
    return found


def _results(
    reader: RecordReader, manifest: Manifest, fingerprint: bytes
) -> list[tuple[bytes, ProvisionalResult]]:
    if not reader.has(layout.PROVISIONAL):
        return []
    index = manifest.extensions.get(INDEX)
    if index is None or index.key is None:
        raise RefusedError("the manifest names no key with which provisional results are signed")
    key, found = VerifyKey(bytes.fromhex(index.key)), []
    for _, frame, sealed in reader.provisional():
        if isinstance(sealed, DecodeError):
            raise sealed
        found.append((frame, verify_provisional(sealed, key, fingerprint, reader.element_bytes)))
    return found
