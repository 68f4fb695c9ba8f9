"""Hash functions and the encodings of what goes into them (specification sections 5.1 to 5.4).

``hmac(key, domain, *fields)`` is the specification's H(B0; B1): HMAC-SHA-256 with the 32-byte key
B0 over one domain byte and fields of fixed length. :func:`tagged` is used only by what evote adds
to 2.1: SHA-256 over a text tag and length-prefixed fields, which makes every encoding injective.

Rules: every use has its own named function next to its statement, shared by the one who makes and
the one who checks; stored bytes are hashed, never a form written again. This module and foreign
formats apart, nothing in the package names a hash function.
"""

from __future__ import annotations

import hashlib
import hmac as _hmac

DIGEST_BYTES = 32


def hmac(key: bytes, domain: int, *fields: bytes) -> bytes:
    """H(key; domain, fields): 32 bytes (section 5.2, equation 130).

    Requires a key of 32 bytes and ``0 <= domain <= 255``; the caller encodes each field with the
    functions below, so that its length is fixed by the domain byte.
    """
    if len(key) != DIGEST_BYTES:
        raise ValueError(f"the key of H has 32 bytes, not {len(key)}")
    return _hmac.digest(key, bytes((domain,)) + b"".join(fields), "sha256")


def u32(number: int) -> bytes:
    """A small integer (index, count) as 4 big-endian bytes; requires ``0 <= number < 2^31``."""
    if not 0 <= number < 2**31:
        raise ValueError(f"{number} is not a small integer")
    return number.to_bytes(4, "big")


def prefixed(data: bytes) -> bytes:
    """Bytes of variable length behind their 4-byte length (sections 5.1.4, 5.1.5)."""
    return u32(len(data)) + data


def text(string: str) -> bytes:
    """A string of variable length: UTF-8 behind its 4-byte length (section 5.1.4)."""
    return prefixed(string.encode("utf-8"))


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the joined parts: 32 bytes. For file digests and RFC 9162 trees."""
    return hashlib.sha256(b"".join(parts)).digest()


def sha512(*parts: bytes) -> bytes:
    """SHA-512 of the joined parts: 64 bytes. For the challenge of an Ed25519 signature only."""
    digest = hashlib.sha512()
    for part in parts:
        digest.update(part)
    return digest.digest()


def sha256_stream() -> hashlib._Hash:
    """A running SHA-256, for files too large to hold."""
    return hashlib.sha256()


def tagged(tag: str, *fields: bytes) -> bytes:
    """SHA-256 over a tag and length-prefixed fields: evote's own hashes, 32 bytes.

    The tag names the use and the protocol version (``evote/v1/context``); fields are prefixed
    with their length, and the tag too, so that no two inputs share one encoding (A25).
    """
    parts = [text(tag), u32(len(fields))]
    for field in fields:
        parts += (u32(len(field)), field)
    return hashlib.sha256(b"".join(parts)).digest()


def stretched(secret: bytes, salt: bytes, rounds: int) -> bytes:
    """PBKDF2-HMAC-SHA-256 (RFC 8018 section 5.2): 32 bytes from a secret, after ``rounds`` >= 1 of work.

    What browsers have too. Raises ``ValueError`` for rounds below 1.
    """
    if rounds < 1:
        raise ValueError("a secret is stretched at least once")
    return hashlib.pbkdf2_hmac("sha256", secret, salt, rounds)


def key_block(
    key: bytes, counter: int, label: bytes, context: bytes, bits: int, *, counter_bytes: int, bits_bytes: int
) -> bytes:
    """One 32-byte block of the SP 800-108 counter-mode key stream (equations 17, 36, 66).

    ``HMAC(key, counter || label || 00 || context || bits)`` with the counter and the bit length
    encoded in the given number of bytes. Counters start at 1.
    """
    message = (
        counter.to_bytes(counter_bytes, "big") + label + b"\x00" + context + bits.to_bytes(bits_bytes, "big")
    )
    return _hmac.digest(key, message, "sha256")


def expand_message(message: bytes, tag: bytes, size: int) -> bytes:
    """``expand_message_xmd`` with SHA-256 (RFC 9380 section 5.3.1): ``size`` bytes, 1 to 8160.

    ``tag`` is the domain separation tag, 1 to 255 bytes.
    """
    blocks = -(-size // DIGEST_BYTES)
    if not 1 <= blocks <= 255 or not 1 <= len(tag) <= 255:
        raise ValueError("a tag has 1 to 255 bytes, and at most 255 blocks are made")
    suffix = tag + bytes((len(tag),))
    first = sha256(bytes(64), message, size.to_bytes(2, "big"), b"\x00", suffix)
    block = sha256(first, b"\x01", suffix)
    made = [block]
    for number in range(2, blocks + 1):
        block = sha256(xor(first, block), bytes((number,)), suffix)
        made.append(block)
    return b"".join(made)[:size]


def xor(left: bytes, right: bytes) -> bytes:
    """Bitwise exclusive or of two byte strings of one length."""
    if len(left) != len(right):
        raise ValueError("exclusive or needs two strings of one length")
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")
