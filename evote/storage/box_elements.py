"""Which elements g^nonce stand in the box: no ciphertext enters twice (E.6, A5).

The alpha of every selection, and of every vector that is shown, and the C0 of ballot nonce and contest data
each count, over cast and challenged ballots alike. Of each, 64 bits of SHA-256 are kept, in the database
beside the ballot and, for looking up, in memory: about 16 to 32 bytes per element. Two different elements
share them with probability 2^-64, so among 10^7 elements an honest ballot is refused by accident with
probability 2^-40; its device encrypts it again. A repeated element is always found.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain

from evote.ballots.preencrypted_shape import shown_vectors
from evote.ballots.values import SubmittedBallot
from evote.hashing import sha256
from evote.randomness import SYSTEM, Randomness

DIGEST_BYTES = 8
_SHARDS = 256
_FIRST_ROOM = 128
"""Places in each shard at first: half a megabyte in all, which is enough for 2,000 ballots of 8 elements."""
_MASK = 2**64 - 1


def element_digests(submitted: SubmittedBallot) -> bytes:
    """8 bytes for every element g^nonce on a ballot, joined; the vectors of a pre-encrypted one count too."""
    ballot, contests = submitted.ballot, submitted.ballot.contests
    alphas = (selection.alpha for contest in contests for selection in contest.selections)
    data = (contest.data.c0 for contest in contests if contest.data is not None)
    vectors = (selection.alpha for selection in shown_vectors(submitted))
    elements = chain(alphas, data, vectors, (ballot.nonce.c0,))
    return b"".join(sha256(element)[:DIGEST_BYTES] for element in elements)


class SeenElements:
    """A set of 64-bit digests in flat memory. For one thread at a time.

    Places are multiplied by a random odd number, so that nobody can choose elements that crowd one
    place. Tables double one shard at a time, so that no single ballot waits for all.
    """

    def __init__(self, rng: Randomness = SYSTEM) -> None:
        self._factor = int.from_bytes(rng.token(8), "big") | 1
        self._tables = [array("Q", bytes(8 * _FIRST_ROOM)) for _ in range(_SHARDS)]
        self._sizes = [0] * _SHARDS

    def __len__(self) -> int:
        return sum(self._sizes)

    def repeats(self, digests: bytes) -> bool:
        """Whether one of these digests is here already, or stands twice among them."""
        return self.repeat_numbers(numbers(digests))

    def repeat_numbers(self, found: Sequence[int]) -> bool:
        """:meth:`repeats` for what :func:`numbers` gave."""
        return len(set(found)) < len(found) or any(map(self.__contains__, found))

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        spread = number * self._factor & _MASK
        table = self._tables[spread >> 56]
        # Most places are free, and a number that is looked for is mostly not here.
        place = (spread >> 24) & (len(table) - 1)
        return table[place] != 0 and table[_place(table, spread, number)] == number

    def add(self, digests: bytes) -> None:
        """Note the digests of one ballot."""
        self.add_numbers(numbers(digests))

    def add_numbers(self, found: Iterable[int]) -> None:
        """:meth:`add` for what :func:`numbers` gave."""
        for number in found:
            spread = number * self._factor & _MASK
            shard = spread >> 56
            table = self._tables[shard]
            place = _place(table, spread, number)
            if table[place] == number:
                continue
            table[place] = number
            self._sizes[shard] += 1
            if 2 * self._sizes[shard] > len(table):
                self._tables[shard] = self._doubled(table)

    def _doubled(self, table: array[int]) -> array[int]:
        larger = array("Q", bytes(16 * len(table)))
        for number in table:
            if number:
                larger[_place(larger, number * self._factor & _MASK, number)] = number
        return larger


def _place(table: array[int], spread: int, number: int) -> int:
    """Where a number stands, or would stand; 0 marks a free place."""
    mask = len(table) - 1
    place = (spread >> 24) & mask
    while table[place] not in (0, number):
        place = (place + 1) & mask
    return place


def numbers(digests: bytes) -> list[int]:
    """The digests of one ballot as numbers from 1 on; 0, which marks a free place, counts as 1."""
    return [number or 1 for number in array("Q", digests)]
