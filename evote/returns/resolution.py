"""A resolution: the authority says which file of a conflict stands, and which ones do not (rule A50).

It names by hash the file that is chosen and every file that is set aside, with a reason. It is in force
where the chosen file is here, and binds the files it names only: a third version that nobody has seen yet
is a conflict again. Two resolutions that contradict each other leave the conflict as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from evote.ballots import Election
from evote.codec import MAX_REJECTED, AtMost, Digest, Path, Text, Width, decode, encode
from evote.errors import DecodeError, VerificationError
from evote.manifest import seconds_of
from evote.manifest.declarations import ROSTER_ORIGIN
from evote.returns.envelope import FileKind, OpenedFile, seal
from evote.returns.roster import declared_returns
from evote.returns.unitreturn import Moment
from evote.returns.verdicts import ReturnError, ReturnVerdict
from evote.signing import SIGNATURE_BYTES

if TYPE_CHECKING:
    from evote.signing import SigningKey

RESOLUTION_TAG: Final = "return-resolution"
"""Role of the authority's signature under a resolution."""

MAX_RESOLUTION_BYTES: Final = 64 * 1024 + 32 * MAX_REJECTED


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the authority decided; ``rejected`` is sorted, not empty, and without the chosen file."""

    election: Digest
    unit: Path
    chosen: Digest
    rejected: Annotated[tuple[Digest, ...], AtMost(MAX_REJECTED)]
    reason: Text
    made_at: Moment

    def __post_init__(self) -> None:
        seconds_of(self.made_at)
        if not self.rejected or list(self.rejected) != sorted(set(self.rejected)):
            raise ValueError("the files that a resolution sets aside are sorted, each once, at least one")
        if self.chosen in self.rejected:
            raise ValueError("a resolution does not set aside the file that it chooses")
        if not self.reason.strip():
            raise ValueError("a resolution states its reason")


@dataclass(frozen=True, slots=True)
class ResolutionFile:
    """The content of a resolution's file."""

    statement: Annotated[bytes, AtMost(MAX_RESOLUTION_BYTES)]
    signature: Annotated[bytes, Width(SIGNATURE_BYTES)]


def sign_resolution(resolution: Resolution, authority: SigningKey) -> bytes:
    """The file of a resolution, signed by the roster's authority."""
    statement = encode(resolution)
    signature = authority.sign(RESOLUTION_TAG, resolution.election, ROSTER_ORIGIN, statement)
    return seal(FileKind.RESOLUTION, resolution.unit, encode(ResolutionFile(statement, signature)))


def read_resolution(election: Election, opened: OpenedFile) -> Resolution:
    """The resolution in a file, signed by the authority of this election.

    Raises :class:`ReturnError`: MALFORMED, WRONG_UNIT, FOREIGN_ELECTION, UNKNOWN_UNIT or FORGED.
    """
    try:
        content = decode(ResolutionFile, opened.body, element_bytes=0)
        resolution = decode(Resolution, content.statement, element_bytes=0)
    except DecodeError as error:
        raise ReturnError(ReturnVerdict.MALFORMED, f"no resolution: {error}", unit=opened.unit) from error
    if resolution.unit != opened.unit:
        raise ReturnError(
            ReturnVerdict.WRONG_UNIT,
            "the file says that it is of another unit than its resolution",
            unit=opened.unit,
            expected=opened.unit,
            computed=resolution.unit,
        )
    if resolution.election != election.extended_hash:
        raise ReturnError(
            ReturnVerdict.FOREIGN_ELECTION,
            "the resolution is one of another election",
            unit=opened.unit,
            expected=election.extended_hash.hex(),
            computed=resolution.election.hex(),
        )
    if resolution.unit not in declared_returns(election).units:
        raise ReturnError(ReturnVerdict.UNKNOWN_UNIT, "the unit is not in the tree", unit=opened.unit)
    try:
        declared_returns(election).authority.load().verify(
            content.signature,
            tag=RESOLUTION_TAG,
            election=election.extended_hash,
            origin=ROSTER_ORIGIN,
            message=content.statement,
        )
    except VerificationError as error:
        raise ReturnError(
            ReturnVerdict.FORGED,
            f"the authority did not sign the resolution: {error.message}",
            unit=opened.unit,
            expected=error.expected,
            computed=error.computed,
        ) from error
    return resolution
