"""The specification of the record says what the code does, and is enough to read one by."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import struct
import typing
from pathlib import Path
from typing import Any

import msgpack
import pytest
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from evote.ballots.values import OpenedBallot, SubmittedBallot
from evote.board.roll import RollEntry
from evote.ceremony.messages import GuardianRecords, JointKeys
from evote.codec import MAX_FRAME_BYTES, encode
from evote.decryption import RequestEntry, RequestFrame
from evote.record import layout
from evote.record.provisional import ProvisionalResult, SealedProvisional
from evote.record.values import (
    CheckpointsFile,
    DecryptionFile,
    DevicesFile,
    Index,
    LogFrame,
    ParametersFile,
    ReturnFrame,
    SealedIndex,
    Stage,
)
from evote.tally import ClosingHead, DecryptedData, PublishedTally, UnitClosing
from tests.record.forms import fields
from tests.record.kit import small, write_grown

PAGE = (Path(__file__).parents[2] / "specs" / "record-format.md").read_text(encoding="utf-8")
ROOTS = (
    ParametersFile,
    GuardianRecords,
    JointKeys,
    DevicesFile,
    SubmittedBallot,
    PublishedTally,
    DecryptionFile,
    OpenedBallot,
    DecryptedData,
    SealedIndex,
    Index,
    RollEntry,
    LogFrame,
    CheckpointsFile,
    ReturnFrame,
    UnitClosing,
    SealedProvisional,
    ProvisionalResult,
    RequestFrame,
    RequestEntry,
)


def rows(text: str) -> list[list[str]]:
    """The cells of the first table in a text, without its head."""
    lines = text[text.index("\n|") :].strip().splitlines()
    table: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table[2:]


def types_of(kind: Any) -> set[type]:
    """A wire type and everything that it is made of."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind, include_extras=True)
        return {kind}.union(*(types_of(hints[field.name]) for field in dataclasses.fields(kind)))
    return set().union(*(types_of(part) for part in typing.get_args(kind)))


def test_every_value_of_a_record_has_a_table_and_no_other() -> None:
    wanted = {kind.__name__ for kind in set().union(*map(types_of, ROOTS))}
    assert set(re.findall(r"^\*\*(\w+)\*\*$", PAGE, re.MULTILINE)) == wanted


@pytest.mark.parametrize("kind", sorted(set().union(*map(types_of, ROOTS)), key=lambda kind: kind.__name__))
def test_the_table_of_a_value_has_its_fields_in_order_with_their_forms(kind: type) -> None:
    table = rows(PAGE[PAGE.index(f"**{kind.__name__}**") :])
    assert [(name.strip("`"), form) for name, form, _ in table] == fields(kind)
    assert all(meaning for _, _, meaning in table)


def test_the_table_of_files_is_the_layout() -> None:
    table = rows(PAGE[PAGE.index("## Layout") :])
    single = {path.strip("`"): (stage, limit) for path, _, stage, limit in table if "NNNNNN" not in path}
    assert {path: int(limit) for path, (_, limit) in single.items()} == layout.LIMITS
    for stage in Stage:
        named = {
            path
            for path, (first, _) in single.items()
            if layout.STAGES.index(Stage(first)) <= layout.STAGES.index(stage)
        }
        assert named - {layout.CHECKPOINTS, layout.RETURNS_JSON} == set(layout.REQUIRED[stage])
    numbered = {path.strip("`").replace("NNNNNN", "000001") for path, *_ in table if "NNNNNN" in path}
    assert {layout.kind_of(path) for path in numbered} == {
        layout.Kind.SEGMENT,
        layout.Kind.INDEX,
        layout.Kind.HINT,
    }
    assert {path.partition("/")[0] for path in numbered} == {*layout.SEGMENTED, layout.INDEX, layout.HINTS}
    assert f"| {layout.INDEX_LIMIT} |" in PAGE and f"at most {MAX_FRAME_BYTES} bytes" in PAGE


def test_the_example_is_right() -> None:
    block = PAGE[PAGE.index("Example: a ClosingHead") :].split("```")[1].removeprefix("text")
    assert bytes.fromhex(block) == encode(ClosingHead(3, bytes(32)))
    assert len(bytes.fromhex(block)) == 46


