"""The closing head: size and Merkle root over the ballots of a record, in its order (rule A54)."""

from __future__ import annotations

from collections.abc import Iterable

from evote.ballots.hashes import submitted_hash
from evote.merkle import RangeBuilder, leaf_hash
from evote.tally import ClosingHead


def closing_head(frames: Iterable[bytes], extended_hash: bytes) -> ClosingHead:
    """The head of a record with these ballot frames, under the H_E of the election.

    A leaf is the hash of a stored frame; nothing is decoded, and one frame is in memory at a time.
    """
    builder = RangeBuilder()
    for frame in frames:
        builder.append(leaf_hash(submitted_hash(extended_hash, frame)))
    return ClosingHead(builder.end, builder.value().root())
