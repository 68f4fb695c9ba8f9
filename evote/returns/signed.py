"""A signed return: one file, signed by its unit; a correction also by the unit above (rule A50).

The unit signs the statement, the encoding of a :class:`UnitReturn`, in the role ``unit-return`` with its
path as origin. The unit directly above signs the hash of the statement and its own moment in the role
``unit-return-correction``, with its path as origin, or ``roster authority`` where the unit is a root.

:func:`read_return` is the one way from bytes to a return; what it gives has the right form and content.
:func:`check_signatures` says whether it is authentic under a roster.

Rules: the statement is hashed and verified as it stands in the file. A return under two signatures is
two files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from evote.ballots import Election
from evote.codec import MAX_RETURN_BYTES, AtMost, Digest, decode, encode
from evote.errors import DecodeError, VerificationError
from evote.hashing import tagged
from evote.manifest import seconds_of
from evote.manifest.declarations import ROSTER_ORIGIN
from evote.returns.content import check_content, check_moments
from evote.returns.envelope import FileKind, OpenedFile, open_file, seal
from evote.returns.roster import Roster, RosterKey, Rosters, SignerBytes, declared_returns
from evote.returns.schemes import ED25519, SignatureSchemes, Signer, scheme_named
from evote.returns.unitreturn import Moment, UnitReturn
from evote.returns.verdicts import ReturnError, ReturnVerdict
from evote.signing import signed_bytes

RETURN_TAG: Final = "unit-return"
"""Role of a unit's signature under its return."""
CORRECTION_TAG: Final = "unit-return-correction"
"""Role of the signature of the unit above under a correction."""


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That the unit above agreed to a correction, and when by its clock."""

    moment: Moment
    signature: SignerBytes

    def __post_init__(self) -> None:
        seconds_of(self.moment)


@dataclass(frozen=True, slots=True)
class CosignedStatement:
    """What the unit above signs."""

    statement: Digest
    moment: Moment


@dataclass(frozen=True, slots=True)
class ReturnFile:
    """The content of a return's file."""

    statement: Annotated[bytes, AtMost(MAX_RETURN_BYTES)]
    signature: SignerBytes
    cosignature: Cosignature | None


@dataclass(frozen=True, slots=True)
class SignedReturn:
    """A return that was read: its file, its statement as a value, and what is odd about its moment."""

    file: OpenedFile
    content: ReturnFile
    returned: UnitReturn
    oddity: str
    """A sentence about a clock that cannot be right; empty if nothing is odd."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file: its name."""
        return self.file.digest

    @property
    def unit(self) -> str:
        return self.returned.unit

    @property
    def version(self) -> int:
        return self.returned.version


def parent_of(path: str) -> str | None:
    """The path of the unit directly above; None for a root."""
    above, slash, _ = path.rpartition("/")
    return above if slash else None


def sign_return(returned: UnitReturn, signer: Signer) -> bytes:
    """The file ``<unit>.return`` of a first return.

    Raises ``ValueError`` for a correction: :func:`correction_statement`, then :func:`seal_correction`.
    """
    if returned.corrects:
        raise ValueError("a correction is cosigned by the unit above before it is a file")
    statement = encode(returned)
    return _sealed(returned, statement, _sign(returned, statement, signer), None)


def correct_return(returned: UnitReturn, signer: Signer, above: Signer, moment: str) -> bytes:
    """The file of a correction, where both keys are at hand; ``moment`` is the clock of the unit above."""
    signature = sign_correction(returned, signer)
    return seal_correction(returned, signature, cosign(returned, above, moment))


def sign_correction(returned: UnitReturn, signer: Signer) -> bytes:
    """The signature of the unit under its correction, to be brought to the unit above."""
    return _sign(returned, encode(returned), signer)


def uncosigned_file(returned: UnitReturn, signature: bytes) -> bytes:
    """A correction on its way to the unit above: a whole file, which counts nowhere (NOT_COSIGNED)."""
    if not returned.corrects:
        raise ValueError("only a correction is cosigned")
    return _sealed(returned, encode(returned), signature, None)


