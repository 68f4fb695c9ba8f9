"""Makes ``vectors/credentials.json`` from the text of ``specs/credentials.md``; the same bytes every time.

Nothing of the package's codes, pseudonyms or rolls is used here: check characters are found by trying,
hashes are those of ``hashlib``. ``python -m tests.board.vectors`` in the repository root writes it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgpack
from Crypto.Signature import eddsa

from evote.manifest import VERSION
from tests.manifest.vectors import FOLDER, SCHEMA, text

NAME = "credentials.json"
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SALT = bytes(range(32))
ITERATIONS = 3


def named_bytes(name: str, size: int) -> bytes:
    """Bytes that stand for random ones, named by the case that uses them."""
    return hashlib.shake_256(f"evote/vectors/credentials/{name}".encode()).digest(size)


def tagged(tag: str, *fields: bytes) -> bytes:
    parts = [len(tag.encode()).to_bytes(4, "big"), tag.encode(), len(fields).to_bytes(4, "big")]
    for field in fields:
        parts += [len(field).to_bytes(4, "big"), field]
    return hashlib.sha256(b"".join(parts)).digest()


def multiply(left: int, right: int) -> int:
    """The product in GF(2)[x] / (x^5 + x^2 + 1)."""
    product = 0
    for place in range(5):
        if right >> place & 1:
            product ^= left << place
    for place in range(9, 4, -1):
        if product >> place & 1:
            product ^= 0b100101 << place - 5
    return product


def sums(values: Sequence[int]) -> tuple[int, int]:
    """Both sums over c_0, c_1, …"""
    first = second = 0
    power = 1
    for value in values:
        first ^= multiply(value, power)
        second ^= multiply(value, multiply(power, power))
        power = multiply(power, 2)
    return first, second


def code_text(part: int, bits: bytes) -> str:
    number = part << 128 | int.from_bytes(bits, "big")
    data = [number >> 5 * (25 - place) & 31 for place in range(26)]
    (found,) = [[*data, x, y] for x in range(32) for y in range(32) if sums([*data, x, y]) == (0, 0)]
    letters = "".join(LETTERS[value] for value in found)
    return "-".join(letters[at : at + 4] for at in range(0, 28, 4))


def public_key(part: int, bits: bytes) -> bytes:
    salt = tagged("evote/v1/code-salt", SALT, bytes([part]))
    seed = hashlib.pbkdf2_hmac("sha256", bits, salt, ITERATIONS)
    public: bytes = eddsa.import_private_key(seed).public_key().export_key(format="raw")  # type: ignore[assignment]
    return public


def root_of(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    middle = 1
    while 2 * middle < len(leaves):
        middle *= 2
    return hashlib.sha256(b"\x01" + root_of(leaves[:middle]) + root_of(leaves[middle:])).digest()


def document() -> dict[str, Any]:
    """The content of the file."""
    return {
        "schema": SCHEMA,
        "source": "tests/board/vectors.py",
        "spec": f"ElectionGuard Design Specification {VERSION}, extensions: specs/credentials.md",
        "notes": [
            "kind code: input.text is what somebody typed; expect has the part and the 128 bits.",
            "kind key: expect has the public key of a code under salt and iterations of params.",
            "kind pseudonym: expect is the pseudonym of the keys under the salt of params.",
            "kind roll: expect is the root over the entries in their order, which is that of the roll.",
        ],
        "groups": [_codes(), _keys(), _pseudonyms(), _rolls()],
    }


def _case(name: str, comment: str, given: dict[str, Any], expect: Any, base: str = "") -> dict[str, Any]:
    case = {"id": name, "comment": comment, "flags": ["evote extension"], "input": given, "expect": expect}
    return case | ({"base_id": base} if base else {})


def _hex(data: bytes) -> str:
    return data.hex().upper()


def _codes() -> dict[str, Any]:
    cases = []
    texts = {}
    for name, part, bits in (
        ("code-zero", 0, bytes(16)),
        ("code-ones", 0, b"\xff" * 16),
        ("code-whole", 0, named_bytes("whole", 16)),
        ("code-first", 1, named_bytes("first", 16)),
        ("code-second", 2, named_bytes("second", 16)),
    ):
        texts[name] = code_text(part, bits)
        expect = {"part": part, "bits": _hex(bits)}
        cases.append(_case(name, f"part {part}", {"text": texts[name]}, expect))
    whole, zero = texts["code-whole"], texts["code-zero"]
    expect = {"part": 0, "bits": _hex(named_bytes("whole", 16))}
    nothing = {"part": 0, "bits": _hex(bytes(16))}
    for name, comment, typed, value in (
        ("code-lower-case", "lower case", whole.lower(), expect),
        ("code-spaces", "white space for hyphens", f" {whole.replace('-', chr(0xA0))}\n", expect),
        ("code-dashes", "other hyphens", whole.replace("-", "\u2013"), expect),
        ("code-letter-o", "O for 0", zero.replace("0", "O"), nothing),
    ):
        cases.append(
            _case(name, comment, {"text": typed}, value, "code-whole" if value == expect else "code-zero")
        )
    plain = whole.replace("-", "")
    swap = next(at for at in range(27) if plain[at] != plain[at + 1])
    swapped = plain[:swap] + plain[swap + 1] + plain[swap] + plain[swap + 2 :]
    wrong = LETTERS[(LETTERS.index(plain[5]) + 1) % 32]
    check = LETTERS[(LETTERS.index(plain[-1]) + 1) % 32]
    third = code_text(3, named_bytes("third", 16))
    for name, comment, typed in (
        ("code-wrong-character", "one wrong character", plain[:5] + wrong + plain[6:]),
        (
            "code-wrong-check",
            "a wrong check character",
            plain[:-1] + check,
        ),
        ("code-swapped", "two neighbours in each other's place", swapped),
        ("code-letter-u", "a letter that no code has", "U" + plain[1:]),
        ("code-short", "a character is missing", plain[:-1]),
        ("code-long", "a character too many", plain + "0"),
        ("code-part-three", "a part that does not exist; the check holds", third),
    ):
        cases.append(_case(name, comment, {"text": typed}, "decode", "code-whole"))
    return {"params": {"kind": "code"}, "cases": cases}


def _keys() -> dict[str, Any]:
    cases = []
    bits = named_bytes("whole", 16)
    for part in (0, 1, 2):
        given = {"part": part, "bits": _hex(bits)}
        cases.append(_case(f"key-part-{part}", "the key of a code", given, _hex(public_key(part, bits))))
    return {"params": {"kind": "key", "salt": _hex(SALT), "iterations": ITERATIONS}, "cases": cases}


def _pseudonyms() -> dict[str, Any]:
    first, second = named_bytes("key-1", 32), named_bytes("key-2", 32)
    cases = [
        _case(
            f"pseudonym-{name}",
            name,
            {"keys": [_hex(key) for key in keys]},
            _hex(tagged("evote/v1/pseudonym", SALT, *keys)),
        )
        for name, keys in (("one", [first]), ("two", [first, second]), ("two-turned", [second, first]))
    ]
    return {"params": {"kind": "pseudonym", "salt": _hex(SALT)}, "cases": cases}


def _rolls() -> dict[str, Any]:
    cases = []
    for count in (1, 2, 3, 5):
        keys = sorted(named_bytes(f"roll-{number}", 32) for number in range(count))
        entries = [
            {"unit": f"Abroad/{number % 2}", "style": "full", "scheme": "ed25519", "keys": [key]}
            for number, key in enumerate(keys)
        ]
        frames = [msgpack.packb(entry, use_bin_type=True) for entry in entries]
        root = root_of([tagged("evote/v1/roll-entry", SALT, frame) for frame in frames])
        listed = [entry | {"keys": [_hex(key) for key in entry["keys"]]} for entry in entries]  # type: ignore[union-attr,arg-type]
        cases.append(_case(f"roll-{count}", f"{count} slots", {"entries": listed}, _hex(root)))
    return {"params": {"kind": "roll", "salt": _hex(SALT)}, "cases": cases}


def write() -> None:
    """Writes the file."""
    (FOLDER / NAME).write_text(text(document()), encoding="utf-8")


if __name__ == "__main__":
    write()
