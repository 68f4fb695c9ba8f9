"""The published parameter sets: fingerprints, formula, structure; and that wrong ones are refused."""

from __future__ import annotations

import dataclasses
import hashlib
from concurrent.futures import ThreadPoolExecutor

import gmpy2
import pytest

from evote.groups import NAMES, Group, Profile, named, params, reduced_group, standard_group
from evote.groups.modp import ModPGroup
from evote.testing.groups import tiny, toy, toy48

Q = 2**256 - 189

# SHA-256 of the big-endian bytes of p, g and r, and the number of bytes of r.
FINGERPRINTS = {
    "electionguard-4096": (
        4096,
        "f76fac50669bdb5b75fe86264378525d336bc1566140a48d76aebf7b0dd19f27",
        "77fbd493a68fb3e3d24d7c25608a61be021bb6749567b08e664d093bb32ded77",
        "248e6c6df197a2f7ea7fe2493c4bfd4069fe89b641f5ec1099fda69983435542",
        481,
        287975203778583638958138611533602521491887169409704874643524560756486080635197037903,
    ),
    "electionguard-3072": (
        3072,
        "589c49144566a67556ea1378048f372bbd28d5fba6b547ea15cff8ca2b7cf8b5",
        "5c8def209ce111e566685a15256944dfebd92d1af4229e45e0ded7f1e9786239",
        "2705c1fdc347fce9a3b76213967bd5b4d30184dd1d54241ea1fa4cc0d9126e0b",
        353,
        298707407953437995876300625370749906325322663598036756391867662926569213935809577593,
    ),
}


def modp(group: Group) -> ModPGroup:
    assert isinstance(group, ModPGroup)
    return group


def generator_value(group: Group) -> int:
    return int.from_bytes(group.generator.encode(), "big")


