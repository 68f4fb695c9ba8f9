"""What a ceremony takes from the election around it: the group, n, k and two hashes.

The caller derives H_P and H_B and has checked them (verification 1); this package neither reads a
manifest nor knows one. H_P covers p, q, g, n and k (equation 4), and H_B covers H_P (equation 5),
so that both hashes together name the whole setting.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.codec import MAX_GUARDIANS
from evote.groups import Group
from evote.hashing import DIGEST_BYTES


@dataclass(frozen=True, slots=True)
class Setting:
    """The fixed circumstances of one ceremony.

    ``guardians`` is n and ``quorum`` k, with ``1 <= k <= n <= MAX_GUARDIANS``; ``parameter_hash`` is H_P
    (equation 4) and ``base_hash`` H_B (equation 5), 32 bytes each. Raises ``ValueError`` otherwise.
    """

    group: Group
    guardians: int
    quorum: int
    parameter_hash: bytes
    base_hash: bytes

    def __post_init__(self) -> None:
        if not 1 <= self.guardians <= MAX_GUARDIANS:
            raise ValueError(f"a ceremony has 1 to {MAX_GUARDIANS} guardians")
        if not 1 <= self.quorum <= self.guardians:
            raise ValueError("the quorum lies between 1 and the number of guardians")
        if len(self.parameter_hash) != DIGEST_BYTES or len(self.base_hash) != DIGEST_BYTES:
            raise ValueError(f"H_P and H_B have {DIGEST_BYTES} bytes")

    @property
    def indices(self) -> range:
        """The guardians' indices, 1 to n."""
        return range(1, self.guardians + 1)

    def require_index(self, index: int) -> None:
        """Raises ``ValueError`` unless ``1 <= index <= n``."""
        if index not in self.indices:
            raise ValueError(f"a guardian's index lies between 1 and {self.guardians}")
