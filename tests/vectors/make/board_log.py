"""Logs: trees, notes, keys, heads, cosignatures, policies, proofs, witnesses, tiles.

Signatures come from the Ed25519 of another package, trees from the recursive definition.
"""

from __future__ import annotations

import base64

from tests.merkle.reference import leaf, mth, path, proof
from tests.vectors.form import Case, Document, case, document, group
from tests.vectors.make import log_proofs
from tests.vectors.make.log_formats import (
    ENTRIES,
    EXTENSION,
    LENGTH,
    NOT_CANONICAL,
    ORIGIN,
    TIME,
    WITNESSES,
    b64,
    head,
    key_id,
    note,
    plain,
    policy,
    public,
    seed,
    stamped,
    vkey,
)

FILE = "board-log.json"


def make() -> Document:
    notes = [
        "Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy, tlog-proof, tlog-tiles, "
        "tlog-witness; specs/log.md says what evote refuses beyond them, and the compact proof.",
        "Notes, policies, proofs and requests are texts; `seed` is the seed of an Ed25519 key.",
        "note: `keys` are the known keys; accepted if the first, the log's, signed a checkpoint of its "
        "origin and no line of a known key is false.",
        "proof: verified for the leaf data `entry`, of which the leaf hash is taken.",
        "witness: `last` is the head remembered, with its time, or null. cosign gives the line; "
        "stale names the size that was seen; split gives the evidence.",
    ]
    groups = [
        group({"kind": "tree"}, _trees()),
        group({"kind": "key"}, _keys()),
        group({"kind": "note"}, _notes()),
        group({"kind": "cosigned"}, _cosigned()),
        group({"kind": "policy"}, _policies()),
        group({"kind": "proof"}, log_proofs.proofs_cases()),
        group({"kind": "compact"}, log_proofs.compact_cases()),
        group({"kind": "witness"}, log_proofs.witness_cases()),
        group({"kind": "tile"}, _tiles()),
    ]
    return document("beside it: logs and witnesses", notes, groups)


# --- cases --------------------------------------------------------------------------------------------


def _trees() -> list[Case]:
    cases = []
    for size in (0, 1, 2, 3, 7, 8, 13):
        entries = ENTRIES[:size]
        leaves = [leaf(entry) for entry in entries]
        value = {
            "root": mth(leaves),
            "inclusion": [path(index, leaves) for index in range(size)],
            "consistency": [proof(old, leaves) for old in range(1, size + 1)],
        }
        cases.append(
            case(
                f"tree-{size}",
                f"root and all proofs of {size} leaves",
                {"entries": entries},
                value,
                flags=(EXTENSION,),
            )
        )
    return cases


def _keys() -> list[Case]:
    text = vkey(ORIGIN, 1)
    name, identifier, packed = text.split("+", 2)
    good = case(
        "key-log",
        "a log's verifier key",
        {"text": text},
        {"name": ORIGIN, "kind": 1, "key": public(ORIGIN), "key_id": key_id(ORIGIN, 1, public(ORIGIN))},
        flags=(EXTENSION,),
    )
    witness = WITNESSES[0]
    other = case(
        "key-witness",
        "a witness's verifier key",
        {"text": vkey(witness, 4)},
        {"name": witness, "kind": 4, "key": public(witness), "key_id": key_id(witness, 4, public(witness))},
        flags=(EXTENSION,),
    )
    wrong = [
        ("key-id", "the key ID of another key", f"{name}+00000000+{packed}", ()),
        ("key-upper", "the key ID in capitals", f"{name}+{identifier.upper()}+{packed}", (NOT_CANONICAL,)),
        ("key-space", "a space in the name", vkey("two words", 1, public(ORIGIN)), ()),
        ("key-type", "a type that is not supported", vkey(ORIGIN, 6), ()),
        ("key-short", "31 bytes", vkey(ORIGIN, 1, public(ORIGIN)[:-1]), (LENGTH,)),
        ("key-identity", "the neutral point", vkey(ORIGIN, 1, b"\x01" + bytes(31)), ("identity",)),
        ("key-base64", "without padding", f"{name}+{identifier}+{packed.rstrip('=')}", (NOT_CANONICAL,)),
        ("key-name", "the name of another log", f"other.example/log+{identifier}+{packed}", ("swapped",)),
    ]
    return [
        good,
        other,
        *(
            case(f"{one}", comment, {"text": changed}, "decode", flags=(EXTENSION, *flags), base="key-log")
            for one, comment, changed, flags in wrong
            if changed != text
        ),
    ]


