"""``contest-data-decryption.json``: sessions over one ballot, and the check of what is published."""

from __future__ import annotations

from typing import Any

from evote.ballots import EncryptedBallot, SubmittedBallot, examine, verified_of
from evote.decryption import Scope, decryption_request, examine_data
from evote.errors import DecodeError
from evote.tally import DecryptedData, Tallier
from tests.vectors.form import read_value, written
from tests.vectors.run import Kinds, Result, findings
from tests.vectors.run.tally_decryption import held, public_shares, share
from tests.vectors.setting import election_of

FILE = "contest-data-decryption.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    return KINDS[params["kind"]](params, **given)


def _session(
    params: dict[str, Any],
    guardians: list[int],
    ballot: dict[str, Any],
    shares: list[str],
    random: list[list[str]],
) -> Result:
    election = election_of(params)
    group = election.group
    submitted = read_value(SubmittedBallot, ballot, group.element_bytes)
    verified = verified_of(election, submitted, examine(election, submitted))
    tallier = Tallier(election)
    tallier.add(verified)
    tally = tallier.tally(tallier.head())
    request = decryption_request(tally, [verified], guardians, 1, Scope((), 0, 1))
    zero = group.scalar(0)
    scalars = [group.decode_scalar(bytes.fromhex(value)) for value in shares]
    parties = [share(election, i, zero, data) for i, data in zip(guardians, scalars, strict=True)]
    (row,), result = held(request, parties, random, public_shares(election, params["commitments"]))
    values: list[object] = [*result.data, *result.openings]
    (published,) = values
    return Result({"sent": row, "result": written(published)})


def _verify(params: dict[str, Any], ballot: dict[str, Any], data: dict[str, Any]) -> Result:
    election = election_of(params)
    width = election.group.element_bytes
    try:
        encrypted = read_value(EncryptedBallot, ballot, width)
        read = read_value(DecryptedData, data, width)
    except DecodeError:
        return Result("decode")
    found, _ = examine_data(election, encrypted, election.manifest.contest(1), read)
    return findings(found)


KINDS: Kinds = {"session": _session, "verify": _verify}
