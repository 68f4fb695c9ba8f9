"""Elements, scalars, small fields and the record's MessagePack: the one form, and what is not it."""

from __future__ import annotations

import msgpack

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, Group, case, document, group
from tests.vectors.oracle import Numbers, scalar, u4, variable
from tests.vectors.setting import REDUCED, STANDARD, TOY, numbers

FILE = "encodings.json"


def make() -> Document:
    names = (STANDARD, REDUCED, TOY)
    groups = [_elements(numbers(name), name.removeprefix("electionguard-")) for name in names]
    groups += [_scalars(numbers(name), name.removeprefix("electionguard-")) for name in (STANDARD, TOY)]
    groups += [_integers(), _texts(), _opened_selection(), _closing_head(), _submitted(), _opened_ballot()]
    notes = [
        "kind element and scalar: input.data is decoded; verify means of the right form, and no member.",
        "kind integer and text: expect is the encoding of the field (5.1.3, 5.1.4).",
        "kind message: input.data is MessagePack of the wire type that params.type names, element width "
        "params.element_bytes; decode means that it is not the one form of any value.",
    ]
    return document("sections 5.1.1 to 5.1.4", notes, groups)


def _elements(n: Numbers, prefix: str) -> Group:
    rng = SeededRandomness(f"vectors/encodings/{n.name}")
    member = n.power(n.g, rng.below(n.q))
    r = (n.p - 1) // n.q
    wide = 2 ** (8 * n.width) - 1
    cases = [
        _element(n, prefix, "member", "a power of g", n.element(member), "accept"),
        _element(n, prefix, "generator", "g", n.element(n.g), "accept"),
        _element(
            n,
            prefix,
            "identity",
            "1 is in the subgroup; where it may not stand, a check says so",
            n.element(1),
            "accept",
        ),
        _element(
            n, prefix, "zero", "0 satisfies x^(2^256) = x^189 and is no element", n.element(0), "decode"
        ),
        _element(n, prefix, "p", "p is 0 once more", n.element(n.p), "decode"),
        _element(n, prefix, "p-plus-1", "p + 1 is 1 once more", n.element(n.p + 1), "decode"),
        _element(n, prefix, "all-ones", "the largest number of that width", n.element(wide), "decode"),
        _element(n, prefix, "minus-1", "p - 1 has order 2", n.element(n.p - 1), "verify"),
        _element(
            n, prefix, "minus-member", "p - x for a member x has order 2q", n.element(n.p - member), "verify"
        ),
        _element(
            n,
            prefix,
            "large-order",
            "an element of order (p - 1) / 2q",
            n.element(pow(3, 2 * n.q, n.p)),
            "verify",
        ),
        _element(
            n,
            prefix,
            "member-times-large-order",
            "a member times an element of order (p - 1) / 2q",
            n.element(member * pow(3, 2 * n.q, n.p) % n.p),
            "verify",
        ),
        _element(n, prefix, "two", "2, of order (p - 1) / 2 or more", n.element(2), "verify"),
        _element(n, prefix, "one-byte-short", "the first byte left out", n.element(member)[1:], "decode"),
        _element(n, prefix, "one-byte-more", "a zero byte before it", b"\x00" + n.element(member), "decode"),
        _element(n, prefix, "trailing-byte", "a zero byte behind it", n.element(member) + b"\x00", "decode"),
        _element(n, prefix, "empty", "no byte", b"", "decode"),
        _element(n, prefix, "identity-in-one-byte", "1 in the shortest form", b"\x01", "decode"),
    ]
    if r % 2 or pow(2, n.q, n.p) == 1 or pow(3, 2 * n.q, n.p) == 1:
        raise ValueError("the cases do not fit this group")
    return group({"kind": "element", "group": n.name}, cases)


def _element(n: Numbers, prefix: str, name: str, comment: str, data: bytes, expect: str) -> Case:
    base = None if expect == "accept" else f"element-{prefix}-member"
    flags = {"decode": ("non-canonical encoding",), "verify": ("not in the subgroup",)}.get(expect, ())
    return case(f"element-{prefix}-{name}", comment, {"data": data}, expect, flags=flags, base=base)


def _scalars(n: Numbers, prefix: str) -> Group:
    def one(name: str, comment: str, data: bytes, expect: str) -> Case:
        base = None if expect == "accept" else f"scalar-{prefix}-largest"
        flags = () if expect == "accept" else ("non-canonical encoding",)
        return case(f"scalar-{prefix}-{name}", comment, {"data": data}, expect, flags=flags, base=base)

    cases = [
        one("zero", "0", scalar(0), "accept"),
        one("largest", "q - 1", scalar(n.q - 1), "accept"),
        one("q", "q is 0 once more", scalar(n.q), "decode"),
        one("q-plus-1", "q + 1 is 1 once more", scalar(n.q + 1), "decode"),
        one("all-ones", "2^256 - 1", b"\xff" * 32, "decode"),
        one("one-byte-short", "31 bytes", scalar(1)[1:], "decode"),
        one("one-byte-more", "33 bytes", b"\x00" + scalar(1), "decode"),
        one("empty", "no byte", b"", "decode"),
    ]
    return group({"kind": "scalar", "group": n.name}, cases)