def floor_of_ln_2(bits: int) -> int:
    """floor(2^bits * ln 2) from ln 2 = 18 artanh(1/26) - 2 artanh(1/4801) + 8 artanh(1/8749), in integers."""
    guard = 64

    def artanh_of_inverse(n: int) -> int:
        term = (1 << bits + guard) // n
        total, place = 0, 1
        while term:
            total += term // place
            term //= n * n
            place += 2
        return total

    scaled = 18 * artanh_of_inverse(26) - 2 * artanh_of_inverse(4801) + 8 * artanh_of_inverse(8749)
    return scaled >> guard


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_the_set_has_its_published_fingerprints(name: str) -> None:
    group = modp(named(name))
    bits, p_digest, g_digest, r_digest, r_bytes, _ = FINGERPRINTS[name]
    assert group.modulus.bit_length() == bits == 8 * group.element_bytes
    assert hashlib.sha256(group.modulus.to_bytes(bits // 8, "big")).hexdigest() == p_digest
    assert hashlib.sha256(group.generator.encode()).hexdigest() == g_digest
    cofactor = (group.modulus - 1) // group.order
    assert cofactor.bit_length() == 8 * (r_bytes - 1) + 1
    assert hashlib.sha256(cofactor.to_bytes(r_bytes, "big")).hexdigest() == r_digest


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_p_follows_its_formula(name: str) -> None:
    bits, *_, delta = FINGERPRINTS[name]
    middle = floor_of_ln_2(bits - 512) + delta
    assert modp(named(name)).modulus == 2**bits - 2 ** (bits - 256) + 2**256 * middle + 2**256 - 1


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_the_orders_are_prime_and_2_generates_the_subgroup(name: str) -> None:
    group = modp(named(name))
    p = group.modulus
    assert group.order == Q
    cofactor, rest = divmod(p - 1, Q)
    assert rest == 0
    assert gmpy2.is_prime(p, 40)
    assert gmpy2.is_prime(Q, 40)
    assert gmpy2.is_prime(cofactor // 2, 40)
    assert p % 8 == 7
    g = generator_value(group)
    assert g == pow(2, cofactor, p) != 1
    assert pow(g, Q, p) == 1


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_p_begins_and_ends_with_256_ones(name: str) -> None:
    data = modp(named(name)).modulus.to_bytes(named(name).element_bytes, "big")
    assert data[:32] == data[-32:] == b"\xff" * 32


def test_the_profile_says_how_a_set_stands_to_the_specification() -> None:
    assert standard_group().profile is Profile.STANDARD
    assert reduced_group().profile is Profile.NAMED
    assert toy().profile is toy48().profile is tiny().profile is Profile.TOY
    assert named("p256").profile is Profile.NAMED
    assert [group.name for group in (standard_group(), reduced_group(), named("p256"))] == list(NAMES)


def test_parameter_bytes_are_p_q_g_at_their_widths() -> None:
    for group in (standard_group(), reduced_group(), toy(), tiny()):
        size = group.element_bytes
        data = group.parameter_bytes()
        assert int.from_bytes(data[:size], "big") == modp(group).modulus
        assert int.from_bytes(data[size : size + 32], "big") == group.order
        assert data[size + 32 :] == group.generator.encode()


def test_a_name_gives_one_object() -> None:
    assert named("electionguard-4096") is standard_group() is standard_group()
    assert named("electionguard-3072") is reduced_group()
    assert toy() is toy()


def test_threads_that_ask_at_once_get_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(params, "_loaded", {})
    with ThreadPoolExecutor(8) as pool:
        groups = list(pool.map(lambda _: named("electionguard-3072"), range(16)))
    assert len({id(group) for group in groups}) == 1
    with ThreadPoolExecutor(8) as pool:
        powers = list(pool.map(lambda group: group.power(group.generator, group.scalar(5)), groups))
    assert len(set(powers)) == 1


@pytest.mark.parametrize("name", ["", "electionguard", "ELECTIONGUARD-4096", "toy-64-256"])
def test_only_published_names_are_known(name: str) -> None:
    with pytest.raises(ValueError, match="known: electionguard-4096, electionguard-3072"):
        named(name)


@pytest.mark.parametrize("field", ["delta", "p_digest", "g_digest", "r_digest", "bits"])
def test_a_set_that_is_not_the_published_one_is_refused(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    published = params._SETS["electionguard-3072"]
    value = getattr(published, field)
    wrong = {"delta": lambda: value + 2, "bits": lambda: value + 8}.get(field, lambda: "00" + value[2:])()
    monkeypatch.setattr(params, "_loaded", {})
    monkeypatch.setitem(params._SETS, "electionguard-3072", dataclasses.replace(published, **{field: wrong}))
    with pytest.raises(ValueError, match="fingerprint"):
        named("electionguard-3072")
    assert params._loaded == {}


# --- parameters that are no group of this kind ---------------------------------------------------

P, G = modp(toy()).modulus, generator_value(toy())
TOY_Q = toy().order

PRIME, ONCE, COFACTOR, ORDER = "must be prime", "exactly once", "odd prime", "order q"
OTHER = (P - 1) // (2 * TOY_Q)

WRONG = {
    "p is composite": (P + 2, TOY_Q, G, PRIME),
    "p is even": (P + 1, TOY_Q, G, PRIME),
    "p is a strong pseudoprime to the bases 2 to 37": (318665857834031151167461, 127, 2, PRIME),
    "q is composite": (59183, 2 * 127, 32616, PRIME),
    "q is 1": (59183, 1, 1, PRIME),
    "q does not divide p - 1": (59183, 131, 32616, ONCE),
    "q divides p - 1 twice": (193549, 127, pow(2, 12 * 127, 193549), ONCE),
    "p and q change places": (127, 59183, 2, ONCE),
    "the cofactor is smooth": (386547056191, 2**32 - 5, pow(2, 90, 386547056191), COFACTOR),
    "the cofactor is 4, so that -1 is a square": (17179869989, 4294967497, 16, COFACTOR),
    "q is the prime of the cofactor": (P, OTHER, G, ORDER),
    "g is 0": (P, TOY_Q, 0, ORDER),
    "g is 1": (P, TOY_Q, 1, ORDER),
    "g is p - 1": (P, TOY_Q, P - 1, ORDER),
    "g is p": (P, TOY_Q, P, ORDER),
    "g is p + g": (P, TOY_Q, P + G, ORDER),
    "g is -g": (P, TOY_Q, -G, ORDER),
    "g is p - g": (P, TOY_Q, P - G, ORDER),
    "g is 2, of another order": (P, TOY_Q, 2, ORDER),
    "g has the order of the cofactor": (P, TOY_Q, pow(2, 2 * TOY_Q, P), ORDER),
}


@pytest.mark.parametrize(("p", "q", "g", "reason"), WRONG.values(), ids=WRONG.keys())
def test_wrong_parameters_make_no_group(p: int, q: int, g: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ModPGroup("wrong", Profile.TOY, p=p, q=q, g=g)


def test_the_right_parameters_make_one() -> None:
    group = ModPGroup("right", Profile.TOY, p=P, q=TOY_Q, g=G)
    assert group.parameter_bytes() == toy().parameter_bytes()
    assert group.generator != toy().generator