def read_uncosigned(rosters: Rosters, data: bytes) -> tuple[UnitReturn, bytes]:
    """A correction that waits for its cosignature, and the unit's signature, which holds.

    Raises :class:`ReturnError` as :func:`read_return` and :func:`check_signatures`, and MALFORMED for a first
    return or one that is cosigned.
    """
    opened = open_file(data)
    width = rosters.election.group.element_bytes
    try:
        content = decode(ReturnFile, opened.body, element_bytes=width)
        returned = decode(UnitReturn, content.statement, element_bytes=width)
    except DecodeError as error:
        raise ReturnError(ReturnVerdict.MALFORMED, f"no return: {error}", unit=opened.unit) from error
    if opened.kind is not FileKind.RETURN or not returned.corrects or content.cosignature is not None:
        raise ReturnError(
            ReturnVerdict.MALFORMED, "this is no correction that waits to be cosigned", unit=opened.unit
        )
    if returned.unit != opened.unit:
        raise _another_unit(opened.unit, returned.unit)
    check_content(rosters.election, returned)
    check_moments(rosters.election, returned, None)
    roster = rosters.find(returned.roster)
    if roster is None:
        raise ReturnError(
            ReturnVerdict.UNKNOWN_ROSTER, "the roster that it names is not at hand", unit=opened.unit
        )
    signed = SignedReturn(opened, content, returned, "")
    check_signatures(rosters.election, roster, signed, rosters.schemes)
    return returned, content.signature


def cosign(returned: UnitReturn, above: Signer, moment: str) -> Cosignature:
    """The signature of the unit above, which has looked at the correction and its reason."""
    seconds_of(moment)
    message = encode(CosignedStatement(_statement_hash(encode(returned)), moment))
    return Cosignature(
        moment, above.sign(CORRECTION_TAG, returned.election, _origin_above(returned.unit), message)
    )


def seal_correction(returned: UnitReturn, signature: bytes, cosignature: Cosignature) -> bytes:
    """The file of a correction from its two signatures."""
    if not returned.corrects:
        raise ValueError("only a correction is cosigned")
    return _sealed(returned, encode(returned), signature, cosignature)


def read_return(election: Election, data: bytes | OpenedFile) -> SignedReturn:
    """The return in a file, in form and content; its signatures are still to be checked.

    Raises :class:`ReturnError` with the verdict of the first fault (:func:`open_file`,
    :func:`check_content`, :func:`check_moments`), or MALFORMED.
    """
    opened = data if isinstance(data, OpenedFile) else open_file(data)
    if opened.kind is not FileKind.RETURN:
        raise ReturnError(
            ReturnVerdict.MALFORMED, f"this is a file of kind {opened.kind.name}", unit=opened.unit
        )
    width = election.group.element_bytes
    try:
        content = decode(ReturnFile, opened.body, element_bytes=width)
        returned = decode(UnitReturn, content.statement, element_bytes=width)
    except DecodeError as error:
        raise ReturnError(ReturnVerdict.MALFORMED, f"no return: {error}", unit=opened.unit) from error
    except ReturnError as error:  # a figure below zero, which knows no unit
        raise error.of_unit(opened.unit) from None
    if returned.unit != opened.unit:
        raise _another_unit(opened.unit, returned.unit)
    check_content(election, returned)
    if not returned.corrects and content.cosignature is not None:
        raise ReturnError(ReturnVerdict.MALFORMED, "a first return is not cosigned", unit=opened.unit)
    if returned.corrects and content.cosignature is None:
        raise ReturnError(
            ReturnVerdict.NOT_COSIGNED, "the unit above has not signed the correction", unit=opened.unit
        )
    cosigned_at = None if content.cosignature is None else content.cosignature.moment
    return SignedReturn(opened, content, returned, check_moments(election, returned, cosigned_at))


def _another_unit(front: str, inside: str) -> ReturnError:
    return ReturnError(
        ReturnVerdict.WRONG_UNIT,
        "the file says that it is another unit's than its return",
        unit=front,
        expected=front,
        computed=inside,
    )


def check_signatures(
    election: Election, roster: Roster, signed: SignedReturn, schemes: SignatureSchemes
) -> None:
    """That the unit signed its return, and the unit above its correction, with their keys in ``roster``.

    Raises :class:`ReturnError`: NEIGHBOURS_KEY, FORGED, NOT_COSIGNED, UNKNOWN_SCHEME; ``ValueError`` for
    another roster than the return names.
    """
    returned, content = signed.returned, signed.content
    if returned.roster != roster.name:
        raise ValueError("a return is checked under the roster that it names")
    message = signed_bytes(RETURN_TAG, returned.election, returned.unit, content.statement)
    try:
        _verify(roster.keys[returned.unit], message, content.signature, schemes, returned.unit)
    except VerificationError as error:
        if isinstance(error, ReturnError):
            raise
        whose = _signer(election, roster, signed, schemes)
        if whose:
            raise ReturnError(
                ReturnVerdict.NEIGHBOURS_KEY,
                f"signed with the key of {whose}",
                unit=returned.unit,
                expected=returned.unit,
                computed=whose,
            ) from error
        raise ReturnError(
            ReturnVerdict.FORGED,
            f"the unit did not sign this: {error.message}",
            unit=returned.unit,
            expected=error.expected,
            computed=error.computed,
        ) from error
    if content.cosignature is not None:
        _check_cosignature(election, roster, signed, content.cosignature, schemes)


