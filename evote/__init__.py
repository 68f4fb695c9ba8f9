"""End-to-end verifiable elections: ElectionGuard 2.1 with a verifier.

The names of ``__all__`` are the public interface; everything else may change between versions.
They are loaded when first used, so that importing the package, or one of its modules, loads
nothing else: a program that only verifies never loads code that encrypts or holds secrets.

A new public name goes into three places: the imports for type checkers, ``__all__`` and
``_HOMES``. A test compares the three with each other and with the documented list.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evote.ballots import (
        BallotHint,
        Election,
        EncryptedBallot,
        OpenedBallot,
        PlaintextBallot,
        PlaintextContest,
        SubmittedBallot,
        VerifiedBallot,
        VerifiedChallenge,
        ceremony_setting,
        verify_cast,
        verify_challenged,
        verify_opening,
    )
    from evote.ballots.device import (
        Device,
    )
    from evote.ballots.encrypt import (
        PreparedBallot,
        encrypt,
    )
    from evote.board.codes import (
        Code,
    )
    from evote.board.counting import (
        CountedSet,
        counted_set,
    )
    from evote.board.credential import (
        CredentialVerifier,
    )
    from evote.board.holder import (
        Holder,
    )
    from evote.board.receipt import (
        Receipt,
    )
    from evote.board.receipt_check import (
        check_receipt,
    )
    from evote.board.receipt_client import (
        accept_admission,
    )
    from evote.board.receipt_setting import (
        ReceiptSetting,
    )
    from evote.board.reissue import (
        Credentials,
    )
    from evote.board.roll import (
        Roll,
    )
    from evote.board.rules import (
        Refusal,
        check_submission,
    )
    from evote.bulk.encrypt import (
        FinishedBallot,
        encrypt_ballots,
    )
    from evote.bulk.hints import (
        make_hints,
    )
    from evote.bulk.tally import (
        tally_record,
    )
    from evote.ceremony import (
        GuardianRecords,
        GuardianShare,
        GuardianStart,
        JointKeys,
        Setting,
        run_local,
    )
    from evote.decryption import (
        Decryption,
        DecryptionRequest,
        decryption_request,
    )
    from evote.decryption.combination import (
        combine,
    )
    from evote.decryption.local import (
        decrypt_local,
    )
    from evote.errors import (
        BlameError,
        CeremonyError,
        DecodeError,
        DecryptionError,
        DiscreteLogError,
        EvoteError,
        RefusedError,
        StorageError,
        VerificationError,
        WorkerError,
    )
    from evote.groups import (
        Group,
        reduced_group,
        standard_group,
    )
    from evote.manifest import (
        Manifest,
        ManifestError,
        Parameters,
    )
    from evote.pool import (
        processes,
    )
    from evote.record import (
        DevicesFile,
        RecordReader,
        RecordWriter,
        Stage,
        load_election,
        put_results,
    )
    from evote.report import (
        Report,
        Status,
        Verdict,
    )
    from evote.returns import (
        MergedReturns,
        ReturnVerdict,
        Rosters,
        UnitReturn,
        UnitStatus,
        check_return,
        completeness,
        merge_returns,
        reconcile,
    )
    from evote.secret import (
        Secret,
    )
    from evote.signing import (
        SigningKey,
        VerifyKey,
    )
    from evote.storage.box import (
        BallotBox,
    )
    from evote.storage.box_checker import (
        BoardRules,
    )
    from evote.storage.box_refusals import (
        SubmissionRefusedError,
    )
    from evote.storage.box_setting import (
        BoxSetting,
    )
    from evote.tally import (
        Tallier,
        Tally,
    )
    from evote.verifier import (
        verify_record,
    )

__version__ = "0.1.0"

__all__ = [
    "BallotBox",
    "BallotHint",
    "BlameError",
    "BoardRules",
    "BoxSetting",
    "CeremonyError",
    "Code",
    "CountedSet",
    "CredentialVerifier",
    "Credentials",
    "DecodeError",
    "Decryption",
    "DecryptionError",
    "DecryptionRequest",
    "Device",
    "DevicesFile",
    "DiscreteLogError",
    "Election",
    "EncryptedBallot",
    "EvoteError",
    "FinishedBallot",
    "Group",
    "GuardianRecords",
    "GuardianShare",
    "GuardianStart",
    "Holder",
    "JointKeys",
    "Manifest",
    "ManifestError",
    "MergedReturns",
    "OpenedBallot",
    "Parameters",
    "PlaintextBallot",
    "PlaintextContest",
    "PreparedBallot",
    "Receipt",
    "ReceiptSetting",
    "RecordReader",
    "RecordWriter",
    "Refusal",
    "RefusedError",
    "Report",
    "ReturnVerdict",
    "Roll",
    "Rosters",
    "Secret",
    "Setting",
    "SigningKey",
    "Stage",
    "Status",
    "StorageError",
    "SubmissionRefusedError",
    "SubmittedBallot",
    "Tallier",
    "Tally",
    "UnitReturn",
    "UnitStatus",
    "Verdict",
    "VerificationError",
    "VerifiedBallot",
    "VerifiedChallenge",
    "VerifyKey",
    "WorkerError",
    "__version__",
    "accept_admission",
    "ceremony_setting",
    "check_receipt",
    "check_return",
    "check_submission",
    "combine",
    "completeness",
    "counted_set",
    "decrypt_local",
    "decryption_request",
    "encrypt",
    "encrypt_ballots",
    "load_election",
    "make_hints",
    "merge_returns",
    "processes",
    "put_results",
    "reconcile",
    "reduced_group",
    "run_local",
    "standard_group",
    "tally_record",
    "verify_cast",
    "verify_challenged",
    "verify_opening",
    "verify_record",
]

_HOMES = {
    "evote.ballots": (
        "BallotHint",
        "Election",
        "EncryptedBallot",
        "OpenedBallot",
        "PlaintextBallot",
        "PlaintextContest",
        "SubmittedBallot",
        "VerifiedBallot",
        "VerifiedChallenge",
        "ceremony_setting",
        "verify_cast",
        "verify_challenged",
        "verify_opening",
    ),
    "evote.ballots.device": ("Device",),
    "evote.ballots.encrypt": (
        "PreparedBallot",
        "encrypt",
    ),
    "evote.bulk.encrypt": (
        "FinishedBallot",
        "encrypt_ballots",
    ),
    "evote.bulk.hints": ("make_hints",),
    "evote.bulk.tally": ("tally_record",),
    "evote.board.codes": ("Code",),
    "evote.board.counting": ("CountedSet", "counted_set"),
    "evote.board.credential": ("CredentialVerifier",),
    "evote.board.holder": ("Holder",),
    "evote.board.receipt": ("Receipt",),
    "evote.board.receipt_check": ("check_receipt",),
    "evote.board.receipt_client": ("accept_admission",),
    "evote.board.receipt_setting": ("ReceiptSetting",),
    "evote.board.reissue": ("Credentials",),
    "evote.board.roll": ("Roll",),
    "evote.board.rules": ("Refusal", "check_submission"),
    "evote.ceremony": (
        "GuardianRecords",
        "GuardianShare",
        "GuardianStart",
        "JointKeys",
        "Setting",
        "run_local",
    ),
    "evote.decryption": (
        "Decryption",
        "DecryptionRequest",
        "decryption_request",
    ),
    "evote.decryption.combination": ("combine",),
    "evote.decryption.local": ("decrypt_local",),
    "evote.errors": (
        "BlameError",
        "CeremonyError",
        "DecodeError",
        "DecryptionError",
        "DiscreteLogError",
        "EvoteError",
        "RefusedError",
        "StorageError",
        "VerificationError",
        "WorkerError",
    ),
    "evote.groups": (
        "Group",
        "reduced_group",
        "standard_group",
    ),
    "evote.manifest": (
        "Manifest",
        "ManifestError",
        "Parameters",
    ),
    "evote.pool": ("processes",),
    "evote.record": (
        "DevicesFile",
        "RecordReader",
        "RecordWriter",
        "Stage",
        "load_election",
        "put_results",
    ),
    "evote.report": (
        "Report",
        "Status",
        "Verdict",
    ),
    "evote.returns": (
        "MergedReturns",
        "ReturnVerdict",
        "Rosters",
        "UnitReturn",
        "UnitStatus",
        "check_return",
        "completeness",
        "merge_returns",
        "reconcile",
    ),
    "evote.secret": ("Secret",),
    "evote.signing": (
        "SigningKey",
        "VerifyKey",
    ),
    "evote.storage.box": ("BallotBox",),
    "evote.storage.box_checker": ("BoardRules",),
    "evote.storage.box_refusals": ("SubmissionRefusedError",),
    "evote.storage.box_setting": ("BoxSetting",),
    "evote.tally": (
        "Tallier",
        "Tally",
    ),
    "evote.verifier": ("verify_record",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Loads a public name from its module at first use and keeps it (PEP 562)."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'evote' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(globals().keys() | set(__all__))
