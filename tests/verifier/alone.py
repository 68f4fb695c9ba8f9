"""Records that are wrong in one place, with the checks that fail on each: the smallest set there is.

Every case takes an honest record of the kit, makes one deviation as a cheat would make it, and lets
everything downstream follow from it, so that only the checks in question can object. Where the
specification, or evote, states one fact in two checks, both fail, and the case says why.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from evote.ballots import SubmittedBallot
from evote.ballots.values import EncryptedContest, OpenedBallot, OpenedContest, ProofPair, Selection
from evote.ceremony import GuardianRecord, GuardianRecords, joint_keys
from evote.ceremony.hashes import guardian_hash, record_commitment
from evote.ceremony.keys import draw_secrets, make_record
from evote.ceremony.messages import GroupedProof
from evote.codec import encode
from evote.record.values import Index
from evote.signing import SigningKey
from evote.tally import ClosingHead, DecryptedField, TalliedField, WithheldCell
from evote.testing.elections import SMALL, Kit, Published
from evote.testing.forge import HONEST, Cheat
from evote.testing.randomness import SeededRandomness

Make = Callable[[Kit], Published]


@dataclass(frozen=True)
class Case:
    """One deviation: the kit that it is made with, how, and the checks that fail."""

    fails: frozenset[str]
    make: Make
    draft: str = "small"
    setup: bool = False
    """Whether the record is written and verified at stage SETUP."""


DRAFTS: Mapping[str, Mapping[str, object]] = {
    "small": SMALL,
    "chained": {**SMALL, "chaining": 1},
    "opened": {**SMALL, "decrypt_contest_data": True},
}

CASES: dict[str, Case] = {}


def case(name: str, *fails: str, draft: str = "small", setup: bool = False) -> Callable[[Make], Make]:
    """Enter a case under a name."""

    def enter(make: Make) -> Make:
        assert name not in CASES
        CASES[name] = Case(frozenset(fails), make, draft, setup)
        return make

    return enter


@functools.cache
def ceremony(draft: str) -> Kit:
    """The kit of a draft before any vote; the ceremony is held once."""
    return Kit(DRAFTS[draft], seed=f"alone/{draft}")


VOTES = (
    ("North", {"Mayor": {"Ada": 1}, "Council": {"Alan": 1, "Emmy": 1}}, False),
    ("South", {"Mayor": {"Grace": 1}, "Council": {"Kurt": 2}}, False),
    ("South", {"Mayor": {"Ada": 1}, "Council": {"Alan": 1}}, False),
    ("North", {"Mayor": {"blank": 1}, "Council": {}}, True),
    ("North", {"Mayor": {}, "Council": {"Emmy": 1}}, False),
)


def voted(kit: Kit, *cheats: tuple[int, Cheat]) -> Kit:
    """The kit with the ballots of ``VOTES``, some of them made by a cheating device."""
    kit.restart()
    wrong = dict(cheats)
    for number, (unit, marks, challenge) in enumerate(VOTES):
        kit.vote(unit, marks, challenge=challenge, cheat=wrong.get(number, HONEST))
    return kit


def honest(kit: Kit) -> Published:
    """The honest record that every case starts from."""
    return voted(kit).publish()


# --- parameters, guardians, keys ---------------------------------------------------------------------


def _parameters(**fields: object) -> Make:
    def make(kit: Kit) -> Published:
        published = honest(kit)
        published.parameters = replace(published.parameters, **fields)
        return published

    return make


def _increased(name: str) -> Make:
    def make(kit: Kit) -> Published:
        published = honest(kit)
        data: bytes = getattr(published.parameters, name)
        number = int.from_bytes(data, "big") - 2
        published.parameters = replace(published.parameters, **{name: number.to_bytes(len(data), "big")})
        return published

    return make


case("another version", "1.A")(_parameters(version="v2.0.0"))
case("another p", "1.B")(_increased("p"))
case("another q", "1.C")(_increased("q"))
case("another g", "1.D")(_increased("g"))
case("a wrong parameter base hash", "1.E")(_parameters(parameter_hash=bytes(32)))
case("a wrong base hash", "1.F")(_parameters(base_hash=bytes(32)))


def _guardians(kit: Kit, edit: Callable[[GuardianRecord], GuardianRecord], *numbers: int) -> GuardianRecords:
    """The guardian records with some changed, and round 0 and confirmations made to fit."""
    records = tuple(edit(record) if record.index in numbers else record for record in kit.records.guardians)
    hashed = guardian_hash(kit.setting.base_hash, kit.keys.vote_key, kit.keys.data_key, records)
    return GuardianRecords(
        records,
        tuple(record_commitment(kit.setting.base_hash, record) for record in records),
        (hashed,) * len(records),
    )


def _minus(kit: Kit, data: bytes) -> bytes:
    return (kit.p - int.from_bytes(data, "big")).to_bytes(len(data), "big")


def _plus_q(kit: Kit, data: bytes) -> bytes:
    return (int.from_bytes(data, "big") + kit.q).to_bytes(32, "big")


def _other(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))


def _response(proof: GroupedProof, edit: Callable[[bytes], bytes]) -> GroupedProof:
    return replace(proof, responses=(edit(proof.responses[0]), *proof.responses[1:]))


@case("a guardian key outside the subgroup", "2.A")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.guardians = _guardians(
        kit,
        lambda record: replace(
            record,
            vote_commitments=(record.vote_commitments[0], _minus(kit, record.vote_commitments[1])),
        ),
        2,
    )
    return published


@case("a guardian's response of q and more", "2.B")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.guardians = _guardians(
        kit,
        lambda record: replace(
            record, data_proof=_response(record.data_proof, lambda data: _plus_q(kit, data))
        ),
        1,
    )
    return published


@case("a guardian's proof that does not hold", "2.C")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.guardians = _guardians(
        kit, lambda record: replace(record, vote_proof=_response(record.vote_proof, _other)), 3
    )
    return published


def _keys(**edits: Callable[[Kit, bytes], bytes]) -> Make:
    def make(kit: Kit) -> Published:
        published = honest(kit)
        changed = {name: edit(kit, getattr(kit.keys, name)) for name, edit in edits.items()}
        published.keys = replace(published.keys, **changed)
        return published

    return make


def _times_g(kit: Kit, data: bytes) -> bytes:
    value = int.from_bytes(data, "big") * kit.forge.g % kit.p
    return value.to_bytes(len(data), "big")


case("a joint vote key that is not the product", "3.A")(_keys(vote_key=_times_g))
case("a joint data key that is not the product", "3.B")(_keys(data_key=_times_g))
case("a wrong extended base hash", "4.A")(_keys(extended_hash=lambda kit, data: _other(data)))


@case("a guardian that confirmed another view", "E.8")
def _(kit: Kit) -> Published:
    published = honest(kit)
    first, *rest = published.guardians.confirmations
    published.guardians = replace(published.guardians, confirmations=(_other(first), *rest))
    return published


@case("a guardian that had committed to something else", "E.9")
def _(kit: Kit) -> Published:
    published = honest(kit)
    first, *rest = published.guardians.round0
    published.guardians = replace(published.guardians, round0=(_other(first), *rest))
    return published


@case("a binding proof that does not hold", "E.9")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.guardians = _guardians(
        kit, lambda record: replace(record, binding_proof=_response(record.binding_proof, _other)), 1
    )
    return published


@case("two guardians with one key", "E.18", setup=True)
def _(kit: Kit) -> Published:
    """Guardian 3 takes the secrets of guardian 2 for its own; the joint keys follow from the records."""
    published = honest(kit)
    secrets = draw_secrets(kit.setting, SeededRandomness("one key for two"))
    records = (
        kit.records.guardians[0],
        *(make_record(kit.setting, index, secrets, SeededRandomness(str(index))) for index in (2, 3)),
    )
    keys = joint_keys(kit.setting, records).encode()
    hashed = guardian_hash(kit.setting.base_hash, keys.vote_key, keys.data_key, records)
    published.keys = keys
    published.guardians = GuardianRecords(
        records,
        tuple(record_commitment(kit.setting.base_hash, record) for record in records),
        (hashed,) * len(records),
    )
    return published


# --- ballots -----------------------------------------------------------------------------------------


def _ballot(edit: Callable[[Kit, SubmittedBallot], SubmittedBallot], number: int = 0) -> Make:
    """Change one submitted ballot, and let everything else follow."""

    def make(kit: Kit) -> Published:
        voted(kit)
        kit.submitted[number] = edit(kit, kit.submitted[number])
        return kit.publish()

    return make


def _fields(**fields: object) -> Callable[[Kit, SubmittedBallot], SubmittedBallot]:
    return lambda kit, submitted: replace(submitted, ballot=replace(submitted.ballot, **fields))


def _contest(
    edit: Callable[[Kit, EncryptedContest], EncryptedContest], index: int, *, rehash: bool = False
) -> Callable[[Kit, SubmittedBallot], SubmittedBallot]:
    def change(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
        contests = list(submitted.ballot.contests)
        contests[index] = edit(kit, contests[index])
        ballot = replace(submitted.ballot, contests=tuple(contests))
        return replace(submitted, ballot=kit.forge.rehash(ballot) if rehash else ballot)

    return change


def _selection(
    edit: Callable[[Kit, Selection], Selection],
) -> Callable[[Kit, SubmittedBallot], SubmittedBallot]:
    def change(kit: Kit, contest: EncryptedContest) -> EncryptedContest:
        first, *rest = contest.selections
        return replace(contest, selections=(edit(kit, first), *rest))

    return _contest(change, 1)


def _pair(field: str, edit: Callable[[Kit, bytes], bytes]) -> Callable[[Kit, ProofPair], ProofPair]:
    return lambda kit, pair: replace(pair, **{field: edit(kit, getattr(pair, field))})


def _first(
    pairs: tuple[ProofPair, ...], kit: Kit, edit: Callable[[Kit, ProofPair], ProofPair]
) -> tuple[ProofPair, ...]:
    return (edit(kit, pairs[0]), *pairs[1:])


def _range(field: str, edit: Callable[[Kit, bytes], bytes]) -> Make:
    change = _pair(field, edit)
    return _ballot(_selection(lambda kit, one: replace(one, proof=_first(one.proof, kit, change))))


def _limit(field: str, edit: Callable[[Kit, bytes], bytes]) -> Make:
    change = _pair(field, edit)
    return _ballot(
        _contest(lambda kit, one: replace(one, limit_proof=_first(one.limit_proof, kit, change)), 0)
    )


def _cheating(*cheats: tuple[int, Cheat]) -> Make:
    return lambda kit: voted(kit, *cheats).publish()


def _other_of(kit: Kit, data: bytes) -> bytes:
    return _other(data)


@case("two ballots with one identifier", "5.A")
def _(kit: Kit) -> Published:
    same = Cheat(context_randomness=b"\x07" * 32)
    voted(kit)
    for _ in range(2):
        kit.vote("North", VOTES[0][1], cheat=same)
    return kit.publish()


case("a wrong identifier hash", "5.B")(_ballot(_fields(identifier_hash=bytes(32))))

FLIPPED = Cheat(flip=frozenset({("Mayor", "Ada")}))
# 7.A states 6.A again. Two ballots, so that the signs cancel in the sum and nothing else is touched.
case("a selection outside the subgroup", "6.A", "7.A")(_cheating((0, FLIPPED), (2, FLIPPED)))
case("a challenge of q and more", "6.B")(_range("challenge", _plus_q))
case("a response of q and more", "6.C")(_range("response", _plus_q))
case("a proof that does not hold", "6.D")(_range("response", _other_of))
case("two votes on one option", "6.D")(_cheating((0, Cheat(values={"Council": [2, 0, 0]}))))
case("a vote against a candidate", "6.D")(_cheating((1, Cheat(values={"Mayor": [-1, 1, 1]}))))
case("a limit challenge of q and more", "7.B")(_limit("challenge", _plus_q))
case("a limit response of q and more", "7.C")(_limit("response", _plus_q))
case("a limit proof that does not hold", "7.D")(_limit("response", _other_of))
case("too many votes in a contest", "7.D")(_cheating((0, Cheat(values={"Mayor": [1, 1, 0]}))))
case("a wrong contest hash", "8.A")(
    _ballot(_contest(lambda kit, one: replace(one, contest_hash=bytes(32)), 0))
)
case("a wrong confirmation code", "8.B")(_ballot(_fields(confirmation_code=bytes(32))))


@case("a wrong device hash", "8.C")
def _(kit: Kit) -> Published:
    published = honest(kit)
    (device,) = published.devices.devices
    published.devices = replace(published.devices, devices=(replace(device, device_hash=bytes(32)),))
    return published


@case("a chaining field of another device", "8.D")
def _(kit: Kit) -> Published:
    voted(kit)
    first = kit.submitted[0]
    wrong = replace(first.ballot, chaining_field=bytes(36))
    kit.submitted[0] = replace(first, ballot=kit.forge.rehash(wrong))
    return kit.publish()


@case("a link to another ballot than the one before", "8.E", draft="chained")
def _(kit: Kit) -> Published:
    voted(kit)
    made, nonce = kit.forge.ballot("North", "all", VOTES[0][1], chain=bytes(32))
    kit.submitted.append(made)
    kit.nonces[made.ballot.identifier] = nonce
    return kit.publish()


def _chain(field: str) -> Make:
    def make(kit: Kit) -> Published:
        published = honest(kit)
        (device,) = published.devices.devices
        wrong = replace(device, **{field: _other(getattr(device, field))})
        published.devices = replace(published.devices, devices=(wrong,))
        return published

    return make


case("a chain with a wrong initial field", "8.F", draft="chained")(_chain("initial_field"))
case("a chain with a wrong initial hash", "8.F", draft="chained")(_chain("initial_hash"))
case("a chain with a wrong closing field", "8.G", draft="chained")(_chain("closing_field"))
case("a chain with a wrong closing hash", "8.G", draft="chained")(_chain("closing_hash"))

case("a ballot filed under another unit", "E.1")(_ballot(_fields(unit="South")))
case("a ballot with its contests in another order", "E.2")(
    _ballot(
        lambda kit, submitted: replace(
            submitted, ballot=replace(submitted.ballot, contests=submitted.ballot.contests[::-1])
        )
    )
)
case("a weight that is not the manifest's", "E.3")(_cheating((0, Cheat(weight=2))))


def _sealed_nonce(kit: Kit, submitted: SubmittedBallot) -> SubmittedBallot:
    sealed = submitted.ballot.nonce
    wrong = replace(sealed, c2=_pair("response", _other_of)(kit, sealed.c2))
    return replace(submitted, ballot=replace(submitted.ballot, nonce=wrong))


case("an unproven ballot nonce on a cast ballot", "E.4")(_ballot(_sealed_nonce))
case("an unproven ballot nonce on a challenged ballot", "E.4")(_ballot(_sealed_nonce, 3))


def _sealed_data(kit: Kit, contest: EncryptedContest) -> EncryptedContest:
    assert contest.data is not None
    wrong = replace(contest.data, c2=_pair("response", _other_of)(kit, contest.data.c2))
    return replace(contest, data=wrong)


case("unproven contest data", "E.5")(_ballot(_contest(_sealed_data, 1, rehash=True)))

REPEATED = Cheat(fixed_nonces={("Mayor", "Ada"): 123456789})
case("one encryption nonce on two ballots", "E.6")(_cheating((0, REPEATED), (2, REPEATED)))
case("one nonce for two sealed ballot nonces", "E.6")(
    _cheating((0, Cheat(sealed_with=987654321)), (1, Cheat(sealed_with=987654321)))
)
case("a selection encrypted as an identity", "E.7")(_cheating((0, Cheat(fixed_nonces={("Mayor", "Ada"): 0}))))


@case("a ballot that does not decode", "E.2")
def _(kit: Kit) -> Published:
    published = honest(kit)
    frames = [encode(ballot) for ballot in published.submitted]
    published.frames = [frames[0] + b"\x00", *frames[1:]]
    published.head = kit.head_of_frames(published.frames)
    published.tally = replace(kit.tally(published.submitted[1:], published.head), head=published.head)
    published.decryption = kit.decryption(published.tally)
    published.result, published.csv = kit.result_of(published, published.submitted[1:])
    return published


# --- tally and decryption ----------------------------------------------------------------------------


def _tallied(edit: Callable[[Kit, TalliedField], TalliedField], change: int) -> Make:
    """Change the first sum, and decrypt what is then there."""

    def make(kit: Kit) -> Published:
        published = honest(kit)
        first, *rest = published.tally.cells
        head, *fields = first.fields
        first = replace(first, fields=(edit(kit, head), *fields))
        before = published.decryption.cells[0].fields[0].count
        published.tally = replace(published.tally, cells=(first, *rest))
        published.decryption = kit.decryption(published.tally)
        assert published.decryption.cells[0].fields[0].count == before + change
        return published

    return make


def _times_k(kit: Kit, data: bytes) -> bytes:
    value = int.from_bytes(data, "big") * kit.forge.vote_key % kit.p
    return value.to_bytes(len(data), "big")


case("a vote taken away by the first part of a sum", "9.A")(
    _tallied(lambda kit, one: replace(one, alpha=_times_g(kit, one.alpha)), -1)
)
case("a vote added by the second part of a sum", "9.B")(
    _tallied(lambda kit, one: replace(one, beta=_times_k(kit, one.beta)), +1)
)


def _decrypted(edit: Callable[[Kit, DecryptedField], DecryptedField]) -> Make:
    def make(kit: Kit) -> Published:
        published = honest(kit)
        first, *rest = published.decryption.cells
        head, *fields = first.fields
        first = replace(first, fields=(edit(kit, head), *fields))
        published.decryption = replace(published.decryption, cells=(first, *rest))
        return published

    return make


case("a decryption response of q and more", "10.A")(
    _decrypted(lambda kit, one: replace(one, response=_plus_q(kit, one.response)))
)
case("a decryption proof that does not hold", "10.B")(
    _decrypted(lambda kit, one: replace(one, response=_other(one.response)))
)
case("a count that was not decrypted", "10.C")(_decrypted(lambda kit, one: replace(one, count=one.count + 1)))


def _relabelled(edit: Callable[[Published], None]) -> Make:
    """Change the labels of the decryption; the result files stay those of the honest record."""

    def make(kit: Kit) -> Published:
        published = honest(kit)
        results = kit.results(published)
        published.result, published.csv = results["result.json"], results["result.csv"]
        edit(published)
        return published

    return make


def _cells(edit: Callable[[tuple], tuple]) -> Make:
    def change(published: Published) -> None:
        published.decryption = replace(published.decryption, cells=edit(published.decryption.cells))

    return _relabelled(change)


case("a decrypted contest that nobody voted on", "11.A")(
    _cells(lambda cells: (*cells, replace(cells[0], contest="Sheriff")))
)
case("a decrypted option that nobody could choose", "11.B")(
    _cells(
        lambda cells: (
            replace(cells[0], fields=(*cells[0].fields, replace(cells[0].fields[0], option="Nobody"))),
            *cells[1:],
        )
    )
)
case("an option that is not decrypted", "11.C")(
    _cells(lambda cells: (replace(cells[0], fields=cells[0].fields[1:]), *cells[1:]))
)
case("a contest that is not decrypted", "11.D")(_cells(lambda cells: cells[1:]))


@case("a cell that counts a ballot too many", "E.12")
def _(kit: Kit) -> Published:
    published = honest(kit)
    first, *rest = published.tally.cells
    first = replace(first, ballots=first.ballots + 1)
    published.tally = replace(published.tally, cells=(first, *rest))
    return published


@case("a cell withheld that is large enough", "E.12")
def _(kit: Kit) -> Published:
    published = honest(kit)
    first, *rest = published.decryption.cells
    held_back = WithheldCell(first.contest, first.cell, "too small, they say")
    published.decryption = replace(published.decryption, cells=tuple(rest), withheld=(held_back,))
    return published


@case("a closing head of other ballots", "E.11")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.head = ClosingHead(published.head.size, bytes(32))
    published.tally = replace(published.tally, head=published.head)
    return published


@case("a decryption by fewer guardians than the quorum", "E.21")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.decryption = replace(published.decryption, guardians=(1,))
    return published


# --- opened contest data and challenged ballots ------------------------------------------------------


def _data(field: str, edit: Callable[[Kit, bytes], bytes]) -> Make:
    def make(kit: Kit) -> Published:
        published = honest(kit)
        first = published.data[0]
        published.data[0] = replace(first, **{field: edit(kit, getattr(first, field))})
        return published

    return make


case("a data response of q and more", "12.A", draft="opened")(_data("response", _plus_q))
case("a data proof that does not hold", "12.B", draft="opened")(_data("response", _other_of))
case("contest data that was not decrypted", "12.C", draft="opened")(
    _data("plaintext", lambda kit, data: bytes(len(data)))
)


@case("contest data of one ballot left out", "E.20", draft="opened")
def _(kit: Kit) -> Published:
    published = honest(kit)
    del published.data[-1]
    return published


def _opening(edit: Callable[[Kit, OpenedBallot], OpenedBallot]) -> Make:
    def make(kit: Kit) -> Published:
        published = honest(kit)
        published.openings[0] = edit(kit, published.openings[0])
        return published

    return make


def _opened(index: int, edit: Callable[[OpenedContest], OpenedContest]) -> Make:
    def change(kit: Kit, opened: OpenedBallot) -> OpenedBallot:
        contests = list(opened.contests)
        contests[index] = edit(contests[index])
        return replace(opened, contests=tuple(contests))

    return _opening(change)


def _wrong_data(contest: OpenedContest) -> OpenedContest:
    assert contest.data is not None
    return replace(contest, data=replace(contest.data, plaintext=bytes(len(contest.data.plaintext))))


case("opened contest data that was not encrypted", "13.A")(_opened(1, _wrong_data))
case("an opened vote that was not encrypted", "13.B")(
    _opened(0, lambda c: replace(c, selections=(*c.selections[:2], replace(c.selections[2], value=0))))
)
case("an opened contest that the style does not have", "14.A")(
    _opening(lambda kit, o: replace(o, contests=(*o.contests, replace(o.contests[0], contest="Sheriff"))))
)
case("a contest that is not opened", "14.B")(_opening(lambda kit, o: replace(o, contests=o.contests[:1])))
case("an opened option that nobody could choose", "14.C")(
    _opened(0, lambda c: replace(c, selections=(*c.selections, replace(c.selections[0], option="Nobody"))))
)
case("an option that is not opened", "14.D")(_opened(0, lambda c: replace(c, selections=c.selections[:-1])))
case("a device that encrypted two votes on one option", "14.E")(
    _cheating((3, Cheat(values={"Council": [2, 0, 0]})))
)
case("a device that encrypted too many votes", "14.F")(_cheating((3, Cheat(values={"Mayor": [1, 1, 0]}))))


@case("a challenged ballot that is not opened", "E.13")
def _(kit: Kit) -> Published:
    published = honest(kit)
    voted(kit)
    kit.vote("North", VOTES[0][1], challenge=True)
    published = kit.publish()
    del published.openings[0]
    return published


@case("a cast ballot that is opened", "E.13")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.openings.append(kit.opening(published.submitted[0]))
    return published


@case("a device list without one of its ballots", "E.13")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.devices = kit.devices(published.submitted[:-1])
    return published


# --- files -------------------------------------------------------------------------------------------


@case("a result that says something else", "E.14")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.result = kit.results(published)["result.json"].replace(b"true", b"false", 1)
    return published


@case("a table that says something else", "E.14")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.csv = kit.results(published)["result.csv"] + b"more\r\n"
    return published


@case("an index that somebody else signed", "E.10")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.signer = SigningKey.generate(SeededRandomness("somebody else"))
    return published


@case("an index that leaves a file out", "E.10")
def _(kit: Kit) -> Published:
    published = honest(kit)

    def shorter(index: Index) -> Index:
        return replace(index, files=tuple(one for one in index.files if one.path != "result.csv"))

    published.edit_index = shorter
    return published


@case("a file that is not the sealed one", "E.10")
def _(kit: Kit) -> Published:
    published = honest(kit)

    def other(index: Index) -> Index:
        first, *rest = index.files
        return replace(index, files=(replace(first, digest=bytes(32)), *rest))

    published.edit_index = other
    return published


@case("no index, although the manifest declares one", "E.15")
def _(kit: Kit) -> Published:
    published = honest(kit)
    published.left_out.add("index")
    return published
