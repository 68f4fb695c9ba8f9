"""Ed25519 signatures, each bound to one role, one election and one origin.

* :mod:`evote.signing.statement`: the bytes that are signed.
* :mod:`evote.signing.verify`: :class:`VerifyKey`, strict about keys and signatures
  (``specs/decisions/ed25519-rule.md``).
* :mod:`evote.signing.sign`: :class:`SigningKey`, which holds a secret.
* :mod:`evote.signing.openssl`: a faster way for both, where it is installed.

Names are loaded when they are asked for: a program that only verifies never imports the module that
holds secrets.

>>> from evote.signing import SigningKey
>>> key = SigningKey.generate()
>>> signature = key.sign("index", bytes(32), "abroad", b"message")
>>> key.verify_key.verify(signature, tag="index", election=bytes(32), origin="abroad", message=b"message")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evote.signing.sign import SigningKey, prove_possession
    from evote.signing.statement import signed_bytes
    from evote.signing.verify import SIGNATURE_BYTES, VerifyKey, verify_possession

__all__ = [
    "SIGNATURE_BYTES",
    "SigningKey",
    "VerifyKey",
    "prove_possession",
    "signed_bytes",
    "verify_possession",
]

_HOME = {
    "SIGNATURE_BYTES": "verify",
    "SigningKey": "sign",
    "VerifyKey": "verify",
    "prove_possession": "sign",
    "signed_bytes": "statement",
    "verify_possession": "verify",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
