"""``openings.json``: the package opens ballots and checks openings."""

from __future__ import annotations

from typing import Any

from evote.ballots import EncryptedBallot, OpenedBallot, examine_opening
from evote.ballots.opening import open_ballot
from evote.errors import DecodeError
from evote.secret import Secret
from tests.vectors.form import read_value, written
from tests.vectors.run import Kinds, Result, findings
from tests.vectors.setting import election_of

FILE = "openings.json"


def run(params: dict[str, Any], **given: Any) -> Result:
    return KINDS[params["kind"]](params, **given)


def _open(params: dict[str, Any], ballot: dict[str, Any], ballot_nonce: str) -> Result:
    election = election_of(params)
    read = read_value(EncryptedBallot, ballot, election.group.element_bytes)
    return Result(written(open_ballot(election, read, Secret(bytes.fromhex(ballot_nonce)))))


def _verify(params: dict[str, Any], ballot: dict[str, Any], opened: dict[str, Any]) -> Result:
    election = election_of(params)
    width = election.group.element_bytes
    try:
        encrypted = read_value(EncryptedBallot, ballot, width)
        opening = read_value(OpenedBallot, opened, width)
    except DecodeError:
        return Result("decode")
    found, _ = examine_opening(election, encrypted, opening)
    return findings(found)


KINDS: Kinds = {"open": _open, "verify": _verify}
