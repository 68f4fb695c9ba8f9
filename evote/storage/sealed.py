"""Secrets at rest: bytes sealed under a passphrase with scrypt and XChaCha20-Poly1305.

::

    SealedBytes = header, body                       (canonical msgpack, see evote.codec)
    header      = format, kind, scrypt parameters, salt (32 bytes), nonce (24 bytes)
    key         = scrypt(passphrase in Unicode normal form C, salt), 32 bytes
    body        = ciphertext || tag, the canonical bytes of the header authenticated with it

Rules: every sealing draws a new nonce; ``kind`` says what is sealed, and is compared when it is
opened, so that one file cannot be put in the place of another; the cost that a file asks for is
limited, so that a file from somebody else cannot stall the reader.

What it leaves out: files (see :mod:`evote.storage.keep`), and wiping memory, which Python cannot.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Annotated, Final

from Crypto.Cipher import ChaCha20_Poly1305
from Crypto.Protocol.KDF import scrypt

from evote.codec import MAX_FRAME_BYTES, AtMost, Between, Label, Width, decode, encode
from evote.errors import DecodeError, StorageError
from evote.randomness import SYSTEM
from evote.secret import Secret

MAX_SECRET_BYTES: Final = 2 * MAX_FRAME_BYTES
"""Most bytes that are sealed together."""

MAX_SEALED_BYTES: Final = MAX_SECRET_BYTES + 4096

KEY_BYTES: Final = 32
SALT_BYTES: Final = 32
NONCE_BYTES: Final = 24
TAG_BYTES: Final = 16
MAX_PASSPHRASE_BYTES: Final = 4096

_R = 8
_P = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """How much work scrypt is: N = 2^log_n, r = 8, p = 1. The default takes 128 MiB for about 0.5 s."""

    log_n: Annotated[int, Between(10, 18)] = 17

    def __post_init__(self) -> None:
        if not 10 <= self.log_n <= 18:
            raise ValueError("the cost of a passphrase lies between 2^10 and 2^18")


@dataclass(frozen=True, slots=True)
class Header:
    """Everything about a sealed value but the value; authenticated with it."""

    format: Annotated[int, Between(1, 1)]
    kind: Label
    cost: Cost
    salt: Annotated[bytes, Width(SALT_BYTES)]
    nonce: Annotated[bytes, Width(NONCE_BYTES)]


@dataclass(frozen=True, slots=True)
class SealedBytes:
    """A sealed value as it is stored."""

    header: Header
    body: Annotated[bytes, AtMost(MAX_SECRET_BYTES + TAG_BYTES)]


class Sealer:
    """Seals and opens under one passphrase; stretches it once per salt and remembers the last key.

    Raises ``ValueError`` for a passphrase that is empty or longer than 4096 bytes.
    """

    __slots__ = ("_cost", "_last", "_passphrase")

    def __init__(self, passphrase: Secret[str], cost: Cost | None = None) -> None:
        text = unicodedata.normalize("NFC", passphrase.reveal()).encode("utf-8")
        if not 1 <= len(text) <= MAX_PASSPHRASE_BYTES:
            raise ValueError(f"a passphrase has 1 to {MAX_PASSPHRASE_BYTES} bytes")
        self._passphrase = Secret(text)
        self._cost = Cost() if cost is None else cost
        self._last: tuple[Cost, bytes, Secret[bytes]] | None = None

    def __repr__(self) -> str:
        return "<sealer>"

    def seal(self, kind: str, value: Secret[bytes]) -> bytes:
        """The value sealed as ``kind``; ``ValueError`` for more than MAX_SECRET_BYTES."""
        if len(value.reveal()) > MAX_SECRET_BYTES:
            raise ValueError(f"at most {MAX_SECRET_BYTES} bytes are sealed together")
        last = self._last
        salt = SYSTEM.token(SALT_BYTES) if last is None or last[0] != self._cost else last[1]
        header = Header(1, kind, self._cost, salt, SYSTEM.token(NONCE_BYTES))
        key = self._key(header)
        body, tag = _cipher(header, key).encrypt_and_digest(value.reveal())
        self._last = (header.cost, header.salt, key)
        return encode(SealedBytes(header, body + tag))

    def open(self, kind: str, data: bytes) -> Secret[bytes]:
        """The value that was sealed as ``kind``.

        Raises :class:`DecodeError` for bytes that are no sealed value, :class:`StorageError` for a wrong
        passphrase, changed bytes, or another kind.
        """
        sealed = decode(SealedBytes, data, element_bytes=0, limit=MAX_SEALED_BYTES)
        if sealed.header.kind != kind:
            raise StorageError(
                f"what is sealed here is {sealed.header.kind!r}, not {kind!r}; put the right file back"
            )
        if len(sealed.body) < TAG_BYTES:
            raise DecodeError("a sealed value ends with a tag", "body")
        body, tag = sealed.body[:-TAG_BYTES], sealed.body[-TAG_BYTES:]
        key = self._key(sealed.header)
        try:
            value = _cipher(sealed.header, key).decrypt_and_verify(body, tag)
        except ValueError:
            raise StorageError(
                "the passphrase is wrong, or the sealed bytes were changed; "
                "try the passphrase again, or restore the file"
            ) from None
        # Only a salt that proved right is used again for sealing.
        self._last = (sealed.header.cost, sealed.header.salt, key)
        return Secret(value)

    def _key(self, header: Header) -> Secret[bytes]:
        last = self._last
        if last is not None and (last[0], last[1]) == (header.cost, header.salt):
            return last[2]
        return Secret(
            scrypt(self._passphrase.reveal(), header.salt, KEY_BYTES, N=2**header.cost.log_n, r=_R, p=_P)
        )


def _cipher(header: Header, key: Secret[bytes]) -> ChaCha20_Poly1305.ChaCha20Poly1305Cipher:
    cipher = ChaCha20_Poly1305.new(key=key.reveal(), nonce=header.nonce)
    cipher.update(encode(header))
    return cipher
