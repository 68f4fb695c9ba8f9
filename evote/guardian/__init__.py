"""The guardian's machine: sealed secrets, key generation and decryption through exchanged files.

===============  =========================================================================
``machine``      :class:`Guardian`: one private folder, one election
``keygen``       key generation, one sealed file between two rounds
``session``      one decryption session, with the order of what reaches the disk
``ledger``       what was decrypted, written down before it leaves
``ledgerfile``   the two files in which it stands: the entries, and how far they go
``closed``       the record, verified and added up before anything is decrypted
``requests``     what it has seen of the log of requests
``plan``         what a session is about, as it is announced
``coordinator``  calling a session and combining its messages; no secret
``exchange``     the folder of messages between guardians and the office
===============  =========================================================================
"""

from __future__ import annotations

from evote.guardian.closed import ClosedRecord, closed_record, open_record
from evote.guardian.coordinator import (
    announce,
    awaited,
    call_session,
    finish_session,
    others,
    publish_guardians,
    read_plan,
)
from evote.guardian.exchange import Exchange
from evote.guardian.keygen import KeyGeneration, Progress
from evote.guardian.ledger import Ledger
from evote.guardian.machine import Guardian, guardian_of
from evote.guardian.plan import SessionPlan, anything_left
from evote.guardian.session import DecryptionSession

__all__ = [
    "ClosedRecord",
    "DecryptionSession",
    "Exchange",
    "Guardian",
    "KeyGeneration",
    "Ledger",
    "Progress",
    "SessionPlan",
    "announce",
    "anything_left",
    "awaited",
    "call_session",
    "closed_record",
    "finish_session",
    "guardian_of",
    "open_record",
    "others",
    "publish_guardians",
    "read_plan",
]
