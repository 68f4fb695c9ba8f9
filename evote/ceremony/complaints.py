"""From an error to a complaint, and what a complaint does.

Specification section 3.2.2: whoever finds a failure complains to everybody, the cause is
investigated outside the protocol, and key generation starts again from scratch. There is no round
that answers a complaint and goes on; hence a false one costs a restart and nothing more, and the
error always says who accused whom.
"""

from __future__ import annotations

from collections.abc import Iterable

from evote.ceremony.messages import Complaint
from evote.ceremony.setting import Setting
from evote.codec import MAX_TEXT_BYTES
from evote.errors import CeremonyError


def complaint_about(sender: int, error: CeremonyError) -> Complaint:
    """The message by which guardian ``sender`` tells everybody of a failure that it found."""
    reason = error.message.encode("utf-8")[:MAX_TEXT_BYTES].decode("utf-8", errors="ignore")
    return Complaint(sender, error.culprits, reason)


def heed(setting: Setting, complaints: Iterable[Complaint]) -> None:
    """Stop the ceremony if anybody complained.

    Raises :class:`CeremonyError` that names the accused; a complaint that accuses its own sender or somebody
    who is no guardian names its sender instead. Returns if there is no complaint.
    """
    culprits: list[int] = []
    reasons = []
    for complaint in complaints:
        foreign = [index for index in complaint.culprits if index not in setting.indices]
        if complaint.sender not in setting.indices:
            culprits.append(complaint.sender)
            reasons.append(f"a complaint comes from {complaint.sender}, who is no guardian")
        elif foreign or complaint.sender in complaint.culprits:
            culprits.append(complaint.sender)
            reasons.append(f"guardian {complaint.sender} accuses itself or somebody who is no guardian")
        else:
            culprits.extend(complaint.culprits)
            reasons.append(f"guardian {complaint.sender} complains: {complaint.reason}")
    if reasons:
        raise CeremonyError("; ".join(reasons), tuple(culprits))
