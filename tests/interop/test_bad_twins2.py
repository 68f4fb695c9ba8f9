"""For every check of 2.0 a record that is wrong in one place, on which exactly that check fails.

Where the specification states one fact in two checks, or one wrong value cannot but break two, the set
stands in the case and in ``specs/foreign-records.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from evote.interop import Request
from evote.interop.electionguard2.checks import CHECKS
from evote.interop.electionguard2.layout import Layout
from tests.interop.kit2 import PROFILE, maker, unchecked, verified
from tests.interop.writer2 import DEVICE, VOTES, Deviation, Json, Maker

BALLOT = f"encrypted_ballots/{DEVICE}/eballot-b0.json"
LAST = f"encrypted_ballots/{DEVICE}/eballot-b3.json"
DBALLOT = "challenged_ballots/dballot-b1.json"
CHAIN = f"encrypted_ballots/{DEVICE}/ballot_chain.json"

PAGE = Path(__file__).resolve().parents[2] / "specs" / "foreign-records.md"


@dataclass(frozen=True)
class Case:
    """A deviation, how the record is made, and the checks that fail."""

    fails: frozenset[str]
    deviation: Deviation
    options: dict[str, Any] = field(default_factory=dict)
    expect: str | None = None


CASES: dict[str, Case] = {}


def files(name: str, *fails: str, **options: Any) -> Callable[[Callable[[dict[str, Json]], None]], None]:
    """Enter a case that changes files after everything was made."""

    def enter(change: Callable[[dict[str, Json]], None]) -> None:
        CASES[name] = Case(frozenset(fails), Deviation(files=change), options)

    return enter


def case(name: str, *fails: str, deviation: Deviation, expect: str | None = None, **options: Any) -> None:
    """Enter a case that deviates while the record is made."""
    CASES[name] = Case(frozenset(fails), deviation, options, expect)


def raised(data: bytes, by: int = 1) -> bytes:
    """A scalar plus a number modulo q."""
    return ((int.from_bytes(data, "big") + by) % PROFILE.group.order).to_bytes(32, "big")


def above(data: bytes) -> bytes:
    """A scalar plus q: the same modulo q, and out of range."""
    return (int.from_bytes(data, "big") + PROFILE.group.order).to_bytes(32, "big")


def flipped(data: bytes) -> bytes:
    """Bytes with one bit changed."""
    return data[:-1] + bytes([data[-1] ^ 1])


def times_g(data: bytes) -> bytes:
    """An element times g."""
    group = PROFILE.group
    return group.multiply(group.decode(data), group.generator).encode()


# --- 1 to 4 ------------------------------------------------------------------------------------------


@files("another version", "1.A")
def _(record: dict[str, Json]) -> None:
    record["constants.json"]["protocolVersion"] = "v1.9.0"


@files("another version in the other layout", "1.A", layout=Layout.MULTIPLATFORM)
def _(record: dict[str, Json]) -> None:
    record["election_config.json"]["config_version"] = "v2.1.0"


for _check, _name in (
    ("1.B", "largePrime"),
    ("1.C", "smallPrime"),
    ("1.D", "cofactor"),
    ("1.E", "generator"),
):

    def _number(record: dict[str, Json], name: str = _name) -> None:
        numbers = record["constants.json"]["constants"]
        numbers[name] = f"{int(numbers[name], 16) + 2:x}"

    def _absent(record: dict[str, Json], name: str = _name) -> None:
        del record["constants.json"]["constants"][name]

    files(f"another {_name}", _check)(_number)
    files(f"no {_name}", _check)(_absent)

for _check, _name in (
    ("1.F", "parameter_base_hash"),
    ("1.G", "manifest_hash"),
    ("1.H", "election_base_hash"),
):

    def _hash(record: dict[str, Json], name: str = _name) -> None:
        record["election_config.json"][name] = flipped(record["election_config.json"][name])

    files(f"another {_name}", _check)(_hash)


def _negated_coefficient(maker: Maker, guardian: int, place: int, key: bytes) -> bytes:
    return maker.negated(key) if (guardian, place) == (2, 1) else key


def _negated_key(maker: Maker, guardian: int, place: int, key: bytes) -> bytes:
    return maker.negated(key) if (guardian, place) == (2, 0) else key


case("a coefficient outside the subgroup", "2.A", deviation=Deviation(key=_negated_coefficient))
case("a public key outside the subgroup", "2.A", "3.A", deviation=Deviation(key=_negated_key))


@files("a coefficient is missing", "2.A")
def _(record: dict[str, Json]) -> None:
    record["election_initialized.json"]["guardians"][1]["coefficient_proofs"].pop()


@files("two guardians of one number", "2.A", "2.C")
def _(record: dict[str, Json]) -> None:
    record["election_initialized.json"]["guardians"][1]["x_coordinate"] = 1


@files("a key proof's response of q and more", "2.B")
def _(record: dict[str, Json]) -> None:
    proof = record["election_initialized.json"]["guardians"][0]["coefficient_proofs"][1]
    proof["response"] = above(proof["response"])


@files("a key proof with another response", "2.C")
def _(record: dict[str, Json]) -> None:
    proof = record["election_initialized.json"]["guardians"][0]["coefficient_proofs"][1]
    proof["response"] = raised(proof["response"])


def _no_secret(secrets: list[list[int]]) -> None:
    secrets[1][0] = 0


def _no_joint_secret(secrets: list[list[int]]) -> None:
    secrets[2][0] = -secrets[0][0] - secrets[1][0]


case("a guardian whose key is 1", "3.A", deviation=Deviation(secrets=_no_secret))
case("a joint key that is 1", "3.B", deviation=Deviation(secrets=_no_joint_secret))


@files("another joint key", "3.B")
def _(record: dict[str, Json]) -> None:
    keys = record["election_initialized.json"]
    keys["joint_public_key"] = times_g(keys["joint_public_key"])


@files("another extended base hash", "4.A")
def _(record: dict[str, Json]) -> None:
    keys = record["election_initialized.json"]
    keys["extended_base_hash"] = flipped(keys["extended_base_hash"])


# --- 5 to 7 ------------------------------------------------------------------------------------------


def _negated_alpha(
    maker: Maker, ballot: str, contest: str, place: int, a: bytes, b: bytes
) -> tuple[bytes, bytes]:
    return (maker.negated(a), b) if (ballot, contest, place) == ("b0", "Mayor", 2) else (a, b)


def _negated_beta(
    maker: Maker, ballot: str, contest: str, place: int, a: bytes, b: bytes
) -> tuple[bytes, bytes]:
    return (a, maker.negated(b)) if (ballot, contest, place) == ("b0", "Mayor", 2) else (a, b)


case("alpha outside the subgroup", "5.A", "6.A", deviation=Deviation(pair=_negated_alpha))
case("beta outside the subgroup", "5.A", "6.A", deviation=Deviation(pair=_negated_beta))
case(
    "alpha of a pre-encrypted ballot outside the subgroup",
    "15.A",
    "18.A",
    deviation=Deviation(pair=_negated_alpha),
    pre_encrypted=True,
)


def _proof_of(record: dict[str, Json], kind: str) -> Json:
    contest = record[BALLOT]["contests"][0]
    holder = contest if kind == "limit" else contest["selections"][1]
    return holder["proof"]["proofs"]


for _kind, _checks, _options in (
    ("selection", ("5.B", "5.C", "5.D"), {}),
    ("limit", ("6.B", "6.C", "6.D"), {}),
    ("selection", ("15.B", "15.C", "15.D"), {"pre_encrypted": True}),
    ("limit", ("16.A", "16.B", "16.C"), {"pre_encrypted": True}),
):

    def _long(record: dict[str, Json], kind: str = _kind) -> None:
        proof = _proof_of(record, kind)[0]
        proof["challenge"] = b"\x00" + proof["challenge"]

    def _large(record: dict[str, Json], kind: str = _kind) -> None:
        proof = _proof_of(record, kind)[1]
        proof["response"] = above(proof["response"])

    def _false(record: dict[str, Json], kind: str = _kind) -> None:
        proof = _proof_of(record, kind)[0]
        proof["response"] = raised(proof["response"])

    def _sum(record: dict[str, Json], kind: str = _kind) -> None:
        proof = _proof_of(record, kind)[0]
        proof["challenge"] = raised(proof["challenge"])

    def _fewer(record: dict[str, Json], kind: str = _kind) -> None:
        _proof_of(record, kind).pop()

    _what = f"{_kind} proof of verification {_checks[0].split('.')[0]}"
    files(f"a longer challenge: {_what}", _checks[0], **_options)(_long)
    files(f"a response of q and more: {_what}", _checks[1], **_options)(_large)
    files(f"another response: {_what}", _checks[2], **_options)(_false)
    files(f"another challenge: {_what}", _checks[2], **_options)(_sum)
    files(f"a branch too few: {_what}", _checks[2], **_options)(_fewer)

_TWO = [{"Mayor": [1, 0, 0], "Council": [2, 0]}, *VOTES[1:]]
_MANY = [{"Mayor": [1, 1, 0], "Council": [1, 1]}, *VOTES[1:]]
case("a cast ballot with a value too large", "5.D", deviation=Deviation(votes=_TWO))
case("a cast ballot with too many votes", "6.D", deviation=Deviation(votes=_MANY))


@files("another contest hash", "7.A")
def _(record: dict[str, Json]) -> None:
    contest = record[BALLOT]["contests"][1]
    contest["contest_hash"] = flipped(contest["contest_hash"])


@files("another confirmation code", "7.B")
def _(record: dict[str, Json]) -> None:
    record[BALLOT]["confirmation_code"] = flipped(record[BALLOT]["confirmation_code"])


@files("the code of another ballot", "7.B", "7.C")
def _(record: dict[str, Json]) -> None:
    record[LAST]["confirmation_code"] = record[BALLOT]["confirmation_code"]


def _start(record: dict[str, Json]) -> None:
    start = record[CHAIN]["baux0"]
    record[CHAIN]["baux0"] = flipped(start) if isinstance(start, bytes) else [*start[:-1], start[-1] ^ 1]


def _shifted(number: int, aux: bytes) -> bytes:
    return flipped(aux) if number == 2 else aux


def _swapped(record: dict[str, Json]) -> None:
    ballots = record[CHAIN]["ballot_ids"]
    ballots[1], ballots[2] = ballots[2], ballots[1]


def _left_out(record: dict[str, Json]) -> None:
    record[CHAIN]["ballot_ids"].remove("b1")


def _last(record: dict[str, Json]) -> None:
    record[CHAIN]["last_confirmation_code"] = flipped(record[CHAIN]["last_confirmation_code"])


def _closing(record: dict[str, Json]) -> None:
    record[CHAIN]["closing_hash"] = flipped(record[CHAIN]["closing_hash"])


def _open(record: dict[str, Json]) -> None:
    record[CHAIN]["closing_hash"] = None


def _renamed(record: dict[str, Json]) -> None:
    record[CHAIN]["encrypting_device"] = "another"


for _layout in Layout:
    for _label, _change, _fails in (
        ("another start", _start, {"7.D"}),
        ("a chain of another device", _renamed, {"7.D"}),
        ("two ballots in another order", _swapped, {"7.E"}),
        ("a ballot that is not in its chain", _left_out, {"7.E"}),
        ("another last code", _last, {"7.F"}),
        ("another closing hash", _closing, {"7.G"}),
        ("a chain that is not closed", _open, {"7.G"}),
    ):
        files(f"{_label} ({_layout.value})", *_fails, chained=True, layout=_layout)(_change)
    case(
        f"a broken link ({_layout.value})",
        "7.E",
        deviation=Deviation(aux=_shifted),
        chained=True,
        layout=_layout,
    )

case(
    "two devices whose chains start alike",
    "7.D",
    deviation=Deviation(),
    chained=True,
    devices=("left", "right"),
)


# --- 8 to 11 -----------------------------------------------------------------------------------------


def _sum_of(record: dict[str, Json]) -> Json:
    return record["encrypted_tally.json"]["contests"][0]["selections"][1]


@files("another first part of a sum", "8.A")
def _(record: dict[str, Json]) -> None:
    pair = _sum_of(record)["encrypted_vote"]
    pair["pad"] = times_g(pair["pad"])


@files("another second part of a sum", "8.B")
def _(record: dict[str, Json]) -> None:
    pair = _sum_of(record)["encrypted_vote"]
    pair["data"] = times_g(pair["data"])


@files("a sum is missing", "8.A")
def _(record: dict[str, Json]) -> None:
    record["encrypted_tally.json"]["contests"][0]["selections"].pop()


@files("a sum of no option", "8.A")
def _(record: dict[str, Json]) -> None:
    rows = record["encrypted_tally.json"]["contests"][0]["selections"]
    rows.append({**rows[0], "selection_id": "Nobody"})


@files("a sum twice", "8.A")
def _(record: dict[str, Json]) -> None:
    contests = record["encrypted_tally.json"]["contests"]
    contests.append(contests[0])


def _result(record: dict[str, Json], place: int = 0) -> Json:
    return record["tally.json"]["contests"][0]["selections"][place]


def _row(record: dict[str, Json], place: int = 1) -> Json:
    return record[DBALLOT]["contests"][0]["selections"][place]


for _of, _checks in ((_result, ("9.A", "9.B", "10.A")), (_row, ("12.A", "12.B", "13.A"))):

    def _large_response(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        proof = of(record)["proof"]
        proof["response"] = above(proof["response"])

    def _other_response(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        proof = of(record)["proof"]
        proof["response"] = raised(proof["response"])

    def _other_challenge(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        proof = of(record)["proof"]
        proof["challenge"] = raised(proof["challenge"])

    def _other_count(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        of(record)["tally"] ^= 1

    def _other_value(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        of(record)["b_over_m"] = times_g(of(record)["b_over_m"])

    def _no_member(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        p = int.from_bytes(PROFILE.group.published_parameters()[0], "big")
        value = of(record)["b_over_m"]
        of(record)["b_over_m"] = (p - int.from_bytes(value, "big")).to_bytes(len(value), "big")

    _what = f"verification {_checks[0].split('.')[0]}"
    files(f"a response of q and more: {_what}", _checks[0])(_large_response)
    files(f"another response: {_what}", _checks[1])(_other_response)
    files(f"another challenge: {_what}", _checks[1])(_other_challenge)
    files(f"another count: {_what}", _checks[2])(_other_count)
    files(f"another value: {_what}", _checks[1], _checks[2])(_other_value)
    files(f"a value outside the subgroup: {_what}", _checks[2])(_no_member)


@files("a decrypted contest that the manifest does not have", "10.B")
def _(record: dict[str, Json]) -> None:
    contests = record["tally.json"]["contests"]
    contests.append({**contests[0], "contest_id": "Nothing"})


@files("a decrypted contest twice", "10.B")
def _(record: dict[str, Json]) -> None:
    record["tally.json"]["contests"].append(record["tally.json"]["contests"][0])


@files("a decrypted option that the manifest does not have", "10.C")
def _(record: dict[str, Json]) -> None:
    rows = record["tally.json"]["contests"][0]["selections"]
    rows.append({**rows[0], "selection_id": "Nobody"})


@files("a decrypted option is missing", "10.D")
def _(record: dict[str, Json]) -> None:
    record["tally.json"]["contests"][0]["selections"].pop()


@files("a contest is not decrypted", "10.E")
def _(record: dict[str, Json]) -> None:
    record["tally.json"]["contests"].pop()


def _data(record: dict[str, Json]) -> Json:
    return record["tally.json"]["contests"][0]["decrypted_contest_data"]


def _opened(record: dict[str, Json]) -> Json:
    return record[DBALLOT]["contests"][0]["decrypted_contest_data"]


for _of, _checks, _options in (
    (_data, ("11.A", "11.B"), {"opened_tally": True}),
    (_opened, ("14.A", "14.B"), {}),
):

    def _large_data(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        proof = of(record)["proof"]
        proof["response"] = above(proof["response"])

    def _other_data(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        proof = of(record)["proof"]
        proof["response"] = raised(proof["response"])

    def _other_beta(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        of(record)["beta"] = times_g(of(record)["beta"])

    def _no_beta(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        of(record)["beta"] = bytes(len(of(record)["beta"]))

    def _other_status(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        of(record)["contest_data"]["status"] = "over_vote"

    def _write_in(record: dict[str, Json], of: Callable[..., Json] = _of) -> None:
        of(record)["contest_data"]["write_ins"] = ["Kurt"]

    _what = f"verification {_checks[0].split('.')[0]}"
    files(f"a response of q and more: {_what}", _checks[0], **_options)(_large_data)
    files(f"another response: {_what}", _checks[1], **_options)(_other_data)
    files(f"another beta: {_what}", _checks[1], "F.9", **_options)(_other_beta)
    files(f"beta is 0: {_what}", _checks[1], "F.9", **_options)(_no_beta)
    files(f"another status: {_what}", "F.9", **_options)(_other_status)
    files(f"a write-in that nobody wrote: {_what}", "F.9", **_options)(_write_in)


# --- 12 to 14 ----------------------------------------------------------------------------------------

_CHALLENGED_TWO = [VOTES[0], {"Mayor": [0, 1, 0], "Council": [2, 0]}, *VOTES[2:]]
_CHALLENGED_MANY = [VOTES[0], {"Mayor": [1, 1, 0], "Council": [0, 1]}, *VOTES[2:]]
case(
    "a challenged ballot with a value too large",
    "5.D",
    "13.B",
    deviation=Deviation(votes=_CHALLENGED_TWO),
)
case("a challenged ballot with too many votes", "6.D", "13.C", deviation=Deviation(votes=_CHALLENGED_MANY))


@files("a contest of a decrypted ballot that the manifest does not have", "13.D")
def _(record: dict[str, Json]) -> None:
    contests = record[DBALLOT]["contests"]
    contests.append({**contests[0], "contest_id": "Nothing"})


@files("an option of a decrypted ballot that the manifest does not have", "13.E")
def _(record: dict[str, Json]) -> None:
    rows = record[DBALLOT]["contests"][0]["selections"]
    rows.append({**rows[0], "selection_id": "Nobody"})


@files("an option of a decrypted ballot is missing", "13.F")
def _(record: dict[str, Json]) -> None:
    record[DBALLOT]["contests"][0]["selections"].pop()


# --- 15 to 18 ----------------------------------------------------------------------------------------


def _pre(record: dict[str, Json]) -> Json:
    return record[BALLOT]["contests"][1]["pre_encryption"]


@files("another selection hash", "17.A", pre_encrypted=True)
def _(record: dict[str, Json]) -> None:
    vector = _pre(record)["selected_vectors"][0]
    vector["selection_hash"] = flipped(vector["selection_hash"])


@files("another contest hash of a pre-encrypted ballot", "17.B", pre_encrypted=True)
def _(record: dict[str, Json]) -> None:
    _pre(record)["preencryption_hash"] = flipped(_pre(record)["preencryption_hash"])


@files("another code of a pre-encrypted ballot", "17.C", pre_encrypted=True)
def _(record: dict[str, Json]) -> None:
    record[BALLOT]["confirmation_code"] = flipped(record[BALLOT]["confirmation_code"])


@files("the code of another pre-encrypted ballot", "17.C", "17.D", pre_encrypted=True)
def _(record: dict[str, Json]) -> None:
    record[LAST]["confirmation_code"] = record[BALLOT]["confirmation_code"]


@files("another short code", "18.A", pre_encrypted=True)
def _(record: dict[str, Json]) -> None:
    _pre(record)["selected_vectors"][0]["short_code"] = "XXXXX"


@files("a chosen vector is missing", "18.A", pre_encrypted=True)
def _(record: dict[str, Json]) -> None:
    _pre(record)["selected_vectors"].pop()


# --- F -----------------------------------------------------------------------------------------------


@files("parameters of another type", "F.1")
def _(record: dict[str, Json]) -> None:
    record["constants.json"]["type"] = "EllipticCurve"


@files("a file with a field that no program writes", "F.1")
def _(record: dict[str, Json]) -> None:
    record["encrypted_tally.json"]["note"] = "harmless"


@files("a ballot under a name that is none", "F.1", "F.4", "8.A", "8.B")
def _(record: dict[str, Json]) -> None:
    record[f"encrypted_ballots/{DEVICE}/ballot-b0.json"] = record.pop(BALLOT)


@files("a ballot of another election", "F.2")
def _(record: dict[str, Json]) -> None:
    record[BALLOT]["election_id"] = flipped(record[BALLOT]["election_id"])


@files("a tally of another election", "F.2")
def _(record: dict[str, Json]) -> None:
    record["tally.json"]["election_id"] = flipped(record["tally.json"]["election_id"])


@files("a ballot of a style that there is not", "F.3")
def _(record: dict[str, Json]) -> None:
    record[BALLOT]["ballot_style_id"] = "other"


@files("contest data whose first part is no element", "F.3")
def _(record: dict[str, Json]) -> None:
    record[BALLOT]["contests"][0]["encrypted_contest_data"]["c0"] = bytes(32)


@files("contest data of another length", "F.3")
def _(record: dict[str, Json]) -> None:
    record[BALLOT]["contests"][0]["encrypted_contest_data"]["c1"] += b"x"


@files("a contest with another number", "F.3")
def _(record: dict[str, Json]) -> None:
    record[BALLOT]["contests"][0]["sequence_order"] = 9


@files("a cast ballot is not counted", "F.4")
def _(record: dict[str, Json]) -> None:
    record["encrypted_tally.json"]["cast_ballot_ids"].remove("b0")


@files("a ballot is taken away", "F.4", "8.A", "8.B")
def _(record: dict[str, Json]) -> None:
    del record[BALLOT]


@files("a challenged ballot is counted", "F.4")
def _(record: dict[str, Json]) -> None:
    record["encrypted_tally.json"]["cast_ballot_ids"].append("b1")


@files("a ballot is counted twice", "F.4")
def _(record: dict[str, Json]) -> None:
    record["encrypted_tally.json"]["cast_ballot_ids"].append("b0")


@files("another number of ballots", "F.4")
def _(record: dict[str, Json]) -> None:
    record["encrypted_tally.json"]["contests"][0]["ballot_count"] += 1


@files("another sum was decrypted", "F.5")
def _(record: dict[str, Json]) -> None:
    pair = _result(record)["encrypted_vote"]
    pair["pad"] = times_g(pair["pad"])


@files("another ciphertext of a challenged ballot was decrypted", "F.5")
def _(record: dict[str, Json]) -> None:
    pair = _row(record)["encrypted_vote"]
    pair["data"] = times_g(pair["data"])


@files("a challenged ballot is not decrypted", "F.6")
def _(record: dict[str, Json]) -> None:
    del record[DBALLOT]


@files("a cast ballot is decrypted", "F.6")
def _(record: dict[str, Json]) -> None:
    record["challenged_ballots/dballot-b0.json"] = record[DBALLOT]


@files("a contest of a challenged ballot is not decrypted", "F.6")
def _(record: dict[str, Json]) -> None:
    record[DBALLOT]["contests"].pop()


@files("contest data of another ballot", "F.7")
def _(record: dict[str, Json]) -> None:
    sealed = record[BALLOT]["contests"][0]["encrypted_contest_data"]
    record[LAST]["contests"][0]["encrypted_contest_data"] = sealed


@files("a whole ballot twice", "7.C", "F.7", "F.4", "8.A", "8.B")
def _(record: dict[str, Json]) -> None:
    record[f"encrypted_ballots/{DEVICE}/eballot-b9.json"] = {**record[BALLOT], "ballot_id": "b9"}


case("a ciphertext that shows its vote", "F.7", deviation=Deviation(no_nonce=("b0", "Mayor", 2)))
case("another election than expected", "F.8", deviation=Deviation(), expect="00" * 32)
case("a ballot with other bytes and no chain", "F.10", deviation=Deviation(aux=_shifted))


# --- the tests ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_exactly_the_checks_in_question_fail(name: str, tmp_path: Path) -> None:
    twin = CASES[name]
    folder = maker(twin.deviation, **twin.options).write(tmp_path)
    report = verified(folder, Request(expect=twin.expect))
    assert set(report.failed) == twin.fails
    assert report.exit_code == 1
    # What could not be looked at says which check found the cause.
    assert all(unchecked(report).values())


def test_every_check_has_a_twin() -> None:
    assert {check.id for check in CHECKS} == set().union(*(twin.fails for twin in CASES.values()))


def test_checks_without_a_twin_of_their_own_are_in_the_documented_sets() -> None:
    alone = {next(iter(twin.fails)) for twin in CASES.values() if len(twin.fails) == 1}
    page = PAGE.read_text(encoding="utf-8")
    sets = {
        frozenset(re.findall(r"[F\d]+\.[A-H\d]+", line.split("|")[1]))
        for line in page.splitlines()
        if line.startswith("| ") and line.count("|") == 3
    }
    for identifier in {check.id for check in CHECKS} - alone:
        smallest = min((twin.fails for twin in CASES.values() if identifier in twin.fails), key=len)
        assert smallest in sets, identifier
