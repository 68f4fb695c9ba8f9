"""The shape that a contest has on a ballot (E.2): its fields, and proofs and data of the right size."""

from __future__ import annotations

from collections.abc import Sequence

from evote.ballots.values import EncryptedContest, Selection
from evote.manifest import Contest


def contest_faults(contest: Contest, encrypted: EncryptedContest, *, pre: bool = False) -> list[str]:
    """What is wrong with the shape of an encrypted contest; one sentence each.

    ``pre``: on a pre-encrypted ballot, which has no contest data (specification section 4.5).
    """
    name = f"contest {contest.label!r}"
    if not ordered(contest, encrypted.selections):
        return [f"{name} does not have its options, once and in order"]
    faults = proof_faults(contest, encrypted.selections, name)
    if len(encrypted.limit_proof) != contest.limit + 1:
        faults.append(
            f"{name}: the limit proof has {len(encrypted.limit_proof)} branches, not {contest.limit + 1}"
        )
    wanted = None if pre else contest.data
    if (wanted is None) != (encrypted.data is None):
        faults.append(
            f"{name}: contest data is {'missing' if encrypted.data is None else 'not in the manifest'}"
        )
    elif wanted is not None and encrypted.data is not None:
        size = 32 * wanted.blocks
        if len(encrypted.data.c1) != size:
            faults.append(f"{name}: contest data has {len(encrypted.data.c1)} bytes instead of {size}")
    return faults


def ordered(contest: Contest, selections: Sequence[Selection]) -> bool:
    """Whether these are the fields of a contest, once each and in their order."""
    return [selection.option for selection in selections] == [option.index for option in contest.options]


def proof_faults(contest: Contest, selections: Sequence[Selection], name: str) -> list[str]:
    """Which proofs of fields that are :func:`ordered` have another number of branches than they should."""
    return [
        f"{name}, option {option.label!r}: a proof of 0..{option.limit} has {option.limit + 1} branches,"
        f" not {len(selection.proof)}"
        for option, selection in zip(contest.options, selections, strict=True)
        if len(selection.proof) != option.limit + 1
    ]
