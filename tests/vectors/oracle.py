"""The formulas of the specification once more, slowly, with ``int``, ``pow`` and ``hmac`` alone.

Written from the text, equation by equation; nothing of the package is used, so that a mistake in
the package and the same mistake here would have to be made twice. Elements and scalars are plain
integers inside, and bytes (see :meth:`Numbers.element`, :func:`scalar`) where they enter a hash.
Letters are those of the specification. Nothing here is fast, constant-time or checked.
"""

from __future__ import annotations

import hashlib
import hmac as _hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

VERSION = b"v2.1.0"


@dataclass(frozen=True)
class Numbers:
    """A parameter set: p, q, g as integers."""

    name: str
    p: int
    q: int
    g: int

    @property
    def width(self) -> int:
        """l_p, the bytes of an integer mod p (5.1.1)."""
        return (self.p.bit_length() + 7) // 8

    def element(self, value: int) -> bytes:
        """b(a, l_p)."""
        return value.to_bytes(self.width, "big")

    def power(self, base: int, exponent: int) -> int:
        """base^exponent mod p."""
        return pow(base, exponent, self.p)

    def elements(self, *values: int) -> list[bytes]:
        """b(a, l_p) of each."""
        return [self.element(value) for value in values]


def number(data: bytes) -> int:
    """The integer of big-endian bytes."""
    return int.from_bytes(data, "big")


def scalar(value: int) -> bytes:
    """b(a, 32) (5.1.2)."""
    return value.to_bytes(32, "big")


def u4(value: int) -> bytes:
    """b(a, 4) (5.1.3)."""
    return value.to_bytes(4, "big")


def variable(data: bytes) -> bytes:
    """A string or file behind its length (5.1.4, 5.1.5)."""
    return u4(len(data)) + data


def message(*parts: bytes | Sequence[bytes]) -> bytes:
    """B1: all parts, one after the other."""
    return b"".join(part if isinstance(part, bytes) else b"".join(part) for part in parts)


