"""``ballots.json``: whole ballots, by the package's encryption and its examiner."""

from __future__ import annotations

from typing import Any

from evote.ballots import PlaintextBallot, PlaintextContest, SubmittedBallot, examine
from evote.ballots.device import Device
from evote.ballots.encrypt import _encrypt
from evote.errors import DecodeError
from tests.vectors.form import read_value, written
from tests.vectors.run import Kinds, Result, findings
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
    rng = Scripted(
        tokens=[bytes.fromhex(random["context"]), bytes.fromhex(random["ballot_nonce"])],
        numbers=_numbers(random),
    )
    marked = {
        label: PlaintextContest(contest["marks"], tuple(contest["write_ins"]))
        for label, contest in contests.items()
    }
    who = None if pseudonym is None else bytes.fromhex(pseudonym)
    prepared = _encrypt(machine, PlaintextBallot(unit, style, marked), who, rng)
    rng.end()
    if machine.codes[-1] != prepared.ballot.confirmation_code:
        raise AssertionError("the device does not remember its last code")
    _, context, _ = prepared.pending()
    return Result({"ballot": written(prepared.ballot), "context": written(context)})


def _numbers(random: dict[str, Any]) -> list[int]:
    numbers: list[int] = []
    for contest in random["contests"]:
        for branches in contest["selections"]:
            numbers += branch_numbers(branches)
        numbers += branch_numbers(contest["limit"])
        if contest["data_u"] is not None:
            numbers.append(int(contest["data_u"], 16))
    return [*numbers, int(random["nonce"], 16), int(random["nonce_u"], 16)]


def _verify(params: dict[str, Any], **submitted: Any) -> Result:
    if set(submitted) - {"state", "ballot", "context"}:
        raise TypeError("unexpected keyword argument")
    election = election_of(params)
    try:
        read = read_value(SubmittedBallot, submitted, election.group.element_bytes)
    except DecodeError:
        return Result("decode")
    return findings(examine(election, read).findings)


KINDS: Kinds = {"encrypt": _encrypt_ballot, "verify": _verify}
