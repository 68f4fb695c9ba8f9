"""Signature schemes of units, by name: Ed25519 is built in, a national e-ID is passed by its name.

A scheme checks signatures over bytes that :func:`evote.signing.signed_bytes` made, so that role,
election and origin are under every signature whatever the scheme. The first version of the roster
stands in the manifest and has Ed25519 keys only; later versions name the scheme of each new key.

What it leaves out: making signatures. Whoever signs is a :class:`Signer`; a
:class:`evote.signing.SigningKey` is one.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from evote.returns.verdicts import ReturnError, ReturnVerdict
from evote.signing import VerifyKey

ED25519: Final = "ed25519"


class SignatureScheme(Protocol):
    """Checks keys and signatures of one scheme; at most 8 KiB each."""

    @property
    def name(self) -> str:
        """What the roster calls it."""

    def check_key(self, key: bytes) -> None:
        """That this may stand on a roster. Raises :class:`~evote.errors.DecodeError`."""

    def verify(self, key: bytes, message: bytes, signature: bytes) -> None:
        """That the holder of ``key`` signed ``message``.

        Raises :class:`~evote.errors.VerificationError` if not.
        """


class Signer(Protocol):
    """Whoever holds a key: signs a message in a role, for an election and an origin."""

    def sign(self, tag: str, election: bytes, origin: str, message: bytes) -> bytes:
        """The signature over ``signed_bytes(tag, election, origin, message)``."""


class Ed25519Scheme:
    """The built-in scheme, by the strict rule of :mod:`evote.signing.verify`."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return ED25519

    def check_key(self, key: bytes) -> None:
        _loaded(key)

    def verify(self, key: bytes, message: bytes, signature: bytes) -> None:
        _loaded(key).verify_signed(message, signature)


@functools.lru_cache(maxsize=4096)
def _loaded(key: bytes) -> VerifyKey:
    return VerifyKey(key)


SignatureSchemes = Mapping[str, SignatureScheme]


def signature_schemes(*others: SignatureScheme) -> SignatureSchemes:
    """The built-in scheme and ``others``, by name; ``ValueError`` if two have one name."""
    found: dict[str, SignatureScheme] = {ED25519: Ed25519Scheme()}
    for other in others:
        if other.name in found:
            raise ValueError(f"two schemes have the name {other.name!r}")
        found[other.name] = other
    return MappingProxyType(found)


BUILT_IN: Final[SignatureSchemes] = signature_schemes()


def scheme_named(known: SignatureSchemes, name: str, unit: str) -> SignatureScheme:
    """The scheme of that name; :class:`ReturnError` UNKNOWN_SCHEME, for ``unit``, if it was not given."""
    found = known.get(name)
    if found is None:
        raise ReturnError(
            ReturnVerdict.UNKNOWN_SCHEME,
            f"this program was not given the signature scheme {name[:60]!r}",
            unit=unit,
            expected=", ".join(known),
            computed=name[:60],
        )
    return found
