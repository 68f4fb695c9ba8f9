"""Parameter sets: the published ones, the toy sets as they must be, and sets that are none."""

from __future__ import annotations

from tests.vectors.form import Case, Document, case, document, group
from tests.vectors.oracle import Numbers
from tests.vectors.setting import REDUCED, STANDARD, numbers

FILE = "groups.json"

# q, p, r, g of the appendix; the third and fifth row's hexadecimal is misprinted there.
TOYS = {
    "toy-7-16": (127, 59183, 466, 32616),
    "toy-16-32": (65521, 4214179679, 64318, 496451214),
    "toy-16-48": (65521, 281010572049407, 4288862686, 109132885510074),
    "toy-24-64": (16777213, 18444843247520538623, 1099398526294, 14757355607624201864),
    "toy-32-96": (
        4294967291,
        79227651399410325621583970303,
        18446625091983808922,
        60786014689883675535506158858,
    ),
    "toy-32-128": (
        4294967291,
        340282366887442052436576802921059975167,
        79228162598699067120922761626,
        55628101181055236817878380639043675517,
    ),
    "toy-48-192": (
        0xFFFFFFFFFFC5,
        0xFFFFFFFFFFFFFFFF9ECB779649D9A82DFFFFFFFFFFFFFFFF,
        0x000100000000003AFFFF9ECB852F49C34115B1E6,
        0x0B5DA0900B367E3C92A1101954DB5E3C873E929A0E324F00,
    ),
    "toy-64-256": (
        0xFFFFFFFFFFFFFFC5,
        0xFFFFFFFFFFFFFFFF93C467E37DB1212B89995855493FF059FFFFFFFFFFFFFFFF,
        0x00000001000000000000003A93C467E37DB12EAB97DD49C34115B1E6,
        0x3B5431669E3E4893DF745C67CDCFD95CCDDA224878A3CD5D3226F75CC5A95638,
    ),
}


def make() -> Document:
    published = [
        _accepted(numbers(name), "p, q, r and g of the published set") for name in (STANDARD, REDUCED)
    ]
    toys = []
    for name, (q, p, r, g) in TOYS.items():
        if p - 1 != q * r or pow(2, r, p) != g:
            raise ValueError(f"{name} does not fit its formula")
        toys.append(_accepted(Numbers(name, p, q, g), "a toy set of the appendix, by its decimal numbers"))
    q, p, _, g = TOYS["toy-64-256"]
    r = (p - 1) // q
    broken = [
        _refused("p-not-prime", "p + 2 for p", p + 2, q, g),
        _refused("q-not-prime", "2q for q; it divides p - 1 all the same", p, 2 * q, g),
        _refused("q-does-not-divide", "another prime for q", p, 2**61 - 1, g),
        _refused("g-of-order-2", "p - 1 for g", p, q, p - 1),
        _refused("g-is-1", "1 for g", p, q, 1),
        _refused("g-is-0", "0 for g", p, q, 0),
        _refused("g-beyond-p", "p + g for g", p, q, p + g),
        _refused("g-of-another-order", "an element of order (p - 1) / 2q for g", p, q, pow(3, 2 * q, p)),
        _smooth_cofactor(),
    ]
    if r % 4 != 2:
        raise ValueError("the base set is not one")
    slips = [
        case(
            "toy-16-32-as-printed",
            "the hexadecimal of p in the appendix, FB2B475F, is not its decimal number",
            {**_given(Numbers("", 0xFB2B475F, 65521, 496451214))},
            "misuse",
            flags=("specification slip",),
            base="toy-16-32",
        ),
        case(
            "toy-24-64-as-printed",
            "the hexadecimal of q in the appendix, FFFFFFFD, is not its decimal number",
            {**_given(Numbers("", TOYS["toy-24-64"][1], 0xFFFFFFFD, TOYS["toy-24-64"][3]))},
            "misuse",
            flags=("specification slip",),
            base="toy-24-64",
        ),
    ]
    notes = [
        "input: p, q, r = (p - 1) / q where it is whole, and g, in hexadecimal of an even number of digits.",
        "accept: p, q and (p - 1) / 2q are prime, q divides p - 1 once, and g has order q.",
        "Toy sets serve tests only: an election with one of them fails 1.B, 1.C and 1.D.",
    ]
    groups = [
        group({"kind": "published"}, published),
        group({"kind": "toy"}, toys),
        group({"kind": "broken"}, broken),
        group({"kind": "misprinted"}, slips),
    ]
    return document("section 3.1.1 and appendix", notes, groups)


def _given(n: Numbers) -> dict[str, object]:
    r, rest = divmod(n.p - 1, n.q)
    return {"p": _hex(n.p), "q": _hex(n.q), "r": None if rest else _hex(r), "g": _hex(n.g)}


def _hex(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")


def _accepted(n: Numbers, comment: str) -> Case:
    return case(n.name, comment, _given(n), "accept")


def _refused(name: str, comment: str, p: int, q: int, g: int) -> Case:
    return case(name, comment, _given(Numbers(name, p, q, g)), "misuse", base="toy-64-256")


def _smooth_cofactor() -> Case:
    # 2^64 - 59 is prime; the least multiple k with k * q + 1 prime and k / 2 composite.
    q = 0xFFFFFFFFFFFFFFC5
    k = 2**191
    while not (_prime(k * q + 1) and not _prime(k // 2)):
        k += 2
    p = k * q + 1
    g = pow(2, k, p)
    return case(
        "cofactor-not-twice-a-prime",
        "p and q prime, g of order q, (p - 1) / 2q composite",
        _given(Numbers("", p, q, g)),
        "misuse",
        base="toy-64-256",
    )


def _prime(value: int) -> bool:
    """Miller-Rabin with forty fixed bases."""
    if value < 4 or value % 2 == 0:
        return value in (2, 3)
    odd, twos = value - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in range(2, 42):
        x = pow(base, odd, value)
        if x in (0, 1, value - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % value
            if x == value - 1:
                break
        else:
            return False
    return True
