"""Ed25519 by OpenSSL, where the package ``cryptography`` is installed (extra ``openssl``): a faster way.

OpenSSL decides the equation without cofactor and compares the bytes of R, as rule 7 of
:mod:`evote.signing.verify` does; what it does not look at (keys of small or mixed order, R = identity) is
looked at there before it is asked. Where it says yes to what a rule forbids, the rule stands; where it says
no, evote computes the equation itself, and that answer counts. Signatures are deterministic (RFC 8032), so
whoever signs, the bytes are the same.

Left out: choosing at run time. The package is there or it is not; :data:`NAME` says so. One that is there
and has no Ed25519 (OpenSSL in FIPS mode) counts as absent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

Verifies: TypeAlias = Callable[[bytes, bytes], bool]
"""Whether a signature (64 bytes) is one of a message, under one key: ``verifies(signature, message)``."""
Signs: TypeAlias = Callable[[bytes], bytes]
"""The signature of a message under one key."""


def _found() -> str | None:
    """Names and versions of package and library, or None where they cannot be used."""
    try:
        import cryptography
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.backends.openssl import backend
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ImportError:
        return None
    try:
        Ed25519PrivateKey.from_private_bytes(bytes(32))
    except UnsupportedAlgorithm:
        return None
    return f"{backend.openssl_version_text()} (cryptography {cryptography.__version__})"


NAME: Final = _found()
"""What verifies and signs, or None where pycryptodome does; see :func:`used`."""


def used() -> str:
    """What Ed25519 is computed with in this installation, for people."""
    if NAME is not None:
        return NAME
    from Crypto import __version__

    return f"pycryptodome {__version__}"


def verifier(encoded: bytes) -> Verifies:
    """What decides rule 7 for a key that passed rules 1 to 3 (32 bytes). Requires :data:`NAME`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(encoded)

    def verifies(signature: bytes, message: bytes) -> bool:
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return verifies


def signer(seed: bytes) -> Signs:
    """What signs with the key of a seed (32 secret bytes); as secret as the seed. Requires :data:`NAME`."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    sign: Signs = Ed25519PrivateKey.from_private_bytes(seed).sign
    return sign
