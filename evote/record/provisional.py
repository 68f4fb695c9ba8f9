"""Provisional results: what is published of a count while units are still open (rule A51).

A :class:`ProvisionalResult` says which units are closed and with which heads, and has of every complete cell
(all of its units closed) the encrypted sums with their decryption, or why it is withheld. It is signed by the
authority, names the one before it by hash, and stands in ``provisional/`` of the record. It is whole by
itself: whoever kept an earlier one compares it with a later one (:func:`follow_faults`).

Every figure is a sum of decrypted cells, and a cell that is decrypted stands in all that follow as it
is, byte for byte. So the difference of two publications is a sum of whole cells, none of which has fewer
counted ballots than the minimum of the manifest.

What is left out: whether heads, sums and proofs are true, which :mod:`evote.verifier` finds out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from evote.codec import (
    MAX_FRAME_BYTES,
    MAX_GUARDIANS,
    MAX_UNITS,
    AtMost,
    Between,
    Count,
    Digest,
    Text,
    Width,
    decode,
    encode,
)
from evote.errors import VerificationError
from evote.hashing import sha256
from evote.record.index import is_date
from evote.signing import VerifyKey
from evote.tally import DecryptedCell, TalliedCell, UnitChange, UnitHead, WithheldCell

if TYPE_CHECKING:
    from evote.manifest import Manifest
    from evote.signing import SigningKey

FORMAT: Final = 1
TAG: Final = "provisional-result"
"""Role of the authority's signature."""
ORIGIN: Final = "provisional results"

SIGNED: Final = "E.60"
"""Publications are signed and form one chain."""
FOLLOWS: Final = "E.62"
"""A publication follows from the one before it."""
ONCE: Final = "E.65"
"""A cell is decrypted once."""


@dataclass(frozen=True, slots=True)
class ProvisionalResult:
    """One publication; everything in it is as of that moment, not what is new in it."""

    format: Annotated[int, Between(FORMAT, FORMAT)]
    sequence: Annotated[int, Between(1, 999_999)]
    previous: Digest | None
    """SHA-256 of the frame of the one before; None in the first."""
    date: Text
    """UTC as ``2026-06-30T20:00:00Z``."""
    fingerprint: Digest
    """H_E."""
    closings: Count
    """How many of the record's statements of closing it takes in."""
    units: Annotated[tuple[UnitHead, ...], AtMost(MAX_UNITS)]
    """The closed units with the heads that count, in the order of the manifest."""
    replaced: tuple[UnitChange, ...]
    """Units that were closed again before a cell of theirs was decrypted, in the order of the closings."""
    discrepancies: tuple[UnitChange, ...]
    """Corrections that came too late: published, and never decrypted."""
    guardians: Annotated[tuple[Annotated[int, Between(1, MAX_GUARDIANS)], ...], AtMost(MAX_GUARDIANS)]
    """All who took part in a decryption, increasing; none before the first."""
    tally: tuple[TalliedCell, ...]
    """The encrypted sums of the complete cells, in the order of the manifest."""
    cells: tuple[DecryptedCell, ...]
    withheld: tuple[WithheldCell, ...]

    def done(self) -> tuple[tuple[str, str], ...]:
        """The cells that are decrypted or withheld, by their labels."""
        decrypted = tuple((cell.contest, cell.cell) for cell in self.cells)
        return decrypted + tuple((cell.contest, cell.cell) for cell in self.withheld)


@dataclass(frozen=True, slots=True)
class SealedProvisional:
    """The canonical bytes of a :class:`ProvisionalResult` and the authority's signature over them."""

    result: Annotated[bytes, AtMost(MAX_FRAME_BYTES - 4096)]
    signature: Annotated[bytes, Width(64)]


def seal_provisional(result: ProvisionalResult, key: SigningKey) -> SealedProvisional:
    """The publication with the authority's signature; raises ``ValueError`` if it breaks its form."""
    for fault in form_faults(result):
        raise ValueError(str(fault))
    data = encode(result)
    return SealedProvisional(data, key.sign(TAG, result.fingerprint, ORIGIN, data))


def open_provisional(sealed: SealedProvisional, element_bytes: int) -> ProvisionalResult:
    """What is inside; raises :class:`DecodeError`. The signature is not looked at."""
    return decode(ProvisionalResult, sealed.result, element_bytes=element_bytes)


def verify_provisional(
    sealed: SealedProvisional, key: VerifyKey, fingerprint: bytes, element_bytes: int
) -> ProvisionalResult:
    """The publication of this election that the authority signed.

    Raises :class:`DecodeError`, and :class:`VerificationError` (E.60) for another election, a signature that
    does not hold, or a publication that breaks its form.
    """
    result = open_provisional(sealed, element_bytes)
    if result.fingerprint != fingerprint:
        raise VerificationError(
            "it is of another election",
            check=SIGNED,
            expected=fingerprint.hex(),
            computed=result.fingerprint.hex(),
        )
    try:
        key.verify(sealed.signature, tag=TAG, election=fingerprint, origin=ORIGIN, message=sealed.result)
    except VerificationError as error:
        raise VerificationError(
            f"the authority's signature does not hold: {error.message}", check=SIGNED
        ) from error
    for fault in form_faults(result):
        raise fault
    return result