def test_the_bound_on_ballots_is_the_one_of_the_page() -> None:
    kit, _ = small()
    width = kit.group.element_bytes
    bound = 16384 + width
    for contest in kit.manifest.contests:
        bound += 512 + 128 * (contest.limit + 1)
        bound += sum(512 + 2 * width + 128 * (option.limit + 1) for option in contest.options)
        bound += 512 + width + 128 + 32 * contest.data.blocks if contest.data else 0
    assert layout.largest_ballot(kit.manifest, width) == bound


def test_every_anchor_that_the_code_names_exists() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    named = set()
    for path in (Path(__file__).parents[2] / "evote").rglob("*.py"):
        named |= set(re.findall(r"record-format\.md#([\w-]+)", path.read_text(encoding="utf-8")))
    assert named and named <= anchors


# --- a reader written from the page alone ------------------------------------------------------------


def frames(directory: Path) -> list[bytes]:
    found = []
    for path in sorted(directory.glob("*.seg")):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack(">I", data[:4])
            found.append(data[4 : 4 + length])
            data = data[4 + length :]
    return found


def prefixed(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def tagged(tag: str, *parts: bytes) -> bytes:
    data = prefixed(tag.encode()) + struct.pack(">I", len(parts)) + b"".join(map(prefixed, parts))
    return hashlib.sha256(data).digest()


def tree(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:])).digest()


def test_a_record_is_read_and_its_seals_are_checked_from_the_page_alone(tmp_path: Path) -> None:
    kit, published = small()
    write_grown(tmp_path)
    key = eddsa.import_public_key(kit.authority.verify_key.encoded)
    assert isinstance(key, ECC.EccKey)
    fingerprint = msgpack.unpackb((tmp_path / "keys.msgpack").read_bytes())["extended_hash"]
    previous = None
    for number, path in enumerate(sorted((tmp_path / "index").iterdir()), 1):
        sealed = msgpack.unpackb(path.read_bytes())
        index = msgpack.unpackb(sealed["index"])
        signed = (
            prefixed(b"evote/v1/signature")
            + struct.pack(">I", 4)
            + prefixed(b"index")
            + prefixed(fingerprint)
            + prefixed(b"record")
            + prefixed(sealed["index"])
        )
        eddsa.new(key, "rfc8032").verify(signed, sealed["signature"])
        assert (index["format"], index["sequence"], index["previous"]) == (1, number, previous)
        assert index["fingerprint"] == fingerprint
        for entry in index["files"]:
            data = (tmp_path / entry["path"]).read_bytes()
            if number == 5 or "/" in entry["path"]:
                assert hashlib.sha256(data[: entry["size"]]).digest() == entry["digest"]
            if number == 5:
                assert len(data) == entry["size"]
        previous = hashlib.sha256(path.read_bytes()).digest()
    leaves = [
        hashlib.sha256(b"\x00" + tagged("evote/v1/submitted", fingerprint, frame)).digest()
        for frame in frames(tmp_path / "ballots")
    ]
    assert index["head"] == {"size": 6, "root": tree(leaves)}
    for frame, submitted in zip(frames(tmp_path / "ballots"), published.submitted, strict=True):
        ballot = msgpack.unpackb(frame)
        assert ballot["state"] == submitted.state.value
        if ballot["context"] is None:
            assert ballot["state"] == "challenged"
            continue
        assert ballot["ballot"]["identifier"] == tagged(
            "evote/v1/context",
            fingerprint,
            ballot["ballot"]["unit"].encode(),
            ballot["ballot"]["style"].encode(),
            b"NONE",
            ballot["context"]["randomness"],
        )
    decrypted = [msgpack.unpackb(frame) for frame in frames(tmp_path / "data")]
    cast = [msgpack.unpackb(frame) for frame in frames(tmp_path / "ballots")]
    order = [b["ballot"]["identifier"] for b in cast if b["state"] == "cast"]
    assert [item["identifier"] for item in decrypted] == order
