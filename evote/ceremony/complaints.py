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
from evote.codec import MAX_GUARDIANS, MAX_INDEX, MAX_TEXT_BYTES
from evote.errors import CeremonyError


def complaint_about(sender: int, error: CeremonyError) -> Complaint:
    """The message by which guardian ``sender`` tells everybody of a failure that it found.

    A culprit that no message can name (index 0, say) stands in the reason only.
    """
    reason = error.message.encode("utf-8")[:MAX_TEXT_BYTES].decode("utf-8", errors="ignore")
    culprits = [index for index in error.culprits if 1 <= index <= MAX_INDEX]
    return Complaint(sender, tuple(culprits[:MAX_GUARDIANS]), reason)


def heed(setting: Setting, complaints: Iterable[Complaint]) -> None:
    """Stop the ceremony if anybody complained.

    Raises :class:`CeremonyError` that names everybody accused, or who sent a complaint without being a
    guardian. Returns if there is no complaint.
    """
    culprits: list[int] = []
    reasons = []
    for complaint in complaints:
        if complaint.sender in setting.indices:
            culprits.extend(complaint.culprits)
            reasons.append(f"guardian {complaint.sender} complains: {complaint.reason}")
        else:
            culprits.append(complaint.sender)
            reasons.append(f"a complaint comes from {complaint.sender}, who is no guardian")
    if reasons:
        raise CeremonyError("; ".join(reasons), tuple(culprits))
