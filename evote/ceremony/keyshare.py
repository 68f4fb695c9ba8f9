"""What a guardian keeps of a ceremony: its share of the secret keys (specification section 3.2.2).

Everything else, the own coefficients and the shares that others sent, is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.ceremony.memory import ShareMemory, Stage, context, read_memory, read_secret
from evote.ceremony.messages import JointKeys
from evote.ceremony.setting import Setting
from evote.groups import Scalar
from evote.rounds.state import write_memory
from evote.secret import Secret


@dataclass(frozen=True, slots=True, eq=False)
class GuardianShare:
    """What a guardian keeps: z_i = P(i) and ẑ_i = P̂(i), and the keys and H_E that they belong to."""

    index: int
    vote_share: Secret[Scalar]
    data_share: Secret[Scalar]
    keys: JointKeys

    @property
    def extended_hash(self) -> bytes:
        """H_E of the election that the share belongs to."""
        return self.keys.extended_hash

    def to_secret_bytes(self, setting: Setting) -> Secret[bytes]:
        """The share as canonical bytes, to be sealed."""
        memory = ShareMemory(
            context(setting, Stage.SHARE, self.index),
            self.vote_share.reveal().encode(),
            self.data_share.reveal().encode(),
            self.keys,
        )
        return write_memory(Secret(memory))

    @classmethod
    def from_secret_bytes(cls, setting: Setting, data: Secret[bytes]) -> GuardianShare:
        """The share of :meth:`to_secret_bytes`; raises :class:`DecodeError` for anything else."""
        memory = read_memory(ShareMemory, Stage.SHARE, setting, data).reveal()
        return cls(
            memory.context.index,
            read_secret(setting.group, memory.vote_share),
            read_secret(setting.group, memory.data_share),
            memory.keys,
        )
