"""Whole ballots: encrypted from marks and random numbers, and ballots that are wrong in one way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evote.testing.randomness import SeededRandomness
from tests.vectors.form import Case, Document, case, document, group, plain, replaced
from tests.vectors.handmade import (
    Ballot,
    Made,
    Plan,
    Vote,
    derived_nonce,
    limit_proof,
    rehashed,
    sealed_data,
    sealed_nonce,
)
from tests.vectors.handmade import make as made_ballot
from tests.vectors.oracle import hashed, number, scalar, u4
from tests.vectors.setting import STANDARD, TOY, World, world

FILE = "ballots.json"

Marks = Mapping[str, Mapping[str, int]]

MAYOR, COUNCIL = "Mayor", "Council"
ADA = Vote((1, 0, 0, 0, 0, 0))
PSEUDONYM = bytes(range(32))


def make() -> Document:
    town, chained = world("ballots", TOY, "town"), world("ballots/chained", TOY, "town", 1)
    question, roll = world("ballots/standard", STANDARD, "question"), world("ballots/roll", TOY, "roll")
    base = _base(town)
    groups = [
        group({"kind": "encrypt", **town.params()}, _encrypted(town)),
        group({"kind": "encrypt", **chained.params()}, _chained(chained)),
        group({"kind": "encrypt", **question.params()}, _standard(question)),
        group({"kind": "encrypt", **roll.params()}, _with_roll(roll)),
        group({"kind": "verify", **town.params()}, _verified(town, base)),
        group({"kind": "verify", **question.params()}, _verified_standard(question)),
        group({"kind": "verify", **roll.params()}, _verified_roll(roll)),
    ]
    notes = [
        "Ballots have the field names of specs/record-format.md; params.manifest is the file's text.",
        "kind encrypt: device, its secret and its codes so far, marks, and every random number: context and "
        "ballot_nonce (32 bytes each), u and c of every branch (c null where the branch holds), u of the "
        "proofs of contest data and ballot nonce, and the nonce under which the ballot nonce is encrypted.",
        "The ballot nonce is a hash of random.ballot_nonce, device_secret and id_B (evote-hashes.json).",
        "kind verify: a submitted ballot. checks is the exact set that fails: 5.B, 6.A to 6.D, 7.A to 7.D, "
        "8.A, 8.B, 8.D and evote's E.1 (context), E.2 (shape), E.3 (weight), E.4 (proof of ballot nonce), "
        "E.5 (proof of contest data), E.7 (identity).",
        "Unless a case is about them, contest hashes and confirmation code fit what was changed.",
    ]
    return document("sections 3.3 and 3.4; verifications 5 to 8", notes, groups)


# --- encryption -----------------------------------------------------------------------------------------


def _encrypted(w: World) -> list[Case]:
    return [
        _case(
            w,
            Plan("ballot-plain", "North", "full", {MAYOR: ADA, COUNCIL: Vote((1, 1, 0))}),
            "two contests, everything used",
            {MAYOR: {"Ada": 1}, COUNCIL: {"Alan": 1, "Emmy": 1}},
        ),
        _case(
            w,
            Plan(
                "ballot-overvote",
                "North",
                "full",
                {MAYOR: Vote((0, 0, 1, 0, 0, 0)), COUNCIL: Vote((0, 0, 0), 2, (1, 1, 1), ("Zoë",))},
            ),
            "two overvotes and a write-in: options are 0, the marks are in the contest data",
            {MAYOR: {"Ada": 1, "Grace": 1}, COUNCIL: {"Alan": 1, "Emmy": 1, "Kurt": 1}},
            {COUNCIL: ("Zoë",)},
        ),
        _case(
            w,
            Plan(
                "ballot-empty",
                "South",
                "full",
                {MAYOR: Vote((0, 0, 0, 1, 1, 1)), COUNCIL: Vote((0, 0, 0), 3)},
                device="Bureau n° 7",
            ),
            "nothing marked",
            {MAYOR: {}, COUNCIL: {}},
        ),
        _case(
            w,
            Plan("ballot-weight", "North", "council", {COUNCIL: Vote((0, 0, 2))}),
            "a style with contest 2 alone and weight 3; an option of R = 2",
            {COUNCIL: {"Kurt": 2}},
        ),
        case(
            "ballot-refused-pseudonym-without-roll",
            "the election has no roll, so its ballots carry no pseudonym",
            {"patch": [replaced("/pseudonym", PSEUDONYM)]},
            "misuse",
            base="ballot-plain",
        ),
    ]


def _with_roll(w: World) -> list[Case]:
    votes = {"Question": Vote((1, 0))}
    plan = Plan("ballot-pseudonym", "all", "all", votes, pseudonym=PSEUDONYM)
    return [_case(w, plan, "an election with a roll: id_B covers the pseudonym", {"Question": {"yes": 1}})]


def _chained(w: World) -> list[Case]:
    votes = {COUNCIL: Vote((0, 0, 1), 1)}
    marks = {COUNCIL: {"Kurt": 1}}
    cases: list[Case] = []
    codes: list[bytes] = []
    for place, name in enumerate(("first", "second")):
        plan = Plan(f"ballot-chained-{name}", "North", "council", votes, last=codes[-1] if codes else None)
        cases.append(_case(w, plan, f"the {name} ballot of a device in chaining mode 1", marks, codes=codes))
        codes = [*codes, made_ballot(w, plan).ballot["confirmation_code"]]
        if len(codes) != place + 1:
            raise ValueError("one code per ballot")
    return cases


def _standard(w: World) -> list[Case]:
    plan = Plan("ballot-standard", "all", "all", {"Question": Vote((0, 1))})
    return [_case(w, plan, "one contest of two options in the standard group", {"Question": {"no": 1}})]


def _case(
    w: World,
    plan: Plan,
    comment: str,
    marks: Marks,
    write_ins: Mapping[str, Sequence[str]] | None = None,
    codes: Sequence[bytes] = (),
) -> Case:
    made = made_ballot(w, plan)
    texts = write_ins or {}
    given = {
        "device": plan.device,
        "device_secret": made.device_secret,
        "codes": codes,
        "unit": plan.unit,
        "style": plan.style,
        "contests": {
            label: {"marks": marked, "write_ins": texts.get(label, ())} for label, marked in marks.items()
        },
        "pseudonym": plan.pseudonym,
        "random": made.random,
    }
    return case(plan.seed, comment, given, {"ballot": made.ballot, "context": made.context})


# --- verification ---------------------------------------------------------------------------------------


def _base(w: World) -> Made:
    return made_ballot(w, _plan("verify-base"))


def _plan(seed: str, votes: Mapping[str, Vote] | None = None, **changes: Any) -> Plan:
    return Plan(seed, "North", "full", votes or {MAYOR: ADA, COUNCIL: Vote((1, 1, 0))}, **changes)


class _Bad:
    """Cases that differ from one accepted ballot; see :meth:`__call__`."""

    def __init__(self, w: World, base: Made, name: str) -> None:
        self.w = w
        self.name = name
        self.ballot = base.ballot
        self.cases = [case(name, "a cast ballot", base.cast(), "accept")]

    def __call__(
        self,
        name: str,
        comment: str,
        checks: str,
        ballot: Ballot,
        *,
        rehash: bool = True,
        flags: tuple[str, ...] = (),
        context: Mapping[str, object] | None = None,
    ) -> None:
        """A ballot on which ``checks`` fail; the difference to the base becomes a patch."""
        changed = rehashed(self.w, ballot) if rehash else ballot
        operations = difference("/ballot", plain(self.ballot), plain(changed))
        if context is not None:
            operations.append(replaced("/context", context))
        made = case(
            f"{self.name}-{name}",
            comment,
            {"patch": operations},
            "verify",
            flags=flags,
            base=self.name,
            checks=tuple(checks.split()),
        )
        self.cases.append(made)


def difference(path: str, left: Any, right: Any) -> list[dict[str, Any]]:
    """A patch that turns one JSON value into the other, as deep as their shapes agree."""
    if left == right:
        return []
    if isinstance(left, dict) and isinstance(right, dict) and list(left) == list(right):
        return [step for name in left for step in difference(f"{path}/{name}", left[name], right[name])]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = enumerate(zip(left, right, strict=True))
        return [step for place, (one, two) in pairs for step in difference(f"{path}/{place}", one, two)]
    return [{"op": "replace", "path": path, "value": right}]


def _in(ballot: Ballot, contest: int, edit: Callable[[dict[str, Any]], dict[str, Any]]) -> Ballot:
    """The ballot with one contest edited (position from 0)."""
    contests = list(ballot["contests"])
    contests[contest] = edit(contests[contest])
    return {**ballot, "contests": contests}


def _at(ballot: Ballot, contest: int, option: int, **changes: object) -> Ballot:
    """The ballot with one selection changed (positions from 0)."""

    def edit(made: dict[str, Any]) -> dict[str, Any]:
        selections = list(made["selections"])
        selections[option] = {**selections[option], **changes}
        return {**made, "selections": selections}

    return _in(ballot, contest, edit)


def _changed(
    pairs: Sequence[Mapping[str, bytes]], place: int, half: str, step: int
) -> list[Mapping[str, bytes]]:
    """A proof with ``step`` added to one of its numbers."""
    edited = list(pairs)
    edited[place] = {**edited[place], half: scalar(number(edited[place][half]) + step)}
    return edited


def _verified(w: World, base: Made) -> list[Case]:
    bad = _Bad(w, base, "ballot")
    _identifiers(bad, base)
    _selections(bad)
    _limits(bad, base)
    _shapes(bad)
    _sealed(bad, base)
    _codes(bad)
    challenged = case("ballot-challenged", "the same ballot, challenged", base.challenged(), "accept")
    broken = _at(
        base.ballot,
        0,
        0,
        proof=_changed(base.ballot["contests"][0]["selections"][0]["proof"], 0, "response", 1),
    )
    states = [
        challenged,
        case(
            "ballot-challenged-wrong-proof",
            "6 and 7 are for cast ballots: a challenged one is opened instead (13, 14)",
            {"patch": difference("/ballot", plain(base.ballot), plain(broken))},
            "accept",
            flags=("specification slip",),
            base="ballot-challenged",
        ),
        case(
            "ballot-challenged-wrong-nonce-proof",
            "the proof of the ballot nonce is checked on challenged ballots too",
            {"patch": [replaced("/ballot/nonce/c2", base.ballot["nonce"]["c2"] | {"response": bytes(32)})]},
            "verify",
            base="ballot-challenged",
            checks=("E.4",),
        ),
    ]
    return bad.cases + states


def _identifiers(bad: _Bad, base: Made) -> None:
    ballot = bad.ballot
    bad(
        "identifier-hash",
        "H_I is not that of id_B",
        "5.B",
        {**ballot, "identifier_hash": bytes(32)},
        rehash=False,
    )
    bad(
        "context-randomness",
        "other random bytes than those of id_B",
        "E.1",
        ballot,
        context={**base.context, "randomness": bytes(32)},
    )
    named = made_ballot(bad.w, _plan("verify-base", pseudonym=PSEUDONYM))
    bad(
        "pseudonym-without-roll",
        "an id_B with a pseudonym, well opened, in an election without a roll",
        "E.1",
        named.ballot,
        context=named.context,
    )
    bad(
        "context-unit",
        "the ballot says another unit than its id_B",
        "E.1",
        {**ballot, "unit": "South"},
        flags=("replay",),
    )
    bad("weight-more", "a weight that the style does not have", "E.3", {**ballot, "weight": 3})


def _selections(bad: _Bad) -> None:
    w, n, ballot = bad.w, bad.w.numbers, bad.ballot
    first = ballot["contests"][0]["selections"][0]
    range_, group_ = ("out of range",), ("not in the subgroup",)
    for name, value in (("0", 0), ("p", n.p)):
        bad(
            f"alpha-{name}",
            f"alpha is {name}",
            "6.A 7.A",
            _at(ballot, 0, 0, alpha=n.element(value)),
            flags=range_,
        )
    bad("beta-0", "beta is 0", "6.A 7.A", _at(ballot, 0, 0, beta=n.element(0)), flags=range_)
    flipped = made_ballot(w, _plan("verify-base", flips=frozenset({(MAYOR, 0)})))
    bad(
        "alpha-minus", "p - alpha, under proofs whose equations hold", "6.A 7.A", flipped.ballot, flags=group_
    )
    both = made_ballot(w, _plan("verify-base", flips=frozenset({(MAYOR, 0), (MAYOR, 1)})))
    bad(
        "two-signs",
        "two signs that cancel in the product of the contest",
        "6.A 7.A",
        both.ballot,
        flags=group_,
    )
    outside = n.element(pow(3, 2 * n.q, n.p))
    bad(
        "large-order",
        "an element of order (p - 1) / 2q",
        "6.A 7.A",
        _at(ballot, 1, 2, beta=outside),
        flags=group_,
    )
    for half, check in (("challenge", "6.B"), ("response", "6.C")):
        proof = _changed(first["proof"], 1, half, n.q)
        bad(f"{half}-plus-q", f"{half} + q", check, _at(ballot, 0, 0, proof=proof), flags=("c+q",))
        proof = _changed(first["proof"], 1, half, 1)
        bad(f"{half}-changed", f"{half} plus 1", "6.D", _at(ballot, 0, 0, proof=proof))
    second = ballot["contests"][0]["selections"][1]
    swapped = _at(_at(ballot, 0, 0, proof=second["proof"]), 0, 1, proof=first["proof"])
    bad("proofs-swapped", "the proofs of two options swapped", "6.D", swapped, flags=("swapped", "replay"))
    ciphertexts = {name: second[name] for name in ("alpha", "beta")}
    exchanged = _at(_at(ballot, 0, 0, **ciphertexts), 0, 1, **{name: first[name] for name in ciphertexts})
    bad(
        "ciphertexts-swapped",
        "the ciphertexts of two options swapped: their product stays",
        "6.D",
        exchanged,
        flags=("swapped",),
    )
    two = made_ballot(w, _plan("verify-base", {MAYOR: Vote((0, 0, 0, 0, 0, 0)), COUNCIL: Vote((2, 0, 0))}))
    bad("value-2-of-1", "2 where R is 1; L is kept", "6.D", _as(ballot, two.ballot))
    identity = made_ballot(w, _plan("verify-base", nonces={(MAYOR, 0): 0}))
    bad(
        "identity",
        "nonce 0: alpha is 1, and beta shows the vote",
        "E.7",
        _as(ballot, identity.ballot),
        flags=("identity",),
    )


def _as(ballot: Ballot, other: Ballot) -> Ballot:
    """``other`` must be a ballot of the same id_B: only what it encrypts differs."""
    if other["identifier"] != ballot["identifier"]:
        raise ValueError("another id_B")
    return other


def _limits(bad: _Bad, base: Made) -> None:
    w, n, ballot = bad.w, bad.w.numbers, bad.ballot
    key = ballot["identifier_hash"]
    proof = ballot["contests"][0]["limit_proof"]

    def limit(changed: Sequence[Mapping[str, bytes]]) -> Ballot:
        return _in(ballot, 0, lambda contest: {**contest, "limit_proof": changed})

    for half, check in (("challenge", "7.B"), ("response", "7.C")):
        bad(
            f"limit-{half}-plus-q", f"{half} + q", check, limit(_changed(proof, 0, half, n.q)), flags=("c+q",)
        )
        bad(f"limit-{half}-changed", f"{half} plus 1", "7.D", limit(_changed(proof, 0, half, 1)))
    over = made_ballot(w, _plan("verify-base", {MAYOR: Vote((1, 1, 0, 0, 0, 0)), COUNCIL: Vote((1, 1, 0))}))
    bad("limit-exceeded", "two options where L is 1, each within its R", "7.D", _as(ballot, over.ballot))
    # Over all six fields: the supplemental ones have no place in the product.
    mayor = ballot["contests"][0]
    nonces = [derived_nonce(w, key, 1, option, base.nonce) for option in range(1, 7)]
    rng = SeededRandomness("vectors/ballot-limit-over-all-fields")
    wide, _ = limit_proof(w, key, 1, mayor["selections"], 1, sum(nonces), 1, rng)
    bad("limit-over-all-fields", "the product over options and supplemental fields", "7.D", limit(wide))
    first = mayor["selections"][0]
    bad(
        "limit-is-a-selection",
        "the proof of an option as the contest limit",
        "7.D",
        limit(first["proof"]),
        flags=("replay",),
    )
    bad("limit-left-out", "no proof of the contest limit", "E.2", limit([]), flags=("wrong length",))
    bad("limit-longer", "a proof for L + 1", "E.2", limit([*proof, proof[0]]), flags=("wrong length",))


def _shapes(bad: _Bad) -> None:
    ballot = bad.ballot
    contests, mayor = ballot["contests"], ballot["contests"][0]
    fields = mayor["selections"]

    def mayor_with(**changes: object) -> Ballot:
        return _in(ballot, 0, lambda contest: {**contest, **changes})

    bad(
        "contest-missing",
        "a contest of the style is missing",
        "E.2",
        {**ballot, "contests": contests[:1]},
        flags=("wrong length",),
    )
    bad(
        "contest-twice",
        "a contest twice",
        "E.2",
        {**ballot, "contests": [*contests, mayor]},
        flags=("wrong length",),
    )
    bad(
        "contests-swapped",
        "contests in another order",
        "E.2",
        {**ballot, "contests": contests[::-1]},
        flags=("swapped",),
    )
    bad("contest-of-another-style", "the style has contest 2 alone", "E.2", {**ballot, "style": "council"})
    bad("unknown-style", "a style that there is not", "E.2", {**ballot, "style": "none"})
    bad("unknown-unit", "a unit that there is not", "E.2", {**ballot, "unit": "East"})
    bad(
        "option-missing",
        "a field is missing",
        "E.2",
        mayor_with(selections=fields[:-1]),
        flags=("wrong length",),
    )
    bad(
        "option-twice",
        "a field twice",
        "E.2",
        mayor_with(selections=[*fields, fields[0]]),
        flags=("wrong length",),
    )
    bad(
        "options-swapped",
        "fields in another order",
        "E.2",
        mayor_with(selections=[fields[1], fields[0], *fields[2:]]),
        flags=("swapped",),
    )
    bad(
        "branch-missing",
        "a range proof of one branch",
        "E.2",
        _at(ballot, 0, 0, proof=fields[0]["proof"][:1]),
        flags=("wrong length",),
    )
    bad(
        "branch-more",
        "a range proof of three branches where R is 1",
        "E.2",
        _at(ballot, 0, 0, proof=[*fields[0]["proof"], fields[0]["proof"][0]]),
        flags=("wrong length",),
    )
    data = contests[1]["data"]
    bad(
        "data-missing",
        "contest data is missing",
        "E.2",
        _in(ballot, 1, lambda contest: {**contest, "data": None}),
    )
    bad("data-more", "contest data where the manifest has none", "E.2", mayor_with(data=data))
    short = {**data, "c1": data["c1"][:32]}
    bad(
        "data-short",
        "one block of two",
        "E.2",
        _in(ballot, 1, lambda contest: {**contest, "data": short}),
        flags=("wrong length",),
    )
    nonce = {**ballot["nonce"], "c1": ballot["nonce"]["c1"][:31]}
    bad(
        "nonce-short",
        "31 bytes of encrypted ballot nonce",
        "E.2",
        {**ballot, "nonce": nonce},
        flags=("wrong length",),
    )


def _sealed(bad: _Bad, base: Made) -> None:
    w, n, ballot = bad.w, bad.w.numbers, bad.ballot
    rng = SeededRandomness("vectors/ballot-sealed")
    other_key = hashed("identifier_hash", n, key=w.extended_hash, identifier=bytes(32))
    foreign = sealed_nonce(w, other_key, base.nonce, rng.below(n.q), rng.below(n.q))
    bad(
        "nonce-of-another-ballot",
        "the ballot nonce under another H_I; neither contest hashes nor code depend on it",
        "E.4",
        {**ballot, "nonce": foreign},
        flags=("replay",),
    )
    wrong = {**ballot["nonce"], "c2": {**ballot["nonce"]["c2"], "response": bytes(32)}}
    bad("nonce-proof", "a response of the ballot nonce's proof", "E.4", {**ballot, "nonce": wrong})
    data = sealed_data(w, other_key, 2, bytes(64), rng.below(n.q), rng.below(n.q))
    bad(
        "data-of-another-ballot",
        "contest data under another H_I",
        "E.5",
        _in(ballot, 1, lambda contest: {**contest, "data": data}),
        flags=("replay",),
    )
    other_contest = sealed_data(w, ballot["identifier_hash"], 1, bytes(64), rng.below(n.q), rng.below(n.q))
    bad(
        "data-of-another-contest",
        "contest data made for contest 1",
        "E.5",
        _in(ballot, 1, lambda contest: {**contest, "data": other_contest}),
        flags=("replay",),
    )


def _codes(bad: _Bad) -> None:
    w, ballot = bad.w, bad.ballot
    zero = bytes(32)
    bad(
        "contest-hash",
        "a contest hash is wrong; the code fits the right one",
        "8.A",
        _in(ballot, 0, lambda contest: {**contest, "contest_hash": zero}),
        rehash=False,
    )
    bad("code", "the confirmation code is wrong", "8.B", {**ballot, "confirmation_code": zero}, rehash=False)
    bad(
        "field-zero",
        "36 zero bytes as chaining field; the code fits",
        "8.D",
        {**ballot, "chaining_field": bytes(36)},
        flags=("specification slip",),
    )
    other = hashed("device_hash", w.numbers, key=w.extended_hash, device="device 2")
    bad(
        "field-device",
        "the chaining field of another device; the code fits",
        "8.D",
        {**ballot, "chaining_field": u4(0) + other},
    )
    chained = u4(1) + ballot["chaining_field"][4:]
    bad(
        "field-mode",
        "chaining mode 1 in an election of mode 0; the code fits",
        "8.D",
        {**ballot, "chaining_field": chained},
    )


def _verified_standard(w: World) -> list[Case]:
    made = made_ballot(w, Plan("verify-standard", "all", "all", {"Question": Vote((1, 0))}))
    bad = _Bad(w, made, "ballot-4096")
    ballot = bad.ballot
    first = ballot["contests"][0]["selections"][0]
    proof = _changed(first["proof"], 0, "response", -1)
    bad("response-changed", "v_0 less 1", "6.D", _at(ballot, 0, 0, proof=proof))
    minus = w.numbers.element(w.numbers.p - number(first["beta"]))
    bad("beta-minus", "p - beta", "6.A 7.A", _at(ballot, 0, 0, beta=minus), flags=("not in the subgroup",))
    full = [{**first["proof"][0], "response": b"\xff" * 32}, first["proof"][1]]
    bad(
        "response-all-ones",
        "2^256 - 1 for v_0: out of range, and wrong modulo q too",
        "6.C 6.D",
        _at(ballot, 0, 0, proof=full),
        flags=("out of range",),
    )
    return bad.cases


def _verified_roll(w: World) -> list[Case]:
    plan = Plan("verify-roll", "all", "all", {"Question": Vote((0, 1))}, pseudonym=PSEUDONYM)
    made = made_ballot(w, plan)
    bad = _Bad(w, made, "ballot-roll")
    for name, comment, pseudonym in (
        ("other-pseudonym", "another pseudonym than that of id_B", bytes(32)),
        ("no-pseudonym", "no pseudonym where id_B has one", None),
    ):
        context = {**made.context, "pseudonym": pseudonym}
        bad(name, comment, "E.1", bad.ballot, context=context, flags=("replay",))
    return bad.cases
