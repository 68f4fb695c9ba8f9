"""The shape that a contest has on a ballot (E.2): its fields, and proofs and data of the right size."""

from __future__ import annotations

from evote.ballots.values import EncryptedContest
from evote.manifest import Contest


def contest_faults(contest: Contest, encrypted: EncryptedContest) -> list[str]:
    """What is wrong with the shape of an encrypted contest; one sentence each."""
    name = f"contest {contest.label!r}"
    if [selection.option for selection in encrypted.selections] != [o.index for o in contest.options]:
        return [f"{name} does not have its options, once and in order"]
    faults = [
        f"{name}, option {option.label!r}: a proof of 0..{option.limit} has {option.limit + 1} branches,"
        f" not {len(selection.proof)}"
        for option, selection in zip(contest.options, encrypted.selections, strict=True)
        if len(selection.proof) != option.limit + 1
    ]
    if len(encrypted.limit_proof) != contest.limit + 1:
        faults.append(
            f"{name}: the limit proof has {len(encrypted.limit_proof)} branches, not {contest.limit + 1}"
        )
    if (contest.data is None) != (encrypted.data is None):
        faults.append(
            f"{name}: contest data is {'missing' if encrypted.data is None else 'not in the manifest'}"
        )
    elif contest.data is not None and encrypted.data is not None:
        size = 32 * contest.data.blocks
        if len(encrypted.data.c1) != size:
            faults.append(f"{name}: contest data has {len(encrypted.data.c1)} bytes instead of {size}")
    return faults
