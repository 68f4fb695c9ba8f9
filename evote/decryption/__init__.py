"""Decryption by k or more of n guardians, with proofs (specification sections 3.6.2 to 3.6.7).

==============  ===========================================================================
``request``     what a session decrypts; made from a verified record only
``statements``  the three kinds of value, with their hashes
``requestlog``  the log of all requests, which guardians read before they answer
``withheld``    which cells are not decrypted, and why
``hashes``      every hash of a decryption, by name
``messages``    wire types: what guardians of a session send each other
``shares``      Lagrange coefficients and the public counterparts of shares
``joint``       openings against commitments; the joint challenge
``combination`` plaintexts with proofs, or the culprits by name
``result``      what comes out
``check``       verifications 10 and 12, for verifiers
``memory``      (secret side) what a guardian remembers between rounds
``guardian``    (secret side) the guardian's rounds as types
==============  ===========================================================================

Nothing here reads or writes files. The names of the secret side, and ``combination``, which opens challenged
ballots, are loaded when first used; a verifier that imports this package loads neither.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from evote.decryption.check import examine_data, examine_decryption
from evote.decryption.joint import examine_stopped
from evote.decryption.messages import Commitments, Complaint, Openings, Part, Responses
from evote.decryption.request import (
    BallotValues,
    DecryptionRequest,
    Scope,
    decryption_request,
    provisional_request,
)
from evote.decryption.requestlog import (
    RequestEntry,
    RequestFrame,
    RequestFrameKind,
    RequestLog,
    ShownRequests,
)
from evote.decryption.result import Decryption, UnopenedBallot
from evote.decryption.shares import PublicShares
from evote.decryption.statements import BallotData, BallotNonce, FieldSum, JointKey, Statement
from evote.decryption.withheld import withheld

if TYPE_CHECKING:
    from evote.decryption.combination import combine
    from evote.decryption.guardian import Committed, Opened, commit

_LAZY = {
    "Committed": "guardian",
    "Opened": "guardian",
    "combine": "combination",
    "commit": "guardian",
}

__all__ = [
    "BallotData",
    "BallotNonce",
    "BallotValues",
    "Commitments",
    "Committed",
    "Complaint",
    "Decryption",
    "DecryptionRequest",
    "FieldSum",
    "JointKey",
    "Opened",
    "Openings",
    "Part",
    "PublicShares",
    "RequestEntry",
    "RequestFrame",
    "RequestFrameKind",
    "RequestLog",
    "Responses",
    "Scope",
    "ShownRequests",
    "Statement",
    "UnopenedBallot",
    "combine",
    "commit",
    "decryption_request",
    "examine_data",
    "examine_decryption",
    "examine_stopped",
    "provisional_request",
    "withheld",
]


def __getattr__(name: str) -> object:
    home = _LAZY.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
