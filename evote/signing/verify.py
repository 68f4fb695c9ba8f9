"""Verification of Ed25519 signatures by one strict rule (RFC 8032, ``specs/decisions/ed25519-rule.md``).

A key loads only if

1. it has 32 bytes with y < 2^255 - 19, a point of the curve, and no sign bit on x = 0;
2. it is not the identity, and
3. [L]A is the identity: no point of small order, none with a component of small order.

A signature R || S verifies only if

4. it has 64 bytes;
5. S < L;
6. R is not the identity and its y is below 2^255 - 19, and
7. R = [S]B - [k]A as bytes, k = SHA-512(R || A || M) mod L: the equation without cofactor.

By 3 and 7 an accepted R is canonical and lies in the subgroup of order L, so that with 6 all R of
small order are refused; R is never decoded. Nobody but the holder of the secret can make from one
signature another one for the same message, and every program that follows the RFC accepts whatever
is accepted here.

The multiplications are those of pycryptodome's points; its own ``eddsa`` verification has the
cofactor in the equation and so accepts what rule 7 refuses. Where OpenSSL is at hand
(:mod:`evote.signing.openssl`), it is asked first: its yes, after rules 1 to 6, is rule 7, and its no is
computed again here. Cost on one core: loading a key about 0.12 ms (most of it rule 3), verifying a signature
about 0.35 ms, with OpenSSL 0.15 ms. Load a key once and keep it. Nothing here is constant time, and nothing
here is secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from Crypto.PublicKey.ECC import EccKey, construct

from evote.errors import DecodeError, VerificationError
from evote.hashing import sha512, tagged
from evote.signing import openssl
from evote.signing.ed25519 import BASE, POINT_BYTES, L, P, compress, decompress, in_prime_subgroup
from evote.signing.statement import POSSESSION, note_bytes, require_signed, signed_bytes

SIGNATURE_BYTES = 64

_CURVE = "Ed25519"
_BASE = construct(curve=_CURVE, point_x=BASE[0], point_y=BASE[1])
_IDENTITY = compress(0, 1)
_SIGN_BIT = 1 << 255


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """A public key that passed rules 1 to 3; building it is the check.

    Equal keys have equal bytes, and the other way round. Pickling carries the bytes only, so that
    the check runs again where the key is loaded.

    Raises :class:`DecodeError` for bytes that are no valid key, and ``TypeError`` for what is not
    ``bytes``.
    """

    encoded: bytes
    _point: tuple[int, int] = field(init=False, repr=False, compare=False)
    _fast: openssl.Verifies | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.encoded, bytes):
            raise TypeError(f"a public key is bytes, not {type(self.encoded).__name__}")
        x, y = decompress(self.encoded)
        if (x, y) == (0, 1):
            raise DecodeError("the public key is the identity")
        if not in_prime_subgroup(x, y):
            raise DecodeError("the public key is not in the subgroup of prime order")
        object.__setattr__(self, "_point", (x, y))
        object.__setattr__(self, "_fast", None if openssl.NAME is None else openssl.verifier(self.encoded))

    def __reduce__(self) -> tuple[type[VerifyKey], tuple[bytes]]:
        return VerifyKey, (self.encoded,)

    def key_id(self) -> str:
        """A name for the key in reports and files: a tagged SHA-256 of its bytes, 64 hexadecimal digits."""
        return tagged("evote/v1/key-id", b"ed25519", self.encoded).hex()

    def verify(self, signature: bytes, *, tag: str, election: bytes, origin: str, message: bytes) -> None:
        """That the holder of the key signed ``message`` in this role, election and origin.

        The four have the form that :func:`~evote.signing.statement.signed_bytes` demands
        (``ValueError`` otherwise). Raises :class:`VerificationError` if the signature breaks one of
        the rules 4 to 7.
        """
        self._verify(signed_bytes(tag, election, origin, message), signature)

    def verify_signed(self, signed: bytes, signature: bytes) -> None:
        """:meth:`verify` over what :func:`~evote.signing.statement.signed_bytes` gave.

        Raises ``ValueError`` for other bytes, :class:`VerificationError` if the signature breaks one of
        the rules 4 to 7.
        """
        self._verify(require_signed(signed), signature)

    def verify_note(self, message: bytes, signature: bytes) -> None:
        """That the holder of the key signed these bytes as a note or cosignature.

        Raises ``ValueError`` for bytes that :func:`~evote.signing.statement.note_bytes` does not let
        through, :class:`VerificationError` if the signature breaks one of the rules 4 to 7.
        """
        self._verify(note_bytes(message), signature)

    def _verify(self, message: bytes, signature: bytes) -> None:
        r, s = _form(signature)
        if self._fast is None or not self._fast(signature, message):
            self._equation(message, r, s)

    def _equation(self, message: bytes, r: bytes, s: int) -> None:
        """Rule 7."""
        k = int.from_bytes(sha512(r, self.encoded, message), "little") % L
        x, y = self._point
        minus_a: EccKey = construct(curve=_CURVE, point_x=P - x, point_y=y)
        point = _BASE.pointQ * s + minus_a.pointQ * k
        computed = compress(*point.xy)
        if computed != r:
            raise VerificationError(
                "the signature is not authentic", where="R", expected=r.hex(), computed=computed.hex()
            )


def _form(signature: bytes) -> tuple[bytes, int]:
    """R and S of a signature that keeps rules 4 to 6; :class:`VerificationError` otherwise."""
    if len(signature) != SIGNATURE_BYTES:
        raise VerificationError(
            "the signature has the wrong length",
            expected=f"{SIGNATURE_BYTES} bytes",
            computed=f"{len(signature)} bytes",
        )
    r, s = signature[:POINT_BYTES], int.from_bytes(signature[POINT_BYTES:], "little")
    if s >= L:
        raise VerificationError("S is not below L", where="S", expected=f"below {L}", computed=f"{s}")
    if int.from_bytes(r, "little") % _SIGN_BIT >= P:
        raise VerificationError("R is not canonical", where="R", expected="y < p", computed=r.hex())
    if r == _IDENTITY:
        raise VerificationError("R is the identity", where="R", expected="another", computed=r.hex())
    return r, s


def verify_possession(key: VerifyKey, proof: bytes, *, salt: bytes, origin: str) -> None:
    """That whoever listed ``key`` for ``origin`` in a manifest with this salt knows its secret.

    Without it, somebody could list another's key as their own. ``salt`` is the election salt (32
    bytes; H_E depends on the manifest and does not exist yet). Raises :class:`VerificationError`.
    """
    key.verify(proof, tag=POSSESSION, election=salt, origin=origin, message=key.encoded)


def _verify_raw(public: bytes, message: bytes, signature: bytes) -> None:
    """Rules 1 to 7 over plain messages, for published test vectors: no role, no election.

    Raises :class:`DecodeError` (rules 1 to 3) or :class:`VerificationError` (rules 4 to 7).
    """
    VerifyKey(public)._verify(message, signature)
