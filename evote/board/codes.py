"""Codes that a person can type: 128 random bits, in 28 letters and digits that catch slips (rule A55).

::

    data    part (2 bits) || 128 random bits, five bits a character, the first ones first: c_0 … c_25
    check   c_26, c_27 in GF(32) such that  sum c_i a^i = 0  and  sum c_i a^2i = 0  over i = 0 … 27
    text    7 groups of 4 in Crockford's alphabet 0123456789ABCDEFGHJKMNPQRSTVWXYZ

GF(32) is GF(2)[x] / (x^5 + x^2 + 1) and a = x, whose powers a^0 … a^30 all differ. Two wrong characters
would need c a^i = d a^j and c a^2i = d a^2j, so a^i = a^j: the code has distance 3, and every one or two
wrong characters are caught, whatever they are; among them every swap of two characters, neighbours or
not. Any other slip passes with probability 2^-10.

The part says which of the credential's codes it is: 0 for a credential of one part, 1 and 2 for the
codes of the first and the second authority.

A seed is PBKDF2-HMAC-SHA-256 over the 16 bytes, salted with a tagged hash of the election salt and the
part, with the rounds of the manifest. The code alone has 128 bits; the rounds come on top.

Rules: a code travels in :class:`~evote.secret.Secret` and is in no repr and no message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from evote.errors import DecodeError
from evote.hashing import stretched, tagged
from evote.randomness import SYSTEM, Randomness
from evote.secret import Secret
from evote.signing import SigningKey

CODE_BYTES: Final = 16
DATA_CHARACTERS: Final = 26
CODE_CHARACTERS: Final = 28
GROUP: Final = 4
"""Characters that stand together on paper."""

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WHOLE, FIRST, SECOND = 0, 1, 2
"""The part of a code."""

_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_HYPHENS: Final = frozenset("-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212_.")
_LONGEST: Final = 200
"""Characters of a text that is looked at: a code with much white space, and nothing larger."""


def _powers() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """a^i for i = 0 … 30, and the logarithm of each element but zero."""
    powers, element = [], 1
    for _ in range(31):
        powers.append(element)
        element <<= 1
        if element & 32:
            element ^= 0b100101
    logarithms = [0] * 32
    for exponent, power in enumerate(powers):
        logarithms[power] = exponent
    return tuple(powers), tuple(logarithms)


_POWER, _LOG = _powers()


def _times(value: int, exponent: int) -> int:
    """value * a^exponent in GF(32)."""
    return _POWER[(_LOG[value] + exponent) % 31] if value else 0


def syndrome(characters: tuple[int, ...]) -> tuple[int, int]:
    """The two sums over the characters c_0, c_1, …; both are 0 for a code."""
    first = second = 0
    for place, value in enumerate(characters):
        first ^= _times(value, place)
        second ^= _times(value, 2 * place)
    return first, second


def _check_characters(data: tuple[int, ...]) -> tuple[int, int]:
    """c_26 and c_27: the solution of two linear equations."""
    s, t = syndrome(data)
    # x a^26 + y a^27 = s and x a^52 + y a^54 = t; from a^26 times the first: y (a^53 + a^54) = s a^26 + t.
    right = _times(s, 26) ^ t
    y = _times(right, 31 - _LOG[_POWER[53 % 31] ^ _POWER[54 % 31]])
    x = _times(s ^ _times(y, 27), 31 - 26)
    return x, y


def _upper(letter: str) -> str:
    """Upper case of a letter of ASCII; others stay, for some of them become two."""
    return letter.upper() if letter.isascii() else letter


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """A code: which part of a credential it is, and its 128 bits."""

    part: int
    bits: Secret[bytes]

    def __post_init__(self) -> None:
        if self.part not in (WHOLE, FIRST, SECOND):
            raise ValueError("a code is a whole credential, or its first or second part")
        if len(self.bits.reveal()) != CODE_BYTES:
            raise ValueError(f"a code has {8 * CODE_BYTES} bits")

    @classmethod
    def drawn(cls, part: int, rng: Randomness = SYSTEM) -> Code:
        """A fresh code from 128 random bits."""
        return cls(part, Secret(rng.token(CODE_BYTES)))

    @classmethod
    def read(cls, text: Secret[str]) -> Code:
        """The code that somebody typed.

        Forgives lower case, white space, hyphens, O for 0, I and L for 1. Raises :class:`DecodeError`
        for another length, a character that no code has, a check that fails and an unknown part; the
        message says nothing of the code but its length and the place of a character.
        """
        typed = text.reveal()
        if len(typed) > _LONGEST:
            raise DecodeError("this is much longer than a code")
        letters = [_upper(letter) for letter in typed if not letter.isspace() and letter not in _HYPHENS]
        for place, letter in enumerate(letters, start=1):
            if letter not in _VALUES:
                raise DecodeError(f"character {place} is in no code: codes have digits and letters without U")
        if len(letters) != CODE_CHARACTERS:
            raise DecodeError(f"a code has {CODE_CHARACTERS} characters, and these are {len(letters)}")
        values = tuple(_VALUES[letter] for letter in letters)
        if syndrome(values) != (0, 0):
            raise DecodeError("a character is wrong, or two changed places; compare the code with the paper")
        number = 0
        for value in values[:DATA_CHARACTERS]:
            number = number << 5 | value
        part, bits = divmod(number, 1 << 8 * CODE_BYTES)
        if part not in (WHOLE, FIRST, SECOND):
            raise DecodeError("no code starts like this one")
        return cls(part, Secret(bits.to_bytes(CODE_BYTES, "big")))

    def text(self) -> Secret[str]:
        """The code for paper: 7 groups of 4, joined by hyphens."""
        number = self.part << 8 * CODE_BYTES | int.from_bytes(self.bits.reveal(), "big")
        data = tuple(number >> 5 * place & 31 for place in reversed(range(DATA_CHARACTERS)))
        letters = "".join(ALPHABET[value] for value in (*data, *_check_characters(data)))
        return Secret("-".join(letters[at : at + GROUP] for at in range(0, CODE_CHARACTERS, GROUP)))

    def key(self, salt: bytes, iterations: int) -> SigningKey:
        """The key that the code gives in the election with this salt (32 bytes) and rounds of PBKDF2."""
        if len(salt) != 32:
            raise ValueError("an election salt has 32 bytes")
        own = tagged("evote/v1/code-salt", salt, bytes((self.part,)))
        return SigningKey.from_seed(Secret(stretched(self.bits.reveal(), own, iterations)))