def _integers() -> Group:
    values = {"zero": 0, "five": 5, "largest": 2**31 - 1}
    cases = [
        case(f"integer-{name}", str(value), {"value": value}, u4(value)) for name, value in values.items()
    ]
    for name, value in {"too-large": 2**31, "negative": -1}.items():
        given = {"value": value}
        cases.append(case(f"integer-{name}", str(value), given, "misuse", base="integer-largest"))
    return group({"kind": "integer"}, cases)


def _texts() -> Group:
    texts = {
        "ascii": "ElectionGuard",
        "empty": "",
        "two-byte-letters": "Élection à Besançon",
        "emoji": "\U0001f5f3",
    }
    cases = [
        case(f"text-{name}", "UTF-8 behind its length in bytes", {"text": text}, variable(text.encode()))
        for name, text in texts.items()
    ]
    return group({"kind": "text"}, cases)


# --- MessagePack ----------------------------------------------------------------------------------------


def _packed(value: object) -> bytes:
    packed: bytes = msgpack.packb(value, use_bin_type=True)
    return packed


def _message(name: str, comment: str, data: bytes, expect: str, base: str | None = None) -> Case:
    flags = () if expect == "accept" else ("non-canonical encoding",)
    return case(name, comment, {"data": data}, expect, flags=flags, base=base)


def _opened_selection() -> Group:
    nonce = bytes(range(32))
    good = _packed({"option": "Ada", "value": 1, "nonce": nonce})
    pieces = {"option": _packed("option") + _packed("Ada"), "value": _packed("value") + b"\x01"}
    pieces["nonce"] = _packed("nonce") + _packed(nonce)
    if good != b"\x83" + b"".join(pieces.values()):
        raise ValueError("the pieces are not those of the message")
    base = "message-opened-selection"

    def joined(*names: str, head: int | None = None) -> bytes:
        return bytes((0x80 + (len(names) if head is None else head),)) + b"".join(
            pieces[name] for name in names
        )

    cases = [
        _message(base, "three fields in their order", good, "accept"),
        _message(
            f"{base}-swapped",
            "two fields in the wrong order",
            joined("value", "option", "nonce"),
            "decode",
            base,
        ),
        _message(f"{base}-twice", "a field twice", joined("option", "option", "nonce"), "decode", base),
        _message(f"{base}-absent", "a field left out", joined("option", "value"), "decode", base),
        _message(
            f"{base}-unknown",
            "a field too many",
            _packed({"option": "Ada", "value": 1, "nonce": nonce, "x": 0}),
            "decode",
            base,
        ),
        _message(f"{base}-trailing", "a byte behind it", good + b"\x00", "decode", base),
        _message(f"{base}-truncated", "the last byte left out", good[:-1], "decode", base),
        _message(f"{base}-empty", "no byte", b"", "decode", base),
        _message(
            f"{base}-long-map", "the number of fields in 2 bytes", b"\xde\x00\x03" + good[1:], "decode", base
        ),
        _message(
            f"{base}-long-integer",
            "1 in 2 bytes",
            good.replace(b"value\x01", b"value\xcc\x01"),
            "decode",
            base,
        ),
        _message(
            f"{base}-signed-integer",
            "1 as a signed number",
            good.replace(b"value\x01", b"value\xd0\x01"),
            "decode",
            base,
        ),
        _message(
            f"{base}-float", "1.0 for 1", good.replace(b"value\x01", b"value" + _packed(1.0)), "decode", base
        ),
        _message(f"{base}-true", "true for 1", good.replace(b"value\x01", b"value\xc3"), "decode", base),
        _message(f"{base}-negative", "-1", good.replace(b"value\x01", b"value\xff"), "decode", base),
        _message(
            f"{base}-long-text",
            "a short text with a length of its own byte",
            good.replace(b"\xa3Ada", b"\xd9\x03Ada"),
            "decode",
            base,
        ),
        _message(
            f"{base}-text-as-bytes",
            "bytes where a text belongs",
            good.replace(b"\xa3Ada", b"\xc4\x03Ada"),
            "decode",
            base,
        ),
        _message(
            f"{base}-not-utf-8",
            "a text that is not UTF-8",
            good.replace(b"\xa3Ada", b"\xa3A\xff\x61"),
            "decode",
            base,
        ),
        _message(
            f"{base}-bytes-as-text",
            "a text where bytes belong",
            good.replace(b"\xc4\x20", b"\xd9\x20"),
            "decode",
            base,
        ),
        _message(
            f"{base}-long-bytes",
            "a short byte string with a 2-byte length",
            good.replace(b"\xc4\x20", b"\xc5\x00\x20"),
            "decode",
            base,
        ),
        _message(
            f"{base}-short-nonce",
            "a nonce of 31 bytes",
            _packed({"option": "Ada", "value": 1, "nonce": nonce[:-1]}),
            "decode",
            base,
        ),
        _message(
            f"{base}-nil",
            "nil for a field that is not optional",
            _packed({"option": "Ada", "value": None, "nonce": nonce}),
            "decode",
            base,
        ),
        _message(f"{base}-list", "a list of the values", _packed(["Ada", 1, nonce]), "decode", base),
    ]
    return group({"kind": "message", "type": "OpenedSelection", "element_bytes": 32}, cases)


