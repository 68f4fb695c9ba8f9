"""End-to-end verifiable elections: ElectionGuard 2.1 with a verifier.

The names of ``__all__`` are the public interface; everything else may change between versions.
They are loaded when first used, so that importing the package, or one of its modules, loads
nothing else: a program that only verifies never loads code that encrypts or holds secrets.

A new public name goes into three places: the imports for type checkers, ``__all__`` and
``_HOMES``. A test compares the three with each other and with the documented list.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evote.errors import (
        BlameError,
        CeremonyError,
        DecodeError,
        DecryptionError,
        DiscreteLogError,
        EvoteError,
        RefusedError,
        StorageError,
        VerificationError,
    )

__version__ = "0.1.0"

__all__ = [
    "BlameError",
    "CeremonyError",
    "DecodeError",
    "DecryptionError",
    "DiscreteLogError",
    "EvoteError",
    "RefusedError",
    "StorageError",
    "VerificationError",
    "__version__",
]

_HOMES = {
    "evote.errors": (
        "BlameError",
        "CeremonyError",
        "DecodeError",
        "DecryptionError",
        "DiscreteLogError",
        "EvoteError",
        "RefusedError",
        "StorageError",
        "VerificationError",
    ),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Loads a public name from its module at first use and keeps it (PEP 562)."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'evote' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(globals().keys() | set(__all__))
