"""The groups that are held to the laws."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from evote.groups import Profile, named, reduced_group, standard_group
from evote.groups.modp import ModPGroup
from evote.testing.groups import tiny, toy, toy48
from tests.groups.laws import Subject


def uneven() -> ModPGroup:
    """q far from a power of two (a test of membership of its own) and p far from one (p + x fits)."""
    return ModPGroup(
        "uneven-56-132",
        Profile.TOY,
        p=0xFAF2329BD5C8BB31FE02FCF466F80FDF7,
        q=0xB504F333F9DEC5,
        g=0x1186D82A9519C51627608453AB025E932,
    )


UNEVEN = uneven()

DIGESTS = ("00" * 32, "00" * 31 + "01", "ff" * 32, "80" + "00" * 31, "0123456789abcdef" * 4)


def modp(group: ModPGroup, other: ModPGroup, windows: tuple[int, ...], rounds: int) -> Subject:
    """A subgroup of the integers mod p, with values from every other corner of Z_p*."""
    p, q, size = group.modulus, group.order, group.element_bytes
    cofactor = (p - 1) // q
    member = int.from_bytes(group.power(group.generator, group.scalar(2)).encode(), "big")
    member_again = int.from_bytes(group.power(group.generator, group.scalar(3)).encode(), "big")
    # A square that is no member, made into one of order r' = cofactor / 2.
    small = next(x for x in range(2, 100) if pow(x, 2 * q, p) != 1)
    of_cofactor = pow(small, 2 * q, p)
    assert pow(of_cofactor, cofactor // 2, p) == 1 != of_cofactor
    strangers = {
        "p - 1, of order 2": p - 1,
        "p - x": p - member,
        "p - g": p - int.from_bytes(group.generator.encode(), "big"),
        "of order r'": of_cofactor,
        "of order 2r'": p - of_cofactor,
        "of order q r'": member * of_cofactor % p,
        "of order 2 q r'": p - member_again * of_cofactor % p,
        "2 or a multiple": next(x for x in range(2, 100) if pow(x, q, p) != 1),
    }
    malformed = {
        "0": 0,
        "p": p,
        "p + 1": p + 1,
        "p + x": p + member,
        "the largest of this width": 2 ** (8 * size) - 1,
    }
    return Subject(
        group=group,
        other=other,
        malformed={name: x.to_bytes(size + (x >> 8 * size > 0), "big") for name, x in malformed.items()},
        strangers={name: x.to_bytes(size, "big") for name, x in strangers.items()},
        digests={digest: int(digest, 16) % q for digest in DIGESTS},
        windows=windows,
        rounds=rounds,
    )


def p256() -> Subject:
    """The curve, with every way to write a point that is none, or not the one."""
    group = named("p256")
    field = 2**256 - 2**224 + 2**192 + 2**96 - 1
    x = group.generator.encode()[1:]
    beyond = 5  # 5 + p still has 32 bytes, and there is a point with x = 5
    off = next(x for x in range(1, 100) if pow(x**3 - 3 * x + CURVE_B, (field - 1) // 2, field) != 1)
    return Subject(
        group=group,
        other=_modp(toy()),
        malformed={
            "nothing": b"",
            "infinity in one byte": b"\x00",
            "infinity in zeros": bytes(33),
            "prefix 00": b"\x00" + x,
            "prefix 01": b"\x01" + x,
            "prefix 04": b"\x04" + x,
            "prefix FF before a point": b"\xff" + x,
            "x alone": x,
            "uncompressed": b"\x04" + x + x,
            "x = p": b"\x02" + field.to_bytes(32, "big"),
            "x + p": b"\x02" + (beyond + field).to_bytes(32, "big"),
            "the largest x of this width": b"\x02" + b"\xff" * 32,
            "no point of the curve": b"\x02" + off.to_bytes(32, "big"),
        },
        strangers={},
        # hash_to_field with the tag of the profile, computed apart from the package.
        digests={digest: scalar_apart(bytes.fromhex(digest)) for digest in DIGESTS},
        windows=(1, 3, 8, 12),
        rounds=10,
        all_members=True,
    )


CURVE_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def scalar_apart(digest: bytes) -> int:
    """RFC 9380 hash_to_field for one scalar of 48 bytes, written out once more."""
    tag = b"evote-v1-P256_XMD:SHA-256_SCALAR"
    suffix = tag + bytes([len(tag)])
    first = hashlib.sha256(bytes(64) + digest + b"\x00\x30\x00" + suffix).digest()
    one = hashlib.sha256(first + b"\x01" + suffix).digest()
    mixed = bytes(a ^ b for a, b in zip(first, one, strict=True))
    two = hashlib.sha256(mixed + b"\x02" + suffix).digest()
    return int.from_bytes((one + two)[:48], "big") % CURVE_ORDER


SUBJECTS: dict[str, Callable[[], Subject]] = {
    "toy-7-16": lambda: modp(_modp(tiny()), _modp(toy()), (1, 2, 3, 4, 7, 8, 16), 200),
    "toy-48-192": lambda: modp(_modp(toy48()), _modp(toy()), (1, 3, 5, 8, 11), 30),
    "toy-64-256": lambda: modp(_modp(toy()), _modp(toy48()), (1, 4, 8, 12, 13), 30),
    "uneven-56-132": lambda: modp(UNEVEN, _modp(toy()), (1, 6, 8, 9), 30),
    "electionguard-3072": lambda: modp(_modp(reduced_group()), _modp(toy()), (5, 8), 2),
    "p256": p256,
    "electionguard-4096": lambda: modp(_modp(standard_group()), _modp(toy()), (7, 8), 2),
}


def _modp(group: object) -> ModPGroup:
    assert isinstance(group, ModPGroup)
    return group
