"""Places where the specification's text can be read in two ways: the reading taken, and the others."""

from __future__ import annotations

from tests.vectors.form import Case, Document, case, document, group
from tests.vectors.make.hashes import Draw
from tests.vectors.oracle import (
    HASHES,
    Input,
    Numbers,
    contest_data_pad,
    hashed,
    mac,
    message,
    mod_q,
    scalar,
    u4,
)
from tests.vectors.setting import STANDARD, TOY, numbers

FILE = "specification-slips.json"

FLAGS = ("specification slip",)
FORMULA = "pre-encryption: formula only"


def make() -> Document:
    n, toy = numbers(STANDARD), numbers(TOY)
    hashes = [
        _closing(n),
        _data_commitment(n),
        _data_key(n),
        _pre_contest(n),
        _limit_length(n),
        _manifest(n),
        _mode_0(n),
        _order(n),
        _contest_index(n),
    ]
    notes = [
        "Each case has the number of its place in specs/decisions/specification-slips.md in its id.",
        "kind hash: as in hashes.json and pre-encryption-hashes.json. rejected has what other readings give, "
        "so that a program which differs can see which one it took.",
        "A decision that shows in what is accepted has its cases in other files; the decisions name them.",
    ]
    groups = [
        group({"kind": "hash", "group": STANDARD}, hashes),
        group({"kind": "hash", "group": TOY}, [_width(toy)]),
        group({"kind": "stream"}, [_blocks()]),
    ]
    return document("as the cases say", notes, groups)


def _result(n: Numbers, made: Input, reduced: bool = False) -> dict[str, object]:
    digest = mac(*made)
    return {"bytes": len(made[1]), "value": mod_q(n, digest) if reduced else digest}


def _expected(n: Numbers, use: str, given: dict[str, object]) -> dict[str, object]:
    build, reduced = HASHES[use]
    return _result(n, build(n, **given), reduced)


def _closing(n: Numbers) -> Case:
    name = "slip-01-pre-encryption-closing"
    d = Draw(n, name)
    given: dict[str, object] = {
        "key": (key := d.key()),
        "last_code": (code := d.key()),
        "initial_field": (field := d.field(1)),
    }
    stray = (key, message(b"\x44", b"LOCK", code, field))
    return case(
        name,
        "hash 44: equation 120 has no bytes between the domain byte and the last code",
        {"use": "pre_closing_digest", **given},
        _expected(n, "pre_closing_digest", given),
        flags=(*FLAGS, FORMULA),
        rejected=[("4C4F434B before the last code, as in 5.5.5", _result(n, stray))],
    )


def _data_commitment(n: Numbers) -> Case:
    name = "slip-02-key-of-32"
    d = Draw(n, name)
    extended_hash, identifier = d.key(), d.key()
    key = hashed("identifier_hash", n, key=extended_hash, identifier=identifier)
    fields: dict[str, object] = {"contest": 1, "i": 3, "data": d.sealed(1)}
    fields |= dict(zip(("a", "b", "m"), d.elements(3), strict=True)) | {"U": [1, 3]}
    return case(
        name,
        "hash 32 is keyed by H_I, as equation 99 says",
        {"use": "data_commitment", "extended_hash": extended_hash, "identifier": identifier, **fields},
        _expected(n, "data_commitment", {"key": key, **fields}),
        flags=FLAGS,
        rejected=[
            ("H_E as the key, as in 5.5.4", _expected(n, "data_commitment", {"key": extended_hash, **fields}))
        ],
    )


def _data_key(n: Numbers) -> Case:
    name = "slip-03-contest-index"
    d = Draw(n, name)
    given: dict[str, object] = {"key": d.key(), "contest": 2, "alpha": d.element(), "beta": d.element()}
    return case(
        name,
        "step 13.6 for a ballot that has contest 2 alone: the index is that of the contest at hand",
        {"use": "contest_data_key", **given},
        _expected(n, "contest_data_key", given),
        flags=FLAGS,
        rejected=[("its place on the ballot", _expected(n, "contest_data_key", {**given, "contest": 1}))],
    )


def _blocks() -> Case:
    name = "slip-03-first-block"
    key = Draw(numbers(STANDARD), name).key()
    return case(
        name,
        "step 13.7: the blocks of the key stream are numbered from 1, as in equation 66",
        {"key": key, "contest": 1, "blocks": 2},
        contest_data_pad(key, 1, 2),
        flags=FLAGS,
        rejected=[("numbered from 0", contest_data_pad(key, 1, 2, first=0))],
    )


