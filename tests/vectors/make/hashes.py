"""Every use of H in the core, once or more per group, on made-up fields of the right form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, case, document, group
from tests.vectors.oracle import HASHES, Numbers, hashed
from tests.vectors.setting import STANDARD, TOY, numbers

FILE = "hashes.json"

Fields = Mapping[str, object]


class Draw:
    """Fields for one case, from its id."""

    def __init__(self, n: Numbers, name: str) -> None:
        self.n = n
        self.rng = SeededRandomness(f"vectors/{name}")

    def key(self) -> bytes:
        """32 bytes: a key of H, a hash, a ballot nonce."""
        return self.rng.token(32)

    def element(self) -> bytes:
        """A member of the subgroup."""
        return self.n.element(self.n.power(self.n.g, self.rng.below(self.n.q)))

    def elements(self, count: int) -> list[bytes]:
        """That many members."""
        return [self.element() for _ in range(count)]

    def pairs(self, count: int) -> list[list[bytes]]:
        """That many ciphertexts."""
        return [self.elements(2) for _ in range(count)]

    def scalar(self) -> bytes:
        """Below q, in 32 bytes."""
        return self.rng.below(self.n.q).to_bytes(32, "big")

    def sealed(self, blocks: int) -> list[bytes]:
        """C0, C1 and both halves of C2."""
        return [self.element(), self.rng.token(32 * blocks), self.scalar(), self.scalar()]

    def field(self, mode: int) -> bytes:
        """A chaining field."""
        return mode.to_bytes(4, "big") + self.rng.token(32)


def _key_proof(quorum: int) -> Callable[[Draw], Fields]:
    def fields(d: Draw) -> Fields:
        return {
            "key": d.key(),
            "i": quorum,
            "keys": d.elements(quorum),
            "kappa": d.element(),
            "commitments": d.elements(quorum + 1),
        }

    return fields


def _range(option: bool, limit: int) -> Callable[[Draw], Fields]:
    def fields(d: Draw) -> Fields:
        made: dict[str, object] = {"key": d.key(), "contest": 2}
        if option:
            made["option"] = 5
        alpha, beta = d.elements(2)
        return {**made, "alpha": alpha, "beta": beta, "commitments": d.elements(2 * limit + 2)}

    return fields


def _joint(option: bool, U: Sequence[int], blocks: int) -> Callable[[Draw], Fields]:
    def fields(d: Draw) -> Fields:
        made: dict[str, object] = {"key": d.key(), "contest": 3}
        if option:
            made["option"] = 2
        if U:
            made["i"] = U[-1]
        if option:
            made["A"], made["B"] = d.elements(2)
        else:
            made["data"] = d.sealed(blocks)
        made["a"], made["b"] = d.elements(2)
        made["M" if option else "m" if U else "beta"] = d.element()
        return {**made, "U": list(U)} if U else made

    return fields


# name, use, comment, fields; the length of B1 in the standard group by the tables of 5.5
USES: list[tuple[str, str, str, Callable[[Draw], Fields], int]] = [
    ("00", "parameter_base_hash", "H_P (4)", lambda d: {"guardians": 5, "quorum": 3}, 1065),
    ("01", "base_hash", "H_B (5)", lambda d: {"key": d.key(), "manifest": '{"label":"Élection"}'}, 5 + 21),
    ("01-empty", "base_hash", "H_B of an empty file (5)", lambda d: {"key": d.key(), "manifest": ""}, 5),
    ("10-vote", "vote_key_challenge", "c_i, k = 2 (11)", _key_proof(2), 12 + 6 * 512),
    ("10-data", "data_key_challenge", "the other c_i, k = 2 (13)", _key_proof(2), 12 + 6 * 512),
    ("10-vote-k1", "vote_key_challenge", "c_i, k = 1 (11)", _key_proof(1), 12 + 4 * 512),
    (
        "11",
        "share_key",
        "k_i,l from guardian 3 to 1 (16)",
        lambda d: {
            "key": d.key(),
            "i": 3,
            "l": 1,
            "kappa": d.element(),
            "alpha": d.element(),
            "beta": d.element(),
        },
        1545,
    ),
    (
        "12",
        "share_challenge",
        "challenge of an encrypted share (22)",
        lambda d: {
            "key": d.key(),
            "i": 3,
            "l": 1,
            "gamma": d.element(),
            "c0": d.element(),
            "c1": d.rng.token(64),
        },
        1097,
    ),
    (
        "13",
        "guardian_hash",
        "H_G, n = 3, k = 2: all K_i,j, then all of the other keys, then the kappas (27)",
        lambda d: {
            "key": d.key(),
            "vote_key": d.element(),
            "data_key": d.element(),
            "vote_commitments": d.pairs(3),
            "data_commitments": d.pairs(3),
            "kappas": d.elements(3),
        },
        1 + (2 + 2 * 3 * 2 + 3) * 512,
    ),
    (
        "14",
        "extended_base_hash",
        "H_E (30)",
        lambda d: {"key": d.key(), "vote_key": d.element(), "data_key": d.element()},
        1025,
    ),
    ("20", "identifier_hash", "H_I (32)", lambda d: {"key": d.key(), "identifier": d.key()}, 33),
    (
        "21",
        "selection_nonce",
        "nonce of selection 3 in contest 2 (33)",
        lambda d: {"key": d.key(), "contest": 2, "option": 3, "ballot_nonce": d.key()},
        41,
    ),
    (
        "21-large-indices",
        "selection_nonce",
        "the largest indices (33)",
        lambda d: {"key": d.key(), "contest": 2**31 - 1, "option": 2**31 - 1, "ballot_nonce": d.key()},
        41,
    ),
    (
        "22",
        "ballot_nonce_key",
        "h of the ballot nonce (35)",
        lambda d: {"key": d.key(), "alpha": d.element(), "beta": d.element()},
        1025,
    ),
    (
        "23",
        "ballot_nonce_challenge",
        "challenge of the encrypted ballot nonce (38)",
        lambda d: {"key": d.key(), "a": d.element(), "c0": d.element(), "c1": d.key()},
        1057,
    ),
    ("24-selection", "selection_challenge", "range 0..1 (41), (50)", _range(True, 1), 3081),
    ("24-selection-r2", "selection_challenge", "range 0..2 (59)", _range(True, 2), 9 + 8 * 512),
    ("24-limit", "limit_challenge", "contest limit 1: no option index (62)", _range(False, 1), 5 + 6 * 512),
    ("24-limit-l3", "limit_challenge", "contest limit 3 (62)", _range(False, 3), 5 + 10 * 512),
    (
        "25",
        "contest_data_nonce",
        "nonce of contest data (64)",
        lambda d: {"key": d.key(), "contest": 2, "ballot_nonce": d.key()},
        37,
    ),
    (
        "26",
        "contest_data_key",
        "h of contest data (65)",
        lambda d: {"key": d.key(), "contest": 2, "alpha": d.element(), "beta": d.element()},
        1029,
    ),
    (
        "27",
        "contest_data_challenge",
        "challenge of contest data of 2 blocks (69)",
        lambda d: {"key": d.key(), "contest": 2, "a": d.element(), "c0": d.element(), "c1": d.rng.token(64)},
        1029 + 64,
    ),
    (
        "28",
        "contest_hash",
        "two fields, no contest data (70)",
        lambda d: {"key": d.key(), "contest": 1, "ciphertexts": d.pairs(2), "data": []},
        5 + 4 * 512,
    ),
    (
        "28-with-data",
        "contest_hash",
        "two fields and contest data of 2 blocks (70)",
        lambda d: {"key": d.key(), "contest": 1, "ciphertexts": d.pairs(2), "data": d.sealed(2)},
        69 + 5 * 512 + 64,
    ),
    (
        "29",
        "confirmation_code",
        "H_C of three contests, chaining mode 0 (71)",
        lambda d: {
            "key": d.key(),
            "contest_hashes": [d.key(), d.key(), d.key()],
            "chaining_field": d.field(0),
        },
        37 + 96,
    ),
    (
        "29-chained",
        "confirmation_code",
        "H_C of one contest, chaining mode 1 (71)",
        lambda d: {"key": d.key(), "contest_hashes": [d.key()], "chaining_field": d.field(1)},
        37 + 32,
    ),
    (
        "29-start",
        "chain_code",
        "H_0 of a chain, or its closing hash: under H_E (74), (77)",
        lambda d: {"key": d.key(), "chaining_field": d.field(1)},
        37,
    ),
    ("2a", "device_hash", "H_DI (72)", lambda d: {"key": d.key(), "device": "device 1"}, 5 + 8),
    (
        "2a-utf-8",
        "device_hash",
        "H_DI of a text with letters of two and four bytes (72)",
        lambda d: {"key": d.key(), "device": "Bureau n° 7, Orléans \U0001f5f3"},
        5 + 27,
    ),
    (
        "2b",
        "closing_digest",
        "inside the closing field (78)",
        lambda d: {"key": d.key(), "last_code": d.key(), "initial_field": d.field(1)},
        69,
    ),
    ("30", "tally_commitment", "d_i with U = {1, 3} (88)", _joint(True, (1, 3), 0), 2577 + 8),
    ("30-all", "tally_commitment", "d_i with U = {1, 2, 3} (88)", _joint(True, (1, 2, 3), 0), 2577 + 12),
    ("31", "tally_challenge", "challenge of a decryption (90)", _joint(True, (), 0), 2569),
    (
        "32",
        "data_commitment",
        "d_i for contest data of 2 blocks (99)",
        _joint(False, (1, 3), 2),
        2125 + 64 + 8,
    ),
    ("33", "data_challenge", "challenge for contest data of 2 blocks (101)", _joint(False, (), 2), 2117 + 64),
]


def make() -> Document:
    groups = []
    for name in (STANDARD, TOY):
        n = numbers(name)
        groups.append(group({"group": name}, [_case(n, *use) for use in USES]))
    notes = [
        "input.use names the hash, input.key is B0, the other members are the fields of B1 in order.",
        "expect.value is the result: H as it is, or H mod q in 32 bytes where the text writes H_q.",
        "expect.bytes is len(B1). In the standard group it is the length that section 5.5 states.",
        "Fields are made up: elements are members of the subgroup, hashes are random.",
        "data is C0, C1 and the two halves of C2; guardians of U are in increasing order.",
    ]
    return document("section 5.5", notes, groups)


def _case(n: Numbers, name: str, use: str, comment: str, fields: Callable[[Draw], Fields], size: int) -> Case:
    label = f"hash-{name}-{'standard' if n.name == STANDARD else 'toy'}"
    given = fields(Draw(n, label))
    length = len(HASHES[use][0](n, **given)[1])
    if n.name == STANDARD and length != size:
        raise ValueError(f"{label}: B1 has {length} bytes and not the {size} of the specification")
    expect: dict[str, Any] = {"bytes": length, "value": hashed(use, n, **given)}
    return case(label, comment, {"use": use, **given}, expect)