def form_faults(result: ProvisionalResult) -> Iterator[VerificationError]:
    """What is wrong with a publication by itself (E.60)."""

    def fault(message: str) -> VerificationError:
        return VerificationError(message, check=SIGNED)

    if not is_date(result.date):
        yield fault(f"{result.date!r} is no date like 2026-06-30T20:00:00Z")
    if (result.sequence == 1) != (result.previous is None):
        yield fault("the first publication, and no other, names none before it")
    units = [one.unit for one in result.units]
    if len(set(units)) != len(units):
        yield fault("a unit stands there twice")
    if list(result.guardians) != sorted(set(result.guardians)) or bool(result.guardians) != bool(
        result.cells
    ):
        yield fault("those who decrypted are not named in increasing order, each once, where there are any")
    done, summed = list(result.done()), [(cell.contest, cell.cell) for cell in result.tally]
    if len(set(done)) != len(done) or len(set(summed)) != len(summed) or set(done) != set(summed):
        yield fault("the cells with sums are not those that are decrypted or withheld, each once")


# --- two publications ----------------------------------------------------------------------------------


def follow_faults(
    manifest: Manifest, earlier: ProvisionalResult, later: ProvisionalResult
) -> Iterator[VerificationError]:
    """Why ``later`` does not follow from ``earlier``; nothing if it does.

    E.62: units are only added, or replaced through a link before a cell of theirs was decrypted, and what was
    said of changes stays. E.65: what is decrypted or withheld stays, byte for byte.
    """

    def fault(message: str, where: str = "", check: str = FOLLOWS) -> VerificationError:
        return VerificationError(message, check=check, where=where)

    if earlier.fingerprint != later.fingerprint:
        yield fault("the two are of two elections")
        return
    if later.sequence <= earlier.sequence:
        yield fault(f"number {later.sequence} does not come behind number {earlier.sequence}")
    if later.date < earlier.date or later.closings < earlier.closings:
        yield fault("the later one has an earlier date, or takes in fewer closings")
    for what in ("replaced", "discrepancies"):
        before, after = getattr(earlier, what), getattr(later, what)
        if after[: len(before)] != before:
            yield fault(f"what was published of units ({what}) has changed")
    yield from _unit_faults(manifest, earlier, later)
    yield from _cell_faults(earlier, later)
    if not set(earlier.guardians) <= set(later.guardians):
        yield fault("a guardian who decrypted is no longer named")


def _unit_faults(
    manifest: Manifest, earlier: ProvisionalResult, later: ProvisionalResult
) -> Iterator[VerificationError]:
    now = {one.unit: one.head for one in later.units}
    done = set(earlier.done())
    fixed = {
        unit
        for contest in manifest.contests
        for cell in manifest.cells(contest.index)
        if (contest.label, cell.label) in done
        for unit in cell.units
    }
    links = {(change.unit, change.old): change.new for change in later.replaced}
    for one in earlier.units:
        if one.unit not in now:
            yield VerificationError("the unit is gone", check=FOLLOWS, where=one.unit)
            continue
        if one.unit in fixed:
            if now[one.unit] != one.head:
                yield VerificationError(
                    "the head changes although the unit was decrypted", check=FOLLOWS, where=one.unit
                )
            continue
        head, seen = one.head, {one.head}
        while head != now[one.unit] and (one.unit, head) in links and links[one.unit, head] not in seen:
            head = links[one.unit, head]
            seen.add(head)
        if head != now[one.unit]:
            yield VerificationError("the head changes without a link", check=FOLLOWS, where=one.unit)


def _cell_faults(earlier: ProvisionalResult, later: ProvisionalResult) -> Iterator[VerificationError]:
    for what, before, after in (
        ("the encrypted sums", earlier.tally, later.tally),
        ("the decryption", earlier.cells, later.cells),
        ("what was withheld", earlier.withheld, later.withheld),
    ):
        now = {(cell.contest, cell.cell): cell for cell in after}
        for cell in before:
            if now.get((cell.contest, cell.cell)) != cell:
                yield VerificationError(
                    f"{what} of the cell is gone or another",
                    check=ONCE,
                    where=f"contest {cell.contest!r}, cell {cell.cell!r}",
                )


def frame_digest(frame: bytes) -> bytes:
    """What the next publication names this one by: the SHA-256 of its frame."""
    return sha256(frame)
