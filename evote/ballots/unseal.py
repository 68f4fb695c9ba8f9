"""Contest data from its shared value: public once that value is (specification section 3.6.6)."""

from __future__ import annotations

from evote.ballots import hashes
from evote.groups import Element
from evote.hashing import xor


def open_data(key: bytes, contest: int, alpha: Element, beta: Element, c1: bytes) -> bytes:
    """The plaintext of contest data from its shared value beta (equations 104 to 106, 111)."""
    secret_key = hashes.contest_data_key(key, contest, alpha.encode(), beta.encode())
    return xor(c1, hashes.contest_data_pad(secret_key, contest, len(c1) // 32))
