"""What everybody may know of a credential: keys, pseudonym, and how its signatures are checked (A55, A59).

A credential is one key or two, of one *scheme*. ``ed25519`` is built in; who has other identities,
a national e-ID for example, passes a :class:`CredentialVerifier` for their scheme, which the manifest
declares with the roll. A pseudonym is a hash over the keys, so a credential that is issued again has another.

What it leaves out: secrets (see :mod:`evote.board.holder`) and the roll (:mod:`evote.board.roll`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from evote.errors import DecodeError, VerificationError
from evote.hashing import tagged
from evote.manifest.declarations import BUILT_IN_SCHEME
from evote.signing import VerifyKey, verify_possession

ED25519: Final = BUILT_IN_SCHEME
"""Scheme of credentials whose keys are those of :mod:`evote.signing`."""
VOTER_ORIGIN: Final = "voter"
"""Origin of the proof of possession that comes with a key which a voter made."""
KEY_BYTES: Final = 32


def pseudonym(salt: bytes, keys: tuple[bytes, ...]) -> bytes:
    """The name, 32 bytes, under which a credential votes in the election with this salt.

    ``keys`` are the 1 or 2 keys of the roll in its order, 32 bytes each; ``ValueError`` otherwise.
    """
    if len(salt) != 32 or not 1 <= len(keys) <= 2 or any(len(key) != KEY_BYTES for key in keys):
        raise ValueError("a pseudonym is made of a salt of 32 bytes and one or two keys of 32 bytes")
    return tagged("evote/v1/pseudonym", salt, *keys)


class CredentialVerifier(Protocol):
    """Checks the signatures of one scheme.

    On the roll every key of a credential has 32 bytes; a scheme with other keys lists a hash there and
    knows what it stands for. Signatures have 64 bytes, one per key. Whoever works with several processes
    has its verifiers pickled.
    """

    @property
    def scheme(self) -> str:
        """The name that stands on the roll."""

    def check_keys(self, keys: tuple[bytes, ...]) -> None:
        """That these may stand on a roll. Raises :class:`DecodeError`."""

    def verify(
        self,
        keys: tuple[bytes, ...],
        signatures: tuple[bytes, ...],
        *,
        tag: str,
        election: bytes,
        origin: str,
        message: bytes,
    ) -> None:
        """That the holder signed ``message`` with every key, in this role, election and origin.

        Raises :class:`VerificationError` if not, or if the number of signatures is another.
        """


class Ed25519Credentials:
    """The built-in scheme: every key is an Ed25519 key that passes the strict check."""

    __slots__ = ()

    @property
    def scheme(self) -> str:
        return ED25519

    def check_keys(self, keys: tuple[bytes, ...]) -> None:
        for key in keys:
            VerifyKey(key)

    def verify(
        self,
        keys: tuple[bytes, ...],
        signatures: tuple[bytes, ...],
        *,
        tag: str,
        election: bytes,
        origin: str,
        message: bytes,
    ) -> None:
        if not keys or len(signatures) != len(keys):
            raise VerificationError(
                "there is not one signature per key", expected=f"{len(keys)}", computed=f"{len(signatures)}"
            )
        for key, signature in zip(keys, signatures, strict=True):
            try:
                loaded = VerifyKey(key)
            except DecodeError as error:
                raise VerificationError(f"the credential's key is not valid: {error.message}") from error
            loaded.verify(signature, tag=tag, election=election, origin=origin, message=message)


Schemes = Mapping[str, CredentialVerifier]


def schemes(*others: CredentialVerifier) -> Schemes:
    """The built-in scheme and ``others``, by name; ``ValueError`` if two have one name."""
    found: dict[str, CredentialVerifier] = {ED25519: Ed25519Credentials()}
    for other in others:
        if other.scheme in found:
            raise ValueError(f"two verifiers have the scheme {other.scheme!r}")
        found[other.scheme] = other
    return MappingProxyType(found)


BUILT_IN: Final[Schemes] = schemes()


def verify_voter_key(key: bytes, proof: bytes, salt: bytes) -> None:
    """That a key which a voter made for the election with this salt is the voter's.

    The voter's side is ``prove_possession(key, salt=salt, origin=VOTER_ORIGIN)``. Raises
    :class:`DecodeError` for no valid key and :class:`VerificationError` for a proof that is not its.
    """
    verify_possession(VerifyKey(key), proof, salt=salt, origin=VOTER_ORIGIN)
