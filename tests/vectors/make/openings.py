"""Openings of challenged ballots: from the ballot nonce, and openings that are wrong in one way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, case, document, group, plain
from tests.vectors.handmade import Made, Plan, Vote, data_nonce, derived_nonce, rehashed, selection
from tests.vectors.handmade import make as made_ballot
from tests.vectors.make.ballots import difference
from tests.vectors.oracle import contest_record, number, scalar
from tests.vectors.setting import STANDARD, TOY, World, world

FILE = "openings.json"

Opening = dict[str, Any]

VOTES = {"Mayor": Vote((0, 1, 0, 0, 0, 0)), "Council": Vote((0, 0, 2), 0, (), ("Zoë",))}


def make() -> Document:
    town, question = world("openings", TOY, "town"), world("openings/standard", STANDARD, "question")
    made = made_ballot(town, Plan("opening", "North", "full", VOTES))
    single = made_ballot(question, Plan("opening-standard", "all", "all", {"Question": Vote((1, 0))}))
    groups = [
        group(
            {"kind": "open", **town.params()},
            [
                _opened(
                    town, made, VOTES, "opening-town", "values, nonces and contest data from the ballot nonce"
                )
            ],
        ),
        group(
            {"kind": "open", **question.params()},
            [_opened(question, single, {"Question": Vote((1, 0))}, "opening-4096", "in the standard group")],
        ),
        group({"kind": "verify", **town.params()}, _verified(town, made)),
    ]
    notes = [
        "kind open: the ballot and its nonce give the opening (33), (64), (109) to (111).",
        "kind verify: a challenged ballot and what was published to open it. checks is the exact set that "
        "fails, of 13.A, 13.B and 14.A to 14.F.",
        "What is published are the nonces of selections and contest data, never the ballot nonce.",
        "A contest or field that is not opened enters the hashes as the encrypted ballot has it.",
    ]
    return document("section 3.6.7; verifications 13 and 14", notes, groups)


def opening(w: World, made: Made, votes: Mapping[str, Vote]) -> Opening:
    """What opens a ballot."""
    key, contests = made.ballot["identifier_hash"], []
    for contest in w.manifest.contests_of(made.ballot["style"]):
        vote = votes[contest.label]
        selections = [
            {
                "option": option.label,
                "value": value,
                "nonce": scalar(derived_nonce(w, key, contest.index, option.index, made.nonce)),
            }
            for option, value in zip(contest.options, vote.values, strict=True)
        ]
        data = None
        if contest.data is not None:
            plaintext = contest_record(vote.status, vote.marks, vote.write_ins, contest.data.blocks)
            data = {"plaintext": plaintext, "nonce": scalar(data_nonce(w, key, contest.index, made.nonce))}
        contests.append({"contest": contest.label, "selections": selections, "data": data})
    return {"identifier": made.ballot["identifier"], "contests": contests}


def _opened(w: World, made: Made, votes: Mapping[str, Vote], name: str, comment: str) -> Case:
    given = {"ballot": made.ballot, "ballot_nonce": made.nonce}
    return case(name, comment, given, opening(w, made, votes))


def _verified(w: World, made: Made) -> list[Case]:
    n = w.numbers
    base = "opening"
    good = opening(w, made, VOTES)
    cases = [case(base, "a challenged ballot, opened", {"ballot": made.ballot, "opened": good}, "accept")]
    mayor, council = good["contests"]
    ada, grace, *facts = mayor["selections"]
    kurt = council["selections"][2]

    def bad(
        name: str,
        comment: str,
        checks: str,
        opened: Opening,
        *,
        ballot: Mapping[str, Any] | None = None,
        flags: tuple[str, ...] = (),
    ) -> None:
        operations = difference("/opened", plain(good), plain(opened))
        if ballot is not None:
            operations += difference("/ballot", plain(made.ballot), plain(ballot))
        given = {"patch": operations}
        cases.append(
            case(
                f"{base}-{name}",
                comment,
                given,
                "verify",
                flags=flags,
                base=base,
                checks=tuple(checks.split()),
            )
        )

    def with_mayor(**changes: object) -> Opening:
        return {**good, "contests": [{**mayor, **changes}, council]}

    def with_council(**changes: object) -> Opening:
        return {**good, "contests": [mayor, {**council, **changes}]}

    data = council["data"]
    spoiled = bytes((data["plaintext"][0] ^ 1,)) + data["plaintext"][1:]
    bad(
        "data", "another plaintext of contest data", "13.A", with_council(data={**data, "plaintext": spoiled})
    )
    wrong = scalar((number(data["nonce"]) + 1) % n.q)
    bad("data-nonce", "another nonce of contest data", "13.A", with_council(data={**data, "nonce": wrong}))
    more = scalar(number(data["nonce"]) + n.q)
    bad(
        "data-nonce-plus-q",
        "that nonce + q",
        "13.A",
        with_council(data={**data, "nonce": more}),
        flags=("c+q",),
    )
    bad("data-missing", "contest data is not opened", "13.A", with_council(data=None))
    bad("data-more", "contest data where the ballot has none", "13.A", with_mayor(data=data))
    swapped = [{**ada, "value": 1}, {**grace, "value": 0}, *facts]
    bad("votes", "the other candidate", "13.B", with_mayor(selections=swapped))
    off = [{**ada, "nonce": scalar((number(ada["nonce"]) + 1) % n.q)}, grace, *facts]
    bad("nonce", "a nonce plus 1", "13.B", with_mayor(selections=off))
    beyond = [{**ada, "nonce": scalar(number(ada["nonce"]) + n.q)}, grace, *facts]
    bad("nonce-plus-q", "a nonce + q", "13.B", with_mayor(selections=beyond), flags=("c+q",))
    exchanged = [{**ada, "nonce": grace["nonce"]}, {**grace, "nonce": ada["nonce"]}, *facts]
    bad(
        "nonces-swapped",
        "the nonces of two options swapped",
        "13.B",
        with_mayor(selections=exchanged),
        flags=("swapped",),
    )
    code = {**made.ballot, "confirmation_code": bytes(32)}
    bad("code", "another confirmation code than the voter's", "13.B", good, ballot=code)
    judge: dict[str, Any] = {"contest": "Judge", "selections": [], "data": None}
    bad(
        "unknown-contest",
        "a contest that the style does not have",
        "14.A",
        {**good, "contests": [mayor, council, judge]},
    )
    bad("contest-missing", "a contest of the style is not opened", "14.B", {**good, "contests": [mayor]})
    bad(
        "unknown-option",
        "an option that the contest does not have",
        "14.C",
        with_mayor(selections=[ada, grace, *facts, {**ada, "option": "Kurt"}]),
    )
    bad("option-missing", "a field is not opened", "14.D", with_mayor(selections=[ada, grace, *facts[:-1]]))
    # The device encrypted more than it may, and says so: hashes and code fit.
    for name, comment, checks, option, value in (
        ("value-above-r", "2 where R is 1; L is kept", "14.E", 0, 2),
        ("sum-above-l", "1 beside 2 where L is 2; every R is kept", "14.F", 1, 1),
    ):
        changed, opened = _dishonest(w, made, good, option, value)
        bad(name, comment, checks, opened, ballot=changed)
    if kurt["value"] != 2:
        raise ValueError("the cases above count on it")
    return cases


def _dishonest(
    w: World, made: Made, good: Opening, option: int, value: int
) -> tuple[dict[str, Any], Opening]:
    """Ballot and opening with another value for an option of the second contest; the last is 0 if need be."""
    rng = SeededRandomness(f"vectors/opening-dishonest-{option}")
    key = made.ballot["identifier_hash"]
    values = [0, 0, 2]
    values[option] = value
    if option == 0:
        values[2] = 0
    council = w.manifest.contests_of("full")[1]
    selections, shown = [], []
    for field, item, chosen in zip(council.options, good["contests"][1]["selections"], values, strict=True):
        nonce = number(item["nonce"])
        encrypted, _ = selection(w, key, 2, field.index, chosen, nonce, field.limit, rng)
        selections.append(encrypted)
        shown.append({**item, "value": chosen})
    contests = [made.ballot["contests"][0], {**made.ballot["contests"][1], "selections": selections}]
    opened = {**good, "contests": [good["contests"][0], {**good["contests"][1], "selections": shown}]}
    return rehashed(w, {**made.ballot, "contests": contests}), opened
