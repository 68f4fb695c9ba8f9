"""From all messages to the guardian record, and the record as one guardian saw it.

Specification section 3.2.2. No secret is used: anybody who has the messages can put
the record together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evote.ceremony.hashes import guardian_hash
from evote.ceremony.inbox import one_from_each
from evote.ceremony.joint import joint_keys
from evote.ceremony.messages import (
    Confirmation,
    GuardianRecord,
    GuardianRecords,
    JointKeys,
    Round0Message,
    Round1Message,
)
from evote.ceremony.setting import Setting


def assemble_records(
    setting: Setting,
    round0: Iterable[Round0Message],
    round1: Iterable[Round1Message],
    confirmations: Iterable[Confirmation],
) -> GuardianRecords:
    """The guardian record that the messages of all guardians make, for whoever publishes it.

    Nothing is checked but that there is one message from each: the guardians compare the record with
    their views. Raises :class:`~evote.errors.CeremonyError` otherwise.
    """
    commitments = one_from_each(setting, None, round0, None, "round 0 commitment")
    records = one_from_each(setting, None, round1, None, "record")
    hashes = one_from_each(setting, None, confirmations, None, "confirmation")
    return GuardianRecords(
        tuple(records[index].record for index in setting.indices),
        tuple(commitments[index].commitment for index in setting.indices),
        tuple(hashes[index].guardian_hash for index in setting.indices),
    )


def view_of(setting: Setting, records: Sequence[GuardianRecord]) -> tuple[JointKeys, bytes]:
    """The joint keys (equations 25, 26, 30) and H_G (27) of the records that somebody saw."""
    keys = joint_keys(setting, records).encode()
    return keys, guardian_hash(setting.base_hash, keys.vote_key, keys.data_key, records)


def first_difference(published: GuardianRecords, own: GuardianRecords) -> str:
    """The first place where two guardian records differ; ``ValueError`` if there is none."""
    for name in ("guardians", "round0", "confirmations"):
        found, wanted = getattr(published, name), getattr(own, name)
        if len(found) != len(wanted):
            return f"{name} has {len(found)} members instead of {len(wanted)}"
        for index, (left, right) in enumerate(zip(found, wanted, strict=True), 1):
            if left != right:
                return f"{name}, guardian {index}"
    raise ValueError("the records are equal")
