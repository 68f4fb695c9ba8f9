"""``tally-decryption.json``: sessions of the package's guardians, and its check of published counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evote.ballots import Election
from evote.ceremony import GuardianShare, JointKeys
from evote.ceremony.check import VerifiedGuardian
from evote.ceremony.messages import GroupedProof, GuardianRecord
from evote.decryption import (
    Decryption,
    DecryptionRequest,
    PublicShares,
    combine,
    commit,
    decryption_request,
    examine_decryption,
)
from evote.decryption.shares import lagrange_coefficient
from evote.elgamal import Ciphertext
from evote.errors import DecodeError
from evote.groups import Scalar
from evote.merkle import CompactRange
from evote.secret import Secret
from evote.tally import CellSum, ClosingHead, DecryptedField, Tally
from evote.tally.tally import _TOKEN
from tests.vectors.form import members, read_value, written
from tests.vectors.run import Kinds, Result, findings, refused
from tests.vectors.scripted import Scripted
from tests.vectors.setting import election_of, package_group

FILE = "tally-decryption.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    return KINDS[params["kind"]](params, **given)


def public_shares(election: Election, commitments: Iterable[dict[str, list[str]]]) -> PublicShares:
    """The guardians of an election, as far as decryption needs them."""
    group, none = election.group, GroupedProof(bytes(32), ())
    guardians = []
    for index, made in enumerate(commitments, 1):
        vote, data = (
            tuple(bytes.fromhex(key) for key in keys)
            for keys in members(made, "vote_commitments", "data_commitments")
        )
        record = GuardianRecord(index, vote, data, group.identity.encode(), none, none, none)
        decoded = [tuple(map(group.decode, keys)) for keys in (vote, data)]
        guardians.append(VerifiedGuardian(record, decoded[0], decoded[1], group.identity))
    return PublicShares.of(election, guardians)


def share(election: Election, index: int, vote: Scalar, data: Scalar) -> GuardianShare:
    """What guardian ``index`` keeps."""
    keys = JointKeys(election.vote_key.base.encode(), election.data_key.base.encode(), election.extended_hash)
    return GuardianShare(index, Secret(vote), Secret(data), keys)


def held(
    request: DecryptionRequest, shares: list[GuardianShare], random: list[list[str]], public: PublicShares
) -> tuple[list[list[dict[str, Any]]], Decryption]:
    """The messages of a session, per statement and guardian, and what comes out of it."""
    group = request.election.group
    states, commitments = [], []
    for one, drawn in zip(shares, random, strict=True):
        rng = Scripted(numbers=[int(u, 16) for u in drawn])
        state, message = commit(one, request, rng)
        rng.end()
        states.append(state)
        commitments.append(message)
    opened = [state.open(commitments) for state in states]
    openings = [message for _, message in opened]
    responses = [state.respond(openings) for state, _ in opened]
    rows = [
        [
            {
                "guardian": one.index,
                "weight": lagrange_coefficient(group, request.guardians, one.index).encode(),
                "partial": opening.parts[place].partial,
                "a": opening.parts[place].a,
                "b": opening.parts[place].b,
                "commitment": commitment.hashes[place],
                "response": response.responses[place],
            }
            for one, commitment, opening, response in zip(
                shares, commitments, openings, responses, strict=True
            )
        ]
        for place in range(len(request.statements))
    ]
    return rows, combine(request, public, commitments, openings, responses)


def _session(
    params: dict[str, Any],
    guardians: list[int],
    fields: list[dict[str, str]],
    weight: int,
    shares: list[str],
    random: list[list[str]],
) -> Result:
    election = election_of(params)
    group = election.group
    contest = election.manifest.contest(1)
    (cell,) = election.manifest.cells(1)
    sums = tuple(
        Ciphertext(*(group.decode(bytes.fromhex(side)) for side in members(field, "alpha", "beta")))
        for field in fields
    )
    # A record without ballots is complete; the sums stand for those of as many ballots as the case says.
    head = ClosingHead(0, CompactRange.empty().root())
    tally = Tally(
        _TOKEN, election, head, (), {(1, cell.label): CellSum(weight, weight, sums, ((1, weight),))}
    )
    made = refused(lambda: decryption_request(tally, (), guardians, 1))
    if made.expect != "accept":
        return made
    request = decryption_request(tally, (), guardians, 1)
    scalars = [group.decode_scalar(bytes.fromhex(value)) for value in shares]
    zero = group.scalar(0)
    parties = [share(election, i, vote, zero) for i, vote in zip(guardians, scalars, strict=True)]
    rows, result = held(request, parties, random, public_shares(election, params["commitments"]))
    (decrypted,) = result.cells
    if decrypted.contest != contest.label:
        raise AssertionError("another contest was decrypted")
    pairs = zip(rows, decrypted.fields, strict=True)
    return Result([{"sent": row, "field": written(field)} for row, field in pairs])


def _verify(
    params: dict[str, Any], contest: int, option: int, alpha: str, beta: str, field: dict[str, Any]
) -> Result:
    election = election_of(params)
    group = election.group
    try:
        read = read_value(DecryptedField, field, group.element_bytes)
        sums = group.decode(bytes.fromhex(alpha)), group.decode(bytes.fromhex(beta))
    except DecodeError:
        return Result("decode")
    found, _ = examine_decryption(election, *sums, contest, option, read)
    return findings(found)


def _lagrange(params: dict[str, Any], guardians: list[int], index: int) -> Result:
    group = package_group(params["group"])
    made = refused(lambda: lagrange_coefficient(group, guardians, index))
    if made.expect != "accept":
        return made
    return Result(lagrange_coefficient(group, guardians, index).encode())


KINDS: Kinds = {"session": _session, "verify": _verify, "lagrange": _lagrange}
