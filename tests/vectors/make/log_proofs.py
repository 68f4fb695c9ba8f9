"""Cases of proofs, in text and compact, and of what witnesses answer; part of ``board-log.json``."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from tests.merkle.reference import leaf, mth, path, proof
from tests.vectors.form import Case, case
from tests.vectors.make.log_formats import (
    ENTRIES,
    EXTENSION,
    LENGTH,
    NOT_CANONICAL,
    ORIGIN,
    OTHER,
    TIME,
    WITNESSES,
    head,
    key_id,
    log_proof,
    note,
    plain,
    policy,
    public,
    request,
    seed,
    stamped,
    vkey,
)


def _setting() -> tuple[str, str, dict[str, object]]:
    """A head of 13 leaves that two witnesses cosigned, its proof of leaf 5, and who checks it."""
    text = head(ENTRIES)
    checkpoint = note(text, plain(text), *(stamped(text, name) for name in WITNESSES[:2]))
    given: dict[str, object] = {
        "log": vkey(ORIGIN, 1),
        "policy": policy("group g 2 w0 w1 w2"),
        "entry": ENTRIES[5],
    }
    return text, checkpoint, given


def proofs_cases() -> list[Case]:
    text, checkpoint, given = _setting()
    good = log_proof(5, ENTRIES, checkpoint)
    lines = good.split("\n")
    few = note(text, plain(text), stamped(text, WITNESSES[0]))
    wrong = [
        (
            "verify",
            "index",
            "the place beside it",
            good.replace("index 5", "index 4"),
            ENTRIES[5],
            ("swapped",),
        ),
        ("verify", "leaf", "another leaf", good, ENTRIES[4], ("swapped",)),
        ("verify", "hash-of-leaf", "the leaf hash in the place of the leaf", good, leaf(ENTRIES[5]), ()),
        ("verify", "short", "a hash too few", "\n".join((*lines[:2], *lines[3:])), ENTRIES[5], (LENGTH,)),
        (
            "verify",
            "long",
            "a hash too many",
            "\n".join((*lines[:2], lines[2], *lines[2:])),
            ENTRIES[5],
            (LENGTH,),
        ),
        ("verify", "few", "too few witnesses", log_proof(5, ENTRIES, few), ENTRIES[5], ()),
        ("decode", "version", "another version", good.replace("@v1", "@v2"), ENTRIES[5], ()),
        (
            "decode",
            "order",
            "extra data behind the index",
            good.replace("index 5\n", "index 5\nextra QQ==\n"),
            ENTRIES[5],
            ("swapped",),
        ),
        (
            "decode",
            "empty-extra",
            "extra data that is empty",
            good.replace("index 5", "extra \nindex 5"),
            ENTRIES[5],
            (NOT_CANONICAL,),
        ),
        (
            "decode",
            "zeros",
            "an index with a leading zero",
            good.replace("index 5", "index 05"),
            ENTRIES[5],
            (NOT_CANONICAL,),
        ),
    ]
    return [
        case("proof-good", "leaf 5 of 13", {**given, "text": good}, "accept", flags=(EXTENSION,)),
        case(
            "proof-extra",
            "with extra data, which changes nothing",
            {**given, "text": good.replace("index 5", "extra QQ==\nindex 5")},
            "accept",
            flags=(EXTENSION,),
        ),
        *(
            case(
                f"proof-{name}",
                comment,
                {**given, "entry": entry, "text": changed},
                expect,
                flags=(EXTENSION, *flags),
                base="proof-good",
            )
            for expect, name, comment, changed, entry, flags in wrong
        ),
    ]


def compact_cases() -> list[Case]:
    text = _setting()[0]
    leaves = [leaf(entry) for entry in ENTRIES]
    ids = sorted((key_id(name, 4, public(name)), name) for name in WITNESSES[:2])
    packed = b"".join(
        (
            b"\x01",
            (5).to_bytes(8, "big"),
            (13).to_bytes(8, "big"),
            mth(leaves),
            *path(5, leaves),
            base64.b64decode(plain(text).split()[-1]),
            *(base64.b64decode(stamped(text, name).split()[-1]) for _, name in ids),
        )
    )
    keys: dict[str, object] = {"log": vkey(ORIGIN, 1), "witnesses": [vkey(name, 4) for name in WITNESSES]}
    lines = (stamped(text, name) for _, name in ids)
    whole = log_proof(5, ENTRIES, note(text, plain(text), *lines))
    wrong = [
        ("form", "another form", b"\x02" + packed[1:], ()),
        ("cut", "a byte too few", packed[:-1], (LENGTH,)),
        ("tail", "a byte too many", packed + b"\x00", (LENGTH,)),
        (
            "index",
            "a place that the tree does not have",
            packed[:1] + packed[9:17] + packed[9:],
            ("out of range",),
        ),
        (
            "order",
            "the cosignatures exchanged",
            packed[:-152] + packed[-76:] + packed[-152:-76],
            ("swapped",),
        ),
        ("twice", "one cosignature twice", packed[:-76] + packed[-152:-76], ()),
        ("stranger", "a key that is not known", packed[:-76] + bytes(4) + packed[-72:], ()),
    ]
    return [
        case(
            "compact-good",
            "leaf 5 of 13 with two cosignatures",
            {**keys, "packed": packed},
            {"text": whole},
            flags=(EXTENSION,),
        ),
        *(
            case(
                f"compact-{name}",
                comment,
                {**keys, "packed": changed},
                "decode",
                flags=(EXTENSION, *flags),
                base="compact-good",
            )
            for name, comment, changed, flags in wrong
        ),
    ]


def witness_cases() -> list[Case]:
    def signed(entries: Sequence[bytes]) -> str:
        text = head(entries)
        return note(text, plain(text))

    def given(last: str | None, asked: str) -> dict[str, object]:
        return {
            "log": vkey(ORIGIN, 1),
            "last": last,
            "time": 0 if last is None else TIME - 60,
            "request": asked,
            "now": TIME,
            "name": WITNESSES[0],
            "seed": seed(WITNESSES[0]),
        }

    leaves, others = ([leaf(entry) for entry in entries] for entries in (ENTRIES, OTHER))
    seen, new = signed(ENTRIES[:6]), signed(ENTRIES)
    forward = request(6, proof(6, leaves), new)
    line = stamped(head(ENTRIES), WITNESSES[0]).removesuffix("\n")
    again = stamped(head(ENTRIES[:6]), WITNESSES[0]).removesuffix("\n")
    pair = (head(ENTRIES[:6]), head(OTHER[:6]))
    two = sorted(pair, key=lambda text: base64.b64decode(text.splitlines()[2]))
    evidence = [note(text, plain(text)).encode() for text in two]
    foreign = note(head(ENTRIES), plain(head(ENTRIES), "x"))
    shorter = request(5, [], signed(ENTRIES[:5]))
    good: list[tuple[str, str, dict[str, object], dict[str, object]]] = [
        ("first", "the first head", given(None, request(0, [], new)), {"cosign": line}),
        ("forward", "from 6 leaves to 13", given(seen, forward), {"cosign": line}),
        ("again", "the same head", given(seen, request(6, [], seen)), {"cosign": again}),
        ("stale", "a proof from another size", given(seen, request(7, proof(7, leaves), new)), {"stale": 6}),
        (
            "split",
            "another head of the same size",
            given(seen, request(6, [], signed(OTHER[:6]))),
            {"split": {"format": 1, "first": evidence[0], "second": evidence[1]}},
        ),
        ("shorter", "a head of 5 leaves after one of 6", given(seen, shorter), {"stale": 6}),
    ]
    wrong = [
        ("verify", "rewritten", "a head of another history", request(6, proof(6, others), signed(OTHER)), ()),
        ("verify", "no-proof", "without the proof", request(6, [], new), (LENGTH,)),
        (
            "verify",
            "long-proof",
            "a hash too many",
            request(6, [*proof(6, leaves), bytes(32)], new),
            (LENGTH,),
        ),
        ("verify", "stranger", "not signed by the log", request(6, proof(6, leaves), foreign), ()),
        (
            "decode",
            "zeros",
            "an old size with a leading zero",
            forward.replace("old 6", "old 06"),
            (NOT_CANONICAL,),
        ),
        ("decode", "no-old", "without the old size", forward.replace("old 6\n", ""), ()),
    ]
    return [
        *(
            case(f"witness-{name}", comment, what, expect, flags=(EXTENSION,))
            for name, comment, what, expect in good
        ),
        *(
            case(
                f"witness-{name}",
                comment,
                given(seen, asked),
                expect,
                flags=(EXTENSION, *flags),
                base="witness-forward",
            )
            for expect, name, comment, asked, flags in wrong
        ),
    ]