def _notes() -> list[Case]:
    text = head(ENTRIES[:7])
    keys = [vkey(ORIGIN, 1), *(vkey(name, 4) for name in WITNESSES)]
    line, witness = plain(text), stamped(text, WITNESSES[0])
    false = stamped(head(ENTRIES[:8]), WITNESSES[0])
    stranger = stamped(text, "stranger.example/w")
    good = note(text, line, witness, stranger)
    as_log = key_id(ORIGIN, 1, public(ORIGIN)) + base64.b64decode(witness.split()[-1])[12:]
    other = head(ENTRIES[:7], "other.example/log")
    extended = f"{text}extension\n"
    wrong = [
        ("verify", "witness-only", "not signed by the log", note(text, witness), ()),
        (
            "verify",
            "other-key",
            "signed by another key under the log's name",
            note(text, plain(text, "x")),
            (),
        ),
        (
            "verify",
            "other-head",
            "the signature of another head",
            note(head(ENTRIES[:8]), line),
            ("swapped",),
        ),
        (
            "verify",
            "other-origin",
            "a head of another log by the same key",
            note(other, plain(other, ORIGIN, "other.example/log")),
            ("replay",),
        ),
        (
            "verify",
            "false-line",
            "a known witness's line under another head",
            note(text, line, false),
            ("replay",),
        ),
        (
            "verify",
            "role",
            "a cosignature in the place of the log's signature",
            note(text, f"— {ORIGIN} {b64(as_log)}\n"),
            ("replay",),
        ),
        ("decode", "extension", "an extension line", note(extended, plain(extended)), ()),
        (
            "decode",
            "zeros",
            "a size with a leading zero",
            note(text.replace("\n7\n", "\n07\n"), line),
            (NOT_CANONICAL,),
        ),
        (
            "decode",
            "padding",
            "a root whose last character has other bits",
            note(_other_bits(text), line),
            (NOT_CANONICAL,),
        ),
        ("decode", "tail", "a line after the signatures", good + "more\n", ()),
        ("decode", "cut", "without the last newline", good[:-1], (LENGTH,)),
        ("decode", "control", "a control character", good.replace("council", "coun\tcil"), ()),
        (
            "decode",
            "empty-root",
            "no leaves, and the root of some",
            note(text.replace("\n7\n", "\n0\n"), plain(text.replace("\n7\n", "\n0\n"))),
            (),
        ),
    ]
    return [
        case(
            "note-good",
            "log, a known witness, and a stranger",
            {"text": good, "keys": keys},
            "accept",
            flags=(EXTENSION,),
        ),
        *(
            case(
                f"note-{name}",
                comment,
                {"text": changed, "keys": keys},
                expect,
                flags=(EXTENSION, *flags),
                base="note-good",
            )
            for expect, name, comment, changed, flags in wrong
        ),
    ]


def _other_bits(text: str) -> str:
    """The root with its two unused bits set."""
    root = text.splitlines()[2]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text.replace(root, root[:-2] + alphabet[alphabet.index(root[-2]) | 3] + "=")


def _cosigned() -> list[Case]:
    text = head(ENTRIES[:7])
    return [
        case(
            f"cosigned-{name}",
            comment,
            {"checkpoint": text, "name": WITNESSES[0], "seed": seed(WITNESSES[0]), "time": time},
            {
                "message": f"cosignature/v1\ntime {time}\n{text}".encode(),
                "line": stamped(text, WITNESSES[0], time).removesuffix("\n"),
            },
            flags=(EXTENSION,),
        )
        for name, comment, time in (
            ("now", "a time of today", TIME),
            ("first", "the first second", 1),
            ("last", "the last one", 2**63 - 1),
        )
    ]


def _policies() -> list[Case]:
    two = policy("group g 2 w0 w1 w2")
    nested = policy("group h any w0 w1\ngroup g all h w2")
    good = [
        ("two", "two of three", two, [0, 2], True),
        ("one", "one of three is not two", two, [1], False),
        ("nested", "one of two, and the third", nested, [1, 2], True),
        ("nested-two", "two, but not the third", nested, [0, 1], False),
        ("single", "a witness as the quorum", policy("# none", "w1"), [1], True),
        ("none", "no quorum", policy("", "none"), [], True),
    ]
    wrong = [
        ("cycle", "a group in itself", policy("group g any g")),
        ("twice", "a member of two groups", policy("group h any w0\ngroup g any w0 w1")),
        ("below", "a member defined below", policy("group g any w0 h\ngroup h any w1")),
        ("too-many", "four of three", policy("group g 4 w0 w1 w2")),
        ("zero", "none of three", policy("group g 0 w0 w1 w2")),
        ("no-quorum", "without a quorum line", policy("group g any w0").replace("quorum g\n", "")),
        ("two-quorums", "two quorum lines", policy("group g any w0") + "quorum g\n"),
        ("same-key", "one key as two witnesses", policy(f"witness w9 {vkey(WITNESSES[0], 4)}", "w9")),
        ("log-key", "a log's key as a witness", policy(f"witness w9 {vkey(ORIGIN, 1)}", "w9")),
        ("no-newline", "the last line is cut", two[:-1]),
        ("carriage", "carriage returns", two.replace("\n", "\r\n")),
    ]
    return [
        *(
            case(
                f"policy-{name}",
                comment,
                {"text": text, "held": [WITNESSES[number] for number in held]},
                {"satisfied": satisfied},
                flags=(EXTENSION,),
            )
            for name, comment, text, held, satisfied in good
        ),
        *(
            case(
                f"policy-{name}",
                comment,
                {"text": text, "held": [WITNESSES[0], WITNESSES[2]]},
                "decode",
                flags=(EXTENSION,),
                base="policy-two",
            )
            for name, comment, text in wrong
        ),
    ]


def _tiles() -> list[Case]:
    def name(level: object, index: int, width: int) -> str:
        digits = f"{index:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        whole = "/".join((*(f"x{part}" for part in parts[:-1]), parts[-1]))
        return f"tile/{level}/{whole}" + ("" if width == 256 else f".p/{width}")

    names = [
        case(
            f"tile-name-{level}-{index}-{width}",
            "the paths of a tile and a bundle",
            {"level": level, "index": index, "width": width},
            {"tile": name(level, index, width), "entries": name("entries", index, width)},
            flags=(EXTENSION,),
        )
        for level, index, width in ((0, 0, 256), (1, 7, 1), (5, 999, 255), (0, 1000, 256), (63, 1234067, 112))
    ]
    leaves = [leaf(entry) for entry in ENTRIES]
    contents = case(
        "tile-contents",
        "a log of 13 leaves: one partial tile, one partial bundle",
        {"entries": ENTRIES},
        {
            name(0, 0, 13): b"".join(leaves),
            name("entries", 0, 13): b"".join(b"\x00\x20" + entry for entry in ENTRIES),
        },
        flags=(EXTENSION,),
    )
    return [*names, contents]
