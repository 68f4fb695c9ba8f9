"""Records with pre-encrypted ballots that are wrong in one place, with the checks that fail on each.

As :mod:`tests.verifier.alone`: a deviation is made as a cheating tool or recorder would make it, and
everything downstream follows from it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from unittest.mock import patch

from evote.ballots import preencrypted_hashes as pre_hashes
from evote.ballots.preencrypted_vectors import ContestVectors
from evote.ballots.values import (
    ContextOpening,
    DeviceRecord,
    EncryptedBallot,
    OpenedBallot,
    OpenedContest,
    OpenedPreContest,
    OpenedVector,
    PreContest,
    PreEncryption,
    PreVector,
    ProofPair,
    SubmittedBallot,
)
from evote.groups import Group, Scalar
from evote.hashing import sha256
from evote.testing.elections import Kit, Published
from evote.testing.forge import HONEST

Make = Callable[[Kit], Published]

DRAFT: Mapping[str, object] = {
    "label": "Town of Testing 2026",
    "test": True,
    "minimum_cell": 1,
    "contests": [
        {"label": "Mayor", "options": ["Ada", "Grace"]},
        {"label": "Council", "limit": 2, "options": ["Alan", "Emmy", "Kurt"], "write_ins": 1},
    ],
    "units": ["North", "South"],
    "preencrypted": {"styles": ["all"], "tools": ["printer 1"], "trimming": "hex-4"},
}
"""Two contests, one with L = 2 and contest data, which pre-encrypted ballots do not have."""

DRAFTS: Mapping[str, Mapping[str, object]] = {
    "mixed": DRAFT,
    "chained": {**DRAFT, "chaining": 1},
    "short": {**DRAFT, "preencrypted": {"styles": ["all"], "tools": ["printer 1"], "trimming": "hex-2"}},
    "styles": {
        **DRAFT,
        "styles": [
            {"label": "paper", "contests": ["Mayor", "Council"]},
            {"label": "ordinary", "contests": ["Mayor", "Council"]},
        ],
        "preencrypted": {"styles": ["paper"], "tools": ["printer 1"]},
    },
}

CAST, BLANK, UNCAST = 1, 2, 3
"""Places of pre-encrypted ballots in the record."""


@functools.cache
def ceremony(draft: str) -> Kit:
    """The kit of a draft before any vote; the ceremony is held once."""
    return Kit(DRAFTS[draft], seed=f"pre/{draft}")


def voted(kit: Kit) -> Kit:
    """Ordinary and pre-encrypted ballots, cast and opened."""
    kit.restart()
    kit.vote("North", {"Mayor": {"Ada": 1}, "Council": {"Alan": 1, "Emmy": 1}})
    sheets = [kit.sheet(unit) for unit in ("North", "South", "North")]
    kit.mark(sheets[0], {"Mayor": ["Grace"], "Council": ["Emmy", "Kurt"]})
    kit.mark(sheets[1], {"Council": ["Alan"]})
    kit.uncast(sheets[2])
    kit.vote("South", {"Mayor": {"Ada": 1}}, challenge=True)
    return kit


def honest(kit: Kit) -> Published:
    """The honest record that every case starts from."""
    return voted(kit).publish()


@dataclass(frozen=True)
class Case:
    """One deviation: the kit that it is made with, how, and the checks that fail."""

    fails: frozenset[str]
    make: Make
    draft: str = "mixed"


CASES: dict[str, Case] = {}


def case(name: str, *fails: str, draft: str = "mixed") -> Callable[[Make], Make]:
    """Enter a case under a name."""

    def enter(make: Make) -> Make:
        assert name not in CASES
        CASES[name] = Case(frozenset(fails), make, draft)
        return make

    return enter


# --- one ballot ---------------------------------------------------------------------------------------

Edit = Callable[[Kit, SubmittedBallot], SubmittedBallot]


def changed(place: int, edit: Edit) -> Make:
    """The record with one ballot changed, and everything computed from the ballots as they are then."""

    def make(kit: Kit) -> Published:
        voted(kit)
        kit.submitted[place] = edit(kit, kit.submitted[place])
        return kit.publish()

    return make


def part(submitted: SubmittedBallot, contest: int) -> PreContest:
    """What a contest has besides, by its place."""
    assert submitted.pre is not None
    return submitted.pre.contests[contest]


def with_part(submitted: SubmittedBallot, contest: int, one: PreContest) -> SubmittedBallot:
    """The ballot with another such part."""
    assert submitted.pre is not None
    contests = list(submitted.pre.contests)
    contests[contest] = one
    return replace(submitted, pre=PreEncryption(tuple(contests)))


def with_vector(submitted: SubmittedBallot, contest: int, number: int, vector: PreVector) -> SubmittedBallot:
    """The ballot with another shown vector."""
    one = part(submitted, contest)
    vectors = list(one.vectors)
    vectors[number] = vector
    return with_part(submitted, contest, replace(one, vectors=tuple(vectors)))


def recoded(submitted: SubmittedBallot) -> SubmittedBallot:
    """Contest hashes and confirmation code computed again from the stated selection hashes."""
    assert submitted.pre is not None
    ballot = submitted.ballot
    key = ballot.identifier_hash
    hashed = [pre_hashes.contest_hash(key, one.contest, one.hashes) for one in submitted.pre.contests]
    contests = tuple(
        replace(encrypted, contest_hash=each) for encrypted, each in zip(ballot.contests, hashed, strict=True)
    )
    code = pre_hashes.confirmation_code(key, hashed, ballot.chaining_field)
    return replace(submitted, ballot=replace(ballot, contests=contests, confirmation_code=code))


def with_opening(edit: Callable[[OpenedBallot], OpenedBallot]) -> Make:
    """The record with another opening of the uncast ballot."""

    def make(kit: Kit) -> Published:
        published = honest(kit)
        published.openings = [each if each.pre is None else edit(each) for each in published.openings]
        return published

    return make


def contests_opened(edit: Callable[[list[OpenedPreContest]], list[OpenedPreContest]]) -> Make:
    """The record whose uncast ballot is opened with other contests."""
    return with_opening(lambda opened: replace(opened, pre=tuple(edit(list(opened.pre or ())))))


def vectors_opened(edit: Callable[[list[OpenedVector]], list[OpenedVector]]) -> Make:
    """The record whose uncast ballot is opened with other vectors in its first contest."""

    def contests(opened: list[OpenedPreContest]) -> list[OpenedPreContest]:
        first = replace(opened[0], vectors=tuple(edit(list(opened[0].vectors))))
        return [first, *opened[1:]]

    return contests_opened(contests)


# --- verification 15 ----------------------------------------------------------------------------------


def _another_vote(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    """Selections with proofs of their own, which are another vote than the chosen vectors."""
    ballot, contest = submitted.ballot, kit.manifest.contest(2)
    marks = {"Alan": 1, "Emmy": 1}
    forged = kit.forge._contest(ballot.identifier_hash, kit.rng.token(32), contest, marks, HONEST)
    made = replace(forged, data=None, contest_hash=ballot.contests[1].contest_hash)
    return replace(submitted, ballot=replace(ballot, contests=(ballot.contests[0], made)))


case("selections that are not the product of the chosen vectors", "15.A")(changed(CAST, _another_vote))


# --- verification 6 on the chosen vectors -------------------------------------------------------------


def _vector_proof(edit: Callable[[Kit, ProofPair], ProofPair]) -> Make:
    def change(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
        vector = part(submitted, 1).vectors[0]
        first = vector.selections[0]
        proof = (edit(kit, first.proof[0]), *first.proof[1:])
        selections = (replace(first, proof=proof), *vector.selections[1:])
        return with_vector(submitted, 1, 0, replace(vector, selections=selections))

    return changed(CAST, change)


def _more(data: bytes, number: int) -> bytes:
    return (int.from_bytes(data, "big") + number).to_bytes(32, "big")


case("a challenge of a vector that is q too large", "6.B")(
    _vector_proof(lambda kit, pair: replace(pair, challenge=_more(pair.challenge, kit.q)))
)
case("a response of a vector that is q too large", "6.C")(
    _vector_proof(lambda kit, pair: replace(pair, response=_more(pair.response, kit.q)))
)
case("a proof of a vector that is none", "6.D")(
    _vector_proof(
        lambda kit, pair: replace(
            pair, response=((int.from_bytes(pair.response, "big") + 1) % kit.q).to_bytes(32, "big")
        )
    )
)


def _minus_alpha(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    """-alpha in a vector: it is no member, and neither the hash nor the product is that of the vector."""
    vector = part(submitted, 1).vectors[0]
    first = vector.selections[0]
    alpha = (kit.p - int.from_bytes(first.alpha, "big")).to_bytes(len(first.alpha), "big")
    selections = (replace(first, alpha=alpha), *vector.selections[1:])
    return with_vector(submitted, 1, 0, replace(vector, selections=selections))


case("a vector outside the subgroup", "6.A", "15.A", "16.A")(changed(CAST, _minus_alpha))


# --- verification 16 ----------------------------------------------------------------------------------


def _another_hash(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    """A hash of a shown vector changed where neither its place nor its short code depends on it."""
    one = part(submitted, 1)
    hashed = list(one.hashes)
    place = one.vectors[0].place
    old = hashed[place]
    hashed[place] = old[:16] + bytes([old[16] ^ 1]) + old[17:]
    return recoded(with_part(submitted, 1, replace(one, hashes=tuple(hashed))))


def _unsorted(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    """Two hashes of vectors that are not shown stand in the order in which they were made."""
    one = part(submitted, 0)
    hidden = [place for place in range(len(one.hashes)) if place != one.vectors[0].place]
    hashed = list(one.hashes)
    hashed[hidden[0]], hashed[hidden[1]] = hashed[hidden[1]], hashed[hidden[0]]
    return recoded(with_part(submitted, 0, replace(one, hashes=tuple(hashed))))


def _ballot(**fields: Callable[[EncryptedBallot], object]) -> Edit:
    def edit(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
        values = {name: make(submitted.ballot) for name, make in fields.items()}
        return replace(submitted, ballot=replace(submitted.ballot, **values))  # type: ignore[arg-type]

    return edit


def _refield(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    """Another chaining field, and the confirmation code over it."""
    field = submitted.ballot.chaining_field
    return recoded(_ballot(chaining_field=lambda _: field[:4] + sha256(field))(kit, submitted))


def _hashed_wrong(ballot: EncryptedBallot) -> object:
    return (replace(ballot.contests[0], contest_hash=bytes(32)), *ballot.contests[1:])


case("a selection hash of another vector", "16.A")(changed(CAST, _another_hash))
case("a contest hash of nothing", "16.B")(changed(CAST, _ballot(contests=_hashed_wrong)))
case("selection hashes in another order", "16.B")(changed(CAST, _unsorted))
case("a confirmation code of nothing", "16.C")(
    changed(CAST, _ballot(confirmation_code=lambda ballot: sha256(ballot.confirmation_code)))
)
case("a chaining field without the device hash", "16.E")(changed(CAST, _refield))
case("a chaining field without the code before", "16.F", draft="chained")(changed(UNCAST, _refield))


def _device(**fields: bytes) -> Make:
    def make(kit: Kit) -> Published:
        published = honest(kit)

        def edited(device: DeviceRecord) -> DeviceRecord:
            return replace(device, **fields) if device.device == "printer 1" else device

        published.devices = replace(published.devices, devices=tuple(map(edited, published.devices.devices)))
        return published

    return make


case("the device hash of an ordinary device", "16.D")(_device(device_hash=bytes(32)))
case("a chain that starts elsewhere", "16.G", draft="chained")(_device(initial_hash=bytes(32)))
case("a chain that is closed elsewhere", "16.H", draft="chained")(_device(closing_hash=bytes(32)))


# --- verifications 17 to 19 ---------------------------------------------------------------------------


def _short_code(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    return with_vector(submitted, 0, 0, replace(part(submitted, 0).vectors[0], short_code="0000"))


case("a short code of a chosen vector", "17.A")(changed(CAST, _short_code))
case("a short code of an uncast ballot", "17.A")(changed(UNCAST, _short_code))
case("another short code on the sheet", "17.A")(
    vectors_opened(lambda vectors: [replace(vectors[0], short_code="0000"), *vectors[1:]])
)


def _other_nonce(vectors: list[OpenedVector]) -> list[OpenedVector]:
    first = vectors[0]
    return [replace(first, nonces=(first.nonces[1], *first.nonces[1:])), *vectors[1:]]


case("a nonce of another encryption", "18.A")(vectors_opened(_other_nonce))
case("a nonce that is no scalar", "18.A")(
    vectors_opened(lambda vectors: [replace(vectors[0], nonces=(b"\xff" * 32,) * 2), *vectors[1:]])
)
case("a vector opened with too few nonces", "18.A")(
    vectors_opened(lambda vectors: [replace(vectors[0], nonces=()), *vectors[1:]])
)
case("two options of a sheet exchanged", "18.A")(
    vectors_opened(
        lambda vectors: [
            replace(vectors[0], option=vectors[1].option),
            replace(vectors[1], option=vectors[0].option),
            *vectors[2:],
        ]
    )
)
case("a contest that the sheet does not have", "19.A")(
    contests_opened(lambda contests: [*contests, OpenedPreContest("Sheriff", ())])
)
case("a contest of the sheet left out", "19.B")(contests_opened(lambda contests: contests[:1]))
case("a sheet opened as an ordinary ballot", "19.A", "19.B")(
    with_opening(lambda opened: replace(opened, contests=(OpenedContest("Sheriff", (), None),), pre=None))
)
case("an option that the contest does not have", "19.C")(
    vectors_opened(lambda vectors: [*vectors, replace(vectors[0], option="Turing")])
)
case("a null vote more than the limit", "19.C")(vectors_opened(lambda vectors: [*vectors, vectors[-1]]))
case("an option of the sheet left out", "19.D")(vectors_opened(lambda vectors: vectors[1:]))
case("a null vote of the sheet left out", "19.D")(vectors_opened(lambda vectors: vectors[:-1]))


# --- evote's own --------------------------------------------------------------------------------------

case("a context of something else", "E.1")(
    changed(CAST, lambda kit, one: replace(one, context=ContextOpening(None, bytes(32))))
)


@case("an ordinary ballot of a tool that pre-encrypts", "E.2")
def _ordinary(kit: Kit) -> Published:
    voted(kit).vote("North", {"Mayor": {"Ada": 1}}, device="printer 1")
    return kit.publish()


case("a pre-encrypted ballot of another device", "E.2")(changed(CAST, _ballot(device=lambda _: "device 1")))


def _more_hashes(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    one = part(submitted, 0)
    return with_part(submitted, 0, replace(one, hashes=(*one.hashes, b"\xff" * 32)))


def _fewer_vectors(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    one = part(submitted, 1)
    return with_part(submitted, 1, replace(one, vectors=one.vectors[:1]))


def _twice(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    one = part(submitted, 1)
    return with_part(submitted, 1, replace(one, vectors=(one.vectors[0], one.vectors[0])))


def _beyond(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    one = part(submitted, 0)
    return with_vector(submitted, 0, 0, replace(one.vectors[0], place=len(one.hashes)))


def _one_contest(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    return replace(submitted, pre=PreEncryption((part(submitted, 0),)))


def _written_twice(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    fields = submitted.ballot.contests[0].selections
    return with_vector(submitted, 0, 0, replace(part(submitted, 0).vectors[0], selections=fields))


def _no_fields(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    return with_vector(submitted, 1, 0, replace(part(submitted, 1).vectors[0], selections=()))


def _no_proofs(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    vector = part(submitted, 1).vectors[0]
    fields = tuple(replace(each, proof=()) for each in vector.selections)
    return with_vector(submitted, 1, 0, replace(vector, selections=fields))


for name, place, edit in (
    ("a selection hash more than there are vectors", CAST, _more_hashes),
    ("fewer chosen vectors than the limit", CAST, _fewer_vectors),
    ("a vector without a hash", CAST, _beyond),
    ("selection hashes of one contest alone", CAST, _one_contest),
    ("a chosen vector without its options", CAST, _no_fields),
    ("a chosen vector without proofs", CAST, _no_proofs),
    ("fewer vectors on an uncast ballot than there are", UNCAST, _fewer_vectors),
    ("an uncast vector without its options", UNCAST, _no_fields),
):
    case(name, "E.2")(changed(place, edit))


# What is written twice is also a ciphertext that occurs twice.
case("a vector chosen twice", "E.2", "E.6")(changed(CAST, _twice))
case("the one chosen vector written twice", "E.2", "E.6")(changed(CAST, _written_twice))


@case("selections on an uncast ballot", "E.2")
def _selected(kit: Kit) -> Published:
    voted(kit)
    uncast, cast = kit.submitted[UNCAST], kit.submitted[CAST]
    contests = tuple(
        replace(own, selections=other.selections)
        for own, other in zip(uncast.ballot.contests, cast.ballot.contests, strict=True)
    )
    # E.6 is not what this is about: the other ballot leaves.
    kit.submitted[UNCAST] = replace(uncast, ballot=replace(uncast.ballot, contests=contests))
    del kit.submitted[CAST]
    return kit.publish()


@case("proofs on an uncast vector", "E.2")
def _proven(kit: Kit) -> Published:
    voted(kit)
    proof = part(kit.submitted[CAST], 1).vectors[0].selections[0].proof
    uncast = kit.submitted[UNCAST]
    vector = part(uncast, 1).vectors[0]
    fields = (replace(vector.selections[0], proof=proof), *vector.selections[1:])
    kit.submitted[UNCAST] = with_vector(uncast, 1, 0, replace(vector, selections=fields))
    return kit.publish()


@case("a sheet of a style that is not made so", "E.2", draft="styles")
def _other_style(kit: Kit) -> Published:
    voted(kit)
    style = "ordinary"
    kit.submitted[CAST] = _ballot(style=lambda _: style)(kit, kit.submitted[CAST])
    return kit.publish()


@case("one nonce on two ballots", "E.6")
def _same_nonce(kit: Kit) -> Published:
    honestly = pre_hashes.nonce

    def careless(
        group: Group, key: bytes, contest: int, vector: int, option: int, ballot_nonce: bytes
    ) -> Scalar:
        if (contest, vector, option) == (1, 3, 1):  # the null vector of the first contest
            return group.scalar(12345)
        return honestly(group, key, contest, vector, option, ballot_nonce)

    with patch.object(pre_hashes, "nonce", careless):
        voted(kit)
    return kit.publish()


@case("a challenge that is never opened", "E.13")
def _closed(kit: Kit) -> Published:
    published = honest(kit)
    published.openings = [each for each in published.openings if each.pre is None]
    return published


@case("two short codes of a contest that are one", "E.80", draft="short")
def _colliding(kit: Kit) -> Published:
    differ = ContestVectors.collides.fget
    assert differ is not None

    def wanted(each: ContestVectors) -> bool:
        """Whether a sheet is thrown away: all but those with a collision in the second contest."""
        return bool(differ(each)) is not (each.contest.index == 2)

    kit.restart()
    with patch.object(ContestVectors, "collides", property(wanted)):
        kit.mark(kit.sheet("North"), {"Mayor": ["Ada"]})
    return kit.publish()
