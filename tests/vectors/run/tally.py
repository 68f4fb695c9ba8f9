"""``tally.json``: products, and the tally of verified ballots."""

from __future__ import annotations

from typing import Any

from evote.ballots import SubmittedBallot, examine, verified_of
from evote.groups import Element
from evote.tally import Tallier
from tests.vectors.form import members, read_value, written
from tests.vectors.run import Kinds, Result
from tests.vectors.setting import election_of, package_group

FILE = "tally.json"


def run(params: dict[str, Any], ballots: list[dict[str, Any]]) -> Result:
    return KINDS[params["kind"]](params, ballots)


def _product(params: dict[str, Any], ballots: list[dict[str, Any]]) -> Result:
    group = package_group(params["group"])
    held: list[Element] = [group.identity, group.identity]
    for ballot in ballots:
        number, *pair = members(ballot, "weight", "alpha", "beta")
        weight = group.scalar(number)
        row = [group.decode(bytes.fromhex(side)) for side in pair]
        held = group.multiply_columns(held, [group.power(element, weight) for element in row])
    return Result({"alpha": held[0].encode(), "beta": held[1].encode()})


def _ballots(params: dict[str, Any], ballots: list[dict[str, Any]]) -> Result:
    election = election_of(params)
    tallier = Tallier(election)
    for ballot in ballots:
        read = read_value(SubmittedBallot, ballot, election.group.element_bytes)
        tallier.add(verified_of(election, read, examine(election, read)))
    return Result(written(tallier.tally(tallier.head()).publish()))


KINDS: Kinds = {"product": _product, "ballots": _ballots}
