"""How a verification was made: nothing here changes what was found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """Method and arithmetic, and how many ballots were examined in which way.

    ``method`` is what was asked for (``auto``, ``plain``, ``batch``); ``batched`` ballots were
    accepted in a batch, ``plain`` ones one equation at a time. ``weights`` says where the weights of the
    batches came from, and ``bound`` how likely a batch with a false statement is accepted; both are
    empty where nothing could be batched. ``reused`` ballots were examined in an earlier run on this
    machine, whose state was continued; they are among the others.
    """

    method: str
    kernel: str
    batched: int
    plain: int
    weights: str = ""
    bound: str = ""
    reused: int = 0
