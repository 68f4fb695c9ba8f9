"""A whole ceremony in one process: every guardian, every message through the codec.

For tests and demonstrations. It is not how an election's keys are made: one process that holds all
shares can open every ballot.
"""

from __future__ import annotations

from typing import TypeVar

from evote.ceremony.assembly import assemble_records
from evote.ceremony.guardian import GuardianStart
from evote.ceremony.keyshare import GuardianShare
from evote.ceremony.messages import GuardianRecords, JointKeys
from evote.ceremony.setting import Setting
from evote.codec import decode, encode
from evote.randomness import SYSTEM, Randomness

T = TypeVar("T")


def run_local(
    setting: Setting, rng: Randomness = SYSTEM
) -> tuple[GuardianRecords, JointKeys, tuple[GuardianShare, ...]]:
    """Hold a ceremony among n honest guardians; the shares come in the order of their indices."""

    def over_the_wire(message: T) -> T:
        return decode(type(message), encode(message), element_bytes=setting.group.element_bytes)

    started = [GuardianStart.begin(setting, index, rng) for index in setting.indices]
    round0 = [over_the_wire(message) for _, message in started]
    committed = [state.receive(round0) for state, _ in started]
    round1 = [over_the_wire(message) for _, message in committed]
    opened = [state.receive(round1, rng) for state, _ in committed]
    shares = [over_the_wire(share) for _, sent in opened for share in sent]
    holding = [
        state.receive(share for share in shares if share.receiver == state.index) for state, _ in opened
    ]
    confirmations = [over_the_wire(message) for _, message in holding]
    published = over_the_wire(assemble_records(setting, round0, round1, confirmations))
    ended = [state.receive(confirmations, published) for state, _ in holding]
    _, records, keys = ended[0]
    return records, keys, tuple(share for share, _, _ in ended)
