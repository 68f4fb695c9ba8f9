"""Logs and witnesses for the tests of the board: keys from fixed seeds, heads, policies."""

from __future__ import annotations

import hashlib

from evote.board.checkpoint import Checkpoint, sign_checkpoint
from evote.board.cosignature import cosign
from evote.board.note import KeyKind, Note, NoteKey, NoteSignature
from evote.merkle import Tree, leaf_hash
from evote.secret import Secret
from evote.signing import SigningKey

ORIGIN = "council.example/log"
NOW = 1_782_900_000


def signer(name: str) -> SigningKey:
    """The same key for the same name, every time."""
    return SigningKey.from_seed(Secret(hashlib.sha256(name.encode()).digest()))


LOG_SIGNER = signer("log")
LOG = NoteKey(ORIGIN, KeyKind.ED25519, LOG_SIGNER.verify_key)

WITNESS_SIGNERS = {name: signer(name) for name in ("w1.example/a", "w2.example/b", "w3.example/c")}
WITNESSES = tuple(
    NoteKey(name, KeyKind.COSIGNATURE, key.verify_key) for name, key in WITNESS_SIGNERS.items()
)


def entries(count: int, start: int = 0) -> list[bytes]:
    """Leaf data of 32 bytes each."""
    return [hashlib.sha256(b"entry %d" % number).digest() for number in range(start, start + count)]


def tree(count: int, start: int = 0) -> Tree:
    return Tree(map(leaf_hash, entries(count, start)))


def head(grown: Tree, size: int | None = None, origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint.of_tree(origin, grown, size)


def signed(checkpoint: Checkpoint, key: SigningKey = LOG_SIGNER) -> Note:
    return sign_checkpoint(checkpoint, key)


def line(checkpoint: Checkpoint, witness: NoteKey, time: int = NOW) -> NoteSignature:
    return cosign(checkpoint, witness.name, WITNESS_SIGNERS[witness.name], time)


def cosigned(checkpoint: Checkpoint, *witnesses: NoteKey, time: int = NOW) -> Note:
    return signed(checkpoint).having(*(line(checkpoint, witness, time) for witness in witnesses))


def policy_text(quorum: str = "q", group: str = "group q 2 a b c") -> bytes:
    lines = [f"witness {name} {key}" for name, key in zip("abc", WITNESSES, strict=True)]
    return "\n".join((*lines, group, f"quorum {quorum}", "")).encode()


def flipped(data: bytes, at: int = -1) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)
