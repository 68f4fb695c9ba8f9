"""One message from each guardian, equal views, and who is to blame otherwise.

Rules: a culprit is named once, and what its fault explains is not blamed on anybody else; all
culprits of a round are named together. A guardian knows what it sent itself, so a view that differs
from that convicts the one who reports it.

What it cannot do: messages are not signed, so when two guardians disagree about what a third one
sent to each of them, nobody but those knows who is wrong. The rule is to name the one whose
commitment differs and to say what was seen by whom; the investigation is outside the protocol.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from evote.ceremony.messages import Round1Message
from evote.ceremony.setting import Setting
from evote.errors import CeremonyError
from evote.rounds import inbox

M = TypeVar("M", bound=inbox.Sent)


class Blame(inbox.Blame):
    """The faults of one round; :meth:`settle` raises :class:`CeremonyError`."""

    def __init__(self) -> None:
        super().__init__(CeremonyError)


def one_from_each(
    setting: Setting, me: int | None, messages: Iterable[M], own: M | None, kind: str
) -> dict[int, M]:
    """The messages of guardians 1 to n by sender, ``own`` included if there is one.

    ``me`` is the reading guardian (None for somebody else, who has no message of its own); its own
    message may be among ``messages`` if it is the one it sent. Raises :class:`CeremonyError` that names
    whose message is missing, comes twice, or bears an index that no guardian has.
    """
    return inbox.one_from_each(setting.indices, me, messages, own, kind, Blame(), outsider="is no guardian")


def compare_views(
    me: int, seen: Sequence[bytes], messages: Mapping[int, Round1Message], blame: Blame
) -> None:
    """Compare what every guardian saw in round 0 with ``seen``; adds the culprits to ``blame``.

    In order: a list of the wrong length; a guardian that reports another commitment for the
    reader than the reader sent, or another one for itself than it sent to the reader; then, for what these
    do not explain, the guardian whose commitment differs.
    """
    differing: list[tuple[int, int]] = []
    for reporter, message in messages.items():
        if len(message.seen) != len(seen):
            blame.add(
                f"guardian {reporter} saw {len(message.seen)} commitments instead of {len(seen)}", reporter
            )
            continue
        for subject, (mine, theirs) in enumerate(zip(seen, message.seen, strict=True), 1):
            if mine != theirs:
                differing.append((reporter, subject))
    # The certain cases come first: they explain what else the same guardian reports.
    differing.sort(key=lambda pair: pair[1] not in (me, pair[0]))
    for reporter, subject in differing:
        if reporter in blame or subject in blame:
            continue
        views = (
            f"guardian {reporter} saw {messages[reporter].seen[subject - 1].hex()}, "
            f"guardian {me} saw {seen[subject - 1].hex()}"
        )
        if subject == me:
            blame.add(f"guardian {reporter} misreports the commitment of guardian {me}: {views}", reporter)
        else:
            blame.add(f"the commitment of guardian {subject} differs between receivers: {views}", subject)