def _closing_head() -> Group:
    root = bytes(32)
    base = "message-closing-head"
    cases = [
        _message(
            base, "200 leaves, a number of one byte more", _packed({"size": 200, "root": root}), "accept"
        ),
        _message(f"{base}-largest", "2^53 - 1", _packed({"size": 2**53 - 1, "root": root}), "accept"),
        _message(f"{base}-too-large", "2^53", _packed({"size": 2**53, "root": root}), "decode", base),
        _message(f"{base}-negative", "-1", _packed({"size": -1, "root": root}), "decode", base),
        _message(
            f"{base}-long",
            "200 in 2 bytes",
            _packed({"size": 200, "root": root}).replace(b"\xcc\xc8", b"\xcd\x00\xc8"),
            "decode",
            base,
        ),
    ]
    return group({"kind": "message", "type": "ClosingHead", "element_bytes": 32}, cases)


def _submitted() -> Group:
    point, pair = bytes(31) + b"\x01", {"challenge": bytes(32), "response": bytes(32)}
    sealed = {"c0": point, "c1": bytes(32), "c2": pair}
    ballot = {
        "identifier": bytes(32),
        "identifier_hash": bytes(32),
        "unit": "North",
        "style": "full",
        "weight": 1,
        "device": "device",
        "contests": [],
        "nonce": sealed,
        "chaining_field": bytes(36),
        "confirmation_code": bytes(32),
    }
    context = {"pseudonym": None, "randomness": bytes(32)}
    base = "message-submitted"

    def one(name: str, comment: str, state: str, opening: object, expect: str, **changes: object) -> Case:
        packed = _packed({"state": state, "ballot": {**ballot, **changes}, "context": opening})
        return _message(
            f"{base}-{name}", comment, packed, expect, None if expect == "accept" else f"{base}-cast"
        )

    cases = [
        one("cast", "cast, with the opening of its context", "cast", context, "accept"),
        one("challenged", "challenged, without", "challenged", None, "accept"),
        one("cast-without-context", "a cast ballot opens its context", "cast", None, "decode"),
        one("challenged-with-context", "a challenged ballot never does", "challenged", context, "decode"),
        one("spoiled", "a state that there is not", "spoiled", None, "decode"),
        one("weight-0", "a weight from 1 on", "cast", context, "decode", weight=0),
        one("long-chaining-field", "37 bytes", "cast", context, "decode", chaining_field=bytes(37)),
        one(
            "narrow-element",
            "an element of 31 bytes",
            "cast",
            context,
            "decode",
            nonce={**sealed, "c0": point[1:]},
        ),
    ]
    return group({"kind": "message", "type": "SubmittedBallot", "element_bytes": 32}, cases)


def _opened_ballot() -> Group:
    selection = {"option": "Ada", "value": 1, "nonce": bytes(32)}
    contest = {"contest": "Mayor", "selections": [selection], "data": None}
    base = "message-opened-ballot"
    good = {"identifier": bytes(32), "contests": [contest]}
    cases = [
        _message(base, "nonces of the selections", _packed(good), "accept"),
        _message(
            f"{base}-with-ballot-nonce",
            "the ballot nonce has no place in an opening",
            _packed({**good, "ballot_nonce": bytes(32)}),
            "decode",
            base,
        ),
        _message(
            f"{base}-contest-twice",
            "a contest twice",
            _packed({**good, "contests": [contest, contest]}),
            "decode",
            base,
        ),
        _message(
            f"{base}-option-twice",
            "an option twice",
            _packed({**good, "contests": [{**contest, "selections": [selection, selection]}]}),
            "decode",
            base,
        ),
    ]
    return group({"kind": "message", "type": "OpenedBallot", "element_bytes": 32}, cases)
