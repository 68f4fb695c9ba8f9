"""The bytes under a signature: role, election, origin and message in one injective encoding.

::

    text("evote/v1/signature") || 00000004 || text(tag) || prefixed(election)
                               || text(origin) || prefixed(message)

where ``text`` and ``prefixed`` put a 4-byte length first. Whatever differs in one of the four
differs here, so a signature holds in one role, one election and one place only. The bytes are
signed as they are and not hashed before: Ed25519 then stands even if two messages with one SHA-256
are found. They start with a zero byte.

Signed notes and cosignatures (``specs/log.md``) are formats of others: the signature is over their
text alone. :func:`note_bytes` lets only bytes through that do not start with a zero byte, so that
what is signed in one of the two ways is never taken for the other.

Each kind of signed statement has its own tag, named next to the statement.
"""

from __future__ import annotations

import re

from evote.hashing import DIGEST_BYTES, prefixed, text, u32

ELECTION_BYTES = DIGEST_BYTES
"""An election is named by its fingerprint H_E, or by its salt where H_E cannot exist yet."""

POSSESSION = "possession"
"""Tag of a proof that the holder of a listed key knows its secret."""

_DOMAIN = "evote/v1/signature"
_HEAD = text(_DOMAIN) + u32(4)
_TAG = re.compile("[a-z][a-z0-9-]{0,31}")


def signed_bytes(tag: str, election: bytes, origin: str, message: bytes) -> bytes:
    """What a signature in the role ``tag`` covers.

    ``tag`` is 1 to 32 of a-z, 0-9 and "-", a letter first; ``election`` has 32 bytes (H_E, or the
    election salt for statements that stand in the manifest itself); ``origin`` names the log, unit
    or office that speaks and is not empty; ``message`` is any bytes below 2^31.

    Raises ``ValueError`` for anything else.
    """
    if not _TAG.fullmatch(tag):
        raise ValueError(f"{tag!r} is not the tag of a signature: a-z, 0-9 and '-', at most 32")
    if len(election) != ELECTION_BYTES:
        raise ValueError(f"an election is named by {ELECTION_BYTES} bytes, not {len(election)}")
    if not origin:
        raise ValueError("a signature names the origin that it speaks for")
    return _HEAD + text(tag) + prefixed(election) + text(origin) + prefixed(message)


def require_signed(signed: bytes) -> bytes:
    """``signed`` itself, if it begins as :func:`signed_bytes` makes it; ``ValueError`` otherwise.

    For signatures that another program checks or makes, and that carry a role all the same.
    """
    if not signed.startswith(_HEAD):
        raise ValueError("only bytes with a role, an election and an origin are signed")
    return signed


def note_bytes(message: bytes) -> bytes:
    """The bytes under the signature of a note or cosignature: ``message`` as it is.

    Raises ``ValueError`` if it is empty or starts with a zero byte, as every statement in a role does.
    """
    if not message or message[0] == 0:
        raise ValueError("a note is a text: it is not empty and does not start with a zero byte")
    return message
