"""``ballots.json``: whole ballots, by the package's encryption and its examiner."""

from __future__ import annotations

from typing import Any

from evote.ballots import BallotState, Election, PlaintextBallot, SubmittedBallot, examine
from evote.ballots.batch import examine_chunk
from evote.ballots.device import Device
from evote.ballots.encrypt import _encrypt
from evote.ballots.rehint import compute_hint
from evote.errors import DecodeError, VerificationError
from evote.groups import Profile
from tests.vectors.form import members, read_value, written
from tests.vectors.run import Kinds, Result, findings
from tests.vectors.run.plaintexts import marked_contests
from tests.vectors.scripted import Scripted, branch_numbers
from tests.vectors.setting import election_of

FILE = "ballots.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    return KINDS[params["kind"]](params, **given)


def _encrypt_ballot(
    params: dict[str, Any],
    device: str,
    device_secret: str,
    codes: list[str],
    unit: str,
    style: str,
    contests: dict[str, Any],
    pseudonym: str | None,
    random: dict[str, Any],
) -> Result:
    election = election_of(params)
    machine = Device(
        election,
        device,
        codes=tuple(bytes.fromhex(code) for code in codes),
        rng=Scripted(tokens=[bytes.fromhex(device_secret)]),
    )
    context_bytes, ballot_nonce, drawn, nonce, nonce_u = members(
        random, "context", "ballot_nonce", "contests", "nonce", "nonce_u"
    )
    rng = Scripted(
        tokens=[bytes.fromhex(token) for token in (context_bytes, ballot_nonce)],
        numbers=[*_numbers(drawn), int(nonce, 16), int(nonce_u, 16)],
    )
    marked = marked_contests(contests)
    who = None if pseudonym is None else bytes.fromhex(pseudonym)
    try:
        prepared = _encrypt(machine, PlaintextBallot(unit, style, marked), who, rng)
    except ValueError:
        return Result("misuse")
    rng.end()
    if machine.codes[-1] != prepared.ballot.confirmation_code:
        raise AssertionError("the device does not remember its last code")
    _, context, _ = prepared.pending()
    return Result({"ballot": written(prepared.ballot), "context": written(context)})


def _numbers(drawn: list[dict[str, Any]]) -> list[int]:
    numbers: list[int] = []
    for contest in drawn:
        selections, limit, data_u = members(contest, "selections", "limit", "data_u")
        for branches in selections:
            numbers += branch_numbers(branches)
        numbers += branch_numbers(limit)
        if data_u is not None:
            numbers.append(int(data_u, 16))
    return numbers


def _verify(params: dict[str, Any], **submitted: Any) -> Result:
    if set(submitted) - {"state", "ballot", "context"}:
        raise TypeError("unexpected keyword argument")
    election = election_of(params)
    try:
        read = read_value(SubmittedBallot, submitted, election.group.element_bytes)
    except DecodeError:
        return Result("decode")
    found = examine(election, read).findings
    _same_in_company(election, read, found)
    return findings(found)


COMPANY = 8
"""So many copies of a ballot are batched."""


def _same_in_company(
    election: Election, submitted: SubmittedBallot, found: tuple[VerificationError, ...]
) -> None:
    """A chunk of copies with their hints, if they have any, is found as one by one."""
    if election.group.profile is not Profile.TOY:
        return
    hint = compute_hint(election, submitted)
    if (hint is None) != bool(found):
        raise AssertionError("a ballot has a hint unless something is found on it")
    chunk = examine_chunk(election, [submitted] * COMPANY, [hint] * COMPANY)
    if any(str(each.findings) != str(found) for each in chunk.examinations):
        raise AssertionError("in company other things are found on the ballot")
    if submitted.state is BallotState.CAST and not found and chunk.batched != COMPANY:
        raise AssertionError("ballots on which nothing is found are batched")


KINDS: Kinds = {"encrypt": _encrypt_ballot, "verify": _verify}
