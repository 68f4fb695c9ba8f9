"""Many small secrets under one key: XChaCha20-Poly1305 with a random nonce each.

The key is random, 32 bytes, and itself sealed under a passphrase; so that a passphrase is stretched
once per program and not once per ballot. Every sealed value is bound to a label that says what it is
and whose: opened under another label it is refused.

::

    nonce (24 bytes, random) || ciphertext || tag (16 bytes)
"""

from __future__ import annotations

from Crypto.Cipher import ChaCha20_Poly1305

from evote.errors import StorageError
from evote.hashing import hmac, prefixed, tagged, text
from evote.randomness import SYSTEM
from evote.secret import Secret

KEY_BYTES = 32
NONCE_BYTES = 24
TAG_BYTES = 16

_DOMAIN = "evote/v1/vault"
_DIGEST = "evote/v1/vault-digest"


class Vault:
    """Seals and opens under one key; raises ``ValueError`` for a key that has not 32 bytes."""

    __slots__ = ("_key",)

    def __init__(self, key: Secret[bytes]) -> None:
        if len(key.reveal()) != KEY_BYTES:
            raise ValueError(f"the key of a vault has {KEY_BYTES} bytes")
        self._key = key

    def __repr__(self) -> str:
        return "<vault>"

    @staticmethod
    def new_key() -> Secret[bytes]:
        """A fresh key."""
        return Secret(SYSTEM.token(KEY_BYTES))

    def seal(self, kind: str, owner: bytes, value: Secret[bytes]) -> bytes:
        """The value sealed as ``kind`` of ``owner``."""
        nonce = SYSTEM.token(NONCE_BYTES)
        cipher = ChaCha20_Poly1305.new(key=self._key.reveal(), nonce=nonce)
        cipher.update(_label(kind, owner))
        sealed, tag = cipher.encrypt_and_digest(value.reveal())
        return nonce + sealed + tag

    def digest(self, kind: str, value: bytes) -> bytes:
        """32 bytes that are the same for the same value of a kind, and tell nothing without the key.

        HMAC-SHA-256 under a key derived from that of the vault.
        """
        return hmac(tagged(_DIGEST, self._key.reveal()), 0, tagged(_DIGEST, text(kind), value))

    def open(self, kind: str, owner: bytes, sealed: bytes) -> Secret[bytes]:
        """The value that :meth:`seal` got with the same labels.

        Raises :class:`StorageError` for anything else: other labels, another key, changed bytes.
        """
        if len(sealed) < NONCE_BYTES + TAG_BYTES:
            raise StorageError(f"the sealed {kind} is too short; restore the store from a copy")
        nonce, body, tag = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:-TAG_BYTES], sealed[-TAG_BYTES:]
        cipher = ChaCha20_Poly1305.new(key=self._key.reveal(), nonce=nonce)
        cipher.update(_label(kind, owner))
        try:
            return Secret(cipher.decrypt_and_verify(body, tag))
        except ValueError:
            raise StorageError(
                f"the sealed {kind} does not open with this key, or was changed; "
                "use the private folder that it was sealed in, or a copy of it"
            ) from None


def _label(kind: str, owner: bytes) -> bytes:
    return text(_DOMAIN) + text(kind) + prefixed(owner)
