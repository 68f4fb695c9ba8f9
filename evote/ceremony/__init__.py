"""Key generation among n guardians, any k of whom decrypt (specification section 3.2).

=================  ==========================================================================
``setting``        what the ceremony takes from the election: group, n, k, H_P, H_B
``messages``       wire types: what is exchanged and what is published
``hashes``         one function per hash
``check``          checks on one guardian's record, for guardians and for the election verifier
``joint``          joint keys, H_E, H_G, and what else follows from all records together
``keys``           a guardian's secrets and its record with all proofs
``shares``         encrypted shares (equations 15 to 23)
``inbox``          one message from each guardian, and who is to blame otherwise
``guardian``       the guardian's rounds as types
``complaints``     from an error to a complaint, and what a complaint does
``memory``         what a guardian remembers between rounds, and its bytes
``keyshare``       what a guardian keeps
``assembly``       the guardian record from all messages
``local``          a whole ceremony in one process, for tests and demonstrations
=================  ==========================================================================

Guardians are separate parties; nothing here reads or writes files. On any failure a
:class:`~evote.errors.CeremonyError` names the culprits, and key generation starts from scratch
(section 3.2.2). Names from ``guardian`` and ``local``, which hold secrets and make proofs, are loaded
when first used, so that a verifier that imports this package loads neither.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from evote.ceremony.assembly import assemble_records
from evote.ceremony.check import (
    VerifiedGuardian,
    check_binding,
    check_commitment,
    examine_guardian_record,
    verify_guardian_record,
)
from evote.ceremony.complaints import complaint_about, heed
from evote.ceremony.hashes import extended_base_hash, guardian_hash, record_commitment
from evote.ceremony.joint import (
    ComputedKeys,
    KeyFault,
    check_confirmations,
    data_share_commitment,
    joint_keys,
    key_faults,
    share_commitment,
)
from evote.ceremony.messages import (
    Complaint,
    Confirmation,
    GroupedProof,
    GuardianRecord,
    GuardianRecords,
    JointKeys,
    Round0Message,
    Round1Message,
    ShareMessage,
    ShareProof,
)
from evote.ceremony.setting import Setting

if TYPE_CHECKING:
    from evote.ceremony.guardian import (
        AwaitingCommitments,
        AwaitingConfirmations,
        AwaitingRecords,
        AwaitingShares,
        GuardianStart,
    )
    from evote.ceremony.keyshare import GuardianShare
    from evote.ceremony.local import run_local

_LAZY = {
    "AwaitingCommitments": "guardian",
    "AwaitingConfirmations": "guardian",
    "AwaitingRecords": "guardian",
    "AwaitingShares": "guardian",
    "GuardianShare": "keyshare",
    "GuardianStart": "guardian",
    "run_local": "local",
}

__all__ = [
    "AwaitingCommitments",
    "AwaitingConfirmations",
    "AwaitingRecords",
    "AwaitingShares",
    "Complaint",
    "ComputedKeys",
    "Confirmation",
    "GroupedProof",
    "GuardianRecord",
    "GuardianRecords",
    "GuardianShare",
    "GuardianStart",
    "JointKeys",
    "KeyFault",
    "Round0Message",
    "Round1Message",
    "Setting",
    "ShareMessage",
    "ShareProof",
    "VerifiedGuardian",
    "assemble_records",
    "check_binding",
    "check_commitment",
    "check_confirmations",
    "complaint_about",
    "data_share_commitment",
    "examine_guardian_record",
    "extended_base_hash",
    "guardian_hash",
    "heed",
    "joint_keys",
    "key_faults",
    "record_commitment",
    "run_local",
    "share_commitment",
    "verify_guardian_record",
]


def __getattr__(name: str) -> object:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
