"""The shape of a pre-encrypted ballot (E.2), and which selections are whose vector (section 4.4).

A cast ballot shows, per contest, as many vectors as the contest limit L; an uncast one all m + L, and has
no selections of its own. With L = 1 the chosen vector is the selections of the contest and is written
once. Hashes are in a list in ascending order (16.B); a vector names its hash by the place in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from evote.ballots.shape import contest_faults, ordered, proof_faults
from evote.ballots.values import (
    BallotState,
    EncryptedContest,
    PreContest,
    PreVector,
    Selection,
    SubmittedBallot,
)
from evote.manifest import Contest


def vectors_of(contest: Contest) -> int:
    """m + L: one vector per option, and a null vector per selection that may be left out."""
    return len(contest.options) + contest.limit


def encryptions(encrypted: EncryptedContest, vector: PreVector) -> tuple[Selection, ...]:
    """The encryptions of a shown vector, wherever they are written."""
    return vector.selections or encrypted.selections


def shown_vectors(submitted: SubmittedBallot) -> Iterator[Selection]:
    """The encryptions of all vectors that are written beside the selections of their contest."""
    for contest in () if submitted.pre is None else submitted.pre.contests:
        for vector in contest.vectors:
            yield from vector.selections


def pre_faults(contests: Sequence[Contest], submitted: SubmittedBallot) -> list[str]:
    """What is wrong with the shape of a pre-encrypted ballot whose contests are those of its style."""
    pre = submitted.pre
    if pre is None:
        return ["the ballot is of a tool that pre-encrypts, and has no selection hashes"]
    if [each.contest for each in pre.contests] != [contest.index for contest in contests]:
        return ["the contests with selection hashes are not those of the style, once and in order"]
    cast = submitted.state is BallotState.CAST
    faults = []
    for contest, encrypted, one in zip(contests, submitted.ballot.contests, pre.contests, strict=True):
        if cast:
            faults += contest_faults(contest, encrypted, pre=True)
        elif encrypted.selections or encrypted.limit_proof or encrypted.data is not None:
            faults.append(f"contest {contest.label!r} has selections, and the ballot was not cast")
        faults += _contest(contest, one, cast=cast)
    return faults


def _contest(contest: Contest, one: PreContest, *, cast: bool) -> list[str]:
    name = f"contest {contest.label!r}"
    total = vectors_of(contest)
    shown = contest.limit if cast else total
    if len(one.hashes) != total:
        return [f"{name} has {len(one.hashes)} selection hashes instead of {total}"]
    if len(one.vectors) != shown:
        return [f"{name} shows {len(one.vectors)} vectors instead of {shown}"]
    places = [vector.place for vector in one.vectors]
    if places[-1] >= total or any(low >= high for low, high in pairwise(places)):
        return [f"{name} does not show its vectors once and in the order of their hashes"]
    faults = []
    for vector in one.vectors:
        where = f"{name}, vector {vector.place}"
        if cast and contest.limit == 1:
            if vector.selections:
                faults.append(f"{where} is written twice: it is the selections of the contest")
        elif not ordered(contest, vector.selections):
            faults.append(f"{where} does not have its options, once and in order")
        elif cast:
            faults += proof_faults(contest, vector.selections, where)
        elif any(selection.proof for selection in vector.selections):
            faults.append(f"{where} has proofs, and the ballot was not cast")
    return faults
