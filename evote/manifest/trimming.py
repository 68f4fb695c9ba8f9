"""Hash-trimming functions: from a selection hash to the short code beside an option (section 4.6).

The eight functions that the specification names, Omega_1 to Omega_8. A manifest names one of them;
there is no other, so that every verifier knows what a short code is.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from string import ascii_uppercase as _LETTERS

from evote.hashing import DIGEST_BYTES


class Trimming(enum.Enum):
    """A hash-trimming function by the form of its codes."""

    HEX_2 = "hex-2"
    """Omega_1: the last byte as two hexadecimal digits."""
    HEX_4 = "hex-4"
    """Omega_2: the last two bytes as four hexadecimal digits."""
    LETTER_DIGIT = "letter-digit"
    """Omega_3: the last byte as A0 ... A9, B0 ... Z5."""
    DIGIT_LETTER = "digit-letter"
    """Omega_4: the last byte as 0A ... 0Z, 1A ... 9V."""
    NUMBER_0 = "number-0"
    """Omega_5: the last byte as a number from 0."""
    NUMBER_1 = "number-1"
    """Omega_6: the last byte as a number from 1."""
    NUMBER_100 = "number-100"
    """Omega_7: the last byte as a number from 100."""
    NUMBER_101 = "number-101"
    """Omega_8: the last byte as a number from 101."""

    def short_code(self, selection_hash: bytes) -> str:
        """The short code of a selection hash of 32 bytes; ``ValueError`` for another length."""
        if len(selection_hash) != DIGEST_BYTES:
            raise ValueError(f"a selection hash has {DIGEST_BYTES} bytes, not {len(selection_hash)}")
        return _FUNCTIONS[self](selection_hash)

    @property
    def codes(self) -> int:
        """How many different codes there are."""
        return 65536 if self is Trimming.HEX_4 else 256


_FUNCTIONS: dict[Trimming, Callable[[bytes], str]] = {
    Trimming.HEX_2: lambda hashed: hashed[-1:].hex().upper(),
    Trimming.HEX_4: lambda hashed: hashed[-2:].hex().upper(),
    Trimming.LETTER_DIGIT: lambda hashed: f"{_LETTERS[hashed[-1] // 10]}{hashed[-1] % 10}",
    Trimming.DIGIT_LETTER: lambda hashed: f"{hashed[-1] // 26}{_LETTERS[hashed[-1] % 26]}",
    Trimming.NUMBER_0: lambda hashed: str(hashed[-1]),
    Trimming.NUMBER_1: lambda hashed: str(hashed[-1] + 1),
    Trimming.NUMBER_100: lambda hashed: str(hashed[-1] + 100),
    Trimming.NUMBER_101: lambda hashed: str(hashed[-1] + 101),
}