def check_return(rosters: Rosters, data: bytes) -> SignedReturn:
    """A return that is authentic, by itself and offline: form, content, moments and signatures.

    ``rosters`` are the election and the versions of the roster that are at hand. Raises
    :class:`ReturnError` with the verdict of the first fault; UNKNOWN_ROSTER if the version that the
    return names is not at hand, STALE if a later one has taken the key away. Which of several versions
    counts, and whether the figures agree, are other questions.
    """
    signed = read_return(rosters.election, data)
    named = signed.returned.roster
    roster = rosters.find(named)
    if roster is None:
        raise ReturnError(
            ReturnVerdict.UNKNOWN_ROSTER,
            f"version {named.version} of the roster is not at hand",
            unit=signed.unit,
            computed=named.digest.hex(),
        )
    check_signatures(rosters.election, roster, signed, rosters.schemes)
    if rosters.replaced(signed.unit, named, signed.digest):
        raise ReturnError(
            ReturnVerdict.STALE, "the roster has replaced the key that signed this", unit=signed.unit
        )
    return signed


def _check_cosignature(
    election: Election,
    roster: Roster,
    signed: SignedReturn,
    cosignature: Cosignature,
    schemes: SignatureSchemes,
) -> None:
    above = parent_of(signed.unit)
    key = (
        RosterKey(ED25519, declared_returns(election).authority.key) if above is None else roster.keys[above]
    )
    statement = CosignedStatement(_statement_hash(signed.content.statement), cosignature.moment)
    message = signed_bytes(
        CORRECTION_TAG, signed.returned.election, _origin_above(signed.unit), encode(statement)
    )
    try:
        _verify(key, message, cosignature.signature, schemes, signed.unit)
    except VerificationError as error:
        if isinstance(error, ReturnError):
            raise
        raise ReturnError(
            ReturnVerdict.NOT_COSIGNED,
            f"{above or ROSTER_ORIGIN} did not sign the correction: {error.message}",
            unit=signed.unit,
            expected=error.expected,
            computed=error.computed,
        ) from error


MAX_TRIED: Final = 64
"""So many keys are tried on a signature that is not the unit's, so that a forged file costs little."""


def _signer(election: Election, roster: Roster, signed: SignedReturn, schemes: SignatureSchemes) -> str:
    """Whose key of the roster made a signature that is not the unit's: neighbours first, then others.

    Somebody who signed with a wrong key did so as themselves (their path under the signature) or as the
    unit that the return names; both are tried. Empty if it is none of the first ``MAX_TRIED``.
    """
    content = signed.content
    keys = {ROSTER_ORIGIN: RosterKey(ED25519, declared_returns(election).authority.key), **roster.keys}
    near = sorted(keys, key=lambda whose: not _near(whose, signed.unit))  # stable: the tree's order otherwise
    for whose in near[:MAX_TRIED]:
        scheme = schemes.get(keys[whose].scheme)
        if scheme is None:
            continue
        for origin in {signed.unit, whose}:
            message = signed_bytes(RETURN_TAG, signed.returned.election, origin, content.statement)
            try:
                scheme.verify(keys[whose].key, message, content.signature)
            except VerificationError:
                continue
            return whose
    return ""


def _near(whose: str, unit: str) -> bool:
    return parent_of(whose) == parent_of(unit) or whose in (parent_of(unit), ROSTER_ORIGIN)


def _verify(key: RosterKey, message: bytes, signature: bytes, schemes: SignatureSchemes, unit: str) -> None:
    scheme_named(schemes, key.scheme, unit).verify(key.key, message, signature)


def _origin_above(unit: str) -> str:
    return parent_of(unit) or ROSTER_ORIGIN


def _statement_hash(statement: bytes) -> bytes:
    return tagged("evote/v1/unit-return", statement)


def _sign(returned: UnitReturn, statement: bytes, signer: Signer) -> bytes:
    return signer.sign(RETURN_TAG, returned.election, returned.unit, statement)


def _sealed(
    returned: UnitReturn, statement: bytes, signature: bytes, cosignature: Cosignature | None
) -> bytes:
    return seal(FileKind.RETURN, returned.unit, encode(ReturnFile(statement, signature, cosignature)))
