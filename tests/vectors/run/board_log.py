"""``board-log.json``: trees, notes, policies, proofs, witnesses, tiles."""

from __future__ import annotations

from typing import Any

from evote.board.checkpoint import Checkpoint, open_checkpoint
from evote.board.cosignature import cosign, cosignatures, cosigned_bytes
from evote.board.note import Note, NoteKey
from evote.board.policy import Policy
from evote.board.proof import LogProof
from evote.board.splitview import SplitView
from evote.board.tiles import bundles, entries_path, tile_path, tiles
from evote.board.witness import Remembered, Request, StaleRequestError, consider
from evote.errors import DecodeError
from evote.merkle import Tree, leaf_hash
from evote.secret import Secret
from evote.signing import SigningKey
from tests.vectors.form import plain
from tests.vectors.run import Kinds, Result, refused

FILE = "board-log.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    return KINDS[params["kind"]](**given)


def _tree(entries: list[str]) -> Result:
    tree = Tree(leaf_hash(bytes.fromhex(entry)) for entry in entries)
    return Result(
        plain(
            {
                "root": tree.root(),
                "inclusion": [tree.inclusion(index) for index in range(tree.size)],
                "consistency": [tree.consistency(old) for old in range(1, tree.size + 1)],
            }
        )
    )


def _key(text: str) -> Result:
    try:
        key = NoteKey.parse(text)
    except DecodeError:
        return Result("decode")
    if str(key) != text:
        raise AssertionError("written in another form")
    return Result(
        plain({"name": key.name, "kind": int(key.kind), "key": key.key.encoded, "key_id": key.key_id})
    )


def _note(text: str, keys: list[str]) -> Result:
    log, *witnesses = map(NoteKey.parse, keys)

    def check() -> None:
        note = Note.parse(text.encode())
        open_checkpoint(note, log)
        cosignatures(note, tuple(witnesses))
        if note.encode() != text.encode():
            raise AssertionError("written in another form")

    return refused(check)


def _cosigned(checkpoint: str, name: str, seed: str, time: int) -> Result:
    head = Checkpoint.parse(checkpoint)
    line = cosign(head, name, _signer(seed), time)
    return Result(plain({"message": cosigned_bytes(head, time), "line": str(line)}))


def _policy(text: str, held: list[str]) -> Result:
    try:
        policy = Policy.parse(text.encode())
    except DecodeError:
        return Result("decode")
    return Result({"satisfied": policy.satisfied([key for key in policy.keys if key.name in held])})


def _proof(text: str, log: str, policy: str, entry: str) -> Result:
    def check() -> None:
        proof = LogProof.parse(text.encode())
        if proof.encode() != text.encode():
            raise AssertionError("written in another form")
        proof.verify(leaf_hash(bytes.fromhex(entry)), NoteKey.parse(log), Policy.parse(policy.encode()))

    return refused(check)


def _compact(packed: str, log: str, witnesses: list[str]) -> Result:
    key, known = NoteKey.parse(log), [NoteKey.parse(each) for each in witnesses]
    try:
        proof = LogProof.unpack(bytes.fromhex(packed), key, known)
    except DecodeError:
        return Result("decode")
    if proof.pack(key, known) != bytes.fromhex(packed):
        raise AssertionError("packed in another form")
    return Result({"text": proof.encode().decode()})


def _witness(log: str, last: str | None, time: int, request: str, now: int, name: str, seed: str) -> Result:
    found: dict[str, object] = {}

    def check() -> None:
        asked = Request.parse(request.encode())
        known = None if last is None else Remembered(Note.parse(last.encode()), time)
        try:
            outcome = consider(NoteKey.parse(log), known, asked, now)
        except StaleRequestError as error:
            found["stale"] = error.size
            return
        if isinstance(outcome, SplitView):
            outcome.verify(NoteKey.parse(log))
            parts = {"format": outcome.format, "first": outcome.first, "second": outcome.second}
            found["split"] = plain(parts)
        else:
            found["cosign"] = str(outcome.cosign(name, _signer(seed)))

    result = refused(check)
    return Result(found) if result.expect == "accept" else result


def _tile(**given: Any) -> Result:
    if "entries" in given:
        entries = [bytes.fromhex(entry) for entry in given.pop("entries")]
        return _tile_contents(entries, **given)
    return _tile_name(**given)


def _tile_name(level: int, index: int, width: int) -> Result:
    return Result({"tile": tile_path(level, index, width), "entries": entries_path(index, width)})


def _tile_contents(entries: list[bytes]) -> Result:
    tree = Tree(map(leaf_hash, entries))
    return Result(plain(dict((*tiles(tree), *bundles(entries)))))


def _signer(seed: str) -> SigningKey:
    return SigningKey.from_seed(Secret(bytes.fromhex(seed)))


KINDS: Kinds = {
    "tree": _tree,
    "key": _key,
    "note": _note,
    "cosigned": _cosigned,
    "policy": _policy,
    "proof": _proof,
    "compact": _compact,
    "witness": _witness,
    "tile": _tile,
}