def mac(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256 (FIPS 198-1)."""
    return _hmac.new(key, data, hashlib.sha256).digest()


def mod_q(n: Numbers, digest: bytes) -> bytes:
    """H_q from H (5.4), as 32 bytes."""
    return scalar(number(digest) % n.q)


def xor(left: bytes, right: bytes) -> bytes:
    """Bitwise exclusive or of two strings of one length."""
    if len(left) != len(right):
        raise ValueError("two strings of one length")
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


# --- the hashes of 5.5: what goes into each ---------------------------------------------------------
#
# Each function gives (B0, B1); HASHES says which results are taken mod q. Elements, hashes and
# scalars come as bytes, indices and counts as integers, strings as text.

Input = tuple[bytes, bytes]


def b1_parameter_base_hash(n: Numbers, guardians: int, quorum: int) -> Input:
    key = VERSION + bytes(26)
    numbers = (n.element(n.p), scalar(n.q), n.element(n.g))
    return key, message(b"\x00", numbers, u4(guardians), u4(quorum))  # (4)


def b1_base_hash(n: Numbers, key: bytes, manifest: str) -> Input:
    return key, message(b"\x01", variable(manifest.encode()))  # (5)


def _key_proof(label: bytes) -> Callable[..., Input]:
    def build(
        n: Numbers, key: bytes, i: int, keys: list[bytes], kappa: bytes, commitments: list[bytes]
    ) -> Input:
        return key, message(b"\x10", label, u4(i), keys, kappa, commitments)  # (11), (13)

    return build


def b1_share_key(n: Numbers, key: bytes, i: int, l: int, kappa: bytes, alpha: bytes, beta: bytes) -> Input:  # noqa: E741
    return key, message(b"\x11", u4(i), u4(l), kappa, alpha, beta)  # (16)


def b1_share_challenge(n: Numbers, key: bytes, i: int, l: int, gamma: bytes, c0: bytes, c1: bytes) -> Input:  # noqa: E741
    return key, message(b"\x12", u4(i), u4(l), gamma, c0, c1)  # (22)


def b1_guardian_hash(
    n: Numbers,
    key: bytes,
    vote_key: bytes,
    data_key: bytes,
    vote_commitments: list[list[bytes]],
    data_commitments: list[list[bytes]],
    kappas: list[bytes],
) -> Input:
    vote = [commitment for guardian in vote_commitments for commitment in guardian]
    data = [commitment for guardian in data_commitments for commitment in guardian]
    return key, message(b"\x13", vote_key, data_key, vote, data, kappas)  # (27)


def b1_extended_base_hash(n: Numbers, key: bytes, vote_key: bytes, data_key: bytes) -> Input:
    return key, message(b"\x14", vote_key, data_key)  # (30)


def b1_identifier_hash(n: Numbers, key: bytes, identifier: bytes) -> Input:
    return key, message(b"\x20", identifier)  # (32)


def b1_selection_nonce(n: Numbers, key: bytes, contest: int, option: int, ballot_nonce: bytes) -> Input:
    return key, message(b"\x21", u4(contest), u4(option), ballot_nonce)  # (33)


def b1_ballot_nonce_key(n: Numbers, key: bytes, alpha: bytes, beta: bytes) -> Input:
    return key, message(b"\x22", alpha, beta)  # (35)


def b1_ballot_nonce_challenge(n: Numbers, key: bytes, a: bytes, c0: bytes, c1: bytes) -> Input:
    return key, message(b"\x23", a, c0, c1)  # (38)


def b1_selection_challenge(
    n: Numbers,
    key: bytes,
    contest: int,
    option: int,
    alpha: bytes,
    beta: bytes,
    commitments: list[bytes],
) -> Input:
    return key, message(b"\x24", u4(contest), u4(option), alpha, beta, commitments)  # (41), (50), (59)


def b1_limit_challenge(
    n: Numbers, key: bytes, contest: int, alpha: bytes, beta: bytes, commitments: list[bytes]
) -> Input:
    return key, message(b"\x24", u4(contest), alpha, beta, commitments)  # (62)


def b1_contest_data_nonce(n: Numbers, key: bytes, contest: int, ballot_nonce: bytes) -> Input:
    return key, message(b"\x25", u4(contest), ballot_nonce)  # (64)


def b1_contest_data_key(n: Numbers, key: bytes, contest: int, alpha: bytes, beta: bytes) -> Input:
    return key, message(b"\x26", u4(contest), alpha, beta)  # (65)


def b1_contest_data_challenge(n: Numbers, key: bytes, contest: int, a: bytes, c0: bytes, c1: bytes) -> Input:
    return key, message(b"\x27", u4(contest), a, c0, c1)  # (69)


def b1_contest_hash(
    n: Numbers, key: bytes, contest: int, ciphertexts: list[list[bytes]], data: list[bytes]
) -> Input:
    pairs = [part for pair in ciphertexts for part in pair]
    return key, message(b"\x28", u4(contest), pairs, data)  # (70); data is C0, C1, c, v or nothing


def b1_confirmation_code(n: Numbers, key: bytes, contest_hashes: list[bytes], chaining_field: bytes) -> Input:
    return key, message(b"\x29", contest_hashes, chaining_field)  # (71)


def b1_chain_code(n: Numbers, key: bytes, chaining_field: bytes) -> Input:
    return key, message(b"\x29", chaining_field)  # (74), (77)


def b1_device_hash(n: Numbers, key: bytes, device: str) -> Input:
    return key, message(b"\x2a", variable(device.encode()))  # (72)


def b1_closing_digest(n: Numbers, key: bytes, last_code: bytes, initial_field: bytes) -> Input:
    return key, message(b"\x2b", last_code, initial_field)  # (78)


def _set(guardians: list[int]) -> bytes:
    """#U and the members of U."""
    return u4(len(guardians)) + b"".join(u4(j) for j in guardians)


def b1_tally_commitment(
    n: Numbers,
    key: bytes,
    contest: int,
    option: int,
    i: int,
    A: bytes,
    B: bytes,
    a: bytes,
    b: bytes,
    M: bytes,
    U: list[int],
) -> Input:
    return key, message(b"\x30", u4(contest), u4(option), u4(i), A, B, a, b, M, _set(U))  # (88)


def b1_tally_challenge(
    n: Numbers, key: bytes, contest: int, option: int, A: bytes, B: bytes, a: bytes, b: bytes, M: bytes
) -> Input:
    return key, message(b"\x31", u4(contest), u4(option), A, B, a, b, M)  # (90)


def b1_data_commitment(
    n: Numbers,
    key: bytes,
    contest: int,
    i: int,
    data: list[bytes],
    a: bytes,
    b: bytes,
    m: bytes,
    U: list[int],
) -> Input:
    return key, message(b"\x32", u4(contest), u4(i), data, a, b, m, _set(U))  # (99)


def b1_data_challenge(
    n: Numbers, key: bytes, contest: int, data: list[bytes], a: bytes, b: bytes, beta: bytes
) -> Input:
    return key, message(b"\x33", u4(contest), data, a, b, beta)  # (101)


def b1_pre_selection_hash(n: Numbers, key: bytes, ciphertexts: list[list[bytes]]) -> Input:
    return key, message(b"\x40", [part for pair in ciphertexts for part in pair])  # (113), (114)


def b1_pre_contest_hash(n: Numbers, key: bytes, contest: int, selection_hashes: list[bytes]) -> Input:
    return key, message(b"\x41", u4(contest), sorted(selection_hashes))  # (115)


def b1_pre_confirmation_code(
    n: Numbers, key: bytes, contest_hashes: list[bytes], chaining_field: bytes
) -> Input:
    return key, message(b"\x42", contest_hashes, chaining_field)  # (116)


def b1_pre_chain_code(n: Numbers, key: bytes, chaining_field: bytes) -> Input:
    return key, message(b"\x42", chaining_field)  # (117), (118)


def b1_pre_device_hash(n: Numbers, key: bytes, device: str) -> Input:
    return key, message(b"\x43", variable(device.encode()))  # (119)


def b1_pre_closing_digest(n: Numbers, key: bytes, last_code: bytes, initial_field: bytes) -> Input:
    return key, message(b"\x44", last_code, initial_field)  # (120)


def b1_pre_nonce(n: Numbers, key: bytes, contest: int, vector: int, position: int, nonce: bytes) -> Input:
    return key, message(b"\x45", u4(contest), u4(vector), u4(position), nonce)  # (121)


DIGEST, SCALAR = False, True

HASHES: dict[str, tuple[Callable[..., Input], bool]] = {
    "parameter_base_hash": (b1_parameter_base_hash, DIGEST),
    "base_hash": (b1_base_hash, DIGEST),
    "vote_key_challenge": (_key_proof(b"pk_vote"), SCALAR),
    "data_key_challenge": (_key_proof(b"pk_data"), SCALAR),
    "share_key": (b1_share_key, DIGEST),
    "share_challenge": (b1_share_challenge, SCALAR),
    "guardian_hash": (b1_guardian_hash, DIGEST),
    "extended_base_hash": (b1_extended_base_hash, DIGEST),
    "identifier_hash": (b1_identifier_hash, DIGEST),
    "selection_nonce": (b1_selection_nonce, SCALAR),
    "ballot_nonce_key": (b1_ballot_nonce_key, DIGEST),
    "ballot_nonce_challenge": (b1_ballot_nonce_challenge, SCALAR),
    "selection_challenge": (b1_selection_challenge, SCALAR),
    "limit_challenge": (b1_limit_challenge, SCALAR),
    "contest_data_nonce": (b1_contest_data_nonce, SCALAR),
    "contest_data_key": (b1_contest_data_key, DIGEST),
    "contest_data_challenge": (b1_contest_data_challenge, SCALAR),
    "contest_hash": (b1_contest_hash, DIGEST),
    "confirmation_code": (b1_confirmation_code, DIGEST),
    "chain_code": (b1_chain_code, DIGEST),
    "device_hash": (b1_device_hash, DIGEST),
    "closing_digest": (b1_closing_digest, DIGEST),
    "tally_commitment": (b1_tally_commitment, DIGEST),
    "tally_challenge": (b1_tally_challenge, SCALAR),
    "data_commitment": (b1_data_commitment, DIGEST),
    "data_challenge": (b1_data_challenge, SCALAR),
    "pre_selection_hash": (b1_pre_selection_hash, DIGEST),
    "pre_contest_hash": (b1_pre_contest_hash, DIGEST),
    "pre_confirmation_code": (b1_pre_confirmation_code, DIGEST),
    "pre_chain_code": (b1_pre_chain_code, DIGEST),
    "pre_device_hash": (b1_pre_device_hash, DIGEST),
    "pre_closing_digest": (b1_pre_closing_digest, DIGEST),
    "pre_nonce": (b1_pre_nonce, SCALAR),
}


def hashed(use: str, n: Numbers, **fields: object) -> bytes:
    """The result of one use of H or H_q, 32 bytes."""
    build, reduced = HASHES[use]
    digest = mac(*build(n, **fields))
    return mod_q(n, digest) if reduced else digest


def hashed_number(use: str, n: Numbers, **fields: object) -> int:
    """A result of H_q as an integer."""
    return number(hashed(use, n, **fields))


# --- key streams (SP 800-108, counter mode) ----------------------------------------------------------


def share_key_stream(key: bytes, i: int, l: int) -> bytes:  # noqa: E741
    """k_1 and k_2 of a share (17), (18)."""
    tail = b"share_enc_keys" + b"\x00" + b"share_encrypt" + u4(i) + u4(l) + b"\x02\x00"
    return mac(key, b"\x01" + tail) + mac(key, b"\x02" + tail)


def ballot_nonce_pad(key: bytes) -> bytes:
    """k_1 over the ballot nonce (36)."""
    return mac(key, b"\x01" + b"ballot_nonce" + b"\x00" + b"ballot_nonce_encrypt" + b"\x01\x00")


def contest_data_pad(key: bytes, contest: int, blocks: int, first: int = 1) -> bytes:
    """k_first … of contest data (66); the specification's 13.7 counts from 0."""
    tail = b"data_enc_keys" + b"\x00" + b"contest_data" + u4(contest) + u4(256 * blocks)
    return b"".join(mac(key, u4(counter) + tail) for counter in range(first, first + blocks))


# --- evote's own hashes ------------------------------------------------------------------------------


def tagged(tag: str, *fields: bytes) -> bytes:
    """SHA-256 over a tag and length-prefixed fields."""
    parts = [variable(tag.encode()), u4(len(fields)), *(variable(field) for field in fields)]
    return hashlib.sha256(b"".join(parts)).digest()


def context_identifier(
    extended_hash: bytes, unit: str, style: str, pseudonym: bytes | None, randomness: bytes
) -> bytes:
    """id_B."""
    who = b"NONE" if pseudonym is None else b"SOME" + pseudonym
    return tagged("evote/v1/context", extended_hash, unit.encode(), style.encode(), who, randomness)


def hedged_nonce(random: bytes, device_secret: bytes, identifier: bytes) -> bytes:
    """The ballot nonce of a device."""
    return tagged("evote/v1/ballot-nonce", random, device_secret, identifier)


# --- proofs --------------------------------------------------------------------------------------------


def schnorr(n: Numbers, secret: int, u: int, challenge: Callable[[bytes], int]) -> dict[str, bytes]:
    """(c, v) for knowledge of ``secret`` with a = g^u."""
    c = challenge(n.element(n.power(n.g, u)))
    return {"challenge": scalar(c), "response": scalar((u - c * secret) % n.q)}


def range_commitments(
    n: Numbers, key: int, value: int, us: Sequence[int], cs: Sequence[int | None]
) -> list[bytes]:
    """a_0, b_0, a_1, b_1 … (57), (58); ``cs`` has None where the branch holds."""
    commitments = []
    for j, (u, c) in enumerate(zip(us, cs, strict=True)):
        t = u if c is None else u + (value - j) * c
        commitments += [n.power(n.g, u), n.power(key, t % n.q)]
    return n.elements(*commitments)


def range_proof(
    n: Numbers,
    key: int,
    value: int,
    nonce: int,
    us: Sequence[int],
    cs: Sequence[int | None],
    challenge: Callable[[list[bytes]], int],
) -> list[dict[str, bytes]]:
    """(c_j, v_j) for 0 <= value <= R (57) to (61)."""
    total = challenge(range_commitments(n, key, value, us, cs))
    rest = (total - sum(c for c in cs if c is not None)) % n.q
    answers = [rest if c is None else c for c in cs]
    return [
        {"challenge": scalar(c), "response": scalar((u - c * nonce) % n.q)}
        for u, c in zip(us, answers, strict=True)
    ]


def range_commitments_again(
    n: Numbers, key: int, alpha: int, beta: int, proof: Sequence[dict[str, bytes]]
) -> list[bytes]:
    """a_j and b_j as 6.1 and 6.2 recompute them."""
    commitments = []
    for j, pair in enumerate(proof):
        c, v = number(pair["challenge"]), number(pair["response"])
        commitments.append(n.power(n.g, v) * n.power(alpha, c) % n.p)
        commitments.append(n.power(key, (v - j * c) % n.q) * n.power(beta, c) % n.p)
    return n.elements(*commitments)


# --- threshold arithmetic ------------------------------------------------------------------------------


def evaluate(n: Numbers, coefficients: Sequence[int], point: int) -> int:
    """P(point) (7)."""
    return sum(coefficient * pow(point, j, n.q) for j, coefficient in enumerate(coefficients)) % n.q


def lagrange(n: Numbers, i: int, U: Sequence[int]) -> int:
    """w_i (85)."""
    others = [j for j in U if j != i]
    divisor: int = pow(prod(j - i for j in others), -1, n.q)
    return prod(others) * divisor % n.q


# --- contest data (evote's own form) --------------------------------------------------------------------


def contest_record(status: int, marks: Sequence[int], write_ins: Sequence[str], blocks: int) -> bytes:
    """Form 01, status, marks, write-ins, zeros."""
    data = bytes((1, status)) + len(marks).to_bytes(2, "big")
    data += b"".join(mark.to_bytes(2, "big") for mark in marks)
    data += len(write_ins).to_bytes(2, "big")
    for text in write_ins:
        data += len(text.encode()).to_bytes(2, "big") + text.encode()
    return data.ljust(32 * blocks, b"\x00")