def _pre_contest(n: Numbers) -> Case:
    name = "slip-04-null-vectors"
    d = Draw(n, name)
    hashes = [d.key() for _ in range(5)]
    given: dict[str, object] = {"key": (key := d.key()), "contest": 1, "selection_hashes": hashes}
    without = (key, message(b"\x41", u4(1), sorted(hashes[:3])))
    unsorted = (key, message(b"\x41", u4(1), hashes))
    return case(
        name,
        "hash 41 of three options and L = 2: the hashes of the null vectors, the last two, are in it",
        {"use": "pre_contest_hash", **given},
        _expected(n, "pre_contest_hash", given),
        flags=(*FLAGS, FORMULA),
        rejected=[
            ("the m options alone, as in 18.4", _result(n, without)),
            ("not sorted", _result(n, unsorted)),
        ],
    )


def _limit_length(n: Numbers) -> Case:
    name = "slip-07-limit-challenge"
    d = Draw(n, name)
    given: dict[str, object] = {"key": d.key(), "contest": 1, "alpha": d.element(), "beta": d.element()}
    given["commitments"] = d.elements(4)
    as_option = _expected(n, "selection_challenge", {**given, "option": 1})
    zero = _expected(n, "selection_challenge", {**given, "option": 0})
    return case(
        name,
        "hash 24 of a contest limit has no option index; no selection's input has its length",
        {"use": "limit_challenge", **given},
        _expected(n, "limit_challenge", given),
        flags=FLAGS,
        rejected=[("as for option 1", as_option), ("as for option 0", zero)],
    )


def _manifest(n: Numbers) -> Case:
    name = "slip-09-manifest-bytes"
    key = Draw(n, name).key()
    raw = '{"label": "\\u00c9lection", "contests": []}\n'
    again = {"compact": '{"label":"Élection","contests":[]}', "without the line end": raw[:-1]}
    return case(
        name,
        "H_B covers the bytes of the file, white space, escapes and line end included",
        {"use": "base_hash", "key": key, "manifest": raw},
        _expected(n, "base_hash", {"key": key, "manifest": raw}),
        flags=FLAGS,
        rejected=[
            (reading, _expected(n, "base_hash", {"key": key, "manifest": text}))
            for reading, text in again.items()
        ],
    )


def _mode_0(n: Numbers) -> Case:
    name = "slip-13-mode-0"
    d = Draw(n, name)
    field = d.field(0)
    key, contests = d.key(), [d.key()]
    given: dict[str, object] = {"key": key, "contest_hashes": contests, "chaining_field": field}
    zeros = _expected(n, "confirmation_code", {**given, "chaining_field": bytes(36)})
    return case(
        name,
        "without a chain the field is 00000000 and H_DI",
        {"use": "confirmation_code", **given},
        _expected(n, "confirmation_code", given),
        flags=FLAGS,
        rejected=[
            ("36 zero bytes, as in 3.6.7", zeros),
            ("no field", _result(n, (key, message(b"\x29", contests)))),
        ],
    )


def _order(n: Numbers) -> Case:
    name = "slip-16-order-of-guardians"
    d = Draw(n, name)
    given: dict[str, object] = {"key": d.key(), "contest": 1, "option": 1, "i": 3}
    given |= dict(zip(("A", "B", "a", "b", "M"), d.elements(5), strict=True)) | {"U": [1, 3]}
    return case(
        name,
        "U in increasing order",
        {"use": "tally_commitment", **given},
        _expected(n, "tally_commitment", given),
        flags=FLAGS,
        rejected=[
            ("in decreasing order", _expected(n, "tally_commitment", {**given, "U": [3, 1]})),
        ],
    )


def _contest_index(n: Numbers) -> Case:
    name = "slip-17-contest-index"
    d = Draw(n, name)
    given: dict[str, object] = {"key": d.key(), "contest": 2, "ciphertexts": d.pairs(2), "data": []}
    return case(
        name,
        "the contest hash of a ballot that has contest 2 alone: the index is the manifest's",
        {"use": "contest_hash", **given},
        _expected(n, "contest_hash", given),
        flags=FLAGS,
        rejected=[
            ("its place on the ballot, 1 <= l <= m_B", _expected(n, "contest_hash", {**given, "contest": 1}))
        ],
    )


def _width(n: Numbers) -> Case:
    name = "slip-19-width-of-scalars"
    given: dict[str, object] = {"guardians": 3, "quorum": 2}
    key, data = HASHES["parameter_base_hash"][0](n, **given)
    at = 1 + n.width
    if data[at : at + 32] != scalar(n.q):
        raise ValueError("q is not where it should be")
    narrow = (n.q.bit_length() + 7) // 8
    short = (key, data[:at] + data[at + 32 - narrow :])
    return case(
        name,
        "integers mod q take 32 bytes in every group, in a toy group too",
        {"use": "parameter_base_hash", **given},
        _expected(n, "parameter_base_hash", given),
        flags=FLAGS,
        rejected=[("as many bytes as q has", _result(n, short))],
    )
