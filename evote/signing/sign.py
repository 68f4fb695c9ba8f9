"""Signing keys (RFC 8032 section 5.1.6, through OpenSSL where it is at hand, else pycryptodome's ``eddsa``).

The secret is the seed of 32 bytes. It and what is derived from it once, because deriving costs as much
as signing, stay in a :class:`~evote.secret.Secret`. Signatures are deterministic, so that a bad
source of randomness at signing time cannot leak the key, and both libraries give the same bytes. Cost:
about 0.3 ms per signature, with OpenSSL 0.05 ms; making a key runs the strict check of
:mod:`evote.signing.verify` on its public half.

Rules: one key may sign in several roles, because the role is under the signature; a signature over
bytes without a role can be made from outside for notes only, which no role begins like.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from Crypto.Signature import eddsa

from evote.randomness import SYSTEM, Randomness
from evote.secret import Secret
from evote.signing import openssl
from evote.signing.statement import POSSESSION, note_bytes, signed_bytes
from evote.signing.verify import VerifyKey

SEED_BYTES = 32


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SigningKey:
    """A secret signing key with its public half.

    Made by :meth:`generate` or :meth:`from_seed`. It is compared by identity only, prints no more
    than the name of its public key, and can be neither copied nor pickled.

    Raises ``ValueError`` for a seed that has not 32 bytes.
    """

    _seed: Secret[bytes]
    _signs: Secret[openssl.Signs] = field(init=False)
    verify_key: VerifyKey = field(init=False)

    def __post_init__(self) -> None:
        seed = self._seed.reveal()
        if len(seed) != SEED_BYTES:
            raise ValueError(f"the seed of a signing key has {SEED_BYTES} bytes")
        expanded = eddsa.import_private_key(seed)
        public = expanded.public_key().export_key(format="raw")
        if not isinstance(public, bytes):
            raise TypeError("the raw form of a public key is bytes")
        slow = eddsa.new(expanded, "rfc8032").sign
        object.__setattr__(self, "_signs", Secret(slow if openssl.NAME is None else openssl.signer(seed)))
        object.__setattr__(self, "verify_key", VerifyKey(public))

    @classmethod
    def generate(cls, rng: Randomness = SYSTEM) -> SigningKey:
        """A fresh key from 32 random bytes."""
        return cls(Secret(rng.token(SEED_BYTES)))

    @classmethod
    def from_seed(cls, seed: Secret[bytes]) -> SigningKey:
        """The key of a seed that was sealed before (32 bytes, else ``ValueError``)."""
        return cls(seed)

    def seed(self) -> Secret[bytes]:
        """The seed, 32 bytes, for sealing it."""
        return self._seed

    def sign(self, tag: str, election: bytes, origin: str, message: bytes) -> bytes:
        """The signature, 64 bytes, of ``message`` in this role, election and origin.

        The four have the form that :func:`~evote.signing.statement.signed_bytes` demands;
        ``ValueError`` otherwise.
        """
        return _sign_raw(self._signs, signed_bytes(tag, election, origin, message))

    def sign_note(self, message: bytes) -> bytes:
        """The signature, 64 bytes, of a signed note or cosignature: of the bytes and nothing else.

        Raises ``ValueError`` for bytes that a statement in a role could be
        (:func:`~evote.signing.statement.note_bytes`).
        """
        return _sign_raw(self._signs, note_bytes(message))

    def __repr__(self) -> str:
        return f"SigningKey({self.verify_key.key_id()})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("signing keys are neither copied nor pickled")


def prove_possession(key: SigningKey, *, salt: bytes, origin: str) -> bytes:
    """The proof that ``key`` belongs to whoever lists it for ``origin`` in a manifest with this salt.

    64 bytes; :func:`~evote.signing.verify.verify_possession` checks them.
    """
    return key.sign(POSSESSION, salt, origin, key.verify_key.encoded)


def _sign_raw(signs: Secret[openssl.Signs], message: bytes) -> bytes:
    """The plain Ed25519 signature of a message: no role, no election."""
    return signs.reveal()(message)
