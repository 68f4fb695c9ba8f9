"""The formats of logs, put together line by line from their documents; nothing of the package is used."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from Crypto.Signature import eddsa

from tests.merkle.reference import leaf, mth, path

ORIGIN = "council.example/log"
WITNESSES = ("north.example/w", "press.example/w", "south.example/w")
TIME = 1_782_900_000
EXTENSION = "evote extension"
NOT_CANONICAL = "non-canonical encoding"
LENGTH = "wrong length"

ENTRIES = [hashlib.sha256(b"entry %d" % number).digest() for number in range(13)]
OTHER = [hashlib.sha256(b"other %d" % number).digest() for number in range(13)]


def seed(name: str) -> bytes:
    return hashlib.sha256(b"vectors/board-log/" + name.encode()).digest()


def public(name: str) -> bytes:
    key = eddsa.import_private_key(seed(name)).public_key().export_key(format="raw")
    assert isinstance(key, bytes)
    return key


def sign(name: str, message: bytes) -> bytes:
    return eddsa.new(eddsa.import_private_key(seed(name)), "rfc8032").sign(message)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def key_id(name: str, kind: int, key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes((kind,)) + key).digest()[:4]


def vkey(name: str, kind: int, key: bytes | None = None) -> str:
    held = public(name) if key is None else key
    return f"{name}+{key_id(name, kind, held).hex()}+{b64(bytes((kind,)) + held)}"


def head(entries: Sequence[bytes], origin: str = ORIGIN) -> str:
    return f"{origin}\n{len(entries)}\n{b64(mth([leaf(entry) for entry in entries]))}\n"


def plain(text: str, signer: str = ORIGIN, name: str = ORIGIN) -> str:
    """A signature line of type 01."""
    return f"— {name} {b64(key_id(name, 1, public(signer)) + sign(signer, text.encode()))}\n"


def stamped(text: str, witness: str, time: int = TIME) -> str:
    """A signature line of type 04."""
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    signature = time.to_bytes(8, "big") + sign(witness, message)
    return f"— {witness} {b64(key_id(witness, 4, public(witness)) + signature)}\n"


def note(text: str, *lines: str) -> str:
    return text + "\n" + "".join(lines)


def log_proof(index: int, entries: Sequence[bytes], checkpoint: str) -> str:
    hashes = path(index, [leaf(entry) for entry in entries])
    return "\n".join(("c2sp.org/tlog-proof@v1", f"index {index}", *map(b64, hashes), "", checkpoint))


def request(old: int, hashes: Sequence[bytes], checkpoint: str) -> str:
    return "\n".join((f"old {old}", *map(b64, hashes), "", checkpoint))


def policy(group_line: str, quorum: str = "g") -> str:
    lines = [f"witness w{number} {vkey(name, 4)}" for number, name in enumerate(WITNESSES)]
    return "\n".join((*lines, group_line, f"quorum {quorum}", ""))
