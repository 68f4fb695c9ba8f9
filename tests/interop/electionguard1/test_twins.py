"""For every check of 1.x a record that is wrong in one place, on which exactly that check fails.

Where one wrong value cannot but break two checks, the set stands in the case and in
``specs/foreign-records.md``. Every twin is verified plainly and in batches, with the same report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from evote.interop.electionguard1.checks import CHECKS
from evote.report import Verdict
from tests.interop.electionguard1.kit import both_ways, maker, toy_parameters
from tests.interop.electionguard1.writer import Deviation, Json, Maker, hexadecimal

P, Q, G = toy_parameters()
BALLOT = Maker.path(0)
LAST = Maker.path(3)
SPOILED_BALLOT = "spoiled_ballots/spoiled_ballot_b1.json"

Files = dict[str, Json]


@dataclass(frozen=True)
class Case:
    """A deviation, how the record is made, and the checks that fail."""

    fails: frozenset[str]
    deviation: Deviation
    options: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)


CASES: dict[str, Case] = {}


def files(name: str, *fails: str, **options: Any) -> Callable[[Callable[[Files], None]], None]:
    """Enter a case that changes files after everything was made."""

    def enter(change: Callable[[Files], None]) -> None:
        CASES[name] = Case(frozenset(fails), Deviation(files=change), options)

    return enter


def case(name: str, *fails: str, asked: dict[str, Any] | None = None, **deviation: Any) -> None:
    """Enter a case that deviates while the record is made."""
    options = deviation.pop("options", {})
    CASES[name] = Case(frozenset(fails), Deviation(**deviation), options, asked or {})


def up(text: str, by: int = 1) -> str:
    """A scalar plus a number modulo q."""
    return hexadecimal((int(text, 16) + by) % Q)


def above(text: str) -> str:
    """A scalar plus q: the same modulo q, and out of range."""
    return hexadecimal(int(text, 16) + Q)


def times_g(text: str) -> str:
    """An element times g."""
    return hexadecimal(int(text, 16) * G % P)


def negative(text: str) -> str:
    """An element times -1, which is outside the subgroup."""
    return hexadecimal(P - int(text, 16))


def setting(path: str, *keys: str | int, to: Callable[[str], Json]) -> Callable[[Files], None]:
    """A change of one value of one file."""

    def change(record: Files) -> None:
        holder = record[path]
        for key in keys[:-1]:
            holder = holder[key]
        holder[keys[-1]] = to(holder[keys[-1]])

    return change


def changed(
    name: str, *fails: str, path: str, keys: tuple[str | int, ...], to: Callable[[str], Json]
) -> None:
    """Enter a case that changes one value of one file."""
    CASES[name] = Case(frozenset(fails), Deviation(files=setting(path, *keys, to=to)))


SELECTION: tuple[str | int, ...] = ("contests", 0, "ballot_selections", 0)
PROOF: tuple[str | int, ...] = (*SELECTION, "proof")
LIMIT: tuple[str | int, ...] = ("contests", 0, "proof")
OPTION: tuple[str | int, ...] = ("contests", "Mayor", "selections", "Ada")
SHARE: tuple[str | int, ...] = (*OPTION, "shares", 0)
RECOVERED: tuple[str | int, ...] = (*OPTION, "shares", 1)
PART: tuple[str | int, ...] = (*RECOVERED, "recovered_parts", "g1")

# --- setup -------------------------------------------------------------------------------------------

for _number, _name in enumerate(("large_prime", "small_prime", "cofactor", "generator"), start=1):
    _to = lambda text: hexadecimal(int(text, 16) + 2)  # noqa: E731
    changed(f"another {_name}", f"PARAMETERS.{_number}", path="constants.json", keys=(_name,), to=_to)

for _check, _name in (
    ("HASHES.1", "manifest_hash"),
    ("HASHES.2", "crypto_base_hash"),
    ("HASHES.3", "commitment_hash"),
    ("HASHES.4", "crypto_extended_base_hash"),
):
    changed(f"another {_name}", _check, path="context.json", keys=(_name,), to=up)

changed("another joint key", "KEY.1", path="context.json", keys=("elgamal_public_key",), to=times_g)
changed(
    "a proof about another key",
    "GUARDIANS.1",
    path="guardians/guardian_g2.json",
    keys=("election_public_key",),
    to=times_g,
)
_KEY_PROOF = ("election_proofs", 1)
_GUARDIAN = "guardians/guardian_g2.json"
changed("a key challenge above q", "GUARDIANS.3", path=_GUARDIAN, keys=(*_KEY_PROOF, "challenge"), to=above)
changed("a key response above q", "GUARDIANS.4", path=_GUARDIAN, keys=(*_KEY_PROOF, "response"), to=above)
changed("a false key response", "GUARDIANS.5", path=_GUARDIAN, keys=(*_KEY_PROOF, "response"), to=up)


@files("a guardian's commitment outside the subgroup", "GUARDIANS.2")
def _(record: Files) -> None:
    guardian = record[_GUARDIAN]
    text = negative(guardian["election_commitments"][1])
    guardian["election_commitments"][1] = text
    guardian["election_proofs"][1]["public_key"] = text
    guardian["election_proofs"][1]["challenge"] = maker().h(
        text, guardian["election_proofs"][1]["commitment"]
    )
    commitments = [
        each
        for number in (1, 2, 3)
        for each in record[f"guardians/guardian_g{number}.json"]["election_commitments"]
    ]
    context = record["context.json"]
    context["commitment_hash"] = maker().h(commitments)
    context["crypto_extended_base_hash"] = maker().h(context["crypto_base_hash"], context["commitment_hash"])


def _opposite(secrets: list[list[int]]) -> None:
    secrets[2][0] = (-secrets[0][0] - secrets[1][0]) % Q


case("a joint key that is 1", "KEY.1", secrets=_opposite)


@files("a guardian that is not there", "GUARDIANS.1")
def _(record: Files) -> None:
    del record["guardians/guardian_g2.json"]


case("another election is expected", "FILES.2", asked={"expect": "00" * 32})

# --- ballots -----------------------------------------------------------------------------------------

changed("a style that is not there", "SHAPE.1", path=BALLOT, keys=("style_id",), to=lambda _: "other")
changed(
    "another number of a contest",
    "SHAPE.1",
    path=BALLOT,
    keys=("contests", 0, "sequence_order"),
    to=lambda _: 9,
)
changed("a ballot of another manifest", "SHAPE.2", path=BALLOT, keys=("manifest_hash",), to=up)
changed(
    "another description hash of a contest",
    "SHAPE.3",
    path=BALLOT,
    keys=("contests", 0, "description_hash"),
    to=up,
)
changed(
    "another description hash of an option",
    "SHAPE.3",
    path=BALLOT,
    keys=(*SELECTION, "description_hash"),
    to=up,
)
changed(
    "a selection challenge that is another", "SELECTIONS.3", path=BALLOT, keys=(*PROOF, "challenge"), to=up
)
changed(
    "a part of a challenge above q",
    "SELECTIONS.2",
    path=BALLOT,
    keys=(*PROOF, "proof_zero_challenge"),
    to=above,
)
changed("a challenge above q", "SELECTIONS.2", path=BALLOT, keys=(*PROOF, "challenge"), to=above)
changed("a response above q", "SELECTIONS.2", path=BALLOT, keys=(*PROOF, "proof_one_response"), to=above)
changed("a false response for 0", "SELECTIONS.4", path=BALLOT, keys=(*PROOF, "proof_zero_response"), to=up)
changed("a false response for 1", "SELECTIONS.4", path=LAST, keys=(*PROOF, "proof_one_response"), to=up)
changed(
    "a contest total that is another",
    "LIMITS.2",
    path=BALLOT,
    keys=("contests", 0, "ciphertext_accumulation", "pad"),
    to=times_g,
)
changed("a proof about another limit", "LIMITS.1", path=BALLOT, keys=(*LIMIT, "constant"), to=lambda _: 2)
changed("a contest response above q", "LIMITS.3", path=BALLOT, keys=(*LIMIT, "response"), to=above)
changed("a contest challenge above q", "LIMITS.3", path=BALLOT, keys=(*LIMIT, "challenge"), to=above)
changed(
    "a contest challenge that is another",
    "LIMITS.4",
    "LIMITS.5",
    path=BALLOT,
    keys=(*LIMIT, "challenge"),
    to=up,
)
changed("a false contest response", "LIMITS.5", path=BALLOT, keys=(*LIMIT, "response"), to=up)
changed("a selection hash that is another", "CODES.1", path=BALLOT, keys=(*SELECTION, "crypto_hash"), to=up)
changed("a contest hash that is another", "CODES.2", path=BALLOT, keys=("contests", 1, "crypto_hash"), to=up)
changed("a ballot hash that is another", "CODES.3", path=BALLOT, keys=("crypto_hash",), to=up)
changed("a code that is another", "CODES.4", path=BALLOT, keys=("code",), to=up)
changed("another time", "CODES.4", "CODES.6", path=BALLOT, keys=("timestamp",), to=lambda time: int(time) + 1)
changed("a published nonce of a ballot", "EXTRA.2", path=BALLOT, keys=("nonce",), to=lambda _: "05")
changed(
    "a published nonce of a selection", "EXTRA.2", path=BALLOT, keys=(*SELECTION, "nonce"), to=lambda _: "05"
)


def _commitment(name: str) -> Callable[[Files], None]:
    """A commitment outside the subgroup, with the challenge over it and responses that fit otherwise."""

    def change(record: Files) -> None:
        proof = record[BALLOT]["contests"][0]["ballot_selections"][0]["proof"]
        proof[name] = negative(proof[name])

    return change


for _name in ("proof_zero_pad", "proof_zero_data", "proof_one_pad", "proof_one_data"):
    CASES[f"a negative {_name}"] = Case(
        frozenset({"SELECTIONS.3", "SELECTIONS.4"}), Deviation(files=_commitment(_name))
    )


def _same_hashes(maker: Maker, number: int, option: str, alpha: int, beta: int) -> tuple[int, int]:
    """Two cast ballots with -alpha, so that the sum is a member."""
    return (maker.p - alpha if option == "Ada" and number in (0, 2) else alpha), beta


case("selections outside the subgroup whose product is in it", "SELECTIONS.1", pair=_same_hashes)
case(
    "a selection outside the subgroup, and so the sum",
    "SELECTIONS.1",
    "SHARES.2",
    pair=lambda maker, number, option, alpha, beta: (
        (maker.p - alpha, beta) if (number, option) == (0, "Ada") else (alpha, beta)
    ),
)
case(
    "a placeholder outside the subgroup, which enters no sum",
    "SELECTIONS.1",
    pair=lambda maker, number, option, alpha, beta: (
        (alpha, maker.p - beta) if (number, option) == (0, "Mayor-3-placeholder") else (alpha, beta)
    ),
)


case(
    "a vote of two, and no other",
    "SELECTIONS.4",
    vote=lambda number, option, value: {"Alan": 2, "Kurt": 0}.get(option, value) if number == 0 else value,
)
case(
    "two votes where one is allowed",
    "LIMITS.5",
    vote=lambda number, option, value: 1 if (number, option) == (0, "Grace") else value,
)
case("a limit of one vote more, proven", "LIMITS.1", limit=lambda limit: limit + 1)
case(
    "a chain that is broken",
    "CODES.6",
    seed=lambda number, seed: "AB" if number == 2 else seed,
)
case(
    "two ballots after the same one",
    "CODES.6",
    seed=lambda number, seed: _START if number == 3 else seed,
)
_START = maker().files[BALLOT]["code_seed"]


def _shown(maker: Maker, number: int, option: str, alpha: int, beta: int) -> tuple[int, int]:
    if (number, option) == (2, "Kurt"):
        return 1, 1
    return alpha, beta


@files("the same code twice", "CODES.4", "CODES.5")
def _(record: Files) -> None:
    record[LAST]["code"] = record[BALLOT]["code"]


@files(
    "a ballot twice under another name",
    "CODES.3",
    "CODES.4",
    "CODES.5",
    "CODES.6",
    "EXTRA.1",
    "TALLY.2",
    "RESULT.2",
)
def _(record: Files) -> None:
    record[Maker.path(9)] = {**record[BALLOT], "object_id": "b9"}


# --- sums and results --------------------------------------------------------------------------------

changed(
    "a sum that is another",
    "TALLY.2",
    path="encrypted_tally.json",
    keys=(*OPTION, "ciphertext", "pad"),
    to=times_g,
)
changed(
    "a description hash in the tally",
    "TALLY.1",
    path="encrypted_tally.json",
    keys=("contests", "Mayor", "description_hash"),
    to=up,
)
changed(
    "a number of an option in the tally",
    "TALLY.1",
    path="encrypted_tally.json",
    keys=(*OPTION, "sequence_order"),
    to=lambda _: 7,
)
changed(
    "a share response above q", "SHARES.2", path="tally.json", keys=(*SHARE, "proof", "response"), to=above
)
changed(
    "a share challenge above q", "SHARES.2", path="tally.json", keys=(*SHARE, "proof", "challenge"), to=above
)
changed("a false share response", "SHARES.4", path="tally.json", keys=(*SHARE, "proof", "response"), to=up)
changed(
    "a response of a part above q",
    "RECOVERY.3",
    path="tally.json",
    keys=(*PART, "proof", "response"),
    to=above,
)
changed(
    "a false response of a part", "RECOVERY.5", path="tally.json", keys=(*PART, "proof", "response"), to=up
)
changed("another recovery key", "RECOVERY.2", path="tally.json", keys=(*PART, "recovery_key"), to=times_g)
changed(
    "a part in place of another",
    "RECOVERY.1",
    path="tally.json",
    keys=(*PART, "missing_guardian_id"),
    to=lambda _: "g3",
)
changed("another coefficient", "RECOVERY.6", path="coefficients.json", keys=("coefficients", "g1"), to=up)
changed(
    "another count", "RESULT.4", path="tally.json", keys=(*OPTION, "tally"), to=lambda count: int(count) + 1
)
changed(
    "a recovered share that is another",
    "RECOVERY.7",
    "RESULT.3",
    path="tally.json",
    keys=(*RECOVERED, "share"),
    to=times_g,
)
changed(
    "a value that is another", "RESULT.3", "RESULT.4", path="tally.json", keys=(*OPTION, "value"), to=times_g
)
changed(
    "a decrypted ciphertext that is another",
    "RESULT.2",
    "RESULT.3",
    "SHARES.3",
    "RECOVERY.4",
    path="tally.json",
    keys=(*OPTION, "message", "data"),
    to=times_g,
)
case(
    "a false share with a count that fits",
    "SHARES.4",
    "RESULT.3",
    factor=lambda maker, option, guardian, factor: (
        factor * maker.g % maker.p if (option, guardian) == ("Ada", "g1") else factor
    ),
    options={"spoiled": frozenset()},
)
case(
    "a false part",
    "RECOVERY.5",
    "RECOVERY.7",
    factor=lambda maker, option, guardian, factor: (
        factor * maker.g % maker.p if (option, guardian) == ("Ada", "g2 by g1") else factor
    ),
    options={"spoiled": frozenset()},
)


@files("a share's challenge that is another", "SHARES.3", "SHARES.4")
def _(record: Files) -> None:
    proof = record["tally.json"]["contests"]["Mayor"]["selections"]["Ada"]["shares"][0]["proof"]
    proof["challenge"] = up(proof["challenge"])


@files("a challenge of a part that is another", "RECOVERY.4", "RECOVERY.5")
def _(record: Files) -> None:
    parts = record["tally.json"]["contests"]["Mayor"]["selections"]["Ada"]["shares"][1]["recovered_parts"]
    parts["g3"]["proof"]["challenge"] = up(parts["g3"]["proof"]["challenge"])


@files("a share that is missing", "SHARES.1", "RESULT.3")
def _(record: Files) -> None:
    del record["tally.json"]["contests"]["Mayor"]["selections"]["Ada"]["shares"][0]


@files("a share that stands there twice", "SHARES.1", "RESULT.3")
def _(record: Files) -> None:
    shares = record["tally.json"]["contests"]["Mayor"]["selections"]["Ada"]["shares"]
    shares.append(shares[0])


@files("a part that is missing", "RECOVERY.1")
def _(record: Files) -> None:
    del record["tally.json"]["contests"]["Mayor"]["selections"]["Ada"]["shares"][1]["recovered_parts"]["g3"]


@files("an option that was not decrypted", "RESULT.1")
def _(record: Files) -> None:
    del record["tally.json"]["contests"]["Mayor"]["selections"]["Ada"]


@files("a contest that was not decrypted", "RESULT.1")
def _(record: Files) -> None:
    del record["tally.json"]["contests"]["Mayor"]


@files("a contest that was not added up", "TALLY.1")
def _(record: Files) -> None:
    del record["encrypted_tally.json"]["contests"]["Mayor"]


@files("coefficients of fewer than a quorum", "RECOVERY.6", "RECOVERY.1", "SHARES.1")
def _(record: Files) -> None:
    del record["coefficients.json"]["coefficients"]["g3"]
    record["coefficients.json"]["coefficients"]["g1"] = "01"


@files("a ballot that was taken away", "CODES.6", "TALLY.2", "RESULT.2")
def _(record: Files) -> None:
    del record[Maker.path(2)]


# --- spoiled ballots ---------------------------------------------------------------------------------

changed(
    "another vote",
    "SPOILED.4",
    path=SPOILED_BALLOT,
    keys=("contests", "Council", "selections", "Emil", "tally"),
    to=lambda count: 1 - int(count),
)
changed(
    "a value of a spoiled ballot",
    "SPOILED.3",
    "SPOILED.4",
    path=SPOILED_BALLOT,
    keys=(*OPTION, "value"),
    to=times_g,
)
changed(
    "another name of a spoiled ballot",
    "SPOILED.1",
    path=SPOILED_BALLOT,
    keys=("object_id",),
    to=lambda _: "b7",
)
changed(
    "a share of a spoiled ballot", "SHARES.4", path=SPOILED_BALLOT, keys=(*SHARE, "proof", "response"), to=up
)


@files("a spoiled ballot that is not decrypted", "SPOILED.1")
def _(record: Files) -> None:
    del record[SPOILED_BALLOT]


@files("a cast ballot that is decrypted", "SPOILED.1")
def _(record: Files) -> None:
    record["spoiled_ballots/spoiled_ballot_b0.json"] = record[SPOILED_BALLOT]


@files("the decryption of no ballot", "SPOILED.1")
def _(record: Files) -> None:
    record["spoiled_ballots/spoiled_ballot_b8.json"] = record[SPOILED_BALLOT]


@files("a contest of a spoiled ballot that is not decrypted", "SPOILED.1")
def _(record: Files) -> None:
    del record[SPOILED_BALLOT]["contests"]["Mayor"]


@files("an option of a spoiled ballot that is not decrypted", "SPOILED.1")
def _(record: Files) -> None:
    del record[SPOILED_BALLOT]["contests"]["Mayor"]["selections"]["Ada"]


def _swap(record: Files) -> None:
    """Alan's and Emil's decryptions change places, names apart; both are 0 on that ballot."""
    options = record[SPOILED_BALLOT]["contests"]["Council"]["selections"]
    first, second = options["Alan"], options["Emil"]

    def renamed(entry: Json, name: str) -> Json:
        shares = []
        for share in entry["shares"]:
            parts = share["recovered_parts"]
            if parts is not None:
                parts = {key: {**part, "object_id": name} for key, part in parts.items()}
            shares.append({**share, "object_id": name, "recovered_parts": parts})
        return {**entry, "object_id": name, "shares": shares}

    options["Alan"], options["Emil"] = renamed(second, "Alan"), renamed(first, "Emil")


CASES["decryptions that changed places"] = Case(frozenset({"SPOILED.2"}), Deviation(files=_swap))
case(
    "a spoiled ballot with two votes too many",
    "LIMITS.5",
    "SPOILED.5",
    vote=lambda number, option, value: 1 if number == 1 and option == "Ada" else value,
)

# --- the test ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_exactly_the_checks_of_a_twin_fail_in_batches_and_without(name: str, tmp_path: Path) -> None:
    each = CASES[name]
    maker(each.deviation, **each.options).write(tmp_path)
    report = both_ways(tmp_path, **each.asked)
    assert set(report.failed) == each.fails
    assert report.verdict is Verdict.FAIL


def test_a_ciphertext_that_shows_its_vote_is_a_finding(tmp_path: Path) -> None:
    maker(Deviation(pair=_shown)).write(tmp_path)
    report = both_ways(tmp_path)
    assert {finding.message for finding in report.check("EXTRA.1").findings} == {
        "the ciphertext shows its vote, because alpha is 1"
    }


def test_every_check_has_a_record_on_which_it_fails_alone_or_in_a_documented_set() -> None:
    covered = set().union(*(each.fails for each in CASES.values()))
    assert covered | {"FILES.1"} == {check.id for check in CHECKS}
